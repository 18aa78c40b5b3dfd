//! The directory client, the connection check and the command line against a real Active Directory, which is Samba's.

use std::ops::ControlFlow;

use jiff::tz::TimeZone;
use photodesk::{
    model::{AttributeNames, Change, Credentials, DirectoryKind, Dn, Entry, Place, Security, Site, Unlocked, Value},
    net::{
        ldap::{Connection, LdapError, ListEnd, PeopleQuery, Session},
        trust::{TlsFault, Trust},
    },
    people::attributes::{self, Described},
    sites::check::{Step, StepState},
};

use crate::{
    cli, sites_check,
    support::{
        again,
        samba::{ADMIN, PASSWORD, PEOPLE, SUFFIX, Samba, network_of_its_own, person},
        slapd::simple,
    },
};

const PEOPLE_MADE: usize = 250;
const OURS: &str = "http://photos.example.com/ours.jpg";
const THEIRS: &str = "http://photos.example.com/theirs.jpg";
const FIRST: &str = "https://photos.example.com/p00001.jpg";

#[test]
fn a_real_active_directory_is_served_like_any_other() {
    let Some(network) = network_of_its_own() else { return };
    again::run(network, "samba::inside", &[]);
}

#[test]
#[ignore = "runs in the network that a_real_active_directory_is_served_like_any_other makes"]
fn inside() {
    if !again::is_here() {
        return;
    }
    let dc = Samba::start(PEOPLE_MADE);
    it_is_recognised_and_everything_is_suggested(&dc);
    an_account_without_the_right_to_write_is_told_so(&dc);
    a_password_goes_only_over_tls(&dc);
    a_certificate_is_judged_by_its_authority_or_its_pin(&dc);
    a_name_signs_in_in_the_forms_that_it_takes(&dc);
    a_sign_in_that_is_refused_says_why(&dc);
    visitors_are_told_to_sign_in(&dc);
    everybody_is_listed_page_by_page_and_nothing_else_is(&dc);
    identifiers_times_and_flags_are_in_words(&dc);
    a_change_and_its_inverse_leave_what_was(&dc);
    somebody_elses_change_is_refused_and_stays(&dc);
    a_refused_change_says_why(&dc);
    the_command_line_does_the_same(&dc);
}

/// A site of which only the server is known.
fn site(dc: &Samba) -> Site {
    let mut site = sites_check::site_at("127.0.0.1", 636, Security::Ldaps);
    site.directory.ca_file = Some(dc.authority.clone());
    site
}

fn it_is_recognised_and_everything_is_suggested(dc: &Samba) {
    let checked = sites_check::run(sites_check::probe(site(dc), simple(ADMIN, PASSWORD)));
    for step in Step::ALL {
        assert!(matches!(checked.state(step), StepState::Passed { .. }), "{step:?}: {:?}", checked.state(step));
    }
    let fact = |step: Step| match checked.state(step) {
        StepState::Passed { fact } => fact.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(fact(Step::Attribute), "photoURL, several values, readable");
    assert_eq!(fact(Step::Write), "allowed");
    assert_eq!(checked.found.kind, Some(DirectoryKind::ActiveDirectory));
    assert_eq!(checked.found.base, Some(Dn::new(SUFFIX)));
    assert_eq!(checked.found.referrals, [], "the configuration is no part where people are");
    assert_eq!(checked.found.certificate.as_ref().unwrap().sha256, dc.identity.sha256);
    // A small part of the directory, which is looked at to its end.
    let mut small = site(dc);
    small.directory.filter = Some("(&(objectCategory=person)(objectClass=user)(sAMAccountName=p0000*))".to_owned());
    let checked = sites_check::run(sites_check::probe(small, simple(ADMIN, PASSWORD)));
    assert!(matches!(checked.state(Step::People), StepState::Passed { .. }), "{:?}", checked.state(Step::People));
}

fn an_account_without_the_right_to_write_is_told_so(dc: &Samba) {
    let checked = sites_check::run(sites_check::probe(site(dc), simple("p00001@example.test", PASSWORD)));
    assert_eq!(checked.failed(), [Step::Write], "{:#?}", checked.states);
    assert_eq!(checked.found.signed_in, Some(person(1)));
}

fn a_password_goes_only_over_tls(dc: &Samba) {
    let plain = Session::new(dc.target(Security::None), simple(ADMIN, PASSWORD));
    let error = plain.with(Connection::root_dse).unwrap_err();
    assert!(matches!(error, LdapError::StrongerAuthRequired { .. }), "{error:?}");
    assert_eq!(error.to_string(), "the directory accepts a password only over TLS");
    assert_eq!(error.hint(), Some("Use ldaps or StartTLS for this site."));
    Session::new(dc.target(Security::StartTls), simple(ADMIN, PASSWORD)).with(Connection::root_dse).unwrap();
}

fn a_certificate_is_judged_by_its_authority_or_its_pin(dc: &Samba) {
    for security in [Security::Ldaps, Security::StartTls] {
        let mut target = dc.target(security);
        target.trust = Trust { ca_file: None, pinned: Some(dc.identity.sha256) };
        Session::new(target.clone(), simple(ADMIN, PASSWORD)).with(Connection::root_dse).unwrap();
        target.trust = Trust::default();
        let error = Session::new(target, simple(ADMIN, PASSWORD)).with(Connection::root_dse).unwrap_err();
        assert!(matches!(error, LdapError::Tls(TlsFault::UnknownIssuer { .. })), "{security:?}: {error:?}");
    }
}

fn a_name_signs_in_in_the_forms_that_it_takes(dc: &Samba) {
    let dn = person(1);
    for name in [dn.as_str(), "p00001@example.test", r"EXAMPLE\p00001", " P00001@EXAMPLE.TEST "] {
        let session = dc.session(name);
        session.with(Connection::root_dse).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(session.signed_in_as(), Some(dn.clone()), "{name}");
    }
}

fn a_sign_in_that_is_refused_says_why(dc: &Samba) {
    let cases = [
        ("p00001@example.test", "wrong", "the directory does not accept this name and password"),
        ("nobody@example.test", PASSWORD, "the directory does not accept this name and password"),
        ("p00002@example.test", PASSWORD, "the directory does not let this account sign in: it is disabled"),
        (
            "p00003@example.test",
            PASSWORD,
            "the directory does not let this account sign in: its password must be changed first",
        ),
        ("p00001", PASSWORD, "the directory does not accept the name p00001 with this password"),
    ];
    for (name, password, sentence) in cases {
        let session = Session::new(dc.target(Security::Ldaps), simple(name, password));
        let error = session.with(Connection::root_dse).unwrap_err();
        assert_eq!(error.to_string(), sentence, "{name}: {error:?}");
        assert!(error.hint().is_some() && error.server_text().is_some(), "{error:?}");
    }
    let error = dc.session("p00001").with(Connection::root_dse).unwrap_err();
    assert!(error.hint().is_some_and(|hint| hint.contains(r"EXAMPLE\anna")), "{error:?}");
}

fn visitors_are_told_to_sign_in(dc: &Samba) {
    let visitor = Session::new(dc.target(Security::Ldaps), Credentials::Anonymous);
    assert_eq!(visitor.with(Connection::root_dse).unwrap().kind, Some(DirectoryKind::ActiveDirectory));
    let error = visitor.with(|connection| connection.read(&person(1), &[])).unwrap_err();
    assert!(matches!(error, LdapError::SignInRequired { .. }), "{error:?}");
    let listed = visitor.list_people(&query(), &mut |_person| ControlFlow::Continue(()));
    assert!(matches!(listed, Err(LdapError::SignInRequired { .. })), "{listed:?}");
}

/// As the site's defaults have it, in pages of which many are needed.
fn query() -> PeopleQuery {
    let kind = DirectoryKind::ActiveDirectory;
    PeopleQuery {
        base: Dn::new(SUFFIX),
        filter: kind.people_filter().to_owned(),
        attributes: AttributeNames { image_path: None, ..kind.attributes() },
        changed: true,
        page_size: 40,
    }
}

fn everybody_is_listed_page_by_page_and_nothing_else_is(dc: &Samba) {
    let mut people = Vec::new();
    let listing = dc
        .session(ADMIN)
        .list_people(&query(), &mut |record| {
            let [dn, name, mail] = [record.dn, record.name, record.mail].map(str::to_owned);
            people.push((dn, name, mail, record.account.to_owned(), record.photo_url.to_owned(), record.changed.len()));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((listing.end, listing.referrals), (ListEnd::Complete, Vec::new()));
    let (mut made, own): (Vec<_>, Vec<_>) = people.into_iter().partition(|(dn, ..)| dn.ends_with(PEOPLE));
    made.sort();
    let expected = |number: usize| {
        let photo = if number.is_multiple_of(3) {
            String::new()
        } else {
            format!("https://photos.example.com/p{number:05}.jpg")
        };
        let (name, mail) = (format!("Person {number:05}"), format!("person.{number:05}@example.com"));
        (person(number).to_string(), name, mail, format!("p{number:05}"), photo, "20260101000000.0Z".len())
    };
    assert_eq!(made, (1..=PEOPLE_MADE).map(expected).collect::<Vec<_>>());
    // Those every domain has: neither a computer nor a contact.
    let mut accounts: Vec<_> = own.into_iter().map(|(_dn, _name, _mail, account, ..)| account).collect();
    accounts.sort();
    assert_eq!(accounts, ["Administrator", "Guest", "dns-dc1", "krbtgt"]);
}

fn read(session: &Session, number: usize) -> Entry {
    session.with(|connection| connection.read(&person(number), &[])).unwrap()
}

fn identifiers_times_and_flags_are_in_words(dc: &Samba) {
    let session = dc.session(ADMIN);
    // Somebody who never was seen anywhere, and somebody who must change the password.
    let [one, other] =
        [read(&session, 1), read(&session, 3)].map(|entry| attributes::describe(&entry, &[], &TimeZone::UTC));
    for name in ["objectGUID", "objectSid"] {
        let shown = &value(&one, name).text;
        assert!(dc.identifiers.contains(&format!("{name} {shown}")), "{name}: {shown} in {}", dc.identifiers);
    }
    let words = |entry: &[Described], name: &str| value(entry, name).words.clone().unwrap_or_default();
    assert_eq!(words(&one, "accountExpires"), "Never");
    assert_eq!(words(&one, "userAccountControl"), "Enabled, normal account");
    assert_eq!(words(&one, "sAMAccountType"), "User");
    assert_eq!(words(&other, "pwdLastSet"), "To be changed at the next sign-in");
    for name in ["whenCreated", "whenChanged", "pwdLastSet"] {
        let words = words(&one, name);
        assert!(words.ends_with(" +00:00") && words.contains(" 20"), "{name}: {words}");
    }
    assert!(one.iter().all(|attribute| attribute.name != "unicodePwd"));
}

fn value<'a>(entry: &'a [Described], name: &str) -> &'a attributes::Shown {
    let found = entry.iter().find(|attribute| attribute.name == name);
    &found.unwrap_or_else(|| panic!("no {name} in {entry:?}")).values[0]
}

fn unlocked() -> Unlocked {
    Site::default().unlock().unwrap()
}

fn change(number: usize, attribute: &str, before: &[&str], after: &[&str]) -> Change {
    let values = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect();
    let directory = Samba::server(Security::Ldaps).url();
    Change {
        place: Place::Attribute { directory, dn: person(number), attribute: attribute.to_owned() },
        subject: format!("Person {number:05}"),
        before: values(before),
        after: values(after),
    }
}

fn values(session: &Session, number: usize, attribute: &str) -> Vec<String> {
    read(session, number).values(attribute).iter().map(ToString::to_string).collect()
}

fn a_change_and_its_inverse_leave_what_was(dc: &Samba) {
    let session = dc.session(ADMIN);
    let cases = [
        ("photoURL", 1, &[FIRST][..], &[OURS][..]),
        ("photoURL", 1, &[FIRST], &[]),
        ("photoURL", 3, &[], &[OURS]),
        ("photoURL", 3, &[], &[OURS, THEIRS]),
        // One value at most, and an attribute that Active Directory has by itself.
        ("wWWHomePage", 3, &[], &[OURS]),
    ];
    for (attribute, number, before, after) in cases {
        let change = change(number, attribute, before, after);
        session.write(&change, &unlocked()).unwrap_or_else(|error| panic!("{before:?} to {after:?}: {error}"));
        let mut found = values(&session, number, attribute);
        found.sort();
        assert_eq!(found, after, "{attribute}");
        session.write(&change.inverse(), &unlocked()).unwrap();
        assert_eq!(values(&session, number, attribute), before, "{attribute}: {before:?} to {after:?} and back");
    }
}

fn somebody_elses_change_is_refused_and_stays(dc: &Samba) {
    let session = dc.session(ADMIN);
    // What we saw, what somebody made of it, what we want.
    let cases = [
        (4, vec!["https://photos.example.com/p00004.jpg"], vec![THEIRS], vec![OURS]),
        (5, vec!["https://photos.example.com/p00005.jpg"], vec![], vec![OURS]),
        (6, vec![], vec![THEIRS], vec![OURS]),
        (7, vec!["https://photos.example.com/p00007.jpg"], vec![THEIRS], vec![]),
    ];
    for (number, seen, theirs, ours) in cases {
        session.write(&change(number, "photoURL", &seen, &theirs), &unlocked()).unwrap();
        let error = session.write(&change(number, "photoURL", &seen, &ours), &unlocked()).unwrap_err();
        assert!(matches!(&error, LdapError::Stale { dn } if *dn == person(number)), "{seen:?}, {theirs:?}: {error:?}");
        assert_eq!(values(&session, number, "photoURL"), theirs);
    }
    // Of two who write at once one wins: the server itself refuses to delete what is gone.
    let seen = "https://photos.example.com/p00008.jpg";
    let ends = std::thread::scope(|scope| {
        let tries = [OURS, THEIRS].map(|value| {
            let session = dc.session(ADMIN);
            scope.spawn(move || session.write(&change(8, "photoURL", &[seen], &[value]), &unlocked()))
        });
        tries.map(|end| end.join().unwrap())
    });
    let stale = ends.iter().filter(|end| matches!(end, Err(LdapError::Stale { .. }))).count();
    assert_eq!((stale, values(&session, 8, "photoURL").len()), (1, 1), "{ends:?}");
}

fn a_refused_change_says_why(dc: &Samba) {
    let (admin, anna) = (dc.session(ADMIN), dc.session("p00001@example.test"));
    for (number, before) in [(1, FIRST), (10, "https://photos.example.com/p00010.jpg")] {
        let error = anna.write(&change(number, "photoURL", &[before], &[OURS]), &unlocked()).unwrap_err();
        assert!(matches!(error, LdapError::InsufficientRights { .. }), "{number}: {error:?}");
    }
    let error = admin.write(&change(9, "noSuchThing", &[], &[OURS]), &unlocked()).unwrap_err();
    assert!(matches!(error, LdapError::NoSuchAttribute { .. }), "{error:?}");
    let error = admin.write(&change(9, "wWWHomePage", &[], &[OURS, THEIRS]), &unlocked()).unwrap_err();
    assert!(matches!(error, LdapError::InvalidValue { .. }), "two values where one is allowed: {error:?}");
    let error = admin.write(&change(PEOPLE_MADE + 1, "photoURL", &[], &[OURS]), &unlocked()).unwrap_err();
    assert!(matches!(error, LdapError::NoSuchEntry { .. }), "{error:?}");
}

fn the_command_line_does_the_same(dc: &Samba) {
    let authority = dc.authority.to_str().unwrap();
    let directory = ["--url", "ldaps://127.0.0.1", "--base", SUFFIX, "--bind-dn", ADMIN, "--ca", authority];
    let home = dc.folder().join("home");
    std::fs::create_dir(&home).unwrap();
    let run = |arguments: &[&str]| cli::run(&home, &[arguments, &directory[..]].concat(), Some(PASSWORD));

    let check = run(&["site", "check"]);
    assert_eq!((check.code, check.err.as_str()), (0, ""), "{check:?}");
    let list = run(&["people", "list", "person.0002", "--format", "json"]);
    assert_eq!((list.code, list.err.as_str()), (0, ""), "no word of the configuration's referral");
    assert_eq!(list.json().as_array().unwrap().len(), 10);
    let mail = ["--mail", "person.00012@example.com"];
    let show = run(&["people", "show", mail[0], mail[1]]);
    assert!(show.out.lines().any(|line| line.starts_with("accountExpires") && line.ends_with("Never")), "{show:?}");
    for (to, result) in [(OURS, "written"), (THEIRS, "written"), (THEIRS, "unchanged")] {
        let set = run(&["people", "set-url", mail[0], mail[1], "--to", to, "--format", "json"]);
        assert_eq!((set.code, set.json()[0]["result"].as_str().unwrap()), (0, result), "{set:?}");
    }
    let shown = || run(&["people", "show", mail[0], mail[1], "--format", "json"]).json();
    assert_eq!(shown()["photo_url"], THEIRS);
    let journal = cli::run(&home, &["journal", "list", "--format", "json"], None).json();
    let [older, newer] = [&journal[0], &journal[1]].map(|change| change["id"].as_str().unwrap());
    let stale = run(&["journal", "undo", older]);
    assert_eq!(stale.code, 5, "{stale:?}");
    assert_eq!(run(&["journal", "undo", newer]).code, 0);
    assert_eq!(run(&["journal", "undo", older]).code, 0);
    assert_eq!(shown()["photo_url"], "");
    let remove = run(&["people", "set-url", "--mail", "person.00013@example.com", "--remove"]);
    assert_eq!(remove.code, 0, "{remove:?}");
    let contact = run(&["people", "show", "--mail", "contact@example.com"]);
    assert_eq!(contact.code, 4, "a contact is nobody who could have a photo: {contact:?}");
}
