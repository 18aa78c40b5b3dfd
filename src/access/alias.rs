//! mod_alias: Alias, AliasMatch, ScriptAlias, and the Redirect family.

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

/// What a server was told.
#[derive(Clone, Debug, Default)]
pub struct Server {}

impl Server {
    pub fn directive(&mut self, _spot: &Spot<'_>, _name: &str, _args: Args<'_>) -> Result<(), String> {
        Ok(())
    }
    pub fn merge(&self, _inner: &Self, _level: Level) -> Self {
        self.clone()
    }
}

pub fn translate(
    _run: &mut super::run::Run<'_>,
    _record: &mut super::record::Record,
) -> Result<super::record::Flow, super::unknown::Unknown> {
    Ok(super::record::Flow::Declined)
}

pub fn fixup(
    _run: &mut super::run::Run<'_>,
    _record: &mut super::record::Record,
) -> Result<super::record::Flow, super::unknown::Unknown> {
    Ok(super::record::Flow::Declined)
}
