//! The checks at the wizard's right: one line a step, the faulty one opened, with what would mend it.

use egui::{
    Align, Layout, Rect, Response, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo,
    text::{LayoutJob, TextFormat},
    vec2,
};
use jiff::Timestamp;

use super::certificate::{self, Trust};
use crate::{
    model::{Credentials, Problem, Security},
    sites::{
        Command,
        check::{Mend, Step, StepProblem, StepState},
        wizard::Wizard,
    },
    ui::{
        Elide, Icon, Level, Look as _, Text, Type, paint, text,
        widgets::{Button, compare, copy_button_ui, step_mark_ui},
    },
};

/// Height of a step that is one line.
const ROW: f32 = 37.0;
/// Where words begin, from the left edge of the mark.
const INDENT: f32 = 30.0;

/// Draws all steps; gives the certificate that a person wants to look at and trust.
pub(super) fn ui(ui: &mut Ui, wizard: &Wizard, now: Timestamp, out: &mut Vec<Command>) -> Option<Trust> {
    head_ui(ui, wizard, out);
    let mut trust = None;
    ScrollArea::vertical().id_salt("checks").auto_shrink([false, false]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for step in Step::ALL {
            trust = step_ui(ui, wizard, step, now, out).or(trust.take());
        }
        ui.add_space(12.0);
    });
    trust
}

fn head_ui(ui: &mut Ui, wizard: &Wizard, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.set_height(24.0);
        ui.add(Text::new("Checks").style(Type::Section));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if wizard.is_checking() {
                if ui.add(Button::new("Stop checking").icon(Icon::X).small()).clicked() {
                    out.push(Command::StopCheck);
                }
                return;
            }
            let nowhere = wizard.draft.site.directory.server.host.trim().is_empty();
            let reason = nowhere.then_some("Type the directory’s server first.");
            let again = wizard.steps.iter().any(|state| *state != StepState::Waits);
            let label = if again { "Check again" } else { "Check connection" };
            if ui.add(Button::new(label).icon(Icon::RefreshCw).small().disabled_if(reason)).clicked() {
                out.push(Command::Check { asked: true });
            }
        });
    });
    ui.add_space(2.0);
}

fn step_ui(ui: &mut Ui, wizard: &Wizard, step: Step, now: Timestamp, out: &mut Vec<Command>) -> Option<Trust> {
    let t = ui.tokens();
    let state = wizard.step(step);
    row_ui(ui, wizard, step, state);
    let mut trust = None;
    if let StepState::Failed(problem) = state {
        trust = opened(ui, |ui| {
            failed_words_ui(ui, problem);
            if let Some(certificate) = &problem.certificate {
                ui.add_space(8.0);
                certificate::card_ui(ui, certificate, now);
            }
            if let Some(at) = problem.at {
                ui.add_space(6.0);
                filter_ui(ui, wizard.draft.site.directory.filter.as_deref().unwrap_or_default(), at);
            }
            mends_ui(ui, &problem.mends, &problem.problem, true, out).then(|| problem.certificate.clone()).flatten()
        })
        .map(|certificate| Trust::new(*certificate));
    } else if let StepState::Warned { problem, mends, .. } = state {
        opened(ui, |ui| {
            words_ui(ui, problem);
            mends_ui(ui, mends, problem, false, out);
        });
    }
    let line = ui.cursor().top();
    paint::hline(ui.painter(), ui.max_rect().x_range(), line - 1.0, t.border_subtle);
    trust
}

/// Mark, name, and what was found at the right.
fn row_ui(ui: &mut Ui, wizard: &Wizard, step: Step, state: &StepState) -> Response {
    let t = ui.tokens();
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let server = wizard.draft.to_site(None).directory.server;
    let (label, fact) = (step.label(&server), fact_of(wizard, step, state));
    let (level, words, color) = match state {
        StepState::Waits => (None, t.text_muted, t.text_muted),
        StepState::Running => (None, t.text_primary, t.text_muted),
        StepState::Passed { .. } => (Some(Level::Good), t.text_primary, t.text_muted),
        StepState::Skipped { .. } => (Some(Level::Unknown), t.text_secondary, t.text_muted),
        StepState::Warned { .. } => (Some(Level::Weak), t.text_primary, t.weak.text),
        StepState::Failed(_) => (Some(Level::Bad), t.text_primary, t.bad.text),
    };
    let said = [word_of(state), fact.as_str()].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>();
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{label}: {}", said.join(", "))));
    let mut row = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)));
    mark_ui(&mut row, state, level);
    let style = if *state == StepState::Waits { Type::Body } else { Type::BodyMedium };
    let name = text::galley(ui.ctx(), &label, style, words, rect.width() * 0.5, Elide::End);
    let room = rect.width() - INDENT - name.size().x - 16.0;
    let elide = if step == Step::SignIn { Elide::Middle } else { Elide::End };
    let fact = text::galley(ui.ctx(), &fact, Type::Small, color, room.max(40.0), elide);
    let elided = fact.elided;
    paint::galley_at(ui.painter(), rect.left() + INDENT, rect.center().y, name, words);
    paint::galley_at(ui.painter(), rect.right() - fact.size().x, rect.center().y, fact, color);
    if elided { response.on_hover_text(fact_of(wizard, step, state)) } else { response }
}

/// A warning's mark is a sign of its own, so that grey-scale tells it from a failure.
fn mark_ui(ui: &mut Ui, state: &StepState, level: Option<Level>) {
    let t = ui.tokens();
    match state {
        StepState::Warned { .. } => {
            let (rect, _) = ui.allocate_exact_size(vec2(18.0, 18.0), Sense::hover());
            paint::icon(ui.painter(), rect.center(), Icon::TriangleAlert, 15.0, t.weak.text);
        }
        StepState::Skipped { .. } => {
            let (rect, _) = ui.allocate_exact_size(vec2(18.0, 18.0), Sense::hover());
            paint::icon(ui.painter(), rect.center(), Icon::Minus, 14.0, t.text_muted);
        }
        _ => {
            step_mark_ui(ui, level, *state == StepState::Running);
        }
    }
}

fn word_of(state: &StepState) -> &'static str {
    match state {
        StepState::Waits => "not checked",
        StepState::Running => "checking",
        StepState::Passed { .. } => "passed",
        StepState::Warned { .. } => "warning",
        StepState::Skipped { .. } => "left out",
        StepState::Failed(_) => "failed",
    }
}

fn fact_of(wizard: &Wizard, step: Step, state: &StepState) -> String {
    match state {
        StepState::Passed { fact } | StepState::Warned { fact, .. } => fact.clone(),
        StepState::Skipped { why } => why.clone(),
        StepState::Failed(problem) => problem.fact.clone(),
        StepState::Running => "checking…".to_owned(),
        StepState::Waits => waits_for(wizard, step),
    }
}

/// Why a step was not begun, at the first that was not.
fn waits_for(wizard: &Wizard, step: Step) -> String {
    let Some(needed) = step.needs() else { return String::new() };
    let server = wizard.draft.to_site(None).directory.server;
    match wizard.step(needed) {
        StepState::Failed(_) => format!("waits for {}", needed.label(&server)),
        before if step == Step::SignIn && before.lets_on() && !wizard.is_checking() => {
            match wizard.draft.credentials() {
                Credentials::Simple { password, .. } if password.is_empty() => "waits for the password".to_owned(),
                credentials if server.sends_password_in_clear(&credentials) => "waits for your go-ahead".to_owned(),
                _ => String::new(),
            }
        }
        _ => String::new(),
    }
}

/// What stands below a step's line, on the edge of its words.
fn opened<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let area = ui.available_rect_before_wrap();
    let rect = Rect::from_min_max(area.min + vec2(INDENT, -8.0), area.max);
    let mut inside = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::top_down(Align::Min)));
    inside.spacing_mut().item_spacing.y = 4.0;
    let result = content(&mut inside);
    ui.advance_cursor_after_rect(inside.min_rect());
    ui.add_space(13.0);
    result
}

fn words_ui(ui: &mut Ui, problem: &Problem) {
    let t = ui.tokens();
    let mut job = LayoutJob::default();
    job.wrap.max_width = ui.available_width();
    job.append(&format!("{}.", text::clean(&problem.what)), 0.0, Type::Section.format(t.text_primary));
    if let Some(hint) = &problem.hint {
        job.append(&format!(" {}", text::clean(hint)), 0.0, Type::Body.format(t.text_secondary));
    }
    job_ui(ui, job, &problem.to_string());
}

/// The same with both names in mono, and what differs marked.
fn failed_words_ui(ui: &mut Ui, problem: &StepProblem) {
    let (Some((asked, shown)), Some(hint)) = (&problem.names, &problem.problem.hint) else {
        return words_ui(ui, &problem.problem);
    };
    let t = ui.tokens();
    let (plain, mono) = (Type::Body.format(t.text_secondary), Type::Mono.format(t.text_primary));
    let marked = TextFormat { background: t.diff_del, expand_bg: 1.0, ..mono.clone() };
    let mut job = LayoutJob::default();
    job.wrap.max_width = ui.available_width();
    job.append(&format!("{}. ", problem.problem.what), 0.0, Type::Section.format(t.text_primary));
    let (asked_pieces, shown_pieces) = compare(asked, shown);
    let mut rest = hint.as_str();
    for (name, pieces) in [(asked, asked_pieces), (shown, shown_pieces)] {
        let Some((before, after)) = rest.split_once(name.as_str()) else { continue };
        job.append(&text::clean(before), 0.0, plain.clone());
        for (piece, differs) in pieces {
            job.append(&piece, 0.0, if differs { marked.clone() } else { mono.clone() });
        }
        rest = after;
    }
    job.append(&text::clean(rest), 0.0, plain);
    job_ui(ui, job, &problem.problem.to_string());
}

fn job_ui(ui: &mut Ui, job: LayoutJob, name: &str) {
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
    ui.painter().galley(rect.min, galley, ui.tokens().text_primary);
}

/// The filter with its mistake marked.
fn filter_ui(ui: &mut Ui, filter: &str, at: usize) {
    let t = ui.tokens();
    let characters: Vec<char> = filter.chars().collect();
    let at = at.min(characters.len());
    let (before, rest) = characters.split_at(at);
    // Something missing at the very end is marked behind it.
    let (wrong, after) = rest.split_at_checked(1).unwrap_or((&[' '], &[]));
    let text = |part: &[char]| text::clean(&part.iter().collect::<String>()).into_owned();
    let pieces = [(text(before), false), (text(wrong), true), (text(after), false)];
    crate::ui::widgets::marked_value_ui(ui, &pieces, t.diff_del);
}

/// The buttons; `true` when the certificate is to be looked at and trusted.
fn mends_ui(ui: &mut Ui, mends: &[Mend], problem: &Problem, failed: bool, out: &mut Vec<Command>) -> bool {
    let mut trust = false;
    ui.add_space(8.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 6.0);
        for (at, mend) in mends.iter().enumerate() {
            let label = label_of(mend);
            let button = match at {
                0 if failed => Button::primary(label),
                0 | 1 => Button::new(label),
                _ => Button::quiet(label),
            };
            if ui.add(button).clicked() {
                match mend {
                    Mend::TrustCertificate(_) => trust = true,
                    mend => out.push(Command::Mend(mend.clone())),
                }
            }
        }
        if let Some(details) = &problem.details {
            copy_button_ui(ui, "details", &format!("{problem}\n{details}"));
        }
    });
    trust
}

fn label_of(mend: &Mend) -> String {
    match mend {
        Mend::UseHost(host) => format!("Use {host} instead"),
        Mend::UsePort(port) => format!("Use port {port}"),
        Mend::UseSecurity(Security::StartTls) => "Use STARTTLS".to_owned(),
        Mend::UseSecurity(Security::Ldaps) => "Use LDAPS".to_owned(),
        Mend::UseSecurity(Security::None) => "Use no TLS".to_owned(),
        Mend::TrustCertificate(_) => "Trust this certificate…".to_owned(),
        Mend::AddCaFile => "Add a CA file…".to_owned(),
        Mend::SignInAnonymously => "Sign in anonymously".to_owned(),
        Mend::UseBase(base) => format!("Search in {base}"),
        Mend::UseFilter(filter) => format!("Use {filter}"),
        Mend::UseAttribute(attribute) => format!("Use {attribute}"),
        Mend::MakeReadOnly => "Make the site read-only".to_owned(),
    }
}
