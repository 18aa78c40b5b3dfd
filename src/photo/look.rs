//! One photo address from fetch to verdict: what a job does for each row of the list and each place of a person.

use std::sync::{Arc, atomic::AtomicBool};

use super::{Badge, Cache, Found, PhotoFault, Verdict};
use crate::net::http::{Exchange, Fence, HttpError, Limits};

/// How to look: the fence, the bounds, the cache.
#[derive(Clone)]
pub struct Looking {
    /// Where a fetch may go.
    pub fence: Fence,
    /// The bounds of each fetch.
    pub limits: Limits,
    /// Answers kept.
    pub cache: Arc<Cache>,
    /// The longer side of the pictures, in pixels.
    pub edge: u32,
    /// Ask the web server even when the cache has an answer (F5).
    pub fresh: bool,
}

/// What was seen at one address.
#[derive(Clone)]
pub struct Look {
    /// The address, as in the directory.
    pub url: String,
    /// What the web server answered.
    pub exchange: Result<Exchange, HttpError>,
    /// The body as a picture, when there is a body with status 200.
    pub found: Option<Result<Found, PhotoFault>>,
    /// Whether the address in lower case leads to a photo; `None` when it was not tried.
    pub lower_case_works: Option<bool>,
    /// What the administrator reads.
    pub verdict: Verdict,
    /// The clients' rules.
    pub badges: Vec<Badge>,
}

/// Looks at `url`, the photo address of the person with `mail`. `None` when it was cancelled.
pub fn look(url: &str, mail: Option<&str>, looking: &Looking, cancelled: &AtomicBool) -> Option<Look> {
    let _ = (url, mail, looking, cancelled);
    unimplemented!()
}

/// Looks at a photo that the directory itself holds: no web server, no address.
pub fn look_at_bytes(bytes: impl Into<Arc<[u8]>>, edge: u32) -> (Result<Found, PhotoFault>, Verdict, Vec<Badge>) {
    let _ = (bytes.into(), edge);
    unimplemented!()
}
