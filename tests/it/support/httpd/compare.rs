//! Two answers to one case, told apart: first the outcome (status, location, file), then what the server thought
//! (environment, virtual host, query string), then whether the configuration is accepted and which line is wrong.
//!
//! Not here: wording of messages, other response headers, file names on the way.

use std::{collections::BTreeMap, fmt};

use super::case::{Observation, Response};

/// What somebody who is not a server says to a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Judged {
    /// The configuration is refused with this output (`AH00526: Syntax error on line N of FILE:` and a message).
    Refused(String),
    /// The configuration itself cannot be judged, and why.
    Unknown(String),
    /// One answer a request, or why there is none.
    Answers(Vec<Result<Response, String>>),
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which request, from 0; none for the configuration.
    pub request: Option<usize>,
    pub field: &'static str,
    pub server: String,
    pub judged: String,
}

/// What came of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub differences: Vec<Difference>,
    /// Requests (and configurations) that were not judged, and why.
    pub unknown: Vec<String>,
    /// Requests that were compared.
    pub compared: usize,
}

impl fmt::Display for Difference {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, server, judged, .. } = self;
        match self.request {
            Some(number) => write!(to, "request {number}: {field} is {server}, judged {judged}"),
            None => write!(to, "{field} is {server}, judged {judged}"),
        }
    }
}

/// Compares what a server was observed to do with what is said about it.
pub fn compare(observed: &Observation, judged: &Judged) -> Outcome {
    let mut outcome = Outcome::default();
    let refused = |said: &str| format!("refused: {said}");
    match judged {
        Judged::Unknown(why) => outcome.unknown.push(why.clone()),
        Judged::Refused(said) => {
            let server = observed.config_output.as_deref().unwrap_or_default();
            if observed.config != "error" {
                let told = || observed.config.clone();
                note(&mut outcome, None, "the configuration", told(), refused(said));
            } else if places(server) != places(said) {
                note(&mut outcome, None, "the place of the error", refused(server), refused(said));
            }
        }
        Judged::Answers(_) if observed.config != "ok" => {
            let server = format!("{}: {}", observed.config, observed.config_output.as_deref().unwrap_or_default());
            note(&mut outcome, None, "the configuration", server, "ok".to_owned());
        }
        Judged::Answers(answers) => {
            for (number, (server, answer)) in observed.responses.iter().zip(answers).enumerate() {
                match answer {
                    // A server that crashes says nothing about what is right.
                    _ if server.status.is_none() => outcome.unknown.push("the server gave no answer".to_owned()),
                    Ok(answer) => {
                        outcome.compared += 1;
                        outcome.differences.extend(responses(number, server, answer));
                    }
                    Err(why) => outcome.unknown.push(why.clone()),
                }
            }
        }
    }
    outcome
}

fn note(outcome: &mut Outcome, request: Option<usize>, field: &'static str, server: String, judged: String) {
    outcome.differences.push(Difference { request, field, server, judged });
}

/// Differences of two answers to one request.
pub fn responses(number: usize, server: &Response, judged: &Response) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut field = |field, server: String, judged: String| {
        if server != judged {
            differences.push(Difference { request: Some(number), field, server, judged });
        }
    };
    let number = |status: Option<u16>| status.map_or_else(|| "none".to_owned(), |status| status.to_string());
    let text = |text: &Option<String>| text.as_ref().map_or_else(|| "none".to_owned(), |text| format!("{text:?}"));
    field("error", text(&server.error), text(&judged.error));
    field("status", number(server.status), number(judged.status));
    field("location", text(&server.location), text(&judged.location));
    field("file", text(&server.file), text(&judged.file));
    field("vhost", text(&server.vhost), text(&judged.vhost));
    field("args", text(&server.args), text(&judged.args));
    let env = |env: &BTreeMap<String, Option<String>>| format!("{env:?}");
    field("env", env(&server.env), env(&judged.env));
    differences
}

/// Every `line N of FILE` of an error, outermost first; none for errors of the whole configuration.
fn places(output: &str) -> Vec<&str> {
    let parts = output.split("Syntax error on ").skip(1);
    let end = |part: &str| [": ", ":\n"].iter().filter_map(|mark| part.find(mark)).min().unwrap_or(part.len());
    parts.map(|part| part.get(..end(part)).unwrap_or(part).trim_end_matches(':')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_an_error_is_its_line_and_file_at_every_level_of_inclusion() {
        let simple = "AH00526: Syntax error on line 5 of /srv/httpd/conf/httpd.conf:\nRewriteRule: bad flag delimiters";
        assert_eq!(places(simple), ["line 5 of /srv/httpd/conf/httpd.conf"]);
        let nested = "httpd: Syntax error on line 4 of /a.conf: Syntax error on line 2 of /b.conf: Could not open: no";
        assert_eq!(places(nested), ["line 4 of /a.conf", "line 2 of /b.conf"]);
        let unclosed = "httpd: Syntax error on line 2 of /a.conf: /a.conf:2: <VirtualHost> was not closed.";
        assert_eq!(places(unclosed), ["line 2 of /a.conf"]);
        assert!(places("AH01624: <RequireAll> directive contains only negative authorization directives").is_empty());
    }

    #[test]
    fn wording_does_not_matter_but_the_line_and_the_answer_do() {
        let error = |line: u32, message: &str| format!("AH00526: Syntax error on line {line} of /a.conf:\n{message}");
        let observed =
            Observation { config: "error".to_owned(), config_output: Some(error(5, "x")), ..Observation::default() };
        assert!(compare(&observed, &Judged::Refused(error(5, "y"))).differences.is_empty());
        assert_eq!(compare(&observed, &Judged::Refused(error(6, "x"))).differences.len(), 1);
        assert_eq!(compare(&observed, &Judged::Answers(Vec::new())).differences.len(), 1);
        let answer = |status| Response { status: Some(status), ..Response::default() };
        let observed = Observation {
            config: "ok".to_owned(),
            responses: vec![answer(200), answer(403)],
            ..Observation::default()
        };
        let judged = Judged::Answers(vec![Ok(answer(200)), Err("no names".to_owned())]);
        let outcome = compare(&observed, &judged);
        assert_eq!((outcome.differences.len(), outcome.unknown.len(), outcome.compared), (0, 1, 1));
    }
}
