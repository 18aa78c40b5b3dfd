//! `RewriteMap`: text files, random choices and the built-in functions. Databases and programs are known by name only.
//!
//! Files are read from the world of the request when they are asked, as the server does after they changed.

use bstr::{BStr, BString, ByteSlice};

use super::{template::Scope, uri};
use crate::access::{
    config::words::is_blank, escape, files::Files, level::Level, run::Run, source::Place, unknown::Unknown,
};

/// Lines of a map are read in pieces of this size; a longer one counts as several.
const LINE: usize = 1024;

/// A map's file larger than this is not read.
const LARGEST: u64 = 64 << 20;

/// One map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    kind: Kind,
    /// Where it was defined.
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Text(BString),
    Random(BString),
    Function(Function),
    /// Something outside: a database, a program. What it says cannot be known.
    Outside(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Lower,
    Upper,
    Escape,
    Unescape,
}

impl Map {
    /// Reads `source` (`txt:/srv/map`); `name` is the map's.
    ///
    /// `checked` is whether a missing file or function is an error (2.2 looks only where the engine is on already).
    ///
    /// # Errors
    /// In the server's words.
    pub fn parse(
        name: &[u8],
        source: &[u8],
        checked: bool,
        root: &[u8],
        files: &Files,
        (level, place): (Level, Place),
    ) -> Result<Self, String> {
        let prefixed = |prefix: &str| {
            source
                .get(..prefix.len())
                .filter(|p| p.eq_ignore_ascii_case(prefix.as_bytes()))
                .map(|_| &source[prefix.len()..])
        };
        let path = |text: &[u8]| -> BString {
            if text.starts_with(b"/") { text.into() } else { [root, b"/", text].concat().into() }
        };
        let mut file = None;
        let kind = if let Some(text) = prefixed("txt:") {
            file = Some(path(text));
            Kind::Text(path(text))
        } else if let Some(text) = prefixed("rnd:") {
            file = Some(path(text));
            Kind::Random(path(text))
        } else if let Some(text) = prefixed("int:") {
            match Function::named(text) {
                Some(function) => Kind::Function(function),
                None if checked => return Err(format!("RewriteMap: internal map not found:{}", BStr::new(text))),
                None => Kind::Outside("the map is no function that the server has"),
            }
        } else if let Some(text) = prefixed("prg:") {
            file = Some(path(text.trim_start().split(|b| is_blank(*b)).next().unwrap_or_default()));
            Kind::Outside("the map is a program")
        } else if let Some(rest) = prefixed("dbm") {
            let complete = rest.starts_with(b":") || (rest.starts_with(b"=") && rest.contains(&b':'));
            if !complete {
                return Err(format!("RewriteMap: bad map:{}", BStr::new(source)));
            }
            Kind::Outside("the map is a database")
        } else if level.is_24() && (prefixed("dbd:").is_some() || prefixed("fastdbd:").is_some()) {
            return Err("RewriteMap types dbd and fastdbd require mod_dbd!".to_owned());
        } else {
            file = Some(path(source));
            Kind::Text(path(source))
        };
        match file {
            Some(file) if checked && files.stat(&file).is_none() => {
                Err(format!("RewriteMap: file for map {} not found:{file}", BStr::new(name)))
            }
            _ => Ok(Self { kind, place }),
        }
    }
}

impl Function {
    fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"tolower" => Some(Self::Lower),
            b"toupper" => Some(Self::Upper),
            b"escape" => Some(Self::Escape),
            b"unescape" => Some(Self::Unescape),
            _ => None,
        }
    }

    fn apply(self, key: &[u8], level: Level) -> Vec<u8> {
        match self {
            Self::Lower => key.to_ascii_lowercase(),
            Self::Upper => key.to_ascii_uppercase(),
            Self::Escape => {
                let mut out = Vec::with_capacity(key.len());
                escape::path_into(key, level, &mut out);
                out
            }
            Self::Unescape => uri::unescape(key),
        }
    }
}

/// What the map `name` of the request's server says about `key`; none when it says nothing or there is no such map.
///
/// # Errors
/// When it cannot be known.
pub fn look_up(run: &Run<'_>, scope: &Scope<'_>, name: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, Unknown> {
    let policy = run.policy;
    let Some(map) = policy.server(scope.record.server).rewrite.map(name) else { return Ok(None) };
    let value = match &map.kind {
        Kind::Function(function) => return Ok(Some(function.apply(key, policy.level))),
        Kind::Outside(why) => return Err(Unknown::at(map.place, *why)),
        Kind::Text(file) | Kind::Random(file) => {
            if matches!(run.world.files, Files::EveryPhoto) {
                return Err(Unknown::at(map.place, format!("the map {file} is not given")));
            }
            run.world.files.read(file, LARGEST).and_then(|content| in_text(&content, key))
        }
    };
    let Some(value) = value else { return Ok(None) };
    if matches!(map.kind, Kind::Random(_)) {
        let mut choices = value.split(|b| *b == b'|');
        let first = choices.next().unwrap_or_default().to_vec();
        if choices.any(|other| other != first) {
            return Err(Unknown::at(map.place, "the map chooses at random"));
        }
        return Ok(Some(first).filter(|v| !v.is_empty()));
    }
    Ok(Some(value))
}

/// The value of `key` in the text of a map.
fn in_text(content: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    content.lines_with_terminator().flat_map(|line| line.chunks(LINE)).find_map(|line| {
        if line.starts_with(b"#") || line.first().is_some_and(|b| is_blank(*b)) {
            return None;
        }
        let after = line.strip_prefix(key)?;
        if key.iter().any(|b| is_blank(*b)) || !after.first().is_some_and(|b| is_blank(*b)) {
            return None;
        }
        let value: Vec<u8> = after.iter().copied().skip_while(|b| is_blank(*b)).take_while(|b| !is_blank(*b)).collect();
        Some(value).filter(|v| !v.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_maps_are_read_line_by_line() {
        let text = b"# comment\nfoo   /a.html\nbar /b.html  more words\n x y\nempty\nfoo /second\nlast z";
        let rows = [
            ("foo", Some("/a.html")),
            ("bar", Some("/b.html")),
            ("fo", None),
            ("FOO", None),
            ("empty", None),
            ("x", None),
            ("#", None),
            ("bar /b.html", None),
            ("last", Some("z")),
        ];
        for (key, value) in rows {
            assert_eq!(in_text(text, key.as_bytes()), value.map(|v| v.as_bytes().to_vec()), "{key}");
        }
        assert_eq!(in_text(b"key", b"key"), None, "no line end, no value");
    }

    #[test]
    fn functions_do_what_their_names_say() {
        let level = Level::V2_4_71;
        for (name, key, value) in [
            ("tolower", "AbC", "abc"),
            ("toupper", "AbC", "ABC"),
            ("escape", "a b&", "a%20b&"),
            ("unescape", "a%41%zz", "aA%zz"),
        ] {
            let function = Function::named(name.as_bytes()).unwrap();
            assert_eq!(function.apply(key.as_bytes(), level), value.as_bytes(), "{name}");
        }
    }
}
