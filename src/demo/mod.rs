//! A whole site on loopback: an LDAP server, a photo web server, people, and planted faults.
//!
//! Nothing of it leaves the machine: every socket is bound to 127.0.0.1, on a port the system chooses. The password is
//! public. Not here: what the window does with the site; to it this is a site like any other.

mod faults;

use std::time::Duration;

pub use self::faults::{Fault, PLANTED, Planted};
use crate::model::{Credentials, Problem, Site};

/// What a demo site can be asked to be; tests ask for many people, small limits and slow answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoOptions {
    /// How many people there are, those with planted faults included; never fewer than those.
    pub people: usize,
    /// How many entries one search without paging may return before it ends with code 4; `None`: all.
    pub size_limit: Option<u32>,
    /// Whether pages may go beyond `size_limit`, as with Active Directory; OpenLDAP counts all pages together.
    pub paging_lifts_limit: bool,
    /// How long each search (each page of it) waits before its first entry.
    pub search_delay: Duration,
    /// How long the slow photo waits before its first byte.
    pub slow_photo: Duration,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            people: 400,
            size_limit: Some(500), // OpenLDAP's own default
            paging_lifts_limit: true,
            search_delay: Duration::ZERO,
            slow_photo: Duration::from_secs(8),
        }
    }
}

/// The running servers. Dropping it stops them and frees their ports.
pub struct Demo {}

impl Demo {
    /// The demo site as everybody sees it.
    ///
    /// # Errors
    /// When the system gives no port on loopback.
    pub fn start() -> Result<Self, Problem> {
        Self::start_with(DemoOptions::default())
    }

    /// A demo site of another size or pace.
    ///
    /// # Errors
    /// When the system gives no port on loopback.
    #[expect(clippy::unimplemented, reason = "the servers follow")]
    pub fn start_with(_options: DemoOptions) -> Result<Self, Problem> {
        unimplemented!()
    }

    /// How to connect to it: a site file like any other.
    #[expect(clippy::unimplemented, reason = "the servers follow")]
    pub fn site(&self) -> Site {
        unimplemented!()
    }

    /// The administrator's name and password; both are public.
    #[expect(clippy::unimplemented, reason = "the servers follow")]
    pub fn credentials(&self) -> Credentials {
        unimplemented!()
    }

    /// Puts directory and web server back to what they were at the start, byte for byte.
    #[expect(clippy::unimplemented, reason = "the servers follow")]
    pub fn reset(&self) {
        unimplemented!()
    }

    /// Where the directory listens.
    #[expect(clippy::unimplemented, reason = "the servers follow")]
    pub fn ldap_port(&self) -> u16 {
        unimplemented!()
    }

    /// Where the photo web server listens.
    #[expect(clippy::unimplemented, reason = "the servers follow")]
    pub fn web_port(&self) -> u16 {
        unimplemented!()
    }

    /// Where the same photos are served with a certificate of an unknown issuer.
    #[expect(clippy::unimplemented, reason = "the servers follow")]
    pub fn https_port(&self) -> u16 {
        unimplemented!()
    }
}
