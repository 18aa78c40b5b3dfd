//! Writing: one modify that names the values it expects to find, so that somebody else's change is never overwritten.
//!
//! Deleting a value that is gone is refused by the server (RFC 4511, code 16), which makes *replace* and *remove* safe by
//! themselves. Two things the protocol does not refuse: adding a first value to an attribute of many values that
//! somebody has filled meanwhile, and values that somebody added beside the ones we know. The former is refused where the
//! server knows the assertion control (RFC 4528); both are looked for right before the write. What remains is the time
//! between that look and the write, one round trip; nothing is overwritten even then, both values stand side by side,
//! and reading back shows them.

use std::collections::HashSet;

use ldap3::{
    Mod,
    controls::{Assertion, MakeCritical, RawControl},
};

use super::{Connection, LdapError, filter};
use crate::model::{Change, ChangeKind, Dn, Place, Unlocked, Value};

/// The assertion control (RFC 4528).
const ASSERTION: &str = "1.3.6.1.1.12";

impl Connection {
    /// Makes `change` in one modify that deletes the old values and adds the new ones, so that somebody else's change
    /// is refused ([`LdapError::Stale`]) and never overwritten. Never follows a referral.
    ///
    /// # Errors
    /// What the server answers. After [`LdapError::Lost`], a timeout or a cancel nobody knows whether it was written:
    /// [`super::Session::write`] finds out.
    pub fn write(&mut self, change: &Change, unlocked: &Unlocked) -> Result<(), LdapError> {
        let _: &Unlocked = unlocked; // having one is the point
        if change.kind() == ChangeKind::Nothing {
            return Ok(());
        }
        let Place::Attribute { dn, attribute, .. } = &change.place;
        if !same_values(&self.values(dn, attribute)?, &change.before) {
            return Err(LdapError::Stale { dn: dn.clone() });
        }
        let controls = if change.before.is_empty() { self.still_absent(attribute)? } else { Vec::new() };
        let mut ldap = self.ldap.clone();
        ldap.with_controls(controls);
        self.wrote = true;
        let result = self.answer(ldap.modify(dn.as_str(), modifications(attribute, change)))?;
        let (attribute, text) = (attribute.clone(), result.text);
        match result.rc {
            0 => Ok(()),
            10 => Err(LdapError::Referral { urls: result.refs }),
            // Active Directory says noSuchAttribute for one that its schema does not have; nothing was to be deleted here.
            16 if change.before.is_empty() => Err(LdapError::NoSuchAttribute { attribute, text }),
            // noSuchAttribute, assertionFailed
            16 | 122 => Err(LdapError::Stale { dn: dn.clone() }),
            17 | 65 => Err(LdapError::NoSuchAttribute { attribute, text }),
            // constraintViolation, attributeOrValueExists: a second value where one is allowed, which may be somebody
            // else's or one of ours, or a value against the directory's rules.
            19 | 20 if !same_values(&self.values(dn, &attribute)?, &change.before) => {
                Err(LdapError::Stale { dn: dn.clone() })
            }
            19..=21 => Err(LdapError::InvalidValue { attribute, text }),
            32 => Err(LdapError::NoSuchEntry { dn: dn.clone() }),
            code => Err(LdapError::refused(code, text)),
        }
    }

    /// The values that `attribute` of `dn` has now.
    ///
    /// # Errors
    /// As any search.
    pub fn values(&mut self, dn: &Dn, attribute: &str) -> Result<Vec<Value>, LdapError> {
        Ok(self.read_only(dn, &[attribute])?.values(attribute).to_vec())
    }

    /// Makes the server itself refuse when the attribute has a value by now, where it can.
    fn still_absent(&mut self, attribute: &str) -> Result<Vec<RawControl>, LdapError> {
        let absent = format!("(!({attribute}=*))");
        filter::check(&absent)?;
        let known = self.root_dse()?.controls.iter().any(|control| control == ASSERTION);
        // ldap3 panics on a filter that it cannot read.
        let usable = known && ldap3::parse_filter(&absent).is_ok();
        Ok(if usable { vec![Assertion { filter: absent }.critical().into()] } else { Vec::new() })
    }
}

/// The same values in any order: LDAP keeps none.
pub fn same_values(one: &[Value], other: &[Value]) -> bool {
    let set = |values: &[Value]| values.iter().cloned().collect::<HashSet<Value>>();
    one.len() == other.len() && set(one) == set(other)
}

/// One modification a new value: servers keep them in this order, and clients show the first.
fn modifications(attribute: &str, change: &Change) -> Vec<Mod<Vec<u8>>> {
    let attribute = || attribute.as_bytes().to_vec();
    let old: HashSet<Vec<u8>> = change.before.iter().map(|value| value.0.clone()).collect();
    let delete = (!old.is_empty()).then(|| Mod::Delete(attribute(), old));
    let add = change.after.iter().map(|value| Mod::Add(attribute(), HashSet::from([value.0.clone()])));
    delete.into_iter().chain(add).collect()
}
