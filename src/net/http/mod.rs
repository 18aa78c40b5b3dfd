//! Fetching a photo from a web server, fenced: only http and https, only hosts that were allowed, never further or
//! longer than the limits say. What came back, and how, is kept as an [`Exchange`].
//!
//! Not here: which addresses are fenced off (`fence.rs`), sockets and TLS (`wire.rs`), what an answer means for a
//! person's photo (`photo/judge.rs`).

use std::{
    collections::BTreeSet,
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use super::trust::TlsFault;
use crate::model::Problem;

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
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// Fetches `url` with GET.
///
/// # Errors
/// Why nothing came back. An HTTP status of 400 and above is an answer, not an error.
pub fn fetch(url: &str, fence: &Fence, limits: &Limits, cancelled: &AtomicBool) -> Result<Exchange, HttpError> {
    let _ = (url, fence, limits, cancelled);
    unimplemented!()
}

/// The form in which the host of `url` is allowed: `host` on the own port of its scheme, else `host:port`.
/// `None` for what is no http or https address.
pub fn host_key(url: &str) -> Option<String> {
    let _ = url;
    unimplemented!()
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
