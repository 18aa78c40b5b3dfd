//! Substitutions and test strings: literals, `$N`, `%N`, `%{VARIABLE}`, `${map:key|default}`, read once and expanded often.
//!
//! Expansion is one pass: what an expansion brings in is never expanded again. Not here: what a variable is worth
//! ([`super::vars`]) and what a map says ([`super::map`]).

use bstr::{BString, ByteSlice};

use super::{flags::Escape, map, uri, vars, vars::Variable};
use crate::access::{level::Level, record::Record, regex::Captures, run::Run, source::Place, unknown::Unknown};

/// Maps in keys of maps, nested deeper than this, are given up.
const DEEPEST: usize = 64;

/// A text with placeholders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Stands for itself. Says whether a `?` in it was written as such: one after a backslash does not count.
    Literal(BString),
    /// One character after a backslash.
    Escaped(u8),
    /// `$N`.
    Rule(usize),
    /// `%N`.
    Condition(usize),
    /// `%{NAME}`.
    Variable(Variable),
    /// `${name:key|default}`.
    Map { name: BString, key: Template, default: Template },
    /// Nested too deeply to be read.
    TooDeep,
}

/// What an expansion may look at.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The directive, for what cannot be known.
    pub place: Place,
    /// The request.
    pub record: &'a Record,
    /// Where the rule's pattern matched, and what it was matched on; none for `!` rules.
    pub rule: Option<(&'a Captures, &'a [u8])>,
    /// The same for the last condition that was a regular expression, matched and was not negated.
    pub condition: Option<(&'a Captures, &'a [u8])>,
    /// The path that the rule was tried on.
    pub subject: &'a [u8],
    /// The folder and the base address of per-directory rules.
    pub per_dir: Option<PerDir<'a>>,
}

/// Where per-directory rules are.
#[derive(Clone, Copy)]
pub struct PerDir<'a> {
    /// The section's path with a slash.
    pub directory: &'a [u8],
    /// `RewriteBase`.
    pub base: Option<&'a [u8]>,
}

/// Looks out for a `?` that came in by an expansion and would start the query string (2.4.71 refuses it).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuestionMark {
    /// Whether the last one counts (`QSL`), not the first.
    last: bool,
    written: bool,
    /// Whether the one that counts was brought in.
    pub unsafe_: bool,
}

impl QuestionMark {
    /// Before anything was expanded. `last`: the last question mark counts, not the first.
    pub fn watching(last: bool) -> Self {
        Self { last, ..Self::default() }
    }

    fn literal(&mut self, text: &[u8]) {
        if text.contains(&b'?') {
            self.written = true;
            if self.last {
                self.unsafe_ = false;
            }
        }
    }

    fn expanded(&mut self, text: &[u8]) {
        if text.contains(&b'?') && (self.last || !self.written) {
            self.unsafe_ = true;
        }
    }
}

impl Template {
    /// Reads `text`.
    pub fn parse(text: &[u8], level: Level) -> Self {
        Self::parse_nested(text, level, 0)
    }

    fn parse_nested(text: &[u8], level: Level, depth: usize) -> Self {
        if depth > DEEPEST {
            return Self { parts: vec![Part::TooDeep] };
        }
        let mut template = Self::default();
        let mut rest = text;
        while let Some(special) = rest.find_byteset(b"\\$%") {
            template.literal(&rest[..special]);
            rest = template.special(&rest[special..], level, depth);
        }
        template.literal(rest);
        template
    }

    fn literal(&mut self, text: &[u8]) {
        match self.parts.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Literal(before)) => before.extend_from_slice(text),
            _ => self.parts.push(Part::Literal(text.into())),
        }
    }

    /// What starts with a backslash, `$` or `%`; gives back what follows it.
    fn special<'t>(&mut self, text: &'t [u8], level: Level, depth: usize) -> &'t [u8] {
        match (text[0], text.get(1).copied()) {
            (b'\\', Some(escaped)) => {
                self.parts.push(Part::Escaped(escaped));
                &text[2..]
            }
            (_, Some(b'{')) => self.braces(text, level, depth),
            (kind, Some(digit @ b'0'..=b'9')) if kind != b'\\' => {
                let n = usize::from(digit - b'0');
                self.parts.push(if kind == b'$' { Part::Rule(n) } else { Part::Condition(n) });
                &text[2..]
            }
            _ => {
                self.literal(&text[..1]);
                &text[1..]
            }
        }
    }

    /// `%{…}` or `${…}`; two plain characters when they are not complete.
    fn braces<'t>(&mut self, text: &'t [u8], level: Level, depth: usize) -> &'t [u8] {
        let inner = &text[2..];
        let Some(end) = at_depth_one(inner, b'}') else {
            self.literal(&text[..2]);
            return inner;
        };
        let after = &inner[end + 1..];
        let inner = &inner[..end];
        if text[0] == b'%' {
            self.parts.push(Part::Variable(Variable::parse(inner, level)));
            return after;
        }
        let Some(colon) = at_depth_one(inner, b':') else {
            self.literal(&text[..2]);
            return &text[2..];
        };
        let key = &inner[colon + 1..];
        let (key, default) = match at_depth_one(key, b'|') {
            Some(bar) => (&key[..bar], &key[bar + 1..]),
            None => (key, &b""[..]),
        };
        self.parts.push(Part::Map {
            name: inner[..colon].into(),
            key: Self::parse_nested(key, level, depth + 1),
            default: Self::parse_nested(default, level, depth + 1),
        });
        after
    }

    /// Appends the expanded text to `out`.
    ///
    /// # Errors
    /// When a variable or a map cannot be known.
    pub fn expand(&self, run: &mut Run<'_>, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), Unknown> {
        self.expand_with(run, scope, &Escape::default(), None, out)
    }

    /// The same with captures escaped, and with an eye on question marks.
    ///
    /// # Errors
    /// When a variable or a map cannot be known.
    pub fn expand_with(
        &self,
        run: &mut Run<'_>,
        scope: &Scope<'_>,
        escape: &Escape,
        mut mark: Option<&mut QuestionMark>,
        out: &mut Vec<u8>,
    ) -> Result<(), Unknown> {
        for part in &self.parts {
            let before = out.len();
            match part {
                Part::Literal(text) => {
                    out.extend_from_slice(text);
                    if let Some(mark) = mark.as_deref_mut() {
                        mark.literal(text);
                    }
                    continue;
                }
                Part::Escaped(byte) => {
                    out.push(*byte);
                    continue;
                }
                Part::Rule(n) => capture(scope.rule, *n, run.policy.level, escape, out),
                Part::Condition(n) => capture(scope.condition, *n, run.policy.level, escape, out),
                Part::Variable(variable) => vars::append(variable, run, scope, out)?,
                Part::Map { name, key, default } => {
                    let mut looked_up = Vec::new();
                    key.expand_with(run, scope, escape, None, &mut looked_up)?;
                    match map::look_up(run, scope, name, &looked_up)? {
                        Some(value) => out.extend_from_slice(&value),
                        None => default.expand_with(run, scope, escape, None, out)?,
                    }
                }
                Part::TooDeep => {
                    return Err(Unknown::at(scope.place, "maps are nested too deeply in this line"));
                }
            }
            if let Some(mark) = mark.as_deref_mut() {
                mark.expanded(out.get(before..).unwrap_or_default());
            }
        }
        Ok(())
    }
}

fn capture(from: Option<(&Captures, &[u8])>, n: usize, level: Level, escape: &Escape, out: &mut Vec<u8>) {
    let Some(text) = from.and_then(|(captures, subject)| captures.get(n, subject)) else { return };
    if escape.on {
        uri::escape_capture(text, escape, level, out);
    } else {
        out.extend_from_slice(text);
    }
}

/// Where `wanted` stands outside inner braces; none when the braces around `text` close before.
fn at_depth_one(text: &[u8], wanted: u8) -> Option<usize> {
    let mut depth = 1;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if *byte == wanted && depth == 1 => return Some(at),
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return None;
                }
            }
            b'{' => depth += 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_once_into_parts() {
        let literal = |text: &str| Part::Literal(text.into());
        let variable = |name: &str| Part::Variable(Variable::parse(name.as_bytes(), Level::V2_4_71));
        let rows: Vec<(&str, Vec<Part>)> = vec![
            ("", vec![]),
            ("/a.html", vec![literal("/a.html")]),
            ("/$1-$10", vec![literal("/"), Part::Rule(1), literal("-"), Part::Rule(1), literal("0")]),
            ("a%25a", vec![literal("a"), Part::Condition(2), literal("5a")]),
            ("\\%20$x%", vec![Part::Escaped(b'%'), literal("20$x%")]),
            ("a\\", vec![literal("a\\")]),
            ("%{REQUEST_URI}?", vec![variable("REQUEST_URI"), literal("?")]),
            ("%{open", vec![literal("%{open")]),
            ("${nocolon}", vec![literal("${nocolon}")]),
            (
                "${m:%{REMOTE_ADDR}|d$1}",
                vec![Part::Map {
                    name: "m".into(),
                    key: Template { parts: vec![variable("REMOTE_ADDR")] },
                    default: Template { parts: vec![literal("d"), Part::Rule(1)] },
                }],
            ),
        ];
        for (text, parts) in rows {
            assert_eq!(Template::parse(text.as_bytes(), Level::V2_4_71).parts, parts, "{text}");
        }
    }

    #[test]
    fn nesting_has_an_end() {
        let deep = "${a:".repeat(5000) + &"}".repeat(5000);
        assert_ne!(Template::parse(deep.as_bytes(), Level::V2_4_71), Template::default());
    }

    #[test]
    fn a_question_mark_is_unsafe_when_it_decides_and_was_brought_in() {
        // Literal (`l`) and expanded (`e`) question marks in order; unsafe with the first deciding, with the last.
        for (order, first, last) in
            [("e", true, true), ("le", false, true), ("el", true, false), ("lel", false, false), ("l", false, false)]
        {
            for (decides_last, expected) in [(false, first), (true, last)] {
                let mut mark = QuestionMark::watching(decides_last);
                for kind in order.bytes() {
                    if kind == b'l' { mark.literal(b"a?") } else { mark.expanded(b"b?") }
                }
                assert_eq!(mark.unsafe_, expected, "{order}, last {decides_last}");
            }
        }
    }
}
