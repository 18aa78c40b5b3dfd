//! The rail at the left: mark and name, pages.

use egui::{Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use crate::ui::{
    paint,
    text::{self, Elide},
    tokens::{Look, radius, size},
    type_scale::Type,
};

/// One page. `wide`: with its word, else the word is the hint. `dot`: something happens there.
pub fn rail_item_ui(ui: &mut Ui, icon: Icon, label: &str, on: bool, dot: bool, wide: bool) -> Response {
    let t = ui.tokens();
    let enabled = ui.is_enabled();
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::RAIL_ITEM), sense);
    response.widget_info(|| WidgetInfo::selected(Role::Tab, enabled, on, label));
    let hovered = response.hovered();
    if on {
        paint::ground(ui.painter(), rect, radius::CONTROL, t.bg_card, t.border_default);
    } else if hovered {
        ui.painter().rect_filled(rect, radius::CONTROL, t.bg_hover);
    }
    let (mark, word) = match (enabled, on) {
        (false, _) => (t.text_disabled, t.text_disabled),
        (true, true) => (t.accent_text, t.text_primary),
        (true, false) => (t.text_secondary, t.text_secondary),
    };
    let y = rect.center().y;
    let x = if wide { rect.left() + 18.0 } else { rect.center().x };
    paint::icon(ui.painter(), pos2(x, y), icon, 16.0, mark);
    if wide {
        let galley = text::galley(ui.ctx(), label, Type::BodyMedium, word, rect.width() - 50.0, Elide::End);
        paint::galley_at(ui.painter(), rect.left() + 36.0, y, galley, word);
    }
    if dot {
        let place = if wide { pos2(rect.right() - 13.0, y) } else { pos2(rect.center().x + 9.0, y - 8.0) };
        ui.painter().circle_filled(place, 3.0, t.accent_solid);
    }
    paint::focus_ring(ui, &response, radius::CONTROL);
    if wide { response } else { response.on_hover_text(label) }
}

/// The product's mark: a white aperture on a blue tile, as in `assets/icon/photodesk.svg`.
pub fn mark_ui(ui: &mut Ui, side: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Photodesk"));
    paint_mark(ui, rect);
    response
}

/// The mark over `rect`.
pub fn paint_mark(ui: &Ui, rect: Rect) {
    let t = ui.tokens();
    let painter = ui.painter();
    let (side, centre) = (rect.width(), rect.center());
    painter.rect_filled(rect, side * 0.25, t.accent_solid);
    painter.circle_filled(centre, side * 0.37, t.text_on_solid);
    let corner = |place: u8| {
        let turn = f32::from(place) * std::f32::consts::FRAC_PI_3 + 15_f32.to_radians();
        centre + side * 0.16 * Vec2::angled(turn)
    };
    let opening: Vec<Pos2> = (0..6).map(corner).collect();
    let cut = Stroke::new((side * 0.042).max(1.0), t.accent_solid);
    for (place, from) in (0_u8..).zip(&opening) {
        let along = *from - corner(place + 1);
        let aside = -along.rot90().normalized() * cut.width / 2.0;
        painter.line_segment([*from + aside, *from + along * 1.9 + aside], cut);
    }
    painter.add(Shape::convex_polygon(opening, t.accent_solid, Stroke::NONE));
}
