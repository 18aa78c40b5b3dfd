//! What is done with sites off the UI thread: files and the credential store, either of which may keep one waiting.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{
    keychain,
    store::{self, Listed, SiteFile, Store},
};
use crate::{
    job::{Reporter, Stop},
    model::{Credentials, Problem, Secret, Site},
    net::ldap::{Connection, Target},
};

/// What these jobs report.
pub(super) enum Event {
    /// All sites.
    Listed(Vec<Listed>),
    /// Whether there is a credential store, and if not, why.
    Keychain(Result<(), String>),
    /// A site's file was read, for changing it.
    Loaded(Box<SiteFile>),
    /// A site was saved.
    Saved(Box<SiteFile>),
    /// A site is ready to be worked with.
    Ready(Box<SiteFile>, Credentials, Target),
    /// A site is there, and its password has to be asked for.
    WantsPassword(Box<SiteFile>),
    /// A password did not do.
    NotSignedIn(Problem),
}

/// Reads the list.
pub(super) fn list(store: &Store, report: &Reporter<Event>) -> Result<(), Stop> {
    report.send(Event::Listed(store.list()?))
}

/// Asks for the credential store, which may start one.
pub(super) fn look_for_keychain(report: &Reporter<Event>) -> Result<(), Stop> {
    report.send(Event::Keychain(keychain::available()))
}

/// Reads a site for changing it.
pub(super) fn load(path: &Path, report: &Reporter<Event>) -> Result<(), Stop> {
    report.send(Event::Loaded(Box::new(store::load_file(path)?)))
}

/// Reads a site and its password. `ask`: the kept password was refused, so it is asked for anew.
pub(super) fn open(store: &Store, path: &Path, ask: bool, report: &Reporter<Event>) -> Result<(), Stop> {
    let file = store::load_file(path)?;
    let credentials = match file.site.directory.sign_in.clone() {
        None => Some(Credentials::Anonymous),
        Some(_) if ask => None,
        Some(name) => kept(&file.site).map(|password| Credentials::Simple { name, password }),
    };
    match credentials {
        None => report.send(Event::WantsPassword(Box::new(file))),
        Some(credentials) => ready(store, file, credentials, None, report),
    }
}

/// A site, how to sign in to it, and which of that to keep.
pub(super) struct SignIn {
    pub(super) file: SiteFile,
    pub(super) credentials: Credentials,
    pub(super) trust_once: Option<crate::model::Fingerprint>,
    pub(super) keep: bool,
}

/// Tries a password, keeps it when it is right and that is wanted, and gets the site ready.
pub(super) fn sign_in(store: &Store, mut asked: SignIn, report: &Reporter<Event>) -> Result<(), Stop> {
    let target = target_of(&asked.file.site, asked.trust_once);
    let tried = Connection::open(&target, &report.cancelled())
        .and_then(|mut connection| connection.sign_in(&asked.credentials).map(drop));
    if let Err(error) = tried {
        return report.send(Event::NotSignedIn(error.problem()));
    }
    if let Credentials::Simple { password, .. } = &asked.credentials {
        let before = asked.file.site.directory.password_stored;
        remember(&mut asked.file.site, password, asked.keep)?;
        // A site file that only others may write can be signed in to as well.
        if asked.file.site.directory.password_stored != before {
            store.save(&asked.file.site, Some(&asked.file.path))?;
        }
    }
    ready(store, asked.file, asked.credentials, asked.trust_once, report)
}

/// What the wizard ends with.
pub(super) struct Saving {
    pub(super) site: Site,
    pub(super) original: Option<Site>,
    pub(super) path: Option<PathBuf>,
    pub(super) password: Secret,
    pub(super) keep: bool,
}

/// Saves a site and its password; a password kept for what the site was before is moved or forgotten.
pub(super) fn save(store: &Store, mut saving: Saving, report: &Reporter<Event>) -> Result<(), Stop> {
    let before = saving.original.as_ref().filter(|site| site.directory.password_stored);
    let mut password = saving.password;
    if password.is_empty()
        && saving.keep
        && let Some(before) = before
        && before.directory.server == saving.site.directory.server
        && before.directory.sign_in == saving.site.directory.sign_in
    {
        password = kept(before).unwrap_or_default();
    }
    // The file goes first: its name may be taken, and then nothing has happened.
    saving.site.directory.password_stored = false;
    let path = store.save(&saving.site, saving.path.as_deref())?;
    if let Some(before) = before {
        keychain::forget(&before.name, &before.directory)?;
    }
    if saving.site.directory.sign_in.is_some() && !password.is_empty() && saving.keep && keychain::available().is_ok() {
        remember(&mut saving.site, &password, true)?;
        store.save(&saving.site, Some(&path))?;
    }
    report.send(Event::Saved(Box::new(SiteFile { path, site: saving.site })))?;
    list(store, report)
}

/// Removes a site's file and its password.
pub(super) fn remove(store: &Store, path: &Path, report: &Reporter<Event>) -> Result<(), Stop> {
    if let Ok(file) = store::load_file(path)
        && file.site.directory.password_stored
    {
        keychain::forget(&file.site.name, &file.site.directory)?;
    }
    store.remove(path)?;
    list(store, report)
}

/// Writes a copy of a site for another computer.
pub(super) fn export(path: &Path, to: &Path) -> Result<(), Stop> {
    Ok(Store::export(&store::load_file(path)?.site, to)?)
}

/// The way to a site's directory.
pub(super) fn target_of(site: &Site, trust_once: Option<crate::model::Fingerprint>) -> Target {
    let mut target = Target::of(&site.directory);
    target.trust.pinned = trust_once.or(target.trust.pinned);
    target
}

fn ready(
    store: &Store,
    file: SiteFile,
    credentials: Credentials,
    trust_once: Option<crate::model::Fingerprint>,
    report: &Reporter<Event>,
) -> Result<(), Stop> {
    // A list that cannot be kept in order is no reason to keep the site closed.
    let noted = store.used(&file.path, Timestamp::now());
    let target = target_of(&file.site, trust_once);
    report.send(Event::Ready(Box::new(file), credentials, target))?;
    noted?;
    list(store, report)
}

/// The kept password, when there is one and the store answers; else it is asked for.
fn kept(site: &Site) -> Option<Secret> {
    if site.directory.password_stored { keychain::get(&site.name, &site.directory).ok().flatten() } else { None }
}

fn remember(site: &mut Site, password: &Secret, keep: bool) -> Result<(), Problem> {
    if keep {
        keychain::set(&site.name, &site.directory, password)?;
    } else if site.directory.password_stored {
        keychain::forget(&site.name, &site.directory)?;
    }
    site.directory.password_stored = keep;
    Ok(())
}
