//! `Macro`, `Use` and `UndefMacro` (`mod_macro`).
//!
//! Not here: everything else that is done while reading ([`super`]).

use bstr::{BString, ByteSlice};

use super::{DEPTH, Directive, LARGEST_FILE, Problem, Reader, Source, USES};
use crate::access::{config::words, source::Place};

/// A macro.
pub(super) struct Macro {
    pub(super) name: String,
    parameters: Vec<BString>,
    place: Place,
    /// Without empty lines and comments.
    body: Vec<BString>,
}

impl Reader<'_> {
    /// Takes in a `Macro` up to its end.
    pub(super) fn define_macro(&mut self, rest: &[u8], source: &mut Source<'_>) -> Result<(), Problem> {
        let place = source.place();
        let Some(head) = rest.strip_suffix(b">") else {
            return Err(Problem::structure(place, "<Macro> directive missing closing '>'"));
        };
        let mut head = words::all(head).into_iter();
        let Some(name) = head.next().filter(|n| !n.is_empty()) else {
            return Err(Problem::structure(place, "<Macro macrodef: macro name not specified"));
        };
        let parameters: Vec<BString> = head.collect();
        let mut body = Vec::new();
        let mut depth = 0;
        loop {
            let Some(line) = source.next() else {
                let shown = self.shown_macro(&name, place);
                return Err(Problem::structure(
                    place,
                    format!("{shown}\n\tcontents error: expected token not found: </Macro>"),
                ));
            };
            let lower = line.to_ascii_lowercase();
            if lower.starts_with(b"</macro") {
                if depth == 0 {
                    break;
                }
                depth -= 1;
            } else if lower.starts_with(b"<macro") {
                depth += 1;
            }
            if !line.is_empty() && !line.starts_with(b"#") {
                body.push(line);
            }
        }
        let name = name.to_str_lossy().to_ascii_lowercase();
        self.macros.retain(|m| m.name != name);
        self.macros.push(Macro { name, parameters, place, body });
        Ok(())
    }

    /// As the server names a macro.
    fn shown_macro(&self, name: &[u8], definition: Place) -> String {
        let (file, line) = (self.sources.name(definition.file), definition.line);
        format!("macro '{}' (defined on line {line} of \"{file}\")", name.to_ascii_lowercase().as_bstr())
    }

    /// What a `Use` stands for.
    pub(super) fn use_macro(&mut self, rest: &[u8], place: Place) -> Result<Vec<Directive>, Problem> {
        let mut given = words::all(rest).into_iter();
        let name = given.next().unwrap_or_default().to_str_lossy().to_ascii_lowercase();
        let given: Vec<BString> = given.collect();
        let Some(found) = self.macros.iter().find(|m| m.name == name) else {
            return Err(Problem::at(place, format!("Macro '{name}' undefined")));
        };
        if found.parameters.len() != given.len() {
            let (want, got) = (found.parameters.len(), given.len());
            return Err(Problem::at(place, format!("Macro '{name}' used with {got} arguments, expected {want}")));
        }
        // The longest parameter that fits at a place is the one that is replaced there.
        let mut pairs: Vec<(&BString, &BString)> = found.parameters.iter().zip(&given).collect();
        pairs.sort_by_key(|(p, _)| std::cmp::Reverse(p.len()));
        let filled: Vec<BString> = found.body.iter().map(|line| fill(line, &pairs)).collect();
        if filled.iter().map(|l| l.len()).sum::<usize>() as u64 > LARGEST_FILE {
            return Err(Problem::at(place, format!("Macro '{name}' grows beyond {LARGEST_FILE} bytes")));
        }
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Problem::at(place, format!("macros are nested more than {DEPTH} deep")));
        }
        self.uses += 1;
        if self.uses > USES {
            return Err(Problem::at(place, format!("includes and macros come to more than {USES} uses of macros")));
        }
        let definition = found.place;
        let shown = self.shown_macro(name.as_bytes(), definition);
        let used = self.sources.name(place.file).to_owned();
        let file = self.sources.open(&format!("{shown} used on line {} of \"{used}\"", place.line));
        let read = self.all(&mut Source::Macro { lines: filled.into_iter(), at: Place { file, line: 0 } });
        self.depth -= 1;
        read
    }
}

/// `line` with each parameter replaced, from left to right; what was put in is not looked at again.
fn fill(line: &[u8], pairs: &[(&BString, &BString)]) -> BString {
    let mut filled = BString::default();
    let mut at = 0;
    while at < line.len() {
        if let Some((parameter, value)) = pairs.iter().find(|(p, _)| !p.is_empty() && line[at..].starts_with(p)) {
            filled.extend_from_slice(value);
            at += parameter.len();
        } else {
            filled.push(line[at]);
            at += 1;
        }
    }
    filled
}
