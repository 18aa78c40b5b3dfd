//! The list of people: rows with columns, chosen, sorted, resized and remembered; keys move the selection.
//!
//! Draws only the rows in view, so that a hundred thousand cost no more than thirty.
//! Not here: the page around it (`mod.rs`), the other layout (`contact_sheet.rs`).

use egui::{
    Align, EventFilter, Id, Key, Rect, Response, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    model::{Clock, Dn},
    people::{
        list::{Column, Row},
        state::{Command, State, Status},
    },
    photo::{Level, Picture, Verdict},
    ui::{
        Elide, Look as _, Type, format, paint, size, text,
        widgets::{
            self, Empty, Photo, Pixels,
            table::{self, Sorted},
        },
    },
};

/// Where text begins in every area.
pub const MARGIN: f32 = 16.0;

/// The columns besides the name, which takes what is left: shown or not, and how wide. Remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Columns {
    /// Mail address.
    pub mail: Shown,
    /// Photo URL.
    pub photo_url: Shown,
    /// Organisational unit.
    pub unit: Shown,
    /// Last change.
    pub changed: Shown,
}

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Chosen.
    pub on: bool,
    /// In points.
    pub width: f32,
}

impl Default for Columns {
    fn default() -> Self {
        let shown = |on, width| Shown { on, width };
        Self {
            mail: shown(true, 150.0),
            photo_url: shown(true, 104.0),
            unit: shown(false, 120.0),
            changed: shown(true, 82.0),
        }
    }
}

impl Columns {
    /// Every column that can be left out.
    pub const OPTIONAL: [Column; 4] = [Column::Mail, Column::PhotoUrl, Column::Unit, Column::Changed];

    /// The column's entry; the name has none.
    pub fn shown(&mut self, column: Column) -> Option<&mut Shown> {
        match column {
            Column::Name => None,
            Column::Mail => Some(&mut self.mail),
            Column::PhotoUrl => Some(&mut self.photo_url),
            Column::Unit => Some(&mut self.unit),
            Column::Changed => Some(&mut self.changed),
        }
    }
}

/// The list as a whole, which has the keyboard.
pub fn list_id() -> Id {
    Id::unique("people list")
}

/// As shown in the head and in the menu of columns.
pub fn label(column: Column) -> &'static str {
    match column {
        Column::Name => "Name",
        Column::Mail => "Mail",
        Column::PhotoUrl => "Photo URL",
        Column::Unit => "Unit",
        Column::Changed => "Changed",
    }
}

/// What is half done in the list.
#[derive(Default)]
pub struct ListPanel {
    /// Columns, for the settings.
    pub columns: Columns,
    /// The selection moved by key: bring it into view.
    follow: bool,
    /// In so many frames the list takes the keyboard: in the first one the palette that asked for it still has it.
    take_keyboard: u8,
    reported: std::ops::Range<usize>,
}

/// Where each column stands in a list of this width.
struct Places {
    columns: Vec<(Column, f32, f32)>,
}

impl Places {
    fn of(columns: &Columns, left: f32, width: f32) -> Self {
        let mut columns = columns.clone();
        // Below 440 points only the name and the photo URL are left; wide lists show more of everything.
        let narrow = width < 480.0;
        let spare = ((width - 640.0) / 2.0).max(0.0);
        let mut wanted: Vec<(Column, f32)> = Vec::new();
        for column in Columns::OPTIONAL {
            let Some(shown) = columns.shown(column) else { continue };
            let dropped = narrow && matches!(column, Column::Mail | Column::Changed | Column::Unit);
            if shown.on && !dropped {
                let extra = if column == Column::Mail { spare * 0.6 } else { 0.0 };
                let extra = if column == Column::PhotoUrl { spare * 0.8 } else { extra };
                wanted.push((column, shown.width + extra));
            }
        }
        let taken: f32 = wanted.iter().map(|(_, width)| width).sum();
        let name = (width - 2.0 * MARGIN - taken).max(120.0);
        let mut x = left + MARGIN;
        let mut placed = Vec::new();
        for (column, width) in std::iter::once((Column::Name, name)).chain(wanted) {
            placed.push((column, x, x + width));
            x += width;
        }
        Self { columns: placed }
    }
}

impl ListPanel {
    /// Draws the head and the rows into all that is left.
    pub fn ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Command>) {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let area = ui.available_rect_before_wrap();
        ui.painter().rect_filled(area, 0, ui.tokens().bg_card);
        let places = Places::of(&self.columns, area.left(), area.width());
        self.head_ui(ui, &places, state, out);
        let rows_area = Rect::from_min_max(pos2(area.left(), area.top() + size::COLUMN_HEAD), area.max);
        let list = ui.interact(rows_area, list_id(), Sense::focusable_noninteractive());
        list.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, "People"));
        if self.take_keyboard > 0 {
            self.take_keyboard -= 1;
            list.request_focus();
            ui.ctx().request_repaint();
        }
        if list.gained_focus() && state.selected().is_none() && !state.rows().is_empty() {
            out.push(Command::Select(state.rows().first().copied()));
        }
        self.keys(ui, &list, rows_area.height(), state, out);
        self.rows_ui(ui, &list, &places, state, out);
    }

    fn head_ui(&mut self, ui: &mut Ui, places: &Places, state: &State, out: &mut Vec<Command>) {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), size::COLUMN_HEAD), Sense::hover());
        paint::hline(ui.painter(), rect.x_range(), rect.bottom() - 0.5, ui.tokens().border_default);
        let sort = state.sort();
        for &(column, left, right) in &places.columns {
            let cell = Rect::from_x_y_ranges(left..=right - 8.0, rect.y_range());
            let mut cell_ui = ui.new_child(UiBuilder::new().max_rect(cell));
            let sorted = (sort.column == column).then_some(if sort.reversed { Sorted::Down } else { Sorted::Up });
            let align = if column == Column::Changed { Align::Max } else { Align::Min };
            if table::head_ui(&mut cell_ui, label(column), align, Some(sorted)).clicked() {
                out.push(Command::Sort(column));
            }
            self.resize_ui(ui, column, left, rect);
        }
    }

    /// The left edge of a column can be dragged.
    fn resize_ui(&mut self, ui: &Ui, column: Column, left: f32, head: Rect) {
        let Some(shown) = self.columns.shown(column) else { return };
        let grab = Rect::from_center_size(pos2(left - 6.0, head.center().y), vec2(8.0, head.height()));
        let response = ui.interact(grab, Id::unique(("resize column", label(column))), Sense::drag());
        shown.width = (shown.width - response.drag_delta().x).clamp(48.0, 480.0);
        if response.hovered() || response.dragged() {
            paint::vline(ui.painter(), left - 6.0, head.shrink(6.0).y_range(), ui.tokens().border_strong);
        }
        response.on_hover_and_drag_cursor(egui::CursorIcon::ResizeColumn);
    }

    fn keys(&mut self, ui: &Ui, list: &Response, height: f32, state: &State, out: &mut Vec<Command>) {
        if !list.has_focus() {
            return;
        }
        let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(list.id, filter));
        let rows = state.rows();
        let page = (height / size::ROW_PEOPLE).floor().max(1.0) as isize;
        let step = ui.input(|input| {
            let pressed = |key| input.num_presses(key) as isize;
            let lines = pressed(Key::ArrowDown) - pressed(Key::ArrowUp);
            let pages = pressed(Key::PageDown) - pressed(Key::PageUp);
            let ends = pressed(Key::End) - pressed(Key::Home);
            lines + pages * page + ends * rows.len() as isize
        });
        if step == 0 || rows.is_empty() {
            return;
        }
        let now = state.selected().and_then(|selected| rows.iter().position(|index| *index == selected));
        let next = now.map_or(0, |now| now.saturating_add_signed(step).min(rows.len() - 1));
        self.follow = true;
        out.push(Command::Select(rows.get(next).copied()));
    }

    fn rows_ui(&mut self, ui: &mut Ui, list: &Response, places: &Places, state: &State, out: &mut Vec<Command>) {
        let rows = state.rows();
        let mut scroll = ScrollArea::vertical().id_salt("people rows").auto_shrink(false);
        if std::mem::take(&mut self.follow)
            && let Some(at) = state.selected().and_then(|selected| rows.iter().position(|index| *index == selected))
        {
            scroll = self.scrolled_to(ui, scroll, at);
        }
        let filling = matches!(state.status(), Status::Filling { .. });
        let skeletons = if filling && rows.len() < 40 { 40 - rows.len() } else { 0 };
        let focused = list.has_focus();
        let output = scroll.show_rows(ui, size::ROW_PEOPLE, rows.len() + skeletons, |ui, range| {
            let end = range.end.min(rows.len());
            let on_screen = range.start.min(end)..end;
            for at in on_screen.clone() {
                if row_ui(ui, places, state, rows[at], focused).clicked() {
                    list.request_focus();
                    out.push(Command::Select(Some(rows[at])));
                }
            }
            for at in end..range.end {
                table::skeleton_row_ui(ui, size::ROW_PEOPLE, at);
            }
            on_screen
        });
        ui.data_mut(|data| {
            data.insert_temp(Id::unique("people offset"), (output.state.clamped_offset().y, output.inner_rect.height()))
        });
        if self.reported != output.inner {
            self.reported = output.inner.clone();
            out.push(Command::Visible(output.inner));
        }
    }

    /// Scrolls as little as shows row `at` whole.
    #[expect(clippy::unused_self, reason = "reads naturally beside the other parts of the panel")]
    fn scrolled_to(&self, ui: &Ui, scroll: ScrollArea, at: usize) -> ScrollArea {
        let (offset, height) =
            ui.data(|data| data.get_temp::<(f32, f32)>(Id::unique("people offset"))).unwrap_or((0.0, 400.0));
        let (top, bottom) = (at as f32 * size::ROW_PEOPLE, (at + 1) as f32 * size::ROW_PEOPLE);
        let offset = if top < offset { top } else { offset.max(bottom - height) };
        scroll.vertical_scroll_offset(offset)
    }

    /// Brings the selected person into view with the next frame, and the keyboard into the list.
    pub fn show_selected(&mut self) {
        self.follow = true;
        self.take_keyboard = 2;
    }
}

/// The name people are shown by: their own, else the mail address, else the entry's.
pub fn shown_name<'a>(row: &Row<'a>) -> &'a str {
    [row.name, row.mail, row.dn].into_iter().find(|text| !text.trim().is_empty()).unwrap_or("")
}

fn row_ui(ui: &mut Ui, places: &Places, state: &State, index: u32, focused: bool) -> Response {
    let row = state.row(index);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::ROW_PEOPLE), Sense::click());
    let selected = state.selected() == Some(index);
    let (word, _) = photo_word(&row, state.verdict(index));
    let name = shown_name(&row);
    response.widget_info(|| {
        let words = format!("{}, {}, {word}", text::clean(name), text::clean(row.mail));
        WidgetInfo::selected(Role::ListBoxOption, true, selected, words)
    });
    table::row_ground(ui, rect, selected, response.hovered(), focused);
    for &(column, left, right) in &places.columns {
        let cell = Rect::from_x_y_ranges(left..=right - 10.0, rect.y_range());
        match column {
            Column::Name => name_ui(ui, cell, state, index, name),
            Column::Mail => words_ui(ui, cell, row.mail, Type::Small, ui.tokens().text_secondary, Elide::End),
            Column::PhotoUrl => photo_url_ui(ui, cell, &row, state.verdict(index)),
            Column::Unit => {
                let dn = Dn::new(row.dn);
                words_ui(ui, cell, dn.unit().unwrap_or(""), Type::Small, ui.tokens().text_secondary, Elide::End);
            }
            Column::Changed => {
                let cell = Rect::from_x_y_ranges(left..=right - 8.0, rect.y_range());
                changed_ui(ui, cell, row.changed, state.clock());
            }
        }
    }
    response
}

fn name_ui(ui: &mut Ui, cell: Rect, state: &State, index: u32, name: &str) {
    let portrait = paint::square(pos2(cell.left() + 12.0, cell.center().y), size::PORTRAIT_LIST);
    let photo = portrait_of(ui, state, index, name, size::PORTRAIT_LIST);
    // A child of its own: `put` would move the cursor that the next row stands at.
    ui.new_child(UiBuilder::new().max_rect(portrait)).add(photo);
    let words = Rect::from_x_y_ranges(cell.left() + 34.0..=cell.right(), cell.y_range());
    words_ui(ui, words, name, Type::BodyMedium, ui.tokens().text_primary, Elide::End);
}

/// The person's picture in the list.
pub fn portrait_of<'a>(ui: &Ui, state: &State, index: u32, name: &'a str, side: f32) -> Photo<'a> {
    let empty = match state.verdict(index) {
        _ if state.row(index).photo_url.is_empty() => Empty::Person,
        Some(verdict) if verdict.level == Level::Bad => Empty::Broken,
        _ => Empty::Person,
    };
    let texture = state.picture(index).and_then(|picture| texture_of(ui, ("people", index), picture));
    Photo::new(name, side).texture(texture).empty(empty)
}

/// The texture of a decoded picture; `key` must differ for different pictures.
pub fn texture_of(
    ui: &Ui,
    key: impl std::hash::Hash + std::fmt::Debug,
    picture: &Picture,
) -> Option<egui::TextureHandle> {
    let key = (Id::unique(key), picture.rgba.as_ptr() as usize, picture.width, picture.height);
    let pixels = Pixels { width: picture.width as usize, height: picture.height as usize, rgba: &picture.rgba };
    widgets::texture(ui.ctx(), key, pixels)
}

fn words_ui(ui: &Ui, cell: Rect, words: &str, style: Type, color: egui::Color32, elide: Elide) {
    let galley = text::galley(ui.ctx(), words, style, color, cell.width(), elide);
    paint::galley_at(ui.painter(), cell.left(), cell.center().y, galley, color);
}

/// What the list says of a photo URL, and how good that is.
pub fn photo_word<'a>(row: &Row<'_>, verdict: Option<&'a Verdict>) -> (&'a str, Level) {
    match verdict {
        _ if row.photo_url.is_empty() => ("None", Level::Unknown),
        Some(verdict) => (&verdict.word, verdict.level),
        None if row.photo_urls > 1 => ("Several", Level::Unknown),
        None => ("Set", Level::Unknown),
    }
}

fn photo_url_ui(ui: &Ui, cell: Rect, row: &Row<'_>, verdict: Option<&Verdict>) {
    let t = ui.tokens();
    let (word, level) = photo_word(row, verdict);
    let level = match level {
        Level::Good | Level::Unknown => None,
        Level::Weak => Some(t.weak.text),
        Level::Bad => Some(t.bad.text),
    };
    // Where there is room, the address itself says more than "Set".
    if level.is_none() && cell.width() > 160.0 && !row.photo_url.is_empty() {
        words_ui(ui, cell, row.photo_url, Type::MonoSmall, t.text_secondary, Elide::Start);
    } else {
        words_ui(ui, cell, word, Type::Small, level.unwrap_or(t.text_muted), Elide::End);
    }
}

fn changed_ui(ui: &Ui, cell: Rect, changed: i64, clock: &Clock) {
    let t = ui.tokens();
    let words = Timestamp::from_second(changed)
        .ok()
        .filter(|_| changed != 0)
        .map_or_else(|| "—".to_owned(), |at| format::moment_short(at, (clock.now)(), &clock.zone));
    let galley = text::galley(ui.ctx(), &words, Type::Small, t.text_muted, cell.width(), Elide::End);
    let left = cell.right() - galley.size().x;
    paint::galley_at(ui.painter(), left, cell.center().y, galley, t.text_muted);
}
