//! Core's directives of a whole server, and those of `mod_ssl`, `mod_userdir` and IBM HTTP Server that decide an answer.
//!
//! Not here: those of sections ([`super::core_directives`]), and how they are used ([`crate::access::run`]).

use std::net::IpAddr;

use bstr::{BString, ByteSlice};

use super::{
    include::absolute,
    load::{Context, Loader, Said},
    read::Problem,
    words,
};
use crate::access::{core::Server, files::Kind, level::Level, regex::Options, source::Place, vhost::HostAddress};

impl Loader<'_, '_> {
    /// Takes in a directive that a server keeps; none when it is no such.
    pub(super) fn server_directive(&mut self, said: &Said<'_>, context: &Context) -> Option<Result<(), String>> {
        let word = said.args.word(0);
        match said.lower {
            "documentroot" => return Some(self.document_root(said, context)),
            "limitinternalrecursion" => return Some(self.limit_redirects(said, context)),
            "registerhttpmethod" => self.methods.extend(words::all(said.args.raw)),
            "regexdefaultoptions" => return Some(regex_options(&mut self.regex, said.args.words)),
            "serveralias" if context.server == 0 => {
                return Some(Err("ServerAlias only used in <VirtualHost>".to_owned()));
            }
            "loglevel" => return Some(log_level(said.args.raw)),
            "servername" => return Some(server_name(&mut self.servers[context.server].core, word)),
            "listen" => return Some(self.listen(said, context)),
            "namevirtualhost" => return Some(self.name_virtual_host(said, context)),
            _ => return keep(&mut self.servers[context.server].core, said).then_some(Ok(())),
        }
        Some(Ok(()))
    }

    /// What the configuration test warns of, after the number that 2.4 gives it.
    fn warn(&mut self, place: Place, number: &str, text: &str) {
        let number = if self.reader.start.level.is_24() { format!("{number}: ") } else { String::new() };
        self.reader.warnings.push(Problem { place: None, ..Problem::at(place, format!("{number}{text}")) });
    }

    fn document_root(&mut self, said: &Said<'_>, context: &Context) -> Result<(), String> {
        let start = self.reader.start;
        let path = absolute(&self.reader.server_root, said.args.word(0));
        let missing = start.check_files && self.reader.files.stat(&path).is_none_or(|s| s.kind != Kind::Folder);
        let root: BString = path.strip_suffix(b"/").filter(|r| !r.is_empty()).unwrap_or(&path).into();
        if missing && context.server != 0 {
            let text = format!("Warning: DocumentRoot [{root}] does not exist");
            self.warn(said.directive.place, "AH00112", &text);
        } else if missing {
            return Err(if start.level >= Level::V2_4_71 {
                format!("DocumentRoot '{root}' is not a directory, or is not readable")
            } else {
                "DocumentRoot must be a directory".to_owned()
            });
        }
        let core = &mut self.servers[context.server].core;
        core.document_root = root;
        core.document_root_place = Some(said.directive.place);
        Ok(())
    }

    fn limit_redirects(&mut self, said: &Said<'_>, context: &Context) -> Result<(), String> {
        let Some(limit) = number(said.args.word(0)).filter(|n| *n > 0) else {
            return Err("The redirect limit must be positive.".to_owned());
        };
        if limit < 10 {
            let text = "Limiting internal redirects to very low numbers may cause normal requests to fail.";
            self.warn(said.directive.place, "AH00119", text);
        }
        self.servers[context.server].core.redirect_limit = Some(limit);
        Ok(())
    }

    fn only_of_main(said: &Said<'_>, context: &Context) -> Result<(), String> {
        if context.server == 0 {
            return Ok(());
        }
        Err(format!("{} cannot occur within <VirtualHost> section", said.directive.name))
    }

    fn name_virtual_host(&mut self, said: &Said<'_>, context: &Context) -> Result<(), String> {
        Self::only_of_main(said, context)?;
        let address = HostAddress::parse(said.args.word(0), None)?;
        self.name_virtual_hosts.push((said.directive.place, address));
        Ok(())
    }

    fn listen(&mut self, said: &Said<'_>, context: &Context) -> Result<(), String> {
        Self::only_of_main(said, context)?;
        let words = words::all(said.args.raw);
        let Some(word) = words.first() else {
            return Err(
                "Listen requires at least one argument, A port number or a numeric IP address and a port number, and an optional protocol"
                    .to_owned(),
            );
        };
        let text = word.to_str_lossy();
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (Some(host), port),
            None => (None, &*text),
        };
        let Some(port) = port.parse::<u16>().ok().filter(|p| *p > 0) else {
            return Err("Port must be specified".to_owned());
        };
        let address = host
            .and_then(|h| h.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok())
            .filter(|a| !a.is_unspecified());
        self.listens.push((said.directive.place, address, port));
        Ok(())
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
fn server_name(core: &mut Server, word: &[u8]) -> Result<(), String> {
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

/// What a server merely remembers; whether it was such a directive.
fn keep(core: &mut Server, said: &Said<'_>) -> bool {
    let (place, word) = (said.directive.place, said.args.word(0));
    let on = said.args.raw.eq_ignore_ascii_case(b"on");
    match said.lower {
        "serveralias" => core.aliases.extend(said.args.words.iter().cloned()),
        "serveradmin" => core.admin = word.into(),
        "serverpath" => core.path = Some(word.into()),
        "accessfilename" => core.access_names = Some(words::all(said.args.raw)),
        "limitrequestline" => core.limit_line = number(word),
        "limitrequestfieldsize" => core.limit_field = number(word),
        "limitrequestfields" => core.limit_fields = number(word),
        // Bodies are not sent here.
        "limitrequestbody" => {}
        "mergeslashes" => core.merge_slashes = Some(on),
        "traceenable" => core.trace = Some(!word.eq_ignore_ascii_case(b"off")),
        "httpprotocoloptions" => {
            for word in said.args.words {
                match word.to_ascii_lowercase().as_slice() {
                    b"unsafe" => core.unsafe_protocol = Some(true),
                    b"strict" => core.unsafe_protocol = Some(false),
                    _ => {}
                }
            }
        }
        "stricthostcheck" => core.strict_host = Some(on),
        "sslengine" => core.tls = Some(on),
        "sslenable" => core.tls = Some(true),
        "ssldisable" => core.tls = Some(false),
        "userdir" => {
            let words = words::all(said.args.raw);
            if words.len() > 1 || !words.first().is_some_and(|first| first.eq_ignore_ascii_case(b"disabled")) {
                core.unknown.push((place, "UserDir is not modelled".to_owned()));
            }
        }
        "websphereconfig" | "webspherepluginconfig" | "waspluginconfig" => {
            let name = &said.directive.name;
            core.unknown.push((place, format!("the WebSphere plug-in may take this request ({name})")));
        }
        _ => return false,
    }
    true
}

/// `RegexDefaultOptions +dotall -icase`.
fn regex_options(regex: &mut Options, words: &[BString]) -> Result<(), String> {
    for word in words {
        let (on, name) = match (word.strip_prefix(b"+"), word.strip_prefix(b"-")) {
            (Some(name), _) => (true, name),
            (None, Some(name)) => (false, name),
            (None, None) => (true, word.as_slice()),
        };
        match name.to_ascii_lowercase().as_slice() {
            b"none" => {
                *regex = Options { dot_all: Some(false), dollar_end_only: Some(false), ..Options::default() };
            }
            b"icase" => regex.no_case = on,
            b"extended" => regex.extended = on,
            b"dotall" => regex.dot_all = Some(on),
            b"dollar_endonly" => regex.dollar_end_only = Some(on),
            _ => return Err("Invalid RegexDefaultOptions option".to_owned()),
        }
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
                "Log level keyword must be one of emerg/alert/crit/error/warn/notice/info/debug/trace1/.../trace8"
                    .to_owned(),
            );
        }
    }
    Ok(())
}

/// A number that is not negative.
pub(super) fn number(word: &[u8]) -> Option<usize> {
    word.to_str().ok()?.parse().ok()
}
