//! The sizes and weights of words, by what they are for.
//!
//! Not here: the font files (`fonts.rs`), colours (`tokens.rs`).

use std::collections::BTreeMap;

use egui::{Color32, FontFamily, FontId, RichText, TextFormat, TextStyle};

/// One row of the type scale. A [`FontId`] has no weight, so weights are families (`fonts.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// Headline of the welcome page.
    Display,
    /// A person's name, a verdict.
    Title,
    /// Page name, dialog title, the sentence that sums up a tab.
    Heading,
    /// Headings inside a page, first line of a problem.
    Section,
    /// Default.
    Body,
    /// Names in tables.
    BodyMedium,
    /// Words on buttons.
    Button,
    /// Second column, reasons, status bar.
    Small,
    /// The same, a little louder.
    SmallMedium,
    /// Column heads, badges.
    Caption,
    /// DN under a name, line numbers, key caps.
    Micro,
    /// TEST, PRODUCTION.
    MicroStrong,
    /// DN under a name: micro in mono.
    MicroMono,
    /// Editors.
    Code,
    /// Values: addresses, URLs, DNs.
    Mono,
    /// Values in tables.
    MonoSmall,
}

/// Names of the font families, as registered in `fonts.rs`.
pub mod family {
    /// Inter 400.
    pub const UI: &str = "ui";
    /// Inter 500.
    pub const MEDIUM: &str = "ui-medium";
    /// Inter 600.
    pub const SEMIBOLD: &str = "ui-semibold";
    /// `JetBrains Mono NL` 400.
    pub const MONO: &str = "mono";
    /// Lucide.
    pub const ICONS: &str = "icons";
}

impl Type {
    /// Every row.
    pub const ALL: [Self; 16] = [
        Self::Display,
        Self::Title,
        Self::Heading,
        Self::Section,
        Self::Body,
        Self::BodyMedium,
        Self::Button,
        Self::Small,
        Self::SmallMedium,
        Self::Caption,
        Self::Micro,
        Self::MicroStrong,
        Self::MicroMono,
        Self::Code,
        Self::Mono,
        Self::MonoSmall,
    ];

    /// Name of its [`TextStyle`], size and line height in points, family.
    const fn row(self) -> (&'static str, f32, f32, &'static str) {
        match self {
            Self::Display => ("display", 24.0, 30.0, family::SEMIBOLD),
            Self::Title => ("title", 20.0, 26.0, family::SEMIBOLD),
            Self::Heading => ("heading", 16.0, 22.0, family::SEMIBOLD),
            Self::Section => ("section", 13.0, 18.0, family::SEMIBOLD),
            Self::Body => ("body", 13.0, 18.0, family::UI),
            Self::BodyMedium => ("body-medium", 13.0, 18.0, family::MEDIUM),
            Self::Button => ("button", 12.5, 18.0, family::MEDIUM),
            Self::Small => ("small", 12.0, 16.0, family::UI),
            Self::SmallMedium => ("small-medium", 12.0, 16.0, family::MEDIUM),
            Self::Caption => ("caption", 11.5, 16.0, family::MEDIUM),
            Self::Micro => ("micro", 11.0, 14.0, family::UI),
            Self::MicroStrong => ("micro-strong", 11.0, 14.0, family::SEMIBOLD),
            Self::MicroMono => ("micro-mono", 11.0, 14.0, family::MONO),
            Self::Code => ("code", 12.0, 20.0, family::MONO),
            Self::Mono => ("mono", 12.0, 16.0, family::MONO),
            Self::MonoSmall => ("mono-small", 11.5, 16.0, family::MONO),
        }
    }

    /// Size and family.
    pub fn font(self) -> FontId {
        let (_, size, _, family) = self.row();
        FontId::new(size, FontFamily::Name(family.into()))
    }

    /// In points.
    pub fn line_height(self) -> f32 {
        self.row().2
    }

    /// The named egui style.
    pub fn style(self) -> TextStyle {
        TextStyle::Name(self.row().0.into())
    }

    /// Words in this style, for egui's own labels. Strangers' words go through [`super::text::Text`].
    pub fn rich(self, words: impl Into<String>) -> RichText {
        RichText::new(words).font(self.font()).line_height(Some(self.line_height()))
    }

    /// For a section of a layout job.
    pub fn format(self, color: Color32) -> TextFormat {
        TextFormat { line_height: Some(self.line_height()), ..TextFormat::simple(self.font(), color) }
    }
}

/// All rows and egui's own names, for `Style::text_styles`.
pub fn text_styles() -> BTreeMap<TextStyle, FontId> {
    let mut styles: BTreeMap<TextStyle, FontId> = Type::ALL.iter().map(|row| (row.style(), row.font())).collect();
    styles.insert(TextStyle::Body, Type::Body.font());
    styles.insert(TextStyle::Button, Type::Button.font());
    styles.insert(TextStyle::Small, Type::Small.font());
    styles.insert(TextStyle::Heading, Type::Heading.font());
    styles.insert(TextStyle::Monospace, Type::Mono.font());
    styles
}
