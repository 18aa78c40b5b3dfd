//! Is this an address that Sametime's clients can use? Said while it is typed, without asking any server.
//!
//! Not here: what the web server answers (`net/http.rs`), what the picture is like (`photo/`).

use std::ops::Range;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::model::{Photos, template::Template};

/// Something to say of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlNote {
    /// How bad it is.
    pub level: Level,
    /// A sentence, without full stop when it is one.
    pub sentence: String,
    /// Which characters it is about.
    pub place: Range<usize>,
    /// Where the rule comes from.
    pub source: &'static str,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Good to know.
    Hint,
    /// Some client will show no photo.
    Warning,
    /// No client can use it; it is not written.
    Wrong,
}

const CARDS: &str = "HCL Sametime, Setting up business cards";
const MEETINGS: &str = "HCL Sametime, Enabling business cards for meetings";
const URI: &str = "RFC 3986";
const SITE: &str = "The site’s settings";

/// What is to be said of `text` as a photo URL, the worst first. Nothing for an empty text.
pub fn check_url(text: &str, photos: &Photos) -> Vec<UrlNote> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut notes = Vec::new();
    characters(text, &mut notes);
    if notes.is_empty() {
        match parsed(text) {
            Ok(url) => {
                whole(text, &url, &mut notes);
                path(text, &url, &mut notes);
                host(text, &url, photos, &mut notes);
            }
            Err(note) => notes.push(note),
        }
    }
    notes.sort_by_key(|note| std::cmp::Reverse(note.level));
    notes
}

/// Nothing in `notes` forbids to write the address.
pub fn can_be_written(notes: &[UrlNote]) -> bool {
    notes.iter().all(|note| note.level != Level::Wrong)
}

fn note(level: Level, sentence: impl Into<String>, place: Range<usize>, source: &'static str) -> UrlNote {
    UrlNote { level, sentence: sentence.into(), place, source }
}

/// Characters that no address may hold.
fn characters(text: &str, notes: &mut Vec<UrlNote>) {
    for (at, character) in text.chars().enumerate() {
        let sentence = match character {
            ' ' => "A space cannot be part of an address; it is written %20".to_owned(),
            _ if character.is_whitespace() || character.is_control() || is_invisible(character) => {
                format!("An invisible character, U+{:04X}, is in the address", u32::from(character))
            }
            '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' => {
                format!("{character} cannot be part of an address; it is written %{:02X}", u32::from(character))
            }
            '%' if !is_escape(text, at) => {
                "% must be followed by two hexadecimal digits; itself it is written %25".to_owned()
            }
            _ => continue,
        };
        notes.push(note(Level::Wrong, sentence, at..at + 1, URI));
    }
}

/// Marks that steer the direction of text, or take no room: they let an address look like another one.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn is_escape(text: &str, at: usize) -> bool {
    let mut digits = text.chars().skip(at + 1).take(2);
    let (first, second) = (digits.next(), digits.next());
    [first, second].iter().all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit()))
}

/// A whole http or https address, or why it is none.
fn parsed(text: &str) -> Result<Url, UrlNote> {
    let all = 0..text.chars().count();
    let Some((scheme, rest)) = text.split_once("://") else {
        let sentence = match text.split_once(':') {
            Some((scheme, _)) if ["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) => {
                format!("Two slashes are missing after {scheme}:")
            }
            _ => "This is not a whole address: it must begin with http:// and a host".to_owned(),
        };
        return Err(note(Level::Wrong, sentence, all, CARDS));
    };
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        let place = 0..scheme.chars().count();
        return Err(note(Level::Wrong, format!("Clients fetch http and https, not {scheme}"), place, CARDS));
    }
    let from = scheme.chars().count() + 3;
    if rest.is_empty() || rest.starts_with(['/', '?', '#']) {
        return Err(note(Level::Wrong, "The host is missing", from.saturating_sub(1)..from, URI));
    }
    Url::parse(text)
        .map_err(|error| note(Level::Wrong, format!("This is no address: {error}"), from..all.end.max(from), URI))
}

/// What concerns the address as a whole.
fn whole(text: &str, url: &Url, notes: &mut Vec<UrlNote>) {
    if !url.username().is_empty() || url.password().is_some() {
        let place = find(text, "://", 3)..find(text, "@", 1);
        let sentence = "A name and password would stand in the directory for everyone to read; leave them out";
        notes.push(note(Level::Wrong, sentence, place, "RFC 3986, 7.5"));
    }
    if url.scheme() == "https" {
        let sentence = "Notes and Sametime Connect need http; the proxy shows https photos once it trusts the issuer";
        notes.push(note(Level::Hint, sentence, 0..5, CARDS));
    }
    if url.fragment().is_some() {
        let from = find(text, "#", 0);
        let sentence = "What follows # is never sent to the web server; a literal # is written %23";
        notes.push(note(Level::Warning, sentence, from..text.chars().count(), "RFC 3986, 3.5"));
    }
}

/// What concerns the name of the file.
fn path(text: &str, url: &Url, notes: &mut Vec<UrlNote>) {
    let from = find(text, "://", 3);
    let from =
        text.chars().skip(from).position(|character| character == '/').map_or(text.chars().count(), |at| from + at);
    let part: Vec<char> = text.chars().skip(from).take_while(|character| !matches!(character, '?' | '#')).collect();
    let escaped = |at: usize| (1..=2).any(|back| at >= back && part.get(at - back) == Some(&'%'));
    let capitals: Vec<usize> = part
        .iter()
        .enumerate()
        .filter(|(at, letter)| letter.is_uppercase() && !escaped(*at))
        .map(|(at, _)| at)
        .collect();
    if let (Some(first), Some(last)) = (capitals.first(), capitals.last()) {
        let sentence = "Capitals: most web servers tell them from small letters, and Meetings asks in lower case";
        notes.push(note(Level::Warning, sentence, from + first..from + last + 1, MEETINGS));
    }
    for (at, character) in part.iter().enumerate() {
        if character.is_ascii() && !matches!(character, '+' | '\'') {
            continue;
        }
        let written = utf8_percent_encode(&character.to_string(), NON_ALPHANUMERIC).to_string();
        let sentence =
            format!("{character} is read differently by different web servers; it is best written {written}");
        notes.push(note(Level::Hint, sentence, from + at..from + at + 1, URI));
    }
    let name = url.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let place = from.min(text.chars().count().saturating_sub(1))..from + part.len().max(1);
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        _ if name.is_empty() => {
            notes.push(note(Level::Warning, "The address names a folder, not a file", place, CARDS));
        }
        Some("jpg" | "jpeg" | "gif") => {}
        Some(extension @ ("png" | "bmp" | "webp" | "tif" | "tiff" | "svg")) => {
            let sentence = format!("Business cards show .jpg and .gif files, not .{extension}");
            notes.push(note(Level::Warning, sentence, place, CARDS));
        }
        _ if url.query().is_some() => {}
        _ => notes.push(note(Level::Hint, "Photos of business cards are named .jpg or .gif", place, CARDS)),
    }
}

/// What concerns the host.
fn host(text: &str, url: &Url, photos: &Photos, notes: &mut Vec<UrlNote>) {
    let Some(usual) = photos.template.as_deref().and_then(template_host) else { return };
    let place = find(text, "://", 3);
    let place = place..place + url.host_str().unwrap_or_default().chars().count().max(1);
    if url.host_str() != Some(usual.as_str()) {
        notes.push(note(Level::Hint, format!("The site’s photos are on {usual}"), place, SITE));
    }
}

/// The host of a template, when it is the same for everyone.
fn template_host(template: &str) -> Option<String> {
    let filled = Template::parse(template).ok()?.fill_with(|_| Some("x".to_owned())).ok()?;
    let literal = template.split('{').next()?;
    let url = Url::parse(&filled).ok()?;
    // A field before the path would make the host depend on the person.
    literal.split_once("://")?.1.contains('/').then(|| url.host_str().map(str::to_owned))?
}

/// The character at which `what` begins, `beyond` further on; the text's beginning when it is not there.
fn find(text: &str, what: &str, beyond: usize) -> usize {
    text.find(what).map_or(0, |at| text.get(..at).unwrap_or_default().chars().count() + beyond)
}

#[cfg(test)]
mod tests {
    use super::{Level, can_be_written, check_url};
    use crate::model::Photos;

    #[test]
    fn an_address_is_judged_while_it_is_typed() {
        type Expected<'a> = &'a [(Level, &'a str, &'a str)]; // level, marked part, part of the sentence
        use Level::{Hint, Warning, Wrong};
        let photos =
            Photos { template: Some("http://photos.example.com/{mail|lower}.jpg".to_owned()), ..Photos::default() };
        #[rustfmt::skip]
        let cases: &[(&str, Expected<'_>)] = &[
            ("", &[]),
            ("http://photos.example.com/asha.patel@example.com.jpg", &[]),
            ("http://photos.example.com/asha%2Bx%27s.gif", &[]),
            ("asha.jpg", &[(Wrong, "asha.jpg", "not a whole address")]),
            ("http:photos.example.com", &[(Wrong, "http:photos.example.com", "Two slashes are missing")]),
            ("/photos/asha.jpg", &[(Wrong, "/photos/asha.jpg", "must begin with http://")]),
            ("ftp://photos.example.com/a.jpg", &[(Wrong, "ftp", "not ftp")]),
            ("file:///c:/a.jpg", &[(Wrong, "file", "not file")]),
            ("http:///a.jpg", &[(Wrong, "/", "The host is missing")]),
            ("http://photos.example.com/a b.jpg", &[(Wrong, " ", "%20")]),
            (" http://photos.example.com/a.jpg", &[(Wrong, " ", "%20")]),
            ("http://photos.example.com/a\u{202e}.jpg", &[(Wrong, "\u{202e}", "U+202E")]),
            ("http://photos.example.com/a\n.jpg", &[(Wrong, "\n", "U+000A")]),
            ("http://photos.example.com/{mail}.jpg", &[(Wrong, "{", "%7B"), (Wrong, "}", "%7D")]),
            ("http://photos.example.com/50%.jpg", &[(Wrong, "%", "two hexadecimal digits")]),
            ("http://photos.example.com:x/a.jpg", &[(Wrong, "photos.example.com:x/a.jpg", "invalid port")]),
            ("http://anna:secret@photos.example.com/a.jpg", &[(Wrong, "anna:secret@", "for everyone to read")]),
            ("https://photos.example.com/a.jpg", &[(Hint, "https", "need http")]),
            ("http://photos.example.com/Asha.Patel.jpg", &[(Warning, "Asha.P", "Capitals")]),
            ("http://photos.example.com/%C3%AB.jpg", &[]),
            ("http://photos.example.com/a+b.jpg", &[(Hint, "+", "%2B")]),
            ("http://photos.example.com/zoë.jpg", &[(Hint, "ë", "%C3%AB")]),
            ("http://photos.example.com/a.jpg#x", &[(Warning, "#x", "never sent")]),
            ("http://photos.example.com/a.png", &[(Warning, "/a.png", "not .png")]),
            ("http://photos.example.com/asha", &[(Hint, "/asha", ".jpg or .gif")]),
            ("http://photos.example.com/", &[(Warning, "/", "a folder")]),
            ("http://photos.example.com/photo.do?email=a", &[]),
            ("http://intranet.example.com/a.jpg", &[(Hint, "intranet.example.com", "photos are on photos.example.com")]),
            ("HTTP://Photos.Example.com/a.jpg", &[]),
        ];
        for (text, expected) in cases {
            let notes = check_url(text, &photos);
            assert_eq!(notes.len(), expected.len(), "{text}: {notes:?}");
            for (note, (level, marked, sentence)) in notes.iter().zip(*expected) {
                let place: String = text.chars().skip(note.place.start).take(note.place.len()).collect();
                assert_eq!((note.level, place.as_str()), (*level, *marked), "{text}: {note:?}");
                assert!(note.sentence.contains(sentence), "{text}: {note:?}");
            }
            assert_eq!(can_be_written(&notes), !expected.iter().any(|(level, ..)| *level == Wrong), "{text}");
        }
    }

    #[test]
    fn the_worst_comes_first() {
        let notes = check_url("https://photos.example.com/A+b.png", &Photos::default());
        assert!(notes.is_sorted_by_key(|note| std::cmp::Reverse(note.level)), "{notes:?}");
        assert_eq!(notes.len(), 4, "{notes:?}");
    }
}
