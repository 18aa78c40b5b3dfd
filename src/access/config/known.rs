//! What the configuration test knows of each directive before it means anything: where it may stand, how many arguments.
//!
//! The table itself is `directives.txt`. Not here: what a directive does ([`super::load`]).

use std::{collections::HashMap, sync::LazyLock};

use crate::access::level::Level;

/// One directive or section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name as the server writes it.
    pub name: &'static str,
    /// Its module, `rewrite` for `mod_rewrite`.
    pub module: &'static str,
    /// Where it may stand.
    pub place: Where,
    /// What `AllowOverride` must allow for it to stand in `.htaccess`: bits of [`overrides`].
    pub overrides: u16,
    /// How its arguments are counted.
    pub kind: Kind,
    /// Whether it can change an answer.
    pub effect: Effect,
    branch: &'static str,
}

/// Where a directive may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// At the level of a server.
    Server,
    /// In sections.
    Section,
    /// In both.
    ServerOrSection,
    /// In sections and `.htaccess`.
    SectionOrHtaccess,
    /// In all three.
    Anywhere,
}

/// How arguments are split and counted (`cmd_how`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The directive splits its text itself.
    Raw,
    /// Not counted here.
    Any,
    /// None.
    None,
    /// Between so many and so many; `13` of the server is not modelled.
    Take(u8, u8),
    /// `On` or `Off`.
    Flag,
    /// One or more.
    Iterate,
    /// Two or more.
    Iterate2,
}

/// Whether a directive can change an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is modelled.
    Act,
    /// It changes no answer.
    Inert,
    /// It is not modelled and could.
    Matters,
}

/// Classes of `AllowOverride`.
pub mod overrides {
    /// `AuthConfig`.
    pub const AUTH_CONFIG: u16 = 1;
    /// `FileInfo`.
    pub const FILE_INFO: u16 = 2;
    /// `Indexes`.
    pub const INDEXES: u16 = 4;
    /// `Limit`.
    pub const LIMIT: u16 = 8;
    /// `Options`.
    pub const OPTIONS: u16 = 16;
    /// All of them.
    pub const ALL: u16 = 31;
}

static TABLE: LazyLock<HashMap<String, Vec<Known>>> = LazyLock::new(|| {
    let mut table: HashMap<String, Vec<Known>> = HashMap::new();
    for line in include_str!("directives.txt").lines().filter(|l| !l.starts_with('#')) {
        if let Some(known) = row(line) {
            table.entry(known.name.to_ascii_lowercase()).or_default().push(known);
        }
    }
    table
});

/// What is known of the directive of this name (in lower case; a section's with its `<`) at this level.
pub fn find(lower_name: &str, level: Level) -> Option<Known> {
    TABLE.get(lower_name)?.iter().find(|k| k.is_of(level)).copied()
}

/// The name of every directive and section, in order.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let mut names: Vec<&str> = TABLE.values().flatten().map(|k| k.name).collect();
        names.sort_unstable();
        names.dedup();
        names
    });
    NAMES.iter().copied()
}

/// Every module that has a directive here.
pub fn modules() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<&str> = TABLE.values().flatten().map(|k| k.module).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter()
}

impl Known {
    fn is_of(&self, level: Level) -> bool {
        match self.branch {
            "both" | "ibm" => true,
            "new" => matches!(level, Level::V2_2_34 | Level::V2_4_71),
            "2.4.71" => level >= Level::V2_4_71,
            branch => branch == level.branch(),
        }
    }

    /// Whether only IBM HTTP Server has it.
    pub fn is_ibm(&self) -> bool {
        self.branch == "ibm"
    }
}

fn row(line: &'static str) -> Option<Known> {
    let mut columns = line.split(' ');
    let mut column = || columns.next();
    Some(Known {
        name: column()?,
        module: column()?,
        place: match column()? {
            "S" => Where::Server,
            "D" => Where::Section,
            "SD" => Where::ServerOrSection,
            "DH" => Where::SectionOrHtaccess,
            "A" => Where::Anywhere,
            _ => return None,
        },
        overrides: match column()? {
            "AuthConfig" => overrides::AUTH_CONFIG,
            "FileInfo" => overrides::FILE_INFO,
            "Indexes" => overrides::INDEXES,
            "Limit" => overrides::LIMIT,
            "Options" => overrides::OPTIONS,
            "AuthConfig|Limit" => overrides::AUTH_CONFIG | overrides::LIMIT,
            "Any" => overrides::ALL,
            "-" => 0,
            _ => return None,
        },
        kind: match column()? {
            "RAW" => Kind::Raw,
            "ANY" => Kind::Any,
            "NONE" => Kind::None,
            "TAKE1" => Kind::Take(1, 1),
            "TAKE12" => Kind::Take(1, 2),
            "TAKE2" => Kind::Take(2, 2),
            "TAKE23" => Kind::Take(2, 3),
            "TAKE3" => Kind::Take(3, 3),
            "TAKE123" => Kind::Take(1, 3),
            "FLAG" => Kind::Flag,
            "ITERATE" => Kind::Iterate,
            "ITERATE2" => Kind::Iterate2,
            _ => return None,
        },
        effect: match column()? {
            "act" => Effect::Act,
            "inert" => Effect::Inert,
            "matters" => Effect::Matters,
            _ => return None,
        },
        branch: column()?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Kind, Where, find, row};
    use crate::access::level::Level;

    #[test]
    fn every_line_of_the_table_can_be_read() {
        for line in include_str!("directives.txt").lines().filter(|l| !l.starts_with('#')) {
            assert!(row(line).is_some(), "{line}");
        }
    }

    #[test]
    fn branches_know_their_own_directives() {
        assert!(find("define", Level::V2_2_34).is_none());
        assert_eq!(find("define", Level::V2_4_12).map(|k| k.kind), Some(Kind::Take(1, 2)));
        assert_eq!(find("<directory", Level::V2_2_8).map(|k| k.place), Some(Where::Server));
        assert!(find("rewritelog", Level::V2_4_71).is_none());
        assert!(find("sslenable", Level::V2_2_8).is_some_and(|k| k.is_ibm()));
    }
}
