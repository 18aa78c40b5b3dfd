//! The undo dialog, drawn: what will be written, before it is.

use egui::{Context, Sense, Ui, vec2};

use crate::{
    activity::{Command, State, Today, Undo, UndoStage},
    model::{Place, Value},
    net::ldap::same_values,
    ui::{
        Elide, Icon, Level, Look as _, Text, Type, format, paint,
        widgets::{Dialog, DialogAnswer, ProblemCard, before_after_ui, inset_ui},
    },
};

/// Draws the undo dialog over any page, while there is one: what will be written, before it is.
pub fn undo_ui(ctx: &Context, state: &State, undo: &Undo, out: &mut Vec<Command>) {
    let done = *undo.stage() == UndoStage::Done;
    let dialog = if done {
        Dialog::new("Change undone", "").cancel("Close").foot("This is in the journal, too.")
    } else {
        let locked = (!state.is_unlocked()).then_some("Read-only: unlock the site to undo");
        let dialog = Dialog::new("Undo this change", "Undo this change").foot("Nothing is written yet.");
        let dialog = dialog.foot_link(locked.map(|_| "Unlock"));
        dialog.disabled_if(locked.or_else(|| obstacle(undo)))
    };
    let ((), answer) = dialog.show(ctx, |ui| undo_content_ui(ui, state, undo));
    match answer {
        Some(DialogAnswer::Confirmed) => out.push(Command::Undo),
        Some(DialogAnswer::Cancelled) => out.push(Command::CloseUndo),
        Some(DialogAnswer::Link) => out.push(Command::Unlock),
        None => {}
    }
}

fn obstacle(undo: &Undo) -> Option<&'static str> {
    match (undo.stage(), undo.today()) {
        (UndoStage::Writing, _) => Some("Writing to the directory, then reading back"),
        (_, Today::Asking | Today::Unasked) => Some("Reading what the directory holds today"),
        (_, Today::Failed(_)) => Some("What the directory holds today could not be read"),
        _ if undo.can_be_written() => None,
        _ => Some("It was changed since; nothing is overwritten"),
    }
}

fn undo_content_ui(ui: &mut Ui, state: &State, undo: &Undo) {
    let t = ui.tokens();
    let (change, line) = (undo.change(), &undo.record().line);
    let Place::Attribute { dn, attribute, .. } = &change.place;
    let when = format::moment(line.at, (state.clock().now)(), &state.clock().zone);
    let words = format!("{}, {attribute}, changed {when} by {}", change.subject, line.who);
    ui.add(Text::new(words).color(t.text_secondary));
    ui.add(Text::new(dn.as_str()).style(Type::MicroMono).color(t.text_muted).elide(Elide::Middle));
    ui.add_space(8.0);
    let first = |values: &[Value]| values.first().map(Value::to_string);
    inset_ui(ui, |ui| {
        ui.set_width(ui.available_width());
        before_after_ui(ui, first(&change.before).as_deref(), first(&change.after).as_deref());
        for value in change.after.iter().skip(1) {
            ui.add(Text::new(format!("and {value}")).style(Type::Mono).color(t.text_secondary));
        }
    });
    ui.add_space(8.0);
    if let UndoStage::Failed(problem) = undo.stage() {
        ProblemCard::new(Level::Bad, problem.what.as_str()).reason(problem.hint.clone().unwrap_or_default()).show(ui);
        ui.add_space(8.0);
    }
    let (level, icon, words) = match (undo.stage(), undo.today()) {
        (UndoStage::Done, _) => (Level::Good, Icon::Check, "Written and read back".to_owned()),
        (_, Today::Holds(values)) if same_values(values, &change.before) => (
            Level::Good,
            Icon::Check,
            "The directory still holds the value that was set then, read just now".to_owned(),
        ),
        (_, Today::Holds(values)) => {
            let values = values.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
            let values = if values.is_empty() { "nothing".to_owned() } else { values };
            (Level::Bad, Icon::X, format!("The directory now holds {values}"))
        }
        (_, Today::Failed(problem)) => (Level::Bad, Icon::X, problem.to_string()),
        (_, Today::Asking | Today::Unasked) => (Level::Unknown, Icon::Clock, "Reading today’s value".to_owned()),
    };
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 18.0), Sense::hover());
        paint::icon(ui.painter(), rect.center(), icon, 14.0, t.verdict(level).text);
        ui.add(Text::new(words).elide(Elide::Wrap));
    });
}
