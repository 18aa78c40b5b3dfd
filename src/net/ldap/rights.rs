//! What the account may do with one attribute of one entry, asked without writing anything.

use super::{Connection, LdapError, RootDse};
use crate::model::Dn;

/// What the server let one find out; `None` where it does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Its values are shown to the account when there are any.
    pub read: Option<bool>,
    /// Its values may be changed.
    pub write: Option<bool>,
}

impl Connection {
    /// Asks what the account may do with `attribute` of `dn`. Nothing is written.
    ///
    /// # Errors
    /// As any operation; a refusal is an answer, not an error.
    pub fn rights(&mut self, root: &RootDse, dn: &Dn, attribute: &str) -> Result<Rights, LdapError> {
        let _ = (root, dn, attribute);
        unimplemented!()
    }
}
