//! Require and what goes with it: who may, and who is asked for a password.

use super::{
    config::{Spot, words::Args},
    level::Level,
};

/// What a section was told.
#[derive(Clone, Debug, Default)]
pub struct Dir {}

impl Dir {
    /// Takes in a directive; `name` is lower case.
    pub fn directive(&mut self, _spot: &Spot<'_>, _name: &str, _args: Args<'_>) -> Result<(), String> {
        Ok(())
    }

    /// `AuthType`.
    pub fn auth_type(&self) -> Option<&[u8]> {
        None
    }

    /// `inner` on top of this.
    pub fn merge(&self, _inner: &Self, _level: Level) -> Self {
        self.clone()
    }
}
