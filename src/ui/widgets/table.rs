//! What a table needs beside its rows: column heads that sort, and rows whose ground spans the whole width.
//!
//! For `egui_extras::TableBuilder`: [`quiet_style`] before it, [`head_ui`] in each head cell, [`row_line`] at the end
//! of each cell. For rows drawn by hand: [`row_ground`].

use egui::{Align, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use crate::ui::{
    paint,
    text::{self, Elide},
    tokens::{Look, size},
    type_scale::Type,
};

/// The order of a column that sorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sorted {
    /// A to Z, old to new.
    Up,
    /// Z to A, new to old.
    Down,
}

/// Row colours from our tokens, no gaps between cells. `focused`: whether the list has the keyboard.
pub fn quiet_style(ui: &mut Ui, focused: bool) {
    let t = ui.tokens();
    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
    let visuals = ui.visuals_mut();
    visuals.selection.bg_fill = if focused { t.select_row } else { t.select_row_inactive };
    visuals.widgets.hovered.bg_fill = t.bg_hover;
    visuals.selection.stroke.color = t.text_primary; // words on a selected row stay black
}

/// A column head. `sorted`: `None` when it cannot sort, `Some(None)` when it could. A click asks for the (other) order.
pub fn head_ui(ui: &mut Ui, label: &str, align: Align, sorted: Option<Option<Sorted>>) -> Response {
    let t = ui.tokens();
    let room = ui.available_width();
    let arrow = if matches!(sorted, Some(Some(_))) { 16.0 } else { 0.0 };
    let sense = if sorted.is_some() { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(room, size::COLUMN_HEAD), sense);
    let color = if sorted.is_some() && response.hovered() { t.text_primary } else { t.text_muted };
    let galley = text::galley(ui.ctx(), label, Type::Caption, color, (room - arrow).max(0.0), Elide::End);
    let role = if sorted.is_some() { Role::Button } else { Role::Label };
    response.widget_info(|| {
        let how = match sorted {
            Some(Some(Sorted::Up)) => ", sorted upwards",
            Some(Some(Sorted::Down)) => ", sorted downwards",
            _ => "",
        };
        WidgetInfo::labeled(role, true, format!("{label}{how}"))
    });
    let width = galley.size().x;
    let x = match align {
        Align::Min => rect.left(),
        Align::Center => rect.center().x - f32::midpoint(width, arrow),
        Align::Max => rect.right() - width - arrow,
    };
    paint::galley_at(ui.painter(), x, rect.center().y, galley, color);
    if let Some(Some(sorted)) = sorted {
        let icon = if sorted == Sorted::Up { Icon::ArrowUp } else { Icon::ArrowDown };
        paint::icon(ui.painter(), pos2(x + width + 10.0, rect.center().y), icon, 12.0, color);
    }
    paint::focus_ring(ui, &response, 3);
    response
}

/// Line under a cell of a table; call it last in each cell.
pub fn row_line(ui: &Ui) {
    let t = ui.tokens();
    let rect = ui.max_rect();
    paint::hline(ui.painter(), rect.x_range(), rect.bottom() - 0.5, t.border_subtle);
}

/// Ground and line of a row drawn by hand, over `rect`. Call it before the content.
pub fn row_ground(ui: &Ui, rect: egui::Rect, selected: bool, hovered: bool, focused: bool) {
    let t = ui.tokens();
    let fill = match (selected, focused, hovered) {
        (true, true, _) => Some(t.select_row),
        (true, false, _) => Some(t.select_row_inactive),
        (false, _, true) => Some(t.bg_hover),
        _ => None,
    };
    if let Some(fill) = fill {
        ui.painter().rect_filled(rect, 0, fill);
    }
    paint::hline(ui.painter(), rect.x_range(), rect.bottom() - 0.5, t.border_subtle);
}

/// Bars where rows will be. They do not move.
pub fn skeleton_row_ui(ui: &mut Ui, height: f32, index: usize) -> Response {
    const WIDTHS: [f32; 6] = [120.0, 88.0, 140.0, 104.0, 96.0, 132.0];
    let t = ui.tokens();
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let portrait = paint::square(pos2(rect.left() + 28.0, rect.center().y), size::PORTRAIT_LIST);
    ui.painter().rect_filled(portrait, 5, t.bg_active);
    let width = WIDTHS[index % WIDTHS.len()].min(rect.width() - 60.0).max(0.0);
    let bar = egui::Rect::from_min_size(pos2(portrait.right() + 10.0, rect.center().y - 4.0), vec2(width, 8.0));
    ui.painter().rect_filled(bar, 3, t.bg_active);
    paint::hline(ui.painter(), rect.x_range(), rect.bottom() - 0.5, t.border_subtle);
    response
}
