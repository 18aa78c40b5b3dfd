//! `photodesk access` as a script sees it: the real program, its output, its exit codes, on configurations of its own.

use std::{fs, path::Path};

use serde_json::Value as Json;

use crate::cli::{Ran, run};

/// A site whose photos are for the office only, and a folder that only users of a password file see.
const OFFICE: &str = r"<VirtualHost *:80>
ServerName photos.example.com
DocumentRoot /srv/photos
RewriteEngine On
RewriteCond %{HTTP_COOKIE} !LtpaToken2=.*$ [NC]
RewriteCond %{REMOTE_ADDR} !^10\.20\.
RewriteRule ^(.*)$ https://www.example.com/ [R,L]
<Location /private>
Require all denied
</Location>
<Location /partners>
Require host partner.example
</Location>
</VirtualHost>
";

/// A folder with one configuration in it.
struct Desk {
    home: tempfile::TempDir,
}

impl Desk {
    fn new(config: &str) -> Self {
        let desk = Self { home: tempfile::tempdir().unwrap() };
        desk.write("httpd.conf", config);
        desk
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn config(&self) -> String {
        self.home.path().join("httpd.conf").to_str().unwrap().to_owned()
    }

    fn run(&self, command: &str, arguments: &[&str]) -> Ran {
        let config = self.config();
        let mut all = vec!["access", command, "--config", &config, "--server", "2.4"];
        all.extend(arguments);
        run(self.home.path(), &all, None)
    }

    fn test(&self, from: &str, path: &str, more: &[&str]) -> Ran {
        let url = format!("http://photos.example.com{path}");
        self.run("test", &[&["--from", from, "--url", &url], more].concat())
    }

    /// What it prints, with the configuration's path cut short.
    fn short(&self, ran: &Ran) -> String {
        ran.out.replace(&self.config(), "httpd.conf")
    }
}

#[test]
fn an_answer_is_a_sentence_with_the_line_that_decides() {
    let desk = Desk::new(OFFICE);
    for (from, path, more, code, sentence) in [
        ("10.20.1.2", "/a.jpg", &[][..], 0, "The server sends /srv/photos/a.jpg (200)."),
        (
            "203.0.113.9",
            "/a.jpg",
            &[],
            0,
            "The server sends the client to https://www.example.com/ (302), because of httpd.conf:7.",
        ),
        ("203.0.113.9", "/a.jpg", &["--cookie", "LtpaToken2=x"], 0, "The server sends /srv/photos/a.jpg (200)."),
        ("10.20.1.2", "/private/a.jpg", &[], 0, "The server refuses the request (403), because of httpd.conf:9."),
        ("10.20.1.2", "/partners/a.jpg", &[], 1, "Cannot tell because of httpd.conf:12: names are not looked up here."),
        (
            "10.20.1.2",
            "/partners/a.jpg",
            &["--name", "10.20.1.2=ws1.partner.example"],
            0,
            "The server sends /srv/photos/partners/a.jpg (200).",
        ),
        ("10.20.1.2", "/a.txt", &["--method", "PUT"], 0, "The server answers with status 405."),
    ] {
        let ran = desk.test(from, path, more);
        assert_eq!((ran.code, desk.short(&ran).trim_end()), (code, sentence), "{from} {path} {more:?}: {}", ran.err);
        assert_eq!(ran.err, "");
    }
}

#[test]
fn a_trace_shows_each_step_with_its_line() {
    let desk = Desk::new(OFFICE);
    let ran = desk.test("203.0.113.9", "/a.jpg", &["--trace"]);
    let shown = desk.short(&ran);
    let steps: Vec<&str> = shown.lines().skip(1).map(str::trim_start).collect();
    assert_eq!(
        steps,
        [
            "httpd.conf:1: virtual host photos.example.com: its ServerName or an alias is the request's host name",
            "httpd.conf:8: <Location /private> does not apply to /a.jpg",
            "httpd.conf:11: <Location /partners> does not apply to /a.jpg",
            "httpd.conf:7: RewriteRule ^(.*)$ matches '/a.jpg'",
            "httpd.conf:5: RewriteCond !LtpaToken2=.*$ [NC] matches ''",
            "httpd.conf:6: RewriteCond !^10\\.20\\. matches '203.0.113.9'",
            "httpd.conf:7: '/a.jpg' becomes 'https://www.example.com/'",
            "httpd.conf:7: redirect to https://www.example.com/ with 302",
        ]
    );
    let json = desk.test("203.0.113.9", "/a.jpg", &["--trace", "--format", "json"]).json();
    assert_eq!(json["trace"].as_array().unwrap().len(), steps.len());
}

#[test]
fn json_has_the_answer_in_parts() {
    let desk = Desk::new(OFFICE);
    let json = desk.test("203.0.113.9", "/a.jpg", &["--format", "json"]).json();
    let line = format!("{}:7", desk.config());
    for (key, expected) in [
        ("from", Json::from("203.0.113.9")),
        ("url", Json::from("http://photos.example.com/a.jpg")),
        ("verdict", Json::from("redirected")),
        ("status", Json::from(302)),
        ("location", Json::from("https://www.example.com/")),
        ("file", Json::Null),
        ("line", Json::from(line)),
        ("host", Json::from("photos.example.com")),
    ] {
        assert_eq!(json[key], expected, "{key}");
    }
    assert!(json.get("trace").is_none());
}

#[test]
fn many_requests_come_from_csv_or_json_lines_and_go_to_both() {
    let desk = Desk::new(OFFICE);
    let csv = desk.write(
        "requests.csv",
        "from,url,cookie\n10.20.1.2,http://photos.example.com/a.jpg,\n203.0.113.9,http://photos.example.com/a.jpg,\n203.0.113.9,http://photos.example.com/a.jpg,LtpaToken2=x\n",
    );
    let lines = desk.write(
        "requests.jsonl",
        concat!(
            r#"{"from": "10.20.1.2", "url": "http://photos.example.com/a.jpg"}"#,
            "\n",
            r#"{"from": "203.0.113.9", "url": "http://photos.example.com/a.jpg"}"#,
            "\n",
            r#"{"from": "203.0.113.9", "url": "http://photos.example.com/a.jpg", "header": "Cookie: LtpaToken2=x"}"#,
            "\n"
        ),
    );
    for file in [&csv, &lines] {
        let ran = desk.run("test", &["--requests", file, "--format", "csv"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
        assert_eq!(reader.headers().unwrap(), vec!["from", "url", "verdict", "status", "location", "file", "line"]);
        let verdicts: Vec<_> = reader.records().map(|row| row.unwrap()[2].to_owned()).collect();
        assert_eq!(verdicts, ["served", "redirected", "served"], "{file}");
        let ran = desk.run("test", &["--requests", file, "--format", "json"]);
        let statuses: Vec<u64> = (ran.out.lines())
            .map(|line| serde_json::from_str::<Json>(line).unwrap()["status"].as_u64().unwrap())
            .collect();
        assert_eq!(statuses, [200, 302, 200], "{file}");
        let table = desk.run("test", &["--requests", file]).out;
        assert_eq!(table.lines().count(), 4, "{table}");
    }
    let wrong = desk.write("wrong.csv", "who,what\n1,2\n");
    let ran = desk.run("test", &["--requests", &wrong]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("is no table of requests"), "{}", ran.err);
}

#[test]
fn a_configuration_that_the_server_refuses_is_refused_in_its_words() {
    for (config, said) in [
        ("DocumentRoot /srv/www\nRewriteEngin On\n", "Syntax error on line 2 of CONF:\n"),
        ("DocumentRoot /srv/www\nRewriteEngin On\n", "Invalid command 'RewriteEngin', perhaps misspelled"),
        ("<VirtualHost *:80>\n", "CONF:1: <VirtualHost> was not closed."),
        ("RewriteRule ( -\n", "RewriteRule: cannot compile regular expression '('"),
    ] {
        let desk = Desk::new(config);
        for command in ["test", "explain"] {
            let request: &[&str] = if command == "test" { &["--from", "10.0.0.1", "--url", "/"] } else { &[] };
            let ran = desk.run(command, request);
            // Details are set off from the margin.
            let err = ran.err.replace(&desk.config(), "CONF").replace("\n  | ", "\n");
            assert_eq!(ran.code, 1, "{command}: {err}");
            assert!(err.starts_with("photodesk: The server would not start with this configuration"), "{err}");
            assert!(err.contains(said), "{command}: {err}");
        }
    }
}

#[test]
fn a_request_that_is_not_understood_is_no_request() {
    let desk = Desk::new(OFFICE);
    for (arguments, said) in [
        (&["--url", "http://photos.example.com/"][..], "A request needs --from and --url"),
        (&["--from", "10.0.0.1", "--url", "photos"], "photos is no address of a web server"),
        (&["--from", "10.0.0.1", "--url", "/", "--header", "x"], "x is no header"),
        (&["--from", "10.0.0.1", "--url", "/", "--name", "x"], "x is not ADDRESS=NAME"),
        (&["--from", "ten", "--url", "/"], "invalid value 'ten'"),
    ] {
        let ran = desk.run("test", arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn files_below_a_root_are_the_servers() {
    let desk = Desk::new("DocumentRoot /www\n<Directory /www>\nAllowOverride All\nRequire all granted\n</Directory>\n");
    let www = desk.home.path().join("root/www/closed");
    fs::create_dir_all(&www).unwrap();
    fs::write(desk.home.path().join("root/www/a.jpg"), "x").unwrap();
    fs::write(www.join(".htaccess"), "Require all denied\n").unwrap();
    fs::write(www.join("b.jpg"), "x").unwrap();
    let root = desk.home.path().join("root");
    for (path, status) in [("/a.jpg", 200), ("/none.jpg", 404), ("/closed/b.jpg", 403)] {
        let json = desk.test("10.0.0.1", path, &["--root", root.to_str().unwrap(), "--format", "json"]).json();
        assert_eq!(json["status"], status, "{path}: {json}");
    }
    let paths = desk.write("paths", "/www/c.jpg\n");
    for (path, status) in [("/c.jpg", 200), ("/a.jpg", 404)] {
        let json = desk.test("10.0.0.1", path, &["--paths", &paths, "--format", "json"]).json();
        assert_eq!(json["status"], status, "{path}: {json}");
    }
}

#[test]
fn a_configuration_is_explained_line_by_line() {
    let desk = Desk::new(OFFICE);
    let ran = desk.run("explain", &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for line in [
        "For requests that come to any address, port 80: (httpd.conf:1)",
        "  its name is photos.example.com (httpd.conf:2)",
        "  If the cookie header has “LtpaToken2=” nowhere (httpd.conf:5)",
        "  then the client is sent from every address to https://www.example.com/ (httpd.conf:7)",
        "    nobody is let in (httpd.conf:9)",
    ] {
        assert!(desk.short(&ran).lines().any(|shown| shown == line), "{line} is not in\n{}", desk.short(&ran));
    }
    let json = desk.run("explain", &["--format", "json"]).json();
    assert_eq!(json[1]["text"], "its name is photos.example.com");
    assert_eq!(json[1]["depth"], 1);
    let csv = desk.run("explain", &["--format", "csv"]).out;
    assert!(csv.starts_with("line,text\n"), "{csv}");
}

#[test]
fn the_own_recordings_agree() {
    let home = tempfile::tempdir().unwrap();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/access/cases.jsonl");
    let cases = cases.to_str().unwrap();
    let ran = run(home.path(), &["access", "conformance", cases, "--server", "2.4.71", "--format", "json"], None);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let score = ran.json();
    let tally = &score["levels"]["2.4.71"];
    assert_eq!((&tally["wrong"], &tally["config_wrong"]), (&Json::from(0), &Json::from(0)));
    assert!(tally["requests"].as_u64().unwrap() > 0, "{tally}");
    let table = run(home.path(), &["access", "conformance", cases, "--theme", "include"], None);
    assert_eq!(table.code, 0, "{}", table.err);
    assert!(table.out.contains("requests") && table.out.contains("include"), "{}", table.out);
    let none = run(home.path(), &["access", "conformance", "/nowhere.jsonl"], None);
    assert_eq!(none.code, 1);
    assert!(none.err.contains("/nowhere.jsonl cannot be read"), "{}", none.err);
}
