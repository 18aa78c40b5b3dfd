//! The line between two areas, which can be dragged.

use std::ops::RangeInclusive;

use egui::{CursorIcon, Id, Key, Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};

use crate::ui::{paint, tokens::Look};

/// A vertical line in the middle of `rect`'s left edge; `width` is that of the area right of it, in points, kept
/// within `range`. Dragged, moved with the arrow keys, or set back with a double click to `usual`.
pub fn splitter_ui(ui: &Ui, id: Id, line: Rect, width: &mut f32, range: RangeInclusive<f32>, usual: f32) -> Response {
    let t = ui.tokens();
    let grab = Rect::from_center_size(line.center(), vec2(8.0, line.height()));
    let mut response = ui.interact(grab, id, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo {
        value: Some(f64::from(width.round())),
        ..WidgetInfo::labeled(Role::Splitter, true, "Width of the right area")
    });
    let before = *width;
    *width -= response.drag_delta().x;
    if response.has_focus() {
        let steps = ui.input(|input| {
            f32::from(u8::from(input.key_pressed(Key::ArrowLeft)))
                - f32::from(u8::from(input.key_pressed(Key::ArrowRight)))
        });
        *width += 16.0 * steps;
    }
    if response.double_clicked() {
        *width = usual;
    }
    *width = width.clamp(*range.start(), range.end().max(*range.start()));
    if (*width - before).abs() > 0.01 {
        response.mark_changed();
    }
    let color = match () {
        () if response.dragged() => t.border_strong,
        () if response.hovered() => t.border_control,
        () => t.border_default,
    };
    paint::vline(ui.painter(), line.center().x, line.y_range(), color);
    paint::focus_ring(ui, &response.clone().with_new_rect(grab.shrink2(vec2(2.0, 3.0))), 2);
    response.on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal)
}
