//! Which server answers, and what a host name may look like, level by level.

use super::*;
use crate::access::{trial, wire};

const ALL: [Level; 4] = Level::ALL;

/// The name of the server that answers on `address` to `host`.
fn chosen(level: Level, config: &str, address: &str, host: Option<&str>) -> String {
    let policy = trial::load(level, config, &trial::files(&[])).policy.unwrap();
    let (address, port) = address.rsplit_once(' ').unwrap();
    let host = host.map(|h| BStr::new(h.as_bytes()));
    let choice = choose(&policy, address.parse().unwrap(), port.parse().unwrap(), host, b"/old/a");
    policy.server_name(choice.server).to_string()
}

fn host(addresses: &str, name: &str, more: &str) -> String {
    format!("<VirtualHost {addresses}>\nServerName {name}\n{more}</VirtualHost>\n")
}

#[test]
fn address_and_port_come_before_the_name() {
    let config = [
        "ServerName main\nNameVirtualHost *:80\nNameVirtualHost 192.0.2.20:80\n".to_owned(),
        host("*:80", "first", ""),
        host("*:80", "second", "ServerAlias other *.second\n"),
        host("192.0.2.20:80", "by-address", ""),
        host("*:8080", "by-port", ""),
    ]
    .concat();
    for level in ALL {
        for (address, name, expected) in [
            ("192.0.2.10 80", Some("second"), "second"),
            ("192.0.2.10 80", Some("other"), "second"),
            ("192.0.2.10 80", Some("a.second"), "second"),
            ("192.0.2.10 80", Some("unknown"), "first"),
            ("192.0.2.10 80", None, "first"),
            ("192.0.2.20 80", Some("second"), "by-address"),
            ("192.0.2.10 8080", Some("second"), "by-port"),
            ("192.0.2.10 81", Some("second"), "main"),
        ] {
            assert_eq!(chosen(level, &config, address, name), expected, "{level} {address} {name:?}");
        }
    }
}

#[test]
fn names_need_a_name_virtual_host_in_2_2() {
    let config = [host("*:80", "first", ""), host("*:80", "second", "")].concat();
    for level in ALL {
        let expected = if level.is_24() { "second" } else { "first" };
        assert_eq!(chosen(level, &config, "192.0.2.10 80", Some("second")), expected, "{level}");
    }
}

#[test]
fn without_a_name_the_path_may_choose() {
    let config =
        ["NameVirtualHost *:80\n".to_owned(), host("*:80", "first", ""), host("*:80", "second", "ServerPath /old\n")]
            .concat();
    for level in ALL {
        assert_eq!(chosen(level, &config, "192.0.2.10 80", None), "second", "{level}");
    }
    assert!(within(b"/old", b"/old") && within(b"/old", b"/old/x") && !within(b"/old", b"/older"));
}

#[test]
fn addresses_are_read_and_refused_as_the_server_does() {
    for (word, address, port) in [
        ("*:80", None, Some(80)),
        ("*", None, None),
        ("*:*", None, None),
        ("_default_:443", None, Some(443)),
        ("192.0.2.1", Some("192.0.2.1"), None),
        ("[2001:db8::1]:80", Some("2001:db8::1"), Some(80)),
        ("[::ffff:192.0.2.1]:80", Some("192.0.2.1"), Some(80)),
        ("0.0.0.0:80", None, Some(80)),
    ] {
        let read = HostAddress::parse(word.as_bytes(), None).unwrap();
        assert_eq!((read.address, read.port, read.name), (address.map(|a| a.parse().unwrap()), port, false), "{word}");
    }
    let name = HostAddress::parse(b"www.example.com:80", None).unwrap();
    assert!(name.name && name.port == Some(80));
    for (word, said) in [
        ("*:0", "The address or port is invalid"),
        ("*:99999", "The address or port is invalid"),
        ("80", "Missing address for VirtualHost"),
    ] {
        assert_eq!(HostAddress::parse(word.as_bytes(), None).unwrap_err(), said, "{word}");
    }
}

#[test]
fn host_names_are_refused_as_strictly_as_the_level_is() {
    // In the order 2.2.8, 2.2.34, 2.4.12, 2.4.71; `-` is a 400.
    for (header, names) in [
        ("WWW.Example.com", ["www.example.com"; 4]),
        ("www.example.com:8080", ["www.example.com"; 4]),
        ("www.example.com.", ["www.example.com"; 4]),
        ("a:b", ["-"; 4]),
        ("a:", ["a", "-", "a", "-"]),
        ("a:0", ["a", "-", "a", "-"]),
        ("a:99999", ["a", "-", "a", "-"]),
        ("a_b", ["a_b", "-", "a_b", "a_b"]),
        ("a b", ["a b", "-", "a b", "-"]),
        ("a..b", ["-"; 4]),
        (".a", ["-"; 4]),
        ("a/b", ["-"; 4]),
        ("[2001:db8::1]:80", ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]", "[2001:db8::1]"]),
        ("[nonsense]", ["-"; 4]),
        ("[2001:db8::1", ["-"; 4]),
        ("1.2.3", ["1.2.3", "-", "1.2.3", "-"]),
    ] {
        for (level, expected) in ALL.into_iter().zip(names) {
            let read = host_name(header.as_bytes(), level).map_or("-".to_owned(), |name| name.to_string());
            assert_eq!(read, expected, "{level} {header}");
        }
    }
}

#[test]
fn a_port_in_the_host_header_is_remembered() {
    let policy = trial::load(Level::V2_4_71, "ServerName main\n", &trial::files(&[])).policy.unwrap();
    let mut request = trial::request("203.0.113.9", "/");
    request.headers[0].1 = "www.example.com:8080".into();
    let (record, choice) = wire::record(&policy, &request);
    assert_eq!((record.host_port, choice.unwrap().server), (Some(8080), 0));
}
