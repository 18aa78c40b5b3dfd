//! Where a fetch may go: schemes, hosts that were allowed, and addresses that nobody can allow. No sockets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, ParseError, Url};

use super::{Fence, HttpError};

/// Longer addresses are not taken: what web servers take at most by default (Apache's `LimitRequestLine` is 8190).
const LONGEST_URL: usize = 8190;

/// Ports that web servers commonly listen on: their own, the usual second ones, and those of WebSphere.
const USUAL_PORTS: [u16; 6] = [80, 443, 8080, 8443, 9080, 9443];

/// Where clouds and platforms serve credentials to their machines, outside the link-local range: Amazon over IPv6,
/// Alibaba, Azure's wire server, Oracle.
const METADATA: [IpAddr; 4] = [
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
];

/// Reads an absolute http or https address; whatever comes out has a host and no user name.
pub(super) fn parse(text: &str) -> Result<Url, HttpError> {
    let malformed = |why: &str| HttpError::Malformed { url: shown(text), why: why.to_owned() };
    if text.len() > LONGEST_URL {
        return Err(malformed("it is longer than web servers take"));
    }
    if text.chars().any(char::is_control) {
        return Err(malformed("it has a line break or another control character in it"));
    }
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(ParseError::RelativeUrlWithoutBase) => return Err(HttpError::Relative { url: shown(text) }),
        Err(error) => return Err(malformed(&error.to_string())),
    };
    whole(url, text)
}

/// Follows a redirect's `location` from `from`.
pub(super) fn join(from: &Url, location: &str) -> Result<Url, HttpError> {
    match from.join(location) {
        Ok(url) => whole(url, location),
        Err(error) => Err(HttpError::Malformed { url: shown(location), why: error.to_string() }),
    }
}

fn whole(mut url: Url, text: &str) -> Result<Url, HttpError> {
    if !matches!(url.scheme(), "http" | "https") {
        // `photos.example.com:8080/a.jpg` has, by the letter, the scheme photos.example.com.
        let host_like = url.scheme().contains('.') || url.scheme() == "localhost";
        return Err(if host_like {
            HttpError::Relative { url: shown(text) }
        } else {
            HttpError::Scheme { scheme: url.scheme().to_owned() }
        });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(HttpError::Malformed { url: shown(text), why: "it holds a user name or a password".to_owned() });
    }
    url.set_fragment(None);
    Ok(url)
}

/// `url` as it may be shown and logged: without user name and password, and not endless.
pub(super) fn shown(url: &str) -> String {
    const LONGEST: usize = 300;
    let after_scheme = url.find("//").map_or(0, |at| at + 2);
    let end = url[after_scheme..].find(['/', '?', '#']).map_or(url.len(), |at| after_scheme + at);
    let mut text = match url[after_scheme..end].rfind('@') {
        Some(at) => format!("{}…@{}", &url[..after_scheme], &url[after_scheme + at + 1..]),
        None => url.to_owned(),
    };
    if let Some((at, _character)) = text.char_indices().nth(LONGEST) {
        text.truncate(at);
        text.push('…');
    }
    text
}

/// The form in which the host of `url` is allowed.
pub(super) fn key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Holds `url` to `fence`, before any name is looked up: a name alone can tell a stranger that somebody looked.
pub(super) fn check(url: &Url, fence: &Fence) -> Result<(), HttpError> {
    if let Some(address) = literal(url) {
        check_address(url.host_str().unwrap_or_default(), address)?;
    }
    let host = key(url);
    if fence.allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(&host)) {
        return Ok(());
    }
    Err(HttpError::NotAllowed { because: because(url), host, hops: Vec::new() })
}

/// Refuses an address that nobody can allow, whatever name led to it.
pub(super) fn check_address(host: &str, address: IpAddr) -> Result<(), HttpError> {
    let forbidden = is_forbidden(address) || embedded(address).is_some_and(|inner| is_forbidden(IpAddr::V4(inner)));
    if forbidden { Err(HttpError::Forbidden { host: host.to_owned(), address }) } else { Ok(()) }
}

fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
        Host::Domain(_) => None,
    }
}

/// Why a host wants asking beyond being new.
fn because(url: &Url) -> Option<String> {
    let mut reasons = Vec::new();
    if let Some(address) = literal(url) {
        reasons.extend(private(address).or_else(|| private(IpAddr::V4(embedded(address)?))).map(str::to_owned));
    } else if let Some(name) = url.host_str().map(|name| name.trim_end_matches('.')) {
        if name == "localhost" || name.ends_with(".localhost") {
            reasons.push("it is this computer".to_owned());
        } else if !name.contains('.')
            || [".internal", ".local", ".lan", ".home.arpa", ".intranet"].iter().any(|end| name.ends_with(end))
        {
            reasons.push("it is a name of the internal network".to_owned());
        }
    }
    if let Some(port) = url.port_or_known_default().filter(|port| !USUAL_PORTS.contains(port)) {
        reasons.push(format!("{port} is not a usual port of web servers"));
    }
    (!reasons.is_empty()).then(|| reasons.join(", and "))
}

fn private(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) if v4.is_loopback() => Some("it is this computer"),
        IpAddr::V6(v6) if v6.is_loopback() => Some("it is this computer"),
        // RFC 1918, and RFC 6598's range between a provider and its customers.
        IpAddr::V4(v4) if v4.is_private() || (v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64) => {
            Some("it is an address of a private network")
        }
        IpAddr::V6(v6) if v6.is_unique_local() => Some("it is an address of a private network"),
        _ => None,
    }
}

fn is_forbidden(address: IpAddr) -> bool {
    METADATA.contains(&address)
        || match address {
            IpAddr::V4(v4) => {
                // 0/8 is "this network", 240/4 is reserved and holds the broadcast address (RFC 6890).
                v4.is_link_local() || v4.is_multicast() || v4.octets()[0] == 0 || v4.octets()[0] >= 240
            }
            IpAddr::V6(v6) => {
                // fec0::/10 is the older form of private addresses, which nobody uses any more (RFC 3879).
                v6.is_unspecified()
                    || v6.is_multicast()
                    || v6.is_unicast_link_local()
                    || v6.segments()[0] & 0xffc0 == 0xfec0
            }
        }
}

/// The IPv4 address that an IPv6 address stands for: mapped and compatible (RFC 4291), NAT64 (RFC 6052), 6to4
/// (RFC 3056).
fn embedded(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(v6) = address else { return None };
    let [.., a, b, c, d] = v6.octets();
    let last = Ipv4Addr::new(a, b, c, d);
    match v6.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(last),
        [0x2002, high, low, ..] => Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{check, key, parse, shown};
    use crate::net::http::{Fence, HttpError, Limits, fetch, host_key};

    fn verdict(url: &str, allowed: &[&str]) -> String {
        let fence = Fence { allowed: allowed.iter().map(ToString::to_string).collect(), ca_file: None };
        match parse(url).and_then(|url| check(&url, &fence)) {
            Ok(()) => "allowed".to_owned(),
            Err(HttpError::NotAllowed { because: Some(because), .. }) => because,
            Err(HttpError::NotAllowed { because: None, .. }) => "asks first".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_new_host_asks_first_and_says_why() {
        let cases = [
            ("http://photos.example.com/a.jpg", "asks first"),
            ("https://photos.example.com:8443/a.jpg", "asks first"),
            ("http://photos.example.com:6379/a.jpg", "6379 is not a usual port of web servers"),
            ("http://127.0.0.1:8080/a.jpg", "it is this computer"),
            ("http://localhost/a.jpg", "it is this computer"),
            ("http://[::1]:22/", "it is this computer, and 22 is not a usual port of web servers"),
            ("http://10.20.30.40/a.jpg", "it is an address of a private network"),
            ("http://172.31.0.1/a.jpg", "it is an address of a private network"),
            ("http://192.168.1.1/a.jpg", "it is an address of a private network"),
            ("http://100.64.0.1/a.jpg", "it is an address of a private network"),
            ("http://[fd12::1]/a.jpg", "it is an address of a private network"),
            ("http://[::ffff:10.0.0.1]/a.jpg", "it is an address of a private network"),
            ("http://0x7f.1/a.jpg", "it is this computer"),
            ("http://photos/a.jpg", "it is a name of the internal network"),
            ("http://photos.internal/a.jpg", "it is a name of the internal network"),
        ];
        for (url, expected) in cases {
            assert_eq!(verdict(url, &[]), expected, "{url}");
            let host = host_key(url).unwrap();
            assert_eq!(verdict(url, &[&host]), "allowed", "{url} with {host} allowed");
        }
    }

    #[test]
    fn what_is_allowed_is_one_host_on_one_port() {
        let allowed = ["photos.example.com", "Faces.Example.com:8081"];
        let cases = [
            ("http://photos.example.com/a.jpg", "allowed"),
            ("http://PHOTOS.example.com.:80/a.jpg", "allowed"),
            ("https://photos.example.com/a.jpg", "allowed"),
            ("https://photos.example.com:80/a.jpg", "asks first"),
            ("http://photos.example.com.attacker.example.com/a.jpg", "asks first"),
            ("http://faces.example.com:8081/a.jpg", "allowed"),
            ("http://faces.example.com/a.jpg", "asks first"),
        ];
        for (url, expected) in cases {
            assert_eq!(verdict(url, &allowed), expected, "{url}");
        }
    }

    #[test]
    fn some_addresses_nobody_can_allow() {
        for host in [
            "169.254.169.254",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "[::]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[::ffff:169.254.169.254]",
            "[::169.254.169.254]",
            "[64:ff9b::a9fe:a9fe]",
            "[2002:a9fe:a9fe::1]",
            "[fd00:ec2::254]",
            "100.100.100.200",
            "168.63.129.16",
            "2852039166", // 169.254.169.254 as one number
        ] {
            let url = format!("http://{host}/latest/meta-data/");
            let allowed = host_key(&url).unwrap();
            assert!(verdict(&url, &[&allowed]).ends_with("which is never fetched"), "{url}");
        }
    }

    #[test]
    fn what_is_no_web_address_says_what_it_is() {
        let cases = [
            ("file:///etc/passwd", "file: addresses are not fetched"),
            ("ftp://photos.example.com/a.jpg", "ftp: addresses are not fetched"),
            ("data:image/png;base64,AAAA", "data: addresses are not fetched"),
            ("C:\\photos\\a.jpg", "c: addresses are not fetched"),
            ("photos/a.jpg", "photos/a.jpg is not a whole address: it has no scheme and host"),
            ("photos.example.com/a.jpg", "photos.example.com/a.jpg is not a whole address: it has no scheme and host"),
            ("localhost:8080/a.jpg", "localhost:8080/a.jpg is not a whole address: it has no scheme and host"),
            ("//photos.example.com/a", "//photos.example.com/a is not a whole address: it has no scheme and host"),
            ("", " is not a whole address: it has no scheme and host"),
            ("http://", "http:// is not an address: empty host"),
            ("http://a b/", "http://a b/ is not an address: invalid international domain name"),
            (
                "http://photos.example.com:99999/",
                "http://photos.example.com:99999/ is not an address: invalid port number",
            ),
            (
                "http://photos.example.com/\r\nHost: x",
                "http://photos.example.com/\r\nHost: x is not an address: it has a line break or another control \
                 character in it",
            ),
            (
                "http://jane:secret@photos.example.com/a.jpg",
                "http://…@photos.example.com/a.jpg is not an address: it holds a user name or a password",
            ),
        ];
        for (url, expected) in cases {
            assert_eq!(verdict(url, &["photos.example.com"]), expected, "{url:?}");
            let fence = Fence { allowed: BTreeSet::from(["photos.example.com".to_owned()]), ca_file: None };
            let fetched = fetch(url, &fence, &Limits::default(), &false.into());
            assert_eq!(fetched.unwrap_err().to_string(), expected, "{url:?} fetched");
        }
        let long = format!("http://photos.example.com/{}", "a".repeat(9000));
        assert!(verdict(&long, &[]).len() < 400, "an endless address is not shown whole");
    }

    #[test]
    fn a_host_is_named_as_it_is_allowed() {
        let cases = [
            ("http://photos.example.com/a.jpg", Some("photos.example.com")),
            ("https://photos.example.com:443/a.jpg", Some("photos.example.com")),
            ("https://photos.example.com:80/a.jpg", Some("photos.example.com:80")),
            ("http://[::1]:8080/", Some("[::1]:8080")),
            ("file:///etc/passwd", None),
            ("a.jpg", None),
        ];
        for (url, expected) in cases {
            assert_eq!(host_key(url).as_deref(), expected, "{url}");
        }
        assert_eq!(key(&parse("http://BÜCHER.example.com/").unwrap()), "xn--bcher-kva.example.com");
    }

    #[test]
    fn a_password_in_an_address_is_never_shown() {
        let cases = [
            ("http://a:b@c/d", "http://…@c/d"),
            ("http://a:b@c@d/e@f", "http://…@d/e@f"),
            ("http://photos.example.com/jane@example.com.jpg", "http://photos.example.com/jane@example.com.jpg"),
        ];
        for (url, expected) in cases {
            assert_eq!(shown(url), expected);
        }
    }
}
