//! What failed, on what, and what to do: the form in which an error reaches a person.

use std::fmt;

/// An error as it is shown. Errors that code chooses by stay enums in their own folders and turn into this at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// One sentence: what failed, on what. Without a full stop.
    pub what: String,
    /// What to do about it, in whole sentences.
    pub hint: Option<String>,
    /// The technical rest, for "Copy details": causes, codes, the server's own words. Never a secret.
    pub details: Option<String>,
}

impl Problem {
    /// A problem that is only a sentence.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None, details: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the technical rest.
    #[must_use]
    pub fn details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// The sentence, the hint and the chain of `error`'s sources.
    pub fn from_error(error: &(dyn std::error::Error + 'static), hint: Option<&str>) -> Self {
        let mut details = Vec::new();
        let mut source = error.source();
        while let Some(cause) = source {
            details.push(cause.to_string());
            source = cause.source();
        }
        Self {
            what: error.to_string(),
            hint: hint.map(str::to_owned),
            details: (!details.is_empty()).then(|| details.join("\n")),
        }
    }
}

/// The sentence, then the hint.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hint {
            Some(hint) => write!(f, "{}. {hint}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl std::error::Error for Problem {}
