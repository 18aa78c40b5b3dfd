//! Fetching a photo from a web server, fenced: only http and https, only hosts that were allowed, never further or
//! longer than the limits say. What came back, and how, is kept as an [`Exchange`].
//!
//! Not here: which addresses are fenced off (`fence.rs`), sockets and TLS (`wire.rs`), what an answer means for a
//! person's photo (`photo/judge.rs`).

use std::{
    collections::BTreeSet,
    io::Read,
    net::IpAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use ureq::{Agent, Body, http::Response};
use url::Url;

use self::wire::Lookup;
use super::trust::{TlsFault, Trust};
use crate::{
    job::{Job, Poll, Stop, Waker},
    model::Problem,
};

mod fence;
mod wire;

/// Where a fetch may go. Redirects are held to it at each step, and so is the address that a name resolves to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fence {
    /// Hosts, as `host` (its scheme's own port) or `host:port`, that the administrator allowed, private ones included.
    pub allowed: BTreeSet<String>,
    /// A PEM file with certificate authorities to trust besides the system's.
    pub ca_file: Option<PathBuf>,
}

/// The bounds of one fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the body.
    pub bytes: usize,
    /// The whole, redirects included.
    pub time: Duration,
    /// Redirects that are followed.
    pub redirects: usize,
}

/// One answer on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// What was asked for.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// Where a redirect leads, as sent.
    pub location: Option<String>,
}

/// A finished conversation with a web server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Every answer, the last one the final.
    pub hops: Vec<Hop>,
    /// The final status.
    pub status: u16,
    /// `Content-Type` of the final answer.
    pub content_type: Option<String>,
    /// `Cache-Control` of the final answer: how long browsers keep the photo.
    pub cache_control: Option<String>,
    /// `Last-Modified` of the final answer, as sent.
    pub last_modified: Option<String>,
    /// The final body, within the limit.
    pub body: Arc<[u8]>,
    /// From the first byte out to the last byte in.
    pub elapsed: Duration,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// Not an absolute address.
    #[error("{url} is not a whole address: it has no scheme and host")]
    Relative {
        /// As found.
        url: String,
    },
    /// Not an address at all.
    #[error("{url} is not an address: {why}")]
    Malformed {
        /// As found.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// Neither http nor https.
    #[error("{scheme}: addresses are not fetched")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// The host was not allowed yet.
    #[error("{host} was not allowed yet")]
    NotAllowed {
        /// As `host` or `host:port`, the form to allow it in.
        host: String,
        /// Why it wants asking beyond being new: a private address, an odd port.
        because: Option<String>,
        /// The way so far: not empty when a redirect leads there.
        hops: Vec<Hop>,
    },
    /// Never fetched, whoever allows it: link-local addresses such as 169.254.169.254.
    #[error("{host} is at {address}, which is never fetched")]
    Forbidden {
        /// The host.
        host: String,
        /// Its address.
        address: IpAddr,
    },
    /// The host's name is unknown.
    #[error("no address is known for {host}")]
    UnknownHost {
        /// The host.
        host: String,
    },
    /// Nothing listens.
    #[error("{host} refuses the connection")]
    ConnectionRefused {
        /// As `host:port`.
        host: String,
    },
    /// No way leads there from this network.
    #[error("no way leads to {host} from this computer's network")]
    Unreachable {
        /// The host.
        host: String,
    },
    /// No answer in time.
    #[error("{host} does not answer within {seconds} s")]
    Timeout {
        /// The host.
        host: String,
        /// How long was waited.
        seconds: u64,
    },
    /// TLS does not stand.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// More redirects than are followed.
    #[error("the address leads in a circle: {} redirects and no end", .hops.len())]
    TooManyRedirects {
        /// The way so far.
        hops: Vec<Hop>,
    },
    /// More bytes than are fetched.
    #[error("the answer is longer than {limit} bytes")]
    TooLong {
        /// In bytes.
        limit: usize,
        /// The way so far.
        hops: Vec<Hop>,
    },
    /// The connection ended in the middle of the answer.
    #[error("{host} ended the connection in the middle of the answer, after {received} bytes")]
    CutOff {
        /// The host.
        host: String,
        /// Bytes of the body that came.
        received: usize,
    },
    /// It spoke no HTTP.
    #[error("{host} answers, but not as a web server does: {text}")]
    Protocol {
        /// The host.
        host: String,
        /// What was wrong.
        text: String,
    },
    /// The caller asked to stop.
    #[error("stopped")]
    Cancelled,
}

/// Fetches `url` with GET: no cookies, no proxy from the environment. Stops within a blink once `cancelled` is set.
///
/// # Errors
/// Why nothing came back. An HTTP status of 400 and above is an answer, not an error.
pub fn fetch(url: &str, fence: &Fence, limits: &Limits, cancelled: &AtomicBool) -> Result<Exchange, HttpError> {
    fetch_with(url, fence, limits, cancelled, wire::system_lookup())
}

/// Holds `url` to `fence` without fetching anything.
///
/// # Errors
/// Why [`fetch`] would not begin.
pub fn check(url: &str, fence: &Fence) -> Result<(), HttpError> {
    fence::check(&fence::parse(url)?, fence)
}

/// The form in which the host of `url` is allowed: `host` on the own port of its scheme, else `host:port`.
/// `None` for what is no http or https address.
pub fn host_key(url: &str) -> Option<String> {
    fence::parse(url).ok().map(|url| fence::key(&url))
}

/// The conversation runs on a thread of its own, because neither looking up a name nor connecting can be interrupted:
/// whoever cancels, or ran out of time, leaves it behind, and it ends with its own time limit.
fn fetch_with(
    url: &str,
    fence: &Fence,
    limits: &Limits,
    cancelled: &AtomicBool,
    lookup: Lookup,
) -> Result<Exchange, HttpError> {
    let url = fence::parse(url)?;
    fence::check(&url, fence)?;
    let host = fence::key(&url);
    let started = Instant::now();
    let agent = wire::agent(Trust { ca_file: fence.ca_file.clone(), pinned: None }, lookup);
    let conversation = Conversation { agent: agent.clone(), fence: fence.clone(), limits: *limits, started };
    let job = Job::spawn("fetch", Waker::none(), move |report| report.send(conversation.run(url)));
    loop {
        match job.poll_within(CANCEL_STEP) {
            Poll::Event(result) => return result,
            Poll::Ended(end) => {
                let text = match end {
                    Err(Stop::Failed(problem)) => problem.to_string(),
                    Err(Stop::Cancelled) | Ok(()) => "no result".to_owned(),
                };
                return Err(HttpError::Protocol { host, text });
            }
            Poll::Pending if cancelled.load(Ordering::Relaxed) => {
                agent.shutdown();
                return Err(HttpError::Cancelled);
            }
            Poll::Pending if started.elapsed() > limits.time + CANCEL_STEP => {
                agent.shutdown();
                return Err(HttpError::Timeout { host, seconds: whole_seconds(limits.time) });
            }
            Poll::Pending => {}
        }
    }
}

/// How often a waiting fetch looks whether it was cancelled.
const CANCEL_STEP: Duration = Duration::from_millis(50);

/// One fetch with its redirects.
struct Conversation {
    agent: Agent,
    fence: Fence,
    limits: Limits,
    started: Instant,
}

impl Conversation {
    fn run(&self, mut url: Url) -> Result<Exchange, HttpError> {
        let mut hops = Vec::new();
        let mut seen = BTreeSet::new();
        loop {
            seen.insert(url.to_string());
            let response = self.ask(&url)?;
            let status = response.status().as_u16();
            let location = header(&response, "location");
            hops.push(Hop { url: url.to_string(), status, location: location.as_deref().map(fence::shown) });
            let Some(location) = location.filter(|_| matches!(status, 301 | 302 | 303 | 307 | 308)) else {
                return self.read(&url, response, hops);
            };
            let next = fence::join(&url, &location)?;
            if seen.contains(next.as_str()) || hops.len() > self.limits.redirects {
                return Err(HttpError::TooManyRedirects { hops });
            }
            if let Err(error) = fence::check(&next, &self.fence) {
                return Err(match error {
                    HttpError::NotAllowed { host, because, .. } => HttpError::NotAllowed { host, because, hops },
                    other => other,
                });
            }
            url = next;
        }
    }

    fn ask(&self, url: &Url) -> Result<Response<Body>, HttpError> {
        let left = self.limits.time.saturating_sub(self.started.elapsed());
        let request = self.agent.get(url.as_str()).config().timeout_global(Some(left)).build();
        request.call().map_err(|error| self.explain(error, url))
    }

    fn explain(&self, error: ureq::Error, url: &Url) -> HttpError {
        let port = url.port_or_known_default().unwrap_or_default();
        wire::explain(error, url.host_str().unwrap_or_default(), port, self.limits.time)
    }

    fn read(&self, url: &Url, response: Response<Body>, hops: Vec<Hop>) -> Result<Exchange, HttpError> {
        let limit = self.limits.bytes;
        let status = response.status().as_u16();
        let [content_type, cache_control, last_modified] =
            ["content-type", "cache-control", "last-modified"].map(|name| header(&response, name));
        let body = response.into_body();
        if body.content_length().is_some_and(|length| length > limit as u64) {
            return Err(HttpError::TooLong { limit, hops });
        }
        let mut bytes = Vec::new();
        // The reader's bound counts what comes out of decompression.
        if let Err(error) = body.into_with_config().limit(limit as u64).reader().read_to_end(&mut bytes) {
            return Err(match ureq::Error::from(error) {
                ureq::Error::BodyExceedsLimit(_) => HttpError::TooLong { limit, hops },
                error => match self.explain(error, url) {
                    HttpError::CutOff { host, .. } => HttpError::CutOff { host, received: bytes.len() },
                    other => other,
                },
            });
        }
        let elapsed = self.started.elapsed();
        let body = bytes.into();
        Ok(Exchange { hops, status, content_type, cache_control, last_modified, body, elapsed })
    }
}

fn header(response: &Response<Body>, name: &str) -> Option<String> {
    response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs_f32().ceil() as u64
}

impl Exchange {
    /// Whether the way led from https to http.
    pub fn downgraded(&self) -> bool {
        self.hops.windows(2).any(|pair| pair[0].url.starts_with("https:") && pair[1].url.starts_with("http:"))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 10 << 20, time: Duration::from_secs(10), redirects: 5 }
    }
}

impl HttpError {
    /// For a person.
    pub fn problem(&self) -> Problem {
        Problem::from_error(self, None)
    }
}
