//! Patterns so plain that no engine is needed: a text, perhaps anchored, perhaps with `.*` or `(.*)` behind it.
//!
//! Most patterns of access lists are of this kind, and comparing bytes takes a fraction of a call of the engine. Only for
//! texts without line ends, where all levels agree on what the dot and `$` mean. Not here: everything else.

use bstr::{ByteSlice, Finder};

use super::Options;

/// A plain pattern.
#[derive(Clone, Debug)]
pub struct Simple {
    /// Starts with `^`.
    at_start: bool,
    /// The text; lower case when case is folded.
    text: Vec<u8>,
    /// Finds the text, when case matters.
    finder: Finder<'static>,
    no_case: bool,
    tail: Tail,
}

/// What stands behind the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tail {
    /// Nothing.
    Nothing,
    /// `$`.
    End,
    /// `.*`, with or without `$`.
    Any,
    /// `(.*)`, with or without `$`.
    Group,
}

impl Simple {
    /// Reads `pattern`; none when it is not plain.
    pub fn parse(pattern: &[u8], options: Options) -> Option<Self> {
        if options.extended || options.multi_line {
            return None;
        }
        let at_start = pattern.starts_with(b"^");
        let mut rest = &pattern[usize::from(at_start)..];
        let mut text = Vec::new();
        let tail = loop {
            match rest {
                [] => break Tail::Nothing,
                b"$" => break Tail::End,
                b".*" | b".*$" => break Tail::Any,
                b"(.*)" | b"(.*)$" => break Tail::Group,
                [b'\\', escaped, after @ ..] if escaped.is_ascii_punctuation() => {
                    text.push(*escaped);
                    rest = after;
                }
                [byte, after @ ..] if !b"\\^$.|?*+()[]{}\n\r".contains(byte) => {
                    text.push(*byte);
                    rest = after;
                }
                _ => return None,
            }
        };
        if options.no_case {
            text.make_ascii_lowercase();
        }
        let finder = Finder::new(&text).into_owned();
        Some(Self { at_start, text, finder, no_case: options.no_case, tail })
    }

    /// Where it is found in `subject`, and what its group holds. None: the engine has to be asked.
    pub fn find(&self, subject: &[u8]) -> Option<Found> {
        if subject.find_byte(b'\n').is_some() {
            return None;
        }
        let length = self.text.len();
        let whole = |start: usize| Span(start, start + length);
        let found = match (self.at_start, self.tail) {
            (true, Tail::End) => (subject.len() == length && self.is_at(subject, 0)).then(|| whole(0)),
            (true, _) => self.is_at(subject, 0).then(|| whole(0)),
            (false, Tail::End) => {
                subject.len().checked_sub(length).filter(|start| self.is_at(subject, *start)).map(whole)
            }
            (false, _) => self.search(subject).map(whole),
        };
        Some(match (found, self.tail) {
            (None, _) => Found::Nothing,
            (Some(Span(start, end)), Tail::Group) => Found::Group(Span(start, subject.len()), Span(end, subject.len())),
            (Some(Span(start, _)), Tail::Any) => Found::Match(Span(start, subject.len())),
            (Some(span), _) => Found::Match(span),
        })
    }

    fn is_at(&self, subject: &[u8], start: usize) -> bool {
        let Some(part) = subject.get(start..start + self.text.len()) else { return false };
        if self.no_case { part.eq_ignore_ascii_case(&self.text) } else { part == self.text }
    }

    fn search(&self, subject: &[u8]) -> Option<usize> {
        let Some(first) = self.text.first().copied().filter(|_| self.no_case) else {
            return self.finder.find(subject);
        };
        let either = [first, first.to_ascii_uppercase()];
        let mut start = 0;
        loop {
            start += subject.get(start..)?.find_byteset(either)?;
            if self.is_at(subject, start) {
                return Some(start);
            }
            start += 1;
        }
    }
}

/// The text that whatever `pattern` finds has to begin with; none when there is none, or the pattern is not read far enough
/// here. Most patterns of addresses say no by the first bytes, for which the engine need not be called.
pub fn beginning(pattern: &[u8], options: Options) -> Option<Vec<u8>> {
    let mut rest = pattern.strip_prefix(b"^")?;
    if options.extended || options.multi_line || has_alternatives(rest) {
        return None;
    }
    let mut text = Vec::new();
    loop {
        let (byte, after) = match rest {
            [b'\\', escaped, after @ ..] if escaped.is_ascii_punctuation() => (*escaped, after),
            [byte, after @ ..] if byte.is_ascii() && !b"\\^$.|?*+()[]{}".contains(byte) => (*byte, after),
            _ => break,
        };
        // What is repeated may be there not even once.
        if matches!(after, [b'?' | b'*' | b'{', ..]) {
            break;
        }
        text.push(byte);
        rest = after;
    }
    (!text.is_empty()).then_some(text)
}

/// Whether there may be a `|` outside of groups.
fn has_alternatives(pattern: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut bytes = pattern.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            // `\Q…\E` quotes what would mean something else here.
            b'\\' if bytes.next() == Some(&b'Q') => return true,
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'|' if depth == 0 => return true,
            // Classes may hold any of these, and comments too.
            b'[' => {
                let Some(end) = bytes.as_slice().get(1..).and_then(|class| class.find_byte(b']')) else { return true };
                if bytes.as_slice()[..=end].find_byteset(b"[\\()|").is_some() {
                    return true;
                }
                bytes = bytes.as_slice()[end + 2..].iter();
            }
            b'#' => return true,
            _ => {}
        }
    }
    depth > 0
}

/// Start and end in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub usize, pub usize);

/// What a plain pattern found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// This.
    Match(Span),
    /// This, and its group.
    Group(Span, Span),
}
