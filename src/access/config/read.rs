//! From text to a tree of directives: includes, `IfDefine` and its like, `Define`, macros; nesting and its errors.
//!
//! What the server does while it reads the file (`ap_build_config`, directives marked `EXEC_ON_READ`). Not here: what
//! directives mean ([`super::load`]).

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};

use super::{
    Directive, include,
    known::{self, Where},
    lines::{Lines, trim},
    words,
};
use crate::access::{
    files::{Files, Kind},
    level::Level,
    request::Names,
    source::{Place, Sources},
};

mod macros;
#[cfg(test)]
mod tests;

use macros::Macro;

/// Sections, macros and skipped containers may be nested this deep.
const DEPTH: usize = 200;

/// A file larger than this is not read, in bytes.
pub const LARGEST_FILE: u64 = 64 << 20;

/// Lines in all, those of includes and macros each time they are read: what bounds our own time where few lines make many.
const LINES: usize = 4_000_000;

/// Macros may be used so often in all: each use has a place of its own.
const USES: usize = 5_000;

/// What variables put into the text in all, in bytes: what bounds our own memory where each doubles the one before.
const GROWTH: usize = 64 << 20;

/// Modules that are in every server, or whose directives are.
const COMPILED_IN: &[&str] = &["core", "so", "mpm", "http", "unixd"];

/// What stopped the server from starting, or made it warn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line; none when no line is to blame.
    pub place: Option<Place>,
    /// The `Include` lines that led there, outermost first.
    pub through: Vec<Place>,
    /// The server's own words.
    pub message: String,
    /// Whether it was found while reading (`httpd: Syntax error on line N of FILE: TEXT`), rather than in a directive.
    pub structural: bool,
}

impl Problem {
    /// In the directive at `place`.
    pub fn at(place: Place, message: impl Into<String>) -> Self {
        Self { place: Some(place), through: Vec::new(), message: message.into(), structural: false }
    }

    fn structure(place: Place, message: impl Into<String>) -> Self {
        Self { structural: true, ..Self::at(place, message) }
    }

    /// As the configuration test of `level` prints it.
    pub fn show(&self, sources: &Sources, level: Level) -> String {
        let Some(place) = self.place else { return self.message.clone() };
        let on = |p: &Place| format!("Syntax error on line {} of {}:", p.line, sources.name(p.file));
        if self.structural {
            let chain: Vec<String> = self.through.iter().chain([&place]).map(on).collect();
            return format!("httpd: {} {}", chain.join(" "), self.message);
        }
        let number = if level.is_24() { "AH00526: " } else { "" };
        format!("{number}{}\n{}", on(&place), self.message)
    }
}

/// What the server knew before it read the file.
#[derive(Clone, Debug)]
pub struct Start {
    /// The level.
    pub level: Level,
    /// `ServerRoot` as compiled in or given.
    pub server_root: BString,
    /// `-D` arguments.
    pub defines: Vec<BString>,
    /// The environment of the process.
    pub process_env: Vec<(BString, BString)>,
    /// Modules compiled in or loaded already, without `mod_`; none means every module, until a `LoadModule` says otherwise.
    pub modules: Option<BTreeSet<String>>,
    /// Name look-ups, where they are to be simulated.
    pub names: Option<Names>,
    /// Whether files that the configuration names can be looked for (modules, document roots).
    pub check_files: bool,
}

impl Start {
    /// A server of `level` with all modules and nothing else known.
    pub fn new(level: Level) -> Self {
        Self {
            level,
            server_root: "/usr/local/apache2".into(),
            defines: Vec::new(),
            process_env: Vec::new(),
            modules: None,
            names: None,
            check_files: false,
        }
    }
}

/// Reads a configuration.
pub struct Reader<'a> {
    pub(super) start: &'a Start,
    pub(super) files: &'a Files,
    /// The files met.
    pub sources: Sources,
    /// `Define`d names; from the command line without a value.
    pub defines: Vec<(BString, Option<BString>)>,
    /// `ServerRoot`.
    pub server_root: BString,
    /// Modules named by `LoadModule`.
    pub loaded: BTreeSet<String>,
    /// Warnings, in order.
    pub warnings: Vec<Problem>,
    pub(super) depth: usize,
    /// Whether this is a `.htaccess` file, where files and modules cannot be brought in.
    pub htaccess: bool,
    /// Sections that are open, in all files and macros that are being read.
    nested: usize,
    /// Lines read so far.
    lines: usize,
    /// Bytes put into the text so far, and the line that put in too many.
    growth: usize,
    /// Macros used so far.
    uses: usize,
    overgrown: Option<Place>,
    /// The last directive of this file that was obeyed while reading: what later mistakes in the file's structure are blamed on.
    obeyed: Option<Place>,
    macros: Vec<Macro>,
}

/// Where lines come from: a file, or the body of a macro with its parameters filled in.
enum Source<'t> {
    File(Lines<'t>),
    Macro { lines: std::vec::IntoIter<BString>, at: Place },
}

impl Source<'_> {
    fn next(&mut self) -> Option<BString> {
        match self {
            Self::File(lines) => lines.next(),
            Self::Macro { lines, at } => {
                at.line += 1;
                lines.next()
            }
        }
    }

    fn place(&self) -> Place {
        match self {
            Self::File(lines) => Place { file: lines.file, line: lines.line.max(1) },
            Self::Macro { at, .. } => *at,
        }
    }
}

/// Sections that are open, outermost first, each with what is in it so far.
#[derive(Default)]
struct Open {
    top: Vec<Directive>,
    sections: Vec<Directive>,
}

impl Open {
    fn push(&mut self, directive: Directive) {
        let children = self.sections.last_mut().and_then(|s| s.children.as_mut());
        children.unwrap_or(&mut self.top).push(directive);
    }
}

impl<'a> Reader<'a> {
    /// Before anything is read.
    pub fn new(start: &'a Start, files: &'a Files) -> Self {
        Self {
            start,
            files,
            sources: Sources::default(),
            defines: start.defines.iter().map(|d| (d.clone(), None)).collect(),
            server_root: start.server_root.clone(),
            loaded: BTreeSet::new(),
            warnings: Vec::new(),
            depth: 0,
            htaccess: false,
            nested: 0,
            lines: 0,
            growth: 0,
            uses: 0,
            overgrown: None,
            obeyed: None,
            macros: Vec::new(),
        }
    }

    /// Whether the module of this short name is there.
    pub fn has_module(&self, name: &str) -> bool {
        // What the table of directives names by its module in 2.4.
        let name = match name {
            "access_compat" if !self.start.level.is_24() => "authz_host",
            "authz_core" | "authn_core" if !self.start.level.is_24() => "core",
            other => other,
        };
        COMPILED_IN.contains(&name)
            || self.loaded.contains(name)
            || match &self.start.modules {
                Some(modules) => modules.contains(name),
                None => self.loaded.is_empty(),
            }
    }

    /// Reads the text of the file `name`.
    ///
    /// # Errors
    /// What the server says of its structure; only the first, as the server does.
    pub fn file(&mut self, name: &str, text: &[u8]) -> Result<Vec<Directive>, Problem> {
        let file = self.sources.open(name);
        let mut source = Source::File(Lines::new(file, text, self.start.level));
        let outer = self.obeyed.take();
        let read = self.all(&mut source);
        self.obeyed = outer;
        read
    }

    /// Everything up to the end of `source`.
    fn all(&mut self, source: &mut Source<'_>) -> Result<Vec<Directive>, Problem> {
        let mut open = Open::default();
        while let Some(line) = source.next() {
            self.line(&line, source, &mut open)?;
        }
        let Some(outermost) = open.sections.first() else { return Ok(open.top) };
        let not_closed: Vec<String> = (open.sections.iter().rev())
            .map(|s| format!("{}: {}> was not closed.", self.sources.show(s.place), s.name))
            .collect();
        Err(Problem::structure(outermost.place, not_closed.join("\n")))
    }

    /// Takes in one logical line (`ap_build_config_sub`).
    fn line(&mut self, line: &[u8], source: &mut Source<'_>, open: &mut Open) -> Result<(), Problem> {
        if line.is_empty() || line.starts_with(b"#") {
            return Ok(());
        }
        let place = source.place();
        self.lines += 1;
        if self.lines > LINES {
            return Err(Problem::structure(place, format!("includes and macros come to more than {LINES} lines")));
        }
        let (mut name, mut rest) = words::next(line);
        name = self.expand(&name, place);
        if name.is_empty() && self.start.level.is_24() {
            return Ok(());
        }
        if name.starts_with(b"</") {
            close(&name, place, open)?;
            self.nested -= 1;
            return Ok(());
        }
        // `<Else>` has no arguments, so its `>` is part of the name.
        if name.starts_with(b"<") && name.ends_with(b">") {
            name.pop();
            if name == "<" {
                return Err(Problem::structure(self.obeyed.unwrap_or(place), "Incomplete <"));
            }
            if rest.is_empty() {
                rest = b">";
            }
        }
        let lower = name.to_ascii_lowercase().to_str_lossy().into_owned();
        let at_once = self.at_once(&lower, &name, rest, source, open)?;
        self.not_overgrown()?;
        if at_once {
            return Ok(());
        }
        let is_section = name.starts_with(b"<");
        let children = is_section.then(Vec::new);
        let directive = Directive { name, args: rest.into(), place, children };
        if !is_section {
            open.push(directive);
            return Ok(());
        }
        // What is nested here is walked through again by whoever takes it in, or drops it.
        self.nested += 1;
        if self.nested > DEPTH {
            return Err(Problem::structure(place, format!("sections are nested more than {DEPTH} deep")));
        }
        open.sections.push(directive);
        Ok(())
    }

    /// What is done while reading; whether this was such a directive.
    fn at_once(
        &mut self,
        lower: &str,
        name: &BString,
        rest: &[u8],
        source: &mut Source<'_>,
        open: &mut Open,
    ) -> Result<bool, Problem> {
        let place = source.place();
        let Some(known) = known::find(lower, self.start.level).filter(|k| self.has_module(k.module)) else {
            return Ok(false);
        };
        if self.htaccess && !matches!(known.place, Where::Anywhere | Where::SectionOrHtaccess) {
            return Ok(false);
        }
        let outer = self.obeyed;
        self.obeyed = Some(place);
        match lower {
            "include" | "includeoptional" => {
                for directive in self.include(lower == "includeoptional", rest, place)? {
                    open.push(directive);
                }
            }
            "<ifmodule" | "<ifdefine" | "<ifversion" | "<iffile" | "<ifdirective" | "<ifsection" => {
                self.conditional(lower, name, rest, source, open)?;
            }
            "define" | "undefine" => {
                include::define(self, lower == "define", rest, place)?;
            }
            "loadmodule" | "loadfile" => include::load_module(self, lower == "loadmodule", rest, place)?,
            "serverroot" => {
                let root = self.expand(&words::next(rest).0, place);
                if self.start.check_files && self.files.stat(&root).is_none_or(|s| s.kind != Kind::Folder) {
                    return Err(Problem::at(place, "ServerRoot must be a valid directory"));
                }
                self.server_root = root;
            }
            "<macro" => self.define_macro(rest, source)?,
            "use" => {
                for directive in self.use_macro(rest, place)? {
                    open.push(directive);
                }
            }
            "undefmacro" => {
                let name = words::next(rest).0.to_str_lossy().to_ascii_lowercase();
                self.macros.retain(|m| m.name != name);
            }
            _ => {
                self.obeyed = outer;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `IfDefine` and its like: what is inside counts when the condition holds.
    fn conditional(
        &mut self,
        lower: &str,
        name: &BString,
        rest: &[u8],
        source: &mut Source<'_>,
        open: &mut Open,
    ) -> Result<(), Problem> {
        let place = source.place();
        if rest == b">" {
            return Err(Problem::structure(place, format!("{name}> directive requires additional arguments")));
        }
        let Some(condition) = rest.strip_suffix(b">") else {
            return Err(Problem::structure(place, format!("{name}> directive missing closing '>'")));
        };
        if !include::condition(self, lower, trim(condition), place, open_names(open).as_slice())? {
            return self.skip(name, source, 0);
        }
        for directive in self.inside(name, source)? {
            open.push(directive);
        }
        Ok(())
    }

    /// What is inside a container whose condition holds, up to its end (`ap_build_cont_config`).
    fn inside(&mut self, name: &BString, source: &mut Source<'_>) -> Result<Vec<Directive>, Problem> {
        let end = [b"</", &name[1..], b">"].concat();
        let mut open = Open::default();
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Problem::structure(source.place(), format!("sections are nested more than {DEPTH} deep")));
        }
        while let Some(line) = source.next() {
            if open.sections.is_empty() && line.eq_ignore_ascii_case(&end) {
                self.depth -= 1;
                return Ok(open.top);
            }
            self.line(&line, source, &mut open)?;
        }
        // The end of the file ends it, too; a section that is still open in it is lost.
        self.depth -= 1;
        Ok(open.top)
    }

    /// Reads over a container whose condition does not hold (`ap_soak_end_container`): sections in it must nest, all else is free.
    fn skip(&mut self, name: &BString, source: &mut Source<'_>, depth: usize) -> Result<(), Problem> {
        let expected = name[1..].as_bstr();
        if depth > DEPTH {
            return Err(Problem::structure(source.place(), format!("sections are nested more than {DEPTH} deep")));
        }
        while let Some(line) = source.next() {
            let (word, _) = words::next(&line);
            let place = self.obeyed.unwrap_or_else(|| source.place());
            if let Some(closed) = word.strip_prefix(b"</") {
                let closed = closed.strip_suffix(b">").unwrap_or(closed).as_bstr();
                if !closed.eq_ignore_ascii_case(expected) {
                    return Err(Problem::structure(place, format!("Expected </{expected}> but saw </{closed}>")));
                }
                return Ok(());
            }
            if word.starts_with(b"<") {
                let inner: BString = word.strip_suffix(b">").unwrap_or(&word).into();
                if inner.len() > 1 {
                    self.skip(&inner, source, depth + 1)?;
                }
            }
        }
        let place = self.obeyed.unwrap_or_else(|| source.place());
        Err(Problem::structure(place, format!("Expected </{expected}> before end of configuration")))
    }

    /// Puts values in the place of `${NAME}` (`ap_resolve_env`). Unknown ones stay, and 2.4 warns; `${map:key}` stays.
    pub fn expand(&mut self, text: &[u8], place: Place) -> BString {
        let mut unknown = Vec::new();
        let room = GROWTH.saturating_sub(self.growth);
        let Some(expanded) = expand(text, &self.defines, &self.start.process_env, &mut unknown, room) else {
            self.overgrown = self.overgrown.or(Some(place));
            return text.into();
        };
        self.growth += expanded.len().saturating_sub(text.len());
        if self.start.level.is_24() {
            for name in unknown {
                let message = format!("Config variable ${{{name}}} is not defined");
                self.warnings.push(Problem::at(place, message));
            }
        }
        expanded
    }

    /// To be asked after [`Self::expand`], before what it gave is used.
    ///
    /// # Errors
    /// When variables put more into the text than is read here.
    pub(super) fn not_overgrown(&self) -> Result<(), Problem> {
        let grown =
            |place| Err(Problem::structure(place, format!("variables grow the text by more than {GROWTH} bytes")));
        self.overgrown.map_or(Ok(()), grown)
    }
}

/// Ends the innermost section.
fn close(name: &BString, place: Place, open: &mut Open) -> Result<(), Problem> {
    let bare = name[2..].strip_suffix(b">").map(bstr::ByteSlice::as_bstr);
    let Some(section) = open.sections.last() else {
        let bare = bare.unwrap_or(name[2..].as_bstr());
        return Err(Problem::structure(place, format!("</{bare}> without matching <{bare}> section")));
    };
    let Some(bare) = bare else {
        return Err(Problem::structure(place, format!("{name}> directive missing closing '>'")));
    };
    let expected = section.name[1..].as_bstr();
    if !bare.eq_ignore_ascii_case(expected) {
        return Err(Problem::structure(place, format!("Expected </{expected}> but saw {name}")));
    }
    if let Some(section) = open.sections.pop() {
        open.push(section);
    }
    Ok(())
}

fn open_names(open: &Open) -> Vec<BString> {
    open.sections.iter().map(|s| s.name.to_ascii_lowercase().into()).collect()
}

/// `text` with `${NAME}` replaced; the names that are not known go to `unknown`. A value is not looked at again. None when the
/// values have more than `room` bytes.
fn expand(
    text: &[u8],
    defines: &[(BString, Option<BString>)],
    process_env: &[(BString, BString)],
    unknown: &mut Vec<BString>,
    room: usize,
) -> Option<BString> {
    let mut expanded = BString::default();
    let (mut rest, mut room) = (text, room);
    while let Some(at) = rest.find(b"${") {
        let (before, from) = rest.split_at(at);
        expanded.extend_from_slice(before);
        let Some(end) = from.find_byte(b'}') else {
            rest = from;
            break;
        };
        let name = &from[2..end];
        let value = defines.iter().rev().find(|(n, _)| n.as_slice() == name).and_then(|(_, v)| v.as_deref());
        let from_process = || process_env.iter().find(|(n, _)| n.as_slice() == name).map(|(_, v)| v);
        // `${map:key}` belongs to rewriting.
        if name.contains(&b':') {
            expanded.extend_from_slice(&from[..=end]);
        } else if let Some(value) = value.or_else(|| from_process().map(|v| &**v)) {
            room = room.checked_sub(value.len())?;
            expanded.extend_from_slice(value);
        } else {
            unknown.push(name.into());
            expanded.extend_from_slice(&from[..=end]);
        }
        rest = &from[end + 1..];
    }
    expanded.extend_from_slice(rest);
    Some(expanded)
}
