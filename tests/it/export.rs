//! The export dialog, by name and by picture; what it writes is tested beside the code.

use std::{cell::RefCell, path::PathBuf};

use egui_kittest::{Harness, SnapshotResults, kittest::Queryable};
use photodesk::{
    job::{Stop, Waker},
    model::DirectoryKind,
    people::{
        export::{Column, Export, Format, Options, PersonRow},
        panel::export::{ExportCommand, ExportPanel},
    },
};

use crate::support::pictures::{THEMES, harness};

fn options() -> Options {
    let names = DirectoryKind::OpenLdap.attributes();
    Options { format: Format::Csv, columns: Column::ALL.to_vec(), byte_order_mark: true, names }
}

/// Shows the dialog for 412 people, lets `act` click, and gives what was asked for.
fn asked(path: &str, run: Option<&Export>, act: impl Fn(&mut Harness<'_>)) -> Vec<ExportCommand> {
    let (panel, out) = (RefCell::new(ExportPanel::new(options(), path)), RefCell::new(Vec::new()));
    let mut window =
        harness([700.0, 560.0], egui::Theme::Light, |ui| panel.borrow_mut().ui(ui, 412, run, &mut out.borrow_mut()));
    window.run_ok();
    act(&mut window);
    window.run_ok();
    drop(window);
    out.into_inner()
}

/// An export that came to its end: `None` writes a file, a reason ends it early.
fn ended(path: PathBuf, end: Option<Stop>) -> Export {
    let end = RefCell::new(end);
    let mut export = Export::start(path, options(), 412, Waker::none(), move |each| {
        (0..412).try_for_each(|_| each(PersonRow { name: "Asha Patel", ..PersonRow::default() }))?;
        end.take().map_or(Ok(()), Err)
    });
    while export.is_running() {
        export.poll();
        std::thread::yield_now();
    }
    export
}

#[test]
fn what_is_chosen_is_what_is_asked_for() {
    let commands = asked("/home/anna/people.csv", None, |window| {
        window.get_by_label("LDIF").click();
        window.run_ok();
        window.get_by_label("Account").click();
        window.run_ok();
        window.get_by_label("Export 412 people").click();
    });
    let [ExportCommand::Start { options, path }] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!((options.format, path.as_path()), (Format::Ldif, std::path::Path::new("/home/anna/people.ldif")));
    assert!(!options.columns.contains(&Column::Account) && options.columns.contains(&Column::Mail), "{options:?}");
}

#[test]
fn a_file_can_be_chosen_and_the_dialog_left() {
    let path = "/home/anna/people.csv";
    assert_eq!(
        asked(path, None, |window| window.get_by_label("Choose…").click()),
        [ExportCommand::ChooseFile(path.to_owned())]
    );
    assert_eq!(asked(path, None, |window| window.key_press(egui::Key::Escape)), [ExportCommand::Close]);
}

#[test]
fn without_a_file_or_a_column_it_says_what_is_missing() {
    let nothing = asked("", None, |window| {
        let _reason = window.get_by_label("Name the file to write");
        window.get_by_label("Export 412 people").click();
    });
    assert_eq!(nothing, []);
    let nothing = asked("/home/anna/people.csv", None, |window| {
        for column in Column::ALL {
            window.get_by_label(column.label()).click();
            window.run_ok();
        }
        let _reason = window.get_by_label("Choose at least one column");
        window.get_by_label("Export 412 people").click();
    });
    assert_eq!(nothing, []);
}

#[test]
fn the_dialog_says_how_an_export_ended() {
    let folder = tempfile::tempdir().unwrap();
    let written = ended(folder.path().join("people.csv"), None);
    asked("", Some(&written), |window| {
        let _badge = window.get_by_label("Written");
        let _count = window.get_by_label("412 people");
    });
    let stopped = ended(folder.path().join("stopped.csv"), Some(Stop::Cancelled));
    asked("x.csv", Some(&stopped), |window| {
        let _sentence = window.get_by_label("Stopped; no file was written");
    });
    let failed = ended(folder.path().join("none/people.csv"), None);
    asked("x.csv", Some(&failed), |window| {
        let _hint = window.get_by_label("The folder does not exist. Choose another one.");
    });
}

#[test]
fn the_export_dialog_looks_as_designed() {
    let mut results = SnapshotResults::new();
    for (theme, word) in THEMES {
        let panel = RefCell::new(ExportPanel::new(options(), "/home/anna/Documents/people.csv"));
        let mut window = harness([700.0, 480.0], theme, |ui| panel.borrow_mut().ui(ui, 412, None, &mut Vec::new()));
        window.run_ok();
        results.add(window.try_snapshot(format!("export-{word}")));
    }
}
