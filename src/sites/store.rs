//! Site files: TOML in the user's configuration folder, one file a site, never with a secret in it.
//!
//! When each was last opened stands apart from them, in `last-used.toml`, so that a site's file changes only when the
//! site does. Not here: passwords (`keychain.rs`), what a site is (`model/site.rs`), which thread this runs on.

use std::{
    collections::BTreeMap,
    env, fs, io,
    io::{Read, Write},
    path::{Path, PathBuf},
};

use directories::ProjectDirs;
use jiff::Timestamp;
use tempfile::NamedTempFile;
use toml_edit::{DocumentMut, Item, Table};
use unicode_normalization::UnicodeNormalization;

use crate::model::{Problem, Site};

/// Bytes of a site file; an ordinary one has less than a thousand.
const FILE_LIMIT: u64 = 256 * 1024;
/// Files of one folder that are looked at.
const FOLDER_LIMIT: usize = 1000;
/// Characters of a file's name that come from the site's.
const SLUG_LIMIT: usize = 60;
/// Names that Windows keeps for devices, with or without an extension
/// (<https://learn.microsoft.com/windows/win32/fileio/naming-a-file>).
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// The folder with the site files, and the note when each was last used.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// A site and the file it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFile {
    /// The file.
    pub path: PathBuf,
    /// What it holds.
    pub site: Site,
}

/// One file of the folder, or one elsewhere that was opened before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The file.
    pub path: PathBuf,
    /// The site, or what is wrong with the file and where.
    pub site: Result<Site, Problem>,
    /// When it was last opened.
    pub last_used: Option<Timestamp>,
}

impl Listed {
    /// As shown and given to `--site`: the site's name, or the file's when it cannot be read.
    pub fn name(&self) -> String {
        match &self.site {
            Ok(site) => site.name.clone(),
            Err(_) => self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }
}

impl Store {
    /// The configuration folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The user's own folder; the environment variable `PHOTODESK_CONFIG` names another.
    ///
    /// # Errors
    /// When the system knows no home folder.
    pub fn of_user() -> Result<Self, Problem> {
        if let Some(folder) = env::var_os("PHOTODESK_CONFIG").filter(|folder| !folder.is_empty()) {
            return Ok(Self::at(folder));
        }
        ProjectDirs::from("", "", "photodesk").map(|folders| Self::at(folders.config_dir())).ok_or_else(|| {
            Problem::new("This account has no home folder to keep sites in")
                .hint("Name a folder in the environment variable PHOTODESK_CONFIG.")
        })
    }

    /// The configuration folder `folder`; its sites stand in `sites` below it.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where the site files are.
    pub fn sites_folder(&self) -> PathBuf {
        self.folder.join("sites")
    }

    /// All sites, the last used one first, then by name. A folder that is not there has none.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, Problem> {
        let last_used = self.last_used();
        let mut paths = self.files()?;
        let outside = last_used.keys().map(PathBuf::from).filter(|path| path.is_absolute() && path.is_file());
        paths.extend(outside);
        let mut listed: Vec<Listed> = paths
            .into_iter()
            .map(|path| Listed {
                site: load_file(&path).map(|file| file.site),
                last_used: last_used.get(&self.key(&path)).copied(),
                path,
            })
            .collect();
        listed.sort_by_cached_key(|listed| {
            let name = listed.site.as_ref().map_or_else(|_problem| String::new(), |site| site.name.to_lowercase());
            (std::cmp::Reverse(listed.last_used), name, listed.path.clone())
        });
        Ok(listed)
    }

    /// The site called `name`, without regard to case.
    ///
    /// # Errors
    /// When there is none (naming those there are), several, or its file cannot be read.
    pub fn load(&self, name: &str) -> Result<SiteFile, Problem> {
        let listed = self.list()?;
        let mut named = listed.iter().filter_map(|listed| {
            let site = listed.site.as_ref().ok()?;
            same_name(&site.name, name).then(|| SiteFile { path: listed.path.clone(), site: site.clone() })
        });
        match (named.next(), named.next()) {
            (Some(one), None) => Ok(one),
            (Some(one), Some(other)) => Err(Problem::new(format!("Two sites are called {name}")).hint(format!(
                "Change the name in {} or in {}.",
                one.path.display(),
                other.path.display()
            ))),
            (None, _) => Err(no_such_site(name, &listed)),
        }
    }

    /// Saves `site`, whole or not at all, in `path`, or in a new file named after it. Comments in an existing file stay.
    ///
    /// # Errors
    /// When the file cannot be written, or another site has the name.
    pub fn save(&self, site: &Site, path: Option<&Path>) -> Result<PathBuf, Problem> {
        if site.name.trim().is_empty() {
            return Err(Problem::new("The site has no name").hint("Give it one: it is what --site asks for."));
        }
        self.name_is_free(site, path)?;
        let path = match path {
            // Behind a link, the file it leads to is replaced, not the link.
            Some(path) => fs::canonicalize(path).unwrap_or_else(|_not_there_yet| path.to_owned()),
            None => self.new_path(&site.name),
        };
        let text = match fs::read_to_string(&path) {
            Ok(before) => text_of(site, Some(&before)),
            Err(_not_there_yet) => text_of(site, None),
        };
        write_whole(&path, &text)?;
        Ok(path)
    }

    /// Takes a copy of the site file `from` into the folder, under a name of its own.
    ///
    /// # Errors
    /// When `from` is no site, its name is taken, or the copy cannot be written.
    pub fn import(&self, from: &Path) -> Result<SiteFile, Problem> {
        let site = load_file(from)?.site;
        let path = self.save(&site, None)?;
        Ok(SiteFile { path, site })
    }

    /// Writes a copy of the site for another computer. There is no secret in it to leave out.
    ///
    /// # Errors
    /// When `to` cannot be written.
    pub fn export(site: &Site, to: &Path) -> Result<(), Problem> {
        let portable = Site {
            directory: crate::model::Directory { password_stored: false, ..site.directory.clone() },
            ..site.clone()
        };
        write_whole(to, &text_of(&portable, None))
    }

    /// Removes the site's file.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self, path: &Path) -> Result<(), Problem> {
        fs::remove_file(path).map_err(|error| file_problem("removed", path, &error))?;
        let mut last_used = self.last_used();
        if last_used.remove(&self.key(path)).is_some() {
            self.write_last_used(&last_used)?;
        }
        Ok(())
    }

    /// Remembers that the site was opened at `at`.
    ///
    /// # Errors
    /// When the note cannot be written.
    pub fn used(&self, path: &Path, at: Timestamp) -> Result<(), Problem> {
        let mut last_used = self.last_used();
        last_used.insert(self.key(path), at);
        self.write_last_used(&last_used)
    }

    fn files(&self) -> Result<Vec<PathBuf>, Problem> {
        let folder = self.sites_folder();
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(file_problem("read", &folder, &error)),
        };
        let toml = |path: &PathBuf| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
        Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).filter(toml).take(FOLDER_LIMIT).collect())
    }

    fn name_is_free(&self, site: &Site, path: Option<&Path>) -> Result<(), Problem> {
        let own = path.map(canonical);
        let taken = self.list()?.into_iter().find(|listed| {
            own.as_deref() != Some(&canonical(&listed.path))
                && listed.site.as_ref().is_ok_and(|other| same_name(&other.name, &site.name))
        });
        match taken {
            None => Ok(()),
            Some(other) => Err(Problem::new(format!("There is already a site called {}", site.name))
                .hint("Give this one another name.")
                .details(other.path.display().to_string())),
        }
    }

    fn new_path(&self, name: &str) -> PathBuf {
        let (folder, slug) = (self.sites_folder(), slug(name));
        let first = folder.join(format!("{slug}.toml"));
        if !first.exists() {
            return first;
        }
        (2..=FOLDER_LIMIT)
            .map(|number| folder.join(format!("{slug}-{number}.toml")))
            .find(|path| !path.exists())
            .unwrap_or(first)
    }

    /// What a file is called in `last-used.toml`: its name, or its whole path when it is elsewhere.
    fn key(&self, path: &Path) -> String {
        let own = path.parent().is_some_and(|parent| parent == self.sites_folder());
        let name = if own { path.file_name().map(Path::new) } else { None };
        name.unwrap_or(path).to_string_lossy().into_owned()
    }

    /// A note that cannot be read is as good as none: nothing but the order is lost.
    fn last_used(&self) -> BTreeMap<String, Timestamp> {
        let text = read_text(&self.folder.join("last-used.toml")).unwrap_or_default();
        toml::from_str(&text).unwrap_or_default()
    }

    fn write_last_used(&self, last_used: &BTreeMap<String, Timestamp>) -> Result<(), Problem> {
        let text = toml::to_string(last_used)
            .map_err(|error| Problem::new("The list of recent sites cannot be written").details(error.to_string()))?;
        write_whole(&self.folder.join("last-used.toml"), &text)
    }
}

/// Reads one site file, wherever it is.
///
/// # Errors
/// When it cannot be read, or is no site: with line, column and the key concerned.
pub fn load_file(path: &Path) -> Result<SiteFile, Problem> {
    let text = read_text(path)?;
    let site: Site = toml::from_str(&text).map_err(|error| parse_problem(path, &text, &error))?;
    if site.name.trim().is_empty() {
        return Err(Problem::new(format!("{} has no name", shown(path)))
            .hint("Add a line such as: name = \"Head office\"")
            .details(path.display().to_string()));
    }
    Ok(SiteFile { path: path.to_owned(), site })
}

/// The TOML of `site`: as [`Store::save`] writes it, with the comments and the order of `before`.
pub fn text_of(site: &Site, before: Option<&str>) -> String {
    // Numbers, texts and tables only: there is nothing in a site that TOML could refuse.
    let fresh = toml::to_string_pretty(site).unwrap_or_default();
    let (Ok(fresh_document), Some(Ok(mut document))) =
        (fresh.parse::<DocumentMut>(), before.map(str::parse::<DocumentMut>))
    else {
        return fresh;
    };
    merge(document.as_table_mut(), fresh_document.as_table());
    document.to_string()
}

/// Makes `old` say what `new` says, touching only what differs.
fn merge(old: &mut Table, new: &Table) {
    old.retain(|key, _item| new.contains_key(key));
    for (key, item) in new {
        match (old.get_mut(key), item) {
            (Some(Item::Table(old)), Item::Table(new)) => merge(old, new),
            (Some(Item::Value(old)), Item::Value(new)) => {
                if !same(old, new) {
                    let decor = old.decor().clone();
                    *old = new.clone();
                    *old.decor_mut() = decor;
                }
            }
            (_, item) => {
                old.insert(key, item.clone());
            }
        }
    }
}

/// The same value, however each is written: with other quotes, blanks or comments.
fn same(one: &toml_edit::Value, other: &toml_edit::Value) -> bool {
    use toml_edit::Value::{Array, Boolean, Integer, String};
    match (one, other) {
        (String(one), String(other)) => one.value() == other.value(),
        (Integer(one), Integer(other)) => one.value() == other.value(),
        (Boolean(one), Boolean(other)) => one.value() == other.value(),
        (Array(one), Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        _ => false, // a site holds nothing else
    }
}

/// A file's name for a site's: letters and digits of any script, dashes between.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.nfc().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.chars().count() == SLUG_LIMIT {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    let device = DEVICES.contains(&slug.trim_end_matches(|character: char| character.is_ascii_digit()));
    if slug.is_empty() || device { format!("site-{slug}").trim_end_matches('-').to_owned() } else { slug.to_owned() }
}

fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn no_such_site(name: &str, listed: &[Listed]) -> Problem {
    let names: Vec<&str> = listed.iter().filter_map(|listed| Some(listed.site.as_ref().ok()?.name.as_str())).collect();
    let problem = Problem::new(format!("There is no site called {name}"));
    if names.is_empty() {
        return problem.hint("No site was saved yet: add one, or give --site-file or --url.");
    }
    let broken = listed.iter().find_map(|listed| listed.site.as_ref().err());
    let problem = problem.hint(format!("There is {}.", names.join(", ")));
    match broken {
        Some(other) => problem.details(other.to_string()),
        None => problem,
    }
}

fn read_text(path: &Path) -> Result<String, Problem> {
    let unreadable = |error: io::Error| file_problem("read", path, &error);
    let mut bytes = Vec::new();
    // A pipe or a device has no length to trust: what is read is bounded.
    fs::File::open(path).map_err(unreadable)?.take(FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(Problem::new(format!("{} is too long for a site file", shown(path)))
            .details(format!("{}: more than {FILE_LIMIT} bytes", path.display())));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = String::from_utf8_lossy(&error.as_bytes()[..at]).matches('\n').count() + 1;
        Problem::new(format!("{}, line {line}: this is not UTF-8 text", shown(path)))
            .hint("Save the file as UTF-8.")
            .details(path.display().to_string())
    })
}

fn parse_problem(path: &Path, text: &str, error: &toml::de::Error) -> Problem {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.get(..at).unwrap_or_default();
    let (line, begin) = (before.matches('\n').count() + 1, before.rfind('\n').map_or(0, |newline| newline + 1));
    let column = before[begin..].chars().count() + 1;
    let key = key_at(text, begin);
    let (mut what, message) = (format!("{}, line {line}, column {column}", shown(path)), error.message());
    match key {
        Some(key) if !message.contains(&format!("`{key}`")) => what = format!("{what}, {key}: {message}"),
        _ => what = format!("{what}: {message}"),
    }
    Problem::new(what.replace('\n', " "))
        .hint("Correct the file, then open it again.")
        .details(path.display().to_string())
}

/// The key that the line beginning at `begin` sets.
fn key_at(text: &str, begin: usize) -> Option<String> {
    let line = text.get(begin..)?.lines().next()?;
    let (key, _value) = line.split_once('=')?;
    let key = key.trim().trim_matches(['"', '\'']);
    (!key.is_empty() && !key.starts_with(['#', '['])).then(|| key.to_owned())
}

fn write_whole(path: &Path, text: &str) -> Result<(), Problem> {
    let problem = |error: io::Error| file_problem("saved", path, &error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(problem)?;
    let mut beside = NamedTempFile::new_in(folder).map_err(problem)?;
    beside.write_all(text.as_bytes()).map_err(problem)?;
    if let Ok(old) = fs::metadata(path) {
        fs::set_permissions(beside.path(), old.permissions()).map_err(problem)?;
    }
    beside.as_file().sync_all().map_err(problem)?;
    beside.persist(path).map_err(|error| problem(error.error))?;
    Ok(())
}

fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_not_there| path.to_owned())
}

fn file_problem(done: &str, path: &Path, error: &io::Error) -> Problem {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "Check the path.",
        io::ErrorKind::PermissionDenied => "Check who may read and write it.",
        io::ErrorKind::StorageFull => "The disk is full: make room, then try again.",
        _ => "Check the disk it is on.",
    };
    Problem::new(format!("{} cannot be {done}", shown(path))).hint(hint).details(format!("{}: {error}", path.display()))
}

/// A file's name alone: the path stands in the details.
fn shown(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::{slug, text_of};
    use crate::model::{DirectoryKind, Environment, Site};

    #[test]
    fn a_file_is_named_after_its_site_safely_on_every_system() {
        let long = "x".repeat(200);
        let cases = [
            ("Head office", "head-office"),
            ("  Müller & Söhne / Zürich ", "müller-söhne-zürich"),
            ("../../etc/passwd", "etc-passwd"),
            ("CON", "site-con"),
            ("com1", "site-com1"),
            ("Comet", "comet"),
            ("本社", "本社"),
            ("***", "site"),
            (&long, &long[..60]),
        ];
        for (name, expected) in cases {
            assert_eq!(slug(name), expected, "{name}");
        }
    }

    #[test]
    fn the_administrators_comments_stay() {
        let before = "# Change request 4711\nname = \"Head office\" # as in the CMDB\nenvironment = 'test'\n\n\
                      [directory]\n# asked for by the network team\npage_size = 500\ntimeout_seconds = 10\n\
                      filter = \"(objectClass=person)\"\nreferrals = \"ask\"\n\n[directory.server]\nhost = \"dc1\"\n\
                      port = 636\nsecurity = \"ldaps\"\n\n[photos]\n# none yet\n";
        let mut site: Site = toml::from_str(before).unwrap();
        assert_eq!(text_of(&site, Some(before)), before, "nothing changed, so nothing is touched");
        site.environment = Environment::Production;
        site.directory.filter = None;
        site.directory.kind = Some(DirectoryKind::OpenLdap);
        let after = text_of(&site, Some(before));
        assert_eq!(toml::from_str::<Site>(&after).unwrap(), site, "{after}");
        for kept in ["# Change request 4711", "# as in the CMDB", "# asked for by the network team", "# none yet"] {
            assert!(after.contains(kept), "{kept} is gone:\n{after}");
        }
        assert!(!after.contains("filter"), "{after}");
    }
}
