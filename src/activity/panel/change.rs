//! One change, looked at: old and new, who and where, and whether it can be undone today.

use egui::Ui;

use super::Portraits;
use crate::{
    activity::{Command, State, Today, Undoable},
    journal::Record,
    model::{Change, ChangeKind, Place, Value},
    net::ldap::same_values,
    ui::{
        Elide, Icon, Level, Look as _, Text, Type, format,
        widgets::{Button, Photo, ProblemCard, card_ui, compare, copyable_ui, marked_value_ui},
    },
};

/// Draws the details of `record`.
pub(super) fn details_ui(
    ui: &mut Ui,
    state: &State,
    record: &Record,
    portraits: &mut Portraits<'_>,
    out: &mut Vec<Command>,
) {
    let t = ui.tokens();
    let (line, change) = (&record.line, &record.line.change);
    let Place::Attribute { dn, attribute, .. } = &change.place;
    ui.spacing_mut().item_spacing.y = 8.0;
    ui.add_space(16.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        let texture = portraits(ui, dn);
        ui.add(Photo::new(&format!("Portrait of {}", change.subject), 48.0).texture(texture));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add(Text::new(change.subject.as_str()).style(Type::Heading));
            let now = (state.clock().now)();
            let when = format!("{}, {}", format::clock(line.at, &state.clock().zone), day(line.at, now, state));
            let words = format!("{attribute} {}, {when}", done_word(change));
            ui.add(Text::new(words).style(Type::Small).color(t.text_secondary));
        });
    });
    ui.add_space(2.0);
    card_ui(ui, |ui| old_new_ui(ui, change));
    facts_ui(ui, state, record);
    ui.add_space(2.0);
    verdict_ui(ui, state, record, out);
    ui.horizontal(|ui| {
        let why_not = undo_obstacle(state, record);
        let button = Button::new("Undo this change…").icon(Icon::Undo2).disabled_if(why_not);
        if ui.add(button).clicked() {
            out.push(Command::AskUndo(line.id.clone()));
        }
        if ui.add(Button::quiet("Open person")).clicked() {
            out.push(Command::OpenPerson(dn.clone()));
        }
    });
    ui.add_space(16.0);
}

fn day(at: jiff::Timestamp, now: jiff::Timestamp, state: &State) -> String {
    let words = format::day_heading(at, now, &state.clock().zone);
    if words.ends_with("day") { words.to_lowercase() } else { words }
}

fn done_word(change: &Change) -> &'static str {
    match change.kind() {
        ChangeKind::Set | ChangeKind::Replace => "set",
        ChangeKind::Remove => "removed",
        ChangeKind::Nothing => "unchanged",
    }
}

fn old_new_ui(ui: &mut Ui, change: &Change) {
    let t = ui.tokens();
    ui.set_width(ui.available_width());
    ui.spacing_mut().item_spacing.y = 2.0;
    let text = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let (old, new) = (text(&change.before), text(&change.after));
    let (left, right) = compare(&old, &new);
    for (label, values, pieces, mark) in
        [("Old", &change.before, left, t.diff_del), ("New", &change.after, right, t.diff_add)]
    {
        if label == "New" {
            ui.add_space(8.0);
        }
        ui.add(Text::new(label).style(Type::Small).color(t.text_secondary));
        if values.is_empty() {
            ui.add(Text::new("not set").style(Type::Small).color(t.text_muted));
        } else {
            marked_value_ui(ui, &pieces, mark);
        }
    }
}

fn facts_ui(ui: &mut Ui, state: &State, record: &Record) {
    let t = ui.tokens();
    let Place::Attribute { directory, dn, .. } = &record.line.change.place;
    let run = state.run_size(record);
    let mut facts = vec![("By", record.line.who.clone(), false), ("Site", record.line.site.clone(), false)];
    if run > 1 {
        facts.push(("Part of", format!("{} made together", format::counted(run, "change", "changes")), false));
    }
    facts.push(("Directory", directory.clone(), true));
    facts.push(("Entry", dn.to_string(), true));
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.spacing_mut().interact_size.y = 18.0; // rows of words, not of buttons
    for (label, value, mono) in facts {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let left = ui.cursor().left();
            ui.add(Text::new(label).style(Type::Small).color(t.text_muted).width(84.0));
            ui.add_space((left + 84.0 - ui.cursor().left()).max(0.0));
            let style = if mono { Type::Mono } else { Type::Small };
            if mono {
                copyable_ui(ui, label, &value, style, Elide::Wrap);
            } else {
                ui.add(Text::new(value).style(style).elide(Elide::Wrap));
            }
        });
    }
    ui.spacing_mut().item_spacing.y = 8.0;
}

/// Whether it can be undone, from what the directory holds today.
fn verdict_ui(ui: &mut Ui, state: &State, record: &Record, out: &mut Vec<Command>) {
    let change = &record.line.change;
    let card =
        |level, sentence: &str, reason: &str| ProblemCard::new(level, sentence.to_owned()).reason(reason.to_owned());
    let held = |values: &[Value]| match values {
        [] => "nothing".to_owned(),
        values => values.iter().map(Value::to_string).collect::<Vec<_>>().join(", "),
    };
    let card = match (state.undoable(record), state.today()) {
        (Undoable::Undone, _) => {
            card(Level::Unknown, "Undone", "It was taken back; the journal holds that change too.")
        }
        (Undoable::NotWritten(why), _) => card(Level::Bad, "It was not written", &why),
        (Undoable::OtherSite, _) => {
            let site = format!("Open the site {} to compare it with the directory and undo it.", record.line.site);
            card(Level::Unknown, "It was made on another site", &site)
        }
        (_, Today::Unasked | Today::Asking) => {
            card(Level::Unknown, "Comparing with the directory", "").icon(Icon::Clock)
        }
        (_, Today::Failed(problem)) => {
            card(Level::Bad, &problem.what, problem.hint.as_deref().unwrap_or_default()).mend("Try again")
        }
        (Undoable::Unknown, Today::Holds(values)) if same_values(values, &change.after) => {
            card(Level::Weak, "It was begun, and it was written", "The directory holds the new value, read just now.")
        }
        (Undoable::Unknown, Today::Holds(values)) if same_values(values, &change.before) => card(
            Level::Unknown,
            "It was begun, and not written",
            "The directory still holds the old value, read just now.",
        ),
        (Undoable::Yes, Today::Holds(values)) if same_values(values, &change.after) => {
            card(Level::Good, "Can be undone", "The directory still holds the new value, read just now.")
        }
        (_, Today::Holds(values)) => {
            let reason = format!("The directory now holds {}, so undoing would overwrite that.", held(values));
            card(Level::Weak, "It was changed since", &reason)
        }
    };
    if card.show(ui).is_some() {
        out.push(Command::LookAgain);
    }
}

fn undo_obstacle(state: &State, record: &Record) -> Option<&'static str> {
    match (state.undoable(record), state.today()) {
        (Undoable::Yes, Today::Holds(values)) if !same_values(values, &record.line.change.after) => {
            Some("It was changed since")
        }
        (Undoable::Yes, _) => None,
        (Undoable::Undone, _) => Some("It is undone already"),
        (Undoable::NotWritten(_), _) => Some("It was not written"),
        (Undoable::OtherSite, _) => Some("Open the site it was made on"),
        (Undoable::Unknown, _) => Some("Nobody knows whether it was written"),
    }
}
