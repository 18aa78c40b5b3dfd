//! Rewriting at the server against the recorded behaviour of real servers: outcomes, and the servers' own log lines about
//! patterns and conditions. The records are in the folder that `HTTPD_CASES` names; without it nothing is compared.

use std::net::IpAddr;

use serde_json::Value;

use super::*;
use crate::access::trace::Event;

fn bytes_of(value: &Value) -> BString {
    value.as_str().unwrap_or_default().into()
}

fn files_of(case: &Value) -> Files {
    let entries = case["files"].as_object().into_iter().flatten().map(|(path, what)| {
        let content = match what {
            Value::String(text) => text.as_str().into(),
            Value::Object(object) => object.get("content").map(bytes_of).unwrap_or_default(),
            _ => BString::from(format!("FILE {path}\n")),
        };
        let mode = what["mode"].as_str().and_then(|m| u32::from_str_radix(m, 8).ok());
        let link = what["symlink"].as_str().map(BString::from);
        (BString::from(path.as_str()), Entry { content, mode, link, ..Entry::default() })
    });
    entries.collect()
}

fn request_of(value: &Value) -> Option<Request> {
    let client: IpAddr = value["client"].as_str()?.parse().ok()?;
    let mut request = Request::get(client, value["host"].as_str()?, value["target"].as_str()?);
    request.method = bytes_of(&value["method"]);
    request.tls = value["tls"].as_bool().unwrap_or(false);
    for header in value["headers"].as_array().into_iter().flatten() {
        request.headers.push((bytes_of(&header[0]), bytes_of(&header[1])));
    }
    Some(request)
}

/// The server's own lines about patterns and conditions of the first request, in one form for both branches.
fn expected_steps(lines: &Value) -> Vec<String> {
    let of_main = |line: &str| {
        let at = line.find("[initial] ")?;
        let text = &line[at + "[initial] ".len()..];
        let text = if line.starts_with("rewrite [") { text.split_once(") ").map_or(text, |(_, t)| t) } else { text };
        let kept = text.starts_with("applying pattern") || text.starts_with("RewriteCond: input");
        // 2.2 shows an empty text to compare with as nothing.
        kept.then(|| text.replace("\\\\", "\\").replace("\\\"", "\"").replace("pattern='=\"\"'", "pattern='='"))
    };
    lines.as_array().into_iter().flatten().filter_map(Value::as_str).filter_map(of_main).collect()
}

fn escaped(text: &[u8]) -> String {
    let mut out = String::new();
    for byte in text {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => out.extend(format!("\\x{byte:02x}").chars()),
        }
    }
    out
}

fn got_steps(steps: &[Step]) -> Vec<String> {
    let line = |step: &Step| match &step.event {
        Event::Pattern { pattern, subject, per_dir: None, .. } => {
            let shown = pattern.strip_prefix(b"!").unwrap_or(pattern);
            Some(format!("applying pattern '{}' to uri '{}'", escaped(shown), escaped(subject)))
        }
        Event::Condition { input, pattern, flags, matched, .. } => {
            let flags = if flags.is_empty() { String::new() } else { format!(" {flags}") };
            let matched = if *matched { "matched" } else { "not-matched" };
            let (input, pattern) = (escaped(input), escaped(pattern).replace("=\"\"", "="));
            Some(format!("RewriteCond: input='{input}' pattern='{pattern}'{flags} => {matched}"))
        }
        _ => None,
    };
    steps.iter().filter_map(line).collect()
}

#[test]
#[allow(clippy::too_many_lines)] // One loop over all that was recorded.
fn recorded_servers_agree() {
    let Ok(folder) = std::env::var("HTTPD_CASES") else { return };
    let read = |name: &str| std::fs::read_to_string(std::path::Path::new(&folder).join(name));
    let (cases, traces) = (read("cases.jsonl").unwrap(), read("traces.jsonl").unwrap());
    let traces: std::collections::HashMap<String, Value> = traces
        .lines()
        .filter_map(|l| serde_json::from_str::<Value>(l).ok())
        .map(|v| (v["id"].as_str().unwrap_or_default().to_owned(), v["traces"].clone()))
        .collect();
    let (mut compared, mut steps_compared, mut unknown, mut wrong) = (0, 0, 0, Vec::new());
    for case in cases.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok()) {
        let (id, config) = (case["id"].as_str().unwrap(), case["config"].as_str().unwrap());
        let plain = config.lines().map(str::trim).all(|l| {
            let name = name_and_args(l).0;
            l.is_empty()
                || name.starts_with("rewrite") && !name.starts_with("rewritelog")
                || ["<virtualhost", "</virtualhost>", "servername", "documentroot", "rewritemap"]
                    .contains(&name.as_str())
        });
        let plain = plain
            && config.matches("<VirtualHost").count() == 1
            && config.contains("DocumentRoot \"/srv/www\"")
            && !config.contains("\\\n")
            && !case["files"].to_string().contains("htaccess");
        let before = config.split("<VirtualHost").next().unwrap_or_default();
        if !plain || before.contains("Rewrite") {
            continue;
        }
        let files = files_of(&case);
        for level in Level::ALL {
            let observed = &case["observed"][level.to_string()];
            let Some(state) = observed["config"].as_str() else { continue };
            let rewrite = match server(level, config, &files) {
                Ok(rewrite) => rewrite,
                Err((line, message)) => {
                    compared += 1;
                    let output = observed["config_output"].as_str().unwrap_or_default();
                    if state != "error"
                        || !output.contains(&format!("line {line} "))
                        || !output.contains(&message.replace('\\', "\\\\"))
                    {
                        wrong.push(format!("{id} {level}: we say {line} {message}, it {state} {output}"));
                    }
                    continue;
                }
            };
            if state != "ok" {
                wrong.push(format!("{id} {level}: no error, it {}", observed["config_output"]));
                continue;
            }
            let policy = policy(level, rewrite);
            let world = World { files: files.clone(), ..World::default() };
            for (n, value) in case["requests"].as_array().into_iter().flatten().enumerate() {
                let Some(request) = request_of(value) else { continue };
                if id == "ipv6/host-literal" {
                    // The server's own name belongs to the pipeline.
                    continue;
                }
                let target = request.target.to_str_lossy().into_owned();
                if !target.starts_with('/')
                    || target.contains("//")
                    || target.contains("/.")
                    || target.len() > 8000
                    || ["%2F", "%2f", "%00", "%zz", "%2e"].iter().any(|e| target.contains(e))
                    || target == "/%"
                {
                    continue;
                }
                let response = &observed["responses"][n];
                let (flow, record, steps) = run(&policy, &world, &request, DirConfig::default(), translate);
                let Ok(flow) = flow else {
                    unknown += 1;
                    continue;
                };
                compared += 1;
                let status = response["status"].as_u64().unwrap_or_default();
                let good = match &flow {
                    Flow::Status(s) => {
                        u64::from(*s) == status
                            && record.location.as_ref().is_none_or(|l| {
                                let host = format!(
                                    "http://{}",
                                    value["host"].as_str().unwrap_or_default().to_ascii_lowercase()
                                );
                                let got = l.to_str_lossy().replacen("http://www.example.com/", &format!("{host}/"), 1);
                                let as_is = l.to_str_lossy();
                                response["location"].as_str().is_some_and(|r| r == got || r == as_is || !r.is_ascii())
                            })
                    }
                    Flow::Declined => !response["location"].is_string() || status == 301,
                    Flow::Done if record.handler.is_some() => true,
                    Flow::Done => {
                        let file = record.filename.clone().unwrap_or_default();
                        match response["file"].as_str() {
                            Some(expected) => {
                                file.starts_with(expected.as_bytes())
                                    || file.ends_with(b"/") && expected.as_bytes().starts_with(&file)
                            }
                            None => matches!(status, 404 | 301 | 403),
                        }
                    }
                };
                let args_good = match (response["args"].as_str(), &record.args) {
                    (None, None) => true,
                    (Some(expected), Some(got)) => {
                        expected.strip_prefix('?').unwrap_or(expected).as_bytes() == got.as_slice()
                    }
                    (None, Some(got)) => got.is_empty(),
                    (Some(expected), None) => expected == "?",
                };
                if !good || !args_good {
                    wrong.push(format!("{id} {level} {target}: {} but it {response}", told(&Ok(flow), &record)));
                }
                let lines = &traces.get(id).map_or(&Value::Null, |t| t)[level.to_string()][n];
                if lines.is_array() {
                    steps_compared += 1;
                    let (got, expected) = (got_steps(&steps), expected_steps(lines));
                    if got != expected {
                        let at = got.iter().zip(&expected).take_while(|(a, b)| a == b).count();
                        wrong.push(format!(
                            "{id} {level} {target}: step {at} is\n   {:?}, but it\n   {:?}",
                            got.get(at),
                            expected.get(at)
                        ));
                    }
                }
            }
        }
    }
    println!("{compared} answers and {steps_compared} traces compared, {unknown} unknown, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
