//! What the real 2.4.71 said when it was given these expressions, and what they mean for requests.

use std::sync::Arc;

use super::*;
use crate::access::{
    files,
    policy::{DirConfig, Policy, Server},
    request::{Names, Request, World},
    trace::Tracer,
    trial,
};

const GOOD: &[&str] = &[
    "! true",
    "%{HTTP_HOST} =~ m#a b#i && true",
    "%{HTTP_HOST} in PeerExtList('x')",
    "%{HTTP:X-Q} == 'a'",
    "-R '10.1'",
    "%{REMOTE_ADDR} -IPMATCH '10.1'",
    "$1 == 'b'",
    "'a\\101' == 'b'",
    "10 == 10",
    "-10 -lt 5",
    "10.1 == '101'",
    "not true and false or true",
    "%{REMOTE_PORT} == 1",
    "%{HTTP2} == 'on'",
    "%{SSL_PROTOCOL} == ''",
    "%{SSL:SSL_PROTOCOL} == ''",
    "%{ssl_x} == ''",
    "ldap('x') == 'x'",
    "%{LDAP:x} == 'x'",
    "%{TIME_WDAY} -gt 3",
    "'x' -strMatch 'y'",
    "%{tolower:%{HTTP_HOST}} == 'x'",
    "%{tolower:a%{HTTP_HOST}b} == 'x'",
    "'a'.'b' == 'ab'",
    "\"a\" == 'a'",
    "%{HTTP_HOST} -in { 'a' }",
    "%{HTTP_HOST} eq 'a' and ! false",
    "%{REQUEST_SCHEME} lt 5",
    "env('x') == ''",
    "%{osenv:PATH} == ''",
    "req_novary('x') == ''",
    "md5('a') . sha1('b') == ''",
];

const BAD: &[(&str, &str)] = &[
    ("%{HTTP_HOST} == ", "syntax error, unexpected $end"),
    ("%{HTTP_HOST} == 'a' 'b'", "syntax error, unexpected T_STR_BEGIN, expecting $end"),
    ("(%{HTTP_HOST} == 'a' 'b')", "syntax error, unexpected T_STR_BEGIN, expecting T_OP_OR or T_OP_AND or ')'"),
    ("true false", "syntax error, unexpected T_FALSE, expecting $end"),
    ("true &&", "syntax error, unexpected $end"),
    ("(true", "syntax error, unexpected $end, expecting T_OP_OR or T_OP_AND or ')'"),
    ("(true))", "syntax error, unexpected ')', expecting $end"),
    ("tolower", "syntax error, unexpected $end, expecting '('"),
    ("tolower 'x' == 'y'", "syntax error, unexpected T_STR_BEGIN, expecting '('"),
    ("tolower('x' == 'y'", "syntax error, unexpected T_OP_STR_EQ, expecting T_OP_CONCAT or ')'"),
    ("sub('s/a/b/', %{QUERY_STRING}) == 'b'", "syntax error, unexpected ',', expecting T_OP_CONCAT or ')'"),
    ("%{HTTP_HOST} =~ 'x'", "syntax error, unexpected T_STR_BEGIN, expecting T_REGEX or T_REGEX_I"),
    ("%{HTTP_HOST} =~ /abc", "syntax error, unexpected $end, expecting T_REGEX or T_REGEX_I"),
    ("%{HTTP_HOST} =~ /abc/s", "syntax error, unexpected T_ID, expecting $end"),
    ("%{HTTP_HOST} =~ /abc/ix", "syntax error, unexpected T_ID, expecting $end"),
    ("%{HTTP_HOST} =~ m_a_", "syntax error, unexpected T_ID, expecting T_REGEX or T_REGEX_I"),
    ("%{HTTP_HOST} =~ m_a", "syntax error, unexpected T_ID, expecting T_REGEX or T_REGEX_I"),
    ("%{HTTP_HOST} =~ /(/", "Failed to compile regular expression"),
    ("%{HTTP_HOST} in 'a'", "syntax error, unexpected T_STR_BEGIN, expecting T_ID or '{'"),
    ("%{HTTP_HOST} in { 'a'", "syntax error, unexpected $end, expecting '}' or ','"),
    ("%{HTTP_HOST} in { 'a' 'b' }", "syntax error, unexpected T_STR_BEGIN, expecting '}' or ','"),
    ("%{HTTP_HOST} in nosuch('x')", "List-returning function 'nosuch' does not exist"),
    ("%{}", "syntax error, unexpected T_VAR_END, expecting T_ID"),
    ("%{ HTTP_HOST}", "syntax error, unexpected T_ERROR, expecting T_ID: Invalid character in variable name ' '"),
    ("%{HTTP_HOST", "syntax error, unexpected T_ERROR, expecting T_VAR_END or ':': Unterminated string or variable"),
    (
        "%{HTTP_HOST }",
        "syntax error, unexpected T_ERROR, expecting T_VAR_END or ':': Invalid character in variable name ' '",
    ),
    (
        "%{HTTP_HOST:} == 'a'",
        "syntax error, unexpected T_VAR_END, expecting T_ERROR or T_STRING or T_REGEX_BACKREF or T_VAR_BEGIN",
    ),
    ("%{HTTP:X} == %{NOSUCH} && %{OTHER} == 'a'", "Variable 'OTHER' does not exist"),
    ("%{nosuch:X} == 'a'", "Function 'nosuch' does not exist"),
    ("nosuch('a') == 'b'", "Function 'nosuch' does not exist"),
    ("-q 'a'", "Unary operator '-q' does not exist"),
    ("-R 10.1", "-R requires subnet/netmask as constant argument"),
    ("-R '10.1.2.300'", "parsing of subnet/netmask failed"),
    ("-R 'www.example.com'", "parsing of subnet/netmask failed"),
    ("-R %{REMOTE_ADDR}", "-R requires subnet/netmask as constant argument"),
    ("%{REMOTE_ADDR} -ipmatch 'x'", "parsing of subnet/netmask failed"),
    ("%{REMOTE_ADDR} -ipmatch %{REMOTE_ADDR}", "-ipmatch requires subnet/netmask as constant argument"),
    ("%{REMOTE_ADDR} -nosuch 'x'", "Binary operator '-nosuch' does not exist"),
    ("-N 'x'", "Unary operator '-N' does not exist"),
    ("'a' -eq10", "syntax error, unexpected $end"),
    ("'a' - 'b'", "syntax error, unexpected T_ERROR: Parse error near '-'"),
    ("'a' & 'b'", "syntax error, unexpected T_ERROR: Parse error near '&'"),
    ("$a == 'b'", "Parse error near '$'"),
    ("$1", "syntax error, unexpected $end"),
    ("%", "Parse error near '%'"),
    ("'abc", "Unterminated string or variable"),
    (
        "'abc%{HTTP_HOST",
        "syntax error, unexpected T_ERROR, expecting T_VAR_END or ':': Unterminated string or variable",
    ),
    (
        "'abc%{HTTP_HOST}",
        "syntax error, unexpected T_ERROR, expecting T_STRING or T_REGEX_BACKREF or T_STR_END or T_VAR_BEGIN: Unterminated string or variable",
    ),
    ("'a\\400' == 'b'", "Escape sequence out of bound"),
    ("'a\\8' == 'b'", "Bad escape sequence"),
    ("'a\\1019' == 'b'", "Bad escape sequence"),
    ("foo", "syntax error, unexpected $end, expecting '('"),
    ("foo == 'bar'", "syntax error, unexpected T_OP_STR_EQ, expecting '('"),
    ("android == 'x'", "syntax error, unexpected T_OP_STR_EQ, expecting '('"),
    ("%{SERVER_PROTOCOL_VERSION} == 'x'", "Variable 'SERVER_PROTOCOL_VERSION' does not exist"),
    ("filemod('x') == 'x'", "Function 'filemod' does not exist"),
    ("replace('x','y') == 'x'", "syntax error, unexpected ',', expecting T_OP_CONCAT or ')'"),
    ("-Z 'x'", "Unary operator '-Z' does not exist"),
    (
        "%{REQUEST_URI} == '/x' || ( true && false",
        "syntax error, unexpected $end, expecting T_OP_OR or T_OP_AND or ')'",
    ),
    ("{ 'a' }", "syntax error, unexpected '{'"),
    (")", "syntax error, unexpected ')'"),
    (",", "syntax error, unexpected ','"),
    ("T_x", "syntax error, unexpected $end, expecting '('"),
    ("a.b == c", "syntax error, unexpected T_OP_CONCAT, expecting '('"),
    ("'a' . == 'ab'", "syntax error, unexpected T_OP_STR_EQ"),
    ("'a'", "syntax error, unexpected $end"),
    ("true == 'true'", "syntax error, unexpected T_OP_STR_EQ, expecting $end"),
    ("'x' == true", "syntax error, unexpected T_TRUE"),
    ("! ", "syntax error, unexpected $end"),
    ("-n", "syntax error, unexpected $end"),
    ("-n 'x' 'y'", "syntax error, unexpected T_STR_BEGIN, expecting $end"),
    ("-n 'x' && -n", "syntax error, unexpected $end"),
];

#[test]
fn good_expressions_are_read() {
    for text in GOOD {
        let read = Expr::parse(text.as_bytes(), Options::default(), Level::V2_4_71);
        assert!(read.is_ok(), "{text}: {:?}", read.err());
    }
}

#[test]
fn bad_expressions_are_refused_in_the_servers_words() {
    for (text, message) in BAD {
        let read = Expr::parse(text.as_bytes(), Options::default(), Level::V2_4_71);
        assert_eq!(read.err().as_deref(), Some(*message), "{text}");
    }
}

#[test]
fn what_a_level_does_not_have_yet_is_refused() {
    for (text, message) in [
        ("%{REMOTE_PORT} == 1", "Variable 'REMOTE_PORT' does not exist"),
        ("%{HTTP2} == 'on'", "Variable 'HTTP2' does not exist"),
        ("ldap('x') == 'x'", "Function 'ldap' does not exist"),
    ] {
        let read = Expr::parse(text.as_bytes(), Options::default(), Level::V2_4_12);
        assert_eq!(read.err().as_deref(), Some(message), "{text}");
    }
}

#[test]
fn a_file_in_the_tree_may_not_read_others() {
    let options = Options { htaccess: true, ..Options::default() };
    let read = |text: &str, level| Expr::parse(text.as_bytes(), options, level).err();
    let message = Some("file not available in restricted context".to_owned());
    assert_eq!(read("file('/x') == 'y'", Level::V2_4_71), message);
    assert_eq!(read("file('/x') == 'y'", Level::V2_4_12), None);
    assert_eq!(read("-f '/x'", Level::V2_4_71), None);
}

#[test]
fn nothing_makes_the_reader_go_astray() {
    let deep = "(".repeat(100_000);
    let calls = "tolower(".repeat(100_000);
    let nots = "!".repeat(100_000) + "true";
    let chain = "true || ".repeat(50_000) + "true";
    let variables = "'".to_owned() + &"%{tolower:".repeat(50_000);
    for text in [&deep, &calls, &variables] {
        assert!(Expr::parse(text.as_bytes(), Options::default(), Level::V2_4_71).is_err());
    }
    for text in [&nots, &chain] {
        assert!(Expr::parse(text.as_bytes(), Options::default(), Level::V2_4_71).is_ok());
    }
}

/// A request from 203.0.113.9 for `/a.html?QUERY`, and what is asked of it.
struct Stage {
    policy: Policy,
    world: World,
    request: Request,
    record: Record,
}

fn stage(query: &str) -> Stage {
    let mut request = trial::request("203.0.113.9", &format!("/a.html?{query}"));
    let names = [(request.client, "client.partner.example".to_owned())].into_iter().collect();
    request.headers.push(("Cookie".into(), format!("a=1; sid={query}").into()));
    let mut record = Record {
        filename: Some("/srv/www/a.html".into()),
        kind: Some(files::Kind::File),
        ..trial::record(&request, Arc::new(DirConfig::default()))
    };
    record.env.add(b"QE", b"a");
    Stage {
        policy: trial::policy(Level::V2_4_71, Server::default()),
        world: World {
            files: trial::files(&[("/srv/www/c.txt", "see"), ("/srv/www/sub/x", "")]),
            names: Some(Names { of: names }),
            process_env: vec![("PATH".into(), "/bin".into())],
            owner: None,
            now: Some(jiff::civil::datetime(2026, 11, 25, 1, 2, 3, 0)),
        },
        request,
        record,
    }
}

impl Stage {
    fn run(&self) -> Run<'_> {
        Run::new(&self.policy, &self.world, &self.request, Tracer::off())
    }

    fn asked(&self, text: &str, captures: &mut Captures) -> Result<Option<bool>, Unknown> {
        let expr = Expr::parse(text.as_bytes(), Options::default(), Level::V2_4_71).unwrap();
        expr.evaluate(&mut self.run(), &self.record, captures)
    }

    fn holds(&self, text: &str) -> bool {
        self.asked(text, &mut Captures::default()).unwrap() == Some(true)
    }
}

#[test]
fn conditions_hold_for_the_queries_they_held_for_on_the_server() {
    let queries = ["a", "b", "abc", "10", "A", "AbC", "", "az", "9", "c.txt", "sub", "%61"];
    for (text, holding) in [
        ("%{QUERY_STRING} == 'a'", "a"),
        ("%{QUERY_STRING} != 'a'", "b abc 10 A AbC  az 9 c.txt sub %61"),
        ("%{QUERY_STRING} < 'm'", "a b abc 10 A AbC  az 9 c.txt %61"),
        ("%{QUERY_STRING} >= 'b'", "b c.txt sub"),
        ("%{QUERY_STRING} -eq 10", "10"),
        ("%{QUERY_STRING} -ge 9", "10 9"),
        ("%{QUERY_STRING} =~ /^A/", "A AbC"),
        ("%{QUERY_STRING} =~ /^A/i", "a abc A AbC az"),
        ("%{QUERY_STRING} !~ m#^a#", "b 10 A AbC  9 c.txt sub %61"),
        ("%{QUERY_STRING} in { 'a', 'b', 'c' }", "a b"),
        ("%{QUERY_STRING} -strmatch 'a*z'", "az"),
        ("%{QUERY_STRING} -strcmatch 'A*Z'", "az"),
        ("-z %{QUERY_STRING}", ""),
        ("-T %{QUERY_STRING}", "a b abc 10 A AbC az 9 c.txt sub %61"),
        ("! (%{QUERY_STRING} == 'a' || %{QUERY_STRING} == 'b')", "abc 10 A AbC  az 9 c.txt sub %61"),
        ("%{QUERY_STRING} == 'a' || %{QUERY_STRING} == 'b' && false", "a"),
        ("%{QUERY_STRING} . 'x' == 'ax'", "a"),
        ("'%{QUERY_STRING}x' == 'ax'", "a"),
        ("tolower(%{QUERY_STRING}) == 'abc'", "abc AbC"),
        ("%{QUERY_STRING} =~ /^(.)b/ && $1 == 'a'", "abc"),
        ("%{HTTP_COOKIE} =~ /(^|; )sid=([^;]+)/ && $2 == %{QUERY_STRING}", "a b abc 10 A AbC az 9 c.txt sub %61"),
        ("-f '/srv/www/%{QUERY_STRING}'", "c.txt"),
        ("-d '/srv/www/%{QUERY_STRING}'", " sub"),
        ("unescape(%{QUERY_STRING}) == 'a'", "a %61"),
        ("base64(%{QUERY_STRING}) == 'YQ=='", "a"),
        ("md5(%{QUERY_STRING}) == '0cc175b9c0f1b6a831c399e269772661'", "a"),
    ] {
        let holds: Vec<&str> = queries.into_iter().filter(|q| stage(q).holds(text)).collect();
        assert_eq!(holds.join(" "), holding, "{text}");
    }
}

#[test]
fn variables_and_functions_have_the_servers_values() {
    let stage = stage("q");
    let run = stage.run();
    for (text, value) in [
        ("%{REQUEST_METHOD} %{REQUEST_SCHEME} %{REQUEST_URI}", "GET http /a.html"),
        ("%{THE_REQUEST}", "GET /a.html?q HTTP/1.1"),
        ("%{REMOTE_ADDR} %{REMOTE_HOST} %{CONN_REMOTE_ADDR}", "203.0.113.9 203.0.113.9 203.0.113.9"),
        ("%{SERVER_NAME}:%{SERVER_PORT} %{SERVER_ADMIN}", "www.example.com:80 webmaster@example.com"),
        ("%{DOCUMENT_ROOT} %{CONTEXT_DOCUMENT_ROOT}", "/srv/www /srv/www"),
        ("%{HTTPS} %{IPV6} %{HTTP2} %{IS_SUBREQ}", "off off off false"),
        ("%{REQUEST_STATUS} %{API_VERSION}", "200 20120211"),
        ("%{TIME} %{TIME_YEAR} %{TIME_WDAY}", "20261125010203 2026 3"),
        ("%{reqenv:QE}%{env:QE}%{osenv:PATH}%{env:PATH}", "aa/bin/bin"),
        ("%{REMOTE_USER}|%{REMOTE_IDENT}|%{note:x}", "||"),
        ("%{toupper:%{HTTP:Host}}", "WWW.EXAMPLE.COM"),
        ("%{escape:a b%}", "a%20b%25"),
        ("%{unescape:a%2fb%41}", "a%2fbA"),
        ("%{unescape:%zz}", ""),
        ("%{filesize:/srv/www/c.txt} %{file:/srv/www/c.txt}", "3 see"),
        ("a\\\\b \\x41 \\101 'q' $1 $x %", "a\\b x41 A 'q'  $x %"),
        ("", ""),
        ("plain", "plain"),
    ] {
        let expr = Expr::parse_string(text.as_bytes(), Options::default(), Level::V2_4_71).unwrap();
        assert_eq!(expr.text(&run, &stage.record, &Captures::default()).unwrap(), value, "{text}");
    }
}

#[test]
fn numbers_are_read_from_the_start_of_a_text() {
    for (text, number) in [("10x", 10), ("abc", 0), (" -7", -7), ("+3", 3), ("", 0), ("99999999999999999999", i64::MAX)]
    {
        assert_eq!(eval::integer(text.as_bytes()), number, "{text}");
    }
}

#[test]
fn captures_stay_until_the_next_pattern_with_groups() {
    let stage = stage("abc");
    let mut captures = Captures::default();
    assert_eq!(stage.asked("%{QUERY_STRING} =~ /(b)(.)/ && %{QUERY_STRING} =~ /a/", &mut captures), Ok(Some(true)));
    assert_eq!((captures.get(0), captures.get(2), captures.get(3)), ("bc".into(), "c".into(), "".into()));
    // One that is not found takes them away.
    assert_eq!(stage.asked("%{QUERY_STRING} =~ /(x)/ || $1 == ''", &mut captures), Ok(Some(true)));
    assert!(!captures.is_set());
    // `$1` itself may be matched.
    let text = "%{QUERY_STRING} =~ /(bc)/ && $1 =~ /(.)$/ && $1 == 'c'";
    assert_eq!(stage.asked(text, &mut captures), Ok(Some(true)));
}

#[test]
fn what_the_server_cannot_evaluate_does_not_hold() {
    let stage = stage("a");
    let mut captures = Captures::default();
    assert_eq!(stage.asked("file('/nosuch') == ''", &mut captures), Ok(None));
    let nested = |n: usize| format!("{}'A'{} == 'a'", "tolower(".repeat(n), ")".repeat(n));
    assert_eq!(stage.asked(&nested(18), &mut captures), Ok(Some(true)));
    assert_eq!(stage.asked(&nested(19), &mut captures), Ok(None));
}

#[test]
fn what_is_not_given_is_unknown() {
    let mut stage = stage("a");
    stage.world.now = None;
    stage.world.names = None;
    for text in ["%{TIME_HOUR} -lt 8", "'www.example.com' -ipmatch '10.1'", "resp('X') == 'a'", "%{CONN_LOG_ID} == 'x'"]
    {
        assert!(stage.asked(text, &mut Captures::default()).is_err(), "{text}");
    }
    // What is decided before it is reached is known.
    assert_eq!(stage.asked("true || %{TIME_HOUR} -lt 8", &mut Captures::default()), Ok(Some(true)));
}

#[test]
fn addresses_are_compared_with_networks() {
    let stage = stage("a");
    for (text, holds) in [
        ("-R '203.0.113.0/24'", true),
        ("-R '10.0.0.0/8'", false),
        ("%{REMOTE_ADDR} -ipmatch '203.0.113.0/24'", true),
        ("'client.partner.example' -ipmatch '203.0'", true),
        ("'nobody.example' -ipmatch '203.0'", false),
        ("%{HTTP:X-Forwarded-For} -ipmatch '203.0'", false),
        ("'2001:db8::1' -ipmatch '2001:db8::/32'", true),
    ] {
        assert_eq!(stage.holds(text), holds, "{text}");
    }
}

#[test]
fn odd_conditions_hold_as_they_did_on_2_4_71() {
    let stage = stage("a");
    for (text, holds) in [
        ("%{unescape:a%00b} == ''", true),
        ("%{unbase64:YQBi} == 'a'", true),
        ("%{unbase64:YWJj*YWJj} == 'abc'", true),
        ("%{filesize:/srv/www} == '0'", true),
        ("%{DOCUMENT_URI} == %{REQUEST_URI}", true),
        ("%{AUTH_TYPE} == ''", true),
        ("-x '/srv/www'", true),
        ("-x '/srv/www/c.txt'", false),
        ("-e ''", false),
        ("-d ''", false),
        ("-T 'OFF'", false),
        ("-T 'Nope'", true),
        ("-T '00'", true),
        ("' -7' -eq '-7'", true),
        ("'99999999999999999999' -eq '9223372036854775807'", true),
        ("'abc' =~ /b/ && $0 == 'b'", false),
        ("'abc' =~ /(b)/ && $0 == 'b'", true),
        ("'abc' =~ /(x)?b/ && $1 == ''", true),
        ("'abc' =~ /(b)/ && 'abc' =~ /(z)|a/ && $1 == ''", true),
        ("true && ( 'abc' =~ /(b)/ || false ) && $1 == 'b'", true),
        ("'B' -strcmatch '[a-c]'", true),
        ("'b' -strcmatch '[A-C]'", true),
        ("'x\\ny' =~ /x.y/", true),
    ] {
        assert_eq!(stage.holds(text), holds, "{text}");
    }
    assert!(stage.asked("-d 'srv'", &mut Captures::default()).is_err());
}

const PIECES: &[&str] = &[
    "%{HTTP_HOST}",
    "%{",
    "}",
    ":",
    "'",
    "\"",
    "(",
    ")",
    "{",
    "}",
    ",",
    " in ",
    " == ",
    " -eq ",
    "=~",
    "/a(b)/i",
    "m#",
    "/",
    "!",
    "&&",
    "||",
    "true",
    "false",
    "-n ",
    "-f ",
    "-R ",
    "'10.1'",
    "10",
    ".",
    "tolower(",
    "md5('x')",
    "$1",
    "\\",
    "\\7",
    " ",
    "\n",
    "\u{e9}",
    "-ipmatch",
    "-strmatch",
    "'[a-'",
    "%{tolower:",
    "a",
    "_",
    "-",
    "not ",
    "and",
    "%",
    "\0",
];

#[test]
fn no_mixture_of_words_brings_it_down() {
    let stage = stage("a");
    let mut seed = 1_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 40).unwrap() % below
    };
    let mut good = 0;
    for _ in 0..100_000 {
        let text: String = (0..=next(8)).map(|_| PIECES[next(PIECES.len())]).collect();
        let run = &mut stage.run();
        for level in [Level::V2_4_12, Level::V2_4_71] {
            if let Ok(expr) = Expr::parse(text.as_bytes(), Options::default(), level) {
                good += 1;
                drop(expr.holds(run, &stage.record, &mut Captures::default()));
            }
            if let Ok(expr) = Expr::parse_string(text.as_bytes(), Options::default(), level) {
                drop(expr.text(run, &stage.record, &Captures::default()));
            }
        }
    }
    assert!(good > 100, "{good}");
}
