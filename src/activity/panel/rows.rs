//! The rows of the journal, drawn: days, and changes in columns.

use egui::{Align, Layout, Rect, Sense, Ui, UiBuilder, pos2, vec2};

use super::{Portraits, ROW, columns};
use crate::{
    activity::{Command, Row, State, Undoable},
    journal::Record,
    model::Place,
    ui::{
        Elide, Look as _, Text, Type, format, paint,
        widgets::{Empty, Link, Photo, table},
    },
};

/// Draws the heading of a day.
pub(super) fn day_ui(ui: &mut Ui, state: &State, row: Row) {
    let t = ui.tokens();
    let Row::Day(date) = row else { return };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let today = (state.clock().now)().to_zoned_datetime(state.clock().zone.clone()).date();
    let words = if date == today {
        "Today".to_owned()
    } else if today.yesterday().is_ok_and(|yesterday| yesterday == date) {
        "Yesterday".to_owned()
    } else if date.year() == today.year() {
        date.strftime("%-d %b").to_string()
    } else {
        date.to_string()
    };
    let galley = crate::ui::text::galley(ui.ctx(), &words, Type::Small, t.text_muted, rect.width(), Elide::End);
    paint::galley_at(ui.painter(), rect.left() + 16.0, rect.center().y + 4.0, galley, t.text_muted);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
    paint::hline(ui.painter(), rect.x_range(), rect.bottom() - 0.5, t.border_subtle);
}

/// Draws the row of a change.
pub(super) fn change_ui(
    ui: &mut Ui,
    state: &State,
    record: &Record,
    portraits: &mut Portraits<'_>,
    out: &mut Vec<Command>,
) {
    let t = ui.tokens();
    let (line, change) = (&record.line, &record.line.change);
    let Place::Attribute { dn, attribute, .. } = &change.place;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let selected = state.selected().is_some_and(|selected| selected.line.id == line.id);
    table::row_ground(ui, rect, selected, response.hovered(), true);
    let name = format!("{}, {attribute}", change.subject);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Row, true, selected, &name));
    paint::focus_ring(ui, &response, 0);
    if response.clicked() {
        out.push(Command::Select(line.id.clone()));
    }
    let columns = columns(rect.width());
    let end = rect.width() - 92.0;
    let mut cell = |from: usize, content: &mut dyn FnMut(&mut Ui)| {
        let Some(x) = columns.get(from).copied().filter(|x| x.is_finite()) else { return };
        let next = columns.iter().skip(from + 1).copied().find(|x| x.is_finite()).unwrap_or(end);
        let area =
            Rect::from_min_max(pos2(rect.left() + x, rect.top()), pos2(rect.left() + next - 10.0, rect.bottom()));
        if area.width() > 8.0 {
            let builder = UiBuilder::new().id_salt((&line.id, from)).max_rect(area);
            content(&mut ui.new_child(builder.layout(Layout::left_to_right(Align::Center))));
        }
    };
    let quiet = if record.can_be_undone() { t.text_primary } else { t.text_muted };
    cell(0, &mut |ui| {
        ui.add(Text::new(format::clock(line.at, &state.clock().zone)).style(Type::Small).color(t.text_secondary));
    });
    cell(1, &mut |ui| {
        let texture = portraits(ui, dn);
        ui.add(Photo::new(&format!("Photo of {}", change.subject), 22.0).texture(texture).empty(Empty::Person));
    });
    cell(2, &mut |ui| {
        ui.add(Text::new(change.subject.as_str()).style(Type::BodyMedium).color(quiet));
    });
    cell(3, &mut |ui| {
        ui.add(Text::new(attribute.as_str()).style(Type::Small).color(t.text_secondary));
    });
    cell(4, &mut |ui| match change.after.first() {
        Some(value) => {
            let text = Text::new(short(&value.to_string())).style(Type::MonoSmall).color(t.text_secondary);
            ui.add(text.elide(Elide::End)).on_hover_text(value.to_string());
        }
        None => {
            ui.add(Text::new("removed").style(Type::Small).color(t.text_muted));
        }
    });
    let area = Rect::from_min_max(pos2(rect.right() - 92.0, rect.top()), pos2(rect.right() - 16.0, rect.bottom()));
    let builder = UiBuilder::new().id_salt((&line.id, "undo")).max_rect(area);
    let mut last = ui.new_child(builder.layout(Layout::right_to_left(Align::Center)));
    undo_cell_ui(&mut last, state, record, out);
}

fn undo_cell_ui(ui: &mut Ui, state: &State, record: &Record, out: &mut Vec<Command>) {
    let t = ui.tokens();
    let (word, hint) = match state.undoable(record) {
        Undoable::Yes => {
            let link = Link::new("Undo").name(format!("Undo the change of {}", record.line.change.subject));
            if ui.add(link).clicked() {
                out.extend([Command::Select(record.line.id.clone()), Command::AskUndo(record.line.id.clone())]);
            }
            return;
        }
        Undoable::Undone => ("Undone", "It was taken back.".to_owned()),
        Undoable::NotWritten(why) => ("Not written", why),
        Undoable::Unknown => ("Not known", "Nobody knows whether it was written; select it to find out.".to_owned()),
        Undoable::OtherSite => ("", String::new()),
    };
    if !word.is_empty() {
        ui.add(Text::new(word).style(Type::Small).color(t.text_muted)).on_hover_text(hint);
    }
}

/// The end of an address: the host is the same for most.
fn short(value: &str) -> String {
    match value.rsplit_once('/') {
        Some((host, file)) if host.contains("://") && !file.is_empty() => format!("…/{file}"),
        _ => value.to_owned(),
    }
}
