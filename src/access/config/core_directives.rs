//! Core's directives of sections, and those of `mod_dir` and `mod_mime` that decide an answer.
//!
//! Not here: those of a whole server ([`super::server_directives`]), and how they are used ([`crate::access::run`]).

use bstr::{BString, ByteSlice};

use super::{
    known::overrides,
    load::{Context, Loader, Said, made},
    read::Problem,
    server_directives::number,
    words,
};
use crate::access::{
    core::{Dir, ErrorDocument, options},
    level::Level,
    policy::DirConfig,
    source::Place,
};

impl Loader<'_, '_> {
    /// Takes in one of core's directives.
    pub(super) fn core(&mut self, said: &Said<'_>, context: &Context, dir: &mut DirConfig) -> Result<(), Problem> {
        if let Some(done) = self.server_directive(said, context) {
            return done.map_err(|message| said.fail(message));
        }
        if said.lower == "error" {
            return Err(said.fail(words::next(said.args.raw).0.to_str_lossy().into_owned()));
        }
        if matches!(said.lower, "proxypass" | "proxypassmatch") {
            let reason = "ProxyPass may hand this request to another server".to_owned();
            self.cannot_tell(said.directive.place, reason, context, dir);
            return Ok(());
        }
        let level = self.reader.start.level;
        let htaccess_options = context.htaccess.as_ref().map_or(u16::MAX, |h| h.options);
        section_directive(made(&mut dir.core), said, level, htaccess_options).map_err(|message| said.fail(message))
    }
}

/// Takes in a directive that sections keep.
fn section_directive(core: &mut Dir, said: &Said<'_>, level: Level, htaccess_options: u16) -> Result<(), String> {
    let (args, place) = (said.args, said.directive.place);
    let word = args.word(0);
    let on = word.eq_ignore_ascii_case(b"on");
    match said.lower {
        "options" => return set_options(core, args.raw, level, htaccess_options),
        "allowoverride" => return allow_override(core, args.raw, level),
        "allowoverridelist" => {
            let names = args.words.iter().map(|w| w.to_str_lossy().to_ascii_lowercase());
            core.override_list = Some(names.filter(|n| n != "none").collect());
        }
        "errordocument" => return error_document(core, args.raw, place, level),
        "sethandler" => {
            let none = word.eq_ignore_ascii_case(b"none");
            core.handler = Some((place, (!none).then(|| word.to_ascii_lowercase().into())));
        }
        "addhandler" => {
            let handler: BString = word.to_ascii_lowercase().into();
            handle(core, args.words.get(1..).unwrap_or_default(), place, Some(&handler));
        }
        "removehandler" => handle(core, &words::all(args.raw), place, None),
        "usecanonicalphysicalport" => core.physical_port = Some(on),
        "directoryindex" => return index_files(core, args.raw, level),
        "directoryslash" => core.slash = Some(on),
        "directorycheckhandler" => core.check_handler = Some(on),
        "qualifyredirecturl" => core.qualify_redirect = Some(on),
        "fallbackresource" => {
            let disabled = word.eq_ignore_ascii_case(b"disabled");
            core.fallback = Some((!disabled).then(|| (place, word.into())));
        }
        "sslrequiressl" => core.require_tls = Some(place),
        _ => return choice(core, said, &word.to_ascii_lowercase(), level),
    }
    Ok(())
}

/// Directives with one word of a few.
fn choice(core: &mut Dir, said: &Said<'_>, word: &[u8], level: Level) -> Result<(), String> {
    match said.lower {
        "acceptpathinfo" => {
            core.accept_path_info = Some(match word {
                b"on" => Some(true),
                b"off" => Some(false),
                b"default" => None,
                _ => return Err("AcceptPathInfo must be set to on, off or default".to_owned()),
            });
        }
        "hostnamelookups" => {
            core.look_up_names = Some(match word {
                b"on" | b"double" => true,
                b"off" => false,
                _ => return Err("parameter must be 'on', 'off', or 'double'".to_owned()),
            });
        }
        "usecanonicalname" => {
            core.canonical_name = Some(match word {
                b"on" => b'n',
                b"off" => b'f',
                b"dns" => b'd',
                _ => return Err("parameter must be 'on', 'off', or 'dns'".to_owned()),
            });
        }
        "allowencodedslashes" => {
            core.encoded_slashes = Some(match word {
                b"on" => (true, level.is_24() || level == Level::V2_2_34),
                b"off" => (false, false),
                b"nodecode" if level != Level::V2_2_8 => (true, false),
                _ => return Err(format!("{} must be On, Off, or NoDecode", said.known.name)),
            });
        }
        "directoryindexredirect" => {
            core.index_redirect = Some(match word {
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
        _ => {}
    }
    Ok(())
}

/// `AddHandler` and, without a handler, `RemoveHandler`.
fn handle(core: &mut Dir, extensions: &[BString], place: Place, handler: Option<&BString>) {
    for extension in extensions {
        let extension = extension.strip_prefix(b".").unwrap_or(extension).to_ascii_lowercase();
        core.handlers.insert(extension.into(), (place, handler.cloned()));
    }
}

/// `DirectoryIndex`.
fn index_files(core: &mut Dir, raw: &[u8], level: Level) -> Result<(), String> {
    let words = words::all(raw);
    match words.as_slice() {
        [] => return Err("DirectoryIndex requires at least one argument, a list of file names".to_owned()),
        [word] if level.is_24() && word.eq_ignore_ascii_case(b"disabled") => core.indexes = Some(Vec::new()),
        _ => core.indexes.get_or_insert_default().extend(words),
    }
    Ok(())
}

/// The bits of an option's name.
fn option(name: &[u8]) -> Result<u16, String> {
    Ok(match name.to_ascii_lowercase().as_slice() {
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
    })
}

/// `Options`, with its rule that signs are all or none in 2.4.
fn set_options(core: &mut Dir, raw: &[u8], level: Level, htaccess: u16) -> Result<(), String> {
    // What plain names set in this line.
    let mut plain: Option<u16> = None;
    for (n, word) in words::all(raw).iter().enumerate() {
        let (sign, name) = match word.first() {
            Some(sign @ (b'+' | b'-')) => (Some(*sign), &word[1..]),
            _ => (None, word.as_slice()),
        };
        if level.is_24() && n > 0 && sign.is_some() != plain.is_none() {
            return Err("Either all Options must start with + or -, or no Option may.".to_owned());
        }
        let bit = option(name)?;
        if bit & !htaccess != 0 {
            return Err(format!("Option {} not allowed here", name.as_bstr()));
        }
        let signed = |set: u16| if sign == Some(b'+') { set | bit } else { set & !bit };
        match (sign, plain) {
            // 2.2 lets plain and signed ones stand together: a plain one after signed ones starts from them.
            (None, _) => {
                if n == 0 {
                    (core.options_add, core.options_remove) = (0, 0);
                }
                plain = Some(if bit == 0 { 0 } else { plain.unwrap_or(0) | bit });
                core.options = plain;
            }
            (Some(_), Some(set)) => {
                plain = Some(signed(set));
                core.options = plain;
            }
            (Some(sign), None) => {
                let (to, from) = match sign {
                    b'+' => (&mut core.options_add, &mut core.options_remove),
                    _ => (&mut core.options_remove, &mut core.options_add),
                };
                *to |= bit;
                *from &= !bit;
                core.options = core.options.map(signed);
            }
        }
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
fn error_document(core: &mut Dir, raw: &[u8], place: Place, level: Level) -> Result<(), String> {
    let words = words::all(raw);
    let [number, what] = words.as_slice() else {
        return Err("ErrorDocument takes two arguments, Change responses for HTTP errors".to_owned());
    };
    let status = number.to_str().ok().and_then(|n| n.parse::<u16>().ok()).unwrap_or(0);
    let supported = (100..600).contains(&status) && known_status(status, level);
    if !supported {
        return Err(format!("Unsupported HTTP response code {number}"));
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
    core.error_documents.insert(status, (place, document));
    Ok(())
}

/// Statuses that a level has a text for (`ap_index_of_response`); others count as 500.
pub(in crate::access) fn known_status(status: u16, level: Level) -> bool {
    matches!(status, 100..=102 | 200..=208 | 226 | 300..=305 | 307 | 400..=417 | 421..=424 | 426 | 500..=508 | 510)
        && (level.is_24() || !matches!(status, 208 | 226 | 308 | 421 | 508))
        || level.is_24() && matches!(status, 308 | 428 | 429 | 431 | 511)
        || level >= Level::V2_4_71 && matches!(status, 451)
}
