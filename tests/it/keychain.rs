//! Passwords in a real credential store, GNOME Keyring: kept, replaced and forgotten by what the window does, read by
//! the command line.

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{self, Stdio},
};

use photodesk::{
    demo::Demo,
    job::Waker,
    model::{Credentials, Secret, Site},
    net::ldap::{Connection, LdapError},
    sites::{
        Command, Opened, Outcome, State, keychain,
        store::{self, Store},
    },
};

use crate::{
    cli::{self, Ran},
    sites_store::until,
    support::{again, keyring, keyring::Keyring},
};

/// A directory, a site for it in a file, and its right password.
struct Office {
    _demo: Demo,
    home: PathBuf,
    path: PathBuf,
    password: Secret,
}

impl Office {
    fn new() -> Self {
        let demo = Demo::start().unwrap();
        let Credentials::Simple { password, .. } = demo.credentials() else { panic!("signs in by name") };
        let home = PathBuf::from(std::env::var_os("HOME").unwrap());
        let site = Site { name: "Head office".to_owned(), ..demo.site().clone() };
        let path = Store::at(home.join("config")).save(&site, None).unwrap();
        Self { _demo: demo, home, path, password }
    }

    /// The window as it starts.
    fn window(&self) -> State {
        let mut state = State::new(Store::at(self.home.join("config")), Waker::none());
        until(&mut state, |state, _| (!state.is_busy()).then_some(()));
        assert_eq!(state.no_keychain(), None, "there is a store");
        state
    }

    fn site(&self) -> Site {
        store::load_file(&self.path).unwrap().site
    }

    /// What the store has for the site.
    fn kept(&self) -> Option<Secret> {
        let site = self.site();
        let kept = keychain::get(&site.name, &site.directory).unwrap();
        assert_eq!(keyring::kept(), usize::from(kept.is_some()), "the store itself says so");
        assert_eq!(site.directory.password_stored, kept.is_some(), "the file says so");
        let file = std::fs::read_to_string(&self.path).unwrap();
        assert!(!file.contains(self.password.expose()), "the password is in the file");
        kept
    }

    /// The command line, with no password but the store's.
    fn list(&self) -> Ran {
        cli::run(&self.home, &["people", "list", "--site", &self.site().name, "--format", "json"], None)
    }
}

fn opened(state: &mut State) -> Box<Opened> {
    let opened = until(state, |_, outcomes| {
        outcomes.into_iter().find_map(|outcome| match outcome {
            Outcome::Opened(opened) => Some(opened),
            _ => None,
        })
    });
    until(state, |state, _| (!state.is_busy()).then_some(()));
    assert!(state.problem().is_none(), "{:?}", state.problem());
    opened
}

/// Asks the window for the site at `path` and types `password`.
fn sign_in(state: &mut State, path: &Path, password: &Secret, keep: bool) {
    state.run(Command::AskPassword(path.to_owned()));
    until(state, |state, _| state.sign_in().map(|_asked| ()));
    state.run(Command::SignIn { password: password.clone(), keep });
}

fn answers(opened: &Opened) -> Result<(), LdapError> {
    opened.session.with(Connection::root_dse).map(drop)
}

#[test]
fn a_password_is_kept_replaced_moved_and_forgotten() {
    let Some(keyring) = Keyring::start() else { return };
    again::run(&[], "keychain::inside_an_open_store", &keyring.environment());
}

#[test]
fn a_store_that_stays_locked_is_said_to_be() {
    let Some(keyring) = Keyring::start() else { return };
    again::run(&[], "keychain::inside_a_locked_store", &keyring.environment());
}

#[test]
#[ignore = "runs on the message bus that a_password_is_kept_replaced_moved_and_forgotten starts"]
fn inside_an_open_store() {
    if !again::is_here() {
        return;
    }
    assert_eq!(keychain::available(), Ok(()));
    let office = Office::new();
    kept_when_it_is_right(&office);
    used_by_the_next_window_and_by_the_command_line(&office);
    replaced(&office);
    forgotten_when_it_is_not_to_be_kept(&office);
    moved_with_the_sites_name_and_removed_with_the_site(&office);
}

fn kept_when_it_is_right(office: &Office) {
    let mut state = office.window();
    state.run(Command::Open(office.path.clone()));
    until(&mut state, |state, _| state.sign_in().map(|_asked| ()));
    state.run(Command::SignIn { password: Secret::new("wrong"), keep: true });
    until(&mut state, |state, _| state.sign_in().and_then(|asked| asked.problem.as_ref()).map(|_problem| ()));
    assert_eq!(office.kept(), None, "a wrong password is not kept");
    state.run(Command::SignIn { password: office.password.clone(), keep: true });
    answers(&opened(&mut state)).unwrap();
    assert_eq!(office.kept().as_ref(), Some(&office.password));
}

fn used_by_the_next_window_and_by_the_command_line(office: &Office) {
    let mut state = office.window();
    state.run(Command::Open(office.path.clone()));
    answers(&opened(&mut state)).unwrap();
    assert!(state.sign_in().is_none(), "nobody was asked");
    let list = office.list();
    assert_eq!((list.code, list.err.as_str()), (0, ""));
    assert!(list.json().as_array().unwrap().len() >= 400);
}

fn replaced(office: &Office) {
    let site = office.site();
    keychain::set(&site.name, &site.directory, &Secret::new("päßwort of last year")).unwrap();
    assert_eq!(office.kept(), Some(Secret::new("päßwort of last year")), "one password, and it is the new one");
    let mut state = office.window();
    state.run(Command::Open(office.path.clone()));
    let refused = answers(&opened(&mut state));
    assert!(matches!(refused, Err(LdapError::InvalidCredentials { .. })), "{refused:?}");
    let list = office.list();
    assert_eq!(list.code, 3, "{list:?}");
    assert!(list.err.contains("does not accept this name and password"), "{list:?}");
    sign_in(&mut state, &office.path, &office.password, true);
    answers(&opened(&mut state)).unwrap();
    assert_eq!(office.kept().as_ref(), Some(&office.password));
}

fn forgotten_when_it_is_not_to_be_kept(office: &Office) {
    let mut state = office.window();
    sign_in(&mut state, &office.path, &office.password, false);
    answers(&opened(&mut state)).unwrap();
    assert_eq!(office.kept(), None);
    let list = office.list();
    assert_eq!(list.code, 3, "{list:?}");
    assert!(list.err.contains("There is no password for"), "{list:?}");
    sign_in(&mut state, &office.path, &office.password, true);
    opened(&mut state);
    assert_eq!(office.kept().as_ref(), Some(&office.password));
}

fn moved_with_the_sites_name_and_removed_with_the_site(office: &Office) {
    let before = office.site();
    let mut state = office.window();
    state.run(Command::Edit(office.path.clone()));
    let mut draft = until(&mut state, |state, _| state.wizard().map(|wizard| wizard.draft.clone()));
    "Main office".clone_into(&mut draft.site.name);
    state.run(Command::Draft(Box::new(draft)));
    state.run(Command::Save);
    answers(&opened(&mut state)).unwrap();
    assert_eq!(office.site().name, "Main office");
    assert_eq!(office.kept().as_ref(), Some(&office.password));
    assert_eq!(keychain::get(&before.name, &before.directory).unwrap(), None, "nothing is left under the old name");
    state.run(Command::Remove(office.path.clone()));
    until(&mut state, |state, _| (!state.is_busy()).then_some(()));
    assert_eq!((keyring::kept(), office.path.exists()), (0, false));
}

#[test]
#[ignore = "runs on the message bus that a_store_that_stays_locked_is_said_to_be starts"]
fn inside_a_locked_store() {
    if !again::is_here() {
        return;
    }
    let office = Office::new();
    let mut state = office.window();
    sign_in(&mut state, &office.path, &office.password, true);
    opened(&mut state);
    let site = office.site();
    keyring::lock();

    let problems = [
        keychain::get(&site.name, &site.directory).unwrap_err(),
        keychain::set(&site.name, &site.directory, &Secret::new("another")).unwrap_err(),
        keychain::forget(&site.name, &site.directory).unwrap_err(),
    ];
    for (problem, done) in problems.iter().zip(["read from", "kept in", "removed from"]) {
        assert_eq!(problem.what, format!("The password cannot be {done} the system's credential store"));
        assert!(problem.hint.as_deref().is_some_and(|hint| hint.contains("Unlock the store")), "{problem:?}");
        assert!(!format!("{problem:?}").contains("another"), "{problem:?}");
    }
    let list = office.list();
    assert_eq!(list.code, 1, "{list:?}");
    assert!(list.err.contains("cannot be read from the system's credential store"), "{list:?}");
    let mut state = office.window();
    state.run(Command::Open(office.path.clone()));
    until(&mut state, |state, _| state.sign_in().map(|_asked| ()));
    asked_for_on_a_terminal(&office);
}

/// The command line asks as well, where there is somebody to ask: on a terminal, which `script` makes.
fn asked_for_on_a_terminal(office: &Office) {
    let list = format!("'{}' people list --site 'Head office' --format csv", env!("CARGO_BIN_EXE_photodesk"));
    let mut terminal = process::Command::new("script")
        .args(["--quiet", "--flush", "--return", "--command", &list, "/dev/null"])
        .env("PHOTODESK_CONFIG", office.home.join("config"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut typed, mut shown) = (terminal.stdin.take().unwrap(), terminal.stdout.take().unwrap());
    let (mut text, mut piece) = (String::new(), [0; 4096]);
    while !text.contains("Password of ") {
        let count = shown.read(&mut piece).unwrap();
        assert!(count > 0, "it ended without asking: {text}");
        text.push_str(&String::from_utf8_lossy(&piece[..count]));
    }
    writeln!(typed, "{}", office.password.expose()).unwrap();
    shown.read_to_string(&mut text).unwrap();
    assert!(terminal.wait().unwrap().success(), "{text}");
    assert!(text.contains("cannot be read from the system's credential store"), "{text}");
    assert!(text.contains("dn,name,mail,photo_url"), "{text}");
}
