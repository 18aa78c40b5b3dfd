//! What the rail's site switcher opens: all sites, and what can be done with them.

use std::path::Path;

use egui::Ui;

use crate::sites::{Command, State};

/// Draws the popup's content. `open` is the file of the open site.
pub fn ui(ui: &mut Ui, state: &State, open: Option<&Path>, out: &mut Vec<Command>) {
    let _ = (ui, state, open, out);
    unimplemented!()
}
