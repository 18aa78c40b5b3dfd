//! Names and values as the server keeps them: in order, names compared without regard to case (`apr_table_t`).

use std::ops::Range;

use bstr::{BStr, ByteSlice};

/// Bytes that are no longer used, beyond those that are, before the text is written anew.
const SLACK: usize = 4096;

/// Headers, or a request's environment. All names and values are in one text: a request has many, and each on its own would
/// have to be allocated.
#[derive(Clone, Debug, Default)]
pub struct Table {
    text: Vec<u8>,
    entries: Vec<Entry>,
}

/// Where name and value are in the text.
#[derive(Clone, Debug)]
struct Entry {
    name: Range<usize>,
    value: Range<usize>,
}

impl Table {
    /// One with room for so many entries of so many bytes in all.
    pub fn with_capacity(entries: usize, bytes: usize) -> Self {
        Self { text: Vec::with_capacity(bytes), entries: Vec::with_capacity(entries) }
    }

    fn position(&self, name: &[u8]) -> Option<usize> {
        self.entries.iter().position(|e| e.name.len() == name.len() && self.at(&e.name).eq_ignore_ascii_case(name))
    }

    fn at(&self, range: &Range<usize>) -> &BStr {
        self.text.get(range.clone()).unwrap_or_default().as_bstr()
    }

    fn put(&mut self, text: &[u8]) -> Range<usize> {
        let start = self.text.len();
        self.text.extend_from_slice(text);
        start..self.text.len()
    }

    /// The first value of `name`.
    pub fn get(&self, name: &[u8]) -> Option<&BStr> {
        Some(self.at(&self.entries.get(self.position(name)?)?.value))
    }

    /// Replaces the first entry of that name and drops the others; adds it when there was none.
    pub fn set(&mut self, name: &[u8], value: &[u8]) {
        let Some(first) = self.position(name) else { return self.add(name, value) };
        self.entries[first].value = self.put(value);
        let mut index = 0;
        let text = &self.text;
        self.entries.retain(|e| {
            index += 1;
            index - 1 <= first || !text[e.name.clone()].eq_ignore_ascii_case(name)
        });
        self.tidy();
    }

    /// Adds an entry, whether or not there is one of that name.
    pub fn add(&mut self, name: &[u8], value: &[u8]) {
        if self.entries.is_empty() {
            // Where there is one there are others, and growing takes longer than this is long.
            self.text.reserve(160);
            self.entries.reserve(4);
        }
        let (name, value) = (self.put(name), self.put(value));
        self.entries.push(Entry { name, value });
    }

    /// Appends to the first entry of that name after `, `, as the server joins header lines; adds it when there is none.
    pub fn merge(&mut self, name: &[u8], value: &[u8]) {
        let Some(first) = self.position(name) else { return self.add(name, value) };
        let start = self.text.len();
        self.text.extend_from_within(self.entries[first].value.clone());
        self.text.extend_from_slice(b", ");
        self.text.extend_from_slice(value);
        self.entries[first].value = start..self.text.len();
        self.tidy();
    }

    /// Removes every entry of that name.
    pub fn unset(&mut self, name: &[u8]) {
        let text = &self.text;
        self.entries.retain(|e| !text[e.name.clone()].eq_ignore_ascii_case(name));
    }

    /// All entries, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&BStr, &BStr)> {
        self.entries.iter().map(|e| (self.at(&e.name), self.at(&e.value)))
    }

    /// Writes the text anew when most of it is no longer used.
    fn tidy(&mut self) {
        let used: usize = self.entries.iter().map(|e| e.name.len() + e.value.len()).sum();
        if self.text.len() <= 2 * used + SLACK {
            return;
        }
        let mut tidied = Self::with_capacity(self.entries.len(), used);
        for (name, value) in self.iter() {
            tidied.add(name, value);
        }
        *self = tidied;
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Table {}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn entries_stay_in_order_and_names_fold_case() {
        let mut table = Table::default();
        for (name, value) in [("A", "1"), ("b", "2"), ("a", "3"), ("C", "")] {
            table.add(name.as_bytes(), value.as_bytes());
        }
        table.merge(b"B", b"x");
        table.set(b"a", b"4");
        table.unset(b"c");
        assert_eq!(table.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>(), ["A=4", "b=2, x"]);
    }

    #[test]
    fn a_value_that_is_set_again_and_again_takes_no_more_room() {
        let mut table = Table::default();
        table.add(b"other", b"stays");
        for n in 0..10_000_u32 {
            table.set(b"name", &n.to_be_bytes().repeat(20));
        }
        assert!(table.text.len() < 3 * super::SLACK);
        assert_eq!(table.get(b"OTHER"), Some("stays".into()));
    }
}
