//! The demo site as a whole: it starts, can be reset, and leaves nothing behind.

use std::{
    io::Read,
    net::{Ipv4Addr, TcpListener, TcpStream},
    time::Duration,
};

use photodesk::{
    demo::{Demo, DemoOptions, Fault, Planted},
    model::{Credentials, Dn, Environment},
};

use crate::support::raw_ldap::{BASE, Client, Entry, SUBTREE, delete};

#[test]
fn its_site_says_how_to_connect_and_holds_no_password() {
    let demo = Demo::start().unwrap();
    let site = demo.site();
    assert_eq!((site.name.as_str(), site.environment), ("Demo site", Environment::Test));
    assert_eq!(site.directory.server.url(), format!("ldap://127.0.0.1:{}", demo.ldap_port()));
    let (web, https) = (demo.web_port(), demo.https_port());
    let hosts: Vec<_> = site.photos.allowed_hosts.iter().cloned().collect();
    for host in [format!("127.0.0.1:{web}"), format!("127.0.0.1:{https}")] {
        assert!(hosts.contains(&host), "{host} in {hosts:?}");
    }
    assert_eq!(site.photos.template, Some(format!("http://127.0.0.1:{web}/photos/{{mail|lower|urlencode}}.jpg")));
    let Credentials::Simple { name, password } = demo.credentials() else { panic!("signs in by name") };
    assert_eq!(site.directory.sign_in.as_ref(), Some(&name));
    assert!(!format!("{site:?}").contains(password.expose()));
    assert_eq!(Client::connect(demo.ldap_port()).bind(&name, password.expose()), 0);
}

#[test]
fn two_demo_sites_run_side_by_side() {
    let (one, other) = (Demo::start().unwrap(), Demo::start().unwrap());
    let ports =
        [one.ldap_port(), one.web_port(), one.https_port(), other.ldap_port(), other.web_port(), other.https_port()];
    for (at, port) in ports.iter().enumerate() {
        assert!(!ports[..at].contains(port), "{ports:?}");
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).unwrap());
    }
}

/// What everybody's entry says, and the whole entries of `changed`, pictures included.
fn contents(demo: &Demo, changed: &[Dn]) -> Vec<Entry> {
    let mut client = Client::connect(demo.ldap_port());
    let words = [
        "cn",
        "sn",
        "mail",
        "photoURL",
        "title",
        "telephoneNumber",
        "manager",
        "employeeNumber",
        "entryUUID",
        "modifyTimestamp",
        "modifiersName",
    ];
    let mut contents = client.paged("dc=example,dc=com", &SUBTREE, &words, 100);
    contents.extend(changed.iter().flat_map(|dn| client.paged(dn.as_str(), &BASE, &["*", "+"], 10)));
    contents
}

#[test]
fn reset_puts_every_byte_back() {
    let demo = Demo::start().unwrap();
    let changed = [Fault::TwoValues, Fault::NotFound, Fault::CommaInDn];
    let changed = changed.map(|fault| Planted::with(fault).next().unwrap().dn());
    let before = contents(&demo, &changed);
    let mut client = Client::connect(demo.ldap_port());
    let Credentials::Simple { name, password } = demo.credentials() else { panic!("signs in by name") };
    client.bind(&name, password.expose());
    for dn in &changed {
        assert_eq!(client.modify(dn.as_str(), vec![delete("photoURL"), delete("thumbnailPhoto")]), 0, "{dn}");
    }
    assert_ne!(contents(&demo, &changed), before);
    demo.reset();
    assert_eq!(contents(&demo, &changed), before);
    assert_eq!(client.modify("dc=example,dc=com", vec![delete("o")]), 0, "who is signed in stays so");
}

#[test]
fn dropping_it_ends_connections_and_frees_its_ports() {
    let slow = DemoOptions {
        slow_photo: Duration::from_hours(1),
        search_delay: Duration::from_hours(1),
        ..DemoOptions::default()
    };
    let demo = Demo::start_with(slow).unwrap();
    let ports = [demo.ldap_port(), demo.web_port(), demo.https_port()];
    let mut open = ports.map(|port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap());
    // A search and a photo that would take an hour.
    let mut searching = Client::connect(demo.ldap_port());
    searching.start_search("dc=example,dc=com", SUBTREE, &[]);
    let late = Planted::with(Fault::SlowServer).next().unwrap();
    let request = format!("GET /photos/{} HTTP/1.1\r\nHost: demo\r\n\r\n", late.mail.to_owned() + ".jpg");
    std::io::Write::write_all(&mut open[1], request.as_bytes()).unwrap();
    drop(demo);
    for (stream, port) in open.iter_mut().zip(ports) {
        let mut rest = Vec::new();
        let end = stream.read_to_end(&mut rest);
        assert!(rest.is_empty(), "port {port} answered {end:?}");
        drop(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap_or_else(|error| panic!("port {port}: {error}")));
    }
}
