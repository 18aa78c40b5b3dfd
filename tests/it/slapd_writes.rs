//! Writing to a real OpenLDAP server: what is stale is refused, what somebody else wrote stays, what is lost is looked up.

use std::sync::Arc;

use photodesk::{
    model::{Change, Credentials, DirectoryKind, Place, Site, Unlocked, Value},
    net::{
        ldap::{Connection, LdapError, Readability, Session, WriteRight},
        trust::Trust,
    },
};

use crate::support::{
    slapd::{PASSWORD, Setup, Slapd, person, simple, target_at},
    stub::Proxy,
};

const OURS: &str = "http://photos.example.com/ours.jpg";
const THEIRS: &str = "http://photos.example.com/theirs.jpg";
const FIRST: &str = "https://photos.example.com/person.00001@example.com.jpg";

fn unlocked() -> Unlocked {
    Site::default().unlock().unwrap()
}

fn change(number: usize, before: &[&str], after: &[&str]) -> Change {
    let values = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect();
    Change {
        place: Place::Attribute {
            directory: "ldap://127.0.0.1:389".to_owned(),
            dn: person(number),
            attribute: "photoURL".to_owned(),
        },
        subject: format!("Person {number:05}"),
        before: values(before),
        after: values(after),
    }
}

fn values(session: &Session, number: usize) -> Vec<String> {
    let entry = session.with(|connection| connection.read(&person(number), &[])).unwrap();
    entry.values("photoURL").iter().map(ToString::to_string).collect()
}

#[test]
fn a_change_and_its_inverse_leave_what_was() {
    let Some(slapd) = Slapd::start(&Setup { people: 3, ..Setup::default() }) else { return };
    let session = Session::new(slapd.target(), slapd.admin());
    let cases = [
        (1, &[FIRST][..], &[OURS][..]),
        (1, &[FIRST], &[]),
        (3, &[], &[OURS]),
        (3, &[], &[OURS, THEIRS, FIRST]),
        (1, &[FIRST], &["HTTPS://photos.example.com/person.00001@example.com.jpg"]),
        (1, &[FIRST], &[FIRST]),
    ];
    for (number, before, after) in cases {
        let change = change(number, before, after);
        session.write(&change, &unlocked()).unwrap_or_else(|error| panic!("{before:?} to {after:?}: {error}"));
        assert_eq!(values(&session, number), after, "in this order");
        session.write(&change.inverse(), &unlocked()).unwrap();
        assert_eq!(values(&session, number), before, "{before:?} to {after:?} and back");
    }
}

#[test]
fn somebody_elses_change_is_refused_and_stays() {
    for single_valued in [false, true] {
        let Some(slapd) = Slapd::start(&Setup { people: 6, single_valued, ..Setup::default() }) else { return };
        let session = Session::new(slapd.target(), slapd.admin());
        // What we saw, what somebody made of it, what we want.
        let cases = [
            (1, vec![FIRST], vec![THEIRS], vec![OURS]),
            (2, vec!["https://photos.example.com/person.00002@example.com.jpg"], vec![], vec![OURS]),
            (3, vec![], vec![THEIRS], vec![OURS]),
            (6, vec![], vec![OURS], vec![OURS]),
        ];
        for (number, seen, theirs, ours) in cases {
            session.write(&change(number, &seen, &theirs), &unlocked()).unwrap();
            let error = session.write(&change(number, &seen, &ours), &unlocked()).unwrap_err();
            let what = format!("{seen:?}, {theirs:?}, {ours:?}, single: {single_valued}");
            assert!(matches!(&error, LdapError::Stale { dn } if *dn == person(number)), "{what}: {error:?}");
            assert_eq!(values(&session, number), theirs, "{what}");
        }
    }
}

#[test]
fn a_value_added_beside_ours_is_noticed() {
    let Some(slapd) = Slapd::start(&Setup { people: 1, ..Setup::default() }) else { return };
    let session = Session::new(slapd.target(), slapd.admin());
    session.write(&change(1, &[FIRST], &[FIRST, THEIRS]), &unlocked()).unwrap();
    let error = session.write(&change(1, &[FIRST], &[OURS]), &unlocked()).unwrap_err();
    assert!(matches!(error, LdapError::Stale { .. }), "{error:?}");
    assert_eq!(values(&session, 1), [FIRST, THEIRS]);
}

#[test]
fn of_two_who_write_at_once_one_wins() {
    let Some(slapd) = Slapd::start(&Setup { people: 20, ..Setup::default() }) else { return };
    let session = Session::new(slapd.target(), slapd.admin());
    for number in (3..=18).step_by(3) {
        let ends = std::thread::scope(|scope| {
            let tries = [OURS, THEIRS].map(|value| {
                let session = session.clone();
                scope.spawn(move || session.write(&change(number, &[], &[value]), &unlocked()))
            });
            tries.map(|end| end.join().unwrap())
        });
        let won = ends.iter().filter(|end| end.is_ok()).count();
        let stale = ends.iter().filter(|end| matches!(end, Err(LdapError::Stale { .. }))).count();
        assert_eq!((won, stale, values(&session, number).len()), (1, 1, 1), "{ends:?}");
    }
}

#[test]
fn a_write_whose_answer_is_lost_is_looked_up_and_never_sent_twice() {
    let Some(slapd) = Slapd::start(&Setup { people: 3, ..Setup::default() }) else { return };
    let proxy = Proxy::to(slapd.port);
    let mut target = slapd.target();
    target.server.port = proxy.port();
    let direct = Session::new(slapd.target(), slapd.admin());

    let mut connection = Connection::open(&target, &Arc::default()).unwrap();
    connection.sign_in(&slapd.admin()).unwrap();
    connection.root_dse().unwrap();
    proxy.cut();
    let error = connection.write(&change(1, &[FIRST], &[OURS]), &unlocked()).unwrap_err();
    assert!(matches!(error, LdapError::Lost { .. }), "{error:?}");
    assert_eq!(values(&direct, 1), [FIRST]);

    let session = Session::new(target, slapd.admin());
    session.with(Connection::root_dse).unwrap();
    proxy.cut();
    session.write(&change(1, &[FIRST], &[OURS]), &unlocked()).unwrap();
    assert_eq!(values(&direct, 1), [OURS], "an idle connection that was cut does no harm");

    let modify_response = 0x67;
    proxy.swallow(modify_response);
    session.write(&change(1, &[OURS], &[THEIRS]), &unlocked()).unwrap();
    assert_eq!(values(&direct, 1), [THEIRS], "the answer was lost, and the value was read back");
}

#[test]
fn a_refusal_says_why() {
    let database = "access to attrs=photoURL by self write by users read by anonymous none\n\
                    access to attrs=mail by users none by anonymous auth\n\
                    access to * by * read";
    let setup = Setup { people: 3, database: database.to_owned(), ..Setup::default() };
    let Some(slapd) = Slapd::start(&setup) else { return };
    let own = Session::new(slapd.target(), simple(person(1).as_str(), PASSWORD));
    own.write(&change(1, &[FIRST], &[OURS]), &unlocked()).unwrap();
    let error = own.write(&change(3, &[], &[OURS]), &unlocked()).unwrap_err();
    assert!(matches!(error, LdapError::InsufficientRights { .. }), "another's: {error:?}");

    let admin = Session::new(slapd.target(), slapd.admin());
    let mut unknown = change(3, &[], &[OURS]);
    let Place::Attribute { attribute, .. } = &mut unknown.place;
    *attribute = "noSuchThing".to_owned();
    let error = admin.write(&unknown, &unlocked()).unwrap_err();
    assert!(matches!(error, LdapError::NoSuchAttribute { .. }), "{error:?}");
    let error = admin.write(&change(9, &[], &[OURS]), &unlocked()).unwrap_err();
    assert!(matches!(error, LdapError::NoSuchEntry { .. }), "{error:?}");
    let error = admin.write(&change(3, &[], &[OURS, ""]), &unlocked()).unwrap_err();
    assert!(matches!(error, LdapError::InvalidValue { .. }), "{error:?}");
    for (name, password) in [("cn=admin,dc=example,dc=com", "wrong"), ("uid=nobody,dc=example,dc=com", "x")] {
        let error = Session::new(slapd.target(), simple(name, password)).with(|_connection| Ok(())).unwrap_err();
        assert!(matches!(error, LdapError::InvalidCredentials { .. }), "{name}: {error:?}");
    }
    let error = Session::new(slapd.target(), simple("cn=admin", "")).with(|_connection| Ok(())).unwrap_err();
    assert!(matches!(error, LdapError::EmptyPassword { .. }), "{error:?}");
    let error = Session::new(slapd.target(), simple("p00009", "x")).with(|_connection| Ok(())).unwrap_err();
    assert!(matches!(error, LdapError::NameNotUnique { found: 0, .. }), "{error:?}");
}

#[test]
fn a_missing_value_is_told_from_a_hidden_one() {
    let database = "access to attrs=photoURL by self write by * read\n\
                    access to attrs=mail by dn.exact=\"uid=p00001,ou=People,dc=example,dc=com\" none by * read\n\
                    access to attrs=userPassword by anonymous auth\n\
                    access to * by * read";
    let setup = Setup { people: 3, database: database.to_owned(), ..Setup::default() };
    let Some(slapd) = Slapd::start(&setup) else { return };
    let session = Session::new(slapd.target(), simple(person(1).as_str(), PASSWORD));
    session
        .with(|connection| {
            let root = connection.root_dse()?;
            assert_eq!(root.kind, Some(DirectoryKind::OpenLdap));
            let mut readability = |number, attribute| connection.readability(&root, &person(number), attribute);
            assert_eq!(readability(1, "photoURL")?, Readability::Readable);
            assert_eq!(readability(3, "photoURL")?, Readability::NotSet);
            assert_eq!(readability(2, "mail")?, Readability::NotAllowed);
            assert!(matches!(readability(2, "noSuchThing")?, Readability::Unknown { .. }));
            assert_eq!(connection.write_right(&root, &person(1), "photoURL")?, WriteRight::Allowed);
            assert_eq!(connection.write_right(&root, &person(2), "photoURL")?, WriteRight::Denied);
            assert_eq!(connection.values(&person(1), "photoURL")?, [Value::from(FIRST)], "asking changes nothing");
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_directory_closed_to_visitors_says_so() {
    let setup = Setup { people: 3, global: "require authc".to_owned(), ..Setup::default() };
    let Some(slapd) = Slapd::start(&setup) else { return };
    let target = target_at(slapd.target().server, Trust::default());
    let visitor = Session::new(target, Credentials::Anonymous);
    let error = visitor.with(|connection| connection.read(&person(1), &[])).unwrap_err();
    assert!(matches!(error, LdapError::SignInRequired { .. }), "{error:?}");
    let error = Session::new(slapd.target(), simple("p00001", PASSWORD)).with(|_connection| Ok(())).unwrap_err();
    assert!(matches!(error, LdapError::NoLookup { .. }), "{error:?}");
}
