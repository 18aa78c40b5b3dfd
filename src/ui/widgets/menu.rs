//! Menus: rows with icon, words and key.

use egui::{Color32, Popup, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::KeyCap;
use crate::ui::{
    paint,
    text::{self, Elide},
    tokens::{Look, radius},
    type_scale::Type,
};

/// Opens below `button` when it is clicked; closes when a row is clicked, or Esc.
pub fn menu_ui(button: &Response, width: f32, content: impl FnOnce(&mut Ui)) {
    Popup::menu(button).width(width).gap(4.0).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        content(ui);
    });
}

/// One row. An empty place is kept for the icon so that words stand below each other.
pub fn item_ui(ui: &mut Ui, icon: Option<Icon>, label: &str, key: Option<&str>) -> Response {
    let t = ui.tokens();
    let enabled = ui.is_enabled();
    let width = ui.available_width().max(120.0);
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(width, 28.0), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, enabled, label));
    let on = enabled && (response.hovered() || response.has_focus());
    let fill = if on { t.bg_hover } else { Color32::TRANSPARENT };
    ui.painter().rect_filled(rect, radius::CONTROL, fill);
    let color = if enabled { t.text_primary } else { t.text_disabled };
    if let Some(icon) = icon {
        let pale = if enabled { t.text_secondary } else { t.text_disabled };
        paint::icon(ui.painter(), pos2(rect.left() + 15.0, rect.center().y), icon, 14.0, pale);
    }
    let galley = text::galley(ui.ctx(), label, Type::Body, color, width - 40.0, Elide::End);
    paint::galley_at(ui.painter(), rect.left() + 30.0, rect.center().y, galley, color);
    if let Some(key) = key {
        let area = egui::Rect::from_min_max(rect.min, rect.max - vec2(8.0, 0.0));
        let layout = egui::Layout::right_to_left(egui::Align::Center);
        ui.new_child(egui::UiBuilder::new().max_rect(area).layout(layout)).add(KeyCap::new(key));
    }
    paint::focus_ring(ui, &response, radius::CONTROL);
    response
}

/// A line between groups of rows.
pub fn menu_line_ui(ui: &mut Ui) {
    let t = ui.tokens();
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 7.0), Sense::hover());
    paint::hline(ui.painter(), rect.x_range(), rect.center().y, t.border_subtle);
}
