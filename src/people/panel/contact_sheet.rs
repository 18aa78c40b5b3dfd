//! Many people at a glance: their pictures, large, with names under them. The same rows as the list's.

use egui::{Key, Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::list::{photo_word, portrait_of, shown_name};
use crate::{
    people::state::{Command, State},
    photo::Level,
    ui::{Elide, Look as _, Type, paint, radius, text, widgets::Tile},
};

/// One cell, in points: a picture of 96 and a name under it.
const CELL: egui::Vec2 = vec2(128.0, 148.0);
const PICTURE: f32 = 96.0;

/// What was reported of the view last.
#[derive(Default)]
pub struct ContactSheet {
    reported: std::ops::Range<usize>,
}

impl ContactSheet {
    /// Draws the people shown into all that is left.
    pub fn ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Command>) {
        let area = ui.available_rect_before_wrap();
        ui.painter().rect_filled(area, 0, ui.tokens().bg_card);
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let rows = state.rows();
        let columns = ((area.width() - 16.0) / CELL.x).floor().max(1.0) as usize;
        // What is left over is shared by all, so that both margins are the same.
        let cell = vec2((area.width() - 16.0) / columns as f32, CELL.y);
        keys(ui, columns, state, out);
        let lines = rows.len().div_ceil(columns);
        let scroll = ScrollArea::vertical().id_salt("contact sheet").auto_shrink(false);
        let visible = scroll.show_rows(ui, CELL.y, lines, |ui, range| {
            for line in range.clone() {
                let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), CELL.y), Sense::hover());
                for (place, index) in rows.iter().skip(line * columns).take(columns).enumerate() {
                    let left = rect.left() + 8.0 + place as f32 * cell.x;
                    cell_ui(ui, Rect::from_min_size(pos2(left, rect.top()), cell), state, *index, out);
                }
            }
            range.start * columns..(range.end * columns).min(rows.len())
        });
        if self.reported != visible.inner {
            self.reported = visible.inner.clone();
            out.push(Command::Visible(visible.inner));
        }
    }
}

/// Left and right move by one, while a cell has the keyboard.
fn keys(ui: &Ui, columns: usize, state: &State, out: &mut Vec<Command>) {
    let rows = state.rows();
    let focused = ui.memory(egui::Memory::focused);
    let on_a_cell = state.selected().is_some_and(|index| focused == Some(cell_id(index)));
    let Some(now) = state.selected().and_then(|selected| rows.iter().position(|index| *index == selected)) else {
        return;
    };
    if !on_a_cell {
        return;
    }
    let step = ui.input(|input| {
        let pressed = |key| input.num_presses(key) as isize;
        let lines = pressed(Key::ArrowDown) - pressed(Key::ArrowUp);
        pressed(Key::ArrowRight) - pressed(Key::ArrowLeft) + lines * columns as isize
    });
    if let Some(next) = rows.get(now.saturating_add_signed(step)).filter(|_| step != 0) {
        ui.memory_mut(|memory| memory.request_focus(cell_id(*next)));
        out.push(Command::Select(Some(*next)));
    }
}

fn cell_id(index: u32) -> egui::Id {
    egui::Id::unique(("contact", index))
}

fn cell_ui(ui: &mut Ui, cell: Rect, state: &State, index: u32, out: &mut Vec<Command>) {
    let row = state.row(index);
    let (name, verdict) = (shown_name(&row), state.verdict(index));
    let (word, level) = photo_word(&row, verdict);
    let selected = state.selected() == Some(index);
    let response = ui.interact(cell.shrink(4.0), cell_id(index), Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(Role::ListBoxOption, true, selected, format!("{}, {word}", text::clean(name)))
    });
    let t = ui.tokens();
    let ground = match (selected, response.hovered()) {
        (true, _) => Some(t.select_row),
        (false, true) => Some(t.bg_hover),
        _ => None,
    };
    if let Some(ground) = ground {
        ui.painter().rect_filled(cell.shrink(4.0), radius::CARD, ground);
    }
    let picture =
        Rect::from_min_size(pos2((cell.center().x - PICTURE / 2.0).round(), cell.top() + 12.0), vec2(PICTURE, PICTURE));
    let photo = portrait_of(ui, state, index, name, PICTURE);
    ui.new_child(UiBuilder::new().max_rect(picture)).add(photo);
    if matches!(level, Level::Bad | Level::Weak) {
        let at = Rect::from_min_size(picture.right_bottom() - vec2(14.0, 14.0), vec2(18.0, 18.0));
        let mut corner = ui.new_child(UiBuilder::new().max_rect(at));
        corner.add(Tile::new(super::places::level(level), word));
    }
    let galley = text::galley(ui.ctx(), name, Type::Small, t.text_primary, cell.width() - 20.0, Elide::End);
    let left = cell.center().x - galley.size().x / 2.0;
    paint::galley_at(ui.painter(), left, cell.bottom() - 22.0, galley, t.text_primary);
    paint::focus_ring(ui, &response, radius::CARD);
    if response.clicked() {
        response.request_focus();
        out.push(Command::Select(Some(index)));
    }
}
