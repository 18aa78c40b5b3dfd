//! What the engines of the levels read differently: a pattern as one level writes it becomes the text that our engine
//! (PCRE2 10.4x, without UTF) reads the same way, or an error where that level's engine has one.
//!
//! Branch 2.2 carries PCRE 5.0, 2.4.12 was recorded with PCRE 8.39, 2.4.71 with PCRE2. Not here: compiling and matching.

use super::Options;
use crate::access::level::Level;

/// Groups nested deeper than this are an error, as in PCRE2 (`parens nest limit`).
const DEEPEST: usize = 250;

/// `pattern` in the engine's own dialect.
///
/// # Errors
/// What the level's engine does not accept, although ours would.
pub fn translate(pattern: &[u8], options: Options, level: Level) -> Result<String, String> {
    let mut reader = Reader {
        rest: pattern,
        out: String::with_capacity(pattern.len() + 8),
        old: !level.is_24(),
        first_pcre: level < Level::V2_4_71,
        end_only: options.dollar_end_only.unwrap_or(level >= Level::V2_4_71),
        raw_high: std::str::from_utf8(pattern).is_ok(),
        now: State { multi_line: options.multi_line, extended: options.extended },
        outer: Vec::new(),
    };
    reader.pattern()?;
    Ok(reader.out)
}

/// The options that can change inside a pattern and matter here.
#[derive(Clone, Copy)]
struct State {
    multi_line: bool,
    extended: bool,
}

#[allow(clippy::struct_excessive_bools)] // Each says something else about the pattern.
struct Reader<'p> {
    rest: &'p [u8],
    out: String,
    /// PCRE 5.0.
    old: bool,
    /// PCRE before PCRE2: knows `(?X)`.
    first_pcre: bool,
    /// `$` is only the very end.
    end_only: bool,
    /// Whether bytes above 127 may be copied (the pattern is UTF-8) or need an escape.
    raw_high: bool,
    now: State,
    outer: Vec<State>,
}

impl Reader<'_> {
    fn pattern(&mut self) -> Result<(), String> {
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' => self.escape(false)?,
                b'[' => self.class()?,
                b'(' => self.open()?,
                b')' => {
                    self.now = self.outer.pop().unwrap_or(self.now);
                    self.copy(1);
                }
                b'$' if self.end_only && !self.now.multi_line => {
                    self.rest = &self.rest[1..];
                    self.out.push_str("\\z");
                }
                b'#' if self.now.extended => self.copy_past(b'\n'),
                _ => self.copy(1),
            }
        }
        Ok(())
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.rest.get(ahead).copied()
    }

    fn hex(&mut self, byte: u8) {
        let digit = |d: u8| char::from_digit(u32::from(d), 16).unwrap_or('0');
        self.out.extend(['\\', 'x', digit(byte >> 4), digit(byte & 15)]);
    }

    /// Copies `count` bytes, those above 127 as escapes when they cannot stand in a `str`.
    fn copy(&mut self, count: usize) {
        let (head, tail) = self.rest.split_at(count.min(self.rest.len()));
        if self.raw_high {
            // A character may be cut in two here: take the whole of it.
            let mut end = head.len();
            while end < self.rest.len() && self.rest[end] & 0xc0 == 0x80 {
                end += 1;
            }
            let (head, tail) = self.rest.split_at(end);
            self.out.push_str(&String::from_utf8_lossy(head));
            self.rest = tail;
            return;
        }
        for byte in head {
            match byte {
                0..0x80 => self.out.push(char::from(*byte)),
                _ => self.hex(*byte),
            }
        }
        self.rest = tail;
    }

    /// Copies up to and with the next `end`, or all.
    fn copy_past(&mut self, end: u8) {
        let count = self.rest.iter().position(|b| *b == end).map_or(self.rest.len(), |at| at + 1);
        if self.raw_high {
            self.copy(count);
        } else {
            // A comment: what cannot be written as it is may go.
            self.out.extend(self.rest[..count].iter().filter(|b| b.is_ascii()).map(|b| char::from(*b)));
            self.rest = &self.rest[count..];
        }
    }

    /// A backslash and what belongs to it.
    fn escape(&mut self, in_class: bool) -> Result<(), String> {
        match self.peek(1) {
            Some(b'Q') => self.quoted(),
            Some(b'c') => self.copy(3),
            // The byte's own escape protects it.
            Some(0x80..) if !self.raw_high => {
                self.rest = &self.rest[1..];
                self.copy(1);
            }
            Some(letter) if self.old => return self.old_escape(letter, in_class),
            _ => self.copy(2),
        }
        Ok(())
    }

    /// What PCRE 5.0 makes of an escape: many later ones are plain letters there.
    fn old_escape(&mut self, letter: u8, in_class: bool) -> Result<(), String> {
        match letter {
            b'L' | b'l' | b'N' | b'u' | b'U' => Err("PCRE does not support \\L, \\l, \\N, \\U, or \\u".to_owned()),
            b'P' | b'p' | b'X' => Err("support for \\P, \\p, and \\X has not been compiled".to_owned()),
            b'x' if self.peek(2) == Some(b'{') => {
                // Without UTF there are no braces: a NUL, and they stand for themselves.
                self.out.push_str("\\x00\\{");
                self.rest = &self.rest[3..];
                Ok(())
            }
            b'H' | b'K' | b'R' | b'V' | b'g' | b'h' | b'k' | b'o' | b'v' => {
                self.out.push(char::from(letter));
                self.rest = &self.rest[2..];
                Ok(())
            }
            b'B' | b'A' | b'Z' | b'z' | b'G' | b'C' | b'E' if in_class => {
                self.out.push(char::from(letter));
                self.rest = &self.rest[2..];
                Ok(())
            }
            _ => {
                self.copy(2);
                Ok(())
            }
        }
    }

    /// `\Q…\E`: nothing means anything inside.
    fn quoted(&mut self) {
        self.copy(2);
        let count = self.rest.windows(2).position(|w| w == b"\\E").unwrap_or(self.rest.len());
        if self.raw_high {
            if count > 0 {
                self.copy(count);
            }
        } else {
            for byte in &self.rest[..count] {
                if let 0..0x80 = byte {
                    self.out.push(char::from(*byte));
                } else {
                    self.out.push_str("\\E");
                    self.hex(*byte);
                    self.out.push_str("\\Q");
                }
            }
            self.rest = &self.rest[count..];
        }
        if !self.rest.is_empty() {
            self.copy(2);
        }
    }

    /// A class, up to and with its closing bracket.
    fn class(&mut self) -> Result<(), String> {
        self.copy(1);
        if self.peek(0) == Some(b'^') {
            self.copy(1);
        }
        if self.peek(0) == Some(b']') {
            self.copy(1);
        }
        while let Some(byte) = self.peek(0) {
            match byte {
                b']' => {
                    self.copy(1);
                    return Ok(());
                }
                b'\\' => self.escape(true)?,
                b'[' if matches!(self.peek(1), Some(b':' | b'.' | b'=')) => self.named_class(),
                _ => self.copy(1),
            }
        }
        Ok(())
    }

    /// `[:alpha:]` in a class, or a bracket that only looks like it.
    fn named_class(&mut self) {
        let kind = self.peek(1).unwrap_or_default();
        let name = self.rest[2..].iter().take_while(|b| b.is_ascii_alphabetic() || **b == b'^').count();
        if self.peek(2 + name) == Some(kind) && self.peek(3 + name) == Some(b']') {
            self.copy(name + 4);
        } else {
            self.copy(1);
        }
    }

    /// An opening parenthesis and what says its kind.
    fn open(&mut self) -> Result<(), String> {
        if self.old && self.peek(1) == Some(b'*') {
            return Err("nothing to repeat".to_owned());
        }
        if self.peek(1) == Some(b'*') || self.rest.starts_with(b"(?#") {
            self.copy_past(b')');
            return Ok(());
        }
        if self.outer.len() >= DEEPEST {
            return Err("parentheses are too deeply nested".to_owned());
        }
        let before = self.now;
        self.copy(1);
        if self.peek(0) == Some(b'?') {
            if self.old {
                self.old_group()?;
            }
            if self.inline_options() {
                return Ok(());
            }
        }
        self.outer.push(before);
        Ok(())
    }

    /// `(?i)` or `(?i:`; says whether it was the former, which opens no group. Leaves everything else alone.
    fn inline_options(&mut self) -> bool {
        let letters = self.rest[1..]
            .iter()
            .take_while(|b| matches!(b, b'i' | b'm' | b's' | b'x' | b'n' | b'J' | b'U' | b'X' | b'-' | b'^'))
            .count();
        let closing = self.peek(1 + letters);
        if letters == 0 || !matches!(closing, Some(b':' | b')')) {
            return false;
        }
        let text = &self.rest[1..=letters];
        let mut on = true;
        self.out.push('?');
        for letter in text {
            match letter {
                b'-' => on = false,
                b'^' => self.now = State { multi_line: false, extended: false },
                b'm' => self.now.multi_line = on,
                b'x' => self.now.extended = on,
                // Means nothing here, and PCRE2 does not know it.
                b'X' if self.first_pcre => continue,
                _ => {}
            }
            self.out.push(char::from(*letter));
        }
        self.rest = &self.rest[1 + letters..];
        let alone = closing == Some(b')');
        self.copy(1);
        alone
    }

    /// Refuses the kinds of groups that came after PCRE 5.0; stands before the question mark.
    fn old_group(&self) -> Result<(), String> {
        let known = match (self.peek(1), self.peek(2), self.peek(3)) {
            (Some(b'<'), Some(b'=' | b'!'), _)
            | (Some(b'P'), Some(b'<' | b'=' | b'>'), _)
            | (Some(b'('), Some(b'R'), Some(b')'))
            | (Some(b'('), Some(b'0'..=b'9' | b'?'), _)
            | (Some(b':' | b'=' | b'!' | b'>' | b'C' | b'R' | b'0'..=b'9'), ..) => true,
            (Some(b'-'), Some(b'0'..=b'9'), _) => false,
            (Some(b'i' | b'm' | b's' | b'x' | b'U' | b'X' | b'-' | b')'), ..) => !self.rest[1..]
                .iter()
                .take_while(|b| !matches!(b, b':' | b')'))
                .any(|b| matches!(b, b'J' | b'n' | b'^')),
            _ => false,
        };
        if known { Ok(()) } else { Err("unrecognized character after (?".to_owned()) }
    }
}
