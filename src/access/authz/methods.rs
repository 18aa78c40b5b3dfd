//! Request methods in `Require method` and `AllowMethods` (`mod_allowmethods`).
//!
//! Not here: `Limit`, which takes methods that the server does not know too ([`crate::access::config::Limit`]).

use std::sync::Arc;

use bstr::{BStr, BString};

use crate::access::config::METHODS;

/// Methods that a directive names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Methods(Vec<&'static str>);

impl Methods {
    /// Adds one; false when the server does not know it. Case matters.
    pub(super) fn add(&mut self, name: &BStr) -> bool {
        let known = METHODS.iter().chain(&["HEAD"]).find(|known| known.as_bytes() == name);
        self.0.extend(known);
        known.is_some()
    }

    /// Whether a request's method is among them.
    pub(super) fn contain(&self, method: &[u8]) -> bool {
        let same = |name: &str| {
            if name == "HEAD" { "GET" } else { name }.as_bytes() == if method == b"HEAD" { b"GET" } else { method }
        };
        self.0.iter().copied().any(same)
    }
}

/// What `AllowMethods` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    /// `reset`.
    All,
    /// These.
    Only(Arc<Methods>),
}

impl Allowed {
    pub(super) fn contain(&self, method: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Only(methods) => methods.contain(method),
        }
    }
}

/// Reads `AllowMethods`.
///
/// # Errors
/// As the server words them.
pub(super) fn allowed(words: &[BString]) -> Result<Allowed, String> {
    match words {
        [] => return Err("AllowMethods: No method or 'reset' keyword given".to_owned()),
        [only] if only.eq_ignore_ascii_case(b"reset") => return Ok(Allowed::All),
        _ => {}
    }
    let mut methods = Methods::default();
    for word in words {
        if !methods.add(word.as_ref()) {
            return Err(format!("AllowMethods: Invalid Method '{word}'"));
        }
    }
    Ok(Allowed::Only(Arc::new(methods)))
}
