//! The directory client against a real OpenLDAP server.

use std::{
    ops::ControlFlow,
    sync::{Arc, atomic::AtomicBool},
};

use photodesk::{
    model::{AttributeNames, Credentials, DirectoryKind, Dn},
    net::ldap::{Connection, ListEnd, PeopleQuery, Session},
};

use crate::support::slapd::{PEOPLE, SUFFIX, Setup, Slapd, person, simple};

/// All people, with everything the list shows.
pub fn query() -> PeopleQuery {
    let name = |text: &str| Some(text.to_owned());
    PeopleQuery {
        base: Dn::new(SUFFIX),
        filter: "(objectClass=inetOrgPerson)".to_owned(),
        attributes: AttributeNames {
            name: name("cn"),
            mail: name("mail"),
            account: name("uid"),
            photo_url: name("photoURL"),
            image_path: None,
        },
        changed: true,
        page_size: 1000,
    }
}

fn connect(slapd: &Slapd, credentials: &Credentials) -> Connection {
    let mut connection = Connection::open(&slapd.target(), &Arc::new(AtomicBool::new(false))).unwrap();
    connection.sign_in(credentials).unwrap();
    connection
}

#[test]
fn people_are_listed_page_by_page() {
    let Some(slapd) = Slapd::start(&Setup { people: 2500, ..Setup::default() }) else { return };
    let session = Session::new(slapd.target(), slapd.admin());
    let mut people = Vec::new();
    let listing = session
        .list_people(&query(), &mut |person| {
            people.push((
                person.dn.to_owned(),
                person.name.to_owned(),
                person.mail.to_owned(),
                person.account.to_owned(),
                person.photo_url.to_owned(),
                person.photo_urls,
                person.changed.len(),
            ));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(listing.end, ListEnd::Complete);
    assert_eq!(people.len(), 2500);
    let photo = "https://photos.example.com/person.00001@example.com.jpg";
    let first = (
        person(1).to_string(),
        "Person 00001",
        "person.00001@example.com",
        "p00001",
        photo,
        1,
        "20260101000000Z".len(),
    );
    let (dn, name, mail, account, photo, photos, changed) = people[0].clone();
    assert_eq!((dn, name.as_str(), mail.as_str(), account.as_str(), photo.as_str(), photos, changed), first);
    assert_eq!((people[2].4.as_str(), people[2].5), ("", 0), "the third person has no photo URL");
}

#[test]
fn the_server_is_recognised_and_its_contexts_offered() {
    let Some(slapd) = Slapd::start(&Setup { people: 3, ..Setup::default() }) else { return };
    let mut connection = connect(&slapd, &Credentials::Anonymous);
    let root = connection.root_dse().unwrap();
    assert_eq!(root.kind, Some(DirectoryKind::OpenLdap));
    assert_eq!(root.naming_contexts, [Dn::new(SUFFIX)]);
    let photo = connection.attribute_type(&root, "PHOTOurl").unwrap().unwrap();
    assert_eq!((photo.names[0].as_str(), photo.single_value), ("photoURL", false));
    assert_eq!(connection.attribute_type(&root, "noSuchThing").unwrap(), None);
    assert_eq!(connection.count(&Dn::new(PEOPLE), "(mail=*)", 100).unwrap(), (3, false));
    assert_eq!(connection.count(&Dn::new(PEOPLE), "(mail=*)", 2).unwrap(), (2, true));
}

#[test]
fn a_name_signs_in_whatever_its_form() {
    let Some(slapd) = Slapd::start(&Setup { people: 3, ..Setup::default() }) else { return };
    let anna = person(2);
    for name in [anna.as_str(), "p00002", "person.00002@example.com", r"EXAMPLE\p00002", " p00002 "] {
        let session = Session::new(slapd.target(), simple(name, "swordfish"));
        session.with(Connection::root_dse).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(session.signed_in_as(), Some(anna.clone()), "{name}");
    }
}
