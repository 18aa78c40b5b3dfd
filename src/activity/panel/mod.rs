//! The Activity page and the undo dialog, drawn: jobs, the journal newest first, and the change looked at.

mod change;
mod jobs;
mod rows;
mod undo;

use egui::{Align, Key, Layout, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

pub use self::undo::undo_ui;
use self::{
    change::details_ui,
    jobs::{JOB_ROW, job_ui},
    rows::{change_ui, day_ui},
};
use super::{Command, JobState, Row, State};
use crate::{
    model::Problem,
    ui::{
        Icon, Level, Look as _, Text, Type, format, paint, size,
        widgets::{Button, EmptyState, Field, ProblemAnswer, ProblemCard, table},
    },
};

/// Points of a row of the journal and of the heading of a day.
const ROW: f32 = size::ROW_JOURNAL;
/// How wide the details are.
const DETAILS: f32 = 342.0;
/// Columns of the journal, from the left edge: When, portrait, What, Where, New value; Undo is at the right.
const COLUMNS: [f32; 5] = [16.0, 90.0, 126.0, 312.0, 432.0];
/// The same when there is little room: Where is left out.
const NARROW: [f32; 5] = [16.0, 90.0, 126.0, f32::NAN, 290.0];

/// Finds the portrait of the person with an entry, where the window has one.
pub type Portraits<'a> = dyn FnMut(&Ui, &crate::model::Dn) -> Option<egui::TextureHandle> + 'a;

/// The search field, to ask for its focus (Ctrl+F).
pub fn search_id() -> egui::Id {
    egui::Id::unique("search the journal")
}

/// What is half typed; what is true is in [`State`].
#[derive(Default)]
pub struct Panel {
    search: String,
    scroll_to: Option<usize>,
}

impl Panel {
    /// Draws the page; what the administrator asks for goes to `out`.
    pub fn ui(&mut self, ui: &mut Ui, state: &State, portraits: &mut Portraits<'_>, out: &mut Vec<Command>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        self.head_ui(ui, state, out);
        let area = ui.available_rect_before_wrap();
        let details = if state.selected().is_some() { DETAILS.min(area.width() * 0.45) } else { 0.0 };
        let (left, right) = area.split_left_right_at_x(area.right() - details);
        let mut list = ui.new_child(UiBuilder::new().max_rect(left).layout(Layout::top_down(Align::Min)));
        list.set_clip_rect(left.intersect(ui.clip_rect()));
        self.left_ui(&mut list, state, portraits, out);
        if let Some(record) = state.selected() {
            let t = ui.tokens();
            ui.painter().rect_filled(right, 0, t.bg_page);
            paint::vline(ui.painter(), right.left(), right.y_range(), t.border_default);
            let inner = right.shrink2(vec2(16.0, 0.0));
            let mut pane = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::top_down(Align::Min)));
            pane.set_clip_rect(right.intersect(ui.clip_rect()));
            ScrollArea::vertical()
                .id_salt("change")
                .show(&mut pane, |ui| details_ui(ui, state, record, portraits, out));
        }
        ui.allocate_rect(area, Sense::hover());
    }

    fn head_ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Command>) {
        let t = ui.tokens();
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), size::PAGE_HEAD), Sense::hover());
        ui.painter().rect_filled(rect, 0, t.bg_page);
        paint::hline(ui.painter(), rect.x_range(), rect.bottom() - 0.5, t.border_default);
        let layout = Layout::right_to_left(Align::Center);
        let mut row = ui.new_child(UiBuilder::new().max_rect(rect.shrink2(vec2(16.0, 0.0))).layout(layout));
        row.spacing_mut().item_spacing.x = 8.0;
        let nothing = (state.shown().count() == 0).then_some("There is nothing to export");
        let export = Button::quiet("Export…").icon(Icon::Download).disabled_if(nothing);
        if row.add(export.hint("As CSV or JSON")).clicked() {
            out.push(Command::Export);
        }
        let width = 240.0_f32.min(row.available_width() * 0.45);
        let search = Field::search("Search the journal", &mut self.search);
        let search = search.id(search_id()).placeholder("Search the journal").key("Ctrl F").width(width);
        // In a row of its own: a field lays itself out from the left.
        let place = (vec2(width, size::CONTROL), Layout::left_to_right(Align::Center));
        let response = row.allocate_ui_with_layout(place.0, place.1, |ui| ui.add(search)).inner;
        if response.changed() {
            out.push(Command::Search(self.search.clone()));
        }
        row.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            ui.add(Text::new("Activity").style(Type::Heading));
            ui.add(Text::new(summary(state)).color(t.text_muted));
        });
    }

    fn left_ui(&mut self, ui: &mut Ui, state: &State, portraits: &mut Portraits<'_>, out: &mut Vec<Command>) {
        let t = ui.tokens();
        let all = ui.max_rect();
        ui.painter().rect_filled(all, 0, t.bg_card);
        ui.spacing_mut().item_spacing.y = 0.0;
        // Jobs take at most four rows, so that the journal stays in sight; more of them scroll.
        let most = JOB_ROW * 4.0;
        ScrollArea::vertical().id_salt("jobs").max_height(most).show(ui, |ui| {
            for job in state.jobs() {
                job_ui(ui, state, job, out);
            }
        });
        if let Some(problem) = state.problem() {
            problem_ui(ui, problem, out);
        }
        if state.damaged() > 0 {
            let words = format::counted(state.damaged(), "line", "lines");
            notice_ui(ui, &format!("{words} of the journal cannot be read; all others are shown"));
        }
        if state.shown().records().is_empty() {
            let (heading, sentence) = if state.is_reading() {
                ("Reading the journal", "Changes appear here as soon as they are read.")
            } else {
                ("No changes yet", "Whatever is written to a directory stands here, and can be undone from here.")
            };
            EmptyState::new(Icon::History, heading).sentence(sentence).show(ui);
            return;
        }
        journal_head_ui(ui, state);
        if state.shown().count() == 0 {
            let heading = format!("Nothing in the journal holds “{}”", state.shown().searched());
            let empty =
                EmptyState::new(Icon::SearchX, heading).sentence("Search for a name, an address or a date’s value.");
            if empty.button("Clear the search").show(ui).is_some() {
                self.search.clear();
                out.push(Command::Search(String::new()));
            }
            return;
        }
        self.rows_ui(ui, state, portraits, out);
    }

    fn rows_ui(&mut self, ui: &mut Ui, state: &State, portraits: &mut Portraits<'_>, out: &mut Vec<Command>) {
        let rows = state.shown().rows();
        self.keys(ui, state, out);
        let mut area = ScrollArea::vertical().id_salt("journal").auto_shrink(false);
        if let Some(row) = self.scroll_to.take() {
            let height = ui.available_height();
            area = area.vertical_scroll_offset((row as f32 * ROW - height / 2.0).max(0.0));
        }
        area.show_rows(ui, ROW, rows.len(), |ui, range| {
            for row in rows.get(range).unwrap_or_default() {
                match row {
                    Row::Day(_) => day_ui(ui, state, *row),
                    Row::Change(place) => {
                        if let Some(record) = state.shown().records().get(*place) {
                            change_ui(ui, state, record, portraits, out);
                        }
                    }
                }
            }
        });
    }

    /// Up and down choose, while nothing is being typed.
    fn keys(&mut self, ui: &Ui, state: &State, out: &mut Vec<Command>) {
        if ui.ctx().text_edit_focused() || state.undo().is_some() {
            return;
        }
        let step =
            ui.input(|input| i32::from(input.key_pressed(Key::ArrowDown)) - i32::from(input.key_pressed(Key::ArrowUp)));
        if step == 0 {
            return;
        }
        let rows = state.shown().rows();
        let id_at = |row: &Row| match row {
            Row::Change(place) => state.shown().records().get(*place).map(|record| record.line.id.as_str()),
            Row::Day(_) => None,
        };
        let selected = state.selected().map(|record| record.line.id.as_str());
        let at = rows.iter().position(|row| selected.is_some() && id_at(row) == selected);
        let next = match at {
            None => rows.iter().position(|row| id_at(row).is_some()),
            Some(at) if step > 0 => (at + 1..rows.len()).find(|next| rows.get(*next).and_then(id_at).is_some()),
            Some(at) => (0..at).rev().find(|next| rows.get(*next).and_then(id_at).is_some()),
        };
        if let Some(next) = next
            && let Some(id) = rows.get(next).and_then(id_at)
        {
            out.push(Command::Select(id.to_owned()));
            self.scroll_to = Some(next);
        }
    }
}

fn journal_head_ui(ui: &mut Ui, state: &State) {
    let t = ui.tokens();
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 44.0), Sense::hover());
    let mut row = ui.new_child(
        UiBuilder::new().max_rect(rect.shrink2(vec2(16.0, 0.0))).layout(Layout::left_to_right(Align::Center)),
    );
    row.spacing_mut().item_spacing.x = 8.0;
    row.add(Text::new("Journal").style(Type::Section));
    let count = state.shown().count();
    let all = state.shown().records().len();
    let words = if count == all {
        "Newest first".to_owned()
    } else {
        format!("{} of {}", format::count(count), format::counted(all, "change", "changes"))
    };
    row.add(Text::new(words).style(Type::Small).color(t.text_muted));
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), size::COLUMN_HEAD), Sense::hover());
    let columns = columns(rect.width());
    for (label, x) in [("When", columns[0]), ("What", columns[2]), ("Where", columns[3]), ("New value", columns[4])] {
        if x.is_finite() {
            let cell = Rect::from_min_size(rect.min + vec2(x, 0.0), vec2(110.0, rect.height()));
            let mut head = ui.new_child(UiBuilder::new().max_rect(cell));
            table::head_ui(&mut head, label, Align::Min, None);
        }
    }
    paint::hline(ui.painter(), rect.x_range(), rect.bottom() - 0.5, t.border_default);
}

fn columns(width: f32) -> [f32; 5] {
    if width < 560.0 { NARROW } else { COLUMNS }
}

fn summary(state: &State) -> String {
    let running = state.jobs().iter().filter(|job| matches!(job.state, JobState::Running { .. })).count();
    let changes = format::counted(state.shown().records().len(), "change", "changes");
    match running {
        0 => format!("{changes} in the journal"),
        _ => format!("{} running, {changes} in the journal", format::counted(running, "job", "jobs")),
    }
}

fn problem_ui(ui: &mut Ui, problem: &Problem, out: &mut Vec<Command>) {
    egui::Frame::new().inner_margin(16).show(ui, |ui| {
        let card = ProblemCard::new(Level::Bad, problem.what.as_str())
            .reason(problem.hint.clone().unwrap_or_default())
            .mend("Try again");
        let card = if problem.details.is_some() { card.copy_details() } else { card };
        match card.show(ui) {
            Some(ProblemAnswer::CopyDetails) => {
                ui.copy_text(format!("{problem}\n{}", problem.details.as_deref().unwrap_or_default()));
            }
            Some(_) => out.extend([Command::DismissNotice, Command::Refresh]),
            None => {}
        }
    });
}

fn notice_ui(ui: &mut Ui, words: &str) {
    let t = ui.tokens();
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    paint::icon(ui.painter(), pos2(rect.left() + 24.0, rect.center().y), Icon::TriangleAlert, 14.0, t.weak.text);
    let area = Rect::from_min_max(pos2(rect.left() + 44.0, rect.top()), rect.max);
    let mut row = ui.new_child(UiBuilder::new().max_rect(area).layout(Layout::left_to_right(Align::Center)));
    row.add(Text::new(words).style(Type::Small).color(t.text_secondary));
    paint::hline(ui.painter(), rect.x_range(), rect.bottom() - 0.5, t.border_default);
}
