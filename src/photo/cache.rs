//! Answers of photo web servers, kept on disk within a bound, so that a list of people has its photos at once.
//!
//! Photos are personal data: the folder is the user's alone.

use std::{io, path::Path, time::Duration};

use crate::net::http::Exchange;

/// Bytes that the cache may take on disk.
pub const DISK_LIMIT: u64 = 64 << 20;

/// Answers by address. All methods may be called from many threads.
pub struct Cache(());

impl Cache {
    /// Keeps nothing: for tests and the command line.
    pub fn none() -> Self {
        unimplemented!()
    }

    /// In the user's cache folder; keeps nothing when there is none.
    pub fn of_user() -> Self {
        unimplemented!()
    }

    /// In `folder`, which is made, with at most `limit` bytes.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path, limit: u64) -> io::Result<Self> {
        let _ = (folder, limit);
        unimplemented!()
    }

    /// The answer kept for `url`, when it is not older than `age`.
    pub fn get(&self, url: &str, age: Duration) -> Option<Exchange> {
        let _ = (url, age);
        unimplemented!()
    }

    /// Keeps `exchange` as the answer of `url`. That it could not be kept is no error for anybody.
    pub fn put(&self, url: &str, exchange: &Exchange) {
        let _ = (url, exchange);
        unimplemented!()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        unimplemented!()
    }
}
