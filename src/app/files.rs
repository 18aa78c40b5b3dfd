//! The system's file dialogs: one at a time, off the UI thread, with the reason remembered.

use std::path::PathBuf;

use rfd::AsyncFileDialog;

use super::later::Later;
use crate::{job::Waker, sites::FileFor};

/// What a file is picked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum For {
    /// Something of a site's.
    Site(FileFor),
    /// The list, exported.
    List,
    /// The journal, exported.
    Journal,
}

/// The dialog that is open.
#[derive(Default)]
pub struct Files {
    open: Option<(For, Later<Option<PathBuf>>)>,
}

impl Files {
    /// Shows a dialog, unless one is open.
    pub fn ask(&mut self, what: For, name: &str, waker: &Waker) {
        if self.open.is_some() {
            return;
        }
        // Made on this thread, as macOS demands; awaited on another.
        let dialog = AsyncFileDialog::new().set_file_name(name);
        let later = match &what {
            For::Site(FileFor::Site) => {
                let asked = dialog.set_title("Open a site file").add_filter("Site files", &["toml"]).pick_file();
                Later::start("file dialog", waker, || pollster::block_on(asked).map(|file| file.path().to_owned()))
            }
            For::Site(FileFor::DirectoryCa | FileFor::PhotosCa) => {
                let asked =
                    dialog.set_title("Certificate authorities").add_filter("PEM", &["pem", "crt", "cer"]).pick_file();
                Later::start("file dialog", waker, || pollster::block_on(asked).map(|file| file.path().to_owned()))
            }
            For::Site(FileFor::Export(_)) | For::List | For::Journal => {
                let asked = dialog.set_title("Save as").save_file();
                Later::start("file dialog", waker, || pollster::block_on(asked).map(|file| file.path().to_owned()))
            }
        };
        self.open = Some((what, later));
    }

    /// The file that was picked.
    pub fn poll(&mut self) -> Option<(For, PathBuf)> {
        let picked = self.open.as_mut()?.1.take()?;
        let (what, _) = self.open.take()?;
        // Cancelled, or the system has no dialogs: every place has a field to type the path into as well.
        Some((what, picked.ok().flatten()?))
    }
}
