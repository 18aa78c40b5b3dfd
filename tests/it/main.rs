//! One test binary for all integration tests: linking egui once is enough. One module a subject.

mod journal;
mod slapd;
mod support;
mod http;
mod tidy;
