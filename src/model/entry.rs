//! One directory entry, whole, with its values as the directory gave them.

use super::{Dn, Value};

/// An attribute and its values, in the order the server sent them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// As the server spells it, options included (`jpegPhoto;binary`).
    pub name: String,
    /// All values.
    pub values: Vec<Value>,
}

/// A directory entry. Attribute names are looked up without regard to case (RFC 4512, 2.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its distinguished name.
    pub dn: Dn,
    /// In the server's order.
    pub attributes: Vec<Attribute>,
}

impl Entry {
    /// The values of `name`, with or without options such as `;binary`; empty when it is absent.
    pub fn values(&self, name: &str) -> &[Value] {
        self.attributes
            .iter()
            .find(|attribute| attribute.name.split(';').next().is_some_and(|base| base.eq_ignore_ascii_case(name)))
            .map_or(&[], |attribute| &attribute.values)
    }

    /// The first value of `name` that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values(name).iter().find_map(Value::as_str)
    }

    /// The attribute is there, whatever its values.
    pub fn has(&self, name: &str) -> bool {
        !self.values(name).is_empty()
    }
}
