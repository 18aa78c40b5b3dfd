//! From the request line and headers to the first record: what the server refuses before any directive is looked at.
//!
//! Facts: the recorded cases of the themes `flags`, `limits` and `vhost`; RFC 9112. Not here: the phases ([`super::run`]).

use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::{
    config::{include::is_clean, lines::trim},
    level::Level,
    policy::Policy,
    record::Record,
    request::Request,
    rewrite,
    table::Table,
    vhost::{self, Choice},
};

/// The request line's limit when nothing was said, in bytes.
const LINE: usize = 8190;
/// A header's.
const FIELD: usize = 8190;
/// How many headers.
const FIELDS: usize = 100;

/// A path and its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The path, not decoded.
    pub path: BString,
    /// The query.
    pub query: Option<BString>,
    /// Host and port of an absolute form.
    pub authority: Option<BString>,
}

/// Splits a target into path and query (`apr_uri_parse`).
pub fn split_target(target: &[u8]) -> Target {
    // Leading slashes are one, or what follows would look like a host.
    let leading = target.iter().take_while(|b| **b == b'/').count();
    let target = &target[leading.saturating_sub(1)..];
    let mut rest = target;
    let mut authority = None;
    let scheme = if target.starts_with(b"/") { None } else { target.find(b"://") };
    let scheme = scheme.filter(|at| {
        *at > 0 && target[..*at].iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    });
    if let Some(at) = scheme {
        rest = &target[at + 3..];
        let end = rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len());
        let host = &rest[..end];
        let host = host.rfind_byte(b'@').map_or(host, |at| &host[at + 1..]);
        authority = Some(BString::from(host));
        rest = &rest[end..];
    }
    let rest = rest.find_byte(b'#').map_or(rest, |at| &rest[..at]);
    let (path, query) = match rest.find_byte(b'?') {
        Some(at) => (&rest[..at], Some(rest[at + 1..].into())),
        None => (rest, None),
    };
    let path: BString = if path.is_empty() && authority.is_some() { "/".into() } else { path.into() };
    Target { path, query, authority }
}

/// The first record, or the status with which the server refuses the request outright.
pub fn record(policy: &Policy, request: &Request) -> (Record, Result<Choice, u16>) {
    let level = policy.level;
    let strict = matches!(level, Level::V2_2_34 | Level::V2_4_71);
    // A blank ends the target, for those that do not refuse it.
    let blank = request.target.find_byte(b' ');
    let target = split_target(&request.target[..blank.unwrap_or(request.target.len())]);
    // Two bytes a header more, for those that are joined.
    let bytes = request.headers.iter().map(|(n, v)| n.len() + v.len() + 2).sum();
    let mut headers = Table::with_capacity(request.headers.len(), bytes);
    for (name, value) in &request.headers {
        headers.merge(name, trim(value));
    }
    // The limits are those of the server that the address alone chooses.
    let first = vhost::choose(policy, request.server, request.port, None);
    let limits = &policy.server(first.server).core;
    let mut record = Record {
        server: first.server,
        method: request.method.clone(),
        protocol: request.protocol(),
        asterisk: request.target == "*",
        uri: target.path,
        args: target.query,
        hostname: None,
        host_port: None,
        filename: None,
        path_info: BString::default(),
        kind: None,
        handler: None,
        script_aliased: false,
        env: Table::default(),
        headers,
        location: None,
        client: request.client.to_canonical(),
        client_name: None,
        user: None,
        context_prefix: BString::default(),
        context_document_root: None,
        redirects: 0,
        sub: 0,
        status: 200,
        sections: Vec::new(),
        passed: None,
        authorized: false,
        first_error: None,
        dir: Arc::clone(&policy.server(first.server).defaults),
        rewrite: rewrite::State::default(),
    };
    let line = limits.limit_line.unwrap_or(LINE);
    // 2.4.71 lets one byte more pass.
    if request.line_length() > line + usize::from(level >= Level::V2_4_71) {
        record.args = None;
        return (record, Err(414));
    }
    if strict && blank.is_some() {
        return (record, Err(400));
    }
    let field = limits.limit_field.unwrap_or(FIELD);
    if request.headers.iter().any(|(n, v)| n.len() + v.len() + 2 > field)
        || limits.limit_fields.unwrap_or(FIELDS) != 0 && request.headers.len() > limits.limit_fields.unwrap_or(FIELDS)
    {
        return (record, Err(400));
    }
    let named = named(&mut record, target.authority.as_ref(), request.version, level);
    if let Err(status) = named {
        return (record, Err(status));
    }
    let choice = vhost::choose(policy, request.server, request.port, record.hostname.as_ref().map(|h| h.as_bstr()));
    record.server = choice.server;
    record.dir = Arc::clone(&policy.server(choice.server).defaults);
    (record, Ok(choice))
}

/// Finds the host name: an absolute target before the `Host` header.
fn named(record: &mut Record, authority: Option<&BString>, version: u16, level: Level) -> Result<(), u16> {
    let header = record.headers.get(b"Host");
    if header.is_none() && version >= 1001 {
        return Err(400);
    }
    let strict = matches!(level, Level::V2_2_34 | Level::V2_4_71);
    if authority.is_none() && strict && header.is_some_and(|h| h.is_empty()) {
        return Err(400);
    }
    let Some(text) = authority.map(|a| a.as_bstr()).or(header) else { return Ok(()) };
    let name = vhost::host_name(text, level).map_err(|()| 400_u16);
    record.host_port = text
        .rfind_byte(b':')
        .filter(|at| !text[*at..].contains(&b']'))
        .and_then(|at| text[at + 1..].to_str().ok())
        .and_then(|p| p.parse().ok());
    if let Some(authority) = authority.filter(|_| strict) {
        record.headers.set(b"Host", authority);
    }
    record.hostname = Some(name?).filter(|n| !n.is_empty());
    Ok(())
}

/// Whether there is nothing in a path that [`decode`] would change or refuse, at any level.
pub fn is_plain(path: &[u8]) -> bool {
    is_clean(path) && !path.contains(&b'%')
}

/// Why a path cannot be decoded, as a status.
pub type Refused = u16;

/// Decodes a path once and removes its dot segments, as the level does.
///
/// # Errors
/// 400 for a malformed escape or a path above the root, 404 for an encoded slash or zero byte.
pub fn decode(path: &[u8], level: Level, slashes: (bool, bool), merge_slashes: bool) -> Result<BString, Refused> {
    let mut path = BString::from(path);
    if level >= Level::V2_4_71 && path.starts_with(b"/") {
        path = normalized(&path, merge_slashes)?;
    }
    let (allowed, decoded) = slashes;
    let mut plain = BString::from(Vec::with_capacity(path.len()));
    let mut at = 0;
    let mut not_found = false;
    while at < path.len() {
        if path[at] != b'%' {
            plain.push(path[at]);
            at += 1;
            continue;
        }
        let byte = path.get(at + 1..at + 3).and_then(hex).ok_or(400_u16)?;
        if byte == b'/' && !(allowed && decoded) {
            if allowed {
                plain.extend_from_slice(&path[at..at + 3]);
                at += 3;
                continue;
            }
            not_found = true;
        }
        not_found |= byte == 0;
        plain.push(byte);
        at += 3;
    }
    if not_found {
        return Err(404);
    }
    parents(&plain)
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    u8::try_from(digit(*digits.first()?)? * 16 + digit(*digits.get(1)?)?).ok()
}

/// 2.4.71: unreserved escapes decoded, dot segments and repeated slashes removed, before anything else (`ap_normalize_path`).
fn normalized(path: &[u8], merge_slashes: bool) -> Result<BString, Refused> {
    let mut plain = BString::default();
    let mut at = 0;
    while at < path.len() {
        if path[at] == b'%'
            && let Some(byte) = path.get(at + 1..at + 3).and_then(hex)
            && (byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
        {
            plain.push(byte);
            at += 3;
        } else {
            plain.push(path[at]);
            at += 1;
        }
    }
    if merge_slashes {
        plain = super::walk::no_double_slash(&plain);
    }
    parents(&plain)
}

/// Without `.` and `..` segments; above the root is refused (`ap_getparents`, whose result then has no leading slash).
fn parents(path: &[u8]) -> Result<BString, Refused> {
    if !path.contains(&b'.') {
        return Ok(path.into());
    }
    let mut kept: Vec<&[u8]> = Vec::new();
    let absolute = path.starts_with(b"/");
    let mut segments = path.split(|b| *b == b'/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            b"." if last => kept.push(b""),
            b"." => {}
            b".." => {
                if kept.len() <= usize::from(absolute) {
                    return Err(400);
                }
                kept.pop();
                if last {
                    kept.push(b"");
                }
            }
            other => kept.push(other),
        }
    }
    Ok(kept.join(&b"/"[..]).into())
}
