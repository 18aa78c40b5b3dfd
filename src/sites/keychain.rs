//! Passwords in the system's credential store, or nowhere: Keychain, Credential Manager, Secret Service.
//!
//! Every call may block (the store may ask to be unlocked): call from a job. Nothing here is ever logged.

use crate::model::{Directory, Problem, Secret};

/// Whether this computer has a credential store, and if not, why.
///
/// # Errors
/// The reason, in words.
pub fn available() -> Result<(), String> {
    unimplemented!()
}

/// The password kept for a site; `None` when there is none.
///
/// # Errors
/// When the store cannot be asked.
pub fn get(site: &str, directory: &Directory) -> Result<Option<Secret>, Problem> {
    let _ = (site, directory);
    unimplemented!()
}

/// Keeps `password` for a site.
///
/// # Errors
/// When the store does not take it.
pub fn set(site: &str, directory: &Directory, password: &Secret) -> Result<(), Problem> {
    let _ = (site, directory, password);
    unimplemented!()
}

/// Forgets the password of a site; nothing happens when there is none.
///
/// # Errors
/// When the store cannot be asked.
pub fn forget(site: &str, directory: &Directory) -> Result<(), Problem> {
    let _ = (site, directory);
    unimplemented!()
}
