//! What time it is, and where: passed in, so that tests have their own.

use jiff::{Timestamp, tz::TimeZone};

/// A clock and the time zone it is read in.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Now.
    pub now: fn() -> Timestamp,
    /// The administrator's time zone.
    pub zone: TimeZone,
}

impl Clock {
    /// The computer's.
    pub fn system() -> Self {
        Self { now: Timestamp::now, zone: TimeZone::system() }
    }
}
