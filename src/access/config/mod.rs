//! The configuration as text: directives and sections with file and line, before they mean anything.

use std::sync::Arc;

use bstr::BString;

use super::{level::Level, regex, source::Place};

mod core_directives;
pub mod include;
pub mod known;
pub mod lines;
pub mod load;
pub mod read;
mod sections;
mod server_directives;
#[cfg(test)]
mod tests;
pub mod words;

/// The methods that the server knows from the start. `HEAD` is `GET`.
pub const METHODS: &[&str] = &[
    "GET",
    "PUT",
    "POST",
    "DELETE",
    "CONNECT",
    "OPTIONS",
    "TRACE",
    "PATCH",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "VERSION-CONTROL",
    "CHECKOUT",
    "UNCHECKOUT",
    "CHECKIN",
    "UPDATE",
    "LABEL",
    "REPORT",
    "MKWORKSPACE",
    "MKACTIVITY",
    "BASELINE-CONTROL",
    "MERGE",
];

/// A directive or a section, as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Its name as written; a section's starts with `<` (`<Directory`).
    pub name: BString,
    /// What stands after the name, variables replaced; of a section without the closing `>`.
    pub args: BString,
    /// Where it stands.
    pub place: Place,
    /// What is in it, when it is a section.
    pub children: Option<Vec<Directive>>,
}

/// Where a directive is read: what its handler may want to know (`cmd_parms`).
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// The server's level.
    pub level: Level,
    /// File and line.
    pub place: Place,
    /// The path or pattern of the section that the directive is in (`cmd->path`): of a `Directory` with its slash at the end, of
    /// `.htaccess` its folder with a slash; none at the level of a server.
    pub path: Option<&'a [u8]>,
    /// Whether it is in a `.htaccess` file.
    pub htaccess: bool,
    /// Whether the innermost section is one of `Directory`, `.htaccess` and the like, whose prefix per-directory rules cut.
    pub in_directory: bool,
    /// The methods of the `Limit` or `LimitExcept` around it; none when it is for all.
    pub limit: Option<&'a Limit>,
    /// What `RegexDefaultOptions` said so far.
    pub regex: regex::Options,
}

/// The methods that a `Limit` or `LimitExcept` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// `LimitExcept`: all methods but these.
    pub except: bool,
    /// The methods, upper case; `HEAD` is `GET`.
    pub methods: Vec<BString>,
    /// The one around it, which holds too.
    pub within: Option<Arc<Limit>>,
}

impl Limit {
    /// Whether a directive inside is for `method`.
    pub fn covers(&self, method: &[u8]) -> bool {
        let method: &[u8] = if method == b"HEAD" { b"GET" } else { method };
        self.methods.iter().any(|m| m.as_slice() == method) != self.except
            && self.within.as_ref().is_none_or(|outer| outer.covers(method))
    }
}
