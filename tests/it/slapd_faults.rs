//! Connections that break, servers that talk nonsense, and servers that never answer.

use std::{
    io::{Read, Write},
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use photodesk::{
    model::{Credentials, Dn, Security, Server},
    net::{
        ldap::{Connection, LdapError, ListEnd, Session, Target},
        trust::Trust,
    },
};

use crate::{
    slapd::query,
    support::{
        slapd::{SUFFIX, Setup, Slapd, free_port, target_at},
        stub::{Proxy, Stub, until_closed},
    },
};

fn through(proxy: &Proxy) -> Target {
    target_at(Server { host: "127.0.0.1".to_owned(), port: proxy.port(), security: Security::None }, Trust::default())
}

fn list(session: &Session) -> Result<ListEnd, LdapError> {
    session.list_people(&query(), &mut |_person| ControlFlow::Continue(())).map(|listing| listing.end)
}

#[test]
fn a_lost_connection_comes_back_by_itself() {
    let Some(mut slapd) = Slapd::start(&Setup { people: 3, ..Setup::default() }) else { return };
    let proxy = Proxy::to(slapd.port);
    let session = Session::new(through(&proxy), slapd.admin());
    let people = || session.with(|connection| connection.count(&Dn::new(SUFFIX), "(uid=*)", 100));
    assert_eq!(people().unwrap(), (3, false));
    proxy.cut();
    assert_eq!(people().unwrap(), (3, false), "after the line was cut");
    slapd.stop();
    let error = people().unwrap_err();
    assert!(matches!(error, LdapError::Lost { .. }), "while the server is down behind the proxy: {error:?}");
    slapd.start_again();
    assert_eq!(people().unwrap(), (3, false), "after the server came back");
}

#[test]
fn a_listing_that_breaks_keeps_its_rows_and_says_so() {
    let Some(slapd) = Slapd::start(&Setup { people: 5000, ..Setup::default() }) else { return };
    let proxy = Proxy::to(slapd.port);
    let session = Session::new(through(&proxy), slapd.admin());
    let mut rows = 0;
    let listing = session.list_people(&query(), &mut |_person| {
        rows += 1;
        if rows == 1 {
            proxy.cut();
        }
        ControlFlow::Continue(())
    });
    assert!(matches!(listing, Err(LdapError::Lost { .. })), "{listing:?}");
    assert!((1..5000).contains(&rows), "{rows}");
}

#[test]
fn an_address_where_nobody_is_fails_at_its_own_step() {
    let server = |host: &str, port| Server { host: host.to_owned(), port, security: Security::None };
    let open =
        |server| Connection::open(&target_at(server, Trust::default()), &Arc::default()).map(|_c| ()).unwrap_err();
    let unknown = open(server("no-such-host.invalid", 389));
    assert!(matches!(unknown, LdapError::UnknownHost { .. }), "{unknown:?}");
    let refused = open(server("127.0.0.1", free_port()));
    assert!(matches!(refused, LdapError::ConnectionRefused { .. }), "{refused:?}");
    let odd = Server { host: "not a host".to_owned(), port: 636, security: Security::Ldaps };
    assert!(matches!(open(odd), LdapError::UnknownHost { .. } | LdapError::Tls(_)));
}

#[test]
fn nonsense_ends_as_an_error() {
    let entry =
        |content: &[u8]| [&[0x30, 5 + content.len() as u8, 2, 1, 2, 0x64, content.len() as u8], content].concat();
    let answers: [(&str, Vec<u8>); 11] = [
        ("a web server", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        ("zeros", vec![0; 4096]),
        ("ones", vec![0xff; 4096]),
        ("a length of 2 GB", vec![0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 2, 1, 1]),
        ("a length of eight bytes", vec![0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ("an indefinite length", vec![0x30, 0x80, 2, 1, 1, 0, 0]),
        ("an empty message", vec![0x30, 0]),
        ("an operation that does not exist", vec![0x30, 5, 2, 1, 1, 0x7e, 0]),
        ("an entry without parts", entry(&[])),
        ("an entry whose parts overrun it", entry(&[0x04, 0x7f, b'x'])),
        ("an entry of numbers", entry(&[0x02, 1, 1, 0x02, 1, 1])),
    ];
    for (what, answer) in answers {
        let mut target = target_at(Stub::saying(Vec::new()).server(Security::None), Trust::default());
        target.operation_timeout = Duration::from_millis(300); // for those that look like the beginning of an answer
        let stub = Stub::saying(answer.clone());
        target.server = stub.server(Security::None);
        let session = Session::new(target.clone(), Credentials::Anonymous);
        let read = session.with(Connection::root_dse);
        let wrong = |error: &LdapError| {
            matches!(error, LdapError::Protocol { .. } | LdapError::Lost { .. } | LdapError::Timeout { .. })
        };
        assert!(read.as_ref().is_err_and(wrong), "{what}, read: {read:?}");
        drop(stub);
        let stub = Stub::saying(answer);
        target.server = stub.server(Security::None);
        let listed = list(&Session::new(target, Credentials::Anonymous));
        assert!(listed.as_ref().is_err_and(wrong), "{what}, listed: {listed:?}");
    }
}

#[test]
fn a_name_that_is_not_utf8_is_shown_and_brings_nothing_down() {
    // An entry named cn=<FF>, then the end of the search.
    let answer = |id: u8| {
        let entry = [0x30, 0x0f, 2, 1, id, 0x64, 0x0a, 0x04, 4, b'c', b'n', b'=', 0xff, 0x30, 2, 0x30, 0];
        let broken_attribute = [&entry[..13], &[0x30, 0]].concat();
        let entry = [&[0x30, 0x0d, 2, 1, id, 0x64, 0x08][..], &broken_attribute[7..]].concat();
        [&entry[..], &[0x30, 0x0c, 2, 1, id, 0x65, 7, 0x0a, 1, 0, 4, 0, 4, 0]].concat()
    };
    let stub = Stub::saying(answer(1));
    let target = target_at(stub.server(Security::None), Trust::default());
    let session = Session::new(target.clone(), Credentials::Anonymous);
    let found = session.with(|connection| connection.search(&Dn::new(SUFFIX), "(cn=*)", &[], 10)).unwrap();
    assert_eq!(found.entries[0].dn.as_str(), "cn=\u{fffd}");
    drop((session, stub));
    let stub = Stub::saying(answer(2));
    let session = Session::new(Target { server: stub.server(Security::None), ..target }, Credentials::Anonymous);
    let mut names = Vec::new();
    let listing = session.list_people(&query(), &mut |person| {
        names.push(person.dn.to_owned());
        ControlFlow::Continue(())
    });
    assert_eq!((listing.unwrap().end, names), (ListEnd::Complete, vec!["cn=\u{fffd}".to_owned()]));
}

#[test]
fn cancel_ends_a_wait_that_would_never_end() {
    for security in [Security::None, Security::StartTls, Security::Ldaps] {
        for bulk in [false, true] {
            let cancelled = Arc::new(AtomicBool::new(false));
            let cancel = Arc::clone(&cancelled);
            // The caller cancels as soon as the server was asked; the server never answers.
            let stub = Stub::serve(move |mut stream| {
                let asked = stream.read(&mut [0; 4096]);
                assert!(asked.is_ok_and(|count| count > 0));
                cancel.store(true, Ordering::Relaxed);
                until_closed(&mut stream);
            });
            let hour = Duration::from_hours(1);
            let target = Target {
                connect_timeout: hour,
                operation_timeout: hour,
                ..target_at(stub.server(security), Trust::default())
            };
            let session = Session::new(target, Credentials::Anonymous).for_job(cancelled);
            let ended = if bulk && security == Security::None {
                list(&session).map(|end| assert_eq!(end, ListEnd::Stopped)).err().is_none()
            } else if bulk {
                matches!(list(&session), Err(LdapError::Cancelled) | Ok(ListEnd::Stopped))
            } else {
                matches!(session.with(Connection::root_dse), Err(LdapError::Cancelled))
            };
            assert!(ended, "{security:?}, bulk: {bulk}");
        }
    }
}

#[test]
fn a_server_that_never_answers_is_given_up_in_time() {
    let stub = Stub::serve(|mut stream| drop(until_closed(&mut stream)));
    let soon = Duration::from_millis(100);
    for security in [Security::None, Security::StartTls, Security::Ldaps] {
        let target = Target {
            connect_timeout: soon,
            operation_timeout: soon,
            ..target_at(stub.server(security), Trust::default())
        };
        let session = Session::new(target, Credentials::Anonymous);
        let read = session.with(Connection::root_dse).unwrap_err();
        assert!(matches!(read, LdapError::Timeout { .. }), "{security:?}: {read:?}");
        let listed = list(&session).unwrap_err();
        assert!(matches!(listed, LdapError::Timeout { .. }), "{security:?}: {listed:?}");
    }
}

#[test]
fn an_endless_message_takes_bounded_memory() {
    // Announces 1 GB and keeps sending: refused at the announcement by the bulk reader.
    let stub = Stub::serve(|mut stream| {
        let _asked = stream.read(&mut [0; 4096]);
        let mut piece = vec![0x30, 0x84, 0x40, 0, 0, 0];
        while stream.write_all(&piece).is_ok() {
            piece = vec![0; 1 << 16];
        }
    });
    let target = target_at(stub.server(Security::None), Trust::default());
    let error = list(&Session::new(target, Credentials::Anonymous)).unwrap_err();
    assert!(error.to_string().contains("longer than any that is read"), "{error}");
}
