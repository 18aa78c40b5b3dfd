//! Site files: whole or not at all, named safely, clear when they are wrong, and never with a secret in them.

use std::{fs, path::Path};

use jiff::Timestamp;
use photodesk::{
    job::Waker,
    model::{Secret, Server, Site},
    sites::{
        Command, FileFor, Outcome, State,
        store::{self, Store},
    },
};

fn site(name: &str) -> Site {
    let mut site = Site { name: name.to_owned(), ..Site::default() };
    site.directory.server = Server { host: "dc1.example.com".to_owned(), ..Server::default() };
    site.directory.sign_in = Some("svc-photodesk@example.com".to_owned());
    site
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn names(store: &Store) -> Vec<String> {
    store.list().unwrap().into_iter().map(|listed| listed.site.map_or_else(|p| p.what, |site| site.name)).collect()
}

#[test]
fn the_last_used_site_comes_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    assert_eq!(names(&store), [""; 0], "a folder that is not there has no sites");
    let paths: Vec<_> = ["Berlin", "Zürich", "Athens"].map(|name| store.save(&site(name), None).unwrap()).into();
    assert_eq!(names(&store), ["Athens", "Berlin", "Zürich"], "by name, as long as none was used");
    store.used(&paths[1], at(100)).unwrap();
    store.used(&paths[0], at(200)).unwrap();
    assert_eq!(names(&store), ["Berlin", "Zürich", "Athens"]);
    fs::write(folder.path().join("last-used.toml"), "not = [toml").unwrap();
    assert_eq!(names(&store), ["Athens", "Berlin", "Zürich"], "a broken note costs the order only");
    store.remove(&paths[2]).unwrap();
    assert_eq!(names(&store), ["Berlin", "Zürich"]);
}

#[test]
fn a_site_is_loaded_by_its_name_whatever_the_case() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let path = store.save(&site("Head office"), None).unwrap();
    assert_eq!(path.file_name().unwrap(), "head-office.toml");
    assert_eq!(store.load("HEAD OFFICE").unwrap().path, path);
    let missing = store.load("Branch").unwrap_err();
    assert_eq!(missing.to_string(), "There is no site called Branch. There is Head office.");
    let taken = store.save(&site("head OFFICE"), None).unwrap_err();
    assert!(taken.what.contains("already"), "{taken}");
    assert_eq!(store.save(&site("Head-office!"), None).unwrap().file_name().unwrap(), "head-office-2.toml");
    // The same file may be saved again, under another name too.
    assert_eq!(store.save(&site("Main office"), Some(&path)).unwrap(), path);
    assert_eq!(store.load("Main office").unwrap().path, path);
}

#[test]
fn a_mistake_in_a_file_is_told_with_its_place_and_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.toml");
    let cases: [(&[u8], &[&str]); 9] = [
        (b"name = \"A\"\nenvironment = \"prod\"\n", &["site.toml, line 2", "environment", "prod", "production"]),
        (b"name = \"A\"\n[directory]\nbasis = \"dc=example\"\n", &["line 3", "basis"]),
        (b"name = \"A\"\n[directory]\npage_size = \"many\"\n", &["line 3, column 13", "page_size", "many"]),
        (b"name = \"A\"\n[directory.server]\nhost = \"a\"\nport = 99999\nsecurity = \"ldaps\"\n", &["line 4", "port"]),
        (b"name = \"A\"\n[directory]\npinned_certificate = \"4F:1C\"\n", &["line 3", "pinned_certificate"]),
        (b"name = \"A\n", &["line 1"]),
        (b"name = \"\"\n", &["has no name"]),
        (b"name = \"A\"\nnotes = \"\xff\"\n", &["line 2", "not UTF-8"]),
        (b"password = \"swordfish\"\n", &["line 1", "password"]),
    ];
    for (bytes, expected) in cases {
        fs::write(&path, bytes).unwrap();
        let problem = store::load_file(&path).unwrap_err();
        for word in expected {
            assert!(problem.what.contains(word), "{}: {} lacks {word}", String::from_utf8_lossy(bytes), problem.what);
        }
        assert!(problem.hint.is_some(), "{}", problem.what);
    }
    fs::write(&path, vec![b'#'; 300 * 1024]).unwrap();
    assert!(store::load_file(&path).unwrap_err().what.contains("too long"));
    assert!(store::load_file(folder.path()).unwrap_err().what.contains("cannot be read"));
}

#[test]
fn a_file_that_cannot_be_read_stands_in_the_list_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    store.save(&site("Good"), None).unwrap();
    fs::write(store.sites_folder().join("bad.toml"), "nam = 1").unwrap();
    fs::write(store.sites_folder().join("notes.txt"), "no site").unwrap();
    let listed = store.list().unwrap();
    assert_eq!(listed.len(), 2, "{listed:?}");
    let bad = listed.iter().find_map(|listed| listed.site.as_ref().err()).unwrap();
    assert!(bad.what.starts_with("bad.toml, line 1, column 1") && bad.what.contains("nam"), "{bad}");
    assert!(store.load("Good").is_ok(), "one bad file is no reason to refuse the others");
}

#[test]
fn a_saved_file_is_whole_and_keeps_its_rights() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let path = store.save(&site("A"), None).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        store.save(&site("B"), Some(&path)).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }
    let left: Vec<_> = fs::read_dir(store.sites_folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["a.toml"], "nothing is left beside it");
}

#[test]
fn a_site_travels_without_secrets() {
    let here = tempfile::tempdir().unwrap();
    let there = tempfile::tempdir().unwrap();
    let mut kept = site("Head office");
    kept.directory.password_stored = true;
    let copy = here.path().join("copy.toml");
    Store::export(&kept, &copy).unwrap();
    let imported = Store::at(there.path()).import(&copy).unwrap();
    assert!(!imported.site.directory.password_stored, "the password did not travel, so it is not said to be there");
    assert_eq!(imported.site.directory.sign_in, kept.directory.sign_in);
}

/// Polls `state` until `done` gives something; a watchdog of the test runner ends it otherwise.
pub fn until<T>(state: &mut State, mut done: impl FnMut(&mut State, Vec<Outcome>) -> Option<T>) -> T {
    let end = std::time::Instant::now() + std::time::Duration::from_mins(1);
    loop {
        let outcomes = state.poll();
        if let Some(found) = done(state, outcomes) {
            return found;
        }
        assert!(std::time::Instant::now() < end, "nothing happened in a minute");
        std::thread::yield_now();
    }
}

fn every_file(folder: &Path, each: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() { every_file(&entry, each) } else { each(&entry) }
    }
}

#[test]
fn the_wizard_saves_no_password_and_opens_the_site() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = State::new(Store::at(folder.path()), Waker::none());
    state.run(Command::Add);
    let mut draft = state.wizard().unwrap().draft.clone();
    draft.site = site("Head office");
    draft.password = Secret::new("swordfish");
    draft.keep = false;
    draft.site.photos.template = Some("https://photos.example.com/{mail|lower|urlencode}.jpg".to_owned());
    state.run(Command::Draft(Box::new(draft)));
    state.run(Command::Save);
    let opened = until(&mut state, |_, outcomes| {
        outcomes.into_iter().find_map(|outcome| match outcome {
            Outcome::Opened(opened) => Some(opened),
            _ => None,
        })
    });
    assert_eq!(opened.site.name, "Head office");
    assert!(opened.site.photos.allowed_hosts.contains("photos.example.com"), "the template's host may be fetched");
    assert!(state.wizard().is_none());
    until(&mut state, |state, _| (!state.is_busy()).then_some(()));
    assert!(state.problem().is_none(), "{:?}", state.problem());
    let mut files = 0;
    every_file(folder.path(), &mut |file| {
        files += 1;
        let text = fs::read_to_string(file).unwrap();
        assert!(!text.contains("swordfish"), "{} holds the password:\n{text}", file.display());
    });
    assert_eq!(files, 2, "the site, and when it was used");
}

#[test]
fn a_site_without_kept_password_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let path = store.save(&site("Head office"), None).unwrap();
    let mut state = State::new(store, Waker::none());
    state.run(Command::Picked(FileFor::Site, path.clone()));
    until(&mut state, |state, _| state.sign_in().is_some().then_some(()));
    assert_eq!(state.sign_in().unwrap().file.path, path);
    state.run(Command::CancelSignIn);
    assert!(state.sign_in().is_none());
    state.run(Command::Open(folder.path().join("nowhere.toml")));
    until(&mut state, |state, _| state.problem().is_some().then_some(()));
    assert_eq!(state.problem().unwrap().what, "nowhere.toml cannot be read");
}
