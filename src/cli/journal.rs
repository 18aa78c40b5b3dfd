//! `photodesk journal`: what was written, and taking it back.

use std::io::Write;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value as Json, json};

use super::{
    Exit,
    args::{Format, JournalCommand, OutputArgs, SiteArgs, WriteArgs},
    connect::Connected,
    out::{Fail, Out},
    write,
};
use crate::{
    journal::{Journal, LineState, Record, Records},
    model::{Change, Place, Problem, visible},
    net::ldap::same_values,
    people::{apply::read_now, plan::Plan},
};

pub(super) fn run(command: JournalCommand, out: &mut Out) -> Result<Exit, Fail> {
    match command {
        JournalCommand::List { site, last, output } => list(site.as_deref(), last, output, out),
        JournalCommand::Undo { ids, write, site, output } => undo(&ids, write, &site, output, out),
    }
}

fn read(out: &mut Out) -> Result<Records, Fail> {
    let journal = Journal::of_user()?;
    let records = journal.read()?;
    if !records.damaged.is_empty() {
        let numbers: Vec<String> = records.damaged.iter().map(ToString::to_string).collect();
        let path = journal.path().display();
        out.note(&format!("Passed over lines of {path} that cannot be read: {}.", numbers.join(", ")))?;
    }
    Ok(records)
}

fn list(site: Option<&str>, last: Option<usize>, output: OutputArgs, out: &mut Out) -> Result<Exit, Fail> {
    let records = read(out)?.records;
    let of_site = |record: &&Record| site.is_none_or(|site| record.line.site.eq_ignore_ascii_case(site));
    let mut shown: Vec<&Record> = records.iter().filter(of_site).collect();
    if let Some(last) = last {
        shown.drain(..shown.len().saturating_sub(last));
    }
    match output.format {
        Format::Table => {
            out.table(&["when", "site", "name", "before", "after", "state", "id"], shown.into_iter().map(row))?;
        }
        Format::Csv => {
            write::csv(out, &["when", "site", "name", "before", "after", "state", "id"], shown.into_iter().map(row))?;
        }
        Format::Json => {
            let records: Vec<Json> = shown.into_iter().map(record_json).collect();
            writeln!(out.results(), "{:#}", Json::from(records))?;
        }
    }
    Ok(Exit::Done)
}

fn row(record: &Record) -> [String; 7] {
    let line = &record.line;
    let when = line.at.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let values = |values| {
        let text = write::joined(values);
        if text.is_empty() { "–".to_owned() } else { text }
    };
    let (before, after) = (values(&line.change.before), values(&line.change.after));
    [when, line.site.clone(), line.change.subject.clone(), before, after, state(record), line.id.clone()]
}

fn state(record: &Record) -> String {
    match (&record.line.state, &record.undone_by) {
        (_, Some(_)) => "undone".to_owned(),
        (LineState::Done, None) => "written".to_owned(),
        (LineState::Begun, None) => "not known".to_owned(),
        (LineState::Failed(why), None) => format!("refused: {why}"),
    }
}

fn record_json(record: &Record) -> Json {
    let line = &record.line;
    let Place::Attribute { directory, dn, attribute } = &line.change.place;
    json!({
        "id": line.id, "at": line.at, "site": line.site, "who": line.who, "run": line.run,
        "directory": directory, "dn": dn, "name": line.change.subject, "attribute": attribute,
        "before": line.change.before, "after": line.change.after,
        "state": state(record), "undoes": line.undoes, "undone_by": record.undone_by,
    })
}

fn undo(ids: &[String], how: WriteArgs, site: &SiteArgs, output: OutputArgs, out: &mut Out) -> Result<Exit, Fail> {
    let records = read(out)?.records;
    let wanted = ids.iter().map(|id| find(&records, id)).collect::<Result<Vec<_>, _>>()?;
    let mut site = site.clone();
    if site.is_empty() {
        site.site = wanted.first().map(|record| record.line.site.clone());
    }
    let connected = site.connect(out)?;
    same_directory(&connected, &wanted)?;
    let plan = Plan::undo(&connected.site.name, wanted.into_iter(), Timestamp::now());
    let changes: Vec<Change> = plan.changes.iter().map(|planned| planned.change.clone()).collect();
    if let Some(exit) = somebody_elses(&connected, &changes, out)? {
        return Ok(exit);
    }
    write::carry_out(&connected, &changes, &plan, how, output, out)
}

fn find<'a>(records: &'a [Record], id: &str) -> Result<&'a Record, Fail> {
    let Some(record) = records.iter().find(|record| record.line.id == id) else {
        let problem = Problem::new(format!("The journal has no change {id}")).hint("See: photodesk journal list");
        return Err(Fail::new(Exit::NotFound, problem));
    };
    if record.can_be_undone() {
        return Ok(record);
    }
    let why = match (&record.undone_by, &record.line.state) {
        (Some(by), _) => format!("was taken back already, by {by}"),
        (None, LineState::Begun) => "may or may not have been written: nobody knows".to_owned(),
        (None, _) => "was never written".to_owned(),
    };
    Err(Problem::new(format!("The change {id} {why}")).into())
}

/// A change is taken back where it was made, and nowhere else.
fn same_directory(connected: &Connected, records: &[&Record]) -> Result<(), Fail> {
    let here = connected.site.directory.server.url();
    for record in records {
        let Place::Attribute { directory, .. } = &record.line.change.place;
        if *directory != here {
            let problem = Problem::new(format!("The change {} was made in {directory}, not in {here}", record.line.id))
                .hint("Name its site with --site, or its directory with --url.");
            return Err(problem.into());
        }
    }
    Ok(())
}

/// Undo is shown against today's values: what somebody else wrote since is never taken away.
fn somebody_elses(connected: &Connected, changes: &[Change], out: &mut Out) -> Result<Option<Exit>, Fail> {
    let mut stale = false;
    for change in changes {
        let now = read_now(&connected.session, change)?;
        if !same_values(&now, &change.before) {
            stale = true;
            let Place::Attribute { dn, attribute, .. } = &change.place;
            let now = if now.is_empty() { "nothing".to_owned() } else { write::joined(&now) };
            out.problem(
                &Problem::new(format!("{dn} was changed by somebody else: {attribute} holds {}", visible(&now)))
                    .hint("Nothing was written. Set the photo URL yourself if it should be another."),
            )?;
        }
    }
    Ok(stale.then_some(Exit::Stale))
}
