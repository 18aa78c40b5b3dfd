//! Photodesk: the Sametime administrator's desk for people's photos.
//!
//! A map of the crate. The folders stand in their order: each may use only those above it
//! (held by `tests/it/tidy.rs`).
//!
//! | folder | what it is |
//! | --- | --- |
//! | [`model`] | the words everyone shares: site, person, photo URL, change |
//! | [`ui`] | looks without meaning: tokens, theme, widgets |
//! | [`job`] | the one way off the UI thread |
//! | [`net`] | blocking clients, one a protocol: LDAP, HTTP; what is trusted |
//! | [`journal`] | every change, on disk before it is made |
//! | [`photo`] | pixels, and what the clients' rules say of them |
//! | [`access`] | what the web server does with a request, and which line decides |
//! | [`sites`] | site files, passwords, the connection check, the wizard |
//! | [`people`] | the directory: list, person, photo URLs |
//! | [`activity`] | running jobs and the journal, seen and undone |
//! | [`demo`] | a whole site on loopback |
//! | [`cli`] | the command line |
//! | [`app`] | the window |
//!
//! Five words carry the window: *State* (what is true), *Panel* (how it is drawn, and what is half typed),
//! *Command* (what a person asks), *Job* (work off the UI thread), *Event* (what a job reports).

pub mod access;
pub mod activity;
pub mod app;
pub mod cli;
pub mod demo;
pub mod job;
pub mod journal;
pub mod model;
pub mod net;
pub mod people;
pub mod photo;
pub mod sites;
pub mod ui;
