//! Patterns so plain that no engine is needed: a text, perhaps anchored, perhaps with `.*` or `(.*)` behind it.
//!
//! Most patterns of access lists are of this kind, and comparing bytes takes a fraction of a call of the engine. Only for
//! texts without line ends, where all levels agree on what the dot and `$` mean. Not here: everything else.

use bstr::ByteSlice;

use super::Options;

/// A plain pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simple {
    /// Starts with `^`.
    at_start: bool,
    /// The text; lower case when case is folded.
    text: Vec<u8>,
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
        Some(Self { at_start, text, no_case: options.no_case, tail })
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
            return subject.find(&self.text);
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
