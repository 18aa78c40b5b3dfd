//! A request as it comes over the wire, and what the world around the server is assumed to be.
//!
//! Not here: the request while the server works on it ([`super::record`]).

use std::{
    borrow::Cow,
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use bstr::BString;

use super::files::Files;

/// What a client sends, and from where to where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Source address. An IPv4-mapped IPv6 address is shown by the server as IPv4.
    pub client: IpAddr,
    /// Source port.
    pub client_port: u16,
    /// Destination address.
    pub server: IpAddr,
    /// Destination port.
    pub port: u16,
    /// Whether the connection is TLS.
    pub tls: bool,
    /// The method, as sent.
    pub method: BString,
    /// The target of the request line, as sent: path and query, or an absolute form.
    pub target: BString,
    /// The protocol's version: 0 is one that cannot be read, 9 is HTTP/0.9, 1000 HTTP/1.0, 1001 HTTP/1.1 (as the server counts).
    pub version: u16,
    /// Header lines in order, `Host` and `Cookie` among them; an absent header is not here, an empty one is.
    pub headers: Vec<(BString, BString)>,
}

impl Request {
    /// The protocol as the server shows it, `HTTP/1.1`.
    pub fn protocol(&self) -> Cow<'static, [u8]> {
        match self.version {
            1001 => Cow::Borrowed(b"HTTP/1.1"),
            version => Cow::Owned(format!("HTTP/{}.{}", version / 1000, version % 1000).into_bytes()),
        }
    }

    /// The request line (`%{THE_REQUEST}`).
    pub fn line(&self) -> BString {
        let mut line = self.method.clone();
        line.push(b' ');
        line.extend_from_slice(&self.target);
        if self.version >= 1000 {
            line.push(b' ');
            line.extend_from_slice(&self.protocol());
        }
        line
    }

    /// How long [`Self::line`] is.
    pub fn line_length(&self) -> usize {
        let protocol = if self.version >= 1000 { 1 + self.protocol().len() } else { 0 };
        self.method.len() + 1 + self.target.len() + protocol
    }

    /// A plain `GET` of `target` over HTTP/1.1 with this `Host`, to port 80 of a documentation address.
    pub fn get(client: IpAddr, host: &str, target: &str) -> Self {
        Self {
            client,
            client_port: 40_000,
            server: if client.is_ipv4() {
                IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10))
            } else {
                IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x10))
            },
            port: 80,
            tls: false,
            method: "GET".into(),
            target: target.into(),
            version: 1001,
            headers: vec![("Host".into(), host.into())],
        }
    }
}

/// What the answer depends on beside configuration and request. What is not given and needed makes it "cannot tell".
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The server's file system.
    pub files: Files,
    /// Name look-ups, when they are to be simulated; without, a directive that needs one cannot be told.
    pub names: Option<Names>,
    /// The server process's environment.
    pub process_env: Vec<(BString, BString)>,
    /// Who owns the files, user and group, when all are one account's.
    pub owner: Option<(BString, BString)>,
    /// The server's local time, for `%{TIME_…}`.
    pub now: Option<jiff::civil::DateTime>,
}

/// Names of addresses, both ways.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Address to name. Forward look-ups give the same pairs. Addresses not listed have no name.
    pub of: BTreeMap<IpAddr, String>,
}
