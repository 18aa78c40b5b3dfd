//! Reading: one entry, a search, a count. Entries keep the server's order, spelling and bytes.

use super::{Connection, Found, LdapError};
use crate::model::{Dn, Entry};

impl Connection {
    /// Reads one entry with all user attributes and the named `extra` ones (operational ones, such as
    /// `modifyTimestamp`).
    ///
    /// # Errors
    /// [`LdapError::NoSuchEntry`] when it is gone; as any search.
    pub fn read(&mut self, dn: &Dn, extra: &[&str]) -> Result<Entry, LdapError> {
        let _ = (dn, extra);
        unimplemented!()
    }

    /// Searches below `base` and gives at most `limit` entries; no `attributes` asks for all user attributes.
    ///
    /// # Errors
    /// [`LdapError::Filter`] before anything is sent; what the server answers. A size limit is not an error.
    pub fn search(&mut self, base: &Dn, filter: &str, attributes: &[&str], limit: u32) -> Result<Found, LdapError> {
        let _ = (base, filter, attributes, limit);
        unimplemented!()
    }

    /// How many entries below `base` match, counted up to `at_most`; `true` when there are more.
    ///
    /// # Errors
    /// As [`Connection::search`].
    pub fn count(&mut self, base: &Dn, filter: &str, at_most: usize) -> Result<(usize, bool), LdapError> {
        let _ = (base, filter, at_most);
        unimplemented!()
    }
}
