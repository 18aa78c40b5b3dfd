//! Site files: TOML in the user's configuration folder, one file a site, never with a secret in it.
//!
//! Not here: passwords (`keychain.rs`); what a site is (`model/site.rs`).

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::model::{Problem, Site};

/// The folder with the site files.
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

/// One file of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The file.
    pub path: PathBuf,
    /// The site, or what is wrong with the file and where.
    pub site: Result<Site, Problem>,
    /// When it was last opened.
    pub last_used: Option<Timestamp>,
}

impl Store {
    /// The user's own folder; the environment variable `PHOTODESK_CONFIG` names another.
    ///
    /// # Errors
    /// When the system knows no home folder.
    pub fn of_user() -> Result<Self, Problem> {
        unimplemented!()
    }

    /// Site files below `folder`.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// All sites, the last used one first. A folder that is not there has none.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, Problem> {
        let _ = &self.folder;
        unimplemented!()
    }

    /// The site called `name`, without regard to case.
    ///
    /// # Errors
    /// When there is none (naming those there are), or its file cannot be read.
    pub fn load(&self, name: &str) -> Result<SiteFile, Problem> {
        let _ = name;
        unimplemented!()
    }

    /// Saves `site`, whole or not at all, in `path`, or in a new file named after it. Comments in an existing file stay.
    ///
    /// # Errors
    /// When the file cannot be written, or another site has the name.
    pub fn save(&self, site: &Site, path: Option<&Path>) -> Result<PathBuf, Problem> {
        let _ = (site, path);
        unimplemented!()
    }

    /// Removes the site's file.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self, path: &Path) -> Result<(), Problem> {
        let _ = path;
        unimplemented!()
    }

    /// Remembers that the site was opened now.
    ///
    /// # Errors
    /// When the note cannot be written.
    pub fn used(&self, path: &Path, at: Timestamp) -> Result<(), Problem> {
        let _ = (path, at);
        unimplemented!()
    }
}

/// Reads one site file, wherever it is.
///
/// # Errors
/// When it cannot be read, or is no site: with line, column and the key concerned.
pub fn load_file(path: &Path) -> Result<SiteFile, Problem> {
    let _ = path;
    unimplemented!()
}
