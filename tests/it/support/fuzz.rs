//! A mutating fuzzer: inputs made of a corpus and a dictionary, on all cores, the same for the same seed.
//!
//! An input that led to something new stays in the corpus of its thread and is mutated further: what is new is told by the
//! fingerprint that the target gives, so the code need not be instrumented. Not here: what is fed, and to what.

use std::{
    collections::HashSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;

/// An input never gets longer than this, in bytes.
const LONGEST: usize = 64 << 10;
/// Inputs that a thread keeps beside those it was given.
const KEPT: usize = 20_000;
/// A run that takes this long hangs.
const HANGS: Duration = Duration::from_mins(1);
/// The slowest inputs that are told.
const SLOWEST: usize = 3;
/// Panics that are told.
const TOLD: usize = 10;

/// What inputs are made of.
pub struct Corpus {
    /// Whole inputs.
    pub inputs: Vec<Vec<u8>>,
    /// Words that mean something.
    pub words: Vec<Vec<u8>>,
}

/// How much is run, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Inputs in all.
    pub runs: u64,
    /// Where chance starts.
    pub seed: u64,
    /// Threads; part of what an input depends on.
    pub threads: u64,
    /// A folder into which every input is written before it is run: finds the one that ends the process.
    pub last: Option<PathBuf>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// Inputs run.
    pub runs: u64,
    /// Inputs that led to something new.
    pub new: usize,
    /// The longest runs, and their inputs.
    pub slowest: Vec<(Duration, Vec<u8>)>,
    /// Inputs that panicked.
    pub panics: Vec<Vec<u8>>,
}

/// What a thread works on, for the one that watches it.
#[derive(Default)]
struct Work {
    run: u64,
    since: Option<Instant>,
    input: Vec<u8>,
}

/// Feeds `plan.runs` inputs to `target`, which also gets a number to choose by, and says by a number what came out; none is
/// nothing of interest.
pub fn fuzz(corpus: &Corpus, plan: &Plan, target: impl Fn(&[u8], u64) -> Option<u64> + Sync) -> Report {
    let watched: Vec<Mutex<Work>> = (0..plan.threads).map(|_| Mutex::default()).collect();
    let (done, reports) = mpsc::channel();
    let mut whole = Report::default();
    thread::scope(|scope| {
        for (number, work) in watched.iter().enumerate() {
            let (done, target) = (done.clone(), &target);
            scope.spawn(move || {
                let report = Worker::new(corpus, plan, number as u64).all(work, target);
                done.send(report).unwrap();
            });
        }
        for _thread in 0..plan.threads {
            whole.add(next(&reports, &watched));
        }
    });
    whole
}

/// The next thread's report; ends the process when one of them hangs, as a thread cannot be ended.
fn next(reports: &mpsc::Receiver<Report>, watched: &[Mutex<Work>]) -> Report {
    loop {
        if let Ok(report) = reports.recv_timeout(Duration::from_secs(5)) {
            return report;
        }
        for work in watched {
            let work = locked(work);
            if work.since.is_some_and(|s| s.elapsed() > HANGS) {
                println!("run {} hangs on: {}", work.run, work.input.escape_ascii());
                std::process::exit(1);
            }
        }
    }
}

fn locked(work: &Mutex<Work>) -> MutexGuard<'_, Work> {
    work.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Report {
    fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.new += other.new;
        self.panics.extend(other.panics);
        self.panics.truncate(TOLD);
        for (took, input) in other.slowest {
            self.slow(took, &input);
        }
    }

    fn slow(&mut self, took: Duration, input: &[u8]) {
        if self.slowest.len() < SLOWEST || self.slowest.last().is_some_and(|(t, _)| took > *t) {
            let at = self.slowest.partition_point(|(t, _)| *t >= took);
            self.slowest.insert(at, (took, input.to_vec()));
            self.slowest.truncate(SLOWEST);
        }
    }
}

/// One thread.
struct Worker<'c> {
    corpus: &'c Corpus,
    plan: &'c Plan,
    number: u64,
    rng: Rng,
    kept: Vec<Vec<u8>>,
    seen: HashSet<u64>,
}

impl<'c> Worker<'c> {
    fn new(corpus: &'c Corpus, plan: &'c Plan, number: u64) -> Self {
        let rng = Rng::with_seed(plan.seed.wrapping_mul(1_000_003).wrapping_add(number));
        Self { corpus, plan, number, rng, kept: Vec::new(), seen: HashSet::new() }
    }

    fn all(&mut self, work: &Mutex<Work>, target: &(impl Fn(&[u8], u64) -> Option<u64> + Sync)) -> Report {
        let mut report = Report::default();
        let runs = (self.plan.runs + self.plan.threads - 1 - self.number) / self.plan.threads;
        for run in 0..runs {
            // All that was given goes first, as it is.
            let at = (run * self.plan.threads + self.number) as usize;
            let mut input = self.corpus.inputs.get(at).cloned().unwrap_or_else(|| self.mutated());
            input.truncate(LONGEST);
            let choice = self.rng.u64(..);
            if let Some(folder) = &self.plan.last {
                fs::write(folder.join(format!("{}-{}", self.number, choice % 4)), &input).unwrap();
            }
            let began = Instant::now();
            {
                let mut work = locked(work);
                (work.run, work.since) = (run, Some(began));
                work.input.clone_from(&input);
            }
            let outcome = catch_unwind(AssertUnwindSafe(|| target(&input, choice)));
            let took = began.elapsed();
            locked(work).since = None;
            report.runs += 1;
            report.slow(took, &input);
            match outcome {
                Ok(Some(print)) if self.kept.len() < KEPT && self.seen.insert(print) => {
                    report.new += 1;
                    self.kept.push(input);
                }
                Ok(_) => {}
                Err(_) => {
                    if report.panics.len() < TOLD {
                        report.panics.push(input);
                    }
                }
            }
        }
        report
    }

    fn some_input(&mut self) -> &[u8] {
        let own = !self.kept.is_empty() && self.rng.bool();
        let from = if own { &self.kept } else { &self.corpus.inputs };
        &from[self.rng.usize(..from.len())]
    }

    /// An input with a few changes.
    fn mutated(&mut self) -> Vec<u8> {
        let mut input = self.some_input().to_vec();
        for _ in 0..=self.rng.usize(..4) {
            self.change(&mut input);
            input.truncate(LONGEST);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.rng.usize(..=input.len());
        let end = (at + 1 + self.rng.usize(..24)).min(input.len());
        match self.rng.u8(..10) {
            0 => {
                input.drain(at..end);
            }
            1 => {
                let part = input[at..end].to_vec();
                let to = self.rng.usize(..=input.len());
                input.splice(to..to, part);
            }
            2 => {
                let byte = self.rng.u8(..);
                if let Some(old) = input.get_mut(at) {
                    *old = byte;
                }
            }
            3 => {
                let byte = *self.rng.choice(b" \n\t\"'\\/<>[]{}()$%!?*^|.,:;&=~#-+0\0\xff").unwrap_or(&b' ');
                input.insert(at, byte);
            }
            // A line, perhaps many times.
            4 => self.repeat_line(input, at),
            5 => {
                let other = self.some_input().to_vec();
                let from = self.rng.usize(..=other.len());
                let to = (from + self.rng.usize(..400)).min(other.len());
                input.splice(at..at, other[from..to].iter().copied());
            }
            // A line of another input in the place of one.
            6 => {
                let other = self.some_input().to_vec();
                let at = self.rng.usize(..=other.len());
                let line = line_at(&other, at);
                let own = line_at(input, self.rng.usize(..=input.len()));
                input.splice(own, other[line].iter().copied());
            }
            kind => {
                let word = &self.corpus.words[self.rng.usize(..self.corpus.words.len())];
                let times = if self.rng.u8(..40) == 0 { 1 + self.rng.usize(..2000) } else { 1 };
                let end = if kind == 7 { at } else { end };
                input.splice(at..end, word.repeat(times));
            }
        }
    }

    fn repeat_line(&mut self, input: &mut Vec<u8>, at: usize) {
        let line = line_at(input, at);
        let times = if self.rng.u8(..20) == 0 { 1 + self.rng.usize(..1000) } else { 1 };
        let text = input[line.clone()].to_vec();
        if text.len() * times < LONGEST {
            let to = if self.rng.bool() { line.end } else { self.rng.usize(..=input.len()) };
            input.splice(to..to, text.repeat(times));
        }
    }
}

/// The line around `at`, with its end.
fn line_at(text: &[u8], at: usize) -> std::ops::Range<usize> {
    let start = text[..at].iter().rposition(|b| *b == b'\n').map_or(0, |s| s + 1);
    let end = text[at..].iter().position(|b| *b == b'\n').map_or(text.len(), |e| at + e + 1);
    start..end
}
