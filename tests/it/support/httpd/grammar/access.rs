//! Who may: Order, Allow, Deny, Satisfy; Require and its containers.

use super::{random::Random, text::Text, words};

/// The old style, in one section.
pub fn order(random: &mut Random, text: &mut Text) {
    if random.percent(80) {
        let order = random.pick(&["allow,deny", "deny,allow", "Deny,Allow", "Allow,Deny", "mutual-failure"]);
        text.line(random, "Order", &[order]);
    }
    let lines = random.between(0, 3);
    for _line in 0..lines {
        let name = random.pick(&["Allow", "Deny"]);
        let mut sources = vec!["from"];
        let several = random.pick(&[1, 1, 1, 2, 3]);
        for _source in 0..several {
            sources.push(match random.below(8) {
                0 | 1 => "all",
                2 => random.pick(&["env=office", "env=bad", "env=!bad", "env=A"]),
                _ => random.pick(&words::NETWORKS[..11]),
            });
        }
        text.line(random, name, &sources);
    }
    if random.percent(8) {
        let word = random.pick(&["Any", "All"]);
        text.line(random, "Satisfy", &[word]);
    }
}

/// The new style, in one section.
pub fn require(random: &mut Random, text: &mut Text) {
    if random.percent(12) {
        let word = random.pick(&["And", "Or", "Off"]);
        text.line(random, "AuthMerging", &[word]);
    }
    if random.percent(55) {
        let lines = random.pick(&[1, 1, 1, 2, 3]);
        for _line in 0..lines {
            leaf(random, text, false);
        }
    } else {
        container(random, text, 2, Inside::Any);
    }
}

/// Names and passwords, alone or with something else that does.
pub fn password(random: &mut Random, text: &mut Text) {
    text.line(random, "AuthType", &["Basic"]);
    text.line(random, "AuthName", &["Photo room"]);
    text.line(random, "AuthUserFile", &["/srv/httpd/conf/passwords"]);
    let who = random.pick(&["valid-user", "user jane", "user john nobody"]);
    text.plain(random, "Require", who);
    match random.below(5) {
        0 => leaf(random, text, false),
        1 => {
            order(random, text);
            let word = random.pick(&["Any", "All"]);
            text.line(random, "Satisfy", &[word]);
        }
        _ => {}
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Any,
    All,
    None,
}

/// A container that the server accepts where it is: something positive in it, `RequireNone` only inside `RequireAll`.
fn container(random: &mut Random, text: &mut Text, depth: usize, outer: Inside) {
    let kind = match random.below(5) {
        0 | 1 => Inside::Any,
        2 if outer == Inside::All => Inside::None,
        _ => Inside::All,
    };
    let name = match kind {
        Inside::Any => "RequireAny",
        Inside::All => "RequireAll",
        Inside::None => "RequireNone",
    };
    text.section(random, name, "", &mut |random, text| {
        leaf(random, text, false);
        let more = random.between(0, 3);
        for _item in 0..more {
            if depth > 0 && random.percent(30) {
                container(random, text, depth - 1, kind);
            } else {
                let negated = kind == Inside::All && random.percent(40);
                leaf(random, text, negated);
            }
        }
    });
}

fn leaf(random: &mut Random, text: &mut Text, negated: bool) {
    let what = match random.below(12) {
        0 => "all granted".to_owned(),
        1 if !negated => "all denied".to_owned(),
        2 => format!("env {}", random.pick(&["office", "bad", "A", "office bad"])),
        3 => format!("method {}", random.pick(&["GET", "GET HEAD", "POST", "GET POST OPTIONS"])),
        4 | 5 => format!("expr {}", words::expression(random, 1)),
        6 => "local".to_owned(),
        7 => format!("ip {} {}", random.pick(&words::NETWORKS), random.pick(&words::NETWORKS)),
        _ => format!("ip {}", random.pick(&words::NETWORKS)),
    };
    // "all" cannot be negated to any effect, and the server says so only in some places.
    let what = if negated && what.starts_with("all") { "ip 10.1".to_owned() } else { what };
    text.plain(random, "Require", &if negated { format!("not {what}") } else { what });
}
