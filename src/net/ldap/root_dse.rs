//! What the server says of itself: the root DSE (RFC 4512, 5.1), and the kind of software recognised from it.

use ldap3::Scope;

use super::{Connection, LdapError, search::ANY};
use crate::model::{DirectoryKind, Dn, Entry};

/// `LDAP_CAP_ACTIVE_DIRECTORY_OID` (MS-ADTS, 3.1.1.3.4.3): Active Directory, and Samba as one.
const ACTIVE_DIRECTORY: &str = "1.2.840.113556.1.4.800";
/// Operational attributes come only when they are named.
const ATTRIBUTES: [&str; 12] = [
    "objectClass",
    "structuralObjectClass",
    "vendorName",
    "vendorVersion",
    "namingContexts",
    "defaultNamingContext",
    "supportedCapabilities",
    "supportedControl",
    "supportedExtension",
    "subschemaSubentry",
    "dnsHostName",
    "isGlobalCatalogReady",
];

/// What the root DSE says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RootDse {
    /// Recognised from vendor, version and capabilities; `None` when the server does not show its root DSE.
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
    /// Reads the root DSE, once a connection. A server that does not show it gives an empty one.
    ///
    /// # Errors
    /// As any search.
    pub fn root_dse(&mut self) -> Result<RootDse, LdapError> {
        match &self.root {
            Some(root) => Ok(root.clone()),
            None => self.root_dse_again(),
        }
    }

    /// Reads the root DSE even when it was read before: the cheapest question that shows whether the server is there.
    pub(super) fn root_dse_again(&mut self) -> Result<RootDse, LdapError> {
        let root = match self.search_in(&Dn::default(), Scope::Base, ANY, &ATTRIBUTES, 1) {
            Ok(found) => found.entries.first().map(RootDse::from_entry).unwrap_or_default(),
            Err(
                LdapError::NoSuchEntry { .. } | LdapError::InsufficientRights { .. } | LdapError::SignInRequired { .. },
            ) => RootDse::default(),
            Err(other) => return Err(other),
        };
        self.root = Some(root.clone());
        Ok(root)
    }
}

impl RootDse {
    fn from_entry(entry: &Entry) -> Self {
        let texts = |name: &str| -> Vec<String> {
            entry.values(name).iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
        };
        let mut naming_contexts: Vec<Dn> = entry.text("defaultNamingContext").map(Dn::new).into_iter().collect();
        for context in texts("namingContexts") {
            let context = Dn::new(context);
            if !context.is_empty() && naming_contexts.iter().all(|known| known.folded() != context.folded()) {
                naming_contexts.push(context);
            }
        }
        let vendor = [entry.text("vendorName"), entry.text("vendorVersion")].into_iter().flatten();
        let vendor = vendor.collect::<Vec<_>>().join(" ");
        Self {
            kind: kind_of(entry, &vendor),
            vendor: (!vendor.is_empty()).then_some(vendor),
            naming_contexts,
            controls: texts("supportedControl"),
            extensions: texts("supportedExtension"),
            schema: entry.text("subschemaSubentry").map(Dn::new),
        }
    }
}

fn kind_of(entry: &Entry, vendor: &str) -> Option<DirectoryKind> {
    if entry.attributes.is_empty() {
        return None;
    }
    let any = |name: &str, wanted: &str| {
        entry.values(name).iter().filter_map(|value| value.as_str()).any(|value| value.eq_ignore_ascii_case(wanted))
    };
    let vendor = vendor.to_ascii_lowercase();
    let named = |words: &[&str]| words.iter().any(|word| vendor.contains(word));
    Some(if any("supportedCapabilities", ACTIVE_DIRECTORY) {
        DirectoryKind::ActiveDirectory
    } else if any("structuralObjectClass", "OpenLDAProotDSE") || any("objectClass", "OpenLDAProotDSE") {
        DirectoryKind::OpenLdap
    } else if named(&["domino", "lotus", "hcl"]) {
        DirectoryKind::Domino
    // 389, and what shares its descent from Netscape's server.
    } else if named(&["389", "fedora", "red hat", "netscape", "sun microsystems", "oracle"]) {
        DirectoryKind::Ds389
    } else {
        DirectoryKind::Other
    })
}

#[cfg(test)]
mod tests {
    use super::RootDse;
    use crate::model::{Attribute, DirectoryKind, Dn, Entry, Value};

    type Attributes<'a> = &'a [(&'a str, &'a [&'a str])];

    fn root(attributes: Attributes) -> RootDse {
        let attributes = attributes.iter().map(|(name, values)| Attribute {
            name: (*name).to_owned(),
            values: values.iter().map(|value| Value::from(*value)).collect(),
        });
        RootDse::from_entry(&Entry { dn: Dn::default(), attributes: attributes.collect() })
    }

    #[test]
    fn the_kind_is_recognised_from_what_the_server_says() {
        let cases: [(Attributes, Option<DirectoryKind>); 8] = [
            (
                &[("supportedCapabilities", &["1.2.840.113556.1.4.1670", "1.2.840.113556.1.4.800"])],
                Some(DirectoryKind::ActiveDirectory),
            ),
            (&[("objectClass", &["top", "OpenLDAProotDSE"])], Some(DirectoryKind::OpenLdap)),
            (&[("structuralObjectClass", &["OpenLDAProotDSE"])], Some(DirectoryKind::OpenLdap)),
            (
                &[("vendorName", &["389 Project"]), ("vendorVersion", &["389-Directory/2.3.1"])],
                Some(DirectoryKind::Ds389),
            ),
            (&[("vendorName", &["HCL Domino LDAP Server"])], Some(DirectoryKind::Domino)),
            (&[("vendorName", &["International Business Machines (IBM)"])], Some(DirectoryKind::Other)),
            (&[("objectClass", &["top"])], Some(DirectoryKind::Other)),
            (&[], None),
        ];
        for (attributes, kind) in cases {
            assert_eq!(root(attributes).kind, kind, "{attributes:?}");
        }
    }

    #[test]
    fn the_default_naming_context_comes_first_and_once() {
        let root = root(&[
            ("namingContexts", &["DC=DomainDnsZones,DC=example,DC=com", "DC=example,DC=com", ""]),
            ("defaultNamingContext", &["dc=example, dc=com"]),
        ]);
        let contexts: Vec<&str> = root.naming_contexts.iter().map(Dn::as_str).collect();
        assert_eq!(contexts, ["dc=example, dc=com", "DC=DomainDnsZones,DC=example,DC=com"]);
    }
}
