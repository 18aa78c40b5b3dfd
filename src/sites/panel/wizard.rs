//! The wizard: steps at the left, the form in the middle, the checks at the right.

use egui::Ui;

use crate::sites::{Command, State};

/// What is half typed; what is true is in [`State`].
#[derive(Default)]
pub struct Panel {}

impl Panel {
    /// Draws the wizard in all of `ui`, while [`State::in_wizard`].
    pub fn ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Command>) {
        let _ = (ui, state, out);
        unimplemented!()
    }
}
