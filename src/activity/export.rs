//! The journal for other programs: CSV for spreadsheets, JSON for scripts. The file is whole or not there.

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use crate::{
    journal::{LineState, Record},
    model::{Place, Problem, Value},
};

/// Column heads of the CSV.
const HEADS: [&str; 11] =
    ["id", "at", "site", "who", "person", "directory", "entry", "attribute", "old", "new", "state"];

/// Writes `records` to `path`: JSON when it ends in `.json`, else CSV.
pub(super) fn write(path: &Path, records: &[Record]) -> Result<(), Problem> {
    let json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    save(path, |file| if json { write_json(file, records) } else { write_csv(file, records) }).map_err(|error| {
        Problem::new(format!("The journal could not be written to {}", path.display()))
            .hint("Choose another folder, or make room there.")
            .details(error.to_string())
    })
}

fn save(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = BufWriter::new(tempfile::NamedTempFile::new_in(folder)?);
    content(&mut file)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn write_json(file: &mut dyn Write, records: &[Record]) -> io::Result<()> {
    let rows = records.iter().map(|record| {
        let Place::Attribute { directory, dn, attribute } = &record.line.change.place;
        serde_json::json!({
            "id": record.line.id,
            "at": record.line.at,
            "site": record.line.site,
            "who": record.line.who,
            "person": record.line.change.subject,
            "directory": directory,
            "dn": dn,
            "attribute": attribute,
            "old": record.line.change.before,
            "new": record.line.change.after,
            "state": state(record),
            "undone_by": record.undone_by,
        })
    });
    serde_json::to_writer_pretty(&mut *file, &rows.collect::<Vec<_>>())?;
    file.write_all(b"\n")
}

fn write_csv(file: &mut dyn Write, records: &[Record]) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(file);
    rows.write_record(HEADS)?;
    for record in records {
        let Place::Attribute { directory, dn, attribute } = &record.line.change.place;
        let change = &record.line.change;
        let cells = [
            record.line.id.clone(),
            record.line.at.to_string(),
            record.line.site.clone(),
            record.line.who.clone(),
            change.subject.clone(),
            directory.clone(),
            dn.as_str().to_owned(),
            attribute.clone(),
            joined(&change.before),
            joined(&change.after),
            state(record),
        ];
        rows.write_record(cells.map(harmless))?;
    }
    rows.flush()
}

/// A cell that a spreadsheet does not take for a formula: what begins like one gets an apostrophe in front.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

fn joined(values: &[Value]) -> String {
    values.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

fn state(record: &Record) -> String {
    match &record.line.state {
        _ if record.undone_by.is_some() => "undone".to_owned(),
        LineState::Begun => "not known".to_owned(),
        LineState::Done => "done".to_owned(),
        LineState::Failed(why) => format!("failed: {why}"),
    }
}
