//! The fonts inside the program, and the order in which they are asked for a letter.
//!
//! Inter (Latin, Greek, Cyrillic) and `JetBrains Mono NL` first, then egui's emoji, then, for every other script, the
//! system's fonts, which eframe looks up by itself (its feature `system_fonts`).
//!
//! Not here: how the files were made (`assets/fonts/README.md`), sizes (`type_scale.rs`), what a stranger's text is
//! turned into before it is drawn (`text/`).

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontTweak, epaint::text::VariationCoords};

use super::type_scale::family;

const INTER: &[u8] = include_bytes!("../../assets/fonts/Inter.ttf");
const MONO: &[u8] = include_bytes!("../../assets/fonts/JetBrainsMonoNL.ttf");
const ICONS: &[u8] = include_bytes!("../../assets/fonts/Lucide.ttf");

/// egui's fonts kept behind ours.
const EMOJI: [&str; 2] = ["NotoEmoji-Regular", "emoji-icon-font"];

/// All families. People's names may be in any script, so each family goes on to the other's letters and the emoji.
pub fn definitions() -> FontDefinitions {
    let defaults = FontDefinitions::default();
    let mut fonts = FontDefinitions::empty();
    for name in EMOJI {
        if let Some(data) = defaults.font_data.get(name) {
            fonts.font_data.insert(name.to_owned(), Arc::clone(data));
        }
    }
    for (name, weight) in [(family::UI, 400.0), (family::MEDIUM, 500.0), (family::SEMIBOLD, 600.0)] {
        let coords = VariationCoords::new([(b"wght", weight)]);
        add(&mut fonts, name, INTER, FontTweak { coords, ..FontTweak::default() });
    }
    add(&mut fonts, family::MONO, MONO, FontTweak::default());
    add(&mut fonts, family::ICONS, ICONS, FontTweak::default());
    for name in [family::UI, family::MEDIUM, family::SEMIBOLD] {
        set(&mut fonts, FontFamily::Name(name.into()), &[name, family::MONO]);
    }
    set(&mut fonts, FontFamily::Name(family::MONO.into()), &[family::MONO, family::UI]);
    set(&mut fonts, FontFamily::Proportional, &[family::UI, family::MONO]);
    set(&mut fonts, FontFamily::Monospace, &[family::MONO, family::UI]);
    fonts.families.insert(FontFamily::Name(family::ICONS.into()), vec![family::ICONS.to_owned()]);
    fonts
}

fn add(fonts: &mut FontDefinitions, name: &str, bytes: &'static [u8], tweak: FontTweak) {
    fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes).tweak(tweak)));
}

fn set(fonts: &mut FontDefinitions, family: FontFamily, first: &[&str]) {
    let chain = first.iter().chain(&EMOJI).map(|name| (*name).to_owned());
    let chain = chain.filter(|name| fonts.font_data.contains_key(name)).collect();
    fonts.families.insert(family, chain);
}
