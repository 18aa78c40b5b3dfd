//! mod_setenvif: SetEnvIf, SetEnvIfNoCase, SetEnvIfExpr, BrowserMatch.

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

pub fn post_read(
    _run: &mut super::run::Run<'_>,
    _record: &mut super::record::Record,
) -> Result<(), super::unknown::Unknown> {
    Ok(())
}

pub fn header_parser(
    _run: &mut super::run::Run<'_>,
    _record: &mut super::record::Record,
) -> Result<(), super::unknown::Unknown> {
    Ok(())
}
