//! Cards are for objects: a place, a problem. Not for layout.

use std::borrow::Cow;

use egui::{Align, Frame, InnerResponse, Layout, Margin, Ui, UiBuilder, pos2, vec2};
use lucide_icons::Icon;

use super::{Button, mark::icon_of};
use crate::ui::{
    paint,
    text::{Elide, Text},
    tokens::{Level, Look, Tokens, radius},
    type_scale::Type,
};

/// White, with an edge, no shadow.
pub fn card_ui<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let t = ui.tokens();
    frame(t.bg_card, t.border_default).show(ui, content)
}

/// A ground for values that are read: certificate, old and new.
pub fn inset_ui<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let t = ui.tokens();
    frame(t.bg_inset, t.border_default).show(ui, content)
}

fn frame(fill: egui::Color32, edge: egui::Color32) -> Frame {
    Frame::new().fill(fill).stroke(Tokens::line(edge)).corner_radius(radius::CARD).inner_margin(Margin::same(12))
}

/// What was asked for on a [`ProblemCard`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemAnswer {
    /// The mend.
    Mend,
    /// The second way out.
    Other,
    /// Copy the details.
    CopyDetails,
}

/// What is wrong, why, and the one mend that fits.
#[must_use = "call `show`"]
pub struct ProblemCard<'a> {
    level: Level,
    icon: Icon,
    sentence: Cow<'a, str>,
    reason: Cow<'a, str>,
    mend: Option<Cow<'a, str>>,
    mend_disabled: Option<Cow<'a, str>>,
    other: Option<Cow<'a, str>>,
    copy: bool,
}

impl<'a> ProblemCard<'a> {
    /// "Capitals in the photo URL, none in the file."
    pub fn new(level: Level, sentence: impl Into<Cow<'a, str>>) -> Self {
        Self {
            level,
            icon: icon_of(level),
            sentence: sentence.into(),
            reason: Cow::Borrowed(""),
            mend: None,
            mend_disabled: None,
            other: None,
            copy: false,
        }
    }

    /// Another icon.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = icon;
        self
    }

    /// What follows from it, or what to look at.
    pub fn reason(mut self, reason: impl Into<Cow<'a, str>>) -> Self {
        self.reason = reason.into();
        self
    }

    /// The one mend that fits.
    pub fn mend(mut self, label: impl Into<Cow<'a, str>>) -> Self {
        self.mend = Some(label.into());
        self
    }

    /// Why the mend cannot be had now.
    pub fn mend_disabled_if(mut self, reason: Option<impl Into<Cow<'a, str>>>) -> Self {
        self.mend_disabled = reason.map(Into::into);
        self
    }

    /// A second way out.
    pub fn other(mut self, label: impl Into<Cow<'a, str>>) -> Self {
        self.other = Some(label.into());
        self
    }

    /// "Copy details", for a report.
    pub fn copy_details(mut self) -> Self {
        self.copy = true;
        self
    }

    /// Draws it over the whole width. With several ways out, or in a narrow place, they stand below the words.
    pub fn show(self, ui: &mut Ui) -> Option<ProblemAnswer> {
        let t = ui.tokens();
        let v = t.verdict(self.level);
        let width = ui.available_width();
        let below = self.other.is_some() || self.copy || (self.mend.is_some() && width < 380.0);
        frame(v.background, v.border)
            .show(ui, |ui| {
                ui.set_width(width - 26.0);
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing.x = 12.0;
                    let (rect, _) = ui.allocate_exact_size(vec2(16.0, 18.0), egui::Sense::hover());
                    paint::icon(ui.painter(), rect.center(), self.icon, 16.0, v.text);
                    if below {
                        ui.vertical(|ui| {
                            self.words_ui(ui);
                            ui.add_space(6.0);
                            self.answers_ui(ui)
                        })
                        .inner
                    } else {
                        self.one_line_ui(ui)
                    }
                })
                .inner
            })
            .inner
    }

    /// Words at the left, the mend at the right.
    fn one_line_ui(&self, ui: &mut Ui) -> Option<ProblemAnswer> {
        let right = ui.max_rect().right();
        let top = ui.cursor().top();
        let mut used = 0.0;
        let mut answer = None;
        if let Some(mend) = &self.mend {
            let area = egui::Rect::from_min_max(pos2(ui.cursor().left(), top), pos2(right, top + 36.0));
            let layout = Layout::right_to_left(Align::Center);
            let mut child = ui.new_child(UiBuilder::new().max_rect(area).layout(layout));
            let button = Button::primary(mend.clone()).small().disabled_if(self.mend_disabled.clone());
            if child.add(button).clicked() {
                answer = Some(ProblemAnswer::Mend);
            }
            used = child.min_rect().width() + 12.0;
        }
        ui.vertical(|ui| {
            ui.set_max_width(right - used - ui.cursor().left());
            self.words_ui(ui);
        });
        answer
    }

    fn words_ui(&self, ui: &mut Ui) {
        let t = ui.tokens();
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add(Text::new(self.sentence.as_ref()).style(Type::Section).elide(Elide::Wrap));
        if !self.reason.is_empty() {
            let reason = Text::new(self.reason.as_ref()).style(Type::Small).color(t.text_secondary);
            ui.add(reason.elide(Elide::Wrap));
        }
    }

    fn answers_ui(&self, ui: &mut Ui) -> Option<ProblemAnswer> {
        let mut answer = None;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            if let Some(mend) = &self.mend {
                let button = Button::primary(mend.clone()).small().disabled_if(self.mend_disabled.clone());
                if ui.add(button).clicked() {
                    answer = Some(ProblemAnswer::Mend);
                }
            }
            if let Some(other) = &self.other
                && ui.add(Button::new(other.clone()).small()).clicked()
            {
                answer = Some(ProblemAnswer::Other);
            }
            if self.copy {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if ui.add(Button::quiet("Copy details").icon(Icon::Copy).small()).clicked() {
                        answer = Some(ProblemAnswer::CopyDetails);
                    }
                });
            }
        });
        answer
    }
}
