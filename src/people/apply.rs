//! Makes the changes of a plan, one by one: journal, one modify, read back, journal.
//!
//! The same function serves the window, the command line and undo. A dry run is not to call it. Nothing is written
//! without [`Unlocked`], nothing without a line in the journal first, and nothing over a value that was not seen: the
//! old values are deleted and the new ones added in one modify, which the directory refuses when somebody else was
//! faster (`net/ldap/write.rs`).

use jiff::Timestamp;

use crate::{
    job::{Reporter, Stop},
    journal::{Journal, Line, LineState, who},
    model::{Change, Place, Problem, Unlocked, Value},
    net::ldap::{LdapError, Session, same_values},
    people::plan::{Plan, Planned},
};

/// What is told of a plan while it is carried out. `place` is the change's place in the plan, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplyEvent {
    /// About to be written.
    Writing {
        /// Which.
        place: usize,
    },
    /// Written.
    Done {
        /// Which.
        place: usize,
        /// What the directory holds now; `None` when it could not be read back.
        read_back: Option<Vec<Value>>,
    },
    /// Not written.
    Refused {
        /// Which.
        place: usize,
        /// Why.
        problem: Problem,
        /// Somebody else's change, or one that came first.
        stale: bool,
        /// What the directory holds now, when that could be read.
        now: Option<Vec<Value>>,
    },
}

/// Carries out `plan`. Stopping is noticed between two changes, never within one; a refused change does not stop the
/// others.
///
/// # Errors
/// [`Stop::Cancelled`], or [`Stop::Failed`] when the journal cannot be written.
pub fn apply(
    session: &Session,
    journal: &Journal,
    plan: &Plan,
    unlocked: &Unlocked,
    report: &Reporter<ApplyEvent>,
) -> Result<(), Stop> {
    let who = who();
    for (place, planned) in plan.changes.iter().enumerate() {
        report.send(ApplyEvent::Writing { place })?;
        let line = |state| Line {
            id: planned.id.clone(),
            at: Timestamp::now(),
            site: plan.site.clone(),
            who: who.clone(),
            run: plan.run.clone(),
            undoes: planned.undoes.clone(),
            state,
            change: planned.change.clone(),
        };
        journal.append(&line(LineState::Begun))?;
        let outcome = make(session, planned, unlocked);
        let noted = match outcome.state() {
            Some(state) => journal.append(&line(state)),
            None => Ok(()),
        };
        report.tell(outcome.event(place));
        noted.map_err(|problem| unnoted(planned, problem))?;
    }
    Ok(())
}

/// What the place of `change` holds now.
///
/// # Errors
/// As any search.
pub fn read_now(session: &Session, change: &Change) -> Result<Vec<Value>, LdapError> {
    let Place::Attribute { dn, attribute, .. } = &change.place;
    session.with(|connection| connection.values(dn, attribute))
}

enum Outcome {
    Written { read_back: Option<Vec<Value>> },
    Refused { problem: Problem, stale: bool, now: Option<Vec<Value>> },
    Unknown { problem: Problem },
}

impl Outcome {
    /// What the journal is to say; nothing when nobody knows.
    fn state(&self) -> Option<LineState> {
        match self {
            Self::Written { .. } => Some(LineState::Done),
            Self::Refused { problem, .. } => Some(LineState::Failed(problem.what.clone())),
            Self::Unknown { .. } => None,
        }
    }

    fn event(self, place: usize) -> ApplyEvent {
        match self {
            Self::Written { read_back } => ApplyEvent::Done { place, read_back },
            Self::Refused { problem, stale, now } => ApplyEvent::Refused { place, problem, stale, now },
            Self::Unknown { problem } => ApplyEvent::Refused { place, problem, stale: false, now: None },
        }
    }
}

/// Makes one change. After a lost connection the session has found out already whether it was made, if that can be.
fn make(session: &Session, planned: &Planned, unlocked: &Unlocked) -> Outcome {
    let change = &planned.change;
    match session.write(change, unlocked) {
        Ok(()) => Outcome::Written { read_back: read_now(session, change).ok() },
        Err(LdapError::Stale { .. }) => stale(change, read_now(session, change).ok()),
        Err(error @ (LdapError::Lost { .. } | LdapError::Timeout { .. } | LdapError::Protocol { .. })) => {
            ask_the_directory(session, change, &error)
        }
        Err(error) => Outcome::Refused { problem: error.problem(), stale: false, now: None },
    }
}

fn stale(change: &Change, now: Option<Vec<Value>>) -> Outcome {
    let Place::Attribute { dn, .. } = &change.place;
    Outcome::Refused { problem: LdapError::Stale { dn: dn.clone() }.problem(), stale: true, now }
}

/// No answer came, so that nobody knows whether the change was made: today's value decides.
fn ask_the_directory(session: &Session, change: &Change, error: &LdapError) -> Outcome {
    match read_now(session, change) {
        Ok(now) if same_values(&now, &change.after) => Outcome::Written { read_back: Some(now) },
        Ok(now) => {
            Outcome::Refused { stale: !same_values(&now, &change.before), problem: error.problem(), now: Some(now) }
        }
        Err(_still_lost) => Outcome::Unknown {
            problem: Problem::new(format!("It is not known whether the change of {} was written", change.subject))
                .hint("Connect again, then look at it in Activity: it compares the journal with the directory.")
                .details(error.to_string()),
        },
    }
}

fn unnoted(planned: &Planned, problem: Problem) -> Stop {
    Stop::Failed(Problem {
        what: format!("{}, though the change of {} was carried out", problem.what, planned.change.subject),
        ..problem
    })
}
