//! The dialog that asks for a site's password.

use egui::Context;

use crate::sites::{Command, State};

/// What is half typed.
#[derive(Default)]
pub struct Panel {}

impl Panel {
    /// Draws the dialog, while [`State::asks_password`].
    pub fn ui(&mut self, ctx: &Context, state: &State, out: &mut Vec<Command>) {
        let _ = (ctx, state, out);
        unimplemented!()
    }
}
