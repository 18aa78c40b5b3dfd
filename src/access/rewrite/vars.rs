//! `%{NAME}` in rules: which variables each branch has, and what they are worth.
//!
//! Unknown names are empty, as on the server. What was not given and would be needed makes the answer unknown.

use std::{
    io::Write,
    net::{IpAddr, Ipv4Addr},
};

use bstr::{BStr, BString};

use super::template::{PerDir, Scope};
use crate::access::{level::Level, record::Record, run::Run, unknown::Unknown};

/// Look-aheads in look-aheads, nested deeper than this, are given up.
const DEEPEST: usize = 8;

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// Always empty: no such name.
    Empty,
    /// `HTTP:…` and the headers that have names of their own.
    Header(BString),
    /// `ENV:…`.
    Env(BString),
    /// `SSL:…`.
    Ssl(BString),
    /// `LA-U:…`: the variable after a look-ahead by address.
    LookUri(Box<Variable>),
    /// `LA-F:…`: the same by file.
    LookFile(Box<Variable>),
    /// One of the request.
    Named(Name),
    /// Part of the local time.
    Time(Time),
    /// One that cannot be known, and why.
    Unknown(&'static str),
}

/// Variables without an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::enum_variant_names)] // They are the names that the server's manual has.
pub enum Name {
    AuthType,
    ConnRemoteAddr,
    ContextDocumentRoot,
    ContextPrefix,
    DocumentRoot,
    Https,
    Ipv6,
    IsSubreq,
    PathInfo,
    QueryString,
    RemoteAddr,
    RemoteHost,
    RemotePort,
    RemoteUser,
    RequestFilename,
    RequestMethod,
    RequestScheme,
    RequestUri,
    ScriptUser,
    ScriptGroup,
    ServerAddr,
    ServerAdmin,
    ServerName,
    ServerPort,
    ServerProtocol,
    TheRequest,
}

/// Parts of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Time {
    Complete,
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Weekday,
}

impl Variable {
    /// Reads what stands between the braces.
    pub fn parse(text: &[u8], level: Level) -> Self {
        Self::parse_nested(text, level, 0)
    }

    fn parse_nested(text: &[u8], level: Level, depth: usize) -> Self {
        if text.len() < 4 {
            return Self::Empty;
        }
        let upper = text.to_ascii_uppercase();
        if upper.get(3) == Some(&b':') {
            let name = || text.get(4..).unwrap_or_default().into();
            return match &upper[..4] {
                b"ENV:" if text.len() > 4 => Self::Env(name()),
                b"SSL:" if text.len() > 4 => Self::Ssl(name()),
                _ => Self::Empty,
            };
        }
        if upper.get(4) == Some(&b':') {
            let name = text.get(5..).unwrap_or_default();
            let ahead = || {
                if depth >= DEEPEST {
                    return Box::new(Self::Unknown("look-aheads are nested too deeply in this line"));
                }
                Box::new(Self::parse_nested(name, level, depth + 1))
            };
            return match &upper[..5] {
                _ if name.is_empty() => Self::Empty,
                b"HTTP:" => Self::Header(name.into()),
                b"LA-U:" => Self::LookUri(ahead()),
                b"LA-F:" => Self::LookFile(ahead()),
                _ => Self::Empty,
            };
        }
        named(&upper, level)
    }

    fn header(name: &str) -> Self {
        Self::Header(name.into())
    }
}

fn named(upper: &[u8], level: Level) -> Variable {
    use Variable::Named;
    match upper {
        b"AUTH_TYPE" => Named(Name::AuthType),
        b"DOCUMENT_ROOT" => Named(Name::DocumentRoot),
        b"HTTPS" => Named(Name::Https),
        b"IS_SUBREQ" => Named(Name::IsSubreq),
        b"PATH_INFO" => Named(Name::PathInfo),
        b"QUERY_STRING" => Named(Name::QueryString),
        b"REMOTE_ADDR" => Named(Name::RemoteAddr),
        b"REMOTE_HOST" => Named(Name::RemoteHost),
        b"REMOTE_PORT" => Named(Name::RemotePort),
        b"REMOTE_USER" => Named(Name::RemoteUser),
        b"REQUEST_FILENAME" | b"SCRIPT_FILENAME" => Named(Name::RequestFilename),
        b"REQUEST_METHOD" => Named(Name::RequestMethod),
        b"REQUEST_URI" => Named(Name::RequestUri),
        b"SCRIPT_USER" => Named(Name::ScriptUser),
        b"SCRIPT_GROUP" => Named(Name::ScriptGroup),
        b"SERVER_ADDR" => Named(Name::ServerAddr),
        b"SERVER_ADMIN" => Named(Name::ServerAdmin),
        b"SERVER_NAME" => Named(Name::ServerName),
        b"SERVER_PORT" => Named(Name::ServerPort),
        b"SERVER_PROTOCOL" => Named(Name::ServerProtocol),
        b"THE_REQUEST" => Named(Name::TheRequest),
        b"HTTP_ACCEPT" => Variable::header("Accept"),
        b"HTTP_COOKIE" => Variable::header("Cookie"),
        b"HTTP_FORWARDED" => Variable::header("Forwarded"),
        b"HTTP_HOST" => Variable::header("Host"),
        b"HTTP_PROXY_CONNECTION" => Variable::header("Proxy-Connection"),
        b"HTTP_REFERER" => Variable::header("Referer"),
        b"HTTP_USER_AGENT" => Variable::header("User-Agent"),
        b"TIME" => Variable::Time(Time::Complete),
        b"TIME_YEAR" => Variable::Time(Time::Year),
        b"TIME_MON" => Variable::Time(Time::Month),
        b"TIME_DAY" => Variable::Time(Time::Day),
        b"TIME_HOUR" => Variable::Time(Time::Hour),
        b"TIME_MIN" => Variable::Time(Time::Minute),
        b"TIME_SEC" => Variable::Time(Time::Second),
        b"TIME_WDAY" => Variable::Time(Time::Weekday),
        b"API_VERSION" | b"SERVER_SOFTWARE" => Variable::Unknown("the server's build is not given"),
        b"CONN_REMOTE_ADDR" if level.is_24() => Named(Name::ConnRemoteAddr),
        b"CONTEXT_DOCUMENT_ROOT" if level.is_24() => Named(Name::ContextDocumentRoot),
        b"CONTEXT_PREFIX" if level.is_24() => Named(Name::ContextPrefix),
        b"IPV6" if level.is_24() => Named(Name::Ipv6),
        b"REQUEST_SCHEME" if level.is_24() => Named(Name::RequestScheme),
        _ => Variable::Empty,
    }
}

/// Appends the value of `variable` to `out`.
///
/// # Errors
/// When it needs something that is not given.
pub fn append(variable: &Variable, run: &mut Run<'_>, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), Unknown> {
    let record = scope.record;
    match variable {
        Variable::Empty => {}
        Variable::Header(name) => put(out, record.headers.get(name)),
        Variable::Env(name) => match record.env.get(name) {
            Some(value) => out.extend_from_slice(value),
            None => out.extend_from_slice(run.process_env(name).unwrap_or_default()),
        },
        Variable::Ssl(name) => return ssl(name, run, scope),
        Variable::LookUri(inner) | Variable::LookFile(inner) => {
            let by_file = matches!(variable, Variable::LookFile(_));
            return ahead(inner, by_file, run, scope, out);
        }
        Variable::Named(name) => return append_named(*name, run, scope, out),
        Variable::Time(time) => return append_time(*time, run, scope, out),
        Variable::Unknown(why) => return Err(Unknown::at(scope.place, *why)),
    }
    Ok(())
}

fn put(out: &mut Vec<u8>, value: Option<&BStr>) {
    if let Some(value) = value {
        out.extend_from_slice(value);
    }
}

fn append_named(name: Name, run: &Run<'_>, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), Unknown> {
    let record = scope.record;
    let core = &run.policy.server(record.server).core;
    match name {
        Name::AuthType => put(out, record.user.as_ref().map(|_| BStr::new("Basic"))),
        Name::ConnRemoteAddr => address(run.request.client, out),
        Name::ContextDocumentRoot => {
            out.extend_from_slice(record.context_document_root.as_ref().unwrap_or(&core.document_root));
        }
        Name::ContextPrefix => out.extend_from_slice(&record.context_prefix),
        Name::DocumentRoot => out.extend_from_slice(&core.document_root),
        Name::Https => out.extend_from_slice(if run.request.tls { b"on" } else { b"off" }),
        Name::Ipv6 => out.extend_from_slice(if record.client.to_canonical().is_ipv6() { b"on" } else { b"off" }),
        Name::IsSubreq => out.extend_from_slice(if record.is_subrequest() { b"true" } else { b"false" }),
        Name::PathInfo => out.extend_from_slice(&record.path_info),
        Name::QueryString => out.extend_from_slice(super::bytes(record.args.as_ref())),
        Name::RemoteAddr => address(record.client, out),
        // The pipeline looks the name up where HostnameLookups says so; else it is the address.
        Name::RemoteHost => match &record.client_name {
            Some(Some(name)) => out.extend_from_slice(name.as_bytes()),
            _ => address(record.client, out),
        },
        Name::RemotePort => decimal(run.request.client_port, out),
        Name::RemoteUser => out.extend_from_slice(super::bytes(record.user.as_ref())),
        Name::RequestFilename => out.extend_from_slice(super::bytes(record.filename.as_ref())),
        Name::RequestMethod => out.extend_from_slice(&record.method),
        Name::RequestScheme => out.extend_from_slice(if run.request.tls { b"https" } else { b"http" }),
        Name::RequestUri => out.extend_from_slice(&record.uri),
        // Known once the server has looked at the file, or at the folder where it is missing.
        Name::ScriptUser | Name::ScriptGroup if record.kind.is_none() && scope.per_dir.is_none() => {
            out.extend_from_slice(b"<unknown>");
        }
        Name::ScriptUser | Name::ScriptGroup => {
            let unknown = || Unknown::at(scope.place, "owners of files are not given");
            let (user, group) = run.world.owner.as_ref().ok_or_else(unknown)?;
            out.extend_from_slice(if name == Name::ScriptUser { user } else { group });
        }
        Name::ServerAddr => address(run.request.server, out),
        Name::ServerAdmin => out.extend_from_slice(&core.admin),
        Name::ServerName => out.extend_from_slice(run.server_name(record)),
        Name::ServerPort => decimal(run.server_port(record), out),
        Name::ServerProtocol => out.extend_from_slice(&record.protocol),
        Name::TheRequest => out.extend_from_slice(&run.request.line()),
    }
    Ok(())
}

/// An address as the server shows it; written by hand because conditions on it are the most frequent of all.
fn address(address: IpAddr, out: &mut Vec<u8>) {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4_address(v4, out),
        IpAddr::V6(v6) => shown(format_args!("{v6}"), out),
    }
}

fn v4_address(address: Ipv4Addr, out: &mut Vec<u8>) {
    let (mut text, mut length) = ([0; 15], 0);
    let mut put = |byte: u8| {
        if let Some(place) = text.get_mut(length) {
            *place = byte;
            length += 1;
        }
    };
    for (n, octet) in address.octets().into_iter().enumerate() {
        if n > 0 {
            put(b'.');
        }
        if octet >= 100 {
            put(b'0' + octet / 100);
        }
        if octet >= 10 {
            put(b'0' + octet / 10 % 10);
        }
        put(b'0' + octet % 10);
    }
    out.extend_from_slice(text.get(..length).unwrap_or_default());
}

fn decimal(value: u16, out: &mut Vec<u8>) {
    shown(format_args!("{value}"), out);
}

fn shown(what: std::fmt::Arguments<'_>, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    out.write_fmt(what).unwrap_or_default();
}

fn ssl(name: &[u8], run: &Run<'_>, scope: &Scope<'_>) -> Result<(), Unknown> {
    let of_connection = name.starts_with(b"SSL_") && !name.starts_with(b"SSL_VERSION");
    if of_connection && !run.request.tls {
        return Ok(());
    }
    Err(Unknown::at(scope.place, format!("%{{SSL:{}}} is not given", BStr::new(name))))
}

fn append_time(time: Time, run: &Run<'_>, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), Unknown> {
    let now = run.world.now.ok_or_else(|| Unknown::at(scope.place, "the server's time is not given"))?;
    match time {
        Time::Complete => shown(format_args!("{}", now.strftime("%Y%m%d%H%M%S")), out),
        Time::Year => shown(format_args!("{:04}", now.year()), out),
        Time::Month => shown(format_args!("{:02}", now.month()), out),
        Time::Day => shown(format_args!("{:02}", now.day()), out),
        Time::Hour => shown(format_args!("{:02}", now.hour()), out),
        Time::Minute => shown(format_args!("{:02}", now.minute()), out),
        Time::Second => shown(format_args!("{:02}", now.second()), out),
        Time::Weekday => shown(format_args!("{}", now.weekday().to_sunday_zero_offset()), out),
    }
    Ok(())
}

/// The value of `inner` as a later phase would see it, by way of a subrequest.
fn ahead(
    inner: &Variable,
    by_file: bool,
    run: &mut Run<'_>,
    scope: &Scope<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Unknown> {
    if !scope.record.rewrite.may_look_ahead(scope.record) {
        return Ok(());
    }
    let found = match scope.per_dir {
        Some(dir) if !scope.subject.starts_with(b"/") => {
            let file = [dir.directory, scope.subject].concat();
            if by_file {
                run.look_up_file(scope.record, &file)?
            } else {
                run.look_up_uri(scope.record, &[base(dir), scope.subject].concat())?
            }
        }
        None if by_file => run.look_up_file(scope.record, scope.subject)?,
        // A path that is absolute: there is no file to ask for, so it is asked by address in either case.
        _ => run.look_up_uri(scope.record, scope.subject)?,
    };
    append(inner, run, &Scope { record: &found, ..*scope }, out)
}

fn base(dir: PerDir<'_>) -> &[u8] {
    dir.base.unwrap_or(dir.directory)
}

/// Whether a subrequest from `record` could call itself for ever, given the path of the request that `record` is part of.
pub fn may_look_ahead(main_uri: Option<&[u8]>, record: &Record) -> bool {
    main_uri.is_none_or(|main| main != record.uri.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_without_regard_to_case_and_by_branch() {
        let header = |name: &str| Variable::Header(name.into());
        let rows = [
            ("REMOTE_ADDR", Variable::Named(Name::RemoteAddr), Variable::Named(Name::RemoteAddr)),
            ("remote_addr", Variable::Named(Name::RemoteAddr), Variable::Named(Name::RemoteAddr)),
            ("REQUEST_SCHEME", Variable::Empty, Variable::Named(Name::RequestScheme)),
            ("IPV6", Variable::Empty, Variable::Named(Name::Ipv6)),
            ("HTTP_COOKIE", header("Cookie"), header("Cookie")),
            ("HTTP:X-Test", header("X-Test"), header("X-Test")),
            ("http:X", header("X"), header("X")),
            ("HTTP:", Variable::Empty, Variable::Empty),
            ("ENV:a", Variable::Env("a".into()), Variable::Env("a".into())),
            ("XYZ:a", Variable::Empty, Variable::Empty),
            ("NO_SUCH", Variable::Empty, Variable::Empty),
            ("abc", Variable::Empty, Variable::Empty),
            (
                "LA-U:REMOTE_USER",
                Variable::LookUri(Box::new(Variable::Named(Name::RemoteUser))),
                Variable::LookUri(Box::new(Variable::Named(Name::RemoteUser))),
            ),
        ];
        for (text, in_22, in_24) in rows {
            assert_eq!(Variable::parse(text.as_bytes(), Level::V2_2_34), in_22, "{text}");
            assert_eq!(Variable::parse(text.as_bytes(), Level::V2_4_12), in_24, "{text}");
        }
    }

    #[test]
    fn addresses_are_written_as_the_server_shows_them() {
        for text in ["0.0.0.0", "10.1.2.3", "203.0.113.255", "2001:db8::1", "::1"] {
            let mut out = Vec::new();
            address(text.parse().unwrap(), &mut out);
            assert_eq!(out, text.as_bytes());
        }
        let mut out = Vec::new();
        address("::ffff:10.0.0.1".parse().unwrap(), &mut out);
        assert_eq!(out, b"10.0.0.1");
    }
}
