//! Listing people from a real OpenLDAP server: pages, limits, referrals, stopping, and entries that strangers wrote.

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use photodesk::{
    model::{Credentials, Dn, Referrals},
    net::ldap::{LdapError, ListEnd, Listing, PeopleQuery, Session},
};

use crate::{
    slapd::query,
    support::slapd::{ADMIN, PASSWORD, PEOPLE, SUFFIX, Setup, Slapd, person, simple},
};

fn count(session: &Session, query: &PeopleQuery) -> (usize, Result<Listing, LdapError>) {
    let mut count = 0;
    let listing = session.list_people(query, &mut |_person| {
        count += 1;
        ControlFlow::Continue(())
    });
    (count, listing)
}

#[test]
fn twenty_thousand_people_come_through_a_limit_of_five_hundred() {
    let database = "limits users size.soft=500 size.hard=500 size.prtotal=unlimited".to_owned();
    let Some(slapd) = Slapd::start(&Setup { people: 20_000, database, ..Setup::default() }) else { return };
    let session = Session::new(slapd.target(), simple(person(1).as_str(), PASSWORD));
    let pages = PeopleQuery { page_size: 500, ..query() };
    let (people, listing) = count(&session, &pages);
    assert_eq!((people, listing.unwrap().end), (20_000, ListEnd::Complete));
    let (people, listing) = count(&session, &PeopleQuery { page_size: 0, ..query() });
    assert_eq!((people, listing.unwrap().end), (500, ListEnd::SizeLimit), "asked without pages");
    let found = session.with(|connection| connection.search(&Dn::new(PEOPLE), "(uid=p*)", &["cn"], 1000)).unwrap();
    assert_eq!((found.entries.len(), found.cut), (500, true));
    let counted = session.with(|connection| connection.count(&Dn::new(PEOPLE), "(uid=p*)", 700)).unwrap();
    assert_eq!(counted, (700, true));
}

#[test]
fn a_limit_that_cuts_the_list_is_told() {
    for (database, page_size, people) in
        [("sizelimit 500", 1000, 500), ("sizelimit 500", 100, 500), ("sizelimit 500", 0, 500)]
    {
        let setup = Setup { people: 1200, database: database.to_owned(), ..Setup::default() };
        let Some(slapd) = Slapd::start(&setup) else { return };
        let session = Session::new(slapd.target(), Credentials::Anonymous);
        let (listed, listing) = count(&session, &PeopleQuery { page_size, ..query() });
        assert_eq!((listed, listing.unwrap().end), (people, ListEnd::SizeLimit), "{database}, pages of {page_size}");
    }
}

#[test]
fn a_server_that_does_no_pages_is_asked_without() {
    let database = "limits * size.prtotal=disabled".to_owned();
    let Some(slapd) = Slapd::start(&Setup { people: 30, database, ..Setup::default() }) else { return };
    let session = Session::new(slapd.target(), Credentials::Anonymous);
    let (people, listing) = count(&session, &query());
    assert_eq!((people, listing.unwrap().end), (30, ListEnd::Complete));
}

#[test]
fn a_listing_is_stopped_by_its_caller_or_by_its_job() {
    let Some(slapd) = Slapd::start(&Setup { people: 3000, ..Setup::default() }) else { return };
    let session = Session::new(slapd.target(), Credentials::Anonymous);
    let mut seen = 0;
    let listing = session.list_people(&query(), &mut |_person| {
        seen += 1;
        if seen == 1234 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((seen, listing.unwrap().end), (1234, ListEnd::Stopped));
    let cancelled = Arc::new(AtomicBool::new(false));
    let mut seen = 0;
    let listing = session.for_job(Arc::clone(&cancelled)).list_people(&query(), &mut |_person| {
        seen += 1;
        cancelled.store(true, Ordering::Relaxed);
        ControlFlow::Continue(())
    });
    assert_eq!(listing.unwrap().end, ListEnd::Stopped);
    assert!((1..3000).contains(&seen), "{seen} people before it stopped");
}

#[test]
fn a_wrong_query_is_an_error_and_not_an_empty_list() {
    let Some(slapd) = Slapd::start(&Setup { people: 3, ..Setup::default() }) else { return };
    let session = Session::new(slapd.target(), Credentials::Anonymous);
    let (_, no_base) = count(&session, &PeopleQuery { base: Dn::new("ou=Nobody,dc=example,dc=com"), ..query() });
    assert!(matches!(no_base, Err(LdapError::NoSuchEntry { .. })), "{no_base:?}");
    let (_, no_filter) = count(&session, &PeopleQuery { filter: "(cn=a".to_owned(), ..query() });
    assert!(matches!(no_filter, Err(LdapError::Filter { at: 0, .. })), "{no_filter:?}");
    let wrong = Session::new(slapd.target(), simple(ADMIN, "wrong"));
    let (_, refused) = count(&wrong, &query());
    assert!(matches!(refused, Err(LdapError::InvalidCredentials { .. })), "{refused:?}");
}

#[test]
fn entries_that_strangers_wrote_are_listed_and_read_as_they_are() {
    let long = "x".repeat(1 << 20);
    let ldif = format!(
        "dn: cn=Bare,{PEOPLE}\nobjectClass: inetOrgPerson\ncn: Bare\nsn: Bare\n\n\
         dn: cn=Two,{PEOPLE}\nobjectClass: inetOrgPerson\nobjectClass: photoPerson\ncn: Two\nsn: Two\n\
         photoURL: http://a.example.com/\nphotoURL: http://b.example.com/\nmail: two@example.com\nmail: zwei@example.com\n\n\
         dn: cn=Tagged,{PEOPLE}\nobjectClass: inetOrgPerson\nobjectClass: photoPerson\ncn: Tagged\ncn;lang-de: Getaggt\nsn: T\n\
         mail;x-old: old@example.com\nphotoURL;x-new: http://c.example.com/\n\n\
         dn: cn=Long,{PEOPLE}\nobjectClass: inetOrgPerson\nobjectClass: photoPerson\ncn: Long\nsn: L\nphotoURL: {long}\n\
         jpegPhoto:: //4A/0AA/w==\n\n\
         dn:: {}\nobjectClass: inetOrgPerson\ncn: \u{202e}evil\u{7}\nsn: X\n\n",
        // cn=Zoë 💻\, \+ "x",ou=People,dc=example,dc=com
        "Y249Wm/DqyDwn5K7XCwgXCsgXCJ4XCIsb3U9UGVvcGxlLGRjPWV4YW1wbGUsZGM9Y29t",
    );
    let global = "attributeoptions x- lang-".to_owned();
    let Some(slapd) = Slapd::start(&Setup { ldif, global, ..Setup::default() }) else { return };
    let session = Session::new(slapd.target(), slapd.admin());
    let mut people = Vec::new();
    let listing = session.list_people(&query(), &mut |person| {
        let photo = person.photo_url.chars().take(40).collect::<String>();
        people.push((person.dn.to_owned(), person.name.to_owned(), person.mail.to_owned(), photo, person.photo_urls));
        ControlFlow::Continue(())
    });
    assert_eq!(listing.unwrap().end, ListEnd::Complete);
    let rows: Vec<_> = people.iter().map(|row| (row.1.as_str(), row.2.as_str(), row.3.as_str(), row.4)).collect();
    assert_eq!(
        rows,
        [
            ("Bare", "", "", 0),
            ("Two", "two@example.com", "http://a.example.com/", 2),
            ("Tagged", "old@example.com", "http://c.example.com/", 1),
            ("Long", "", &long[..40], 1),
            ("\u{202e}evil\u{7}", "", "", 0),
        ]
    );
    for (dn, ..) in &people {
        let entry = session.with(|connection| connection.read(&Dn::new(dn.as_str()), &["modifyTimestamp"])).unwrap();
        assert!(entry.has("modifyTimestamp") && entry.has("SN"), "{dn}: {entry:?}");
    }
    let entry = session.with(|connection| connection.read(&Dn::new(people[3].0.as_str()), &[])).unwrap();
    assert_eq!(entry.values("jpegPhoto")[0].0, [0xff, 0xfe, 0x00, 0xff, 0x40, 0x00, 0xff]);
    assert_eq!(entry.text("photoURL").map(str::len), Some(1 << 20));
}

/// A server that holds people, and one that holds the tree and refers to it.
fn referring() -> Option<(Slapd, Slapd)> {
    let holder = Slapd::start(&Setup { people: 7, ..Setup::default() })?;
    let ldif = format!(
        "dn: ou=Elsewhere,{SUFFIX}\nobjectClass: referral\nobjectClass: extensibleObject\nou: Elsewhere\n\
         ref: ldap://127.0.0.1:{}/{PEOPLE}\n\n\
         dn: ou=Nowhere,{SUFFIX}\nobjectClass: referral\nobjectClass: extensibleObject\nou: Nowhere\n\
         ref: ldap:///nowhere\n\n",
        holder.port
    );
    Some((Slapd::start(&Setup { people: 2, ldif, ..Setup::default() })?, holder))
}

#[test]
fn a_referral_is_shown_and_not_followed_unless_the_site_says_so() {
    let Some((slapd, holder)) = referring() else { return };
    let elsewhere = format!("ldap://127.0.0.1:{}/{PEOPLE}??sub", holder.port);
    for referrals in [Referrals::Ask, Referrals::Ignore] {
        let session = Session::new(slapd.target(), slapd.admin()).with_referrals(referrals);
        let (people, listing) = count(&session, &query());
        let urls: Vec<_> =
            listing.unwrap().referrals.into_iter().map(|referral| (referral.url, referral.failed)).collect();
        assert_eq!(people, 2, "{referrals:?}");
        assert!(urls.contains(&(elsewhere.clone(), None)) && urls.len() == 2, "{referrals:?}: {urls:?}");
        let found = session.with(|connection| connection.search(&Dn::new(SUFFIX), "(uid=*)", &["cn"], 100)).unwrap();
        assert_eq!((found.entries.len(), found.referrals.len()), (2, 2), "{referrals:?}");
        let inside = Dn::new(format!("uid=p00001,ou=Elsewhere,{SUFFIX}"));
        let read = session.with(|connection| connection.read(&inside, &[])).unwrap_err();
        assert!(matches!(&read, LdapError::Referral { urls } if urls.len() == 1), "{read:?}");
    }
}

#[test]
fn a_followed_referral_brings_its_people_and_a_broken_one_its_reason() {
    let Some((slapd, mut holder)) = referring() else { return };
    let session = Session::new(slapd.target(), slapd.admin()).with_referrals(Referrals::Follow);
    let (people, listing) = count(&session, &query());
    let referrals = listing.unwrap().referrals;
    assert_eq!((people, referrals.len()), (9, 1), "{referrals:?}");
    assert!(referrals[0].failed.is_some(), "the referral without a host: {referrals:?}");
    let found = session.with(|connection| connection.search(&Dn::new(SUFFIX), "(uid=*)", &["cn"], 100)).unwrap();
    assert_eq!((found.entries.len(), found.referrals.len()), (9, 1));
    holder.stop();
    let (people, listing) = count(&session, &query());
    let listing = listing.unwrap();
    assert_eq!((people, listing.end, listing.referrals.len()), (2, ListEnd::Complete, 2));
    assert!(listing.referrals.iter().all(|referral| referral.failed.is_some()), "{:?}", listing.referrals);
}
