//! One Sametime deployment as the administrator sees it: what its TOML file holds, and nothing secret.
//!
//! Not here: reading and writing the files (`sites/store.rs`), passwords (the system's credential store).

use std::{collections::BTreeSet, fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Dn, Secret};

/// A site: a name, how it is told apart, a directory, and where its photos are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Site {
    /// As shown in the rail and given to `--site`.
    pub name: String,
    /// TEST or PRODUCTION, which edges the window.
    pub environment: Environment,
    /// Another colour than the environment's, as `#RRGGBB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// The administrator's own words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// Never unlocked, whoever asks: every write explains itself with this setting.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// Where people are looked up.
    pub directory: Directory,
    /// Where photos are.
    pub photos: Photos,
}

/// What kind of deployment this is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Nobody is hurt by a mistake.
    #[default]
    Test,
    /// People work with it.
    Production,
}

/// The directory of a site. What is `None` is recognised from the server, and can be overruled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Directory {
    /// Host, port and security.
    pub server: Server,
    /// A PEM file with certificate authorities to trust besides the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The certificate pinned for this site: trusted whoever issued it, and no other is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned_certificate: Option<Fingerprint>,
    /// A DN, user principal name, `DOMAIN\name` or mail address; `None` signs in anonymously.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<String>,
    /// The password is in the system's credential store.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub password_stored: bool,
    /// Where people are searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Dn>,
    /// What software it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<DirectoryKind>,
    /// Which entries are people (RFC 4515).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Attribute names that differ from the kind's.
    #[serde(skip_serializing_if = "AttributeNames::is_empty")]
    pub attributes: AttributeNames,
    /// What to do with referrals to other servers.
    pub referrals: Referrals,
    /// Entries in a page (RFC 2696).
    pub page_size: u32,
    /// For each network step, in seconds.
    pub timeout_seconds: u64,
}

/// Where a directory listens, and how the connection is secured.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Server {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
}

/// How a connection is secured. There is no fall-back from one to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (`ldaps://`).
    #[default]
    Ldaps,
    /// The StartTLS operation (RFC 4511, 4.14) before anything else.
    StartTls,
    /// Clear text.
    None,
}

/// The directory software, recognised from the root DSE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectoryKind {
    /// Microsoft Active Directory, or Samba as one.
    ActiveDirectory,
    /// HCL Domino.
    Domino,
    /// OpenLDAP's slapd.
    OpenLdap,
    /// 389 Directory Server and its relatives.
    #[serde(rename = "389")]
    Ds389,
    /// Anything else.
    Other,
}

/// What to do with a referral.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Referrals {
    /// Show the target and ask before any credentials go there.
    #[default]
    Ask,
    /// Go there with the same credentials.
    Follow,
    /// Leave them out.
    Ignore,
}

/// The attributes that hold what Photodesk shows. `None`: the kind's own (see [`DirectoryKind::attributes`]).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttributeNames {
    /// The name people go by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// The account or user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What the Sametime Proxy reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo_url: Option<String>,
    /// What Notes and the Sametime client read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_path: Option<String>,
}

/// Where photos are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Photos {
    /// The photo URL of a person: `https://photos.example.com/{mail|lower|urlencode}.jpg`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Where meeting clients look (`userInfoUrlTemplate` of the Meetings server), in the same syntax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meetings_template: Option<String>,
    /// Hosts, as `host` or `host:port`, that photos may be fetched from.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub allowed_hosts: BTreeSet<String>,
    /// A PEM file with certificate authorities to trust besides the system's, for https photo URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

/// How to sign in. Never serialised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// No bind, or an anonymous one.
    #[default]
    Anonymous,
    /// A simple bind (RFC 4513, 5.1.3).
    Simple {
        /// A DN, user principal name, `DOMAIN\name` or mail address.
        name: String,
        /// Never empty when it is sent.
        password: Secret,
    },
}

/// The SHA-256 of a certificate's DER form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// Proof that the administrator unlocked the site: what writes asks for it, so that a write to a locked site does not
/// compile. Only [`Site::unlock`] makes one.
#[derive(Debug)]
pub struct Unlocked(());

impl Site {
    /// Unlocks the site for writing; `None` when its file says that it is read-only.
    pub fn unlock(&self) -> Option<Unlocked> {
        (!self.read_only).then_some(Unlocked(()))
    }
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            server: Server::default(),
            ca_file: None,
            pinned_certificate: None,
            sign_in: None,
            password_stored: false,
            base: None,
            kind: None,
            filter: None,
            attributes: AttributeNames::default(),
            referrals: Referrals::default(),
            page_size: 1000, // what Active Directory allows at most, and a fair share of a slow line
            timeout_seconds: 10,
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self { host: String::new(), port: Security::Ldaps.default_port(), security: Security::Ldaps }
    }
}

impl Security {
    /// The registered port (IANA): 636 for ldaps, else 389.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Ldaps => 636,
            Self::StartTls | Self::None => 389,
        }
    }
}

impl Server {
    /// Reads `ldap://host:port` or `ldaps://host`; anything after the host is an error.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the address.
    pub fn parse(text: &str, starttls: bool) -> Result<Self, String> {
        let (scheme, rest) =
            text.split_once("://").ok_or_else(|| format!("{text} does not begin with ldap:// or ldaps://"))?;
        let security = match (scheme.to_ascii_lowercase().as_str(), starttls) {
            ("ldaps", false) => Security::Ldaps,
            ("ldaps", true) => return Err("StartTLS goes with ldap://, not with ldaps://".to_owned()),
            ("ldap", true) => Security::StartTls,
            ("ldap", false) => Security::None,
            _ => return Err(format!("{text} does not begin with ldap:// or ldaps://")),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#', '@']) {
            return Err(format!("{text} has more than a host and a port"));
        }
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                let port = port.parse().map_err(|_not_a_port| format!("{port} is not a port number"))?;
                (host, port)
            }
            _ => (rest, security.default_port()),
        };
        let host = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
        if host.is_empty() {
            return Err(format!("{text} names no host"));
        }
        Ok(Self { host: host.to_owned(), port, security })
    }

    /// Signing in would show the password to whoever listens: it goes over plain LDAP to another machine.
    pub fn sends_password_in_clear(&self, credentials: &Credentials) -> bool {
        self.security == Security::None && matches!(credentials, Credentials::Simple { .. }) && !self.is_loopback()
    }

    fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The server as an LDAP URL; StartTLS is not part of it.
    pub fn url(&self) -> String {
        let scheme = if self.security == Security::Ldaps { "ldaps" } else { "ldap" };
        if self.host.contains(':') {
            format!("{scheme}://[{}]:{}", self.host, self.port)
        } else {
            format!("{scheme}://{}:{}", self.host, self.port)
        }
    }
}

/// `host:port`, as the status bar shows it.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl DirectoryKind {
    /// Every kind, in the order they are offered.
    pub const ALL: [Self; 5] = [Self::ActiveDirectory, Self::Domino, Self::OpenLdap, Self::Ds389, Self::Other];

    /// As shown.
    pub fn label(self) -> &'static str {
        match self {
            Self::ActiveDirectory => "Active Directory",
            Self::Domino => "HCL Domino",
            Self::OpenLdap => "OpenLDAP",
            Self::Ds389 => "389 Directory Server",
            Self::Other => "Another directory",
        }
    }

    /// Which entries are people, unless the site says otherwise.
    pub fn people_filter(self) -> &'static str {
        match self {
            // Computers are of class user too; contacts have no account.
            Self::ActiveDirectory => "(&(objectCategory=person)(objectClass=user))",
            Self::Domino => "(objectClass=dominoPerson)",
            Self::OpenLdap | Self::Ds389 => "(objectClass=inetOrgPerson)",
            Self::Other => "(objectClass=person)",
        }
    }

    /// Where the kind keeps what Photodesk shows. `PhotoURL` is the name that HCL's business card pages use.
    pub fn attributes(self) -> AttributeNames {
        let (name, account) = match self {
            Self::ActiveDirectory => ("displayName", "sAMAccountName"),
            Self::Domino | Self::OpenLdap | Self::Ds389 | Self::Other => ("cn", "uid"),
        };
        AttributeNames {
            name: Some(name.to_owned()),
            mail: Some("mail".to_owned()),
            account: Some(account.to_owned()),
            photo_url: Some("photoURL".to_owned()),
            image_path: Some("photoURL".to_owned()),
        }
    }
}

impl Directory {
    /// The kind, when nothing better is known.
    pub fn kind_or_other(&self) -> DirectoryKind {
        self.kind.unwrap_or(DirectoryKind::Other)
    }

    /// The people filter in force.
    pub fn people_filter(&self) -> &str {
        self.filter.as_deref().unwrap_or_else(|| self.kind_or_other().people_filter())
    }

    /// The attribute names in force: the site's where it names one, else the kind's. All are `Some`.
    pub fn attribute_names(&self) -> AttributeNames {
        let (own, kind) = (self.attributes.clone(), self.kind_or_other().attributes());
        AttributeNames {
            name: own.name.or(kind.name),
            mail: own.mail.or(kind.mail),
            account: own.account.or(kind.account),
            image_path: own.image_path.or_else(|| own.photo_url.clone()).or(kind.image_path),
            photo_url: own.photo_url.or(kind.photo_url),
        }
    }
}

impl AttributeNames {
    /// The site names none of its own.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Upper-case hexadecimal with colons, as certificate viewers print it.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02X}", if at == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: String = text.chars().filter(|character| *character != ':' && !character.is_whitespace()).collect();
        let wrong = || format!("{text} is not a SHA-256 fingerprint");
        if digits.len() != 64 || !digits.is_ascii() {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).map_err(|_not_hex| wrong())?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Credentials, Fingerprint, Secret, Security, Server, Site};

    #[test]
    fn an_address_names_host_port_and_security() {
        let cases = [
            ("ldaps://dc1.example.com", false, Ok(("dc1.example.com", 636, Security::Ldaps))),
            ("ldap://dc1.example.com:1389/", false, Ok(("dc1.example.com", 1389, Security::None))),
            ("LDAP://dc1", true, Ok(("dc1", 389, Security::StartTls))),
            ("ldap://[::1]:3389", false, Ok(("::1", 3389, Security::None))),
            ("ldap://[::1]", false, Ok(("::1", 389, Security::None))),
            ("dc1.example.com", false, Err("dc1.example.com does not begin with ldap:// or ldaps://")),
            ("ldaps://dc1", true, Err("StartTLS goes with ldap://, not with ldaps://")),
            ("ldap://dc1:x", false, Err("x is not a port number")),
            ("ldap:///", false, Err("ldap:/// names no host")),
            ("ldap://dc1/dc=example", false, Err("ldap://dc1/dc=example has more than a host and a port")),
        ];
        for (text, starttls, expected) in cases {
            let expected = expected.map(|(host, port, security)| Server { host: host.to_owned(), port, security });
            assert_eq!(Server::parse(text, starttls), expected.map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn a_password_over_plain_ldap_to_another_machine_is_seen() {
        let simple = Credentials::Simple { name: "cn=admin".to_owned(), password: Secret::new("swordfish") };
        for (url, starttls, credentials, clear) in [
            ("ldap://dc1.example.com", false, &simple, true),
            ("ldap://10.1.2.3", false, &simple, true),
            ("ldap://dc1.example.com", true, &simple, false),
            ("ldaps://dc1.example.com", false, &simple, false),
            ("ldap://localhost", false, &simple, false),
            ("ldap://127.0.0.1:1389", false, &simple, false),
            ("ldap://[::1]", false, &simple, false),
            ("ldap://dc1.example.com", false, &Credentials::Anonymous, false),
        ] {
            let server = Server::parse(url, starttls).unwrap();
            assert_eq!(server.sends_password_in_clear(credentials), clear, "{url} {starttls} {credentials:?}");
        }
    }

    #[test]
    fn a_site_survives_its_file() {
        let mut site = Site { name: "Head office".to_owned(), ..Site::default() };
        site.directory.server = Server::parse("ldaps://dc1.example.com", false).unwrap();
        site.directory.pinned_certificate = Some(Fingerprint([0xA9; 32]));
        site.photos.allowed_hosts.insert("photos.example.com".to_owned());
        let text = toml::to_string(&site).unwrap();
        assert_eq!(toml::from_str::<Site>(&text).unwrap(), site, "{text}");
    }

    #[test]
    fn a_fingerprint_is_read_with_or_without_colons() {
        let print = Fingerprint([0x4F; 32]);
        assert_eq!(print.to_string().parse(), Ok(print));
        assert_eq!("4f".repeat(32).parse(), Ok(print));
        assert!("4F:1C".parse::<Fingerprint>().is_err());
    }
}
