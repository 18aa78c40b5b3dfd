//! A file's text as logical lines: continued ones joined, blanks at both ends gone, physical lines counted.
//!
//! Not here: what the lines mean.

use bstr::{BStr, BString, ByteSlice};

use super::words::is_blank;
use crate::access::{level::Level, source::FileId};

/// 2.2 reads lines into a buffer of this size; what is longer goes on as a line of its own.
const BUFFER_22: usize = 8192;

/// Walks through a text line by line.
#[derive(Debug)]
pub struct Lines<'t> {
    /// The file.
    pub file: FileId,
    /// Physical lines read so far: of the current logical line the last one.
    pub line: u32,
    rest: &'t [u8],
    /// The last line was broken where the buffer ended.
    broken: bool,
    most: usize,
}

impl<'t> Lines<'t> {
    /// From the start of `text`.
    pub fn new(file: FileId, text: &'t [u8], level: Level) -> Self {
        Self { file, line: 0, rest: text, broken: false, most: if level.is_24() { usize::MAX } else { BUFFER_22 - 1 } }
    }
}

impl Iterator for Lines<'_> {
    type Item = BString;

    /// The next logical line, which may be empty; none at the end.
    ///
    /// A backslash at the very end of a line continues it, in comments too. A carriage return before the line feed goes.
    fn next(&mut self) -> Option<BString> {
        if self.rest.is_empty() {
            return None;
        }
        let mut joined = BString::default();
        // The rest of a line that was broken does not count again.
        self.line += u32::from(!std::mem::take(&mut self.broken));
        loop {
            let room = self.most.saturating_sub(joined.len()).max(1);
            let at_end = !self.rest.contains(&b'\n');
            let (physical, ended, after) = match self.rest.find_byte(b'\n') {
                Some(end) if end < room => (&self.rest[..end], true, &self.rest[end + 1..]),
                _ if self.rest.len() > room => (&self.rest[..room], false, &self.rest[room..]),
                _ => (self.rest, true, &self.rest[self.rest.len()..]),
            };
            self.rest = after;
            self.broken = !ended;
            let physical = if ended { physical.strip_suffix(b"\r").unwrap_or(physical) } else { physical };
            // What stands after a zero byte is not seen.
            let physical = physical.find_byte(0).map_or(physical, |zero| &physical[..zero]);
            match physical.strip_suffix(b"\\") {
                // The very end of the file continues nowhere.
                Some(continued) if ended && !at_end => {
                    joined.extend_from_slice(continued);
                    if self.rest.is_empty() {
                        break;
                    }
                    self.line += 1;
                }
                _ => {
                    joined.extend_from_slice(physical);
                    break;
                }
            }
        }
        Some(trim(&joined).into())
    }
}

/// `text` without blanks at both ends.
pub fn trim(text: &[u8]) -> &BStr {
    let start = text.iter().position(|b| !is_blank(*b)).unwrap_or(text.len());
    let end = text.iter().rposition(|b| !is_blank(*b)).map_or(start, |e| e + 1);
    text[start..end].as_bstr()
}

#[cfg(test)]
mod tests {
    use super::Lines;
    use crate::access::{level::Level, source::FileId};

    fn lines(text: &str, level: Level) -> Vec<(u32, String)> {
        let mut lines = Lines::new(FileId(0), text.as_bytes(), level);
        std::iter::from_fn(|| lines.next().map(|l| (lines.line, l.to_string()))).collect()
    }

    #[test]
    fn continued_lines_are_joined_and_counted_as_the_last() {
        let text = "a\\\n b\r\n# c\\\r\nd\n  e  \n\nf\\ \nlast";
        let expected = [(2, "a b"), (4, "# cd"), (5, "e"), (6, ""), (7, "f\\"), (8, "last")];
        assert_eq!(lines(text, Level::V2_4_71), expected.map(|(n, l)| (n, l.to_owned())));
    }

    #[test]
    fn the_older_branch_breaks_lines_that_do_not_fit_its_buffer() {
        let long = "x".repeat(9000);
        assert_eq!(lines(&long, Level::V2_4_12).len(), 1);
        let broken = lines(&format!("{long}\nnext"), Level::V2_2_34);
        assert_eq!(broken.iter().map(|(n, l)| (*n, l.len())).collect::<Vec<_>>(), [(1, 8191), (1, 809), (2, 4)]);
    }
}
