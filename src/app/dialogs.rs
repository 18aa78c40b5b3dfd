//! The window's own dialogs, and the pages' dialogs over any page.

use eframe::egui::{Context, Ui};

use super::{App, command::Command, settings::ThemeChoice};
use crate::{
    access::conformance::{self, Standing},
    activity,
    model::Problem,
    people, sites,
    ui::{
        Elide, Icon, Level, Look as _, Text, Type,
        format::count,
        widgets::{
            Button, Checkbox, Dialog, DialogAnswer, ProblemAnswer, ProblemCard, ToastAnswer, field_label_ui,
            segments_ui,
        },
    },
};

/// A dialog of the window's own.
#[derive(Clone, Debug, PartialEq)]
pub enum Window {
    /// Looks, and what is kept.
    Settings,
    /// A production site is about to be unlocked.
    Unlock,
    /// Something failed that has no place on a page.
    Problem(Problem),
}

impl App {
    pub(super) fn dialogs_ui(&mut self, ui: &mut Ui, out: &mut Vec<Command>) {
        let ctx = ui.ctx().clone();
        if self.sites.sign_in().is_some() {
            let mut asked = Vec::new();
            self.panels.sign_in.ui(&ctx, &self.sites, &mut asked);
            out.extend(asked.into_iter().map(Command::Sites));
        }
        if let Some(dialog) = &self.set_url {
            let mut asked = Vec::new();
            people::panel::set_url::set_url_ui(&ctx, dialog, &mut self.panels.set_url, &mut asked);
            out.extend(asked.into_iter().map(Command::SetUrl));
        }
        if let Some(undo) = self.activity.undo() {
            let mut asked = Vec::new();
            activity::panel::undo_ui(&ctx, &self.activity, undo, &mut asked);
            out.extend(asked.into_iter().map(Command::Activity));
        }
        let shown = self.open.as_ref().map_or(0, |open| open.people.rows().len());
        if let Some((panel, run)) = &mut self.export {
            let mut asked = Vec::new();
            panel.ui(ui, shown, run.as_ref(), &mut asked);
            out.extend(asked.into_iter().map(Command::Export));
        }
        self.problem_of_sites_ui(&ctx, out);
        match &self.dialog {
            Some(Window::Settings) => self.settings_ui(&ctx, out),
            Some(Window::Unlock) => self.unlock_ui(&ctx, out),
            Some(Window::Problem(problem)) if problem_ui(&ctx, problem) => out.push(Command::CloseDialog),
            Some(Window::Problem(_)) | None => {}
        }
        self.palette_ui(ui, out);
        self.toast_ui(&ctx, out);
    }

    /// The wizard shows its own problems; elsewhere they need a dialog.
    fn problem_of_sites_ui(&self, ctx: &Context, out: &mut Vec<Command>) {
        if self.sites.wizard().is_none()
            && self.sites.sign_in().is_none()
            && let Some(problem) = self.sites.problem()
            && problem_ui(ctx, problem)
        {
            out.push(Command::Sites(sites::Command::DismissProblem));
        }
    }

    fn unlock_ui(&self, ctx: &Context, out: &mut Vec<Command>) {
        let Some(open) = &self.open else { return };
        let dialog = Dialog::new("Unlock a production site", "Unlock").width(480.0).enter_confirms();
        let ((), answer) = dialog.foot("Every change is still shown before it is written.").show(ctx, |ui| {
            let name = &open.site().name;
            let words = format!(
                "People work with {name}. Unlocked, changes can be written to its directory until the window is closed \
                 or the site is locked again."
            );
            ui.add(Text::new(words).color(ui.tokens().text_secondary).elide(Elide::Wrap));
        });
        match answer {
            Some(DialogAnswer::Confirmed) => out.push(Command::UnlockNow),
            Some(_) => out.push(Command::CloseDialog),
            None => {}
        }
    }

    fn settings_ui(&self, ctx: &Context, out: &mut Vec<Command>) {
        let dialog = Dialog::new("Settings", "").width(520.0).cancel("Close");
        let ((), answer) = dialog.show(ctx, |ui| {
            field_label_ui(ui, "Theme");
            let themes = [ThemeChoice::System, ThemeChoice::Light, ThemeChoice::Dark];
            let mut chosen = themes.iter().position(|theme| *theme == self.settings.theme).unwrap_or(0);
            let labels = ["As the system", "Light", "Dark"];
            if segments_ui(ui, "Theme", &labels, &mut chosen, 320.0).changed() {
                out.push(Command::Theme(themes[chosen]));
            }
            ui.add_space(8.0);
            let mut reduce = self.settings.reduce_motion;
            if ui.add(Checkbox::new(&mut reduce, "Reduce motion")).changed() {
                out.push(Command::ReduceMotion(reduce));
            }
            ui.add_space(8.0);
            let zoom = format!(
                "Zoom: {:.0} %. Ctrl and the wheel, Ctrl + and −; Ctrl 0 is the usual size.",
                ctx.zoom_factor() * 100.0
            );
            ui.add(Text::new(zoom).style(Type::Small).color(ui.tokens().text_secondary).elide(Elide::Wrap));
            ui.add_space(12.0);
            field_label_ui(ui, "Kept on this computer");
            kept_ui(ui, "Sites", &self.places.store.sites_folder().display().to_string());
            kept_ui(ui, "Journal", &self.places.journal.path().display().to_string());
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                let forget = Button::new("Forget photos").icon(Icon::ImageOff);
                if ui.add(forget.hint("Remove the photos kept on disk so that lists show them at once")).clicked() {
                    out.push(Command::ClearCache);
                }
                let reset = Button::new("Reset the window").icon(Icon::RotateCcw);
                if ui.add(reset.hint("Columns, widths, order, theme and zoom as at first")).clicked() {
                    out.push(Command::ResetSettings);
                }
                let demo = self.open.as_ref().is_some_and(|open| open.demo.is_some());
                if demo && ui.add(Button::new("Reset the demo site").icon(Icon::Aperture)).clicked() {
                    out.push(Command::ResetDemo);
                }
            });
            ui.add_space(10.0);
            let about = concat!("Photodesk ", env!("CARGO_PKG_VERSION"), ". No data is sent anywhere.");
            ui.add(Text::new(about).style(Type::Small).color(ui.tokens().text_muted));
            let Standing { recorded, wrong, untold } = conformance::STANDING;
            let standing = format!(
                "Access rules: of {} recorded answers of real web servers {wrong} come out wrong; of {untold} it is said that they cannot be told.",
                count(recorded)
            );
            ui.add(Text::new(standing).style(Type::Small).color(ui.tokens().text_muted));
        });
        if answer.is_some() {
            out.push(Command::CloseDialog);
        }
    }

    fn toast_ui(&mut self, ctx: &Context, out: &mut Vec<Command>) {
        let Some((toast, action)) = &mut self.toast else { return };
        match toast.show(ctx) {
            Some(ToastAnswer::Action) => out.extend(action.take()),
            Some(ToastAnswer::Gone) => {}
            None => return,
        }
        self.toast = None;
    }
}

fn kept_ui(ui: &mut Ui, what: &str, path: &str) {
    ui.horizontal(|ui| {
        let muted = ui.tokens().text_muted;
        let (rect, _) = ui.allocate_exact_size(eframe::egui::vec2(64.0, 18.0), eframe::egui::Sense::hover());
        let mut cell = ui.new_child(eframe::egui::UiBuilder::new().max_rect(rect));
        cell.add(Text::new(what).style(Type::Small).color(muted));
        crate::ui::widgets::copyable_ui(ui, what, path, Type::MonoSmall, Elide::Middle);
    });
}

/// Draws what failed; `true` when it was read.
fn problem_ui(ctx: &Context, problem: &Problem) -> bool {
    let dialog = Dialog::new("That did not work", "").width(520.0).cancel("Close");
    let ((), answer) = dialog.show(ctx, |ui| {
        let reason = problem.hint.clone().unwrap_or_default();
        let mut card = ProblemCard::new(Level::Bad, problem.what.as_str()).reason(reason);
        if problem.details.is_some() {
            card = card.copy_details();
        }
        if card.show(ui) == Some(ProblemAnswer::CopyDetails) {
            ui.ctx().copy_text(format!("{problem}\n{}", problem.details.as_deref().unwrap_or_default()));
        }
    });
    answer.is_some()
}
