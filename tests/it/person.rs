//! One person, against the demo site: a row for each planted fault, and the page by name and by picture.

use std::{
    sync::{Arc, LazyLock, Mutex, mpsc},
    time::Duration,
};

use egui::Vec2;
use egui_kittest::{Harness, SnapshotResults, kittest::Queryable};
use photodesk::{
    demo::{Demo, DemoOptions, Fault, Planted},
    job::Waker,
    model::{Credentials, Dn, Site},
    net::{
        http::{Fence, Limits},
        ldap::{Session, Target},
    },
    people::{
        panel::{
            person::{PersonCommand, PersonPanel},
            viewer::ViewerPanel,
        },
        person::{Mend, Person, PersonContext, VIEW_EDGE, Who},
        places::{Comparison, PlaceId, PlaceKind, Source},
    },
    photo::{Cache, Level, Looking},
};

use crate::support::pictures::{THEMES, harness};

/// A demo site, and people of it opened and looked at to the end.
struct Desk {
    /// Held for its servers; the lock makes it fit to be shared.
    _demo: Mutex<Demo>,
    credentials: Credentials,
    web_port: u16,
    site: Site,
    fence: Fence,
    limits: Limits,
}

/// One site for all tests that only look: its pictures are drawn once.
static DESK: LazyLock<Desk> = LazyLock::new(Desk::new);

impl Desk {
    fn new() -> Self {
        Self::of(DemoOptions { slow_photo: Duration::from_millis(300), ..DemoOptions::default() })
    }

    fn of(options: DemoOptions) -> Self {
        let demo = Demo::start_with(options).unwrap();
        let site = demo.site();
        let fence = Fence { allowed: site.photos.allowed_hosts.clone(), ca_file: None };
        let (credentials, web_port) = (demo.credentials(), demo.web_port());
        Self {
            _demo: Mutex::new(demo),
            credentials,
            web_port,
            site,
            fence,
            limits: Limits { time: Duration::from_mins(2), ..Limits::default() },
        }
    }

    /// Starts opening a person; whatever comes in wakes the receiver.
    fn start(&self, dn: Dn, name: &str) -> (Person, mpsc::Receiver<()>) {
        let (wake, woken) = mpsc::channel();
        let context = PersonContext {
            session: Session::new(Target::of(&self.site.directory), self.credentials.clone()),
            site: Arc::new(self.site.clone()),
            looking: Looking {
                fence: self.fence.clone(),
                limits: self.limits,
                cache: Arc::new(Cache::none()),
                edge: VIEW_EDGE,
                fresh: false,
            },
            // Nobody listens any more once the test is done.
            waker: Waker::new(move || _ = wake.send(()).is_ok()),
        };
        (Person::open(context, Who { dn, name: name.to_owned(), mail: String::new() }), woken)
    }

    fn open(&self, planted: &Planted) -> Person {
        let (mut person, woken) = self.start(planted.dn(), planted.name);
        settle(&mut person, &woken);
        person
    }

    fn with(&self, fault: Fault) -> Person {
        self.open(Planted::with(fault).next().unwrap())
    }
}

/// Polls until everything was looked at.
fn settle(person: &mut Person, woken: &mpsc::Receiver<()>) {
    person.poll();
    while person.is_busy() {
        woken.recv_timeout(Duration::from_mins(3)).expect("the person was never read to the end");
        person.poll();
    }
}

fn word(person: &Person, kind: PlaceKind) -> String {
    let place = person.place(PlaceId::of(kind)).unwrap();
    match &place.source {
        Source::Nothing(nothing) => nothing.word().to_owned(),
        Source::SameAs(id) => format!("= {}", id.label()),
        Source::Url(_) | Source::Bytes { .. } => place.verdict().unwrap().word.clone(),
    }
}

/// What a row of the table expects: the word at the photo URL, the headline, and one badge that is not good.
type Expected = (Fault, &'static str, Option<(Level, &'static str)>, Option<&'static str>);

const BAD: Level = Level::Bad;
const WEAK: Level = Level::Weak;

#[test]
fn each_planted_fault_has_its_own_word_headline_and_badge() {
    let table: [Expected; 23] = [
        (Fault::NoPhotoUrl, "None", Some((Level::Unknown, "No photo URL is set")), None),
        (Fault::NotFound, "404", Some((BAD, "The web server has no such file: it answers 404")), None),
        (
            Fault::CapitalsInAddress,
            "Capitals",
            Some((BAD, "The address has capitals, the file has none")),
            Some("Capitals"),
        ),
        (Fault::PngNamedJpg, "PNG", Some((WEAK, "The photo is a PNG file, whatever its name says")), Some("PNG")),
        (Fault::Heavy, " KB", Some((WEAK, "business cards take less than 45 KB")), Some(" KB")),
        (Fault::FortyMegapixels, "", None, None),
        (Fault::CutShort, "Cut short", Some((BAD, "The file is cut short")), Some("No image")),
        (Fault::RotatedByExif, "Rotated", Some((WEAK, "The photo lies on its side")), None),
        (Fault::Cmyk, "CMYK", Some((WEAK, "The photo's colours are meant for printing")), None),
        (Fault::SignInPage, "Sign-in page", Some((BAD, "A sign-in page")), Some("Sign-in")),
        (Fault::SignInRedirect, "Sign-in page", Some((BAD, "sign-in page")), Some("Sign-in")),
        (Fault::Redirect, "Set", None, None),
        (Fault::RedirectLoop, "Loop", Some((BAD, "The address leads in a circle")), None),
        (Fault::SlowServer, "Set", None, None),
        (Fault::RelativeUrl, "Relative", Some((BAD, "is not a whole address")), None),
        (Fault::UnknownIssuer, "Untrusted", Some((BAD, "The certificate was issued by")), Some("https")),
        (Fault::SharedUrl, "Set", None, None),
        (Fault::TwoValues, "404", Some((BAD, "has 2 values, and one leads nowhere: 404")), None),
        (Fault::MailMissing, "Set", Some((WEAK, "Meeting clients find no photo: there is no mail")), None),
        (Fault::MailWithPlusAndApostrophe, "Set", None, None),
        (Fault::OtherPersonInJpegPhoto, "Set", None, None),
        (Fault::CommaInDn, "Set", None, None),
        (Fault::NameEmoji, "Set", None, None),
    ];
    let desk = &*DESK;
    let mut wrong = Vec::new();
    for (fault, expected_word, headline, badge) in table {
        let person = desk.with(fault);
        assert_eq!(person.problem(), None, "{fault:?}");
        let place = person.place(PlaceId::of(PlaceKind::PhotoUrl)).unwrap();
        let weak: Vec<_> =
            place.badges().iter().filter(|badge| badge.level != Level::Good).map(|badge| badge.word.clone()).collect();
        let seen = (
            word(&person, PlaceKind::PhotoUrl),
            person.headline().map(|headline| (headline.level, headline.sentence.clone())),
            weak,
        );
        let headline_fits = match (&seen.1, headline) {
            (Some((level, sentence)), Some((wanted, part))) => *level == wanted && sentence.contains(part),
            (None, None) => true,
            _ => fault == Fault::FortyMegapixels, // see the test on large pictures
        };
        let badge_fits = badge.is_none_or(|badge| seen.2.iter().any(|word| word.contains(badge)));
        if !(seen.0.contains(expected_word) && headline_fits && badge_fits) {
            wrong.push(format!("{fault:?}: {seen:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn each_place_has_a_picture_or_a_reason() {
    let desk = &*DESK;
    for planted in photodesk::demo::PLANTED {
        let person = desk.open(planted);
        let kinds: Vec<_> = person.places().iter().map(|place| place.id.kind).collect();
        for kind in [
            PlaceKind::PhotoUrl,
            PlaceKind::ImagePath,
            PlaceKind::MeetingsUrl,
            PlaceKind::ThumbnailPhoto,
            PlaceKind::JpegPhoto,
        ] {
            assert!(kinds.contains(&kind), "{:?} has no {}", planted.fault, kind.label());
        }
        for place in person.places() {
            let reason = match (&place.source, place.verdict()) {
                (Source::Nothing(nothing), _) => nothing.reason(),
                (Source::SameAs(id), _) => id.label(),
                (_, verdict) => verdict.map(|verdict| verdict.sentence.clone()).unwrap_or_default(),
            };
            let shown = place.found().is_some() && place.thumbnail.is_some();
            assert!(
                shown || !reason.is_empty(),
                "{:?}: {} shows nothing and says nothing",
                planted.fault,
                place.id.label()
            );
        }
    }
}

#[test]
fn the_same_picture_is_recognised_in_every_size_and_a_colleague_is_not() {
    let desk = &*DESK;
    let other = desk.with(Fault::OtherPersonInJpegPhoto);
    let comparison = |person: &Person, kind| person.place(PlaceId::of(kind)).unwrap().comparison;
    assert_eq!(comparison(&other, PlaceKind::PhotoUrl), Some(Comparison::Reference));
    assert_eq!(comparison(&other, PlaceKind::MeetingsUrl), Some(Comparison::SameBytes));
    assert_eq!(comparison(&other, PlaceKind::ThumbnailPhoto), Some(Comparison::SameSmaller));
    assert_eq!(comparison(&other, PlaceKind::JpegPhoto), Some(Comparison::Other));
    assert_eq!(other.pictures(), 2);
}

#[test]
fn capitals_are_proved_and_the_mend_begins_with_the_right_address() {
    let asha = DESK.with(Fault::CapitalsInAddress);
    let headline = asha.headline().unwrap();
    assert!(headline.about_case);
    let Some(Mend::SetPhotoUrl(Some(better))) = &headline.mend else { panic!("{headline:?}") };
    assert!(
        better.ends_with("/photos/asha.patel%40example.com.jpg")
            || better.ends_with("/photos/asha.patel@example.com.jpg"),
        "{better}"
    );
}

#[test]
fn an_image_path_with_the_photo_urls_value_is_said_so_and_fetched_once() {
    let person = DESK.with(Fault::NameGreek);
    let place = person.place(PlaceId::of(PlaceKind::ImagePath)).unwrap();
    assert_eq!(place.source, Source::SameAs(PlaceId::of(PlaceKind::PhotoUrl)));
    assert!(place.look().is_none());
}

#[test]
fn two_values_are_two_places() {
    let person = DESK.with(Fault::TwoValues);
    let second = person.place(PlaceId { kind: PlaceKind::PhotoUrl, value: 1 }).unwrap();
    assert_eq!(second.id.label(), "Photo URL, value 2");
    assert!(second.found().is_some() || second.look().is_some());
}

#[test]
fn a_slow_server_holds_up_nothing_else() {
    let desk = Desk::of(DemoOptions { slow_photo: Duration::from_mins(1), ..DemoOptions::default() });
    let slow = Planted::with(Fault::SlowServer).next().unwrap();
    let (mut person, woken) = desk.start(slow.dn(), slow.name);
    let thumbnail = PlaceId::of(PlaceKind::ThumbnailPhoto);
    while person.place(thumbnail).is_none_or(|place| place.found().is_none()) {
        woken.recv_timeout(Duration::from_mins(3)).unwrap();
        person.poll();
    }
    assert!(person.is_looking(PlaceId::of(PlaceKind::PhotoUrl)), "the slow place is done already");
    assert!(person.entry().is_some() && !person.attributes().is_empty());
}

#[test]
fn nothing_is_fetched_from_a_host_that_was_not_allowed() {
    let mut desk = Desk::new();
    desk.fence.allowed.clear();
    let planted = Planted::with(Fault::NameKorean).next().unwrap();
    let (mut person, woken) = desk.start(planted.dn(), planted.name);
    settle(&mut person, &woken);
    let Some(Mend::AllowHost(host)) = person.headline().and_then(|headline| headline.mend.clone()) else {
        panic!("{:?}", person.headline())
    };
    assert_eq!(host, format!("127.0.0.1:{}", desk.web_port));
    person.allow([host]);
    settle(&mut person, &woken);
    assert!(person.place(PlaceId::of(PlaceKind::PhotoUrl)).unwrap().found().is_some());
    assert_eq!(person.headline(), None);
}

#[test]
fn a_person_who_is_gone_is_a_problem_with_a_way_out() {
    let desk = Desk::new();
    let (mut person, woken) = desk.start(Dn::new("uid=nobody,ou=London,ou=People,dc=example,dc=com"), "Nobody");
    settle(&mut person, &woken);
    let problem = person.problem().unwrap();
    assert!(problem.what.contains("uid=nobody"), "{problem}");
    assert!(person.entry().is_none());
}

#[test]
fn what_is_known_stays_when_reading_again_fails() {
    let desk = Desk::new();
    let planted = Planted::with(Fault::NameGreek).next().unwrap();
    let (mut person, woken) = desk.start(planted.dn(), planted.name);
    settle(&mut person, &woken);
    let attributes = person.attributes().len();
    drop(desk);
    person.refresh();
    settle(&mut person, &woken);
    assert!(person.problem().is_some());
    assert_eq!(person.attributes().len(), attributes);
    assert!(person.portrait().is_some());
}

/// A window with `person`; what is asked for is gathered.
fn window<'a>(
    person: &'a Person,
    size: impl Into<Vec2>,
    theme: egui::Theme,
    out: &'a mut Vec<PersonCommand>,
) -> Harness<'a> {
    let mut panel = PersonPanel::default();
    harness(size, theme, move |ui| panel.ui(ui, person, out))
}

/// Asks the window for what `act` clicks.
fn asked(person: &Person, act: impl Fn(&mut Harness<'_>)) -> Vec<PersonCommand> {
    let mut out = Vec::new();
    let mut window = window(person, [520.0, 900.0], egui::Theme::Light, &mut out);
    window.run_ok();
    act(&mut window);
    window.run_ok();
    drop(window);
    out
}

fn click(name: &'static str) -> impl Fn(&mut Harness<'_>) {
    move |window| window.get_by_label(name).click()
}

#[test]
fn every_control_asks_for_what_it_says() {
    let desk = &*DESK;
    let asha = desk.with(Fault::CapitalsInAddress);
    let Some(Mend::SetPhotoUrl(better)) = asha.headline().unwrap().mend.clone() else { panic!() };
    assert_eq!(asked(&asha, click("Set photo URL…")), [PersonCommand::SetPhotoUrl(better)]);
    let jpeg = PlaceId::of(PlaceKind::JpegPhoto);
    let healthy = desk.with(Fault::NameKorean);
    assert_eq!(asked(&healthy, click("Set photo URL…")), [PersonCommand::SetPhotoUrl(None)]);
    let copied = asked(&healthy, click("Copy objectClass"));
    assert!(matches!(&copied[..], [PersonCommand::CopyText(text)] if text == "top"), "{copied:?}");
    if healthy.place(jpeg).unwrap().found().is_some() {
        let commands =
            asked(&healthy, |window| window.get_all_by_label("Show jpegPhoto large").next().unwrap().click());
        assert_eq!(commands, [PersonCommand::OpenViewer(jpeg)]);
    }
}

#[test]
fn a_place_opens_to_its_exchange_and_can_be_copied_as_curl() {
    let desk = &*DESK;
    let person = desk.with(Fault::NotFound);
    let mut out = Vec::new();
    let mut window = window(&person, [520.0, 1400.0], egui::Theme::Light, &mut out);
    window.run_ok();
    window.get_by_label("Photo URL: 404").click();
    window.run_ok();
    let _named = window.get_by_label("404 Not Found");
    window.get_by_label("Copy as curl").click();
    window.run_ok();
    drop(window);
    assert!(
        matches!(&out[..], [PersonCommand::CopyText(line)] if line.starts_with("curl ") && line.contains("oskar")),
        "{out:?}"
    );
}

#[test]
fn the_entry_can_be_searched() {
    let desk = &*DESK;
    let person = desk.with(Fault::NameKorean);
    let mut out = Vec::new();
    let mut window = window(&person, [520.0, 1200.0], egui::Theme::Light, &mut out);
    window.run_ok();
    let _named = window.get_by_label("Copy uid");
    window.get_by_role_and_label(egui::accesskit::Role::TextInput, "Filter attributes").focus();
    window.run_ok();
    window.event(egui::Event::Text("objectcl".to_owned()));
    window.run_ok();
    let _named = window.get_by_label("Copy objectClass");
    assert!(window.query_by_label("Copy uid").is_none());
}

/// Pictures of people: fault, end of the picture's name, size.
const PICTURES: [(Fault, &str, [f32; 2]); 10] = [
    (Fault::NameKorean, "healthy", [520.0, 440.0]),
    (Fault::CapitalsInAddress, "capitals", [520.0, 440.0]),
    (Fault::NoPhotoUrl, "no-url", [520.0, 440.0]),
    (Fault::Heavy, "heavy", [520.0, 440.0]),
    (Fault::SignInPage, "sign-in", [400.0, 440.0]),
    (Fault::OtherPersonInJpegPhoto, "other-picture", [720.0, 400.0]),
    (Fault::NameLong, "long-name", [400.0, 440.0]),
    (Fault::NameArabic, "arabic", [520.0, 440.0]),
    (Fault::NameControlCharacters, "control-characters", [520.0, 440.0]),
    (Fault::TwoValues, "two-values", [720.0, 480.0]),
];

#[test]
fn a_person_looks_as_designed() {
    let desk = &*DESK;
    let mut results = SnapshotResults::new();
    for (fault, name, size) in PICTURES {
        let person = desk.with(fault);
        for (theme, word) in THEMES {
            let mut out = Vec::new();
            let mut window = window(&person, size, theme, &mut out);
            window.run_ok();
            results.add(window.try_snapshot(format!("person-{name}-{word}")));
        }
    }
}

#[test]
fn a_place_opens_to_its_reason_and_every_rule() {
    let mut results = SnapshotResults::new();
    let person = DESK.with(Fault::OtherPersonInJpegPhoto);
    for (theme, word) in THEMES {
        let mut out = Vec::new();
        let mut window = window(&person, [520.0, 640.0], theme, &mut out);
        window.run_ok();
        window.get_by_label("jpegPhoto: Other picture").click();
        window.run_ok();
        window.remove_cursor();
        window.run_ok();
        results.add(window.try_snapshot(format!("person-place-open-{word}")));
    }
}

#[test]
fn a_person_is_there_before_the_entry_and_says_when_it_cannot_be_read() {
    let mut results = SnapshotResults::new();
    let slow = Desk::of(DemoOptions { search_delay: Duration::from_mins(1), ..DemoOptions::default() });
    let planted = Planted::with(Fault::NameKorean).next().unwrap();
    let (loading, _woken) = slow.start(planted.dn(), planted.name);
    let mut gone = Desk::new();
    gone.site.directory.server.host = "no-such-host.invalid".to_owned();
    let (mut failed, woken) = gone.start(planted.dn(), planted.name);
    settle(&mut failed, &woken);
    for (person, name) in [(&loading, "loading"), (&failed, "failed")] {
        for (theme, word) in THEMES {
            let mut out = Vec::new();
            let mut window = window(person, [520.0, 440.0], theme, &mut out);
            window.run_ok();
            results.add(window.try_snapshot(format!("person-{name}-{word}")));
        }
    }
    assert_eq!(asked(&failed, click("Try again")), [PersonCommand::Refresh]);
}

#[test]
fn the_viewer_goes_from_place_to_place_and_closes_by_key() {
    let desk = &*DESK;
    let person = desk.with(Fault::OtherPersonInJpegPhoto);
    let mut results = SnapshotResults::new();
    for (theme, word) in THEMES {
        let viewer = std::cell::RefCell::new(ViewerPanel::open(PlaceId::of(PlaceKind::ThumbnailPhoto)));
        let open = std::cell::Cell::new(true);
        let mut window = harness([900.0, 700.0], theme, |ui| {
            let mut out = Vec::new();
            let still_open = viewer.borrow_mut().ui(ui, &person, &mut out);
            open.set(open.get() && still_open);
        });
        window.run_ok();
        results.add(window.try_snapshot(format!("viewer-fitted-{word}")));
        window.key_press(egui::Key::ArrowRight);
        window.run_ok();
        assert_eq!(viewer.borrow().place(), PlaceId::of(PlaceKind::JpegPhoto));
        let _named = window.get_by_label("4 of 4");
        window.event(egui::Event::Text("+".to_owned()));
        window.run_ok();
        assert!(window.query_by_label("Fitted").is_none(), "+ did not zoom");
        window.event(egui::Event::Text("0".to_owned()));
        window.run_ok();
        let _named = window.get_by_label("Fitted");
        window.key_press(egui::Key::Escape);
        window.run_ok();
        assert!(!open.get(), "Esc did not close it");
    }
}
