//! What the administrator reads about one photo address: a word, a sentence, what to do. Pure.
//!
//! Not here: the clients' rules one by one (`badges.rs`), fetching (`look.rs`).

use url::Url;

use super::{Facts, Format, Found, PhotoFault, badges};
use crate::net::{
    http::{Exchange, Hop, HttpError},
    trust::TlsFault,
};

/// How good it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing is wrong.
    Good,
    /// Shown by some clients, or not as well as it could be.
    Weak,
    /// Not shown.
    Bad,
    /// Nothing to judge: no address, not looked at yet, or it could not be.
    Unknown,
}

/// What is wrong, for the filters of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// Nothing, or nothing that the list filters by.
    None,
    /// No photo URL is set.
    NoUrl,
    /// The address leads to no photo.
    Broken,
    /// It differs from the file by upper and lower case only.
    WrongCase,
    /// The photo has more bytes or pixels than clients take.
    TooLarge,
    /// The photo is neither JPEG nor GIF, or in colours for printing.
    WrongType,
    /// Not known: it was not looked at yet, or its host was not allowed.
    Unchecked,
}

/// What is said of one photo address, or of one photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How good.
    pub level: Level,
    /// One or two words for a table: `Set`, `404`, `Sign-in page`.
    pub word: String,
    /// What and why, in one sentence without full stop.
    pub sentence: String,
    /// What to do about it, in whole sentences.
    pub mend: Option<String>,
    /// For the filters of the list.
    pub kind: FaultKind,
}

/// What is known about one address.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The address, as in the directory.
    pub url: &'a str,
    /// The person's mail address.
    pub mail: Option<&'a str>,
    /// What the web server answered.
    pub exchange: Result<&'a Exchange, &'a HttpError>,
    /// The body as a picture, when the status is 200.
    pub found: Option<Result<&'a Found, &'a PhotoFault>>,
    /// Whether the address in lower case leads to a photo; `None` when it was not tried.
    pub lower_case_works: Option<bool>,
}

/// Judges one address from what is known about it.
pub fn judge(evidence: &Evidence<'_>) -> Verdict {
    match (evidence.exchange, evidence.found) {
        (Err(error), _) => of_error(error),
        (Ok(exchange), Some(Ok(found))) if exchange.status == 200 => of_photo(&found.facts, evidence.url, exchange),
        (Ok(exchange), Some(Err(fault))) if exchange.status == 200 => of_fault(fault, &exchange.hops),
        (Ok(exchange), _) => of_status(exchange, evidence),
    }
}

/// Judges a photo that the directory itself holds, such as `thumbnailPhoto`.
pub fn judge_binary(found: Result<&Found, &PhotoFault>) -> Verdict {
    match found {
        Ok(found) => of_file(&found.facts, None).unwrap_or_else(|| good(described(&found.facts))),
        Err(fault) => of_fault(fault, &[]),
    }
}

/// Nobody's address: the attribute has no value.
pub fn no_url() -> Verdict {
    Verdict {
        level: Level::Unknown,
        word: "None".to_owned(),
        sentence: "No photo URL is set".to_owned(),
        mend: Some("Set the photo URL.".to_owned()),
        kind: FaultKind::NoUrl,
    }
}

/// An address that was not looked at yet.
pub fn unchecked() -> Verdict {
    unknown("Not checked", "The photo was not looked at yet", "")
}

fn verdict(level: Level, kind: FaultKind, word: &str, sentence: impl Into<String>, mend: &str) -> Verdict {
    let mend = (!mend.is_empty()).then(|| mend.to_owned());
    Verdict { level, word: word.to_owned(), sentence: sentence.into(), mend, kind }
}

fn good(sentence: String) -> Verdict {
    verdict(Level::Good, FaultKind::None, "Set", sentence, "")
}

fn broken(word: &str, sentence: impl Into<String>, mend: &str) -> Verdict {
    verdict(Level::Bad, FaultKind::Broken, word, sentence, mend)
}

fn unknown(word: &str, sentence: impl Into<String>, mend: &str) -> Verdict {
    verdict(Level::Unknown, FaultKind::Unchecked, word, sentence, mend)
}

const NO_SIGN_IN: &str = "Clients cannot sign in. Let the web server hand out photos without a sign-in, or set the \
                          address of a copy elsewhere.";

fn of_error(error: &HttpError) -> Verdict {
    let what = capitalised(&error.to_string());
    match error {
        HttpError::Relative { .. } => broken("Relative", what, "Write the whole address, beginning with http://."),
        HttpError::Malformed { .. } => broken("No address", what, "Correct the address."),
        HttpError::Scheme { scheme } => {
            broken(&format!("{scheme}:"), what, "Put the photo on a web server and set its http address.")
        }
        HttpError::NotAllowed { host, because, hops } => not_allowed(host, because.as_deref(), hops),
        HttpError::Forbidden { .. } => broken(
            "Never fetched",
            what,
            "Such addresses belong to the machine that asks, not to a photo server. Correct the host.",
        ),
        HttpError::UnknownHost { .. } => broken(
            "No such host",
            what,
            "Correct the host, or have its name entered. The Sametime Proxy may know other names than this computer.",
        ),
        HttpError::ConnectionRefused { .. } => {
            broken("Refused", what, "Start the web server there, or correct the host and port.")
        }
        HttpError::Unreachable { .. } => broken("No route", what, "Check this computer's network and the host."),
        HttpError::Timeout { .. } => broken(
            "No answer",
            what,
            "Check that the web server runs and that no firewall stands between. A slow server makes clients wait, too.",
        ),
        HttpError::Tls(fault) => of_tls(fault, what),
        HttpError::TooManyRedirects { hops } => of_redirects(hops, what),
        HttpError::TooLong { limit, .. } => verdict(
            Level::Bad,
            FaultKind::TooLarge,
            &format!("Over {}", size(*limit)),
            what,
            "Put a photo under 45 KB there; 10 KB is best.",
        ),
        HttpError::CutOff { .. } => broken("Cut off", what, "Look into the web server's error log, and try again."),
        HttpError::Protocol { .. } => broken("No HTTP", what, "Check the port: something else seems to listen there."),
        HttpError::Cancelled => unknown("Stopped", "Looking at the photo was stopped", ""),
    }
}

fn not_allowed(host: &str, because: Option<&str>, hops: &[Hop]) -> Verdict {
    let because = because.map(|because| format!(": {because}")).unwrap_or_default();
    let allow = format!("Allow {host} if photos are meant to come from there.");
    let Some(target) = hops.last().and_then(|hop| hop.location.as_deref()) else {
        return unknown(
            "Asks first",
            format!("Photos from {host} are fetched only once you allow it{because}"),
            &allow,
        );
    };
    if looks_like_sign_in(target) {
        return broken("Sign-in page", format!("The address redirects to {host}, by its looks to sign in"), NO_SIGN_IN);
    }
    unknown("Asks first", format!("The address redirects to {host}, which was not allowed yet{because}"), &allow)
}

fn of_tls(fault: &TlsFault, what: String) -> Verdict {
    let trust = "Have a certificate issued by an authority that clients know, or choose the authority's file for this \
                 site's photos. The Sametime Proxy needs it in its trust store, too.";
    match fault {
        TlsFault::UnknownIssuer { .. } | TlsFault::Changed { .. } | TlsFault::Unacceptable { .. } => {
            broken("Untrusted", what, trust)
        }
        TlsFault::WrongName { .. } => broken("Wrong name", what, fault.hint()),
        TlsFault::Expired { .. } => broken("Expired", what, fault.hint()),
        TlsFault::NotYetValid { .. } => broken("Not yet valid", what, fault.hint()),
        TlsFault::CaFile { .. } => unknown("No CA file", what, fault.hint()),
        TlsFault::HostName { .. } => broken("No address", what, "Correct the host."),
        TlsFault::Handshake { .. } => {
            broken("No TLS", what, "Check that this port speaks TLS: https is usually on 443, http on 80.")
        }
    }
}

fn of_redirects(hops: &[Hop], what: String) -> Verdict {
    let mend = "Correct the redirect on the web server, or set the address that it was to lead to.";
    let last = hops.last().and_then(|hop| Url::parse(&hop.url).ok()?.join(hop.location.as_deref()?).ok());
    let circle = last.is_some_and(|next| hops.iter().any(|hop| hop.url == next.as_str()));
    if circle { broken("Loop", what, mend) } else { broken("Redirects", what, mend) }
}

fn of_status(exchange: &Exchange, evidence: &Evidence<'_>) -> Verdict {
    let status = exchange.status;
    let word = status.to_string();
    match status {
        404 | 410 if evidence.lower_case_works == Some(true) => verdict(
            Level::Bad,
            FaultKind::WrongCase,
            "Capitals",
            format!("The address has capitals, the file has none: the web server answers {status}"),
            "Set the photo URL in lower case.",
        ),
        404 | 410 => {
            let name = named_otherwise(evidence).unwrap_or_default();
            let sentence = format!("The web server has no such file: it answers {status}{name}");
            broken(&word, sentence, "Put the photo there, or set the address where it is.")
        }
        401 | 407 => broken(&word, format!("The web server asks for a password: it answers {status}"), NO_SIGN_IN),
        403 => broken(
            &word,
            "The web server refuses to hand the photo to this computer: it answers 403",
            "Check the web server's access rules. Clients and the Sametime Proxy may be allowed where this computer is not.",
        ),
        429 => unknown(&word, "The web server asks for patience: it answers 429", "Try again later."),
        500.. => broken(
            &word,
            format!("The web server failed: it answers {status}"),
            "Look into the web server's error log, and try again.",
        ),
        _ => broken(&word, format!("The web server answers {status} and no photo"), "Open the address in a browser."),
    }
}

/// Says when the file is named after another mail address than the person's.
fn named_otherwise(evidence: &Evidence<'_>) -> Option<String> {
    let mail = evidence.mail?.to_lowercase();
    let path = Url::parse(evidence.url).ok()?.path().rsplit('/').next()?.to_owned();
    let name = percent_encoding::percent_decode_str(&path).decode_utf8().ok()?.to_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _extension)| stem);
    let other = stem.contains('@') && stem != mail;
    other.then(|| format!("; it is named after {stem}, and the mail address is {mail}"))
}

fn of_fault(fault: &PhotoFault, hops: &[Hop]) -> Verdict {
    let what = format!("{}{}", capitalised(&fault.to_string()), redirected(hops));
    match fault {
        PhotoFault::Empty => broken("Empty", what, "Put the photo there again."),
        PhotoFault::Html { title, sign_in } => {
            let title = title.as_deref().map(|title| format!(" (“{title}”)")).unwrap_or_default();
            let way = redirected(hops);
            if *sign_in || hops.last().is_some_and(|hop| hops.len() > 1 && looks_like_sign_in(&hop.url)) {
                let sentence = format!("A sign-in page{title} comes instead of a photo{way}");
                broken("Sign-in page", sentence, NO_SIGN_IN)
            } else {
                let sentence = format!("A web page{title} comes instead of a photo{way}");
                broken(
                    "Web page",
                    sentence,
                    "Open the address in a browser, and set the address of the picture itself.",
                )
            }
        }
        PhotoFault::NotAPicture { .. } => {
            verdict(Level::Bad, FaultKind::WrongType, "No picture", what, "Put a JPEG file there.")
        }
        PhotoFault::CutShort => broken("Cut short", what, "Put the photo there again; the copy was not completed."),
        PhotoFault::TooManyPixels { width, height } => {
            let megapixels = (u64::from(*width) * u64::from(*height) + 500_000) / 1_000_000;
            let mend = "Make it smaller: 240 × 240 pixels are plenty for a business card.";
            verdict(Level::Bad, FaultKind::TooLarge, &format!("{megapixels} MP"), what, mend)
        }
        PhotoFault::Unsupported { format } => {
            verdict(Level::Bad, FaultKind::WrongType, format.name(), what, "Save it as JPEG.")
        }
        PhotoFault::Damaged { .. } => broken("Damaged", what, "Save the photo again, and put it there again."),
    }
}

fn of_photo(facts: &Facts, url: &str, exchange: &Exchange) -> Verdict {
    if let Some(weak) = of_file(facts, Some(url)) {
        return weak;
    }
    if let Some(what) = badges::unescaped(url) {
        let sentence = format!("The address holds {what}, which some clients cannot follow");
        return verdict(Level::Weak, FaultKind::Broken, "Space", sentence, "Set the address with it escaped, as %20.");
    }
    let sentence = format!("{}{}", described(facts), redirected(&exchange.hops));
    if exchange.downgraded() {
        let sentence = format!("{sentence}, from https down to http");
        return verdict(Level::Weak, FaultKind::None, "Downgraded", sentence, "Set the last address itself.");
    }
    good(sentence)
}

/// What is weak about the file itself, worst first.
fn of_file(facts: &Facts, url: Option<&str>) -> Option<Verdict> {
    let Facts { format, bytes, orientation, cmyk, .. } = *facts;
    if !matches!(format, Format::Jpeg | Format::Gif) {
        let named = url.and_then(name_of_type).filter(|named| !named.eq_ignore_ascii_case(format.name()));
        let whatever = if named.is_some() { ", whatever its name says" } else { "" };
        let sentence = format!("The photo is a {} file{whatever}; Sametime asks for JPEG or GIF", format.name());
        return Some(verdict(Level::Weak, FaultKind::WrongType, format.name(), sentence, "Save it as JPEG."));
    }
    if bytes >= badges::SIZE_LIMIT {
        let sentence = format!("The photo has {bytes} bytes; business cards take less than 45 KB");
        let mend = "Make it smaller: 10 KB is best, and 240 × 240 pixels are plenty.";
        return Some(verdict(Level::Weak, FaultKind::TooLarge, &size(bytes), sentence, mend));
    }
    if cmyk {
        let sentence = "The photo's colours are meant for printing (CMYK), and clients differ in showing them";
        return Some(verdict(Level::Weak, FaultKind::WrongType, "CMYK", sentence, "Save it with RGB colours."));
    }
    if orientation != 1 {
        let sentence = "The photo lies on its side, and only clients that read its EXIF data turn it upright";
        return Some(verdict(
            Level::Weak,
            FaultKind::None,
            "Rotated",
            sentence,
            "Turn the picture itself and save it.",
        ));
    }
    None
}

/// The file type that an address ends with: `jpg` is `JPEG`.
fn name_of_type(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let (_, extension) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(if extension.eq_ignore_ascii_case("jpg") { "JPEG".to_owned() } else { extension.to_owned() })
}

fn described(facts: &Facts) -> String {
    let Facts { format, width, height, bytes, .. } = facts;
    format!("{}, {width} × {height} pixels, {}", format.name(), size(*bytes))
}

fn redirected(hops: &[Hop]) -> String {
    match hops {
        [] | [_] => String::new(),
        [_, last] => format!(", after a redirect to {}", last.url),
        [.., last] => format!(", after {} redirects to {}", hops.len() - 1, last.url),
    }
}

/// Words that addresses of sign-in pages have in their path.
fn looks_like_sign_in(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    ["login", "logon", "signin", "sign-in", "/sso", "//sso", "saml", "oauth", "/adfs/", "/auth/", "j_security"]
        .iter()
        .any(|word| url.contains(word))
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    // An address or a host at the start stays as it is.
    match letters.next() {
        Some(first) if sentence.split(' ').next().is_some_and(|word| word.chars().all(char::is_alphabetic)) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => sentence.to_owned(),
    }
}

/// A file's size as administrators write it, rounded up, so that 45,001 bytes are not called 45 KB; 1 KB is 1,000
/// bytes here, the smaller reading of the manual's "45K".
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..10_000 => format!("{:.1} KB", (bytes as f64 / 100.0).ceil() / 10.0),
        10_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{:.1} MB", (bytes as f64 / 100_000.0).ceil() / 10.0),
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::{Evidence, FaultKind, Level, Verdict, judge, judge_binary, size};
    use crate::{
        net::http::{Exchange, Hop, HttpError},
        photo::{
            Found,
            tests::{fixture, heavy, rotated},
        },
    };

    fn exchange(way: &[(&str, u16)], body: &[u8]) -> Exchange {
        let next = way.iter().skip(1).map(|(url, _)| Some((*url).to_owned())).chain([None]);
        let hops: Vec<_> = way
            .iter()
            .zip(next)
            .map(|((url, status), location)| Hop { url: (*url).to_owned(), status: *status, location })
            .collect();
        Exchange {
            status: way.last().unwrap().1,
            hops,
            content_type: None,
            cache_control: None,
            last_modified: None,
            body: Arc::from(body),
            elapsed: Duration::from_millis(12),
        }
    }

    fn judged(url: &str, exchange: &Result<Exchange, HttpError>, lower_case_works: Option<bool>) -> Verdict {
        let found = exchange.as_ref().ok().map(|exchange| Found::read(Arc::clone(&exchange.body), 32));
        judge(&Evidence {
            url,
            mail: Some("Jane@example.com"),
            exchange: exchange.as_ref(),
            found: found.as_ref().map(Result::as_ref),
            lower_case_works,
        })
    }

    const JANE: &str = "http://photos.example.com/jane@example.com.jpg";

    #[test]
    fn a_photo_is_set_or_says_what_is_weak() {
        let cases = [
            (fixture("portrait.jpg"), Level::Good, FaultKind::None, "Set", "JPEG, 48 × 48 pixels, 765 bytes"),
            (fixture("portrait.gif"), Level::Good, FaultKind::None, "Set", "GIF, 48 × 48 pixels, 454 bytes"),
            (
                fixture("portrait.png"),
                Level::Weak,
                FaultKind::WrongType,
                "PNG",
                "The photo is a PNG file, whatever its name says; Sametime asks for JPEG or GIF",
            ),
            (
                heavy(60_001),
                Level::Weak,
                FaultKind::TooLarge,
                "61 KB",
                "The photo has 60001 bytes; business cards take less than 45 KB",
            ),
            (heavy(44_999), Level::Good, FaultKind::None, "Set", "JPEG, 48 × 48 pixels, 45 KB"),
            (
                fixture("cmyk.jpg"),
                Level::Weak,
                FaultKind::WrongType,
                "CMYK",
                "The photo's colours are meant for printing (CMYK), and clients differ in showing them",
            ),
            (
                rotated(6),
                Level::Weak,
                FaultKind::None,
                "Rotated",
                "The photo lies on its side, and only clients that read its EXIF data turn it upright",
            ),
        ];
        for (bytes, level, kind, word, sentence) in cases {
            assert_judged(&bytes, (level, kind, word, sentence));
        }
        let in_directory = judge_binary(Found::read(fixture("portrait.png"), 32).as_ref());
        assert_eq!(in_directory.sentence, "The photo is a PNG file; Sametime asks for JPEG or GIF");
    }

    #[test]
    fn what_is_no_photo_is_not_shown() {
        let cases = [
            (fixture("bomb.png"), FaultKind::TooLarge, "3600 MP", "It has too many pixels: 60000 × 60000"),
            (fixture("portrait.jpg")[..700].to_vec(), FaultKind::Broken, "Cut short", "The file is cut short"),
            (b"%PDF-1.7".to_vec(), FaultKind::WrongType, "No picture", "It is no picture but a PDF document"),
            (b"II\x2a\0\x08\0\0\0".to_vec(), FaultKind::WrongType, "TIFF", "TIFF pictures are not shown here"),
            (vec![], FaultKind::Broken, "Empty", "The file is empty"),
            (
                b"<html><title>Example portal</title>".to_vec(),
                FaultKind::Broken,
                "Web page",
                "A web page (“Example portal”) comes instead of a photo",
            ),
            (
                b"<html><input type=password>".to_vec(),
                FaultKind::Broken,
                "Sign-in page",
                "A sign-in page comes instead of a photo",
            ),
        ];
        for (bytes, kind, word, sentence) in cases {
            assert_judged(&bytes, (Level::Bad, kind, word, sentence));
        }
    }

    fn assert_judged(bytes: &[u8], expected: (Level, FaultKind, &str, &str)) {
        let verdict = judged(JANE, &Ok(exchange(&[(JANE, 200)], bytes)), None);
        let said = (verdict.level, verdict.kind, verdict.word.as_str(), verdict.sentence.as_str());
        assert_eq!(said, expected);
        assert_eq!(verdict.mend.is_none(), verdict.level == Level::Good, "{} says what to do", verdict.word);
    }

    #[test]
    fn a_status_says_what_it_means_for_the_photo() {
        let capitals = "http://photos.example.com/Jane@Example.com.jpg";
        let other = "http://photos.example.com/jane%40example.org.jpg";
        let cases = [
            (JANE, 404, None, FaultKind::Broken, "404", "The web server has no such file: it answers 404"),
            (
                capitals,
                404,
                Some(true),
                FaultKind::WrongCase,
                "Capitals",
                "The address has capitals, the file has none: the web server answers 404",
            ),
            (capitals, 404, Some(false), FaultKind::Broken, "404", "The web server has no such file: it answers 404"),
            (
                other,
                410,
                None,
                FaultKind::Broken,
                "410",
                "The web server has no such file: it answers 410; it is named after jane@example.org, and the mail \
                 address is jane@example.com",
            ),
            (JANE, 401, None, FaultKind::Broken, "401", "The web server asks for a password: it answers 401"),
            (
                JANE,
                403,
                None,
                FaultKind::Broken,
                "403",
                "The web server refuses to hand the photo to this computer: it answers 403",
            ),
            (JANE, 503, None, FaultKind::Broken, "503", "The web server failed: it answers 503"),
            (JANE, 304, None, FaultKind::Broken, "304", "The web server answers 304 and no photo"),
            (JANE, 429, None, FaultKind::Unchecked, "429", "The web server asks for patience: it answers 429"),
        ];
        for (url, status, lower_case_works, kind, word, sentence) in cases {
            let verdict = judged(url, &Ok(exchange(&[(url, status)], b"<html>Sorry")), lower_case_works);
            assert_eq!((verdict.kind, verdict.word.as_str(), verdict.sentence.as_str()), (kind, word, sentence));
            assert!(verdict.mend.is_some(), "{word} says what to do");
        }
    }

    #[test]
    fn the_way_is_told() {
        let login = "https://sso.example.com/login?to=photos";
        let photo = fixture("portrait.jpg");
        let cases = [
            (
                vec![(JANE, 302), ("http://photos.example.com/j.jpg", 200)],
                photo.as_slice(),
                "Set",
                "JPEG, 48 × 48 pixels, 765 bytes, after a redirect to http://photos.example.com/j.jpg",
            ),
            (
                vec![("https://photos.example.com/jane.jpg", 302), ("http://photos.example.com/j.jpg", 200)],
                &photo,
                "Downgraded",
                "JPEG, 48 × 48 pixels, 765 bytes, after a redirect to http://photos.example.com/j.jpg, from https down to \
                 http",
            ),
            (
                vec![(JANE, 302), (login, 200)],
                b"<html><title>Welcome</title>",
                "Sign-in page",
                "A sign-in page (“Welcome”) comes instead of a photo, after a redirect to \
                 https://sso.example.com/login?to=photos",
            ),
        ];
        for (way, body, word, sentence) in cases {
            let verdict = judged(way[0].0, &Ok(exchange(&way, body)), None);
            assert_eq!((verdict.word.as_str(), verdict.sentence.as_str()), (word, sentence));
        }
    }

    #[test]
    fn an_error_says_what_to_do() {
        let hops = |pairs: &[(&str, &str)]| {
            let hop = |(url, to): &(&str, &str)| Hop {
                url: (*url).to_owned(),
                status: 302,
                location: Some((*to).to_owned()),
            };
            pairs.iter().map(hop).collect::<Vec<_>>()
        };
        let host = || "photos.example.com".to_owned();
        let not_allowed = |because: Option<&str>, hops| HttpError::NotAllowed {
            host: "sso.example.com".to_owned(),
            because: because.map(str::to_owned),
            hops,
        };
        let (a, b) = ("http://photos.example.com/a", "http://photos.example.com/b");
        let cases = [
            (HttpError::Relative { url: "a.jpg".to_owned() }, Level::Bad, "Relative"),
            (HttpError::Scheme { scheme: "file".to_owned() }, Level::Bad, "file:"),
            (not_allowed(None, vec![]), Level::Unknown, "Asks first"),
            (not_allowed(None, hops(&[(a, "https://sso.example.com/x")])), Level::Bad, "Sign-in page"),
            (not_allowed(None, hops(&[(a, "https://www.example.com/")])), Level::Unknown, "Asks first"),
            (HttpError::Forbidden { host: host(), address: [169, 254, 169, 254].into() }, Level::Bad, "Never fetched"),
            (HttpError::UnknownHost { host: host() }, Level::Bad, "No such host"),
            (HttpError::ConnectionRefused { host: host() }, Level::Bad, "Refused"),
            (HttpError::Unreachable { host: host() }, Level::Bad, "No route"),
            (HttpError::Timeout { host: host(), seconds: 10 }, Level::Bad, "No answer"),
            (HttpError::TooManyRedirects { hops: hops(&[(a, b), (b, a)]) }, Level::Bad, "Loop"),
            (HttpError::TooManyRedirects { hops: hops(&[(a, "/1"), (b, "/2")]) }, Level::Bad, "Redirects"),
            (HttpError::TooLong { limit: 10 << 20, hops: vec![] }, Level::Bad, "Over 10.5 MB"),
            (HttpError::CutOff { host: host(), received: 7 }, Level::Bad, "Cut off"),
            (HttpError::Protocol { host: host(), text: "x".to_owned() }, Level::Bad, "No HTTP"),
        ];
        for (error, level, word) in cases {
            let verdict = judged(JANE, &Err(error.clone()), None);
            assert_eq!((verdict.level, verdict.word.as_str()), (level, word), "{error}");
            assert!(verdict.mend.is_some(), "{error}");
            assert_eq!(verdict.kind == FaultKind::Unchecked, level == Level::Unknown, "{error}");
        }
        let verdict = judged(JANE, &Err(not_allowed(Some("it is this computer"), vec![])), None);
        let expected = "Photos from sso.example.com are fetched only once you allow it: it is this computer";
        assert_eq!(verdict.sentence, expected);
    }

    #[test]
    fn sizes_are_rounded_up() {
        for (bytes, expected) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 KB"),
            (8_301, "8.4 KB"),
            (45_000, "45 KB"),
            (45_001, "46 KB"),
            (1_000_000, "1.0 MB"),
            (1_000_001, "1.1 MB"),
        ] {
            assert_eq!(size(bytes), expected, "{bytes}");
        }
    }
}
