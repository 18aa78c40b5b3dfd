//! The words of `RewriteCond` and `RewriteRule`, and their flags as text.
//!
//! `mod_rewrite` splits its lines itself: quotes enclose a word but cannot stand in it, `\ ` protects a blank and stays as it
//! is. Not here: what a flag means ([`super::flags`]) and what a pattern means ([`super::conditions`]).

use bstr::{BStr, ByteSlice};

use crate::access::config::words::{is_blank, trim_start};

/// Two words and perhaps a third; whatever follows is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words<'a> {
    /// Test string or pattern.
    pub first: &'a [u8],
    /// Pattern or substitution.
    pub second: &'a [u8],
    /// Flags, with their brackets.
    pub flags: Option<&'a [u8]>,
}

/// Splits the text after the directive's name.
///
/// # Errors
/// When there are no two words, in the server's words: `bad argument line`.
pub fn split<'a>(name: &str, line: &'a [u8]) -> Result<Words<'a>, String> {
    let (first, rest) = word(trim_start(line));
    let Some(rest) = rest else {
        return Err(format!("{name}: bad argument line '{}'", BStr::new(line)));
    };
    let (second, rest) = word(trim_start(rest));
    let rest = rest.map(trim_start).filter(|r| !r.is_empty());
    Ok(Words { first, second, flags: rest.map(|r| word(r).0) })
}

/// The word at the start of `text`, and what stands after the character that ended it; none when the text ended it.
fn word(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let quote = text.first().copied().filter(|b| matches!(b, b'"' | b'\''));
    let text = if quote.is_some() { &text[1..] } else { text };
    let mut at = 0;
    while let Some(byte) = text.get(at).copied() {
        if quote.map_or_else(|| is_blank(byte), |q| byte == q) {
            return (&text[..at], Some(&text[at + 1..]));
        }
        let protects = byte == b'\\' && text.get(at + 1).is_some_and(|b| is_blank(*b));
        at += if protects { 2 } else { 1 };
    }
    (text, None)
}

/// Calls `each` with name and value of every flag in `[…]`.
///
/// # Errors
/// `bad flag delimiters`, or what `each` says.
pub fn flags<'a>(text: &'a [u8], mut each: impl FnMut(&'a [u8], &'a [u8]) -> Result<(), String>) -> Result<(), String> {
    let inner = text.strip_prefix(b"[").and_then(|t| t.strip_suffix(b"]"));
    let Some(inner) = inner.filter(|_| text.len() > 1) else {
        return Err("bad flag delimiters".to_owned());
    };
    for flag in inner.split(|b| *b == b',') {
        let trimmed = flag.trim_ascii();
        // Blanks and nothing else: the server's trimming runs over its own end mark and takes the comma for the name.
        let name_and_value = if trimmed.is_empty() && !flag.is_empty() { b"," } else { trimmed };
        let (name, value) = name_and_value.split_once_str(b"=").unwrap_or((name_and_value, b""));
        each(name, value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_as_mod_rewrite_does() {
        type Row<'a> = (&'a str, Option<(&'a str, &'a str, Option<&'a str>)>);
        let rows: &[Row<'_>] = &[
            ("^/a /b [L]", Some(("^/a", "/b", Some("[L]")))),
            ("^/a   -", Some(("^/a", "-", None))),
            ("^/a - [F] # no comment", Some(("^/a", "-", Some("[F]")))),
            ("\"^/a b\" '-' \"[R=301, L]\"", Some(("^/a b", "-", Some("[R=301, L]")))),
            ("\"^/q\\\"(.)\" \"/b.html\" [L]", Some(("^/q\\", "(.)\"", Some("/b.html")))),
            ("^/a\\ b - [F]", Some(("^/a\\ b", "-", Some("[F]")))),
            ("a\\ - [F]", Some(("a\\ -", "[F]", None))),
            ("^/a \"\"", Some(("^/a", "", None))),
            ("^/a", None),
            ("\"^/a - [F]", None),
            ("", None),
        ];
        for (line, expected) in rows {
            let got = split("RewriteRule", line.as_bytes()).ok();
            let expected = expected.map(|(first, second, flags)| Words {
                first: first.as_bytes(),
                second: second.as_bytes(),
                flags: flags.map(str::as_bytes),
            });
            assert_eq!(got, expected, "{line}");
        }
        assert_eq!(split("RewriteRule", b"^/a"), Err("RewriteRule: bad argument line '^/a'".to_owned()));
    }

    #[test]
    fn flags_are_split_at_commas_and_trimmed() {
        type Row<'a> = (&'a str, Result<&'a [(&'a str, &'a str)], &'a str>);
        let rows: &[Row<'_>] = &[
            ("[L]", Ok(&[("L", "")])),
            ("[R=301,L]", Ok(&[("R", "301"), ("L", "")])),
            ("[R=301, L ]", Ok(&[("R", "301"), ("L", "")])),
            ("[E=A:b=c]", Ok(&[("E", "A:b=c")])),
            ("[]", Ok(&[("", "")])),
            ("[L,]", Ok(&[("L", ""), ("", "")])),
            ("[L, ]", Ok(&[("L", ""), (",", "")])),
            ("[L", Err("bad flag delimiters")),
            ("L]", Err("bad flag delimiters")),
            ("[", Err("bad flag delimiters")),
            ("", Err("bad flag delimiters")),
        ];
        for (text, expected) in rows {
            let mut got = Vec::new();
            let result = flags(text.as_bytes(), |name, value| {
                got.push((name.to_str_lossy().into_owned(), value.to_str_lossy().into_owned()));
                Ok(())
            });
            match expected {
                Ok(expected) => {
                    let got: Vec<_> = got.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                    assert_eq!(got, *expected, "{text}");
                }
                Err(message) => assert_eq!(result, Err((*message).to_owned()), "{text}"),
            }
        }
    }
}
