//! What core, mod_dir and their like keep: document roots, Options, overrides, error documents, handlers.

use bstr::BString;

use super::level::Level;

/// Of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// `ServerName`, without scheme and port.
    pub name: Option<BString>,
    /// The port of `ServerName`.
    pub port: Option<u16>,
    /// `DocumentRoot`, absolute, without a slash at its end.
    pub document_root: BString,
    /// `ServerAdmin`.
    pub admin: BString,
    /// `ServerRoot`, where relative file names start; only of the main server.
    pub server_root: BString,
}

/// Of a section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dir {
    /// Bits of [`options`]; none when `Options` was not said.
    pub options: Option<u16>,
}

/// Bits of `Options`.
pub mod options {
    /// `Indexes`.
    pub const INDEXES: u16 = 1;
    /// `FollowSymLinks`.
    pub const FOLLOW_SYM_LINKS: u16 = 4;
    /// `SymLinksIfOwnerMatch`.
    pub const SYM_LINKS_IF_OWNER: u16 = 32;
}

impl Dir {
    /// `inner` on top of this.
    pub fn merge(&self, inner: &Self, _level: Level) -> Self {
        Self { options: inner.options.or(self.options) }
    }
}
