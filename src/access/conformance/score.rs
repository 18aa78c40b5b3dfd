//! How often an engine and the recorded servers agree, and where they do not.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use bstr::BString;
use serde::Serialize;

use super::{Case, Observed, RecordedFile, RecordedRequest, Response, error_places};
use crate::access::level::Level;

/// What an engine says of one case at one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// The configuration is refused.
    Error {
        /// The file as the server would name it.
        file: BString,
        /// The line, from 1.
        line: u32,
        /// The server's message.
        message: String,
    },
    /// The configuration is fine, but the server does not start.
    StartFails(String),
    /// What each request is answered.
    Answers(Vec<Answers>),
    /// Nothing can be said, for this reason.
    CannotTell(String),
}

/// What an engine says of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answers {
    /// This.
    Outcome(Box<Outcome>),
    /// It cannot be told, for this reason.
    CannotTell(String),
}

/// An answer, as far as it is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The status that is sent.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The file whose content is sent.
    pub file: Option<String>,
    /// Values of watched variables at the end; others may be here too.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, Option<String>>,
    /// The virtual host, `NAME:PORT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vhost: Option<String>,
    /// The query of the last internal request, with its `?`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<String>,
}

/// Agreement in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Requests that were compared.
    pub requests: usize,
    /// Status, location and file are the recorded ones.
    pub agree: usize,
    /// They are not.
    pub wrong: usize,
    /// The engine could not tell.
    pub cannot_tell: usize,
    /// Configurations that are accepted as recorded, or refused at the recorded line.
    pub config_agree: usize,
    /// Configurations that are not.
    pub config_wrong: usize,
    /// Configurations of which the engine could not tell.
    pub config_cannot_tell: usize,
    /// Requests whose outcome agrees, but not one of their watched variables.
    pub env_wrong: usize,
    /// Requests whose outcome agrees, but not the virtual host.
    pub vhost_wrong: usize,
    /// Requests whose outcome agrees, but not the query.
    pub args_wrong: usize,
    /// Refused at the recorded line, but in other words.
    pub message_wrong: usize,
}

/// Where engine and server differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// The level.
    pub level: String,
    /// The case.
    pub id: String,
    /// Number of the request, from 0; none for the configuration.
    pub request: Option<usize>,
    /// What differs: `config`, `outcome`, `env`, `vhost`, `args`, `message`, `cannot_tell`.
    pub what: &'static str,
    /// The request's line, for those who read.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// What was recorded.
    pub expected: String,
    /// What the engine says.
    pub ours: String,
}

/// The result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// By level.
    pub levels: BTreeMap<String, Tally>,
    /// By theme, all levels together.
    pub themes: BTreeMap<String, Tally>,
    /// By theme and level.
    pub themes_by_level: BTreeMap<String, BTreeMap<String, Tally>>,
    /// Each difference.
    pub disagreements: Vec<Disagreement>,
}

/// Lets `judge` say what each level does with each case, and compares.
pub fn score(cases: &[Case], levels: &[Level], judge: &mut dyn FnMut(&Case, Level) -> Judged) -> Score {
    let mut score = Score::default();
    for case in cases {
        for level in levels {
            let Some(observed) = case.observed(*level) else { continue };
            let judged = judge(case, *level);
            let mut one = One { case, level: *level, tally: Tally::default(), found: Vec::new() };
            one.compare(observed, &judged);
            let (tally, found) = (one.tally, one.found);
            score.levels.entry(level.to_string()).or_default().add(&tally);
            score.themes.entry(case.theme.clone()).or_default().add(&tally);
            let theme = score.themes_by_level.entry(case.theme.clone()).or_default();
            theme.entry(level.to_string()).or_default().add(&tally);
            score.disagreements.extend(found);
        }
    }
    score
}

impl Tally {
    fn add(&mut self, other: &Self) {
        for (sum, one) in self.parts().into_iter().zip(other.to_owned().parts()) {
            *sum += *one;
        }
    }

    fn parts(&mut self) -> [&mut usize; 11] {
        [
            &mut self.requests,
            &mut self.agree,
            &mut self.wrong,
            &mut self.cannot_tell,
            &mut self.config_agree,
            &mut self.config_wrong,
            &mut self.config_cannot_tell,
            &mut self.env_wrong,
            &mut self.vhost_wrong,
            &mut self.args_wrong,
            &mut self.message_wrong,
        ]
    }
}

/// A message as a log writes it: control characters and what is not ASCII escaped (`ap_escape_logitem`).
fn as_logged(message: &str) -> String {
    let mut logged = String::new();
    for byte in message.bytes() {
        match byte {
            b'\n' => logged.push_str("\\n"),
            b'\t' => logged.push_str("\\t"),
            b'\\' => logged.push_str("\\\\"),
            0x20..=0x7e => logged.push(char::from(byte)),
            // Writing to memory does not fail.
            _ => drop(write!(logged, "\\x{byte:02x}")),
        }
    }
    logged
}

/// One case at one level.
struct One<'a> {
    case: &'a Case,
    level: Level,
    tally: Tally,
    found: Vec<Disagreement>,
}

impl One<'_> {
    fn compare(&mut self, observed: &Observed, judged: &Judged) {
        self.config(observed, judged);
        for (n, (request, response)) in self.case.requests.iter().zip(&observed.responses).enumerate() {
            self.tally.requests += 1;
            match judged {
                Judged::Answers(answers) => match answers.get(n) {
                    Some(Answers::Outcome(ours)) => self.answer(n, request, response, ours),
                    Some(Answers::CannotTell(why)) => self.cannot_tell(n, request, response, why),
                    None => self.cannot_tell(n, request, response, "no answer was given"),
                },
                Judged::CannotTell(why) => self.cannot_tell(n, request, response, why),
                Judged::Error { .. } | Judged::StartFails(_) => {
                    self.tally.wrong += 1;
                    self.found(Some(n), "outcome", show(request), outcome(response), said(judged));
                }
            }
        }
    }

    fn config(&mut self, observed: &Observed, judged: &Judged) {
        let output = observed.config_output.as_deref().unwrap_or_default();
        let agree = match (observed.config.as_str(), judged) {
            (_, Judged::CannotTell(_)) => {
                self.tally.config_cannot_tell += 1;
                return;
            }
            ("ok", Judged::Answers(_)) | ("start-failed", Judged::StartFails(_) | Judged::Error { .. }) => true,
            ("error", Judged::Error { file, line, message }) => {
                let places = error_places(output);
                let here = |p: &super::ErrorPlace| p.line == *line && p.file == *file;
                let agree = places.first().is_some_and(here)
                    || places.last().is_some_and(here)
                    // Some mistakes are found only at the end, and name no line.
                    || places.is_empty() && *line == 0;
                if agree && !output.contains(message.as_str()) && !output.contains(&as_logged(message)) {
                    self.tally.message_wrong += 1;
                    self.found(None, "message", String::new(), output.to_owned(), message.clone());
                }
                agree
            }
            _ => false,
        };
        if agree {
            self.tally.config_agree += 1;
        } else {
            self.tally.config_wrong += 1;
            let expected = format!("{} {output}", observed.config).trim_end().to_owned();
            self.found(None, "config", String::new(), expected, said(judged));
        }
    }

    fn cannot_tell(&mut self, n: usize, request: &RecordedRequest, response: &Response, why: &str) {
        self.tally.cannot_tell += 1;
        self.found(Some(n), "cannot_tell", show(request), outcome(response), why.to_owned());
    }

    fn answer(&mut self, n: usize, request: &RecordedRequest, response: &Response, ours: &Outcome) {
        let same = response.status == Some(ours.status)
            && same_text(response.location.as_deref(), ours.location.as_deref())
            && self.same_file(request, response.file.as_deref(), ours.file.as_deref());
        if !same {
            self.tally.wrong += 1;
            self.found(Some(n), "outcome", show(request), outcome(response), ours.to_string());
            return;
        }
        self.tally.agree += 1;
        let differs = |(name, value): &(&String, &Option<String>)| ours.env.get(*name).cloned().flatten() != **value;
        if let Some((name, value)) = response.env.iter().find(differs) {
            self.tally.env_wrong += 1;
            let our = ours.env.get(name).cloned().flatten();
            self.found(Some(n), "env", show(request), format!("{name}={value:?}"), format!("{name}={our:?}"));
        }
        if response.vhost != ours.vhost {
            self.tally.vhost_wrong += 1;
            let (theirs, our) = (format!("{:?}", response.vhost), format!("{:?}", ours.vhost));
            self.found(Some(n), "vhost", show(request), theirs, our);
        }
        let query = |args: &Option<String>| args.clone().filter(|a| !a.is_empty());
        if query(&response.args) != query(&ours.args) {
            self.tally.args_wrong += 1;
            let (theirs, our) = (format!("{:?}", response.args), format!("{:?}", ours.args));
            self.found(Some(n), "args", show(request), theirs, our);
        }
    }

    /// Whether it is the file that was recorded. The recorder knew a file by what was sent of it: of a `HEAD` and of an empty
    /// file that is nothing, and of a link what it points to.
    fn same_file(&self, request: &RecordedRequest, theirs: Option<&str>, ours: Option<&str>) -> bool {
        let own = ours.and_then(|path| self.case.files.get(path)).and_then(Option::as_ref);
        let (target, empty) = match own {
            Some(RecordedFile::Detailed { symlink: Some(target), .. }) => (Some(target.as_str()), false),
            Some(RecordedFile::Content(text) | RecordedFile::Detailed { content: Some(text), .. }) => {
                (ours, text.is_empty())
            }
            _ => (ours, false),
        };
        theirs == ours || theirs == target || (theirs.is_none() && (empty || request.method == "HEAD"))
    }

    fn found(&mut self, request: Option<usize>, what: &'static str, target: String, expected: String, ours: String) {
        let (level, id) = (self.level.to_string(), self.case.id.clone());
        self.found.push(Disagreement { level, id, request, what, target, expected, ours });
    }
}

/// Whether it is the same text; the recorder took each byte for one character.
fn same_text(theirs: Option<&str>, ours: Option<&str>) -> bool {
    let bytewise = |text: &str| text.bytes().map(char::from).collect::<String>();
    theirs == ours || theirs.is_some_and(|theirs| ours.is_some_and(|ours| bytewise(ours) == *theirs))
}

fn show(request: &RecordedRequest) -> String {
    format!("{} {} from {}", request.method, request.target, request.client)
}

fn outcome(response: &Response) -> String {
    Outcome {
        status: response.status.unwrap_or_default(),
        location: response.location.clone(),
        file: response.file.clone(),
        ..Outcome::default()
    }
    .to_string()
}

fn said(judged: &Judged) -> String {
    match judged {
        Judged::Error { file, line, message } => format!("error on line {line} of {file}: {message}"),
        Judged::StartFails(why) => format!("does not start: {why}"),
        Judged::Answers(_) => "ok".to_owned(),
        Judged::CannotTell(why) => format!("cannot tell: {why}"),
    }
}

impl fmt::Display for Outcome {
    /// Status, location and file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if let Some(location) = &self.location {
            write!(f, " to {location}")?;
        }
        if let Some(file) = &self.file {
            write!(f, " {file}")?;
        }
        Ok(())
    }
}

impl Score {
    /// As a table of text: levels, themes, then the differences in outcome and configuration.
    pub fn table(&self) -> String {
        let mut text = String::new();
        // Writing to memory does not fail.
        if self.write_table(&mut text).is_err() {
            text.clear();
        }
        text
    }

    fn write_table(&self, text: &mut String) -> fmt::Result {
        writeln!(
            text,
            "{:<12}{:>9}{:>8}{:>7}{:>8}{:>11}{:>10}{:>6}{:>7}{:>6}",
            "", "requests", "agree", "wrong", "cannot", "config ok", "wrong", "env", "vhost", "args"
        )?;
        for (name, t) in self.levels.iter().chain(&self.themes) {
            writeln!(
                text,
                "{name:<12}{:>9}{:>8}{:>7}{:>8}{:>11}{:>10}{:>6}{:>7}{:>6}",
                t.requests,
                t.agree,
                t.wrong,
                t.cannot_tell,
                t.config_agree,
                t.config_wrong,
                t.env_wrong,
                t.vhost_wrong,
                t.args_wrong
            )?;
        }
        for d in self.disagreements.iter().filter(|d| d.what != "message") {
            let number = d.request.map_or_else(String::new, |n| format!(" #{n} {}", d.target));
            writeln!(
                text,
                "{} {}{number}: {}\n    recorded {}\n    ours     {}",
                d.level, d.id, d.what, d.expected, d.ours
            )?;
        }
        Ok(())
    }

    /// As JSON, with `levels`, `themes`, `themes_by_level` and `disagreements`.
    ///
    /// # Errors
    /// None that can happen with these types.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}
