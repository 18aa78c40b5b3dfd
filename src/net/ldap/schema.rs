//! What the schema says of an attribute (RFC 4512, 4.1.2).

use super::{Connection, LdapError, RootDse};

/// What the schema says of one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeType {
    /// All its names.
    pub names: Vec<String>,
    /// Object identifier of its syntax, inherited or its own.
    pub syntax: Option<String>,
    /// At most one value.
    pub single_value: bool,
}

impl Connection {
    /// What the schema says of `attribute`; `None` when it has no such attribute.
    ///
    /// # Errors
    /// As any search; also when the schema cannot be read.
    pub fn attribute_type(&mut self, root: &RootDse, attribute: &str) -> Result<Option<AttributeType>, LdapError> {
        let _ = (root, attribute);
        unimplemented!()
    }
}
