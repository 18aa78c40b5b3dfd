//! A request while the server works on it: what every phase reads and changes (`request_rec`).
//!
//! Not here: the phases ([`super::run`] and one file a module).

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use bstr::BString;

use super::{
    config::lines::trim, files::Kind, policy::DirConfig, request::Request, rewrite, source::Place, table::Table,
    walk::Walks, wire,
};

/// One request, an internal redirect of it, or a subrequest.
#[derive(Clone, Debug)]
pub struct Record {
    /// The virtual host that answers: its place in [`super::policy::Policy::servers`]; 0 is the main server.
    pub server: usize,
    /// The method. `HEAD` stays `HEAD` here.
    pub method: BString,
    /// `HTTP/1.1` and the like.
    pub protocol: Cow<'static, [u8]>,
    /// Whether the target, as received, is `*`.
    pub asterisk: bool,
    /// The path, decoded.
    pub uri: BString,
    /// The query string without its `?`; none when there was no `?`.
    pub args: Option<BString>,
    /// The host name of the request, from the target or the `Host` header: lower case, without port.
    pub hostname: Option<BString>,
    /// The port in the target or the `Host` header.
    pub host_port: Option<u16>,
    /// The file that the path was mapped to.
    pub filename: Option<BString>,
    /// What of the path was left after the file.
    pub path_info: BString,
    /// What is at `filename`; none when nothing is.
    pub kind: Option<Kind>,
    /// The handler that was set, by `SetHandler` or by rewriting (`proxy-server`, `redirect-handler`).
    pub handler: Option<BString>,
    /// Whether an alias made it a script.
    pub script_aliased: bool,
    /// Environment variables (`subprocess_env`).
    pub env: Table,
    /// Request headers as the server sees them, repeated ones joined.
    pub headers: Table,
    /// The `Location` to be sent, and other headers that a redirect needs.
    pub location: Option<BString>,
    /// The address that access rules see (`useragent_ip`): the peer's, unless `RemoteIPHeader` says otherwise.
    pub client: IpAddr,
    /// The host name of the client, once it was looked up: `Some(None)` when it has none.
    pub client_name: Option<Option<String>>,
    /// The user that signed in.
    pub user: Option<BString>,
    /// Part of the path that an alias mapped (2.4 `%{CONTEXT_PREFIX}`).
    pub context_prefix: BString,
    /// What it mapped to (2.4 `%{CONTEXT_DOCUMENT_ROOT}`).
    pub context_document_root: Option<BString>,
    /// How many internal redirects led here.
    pub redirects: usize,
    /// Whether this is a subrequest, and how deep.
    pub sub: usize,
    /// The status so far: 200 unless an earlier phase or an error document set another.
    pub status: u16,
    /// The sections whose directives apply, by their places, in the order of merging.
    pub sections: Vec<Place>,
    /// The sections that the request before this one (or around it) passed; access is not decided again when they are the same.
    pub passed: Option<Vec<Place>>,
    /// Which merge [`Self::dir`] came from: 0 is the server's own, and what is found by the same walks has the same number.
    pub merge: u32,
    /// The same of the request before this one, or around it.
    pub before: Option<u32>,
    /// The walks of this request so far: over folders, files and locations.
    pub walks: Walks,
    /// Those of the request before this one, or around it.
    pub walks_before: Option<Arc<Walks>>,
    /// Whether this request passed the access rules.
    pub authorized: bool,
    /// The status of the first error, while an error document is made.
    pub first_error: Option<u16>,
    /// The directives that apply, merged.
    pub dir: Arc<DirConfig>,
    /// What `mod_rewrite` remembers between its phases.
    pub rewrite: rewrite::State,
}

impl Record {
    /// `request` as it comes to server 0: nothing decoded, nothing found, headers of one name joined.
    pub fn new(request: &Request, dir: Arc<DirConfig>) -> Self {
        // Two bytes a header more, for those that are joined.
        let bytes = request.headers.iter().map(|(n, v)| n.len() + v.len() + 2).sum();
        let mut headers = Table::with_capacity(request.headers.len(), bytes);
        for (name, value) in &request.headers {
            headers.merge(name, trim(value));
        }
        let target = wire::split_target(&request.target);
        Self {
            server: 0,
            method: request.method.clone(),
            protocol: request.protocol(),
            asterisk: request.target == "*",
            uri: target.path,
            args: target.query,
            hostname: None,
            host_port: None,
            filename: None,
            path_info: BString::default(),
            kind: None,
            handler: None,
            script_aliased: false,
            env: Table::default(),
            headers,
            location: None,
            client: request.client.to_canonical(),
            client_name: None,
            user: None,
            context_prefix: BString::default(),
            context_document_root: None,
            redirects: 0,
            sub: 0,
            status: 200,
            sections: Vec::new(),
            passed: None,
            merge: 0,
            before: None,
            walks: Walks::default(),
            walks_before: None,
            authorized: false,
            first_error: None,
            dir,
            rewrite: rewrite::State::default(),
        }
    }

    /// Whether this is a subrequest, as `%{IS_SUBREQ}` and the flag `NS` see it.
    pub fn is_subrequest(&self) -> bool {
        self.sub > 0
    }

    /// Whether the request is handed to another server.
    pub fn is_proxied(&self) -> bool {
        self.filename.as_ref().is_some_and(|f| f.starts_with(b"proxy:"))
    }

    /// Whether its handler is this one.
    pub fn has_handler(&self, name: &str) -> bool {
        self.handler.as_ref().is_some_and(|h| h == name)
    }

    /// Whether access was decided by the request before this one (or around it) under the same sections.
    pub fn has_passed(&self) -> bool {
        self.passed.as_ref().is_some_and(|p| *p == self.sections)
    }
}

/// What a phase says (httpd's `DECLINED`, `OK` and statuses).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It had nothing to say.
    Declined,
    /// It did its work; no other module of this phase is asked.
    Done,
    /// The request ends with this status.
    Status(u16),
}
