//! Words that can be clicked.

use std::borrow::Cow;

use egui::{CursorIcon, Response, Role, Sense, Stroke, Ui, Widget, WidgetInfo, vec2};

use crate::ui::{
    paint,
    text::{self, Elide},
    tokens::{Look, radius},
    type_scale::Type,
};

/// A link inside the program: "Undo", "Line 22". Underlined when hovered.
#[must_use = "add it to a ui"]
pub struct Link<'a> {
    label: Cow<'a, str>,
    name: Option<Cow<'a, str>>,
    style: Type,
}

impl<'a> Link<'a> {
    /// In `small`.
    pub fn new(label: impl Into<Cow<'a, str>>) -> Self {
        Self { label: label.into(), name: None, style: Type::Small }
    }

    /// Size and weight.
    pub fn style(mut self, style: Type) -> Self {
        self.style = style;
        self
    }

    /// Accessible name where the word alone does not say it: "Undo the change to Asha Patel".
    pub fn name(mut self, name: impl Into<Cow<'a, str>>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl Widget for Link<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = ui.tokens();
        let enabled = ui.is_enabled();
        let color = if enabled { t.accent_text } else { t.text_disabled };
        let galley = text::galley(ui.ctx(), &self.label, self.style, color, ui.available_width(), Elide::End);
        let size = vec2(galley.size().x, galley.size().y.max(self.style.line_height()));
        let sense = if enabled { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(size, sense);
        let name = self.name.as_ref().unwrap_or(&self.label);
        response.widget_info(|| WidgetInfo::labeled(Role::Link, enabled, name));
        paint::galley_at(ui.painter(), rect.left(), rect.center().y, galley, color);
        if response.hovered() && enabled {
            ui.painter().hline(rect.x_range(), rect.bottom() - 1.5, Stroke::new(1.0, color));
        }
        paint::focus_ring(ui, &response, radius::KEY);
        response.on_hover_cursor(CursorIcon::PointingHand)
    }
}
