//! Referrals (RFC 4511, 4.1.10): where they lead. Credentials go there only when the site says so, and never from TLS to
//! clear text. Scope and filter of a referral's URL are not looked at: the search goes on as it was asked.

use percent_encoding::percent_decode_str;
use url::Url;

use super::{Connection, LdapError, Target};
use crate::model::{Dn, Referrals, Security, Server};

/// Servers in a row that are asked one after the other.
pub(super) const HOPS: usize = 3;

/// Parts of every Active Directory domain that refer away from its root, and hold no people (MS-ADTS, 6.1.1.1): asking
/// there, or telling anybody that it was not done, would help nobody.
const WITHOUT_PEOPLE: [&str; 4] = ["cn=configuration", "cn=schema", "dc=domaindnszones", "dc=forestdnszones"];

/// Whether people may be found where the referral `url` leads.
pub(super) fn may_hold_people(url: &str) -> bool {
    let Ok(parsed) = Url::parse(url) else { return true };
    let dn = percent_decode_str(parsed.path().trim_start_matches('/')).decode_utf8_lossy().to_lowercase();
    let Some((first, rest)) = dn.split_once(',') else { return true };
    let below_a_domain = rest.split(',').all(|part| part.trim_start().starts_with("dc="));
    !(below_a_domain && WITHOUT_PEOPLE.contains(&first))
}

impl Target {
    /// The server that the referral `url` leads to, and the base it names. TLS stays: from a secured site `ldap://` means
    /// StartTLS. A pinned certificate is another server's, so authorities decide there.
    ///
    /// # Errors
    /// [`LdapError::Referral`] when `url` is not an LDAP URL with a host (RFC 4516).
    pub fn referred(&self, url: &str) -> Result<(Self, Option<Dn>), LdapError> {
        let wrong = || LdapError::Referral { urls: vec![url.to_owned()] };
        let parsed = Url::parse(url).map_err(|_not_a_url| wrong())?;
        let security = match (parsed.scheme(), self.server.security) {
            ("ldaps", _) => Security::Ldaps,
            ("ldap", Security::None) => Security::None,
            ("ldap", Security::Ldaps | Security::StartTls) => Security::StartTls,
            _ => return Err(wrong()),
        };
        let host = parsed.host_str().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let server = Server { host, port: parsed.port().unwrap_or(security.default_port()), security };
        let dn = percent_decode_str(parsed.path().trim_start_matches('/')).decode_utf8_lossy().into_owned();
        let mut target = Self { server, ..self.clone() };
        if (&target.server.host, target.server.port) != (&self.server.host, self.server.port) {
            target.trust.pinned = None;
        }
        Ok((target, (!dn.is_empty()).then(|| Dn::new(dn))))
    }
}

impl Connection {
    /// Runs `work` on a connection to the server of the referral `url`, signed in with the same credentials, and with the
    /// base that it names. `None` when referrals are not followed here: the site does not want it, or it leads in a ring.
    pub(super) fn follow<T>(
        &mut self,
        url: &str,
        work: impl FnOnce(&mut Self, Option<Dn>) -> Result<T, LdapError>,
    ) -> Option<Result<T, LdapError>> {
        let wanted = self.target.referrals == Referrals::Follow;
        if !wanted || self.trail.len() >= HOPS || self.trail.iter().any(|been| been == url) {
            return None;
        }
        let followed = self.target.referred(url).and_then(|(target, base)| {
            let mut there = Self::open(&target, &self.cancelled)?;
            there.trail = self.trail.iter().cloned().chain([url.to_owned()]).collect();
            there.sign_in(&self.credentials)?;
            work(&mut there, base)
        });
        Some(followed)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Target, may_hold_people};
    use crate::{
        model::{Dn, Fingerprint, Referrals, Server},
        net::trust::Trust,
    };

    #[test]
    fn what_holds_no_people_is_not_referred_to() {
        for (url, may) in [
            ("ldaps://example.com/CN=Configuration,DC=example,DC=com", false),
            ("ldap://DomainDnsZones.example.com/DC=DomainDnsZones,DC=example,DC=com", false),
            ("ldap://ForestDnsZones.example.com/DC=ForestDnsZones,%20DC=example,DC=com", false),
            ("ldap://berlin.example.com/DC=berlin,DC=example,DC=com", true),
            ("ldap://b.example.com/cn=configuration,o=example", true),
            ("ldap://b.example.com/", true),
            ("nonsense", true),
        ] {
            assert_eq!(may_hold_people(url), may, "{url}");
        }
    }

    #[test]
    fn a_referral_never_leads_from_tls_to_clear_text() {
        let cases = [
            (
                "ldap://a.example.com",
                false,
                "ldap://b.example.com/dc=b",
                Some(("ldap://b.example.com:389", false, Some("dc=b"))),
            ),
            (
                "ldaps://a.example.com",
                false,
                "ldap://b.example.com/dc=b",
                Some(("ldap://b.example.com:389", true, Some("dc=b"))),
            ),
            ("ldap://a.example.com", true, "ldap://b.example.com", Some(("ldap://b.example.com:389", true, None))),
            (
                "ldap://a.example.com",
                false,
                "ldaps://[::1]:3636/ou=a%20b??sub",
                Some(("ldaps://[::1]:3636", false, Some("ou=a b"))),
            ),
            ("ldap://a.example.com", false, "ldap:///dc=nowhere", None),
            ("ldap://a.example.com", false, "http://b.example.com/", None),
            ("ldap://a.example.com", false, "nonsense", None),
        ];
        for (from, starttls, url, expected) in cases {
            let target = Target {
                server: Server::parse(from, starttls).unwrap(),
                trust: Trust { ca_file: None, pinned: Some(Fingerprint([7; 32])) },
                connect_timeout: Duration::from_secs(1),
                operation_timeout: Duration::from_secs(1),
                kind: None,
                base: None,
                referrals: Referrals::Follow,
            };
            let found = target.referred(url).ok();
            let expected = expected
                .map(|(server, starttls, base)| (Server::parse(server, starttls).unwrap(), base.map(Dn::new), None));
            let found = found.map(|(target, base)| (target.server, base, target.trust.pinned));
            assert_eq!(found, expected, "{url} from {from} {starttls}");
        }
    }
}
