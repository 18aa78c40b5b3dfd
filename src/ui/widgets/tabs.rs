//! Choosing one of a few: tabs over an area, segments in a form.

use egui::{Color32, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::ui::{
    format, paint,
    text::{self, Elide},
    tokens::{Look, radius, size},
    type_scale::Type,
};

/// Tabs with an optional count each; `chosen` is an index. The response says `changed()`.
pub fn tabs_ui(ui: &mut Ui, name: &str, tabs: &[(&str, Option<usize>)], chosen: &mut usize) -> Response {
    let t = ui.tokens();
    let whole = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 20.0;
        let mut changed = false;
        for (index, (label, count)) in tabs.iter().enumerate() {
            let on = index == *chosen;
            let word = text::galley(ui.ctx(), label, Type::Button, Color32::PLACEHOLDER, f32::INFINITY, Elide::End);
            let count = count.map(format::count).unwrap_or_default();
            let number = text::galley(ui.ctx(), &count, Type::Small, t.text_muted, f32::INFINITY, Elide::End);
            let gap = if count.is_empty() { 0.0 } else { 6.0 };
            let width = (word.size().x + gap + number.size().x).round();
            let (rect, response) = ui.allocate_exact_size(vec2(width, size::TABS), Sense::click());
            response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), on, format!("{label} {count}")));
            let color = if on || response.hovered() { t.text_primary } else { t.text_secondary };
            let after = rect.left() + word.size().x + gap;
            paint::galley_at(ui.painter(), rect.left(), rect.center().y, word, color);
            paint::galley_at(ui.painter(), after, rect.center().y, number, t.text_muted);
            if on {
                let line = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 2.0), rect.max);
                ui.painter().rect_filled(line, 0, t.accent_solid);
            }
            paint::focus_ring(ui, &response, radius::KEY);
            if response.clicked() && !on {
                *chosen = index;
                changed = true;
            }
        }
        changed
    });
    let mut response = whole.response;
    response.widget_info(|| WidgetInfo::labeled(Role::TabList, true, name));
    if whole.inner {
        response.mark_changed();
    }
    response
}

/// Segments side by side in one frame; `chosen` is an index. Arrow keys move. The response says `changed()`.
pub fn segments_ui(ui: &mut Ui, name: &str, labels: &[&str], chosen: &mut usize, width: f32) -> Response {
    let t = ui.tokens();
    let enabled = ui.is_enabled();
    let (rect, mut response) = ui.allocate_exact_size(vec2(width, size::CONTROL), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::RadioGroup, enabled, name));
    paint::ground(ui.painter(), rect, radius::CONTROL, t.bg_card, t.border_control);
    let each = width / labels.len().max(1) as f32;
    for (index, label) in labels.iter().enumerate() {
        let on = index == *chosen;
        let left = (rect.left() + each * index as f32).round();
        let part = Rect::from_min_max(pos2(left, rect.top()), pos2((left + each).round(), rect.bottom()));
        let sense = if enabled { Sense::click() } else { Sense::hover() };
        let segment = ui.interact(part, response.id.with(index), sense);
        segment.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, on, label));
        let ends = CornerRadius {
            nw: if index == 0 { radius::CONTROL } else { 0 },
            sw: if index == 0 { radius::CONTROL } else { 0 },
            ne: if index + 1 == labels.len() { radius::CONTROL } else { 0 },
            se: if index + 1 == labels.len() { radius::CONTROL } else { 0 },
        };
        let (fill, word) = match (on, enabled) {
            (true, true) => (t.accent_subtle, t.accent_text),
            (_, false) => (t.bg_inset, t.text_disabled),
            _ if segment.hovered() => (t.bg_hover, t.text_primary),
            _ => (Color32::TRANSPARENT, t.text_primary),
        };
        ui.painter().rect_filled(part.shrink(0.5), ends, fill);
        if index > 0 {
            paint::vline(ui.painter(), part.left(), part.y_range().shrink(1.0), t.border_control);
        }
        if on && enabled {
            ui.painter().rect_stroke(part, ends, Stroke::new(1.0, t.accent_border), StrokeKind::Inside);
        }
        let galley = text::galley(ui.ctx(), label, Type::Button, word, each - 8.0, Elide::End);
        paint::galley_at(ui.painter(), part.center().x - galley.size().x / 2.0, part.center().y, galley, word);
        paint::focus_ring(ui, &segment, radius::CONTROL);
        if segment.clicked() && !on {
            *chosen = index;
            response.mark_changed();
        }
    }
    ui.painter().rect_stroke(rect, radius::CONTROL, Stroke::new(1.0, t.border_control), StrokeKind::Inside);
    response
}
