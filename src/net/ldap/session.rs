//! A way to a directory that outlives its connections: idle ones are kept, lost ones made anew.

use std::{
    ops::ControlFlow,
    sync::{Arc, atomic::AtomicBool},
};

use super::{Connection, LdapError, Listing, PeopleQuery, PersonRecord, Target};
use crate::model::{Change, Credentials, Dn, Unlocked};

/// A way to a directory: cheap to clone, one for all jobs of a site.
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
    cancelled: Arc<AtomicBool>,
}

struct Shared {
    target: Target,
    credentials: Credentials,
}

impl Session {
    /// Opens nothing yet.
    pub fn new(target: Target, credentials: Credentials) -> Self {
        Self { shared: Arc::new(Shared { target, credentials }), cancelled: Arc::default() }
    }

    /// The same session for a job: once `cancelled` is set, whatever it waits for ends within 200 ms with
    /// [`LdapError::Cancelled`].
    pub fn for_job(&self, cancelled: Arc<AtomicBool>) -> Self {
        Self { shared: Arc::clone(&self.shared), cancelled }
    }

    /// Where it leads.
    pub fn target(&self) -> &Target {
        &self.shared.target
    }

    /// The DN it signed in as, once it did and the server told.
    pub fn signed_in_as(&self) -> Option<Dn> {
        let _ = (&self.cancelled, &self.shared.credentials);
        unimplemented!()
    }

    /// Runs `work` on an open, signed-in connection: an idle one, or a new one. When the connection turns out to be
    /// lost, a new one is opened and `work` runs once more, from its beginning; not so once it wrote anything.
    ///
    /// # Errors
    /// From connecting, signing in, or `work`.
    pub fn with<T>(&self, work: impl FnMut(&mut Connection) -> Result<T, LdapError>) -> Result<T, LdapError> {
        let _ = work;
        unimplemented!()
    }

    /// Makes `change` (see [`Connection::write`]). When the connection is lost before the answer, the values are read
    /// back on a new one to find out whether it was made; it is never sent twice.
    ///
    /// # Errors
    /// As [`Connection::write`]; [`LdapError::Lost`] then means that nothing was written, or that nobody knows.
    pub fn write(&self, change: &Change, unlocked: &Unlocked) -> Result<(), LdapError> {
        let _ = (change, unlocked);
        unimplemented!()
    }

    /// Lists people on a connection of its own; `each` sees them as the answer comes, and stops it with `Break`.
    ///
    /// # Errors
    /// From connecting, signing in or searching; rows already given stay valid. A limit of the server's is not an
    /// error but a [`super::ListEnd`].
    pub fn list_people(
        &self,
        query: &PeopleQuery,
        each: &mut dyn FnMut(PersonRecord<'_>) -> ControlFlow<()>,
    ) -> Result<Listing, LdapError> {
        let _ = (query, each);
        unimplemented!()
    }
}
