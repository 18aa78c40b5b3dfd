//! What happened on the way to the answer, step by step in the server's order. Costs nothing when it is not asked for.
//!
//! Not here: showing it.

use bstr::BString;

use super::source::Place;

/// One thing that the server did or looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The directive, where one is behind it.
    pub place: Option<Place>,
    /// Which request of the chain: 0 is the first, each internal redirect adds one.
    pub redirect: usize,
    /// Whether it was a subrequest's.
    pub subrequest: bool,
    /// What was done.
    pub event: Event,
}

/// Kinds of steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The request fell into this virtual host.
    Host {
        /// Its name as the server shows it.
        name: String,
        /// Why this one.
        why: String,
    },
    /// A section was compared with the request.
    Section {
        /// As written, `<Directory /srv/www>`.
        section: BString,
        /// What it was compared with.
        subject: BString,
        /// Whether its directives apply.
        applies: bool,
    },
    /// The pattern of a `RewriteRule` was tried.
    Pattern {
        /// As written, its `!` too.
        pattern: BString,
        /// The path it was tried on.
        subject: BString,
        /// Whether it holds, the `!` taken into account.
        matched: bool,
        /// Spans of the match and its groups in `subject`.
        spans: Vec<Option<(usize, usize)>>,
        /// The directory, when it is a per-directory rule.
        per_dir: Option<BString>,
    },
    /// A `RewriteCond` was tested.
    Condition {
        /// The test string, expanded.
        input: BString,
        /// The pattern as written, its `!` too.
        pattern: BString,
        /// Its flags as the server's log shows them, `[NC]`; empty when there are none.
        flags: BString,
        /// Whether it holds, the `!` taken into account.
        matched: bool,
        /// Spans of the match and its groups in `input`.
        spans: Vec<Option<(usize, usize)>>,
    },
    /// The path was changed.
    Rewritten {
        /// Before.
        from: BString,
        /// After.
        to: BString,
    },
    /// An environment variable was changed.
    Env {
        /// Its name.
        name: BString,
        /// Before.
        before: Option<BString>,
        /// After; none when it was unset.
        after: Option<BString>,
    },
    /// A request header was changed.
    Header {
        /// Its name.
        name: BString,
        /// Before.
        before: Option<BString>,
        /// After.
        after: Option<BString>,
    },
    /// A test of any other directive: `Allow from`, `Require`, `SetEnvIf`, `Alias`, `Redirect`, `<If>` …
    Test {
        /// The directive as written.
        directive: BString,
        /// What it was compared with.
        subject: BString,
        /// Whether it holds.
        matched: bool,
        /// Spans of the match and its groups in `subject`, where there are any.
        spans: Vec<Option<(usize, usize)>>,
    },
    /// The path was mapped to a file, or something was decided; a sentence without full stop.
    Decided(String),
    /// A directive was not reached.
    Skipped {
        /// As written.
        directive: BString,
        /// Why, a sentence without full stop.
        why: String,
    },
}

/// Takes steps when there is somebody to read them.
#[derive(Debug, Default)]
pub struct Tracer {
    steps: Option<Vec<Step>>,
    redirect: usize,
    subrequest: bool,
}

impl Tracer {
    /// One that keeps what it is told.
    pub fn on() -> Self {
        Self { steps: Some(Vec::new()), ..Self::default() }
    }

    /// One that drops it unasked.
    pub fn off() -> Self {
        Self::default()
    }

    /// Whether anybody reads.
    pub fn is_on(&self) -> bool {
        self.steps.is_some()
    }

    /// Says which request of the chain the next steps are of.
    pub fn within(&mut self, redirect: usize, subrequest: bool) {
        self.redirect = redirect;
        self.subrequest = subrequest;
    }

    /// Notes what `event` says; it is not called when nobody reads.
    pub fn note(&mut self, place: impl Into<Option<Place>>, event: impl FnOnce() -> Event) {
        if let Some(steps) = &mut self.steps {
            let (redirect, subrequest) = (self.redirect, self.subrequest);
            steps.push(Step { place: place.into(), redirect, subrequest, event: event() });
        }
    }

    /// The steps, in order; empty when none were asked for.
    pub fn into_steps(self) -> Vec<Step> {
        self.steps.unwrap_or_default()
    }
}
