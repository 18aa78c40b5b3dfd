//! What tests share: servers that they start, certificates that they make, windows without a display.

pub mod certs;
pub mod faces;
pub mod fuzz;
pub mod pictures;
pub mod proxy;
pub mod raw_ldap;
pub mod slapd;
pub mod stub;
