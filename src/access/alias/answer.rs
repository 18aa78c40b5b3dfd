//! What `mod_alias` does with a request: in translation, and again for sections in the fixups.

use bstr::BString;

use super::{
    Away, Dir, Entry, Fake, Real, UNKNOWN_REDIRECT, Whole, is_redirect, known,
    url::{absolute, escape_url, is_url, prefix},
};
use crate::access::{
    escape,
    level::Level,
    record::{Flow, Record},
    regex::Captures,
    run::Run,
    source::Place,
    trace::Event,
    unknown::Unknown,
};

/// What was found for the path.
struct Found<'e> {
    place: Place,
    /// Where to; empty when only a status is said. None when the result is too long.
    target: Option<BString>,
    status: u16,
    entry: Option<&'e Entry>,
}

/// Redirects and aliases of the server, and of the `Location` (`translate_alias_redir`).
///
/// # Errors
/// When an expression or a root that is not known decides.
pub fn translate(run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    if !matches!(record.uri.first(), None | Some(b'/')) {
        return Ok(Flow::Declined);
    }
    let server = &run.policy.server(record.server).alias;
    let dir = record.dir.alias.clone();
    let dir = dir.as_deref();
    let mut found = None;
    if let Some(away) = dir.and_then(|d| d.redirect.as_ref()) {
        found = Some(away.go(run, record)?);
    }
    if found.is_none() {
        found = first(&server.redirects, true, run, record)?;
    }
    if let Some(found) = found {
        return redirect(&found, relative(dir), run, record);
    }
    if let Some(whole) = dir.and_then(|d| d.alias.as_ref()) {
        return whole.map(dir.is_some_and(|d| d.preserve_path == Some(true)), run, record);
    }
    match first(&server.aliases, false, run, record)? {
        Some(Found { place, target, entry, .. }) => {
            let Some(target) = target else { return Ok(Flow::Status(500)) };
            map(place, entry.and_then(|e| e.handler), &target, run, record)
        }
        None => Ok(Flow::Declined),
    }
}

/// Redirects of sections (`fixup_redir`).
///
/// # Errors
/// When an expression decides that cannot be told.
pub fn fixup(run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    let Some(dir) = record.dir.alias.clone() else { return Ok(Flow::Declined) };
    let found = match &dir.redirect {
        Some(away) => Some(away.go(run, record)?),
        None => first(&dir.redirects, true, run, record)?,
    };
    match found {
        Some(found) => redirect(&found, relative(Some(&dir)), run, record),
        None => Ok(Flow::Declined),
    }
}

fn relative(dir: Option<&Dir>) -> bool {
    dir.is_some_and(|d| d.relative == Some(true))
}

impl Away {
    fn go(&self, run: &mut Run<'_>, record: &Record) -> Result<Found<'static>, Unknown> {
        run.trace.note(self.place, || Event::Test {
            directive: self.directive.clone(),
            subject: record.uri.clone(),
            matched: true,
            spans: Vec::new(),
        });
        let target = match &self.real {
            Some(text) => escape_url(&text.fill(run, record)?, run.policy.level),
            None => BString::default(),
        };
        Ok(Found { place: self.place, target: Some(target), status: self.status, entry: None })
    }
}

impl Whole {
    fn map(&self, preserve: bool, run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
        run.trace.note(self.place, || Event::Test {
            directive: self.directive.clone(),
            subject: record.uri.clone(),
            matched: true,
            spans: Vec::new(),
        });
        let mut target = self.real.fill(run, record)?;
        if preserve {
            let taken = prefix(&record.uri, &self.fake);
            if taken > 0 {
                record.context_prefix.clone_from(&self.fake);
                record.context_document_root = Some(target.clone());
                target.extend_from_slice(record.uri.get(taken..).unwrap_or_default());
            }
        }
        map(self.place, self.handler, &target, run, record)
    }
}

/// The first line that matches (`try_alias_list`).
fn first<'e>(
    entries: &'e [Entry],
    redirects: bool,
    run: &mut Run<'_>,
    record: &mut Record,
) -> Result<Option<Found<'e>>, Unknown> {
    let level = run.policy.level;
    for entry in entries {
        if let Some(target) = entry.test(redirects, level, run, record)? {
            return Ok(Some(Found { place: entry.place, target, status: entry.status, entry: Some(entry) }));
        }
    }
    Ok(None)
}

impl Entry {
    /// The target when the line matches; inside, none when that is too long.
    #[expect(clippy::option_option, reason = "no match, and no result of a match, are two things")]
    fn test(
        &self,
        redirect: bool,
        level: Level,
        run: &mut Run<'_>,
        record: &mut Record,
    ) -> Result<Option<Option<BString>>, Unknown> {
        match &self.fake {
            Fake::Prefix(fake) => {
                let taken = prefix(&record.uri, fake);
                self.note(run, record, taken > 0, || vec![Some((0, taken))]);
                if taken == 0 {
                    return Ok(None);
                }
                let Some(Real::Plain(real)) = &self.real else { return Ok(Some(Some(BString::default()))) };
                if level.is_24() {
                    record.context_prefix.clone_from(fake);
                    record.context_document_root = Some(real.clone());
                }
                let rest = record.uri.get(taken..).unwrap_or_default();
                let mut target = real.clone();
                if redirect {
                    target.extend_from_slice(&escape::path(rest, level));
                } else {
                    target.extend_from_slice(rest);
                }
                Ok(Some(Some(target)))
            }
            Fake::Missing => Err(Unknown::at(self.place, "a Redirect without path makes the server process crash")),
            Fake::Pattern(regex) => {
                let mut captures = Captures::default();
                let matched = regex
                    .captures(&record.uri, &mut captures)
                    .map_err(|_hang| Unknown::at(self.place, "the pattern takes too many steps"))?;
                self.note(run, record, matched, || spans(&captures));
                if !matched {
                    return Ok(None);
                }
                let Some(Real::Filled(real)) = &self.real else { return Ok(Some(Some(BString::default()))) };
                let target = real.fill(&record.uri, &captures);
                Ok(Some(if redirect { target.map(|t| escape_url(&t, level)) } else { target }))
            }
        }
    }

    fn note(&self, run: &mut Run<'_>, record: &Record, matched: bool, spans: impl FnOnce() -> Spans) {
        run.trace.note(self.place, || Event::Test {
            directive: self.directive.clone(),
            subject: record.uri.clone(),
            matched,
            spans: if matched { spans() } else { Vec::new() },
        });
    }
}

/// Where the match and its groups are.
type Spans = Vec<Option<(usize, usize)>>;

fn spans(captures: &Captures) -> Spans {
    (0..crate::access::regex::CAPTURES).map(|n| captures.span(n)).collect()
}

fn map(
    place: Place,
    handler: Option<&str>,
    target: &[u8],
    run: &mut Run<'_>,
    record: &mut Record,
) -> Result<Flow, Unknown> {
    let root = run.policy.server(record.server).alias.root.as_ref();
    let file = absolute(root.map(|r| r.as_slice()), target)
        .ok_or_else(|| Unknown::at(place, "the path is relative and ServerRoot is not known"))?;
    if let Some(handler) = handler {
        record.handler = Some(handler.into());
    }
    run.trace.note(place, || Event::Decided(format!("{} is mapped to {file}", record.uri)));
    record.filename = Some(file);
    Ok(Flow::Done)
}

fn redirect(found: &Found<'_>, relative: bool, run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    let (place, level) = (found.place, run.policy.level);
    let Some(target) = &found.target else { return Ok(Flow::Status(500)) };
    if found.status == 0 {
        return Err(Unknown::at(place, "the status 0 leaves the request without a file"));
    }
    let status = if known(found.status, level) { found.status } else { 500 };
    if !is_redirect(found.status) {
        run.decide(Some(place), || format!("the answer is {status}"));
        return Ok(Flow::Status(status));
    }
    let mut location = target.clone();
    if level >= Level::V2_2_34 {
        if location.starts_with(b"/") && !relative {
            location = run.absolute(record, &location);
        }
        let fine = is_url(&location) || (relative && location.starts_with(b"/"));
        if !fine {
            run.decide(Some(place), || format!("{location} is no address: the answer is 500"));
            return Ok(Flow::Status(500));
        }
    }
    // 2.2.8 appends the query even to a target that has its own.
    if let Some(args) = &record.args
        && (level < Level::V2_2_34 || !location.contains(&b'?'))
    {
        location.push(b'?');
        location.extend_from_slice(args);
    }
    run.decide(Some(place), || format!("redirected to {location} with {status}"));
    record.location = Some(location);
    debug_assert!(found.status != UNKNOWN_REDIRECT || status == 500);
    Ok(Flow::Status(status))
}
