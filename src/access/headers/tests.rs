//! What `RequestHeader` does to headers, and Header to Location.

use std::sync::Arc;

use super::*;
use crate::access::{
    policy::{DirConfig, Server},
    record::Record,
    request::World,
    run::Run,
    table::Table,
    trial,
    unknown::Unknown,
};

fn add(dir: &mut Dir, level: Level, line: &str) -> Result<(), String> {
    let (name, raw) = line.split_once(' ').unwrap_or((line, ""));
    dir.directive(&trial::spot(level, None), &name.to_ascii_lowercase(), Args { raw: raw.as_bytes(), words: &[] })
}

fn with<T>(
    level: Level,
    lines: &[&str],
    phase: impl FnOnce(&mut Run<'_>, &mut Record) -> Result<T, Unknown>,
) -> Result<T, String> {
    let mut dir = Dir::default();
    for line in lines {
        add(&mut dir, level, line).unwrap();
    }
    let dir = Arc::new(DirConfig { headers: Some(Arc::new(dir)), ..DirConfig::default() });
    let policy = trial::policy(level, Server::default());
    let (world, request) = (World::default(), trial::request("203.0.113.9", "/"));
    let mut run = trial::run(&policy, &world, &request);
    let mut record = trial::record(&request, dir);
    record.headers = Table::default();
    record.env.set(b"E", b"set");
    phase(&mut run, &mut record).map_err(|unknown| unknown.reason)
}

/// The headers after these lines in the fixups.
fn headers(level: Level, lines: &[&str], before: &[(&str, &str)]) -> Result<String, String> {
    with(level, lines, |run, record| {
        for (name, value) in before {
            record.headers.add(name.as_bytes(), value.as_bytes());
        }
        early(run, record)?;
        fixup(run, record)?;
        Ok(record.headers.iter().map(|(n, v)| format!("{n}: {v}")).collect::<Vec<_>>().join(" | "))
    })
}

#[test]
fn request_headers_are_changed_as_the_server_changes_them() {
    for (lines, before, expected) in [
        (vec!["RequestHeader set X one"], vec![("x", "zero")], "x: one"),
        (vec!["RequestHeader set X: one"], vec![], "X: one"),
        (vec!["RequestHeader append X two"], vec![("X", "one")], "X: one, two"),
        (vec!["RequestHeader add X two"], vec![("X", "one")], "X: one | X: two"),
        (vec!["RequestHeader unset X", "RequestHeader set Y y env=E"], vec![("X", "one")], "Y: y"),
        (vec!["RequestHeader set X a env=!E", "RequestHeader set X b env=N"], vec![], ""),
        (vec!["RequestHeader set X late", "RequestHeader set X first early"], vec![], "X: late"),
        (vec![r#"RequestHeader set X "%{E}e %{N}e 100%% %{HTTPS}s""#], vec![], "X: set (null) 100% (null)"),
        (vec!["RequestHeader merge X b"], vec![("X", "a, b,c")], "X: a, b,c"),
        (vec!["RequestHeader merge X b"], vec![("X", "a, b ,c")], "X: a, b ,c, b"),
        (vec!["RequestHeader merge X c"], vec![("X", "\"x,c\",d")], "X: \"x,c\",d, c"),
        (vec!["RequestHeader edit X a|b [$0]"], vec![("X", "xaabb"), ("Y", "y")], "Y: y | X: x[a]abb"),
        (vec!["RequestHeader edit X b \"\""], vec![("X", "b")], "X: "),
        (vec!["RequestHeader edit X (z)? <$1>"], vec![("X", "q")], "X: <>q"),
        (vec!["RequestHeader edit X a b"], vec![], ""),
    ] {
        for level in [Level::V2_2_34, Level::V2_4_71] {
            assert_eq!(headers(level, &lines, &before), Ok(expected.to_owned()), "{lines:?} at {level}");
        }
    }
    for (lines, before, expected) in [
        (vec!["RequestHeader edit* X a|b [$0]"], vec![("X", "xaabb")], Ok("X: x[a][a][b][b]")),
        (vec!["RequestHeader setifempty X a"], vec![("X", "")], Ok("X: ")),
        (vec![r"RequestHeader edit X a $0\\$0%{N}e&"], vec![("X", "bab")], Ok("X: ba$0(null)&b")),
        (
            vec!["RequestHeader edit* X x* -"],
            vec![("X", "ab")],
            Err("edit* with a pattern that matches nothing makes a 2.4.71 server process crash"),
        ),
        (vec!["RequestHeader set X %t"], vec![], Err("%t is time or load of the server")),
    ] {
        let expected = expected.map(ToOwned::to_owned).map_err(ToOwned::to_owned);
        assert_eq!(headers(Level::V2_4_71, &lines, &before), expected, "{lines:?}");
    }
}

#[test]
fn only_answers_of_a_handler_get_another_location() {
    let two = "the answer has more than one Location";
    for (lines, location, by_handler, expected) in [
        (vec!["Header set Location /set"], None, true, Ok("/set")),
        (vec!["Header set Location /set"], None, false, Ok("")),
        (vec!["Header set Location /set"], Some("http://o/"), false, Ok("http://o/")),
        (
            vec!["Header always edit Location o p", "Header edit Location o q"],
            Some("http://o/"),
            false,
            Ok("http://o/"),
        ),
        (vec!["Header always unset Location", "Header unset Location"], Some("http://o/"), false, Ok("http://o/")),
        (vec!["Header always set Location /a"], None, false, Ok("/a")),
        (vec!["Header always set Location /a"], None, true, Ok("/a")),
        (vec!["Header always set Location /a"], Some("http://o/"), false, Err(two)),
        (vec!["Header always set Location z early"], None, false, Ok("z")),
        (vec!["Header always set Location z early"], Some("http://o/"), false, Ok("http://o/")),
        (vec!["Header set Location z early"], None, false, Ok("")),
        (vec!["Header set X y", "Header always set Location /a env=N"], None, true, Ok("")),
    ] {
        let answer = with(Level::V2_4_71, &lines, |run, record| {
            record.location = location.map(Into::into);
            respond(run, record, by_handler)?;
            Ok(record.location.take().unwrap_or_default().to_string())
        });
        assert_eq!(answer, expected.map(ToOwned::to_owned).map_err(ToOwned::to_owned), "{lines:?} {location:?}");
    }
}

#[test]
fn what_is_wrong_is_said_in_the_servers_words() {
    let missing = "error: missing environment variable name. envclause should be in the form env=envar ";
    for (line, expected) in [
        ("RequestHeader", ACTIONS_2_4),
        ("RequestHeader set", "Header requires three arguments"),
        ("RequestHeader set X", "Header requires three arguments"),
        ("RequestHeader unset X v", "Unknown parameter: v"),
        ("RequestHeader echo X", "Header echo only valid on Header directives"),
        ("RequestHeader edit X a", "Header edit requires a match and a substitution"),
        ("RequestHeader edit X (a b", "Header edit regex could not be compiled"),
        ("RequestHeader set X y early z", "Too many arguments to directive"),
        ("RequestHeader set X y foo", "Unknown parameter: foo"),
        ("RequestHeader set X y env=", missing),
        ("RequestHeader set X y env=!", missing),
        ("RequestHeader set X %q", "Unrecognized header format %q"),
        ("Header set X %{a", "Unrecognized header format %"),
        ("RequestHeader edit X a b env=c d", "RequestHeader has too many arguments"),
        ("Header always", ACTIONS_2_4),
        ("Header echo (a", "Header echo regex could not be compiled"),
        ("Header unset X a b", "header unset takes two arguments"),
        ("RequestHeader note X y", "RequestHeader does not support the 'note' action"),
    ] {
        assert_eq!(add(&mut Dir::default(), Level::V2_4_71, line), Err(expected.to_owned()), "{line}");
    }
    for line in
        ["RequestHeader unset X env=a", "Header onsuccess set X y", "Header always echo X", "RequestHeader set X %"]
    {
        assert_eq!(add(&mut Dir::default(), Level::V2_4_71, line), Ok(()), "{line}");
    }
    assert_eq!(add(&mut Dir::default(), Level::V2_2_34, "Header setifempty X y"), Err(ACTIONS_2_2.to_owned()));
}
