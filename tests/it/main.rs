//! One test binary for all integration tests: linking egui once is enough. One module a subject.

mod http;
mod journal;
mod slapd;
mod support;
mod cli;
mod desktop;
mod e2e;
mod package;
mod tidy;
mod demo;
