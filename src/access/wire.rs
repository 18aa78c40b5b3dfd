//! From the request line and headers to the first record: what the server refuses before any directive is looked at.
//!
//! Facts: the recorded cases of the themes `flags`, `limits` and `vhost`; RFC 9112. Not here: the phases ([`super::run`]).

use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::{
    config::include::is_clean,
    core::Server,
    escape,
    level::Level,
    policy::Policy,
    record::Record,
    request::Request,
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
    /// Host and port of an absolute form, with the user before them if there is one.
    pub authority: Option<BString>,
    /// The scheme of an absolute form, lower case.
    pub scheme: Option<BString>,
    /// Whether there was a fragment.
    pub fragment: bool,
}

/// Splits a target into path and query (`apr_uri_parse`).
pub fn split_target(target: &[u8]) -> Target {
    // Leading slashes are one, or what follows would look like a host.
    let leading = target.iter().take_while(|b| **b == b'/').count();
    let target = &target[leading.saturating_sub(1)..];
    let mut rest = target;
    let mut authority = None;
    let scheme = target.find(b"://").filter(|at| {
        *at > 0 && target[..*at].iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    });
    if let Some(at) = scheme.filter(|_| !target.starts_with(b"/")) {
        rest = &target[at + 3..];
        let end = rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len());
        let host = &rest[..end];
        authority = Some(BString::from(host));
        rest = &rest[end..];
    }
    let fragment = rest.contains(&b'#');
    let rest = rest.find_byte(b'#').map_or(rest, |at| &rest[..at]);
    let (path, query) = match rest.find_byte(b'?') {
        Some(at) => (&rest[..at], Some(rest[at + 1..].into())),
        None => (rest, None),
    };
    let path: BString = if path.is_empty() { "/".into() } else { path.into() };
    let scheme = scheme.filter(|_| authority.is_some()).map(|at| target[..at].to_ascii_lowercase().into());
    Target { path, query, authority, scheme, fragment }
}

/// The first record, and the server that was chosen, or the status with which the request is refused outright.
pub fn record(policy: &Policy, request: &Request) -> (Record, Result<Choice, u16>) {
    // The limits are those of the server that the address alone chooses.
    let first = vhost::choose(policy, request.server, request.port, None, b"");
    let server = policy.server(first.server);
    let mut record = Record::new(request, Arc::clone(&server.defaults));
    record.server = first.server;
    // A blank ends the target, for those that do not refuse it.
    let blank = request.target.find_byte(b' ');
    let mut target = split_target(&request.target[..blank.unwrap_or(request.target.len())]);
    let connects = request.method == "CONNECT" && !request.target.starts_with(b"/");
    if connects {
        // The target is a host and its port, and the path is the root's.
        target = Target { authority: Some(std::mem::replace(&mut target.path, "/".into())), ..target };
    }
    record.uri.clone_from(&target.path);
    record.args.clone_from(&target.query);
    if let Some(status) = refused(policy.level, &server.core, request, &target) {
        if status == 414 {
            record.args = None;
        }
        return (record, Err(status));
    }
    // An address of another scheme than the connection's names no host.
    let own_scheme: &[u8] = if request.tls { b"https" } else { b"http" };
    let authority =
        target.authority.as_ref().filter(|_| connects || target.scheme.as_deref().is_some_and(|s| s == own_scheme));
    let named = named(&mut record, authority, request.version, policy.level);
    let host = record.hostname.as_ref().map(|h| h.as_bstr());
    let choice = vhost::choose(policy, request.server, request.port, host, &record.uri);
    let unknown_name = host.is_some() && !choice.by_name;
    record.server = choice.server;
    record.dir = Arc::clone(&policy.server(choice.server).defaults);
    if let Err(status) = named {
        return (record, Err(status));
    }
    let expects = record.headers.get(b"Expect").is_some_and(|e| !e.eq_ignore_ascii_case(b"100-continue"));
    if expects && request.version >= 1001 {
        return (record, Err(417));
    }
    if policy.server(choice.server).core.strict_host == Some(true) && unknown_name {
        return (record, Err(400));
    }
    (record, Ok(choice))
}

/// The status with which a request is refused for what it looks like, whoever it is for.
fn refused(level: Level, limits: &Server, request: &Request, target: &Target) -> Option<u16> {
    let strict = matches!(level, Level::V2_2_34 | Level::V2_4_71);
    let line = limits.limit_line.unwrap_or(LINE);
    // 2.4.71 lets one byte more pass.
    if request.line_length() > line + usize::from(level >= Level::V2_4_71) {
        return Some(414);
    }
    if strict && (request.target.contains(&b' ') || request.version == 0 || bad_headers(request))
        || level >= Level::V2_4_71 && bad_target(request, target)
    {
        return Some(400);
    }
    let (field, fields) = (limits.limit_field.unwrap_or(FIELD), limits.limit_fields.unwrap_or(FIELDS));
    let too_long = request.headers.iter().any(|(n, v)| n.len() + v.len() + 2 > field);
    (too_long || fields != 0 && request.headers.len() > fields).then_some(400)
}

/// Finds the host name: an absolute target before the `Host` header.
fn named(record: &mut Record, authority: Option<&BString>, version: u16, level: Level) -> Result<(), u16> {
    let header = record.headers.get(b"Host").map(BString::from);
    let strict = matches!(level, Level::V2_2_34 | Level::V2_4_71);
    if let Some(text) = authority.or(header.as_ref()) {
        let name = vhost::host_name(text, level).map_err(|()| 400_u16)?;
        record.host_port = text
            .rfind_byte(b':')
            .filter(|at| !text[*at..].contains(&b']'))
            .and_then(|at| text[at + 1..].to_str().ok())
            .and_then(|p| p.parse().ok());
        record.hostname = Some(name).filter(|n| !n.is_empty());
    }
    match (authority, &header) {
        (_, None) if version >= 1001 => return Err(400),
        (Some(authority), Some(_)) if strict => record.headers.set(b"Host", &authority.to_ascii_lowercase()),
        (None, Some(header)) if strict && header.is_empty() => return Err(400),
        _ => {}
    }
    Ok(())
}

/// Whether a header's name is no token, or a value has control characters (RFC 9110, section 5).
fn bad_headers(request: &Request) -> bool {
    let token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    request.headers.iter().any(|(name, value)| {
        name.is_empty() || !name.iter().all(token) || value.iter().any(|b| matches!(b, 0..=8 | 10..=31 | 127))
    })
}

/// What 2.4.71 refuses in a target: a fragment, a user, another scheme.
fn bad_target(request: &Request, target: &Target) -> bool {
    target.fragment
        || target.authority.as_ref().is_some_and(|a| a.contains(&b'@'))
        || target.scheme.as_ref().is_some_and(|s| s != "http" && s != "https")
        || request.target == "*" && request.method != "OPTIONS"
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
        let byte = escape::value(&path, at + 1).ok_or(400_u16)?;
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

/// 2.4.71: unreserved escapes decoded, dot segments and repeated slashes removed, before anything else (`ap_normalize_path`).
fn normalized(path: &[u8], merge_slashes: bool) -> Result<BString, Refused> {
    let mut plain = BString::default();
    let mut at = 0;
    while at < path.len() {
        if path[at] == b'%'
            && let Some(byte) = escape::value(path, at + 1)
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

#[cfg(test)]
mod tests;
