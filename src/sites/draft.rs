//! A site that is being typed: what the wizard's fields hold, what is wrong with them, and the site they come to.

use std::{collections::BTreeSet, path::PathBuf};

use super::check::Mend;
use crate::{
    model::{Credentials, DirectoryKind, Environment, Fingerprint, Secret, Security, Server, Site, template::Template},
    net::ldap::{LdapError, filter},
};

/// What the wizard's fields hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The site, as far as its fields are values.
    pub site: Site,
    /// The file it came from.
    pub path: Option<PathBuf>,
    /// The port, as typed.
    pub port: String,
    /// Allowed hosts, as typed: separated by blanks or commas.
    pub hosts: String,
    /// As typed.
    pub password: Secret,
    /// Keep the password in the system's credential store.
    pub keep: bool,
    /// The certificate that is trusted until the window closes.
    pub trust_once: Option<Fingerprint>,
}

/// A field of the wizard that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The site's name.
    Name,
    /// The directory's host.
    Server,
    /// The directory's port.
    Port,
    /// The people filter.
    Filter,
    /// The photo URL's template.
    Template,
    /// The meetings template.
    MeetingsTemplate,
    /// The allowed hosts.
    Hosts,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which.
    pub field: Field,
    /// A sentence without full stop.
    pub why: String,
    /// Which characters, when it is a place: from, and how many.
    pub at: Option<(usize, usize)>,
}

impl Default for Draft {
    fn default() -> Self {
        Self::of(Site::default(), None)
    }
}

impl Draft {
    /// The fields of `site`, whose file is `path`.
    pub fn of(site: Site, path: Option<PathBuf>) -> Self {
        Self {
            port: site.directory.server.port.to_string(),
            hosts: site.photos.allowed_hosts.iter().cloned().collect::<Vec<_>>().join(", "),
            keep: path.is_none() || site.directory.password_stored,
            site,
            path,
            password: Secret::default(),
            trust_once: None,
        }
    }

    /// The site that the fields come to, `recognised` being what the check found out about the software.
    pub fn to_site(&self, recognised: Option<DirectoryKind>) -> Site {
        let mut site = self.site.clone();
        trim(&mut site.name);
        trim(&mut site.directory.server.host);
        if let Ok(port) = self.port.trim().parse() {
            site.directory.server.port = port;
        }
        site.directory.kind = site.directory.kind.or(recognised);
        site.photos.allowed_hosts = self.allowed_hosts();
        if let Some(host) = site.photos.template.as_deref().and_then(host_of) {
            site.photos.allowed_hosts.insert(host); // whoever writes it into the template means it to be fetched
        }
        site
    }

    /// How the fields say to sign in.
    pub fn credentials(&self) -> Credentials {
        match self.site.directory.sign_in.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) => Credentials::Simple { name: name.to_owned(), password: self.password.clone() },
            None => Credentials::Anonymous,
        }
    }

    /// What is wrong with the fields; `others` are the names of all other sites.
    pub fn faults(&self, others: &[&str]) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut wrong = |field, why: Option<String>| {
            faults.extend(why.map(|why| Fault { field, why, at: None }));
        };
        wrong(Field::Name, name_fault(&self.site.name, others));
        wrong(Field::Server, host_fault(&self.site.directory.server.host));
        let port = self.port.trim().parse::<u16>().ok().filter(|port| *port > 0);
        wrong(Field::Port, port.is_none().then(|| "A number from 1 to 65535".to_owned()));
        wrong(Field::Hosts, self.allowed_hosts().iter().find_map(|host| allowed_host_fault(host)));
        if let Some(Err(LdapError::Filter { at, why })) = self.site.directory.filter.as_deref().map(filter::check) {
            faults.push(Fault { field: Field::Filter, why, at: Some((at, 1)) });
        }
        let photos = &self.site.photos;
        for (field, template) in
            [(Field::Template, &photos.template), (Field::MeetingsTemplate, &photos.meetings_template)]
        {
            if let Some(Err(error)) = template.as_deref().map(Template::parse) {
                faults.push(Fault { field, why: error.why, at: Some((error.at, error.len)) });
            }
        }
        faults
    }

    /// Takes what was typed into the server field: a host, or a whole address, which is taken apart.
    pub fn type_server(&mut self, text: &str) {
        let starttls = self.site.directory.server.security == Security::StartTls;
        let whole = |starttls| Server::parse(text.trim(), starttls);
        match whole(starttls).or_else(|_not_with_starttls| whole(false)) {
            Ok(server) => {
                self.port = server.port.to_string();
                self.site.directory.server = server;
            }
            Err(_not_an_address) => text.clone_into(&mut self.site.directory.server.host),
        }
    }

    /// Secures the connection in another way; the port follows unless it was changed from its usual one.
    pub fn choose_security(&mut self, security: Security) {
        let server = &mut self.site.directory.server;
        let usual = server.security.default_port().to_string();
        server.security = security;
        if self.port.trim().is_empty() || self.port.trim() == usual {
            self.port = security.default_port().to_string();
        }
    }

    /// Does what a step of the check offers, as far as it is a matter of fields.
    pub fn mend(&mut self, mend: &Mend) {
        let directory = &mut self.site.directory;
        match mend {
            Mend::UseHost(host) => host.clone_into(&mut directory.server.host),
            Mend::UsePort(port) => self.port = port.to_string(),
            Mend::UseSecurity(security) => {
                directory.server.security = *security;
                self.port = security.default_port().to_string();
            }
            Mend::SignInAnonymously => {
                directory.sign_in = None;
                self.password = Secret::default();
            }
            Mend::UseBase(base) => directory.base = Some(base.clone()),
            Mend::UseFilter(filter) => directory.filter = Some(filter.clone()),
            Mend::UseAttribute(attribute) => directory.attributes.photo_url = Some(attribute.clone()),
            Mend::MakeReadOnly => self.site.read_only = true,
            Mend::TrustCertificate(_) | Mend::AddCaFile => {} // asked first, in a dialog
        }
    }

    /// The fields that the connection hangs on are the same in `other`.
    pub fn connects_like(&self, other: &Self) -> bool {
        self.port == other.port
            && self.password == other.password
            && self.trust_once == other.trust_once
            && self.site.read_only == other.site.read_only
            && self.site.directory == other.site.directory
    }

    fn allowed_hosts(&self) -> BTreeSet<String> {
        self.hosts
            .split([',', ';', ' ', '\n'])
            .map(|host| host.trim().to_lowercase())
            .filter(|host| !host.is_empty())
            .collect()
    }
}

/// What an environment's site looks like when nothing else is chosen.
pub fn environment_label(environment: Environment) -> &'static str {
    match environment {
        Environment::Test => "TEST",
        Environment::Production => "PRODUCTION",
    }
}

fn trim(text: &mut String) {
    let trimmed = text.trim();
    if trimmed.len() != text.len() {
        *text = trimmed.to_owned();
    }
}

fn name_fault(name: &str, others: &[&str]) -> Option<String> {
    let name = name.trim().to_lowercase();
    if name.is_empty() {
        return Some("A site needs a name".to_owned());
    }
    others.iter().any(|other| other.trim().to_lowercase() == name).then(|| "Another site has this name".to_owned())
}

fn host_fault(host: &str) -> Option<String> {
    let host = host.trim();
    if host.is_empty() {
        return Some("The name or address of the directory server".to_owned());
    }
    let odd = host.chars().find(|character| character.is_whitespace() || "/?#@".contains(*character));
    odd.map(|odd| {
        format!("A host's name has no {}", if odd.is_whitespace() { "blanks".into() } else { odd.to_string() })
    })
}

fn allowed_host_fault(host: &str) -> Option<String> {
    if host.contains("://") || host.contains('/') {
        return Some(format!("{host}: only the host, such as photos.example.com or photos.example.com:8080"));
    }
    let port = host.rsplit_once(':').filter(|(name, _port)| !name.contains(':')).map(|(_name, port)| port);
    port.is_some_and(|port| port.parse::<u16>().is_err()).then(|| format!("{host}: the port is not a number"))
}

/// The host that a template leads to, when it stands in the text: `host`, or `host:port`.
fn host_of(template: &str) -> Option<String> {
    let (_scheme, rest) = template.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?.to_lowercase();
    (!host.is_empty() && !host.contains(['{', '}', '@'])).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::{Draft, host_of};
    use crate::{
        model::{Credentials, Security},
        sites::check::Mend,
    };

    #[test]
    fn the_port_follows_the_security_unless_it_was_changed() {
        let cases = [
            ("636", Security::StartTls, "389"),
            ("", Security::StartTls, "389"),
            ("3269", Security::StartTls, "3269"),
            ("636", Security::Ldaps, "636"),
        ];
        for (port, security, expected) in cases {
            let mut draft = Draft { port: port.to_owned(), ..Draft::default() };
            draft.choose_security(security);
            assert_eq!(draft.port, expected, "{port} to {security:?}");
        }
    }

    #[test]
    fn an_address_in_the_server_field_is_taken_apart() {
        for (text, host, port, security) in [
            ("dc1.example.com", "dc1.example.com", "636", Security::Ldaps),
            ("ldap://dc1.example.com:1389", "dc1.example.com", "1389", Security::None),
            ("ldaps://dc1.example.com", "dc1.example.com", "636", Security::Ldaps),
            ("ldaps://", "ldaps://", "636", Security::Ldaps),
        ] {
            let mut draft = Draft::default();
            draft.type_server(text);
            let server = &draft.site.directory.server;
            assert_eq!((&*server.host, &*draft.port, server.security), (host, port, security), "{text}");
        }
    }

    #[test]
    fn a_mend_changes_what_it_says() {
        let mut draft = Draft::default();
        draft.site.directory.sign_in = Some("svc".to_owned());
        for mend in [
            Mend::UseHost("dc1.corp.example.com".to_owned()),
            Mend::UseSecurity(Security::StartTls),
            Mend::SignInAnonymously,
            Mend::UseAttribute("labeledURI".to_owned()),
        ] {
            draft.mend(&mend);
        }
        let directory = draft.to_site(None).directory;
        assert_eq!(directory.server.to_string(), "dc1.corp.example.com:389");
        assert_eq!(directory.attribute_names().photo_url.as_deref(), Some("labeledURI"));
        assert_eq!(draft.credentials(), Credentials::Anonymous);
    }

    #[test]
    fn the_host_in_a_template_is_allowed() {
        for (template, host) in [
            ("https://Photos.example.com/{mail|lower}.jpg", Some("photos.example.com")),
            ("http://photos.example.com:8080/{uid}.jpg", Some("photos.example.com:8080")),
            ("https://{host}/{uid}.jpg", None),
            ("/photos/{uid}.jpg", None),
        ] {
            assert_eq!(host_of(template).as_deref(), host, "{template}");
        }
    }
}
