//! Running jobs and the journal, seen and undone.
//!
//! For the window: [`State::jobs_are`] each frame with what runs and ran; [`State::site_is`] when a site opens, is
//! unlocked or closes; [`State::run`] with the panel's commands and [`State::poll`] each frame. The window itself acts
//! on [`Command::StopJob`], [`Command::OpenPerson`], [`Command::Unlock`] and [`Command::Export`] (a file dialog, then
//! [`Command::ExportTo`]). The undo dialog is drawn over any page, by `panel::undo_ui`, while [`State::undo`] is there.
//!
//! | file | what it is |
//! | --- | --- |
//! | `shown.rs` | the journal searched and grouped by day |
//! | `undo.rs` | one change taken back, after showing what that writes |
//! | `export.rs` | the journal as CSV or JSON |

mod export;
pub mod panel;
mod shown;
mod undo;

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;

pub use self::{
    shown::{Row, Shown},
    undo::{Today, Undo, UndoStage},
};
use crate::{
    job::{Job, Poll, Stop, Waker},
    journal::{Journal, LineState, Record},
    model::{Clock, Dn, Place, Problem, Site, Unlocked},
    net::ldap::Session,
    people::apply::read_now,
};

/// The site that changes can be taken back on.
#[derive(Clone)]
pub struct OpenSite {
    /// The site.
    pub site: Arc<Site>,
    /// The way to its directory.
    pub session: Session,
    /// `None` while it is locked.
    pub unlocked: Option<Arc<Unlocked>>,
}

/// A job of this window, running or over.
#[derive(Clone, Debug, PartialEq)]
pub struct JobInfo {
    /// The window's number for it.
    pub id: u64,
    /// Which icon stands before it.
    pub kind: JobKind,
    /// What it does: `Reading people`.
    pub name: String,
    /// How far it is, or how it ended.
    pub state: JobState,
}

/// What a job is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Reading people.
    People,
    /// Looking at photos.
    Photos,
    /// Writing to the directory.
    Write,
    /// Checking a connection.
    Connection,
    /// Writing a file.
    File,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq)]
pub enum JobState {
    /// Still at it.
    Running {
        /// How many are done.
        done: u64,
        /// Of how many, when that is known.
        total: Option<u64>,
        /// How many a second.
        rate: Option<f64>,
        /// Seconds left, when they can be told.
        left: Option<f64>,
    },
    /// Ended well, with what it did.
    Done {
        /// When.
        at: Timestamp,
        /// `412 people · 1.2 s`.
        what: String,
    },
    /// Stopped by the administrator.
    Stopped {
        /// When.
        at: Timestamp,
        /// How far it came.
        what: String,
    },
    /// Could not go on.
    Failed {
        /// When.
        at: Timestamp,
        /// Why.
        problem: Problem,
    },
}

/// What a person asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Read the journal again.
    Refresh,
    /// Show only changes that hold this text.
    Search(String),
    /// Look at the change with this id, and compare it with the directory.
    Select(String),
    /// Compare the selected change with the directory again.
    LookAgain,
    /// Show what taking this change back would write.
    AskUndo(String),
    /// The same for the last change on the open site that can be taken back (Ctrl+Z).
    UndoLast,
    /// Write what was shown.
    Undo,
    /// Close the undo dialog.
    CloseUndo,
    /// Choose a file to write the shown journal to.
    Export,
    /// Write the shown journal to this file: JSON when it ends in `.json`, else CSV.
    ExportTo(PathBuf),
    /// The sentence about the export was read.
    DismissNotice,
    /// Stop a running job.
    StopJob(u64),
    /// Show the person with this entry.
    OpenPerson(Dn),
    /// Unlock the site.
    Unlock,
}

/// What the window has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The entry changed: read it again.
    Written(Dn),
    /// There is nothing to undo on this site.
    NothingToUndo,
    /// The journal was exported.
    Exported(PathBuf),
}

/// What is true about jobs and the journal.
pub struct State {
    journal: Journal,
    waker: Waker,
    clock: Clock,
    open: Option<OpenSite>,
    jobs: Vec<JobInfo>,
    shown: Shown,
    damaged: usize,
    reading: Option<Job<Shown>>,
    again: bool,
    undo_last: bool,
    problem: Option<Problem>,
    selected: Option<String>,
    today: Today,
    looking: Option<Job<Today>>,
    undo: Option<Undo>,
    exporting: Option<Job<PathBuf>>,
    outcomes: Vec<Outcome>,
}

impl State {
    /// Shows `journal`, which is read at once, in the background.
    pub fn new(journal: Journal, clock: Clock, waker: Waker) -> Self {
        let mut this = Self {
            journal,
            waker,
            clock,
            open: None,
            jobs: Vec::new(),
            shown: Shown::default(),
            damaged: 0,
            reading: None,
            again: false,
            undo_last: false,
            problem: None,
            selected: None,
            today: Today::Unasked,
            looking: None,
            undo: None,
            exporting: None,
            outcomes: Vec::new(),
        };
        this.refresh();
        this
    }

    /// The open site, its lock included; `None` when there is none.
    pub fn site_is(&mut self, open: Option<OpenSite>) {
        self.open = open;
        self.look_at_selected();
    }

    /// The jobs of this window, in the order they are shown.
    pub fn jobs_are(&mut self, jobs: Vec<JobInfo>) {
        self.jobs = jobs;
    }

    /// Takes in what jobs report, and gives what the window has to know.
    pub fn poll(&mut self) -> Vec<Outcome> {
        self.poll_reading();
        while let Some(job) = &self.looking {
            match job.poll() {
                Poll::Event(today) => self.today = today,
                Poll::Pending => break,
                Poll::Ended(_) => self.looking = None,
            }
        }
        while let Some(job) = &self.exporting {
            match job.poll() {
                Poll::Event(path) => self.outcomes.push(Outcome::Exported(path)),
                Poll::Pending => break,
                Poll::Ended(end) => {
                    self.exporting = None;
                    self.problem = failed(end).or(self.problem.take());
                }
            }
        }
        if let Some(dn) = self.undo.as_mut().and_then(Undo::poll) {
            self.outcomes.push(Outcome::Written(dn));
            self.refresh();
        }
        std::mem::take(&mut self.outcomes)
    }

    /// Nothing is being read or written.
    pub fn is_settled(&self) -> bool {
        self.reading.is_none()
            && self.looking.is_none()
            && self.exporting.is_none()
            && self.undo.as_ref().is_none_or(Undo::is_settled)
    }

    /// Does what a person asked.
    pub fn run(&mut self, command: Command) {
        match command {
            Command::Refresh => self.refresh(),
            Command::Search(text) => self.shown.search(&text),
            Command::Select(id) => {
                self.selected = Some(id);
                self.look_at_selected();
            }
            Command::LookAgain => self.look_at_selected(),
            Command::AskUndo(id) => self.ask_undo(&id),
            Command::UndoLast => {
                // What was written a moment ago may not have been read yet.
                self.undo_last = true;
                self.refresh();
            }
            Command::Undo => {
                if let (Some(undo), Some(open)) = (&mut self.undo, &self.open) {
                    undo.write(open, &self.journal, (self.clock.now)(), self.waker.clone());
                }
            }
            Command::CloseUndo => self.undo = None,
            Command::ExportTo(path) => {
                let records = self.shown.shown_records();
                self.exporting = Some(Job::spawn("export the journal", self.waker.clone(), move |report| {
                    export::write(&path, &records)?;
                    report.send(path)
                }));
            }
            Command::DismissNotice => self.problem = None,
            Command::Export | Command::StopJob(_) | Command::OpenPerson(_) | Command::Unlock => {}
        }
    }

    fn refresh(&mut self) {
        if self.reading.is_some() {
            self.again = true;
            return;
        }
        self.again = false;
        let (journal, zone, search) = (self.journal.clone(), self.clock.zone.clone(), self.shown.searched().to_owned());
        self.reading = Some(Job::spawn("read the journal", self.waker.clone(), move |report| {
            report.send(Shown::of(journal.read()?, &zone, &search))
        }));
    }

    fn poll_reading(&mut self) {
        while let Some(job) = &self.reading {
            match job.poll() {
                Poll::Event(mut shown) => {
                    if shown.searched() != self.shown.searched() {
                        shown.search(self.shown.searched());
                    }
                    self.damaged = shown.damaged();
                    self.shown = shown;
                }
                Poll::Pending => break,
                Poll::Ended(end) => {
                    self.reading = None;
                    self.problem = failed(end);
                    if self.again {
                        self.refresh();
                    } else {
                        self.look_at_selected();
                        self.undo_last_now();
                    }
                }
            }
        }
    }

    fn undo_last_now(&mut self) {
        if !std::mem::take(&mut self.undo_last) {
            return;
        }
        let last = self.shown.records().iter().rev().find(|record| record.can_be_undone() && self.is_here(record));
        match last.map(|record| record.line.id.clone()) {
            Some(id) => self.ask_undo(&id),
            None => self.outcomes.push(Outcome::NothingToUndo),
        }
    }

    fn ask_undo(&mut self, id: &str) {
        let (Some(record), Some(open)) = (self.shown.record(id), &self.open) else { return };
        self.undo = Some(Undo::ask(record, open, self.waker.clone()));
    }

    fn look_at_selected(&mut self) {
        self.looking = None;
        self.today = Today::Unasked;
        let Some(record) = self.selected() else { return };
        let asks = record.can_be_undone() || record.line.state == LineState::Begun;
        if !asks || !self.is_here(record) {
            return;
        }
        let (Some(open), change) = (&self.open, record.line.change.clone()) else { return };
        let session = open.session.clone();
        self.today = Today::Asking;
        self.looking = Some(Job::spawn("read today's value", self.waker.clone(), move |report| {
            report.send(Today::of(read_now(&session.for_job(report.cancelled()), &change)))
        }));
    }

    /// The change was made on the open site.
    fn is_here(&self, record: &Record) -> bool {
        let Place::Attribute { directory, .. } = &record.line.change.place;
        self.open.as_ref().is_some_and(|open| open.site.directory.server.url() == *directory)
    }
}

fn failed(end: Result<(), Stop>) -> Option<Problem> {
    match end {
        Err(Stop::Failed(problem)) => Some(problem),
        Ok(()) | Err(Stop::Cancelled) => None,
    }
}

/// Why a change is not offered for undoing, or that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undoable {
    /// It can be, unless today's value says otherwise.
    Yes,
    /// It was already.
    Undone,
    /// It was not written; with the reason.
    NotWritten(String),
    /// Nobody knows whether it was written.
    Unknown,
    /// It was made on another site, or no site is open.
    OtherSite,
}

/// What is shown.
impl State {
    /// The jobs of this window.
    pub fn jobs(&self) -> &[JobInfo] {
        &self.jobs
    }

    /// The journal, searched and grouped.
    pub fn shown(&self) -> &Shown {
        &self.shown
    }

    /// It is being read for the first time or again.
    pub fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    /// What went wrong last.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// How many lines of the journal cannot be read.
    pub fn damaged(&self) -> usize {
        self.damaged
    }

    /// The change looked at.
    pub fn selected(&self) -> Option<&Record> {
        self.selected.as_deref().and_then(|id| self.shown.record(id))
    }

    /// What the directory holds today at the place of the change looked at.
    pub fn today(&self) -> &Today {
        &self.today
    }

    /// The undo dialog.
    pub fn undo(&self) -> Option<&Undo> {
        self.undo.as_ref()
    }

    /// The open site is unlocked.
    pub fn is_unlocked(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.unlocked.is_some())
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether `record` is offered for undoing.
    pub fn undoable(&self, record: &Record) -> Undoable {
        match &record.line.state {
            _ if record.undone_by.is_some() => Undoable::Undone,
            LineState::Failed(why) => Undoable::NotWritten(why.clone()),
            _ if !self.is_here(record) => Undoable::OtherSite,
            LineState::Begun => Undoable::Unknown,
            LineState::Done => Undoable::Yes,
        }
    }

    /// How many changes were part of the same run.
    pub fn run_size(&self, record: &Record) -> usize {
        self.shown.run_size(&record.line.run)
    }
}
