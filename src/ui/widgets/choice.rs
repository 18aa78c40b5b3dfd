//! Choosing: a checkbox, a drop-down list, a card that is a radio button.

use std::borrow::Cow;

use egui::{
    Color32, InnerResponse, Key, Popup, PopupCloseBehavior, Response, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    Widget, WidgetInfo, pos2, vec2,
};
use lucide_icons::Icon;

use crate::ui::{
    paint,
    text::{self, Elide, Text},
    tokens::{Look, radius, size},
    type_scale::Type,
};

/// A box to tick, with its sentence.
#[must_use = "add it to a ui"]
pub struct Checkbox<'a> {
    on: &'a mut bool,
    label: Cow<'a, str>,
}

impl<'a> Checkbox<'a> {
    /// The response says `changed()`.
    pub fn new(on: &'a mut bool, label: impl Into<Cow<'a, str>>) -> Self {
        Self { on, label: label.into() }
    }
}

impl Widget for Checkbox<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = ui.tokens();
        let enabled = ui.is_enabled();
        let color = if enabled { t.text_secondary } else { t.text_disabled };
        let room = (ui.available_width() - 20.0).max(20.0);
        let galley = text::galley(ui.ctx(), &self.label, Type::Small, color, room, Elide::Wrap);
        let size = vec2(20.0 + galley.size().x, galley.size().y.max(18.0));
        let sense = if enabled { Sense::click() } else { Sense::hover() };
        let (rect, mut response) = ui.allocate_exact_size(size, sense);
        if response.clicked() {
            *self.on = !*self.on;
            response.mark_changed();
        }
        let on = *self.on;
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, enabled, on, &self.label));
        let square = paint::square(pos2(rect.left() + 7.0, rect.top() + 9.0), 14.0);
        let edge = if response.hovered() { t.accent_solid } else { t.border_strong };
        if on {
            let fill = if enabled { t.accent_solid } else { t.text_disabled };
            ui.painter().rect_filled(square, 3, fill);
            paint::icon(ui.painter(), square.center(), Icon::Check, 11.0, t.text_on_solid);
        } else {
            paint::ground(ui.painter(), square, 3, t.bg_card, edge);
        }
        let y = rect.top() + (rect.height() - galley.size().y) / 2.0;
        ui.painter().galley(pos2(rect.left() + 20.0, y), galley, color);
        paint::focus_ring(ui, &response, radius::KEY);
        response
    }
}

/// A drop-down list; `chosen` is an index. Arrow keys choose, Enter takes, Esc leaves. The response says `changed()`.
pub fn select_ui(ui: &mut Ui, name: &str, labels: &[&str], chosen: &mut usize, width: f32) -> Response {
    let t = ui.tokens();
    let enabled = ui.is_enabled();
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, mut response) = ui.allocate_exact_size(vec2(width, size::CONTROL), sense);
    let current = labels.get(*chosen).copied().unwrap_or("");
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(current.to_owned()),
        ..WidgetInfo::labeled(Role::ComboBox, enabled, name)
    });
    let (fill, word) = if enabled { (t.bg_card, t.text_primary) } else { (t.bg_inset, t.text_disabled) };
    let edge = if response.hovered() { t.border_strong } else { t.border_control };
    paint::ground(ui.painter(), rect, radius::CONTROL, fill, edge);
    let galley = text::galley(ui.ctx(), current, Type::Body, word, width - 36.0, Elide::End);
    paint::galley_at(ui.painter(), rect.left() + 9.0, rect.center().y, galley, word);
    let arrow = pos2(rect.right() - 15.0, rect.center().y);
    paint::icon(ui.painter(), arrow, Icon::ChevronDown, 14.0, t.text_secondary);
    paint::focus_ring(ui, &response, radius::CONTROL);
    if response.has_focus() {
        let step =
            ui.input(|input| i32::from(input.key_pressed(Key::ArrowDown)) - i32::from(input.key_pressed(Key::ArrowUp)));
        let next = chosen.saturating_add_signed(step as isize).min(labels.len().saturating_sub(1));
        if next != *chosen {
            *chosen = next;
            response.mark_changed();
        }
    }
    let popup = Popup::menu(&response).width(width).gap(2.0).close_behavior(PopupCloseBehavior::CloseOnClick);
    let picked = popup.show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut picked = None;
        for (index, label) in labels.iter().enumerate() {
            let icon = (index == *chosen).then_some(Icon::Check);
            if super::menu::item_ui(ui, icon, label, None).clicked() {
                picked = Some(index);
            }
        }
        picked
    });
    if let Some(index) = picked.and_then(|shown| shown.inner)
        && index != *chosen
    {
        *chosen = index;
        response.mark_changed();
    }
    response
}

/// A card that is one of several choices; `mark`: `None` for one that can only be looked at.
pub fn radio_card_ui<R>(
    ui: &mut Ui,
    name: &str,
    mark: Option<bool>,
    height: f32,
    content: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<R> {
    let t = ui.tokens();
    let enabled = mark.is_some() && ui.is_enabled();
    let on = mark == Some(true);
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), sense);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, on, name));
    let (fill, edge) = match (on, mark.is_some()) {
        (true, _) => (t.accent_subtle, t.accent_solid),
        (false, true) if response.hovered() => (t.bg_card, t.border_strong),
        (false, true) => (t.bg_card, t.border_default),
        (false, false) => (t.bg_inset, t.border_default),
    };
    paint::ground(ui.painter(), rect, radius::CARD, fill, edge);
    if mark.is_some() {
        let centre = pos2(rect.left() + 20.0, rect.center().y);
        if on {
            ui.painter().circle_filled(centre, 8.0, t.accent_solid);
            ui.painter().circle_filled(centre, 3.0, t.text_on_solid);
        } else {
            ui.painter().circle(centre, 7.5, t.bg_card, Stroke::new(1.0, t.border_strong));
        }
    }
    let inner = egui::Rect::from_min_max(pos2(rect.left() + 40.0, rect.top()), rect.max - vec2(12.0, 0.0));
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).layout(layout));
    let inner = content(&mut child);
    if response.has_focus() && crate::ui::theme::keyboard_is_in_use(ui.ctx()) {
        let stroke = Stroke::new(2.0, t.focus_ring);
        ui.painter().rect_stroke(rect.expand(1.0), radius::CARD + 1, stroke, StrokeKind::Outside);
    }
    InnerResponse::new(inner, response)
}

/// A round mark with its sentence, one of several choices.
pub fn radio_ui(ui: &mut Ui, label: &str, on: bool) -> Response {
    let t = ui.tokens();
    let enabled = ui.is_enabled();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let sense = if enabled { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(vec2(16.0, 18.0), sense);
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, on, label));
        let ring = if on { t.accent_solid } else { t.border_strong };
        ui.painter().circle(rect.center(), 7.5, if on { ring } else { t.bg_card }, Stroke::new(1.0, ring));
        if on {
            ui.painter().circle_filled(rect.center(), 3.0, t.text_on_solid);
        }
        paint::focus_ring(ui, &response, 8);
        let color: Color32 = if enabled { t.text_primary } else { t.text_disabled };
        let words = ui.add(Text::new(label).color(color)).interact(sense);
        response | words
    })
    .inner
}
