//! Where the modules that merely use expressions meet the expression language ([`super::expr`]).
//!
//! One place, so that they need not know how it is called: conditions (`SetEnvIfExpr`, `RequestHeader … expr=`) and texts
//! with variables in them (`Alias` and `Redirect` in a `Location`).

use bstr::{BString, ByteSlice};

use super::{config::Spot, record::Record, run::Run, source::Place, unknown::Unknown};

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    text: BString,
    place: Place,
}

/// A text with variables in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    text: BString,
    place: Place,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// What the server says of it, without what comes before (`Could not parse expression …`).
    pub fn parse(text: &[u8], spot: &Spot<'_>) -> Result<Self, String> {
        Ok(Self { text: text.into(), place: spot.place })
    }

    /// Whether it holds. Then `run.captures` has the groups of its last match, in the text that is written to `subject`.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn holds(&self, _run: &mut Run<'_>, _record: &Record, _subject: &mut BString) -> Result<bool, Unknown> {
        Err(Unknown::at(self.place, format!("the expression {} is not evaluated", self.text)))
    }

    /// As written.
    pub fn as_written(&self) -> &BString {
        &self.text
    }
}

impl Text {
    /// Reads a text.
    ///
    /// # Errors
    /// What the server says of it, without what comes before.
    pub fn parse(text: &[u8], spot: &Spot<'_>) -> Result<Self, String> {
        Ok(Self { text: text.into(), place: spot.place })
    }

    /// The text with its variables filled in.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn fill(&self, _run: &mut Run<'_>, _record: &Record) -> Result<BString, Unknown> {
        if self.text.find_byteset(b"%$\\").is_some() {
            return Err(Unknown::at(self.place, format!("the expression {} is not evaluated", self.text)));
        }
        Ok(self.text.clone())
    }
}
