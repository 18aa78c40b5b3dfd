//! Certificates: whom we trust, what a refused one says, and how it is shown to a person.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::model::Fingerprint;

/// Whom a connection trusts besides the system's certificate authorities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// A PEM file with more authorities.
    pub ca_file: Option<PathBuf>,
    /// The one certificate to accept, whoever issued it and for whatever name. Any other is [`TlsFault::Changed`].
    pub pinned: Option<Fingerprint>,
}

/// A certificate as shown to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The subject's distinguished name, or its common name.
    pub subject: String,
    /// DNS names and addresses it is valid for.
    pub names: Vec<String>,
    /// Who issued it.
    pub issuer: String,
    /// First moment of validity.
    pub not_before: Timestamp,
    /// Last moment of validity.
    pub not_after: Timestamp,
    /// SHA-256 of its DER form.
    pub sha256: Fingerprint,
}

/// Why TLS does not stand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// No authority that we trust issued it.
    #[error("the certificate was issued by {}, which this computer does not know", .shown.issuer)]
    UnknownIssuer {
        /// What the server showed.
        shown: Box<Certificate>,
    },
    /// It is for another host.
    #[error("the certificate is for {}, not for {asked}", .shown.names.join(", "))]
    WrongName {
        /// The host that was asked for.
        asked: String,
        /// What the server showed.
        shown: Box<Certificate>,
    },
    /// Its time is over.
    #[error("the certificate expired on {}", .shown.not_after)]
    Expired {
        /// What the server showed.
        shown: Box<Certificate>,
    },
    /// Its time has not come.
    #[error("the certificate is valid only from {} on", .shown.not_before)]
    NotYetValid {
        /// What the server showed.
        shown: Box<Certificate>,
    },
    /// It is not the one pinned for the site.
    #[error("the certificate is not the one that was trusted for this site")]
    Changed {
        /// The one trusted.
        pinned: Fingerprint,
        /// What the server showed.
        shown: Box<Certificate>,
    },
    /// The file with authorities cannot be used.
    #[error("the file with certificate authorities, {}, cannot be used: {why}", .path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Anything else that ends a handshake: no common version, not TLS at all.
    #[error("TLS did not come about: {text}")]
    Handshake {
        /// The library's words.
        text: String,
    },
}
