//! Rewriting rules with their conditions, for the server and for directories.

use super::{random::Random, text::Text, words};

/// Engine, perhaps options, and some rules. `bare`: inside a directory.
pub fn block(random: &mut Random, text: &mut Text, bare: bool) {
    if !random.percent(4) {
        let word = if random.percent(95) { "On" } else { "off" };
        text.line(random, "RewriteEngine", &[word]);
    }
    if bare && random.percent(15) {
        let prefix = random.pick(&["/", "/sub", "/photos/", "/other"]);
        text.line(random, "RewriteBase", &[prefix]);
    }
    if random.percent(12) {
        let option = random.pick(&["Inherit", "InheritBefore", "InheritDown", "IgnoreInherit", "InheritDownBefore"]);
        text.line(random, "RewriteOptions", &[option]);
    }
    let rules = random.between(1, 4);
    for _rule in 0..rules {
        let conditions = random.pick(&[0, 0, 1, 1, 2, 3, 7]);
        // After an expression without a match of a pattern, `%1` is whatever was in the server's memory: it may crash.
        let expression = conditions > 0 && random.percent(12);
        for number in 0..conditions {
            condition(random, text, number + 1 == conditions, expression);
        }
        rule(random, text, bare, expression);
    }
}

fn condition(random: &mut Random, text: &mut Text, last: bool, expression: bool) {
    let (subject, mut pattern) = tested(random, expression);
    if subject != "expr" && !pattern.starts_with('!') && random.percent(35) {
        pattern.insert(0, '!');
    }
    let mut flags = Vec::new();
    if random.percent(25) {
        flags.push(random.pick(&["NC", "nocase"]));
    }
    if random.percent(if last { 3 } else { 20 }) {
        flags.push(random.pick(&["OR", "ornext"]));
    }
    if random.percent(3) {
        flags.push("NV");
    }
    let flags = format!("[{}]", flags.join(","));
    if flags == "[]" {
        text.line(random, "RewriteCond", &[&subject, &pattern]);
    } else {
        text.line(random, "RewriteCond", &[&subject, &pattern, &flags]);
    }
}

/// What a condition tests, and how: expressions or captures of conditions, not both.
fn tested(random: &mut Random, expression: bool) -> (String, String) {
    let (subject, pattern) = words::subject(random);
    let (subject, pattern) = match random.below(24) {
        0 => return (files(random), random.pick(&["-f", "-d", "!-f", "!-d", "-s", "-F", "-U"]).to_owned()),
        1 => (subject, random.pick(&["=x=1", "=", "=GET", "=10.1.2.3", "=www.example.com", "=a=1"])),
        2 => (subject, random.pick(&["<m", ">10", "<=x=1", ">=GET", "<10", ">m", "<=10.1.2.3", ">=a"])),
        3 => (subject, random.pick(&["-eq5", "-ge0", "-lt10", "-ne5", "-gt0", "-le10", "-eq0", "-gt5"])),
        4..=12 if expression => return ("expr".to_owned(), words::expression(random, 1)),
        5 => {
            let subject = random.pick(&["$1", "%1", "$0", "$1%{QUERY_STRING}"]);
            (subject, random.pick(&["^a", "^$", "b", "photos"]))
        }
        6 => ("${kind:%{QUERY_STRING}|none}", random.pick(&["^none$", "=one", "^o"])),
        _ => (subject, pattern),
    };
    (subject.to_owned(), pattern.to_owned())
}

fn files(random: &mut Random) -> String {
    let subjects = [
        "%{REQUEST_FILENAME}",
        "%{DOCUMENT_ROOT}%{REQUEST_URI}",
        "%{DOCUMENT_ROOT}/$1",
        "/srv/www/a.html",
        "%{REQUEST_URI}",
    ];
    random.pick(&subjects).to_owned()
}

fn rule(random: &mut Random, text: &mut Text, bare: bool, expression: bool) {
    let mut pattern = words::path_pattern(random, bare);
    if random.percent(12) {
        pattern.insert(0, '!');
    }
    let targets = [
        "-",
        "-",
        "-",
        "/a.html",
        "/login.html",
        "/photos/$1",
        "/photos/b.jpg",
        "/sub/page.html?x=$1",
        "/denied.html?",
        "http://o.example/$1",
        "https://login.example.com/?from=%{REQUEST_URI}",
        "https://%{HTTP_HOST}%{REQUEST_URI}",
        "%{DOCUMENT_ROOT}/b.html",
        "/srv/www/c.txt",
        "/$1.html",
        "/$2",
        "/photos/${kind:$1|a}.jpg",
        "/a.html?c=%1",
        "/old/$1",
        "/al/$1",
        "/",
        "/%1",
        "/nope",
        "http://www.example.com/a.html",
        "/my photo.jpg",
        "/sub/",
        "/sub",
        "/a.html#f",
        "${up:$1}",
        "/x?$1&y=%{REMOTE_ADDR}",
    ];
    let bare_targets = ["a.html", "page.html", "photos/$1", "$1.html", "b.html?x=1", "sub/page.html", "./a.html"];
    let target = if bare && random.percent(40) { random.pick(&bare_targets) } else { random.pick(&targets) };
    let mut flags = flags(random, target == "-");
    let captures = |text: &str| text.contains("%1");
    if expression {
        flags.retain(|flag| !captures(flag));
    }
    let target = if expression && captures(target) { "/b.html" } else { target };
    if flags.is_empty() {
        text.line(random, "RewriteRule", &[&pattern, target]);
    } else {
        let flags = format!("[{}]", flags.join(","));
        text.line(random, "RewriteRule", &[&pattern, target, &flags]);
    }
}

fn flags(random: &mut Random, keeps: bool) -> Vec<&'static str> {
    let ends = if keeps {
        ["F", "F", "forbidden", "G", "gone", "R=404", "R=503", "L", "", ""]
    } else {
        ["L", "L", "R", "R,L", "R=301,L", "redirect=permanent", "PT", "END", "", "last"]
    };
    let mut flags: Vec<&'static str> = vec![random.pick(&ends)];
    let more = [
        "NC",
        "QSA",
        "NE",
        "E=A:1",
        "E=B:$1",
        "E=C:%1",
        "E=office",
        "E=!A",
        "E=bad:%{REMOTE_ADDR}",
        "S=1",
        "S=2",
        "C",
        "NS",
        "QSD",
        "B",
        "DPI",
        "N=3",
        "T=text/plain",
        "R=307",
        "R=303",
        "CO=seen:1:example.com",
        "PT",
        "NC",
        "UnsafeAllow3F",
        "L",
        "nocase",
        "qsappend",
        "noescape",
        "chain",
        "skip=1",
        "BNP",
        "R=410",
    ];
    let often = random.pick(&[0, 0, 1, 1, 2, 3]);
    for _flag in 0..often {
        flags.push(random.pick(&more));
    }
    flags.retain(|flag| !flag.is_empty());
    flags
}
