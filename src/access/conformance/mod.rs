//! Recorded behaviour of real servers, read and compared with what an engine says.
//!
//! A case is one configuration with requests; `observed` is what servers of each level answered. Here: the cases, the test bed
//! they were recorded on, and the comparison. Not here: the engine that is judged, and the rewriting log ([`trace_log`]).

use std::collections::BTreeMap;

use bstr::{BStr, BString, ByteSlice};
use serde::Deserialize;

use super::{
    files::{Entry, Files},
    level::Level,
    request::{Names, Request, World},
};

pub mod bed;
mod score;
#[cfg(test)]
mod tests;
pub mod trace_log;

pub use score::{Answers, Disagreement, Judged, Outcome, Score, Tally, score};

/// How this engine stands against the recorded answers of real servers; a test holds it to them.
pub const STANDING: Standing = Standing { recorded: 7_594, wrong: 0, untold: 12 };

/// Agreement with recorded answers, as it is told to users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Answers that were recorded, on all levels.
    pub recorded: usize,
    /// Answers that are other than recorded.
    pub wrong: usize,
    /// Answers of which is said that they cannot be told.
    pub untold: usize,
}

/// One configuration, requests to it, and what was recorded.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// `theme/short-name`.
    pub id: String,
    /// Its theme.
    pub theme: String,
    /// What it is about; may be empty.
    #[serde(default)]
    pub title: String,
    /// The branches it was written for, `2.2` and `2.4`.
    #[serde(default)]
    pub servers: Vec<String>,
    /// The text of [`bed::CONFIG`].
    pub config: String,
    /// Whether the configuration was written in Latin-1, not in UTF-8.
    #[serde(default)]
    pub latin1: bool,
    /// Files beside those that are always there; a path that ends in a slash is an empty folder.
    #[serde(default)]
    pub files: BTreeMap<String, Option<RecordedFile>>,
    /// Further arguments of the command line.
    #[serde(default)]
    pub args: Vec<String>,
    /// Environment of the server's process.
    #[serde(default)]
    pub process_env: BTreeMap<String, String>,
    /// Request variables whose last values were recorded.
    #[serde(default)]
    pub env_watch: Vec<String>,
    /// Modules of 2.4 that were left out, without `mod_`.
    #[serde(default)]
    pub unload: Vec<String>,
    /// The requests.
    #[serde(default)]
    pub requests: Vec<RecordedRequest>,
    /// What happened, by level.
    #[serde(default)]
    pub observed: BTreeMap<String, Observed>,
}

/// A file of a case; none stands for the line `FILE <path>`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum RecordedFile {
    /// Its content.
    Content(String),
    /// More about it.
    Detailed {
        /// Its content.
        #[serde(default)]
        content: Option<String>,
        /// Permissions in octal.
        #[serde(default)]
        mode: Option<String>,
        /// Where it points to.
        #[serde(default)]
        symlink: Option<String>,
    },
}

/// A request of a case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RecordedRequest {
    /// Where it came from.
    pub client: std::net::IpAddr,
    /// The method.
    pub method: String,
    /// The target of the request line.
    pub target: String,
    /// The `Host` header; none when there was none.
    pub host: Option<String>,
    /// Further headers.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The port it came to.
    #[serde(default)]
    pub port: Option<u16>,
    /// The address it came to.
    #[serde(default)]
    pub server_ip: Option<std::net::IpAddr>,
    /// `1.1` unless given.
    #[serde(default)]
    pub http: Option<String>,
    /// What was sent after the headers.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether over TLS.
    #[serde(default)]
    pub tls: bool,
}

/// What a level made of a case.
#[derive(Clone, Debug, Deserialize)]
pub struct Observed {
    /// `ok`, `error` or `start-failed`.
    pub config: String,
    /// What the test of the configuration printed.
    #[serde(default)]
    pub config_output: Option<String>,
    /// The answers, one a request; none after an error.
    #[serde(default)]
    pub responses: Vec<Response>,
}

/// A recorded answer.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Response {
    /// The status that was sent.
    #[serde(default)]
    pub status: Option<u16>,
    /// The `Location` header.
    #[serde(default)]
    pub location: Option<String>,
    /// The file whose content was sent.
    #[serde(default)]
    pub file: Option<String>,
    /// Query of the last internal request, with its `?`.
    #[serde(default)]
    pub args: Option<String>,
    /// The virtual host, `NAME:PORT`.
    #[serde(default)]
    pub vhost: Option<String>,
    /// Values of the watched variables.
    #[serde(default)]
    pub env: BTreeMap<String, Option<String>>,
    /// Why there was no answer.
    #[serde(default)]
    pub error: Option<String>,
}

/// Reads cases, one a line.
///
/// # Errors
/// The line that is no case, and why.
pub fn read(text: &str) -> Result<Vec<Case>, String> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(n, line)| serde_json::from_str(line).map_err(|e| format!("line {}: {e}", n + 1)))
        .collect()
}

impl Case {
    /// The bytes of the configuration.
    pub fn text(&self) -> BString {
        if self.latin1 {
            return self.config.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect::<Vec<u8>>().into();
        }
        self.config.as_str().into()
    }

    /// What `level` did, when it was recorded.
    pub fn observed(&self, level: Level) -> Option<&Observed> {
        self.observed.get(&level.to_string())
    }

    /// The files that the server saw.
    pub fn files(&self) -> Files {
        let own = self.files.iter().map(|(path, file)| (BString::from(path.as_str()), entry(path, file.as_ref())));
        let config = (BString::from(bed::CONFIG), Entry { content: self.text(), ..Entry::default() });
        bed::files().into_iter().chain(std::iter::once(config)).chain(own).collect()
    }

    /// The world around the server.
    pub fn world(&self) -> World {
        let process_env = self.process_env.iter().map(|(n, v)| (n.as_str().into(), v.as_str().into())).collect();
        World {
            files: self.files(),
            names: Some(bed::names()),
            process_env,
            now: Some(bed::NOW),
            owner: Some(("root".into(), "root".into())),
        }
    }

    /// The symbols of `-D` on the command line.
    pub fn defines(&self) -> impl Iterator<Item = &str> {
        let mut next = false;
        self.args.iter().filter_map(move |word| match word.strip_prefix("-D") {
            Some("") => {
                next = true;
                None
            }
            Some(name) => Some(name),
            None => std::mem::take(&mut next).then_some(word.as_str()),
        })
    }

    /// The text that was read before [`Case::config`] at `level`.
    pub fn base(&self, level: Level) -> String {
        let listens = |text: &str| text.lines().any(|l| l.trim_start().to_ascii_lowercase().starts_with("listen "));
        let included = self.files.values().flatten().any(|f| matches!(f, RecordedFile::Content(c) if listens(c)));
        bed::base(level, !listens(&self.config) && !included)
    }

    /// The modules that were there at `level`, without `mod_`.
    pub fn modules(&self, level: Level) -> Vec<&'static str> {
        bed::modules(level).filter(|m| !(level.is_24() && self.unload.iter().any(|u| u == m))).collect()
    }
}

fn entry(path: &str, file: Option<&RecordedFile>) -> Entry {
    let line = || BString::from(format!("FILE {path}\n"));
    match file {
        None => Entry { content: line(), ..Entry::default() },
        Some(RecordedFile::Content(content)) => Entry { content: content.as_str().into(), ..Entry::default() },
        Some(RecordedFile::Detailed { content, mode, symlink }) => Entry {
            folder: false,
            content: content.as_ref().map_or_else(line, |c| c.as_str().into()),
            mode: mode.as_ref().and_then(|m| u32::from_str_radix(m, 8).ok()),
            link: symlink.as_ref().map(|l| l.as_str().into()),
        },
    }
}

impl RecordedRequest {
    /// The request as it went over the wire.
    pub fn request(&self) -> Request {
        let mut request = Request::get(self.client, "", &self.target);
        request.headers.clear();
        if let Some(host) = &self.host {
            request.headers.push(("Host".into(), bytes(host)));
        }
        request.headers.extend(self.headers.iter().map(|(n, v)| (bytes(n), bytes(v))));
        if let Some(body) = &self.body {
            request.headers.push(("Content-Length".into(), body.len().to_string().into()));
        }
        request.target = bytes(&self.target);
        request.method = self.method.as_str().into();
        request.tls = self.tls;
        request.port = self.port.unwrap_or(if self.tls { 443 } else { 80 });
        request.server = self.server_ip.unwrap_or(request.server);
        request.version = match self.http.as_deref() {
            None => 1001,
            Some(text) => text
                .split_once('.')
                .and_then(|(major, minor)| Some(major.parse::<u16>().ok()? * 1000 + minor.parse::<u16>().ok()?))
                .unwrap_or(0),
        };
        request
    }
}

fn bytes(text: &str) -> BString {
    text.into()
}

/// A line of a file that an error is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorPlace {
    /// The file's name as printed.
    pub file: BString,
    /// Its line, from 1.
    pub line: u32,
}

/// The places that a failed test of the configuration names: the file that was being read first, then, one for each `Include`
/// that led there, the next; the last is where the error is.
pub fn error_places(output: &str) -> Vec<ErrorPlace> {
    let mut places = Vec::new();
    let mut rest = output.as_bytes().as_bstr();
    while let Some(at) = rest.find("yntax error on line ") {
        rest = BStr::new(rest.get(at + "yntax error on line ".len()..).unwrap_or_default());
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let (number, after) = rest.split_at(digits);
        let Some(name) = after.strip_prefix(b" of ") else { continue };
        let end = name.find(":").unwrap_or(name.len());
        let Some(line) = number.to_str().ok().and_then(|n| n.parse().ok()) else { continue };
        places.push(ErrorPlace { file: name[..end].into(), line });
        rest = BStr::new(&name[end..]);
    }
    places
}

/// The names of addresses on the test bed ([`bed::NAMES`]).
pub fn names() -> Names {
    bed::names()
}
