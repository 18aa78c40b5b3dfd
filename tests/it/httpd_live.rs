//! The policy engine against a real Apache httpd, and against answers of one that were written down.
//!
//! The live part runs inside a bed ([`crate::support::httpd::bed`]): the test starts its own program again there with
//! one of the ignored tests of [`inside`]. Where there can be no bed it says why and passes.
//!
//! ```text
//! cargo test --test it httpd_live                                              # 2,000 made-up requests
//! PHOTODESK_HTTPD_REQUESTS=100000 PHOTODESK_HTTPD_SEED=7 cargo test --test it made_up_policies
//! cargo test --test it -- --ignored record_the_own_cases                       # after adding cases without `observed`
//! PHOTODESK_HTTPD_CASES=/path/cases.jsonl cargo test --test it -- --ignored recorded_cases_come_out --nocapture
//! ```

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
    process::ExitStatus,
};

use photodesk::access::{conformance, judge, level::Level};

use crate::support::httpd::{
    bed,
    case::{self, Case, LEVEL, Response},
    compare::{self, Judged, compare},
    cost, grammar,
    observe::{Look, observe},
    shrink::shrink,
};

/// Requests of a normal run; `PHOTODESK_HTTPD_REQUESTS` asks for more.
const REQUESTS: usize = 2_000;
/// After so many differing cases the rest is not looked at.
const ENOUGH: usize = 5;

/// What the policy engine says.
fn judge(case: &Case, level: &str) -> Judged {
    let level: Level = level.parse().unwrap();
    let text = serde_json::to_string(case).unwrap();
    let case = conformance::read(&text).unwrap().remove(0);
    let answers = match judge::judge(&case, level) {
        conformance::Judged::Answers(answers) => answers,
        conformance::Judged::CannotTell(why) => return Judged::Unknown(why),
        conformance::Judged::StartFails(why) => return Judged::Refused(why),
        conformance::Judged::Error { .. } => return Judged::Refused(judge::refused(&case, level).unwrap_or_default()),
    };
    let answers = answers.into_iter().map(|answer| match answer {
        conformance::Answers::CannotTell(why) => Err(why),
        conformance::Answers::Outcome(outcome) => Ok(Response {
            status: Some(outcome.status),
            location: outcome.location,
            file: outcome.file,
            vhost: outcome.vhost,
            args: outcome.args,
            env: outcome.env,
            ..Response::default()
        }),
    });
    Judged::Answers(answers.collect())
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/access")
}

fn number(name: &str, otherwise: usize) -> usize {
    env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Runs one of the tests of [`inside`] in a new bed.
fn enter(test: &str) -> Option<ExitStatus> {
    match bed::enter(&["--exact", &format!("httpd_live::inside::{test}"), "--ignored", "--nocapture"]) {
        Ok(status) => Some(status),
        Err(why) => {
            println!("skipped: {why}");
            None
        }
    }
}

/// What cannot be told: other programs answer, or what the files are like decides.
const UNTOLD: [&str; 5] =
    ["sections/proxy-section", "mapping/scriptaliasmatch", "dir/multiviews", "request/if-modified", "request/range"];

#[test]
fn own_recorded_cases_are_judged_as_the_server_did() {
    let mut wrong = Vec::new();
    for case in case::read(&fixtures().join("cases.jsonl")).unwrap() {
        let judged = judge(&case, LEVEL);
        let outcome = compare(&case.observed[LEVEL], &judged);
        wrong.extend(outcome.differences.iter().map(|difference| format!("{}: {difference}", case.id)));
        let told = !UNTOLD.contains(&case.id.as_str());
        wrong.extend(outcome.unknown.iter().filter(|_| told).map(|why| format!("{}: cannot tell: {why}", case.id)));
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn made_up_policies_are_judged_as_the_live_server_does() {
    assert!(enter("made_up").is_none_or(|status| status.success()), "see above");
}

#[test]
#[ignore = "replays PHOTODESK_HTTPD_CASES, or the own cases, and tells what the server here does differently"]
fn recorded_cases_come_out_the_same_here() {
    assert!(enter("replay").is_none_or(|status| status.success()));
}

#[test]
#[ignore = "records the own cases again, into the file they are read from (or PHOTODESK_HTTPD_CASES)"]
fn record_the_own_cases() {
    assert!(enter("record").is_some_and(|status| status.success()));
}

#[test]
#[ignore = "measures: processor time of the server for a request, with rules and without"]
fn rules_cost_the_server_about_a_microsecond() {
    assert!(enter("cost").is_none_or(|status| status.success()));
}

/// What runs inside the bed. Outside of it these tests do nothing.
mod inside {
    use super::*;

    /// Whether the place is right, and the cases that are meant.
    fn cases() -> Option<(PathBuf, Vec<Case>)> {
        bed::inside()?;
        let path = env::var_os("PHOTODESK_HTTPD_CASES").map_or_else(|| fixtures().join("cases.jsonl"), PathBuf::from);
        let path = bed::host_path(&path);
        let cases = case::read(&path).unwrap();
        Some((path, cases))
    }

    #[test]
    #[ignore = "runs inside the bed only"]
    fn made_up() {
        if bed::inside().is_none() {
            return;
        }
        let wanted = number("PHOTODESK_HTTPD_REQUESTS", REQUESTS);
        let first = number("PHOTODESK_HTTPD_SEED", 1);
        let mut tally = BTreeMap::<String, usize>::new();
        let mut count = |what: String, by: usize| *tally.entry(what).or_default() += by;
        let (mut asked, mut seed, mut wrong) = (0, first, Vec::new());
        while asked < wanted && wrong.len() < ENOUGH {
            let case = grammar::case(u64::try_from(seed).unwrap());
            seed += 1;
            let (observed, _) = observe(&case, Look::default()).unwrap();
            asked += observed.responses.len();
            let message =
                observed.config_output.as_deref().and_then(|output| output.lines().last()).unwrap_or_default();
            count(format!("configuration {} {message}", observed.config).trim().to_owned(), 1);
            for response in &observed.responses {
                count(response.status.map_or_else(|| "no answer".to_owned(), |status| format!("status {status}")), 1);
            }
            if let Some(error) = observed.responses.iter().find_map(|response| response.error.as_ref()) {
                println!("seed {}: the server gave up: {error}", seed - 1);
            }
            let judged = judge(&case, LEVEL);
            let outcome = compare(&observed, &judged);
            count("compared".to_owned(), outcome.compared);
            for why in outcome.unknown {
                count(format!("cannot tell: {why}"), 1);
            }
            if let Some(difference) = outcome.differences.first() {
                wrong.push(explain(&case, difference.field));
            }
        }
        println!("seeds {first} to {}: {tally:#?}", seed - 1);
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }

    /// The smallest case that still differs in this field, as a line for the fixtures, with what the server tested.
    fn explain(case: &Case, field: &'static str) -> String {
        let differs = |case: &Case| {
            let Ok((observed, _)) = observe(case, Look::default()) else { return false };
            let judged = judge(case, LEVEL);
            compare(&observed, &judged).differences.iter().any(|difference| difference.field == field)
        };
        let mut small = shrink(case, &differs);
        let (observed, traces) = observe(&small, Look { warnings: false, trace: true }).unwrap();
        let judged = judge(&small, LEVEL);
        let differences = compare(&observed, &judged).differences;
        let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
        small.observed.insert(LEVEL.to_owned(), observed);
        let line = serde_json::to_string(&small).unwrap();
        let files: Vec<String> = small
            .files
            .iter()
            .filter_map(|(path, content)| content.as_str().map(|content| format!("# {path}\n{content}")))
            .collect();
        format!(
            "{}\n{}\n{}\n{}\nthe server's own words:\n{}{line}",
            small.id,
            differences.join("\n"),
            small.config,
            files.join("\n"),
            traces.concat()
        )
    }

    #[test]
    #[ignore = "runs inside the bed only"]
    fn record() {
        let Some((path, mut cases)) = cases() else { return };
        for case in &mut cases {
            let (observation, _) = observe(case, Look { warnings: true, trace: false }).unwrap();
            case.observed.insert(LEVEL.to_owned(), observation);
        }
        case::write(&path, &cases).unwrap();
    }

    #[test]
    #[ignore = "runs inside the bed only"]
    fn replay() {
        let Some((_, cases)) = cases() else { return };
        let (mut different, mut requests) = (0, 0);
        for case in &cases {
            let Some(recorded) = case.observed.get(LEVEL) else { continue };
            let (now, _) = observe(case, Look { warnings: true, trace: false }).unwrap();
            requests += now.responses.len();
            let mut lines = Vec::new();
            if (&now.config, &now.config_output) != (&recorded.config, &recorded.config_output) {
                let (then, output) = (&recorded.config, &recorded.config_output);
                lines.push(format!("  {then} {output:?}\n   now {} {:?}", now.config, now.config_output));
            }
            for (number, (then, now)) in recorded.responses.iter().zip(&now.responses).enumerate() {
                lines.extend(compare::responses(number, then, now).iter().map(|difference| format!("  {difference}")));
                if lines.is_empty() && then != now {
                    let line = |response| serde_json::to_string(response).unwrap();
                    lines.push(format!("  secondary, request {number}:\n   {}\n   {}", line(then), line(now)));
                }
            }
            if !lines.is_empty() {
                different += 1;
                println!("{}\n{}", case.id, lines.join("\n"));
            }
        }
        println!("{} cases, {requests} requests, {different} cases differ", cases.len());
    }

    #[test]
    #[ignore = "runs inside the bed only"]
    fn cost() {
        if bed::inside().is_none() {
            return;
        }
        let requests = u32::try_from(number("PHOTODESK_HTTPD_REQUESTS", 20_000)).unwrap();
        let blocks = [
            ("no rules", String::new()),
            ("seven conditions", cost::RULES.to_owned()),
            ("twenty times", cost::RULES.repeat(20)),
        ];
        for (name, lines) in blocks {
            println!("{name}: {:?} a request", cost::per_request(&lines, requests).unwrap());
        }
    }
}
