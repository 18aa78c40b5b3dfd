//! Sites: their files, their passwords, the connection check in steps, and the wizard.
//!
//! [`State`] is what is true, [`Command`] what a person asks, [`Outcome`] what the window has to do next.

pub mod check;
pub mod draft;
pub mod keychain;
pub mod panel;
pub mod store;

use std::path::PathBuf;

use crate::{
    job::Waker,
    model::{Problem, Secret, Site},
    net::ldap::Session,
};

use self::{check::Mend, draft::Draft, store::Listed, store::Store};

/// What is true about sites.
pub struct State {
    store: Store,
    waker: Waker,
    sites: Vec<Listed>,
    problem: Option<Problem>,
    outcomes: Vec<Outcome>,
}

/// A site that is ready to be worked with.
pub struct Opened {
    /// The site.
    pub site: Site,
    /// Its file; `None` for the demo site.
    pub path: Option<PathBuf>,
    /// The way to its directory.
    pub session: Session,
}

/// What a file is picked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFor {
    /// A site to open.
    Site,
    /// Certificate authorities for the directory.
    DirectoryCa,
    /// Certificate authorities for the photo web server.
    PhotosCa,
}

/// What a person asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open the demo site.
    ExploreDemo,
    /// Show a file dialog; the window answers with [`Command::Picked`].
    PickFile(FileFor),
    /// A file was picked, dropped or typed.
    Picked(FileFor, PathBuf),
    /// Read the list of sites again.
    Refresh,
    /// Begin a new site.
    Add,
    /// Change a site.
    Edit(PathBuf),
    /// Open a site: asks for its password when none is kept.
    Open(PathBuf),
    /// Ask for the password of a site again: the kept one was refused.
    AskPassword(PathBuf),
    /// Remove a site's file and its kept password.
    Remove(PathBuf),
    /// Close the open site.
    Close,
    /// The wizard's fields changed.
    Draft(Box<Draft>),
    /// Check the connection.
    Check,
    /// Stop checking.
    StopCheck,
    /// Do what a step offers.
    Mend(Mend),
    /// Trust the shown certificate: for this site, or this once.
    Trust {
        /// Which.
        certificate: crate::model::Fingerprint,
        /// Write it into the site.
        always: bool,
    },
    /// Save the site and open it.
    Save,
    /// Leave the wizard without saving.
    Leave,
    /// Sign in with this password.
    SignIn {
        /// As typed.
        password: Secret,
        /// Keep it in the system's credential store.
        keep: bool,
    },
    /// Sign in without a name.
    SignInAnonymously,
    /// Leave the sign-in dialog.
    CancelSignIn,
    /// The problem was read.
    DismissProblem,
}

/// What the window has to do.
pub enum Outcome {
    /// Start the demo site and open it.
    ExploreDemo,
    /// Show a file dialog.
    PickFile(FileFor),
    /// Work with this site from now on.
    Opened(Box<Opened>),
    /// The open site's file changed: work with the new settings.
    Close,
}

impl State {
    /// Sites of `store`; the list is read at once, in the background.
    pub fn new(store: Store, waker: Waker) -> Self {
        Self { store, waker, sites: Vec::new(), problem: None, outcomes: Vec::new() }
    }

    /// All sites, the last used one first.
    pub fn sites(&self) -> &[Listed] {
        &self.sites
    }

    /// What went wrong last.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// The wizard is open.
    pub fn in_wizard(&self) -> bool {
        false
    }

    /// A password is asked for.
    pub fn asks_password(&self) -> bool {
        false
    }

    /// Takes in what jobs report, and gives what the window has to do.
    pub fn poll(&mut self) -> Vec<Outcome> {
        let _ = (&self.store, &self.waker);
        std::mem::take(&mut self.outcomes)
    }

    /// Does what a person asked.
    pub fn run(&mut self, command: Command) {
        let _ = command;
        unimplemented!()
    }
}
