//! What `mod_headers` does with a request.

use bstr::{BStr, BString};

use super::{Action, Dir, Line, Part, Value, When};
use crate::access::{
    level::Level,
    pregsub::Template,
    record::Record,
    regex::{Captures, Regex},
    run::Run,
    table::Table,
    trace::Event,
    unknown::Unknown,
};

/// `RequestHeader … early` of the server: first of all when the headers were read, before `mod_remoteip` and `mod_setenvif`. The
/// record's section must be the server's own then. Not for subrequests.
///
/// # Errors
/// When a value cannot be told.
pub fn early(run: &mut Run<'_>, record: &mut Record) -> Result<(), Unknown> {
    let Some(dir) = record.dir.headers.clone() else { return Ok(()) };
    request(&dir, true, run, record)
}

/// `RequestHeader` in the fixups, after `mod_rewrite`, `mod_env` and `mod_alias`. For subrequests too.
///
/// # Errors
/// When a value or a condition cannot be told.
pub fn fixup(run: &mut Run<'_>, record: &mut Record) -> Result<(), Unknown> {
    let Some(dir) = record.dir.headers.clone() else { return Ok(()) };
    request(&dir, false, run, record)
}

fn request(dir: &Dir, early: bool, run: &mut Run<'_>, record: &mut Record) -> Result<(), Unknown> {
    for line in &dir.request {
        if line.applies(early, run, record)? {
            let mut headers = std::mem::take(&mut record.headers);
            let done = line.change(&mut headers, run, record);
            record.headers = headers;
            done?;
        }
    }
    Ok(())
}

/// What `Header` does to `Location` when the answer is sent. `by_handler` says that a handler answers (a file, a list), not the
/// server with a redirect or an error of its own: of those only `always` sees anything, and not the redirect's `Location`, which
/// stays as it is.
///
/// # Errors
/// When a value or a condition cannot be told, or the answer has two `Location` headers.
pub fn respond(run: &mut Run<'_>, record: &mut Record, by_handler: bool) -> Result<(), Unknown> {
    let Some(dir) = record.dir.headers.clone() else { return Ok(()) };
    let (Some(first), false) = (dir.always.first().or(dir.location.first()), record.is_subrequest()) else {
        return Ok(());
    };
    let place = first.place;
    let (mut always, mut plain) = (Table::default(), Table::default());
    each(&dir.always, true, &mut always, run, record)?;
    if by_handler {
        each(&dir.location, true, &mut plain, run, record)?;
    } else {
        // An answer of the server's own starts with what `always` had set early, and a redirect replaces that.
        plain = std::mem::take(&mut always);
    }
    if let Some(location) = &record.location {
        plain.set(b"Location", location);
    }
    each(&dir.always, false, &mut always, run, record)?;
    if by_handler {
        each(&dir.location, false, &mut plain, run, record)?;
    }
    let mut found = always.iter().chain(plain.iter()).map(|(_, value)| value);
    record.location = found.next().map(ToOwned::to_owned);
    match found.next() {
        Some(_) => Err(Unknown::at(place, "the answer has more than one Location")),
        None => Ok(()),
    }
}

fn each(lines: &[Line], early: bool, table: &mut Table, run: &mut Run<'_>, record: &Record) -> Result<(), Unknown> {
    for line in lines {
        if early && matches!(line.when, When::Early) && line.reads_env() {
            return Err(Unknown::at(line.place, "an early value with variables in it"));
        }
        if line.applies(early, run, record)? {
            line.change(table, run, record)?;
        }
    }
    Ok(())
}

impl Line {
    fn reads_env(&self) -> bool {
        match &self.value {
            Value::Parts(parts) => parts.iter().any(|p| matches!(p, Part::Env(_))),
            Value::Expression(_) => true,
        }
    }

    fn applies(&self, early: bool, run: &mut Run<'_>, record: &Record) -> Result<bool, Unknown> {
        if early != matches!(self.when, When::Early) {
            return Ok(false);
        }
        let applies = match &self.when {
            When::Always | When::Early => true,
            When::Env(name, set) => record.env.get(name).is_some() == *set,
            When::Holds(condition) => condition.holds(run, record, &mut BString::default())?,
        };
        if !applies {
            run.trace.note(self.place, || Event::Skipped {
                directive: self.directive.clone(),
                why: "its condition does not hold".to_owned(),
            });
        }
        Ok(applies)
    }

    fn change(&self, table: &mut Table, run: &mut Run<'_>, record: &Record) -> Result<(), Unknown> {
        let name = self.header.as_slice();
        let before = if run.trace.is_on() { table.get(name).map(ToOwned::to_owned) } else { None };
        match &self.action {
            Action::SetIfEmpty if table.get(name).is_some() => {}
            Action::Set | Action::SetIfEmpty => table.set(name, &self.value(run, record)?),
            Action::Add => table.add(name, &self.value(run, record)?),
            Action::Append => table.merge(name, &self.value(run, record)?),
            Action::Merge => {
                let value = self.value(run, record)?;
                if !table.get(name).is_some_and(|old| has_token(old, &value)) {
                    table.merge(name, &value);
                }
            }
            Action::Unset => table.unset(name),
            Action::Edit(regex, repeat) => self.edit(regex, *repeat, table, run, record)?,
            Action::Nothing => {}
        }
        run.trace.note(self.place, || Event::Header {
            name: self.header.clone(),
            before,
            after: table.get(name).map(ToOwned::to_owned),
        });
        Ok(())
    }

    fn value(&self, run: &mut Run<'_>, record: &Record) -> Result<BString, Unknown> {
        let parts = match &self.value {
            Value::Expression(text) => return text.fill(run, record),
            Value::Parts(parts) => parts,
        };
        let mut value = BString::default();
        for part in parts {
            match part {
                Part::Text(text) => value.extend_from_slice(text),
                Part::Env(name) => {
                    let known = record.env.get(name).map_or(BStr::new("(null)"), |v| v);
                    // A line end would end the header.
                    value.extend(known.iter().map(|b| if matches!(b, b'\n' | b'\r') { b' ' } else { *b }));
                }
                Part::Tls(name) if run.request.tls => {
                    return Err(Unknown::at(self.place, format!("the TLS variable {name} is not known")));
                }
                Part::Tls(_) => value.extend_from_slice(b"(null)"),
                Part::Moment(what) => {
                    let why = format!("%{} is time or load of the server", char::from(*what));
                    return Err(Unknown::at(self.place, why));
                }
            }
        }
        Ok(value)
    }

    /// Changes each header of that name; all of them move to the end.
    fn edit(
        &self,
        regex: &Regex,
        repeat: bool,
        table: &mut Table,
        run: &mut Run<'_>,
        record: &Record,
    ) -> Result<(), Unknown> {
        let name = self.header.as_slice();
        let old: Vec<_> = table
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect();
        if old.is_empty() {
            return Ok(());
        }
        let template = Template::new(&self.value(run, record)?, run.policy.level);
        table.unset(name);
        for (name, value) in old {
            let value = self.edited(regex, repeat, &template, &value, run.policy.level)?;
            table.add(&name, &value);
        }
        Ok(())
    }

    fn edited(
        &self,
        regex: &Regex,
        repeat: bool,
        template: &Template,
        value: &[u8],
        level: Level,
    ) -> Result<BString, Unknown> {
        let mut captures = Captures::default();
        let mut edited = BString::default();
        let mut rest = value;
        loop {
            let found = regex
                .captures(rest, &mut captures)
                .map_err(|_hang| Unknown::at(self.place, "the pattern takes too many steps"))?;
            let Some((start, end)) = captures.span(0).filter(|_| found) else { break };
            let Some(filled) = template.fill(rest, &captures) else {
                return Err(Unknown::at(self.place, "the result is longer than the server allows"));
            };
            edited.extend_from_slice(rest.get(..start).unwrap_or_default());
            edited.extend_from_slice(&filled);
            rest = rest.get(end..).unwrap_or_default();
            if !repeat {
                break;
            }
            if end == 0 {
                let why = format!("edit* with a pattern that matches nothing makes a {level} server process crash");
                return Err(Unknown::at(self.place, why));
            }
        }
        edited.extend_from_slice(rest);
        Ok(edited)
    }
}

/// Whether `value` is one of the items of a list as the server splits it: blanks before an item go, those after it do not.
fn has_token(list: &[u8], value: &[u8]) -> bool {
    let mut rest = list;
    while !rest.is_empty() {
        rest = rest.trim_ascii_start();
        let (mut end, mut quoted) = (0, false);
        for byte in rest {
            if *byte == b'"' {
                quoted = !quoted;
            } else if *byte == b',' && !quoted {
                break;
            }
            end += 1;
        }
        let (item, after) = rest.split_at(end.min(rest.len()));
        if item == value {
            return true;
        }
        rest = after.get(1..).unwrap_or_default();
    }
    false
}
