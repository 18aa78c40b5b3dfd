//! The values of `%{NAME}` in expressions.

use std::{borrow::Cow, net::IpAddr};

use bstr::ByteSlice;

use super::{
    eval::{Scene, Stop},
    names::{Time, Variable},
};
use crate::access::{run::Run, unknown::Unknown};

/// `MODULE_MAGIC_NUMBER_MAJOR` of branch 2.4.
const API_VERSION: &str = "20120211";

/// The value; empty when the server has none.
pub(super) fn value<'a>(variable: Variable, scene: &Scene<'a>) -> Result<Cow<'a, [u8]>, Stop> {
    let (run, record) = (scene.run, scene.record);
    let server = &run.policy.server(record.server).core;
    let text = match variable {
        Variable::Header(name) => or_empty(record.headers.get(name.as_bytes())),
        Variable::Method => &record.method,
        Variable::Scheme => chosen(run.request.tls, "https", "http"),
        Variable::Uri => &record.uri,
        Variable::FileName => or_empty(record.filename.as_ref()),
        Variable::RemoteHost => match &record.client_name {
            Some(Some(name)) => name.as_bytes(),
            _ => return Ok(address(record.client)),
        },
        Variable::RemoteIdent => b"",
        Variable::RemoteUser => or_empty(record.user.as_ref()),
        Variable::ServerAdmin => &server.admin,
        Variable::ServerName => return Ok(Cow::Owned(server_name(run, scene))),
        Variable::ServerPort => return Ok(number(run.server_port(record))),
        Variable::Protocol => &record.protocol,
        Variable::PathInfo => &record.path_info,
        Variable::Query => or_empty(record.args.as_ref()),
        Variable::IsSubrequest => chosen(record.is_subrequest(), "true", "false"),
        Variable::DocumentRoot => &server.document_root,
        Variable::AuthType => {
            let authz = record.dir.authz.as_deref();
            return Ok(record
                .user
                .as_ref()
                .and(authz)
                .and_then(|a| a.auth_type())
                .map_or(Cow::Borrowed(b""), Cow::Borrowed));
        }
        Variable::TheRequest => return Ok(Cow::Owned(run.request.line().into())),
        Variable::Handler => or_empty(record.handler.as_ref()),
        Variable::ScriptOwner if record.kind.is_none() => b"",
        Variable::ScriptOwner => return Err(missing("the owner of a file is not known")),
        Variable::DocumentUri => record.env.get(b"DOCUMENT_URI").map_or(record.uri.as_slice(), |v| v.as_bytes()),
        Variable::ContextPrefix => &record.context_prefix,
        Variable::ContextDocumentRoot => {
            record.context_document_root.as_ref().map_or(server.document_root.as_slice(), |r| r.as_slice())
        }
        Variable::Status if record.status == 0 => b"",
        Variable::Status => return Ok(number(record.status)),
        Variable::RemoteAddress => return Ok(address(record.client)),
        Variable::RemotePort => return Ok(number(run.request.client_port)),
        Variable::Https => chosen(run.request.tls, "on", "off"),
        Variable::Ipv6 => chosen(run.request.client.to_canonical().is_ipv6(), "on", "off"),
        Variable::ConnectionAddress => return Ok(address(run.request.client)),
        Variable::Http2 => b"off",
        Variable::Time(part) => return time(part, run),
        Variable::ApiVersion => API_VERSION.as_bytes(),
        Variable::Ssl => {
            without_tls(run)?;
            b""
        }
        Variable::NotModelled(name) => return Err(missing(&format!("%{{{name}}} is not simulated"))),
    };
    Ok(Cow::Borrowed(text))
}

/// What `mod_ssl` knows is only known to be nothing, when there is no TLS.
pub(super) fn without_tls(run: &Run<'_>) -> Result<(), Stop> {
    if run.request.tls { Err(missing("the variables of a TLS connection are not simulated")) } else { Ok(()) }
}

fn missing(reason: &str) -> Stop {
    Stop::Unknown(Unknown::because(reason))
}

fn or_empty<T: AsRef<[u8]> + ?Sized>(value: Option<&T>) -> &[u8] {
    value.map_or(b"", AsRef::as_ref)
}

fn chosen(first: bool, yes: &'static str, no: &'static str) -> &'static [u8] {
    if first { yes.as_bytes() } else { no.as_bytes() }
}

fn number<'a>(value: u16) -> Cow<'a, [u8]> {
    Cow::Owned(value.to_string().into_bytes())
}

/// As the server writes it: an IPv4 client of a dual-stack socket as IPv4.
fn address<'a>(address: IpAddr) -> Cow<'a, [u8]> {
    Cow::Owned(address.to_canonical().to_string().into_bytes())
}

/// An IPv6 address stands in brackets.
fn server_name(run: &Run<'_>, scene: &Scene<'_>) -> Vec<u8> {
    let name = run.server_name(scene.record);
    if name.contains(&b':') && !name.starts_with(b"[") { [b"[", name.as_bytes(), b"]"].concat() } else { name.to_vec() }
}

fn time<'a>(part: Time, run: &Run<'_>) -> Result<Cow<'a, [u8]>, Stop> {
    let now = run.world.now.ok_or_else(|| missing("the time of the request is not given"))?;
    let text = match part {
        Time::Year => format!("{:04}", now.year()),
        Time::Month => format!("{:02}", now.month()),
        Time::Day => format!("{:02}", now.day()),
        Time::Hour => format!("{:02}", now.hour()),
        Time::Minute => format!("{:02}", now.minute()),
        Time::Second => format!("{:02}", now.second()),
        Time::Weekday => now.weekday().to_sunday_zero_offset().to_string(),
        Time::All => now.strftime("%Y%m%d%H%M%S").to_string(),
    };
    Ok(Cow::Owned(text.into_bytes()))
}
