//! `mod_alias`: Alias, `AliasMatch`, `ScriptAlias`, and the Redirect family.
//!
//! Here: what the directives say, for a server and for a section. `answer` does it to a request, `url` has the string work.
//! Not here: `UserDir`, `VirtualDocumentRoot` and `mod_actions`.

use bstr::{BStr, BString};

use super::{
    config::{Spot, words::Args},
    expression::Text,
    level::Level,
    pregsub::Template,
    regex::Regex,
    source::Place,
};

pub use answer::{fixup, translate};

mod answer;
#[cfg(test)]
mod tests;
pub mod url;

/// One `Alias` or `Redirect` of a path.
#[derive(Clone, Debug)]
struct Entry {
    place: Place,
    /// As written, for the trace.
    directive: BString,
    fake: Fake,
    /// Where to; none for a status without address.
    real: Option<Real>,
    /// `ScriptAlias`.
    handler: Option<&'static str>,
    /// Of a redirect.
    status: u16,
}

#[derive(Clone, Debug)]
enum Fake {
    Prefix(BString),
    Pattern(Regex),
    /// No path at all, outside sections: 2.4.71 takes that, and then its process crashes at every request.
    Missing,
}

#[derive(Clone, Debug)]
enum Real {
    Plain(BString),
    Filled(Template),
}

/// An `Alias` with one argument, in a `Location` (2.4, after 2.4.12).
#[derive(Clone, Debug)]
struct Whole {
    place: Place,
    directive: BString,
    real: Text,
    /// The path of the section it stands in.
    fake: BString,
    handler: Option<&'static str>,
}

/// A `Redirect` without path, in a section (2.4, after 2.4.12).
#[derive(Clone, Debug)]
struct Away {
    place: Place,
    directive: BString,
    real: Option<Text>,
    status: u16,
}

/// What a section was told. The flags `AliasPreservePath` and `RedirectRelative` of a server are kept here too, in the section
/// that stands for the whole server.
#[derive(Clone, Debug, Default)]
pub struct Dir {
    redirects: Vec<Entry>,
    alias: Option<Whole>,
    redirect: Option<Away>,
    preserve_path: Option<bool>,
    relative: Option<bool>,
}

/// What a server was told.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// `ServerRoot`, for aliases to relative paths. Without it those cannot be told.
    pub root: Option<BString>,
    aliases: Vec<Entry>,
    redirects: Vec<Entry>,
}

/// Whether a directive here is the server's ([`Server::directive`]) rather than a section's ([`Dir::directive`]).
pub fn is_of_server(spot: &Spot<'_>, name: &str) -> bool {
    spot.path.is_none() && !matches!(name, "aliaspreservepath" | "redirectrelative")
}

/// Whether 2.4 understands `Alias` and `Redirect` without a path here: it came with 2.4.19.
fn knows_sections(level: Level) -> bool {
    level >= Level::V2_4_71
}

impl Dir {
    /// Takes in a directive; `name` is lower case.
    ///
    /// # Errors
    /// In the server's words.
    pub fn directive(&mut self, spot: &Spot<'_>, name: &str, args: Args<'_>) -> Result<(), String> {
        match name {
            "aliaspreservepath" => self.preserve_path = Some(args.flag("AliasPreservePath")?),
            "redirectrelative" => self.relative = Some(args.flag("RedirectRelative")?),
            "alias" | "scriptalias" if args.words.len() < 2 && knows_sections(spot.level) => {
                return self.whole(spot, name, args);
            }
            "alias" | "scriptalias" | "aliasmatch" | "scriptaliasmatch" => {
                return Err(format!("{} cannot occur within directory context", canonical(name)));
            }
            _ => match redirect(spot, name, args)? {
                Said::Entry(entry) => self.redirects.push(entry),
                Said::Away(away) => self.redirect = Some(away),
            },
        }
        Ok(())
    }

    fn whole(&mut self, spot: &Spot<'_>, name: &str, args: Args<'_>) -> Result<(), String> {
        let text = args.word(0);
        let real = Text::parse(text, spot).map_err(|e| format!("Cannot parse alias expression '{text}': {e}"))?;
        let fake = BString::from(spot.path.unwrap_or_default());
        let directive = written(name, args.raw);
        self.alias = Some(Whole { place: spot.place, directive, real, fake, handler: handler(name) });
        Ok(())
    }

    /// `inner` on top of this: its redirects come first.
    pub fn merge(&self, inner: &Self, _level: Level) -> Self {
        Self {
            redirects: inner.redirects.iter().chain(&self.redirects).cloned().collect(),
            alias: inner.alias.clone().or_else(|| self.alias.clone()),
            redirect: inner.redirect.clone().or_else(|| self.redirect.clone()),
            preserve_path: inner.preserve_path.or(self.preserve_path),
            relative: inner.relative.or(self.relative),
        }
    }
}

impl Server {
    /// Takes in a directive that stands outside all sections; `name` is lower case.
    ///
    /// # Errors
    /// In the server's words.
    pub fn directive(&mut self, spot: &Spot<'_>, name: &str, args: Args<'_>) -> Result<(), String> {
        if let "alias" | "scriptalias" | "aliasmatch" | "scriptaliasmatch" = name {
            if args.words.len() < 2 {
                return Err("Alias must have two arguments when used globally".to_owned());
            }
            let (fake, real) = (args.word(0), args.word(1));
            let directive = written(name, args.raw);
            let (fake, real) = if name.ends_with("match") {
                (pattern(fake, spot)?, Real::Filled(Template::new(real, spot.level)))
            } else {
                (Fake::Prefix(fake.into()), Real::Plain(real.into()))
            };
            let handler = handler(name);
            self.aliases.push(Entry { place: spot.place, directive, fake, real: Some(real), handler, status: 0 });
            return Ok(());
        }
        match redirect(spot, name, args)? {
            Said::Entry(entry) => self.redirects.push(entry),
            // Only said in sections.
            Said::Away(_) => {}
        }
        Ok(())
    }

    /// What a virtual host inherits from the main server: its own lines come first.
    pub fn merge(base: &Self, host: &Self) -> Self {
        Self {
            root: host.root.clone().or_else(|| base.root.clone()),
            aliases: host.aliases.iter().chain(&base.aliases).cloned().collect(),
            redirects: host.redirects.iter().chain(&base.redirects).cloned().collect(),
        }
    }
}

enum Said {
    Entry(Entry),
    Away(Away),
}

/// `Redirect` and its family (`add_redirect_internal`).
fn redirect(spot: &Spot<'_>, name: &str, args: Args<'_>) -> Result<Said, String> {
    let directive = written(name, args.raw);
    let count = args.words.len();
    let (mut status, understood) = match status(args.word(0)) {
        Some(status) => (status, true),
        None if name == "redirectpermanent" => (301, false),
        None => (302, false),
    };
    // `atoi` gives more than the status table has; what is not in it is answered by 500 anyway.
    if !known(status, spot.level) {
        status = if (300..400).contains(&status) { UNKNOWN_REDIRECT } else { status };
    }
    if count >= 3 && !understood {
        return Err("Redirect: invalid first argument (of three)".to_owned());
    }
    if let Some(away) = without_path(spot, name, args, understood.then_some(status), &directive)? {
        return Ok(Said::Away(away));
    }
    let (fake, url) = match (count, understood) {
        (0 | 1, true) => (None, None),
        (0 | 1, false) | (2, true) => (Some(args.word(usize::from(understood))), None),
        (2, false) => (Some(args.word(0)), Some(args.word(1))),
        _ => (Some(args.word(1)), Some(args.word(2))),
    };
    let fake = match fake {
        Some(fake) if name == "redirectmatch" => pattern(fake, spot)?,
        Some(fake) => Fake::Prefix(fake.into()),
        None => Fake::Missing,
    };
    let real = match (url, is_redirect(status)) {
        (None, true) => return Err("URL to redirect to is missing".to_owned()),
        (Some(_), false) => return Err("Redirect URL not valid for this status".to_owned()),
        (None, false) => None,
        (Some(url), true) => Some(match fake {
            Fake::Pattern(_) => Real::Filled(Template::new(url, spot.level)),
            Fake::Prefix(_) if url::is_url(url) || url.starts_with(b"/") => Real::Plain(url.into()),
            Fake::Prefix(_) | Fake::Missing => return Err("Redirect to non-URL".to_owned()),
        }),
    };
    Ok(Said::Entry(Entry { place: spot.place, directive, fake, real, handler: None, status }))
}

/// Stands for a status between 300 and 399 that the server does not know: answered by 500, but as a redirect.
const UNKNOWN_REDIRECT: u16 = 399;

/// `Redirect URL`, `Redirect permanent URL`, `Redirect gone` in a section, for all of it.
fn without_path(
    spot: &Spot<'_>,
    name: &str,
    args: Args<'_>,
    status: Option<u16>,
    directive: &BString,
) -> Result<Option<Away>, String> {
    if !knows_sections(spot.level) || spot.path.is_none() || name == "redirectmatch" {
        return Ok(None);
    }
    let text = match (args.words.len(), status) {
        (1, None) => args.word(0),
        (2, Some(status)) if is_redirect(status) => args.word(1),
        (1, Some(status)) if !is_redirect(status) => {
            return Ok(Some(Away { place: spot.place, directive: directive.clone(), real: None, status }));
        }
        (1, Some(_)) => return Err("URL to redirect to is missing".to_owned()),
        _ => return Ok(None),
    };
    let real = Text::parse(text, spot).map_err(|e| format!("Cannot parse redirect expression '{text}': {e}"))?;
    let status = status.unwrap_or(if name == "redirectpermanent" { 301 } else { 302 });
    Ok(Some(Away { place: spot.place, directive: directive.clone(), real: Some(real), status }))
}

/// The word or number of a status; none when it is neither (`atoi` of what starts with a digit).
fn status(word: &BStr) -> Option<u16> {
    match word.to_ascii_lowercase().as_slice() {
        b"permanent" => Some(301),
        b"temp" => Some(302),
        b"seeother" => Some(303),
        b"gone" => Some(410),
        [digit, ..] if digit.is_ascii_digit() => {
            let digits = word.iter().take_while(|b| b.is_ascii_digit());
            Some(digits.fold(0, |n: u16, d| n.saturating_mul(10).saturating_add(u16::from(d - b'0'))))
        }
        _ => None,
    }
}

/// `ap_is_HTTP_REDIRECT`.
fn is_redirect(status: u16) -> bool {
    (300..400).contains(&status)
}

/// Whether the level has a status line for it; if not, it answers 500.
fn known(status: u16, level: Level) -> bool {
    match status {
        100..=102 | 200..=207 | 300..=305 | 307 | 400..=417 | 422..=424 | 426 | 500..=507 | 510 => true,
        208 | 226 | 308 | 428 | 429 | 431 | 508 | 511 => level.is_24(),
        418 | 421 | 425 | 451 => level >= Level::V2_4_71,
        _ => false,
    }
}

fn pattern(fake: &BStr, spot: &Spot<'_>) -> Result<Fake, String> {
    Regex::new(fake, spot.regex, spot.level)
        .map(Fake::Pattern)
        .map_err(|_why| "Regular expression could not be compiled.".to_owned())
}

fn handler(name: &str) -> Option<&'static str> {
    name.starts_with("script").then_some("cgi-script")
}

fn written(name: &str, raw: &[u8]) -> BString {
    let mut text = BString::from(canonical(name));
    text.push(b' ');
    text.extend_from_slice(raw);
    text
}

/// The name as the server spells it.
fn canonical(name: &str) -> &'static str {
    match name {
        "alias" => "Alias",
        "aliasmatch" => "AliasMatch",
        "scriptalias" => "ScriptAlias",
        "scriptaliasmatch" => "ScriptAliasMatch",
        "redirectmatch" => "RedirectMatch",
        "redirectpermanent" => "RedirectPermanent",
        "redirecttemp" => "RedirectTemp",
        _ => "Redirect",
    }
}
