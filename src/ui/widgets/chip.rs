//! Round filters with a count.

use std::borrow::Cow;

use egui::{Color32, Response, Role, Sense, Ui, Widget, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use crate::ui::{
    format, paint,
    text::{self, Elide},
    tokens::{Look, size},
    type_scale::Type,
};

/// A filter, on or off. Clicking it asks for the other; one with an x is on and is taken away by the click.
#[must_use = "add it to a ui"]
pub struct Chip<'a> {
    label: Cow<'a, str>,
    count: Option<usize>,
    icon: Option<Icon>,
    on: bool,
    closable: bool,
}

impl<'a> Chip<'a> {
    /// Off, without a count.
    pub fn new(label: impl Into<Cow<'a, str>>) -> Self {
        Self { label: label.into(), count: None, icon: None, on: false, closable: false }
    }

    /// How many there are.
    pub fn count(mut self, count: usize) -> Self {
        self.count = Some(count);
        self
    }

    /// An icon before the label.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Whether it is on.
    pub fn on(mut self, on: bool) -> Self {
        self.on = on;
        self
    }

    /// Shows an x: a click takes it away.
    pub fn closable(mut self) -> Self {
        self.closable = true;
        self
    }

    fn name(&self) -> String {
        let count = self.count.map(|count| format!(" {}", format::count(count))).unwrap_or_default();
        let verb = if self.closable { "Remove filter " } else { "" };
        format!("{verb}{}{count}", self.label)
    }
}

impl Widget for Chip<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = ui.tokens();
        let enabled = ui.is_enabled();
        let room = ui.available_width().max(60.0);
        let word = text::galley(ui.ctx(), &self.label, Type::SmallMedium, Color32::PLACEHOLDER, room, Elide::End);
        let count = self.count.map(|count| {
            let count = format::count(count);
            text::galley(ui.ctx(), &count, Type::Small, Color32::PLACEHOLDER, room, Elide::End)
        });
        let (pad, gap, mark) = (11.0, 6.0, 12.0);
        let mut content = word.size().x;
        content += count.as_ref().map_or(0.0, |galley| gap + galley.size().x);
        content += if self.icon.is_some() { mark + gap } else { 0.0 };
        content += if self.closable { mark + gap } else { 0.0 };
        let sense = if enabled { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(vec2((content + 2.0 * pad).round(), size::SMALL), sense);
        response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, self.on, self.name()));
        let (fill, edge, words, pale) = match (enabled, self.on) {
            (false, _) => (t.bg_inset, t.border_default, t.text_disabled, t.text_disabled),
            (true, true) => (t.accent_subtle, t.accent_border, t.accent_text, t.accent_text),
            (true, false) if response.is_pointer_button_down_on() => {
                (t.bg_active, t.border_strong, t.text_secondary, t.text_muted)
            }
            (true, false) if response.hovered() => (t.bg_card, t.border_strong, t.text_secondary, t.text_muted),
            (true, false) => (t.bg_card, t.border_default, t.text_secondary, t.text_muted),
        };
        paint::ground(ui.painter(), rect, (size::SMALL / 2.0) as u8, fill, edge);
        let (mut x, y) = (rect.left() + pad, rect.center().y);
        if let Some(icon) = self.icon {
            paint::icon(ui.painter(), pos2(x + mark / 2.0, y), icon, mark, pale);
            x += mark + gap;
        }
        let width = word.size().x;
        paint::galley_at(ui.painter(), x, y, word, words);
        x += width + gap;
        if let Some(count) = count {
            let width = count.size().x;
            paint::galley_at(ui.painter(), x, y, count, pale);
            x += width + gap;
        }
        if self.closable {
            paint::icon(ui.painter(), pos2(x + mark / 2.0, y), Icon::X, mark, words);
        }
        paint::focus_ring(ui, &response, (size::SMALL / 2.0) as u8);
        response
    }
}
