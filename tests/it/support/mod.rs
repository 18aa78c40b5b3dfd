//! What tests share: servers that they start, certificates that they make.

pub mod certs;
pub mod slapd;
