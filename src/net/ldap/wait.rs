//! Waiting no longer than allowed: every wait of this folder ends at its limit, or soon after the caller cancels.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::runtime::{Builder, Runtime};

/// How often a waiting connection looks at the cancel flag. The promise is 200 ms from the click to the answer.
pub(super) const LOOK: Duration = Duration::from_millis(50);

/// Why a wait ended without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interrupted {
    /// The limit.
    Timeout,
    /// The caller.
    Cancelled,
    /// ldap3 panics on answers that are no LDAP; its panic must not become ours.
    Panicked,
}

/// A runtime for one connection, on the thread that uses it.
pub(super) fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_io().enable_time().build()
}

/// Runs `future` on `runtime` until it is done, `limit` is over, or `cancelled` is set.
pub(super) fn wait<T>(
    runtime: &Runtime,
    limit: Duration,
    cancelled: &AtomicBool,
    future: impl Future<Output = T>,
) -> Result<T, Interrupted> {
    let bounded = async {
        tokio::select! {
            biased;
            () = set(cancelled) => Err(Interrupted::Cancelled),
            done = tokio::time::timeout(limit, future) => done.map_err(|_elapsed| Interrupted::Timeout),
        }
    };
    catch_unwind(AssertUnwindSafe(|| runtime.block_on(bounded))).unwrap_or(Err(Interrupted::Panicked))
}

async fn set(cancelled: &AtomicBool) {
    while !cancelled.load(Ordering::Relaxed) {
        tokio::time::sleep(LOOK).await;
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::atomic::{AtomicBool, Ordering},
        time::Duration,
    };

    use super::{Interrupted, runtime, wait};

    const LONG: Duration = Duration::from_hours(1);

    #[test]
    fn a_wait_ends_with_its_result_its_limit_or_the_callers_wish() {
        let runtime = runtime().unwrap();
        let cancelled = AtomicBool::new(false);
        assert_eq!(wait(&runtime, LONG, &cancelled, async { 7 }), Ok(7));
        assert_eq!(wait(&runtime, Duration::ZERO, &cancelled, pending::<()>()), Err(Interrupted::Timeout));
        let cancel_then_hang = async {
            cancelled.store(true, Ordering::Relaxed);
            pending::<()>().await;
        };
        assert_eq!(wait(&runtime, LONG, &cancelled, cancel_then_hang), Err(Interrupted::Cancelled));
        assert_eq!(
            wait(&runtime, LONG, &cancelled, async { 7 }),
            Err(Interrupted::Cancelled),
            "before anything is done"
        );
    }

    #[test]
    fn a_panic_of_the_library_is_an_interruption() {
        let broken = async { panic!("unrecognized op id: 77") };
        assert_eq!(wait::<()>(&runtime().unwrap(), LONG, &AtomicBool::new(false), broken), Err(Interrupted::Panicked));
    }
}
