//! Reading of cases, scores, and comparison of logs.

use super::*;
use crate::access::{
    files::Kind,
    trace::{Event, Step},
};

/// A case in the form of the recordings, with one request.
fn case() -> Case {
    let line = concat!(
        r##"{"id": "t/one", "theme": "t", "title": "", "servers": ["2.4"], "config": "# x\nListen 81\n","##,
        r##" "files": {"/srv/www/a.html": null, "/srv/x/": null, "/srv/y": {"content": "Y", "mode": "755"},"##,
        r##" "/srv/l": {"symlink": "/srv/y"}, "/srv/www/.htaccess": "Deny from all\n"}, "args": ["-D", "FOO", "-DBAR"],"##,
        r##" "process_env": {"NET": "10."}, "env_watch": ["A"], "unload": ["ssl"],"##,
        r##" "requests": [{"client": "203.0.113.9", "method": "GET", "target": "/a.html?q", "host": "h","##,
        r##" "headers": [["X", "1"]], "http": "1.0"}],"##,
        r##" "observed": {"2.4.71": {"config": "ok", "responses": [{"status": 200, "file": "/srv/www/a.html","##,
        r##" "args": "?q", "vhost": "h:80", "env": {"A": "1"}, "headers": {}}]},"##,
        r##" "2.2.8": {"config": "error", "config_output": "Syntax error on line 2 of /srv/httpd/conf/httpd.conf:\nBad"}}}"##
    );
    read(line).unwrap().remove(0)
}

#[test]
fn a_case_becomes_files_requests_and_a_world() {
    let case = case();
    let files = case.files();
    for (path, expected) in [
        ("/srv/www/a.html", Some(Kind::File)),
        ("/srv/x", Some(Kind::Folder)),
        ("/srv/www", Some(Kind::Folder)),
        ("/srv/l", Some(Kind::File)),
        ("/etc/passwd", Some(Kind::File)),
        ("/opt", Some(Kind::Folder)),
        (bed::CONFIG, Some(Kind::File)),
        ("/nope", None),
    ] {
        assert_eq!(files.stat(path.as_bytes()).map(|s| s.kind), expected, "{path}");
    }
    assert_eq!(files.read(b"/srv/www/a.html", 99), Some("FILE /srv/www/a.html\n".into()));
    assert!(files.stat(b"/srv/y").unwrap().executable);
    let request = case.requests[0].request();
    assert_eq!((request.port, request.version, request.headers.len()), (80, 1000, 2));
    assert_eq!(request.target, "/a.html?q");
    assert_eq!(case.defines().collect::<Vec<_>>(), ["FOO", "BAR"]);
    assert_eq!(case.world().process_env, [("NET".into(), "10.".into())]);
    assert!(!case.base(Level::V2_4_71).contains("Listen"));
    assert!(case.base(Level::V2_2_8).contains("DefaultType"));
    let has = |level, module: &str| case.modules(level).contains(&module);
    assert!(!has(Level::V2_4_71, "ssl") && has(Level::V2_4_71, "remoteip") && !has(Level::V2_2_8, "version"));
}

#[test]
fn errors_name_the_places_from_outside_in() {
    for (output, expected) in [
        ("AH00526: Syntax error on line 5 of /c/httpd.conf:\nBad on line 7 of it", vec![("/c/httpd.conf", 5)]),
        ("httpd: Syntax error on line 2 of /c/a: </Directory> without matching", vec![("/c/a", 2)]),
        (
            "httpd: Syntax error on line 2 of /c/a: Syntax error on line 1 of /c/b: /c/b:1: <Directory> was not closed.",
            vec![("/c/a", 2), ("/c/b", 1)],
        ),
        ("Warning: nothing", vec![]),
        ("Syntax error on line x of", vec![]),
    ] {
        let places = error_places(output);
        let shown: Vec<_> = places.iter().map(|p| (p.file.to_str().unwrap(), p.line)).collect();
        assert_eq!(shown, expected, "{output}");
    }
}

fn ours(status: u16, file: &str) -> Judged {
    let outcome = Outcome {
        status,
        file: Some(file.to_owned()),
        vhost: Some("h:80".to_owned()),
        args: Some("?q".to_owned()),
        env: BTreeMap::from([("A".to_owned(), Some("1".to_owned())), ("B".to_owned(), None)]),
        ..Outcome::default()
    };
    Judged::Answers(vec![Answers::Outcome(Box::new(outcome))])
}

#[test]
fn what_is_recorded_is_compared_with_what_is_said() {
    let error = |line: u32| Judged::Error { file: bed::CONFIG.into(), line, message: "Bad".to_owned() };
    for (level, judged, expected) in [
        (Level::V2_4_71, ours(200, "/srv/www/a.html"), "1 0 0 1 0"),
        (Level::V2_4_71, ours(404, "/srv/www/a.html"), "0 1 0 1 0"),
        (Level::V2_4_71, ours(200, "/srv/www/b.html"), "0 1 0 1 0"),
        (Level::V2_4_71, Judged::Answers(vec![Answers::CannotTell("x".to_owned())]), "0 0 1 1 0"),
        (Level::V2_4_71, Judged::Answers(vec![]), "0 0 1 1 0"),
        (Level::V2_4_71, Judged::CannotTell("x".to_owned()), "0 0 1 0 0"),
        (Level::V2_4_71, error(2), "0 1 0 0 1"),
        (Level::V2_2_8, error(2), "0 0 0 1 0"),
        (Level::V2_2_8, error(3), "0 0 0 0 1"),
        (Level::V2_2_8, ours(200, ""), "0 0 0 0 1"),
    ] {
        let score = score(&[case()], &Level::ALL, &mut |_, asked| {
            if asked == level { judged.clone() } else { Judged::CannotTell("not asked".to_owned()) }
        });
        let t = score.levels[&level.to_string()];
        let numbers = format!("{} {} {} {} {}", t.agree, t.wrong, t.cannot_tell, t.config_agree, t.config_wrong);
        assert_eq!(numbers, expected, "{judged:?} at {level}");
    }
}

#[test]
fn a_file_is_known_by_what_is_sent_of_it() {
    for (method, recorded, said, agree) in [
        ("HEAD", None, "/srv/www/a.html", 1),
        ("GET", None, "/srv/www/a.html", 0),
        ("GET", None, "/srv/e", 1),
        ("GET", Some("/srv/y"), "/srv/l", 1),
        ("GET", Some("/srv/y"), "/srv/e", 0),
    ] {
        let mut case = case();
        case.files.insert("/srv/e".to_owned(), Some(RecordedFile::Content(String::new())));
        method.clone_into(&mut case.requests[0].method);
        case.observed.get_mut("2.4.71").unwrap().responses[0].file = recorded.map(ToOwned::to_owned);
        let score = score(&[case], &[Level::V2_4_71], &mut |_, _| ours(200, said));
        assert_eq!(score.levels["2.4.71"].agree, agree, "{method} {recorded:?} {said}");
    }
}

#[test]
fn a_location_is_compared_bytewise() {
    let mut case = case();
    case.observed.get_mut("2.4.71").unwrap().responses[0].location = Some("/\u{c3}\u{a9}".to_owned());
    let mut judge = |_: &Case, _: Level| {
        let Judged::Answers(mut answers) = ours(200, "/srv/www/a.html") else { unreachable!() };
        let Answers::Outcome(outcome) = &mut answers[0] else { unreachable!() };
        outcome.location = Some("/\u{e9}".to_owned());
        Judged::Answers(answers)
    };
    assert_eq!(score(&[case], &[Level::V2_4_71], &mut judge).levels["2.4.71"].agree, 1);
}

#[test]
fn the_report_has_what_it_promises() {
    let mut judge = |_: &Case, _: Level| ours(404, "/x");
    let score = score(&[case()], &[Level::V2_4_71], &mut judge);
    let json: serde_json::Value = serde_json::from_str(&score.json().unwrap()).unwrap();
    assert_eq!(json["levels"]["2.4.71"]["wrong"], 1);
    assert_eq!(json["themes"]["t"]["requests"], 1);
    assert_eq!(json["disagreements"][0]["expected"], "200 /srv/www/a.html");
    assert!(score.table().contains("2.4.71 t/one #0 GET /a.html?q from 203.0.113.9: outcome"));
}

fn pattern(redirect: usize, subrequest: bool, pattern: &str, subject: &str, per_dir: Option<&str>) -> Step {
    let event = Event::Pattern {
        pattern: pattern.into(),
        subject: subject.into(),
        matched: true,
        spans: Vec::new(),
        per_dir: per_dir.map(Into::into),
    };
    Step { place: None, redirect, subrequest, event }
}

fn condition(input: &[u8], pattern: &str, flags: &str, matched: bool) -> Step {
    let (input, pattern, flags) = (input.into(), pattern.into(), flags.into());
    let event = Event::Condition { input, pattern, flags, matched, spans: Vec::new() };
    Step { place: None, redirect: 0, subrequest: false, event }
}

#[test]
fn a_log_is_compared_with_a_trace() {
    let log = [
        "rewrite:trace2 [initial] init rewrite engine with requested uri /a",
        r"rewrite:trace3 [initial] applying pattern '^a\\.html$' to uri '/a'",
        r"rewrite:trace4 [initial] RewriteCond: input='\xe2\x80 \\\x22' pattern='!x' [NC] => not-matched",
        "rewrite:trace4 [initial] RewriteCond: input='(null)' pattern='-R '10.1.0.0/16'' => matched",
        "rewrite:trace4 [initial] RewriteCond: input='9' pattern='^(10|1",
        "authz_core:debug AH01628: authorization result: granted (no directives)",
        "rewrite [initial/redir#2] (3) [perdir /srv/www/] applying pattern '^' to uri ''",
        "rewrite [subreq] (3) applying pattern 'it's' to uri '/x'",
        "rewrite [initial] (4) RewriteCond: input='' pattern='=' => matched",
        "rewrite [initial] (5) RewriteCond URI (-U) check: path=/a.html -> status=200",
    ]
    .map(ToOwned::to_owned);
    let steps = || {
        vec![
            Step { event: Event::Decided("nothing".to_owned()), ..condition(b"", "", "", true) },
            pattern(0, false, r"^a\.html$", "/a", None),
            condition(b"\xe2\x80 \\\"", "!x", "[NC]", false),
            condition(b"whatever", "-R '10.1.0.0/16'", "", true),
            condition(b"9", "^(10|11|12)$", "", false),
            pattern(2, false, "!^", "", Some("/srv/www/")),
            pattern(0, true, "it's", "/x", None),
            condition(b"", "=\"\"", "", true),
        ]
    };
    assert_eq!(trace_log::compare_trace(&log, &steps()), Ok(()));
    for (n, other) in [
        (1, pattern(0, false, "^b", "/a", None)),
        (1, pattern(1, false, r"^a\.html$", "/a", None)),
        (2, condition(b"\xe2\x80 \\\"", "!x", "[NC]", true)),
        (2, condition(b"\xe2\x80 \\\"", "!x", "", false)),
        (5, pattern(2, false, "^", "", Some("/srv/"))),
        (6, pattern(0, false, "it's", "/x", None)),
    ] {
        let mut changed = steps();
        changed[n] = other;
        assert!(trace_log::compare_trace(&log, &changed).is_err(), "step {n}");
    }
    let short = &steps()[..7];
    let error = trace_log::compare_trace(&log, short).unwrap_err();
    assert!(error.starts_with("test 7: recorded [initial/redir#0] condition '=' on ''"), "{error}");
}
