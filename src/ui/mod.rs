//! Looks without meaning, for files that draw: tokens, theme, text, widgets. Knows no domain.
//!
//! How to draw with it:
//!
//! ```ignore
//! use crate::ui::{Elide, Icon, Level, Look as _, Text, Type, format, size, space, widgets::{Badge, Button, Field}};
//!
//! crate::ui::install(ctx);                       // once: fonts, styles, theme
//! let t = ui.tokens();                           // colours of the theme in force
//! ui.add(Text::new(&person.name).style(Type::BodyMedium));                     // strangers' text: always `Text`
//! ui.add(Text::new(&url).style(Type::Mono).color(t.text_secondary).elide(Elide::Start));
//! if ui.add(Button::new("Set photo URL…").icon(Icon::Link).disabled_if(locked)).clicked() { .. }
//! ui.add(Field::search("Search people", &mut query).placeholder("Search name, mail, uid").key("Ctrl F"));
//! ui.add(Badge::new(Level::Bad, "Not found"));
//! let texture = widgets::texture(ui.ctx(), digest, Pixels { width, height, rgba });
//! ui.add(Photo::new("Photo of Asha Patel", size::PORTRAIT_PERSON).texture(texture));
//! let (inner, answer) = Dialog::new("Set photo URL", "Set photo URL").foot("Nothing is written yet.").show(ctx, |ui| ..);
//! ```

pub mod fonts;
pub mod format;
mod icon;
pub mod paint;
pub mod text;
pub mod theme;
pub mod tokens;
pub mod type_scale;
pub mod widgets;

pub use fonts::SystemFonts;
pub use icon::icon_data;
pub use lucide_icons::Icon;
pub use text::{Elide, Text};
pub use theme::install;
pub use tokens::{Level, Look, SiteColour, SiteColours, Tokens, Verdict, radius, size, space};
pub use type_scale::Type;
