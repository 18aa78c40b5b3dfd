//! TLS to a real OpenLDAP server and to servers that only pretend: what is trusted, what is refused, what is never sent.

use std::{
    io::{Read, Write},
    ops::ControlFlow,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use photodesk::{
    model::{Credentials, Fingerprint, Security},
    net::{
        ldap::{Connection, LdapError, ListEnd, OpenStep, Session, Target},
        trust::{TlsFault, Trust},
    },
};
use tempfile::TempDir;

use crate::{
    slapd::query,
    support::{
        certs::{Authority, Identity},
        slapd::{PASSWORD, Setup, Slapd, person, simple, target_at},
        stub::{Stub, until_closed},
    },
};

/// Whether an error is the one expected.
type Is<E> = fn(&E) -> bool;

const SECURED: [Security; 2] = [Security::Ldaps, Security::StartTls];

/// A server with a certificate, and the file of the authority that issued it.
struct Secured {
    slapd: Slapd,
    identity: Identity,
    authority: PathBuf,
    _folder: TempDir,
}

fn secured(names: &[&str], until: i32) -> Option<Secured> {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("Example authority");
    let identity = authority.issue_until(folder.path(), "server", names, until);
    let authority = authority.write_to(&folder.path().join("authority.pem"));
    let slapd = Slapd::start(&Setup { people: 3, identity: Some(identity.clone()), ..Setup::default() })?;
    Some(Secured { slapd, identity, authority, _folder: folder })
}

fn open(target: &Target) -> Result<Connection, LdapError> {
    Connection::open(target, &Arc::default())
}

/// The way of the bulk reader, which has TLS of its own.
fn list(target: &Target, credentials: Credentials) -> Result<ListEnd, LdapError> {
    let session = Session::new(target.clone(), credentials);
    session.list_people(&query(), &mut |_person| ControlFlow::Continue(())).map(|listing| listing.end)
}

#[test]
fn a_trusted_certificate_is_accepted_for_its_names_and_addresses() {
    let Some(there) = secured(&["localhost", "127.0.0.1"], 2900) else { return };
    let authority = Trust { ca_file: Some(there.authority.clone()), pinned: None };
    let pin = Trust { ca_file: None, pinned: Some(there.identity.sha256) };
    for security in SECURED {
        for (host, trust) in [("localhost", &authority), ("127.0.0.1", &authority), ("127.0.0.1", &pin)] {
            let target = there.slapd.target_with(security, host, trust.clone());
            let mut steps = Vec::new();
            let mut connection =
                Connection::open_observed(&target, &Arc::default(), &mut |step| steps.push(step)).unwrap();
            connection.sign_in(&simple(person(1).as_str(), PASSWORD)).unwrap();
            let certificate = connection.certificate().unwrap();
            assert_eq!(certificate.sha256, there.identity.sha256, "{security:?} {host}");
            assert_eq!(certificate.names, ["localhost", "127.0.0.1"]);
            assert_eq!(certificate.issuer, "CN=Example authority");
            assert!(
                matches!(&steps[..], [OpenStep::Resolved(_), OpenStep::Connected { .. }, OpenStep::Secured(_)]),
                "{security:?} {host}: {steps:?}"
            );
            let listed = list(&target, simple(person(1).as_str(), PASSWORD)).unwrap();
            assert_eq!(listed, ListEnd::Complete, "{security:?} {host}");
        }
    }
}

#[test]
fn a_certificate_is_refused_for_one_reason_and_shown() {
    let Some(good) = secured(&["localhost", "127.0.0.1"], 2900) else { return };
    let Some(elsewhere) = secured(&["dc1.example.com"], 2900) else { return };
    let Some(expired) = secured(&["127.0.0.1"], 2001) else { return };
    let own = |there: &Secured| Trust { ca_file: Some(there.authority.clone()), pinned: None };
    let nobody = Trust::default();
    let another = Trust { pinned: Some(Fingerprint([7; 32])), ..own(&good) };
    let cases: [(&str, &Secured, Trust, Is<TlsFault>); 5] = [
        ("unknown issuer", &good, nobody, |fault| matches!(fault, TlsFault::UnknownIssuer { .. })),
        ("another authority by the same name", &good, own(&expired), |fault| {
            matches!(fault, TlsFault::UnknownIssuer { .. })
        }),
        (
            "another host's",
            &elsewhere,
            own(&elsewhere),
            |fault| matches!(fault, TlsFault::WrongName { asked, .. } if asked == "127.0.0.1"),
        ),
        ("expired", &expired, own(&expired), |fault| matches!(fault, TlsFault::Expired { .. })),
        ("not the pinned one", &good, another, |fault| {
            matches!(fault, TlsFault::Changed { pinned: Fingerprint([7, ..]), .. })
        }),
    ];
    for (what, there, trust, expected) in cases {
        for security in SECURED {
            let target = there.slapd.target_with(security, "127.0.0.1", trust.clone());
            match open(&target).map(|_connection| ()) {
                Err(LdapError::Tls(fault)) => {
                    assert!(expected(&fault), "{what}, {security:?}: {fault:?}");
                    assert_eq!(fault.shown().unwrap().sha256, there.identity.sha256, "{what}, {security:?}");
                }
                other => panic!("{what}, {security:?}: {other:?}"),
            }
            let listed = list(&target, Credentials::Anonymous);
            assert!(
                matches!(&listed, Err(LdapError::Tls(fault)) if expected(fault)),
                "{what}, {security:?}: {listed:?}"
            );
        }
    }
}

#[test]
fn a_certificate_made_by_hand_is_refused_in_words_and_can_be_pinned() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("Example authority");
    let ca_file = Some(authority.write_to(&folder.path().join("authority.pem")));
    let cases = [
        // As Samba makes them for its domain controllers.
        (
            authority.issue(folder.path(), "DC1.example.com", &[]),
            "the certificate names no host, so it is not for 127.0.0.1; its subject is CN=DC1.example.com",
        ),
        // As `openssl req -x509` does.
        (
            Authority::self_made(folder.path(), &["127.0.0.1"]),
            "the certificate cannot be accepted: it is marked as an authority's, which no server may use",
        ),
    ];
    for (identity, sentence) in cases {
        let identity = Some(identity);
        let Some(slapd) = Slapd::start(&Setup { people: 1, identity: identity.clone(), ..Setup::default() }) else {
            return;
        };
        for security in SECURED {
            let trust = Trust { ca_file: ca_file.clone(), pinned: None };
            let error = open(&slapd.target_with(security, "127.0.0.1", trust)).map(|_connection| ()).unwrap_err();
            assert_eq!(error.to_string(), sentence);
            assert!(error.hint().is_some_and(|hint| hint.contains("trust this")), "{error:?}");
            let pinned = identity.as_ref().map(|identity| identity.sha256);
            open(&slapd.target_with(security, "127.0.0.1", Trust { ca_file: None, pinned })).unwrap();
        }
    }
}

#[test]
fn a_file_of_authorities_that_cannot_be_used_is_named_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    let damaged = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
    let no_certificate = "-----BEGIN CERTIFICATE-----\nMDAw\n-----END CERTIFICATE-----\n";
    let cases = [
        (folder.path().join("missing.pem"), "cannot be read"),
        (write("empty.pem", ""), "no certificate in PEM form"),
        (
            write("key.pem", "-----BEGIN PRIVATE KEY-----\nMDAw\n-----END PRIVATE KEY-----\n"),
            "no certificate in PEM form",
        ),
        (write("damaged.pem", damaged), "damaged"),
        (write("other.pem", no_certificate), "damaged"),
        (write("long.pem", &"x".repeat(2 << 20)), "too long"),
    ];
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&heard);
    let stub = Stub::serve(move |mut stream| listener.lock().unwrap().extend(until_closed(&mut stream)));
    for (path, why) in cases {
        let target = target_at(stub.server(Security::StartTls), Trust { ca_file: Some(path.clone()), pinned: None });
        let error = open(&target).map(|_connection| ()).unwrap_err();
        assert!(matches!(error, LdapError::Tls(TlsFault::CaFile { .. })), "{}: {error:?}", path.display());
        assert!(error.to_string().contains(why), "{}: {error}", path.display());
    }
    assert_eq!(*heard.lock().unwrap(), b"", "nothing was sent");
}

#[test]
fn nothing_goes_in_clear_when_starttls_is_refused() {
    // ExtendedResponse to message 1: protocolError; success with a bind answer smuggled behind it; to another question.
    let refused = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00";
    let accepted = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00";
    let smuggled = [&accepted[..], b"\x30\x0c\x02\x01\x02\x61\x07\x0a\x01\x00\x04\x00\x04\x00"].concat();
    let half = [&accepted[..], b"\x30\x0c\x02"].concat();
    let other = b"\x30\x0c\x02\x01\x05\x78\x07\x0a\x01\x00\x04\x00\x04\x00".to_vec();
    let cases: [(&str, Vec<u8>, Is<LdapError>); 6] = [
        ("refused", refused.to_vec(), |error| matches!(error, LdapError::StartTlsRefused { .. })),
        ("hangs up", Vec::new(), |error| matches!(error, LdapError::StartTlsRefused { .. })),
        ("answers for the future in clear", smuggled, |error| matches!(error, LdapError::Protocol { .. })),
        ("begins another answer in clear", half, |error| matches!(error, LdapError::Protocol { .. })),
        ("answers another question", other, |error| matches!(error, LdapError::Protocol { .. })),
        ("is a web server", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), |error| {
            matches!(error, LdapError::Protocol { .. })
        }),
    ];
    for (what, answer, expected) in cases {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&heard);
        let stub = Stub::serve(move |mut stream| {
            let mut asked = [0; 4096];
            let count = stream.read(&mut asked).unwrap();
            listener.lock().unwrap().extend(&asked[..count]);
            stream.write_all(&answer).unwrap();
            if !answer.is_empty() {
                listener.lock().unwrap().extend(until_closed(&mut stream));
            }
        });
        let target = target_at(stub.server(Security::StartTls), Trust::default());
        let error = Session::new(target, simple("cn=admin", "swordfish")).with(|_connection| Ok(())).unwrap_err();
        assert!(expected(&error), "{what}: {error:?}");
        drop(stub);
        let heard = heard.lock().unwrap().clone();
        assert!(heard.ends_with(b"1.3.6.1.4.1.1466.20037"), "{what}: after StartTLS came {heard:x?}");
    }
}

#[test]
fn a_server_without_tls_refuses_starttls_and_ldaps() {
    let Some(slapd) = Slapd::start(&Setup::default()) else { return };
    let error = open(&slapd.target_with(Security::StartTls, "127.0.0.1", Trust::default())).map(|_c| ()).unwrap_err();
    assert!(matches!(error, LdapError::StartTlsRefused { .. }), "{error:?}");
    let mut target = slapd.target();
    target.server.security = Security::Ldaps;
    let error = open(&target).map(|_c| ()).unwrap_err();
    assert!(matches!(error, LdapError::Tls(TlsFault::Handshake { .. })), "{error:?}");
}

#[test]
fn a_server_that_wants_tls_first_is_understood() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("Example authority");
    let identity = Some(authority.issue(folder.path(), "server", &["127.0.0.1"]));
    let setup = Setup { people: 1, identity, global: "security tls=128".to_owned(), ..Setup::default() };
    let Some(slapd) = Slapd::start(&setup) else { return };
    let error = Session::new(slapd.target(), slapd.admin()).with(|_connection| Ok(())).unwrap_err();
    assert!(matches!(error, LdapError::StrongerAuthRequired { .. }), "{error:?}");
    assert_eq!(error.hint(), Some("Use ldaps or StartTLS for this site."));
    let trust = Trust { ca_file: Some(authority.write_to(&folder.path().join("authority.pem"))), pinned: None };
    let secured = slapd.target_with(Security::StartTls, "127.0.0.1", trust);
    Session::new(secured, slapd.admin()).with(|_connection| Ok(())).unwrap();
}
