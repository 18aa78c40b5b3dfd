//! Blocking clients, one file or folder a protocol. `async` never leaves a file; only `net` and `demo` open sockets.

pub mod http;
pub mod ldap;
pub mod trust;
