//! Answers and steps as sentences, for the command line, reports and the window alike.
//!
//! Not here: a configuration in plain words ([`super::explain`]).

use bstr::{BStr, ByteSlice};

use super::{
    respond::{Answer, Verdict},
    source::Sources,
    trace::{Event, Step},
};

impl Verdict {
    /// In one or two words, for tables and scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Served(_) => "served",
            Self::Listing(_) => "listing",
            Self::Text => "text",
            Self::Forbidden => "forbidden",
            Self::AsksPassword => "asks for a password",
            Self::Redirected { .. } => "redirected",
            Self::NotFound => "not found",
            Self::Status(_) => "other status",
            Self::Proxied(_) => "proxied",
            Self::CannotTell(_) => "cannot tell",
        }
    }
}

/// The answer in one sentence, with the deciding line where there is one; without full stop.
pub fn sentence(answer: &Answer) -> String {
    let by = answer.decided.map(|place| format!(", because of {}", answer.sources.show(place))).unwrap_or_default();
    match &answer.verdict {
        Verdict::Served(file) => format!("The server sends {file} ({}){by}", answer.status),
        Verdict::Listing(folder) => format!("The server lists the folder {folder} (200){by}"),
        Verdict::Text => format!("The server sends a text of its own ({}){by}", answer.status),
        Verdict::Forbidden => format!("The server refuses the request (403){by}"),
        Verdict::AsksPassword => format!("The server asks for a password (401){by}"),
        Verdict::Redirected { status, location: Some(to) } => {
            format!("The server sends the client to {to} ({status}){by}")
        }
        Verdict::Redirected { status, location: None } => format!("The server answers {status} without a Location{by}"),
        Verdict::NotFound => format!("The server finds nothing there (404){by}"),
        Verdict::Status(status) => format!("The server answers with status {status}{by}"),
        Verdict::Proxied(to) => format!("The server hands the request to {to}{by}"),
        Verdict::CannotTell(unknown) => match unknown.place {
            Some(place) => format!("Cannot tell because of {}: {}", answer.sources.show(place), unknown.reason),
            None => format!("Cannot tell: {}", unknown.reason),
        },
    }
}

/// One step in one line: where, and what happened.
pub fn step(step: &Step, sources: &Sources) -> String {
    let place = step.place.map(|place| format!("{}: ", sources.show(place))).unwrap_or_default();
    let chain = match (step.redirect, step.subrequest) {
        (0, false) => String::new(),
        (0, true) => "[look-up] ".to_owned(),
        (n, false) => format!("[redirect {n}] "),
        (n, true) => format!("[redirect {n}, look-up] "),
    };
    format!("{chain}{place}{}", event(&step.event))
}

fn event(event: &Event) -> String {
    let holds = |matched: bool| if matched { "matches" } else { "does not match" };
    match event {
        Event::Host { name, why } => format!("virtual host {name}: {why}"),
        Event::Section { section, subject, applies } => {
            let result = if *applies { "applies" } else { "does not apply" };
            if subject.is_empty() { format!("{section} {result}") } else { format!("{section} {result} to {subject}") }
        }
        Event::Pattern { pattern, subject, matched, per_dir, .. } => {
            let within = per_dir.as_ref().map(|d| format!(" (in {d})")).unwrap_or_default();
            format!("RewriteRule {pattern} {} '{subject}'{within}", holds(*matched))
        }
        Event::Condition { input, pattern, flags, matched, .. } => {
            let flags = if flags.is_empty() { String::new() } else { format!(" {flags}") };
            format!("RewriteCond {pattern}{flags} {} '{input}'", holds(*matched))
        }
        Event::Rewritten { from, to } => format!("'{from}' becomes '{to}'"),
        Event::Env { name, before, after } => format!("variable {name}: {}", change(before.as_ref(), after.as_ref())),
        Event::Header { name, before, after } => format!("header {name}: {}", change(before.as_ref(), after.as_ref())),
        Event::Test { directive, subject, matched, .. } => format!("{directive} {} '{subject}'", holds(*matched)),
        Event::Decided(text) => text.clone(),
        Event::Skipped { directive, why } => format!("{directive} is not reached: {why}"),
    }
}

fn change(before: Option<&bstr::BString>, after: Option<&bstr::BString>) -> String {
    let show = |value: Option<&bstr::BString>| value.map_or_else(|| "not set".to_owned(), |v| quoted(v.as_bstr()));
    format!("{} -> {}", show(before), show(after))
}

fn quoted(text: &BStr) -> String {
    format!("'{text}'")
}
