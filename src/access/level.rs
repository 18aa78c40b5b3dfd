//! Server levels: which httpd we answer for, and what each can do.
//!
//! Not here: what a level's regular expressions accept ([`super::regex`]).

use std::{fmt, str::FromStr};

/// A level of Apache httpd whose answers were recorded. Ordered by age, so `level >= Level::V2_4_12` reads well.
///
/// IBM HTTP Server 7 to 8.5 are built on 2.2.8 and IBM HTTP Server 9 on 2.4.12, both with fixes carried back, so a
/// real one lies between its base and the newest of its branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 2.2.8, the base of IBM HTTP Server 7 to 8.5.
    V2_2_8,
    /// 2.2.34, the last of its branch.
    V2_2_34,
    /// 2.4.12, the base of IBM HTTP Server 9.
    V2_4_12,
    /// 2.4.71, current.
    V2_4_71,
}

impl Level {
    /// All, oldest first.
    pub const ALL: [Self; 4] = [Self::V2_2_8, Self::V2_2_34, Self::V2_4_12, Self::V2_4_71];

    /// Whether this is one of branch 2.4; else it is one of 2.2.
    pub fn is_24(self) -> bool {
        self >= Self::V2_4_12
    }

    /// `2.2` or `2.4`.
    pub fn branch(self) -> &'static str {
        if self.is_24() { "2.4" } else { "2.2" }
    }

    /// Major, minor and patch number, as `IfVersion` compares them.
    pub fn numbers(self) -> [u32; 3] {
        match self {
            Self::V2_2_8 => [2, 2, 8],
            Self::V2_2_34 => [2, 2, 34],
            Self::V2_4_12 => [2, 4, 12],
            Self::V2_4_71 => [2, 4, 71],
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers();
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl FromStr for Level {
    type Err = String;

    /// A branch stands for its newest level. IBM HTTP Server's own numbers are understood as `ihs7` to `ihs9`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "2.2" | "2.2.34" => Ok(Self::V2_2_34),
            "2.2.8" | "ihs7" | "ihs8" | "ihs8.5" => Ok(Self::V2_2_8),
            "2.4" | "2.4.71" => Ok(Self::V2_4_71),
            "2.4.12" | "ihs9" => Ok(Self::V2_4_12),
            _ => Err(format!("{text} is no server level: say 2.2, 2.4, 2.2.8, 2.2.34, 2.4.12, 2.4.71, ihs8.5 or ihs9")),
        }
    }
}
