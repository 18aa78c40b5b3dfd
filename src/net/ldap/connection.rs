//! One connection: opened and secured in steps, signed in, and driven through ldap3 without waiting longer than allowed.

use std::sync::{Arc, atomic::AtomicBool};

use super::{LdapError, OpenStep, Target};
use crate::{
    model::{Credentials, Dn},
    net::trust::Certificate,
};

/// An open connection, signed in or not.
pub struct Connection {}

impl Connection {
    /// Connects, and secures the connection as the target says; nothing is sent in clear that should not be. Once
    /// `cancelled` is set, whatever the connection waits for ends within 200 ms.
    ///
    /// # Errors
    /// The step that failed, as [`LdapError`].
    pub fn open(target: &Target, cancelled: &Arc<AtomicBool>) -> Result<Self, LdapError> {
        Self::open_observed(target, cancelled, &mut |_step| {})
    }

    /// [`Connection::open`], telling `observe` of each step taken; the step that fails is the one after.
    ///
    /// # Errors
    /// The step that failed, as [`LdapError`].
    pub fn open_observed(
        target: &Target,
        cancelled: &Arc<AtomicBool>,
        observe: &mut dyn FnMut(OpenStep),
    ) -> Result<Self, LdapError> {
        let _ = (target, cancelled, observe);
        unimplemented!()
    }

    /// The certificate the server showed, when there is TLS.
    pub fn certificate(&self) -> Option<&Certificate> {
        unimplemented!()
    }

    /// Signs in, and gives the DN found for the name. A name that is no DN is given as it is to servers that take it
    /// (Active Directory), else looked up first.
    ///
    /// # Errors
    /// [`LdapError::EmptyPassword`] before anything is sent; what the server answers.
    pub fn sign_in(&mut self, credentials: &Credentials) -> Result<Option<Dn>, LdapError> {
        let _ = credentials;
        unimplemented!()
    }
}
