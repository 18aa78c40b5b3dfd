//! Every place that a photo of one person can come from: what is there, how it is judged, and whether it is the same
//! picture as elsewhere.
//!
//! Pure: which places there are follows from the entry and the site; what was seen there is put in by `person.rs`.
//! Not here: fetching and judging one address (`photo/look.rs`).

use std::sync::Arc;

use super::template::Template;
use crate::{
    model::{AttributeNames, Entry, Site, Value},
    net::{http::HttpError, ldap::Readability},
    photo::{Badge, Found, Level, Look, PhotoFault, Picture, Sameness, Verdict},
};

/// The kinds of places, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlaceKind {
    /// What the Sametime Proxy reads, for web and mobile clients.
    PhotoUrl,
    /// What Notes and the Sametime client read.
    ImagePath,
    /// Where meeting clients look.
    MeetingsUrl,
    /// `thumbnailPhoto`, where Active Directory keeps a photo.
    ThumbnailPhoto,
    /// `jpegPhoto` (RFC 2798, 2.6).
    JpegPhoto,
    /// `Photo`, as Domino serves the attachment `ContactPhoto.jpg`.
    Photo,
}

/// One place of one person: of several values, each is a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaceId {
    /// The kind.
    pub kind: PlaceKind,
    /// Which value, from 0.
    pub value: usize,
}

/// What a place leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An address to fetch.
    Url(String),
    /// Bytes that the directory holds.
    Bytes {
        /// The attribute as the server spells it, options included.
        attribute: String,
        /// The file.
        bytes: Arc<[u8]>,
    },
    /// The same value as another place: nothing more to fetch.
    SameAs(PlaceId),
    /// Nothing, and why.
    Nothing(Nothing),
}

/// Why a place leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// The attribute has no value; `readable` says whether one would be seen, once that is known.
    NotSet {
        /// The attribute.
        attribute: String,
        /// Whether the account would see a value.
        readable: Option<Readability>,
    },
    /// The value is no text.
    NotText {
        /// The attribute.
        attribute: String,
    },
    /// The site names no template for this place.
    NoTemplate,
    /// The site's template is wrong.
    BadTemplate {
        /// The mistake.
        why: String,
    },
    /// The person lacks what the template needs.
    MissingField {
        /// The attribute.
        attribute: String,
    },
}

/// What was seen at a place.
#[derive(Clone)]
pub enum Seen {
    /// Nothing yet.
    Waiting,
    /// There is nothing to look at.
    Nothing,
    /// What a web server answered.
    Web(Box<Look>),
    /// What the directory holds.
    File(Box<InDirectory>),
}

/// A photo that the directory itself holds.
#[derive(Clone)]
pub struct InDirectory {
    /// The picture, or why it is none.
    pub found: Result<Found, PhotoFault>,
    /// What is said of it.
    pub verdict: Verdict,
    /// The clients' rules.
    pub badges: Vec<Badge>,
}

/// One row of the table of places.
#[derive(Clone)]
pub struct Place {
    /// Which.
    pub id: PlaceId,
    /// Where it leads.
    pub source: Source,
    /// What was seen there.
    pub seen: Seen,
    /// The picture, small enough for a row.
    pub thumbnail: Option<Picture>,
    /// How it compares with the reference: the first place in order that has a picture.
    pub comparison: Option<Comparison>,
    /// Another number each time it was looked at: what a texture is kept by.
    pub version: u64,
}

/// How a place's picture compares with the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is the reference.
    Reference,
    /// The same file.
    SameBytes,
    /// The same picture with as many pixels.
    Same,
    /// The same picture with fewer pixels.
    SameSmaller,
    /// The same picture with more pixels.
    SameLarger,
    /// Another picture.
    Other,
}

/// The most values of one attribute that become places.
const MAX_VALUES: usize = 8;

impl PlaceKind {
    /// As shown. Attributes that hold a photo are called what the directory calls them.
    pub fn label(self) -> &'static str {
        match self {
            Self::PhotoUrl => "Photo URL",
            Self::ImagePath => "Image path",
            Self::MeetingsUrl => "Meetings URL",
            Self::ThumbnailPhoto => "thumbnailPhoto",
            Self::JpegPhoto => "jpegPhoto",
            Self::Photo => "Photo",
        }
    }

    /// Who uses it, for the place's detail (HCL Sametime, "Setting up business cards" and "Enabling business cards for
    /// meetings").
    pub fn used_by(self) -> &'static str {
        match self {
            Self::PhotoUrl => "Web and mobile clients, through the Sametime Proxy",
            Self::ImagePath => "Notes and the Sametime client",
            Self::MeetingsUrl => "Meeting clients, guests too",
            Self::ThumbnailPhoto | Self::JpegPhoto | Self::Photo => {
                "Notes and the Sametime client, where the business card maps it"
            }
        }
    }
}

impl PlaceId {
    /// The first value of a kind.
    pub fn of(kind: PlaceKind) -> Self {
        Self { kind, value: 0 }
    }

    /// As shown; a second value says so.
    pub fn label(self) -> String {
        match self.value {
            0 => self.kind.label().to_owned(),
            later => format!("{}, value {}", self.kind.label(), later + 1),
        }
    }
}

/// The places of the person that `entry` describes, in order, none of them looked at yet. `readable` says whether
/// absent values would be seen, once that is known.
pub fn places(entry: &Entry, site: &Site, readable: Option<&Readability>) -> Vec<Place> {
    let names = site.directory.attribute_names();
    let mut found = Vec::new();
    url_places(&mut found, entry, &names, readable);
    found.push((PlaceId::of(PlaceKind::MeetingsUrl), meetings_source(entry, site)));
    for (kind, attribute, always) in [
        (PlaceKind::ThumbnailPhoto, "thumbnailPhoto", true),
        (PlaceKind::JpegPhoto, "jpegPhoto", true),
        (PlaceKind::Photo, "photo", false),
    ] {
        binary_places(&mut found, entry, kind, attribute, always);
    }
    found.into_iter().map(|(id, source)| Place::new(id, source)).collect()
}

/// Photo URL and image path, each value a place; an address seen before refers to the place that has it.
fn url_places(
    found: &mut Vec<(PlaceId, Source)>,
    entry: &Entry,
    names: &AttributeNames,
    readable: Option<&Readability>,
) {
    for (kind, name) in [(PlaceKind::PhotoUrl, &names.photo_url), (PlaceKind::ImagePath, &names.image_path)] {
        let Some(attribute) = name.as_deref() else { continue };
        let values = entry.values(attribute);
        if values.is_empty() {
            let readable =
                (kind == PlaceKind::PhotoUrl || *name == names.photo_url).then(|| readable.cloned()).flatten();
            let nothing = Nothing::NotSet { attribute: attribute.to_owned(), readable };
            found.push((PlaceId::of(kind), Source::Nothing(nothing)));
        }
        for (value, bytes) in values.iter().take(MAX_VALUES).enumerate() {
            let source = match bytes.as_str() {
                Some(url) => match place_of(found, url) {
                    Some(id) => Source::SameAs(id),
                    None => Source::Url(url.to_owned()),
                },
                None => Source::Nothing(Nothing::NotText { attribute: attribute.to_owned() }),
            };
            found.push((PlaceId { kind, value }, source));
        }
    }
}

fn place_of(found: &[(PlaceId, Source)], url: &str) -> Option<PlaceId> {
    found.iter().find(|(_, source)| matches!(source, Source::Url(known) if known == url)).map(|(id, _)| *id)
}

fn meetings_source(entry: &Entry, site: &Site) -> Source {
    let Some(template) = &site.photos.meetings_template else { return Source::Nothing(Nothing::NoTemplate) };
    match Template::parse(template).map(|template| template.fill(entry)) {
        Ok(Ok(url)) => Source::Url(url),
        Ok(Err(super::template::FillError::MissingField { name })) => {
            Source::Nothing(Nothing::MissingField { attribute: name })
        }
        Err(mistake) => Source::Nothing(Nothing::BadTemplate { why: mistake.why }),
    }
}

fn binary_places(found: &mut Vec<(PlaceId, Source)>, entry: &Entry, kind: PlaceKind, attribute: &str, always: bool) {
    let holders = entry.attributes.iter().filter(|held| {
        held.name.split(';').next().is_some_and(|base| base.eq_ignore_ascii_case(attribute)) && !held.values.is_empty()
    });
    let values = holders.flat_map(|held| held.values.iter().map(move |Value(bytes)| (held.name.as_str(), bytes)));
    let before = found.len();
    for (value, (name, bytes)) in values.take(MAX_VALUES).enumerate() {
        let source = Source::Bytes { attribute: name.to_owned(), bytes: bytes.as_slice().into() };
        found.push((PlaceId { kind, value }, source));
    }
    if always && found.len() == before {
        let nothing = Nothing::NotSet { attribute: attribute.to_owned(), readable: None };
        found.push((PlaceId::of(kind), Source::Nothing(nothing)));
    }
}

/// Compares every picture with the first one in order, and counts the different ones. A place that refers to another
/// takes over its comparison.
pub fn compare(places: &mut [Place]) -> usize {
    let mut different: Vec<Found> = Vec::new();
    let comparisons: Vec<Option<Comparison>> = places
        .iter()
        .map(|place| {
            let found = place.found()?;
            let Some(reference) = different.first() else {
                different.push(found.clone());
                return Some(Comparison::Reference);
            };
            let comparison = comparison(found, reference);
            if comparison == Comparison::Other && different.iter().all(|known| found.compare(known) == Sameness::Other)
            {
                different.push(found.clone());
            }
            Some(comparison)
        })
        .collect();
    for (place, comparison) in places.iter_mut().zip(comparisons) {
        place.comparison = comparison;
    }
    different.len()
}

fn comparison(found: &Found, reference: &Found) -> Comparison {
    let pixels = |found: &Found| u64::from(found.facts.width) * u64::from(found.facts.height);
    match found.compare(reference) {
        Sameness::SameBytes => Comparison::SameBytes,
        Sameness::Other => Comparison::Other,
        Sameness::SamePicture => match pixels(found).cmp(&pixels(reference)) {
            std::cmp::Ordering::Less => Comparison::SameSmaller,
            std::cmp::Ordering::Equal => Comparison::Same,
            std::cmp::Ordering::Greater => Comparison::SameLarger,
        },
    }
}

impl Place {
    /// A place that was not looked at yet.
    pub fn new(id: PlaceId, source: Source) -> Self {
        let seen = if matches!(source, Source::Nothing(_) | Source::SameAs(_)) { Seen::Nothing } else { Seen::Waiting };
        Self { id, source, seen, thumbnail: None, comparison: None, version: 0 }
    }

    /// The picture, when there is one.
    pub fn found(&self) -> Option<&Found> {
        match &self.seen {
            Seen::Web(look) => look.found.as_ref()?.as_ref().ok(),
            Seen::File(file) => file.found.as_ref().ok(),
            Seen::Waiting | Seen::Nothing => None,
        }
    }

    /// Why the bytes that came are no picture.
    pub fn fault(&self) -> Option<&PhotoFault> {
        match &self.seen {
            Seen::Web(look) => look.found.as_ref()?.as_ref().err(),
            Seen::File(file) => file.found.as_ref().err(),
            Seen::Waiting | Seen::Nothing => None,
        }
    }

    /// What a web server answered.
    pub fn look(&self) -> Option<&Look> {
        if let Seen::Web(look) = &self.seen { Some(look) } else { None }
    }

    /// The rules, as far as they could be tested.
    pub fn badges(&self) -> &[Badge] {
        match &self.seen {
            Seen::Web(look) => &look.badges,
            Seen::File(file) => &file.badges,
            Seen::Waiting | Seen::Nothing => &[],
        }
    }

    /// What is said of what was seen; `None` when nothing was looked at.
    pub fn verdict(&self) -> Option<&Verdict> {
        match &self.seen {
            Seen::Web(look) => Some(&look.verdict),
            Seen::File(file) => Some(&file.verdict),
            Seen::Waiting | Seen::Nothing => None,
        }
    }

    /// The host to allow before this place can be looked at, as `host` or `host:port`, and why it wants asking.
    pub fn host_to_allow(&self) -> Option<(&str, Option<&str>)> {
        match &self.look()?.exchange {
            Err(HttpError::NotAllowed { host, because, .. }) => Some((host, because.as_deref())),
            _ => None,
        }
    }

    /// The fetch as a line for a shell: the head of each answer, and no body.
    pub fn curl(&self) -> Option<String> {
        let url = self.url()?.replace('\'', r"'\''");
        Some(format!("curl --silent --show-error --location --max-redirs 5 --dump-header - --output /dev/null '{url}'"))
    }

    /// The address that was or will be fetched.
    pub fn url(&self) -> Option<&str> {
        if let Source::Url(url) = &self.source { Some(url) } else { None }
    }
}

impl Nothing {
    /// One or two words for the table.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotSet { readable: Some(Readability::NotAllowed), .. } => "Not readable",
            Self::NotSet { .. } => "None",
            Self::NotText { .. } => "No text",
            Self::NoTemplate => "No template",
            Self::BadTemplate { .. } => "Wrong template",
            Self::MissingField { .. } => "No address",
        }
    }

    /// Why, in whole sentences.
    pub fn reason(&self) -> String {
        match self {
            Self::NotSet { attribute, readable } => match readable {
                Some(Readability::NotAllowed) => format!(
                    "Your account may not read {attribute}. Whether it has a value cannot be told; sign in with an \
                     account that may read it."
                ),
                Some(Readability::Unknown { why }) => format!(
                    "The directory shows no value of {attribute}. Whether there is one that your account may not read \
                     is not known, because {why}."
                ),
                Some(Readability::NotSet) => {
                    format!("The attribute {attribute} has no value. Your account would see one.")
                }
                Some(Readability::Readable) | None => format!("The attribute {attribute} has no value."),
            },
            Self::NotText { attribute } => {
                format!("The value of {attribute} is not text in UTF-8, so that it is no address.")
            }
            Self::NoTemplate => {
                "The site's settings have no template for meetings (userInfoUrlTemplate of the Meetings server), so \
                 that Photodesk cannot tell where meeting clients look."
                    .to_owned()
            }
            Self::BadTemplate { why } => format!("The site's template for meetings is wrong. {why}."),
            Self::MissingField { attribute } => {
                format!("The template for meetings needs {attribute}, which this person lacks.")
            }
        }
    }

    /// How bad it is. What is merely not set is no fault of the place.
    pub fn level(&self) -> Level {
        match self {
            Self::NotText { .. } | Self::BadTemplate { .. } => Level::Bad,
            Self::MissingField { .. } => Level::Weak,
            Self::NotSet { .. } | Self::NoTemplate => Level::Unknown,
        }
    }
}

impl Comparison {
    /// For the table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reference => "Reference",
            Self::SameBytes => "Same bytes",
            Self::Same => "Same",
            Self::SameSmaller => "Same, smaller",
            Self::SameLarger => "Same, larger",
            Self::Other => "Other picture",
        }
    }

    /// One sentence.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Reference => "The other places are compared with this picture",
            Self::SameBytes => "The same file as the reference, byte for byte",
            Self::Same => "The same picture as the reference, stored again",
            Self::SameSmaller => "The same picture as the reference, with fewer pixels",
            Self::SameLarger => "The same picture as the reference, with more pixels",
            Self::Other => "It shows something else than the reference",
        }
    }
}
