//! The real program under a real X server, driven by keys: what only the whole of it can show.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::desktop::{Display, Program, have, output, pause, wait_for};

/// The program built with these tests, or another one that `PHOTODESK_PROGRAM` names, such as a release build.
fn program() -> PathBuf {
    std::env::var_os("PHOTODESK_PROGRAM").map_or_else(|| env!("CARGO_BIN_EXE_photodesk").into(), PathBuf::from)
}

/// Where pictures of a run are kept: `e2e` in the build folder.
fn picture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_photodesk")).ancestors().nth(2).unwrap().join("e2e").join(name)
}

/// The window's own demo site, seen from outside with OpenLDAP's client.
struct Directory {
    port: u16,
}

impl Directory {
    /// The port on which the program answers as a directory.
    fn of(window: &Program) -> Self {
        let port = wait_for("the demo site's directory answers", || {
            window.listens_on().into_iter().find(|port| Self { port: *port }.search("(uid=*)", "uid").is_some())
        });
        Self { port }
    }

    fn search(&self, filter: &str, attribute: &str) -> Option<String> {
        let url = format!("ldap://127.0.0.1:{}", self.port);
        let base = ["-x", "-LLL", "-o", "ldif-wrap=no", "-o", "nettimeout=2", "-l", "5", "-b", "dc=example,dc=com"];
        let mut ldapsearch = Command::new("ldapsearch");
        let (found, said) = output(ldapsearch.args(base).args(["-H", &url, filter, attribute]));
        found.then_some(said)
    }

    /// The photo URLs of the person called `uid`.
    fn photo_urls(&self, uid: &str) -> Vec<String> {
        let entry = self.search(&format!("(uid={uid})"), "photoURL").expect("ldapsearch finds the person");
        entry.lines().filter_map(|line| line.strip_prefix("photoURL: ").map(str::to_owned)).collect()
    }
}

fn opened(arguments: &[&str]) -> Option<(Display, tempfile::TempDir, Program)> {
    if !have(&["Xvfb", "xdotool", "xclip", "import", "ldapsearch"]) {
        return None;
    }
    let (display, home) = (Display::start("1280x800"), tempfile::tempdir().unwrap());
    let window = display.open(&program(), arguments, home.path(), "Photodesk");
    wait_for("the window is drawn", || (window.colours() > 16).then_some(()));
    window.settle();
    Some((display, home, window))
}

/// Opens a field with `key` and types `text` into it; once more when the field does not hold it then, since on a busy
/// machine keys can come before the field does.
fn type_into(window: &Program, key: &str, text: &str) {
    wait_for(&format!("the field that {key} opens holds {text}"), || {
        window.press(&[key]);
        window.settle();
        window.press(&["ctrl+a"]);
        window.write(text);
        window.settle();
        if window.field() == text {
            return Some(());
        }
        window.press(&["Escape"]);
        window.settle();
        None
    });
}

/// Does what the palette offers for `words`.
fn palette(window: &Program, words: &str) {
    type_into(window, "ctrl+k", words);
    window.press(&["Return"]);
    window.settle();
}

#[test]
fn a_photo_url_is_set_seen_by_ldapsearch_and_undone() {
    let Some((_display, _home, mut window)) = opened(&[]) else { return };
    window.picture(&picture("welcome.png"));
    assert!(window.listens_on().is_empty(), "it listens before anybody asked for the demo site");

    palette(&window, "explore the demo");
    let directory = Directory::of(&window);
    window.settle();
    window.picture(&picture("people.png"));
    let (uid, name, other) = somebody(&directory);
    let before = directory.photo_urls(&uid);
    let after = directory.photo_urls(&other);
    assert_ne!(before, after);

    palette(&window, "unlock the site");
    palette(&window, &name);
    type_into(&window, "ctrl+u", &after[0]);
    window.picture(&picture("set-photo-url.png"));
    // The button waits for the photo to be fetched.
    wait_for("ldapsearch sees the new value", || {
        window.press(&["Return"]);
        seen(|| directory.photo_urls(&uid) == after)
    });
    window.settle();
    window.picture(&picture("set.png"));

    window.press(&["Escape"]);
    window.settle();
    // Enter does not confirm an undo: Tab goes from "Close" to the button, and the space bar presses it.
    wait_for("ldapsearch sees the old value again", || {
        window.press(&["ctrl+z"]);
        window.settle();
        window.picture(&picture("undo.png"));
        window.press(&["Tab", "Tab", "space"]);
        let back = seen(|| directory.photo_urls(&uid) == before);
        window.settle();
        if back.is_none() {
            window.press(&["Escape"]);
        }
        back
    });
    window.settle();
    window.picture(&picture("undone.png"));
    assert!(window.is_running());
}

/// Two people with one photo URL each: the uid and name of the one, the uid of the other.
fn somebody(directory: &Directory) -> (String, String, String) {
    let text = directory.search("(&(uid=m*)(photoURL=*))", "cn").expect("ldapsearch finds people");
    let mut people = text.split("\n\n").filter_map(|entry| {
        let uid = entry.lines().find_map(|line| line.strip_prefix("dn: uid="))?.split(',').next()?.to_owned();
        let name = entry.lines().find_map(|line| line.strip_prefix("cn: "))?.to_owned();
        (text.matches(&format!("cn: {name}\n")).count() == 1 && directory.photo_urls(&uid).len() == 1)
            .then_some((uid, name))
    });
    let (one, other) = (people.next().unwrap(), people.next().unwrap());
    (one.0, one.1, other.0)
}

/// Whether `condition` holds within two seconds.
fn seen(mut condition: impl FnMut() -> bool) -> Option<()> {
    (0..40).find_map(|_| {
        pause();
        condition().then_some(())
    })
}

#[test]
fn a_window_at_rest_draws_no_frame() {
    let Some((_display, _home, window)) = opened(&["--demo"]) else { return };
    Directory::of(&window);
    // Photos load as rows come into view; then nothing is left to do.
    wait_for("two seconds of rest", || {
        let before = window.wakeups();
        (0..40).for_each(|_| pause());
        (window.wakeups() == before).then_some(())
    });
}
