//! What the widgets do when they are used, by accessible name: with the pointer, with the keyboard, disabled.

use std::{cell::Cell, cell::RefCell, rc::Rc};

use egui::{Key, Modifiers, Role, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use photodesk::ui::{
    Elide, Icon, Level, Text, theme,
    widgets::{
        self, Button, Checkbox, Chip, Dialog, DialogAnswer, Field, Link, Pixels, ProblemAnswer, ProblemCard, Toast,
        ToastAnswer,
    },
};

use crate::support::pictures::harness;

#[test]
fn a_button_is_clicked_with_pointer_and_keyboard() {
    let clicks = Rc::new(Cell::new(0));
    let seen = Rc::clone(&clicks);
    let mut window = harness([300.0, 100.0], Theme::Light, move |ui| {
        if ui.add(Button::primary("Set photo URL…")).clicked() {
            seen.set(seen.get() + 1);
        }
    });
    window.get_by_label("Set photo URL…").click();
    window.run();
    assert_eq!(clicks.get(), 1);
    window.key_press(Key::Tab);
    window.run();
    assert!(theme::keyboard_is_in_use(&window.ctx));
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(clicks.get(), 2);
}

#[test]
fn a_disabled_button_does_nothing_and_says_why() {
    let mut window = harness([300.0, 100.0], Theme::Light, |ui| {
        let button = Button::new("Set photo URL…").disabled_because("The site is read-only. Unlock it to apply.");
        assert!(!ui.add(button).clicked(), "clicked though disabled");
    });
    let button = window.get_by_label("Set photo URL…");
    assert!(button.accesskit_node().is_disabled());
    button.click();
    button.hover();
    window.run();
    window.run_steps(60);
    window.get_by_label("The site is read-only. Unlock it to apply.");
}

#[test]
fn the_focus_ring_is_for_the_keyboard() {
    let mut window = harness([200.0, 60.0], Theme::Light, |ui| {
        ui.add(Button::new("Cancel"));
    });
    window.run();
    window.key_press(Key::Tab);
    window.run();
    assert!(theme::keyboard_is_in_use(&window.ctx));
    window.get_by_label("Cancel").click();
    window.run();
    assert!(!theme::keyboard_is_in_use(&window.ctx));
}

#[test]
fn a_search_field_is_typed_in_and_emptied() {
    let text = Rc::new(RefCell::new(String::new()));
    let typed = Rc::clone(&text);
    let mut window = harness([300.0, 100.0], Theme::Light, move |ui| {
        ui.add(Field::search("Search people", &mut *typed.borrow_mut()).placeholder("Search name").key("Ctrl F"));
    });
    window.run();
    let field = window.get_by_role_and_label(Role::TextInput, "Search people");
    field.focus();
    window.run();
    window.get_by_role_and_label(Role::TextInput, "Search people").type_text("münchen");
    window.run();
    assert_eq!(*text.borrow(), "münchen");
    window.get_by_label("Clear Search people").click();
    window.run();
    assert_eq!(*text.borrow(), "");
    assert!(window.query_by_label("Clear Search people").is_none(), "nothing left to clear");
}

#[test]
fn a_secret_is_dots_until_the_eye_is_clicked() {
    let mut secret = "open sesame".to_owned();
    let mut window = harness([300.0, 100.0], Theme::Light, move |ui| {
        ui.add(Field::secret("Password", &mut secret));
    });
    window.run();
    let value = |window: &egui_kittest::Harness<'_>| {
        window.get_by_role_and_label(Role::PasswordInput, "Password").accesskit_node().value()
    };
    assert!(!value(&window).is_some_and(|value| value.contains("sesame")), "the secret is read aloud");
    window.get_by_label("Show the password").click();
    window.run();
    window.get_by_label("Hide the password");
}

#[test]
fn a_field_says_what_is_wrong() {
    let mut port = "63x".to_owned();
    let mut window = harness([300.0, 100.0], Theme::Light, move |ui| {
        ui.add(Field::new("Port", &mut port).wrong(Some("A port is a number from 1 to 65535")));
    });
    window.run();
    window.get_by_label("A port is a number from 1 to 65535");
}

#[test]
fn choices_are_made() {
    let state = Rc::new(RefCell::new((false, 0_usize, 0_usize, 0_usize)));
    let chosen = Rc::clone(&state);
    let mut window = harness([420.0, 300.0], Theme::Light, move |ui| {
        let mut chosen = chosen.borrow_mut();
        ui.add(Checkbox::new(&mut chosen.0, "Keep the password"));
        widgets::segments_ui(ui, "Security", &["LDAPS", "StartTLS", "None"], &mut chosen.1, 268.0);
        widgets::select_ui(ui, "Kind", &["Recognised by itself", "Domino", "OpenLDAP"], &mut chosen.2, 200.0);
        widgets::tabs_ui(ui, "Parts", &[("Places", Some(6)), ("Entry", Some(27))], &mut chosen.3);
    });
    window.get_by_label("Keep the password").click();
    window.get_by_label("StartTLS").click();
    window.run();
    window.get_by_label("Entry 27").click();
    window.run();
    window.get_by_role_and_label(Role::ComboBox, "Kind").click();
    window.run();
    window.get_by_label("Domino").click();
    window.run();
    assert_eq!(*state.borrow(), (true, 1, 1, 1));
    window.get_by_role_and_label(Role::ComboBox, "Kind").focus();
    window.run();
    window.key_press(Key::ArrowDown);
    window.run();
    assert_eq!(state.borrow().2, 2, "the arrow key takes the next one");
    window.key_press(Key::ArrowDown);
    window.run();
    assert_eq!(state.borrow().2, 2, "there is none after the last");
}

#[test]
fn chips_and_links_have_names_of_their_own() {
    let mut window = harness([420.0, 100.0], Theme::Light, |ui| {
        ui.add(Chip::new("Wrong case").count(1_284).on(true).closable());
        ui.add(Link::new("Undo").name("Undo the change to Asha Patel"));
    });
    window.run();
    window.get_by_label("Remove filter Wrong case 1,284");
    window.get_by_label("Undo the change to Asha Patel");
}

#[test]
fn a_dialog_is_confirmed_and_cancelled() {
    let answers = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&answers);
    let mut window = harness([700.0, 400.0], Theme::Light, move |ui| {
        let dialog = Dialog::new("Set photo URL", "Set it").foot("Nothing is written yet.").enter_confirms();
        let ((), answer) = dialog.show(ui.ctx(), |ui| {
            ui.add(Text::new("Content"));
        });
        seen.borrow_mut().extend(answer);
    });
    window.run();
    window.get_by_label("Set it").click();
    window.run();
    window.get_by_label("Cancel").click();
    window.run();
    window.key_press(Key::Escape);
    window.run();
    window.key_press(Key::Enter);
    window.run();
    let expected = [DialogAnswer::Confirmed, DialogAnswer::Cancelled, DialogAnswer::Cancelled, DialogAnswer::Confirmed];
    assert_eq!(*answers.borrow(), expected);
}

#[test]
fn a_dialog_that_cannot_be_confirmed_is_not_by_enter_either() {
    let mut window = harness([700.0, 400.0], Theme::Light, |ui| {
        let dialog = Dialog::new("Set photo URL", "Set it").disabled_if(Some("Unlock the site")).enter_confirms();
        let ((), answer) = dialog.show(ui.ctx(), |_| ());
        assert_ne!(answer, Some(DialogAnswer::Confirmed));
    });
    window.run();
    window.key_press(Key::Enter);
    window.get_by_label("Set it").click();
    window.run();
}

#[test]
fn a_dialog_is_never_taller_than_the_window() {
    let mut window = harness([700.0, 300.0], Theme::Light, |ui| {
        let dialog = Dialog::new("Long", "Set it").foot("Nothing is written yet.");
        dialog.show(ui.ctx(), |ui| {
            for row in 0..100 {
                ui.add(Text::new(format!("Row {row}")));
            }
        });
    });
    window.run();
    let foot = window.get_by_label("Set it").rect();
    assert!(foot.bottom() <= 300.0 - 24.0, "{foot:?}");
}

#[test]
fn a_toast_goes_after_six_seconds_unless_undone() {
    let answers = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&answers);
    let mut toast = Toast::new("Photo URL of Asha Patel set").action("Undo");
    let mut window = harness([700.0, 300.0], Theme::Light, move |ui| {
        if let Some(answer) = toast.show(ui.ctx()) {
            seen.borrow_mut().push(answer);
        }
    });
    window.run_steps(2);
    window.get_by_label("Undo").click();
    window.run_steps(2);
    assert_eq!(*answers.borrow(), [ToastAnswer::Action]);
    window.hover_at(egui::pos2(1.0, 1.0));
    window.run_steps(8 * 4); // a step of the harness is a quarter of a second
    assert!(answers.borrow().contains(&ToastAnswer::Gone));
}

#[test]
fn a_problem_offers_its_mend() {
    let answers = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&answers);
    let mut window = harness([700.0, 300.0], Theme::Light, move |ui| {
        let card = ProblemCard::new(Level::Bad, "dc1.example.com does not answer").icon(Icon::PlugZap);
        seen.borrow_mut().extend(card.mend("Try again").other("Use dc2").copy_details().show(ui));
        let card = ProblemCard::new(Level::Bad, "Capitals in the photo URL").mend("Set photo URL…");
        seen.borrow_mut().extend(card.show(ui));
    });
    for label in ["Try again", "Use dc2", "Copy details", "Set photo URL…"] {
        window.get_by_label(label).click();
        window.run();
    }
    let expected = [ProblemAnswer::Mend, ProblemAnswer::Other, ProblemAnswer::CopyDetails, ProblemAnswer::Mend];
    assert_eq!(*answers.borrow(), expected);
}

#[test]
fn a_cut_text_is_whole_in_its_name_and_its_hint() {
    let dn = "uid=maximiliane.von.hohenstein,ou=People,dc=example,dc=com";
    let mut window = harness([700.0, 300.0], Theme::Light, move |ui| {
        ui.add(Text::new(dn).elide(Elide::Middle).width(120.0));
    });
    window.run();
    let label = window.get_by_label(dn);
    assert!(label.rect().width() <= 120.0);
    label.hover();
    window.run_steps(60);
    assert_eq!(window.query_all_by_label(dn).count(), 2, "the label and its hint");
}

#[test]
fn a_megabyte_of_text_is_drawn_in_no_time() {
    let long = "Maximiliane\u{202E} ".repeat(70_000);
    let mut window = harness([700.0, 300.0], Theme::Light, move |ui| {
        ui.add(Text::new(&long).width(200.0));
        ui.add(Text::new(&long).elide(Elide::Start).width(200.0));
        ui.add(Text::new(&long).elide(Elide::Wrap).width(600.0));
    });
    let start = std::time::Instant::now();
    window.run_steps(10);
    let frame = start.elapsed() / 10;
    assert!(frame.as_millis() < 100, "a frame takes {frame:?}");
}

#[test]
fn a_value_is_copied_whole() {
    let url = "http://photos.example.com/a/very/long/way/to/asha.patel@example.com.jpg";
    let mut window = harness([200.0, 60.0], Theme::Light, move |ui| {
        widgets::copyable_ui(ui, "photo URL", url, photodesk::ui::Type::Mono, Elide::Start);
    });
    window.get_by_label("Copy photo URL").click();
    window.step();
    let copied = window
        .output()
        .platform_output
        .commands
        .iter()
        .any(|command| matches!(command, egui::OutputCommand::CopyText(text) if text == url));
    assert!(copied, "{:?}", window.output().platform_output.commands);
}

#[test]
fn the_splitter_moves_and_stays_in_its_range() {
    let width = Rc::new(Cell::new(520.0_f32));
    let shown = Rc::clone(&width);
    let mut window = harness([900.0, 200.0], Theme::Light, move |ui| {
        let mut width = shown.get();
        let line = egui::Rect::from_x_y_ranges(380.0..=380.0, 0.0..=200.0);
        widgets::splitter_ui(ui, egui::Id::unique("split"), line, &mut width, 400.0..=600.0, 520.0);
        shown.set(width);
    });
    window.run();
    window.get_by_role(Role::Splitter).focus();
    window.run();
    window.key_press(Key::ArrowLeft);
    window.run();
    assert!((width.get() - 536.0).abs() < 0.1, "{}", width.get());
    for _ in 0..20 {
        window.key_press_modifiers(Modifiers::NONE, Key::ArrowLeft);
        window.step();
    }
    window.run();
    assert!((width.get() - 600.0).abs() < 0.1, "{}", width.get());
}

#[test]
fn textures_are_made_once_and_only_from_pixels_that_fit() {
    let ctx = egui::Context::default();
    let rgba = vec![255_u8; 4 * 4 * 4];
    let four = Pixels { width: 4, height: 4, rgba: &rgba };
    let first = widgets::texture(&ctx, "a", four).unwrap();
    let again = widgets::texture(&ctx, "a", four).unwrap();
    assert_eq!(first.id(), again.id());
    for (width, height) in [(5, 4), (0, 0), (usize::MAX, 2)] {
        assert!(widgets::texture(&ctx, (width, height), Pixels { width, height, rgba: &rgba }).is_none());
    }
}

#[test]
fn the_program_holds_every_icon_it_uses() {
    let window = harness([10.0, 10.0], Theme::Light, |_| {});
    let font = egui::FontId::new(16.0, egui::FontFamily::Name("icons".into()));
    let mut used = std::collections::BTreeSet::new();
    for file in rust_files(std::path::Path::new("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for (at, _) in text.match_indices("Icon::") {
            let name: String = text[at + 6..].chars().take_while(char::is_ascii_alphanumeric).collect();
            if name.starts_with(|c: char| c.is_ascii_uppercase())
                && !text[..at].ends_with(|c: char| c.is_alphanumeric())
            {
                used.insert((name, file.clone()));
            }
        }
    }
    assert!(used.len() > 20, "found only {used:?}");
    for (name, file) in used {
        let icon = Icon::try_from(kebab(&name).as_str()).unwrap_or_else(|_| panic!("{name} in {file:?}"));
        let there = window.ctx.fonts_mut(|fonts| fonts.has_glyph(&font, icon.unicode()));
        assert!(there, "add {} to assets/fonts/icons.txt and run make.py (used in {})", kebab(&name), file.display());
    }
}

fn rust_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// `Undo2` to `undo-2`, `ImageOff` to `image-off`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in name.chars() {
        let digit_starts = c.is_ascii_digit() && !before.is_ascii_digit();
        if (c.is_ascii_uppercase() || digit_starts) && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
        before = c;
    }
    out
}

#[test]
fn a_field_stands_where_it_is_put_in_any_layout() {
    let mut text = String::new();
    let mut window = harness([600.0, 60.0], Theme::Light, move |ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add(Button::quiet("Export"));
            ui.add(Field::search("Search people", &mut text).width(264.0));
        });
    });
    window.run();
    let (field, button) = (window.get_by_label("Search people").rect(), window.get_by_label("Export").rect());
    assert!(field.right() < button.left() && button.left() - field.right() < 30.0, "{field:?} beside {button:?}");
    assert!((field.center().y - button.center().y).abs() < 1.5, "{field:?} beside {button:?}");
}
