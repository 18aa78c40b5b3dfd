//! This engine's answers to recorded cases, in the form in which they are compared with the servers'.
//!
//! Not here: the cases and the comparison ([`super::conformance`]).

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};

use super::{
    config::{load, read::Start},
    conformance::{self, Answers, Case, Judged, Outcome, bed},
    level::Level,
    policy::Policy,
    request::{Request, World},
    respond::{self, Answer, Verdict},
    trace::{Step, Tracer},
};

/// What the server knew before it read a case's configuration.
pub fn start(case: &Case, level: Level) -> Start {
    Start {
        server_root: bed::SERVER_ROOT.into(),
        defines: case.defines().map(Into::into).collect(),
        process_env: case.world().process_env,
        modules: Some(case.modules(level).into_iter().map(str::to_owned).collect()),
        names: Some(conformance::names()),
        check_files: true,
        ..Start::new(level)
    }
}

/// What we say of `case` at `level`.
pub fn judge(case: &Case, level: Level) -> Judged {
    let world = case.world();
    let start = start(case, level);
    let base = case.base(level);
    let loaded = load::load(&start, &world.files, base.as_bytes(), bed::CONFIG, &case.text());
    let policy = match loaded.policy {
        Ok(policy) => policy,
        Err(problem) => {
            let message = problem.message;
            return match problem.place {
                Some(place) if !message.starts_with("(98)") => {
                    Judged::Error { file: loaded.sources.name(place.file).into(), line: place.line, message }
                }
                None => Judged::Error { file: BString::default(), line: 0, message },
                Some(_) => Judged::StartFails(message),
            };
        }
    };
    let answers = case.requests.iter().map(|recorded| {
        let request = recorded.request();
        let answer = respond::answer(&policy, &world, &request, Tracer::off());
        outcome(&policy, &world, &request, &answer, &case.env_watch)
    });
    Judged::Answers(answers.collect())
}

/// What the configuration test prints when it refuses `case` at `level`; none when it does not.
pub fn refused(case: &Case, level: Level) -> Option<String> {
    let (world, start) = (case.world(), start(case, level));
    let base = case.base(level);
    let loaded = load::load(&start, &world.files, base.as_bytes(), bed::CONFIG, &case.text());
    loaded.policy.err().map(|problem| problem.show(&loaded.sources, level))
}

/// The steps of one request of a case; none when the configuration is refused.
pub fn steps(case: &Case, level: Level, request: usize) -> Option<Vec<Step>> {
    let world = case.world();
    let start = start(case, level);
    let base = case.base(level);
    let policy = load::load(&start, &world.files, base.as_bytes(), bed::CONFIG, &case.text()).policy.ok()?;
    let request = case.requests.get(request)?.request();
    Some(respond::answer(&policy, &world, &request, Tracer::on()).steps)
}

fn outcome(policy: &Policy, world: &World, request: &Request, answer: &Answer, watched: &[String]) -> Answers {
    if let Verdict::CannotTell(unknown) = &answer.verdict {
        let place = unknown.place.map(|p| format!(" ({})", answer.sources.show(p))).unwrap_or_default();
        return Answers::CannotTell(format!("{}{place}", unknown.reason));
    }
    let text = |bytes: &[u8]| bytes.to_str_lossy().into_owned();
    // Header values were recorded byte by byte.
    let header = |bytes: &[u8]| bytes.iter().map(|b| char::from(*b)).collect::<String>();
    // A file is known by the line with its path in it.
    let file = |path: &BString| {
        let content = world.files.read(path, u64::MAX).filter(|c| !c.is_empty())?;
        let line = content.strip_prefix(b"FILE ").and_then(|c| c.strip_suffix(b"\n"));
        Some(text(line.unwrap_or(path)))
    };
    // No back end runs on the test bed.
    let status = if matches!(answer.verdict, Verdict::Proxied(_)) { 503 } else { answer.status };
    let env: BTreeMap<String, Option<String>> =
        watched.iter().map(|name| (name.clone(), answer.last.env.get(name.as_bytes()).map(|v| text(v)))).collect();
    let default = if request.tls { 443 } else { 80 };
    let core = &policy.server(answer.server).core;
    Answers::Outcome(Box::new(Outcome {
        status,
        location: answer.location.as_ref().map(|l| header(l)),
        file: answer.file.as_ref().filter(|_| request.method != "HEAD").and_then(file),
        env,
        vhost: Some(format!("{}:{}", policy.server_name(answer.server), core.port.unwrap_or(default))),
        args: answer.last.args.as_ref().map(|a| format!("?{}", text(a))),
    }))
}
