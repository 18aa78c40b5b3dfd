//! What goes wrong between us and a directory, named by what the administrator can do about it.

use crate::{
    model::{Dn, Problem, Server},
    net::trust::TlsFault,
};

/// What went wrong between us and the directory.
#[derive(Debug, thiserror::Error)]
pub enum LdapError {
    /// The host's name is unknown.
    #[error("no address is known for {host}")]
    UnknownHost {
        /// The host.
        host: String,
    },
    /// Nothing listens, or a firewall says no.
    #[error("{server} refuses the connection")]
    ConnectionRefused {
        /// The server.
        server: Server,
    },
    /// No answer in time.
    #[error("{server} does not answer within {seconds} s")]
    Timeout {
        /// The server.
        server: Server,
        /// How long was waited.
        seconds: u64,
    },
    /// TLS does not stand. Nothing was sent.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The server does not do StartTLS. Nothing was sent.
    #[error("{server} refuses StartTLS: {text}")]
    StartTlsRefused {
        /// The server.
        server: Server,
        /// Its words.
        text: String,
    },
    /// A name without a password would be an anonymous sign-in.
    #[error("no password was given for {name}")]
    EmptyPassword {
        /// The name to sign in as.
        name: String,
    },
    /// Wrong name or password (code 49).
    #[error("the directory does not accept this name and password")]
    InvalidCredentials {
        /// The server's words.
        text: String,
    },
    /// The directory wants TLS or signing first (code 8 or 13).
    #[error("the directory accepts a password only over TLS")]
    StrongerAuthRequired {
        /// The server's words.
        text: String,
    },
    /// The name to sign in as belongs to nobody, or to several.
    #[error("{found} entries go by the name {name}")]
    NameNotUnique {
        /// The name.
        name: String,
        /// How many.
        found: usize,
    },
    /// The entry does not exist (code 32).
    #[error("there is no entry {dn}")]
    NoSuchEntry {
        /// The entry.
        dn: Dn,
    },
    /// Not allowed (code 50).
    #[error("the account may not do this")]
    InsufficientRights {
        /// The server's words.
        text: String,
    },
    /// The values are no longer those the change was planned from.
    #[error("{dn} was changed by somebody else")]
    Stale {
        /// The entry.
        dn: Dn,
    },
    /// The filter is not one.
    #[error("the filter is wrong at character {at}: {why}")]
    Filter {
        /// Character, from 0.
        at: usize,
        /// What is wrong.
        why: String,
    },
    /// The connection ended before the answer.
    #[error("the connection to {server} was lost")]
    Lost {
        /// The server.
        server: Server,
    },
    /// The server answered something that is no LDAP.
    #[error("{server} answers, but not as a directory does")]
    Protocol {
        /// The server.
        server: Server,
        /// What was wrong.
        text: String,
    },
    /// Another answer; `code` is the LDAP result code (RFC 4511, appendix A).
    #[error("the directory refused with code {code}: {text}")]
    Refused {
        /// The result code.
        code: u32,
        /// The server's words.
        text: String,
    },
    /// The caller asked to stop.
    #[error("stopped")]
    Cancelled,
}

impl LdapError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        unimplemented!()
    }

    /// For a person.
    pub fn problem(&self) -> Problem {
        Problem::from_error(self, self.hint())
    }
}
