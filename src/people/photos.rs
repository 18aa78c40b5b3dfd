//! Photos of the list: a few fetched at a time, first those that are in view, each judged on the way.
//!
//! Not here: fetching and judging one address (`photo/look.rs`), one person's places (`places.rs`).

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::{
    job::{Job, Poll, Reporter, Stop, Waker},
    photo::{Look, Looking, look::look},
};

/// Fetches under way at once: enough to fill a screen quickly, few enough not to be a load for a web server.
const AT_ONCE: usize = 6;

/// One photo that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The person's index in the list.
    pub index: u32,
    /// The photo URL.
    pub url: String,
    /// The mail address, for what is said about capitals.
    pub mail: String,
}

/// One photo that was looked at.
pub struct Looked {
    /// The person's index in the list.
    pub index: u32,
    /// What was seen.
    pub look: Look,
}

/// The threads that look, and what they still have to do. Dropping it stops them.
pub struct Loader {
    queue: Arc<Queue>,
    workers: Vec<Job<Looked>>,
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    news: Condvar,
}

#[derive(Default)]
struct Waiting {
    /// In view: replaced as a whole when the view moves, so that what was scrolled past is not fetched.
    in_view: VecDeque<Wanted>,
    /// Everybody, when all are checked.
    all: VecDeque<Wanted>,
    closed: bool,
}

impl Loader {
    /// Starts the threads; they wait until something is wanted.
    pub fn start(looking: &Looking, waker: &Waker) -> Self {
        let queue = Arc::new(Queue::default());
        let workers = (0..AT_ONCE)
            .map(|number| {
                let (queue, looking) = (Arc::clone(&queue), looking.clone());
                Job::spawn(&format!("photos {number}"), waker.clone(), move |report| work(&queue, &looking, report))
            })
            .collect();
        Self { queue, workers }
    }

    /// Wants these first, in this order, instead of what was wanted first before.
    pub fn want_in_view(&self, wanted: impl IntoIterator<Item = Wanted>) {
        self.queue.lock().in_view = wanted.into_iter().collect();
        self.queue.news.notify_all();
    }

    /// Wants these, too, when there is nothing in view to look at.
    pub fn want_all(&self, wanted: impl IntoIterator<Item = Wanted>) {
        self.queue.lock().all.extend(wanted);
        self.queue.news.notify_all();
    }

    /// Wants nothing any more but what is in view. Gives how many were left.
    pub fn stop_all(&self) -> usize {
        std::mem::take(&mut self.queue.lock().all).len()
    }

    /// What was looked at since the last call, at most `most`.
    pub fn poll(&mut self, most: usize) -> Vec<Looked> {
        let mut looked = Vec::new();
        for worker in &self.workers {
            while looked.len() < most {
                match worker.poll() {
                    Poll::Event(event) => looked.push(event),
                    Poll::Pending | Poll::Ended(_) => break,
                }
            }
        }
        looked
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        let mut waiting = self.queue.lock();
        *waiting = Waiting { closed: true, ..Waiting::default() };
        drop(waiting);
        for worker in &self.workers {
            worker.cancel();
        }
        self.queue.news.notify_all();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // A panic while the lock is held leaves a queue that is still one.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next photo; waits for one. `None` once the loader is dropped.
    fn next(&self) -> Option<Wanted> {
        let mut waiting = self.lock();
        loop {
            if waiting.closed {
                return None;
            }
            if let Some(wanted) = waiting.in_view.pop_front().or_else(|| waiting.all.pop_front()) {
                return Some(wanted);
            }
            waiting = self.news.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn work(queue: &Queue, looking: &Looking, report: &Reporter<Looked>) -> Result<(), Stop> {
    let cancelled = report.cancelled();
    while let Some(Wanted { index, url, mail }) = queue.next() {
        let mail = (!mail.is_empty()).then_some(mail.as_str());
        match look(&url, mail, looking, &cancelled) {
            Some(look) => report.send(Looked { index, look })?,
            None => return Err(Stop::Cancelled),
        }
    }
    Ok(())
}
