//! The policy engine against a real Apache httpd, and against answers of one that were written down.
//!
//! The live part runs inside a bed ([`crate::support::httpd::bed`]): the test starts its own program again there with
//! one of the ignored tests of [`inside`]. Where there can be no bed it says why and passes.

use std::{env, path::{Path, PathBuf}, process::ExitStatus};

use crate::support::httpd::{
    bed,
    case::{self, Case, LEVEL},
    compare,
    observe::{Look, observe},
};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/access")
}

fn enter(test: &str) -> Option<ExitStatus> {
    match bed::enter(&["--exact", &format!("httpd_live::inside::{test}"), "--ignored", "--nocapture"]) {
        Ok(status) => Some(status),
        Err(why) => {
            println!("skipped: {why}");
            None
        }
    }
}

#[test]
#[ignore = "replays recorded cases of PHOTODESK_HTTPD_CASES through the live server"]
fn recorded_cases_come_out_the_same_here() {
    assert!(enter("replay").is_none_or(|status| status.success()));
}

#[test]
#[ignore = "records the own cases again, into the file they are read from (or PHOTODESK_HTTPD_CASES)"]
fn record_the_own_cases() {
    assert!(enter("record").is_some_and(|status| status.success()));
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
                lines.push(format!("  config {} {:?}\n   now {} {:?}", recorded.config, recorded.config_output, now.config, now.config_output));
            }
            for (number, (then, now)) in recorded.responses.iter().zip(&now.responses).enumerate() {
                for difference in compare::responses(number, then, now) {
                    lines.push(format!("  {difference}"));
                }
                if then != now && compare::responses(number, then, now).is_empty() {
                    lines.push(format!("  secondary {number}:\n   {}\n   {}", serde_json::to_string(then).unwrap(), serde_json::to_string(now).unwrap()));
                }
            }
            if !lines.is_empty() {
                different += 1;
                println!("{}\n{}", case.id, lines.join("\n"));
            }
        }
        println!("{} cases, {requests} requests, {different} cases differ", cases.len());
    }
}
