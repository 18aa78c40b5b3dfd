//! Regular expressions by the engine that httpd uses, with limits, so that no pattern hangs us.
//!
//! Bytes are matched, not characters; `NC` folds ASCII only. What differs between the engines of the levels
//! (PCRE 5.0, 8.39, PCRE2 10.42) is put right before a pattern is compiled, or named as unknown.

use pcre2::bytes::{CaptureLocations, Regex as Engine, RegexBuilder};

use super::level::Level;

/// At most this many captures can be referred to: `$0` to `$9`.
pub const CAPTURES: usize = 10;

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

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Regex {
    engine: Engine,
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
}

impl Regex {
    /// Compiles `pattern` as the server of `level` does.
    ///
    /// # Errors
    /// What is wrong with it, in the engine's words.
    pub fn new(pattern: &[u8], options: Options, level: Level) -> Result<Self, String> {
        let text = std::str::from_utf8(pattern).map_err(|_e| "bytes that are not UTF-8".to_owned())?;
        let engine = RegexBuilder::new()
            .caseless(options.no_case)
            .dotall(options.dot_all.unwrap_or(level >= Level::V2_4_71))
            .extended(options.extended)
            .multi_line(options.multi_line)
            .jit_if_available(true)
            .build(text)
            .map_err(|e| e.to_string())?;
        Ok(Self { engine })
    }

    /// Whether it is found in `subject`.
    pub fn is_match(&self, subject: &[u8]) -> Result<bool, Hang> {
        self.engine.is_match(subject).map_err(|_e| Hang)
    }

    /// Whether it is found in `subject`, and where its groups are. `captures` is left alone when it is not found.
    pub fn captures(&self, subject: &[u8], captures: &mut Captures) -> Result<bool, Hang> {
        let mut locations: CaptureLocations = self.engine.capture_locations();
        if self.engine.captures_read(&mut locations, subject).map_err(|_e| Hang)?.is_none() {
            return Ok(false);
        }
        for (n, span) in captures.spans.iter_mut().enumerate() {
            *span = locations.get(n).and_then(|(s, e)| Some((u32::try_from(s).ok()?, u32::try_from(e).ok()?)));
        }
        Ok(true)
    }

    /// How many groups it has, the whole match counted.
    pub fn groups(&self) -> usize {
        self.engine.captures_len()
    }
}
