//! Whether the account may read or write an attribute, as far as the server lets one know without writing anything.

use super::{Connection, LdapError, RootDse};
use crate::model::Dn;

/// Whether an attribute of one entry can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readability {
    /// It has a value, and here it is.
    Readable,
    /// It has none, and one would be shown.
    NotSet,
    /// The account may not read it, whether it is set or not.
    NotAllowed,
    /// The server does not tell the two apart.
    Unknown {
        /// Why it is not known, as a clause for a sentence.
        why: String,
    },
}

/// Whether an attribute of one entry can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteRight {
    /// The server says so.
    Allowed,
    /// The server says not.
    Denied,
    /// Only writing would show.
    Unknown {
        /// Why it is not known, as a clause for a sentence.
        why: String,
    },
}

impl Connection {
    /// Whether the account may read `attribute` of the entry `dn`.
    ///
    /// # Errors
    /// As any search.
    pub fn readability(&mut self, root: &RootDse, dn: &Dn, attribute: &str) -> Result<Readability, LdapError> {
        let _ = (root, dn, attribute);
        unimplemented!()
    }

    /// Whether the account may write `attribute` of the entry `dn`. Nothing is written to find out.
    ///
    /// # Errors
    /// As any search.
    pub fn write_right(&mut self, root: &RootDse, dn: &Dn, attribute: &str) -> Result<WriteRight, LdapError> {
        let _ = (root, dn, attribute);
        unimplemented!()
    }
}
