//! `mod_rewrite`: rules and conditions, at the server and in directories.
//!
//! | file | what it is |
//! | --- | --- |
//! | `parse`, `flags`, `conditions`, `rules` | the directives, read |
//! | `template`, `vars`, `map` | `$1`, `%1`, `%{VARIABLE}` and `${map:key}` |
//! | `uri` | schemes, escaping, query strings |
//! | `rules`, `phases` | one request |
//!
//! The pipeline calls [`translate`] first when a path becomes a file name and [`fixup`] first of the fixups.

mod conditions;
mod flags;
mod map;
mod parse;
mod phases;
mod rules;
mod template;
#[cfg(test)]
mod tests;
mod uri;
mod vars;

use std::sync::Arc;

use bstr::{BStr, BString};

use self::{conditions::Condition, map::Map, rules::Rule};
use super::{
    config::{Spot, words::Args},
    files::Files,
    level::Level,
    record::Record,
};

pub use self::phases::{fixup, translate};

/// What `RewriteEngine` said; none when nothing did.
type Engine = Option<bool>;

/// Bits of `RewriteOptions`.
mod options {
    pub const INHERIT: u16 = 1;
    pub const INHERIT_BEFORE: u16 = 2;
    pub const INHERIT_DOWN: u16 = 4;
    pub const INHERIT_DOWN_BEFORE: u16 = 8;
    pub const IGNORE_INHERIT: u16 = 16;
    pub const NO_SLASH: u16 = 32;
    pub const ANY_URI: u16 = 64;
    pub const MERGE_BASE: u16 = 128;
    pub const IGNORE_CONTEXT_INFO: u16 = 256;
    pub const LEGACY_PREFIX_DOC_ROOT: u16 = 512;
    pub const UNSAFE_PREFIX_STAT: u16 = 1024;
}

/// What a server was told.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // Each says something else about what was told.
pub struct Server {
    engine: Engine,
    options: u16,
    options_set: bool,
    maps: Vec<(BString, Map)>,
    rules: Vec<Arc<Rule>>,
    /// Conditions that wait for their rule.
    pending: Vec<Condition>,
    told: bool,
    /// A virtual host without any directive of this module: its rules are not asked, whatever the main server says.
    told_nothing: bool,
    /// Nobody reads `SCRIPT_URL` and `SCRIPT_URI`.
    no_script_variables: bool,
}

/// What a section was told.
#[derive(Clone, Debug, Default)]
pub struct Dir {
    engine: Engine,
    options: u16,
    options_set: bool,
    base: Option<BString>,
    base_set: bool,
    /// The section's path with a slash; none for what stands outside sections, which is no per-directory configuration.
    directory: Option<BString>,
    rules: Vec<Arc<Rule>>,
    pending: Vec<Condition>,
}

/// What is remembered between the phases of one request.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// `END` was reached: no more rules for this request and what it is redirected to.
    ended: bool,
    /// Of a subrequest: the path of the request that it is part of.
    main_uri: Option<BString>,
    /// `T`: the media type to be sent.
    media_type: Option<BString>,
    /// `H`: the handler to be used.
    handler: Option<BString>,
}

impl State {
    /// For an internal redirect of the request with this state.
    pub fn redirected(&self) -> Self {
        Self { ended: self.ended, main_uri: self.main_uri.clone(), ..Self::default() }
    }

    /// For a subrequest of `main`.
    pub fn of_subrequest(main: &Record) -> Self {
        Self { main_uri: Some(main.uri.clone()), ..Self::default() }
    }

    /// What `T` said.
    pub fn media_type(&self) -> Option<&BString> {
        self.media_type.as_ref()
    }

    /// What `H` said.
    pub fn handler(&self) -> Option<&BString> {
        self.handler.as_ref()
    }

    /// Whether a look-ahead from `record`, whose state this is, would not call itself.
    fn may_look_ahead(&self, record: &Record) -> bool {
        vars::may_look_ahead(self.main_uri.as_deref().map(AsRef::as_ref), record)
    }
}

/// The bytes of what may be missing; none are none.
fn bytes(text: Option<&BString>) -> &[u8] {
    text.map_or(&b""[..], |t| t.as_slice())
}

/// The bit of one of `RewriteOptions`; 0 for one that is accepted and does nothing.
fn option(word: &[u8], level: Level) -> Result<u16, String> {
    let (bit, since) = match word.to_ascii_lowercase().as_slice() {
        b"inherit" => (options::INHERIT, Level::V2_2_8),
        b"allowanyuri" => (options::ANY_URI, Level::V2_2_34),
        b"mergebase" => (options::MERGE_BASE, Level::V2_2_34),
        b"inheritbefore" => (options::INHERIT_BEFORE, Level::V2_4_12),
        b"inheritdown" => (options::INHERIT_DOWN, Level::V2_4_12),
        b"inheritdownbefore" => (options::INHERIT_DOWN_BEFORE, Level::V2_4_12),
        b"ignoreinherit" => (options::IGNORE_INHERIT, Level::V2_4_12),
        b"allownoslash" => (options::NO_SLASH, Level::V2_4_12),
        b"ignorecontextinfo" => (options::IGNORE_CONTEXT_INFO, Level::V2_4_71),
        b"legacyprefixdocroot" => (options::LEGACY_PREFIX_DOC_ROOT, Level::V2_4_71),
        b"unsafeprefixstat" => (options::UNSAFE_PREFIX_STAT, Level::V2_4_71),
        // Gone in favour of LimitInternalRecursion; a warning.
        lower if lower.starts_with(b"maxredirects=") => (0, Level::V2_2_8),
        _ => (0, Level::V2_4_71),
    };
    let known = bit != 0 || word.to_ascii_lowercase().starts_with(b"maxredirects=");
    if known && level >= since { Ok(bit) } else { Err(format!("RewriteOptions: unknown option '{}'", BStr::new(word))) }
}

/// How the rules of an outer and an inner configuration come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inheritance {
    /// The inner ones only.
    None,
    /// Inner, then outer.
    After,
    /// Outer, then inner.
    Before,
}

/// `own`: the options of the merged configuration; `base`: those of the outer one.
fn inheritance(own: u16, base: u16) -> Inheritance {
    let told = |bit| own & bit != 0;
    let down = |bit| base & bit != 0 && !told(options::IGNORE_INHERIT);
    if told(options::INHERIT) || down(options::INHERIT_DOWN) {
        Inheritance::After
    } else if told(options::INHERIT_BEFORE) || down(options::INHERIT_DOWN_BEFORE) {
        Inheritance::Before
    } else {
        Inheritance::None
    }
}

fn merged_rules(outer: &[Arc<Rule>], inner: &[Arc<Rule>], how: Inheritance) -> Vec<Arc<Rule>> {
    match how {
        Inheritance::None => inner.to_vec(),
        Inheritance::After => [inner, outer].concat(),
        Inheritance::Before => [outer, inner].concat(),
    }
}

impl Server {
    /// Takes in a directive outside sections; `name` is lower case. `RewriteMap` has [`Self::map_directive`].
    ///
    /// # Errors
    /// In the server's words.
    pub fn directive(&mut self, spot: &Spot<'_>, name: &str, args: Args<'_>) -> Result<(), String> {
        match name {
            "rewriteengine" => self.engine = Some(args.flag("RewriteEngine")?),
            "rewriteoptions" => {
                for word in args.words {
                    self.options |= option(word, spot.level)?;
                    self.options_set = true;
                }
            }
            "rewritecond" => self.pending.push(Condition::parse(spot, args.raw)?),
            "rewriterule" => {
                let conditions = std::mem::take(&mut self.pending);
                self.rules.push(Arc::new(Rule::parse(spot, args.raw, conditions)?));
            }
            "rewritebase" => return Err("RewriteBase: only valid in per-directory config files".to_owned()),
            // RewriteLog, RewriteLogLevel and RewriteLock of 2.2 change no answer.
            _ => {}
        }
        self.told = true;
        Ok(())
    }

    /// Takes in a `RewriteMap`. `root` is `ServerRoot` without a slash at its end; the map's file has to be among `files`.
    ///
    /// # Errors
    /// In the server's words.
    pub fn map_directive(&mut self, spot: &Spot<'_>, args: Args<'_>, root: &[u8], files: &Files) -> Result<(), String> {
        let name = args.word(0);
        // Branch 2.2 looks for the file only where the engine is on already.
        let checked = spot.level.is_24() || self.engine == Some(true);
        let map = Map::parse(name, args.word(1), checked, root, files, (spot.level, spot.place))?;
        self.maps.retain(|(n, _)| n.as_slice() != name.as_ref() as &[u8]);
        self.maps.push((name.into(), map));
        self.told = true;
        Ok(())
    }

    /// Leaves out the variables `SCRIPT_URL` and `SCRIPT_URI`, which cost a third of a request: for a configuration that does
    /// not contain `SCRIPT_UR` anywhere, in files that are read with the request neither.
    pub fn without_script_variables(&mut self) {
        self.no_script_variables = true;
    }

    /// Something was said to this module somewhere in this server.
    pub fn touch(&mut self) {
        self.told = true;
    }

    /// The map of that name.
    fn map(&self, name: &[u8]) -> Option<&Map> {
        self.maps.iter().find(|(n, _)| n.as_slice() == name).map(|(_, map)| map)
    }

    /// A virtual host's directives on top of those of the main server, `self`.
    pub fn merge(&self, inner: &Self, level: Level) -> Self {
        if !inner.told {
            return Self { told_nothing: true, ..self.clone() };
        }
        let inherits = level > Level::V2_2_8;
        let options = if inner.options_set || !inherits { inner.options } else { self.options };
        let how = inheritance(options, self.options);
        let (first, second) = match how {
            Inheritance::None => (inner, None),
            Inheritance::After => (inner, Some(self)),
            Inheritance::Before => (self, Some(inner)),
        };
        let mut maps = first.maps.clone();
        for (name, map) in second.map_or(&[][..], |s| &s.maps) {
            if !maps.iter().any(|(n, _)| n == name) {
                maps.push((name.clone(), map.clone()));
            }
        }
        Self {
            engine: inner.engine.or(self.engine.filter(|_| inherits)),
            options,
            options_set: inner.options_set || self.options_set,
            maps,
            rules: merged_rules(&self.rules, &inner.rules, how),
            pending: Vec::new(),
            told: true,
            told_nothing: false,
            no_script_variables: self.no_script_variables || inner.no_script_variables,
        }
    }

    /// What the directives of this server, before [`Self::merge`], say to all its directories: from 2.2.34 on the engine and the
    /// options of a server are the start of its per-directory configuration.
    pub fn as_dir(&self, level: Level) -> Option<Dir> {
        let says = self.engine.is_some() || self.options_set;
        (says && level > Level::V2_2_8).then(|| Dir {
            engine: self.engine,
            options: self.options,
            options_set: self.options_set,
            ..Dir::default()
        })
    }
}

impl Dir {
    /// Takes in a directive; `name` is lower case.
    ///
    /// # Errors
    /// In the server's words.
    pub fn directive(&mut self, spot: &Spot<'_>, name: &str, args: Args<'_>) -> Result<(), String> {
        if let Some(path) = spot.path {
            let slash: &[u8] = if path.ends_with(b"/") { b"" } else { b"/" };
            self.directory = Some([path, slash].concat().into());
        }
        match name {
            "rewriteengine" => self.engine = Some(args.flag("RewriteEngine")?),
            "rewriteoptions" => {
                for word in args.words {
                    self.options |= option(word, spot.level)?;
                    self.options_set = true;
                }
            }
            "rewritebase" => {
                let base = args.word(0);
                match base.first() {
                    None => return Err("RewriteBase: empty URL not allowed".to_owned()),
                    Some(b'/') => self.base = Some(base.into()),
                    Some(_) => return Err("RewriteBase: argument is not a valid URL".to_owned()),
                }
                self.base_set = true;
            }
            "rewritecond" => self.pending.push(Condition::parse(spot, args.raw)?),
            "rewriterule" => {
                let conditions = std::mem::take(&mut self.pending);
                self.rules.push(Arc::new(Rule::parse(spot, args.raw, conditions)?));
            }
            _ => {}
        }
        Ok(())
    }

    /// `inner` on top of this.
    pub fn merge(&self, inner: &Self, level: Level) -> Self {
        let inherits = level > Level::V2_2_8;
        let options = if inner.options_set || !inherits { inner.options } else { self.options };
        let keeps_base = options & options::MERGE_BASE != 0 && !inner.base_set;
        Self {
            engine: if inherits { inner.engine.or(self.engine) } else { Some(inner.engine == Some(true)) },
            options,
            options_set: inner.options_set || self.options_set,
            base: if keeps_base { self.base.clone() } else { inner.base.clone() },
            base_set: inner.base_set || (keeps_base && self.base_set),
            directory: inner.directory.clone(),
            rules: merged_rules(&self.rules, &inner.rules, inheritance(options, self.options)),
            pending: Vec::new(),
        }
    }
}

/// The words of a `RewriteCond` or `RewriteRule`: two, and perhaps the flags; fewer when there are no two.
pub fn split(line: &[u8]) -> Vec<BString> {
    let Ok(words) = parse::split("", line) else { return Vec::new() };
    [Some(words.first), Some(words.second), words.flags].into_iter().flatten().map(BString::from).collect()
}
