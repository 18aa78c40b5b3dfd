//! A site that is being typed: what the wizard's fields hold, what is wrong with them, and the site they come to.

use std::path::PathBuf;

use crate::model::{Fingerprint, Secret, Site};

/// What the wizard's fields hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The site, as far as its fields are values.
    pub site: Site,
    /// The file it came from.
    pub path: Option<PathBuf>,
    /// The port, as typed.
    pub port: String,
    /// Allowed hosts, as typed: separated by blanks or commas.
    pub hosts: String,
    /// As typed.
    pub password: Secret,
    /// Keep the password in the system's credential store.
    pub keep: bool,
    /// The certificate that is trusted until the window closes.
    pub trust_once: Option<Fingerprint>,
}
