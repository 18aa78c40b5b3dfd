//! The fonts inside the program, and the order in which they are asked for a letter.
//!
//! Inter (Latin, Greek, Cyrillic) and `JetBrains Mono NL` first, then egui's emoji, then, for every other script, the
//! system's fonts ([`SystemFonts`]).
//!
//! Not here: how the files were made (`assets/fonts/README.md`), sizes (`type_scale.rs`), what a stranger's text is
//! turned into before it is drawn (`text/`).

use std::sync::{Arc, OnceLock};

use egui::{
    FallbackRequest, FontData, FontDefinitions, FontFamily, FontInsert, FontProvider, FontTweak,
    epaint::text::VariationCoords,
};
use egui_system_font_provider::SystemFontProvider;

use super::type_scale::family;

const INTER: &[u8] = include_bytes!("../../assets/fonts/Inter.ttf");
const MONO: &[u8] = include_bytes!("../../assets/fonts/JetBrainsMonoNL.ttf");
const ICONS: &[u8] = include_bytes!("../../assets/fonts/Lucide.ttf");

/// The weight of most text: the font's own of 400, and so little more that no letter changes. At exactly its own weight,
/// `epaint` 0.37 reads the whole font anew for each letter it draws: it takes the hinter that it set up for no coordinates
/// to be one for others than zeros. That was a tenth of the time to the first frame.
const REGULAR: f32 = 400.05;

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
    for (name, weight) in [(family::UI, REGULAR), (family::MEDIUM, 500.0), (family::SEMIBOLD, 600.0)] {
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

/// The system's fonts, for letters that ours lack.
///
/// Listing them keeps a processor busy for as long as the window takes to open. So it waits for [`SystemFonts::begin`],
/// or for the first letter that is missing; eframe's own feature `system_fonts` begins before the first frame.
#[derive(Default)]
pub struct SystemFonts(OnceLock<SystemFontProvider>);

impl SystemFonts {
    /// Has them listed on a thread of their own.
    pub fn begin(&self) {
        self.listed();
    }

    fn listed(&self) -> &SystemFontProvider {
        self.0.get_or_init(SystemFontProvider::new)
    }
}

impl FontProvider for SystemFonts {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        self.listed().font_for(request)
    }
}

fn add(fonts: &mut FontDefinitions, name: &str, bytes: &'static [u8], tweak: FontTweak) {
    fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes).tweak(tweak)));
}

fn set(fonts: &mut FontDefinitions, family: FontFamily, first: &[&str]) {
    let chain = first.iter().chain(&EMOJI).map(|name| (*name).to_owned());
    let chain = chain.filter(|name| fonts.font_data.contains_key(name)).collect();
    fonts.families.insert(family, chain);
}
