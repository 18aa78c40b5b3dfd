//! The Debian package: what is in it, and that what it installs starts. Installed into a throwaway root, so that the
//! machine stays as it was.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::desktop::{self, Display, have, output};

#[test]
fn the_man_page_names_every_command_and_option() {
    let page = fs::read_to_string("packaging/linux/photodesk.1").unwrap().replace("\\-", "-");
    let mut missing = Vec::new();
    let mut waiting = vec![(String::new(), photodesk::cli::grammar())];
    while let Some((path, command)) = waiting.pop() {
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            if let Some(long) = argument.get_long()
                && !page.contains(&format!("--{long}"))
            {
                missing.push(format!("{path} --{long}"));
            }
        }
        for inner in command.get_subcommands() {
            let inner_path = format!("{path} {}", inner.get_name()).trim().to_owned();
            if inner.get_subcommands().next().is_none() && !page.contains(&inner_path) {
                missing.push(inner_path.clone());
            }
            waiting.push((inner_path, inner.clone()));
        }
    }
    assert!(missing.is_empty(), "packaging/linux/photodesk.1 does not say: {missing:?}");
}

#[test]
fn the_man_page_names_no_option_that_is_not_there() {
    let page = fs::read_to_string("packaging/linux/photodesk.1").unwrap().replace("\\-", "-");
    let mut known = vec!["help".to_owned(), "version".to_owned()];
    let mut waiting = vec![photodesk::cli::grammar()];
    while let Some(command) = waiting.pop() {
        known.extend(command.get_arguments().filter_map(|argument| argument.get_long().map(str::to_owned)));
        waiting.extend(command.get_subcommands().cloned());
    }
    for after in page.split("--").skip(1) {
        let option: String = after.chars().take_while(|next| next.is_ascii_lowercase() || *next == '-').collect();
        assert!(known.contains(&option), "packaging/linux/photodesk.1 says --{option}");
    }
}

#[test]
#[ignore = "needs the package: tests/run makes it and names it in PHOTODESK_DEB"]
fn the_package_installs_and_its_window_opens() {
    let package = PathBuf::from(env::var_os("PHOTODESK_DEB").expect("PHOTODESK_DEB names the package"));
    if !have(&["dpkg", "desktop-file-validate", "appstreamcli", "man", "Xvfb", "xdotool"]) {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    install(&package, root.path());
    let share = root.path().join("usr/share");
    let files = [
        "applications/photodesk.desktop",
        "doc/photodesk/changelog.gz",
        "doc/photodesk/copyright",
        "icons/hicolor/256x256/apps/photodesk.png",
        "icons/hicolor/scalable/apps/photodesk.svg",
        "man/man1/photodesk.1.gz",
        "metainfo/com.example.photodesk.metainfo.xml",
    ];
    for file in files {
        assert!(share.join(file).is_file(), "{file} is missing");
    }
    holds(Command::new("desktop-file-validate").arg(share.join("applications/photodesk.desktop")));
    holds(
        Command::new("appstreamcli")
            .args(["validate", "--no-net"])
            .arg(share.join("metainfo/com.example.photodesk.metainfo.xml")),
    );
    let page = holds(Command::new("man").args(["--warnings", "-l"]).arg(share.join("man/man1/photodesk.1.gz")));
    assert!(page.contains("EXIT STATUS") && !page.contains("warning"), "{page}");
    for needed in depends(&package) {
        let (known, status) = output(Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status}", &needed]));
        assert!(known && status.contains("installed"), "the package depends on {needed}, which is not installed here");
    }

    let (display, home) = (Display::start("1280x800"), tempfile::tempdir().unwrap());
    let program = root.path().join("usr/bin/photodesk");
    let window = display.open(&program, &[], home.path(), "Photodesk");
    desktop::wait_for("the welcome page is drawn", || (window.colours() > 16).then_some(()));
}

fn install(package: &Path, root: &Path) {
    for folder in ["var/lib/dpkg/info", "var/lib/dpkg/updates"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join("var/lib/dpkg/status"), "").unwrap();
    // In an empty root nothing it depends on is installed; the test checks the real system for that.
    let options = ["--force-depends", "--force-not-root", "--force-bad-path", "--no-triggers", "--log=/dev/null"];
    holds(Command::new("dpkg").arg(format!("--root={}", root.display())).args(options).arg("-i").arg(package));
}

fn holds(command: &mut Command) -> String {
    let (held, said) = output(command);
    assert!(held, "{command:?}:\n{said}");
    said
}

fn depends(package: &Path) -> Vec<String> {
    let list = holds(Command::new("dpkg-deb").arg("-f").arg(package).arg("Depends"));
    list.split(',').filter_map(|item| item.split_whitespace().next().map(str::to_owned)).collect()
}
