//! Directives of `mod_alias`, and what they do with a path.

use std::sync::Arc;

use super::*;
use crate::access::{
    config::words,
    policy::{DirConfig, Policy, Server as WholeServer},
    record::Flow,
    request::World,
    trial,
};

fn read(server: &mut Server, dir: &mut Dir, level: Level, section: Option<&str>, line: &str) -> Result<(), String> {
    let (name, raw) = line.split_once(' ').unwrap();
    let words = words::all(raw.as_bytes());
    let spot = trial::spot(level, section.map(str::as_bytes));
    let (name, args) = (name.to_ascii_lowercase(), Args { raw: raw.as_bytes(), words: &words });
    if is_of_server(&spot, &name) { server.directive(&spot, &name, args) } else { dir.directive(&spot, &name, args) }
}

/// A main server with these lines, those after `> ` in a section `/s`.
fn policy(level: Level, lines: &[&str]) -> (Policy, Arc<DirConfig>) {
    let (mut server, mut dir) = (Server { root: Some("/srv/httpd".into()), ..Server::default() }, Dir::default());
    for line in lines {
        let (section, line) = line.strip_prefix("> ").map_or((None, *line), |line| (Some("/s"), line));
        read(&mut server, &mut dir, level, section, line).unwrap();
    }
    let policy = trial::policy(level, WholeServer { alias: server, ..WholeServer::default() });
    (policy, Arc::new(DirConfig { alias: Some(Arc::new(dir)), ..DirConfig::default() }))
}

/// Status and Location, or the file; `declined`.
fn answer(level: Level, lines: &[&str], target: &str, fixups: bool) -> String {
    let (policy, dir) = policy(level, lines);
    let world = World::default();
    let request = trial::request("203.0.113.9", target);
    let mut run = trial::run(&policy, &world, &request);
    let mut record = trial::record(&request, dir);
    let flow = if fixups { fixup(&mut run, &mut record) } else { translate(&mut run, &mut record) };
    match flow {
        Ok(Flow::Declined) => "declined".to_owned(),
        Ok(Flow::Done) => record.filename.unwrap().to_string(),
        Ok(Flow::Status(status)) => format!("{status} {}", record.location.unwrap_or_default()).trim_end().to_owned(),
        Err(unknown) => format!("cannot tell: {}", unknown.reason),
    }
}

#[test]
fn aliases_map_paths_to_files() {
    let lines = &[
        "Alias /al /srv/other",
        "Alias /sl/ /srv/other/",
        "Alias /mis/ /srv/other",
        "Alias /rel www/x",
        r"AliasMatch ^/u/([a-z]+)/(.*)$ /srv/other/$1/$2",
        "AliasMatch /i(.) /srv/other/$1.txt",
    ];
    for (target, expected) in [
        ("/al/f.txt", "/srv/other/f.txt"),
        ("/al", "/srv/other"),
        ("/al/", "/srv/other/"),
        ("/alx", "declined"),
        ("/sl/f.txt", "/srv/other/f.txt"),
        ("/sl", "declined"),
        ("/mis/f.txt", "/srv/otherf.txt"),
        ("/rel/y", "/srv/httpd/www/x/y"),
        ("/AL/f.txt", "declined"),
        ("//al//f.txt", "/srv/other/f.txt"),
        ("/u/bob/f.txt", "/srv/other/bob/f.txt"),
        ("/u/BOB/f.txt", "declined"),
        ("/ab/izzz", "/srv/other/z.txt"),
        ("*", "declined"),
    ] {
        for level in Level::ALL {
            assert_eq!(answer(level, lines, target, false), expected, "{target} at {level}");
        }
    }
}

#[test]
fn redirects_send_elsewhere_with_path_and_query() {
    let lines = &[
        "Redirect /r1 http://o.example/new",
        "Redirect permanent /r3 http://o.example/new/",
        "Redirect temp /r4 /local",
        "Redirect gone /r6",
        "Redirect 403 /r7",
        "Redirect 999 /r8",
        "RedirectPermanent /ra http://o.example/p",
        "Redirect /k http://o.example/new?k=1",
        "RedirectMatch ^/m(.*) http://o.example/n$1?z=9",
        r"RedirectMatch ^/old/(.*)\.gif$ http://o.example/$1.png",
        "RedirectMatch gone /dead",
        "RedirectMatch /amp http://o.example/a&b",
        "RedirectMatch ^/rel x",
    ];
    let [old, late, new] = [Level::V2_2_8, Level::V2_2_34, Level::V2_4_71];
    for (target, levels, expected) in [
        ("/r1", vec![old, late, new], "302 http://o.example/new"),
        ("/r1/a/b?q=1", vec![old, late, new], "302 http://o.example/new/a/b?q=1"),
        ("/r1x", vec![old, late, new], "declined"),
        ("/r3/x", vec![old, late, new], "301 http://o.example/new//x"),
        ("/r4/a", vec![late, new], "302 http://www.example.com/local/a"),
        ("/r4/a", vec![old], "302 /local/a"),
        ("/r6/x", vec![old, late, new], "410"),
        ("/r7", vec![old, late, new], "403"),
        ("/r8", vec![new], "500"),
        ("/ra/1", vec![old, late, new], "301 http://o.example/p/1"),
        ("/r1/a b?", vec![old, late, new], "302 http://o.example/new/a%20b?"),
        ("/k/a?q=2", vec![late, new], "302 http://o.example/new?k=1/a"),
        ("/k/a?q=2", vec![old], "302 http://o.example/new?k=1/a?q=2"),
        ("/m1?q=2", vec![late, new], "302 http://o.example/n1?z=9"),
        ("/old/a b.gif", vec![old, late, new], "302 http://o.example/a%20b.png"),
        ("/a/dead/b", vec![old, late, new], "410"),
        ("/amp", vec![new], "302 http://o.example/a&b"),
        ("/amp", vec![old, late], "302 http://o.example/a/ampb"),
        ("/rel", vec![late, new], "500"),
        ("/rel", vec![old], "302 x"),
    ] {
        for level in levels {
            assert_eq!(answer(level, lines, target, false), expected, "{target} at {level}");
        }
    }
}

#[test]
fn redirects_come_before_aliases_and_the_first_wins() {
    let lines = &["Alias /x /srv/other", "Redirect /x http://o/1", "Redirect /x/y http://o/2"];
    assert_eq!(answer(Level::V2_4_71, lines, "/x/y", false), "302 http://o/1/y");
}

#[test]
fn a_section_redirects_in_the_fixups_with_a_path_and_in_translation_without() {
    let level = Level::V2_4_71;
    for (lines, translated, fixed) in [
        (vec!["> Redirect /s http://o/q"], "declined", "302 http://o/q/a"),
        (vec!["> Redirect http://o/q"], "302 http://o/q", "302 http://o/q"),
        (vec!["> Redirect 301 /q"], "301 http://www.example.com/q", "301 http://www.example.com/q"),
        (vec!["> Redirect gone"], "410", "410"),
        (vec!["> Redirect 403"], "403", "403"),
        (vec!["> Redirect 403 /x"], "declined", "declined"),
        (vec!["> Redirect 403 /s/a"], "declined", "403"),
        (vec!["> Redirect foo"], "500", "500"),
        (
            vec!["> Redirect /s /x", "> Redirect 302 /over"],
            "302 http://www.example.com/over",
            "302 http://www.example.com/over",
        ),
        (vec!["> RedirectRelative On", "> Redirect /s /d"], "declined", "302 /d/a"),
        (vec!["> Alias /srv/x"], "/srv/x", "declined"),
        (vec!["> AliasPreservePath On", "> Alias /srv/x"], "/srv/x/a", "declined"),
        (vec!["> Alias /srv/%{HTTP_HOST}"], "/srv/www.example.com", "declined"),
        (vec!["Redirect gone"], "cannot tell: a Redirect without path makes the server process crash", "declined"),
    ] {
        assert_eq!(answer(level, &lines, "/s/a", false), translated, "{lines:?}");
        assert_eq!(answer(level, &lines, "/s/a", true), fixed, "{lines:?}");
    }
}

#[test]
fn what_is_wrong_is_said_in_the_servers_words() {
    let [old, new] = [Level::V2_4_12, Level::V2_4_71];
    for (level, section, line, expected) in [
        (new, None, "Redirect permanent /x", "URL to redirect to is missing"),
        (new, None, "Redirect http://o/", "URL to redirect to is missing"),
        (old, Some("/one"), "Redirect 301 http://o.example/", "URL to redirect to is missing"),
        (new, Some("/one"), "Redirect permanent", "URL to redirect to is missing"),
        (new, None, "Redirect 200 /x http://o/", "Redirect URL not valid for this status"),
        (new, None, "Redirect gone /x http://o/", "Redirect URL not valid for this status"),
        (new, None, "Redirect /x o.example/y", "Redirect to non-URL"),
        (new, None, "RedirectPermanent /x rel", "Redirect to non-URL"),
        (new, None, "RedirectTemp 301 /x", "URL to redirect to is missing"),
        (new, None, "Redirect foo /x http://o/", "Redirect: invalid first argument (of three)"),
        (new, None, "RedirectMatch (a http://o/", "Regular expression could not be compiled."),
        (new, None, "AliasMatch (a /x", "Regular expression could not be compiled."),
        (new, None, "Alias /x", "Alias must have two arguments when used globally"),
        (new, Some("/x"), "Alias /x /y", "Alias cannot occur within directory context"),
        (new, None, "RedirectRelative x", "RedirectRelative must be On or Off"),
    ] {
        let answer = read(&mut Server::default(), &mut Dir::default(), level, section, line);
        assert_eq!(answer, Err(expected.to_owned()), "{line}");
    }
}

#[test]
fn a_virtual_hosts_own_lines_come_first() {
    let level = Level::V2_4_71;
    let (mut base, mut host, mut dir) = (Server::default(), Server::default(), Dir::default());
    read(&mut base, &mut dir, level, None, "Alias /b /srv/base").unwrap();
    read(&mut host, &mut dir, level, None, "Alias /b /srv/host").unwrap();
    let merged = Server::merge(&base, &host);
    let said: Vec<_> = merged.aliases.iter().map(|e| e.directive.to_string()).collect();
    assert_eq!(said, ["Alias /b /srv/host", "Alias /b /srv/base"]);
}

#[test]
fn an_alias_tells_its_context() {
    let (policy, dir) = policy(Level::V2_4_71, &["Alias /al /srv/other"]);
    let (world, request) = (World::default(), trial::request("::1", "/al/x"));
    let mut run = trial::run(&policy, &world, &request);
    let mut record = trial::record(&request, dir);
    assert_eq!(translate(&mut run, &mut record), Ok(Flow::Done));
    assert_eq!(record.context_prefix, "/al");
    assert_eq!(record.context_document_root, Some("/srv/other".into()));
}
