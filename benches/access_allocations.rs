//! How often a request through the access rules of a photo server allocates memory. Fails when a condition does.
//!
//! `cargo bench --bench access_allocations`. Not here: time (`access`), which counting would add to.

#![expect(clippy::unwrap_used, reason = "as in a test: what is not as it should be ends it")]
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

#[path = "support/photos.rs"]
mod photos;

use std::{hint::black_box, process::ExitCode};

use photodesk::access::{level::Level, respond::answer, trace::Tracer};
use photos::{CONDITIONS, OUTSIDER, PROXY};

fn main() -> ExitCode {
    // `cargo test` builds and starts this, too.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let mut held = true;
    for level in Level::ALL {
        for (what, client) in [("redirected", OUTSIDER), ("sent", PROXY)] {
            for listed in [false, true] {
                let [once, thrice] = [1, 3].map(|times| count(level, client, listed, times));
                let files = if listed { "a list of files" } else { "every photo there" };
                println!("{level:?}, {what}, {files}: {once} for 7 conditions, {thrice} for 21");
                held &= once == thrice;
            }
        }
    }
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Allocations of one request, after one that does not count: sections are merged and buffers made at the first.
fn count(level: Level, client: &str, listed: bool, times: usize) -> u64 {
    let world = photos::world(listed);
    let policy = photos::policy(level, &world, &photos::virtual_host(level, &CONDITIONS.repeat(times)));
    let request = photos::request(client);
    let ask = || {
        black_box(answer(&policy, &world, &request, Tracer::off()));
    };
    ask();
    allocation_counter::measure(ask).count_total
}
