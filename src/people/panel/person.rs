//! One person, drawn: who it is, what is wrong, where the photo is, and the whole entry. See `people/person.rs`.

use egui::Ui;

use super::super::{person::Person, places::PlaceId};

/// What is half typed and unfolded; what is true is in [`Person`].
#[derive(Default)]
pub struct PersonPanel {}

/// What the administrator asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonCommand {
    /// Set the photo URL, beginning with this address where a better one is known.
    SetPhotoUrl(Option<String>),
    /// Remove the photo URL.
    RemovePhotoUrl,
    /// Allow photos from this host, as `host` or `host:port`.
    AllowHost(String),
    /// Read everything again.
    Refresh,
    /// Put this text on the clipboard.
    CopyText(String),
    /// Show the picture of this place large.
    OpenViewer(PlaceId),
    /// Open this address in the system's browser.
    OpenUrl(String),
}

impl PersonPanel {
    /// Draws `person`; what is asked for goes to `out`.
    pub fn ui(&mut self, ui: &mut Ui, person: &Person, out: &mut Vec<PersonCommand>) {
        let _ = (ui, person, out);
    }
}
