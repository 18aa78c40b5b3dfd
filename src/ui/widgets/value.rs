//! A value one may want to paste elsewhere.

use std::borrow::Cow;

use egui::{Response, Role, Sense, Ui, WidgetInfo, vec2};
use lucide_icons::Icon;

use crate::ui::{
    paint,
    text::{Elide, Text},
    tokens::{Look, radius},
    type_scale::Type,
};

/// The value, cut where it can be spared, and a button that copies the whole of it. `name` is what it is: "mail".
pub fn copyable_ui(ui: &mut Ui, name: &str, value: &str, style: Type, elide: Elide) -> Response {
    let t = ui.tokens();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let room = (ui.available_width() - 26.0).max(40.0);
        ui.add(Text::new(value).style(style).elide(elide).width(room).color(t.text_secondary));
        copy_button_ui(ui, name, value)
    })
    .inner
}

/// The small button alone; it shows a tick for a moment after it was used.
pub fn copy_button_ui(ui: &mut Ui, name: &str, value: &str) -> Response {
    let t = ui.tokens();
    let (rect, response) = ui.allocate_exact_size(vec2(20.0, 18.0), Sense::click());
    let label = format!("Copy {name}");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &label));
    let now = ui.input(|input| input.time);
    let used_id = response.id.with("used");
    if response.clicked() {
        ui.ctx().copy_text(value.to_owned());
        ui.data_mut(|data| data.insert_temp(used_id, now));
    }
    let used = ui.data(|data| data.get_temp::<f64>(used_id)).is_some_and(|at| now - at < 1.5);
    if used {
        ui.ctx().request_repaint_after_secs(1.5);
    }
    if response.hovered() {
        ui.painter().rect_filled(rect, radius::BADGE, t.bg_hover);
    }
    let (icon, color) = if used { (Icon::Check, t.good.text) } else { (Icon::Copy, t.text_secondary) };
    paint::icon(ui.painter(), rect.center(), icon, 13.0, color);
    paint::focus_ring(ui, &response, radius::BADGE);
    response.on_hover_text(if used { Cow::Borrowed("Copied") } else { Cow::Owned(label) }.into_owned())
}
