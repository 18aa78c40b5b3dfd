//! What applying a plan does to a directory and to the journal: each case against the demo site and a real slapd.

use std::path::Path;

use jiff::Timestamp;
use photodesk::{
    demo::{Demo, DemoOptions},
    job::{Job, Stop, Waker},
    journal::{Journal, LineState},
    model::{Change, Credentials, Dn, Place, Site, Unlocked, Value},
    net::ldap::{Session, Target},
    people::{
        apply::{ApplyEvent, apply, read_now},
        plan::Plan,
    },
};

use crate::support::{
    proxy::{Cut, Proxy},
    slapd::{self, Setup, Slapd},
};

const ONE: &str = "http://photos.example.com/one.jpg";
const TWO: &str = "http://photos.example.com/two.jpg";
const THREE: &str = "http://photos.example.com/three.jpg";

/// A directory that is ended with the test.
enum Server {
    Demo(Demo),
    Slapd(Slapd),
}

struct Directory {
    name: &'static str,
    server: Server,
    folder: tempfile::TempDir,
}

impl Directory {
    /// One of each kind that this machine has.
    fn each() -> Vec<Self> {
        let folder = || tempfile::tempdir().unwrap();
        let demo = Demo::start_with(DemoOptions { people: 0, ..DemoOptions::default() }).unwrap();
        // Anybody else than the administrator may only read.
        let setup = Setup { people: 5, database: "access to * by * read".to_owned(), ..Setup::default() };
        let slapd = Slapd::start(&setup).map(Server::Slapd);
        let slapd = slapd.map(|server| Self { name: "slapd", server, folder: folder() });
        [Some(Self { name: "demo", server: Server::Demo(demo), folder: folder() }), slapd]
            .into_iter()
            .flatten()
            .collect()
    }

    fn target(&self) -> Target {
        match &self.server {
            Server::Demo(demo) => Target::of(&demo.site().directory),
            Server::Slapd(slapd) => slapd.target(),
        }
    }

    fn administrator(&self) -> Credentials {
        match &self.server {
            Server::Demo(demo) => demo.credentials(),
            Server::Slapd(slapd) => slapd.admin(),
        }
    }

    fn session(&self) -> Session {
        Session::new(self.target(), self.administrator())
    }

    fn person(&self) -> Dn {
        match &self.server {
            Server::Demo(_) => photodesk::demo::PLANTED[0].dn(),
            Server::Slapd(_) => slapd::person(1),
        }
    }

    fn journal(&self) -> Journal {
        Journal::at(&self.folder.path().join("journal.jsonl"))
    }

    fn change(&self, before: &[&str], after: &[&str]) -> Change {
        let values = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect();
        Change {
            place: Place::Attribute {
                directory: self.target().server.url(),
                dn: self.person(),
                attribute: "photoURL".to_owned(),
            },
            subject: "Somebody".to_owned(),
            before: values(before),
            after: values(after),
        }
    }

    fn now(&self) -> Vec<String> {
        let mut values: Vec<String> =
            read_now(&self.session(), &self.change(&[], &[])).unwrap().iter().map(ToString::to_string).collect();
        values.sort();
        values
    }

    /// Makes the person's values `values`, whatever they were, without the journal.
    fn holds(&self, values: &[&str]) {
        let now = self.now();
        let before: Vec<&str> = now.iter().map(String::as_str).collect();
        self.session().write(&self.change(&before, values), &unlocked()).unwrap();
    }
}

fn unlocked() -> Unlocked {
    Site::default().unlock().unwrap()
}

fn plan(changes: impl IntoIterator<Item = Change>) -> Plan {
    Plan::new("Test", changes, Timestamp::now())
}

/// Applies, and gives the events and the end.
fn run(session: &Session, journal: &Journal, plan: &Plan) -> (Vec<ApplyEvent>, Result<(), Stop>) {
    let (session, journal, plan) = (session.clone(), journal.clone(), plan.clone());
    let mut events = Vec::new();
    let job = Job::spawn("apply", Waker::none(), move |report| apply(&session, &journal, &plan, &unlocked(), report));
    let end = job.wait(|event| events.push(event));
    (events, end)
}

fn states(journal: &Journal) -> Vec<LineState> {
    journal.read().unwrap().records.into_iter().map(|record| record.line.state).collect()
}

#[test]
fn a_value_is_set_replaced_removed_and_each_is_undone() {
    let cases: &[(&[&str], &[&str])] =
        &[(&[], &[ONE]), (&[ONE], &[TWO]), (&[ONE], &[]), (&[ONE, TWO], &[THREE]), (&[ONE, TWO], &[TWO])];
    for directory in Directory::each() {
        for (before, after) in cases {
            let case = format!("{}: {before:?} to {after:?}", directory.name);
            directory.holds(before);
            let change = plan([directory.change(before, after)]);
            let (events, end) = run(&directory.session(), &directory.journal(), &change);
            assert_eq!(end, Ok(()), "{case}");
            assert_eq!(events[0], ApplyEvent::Writing { place: 0 }, "{case}");
            let read_back: Vec<Value> = after.iter().map(|value| Value::from(*value)).collect();
            assert_eq!(events[1], ApplyEvent::Done { place: 0, read_back: Some(read_back) }, "{case}");
            assert_eq!(directory.now(), *after, "{case}");

            let records = directory.journal().read().unwrap().records;
            let record = records.last().unwrap();
            assert_eq!(
                (&record.line.state, &record.line.change),
                (&LineState::Done, &change.changes[0].change),
                "{case}"
            );
            let undo = Plan::undo("Test", [record].into_iter(), Timestamp::now());
            assert_eq!(run(&directory.session(), &directory.journal(), &undo).1, Ok(()), "{case}");
            assert_eq!(directory.now(), *before, "{case}");
            let records = directory.journal().read().unwrap().records;
            assert_eq!(records[records.len() - 2].undone_by.as_ref(), Some(&undo.changes[0].id), "{case}");
        }
    }
}

#[test]
fn somebody_elses_change_is_refused_and_shown_and_never_overwritten() {
    let cases: &[(&[&str], &[&str], &[&str])] = &[
        (&[ONE], &[TWO], &[THREE]),      // replaced meanwhile
        (&[], &[ONE], &[THREE]),         // set meanwhile, where there was nothing
        (&[ONE], &[], &[THREE]),         // to be removed, and replaced meanwhile
        (&[ONE], &[TWO], &[]),           // removed meanwhile
        (&[ONE], &[TWO], &[ONE, THREE]), // another value beside ours
    ];
    for directory in Directory::each() {
        for (planned_from, after, meanwhile) in cases {
            let case = format!("{}: {planned_from:?} to {after:?}, but {meanwhile:?}", directory.name);
            directory.holds(meanwhile);
            let change = plan([directory.change(planned_from, after)]);
            let (events, end) = run(&directory.session(), &directory.journal(), &change);
            assert_eq!(end, Ok(()), "{case}");
            let ApplyEvent::Refused { stale: true, now: Some(now), problem, .. } = &events[1] else {
                panic!("{case}: {events:?}")
            };
            let mut now: Vec<String> = now.iter().map(ToString::to_string).collect();
            now.sort();
            let mut expected: Vec<&str> = meanwhile.to_vec();
            expected.sort_unstable();
            assert_eq!(now, expected, "{case}");
            assert!(problem.what.ends_with("was changed by somebody else"), "{case}: {problem}");
            assert_eq!(directory.now(), expected, "{case}");
            assert!(matches!(states(&directory.journal()).last(), Some(LineState::Failed(_))), "{case}");
        }
    }
}

#[test]
fn undo_is_refused_once_somebody_changed_the_value() {
    for directory in Directory::each() {
        directory.holds(&[ONE]);
        let change = plan([directory.change(&[ONE], &[TWO])]);
        assert_eq!(run(&directory.session(), &directory.journal(), &change).1, Ok(()), "{}", directory.name);
        directory.holds(&[THREE]);
        let records = directory.journal().read().unwrap().records;
        let undo = Plan::undo("Test", records.iter(), Timestamp::now());
        let (events, _end) = run(&directory.session(), &directory.journal(), &undo);
        assert!(matches!(&events[1], ApplyEvent::Refused { stale: true, .. }), "{}: {events:?}", directory.name);
        assert_eq!(directory.now(), [THREE], "{}", directory.name);
        assert!(directory.journal().read().unwrap().records[0].undone_by.is_none(), "{}", directory.name);
    }
}

#[test]
fn an_account_that_may_not_write_is_told_so() {
    for directory in Directory::each() {
        directory.holds(&[ONE]);
        let session = Session::new(directory.target(), Credentials::Anonymous);
        let (events, end) = run(&session, &directory.journal(), &plan([directory.change(&[ONE], &[TWO])]));
        assert_eq!(end, Ok(()), "{}", directory.name);
        let ApplyEvent::Refused { stale: false, problem, .. } = &events[1] else { panic!("{events:?}") };
        assert!(problem.hint.is_some(), "{}: {problem:?}", directory.name);
        assert_eq!(states(&directory.journal()), [LineState::Failed(problem.what.clone())], "{}", directory.name);
        assert_eq!(directory.now(), [ONE], "{}", directory.name);
    }
}

#[test]
fn a_refused_change_does_not_stop_the_others() {
    for directory in Directory::each() {
        directory.holds(&[ONE]);
        let mut nobody = directory.change(&[], &[TWO]);
        let Place::Attribute { dn, .. } = &mut nobody.place;
        *dn = Dn::new(format!("uid=nobody,{dn}"));
        let work = plan([nobody, directory.change(&[ONE], &[TWO])]);
        let (events, end) = run(&directory.session(), &directory.journal(), &work);
        assert_eq!(end, Ok(()), "{}", directory.name);
        assert!(matches!(&events[1], ApplyEvent::Refused { place: 0, stale: false, .. }), "{events:?}");
        assert!(matches!(&events[3], ApplyEvent::Done { place: 1, .. }), "{events:?}");
        assert_eq!(directory.now(), [TWO], "{}", directory.name);
    }
}

#[test]
fn after_a_line_that_was_cut_the_directory_decides_what_happened() {
    let cases = [
        (Cut::BeforeTheRequest, LineState::Failed(String::new()), ONE),
        (Cut::BeforeTheAnswer, LineState::Done, TWO),
        (Cut::BeforeTheAnswerForGood, LineState::Begun, TWO),
    ];
    for directory in Directory::each() {
        for (cut, state, value) in &cases {
            let case = format!("{}: {cut:?}", directory.name);
            directory.holds(&[ONE]);
            let proxy = Proxy::to(directory.target().server.port);
            let mut target = directory.target();
            target.server.port = proxy.port;
            let session = Session::new(target, directory.administrator());
            assert!(read_now(&session, &directory.change(&[], &[])).is_ok(), "{case}: the line works");
            proxy.cut(*cut);
            let (events, end) = run(&session, &directory.journal(), &plan([directory.change(&[ONE], &[TWO])]));
            assert_eq!(end, Ok(()), "{case}");
            let journalled = states(&directory.journal()).pop().unwrap();
            match (&journalled, &events[1]) {
                (LineState::Done, ApplyEvent::Done { .. }) => {}
                (LineState::Begun, ApplyEvent::Refused { problem, now: None, .. }) => {
                    assert!(problem.what.contains("not known whether"), "{case}: {problem}");
                }
                (LineState::Failed(why), ApplyEvent::Refused { problem, stale: false, .. }) => {
                    assert_eq!(why, &problem.what, "{case}");
                }
                other => panic!("{case}: {other:?}"),
            }
            let kind = |state: &LineState| std::mem::discriminant(state);
            assert_eq!(kind(&journalled), kind(state), "{case}: {journalled:?}");
            assert_eq!(directory.now(), [*value], "{case}");
        }
    }
}

#[test]
fn without_a_journal_nothing_is_written() {
    for directory in Directory::each() {
        directory.holds(&[ONE]);
        let journal = Journal::at(Path::new("/proc/no such folder/journal.jsonl"));
        let (events, end) = run(&directory.session(), &journal, &plan([directory.change(&[ONE], &[TWO])]));
        let Err(Stop::Failed(problem)) = end else { panic!("{end:?}") };
        assert!(problem.what.contains("cannot be written"), "{problem}");
        assert_eq!(events, [ApplyEvent::Writing { place: 0 }]);
        assert_eq!(directory.now(), [ONE], "{}", directory.name);
    }
}

#[test]
fn stopping_finishes_the_change_that_is_being_written() {
    let directory = Directory::each().remove(0);
    directory.holds(&[ONE]);
    let work = plan([directory.change(&[ONE], &[TWO]), directory.change(&[TWO], &[THREE])]);
    let (session, journal) = (directory.session(), directory.journal());
    let mut events = Vec::new();
    let (sender, flags) = std::sync::mpsc::channel();
    let job = Job::spawn("apply", Waker::none(), move |report| {
        sender.send(report.cancelled()).unwrap();
        apply(&session, &journal, &work, &unlocked(), report)
    });
    let flag = flags.recv().unwrap();
    let end = job.wait(|event| {
        if event == (ApplyEvent::Writing { place: 0 }) {
            flag.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        events.push(event);
    });
    assert_eq!(end, Err(Stop::Cancelled));
    let done = ApplyEvent::Done { place: 0, read_back: Some(vec![Value::from(TWO)]) };
    assert_eq!(events, [ApplyEvent::Writing { place: 0 }, done], "what was written is told, though it was stopped");
    assert_eq!(directory.now(), [TWO]);
    assert_eq!(states(&directory.journal()), [LineState::Done]);
}

#[test]
fn a_read_only_site_gives_nothing_to_write_with() {
    let site = Site { read_only: true, ..Site::default() };
    assert!(site.unlock().is_none(), "`apply` cannot be called without it");
}
