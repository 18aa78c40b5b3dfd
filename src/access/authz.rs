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

    /// `inner` on top of this.
    pub fn merge(&self, _inner: &Self, _level: Level) -> Self {
        self.clone()
    }
}

impl Dir {
    pub fn container(
        &mut self,
        _spot: &Spot<'_>,
        _d: &super::config::Directive,
    ) -> Result<(), super::config::read::Problem> {
        Ok(())
    }
}

pub fn decide(
    _run: &mut super::run::Run<'_>,
    _record: &mut super::record::Record,
) -> Result<super::record::Flow, super::unknown::Unknown> {
    Ok(super::record::Flow::Declined)
}
