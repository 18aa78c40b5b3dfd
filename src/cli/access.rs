//! `photodesk access`: what the web server would do with a request, and why.
//!
//! Not here: the engine ([`crate::access`]).

use std::{
    fs,
    io::Write,
    net::IpAddr,
    path::{Path, PathBuf},
};

use bstr::{BString, ByteSlice};
use serde_json::{Value as Json, json};

use super::{
    Exit,
    args::{AccessCommand, ExplainArgs, Format, RequestArgs, RulesArgs, TestArgs},
    out::{Fail, Out},
    write,
};
use crate::{
    access::{
        config::{
            load::{self, Loaded},
            read::{LARGEST_FILE, Start},
        },
        conformance, explain,
        files::{Entry, Files},
        findings, judge,
        level::Level,
        policy::Policy,
        request::{Names, World},
        respond::{self, Answer},
        say,
        table_of_requests::{self, Row},
        trace::Tracer,
    },
    model::Problem,
};

pub(super) fn run(command: AccessCommand, out: &mut Out) -> Result<Exit, Fail> {
    match command {
        AccessCommand::Test(arguments) => test(&arguments, out),
        AccessCommand::Conformance { file, server, theme, output } => {
            conform(&file, server, theme.as_deref(), output.format, out)
        }
        AccessCommand::Explain(arguments) => plain_words(&arguments, out),
    }
}

fn usage(what: impl Into<String>, hint: &str) -> Fail {
    Fail::new(Exit::Usage, Problem::new(what.into()).hint(hint))
}

fn read(path: &Path) -> Result<Vec<u8>, Fail> {
    let failed = |details: String| {
        let problem = Problem::new(format!("{} cannot be read", path.display()));
        Fail::new(Exit::Failed, problem.hint("Check its name and whether this account may read it.").details(details))
    };
    let size = fs::metadata(path).map_err(|e| failed(e.to_string()))?.len();
    if size > LARGEST_FILE {
        return Err(failed(format!("it has {size} bytes; at most {LARGEST_FILE} are read")));
    }
    fs::read(path).map_err(|e| failed(e.to_string()))
}

/// The rules that were asked for, loaded, with the server's own error when they are wrong.
fn load_rules(rules: &RulesArgs, out: &mut Out) -> Result<(Loaded, Files), Fail> {
    let text = read(&rules.config)?;
    let name = server_name_of(rules);
    let mut start = Start::new(rules.server);
    start.defines = rules.define.iter().map(|d| d.as_str().into()).collect();
    start.process_env =
        rules.env.iter().filter_map(|pair| pair.split_once('=')).map(|(n, v)| (n.into(), v.into())).collect();
    let files = match &rules.root {
        Some(root) => {
            start.check_files = true;
            Files::Folder(root.clone())
        }
        None => Files::Folder(PathBuf::from("/")),
    };
    let loaded = load::load(&start, &files, b"", &name, &text);
    for finding in findings::findings(&text) {
        out.note(&format!("note: {name}:{}: {}", finding.line, finding.text))?;
    }
    for warning in &loaded.warnings {
        out.note(&format!("warning: {}", warning.show(&loaded.sources, rules.server)))?;
    }
    Ok((loaded, files))
}

/// The configuration's name on the server: below the root when it is there, else as given.
fn server_name_of(rules: &RulesArgs) -> String {
    let within = rules.root.as_ref().and_then(|root| {
        let (root, file) = (fs::canonicalize(root).ok()?, fs::canonicalize(&rules.config).ok()?);
        Some(format!("/{}", file.strip_prefix(root).ok()?.display()))
    });
    within.unwrap_or_else(|| rules.config.display().to_string())
}

fn policy_of(loaded: Loaded, level: Level) -> Result<Policy, Fail> {
    let sources = loaded.sources;
    loaded.policy.map_err(|problem| {
        let what = Problem::new(format!("The server would not start with this configuration (httpd {level})"));
        Fail::new(Exit::Failed, what.details(problem.show(&sources, level)))
    })
}

fn world(rules: &RulesArgs) -> Result<World, Fail> {
    let mut names = Names::default();
    for pair in &rules.name {
        let parsed = pair.split_once('=').and_then(|(a, n)| Some((a.parse::<IpAddr>().ok()?, n.to_owned())));
        let (address, name) = parsed.ok_or_else(|| {
            usage(format!("{pair} is not ADDRESS=NAME"), "For example --name 10.1.2.3=ws1.example.com.")
        })?;
        names.of.insert(address, name);
    }
    let files = match (&rules.root, &rules.paths) {
        (Some(root), _) => Files::Folder(root.clone()),
        (None, Some(list)) => {
            let text = read(list)?;
            text.lines().filter(|l| !l.is_empty()).map(|l| (BString::from(l), Entry::default())).collect()
        }
        (None, None) => Files::EveryPhoto,
    };
    let process_env = rules.env.iter().filter_map(|p| p.split_once('=')).map(|(n, v)| (n.into(), v.into())).collect();
    Ok(World { files, names: (!rules.name.is_empty()).then_some(names), process_env, owner: None, now: None })
}

fn test(arguments: &TestArgs, out: &mut Out) -> Result<Exit, Fail> {
    let rows = match &arguments.request.requests {
        Some(file) => table_of_requests::read(&read(file)?).map_err(|problem| {
            let what = Problem::new(format!("{} is no table of requests", file.display()));
            Fail::new(
                Exit::Usage,
                what.hint("The first line names the columns: from, url, and any of method, host, cookie, header.")
                    .details(problem),
            )
        })?,
        None => vec![one(&arguments.request)?],
    };
    let (loaded, _) = load_rules(&arguments.rules, out)?;
    let policy = policy_of(loaded, arguments.rules.server)?;
    let world = world(&arguments.rules)?;
    let answers: Vec<(Row, Answer)> = rows
        .into_iter()
        .map(|row| {
            let tracer = if arguments.trace { Tracer::on() } else { Tracer::off() };
            let answer = respond::answer(&policy, &world, &row.request, tracer);
            (row, answer)
        })
        .collect();
    let many = arguments.request.requests.is_some();
    match arguments.output.format {
        Format::Json if many => {
            for (row, answer) in &answers {
                writeln!(out.results(), "{}", to_json(row, answer, &policy, arguments.trace))?;
            }
        }
        Format::Json => {
            for (row, answer) in &answers {
                writeln!(out.results(), "{:#}", to_json(row, answer, &policy, arguments.trace))?;
            }
        }
        Format::Csv => write::csv(out, &HEADS, answers.iter().map(|(row, answer)| cells(row, answer)))?,
        Format::Table if many => out.table(&HEADS, answers.iter().map(|(row, answer)| cells(row, answer)))?,
        Format::Table => {
            for (_, answer) in &answers {
                out.line(&format!("{}.", say::sentence(answer)))?;
                for step in &answer.steps {
                    out.line(&format!("  {}", say::step(step, &answer.sources)))?;
                }
            }
        }
    }
    let told = answers.iter().all(|(_, answer)| answer.status != 0);
    Ok(if told { Exit::Done } else { Exit::Failed })
}

const HEADS: [&str; 7] = ["from", "url", "verdict", "status", "location", "file", "line"];

fn cells(row: &Row, answer: &Answer) -> [String; 7] {
    let text = |bytes: &Option<BString>| bytes.as_ref().map(ToString::to_string).unwrap_or_default();
    let line = answer.decided.map(|p| answer.sources.show(p).to_string()).unwrap_or_default();
    let status = if answer.status == 0 { String::new() } else { answer.status.to_string() };
    [
        row.request.client.to_string(),
        row.url.clone(),
        answer.verdict.word().to_owned(),
        status,
        text(&answer.location),
        text(&answer.file),
        line,
    ]
}

fn to_json(row: &Row, answer: &Answer, policy: &Policy, trace: bool) -> Json {
    let text = |bytes: &Option<BString>| bytes.as_ref().map(|b| b.to_str_lossy().into_owned());
    let mut json = json!({
        "from": row.request.client,
        "url": row.url,
        "verdict": answer.verdict.word(),
        "sentence": say::sentence(answer),
        "status": (answer.status != 0).then_some(answer.status),
        "location": text(&answer.location),
        "file": text(&answer.file),
        "line": answer.decided.map(|p| answer.sources.show(p).to_string()),
        "host": policy.server_name(answer.server).to_string(),
    });
    if trace {
        let steps: Vec<String> = answer.steps.iter().map(|s| say::step(s, &answer.sources)).collect();
        json["trace"] = json!(steps);
    }
    json
}

/// The one request of the arguments.
fn one(arguments: &RequestArgs) -> Result<Row, Fail> {
    let (Some(from), Some(url)) = (arguments.from, &arguments.url) else {
        return Err(usage("A request needs --from and --url", "Or give many with --requests FILE."));
    };
    let row =
        Row::new(from, url).map_err(|problem| usage(problem, "For example --url https://photos.example.com/a.jpg."))?;
    let mut request = row.request;
    if let Some(method) = &arguments.method {
        request.method = method.as_str().into();
    }
    if let Some(to) = arguments.to {
        request.server = to;
    }
    if !arguments.cookie.is_empty() {
        request.headers.push(("Cookie".into(), arguments.cookie.join("; ").into()));
    }
    for header in &arguments.header {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| usage(format!("{header} is no header"), "For example --header 'Accept: image/jpeg'."))?;
        let (name, value) = (name.trim(), value.trim());
        if name.eq_ignore_ascii_case("host") {
            request.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(b"host"));
        }
        request.headers.push((name.into(), value.into()));
    }
    Ok(Row { request, url: row.url })
}

fn conform(
    file: &Path,
    server: Option<Level>,
    theme: Option<&str>,
    format: Format,
    out: &mut Out,
) -> Result<Exit, Fail> {
    let text = read(file)?;
    let text = std::str::from_utf8(&text)
        .map_err(|e| Fail::from(Problem::new(format!("{} is not UTF-8", file.display())).details(e.to_string())))?;
    let mut cases = conformance::read(text)
        .map_err(|details| Fail::from(Problem::new(format!("{} holds no cases", file.display())).details(details)))?;
    if let Some(theme) = theme {
        cases.retain(|case| case.theme == theme);
    }
    let levels = server.map_or_else(|| Level::ALL.to_vec(), |level| vec![level]);
    let score = conformance::score(&cases, &levels, &mut judge::judge);
    if format == Format::Json {
        let json = score.json().map_err(|e| Fail::from(Problem::new(e.to_string())))?;
        out.line(&json)?;
    } else {
        out.line(score.table().trim_end())?;
    }
    let wrong = score.levels.values().any(|tally| tally.wrong + tally.config_wrong > 0);
    Ok(if wrong { Exit::Failed } else { Exit::Done })
}

fn plain_words(arguments: &ExplainArgs, out: &mut Out) -> Result<Exit, Fail> {
    let (loaded, _) = load_rules(&arguments.rules, out)?;
    let sentences = explain::explain(&loaded.tree, arguments.rules.server);
    match arguments.output.format {
        Format::Json => {
            let all: Vec<Json> = sentences
                .iter()
                .map(|s| json!({ "line": loaded.sources.show(s.place).to_string(), "depth": s.depth, "text": s.text }))
                .collect();
            writeln!(out.results(), "{:#}", Json::from(all))?;
        }
        Format::Csv => {
            let rows = sentences.iter().map(|s| [loaded.sources.show(s.place).to_string(), s.text.clone()]);
            write::csv(out, &["line", "text"], rows)?;
        }
        Format::Table => {
            for sentence in &sentences {
                let indent = "  ".repeat(sentence.depth);
                out.line(&format!("{indent}{} ({})", sentence.text, loaded.sources.show(sentence.place)))?;
            }
        }
    }
    if let Err(problem) = &loaded.policy {
        let shown = problem.show(&loaded.sources, arguments.rules.server);
        let what = Problem::new("The server would not start with this configuration").details(shown);
        return Err(Fail::new(Exit::Failed, what));
    }
    Ok(Exit::Done)
}
