//! `mod_remoteip`: front proxies that are believed when they say who the client is.
//!
//! Not here: the PROXY protocol, which is spoken before a request; where it is on, nothing can be told.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bstr::{BStr, BString, ByteSlice};

use super::{
    address::{Network, NotANetwork},
    alias::url,
    config::{
        Spot,
        words::{self, Args},
    },
    files::Files,
    level::Level,
    record::Record,
    request::Names,
    run::Run,
    source::Place,
    trace::Event,
    unknown::Unknown,
};

/// A list of proxies may be this large, in bytes.
const LIST: u64 = 4 << 20;

/// What a server was told.
#[derive(Clone, Debug, Default)]
pub struct RemoteIp {
    header: Option<(Place, BString)>,
    proxies_header: Option<BString>,
    proxies: Option<Vec<Proxy>>,
    /// `RemoteIPProxyProtocol On`.
    protocol: Option<Place>,
}

#[derive(Clone, Copy, Debug)]
struct Proxy {
    place: Place,
    /// None when it is a name and names are not known.
    network: Option<Network>,
    internal: bool,
}

/// What reading a directive needs beside it.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// For the lists.
    pub files: &'a Files,
    /// For proxies that are named.
    pub names: Option<&'a Names>,
    /// `ServerRoot`.
    pub root: &'a [u8],
}

impl RemoteIp {
    /// Takes in a directive of a server; `name` is lower case. Those for proxies may come with one word (`ITERATE`) or all.
    ///
    /// # Errors
    /// In the server's words.
    pub fn directive(
        &mut self,
        spot: &Spot<'_>,
        name: &str,
        args: Args<'_>,
        around: &Around<'_>,
    ) -> Result<(), String> {
        match name {
            "remoteipheader" => self.header = Some((spot.place, args.word(0).into())),
            "remoteipproxiesheader" => self.proxies_header = Some(args.word(0).into()),
            "remoteipproxyprotocol" => {
                self.protocol = args.flag("RemoteIPProxyProtocol")?.then_some(spot.place);
            }
            "remoteipproxyprotocolexceptions" => exceptions(args)?,
            "remoteipinternalproxylist" | "remoteiptrustedproxylist" => self.list(spot, name, args.word(0), around)?,
            _ => {
                for word in args.words {
                    self.proxy(spot, name, word.as_bstr(), around.names)?;
                }
            }
        }
        Ok(())
    }

    fn list(&mut self, spot: &Spot<'_>, name: &str, file: &BStr, around: &Around<'_>) -> Result<(), String> {
        let file = url::absolute(Some(around.root), file).unwrap_or_else(|| file.to_owned());
        let missing = || format!("{}: Could not open file {file}: No such file or directory", canonical(name));
        let text = around.files.read(&file, LIST).ok_or_else(missing)?;
        for (number, line) in text.lines().enumerate() {
            for word in words::all(line) {
                if word.starts_with(b"#") {
                    break;
                }
                self.proxy(spot, name, word.as_bstr(), around.names)
                    .map_err(|e| format!("{e} at line {} of {file}", number + 1))?;
            }
        }
        Ok(())
    }

    fn proxy(&mut self, spot: &Spot<'_>, name: &str, word: &BStr, names: Option<&Names>) -> Result<(), String> {
        let internal = name.starts_with("remoteipinternal");
        let proxies = self.proxies.get_or_insert_default();
        let mut add = |network| proxies.push(Proxy { place: spot.place, network, internal });
        let text = word.to_str_lossy();
        let (address, mask) = text.split_once('/').map_or((text.as_ref(), None), |(a, m)| (a, Some(m)));
        let wrong = |why: &str| format!("RemoteIP: Error parsing IP {word} ({why} error) for {}", canonical(name));
        match Network::parse(address, mask) {
            Ok(network) => add(Some(network)),
            Err(NotANetwork::Name) => {
                if let Some(mask) = mask {
                    return Err(format!(
                        "RemoteIP: Error parsing IP {word} the subnet /{mask} is invalid for {}",
                        canonical(name)
                    ));
                }
                let Some(names) = names else {
                    add(None);
                    return Ok(());
                };
                let mut found = names.of.iter().filter(|(_, n)| n.eq_ignore_ascii_case(address)).peekable();
                if found.peek().is_none() {
                    return Err(wrong("Name or service not known"));
                }
                for (ip, _) in found {
                    add(Network::parse(&ip.to_string(), None).ok());
                }
            }
            Err(why) => return Err(wrong(&why.to_string())),
        }
        Ok(())
    }

    /// What a virtual host inherits from the main server; its own lists and names replace those.
    pub fn merge(base: &Self, host: &Self) -> Self {
        Self {
            header: host.header.clone().or_else(|| base.header.clone()),
            proxies_header: host.proxies_header.clone().or_else(|| base.proxies_header.clone()),
            proxies: host.proxies.clone().or_else(|| base.proxies.clone()),
            protocol: host.protocol.or(base.protocol),
        }
    }
}

/// Whether `address` is a proxy that is believed, and an internal one; none when it is not.
fn trusts(proxies: &[Proxy], address: IpAddr) -> Result<Option<bool>, Unknown> {
    for proxy in proxies {
        match proxy.network {
            Some(network) if network.contains(address) => return Ok(Some(proxy.internal)),
            Some(_) => {}
            None => return Err(Unknown::at(proxy.place, "the proxy's name is not looked up here")),
        }
    }
    Ok(None)
}

/// Sets the client of a request, and of each internal redirect of it, to what trusted proxies say: when the headers are there,
/// after [`super::headers::early`] and before `mod_setenvif`. Not for subrequests.
///
/// # Errors
/// When the PROXY protocol or a name that is not known decides.
pub fn post_read(run: &mut Run<'_>, record: &mut Record) -> Result<(), Unknown> {
    let policy = run.policy;
    let config = &policy.server(record.server).remote_ip;
    // It is the connection's, wherever it is said.
    if let Some(place) = policy.servers.iter().find_map(|s| s.remote_ip.protocol) {
        return Err(Unknown::at(place, "the client is told by the PROXY protocol"));
    }
    let Some((place, header)) = &config.header else { return Ok(()) };
    let Some(list) = record.headers.get(header).map(ToOwned::to_owned) else { return Ok(()) };
    let Some(found) = config.walk(*place, &list, run, record)? else { return Ok(()) };
    run.trace.note(*place, || Event::Header {
        name: header.clone(),
        before: Some(list.clone()),
        after: found.left.clone(),
    });
    run.trace.note(*place, || Event::Decided(format!("the client is {}", found.client)));
    match &found.left {
        Some(left) => record.headers.set(header, left),
        None => record.headers.unset(header),
    }
    if let (Some(proxies), Some(name)) = (&found.proxies, &config.proxies_header) {
        record.headers.set(name, proxies);
    }
    record.client = found.client;
    record.client_name = None;
    Ok(())
}

struct Found {
    client: IpAddr,
    /// What of the header's list was not used.
    left: Option<BString>,
    /// The external proxies on the way.
    proxies: Option<BString>,
}

impl RemoteIp {
    /// Goes through the list from its end, as far as proxies are believed; none when the client stays who it was.
    fn walk(&self, place: Place, list: &BString, run: &Run<'_>, record: &Record) -> Result<Option<Found>, Unknown> {
        let new = run.policy.level >= Level::V2_4_71;
        // With an internal redirect 2.4.12 starts again at the connection.
        let mut at = if new { record.client } else { run.request.client.to_canonical() };
        let mut shown = record.client;
        // 2.4.71 does not let an external proxy present an internal one.
        let mut internal = new && self.proxies.is_some();
        let mut rest = Some(list.as_bstr());
        let mut found: Option<Found> = None;
        while let Some(todo) = rest {
            if let Some(proxies) = &self.proxies {
                match trusts(proxies, at)? {
                    None => break,
                    Some(said) if internal || !new => internal = said,
                    Some(_) => {}
                }
            }
            let (before, item) = match todo.rfind_byte(b',') {
                Some(comma) => (todo.get(..comma).map(BStr::new), todo.get(comma + 1..).unwrap_or_default()),
                None => (None, todo.as_bytes()),
            };
            let item = item.trim_with(|c| c == ' ');
            let next = if item.is_empty() { None } else { address(item, run.world.names.as_ref(), place)? };
            let Some(next) = next.filter(|next| internal || is_public(*next)) else {
                // What is not understood stays, without the blanks around it.
                let kept = match before {
                    Some(_) if item.is_empty() => todo,
                    Some(_) => BStr::new(todo.trim_end_with(|c| c == ' ')),
                    None => BStr::new(item),
                };
                rest = Some(kept);
                break;
            };
            let mut proxies = found.take().and_then(|f| f.proxies);
            if !internal {
                match &mut proxies {
                    Some(list) => list.extend_from_slice(format!(", {shown}").as_bytes()),
                    None => proxies = Some(shown.to_string().into()),
                }
            }
            (at, shown, rest) = (next, next, before);
            found = Some(Found { client: next, left: None, proxies });
        }
        Ok(found.map(|found| Found { left: rest.map(ToOwned::to_owned), ..found }))
    }
}

/// Whether an external proxy may present it as a client.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !(v4.is_private() || v4.is_loopback() || v4.is_link_local()),
        IpAddr::V6(v6) => v6.octets()[0] & 0xe0 == 0x20,
    }
}

/// The address that a text stands for, by look-up when it is a name; none when there is none.
fn address(text: &[u8], names: Option<&Names>, place: Place) -> Result<Option<IpAddr>, Unknown> {
    if text.contains(&b':') {
        let v6 = text.to_str().ok().and_then(|t| t.parse::<Ipv6Addr>().ok());
        return Ok(v6.map(|v6| IpAddr::V6(v6).to_canonical()));
    }
    if let Some(v4) = old_address(text) {
        return Ok(Some(IpAddr::V4(v4)));
    }
    // No name ends in a number.
    if !text.iter().any(u8::is_ascii_alphabetic) || !text.iter().all(u8::is_ascii_graphic) {
        return Ok(None);
    }
    let Some(names) = names else {
        return Err(Unknown::at(place, "the header has a name, and names are not looked up here"));
    };
    let found = names.of.iter().find(|(_, name)| name.as_bytes().eq_ignore_ascii_case(text));
    Ok(found.map(|(address, _)| *address))
}

/// One to four numbers, decimal, octal with a leading `0` or hexadecimal with `0x`; the last fills what is left (`inet_aton`).
fn old_address(text: &[u8]) -> Option<Ipv4Addr> {
    let mut numbers = Vec::with_capacity(4);
    for part in text.split(|b| *b == b'.') {
        let part = part.to_str().ok()?.to_ascii_lowercase();
        let number = match (part.strip_prefix("0x"), part.strip_prefix('0')) {
            (Some(hex), _) => u32::from_str_radix(hex, 16),
            (_, Some(octal)) if !octal.is_empty() => u32::from_str_radix(octal, 8),
            _ => part.parse(),
        };
        if part.contains('+') || numbers.len() == 4 {
            return None;
        }
        numbers.push(number.ok()?);
    }
    let last = numbers.pop()?;
    let mut address = 0_u32;
    for (number, shift) in numbers.iter().zip([24, 16, 8]) {
        address |= u32::from(u8::try_from(*number).ok()?) << shift;
    }
    let room = 32 - 8 * u32::try_from(numbers.len()).ok()?;
    (room == 32 || last < 1 << room).then(|| Ipv4Addr::from(address | last))
}

fn exceptions(args: Args<'_>) -> Result<(), String> {
    for word in args.words {
        let text = word.to_str_lossy();
        let (address, mask) = text.split_once('/').map_or((text.as_ref(), None), |(a, m)| (a, Some(m)));
        match Network::parse(address, mask) {
            Ok(_) => {}
            Err(NotANetwork::Name) => return Err(format!("ip address '{address}' appears to be invalid")),
            Err(why) => return Err(format!("ip address '{address}' appears to be invalid: {why}")),
        }
    }
    Ok(())
}

/// The name as the server spells it.
fn canonical(name: &str) -> &'static str {
    match name {
        "remoteipinternalproxy" => "RemoteIPInternalProxy",
        "remoteipinternalproxylist" => "RemoteIPInternalProxyList",
        "remoteiptrustedproxylist" => "RemoteIPTrustedProxyList",
        _ => "RemoteIPTrustedProxy",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::access::{
        files::Entry,
        policy::{DirConfig, Server},
        request::World,
        trial,
    };

    fn read(level: Level, lines: &[&str], names: Option<&Names>) -> Result<RemoteIp, String> {
        let content = "10.1.0.0/16 # the office\n# all\n192.0.2.1\n".into();
        let list = ("/srv/httpd/list".into(), Entry { content, ..Entry::default() });
        let files: Files = [list].into_iter().collect();
        let around = Around { files: &files, names, root: b"/srv/httpd" };
        let mut config = RemoteIp::default();
        for line in lines {
            let (name, raw) = line.split_once(' ').unwrap();
            let words = words::all(raw.as_bytes());
            let spot = trial::spot(level, None);
            config.directive(
                &spot,
                &name.to_ascii_lowercase(),
                Args { raw: raw.as_bytes(), words: &words },
                &around,
            )?;
        }
        Ok(config)
    }

    /// Client, what is left of the header, and the proxies on the way, for a connection from 127.0.0.1.
    fn client(level: Level, lines: &[&str], header: &str, before: Option<&str>) -> String {
        let lines = [&["RemoteIPHeader X-Fwd", "RemoteIPProxiesHeader X-Via"], lines].concat();
        let remote_ip = read(level, &lines, None).unwrap();
        let policy = trial::policy(level, Server { remote_ip, ..Server::default() });
        let (world, request) = (World::default(), trial::request("127.0.0.1", "/"));
        let mut run = trial::run(&policy, &world, &request);
        let mut record = trial::record(&request, Arc::new(DirConfig::default()));
        record.headers.set(b"X-Fwd", header.as_bytes());
        if let Some(before) = before {
            record.client = before.parse().unwrap();
        }
        match post_read(&mut run, &mut record) {
            Ok(()) => {
                let get = |name: &[u8]| record.headers.get(name).map_or("-".to_owned(), ToString::to_string);
                format!("{} | {} | {}", record.client, get(b"X-Fwd"), get(b"X-Via"))
            }
            Err(unknown) => unknown.reason,
        }
    }

    #[test]
    fn without_a_list_every_proxy_is_external() {
        for (header, expected) in [
            ("198.51.100.1", "198.51.100.1 | - | 127.0.0.1"),
            ("10.1.1.1", "127.0.0.1 | 10.1.1.1 | -"),
            ("198.51.100.1, 203.0.113.7", "198.51.100.1 | - | 127.0.0.1, 203.0.113.7"),
            ("10.1.1.1, 203.0.113.7", "203.0.113.7 | 10.1.1.1 | 127.0.0.1"),
            ("203.0.113.7,", "127.0.0.1 | 203.0.113.7, | -"),
            ("2001:db8::5", "2001:db8::5 | - | 127.0.0.1"),
            ("fe80::1", "127.0.0.1 | fe80::1 | -"),
            ("::ffff:1.2.3.4", "1.2.3.4 | - | 127.0.0.1"),
            ("203.0.113.7:99", "127.0.0.1 | 203.0.113.7:99 | -"),
            ("1.2.3", "1.2.0.3 | - | 127.0.0.1"),
            ("010.1.1.1", "8.1.1.1 | - | 127.0.0.1"),
            ("0x1.2.3.4", "1.2.3.4 | - | 127.0.0.1"),
            ("16909060", "1.2.3.4 | - | 127.0.0.1"),
            ("1.2.3.256", "127.0.0.1 | 1.2.3.256 | -"),
            ("1.2.3.4.", "127.0.0.1 | 1.2.3.4. | -"),
            ("198.51.100.1,,203.0.113.8", "203.0.113.8 | 198.51.100.1, | 127.0.0.1"),
            ("", "127.0.0.1 |  | -"),
            ("foo", "the header has a name, and names are not looked up here"),
        ] {
            for level in [Level::V2_4_12, Level::V2_4_71] {
                assert_eq!(client(level, &[], header, None), expected, "{header} at {level}");
            }
        }
    }

    #[test]
    fn only_listed_proxies_are_believed() {
        let [old, new] = [Level::V2_4_12, Level::V2_4_71];
        let internal: &[&str] = &["RemoteIPInternalProxy 127.0.0.0/8"];
        let mixed: &[&str] = &["RemoteIPInternalProxy 127.0.0.1 203.0.113.8", "RemoteIPTrustedProxy 127.0.0.2"];
        let outside: &[&str] = &["RemoteIPTrustedProxy 127.0.0.1", "RemoteIPInternalProxy 203.0.113.8"];
        for (levels, lines, header, expected) in [
            (vec![old, new], internal, "10.1.1.1", "10.1.1.1 | - | -"),
            (vec![old, new], internal, "198.51.100.1, 203.0.113.7", "203.0.113.7 | 198.51.100.1 | -"),
            (vec![old, new], internal, "203.0.113.9, 203.0.113.8, 127.0.0.2", "203.0.113.8 | 203.0.113.9 | -"),
            (vec![old, new], &["RemoteIPInternalProxy 10.0.0.0/8"], "1.2.3.4", "127.0.0.1 | 1.2.3.4 | -"),
            (vec![new], mixed, "203.0.113.9, 203.0.113.8, 127.0.0.2", "203.0.113.9 | - | 127.0.0.2, 203.0.113.8"),
            (vec![new], mixed, "192.168.1.1, 203.0.113.8, 127.0.0.2", "203.0.113.8 | 192.168.1.1 | 127.0.0.2"),
            (vec![old], mixed, "192.168.1.1, 203.0.113.8, 127.0.0.2", "192.168.1.1 | - | 127.0.0.2"),
            (vec![new], outside, "10.1.1.1, 203.0.113.8", "203.0.113.8 | 10.1.1.1 | 127.0.0.1"),
            (vec![old], outside, "10.1.1.1, 203.0.113.8", "10.1.1.1 | - | 127.0.0.1"),
            (vec![new], &["RemoteIPProxyProtocol On"], "1.2.3.4", "the client is told by the PROXY protocol"),
            (vec![new], &["RemoteIPTrustedProxy proxy.example"], "1.2.3.4", "the proxy's name is not looked up here"),
        ] {
            for level in levels {
                assert_eq!(client(level, lines, header, None), expected, "{lines:?} {header} at {level}");
            }
        }
    }

    #[test]
    fn with_an_internal_redirect_2_4_12_starts_again_at_the_connection() {
        let lines = &["RemoteIPInternalProxy 127.0.0.1"];
        assert_eq!(client(Level::V2_4_12, lines, "1.1.1.1", Some("203.0.113.7")), "1.1.1.1 | - | -");
        assert_eq!(client(Level::V2_4_71, lines, "1.1.1.1", Some("203.0.113.7")), "203.0.113.7 | 1.1.1.1 | -");
    }

    #[test]
    fn what_is_wrong_is_said_in_the_servers_words() {
        let names = Names { of: [("192.0.2.7".parse().unwrap(), "proxy.example".to_owned())].into() };
        for (line, expected) in [
            (
                "RemoteIPInternalProxy 10.0.0.0/33",
                "RemoteIP: Error parsing IP 10.0.0.0/33 (The specified network mask is invalid. error) for RemoteIPInternalProxy",
            ),
            (
                "RemoteIPInternalProxy 10.300.0.1",
                "RemoteIP: Error parsing IP 10.300.0.1 (The specified IP address is invalid. error) for RemoteIPInternalProxy",
            ),
            (
                "RemoteIPTrustedProxy host/8",
                "RemoteIP: Error parsing IP host/8 the subnet /8 is invalid for RemoteIPTrustedProxy",
            ),
            (
                "RemoteIPInternalProxy nope.invalid",
                "RemoteIP: Error parsing IP nope.invalid (Name or service not known error) for RemoteIPInternalProxy",
            ),
            (
                "RemoteIPInternalProxyList /nope",
                "RemoteIPInternalProxyList: Could not open file /nope: No such file or directory",
            ),
            ("RemoteIPProxyProtocol x", "RemoteIPProxyProtocol must be On or Off"),
            ("RemoteIPProxyProtocolExceptions 10.0.0.0/8 x", "ip address 'x' appears to be invalid"),
        ] {
            assert_eq!(read(Level::V2_4_71, &[line], Some(&names)).map(|_| ()), Err(expected.to_owned()), "{line}");
        }
        let listed = read(
            Level::V2_4_71,
            &["RemoteIPInternalProxyList list", "RemoteIPTrustedProxy proxy.example"],
            Some(&names),
        );
        assert_eq!(listed.unwrap().proxies.map(|p| p.len()), Some(3));
    }
}
