//! Core's own directives, and those of `mod_dir`, `mod_mime`, `mod_proxy` and IBM HTTP Server that decide an answer.
//!
//! Not here: how they are used ([`crate::access::run`]).

use std::net::IpAddr;

use bstr::{BString, ByteSlice};

use super::{
    Directive,
    include::absolute,
    known::{Known, overrides},
    load::{Context, Loader, made},
    read::Problem,
    words::{self, Args},
};
use crate::access::{
    core::{Dir, ErrorDocument, options},
    files::Kind,
    level::Level,
    policy::DirConfig,
    vhost::HostAddress,
};

impl Loader<'_, '_> {
    /// Takes in one of core's directives.
    pub(super) fn core(
        &mut self,
        known: &Known,
        lower: &str,
        args: Args<'_>,
        directive: &Directive,
        context: &Context,
        dir: &mut DirConfig,
    ) -> Result<(), Problem> {
        let fail = |message: String| Problem::at(directive.place, message);
        if let Some(done) = self.server_directive(lower, args, directive, context) {
            return done.map_err(fail);
        }
        if let Some(done) = self.listen(lower, args, directive, context) {
            return done.map_err(fail);
        }
        if lower == "error" {
            return Err(fail(words::next(args.raw).0.to_str_lossy().into_owned()));
        }
        let level = self.reader.start.level;
        let htaccess_options = context.htaccess.as_ref().map_or(u16::MAX, |h| h.options);
        if let Some(what) = takes_over(lower, args) {
            let unknown = (directive.place, what);
            if context.path.is_none() {
                self.servers[context.server].core.unknown.push(unknown);
            } else {
                dir.unknown.push(unknown);
            }
            return Ok(());
        }
        let core = made(&mut dir.core);
        dir_directive(core, lower, args, directive, level, htaccess_options, known).map_err(fail)
    }

    /// Those that a server keeps.
    fn server_directive(
        &mut self,
        lower: &str,
        args: Args<'_>,
        directive: &Directive,
        context: &Context,
    ) -> Option<Result<(), String>> {
        let start = self.reader.start;
        let level = start.level;
        let path = absolute(&self.reader.server_root, args.word(0));
        let is_virtual = context.server != 0;
        let missing = start.check_files && self.reader.files.stat(&path).is_none_or(|s| s.kind != Kind::Folder);
        let core = &mut self.servers[context.server].core;
        let word = args.word(0);
        match lower {
            "servername" => return Some(server_name(core, word)),
            "serveralias" if !is_virtual => return Some(Err("ServerAlias only used in <VirtualHost>".to_owned())),
            "serveralias" => core.aliases.extend(args.words.iter().cloned()),
            "serveradmin" => core.admin = word.into(),
            "serverpath" => core.path = Some(word.into()),
            "accessfilename" => core.access_names = Some(words::all(args.raw)),
            "loglevel" => return Some(log_level(args.raw)),
            "registerhttpmethod" => self.methods.extend(words::all(args.raw)),
            "documentroot" => {
                let root: BString = path.strip_suffix(b"/").filter(|r| !r.is_empty()).unwrap_or(&path).into();
                if missing && is_virtual {
                    let number = if level.is_24() { "AH00112: " } else { "" };
                    let message = format!("{number}Warning: DocumentRoot [{}] does not exist", root.as_bstr());
                    self.reader.warnings.push(Problem { place: None, ..Problem::at(directive.place, message) });
                } else if missing {
                    return Some(Err(if level >= Level::V2_4_71 {
                        format!("DocumentRoot '{root}' is not a directory, or is not readable")
                    } else {
                        "DocumentRoot must be a directory".to_owned()
                    }));
                }
                core.document_root = root;
                core.document_root_place = Some(directive.place);
            }
            "limitinternalrecursion" => {
                let Some(limit) = number(word).filter(|n| *n > 0) else {
                    return Some(Err("The redirect limit must be positive.".to_owned()));
                };
                if limit < 10 {
                    let number = if level.is_24() { "AH00119: " } else { "" };
                    let text = "Limiting internal redirects to very low numbers may cause normal requests to fail.";
                    self.reader
                        .warnings
                        .push(Problem { place: None, ..Problem::at(directive.place, format!("{number}{text}")) });
                }
                core.redirect_limit = Some(limit);
            }
            "limitrequestline" => core.limit_line = number(word),
            "limitrequestfieldsize" => core.limit_field = number(word),
            "limitrequestfields" => core.limit_fields = number(word),
            "limitrequestbody" => {}
            "mergeslashes" => core.merge_slashes = Some(word.eq_ignore_ascii_case(b"on")),
            "traceenable" => core.trace = Some(!word.eq_ignore_ascii_case(b"off")),
            "httpprotocoloptions" => {
                for word in args.words {
                    match word.to_ascii_lowercase().as_slice() {
                        b"unsafe" => core.unsafe_protocol = Some(true),
                        b"strict" => core.unsafe_protocol = Some(false),
                        _ => {}
                    }
                }
            }
            "stricthostcheck" => core.strict_host = Some(args.raw.eq_ignore_ascii_case(b"on")),
            "sslengine" => core.tls = Some(args.raw.eq_ignore_ascii_case(b"on")),
            "sslenable" => core.tls = Some(true),
            "ssldisable" => core.tls = Some(false),
            "userdir" => {
                let first = words::next(args.raw).0.to_ascii_lowercase();
                if first != b"disabled" || words::all(args.raw).len() > 1 {
                    core.unknown.push((directive.place, "UserDir is not modelled".to_owned()));
                }
            }
            "websphereconfig" | "webspherepluginconfig" | "waspluginconfig" => {
                let text = format!("the WebSphere plug-in may take this request ({})", directive.name);
                core.unknown.push((directive.place, text));
            }
            "regexdefaultoptions" => {
                for word in args.words {
                    let (on, name) = match (word.strip_prefix(b"+"), word.strip_prefix(b"-")) {
                        (Some(name), _) => (true, name),
                        (None, Some(name)) => (false, name),
                        (None, None) => (true, word.as_slice()),
                    };
                    match name.to_ascii_lowercase().as_slice() {
                        b"none" => {
                            self.regex = crate::access::regex::Options {
                                dot_all: Some(false),
                                dollar_end_only: Some(false),
                                ..Default::default()
                            }
                        }
                        b"icase" => self.regex.no_case = on,
                        b"extended" => self.regex.extended = on,
                        b"dotall" => self.regex.dot_all = Some(on),
                        b"dollar_endonly" => self.regex.dollar_end_only = Some(on),
                        _ => return Some(Err("Invalid RegexDefaultOptions option".to_owned())),
                    }
                }
            }
            _ => return None,
        }
        Some(Ok(()))
    }

    /// `Listen` and `NameVirtualHost`.
    fn listen(
        &mut self,
        lower: &str,
        args: Args<'_>,
        directive: &Directive,
        context: &Context,
    ) -> Option<Result<(), String>> {
        if !matches!(lower, "listen" | "namevirtualhost") {
            return None;
        }
        if context.server != 0 {
            return Some(Err(format!("{} cannot occur within <VirtualHost> section", directive.name)));
        }
        if lower == "namevirtualhost" {
            let default_port = None;
            return Some(HostAddress::parse(args.word(0), default_port).map(|address| {
                self.name_virtual_hosts.push((directive.place, address));
            }));
        }
        let words = words::all(args.raw);
        let Some(word) = words.first() else {
            return Some(Err(
                "Listen requires at least one argument, A port number or a numeric IP address and a port number, and an optional protocol"
                    .to_owned(),
            ));
        };
        let text = word.to_str_lossy();
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (Some(host), port),
            None => (None, &*text),
        };
        let Some(port) = port.parse::<u16>().ok().filter(|p| *p > 0) else {
            return Some(Err("Port must be specified".to_owned()));
        };
        let address = host
            .and_then(|h| h.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok())
            .filter(|a| !a.is_unspecified());
        self.listens.push((directive.place, address, port));
        Some(Ok(()))
    }

    /// The same address twice: 2.4.71 says so when it reads, the older levels when they start.
    pub(super) fn check_listens(&self) -> Result<(), Problem> {
        for (index, (place, address, port)) in self.listens.iter().enumerate() {
            if self.listens[..index].iter().any(|(_, a, p)| a == address && p == port) {
                let text = if self.reader.start.level >= Level::V2_4_71 {
                    "Cannot define multiple Listeners on the same IP:port".to_owned()
                } else {
                    format!("(98)Address already in use: make_sock: could not bind to address [::]:{port}")
                };
                return Err(Problem::at(*place, text));
            }
        }
        Ok(())
    }
}

/// `ServerName [scheme://]host[:port]`.
fn server_name(core: &mut crate::access::core::Server, word: &[u8]) -> Result<(), String> {
    let (scheme, rest) = match word.find(b"://") {
        Some(at) => (Some(word[..at].to_ascii_lowercase()), &word[at + 3..]),
        None => (None, word),
    };
    if scheme.as_ref().is_some_and(|s| s != b"http" && s != b"https") {
        return Err("Invalid ServerName scheme".to_owned());
    }
    let (host, port) = match rest.rfind_byte(b':') {
        Some(at) if !rest[at..].contains(&b']') => {
            let port = rest[at + 1..].to_str().ok().and_then(|p| p.parse::<u16>().ok()).filter(|p| *p > 0);
            let port = port.ok_or_else(|| {
                format!(
                    "The port number \"{}\" is outside the appropriate range (i.e., 1..65535).",
                    rest[at + 1..].as_bstr()
                )
            })?;
            (&rest[..at], Some(port))
        }
        _ => (rest, None),
    };
    core.scheme = scheme.map(BString::from);
    core.name = Some(host.into());
    core.port = port;
    Ok(())
}

/// Directives that hand the request to something that is not modelled.
fn takes_over(lower: &str, args: Args<'_>) -> Option<String> {
    match lower {
        "proxypass" | "proxypassmatch" => Some("ProxyPass may hand this request to another server".to_owned()),
        "sslrequiressl" => None,
        _ if args.raw.is_empty() && lower.is_empty() => Some(String::new()),
        _ => None,
    }
}

/// Those that sections keep.
fn dir_directive(
    core: &mut Dir,
    lower: &str,
    args: Args<'_>,
    directive: &Directive,
    level: Level,
    htaccess_options: u16,
    known: &Known,
) -> Result<(), String> {
    let word = args.word(0);
    let on = || word.eq_ignore_ascii_case(b"on");
    match lower {
        "options" => return set_options(core, args.raw, level, htaccess_options),
        "allowoverride" => return allow_override(core, args.raw, level),
        "allowoverridelist" => {
            let names = args.words.iter().map(|w| w.to_str_lossy().to_ascii_lowercase());
            core.override_list = Some(names.filter(|n| n != "none").collect());
        }
        "errordocument" => return error_document(core, args.raw, directive, level),
        "sethandler" => {
            let none = word.eq_ignore_ascii_case(b"none");
            core.handler = Some((directive.place, (!none).then(|| word.to_ascii_lowercase().into())));
        }
        "addhandler" => {
            for extension in args.words.iter().skip(1) {
                let extension = extension.strip_prefix(b".").unwrap_or(extension).to_ascii_lowercase();
                core.handlers.insert(extension.into(), (directive.place, Some(word.to_ascii_lowercase().into())));
            }
        }
        "removehandler" => {
            for extension in words::all(args.raw) {
                let extension = extension.strip_prefix(b".").unwrap_or(&extension).to_ascii_lowercase();
                core.handlers.insert(extension.into(), (directive.place, None));
            }
        }
        "acceptpathinfo" => {
            core.accept_path_info = Some(match word.to_ascii_lowercase().as_slice() {
                b"on" => Some(true),
                b"off" => Some(false),
                b"default" => None,
                _ => return Err("AcceptPathInfo must be set to on, off or default".to_owned()),
            });
        }
        "hostnamelookups" => {
            core.look_up_names = Some(match word.to_ascii_lowercase().as_slice() {
                b"on" | b"double" => true,
                b"off" => false,
                _ => return Err("parameter must be 'on', 'off', or 'double'".to_owned()),
            });
        }
        "usecanonicalname" => {
            core.canonical_name = Some(match word.to_ascii_lowercase().as_slice() {
                b"on" => b'n',
                b"off" => b'f',
                b"dns" => b'd',
                _ => return Err("parameter must be 'on', 'off', or 'dns'".to_owned()),
            });
        }
        "usecanonicalphysicalport" => core.physical_port = Some(on()),
        "allowencodedslashes" => {
            core.encoded_slashes = Some(match word.to_ascii_lowercase().as_slice() {
                b"on" => (true, level.is_24() || level == Level::V2_2_34),
                b"off" => (false, false),
                b"nodecode" if level != Level::V2_2_8 => (true, false),
                _ => return Err(format!("{} must be On, Off, or NoDecode", known.name)),
            });
        }
        "directoryindex" => {
            let words = words::all(args.raw);
            if words.is_empty() {
                return Err("DirectoryIndex requires at least one argument, a list of file names".to_owned());
            }
            let disabled = level.is_24() && words.len() == 1 && words[0].eq_ignore_ascii_case(b"disabled");
            if disabled {
                core.indexes = Some(Vec::new());
            } else {
                core.indexes.get_or_insert_default().extend(words);
            }
        }
        "directoryslash" => core.slash = Some(on()),
        "directorycheckhandler" => core.check_handler = Some(on()),
        "qualifyredirecturl" => core.qualify_redirect = Some(on()),
        "fallbackresource" => {
            let disabled = word.eq_ignore_ascii_case(b"disabled");
            core.fallback = Some((!disabled).then(|| (directive.place, word.into())));
        }
        "directoryindexredirect" => {
            core.index_redirect = Some(match word.to_ascii_lowercase().as_slice() {
                b"on" | b"temp" => Some(302),
                b"off" => None,
                b"permanent" => Some(301),
                b"seeother" => Some(303),
                other => match number(other) {
                    Some(status) if (300..400).contains(&status) => u16::try_from(status).ok(),
                    _ => return Err("DirectoryIndexRedirect must be Off, On, or a 3xx status".to_owned()),
                },
            });
        }
        "sslrequiressl" => core.require_tls = Some(directive.place),
        _ => {}
    }
    Ok(())
}

/// `LogLevel info rewrite:trace3`.
fn log_level(raw: &[u8]) -> Result<(), String> {
    const LEVELS: &[&str] = &["emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"];
    let is_level = |word: &[u8]| {
        let word = word.to_ascii_lowercase().to_str_lossy().into_owned();
        let trace = word.strip_prefix("trace").and_then(|n| n.parse::<u8>().ok());
        LEVELS.contains(&word.as_str()) || trace.is_some_and(|n| (1..=8).contains(&n))
    };
    for word in words::all(raw) {
        let level = word.rfind_byte(b':').map_or(word.as_slice(), |at| &word[at + 1..]);
        if !is_level(level) {
            return Err(
                "Log level keyword must be one of emerg/alert/crit/error/warn/notice/info/debug/trace1/.../trace8".to_owned()
            );
        }
    }
    Ok(())
}

fn number(word: &[u8]) -> Option<usize> {
    word.to_str().ok()?.parse().ok()
}

/// `Options`, with its rule that signs are all or none in 2.4.
fn set_options(core: &mut Dir, raw: &[u8], level: Level, htaccess: u16) -> Result<(), String> {
    let mut first = true;
    let mut plain: Option<u16> = None;
    for word in words::all(raw) {
        let (sign, name) = match word.first() {
            Some(sign @ (b'+' | b'-')) => (Some(*sign), &word[1..]),
            _ => (None, word.as_slice()),
        };
        if level.is_24() && !first && sign.is_some() != plain.is_none() {
            return Err("Either all Options must start with + or -, or no Option may.".to_owned());
        }
        let bit = match name.to_ascii_lowercase().as_slice() {
            b"indexes" => options::INDEXES,
            b"includes" => options::INCLUDES,
            b"includesnoexec" => options::INCLUDES_NO_EXEC,
            b"followsymlinks" => options::FOLLOW_SYM_LINKS,
            b"symlinksifownermatch" => options::SYM_LINKS_IF_OWNER,
            b"execcgi" => options::EXEC_CGI,
            b"multiviews" => options::MULTI_VIEWS,
            b"runscripts" => options::MULTI_VIEWS | options::EXEC_CGI,
            b"none" => 0,
            b"all" => options::ALL,
            _ => return Err(format!("Illegal option {}", name.as_bstr())),
        };
        if bit & !htaccess != 0 {
            return Err(format!("Option {} not allowed here", name.as_bstr()));
        }
        match sign {
            // 2.2 lets plain and signed ones stand together: a plain one after signed ones starts from them.
            None => {
                if first {
                    core.options_add = 0;
                    core.options_remove = 0;
                }
                plain = Some(if bit == 0 { 0 } else { plain.unwrap_or(0) | bit });
                core.options = plain;
            }
            Some(b'+') => if let Some(set) = &mut plain {
                *set |= bit;
                core.options = plain;
            } else {
                core.options_add |= bit;
                core.options_remove &= !bit;
                if let Some(set) = &mut core.options {
                    *set |= bit;
                }
            },
            Some(_) => if let Some(set) = &mut plain {
                *set &= !bit;
                core.options = plain;
            } else {
                core.options_remove |= bit;
                core.options_add &= !bit;
                if let Some(set) = &mut core.options {
                    *set &= !bit;
                }
            },
        }
        first = false;
    }
    Ok(())
}

/// `AllowOverride`.
fn allow_override(core: &mut Dir, raw: &[u8], level: Level) -> Result<(), String> {
    let mut bits = 0;
    let mut options_bits = u16::MAX;
    for word in words::all(raw) {
        let (name, value) = match word.find_byte(b'=') {
            Some(at) => (&word[..at], Some(&word[at + 1..])),
            None => (word.as_slice(), None),
        };
        bits |= match (name.to_ascii_lowercase().as_slice(), value) {
            (b"limit", _) => overrides::LIMIT,
            (b"options", None) => overrides::OPTIONS,
            (b"options", Some(list)) => {
                let mut given = Dir::default();
                set_options(&mut given, &list.replace(b",", b" "), level, u16::MAX)?;
                options_bits = given.options.unwrap_or(0);
                overrides::OPTIONS
            }
            (b"fileinfo", _) => overrides::FILE_INFO,
            (b"authconfig", _) => overrides::AUTH_CONFIG,
            (b"indexes", _) => overrides::INDEXES,
            (b"none", _) => 0,
            (b"all", _) => overrides::ALL,
            (b"nonfatal", Some(which)) if level.is_24() => {
                let which = which.to_ascii_lowercase();
                core.nonfatal = matches!(which.as_slice(), b"override" | b"all").then_some(overrides::ALL);
                core.nonfatal_unknown = Some(matches!(which.as_slice(), b"unknown" | b"all"));
                0
            }
            _ => return Err(format!("Illegal override option {}", name.as_bstr())),
        };
    }
    core.overrides = Some(bits);
    core.override_options = Some(options_bits);
    Ok(())
}

/// `ErrorDocument 403 /path`, `… http://elsewhere/`, `… "text"`, `… default`.
fn error_document(core: &mut Dir, raw: &[u8], directive: &Directive, level: Level) -> Result<(), String> {
    let words = words::all(raw);
    let [code, what] = words.as_slice() else {
        return Err("ErrorDocument takes two arguments, Change responses for HTTP errors".to_owned());
    };
    let status = code.to_str().ok().and_then(|c| c.parse::<u16>().ok()).unwrap_or(0);
    let supported = (100..600).contains(&status) && known_status(status, level);
    if !supported {
        return Err(format!("Unsupported HTTP response code {code}"));
    }
    let is_url = what.find(b"://").is_some_and(|at| {
        at > 0 && what[..at].iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    });
    let document = if what.eq_ignore_ascii_case(b"default") {
        ErrorDocument::Default
    } else if what.starts_with(b"/") {
        ErrorDocument::Local(what.clone())
    } else if is_url {
        // A sign-in page elsewhere could never work: the server says so and ignores it.
        if status == 401 {
            return Ok(());
        }
        ErrorDocument::Remote(what.clone())
    } else {
        ErrorDocument::Text(what.clone())
    };
    core.error_documents.insert(status, (directive.place, document));
    Ok(())
}

/// Statuses that a level has a text for (`ap_index_of_response`); others count as 500.
pub(in crate::access) fn known_status(status: u16, level: Level) -> bool {
    matches!(status, 100..=102 | 200..=208 | 226 | 300..=305 | 307 | 400..=417 | 421..=424 | 426 | 500..=508 | 510)
        && (level.is_24() || !matches!(status, 208 | 226 | 308 | 421 | 508))
        || level.is_24() && matches!(status, 308 | 428 | 429 | 431 | 511)
        || level >= Level::V2_4_71 && matches!(status, 451)
}
