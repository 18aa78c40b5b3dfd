//! One photo address from fetch to verdict: what a job does for each row of the list and each place of a person.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use url::Url;

use super::{
    Badge, Cache, Found, PhotoFault, Verdict, badges,
    judge::{self, Evidence},
};
use crate::net::http::{self, Exchange, Fence, HttpError, Limits};

/// Answers are taken from the cache for this long. An administrator who just mended a photo presses F5.
const FRESH: Duration = Duration::from_mins(10);

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
#[derive(Clone, Debug)]
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
    let exchange = looking.fetch(url, cancelled);
    let found = exchange.as_ref().ok().and_then(|exchange| looking.read(exchange));
    let lower_case_works = match &exchange {
        Ok(Exchange { status: 404 | 410, .. }) => in_lower_case(url).map(|lower| {
            looking.fetch(&lower, cancelled).is_ok_and(|exchange| matches!(looking.read(&exchange), Some(Ok(_))))
        }),
        _ => None,
    };
    if cancelled.load(std::sync::atomic::Ordering::Relaxed) || matches!(exchange, Err(HttpError::Cancelled)) {
        return None;
    }
    let evidence = Evidence {
        url,
        mail,
        exchange: exchange.as_ref(),
        found: found.as_ref().map(Result::as_ref),
        lower_case_works,
    };
    let (verdict, badges) = (judge::judge(&evidence), badges::badges(&evidence));
    Some(Look { url: url.to_owned(), exchange, found, lower_case_works, verdict, badges })
}

/// Looks at a photo that the directory itself holds: no web server, no address.
pub fn look_at_bytes(bytes: impl Into<Arc<[u8]>>, edge: u32) -> (Result<Found, PhotoFault>, Verdict, Vec<Badge>) {
    let found = Found::read(bytes, edge);
    let (verdict, badges) = (judge::judge_binary(found.as_ref()), badges::badges_of_file(found.as_ref()));
    (found, verdict, badges)
}

impl Looking {
    fn fetch(&self, url: &str, cancelled: &AtomicBool) -> Result<Exchange, HttpError> {
        http::check(url, &self.fence)?;
        if let Some(kept) = (!self.fresh).then(|| self.cache.get(url, FRESH)).flatten() {
            return Ok(kept);
        }
        let exchange = http::fetch(url, &self.fence, &self.limits, cancelled)?;
        self.cache.put(url, &exchange);
        Ok(exchange)
    }

    fn read(&self, exchange: &Exchange) -> Option<Result<Found, PhotoFault>> {
        (exchange.status == 200).then(|| Found::read(Arc::clone(&exchange.body), self.edge))
    }
}

/// `url` with a path in lower case, when that is another address.
fn in_lower_case(url: &str) -> Option<String> {
    let mut lower = Url::parse(url).ok()?;
    if !badges::has_capitals(&lower) {
        return None;
    }
    lower.set_path(&lower.path().to_ascii_lowercase());
    Some(lower.into())
}
