//! A configuration with a meaning: servers, their sections, and what each module was told.
//!
//! Not here: reading the text ([`super::config`]) and answering a request ([`super::run`]).

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, PoisonError, RwLock},
};

use bstr::{BStr, BString, ByteSlice};

use super::{
    alias, authz,
    config::read::Start,
    core, env, headers, host_access,
    level::Level,
    regex,
    remote_ip::RemoteIp,
    rewrite, setenvif,
    source::{Place, Sources},
    vhost::Hosts,
};

/// What a level makes of one configuration.
#[derive(Debug)]
pub struct Policy {
    /// The level.
    pub level: Level,
    /// The files it was read from.
    pub sources: Sources,
    /// The main server, then the virtual hosts in the order of the file, each merged with the main server.
    pub servers: Vec<Server>,
    /// Which of them answers on which address and name.
    pub hosts: Hosts,
    /// What the server knew before it read the file.
    pub start: Start,
    /// `Define`d names.
    pub defines: Vec<(BString, Option<BString>)>,
    /// Modules named by `LoadModule`.
    pub loaded: BTreeSet<String>,
    /// Modules that are there, without `mod_`.
    pub modules: BTreeSet<&'static str>,
    /// `ServerRoot`.
    pub server_root: BString,
    /// `RegexDefaultOptions`.
    pub regex: regex::Options,
    /// Sections that were merged before.
    pub merges: Merges,
}

/// What sections come to when they are merged, kept because most requests meet the same few.
#[derive(Debug, Default)]
pub struct Merges {
    /// By the addresses of the outer and the inner one, which are kept and so are nobody else's.
    known: RwLock<HashMap<(usize, usize), Merge>>,
}

/// Outer, inner, and both merged.
type Merge = (Arc<DirConfig>, Arc<DirConfig>, Arc<DirConfig>);

/// So many merges are kept; those of `.htaccess` files, which are read again for each request, would become ever more.
const MERGES: usize = 1024;

/// The main server or a virtual host.
#[derive(Debug, Default)]
pub struct Server {
    /// What core and the modules keep for a server.
    pub core: core::Server,
    /// mod_rewrite.
    pub rewrite: rewrite::Server,
    /// mod_alias.
    pub alias: alias::Server,
    /// mod_setenvif outside directories.
    pub setenvif: setenvif::Dir,
    /// mod_remoteip.
    pub remote_ip: RemoteIp,
    /// What stands outside of sections (`lookup_defaults`).
    pub defaults: Arc<DirConfig>,
}

/// What a section, or several merged, say to the modules. None: nothing was said to that module.
#[derive(Clone, Debug, Default)]
pub struct DirConfig {
    /// core: Options, AllowOverride, ErrorDocument, handlers; mod_dir, mod_autoindex, mod_mime as far as they decide.
    pub core: Option<Arc<core::Dir>>,
    /// mod_rewrite.
    pub rewrite: Option<Arc<rewrite::Dir>>,
    /// mod_alias: Redirect and, from 2.4, Alias in a Location.
    pub alias: Option<Arc<alias::Dir>>,
    /// Order, Allow, Deny, Satisfy (mod_authz_host of 2.2, mod_access_compat of 2.4).
    pub host_access: Option<Arc<host_access::Dir>>,
    /// Require and sign-in.
    pub authz: Option<Arc<authz::Dir>>,
    /// SetEnvIf in directories.
    pub setenvif: Option<Arc<setenvif::Dir>>,
    /// SetEnv, PassEnv, UnsetEnv.
    pub env: Option<Arc<env::Dir>>,
    /// RequestHeader, and Header as far as it decides.
    pub headers: Option<Arc<headers::Dir>>,
    /// Directives here that are not modelled and could matter, with what they could change.
    pub unknown: Vec<(Place, String)>,
}

/// Merges what one module was told, when both sections told it something.
fn both<T>(outer: Option<&Arc<T>>, inner: Option<&Arc<T>>, merge: impl FnOnce(&T, &T) -> T) -> Option<Arc<T>> {
    match (outer, inner) {
        (Some(outer), Some(inner)) => Some(Arc::new(merge(outer, inner))),
        (one, None) | (None, one) => one.cloned(),
    }
}

impl DirConfig {
    /// `inner` on top of this, each module by its own rule (`ap_merge_per_dir_configs`).
    pub fn merge(&self, inner: &Self, level: Level) -> Self {
        Self {
            core: both(self.core.as_ref(), inner.core.as_ref(), |o, i| o.merge(i, level)),
            rewrite: both(self.rewrite.as_ref(), inner.rewrite.as_ref(), |o, i| o.merge(i, level)),
            alias: both(self.alias.as_ref(), inner.alias.as_ref(), |o, i| o.merge(i, level)),
            host_access: both(self.host_access.as_ref(), inner.host_access.as_ref(), |o, i| o.merge(i, level)),
            authz: both(self.authz.as_ref(), inner.authz.as_ref(), |o, i| o.merge(i, level)),
            setenvif: both(self.setenvif.as_ref(), inner.setenvif.as_ref(), |o, i| o.merge(i, level)),
            env: both(self.env.as_ref(), inner.env.as_ref(), |o, i| o.merge(i, level)),
            headers: both(self.headers.as_ref(), inner.headers.as_ref(), |o, i| o.merge(i, level)),
            unknown: self.unknown.iter().chain(&inner.unknown).cloned().collect(),
        }
    }
}

impl Policy {
    /// `inner` on top of `outer`.
    pub fn merged(&self, outer: &Arc<DirConfig>, inner: &Arc<DirConfig>) -> Arc<DirConfig> {
        let key = (Arc::as_ptr(outer).addr(), Arc::as_ptr(inner).addr());
        let known =
            self.merges.known.read().unwrap_or_else(PoisonError::into_inner).get(&key).map(|m| Arc::clone(&m.2));
        if let Some(merged) = known {
            return merged;
        }
        let merged = Arc::new(outer.merge(inner, self.level));
        let mut known = self.merges.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MERGES {
            known.clear();
        }
        known.insert(key, (Arc::clone(outer), Arc::clone(inner), Arc::clone(&merged)));
        merged
    }

    /// The server at `index`; the main server when there is no such.
    pub fn server(&self, index: usize) -> &Server {
        &self.servers[if index < self.servers.len() { index } else { 0 }]
    }

    /// `ServerName` of that server as `%{SERVER_NAME}` shows it.
    pub fn server_name(&self, index: usize) -> &BStr {
        self.server(index).core.name.as_ref().map_or(BStr::new("localhost"), |name| name.as_bstr())
    }
}
