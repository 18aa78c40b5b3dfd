//! Setting a photo URL: what the dialog says before anything is written, what is written, and what happens when
//! somebody else was faster, the connection is lost or the account may not.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};
use jiff::tz::TimeZone;
use photodesk::{
    demo::{Demo, DemoOptions, PLANTED},
    job::Waker,
    journal::{Journal, LineState},
    model::{Attribute, Change, Clock, Credentials, Dn, Entry, Place, Server, Site, Value},
    net::ldap::{Session, Target},
    people::{
        panel::set_url::{Panel, set_url_ui},
        set_checks::{CheckLevel, checks},
        set_url::{Choice, Command, Intent, Outcome, Preview, Proof, SetUrl, Stage, Tools},
    },
    photo::Looking,
};

use crate::support::{faces, pictures};

const OLD: &str = "http://photos.example.com/Asha.Patel@Example.com.jpg";
const THEIRS: &str = "http://people.example.com/people/4711.jpg";
const NEW: &str = "http://photos.example.com/asha.patel@example.com.jpg";
const BLACK: [u8; 3] = [28, 25, 23];
const GREY: [u8; 3] = [160, 160, 165];

/// A site whose photos are on photos.example.com.
fn site() -> Site {
    let mut site = Site { name: "Head office".to_owned(), ..Site::default() };
    site.directory.server = Server::parse("ldaps://dc1.example.com", false).unwrap();
    site.photos.template = Some("http://photos.example.com/{mail|lower}.jpg".to_owned());
    site
}

fn entry(urls: &[&str]) -> Entry {
    let attribute = |name: &str, values: Vec<Value>| Attribute { name: name.to_owned(), values };
    let mut attributes = vec![
        attribute("cn", vec![Value::from("Asha Patel")]),
        attribute("mail", vec![Value::from("Asha.Patel@Example.com")]),
        attribute("thumbnailPhoto", vec![Value(faces::jpeg(96, BLACK, 70))]),
    ];
    if !urls.is_empty() {
        attributes.push(attribute("photoURL", urls.iter().map(|url| Value::from(*url)).collect()));
    }
    Entry { dn: Dn::new("uid=apatel,ou=People,dc=example,dc=com"), attributes }
}

/// Answers that are there already.
fn looking() -> Looking {
    let answers = [
        faces::answer(OLD, 404, Vec::new()),
        faces::answer(NEW, 200, faces::jpeg(240, BLACK, 85)),
        faces::answer(THEIRS, 200, faces::png(200, GREY)),
        faces::answer("http://photos.example.com/heavy.png", 200, faces::png(600, GREY)),
    ];
    let mut looking = faces::looking("photos.example.com", &answers);
    looking.fence.allowed.insert("people.example.com".to_owned());
    looking
}

/// Two minutes to noon.
fn clock() -> Clock {
    Clock { now: || "2026-11-24T11:58:02Z".parse().unwrap(), zone: TimeZone::UTC }
}

/// A dialog over answers that are there already.
struct Fixture {
    dialog: SetUrl,
    woken: Receiver<()>,
    demo: Option<Demo>,
    folder: tempfile::TempDir,
}

impl Fixture {
    /// On a directory that nobody asks.
    fn open(urls: &[&str], intent: Intent, site: Site, unlock: bool) -> Self {
        let session = Session::new(Target::of(&site.directory), Credentials::Anonymous);
        Self::on(session, None, entry(urls), intent, site, unlock)
    }

    /// On a demo site whose person was seen with `urls` and has `now` meanwhile.
    fn on_demo(urls: &[&str], now: &[&str], intent: Intent) -> Self {
        let demo = Demo::start_with(DemoOptions { people: 0, ..DemoOptions::default() }).unwrap();
        let session = Session::new(Target::of(&demo.site().directory), demo.credentials());
        let entry = Entry { dn: PLANTED[0].dn(), ..entry(urls) };
        hold(&session, &entry.dn, now);
        Self::on(session, Some(demo), entry, intent, site(), true)
    }

    fn on(session: Session, demo: Option<Demo>, entry: Entry, intent: Intent, site: Site, unlock: bool) -> Self {
        let (sender, woken) = channel();
        let folder = tempfile::tempdir().unwrap();
        let tools = Tools {
            session,
            unlocked: if unlock { site.unlock().map(Arc::new) } else { None },
            site: Arc::new(site),
            journal: Journal::at(&folder.path().join("journal.jsonl")),
            looking: looking(),
            waker: Waker::new(move || sender.send(()).unwrap_or_default()),
        };
        let dialog = SetUrl::open(entry, "Asha Patel".to_owned(), intent, tools).without_rest().at(clock());
        Self { dialog, woken, demo, folder }
    }

    fn typing(mut self, text: &str) -> Self {
        self.dialog.run(Command::Type(text.to_owned()));
        self
    }

    /// After a command, waits until nothing is being fetched or written.
    fn after(&mut self, command: Command) -> Option<Outcome> {
        self.dialog.run(command);
        self.settle()
    }

    fn settled(mut self) -> SetUrl {
        self.settle();
        self.dialog
    }

    fn settle(&mut self) -> Option<Outcome> {
        let mut outcome = None;
        loop {
            outcome = self.dialog.poll().or(outcome);
            if self.dialog.is_settled() {
                return outcome;
            }
            self.woken.recv_timeout(Duration::from_mins(1)).expect("the dialog settles within a minute");
        }
    }

    fn states(&self) -> Vec<LineState> {
        let journal = Journal::at(&self.folder.path().join("journal.jsonl"));
        journal.read().unwrap().records.into_iter().map(|record| record.line.state).collect()
    }
}

/// Makes the photo URLs of `dn` `values`, whatever they were.
fn hold(session: &Session, dn: &Dn, values: &[&str]) {
    let place = Place::Attribute { directory: String::new(), dn: dn.clone(), attribute: "photoURL".to_owned() };
    let before = session.with(|connection| connection.values(dn, "photoURL")).unwrap();
    let after = values.iter().map(|value| Value::from(*value)).collect();
    let change = Change { place, subject: String::new(), before, after };
    session.write(&change, &Site::default().unlock().unwrap()).unwrap();
}

fn window(state: &SetUrl, theme: egui::Theme) -> Harness<'_, (Panel, Vec<Command>)> {
    pictures::builder([820.0, 640.0], theme).build_ui_state(
        |ui, (panel, out): &mut (Panel, Vec<Command>)| set_url_ui(ui.ctx(), state, panel, out),
        (Panel::default(), Vec::new()),
    )
}

fn picture(name: &str, state: &SetUrl) {
    let mut results = egui_kittest::SnapshotResults::new();
    for (theme, word) in pictures::THEMES {
        let mut window = window(state, theme);
        window.run_ok();
        results.add(window.try_snapshot(format!("set-url-{name}-{word}")));
    }
    results.unwrap();
}

fn said(state: &SetUrl) -> Vec<(CheckLevel, String)> {
    checks(state).into_iter().map(|check| (check.level, check.sentence)).collect()
}

#[test]
fn the_new_address_is_seen_before_it_is_written() {
    let state = Fixture::open(&[OLD], Intent::Set, site(), true).typing(NEW).settled();
    assert!(matches!(state.preview(), Preview::Seen(look) if look.found.as_ref().is_some_and(Result::is_ok)));
    assert_eq!(state.obstacle(), None);
    assert_eq!(
        said(&state),
        [
            (CheckLevel::Good, "Answers 200 with a JPEG".to_owned()),
            (CheckLevel::Good, "240 × 240, 7.0 KB, 10 KB or less".to_owned()),
            (CheckLevel::Good, "Same picture as in thumbnailPhoto".to_owned()),
            (CheckLevel::Hint, "Clients may show the old photo for up to 7 days".to_owned()),
        ]
    );
    picture("preview", &state);
}

#[test]
fn a_wrong_address_is_marked_while_it_is_typed_and_never_written() {
    let state =
        Fixture::open(&[OLD], Intent::Set, site(), true).typing("http://photos.example.com/asha patel.jpg").settled();
    assert_eq!(state.obstacle(), Some("This address cannot be written"));
    let mut window = window(&state, egui::Theme::Light);
    window.run_ok();
    window.get_by_label("A space cannot be part of an address; it is written %20");
    assert!(window.get_by_role_and_label(egui::Role::Button, "Set photo URL").accesskit_node().is_disabled());
    picture("wrong", &state);
}

#[test]
fn a_host_that_was_never_asked_is_asked_about_first() {
    let state = Fixture::open(&[OLD], Intent::Set, site(), true)
        .typing("https://intranet.example.com/people/4711/photo")
        .settled();
    assert_eq!(state.blocked_host().map(|(host, _)| host), Some("intranet.example.com"));
    assert_eq!(state.proof(), Proof::Unseen);
    let mut window = window(&state, egui::Theme::Light);
    window.run_ok();
    window.get_by_label("Allow intranet.example.com").click();
    window.run_ok();
    assert_eq!(window.state().1, [Command::AllowHost("intranet.example.com".to_owned())]);
    drop(window);
    picture("blocked", &state);
}

#[test]
fn a_locked_site_shows_everything_and_writes_nothing() {
    let mut state = Fixture::open(&[OLD], Intent::Set, site(), false).typing(NEW).settled();
    assert_eq!(state.obstacle(), Some("Read-only: unlock the site to apply"));
    state.run(Command::Apply);
    assert_eq!(state.stage(), &Stage::Editing { problem: None });
    let mut window = window(&state, egui::Theme::Light);
    window.run_ok();
    window.get_by_label("Unlock").click();
    window.run_ok();
    assert_eq!(window.state().1, [Command::Unlock]);
    drop(window);
    picture("locked", &state);
}

#[test]
fn a_read_only_site_names_its_setting_and_offers_no_unlocking() {
    let site = Site { read_only: true, ..site() };
    assert!(site.unlock().is_none());
    let state = Fixture::open(&[OLD], Intent::Set, site, true).typing(NEW).settled();
    assert_eq!(state.obstacle(), Some("Read-only: the site’s settings forbid changes"));
    let mut window = window(&state, egui::Theme::Light);
    window.run_ok();
    assert!(window.query_by_label("Unlock").is_none());
}

#[test]
fn removing_shows_what_goes() {
    let state = Fixture::open(&[OLD], Intent::Remove, site(), true).settled();
    assert_eq!(state.change().after, []);
    assert_eq!(state.obstacle(), None);
    picture("remove", &state);
    let nothing = Fixture::open(&[], Intent::Remove, site(), true).settled();
    assert_eq!(nothing.obstacle(), Some("Nothing changes: this is there already"));
}

#[test]
fn a_second_value_is_shown_with_the_one_that_clients_use() {
    let state =
        Fixture::open(&[OLD, "http://photos.example.com/second.jpg"], Intent::Set, site(), true).typing(NEW).settled();
    assert!(
        said(&state).contains(&(
            CheckLevel::Weak,
            "2 values are set where clients use one; all of them are replaced".to_owned()
        ))
    );
    picture("two-values", &state);
}

#[test]
fn a_person_without_a_photo_url_is_offered_the_templates() {
    let state = Fixture::open(&[], Intent::Set, site(), true).settled();
    assert_eq!(state.text(), NEW);
    let mut nameless = site();
    nameless.photos.template = Some("http://photos.example.com/{employeeNumber}.jpg".to_owned());
    let state = Fixture::open(&[], Intent::Set, nameless, true).settled();
    assert_eq!(state.text(), "", "no broken address");
    let mut window = window(&state, egui::Theme::Light);
    window.run_ok();
    window.get_by_label("The site’s template does not fit Asha Patel: there is no employeeNumber");
}

#[test]
fn a_heavy_png_is_told_of_and_can_still_be_written() {
    let state =
        Fixture::open(&[OLD], Intent::Set, site(), true).typing("http://photos.example.com/heavy.png").settled();
    let said = said(&state);
    assert!(said.iter().any(|(level, sentence)| *level == CheckLevel::Weak && sentence.contains(".png")), "{said:?}");
    assert!(said.iter().any(|(_, sentence)| sentence == "Another picture than in thumbnailPhoto"), "{said:?}");
    assert_eq!(state.obstacle(), None);
}

#[test]
fn typing_asks_only_for_the_last_address() {
    let mut fixture = Fixture::open(&[OLD], Intent::Set, site(), true);
    for text in ["http://photos.example.com/a", "http://photos.example.com/as", NEW] {
        fixture.dialog.run(Command::Type(text.to_owned()));
        fixture.dialog.poll();
    }
    let state = fixture.settled();
    assert!(matches!(state.preview(), Preview::Seen(look) if look.url == NEW));
}

#[test]
fn a_photo_url_is_set_read_back_and_noted() {
    let mut fixture = Fixture::on_demo(&[OLD], &[OLD], Intent::Set).typing(NEW);
    fixture.settle();
    let outcome = fixture.after(Command::Apply);
    assert_eq!(outcome, Some(Outcome::Written(PLANTED[0].dn())));
    assert_eq!(fixture.states(), [LineState::Done]);
    let state = &fixture.dialog;
    let Stage::Done { read_back, .. } = state.stage() else { panic!("{:?}", state.stage()) };
    assert_eq!(read_back.as_deref(), Some(&[Value::from(NEW)][..]));
    let mut window = window(state, egui::Theme::Light);
    window.run_ok();
    window.get_by_label("Read back: photoURL holds the new address");
    window.get_by_label("Undo…").click();
    window.run_ok();
    assert!(matches!(&window.state().1[..], [Command::Undo(_)]), "{:?}", window.state().1);
    drop(window);
    picture("done", state);
}

#[test]
fn a_photo_url_is_removed_and_read_back() {
    let mut fixture = Fixture::on_demo(&[OLD], &[OLD], Intent::Remove);
    fixture.settle();
    fixture.after(Command::Apply);
    let Stage::Done { read_back, .. } = fixture.dialog.stage() else { panic!("{:?}", fixture.dialog.stage()) };
    assert_eq!(read_back.as_deref(), Some(&[][..]));
    picture("removed", &fixture.dialog);
}

#[test]
fn after_a_conflict_three_values_are_shown_and_nothing_is_overwritten_unseen() {
    let mut fixture = Fixture::on_demo(&[OLD], &[THEIRS], Intent::Set).typing(NEW);
    fixture.settle();
    assert_eq!(fixture.after(Command::Apply), None);
    let conflict =
        Stage::Conflict { seen: vec![Value::from(OLD)], now: Some(vec![Value::from(THEIRS)]), choice: Choice::Mine };
    assert_eq!(fixture.dialog.stage(), &conflict);
    picture("conflict", &fixture.dialog);

    fixture.after(Command::Choose(Choice::Theirs));
    assert_eq!(fixture.after(Command::Settle), None, "theirs stays: nothing to write");
    fixture.after(Command::Choose(Choice::Mine));
    assert!(fixture.after(Command::Settle).is_some());
    assert!(matches!(fixture.dialog.stage(), Stage::Done { .. }), "{:?}", fixture.dialog.stage());
    assert_eq!(fixture.dialog.before(), [Value::from(THEIRS)], "planned anew from what was there");
    assert!(matches!(&fixture.states()[..], [LineState::Failed(_), LineState::Done]));
}

#[test]
fn a_second_conflict_is_shown_like_the_first() {
    let mut fixture = Fixture::on_demo(&[OLD], &[THEIRS], Intent::Set).typing(NEW);
    fixture.settle();
    fixture.after(Command::Apply);
    let demo = fixture.demo.as_ref().unwrap();
    let session = Session::new(Target::of(&demo.site().directory), demo.credentials());
    hold(&session, &PLANTED[0].dn(), &[OLD, THEIRS]);
    fixture.after(Command::Settle);
    let Stage::Conflict { seen, now: Some(now), .. } = fixture.dialog.stage() else {
        panic!("{:?}", fixture.dialog.stage())
    };
    assert_eq!((&seen[..], now.len()), (&[Value::from(THEIRS)][..], 2));
}

#[test]
fn what_was_typed_survives_a_lost_connection_and_can_be_tried_again() {
    let mut fixture = Fixture::on_demo(&[OLD], &[OLD], Intent::Set).typing(NEW);
    fixture.settle();
    drop(fixture.demo.take()); // the server stops
    fixture.after(Command::Apply);
    let Stage::Editing { problem: Some(problem) } = fixture.dialog.stage() else {
        panic!("{:?}", fixture.dialog.stage())
    };
    assert!(problem.hint.is_some(), "{problem:?}");
    assert_eq!(fixture.dialog.text(), NEW);
    let mut window = window(&fixture.dialog, egui::Theme::Light);
    window.run_ok();
    window.get_by_role_and_label(egui::Role::Button, "Try again").click();
    window.run_ok();
    assert_eq!(window.state().1, [Command::Apply]);
}
