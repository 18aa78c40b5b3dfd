//! Requests and policies for the tests of single modules: as little as it takes to call one phase.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    config::{Spot, read::Start},
    level::Level,
    policy::{DirConfig, Policy, Server},
    record::Record,
    regex,
    request::{Request, World},
    rewrite,
    run::Run,
    source::{FileId, Place, Sources},
    table::Table,
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

/// A policy of one server, `www.example.com`.
pub fn policy(level: Level, mut server: Server) -> Policy {
    server.core.name = Some("www.example.com".into());
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
    }
}

/// A plain `GET` from `client` to `www.example.com`.
pub fn request(client: &str, target: &str) -> Request {
    Request::get(client.parse().unwrap(), "www.example.com", target)
}

/// A run with a trace.
pub fn run<'p>(policy: &'p Policy, world: &'p World, request: &'p Request) -> Run<'p> {
    Run::new(policy, world, request, Tracer::on())
}

/// `request` as it is when nothing was done to it, without headers; its path must have nothing to decode.
pub fn record(request: &Request, dir: Arc<DirConfig>) -> Record {
    let target = request.target.to_string();
    let (uri, args) = target.split_once('?').map_or((&*target, None), |(uri, args)| (uri, Some(args.into())));
    Record {
        server: 0,
        method: request.method.clone(),
        the_request: format!("{} {target} HTTP/1.1", request.method).into(),
        protocol: "HTTP/1.1".into(),
        unparsed_uri: request.target.clone(),
        uri: uri.into(),
        args,
        hostname: Some("www.example.com".into()),
        filename: None,
        path_info: "".into(),
        kind: None,
        handler: None,
        env: Table::default(),
        headers: Table::default(),
        location: None,
        client: request.client,
        client_name: None,
        user: None,
        context_prefix: "".into(),
        context_document_root: None,
        redirects: 0,
        sub: 0,
        status: 200,
        dir,
        rewrite: rewrite::State::default(),
    }
}
