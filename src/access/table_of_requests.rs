//! Many requests from a table: CSV with a head line, or JSON lines.
//!
//! Columns or keys: `from` and `url`, and any of `method`, `host`, `cookie`, `to`, and `header` (`Name: value`; in JSON a list too).
//! Not here: judging them ([`super::respond`]).

use std::net::IpAddr;

use bstr::BString;
use serde::Deserialize;

use super::request::Request;

/// One request with the URL it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The request.
    pub request: Request,
    /// As it was given.
    pub url: String,
}

impl Row {
    /// A `GET` of `url`: `http://host[:port]/path`, `https://…`, or only a path (for the host `localhost`).
    ///
    /// The path is sent as it stands, so that odd ones can be tried.
    ///
    /// # Errors
    /// A sentence without full stop.
    pub fn new(from: IpAddr, url: &str) -> Result<Self, String> {
        let (tls, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) if url.starts_with('/') || url == "*" => {
                let mut request = Request::get(from, "localhost", url);
                request.headers[0].1 = "localhost".into();
                return Ok(Self { request, url: url.to_owned() });
            }
            (None, None) => return Err(format!("{url} is no address of a web server")),
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        if authority.is_empty() {
            return Err(format!("{url} names no host"));
        }
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        let port = authority.rsplit_once(':').filter(|(_, p)| !p.contains(']')).map(|(_, port)| port);
        let port = match port {
            Some(port) => port.parse().map_err(|_e| format!("{port} in {url} is no port"))?,
            None if tls => 443,
            None => 80,
        };
        let mut request = Request::get(from, authority, &target);
        request.tls = tls;
        request.port = port;
        Ok(Self { request, url: url.to_owned() })
    }
}

/// As it stands in a file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    from: String,
    url: String,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    host: Option<String>,
    #[serde(default)]
    cookie: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    header: Headers,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Headers {
    One(String),
    Many(Vec<String>),
}

impl Default for Headers {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

/// Reads a table: JSON lines when the first character is a brace, else CSV.
///
/// # Errors
/// The line, and what is wrong with it.
pub fn read(text: &[u8]) -> Result<Vec<Row>, String> {
    let text = std::str::from_utf8(text).map_err(|e| format!("it is not UTF-8: {e}"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('{') {
        return text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(n, line)| {
                let written = serde_json::from_str(line).map_err(|e| format!("line {}: {e}", n + 1))?;
                row(written).map_err(|e| format!("line {}: {e}", n + 1))
            })
            .collect();
    }
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.deserialize() {
        let number = rows.len() + 2;
        let written: Written = record.map_err(|e| format!("line {number}: {e}"))?;
        rows.push(row(written).map_err(|e| format!("line {number}: {e}"))?);
    }
    Ok(rows)
}

fn row(written: Written) -> Result<Row, String> {
    let address = |text: &str| text.trim().parse::<IpAddr>().map_err(|_e| format!("{text} is no address"));
    let mut row = Row::new(address(&written.from)?, &written.url)?;
    let request = &mut row.request;
    // An empty cell of a table is no header; an empty cookie can be written in JSON.
    if let Some(method) = written.method.filter(|m| !m.is_empty()) {
        request.method = method.into();
    }
    if let Some(to) = written.to.filter(|t| !t.is_empty()) {
        request.server = address(&to)?;
    }
    if let Some(host) = written.host.filter(|h| !h.is_empty()) {
        request.headers[0].1 = host.into();
    }
    if let Some(cookie) = written.cookie.filter(|c| !c.is_empty()) {
        request.headers.push(("Cookie".into(), cookie.into()));
    }
    let headers = match written.header {
        Headers::One(header) => vec![header],
        Headers::Many(headers) => headers,
    };
    for header in headers.iter().filter(|h| !h.is_empty()) {
        let (name, value) = header.split_once(':').ok_or_else(|| format!("{header} is no header"))?;
        request.headers.push((BString::from(name.trim()), BString::from(value.trim())));
    }
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::{Row, read};

    #[test]
    fn a_table_and_json_lines_say_the_same() {
        let table = "from,url,cookie,header\n10.1.2.3,https://photos.example.com:8443/a%20b.jpg?x=1,LtpaToken=x,\n";
        let lines =
            r#"{"from": "10.1.2.3", "url": "https://photos.example.com:8443/a%20b.jpg?x=1", "cookie": "LtpaToken=x"}"#;
        let rows = read(table.as_bytes()).unwrap();
        assert_eq!(rows, read(lines.as_bytes()).unwrap());
        let request = &rows[0].request;
        assert!(request.tls);
        assert_eq!((request.port, request.target.to_string().as_str()), (8443, "/a%20b.jpg?x=1"));
        assert_eq!(request.headers[0].1, "photos.example.com:8443");
        assert_eq!(request.headers[1].1, "LtpaToken=x");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, expected) in [
            ("from,url\nhere,/a\n", "line 2: here is no address"),
            ("from,url\n10.0.0.1,ftp://x/\n", "line 2: ftp://x/ is no address of a web server"),
            ("{\"from\": \"::1\", \"url\": \"http:///x\"}", "line 1: http:///x names no host"),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap_err(), expected);
        }
        assert!(Row::new("::1".parse().unwrap(), "/only/a/path").is_ok());
    }
}
