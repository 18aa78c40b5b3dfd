//! The set-photo-URL dialog, drawn: typing, what will change, the picture and its checks; then done, or a conflict.

use egui::{Align, Context, Layout, Ui, vec2};

use crate::{
    model::Value,
    people::{
        set_checks::{Check, CheckLevel, checks},
        set_url::{Choice, Command, Intent, Preview, Proof, SetUrl, Stage},
    },
    photo::{Found, Level as PhotoLevel, Look as Seen},
    ui::{
        Elide, Icon, Level, Look as _, Text, Type, paint,
        widgets::{
            Badge, Dialog, DialogAnswer, Empty, Field, Link, Photo, Pixels, ProblemAnswer, ProblemCard, compare,
            field_label_ui, inset_ui, marked_value_ui, radio_card_ui, texture,
        },
    },
};

/// Points of the large picture; [`crate::photo::Looking::edge`] should be twice that.
pub const PICTURE: f32 = 112.0;

/// Points of "Old" and "New", so that both values start on one left edge.
const VALUE_LABEL: f32 = 56.0;

/// What is half typed; what is true is in [`SetUrl`].
#[derive(Default)]
pub struct Panel {
    text: String,
    synced: Option<String>,
    focused: bool,
}

/// Draws the dialog over the window.
pub fn set_url_ui(ctx: &Context, state: &SetUrl, panel: &mut Panel, out: &mut Vec<Command>) {
    if let Some(after) = state.wake_after() {
        ctx.request_repaint_after(after);
    }
    match state.stage() {
        Stage::Editing { problem } => {
            let retry = problem.is_some();
            editing_ui(ctx, state, panel, retry, out);
        }
        Stage::Applying => applying_ui(ctx, state),
        Stage::Conflict { seen, now, choice } => conflict_ui(ctx, state, (seen, now.as_deref(), *choice), out),
        Stage::Done { id, read_back, at } => {
            let at = state.time_of_day(*at);
            done_ui(ctx, state, (id, &at), read_back.as_deref(), out);
        }
    }
}

fn title(state: &SetUrl) -> &'static str {
    match state.intent() {
        Intent::Set => "Set photo URL",
        Intent::Remove => "Remove photo URL",
    }
}

fn editing_ui(ctx: &Context, state: &SetUrl, panel: &mut Panel, retry: bool, out: &mut Vec<Command>) {
    let confirm = match state.proof() {
        _ if retry => "Try again",
        Proof::Seen => title(state),
        Proof::Unseen => "Set it unseen",
        Proof::NoPhoto => "Set it anyway",
    };
    let dialog = Dialog::new(title(state), confirm)
        .foot("Nothing is written yet. It can be undone.")
        .disabled_if(state.obstacle())
        .foot_link(state.can_unlock().then_some("Unlock"));
    let dialog = if state.intent() == Intent::Set { dialog.enter_confirms() } else { dialog };
    let ((), answer) = dialog.show(ctx, |ui| {
        person_ui(ui, state, "");
        if let Stage::Editing { problem: Some(problem) } = state.stage() {
            ui.add_space(6.0);
            problem_ui(ui, problem);
        }
        if state.intent() == Intent::Set {
            ui.add_space(8.0);
            field_ui(ui, state, panel, out);
        }
        ui.add_space(8.0);
        values_ui(ui, state);
        blocked_ui(ui, state, out);
        ui.add_space(8.0);
        preview_ui(ui, state, out);
    });
    match answer {
        Some(DialogAnswer::Confirmed) => out.push(Command::Apply),
        Some(DialogAnswer::Cancelled) => out.push(Command::Close),
        Some(DialogAnswer::Link) => out.push(Command::Unlock),
        None => {}
    }
}

/// While it is written nothing can be clicked away: the running change is always finished.
fn applying_ui(ctx: &Context, state: &SetUrl) {
    let reason = Some("Writing to the directory, then reading back");
    Dialog::new(title(state), title(state)).disabled_if(reason).show(ctx, |ui| {
        person_ui(ui, state, "");
        ui.add_space(8.0);
        values_ui(ui, state);
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.add(egui::Spinner::new().size(14.0).color(ui.tokens().accent_solid));
            ui.add(Text::new("Being written").color(ui.tokens().text_secondary));
        });
    });
}

fn done_ui(ctx: &Context, state: &SetUrl, (id, at): (&str, &str), read_back: Option<&[Value]>, out: &mut Vec<Command>) {
    let title = if state.intent() == Intent::Set { "Photo URL set" } else { "Photo URL removed" };
    let foot = "It is in the journal.";
    let dialog = Dialog::new(title, "").cancel("Close").foot(foot).foot_link(Some("Undo…"));
    let ((), answer) = dialog.show(ctx, |ui| {
        person_ui(ui, state, "");
        ui.add_space(8.0);
        values_ui(ui, state);
        ui.add_space(8.0);
        read_back_ui(ui, state, read_back, at);
        ui.add_space(8.0);
        preview_ui(ui, state, out);
    });
    match answer {
        Some(DialogAnswer::Link) => out.push(Command::Undo(id.to_owned())),
        Some(_) => out.push(Command::Close),
        None => {}
    }
}

fn read_back_ui(ui: &mut Ui, state: &SetUrl, read_back: Option<&[Value]>, at: &str) {
    let attribute = state.attribute();
    let after = state.change().after;
    let (level, sentence) = match read_back {
        Some(values) if crate::net::ldap::same_values(values, &after) && after.is_empty() => {
            (CheckLevel::Good, format!("Read back: {attribute} is gone"))
        }
        Some(values) if crate::net::ldap::same_values(values, &after) => {
            (CheckLevel::Good, format!("Read back: {attribute} holds the new address"))
        }
        Some(values) => {
            let values = values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            (CheckLevel::Weak, format!("Written, but {attribute} now holds something else: {values}"))
        }
        None => (CheckLevel::Weak, "Written; it could not be read back".to_owned()),
    };
    check_ui(ui, &Check { level, sentence, fact: at.to_owned(), hint: String::new() });
}

fn person_ui(ui: &mut Ui, state: &SetUrl, after: &str) {
    let t = ui.tokens();
    let portrait = state.others().iter().find_map(|other| other.found.as_ref());
    ui.spacing_mut().interact_size.y = 20.0; // rows of words, not of buttons
    ui.horizontal(|ui| {
        picture_ui(ui, &format!("Photo of {}", state.name()), 20.0, portrait, false, Empty::Person);
        ui.add(Text::new(state.name()).color(t.text_secondary));
        if !after.is_empty() {
            ui.add(Text::new(after).style(Type::Small).color(t.text_muted));
        }
    });
}

fn field_ui(ui: &mut Ui, state: &SetUrl, panel: &mut Panel, out: &mut Vec<Command>) {
    if panel.synced.as_deref() != Some(state.text()) {
        state.text().clone_into(&mut panel.text);
        panel.synced = Some(panel.text.clone());
    }
    field_label_ui(ui, "New address");
    let wrong = state.notes().iter().find(|note| note.level == crate::people::address::Level::Wrong);
    let field = Field::new("New address", &mut panel.text).mono().limit(2_000).placeholder("http://");
    let response = ui.add(field.wrong(wrong.map(|note| note.sentence.as_str())));
    if !panel.focused {
        response.request_focus();
        panel.focused = true;
    }
    if response.changed() {
        panel.synced = Some(panel.text.clone());
        out.push(Command::Type(panel.text.clone()));
    }
    template_ui(ui, state, out);
}

/// The line under the field: the site's template, and what it gives for this person.
fn template_ui(ui: &mut Ui, state: &SetUrl, out: &mut Vec<Command>) {
    let t = ui.tokens();
    let Some((template, filled)) = state.template() else { return };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 18.0), egui::Sense::hover());
        paint::icon(ui.painter(), rect.center(), Icon::Braces, 12.0, t.text_muted);
        match filled {
            Ok(filled) if filled == state.text() => {
                ui.add(Text::new("From the site’s template").style(Type::Small).color(t.text_muted));
            }
            Ok(_) => {
                if ui.add(Link::new("Use the site’s template")).clicked() {
                    out.push(Command::UseTemplate);
                }
            }
            Err(why) => {
                let words = format!("The site’s template does not fit {}: {why}", state.name());
                ui.add(Text::new(words).style(Type::Small).color(t.text_muted));
            }
        }
        ui.add(Text::new(template).style(Type::Mono).color(t.text_muted).elide(Elide::Start));
    });
}

/// Old above new on one left edge; of several old values each, the one that clients use first.
fn values_ui(ui: &mut Ui, state: &SetUrl) {
    let change = state.change();
    let new = change.after.first().map(ToString::to_string).unwrap_or_default();
    let old = change.before.first().map(ToString::to_string).unwrap_or_default();
    let (left, right) = compare(&old, &new);
    inset_ui(ui, |ui| {
        let t = ui.tokens();
        ui.set_width(ui.available_width());
        value_ui(ui, "Old", (!old.is_empty()).then_some((&left, t.diff_del)));
        for value in change.before.iter().skip(1) {
            value_ui(ui, "", Some((&[(value.to_string(), true)], t.diff_del)));
        }
        if change.before.len() > 1 {
            value_note_ui(ui, "Clients use the first, as a rule");
        }
        value_ui(ui, "New", (!new.is_empty()).then_some((&right, t.diff_add)));
    });
}

fn value_ui(ui: &mut Ui, label: &str, value: Option<(&[(String, bool)], egui::Color32)>) {
    let t = ui.tokens();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let width = ui.add(Text::new(label).style(Type::Small).color(t.text_secondary).width(VALUE_LABEL)).rect.width();
        ui.add_space((VALUE_LABEL - width).max(0.0));
        match value {
            Some((pieces, mark)) => marked_value_ui(ui, pieces, mark),
            None => ui.add(Text::new("not set").style(Type::Small).color(t.text_muted)),
        };
    });
}

fn value_note_ui(ui: &mut Ui, words: &str) {
    let t = ui.tokens();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_space(VALUE_LABEL);
        ui.add(Text::new(words).style(Type::Small).color(t.text_muted));
    });
}

fn blocked_ui(ui: &mut Ui, state: &SetUrl, out: &mut Vec<Command>) {
    let Some((host, because)) = state.blocked_host() else { return };
    ui.add_space(8.0);
    let because = because.map(|because| format!(" It is {because}.")).unwrap_or_default();
    let card = ProblemCard::new(Level::Weak, format!("Photos from {host} are not fetched yet"))
        .reason(format!("Allow the host once, and this site’s photos may come from it.{because}"))
        .mend(format!("Allow {host}"));
    if card.show(ui) == Some(ProblemAnswer::Mend) {
        out.push(Command::AllowHost(host.to_owned()));
    }
}

/// The picture at the sizes that clients show, and the checks beside it.
fn preview_ui(ui: &mut Ui, state: &SetUrl, out: &mut Vec<Command>) {
    let checks = checks(state);
    let waiting = matches!(state.preview(), Preview::Waiting);
    let found = match state.preview() {
        Preview::Seen(look) => found_in(look),
        _ => None,
    };
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        if state.intent() == Intent::Set {
            let empty = match (waiting, found) {
                (true, _) => Empty::Waiting,
                (false, _) if matches!(state.preview(), Preview::Seen(_)) => Empty::Broken,
                _ => Empty::Person,
            };
            ui.allocate_ui_with_layout(vec2(PICTURE, 168.0), Layout::top_down(Align::Min), |ui| {
                sizes_ui(ui, state.name(), found, empty);
            });
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 8.0;
            for check in &checks {
                check_ui(ui, check);
            }
            if matches!(state.preview(), Preview::Seen(look) if look.exchange.is_err())
                && state.blocked_host().is_none()
                && ui.add(Link::new("Fetch again")).clicked()
            {
                out.push(Command::LookAgain);
            }
        });
    });
}

fn sizes_ui(ui: &mut Ui, name: &str, found: Option<&Found>, empty: Empty) {
    ui.spacing_mut().item_spacing = vec2(6.0, 8.0);
    picture_ui(ui, &format!("New photo of {name}"), PICTURE, found, false, empty);
    if found.is_none() {
        return;
    }
    ui.horizontal(|ui| {
        ui.set_height(48.0);
        picture_ui(ui, "As a business card shows it", 48.0, found, false, empty);
        ui.with_layout(Layout::left_to_right(Align::Max), |ui| {
            picture_ui(ui, "As a chat shows it", 32.0, found, true, empty);
            picture_ui(ui, "As a contact list shows it", 20.0, found, true, empty);
        });
    });
}

fn check_ui(ui: &mut Ui, check: &Check) {
    let t = ui.tokens();
    let (icon, color) = match check.level {
        CheckLevel::Good => (Icon::Check, t.good.solid),
        CheckLevel::Hint => (Icon::Info, t.text_muted),
        CheckLevel::Weak => (Icon::TriangleAlert, t.weak.text),
        CheckLevel::Bad => (Icon::X, t.bad.text),
        CheckLevel::Waiting => (Icon::LoaderCircle, t.text_muted),
    };
    let row = ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 18.0), egui::Sense::hover());
        paint::icon(ui.painter(), rect.center(), icon, 14.0, color);
        let room = ui.available_width();
        let fact = crate::ui::text::galley(ui.ctx(), &check.fact, Type::Small, t.text_muted, 150.0, Elide::End);
        let used = if check.fact.is_empty() { 0.0 } else { fact.size().x + 12.0 };
        let right = ui.cursor().left() + room;
        ui.add(Text::new(check.sentence.as_str()).elide(Elide::Wrap).width(room - used));
        if !check.fact.is_empty() {
            ui.add_space((right - ui.cursor().left() - fact.size().x).max(0.0));
            let (rect, response) = ui.allocate_exact_size(vec2(fact.size().x, 18.0), egui::Sense::hover());
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &check.fact));
            paint::galley_at(ui.painter(), rect.left(), rect.center().y, fact, t.text_muted);
        }
    });
    if matches!(check.level, CheckLevel::Bad | CheckLevel::Hint)
        && !check.hint.is_empty()
        && check.level == CheckLevel::Bad
    {
        ui.horizontal(|ui| {
            ui.add_space(22.0);
            ui.add(Text::new(check.hint.as_str()).style(Type::Small).color(t.text_secondary).elide(Elide::Wrap));
        });
    } else if !check.hint.is_empty() {
        row.response.on_hover_text(check.hint.as_str());
    }
}

fn problem_ui(ui: &mut Ui, problem: &crate::model::Problem) {
    let card = ProblemCard::new(Level::Bad, problem.what.as_str())
        .reason(problem.hint.clone().unwrap_or_else(|| "Nothing was written; what you typed is kept.".to_owned()));
    let card = if problem.details.is_some() { card.copy_details() } else { card };
    if card.show(ui) == Some(ProblemAnswer::CopyDetails) {
        ui.copy_text(format!("{problem}\n{}", problem.details.as_deref().unwrap_or_default()));
    }
}

/// Three values: seen, there now, ours. Nothing is overwritten that was not looked at.
fn conflict_ui(
    ctx: &Context,
    state: &SetUrl,
    (seen, now, choice): (&[Value], Option<&[Value]>, Choice),
    out: &mut Vec<Command>,
) {
    let (confirm, foot) = match choice {
        Choice::Mine => ("Write mine", "Written as “delete what is there now, add yours”."),
        Choice::Theirs => ("Keep theirs", "Nothing will be written."),
    };
    let unread = now.is_none().then_some("What is there now could not be read");
    let dialog = Dialog::new("Someone else changed it meanwhile", confirm).width(560.0).foot(foot).disabled_if(unread);
    let ((), answer) = dialog.show(ctx, |ui| {
        person_ui(ui, state, &format!("· changed after you looked at {}", state.opened()));
        ui.add_space(6.0);
        ui.add(Text::new("Nothing was written. Choose which value is to stand.").color(ui.tokens().text_secondary));
        ui.add_space(6.0);
        ui.spacing_mut().item_spacing.y = 12.0;
        let mine = state.change().after;
        let theirs = now.unwrap_or_default();
        card_ui(ui, "When you looked", None, seen, (&mine, false), state.old_look());
        let looks = state.now_look();
        if card_ui(ui, "Now in the directory", Some(choice == Choice::Theirs), theirs, (&mine, false), looks) {
            out.push(Command::Choose(Choice::Theirs));
        }
        let new = match state.preview() {
            Preview::Seen(look) => Some(&**look),
            _ => None,
        };
        if card_ui(ui, "Yours", Some(choice == Choice::Mine), &mine, (seen, true), new) {
            out.push(Command::Choose(Choice::Mine));
        }
    });
    match answer {
        Some(DialogAnswer::Confirmed) if choice == Choice::Mine => out.push(Command::Settle),
        Some(_) => out.push(Command::Close),
        None => {}
    }
}

/// One of the three values, with its picture and what is said of it; `true` when it was chosen.
fn card_ui(
    ui: &mut Ui,
    label: &str,
    mark: Option<bool>,
    values: &[Value],
    (against, is_new): (&[Value], bool),
    look: Option<&Seen>,
) -> bool {
    let text = |values: &[Value]| values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let (value, other) = (text(values), text(against));
    let response = radio_card_ui(ui, label, mark, 62.0, |ui| {
        let t = ui.tokens();
        ui.spacing_mut().item_spacing.x = 12.0;
        let empty = if values.is_empty() { Empty::Person } else { Empty::Broken };
        picture_ui(ui, &format!("Photo: {label}"), 40.0, look.and_then(found_in), false, empty);
        let badge = look.map_or(0.0, |_| 130.0);
        ui.allocate_ui_with_layout(vec2(ui.available_width() - badge, 40.0), Layout::top_down(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.add(Text::new(label).style(Type::BodyMedium));
            if values.is_empty() {
                ui.add(Text::new("not set").style(Type::Small).color(t.text_muted));
            } else {
                short_value_ui(ui, &value, &other, is_new);
            }
        });
        if let Some(look) = look {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(badge_of(look));
            });
        }
    });
    response.response.clicked()
}

/// The end of an address, the host left out where it is the same on the other side, differing letters marked.
fn short_value_ui(ui: &mut Ui, value: &str, other: &str, is_new: bool) {
    let t = ui.tokens();
    let host = |text: &str| text.split('/').nth(2).map(str::to_owned);
    let short = |text: &str| text.rsplit_once('/').map_or_else(|| text.to_owned(), |(_, file)| format!("…/{file}"));
    let same_host = host(value).is_some() && host(value) == host(other);
    if !same_host || value.matches('/').count() < 3 {
        ui.add(Text::new(value).style(Type::Mono).color(t.text_secondary));
        return;
    }
    let (old, new) = if is_new { (short(other), short(value)) } else { (short(value), short(other)) };
    let (left, right) = compare(&old, &new);
    let (pieces, mark) = if is_new { (right, t.diff_add) } else { (left, t.diff_del) };
    marked_value_ui(ui, &pieces, mark).on_hover_text(value);
}

fn badge_of(look: &Seen) -> Badge<'_> {
    let verdict = &look.verdict;
    let level = match verdict.level {
        PhotoLevel::Good => Level::Good,
        PhotoLevel::Weak => Level::Weak,
        PhotoLevel::Bad => Level::Bad,
        PhotoLevel::Unknown => Level::Unknown,
    };
    let word = if level == Level::Good { "Fits all clients" } else { verdict.word.as_str() };
    Badge::new(level, word).hint(verdict.sentence.as_str())
}

fn found_in(look: &Seen) -> Option<&Found> {
    look.found.as_ref().and_then(|found| found.as_ref().ok())
}

fn picture_ui(ui: &mut Ui, name: &str, side: f32, found: Option<&Found>, round: bool, empty: Empty) {
    let shown = found.and_then(|found| {
        let picture = &found.picture;
        let pixels = Pixels { width: picture.width as usize, height: picture.height as usize, rgba: &picture.rgba };
        texture(ui.ctx(), ("set photo URL", &picture.rgba), pixels)
    });
    let photo = Photo::new(name, side).texture(shown).empty(empty);
    ui.add(if round { photo.round() } else { photo });
}
