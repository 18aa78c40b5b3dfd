//! `mod_env`: `SetEnv`, `PassEnv`, `UnsetEnv`, which come too late for access rules.
//!
//! Not here: variables that the server itself sets.

use bstr::{BString, ByteSlice};

use super::{
    config::{Spot, words::Args},
    level::Level,
    record::Record,
    run::Run,
    source::Place,
    table::Table,
    trace::Event,
};

/// What a section was told.
#[derive(Clone, Debug, Default)]
pub struct Dir {
    vars: Vec<Var>,
    unset: Vec<BString>,
}

#[derive(Clone, Debug)]
struct Var {
    place: Place,
    name: BString,
    value: Value,
}

#[derive(Clone, Debug)]
enum Value {
    Text(BString),
    /// Of the server's process, under the same name; when it has none, what was said before stays.
    Passed(Option<BString>),
}

impl Dir {
    /// Takes in a directive; `name` is lower case. `PassEnv` and `UnsetEnv` may come with one word (`ITERATE`) or all of them.
    ///
    /// # Errors
    /// None: the number of words was checked before.
    pub fn directive(&mut self, spot: &Spot<'_>, name: &str, args: Args<'_>) -> Result<(), String> {
        match name {
            "setenv" => {
                let value = Value::Text(args.word(1).into());
                self.set(Var { place: spot.place, name: args.word(0).into(), value });
            }
            "passenv" => {
                for word in args.words {
                    self.set(Var { place: spot.place, name: word.clone(), value: Value::Passed(None) });
                }
            }
            _ => {
                for word in args.words {
                    self.vars.retain(|v| !v.name.eq_ignore_ascii_case(word));
                    self.unset.push(word.clone());
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, mut var: Var) {
        let Some(old) = self.vars.iter_mut().find(|v| v.name.eq_ignore_ascii_case(&var.name)) else {
            self.vars.push(var);
            return;
        };
        if let (Value::Passed(before @ None), Value::Text(text) | Value::Passed(Some(text))) =
            (&mut var.value, &old.value)
        {
            *before = Some(text.clone());
        }
        old.place = var.place;
        old.value = var.value;
    }

    /// `inner` on top of this: what it unsets goes from here, then what it sets is set.
    pub fn merge(&self, inner: &Self, _level: Level) -> Self {
        let mut merged = Self { vars: self.vars.clone(), unset: Vec::new() };
        merged.vars.retain(|v| !inner.unset.iter().any(|u| u.eq_ignore_ascii_case(&v.name)));
        for var in &inner.vars {
            merged.set(var.clone());
        }
        merged
    }
}

impl Var {
    /// The value as the server has it, when it has one.
    fn value<'a>(&'a self, run: &'a Run<'_>) -> Option<&'a [u8]> {
        match &self.value {
            Value::Text(text) => Some(text.as_bytes()),
            Value::Passed(before) => run.process_env(&self.name).or(before.as_deref().map(Vec::as_slice)),
        }
    }
}

/// Adds the variables in the fixups, after per-directory rewriting. One that the request already has stays as it is.
pub fn fixup(run: &mut Run<'_>, record: &mut Record) {
    let Some(dir) = record.dir.env.clone() else { return };
    let mut added = Table::default();
    for var in &dir.vars {
        if let Some(value) = var.value(run)
            && record.env.get(&var.name).is_none()
        {
            added.add(&var.name, value);
        }
    }
    for (name, value) in added.iter() {
        let place = dir.vars.iter().find(|v| v.name == name).map(|v| v.place);
        run.trace.note(place, || Event::Env { name: name.into(), before: None, after: Some(value.into()) });
        record.env.add(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{config::words, trial};

    fn dir(lines: &[&str]) -> Dir {
        let mut dir = Dir::default();
        for line in lines {
            let (name, raw) = line.split_once(' ').unwrap();
            let words = words::all(raw.as_bytes());
            dir.directive(
                &trial::spot(Level::V2_4_71, None),
                &name.to_ascii_lowercase(),
                Args { raw: raw.as_bytes(), words: &words },
            )
            .unwrap();
        }
        dir
    }

    fn shown(dir: &Dir) -> String {
        let show = |v: &Var| match &v.value {
            Value::Text(text) => format!("{}={text}", v.name),
            Value::Passed(before) => format!("{}<{}", v.name, before.clone().unwrap_or_default()),
        };
        dir.vars.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn unset_goes_for_what_was_said_before_and_outside() {
        for (outer, inner, expected) in [
            (vec!["SetEnv A one", "SetEnv a two", "SetEnv B"], vec![], "A=two B="),
            (vec!["SetEnv C x", "UnsetEnv C", "PassEnv PATH HOME"], vec![], "PATH< HOME<"),
            (vec!["SetEnv A one", "SetEnv B x"], vec!["UnsetEnv A", "SetEnv A three"], "B=x A=three"),
            (vec!["SetEnv A one"], vec!["SetEnv A two", "UnsetEnv A"], ""),
            (vec!["SetEnv A one"], vec!["PassEnv A"], "A<one"),
        ] {
            assert_eq!(shown(&dir(&outer).merge(&dir(&inner), Level::V2_4_71)), expected, "{outer:?} {inner:?}");
        }
    }
}
