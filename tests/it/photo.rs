//! Photos of the demo site's people, from fetch to verdict, and whether faces are told apart.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use photodesk::{
    demo::{Demo, DemoOptions, Fault, PLANTED, Planted},
    model::{Entry, Site},
    net::{
        http::{Fence, Limits},
        ldap::{Session, Target},
    },
    photo::{Cache, FaultKind, Found, Level, Look, Looking, Rule, Sameness, look},
};

/// Everybody with a planted fault, and some others: drawing all 400 takes a minute without optimisation.
fn few_people() -> Demo {
    Demo::start_with(DemoOptions { people: 90, ..DemoOptions::default() }).unwrap()
}

/// People with their addresses and what else is asked for. Pictures are drawn only when they are asked for.
fn entries(demo: &Demo, site: &Site, pictures: &[&str]) -> Vec<Entry> {
    let session = Session::new(Target::of(&site.directory), demo.credentials());
    let base = site.directory.base.clone().unwrap();
    let attributes = [&["cn", "mail", "photoURL"], pictures].concat();
    session
        .with(|connection| connection.search(&base, "(objectClass=inetOrgPerson)", &attributes, 500))
        .unwrap()
        .entries
}

fn looking(site: &Site) -> Looking {
    Looking {
        fence: Fence { allowed: site.photos.allowed_hosts.clone(), ca_file: None },
        // Drawing the largest picture takes seconds without optimisation.
        limits: Limits { time: Duration::from_mins(1), ..Limits::default() },
        cache: Arc::new(Cache::none()),
        edge: 48,
        fresh: false,
    }
}

fn look_at(url: &str, mail: Option<&str>, looking: &Looking) -> Look {
    look::look(url, mail, looking, &AtomicBool::new(false)).unwrap()
}

#[test]
fn every_planted_fault_has_its_verdict() {
    let demo = few_people();
    let site = demo.site();
    let people: BTreeMap<_, _> =
        entries(&demo, &site, &[]).into_iter().map(|entry| (entry.dn.as_str().to_owned(), entry)).collect();
    let cases = [
        (Fault::NotFound, Level::Bad, FaultKind::Broken, "404"),
        (Fault::CapitalsInAddress, Level::Bad, FaultKind::WrongCase, "Capitals"),
        (Fault::PngNamedJpg, Level::Weak, FaultKind::WrongType, "PNG"),
        (Fault::Heavy, Level::Weak, FaultKind::TooLarge, ""), // its size, which the drawing decides
        (Fault::FortyMegapixels, Level::Bad, FaultKind::TooLarge, "40 MP"),
        (Fault::CutShort, Level::Bad, FaultKind::Broken, "Cut short"),
        (Fault::RotatedByExif, Level::Weak, FaultKind::None, "Rotated"),
        (Fault::Cmyk, Level::Weak, FaultKind::WrongType, "CMYK"),
        (Fault::SignInPage, Level::Bad, FaultKind::Broken, "Sign-in page"),
        (Fault::SignInRedirect, Level::Bad, FaultKind::Broken, "Sign-in page"),
        (Fault::Redirect, Level::Good, FaultKind::None, "Set"),
        (Fault::RedirectLoop, Level::Bad, FaultKind::Broken, "Loop"),
        (Fault::SlowServer, Level::Bad, FaultKind::Broken, "No answer"),
        (Fault::RelativeUrl, Level::Bad, FaultKind::Broken, "Relative"),
        (Fault::UnknownIssuer, Level::Bad, FaultKind::Broken, "Untrusted"),
        (Fault::MailWithPlusAndApostrophe, Level::Good, FaultKind::None, "Set"),
        (Fault::SharedUrl, Level::Good, FaultKind::None, "Set"),
        (Fault::NameChinese, Level::Good, FaultKind::None, "Set"),
    ];
    for (fault, level, kind, word) in cases {
        for planted in Planted::with(fault) {
            let person = &people[planted.dn().as_str()];
            let mut looking = looking(&site);
            if fault == Fault::SlowServer {
                looking.limits.time = Duration::from_millis(200);
            }
            let seen = look_at(person.text("photoURL").unwrap(), person.text("mail"), &looking);
            let verdict = (seen.verdict.level, seen.verdict.kind);
            assert_eq!(verdict, (level, kind), "{fault:?}: {}", seen.verdict.sentence);
            assert!(word.is_empty() || seen.verdict.word == word, "{fault:?}: {}", seen.verdict.word);
        }
    }
}

/// What F5, a second look, and a host that is allowed no more come to.
#[test]
fn answers_are_kept_and_still_held_to_the_fence() {
    let demo = few_people();
    let site = demo.site();
    let url = format!("http://127.0.0.1:{}/photos/lea.dubois@example.com.jpg", demo.web_port());
    let mut looking = Looking { cache: Arc::new(Cache::in_memory()), ..looking(&site) };
    let first = look_at(&url, None, &looking);
    assert_eq!(first.verdict.level, Level::Good, "{}", first.verdict.sentence);
    assert_eq!(first.exchange.as_ref().unwrap().hops.len(), 2, "it is a redirect");
    drop(demo);
    assert_eq!(look_at(&url, None, &looking).exchange, first.exchange, "the web server is not asked again");
    assert_eq!(look_at(&url, None, &Looking { fresh: true, ..looking.clone() }).verdict.word, "Refused");
    looking.fence.allowed.clear();
    assert_eq!(look_at(&url, None, &looking).verdict.word, "Asks first");
    assert!(look::look(&url, None, &looking, &AtomicBool::new(true)).is_none(), "nobody wants it any more");
}

#[test]
fn a_photo_of_the_directory_is_judged_without_an_address() {
    let demo = few_people();
    let person = entries(&demo, &demo.site(), &["thumbnailPhoto"])
        .into_iter()
        .find(|entry| entry.has("thumbnailPhoto"))
        .unwrap();
    let bytes = person.values("thumbnailPhoto")[0].0.clone();
    let (found, verdict, badges) = look::look_at_bytes(bytes, 48);
    let found = found.unwrap();
    assert_eq!((found.facts.width, found.facts.height), (96, 96));
    assert_eq!((found.picture.width, found.picture.height), (48, 48));
    assert_eq!(verdict.level, Level::Good);
    assert!(badges.iter().all(|badge| badge.level == Level::Good && badge.rule != Rule::Http), "{badges:?}");
}

/// A copy in another size is the same picture, a colleague's face never is, however alike they are drawn. The figures of
/// all 400 people are in `src/photo/likeness.rs`.
#[test]
fn a_resized_copy_is_the_same_and_a_colleagues_face_is_not() {
    let demo = few_people();
    let site = demo.site();
    let looking = looking(&site);
    let people = entries(&demo, &site, &["thumbnailPhoto", "jpegPhoto"]);
    let mut faces = Vec::new();
    let mut copies = 0;
    let planted: Vec<_> = PLANTED.iter().map(Planted::dn).collect();
    for person in people.iter().filter(|person| !planted.contains(&person.dn)) {
        let name = person.text("cn").unwrap_or_default().to_owned();
        let seen = look_at(person.text("photoURL").unwrap(), None, &looking);
        let portrait = seen.found.unwrap().unwrap_or_else(|fault| panic!("{name}: {fault}"));
        for copy in ["thumbnailPhoto", "jpegPhoto"].iter().flat_map(|attribute| person.values(attribute)) {
            let copy = Found::read(copy.0.clone(), 48).unwrap();
            let distance = portrait.likeness.distance(&copy.likeness);
            assert_eq!(portrait.compare(&copy), Sameness::SamePicture, "{name} at {}: {distance}", copy.facts.width);
            copies += 1;
        }
        faces.push((name, portrait));
    }
    assert!(faces.len() > 40 && copies > 20, "{} faces, {copies} copies", faces.len());
    for (at, (name, face)) in faces.iter().enumerate() {
        for (other_name, other) in &faces[..at] {
            let distance = face.likeness.distance(&other.likeness);
            assert_eq!(face.compare(other), Sameness::Other, "{name} and {other_name}: {distance}");
        }
    }
}
