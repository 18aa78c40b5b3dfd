//! `Require` of 2.4 and its containers (`mod_authz_core`): a tree, how it is built, merged and asked.
//!
//! Not here: what one `Require` asks for ([`super::provider`]) and what comes of the answer ([`super::decide`]).

use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::provider::{Provider, Status};
use crate::access::{
    config::{Directive, Limit, Spot, words},
    record::Record,
    run::Run,
    source::Place,
    trace::Event,
    unknown::Unknown,
};

/// How deep containers may be nested.
const DEEPEST: usize = 100;

/// Who takes in what stands in a container and is not of this module; says what is wrong, and on which line.
pub type Other<'o> = dyn FnMut(&Directive) -> Result<(), (Place, String)> + 'o;

/// How the parts of a container go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Logic {
    And,
    Or,
}

/// `AuthMerging`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Merging {
    Off,
    With(Logic),
}

impl Merging {
    pub(super) fn named(text: &[u8]) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_slice() {
            b"off" => Ok(Self::Off),
            b"and" => Ok(Self::With(Logic::And)),
            b"or" => Ok(Self::With(Logic::Or)),
            _ => Err("AuthMerging must be one of: Off | And | Or".to_owned()),
        }
    }
}

/// A `Require` or a container.
#[derive(Clone, Debug)]
pub(super) struct Node {
    negated: bool,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Leaf { provider: Provider, text: BString, limit: Option<Limit>, place: Place },
    Group { logic: Logic, merged: bool, parts: Vec<Arc<Node>>, place: Option<Place> },
}

impl Node {
    fn group(logic: Logic, negated: bool, place: Option<Place>) -> Self {
        Self { negated, kind: Kind::Group { logic, merged: false, parts: Vec::new(), place } }
    }

    /// Two sections, combined.
    pub(super) fn merged(logic: Logic, outer: Arc<Self>, inner: Arc<Self>) -> Self {
        Self { negated: false, kind: Kind::Group { logic, merged: true, parts: vec![outer, inner], place: None } }
    }

    /// As the server's log shows it.
    fn text(&self) -> BString {
        match &self.kind {
            Kind::Leaf { text, .. } => {
                [if self.negated { b"Require not ".as_slice() } else { b"Require " }, text].concat().into()
            }
            Kind::Group { logic, merged, .. } => {
                let what = match (logic, self.negated) {
                    (Logic::And, false) => "All",
                    (Logic::And, true) => "NotAll",
                    (Logic::Or, false) => "Any",
                    (Logic::Or, true) => "None",
                };
                if *merged { format!("AuthMerging {what}").into() } else { format!("<Require{what}>").into() }
            }
        }
    }

    fn place(&self) -> Option<Place> {
        match &self.kind {
            Kind::Leaf { place, .. } => Some(*place),
            Kind::Group { place, .. } => *place,
        }
    }

    fn is_or(&self) -> bool {
        matches!(self.kind, Kind::Group { logic: Logic::Or, .. })
    }

    fn parts(&self) -> &[Arc<Node>] {
        match &self.kind {
            Kind::Leaf { .. } => &[],
            Kind::Group { parts, .. } => parts,
        }
    }

    fn add(&mut self, more: impl IntoIterator<Item = Arc<Node>>) {
        if let Kind::Group { parts, .. } = &mut self.kind {
            parts.extend(more);
        }
    }

    /// Whether it says anything about the method.
    pub(super) fn covers(&self, method: &[u8]) -> bool {
        match &self.kind {
            Kind::Leaf { limit, .. } => limit.as_ref().is_none_or(|limit| limit.covers(method)),
            Kind::Group { parts, .. } => parts.iter().any(|part| part.covers(method)),
        }
    }

    /// Adds a `Require` line to the section that is being read.
    pub(super) fn require(section: &mut Option<Arc<Node>>, spot: &Spot<'_>, line: &[u8]) -> Result<(), String> {
        let (mut name, mut text) = words::next(line);
        let negated = name.eq_ignore_ascii_case(b"not");
        if negated {
            (name, text) = words::next(text);
        }
        let provider = Provider::named(spot, name.as_bstr(), text)?;
        let text = [name.as_slice(), b" ", text].concat().into();
        let leaf = Kind::Leaf { provider, text, limit: spot.limit.cloned(), place: spot.place };
        let section = Arc::make_mut(section.get_or_insert_with(|| Arc::new(Self::group(Logic::Or, false, None))));
        if negated && section.is_or() {
            return Err(format!("negative Require directive has no effect in {} directive", section.text()));
        }
        section.add([Arc::new(Self { negated, kind: leaf })]);
        Ok(())
    }

    /// Adds a container, `<RequireAll>` and the like, to the section that is being read.
    ///
    /// # Errors
    /// What is wrong, in the server's words, and the line that is reported.
    pub(super) fn container(
        section: &mut Option<Arc<Node>>,
        spot: &Spot<'_>,
        directive: &Directive,
        depth: usize,
        other: &mut Other<'_>,
    ) -> Result<(), (Place, String)> {
        let spot = Spot { place: directive.place, ..*spot };
        let wrong = |message: String| (directive.place, message);
        let Some((logic, negated)) = container_kind(&directive.name) else { return other(directive) };
        if !directive.args.trim().is_empty() {
            return Err(wrong(format!("{}> directive doesn't take additional arguments", directive.name)));
        }
        if depth == DEEPEST {
            return Err(wrong("containers are nested too deeply".to_owned()));
        }
        let mut inner = Some(Arc::new(Self::group(logic, negated, Some(directive.place))));
        Self::children(&mut inner, &spot, directive, depth, other)?;
        let Some(inner) = inner.filter(|inner| !inner.parts().is_empty()) else {
            let text = Self::group(logic, negated, None).text();
            return Err(wrong(format!("{text} directive contains no authorization directives")));
        };
        let section = Arc::make_mut(section.get_or_insert_with(|| Arc::new(Self::group(Logic::Or, false, None))));
        if negated && section.is_or() {
            return Err(wrong(format!("{} directive has no effect in {} directive", inner.text(), section.text())));
        }
        if !negated && section.is_or() == (logic == Logic::Or) {
            section.add(inner.parts().iter().cloned());
        } else {
            section.add([inner]);
        }
        Ok(())
    }

    /// What stands in a container, or in a `Limit` in it.
    fn children(
        section: &mut Option<Arc<Node>>,
        spot: &Spot<'_>,
        directive: &Directive,
        depth: usize,
        other: &mut Other<'_>,
    ) -> Result<(), (Place, String)> {
        for child in directive.children.iter().flatten() {
            if child.name.eq_ignore_ascii_case(b"Require") {
                let spot = Spot { place: child.place, ..*spot };
                Self::require(section, &spot, &child.args).map_err(|message| (child.place, message))?;
            } else if let Some(limit) = limit(child).filter(|_| depth < DEEPEST) {
                Self::children(section, &Spot { limit: Some(&limit), ..*spot }, child, depth + 1, other)?;
            } else {
                Self::container(section, spot, child, depth + 1, other)?;
            }
        }
        Ok(())
    }

    /// What the server does with every section once all is read: a section of only negative directives is refused, and
    /// `RequireNone` in `RequireAll` becomes a row of `Require not`.
    pub(super) fn finished(&mut self, outermost: bool) -> Result<(), String> {
        let Kind::Group { logic, parts, .. } = &mut self.kind else { return Ok(()) };
        let mut flat = Vec::with_capacity(parts.len());
        for mut part in std::mem::take(parts) {
            if part.parts().is_empty() {
                flat.push(part);
                continue;
            }
            Arc::make_mut(&mut part).finished(false)?;
            let other_logic = matches!(&part.kind, Kind::Group { logic: inner, .. } if inner != logic);
            if part.negated && other_logic {
                flat.extend(
                    part.parts()
                        .iter()
                        .map(|inner| Arc::new(Self { negated: !inner.negated, kind: inner.kind.clone() })),
                );
            } else {
                flat.push(part);
            }
        }
        let only_negative = flat.iter().all(|part| part.negated);
        *parts = flat;
        if only_negative {
            let what = if outermost { "<Directory>, <Location>, or similar".into() } else { self.text() };
            return Err(format!("{what} directive contains only negative authorization directives"));
        }
        Ok(())
    }

    /// Whether the request may pass, for somebody who reads the trace: each `Require`, then its container.
    ///
    /// # Errors
    /// When it depends on what is not given. What cannot be told does no harm where another part decides.
    pub(super) fn ask(&self, within: Logic, run: &mut Run<'_>, record: &mut Record) -> Result<Status, Unknown> {
        if !self.covers(&record.method) {
            let directive = || self.text();
            let why = || "limited to other methods".to_owned();
            run.trace.note(self.place(), || Event::Skipped { directive: directive(), why: why() });
            return Ok(if within == Logic::And { Status::Granted } else { Status::Neutral });
        }
        let plain = match &self.kind {
            Kind::Leaf { provider, place, .. } => provider.check(run, record, *place)?,
            Kind::Group { logic, parts, .. } => match ask_all(*logic, parts, run, record)? {
                Status::Error => return Ok(Status::Error),
                status => status,
            },
        };
        let status = match (self.negated, plain) {
            (true, Status::Granted) => Status::Denied,
            (true, Status::Denied | Status::DeniedNoUser) => Status::Neutral,
            (_, status) => status,
        };
        self.note(status, run, record);
        Ok(status)
    }

    /// Notes the result; of a refusal the last `Require` that was not met decides.
    fn note(&self, status: Status, run: &mut Run<'_>, record: &Record) {
        if matches!(self.kind, Kind::Leaf { .. }) && !matches!(status, Status::Granted | Status::Neutral) {
            run.decided = self.place();
        }
        run.trace.note(self.place(), || match &self.kind {
            Kind::Leaf { provider, .. } => Event::Test {
                directive: self.text(),
                subject: provider.subject(record),
                matched: matches!(status, Status::Granted | Status::Neutral),
                spans: Vec::new(),
            },
            Kind::Group { .. } => Event::Decided(format!("authorization result of {}: {}", self.text(), shown(status))),
        });
    }
}

/// Asks the parts of a container until one decides.
fn ask_all(logic: Logic, parts: &[Arc<Node>], run: &mut Run<'_>, record: &mut Record) -> Result<Status, Unknown> {
    let mut result = Status::Neutral;
    let mut unknown = None;
    for part in parts {
        let status = match part.ask(logic, run, record) {
            Ok(status) => status,
            Err(why) => {
                unknown.get_or_insert(why);
                continue;
            }
        };
        let decisive = if logic == Logic::And { Status::Denied } else { Status::Granted };
        match status {
            Status::Error => return unknown.map_or(Ok(Status::Error), Err),
            Status::Neutral => {}
            _ if status == decisive => return Ok(status),
            // Somebody who may yet sign in outweighs a mere denial, and the other way round in a list of all.
            Status::DeniedNoUser => result = status,
            _ if result == Status::Neutral => result = status,
            _ => {}
        }
    }
    unknown.map_or(Ok(result), Err)
}

/// `<Limit>` and `<LimitExcept>`.
fn limit(directive: &Directive) -> Option<Limit> {
    let except = directive.name.eq_ignore_ascii_case(b"<LimitExcept");
    if !(except || directive.name.eq_ignore_ascii_case(b"<Limit")) {
        return None;
    }
    let methods = words::all(&directive.args).into_iter().map(|m| if m == "HEAD" { "GET".into() } else { m });
    Some(Limit { except, methods: methods.collect(), within: None })
}

fn container_kind(name: &[u8]) -> Option<(Logic, bool)> {
    match name.to_ascii_lowercase().as_slice() {
        b"<requireall" => Some((Logic::And, false)),
        b"<requireany" => Some((Logic::Or, false)),
        b"<requirenone" => Some((Logic::Or, true)),
        _ => None,
    }
}

fn shown(status: Status) -> &'static str {
    match status {
        Status::Granted => "granted",
        Status::Denied => "denied",
        Status::DeniedNoUser => "denied (no authenticated user yet)",
        Status::Neutral => "neutral",
        Status::Error => "error",
    }
}
