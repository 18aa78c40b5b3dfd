//! Percent escapes in paths, as all modules write and read them.
//!
//! Not here: how far a path of a request is decoded ([`super::wire`]), and what only one module escapes.

use bstr::BString;

use super::level::Level;

/// Whether `byte` stands for itself in a path. A semicolon does in 2.2.34 and 2.4.71 only.
pub fn is_plain(byte: u8, level: Level) -> bool {
    let semicolon = matches!(level, Level::V2_2_34 | Level::V2_4_71);
    byte.is_ascii_alphanumeric() || b"$-_.+!*'(),:@&=/~".contains(&byte) || semicolon && byte == b';'
}

/// Appends `byte` as `%xx`, in lower case.
pub fn byte(byte: u8, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}

/// Appends `text` escaped as a path (`ap_os_escape_path` with a partial path, `ap_escape_uri`).
pub fn path_into(text: &[u8], level: Level, out: &mut Vec<u8>) {
    out.reserve(text.len());
    for one in text.iter().copied() {
        if is_plain(one, level) { out.push(one) } else { byte(one, out) }
    }
}

/// `text` escaped as a path.
pub fn path(text: &[u8], level: Level) -> BString {
    let mut escaped = Vec::new();
    path_into(text, level, &mut escaped);
    escaped.into()
}

/// The byte that the two hexadecimal digits at `at` stand for; none when they are none.
pub fn value(text: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    Some(digit(at)? << 4 | digit(at + 1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_part_of_a_path_is_escaped_and_a_semicolon_where_the_level_says() {
        for (text, old, new) in [
            ("/a.b~c/$-_+!*'(),:@&=", "/a.b~c/$-_+!*'(),:@&=", "/a.b~c/$-_+!*'(),:@&="),
            ("/a b?c#d", "/a%20b%3fc%23d", "/a%20b%3fc%23d"),
            ("/;%[]", "/%3b%25%5b%5d", "/;%25%5b%5d"),
            ("ä", "%c3%a4", "%c3%a4"),
        ] {
            for (levels, expected) in [([Level::V2_2_8, Level::V2_4_12], old), ([Level::V2_2_34, Level::V2_4_71], new)]
            {
                for level in levels {
                    assert_eq!(path(text.as_bytes(), level), expected, "{level}");
                }
            }
        }
    }

    #[test]
    fn two_digits_make_a_byte() {
        for (text, expected) in [("%2f", Some(b'/')), ("%2F", Some(b'/')), ("%2", None), ("%g0", None), ("%+1", None)] {
            assert_eq!(value(text.as_bytes(), 1), expected, "{text}");
        }
    }
}
