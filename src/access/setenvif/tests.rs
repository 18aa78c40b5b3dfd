//! What `SetEnvIf` and its relatives make of a request.

use std::sync::Arc;

use super::*;
use crate::access::{
    policy::{DirConfig, Server},
    request::World,
    trial,
};

fn add(dir: &mut Dir, level: Level, line: &str) -> Result<(), String> {
    let (name, raw) = line.split_once(' ').unwrap_or((line, ""));
    dir.directive(&trial::spot(level, None), &name.to_ascii_lowercase(), Args { raw: raw.as_bytes(), words: &[] })
}

/// The variables after a request for `/a.html` from 10.1.2.3 with these headers.
fn variables(level: Level, lines: &[&str], headers: &[(&str, &str)], sub: usize) -> Result<String, Unknown> {
    let mut dir = Dir::default();
    for line in lines {
        add(&mut dir, level, line).unwrap();
    }
    let section = Arc::new(DirConfig { setenvif: Some(Arc::new(dir.clone())), ..DirConfig::default() });
    let policy = trial::policy(level, Server { setenvif: dir, ..Server::default() });
    let world = World::default();
    let request = trial::request("10.1.2.3", "/a.html");
    let mut run = trial::run(&policy, &world, &request);
    let mut record = trial::record(&request, section);
    for (name, value) in headers {
        record.headers.add(name.as_bytes(), value.as_bytes());
    }
    record.sub = sub;
    if sub > 0 {
        header_parser(&mut run, &mut record)?;
    } else {
        post_read(&mut run, &mut record)?;
    }
    Ok(record.env.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join(" "))
}

#[test]
fn attributes_headers_and_variables_are_looked_at() {
    for (lines, headers, expected) in [
        (vec![r"SetEnvIf Remote_Addr ^10\. A", r"setenvif REMOTE_ADDR 10 B"], vec![], "A=1 B=1"),
        (vec![r"SetEnvIf Request_URI \.html$ B=image C=pic"], vec![], "B=image C=pic"),
        (vec![r#"SetEnvIfNoCase User-Agent "firefox" D=ff"#], vec![("User-Agent", "FireFox")], "D=ff"),
        (vec![r"SetEnvIf User-Agent firefox D"], vec![("User-Agent", "FireFox")], ""),
        (vec![r"SetEnvIf Request_Method POST G", "SetEnvIf Request_Method GET H"], vec![], "H=1"),
        (vec!["SetEnvIf Request_Protocol 1\\.1 P", "SetEnvIf Server_Addr ^192 S"], vec![], "P=1 S=1"),
        (vec!["SetEnvIf Remote_Host partner F", "SetEnvIf Remote_Host 10 G"], vec![], "G=1"),
        (vec!["SetEnvIf Cookie ^$ B"], vec![], "B=1"),
        (vec!["SetEnvIf Cookie ^$ B"], vec![("Cookie", "")], "B=1"),
        (vec![r#"SetEnvIf Cookie "(^|; )sid=([^;]+)" A=$2"#], vec![("Cookie", "x=1; sid=42")], "A=42"),
        (vec!["SetEnvIf ^X-Fwd.* ^10 A"], vec![("X-Fwd-For", "10.1.1.1")], "A=1"),
        // The second is asked about what the first one found, though its own pattern finds nothing.
        (vec!["SetEnvIf ^X-F 1 A", "SetEnvIf ^x-f 1 B"], vec![("X-F1", "1")], "A=1 B=1"),
        (vec!["SetEnvIf ^x-f 1 B"], vec![("X-F1", "1")], ""),
        (vec!["SetEnvIfNoCase ^x-f (.*) C=$1"], vec![("X-F1", "1"), ("X-F2", "2")], "C=2"),
        (vec![r"BrowserMatch \bMSIE B=ie !A"], vec![("user-agent", "x MSIE")], "B=ie"),
        (vec!["BrowserMatchNoCase opera C"], vec![("User-Agent", "OPERA")], "C=1"),
        (vec![r#"SetEnvIf oid("1.2.3") ^$ A"#], vec![], "A=1"),
    ] {
        for level in Level::ALL {
            assert_eq!(variables(level, &lines, &headers, 0), Ok(expected.to_owned()), "{lines:?} at {level}");
        }
    }
}

#[test]
fn lines_run_in_order_and_a_run_of_one_name_looks_once() {
    let host = vec![("Host", "www.example.com")];
    for (lines, expected) in [
        (vec!["SetEnvIf Host . A=1 B=2", "SetEnvIf Host w !A B=3", "SetEnvIf A ^1$ C"], "B=3"),
        (vec!["SetEnvIf Host . C=x", "SetEnvIf C ^x !C", "SetEnvIf C ^x B=again", "SetEnvIf c x B=last"], "B=last"),
        (vec!["SetEnvIf Host . C=x", "SetEnvIf C ^x !C", "SetEnvIf Host . D", "SetEnvIf C ^x B"], "D=1"),
        (vec!["SetEnvIf Host www A=$0 B= C==x"], "A=$0 B=1 C=x"),
        (vec!["SetEnvIf Host w+ A=$0 D=1", "SetEnvIf Host w+ A=!x"], "D=1"),
        (vec![r"SetEnvIf Host w+\.(e) A=\$1-$1"], "A=$1-e"),
        (vec![r"SetEnvIf Host www\.example A=$0"], "A=$0"),
    ] {
        assert_eq!(variables(Level::V2_4_71, &lines, &host, 0), Ok(expected.to_owned()), "{lines:?}");
    }
    let ampersand = ["SetEnvIf Host w+ A=a&b"];
    assert_eq!(variables(Level::V2_2_34, &ampersand, &host, 0), Ok("A=awwwb".to_owned()));
    assert_eq!(variables(Level::V2_4_12, &ampersand, &host, 0), Ok("A=a&b".to_owned()));
}

#[test]
fn subrequests_have_no_lines_of_sections() {
    assert_eq!(variables(Level::V2_4_71, &["SetEnvIf Request_URI . A"], &[], 1), Ok(String::new()));
}

#[test]
fn an_expression_sets_what_it_should_when_it_holds_and_is_not_guessed() {
    let asked = |line: &str| variables(Level::V2_4_71, &[line], &[], 0);
    assert_eq!(asked("SetEnvIfExpr \"-R '10.0.0.0/8'\" A=in"), Ok("A=in".to_owned()));
    assert_eq!(asked("SetEnvIfExpr \"-R '192.0.2.0/24'\" A=in"), Ok(String::new()));
    // There is no clock.
    assert!(asked("SetEnvIfExpr \"%{TIME_YEAR} == '2026'\" A=in").is_err());
}

#[test]
fn what_is_wrong_is_said_in_the_servers_words() {
    for (line, expected) in [
        ("SetEnvIf", "Missing header-field name for SetEnvIf"),
        ("SetEnvIf Host", "Missing regular expression for SetEnvIf"),
        ("SetEnvIf Host a", "Missing envariable expression for SetEnvIf"),
        ("SetEnvIf Host (a A", "SetEnvIf regex could not be compiled."),
        ("SetEnvIf (a a b", "SetEnvIfHeader name regex could not be compiled."),
        ("BrowserMatch", "Missing regular expression for BrowserMatch"),
        ("BrowserMatchNoCase a", "Missing envariable expression for BrowserMatchNoCase"),
        ("BrowserMatch (a b", "BrowserMatch regex could not be compiled."),
        ("SetEnvIfExpr", "Missing expression for SetEnvIfExpr"),
        ("SetEnvIfExpr \"true\"", "Missing envariable expression for SetEnvIfExpr"),
    ] {
        assert_eq!(add(&mut Dir::default(), Level::V2_4_71, line), Err(expected.to_owned()), "{line}");
    }
}
