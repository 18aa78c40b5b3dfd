//! Distinguished names (RFC 4514): compared as directories compare them, cut into parts for display.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A distinguished name, as the server or the administrator wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dn(String);

impl Dn {
    /// Any text; the directory is the judge of whether it is a name.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The root of the tree.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The relative names, first the entry's own; escaped commas do not separate.
    pub fn parts(&self) -> Vec<&str> {
        let mut parts = Vec::new();
        let (mut from, mut escaped) = (0, false);
        for (at, character) in self.0.char_indices() {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                ',' | ';' => {
                    parts.push(self.0[from..at].trim());
                    from = at + 1;
                }
                _ => {}
            }
        }
        if !self.0.is_empty() {
            parts.push(self.0[from..].trim());
        }
        parts
    }

    /// The value of the nearest `ou` above the entry: the unit a person is shown under.
    pub fn unit(&self) -> Option<&str> {
        self.parts().into_iter().skip(1).find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("ou").then(|| value.trim())
        })
    }

    /// Lower case, without blanks around the parts: enough to recognise a name that another server spelled differently.
    pub fn folded(&self) -> String {
        self.parts().join(",").to_lowercase()
    }
}

impl fmt::Display for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Dn;

    #[test]
    fn a_name_is_cut_at_commas_that_are_not_escaped() {
        let cases: [(&str, &[&str]); 4] = [
            ("", &[]),
            ("dc=example", &["dc=example"]),
            (r"cn=Patel\, Asha, ou=People,dc=example", &[r"cn=Patel\, Asha", "ou=People", "dc=example"]),
            (r"cn=back\\,dc=example", &[r"cn=back\\", "dc=example"]),
        ];
        for (dn, parts) in cases {
            assert_eq!(Dn::new(dn).parts(), parts, "{dn}");
        }
    }

    #[test]
    fn the_unit_is_the_nearest_one_above() {
        for (dn, unit) in [
            ("uid=a,ou=Manchester,ou=People,dc=example", Some("Manchester")),
            ("ou=People,dc=example", None),
            ("uid=a,dc=example", None),
        ] {
            assert_eq!(Dn::new(dn).unit(), unit, "{dn}");
        }
    }
}
