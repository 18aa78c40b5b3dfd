//! From directives to a policy: each is checked for its place and arguments, then handed to the module it belongs to.
//!
//! What the server does after reading (`ap_process_config_tree`), and for `.htaccess` at request time. Not here: the text
//! ([`super::read`]), core's own directives (`core_directives`), sections (`sections`).

use std::{collections::BTreeSet, net::IpAddr, sync::Arc};

use bstr::{BStr, BString, ByteSlice};

use super::{
    Directive, Limit, Spot,
    known::{self, Effect, Kind, Known, Where},
    lines::trim,
    read::{Problem, Reader, Start},
    words::{self, Args},
};
use crate::access::{
    alias,
    files::Files,
    level::Level,
    policy::{DirConfig, Merges, Policy, Server},
    regex,
    remote_ip::{Around, RemoteIp},
    source::{Place, Sources},
    vhost::{HostAddress, Hosts},
};

/// What a configuration came to.
#[derive(Debug)]
pub struct Loaded {
    /// The policy; none when the server would not start.
    pub policy: Result<Policy, Problem>,
    /// What the configuration test warns of, in order.
    pub warnings: Vec<Problem>,
    /// The files met.
    pub sources: Sources,
    /// The directives as they stand, includes in their places; what was read before an error.
    pub tree: Vec<Directive>,
}

/// Where a directive is processed (`cmd_parms`, as it goes down the tree).
#[derive(Clone, Debug)]
pub(super) struct Context {
    /// Which server: 0 is the main one.
    pub server: usize,
    /// The innermost section's path; none at the level of a server.
    pub path: Option<BString>,
    /// Whether that is a `Directory` or `.htaccess`.
    pub in_directory: bool,
    /// The innermost section's name, for messages: `<Directory`.
    pub section: Option<&'static str>,
    /// In `.htaccess`: what `AllowOverride` allows there.
    pub htaccess: Option<Htaccess>,
    /// `Limit` around.
    pub limit: Option<Arc<Limit>>,
}

/// What `AllowOverride` says of a `.htaccess` file.
#[derive(Clone, Debug, Default)]
pub struct Htaccess {
    /// Bits of [`known::overrides`].
    pub allowed: u16,
    /// Options that may be set.
    pub options: u16,
    /// `AllowOverrideList`.
    pub list: Option<Vec<String>>,
    /// `AllowOverride Nonfatal`: classes that are passed over.
    pub nonfatal: u16,
    /// Whether unknown ones are passed over, too.
    pub nonfatal_unknown: bool,
}

/// A directive with what is known of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'d> {
    /// Its row in the table.
    pub known: &'d Known,
    /// Its name in lower case.
    pub lower: &'d str,
    /// As it stands in the file.
    pub directive: &'d Directive,
    /// Its arguments, variables replaced; a section's are not split into words.
    pub args: Args<'d>,
}

impl Said<'_> {
    /// What is wrong with it.
    pub fn fail(&self, message: impl Into<String>) -> Problem {
        Problem::at(self.directive.place, message)
    }
}

/// Builds a policy.
pub(super) struct Loader<'r, 'a> {
    pub reader: &'r mut Reader<'a>,
    /// Servers as their own directives say, not merged.
    pub servers: Vec<Server>,
    /// What stands outside of sections, by server.
    pub defaults: Vec<DirConfig>,
    /// `RegexDefaultOptions` so far.
    pub regex: regex::Options,
    /// Addresses of `NameVirtualHost` (2.2).
    pub name_virtual_hosts: Vec<(Place, HostAddress)>,
    /// `RegisterHttpMethod`.
    pub methods: Vec<BString>,
    /// `Listen` as met: place, address, port.
    pub listens: Vec<(Place, Option<IpAddr>, u16)>,
}

/// Reads and loads the configuration `text`, which was found in the file `name`, on top of `base` (a text read before it, with the
/// same meaning as if it stood in front; used for what a server was given besides).
pub fn load(start: &Start, files: &Files, base: &[u8], name: &str, text: &[u8]) -> Loaded {
    let mut reader = Reader::new(start, files);
    let mut tree = Vec::new();
    let read = (|| {
        if !base.is_empty() {
            tree.extend(reader.file("(given)", base)?);
        }
        tree.extend(reader.file(name, text)?);
        Ok(())
    })();
    let policy = read.and_then(|()| {
        let mut loader = Loader::new(&mut reader, regex::Options::default(), Vec::new());
        let top = Context { server: 0, path: None, in_directory: false, section: None, htaccess: None, limit: None };
        let mut dir = DirConfig::default();
        loader.all(&tree, &top, &mut dir)?;
        loader.defaults[0] = dir;
        loader.finish()
    });
    let warnings = std::mem::take(&mut reader.warnings);
    Loaded { policy, warnings, sources: reader.sources, tree }
}

/// A `.htaccess` file.
#[derive(Clone, Copy, Debug)]
pub struct HtaccessFile<'f> {
    /// Its folder, with a slash at the end.
    pub folder: &'f BStr,
    /// Its path.
    pub path: &'f BStr,
    /// What is in it.
    pub text: &'f [u8],
}

/// What a `.htaccess` file says.
///
/// # Errors
/// What is wrong with it; the server then answers 500.
pub fn htaccess(
    policy: &Policy,
    files: &Files,
    allowed: &Htaccess,
    sources: &Sources,
    file: HtaccessFile<'_>,
) -> Result<(DirConfig, Sources), Problem> {
    let mut reader = Reader::new(&policy.start, files);
    reader.defines.clone_from(&policy.defines);
    reader.loaded.clone_from(&policy.loaded);
    reader.server_root.clone_from(&policy.server_root);
    reader.sources = sources.clone();
    reader.htaccess = true;
    let tree = reader.file(&file.path.to_str_lossy(), file.text)?;
    let mut loader = Loader::new(&mut reader, policy.regex, policy.methods.clone());
    let context = Context {
        server: 0,
        path: Some(file.folder.into()),
        in_directory: true,
        section: None,
        htaccess: Some(allowed.clone()),
        limit: None,
    };
    let mut dir = DirConfig::default();
    loader.all(&tree, &context, &mut dir)?;
    Ok((dir, reader.sources))
}

impl<'r, 'a> Loader<'r, 'a> {
    /// With the main server, of which nothing is said yet.
    fn new(reader: &'r mut Reader<'a>, regex: regex::Options, methods: Vec<BString>) -> Self {
        Self {
            reader,
            servers: vec![Server::default()],
            defaults: vec![DirConfig::default()],
            regex,
            name_virtual_hosts: Vec::new(),
            methods,
            listens: Vec::new(),
        }
    }
}

impl Loader<'_, '_> {
    /// Takes in `directives`; those of sections go to `dir`.
    pub fn all(&mut self, directives: &[Directive], context: &Context, dir: &mut DirConfig) -> Result<(), Problem> {
        for directive in directives {
            self.one(directive, context, dir)?;
        }
        Ok(())
    }

    fn one(&mut self, directive: &Directive, context: &Context, dir: &mut DirConfig) -> Result<(), Problem> {
        let lower = directive.name.to_ascii_lowercase().to_str_lossy().into_owned();
        let level = self.reader.start.level;
        let fail = |message: String| Problem::at(directive.place, message);
        let Some(known) = known::find(&lower, level).filter(|k| self.reader.has_module(k.module) && self.is_there(k))
        else {
            if context.htaccess.as_ref().is_some_and(|h| h.nonfatal_unknown) {
                return Ok(());
            }
            let name = &directive.name;
            return Err(fail(format!(
                "Invalid command '{name}', perhaps misspelled or defined by a module not included in the server configuration"
            )));
        };
        if !allowed(&known, &lower, context) {
            let nonfatal = context.htaccess.as_ref().is_some_and(|h| known.overrides & h.nonfatal != 0);
            if nonfatal {
                return Ok(());
            }
            let place = match context.section {
                Some(section) if level >= Level::V2_4_71 && context.htaccess.is_none() => {
                    format!("in {section}> context")
                }
                _ => "here".to_owned(),
            };
            return Err(fail(format!("{} not allowed {place}", known.name)));
        }
        let raw = self.reader.expand(&directive.args, directive.place);
        if directive.children.is_some() {
            self.reader.not_overgrown()?;
            let said = Said { known: &known, lower: &lower, directive, args: Args { raw: &raw, words: &[] } };
            return self.section(&said, context, dir);
        }
        let words = self.words(&directive.args, directive.place);
        self.reader.not_overgrown()?;
        count(&known, &words).map_err(fail)?;
        match known.effect {
            Effect::Inert => Ok(()),
            Effect::Matters => {
                let off = matches!(raw.to_ascii_lowercase().as_slice(), b"off" | b"none" | b"disabled" | b"0");
                if !off {
                    let reason = format!("{} is not modelled", directive.name);
                    self.cannot_tell(directive.place, reason, context, dir);
                }
                Ok(())
            }
            Effect::Act => {
                let args = Args { raw: trim(&raw), words: &words };
                self.act(&Said { known: &known, lower: &lower, directive, args }, context, dir)
            }
        }
    }

    /// The words of a directive, each with its variables replaced.
    fn words(&mut self, args: &[u8], place: Place) -> Vec<BString> {
        words::all(args).iter().map(|w| self.reader.expand(w, place)).collect()
    }

    /// IBM's own directives are there when their module is loaded by name, or when nothing is known of modules.
    fn is_there(&self, known: &Known) -> bool {
        !known.is_ibm() || self.reader.loaded.contains(known.module) || self.reader.start.modules.is_none()
    }

    /// Remembers what stands here that is not modelled, for the requests that it could matter to.
    pub fn cannot_tell(&mut self, place: Place, reason: String, context: &Context, dir: &mut DirConfig) {
        if context.path.is_none() {
            self.servers[context.server].core.unknown.push((place, reason));
        } else {
            dir.unknown.push((place, reason));
        }
    }

    /// Where a directive is read, for its module.
    pub fn spot<'s>(&self, directive: &Directive, context: &'s Context) -> Spot<'s> {
        Spot {
            level: self.reader.start.level,
            place: directive.place,
            path: context.path.as_ref().map(|p| p.as_bytes()),
            htaccess: context.htaccess.is_some(),
            in_directory: context.in_directory,
            limit: context.limit.as_deref(),
            regex: self.regex,
        }
    }

    /// Hands a directive to its module.
    fn act(&mut self, said: &Said<'_>, context: &Context, dir: &mut DirConfig) -> Result<(), Problem> {
        let spot = self.spot(said.directive, context);
        let (lower, mut args) = (said.lower, said.args);
        // A registered method has no handler of its own: allowed or not, it is answered 405.
        let allowed_methods: Vec<BString>;
        if lower == "allowmethods" && !self.methods.is_empty() {
            allowed_methods = args.words.iter().filter(|w| !self.methods.contains(w)).cloned().collect();
            args.words = &allowed_methods;
        }
        let at_server = context.path.is_none();
        let root = self.reader.server_root.clone();
        let root_without_slash = root.strip_suffix(b"/").unwrap_or(&root);
        let server = &mut self.servers[context.server];
        server.alias.root = Some(root_without_slash.into());
        let done = match said.known.module {
            // A directive in one of its sections is enough for a virtual host to have rules of its own.
            "rewrite" if !at_server => {
                server.rewrite.touch();
                made(&mut dir.rewrite).directive(&spot, lower, args)
            }
            "rewrite" if lower == "rewritemap" => {
                server.rewrite.map_directive(&spot, args, root_without_slash, self.reader.files)
            }
            "rewrite" => server.rewrite.directive(&spot, lower, args),
            "alias" if alias::is_of_server(&spot, lower) => server.alias.directive(&spot, lower, args),
            "alias" => made(&mut dir.alias).directive(&spot, lower, args),
            "setenvif" if at_server => server.setenvif.directive(&spot, lower, args),
            "setenvif" => made(&mut dir.setenvif).directive(&spot, lower, args),
            "env" => made(&mut dir.env).directive(&spot, lower, args),
            "headers" => made(&mut dir.headers).directive(&spot, lower, args),
            "remoteip" => {
                let around = Around {
                    files: self.reader.files,
                    names: self.reader.start.names.as_ref(),
                    root: root_without_slash,
                };
                server.remote_ip.directive(&spot, lower, args, &around)
            }
            "access_compat" => made(&mut dir.host_access).directive(&spot, lower, args),
            "authz_core" | "authn_core" | "authn_file" | "authz_groupfile" | "auth_basic" | "authz_user"
            | "authz_default" | "authn_default" | "allowmethods" => made(&mut dir.authz).directive(&spot, lower, args),
            _ => return self.core(said, context, dir),
        };
        done.map_err(|message| said.fail(message))
    }

    /// Merges virtual hosts with the main server and checks what can be checked only at the end.
    fn finish(mut self) -> Result<Policy, Problem> {
        let level = self.reader.start.level;
        self.check_listens()?;
        self.check_requirements()?;
        for (server, own) in self.servers.iter().zip(&mut self.defaults) {
            own.rewrite = server.rewrite.as_dir(level).map(Arc::new);
        }
        let mut servers = std::mem::take(&mut self.servers).into_iter();
        let mut defaults = std::mem::take(&mut self.defaults).into_iter();
        let mut main = servers.next().unwrap_or_default();
        if main.core.document_root.is_empty() {
            main.core.document_root = [self.reader.server_root.as_slice(), b"/htdocs"].concat().into();
        }
        let main_defaults = defaults.next().unwrap_or_default();
        let hosts: Vec<(Server, DirConfig)> = servers.zip(defaults).collect();
        let has_name: Vec<bool> = hosts.iter().map(|(host, _)| host.core.name.is_some()).collect();
        let mut all = Vec::with_capacity(hosts.len() + 1);
        for (host, own) in hosts {
            let mut merged = Server {
                core: main.core.merge(&host.core),
                rewrite: main.rewrite.merge(&host.rewrite, level),
                alias: alias::Server::merge(&main.alias, &host.alias),
                setenvif: main.setenvif.merge(&host.setenvif, level),
                remote_ip: RemoteIp::merge(&main.remote_ip, &host.remote_ip),
                defaults: Arc::new(inherited(&main_defaults, &own, level)),
            };
            merged.core.sort_directories();
            all.push(merged);
        }
        main.core.sort_directories();
        main.defaults = Arc::new(main_defaults);
        all.insert(0, main);
        for (server, own) in all.iter_mut().skip(1).zip(has_name) {
            if !own && let Some(name) = self.name_of_address(server) {
                server.core.name = Some(name);
            }
        }
        let names = self.reader.start.names.as_ref();
        let hosts =
            Hosts::new(level, &all, &self.name_virtual_hosts, names, &mut self.reader.warnings, &self.reader.sources);
        Ok(Policy {
            level,
            sources: self.reader.sources.clone(),
            servers: all,
            hosts,
            start: self.reader.start.clone(),
            defines: self.reader.defines.clone(),
            loaded: self.reader.loaded.clone(),
            modules: self.modules(),
            server_root: self.reader.server_root.clone(),
            regex: self.regex,
            methods: self.methods.clone(),
            merges: Merges::default(),
        })
    }

    /// What 2.4 finds wrong with `Require` only when everything is read; it names no line.
    fn check_requirements(&mut self) -> Result<(), Problem> {
        let message = |text: String| Problem { place: None, through: Vec::new(), message: text, structural: false };
        for own in &mut self.defaults {
            if let Some(authz) = &mut own.authz {
                Arc::make_mut(authz).finish().map_err(message)?;
            }
        }
        Ok(())
    }

    /// A virtual host without `ServerName` takes the name of its address, when it has one of its own.
    fn name_of_address(&self, server: &Server) -> Option<BString> {
        let address = server.core.addresses.first()?.address?;
        let names = self.reader.start.names.as_ref()?;
        Some(names.of.get(&address).map_or("bogus_host_without_reverse_dns", String::as_str).into())
    }

    fn modules(&self) -> BTreeSet<&'static str> {
        known::modules().filter(|m| self.reader.has_module(m)).collect()
    }
}

/// What stands outside of sections, of the main server and a virtual host. `AllowEncodedSlashes` is not inherited.
fn inherited(main: &DirConfig, own: &DirConfig, level: Level) -> DirConfig {
    let mut merged = main.merge(own, level);
    if let Some(core) = &mut merged.core {
        Arc::make_mut(core).encoded_slashes = own.core.as_ref().and_then(|c| c.encoded_slashes);
    }
    merged
}

/// The module's part of a section, made when it is not there yet.
pub(super) fn made<T: Clone + Default>(slot: &mut Option<Arc<T>>) -> &mut T {
    Arc::make_mut(slot.get_or_insert_with(Arc::default))
}

/// Whether a directive may stand where it does.
fn allowed(known: &Known, lower: &str, context: &Context) -> bool {
    if let Some(htaccess) = &context.htaccess {
        if htaccess.list.as_ref().is_some_and(|l| l.iter().any(|n| n == lower)) {
            return matches!(known.place, Where::SectionOrHtaccess | Where::Anywhere);
        }
        return matches!(known.place, Where::SectionOrHtaccess | Where::Anywhere)
            && known.overrides & htaccess.allowed != 0;
    }
    match known.place {
        Where::Server => context.path.is_none(),
        Where::Section | Where::SectionOrHtaccess => context.path.is_some(),
        Where::ServerOrSection | Where::Anywhere => true,
    }
}

/// Whether the number of words is right, in the server's words.
fn count(known: &Known, words: &[BString]) -> Result<(), String> {
    let name = known.name;
    let usage = usage(name).map_or(String::new(), |u| format!(", {u}"));
    let empty = |n: usize| words.get(n).is_some_and(|w| w.is_empty());
    let wrong = match known.kind {
        Kind::Raw | Kind::Any => return Ok(()),
        Kind::None => (!words.is_empty()).then(|| "takes no arguments".to_owned()),
        Kind::Flag => {
            let word = words.first().map(|w| w.to_ascii_lowercase()).unwrap_or_default();
            let good = word == b"on" || word == b"off";
            return if good { Ok(()) } else { Err(format!("{name} must be On or Off")) };
        }
        Kind::Iterate => words.is_empty().then(|| format!("requires at least one argument{usage}")),
        Kind::Iterate2 => (words.len() < 2).then(|| format!("requires at least two arguments{usage}")),
        Kind::Take(from, to) => {
            let fits = (usize::from(from)..=usize::from(to)).contains(&words.len()) && !(0..from.into()).any(empty);
            let text = match (from, to) {
                (1, 1) => "takes one argument",
                (2, 2) => "takes two arguments",
                (1, 2) => "takes 1-2 arguments",
                (2, 3) => "takes two or three arguments",
                (3, 3) => "takes three arguments",
                (1, 3) => "takes one, two or three arguments",
                _ => "takes another number of arguments",
            };
            (!fits).then(|| format!("{text}{usage}"))
        }
    };
    wrong.map_or(Ok(()), |text| Err(format!("{name} {text}")))
}

/// What the server says of the directives that are most often wrong.
fn usage(name: &str) -> Option<&'static str> {
    Some(match name {
        "ServerName" => "The hostname and port of the server",
        "DocumentRoot" => "Root directory of the document tree",
        "order" => "'allow,deny', 'deny,allow', or 'mutual-failure'",
        "allow" | "deny" => "'from' followed by hostnames or IP-address wildcards",
        "Satisfy" => "access policy if both allow and require used ('all' or 'any')",
        "RewriteEngine" => "On or Off to enable or disable (default) the whole rewriting engine",
        "RewriteBase" => "the base URL of the per-directory context",
        "RewriteMap" => "a mapname and a filename",
        "ServerAlias" => "A name or names alternately used to access the server",
        "Alias" => "a fakename and a realname",
        "Redirect" => "an optional status, then document to be redirected and destination URL",
        _ => return None,
    })
}
