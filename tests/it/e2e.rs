//! The real program under a real X server, driven by keys: what only the whole of it can show.

use std::path::{Path, PathBuf};

use crate::desktop::{Display, have, wait_for};

const PROGRAM: &str = env!("CARGO_BIN_EXE_photodesk");

/// Where pictures of a run are kept: `e2e` in the build folder.
fn pictures() -> PathBuf {
    Path::new(PROGRAM).ancestors().nth(2).unwrap().join("e2e")
}

#[test]
fn the_window_opens_and_shows_the_welcome_page() {
    if !have(&["Xvfb", "xdotool", "import"]) {
        return;
    }
    let (display, home) = (Display::start("1280x800"), tempfile::tempdir().unwrap());
    let mut window = display.open(Path::new(PROGRAM), &[], home.path(), "Photodesk");
    wait_for("the welcome page is drawn", || (window.colours() > 16).then_some(()));
    window.picture(&pictures().join("welcome.png"));
    assert!(window.is_running());
    assert!(window.listens_on().is_empty(), "it listens before anybody asked for the demo site");
}
