//! What tests share: servers that they start, certificates that they make, windows without a display.

#[cfg(target_os = "linux")]
pub mod again;
pub mod certs;
pub mod faces;
pub mod fuzz;
pub mod httpd;
#[cfg(target_os = "linux")]
pub mod keyring;
pub mod pictures;
pub mod proxy;
pub mod raw_ldap;
#[cfg(target_os = "linux")]
pub mod samba;
pub mod slapd;
pub mod stub;
