//! What the schema says of an attribute (RFC 4512, 4.1.2): whether it exists, its syntax, whether it has one value.

use std::collections::HashMap;

use ldap3::Scope;

use super::{Connection, LdapError, RootDse, filter, search::ANY};
use crate::model::{Dn, Entry, Value};

/// Attributes that inherit from each other: as deep as any real schema, and no endless ring.
const INHERITED: usize = 16;

/// What the schema says of one attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributeType {
    /// All its names.
    pub names: Vec<String>,
    /// Object identifier of its syntax, inherited or its own, without a length; Active Directory's own number where its
    /// schema is not shown in LDAP's form.
    pub syntax: Option<String>,
    /// At most one value.
    pub single_value: bool,
}

impl Connection {
    /// What the schema says of `attribute`; `None` when it has no such attribute.
    ///
    /// # Errors
    /// [`LdapError::NoSchema`] when the directory does not show it; as any search.
    pub fn attribute_type(&mut self, root: &RootDse, attribute: &str) -> Result<Option<AttributeType>, LdapError> {
        let attribute = attribute.split(';').next().unwrap_or_default();
        let schema = root.schema.clone().ok_or(LdapError::NoSchema)?;
        let definitions = match self.search_in(&schema, Scope::Base, ANY, &["attributeTypes"], 1) {
            Ok(mut found) => found.entries.pop().map(|entry| entry.values("attributeTypes").to_vec()),
            Err(LdapError::NoSuchEntry { .. } | LdapError::InsufficientRights { .. }) => None,
            Err(other) => return Err(other),
        };
        match definitions {
            Some(definitions) if !definitions.is_empty() => {
                let texts = definitions.iter().filter_map(Value::as_str);
                Ok(Definitions::read(texts).find(attribute))
            }
            _ => self.attribute_schema(&schema, attribute),
        }
    }

    /// Active Directory's own form of the schema, beside the one that LDAP asks for.
    fn attribute_schema(&mut self, subschema: &Dn, attribute: &str) -> Result<Option<AttributeType>, LdapError> {
        let parts = subschema.parts();
        if !parts.first().is_some_and(|part| part.eq_ignore_ascii_case("CN=Aggregate")) {
            return Err(LdapError::NoSchema);
        }
        let container = Dn::new(parts[1..].join(","));
        let named = format!("(&(objectClass=attributeSchema)(lDAPDisplayName={}))", filter::escape(attribute));
        let wanted = ["lDAPDisplayName", "attributeSyntax", "isSingleValued"];
        let found = self.search_in(&container, Scope::OneLevel, &named, &wanted, 1)?;
        Ok(found.entries.first().map(attribute_schema_of))
    }
}

fn attribute_schema_of(entry: &Entry) -> AttributeType {
    AttributeType {
        names: entry.text("lDAPDisplayName").map(str::to_owned).into_iter().collect(),
        syntax: entry.text("attributeSyntax").map(str::to_owned),
        single_value: entry.text("isSingleValued").is_some_and(|text| text.eq_ignore_ascii_case("TRUE")),
    }
}

#[derive(Default)]
struct Definition {
    attribute: AttributeType,
    superior: Option<String>,
}

/// All definitions, by object identifier and by each name, in lower case.
struct Definitions {
    all: Vec<Definition>,
    by_name: HashMap<String, usize>,
}

impl Definitions {
    fn read<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let (mut all, mut by_name) = (Vec::new(), HashMap::new());
        for text in texts {
            let Some((oid, definition)) = definition(text) else { continue };
            by_name.insert(oid.to_ascii_lowercase(), all.len());
            for name in &definition.attribute.names {
                by_name.insert(name.to_ascii_lowercase(), all.len());
            }
            all.push(definition);
        }
        Self { all, by_name }
    }

    fn get(&self, name: &str) -> Option<&Definition> {
        self.by_name.get(&name.to_ascii_lowercase()).and_then(|at| self.all.get(*at))
    }

    fn find(&self, name: &str) -> Option<AttributeType> {
        let mut definition = self.get(name)?;
        let mut attribute = definition.attribute.clone();
        for _ in 0..INHERITED {
            if attribute.syntax.is_some() {
                break;
            }
            let Some(superior) = definition.superior.as_deref().and_then(|name| self.get(name)) else { break };
            attribute.syntax.clone_from(&superior.attribute.syntax);
            definition = superior;
        }
        Some(attribute)
    }
}

/// Reads `( 2.5.4.3 NAME ( 'cn' 'commonName' ) SUP name SINGLE-VALUE )`. What it does not know it skips.
fn definition(text: &str) -> Option<(String, Definition)> {
    let mut tokens = Tokens(text);
    if tokens.next()? != "(" {
        return None;
    }
    let oid = tokens.next()?.to_owned();
    let mut definition = Definition::default();
    while let Some(token) = tokens.next() {
        match token {
            "NAME" => definition.attribute.names = tokens.one_or_many(),
            "SUP" => definition.superior = tokens.next().map(str::to_owned),
            "SYNTAX" => {
                let syntax = tokens.next().and_then(|syntax| syntax.split('{').next());
                definition.attribute.syntax = syntax.map(str::to_owned);
            }
            "SINGLE-VALUE" => definition.attribute.single_value = true,
            // Its text could hold any of the words above.
            "DESC" => drop(tokens.next()),
            _ => {}
        }
    }
    Some((oid, definition))
}

/// Words, brackets, and quoted strings without their quotes.
struct Tokens<'a>(&'a str);

impl Tokens<'_> {
    fn one_or_many(&mut self) -> Vec<String> {
        match self.next() {
            Some("(") => std::iter::from_fn(|| self.next().filter(|token| *token != ")").map(str::to_owned)).collect(),
            one => one.map(str::to_owned).into_iter().collect(),
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start();
        let (token, rest) = if let Some(quoted) = text.strip_prefix('\'') {
            quoted.split_once('\'').unwrap_or((quoted, ""))
        } else {
            let end = match text.chars().next()? {
                '(' | ')' => 1,
                _ => text.find(|at: char| at.is_whitespace() || "()'".contains(at)).unwrap_or(text.len()),
            };
            text.split_at(end)
        };
        self.0 = rest;
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::Definitions;

    #[test]
    fn a_definition_is_read_with_what_it_inherits() {
        let definitions = Definitions::read(
            [
                "( 2.5.4.41 NAME 'name' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{32768} )",
                "( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'RFC4519: NAME and SUP (words)' SUP name )",
                "(1.2.3 NAME 'photoURL' SYNTAX '1.3.6.1.4.1.1466.115.121.1.26' SINGLE-VALUE)",
                "( 1.2.4 NAME 'ring' SUP gnir )",
                "( 1.2.5 NAME 'gnir' SUP ring )",
                "( 1.2.6 NAME 'unclosed",
                "nonsense",
                "(",
            ]
            .into_iter(),
        );
        let cases = [
            ("CN", Some((&["cn", "commonName"][..], Some("1.3.6.1.4.1.1466.115.121.1.15"), false))),
            ("commonname", Some((&["cn", "commonName"], Some("1.3.6.1.4.1.1466.115.121.1.15"), false))),
            ("2.5.4.41", Some((&["name"], Some("1.3.6.1.4.1.1466.115.121.1.15"), false))),
            ("PhotoURL", Some((&["photoURL"], Some("1.3.6.1.4.1.1466.115.121.1.26"), true))),
            ("ring", Some((&["ring"], None, false))),
            ("unclosed", Some((&["unclosed"], None, false))),
            ("mail", None),
        ];
        for (name, expected) in cases {
            let found = definitions.find(name);
            let found = found.as_ref().map(|found| (&found.names[..], found.syntax.as_deref(), found.single_value));
            let expected = expected.map(|(names, syntax, single)| (names.to_vec(), syntax, single));
            assert_eq!(
                found.map(|(names, syntax, single)| (names.iter().map(String::as_str).collect(), syntax, single)),
                expected,
                "{name}"
            );
        }
    }
}
