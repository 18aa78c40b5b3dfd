//! Request headers that the configuration changes (mod_headers), and front proxies that are believed (mod_remoteip).

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

/// `RemoteIPHeader` and the proxies that are believed.
#[derive(Clone, Debug, Default)]
pub struct RemoteIp {}

impl RemoteIp {
    pub fn directive(&mut self, _spot: &Spot<'_>, _name: &str, _args: Args<'_>) -> Result<(), String> {
        Ok(())
    }
    pub fn merge(&self, _inner: &Self, _level: Level) -> Self {
        self.clone()
    }
}

pub fn fixup(
    _run: &mut super::run::Run<'_>,
    _record: &mut super::record::Record,
) -> Result<super::record::Flow, super::unknown::Unknown> {
    Ok(super::record::Flow::Declined)
}

pub fn early(
    _run: &mut super::run::Run<'_>,
    _record: &mut super::record::Record,
) -> Result<(), super::unknown::Unknown> {
    Ok(())
}

pub fn remote_ip(
    _run: &mut super::run::Run<'_>,
    _record: &mut super::record::Record,
) -> Result<(), super::unknown::Unknown> {
    Ok(())
}
