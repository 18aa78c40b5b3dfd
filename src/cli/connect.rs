//! From `--site`, `--site-file` or `--url` to a directory that answers: the site, its password, a session.

use std::env;

use super::{
    Exit,
    args::SiteArgs,
    out::{Fail, Out},
};
use crate::{
    model::{AttributeNames, Credentials, Directory, Dn, Problem, Secret, Server, Site, visible},
    net::ldap::{Connection, Session, Target, filter},
    sites::{keychain, store, store::Store},
};

/// The environment variable that a password may come from.
const PASSWORD_VARIABLE: &str = "PHOTODESK_PASSWORD";

/// A site and the way to its directory.
pub(super) struct Connected {
    /// With kind and base filled in from the server where its file leaves them open.
    pub site: Site,
    /// Signed in with the first question.
    pub session: Session,
}

impl SiteArgs {
    /// No directory was named.
    pub(super) fn is_empty(&self) -> bool {
        self.site.is_none() && self.site_file.is_none() && self.url.is_none()
    }

    /// The site that was named.
    pub(super) fn site(&self) -> Result<Site, Fail> {
        if let Some(name) = &self.site {
            let found = Store::of_user()?.load(name);
            return found.map(|file| file.site).map_err(|problem| Fail::new(Exit::NotFound, problem));
        }
        if let Some(path) = &self.site_file {
            return Ok(store::load_file(path)?.site);
        }
        let Some(url) = &self.url else {
            let problem = Problem::new("No directory is named")
                .hint("Give --site NAME, --site-file FILE, or --url LDAPURL with --base DN.");
            return Err(Fail::new(Exit::Usage, problem));
        };
        let server = Server::parse(url, self.starttls).map_err(|why| Fail::new(Exit::Usage, Problem::new(why)))?;
        if let Some(filter) = &self.filter {
            filter::check(filter)?;
        }
        Ok(Site {
            name: server.url(),
            directory: Directory {
                server,
                ca_file: self.ca.clone(),
                sign_in: self.bind_dn.clone(),
                base: self.base.as_deref().map(Dn::new),
                filter: self.filter.clone(),
                attributes: AttributeNames { photo_url: self.photo_attribute.clone(), ..AttributeNames::default() },
                ..Directory::default()
            },
            ..Site::default()
        })
    }

    /// The site that was named, with a session to its directory.
    pub(super) fn connect(&self, out: &mut Out) -> Result<Connected, Fail> {
        let site = self.site()?;
        let credentials = credentials(&site, out)?;
        connect(site, credentials)
    }
}

/// How to sign in to `site`: its password from the environment, from the credential store, or from a prompt.
pub(super) fn credentials(site: &Site, out: &mut Out) -> Result<Credentials, Fail> {
    let Some(name) = site.directory.sign_in.clone() else { return Ok(Credentials::Anonymous) };
    let credentials = Credentials::Simple { password: password(site, &name, out)?, name };
    if site.directory.server.sends_password_in_clear(&credentials) {
        let server = &site.directory.server;
        out.note(&format!("Warning: the password goes to {server} in clear text. Use ldaps:// or --starttls."))?;
    }
    Ok(credentials)
}

fn password(site: &Site, name: &str, out: &mut Out) -> Result<Secret, Fail> {
    if let Some(password) = env::var(PASSWORD_VARIABLE).ok().filter(|password| !password.is_empty()) {
        return Ok(Secret::new(password));
    }
    if site.directory.password_stored {
        match keychain::get(&site.name, &site.directory) {
            Ok(Some(password)) => return Ok(password),
            Ok(None) => {}
            Err(locked) if Out::can_ask() => out.problem(&locked)?,
            Err(locked) => return Err(locked.into()),
        }
    }
    if Out::can_ask() {
        let question = format!("Password of {} at {}: ", visible(name), site.directory.server);
        return Ok(Secret::new(rpassword::prompt_password(question)?));
    }
    let problem = Problem::new(format!("There is no password for {name}"))
        .hint(format!("Set {PASSWORD_VARIABLE}, or keep the password in the credential store from the window."));
    Err(Fail::new(Exit::NoConnection, problem))
}

/// Asks the server what the site leaves open.
fn connect(mut site: Site, credentials: Credentials) -> Result<Connected, Fail> {
    let session = Session::new(Target::of(&site.directory), credentials.clone());
    if site.directory.kind.is_some() && site.directory.base.is_some() {
        return Ok(Connected { site, session });
    }
    let root = session.with(Connection::root_dse)?;
    site.directory.kind = site.directory.kind.or(root.kind);
    site.directory.base = site.directory.base.take().or_else(|| root.naming_contexts.into_iter().next());
    let session = Session::new(Target::of(&site.directory), credentials);
    Ok(Connected { site, session })
}

impl Connected {
    /// Where people are searched.
    pub(super) fn base(&self) -> Dn {
        self.site.directory.base.clone().unwrap_or_default()
    }
}
