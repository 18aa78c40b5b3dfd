//! The dialog that asks for a site's password.

use egui::{Context, Key, Ui};

use crate::{
    model::Secret,
    sites::{Command, SignIn, State},
    ui::{
        Elide, Level, Look as _, Text, Type,
        widgets::{Checkbox, Dialog, DialogAnswer, Field, Link, ProblemCard, field_label_ui},
    },
};

/// What is half typed.
#[derive(Default)]
pub struct Panel {
    password: Secret,
    keep: bool,
    /// It was tried without a password: the reason for refusing that stands there.
    empty: bool,
    /// The dialog is open; else its field asks for the focus.
    open: bool,
}

impl Panel {
    /// Draws the dialog while a password is asked for.
    pub fn ui(&mut self, ctx: &Context, state: &State, out: &mut Vec<Command>) {
        let Some(asked) = state.sign_in() else {
            *self = Self::default();
            return;
        };
        if !self.open {
            self.keep = asked.file.site.directory.password_stored;
        }
        let trying = asked.trying.then_some("The password is being tried.");
        let title = format!("Sign in to {}", asked.file.site.name);
        let (entered, answer) = Dialog::new(title, "Sign in")
            .width(440.0)
            .foot("The password is never written into a file.")
            .disabled_if(trying)
            .show(ctx, |ui| self.content_ui(ui, state, asked, out));
        match answer {
            Some(DialogAnswer::Cancelled) => out.push(Command::CancelSignIn),
            Some(DialogAnswer::Confirmed) => self.sign_in(out),
            None if entered && !asked.trying => self.sign_in(out),
            Some(DialogAnswer::Link) | None => {}
        }
        self.open = true;
    }

    fn sign_in(&mut self, out: &mut Vec<Command>) {
        self.empty = self.password.is_empty();
        if !self.empty {
            out.push(Command::SignIn { password: self.password.clone(), keep: self.keep });
        }
    }

    /// The form; `true` when Enter was pressed in it.
    fn content_ui(&mut self, ui: &mut Ui, state: &State, asked: &SignIn, out: &mut Vec<Command>) -> bool {
        let t = ui.tokens();
        let directory = &asked.file.site.directory;
        ui.add(Text::new(directory.server.to_string()).style(Type::Mono).color(t.text_muted).elide(Elide::Middle));
        ui.add_space(6.0);
        field_label_ui(ui, "Name");
        let name = directory.sign_in.as_deref().unwrap_or_default();
        ui.add(Text::new(name).style(Type::BodyMedium).elide(Elide::Middle));
        ui.add_space(6.0);
        field_label_ui(ui, "Password");
        let field = ui.add(Field::secret("Password", self.password.expose_mut()));
        if !self.open {
            field.request_focus();
        }
        if field.changed() {
            self.empty = false;
        }
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let reason = state.no_keychain();
        ui.add_enabled_ui(reason.is_none(), |ui| {
            ui.add(Checkbox::new(&mut self.keep, "Keep in the system’s credential store"));
        });
        if let Some(reason) = reason {
            ui.add(Text::new(format!("{reason}.")).style(Type::Small).color(t.text_muted).elide(Elide::Wrap));
        }
        self.problem_ui(ui, asked, name, out);
        entered
    }

    fn problem_ui(&self, ui: &mut Ui, asked: &SignIn, name: &str, out: &mut Vec<Command>) {
        if self.empty {
            ui.add_space(6.0);
            let why = format!(
                "A directory takes {name} without a password for an anonymous sign-in, so nothing was sent. Type the \
                 password, or sign in anonymously on purpose."
            );
            ProblemCard::new(Level::Weak, "No password was given").reason(why).show(ui);
            ui.add_space(2.0);
            if ui.add(Link::new("Sign in anonymously")).clicked() {
                out.push(Command::SignInAnonymously);
            }
        } else if let Some(problem) = &asked.problem {
            ui.add_space(6.0);
            ProblemCard::new(Level::Bad, problem.what.as_str())
                .reason(problem.hint.clone().unwrap_or_default())
                .show(ui);
        }
    }
}
