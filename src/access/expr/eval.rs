//! What a condition says and a word stands for, for one request.
//!
//! Not here: single variables ([`super::variable`]) and functions ([`super::function`]).

use std::{borrow::Cow, net::IpAddr};

use bstr::ByteSlice;

use super::{
    Captures, function,
    names::Test,
    scan::Comparison,
    tree::{Condition, Word},
    variable,
};
use crate::access::{
    address::Network,
    files::{Files, Kind},
    glob,
    record::Record,
    regex::{self, Regex},
    run::Run,
    unknown::Unknown,
};

/// How deep the server goes (`AP_EXPR_MAX_RECURSION`).
const DEEPEST: usize = 20;

/// Why there is no value.
#[derive(Debug)]
pub(super) enum Stop {
    /// The server itself cannot tell, and says why in its log.
    Failed(String),
    Unknown(Unknown),
}

impl From<Unknown> for Stop {
    fn from(unknown: Unknown) -> Self {
        Self::Unknown(unknown)
    }
}

/// What words can see.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub run: &'a Run<'a>,
    pub record: &'a Record,
    pub captures: &'a Captures,
}

/// Whether it holds; none when the server cannot evaluate it.
pub(super) fn condition(
    condition: &Condition,
    run: &mut Run<'_>,
    record: &Record,
    captures: &mut Captures,
) -> Result<Option<bool>, Unknown> {
    match holds(condition, run, record, captures, 0) {
        Ok(holds) => Ok(Some(holds)),
        Err(Stop::Failed(_)) => Ok(None),
        Err(Stop::Unknown(unknown)) => Err(unknown),
    }
}

/// The text that a word stands for.
pub(super) fn text<'a>(
    word: &'a Word,
    run: &'a Run<'a>,
    record: &'a Record,
    captures: &'a Captures,
) -> Result<Cow<'a, [u8]>, Unknown> {
    Scene { run, record, captures }.word(word, 0).map_err(|stop| match stop {
        Stop::Failed(why) => Unknown::because(format!("the server cannot evaluate the expression: {why}")),
        Stop::Unknown(unknown) => unknown,
    })
}

fn deeper(depth: usize) -> Result<usize, Stop> {
    if depth < DEEPEST { Ok(depth + 1) } else { Err(Stop::Failed("Recursion limit reached".to_owned())) }
}

fn holds(
    condition: &Condition,
    run: &mut Run<'_>,
    record: &Record,
    captures: &mut Captures,
    depth: usize,
) -> Result<bool, Stop> {
    let inner = deeper(depth)?;
    let scene = Scene { run, record, captures };
    Ok(match condition {
        Condition::Constant(constant) => *constant,
        Condition::Not(condition) => !holds(condition, run, record, captures, depth)?,
        Condition::And(parts) | Condition::Or(parts) => {
            let decisive = matches!(condition, Condition::Or(_));
            for (n, part) in parts.iter().enumerate() {
                // The last one is not nested for the server.
                let depth = if n + 1 == parts.len() { depth } else { inner };
                if holds(part, run, record, captures, depth)? == decisive {
                    return Ok(decisive);
                }
            }
            !decisive
        }
        Condition::Compare { how, left, right } => compare(*how, &scene.word(left, inner)?, &scene.word(right, inner)?),
        Condition::Match { word, pattern, negated } => {
            matches(word, pattern, scene, inner)?.remembered(captures) != *negated
        }
        Condition::In { needle, words } => {
            let needle = scene.word(needle, inner)?;
            for word in words {
                if scene.word(word, inner)? == needle {
                    return Ok(true);
                }
            }
            false
        }
        Condition::InPeerExtensions { needle, argument } => {
            scene.word(needle, inner)?;
            scene.word(argument, inner)?;
            variable::without_tls(scene.run)?;
            false
        }
        Condition::Client(network) => network.contains(record.client),
        Condition::IpMatch(word, network) => ip_match(&scene, &scene.word(word, inner)?, network)?,
        Condition::Wildcard { how, text, pattern } => {
            let (text, pattern) = (scene.word(text, inner)?, scene.word(pattern, inner)?);
            glob::matches(&pattern, &text, how.rules())
        }
        Condition::Test(test @ (Test::FileAllowed | Test::UriAllowed), word) => {
            let operand = scene.word(word, inner)?.into_owned();
            allowed(*test, &operand, run, record)?
        }
        Condition::Test(test, word) => simple_test(*test, &scene.word(word, inner)?, &scene.run.world.files)?,
    })
}

/// What a pattern found.
enum Found<'a> {
    /// It has no groups: what earlier ones found is kept.
    Plain(bool),
    Groups(Cow<'a, [u8]>, regex::Captures),
    /// It has groups and was not found: nothing is kept.
    Nothing,
}

impl Found<'_> {
    fn detached(self) -> Found<'static> {
        match self {
            Self::Plain(found) => Found::Plain(found),
            Self::Groups(subject, spans) => Found::Groups(Cow::Owned(subject.into_owned()), spans),
            Self::Nothing => Found::Nothing,
        }
    }

    fn remembered(self, captures: &mut Captures) -> bool {
        match self {
            Self::Plain(found) => found,
            Self::Groups(subject, spans) => {
                captures.set(&subject, spans);
                true
            }
            Self::Nothing => {
                captures.clear();
                false
            }
        }
    }
}

fn matches(word: &Word, pattern: &Regex, scene: Scene<'_>, depth: usize) -> Result<Found<'static>, Stop> {
    let hang = |_hang| Stop::Unknown(Unknown::because("a pattern of the expression takes too many steps"));
    let subject = scene.word(word, depth)?;
    if pattern.groups() <= 1 || scene.captures.unread {
        return Ok(Found::Plain(pattern.is_match(&subject).map_err(hang)?));
    }
    let mut spans = regex::Captures::default();
    let found = pattern.captures(&subject, &mut spans).map_err(hang)?;
    Ok(if found { Found::Groups(subject, spans).detached() } else { Found::Nothing })
}

fn compare(how: Comparison, left: &[u8], right: &[u8]) -> bool {
    let number = || integer(left).cmp(&integer(right));
    match how {
        Comparison::IntEq => number().is_eq(),
        Comparison::IntNe => number().is_ne(),
        Comparison::IntLt => number().is_lt(),
        Comparison::IntLe => number().is_le(),
        Comparison::IntGt => number().is_gt(),
        Comparison::IntGe => number().is_ge(),
        Comparison::Eq => left == right,
        Comparison::Ne => left != right,
        Comparison::Lt => left < right,
        Comparison::Le => left <= right,
        Comparison::Gt => left > right,
        Comparison::Ge => left >= right,
    }
}

/// `strtoll`: blanks, a sign, digits; what follows does not matter, too large is the largest.
pub(super) fn integer(text: &[u8]) -> i64 {
    let text = text.trim_start_with(|c| matches!(c, ' ' | '\t'..='\r'));
    let (negative, digits) = match text.first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let digits = digits.iter().take_while(|b| b.is_ascii_digit());
    digits.fold(0_i64, |value, digit| {
        let digit = i64::from(digit - b'0');
        value.saturating_mul(10).saturating_add(if negative { -digit } else { digit })
    })
}

/// `-ipmatch`: a name on the left side is looked up.
fn ip_match(scene: &Scene<'_>, text: &[u8], network: &Network) -> Result<bool, Stop> {
    if text.is_empty() {
        return Ok(false);
    }
    let Ok(text) = std::str::from_utf8(text) else { return Ok(false) };
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(network.contains(address));
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') || text.contains(':') {
        return Err(Stop::Unknown(Unknown::because("an address that is not written out goes to the resolver")));
    }
    // Of several addresses the server takes the first, whichever that is.
    let addresses = addresses_of(scene.run, text)?;
    match addresses.iter().filter(|a| network.contains(**a)).count() {
        0 => Ok(false),
        n if n == addresses.len() => Ok(true),
        _ => Err(Stop::Unknown(Unknown::because("a name has several addresses"))),
    }
}

/// The addresses that a name look-up gives.
pub(super) fn addresses_of(run: &Run<'_>, name: &str) -> Result<Vec<IpAddr>, Unknown> {
    let names = run.world.names.as_ref().ok_or_else(|| Unknown::because("names are not looked up here"))?;
    Ok(names.of.iter().filter(|(_, n)| n.eq_ignore_ascii_case(name)).map(|(address, _)| *address).collect())
}

/// `-F`, `-U` and `-A`.
fn allowed(test: Test, operand: &[u8], run: &mut Run<'_>, record: &Record) -> Result<bool, Stop> {
    if test == Test::UriAllowed {
        return Ok(run.look_up_uri(record, operand)?.status < 400);
    }
    let found = run.look_up_file(record, operand)?;
    let exists = found.filename.as_ref().is_some_and(|f| run.world.files.stat(f).is_some());
    Ok(found.status < 300 && exists)
}

fn simple_test(how: Test, operand: &[u8], files: &Files) -> Result<bool, Stop> {
    match how {
        Test::Empty => return Ok(operand.is_empty()),
        Test::NotEmpty => return Ok(!operand.is_empty()),
        Test::True => {
            let no = ["", "0", "off", "no", "false"];
            return Ok(!no.iter().any(|no| operand.eq_ignore_ascii_case(no.as_bytes())));
        }
        _ if operand.is_empty() => return Ok(false),
        _ if !operand.starts_with(b"/") => {
            return Err(Stop::Unknown(Unknown::because("a relative path depends on where the server was started")));
        }
        _ => {}
    }
    let is = |kind: Kind| files.stat(operand).is_some_and(|s| s.kind == kind);
    Ok(match how {
        Test::Folder => is(Kind::Folder),
        Test::File => is(Kind::File),
        Test::Exists => files.stat(operand).is_some(),
        Test::FileWithContent => files.stat(operand).is_some_and(|s| s.kind == Kind::File && s.size > 0),
        Test::Link => files.lstat(operand).is_some_and(|s| s.kind == Kind::Link),
        // The link itself is looked at, and a link may always be executed.
        Test::Executable => files.lstat(operand).is_some_and(|s| s.executable || s.kind == Kind::Link),
        _ => false,
    })
}

impl<'a> Scene<'a> {
    /// The text that a word stands for.
    pub(super) fn word(&self, word: &'a Word, depth: usize) -> Result<Cow<'a, [u8]>, Stop> {
        let inner = deeper(depth)?;
        Ok(match word {
            Word::Text(text) | Word::Digits(text) => Cow::Borrowed(text.as_slice()),
            Word::Variable(variable) => variable::value(*variable, self)?,
            Word::BackReference(n) => Cow::Borrowed(self.captures.get(usize::from(*n)).as_bytes()),
            Word::Joined(words) => {
                let mut joined: Cow<'a, [u8]> = Cow::Borrowed(&[]);
                for word in words {
                    let part = self.word(word, inner)?;
                    if joined.is_empty() {
                        joined = part;
                    } else if !part.is_empty() {
                        joined.to_mut().extend_from_slice(&part);
                    }
                }
                joined
            }
            Word::Call(function, argument) => function::call(*function, self.word(argument, inner)?, self)?,
        })
    }
}
