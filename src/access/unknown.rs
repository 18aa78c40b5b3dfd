//! What stops us from answering: never a guess, always a reason and, where there is one, a line.

use super::source::Place;

/// Why the server's answer cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The line that makes it so.
    pub place: Option<Place>,
    /// A phrase that ends the sentence "cannot tell because …".
    pub reason: String,
}

impl Unknown {
    /// Because of the directive at `place`.
    pub fn at(place: Place, reason: impl Into<String>) -> Self {
        Self { place: Some(place), reason: reason.into() }
    }

    /// For a reason that no line is to blame for.
    pub fn because(reason: impl Into<String>) -> Self {
        Self { place: None, reason: reason.into() }
    }
}
