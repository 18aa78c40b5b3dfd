//! What the flags of a `RewriteRule` say, per level.
//!
//! Not here: splitting them ([`super::parse`]) and doing what they say ([`super::rules`]).

use bstr::{BStr, BString};

use super::template::Template;
use crate::access::level::Level;

/// The flags of one rule.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // Each is a flag of its own, as the server has it.
pub struct Flags {
    /// `B`: captures are escaped in the substitution.
    pub escape: Escape,
    /// `C`: the next rule depends on this one.
    pub chain: bool,
    /// `CO`: cookies to set.
    pub cookies: Vec<Template>,
    /// `DPI`: the path info of before is dropped.
    pub discard_path_info: bool,
    /// `E`: environment variables to set.
    pub env: Vec<Template>,
    /// `END`: no rewriting after this one, in later passes neither.
    pub end: bool,
    /// `H`: the handler to be used.
    pub handler: Option<Template>,
    /// `L`: the last rule.
    pub last: bool,
    /// `N`: from the top again.
    pub next: bool,
    /// `N=`: how often.
    pub rounds: Option<i64>,
    /// `NC`.
    pub no_case: bool,
    /// `NE`.
    pub no_escape: bool,
    /// `NS`.
    pub not_on_subrequests: bool,
    /// `P`.
    pub proxy: bool,
    /// `PT`.
    pub pass_through: bool,
    /// `QSA`.
    pub query_append: bool,
    /// `QSD`.
    pub query_discard: bool,
    /// `QSL`.
    pub query_last: bool,
    /// `R`.
    pub redirect: bool,
    /// `F`, `G` and `R=` with a status that is no redirect: the request ends with [`Self::code`].
    pub status: bool,
    /// The status of a redirect, or of the above; 0 when `R=` was not understood.
    pub code: u16,
    /// `S`.
    pub skip: i64,
    /// `T`: the media type to be used.
    pub media_type: Option<Template>,
    /// `UnsafeAllow3F`.
    pub unsafe_allow_3f: bool,
    /// `UnsafePrefixStat`.
    pub unsafe_prefix_stat: bool,
}

/// How captures are escaped (`B` and its relatives).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Escape {
    /// Whether at all.
    pub on: bool,
    /// `B=…`: only these.
    pub only: Option<BString>,
    /// `BNE=…`: not these.
    pub except: Option<BString>,
    /// `BNP`: a blank becomes `%20`, not `+`.
    pub no_plus: bool,
    /// `BCTLS`: control characters and blanks.
    pub controls: bool,
}

/// The number at the start of `text`, as `atoi` reads it.
pub fn number(text: &[u8]) -> i64 {
    let text = crate::access::config::words::trim_start(text);
    let (negative, digits) = match text.first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let mut value: i64 = 0;
    for digit in digits.iter().take_while(|b| b.is_ascii_digit()) {
        value = value.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
    }
    if negative { -value } else { value }
}

impl Flags {
    /// Takes in the flag `name`.
    ///
    /// # Errors
    /// The server's words for a flag that it does not know or a value that it refuses.
    pub fn set(&mut self, name: &[u8], value: &[u8], level: Level) -> Result<(), String> {
        let lower = name.to_ascii_lowercase();
        let known = match lower.first() {
            Some(b'b') => self.set_escape(&lower, value, level)?,
            Some(b'r') => self.set_redirect(&lower, value, level)?,
            Some(b'q') => self.set_query(&lower, level),
            Some(b'c' | b'e' | b'h' | b't') => self.set_text(&lower, value, level),
            Some(b'd') => self.set_discard(&lower, level),
            Some(b'n') => self.set_n(&lower, value, level),
            _ => self.set_plain(&lower, value, level),
        };
        if known { Ok(()) } else { Err(format!("unknown flag '{}'", BStr::new(name))) }
    }

    fn set_plain(&mut self, name: &[u8], value: &[u8], level: Level) -> bool {
        match name {
            b"f" | b"forbidden" => self.end_with(403),
            b"g" | b"gone" => self.end_with(410),
            b"l" | b"last" => self.last = true,
            b"p" | b"proxy" => self.proxy = true,
            b"pt" | b"passthrough" => self.pass_through = true,
            b"s" | b"skip" => self.skip = number(value),
            b"unsafeallow3f" if level >= Level::V2_4_71 => self.unsafe_allow_3f = true,
            b"unsafeprefixstat" if level >= Level::V2_4_71 => self.unsafe_prefix_stat = true,
            _ => return false,
        }
        true
    }

    fn end_with(&mut self, code: u16) {
        self.status = true;
        self.code = code;
    }

    fn set_n(&mut self, name: &[u8], value: &[u8], level: Level) -> bool {
        match name {
            b"n" | b"next" => {
                self.next = true;
                if level.is_24() && !value.is_empty() {
                    self.rounds = Some(number(value));
                }
            }
            b"nc" | b"nocase" => self.no_case = true,
            b"ne" | b"noescape" => self.no_escape = true,
            b"ns" | b"nosubreq" => self.not_on_subrequests = true,
            _ => return false,
        }
        true
    }

    fn set_text(&mut self, name: &[u8], value: &[u8], level: Level) -> bool {
        match name {
            b"c" | b"chain" => self.chain = true,
            b"co" | b"cookie" => self.cookies.push(Template::parse(value, level)),
            b"e" | b"env" => self.env.push(Template::parse(value, level)),
            b"end" if level.is_24() => self.end = true,
            b"h" | b"handler" => self.handler = Some(Template::parse(value, level)),
            b"t" | b"type" => self.media_type = Some(Template::parse(value, level)),
            _ => return false,
        }
        true
    }

    /// Whatever starts with a D is accepted where the flag is known.
    fn set_discard(&mut self, name: &[u8], level: Level) -> bool {
        if matches!(name, b"d" | b"dpi" | b"discardpath") {
            self.discard_path_info = true;
        }
        level > Level::V2_2_8
    }

    fn set_query(&mut self, name: &[u8], level: Level) -> bool {
        match name {
            b"qsa" | b"qsappend" => self.query_append = true,
            b"qsd" | b"qsdiscard" if level.is_24() => self.query_discard = true,
            b"qsl" | b"qslast" if level >= Level::V2_4_71 => self.query_last = true,
            _ => return false,
        }
        true
    }

    fn set_escape(&mut self, name: &[u8], value: &[u8], level: Level) -> Result<bool, String> {
        let new = level >= Level::V2_4_71;
        let list = (new && !value.is_empty()).then(|| BString::from(value));
        match name {
            b"b" | b"backrefescaping" => {
                self.escape.on = true;
                self.escape.only = list.or(self.escape.only.take());
            }
            b"bne" if new => {
                let wanted = || "flag 'BNE' wants a list of characters (i.e. [BNE=...])".to_owned();
                self.escape.except = Some(list.ok_or_else(wanted)?);
            }
            b"bnp" | b"backrefernoplus" if new => self.escape.no_plus = true,
            b"bctls" if new => {
                self.escape.on = true;
                self.escape.controls = true;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_redirect(&mut self, name: &[u8], value: &[u8], level: Level) -> Result<bool, String> {
        if !matches!(name, b"r" | b"redirect") {
            return Ok(false);
        }
        self.redirect = true;
        if value.is_empty() {
            return Ok(true);
        }
        self.code = match value.to_ascii_lowercase().as_slice() {
            b"permanent" => 301,
            b"temp" => 302,
            b"seeother" => 303,
            _ if value.first().is_some_and(u8::is_ascii_digit) => {
                let code = u16::try_from(number(value)).ok().filter(|code| is_status(*code, level));
                let code =
                    code.ok_or_else(|| format!("invalid HTTP response code '{}' for flag 'R'", BStr::new(value)))?;
                self.status |= !(300..400).contains(&code);
                code
            }
            _ => 0,
        };
        Ok(true)
    }
}

/// Whether the level has a line for this status (`ap_index_of_response`).
fn is_status(code: u16, level: Level) -> bool {
    if !level.is_24() {
        return matches!(code, 100..=102 | 200..=207 | 300..=307 | 400..=426 | 500..=510);
    }
    let newest = matches!(code, 103 | 421 | 451) && level >= Level::V2_4_71;
    newest
        || matches!(code, 100..=102 | 200..=208 | 226 | 300..=305 | 307 | 308 | 500..=508 | 510 | 511)
        || matches!(code, 400..=417 | 422..=424 | 426 | 428 | 429 | 431)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::*;

    fn message(flag: &str, level: Level) -> String {
        let (name, value) = flag.split_once('=').unwrap_or((flag, ""));
        let mut flags = Flags::default();
        flags.set(name.as_bytes(), value.as_bytes(), level).err().unwrap_or_default()
    }

    #[test]
    fn each_level_knows_its_flags() {
        // Flag, and the first level that knows it.
        let rows = [
            ("L", V2_2_8),
            ("lAsT", V2_2_8),
            ("NC", V2_2_8),
            ("B", V2_2_8),
            ("H=x", V2_2_8),
            ("R=bogus", V2_2_8),
            ("R=404", V2_2_8),
            ("DPI", V2_2_34),
            ("Dxx", V2_2_34),
            ("END", V2_4_12),
            ("QSD", V2_4_12),
            ("R=308", V2_4_12),
            ("QSL", V2_4_71),
            ("BNP", V2_4_71),
            ("BCTLS", V2_4_71),
            ("BNE=a", V2_4_71),
            ("R=451", V2_4_71),
            ("UnsafeAllow3F", V2_4_71),
            ("unsafeprefixstat", V2_4_71),
        ];
        for (flag, first) in rows {
            for level in Level::ALL {
                assert_eq!(message(flag, level).is_empty(), level >= first, "{flag} at {level}");
            }
        }
    }

    #[test]
    fn errors_are_in_the_servers_words() {
        let rows = [
            ("XYZ", "unknown flag 'XYZ'"),
            ("", "unknown flag ''"),
            ("Lx", "unknown flag 'Lx'"),
            ("R=399", "invalid HTTP response code '399' for flag 'R'"),
            ("R=99999999999", "invalid HTTP response code '99999999999' for flag 'R'"),
            ("BNE", "flag 'BNE' wants a list of characters (i.e. [BNE=...])"),
        ];
        for (flag, expected) in rows {
            assert_eq!(message(flag, V2_4_71), expected, "{flag}");
        }
    }

    #[test]
    fn numbers_are_read_as_atoi_does() {
        for (text, expected) in [("10x", 10), ("abc", 0), ("-3", -3), ("", 0), (" 7", 7), ("+2", 2)] {
            assert_eq!(number(text.as_bytes()), expected, "{text}");
        }
    }
}
