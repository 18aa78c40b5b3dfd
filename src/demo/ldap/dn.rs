//! Distinguished names as keys: two spellings of one name give the same key, and a name below another begins with it.
//!
//! Reads RFC 4514 strings: escapes, `#` values, relative names of several parts. Not here: names for display
//! (`model::Dn`).

use super::schema::AttributeType;

/// Ends each relative name in a key; folding leaves no control character in a value.
const END: char = '\0';

/// The key of `name`, from the root of the tree down; `None` when it is not a distinguished name.
pub(super) fn key(name: &str) -> Option<String> {
    let mut names = split(name, &[',', ';'])?.into_iter().map(relative).collect::<Option<Vec<_>>>()?;
    names.reverse();
    Some(names.concat())
}

/// The key of the name above; `None` at the root.
pub(super) fn above(key: &str) -> Option<&str> {
    let inner = key.strip_suffix(END)?;
    Some(inner.rfind(END).map_or("", |at| &key[..=at]))
}

/// Attribute and value of each part of the entry's own relative name.
pub(super) fn naming_values(name: &str) -> Vec<(&'static AttributeType, Vec<u8>)> {
    let own = split(name, &[',', ';']).and_then(|names| names.into_iter().next());
    own.map(values).unwrap_or_default()
}

/// Attribute and value of each part of each relative name in `name`.
pub(super) fn every_naming_value(name: &str) -> Vec<(&'static AttributeType, Vec<u8>)> {
    split(name, &[',', ';']).unwrap_or_default().into_iter().flat_map(values).collect()
}

fn values(relative: &str) -> Vec<(&'static AttributeType, Vec<u8>)> {
    let parts = split(relative, &['+']).unwrap_or_default();
    let known = |(name, value): (String, Vec<u8>)| Some((AttributeType::find(&name)?, value));
    parts.into_iter().filter_map(part).filter_map(known).collect()
}

/// One relative name, folded; several parts in one order.
fn relative(text: &str) -> Option<String> {
    let mut parts = split(text, &['+'])?.into_iter().map(folded_part).collect::<Option<Vec<_>>>()?;
    if parts.is_empty() {
        return None;
    }
    parts.sort_unstable();
    let mut relative = parts.join("+");
    relative.push(END);
    Some(relative)
}

fn folded_part(text: &str) -> Option<String> {
    let (name, value) = part(text)?;
    let (name, value) = match AttributeType::find(&name) {
        Some(kind) => (kind.name().to_ascii_lowercase(), kind.syntax.folded(&value).into_owned()),
        None => (name.to_ascii_lowercase(), value.to_ascii_lowercase()),
    };
    // `+` and `=` inside a value must not look like the ones between parts.
    let value = String::from_utf8_lossy(&value).replace('\\', "\\5c").replace('+', "\\2b").replace(END, "\\00");
    Some(format!("{name}={value}"))
}

/// Attribute description and unescaped value of `name=value`.
fn part(text: &str) -> Option<(String, Vec<u8>)> {
    let (name, value) = text.split_once('=')?;
    let name = name.trim();
    let plausible = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    if !plausible {
        return None;
    }
    let value = value.trim_start();
    let value = match value.strip_prefix('#') {
        Some(hex) => hex_value(hex.trim_end())?,
        None => unescaped(value)?,
    };
    Some((name.to_owned(), value))
}

/// Cuts at separators that are not escaped; the empty text has no pieces.
fn split<'a>(text: &'a str, separators: &[char]) -> Option<Vec<&'a str>> {
    let (mut pieces, mut from, mut escaped) = (Vec::new(), 0, false);
    if text.trim().is_empty() {
        return Some(pieces);
    }
    for (at, character) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if separators.contains(&character) {
            pieces.push(&text[from..at]);
            from = at + character.len_utf8();
        }
    }
    pieces.push(&text[from..]);
    (!escaped).then_some(pieces)
}

fn unescaped(text: &str) -> Option<Vec<u8>> {
    let (mut value, mut kept) = (Vec::new(), 0); // `kept`: up to here blanks were escaped
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            value.push(byte);
            continue;
        }
        let escaped = bytes.next()?;
        if let Some(high) = hex_digit(escaped) {
            value.push(high << 4 | hex_digit(bytes.next()?)?);
        } else {
            value.push(escaped);
        }
        kept = value.len();
    }
    while value.len() > kept && value.last() == Some(&b' ') {
        value.pop();
    }
    Some(value)
}

/// A `#` value is BER: tag, length, then what counts. Short lengths are enough for names.
fn hex_value(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.bytes().map(hex_digit).collect::<Option<Vec<_>>>()?;
    let bytes = digits.chunks(2).map(|pair| Some(pair.first()? << 4 | pair.get(1)?)).collect::<Option<Vec<_>>>()?;
    let (length, value) = (usize::from(*bytes.get(1)?), bytes.get(2..)?);
    (length < 128 && length == value.len()).then(|| value.to_vec())
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::{above, key};

    #[test]
    fn two_spellings_of_a_name_have_one_key() {
        for (one, other) in [
            ("uid=asha,ou=People,dc=example,dc=com", "UID = Asha , OU=people;DC=Example,dc=COM"),
            (r"cn=Patel\, Asha,dc=com", r"cn=patel\2C asha,dc=com"),
            (r"cn=M\C3\BCller,dc=com", "commonName=müller,dc=com"),
            ("cn=a+sn=b,dc=com", "sn=B + cn=A,dc=com"),
            ("2.5.4.3=a,dc=com", "cn=#040161,dc=com"),
            ("cn=a\\ ,dc=com", "cn=a,dc=com"), // blanks at the ends do not count when names are compared
        ] {
            assert_eq!(key(one), key(other), "{one} and {other}");
            assert!(key(one).is_some(), "{one}");
        }
    }

    #[test]
    fn different_names_have_different_keys() {
        assert_ne!(key(r"cn=a\+sn\=b,dc=com"), key("cn=a+sn=b,dc=com"));
        assert_ne!(key(r"cn=a\,dc\=com"), key("cn=a,dc=com"));
    }

    #[test]
    fn what_is_no_name_has_no_key() {
        for text in ["asha", "=x,dc=com", "dc=com,", ",dc=com", "cn=a\\", "c n=a", r"cn=\4", "cn=#04", "cn=#0461zz"] {
            assert_eq!(key(text), None, "{text}");
        }
        assert_eq!(key("").as_deref(), Some(""));
    }

    #[test]
    fn a_name_begins_with_the_one_above() {
        let (child, parent) = (key("uid=a,dc=example,dc=com").unwrap(), key("dc=example,dc=com").unwrap());
        assert_eq!(above(&child), Some(parent.as_str()));
        assert_eq!(above(&key("dc=com").unwrap()), Some(""));
        assert_eq!(above(""), None);
        assert!(child.starts_with(&parent));
        assert!(!key("dc=examples,dc=com").unwrap().starts_with(&parent));
    }
}
