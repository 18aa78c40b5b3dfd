//! The policy engine against the recorded behaviour of real servers of all four levels.
//!
//! The recordings are a folder beside the checkout, `../shared/httpd-cases`, or the one that holds the file
//! `PHOTODESK_HTTPD_CASES` names; where there is none, the tests say so and pass. The project's own recordings, and a live server,
//! are [`crate::httpd_live`]'s.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use photodesk::access::{
    config::{load, read::Start},
    conformance::{self, Case, Disagreement, trace_log::compare_trace},
    files::Files,
    judge,
    level::Level,
    policy::Policy,
    request::World,
    respond::{self, Verdict},
    table_of_requests::Row,
    trace::Tracer,
};
use serde_json::Value;

/// Themes in which each answer must be told.
const ALL_TOLD: [&str; 8] = ["seed", "cond", "flags", "access", "photos", "require", "if", "expr"];

/// Mistakes that the server tells in other words: it cut the line off, put each step of the loop in front, or showed half a
/// character.
const OTHER_WORDS: [&str; 3] = ["syntax/long-line", "syntax/include-loop", "seed/expr-cidr-curly"];

/// The share of answers that may be "cannot tell", in a hundred.
const MAY_BE_UNTOLD: usize = 2;

/// The folder of the recordings; none, with the reason printed, when there is none.
fn recordings() -> Option<PathBuf> {
    let folder = match env::var_os("PHOTODESK_HTTPD_CASES") {
        Some(file) => Path::new(&file).parent().unwrap_or(Path::new("")).to_owned(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/httpd-cases"),
    };
    if folder.join("cases.jsonl").is_file() {
        return Some(folder);
    }
    println!("skipped: no recordings in {}", folder.display());
    None
}

fn cases(folder: &Path) -> Vec<Case> {
    conformance::read(&fs::read_to_string(folder.join("cases.jsonl")).unwrap()).unwrap()
}

fn shown(found: &[&Disagreement]) -> String {
    let one = |d: &&Disagreement| {
        let request = d.request.map_or_else(String::new, |n| format!(" #{n} {}", d.target));
        format!("{} {}{request}, {}: recorded {}, ours {}", d.level, d.id, d.what, d.expected, d.ours)
    };
    found.iter().take(40).map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_recorded_answer_of_the_four_levels_is_the_engines() {
    let Some(folder) = recordings() else { return };
    let cases = cases(&folder);
    let score = conformance::score(&cases, &Level::ALL, &mut judge::judge);
    println!("{}", score.table());
    let may = |d: &Disagreement| d.what == "cannot_tell" || d.what == "message" && OTHER_WORDS.contains(&d.id.as_str());
    let wrong: Vec<_> = score.disagreements.iter().filter(|d| !may(d)).collect();
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), shown(&wrong));
    for level in Level::ALL {
        let tally = &score.levels[&level.to_string()];
        assert_eq!((tally.wrong, tally.config_wrong, tally.config_cannot_tell), (0, 0, 0), "{level}");
        assert!(tally.requests > 1_500, "{level} answered {} requests", tally.requests);
    }
    let requests: usize = score.levels.values().map(|t| t.requests).sum();
    let untold: usize = score.levels.values().map(|t| t.cannot_tell).sum();
    assert!(untold * 100 <= requests * MAY_BE_UNTOLD, "{untold} of {requests} cannot be told");
    let wrong = score.levels.values().map(|t| t.wrong).sum();
    assert_eq!(
        conformance::STANDING,
        conformance::Standing { recorded: requests, wrong, untold },
        "what users are told"
    );
    for theme in ALL_TOLD {
        let tally = &score.themes[theme];
        assert!(tally.agree > 0 && tally.agree == tally.requests, "{theme}: {tally:?}");
    }
}

#[test]
fn every_recorded_test_of_a_pattern_or_condition_is_made_in_the_engines_trace() {
    let Some(folder) = recordings() else { return };
    let cases = cases(&folder);
    let (mut compared, mut differing) = (0, Vec::new());
    for line in fs::read_to_string(folder.join("traces.jsonl")).unwrap().lines() {
        let recorded: Value = serde_json::from_str(line).unwrap();
        let id = recorded["id"].as_str().unwrap();
        let case = cases.iter().find(|c| c.id == id).unwrap_or_else(|| panic!("{id} is no case"));
        for (level, logs) in recorded["traces"].as_object().unwrap() {
            for (n, log) in logs.as_array().unwrap().iter().enumerate() {
                let lines = log.as_array().into_iter().flatten();
                let log: Vec<String> = lines.map(|l| l.as_str().unwrap().to_owned()).collect();
                let steps = judge::steps(case, level.parse().unwrap(), n);
                let same = steps.map_or_else(|| Err("it is refused".to_owned()), |steps| compare_trace(&log, &steps));
                compared += 1;
                differing.extend(same.err().map(|why| format!("{level} {id} #{n}: {why}")));
            }
        }
    }
    println!("{compared} logs compared");
    assert!(compared > 3_800, "{compared}");
    assert!(differing.is_empty(), "{} differ\n{}", differing.len(), differing.join("\n"));
}

/// The configuration of an IBM HTTP Server as installed, with a host for photos.
fn ihs(name: &str, plug_in: &str, level: Level) -> Policy {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/access").join(name);
    let text = fs::read_to_string(path).unwrap() + plug_in;
    let loaded = load::load(&Start::new(level), &Files::default(), b"", name, text.as_bytes());
    let sources = loaded.sources;
    loaded.policy.unwrap_or_else(|problem| panic!("{}", problem.show(&sources, level)))
}

#[test]
fn the_directives_of_an_ibm_http_server_are_known_for_what_they_are() {
    for (name, level, plug_in) in [
        ("ihs-8.5.conf", "ihs8.5", "LoadModule was_ap22_module /opt/IBM/WebSphere/Plugins/bin/mod_was_ap22_http.so\n"),
        ("ihs-9.conf", "ihs9", "LoadModule was_ap24_module /opt/IBM/WebSphere/Plugins/bin/mod_was_ap24_http.so\n"),
    ] {
        let world = World { files: Files::EveryPhoto, ..World::default() };
        let asked = |policy: &Policy, from: &str| {
            let row = Row::new(from.parse().unwrap(), "https://photos.example.com/jane.jpg").unwrap();
            respond::answer(policy, &world, &row.request, Tracer::off()).verdict
        };
        let level: Level = level.parse().unwrap();
        let policy = ihs(name, "", level);
        assert_eq!(asked(&policy, "10.1.2.3"), Verdict::Served("/opt/IBM/HTTPServer/photos/jane.jpg".into()), "{name}");
        let away = Verdict::Redirected { status: 302, location: Some("https://login.example.com/".into()) };
        assert_eq!(asked(&policy, "203.0.113.9"), away, "{name}");
        let with_plug_in = format!("{plug_in}WebSpherePluginConfig /opt/IBM/WebSphere/Plugins/config/plugin-cfg.xml\n");
        let policy = ihs(name, &with_plug_in, level);
        let Verdict::CannotTell(unknown) = asked(&policy, "10.1.2.3") else {
            panic!("{name}: the plug-in may take it")
        };
        assert!(unknown.reason.contains("WebSphere plug-in") && unknown.place.is_some(), "{unknown:?}");
        assert_eq!(asked(&policy, "203.0.113.9"), away, "{name}: rules of the server come before the plug-in");
    }
}
