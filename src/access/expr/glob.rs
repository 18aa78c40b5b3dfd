//! Shell patterns as `-strmatch`, `-strcmatch` and `-fnmatch` read them (`apr_fnmatch`).
//!
//! Not here: the patterns of sections.

use super::names::Wildcard;

/// Whether the whole of `text` is of the shape `pattern`. Takes time in proportion to the product of the lengths at most.
pub(super) fn matches(pattern: &[u8], text: &[u8], how: Wildcard) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on when what follows the last `*` does not fit: the star takes one byte more.
    let mut again: Option<(usize, usize)> = None;
    loop {
        if pattern.get(p) == Some(&b'*') {
            p += 1;
            again = Some((p, t));
            continue;
        }
        let step = match text.get(t) {
            Some(&byte) => one(pattern.get(p..).unwrap_or_default(), byte, how),
            None if p >= pattern.len() => return true,
            None => return false,
        };
        if let Some(length) = step {
            (p, t) = (p + length, t + 1);
            continue;
        }
        let Some((after_star, from)) = again else { return false };
        if how == Wildcard::Path && text.get(from) == Some(&b'/') {
            return false;
        }
        again = Some((after_star, from + 1));
        (p, t) = (after_star, from + 1);
    }
}

/// How many bytes of the pattern stand for this byte; none when they do not.
fn one(pattern: &[u8], byte: u8, how: Wildcard) -> Option<usize> {
    let slash = how == Wildcard::Path;
    match *pattern.first()? {
        b'?' => (!(slash && byte == b'/')).then_some(1),
        b'[' => match set(pattern, byte, how) {
            Some((length, found)) => found.then_some(length),
            None => (byte == b'[').then_some(1),
        },
        b'\\' if pattern.len() > 1 => same(*pattern.get(1)?, byte, how).then_some(2),
        literal => same(literal, byte, how).then_some(1),
    }
}

fn same(a: u8, b: u8, how: Wildcard) -> bool {
    a == b || how == Wildcard::AnyNoCase && a.eq_ignore_ascii_case(&b)
}

/// The length of a bracket expression and whether `byte` is in it; none when it is not closed.
fn set(pattern: &[u8], byte: u8, how: Wildcard) -> Option<(usize, bool)> {
    let slash = how == Wildcard::Path;
    let negated = matches!(pattern.get(1), Some(b'!' | b'^'));
    let start = 1 + usize::from(negated);
    let (mut at, mut found) = (start, false);
    loop {
        let mut low = *pattern.get(at)?;
        if low == b']' && at > start {
            return Some((at + 1, found != negated && !(slash && byte == b'/')));
        }
        if low == b'\\' {
            at += 1;
            low = *pattern.get(at)?;
        }
        if slash && low == b'/' {
            return None;
        }
        let mut high = low;
        if pattern.get(at + 1) == Some(&b'-') && pattern.get(at + 2).is_some_and(|b| *b != b']') {
            at += 2;
            if pattern.get(at) == Some(&b'\\') {
                at += 1;
            }
            high = *pattern.get(at)?;
        }
        let within = |b: u8| low <= b && b <= high;
        let folded =
            how == Wildcard::AnyNoCase && (within(byte.to_ascii_lowercase()) || within(byte.to_ascii_uppercase()));
        found |= within(byte) || folded;
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_sets_are_read_as_the_server_does() {
        use Wildcard::{Any, AnyNoCase, Path};
        for (pattern, text, how, holds) in [
            ("a*z", "az", Any, true),
            ("a*z", "abcz", Any, true),
            ("a*z", "abczy", Any, false),
            ("A*Z", "abcz", AnyNoCase, true),
            ("A*Z", "abcz", Any, false),
            ("/*/x", "/a/x", Path, true),
            ("/*/x", "/a/b/x", Path, false),
            ("/*/x", "/a/b/x", Any, true),
            ("?", "/", Path, false),
            ("[a-c]?", "bz", Any, true),
            ("[!a-c]", "b", Any, false),
            ("[]x]", "]", Any, true),
            ("[ab", "[ab", Any, true),
            ("\\*", "*", Any, true),
            ("\\*", "x", Any, false),
            ("", "", Any, true),
            ("*", "", Any, true),
            ("", "x", Any, false),
            ("*a*b*c", "xxaxxbxxcxxc", Any, true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes(), how), holds, "{pattern} {text} {how:?}");
        }
    }

    #[test]
    fn many_stars_take_no_long_time() {
        let (pattern, text) = ("a*".repeat(500) + "b", "a".repeat(4000));
        assert!(!matches(pattern.as_bytes(), text.as_bytes(), Wildcard::Any));
    }
}
