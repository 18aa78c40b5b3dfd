//! The directory over LDAP. Blocking; one [`Connection`] a job, from a [`Session`] that connects again by itself.

mod error;

use std::{ops::ControlFlow, sync::Arc, time::Duration};

pub use error::LdapError;

use super::trust::{Certificate, Trust};
use crate::model::{AttributeNames, Change, Credentials, Directory, DirectoryKind, Dn, Entry, Server, Unlocked};

/// Everything needed to open a connection, without anything asked of a person.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where.
    pub server: Server,
    /// Whom to trust.
    pub trust: Trust,
    /// For connecting, TLS included.
    pub connect_timeout: Duration,
    /// For each operation.
    pub operation_timeout: Duration,
}

/// A way to a directory that outlives its connections: cheap to clone, one for all jobs of a site.
#[derive(Clone)]
pub struct Session(Arc<SessionInner>);

struct SessionInner {
    target: Target,
    credentials: Credentials,
}

/// An open connection, signed in or not.
pub struct Connection {}

/// What the root DSE says (RFC 4512, 5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RootDse {
    /// Recognised from vendor, version and capabilities.
    pub kind: Option<DirectoryKind>,
    /// What the server calls itself.
    pub vendor: Option<String>,
    /// `namingContexts`, the default one first.
    pub naming_contexts: Vec<Dn>,
    /// Object identifiers of supported controls.
    pub controls: Vec<String>,
    /// Object identifiers of supported extensions.
    pub extensions: Vec<String>,
    /// Where the schema is.
    pub schema: Option<Dn>,
}

/// What the schema says of one attribute (RFC 4512, 4.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeType {
    /// All its names.
    pub names: Vec<String>,
    /// Object identifier of its syntax, inherited or its own.
    pub syntax: Option<String>,
    /// At most one value.
    pub single_value: bool,
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
    /// Entries in a page; 0 asks without paging.
    pub page_size: u32,
}

/// One person as the list needs it; borrowed from the answer. Absent values are empty.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListEnd {
    /// All of it.
    Complete,
    /// The server's size limit cut it.
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
    /// Other servers that hold parts of the tree, as LDAP URLs; not followed.
    pub referrals: Vec<String>,
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
        }
    }
}

impl Session {
    /// Opens nothing yet.
    pub fn new(target: Target, credentials: Credentials) -> Self {
        Self(Arc::new(SessionInner { target, credentials }))
    }

    /// Where it leads.
    pub fn target(&self) -> &Target {
        &self.0.target
    }

    /// Runs `work` on an open, signed-in connection: an idle one, or a new one. When an idle one turns out to be lost
    /// before `work` got any answer, a new one is opened and `work` runs again; so `work` must be able to.
    ///
    /// # Errors
    /// From connecting, signing in, or `work`.
    pub fn with<T>(&self, work: impl FnMut(&mut Connection) -> Result<T, LdapError>) -> Result<T, LdapError> {
        let _ = (work, &self.0.credentials);
        unimplemented!()
    }

    /// Lists people on a connection of its own; `each` sees them as the answer comes, and stops it with `Break`.
    ///
    /// # Errors
    /// From connecting, signing in or searching. A limit of the server's is not an error but a [`ListEnd`].
    pub fn list_people(
        &self,
        query: &PeopleQuery,
        each: &mut dyn FnMut(PersonRecord<'_>) -> ControlFlow<()>,
    ) -> Result<Listing, LdapError> {
        let _ = (query, each);
        unimplemented!()
    }
}

impl Connection {
    /// Connects, and secures the connection as the target says; nothing is sent in clear that should not be.
    ///
    /// # Errors
    /// The step that failed, as [`LdapError`].
    pub fn open(target: &Target) -> Result<Self, LdapError> {
        let _ = target;
        unimplemented!()
    }

    /// The certificate the server showed, when there is TLS.
    pub fn certificate(&self) -> Option<&Certificate> {
        unimplemented!()
    }

    /// Signs in, and gives the DN found for the name. A name that is no DN is given as it is to servers that take it,
    /// else looked up first.
    ///
    /// # Errors
    /// [`LdapError::EmptyPassword`] before anything is sent; what the server answers.
    pub fn sign_in(
        &mut self,
        credentials: &Credentials,
        kind: Option<DirectoryKind>,
        base: Option<&Dn>,
    ) -> Result<Option<Dn>, LdapError> {
        let _ = (credentials, kind, base);
        unimplemented!()
    }

    /// Reads the root DSE.
    ///
    /// # Errors
    /// As any search.
    pub fn root_dse(&mut self) -> Result<RootDse, LdapError> {
        unimplemented!()
    }

    /// What the schema says of `attribute`; `None` when it has no such attribute.
    ///
    /// # Errors
    /// As any search; also when the schema cannot be read.
    pub fn attribute_type(&mut self, root: &RootDse, attribute: &str) -> Result<Option<AttributeType>, LdapError> {
        let _ = (root, attribute);
        unimplemented!()
    }

    /// Reads one entry with all user attributes and the named `extra` ones.
    ///
    /// # Errors
    /// [`LdapError::NoSuchEntry`] when it is gone; as any search.
    pub fn read(&mut self, dn: &Dn, extra: &[&str]) -> Result<Entry, LdapError> {
        let _ = (dn, extra);
        unimplemented!()
    }

    /// Searches below `base` and gives at most `limit` entries.
    ///
    /// # Errors
    /// As any search.
    pub fn search(
        &mut self,
        base: &Dn,
        filter: &str,
        attributes: &[&str],
        limit: u32,
    ) -> Result<Vec<Entry>, LdapError> {
        let _ = (base, filter, attributes, limit);
        unimplemented!()
    }

    /// Makes `change` in one modify that deletes the old values and adds the new ones, so that somebody else's change
    /// is refused ([`LdapError::Stale`], RFC 4511 codes 16 and 20) and never overwritten.
    ///
    /// # Errors
    /// What the server answers.
    pub fn write(&mut self, change: &Change, unlocked: &Unlocked) -> Result<(), LdapError> {
        let _ = (change, unlocked);
        unimplemented!()
    }
}
