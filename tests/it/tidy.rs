//! The rules of the house that a compiler does not know, each with a bad example that shows it can fail.
//!
//! A rule takes one file's path and text and gives its findings as sentences. Not here: what lints hold (`Cargo.toml`).

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder imports only what stands before it, so a ring cannot form. A new place in this list is a decision.
const ORDER: &[&str] =
    &["model", "ui", "job", "net", "journal", "photo", "access", "sites", "people", "activity", "demo", "cli", "app"];

/// More than this without its unit tests, and a file holds more than one thing.
const MAX_LINES: usize = 600;

/// Crates that draw.
const DRAWING: &[&str] = &["egui", "eframe", "egui_extras", "epaint", "emath", "ecolor", "lucide_icons"];

/// What opens a connection or a port.
const SOCKETS: &[&str] = &["TcpStream", "TcpListener", "UdpSocket", "ToSocketAddrs", "ureq", "hyper", "hyper_util"];

type Rule = fn(&str, &str) -> Vec<String>;

#[test]
fn a_folder_imports_only_what_stands_before_it() {
    hold("rs", &["src"], import_order);
}

#[test]
fn only_the_window_draws() {
    hold("rs", &["src"], drawing_stays_in_panels);
}

#[test]
fn only_net_knows_ldap_and_only_net_and_the_demo_site_open_sockets() {
    hold("rs", &["src"], network_stays_in_net);
}

#[test]
fn every_file_says_first_what_it_is() {
    hold("rs", &["src", "tests"], header);
}

#[test]
fn no_file_grows_without_end() {
    hold("rs", &["src", "tests"], length);
}

#[test]
fn the_project_speaks_of_itself_alone() {
    for kind in ["rs", "toml", "md", "run", "deb", "1", "desktop", "xml", "sh", "svg", "yml"] {
        hold(kind, &["."], words);
    }
}

#[test]
fn each_rule_fails_on_a_bad_example() {
    for (rule, path, text, expected) in BAD {
        assert_eq!(rule(path, text).join("\n"), *expected, "{path}:\n{text}");
    }
    assert_eq!(
        length("src/a.rs", &"\n".repeat(700)),
        ["src/a.rs: 700 lines: more than 600, so it holds more than one thing"]
    );
}

#[test]
fn what_is_allowed_is_not_found() {
    let cases: &[(Rule, &str, &str)] = &[
        (import_order, "src/people/mod.rs", "use crate::{model::Dn, net::{ldap::Session, http}};"),
        (import_order, "src/people/mod.rs", "use crate::people::list::List;"),
        (import_order, "src/model/dn.rs", "//! unlike crate::app\nconst A: &str = \"crate::app\"; // crate::app"),
        (import_order, "src/job.rs", "mod tests {\n    use super::Job;\n    use crate::model::Problem;\n}"),
        (import_order, "src/net/ldap/mod.rs", "use super::trust::Trust;"),
        (import_order, "src/lib.rs", "use crate::app;"),
        (drawing_stays_in_panels, "src/people/panel/list.rs", "use egui::Ui;"),
        (drawing_stays_in_panels, "src/sites/panel.rs", "use crate::ui::tokens;"),
        (network_stays_in_net, "src/demo/ldap.rs", "use tokio::net::TcpListener; use ldap3_proto::Op;"),
        (network_stays_in_net, "src/people/list.rs", "use std::net::IpAddr;"),
    ];
    for (rule, path, text) in cases {
        assert_eq!(rule(path, text), Vec::<String>::new(), "{path}:\n{text}");
    }
}

/// A rule, a path, a text, and what the rule says of it.
const BAD: &[(Rule, &str, &str, &str)] = &[
    (
        import_order,
        "src/net/ldap/mod.rs",
        "\nuse crate::people::List;\n",
        "src/net/ldap/mod.rs:2: net must not know people",
    ),
    (
        import_order,
        "src/journal.rs",
        "use crate::{\n    model::{Dn, people},\n    app,\n};",
        "src/journal.rs:3: journal must not know app",
    ),
    (import_order, "src/model/dn.rs", "fn f() { crate::net::open() }", "src/model/dn.rs:1: model must not know net"),
    (import_order, "src/job.rs", "use super::app::App;", "src/job.rs:1: job must not know app"),
    (import_order, "src/net/ldap/mod.rs", "use super::super::cli;", "src/net/ldap/mod.rs:1: net must not know cli"),
    (
        import_order,
        "src/model/dn.rs",
        "use crate::elsewhere::X;",
        "src/model/dn.rs:1: elsewhere has no place in the order",
    ),
    (
        drawing_stays_in_panels,
        "src/people/list.rs",
        "use egui::Ui;",
        "src/people/list.rs:1: egui is only for app/, ui/ and panels",
    ),
    (
        drawing_stays_in_panels,
        "src/people/list.rs",
        "use crate::ui::tokens;",
        "src/people/list.rs:1: crate::ui is only for app/, ui/ and panels",
    ),
    (network_stays_in_net, "src/demo/mod.rs", "use ldap3::Ldap;", "src/demo/mod.rs:1: ldap3 is only for net/"),
    (
        network_stays_in_net,
        "src/people/job.rs",
        "use ldap3_proto::Op;",
        "src/people/job.rs:1: ldap3_proto is only for net/ and demo/",
    ),
    (
        network_stays_in_net,
        "src/photo/cache.rs",
        "use std::net::TcpStream;",
        "src/photo/cache.rs:1: TcpStream is only for net/ and demo/",
    ),
    (
        network_stays_in_net,
        "src/photo/cache.rs",
        "use tokio::net;",
        "src/photo/cache.rs:1: tokio::net is only for net/ and demo/",
    ),
    (header, "src/job.rs", "use std::fs;\n", "src/job.rs:1: the file does not open with `//!` and what it is"),
    (length, "src/job.rs", "//! x\n", ""),
    (words, "README.md", concat!("see /wo", "rk/x"), concat!("README.md:1: says `/wo", "rk/`")),
    (words, "src/job.rs", concat!("// TO", "DO later"), concat!("src/job.rs:1: says `TO", "DO`")),
];

/// Holds `rule` against every file with `extension` (or called so) below `folders`.
fn hold(extension: &str, folders: &[&str], rule: Rule) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut findings = Vec::new();
    for folder in folders {
        for path in files(&root.join(folder)) {
            let named = |part: Option<&std::ffi::OsStr>| part.is_some_and(|part| part == extension);
            if !named(path.extension()) && !named(path.file_name()) {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let shown = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            findings.extend(rule(shown.trim_start_matches("./"), &text));
        }
    }
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if name != "target" && name != ".git" {
                found.extend(files(&path));
            }
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The folder or file below `src` that a path belongs to; `None` for the crate's root.
fn folder(path: &str) -> Option<&str> {
    let inner = path.strip_prefix("src/")?;
    let name = inner.split('/').next()?.trim_end_matches(".rs");
    (name != "lib" && name != "main").then_some(name)
}

fn import_order(path: &str, text: &str) -> Vec<String> {
    let Some(own) = folder(path) else { return Vec::new() };
    let place = |name: &str| ORDER.iter().position(|known| *known == name);
    let mut findings = Vec::new();
    for (line, other) in imported(path, text) {
        match (place(own), place(&other)) {
            (None, _) => findings.push(format!("{path}:{line}: {own} has no place in the order")),
            (_, None) => findings.push(format!("{path}:{line}: {other} has no place in the order")),
            (Some(here), Some(there)) if there > here => {
                findings.push(format!("{path}:{line}: {own} must not know {other}"));
            }
            _ => {}
        }
    }
    findings
}

fn drawing_stays_in_panels(path: &str, text: &str) -> Vec<String> {
    let draws = path.split('/').any(|part| matches!(part, "app" | "ui" | "panel" | "panel.rs" | "main.rs"));
    if draws {
        return Vec::new();
    }
    let message = |line: usize, what: &str| format!("{path}:{line}: {what} is only for app/, ui/ and panels");
    let mut findings: Vec<String> = tokens(text)
        .into_iter()
        .filter(|token| DRAWING.contains(&token.text.as_str()))
        .map(|token| message(token.line, &token.text))
        .collect();
    findings.extend(
        imported(path, text).into_iter().filter(|(_, name)| name == "ui").map(|(line, _)| message(line, "crate::ui")),
    );
    findings
}

fn network_stays_in_net(path: &str, text: &str) -> Vec<String> {
    let (net, demo) = (path.starts_with("src/net/"), path.starts_with("src/demo/"));
    let tokens = tokens(text);
    let mut findings = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let follows = |words: &[&str]| {
            tokens[at..].iter().map(|token| token.text.as_str()).take(words.len()).eq(words.iter().copied())
        };
        if token.text == "ldap3" && !net {
            findings.push(format!("{path}:{}: ldap3 is only for net/", token.line));
        } else if !net && !demo {
            if token.text == "ldap3_proto" || SOCKETS.contains(&token.text.as_str()) {
                findings.push(format!("{path}:{}: {} is only for net/ and demo/", token.line, token.text));
            } else if follows(&["tokio", "::", "net"]) {
                findings.push(format!("{path}:{}: tokio::net is only for net/ and demo/", token.line));
            }
        }
    }
    findings
}

fn header(path: &str, text: &str) -> Vec<String> {
    if text.starts_with("//! ") {
        return Vec::new();
    }
    vec![format!("{path}:1: the file does not open with `//!` and what it is")]
}

fn length(path: &str, text: &str) -> Vec<String> {
    // Unit tests at the end of a file are counted apart: they may be long, being tables.
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
    if lines <= MAX_LINES {
        return Vec::new();
    }
    vec![format!("{path}: {lines} lines: more than {MAX_LINES}, so it holds more than one thing")]
}

/// Paths of somebody's machine and unfinished business.
fn words(path: &str, text: &str) -> Vec<String> {
    // Cut in two, or this file would find itself.
    let forbidden = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/tmp/", "tgt"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X "),
    ];
    let mut findings = Vec::new();
    for (line, content) in text.lines().enumerate() {
        for word in forbidden {
            if content.contains(word) {
                findings.push(format!("{path}:{}: says `{word}`", line + 1));
            }
        }
    }
    findings
}

/// An identifier, `::`, or one character of punctuation; comments and literals are gone.
struct Token {
    text: String,
    line: usize,
}

fn tokens(text: &str) -> Vec<Token> {
    let code = without_comments_and_literals(text);
    let characters: Vec<char> = code.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(&character) = characters.get(at) {
        let from = at;
        at += 1;
        if character == '\n' {
            line += 1;
        } else if character.is_alphanumeric() || character == '_' {
            while characters.get(at).is_some_and(|next| next.is_alphanumeric() || *next == '_') {
                at += 1;
            }
        } else if character == ':' && characters.get(at) == Some(&':') {
            at += 1;
        }
        if !character.is_whitespace() {
            tokens.push(Token { text: characters[from..at].iter().collect(), line });
        }
    }
    tokens
}

/// Blanks out comments, strings and characters; line breaks stay.
fn without_comments_and_literals(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = literal_length(rest).unwrap_or(0);
        if length == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            // A raw string's `r` directly after a letter is the end of a word.
            if first.is_alphanumeric() || first == '_' {
                let word = rest.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(rest.len());
                out.push_str(&rest[..word]);
                rest = &rest[word..];
            }
        } else {
            out.push(' ');
            out.extend(rest[..length].chars().filter(|character| *character == '\n'));
            rest = &rest[length..];
        }
    }
    out
}

/// How long the comment or literal at the start of `rest` is; `None` when there is none.
fn literal_length(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    if let Some(raw) = rest.strip_prefix('r').or_else(|| rest.strip_prefix("br")) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let closing = format!("\"{}", "#".repeat(hashes));
            let opened = rest.len() - raw.len() + hashes + 1;
            return Some(rest[opened..].find(&closing).map_or(rest.len(), |end| opened + end + closing.len()));
        }
        return None;
    }
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return Some(at + 1),
            // A lifetime, not a character: `'a` is never followed by a closing quote so soon.
            _ if quote == '\'' && at > 1 => return None,
            _ => {}
        }
    }
    None
}

/// The top folders that a file names, with the line: by `crate::x`, `crate::{x, y}` or enough `super::`.
fn imported(path: &str, text: &str) -> Vec<(usize, String)> {
    let tokens = tokens(text);
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    let mut braces: Vec<bool> = Vec::new();
    for at in 0..tokens.len() {
        match word(at) {
            "{" => braces.push(at >= 2 && word(at - 2) == "mod"),
            "}" => drop(braces.pop()),
            "crate" if word(at + 1) == "::" => names_after(&tokens, at + 2, &mut found),
            "super" if at == 0 || word(at - 1) != "::" => {
                let chain = (at..).step_by(2).take_while(|next| word(*next) == "super").count();
                if chain >= module_depth(path) + braces.iter().filter(|inner| **inner).count() {
                    names_after(&tokens, at + 2 * chain, &mut found);
                }
            }
            _ => {}
        }
    }
    found
}

/// How many `super::` lead from a file to the crate's root.
fn module_depth(path: &str) -> usize {
    let parts = path.trim_start_matches("src/").split('/');
    parts.filter(|part| *part != "mod.rs").count()
}

/// The name at `at`, or the first names in the braces that open there.
fn names_after(tokens: &[Token], at: usize, found: &mut Vec<(usize, String)>) {
    let Some(first) = tokens.get(at) else { return };
    if first.text != "{" {
        if first.text.starts_with(char::is_lowercase) {
            found.push((first.line, first.text.clone()));
        }
        return;
    }
    let (mut depth, mut expecting) = (0, false);
    for token in &tokens[at..] {
        match token.text.as_str() {
            "{" => {
                depth += 1;
                expecting = depth == 1;
            }
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            }
            "," => expecting = depth == 1,
            name if expecting && depth == 1 => {
                expecting = false;
                found.push((token.line, name.to_owned()));
            }
            _ => {}
        }
    }
}
