//! The first page: the demo site, one's own site, and what the program promises.

use egui::{TextureHandle, Ui};

use crate::sites::{Command, State};

/// Draws the page in all of `ui`. `portraits` are people of the demo site, shown in a row.
pub fn ui(ui: &mut Ui, state: &State, portraits: &[TextureHandle], out: &mut Vec<Command>) {
    let _ = (ui, state, portraits, out);
    unimplemented!()
}
