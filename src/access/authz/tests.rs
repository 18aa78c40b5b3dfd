//! What the real servers answered to these sections: 2.4.71 was asked for this, 2.2 as recorded.

use std::net::IpAddr;

use super::*;
use crate::access::{
    config::{Limit, words},
    host_access,
    policy::{DirConfig, Server},
    record::Flow,
    request::{Names, Request, World},
    source::FileId,
    trace::{Event, Tracer},
    trial,
};

/// Reads lines, sections among them, as the configuration reader would.
fn read(lines: &mut dyn Iterator<Item = (u32, &str)>) -> Vec<Directive> {
    let mut directives = Vec::new();
    while let Some((line, text)) = lines.next() {
        if text.starts_with("</") {
            break;
        }
        let (name, args) = text.split_once(' ').unwrap_or((text, ""));
        let section = name.starts_with('<');
        let trim = |t: &str| BString::from(if section { t.trim_end_matches('>') } else { t }.trim());
        let (name, args) = (trim(name), trim(args));
        let children = section.then(|| read(lines));
        directives.push(Directive { name, args, place: Place { file: FileId(0), line }, children });
    }
    directives
}

fn tell(
    to: &mut DirConfig,
    directives: &[Directive],
    level: Level,
    limit: Option<&Limit>,
) -> Result<(), (u32, String)> {
    for directive in directives {
        let place = directive.place;
        let spot = Spot { place, in_directory: true, limit, ..trial::spot(level, None) };
        let name = directive.name.to_string().to_ascii_lowercase();
        let words = words::all(&directive.args);
        let args = Args { raw: &directive.args, words: &words };
        let told = match name.as_str() {
            "<limit" => {
                let limit = trial::limit(&words);
                tell(to, directive.children.as_ref().unwrap(), level, Some(&limit))?;
                Ok(())
            }
            "order" | "allow" | "deny" | "satisfy" => {
                Arc::make_mut(to.host_access.get_or_insert_default()).directive(&spot, &name, args)
            }
            _ if name.starts_with('<') => {
                let mut other =
                    |d: &Directive| Err((d.place, format!("{} not allowed in <RequireAll> context", d.name)));
                let authz = Arc::make_mut(to.authz.get_or_insert_default());
                authz.container(&spot, directive, &mut other).map_err(|(place, why)| (place.line, why))?;
                Ok(())
            }
            _ => Arc::make_mut(to.authz.get_or_insert_default()).directive(&spot, &name, args),
        };
        told.map_err(|why| (place.line, why))?;
    }
    Ok(())
}

fn section(text: &str, level: Level) -> Result<DirConfig, (u32, String)> {
    let mut dir = DirConfig::default();
    let directives = read(&mut (1..).zip(text.lines()));
    tell(&mut dir, &directives, level, None)?;
    if let Some(authz) = &mut dir.authz {
        Arc::make_mut(authz).finish().map_err(|why| (0, why))?;
    }
    Ok(dir)
}

/// Asks as the letter says: `G`, `H` and `P` are methods without a password; `J`, `B`, `W` and `N` get with one.
fn asked(dir: DirConfig, level: Level, who: char, trace: Tracer) -> (Result<Flow, Unknown>, Record, Vec<Event>) {
    let client: IpAddr = "127.0.0.1".parse().unwrap();
    let policy = trial::policy(level, Server::default());
    let users = "# users\njane:{SHA}fEqNCco3Yq9h5ZUglD3CZJT4lBs=\nbob:$apr1$abcdefgh$6LbQcMCxitqz7DTxoNR2s1\n";
    let world = World {
        files: trial::files(&[("/srv/httpd/users", users), ("/srv/httpd/groups", "staff : jane x\n")]),
        names: Some(Names { of: [(client, "localhost".to_owned())].into_iter().collect() }),
        ..World::default()
    };
    let method = match who {
        'P' => "POST",
        'H' => "HEAD",
        _ => "GET",
    };
    let mut request = Request { server: client, method: method.into(), ..trial::request("127.0.0.1", "/f") };
    for (letter, credentials) in
        [('J', "amFuZToxMjM0NTY="), ('B', "Ym9iOjEyMzQ1Ng=="), ('W', "amFuZTpiYWQ="), ('N', "bm9ib2R5Ong=")]
    {
        if letter == who {
            request.headers.push(("Authorization".into(), format!("Basic {credentials}").into()));
        }
    }
    let mut record = Record { filename: Some("/srv/www/f".into()), ..trial::record(&request, Arc::new(dir)) };
    let mut run = Run::new(&policy, &world, &request, trace);
    let decided = decide(&mut run, &mut record);
    (decided, record, run.trace.into_steps().into_iter().map(|step| step.event).collect())
}

fn status(text: &str, level: Level, who: char) -> u16 {
    match asked(section(text, level).unwrap(), level, who, Tracer::off()).0.unwrap() {
        Flow::Status(status) => status,
        _ => 200,
    }
}

const BASIC: &str = "AuthType Basic\nAuthName x\nAuthUserFile users\n";

#[test]
fn sections_answer_as_2_4_71_did() {
    let answers: &[(&str, &[(char, u16)])] = &[
        ("AuthType Basic", &[('G', 500)]),
        ("AuthType None", &[('G', 200)]),
        ("Require valid-user", &[('G', 500)]),
        ("AllowMethods POST", &[('G', 405)]),
        ("AllowMethods GET", &[('H', 200), ('G', 200)]),
        ("AllowMethods POST\nSatisfy any", &[('G', 200)]),
        ("Satisfy any\nDeny from all", &[('G', 200)]),
        ("Deny from all", &[('G', 403)]),
        ("AuthType None\nRequire valid-user", &[('G', 500)]),
        ("AuthType Basic\nRequire valid-user", &[('G', 500)]),
        ("AuthType Basic\nAuthName x\nRequire valid-user", &[('G', 401), ('J', 500)]),
        ("+AuthBasicAuthoritative Off\nRequire valid-user", &[('G', 401), ('J', 200), ('N', 500), ('W', 401)]),
        ("+AuthzSendForbiddenOnFailure On\nRequire user bob", &[('G', 401), ('J', 403), ('B', 200), ('W', 401)]),
        ("+Require expr %{REMOTE_USER} == 'jane'", &[('G', 401), ('J', 200), ('B', 401)]),
        ("+<Limit POST>\nRequire valid-user\n</Limit>", &[('G', 200), ('P', 401)]),
        ("<Limit GET>\nRequire all denied\n</Limit>", &[('G', 403), ('H', 403), ('P', 200)]),
        (
            "<RequireAll>\n<Limit GET>\nRequire all denied\n</Limit>\nRequire all granted\n</RequireAll>",
            &[('G', 403), ('P', 200)],
        ),
        ("+Require group staff", &[('G', 401), ('J', 401)]),
        ("+AuthGroupFile groups\nRequire group Staff", &[('G', 401), ('J', 200), ('B', 401)]),
        ("+AuthGroupFile nosuch\nRequire group staff", &[('J', 401)]),
        ("+Require user %{REQUEST_METHOD} bob", &[('G', 401), ('B', 200), ('J', 401)]),
        (
            "+<RequireAll>\nRequire valid-user\nRequire not user bob\n</RequireAll>",
            &[('G', 401), ('J', 200), ('B', 401)],
        ),
        (
            "+<RequireAll>\nRequire all granted\nRequire not user bob\n</RequireAll>",
            &[('G', 200), ('J', 200), ('B', 200)],
        ),
        ("+<RequireAny>\nRequire all denied\nRequire user jane\n</RequireAny>", &[('G', 401), ('J', 200), ('B', 401)]),
        ("+<RequireAny>\nRequire all granted\nRequire user jane\n</RequireAny>", &[('G', 200), ('J', 200), ('B', 200)]),
        ("Require expr file(\"/nosuch\") == \"x\"", &[('G', 500)]),
        ("<RequireAny>\nRequire all granted\nRequire expr file(\"/nosuch\") == \"x\"\n</RequireAny>", &[('G', 200)]),
        ("<RequireAny>\nRequire expr file(\"/nosuch\") == \"x\"\nRequire all granted\n</RequireAny>", &[('G', 500)]),
        ("Require local", &[('G', 200)]),
        ("Require host localhost#", &[('G', 200)]),
        ("Require ssl", &[('G', 403)]),
        ("Require method GET", &[('G', 200), ('H', 200), ('P', 403)]),
        ("<RequireAll>\nRequire all granted\nRequire not method POST\n</RequireAll>", &[('G', 200), ('P', 403)]),
        ("+Require valid-user\nOrder allow,deny", &[('G', 403), ('J', 403)]),
        ("+Require valid-user\nSatisfy any\nOrder allow,deny", &[('G', 401), ('J', 200), ('W', 401)]),
        ("+Require all denied", &[('G', 403), ('J', 403)]),
        ("+<RequireAll>\nRequire valid-user\nRequire all denied\n</RequireAll>", &[('G', 403), ('J', 403)]),
        ("Require env nosuch", &[('G', 403)]),
        ("AuthType %{HTTP:X-Type}\nAuthName x\nRequire all denied", &[('G', 403)]),
    ];
    for (text, answers) in answers {
        let text = text.strip_prefix('+').map_or_else(|| (*text).to_owned(), |rest| format!("{BASIC}{rest}"));
        for (who, answer) in *answers {
            assert_eq!(status(&text, Level::V2_4_71, *who), *answer, "{text} {who}");
        }
    }
}

#[test]
fn sections_answer_as_2_2_did() {
    let answers: &[(&str, &[(char, u16)])] = &[
        ("Require all granted", &[('G', 500)]),
        ("Require ip 10.1", &[('G', 500)]),
        ("Require valid-user", &[('G', 500)]),
        ("AuthType Basic", &[('G', 200)]),
        ("+Require valid-user", &[('G', 401), ('J', 200), ('W', 401)]),
        ("+Require user bob", &[('G', 401), ('J', 401), ('B', 200)]),
        ("+AuthGroupFile groups\nRequire group staff", &[('G', 401), ('J', 401), ('B', 401)]),
        ("+Require valid-user\nOrder deny,allow\nDeny from all\nAllow from 127", &[('G', 401), ('J', 200)]),
        ("+Require valid-user\nOrder deny,allow\nDeny from all", &[('G', 403), ('J', 403)]),
        ("+Require valid-user\nDeny from all\nSatisfy Any", &[('G', 401), ('J', 200), ('W', 401)]),
        ("+Require valid-user\nSatisfy Any", &[('G', 200), ('W', 200)]),
        ("Deny from all\nSatisfy Any", &[('G', 403)]),
        ("+<Limit POST>\nRequire valid-user\n</Limit>", &[('G', 200), ('P', 401)]),
    ];
    for (text, answers) in answers {
        let text = text.strip_prefix('+').map_or_else(|| (*text).to_owned(), |rest| format!("{BASIC}{rest}"));
        for level in [Level::V2_2_8, Level::V2_2_34] {
            for (who, answer) in *answers {
                assert_eq!(status(&text, level, *who), *answer, "{text} {who}");
            }
        }
    }
}

#[test]
fn bad_sections_are_refused_in_the_servers_words() {
    for (text, line, message) in [
        ("Require", 1, "Unknown Authz provider: "),
        ("Require not", 1, "Unknown Authz provider: "),
        ("Require not ip 10.1", 1, "negative Require directive has no effect in <RequireAny> directive"),
        ("Require ALL granted", 1, "Unknown Authz provider: ALL"),
        ("Require all granted x", 1, "Argument for 'Require all' must be 'granted' or 'denied'"),
        ("Require all \"granted\"", 1, "Argument for 'Require all' must be 'granted' or 'denied'"),
        ("Require method get", 1, "Invalid Method 'get'"),
        ("Require ip", 1, "'require ip' requires an argument"),
        ("Require ip 10.1/16", 1, "ip address '10.1/16' appears to be invalid: The specified IP address is invalid."),
        ("Require ip 10.1 # x", 1, "ip address '#' appears to be invalid"),
        ("Require host %{NOSUCH}", 1, "Cannot parse expression in require line: Variable 'NOSUCH' does not exist"),
        ("Require expr", 1, "Cannot parse expression in require line: syntax error, unexpected $end"),
        ("Require expr \"true\" x", 1, "Cannot parse expression in require line: syntax error, unexpected T_ID"),
        ("Require expr 'true'", 1, "Cannot parse expression in require line: syntax error, unexpected $end"),
        ("Require expr \"\"", 1, "Cannot parse expression in require line: syntax error, unexpected $end"),
        ("AuthMerging maybe", 1, "AuthMerging must be one of: Off | And | Or"),
        ("AuthName %{X}", 1, "Cannot parse expression '%{X}' in AuthName: Variable 'X' does not exist"),
        ("AuthBasicProvider file nosuch", 1, "Unknown Authn provider: nosuch"),
        ("AuthBasicAuthoritative maybe", 1, "AuthBasicAuthoritative must be On or Off"),
        ("AuthzSendForbiddenOnFailure x", 1, "AuthzSendForbiddenOnFailure must be On or Off"),
        ("AllowMethods", 1, "AllowMethods: No method or 'reset' keyword given"),
        ("AllowMethods GET reset", 1, "AllowMethods: Invalid Method 'reset'"),
        ("<RequireAll>\n</RequireAll>", 1, "<RequireAll> directive contains no authorization directives"),
        (
            "<RequireAll x>\nRequire all granted\n</RequireAll>",
            1,
            "<RequireAll> directive doesn't take additional arguments",
        ),
        (
            "<RequireNone>\nRequire all denied\n</RequireNone>",
            1,
            "<RequireNone> directive has no effect in <RequireAny> directive",
        ),
        ("<RequireAll>\nOrder allow,deny\n</RequireAll>", 2, "Order not allowed in <RequireAll> context"),
        (
            "<RequireAll>\n<RequireAny>\n</RequireAny>\n</RequireAll>",
            2,
            "<RequireAny> directive contains no authorization directives",
        ),
        (
            "<RequireNone>\nRequire not ip 10.1\n</RequireNone>",
            2,
            "negative Require directive has no effect in <RequireNone> directive",
        ),
        (
            "<RequireAll>\nRequire not all denied\n</RequireAll>",
            0,
            "<RequireAll> directive contains only negative authorization directives",
        ),
        (
            "<RequireAll>\n<RequireNone>\nRequire ip 10.1\n</RequireNone>\n</RequireAll>",
            0,
            "<RequireAll> directive contains only negative authorization directives",
        ),
    ] {
        let refused = section(text, Level::V2_4_71).err();
        assert_eq!(refused, Some((line, message.to_owned())), "{text}");
    }
}

#[test]
fn good_sections_are_read() {
    for text in [
        "Require method",
        "Require env",
        "Require ip \"10.1\" '10.2'",
        "Require user \"a b\"",
        "Require forward-dns",
        "Require valid-user x",
        "AllowMethods reset",
        "<RequireAll>\n<RequireAll>\nRequire not ip 10.1\n</RequireAll>\nRequire all granted\n</RequireAll>",
        "<RequireAll>\n<RequireAny>\nRequire all granted\n</RequireAny>\nRequire not ip 10.1\n</RequireAll>",
    ] {
        assert_eq!(section(text, Level::V2_4_71).err(), None, "{text}");
    }
}

#[test]
fn a_level_refuses_what_came_later() {
    let refused = |text| section(text, Level::V2_4_12).err().map(|(_, why)| why);
    assert_eq!(refused("Require forward-dns x").as_deref(), Some("Unknown Authz provider: forward-dns"));
    let quoted = "Cannot parse expression in require line: syntax error, unexpected $end";
    assert_eq!(refused("Require expr \"%{REMOTE_USER} == 'x'\"").as_deref(), Some(quoted));
}

#[test]
fn sections_merge_as_they_are_told() {
    let level = Level::V2_4_71;
    for (outer, inner, answer) in [
        ("Require all denied", "Require all granted", 200),
        ("Require all denied", "AuthMerging Off\nRequire all granted", 200),
        ("Require all denied", "AuthMerging And\nRequire all granted", 403),
        ("Require all denied", "AuthMerging Or\nRequire all granted", 200),
        ("Require all denied", "AuthMerging And", 403),
        ("Require all denied", "AuthMerging Off", 200),
        ("Require all denied", "AuthzSendForbiddenOnFailure On", 403),
        ("Require all denied", "Order allow,deny\nAllow from all", 403),
        ("Deny from all", "Require all granted", 403),
        ("Deny from all", "Satisfy All", 200),
        ("Deny from all", "Allow from 192.168", 200),
        ("AllowMethods POST", "AllowMethods reset", 200),
    ] {
        let merged = section(outer, level).unwrap().merge(&section(inner, level).unwrap(), level);
        let decided = asked(merged, level, 'G', Tracer::off()).0.unwrap();
        assert_eq!(decided == Flow::Done, answer == 200, "{outer} + {inner}");
    }
}

#[test]
fn a_sign_in_names_the_user_and_leaves_its_steps() {
    let dir =
        section(&format!("{BASIC}<RequireAll>\nRequire valid-user\nRequire ip 127\n</RequireAll>"), Level::V2_4_71);
    let (decided, record, events) = asked(dir.unwrap(), Level::V2_4_71, 'J', Tracer::on());
    assert_eq!(decided, Ok(Flow::Done));
    assert_eq!(record.user, Some("jane".into()));
    let shown: Vec<String> = events
        .iter()
        .map(|event| match event {
            Event::Test { directive, subject, matched, .. } => format!("{directive} | {subject} | {matched}"),
            Event::Decided(what) => what.clone(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        shown,
        [
            "Require valid-user  | (no authenticated user yet) | false",
            "Require ip 127 | 127.0.0.1 | true",
            "authorization result of <RequireAll>: denied (no authenticated user yet)",
            "authorization result of <RequireAny>: denied (no authenticated user yet)",
            "user jane: authenticated",
            "Require valid-user  | jane | true",
            "Require ip 127 | 127.0.0.1 | true",
            "authorization result of <RequireAll>: granted",
            "authorization result of <RequireAny>: granted",
        ]
    );
}

#[test]
fn what_cannot_be_known_is_said_with_its_line() {
    let level = Level::V2_4_71;
    let unknown = |text: &str, who| asked(section(text, level).unwrap(), level, who, Tracer::off()).0.err();
    let line = |text: &str, who| unknown(text, who).and_then(|why| why.place).map(|place| place.line);
    assert_eq!(line("AuthName x\nAuthType Digest\nRequire valid-user", 'G'), Some(2));
    assert_eq!(line("Require expr %{TIME_HOUR} -lt 8", 'G'), Some(1));
    assert_eq!(line("Require ssl-verify-client", 'G'), Some(1));
    // Another requirement decides.
    assert_eq!(unknown("Require expr %{TIME_HOUR} -lt 8\nRequire all granted", 'G'), None);
    assert_eq!(unknown(&format!("{BASIC}Require ldap-group x"), 'G'), None);
    assert!(unknown(&format!("{BASIC}Require ldap-group x"), 'J').is_some());
}

#[test]
fn satisfy_is_readable_for_the_request() {
    let (_, record, _) = asked(section("Satisfy any", Level::V2_2_34).unwrap(), Level::V2_2_34, 'G', Tracer::off());
    assert_eq!(host_access::satisfy(&record), host_access::Satisfy::Any);
}

#[test]
fn containers_cannot_be_nested_without_end() {
    let text = "<RequireAll>\n".repeat(300) + "Require all granted\n" + &"</RequireAll>\n".repeat(300);
    assert!(section(&text, Level::V2_4_71).is_err());
}
