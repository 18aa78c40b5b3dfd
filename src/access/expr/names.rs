//! The variables, functions and operators that expressions may name, and since when.
//!
//! Not here: what they stand for ([`super::eval`], [`super::variable`]).

use crate::access::{glob::Rules, level::Level};

/// `%{NAME}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    /// `HTTP_COOKIE` and the like: this request header.
    Header(&'static str),
    Method,
    Scheme,
    Uri,
    FileName,
    RemoteHost,
    RemoteIdent,
    RemoteUser,
    ServerAdmin,
    ServerName,
    ServerPort,
    Protocol,
    PathInfo,
    Query,
    IsSubrequest,
    DocumentRoot,
    AuthType,
    TheRequest,
    Handler,
    ScriptOwner,
    DocumentUri,
    ContextPrefix,
    ContextDocumentRoot,
    Status,
    RemoteAddress,
    RemotePort,
    Https,
    Ipv6,
    ConnectionAddress,
    Http2,
    Time(Time),
    ApiVersion,
    /// A variable of `mod_ssl`.
    Ssl,
    /// One that the simulation has no value for.
    NotModelled(&'static str),
}

/// `%{TIME…}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Weekday,
    All,
}

const VARIABLES: &[(&str, Variable)] = &[
    ("TIME_YEAR", Variable::Time(Time::Year)),
    ("TIME_MON", Variable::Time(Time::Month)),
    ("TIME_DAY", Variable::Time(Time::Day)),
    ("TIME_HOUR", Variable::Time(Time::Hour)),
    ("TIME_MIN", Variable::Time(Time::Minute)),
    ("TIME_SEC", Variable::Time(Time::Second)),
    ("TIME_WDAY", Variable::Time(Time::Weekday)),
    ("TIME", Variable::Time(Time::All)),
    ("SERVER_SOFTWARE", Variable::NotModelled("SERVER_SOFTWARE")),
    ("API_VERSION", Variable::ApiVersion),
    ("HTTP_USER_AGENT", Variable::Header("User-Agent")),
    ("HTTP_PROXY_CONNECTION", Variable::Header("Proxy-Connection")),
    ("HTTP_REFERER", Variable::Header("Referer")),
    ("HTTP_COOKIE", Variable::Header("Cookie")),
    ("HTTP_FORWARDED", Variable::Header("Forwarded")),
    ("HTTP_HOST", Variable::Header("Host")),
    ("HTTP_ACCEPT", Variable::Header("Accept")),
    ("REQUEST_METHOD", Variable::Method),
    ("REQUEST_SCHEME", Variable::Scheme),
    ("REQUEST_URI", Variable::Uri),
    ("REQUEST_FILENAME", Variable::FileName),
    ("REMOTE_HOST", Variable::RemoteHost),
    ("REMOTE_IDENT", Variable::RemoteIdent),
    ("REMOTE_USER", Variable::RemoteUser),
    ("SERVER_ADMIN", Variable::ServerAdmin),
    ("SERVER_NAME", Variable::ServerName),
    ("SERVER_PORT", Variable::ServerPort),
    ("SERVER_PROTOCOL", Variable::Protocol),
    ("SCRIPT_FILENAME", Variable::FileName),
    ("PATH_INFO", Variable::PathInfo),
    ("QUERY_STRING", Variable::Query),
    ("IS_SUBREQ", Variable::IsSubrequest),
    ("DOCUMENT_ROOT", Variable::DocumentRoot),
    ("AUTH_TYPE", Variable::AuthType),
    ("THE_REQUEST", Variable::TheRequest),
    ("CONTENT_TYPE", Variable::NotModelled("CONTENT_TYPE")),
    ("HANDLER", Variable::Handler),
    ("REQUEST_LOG_ID", Variable::NotModelled("REQUEST_LOG_ID")),
    ("SCRIPT_USER", Variable::ScriptOwner),
    ("SCRIPT_GROUP", Variable::ScriptOwner),
    ("DOCUMENT_URI", Variable::DocumentUri),
    ("LAST_MODIFIED", Variable::NotModelled("LAST_MODIFIED")),
    ("CONTEXT_PREFIX", Variable::ContextPrefix),
    ("CONTEXT_DOCUMENT_ROOT", Variable::ContextDocumentRoot),
    ("REQUEST_STATUS", Variable::Status),
    ("REMOTE_ADDR", Variable::RemoteAddress),
    ("REMOTE_PORT", Variable::RemotePort),
    ("HTTPS", Variable::Https),
    ("IPV6", Variable::Ipv6),
    ("CONN_LOG_ID", Variable::NotModelled("CONN_LOG_ID")),
    ("CONN_REMOTE_ADDR", Variable::ConnectionAddress),
    ("HTTP2", Variable::Http2),
];

/// The variable of that name, if the level has it; case does not matter.
pub(super) fn variable(name: &[u8], level: Level) -> Option<Variable> {
    let newer = level >= Level::V2_4_71;
    if newer && name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"SSL_")) {
        return Some(Variable::Ssl);
    }
    let (_, variable) = VARIABLES.iter().find(|(n, _)| n.as_bytes().eq_ignore_ascii_case(name))?;
    (newer || !matches!(variable, Variable::RemotePort | Variable::Http2)).then_some(*variable)
}

/// `name(argument)` or `%{name:argument}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    OsEnv,
    Env,
    Response,
    /// `req`, `http`, `req_novary`.
    Request,
    Note,
    RequestEnv,
    Lower,
    Upper,
    Escape,
    Unescape,
    File,
    FileSize,
    Base64,
    Unbase64,
    Sha1,
    Md5,
    Ldap,
    Ssl,
}

const FUNCTIONS: &[(&str, Function)] = &[
    ("osenv", Function::OsEnv),
    ("env", Function::Env),
    ("resp", Function::Response),
    ("req", Function::Request),
    ("http", Function::Request),
    ("note", Function::Note),
    ("reqenv", Function::RequestEnv),
    ("req_novary", Function::Request),
    ("tolower", Function::Lower),
    ("toupper", Function::Upper),
    ("escape", Function::Escape),
    ("unescape", Function::Unescape),
    ("file", Function::File),
    ("filesize", Function::FileSize),
    ("base64", Function::Base64),
    ("unbase64", Function::Unbase64),
    ("sha1", Function::Sha1),
    ("md5", Function::Md5),
    ("ldap", Function::Ldap),
    ("SSL", Function::Ssl),
];

/// The function of that name, if the level has it; case does not matter.
pub(super) fn function(name: &[u8], level: Level) -> Option<Function> {
    let (_, function) = FUNCTIONS.iter().find(|(n, _)| n.as_bytes().eq_ignore_ascii_case(name))?;
    (level >= Level::V2_4_71 || !matches!(function, Function::Ldap | Function::Ssl)).then_some(*function)
}

impl Function {
    pub(super) fn reads_files(self) -> bool {
        matches!(self, Self::File | Self::FileSize)
    }

    pub(super) fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|(_, f)| *f == self).map_or("", |(name, _)| name)
    }
}

/// Functions that give a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListFunction {
    /// `PeerExtList` of `mod_ssl`.
    PeerExtensions,
}

impl ListFunction {
    pub(super) fn named(name: &[u8], level: Level) -> Option<Self> {
        let found = level >= Level::V2_4_71 && name.eq_ignore_ascii_case(b"PeerExtList");
        found.then_some(Self::PeerExtensions)
    }
}

/// Operators with one operand, but for `-R`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    NotEmpty,
    Empty,
    True,
    Folder,
    Exists,
    File,
    FileWithContent,
    Link,
    Executable,
    /// `-F`: a subrequest for the file succeeds.
    FileAllowed,
    /// `-U`, `-A`: a subrequest for the address succeeds.
    UriAllowed,
}

impl Test {
    pub(super) fn looks_at_files(self) -> bool {
        matches!(self, Self::Folder | Self::Exists | Self::File | Self::FileWithContent | Self::Link | Self::Executable)
    }
}

/// The operator `-x`; here case matters.
pub(super) fn test(name: &[u8]) -> Option<Test> {
    Some(match name {
        b"n" => Test::NotEmpty,
        b"z" => Test::Empty,
        b"T" => Test::True,
        b"d" => Test::Folder,
        b"e" => Test::Exists,
        b"f" => Test::File,
        b"s" => Test::FileWithContent,
        b"L" | b"h" => Test::Link,
        b"x" => Test::Executable,
        b"F" => Test::FileAllowed,
        b"U" | b"A" => Test::UriAllowed,
        _ => return None,
    })
}

/// Operators that compare with a shell pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wildcard {
    /// `-strmatch`: `*` is anything.
    Any,
    /// `-strcmatch`: the same without regard to case.
    AnyNoCase,
    /// `-fnmatch`: no wildcard is a slash.
    Path,
}

impl Wildcard {
    /// How it reads its pattern.
    pub(super) fn rules(self) -> Rules {
        Rules { pathname: self == Self::Path, no_case: self == Self::AnyNoCase, period: false }
    }
}

/// The operator of that name; case does not matter.
pub(super) fn wildcard(name: &[u8]) -> Option<Wildcard> {
    let named = |n: &str| name.eq_ignore_ascii_case(n.as_bytes());
    if named("strmatch") {
        Some(Wildcard::Any)
    } else if named("strcmatch") {
        Some(Wildcard::AnyNoCase)
    } else {
        named("fnmatch").then_some(Wildcard::Path)
    }
}
