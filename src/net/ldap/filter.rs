//! Search filters as text (RFC 4515): what is wrong with one and where, and literals that stay literals.
//!
//! Not here: sending them (ldap3 turns the text into bytes).

use super::LdapError;

/// Checks `filter`.
///
/// # Errors
/// [`LdapError::Filter`] with the place of the first mistake, in characters from 0.
pub fn check(filter: &str) -> Result<(), LdapError> {
    let _ = filter;
    unimplemented!()
}

/// `literal` as a value in a filter: every character stands for itself.
pub fn escape(literal: &str) -> String {
    let _ = literal;
    unimplemented!()
}

/// Entries where one of `attributes` contains every word of `text`, whatever its characters: `(|(cn=*mül*)(mail=*mül*))`.
/// `None` when there is nothing to look for.
pub fn contains_any(attributes: &[&str], text: &str) -> Option<String> {
    let _ = (attributes, text);
    unimplemented!()
}

/// Entries that match both filters.
pub fn both(one: &str, other: &str) -> String {
    let _ = (one, other);
    unimplemented!()
}
