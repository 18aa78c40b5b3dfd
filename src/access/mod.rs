//! The policy engine: what would the web server do with this request, and which line decides?
//!
//! A pure library: a configuration is read for one [`level::Level`] of Apache httpd into a [`policy::Policy`]; a
//! [`request::Request`] in a [`request::World`] is taken through it as the server takes it, and the answer says what is
//! sent and why. The measure is the recorded behaviour of real servers, not their manual. What cannot be known is said to be
//! [`unknown::Unknown`], never guessed.
//!
//! | file | what it is |
//! | --- | --- |
//! | `level`, `source`, `unknown`, `table`, `address`, `regex`, `glob`, `digest`, `escape`, `files` | the words everything shares |
//! | `config/` | the text: words, directives, includes, sections |
//! | `policy`, `core` | the configuration with a meaning |
//! | `request`, `record`, `trace`, `run` | one request through all phases |
//! | `rewrite/`, `alias`, `host_access`, `authz`, `expr/`, `setenvif`, `env`, `headers` | one module each |

pub mod address;
pub mod alias;
pub mod authz;
pub mod config;
pub mod conformance;
pub mod core;
pub mod digest;
pub mod directory;
pub mod env;
pub mod escape;
pub mod explain;
pub mod expr;
pub mod expression;
pub mod files;
pub mod findings;
pub mod glob;
pub mod headers;
pub mod host_access;
pub mod judge;
pub mod level;
pub mod policy;
pub mod pregsub;
pub mod record;
pub mod regex;
pub mod remote_ip;
pub mod request;
pub mod respond;
pub mod rewrite;
pub mod run;
pub mod say;
pub mod setenvif;
pub mod source;
pub mod table;
pub mod table_of_requests;
pub mod trace;
#[cfg(test)]
mod trial;
pub mod unknown;
pub mod vhost;
pub mod walk;
pub mod wire;
