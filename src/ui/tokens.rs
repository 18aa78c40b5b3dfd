//! Every colour, distance and size of the window, by meaning, for both themes.
//!
//! The only file that names a colour. Widgets ask [`Look::tokens`] for the ones of the theme in force.
//!
//! Not here: fonts and egui's own `Style` (`theme.rs`), how anything is drawn (`widgets/`).

#![expect(clippy::unreadable_literal, reason = "six digits of a colour are read as six digits")]

use std::str::FromStr;

use egui::{Color32, Context, Stroke, Ui};

/// `0xRRGGBB`, opaque.
#[expect(clippy::disallowed_methods, reason = "this file is where colours are named")]
const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgba_premultiplied((hex >> 16) as u8, (hex >> 8) as u8, hex as u8, 255)
}

/// `0xRRGGBB` seen through: `alpha` out of 100.
#[expect(clippy::disallowed_methods, reason = "this file is where colours are named")]
const fn veil(hex: u32, alpha: u32) -> Color32 {
    const fn part(channel: u32, alpha: u32) -> u8 {
        ((channel & 0xFF) * alpha / 100) as u8
    }
    Color32::from_rgba_premultiplied(
        part(hex >> 16, alpha),
        part(hex >> 8, alpha),
        part(hex, alpha),
        (255 * alpha / 100) as u8,
    )
}

/// What a mark says of a thing. Each level has a colour, an icon and a word: never colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Served, shown, exact, done.
    Good,
    /// Works, but weakly; or sent elsewhere.
    Weak,
    /// Forbidden, not found, broken.
    Bad,
    /// Cannot tell, not checked, not set.
    Unknown,
}

impl Level {
    /// All four, in the order of the design.
    pub const ALL: [Self; 4] = [Self::Good, Self::Weak, Self::Bad, Self::Unknown];
}

/// The four colours of one [`Level`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Words, at least 4.5:1 on every ground they stand on.
    pub text: Color32,
    /// Ground of badges, tiles and problem cards.
    pub background: Color32,
    /// Edge around that ground.
    pub border: Color32,
    /// Marks and bars, 3:1; never behind small text.
    pub solid: Color32,
}

const fn verdict(text: u32, background: u32, border: u32, solid: u32) -> Verdict {
    Verdict { text: rgb(text), background: rgb(background), border: rgb(border), solid: rgb(solid) }
}

/// The three colours of a site: the window's edge, its word, and what is behind the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteColours {
    /// The window's edge and the colour square.
    pub edge: Color32,
    /// The word (TEST, PRODUCTION) and the open lock.
    pub text: Color32,
    /// Behind the word.
    pub background: Color32,
}

/// Which colours a site has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SiteColour {
    /// Teal.
    #[default]
    Test,
    /// Magenta.
    Production,
    /// The site's own choice.
    Custom(Color32),
}

/// `#RRGGBB`, as in a site file.
impl FromStr for SiteColour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()));
        digits
            .and_then(|d| u32::from_str_radix(d, 16).ok())
            .map(|hex| Self::Custom(rgb(hex)))
            .ok_or_else(|| format!("a colour is # and six hexadecimal digits, not {}", super::text::quoted(text)))
    }
}

/// The colours of one theme, named by meaning. Contrast is held by a test below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// Whether these are the dark ones.
    pub dark: bool,
    /// Rail, status bar.
    pub bg_chrome: Color32,
    /// Page background, headers.
    pub bg_page: Color32,
    /// Tables, editors, cards, fields, chips.
    pub bg_card: Color32,
    /// Read-only values, code quotes, empty photo, disabled button.
    pub bg_inset: Color32,
    /// Dialogs, menus, palette, hints.
    pub bg_popup: Color32,
    /// Hovered row or quiet button.
    pub bg_hover: Color32,
    /// Pressed.
    pub bg_active: Color32,
    /// Names, values, headings.
    pub text_primary: Color32,
    /// Sentences, unselected navigation.
    pub text_secondary: Color32,
    /// Units, captions, column heads, times: the palest text that carries meaning.
    pub text_muted: Color32,
    /// Disabled labels only; their reason is in the hint.
    pub text_disabled: Color32,
    /// Words on `accent_solid` and on the red confirm button.
    pub text_on_solid: Color32,
    /// Between table rows.
    pub border_subtle: Color32,
    /// Around cards, between areas.
    pub border_default: Color32,
    /// Around buttons and fields.
    pub border_control: Color32,
    /// Unchecked checkbox, splitter while dragged.
    pub border_strong: Color32,
    /// Primary button, progress, checked box.
    pub accent_solid: Color32,
    /// The same, hovered.
    pub accent_hover: Color32,
    /// The same, pressed.
    pub accent_active: Color32,
    /// Links, selected icon, line references.
    pub accent_text: Color32,
    /// Selected chip.
    pub accent_subtle: Color32,
    /// Its edge.
    pub accent_border: Color32,
    /// Selected row.
    pub select_row: Color32,
    /// The same while focus is elsewhere.
    pub select_row_inactive: Color32,
    /// Selected text.
    pub select_text: Color32,
    /// Keyboard focus.
    pub focus_ring: Color32,
    /// A site of the TEST kind.
    pub site_test: SiteColours,
    /// A site of the PRODUCTION kind.
    pub site_production: SiteColours,
    /// Names of variables and placeholders in code.
    pub code_variable: Color32,
    /// Patterns and literal values in code.
    pub code_pattern: Color32,
    /// Flags and attributes in code.
    pub code_flag: Color32,
    /// Comments in code.
    pub code_comment: Color32,
    /// The line that decided.
    pub code_line: Color32,
    /// Inserted text.
    pub diff_add: Color32,
    /// Removed text.
    pub diff_del: Color32,
    /// Behind a dialog.
    pub scrim: Color32,
    /// Of popups and dialogs.
    pub shadow: Color32,
    /// [`Level::Good`].
    pub good: Verdict,
    /// [`Level::Weak`].
    pub weak: Verdict,
    /// [`Level::Bad`].
    pub bad: Verdict,
    /// [`Level::Unknown`].
    pub unknown: Verdict,
}

/// Grey-white paper, one blue, black words.
pub const LIGHT: Tokens = Tokens {
    dark: false,
    bg_chrome: rgb(0xEDEFF3),
    bg_page: rgb(0xF7F8FA),
    bg_card: rgb(0xFFFFFF),
    bg_inset: rgb(0xF2F4F7),
    bg_popup: rgb(0xFFFFFF),
    bg_hover: rgb(0xE9ECF1),
    bg_active: rgb(0xDEE3EA),
    text_primary: rgb(0x161A21),
    text_secondary: rgb(0x434C5A),
    text_muted: rgb(0x5E6878),
    text_disabled: rgb(0x9CA4B0),
    text_on_solid: rgb(0xFFFFFF),
    border_subtle: rgb(0xE5E8ED),
    border_default: rgb(0xD6DBE2),
    border_control: rgb(0xBCC4CF),
    border_strong: rgb(0x8892A0),
    accent_solid: rgb(0x2B5BD7),
    accent_hover: rgb(0x234DBA),
    accent_active: rgb(0x1C409E),
    accent_text: rgb(0x2450C0),
    accent_subtle: rgb(0xE9F0FE),
    accent_border: rgb(0xB4C9F8),
    select_row: rgb(0xE4EDFE),
    select_row_inactive: rgb(0xE9ECF1),
    select_text: rgb(0xCFE0FF),
    focus_ring: rgb(0x2B5BD7),
    site_test: SiteColours { edge: rgb(0x08717B), text: rgb(0x08717B), background: rgb(0xDFF3F4) },
    site_production: SiteColours { edge: rgb(0xA01C82), text: rgb(0xA01C82), background: rgb(0xFBE6F5) },
    code_variable: rgb(0x7637A8),
    code_pattern: rgb(0x0A6670),
    code_flag: rgb(0x7F4D00),
    code_comment: rgb(0x5E6878),
    code_line: rgb(0xFFF4D6),
    diff_add: rgb(0xD3F0DD),
    diff_del: rgb(0xFBD9D6),
    scrim: veil(0x161A21, 36),
    shadow: veil(0x161A21, 16),
    good: verdict(0x146B39, 0xE7F5EC, 0xB7DFC6, 0x1B8046),
    weak: verdict(0x7F4D00, 0xFDF2DD, 0xEED5A2, 0xB97400),
    bad: verdict(0xAB241C, 0xFDEDEB, 0xF3C5C1, 0xCC3A31),
    unknown: verdict(0x4F5967, 0xEEF0F4, 0xD3D9E1, 0x7B8594),
};

/// Layers told apart by light.
pub const DARK: Tokens = Tokens {
    dark: true,
    bg_chrome: rgb(0x0F1216),
    bg_page: rgb(0x14181D),
    bg_card: rgb(0x1A1F25),
    bg_inset: rgb(0x11151A),
    bg_popup: rgb(0x222830),
    bg_hover: rgb(0x232930),
    bg_active: rgb(0x2C343D),
    text_primary: rgb(0xE9ECF0),
    text_secondary: rgb(0xB6BEC9),
    text_muted: rgb(0x929CAA),
    text_disabled: rgb(0x5C6672),
    text_on_solid: rgb(0xFFFFFF),
    border_subtle: rgb(0x242A31),
    border_default: rgb(0x303841),
    border_control: rgb(0x424C58),
    border_strong: rgb(0x6A7583),
    accent_solid: rgb(0x3460D6),
    accent_hover: rgb(0x3A6BE4),
    accent_active: rgb(0x2B52BD),
    accent_text: rgb(0x84AAFF),
    accent_subtle: rgb(0x1B2845),
    accent_border: rgb(0x33497A),
    select_row: rgb(0x1D2C4D),
    select_row_inactive: rgb(0x262D35),
    select_text: rgb(0x2C4576),
    focus_ring: rgb(0x84AAFF),
    site_test: SiteColours { edge: rgb(0x1C8791), text: rgb(0x3FB7C1), background: rgb(0x10292C) },
    site_production: SiteColours { edge: rgb(0xB03C95), text: rgb(0xE57CCB), background: rgb(0x33162B) },
    code_variable: rgb(0xC9A2F2),
    code_pattern: rgb(0x6CC7D1),
    code_flag: rgb(0xE6B45C),
    code_comment: rgb(0x8B95A3),
    code_line: rgb(0x2E2817),
    diff_add: rgb(0x1D4630),
    diff_del: rgb(0x5A2724),
    scrim: veil(0x000000, 55),
    shadow: veil(0x000000, 50),
    good: verdict(0x63CE8F, 0x14271C, 0x244B34, 0x2F9E5E),
    weak: verdict(0xE6B45C, 0x2B2313, 0x55441F, 0xC98A1E),
    bad: verdict(0xFF8F85, 0x321B1B, 0x60302D, 0xCB4038),
    unknown: verdict(0xA6B0BD, 0x232930, 0x38414B, 0x77828F),
};

impl Tokens {
    /// The colours of a level.
    pub fn verdict(&self, level: Level) -> Verdict {
        match level {
            Level::Good => self.good,
            Level::Weak => self.weak,
            Level::Bad => self.bad,
            Level::Unknown => self.unknown,
        }
    }

    /// The colours of a site. A custom colour is the edge as chosen; word and ground are mixed from it so that the
    /// word can be read.
    pub fn site(&self, colour: SiteColour) -> SiteColours {
        match colour {
            SiteColour::Test => self.site_test,
            SiteColour::Production => self.site_production,
            SiteColour::Custom(edge) => {
                let background = self.bg_card.lerp_to_gamma(edge, if self.dark { 0.22 } else { 0.12 });
                let text = (0_u8..=10)
                    .map(|step| edge.lerp_to_gamma(self.text_primary, f32::from(step) / 10.0))
                    .find(|text| contrast(*text, background) >= 4.5)
                    .unwrap_or(self.text_primary);
                SiteColours { edge, text, background }
            }
        }
    }

    /// A line of one point in `colour`.
    pub fn line(colour: Color32) -> Stroke {
        Stroke::new(size::STROKE, colour)
    }
}

/// How far two colours are apart in light: 1 to 21 (WCAG 2.2, "contrast ratio").
pub fn contrast(a: Color32, b: Color32) -> f32 {
    fn light(colour: Color32) -> f32 {
        let linear = egui::Rgba::from(colour);
        0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
    }
    let (a, b) = (light(a), light(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The tokens of the theme in force.
pub trait Look {
    /// The tokens of the theme in force.
    fn tokens(&self) -> &'static Tokens;
}

impl Look for Ui {
    fn tokens(&self) -> &'static Tokens {
        if self.visuals().dark_mode { &DARK } else { &LIGHT }
    }
}

impl Look for Context {
    fn tokens(&self) -> &'static Tokens {
        match self.theme() {
            egui::Theme::Dark => &DARK,
            egui::Theme::Light => &LIGHT,
        }
    }
}

/// Distances, in points.
pub mod space {
    /// Between a mark and its word.
    pub const XS: f32 = 4.0;
    /// Between lines of one thing.
    pub const S: f32 = 6.0;
    /// Between controls in a row.
    pub const M: f32 = 8.0;
    /// Padding of a card.
    pub const L: f32 = 12.0;
    /// Side margin of a page.
    pub const XL: f32 = 16.0;
    /// Padding of a dialog.
    pub const XXL: f32 = 20.0;
    /// Between groups.
    pub const GROUP: f32 = 24.0;
    /// Between cards.
    pub const CARDS: f32 = 10.0;
}

/// Corner radii, in points.
pub mod radius {
    /// Key cap.
    pub const KEY: u8 = 3;
    /// Badge, tile, thumbnail.
    pub const BADGE: u8 = 4;
    /// Button, field, rail item.
    pub const CONTROL: u8 = 6;
    /// Card, person's portrait.
    pub const CARD: u8 = 8;
    /// Dialog, palette.
    pub const DIALOG: u8 = 10;
}

/// Heights and widths, in points.
pub mod size {
    /// Every line.
    pub const STROKE: f32 = 1.0;
    /// Focus ring, selected tab.
    pub const STROKE_STRONG: f32 = 2.0;
    /// The site's edge of the window.
    pub const SITE_EDGE: f32 = 3.0;
    /// Button, field.
    pub const CONTROL: f32 = 28.0;
    /// Small button, chip.
    pub const SMALL: f32 = 24.0;
    /// Button at the foot of a dialog.
    pub const DIALOG_BUTTON: f32 = 32.0;
    /// Badge.
    pub const BADGE: f32 = 20.0;
    /// Tile.
    pub const TILE: f32 = 18.0;
    /// Rail item.
    pub const RAIL_ITEM: f32 = 32.0;
    /// Rail.
    pub const RAIL: f32 = 168.0;
    /// Rail below [`NARROW`].
    pub const RAIL_NARROW: f32 = 52.0;
    /// Head of a page.
    pub const PAGE_HEAD: f32 = 52.0;
    /// Row of filters under it.
    pub const FILTER_ROW: f32 = 40.0;
    /// Tabs.
    pub const TABS: f32 = 36.0;
    /// Column heads.
    pub const COLUMN_HEAD: f32 = 28.0;
    /// Status bar.
    pub const STATUS_BAR: f32 = 28.0;
    /// Rows of people.
    pub const ROW_PEOPLE: f32 = 36.0;
    /// Rows of the journal and of plans.
    pub const ROW_JOURNAL: f32 = 34.0;
    /// Rows of places.
    pub const ROW_PLACE: f32 = 30.0;
    /// Rows of attributes.
    pub const ROW_ATTRIBUTE: f32 = 24.0;
    /// Portrait in a list.
    pub const PORTRAIT_LIST: f32 = 24.0;
    /// Portrait among places.
    pub const PORTRAIT_PLACE: f32 = 22.0;
    /// Portrait of the person shown.
    pub const PORTRAIT_PERSON: f32 = 60.0;
    /// Portrait in a dialog.
    pub const PORTRAIT_DIALOG: f32 = 96.0;
    /// Width below which the rail becomes icons.
    pub const NARROW: f32 = 1100.0;
    /// Width below which columns are dropped.
    pub const NARROWEST: f32 = 1000.0;
    /// Prose never runs wider.
    pub const PROSE: f32 = 640.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_be_read_on_every_ground_it_stands_on() {
        for t in [&LIGHT, &DARK] {
            let grounds = [t.bg_chrome, t.bg_page, t.bg_card, t.bg_inset, t.bg_popup, t.select_row];
            let mut pairs = Vec::new();
            for ground in grounds {
                pairs.extend([
                    ("primary", t.text_primary, ground),
                    ("secondary", t.text_secondary, ground),
                    ("muted", t.text_muted, ground),
                    ("accent", t.accent_text, ground),
                ]);
            }
            for level in Level::ALL {
                let v = t.verdict(level);
                pairs.extend([("verdict", v.text, v.background), ("verdict", v.text, t.bg_card)]);
                pairs.push(("verdict on a selected row", v.text, t.select_row));
            }
            for site in [t.site_test, t.site_production] {
                pairs.push(("site", site.text, site.background));
            }
            pairs.push(("on solid", t.text_on_solid, t.accent_solid));
            pairs.push(("on red", t.text_on_solid, t.bad.solid));
            for (what, text, ground) in pairs {
                let ratio = contrast(text, ground);
                assert!(ratio >= 4.5, "{what} {text:?} on {ground:?} (dark: {}): {ratio:.2}", t.dark);
            }
        }
    }

    #[test]
    fn a_site_colour_of_ones_own_can_be_read() {
        for t in [&LIGHT, &DARK] {
            for hex in ["#7637A8", "#FFFF00", "#000000", "#FFFFFF", "#808080"] {
                let site = t.site(hex.parse().unwrap());
                assert!(contrast(site.text, site.background) >= 4.5, "{hex}, dark: {}", t.dark);
            }
        }
    }

    #[test]
    fn a_colour_that_is_none_is_refused() {
        for text in ["", "7637A8", "#7637A", "#7637AZ", "#7637A8FF", "teal", "#日本"] {
            assert!(text.parse::<SiteColour>().is_err(), "{text}");
        }
    }
}
