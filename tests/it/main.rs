//! One test binary for all integration tests: linking egui once is enough. One module a subject.
#![expect(clippy::print_stdout, reason = "a test that cannot run here says why")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what a test builds on may fail like the test itself")]

mod access;
mod access_fuzz;
mod activity;
mod apply;
mod cli;
mod cli_access;
mod demo;
mod demo_ldap;
mod demo_web;
mod desktop;
mod e2e;
mod export;
mod gallery;
mod http;
mod httpd_live;
mod journal;
#[cfg(target_os = "linux")]
mod keychain;
mod package;
mod person;
mod photo;
#[cfg(target_os = "linux")]
mod samba;
mod set_url;
mod sites_check;
mod sites_store;
mod slapd;
mod slapd_faults;
mod slapd_lists;
mod slapd_tls;
mod slapd_writes;
mod support;
mod tidy;
mod widgets;
mod window;
mod wizard;
