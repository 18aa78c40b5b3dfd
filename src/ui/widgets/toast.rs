//! A sentence that something was done, with a way back. Never for errors.

use std::time::Duration;

use egui::{Align2, Area, Context, Frame, Id, Margin, Order, vec2};

use super::Link;
use crate::ui::{
    text::{Elide, Text},
    tokens::{Look, Tokens, radius, size},
    type_scale::Type,
};

/// How long it stays.
const STAYS: Duration = Duration::from_secs(6);

/// What a toast was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastAnswer {
    /// Its button was clicked.
    Action,
    /// It has been there long enough.
    Gone,
}

/// One sentence, an optional action ("Undo"), bottom right above the status bar. One at a time.
#[derive(Debug, Clone)]
pub struct Toast {
    sentence: String,
    action: Option<String>,
    /// In egui's time; set when first shown.
    since: Option<f64>,
}

impl Toast {
    /// "Photo URL of Asha Patel set".
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), action: None, since: None }
    }

    /// With a button.
    pub fn action(mut self, label: impl Into<String>) -> Self {
        self.action = Some(label.into());
        self
    }

    /// Draws it, and says when it was answered or is over. It waits while the pointer is on it.
    pub fn show(&mut self, ctx: &Context) -> Option<ToastAnswer> {
        let now = ctx.input(|input| input.time);
        let since = *self.since.get_or_insert(now);
        let t = ctx.tokens();
        let place = vec2(-16.0, -(size::STATUS_BAR + 12.0));
        let mut answer = None;
        let area = Area::new(Id::unique("toast")).order(Order::Foreground).anchor(Align2::RIGHT_BOTTOM, place);
        let shown = area.show(ctx, |ui| {
            Frame::new()
                .fill(t.bg_popup)
                .stroke(Tokens::line(t.border_default))
                .corner_radius(radius::CARD)
                .shadow(ui.visuals().popup_shadow)
                .inner_margin(Margin { left: 14, right: 14, top: 5, bottom: 5 })
                .show(ui, |ui| {
                    ui.horizontal(|ui| {
                        ui.set_min_height(size::SMALL);
                        ui.add(Text::new(self.sentence.as_str()).style(Type::Body).width(420.0).elide(Elide::End));
                        if let Some(label) = &self.action {
                            ui.add_space(8.0);
                            if ui.add(Link::new(label.as_str()).style(Type::BodyMedium)).clicked() {
                                answer = Some(ToastAnswer::Action);
                            }
                        }
                    });
                });
        });
        let over = Duration::from_secs_f64((now - since).max(0.0));
        if shown.response.contains_pointer() {
            self.since = Some(now);
        } else if over >= STAYS {
            answer = answer.or(Some(ToastAnswer::Gone));
        } else {
            ctx.request_repaint_after(STAYS.saturating_sub(over));
        }
        answer
    }
}
