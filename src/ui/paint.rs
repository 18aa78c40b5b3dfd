//! Strokes of the brush shared by the widgets: icons, focus rings, lines that are one physical pixel.
//!
//! Not here: any widget.

use std::sync::Arc;

use egui::{
    Align2, Color32, CornerRadius, FontFamily, FontId, Galley, Painter, Pos2, Rangef, Rect, Response, Stroke,
    StrokeKind, Ui, pos2, vec2,
};
use lucide_icons::Icon;

use super::{
    theme,
    tokens::{Look, Tokens, size},
    type_scale::family,
};

/// An icon of `size` points, centred.
pub fn icon(painter: &Painter, centre: Pos2, icon: Icon, size: f32, color: Color32) {
    let font = FontId::new(size, FontFamily::Name(family::ICONS.into()));
    painter.text(centre, Align2::CENTER_CENTER, icon.unicode(), font, color);
}

/// The ring of keyboard focus: two points, outside a gap of one.
pub fn focus_ring(ui: &Ui, response: &Response, corner: u8) {
    if response.has_focus() && theme::keyboard_is_in_use(ui.ctx()) {
        let stroke = Stroke::new(size::STROKE_STRONG, ui.tokens().focus_ring);
        let corner = CornerRadius::same(corner.saturating_add(1));
        ui.painter().rect_stroke(response.rect.expand(1.0), corner, stroke, StrokeKind::Outside);
    }
}

/// A ground with an edge drawn inside it.
pub fn ground(painter: &Painter, rect: Rect, corner: u8, fill: Color32, edge: Color32) {
    painter.rect(rect, CornerRadius::same(corner), fill, Tokens::line(edge), StrokeKind::Inside);
}

/// A horizontal line of one point around `y`, on whole pixels at any scale.
pub fn hline(painter: &Painter, x: impl Into<Rangef>, y: f32, color: Color32) {
    painter.rect_filled(Rect::from_x_y_ranges(x, pixels(painter, y)), 0, color);
}

/// A vertical line of one point around `x`, on whole pixels at any scale.
pub fn vline(painter: &Painter, x: f32, y: impl Into<Rangef>, color: Color32) {
    painter.rect_filled(Rect::from_x_y_ranges(pixels(painter, x), y), 0, color);
}

/// The whole pixels nearest to a line of one point.
fn pixels(painter: &Painter, middle: f32) -> Rangef {
    let scale = painter.pixels_per_point();
    let first = ((middle - size::STROKE / 2.0) * scale).round();
    Rangef::new(first / scale, (first + (size::STROKE * scale).round().max(1.0)) / scale)
}

/// Draws a galley with its left edge at `x` and its middle on `y`, on whole pixels.
pub fn galley_at(painter: &Painter, x: f32, y: f32, galley: Arc<Galley>, color: Color32) {
    let top = y - galley.size().y / 2.0;
    let pixels = painter.pixels_per_point();
    painter.galley(pos2((x * pixels).round() / pixels, (top * pixels).round() / pixels), galley, color);
}

/// A square of `side` points around `centre`.
pub fn square(centre: Pos2, side: f32) -> Rect {
    Rect::from_center_size(centre, vec2(side, side))
}
