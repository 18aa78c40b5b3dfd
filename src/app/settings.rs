//! What the window remembers: looks, columns, widths. A TOML file beside the sites; nothing secret, nothing of a site.
//!
//! A file that cannot be read is as good as none: the usual settings hold.

use std::{io::Write as _, path::Path};

use eframe::egui::{Context, ThemePreference};
use serde::{Deserialize, Serialize};

use crate::{
    people::{Layout, list::Sort, panel::list::Columns},
    ui,
};

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light, dark, or the system's.
    pub theme: ThemeChoice,
    /// Nothing moves by itself.
    pub reduce_motion: bool,
    /// 1 is the design's size.
    pub zoom: f32,
    /// Inner size of the window, in points.
    pub window: [f32; 2],
    /// Width of the person's area, in points, where it was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_width: Option<f32>,
    /// Table or contact sheet.
    pub layout: Layout,
    /// How the list is sorted.
    pub sort: Sort,
    /// Columns of the list.
    pub columns: Columns,
}

/// Which theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            reduce_motion: false,
            zoom: 1.0,
            window: [1280.0, 800.0],
            person_width: None,
            layout: Layout::default(),
            sort: Sort::default(),
            columns: Columns::default(),
        }
    }
}

impl Settings {
    /// Reads `path`.
    pub fn load(path: Option<&Path>) -> Self {
        let text = path.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        let mut settings: Self = toml::from_str(&text).unwrap_or_default();
        settings.zoom = settings.zoom.clamp(0.5, 3.0);
        settings.window = [settings.window[0].clamp(960.0, 8000.0), settings.window[1].clamp(600.0, 8000.0)];
        settings
    }

    /// Writes `path`, whole or not at all. Not being able to is no reason to bother anybody.
    pub fn save(&self, path: Option<&Path>) {
        let saved = path.and_then(|path| {
            let text = toml::to_string(self).ok()?;
            let folder = path.parent()?;
            std::fs::create_dir_all(folder).ok()?;
            let mut file = tempfile::NamedTempFile::new_in(folder).ok()?;
            file.write_all(text.as_bytes()).ok()?;
            file.persist(path).ok()
        });
        drop(saved);
    }

    /// Brings the looks into force.
    pub fn apply(&self, ctx: &Context) {
        ctx.set_theme(match self.theme {
            ThemeChoice::System => ThemePreference::System,
            ThemeChoice::Light => ThemePreference::Light,
            ThemeChoice::Dark => ThemePreference::Dark,
        });
        ui::theme::reduce_motion(ctx, self.reduce_motion);
        ctx.set_zoom_factor(self.zoom);
    }
}

#[cfg(test)]
mod tests {
    use super::{Settings, ThemeChoice};

    #[test]
    fn settings_come_back_and_damaged_ones_are_the_usual_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("window.toml");
        let settings = Settings { theme: ThemeChoice::Dark, zoom: 1.25, ..Settings::default() };
        settings.save(Some(&path));
        assert_eq!(Settings::load(Some(&path)), settings);
        for damaged in ["theme = 7", "\u{0}", "zoom = -4", ""] {
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(Settings { zoom: 1.0, ..Settings::load(Some(&path)) }, Settings::default(), "{damaged}");
        }
    }
}
