//! Search filters as text (RFC 4515): what is wrong with one and where, and literals that stay literals.
//!
//! Not here: turning them into bytes, which ldap3 does.

use std::iter::Peekable;

use super::LdapError;

/// Filters within filters; servers stop earlier.
const DEPTH: usize = 50;

/// Checks `filter`.
///
/// # Errors
/// [`LdapError::Filter`] with the place of the first mistake, in characters from 0.
pub fn check(filter: &str) -> Result<(), LdapError> {
    let mut parser = Parser { characters: filter.chars().enumerate().peekable(), length: filter.chars().count() };
    parser.filter(0)?;
    match parser.characters.peek() {
        None => Ok(()),
        Some((at, ')')) => Err(mistake(*at, "this bracket closes nothing")),
        Some((at, '(')) => Err(mistake(*at, "a second filter begins here; put both into (&…) or (|…)")),
        Some((at, _other)) => Err(mistake(*at, "the filter has already ended here")),
    }
}

/// `literal` as a value in a filter: every character stands for itself (RFC 4515, section 3).
pub fn escape(literal: &str) -> String {
    ldap3::ldap_escape(literal).into_owned()
}

/// Entries where each word of `text`, whatever its characters, is contained in one of `attributes`:
/// `(|(cn=*mül*)(mail=*mül*))`. `None` when there is nothing to look for.
pub fn contains_any(attributes: &[&str], text: &str) -> Option<String> {
    let word = |word: &str| {
        let word = escape(word);
        let parts: Vec<String> = attributes.iter().map(|attribute| format!("({attribute}=*{word}*)")).collect();
        format!("(|{})", parts.concat())
    };
    let words = text.split_whitespace().map(word);
    if attributes.is_empty() { None } else { words.reduce(|all, word| both(&all, &word)) }
}

/// Entries that match both filters.
pub fn both(one: &str, other: &str) -> String {
    format!("(&{one}{other})")
}

fn mistake(at: usize, why: impl Into<String>) -> LdapError {
    LdapError::Filter { at, why: why.into() }
}

struct Parser<I: Iterator<Item = (usize, char)>> {
    characters: Peekable<I>,
    length: usize,
}

impl<I: Iterator<Item = (usize, char)>> Parser<I> {
    fn peek(&mut self) -> (usize, Option<char>) {
        match self.characters.peek() {
            Some((at, character)) => (*at, Some(*character)),
            None => (self.length, None),
        }
    }

    /// `( … )`
    fn filter(&mut self, depth: usize) -> Result<(), LdapError> {
        let (opened, character) = self.peek();
        match character {
            Some('(') => {}
            None if opened == 0 => return Err(mistake(0, "it is empty")),
            _ => return Err(mistake(opened, "a filter begins with an opening bracket")),
        }
        if depth == DEPTH {
            return Err(mistake(opened, "it is nested too deeply"));
        }
        self.characters.next();
        match self.peek() {
            (_, Some('&' | '|')) => {
                self.characters.next();
                // An empty list is "true" or "false" (RFC 4526).
                while self.peek().1 == Some('(') {
                    self.filter(depth + 1)?;
                }
            }
            (_, Some('!')) => {
                self.characters.next();
                self.filter(depth + 1)?;
            }
            (at, Some('(')) => return Err(mistake(at, "a bracket within a bracket needs & or | or ! before it")),
            _ => self.item()?,
        }
        match self.peek() {
            (_, Some(')')) => {
                self.characters.next();
                Ok(())
            }
            (_, None) => Err(mistake(opened, "this bracket is not closed")),
            (at, Some('(')) => Err(mistake(at, "another filter begins before this one is closed")),
            (at, Some(_)) => Err(mistake(at, "a closing bracket belongs here")),
        }
    }

    /// `attribute operator value`
    fn item(&mut self) -> Result<(), LdapError> {
        let (begin, _) = self.peek();
        let mut description = String::new();
        while let (at, Some(character)) = self.peek() {
            match character {
                '=' | '~' | '>' | '<' | '(' | ')' => break,
                _ if character.is_ascii_alphanumeric() || "-.;:".contains(character) => description.push(character),
                ' ' => return Err(mistake(at, "an attribute's name has no blanks")),
                '*' => return Err(mistake(at, "an attribute's name has no *; (attribute=*) finds those that have it")),
                _ => return Err(mistake(at, "an attribute's name has only letters, digits and hyphens")),
            }
            self.characters.next();
        }
        let (at, sign) = self.peek();
        let extensible = description.ends_with(':');
        if description.trim_end_matches(':').is_empty() && !description.starts_with(':') {
            return Err(mistake(begin, "an attribute's name is missing"));
        }
        match sign {
            Some('=') => {
                self.characters.next();
                self.value(!extensible)
            }
            Some('~' | '>' | '<') if !extensible => {
                self.characters.next();
                let (at, next) = self.peek();
                if next != Some('=') {
                    return Err(mistake(at, "an = belongs after ~, < and >"));
                }
                self.characters.next();
                self.value(false)
            }
            _ => Err(mistake(at, "an = belongs after the attribute's name")),
        }
    }

    fn value(&mut self, stars: bool) -> Result<(), LdapError> {
        while let (at, Some(character)) = self.peek() {
            match character {
                ')' => break,
                '(' => return Err(mistake(at, r"a bracket in a value is written \28 or \29")),
                '*' if !stars => return Err(mistake(at, r"a * in this kind of comparison is written \2a")),
                '\0' => return Err(mistake(at, r"a NUL in a value is written \00")),
                '\\' => {
                    self.characters.next();
                    for _ in 0..2 {
                        if !self.peek().1.is_some_and(|digit| digit.is_ascii_hexdigit()) {
                            return Err(mistake(
                                at,
                                r"two hexadecimal digits belong after \, and \ itself is written \5c",
                            ));
                        }
                        self.characters.next();
                    }
                    continue;
                }
                _ => {}
            }
            self.characters.next();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{LdapError, check, contains_any, escape};

    #[test]
    fn a_filter_is_right() {
        for filter in [
            "(objectClass=*)",
            "(&(objectClass=person)(mail=*)(!(photoURL=*)))",
            "(|(cn=*mül*)(sn;lang-de=a*b*c))",
            "(&)",
            "(cn=)",
            "(userAccountControl:1.2.840.113556.1.4.803:=2)",
            "(sn:dn:2.4.6.8.10:=Barney Rubble)",
            "(:caseExactMatch:=Dino)",
            "(whenChanged>=20260101000000.0Z)",
            r"(cn=a\2a\28b\29\5c)",
            "(1.2.3.4=x)",
        ] {
            assert!(check(filter).is_ok(), "{filter}: {:?}", check(filter));
            assert!(ldap3::parse_filter(filter).is_ok(), "ldap3 disagrees on {filter}");
        }
    }

    #[test]
    fn a_mistake_is_marked_at_its_place() {
        let cases = [
            ("", 0, "it is empty"),
            ("objectClass=*", 0, "a filter begins with an opening bracket"),
            ("(objectClass=*", 0, "this bracket is not closed"),
            ("(&(cn=ä)(mail=*)", 0, "this bracket is not closed"),
            ("(&(cn=ä)(mail=*", 8, "this bracket is not closed"),
            ("(cn=a))", 6, "this bracket closes nothing"),
            ("(cn=a)(cn=b)", 6, "a second filter begins here; put both into (&…) or (|…)"),
            ("(cn=a) ", 6, "the filter has already ended here"),
            ("(cn)", 3, "an = belongs after the attribute's name"),
            ("(=x)", 1, "an attribute's name is missing"),
            ("(display name=x)", 8, "an attribute's name has no blanks"),
            ("(c*=x)", 2, "an attribute's name has no *; (attribute=*) finds those that have it"),
            ("(cn>5)", 4, "an = belongs after ~, < and >"),
            ("(cn>=a*)", 6, r"a * in this kind of comparison is written \2a"),
            ("(cn=a(b)", 5, r"a bracket in a value is written \28 or \29"),
            (r"(cn=a\zz)", 5, r"two hexadecimal digits belong after \, and \ itself is written \5c"),
            (r"(cn=\2)", 4, r"two hexadecimal digits belong after \, and \ itself is written \5c"),
            ("((cn=a))", 1, "a bracket within a bracket needs & or | or ! before it"),
            ("(!(cn=a)(cn=b))", 8, "another filter begins before this one is closed"),
            ("(&(cn=a)x)", 8, "a closing bracket belongs here"),
        ];
        for (filter, at, why) in cases {
            match check(filter) {
                Err(LdapError::Filter { at: found, why: said }) => {
                    assert_eq!((found, said.as_str()), (at, why), "{filter}");
                }
                other => panic!("{filter}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_deep_filter_ends_as_an_error() {
        let deep = format!("{}(a=b){}", "(!".repeat(100_000), ")".repeat(100_000));
        assert!(matches!(check(&deep), Err(LdapError::Filter { .. })));
    }

    #[test]
    fn a_search_takes_every_character_literally() {
        assert_eq!(escape(r"*()\"), r"\2a\28\29\5c");
        for (text, filter) in [
            ("", None),
            ("  ", None),
            ("mül", Some("(|(cn=*mül*)(mail=*mül*))")),
            ("a*", Some(r"(|(cn=*a\2a*)(mail=*a\2a*))")),
            ("an pat", Some("(&(|(cn=*an*)(mail=*an*))(|(cn=*pat*)(mail=*pat*)))")),
        ] {
            let built = contains_any(&["cn", "mail"], text);
            assert_eq!(built.as_deref(), filter, "{text}");
            assert!(built.is_none_or(|built| check(&built).is_ok()), "{text}");
        }
    }
}
