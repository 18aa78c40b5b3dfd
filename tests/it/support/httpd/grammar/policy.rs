//! Whole configurations: virtual hosts, sections, aliases and redirects, error pages, included files and `.htaccess`.

use serde_json::{Map, Value};

use super::{access, random::Random, rewrite, text::Text, words};

/// A text map with keys that requests have.
const KINDS: &str =
    "# kinds\nx=1 one\n5 five\nphoto=a.jpg one # a photo\n/photos/a.jpg b\na b\nphotos a\n10.1.2.3 one\n";

/// jane and john, both with 123456.
const PASSWORDS: &str = "jane:{SHA}fEqNCco3Yq9h5ZUglD3CZJT4lBs=\njohn:{SHA}fEqNCco3Yq9h5ZUglD3CZJT4lBs=\n";

type Files = Map<String, Value>;

/// The text of `httpd.conf`; files that belong to it are added.
pub fn configuration(random: &mut Random, files: &mut Files) -> String {
    files.insert("/srv/httpd/conf/passwords".to_owned(), PASSWORDS.into());
    files.insert("/srv/httpd/conf/kinds.txt".to_owned(), KINDS.into());
    let mut text = Text::default();
    definitions(random, &mut text);
    if random.percent(20) {
        some(random, &mut text, 2, server_item);
    }
    if random.percent(10) {
        rewrite_server(random, &mut text);
    }
    if random.percent(15) {
        section(random, &mut text, 1);
    }
    if random.percent(8) {
        // No virtual host at all.
        host(random, &mut text, files);
    } else {
        let hosts = random.pick(&[1, 1, 1, 2, 3]);
        for number in 0..hosts {
            let address =
                random.pick(&["*:80", "*:80", "*:80", "*", "_default_:80", "192.0.2.10:80", "[2001:db8::10]:80"]);
            let address = if hosts == 1 { "*:80" } else { address };
            text.section(random, "VirtualHost", address, &mut |random, text| {
                let name = ["www.example.com", "photos.example.com", "other.example"];
                text.line(random, "ServerName", &[name[number]]);
                if random.percent(25) {
                    let alias = random.pick(&["*.example.com", "other.example", "photos.example.???"]);
                    text.line(random, "ServerAlias", &[alias]);
                }
                text.line(random, "DocumentRoot", &[random_root(number)]);
                host(random, text, files);
            });
        }
    }
    htaccess(random, files);
    let mut config = text.finish();
    if random.percent(6) {
        mistake(random, &mut config);
    }
    if random.percent(3) {
        config = config.replace('\n', "\r\n");
    }
    config
}

fn random_root(number: usize) -> &'static str {
    if number == 2 { "/srv/other" } else { "/srv/www" }
}

/// A variable, and a macro that uses it.
fn definitions(random: &mut Random, text: &mut Text) {
    if random.percent(20) {
        let network = random.pick(&["10.1.0.0/16", "203.0.113.9", "10"]);
        text.line(random, "Define", &["NET", network]);
        text.section(random, "Macro", "Gate $path $what", &mut |_random, text| {
            text.raw("<Location $path>");
            text.raw("  Require ip ${NET} $what");
            text.raw("</Location>");
        });
        if random.percent(50) {
            text.line(random, "Use", &["Gate", "/photos", "192.168"]);
        }
        text.section(random, "IfDefine", "NET", &mut server_item);
        text.section(random, "IfDefine", "!NET", &mut server_item);
    }
    if random.percent(5) {
        let version = random.pick(&[">= 2.4", "< 2.4", "2.4.71", "~ ^2\\.4"]);
        text.section(random, "IfVersion", version, &mut server_item);
    }
}

fn some(random: &mut Random, text: &mut Text, most: usize, item: fn(&mut Random, &mut Text)) {
    let often = random.between(1, most);
    for _item in 0..often {
        item(random, text);
    }
}

/// What is in a virtual host.
fn host(random: &mut Random, text: &mut Text, files: &mut Files) {
    if random.percent(60) {
        some(random, text, 3, server_item);
    }
    if random.percent(65) {
        rewrite_server(random, text);
    }
    if random.percent(80) {
        text.section(random, "Directory", "/srv/www", &mut |random, text| {
            if random.percent(85) {
                text.line(random, "AllowOverride", &["All"]);
            }
            if random.percent(60) {
                let options = random.pick(&[
                    "FollowSymLinks",
                    "Indexes FollowSymLinks",
                    "FollowSymLinks",
                    "All",
                    "+Indexes",
                    "None",
                    "SymLinksIfOwnerMatch",
                ]);
                text.plain(random, "Options", options);
            }
            if random.percent(50) {
                section_item(random, text, 1);
            }
        });
    }
    let sections = random.pick(&[0, 1, 1, 2, 3, 4]);
    for _section in 0..sections {
        section(random, text, 2);
    }
    if random.percent(10) {
        let mut part = Text::default();
        some(random, &mut part, 3, server_item);
        section(random, &mut part, 1);
        let name = format!("conf/part-{}.conf", files.len());
        files.insert(format!("/srv/httpd/{name}"), part.finish().into());
        text.line(random, "Include", &[&name]);
    }
}

/// Rules of a server, with the maps that they may name.
fn rewrite_server(random: &mut Random, text: &mut Text) {
    text.line(random, "RewriteMap", &["up", "int:toupper"]);
    text.line(random, "RewriteMap", &["kind", "txt:/srv/httpd/conf/kinds.txt"]);
    rewrite::block(random, text, false);
}

/// A directive that stands in a server.
fn server_item(random: &mut Random, text: &mut Text) {
    match random.below(16) {
        0..=2 => set_env_if(random, text),
        3 => {
            let (from, to) = random.pick(&[
                ("/al", "/srv/other"),
                ("/al/", "/srv/other/"),
                ("/old", "/srv/www/sub"),
                ("/photos/b.jpg", "/srv/other/a.jpg"),
            ]);
            text.line(random, "Alias", &[from, to]);
        }
        4 => text.line(random, "AliasMatch", &["^/al/(.*)\\.jpg$", "/srv/other/$1.jpg"]),
        5 | 6 => redirect(random, text),
        7 => {
            let to = random.pick(&["http://o.example/$1", "/a.html", "https://www.example.com/$0?x=1"]);
            let pattern = words::path_pattern(random, false);
            text.line(random, "RedirectMatch", &[&pattern, to]);
        }
        8 | 9 => error_document(random, text),
        10 => directory_index(random, text),
        11 => {
            let word = random.pick(&["On", "Off"]);
            text.line(random, "UseCanonicalName", &[word]);
        }
        12 => text.line(random, "RequestHeader", &["set", "X-Office", "yes", "early"]),
        13 => {
            text.line(random, "RemoteIPHeader", &["X-Forwarded-For"]);
            let proxy = random.pick(&["10.2.0.0/16", "203.0.113.10", "127.0.0.1"]);
            let name = random.pick(&["RemoteIPInternalProxy", "RemoteIPTrustedProxy"]);
            text.line(random, name, &[proxy]);
        }
        14 => {
            let page = random.pick(&["/index.html", "/login.html", "disabled"]);
            text.line(random, "FallbackResource", &[page]);
        }
        _ => {
            let (name, word) = random.pick(&[
                ("DirectorySlash", "Off"),
                ("AcceptPathInfo", "On"),
                ("AllowEncodedSlashes", "On"),
                ("MergeSlashes", "Off"),
                ("AllowEncodedSlashes", "NoDecode"),
            ]);
            text.line(random, name, &[word]);
        }
    }
}

fn set_env_if(random: &mut Random, text: &mut Text) {
    let (attribute, pattern) = random.pick(&[
        ("Remote_Addr", "^10\\.1\\."),
        ("Remote_Addr", "^(203|198)\\."),
        ("User-Agent", "^Mozilla"),
        ("Cookie", "LtpaToken2="),
        ("Request_URI", "\\.jpg$"),
        ("Request_Method", "POST"),
        ("Host", "^photos"),
        ("A", "1"),
        ("office", "."),
        ("X-None", "^$"),
        ("Request_Protocol", "1\\.0"),
        ("Server_Addr", "192"),
        ("Referer", "^$"),
        ("Request_URI", "^/(\\w+)/"),
    ]);
    let what = random.pick(&["office", "bad", "A=1", "B=$1", "!A", "office=yes C=2", "bad=$0"]);
    match random.below(8) {
        0 => {
            // Without a match of a pattern, captures are whatever was in the server's memory.
            let what = what.split(['$']).next().unwrap_or_default().trim_end_matches('=');
            let expression = words::expression(random, 1);
            text.plain(random, "SetEnvIfExpr", &format!("\"{expression}\" {what}"));
        }
        1 => {
            let agent = random.pick(&["^Mozilla", "^S", "NICE", "bot"]);
            text.plain(random, "BrowserMatch", &format!("{agent} {what}"));
        }
        2 => text.plain(random, "SetEnvIfNoCase", &format!("{attribute} {pattern} {what}")),
        3 => {
            let setting = random.pick(&["A 1", "office", "B two", "bad \"a b\""]);
            text.plain(random, "SetEnv", setting);
        }
        _ => text.plain(random, "SetEnvIf", &format!("{attribute} \"{pattern}\" {what}")),
    }
}

fn redirect(random: &mut Random, text: &mut Text) {
    let from = random.pick(&["/old", "/old/", "/photos/none", "/sub", "/nope"]);
    let to = random.pick(&["http://o.example/new", "/a.html", "https://login.example.com/?a=1", "/sub/"]);
    match random.below(5) {
        0 => text.line(random, "Redirect", &["permanent", from, to]),
        1 => text.line(random, "Redirect", &["gone", from]),
        2 => text.line(random, "Redirect", &["403", from]),
        3 => text.line(random, "RedirectTemp", &[from, to]),
        _ => text.line(random, "Redirect", &[from, to]),
    }
}

fn error_document(random: &mut Random, text: &mut Text) {
    let code = random.pick(&["403", "404", "401", "500", "410", "400"]);
    let what = random.pick(&[
        "/denied.html",
        "/login.html",
        "/nope.html",
        "http://o.example/error",
        "no way",
        "default",
        "/photos/a.jpg?e=1",
    ]);
    let what = if code == "401" && what.starts_with("http") { "/denied.html" } else { what };
    text.line(random, "ErrorDocument", &[code, what]);
}

fn directory_index(random: &mut Random, text: &mut Text) {
    let names = random.pick(&["page.html index.html", "a.jpg", "none.html /login.html", "disabled", "index.html"]);
    text.plain(random, "DirectoryIndex", names);
}

/// A section of any kind with something in it.
fn section(random: &mut Random, text: &mut Text, depth: usize) {
    let (name, argument) = match random.below(11) {
        0 | 1 => (
            "Directory",
            random
                .pick(&[
                    "/srv/www/photos",
                    "/srv/www/private",
                    "/srv/www/sub/",
                    "\"/srv/www/sub/deep\"",
                    "/srv/www/*",
                    "/",
                    "/srv/other",
                ])
                .to_owned(),
        ),
        2 => (
            "DirectoryMatch",
            random.pick(&["^/srv/www/(photos|sub)", "/private", "\"deep$\"", "^/srv/www/(?<B>[a-z]+)"]).to_owned(),
        ),
        3..=5 => (
            "Location",
            random
                .pick(&[
                    "/photos",
                    "/photos/",
                    "/private",
                    "/sub/deep",
                    "/a.html",
                    "\"/my photo.jpg\"",
                    "/",
                    "/*.html",
                    "/old",
                    "/al",
                    "/sub/*",
                ])
                .to_owned(),
        ),
        6 => ("LocationMatch", format!("\"{}\"", words::path_pattern(random, false))),
        7 => {
            ("Files", random.pick(&["a.html", "*.jpg", "\"secret.html\"", "?.*", "index.html", "page.html"]).to_owned())
        }
        8 => ("FilesMatch", random.pick(&["\\.(jpg|png)$", "\"^[ab]\\.\"", "secret", "^index"]).to_owned()),
        9 => return conditional(random, text, depth),
        _ => (
            "IfModule",
            random
                .pick(&["mod_rewrite.c", "!mod_rewrite.c", "access_compat_module", "mod_nothing.c", "!nothing_module"])
                .to_owned(),
        ),
    };
    let plain_server = name == "IfModule";
    text.section(random, name, &argument, &mut |random, text| {
        let often = random.pick(&[1, 1, 2, 3]);
        for _item in 0..often {
            if plain_server {
                server_item(random, text);
            } else if name == "Directory" && random.percent(15) {
                text.section(random, "Files", "*.jpg", &mut |random, text| section_item(random, text, 0));
            } else {
                section_item(random, text, depth);
            }
        }
    });
}

/// `If` and perhaps what follows it.
fn conditional(random: &mut Random, text: &mut Text, depth: usize) {
    let expression = words::expression(random, 2);
    text.section(random, "If", &format!("\"{expression}\""), &mut |random, text| section_item(random, text, depth));
    if random.percent(30) {
        let expression = words::expression(random, 1);
        text.section(random, "ElseIf", &format!("\"{expression}\""), &mut |random, text| {
            section_item(random, text, depth);
        });
    }
    if random.percent(30) {
        text.section(random, "Else", "", &mut |random, text| section_item(random, text, depth));
    }
}

/// A directive, or several that belong together, inside a section or a `.htaccess`.
fn section_item(random: &mut Random, text: &mut Text, depth: usize) {
    match random.below(15) {
        0..=2 => access::order(random, text),
        7 => rewrite::block(random, text, true),
        8 => set_env_if(random, text),
        9 => error_document(random, text),
        10 => directory_index(random, text),
        11 => {
            let name = random.pick(&["Limit", "LimitExcept"]);
            let methods = random.pick(&["GET", "POST", "POST PUT", "GET POST OPTIONS"]);
            text.section(random, name, methods, &mut |random, text| {
                if random.percent(50) { access::require(random, text) } else { access::order(random, text) }
            });
        }
        12 if depth > 0 => conditional(random, text, depth - 1),
        13 => {
            let value = random.pick(&["one", "two"]);
            text.line(random, "Header", &["set", "X-Who", value]);
        }
        14 if random.percent(40) => access::password(random, text),
        _ => access::require(random, text),
    }
}

/// Some `.htaccess` files.
fn htaccess(random: &mut Random, files: &mut Files) {
    for folder in ["/srv/www", "/srv/www/photos", "/srv/www/sub", "/srv/www/sub/deep"] {
        if random.percent(18) {
            let mut text = Text::default();
            match random.below(6) {
                0..=2 => rewrite::block(random, &mut text, true),
                3 => text.section(random, "Files", "*.html", &mut |random, text| section_item(random, text, 0)),
                4 => redirect(random, &mut text),
                _ => {
                    section_item(random, &mut text, 1);
                    section_item(random, &mut text, 1);
                }
            }
            files.insert(format!("{folder}/.htaccess"), text.finish().into());
        }
    }
}

/// One mistake somewhere.
fn mistake(random: &mut Random, config: &mut String) {
    let lines: Vec<&str> = config.lines().collect();
    let at = random.below(lines.len().max(1));
    let wrong = [
        "RewriteRule ^/a",
        "RewriteRule ^/(a - [F]",
        "RewriteCond %{X} y [ZZ]",
        "Bogus on",
        "</Directory>",
        "<Location /x>",
        "Order allow, deny",
        "Require ip 10.1.2.300",
        "Allow all",
        "RewriteRule ^/a - [F, L]",
        "Require all maybe",
        "SetEnvIf Remote_Addr",
        "Redirect 999 /x /y",
        "ErrorDocument 999 x",
        "Options +Indexes None",
        "RewriteEngine",
        "Include conf/none.conf",
        "“Options” None",
        "DocumentRoot /srv/none",
        "ServerName",
        "<Directory>",
    ];
    let wrong = random.pick(&wrong);
    let mut with: Vec<&str> = lines;
    with.insert(at, wrong);
    *config = with.join("\n") + "\n";
}
