//! One job of the window, drawn: its progress and Stop, or how it ended.

use std::time::Duration;

use egui::{Align, Layout, Rect, Sense, Ui, UiBuilder, pos2, vec2};

use crate::{
    activity::{Command, JobInfo, JobKind, JobState, State},
    ui::{
        Icon, Level, Look as _, Text, Type, format, paint,
        widgets::{Badge, Button, progress_bar_ui},
    },
};

/// Points of a row of jobs.
pub(super) const JOB_ROW: f32 = 44.0;

/// Draws `job`.
pub(super) fn job_ui(ui: &mut Ui, state: &State, job: &JobInfo, out: &mut Vec<Command>) {
    let t = ui.tokens();
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), JOB_ROW), Sense::hover());
    paint::hline(ui.painter(), rect.x_range(), rect.bottom() - 0.5, t.border_default);
    let icon = match job.kind {
        JobKind::People => Icon::Users,
        JobKind::Photos => Icon::ScanSearch,
        JobKind::Write => Icon::Link,
        JobKind::Connection => Icon::Plug,
        JobKind::File => Icon::Download,
    };
    paint::icon(ui.painter(), pos2(rect.left() + 24.0, rect.center().y), icon, 16.0, t.text_secondary);
    let inner = Rect::from_min_max(pos2(rect.left() + 44.0, rect.top()), pos2(rect.right() - 16.0, rect.bottom()));
    let mut row = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)));
    row.spacing_mut().item_spacing.x = 12.0;
    let now = (state.clock().now)();
    let at = |at| format::moment_short(at, now, &state.clock().zone);
    let words = match &job.state {
        JobState::Running { .. } => {
            if row.add(Button::new("Stop").small()).clicked() {
                out.push(Command::StopJob(job.id));
            }
            None
        }
        JobState::Done { at: when, what } => {
            row.add(Badge::new(Level::Good, "Done"));
            Some(format!("Done {} · {what}", at(*when)))
        }
        JobState::Stopped { at: when, what } => {
            row.add(Badge::new(Level::Unknown, "Stopped"));
            Some(format!("Stopped by you {} · {what}", at(*when)))
        }
        JobState::Failed { at: when, problem } => {
            row.add(Badge::new(Level::Bad, "Failed").hint(problem.to_string()));
            Some(format!("{} · {}", at(*when), problem.what))
        }
    };
    row.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let name = (rect.width() * 0.4).max(80.0); // of the whole row: the marks at its end differ in width
        let before = ui.cursor().left();
        ui.add(Text::new(job.name.as_str()).style(Type::BodyMedium).width(name - 12.0));
        ui.add_space((before + name - ui.cursor().left()).max(0.0));
        match words {
            Some(words) => {
                ui.add(Text::new(words).style(Type::Small).color(t.text_secondary));
            }
            None => running_ui(ui, &job.name, &job.state),
        }
    });
}

fn running_ui(ui: &mut Ui, name: &str, job: &JobState) {
    let JobState::Running { done, total, rate, left } = job else { return };
    let mut words = vec![match total {
        Some(total) => format!("{} of {}", format::count(*done as usize), format::count(*total as usize)),
        None => format::count(*done as usize),
    }];
    words.extend(rate.map(|rate| format!("{}/s", format::count(rate.round() as usize))));
    words.extend(left.map(|left| format::left(Duration::from_secs_f64(left.clamp(0.0, 1e6)))));
    if let Some(total) = total.filter(|total| *total > 0) {
        let bar = (ui.available_width() - 170.0).clamp(60.0, 146.0);
        progress_bar_ui(ui, &format!("Progress of {name}"), *done as f32 / total as f32, bar);
    }
    ui.add(Text::new(words.join(" · ")).style(Type::Small).color(ui.tokens().text_secondary));
}
