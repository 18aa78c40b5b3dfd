//! What the policy engine takes for a request through the access rules of a photo server, and for reading a long configuration.
//! Fails when one of them takes longer than its limit.
//!
//! `cargo bench --bench access`. Not here: allocations (`access_allocations`), which would be counted while time is measured.

#![expect(clippy::unwrap_used, reason = "as in a test: what is not as it should be ends it")]
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]
#![allow(missing_docs, reason = "of what `divan` makes of a function")]

#[allow(
    dead_code,
    unused_imports,
    clippy::pedantic,
    clippy::expect_used,
    reason = "made for tests, which use all of it"
)]
#[path = "../tests/it/support/httpd/mod.rs"]
mod httpd;
#[path = "support/photos.rs"]
mod photos;

use std::{
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

use divan::{Bencher, counter::ItemsCount};
use photodesk::access::{
    config::{load::load, read::Start},
    files::Files,
    level::Level,
    policy::Policy,
    request::{Request, World},
    respond::answer,
    trace::Tracer,
};
use photos::{CONDITIONS, OUTSIDER, PROXY};

/// A request through seven conditions and one rule, without a trace.
const REQUEST: Duration = Duration::from_nanos(1500);
/// Reading [`LINES`].
const READING: Duration = Duration::from_millis(300);
const LINES: usize = 100_000;
const LEVELS: [Level; 2] = [Level::V2_2_34, Level::V2_4_71];

fn main() -> ExitCode {
    // `cargo test` builds and starts this, too.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    if httpd::bed::inside().is_some() {
        return costs_of_the_server();
    }
    divan::main();
    // What `divan` measures it shows and does not tell.
    println!("\nleast of many rounds, and the limit");
    let mut held = true;
    for level in LEVELS {
        for (what, client) in [("redirected", OUTSIDER), ("sent", PROXY)] {
            for listed in [false, true] {
                let asked = Asked::new(level, client, listed);
                let took = least(20, 20_000, || asked.answer());
                let files = if listed { "a list of files" } else { "every photo there" };
                held &= within(&format!("{level}, {what}, {files}"), took, REQUEST);
            }
        }
        let text = photos::long(LINES);
        held &= within(&format!("{level}, {LINES} lines read"), least(10, 1, || read(level, &text)), READING);
    }
    println!("\nthe same in Debian's httpd");
    if let Err(why) = httpd::bed::enter(&["--bench"]) {
        println!("not measured: {why}");
    }
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the same rules cost a real server: its processor time with and without them, in a network of its own.
fn costs_of_the_server() -> ExitCode {
    let cost = |lines| httpd::cost::per_request(lines, 20_000).unwrap();
    let (without, with) = (cost(""), cost(httpd::cost::RULES));
    println!("{:40} {without:>12?}", "a photo without rules");
    println!("{:40} {with:>12?}", "with seven conditions and one rule");
    println!("{:40} {:>12?}", "so the rules cost", with.saturating_sub(without));
    ExitCode::SUCCESS
}

fn within(what: &str, took: Duration, limit: Duration) -> bool {
    let held = took <= limit;
    println!("{what:40} {took:>12?}   {limit:?}{}", if held { "" } else { " exceeded" });
    held
}

/// The least time of one call: whatever else the machine does only adds.
fn least(rounds: u32, calls: u32, mut call: impl FnMut()) -> Duration {
    let round = |_| {
        let begun = Instant::now();
        (0..calls).for_each(|_| call());
        begun.elapsed() / calls
    };
    (0..rounds).map(round).min().unwrap_or_default()
}

/// One request to one policy.
struct Asked {
    policy: Policy,
    world: World,
    request: Request,
}

impl Asked {
    fn new(level: Level, client: &str, listed: bool) -> Self {
        let world = photos::world(listed);
        let policy = photos::policy(level, &world, &photos::virtual_host(level, &CONDITIONS));
        let asked = Self { policy, world, request: photos::request(client) };
        let expected = if client == PROXY { "served" } else { "redirected" };
        assert_eq!(answer(&asked.policy, &asked.world, &asked.request, Tracer::off()).verdict.word(), expected);
        asked
    }

    fn answer(&self) {
        black_box(answer(&self.policy, &self.world, black_box(&self.request), Tracer::off()));
    }
}

fn read(level: Level, text: &str) {
    // `Require` is of 2.4.
    let text = if level.is_24() { text.to_owned() } else { text.replace("Require ip", "Allow from") };
    let loaded = load(&Start::new(level), &Files::EveryPhoto, b"", "httpd.conf", text.as_bytes());
    assert!(black_box(loaded).policy.is_ok());
}

#[divan::bench(args = LEVELS)]
fn redirected_every_photo_there(bencher: Bencher<'_, '_>, level: Level) {
    let asked = Asked::new(level, OUTSIDER, false);
    bencher.counter(ItemsCount::new(1_usize)).bench(|| asked.answer());
}

#[divan::bench(args = LEVELS)]
fn sent_every_photo_there(bencher: Bencher<'_, '_>, level: Level) {
    let asked = Asked::new(level, PROXY, false);
    bencher.counter(ItemsCount::new(1_usize)).bench(|| asked.answer());
}

#[divan::bench(args = LEVELS)]
fn sent_of_a_list_of_files(bencher: Bencher<'_, '_>, level: Level) {
    let asked = Asked::new(level, PROXY, true);
    bencher.counter(ItemsCount::new(1_usize)).bench(|| asked.answer());
}

#[divan::bench(args = LEVELS, sample_count = 10)]
fn reading_a_long_configuration(bencher: Bencher<'_, '_>, level: Level) {
    let text = photos::long(LINES);
    bencher.counter(ItemsCount::new(LINES)).bench(|| read(level, &text));
}
