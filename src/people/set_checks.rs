//! What the set-photo-URL dialog lists beside the picture: every check, its outcome, and the fact it rests on.
//!
//! Pure: what was typed and seen goes in, sentences come out.

use crate::{
    model::Value,
    people::{
        address::{self, UrlNote},
        set_url::{Intent, Other, Preview, SetUrl},
    },
    photo::{Format, Found, Level, Look, Rule, Sameness, badges::staleness},
};

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// How it came out.
    pub level: CheckLevel,
    /// A sentence, without full stop when it is one.
    pub sentence: String,
    /// The fact it rests on, for the right edge: `34 ms`.
    pub fact: String,
    /// What to do, or where the rule comes from.
    pub hint: String,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckLevel {
    /// As it should be.
    Good,
    /// Good to know.
    Hint,
    /// Works for some clients only.
    Weak,
    /// No client will show a photo.
    Bad,
    /// Being found out.
    Waiting,
}

/// All that is to be said of what the dialog would write, the picture first.
pub fn checks(dialog: &SetUrl) -> Vec<Check> {
    let mut checks = Vec::new();
    if dialog.intent() == Intent::Set {
        match dialog.preview() {
            Preview::Nothing => {}
            Preview::Waiting => {
                checks.push(check(CheckLevel::Waiting, "The photo is being fetched", "", ""));
            }
            Preview::Seen(_) if dialog.blocked_host().is_some() => {} // asked about above, with a button
            Preview::Seen(look) => seen(look, dialog.others(), &mut checks),
        }
        checks.extend(dialog.notes().iter().filter(|note| note.level != address::Level::Wrong).map(of_note));
    } else {
        checks.push(check(CheckLevel::Hint, "Web and mobile clients will show no photo", dialog.attribute(), ""));
    }
    checks.extend(several(dialog.before()));
    let header = match dialog.preview() {
        Preview::Seen(look) => look.exchange.as_ref().ok().and_then(|exchange| exchange.cache_control.as_deref()),
        _ => None,
    };
    if !dialog.before().is_empty() {
        checks.extend(staleness(header).first().map(|stale| {
            let until = if stale.how_long.starts_with("up to") { "for " } else { "" };
            let sentence = format!("Clients may show the old photo {until}{}", stale.how_long);
            check(CheckLevel::Hint, sentence, "cache", format!("{}: {} {}", stale.who, stale.why, stale.source))
        }));
    }
    checks
}

fn check(level: CheckLevel, sentence: impl Into<String>, fact: impl Into<String>, hint: impl Into<String>) -> Check {
    Check { level, sentence: sentence.into(), fact: fact.into(), hint: hint.into() }
}

/// What came from the web server.
fn seen(look: &Look, others: &[Other], checks: &mut Vec<Check>) {
    let (Ok(exchange), Some(Ok(found))) = (&look.exchange, &look.found) else {
        let level = if look.verdict.level == Level::Unknown { CheckLevel::Hint } else { CheckLevel::Bad };
        let mend = look.verdict.mend.clone().unwrap_or_default();
        checks.push(check(level, look.verdict.sentence.clone(), look.verdict.word.clone(), mend));
        return;
    };
    let article = if matches!(found.facts.format, Format::Avif | Format::Ico) { "an" } else { "a" };
    let answer = format!("Answers {} with {article} {}", exchange.status, found.facts.format.name());
    let level = if exchange.status == 200 { CheckLevel::Good } else { CheckLevel::Bad };
    checks.push(check(level, answer, format!("{} ms", exchange.elapsed.as_millis()), ""));
    if exchange.hops.len() > 1 {
        let last = exchange.hops.last().map(|hop| hop.url.clone()).unwrap_or_default();
        let count = exchange.hops.len() - 1;
        let sentence = format!("Redirected {count} {} on the way", if count == 1 { "time" } else { "times" });
        checks.push(check(CheckLevel::Hint, sentence, "", last));
    }
    checks.push(size(look, found));
    // What the address says by itself is said from `address::check_url`, before anything is fetched.
    let of_address = [Rule::Http, Rule::LowerCase, Rule::Spaces, Rule::Size, Rule::BestSize];
    let failed = look.badges.iter().filter(|badge| badge.level != Level::Good && !of_address.contains(&badge.rule));
    for badge in failed {
        let level = if badge.level == Level::Bad { CheckLevel::Bad } else { CheckLevel::Weak };
        checks.push(check(level, badge.reason.clone(), badge.word.clone(), badge.source));
    }
    checks.extend(others.iter().filter_map(|other| compared(look, found, other)));
}

/// Pixels and bytes, against the limits of business cards.
fn size(look: &Look, found: &Found) -> Check {
    let facts = &found.facts;
    let kilobytes = facts.bytes as f64 / 1000.0;
    let is_bad = |rule| look.badges.iter().any(|badge| badge.rule == rule && badge.level != Level::Good);
    let source = look.badges.iter().find(|badge| badge.rule == Rule::Size).map_or("", |badge| badge.source);
    let (level, limit, fact) = if is_bad(Rule::Size) {
        (CheckLevel::Weak, ", not under 45 KB", "too large")
    } else if is_bad(Rule::BestSize) {
        (CheckLevel::Hint, ", under 45 KB; 10 KB is best", "fits")
    } else {
        (CheckLevel::Good, ", 10 KB or less", "fits all clients")
    };
    let sentence = format!("{} × {}, {kilobytes:.1} KB{limit}", facts.width, facts.height);
    check(level, sentence, fact, source)
}

/// Whether the new picture is one that the person has elsewhere.
fn compared(look: &Look, found: &Found, other: &Other) -> Option<Check> {
    if other.url.as_deref() == Some(look.url.as_str()) {
        return None;
    }
    let place = if other.url.is_some() { "at the old address".to_owned() } else { format!("in {}", other.label) };
    let (level, sentence, fact) = match found.compare(other.found.as_ref()?) {
        Sameness::SameBytes => (CheckLevel::Good, format!("Same picture as {place}"), "same bytes"),
        Sameness::SamePicture => (CheckLevel::Good, format!("Same picture as {place}"), "other size"),
        Sameness::Other => (CheckLevel::Hint, format!("Another picture than {place}"), "other picture"),
    };
    Some(check(level, sentence, fact, ""))
}

fn of_note(note: &UrlNote) -> Check {
    let level = if note.level == address::Level::Warning { CheckLevel::Weak } else { CheckLevel::Hint };
    check(level, note.sentence.clone(), "", note.source)
}

/// More values than clients use.
fn several(values: &[Value]) -> Option<Check> {
    let count = values.len();
    let hint = "Clients use one value, as a rule the first that the directory sends. The values of an attribute have \
                no fixed order (RFC 4511, 4.1.7), so another client may use another one.";
    (count > 1).then(|| {
        let sentence = format!("{count} values are set where clients use one; all of them are replaced");
        check(CheckLevel::Weak, sentence, "see above", hint)
    })
}
