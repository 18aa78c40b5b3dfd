//! Whole answers: what is sent, by which line, and what error documents make of it; sections in the order of merging.

use crate::access::{level::Level, say, trial};

const NEW: Level = Level::V2_4_71;

/// `STATUS FILE-OR-LOCATION, LINE`.
fn told(level: Level, config: &str, files: &[(&str, &str)], target: &str) -> String {
    let answer = trial::answer(level, config, files, target);
    let what = answer.file.as_ref().or(answer.location.as_ref()).map(|b| format!(" {b}")).unwrap_or_default();
    let line = answer.decided.map(|place| format!(", line {}", place.line)).unwrap_or_default();
    format!("{}{what}{line}", answer.status)
}

const FILES: &[(&str, &str)] = &[
    ("/srv/www/a.html", "a"),
    ("/srv/www/no.html", "no"),
    ("/srv/www/d/b.html", "b"),
    ("/srv/www/d/index.html", "i"),
    ("/srv/www/e/c.html", "c"),
];

#[test]
fn the_line_that_decides_is_named() {
    for (lines, target, expected) in [
        ("", "/a.html", "200 /srv/www/a.html"),
        ("", "/none", "404"),
        ("", "/d", "301 http://www.example.com/d/"),
        ("", "/d/", "200 /srv/www/d/index.html"),
        ("Redirect /a http://o/", "/a/x", "302 http://o//x, line 3"),
        ("RewriteEngine On\nRewriteRule ^/a - [F]", "/a.html", "403, line 4"),
        ("RewriteEngine On\nRewriteRule ^/a http://o/ [R=301]", "/a.html", "301 http://o/, line 4"),
        ("RewriteEngine On\nRewriteRule ^/x /a.html", "/x", "200 /srv/www/a.html, line 4"),
        ("<Location /a.html>\nRequire all denied\n</Location>", "/a.html", "403, line 4"),
        ("<Location /a.html>\nRequire ip 10\nRequire ip 203.0.113\n</Location>", "/a.html", "200 /srv/www/a.html"),
        ("<Location /a.html>\nDeny from 203.0.113\n</Location>", "/a.html", "403, line 4"),
        ("<Location /a.html>\nAuthType Basic\nAuthName x\nRequire valid-user\n</Location>", "/a.html", "401, line 4"),
    ] {
        let config = format!("ServerName www.example.com\nDocumentRoot /srv/www\n{lines}\n");
        assert_eq!(told(NEW, &config, FILES, target), expected, "{lines} {target}");
    }
}

#[test]
fn error_documents_are_paths_addresses_or_texts() {
    let closed = "<Location /a.html>\nDeny from all\n</Location>\n";
    for (document, expected) in [
        ("/no.html", "403 /srv/www/no.html, line 5"),
        ("/none", "403, line 5"),
        ("http://o/no", "302 http://o/no, line 3"),
        ("\"Not you.\"", "403, line 5"),
    ] {
        for level in Level::ALL {
            let config =
                format!("ServerName www.example.com\nDocumentRoot /srv/www\nErrorDocument 403 {document}\n{closed}");
            assert_eq!(told(level, &config, FILES, "/a.html"), expected, "{level} {document}");
        }
    }
}

#[test]
fn an_error_document_under_the_very_same_sections_is_asked_for_again_in_2_2_only() {
    let config = "DocumentRoot /srv/www\nErrorDocument 403 /a.html\n<Location /a.html>\nDeny from all\n</Location>\n";
    for level in Level::ALL {
        let expected = if level.is_24() { "403 /srv/www/a.html, line 4" } else { "403, line 4" };
        assert_eq!(told(level, config, FILES, "/a.html"), expected, "{level}");
    }
}

#[test]
fn sections_are_merged_from_folders_over_files_to_locations() {
    for (sections, refused) in [
        ("<Directory /srv/www>\nDeny from all\n</Directory>", true),
        (
            "<Directory /srv/www>\nDeny from all\n</Directory>\n<Directory /srv/www/d>\nAllow from all\n</Directory>",
            false,
        ),
        (
            "<Directory /srv/www/d>\nAllow from all\n</Directory>\n<Directory /srv/www>\nDeny from all\n</Directory>",
            false,
        ),
        ("<Files b.html>\nDeny from all\n</Files>\n<Directory /srv/www/d>\nAllow from all\n</Directory>", true),
        ("<Location /d>\nAllow from all\n</Location>\n<Files b.html>\nDeny from all\n</Files>", false),
        ("<Location /d/b>\nDeny from all\n</Location>", false),
        ("<Location /d/b.html>\nDeny from all\n</Location>", true),
        ("<LocationMatch ^/d/b>\nDeny from all\n</LocationMatch>", true),
        ("<Directory /srv/*/d>\nDeny from all\n</Directory>", true),
        (
            "<Directory /srv/*>\nDeny from all\n</Directory>\n<DirectoryMatch d$>\nAllow from all\n</DirectoryMatch>",
            true,
        ),
        ("<FilesMatch \\.html$>\nDeny from all\n</FilesMatch>", true),
    ] {
        for level in Level::ALL {
            let config = format!("DocumentRoot /srv/www\n{sections}\n");
            let status = trial::answer(level, &config, FILES, "/d/b.html").status;
            assert_eq!(status == 403, refused, "{level} {sections}: {status}");
        }
    }
}

#[test]
fn answers_and_steps_are_sentences() {
    let config = "ServerName www.example.com\nDocumentRoot /srv/www\n<Location /a.html>\nDeny from all\n</Location>\nRedirect gone /g\nAddHandler cgi-script .cgi\n<Directory /srv/www>\nOptions +ExecCGI +Indexes\n</Directory>\n";
    let files = &[("/srv/www/a.html", ""), ("/srv/www/e/c.html", "")];
    for (target, sentence) in [
        ("/a.html", "The server refuses the request (403), because of conf:4"),
        ("/g", "The server answers with status 410, because of conf:6"),
        ("/none", "The server finds nothing there (404)"),
        ("/e/c.html", "The server sends /srv/www/e/c.html (200)"),
        ("/e/", "The server lists the folder /srv/www/e/ (200)"),
        ("/e", "The server sends the client to http://www.example.com/e/ (301)"),
    ] {
        assert_eq!(say::sentence(&trial::answer(NEW, config, files, target)), sentence, "{target}");
    }
    let answer = trial::answer(NEW, config, files, "/a.html");
    let steps: Vec<String> = answer.steps.iter().map(|step| say::step(step, &answer.sources)).collect();
    assert!(steps.iter().any(|s| s == "conf:3: <Location /a.html> applies to /a.html"), "{steps:#?}");
    assert!(steps.iter().any(|s| s.starts_with("conf:4: Deny from all")), "{steps:#?}");
}
