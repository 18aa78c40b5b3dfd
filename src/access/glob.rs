//! Shell patterns as the server matches them, of sections, includes, names and expressions (`apr_fnmatch`, and
//! `ap_strcmp_match` of the same form).
//!
//! Not here: regular expressions.

/// How a pattern is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// `*`, `?` and brackets do not match a slash (`APR_FNM_PATHNAME`).
    pub pathname: bool,
    /// A dot at the start of a segment is matched by a dot only (`APR_FNM_PERIOD`).
    pub period: bool,
    /// Without regard to case, in ASCII.
    pub no_case: bool,
}

/// Whether there is anything in `pattern` that is not itself (`apr_fnmatch_test`).
pub fn is_pattern(pattern: &[u8]) -> bool {
    let mut at = 0;
    let mut open = false;
    while let Some(byte) = pattern.get(at) {
        match byte {
            b'?' | b'*' => return true,
            b'\\' if at + 1 < pattern.len() => at += 1,
            b'[' => open = true,
            b']' if open => return true,
            _ => {}
        }
        at += 1;
    }
    false
}

/// Whether `text` as a whole matches `pattern`. Takes time in proportion to the product of their lengths at most.
pub fn matches(pattern: &[u8], text: &[u8], rules: Rules) -> bool {
    // Where to go on when what follows the last star does not fit: (pattern after the star, text taken by it).
    let mut star: Option<(usize, usize)> = None;
    let (mut p, mut t) = (0, 0);
    loop {
        if pattern.get(p) == Some(&b'*') && !hidden(text, t, rules) {
            p += 1;
            star = Some((p, t));
            continue;
        }
        if t == text.len() && p == pattern.len() {
            return true;
        }
        if t < text.len()
            && let Some(length) = one(&pattern[p..], text, t, rules)
        {
            p += length;
            t += 1;
            continue;
        }
        match star {
            Some((after, taken)) if taken < text.len() && !(rules.pathname && text[taken] == b'/') => {
                star = Some((after, taken + 1));
                (p, t) = (after, taken + 1);
            }
            _ => return false,
        }
    }
}

/// How much of the pattern matches the byte at `t`, when it does.
fn one(pattern: &[u8], text: &[u8], t: usize, rules: Rules) -> Option<usize> {
    let byte = text[t];
    let same = |a: u8, b: u8| a == b || rules.no_case && a.eq_ignore_ascii_case(&b);
    // What a wildcard may stand for.
    let may = !(rules.pathname && byte == b'/' || hidden(text, t, rules));
    match *pattern.first()? {
        b'?' => may.then_some(1),
        b'[' => {
            // One that is not closed is a bracket like any other letter.
            let Some((length, found)) = bracket(&pattern[1..], byte, rules) else {
                return (byte == b'[').then_some(1);
            };
            (may && found).then_some(length + 1)
        }
        b'\\' if pattern.len() > 1 => same(pattern[1], byte).then_some(2),
        b'*' => None,
        other => same(other, byte).then_some(1),
    }
}

fn hidden(text: &[u8], t: usize, rules: Rules) -> bool {
    rules.period && text.get(t) == Some(&b'.') && (t == 0 || rules.pathname && text[t - 1] == b'/')
}

/// Reads a bracket after its `[`: its length with the `]`, and whether `byte` is in it. None when it is not closed, or has a
/// slash in it that matters.
fn bracket(pattern: &[u8], byte: u8, rules: Rules) -> Option<(usize, bool)> {
    let negated = matches!(pattern.first(), Some(b'!' | b'^'));
    let mut at = usize::from(negated);
    let first = at;
    let fold = |b: u8| if rules.no_case { b.to_ascii_lowercase() } else { b };
    let mut found = false;
    loop {
        let mut low = *pattern.get(at)?;
        if low == b']' && at > first {
            return Some((at + 1, found != negated));
        }
        if low == b'\\' {
            at += 1;
            low = *pattern.get(at)?;
        }
        if rules.pathname && low == b'/' {
            return None;
        }
        at += 1;
        let mut high = low;
        if pattern.get(at) == Some(&b'-') && pattern.get(at + 1).is_some_and(|b| *b != b']') {
            at += 1;
            if pattern[at] == b'\\' {
                at += 1;
            }
            high = *pattern.get(at)?;
            at += 1;
        }
        found |= (low..=high).contains(&byte) || (fold(low)..=fold(high)).contains(&fold(byte));
    }
}

#[cfg(test)]
mod tests {
    use super::{Rules, is_pattern, matches};

    #[test]
    fn patterns_match_as_the_server_matches_them() {
        let path = Rules { pathname: true, ..Rules::default() };
        let cases: &[(&str, &str, Rules, bool)] = &[
            ("*.conf", "a.conf", path, true),
            ("*.conf", "a/b.conf", path, false),
            ("*.conf", "a/b.conf", Rules::default(), true),
            ("/ph*", "/photos", path, true),
            ("/ph*", "/photos/a.jpg", path, false),
            ("/*/x/", "/a/x/", path, true),
            ("a?c", "abc", path, true),
            ("a?c", "a/c", path, false),
            ("[a-c]x", "bx", path, true),
            ("[!a-c]x", "bx", path, false),
            ("[a-", "a", path, false),
            ("[ab", "[ab", path, true),
            ("[a/b]", "[a/b]", path, true),
            ("[a/b]", "/", Rules::default(), true),
            ("[]x]", "]", path, true),
            ("[A-C]", "b", Rules { no_case: true, ..path }, true),
            ("[A-C]", "b", path, false),
            ("A*Z", "abcz", Rules { no_case: true, ..Rules::default() }, true),
            ("a*z", "abczy", path, false),
            ("", "x", path, false),
            ("\\*", "*", path, true),
            ("\\*", "x", path, false),
            ("*.JPG", "a.jpg", Rules { no_case: true, ..path }, true),
            ("*", ".x", Rules { period: true, ..path }, false),
            ("", "", path, true),
            ("*", "", path, true),
            ("a*b*c", "aXXbYYbZc", path, true),
        ];
        for (pattern, text, rules, expected) in cases {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes(), *rules), *expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn only_what_is_not_itself_makes_a_pattern() {
        for (text, expected) in [("/srv/www", false), ("/srv/*", true), ("a\\*", false), ("[x", false), ("[x]", true)] {
            assert_eq!(is_pattern(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn many_stars_end_soon() {
        let pattern = "a*".repeat(200) + "b";
        assert!(!matches(pattern.as_bytes(), "a".repeat(2000).as_bytes(), Rules::default()));
    }
}
