//! What the administrator reads about one photo address: a word, a sentence, what to do.

use super::{Found, PhotoFault};
use crate::net::http::{Exchange, HttpError};

/// How good it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing is wrong.
    Good,
    /// Shown by some clients, or not as well as it could be.
    Weak,
    /// Not shown.
    Bad,
    /// Not looked at yet, or it could not be.
    Unknown,
}

/// What is wrong, for the filters of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// Nothing.
    None,
    /// No photo URL is set.
    NoUrl,
    /// The address leads to no photo.
    Broken,
    /// It differs from the file by upper and lower case only.
    WrongCase,
    /// The photo has more bytes or pixels than clients take.
    TooLarge,
    /// The photo is neither JPEG nor GIF.
    WrongType,
    /// Not known: it was not looked at yet, or its host was not allowed.
    Unchecked,
}

/// What is said of one photo address, or of one photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How good.
    pub level: Level,
    /// One or two words for a table: `Set`, `404`, `Sign-in page`.
    pub word: String,
    /// What and why, in one sentence without full stop.
    pub sentence: String,
    /// What to do about it, in whole sentences.
    pub mend: Option<String>,
    /// For the filters of the list.
    pub kind: FaultKind,
}

/// What is known about one address.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The address, as in the directory.
    pub url: &'a str,
    /// The person's mail address.
    pub mail: Option<&'a str>,
    /// What the web server answered.
    pub exchange: Result<&'a Exchange, &'a HttpError>,
    /// The body as a picture, when there is a body.
    pub found: Option<Result<&'a Found, &'a PhotoFault>>,
    /// Whether the address in lower case leads to a photo; `None` when it was not tried.
    pub lower_case_works: Option<bool>,
}

/// Judges one address from what is known about it.
pub fn judge(evidence: &Evidence<'_>) -> Verdict {
    let _ = evidence;
    unimplemented!()
}

/// Judges a photo that the directory itself holds, such as `thumbnailPhoto`.
pub fn judge_binary(found: Result<&Found, &PhotoFault>) -> Verdict {
    let _ = found;
    unimplemented!()
}

/// Nobody's address: the attribute has no value.
pub fn no_url() -> Verdict {
    unimplemented!()
}

/// An address that was not looked at yet.
pub fn unchecked() -> Verdict {
    unimplemented!()
}
