//! The rewriting log of a real server, compared with the steps of a trace.
//!
//! Only the tests are compared: which pattern was applied to which path, which condition was tested on which text and held or
//! not, in order, and for which request of the chain.

use bstr::{BString, ByteSlice};

use crate::access::trace::{Event, Step};

/// One test.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tested {
    /// How many internal redirects led to the request.
    redirect: usize,
    subrequest: bool,
    per_dir: Option<BString>,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Pattern {
        pattern: BString,
        uri: BString,
    },
    Condition {
        input: BString,
        pattern: BString,
        no_case: bool,
        /// None where the log's line was cut off.
        matched: Option<bool>,
    },
}

/// Compares the log lines of one request with the steps of a trace.
///
/// # Errors
/// The first difference, in words.
pub fn compare_trace(log: &[String], steps: &[Step]) -> Result<(), String> {
    let mut theirs = log.iter().filter_map(|line| of_line(line));
    let mut ours = steps.iter().filter_map(of_step);
    for n in 1.. {
        match (theirs.next(), ours.next()) {
            (None, None) => return Ok(()),
            (Some(theirs), Some(ours)) if same(&theirs, &ours) => {}
            (theirs, ours) => {
                let show = |t: Option<&Tested>| t.map_or_else(|| "nothing".to_owned(), Tested::to_string);
                return Err(format!("test {n}: recorded {}, ours {}", show(theirs.as_ref()), show(ours.as_ref())));
            }
        }
    }
    Ok(())
}

fn same(theirs: &Tested, ours: &Tested) -> bool {
    let places = theirs.redirect == ours.redirect
        && theirs.subrequest == ours.subrequest
        // Conditions do not say theirs.
        && (ours.per_dir.is_none() || theirs.per_dir == ours.per_dir);
    let what = match (&theirs.what, &ours.what) {
        (What::Pattern { pattern, uri }, What::Pattern { pattern: our_pattern, uri: our_uri }) => {
            pattern == our_pattern && uri == our_uri
        }
        (
            What::Condition { input, pattern, no_case, matched },
            What::Condition { input: our_input, pattern: our_pattern, no_case: our_no_case, matched: our_matched },
        ) => {
            let cut = matched.is_none();
            let pattern = if cut { our_pattern.starts_with(pattern) } else { same_pattern(pattern, our_pattern) };
            // The input of an expression is printed as a null pointer.
            (input == our_input || input == "(null)")
                && pattern
                && (cut || (no_case == our_no_case && matched == our_matched))
        }
        _ => false,
    };
    places && what
}

/// `=""` means that the text is empty; 2.2 prints it without the quotes.
fn same_pattern(theirs: &[u8], ours: &[u8]) -> bool {
    let without = |text: &[u8]| text.strip_suffix(b"\"\"").filter(|t| t.ends_with(b"=")).unwrap_or(text).to_vec();
    theirs == ours || without(theirs) == without(ours)
}

fn of_step(step: &Step) -> Option<Tested> {
    let (what, per_dir) = match &step.event {
        Event::Pattern { pattern, subject, per_dir, .. } => {
            // The log shows the pattern without its negation.
            let pattern = pattern.strip_prefix(b"!").unwrap_or(pattern);
            (What::Pattern { pattern: pattern.into(), uri: subject.clone() }, per_dir.clone())
        }
        Event::Condition { input, pattern, flags, matched, .. } => {
            let no_case = flags.contains_str("NC");
            let what =
                What::Condition { input: input.clone(), pattern: pattern.clone(), no_case, matched: Some(*matched) };
            (what, None)
        }
        _ => return None,
    };
    Some(Tested { redirect: step.redirect, subrequest: step.subrequest, per_dir, what })
}

/// A line of the log; none when it is about something else.
///
/// 2.4: `rewrite:trace3 [initial/redir#1] [perdir /srv/www/] applying pattern 'P' to uri 'U'`; 2.2 has `(3)` between and
/// no `:trace3`.
fn of_line(line: &str) -> Option<Tested> {
    let rest = line.strip_prefix("rewrite")?;
    let (start, rest) = rest.split_once('[')?;
    if !(start.starts_with(":trace") || start.trim().is_empty()) {
        return None;
    }
    let (request, rest) = rest.split_once(']')?;
    let (kind, redirect) = request.split_once("/redir#").map_or((request, Some(0)), |(k, n)| (k, n.parse().ok()));
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('(').and_then(|r| r.split_once(')')).map_or(rest, |(_, r)| r.trim_start());
    let (per_dir, rest) = match rest.strip_prefix("[perdir ").and_then(|r| r.split_once("] ")) {
        Some((dir, rest)) => (Some(plain(dir)), rest),
        None => (None, rest),
    };
    Some(Tested { redirect: redirect?, subrequest: kind == "subreq", per_dir, what: what(rest)? })
}

fn what(text: &str) -> Option<What> {
    if let Some(rest) = text.strip_prefix("applying pattern '") {
        let (pattern, uri) = rest.rsplit_once("' to uri '")?;
        return Some(What::Pattern { pattern: plain(pattern), uri: plain(uri.strip_suffix('\'')?) });
    }
    let (input, rest) = text.strip_prefix("RewriteCond: input='")?.split_once("' pattern='")?;
    let ending = |rest: &str| {
        let (rest, result) = rest.rsplit_once(" => ")?;
        let matched = match result {
            "matched" => true,
            "not-matched" => false,
            _ => return None,
        };
        let (pattern, flags) = rest.rsplit_once('\'')?;
        Some((plain(pattern), flags.contains("NC"), matched))
    };
    Some(match ending(rest) {
        Some((pattern, no_case, matched)) => {
            What::Condition { input: plain(input), pattern, no_case, matched: Some(matched) }
        }
        None => What::Condition { input: plain(input), pattern: plain(rest), no_case: false, matched: None },
    })
}

/// Text of the log without its escapes (`ap_escape_logitem`).
fn plain(text: &str) -> BString {
    let mut plain = BString::default();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'x') => {
                let mut ahead = bytes.clone();
                let hex = ahead.next().zip(ahead.next()).and_then(|(high, low)| {
                    let digit = |b: u8| char::from(b).to_digit(16);
                    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
                });
                match hex {
                    Some(byte) => {
                        plain.push(byte);
                        bytes = ahead;
                    }
                    None => plain.extend_from_slice(b"\\x"),
                }
            }
            Some(b'n') => plain.push(b'\n'),
            Some(b'r') => plain.push(b'\r'),
            Some(b't') => plain.push(b'\t'),
            Some(b'b') => plain.push(8),
            Some(b'v') => plain.push(11),
            Some(b'f') => plain.push(12),
            Some(other) => plain.push(other),
            None => plain.push(b'\\'),
        }
    }
    plain
}

impl std::fmt::Display for Tested {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.subrequest { "subreq" } else { "initial" };
        write!(f, "[{kind}/redir#{}]", self.redirect)?;
        if let Some(dir) = &self.per_dir {
            write!(f, " [perdir {dir}]")?;
        }
        match &self.what {
            What::Pattern { pattern, uri } => write!(f, " pattern '{pattern}' on '{uri}'"),
            What::Condition { input, pattern, no_case, matched } => {
                let flags = if *no_case { " [NC]" } else { "" };
                write!(f, " condition '{pattern}'{flags} on '{input}': {matched:?}")
            }
        }
    }
}
