//! `mod_headers`: request headers that the configuration changes, and `Location` as far as `Header` can change it.
//!
//! Here: what the directives say. `answer` does it to a request. Not here: response headers other than `Location`, which
//! decide nothing; their directives are checked and forgotten.

use bstr::{BStr, BString, ByteSlice};

use super::{
    config::{
        Spot,
        words::{self, Args},
    },
    expression,
    level::Level,
    regex::Regex,
    source::Place,
};

mod answer;
#[cfg(test)]
mod tests;

pub use super::remote_ip::RemoteIp;
pub use answer::{early, fixup, respond};

/// What a section was told. What stands outside of sections belongs to the section that is the whole server.
#[derive(Clone, Debug, Default)]
pub struct Dir {
    request: Vec<Line>,
    /// `Header` for `Location`.
    location: Vec<Line>,
    /// `Header always` for `Location`.
    always: Vec<Line>,
}

/// One directive.
#[derive(Clone, Debug)]
struct Line {
    place: Place,
    directive: BString,
    action: Action,
    header: BString,
    value: Value,
    when: When,
}

#[derive(Clone, Debug)]
enum Action {
    Set,
    SetIfEmpty,
    Add,
    Append,
    Merge,
    Unset,
    /// `edit` and, with `true`, `edit*`.
    Edit(Regex, bool),
    /// `echo` and `note`: nothing that anybody sees.
    Nothing,
}

#[derive(Clone, Debug)]
enum Value {
    Parts(Vec<Part>),
    Expression(expression::Text),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(BString),
    /// `%{NAME}e`.
    Env(BString),
    /// `%{NAME}s`.
    Tls(BString),
    /// Time, duration, load: cannot be known.
    Moment(u8),
}

#[derive(Clone, Debug)]
enum When {
    Always,
    /// Before the request is mapped to a file, rather than in the fixups.
    Early,
    /// `env=NAME`, or `env=!NAME` with `false`.
    Env(BString, bool),
    Holds(expression::Condition),
}

/// Which of the two directives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Request,
    Response,
}

impl Dir {
    /// Takes in a directive; `name` is lower case, `header` or `requestheader`. The text is split here.
    ///
    /// # Errors
    /// In the server's words.
    pub fn directive(&mut self, spot: &Spot<'_>, name: &str, args: Args<'_>) -> Result<(), String> {
        let kind = if name == "requestheader" { Kind::Request } else { Kind::Response };
        let canonical = if kind == Kind::Request { "RequestHeader" } else { "Header" };
        let (mut action, mut rest) = words::next(args.raw);
        let mut always = false;
        if kind == Kind::Response && matches!(action.to_ascii_lowercase().as_slice(), b"always" | b"onsuccess") {
            always = action.eq_ignore_ascii_case(b"always");
            (action, rest) = words::next(rest);
        }
        let (header, rest) = words::next(rest);
        let mut further = Vec::new();
        let mut rest = rest;
        while !rest.is_empty() && further.len() < 3 {
            let (word, after) = words::next(rest);
            further.push(word);
            rest = after;
        }
        if !rest.is_empty() {
            return Err(format!("{canonical} has too many arguments"));
        }
        let mut directive = BString::from(canonical);
        directive.push(b' ');
        directive.extend_from_slice(args.raw);
        let line = line(spot, kind, action.as_bstr(), header.as_bstr(), &mut further.into_iter(), directive)?;
        match kind {
            Kind::Request => self.request.push(line),
            Kind::Response if !line.header.eq_ignore_ascii_case(b"Location") => {}
            Kind::Response if always => self.always.push(line),
            Kind::Response => self.location.push(line),
        }
        Ok(())
    }

    /// `inner` after this.
    pub fn merge(&self, inner: &Self, _level: Level) -> Self {
        let both = |outer: &[Line], inner: &[Line]| outer.iter().chain(inner).cloned().collect();
        Self {
            request: both(&self.request, &inner.request),
            location: both(&self.location, &inner.location),
            always: both(&self.always, &inner.always),
        }
    }
}

/// Reads one directive (`header_inout_cmd`).
fn line(
    spot: &Spot<'_>,
    kind: Kind,
    action: &BStr,
    header: &BStr,
    further: &mut dyn Iterator<Item = BString>,
    directive: BString,
) -> Result<Line, String> {
    let name = action.to_ascii_lowercase();
    let known = actions(spot.level).contains(&name.to_str_lossy().as_ref());
    if !known {
        return Err(if spot.level.is_24() { ACTIONS_2_4 } else { ACTIONS_2_2 }.to_owned());
    }
    if kind == Kind::Request && name == b"note" && spot.level >= Level::V2_4_71 {
        return Err("RequestHeader does not support the 'note' action".to_owned());
    }
    let (mut value, subs, last) = (further.next(), further.next(), further.next());
    let (mut when, mut text) = (subs.clone(), value.clone());
    let action = match name.as_slice() {
        b"edit" | b"edit*" => {
            let (Some(pattern), Some(subs)) = (value.take(), subs) else {
                return Err("Header edit requires a match and a substitution".to_owned());
            };
            let regex = Regex::new(&pattern, spot.regex, spot.level)
                .map_err(|_why| "Header edit regex could not be compiled".to_owned())?;
            (when, text) = (last, Some(subs));
            Action::Edit(regex, name == b"edit*")
        }
        _ if last.is_some() => return Err("Too many arguments to directive".to_owned()),
        b"unset" | b"echo" => {
            if value.is_some() {
                if when.is_some() {
                    let who = if name == b"unset" { "header unset" } else { "Header echo" };
                    return Err(format!("{who} takes two arguments"));
                }
                (when, text) = (value, None);
            }
            echo(kind, &name, header, spot)?
        }
        _ if value.is_none() => return Err("Header requires three arguments".to_owned()),
        b"set" => Action::Set,
        b"setifempty" => Action::SetIfEmpty,
        b"add" => Action::Add,
        b"append" => Action::Append,
        b"merge" => Action::Merge,
        _ => Action::Nothing,
    };
    let when = when.map_or(Ok(When::Always), |when| condition(when.as_bstr(), spot))?;
    let header = header.split(|b| *b == b':').next().unwrap_or_default().into();
    let raw = matches!(action, Action::Edit(..)) && !spot.level.is_24();
    let value = match text {
        None => Value::Parts(Vec::new()),
        // 2.2 takes the substitution of `edit` as it is.
        Some(text) if raw => Value::Parts(vec![Part::Text(text)]),
        Some(text) => format_string(text.as_bstr(), spot)?,
    };
    Ok(Line { place: spot.place, directive, action, header, value, when })
}

const ACTIONS_2_4: &str = "first argument must be 'add', 'set', 'setifempty', 'append', 'merge', 'unset', 'echo', \
                           'note', 'edit', or 'edit*'.";
const ACTIONS_2_2: &str = "first argument must be 'add', 'set', 'append', 'merge', 'unset', 'echo', or 'edit'.";

fn actions(level: Level) -> &'static [&'static str] {
    const ALL: &[&str] = &["add", "set", "append", "merge", "unset", "echo", "edit", "edit*", "setifempty", "note"];
    if level.is_24() { ALL } else { ALL.get(..7).unwrap_or(ALL) }
}

/// `unset`, and `echo`, whose header is a pattern.
fn echo(kind: Kind, name: &[u8], header: &BStr, spot: &Spot<'_>) -> Result<Action, String> {
    if name == b"unset" {
        return Ok(Action::Unset);
    }
    if kind == Kind::Request {
        return Err("Header echo only valid on Header directives".to_owned());
    }
    Regex::new(header, spot.regex, spot.level)
        .map(|_| Action::Nothing)
        .map_err(|_why| "Header echo regex could not be compiled".to_owned())
}

/// What stands at the end of the line.
fn condition(text: &BStr, spot: &Spot<'_>) -> Result<When, String> {
    let lower = text.to_ascii_lowercase();
    if lower == b"early" {
        return Ok(When::Early);
    }
    if lower.starts_with(b"env=") {
        let name = text.get(4..).unwrap_or_default();
        let (name, set) = name.strip_prefix(b"!").map_or((name, true), |name| (name, false));
        if name.is_empty() {
            let error = "error: missing environment variable name. envclause should be in the form env=envar ";
            return Err(error.to_owned());
        }
        return Ok(When::Env(name.into(), set));
    }
    if !spot.level.is_24() {
        return Err("error: envclause should be in the form env=envar".to_owned());
    }
    if lower.starts_with(b"expr=") {
        return expression::Condition::parse(text.get(5..).unwrap_or_default(), spot)
            .map(When::Holds)
            .map_err(|e| format!("Can't parse envclause/expression: {e}"));
    }
    Err(format!("Unknown parameter: {text}"))
}

/// Text with `%{NAME}e` and the like (`parse_format_string`).
fn format_string(text: &BStr, spot: &Spot<'_>) -> Result<Value, String> {
    if let Some(text) = text.strip_prefix(b"expr=").filter(|_| spot.level.is_24()) {
        return expression::Text::parse(text, spot)
            .map(Value::Expression)
            .map_err(|e| format!("Can't parse value expression : {e}"));
    }
    let mut parts = Vec::new();
    let mut plain = BString::default();
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.first()) {
            (b'%', None | Some(b'%')) => {
                plain.push(b'%');
                rest = after.get(1..).unwrap_or_default();
            }
            (b'%', Some(_)) => {
                let (part, after) = tag(after, spot.level)?;
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(part);
                rest = after;
            }
            (b'\\', Some(escaped)) => {
                let meant = match escaped {
                    b'\\' => b'\\',
                    b'r' => b'\r',
                    b'n' => b'\n',
                    b't' => b'\t',
                    _ => {
                        plain.push(b'\\');
                        continue;
                    }
                };
                plain.push(meant);
                rest = after.get(1..).unwrap_or_default();
            }
            _ => plain.push(*byte),
        }
    }
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    Ok(Value::Parts(parts))
}

/// What stands after a percent sign, and the text after that.
fn tag(text: &[u8], level: Level) -> Result<(Part, &[u8]), String> {
    let (argument, rest) = match text.strip_prefix(b"{") {
        Some(inside) => {
            let end = inside.find_byte(b'}').unwrap_or(inside.len());
            (inside.get(..end).unwrap_or_default(), inside.get(end + 1..).unwrap_or_default())
        }
        None => (&[][..], text),
    };
    let part = match rest.first() {
        Some(b'e') => Part::Env(argument.into()),
        Some(b's') => Part::Tls(argument.into()),
        Some(what @ (b't' | b'D')) => Part::Moment(*what),
        Some(what @ (b'l' | b'i' | b'b')) if level.is_24() => Part::Moment(*what),
        other => {
            let other = other.map_or(BStr::new(""), |b| BStr::new(std::slice::from_ref(b)));
            return Err(format!("Unrecognized header format %{other}"));
        }
    };
    Ok((part, rest.get(1..).unwrap_or_default()))
}
