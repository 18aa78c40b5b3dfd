//! The clients' rules for a photo, each with its source in HCL's documentation; and how long old photos stay.

use url::Url;

use super::{
    Format, Found, Level, PhotoFault,
    judge::{Evidence, size},
};

/// Business cards take less, in bytes. Source: HCL Sametime, "Setting up business cards" ("less than 45K"). Whether K is
/// 1,000 or 1,024 is not documented, so this is the smaller.
pub const SIZE_LIMIT: usize = 45_000;

/// What is best, in bytes: "10K or less", by the same page; here the larger reading, as going above costs nothing.
pub const BEST_SIZE: usize = 10_240;

const CARDS: &str = "HCL Sametime, “Setting up business cards”";
const NAMES: &str = "HCL Sametime, “Configuring business cards using an LDAP directory”";
const CONNECTIONS: &str = "HCL Sametime, “Using HCL Connections Photos for the Sametime Business Card”";
const PREFERENCES: &str = "HCL Sametime, “People preferences”";
const PHOTO_CACHE: &str = "HCL Sametime, “Enabling support for photos in the Proxy Server and Meeting Server”";

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// The bytes are an image.
    Image,
    /// JPEG or GIF.
    Type,
    /// Under 45 KB.
    Size,
    /// 10 KB or less is best; left out while [`Rule::Size`] is broken.
    BestSize,
    /// No sign-in.
    SignIn,
    /// http, for all client types with one URL.
    Http,
    /// Lower case, as meeting clients ask.
    LowerCase,
    /// No spaces in the address.
    Spaces,
}

/// One rule and how a photo stands by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Which.
    pub rule: Rule,
    /// How the photo stands.
    pub level: Level,
    /// On the badge: `61 KB`, `PNG`, `https`.
    pub word: String,
    /// One sentence.
    pub reason: String,
    /// Where the rule comes from.
    pub source: &'static str,
}

fn badge(rule: Rule, level: Level, word: impl Into<String>, reason: &str) -> Badge {
    let source = match rule {
        Rule::Image | Rule::Type | Rule::Size | Rule::BestSize | Rule::Http => CARDS,
        Rule::SignIn => CONNECTIONS,
        Rule::LowerCase => NAMES,
        Rule::Spaces => "RFC 3986, section 2",
    };
    Badge { rule, level, word: word.into(), reason: reason.to_owned(), source }
}

/// How every rule stands; rules that cannot be told from the evidence are left out.
pub fn badges(evidence: &Evidence<'_>) -> Vec<Badge> {
    let mut badges = match (evidence.exchange, evidence.found) {
        (Ok(exchange), Some(found)) if exchange.status == 200 => badges_of_file(found),
        _ => Vec::new(),
    };
    badges.extend(sign_in(evidence));
    badges.extend(badges_of_url(evidence.url));
    badges
}

/// Badges of a photo that the directory itself holds: what the file says alone.
pub fn badges_of_file(found: Result<&Found, &PhotoFault>) -> Vec<Badge> {
    match found {
        Ok(found) => {
            let bytes = found.facts.bytes;
            let mut badges = vec![badge(Rule::Image, Level::Good, "Image", "The bytes are an image")];
            badges.push(type_of(found.facts.format));
            if bytes >= SIZE_LIMIT {
                badges.push(badge(Rule::Size, Level::Weak, size(bytes), "Business cards take photos under 45 KB"));
            } else {
                badges.push(badge(Rule::Size, Level::Good, size(bytes), "The photo is under 45 KB"));
                badges.push(if bytes > BEST_SIZE {
                    badge(
                        Rule::BestSize,
                        Level::Weak,
                        "Over 10 KB",
                        "10 KB or less is best: each client loads each photo",
                    )
                } else {
                    badge(Rule::BestSize, Level::Good, "Best size", "The photo has 10 KB or less, which is best")
                });
            }
            badges
        }
        Err(PhotoFault::Unsupported { format }) => vec![type_of(*format)],
        // What the rule on signing in says of, and how large a picture is, is said there.
        Err(PhotoFault::Html { sign_in: true, .. } | PhotoFault::TooManyPixels { .. }) => Vec::new(),
        Err(fault) => {
            vec![badge(Rule::Image, Level::Bad, "No image", &format!("Clients need an image, and {fault}"))]
        }
    }
}

fn type_of(format: Format) -> Badge {
    match format {
        Format::Jpeg | Format::Gif => badge(Rule::Type, Level::Good, format.name(), "The photo is JPEG or GIF"),
        _ => badge(Rule::Type, Level::Weak, format.name(), "Sametime asks for JPEG or GIF"),
    }
}

fn sign_in(evidence: &Evidence<'_>) -> Option<Badge> {
    let exchange = evidence.exchange.ok()?;
    let asked = matches!(exchange.status, 401 | 407)
        || matches!(evidence.found, Some(Err(PhotoFault::Html { sign_in: true, .. })));
    if asked {
        return Some(badge(Rule::SignIn, Level::Bad, "Sign-in", "Clients fetch photos without signing in"));
    }
    let photo = matches!(evidence.found, Some(Ok(_)));
    photo.then(|| badge(Rule::SignIn, Level::Good, "No sign-in", "The photo comes without a sign-in"))
}

/// What an address says by itself, as for a template that is being typed.
pub fn badges_of_url(text: &str) -> Vec<Badge> {
    let Ok(url) = Url::parse(text) else { return Vec::new() };
    let mut badges = Vec::new();
    match url.scheme() {
        "http" => badges.push(badge(Rule::Http, Level::Good, "http", "All client types can use an http address")),
        "https" => badges.push(badge(
            Rule::Http,
            Level::Weak,
            "https",
            "For all client types with one URL it has to be http; the Sametime Proxy takes https once it trusts the \
             certificate's issuer",
        )),
        _ => return badges,
    }
    badges.push(if has_capitals(&url) {
        badge(
            Rule::LowerCase,
            Level::Weak,
            "Capitals",
            "Meeting clients ask for the address in lower case, and most web servers tell capitals apart",
        )
    } else {
        badge(Rule::LowerCase, Level::Good, "Lower case", "The address is in lower case, as meeting clients ask for it")
    });
    badges.push(match unescaped(text) {
        Some(what) => badge(Rule::Spaces, Level::Weak, "Space", &format!("The address holds {what}: write it as %20")),
        None => badge(Rule::Spaces, Level::Good, "No spaces", "Nothing in the address needs escaping"),
    });
    badges
}

/// Whether the path of `url` has capitals besides those of escapes such as `%2F`.
pub(super) fn has_capitals(url: &Url) -> bool {
    let mut path = url.path();
    while let Some(at) = path.find(|letter: char| letter == '%' || letter.is_ascii_uppercase()) {
        if !path[at..].starts_with('%') {
            return true;
        }
        path = path.get(at + 3..).unwrap_or_default();
    }
    false
}

/// Names what stands in the address that must be escaped there.
pub(super) fn unescaped(text: &str) -> Option<&'static str> {
    if text.trim() != text {
        Some("a space at its start or end")
    } else if text.contains(char::is_whitespace) {
        Some("a space")
    } else {
        None
    }
}

/// Who may see the old photo after a change, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staleness {
    /// Who: `Notes and the Sametime client`.
    pub who: &'static str,
    /// For how long, in words: `up to 7 days`.
    pub how_long: String,
    /// One or two sentences: why, and what shortens it.
    pub why: String,
    /// Where that comes from.
    pub source: &'static str,
}

/// How long the old photo may still be seen after the address or the photo changed. `cache_control` is the photo web
/// server's header.
pub fn staleness(cache_control: Option<&str>) -> Vec<Staleness> {
    let (how_long, why) = in_browsers(cache_control);
    vec![
        Staleness {
            who: "Notes and the Sametime client",
            how_long: "up to 7 days".to_owned(),
            why: "They look a person up again after lookupExpirationDays, which is 7 unless the preference says \
                  otherwise. 0 looks everybody up in each session."
                .to_owned(),
            source: PREFERENCES,
        },
        Staleness {
            who: "Web and mobile clients",
            how_long: "until the Sametime Proxy's copy expires".to_owned(),
            why: "The Sametime Proxy keeps its copy as long as photoCache/cacheExpiry in stproxyconfig.xml says. \
                  The documented example is 10; its unit is not documented."
                .to_owned(),
            source: PHOTO_CACHE,
        },
        Staleness { who: "Browsers, meetings among them", how_long, why, source: "RFC 9111, section 4.2" },
    ]
}

fn in_browsers(cache_control: Option<&str>) -> (String, String) {
    let directives = cache_control.unwrap_or_default().to_ascii_lowercase();
    let directive = |name: &str| directives.split(',').map(str::trim).find_map(|one| one.strip_prefix(name));
    if directive("no-store").is_some() || directive("no-cache").is_some() {
        return ("not at all".to_owned(), "The web server tells browsers to ask each time.".to_owned());
    }
    let age = directive("max-age=").and_then(|seconds| seconds.trim_matches('"').parse::<u64>().ok());
    match age {
        Some(0) => ("not at all".to_owned(), "The web server tells browsers to ask each time.".to_owned()),
        Some(seconds) => (
            format!("up to {}", span(seconds)),
            format!(
                "The web server lets browsers keep a photo for {seconds} seconds (Cache-Control: max-age). A new \
                 address is fetched at once."
            ),
        ),
        None => (
            "as long as each browser likes".to_owned(),
            "The web server does not say how long a photo may be kept; a tenth of the file's age is usual. A new \
             address is fetched at once."
                .to_owned(),
        ),
    }
}

fn span(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds.div_ceil(60), "minute"),
        7_200..172_800 => (seconds.div_ceil(3_600), "hour"),
        _ => (seconds.div_ceil(86_400), "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::{Rule, badges, badges_of_file, badges_of_url, staleness};
    use crate::{
        net::http::{Exchange, Hop},
        photo::{
            Found, Level,
            judge::Evidence,
            tests::{fixture, heavy},
        },
    };

    const GOOD: &str = "http://photos.example.com/jane@example.com.jpg";

    /// An address, a status, a body, and the badge that they raise.
    type Case<'a> = (&'a str, u16, &'a [u8], Option<(Rule, &'a str)>);

    /// The rules that are not kept.
    fn raised(url: &str, status: u16, body: &[u8]) -> Vec<(Rule, String)> {
        let exchange = Exchange {
            hops: vec![Hop { url: url.to_owned(), status, location: None }],
            status,
            content_type: None,
            cache_control: None,
            last_modified: None,
            body: Arc::from(body),
            elapsed: Duration::ZERO,
        };
        let found = (status == 200).then(|| Found::read(body, 32));
        let evidence = Evidence {
            url,
            mail: None,
            exchange: Ok(&exchange),
            found: found.as_ref().map(Result::as_ref),
            lower_case_works: None,
        };
        let badges = badges(&evidence);
        for badge in &badges {
            assert!(!badge.source.is_empty() && !badge.reason.ends_with('.'), "{badge:?}");
        }
        badges.into_iter().filter(|badge| badge.level != Level::Good).map(|badge| (badge.rule, badge.word)).collect()
    }

    #[test]
    fn one_broken_rule_raises_its_own_badge_alone() {
        let portrait = fixture("portrait.jpg");
        let capitals = "http://photos.example.com/Jane@Example.com.jpg";
        let space = "http://photos.example.com/jane smith.jpg";
        let login = b"<html><title>Sign in</title>".as_slice();
        let cases: [Case<'_>; 14] = [
            (GOOD, 200, &portrait, None),
            (GOOD, 200, &fixture("portrait.gif"), None),
            (GOOD, 200, &heavy(10_240), None),
            (GOOD, 200, &heavy(10_241), Some((Rule::BestSize, "Over 10 KB"))),
            (GOOD, 200, &heavy(44_999), Some((Rule::BestSize, "Over 10 KB"))),
            (GOOD, 200, &heavy(45_000), Some((Rule::Size, "45 KB"))),
            (GOOD, 200, &fixture("portrait.png"), Some((Rule::Type, "PNG"))),
            ("https://photos.example.com/jane.jpg", 200, &portrait, Some((Rule::Http, "https"))),
            (GOOD, 200, login, Some((Rule::SignIn, "Sign-in"))),
            (GOOD, 401, b"", Some((Rule::SignIn, "Sign-in"))),
            (capitals, 200, &portrait, Some((Rule::LowerCase, "Capitals"))),
            (GOOD, 200, &portrait[..500], Some((Rule::Image, "No image"))),
            (space, 200, &portrait, Some((Rule::Spaces, "Space"))),
            (GOOD, 404, b"", None),
        ];
        for (url, status, body, expected) in cases {
            let expected: Vec<_> = expected.map(|(rule, word)| (rule, word.to_owned())).into_iter().collect();
            assert_eq!(raised(url, status, body), expected, "{url} answering {status} with {} bytes", body.len());
        }
    }

    #[test]
    fn an_address_alone_raises_what_it_can() {
        let cases: [(&str, &[Rule]); 7] = [
            ("http://Photos.Example.COM/%2Fjane%C3%BC.jpg", &[]),
            ("http://photos.example.com/jane.JPG", &[Rule::LowerCase]),
            ("http://photos.example.com/jane.jpg?Size=1", &[]),
            ("HTTPS://photos.example.com/A b.jpg", &[Rule::Http, Rule::LowerCase, Rule::Spaces]),
            (" http://photos.example.com/jane.jpg", &[Rule::Spaces]),
            ("jane.jpg", &[]),
            ("file:///A B", &[]),
        ];
        for (url, expected) in cases {
            let found: Vec<_> = badges_of_url(url)
                .into_iter()
                .filter(|badge| badge.level != Level::Good)
                .map(|badge| badge.rule)
                .collect();
            assert_eq!(found, expected, "{url}");
        }
    }

    #[test]
    fn a_photo_in_the_directory_has_no_badges_of_an_address() {
        let found = Found::read(fixture("portrait.jpg"), 32);
        let rules: Vec<_> = badges_of_file(found.as_ref()).into_iter().map(|badge| badge.rule).collect();
        assert_eq!(rules, [Rule::Image, Rule::Type, Rule::Size, Rule::BestSize]);
    }

    #[test]
    fn browsers_keep_a_photo_as_long_as_the_server_says() {
        let cases = [
            (None, "as long as each browser likes"),
            (Some("max-age=60"), "up to 60 seconds"),
            (Some("public, MAX-AGE=3600"), "up to 60 minutes"),
            (Some("max-age=86400"), "up to 24 hours"),
            (Some("max-age=604800"), "up to 7 days"),
            (Some("max-age=0"), "not at all"),
            (Some("no-store, max-age=60"), "not at all"),
            (Some("no-cache"), "not at all"),
            (Some("max-age=long"), "as long as each browser likes"),
        ];
        for (header, expected) in cases {
            assert_eq!(staleness(header)[2].how_long, expected, "{header:?}");
        }
        assert_eq!(staleness(None)[0].how_long, "up to 7 days");
    }
}
