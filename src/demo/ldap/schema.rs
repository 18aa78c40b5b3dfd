//! What the demo directory knows of attributes and object classes, and how their values are compared.
//!
//! The standard's own numbers (RFC 4512, 4519, 4524, 2798), and `photoURL` under the number reserved for documentation
//! (RFC 5612), as a directory extended for Sametime has it. Not here: entries (`store.rs`).

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::dn;

/// How values are checked and compared (RFC 4517).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    /// Text; case and repeated blanks do not count.
    Text,
    /// ASCII; case does not count.
    Ascii,
    /// ASCII; case counts.
    ExactAscii,
    /// A distinguished name.
    Name,
    /// Text; blanks and hyphens do not count either.
    Telephone,
    /// A whole number.
    Integer,
    /// `TRUE` or `FALSE`.
    Boolean,
    /// `YYYYMMDDhhmmssZ`.
    Time,
    /// A name or number of the schema.
    Identifier,
    /// A picture: present or absent, never compared.
    Jpeg,
    /// Bytes.
    Octets,
    /// A UUID.
    Uuid,
}

/// One attribute type.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AttributeType {
    oid: &'static str,
    names: &'static [&'static str],
    pub(super) syntax: Syntax,
    pub(super) single: bool,
    pub(super) operational: bool,
}

/// One object class.
pub(super) struct ObjectClass {
    oid: &'static str,
    pub(super) name: &'static str,
    above: Option<&'static str>,
    pub(super) kind: ClassKind,
    must: &'static [&'static str],
    may: &'static [&'static str],
}

/// RFC 4512, 2.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClassKind {
    Abstract,
    Structural,
    Auxiliary,
}

const fn many(oid: &'static str, names: &'static [&'static str], syntax: Syntax) -> AttributeType {
    AttributeType { oid, names, syntax, single: false, operational: false }
}

const fn one(oid: &'static str, names: &'static [&'static str], syntax: Syntax) -> AttributeType {
    AttributeType { oid, names, syntax, single: true, operational: false }
}

const fn operational(oid: &'static str, names: &'static [&'static str], syntax: Syntax) -> AttributeType {
    AttributeType { oid, names, syntax, single: true, operational: true }
}

const fn operational_many(oid: &'static str, names: &'static [&'static str], syntax: Syntax) -> AttributeType {
    AttributeType { oid, names, syntax, single: false, operational: true }
}

pub(super) static ATTRIBUTES: &[AttributeType] = &[
    many("2.5.4.0", &["objectClass"], Syntax::Identifier),
    many("2.5.4.3", &["cn", "commonName"], Syntax::Text),
    many("2.5.4.4", &["sn", "surname"], Syntax::Text),
    many("2.5.4.42", &["givenName", "gn"], Syntax::Text),
    one("2.16.840.1.113730.3.1.241", &["displayName"], Syntax::Text),
    many("0.9.2342.19200300.100.1.1", &["uid", "userid"], Syntax::Text),
    many("0.9.2342.19200300.100.1.3", &["mail", "rfc822Mailbox"], Syntax::Ascii),
    many("1.3.6.1.4.1.32473.1.1", &["photoURL"], Syntax::ExactAscii),
    one("2.16.840.1.113730.3.1.35", &["thumbnailPhoto"], Syntax::Octets),
    many("0.9.2342.19200300.100.1.60", &["jpegPhoto"], Syntax::Jpeg),
    many("2.5.4.12", &["title"], Syntax::Text),
    many("2.5.4.20", &["telephoneNumber"], Syntax::Telephone),
    many("0.9.2342.19200300.100.1.41", &["mobile", "mobileTelephoneNumber"], Syntax::Telephone),
    many("2.5.4.16", &["postalAddress"], Syntax::Text),
    many("2.5.4.7", &["l", "localityName"], Syntax::Text),
    many("2.5.4.10", &["o", "organizationName"], Syntax::Text),
    many("2.5.4.11", &["ou", "organizationalUnitName"], Syntax::Text),
    many("0.9.2342.19200300.100.1.25", &["dc", "domainComponent"], Syntax::Ascii),
    many("2.5.4.13", &["description"], Syntax::Text),
    many("0.9.2342.19200300.100.1.10", &["manager"], Syntax::Name),
    many("0.9.2342.19200300.100.1.6", &["roomNumber"], Syntax::Text),
    many("2.16.840.1.113730.3.1.2", &["departmentNumber"], Syntax::Text),
    one("2.16.840.1.113730.3.1.3", &["employeeNumber"], Syntax::Text),
    many("2.16.840.1.113730.3.1.4", &["employeeType"], Syntax::Text),
    one("2.16.840.1.113730.3.1.39", &["preferredLanguage"], Syntax::Text),
    many("1.3.6.1.4.1.250.1.57", &["labeledURI"], Syntax::ExactAscii),
    operational("2.5.18.1", &["createTimestamp"], Syntax::Time),
    operational("2.5.18.2", &["modifyTimestamp"], Syntax::Time),
    operational("2.5.18.3", &["creatorsName"], Syntax::Name),
    operational("2.5.18.4", &["modifiersName"], Syntax::Name),
    operational("2.5.18.9", &["hasSubordinates"], Syntax::Boolean),
    operational("2.5.18.10", &["subschemaSubentry"], Syntax::Name),
    operational("2.5.21.9", &["structuralObjectClass"], Syntax::Identifier),
    operational("1.3.6.1.1.16.4", &["entryUUID"], Syntax::Uuid),
    operational("1.3.6.1.1.20", &["entryDN"], Syntax::Name),
    operational("1.3.6.1.1.4", &["vendorName"], Syntax::Text),
    operational("1.3.6.1.1.5", &["vendorVersion"], Syntax::Text),
    operational_many("1.3.6.1.4.1.1466.101.120.5", &["namingContexts"], Syntax::Name),
    operational_many("1.3.6.1.4.1.1466.101.120.7", &["supportedExtension"], Syntax::Identifier),
    operational_many("1.3.6.1.4.1.1466.101.120.13", &["supportedControl"], Syntax::Identifier),
    operational_many("1.3.6.1.4.1.1466.101.120.15", &["supportedLDAPVersion"], Syntax::Integer),
    operational_many("1.3.6.1.4.1.4203.1.3.5", &["supportedFeatures"], Syntax::Identifier),
    operational_many("2.5.21.5", &["attributeTypes"], Syntax::Text),
    operational_many("2.5.21.6", &["objectClasses"], Syntax::Text),
];

pub(super) static CLASSES: &[ObjectClass] = &[
    ObjectClass {
        oid: "2.5.6.0",
        name: "top",
        above: None,
        kind: ClassKind::Abstract,
        must: &["objectClass"],
        may: &[],
    },
    ObjectClass {
        oid: "0.9.2342.19200300.100.4.13",
        name: "domain",
        above: Some("top"),
        kind: ClassKind::Structural,
        must: &["dc"],
        may: &["o", "l", "description"],
    },
    ObjectClass {
        oid: "2.5.6.5",
        name: "organizationalUnit",
        above: Some("top"),
        kind: ClassKind::Structural,
        must: &["ou"],
        may: &["l", "description", "telephoneNumber", "postalAddress"],
    },
    ObjectClass {
        oid: "2.5.6.8",
        name: "organizationalRole",
        above: Some("top"),
        kind: ClassKind::Structural,
        must: &["cn"],
        may: &["ou", "l", "description", "telephoneNumber"],
    },
    ObjectClass {
        oid: "2.5.6.6",
        name: "person",
        above: Some("top"),
        kind: ClassKind::Structural,
        must: &["sn", "cn"],
        may: &["telephoneNumber", "description"],
    },
    ObjectClass {
        oid: "2.5.6.7",
        name: "organizationalPerson",
        above: Some("person"),
        kind: ClassKind::Structural,
        must: &[],
        may: &["title", "postalAddress", "ou", "l"],
    },
    ObjectClass {
        oid: "2.16.840.1.113730.3.2.2",
        name: "inetOrgPerson",
        above: Some("organizationalPerson"),
        kind: ClassKind::Structural,
        must: &[],
        may: &[
            "departmentNumber",
            "displayName",
            "employeeNumber",
            "employeeType",
            "givenName",
            "jpegPhoto",
            "labeledURI",
            "mail",
            "manager",
            "mobile",
            "o",
            "preferredLanguage",
            "roomNumber",
            "uid",
        ],
    },
    ObjectClass {
        oid: "1.3.6.1.4.1.32473.2.1",
        name: "sametimePerson",
        above: Some("top"),
        kind: ClassKind::Auxiliary,
        must: &[],
        may: &["photoURL", "thumbnailPhoto"],
    },
    ObjectClass {
        oid: "2.5.20.1",
        name: "subschema",
        above: Some("top"),
        kind: ClassKind::Auxiliary,
        must: &["cn"],
        may: &["attributeTypes", "objectClasses"],
    },
];

impl AttributeType {
    /// By name, other name or number, in any case, with or without `;binary`.
    pub(super) fn find(description: &str) -> Option<&'static Self> {
        let (name, option) = description.split_once(';').map_or((description, None), |(name, rest)| (name, Some(rest)));
        if option.is_some_and(|option| !option.eq_ignore_ascii_case("binary")) {
            return None;
        }
        ATTRIBUTES.iter().find(|known| known.oid == name || known.names.iter().any(|n| n.eq_ignore_ascii_case(name)))
    }

    /// The name it is shown under.
    pub(super) fn name(&self) -> &'static str {
        self.names[0]
    }

    /// RFC 4512, 4.1.2.
    fn describe(&self) -> String {
        let (equality, others, oid) = self.syntax.described();
        let names = self.names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>();
        let names = if let [name] = &names[..] { name.clone() } else { format!("( {} )", names.join(" ")) };
        let equality = if equality.is_empty() { String::new() } else { format!(" EQUALITY {equality}") };
        let single = if self.single { " SINGLE-VALUE" } else { "" };
        let usage = if self.operational { " NO-USER-MODIFICATION USAGE directoryOperation" } else { "" };
        format!("( {} NAME {names}{equality}{others} SYNTAX {oid}{single}{usage} )", self.oid)
    }
}

impl ObjectClass {
    /// By name or number, in any case.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        CLASSES.iter().find(|class| class.oid == name || class.name.eq_ignore_ascii_case(name))
    }

    /// The class itself, or one above it, lets an entry have the attribute.
    pub(super) fn allows(&self, attribute: &str) -> bool {
        self.must.contains(&attribute)
            || self.may.contains(&attribute)
            || self.above.and_then(Self::find).is_some_and(|above| above.allows(attribute))
    }

    /// What an entry of the class must have, what the classes above ask for included.
    pub(super) fn required(&self) -> Vec<&'static str> {
        let mut required = self.above.and_then(Self::find).map(Self::required).unwrap_or_default();
        required.extend(self.must);
        required
    }

    /// RFC 4512, 4.1.1.
    fn describe(&self) -> String {
        let kind = match self.kind {
            ClassKind::Abstract => "ABSTRACT",
            ClassKind::Structural => "STRUCTURAL",
            ClassKind::Auxiliary => "AUXILIARY",
        };
        let above = self.above.map(|above| format!(" SUP {above}")).unwrap_or_default();
        let list = |word: &str, names: &[&str]| match names {
            [] => String::new(),
            [name] => format!(" {word} {name}"),
            names => format!(" {word} ( {} )", names.join(" $ ")),
        };
        let (must, may) = (list("MUST", self.must), list("MAY", self.may));
        format!("( {} NAME '{}'{above} {kind}{must}{may} )", self.oid, self.name)
    }
}

/// `attributeTypes` and `objectClasses` of the subschema subentry.
pub(super) fn descriptions() -> (Vec<String>, Vec<String>) {
    (ATTRIBUTES.iter().map(AttributeType::describe).collect(), CLASSES.iter().map(ObjectClass::describe).collect())
}

impl Syntax {
    /// The equality rule, the other rules as they stand in the schema, and the number of the syntax.
    fn described(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Text => ("caseIgnoreMatch", " SUBSTR caseIgnoreSubstringsMatch", "1.3.6.1.4.1.1466.115.121.1.15"),
            Self::Ascii => {
                ("caseIgnoreIA5Match", " SUBSTR caseIgnoreIA5SubstringsMatch", "1.3.6.1.4.1.1466.115.121.1.26")
            }
            Self::ExactAscii => {
                ("caseExactIA5Match", " SUBSTR caseExactIA5SubstringsMatch", "1.3.6.1.4.1.1466.115.121.1.26")
            }
            Self::Name => ("distinguishedNameMatch", "", "1.3.6.1.4.1.1466.115.121.1.12"),
            Self::Telephone => {
                ("telephoneNumberMatch", " SUBSTR telephoneNumberSubstringsMatch", "1.3.6.1.4.1.1466.115.121.1.50")
            }
            Self::Integer => ("integerMatch", " ORDERING integerOrderingMatch", "1.3.6.1.4.1.1466.115.121.1.27"),
            Self::Boolean => ("booleanMatch", "", "1.3.6.1.4.1.1466.115.121.1.7"),
            Self::Time => {
                ("generalizedTimeMatch", " ORDERING generalizedTimeOrderingMatch", "1.3.6.1.4.1.1466.115.121.1.24")
            }
            Self::Identifier => ("objectIdentifierMatch", "", "1.3.6.1.4.1.1466.115.121.1.38"),
            Self::Jpeg => ("", "", "1.3.6.1.4.1.1466.115.121.1.28"),
            Self::Octets => ("octetStringMatch", "", "1.3.6.1.4.1.1466.115.121.1.40"),
            Self::Uuid => ("UUIDMatch", "", "1.3.6.1.1.16.1"),
        }
    }

    /// Whether `value` may be stored under this syntax.
    pub(super) fn allows(self, value: &[u8]) -> bool {
        let text = std::str::from_utf8(value).ok().filter(|text| !text.is_empty());
        match self {
            Self::Text | Self::Identifier => text.is_some(),
            Self::Ascii | Self::ExactAscii => value.is_ascii(),
            Self::Name => text.is_some_and(|text| dn::key(text).is_some()),
            Self::Telephone | Self::Uuid => text.is_some_and(str::is_ascii),
            Self::Integer => text.is_some_and(|text| text.parse::<i64>().is_ok()),
            Self::Boolean => matches!(value, b"TRUE" | b"FALSE"),
            Self::Time => text.is_some_and(|text| text.len() >= 11 && text.ends_with('Z')),
            Self::Jpeg | Self::Octets => true,
        }
    }

    /// The form in which equal values are the same bytes.
    pub(super) fn folded(self, value: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Text | Self::Ascii => Cow::Owned(squeeze(&fold(value)).into_bytes()),
            Self::Name => match std::str::from_utf8(value).ok().and_then(dn::key) {
                Some(key) => Cow::Owned(key.into_bytes()),
                None => Cow::Borrowed(value),
            },
            Self::Telephone => Cow::Owned(fold(value).replace([' ', '-'], "").into_bytes()),
            Self::Identifier | Self::Boolean | Self::Uuid => Cow::Owned(value.to_ascii_lowercase()),
            Self::ExactAscii | Self::Integer | Self::Time | Self::Jpeg | Self::Octets => Cow::Borrowed(value),
        }
    }

    /// [`Self::folded`] for a part of a value, whose blanks at the ends count.
    pub(super) fn folded_part(self, part: &str) -> Vec<u8> {
        match self {
            Self::Text | Self::Ascii => fold(part.as_bytes()).into_bytes(),
            _ => self.folded(part.as_bytes()).into_owned(),
        }
    }
}

/// Case and compatibility forms are folded, control characters mapped (RFC 4518, 2.2 and 2.3).
fn fold(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let mapped = |character: char| match character {
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' => Some(' '),
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{fe00}'..='\u{fe0f}' => None,
        _ => (!character.is_control()).then_some(character),
    };
    if text.is_ascii() {
        return text.chars().filter_map(mapped).map(|character| character.to_ascii_lowercase()).collect();
    }
    text.chars().filter_map(mapped).nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// Blanks at the ends go, repeated ones are one (RFC 4518, 2.6.1).
fn squeeze(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !squeezed.is_empty() {
            squeezed.push(' ');
        }
        squeezed.push_str(word);
    }
    squeezed
}

#[cfg(test)]
mod tests {
    use super::{AttributeType, CLASSES, ObjectClass, Syntax, descriptions};

    #[test]
    fn attributes_are_found_by_any_name_in_any_case() {
        for (name, found) in [
            ("mail", Some("mail")),
            ("RFC822Mailbox", Some("mail")),
            ("0.9.2342.19200300.100.1.3", Some("mail")),
            ("jpegPhoto;binary", Some("jpegPhoto")),
            ("PhotoUrl", Some("photoURL")),
            ("cn;lang-de", None),
            ("shoeSize", None),
        ] {
            assert_eq!(AttributeType::find(name).map(AttributeType::name), found, "{name}");
        }
    }

    #[test]
    fn values_are_the_same_when_their_syntax_says_so() {
        for (syntax, one, other, same) in [
            (Syntax::Text, "Müller  Anna", " müller anna ", true),
            (Syntax::Text, "Mu\u{308}ller", "Müller", true),
            (Syntax::Text, "Müller", "Muller", false),
            (Syntax::Text, "line\nfeed", "line feed", true),
            (Syntax::Ascii, "Asha.Patel@Example.com", "asha.patel@example.com", true),
            (Syntax::ExactAscii, "http://a/B.jpg", "http://a/b.jpg", false),
            (Syntax::Telephone, "+44 161 496-0001", "+441614960001", true),
            (Syntax::Name, "uid=A, dc=Example", "UID=a,DC=example", true),
        ] {
            assert_eq!(syntax.folded(one.as_bytes()) == syntax.folded(other.as_bytes()), same, "{one} and {other}");
        }
    }

    #[test]
    fn the_schema_describes_itself_as_rfc_4512_says() {
        let (attributes, classes) = descriptions();
        assert!(attributes.contains(
            &"( 1.3.6.1.4.1.32473.1.1 NAME 'photoURL' EQUALITY caseExactIA5Match SUBSTR caseExactIA5SubstringsMatch SYNTAX \
              1.3.6.1.4.1.1466.115.121.1.26 )"
                .to_owned()
        ));
        assert!(
            classes.contains(
                &"( 1.3.6.1.4.1.32473.2.1 NAME 'sametimePerson' SUP top AUXILIARY MAY ( photoURL $ thumbnailPhoto ) )"
                    .to_owned()
            )
        );
    }

    #[test]
    fn classes_name_only_attributes_and_classes_that_exist() {
        for class in CLASSES {
            for attribute in class.must.iter().chain(class.may) {
                assert_eq!(AttributeType::find(attribute).map(AttributeType::name), Some(*attribute), "{}", class.name);
            }
            assert!(class.above.is_none_or(|above| ObjectClass::find(above).is_some()), "{}", class.name);
        }
    }
}
