//! One value from another thread, whose panic is a problem and not ours.
//!
//! Not here: work with progress and cancel (`job.rs`).

use std::panic::{AssertUnwindSafe, catch_unwind};

use poll_promise::Promise;

use crate::{job::Waker, model::Problem};

/// A value that is there later.
pub struct Later<T: Send + 'static>(Option<Promise<Result<T, Problem>>>);

impl<T: Send + 'static> Later<T> {
    /// Runs `work` on a thread called `name`, and wakes the window when it is done.
    pub fn start(name: &str, waker: &Waker, work: impl FnOnce() -> T + Send + 'static) -> Self {
        let waker = waker.clone();
        let what = name.to_owned();
        // poll-promise panics in the window when its thread does; so the thread must not.
        Self(Some(Promise::spawn_thread(name, move || {
            let value = catch_unwind(AssertUnwindSafe(work)).map_err(|_panic| {
                Problem::new(format!("Photodesk made a mistake ({what})")).hint("Nothing else is affected.")
            });
            waker.wake();
            value
        })))
    }

    /// The value, once, when it is there.
    pub fn take(&mut self) -> Option<Result<T, Problem>> {
        match self.0.take()?.try_take() {
            Ok(value) => Some(value),
            Err(promise) => {
                self.0 = Some(promise);
                None
            }
        }
    }
}
