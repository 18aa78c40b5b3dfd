//! Where things stand: files of the configuration and lines in them.
//!
//! Not here: reading them ([`super::config`]).

use std::{fmt, sync::Arc};

/// One file of a policy, by its number in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A line of a file. Lines count from 1; of a continued directive it is the last, as the server reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// Its line, from 1.
    pub line: u32,
}

/// The files that were read, in the order in which they were opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Shared: every answer has a copy.
    names: Arc<Vec<String>>,
}

impl Sources {
    /// A number for a file that is opened now; the same name gives the same number.
    pub fn open(&mut self, name: &str) -> FileId {
        let index = self.names.iter().position(|n| n == name).unwrap_or_else(|| {
            let names = Arc::make_mut(&mut self.names);
            names.push(name.to_owned());
            names.len() - 1
        });
        FileId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The file's name as it was opened.
    pub fn name(&self, file: FileId) -> &str {
        self.names.get(file.0 as usize).map_or("?", String::as_str)
    }

    /// All names, in the order of their numbers.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// `FILE:LINE`.
    pub fn show(&self, place: Place) -> impl fmt::Display + '_ {
        struct Show<'a>(&'a Sources, Place);
        impl fmt::Display for Show<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}:{}", self.0.name(self.1.file), self.1.line)
            }
        }
        Show(self, place)
    }
}
