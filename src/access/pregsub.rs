//! Values with `$1` in them, as `mod_alias`, `mod_setenvif` and `mod_headers` fill them in (`ap_pregsub`).
//!
//! Taken apart once, when the configuration is read. Not here: the substitutions of `mod_rewrite`, which differ.

use bstr::BString;

use super::{level::Level, regex::Captures};

/// Longer results are refused from 2.4 on (`AP_PREGSUB_MAXLEN`), in bytes.
const LONGEST: usize = 8192;

/// A value with references to groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
    limited: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(BString),
    Group(usize),
}

impl Template {
    /// Takes `text` apart. 2.2 reads `&` as the whole match and lets a backslash protect `$` and `&` only; 2.4 lets it protect
    /// any byte and has no `&`.
    pub fn new(text: &[u8], level: Level) -> Self {
        let new = level.is_24();
        let mut parts = Vec::new();
        let mut plain = BString::default();
        let mut bytes = text.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            let next = bytes.peek().copied();
            let group = match (byte, next) {
                (b'$', Some(digit)) if digit.is_ascii_digit() => {
                    bytes.next();
                    Some(usize::from(digit - b'0'))
                }
                (b'&', _) if !new => Some(0),
                _ => None,
            };
            if let Some(group) = group {
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Group(group));
                continue;
            }
            match next {
                Some(protected) if byte == b'\\' && (new || matches!(protected, b'$' | b'&')) => {
                    bytes.next();
                    plain.push(protected);
                }
                _ => plain.push(byte),
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Self { parts, limited: new }
    }

    /// Whether it refers to any group: if not, nobody has to know where the groups are.
    pub fn has_groups(&self) -> bool {
        self.parts.iter().any(|p| matches!(p, Part::Group(_)))
    }

    /// The value, with the groups of a match in `subject` filled in; none when it is longer than the server allows.
    pub fn fill(&self, subject: &[u8], captures: &Captures) -> Option<BString> {
        let mut value = BString::default();
        for part in &self.parts {
            match part {
                Part::Text(text) => value.extend_from_slice(text),
                Part::Group(n) => value.extend_from_slice(captures.get(*n, subject).unwrap_or_default()),
            }
        }
        (!self.limited || value.len() < LONGEST).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::regex::{Options, Regex};

    #[test]
    fn groups_are_filled_in_as_each_branch_does() {
        for (text, old, new) in [
            ("$1-$2-$0-$3", "a-b-ab-", "a-b-ab-"),
            ("$", "$", "$"),
            ("$x$$1", "$x$a", "$x$a"),
            ("x&y", "xaby", "x&y"),
            (r"\$1", "$1", "$1"),
            (r"\&", "&", "&"),
            (r"\a\\", r"\a\\", r"a\"),
            ("\\", "\\", "\\"),
            ("$10", "a0", "a0"),
        ] {
            for (level, expected) in [(Level::V2_2_34, old), (Level::V2_4_71, new)] {
                let regex = Regex::new(b"(a)(b)", Options::default(), level).unwrap();
                let mut captures = Captures::default();
                assert!(regex.captures(b"xxab", &mut captures).unwrap());
                let filled = Template::new(text.as_bytes(), level).fill(b"xxab", &captures);
                assert_eq!(filled, Some(expected.into()), "{text} at {level}");
            }
        }
    }

    #[test]
    fn what_is_too_long_is_refused_from_2_4_on() {
        let long = "x".repeat(9000);
        assert!(Template::new(long.as_bytes(), Level::V2_4_12).fill(b"", &Captures::default()).is_none());
        assert!(Template::new(long.as_bytes(), Level::V2_2_8).fill(b"", &Captures::default()).is_some());
    }
}
