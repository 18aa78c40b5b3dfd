//! How far a run has come: a bar with words beside it.

use egui::{Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::ui::{
    paint,
    text::{self, Elide},
    tokens::Look,
    type_scale::Type,
};

/// The bar alone, 4 high. `done` is 0 to 1.
pub fn progress_bar_ui(ui: &mut Ui, name: &str, done: f32, width: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
    let done = done.clamp(0.0, 1.0);
    response.widget_info(|| WidgetInfo {
        value: Some(f64::from((done * 100.0).round())),
        ..WidgetInfo::labeled(Role::ProgressIndicator, true, name)
    });
    bar(ui, Rect::from_center_size(rect.center(), vec2(width, 4.0)), done);
    response
}

fn bar(ui: &Ui, rect: Rect, done: f32) {
    let t = ui.tokens();
    ui.painter().rect_filled(rect, 2, t.border_default);
    if done > 0.0 {
        let filled = Rect::from_min_size(rect.min, vec2((rect.width() * done).max(4.0), rect.height()));
        ui.painter().rect_filled(filled, 2, t.accent_solid);
    }
}

/// What runs, bar, how far: "Reading people ▬▬── 187 of 412 · 940/s · 1 s left". Without a known length there is no bar.
pub fn progress_line_ui(ui: &mut Ui, what: &str, done: Option<f32>, how_far: &str, bar_width: f32) -> Response {
    let t = ui.tokens();
    let room = ui.available_width();
    let word = text::galley(ui.ctx(), what, Type::Small, t.text_secondary, room, Elide::End);
    let bar_room = if done.is_some() { bar_width + 16.0 } else { 12.0 };
    let rest = (room - word.size().x - bar_room).max(20.0);
    let words = text::galley(ui.ctx(), how_far, Type::Small, t.text_muted, rest, Elide::End);
    let size = vec2(word.size().x + bar_room + words.size().x, 18.0);
    let (place, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo {
        value: done.map(|done| f64::from((done * 100.0).round())),
        ..WidgetInfo::labeled(Role::ProgressIndicator, true, format!("{what}: {how_far}"))
    });
    let y = place.center().y;
    let mut x = place.left() + word.size().x;
    paint::galley_at(ui.painter(), place.left(), y, word, t.text_secondary);
    if let Some(done) = done {
        bar(ui, Rect::from_min_size(pos2(x + 8.0, y - 2.0), vec2(bar_width, 4.0)), done.clamp(0.0, 1.0));
    }
    x += bar_room;
    paint::galley_at(ui.painter(), x, y, words, t.text_muted);
    response
}
