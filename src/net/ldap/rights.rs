//! Whether the account may read or write an attribute, as far as the server lets one know without changing anything.

use std::collections::HashSet;

use ldap3::Mod;

use super::{Connection, LdapError, RootDse};
use crate::model::{DirectoryKind, Dn};

/// Active Directory's list of what the account may write, and that of what the entry may have at all.
const EFFECTIVE: &str = "allowedAttributesEffective";
const ALLOWED: &str = "allowedAttributes";
/// A value that no attribute has.
const NOBODYS: &str = "photodesk-asks-whether-this-could-be-removed";

/// Whether an attribute of one entry can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readability {
    /// It has a value, and the account sees it.
    Readable,
    /// It has none, and one would be seen.
    NotSet,
    /// The account may not read it.
    NotAllowed,
    /// The server does not tell the two apart.
    Unknown {
        /// Why it is not known, as a clause for a sentence.
        why: String,
    },
}

/// Whether an attribute of one entry can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteRight {
    /// The server says so.
    Allowed,
    /// The server says not.
    Denied,
    /// Only writing would show.
    Unknown {
        /// Why it is not known, as a clause for a sentence.
        why: String,
    },
}

impl Connection {
    /// Whether the account may read `attribute` of the entry `dn`. A missing value is told from a hidden one by a
    /// compare (RFC 4511, 4.10), which needs less than the right to read: whoever may not compare may not read.
    ///
    /// # Errors
    /// As any search.
    pub fn readability(&mut self, root: &RootDse, dn: &Dn, attribute: &str) -> Result<Readability, LdapError> {
        if self.read_only(dn, &[attribute])?.has(attribute) {
            return Ok(Readability::Readable);
        }
        let mut ldap = self.ldap.clone();
        let code = self.answer(ldap.compare(dn.as_str(), attribute, "http://photos.example.com/"))?.0.rc;
        let unknown = |why: &str| Ok(Readability::Unknown { why: why.to_owned() });
        match (code, root.kind) {
            // compareFalse, compareTrue: it has a value that was not shown; insufficientAccessRights
            (5 | 6 | 50, _) => Ok(Readability::NotAllowed),
            (17, _) => unknown("the directory's schema has no such attribute"),
            // noSuchAttribute, from servers known to check the right first
            (16, Some(DirectoryKind::OpenLdap | DirectoryKind::Ds389)) => Ok(Readability::NotSet),
            (16, Some(DirectoryKind::ActiveDirectory)) => {
                unknown("Active Directory answers the same for a hidden value and for none")
            }
            (18 | 21, _) => unknown("values of this attribute cannot be compared"),
            _ => unknown("this directory does not tell a hidden value from none"),
        }
    }

    /// Whether the account may write `attribute` of the entry `dn`. Nothing is written to find out: Active Directory
    /// says it itself, and others are asked to remove a value that is not there. That cannot change anything (RFC 4511,
    /// 4.6: such a modification fails as a whole), and servers that look at rights first answer with what we want to
    /// know.
    ///
    /// # Errors
    /// As any search.
    pub fn write_right(&mut self, root: &RootDse, dn: &Dn, attribute: &str) -> Result<WriteRight, LdapError> {
        match root.kind {
            Some(DirectoryKind::ActiveDirectory) => self.effective_right(dn, attribute),
            Some(DirectoryKind::OpenLdap | DirectoryKind::Ds389) => self.right_to_remove_nothing(dn, attribute),
            _ => Ok(unknown_right("this directory shows it only when something is written")),
        }
    }

    fn effective_right(&mut self, dn: &Dn, attribute: &str) -> Result<WriteRight, LdapError> {
        let entry = self.read_only(dn, &[EFFECTIVE, ALLOWED])?;
        let mut allowed = entry.values(EFFECTIVE).iter().filter_map(|value| value.as_str());
        if !entry.has(EFFECTIVE) && !entry.has(ALLOWED) {
            // The former is left out when it is empty; the latter never is, so that this server makes no such lists, or
            // not for this account.
            return Ok(unknown_right("the directory does not list what this account may write"));
        }
        Ok(if allowed.any(|name| name.eq_ignore_ascii_case(attribute)) {
            WriteRight::Allowed
        } else {
            WriteRight::Denied
        })
    }

    fn right_to_remove_nothing(&mut self, dn: &Dn, attribute: &str) -> Result<WriteRight, LdapError> {
        let entry = self.read_only(dn, &[attribute])?;
        if entry.values(attribute).iter().any(|value| value.as_str() == Some(NOBODYS)) {
            return Ok(unknown_right("the value that is asked about is in use"));
        }
        let remove = Mod::Delete(attribute, HashSet::from([NOBODYS]));
        let mut ldap = self.ldap.clone();
        Ok(match self.answer(ldap.modify(dn.as_str(), vec![remove]))?.rc {
            16 => WriteRight::Allowed, // noSuchAttribute: it would have been removed
            50 => WriteRight::Denied,  // insufficientAccessRights
            8 | 53 => unknown_right("the directory takes no changes now"), // read-only, or a replica
            _ => unknown_right("the directory does not say"),
        })
    }
}

fn unknown_right(why: &str) -> WriteRight {
    WriteRight::Unknown { why: why.to_owned() }
}
