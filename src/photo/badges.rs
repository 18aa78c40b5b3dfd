//! The clients' rules for a photo, each with its source in HCL's documentation; and how long old photos stay.

use super::{Level, judge::Evidence};

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// Under 45 KB.
    Size,
    /// 10 KB or less is best.
    BestSize,
    /// JPEG or GIF.
    Type,
    /// http, for all client types with one URL.
    Http,
    /// No sign-in.
    SignIn,
    /// Lower case, as meeting clients ask.
    LowerCase,
    /// The bytes are an image.
    Image,
    /// No spaces in the address.
    Spaces,
}

/// One rule and how a photo stands by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Which.
    pub rule: Rule,
    /// How the photo stands.
    pub level: Level,
    /// On the badge: `61 KB`, `PNG`, `https`.
    pub word: String,
    /// One sentence.
    pub reason: String,
    /// Where the rule comes from.
    pub source: &'static str,
}

/// How every rule stands; rules that cannot be told from the evidence are left out.
pub fn badges(evidence: &Evidence<'_>) -> Vec<Badge> {
    let _ = evidence;
    unimplemented!()
}

/// Badges of a photo that the directory itself holds: what the file says alone.
pub fn badges_of_file(found: Result<&super::Found, &super::PhotoFault>) -> Vec<Badge> {
    let _ = found;
    unimplemented!()
}

/// Who may see the old photo after a change, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staleness {
    /// Who: `Notes and the Sametime client`.
    pub who: &'static str,
    /// For how long, in words: `up to 7 days`.
    pub how_long: String,
    /// One or two sentences: why, and what shortens it.
    pub why: String,
    /// Where that comes from.
    pub source: &'static str,
}

/// How long the old photo may still be seen after the address or the photo changed. `cache_control` is the photo web
/// server's header.
pub fn staleness(cache_control: Option<&str>) -> Vec<Staleness> {
    let _ = cache_control;
    unimplemented!()
}
