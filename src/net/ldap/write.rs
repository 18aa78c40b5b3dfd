//! Writing: one modify that names the values it expects to find.

use super::{Connection, LdapError};
use crate::model::{Change, Unlocked};

impl Connection {
    /// Makes `change` in one modify that deletes the old values and adds the new ones, so that somebody else's change
    /// is refused ([`LdapError::Stale`], RFC 4511 codes 16 and 20) and never overwritten.
    ///
    /// # Errors
    /// What the server answers. After [`LdapError::Lost`] or a timeout nobody knows whether it was written:
    /// [`super::Session::write`] finds out.
    pub fn write(&mut self, change: &Change, unlocked: &Unlocked) -> Result<(), LdapError> {
        let _ = (change, unlocked);
        unimplemented!()
    }
}
