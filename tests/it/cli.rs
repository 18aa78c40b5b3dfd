//! The command line as a script sees it: the real program, its output, its exit codes, against the demo site.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use serde_json::Value as Json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_photodesk");

/// The demo site, served by the program itself, and a home folder of its own. Dropping it ends the program.
struct Demo {
    child: Child,
    _alive_while_open: ChildStdin,
    home: tempfile::TempDir,
    password: String,
    name: String,
    url: String,
    base: String,
}

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Demo {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut child = Command::new(PROGRAM)
            .args(["demo", "--write-site"])
            .arg(home.path().join("demo.toml"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = |key: &str| {
            let line = lines.next().unwrap().unwrap();
            line.strip_prefix(&format!("{key}: ")).unwrap_or_else(|| panic!("{line} is not the {key}")).to_owned()
        };
        let (url, base, name, password) = (said("Directory"), said("Base"), said("Sign-in"), said("Password"));
        let alive = child.stdin.take().unwrap();
        Self { child, _alive_while_open: alive, home, password, name, url, base }
    }

    /// Runs with the site's file, the password in the environment.
    fn run(&self, arguments: &[&str]) -> Ran {
        let (site, file) = ("--site-file", self.site_file());
        let mut all = arguments.to_vec();
        all.extend([site, file.to_str().unwrap()]);
        run(self.home.path(), &all, Some(&self.password))
    }

    fn site_file(&self) -> PathBuf {
        self.home.path().join("demo.toml")
    }

    /// The site's file once more, changed by `edit`.
    fn another_site(&self, name: &str, edit: impl Fn(String) -> String) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, edit(std::fs::read_to_string(self.site_file()).unwrap())).unwrap();
        path
    }

    /// Somebody with a mail address and a photo URL.
    fn somebody(&self) -> (String, String, String) {
        let people = self.run(&["people", "list", "--format", "json"]).json();
        let text = |person: &Json, key: &str| person[key].as_str().unwrap().to_owned();
        let usual = |person: &&Json| {
            text(person, "mail").starts_with(|first: char| first.is_ascii_lowercase())
                && text(person, "photo_url").starts_with("http://")
        };
        let person = people.as_array().unwrap().iter().rev().find(usual).unwrap();
        (text(person, "dn"), text(person, "mail"), text(person, "photo_url"))
    }

    fn photo_url(&self, dn: &str) -> String {
        let shown = self.run(&["people", "show", "--dn", dn, "--format", "json"]);
        shown.json()["photo_url"].as_str().unwrap().to_owned()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Ran {
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

pub fn run(home: &Path, arguments: &[&str], password: Option<&str>) -> Ran {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("PHOTODESK_PASSWORD")
        .env("HOME", home)
        .env("PHOTODESK_CONFIG", home.join("config"))
        .env("PHOTODESK_DATA", home.join("data"))
        .stdin(Stdio::null());
    if let Some(password) = password {
        command.env("PHOTODESK_PASSWORD", password);
    }
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn people_are_listed_as_table_json_and_csv() {
    let demo = Demo::start();
    let list = demo.run(&["people", "list", "--format", "json"]);
    let people = list.json();
    let people = people.as_array().unwrap();
    assert!(people.len() >= 400, "{}", people.len());
    for person in people {
        let keys: Vec<_> = person.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["dn", "name", "mail", "photo_url"]);
    }
    let csv = demo.run(&["people", "list", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(csv.out.as_bytes());
    assert_eq!(reader.headers().unwrap(), vec!["dn", "name", "mail", "photo_url"]);
    assert_eq!(reader.records().map(Result::unwrap).count(), people.len());
    let table = demo.run(&["people", "list"]);
    assert_eq!(table.out.lines().count(), people.len() + 1);
    assert!(table.out.starts_with("NAME "), "{}", table.out.lines().next().unwrap());
    for ran in [list, csv, table] {
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    }
}

#[test]
fn hostile_names_stay_text_on_a_terminal() {
    let demo = Demo::start();
    let table = demo.run(&["people", "list"]).out;
    let hostile = |character: char| character != '\n' && character.is_control() || character == '\u{202E}';
    assert!(!table.contains(hostile));
    let widest = table.lines().map(|line| line.chars().count()).max();
    assert!(widest < Some(300), "the name of 200 letters makes the table {widest:?} wide");
    assert!(table.contains("[U+202E]") && table.contains("[U+001B]"), "the planted names are not there");
}

#[test]
fn a_search_finds_by_part_of_name_or_mail_and_takes_stars_literally() {
    let demo = Demo::start();
    let (dn, mail, _) = demo.somebody();
    let local = mail.split('@').next().unwrap();
    let found = demo.run(&["people", "list", local, "--format", "json"]).json();
    assert!(found.as_array().unwrap().iter().any(|person| person["dn"] == dn.as_str()), "{local}: {found}");
    assert_eq!(demo.run(&["people", "list", "*)(cn=*", "--format", "json"]).json(), serde_json::json!([]));
}

#[test]
fn a_photo_url_is_set_seen_in_the_journal_and_taken_back() {
    let demo = Demo::start();
    let (dn, mail, before) = demo.somebody();
    let after = "http://photos.example.com/new.jpg";

    let dry = demo.run(&["people", "set-url", "--mail", &mail, "--to", after, "--dry-run"]);
    assert_eq!(dry.code, 0, "{dry:?}");
    assert!(
        dry.out.contains(&format!("- photoURL: {before}")) && dry.out.contains(&format!("+ photoURL: {after}")),
        "{dry:?}"
    );
    assert_eq!(demo.photo_url(&dn), before, "a dry run wrote");

    let set = demo.run(&["people", "set-url", "--mail", &mail, "--to", after, "--format", "json"]);
    assert_eq!((set.code, set.json()[0]["result"].as_str()), (0, Some("written")), "{set:?}");
    assert_eq!(demo.photo_url(&dn), after);

    let journal = run(demo.home.path(), &["journal", "list", "--last", "1", "--format", "json"], None).json();
    assert_eq!(journal[0]["before"][0], before.as_str());
    assert_eq!(journal[0]["after"][0], after);
    let id = journal[0]["id"].as_str().unwrap();
    let undone = demo.run(&["journal", "undo", id]);
    assert_eq!(undone.code, 0, "{undone:?}");
    assert_eq!(demo.photo_url(&dn), before);
    let again = demo.run(&["journal", "undo", id]);
    assert_eq!(again.code, 1);
    assert!(again.err.contains("was taken back already"), "{again:?}");
}

#[test]
fn a_template_gives_the_address_and_remove_takes_it_away() {
    let demo = Demo::start();
    let (dn, mail, _) = demo.somebody();
    let template = "http://photos.example.com/{mail|lower|urlencode}.jpg";
    let set = demo.run(&["people", "set-url", "--dn", &dn, "--template", template]);
    assert_eq!(set.code, 0, "{set:?}");
    assert_eq!(demo.photo_url(&dn), format!("http://photos.example.com/{mail}.jpg"));
    let removed = demo.run(&["people", "set-url", "--dn", &dn, "--remove"]);
    assert_eq!(removed.code, 0, "{removed:?}");
    assert_eq!(demo.photo_url(&dn), "");
    let nothing = demo.run(&["people", "set-url", "--dn", &dn, "--remove"]);
    assert_eq!(nothing.code, 0);
    assert!(nothing.err.contains("Nothing to write"), "{nothing:?}");
}

#[test]
fn somebody_elses_change_is_not_taken_back() {
    let demo = Demo::start();
    let (dn, ..) = demo.somebody();
    for address in ["http://photos.example.com/one.jpg", "http://photos.example.com/two.jpg"] {
        assert_eq!(demo.run(&["people", "set-url", "--dn", &dn, "--to", address]).code, 0);
    }
    let journal = run(demo.home.path(), &["journal", "list", "--format", "json"], None).json();
    let undone = demo.run(&["journal", "undo", journal[0]["id"].as_str().unwrap()]);
    assert_eq!(undone.code, 5, "{undone:?}");
    assert!(undone.err.contains("changed by somebody else"), "{undone:?}");
    assert_eq!(demo.photo_url(&dn), "http://photos.example.com/two.jpg");
}

#[test]
fn the_exit_code_says_what_kind_of_failure_it_was() {
    let demo = Demo::start();
    let read_only = demo.another_site("read-only.toml", |text| format!("read_only = true\n{text}"));
    let production = demo.another_site("production.toml", |text| text.replace("\"test\"", "\"production\""));
    let (read_only, production) = (read_only.to_str().unwrap(), production.to_str().unwrap());
    let (dn, ..) = demo.somebody();
    let to = ["--to", "http://photos.example.com/x.jpg"];
    let cases: &[(i32, &str, Vec<&str>)] = &[
        (2, "No directory is named", vec!["people", "list"]),
        (2, "--to", vec!["people", "set-url", "--dn", &dn]),
        (2, "--site", vec!["people", "list", "--site", "a", "--url", "ldap://b", "--base", "c"]),
        (2, "begin with ldap", vec!["people", "list", "--url", "http://127.0.0.1", "--base", "dc=example"]),
        (2, "template", vec!["people", "set-url", "--dn", &dn, "--template", "{mail|loud}", "--site-file", production]),
        (3, "refuses the connection", vec!["people", "list", "--url", "ldap://127.0.0.1:1", "--base", "dc=example"]),
        (4, "Nowhere", vec!["people", "list", "--site", "Nowhere"]),
        (4, "no change", vec!["journal", "undo", "20200101"]),
        (4, "Nobody", vec!["people", "show", "--mail", "nobody@example.com", "--site-file", production]),
        (6, "read-only", [&["people", "set-url", "--dn", &dn, "--site-file", read_only], &to[..]].concat()),
        (6, "--yes", [&["people", "set-url", "--dn", &dn, "--site-file", production], &to[..]].concat()),
        (1, "no address", vec!["people", "set-url", "--dn", &dn, "--to", "photos/x.jpg", "--site-file", production]),
    ];
    for (code, words, arguments) in cases {
        let ran = run(demo.home.path(), arguments, Some(&demo.password));
        assert_eq!(ran.code, *code, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(words), "{arguments:?}: {ran:?}");
        assert_eq!(ran.err.lines().filter(|line| line.contains("panicked")).count(), 0, "{ran:?}");
    }
}

#[test]
fn a_directory_needs_no_site() {
    let demo = Demo::start();
    let arguments = ["people", "list", "--url", &demo.url, "--base", &demo.base, "--bind-dn", &demo.name];
    let format = ["--format", "json", "--filter", "(objectClass=inetOrgPerson)"];
    let all = [&arguments[..], &format[..]].concat();
    let list = run(demo.home.path(), &all, Some(&demo.password));
    assert_eq!(list.code, 0, "{list:?}");
    assert!(list.json().as_array().unwrap().len() >= 400);
    let without = run(demo.home.path(), &all, None);
    assert_eq!(without.code, 3);
    assert!(without.err.contains("There is no password for"), "{without:?}");
    let wrong = run(demo.home.path(), &all, Some("not the password"));
    assert_eq!(wrong.code, 3, "{wrong:?}");
    assert!(!wrong.err.contains("not the password"), "{wrong:?}");
}

#[test]
fn a_site_is_checked_step_by_step() {
    let demo = Demo::start();
    let check = demo.run(&["site", "check", "--format", "json"]);
    assert_eq!(check.code, 0, "{check:?}");
    assert!(check.json().as_array().unwrap().iter().all(|step| step["state"] != "failed"), "{check:?}");
    let nobody_there = demo.another_site("nobody-there.toml", |text| {
        let port = demo.url.rsplit(':').next().unwrap();
        text.replace(&format!("port = {port}"), "port = 1")
    });
    let arguments = ["site", "check", "--site-file", nobody_there.to_str().unwrap()];
    let check = run(demo.home.path(), &arguments, Some(&demo.password));
    assert_eq!(check.code, 3, "{check:?}");
    assert!(check.out.lines().any(|line| line.starts_with("failed   Port 1")), "{check:?}");
}

#[test]
fn known_sites_are_listed_and_found_by_name() {
    let demo = Demo::start();
    let folder = demo.home.path().join("config/sites");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(demo.site_file(), folder.join("demo.toml")).unwrap();
    let list = run(demo.home.path(), &["site", "list", "--format", "json"], None);
    assert_eq!(list.code, 0, "{list:?}");
    let sites = list.json();
    let name = sites[0]["name"].as_str().unwrap();
    assert_eq!(sites[0]["directory"], demo.url.as_str());
    let shown = run(demo.home.path(), &["people", "list", "--site", name, "--format", "json"], Some(&demo.password));
    assert_eq!(shown.code, 0, "{shown:?}");
}

#[test]
fn without_a_display_the_program_says_so_and_names_its_command_line() {
    let home = tempfile::tempdir().unwrap();
    let ran = run(home.path(), &[], None);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("display") && ran.err.contains("photodesk --help"), "{ran:?}");
}

#[test]
fn help_names_the_exit_codes() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [&["--help"][..], &["people", "set-url", "--help"]] {
        let ran = run(home.path(), arguments, None);
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("Exit codes:") && ran.out.contains("  5  changed by somebody else"), "{}", ran.out);
    }
}
