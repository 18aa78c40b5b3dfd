//! One thing to be written somewhere, with its old value; its inverse is what undo writes.

use serde::{Deserialize, Serialize};

use super::{Dn, Value};

/// Where something is written. More kinds follow: photo files, configuration files.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Place {
    /// All values of one attribute of one entry.
    Attribute {
        /// The directory, as `ldaps://dc1.example.com:636`.
        directory: String,
        /// The entry.
        dn: Dn,
        /// The attribute's name.
        attribute: String,
    },
}

/// What becomes of the values at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// There was nothing.
    Set,
    /// Something else was there.
    Replace,
    /// Nothing will be there.
    Remove,
    /// What is there already.
    Nothing,
}

/// A place, what was there when the administrator looked, and what shall be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Where.
    pub place: Place,
    /// Whom it concerns, as shown: a person's name.
    pub subject: String,
    /// The values seen before; empty when there were none. Writing is refused when they are no longer there.
    pub before: Vec<Value>,
    /// The values to be there after; empty to remove them all.
    pub after: Vec<Value>,
}

impl Change {
    /// The change that takes this one back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self {
            place: self.place.clone(),
            subject: self.subject.clone(),
            before: self.after.clone(),
            after: self.before.clone(),
        }
    }

    /// What kind of change it is.
    pub fn kind(&self) -> ChangeKind {
        match (self.before.is_empty(), self.after.is_empty()) {
            _ if self.before == self.after => ChangeKind::Nothing,
            (true, _) => ChangeKind::Set,
            (_, true) => ChangeKind::Remove,
            _ => ChangeKind::Replace,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, ChangeKind, Place};
    use crate::model::{Dn, Value};

    fn change(before: &[&str], after: &[&str]) -> Change {
        let values = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect();
        Change {
            place: Place::Attribute {
                directory: "ldap://127.0.0.1:389".to_owned(),
                dn: Dn::new("uid=a,dc=example"),
                attribute: "photoURL".to_owned(),
            },
            subject: "Asha Patel".to_owned(),
            before: values(before),
            after: values(after),
        }
    }

    #[test]
    fn the_inverse_of_the_inverse_is_the_change() {
        let cases = [
            (&["http://a"][..], &["http://b"][..], ChangeKind::Replace, ChangeKind::Replace),
            (&[], &["http://b"], ChangeKind::Set, ChangeKind::Remove),
            (&["http://a"], &[], ChangeKind::Remove, ChangeKind::Set),
            (&["http://a"], &["http://a"], ChangeKind::Nothing, ChangeKind::Nothing),
        ];
        for (before, after, kind, undone) in cases {
            let change = change(before, after);
            assert_eq!(change.kind(), kind);
            assert_eq!(change.inverse().kind(), undone);
            assert_eq!(change.inverse().inverse(), change);
        }
    }
}
