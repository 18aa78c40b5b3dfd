//! Components of the window, one small file each. They know no domain: strings, levels, closures.
//!
//! A builder that is a `Widget` goes into `ui.add`; a function whose name ends in `_ui` draws at once; a builder with
//! `show` returns what the person chose.

mod button;
mod card;
mod chip;
mod choice;
mod dialog;
mod diff;
mod empty;
mod field;
mod link;
mod mark;
mod menu;
mod photo;
mod progress;
mod rail;
mod splitter;
pub mod table;
mod tabs;
mod toast;
mod value;

pub use button::Button;
pub use card::{ProblemAnswer, ProblemCard, card_ui, inset_ui};
pub use chip::Chip;
pub use choice::{Checkbox, radio_card_ui, radio_ui, select_ui};
pub use dialog::{Dialog, DialogAnswer};
pub use diff::{before_after_ui, compare, marked_value_ui};
pub use empty::{EmptyAnswer, EmptyState};
pub use field::{Field, field_label_ui};
pub use link::Link;
pub use mark::{Badge, KeyCap, Tile, icon_of, site_word_ui, step_mark_ui};
pub use menu::{item_ui, menu_line_ui, menu_ui};
pub use photo::{Empty, Photo, Pixels, texture};
pub use progress::{progress_bar_ui, progress_line_ui};
pub use rail::{mark_ui, paint_mark, rail_item_ui};
pub use splitter::splitter_ui;
pub use tabs::{segments_ui, tabs_ui};
pub use toast::{Toast, ToastAnswer};
pub use value::{copy_button_ui, copyable_ui};

use egui::{Align, Id, Layout, Ui, UiBuilder, vec2};

/// A row whose content stands in the middle of the width. Its width is that of the frame before.
pub fn centred_row_ui(ui: &mut Ui, salt: &str, content: impl FnOnce(&mut Ui)) {
    let id: Id = ui.scope_id().with(("centred row", salt));
    let known = ui.data(|data| data.get_temp::<f32>(id));
    let width = known.unwrap_or(0.0);
    let area = ui.available_rect_before_wrap();
    let left = area.center().x - width / 2.0;
    let rect = egui::Rect::from_min_size(egui::pos2(left.round(), area.top()), vec2(area.width(), 28.0));
    let mut row = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)));
    if known.is_none() {
        row.set_invisible();
        ui.ctx().request_discard("width of a centred row");
    }
    content(&mut row);
    let used = row.min_rect();
    ui.data_mut(|data| data.insert_temp(id, used.width()));
    ui.advance_cursor_after_rect(used);
}
