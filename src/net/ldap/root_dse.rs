//! What the server says of itself: the root DSE (RFC 4512, 5.1), and the kind of software recognised from it.

use super::{Connection, LdapError};
use crate::model::{DirectoryKind, Dn};

/// What the root DSE says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RootDse {
    /// Recognised from vendor, version and capabilities.
    pub kind: Option<DirectoryKind>,
    /// What the server calls itself.
    pub vendor: Option<String>,
    /// `namingContexts`, the default one first.
    pub naming_contexts: Vec<Dn>,
    /// Object identifiers of supported controls.
    pub controls: Vec<String>,
    /// Object identifiers of supported extensions.
    pub extensions: Vec<String>,
    /// Where the schema is.
    pub schema: Option<Dn>,
}

impl Connection {
    /// Reads the root DSE.
    ///
    /// # Errors
    /// As any search.
    pub fn root_dse(&mut self) -> Result<RootDse, LdapError> {
        unimplemented!()
    }
}
