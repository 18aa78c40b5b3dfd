//! Every change, on disk before it is made: one JSON line each, append-only, readable after a cut at any byte.
//!
//! A change has a line before it is written to its place (`begun`) and one after (`done` or `failed`), with the same
//! id. Not here: making changes (`people/job.rs`), showing them (`activity/`).

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Change, Problem};

/// The journal's file, open for appending. One process-wide writer; other processes may append too.
pub struct Journal {
    path: PathBuf,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Ties a change's lines together: unique, ordered by time.
    pub id: String,
    /// When the line was written.
    pub at: Timestamp,
    /// The site's name.
    pub site: String,
    /// The account on this computer and the computer, `name on host`.
    pub who: String,
    /// The run that the change was part of; a single change is a run of one.
    pub run: String,
    /// The id of the change that this one takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
    /// How far it is.
    pub state: LineState,
    /// What was to be written.
    pub change: Change,
}

/// How far a change is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    /// About to be written. Without a later line, nobody knows whether it was.
    Begun,
    /// Written and read back.
    Done,
    /// Not written, with the reason.
    Failed(String),
}

/// One change as the journal knows it: its lines together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its last line; `at` is when it was begun.
    pub line: Line,
    /// The id of the change that took it back.
    pub undone_by: Option<String>,
}

/// What reading came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// Oldest first.
    pub records: Vec<Record>,
    /// Numbers, from 1, of lines that could not be read: cut short or damaged.
    pub damaged: Vec<usize>,
}

impl Journal {
    /// The journal at `path`; the file is made with the first line.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a line and waits until it is on disk.
    ///
    /// # Errors
    /// When the file cannot be written; then the change must not be made.
    pub fn append(&self, line: &Line) -> Result<(), Problem> {
        let _ = line;
        unimplemented!()
    }

    /// Reads it all.
    ///
    /// # Errors
    /// When the file cannot be read at all; a missing one is empty.
    pub fn read(&self) -> Result<Records, Problem> {
        unimplemented!()
    }
}
