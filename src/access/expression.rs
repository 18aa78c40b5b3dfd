//! Where the modules that merely use expressions meet the expression language ([`super::expr`]).
//!
//! One place, so that they need not know how it is called: conditions (`SetEnvIfExpr`, `RequestHeader … expr=`) and texts
//! with variables in them (`Alias` and `Redirect` in a `Location`).

use bstr::BString;

use super::{
    config::Spot,
    expr::{self, Expr},
    record::Record,
    run::Run,
    source::Place,
    unknown::Unknown,
};

/// A condition.
#[derive(Clone, Debug)]
pub struct Condition {
    expression: Expr,
    text: BString,
    place: Place,
}

/// A text with variables in it.
#[derive(Clone, Debug)]
pub struct Text {
    expression: Expr,
    place: Place,
}

/// How expressions are read at `spot`.
pub fn options(spot: &Spot<'_>) -> expr::Options {
    expr::Options { restricted: false, htaccess: spot.htaccess, regex: spot.regex }
}

/// Blames the line for what has no line of its own.
fn at(place: Place) -> impl Fn(Unknown) -> Unknown {
    move |unknown| Unknown { place: unknown.place.or(Some(place)), ..unknown }
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// What the server says of it, without what comes before (`Could not parse expression …`).
    pub fn parse(text: &[u8], spot: &Spot<'_>) -> Result<Self, String> {
        let expression = Expr::parse(text, options(spot), spot.level)?;
        Ok(Self { expression, text: text.into(), place: spot.place })
    }

    /// Whether it holds. Then `run.captures` has the groups of its last match, in the text that is written to `subject`.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn holds(&self, run: &mut Run<'_>, record: &Record, subject: &mut BString) -> Result<bool, Unknown> {
        let mut captures = expr::Captures::default();
        let holds = self.expression.holds(run, record, &mut captures).map_err(at(self.place))?;
        // Without a pattern that was found, those of before stay.
        if let Some(groups) = captures.groups() {
            subject.clear();
            subject.extend_from_slice(captures.subject());
            run.captures = groups;
        }
        Ok(holds)
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
        Ok(Self { expression: Expr::parse_string(text, options(spot), spot.level)?, place: spot.place })
    }

    /// The text with its variables filled in.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn fill(&self, run: &mut Run<'_>, record: &Record) -> Result<BString, Unknown> {
        self.expression.text(run, record, &expr::Captures::default()).map_err(at(self.place))
    }
}
