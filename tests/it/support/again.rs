//! This test program once more, for one test that must run elsewhere: on a message bus or in a network of its own.
//!
//! What a program is part of is in its environment or its namespaces, which cannot be changed for one test of many. So
//! the test that runs there is ignored otherwise, and another one starts it. It may only run where [`HERE`] is set:
//! [`is_here`].

use std::{env, process::Command};

use crate::desktop::output;

/// Set where such a test is to run.
const HERE: &str = "PHOTODESK_TEST_IN_ITS_PLACE";

/// Runs the ignored test `name`, such as `samba::inside`, by `start`: a program that ends in running what follows in its
/// arguments, or nothing.
pub fn run(start: &[&str], name: &str, environment: &[(&str, String)]) {
    let own = env::current_exe().unwrap();
    let own = own.to_str().unwrap();
    let mut words = start.iter().copied().chain([own, name, "--exact", "--ignored", "--nocapture"]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words).env(HERE, "1").envs(environment.iter().map(|(key, value)| (key, value)));
    let (done, said) = output(&mut command);
    assert!(done && said.contains("1 passed"), "{name}:\n{said}");
}

/// Whether this is where the test may run; prints why not.
pub fn is_here() -> bool {
    let here = env::var_os(HERE).is_some();
    if !here {
        println!("skipped: another test starts this one where it can run");
    }
    here
}
