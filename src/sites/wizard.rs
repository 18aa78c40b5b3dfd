//! The wizard's truth: the draft, and how far the check of it is.

use std::sync::atomic::{AtomicU32, Ordering};

use super::{
    check::{self, CheckEvent, Found, Probe, Step, StepState},
    draft::Draft,
    keychain,
};
use crate::{
    job::{Job, Poll, Stop, Waker},
    model::{Credentials, Problem, Site},
};

/// How many there were.
static WIZARDS: AtomicU32 = AtomicU32::new(0);

/// A site being added or changed.
pub struct Wizard {
    /// What the fields hold.
    pub draft: Draft,
    /// The site as its file has it; `None` for a new one.
    pub original: Option<Site>,
    /// Each step's state, in the order of [`Step::ALL`].
    pub steps: [StepState; Step::ALL.len()],
    /// What the check found.
    pub found: Found,
    /// Why it could not be saved, or the check not run.
    pub problem: Option<Problem>,
    /// Tells this wizard from those before: another one is drawn from its first page.
    pub number: u32,
    /// The draft that the steps speak of.
    checked: Option<Box<Draft>>,
    job: Option<Job<CheckEvent>>,
}

impl Wizard {
    /// For a new site, or for changing `original`.
    pub fn new(draft: Draft, original: Option<Site>) -> Self {
        Self {
            draft,
            original,
            steps: Default::default(),
            found: Found::default(),
            problem: None,
            number: WIZARDS.fetch_add(1, Ordering::Relaxed),
            checked: None,
            job: None,
        }
    }

    /// As after a check of `draft` that reported `events`.
    pub fn after(draft: Draft, events: impl IntoIterator<Item = CheckEvent>) -> Self {
        let mut wizard = Self::new(draft, None);
        wizard.checked = Some(Box::new(wizard.draft.clone()));
        events.into_iter().for_each(|event| wizard.apply(event));
        wizard
    }

    /// A step's state.
    pub fn step(&self, step: Step) -> &StepState {
        // `Step::ALL` is in the order of the variants.
        &self.steps[step as usize]
    }

    /// The check is under way.
    pub fn is_checking(&self) -> bool {
        self.job.is_some()
    }

    /// The fields changed since the check, or there was none.
    pub fn is_stale(&self) -> bool {
        !self.checked.as_ref().is_some_and(|checked| checked.connects_like(&self.draft))
    }

    /// How many steps are settled.
    pub fn passed(&self) -> usize {
        self.steps.iter().filter(|state| state.lets_on()).count()
    }

    /// The first step that failed.
    pub fn failed(&self) -> Option<Step> {
        Step::ALL.into_iter().find(|step| matches!(self.step(*step), StepState::Failed(_)))
    }

    /// People can be listed with what the fields say.
    pub fn finds_people(&self) -> bool {
        !self.is_stale() && self.step(Step::Filter).lets_on()
    }

    /// The fields are now these. Steps that no longer speak of them are taken back.
    pub fn change(&mut self, draft: Draft) {
        self.draft = draft;
        self.problem = None;
        if self.is_stale() {
            self.stop();
            self.steps = Default::default();
            let kind_and_people = (self.found.kind, self.found.vendor.take());
            let server_changed = self
                .checked
                .as_ref()
                .is_none_or(|checked| checked.site.directory.server != self.draft.site.directory.server);
            if server_changed {
                self.found = Found::default();
            } else {
                (self.found.kind, self.found.vendor) = kind_and_people;
            }
        }
    }

    /// Checks the draft from the beginning. `asked`: see [`Probe::asked`].
    pub fn check(&mut self, asked: bool, waker: Waker) {
        self.steps = Default::default();
        self.problem = None;
        self.checked = Some(Box::new(self.draft.clone()));
        let probe = Probe {
            site: self.draft.to_site(None),
            credentials: self.draft.credentials(),
            trust_once: self.draft.trust_once,
            asked,
        };
        self.job = Some(Job::spawn("check", waker, move |report| {
            let probe = Probe { credentials: with_kept_password(&probe), ..probe };
            check::run(&probe, report)
        }));
    }

    /// Stops checking; steps under way wait again.
    pub fn stop(&mut self) {
        self.job = None;
        for state in &mut self.steps {
            if *state == StepState::Running {
                *state = StepState::Waits;
            }
        }
    }

    /// Takes in what the check reports.
    pub fn poll(&mut self) {
        while let Some(job) = &self.job {
            match job.poll() {
                Poll::Event(event) => self.apply(event),
                Poll::Pending => break,
                Poll::Ended(end) => {
                    self.stop();
                    if let Err(Stop::Failed(problem)) = end {
                        self.problem = Some(problem);
                    }
                }
            }
        }
    }

    /// Takes in one event.
    pub fn apply(&mut self, event: CheckEvent) {
        match event {
            CheckEvent::Step(step, state) => self.steps[step as usize] = state,
            CheckEvent::Found(found) => {
                // The base that was found by itself goes into its field, and is not a change.
                if self.draft.site.directory.base.is_none()
                    && let Some(base) = &found.base
                {
                    self.draft.site.directory.base = Some(base.clone());
                    if let Some(checked) = &mut self.checked {
                        checked.site.directory.base = Some(base.clone());
                    }
                }
                self.found = *found;
            }
        }
    }
}

/// Where no password was typed, the kept one counts.
fn with_kept_password(probe: &Probe) -> Credentials {
    let directory = &probe.site.directory;
    match &probe.credentials {
        Credentials::Simple { name, password } if password.is_empty() && directory.password_stored => {
            // A store that does not answer leaves the password empty, and the sign-in step says so.
            let kept = keychain::get(&probe.site.name, directory).ok().flatten().unwrap_or_default();
            Credentials::Simple { name: name.clone(), password: kept }
        }
        other => other.clone(),
    }
}
