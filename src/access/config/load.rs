//! From directives to a policy: each is checked for its place and arguments, then handed to the module it belongs to.
//!
//! What the server does after reading (`ap_process_config_tree`), and for `.htaccess` at request time. Not here: the text
//! ([`super::read`]), core's own directives ([`super::core_directives`]), sections ([`super::sections`]).

use std::{collections::BTreeSet, sync::Arc};

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
    policy::{DirConfig, Merges, Policy, Server},
    regex,
    remote_ip::{Around, RemoteIp},
    source::{Place, Sources},
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
    /// `AllowOverride Nonfatal`.
    pub nonfatal: u16,
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
    pub name_virtual_hosts: Vec<(Place, crate::access::vhost::HostAddress)>,
    /// `Listen` as met: place, address, port.
    pub listens: Vec<(Place, Option<std::net::IpAddr>, u16)>,
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
        let mut loader = Loader {
            reader: &mut reader,
            servers: vec![Server::default()],
            defaults: vec![DirConfig::default()],
            regex: regex::Options::default(),
            name_virtual_hosts: Vec::new(),
            listens: Vec::new(),
        };
        let top = Context { server: 0, path: None, in_directory: false, section: None, htaccess: None, limit: None };
        let mut dir = DirConfig::default();
        loader.all(&tree, &top, &mut dir)?;
        loader.defaults[0] = dir;
        loader.finish()
    });
    let warnings = std::mem::take(&mut reader.warnings);
    Loaded { policy, warnings, sources: reader.sources, tree }
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
    folder: &BStr,
    name: &BStr,
    text: &[u8],
) -> Result<(DirConfig, Sources), Problem> {
    let mut reader = Reader::new(&policy.start, files);
    reader.defines.clone_from(&policy.defines);
    reader.loaded.clone_from(&policy.loaded);
    reader.server_root.clone_from(&policy.server_root);
    reader.sources = sources.clone();
    let tree = reader.file(&name.to_str_lossy(), text)?;
    let mut loader = Loader {
        reader: &mut reader,
        servers: vec![Server::default()],
        defaults: vec![DirConfig::default()],
        regex: policy.regex,
        name_virtual_hosts: Vec::new(),
        listens: Vec::new(),
    };
    let context = Context {
        server: 0,
        path: Some(folder.into()),
        in_directory: true,
        section: None,
        htaccess: Some(allowed.clone()),
        limit: None,
    };
    let mut dir = DirConfig::default();
    loader.all(&tree, &context, &mut dir)?;
    Ok((dir, reader.sources))
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
            let name = &directive.name;
            return Err(fail(format!(
                "Invalid command '{name}', perhaps misspelled or defined by a module not included in the server configuration"
            )));
        };
        if !allowed(&known, &lower, context) {
            let nonfatal = context.htaccess.as_ref().is_some_and(|h| known.overrides & h.nonfatal != 0);
            return if nonfatal { Ok(()) } else { Err(fail(format!("{} not allowed here", known.name))) };
        }
        let raw = self.reader.expand(&directive.args, directive.place);
        if directive.children.is_some() {
            self.reader.not_overgrown()?;
            return self.section(&known, &lower, directive, &raw, context, dir);
        }
        let words = self.words(&directive.args, directive.place);
        self.reader.not_overgrown()?;
        count(&known, &words).map_err(fail)?;
        match known.effect {
            Effect::Inert => Ok(()),
            Effect::Matters => {
                self.not_modelled(&lower, &raw, directive, context, dir);
                Ok(())
            }
            Effect::Act => self.act(&known, &lower, &raw, &words, directive, context, dir),
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

    fn not_modelled(
        &mut self,
        lower: &str,
        raw: &BString,
        directive: &Directive,
        context: &Context,
        dir: &mut DirConfig,
    ) {
        let off = matches!(raw.to_ascii_lowercase().as_slice(), b"off" | b"none" | b"disabled" | b"0");
        if off {
            return;
        }
        let reason = format!("{} is not modelled", directive.name);
        let _ = lower;
        if context.path.is_none() {
            self.servers[context.server].core.unknown.push((directive.place, reason));
        } else {
            dir.unknown.push((directive.place, reason));
        }
    }

    /// Hands a directive to its module.
    #[expect(clippy::too_many_arguments, reason = "what the server puts into one struct, and each used once")]
    fn act(
        &mut self,
        known: &Known,
        lower: &str,
        raw: &BString,
        words: &[BString],
        directive: &Directive,
        context: &Context,
        dir: &mut DirConfig,
    ) -> Result<(), Problem> {
        let fail = |message: String| Problem::at(directive.place, message);
        let level = self.reader.start.level;
        let spot = Spot {
            level,
            place: directive.place,
            path: context.path.as_ref().map(|p| p.as_bytes()),
            htaccess: context.htaccess.is_some(),
            in_directory: context.in_directory,
            limit: context.limit.as_deref(),
            regex: self.regex,
        };
        let args = Args { raw: trim(raw), words };
        let at_server = context.path.is_none();
        let root = self.reader.server_root.clone();
        let root_without_slash = root.strip_suffix(b"/").unwrap_or(&root);
        let server = &mut self.servers[context.server];
        server.alias.root = Some(root_without_slash.into());
        let done = match known.module {
            "rewrite" if lower == "rewritemap" => {
                server.rewrite.map_directive(&spot, args, root_without_slash, self.reader.files)
            }
            "rewrite" if at_server => server.rewrite.directive(&spot, lower, args),
            "rewrite" => made(&mut dir.rewrite).directive(&spot, lower, args),
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
            _ => return self.core(known, lower, args, directive, context, dir),
        };
        done.map_err(fail)
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
        let mut all = Vec::with_capacity(hosts.len() + 1);
        for (host, own) in hosts {
            let mut merged = Server {
                core: main.core.merge(&host.core),
                rewrite: main.rewrite.merge(&host.rewrite, level),
                alias: alias::Server::merge(&main.alias, &host.alias),
                setenvif: main.setenvif.merge(&host.setenvif, level),
                remote_ip: RemoteIp::merge(&main.remote_ip, &host.remote_ip),
                defaults: Arc::new(main_defaults.merge(&own, level)),
            };
            merged.core.sort_directories();
            all.push(merged);
        }
        main.core.sort_directories();
        main.defaults = Arc::new(main_defaults);
        all.insert(0, main);
        let hosts = crate::access::vhost::Hosts::new(
            level,
            &all,
            &self.name_virtual_hosts,
            &mut self.reader.warnings,
            &self.reader.sources,
        );
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

    fn modules(&self) -> BTreeSet<&'static str> {
        known::modules().filter(|m| self.reader.has_module(m)).collect()
    }
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
            let fits = (usize::from(from)..=usize::from(to)).contains(&words.len());
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
        _ => return None,
    })
}
