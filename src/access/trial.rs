//! What the tests of single modules share: the one place that makes a spot, a policy, a world, a request, its record and a run.
//!
//! As little as it takes to call one phase, and small configurations as the program reads them. Not here: recorded ones
//! ([`super::judge`]).

use std::{collections::BTreeSet, sync::Arc};

use bstr::BString;

use super::{
    config::{
        Limit, Spot,
        load::{self, Loaded},
        read::Start,
    },
    files::{Entry, Files},
    level::Level,
    policy::{DirConfig, Merges, Policy, Server},
    record::Record,
    regex,
    request::{Request, World},
    respond::{self, Answer},
    run::Run,
    source::{FileId, Place, Sources},
    trace::Tracer,
    vhost::Hosts,
};

/// Line 1 of a file, in the section `path`.
pub fn spot(level: Level, path: Option<&[u8]>) -> Spot<'_> {
    Spot {
        level,
        place: Place { file: FileId(0), line: 1 },
        path,
        htaccess: false,
        in_directory: false,
        limit: None,
        regex: regex::Options::default(),
    }
}

/// `Limit` with these methods.
pub fn limit(methods: &[BString]) -> Limit {
    Limit { except: false, methods: methods.to_vec(), within: None }
}

/// A policy of one server, `www.example.com` with its files in `/srv/www`.
pub fn policy(level: Level, mut server: Server) -> Policy {
    server.core.name = Some("www.example.com".into());
    server.core.document_root = "/srv/www".into();
    server.core.admin = "webmaster@example.com".into();
    Policy {
        level,
        sources: Sources::default(),
        servers: vec![server],
        hosts: Hosts::default(),
        start: Start::new(level),
        defines: Vec::new(),
        loaded: BTreeSet::new(),
        modules: BTreeSet::new(),
        server_root: "/srv/httpd".into(),
        regex: regex::Options::default(),
        methods: Vec::new(),
        merges: Merges::default(),
    }
}

/// A file system of files with these contents.
pub fn files(entries: &[(&str, &str)]) -> Files {
    let entry = |content: &str| Entry { content: content.into(), ..Entry::default() };
    entries.iter().map(|(path, content)| (BString::from(*path), entry(content))).collect()
}

/// The configuration `text` of the file `conf`, beside `given` files, as the server of `level` reads it.
pub fn load(level: Level, text: &str, given: &Files) -> Loaded {
    let start = Start { server_root: "/srv/httpd".into(), ..Start::new(level) };
    load::load(&start, given, b"", "conf", text.as_bytes())
}

/// What is wrong with the configuration `text`: the line in `conf`, and the server's words.
pub fn wrong(level: Level, text: &str) -> (u32, String) {
    let loaded = load(level, text, &files(&[]));
    let problem = loaded.policy.unwrap_err();
    (problem.place.map_or(0, |place| place.line), problem.message)
}

/// The answer to a `GET` of `target` from 203.0.113.9, in a world of these files.
pub fn answer(level: Level, text: &str, given: &[(&str, &str)], target: &str) -> Answer {
    let world = World { files: files(given), ..World::default() };
    let policy = load(level, text, &world.files).policy.unwrap();
    respond::answer(&policy, &world, &request("203.0.113.9", target), Tracer::on())
}

/// A plain `GET` from `client` to `www.example.com`.
pub fn request(client: &str, target: &str) -> Request {
    Request::get(client.parse().unwrap(), "www.example.com", target)
}

/// A run with a trace.
pub fn run<'p>(policy: &'p Policy, world: &'p World, request: &'p Request) -> Run<'p> {
    Run::new(policy, world, request, Tracer::on())
}

/// `request` as it is when nothing was done to it, its headers joined; its path must have nothing to decode.
pub fn record(request: &Request, dir: Arc<DirConfig>) -> Record {
    Record { hostname: Some("www.example.com".into()), ..Record::new(request, dir) }
}
