//! The directory over LDAP. Blocking: one [`Connection`] a job, from a [`Session`] that connects again by itself.
//!
//! | file | what it is |
//! | --- | --- |
//! | `connection.rs` | one connection: open and secure; the operations go through ldap3 |
//! | `sign_in.rs` `search.rs` `write.rs` | the operations |
//! | `session.rs` | connections for the jobs of a site: kept, made anew, given up |
//! | `bulk.rs` over `wire.rs` and `ber.rs` | a hundred thousand people, as fast as the server gives them |
//! | `socket.rs` `wait.rs` | connecting; waiting no longer than allowed |
//! | `filter.rs` | RFC 4515: what is wrong with a filter and where; literals in filters |
//! | `root_dse.rs` `schema.rs` `rights.rs` | what the server is, knows and allows |
//! | `referral.rs` | other servers that hold parts of the tree |

mod ber;
mod bulk;
mod connection;
mod error;
pub mod filter;
mod referral;
mod rights;
mod root_dse;
mod schema;
mod search;
mod session;
mod sign_in;
mod socket;
mod wait;
mod wire;
mod write;

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

pub use connection::Connection;
pub use error::LdapError;
pub use rights::{Readability, WriteRight};
pub use root_dse::RootDse;
pub use schema::AttributeType;
pub use session::Session;
pub use write::same_values;

use super::trust::{Certificate, Trust};
use crate::model::{AttributeNames, Directory, DirectoryKind, Dn, Entry, Problem, Referrals, Server};

/// Everything needed to open a connection, without anything asked of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where.
    pub server: Server,
    /// Whom to trust.
    pub trust: Trust,
    /// For connecting, TLS included.
    pub connect_timeout: Duration,
    /// For each operation.
    pub operation_timeout: Duration,
    /// What software it is; `None` asks the root DSE where it matters.
    pub kind: Option<DirectoryKind>,
    /// Where a name to sign in as is looked up; `None` takes the server's first naming context.
    pub base: Option<Dn>,
    /// What to do with referrals. Only [`Referrals::Follow`] lets credentials go to another server.
    pub referrals: Referrals,
}

/// A step of [`Connection::open_observed`] that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenStep {
    /// The host's name is known.
    Resolved(Vec<IpAddr>),
    /// Somebody listens.
    Connected {
        /// Which of the addresses.
        address: SocketAddr,
        /// How long it took.
        elapsed: Duration,
    },
    /// TLS stands, and the certificate is accepted. Does not come for plain LDAP.
    Secured(Box<Certificate>),
}

/// What a search came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// In the server's order.
    pub entries: Vec<Entry>,
    /// There are more: the limit asked for, or one of the server's, cut the answer.
    pub cut: bool,
    /// Other servers that hold parts of the answer.
    pub referrals: Vec<Referral>,
}

/// Another server that holds part of the tree, as an LDAP URL (RFC 4516).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// As the server gave it.
    pub url: String,
    /// Why it was tried and not followed; `None` when the site does not follow referrals.
    pub failed: Option<Problem>,
}

/// Which people to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleQuery {
    /// Where.
    pub base: Dn,
    /// Which entries (RFC 4515).
    pub filter: String,
    /// What to read.
    pub attributes: AttributeNames,
    /// When each was last changed is read too.
    pub changed: bool,
    /// Entries in a page; 0 asks without paging.
    pub page_size: u32,
}

/// One person as the list needs it; borrowed from the answer. Absent values are empty; bytes that are not UTF-8 show as
/// U+FFFD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PersonRecord<'a> {
    /// The entry.
    pub dn: &'a str,
    /// First value of the name attribute.
    pub name: &'a str,
    /// First value of the mail attribute.
    pub mail: &'a str,
    /// First value of the account attribute.
    pub account: &'a str,
    /// First value of the photo URL attribute.
    pub photo_url: &'a str,
    /// How many values the photo URL attribute has.
    pub photo_urls: usize,
    /// `modifyTimestamp` or `whenChanged`, in generalized time.
    pub changed: &'a str,
}

/// How a listing ended. Whatever came before stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListEnd {
    /// All of it.
    Complete,
    /// The server's size limit (or another limit of its administrator's, code 11) cut it.
    SizeLimit,
    /// The server's time limit cut it.
    TimeLimit,
    /// The caller stopped it.
    Stopped,
}

/// What a listing came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// How it ended.
    pub end: ListEnd,
    /// Other servers that hold parts of the tree and were not asked.
    pub referrals: Vec<Referral>,
}

impl Target {
    /// The target of a site's directory.
    pub fn of(directory: &Directory) -> Self {
        let timeout = Duration::from_secs(directory.timeout_seconds);
        Self {
            server: directory.server.clone(),
            trust: Trust { ca_file: directory.ca_file.clone(), pinned: directory.pinned_certificate },
            connect_timeout: timeout,
            operation_timeout: timeout,
            kind: directory.kind,
            base: directory.base.clone(),
            referrals: directory.referrals,
        }
    }
}
