//! Activity: jobs, the journal, and undoing from it, by name, by picture and against a demo site.

use std::{
    fs,
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
use jiff::{Timestamp, tz::TimeZone};
use photodesk::{
    activity::{
        Command, JobInfo, JobKind, JobState, OpenSite, Outcome, Row, State, Today, UndoStage, Undoable,
        panel::{Panel, undo_ui},
    },
    demo::{Demo, DemoOptions, PLANTED},
    job::Waker,
    journal::{Journal, Line, LineState},
    model::{Change, Clock, Dn, Place, Problem, Server, Site, Value},
    net::ldap::{Session, Target},
};

use crate::support::pictures;

const OLD: &str = "http://photos.example.com/Asha.Patel@Example.com.jpg";
const NEW: &str = "http://photos.example.com/asha.patel@example.com.jpg";
const DIRECTORY: &str = "ldaps://dc1.example.com:636";

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn line(id: &str, at: &str, subject: &str, (before, after): (&[&str], &[&str])) -> Line {
    let values = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect();
    Line {
        id: id.to_owned(),
        at: at.parse().unwrap(),
        site: "Head office".to_owned(),
        who: "m.berger on ws-114".to_owned(),
        run: format!("run of {id}"),
        undoes: None,
        state: LineState::Done,
        change: Change {
            place: Place::Attribute {
                directory: DIRECTORY.to_owned(),
                dn: PLANTED[0].dn(),
                attribute: "photoURL".to_owned(),
            },
            subject: subject.to_owned(),
            before: values(before),
            after: values(after),
        },
    }
}

/// Two days of an administrator's work, oldest first.
fn lines() -> Vec<Line> {
    let photo = |name: &str| format!("http://photos.example.com/{name}@example.com.jpg");
    let one = |id, at, subject, after: &str| line(id, at, subject, (&[], &[after]));
    let elsewhere = Line {
        site: "Branch".to_owned(),
        change: Change {
            place: Place::Attribute {
                directory: "ldap://ldap.example.com:389".to_owned(),
                dn: Dn::new("uid=jane,dc=example,dc=com"),
                attribute: "photoURL".to_owned(),
            },
            ..one("c", "2026-11-23T15:58:41Z", "Jane Smith", &photo("jane.smith")).change
        },
        ..one("c", "2026-11-23T15:58:41Z", "Jane Smith", &photo("jane.smith"))
    };
    let refused = LineState::Failed("the account may not do this".to_owned());
    let taken_back = one("d", "2026-11-23T16:02:10Z", "Юлия Соколова", &photo("y.sokolova"));
    let taking_back = Line {
        undoes: Some("d".to_owned()),
        change: taken_back.change.inverse(),
        ..one("e", "2026-11-23T16:20:33Z", "Юлия Соколова", "")
    };
    vec![
        one("a", "2026-11-04T09:14:02Z", "Maximiliane von Hohenstein-Wernigerode", &photo("m.v.hohenstein")),
        Line { state: refused, ..one("b", "2026-11-23T09:14:02Z", "Fionn Ó Súilleabháin", &photo("fionn")) },
        elsewhere,
        taken_back,
        taking_back,
        Line { state: LineState::Begun, ..one("f", "2026-11-24T11:31:48Z", "王小明", &photo("xiaoming.wang")) },
        one("g", "2026-11-24T11:42:05Z", "Diego López", "https://intranet.example.com/people/4711/photo"),
        line("h", "2026-11-24T11:59:12Z", "Asha Patel", (&[OLD], &[NEW])),
    ]
}

fn jobs() -> Vec<JobInfo> {
    let job = |id, kind, name: &str, state| JobInfo { id, kind, name: name.to_owned(), state };
    let running = JobState::Running { done: 268, total: Some(412), rate: Some(54.0), left: Some(2.7) };
    let counting = JobState::Running { done: 12_345, total: None, rate: Some(9_000.0), left: None };
    let at = |text: &str| text.parse().unwrap();
    let done = JobState::Done { at: at("2026-11-24T11:40:00Z"), what: "412 people · 1.2 s".to_owned() };
    let problem = Problem::new("dc1.example.com does not answer on port 636");
    vec![
        job(1, JobKind::Photos, "Looking at photos", running),
        job(2, JobKind::People, "Reading people", counting),
        job(3, JobKind::People, "Read people", done),
        job(
            4,
            JobKind::Connection,
            "Checked the connection",
            JobState::Failed { at: at("2026-11-24T11:02:00Z"), problem },
        ),
    ]
}

struct Fixture {
    state: State,
    woken: Receiver<()>,
    journal: Journal,
    demo: Option<Demo>,
    _folder: tempfile::TempDir,
}

impl Fixture {
    /// A journal of `lines`; no site is open.
    fn of(lines: &[Line]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let text: Vec<String> = lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
        fs::write(&path, text.concat()).unwrap();
        let (sender, woken) = channel();
        let journal = Journal::at(&path);
        let clock = Clock { now, zone: TimeZone::UTC };
        let waker = Waker::new(move || sender.send(()).unwrap_or_default());
        let state = State::new(journal.clone(), clock, waker);
        let mut this = Self { state, woken, journal, demo: None, _folder: folder };
        this.settle();
        this
    }

    /// The site is open, and the person's photo URL is `value`.
    fn open(mut self, value: &str, unlock: bool) -> Self {
        let demo = Demo::start_with(DemoOptions { people: 0, ..DemoOptions::default() }).unwrap();
        let session = Session::new(Target::of(&demo.site().directory), demo.credentials());
        let mut site = Site { name: "Head office".to_owned(), ..Site::default() };
        site.directory.server = Server::parse(DIRECTORY, false).unwrap();
        hold(&session, value);
        let unlocked = if unlock { site.unlock().map(Arc::new) } else { None };
        self.state.site_is(Some(OpenSite { site: Arc::new(site), session, unlocked }));
        self.demo = Some(demo);
        self
    }

    fn session(&self) -> Session {
        let demo = self.demo.as_ref().unwrap();
        Session::new(Target::of(&demo.site().directory), demo.credentials())
    }

    fn run(&mut self, command: Command) -> Vec<Outcome> {
        self.state.run(command);
        self.settle()
    }

    fn settle(&mut self) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        loop {
            outcomes.extend(self.state.poll());
            if self.state.is_settled() {
                return outcomes;
            }
            self.woken.recv_timeout(Duration::from_mins(1)).expect("Activity settles within a minute");
        }
    }
}

/// Makes the photo URL of the person `value`, whatever it was.
fn hold(session: &Session, value: &str) {
    let dn = PLANTED[0].dn();
    let place = Place::Attribute { directory: String::new(), dn: dn.clone(), attribute: "photoURL".to_owned() };
    let before = session.with(|connection| connection.values(&dn, "photoURL")).unwrap();
    let change = Change { place, subject: String::new(), before, after: vec![Value::from(value)] };
    session.write(&change, &Site::default().unlock().unwrap()).unwrap();
}

fn window(state: &State, theme: egui::Theme) -> Harness<'_, (Panel, Vec<Command>)> {
    pictures::builder([1110.0, 700.0], theme).build_ui_state(
        |ui, (panel, out): &mut (Panel, Vec<Command>)| {
            panel.ui(ui, state, &mut |_, _| None, out);
            if let Some(undo) = state.undo() {
                undo_ui(ui.ctx(), state, undo, out);
            }
        },
        (Panel::default(), Vec::new()),
    )
}

fn picture(name: &str, state: &State) {
    let mut results = egui_kittest::SnapshotResults::new();
    for (theme, word) in pictures::THEMES {
        let mut window = window(state, theme);
        window.run_ok();
        results.add(window.try_snapshot(format!("activity-{name}-{word}")));
    }
    results.unwrap();
}

#[test]
fn an_empty_journal_says_what_will_stand_there() {
    let fixture = Fixture::of(&[]);
    let mut window = window(&fixture.state, egui::Theme::Light);
    window.run_ok();
    window.get_by_label("No changes yet");
    drop(window);
    picture("empty", &fixture.state);
}

#[test]
fn jobs_and_changes_stand_together_with_the_one_looked_at() {
    let mut fixture = Fixture::of(&lines()).open(NEW, true);
    fixture.state.jobs_are(jobs());
    fixture.run(Command::Select("h".to_owned()));
    assert_eq!(fixture.state.today(), &Today::Holds(vec![Value::from(NEW)]));
    let mut window = window(&fixture.state, egui::Theme::Light);
    window.run_ok();
    window.get_by_label("Can be undone");
    window.get_by_label("2 jobs running, 8 changes in the journal");
    window.get_all_by_role_and_label(egui::Role::Button, "Stop").next().unwrap().click();
    window.run_ok();
    window.get_by_label("Undo the change of Diego López").click();
    window.run_ok();
    let asked = [Command::StopJob(1), Command::Select("g".to_owned()), Command::AskUndo("g".to_owned())];
    assert_eq!(window.state().1, asked);
    drop(window);
    picture("journal", &fixture.state);
}

#[test]
fn each_change_says_whether_it_can_be_undone() {
    use Undoable::{OtherSite, Undone, Unknown, Yes};
    let fixture = Fixture::of(&lines()).open(NEW, true);
    let shown = fixture.state.shown();
    let told: Vec<Undoable> = shown.records().iter().map(|record| fixture.state.undoable(record)).collect();
    let refused = Undoable::NotWritten("the account may not do this".to_owned());
    assert_eq!(told, [Yes, refused, OtherSite, Undone, Yes, Unknown, Yes, Yes]);
    let days = shown.rows().iter().filter(|row| matches!(row, Row::Day(_))).count();
    assert_eq!((days, shown.rows()[1]), (3, Row::Change(7)), "newest first, a heading for each day");
}

#[test]
fn undo_is_shown_then_written_then_read_back() {
    let mut fixture = Fixture::of(&lines()).open(NEW, true);
    fixture.run(Command::Select("h".to_owned()));
    fixture.run(Command::AskUndo("h".to_owned()));
    picture("undo", &fixture.state);
    let mut window = window(&fixture.state, egui::Theme::Light);
    window.run_ok();
    window.get_by_label("The directory still holds the value that was set then, read just now");
    drop(window);

    let outcomes = fixture.run(Command::Undo);
    assert_eq!(outcomes, [Outcome::Written(PLANTED[0].dn())]);
    assert_eq!(fixture.state.undo().unwrap().stage(), &UndoStage::Done);
    let dn = PLANTED[0].dn();
    assert_eq!(fixture.session().with(|connection| connection.values(&dn, "photoURL")).unwrap(), [Value::from(OLD)]);
    let record = fixture.state.shown().record("h").unwrap();
    assert_eq!(fixture.state.undoable(record), Undoable::Undone, "the journal was read again");
    assert_eq!(fixture.state.shown().records().len(), 9, "undoing is a change too");
    fixture.run(Command::CloseUndo);
    fixture.run(Command::Select("h".to_owned()));
    let mut window = crate::activity::window(&fixture.state, egui::Theme::Light);
    window.run_ok();
    window.get_all_by_label("Undone").next().unwrap();
}

#[test]
fn a_value_that_changed_since_is_shown_and_not_overwritten() {
    let mut fixture = Fixture::of(&lines()).open("http://photos.example.com/somebody-else.jpg", true);
    fixture.run(Command::Select("h".to_owned()));
    let mut page = window(&fixture.state, egui::Theme::Light);
    page.run_ok();
    page.get_by_label("It was changed since");
    assert!(page.get_by_role_and_label(egui::Role::Button, "Undo this change…").accesskit_node().is_disabled());
    drop(page);
    fixture.run(Command::AskUndo("h".to_owned()));
    assert!(!fixture.state.undo().unwrap().can_be_written());
    fixture.run(Command::Undo);
    assert_eq!(fixture.state.undo().unwrap().stage(), &UndoStage::Asking, "nothing was begun");
    picture("changed-since", &fixture.state);
}

#[test]
fn somebody_who_changes_it_while_the_dialog_is_open_is_not_overwritten() {
    let mut fixture = Fixture::of(&lines()).open(NEW, true);
    fixture.run(Command::AskUndo("h".to_owned()));
    hold(&fixture.session(), "http://photos.example.com/somebody-else.jpg");
    fixture.run(Command::Undo);
    let undo = fixture.state.undo().unwrap();
    assert!(matches!(undo.stage(), UndoStage::Failed(_)), "{:?}", undo.stage());
    assert_eq!(undo.today(), &Today::Holds(vec![Value::from("http://photos.example.com/somebody-else.jpg")]));
    assert!(!undo.can_be_written());
}

#[test]
fn the_last_change_of_the_open_site_is_offered_first() {
    let mut fixture = Fixture::of(&lines()).open(NEW, true);
    // Written a moment ago by another part of the window: not read yet.
    let written = line("i", "2026-11-24T11:59:59Z", "Ben Williams", (&[], &[NEW]));
    fixture.journal.append(&written).unwrap();
    fixture.run(Command::UndoLast);
    assert_eq!(fixture.state.undo().unwrap().record().line.id, "i");

    let mut empty = Fixture::of(&[]).open(NEW, true);
    assert_eq!(empty.run(Command::UndoLast), [Outcome::NothingToUndo]);
}

#[test]
fn a_locked_site_shows_what_undo_would_write_and_writes_nothing() {
    let mut fixture = Fixture::of(&lines()).open(NEW, false);
    fixture.run(Command::AskUndo("h".to_owned()));
    fixture.run(Command::Undo);
    assert_eq!(fixture.state.undo().unwrap().stage(), &UndoStage::Asking);
    let mut window = window(&fixture.state, egui::Theme::Light);
    window.run_ok();
    window.get_by_label("Read-only: unlock the site to undo");
    window.get_by_label("Unlock").click();
    window.run_ok();
    assert_eq!(window.state().1, [Command::Unlock]);
}

#[test]
fn the_journal_is_searched_in_all_its_parts() {
    let mut fixture = Fixture::of(&lines());
    for (text, found) in
        [("asha", 1), ("СОКОЛОВА", 2), ("branch", 1), ("intranet 4711", 1), ("ws-114", 8), ("nobody", 0)]
    {
        fixture.run(Command::Search(text.to_owned()));
        assert_eq!(fixture.state.shown().count(), found, "{text}");
    }
    let mut window = window(&fixture.state, egui::Theme::Light);
    window.run_ok();
    window.get_by_label("Nothing in the journal holds “nobody”");
    window.get_by_label("Clear the search").click();
    window.run_ok();
    assert_eq!(window.state().1, [Command::Search(String::new())]);
}

#[test]
fn arrow_keys_choose_a_change() {
    let fixture = Fixture::of(&lines());
    let mut window = window(&fixture.state, egui::Theme::Light);
    window.key_press(egui::Key::ArrowDown);
    window.run_ok();
    assert_eq!(window.state().1, [Command::Select("h".to_owned())]);
}

#[test]
fn a_change_that_was_begun_is_settled_by_what_the_directory_holds() {
    let mut fixture = Fixture::of(&lines()).open("http://photos.example.com/xiaoming.wang@example.com.jpg", true);
    fixture.run(Command::Select("f".to_owned()));
    let mut window = window(&fixture.state, egui::Theme::Light);
    window.run_ok();
    window.get_by_label("It was begun, and it was written");
}

#[test]
fn damaged_lines_are_counted_and_the_others_shown() {
    let mut fixture = Fixture::of(&lines());
    let text = fs::read_to_string(fixture.journal.path()).unwrap();
    fs::write(fixture.journal.path(), &text[..text.len() - 40]).unwrap();
    fixture.run(Command::Refresh);
    let mut window = window(&fixture.state, egui::Theme::Light);
    window.run_ok();
    window.get_by_label("1 line of the journal cannot be read; all others are shown");
    assert_eq!(fixture.state.shown().count(), 7);
}

#[test]
fn the_journal_is_exported_for_spreadsheets_and_for_scripts() {
    let mut lines = lines();
    lines[7].change.subject = "=HYPERLINK(\"http://example.com\")".to_owned();
    let mut fixture = Fixture::of(&lines);
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("journal.csv");
    fixture.run(Command::Search("photos.example.com".to_owned()));
    assert_eq!(fixture.run(Command::ExportTo(csv.clone())), [Outcome::Exported(csv.clone())]);
    let mut reader = csv::Reader::from_path(&csv).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 7, "what is shown: one change was left out by the search");
    assert_eq!(&rows[0][4], "'=HYPERLINK(\"http://example.com\")", "no spreadsheet takes it for a formula");
    assert_eq!((&rows[0][8], &rows[0][9], &rows[0][10]), (OLD, NEW, "done"));

    let json = folder.path().join("journal.JSON");
    fixture.run(Command::ExportTo(json.clone()));
    let read: serde_json::Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    assert_eq!((&read[0]["new"][0], &read[0]["state"]), (&NEW.into(), &"done".into()));

    fixture.run(Command::ExportTo(folder.path().join("missing").join("journal.csv")));
    assert!(fixture.state.problem().unwrap().what.contains("could not be written"));
}

#[test]
fn a_hundred_thousand_changes_are_shown_like_eight() {
    let text = serde_json::to_string(&line("ID", "2026-11-24T11:59:12Z", "Asha Patel", (&[OLD], &[NEW]))).unwrap();
    let mut fixture = Fixture::of(&[]);
    let many: String = (0..100_000).map(|number| text.replace("ID", &number.to_string()) + "\n").collect();
    fs::write(fixture.journal.path(), many).unwrap();
    fixture.run(Command::Refresh);
    assert_eq!(fixture.state.shown().count(), 100_000);
    fixture.run(Command::Select("99990".to_owned()));
    let mut window = window(&fixture.state, egui::Theme::Light);
    window.run_ok();
    let rows = window.get_all_by_role(egui::Role::Row).count();
    assert!(rows < 40, "{rows} rows are drawn, not all");
}
