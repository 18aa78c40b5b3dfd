//! Every change, on disk before it is made: one JSON line each, append-only, readable after a cut at any byte.
//!
//! A change has a line before it is written to its place (`begun`) and one after (`done` or `failed`), with the same
//! id. A `begun` without another line after it means that nobody knows whether the change was made. Several processes
//! may append at once; each line is written in one call, under the file's lock, and waited for until it is on disk.
//!
//! Not here: making changes (`people/apply.rs`), showing them (`activity/`).

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    hash::{BuildHasher, RandomState},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Change, Problem};

/// The longest line that is written or read, in bytes. A photo in hexadecimal, before and after, stays far below;
/// a longer line was not written by us and is passed over without being held in memory.
pub const LONGEST_LINE: usize = 4 << 20;

/// The environment variable that names another folder for what Photodesk keeps.
pub const DATA_VARIABLE: &str = "PHOTODESK_DATA";

/// The journal's file. Cheap to clone; nothing is open between two calls.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    /// Written.
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

impl Record {
    /// It was written and not taken back, and so can be taken back if its place still holds the new value.
    pub fn can_be_undone(&self) -> bool {
        self.line.state == LineState::Done && self.undone_by.is_none()
    }
}

impl Journal {
    /// The journal at `path`; the file is made with the first line.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The user's journal: `journal.jsonl` in the folder that [`DATA_VARIABLE`] names, else in the user's data folder.
    ///
    /// # Errors
    /// When the system names no home folder.
    pub fn of_user() -> Result<Self, Problem> {
        let folder =
            std::env::var_os(DATA_VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from).or_else(|| {
                directories::ProjectDirs::from("", "", "photodesk").map(|folders| folders.data_local_dir().to_owned())
            });
        match folder {
            Some(folder) => Ok(Self::at(&folder.join("journal.jsonl"))),
            None => Err(Problem::new("There is no home folder to keep the journal of changes in")
                .hint(format!("Set {DATA_VARIABLE} to a folder that can be written."))),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a line and waits until it is on disk. After a line that was cut short it starts a fresh one.
    ///
    /// # Errors
    /// When the file cannot be written; then the change must not be made.
    pub fn append(&self, line: &Line) -> Result<(), Problem> {
        let mut bytes = vec![b'\n']; // taken off again unless the file ends within a line
        serde_json::to_writer(&mut bytes, line).map_err(|error| self.unwritable(&error))?;
        bytes.push(b'\n');
        if bytes.len() > LONGEST_LINE {
            return Err(Problem::new(format!("The change of {} is too long for the journal", line.change.subject))
                .details(format!("{} bytes; the limit is {LONGEST_LINE}", bytes.len())));
        }
        self.append_bytes(&bytes).map_err(|error| self.unwritable(&error))
    }

    /// `bytes` begin with a line end, which is left out where the file needs none.
    fn append_bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            fs::create_dir_all(folder)?;
        }
        let is_new = !self.path.exists();
        let mut file = open_to_append(&self.path)?;
        file.lock()?;
        let from = usize::from(ends_with_a_line(&mut file)?);
        file.write_all(bytes.get(from..).unwrap_or_default())?;
        file.sync_data()?;
        match folder {
            // Else a crash could take the new file's name along (fsync(2)). Only Unix opens folders.
            Some(folder) if is_new && cfg!(unix) => File::open(folder)?.sync_all(),
            _ => Ok(()),
        }
    }

    /// Reads it all.
    ///
    /// # Errors
    /// When the file cannot be read at all; a missing one is empty.
    pub fn read(&self) -> Result<Records, Problem> {
        let mut gathered = Gathered::default();
        let damaged = self.each(|line| gathered.add(line))?;
        Ok(Records { records: gathered.records, damaged })
    }

    /// Hands each line to `each`, the oldest first, holding one at a time; gives the numbers of unreadable lines.
    ///
    /// # Errors
    /// When the file cannot be read at all; a missing one is empty.
    pub fn each(&self, mut each: impl FnMut(Line)) -> Result<Vec<usize>, Problem> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.unreadable(&error)),
        };
        let (mut reader, mut damaged, mut number, mut bytes) =
            (BufReader::with_capacity(64 << 10, file), Vec::new(), 0, Vec::new());
        while next_line(&mut reader, &mut bytes).map_err(|error| self.unreadable(&error))? {
            number += 1;
            match serde_json::from_slice(&bytes) {
                Ok(line) => each(line),
                Err(_) if bytes.iter().all(u8::is_ascii_whitespace) => {}
                Err(_) => damaged.push(number),
            }
        }
        Ok(damaged)
    }

    fn unwritable(&self, error: &dyn std::error::Error) -> Problem {
        Problem::new(format!("The journal {} cannot be written", self.path.display()))
            .hint("Nothing is changed without a journal. Make room or mend the rights of the file, then try again.")
            .details(error.to_string())
    }

    fn unreadable(&self, error: &dyn std::error::Error) -> Problem {
        Problem::new(format!("The journal {} cannot be read", self.path.display()))
            .hint("Mend the rights of the file, then try again.")
            .details(error.to_string())
    }
}

/// Names a new run: unique, and sorted by time. The clock is the caller's.
pub fn new_run(now: Timestamp) -> String {
    // A fresh `RandomState` hashes differently each time, in each process: two runs in one millisecond stay two.
    let chance = RandomState::new().hash_one(std::process::id()) as u32;
    format!("{}-{chance:08x}", now.strftime("%Y%m%dT%H%M%S.%3f"))
}

/// The account on this computer and the computer, `name on host`.
pub fn who() -> String {
    let account = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let account = account.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "somebody".to_owned());
    format!("{account} on {}", gethostname::gethostname().to_string_lossy())
}

/// Lines put together to records.
#[derive(Default)]
struct Gathered {
    records: Vec<Record>,
    by_id: HashMap<String, usize>,
}

impl Gathered {
    fn add(&mut self, line: Line) {
        let taken_back = line.undoes.clone().filter(|_| line.state == LineState::Done);
        let (id, place) = (line.id.clone(), self.by_id.get(&line.id).copied());
        let known = place.and_then(|place| Some((place, self.records.get_mut(place)?)));
        let place = if let Some((place, record)) = known {
            record.line = Line { at: record.line.at, ..line };
            place
        } else {
            self.by_id.insert(line.id.clone(), self.records.len());
            self.records.push(Record { line, undone_by: None });
            self.records.len() - 1
        };
        if let Some(taken_back) = taken_back {
            self.take_back(&taken_back, id, place);
        }
    }

    /// Marks `id` as taken back by `by`. Where it was itself the undoing of another change, that one stands again, and
    /// so on down; each step leads to an earlier record, so that a journal that names itself in a ring ends.
    fn take_back(&mut self, id: &str, by: String, before: usize) {
        let (mut id, mut before, mut undone_by) = (id.to_owned(), before, Some(by));
        while let Some(&place) = self.by_id.get(&id).filter(|place| **place < before)
            && let Some(record) = self.records.get_mut(place)
        {
            let this = record.line.id.clone();
            record.undone_by.clone_from(&undone_by);
            let Some(next) = record.line.undoes.clone() else { return };
            undone_by = undone_by.is_none().then_some(this);
            (id, before) = (next, place);
        }
    }
}

fn open_to_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        // Names and addresses of people: for the administrator's eyes.
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    options.open(path)
}

/// The file is empty or its last byte is a line end.
fn ends_with_a_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Reads the next line into `bytes`, without its end; `false` at the end of the file. Of a line that is longer than
/// [`LONGEST_LINE`] the rest is passed over, which leaves it unreadable.
fn next_line(reader: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.clear();
    let longest = LONGEST_LINE as u64;
    if reader.by_ref().take(longest).read_until(b'\n', bytes)? == 0 {
        return Ok(false);
    }
    if bytes.pop_if(|last| *last == b'\n').is_none() && bytes.len() == LONGEST_LINE {
        bytes.truncate(1);
        reader.skip_until(b'\n')?;
    }
    Ok(true)
}
