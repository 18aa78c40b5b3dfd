//! A real Apache httpd for tests: any configuration, any files, any client address, in a world of its own.
//!
//! [`bed`] makes the world (namespaces), [`server`] runs httpd in it, [`client`] asks, [`observe`] writes down what came
//! back in the format of [`case`], [`compare`] tells two answers apart, [`shrink`] makes a differing case small,
//! [`grammar`] makes cases up, [`cost`] measures what rules cost the server.
//!
//! Not here: what the policy engine says about a case. The tests bring it as [`compare::Judged`].

pub mod bed;
pub mod case;
pub mod client;
pub mod compare;
pub mod cost;
pub mod grammar;
pub mod observe;
pub mod server;
pub mod shrink;
