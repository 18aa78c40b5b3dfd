//! Which server answers: by address and port first, by name second.
//!
//! Facts: the recorded cases of the theme `vhost`; the algorithm of `server/vhost.c`. Not here: reading `VirtualHost`.

use std::net::{IpAddr, Ipv4Addr};

use bstr::{BStr, BString, ByteSlice};

use super::{
    config::read::Problem,
    glob::{self, Rules},
    level::Level,
    policy::{Policy, Server},
    source::{Place, Sources},
};

/// An address of a `VirtualHost` or `NameVirtualHost`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostAddress {
    /// The address; none for `*` and `_default_`.
    pub address: Option<IpAddr>,
    /// The port; none for every port.
    pub port: Option<u16>,
    /// As written, without port: a request for this name falls back to it.
    pub written: BString,
    /// Whether it is a name that would have to be looked up.
    pub name: bool,
    /// `_default_`, which 2.2 tells apart from `*`.
    pub default: bool,
}

impl HostAddress {
    /// Reads `*:80`, `_default_:443`, `192.0.2.1`, `[2001:db8::1]:80`, `www.example.com:*`.
    ///
    /// # Errors
    /// In the server's words.
    pub fn parse(word: &[u8], default_port: Option<u16>) -> Result<Self, String> {
        let (any_port, word) = match word.strip_suffix(b":*") {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let (host, port) = split_port(word).ok_or("The address or port is invalid")?;
        if host.is_empty() {
            return Err("Missing address for VirtualHost".to_owned());
        }
        let port = if any_port { None } else { port.or(default_port) };
        let text = host.to_str_lossy();
        let default = text.eq_ignore_ascii_case("_default_") || text == "255.255.255.255";
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(&text);
        let address = if default || text == "*" { None } else { bare.parse::<IpAddr>().ok() };
        let any = address.is_some_and(|a| a.is_unspecified());
        Ok(Self {
            address: address.filter(|_| !any).map(|a| a.to_canonical()),
            port,
            written: host.into(),
            name: address.is_none() && !default && text != "*",
            default,
        })
    }
}

/// `host:port`; none when the port is no number between 1 and 65535.
fn split_port(word: &[u8]) -> Option<(&[u8], Option<u16>)> {
    let colon = match word.rfind_byte(b':') {
        Some(at) if !word.starts_with(b"[") || word[..at].ends_with(b"]") => at,
        _ => {
            let all_digits = !word.is_empty() && word.iter().all(u8::is_ascii_digit);
            return Some(if all_digits { (b"", word.to_str().ok()?.parse().ok()) } else { (word, None) });
        }
    };
    // An IPv6 address without brackets.
    if word[..colon].contains(&b':') && !word.starts_with(b"[") {
        return Some((word, None));
    }
    let port: u16 = word[colon + 1..].to_str().ok()?.parse().ok()?;
    (port > 0).then_some((&word[..colon], Some(port)))
}

/// The server's table of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// For named addresses, in the order in which they are looked through.
    specific: Vec<Chain>,
    /// For `*` and `_default_`.
    any: Vec<Chain>,
    /// `VirtualHost` lines with names that would have to be looked up.
    names: Vec<(Place, BString)>,
}

/// Hosts that share an address and port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Chain {
    address: HostAddress,
    /// The server that answers when no name fits.
    server: usize,
    /// Servers by name, in order, each with the address it was listed under.
    names: Vec<(usize, HostAddress)>,
}

impl Hosts {
    /// From the servers' addresses. 2.2 needs a `NameVirtualHost` for names to count.
    pub fn new(
        level: Level,
        servers: &[Server],
        named: &[(Place, HostAddress)],
        warnings: &mut Vec<Problem>,
        sources: &Sources,
    ) -> Self {
        let mut hosts = Self::default();
        if level.is_24() {
            for (place, _) in named {
                let place_shown = sources.show(*place);
                let text =
                    format!("NameVirtualHost has no effect and will be removed in the next release {place_shown}");
                warnings.push(Problem { place: None, ..Problem::at(*place, text) });
            }
        } else {
            // In the order of the file, the last one found first.
            for (_, address) in named {
                let chain = Chain { address: address.clone(), server: 0, names: Vec::new() };
                let list = if address.address.is_none() { &mut hosts.any } else { &mut hosts.specific };
                list.insert(0, chain);
            }
        }
        // The server keeps its hosts in reverse order, and puts each at the front: so the first comes first.
        for (index, server) in servers.iter().enumerate().skip(1).rev() {
            for address in &server.core.addresses {
                if address.name {
                    if let Some(place) = server.core.place {
                        hosts.names.push((place, address.written.clone()));
                    }
                    continue;
                }
                if level.is_24() { hosts.add(index, address) } else { hosts.add_22(index, address, warnings) }
            }
        }
        // A NameVirtualHost that no host uses is none.
        hosts.any.retain(|c| !is_named(c) || !c.names.is_empty());
        hosts.specific.retain(|c| !is_named(c) || !c.names.is_empty());
        hosts
    }

    fn add(&mut self, server: usize, address: &HostAddress) {
        let list = if address.address.is_none() { &mut self.any } else { &mut self.specific };
        let found = list.iter().position(|c| {
            c.address.address == address.address && (c.address.port.is_none() || c.address.port == address.port)
        });
        let at = match found {
            Some(at) if list[at].address.port == address.port => at,
            _ => {
                list.insert(0, Chain { address: address.clone(), server, names: Vec::new() });
                0
            }
        };
        list[at].names.insert(0, (server, address.clone()));
        list[at].server = server;
    }

    /// 2.2: only an address that a `NameVirtualHost` names has names; else the first host takes all.
    fn add_22(&mut self, server: usize, address: &HostAddress, warnings: &mut Vec<Problem>) {
        let is_any = address.address.is_none();
        let list = if is_any { &mut self.any } else { &mut self.specific };
        let found = list.iter().position(|c| {
            c.address.address == address.address && (c.address.port.is_none() || c.address.port == address.port)
        });
        if let Some(at) = found
            && is_named(&list[at])
        {
            list[at].names.insert(0, (server, address.clone()));
            return;
        }
        if let Some(at) = found
            && is_any
            && let Some(port) = list[at].address.port
        {
            let message = format!("_default_ VirtualHost overlap on port {port}, the first has precedence");
            warnings.push(Problem { place: None, through: Vec::new(), message, structural: false });
        }
        list.insert(0, Chain { address: address.clone(), server, names: Vec::new() });
    }

    /// The chain for a connection to `address` and `port`.
    fn chain(&self, address: IpAddr, port: u16) -> Option<&Chain> {
        let address = address.to_canonical();
        let fits = |c: &&Chain| c.address.port.is_none_or(|p| p == port);
        let specific = self.specific.iter().filter(|c| c.address.address == Some(address)).find(fits);
        specific.or_else(|| self.any.iter().find(fits))
    }
}

/// A chain that was made by `NameVirtualHost` has no server of its own.
fn is_named(chain: &Chain) -> bool {
    chain.server == 0
}

/// Why a server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its index; 0 is the main server.
    pub server: usize,
    /// A sentence without full stop.
    pub why: &'static str,
}

/// The server for a request to `address`:`port` with this host name (lower case, no port); for no name, the first of the address.
pub fn choose(policy: &Policy, address: IpAddr, port: u16, host: Option<&BStr>) -> Choice {
    let Some(chain) = policy.hosts.chain(address, port) else {
        return Choice { server: 0, why: "no virtual host has this address and port, so the main server answers" };
    };
    // An address that NameVirtualHost names but no host uses is no virtual host.
    let first = chain.names.first().map_or(chain.server, |(server, _)| *server);
    let Some(host) = host.filter(|_| !chain.names.is_empty()) else {
        return Choice { server: first, why: "it is the first virtual host of this address and port" };
    };
    let mut last = None;
    let mut by_address = None;
    for (index, address) in &chain.names {
        if address.port.is_some_and(|p| p != port) {
            continue;
        }
        if last != Some(*index) && has_name(policy.server(*index), host) {
            return Choice { server: *index, why: "its ServerName or an alias is the request's host name" };
        }
        last = Some(*index);
        if by_address.is_none() && address.written.eq_ignore_ascii_case(host) {
            by_address = Some(*index);
        }
    }
    match by_address {
        Some(server) => Choice { server, why: "its address is the request's host name" },
        None => {
            Choice { server: first, why: "no name fits, and it is the first virtual host of this address and port" }
        }
    }
}

/// Whether `host` is the server's name or one of its aliases.
fn has_name(server: &Server, host: &BStr) -> bool {
    let core = &server.core;
    core.name.as_ref().is_some_and(|n| n.eq_ignore_ascii_case(host))
        || core.aliases.iter().any(|alias| {
            alias.eq_ignore_ascii_case(host)
                || glob::is_pattern(alias) && glob::matches(alias, host, Rules { no_case: true, ..Rules::default() })
        })
}

/// The host name of a `Host` header or an absolute target: lower case, without port, without a dot at its end.
///
/// # Errors
/// The server answers 400.
#[expect(clippy::result_unit_err, reason = "there is one status, and nothing to add to it")]
pub fn host_name(header: &[u8], level: Level) -> Result<BString, ()> {
    let strict = matches!(level, Level::V2_2_34 | Level::V2_4_71);
    if header.is_empty() {
        return Ok(BString::default());
    }
    let (host, port) = if header.starts_with(b"[") {
        let end = header.find_byte(b']').ok_or(())?;
        let port = match header.get(end + 1) {
            None => None,
            Some(b':') => Some(&header[end + 2..]),
            Some(_) => return Err(()),
        };
        let inside = header[1..end].to_str().map_err(|_e| ())?;
        inside.parse::<std::net::Ipv6Addr>().map_err(|_e| ())?;
        (if level == Level::V2_2_8 { &header[1..end] } else { &header[..=end] }, port)
    } else {
        match header.rfind_byte(b':') {
            Some(at) => (&header[..at], Some(&header[at + 1..])),
            None => (header, None),
        }
    };
    if let Some(port) = port {
        let digits = port.iter().all(u8::is_ascii_digit);
        if !digits || port.is_empty() && strict {
            return Err(());
        }
        let number: Option<u32> = port.to_str().ok().and_then(|p| p.parse().ok());
        if strict && number.is_none_or(|n| n == 0 || n > 65535) {
            return Err(());
        }
    }
    let mut host: BString = host.to_ascii_lowercase().into();
    if !header.starts_with(b"[") {
        let bad = if strict { bad_strict(&host, level) } else { bad_loose(&host) };
        if bad {
            return Err(());
        }
        if host.ends_with(b".") {
            host.pop();
        }
    }
    Ok(host)
}

fn bad_strict(host: &[u8], level: Level) -> bool {
    let underscore = level >= Level::V2_4_12;
    host.starts_with(b".")
        || host.windows(2).any(|pair| pair == b"..")
        || host.iter().any(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.') || underscore && *b == b'_'))
        || host.iter().all(|b| b.is_ascii_digit() || *b == b'.') && bad_address(host)
}

/// All digits and dots: it must be an address.
fn bad_address(host: &[u8]) -> bool {
    host.contains(&b'.') && host.to_str().ok().and_then(|h| h.parse::<Ipv4Addr>().ok()).is_none()
}

fn bad_loose(host: &[u8]) -> bool {
    host.windows(2).any(|pair| pair == b"..")
        || host.starts_with(b".")
        || host.iter().any(|b| matches!(b, b'/' | b'\\'))
}
