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
    pub fn directive(&mut self, _spot: &Spot<'_>, _name: &str, _args: Args<'_>) -> Result<(), String> { Ok(()) }
    pub fn merge(&self, _inner: &Self, _level: Level) -> Self { self.clone() }
}
