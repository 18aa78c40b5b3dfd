//! One change taken back: what that writes is shown first, and checked against what the directory holds today.

use jiff::Timestamp;

use crate::{
    activity::OpenSite,
    job::{Job, Poll, Stop, Waker},
    journal::{Journal, Record},
    model::{Change, Dn, Place, Problem, Value},
    net::ldap::{LdapError, same_values},
    people::{
        apply::{ApplyEvent, apply, read_now},
        plan::Plan,
    },
};

/// What the directory holds today at the place of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Today {
    /// Not asked: no site is open, or there is nothing to compare.
    Unasked,
    /// Being read.
    Asking,
    /// Read just now.
    Holds(Vec<Value>),
    /// Could not be read.
    Failed(Problem),
}

/// How far the undoing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoStage {
    /// Shown, not written.
    Asking,
    /// Being written.
    Writing,
    /// Written and read back.
    Done,
    /// Not written, with the reason. Can be tried again.
    Failed(Problem),
}

/// The undo dialog's state.
pub struct Undo {
    record: Record,
    change: Change,
    today: Today,
    stage: UndoStage,
    looking: Option<Job<Today>>,
    writing: Option<Job<ApplyEvent>>,
    waker: Waker,
}

impl Undo {
    /// Shows what taking `record` back on `open` would write, and reads today's value.
    pub(super) fn ask(record: &Record, open: &OpenSite, waker: Waker) -> Self {
        let mut this = Self {
            record: record.clone(),
            change: record.line.change.inverse(),
            today: Today::Asking,
            stage: UndoStage::Asking,
            looking: None,
            writing: None,
            waker,
        };
        this.look(open);
        this
    }

    /// The change taken back.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// What will be written.
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// What the directory holds today.
    pub fn today(&self) -> &Today {
        &self.today
    }

    /// How far it is.
    pub fn stage(&self) -> &UndoStage {
        &self.stage
    }

    /// The directory still holds what the change wrote, and nothing is being written or was.
    pub fn can_be_written(&self) -> bool {
        matches!(self.stage, UndoStage::Asking | UndoStage::Failed(_))
            && matches!(&self.today, Today::Holds(values) if same_values(values, &self.change.before))
    }

    /// Nothing is being read or written.
    pub fn is_settled(&self) -> bool {
        self.looking.is_none() && self.writing.is_none()
    }

    fn look(&mut self, open: &OpenSite) {
        let (session, change) = (open.session.clone(), self.change.clone());
        self.today = Today::Asking;
        self.looking = Some(Job::spawn("read today's value", self.waker.clone(), move |report| {
            report.send(Today::of(read_now(&session.for_job(report.cancelled()), &change)))
        }));
    }

    pub(super) fn write(&mut self, open: &OpenSite, journal: &Journal, now: Timestamp, waker: Waker) {
        let Some(unlocked) = open.unlocked.clone().filter(|_| self.can_be_written()) else { return };
        let plan = Plan::undo(&open.site.name, [&self.record].into_iter(), now);
        let (session, journal) = (open.session.clone(), journal.clone());
        self.stage = UndoStage::Writing;
        self.writing =
            Some(Job::spawn("undo", waker, move |report| apply(&session, &journal, &plan, &unlocked, report)));
    }

    /// Takes in what jobs report; the entry when it was written.
    pub(super) fn poll(&mut self) -> Option<Dn> {
        while let Some(job) = &self.looking {
            match job.poll() {
                Poll::Event(today) => self.today = today,
                Poll::Pending => break,
                Poll::Ended(_) => self.looking = None,
            }
        }
        let mut written = None;
        while let Some(job) = &self.writing {
            match job.poll() {
                Poll::Event(ApplyEvent::Writing { .. }) => {}
                Poll::Event(ApplyEvent::Done { read_back, .. }) => {
                    let Place::Attribute { dn, .. } = &self.change.place;
                    written = Some(dn.clone());
                    self.stage = UndoStage::Done;
                    self.today = read_back.map_or(Today::Unasked, Today::Holds);
                }
                Poll::Event(ApplyEvent::Refused { problem, now, .. }) => {
                    self.stage = UndoStage::Failed(problem);
                    self.today = now.map_or(Today::Unasked, Today::Holds);
                }
                Poll::Pending => break,
                Poll::Ended(end) => {
                    self.writing = None;
                    if let Err(Stop::Failed(problem)) = end {
                        self.stage = UndoStage::Failed(problem);
                    }
                }
            }
        }
        written
    }
}

impl Today {
    pub(super) fn of(read: Result<Vec<Value>, LdapError>) -> Self {
        match read {
            Ok(values) => Self::Holds(values),
            Err(error) => Self::Failed(error.problem()),
        }
    }
}
