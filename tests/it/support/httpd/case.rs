//! One configuration with requests and what servers answered: the format of the recorded cases (JSON lines).
//!
//! Not here: how answers are obtained ([`super::observe`]) or compared ([`super::compare`]).

use std::{collections::BTreeMap, fs, io, net::IpAddr, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The level of the live server, as in `observed`.
pub const LEVEL: &str = "2.4.71";

/// A configuration, its files, requests, and answers per server level.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// `theme/short-name`.
    pub id: String,
    pub theme: String,
    /// What it shows.
    #[serde(default)]
    pub title: String,
    /// Branches that it is for.
    #[serde(default)]
    pub servers: Vec<String>,
    /// Each character of the configuration, of files and of requests stands for the byte of that number (ISO 8859-1),
    /// rather than for its UTF-8: for bytes that are no UTF-8.
    #[serde(default, skip_serializing_if = "is_false")]
    pub latin1: bool,
    /// The text of `/srv/httpd/conf/httpd.conf`.
    pub config: String,
    /// Absolute path to content; see the README of the fixtures.
    #[serde(default)]
    pub files: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub process_env: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env_watch: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unload: Vec<String>,
    pub requests: Vec<Request>,
    #[serde(default)]
    pub observed: BTreeMap<String, Observation>,
}

/// What is sent, from whom and to where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub client: IpAddr,
    pub method: String,
    pub target: String,
    /// The Host header; none is sent when absent.
    pub host: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_ip: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub tls: bool,
}

/// What one server said to a case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// `ok`, `error` or `start-failed`.
    pub config: String,
    /// Errors and warnings of the configuration test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_output: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub responses: Vec<Response>,
}

/// The answer to one request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub headers: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vhost: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Case {
    /// The bytes that a text of this case stands for.
    pub fn bytes(&self, text: &str) -> Vec<u8> {
        if self.latin1 {
            text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
        } else {
            text.as_bytes().to_vec()
        }
    }
}

/// Cases of a file, in its order.
///
/// # Errors
///
/// The file cannot be read, or a line of it is no case.
pub fn read(path: &Path) -> io::Result<Vec<Case>> {
    let text = fs::read_to_string(path)?;
    text.lines().map(|line| serde_json::from_str(line).map_err(io::Error::other)).collect()
}

/// Writes cases to a file, one a line.
///
/// # Errors
///
/// The file cannot be written.
pub fn write(path: &Path, cases: &[Case]) -> io::Result<()> {
    let mut text = String::new();
    for case in cases {
        text.push_str(&serde_json::to_string(case)?);
        text.push('\n');
    }
    fs::write(path, text)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
