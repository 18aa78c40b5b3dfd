//! The dialog that exports the list: the kind of file, the columns, where to, and how far it is.

use std::path::PathBuf;

use egui::Ui;

use super::super::export::{Export, Options};

/// What is chosen and half typed; the run itself is an [`Export`].
pub struct ExportPanel {
    options: Options,
    path: String,
}

/// What the administrator asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportCommand {
    /// Ask for a file with the system's dialog, beginning with this name; see [`ExportPanel::set_path`].
    ChooseFile(String),
    /// Write the list.
    Start {
        /// How.
        options: Options,
        /// Where to.
        path: PathBuf,
    },
    /// Stop writing; no file is left.
    Stop,
    /// Close the dialog.
    Close,
}

impl ExportPanel {
    /// Begins with `options`, and `path` in the field.
    pub fn new(options: Options, path: impl Into<String>) -> Self {
        Self { options, path: path.into() }
    }

    /// The file that was chosen.
    pub fn set_path(&mut self, path: &std::path::Path) {
        self.path = path.display().to_string();
    }

    /// Draws the dialog for a list of `people`; `run` is the export under way or done.
    pub fn ui(&mut self, ui: &mut Ui, people: usize, run: Option<&Export>, out: &mut Vec<ExportCommand>) {
        let _ = (ui, people, run, out, &self.options, &self.path);
    }
}
