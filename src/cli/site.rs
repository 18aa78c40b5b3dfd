//! `photodesk site`: the known sites, and whether they answer.

use std::io::Write;

use serde_json::{Value as Json, json};

use super::{
    Exit,
    args::{Format, OutputArgs, SiteArgs, SiteCommand},
    connect::credentials,
    out::{Fail, Out},
    write,
};
use crate::{
    job::{Job, Waker},
    model::{Environment, Problem, visible},
    sites::{
        check::{self, CheckEvent, Probe, Step, StepState},
        store::{Listed, Store},
    },
};

pub(super) fn run(command: SiteCommand, out: &mut Out) -> Result<Exit, Fail> {
    match command {
        SiteCommand::List { output } => list(output, out),
        SiteCommand::Check { site, output } => check(&site, output, out),
    }
}

fn list(output: OutputArgs, out: &mut Out) -> Result<Exit, Fail> {
    let sites = Store::of_user()?.list()?;
    let mut exit = Exit::Done;
    for problem in sites.iter().filter_map(|listed| listed.site.as_ref().err()) {
        exit = Exit::Failed;
        out.problem(problem)?;
    }
    let rows = || sites.iter().filter_map(row);
    match output.format {
        Format::Table => out.table(&["name", "environment", "directory", "sign-in", "file"], rows())?,
        Format::Csv => write::csv(out, &["name", "environment", "directory", "sign_in", "file"], rows())?,
        Format::Json => {
            let list: Vec<Json> = rows()
                .map(|[name, environment, directory, sign_in, file]| {
                    json!({
                        "name": name, "environment": environment, "directory": directory, "sign_in": sign_in,
                        "file": file,
                    })
                })
                .collect();
            writeln!(out.results(), "{:#}", Json::from(list))?;
        }
    }
    Ok(exit)
}

fn row(listed: &Listed) -> Option<[String; 5]> {
    let site = listed.site.as_ref().ok()?;
    let environment = match site.environment {
        Environment::Test => "TEST",
        Environment::Production => "PRODUCTION",
    };
    let sign_in = site.directory.sign_in.clone().unwrap_or_default();
    let (url, path) = (site.directory.server.url(), listed.path.display().to_string());
    Some([site.name.clone(), environment.to_owned(), url, sign_in, path])
}

fn check(site: &SiteArgs, output: OutputArgs, out: &mut Out) -> Result<Exit, Fail> {
    let site = site.site()?;
    let credentials = credentials(&site, out)?;
    let server = site.directory.server.clone();
    let probe = Probe { site, credentials, trust_once: None, asked: true };
    let job = Job::spawn("check", Waker::none(), move |report| check::run(&probe, report));
    let (mut exit, mut rows, mut written) = (Exit::Done, Vec::new(), Ok(()));
    let end = job.wait(|event| {
        let CheckEvent::Step(step, state) = event else { return };
        let Some((word, fact)) = told(&state) else { return };
        if matches!(state, StepState::Failed(_)) && exit == Exit::Done {
            exit = if step <= Step::SignIn { Exit::NoConnection } else { Exit::Failed };
        }
        let problem = problem_of(&state).cloned();
        let label = step.label(&server);
        if output.format == Format::Table && written.is_ok() {
            written = say(&label, word, &fact, problem.as_ref(), out);
        }
        rows.push((label, word, fact, problem));
    });
    written?;
    end?;
    match output.format {
        Format::Table => {}
        Format::Json => {
            let steps: Vec<Json> = rows
                .iter()
                .map(|(label, word, fact, problem)| {
                    let what = problem.as_ref().map(|problem| &problem.what);
                    let hint = problem.as_ref().and_then(|problem| problem.hint.as_ref());
                    json!({ "step": label, "state": word, "fact": fact, "problem": what, "hint": hint })
                })
                .collect();
            writeln!(out.results(), "{:#}", Json::from(steps))?;
        }
        Format::Csv => {
            let rows = rows.into_iter().map(|(label, word, fact, problem)| {
                [label, word.to_owned(), fact, problem.map(|problem| problem.to_string()).unwrap_or_default()]
            });
            write::csv(out, &["step", "state", "fact", "problem"], rows)?;
        }
    }
    Ok(exit)
}

/// The word and the fact of a step that is over.
fn told(state: &StepState) -> Option<(&'static str, String)> {
    match state {
        StepState::Waits | StepState::Running => None,
        StepState::Passed { fact } => Some(("ok", fact.clone())),
        StepState::Warned { fact, .. } => Some(("warning", fact.clone())),
        StepState::Skipped { why } => Some(("skipped", why.clone())),
        StepState::Failed(failed) => Some(("failed", failed.fact.clone())),
    }
}

fn problem_of(state: &StepState) -> Option<&Problem> {
    match state {
        StepState::Warned { problem, .. } => Some(problem),
        StepState::Failed(failed) => Some(&failed.problem),
        _ => None,
    }
}

fn say(label: &str, word: &str, fact: &str, problem: Option<&Problem>, out: &mut Out) -> std::io::Result<()> {
    out.line(&format!("{word:<8} {label:<20} {}", visible(fact)))?;
    if let Some(problem) = problem {
        for line in std::iter::once(problem.what.as_str()).chain(problem.hint.as_deref()) {
            out.line(&format!("{:<8} {}", "", visible(line)))?;
        }
        for line in problem.details.iter().flat_map(|details| details.lines()) {
            out.line(&format!("{:<8} | {}", "", visible(line)))?;
        }
    }
    out.flush()
}
