//! Regular expressions by the engine that httpd uses, with limits, so that no pattern hangs us.
//!
//! Bytes are matched, not characters; `NC` folds ASCII only. What differs between the engines of the levels
//! (PCRE 5.0, 8.39, PCRE2 10.42) is put right before a pattern is compiled (`dialect`).

mod dialect;
mod simple;

use std::sync::{Arc, Mutex, TryLockError};

use pcre2::bytes::{CaptureLocations, Regex as Engine, RegexBuilder};

use self::simple::{Found, Simple, Span};
use super::level::Level;

/// At most this many captures can be referred to: `$0` to `$9`.
pub const CAPTURES: usize = 10;

/// Steps after which a match is given up. The server's own limit is ten million; what needs more than ours is said to be
/// unknown rather than waited for.
const STEPS: u32 = 1_000_000;

/// Bytes of stack for the compiled code of one match.
const STACK: usize = 1 << 20;

/// Codes of the engine for "gave up": steps, stack of the compiled code, depth, heap.
const GAVE_UP: [i32; 4] = [-47, -46, -53, -63];

/// How a pattern is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Without regard to case, in ASCII.
    pub no_case: bool,
    /// Whether the dot matches a line end (the default from 2.4.71 on; `RegexDefaultOptions` changes it).
    pub dot_all: Option<bool>,
    /// Whether `$` matches only at the very end (the same).
    pub dollar_end_only: Option<bool>,
    /// Blanks and comments in the pattern are ignored (`RegexDefaultOptions EXTENDED`, the flag `x` of an expression).
    pub extended: bool,
    /// `^` and `$` match at line ends too (the flag `m` of an expression).
    pub multi_line: bool,
}

/// A compiled pattern. Copies share everything.
#[derive(Clone, Debug)]
pub struct Regex(Arc<Compiled>);

#[derive(Clone, Debug)]
struct Compiled {
    engine: Engine,
    /// Where the engine writes captures: one, kept from the first use on, so that matching allocates nothing. Whoever finds it
    /// taken makes its own.
    locations: Arc<Mutex<Option<CaptureLocations>>>,
    /// What it can only be found behind, at the start of a text.
    beginning: Option<Arc<[u8]>>,
    no_case: bool,
    /// The same pattern for texts without line ends, when it is plain enough to do without the engine.
    simple: Option<Simple>,
}

/// The pattern gave up: more steps than the limit. On a real server this is where a request hangs or is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hang;

/// Where the whole match and the groups are, without their text. Reused, so that matching allocates nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Captures {
    spans: [Option<(u32, u32)>; CAPTURES],
}

impl Captures {
    /// Group `n` in `subject`, the text that was matched.
    pub fn get<'s>(&self, n: usize, subject: &'s [u8]) -> Option<&'s [u8]> {
        let (start, end) = self.span(n)?;
        subject.get(start..end)
    }

    /// Start and end of group `n` in bytes.
    pub fn span(&self, n: usize) -> Option<(usize, usize)> {
        let (start, end) = (*self.spans.get(n)?)?;
        Some((start as usize, end as usize))
    }

    /// Takes over what a plain pattern found; says whether it found anything.
    fn take(&mut self, found: Found) -> bool {
        let narrow = |Span(start, end)| Some((u32::try_from(start).ok()?, u32::try_from(end).ok()?));
        let (whole, group) = match found {
            Found::Nothing => return false,
            Found::Match(whole) => (whole, None),
            Found::Group(whole, group) => (whole, Some(group)),
        };
        self.spans = [None; CAPTURES];
        self.spans[0] = narrow(whole);
        self.spans[1] = group.and_then(narrow);
        true
    }

    /// All spans up to the last that is there, the whole match first; for traces.
    pub fn spans(&self) -> Vec<Option<(usize, usize)>> {
        let used = self.spans.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        (0..used).map(|n| self.span(n)).collect()
    }
}

impl Regex {
    /// Compiles `pattern` as the server of `level` does.
    ///
    /// # Errors
    /// What is wrong with it, in the engine's words.
    pub fn new(pattern: &[u8], options: Options, level: Level) -> Result<Self, String> {
        let text = dialect::translate(pattern, options, level)?;
        let simple = Simple::parse(pattern, options);
        let engine = RegexBuilder::new()
            .caseless(options.no_case)
            .dotall(options.dot_all.unwrap_or(level >= Level::V2_4_71))
            .extended(options.extended)
            .multi_line(options.multi_line)
            // Takes as long as all the rest of reading a line, for what a plain pattern hardly ever needs.
            .jit_if_available(simple.is_none())
            .max_jit_stack_size(Some(STACK))
            .build(&format!("(*LIMIT_MATCH={STEPS}){text}"))
            .map_err(|e| e.to_string())?;
        let locations = Arc::default();
        let beginning = if simple.is_none() { simple::beginning(pattern, options).map(Into::into) } else { None };
        Ok(Self(Arc::new(Compiled { engine, locations, beginning, no_case: options.no_case, simple })))
    }

    /// Whether `subject` begins as everything does that this can be found in.
    fn may_match(&self, subject: &[u8]) -> bool {
        let Some(beginning) = &self.0.beginning else { return true };
        let Some(start) = subject.get(..beginning.len()) else { return false };
        if self.0.no_case { start.eq_ignore_ascii_case(beginning) } else { *start == **beginning }
    }

    /// Whether it is found in `subject`.
    ///
    /// # Errors
    /// When the limit of steps was reached.
    pub fn is_match(&self, subject: &[u8]) -> Result<bool, Hang> {
        match self.0.simple.as_ref().and_then(|simple| simple.find(subject)) {
            Some(found) => Ok(found != Found::Nothing),
            None if !self.may_match(subject) => Ok(false),
            None => self.0.engine.is_match(subject).or_else(|e| no_match(&e)),
        }
    }

    /// Whether it is found in `subject`, and where its groups are. `captures` is left alone when it is not found.
    ///
    /// # Errors
    /// When the limit of steps was reached.
    pub fn captures(&self, subject: &[u8], captures: &mut Captures) -> Result<bool, Hang> {
        if let Some(found) = self.0.simple.as_ref().and_then(|simple| simple.find(subject)) {
            return Ok(captures.take(found));
        }
        if !self.may_match(subject) {
            return Ok(false);
        }
        match self.0.locations.try_lock() {
            Ok(mut kept) => self.captures_with(&mut kept, subject, captures),
            Err(TryLockError::Poisoned(kept)) => self.captures_with(&mut kept.into_inner(), subject, captures),
            Err(TryLockError::WouldBlock) => self.captures_with(&mut None, subject, captures),
        }
    }

    fn captures_with(
        &self,
        kept: &mut Option<CaptureLocations>,
        subject: &[u8],
        captures: &mut Captures,
    ) -> Result<bool, Hang> {
        let locations = kept.get_or_insert_with(|| self.0.engine.capture_locations());
        let found = match self.0.engine.captures_read(locations, subject) {
            Ok(found) => found.is_some(),
            Err(e) => no_match(&e)?,
        };
        if found {
            for (n, span) in captures.spans.iter_mut().enumerate() {
                *span = locations.get(n).and_then(|(s, e)| Some((u32::try_from(s).ok()?, u32::try_from(e).ok()?)));
            }
        }
        Ok(found)
    }

    /// Named groups, by number.
    pub fn names(&self) -> impl Iterator<Item = (usize, &str)> {
        self.0.engine.capture_names().iter().enumerate().filter_map(|(n, name)| Some((n, name.as_deref()?)))
    }

    /// How many groups it has, the whole match counted.
    pub fn groups(&self) -> usize {
        self.0.engine.captures_len()
    }
}

/// An error while matching is "not found" for the server; only giving up is something else for us.
fn no_match(error: &pcre2::Error) -> Result<bool, Hang> {
    if GAVE_UP.contains(&error.code()) { Err(Hang) } else { Ok(false) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::*;

    fn found(pattern: &[u8], level: Level, subject: &[u8]) -> Option<bool> {
        Regex::new(pattern, Options::default(), level).ok().map(|r| r.is_match(subject).unwrap_or(false))
    }

    #[test]
    fn levels_read_patterns_as_their_engines_do() {
        // Pattern, subject, and what 2.2, 2.4.12 and 2.4.71 say: none is an error when the configuration is read.
        type Row<'a> = (&'a [u8], &'a [u8], [Option<bool>; 3]);
        let yes = [Some(true); 3];
        let no = [Some(false); 3];
        let error = [None; 3];
        let later = [None, Some(true), Some(true)];
        let rows: &[Row<'_>] = &[
            (b"^/a$", b"/a", yes),
            (b"^/a$", b"/a\n", [Some(true), Some(true), Some(false)]),
            (b"^/(a$|b)", b"/a\n", [Some(true), Some(true), Some(false)]),
            (b"(?m)^a$", b"a\nb", yes),
            (b"(?:(?m)x|y)a$", b"ya\n", [Some(true), Some(true), Some(false)]),
            (b"[$]", b"$", yes),
            (b"\\$", b"$", yes),
            (b"\\Qa$\\E", b"a$", yes),
            (b"(?x)a # $ comment (\nb", b"ab", yes),
            (b"^/a.b$", b"/a\nb", [Some(false), Some(false), Some(true)]),
            (b"^/.$", b"/\xc3\xa9", no),
            (b"^/.$", b"/\xe9", yes),
            (b"^/\xe9$", b"/\xe9", yes),
            (b"[\xe8\xe9]+", b"\xe9", yes),
            (b"^\\\xe9$", b"\xe9", yes),
            (b"^\\Q\xe9$\\E$", b"\xe9$", yes),
            (b"\xc3\xa9", b"\xc3\xa9", yes),
            (b"^/\\w+$", b"/\xc3\xa9", no),
            (b"(?<!x)\\.jpg$", b"ay.jpg", yes),
            (b"^/(?<n>\\w+)$", b"/abc", later),
            (b"^/\\p{L}+$", b"/abc", later),
            (b"a\\Kb", b"aKb", [Some(true), Some(false), Some(false)]),
            (b"\\h", b"h", [Some(true), Some(false), Some(false)]),
            (b"\\R", b"R", [Some(true), Some(false), Some(false)]),
            (b"(?|a)", b"a", later),
            (b"(a)(?|b)", b"ab", later),
            (b"^/(?>a+)b$", b"/aaab", yes),
            (b"^/(\\w)\\1$", b"/aa", yes),
            (b"^/a{x}$", b"/a{x}", yes),
            (b"^/a{$", b"/a{", yes),
            (b"[[:digit:]]", b"5", yes),
            (b"[]a]", b"]", yes),
            (b"[^]$]", b"$", no),
            (b"*", b"", error),
            (b"+x", b"", error),
            (b"?x", b"", error),
            (b"a)", b"", error),
            (b"(a", b"", error),
            (b"[z-a]", b"", error),
            (b"a**", b"", error),
            (b"[:digit:]", b"", error),
            (b"[a-", b"", error),
        ];
        for (pattern, subject, expected) in rows {
            let got = [V2_2_34, V2_4_12, V2_4_71].map(|level| found(pattern, level, subject));
            assert_eq!(got, *expected, "{} on {}", pattern.escape_ascii(), subject.escape_ascii());
        }
    }

    #[test]
    fn no_case_folds_ascii_only() {
        let options = Options { no_case: true, ..Options::default() };
        let regex = Regex::new("^/É[A-C]$".as_bytes(), options, V2_4_71).unwrap();
        assert_eq!(regex.is_match("/Éb".as_bytes()), Ok(true));
        assert_eq!(regex.is_match("/éb".as_bytes()), Ok(false));
    }

    #[test]
    fn groups_are_where_the_engine_says() {
        let regex = Regex::new(b"^(a)?(b)", Options::default(), V2_2_8).unwrap();
        let mut captures = Captures::default();
        assert_eq!(regex.captures(b"bc", &mut captures), Ok(true));
        assert_eq!(captures.spans(), [Some((0, 1)), None, Some((0, 1))]);
        assert_eq!(regex.captures(b"c", &mut captures), Ok(false));
        assert_eq!(captures.get(2, b"bc"), Some(&b"b"[..]), "left alone when nothing is found");
    }

    #[test]
    fn a_pattern_that_explodes_is_given_up() {
        let regex = Regex::new(b"^(a+)+$", Options::default(), V2_4_12).unwrap();
        let subject = [&[b'a'; 60][..], b"!"].concat();
        assert_eq!(regex.is_match(&subject), Err(Hang));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic() {
        // Every pattern of up to three of these pieces, at each level.
        let pieces: &[&[u8]] = &[
            b"\\",
            b"(?",
            b"(",
            b")",
            b"[",
            b"]",
            b"[:",
            b"\\Q",
            b"\xe9",
            "é".as_bytes(),
            b"$",
            b"*",
            b"#",
            b"(?m",
            b"-",
        ];
        for a in pieces {
            for b in pieces {
                for c in pieces {
                    let pattern = [*a, *b, *c].concat();
                    for level in Level::ALL {
                        let _compiled =
                            Regex::new(&pattern, Options { extended: true, ..Options::default() }, level).is_ok();
                    }
                }
            }
        }
    }

    #[test]
    fn plain_patterns_find_what_the_engine_finds() {
        let patterns = [
            "", "^", "$", "^$", "a", "^a", "a$", "^a$", "ab.*", "ab.*$", "^ab(.*)", "^(.*)$", "(.*)", ".*", "b(.*)$",
            "^/a\\.b$", "\\/a", "A=.*$", "bab",
        ];
        let subjects =
            ["", "a", "ab", "ba", "bab", "babab", "xABy", "/a.b", "/axb", "a=1", "zA=", "a\n", "ab\n", "b\na", "\n"];
        for pattern in patterns {
            for no_case in [false, true] {
                for level in Level::ALL {
                    let options = Options { no_case, ..Options::default() };
                    let plain = Regex::new(pattern.as_bytes(), options, level).unwrap();
                    assert!(plain.0.simple.is_some(), "{pattern}");
                    let engine = Regex(Arc::new(Compiled { simple: None, ..(*plain.0).clone() }));
                    for subject in subjects {
                        let (mut by_bytes, mut by_engine) = (Captures::default(), Captures::default());
                        let found = plain.captures(subject.as_bytes(), &mut by_bytes);
                        assert_eq!(
                            found,
                            engine.captures(subject.as_bytes(), &mut by_engine),
                            "{pattern} on {subject:?}"
                        );
                        assert_eq!(by_bytes, by_engine, "{pattern} on {subject:?}");
                        assert_eq!(found, plain.is_match(subject.as_bytes()), "{pattern} on {subject:?}");
                    }
                }
            }
        }
        for pattern in ["a+", "a|b", "[a]", "(a)", "a\\d", "a.b", "a{2}", "(.*)a", "(?i)a"] {
            assert!(Simple::parse(pattern.as_bytes(), Options::default()).is_none(), "{pattern}");
        }
    }

    #[test]
    fn what_a_text_has_to_begin_with_is_read_off_a_pattern() {
        for (pattern, expected) in [
            (r"^10\.20\.(1[6-9]|2[0-9])\.([0-9]|1([0-9]))$", Some("10.20.")),
            ("^/photos/+[a-z]+", Some("/photos/")),
            ("^/a?b", Some("/")),
            ("^/ab{0}c", Some("/a")),
            ("^ab|cd", None),
            ("^ab(c|d)", Some("ab")),
            ("^ab(c|d)|e", None),
            ("^ab[|]", None),
            ("^ab[]|]c", None),
            ("^ab\\Q(\\E|c", None),
            ("^ab(?#()|c", None),
            ("^ab(", None),
            ("ab", None),
            ("^(?i)ab", None),
            ("^\\d", None),
        ] {
            let beginning = simple::beginning(pattern.as_bytes(), Options::default());
            assert_eq!(beginning, expected.map(|text| text.as_bytes().to_vec()), "{pattern}");
        }
    }

    fn assert_shared<T: Send + Sync>() {}

    #[test]
    fn it_can_be_shared_by_threads() {
        assert_shared::<Regex>();
    }
}
