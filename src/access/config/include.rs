//! What is done while the file is read: `Include`, the conditions of `IfModule` and its like, `Define`, `LoadModule`.

use bstr::{BStr, BString, ByteSlice};

use super::{
    Directive, known,
    read::{LARGEST_FILE, Problem, Reader},
    words,
};
use crate::access::{
    files::Kind,
    glob::{self, Rules},
    level::Level,
    source::Place,
};

/// `Include` within `Include`, at most (`AP_MAX_INCLUDE_DEPTH`).
const INCLUDES: usize = 128;
/// Folders within folders of one `Include` (`AP_MAX_INCLUDE_DIR_DEPTH`).
const FOLDERS: usize = 20;

impl Reader<'_> {
    /// The directives of the files that `Include` names.
    pub(super) fn include(&mut self, optional: bool, rest: &[u8], place: Place) -> Result<Vec<Directive>, Problem> {
        let words = words::all(rest);
        let [name] = words.as_slice() else {
            let command = if optional { "IncludeOptional" } else { "Include" };
            return Err(structural(
                place,
                format!("{command} takes one argument, Name of the config file to be included"),
            ));
        };
        let name = self.expand(name, place);
        if self.depth >= INCLUDES {
            return Err(structural(
                place,
                format!("Exceeded maximum include depth of {INCLUDES}, There appears to be a recursion."),
            ));
        }
        let path = absolute(&self.server_root, &name);
        self.depth += 1;
        let mut found = Vec::new();
        if glob::is_pattern(&path) {
            self.matching(&path, optional, &mut found).map_err(|text| structural(place, text))?;
        } else if self.files.stat(&path).is_some_and(|s| s.kind == Kind::Folder) && !self.photos_only() {
            self.folder(&path, &mut found, 0).map_err(|text| structural(place, text))?;
        } else {
            found.push(path);
        }
        let mut directives = Vec::new();
        for path in found {
            let Some(text) = self.files.read(&path, LARGEST_FILE) else {
                if optional && self.files.stat(&path).is_none() && self.start.level > Level::V2_4_12 {
                    continue;
                }
                return Err(structural(
                    place,
                    format!("Could not open configuration file {path}: No such file or directory"),
                ));
            };
            let read = self.file(&path.to_str_lossy(), &text).map_err(|mut problem| {
                if problem.structural {
                    problem.through.insert(0, place);
                }
                problem
            })?;
            directives.extend(read);
        }
        self.depth -= 1;
        Ok(directives)
    }

    fn photos_only(&self) -> bool {
        matches!(self.files, crate::access::files::Files::EveryPhoto)
    }

    /// Every file under a folder, its folders too, by name.
    fn folder(&self, path: &[u8], found: &mut Vec<BString>, depth: usize) -> Result<(), String> {
        if depth > FOLDERS {
            return Err(format!(
                "Directory {} exceeds the maximum include directory nesting level of {FOLDERS}. You have probably a recursion somewhere in your directories.",
                path.as_bstr()
            ));
        }
        for name in self.files.list(path).unwrap_or_default() {
            let inner = join(path, &name);
            match self.files.stat(&inner).map(|s| s.kind) {
                Some(Kind::Folder) => self.folder(&inner, found, depth + 1)?,
                Some(_) => found.push(inner),
                None => {}
            }
        }
        Ok(())
    }

    /// Files that match `pattern`, folder by folder.
    fn matching(&self, pattern: &[u8], optional: bool, found: &mut Vec<BString>) -> Result<(), String> {
        let mut folders: Vec<BString> = vec!["/".into()];
        let segments: Vec<&[u8]> = pattern.split(|b| *b == b'/').filter(|s| !s.is_empty()).collect();
        // 2.2 knows patterns in the last segment only.
        for (index, segment) in segments.iter().enumerate() {
            let last = index + 1 == segments.len();
            if !glob::is_pattern(segment) {
                folders = folders.iter().map(|f| join(f, segment)).collect();
                if last {
                    found.extend(folders.iter().filter(|f| self.files.stat(f).is_some()).cloned());
                }
                continue;
            }
            let mut next = Vec::new();
            for folder in &folders {
                let Some(names) = self.files.list(folder) else {
                    if folders.len() == 1 && !optional {
                        return Err(self.no_folder(folder.as_bstr()));
                    }
                    continue;
                };
                let rules = Rules { period: true, ..Rules::default() };
                next.extend(names.iter().filter(|n| glob::matches(segment, n, rules)).map(|n| join(folder, n)));
            }
            if next.is_empty() && !optional && self.start.level.is_24() {
                return Err(self.no_match(segment.as_bstr(), folders.first().map_or(BStr::new("/"), |f| f.as_bstr())));
            }
            if last {
                for path in next {
                    match self.files.stat(&path).map(|s| s.kind) {
                        Some(Kind::Folder) => self.folder(path.as_bstr(), found, 0)?,
                        Some(_) => found.push(path),
                        None => {}
                    }
                }
                return Ok(());
            }
            folders = next.into_iter().filter(|p| self.files.stat(p).is_some_and(|s| s.kind == Kind::Folder)).collect();
        }
        Ok(())
    }

    fn no_folder(&self, folder: &BStr) -> String {
        match self.start.level {
            Level::V2_2_8 | Level::V2_2_34 => format!("Include directory '{folder}' not found"),
            Level::V2_4_12 => format!("Could not open config directory {folder}: No such file or directory"),
            Level::V2_4_71 => {
                format!("Include/IncludeOptional: Could not open directory {folder}: No such file or directory")
            }
        }
    }

    fn no_match(&self, segment: &BStr, folder: &BStr) -> String {
        if self.start.level == Level::V2_4_12 {
            return format!(
                "No matches for the wildcard '{segment}' in '{folder}', failing (use IncludeOptional if required)"
            );
        }
        format!("Include/IncludeOptional: No matches for the wildcard '{segment}' in '{folder}', failing")
    }
}

/// Whether the condition of `<IfModule>`, `<IfDefine>` and their like holds.
pub(super) fn condition(
    reader: &mut Reader<'_>,
    lower: &str,
    text: &BStr,
    place: Place,
    open: &[BString],
) -> Result<bool, Problem> {
    let text = reader.expand(text, place);
    if lower == "<ifversion" {
        return version(reader.start.level, &text).map_err(|m| structural(place, m));
    }
    let (negated, name) = match text.strip_prefix(b"!") {
        Some(name) => (true, super::lines::trim(name)),
        None => (false, text.as_bstr()),
    };
    let name = words::next(name).0;
    let holds = match lower {
        "<ifmodule" => module(reader, &name),
        "<ifdefine" => reader.defines.iter().any(|(n, _)| *n == name),
        "<iffile" => {
            let path = absolute(&reader.server_root, &name);
            reader.files.stat(&path).is_some()
        }
        "<ifdirective" => {
            let lower = name.to_ascii_lowercase().to_str_lossy().into_owned();
            known::find(&lower, reader.start.level).is_some_and(|k| reader.has_module(k.module))
        }
        _ => {
            let lower: BString = [b"<", name.to_ascii_lowercase().as_slice()].concat().into();
            open.contains(&lower) || known::find(&lower.to_str_lossy(), reader.start.level).is_some()
        }
    };
    Ok(holds != negated)
}

/// `mod_rewrite.c` or `rewrite_module`; case matters.
fn module(reader: &Reader<'_>, name: &[u8]) -> bool {
    let name = name.to_str_lossy();
    let short = (name.strip_prefix("mod_").and_then(|n| n.strip_suffix(".c"))).or_else(|| name.strip_suffix("_module"));
    match (short, &*name) {
        (_, "core.c" | "http_core.c" | "core_module" | "http_module" | "prefork.c" | "mpm_prefork_module") => true,
        (Some(short), _) => {
            let named = match &reader.start.modules {
                Some(modules) => modules.contains(short),
                None => reader.loaded.is_empty() && known::modules().any(|m| m == short && reader.has_module(m)),
            };
            named || reader.loaded.contains(short)
        }
        (None, _) => false,
    }
}

/// `<IfVersion >= 2.4>`: the operator may be missing; a version between slashes, or after `~`, is a regular expression.
fn version(level: Level, text: &[u8]) -> Result<bool, String> {
    let words = words::all(text);
    let (operator, wanted) = match words.as_slice() {
        [wanted] => (BString::from("="), wanted),
        [operator, wanted] => (operator.clone(), wanted),
        _ => return Err("<IfVersion> needs a version".to_owned()),
    };
    let (negated, operator) = match operator.strip_prefix(b"!") {
        Some(operator) => (true, operator),
        None => (false, operator.as_slice()),
    };
    let pattern = wanted.strip_prefix(b"/").and_then(|w| w.strip_suffix(b"/"));
    if operator == b"~" || pattern.is_some() && matches!(operator, b"=" | b"==") {
        let pattern = pattern.unwrap_or(wanted);
        let regex = crate::access::regex::Regex::new(pattern, crate::access::regex::Options::default(), level)
            .map_err(|_e| "Unable to compile regular expression".to_owned())?;
        let holds = regex.is_match(level.to_string().as_bytes()).unwrap_or(false);
        return Ok(holds != negated);
    }
    let numbers = wanted.to_str_lossy();
    let mut wanted = [0; 3];
    let parts: Vec<&str> = numbers.split('.').collect();
    if parts.len() > 3 {
        return Err("Version appears to be invalid. It must have the format major[.minor[.patch]]".to_owned());
    }
    for (slot, part) in wanted.iter_mut().zip(parts) {
        *slot = part
            .parse()
            .map_err(|_e| "Version appears to be invalid. It must have the format major[.minor[.patch]]".to_owned())?;
    }
    let own = level.numbers();
    let holds = match operator {
        b"=" | b"==" => own == wanted,
        b">" => own > wanted,
        b">=" => own >= wanted,
        b"<" => own < wanted,
        b"<=" => own <= wanted,
        other => return Err(format!("unrecognized operator '{}'", other.as_bstr())),
    };
    Ok(holds != negated)
}

/// `Define` and `UnDefine`.
pub(super) fn define(reader: &mut Reader<'_>, set: bool, rest: &[u8], place: Place) -> Result<(), Problem> {
    let words: Vec<BString> = words::all(rest).iter().map(|w| reader.expand(w, place)).collect();
    let command = if set { "Define" } else { "UnDefine" };
    let (name, value) = match (words.as_slice(), set) {
        ([name], _) => (name, None),
        ([name, value], true) => (name, Some(value.clone())),
        (_, true) => {
            let text = "Define takes one or two arguments, Define a variable, optionally to a value.  Same as passing -D to the command line.";
            return Err(structural(place, text));
        }
        (_, false) => {
            let text = "UnDefine takes one argument, Undefine the existence of a variable. Undo a Define.";
            return Err(structural(place, text));
        }
    };
    if name.contains(&b':') {
        return Err(structural(place, format!("{command}: Variable name must not contain ':'")));
    }
    reader.defines.retain(|(n, _)| n != name);
    if set {
        reader.defines.push((name.clone(), value));
    }
    Ok(())
}

/// `LoadModule` and `LoadFile`.
pub(super) fn load_module(reader: &mut Reader<'_>, module: bool, rest: &[u8], place: Place) -> Result<(), Problem> {
    let words: Vec<BString> = words::all(rest).iter().map(|w| reader.expand(w, place)).collect();
    let (symbol, file) = match (words.as_slice(), module) {
        ([symbol, file], true) => (symbol.clone(), file),
        ([file], false) => (BString::default(), file),
        (_, true) => {
            let text =
                "LoadModule takes two arguments, a module name and the name of a shared object file to load it from";
            return Err(structural(place, text));
        }
        (_, false) => return Ok(()),
    };
    if reader.start.check_files {
        let path = absolute(&reader.server_root, file);
        if reader.files.stat(&path).is_none() {
            let shown = if reader.start.level.is_24() { file } else { &path };
            return Err(structural(
                place,
                format!(
                    "Cannot load {shown} into server: {path}: cannot open shared object file: No such file or directory"
                ),
            ));
        }
    }
    let symbol = symbol.to_str_lossy();
    if let Some(name) = symbol.strip_suffix("_module") {
        // The names of IBM's and WebSphere's modules are not those of their files.
        let name = match name {
            "ibm_ssl" => "ibm_ssl",
            "was_ap20" | "was_ap22" | "was_ap24" | "ibm_app_server_http" => "was_plugin",
            other => other,
        };
        reader.loaded.insert(name.to_owned());
    }
    Ok(())
}

fn structural(place: Place, message: impl Into<String>) -> Problem {
    Problem { place: Some(place), through: Vec::new(), message: message.into(), structural: true }
}

/// `name` under `root` unless it is absolute (`ap_server_root_relative`); Windows drive letters count as absolute.
pub(super) fn absolute(root: &[u8], name: &[u8]) -> BString {
    let drive = name.len() > 2 && name[0].is_ascii_alphabetic() && name[1] == b':';
    if name.starts_with(b"/") || drive { clean(name) } else { clean(&join(root, name)) }
}

fn join(folder: &[u8], name: &[u8]) -> BString {
    let mut path = BString::from(folder.strip_suffix(b"/").unwrap_or(folder));
    path.push(b'/');
    path.extend_from_slice(name);
    path
}

/// Whether [`clean`] would leave `path` as it is; may say no where it would.
#[expect(clippy::needless_bitwise_bool, reason = "without branches it is done many bytes at a time")]
pub(in crate::access) fn is_clean(path: &[u8]) -> bool {
    if !path.starts_with(b"/") {
        return false;
    }
    // All of it in one go, which is quicker than stopping at the first: there hardly ever is one.
    let suspect = |(byte, next): (&u8, &u8)| (*byte == b'/') & ((*next == b'/') | (*next == b'.'));
    let suspects = path.iter().zip(&path[1..]).fold(false, |any, pair| any | suspect(pair));
    !suspects
        || path
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'/')
            .all(|(at, _)| !matches!(path.get(at + 1..), Some([b'/', ..] | [b'.'] | [b'.', b'/' | b'.', ..])))
}

/// Without `.`, `..` and repeated slashes; a slash at the end stays.
pub(in crate::access) fn clean(path: &[u8]) -> BString {
    if is_clean(path) {
        return path.into();
    }
    let mut done: Vec<&[u8]> = Vec::new();
    for segment in path.split(|b| *b == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                done.pop();
            }
            other => done.push(other),
        }
    }
    let mut clean = BString::default();
    for segment in &done {
        clean.push(b'/');
        clean.extend_from_slice(segment);
    }
    if clean.is_empty() || path.len() > 1 && path.ends_with(b"/") {
        clean.push(b'/');
    }
    if path.starts_with(b"/") { clean } else { clean[1..].into() }
}
