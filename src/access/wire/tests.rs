//! Targets and paths, and which requests are refused outright, level by level.

use super::*;
use crate::access::trial;

/// What is odd about a request.
type Change = fn(&mut Request);

/// The decoded path, or the status.
fn decoded(path: &str, level: Level, slashes: (bool, bool)) -> String {
    decode(path.as_bytes(), level, slashes, true).map_or_else(|status| status.to_string(), |path| path.to_string())
}

#[test]
fn paths_are_decoded_once_and_cleaned() {
    // What the levels before 2.4.71 make of it, and 2.4.71.
    for (path, before, new) in [
        ("/a.jpg", "/a.jpg", "/a.jpg"),
        ("/%61.jpg", "/a.jpg", "/a.jpg"),
        ("/a%2541", "/a%41", "/a%41"),
        ("/a/./b", "/a/b", "/a/b"),
        ("/a/../b", "/b", "/b"),
        ("/a/%2e%2e/b", "/b", "/b"),
        ("/a/..", "/", "/"),
        ("/../a", "400", "400"),
        ("/%", "400", "400"),
        ("/%zz", "400", "400"),
        ("/a%2fb", "404", "404"),
        ("/a%00b", "404", "404"),
        ("/a//b", "/a//b", "/a/b"),
        ("/a...b", "/a...b", "/a...b"),
    ] {
        for level in Level::ALL {
            let expected = if level >= Level::V2_4_71 { new } else { before };
            assert_eq!(decoded(path, level, (false, false)), expected, "{level} {path}");
        }
    }
}

#[test]
fn encoded_slashes_pass_when_they_are_allowed() {
    for level in Level::ALL {
        assert_eq!(decoded("/a%2Fb", level, (true, true)), "/a/b", "{level}");
        assert_eq!(decoded("/a%2Fb", level, (true, false)), "/a%2Fb", "{level}");
    }
}

#[test]
fn targets_are_paths_or_addresses() {
    for (target, path, query, authority) in [
        ("/a?b", "/a", Some("b"), None),
        ("/a?", "/a", Some(""), None),
        ("/a?b?c", "/a", Some("b?c"), None),
        ("http://h:81/a?b", "/a", Some("b"), Some("h:81")),
        ("http://h", "/", None, Some("h")),
        ("*", "*", None, None),
    ] {
        let split = split_target(target.as_bytes());
        assert_eq!(split.path, path, "{target}");
        assert_eq!(split.query, query.map(BString::from), "{target}");
        assert_eq!(split.authority, authority.map(BString::from), "{target}");
    }
}

#[test]
fn requests_are_refused_outright_for_what_they_look_like() {
    // In the order 2.2.8, 2.2.34, 2.4.12, 2.4.71; 0 is not refused.
    let cases: &[(&str, Change, [u16; 4])] = &[
        ("plain", |_| {}, [0; 4]),
        ("no host", |r| r.headers.clear(), [400; 4]),
        ("no host, HTTP/1.0", |r| (r.headers.clear(), r.version = 1000).1, [0; 4]),
        ("an empty host", |r| r.headers[0].1 = "".into(), [0, 400, 0, 400]),
        ("a blank in the target", |r| r.target = "/a b".into(), [0, 400, 0, 400]),
        ("a long target", |r| r.target = format!("/{}", "x".repeat(9000)).into(), [414; 4]),
        ("a long header", |r| r.headers.push(("X".into(), "x".repeat(9000).into())), [400; 4]),
        ("many headers", |r| r.headers.extend((0..101).map(|_| ("X".into(), "1".into()))), [400; 4]),
        ("no token", |r| r.headers.push(("X Y".into(), "1".into())), [0, 400, 0, 400]),
        ("a fragment", |r| r.target = "/a#b".into(), [0, 0, 0, 400]),
        // Refused only by the handler.
        ("CONNECT", |r| (r.method = "CONNECT".into(), r.target = "h:80".into()).1, [0; 4]),
        ("expects", |r| r.headers.push(("Expect".into(), "wonders".into())), [417; 4]),
    ];
    for (what, change, statuses) in cases {
        for (level, expected) in Level::ALL.into_iter().zip(statuses) {
            let policy = trial::load(level, "ServerName main\n", &trial::files(&[])).policy.unwrap();
            let mut request = trial::request("203.0.113.9", "/a.html");
            change(&mut request);
            let (_, choice) = record(&policy, &request);
            assert_eq!(choice.map_or_else(|status| status, |_| 0), *expected, "{level}: {what}");
        }
    }
}
