//! What is to be said of the list as a whole: above it what failed, below it how far it is and what it lacks.

use std::time::Instant;

use egui::{Align, Layout, Rect, Ui, UiBuilder, pos2, vec2};

use super::list::MARGIN;
use crate::{
    people::state::{Command, State, Status},
    ui::{
        Elide, Icon, Level, Look as _, Text, Type, format, paint,
        widgets::{Link, ProblemAnswer, ProblemCard},
    },
};

/// Height of one line, in points.
const LINE: f32 = 32.0;

/// One line at the foot.
struct Note<'a> {
    icon: Icon,
    level: Level,
    words: String,
    hint: String,
    action: Option<(&'a str, Command)>,
}

/// Draws the lines at the bottom of `area`, and gives where they begin.
pub fn ui(ui: &mut Ui, area: Rect, state: &State, out: &mut Vec<Command>) -> f32 {
    let mut bottom = area.bottom();
    for note in notes(state).into_iter().rev() {
        let rect = Rect::from_min_max(pos2(area.left(), bottom - LINE), pos2(area.right(), bottom));
        note_ui(ui, rect, note, out);
        bottom -= LINE;
    }
    bottom
}

fn note_ui(ui: &mut Ui, rect: Rect, note: Note<'_>, out: &mut Vec<Command>) {
    let t = ui.tokens();
    ui.painter().rect_filled(rect, 0, t.bg_card);
    paint::hline(ui.painter(), rect.x_range(), rect.top() + 0.5, t.border_default);
    let inner = rect.shrink2(vec2(MARGIN, 0.0));
    let mut right = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)));
    if let Some((label, command)) = note.action
        && right.add(Link::new(label).style(Type::SmallMedium)).clicked()
    {
        out.push(command);
    }
    let colour = if note.level == Level::Unknown { t.text_muted } else { t.verdict(note.level).text };
    paint::icon(ui.painter(), pos2(inner.left() + 6.0, inner.center().y), note.icon, 13.0, colour);
    let words = Rect::from_min_max(
        pos2(inner.left() + 20.0, inner.top()),
        pos2(right.min_rect().left() - 10.0, inner.bottom()),
    );
    let mut left = ui.new_child(UiBuilder::new().max_rect(words).layout(Layout::left_to_right(Align::Center)));
    let response = left.add(Text::new(note.words).style(Type::Small).color(t.text_secondary).elide(Elide::End));
    if !note.hint.is_empty() {
        response.on_hover_text(note.hint);
    }
}

fn notes(state: &State) -> Vec<Note<'static>> {
    let mut notes = Vec::new();
    let here = format::count(state.people().len());
    match state.status() {
        Status::Filling { since } => notes.push(Note {
            icon: Icon::LoaderCircle,
            level: Level::Unknown,
            words: format!("Reading people  {here}{}", rate(state.people().len(), *since)),
            hint: String::new(),
            action: Some(("Stop", Command::Stop)),
        }),
        Status::Stopped => notes.push(Note {
            icon: Icon::Minus,
            level: Level::Unknown,
            words: format!("Stopped at {here}"),
            hint: String::new(),
            action: Some(("Read all", Command::Reload)),
        }),
        Status::Cut { .. } => notes.push(Note {
            icon: Icon::TriangleAlert,
            level: Level::Weak,
            words: format!("The server’s limit cut the list at {here} people"),
            hint: "The directory gives this account no more entries, and does not read on page by page. Filter the \
                   directory, or ask its administrator for a higher limit."
                .to_owned(),
            action: Some(("Read again", Command::Reload)),
        }),
        Status::Complete { .. } | Status::Failed(_) => {}
    }
    if let [first, ..] = state.referrals() {
        let others = format::counted(state.referrals().len(), "other server holds", "other servers hold");
        notes.push(Note {
            icon: Icon::CornerUpRight,
            level: Level::Weak,
            words: format!("{others} more of this directory: {first}"),
            hint: format!(
                "{}\n\nNothing was sent there. The site decides whether to follow.",
                state.referrals().join("\n")
            ),
            action: None,
        });
    }
    notes.extend(state.not_allowed().take(3).map(|(host, count)| Note {
        icon: Icon::ShieldAlert,
        level: Level::Unknown,
        words: format!("{} at {host}, which was not allowed yet", format::counted(count, "photo is", "photos are")),
        hint: "Addresses in a directory are written by many people. Photodesk asks a web server only after you allowed it."
            .to_owned(),
        action: Some(("Allow", Command::AllowHost(host.to_owned()))),
    }));
    notes
}

/// ` · 940/s`, once there is something to tell.
fn rate(people: usize, since: Instant) -> String {
    let seconds = since.elapsed().as_secs_f32();
    if seconds < 0.5 || people == 0 {
        String::new()
    } else {
        format!(" · {}/s", format::count((people as f32 / seconds) as usize))
    }
}

/// Draws what failed at the top of `area`, and gives where it ends.
pub fn problem_ui(ui: &mut Ui, area: Rect, state: &State, out: &mut Vec<Command>) -> f32 {
    let Status::Failed(problem) = state.status() else { return area.top() };
    let inner = Rect::from_min_max(area.min + vec2(MARGIN, 12.0), area.max - vec2(MARGIN, 0.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
    let reason = problem.hint.clone().unwrap_or_default();
    let card = ProblemCard::new(Level::Bad, &problem.what).icon(Icon::PlugZap).reason(reason).mend("Try again");
    match card.other("Sign in again…").copy_details().show(&mut child) {
        Some(ProblemAnswer::Mend) => out.push(Command::Reload),
        Some(ProblemAnswer::CopyDetails) => {
            let details = problem.details.as_deref().unwrap_or_default();
            ui.ctx().copy_text(format!("{problem}\n{details}"));
        }
        Some(ProblemAnswer::Other) => out.push(Command::SignInAgain),
        None => {}
    }
    let mut end = child.min_rect().bottom() + 12.0;
    if !state.people().is_empty() {
        let muted = ui.tokens().text_muted;
        let words = Rect::from_min_size(pos2(inner.left(), end - 4.0), vec2(inner.width(), 18.0));
        let mut line = ui.new_child(UiBuilder::new().max_rect(words));
        let kept = format!("{} read before stay here", format::counted(state.people().len(), "person", "people"));
        line.add(Text::new(kept).style(Type::Small).color(muted));
        end += 20.0;
    }
    end
}
