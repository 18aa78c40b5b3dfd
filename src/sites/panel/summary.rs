//! The wizard's last step: what will be saved, where, and where the password goes.

use egui::{Align, Layout, ScrollArea, Sense, Ui, vec2};

use super::form::{Form, heading_ui};
use crate::{
    model::Credentials,
    sites::{State, store, wizard::Wizard},
    ui::{
        Elide, Icon, Look as _, Text, Type, paint,
        widgets::{copy_button_ui, inset_ui},
    },
};

/// Draws what is to be known before saving.
pub(super) fn ui(ui: &mut Ui, form: &Form<'_>) {
    heading_ui(ui, "Summary", "What will be saved.");
    ui.add_space(14.0);
    let wizard = form.wizard;
    let site = wizard.draft.to_site(wizard.found.kind);
    let lines = [
        (Icon::FileCode, place_of(form.state, wizard)),
        (Icon::KeyRound, password_of(form.state, wizard)),
        (
            Icon::Lock,
            if site.read_only {
                "It is never unlocked for writing.".to_owned()
            } else {
                "It opens read-only; unlocking lasts until the window closes.".to_owned()
            },
        ),
        (Icon::ListChecks, checks_of(wizard)),
    ];
    for (icon, sentence) in lines {
        line_ui(ui, icon, &sentence);
    }
}

fn line_ui(ui: &mut Ui, icon: Icon, sentence: &str) {
    let t = ui.tokens();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let (rect, _) = ui.allocate_exact_size(vec2(16.0, 18.0), Sense::hover());
        paint::icon(ui.painter(), rect.center(), icon, 15.0, t.text_secondary);
        ui.add(Text::new(sentence).color(t.text_secondary).elide(Elide::Wrap));
    });
    ui.add_space(10.0);
}

fn place_of(state: &State, wizard: &Wizard) -> String {
    match &wizard.draft.path {
        Some(path) => format!("The site is saved in {}. Your comments in it stay.", path.display()),
        None => format!("The site is saved as a file of its own in {}.", state.sites_folder().display()),
    }
}

fn password_of(state: &State, wizard: &Wizard) -> String {
    let kept = wizard.draft.keep && state.no_keychain().is_none();
    match wizard.draft.credentials() {
        Credentials::Anonymous => "Sign-in is anonymous: there is no password.".to_owned(),
        Credentials::Simple { .. } if kept => {
            "The password is kept in the system’s credential store, never in the file.".to_owned()
        }
        Credentials::Simple { .. } => "The password is asked for each time the site is opened.".to_owned(),
    }
}

fn checks_of(wizard: &Wizard) -> String {
    let server = wizard.draft.to_site(None).directory.server;
    match wizard.failed() {
        Some(step) => format!("Not everything is well: {} failed.", step.label(&server)),
        None if wizard.is_stale() => "The connection was not checked.".to_owned(),
        None => format!("{} of {} checks passed.", wizard.passed(), wizard.steps.len()),
    }
}

/// The file's text, as it will be.
pub(super) fn file_ui(ui: &mut Ui, wizard: &Wizard) {
    let text = store::text_of(&wizard.draft.to_site(wizard.found.kind), None);
    ui.horizontal(|ui| {
        ui.add(Text::new("Site file").style(Type::Section));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            copy_button_ui(ui, "site file", &text);
        });
    });
    ui.add_space(8.0);
    ScrollArea::vertical().id_salt("site file").auto_shrink([false, true]).show(ui, |ui| {
        inset_ui(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 0.0;
            for line in text.lines() {
                line_of_toml_ui(ui, line);
            }
        });
    });
}

fn line_of_toml_ui(ui: &mut Ui, line: &str) {
    let t = ui.tokens();
    let color = if line.starts_with('[') { t.code_variable } else { t.text_primary };
    ui.add(Text::new(if line.is_empty() { " " } else { line }).style(Type::Code).color(color).elide(Elide::Wrap));
}
