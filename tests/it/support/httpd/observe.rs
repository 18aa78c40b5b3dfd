//! What the live server answers to a case, in the words of the recorded cases.

use std::io;

use super::{
    case::{Case, Observation, Response},
    client::{Answer, ask},
    server::{NotStarted, Options, Server, lay_out, test},
};

/// How closely one looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// The warnings of a configuration that is fine are asked for too, which costs one more start.
    pub warnings: bool,
    /// The server's own log of what it tested.
    pub trace: bool,
}

/// Headers that tell nothing about the policy, or have a field of their own.
const LEFT_OUT: [&str; 11] = [
    "date",
    "server",
    "content-length",
    "last-modified",
    "etag",
    "accept-ranges",
    "connection",
    "location",
    "transfer-encoding",
    "keep-alive",
    "upgrade",
];
/// How much of another body is kept.
const BODY: usize = 400;

/// Starts a server for the case, sends its requests in order, and writes down what came back. The second value is the
/// server's log, one text a request, when a trace was wanted.
///
/// # Errors
///
/// The bed is broken: files cannot be written, or the server's program cannot be run.
pub fn observe(case: &Case, look: Look) -> io::Result<(Observation, Vec<String>)> {
    lay_out(case)?;
    let options = Options { trace: look.trace, keep_alive: false };
    let output = if look.warnings { Some(test(case, options)?) } else { None };
    if let Some((false, said)) = output {
        return Ok((Observation { config: "error".to_owned(), config_output: Some(said), responses: vec![] }, vec![]));
    }
    let mut server = match Server::start(case, options)? {
        Ok(server) => server,
        Err(why) => {
            let (config, said) = match why {
                NotStarted::Configuration(said) => ("error", said),
                NotStarted::Start(said) => ("start-failed", said),
            };
            let observation =
                Observation { config: config.to_owned(), config_output: Some(said), responses: Vec::new() };
            return Ok((observation, Vec::new()));
        }
    };
    let mut observation = Observation { config: "ok".to_owned(), ..Observation::default() };
    observation.config_output = output.map(|(_, said)| said).filter(|said| !said.is_empty());
    let mut traces = Vec::new();
    server.errors();
    for request in &case.requests {
        let answer = ask(case, request);
        let line = server.log()?.pop();
        observation.responses.push(match answer {
            Ok(answer) => response(case, &answer, line.as_deref()),
            Err(error) => Response { error: Some(error.to_string()), ..Response::default() },
        });
        if look.trace {
            traces.push(server.errors());
        }
    }
    Ok((observation, traces))
}

fn response(case: &Case, answer: &Answer, line: Option<&[String]>) -> Response {
    let mut response = Response { status: Some(answer.status), ..Response::default() };
    response.location = answer.headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value.clone());
    body(case, &mut response, answer);
    for (name, value) in &answer.headers {
        if LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        let value = match name.as_str() {
            "set-cookie" => dateless(value),
            "allow" => sorted(value),
            _ => value.clone(),
        };
        let before = response.headers.get(name).and_then(|before| before.as_str()).map(str::to_owned);
        let value = before.map_or_else(|| value.clone(), |before| format!("{before} || {value}"));
        response.headers.insert(name.clone(), value.into());
    }
    let Some([_first, last, uri, args, filename, vhost, env @ ..]) = line else { return response };
    let number = |text: &str| text.parse::<u16>().ok();
    response.final_status = number(last).filter(|&last| last != answer.status);
    response.uri = Some(uri.clone());
    response.args = Some(args.clone()).filter(|args| !args.is_empty());
    response.filename = Some(filename.clone());
    response.vhost = Some(vhost.clone());
    response.env =
        case.env_watch.iter().cloned().zip(env.iter().map(|value| (value != "-").then(|| value.clone()))).collect();
    response
}

fn body(case: &Case, response: &mut Response, answer: &Answer) {
    let text = String::from_utf8_lossy(&answer.body);
    if text.is_empty() {
        return;
    }
    if let Some(path) =
        text.strip_prefix("FILE ").and_then(|rest| rest.strip_suffix('\n')).filter(|path| !path.contains('\n'))
    {
        response.file = Some(path.to_owned());
        return;
    }
    // A file with a content of its own.
    let is_it = |content: &str| !content.is_empty() && case.bytes(content) == answer.body;
    let told = |content: &serde_json::Value| {
        content.as_str().or_else(|| content.get("content").and_then(serde_json::Value::as_str)).is_some_and(is_it)
    };
    if let Some((path, _)) = case.files.iter().find(|(_, content)| told(content)) {
        response.file = Some(path.clone());
        return;
    }
    if answer.status != 200 && text.starts_with("<!DOCTYPE HTML PUBLIC") {
        return;
    }
    response.body = Some(String::from_utf8_lossy(answer.body.get(..BODY).unwrap_or(&answer.body)).into_owned());
}

/// Methods in an order of their own: the server's is another one in every process.
fn sorted(methods: &str) -> String {
    let mut methods: Vec<&str> = methods.split(',').map(str::trim).collect();
    methods.sort_unstable();
    methods.join(",")
}

/// A cookie without the time of its end, which is another one every second.
fn dateless(cookie: &str) -> String {
    let parts = cookie.split(';').map(|part| match part.trim_start().split_once('=') {
        Some((name, _)) if name.eq_ignore_ascii_case("expires") => format!(" {name}=<date>"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join(";")
}
