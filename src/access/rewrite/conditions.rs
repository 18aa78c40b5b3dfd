//! `RewriteCond`: forms of patterns per branch, and the tests.
//!
//! Not here: how conditions combine to a rule ([`super::rules`]).

#![allow(clippy::similar_names)] // A test has a text.

use std::cmp::Ordering;

use bstr::{BStr, BString};

use super::{
    flags::number,
    parse,
    template::{Scope, Template},
};
use crate::access::{
    config::Spot,
    expr::{self, Expr},
    expression,
    files::{Files, Kind as FileKind, Stat},
    level::Level,
    regex::{Captures, Options, Regex},
    run::Run,
    source::Place,
    unknown::Unknown,
};

/// One `RewriteCond`.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Where it stands.
    pub place: Place,
    /// Its text after the name.
    pub line: BString,
    /// The test string.
    input: Template,
    /// The pattern as written, its `!` too.
    pub pattern: BString,
    /// Whether a `!` stands before it.
    negated: bool,
    /// Whether it folds case.
    pub no_case: bool,
    /// `OR`: the next condition is an alternative.
    pub or_next: bool,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Regex(Regex),
    /// `-d` and its like.
    File(FileTest),
    /// `-U`, `-F`: a subrequest; true for the latter.
    LookAhead {
        by_file: bool,
    },
    /// `=`, `<` and their like.
    Text(Comparison, BString),
    /// `-eq` and its like.
    Number(Comparison, i64),
    /// `expr`.
    Expression(Expression),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileTest {
    File,
    Size,
    Folder,
    Link,
    Executable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Equal => ordering.is_eq(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Greater => ordering.is_gt(),
        }
    }
}

/// What a condition's test says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it holds, the `!` taken into account.
    pub holds: bool,
    /// Whether the captures are new: a regular expression matched and was not negated.
    pub captured: bool,
}

/// The form of a pattern, before it is compiled.
enum Form<'p> {
    Regex(&'p [u8]),
    Test(Test),
}

impl Condition {
    /// Reads the text of a `RewriteCond`.
    ///
    /// # Errors
    /// In the server's words.
    pub fn parse(spot: &Spot<'_>, line: &[u8]) -> Result<Self, String> {
        let level = spot.level;
        let split = parse::split("RewriteCond", line)?;
        let (mut no_case, mut or_next) = (false, false);
        if let Some(flags) = split.flags {
            parse::flags(flags, |name, _| match name.to_ascii_lowercase().as_slice() {
                b"nc" | b"nocase" => {
                    no_case = true;
                    Ok(())
                }
                b"or" | b"ornext" => {
                    or_next = true;
                    Ok(())
                }
                b"nv" | b"novary" => Ok(()),
                _ => Err(format!("unknown flag '{}'", BStr::new(name))),
            })
            .map_err(|e| format!("RewriteCond: {e}"))?;
        }
        let (mut negated, text) = match split.second.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, split.second),
        };
        let expression = level.is_24() && split.first.eq_ignore_ascii_case(b"expr");
        let form = if expression {
            Form::Test(Test::Expression(Expression::parse(text, spot)?))
        } else {
            form(text, level, &mut negated)
        };
        let test = match form {
            Form::Test(test) => test,
            Form::Regex(text) => {
                let options = Options { no_case, ..spot.regex };
                let compiled = Regex::new(text, options, level);
                Test::Regex(compiled.map_err(|_engine_says| {
                    format!("RewriteCond: cannot compile regular expression '{}'", BStr::new(text))
                })?)
            }
        };
        // NC means nothing for these, with a warning.
        no_case &= match &test {
            Test::Regex(_) => true,
            Test::Text(comparison, _) => level.is_24() || *comparison == Comparison::Equal,
            _ => false,
        };
        let input = Template::parse(split.first, level);
        Ok(Self {
            place: spot.place,
            line: line.into(),
            input,
            pattern: split.second.into(),
            negated,
            no_case,
            or_next,
            test,
        })
    }

    /// Appends the expanded test string to `out`; nothing for an expression.
    ///
    /// # Errors
    /// When it cannot be known.
    pub fn expand_input(&self, run: &mut Run<'_>, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), Unknown> {
        if self.is_expression() { Ok(()) } else { self.input.expand(run, scope, out) }
    }

    /// Whether it is an expression, which has no test string.
    pub fn is_expression(&self) -> bool {
        matches!(self.test, Test::Expression(_))
    }

    /// Tests `input`; `captures` is written when [`Verdict::captured`], and they are in `input` then, where an expression puts
    /// the text that it matched.
    ///
    /// # Errors
    /// When the answer cannot be known.
    pub fn test(
        &self,
        run: &mut Run<'_>,
        scope: &Scope<'_>,
        input: &mut Vec<u8>,
        captures: &mut Captures,
    ) -> Result<Verdict, Unknown> {
        let mut captured = false;
        let found = match &self.test {
            Test::Regex(regex) => {
                let hang = |_| Unknown::at(self.place, "the pattern needs too many steps on this request");
                if self.negated {
                    regex.is_match(input).map_err(hang)?
                } else {
                    captured = regex.captures(input, captures).map_err(hang)?;
                    captured
                }
            }
            Test::File(test) => test.holds(&run.world.files, input),
            Test::LookAhead { by_file } => look_ahead(*by_file, run, scope, input)?,
            Test::Text(comparison, text) => comparison.holds(self.compare(*comparison, input, text)),
            Test::Number(comparison, value) => comparison.holds(number(input).cmp(value)),
            Test::Expression(expression) => {
                let (holds, has_groups) = expression.holds(self.place, run, scope, captures, input)?;
                captured = has_groups && holds && !self.negated;
                holds
            }
        };
        Ok(Verdict { holds: found != self.negated, captured })
    }

    fn compare(&self, comparison: Comparison, input: &[u8], text: &[u8]) -> Ordering {
        if self.no_case {
            return input.to_ascii_lowercase().as_slice().cmp(&text.to_ascii_lowercase());
        }
        if comparison == Comparison::Equal {
            return input.cmp(text);
        }
        // By length first: 100 is more than 99, and "lz" is not less than "m".
        input.len().cmp(&text.len()).then_with(|| input.cmp(text))
    }
}

impl FileTest {
    fn holds(self, files: &Files, path: &[u8]) -> bool {
        let is = |kind: FileKind| move |stat: Stat| stat.kind == kind;
        match self {
            Self::File => files.stat(path).is_some_and(is(FileKind::File)),
            Self::Size => files.stat(path).is_some_and(|s| s.kind == FileKind::File && s.size > 0),
            Self::Folder => files.stat(path).is_some_and(is(FileKind::Folder)),
            Self::Link => files.lstat(path).is_some_and(is(FileKind::Link)),
            Self::Executable => files.stat(path).is_some_and(|s| s.executable),
        }
    }
}

/// What kind of pattern `text` is, its `!` taken off. `-ne` turns `negated` round.
fn form<'p>(text: &'p [u8], level: Level, negated: &mut bool) -> Form<'p> {
    let compared = |comparison, rest: &[u8]| Form::Test(Test::Text(comparison, rest.into()));
    match text {
        [] | [_] => Form::Regex(text),
        [b'-', letter] => match letter {
            b'f' => Form::Test(Test::File(FileTest::File)),
            b's' => Form::Test(Test::File(FileTest::Size)),
            b'd' => Form::Test(Test::File(FileTest::Folder)),
            b'x' => Form::Test(Test::File(FileTest::Executable)),
            b'l' => Form::Test(Test::File(FileTest::Link)),
            b'h' | b'L' if level.is_24() => Form::Test(Test::File(FileTest::Link)),
            b'U' => Form::Test(Test::LookAhead { by_file: false }),
            b'F' => Form::Test(Test::LookAhead { by_file: true }),
            _ => Form::Regex(text),
        },
        [b'-', a, b, rest @ ..] if level.is_24() && !rest.is_empty() => {
            let comparison = match [*a, *b] {
                [b'l', b't'] => Comparison::Less,
                [b'l', b'e'] => Comparison::LessOrEqual,
                [b'e', b'q'] => Comparison::Equal,
                [b'g', b'e'] => Comparison::GreaterOrEqual,
                [b'g', b't'] => Comparison::Greater,
                [b'n', b'e'] => {
                    *negated = !*negated;
                    Comparison::Equal
                }
                _ => return Form::Regex(text),
            };
            Form::Test(Test::Number(comparison, number(rest)))
        }
        [b'>', b'=', rest @ ..] if level.is_24() => compared(Comparison::GreaterOrEqual, rest),
        [b'<', b'=', rest @ ..] if level.is_24() => compared(Comparison::LessOrEqual, rest),
        [b'>', rest @ ..] => compared(Comparison::Greater, rest),
        [b'<', rest @ ..] => compared(Comparison::Less, rest),
        b"=\"\"" => compared(Comparison::Equal, b""),
        [b'=', rest @ ..] => compared(Comparison::Equal, rest),
        _ => Form::Regex(text),
    }
}

/// `-U` and `-F`: whether a subrequest for `input` would be answered well.
fn look_ahead(by_file: bool, run: &mut Run<'_>, scope: &Scope<'_>, input: &[u8]) -> Result<bool, Unknown> {
    if input.is_empty() || !scope.record.rewrite.may_look_ahead(scope.record) {
        return Ok(false);
    }
    if !by_file {
        return Ok(run.look_up_uri(scope.record, input)?.status < 400);
    }
    let found = run.look_up_file(scope.record, input)?;
    let exists = found.filename.as_ref().is_some_and(|file| run.world.files.stat(file).is_some());
    Ok(found.status < 300 && exists)
}

/// The expression of `RewriteCond expr "…"`. Everything that the rest of the module needs of expressions is here.
#[derive(Clone, Debug)]
struct Expression(Box<Expr>);

impl Expression {
    /// Reads `text`.
    ///
    /// # Errors
    /// In the server's words.
    fn parse(text: &[u8], spot: &Spot<'_>) -> Result<Self, String> {
        let parsed = Expr::parse(text, expression::options(spot), spot.level);
        parsed.map(|expr| Self(Box::new(expr))).map_err(|error| {
            let text = BStr::new(text);
            if spot.level < Level::V2_4_71 {
                return format!("RewriteCond: cannot compile expression \"{text}\": {error}");
            }
            let context = if spot.htaccess { " in htaccess context" } else { "" };
            format!("RewriteCond: cannot compile expression{context} \"{text}\" {error}")
        })
    }

    /// Whether it holds. When it does and a pattern in it had groups, the text that they are in is left in `subject`, they in
    /// `captures`, and the second answer is true.
    fn holds(
        &self,
        place: Place,
        run: &mut Run<'_>,
        scope: &Scope<'_>,
        captures: &mut Captures,
        subject: &mut Vec<u8>,
    ) -> Result<(bool, bool), Unknown> {
        let mut found = expr::Captures::default();
        let at = |unknown: Unknown| Unknown { place: unknown.place.or(Some(place)), ..unknown };
        let holds = self.0.holds(run, scope.record, &mut found).map_err(at)?;
        let groups = found.groups().filter(|_| holds);
        if let Some(groups) = groups {
            *captures = groups;
            subject.clear();
            subject.extend_from_slice(found.subject());
        }
        Ok((holds, groups.is_some()))
    }
}
