//! Nothing to show: say why, offer the way out.

use std::borrow::Cow;

use egui::{Align, Layout, Sense, Ui, vec2};
use lucide_icons::Icon;

use super::Button;
use crate::ui::{
    paint,
    text::{Elide, Text},
    tokens::Look,
    type_scale::Type,
};

/// Which of the buttons of an empty state was clicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyAnswer {
    /// The bordered one.
    First,
    /// The quiet one.
    Second,
}

/// Icon, sentence, one more sentence, a button; in the middle of what is left.
#[must_use = "call `show`"]
pub struct EmptyState<'a> {
    icon: Icon,
    heading: Cow<'a, str>,
    sentence: Cow<'a, str>,
    first: Option<Cow<'a, str>>,
    second: Option<Cow<'a, str>>,
}

impl<'a> EmptyState<'a> {
    /// "Nobody with “münchen” has a wrong case".
    pub fn new(icon: Icon, heading: impl Into<Cow<'a, str>>) -> Self {
        Self { icon, heading: heading.into(), sentence: Cow::Borrowed(""), first: None, second: None }
    }

    /// "3 people match the words alone."
    pub fn sentence(mut self, sentence: impl Into<Cow<'a, str>>) -> Self {
        self.sentence = sentence.into();
        self
    }

    /// The way out.
    pub fn button(mut self, label: impl Into<Cow<'a, str>>) -> Self {
        self.first = Some(label.into());
        self
    }

    /// Another one.
    pub fn second(mut self, label: impl Into<Cow<'a, str>>) -> Self {
        self.second = Some(label.into());
        self
    }

    /// Draws it.
    pub fn show(self, ui: &mut Ui) -> Option<EmptyAnswer> {
        let t = ui.tokens();
        let mut answer = None;
        let height = 120.0;
        let above = ((ui.available_height() - height) / 2.0).max(16.0);
        let width = ui.available_width().min(320.0);
        ui.with_layout(Layout::top_down(Align::Center), |ui| {
            ui.add_space(above);
            let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::hover());
            paint::icon(ui.painter(), rect.center(), self.icon, 24.0, t.text_muted);
            ui.add_space(8.0);
            ui.add(Text::new(self.heading.as_ref()).style(Type::Section).elide(Elide::Wrap).width(width).centred());
            if !self.sentence.is_empty() {
                let words = Text::new(self.sentence.as_ref()).color(t.text_secondary).elide(Elide::Wrap);
                ui.add(words.width(width).centred());
            }
            ui.add_space(6.0);
            let mut buttons = Vec::new();
            buttons.extend(self.first.map(|label| (Button::new(label), EmptyAnswer::First)));
            buttons.extend(self.second.map(|label| (Button::quiet(label), EmptyAnswer::Second)));
            super::centred_row_ui(ui, "empty state", |ui| {
                for (button, means) in buttons {
                    if ui.add(button).clicked() {
                        answer = Some(means);
                    }
                }
            });
        });
        answer
    }
}
