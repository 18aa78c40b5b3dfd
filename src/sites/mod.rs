//! Sites: their files, their passwords, the connection check in steps, and the wizard.
//!
//! [`State`] is what is true, [`Command`] what a person asks, [`Outcome`] what the window has to do next. Not here: the
//! open site's people (`people/`), starting the demo site (`demo/`), file dialogs (`app/`).

pub mod check;
pub mod draft;
mod job;
pub mod keychain;
pub mod panel;
pub mod store;
pub mod wizard;

use std::path::{Path, PathBuf};

use self::{
    check::Mend,
    draft::Draft,
    job::Event,
    store::{Listed, SiteFile, Store},
    wizard::Wizard,
};
use crate::{
    job::{Job, Poll, Reporter, Stop, Waker},
    model::{Credentials, Fingerprint, Problem, Secret, Site},
    net::ldap::Session,
};

/// What is true about sites.
pub struct State {
    store: Store,
    waker: Waker,
    sites: Vec<Listed>,
    /// `None` until it is known.
    keychain: Option<Result<(), String>>,
    wizard: Option<Wizard>,
    sign_in: Option<SignIn>,
    problem: Option<Problem>,
    jobs: Vec<Job<Event>>,
    outcomes: Vec<Outcome>,
}

/// A site whose password is asked for.
pub struct SignIn {
    /// Which.
    pub file: SiteFile,
    /// Why the last password did not do.
    pub problem: Option<Problem>,
    /// One is being tried.
    pub trying: bool,
    trust_once: Option<Fingerprint>,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFor {
    /// A site to open.
    Site,
    /// Certificate authorities for the directory.
    DirectoryCa,
    /// Certificate authorities for the photo web server.
    PhotosCa,
    /// A place for a copy of this site file: a dialog that saves.
    Export(PathBuf),
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
    Check {
        /// By a button, and not by going on to the next field.
        asked: bool,
    },
    /// Stop checking.
    StopCheck,
    /// Do what a step offers.
    Mend(Mend),
    /// Trust the shown certificate: for this site, or this once.
    Trust {
        /// Which.
        certificate: Fingerprint,
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
    /// Close the open site.
    Close,
}

impl State {
    /// Sites of `store`. The list, and whether there is a credential store, are read in the background.
    pub fn new(store: Store, waker: Waker) -> Self {
        let mut state = Self { waker, keychain: None, ..Self::showing(store, None, Ok(())) };
        state.run(Command::Refresh);
        state.start("keychain", |_store, report| job::look_for_keychain(report));
        state
    }

    /// Sites without a look at the system: the list is empty until [`Command::Refresh`], the wizard as given, and
    /// whether there is a credential store as `keychain` says.
    pub fn showing(store: Store, wizard: Option<Wizard>, keychain: Result<(), String>) -> Self {
        Self {
            store,
            waker: Waker::none(),
            sites: Vec::new(),
            keychain: Some(keychain),
            wizard,
            sign_in: None,
            problem: None,
            jobs: Vec::new(),
            outcomes: Vec::new(),
        }
    }

    /// All sites, the last used one first.
    pub fn sites(&self) -> &[Listed] {
        &self.sites
    }

    /// Where site files are.
    pub fn sites_folder(&self) -> PathBuf {
        self.store.sites_folder()
    }

    /// Why passwords cannot be kept; `None` when they can, or while it is not known.
    pub fn no_keychain(&self) -> Option<&str> {
        self.keychain.as_ref()?.as_ref().err().map(String::as_str)
    }

    /// What went wrong last.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// The open wizard.
    pub fn wizard(&self) -> Option<&Wizard> {
        self.wizard.as_ref()
    }

    /// The site whose password is asked for.
    pub fn sign_in(&self) -> Option<&SignIn> {
        self.sign_in.as_ref()
    }

    /// Files are being read or written, or a password tried.
    pub fn is_busy(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// The names of all sites but the one in `path`.
    pub fn other_names(&self, path: Option<&Path>) -> Vec<&str> {
        let others = self.sites.iter().filter(|listed| path != Some(&listed.path));
        others.filter_map(|listed| Some(listed.site.as_ref().ok()?.name.as_str())).collect()
    }

    /// Takes in what jobs report, and gives what the window has to do.
    pub fn poll(&mut self) -> Vec<Outcome> {
        if let Some(wizard) = &mut self.wizard {
            wizard.poll();
        }
        let mut running = Vec::new();
        for job in std::mem::take(&mut self.jobs) {
            if self.drain(&job) {
                running.push(job);
            }
        }
        self.jobs.append(&mut running);
        std::mem::take(&mut self.outcomes)
    }

    /// Does what a person asked.
    pub fn run(&mut self, command: Command) {
        match command {
            Command::ExploreDemo => self.outcomes.push(Outcome::ExploreDemo),
            Command::Close => self.outcomes.push(Outcome::Close),
            Command::PickFile(what) => self.outcomes.push(Outcome::PickFile(what)),
            Command::Picked(what, path) => self.picked(what, path),
            Command::Refresh => self.start("sites", job::list),
            Command::Open(path) => self.start("open site", move |store, report| job::open(store, &path, false, report)),
            Command::AskPassword(path) => {
                self.start("open site", move |store, report| job::open(store, &path, true, report));
            }
            Command::Edit(path) => self.start("site", move |_store, report| job::load(&path, report)),
            Command::Remove(path) => {
                self.start("remove site", move |store, report| job::remove(store, &path, report));
            }
            Command::DismissProblem => self.problem = None,
            Command::SignIn { .. } | Command::SignInAnonymously | Command::CancelSignIn => self.sign_in_with(command),
            Command::Add
            | Command::Draft(_)
            | Command::Check { .. }
            | Command::StopCheck
            | Command::Mend(_)
            | Command::Trust { .. }
            | Command::Save
            | Command::Leave => self.run_wizard(command),
        }
    }

    fn picked(&mut self, what: FileFor, path: PathBuf) {
        let Some(draft) = self.wizard.as_ref().map(|wizard| wizard.draft.clone()) else {
            return match what {
                FileFor::Site => self.run(Command::Open(path)),
                FileFor::Export(site) => self.start("export site", move |_store, _report| job::export(&site, &path)),
                FileFor::DirectoryCa | FileFor::PhotosCa => {}
            };
        };
        let mut draft = draft;
        match what {
            FileFor::DirectoryCa => draft.site.directory.ca_file = Some(path),
            FileFor::PhotosCa => draft.site.photos.ca_file = Some(path),
            FileFor::Site | FileFor::Export(_) => return,
        }
        self.changed_and_checked(draft);
    }

    fn run_wizard(&mut self, command: Command) {
        let waker = self.waker.clone();
        if command == Command::Add {
            self.wizard = Some(Wizard::new(Draft::default(), None));
        }
        let Some(wizard) = &mut self.wizard else { return };
        match command {
            Command::Draft(draft) => wizard.change(*draft),
            Command::Check { asked } => wizard.check(asked, waker),
            Command::StopCheck => wizard.stop(),
            Command::Mend(Mend::AddCaFile) => self.outcomes.push(Outcome::PickFile(FileFor::DirectoryCa)),
            Command::Mend(mend) => {
                let mut draft = wizard.draft.clone();
                draft.mend(&mend);
                self.changed_and_checked(draft);
            }
            Command::Trust { certificate, always } => {
                let mut draft = wizard.draft.clone();
                draft.site.directory.pinned_certificate =
                    if always { Some(certificate) } else { draft.site.directory.pinned_certificate };
                draft.trust_once = (!always).then_some(certificate);
                self.changed_and_checked(draft);
            }
            Command::Save => {
                wizard.stop();
                let saving = job::Saving {
                    site: wizard.draft.to_site(wizard.found.kind),
                    original: wizard.original.clone(),
                    path: wizard.draft.path.clone(),
                    password: wizard.draft.password.clone(),
                    keep: wizard.draft.keep,
                };
                self.start("save site", move |store, report| job::save(store, saving, report));
            }
            Command::Leave => self.wizard = None,
            _ => {}
        }
    }

    /// A mend was chosen, which is a wish to see whether it helps.
    fn changed_and_checked(&mut self, draft: Draft) {
        let waker = self.waker.clone();
        if let Some(wizard) = &mut self.wizard {
            wizard.change(draft);
            wizard.check(true, waker);
        }
    }

    fn sign_in_with(&mut self, command: Command) {
        let Some(asked) = &mut self.sign_in else { return };
        let name = asked.file.site.directory.sign_in.clone().unwrap_or_default();
        let (credentials, keep) = match command {
            Command::SignIn { password, keep } => (Credentials::Simple { name, password }, keep),
            Command::SignInAnonymously => (Credentials::Anonymous, false),
            _ => {
                self.sign_in = None;
                return;
            }
        };
        asked.trying = true;
        asked.problem = None;
        let (file, trust_once) = (asked.file.clone(), asked.trust_once);
        let asked = job::SignIn { file, credentials, trust_once, keep: keep && self.no_keychain().is_none() };
        self.start("sign in", move |store, report| job::sign_in(store, asked, report));
    }

    fn start(&mut self, name: &str, work: impl FnOnce(&Store, &Reporter<Event>) -> Result<(), Stop> + Send + 'static) {
        let store = self.store.clone();
        self.jobs.push(Job::spawn(name, self.waker.clone(), move |report| work(&store, report)));
    }

    /// Takes in all that `job` reported; `true` while it goes on.
    fn drain(&mut self, job: &Job<Event>) -> bool {
        loop {
            match job.poll() {
                Poll::Event(event) => self.apply(event),
                Poll::Pending => return true,
                Poll::Ended(end) => {
                    if let Err(Stop::Failed(problem)) = end {
                        self.failed(problem);
                    }
                    return false;
                }
            }
        }
    }

    /// A problem goes where the person looks.
    fn failed(&mut self, problem: Problem) {
        match (&mut self.sign_in, &mut self.wizard) {
            (Some(asked), _) if asked.trying => (asked.trying, asked.problem) = (false, Some(problem)),
            (_, Some(wizard)) => wizard.problem = Some(problem),
            _ => self.problem = Some(problem),
        }
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Listed(sites) => self.sites = sites,
            Event::Keychain(found) => self.keychain = Some(found),
            Event::Loaded(file) => {
                let draft = Draft::of(file.site.clone(), Some(file.path));
                let mut wizard = Wizard::new(draft, Some(file.site));
                wizard.check(false, self.waker.clone());
                self.wizard = Some(wizard);
            }
            Event::Saved(file) => self.saved(*file),
            Event::WantsPassword(file) => {
                self.sign_in = Some(SignIn { file: *file, problem: None, trying: false, trust_once: None });
            }
            Event::NotSignedIn(problem) => self.failed(problem),
            Event::Ready(file, credentials, target) => {
                self.sign_in = None;
                self.opened(*file, Session::new(target, credentials));
            }
        }
    }

    /// The wizard's site is saved: it is opened with what was typed, which need not be asked for again.
    fn saved(&mut self, file: SiteFile) {
        let Some(wizard) = self.wizard.take() else { return };
        let credentials = wizard.draft.credentials();
        let without_password = matches!(&credentials, Credentials::Simple { password, .. } if password.is_empty());
        if without_password {
            self.run(Command::Open(file.path));
        } else {
            let target = job::target_of(&file.site, wizard.draft.trust_once);
            let (path, at) = (file.path.clone(), jiff::Timestamp::now());
            self.start("sites", move |store, report| {
                store.used(&path, at)?;
                job::list(store, report)
            });
            self.opened(file, Session::new(target, credentials));
        }
    }

    fn opened(&mut self, file: SiteFile, session: Session) {
        let opened = Opened { site: file.site, path: Some(file.path), session };
        self.outcomes.push(Outcome::Opened(Box::new(opened)));
    }
}
