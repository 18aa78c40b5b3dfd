//! One request through all phases, in the server's order.
//!
//! Facts: the recorded cases; `server/request.c`, `modules/http/http_request.c`. Not here: what a module does in its phase
//! (one file a module), the choice of sections ([`super::walk`]), what is sent ([`super::respond`]).

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use bstr::{BStr, BString, ByteSlice};

use super::{
    alias, authz,
    config::include::{clean, is_clean},
    core, env, escape,
    files::Kind,
    headers,
    level::Level,
    policy::Policy,
    record::{Flow, Record},
    regex::Captures,
    remote_ip,
    request::{Request, World},
    rewrite, setenvif,
    source::{FileId, Place, Sources},
    table::Table,
    trace::{Event, Tracer},
    unknown::Unknown,
    walk, wire,
};

/// Subrequests and internal redirects within each other, at most, whatever the configuration says: what bounds our own stack.
const DEEPEST: usize = 40;

/// Phases in all, over all redirects and subrequests of one request: what bounds our own time.
const PHASES: usize = 5_000;

/// How the phases before the handler ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The handler is next.
    BeforeHandler,
    /// It was answered already, without a handler (TRACE, `OPTIONS *`).
    Answered,
    /// With this status, which may be 200 (`[R=200]`).
    With(u16),
}

/// What every phase may use.
pub struct Run<'p> {
    /// The configuration.
    pub policy: &'p Policy,
    /// The world around it.
    pub world: &'p World,
    /// What came over the wire.
    pub request: &'p Request,
    /// Takes the steps.
    pub trace: Tracer,
    /// Captures of the last match, kept here so that matching allocates nothing.
    pub captures: Captures,
    /// The line that decided, so far.
    pub decided: Option<Place>,
    /// The policy's files and the `.htaccess` files that were read, once there are any.
    sources: Option<Sources>,
    phases: usize,
    merges: u32,
}

impl<'p> Run<'p> {
    /// Before the first phase.
    pub fn new(policy: &'p Policy, world: &'p World, request: &'p Request, trace: Tracer) -> Self {
        let captures = Captures::default();
        Self { policy, world, request, trace, captures, decided: None, sources: None, phases: 0, merges: 0 }
    }

    /// A number for what sections came to, that nothing before had.
    pub(super) fn new_merge(&mut self) -> u32 {
        self.merges += 1;
        self.merges
    }

    /// The files met so far.
    pub fn sources(&self) -> &Sources {
        self.sources.as_ref().unwrap_or(&self.policy.sources)
    }

    /// Takes in the files met while a `.htaccess` file was read, and gives the place that stands for that file as a whole.
    pub fn htaccess_read(&mut self, sources: Sources, path: &BStr) -> Place {
        let mut sources = sources;
        let file: FileId = sources.open(&path.to_str_lossy());
        self.sources = Some(sources);
        Place { file, line: 0 }
    }

    /// Notes what decided, and where.
    pub fn decide(&mut self, place: Option<Place>, text: impl FnOnce() -> String) {
        self.decided = place;
        self.trace.note(place, || Event::Decided(text()));
    }

    /// All phases of a request but the handler (`ap_process_request_internal`).
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn process(&mut self, record: &mut Record) -> Result<Ended, Unknown> {
        self.phases += 1;
        if self.phases > PHASES {
            return Err(Unknown::because("the request leads to more redirects and look-ups than are followed here"));
        }
        self.trace.within(record.redirects, record.is_subrequest());
        let server = self.policy.server(record.server);
        let is_file = record.is_subrequest() && record.filename.is_some();
        if !is_file {
            if let Some(status) = self.decode(record) {
                return Ok(Ended::With(status));
            }
            walk::locations(self, record)?;
            if self.policy.level.is_24() {
                walk::conditions(self, record)?;
            }
            if let Some(status) = self.translate(record)? {
                return Ok(Ended::With(status));
            }
        }
        record.dir = Arc::clone(&server.defaults);
        record.sections.clear();
        record.merge = 0;
        if let Some(ended) = self.in_storage(record)? {
            return Ok(ended);
        }
        if !is_file {
            walk::locations(self, record)?;
        }
        if self.policy.level.is_24() {
            walk::conditions(self, record)?;
        }
        if let Some((place, reason)) = record.dir.unknown.first() {
            return Err(Unknown::at(*place, reason.clone()));
        }
        if !record.is_subrequest() {
            setenvif::header_parser(self, record)?;
        }
        // What the request before it (or around it) was asked under the very same directives is not asked again; where it is
        // the same, 2.4 goes by how they were found, not by what they say.
        let asked = if self.policy.level.is_24() { record.before == Some(record.merge) } else { record.has_passed() };
        if !asked {
            let decided = self.decided;
            if let Flow::Status(status) = authz::decide(self, record)? {
                return Ok(Ended::With(status));
            }
            // What was not met on the way to "yes" decides nothing.
            self.decided = decided;
        }
        record.authorized = true;
        Self::handlers(record);
        self.fixups(record)
    }

    /// Decodes the path.
    fn decode(&mut self, record: &mut Record) -> Option<u16> {
        let core = record.dir.core.as_deref();
        let slashes = core.and_then(|c| c.encoded_slashes).unwrap_or((false, false));
        let merge = self.policy.server(record.server).core.merge_slashes.unwrap_or(true);
        if record.uri == "*" {
            return None;
        }
        if wire::is_plain(&record.uri) {
            return None;
        }
        match wire::decode(&record.uri, self.policy.level, slashes, merge) {
            Ok(uri) => {
                record.uri = uri;
                None
            }
            Err(status) => {
                let uri = record.uri.clone();
                self.decide(None, || format!("the path {uri} cannot be decoded"));
                Some(status)
            }
        }
    }

    /// From path to file: rewriting, aliases, `DocumentRoot`.
    fn translate(&mut self, record: &mut Record) -> Result<Option<u16>, Unknown> {
        match rewrite::translate(self, record)? {
            Flow::Declined => {}
            Flow::Done => return Ok(None),
            Flow::Status(status) => return Ok(Some(status)),
        }
        match alias::translate(self, record)? {
            Flow::Declined => {}
            Flow::Done => return Ok(None),
            Flow::Status(status) => return Ok(Some(status)),
        }
        let server = &self.policy.server(record.server).core;
        if let Some((place, reason)) = server.unknown.first() {
            return Err(Unknown::at(*place, reason.clone()));
        }
        if !record.uri.starts_with(b"/") && record.uri != "*" {
            self.decide(None, || "the path does not begin with a slash".to_owned());
            return Ok(Some(400));
        }
        let root = &server.document_root;
        // `ServerPath` is cut off.
        let path = match &server.path {
            Some(own) if super::vhost::within(own, &record.uri) => &record.uri[own.len()..],
            _ => record.uri.as_slice(),
        };
        let path = path.trim_start_with(|c| c == '/').as_bstr();
        let mut filename = BString::from(Vec::with_capacity(root.len() + 1 + path.len()));
        filename.extend_from_slice(root);
        if !filename.ends_with(b"/") {
            filename.push(b'/');
        }
        filename.extend_from_slice(path);
        if !is_clean(&filename) {
            filename = clean(&filename);
        }
        self.trace.note(server.document_root_place, || Event::Decided(format!("DocumentRoot makes it {filename}")));
        record.filename = Some(filename);
        Ok(None)
    }

    /// The walks over folders and files; TRACE and `OPTIONS *` end here.
    fn in_storage(&mut self, record: &mut Record) -> Result<Option<Ended>, Unknown> {
        if record.method == "OPTIONS" && record.uri == "*" {
            return Ok(Some(Ended::Answered));
        }
        if record.method == "TRACE" {
            let trace = self.policy.server(record.server).core.trace.unwrap_or(true);
            return Ok(Some(if trace { Ended::Answered } else { Ended::With(405) }));
        }
        if record.is_proxied() {
            return Ok(None);
        }
        if let Some(status) = walk::directories(self, record)? {
            return Ok(Some(Ended::With(status)));
        }
        walk::files(self, record)?;
        Ok(None)
    }

    /// `mod_mime` and `SetHandler`.
    fn handlers(record: &mut Record) {
        if record.is_proxied() || record.handler.is_some() {
            record.script_aliased = record.has_handler("cgi-script");
            return;
        }
        let Some(core) = &record.dir.core else { return };
        if record.kind != Some(Kind::Folder)
            && !core.handlers.is_empty()
            && let Some(filename) = &record.filename
        {
            let last = filename.rsplit_str("/").next().unwrap_or_default();
            for extension in last.split_str(".").skip(1) {
                if let Some((_, handler)) = core.handlers.get(extension.to_ascii_lowercase().as_bstr()) {
                    record.handler.clone_from(handler);
                }
            }
        }
        if let Some((_, handler)) = &core.handler {
            record.handler.clone_from(handler);
        }
        if let Some(handler) = record.rewrite.handler() {
            record.handler = Some(handler.clone());
        }
    }

    /// The last phase before the handler: rewriting in directories, redirects, environment, index files.
    fn fixups(&mut self, record: &mut Record) -> Result<Ended, Unknown> {
        if let Flow::Status(status) = rewrite::fixup(self, record)? {
            return Ok(Ended::With(status));
        }
        // In the order in which the modules are usually loaded; only variables can tell.
        if !self.policy.level.is_24() {
            env::fixup(self, record);
        }
        if let Flow::Status(status) = alias::fixup(self, record)? {
            return Ok(Ended::With(status));
        }
        if self.policy.level.is_24() {
            env::fixup(self, record);
        }
        headers::fixup(self, record)?;
        if let Flow::Status(status) = super::directory::fixup(self, record)? {
            return Ok(Ended::With(status));
        }
        if let Some(place) = record.dir.core.as_ref().and_then(|c| c.require_tls)
            && !self.request.tls
        {
            self.decide(Some(place), || "SSLRequireSSL, and the connection is not TLS".to_owned());
            return Ok(Ended::With(403));
        }
        Ok(Ended::BeforeHandler)
    }

    /// A subrequest for a path (`ap_sub_req_method_uri`): all phases but the handler; the record says status and file.
    /// `path` may be relative to the request's own, and may have a query.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn look_up_uri(&mut self, of: &Record, path: &[u8]) -> Result<Record, Unknown> {
        let mut sub = self.subrequest(of)?;
        let full: BString = if path.starts_with(b"/") {
            path.into()
        } else {
            let end = of.uri.rfind_byte(b'/').map_or(0, |at| at + 1);
            [escape::path(&of.uri[..end], self.policy.level).as_slice(), path].concat().into()
        };
        let target = wire::split_target(&full);
        sub.asterisk = full == "*";
        sub.uri = target.path;
        sub.args = target.query;
        self.finish_subrequest(of, sub)
    }

    /// A subrequest for a file (`ap_sub_req_lookup_file`): an absolute path, or one next to the request's own file.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn look_up_file(&mut self, of: &Record, file: &[u8]) -> Result<Record, Unknown> {
        let mut sub = self.subrequest(of)?;
        let folder = of.filename.as_ref().map(|f| f[..f.rfind_byte(b'/').map_or(0, |at| at + 1)].to_vec());
        let path =
            if file.starts_with(b"/") { clean(file) } else { clean(&[&folder.unwrap_or_default(), file].concat()) };
        sub.filename = Some(path);
        sub.uri = BString::default();
        sub.args = None;
        self.finish_subrequest(of, sub)
    }

    fn subrequest(&mut self, of: &Record) -> Result<Record, Unknown> {
        if of.sub + of.redirects >= DEEPEST {
            return Err(Unknown::because("look-ups within look-ups go deeper than is followed here"));
        }
        let mut sub = of.clone();
        sub.method = "GET".into();
        sub.protocol = Cow::Borrowed(b"INCLUDED");
        sub.sub += 1;
        sub.dir = Arc::clone(&self.policy.server(of.server).defaults);
        sub.sections = Vec::new();
        sub.passed = of.authorized.then(|| of.sections.clone());
        sub.authorized = false;
        sub.before = Some(of.merge);
        sub.merge = 0;
        sub.walks_before = Some(Arc::new(std::mem::take(&mut sub.walks)));
        sub.host_port = None;
        sub.filename = None;
        sub.path_info = BString::default();
        sub.kind = None;
        sub.handler = None;
        sub.script_aliased = false;
        sub.location = None;
        sub.status = 200;
        sub.rewrite = rewrite::State::of_subrequest(of);
        sub.context_prefix = BString::default();
        sub.context_document_root = None;
        Ok(sub)
    }

    fn finish_subrequest(&mut self, of: &Record, mut sub: Record) -> Result<Record, Unknown> {
        let decided = self.decided;
        let limit = self.policy.server(of.server).core.redirect_limit.unwrap_or(10);
        sub.status = if of.sub >= limit || of.redirects >= limit {
            500
        } else {
            match self.process(&mut sub)? {
                Ended::BeforeHandler | Ended::Answered => 200,
                Ended::With(status) => status,
            }
        };
        // Mod_rewrite's per-directory result of a subrequest is a status of its own.
        if sub.status == 200 {
            self.decided = decided;
        } else {
            self.decided = self.decided.or(decided);
        }
        self.trace.within(of.redirects, of.is_subrequest());
        Ok(sub)
    }

    /// The record of an internal redirect to `uri`, before its phases: variables are renamed, headers stay.
    ///
    /// # Errors
    /// When there are too many, or a variable cannot be told.
    pub fn redirected(&mut self, from: &Record, uri: &[u8]) -> Result<Record, Unknown> {
        if from.redirects >= DEEPEST {
            return Err(Unknown::because("internal redirects go further than is followed here"));
        }
        let target = wire::split_target(uri);
        let mut to = from.clone();
        to.asterisk = uri == b"*";
        to.uri = target.path;
        to.args = target.query;
        to.redirects += 1;
        to.env = Table::default();
        for (name, value) in from.env.iter() {
            to.env.set(&[b"REDIRECT_", name.as_bytes()].concat(), value);
        }
        to.env.set(b"REDIRECT_STATUS", from.status.to_string().as_bytes());
        to.passed = Some(std::mem::take(&mut to.sections)).filter(|_| from.authorized);
        to.authorized = false;
        to.before = Some(from.merge);
        to.merge = 0;
        to.walks_before = Some(Arc::new(std::mem::take(&mut to.walks)));
        to.host_port = None;
        to.first_error = if from.status == 200 { None } else { from.first_error.or(Some(from.status)) };
        to.dir = Arc::clone(&self.policy.server(from.server).defaults);
        to.filename = None;
        to.path_info = BString::default();
        to.kind = None;
        to.handler = None;
        to.script_aliased = false;
        to.context_prefix = BString::default();
        to.context_document_root = None;
        to.rewrite = from.rewrite.redirected();
        self.trace.within(to.redirects, to.is_subrequest());
        self.trace.note(None, || Event::Decided(format!("internal redirect to {}", uri.as_bstr())));
        self.headers_read(&mut to)?;
        Ok(to)
    }

    /// What is done as soon as the headers were read; again after an internal redirect.
    pub(super) fn headers_read(&mut self, record: &mut Record) -> Result<(), Unknown> {
        headers::early(self, record)?;
        remote_ip::post_read(self, record)?;
        if record.dir.core.as_ref().and_then(|c| c.look_up_names) == Some(true) && self.world.names.is_some() {
            record.client_name = Some(self.name_of(record.client)?.map(str::to_owned));
        }
        setenvif::post_read(self, record)
    }

    /// The name of an address, as a name look-up would give it; none when it has none.
    ///
    /// # Errors
    /// When names are not simulated.
    pub fn name_of(&self, address: IpAddr) -> Result<Option<&'p str>, Unknown> {
        let names = self.world.names.as_ref().ok_or_else(|| Unknown::because("names are not looked up here"))?;
        Ok(names.of.get(&address.to_canonical()).map(String::as_str))
    }

    /// The server's name in redirects and `%{SERVER_NAME}` (`ap_get_server_name`, `UseCanonicalName`).
    pub fn server_name<'r>(&self, record: &'r Record) -> &'r BStr
    where
        'p: 'r,
    {
        let canonical = record.dir.core.as_ref().and_then(|c| c.canonical_name).unwrap_or(b'f');
        match &record.hostname {
            Some(name) if canonical == b'f' => name.as_bstr(),
            _ => self.policy.server_name(record.server),
        }
    }

    /// Its port (`ap_get_server_port`).
    pub fn server_port(&self, record: &Record) -> u16 {
        let core: Option<&core::Dir> = record.dir.core.as_deref();
        let canonical = core.and_then(|c| c.canonical_name).unwrap_or(b'f');
        let physical = core.and_then(|c| c.physical_port).unwrap_or(false).then_some(self.request.port);
        let own = self.policy.server(record.server).core.port;
        let default = if self.request.tls { 443 } else { 80 };
        let given = if canonical == b'n' { own } else { record.host_port };
        given.or(physical).or(own).unwrap_or(default)
    }

    /// `path` as an absolute address of this server (`ap_construct_url`).
    pub fn absolute(&self, record: &Record, path: &[u8]) -> BString {
        let own = self.policy.server(record.server).core.scheme.as_deref().map(Vec::as_slice);
        let tls = own.map_or(self.request.tls, |scheme| scheme == b"https");
        let (scheme, default) = if tls { ("https", 443) } else { ("http", 80) };
        let (name, port) = (self.server_name(record), self.server_port(record));
        let mut url = BString::from(Vec::with_capacity(name.len() + path.len() + 16));
        url.extend_from_slice(scheme.as_bytes());
        url.extend_from_slice(b"://");
        if name.contains(&b':') && !name.starts_with(b"[") && self.policy.level > Level::V2_2_8 {
            url.push(b'[');
            url.extend_from_slice(name);
            url.push(b']');
        } else {
            url.extend_from_slice(name);
        }
        if port != default {
            url.extend_from_slice(format!(":{port}").as_bytes());
        }
        url.extend_from_slice(path);
        url
    }

    /// A variable of the environment of the server's process.
    pub fn process_env(&self, name: &[u8]) -> Option<&'p [u8]> {
        self.world.process_env.iter().find(|(n, _)| n.as_slice() == name).map(|(_, v)| v.as_bytes())
    }
}
