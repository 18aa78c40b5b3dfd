//! A configuration in plain words: what each host and section lets through, for a reader who does not know the syntax.
//!
//! Not here: the answer to one request ([`super::respond`]).

use bstr::{BStr, BString, ByteSlice};

use super::{
    config::{Directive, words},
    level::Level,
    rewrite,
    source::Place,
};

/// One sentence about one line; without full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The line.
    pub place: Place,
    /// How many sections it is in.
    pub depth: usize,
    /// The words.
    pub text: String,
}

/// Explains `tree` as the server of `level` understands it. Directives that change no answer are passed over.
pub fn explain(tree: &[Directive], level: Level) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    inside(tree, level, 0, &mut sentences);
    sentences
}

fn inside(directives: &[Directive], level: Level, depth: usize, out: &mut Vec<Sentence>) {
    // Conditions wait for their rule.
    let mut waiting: Vec<&Directive> = Vec::new();
    for directive in directives {
        let name = directive.name.to_ascii_lowercase();
        match name.as_slice() {
            b"rewritecond" => {
                waiting.push(directive);
                continue;
            }
            b"rewriterule" => {
                rule(directive, &std::mem::take(&mut waiting), level, depth, out);
                continue;
            }
            _ => {}
        }
        let text = match &directive.children {
            Some(_) => section(&name, directive.args.as_bstr()),
            None => leaf(&name, directive.args.as_bstr(), level),
        };
        if let Some(text) = text {
            out.push(Sentence { place: directive.place, depth, text });
        }
        if let Some(children) = &directive.children {
            inside(children, level, depth + 1, out);
        }
    }
    for condition in waiting {
        let text = "a condition that no rule follows does nothing".to_owned();
        out.push(Sentence { place: condition.place, depth, text });
    }
}

fn section(name: &[u8], args: &BStr) -> Option<String> {
    let args = args.strip_suffix(b">").unwrap_or(args).as_bstr();
    let what = words::all(args).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    Some(match name {
        b"<virtualhost" => format!("For requests that come to {}:", destination(&what)),
        b"<directory" => format!("For files below {what}:"),
        b"<directorymatch" => format!("For folders whose path matches the pattern {what}:"),
        b"<location" => format!("For addresses that begin with {what}:"),
        b"<locationmatch" => format!("For addresses that match the pattern {what}:"),
        b"<files" => format!("For files named {what}:"),
        b"<filesmatch" => format!("For files whose name matches the pattern {what}:"),
        b"<if" => format!("If {what}:"),
        b"<elseif" => format!("Else, if {what}:"),
        b"<else" => "Else:".to_owned(),
        b"<limit" => format!("For the methods {what} only:"),
        b"<limitexcept" => format!("For all methods but {what}:"),
        b"<requireall" => "Whoever meets all of these:".to_owned(),
        b"<requireany" => "Whoever meets one of these:".to_owned(),
        b"<requirenone" => "Whoever meets none of these:".to_owned(),
        _ => return None,
    })
}

fn destination(what: &str) -> String {
    match what.split_once(':') {
        Some(("*" | "_default_", "*")) => "any address and port".to_owned(),
        Some(("*" | "_default_", port)) => format!("any address, port {port}"),
        _ if what == "*" || what == "_default_" => "any address and port".to_owned(),
        _ => what.to_owned(),
    }
}

fn leaf(name: &[u8], args: &BStr, level: Level) -> Option<String> {
    let words = words::all(args);
    let word = |n: usize| words.get(n).map(ToString::to_string).unwrap_or_default();
    let rest = |n: usize| words.iter().skip(n).map(ToString::to_string).collect::<Vec<_>>().join(" ");
    Some(match name {
        b"servername" => format!("its name is {}", word(0)),
        b"serveralias" => format!("it also answers to {}", rest(0)),
        b"documentroot" if args.contains(&0xe2) => {
            format!("files come from the folder {args}, curly quotes included, which cannot exist as meant")
        }
        b"documentroot" => format!("files come from the folder {}", word(0)),
        b"rewriteengine" if word(0).eq_ignore_ascii_case("on") => "rewriting rules are used here".to_owned(),
        b"rewriteengine" => "rewriting rules are not used here".to_owned(),
        b"order" => match word(0).to_ascii_lowercase().as_str() {
            "allow,deny" | "mutual-failure" => "who is not allowed by name, or is denied, is refused".to_owned(),
            _ => "who is denied is refused, unless allowed too; all others are let in".to_owned(),
        },
        b"allow" => format!("allowed: {}", from(&rest(1))),
        b"deny" => format!("denied: {}", from(&rest(1))),
        b"satisfy" if word(0).eq_ignore_ascii_case("any") => {
            "it is enough to come from an allowed address or to sign in".to_owned()
        }
        b"satisfy" => "both the address and the sign-in must be right".to_owned(),
        b"require" => require(&words, level),
        b"alias" => format!("addresses that begin with {} are files in {}", word(0), word(1)),
        b"aliasmatch" => format!("addresses that match {} are the files {}", word(0), word(1)),
        b"redirect" | b"redirectmatch" | b"redirecttemp" | b"redirectpermanent" => redirect(name, &words),
        b"errordocument" => format!("whoever gets status {} is shown {}", word(0), rest(1)),
        b"setenvif" | b"setenvifnocase" => {
            format!("where {} {}, it is marked {}", subject(&word(0)), pattern(&word(1)), rest(2))
        }
        b"browsermatch" | b"browsermatchnocase" => {
            format!("browsers whose name {} are marked {}", pattern(&word(0)), rest(1))
        }
        b"options" => format!("options of folders: {}", rest(0)),
        b"allowoverride" if word(0).eq_ignore_ascii_case("none") => ".htaccess files are not read".to_owned(),
        b"allowoverride" => format!(".htaccess files may change: {}", rest(0)),
        b"directoryindex" => format!("a folder's address shows {}", rest(0)),
        b"proxypass" => format!("addresses that begin with {} are handed to {}", word(0), word(1)),
        b"remoteipheader" => {
            format!("the client's address is taken from the header {}, where a believed proxy sends it", word(0))
        }
        b"remoteipinternalproxy" | b"remoteiptrustedproxy" => format!("believed proxies: {}", rest(0)),
        _ => return None,
    })
}

fn from(list: &str) -> String {
    list.split_whitespace()
        .map(|who| match (who.to_ascii_lowercase().as_str(), who.split_once('=')) {
            ("all", _) => "everybody".to_owned(),
            (_, Some((env, name))) if env.eq_ignore_ascii_case("env") => match name.strip_prefix('!') {
                Some(name) => format!("requests that are not marked {name}"),
                None => format!("requests that are marked {name}"),
            },
            _ => who.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

fn require(words: &[BString], level: Level) -> String {
    let (not, words) = match words.split_first() {
        Some((first, rest)) if first.eq_ignore_ascii_case(b"not") => (true, rest),
        _ => (false, words),
    };
    let rest = words.iter().skip(1).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let first = words.first().map(|w| w.to_ascii_lowercase()).unwrap_or_default();
    if !level.is_24() {
        return match first.as_slice() {
            b"valid-user" => "whoever signs in with a known user and password".to_owned(),
            b"user" => format!("whoever signs in as {rest}"),
            b"group" => format!("whoever signs in and belongs to {rest}"),
            _ => format!("{} means nothing to httpd 2.2: every request is answered 500", first.as_bstr()),
        };
    }
    let who = match first.as_slice() {
        b"all" if rest.eq_ignore_ascii_case("granted") => "everybody is let in".to_owned(),
        b"all" => "nobody is let in".to_owned(),
        b"ip" => format!("whoever comes from {rest}"),
        b"host" => format!("whoever's computer has a name in {rest}"),
        b"local" => "whoever comes from the server itself".to_owned(),
        b"env" => format!("requests that are marked {rest}"),
        b"method" => format!("requests with the method {rest}"),
        b"expr" => format!("requests for which this holds: {rest}"),
        b"valid-user" => "whoever signs in with a known user and password".to_owned(),
        b"user" => format!("whoever signs in as {rest}"),
        b"group" => format!("whoever signs in and belongs to {rest}"),
        other => format!("{} {rest}", other.as_bstr()),
    };
    if not { format!("not: {who}") } else { who }
}

fn redirect(name: &[u8], words: &[BString]) -> String {
    let status = words.first().map(std::string::ToString::to_string).unwrap_or_default();
    let has_status = words.len() > 2
        || matches!(status.to_ascii_lowercase().as_str(), "gone" | "permanent" | "temp" | "seeother")
        || status.bytes().all(|b| b.is_ascii_digit()) && !status.is_empty();
    let words = if has_status { &words[1..] } else { words };
    let at = |n: usize| words.get(n).map(ToString::to_string).unwrap_or_default();
    let what = if name == b"redirectmatch" { "that match" } else { "that begin with" };
    match words.get(1) {
        Some(_) => format!("the client is sent from addresses {what} {} to {}", at(0), at(1)),
        None => format!("addresses {what} {} answer {status}", at(0)),
    }
}

/// A rule with its conditions.
fn rule(rule: &Directive, conditions: &[&Directive], level: Level, depth: usize, out: &mut Vec<Sentence>) {
    for (index, condition) in conditions.iter().enumerate() {
        let words = rewrite::split(&condition.args);
        let word = |n: usize| words.get(n).map(ToString::to_string).unwrap_or_default();
        let or = |d: &Directive| {
            let flags = rewrite::split(&d.args).get(2).map(|f| f.to_ascii_lowercase()).unwrap_or_default();
            let inner = flags.trim_start_with(|c| c == '[').trim_end_with(|c| c == ']').to_vec();
            inner.split(|b| *b == b',').any(|f| matches!(words::trim_start(f).trim_end(), b"or" | b"ornext"))
        };
        let joint = match index {
            0 => "If",
            _ if or(conditions[index - 1]) => "or",
            _ => "and",
        };
        let text = if word(0).eq_ignore_ascii_case("expr") && level.is_24() {
            format!("{joint} this holds: {}", word(1))
        } else if word(0).eq_ignore_ascii_case("expr") {
            format!(
                "{joint} the word “expr” {}, which is not what was meant: httpd 2.2 has no expressions",
                pattern(&word(1))
            )
        } else {
            format!("{joint} {} {}", subject(&word(0)), pattern(&word(1)))
        };
        out.push(Sentence { place: condition.place, depth, text });
    }
    let words = rewrite::split(&rule.args);
    let word = |n: usize| words.get(n).map(ToString::to_string).unwrap_or_default();
    let flags = word(2).to_ascii_lowercase();
    let has = |flag: &str| {
        flags.trim_matches(['[', ']']).split(',').any(|f| f.trim() == flag || f.trim().split('=').next() == Some(flag))
    };
    let which = match word(0).as_str() {
        "^(.*)$" | ".*" | "^" | "^.*$" | "(.*)" | "^/(.*)$" | "^/" => "every address".to_owned(),
        other => format!("an address that {}", pattern(other)),
    };
    let then = if conditions.is_empty() { "" } else { "then " };
    let target = word(1);
    let text = if has("f") || has("forbidden") {
        format!("{then}{which} is refused")
    } else if has("g") || has("gone") {
        format!("{then}{which} is said to be gone")
    } else if target.starts_with('[') && word(2).is_empty() {
        format!("{then}{which} becomes the file {target}, because the target is missing: refused only by accident")
    } else if has("p") || has("proxy") {
        format!("{then}{which} is handed to {target}")
    } else if has("r") || has("redirect") || target.contains("://") {
        format!("{then}the client is sent from {which} to {target}")
    } else if target == "-" {
        format!(
            "{then}{which} stays as it is{}",
            if has("l") || has("last") || has("end") { ", and no later rule is looked at" } else { "" }
        )
    } else {
        format!("{then}{which} becomes {target}")
    };
    out.push(Sentence { place: rule.place, depth, text });
}

/// What is tested, in words.
fn subject(test: &str) -> String {
    let name = test.strip_prefix("%{").and_then(|t| t.strip_suffix('}')).unwrap_or(test);
    match name.to_ascii_uppercase().as_str() {
        "HTTP_COOKIE" | "HTTP:COOKIE" | "COOKIE" => "the cookie header".to_owned(),
        "REMOTE_ADDR" => "the client's address".to_owned(),
        "REMOTE_HOST" => "the name of the client's computer".to_owned(),
        "HTTP_HOST" | "HTTP:HOST" | "HOST" => "the host in the address".to_owned(),
        "REQUEST_URI" => "the path".to_owned(),
        "QUERY_STRING" => "what stands after the question mark".to_owned(),
        "HTTPS" => "the mark of a secure connection".to_owned(),
        "HTTP_USER_AGENT" | "USER-AGENT" => "the browser's name".to_owned(),
        "HTTP_REFERER" | "REFERER" => "the page that links to it".to_owned(),
        "REQUEST_METHOD" => "the method".to_owned(),
        "REQUEST_FILENAME" => "the file".to_owned(),
        "HTTP:X-FORWARDED-FOR" | "X-FORWARDED-FOR" => "the address that a front proxy reports".to_owned(),
        _ => test.to_owned(),
    }
}

/// A pattern in words: plain ones as what they say, the others as they stand.
fn pattern(written: &str) -> String {
    let (not, bare) = match written.strip_prefix('!') {
        Some(bare) => (true, bare),
        None => (false, written),
    };
    let no = |yes: &str, no: &str| if not { no.to_owned() } else { yes.to_owned() };
    match bare {
        "-f" => return no("is a file", "is no file"),
        "-d" => return no("is a folder", "is no folder"),
        "-s" => return no("is a file that is not empty", "is no file, or an empty one"),
        "=" => {}
        "" | "^" => return no("is anything", "is nothing, which cannot be"),
        "^$" => return no("is empty", "is not empty"),
        _ => {
            if let Some(text) = bare.strip_prefix('=') {
                let text = text.trim_matches('"');
                return no(&format!("is exactly “{text}”"), &format!("is not “{text}”"));
            }
        }
    }
    let (from_start, inner) = bare.strip_prefix('^').map_or((false, bare), |b| (true, b));
    let (to_end, inner) = inner.strip_suffix('$').map_or((false, inner), |b| (true, b));
    // What matches anything at an open end says nothing.
    let (inner, to_end) = match inner.strip_suffix(".*") {
        Some(less) => (less, false),
        None => (inner, to_end),
    };
    let Some(text) = literal(inner) else {
        return no(&format!("matches the pattern {bare}"), &format!("does not match the pattern {bare}"));
    };
    match (from_start, to_end) {
        (true, true) => no(&format!("is “{text}”"), &format!("is not “{text}”")),
        (true, false) => no(&format!("begins with “{text}”"), &format!("does not begin with “{text}”")),
        (false, true) => no(&format!("ends with “{text}”"), &format!("does not end with “{text}”")),
        (false, false) => no(&format!("has “{text}” somewhere"), &format!("has “{text}” nowhere")),
    }
}

/// The text that a pattern stands for, when it stands for one text only. A bare dot is not one: it matches any byte.
fn literal(pattern: &str) -> Option<String> {
    let mut text = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                escaped if escaped.is_ascii_alphanumeric() => return None,
                escaped => text.push(escaped),
            },
            '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' => return None,
            other => text.push(other),
        }
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests;
