//! The one way off the UI thread: a function on a thread of its own that reports events, and learns there to stop.
//!
//! A job's panic ends it as a [`Problem`] and takes nothing else along. Dropping a [`Job`] cancels it; the thread ends
//! at its next report. Not here: one value without progress, such as a file dialog, which is a promise.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel},
    },
    thread,
    time::Duration,
};

use crate::model::Problem;

/// How many events may wait for the window before the job waits for it: memory stays bounded.
const WAITING_EVENTS: usize = 256;

/// Wakes whoever polls: the window asks for a repaint, the command line does nothing.
#[derive(Clone)]
pub struct Waker(Arc<dyn Fn() + Send + Sync>);

impl Waker {
    /// Calls `wake` from the job's thread after each event.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(wake))
    }

    /// For callers that wait instead of polling.
    pub fn none() -> Self {
        Self::new(|| {})
    }

    /// Wakes.
    pub fn wake(&self) {
        (self.0)();
    }
}

/// Why a job ends before its work does.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop {
    /// Nobody wants the result any more.
    Cancelled,
    /// It could not go on.
    Failed(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

/// What [`Job::poll`] finds.
#[derive(Debug)]
pub enum Poll<E> {
    /// Something was reported.
    Event(E),
    /// Nothing new.
    Pending,
    /// The job is over, for the reason given.
    Ended(Result<(), Stop>),
}

/// A running function. Dropping it cancels.
pub struct Job<E> {
    events: Receiver<Message<E>>,
    cancelled: Arc<AtomicBool>,
}

enum Message<E> {
    Event(E),
    Ended(Result<(), Stop>),
}

/// The job's end of the line.
pub struct Reporter<E> {
    events: SyncSender<Message<E>>,
    cancelled: Arc<AtomicBool>,
    waker: Waker,
}

impl<E: Send + 'static> Job<E> {
    /// Runs `work` on a thread called `name`.
    pub fn spawn(
        name: &str,
        waker: Waker,
        work: impl FnOnce(&Reporter<E>) -> Result<(), Stop> + Send + 'static,
    ) -> Self {
        let (sender, events) = sync_channel(WAITING_EVENTS);
        let cancelled = Arc::new(AtomicBool::new(false));
        let reporter = Reporter { events: sender, cancelled: Arc::clone(&cancelled), waker };
        let run = move || {
            let end = catch_unwind(AssertUnwindSafe(|| work(&reporter)))
                .unwrap_or_else(|panic| Err(Stop::Failed(panicked(panic.as_ref()))));
            // The window may be gone; then nobody needs the end.
            if reporter.events.send(Message::Ended(end)).is_ok() {
                reporter.waker.wake();
            }
        };
        #[expect(clippy::disallowed_methods, reason = "this is the place that threads come from")]
        let started = thread::Builder::new().name(name.to_owned()).spawn(run);
        // Without a thread the closure, and with it the sender, is gone: `poll` then reports the end.
        drop(started);
        Self { events, cancelled }
    }

    /// The next event, without waiting.
    pub fn poll(&self) -> Poll<E> {
        match self.events.try_recv() {
            Ok(Message::Event(event)) => Poll::Event(event),
            Ok(Message::Ended(end)) => Poll::Ended(end),
            Err(TryRecvError::Empty) => Poll::Pending,
            Err(TryRecvError::Disconnected) => {
                Poll::Ended(Err(Stop::Failed(Problem::new("The system has no thread for this job"))))
            }
        }
    }

    /// The next event, waiting for it at most `time`: for clients that run a part of their work as a job.
    pub fn poll_within(&self, time: Duration) -> Poll<E> {
        match self.events.recv_timeout(time) {
            Ok(Message::Event(event)) => Poll::Event(event),
            Ok(Message::Ended(end)) => Poll::Ended(end),
            Err(RecvTimeoutError::Timeout) => Poll::Pending,
            Err(RecvTimeoutError::Disconnected) => self.poll(),
        }
    }

    /// Asks the job to stop; it reports its end as usual.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Waits for the end, handing each event to `each`: for the command line and tests.
    ///
    /// # Errors
    /// What the job ended with.
    pub fn wait(self, mut each: impl FnMut(E)) -> Result<(), Stop> {
        loop {
            match self.events.recv() {
                Ok(Message::Event(event)) => each(event),
                Ok(Message::Ended(end)) => return end,
                Err(_gone) => return Err(Stop::Failed(Problem::new("The system has no thread for this job"))),
            }
        }
    }
}

impl<E> Drop for Job<E> {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl<E> Reporter<E> {
    /// Reports `event`, waiting while the window is far behind.
    ///
    /// # Errors
    /// [`Stop::Cancelled`] once nobody wants to know.
    pub fn send(&self, event: E) -> Result<(), Stop> {
        self.go_on()?;
        self.events.send(Message::Event(event)).map_err(|_nobody_listens| Stop::Cancelled)?;
        self.waker.wake();
        Ok(())
    }

    /// Reports what is done already, also after a stop: nobody may miss what was written.
    pub fn tell(&self, event: E) {
        if self.events.send(Message::Event(event)).is_ok() {
            self.waker.wake();
        }
    }

    /// Checks whether to stop, where there is nothing to report.
    ///
    /// # Errors
    /// [`Stop::Cancelled`] once the job was cancelled or dropped.
    pub fn go_on(&self) -> Result<(), Stop> {
        if self.cancelled.load(Ordering::Relaxed) { Err(Stop::Cancelled) } else { Ok(()) }
    }

    /// The flag itself, for a client that looks at it while it waits on a socket.
    pub fn cancelled(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancelled)
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Problem {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    Problem::new("Photodesk made a mistake and stopped this job")
        .hint("Nothing else is affected. Please report it with the details.")
        .details(text)
}

#[cfg(test)]
mod tests {
    use super::{Job, Stop, Waker};
    use crate::model::Problem;

    #[test]
    fn a_job_reports_in_order_and_ends() {
        let job = Job::spawn("count", Waker::none(), |report| (0..1000).try_for_each(|number| report.send(number)));
        let mut seen = Vec::new();
        assert_eq!(job.wait(|number| seen.push(number)), Ok(()));
        assert_eq!(seen, (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn a_cancelled_job_stops_at_its_next_report() {
        let job = Job::spawn("endless", Waker::none(), |report| {
            loop {
                report.send(())?;
            }
        });
        let mut first = true;
        let cancelled = job.cancelled.clone();
        let end = job.wait(|()| {
            if std::mem::take(&mut first) {
                cancelled.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        });
        assert_eq!(end, Err(Stop::Cancelled));
    }

    #[test]
    fn a_panic_in_a_job_is_a_problem_shown() {
        let job = Job::<()>::spawn("broken", Waker::none(), |_report| panic!("index 7 of 3"));
        let Err(Stop::Failed(Problem { details, .. })) = job.wait(|()| {}) else { panic!("it ended well") };
        assert_eq!(details.as_deref(), Some("index 7 of 3"));
    }
}
