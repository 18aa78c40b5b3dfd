//! `mod_setenvif`: `SetEnvIf`, `SetEnvIfNoCase`, `SetEnvIfExpr`, `BrowserMatch`.
//!
//! Lines of the server are worked off when the request's headers were read, lines of sections after the path was mapped to a
//! file. Not here: `mod_env`, whose variables come later.

use std::{net::IpAddr, sync::Arc};

use bstr::{BString, ByteSlice};

use super::{
    config::{
        Spot,
        words::{self, Args},
    },
    expression,
    level::Level,
    pregsub::Template,
    record::Record,
    regex::{self, Regex},
    run::Run,
    source::Place,
    trace::Event,
    unknown::Unknown,
};

#[cfg(test)]
mod tests;

/// What a server or a section was told.
#[derive(Clone, Debug, Default)]
pub struct Dir {
    lines: Vec<Line>,
}

/// One directive.
#[derive(Clone, Debug)]
struct Line {
    place: Place,
    directive: BString,
    /// What is looked at, as written. Shared by lines of one context that name it alike: the server looks once for a run of
    /// them, so a variable that the first one changes is seen by the second as it was.
    name: Arc<BString>,
    source: Source,
    test: Test,
    changes: Vec<(BString, Change)>,
}

#[derive(Clone, Debug)]
enum Source {
    RemoteAddr,
    RemoteHost,
    RemoteUser,
    ServerAddr,
    RequestUri,
    RequestMethod,
    RequestProtocol,
    /// A field of the client's certificate.
    Certificate,
    /// A header, or else a variable.
    Header,
    /// The last header whose name matches.
    HeaderLike(Regex),
    /// Of `SetEnvIfExpr`.
    Nothing,
}

#[derive(Clone, Debug)]
enum Test {
    /// A pattern without anything special in it: its text is searched, and values are taken as they are, `$1` too.
    Contains {
        text: BString,
        no_case: bool,
    },
    Matches(Regex),
    Holds(expression::Condition),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    Unset,
    Set(BString),
    Fill(Template),
}

impl Dir {
    /// Takes in a directive; `name` is lower case. The text is split here.
    ///
    /// # Errors
    /// In the server's words.
    pub fn directive(&mut self, spot: &Spot<'_>, name: &str, args: Args<'_>) -> Result<(), String> {
        let canonical = canonical(name);
        let no_case = name.ends_with("nocase");
        let (attribute, source, test, rest) = match name {
            "setenvifexpr" => expression(spot, args.raw)?,
            _ => pattern(spot, name, no_case, args.raw)?,
        };
        let plain = matches!(test, Test::Contains { .. });
        let changes = changes(rest, plain, spot.level);
        if changes.is_empty() {
            return Err(format!("Missing envariable expression for {canonical}"));
        }
        let mut directive = BString::from(canonical);
        directive.push(b' ');
        directive.extend_from_slice(args.raw);
        let known = self.lines.iter().map(|l| &l.name).find(|n| n.eq_ignore_ascii_case(&attribute));
        let name = known.map_or_else(|| Arc::new(attribute), Arc::clone);
        self.lines.push(Line { place: spot.place, directive, name, source, test, changes });
        Ok(())
    }

    /// `inner` after this.
    pub fn merge(&self, inner: &Self, _level: Level) -> Self {
        Self { lines: self.lines.iter().chain(&inner.lines).cloned().collect() }
    }

    fn apply(&self, run: &mut Run<'_>, record: &mut Record) -> Result<(), Unknown> {
        let mut subject = BString::default();
        let mut last: Option<&Arc<BString>> = None;
        for line in &self.lines {
            let matched = if let Test::Holds(condition) = &line.test {
                condition.holds(run, record, &mut subject)?
            } else {
                if !last.is_some_and(|last| Arc::ptr_eq(last, &line.name)) {
                    line.look(run, record, &mut subject)?;
                }
                last = Some(&line.name);
                line.matches(run, &subject)?
            };
            run.trace.note(line.place, || Event::Test {
                directive: line.directive.clone(),
                subject: if let Test::Holds(c) = &line.test { c.as_written().clone() } else { subject.clone() },
                matched,
                spans: Vec::new(),
            });
            if matched {
                line.change(run, record, &subject);
            }
        }
        Ok(())
    }
}

/// What a line looks at and tests, and the text after that.
type Parts<'t> = (BString, Source, Test, &'t [u8]);

fn expression<'t>(spot: &Spot<'_>, raw: &'t [u8]) -> Result<Parts<'t>, String> {
    let (text, rest) = words::next(raw);
    if text.is_empty() {
        return Err("Missing expression for SetEnvIfExpr".to_owned());
    }
    let condition =
        expression::Condition::parse(&text, spot).map_err(|e| format!("Could not parse expression \"{text}\": {e}"))?;
    Ok((BString::default(), Source::Nothing, Test::Holds(condition), rest))
}

fn pattern<'t>(spot: &Spot<'_>, name: &str, no_case: bool, raw: &'t [u8]) -> Result<Parts<'t>, String> {
    let canonical = canonical(name);
    let (attribute, rest) = match name {
        "browsermatch" | "browsermatchnocase" => (BString::from("User-Agent"), raw),
        _ => words::next(raw),
    };
    if attribute.is_empty() {
        return Err(format!("Missing header-field name for {canonical}"));
    }
    let (text, rest) = words::next(rest);
    if text.is_empty() {
        return Err(format!("Missing regular expression for {canonical}"));
    }
    let options = regex::Options { no_case, ..spot.regex };
    let tested = match plain(&text) {
        Some(text) => Test::Contains { text, no_case },
        None => Regex::new(&text, options, spot.level)
            .map(Test::Matches)
            .map_err(|_why| format!("{canonical} regex could not be compiled."))?,
    };
    let source = source(&attribute, canonical, options, spot)?;
    Ok((attribute, source, tested, rest))
}

impl Line {
    /// Writes what is looked at to `value`; what is not there is empty.
    fn look(&self, run: &Run<'_>, record: &Record, value: &mut BString) -> Result<(), Unknown> {
        value.clear();
        match &self.source {
            Source::RemoteAddr => push_address(value, record.client),
            Source::RemoteHost => match &record.client_name {
                Some(Some(name)) => value.extend_from_slice(name.as_bytes()),
                _ => push_address(value, record.client),
            },
            Source::RemoteUser => {
                value.extend_from_slice(record.user.as_deref().map(Vec::as_slice).unwrap_or_default());
            }
            Source::ServerAddr => push_address(value, run.request.server),
            Source::RequestUri => value.extend_from_slice(&record.uri),
            Source::RequestMethod => value.extend_from_slice(&record.method),
            Source::RequestProtocol => value.extend_from_slice(&record.protocol),
            Source::Certificate if run.request.tls => {
                return Err(Unknown::at(self.place, "the client's certificate is not known"));
            }
            Source::Certificate | Source::Nothing => {}
            Source::Header => {
                let name = self.name.as_slice();
                if let Some(found) = record.headers.get(name).or_else(|| record.env.get(name)) {
                    value.extend_from_slice(found);
                }
            }
            Source::HeaderLike(pattern) => {
                for (name, found) in record.headers.iter() {
                    if self.found(pattern.is_match(name))? {
                        value.clear();
                        value.extend_from_slice(found);
                    }
                }
            }
        }
        Ok(())
    }

    fn matches(&self, run: &mut Run<'_>, subject: &[u8]) -> Result<bool, Unknown> {
        match &self.test {
            Test::Contains { text, no_case: false } => Ok(subject.contains_str(text)),
            Test::Contains { text, no_case: true } => {
                Ok(subject.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text)))
            }
            Test::Matches(pattern) if self.changes.iter().any(|(_, c)| matches!(c, Change::Fill(_))) => {
                self.found(pattern.captures(subject, &mut run.captures))
            }
            Test::Matches(pattern) => self.found(pattern.is_match(subject)),
            Test::Holds(_) => Ok(false),
        }
    }

    fn found(&self, answer: Result<bool, regex::Hang>) -> Result<bool, Unknown> {
        answer.map_err(|_hang| Unknown::at(self.place, "the pattern takes too many steps"))
    }

    fn change(&self, run: &mut Run<'_>, record: &mut Record, subject: &[u8]) {
        for (name, change) in &self.changes {
            let filled;
            let value = match change {
                Change::Unset => None,
                Change::Set(value) => Some(value),
                Change::Fill(template) => match template.fill(subject, &run.captures) {
                    Some(value) => {
                        filled = value;
                        Some(&filled)
                    }
                    // Too long: left as it is.
                    None => continue,
                },
            };
            run.trace.note(self.place, || Event::Env {
                name: name.clone(),
                before: record.env.get(name).map(ToOwned::to_owned),
                after: value.cloned(),
            });
            match value {
                Some(value) => record.env.set(name, value),
                None => record.env.unset(name),
            }
        }
    }
}

/// Lines of the server, for a request and each internal redirect of it, when its headers are there. Not for subrequests.
///
/// # Errors
/// When an expression or a certificate decides that is not known.
pub fn post_read(run: &mut Run<'_>, record: &mut Record) -> Result<(), Unknown> {
    let policy = run.policy;
    policy.server(record.server).setenvif.apply(run, record)
}

/// Lines of sections, after sections and `.htaccess` were merged and before access is checked. Not for subrequests: the server
/// does not read theirs.
///
/// # Errors
/// As [`post_read`].
pub fn header_parser(run: &mut Run<'_>, record: &mut Record) -> Result<(), Unknown> {
    match record.dir.setenvif.clone() {
        Some(dir) if !record.is_subrequest() => dir.apply(run, record),
        _ => Ok(()),
    }
}

fn push_address(value: &mut BString, address: IpAddr) {
    use std::io::Write as _;
    // Writing to memory does not fail.
    if write!(value, "{}", address.to_canonical()).is_err() {
        value.clear();
    }
}

/// What a name stands for.
fn source(name: &[u8], canonical: &str, options: regex::Options, spot: &Spot<'_>) -> Result<Source, String> {
    Ok(match name.to_ascii_lowercase().as_slice() {
        b"remote_addr" => Source::RemoteAddr,
        b"remote_host" => Source::RemoteHost,
        b"remote_user" => Source::RemoteUser,
        b"server_addr" => Source::ServerAddr,
        b"request_uri" => Source::RequestUri,
        b"request_method" => Source::RequestMethod,
        b"request_protocol" => Source::RequestProtocol,
        _ if is_oid(name) => Source::Certificate,
        lower if lower.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) => Source::Header,
        _ => Regex::new(name, options, spot.level)
            .map(Source::HeaderLike)
            .map_err(|_why| format!("{canonical}Header name regex could not be compiled."))?,
    })
}

/// `oid("1.2.3")`.
fn is_oid(name: &[u8]) -> bool {
    let Some(inside) = name.strip_prefix(b"oid(").and_then(|n| n.strip_suffix(b")")) else { return false };
    let inside = inside.strip_prefix(b"\"").unwrap_or(inside);
    let inside = inside.strip_suffix(b"\"").unwrap_or(inside);
    !inside.is_empty() && inside.iter().all(|b| b.is_ascii_digit() || *b == b'.')
}

/// The text that `pattern` stands for, when nothing in it is special (`non_regex_pattern`).
fn plain(pattern: &[u8]) -> Option<BString> {
    let mut text = BString::default();
    let mut bytes = pattern.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => text.push(*bytes.next().filter(|b| b"^.$|()[]*+?{}\\".contains(b))?),
            b'^' | b'.' | b'$' | b'|' | b'(' | b')' | b'[' | b']' | b'*' | b'+' | b'?' | b'{' | b'}' => return None,
            _ => text.push(*byte),
        }
    }
    Some(text)
}

/// `NAME`, `NAME=VALUE`, `!NAME`. An empty value is `1`, and one that starts with `!` unsets, as it does on the server.
fn changes(mut rest: &[u8], plain: bool, level: Level) -> Vec<(BString, Change)> {
    let mut changes = Vec::new();
    loop {
        let (word, after) = words::next(rest);
        if word.is_empty() {
            return changes;
        }
        rest = after;
        let (name, value) = match word.find_byte(b'=') {
            Some(at) => (&word[..at], word[at..].trim_start_with(|c| c == '=')),
            None => (word.as_slice(), [].as_slice()),
        };
        let (name, change) = match (name, value) {
            (_, [b'!', ..]) => (name, Change::Unset),
            ([b'!', name @ ..], []) => (name, Change::Unset),
            (_, []) => (name, Change::Set("1".into())),
            _ if plain => (name, Change::Set(value.into())),
            _ => match Template::new(value, level) {
                template if template.has_groups() => (name, Change::Fill(template)),
                // Its backslashes still go.
                template => {
                    let value = template.fill(b"", &regex::Captures::default());
                    match value {
                        Some(value) => (name, Change::Set(value)),
                        None => continue,
                    }
                }
            },
        };
        changes.push((name.into(), change));
    }
}

/// The name as the server spells it.
fn canonical(name: &str) -> &'static str {
    match name {
        "setenvifnocase" => "SetEnvIfNoCase",
        "setenvifexpr" => "SetEnvIfExpr",
        "browsermatch" => "BrowserMatch",
        "browsermatchnocase" => "BrowserMatchNoCase",
        _ => "SetEnvIf",
    }
}
