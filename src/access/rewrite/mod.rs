//! mod_rewrite: rules and conditions, at the server and in directories.

use super::{
    config::{Spot, words::Args},
    level::Level,
};

/// What a server was told.
#[derive(Clone, Debug, Default)]
pub struct Server {}

/// What a section was told.
#[derive(Clone, Debug, Default)]
pub struct Dir {}

/// What is remembered between the phases of one request.
#[derive(Clone, Debug, Default)]
pub struct State {}

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
pub fn split(args: &[u8]) -> Vec<bstr::BString> { super::config::words::all(args) }
