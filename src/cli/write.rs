//! From a plan to a written directory: shown first, asked for, carried out, reported. For set-url and undo alike.

use std::io::Write;

use serde_json::{Value as Json, json};

use super::{
    Exit,
    args::{Format, OutputArgs, WriteArgs},
    connect::Connected,
    out::{Fail, Out},
};
use crate::{
    job::{Job, Waker},
    journal::Journal,
    model::{Change, Environment, Place, Problem, Value, visible},
    people::{
        apply::{ApplyEvent, apply},
        plan::Plan,
    },
};

/// How one change ended.
struct Ended {
    word: &'static str,
    problem: Option<Problem>,
}

/// Shows `changes`, and writes `plan`, which is made of them, as far as `how` goes.
pub(super) fn carry_out(
    connected: &Connected,
    changes: &[Change],
    plan: &Plan,
    how: WriteArgs,
    output: OutputArgs,
    out: &mut Out,
) -> Result<Exit, Fail> {
    if output.format == Format::Table {
        preview(changes, out)?;
    }
    if plan.changes.is_empty() {
        out.note("Nothing to write: the directory holds this already.")?;
        report(changes, &[], "unchanged", output.format, out)?;
        return Ok(Exit::Done);
    }
    if how.dry_run {
        out.note("Nothing was written (--dry-run).")?;
        report(changes, &[], "would be written", output.format, out)?;
        return Ok(Exit::Done);
    }
    let Some(unlocked) = connected.site.unlock() else {
        let problem = Problem::new(format!("The site {} is read-only", connected.site.name))
            .hint("Its file says so: read_only = true.");
        return Err(Fail::new(Exit::NotAllowed, problem));
    };
    if !how.yes && !agreed(connected, out)? {
        out.note("Nothing was written.")?;
        return Ok(Exit::Done);
    }
    let (session, journal, copy) = (connected.session.clone(), Journal::of_user()?, plan.clone());
    let job = Job::spawn("apply", Waker::none(), move |report| apply(&session, &journal, &copy, &unlocked, report));
    let mut ended: Vec<Ended> = Vec::new();
    let mut exit = Exit::Done;
    let end = job.wait(|event| match event {
        ApplyEvent::Writing { .. } => {}
        ApplyEvent::Done { .. } => ended.push(Ended { word: "written", problem: None }),
        ApplyEvent::Refused { problem, stale, .. } => {
            exit = if stale { Exit::Stale } else { Exit::Failed };
            ended.push(Ended {
                word: if stale { "changed by somebody else" } else { "refused" },
                problem: Some(problem),
            });
        }
    });
    for problem in ended.iter().filter_map(|ended| ended.problem.as_ref()) {
        out.problem(problem)?;
    }
    let made: Vec<Change> = plan.changes.iter().map(|planned| planned.change.clone()).collect();
    report(&made, &ended, "not written", output.format, out)?;
    if output.format == Format::Table && exit == Exit::Done {
        let ids: Vec<&str> = plan.changes.iter().map(|planned| planned.id.as_str()).collect();
        out.note(&format!("Written. Take it back with: photodesk journal undo {}", ids.join(" ")))?;
    }
    end?;
    Ok(exit)
}

/// Old and new, value by value.
fn preview(changes: &[Change], out: &mut Out) -> Result<(), Fail> {
    for change in changes {
        let Place::Attribute { dn, attribute, .. } = &change.place;
        out.line(&format!("{}  {}", visible(&change.subject), visible(dn.as_str())))?;
        for value in &change.before {
            let sign = if change.after.contains(value) { " " } else { "-" };
            out.line(&format!("  {sign} {attribute}: {}", visible(&value.to_string())))?;
        }
        for value in change.after.iter().filter(|value| !change.before.contains(value)) {
            out.line(&format!("  + {attribute}: {}", visible(&value.to_string())))?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Whether to go on: a person is asked, a script goes on unless people work with the site.
fn agreed(connected: &Connected, out: &mut Out) -> Result<bool, Fail> {
    let site = &connected.site;
    if Out::can_ask() {
        let word = if site.environment == Environment::Production { "PRODUCTION" } else { "TEST" };
        return Ok(out.agrees(&format!("Write this to {} ({word})?", site.name))?);
    }
    if site.environment == Environment::Production {
        let problem = Problem::new(format!("{} is a PRODUCTION site, and nobody can be asked", site.name))
            .hint("Look at the change with --dry-run, then give --yes.");
        return Err(Fail::new(Exit::NotAllowed, problem));
    }
    Ok(true)
}

/// The changes for programs; a person saw them already.
fn report(changes: &[Change], ended: &[Ended], otherwise: &str, format: Format, out: &mut Out) -> Result<(), Fail> {
    let word = |at: usize| ended.get(at).map_or(otherwise, |ended| ended.word);
    match format {
        Format::Table => {}
        Format::Json => {
            let list: Vec<Json> =
                changes.iter().enumerate().map(|(at, change)| change_json(change, word(at))).collect();
            writeln!(out.results(), "{:#}", Json::from(list))?;
        }
        Format::Csv => {
            let rows = changes.iter().enumerate().map(|(at, change)| {
                let Place::Attribute { dn, attribute, .. } = &change.place;
                let (before, after) = (joined(&change.before), joined(&change.after));
                [dn.to_string(), change.subject.clone(), attribute.clone(), before, after, word(at).to_owned()]
            });
            csv(out, &["dn", "name", "attribute", "before", "after", "result"], rows)?;
        }
    }
    Ok(())
}

fn change_json(change: &Change, result: &str) -> Json {
    let Place::Attribute { dn, attribute, .. } = &change.place;
    json!({
        "dn": dn, "name": change.subject, "attribute": attribute,
        "before": change.before, "after": change.after, "result": result,
    })
}

/// Several values in one cell; addresses have no blanks.
pub(super) fn joined(values: &[Value]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// A CSV with heads, its cells guarded against running as formulas.
pub(super) fn csv<R: AsRef<[String]>>(
    out: &mut Out,
    heads: &[&str],
    rows: impl IntoIterator<Item = R>,
) -> Result<(), Fail> {
    let mut writer = ::csv::Writer::from_writer(out.results());
    writer.write_record(heads).map_err(std::io::Error::from)?;
    for row in rows {
        let cells = row.as_ref().iter().map(|cell| crate::people::export::guarded(cell));
        writer.write_record(cells).map_err(std::io::Error::from)?;
    }
    writer.flush()?;
    Ok(())
}
