//! Names and values as the server keeps them: in order, names compared without regard to case (`apr_table_t`).

use bstr::{BStr, BString, ByteSlice};

/// Headers, or a request's environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    entries: Vec<(BString, BString)>,
}

impl Table {
    /// The first value of `name`.
    pub fn get(&self, name: &[u8]) -> Option<&BStr> {
        self.entries.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_bstr())
    }

    /// Replaces the first entry of that name and drops the others; adds it when there was none.
    pub fn set(&mut self, name: &[u8], value: &[u8]) {
        let Some(first) = self.entries.iter().position(|(n, _)| n.eq_ignore_ascii_case(name)) else {
            return self.add(name, value);
        };
        self.entries[first].1 = value.into();
        let mut index = 0;
        self.entries.retain(|(n, _)| {
            index += 1;
            index - 1 <= first || !n.eq_ignore_ascii_case(name)
        });
    }

    /// Adds an entry, whether or not there is one of that name.
    pub fn add(&mut self, name: &[u8], value: &[u8]) {
        self.entries.push((name.into(), value.into()));
    }

    /// Appends to the first entry of that name after `, `, as the server joins header lines; adds it when there is none.
    pub fn merge(&mut self, name: &[u8], value: &[u8]) {
        match self.entries.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
            Some((_, old)) => {
                old.extend_from_slice(b", ");
                old.extend_from_slice(value);
            }
            None => self.add(name, value),
        }
    }

    /// Removes every entry of that name.
    pub fn unset(&mut self, name: &[u8]) {
        self.entries.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// All entries, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&BStr, &BStr)> {
        self.entries.iter().map(|(n, v)| (n.as_bstr(), v.as_bstr()))
    }
}
