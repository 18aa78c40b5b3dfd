//! `mod_rewrite` as a whole: small configurations, requests, and what becomes of them, against the recorded behaviour of servers.

use std::sync::Arc;

use bstr::BString;

use super::*;
use crate::access::{
    config::words,
    files::{Entry, Kind},
    policy::{DirConfig, Policy, Server as PolicyServer},
    record::Flow,
    request::{Request, World},
    run::Run,
    source::{FileId, Place},
    trace::Step,
    trial,
    unknown::Unknown,
};

fn spot(level: Level, line: u32, path: Option<&[u8]>) -> Spot<'_> {
    Spot { place: Place { file: FileId(0), line }, in_directory: path.is_some(), ..trial::spot(level, path) }
}

fn name_and_args(line: &str) -> (String, &str) {
    let (name, args) = line.trim().split_once([' ', '\t']).unwrap_or((line.trim(), ""));
    (name.to_ascii_lowercase(), args.trim())
}

/// A server from the rewrite directives in `text`.
fn server(level: Level, text: &str, files: &Files) -> Result<Server, (u32, String)> {
    let mut server = Server::default();
    for (number, line) in (1..).zip(text.lines()) {
        let (name, args) = name_and_args(line);
        if !name.starts_with("rewrite") {
            continue;
        }
        let words = words::all(args.as_bytes());
        let args = Args { raw: args.as_bytes(), words: &words };
        let spot = spot(level, number, None);
        let result = if name == "rewritemap" {
            server.map_directive(&spot, args, b"/srv/httpd", files)
        } else {
            server.directive(&spot, &name, args)
        };
        result.map_err(|e| (number, e))?;
    }
    Ok(server)
}

fn policy(level: Level, rewrite: Server) -> Policy {
    trial::policy(level, PolicyServer { rewrite, ..PolicyServer::default() })
}

/// As it is after the path was decoded.
fn record(request: &Request, dir: DirConfig) -> Record {
    let mut record = trial::record(request, Arc::new(dir));
    record.uri = uri::unescape(&record.uri).into();
    record
}

fn run<T>(
    policy: &Policy,
    world: &World,
    request: &Request,
    dir: DirConfig,
    phase: impl FnOnce(&mut Run<'_>, &mut Record) -> T,
) -> (T, Record, Vec<Step>) {
    let mut run = trial::run(policy, world, request);
    let mut record = record(request, dir);
    let result = phase(&mut run, &mut record);
    (result, record, run.trace.into_steps())
}

fn world(files: &[&str]) -> World {
    let files = files.iter().map(|f| (BString::from(*f), Entry { content: "x".into(), ..Entry::default() }));
    World { files: files.collect(), ..World::default() }
}

/// What becomes of `target`, in a few words.
fn outcome(level: Level, config: &str, target: &str) -> String {
    let world = world(&["/srv/www/a.html", "/srv/other/f.txt"]);
    let config = format!("RewriteEngine On\n{config}");
    let rewrite = match server(level, &config, &world.files) {
        Ok(rewrite) => rewrite,
        Err((line, message)) => return format!("error in line {line}: {message}"),
    };
    let policy = policy(level, rewrite);
    let mut request = Request::get("10.1.2.3".parse().unwrap(), "www.example.com", target);
    request.headers.push(("Cookie".into(), "LtpaToken2=x".into()));
    let (flow, record, _) = run(&policy, &world, &request, DirConfig::default(), translate);
    told(&flow, &record)
}

fn told(flow: &Result<Flow, Unknown>, record: &Record) -> String {
    let args = record.args.as_ref().map(|a| format!("?{a}")).unwrap_or_default();
    match flow {
        Err(unknown) => format!("unknown: {}", unknown.reason),
        Ok(Flow::Declined) => format!("declined {}{args}", record.uri),
        Ok(Flow::Done) => format!("{}{args}", record.filename.as_ref().unwrap()),
        Ok(Flow::Status(status)) => match &record.location {
            Some(location) => format!("{status} {location}"),
            None => status.to_string(),
        },
    }
}

/// A configuration, a target, and what each of the levels makes of it; one that is missing is as the one before.
type Row<'a> = (&'a str, &'a str, &'a [(Level, &'a str)]);

fn check(rows: &[Row<'_>]) {
    for (config, target, expected) in rows {
        for level in Level::ALL {
            let expected = expected.iter().rfind(|(since, _)| level >= *since).unwrap().1;
            assert_eq!(outcome(level, config, target), expected, "{config:?} asked for {target} at {level}");
        }
    }
}

use Level::{V2_2_8 as A, V2_2_34 as B, V2_4_12 as C, V2_4_71 as D};

#[test]
fn results_become_files_redirects_and_statuses() {
    check(&[
        ("RewriteRule ^/x$ /a.html", "/x", &[(A, "/srv/www/a.html")]),
        ("RewriteRule ^/x$ /a.html", "/y", &[(A, "declined /y")]),
        ("RewriteRule ^/x$ a.html", "/x", &[(A, "400"), (D, "/srv/www/a.html")]),
        ("RewriteRule ^/x$ /srv/other/f.txt", "/x", &[(A, "/srv/other/f.txt")]),
        ("RewriteRule ^/x(/.*)$ $1", "/x/srv/other/f.txt", &[(A, "/srv/other/f.txt"), (D, "/srv/www/srv/other/f.txt")]),
        (
            "RewriteRule ^/x(/.*)$ $1 [UnsafePrefixStat]",
            "/x/srv/f",
            &[(A, "error in line 2: RewriteRule: unknown flag 'UnsafePrefixStat'"), (D, "/srv/f")],
        ),
        ("RewriteRule ^/x$ /n [PT]", "/x", &[(A, "declined /n")]),
        ("RewriteRule ^/x - [F]", "/x", &[(A, "403")]),
        ("RewriteRule ^/x - [R=301]", "/x", &[(A, "declined /x")]),
        ("RewriteRule ^/x - [R=404]", "/x", &[(A, "404")]),
        ("RewriteRule ^/(.*)$ /n/$1 [R=301,L]", "/x?q=1", &[(A, "301 http://www.example.com/n/x?q=1")]),
        ("RewriteRule ^ http://www.example.com/a", "/x", &[(A, "302 http://www.example.com/a")]),
        ("RewriteRule ^ ws://o/ [R]", "/x", &[(A, "302 http://www.example.com/ws://o/"), (C, "302 ws://o/")]),
        ("RewriteRule ^/(.*)$ http://o/$1 [P]", "/x", &[(A, "proxy:http://o/x")]),
        ("RewriteRule ^/e/(.*) http://o/$1 [R]", "/e/a%3Fb", &[(A, "302 http://o/a?b"), (D, "403")]),
        ("RewriteRule ^/e/(.*) /a.html?x=$1", "/e/a%3Fb", &[(A, "/srv/www/a.html?x=a?b")]),
        (
            "RewriteRule ^/e/(.*) http://o/$1 [R]",
            "/e/x?y=a%20b",
            &[(A, "302 http://o/x?y=a%2520b"), (D, "302 http://o/x?y=a%20b")],
        ),
        ("RewriteRule ^ /a.html?a=\\ b", "/x", &[(A, "/srv/www/a.html?a= b"), (D, "403")]),
        ("RewriteRule ^ /a?x=1? [QSA]", "/x?q", &[(A, "/srv/www/a?x=1?&q"), (D, "/srv/www/a?x=1?q")]),
        ("RewriteRule ^ - [PT]", "/x", &[(A, "declined /x")]),
        ("RewriteRule ^ /x/../../a", "/x", &[(A, "403")]),
        ("RewriteRule ^ /~jane/a", "/x", &[(A, "unknown: home directories of users are not given")]),
    ]);
}

#[test]
fn flags_steer_the_list() {
    check(&[
        ("RewriteRule ^/x /n [C]\nRewriteRule ^/n /a.html\nRewriteRule ^ - [F]", "/y", &[(A, "403")]),
        ("RewriteRule ^/q /n [C]\nRewriteRule ^ - [F]\nRewriteRule ^/x /a.html", "/x", &[(A, "/srv/www/a.html")]),
        ("RewriteRule ^/x - [S=1]\nRewriteRule ^ - [F]\nRewriteRule ^ - [G]", "/x", &[(A, "410")]),
        ("RewriteRule ^/x - [S=9]\nRewriteRule ^ - [F]", "/x", &[(A, "declined /x")]),
        ("RewriteRule ^/x - [L]\nRewriteRule ^ - [F]", "/x", &[(A, "declined /x")]),
        (
            "RewriteRule ^(.*)_(.*)$ $1-$2 [N]\nRewriteRule ^/(.*)$ /a.html?$1",
            "/a_b_c",
            &[(A, "/srv/www/a.html?a-b-c")],
        ),
        ("RewriteRule ^(.*)_(.*)$ $1-$2 [N=2]", "/a_b_c", &[(A, "/srv/www/a-b-c"), (C, "500")]),
        (
            "RewriteRule ^ /x [N]",
            "/x",
            &[(A, "unknown: the rule starts over without end and hangs the server"), (C, "500")],
        ),
        ("RewriteRule ^ - [E=A:1,E=B]\nRewriteCond %{ENV:A}%{ENV:B} =1\nRewriteRule ^ - [F]", "/x", &[(A, "403")]),
        ("RewriteRule ^(.*)$ $1", "/x", &[(A, "/srv/www/x")]),
    ]);
}

#[test]
fn conditions_are_tested_after_the_pattern_and_in_order() {
    let last_or = "RewriteCond %{HTTP_HOST} =none [OR]\nRewriteRule ^ - [F]";
    check(&[
        ("RewriteCond %{HTTP_COOKIE} !LtpaToken2=.*$ [NC]\nRewriteRule ^ - [F]", "/x", &[(A, "declined /x")]),
        ("RewriteCond $1 ^b\nRewriteRule ^/(.) - [F]", "/b", &[(A, "403")]),
        (last_or, "/x", &[(A, "403")]),
        ("RewriteCond %{REMOTE_ADDR} ^(10)\nRewriteRule ^ /%1?%{REMOTE_ADDR}", "/x", &[(A, "/srv/www/10?10.1.2.3")]),
        ("RewriteCond lz <m\nRewriteRule ^ - [F]", "/x", &[(A, "declined /x")]),
        ("RewriteCond 100 >99\nRewriteRule ^ - [F]", "/x", &[(A, "403")]),
        ("RewriteCond a >=a\nRewriteRule ^ - [F]", "/x", &[(A, "declined /x"), (C, "403")]),
        ("RewriteCond 10x \"-eq 10\"\nRewriteRule ^ - [F]", "/x", &[(A, "declined /x"), (C, "403")]),
        ("RewriteCond 1 \"-ne 1\"\nRewriteRule ^ - [F]", "/x", &[(A, "declined /x")]),
        ("RewriteCond /srv/www/a.html -f\nRewriteCond /srv/www -d\nRewriteRule ^ - [F]", "/x", &[(A, "403")]),
        ("RewriteCond %{REQUEST_FILENAME} -f\nRewriteRule ^ - [F]", "/a.html", &[(A, "declined /a.html")]),
        (
            "RewriteCond %{TIME_YEAR} >2000\nRewriteRule ^ - [F]",
            "/x",
            &[(A, "unknown: the server's time is not given")],
        ),
    ]);
}

#[test]
fn mistakes_are_told_in_the_servers_words() {
    check(&[
        (
            "RewriteRule ^ - [L",
            "/",
            &[
                (A, "error in line 2: RewriteCond: bad flag delimiters"),
                (B, "error in line 2: RewriteRule: bad flag delimiters"),
            ],
        ),
        ("RewriteRule ^/a", "/", &[(A, "error in line 2: RewriteRule: bad argument line '^/a'")]),
        ("RewriteCond %{X} [a-", "/", &[(A, "error in line 2: RewriteCond: cannot compile regular expression '[a-'")]),
        ("RewriteCond a b [XX]", "/", &[(A, "error in line 2: RewriteCond: unknown flag 'XX'")]),
        ("RewriteOptions Nonsense", "/", &[(A, "error in line 2: RewriteOptions: unknown option 'Nonsense'")]),
        (
            "RewriteOptions InheritDown",
            "/",
            &[(A, "error in line 2: RewriteOptions: unknown option 'InheritDown'"), (C, "declined /")],
        ),
        ("RewriteEngine Maybe", "/", &[(A, "error in line 2: RewriteEngine must be On or Off")]),
        ("RewriteMap q txt:/none", "/", &[(A, "error in line 2: RewriteMap: file for map q not found:/none")]),
        ("RewriteMap q int:none", "/", &[(A, "error in line 2: RewriteMap: internal map not found:none")]),
    ]);
}

#[test]
fn virtual_hosts_inherit_by_level_and_option() {
    let main = "RewriteEngine On\nRewriteRule ^/a - [F]";
    let host = |options: &str| format!("{options}\nRewriteRule ^/b - [G]");
    let rows = [
        (host(""), [false, true, true, true], [None, None]),
        (host("RewriteOptions Inherit"), [false, true, true, true], [Some(1), Some(0)]),
    ];
    for (text, on, [inherited, own]) in rows {
        for (level, on) in Level::ALL.into_iter().zip(on) {
            let files = Files::default();
            let merged = server(level, main, &files).unwrap().merge(&server(level, &text, &files).unwrap(), level);
            assert_eq!(merged.engine == Some(true), on, "{text:?} at {level}");
            let order: Vec<_> = merged.rules.iter().map(|r| r.flags.code).collect();
            let mut expected = vec![410; 1];
            if let (Some(inherited), Some(_)) = (inherited, own) {
                expected.insert(inherited, 403);
            }
            assert_eq!(order, expected, "{text:?} at {level}");
        }
    }
    let untold = server(D, main, &Files::default()).unwrap().merge(&Server::default(), D);
    assert!(untold.told_nothing, "a host without a directive does not run the main server's rules");
}

/// What becomes of the file `filename` under the rules of `/srv/www/sub`.
fn in_directory(level: Level, config: &str, filename: &str) -> String {
    let mut dir = Dir::default();
    for (number, line) in (1..).zip(config.lines()) {
        let (name, args) = name_and_args(line);
        let words = words::all(args.as_bytes());
        let args = Args { raw: args.as_bytes(), words: &words };
        if let Err(message) = dir.directive(&spot(level, number, Some(b"/srv/www/sub/")), &name, args) {
            return message;
        }
    }
    let world = world(&["/srv/www/sub/page.html"]);
    let policy = policy(level, Server::default());
    let request = Request::get("10.1.2.3".parse().unwrap(), "www.example.com", "/sub/page.html");
    let config = DirConfig { rewrite: Some(Arc::new(dir)), ..DirConfig::default() };
    let (flow, record, _) = run(&policy, &world, &request, config, |run, record| {
        record.filename = Some(filename.into());
        record.kind = Some(Kind::File);
        fixup(run, record)
    });
    told(&flow, &record)
}

#[test]
fn directories_cut_their_prefix_and_start_over() {
    let on = "RewriteEngine On\n";
    let page = "/srv/www/sub/page.html";
    let rows = [
        ("RewriteRule ^page other.html", page, "redirect:/sub/other.html"),
        ("RewriteRule ^page /other.html", page, "redirect:/other.html"),
        ("RewriteRule ^page page.html?a=1", page, "/srv/www/sub/page.html?a=1"),
        ("RewriteRule ^/sub - [F]", page, "declined /sub/page.html"),
        ("RewriteRule ^$ - [F]", "/srv/www/sub/", "403"),
        ("RewriteRule ^ - [F]", "/srv/www/sub", "declined /sub/page.html"),
        ("RewriteRule ^page y.html [R]", page, "302 http://www.example.com/srv/www/sub/y.html"),
        ("RewriteBase /pub\nRewriteRule ^page y.html [R]", page, "302 http://www.example.com/pub/y.html"),
        ("RewriteBase /pub\nRewriteRule ^page y.html", page, "redirect:/pub/y.html"),
        ("RewriteBase pub", page, "RewriteBase: argument is not a valid URL"),
        ("RewriteRule ^page http://o/$0 [R=301]", page, "301 http://o/page"),
    ];
    for (config, filename, expected) in rows {
        for level in Level::ALL {
            assert_eq!(in_directory(level, &format!("{on}{config}"), filename), expected, "{config:?} at {level}");
        }
    }
}

#[test]
fn deeper_sections_replace_the_rules_of_outer_ones() {
    let dir = |text: &str, level: Level| {
        let mut dir = Dir::default();
        for line in text.lines() {
            let (name, args) = name_and_args(line);
            let words = words::all(args.as_bytes());
            let args = Args { raw: args.as_bytes(), words: &words };
            dir.directive(&spot(level, 1, Some(b"/d/")), &name, args).unwrap();
        }
        dir
    };
    let outer = "RewriteEngine On\nRewriteRule a - [F]";
    for level in Level::ALL {
        let replaced = dir(outer, level).merge(&dir("RewriteRule b - [G]", level), level);
        assert_eq!(replaced.rules.len(), 1, "{level}");
        assert_eq!(replaced.engine, Some(level > A), "{level}: only the oldest forgets the engine");
        let both = dir(outer, level).merge(&dir("RewriteOptions Inherit\nRewriteRule b - [G]", level), level);
        let order: Vec<_> = both.rules.iter().map(|r| r.flags.code).collect();
        assert_eq!(order, [410, 403], "{level}: own rules first");
    }
}
