//! One person: the whole entry, every place a photo can come from, and what is wrong.
//!
//! What is known stays while the rest comes. The entry is read in one job, each place is looked at in its own, so that
//! a slow server holds up nothing else. Not here: writing (`set_url.rs`), drawing (`panel/person.rs`).

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{
    attributes::{Described, describe},
    places::{self, InDirectory, Nothing, Place, PlaceId, PlaceKind, Seen, Source},
};
use crate::{
    job::{Job, Poll, Reporter, Stop, Waker},
    model::{Dn, Entry, Problem, Site},
    net::ldap::{LdapError, Readability, Session},
    photo::{
        FaultKind, Level, Looking, PhotoFault, Picture, Verdict,
        badges::{Staleness, staleness},
        decode,
        judge::no_url,
        look::{look, look_at_bytes},
    },
};

/// The longer side, in pixels, of pictures kept for looking at them large.
pub const VIEW_EDGE: u32 = 2048;
/// The longer side of the small ones: a portrait of 60 points on a screen of double density.
const THUMBNAIL_EDGE: u32 = 120;
/// Operational attributes by name, for servers that do not know `+` (RFC 3673).
const OPERATIONAL: [&str; 9] = [
    "+",
    "createTimestamp",
    "modifyTimestamp",
    "creatorsName",
    "modifiersName",
    "entryUUID",
    "nsUniqueId",
    "canonicalName",
    "msDS-UserPasswordExpiryTimeComputed",
];

/// What the page of a person works with.
#[derive(Clone)]
pub struct PersonContext {
    /// The directory.
    pub session: Session,
    /// The site.
    pub site: Arc<Site>,
    /// How addresses are looked at; its `edge` and `fresh` are set here.
    pub looking: Looking,
    /// Wakes the window.
    pub waker: Waker,
}

/// Who it is, as the list knows it: what can be shown at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The entry.
    pub dn: Dn,
    /// The name people go by; may be empty.
    pub name: String,
    /// The mail address; may be empty.
    pub mail: String,
}

/// One person. See the module.
pub struct Person {
    context: PersonContext,
    who: Who,
    entry: Option<Entry>,
    attributes: Vec<Described>,
    readable: Option<Readability>,
    places: Vec<Place>,
    pictures: usize,
    headline: Option<Headline>,
    problem: Option<Problem>,
    changed: bool,
    reading: Option<Job<Read>>,
    looking: Vec<(PlaceId, Job<Looked>)>,
    /// How many places were looked at so far: see [`Place::version`].
    looks: u64,
}

/// What reading the entry reports.
enum Read {
    Entry(Box<Entry>, Vec<Described>),
    Readable(Readability),
}

/// What looking at a place reports.
struct Looked {
    seen: Seen,
    thumbnail: Option<Picture>,
}

/// The one worst thing about a person, with the mend that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// How bad: [`Level::Bad`] or [`Level::Weak`]; [`Level::Unknown`] when something must be allowed first.
    pub level: Level,
    /// Upper and lower case are the matter.
    pub about_case: bool,
    /// What, in one sentence without full stop.
    pub sentence: String,
    /// Why or what follows, in whole sentences; may be empty.
    pub reason: String,
    /// What to do about it.
    pub mend: Option<Mend>,
}

/// What can be done about a [`Headline`] at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// Set the photo URL, beginning with this address where a better one is known.
    SetPhotoUrl(Option<String>),
    /// Allow this host, as `host` or `host:port`.
    AllowHost(String),
    /// Look again.
    Refresh,
}

impl Person {
    /// Starts reading the entry; what the list knows is there at once.
    pub fn open(context: PersonContext, who: Who) -> Self {
        let mut person = Self {
            context,
            who,
            entry: None,
            attributes: Vec::new(),
            readable: None,
            places: Vec::new(),
            pictures: 0,
            headline: None,
            problem: None,
            changed: false,
            reading: None,
            looking: Vec::new(),
            looks: 0,
        };
        person.read(false);
        person
    }

    /// Reads the entry again, and asks web servers even where the cache has an answer. What is known stays meanwhile.
    pub fn refresh(&mut self) {
        self.read(true);
    }

    /// The photo or its address was changed from here: reads again, and says what clients may still show.
    pub fn after_change(&mut self) {
        self.changed = true;
        self.read(true);
    }

    /// The administrator allowed hosts: looks at the places that waited for it.
    pub fn allow(&mut self, hosts: impl IntoIterator<Item = String>) {
        self.context.looking.fence.allowed.extend(hosts);
        let waiting: Vec<PlaceId> =
            self.places.iter().filter(|place| place.host_to_allow().is_some()).map(|place| place.id).collect();
        for id in waiting {
            self.look_at(id);
        }
        self.judge();
    }

    /// Takes in what the jobs report; true when something changed.
    pub fn poll(&mut self) -> bool {
        let read = self.poll_reading();
        let looked = self.poll_looking();
        if read || looked {
            self.judge();
        }
        read || looked
    }

    /// Who it is; name and mail are the entry's own once it is read.
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// The whole entry, once it is read.
    pub fn entry(&self) -> Option<&Entry> {
        self.entry.as_ref()
    }

    /// The entry for people to read.
    pub fn attributes(&self) -> &[Described] {
        &self.attributes
    }

    /// The places, in order; empty until the entry is read.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// One place.
    pub fn place(&self, id: PlaceId) -> Option<&Place> {
        self.places.iter().find(|place| place.id == id)
    }

    /// How many different pictures the places show.
    pub fn pictures(&self) -> usize {
        self.pictures
    }

    /// The first place in order that has a picture: the one that stands for the person.
    pub fn portrait(&self) -> Option<&Place> {
        self.places.iter().find(|place| place.found().is_some())
    }

    /// The worst thing about the person; `None` when all is well or nothing is known yet.
    pub fn headline(&self) -> Option<&Headline> {
        self.headline.as_ref()
    }

    /// Why the entry could not be read. What was known before stays.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// The entry is being read.
    pub fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    /// This place is being looked at.
    pub fn is_looking(&self, id: PlaceId) -> bool {
        self.looking.iter().any(|(under_way, _)| *under_way == id)
    }

    /// Something is under way.
    pub fn is_busy(&self) -> bool {
        self.is_reading() || !self.looking.is_empty()
    }

    /// How many places have a picture.
    pub fn places_with_picture(&self) -> usize {
        self.places.iter().filter(|place| place.found().is_some()).count()
    }

    /// Who may see the old photo after a change made here, and for how long; empty without one.
    pub fn staleness(&self) -> Vec<Staleness> {
        if !self.changed {
            return Vec::new();
        }
        let answer = self.places.iter().find_map(|place| place.look()?.exchange.as_ref().ok());
        staleness(answer.and_then(|exchange| exchange.cache_control.as_deref()))
    }

    fn read(&mut self, fresh: bool) {
        self.context.looking.fresh = fresh;
        self.context.looking.edge = VIEW_EDGE;
        let (session, site, dn) = (self.context.session.clone(), Arc::clone(&self.context.site), self.who.dn.clone());
        self.reading =
            Some(Job::spawn("person", self.context.waker.clone(), move |report| read(&session, &site, &dn, report)));
    }

    fn poll_reading(&mut self) -> bool {
        let mut changed = false;
        while let Some(job) = &self.reading {
            match job.poll() {
                Poll::Pending => break,
                Poll::Event(Read::Entry(entry, attributes)) => self.take_entry(*entry, attributes),
                Poll::Event(Read::Readable(readable)) => {
                    self.readable = Some(readable);
                    self.lay_out_places();
                }
                Poll::Ended(end) => {
                    self.reading = None;
                    self.problem = if let Err(Stop::Failed(problem)) = end { Some(problem) } else { None };
                }
            }
            changed = true;
        }
        changed
    }

    fn take_entry(&mut self, entry: Entry, attributes: Vec<Described>) {
        let names = self.context.site.directory.attribute_names();
        let text = |name: &Option<String>| entry.text(name.as_deref()?).map(str::to_owned);
        if let Some(name) = text(&names.name) {
            self.who.name = name;
        }
        self.who.mail = text(&names.mail).unwrap_or_default();
        self.entry = Some(entry);
        self.attributes = attributes;
        self.problem = None;
        self.readable = None;
        self.lay_out_places();
        self.looking.clear();
        let ids: Vec<PlaceId> = self.places.iter().map(|place| place.id).collect();
        for id in ids {
            self.look_at(id);
        }
    }

    /// Lays the places out anew; what was seen at an unchanged one stays until it is looked at again.
    fn lay_out_places(&mut self) {
        let Some(entry) = &self.entry else { return };
        let mut known = std::mem::take(&mut self.places);
        self.places = places::places(entry, &self.context.site, self.readable.as_ref());
        for place in &mut self.places {
            if let Some(at) = known.iter().position(|old| old.id == place.id && old.source == place.source) {
                *place = known.swap_remove(at);
            }
        }
    }

    fn look_at(&mut self, id: PlaceId) {
        let Some(place) = self.place(id) else { return };
        let waker = self.context.waker.clone();
        let job = match place.source.clone() {
            Source::Url(url) => {
                let (looking, mail) = (self.context.looking.clone(), self.who.mail.clone());
                Job::spawn("photo", waker, move |report| look_at_url(&url, &mail, &looking, report))
            }
            Source::Bytes { bytes, .. } => Job::spawn("photo", waker, move |report| look_at_file(&bytes, report)),
            Source::SameAs(_) | Source::Nothing(_) => return,
        };
        self.looking.retain(|(under_way, _)| *under_way != id);
        self.looking.push((id, job));
    }

    fn poll_looking(&mut self) -> bool {
        let mut reported = Vec::new();
        self.looking.retain(|(id, job)| {
            loop {
                match job.poll() {
                    Poll::Pending => return true,
                    Poll::Event(looked) => reported.push((*id, looked)),
                    Poll::Ended(end) => {
                        if let Err(Stop::Failed(problem)) = end {
                            reported.push((*id, Looked::broken(&problem)));
                        }
                        return false;
                    }
                }
            }
        });
        let changed = !reported.is_empty();
        for (id, looked) in reported {
            if let Some(place) = self.places.iter_mut().find(|place| place.id == id) {
                self.looks += 1;
                (place.seen, place.thumbnail, place.version) = (looked.seen, looked.thumbnail, self.looks);
            }
        }
        changed
    }

    fn judge(&mut self) {
        self.pictures = places::compare(&mut self.places);
        self.headline = headline(&self.places);
    }
}

impl Looked {
    /// The job itself broke: shown as a damaged file, with the details.
    fn broken(problem: &Problem) -> Self {
        let fault = PhotoFault::Damaged { text: problem.to_string() };
        let verdict = crate::photo::judge::judge_binary(Err(&fault));
        Self {
            seen: Seen::File(Box::new(InDirectory { found: Err(fault), verdict, badges: Vec::new() })),
            thumbnail: None,
        }
    }
}

/// Reads the entry; then, when it has no photo URL, whether one would be seen.
fn read(session: &Session, site: &Site, dn: &Dn, report: &Reporter<Read>) -> Result<(), Stop> {
    let session = session.for_job(report.cancelled());
    let names = site.directory.attribute_names();
    let stop = |error: LdapError| match error {
        LdapError::Cancelled => Stop::Cancelled,
        error => Stop::Failed(error.problem()),
    };
    let entry = session.with(|connection| connection.read(dn, &OPERATIONAL)).map_err(stop)?;
    let first: Vec<&str> = [&names.photo_url, &names.image_path, &names.mail, &names.name, &names.account]
        .into_iter()
        .filter_map(Option::as_deref)
        .collect();
    let attributes = describe(&entry, &first, &TimeZone::system());
    let photo_url = names.photo_url.filter(|name| !entry.has(name));
    report.send(Read::Entry(Box::new(entry), attributes))?;
    if let Some(attribute) = photo_url {
        let readable = session.with(|connection| {
            let root = connection.root_dse()?;
            connection.readability(&root, dn, &attribute)
        });
        match readable {
            Ok(readable) => report.send(Read::Readable(readable))?,
            Err(LdapError::Cancelled) => return Err(Stop::Cancelled),
            Err(error) => report.send(Read::Readable(Readability::Unknown { why: error.to_string() }))?,
        }
    }
    Ok(())
}

fn look_at_url(url: &str, mail: &str, looking: &Looking, report: &Reporter<Looked>) -> Result<(), Stop> {
    let mail = (!mail.is_empty()).then_some(mail);
    let look = look(url, mail, looking, &report.cancelled()).ok_or(Stop::Cancelled)?;
    let thumbnail = match &look.found {
        Some(Ok(found)) => decode(&found.bytes, THUMBNAIL_EDGE).ok(),
        _ => None,
    };
    report.send(Looked { seen: Seen::Web(Box::new(look)), thumbnail })
}

fn look_at_file(bytes: &Arc<[u8]>, report: &Reporter<Looked>) -> Result<(), Stop> {
    let (found, verdict, badges) = look_at_bytes(Arc::clone(bytes), VIEW_EDGE);
    let thumbnail = found.as_ref().ok().and_then(|found| decode(&found.bytes, THUMBNAIL_EDGE).ok());
    report.send(Looked { seen: Seen::File(Box::new(InDirectory { found, verdict, badges })), thumbnail })
}

/// The worst finding: what leaves the photo URL without a photo, then what makes it doubtful, then other places.
fn headline(places: &[Place]) -> Option<Headline> {
    let photo_urls: Vec<&Place> = places.iter().filter(|place| place.id.kind == PlaceKind::PhotoUrl).collect();
    let first = photo_urls.first()?;
    if let Some(several) = some_values_fail(&photo_urls) {
        return Some(several);
    }
    let of_first = photo_url_headline(first);
    if of_first.as_ref().is_some_and(|headline| headline.level != Level::Weak) {
        return of_first;
    }
    two_values(&photo_urls).or(of_first).or_else(|| image_path(places)).or_else(|| meetings(places, first))
}

fn photo_url_headline(place: &Place) -> Option<Headline> {
    match &place.source {
        Source::Nothing(Nothing::NotSet { attribute, readable }) => {
            return Some(no_value(attribute, readable.as_ref()));
        }
        Source::Nothing(nothing) => {
            return Some(Headline {
                level: Level::Bad,
                about_case: false,
                sentence: "The photo URL is no address".to_owned(),
                reason: nothing.reason(),
                mend: Some(Mend::SetPhotoUrl(None)),
            });
        }
        Source::Url(_) | Source::Bytes { .. } | Source::SameAs(_) => {}
    }
    let verdict = place.verdict().filter(|verdict| verdict.level != Level::Good)?;
    Some(from_verdict(place, verdict))
}

fn no_value(attribute: &str, readable: Option<&Readability>) -> Headline {
    let hidden = readable == Some(&Readability::NotAllowed);
    let (sentence, reason) = match readable {
        Some(Readability::NotAllowed) => (
            "Your account may not read the photo URL".to_owned(),
            format!("Sign in with an account that may read {attribute}."),
        ),
        Some(Readability::Unknown { .. }) => (
            no_url().sentence,
            format!("Web and mobile clients show no photo, unless this account may not see {attribute}."),
        ),
        Some(Readability::NotSet | Readability::Readable) | None => {
            (no_url().sentence, "Web and mobile clients show no photo.".to_owned())
        }
    };
    let mend = (!hidden).then_some(Mend::SetPhotoUrl(None));
    Headline { level: no_url().level, about_case: false, sentence, reason, mend }
}

fn from_verdict(place: &Place, verdict: &Verdict) -> Headline {
    let about_case = verdict.kind == FaultKind::WrongCase;
    let mend = match (place.host_to_allow(), verdict.kind) {
        (Some((host, _)), _) => Some(Mend::AllowHost(host.to_owned())),
        (None, FaultKind::Unchecked) => Some(Mend::Refresh),
        (None, FaultKind::WrongCase) => Some(Mend::SetPhotoUrl(place.url().map(str::to_lowercase))),
        (None, FaultKind::NoUrl | FaultKind::Broken) => Some(Mend::SetPhotoUrl(None)),
        (None, _) => None,
    };
    Headline {
        level: verdict.level,
        about_case,
        sentence: verdict.sentence.clone(),
        reason: verdict.mend.clone().unwrap_or_default(),
        mend,
    }
}

const ONE_OF_THEM: &str = "Clients use the first that the directory gives, and directories promise no order.";

/// Of several values some lead to a photo and some do not: which one clients get is chance.
fn some_values_fail(photo_urls: &[&Place]) -> Option<Headline> {
    let good = photo_urls.iter().find(|place| place.found().is_some())?;
    let failing = |place: &&&Place| place.verdict().is_some_and(|verdict| verdict.level == Level::Bad);
    let failed = photo_urls.iter().find(failing)?.verdict()?;
    Some(Headline {
        level: Level::Bad,
        about_case: false,
        sentence: format!("The photo URL has {} values, and one leads nowhere: {}", photo_urls.len(), failed.word),
        reason: ONE_OF_THEM.to_owned(),
        mend: Some(Mend::SetPhotoUrl(good.url().map(str::to_owned))),
    })
}

/// Several values in a place where clients take one.
fn two_values(photo_urls: &[&Place]) -> Option<Headline> {
    let [first, _, ..] = photo_urls else { return None };
    Some(Headline {
        level: Level::Weak,
        about_case: false,
        sentence: format!("The photo URL has {} values; clients use one", photo_urls.len()),
        reason: ONE_OF_THEM.to_owned(),
        mend: Some(Mend::SetPhotoUrl(first.url().map(str::to_owned))),
    })
}

/// Meeting clients look elsewhere than the photo URL says.
fn meetings(places: &[Place], photo_url: &Place) -> Option<Headline> {
    let place = places.iter().find(|place| place.id.kind == PlaceKind::MeetingsUrl)?;
    let (sentence, reason) = match (&place.source, place.verdict()) {
        (Source::Nothing(nothing @ Nothing::MissingField { attribute }), _) => {
            (format!("Meeting clients find no photo: there is no {attribute}"), nothing.reason())
        }
        (_, Some(verdict)) if verdict.level == Level::Bad && place.host_to_allow().is_none() => {
            ("Meeting clients find no photo".to_owned(), format!("{}.", verdict.sentence))
        }
        _ if photo_url.found().is_some() && place.comparison == Some(places::Comparison::Other) => {
            let reason = "Where meeting clients look there is something else than at the photo URL.";
            ("Meeting clients show another picture".to_owned(), reason.to_owned())
        }
        _ => return None,
    };
    Some(Headline { level: Level::Weak, about_case: false, sentence, reason, mend: None })
}

/// Notes and the Sametime client read an address of their own that leads nowhere.
fn image_path(places: &[Place]) -> Option<Headline> {
    let place = places.iter().find(|place| place.id.kind == PlaceKind::ImagePath)?;
    let verdict = place.verdict().filter(|verdict| verdict.level == Level::Bad)?;
    (place.host_to_allow().is_none()).then(|| Headline {
        level: Level::Weak,
        about_case: false,
        sentence: "Notes and the Sametime client find no photo at the image path".to_owned(),
        reason: format!("{}.", verdict.sentence),
        mend: None,
    })
}
