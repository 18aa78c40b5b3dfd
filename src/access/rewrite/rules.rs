//! `RewriteRule`: reading one, trying one, and going through a list of them.
//!
//! Not here: what becomes of the result at the server ([`super::phases`]) and in directories ([`super::phases`]).

use bstr::{BString, ByteSlice};

use super::{
    conditions::Condition,
    flags::Flags,
    parse,
    template::{PerDir, QuestionMark, Scope, Template},
    uri,
};
use crate::access::{
    config::Spot,
    level::Level,
    record::Record,
    regex::{Captures, Options, Regex},
    run::Run,
    source::Place,
    trace::Event,
    unknown::Unknown,
};

/// Twice the longest request line: a longer result ends the request (2.4.71).
const LONGEST: usize = 2 * 8190;

/// Rounds of `N` before 2.2, which has no limit, is said to hang.
const PATIENCE: i64 = 10_000;

/// A longer result is taken as a rule list that never ends.
const ENDLESS: usize = 1 << 20;

/// One `RewriteRule` with its conditions.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Where it stands.
    pub place: Place,
    /// Its text after the name.
    pub line: BString,
    /// The pattern as written, its `!` too.
    pattern: BString,
    negated: bool,
    regex: Regex,
    /// The substitution as written; from 2.4.71 without a bare `?` at its end.
    pub output: BString,
    template: Template,
    /// There is nothing to substitute: `-`, or a flag that ends the request.
    keeps: bool,
    query: uri::Query,
    /// Its flags.
    pub flags: Flags,
    conditions: Vec<Condition>,
}

impl Rule {
    /// Reads the text of a `RewriteRule`; `conditions` are those that waited for it.
    ///
    /// # Errors
    /// In the server's words.
    pub fn parse(spot: &Spot<'_>, line: &[u8], conditions: Vec<Condition>) -> Result<Self, String> {
        let level = spot.level;
        let words = parse::split("RewriteRule", line)?;
        let mut flags = Flags { code: 302, ..Flags::default() };
        if let Some(text) = words.flags {
            parse::flags(text, |name, value| flags.set(name, value, level)).map_err(|error| {
                // The oldest blames the other directive for brackets.
                let blamed = level == Level::V2_2_8 && error == "bad flag delimiters";
                format!("{}: {error}", if blamed { "RewriteCond" } else { "RewriteRule" })
            })?;
        }
        let (negated, text) = match words.first.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, words.first),
        };
        let options = Options { no_case: flags.no_case, ..spot.regex };
        let regex = Regex::new(text, options, level)
            .map_err(|_engine_says| format!("RewriteRule: cannot compile regular expression '{}'", text.as_bstr()))?;
        let keeps = words.second == b"-" || flags.status;
        let mut output = words.second;
        let mut query = uri::Query {
            append: flags.query_append,
            discard: flags.query_discard,
            last: flags.query_last,
            none: false,
        };
        if level >= Level::V2_4_71 {
            match output.strip_suffix(b"?") {
                // The bare `?` at the end is where the old query string goes.
                Some(_) if flags.query_append => query.last = true,
                Some(rest) => {
                    output = rest;
                    query.none = true;
                }
                None => query.none = flags.query_discard && !output.contains(&b'?'),
            }
        }
        Ok(Self {
            place: spot.place,
            line: line.into(),
            pattern: words.first.into(),
            negated,
            regex,
            output: output.into(),
            template: Template::parse(output, level),
            keeps,
            query,
            flags,
            conditions,
        })
    }
}

/// What a rule did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It did not apply.
    Nothing,
    /// It applied and kept the path.
    Kept,
    /// It changed the path.
    Changed,
    /// It ended the request with the pass's status.
    Ended,
}

/// What a list of rules did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The path is as it was.
    Unchanged,
    /// It was changed.
    Changed {
        /// `NE`: a redirect is not escaped.
        no_escape: bool,
    },
    /// The request ends with this status.
    Ended(u16),
}

/// One pass through a list of rules.
pub struct Pass<'a> {
    per_dir: Option<PerDir<'a>>,
    /// What the rule's pattern is tried on.
    subject: Vec<u8>,
    rule_captures: Captures,
    rule_captured: bool,
    /// What the last capturing condition was tested on.
    condition_subject: Vec<u8>,
    condition_captures: Captures,
    condition_captured: bool,
    /// Kept for its memory.
    input: Vec<u8>,
    /// The status of a redirect; 200 when none was asked for.
    pub status: u16,
    /// The last rule that changed the path.
    pub last: Option<&'a Rule>,
    /// Whether the server's own name was taken off a result.
    pub reduced: bool,
}

impl<'a> Pass<'a> {
    /// A pass at the server, or in a directory.
    pub fn new(per_dir: Option<PerDir<'a>>) -> Self {
        Self {
            per_dir,
            subject: Vec::new(),
            rule_captures: Captures::default(),
            rule_captured: false,
            condition_subject: Vec::new(),
            condition_captures: Captures::default(),
            condition_captured: false,
            input: Vec::new(),
            status: 200,
            last: None,
            reduced: false,
        }
    }

    fn scope<'s>(&'s self, place: Place, record: &'s Record) -> Scope<'s> {
        Scope {
            place,
            record,
            rule: self.rule_captured.then_some((&self.rule_captures, &self.subject)),
            condition: self.condition_captured.then_some((&self.condition_captures, &self.condition_subject)),
            subject: &self.subject,
            per_dir: self.per_dir,
        }
    }

    /// Whether the request goes to a proxy already: then nothing is cut off its name.
    fn is_proxied(record: &Record) -> bool {
        record.filename.as_ref().is_some_and(|name| name.starts_with(b"proxy:"))
    }

    fn set_subject(&mut self, record: &Record) {
        self.subject.clear();
        let filename = super::bytes(record.filename.as_ref());
        let Some(dir) = self.per_dir else { return self.subject.extend_from_slice(filename) };
        self.subject.extend_from_slice(filename);
        self.subject.extend_from_slice(&record.path_info);
        if !Self::is_proxied(record) && self.subject.starts_with(dir.directory) {
            self.subject.drain(..dir.directory.len());
        }
    }

    /// Goes through `rules` (`apply_rewrite_list`). The path is `record.filename`, before and after.
    ///
    /// # Errors
    /// When something is needed that is not given.
    pub fn apply(
        &mut self,
        run: &mut Run<'_>,
        record: &mut Record,
        rules: &'a [std::sync::Arc<Rule>],
    ) -> Result<Verdict, Unknown> {
        let level = run.policy.level;
        let mut changed = Verdict::Unchanged;
        let mut round = 1;
        let mut at = 0;
        while let Some(rule) = rules.get(at) {
            let flags = &rule.flags;
            at += 1;
            if record.is_subrequest() && (flags.not_on_subrequests || flags.redirect) {
                continue;
            }
            match self.apply_rule(run, record, rule)? {
                Outcome::Nothing => {
                    at += skip_chain(run, rules.get(at - 1..).unwrap_or_default());
                    continue;
                }
                Outcome::Ended => return Ok(ended(run, rule, self.status)),
                Outcome::Kept if flags.status => return Ok(ended(run, rule, flags.code)),
                Outcome::Kept => {}
                Outcome::Changed => {
                    self.last = Some(rule);
                    changed = Verdict::Changed { no_escape: flags.no_escape };
                }
            }
            let length = record.filename.as_ref().map_or(0, |name| name.len());
            if level >= Level::V2_4_71 && length > LONGEST {
                return Ok(Verdict::Ended(500));
            }
            if flags.pass_through {
                let filename = record.filename.take().unwrap_or_default();
                record.filename = Some([b"passthrough:", filename.as_slice()].concat().into());
                return Ok(Verdict::Changed { no_escape: false });
            }
            if flags.end {
                record.rewrite.ended = true;
                break;
            }
            if flags.proxy || flags.last {
                break;
            }
            if flags.next {
                round += 1;
                if level.is_24() && round >= flags.rounds.unwrap_or(default_rounds(level)) {
                    run.trace.note(rule.place, || Event::Decided("the rule started over too often".into()));
                    return Ok(Verdict::Ended(500));
                }
                if round > PATIENCE.max(default_rounds(level)) || length > ENDLESS {
                    return Err(Unknown::at(rule.place, "the rule starts over without end and hangs the server"));
                }
                at = 0;
                continue;
            }
            for _ in 0..usize::try_from(flags.skip).unwrap_or(0).min(rules.len() - at) {
                note_skipped(run, &rules[at], "the rule before says to skip it");
                at += 1;
            }
        }
        Ok(changed)
    }

    fn apply_rule(&mut self, run: &mut Run<'_>, record: &mut Record, rule: &'a Rule) -> Result<Outcome, Unknown> {
        self.set_subject(record);
        let hang = |_| Unknown::at(rule.place, "the pattern needs too many steps on this request");
        self.rule_captured = !rule.negated;
        let found = if rule.negated {
            rule.regex.is_match(&self.subject).map_err(hang)?
        } else {
            rule.regex.captures(&self.subject, &mut self.rule_captures).map_err(hang)?
        };
        let matched = found != rule.negated;
        run.trace.note(rule.place, || Event::Pattern {
            pattern: rule.pattern.clone(),
            subject: self.subject.as_slice().into(),
            matched,
            spans: if matched && !rule.negated { self.rule_captures.spans() } else { Vec::new() },
            per_dir: self.per_dir.map(|d| d.directory.into()),
        });
        if !matched {
            return Ok(Outcome::Nothing);
        }
        self.condition_captured = false;
        if !self.conditions_hold(run, record, &rule.conditions)? {
            return Ok(Outcome::Nothing);
        }
        let mut result = Vec::new();
        if !rule.keeps && !self.expand(run, record, rule, &mut result)? {
            run.trace.note(rule.place, || {
                Event::Decided("403: a question mark came in encoded, and UnsafeAllow3F is not set".into())
            });
            self.status = 403;
            return Ok(Outcome::Ended);
        }
        self.set_env(run, record, rule)?;
        self.set_cookies(run, record, rule)?;
        if rule.keeps {
            self.force_type(run, record, rule)?;
            if rule.flags.status {
                run.trace.note(rule.place, || Event::Decided(format!("the request ends with {}", rule.flags.code)));
            }
            return Ok(Outcome::Kept);
        }
        self.substitute(run, record, rule, result)?;
        Ok(Outcome::Changed)
    }

    /// Tests `conditions` in order: alternatives joined by `OR`, everything else by and.
    fn conditions_hold(
        &mut self,
        run: &mut Run<'_>,
        record: &Record,
        conditions: &[Condition],
    ) -> Result<bool, Unknown> {
        let mut at = 0;
        while let Some(condition) = conditions.get(at) {
            at += 1;
            let holds = self.test(run, record, condition)?;
            if condition.or_next && holds {
                let first = at;
                while conditions.get(at - 1).is_some_and(|c| c.or_next) {
                    at += 1;
                }
                for skipped in conditions.get(first..at).unwrap_or_default() {
                    note_condition(run, skipped, "an alternative holds already");
                }
            } else if !condition.or_next && !holds {
                for skipped in conditions.get(at..).unwrap_or_default() {
                    note_condition(run, skipped, "a condition before does not hold");
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn test(&mut self, run: &mut Run<'_>, record: &Record, condition: &Condition) -> Result<bool, Unknown> {
        let mut input = std::mem::take(&mut self.input);
        let mut captures = Captures::default();
        input.clear();
        let scope = self.scope(condition.place, record);
        condition.expand_input(run, &scope, &mut input)?;
        let verdict = condition.test(run, &scope, &mut input, &mut captures)?;
        run.trace.note(condition.place, || Event::Condition {
            input: if condition.is_expression() { BString::default() } else { input.as_slice().into() },
            pattern: condition.pattern.clone(),
            flags: if condition.no_case { "[NC]".into() } else { BString::default() },
            matched: verdict.holds,
            spans: if verdict.captured && !condition.is_expression() { captures.spans() } else { Vec::new() },
        });
        if verdict.captured {
            self.condition_captured = true;
            self.condition_captures = captures;
            std::mem::swap(&mut self.condition_subject, &mut input);
        }
        self.input = input;
        Ok(verdict.holds)
    }

    /// Expands the substitution; says whether it may be used.
    fn expand(&self, run: &mut Run<'_>, record: &Record, rule: &Rule, result: &mut Vec<u8>) -> Result<bool, Unknown> {
        let mut mark = QuestionMark::watching(rule.query.last);
        let watched = run.policy.level >= Level::V2_4_71 && !rule.flags.unsafe_allow_3f;
        let scope = self.scope(rule.place, record);
        rule.template.expand_with(run, &scope, &rule.flags.escape, watched.then_some(&mut mark), result)?;
        run.trace.note(rule.place, || Event::Rewritten {
            from: self.subject.as_slice().into(),
            to: result.as_slice().into(),
        });
        Ok(!mark.unsafe_)
    }

    fn set_env(&self, run: &mut Run<'_>, record: &mut Record, rule: &Rule) -> Result<(), Unknown> {
        for setting in &rule.flags.env {
            let mut text = Vec::new();
            setting.expand(run, &self.scope(rule.place, record), &mut text)?;
            let old = run.policy.level == Level::V2_2_8;
            let (name, value) = match (text.strip_prefix(b"!"), text.split_once_str(b":")) {
                (Some(name), _) if !old => (name, None),
                (_, Some((name, value))) => (name, Some(value)),
                (_, None) if !old => (text.as_slice(), Some(&b""[..])),
                // The oldest does nothing without a colon.
                _ => continue,
            };
            run.trace.note(rule.place, || Event::Env {
                name: name.into(),
                before: record.env.get(name).map(Into::into),
                after: value.map(Into::into),
            });
            match value {
                Some(value) => record.env.set(name, value),
                None => record.env.unset(name),
            }
        }
        Ok(())
    }

    fn set_cookies(&self, run: &mut Run<'_>, record: &Record, rule: &Rule) -> Result<(), Unknown> {
        // Cookies decide nothing on this request: they are only told.
        if !run.trace.is_on() {
            return Ok(());
        }
        for cookie in &rule.flags.cookies {
            let mut text = Vec::new();
            cookie.expand(run, &self.scope(rule.place, record), &mut text)?;
            run.trace.note(rule.place, || Event::Decided(format!("a cookie is set: {}", text.as_bstr())));
        }
        Ok(())
    }

    fn force_type(&self, run: &mut Run<'_>, record: &mut Record, rule: &Rule) -> Result<(), Unknown> {
        let mut expanded = |template: &Option<Template>, record: &Record| -> Result<Option<BString>, Unknown> {
            let Some(template) = template else { return Ok(None) };
            let mut text = Vec::new();
            template.expand(run, &self.scope(rule.place, record), &mut text)?;
            text.make_ascii_lowercase();
            Ok(Some(BString::from(text)).filter(|t| !t.is_empty()))
        };
        let media_type = expanded(&rule.flags.media_type, record)?;
        let handler = expanded(&rule.flags.handler, record)?;
        record.rewrite.media_type = media_type.or(record.rewrite.media_type.take());
        record.rewrite.handler = handler.or(record.rewrite.handler.take());
        Ok(())
    }

    /// Puts `result` in the place of the path, with everything that belongs to it.
    fn substitute(
        &mut self,
        run: &mut Run<'_>,
        record: &mut Record,
        rule: &Rule,
        mut result: Vec<u8>,
    ) -> Result<(), Unknown> {
        let (level, flags) = (run.policy.level, &rule.flags);
        let proxied = self.per_dir.is_some() && Self::is_proxied(record);
        let newest = level >= Level::V2_4_71;
        if newest {
            result = self.prefixed(result, proxied, rule, level);
        }
        if self.per_dir.is_some() && flags.discard_path_info {
            record.path_info.clear();
        }
        let (path, args) = uri::split_query(&result, record.args.as_deref().map(AsRef::as_ref), rule.query, level);
        record.args = args.map(BString::from);
        let mut path = path.to_vec();
        if !newest {
            path = self.prefixed(path, proxied, rule, level);
        }
        if flags.proxy || flags.redirect {
            path = fully_qualified(run, record, path);
            if flags.proxy {
                path.splice(..0, b"proxy:".iter().copied());
            } else {
                self.status = flags.code;
            }
        } else {
            if let Some(local) = super::phases::reduced(run, record, &path) {
                path = local;
                self.reduced = true;
            }
            if uri::absolute(&path, level).is_some() {
                self.status = flags.code;
            } else {
                record.filename = Some(path.into());
                return self.force_type(run, record, rule);
            }
        }
        record.filename = Some(path.into());
        Ok(())
    }

    /// A relative result gets its folder back; at the server, 2.4.71 puts a slash before it.
    fn prefixed(&self, path: Vec<u8>, proxied: bool, rule: &Rule, level: Level) -> Vec<u8> {
        if proxied || path.starts_with(b"/") || uri::absolute(&path, level).is_some() {
            return path;
        }
        match self.per_dir {
            Some(dir) => [dir.directory, &path].concat(),
            None if level >= Level::V2_4_71 && !rule.flags.proxy && !rule.flags.redirect => {
                [b"/", path.as_slice()].concat()
            }
            None => path,
        }
    }
}

/// The request ends with what `rule` says.
fn ended(run: &mut Run<'_>, rule: &Rule, status: u16) -> Verdict {
    run.decided = Some(rule.place);
    Verdict::Ended(status)
}

/// How many rules after the first of `rules`, which did not apply, are chained to it.
fn skip_chain(run: &mut Run<'_>, rules: &[std::sync::Arc<Rule>]) -> usize {
    let chained = rules.iter().take_while(|r| r.flags.chain).count().min(rules.len().saturating_sub(1));
    for rule in rules.iter().skip(1).take(chained) {
        note_skipped(run, rule, "the rule that it is chained to does not apply");
    }
    chained
}

fn default_rounds(level: Level) -> i64 {
    if level >= Level::V2_4_71 { 10_000 } else { 32_000 }
}

/// `path` with scheme, host and port of the server unless it has its own.
fn fully_qualified(run: &Run<'_>, record: &Record, path: Vec<u8>) -> Vec<u8> {
    if record.method == "CONNECT" || uri::absolute(&path, run.policy.level).is_some() {
        return path;
    }
    let slash: &[u8] = if path.starts_with(b"/") { b"" } else { b"/" };
    run.absolute(record, &[slash, &path].concat()).into()
}

fn note_skipped(run: &mut Run<'_>, rule: &Rule, why: &str) {
    run.trace
        .note(rule.place, || Event::Skipped { directive: written("RewriteRule ", &rule.line), why: why.to_owned() });
}

fn note_condition(run: &mut Run<'_>, condition: &Condition, why: &str) {
    run.trace.note(condition.place, || Event::Skipped {
        directive: written("RewriteCond ", &condition.line),
        why: why.to_owned(),
    });
}

fn written(name: &str, line: &[u8]) -> BString {
    [name.as_bytes(), line].concat().into()
}
