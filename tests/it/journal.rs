//! The journal on disk: what it holds after each kind of mishap, and that nobody else reads it.

use std::{fs, path::Path};

use jiff::Timestamp;
use photodesk::{
    job::{Job, Waker},
    journal::{Journal, LONGEST_LINE, Line, LineState, new_run, who},
    model::{Change, Dn, Place, Value},
};

/// A line of the change with this number, at that many seconds.
fn line(number: usize, state: LineState) -> Line {
    Line {
        id: format!("run.{number:06}"),
        at: Timestamp::from_second(1_790_000_000 + number as i64).unwrap(),
        site: "Head office".to_owned(),
        who: "anna on ws-1".to_owned(),
        run: "run".to_owned(),
        undoes: None,
        state,
        change: Change {
            place: Place::Attribute {
                directory: "ldaps://dc1.example.com:636".to_owned(),
                dn: Dn::new(format!("uid=p{number},ou=People,dc=example,dc=com")),
                attribute: "photoURL".to_owned(),
            },
            subject: "Zoë \"Z\" Ünal\n李".to_owned(),
            before: vec![],
            after: vec![Value::from("http://photos.example.com/zoe.jpg"), Value(vec![0xff, 0xd8, 0x0a])],
        },
    }
}

fn in_new_folder() -> (tempfile::TempDir, Journal) {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::at(&folder.path().join("deeper").join("journal.jsonl"));
    (folder, journal)
}

fn states(journal: &Journal) -> Vec<(String, LineState)> {
    let read = journal.read().unwrap();
    read.records.into_iter().map(|record| (record.line.id, record.line.state)).collect()
}

#[test]
fn a_change_is_one_record_that_ends_as_its_last_line_says() {
    let (_folder, journal) = in_new_folder();
    assert_eq!(journal.read().unwrap().records, [], "a journal that does not exist yet is empty");
    let refused = LineState::Failed("the account may not do this".to_owned());
    for line in [
        line(1, LineState::Begun),
        line(1, LineState::Done),
        line(2, LineState::Begun),
        line(3, LineState::Begun),
        line(3, refused.clone()),
    ] {
        journal.append(&line).unwrap();
    }
    assert_eq!(
        states(&journal),
        [
            ("run.000001".to_owned(), LineState::Done),
            ("run.000002".to_owned(), LineState::Begun),
            ("run.000003".to_owned(), refused)
        ]
    );
    let read = journal.read().unwrap();
    assert_eq!(read.records[0].line.change, line(1, LineState::Begun).change, "values survive, binary ones too");
    assert_eq!(read.records[0].line.at, line(1, LineState::Begun).at);
    assert!(read.damaged.is_empty(), "{:?}", read.damaged);
}

#[test]
fn a_journal_cut_at_any_byte_gives_all_whole_lines_and_goes_on_with_a_fresh_one() {
    let (folder, journal) = in_new_folder();
    for number in 1..=2 {
        journal.append(&line(number, LineState::Done)).unwrap();
    }
    let whole = fs::read(journal.path()).unwrap();
    let ends: Vec<usize> = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
    let cut_path = folder.path().join("cut.jsonl");
    for cut in 0..=whole.len() {
        fs::write(&cut_path, &whole[..cut]).unwrap();
        let journal = Journal::at(&cut_path);
        // The closing brace makes a line whole, with or without its end.
        let expected = ends.iter().filter(|end| **end <= cut).count();
        let read = journal.read().unwrap();
        assert_eq!(read.records.len(), expected, "cut at {cut}");
        let rest = !ends.contains(&cut) && cut > 0 && whole[cut - 1] != b'\n';
        assert_eq!(read.damaged, if rest { vec![expected + 1] } else { vec![] }, "cut at {cut}");

        journal.append(&line(9, LineState::Done)).unwrap();
        let read = journal.read().unwrap();
        assert_eq!(read.records.len(), expected + 1, "appended after a cut at {cut}");
        assert_eq!(read.records[expected].line.id, "run.000009", "cut at {cut}");
    }
}

#[test]
fn whatever_stands_in_the_file_the_lines_around_it_are_read() {
    let good = serde_json::to_string(&line(1, LineState::Done)).unwrap();
    let cases: &[(&str, &[u8])] = &[
        ("not JSON", b"hello"),
        ("another JSON", b"[1,2,3]"),
        ("no UTF-8", b"{\"id\":\"\xff\xfe\"}"),
        ("zeros, as after a power cut", &[0; 4096]),
        ("deep nesting", &vec![b'['; 200_000]),
        ("an unknown kind of place", br#"{"id":"x","at":"2026-01-01T00:00:00Z","site":"","who":"","run":"","state":"done","change":{"place":{"kind":"moon"},"subject":"","before":[],"after":[]}}"#),
    ];
    for (name, damage) in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, [good.as_bytes(), b"\n", damage, b"\n", good.as_bytes(), b"\n"].concat()).unwrap();
        let read = Journal::at(&path).read().unwrap();
        assert_eq!((read.records.len(), read.damaged), (1, vec![2]), "{name}"); // twice the same id is one record
    }
}

#[test]
fn a_line_without_end_is_passed_over_without_being_held_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let good = serde_json::to_string(&line(1, LineState::Done)).unwrap();
    let mut bytes = vec![b'x'; 3 * LONGEST_LINE + 7];
    bytes.push(b'\n');
    bytes.extend_from_slice(good.as_bytes());
    fs::write(&path, bytes).unwrap();
    let mut read = 0;
    assert_eq!(Journal::at(&path).each(|_| read += 1).unwrap(), [1]);
    assert_eq!(read, 1);
}

#[test]
fn a_change_too_long_for_the_journal_is_refused_before_it_is_made() {
    let (_folder, journal) = in_new_folder();
    let mut long = line(1, LineState::Begun);
    long.change.after = vec![Value(vec![0; LONGEST_LINE])];
    let problem = journal.append(&long).unwrap_err();
    assert!(problem.what.ends_with("is too long for the journal"), "{problem}");
    assert_eq!(journal.read().unwrap().records, []);
}

#[test]
fn undoing_is_known_from_the_journal_and_so_is_undoing_that() {
    let undo = |number: usize, undoes: usize, state: LineState| Line {
        undoes: Some(format!("run.{undoes:06}")),
        ..line(number, state)
    };
    let undone = |journal: &Journal| -> Vec<bool> {
        journal.read().unwrap().records.iter().map(|record| record.undone_by.is_some()).collect()
    };
    let (_folder, journal) = in_new_folder();
    journal.append(&line(1, LineState::Done)).unwrap();
    journal.append(&undo(2, 1, LineState::Begun)).unwrap();
    assert_eq!(undone(&journal), [false, false], "begun is not done");
    journal.append(&undo(2, 1, LineState::Done)).unwrap();
    assert_eq!(undone(&journal), [true, false]);
    journal.append(&undo(3, 2, LineState::Done)).unwrap();
    assert_eq!(undone(&journal), [false, true, false], "taking the undo back makes the change stand again");
    journal.append(&undo(4, 3, LineState::Done)).unwrap();
    assert_eq!(undone(&journal), [true, false, true, false]);
    journal.append(&undo(5, 5, LineState::Done)).unwrap(); // names itself
    assert_eq!(undone(&journal), [true, false, true, false, false]);
}

#[cfg(unix)]
#[test]
fn only_the_administrator_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, journal) = in_new_folder();
    journal.append(&line(1, LineState::Begun)).unwrap();
    assert_eq!(fs::metadata(journal.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_journal_that_cannot_be_written_says_so_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::at(folder.path()); // a folder is no file, for root neither
    let problem = journal.append(&line(1, LineState::Begun)).unwrap_err();
    assert!(problem.what.contains("cannot be written"), "{problem}");
    assert!(problem.hint.is_some() && problem.details.is_some(), "{problem:?}");
    assert!(journal.read().unwrap_err().what.contains("cannot be read"));
}

#[test]
fn many_writers_never_tear_a_line() {
    let (_folder, journal) = in_new_folder();
    let jobs: Vec<Job<()>> = (0..4)
        .map(|writer| {
            let journal = journal.clone();
            Job::spawn("write", Waker::none(), move |_report| {
                for number in 0..25 {
                    journal.append(&line(writer * 100 + number, LineState::Done))?;
                }
                Ok(())
            })
        })
        .collect();
    for job in jobs {
        job.wait(|()| {}).unwrap();
    }
    let read = journal.read().unwrap();
    assert_eq!((read.records.len(), read.damaged), (100, vec![]));
}

#[test]
fn runs_are_named_in_the_order_of_time_and_never_twice() {
    let at = |second| new_run(Timestamp::from_second(second).unwrap());
    assert!(at(1_790_000_000) < at(1_790_000_001));
    assert_ne!(at(1_790_000_000), at(1_790_000_000));
    assert!(at(1_790_000_000).starts_with("20260921T141320.000-"), "{}", at(1_790_000_000));
}

#[test]
fn who_names_the_account_and_the_computer() {
    let who = who();
    let (account, computer) = who.split_once(" on ").unwrap();
    assert!(!account.is_empty() && !computer.is_empty(), "{who}");
}

#[test]
fn the_documented_form_of_a_line_is_read_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal-1.jsonl"), &path).unwrap();
    let read = Journal::at(&path).read().unwrap();
    assert!(read.damaged.is_empty(), "{:?}", read.damaged);
    let told: Vec<_> = read.records.iter().map(|record| (&record.line.state, record.undone_by.is_some())).collect();
    let refused = LineState::Failed("the account may not do this".to_owned());
    assert_eq!(told, [(&LineState::Done, true), (&LineState::Done, false), (&refused, false)]);
}
