//! The answer: what the handler sends, error documents, internal redirects; and the verdict in words.
//!
//! Not here: the phases before the handler ([`super::run`]).

use bstr::{BString, ByteSlice};

use super::{
    core::{self, ErrorDocument, options},
    directory,
    files::Kind,
    headers,
    policy::Policy,
    record::Record,
    request::{Request, World},
    run::{Ended, Run},
    source::{Place, Sources},
    table::Table,
    trace::{Event, Step, Tracer},
    unknown::Unknown,
    wire,
};

/// Methods that the server knows by name and the handler of files does not take.
const METHODS: [&[u8]; 11] = [
    b"PUT",
    b"DELETE",
    b"CONNECT",
    b"PATCH",
    b"PROPFIND",
    b"PROPPATCH",
    b"MKCOL",
    b"COPY",
    b"MOVE",
    b"LOCK",
    b"UNLOCK",
];

/// Headers whose answer depends on a file's time and size.
const CONDITIONS: [&[u8]; 5] = [b"If-Modified-Since", b"If-None-Match", b"If-Match", b"If-Unmodified-Since", b"Range"];

/// What the server would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It sends this file.
    Served(BString),
    /// It lists the folder.
    Listing(BString),
    /// It sends a text of its own (`ErrorDocument "text"`, TRACE, OPTIONS).
    Text,
    /// 403.
    Forbidden,
    /// 401.
    AsksPassword,
    /// It sends the client elsewhere.
    Redirected {
        /// 301, 302 …
        status: u16,
        /// The `Location`; none for the statuses that need none.
        location: Option<BString>,
    },
    /// 404.
    NotFound,
    /// Any other status.
    Status(u16),
    /// It hands the request to another server.
    Proxied(BString),
    /// It cannot be told.
    CannotTell(Unknown),
}

/// The whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What the server would do.
    pub verdict: Verdict,
    /// The status sent; 0 when it cannot be told.
    pub status: u16,
    /// The `Location` sent.
    pub location: Option<BString>,
    /// The file whose content is the body.
    pub file: Option<BString>,
    /// The line that decided, where there is one.
    pub decided: Option<Place>,
    /// The server that answered: its index in the policy.
    pub server: usize,
    /// Why that one.
    pub server_why: &'static str,
    /// The last internal request: its status, path, query, file name.
    pub last: Last,
    /// What happened, when it was asked for.
    pub steps: Vec<Step>,
    /// The files that places refer to, `.htaccess` files too.
    pub sources: Sources,
}

/// The last internal request, as an access log shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Last {
    /// Its status.
    pub status: u16,
    /// Its path.
    pub uri: BString,
    /// Its query.
    pub args: Option<BString>,
    /// Its file name.
    pub filename: Option<BString>,
    /// Its environment.
    pub env: Table,
}

/// How a request ended.
struct Sent {
    status: u16,
    location: Option<BString>,
    what: What,
    record: Box<Record>,
}

enum What {
    File(BString),
    Listing(BString),
    Text,
    Error,
    Proxied(BString),
}

/// What the server of `policy` would answer to `request`, with a trace when `trace` takes one.
pub fn answer(policy: &Policy, world: &World, request: &Request, trace: Tracer) -> Answer {
    let (record, choice) = wire::record(policy, request);
    // It is handed on and on, and is large.
    let record = Box::new(record);
    let mut run = Run::new(policy, world, request, trace);
    let server_why = choice.as_ref().map_or("", |c| c.why);
    if let Ok(choice) = &choice {
        run.trace.note(policy.server(choice.server).core.place, || Event::Host {
            name: policy.server_name(choice.server).to_string(),
            why: choice.why.to_owned(),
        });
    }
    let server = record.server;
    let sent = match choice {
        Ok(_) => run.serve(record),
        Err(status) => {
            run.decide(None, || "the request is malformed or too large".to_owned());
            run.die(record, status)
        }
    };
    finish(run, sent, server, server_why)
}

fn finish(run: Run<'_>, sent: Result<Sent, Unknown>, server: usize, server_why: &'static str) -> Answer {
    let sources = run.sources().clone();
    let (decided, steps) = (run.decided, run.trace.into_steps());
    let sent = match sent {
        Ok(sent) => sent,
        Err(unknown) => {
            return Answer {
                status: 0,
                location: None,
                file: None,
                decided: unknown.place,
                verdict: Verdict::CannotTell(unknown),
                server,
                server_why,
                last: Last::default(),
                steps,
                sources,
            };
        }
    };
    let file = match &sent.what {
        What::File(file) => Some(file.clone()),
        _ => None,
    };
    let redirected = (300..400).contains(&sent.status) && sent.status != 304;
    let verdict = match (sent.what, sent.status) {
        (What::Proxied(to), _) => Verdict::Proxied(to),
        (_, 403) => Verdict::Forbidden,
        (_, 401) => Verdict::AsksPassword,
        (_, 404) => Verdict::NotFound,
        (_, status) if redirected => Verdict::Redirected { status, location: sent.location.clone() },
        (What::File(file), 200) => Verdict::Served(file),
        (What::Listing(folder), 200) => Verdict::Listing(folder),
        (What::Text, 200) => Verdict::Text,
        (_, status) => Verdict::Status(status),
    };
    let last = Last {
        status: sent.record.status,
        uri: sent.record.uri,
        args: sent.record.args,
        filename: sent.record.filename,
        env: sent.record.env,
    };
    let (status, location) = (sent.status, sent.location);
    Answer { verdict, status, location, file, decided, server, server_why, last, steps, sources }
}

/// An answer without a file, with the status so far.
fn text(record: Box<Record>) -> Sent {
    Sent { status: record.status, location: None, what: What::Text, record }
}

impl Run<'_> {
    /// The whole request, from the headers on.
    fn serve(&mut self, mut record: Box<Record>) -> Result<Sent, Unknown> {
        if let Some((place, name)) = self.policy.hosts.unresolved() {
            return Err(Unknown::at(*place, format!("the address of {name} is not known")));
        }
        self.headers_read(&mut record)?;
        let mut sent = self.answer_one(record)?;
        // `Header … Location` sees what is sent; a handler's answer and the server's own are told apart.
        sent.record.location = sent.location.take();
        headers::respond(self, &mut sent.record, !matches!(sent.what, What::Error))?;
        sent.location = sent.record.location.take();
        Ok(sent)
    }

    /// One request of the chain: its phases, then its handler.
    fn answer_one(&mut self, mut record: Box<Record>) -> Result<Sent, Unknown> {
        let status = self.process(&mut record)?;
        match status {
            Ended::Answered => Ok(text(record)),
            Ended::BeforeHandler => self.handle(record),
            Ended::With(status) => self.die(record, status),
        }
    }

    /// Runs the handler.
    fn handle(&mut self, record: Box<Record>) -> Result<Sent, Unknown> {
        let handler = record.handler.clone().unwrap_or_default();
        let filename = record.filename.clone().unwrap_or_default();
        if handler == "redirect-handler" {
            let mut uri = filename.strip_prefix(b"redirect:").unwrap_or(&filename).to_vec();
            if let Some(args) = &record.args {
                uri.push(b'?');
                uri.extend_from_slice(args);
            }
            return self.redirect(record, &uri);
        }
        if record.is_proxied() {
            let to = filename.strip_prefix(b"proxy:").unwrap_or(&filename).into();
            return Ok(Sent { status: 200, location: None, what: What::Proxied(to), record });
        }
        let core = record.dir.core.clone();
        let options = core.as_ref().map_or_else(
            || core::Dir::default().effective_options(self.policy.level),
            |c| c.effective_options(self.policy.level),
        );
        if record.kind == Some(Kind::Folder) && record.path_info.is_empty() && handler == directory::FOLDER {
            return self.folder(record, options);
        }
        match handler.as_slice() {
            b"" | b"default-handler" | b"httpd/unix-directory" => {}
            b"cgi-script" => return self.script(record, options),
            other => {
                let place = core.and_then(|c| c.handler.clone()).map(|(place, _)| place);
                let reason = format!("the handler {} answers", other.as_bstr());
                return Err(Unknown { place, reason });
            }
        }
        if !matches!(record.method.as_slice(), b"GET" | b"HEAD" | b"POST") {
            return self.other_method(record);
        }
        if record.kind.is_none() && options & options::MULTI_VIEWS != 0 && self.policy.modules.contains("negotiation") {
            return Err(Unknown::because("MultiViews may find another file"));
        }
        self.file(record, filename)
    }

    /// A method that files do not know.
    fn other_method(&mut self, record: Box<Record>) -> Result<Sent, Unknown> {
        if record.method == "OPTIONS" {
            return Ok(text(record));
        }
        let known = METHODS.contains(&record.method.as_slice()) || self.policy.methods.contains(&record.method);
        self.die(record, if known { 405 } else { 501 })
    }

    /// The server's own handler of files.
    fn file(&mut self, record: Box<Record>, filename: BString) -> Result<Sent, Unknown> {
        let core = record.dir.core.as_ref();
        let accepts_more = core.and_then(|c| c.accept_path_info).flatten() == Some(true);
        if record.kind != Some(Kind::File) || !record.path_info.is_empty() && !accepts_more {
            self.decide(None, || format!("there is no file {filename}"));
            return self.die(record, 404);
        }
        if self.world.files.stat(&filename).is_some_and(|s| !s.readable) {
            self.decide(None, || format!("the server may not read {filename}"));
            return self.die(record, 403);
        }
        if let Some(header) = CONDITIONS.iter().find(|h| record.status == 200 && record.headers.get(h).is_some()) {
            let reason = format!("the header {} asks what is not known of the file", header.as_bstr());
            return Err(Unknown::because(reason));
        }
        Ok(Sent { status: record.status, location: None, what: What::File(filename), record })
    }

    /// A folder without an index file.
    fn folder(&mut self, record: Box<Record>, options: u16) -> Result<Sent, Unknown> {
        let listing = self.policy.modules.contains("autoindex");
        let filename = record.filename.clone().unwrap_or_default();
        if !listing || !matches!(record.method.as_slice(), b"GET" | b"HEAD") {
            if record.method == "OPTIONS" {
                return Ok(text(record));
            }
            let status = if matches!(record.method.as_slice(), b"GET" | b"HEAD" | b"POST") { 404 } else { 405 };
            return self.die(record, status);
        }
        if options & options::INDEXES != 0 {
            let status = record.status;
            return Ok(Sent { status, location: None, what: What::Listing(filename), record });
        }
        self.decide(None, || format!("{filename} is a folder without index file, and Options does not have Indexes"));
        self.die(record, 403)
    }

    /// A script: what can be told without running it.
    fn script(&mut self, record: Box<Record>, options: u16) -> Result<Sent, Unknown> {
        let filename = record.filename.clone().unwrap_or_default();
        if options & options::EXEC_CGI == 0 && !record.script_aliased {
            self.decide(None, || "Options does not have ExecCGI".to_owned());
            return self.die(record, 403);
        }
        match record.kind {
            None => self.die(record, 404),
            Some(Kind::Folder) => self.die(record, 403),
            Some(_) => match self.world.files.stat(&filename) {
                Some(stat) if !stat.executable => self.die(record, 500),
                _ => Err(Unknown::because(format!("the script {filename} answers"))),
            },
        }
    }

    /// An internal redirect.
    fn redirect(&mut self, record: Box<Record>, uri: &[u8]) -> Result<Sent, Unknown> {
        let limit = self.policy.server(record.server).core.redirect_limit.unwrap_or(10);
        if record.redirects >= limit {
            self.decide(None, || format!("more than {limit} internal redirects"));
            return self.die(record, 500);
        }
        let to = self.redirected(&record, uri)?;
        self.answer_one(Box::new(to))
    }

    /// Ends with `status`: an error document, or the server's own page (`ap_die`).
    fn die(&mut self, mut record: Box<Record>, status: u16) -> Result<Sent, Unknown> {
        let location = record.location.take().filter(|_| (300..400).contains(&status) || status == 201);
        // Only an internal redirect remembers an earlier error.
        if record.redirects == 0 {
            record.status = 200;
        }
        // A second error while an error document is made: the first one's own page.
        if record.status != 200 {
            let first = record.first_error.unwrap_or(status);
            let location = location.filter(|_| (300..400).contains(&first));
            record.status = status;
            return Ok(Sent { status: first, location, what: What::Error, record });
        }
        record.status = status;
        let document = record.dir.core.as_ref().and_then(|c| c.error_documents.get(&status)).cloned();
        let Some((place, document)) = document else {
            return Ok(Sent { status, location, what: What::Error, record });
        };
        match document {
            ErrorDocument::Default => Ok(Sent { status, location, what: What::Error, record }),
            ErrorDocument::Text(_) => Ok(Sent { status, location, what: What::Text, record }),
            ErrorDocument::Remote(url) => {
                self.decide(Some(place), || format!("ErrorDocument sends the client to {url}"));
                record.status = 302;
                Ok(Sent { status: 302, location: Some(url), what: What::Error, record })
            }
            ErrorDocument::Local(path) => {
                let decided = self.decided;
                self.trace.note(place, || Event::Decided(format!("ErrorDocument {status} is {path}")));
                record.env.set(b"REQUEST_METHOD", &record.method.clone());
                record.location = location;
                let limit = self.policy.server(record.server).core.redirect_limit.unwrap_or(10);
                if record.redirects >= limit {
                    return self.die(record, 500);
                }
                // The page is asked for, whatever was done before.
                record.method = "GET".into();
                let mut to = self.redirected(&record, &path)?;
                to.location = None;
                let mut sent = self.answer_one(Box::new(to))?;
                self.decided = decided.or(self.decided);
                if sent.location.is_none() && (300..400).contains(&sent.status) {
                    sent.location = record.location;
                }
                Ok(sent)
            }
        }
    }
}

#[cfg(test)]
mod tests;
