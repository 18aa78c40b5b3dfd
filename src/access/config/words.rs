//! Splitting the text of a directive into words, as the server does (`ap_getword_conf`).
//!
//! Not here: the splitter of `RewriteCond` and `RewriteRule`, which differs ([`crate::access::rewrite`]).

use bstr::{BStr, BString, ByteSlice};

/// The next word of `rest` and what stands after it, blanks skipped. Empty at the end.
///
/// A word in double or single quotes ends at the same quote; a backslash before that quote or before a backslash
/// protects it and goes. Without quotes a word ends at a blank, and a backslash is an ordinary character.
pub fn next(rest: &[u8]) -> (BString, &[u8]) {
    let rest = trim_start(rest);
    let Some(quote) = rest.first().copied().filter(|q| matches!(q, b'"' | b'\'')) else {
        let end = rest.iter().position(|b| is_blank(*b)).unwrap_or(rest.len());
        return (rest[..end].into(), trim_start(&rest[end..]));
    };
    let mut word = BString::default();
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        if rest[at] == b'\\' && rest.get(at + 1).is_some_and(|n| *n == quote || *n == b'\\') {
            at += 1;
        }
        word.push(rest[at]);
        at += 1;
    }
    (word, trim_start(rest.get(at + 1..).unwrap_or_default()))
}

/// All words of `text`.
pub fn all(text: &[u8]) -> Vec<BString> {
    let mut words = Vec::new();
    let mut rest = trim_start(text);
    while !rest.is_empty() {
        let (word, after) = next(rest);
        words.push(word);
        rest = after;
    }
    words
}

/// `isspace` of the C locale.
pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// `text` without blanks before it.
pub fn trim_start(text: &[u8]) -> &[u8] {
    &text[text.iter().position(|b| !is_blank(*b)).unwrap_or(text.len())..]
}

/// The arguments of a directive.
#[derive(Clone, Copy, Debug)]
pub struct Args<'a> {
    /// The text after the name, variables replaced, blanks at both ends gone.
    pub raw: &'a [u8],
    /// Its words; as many as the directive takes (empty for the directives that split their text themselves).
    pub words: &'a [BString],
}

impl<'a> Args<'a> {
    /// Word `n`, from 0; empty when there is none.
    pub fn word(&self, n: usize) -> &'a BStr {
        self.words.get(n).map_or(BStr::new(""), |w| w.as_bstr())
    }

    /// `on` or `off`, whatever their case.
    ///
    /// # Errors
    /// Any other word, in the server's words.
    pub fn flag(&self, name: &str) -> Result<bool, String> {
        match self.word(0).to_ascii_lowercase().as_slice() {
            b"on" => Ok(true),
            b"off" => Ok(false),
            _ => Err(format!("{name} must be On or Off")),
        }
    }
}
