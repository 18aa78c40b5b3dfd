//! What runs in this window and what ran, for the Activity page and the status bar.
//!
//! The states of the pages know their jobs; here is only noted when one begins and how it ends.

use jiff::Timestamp;

use super::open::OpenSite;
use crate::{
    activity::{JobInfo, JobKind, JobState},
    model::Clock,
    people::{Status, export::Export},
    ui::format,
};

/// Jobs that are over and still listed.
const KEPT: usize = 20;

/// The running ones and the last ones that are over.
#[derive(Default)]
pub struct Jobs {
    next: u64,
    listing: Option<u64>,
    checking: Option<(u64, usize)>,
    exporting: Option<u64>,
    running: Vec<JobInfo>,
    over: Vec<JobInfo>,
}

impl Jobs {
    /// Looks at what runs now.
    pub fn update(&mut self, open: Option<&OpenSite>, export: Option<&Export>, clock: &Clock) {
        self.running.clear();
        let at = (clock.now)();
        self.update_listing(open, at);
        self.update_checking(open, at);
        self.update_export(export, at);
        let too_many = self.over.len().saturating_sub(KEPT);
        self.over.drain(..too_many);
    }

    /// The running ones first, then the others, newest first.
    pub fn list(&self) -> Vec<JobInfo> {
        self.running.iter().chain(self.over.iter().rev()).cloned().collect()
    }

    /// The one that the status bar shows.
    pub fn running(&self) -> Option<&JobInfo> {
        self.running.first()
    }

    /// Whether `id` is the listing, the checking or the export.
    pub fn which(&self, id: u64) -> Option<JobKind> {
        self.running.iter().find(|job| job.id == id).map(|job| job.kind)
    }

    fn id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn update_listing(&mut self, open: Option<&OpenSite>, at: Timestamp) {
        let Some(open) = open else {
            self.listing = None;
            return;
        };
        let people = format::counted(open.people.people().len(), "person", "people");
        if let Status::Filling { since } = open.people.status() {
            let id = self.listing.unwrap_or_else(|| self.id());
            self.listing = Some(id);
            let done = open.people.people().len() as u64;
            let seconds = since.elapsed().as_secs_f64();
            let rate = (seconds > 0.5).then(|| done as f64 / seconds);
            let state = JobState::Running { done, total: None, rate, left: None };
            self.running.push(JobInfo { id, kind: JobKind::People, name: "Reading people".to_owned(), state });
        } else if let Some(id) = self.listing.take() {
            let state = match open.people.status() {
                Status::Stopped => JobState::Stopped { at, what: people },
                Status::Failed(problem) => JobState::Failed { at, problem: problem.clone() },
                Status::Cut { .. } => JobState::Done { at, what: format!("{people}, cut by the server’s limit") },
                Status::Complete { .. } | Status::Filling { .. } => JobState::Done { at, what: people },
            };
            self.over.push(JobInfo { id, kind: JobKind::People, name: "Read people".to_owned(), state });
        }
    }

    fn update_checking(&mut self, open: Option<&OpenSite>, at: Timestamp) {
        let checking = open.and_then(|open| open.people.checking());
        if let Some(checking) = checking {
            let id = self.checking.map_or_else(|| self.id(), |(id, _)| id);
            self.checking = Some((id, checking.total));
            let seconds = checking.since.elapsed().as_secs_f64();
            let rate = (seconds > 0.5 && checking.done > 0).then(|| checking.done as f64 / seconds);
            let left = rate.map(|rate| checking.total.saturating_sub(checking.done) as f64 / rate);
            let state =
                JobState::Running { done: checking.done as u64, total: Some(checking.total as u64), rate, left };
            self.running.push(JobInfo { id, kind: JobKind::Photos, name: "Checking photos".to_owned(), state });
        } else if let Some((id, total)) = self.checking.take() {
            let what = format::counted(total, "photo", "photos");
            let stopped = open.is_some_and(|open| open.people.unchecked() > 0);
            let state = if stopped { JobState::Stopped { at, what } } else { JobState::Done { at, what } };
            self.over.push(JobInfo { id, kind: JobKind::Photos, name: "Checked photos".to_owned(), state });
        }
    }

    fn update_export(&mut self, export: Option<&Export>, at: Timestamp) {
        let Some(export) = export else { return };
        let (done, total) = export.progress();
        if export.is_running() {
            let id = self.exporting.unwrap_or_else(|| self.id());
            self.exporting = Some(id);
            let state = JobState::Running { done: done as u64, total: Some(total as u64), rate: None, left: None };
            self.running.push(JobInfo { id, kind: JobKind::File, name: "Exporting the list".to_owned(), state });
        } else if let Some(id) = self.exporting.take() {
            let what = format!("{} · {}", format::counted(total, "person", "people"), export.path().display());
            let state = match export.problem() {
                Some(problem) => JobState::Failed { at, problem: problem.clone() },
                None if export.was_stopped() => JobState::Stopped { at, what },
                None => JobState::Done { at, what },
            };
            self.over.push(JobInfo { id, kind: JobKind::File, name: "Exported the list".to_owned(), state });
        }
    }
}
