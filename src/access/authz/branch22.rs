//! `Require` of 2.2: core keeps the lines, `mod_authz_groupfile`, `mod_authz_user` and `mod_authz_default` read them in this order.
//!
//! Not here: the sign-in before it ([`super::basic`]).

use bstr::{BString, ByteSlice};

use super::{Dir, files};
use crate::access::{
    config::{Limit, Spot, words},
    record::{Flow, Record},
    run::Run,
    source::Place,
    trace::Event,
    unknown::Unknown,
};

/// One `Require`. Any first word is accepted; only `user`, `group` and `valid-user` mean something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    kind: BString,
    names: Vec<BString>,
    text: BString,
    limit: Option<Limit>,
    place: Place,
}

impl Line {
    pub(super) fn read(spot: &Spot<'_>, line: &[u8]) -> Self {
        let mut words = words::all(line);
        let kind = if words.is_empty() { BString::default() } else { words.remove(0) };
        Self { kind, names: words, text: line.into(), limit: spot.limit.cloned(), place: spot.place }
    }

    fn covers(&self, method: &[u8]) -> bool {
        self.limit.as_ref().is_none_or(|limit| limit.covers(method))
    }
}

/// Whether a line is for the method (`ap_some_auth_required`).
pub(super) fn some_required(dir: &Dir, method: &[u8]) -> bool {
    dir.lines.iter().flat_map(|lines| lines.iter()).any(|line| line.covers(method))
}

/// The phase `auth_checker`.
pub(super) fn check_authorization(dir: &Dir, run: &mut Run<'_>, record: &Record) -> Result<Flow, Unknown> {
    let mut lines = Vec::new();
    for line in dir.lines.iter().flat_map(|lines| lines.iter()) {
        let directive = || BString::from(format!("Require {}", line.text));
        if line.covers(&record.method) {
            lines.push(line);
        } else {
            let why = || "limited to other methods".to_owned();
            run.trace.note(line.place, || Event::Skipped { directive: directive(), why: why() });
        }
    }
    let by_group = groups(dir, &lines, run, record)?;
    if by_group != Flow::Declined {
        return Ok(by_group);
    }
    let by_user = users(dir, &lines, run, record);
    if by_user != Flow::Declined {
        return Ok(by_user);
    }
    Ok(if lines.is_empty() {
        Flow::Done
    } else if dir.authoritative.default_authz.unwrap_or(true) {
        Flow::Status(401)
    } else {
        Flow::Declined
    })
}

fn note(line: &Line, matched: bool, run: &mut Run<'_>, record: &Record) {
    if !matched {
        run.decided = Some(line.place);
    }
    run.trace.note(line.place, || Event::Test {
        directive: format!("Require {}", line.text).into(),
        subject: record.user.clone().unwrap_or_default(),
        matched,
        spans: Vec::new(),
    });
}

fn groups(dir: &Dir, lines: &[&Line], run: &mut Run<'_>, record: &Record) -> Result<Flow, Unknown> {
    let mut asked = lines.iter().filter(|line| line.kind.eq_ignore_ascii_case(b"group")).peekable();
    if asked.peek().is_none() {
        return Ok(Flow::Declined);
    }
    let user = record.user.as_ref().map_or(b"".as_slice(), |u| u.as_bytes());
    let Some(groups) = files::groups_of(run, record, user)? else { return Ok(Flow::Declined) };
    for line in asked {
        let member = line.names.iter().any(|name| groups.iter().any(|g| g.eq_ignore_ascii_case(name)));
        note(line, member, run, record);
        if member {
            return Ok(Flow::Done);
        }
    }
    let authoritative = dir.authoritative.group.unwrap_or(true);
    Ok(if authoritative { Flow::Status(401) } else { Flow::Declined })
}

fn users(dir: &Dir, lines: &[&Line], run: &mut Run<'_>, record: &Record) -> Flow {
    let mut by_name = false;
    for line in lines {
        let named = line.kind.eq_ignore_ascii_case(b"user");
        let any = line.kind.eq_ignore_ascii_case(b"valid-user");
        if !(named || any) {
            continue;
        }
        by_name |= named;
        let matched = any || line.names.iter().any(|name| record.user.as_ref() == Some(name));
        note(line, matched, run, record);
        if matched {
            return Flow::Done;
        }
    }
    if by_name && dir.authoritative.user.unwrap_or(true) { Flow::Status(401) } else { Flow::Declined }
}
