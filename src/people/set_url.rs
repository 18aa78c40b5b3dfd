//! Setting, replacing or removing one person's photo URL: looked at before it is written, written once, read back.
//!
//! For the window: [`SetUrl::open`] with the person's entry, then each frame [`SetUrl::poll`] (which says when the
//! directory changed) and `panel::set_url::set_url_ui`, whose commands go to [`SetUrl::run`]. The window itself acts on
//! [`Command::Close`], [`Command::Unlock`] (then [`SetUrl::unlock`]), [`Command::AllowHost`] (to remember the host for
//! the site) and [`Command::Undo`] (to show Activity's undo dialog); `run` takes them too and does its part.
//!
//! Not here: writing (`apply.rs`), what is said of an address (`address.rs`) and of a picture (`photo/`).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;

use crate::{
    job::{Job, Poll, Stop, Waker},
    journal::Journal,
    model::{Change, Clock, Dn, Entry, Place, Problem, Site, Unlocked, Value},
    net::{
        http::HttpError,
        ldap::{Session, same_values},
    },
    people::{
        address::{UrlNote, can_be_written, check_url},
        apply::{ApplyEvent, apply},
        plan::Plan,
        template::{FillError, Template},
    },
    photo::{
        Found, Look, Looking,
        look::{look, look_at_bytes},
    },
};

/// How long typing must rest before the web server is asked.
const REST: Duration = Duration::from_millis(350);

/// What the dialog works with; cheap to clone.
#[derive(Clone)]
pub struct Tools {
    /// The open site.
    pub site: Arc<Site>,
    /// The way to its directory.
    pub session: Session,
    /// Where changes are noted.
    pub journal: Journal,
    /// How photos are fetched: `fresh`, since what was seen ten minutes ago is no proof, with an `edge` of twice
    /// `panel::set_url::PICTURE`.
    pub looking: Looking,
    /// `None` while the site is locked.
    pub unlocked: Option<Arc<Unlocked>>,
    /// Wakes the window.
    pub waker: Waker,
}

/// What the administrator wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// One address, whatever was there.
    Set,
    /// None at all.
    Remove,
}

/// What a person asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The field's text changed.
    Type(String),
    /// Take the address that the site's template gives.
    UseTemplate,
    /// Fetch photos from this host, now and later.
    AllowHost(String),
    /// Fetch the new address again.
    LookAgain,
    /// Write it; after a failure, try again.
    Apply,
    /// In the conflict form: which value is to stand.
    Choose(Choice),
    /// In the conflict form: do what was chosen.
    Settle,
    /// Show what taking the change with this id back would write.
    Undo(String),
    /// Unlock the site.
    Unlock,
    /// Close the dialog.
    Close,
}

/// Which value is to stand after a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// What somebody else wrote.
    Theirs,
    /// What is asked for here.
    Mine,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Being typed and looked at; with the reason when writing failed.
    Editing {
        /// Why the last try failed.
        problem: Option<Problem>,
    },
    /// Being written.
    Applying,
    /// Somebody else changed the values meanwhile. Nothing was written.
    Conflict {
        /// What was there when the administrator looked.
        seen: Vec<Value>,
        /// What is there now; `None` when it could not be read.
        now: Option<Vec<Value>>,
        /// Which is to stand.
        choice: Choice,
    },
    /// Written and read back.
    Done {
        /// The change's id in the journal.
        id: String,
        /// What the directory holds now; `None` when it could not be read back.
        read_back: Option<Vec<Value>>,
        /// When.
        at: Timestamp,
    },
}

/// A photo that the person has elsewhere, to compare with.
#[derive(Clone)]
pub struct Other {
    /// The attribute it stands in.
    pub label: String,
    /// The address, where it is one.
    pub url: Option<String>,
    /// The picture, where it is one.
    pub found: Option<Found>,
}

/// What was seen at the new address.
#[derive(Clone, Default)]
pub enum Preview {
    /// There is no address that could be fetched.
    #[default]
    Nothing,
    /// Being fetched, or about to be.
    Waiting,
    /// Fetched, or refused with the reason.
    Seen(Box<Look>),
}

/// What is known of the photo that the new address leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It was seen, or there is none to see.
    Seen,
    /// It could not be looked at: the host was not allowed yet, or does not answer.
    Unseen,
    /// The answer is no photo.
    NoPhoto,
}

/// What the window has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The entry changed: read it again, and the journal.
    Written(Dn),
}

/// What a look came to, and of what.
enum Seen {
    Old(Other, Option<Box<Look>>),
    New(Box<Look>),
    Now(Box<Look>),
}

/// The dialog's state.
pub struct SetUrl {
    tools: Tools,
    entry: Entry,
    name: String,
    attribute: String,
    intent: Intent,
    opened: Timestamp,
    clock: Clock,
    before: Vec<Value>,
    text: String,
    template: Option<(String, Result<String, FillError>)>,
    notes: Vec<UrlNote>,
    preview: Preview,
    others: Vec<Other>,
    old_look: Option<Box<Look>>,
    now_look: Option<Box<Look>>,
    stage: Stage,
    due: Option<Instant>,
    rest: Duration,
    fetch: Option<Job<Seen>>,
    compare: Option<Job<Seen>>,
    now: Option<Job<Seen>>,
    writing: Option<(Plan, Job<ApplyEvent>)>,
}

impl SetUrl {
    /// Opens the dialog for the person called `name`, whose `entry` was read just now. The field starts with the
    /// address that is there, else with the template's.
    pub fn open(entry: Entry, name: String, intent: Intent, tools: Tools) -> Self {
        let names = tools.site.directory.attribute_names();
        let attribute = names.photo_url.unwrap_or_default();
        let before = entry.values(&attribute).to_vec();
        let template = tools.site.photos.template.as_deref().and_then(|text| {
            let template = Template::parse(text).ok()?;
            Some((text.to_owned(), template.fill(&entry)))
        });
        let old = before.iter().find_map(Value::as_str).map(str::to_owned);
        let offered = template.as_ref().and_then(|(_, filled)| filled.clone().ok());
        let text = old.or(offered).unwrap_or_default();
        let mut this = Self {
            tools,
            entry,
            name,
            attribute,
            intent,
            opened: Timestamp::now(),
            clock: Clock::system(),
            before,
            text: String::new(),
            template,
            notes: Vec::new(),
            preview: Preview::Nothing,
            others: Vec::new(),
            old_look: None,
            now_look: None,
            stage: Stage::Editing { problem: None },
            due: None,
            rest: REST,
            fetch: None,
            compare: None,
            now: None,
            writing: None,
        };
        this.look_at_others();
        this.typed(text);
        this.due = this.due.map(|_| Instant::now());
        this
    }

    /// Told by another clock than the computer's.
    #[must_use]
    pub fn at(mut self, clock: Clock) -> Self {
        self.opened = (clock.now)();
        self.clock = clock;
        self
    }

    /// Asks the web server at once instead of waiting for typing to rest.
    #[must_use]
    pub fn without_rest(mut self) -> Self {
        self.rest = Duration::ZERO;
        self
    }

    /// The site was unlocked or locked.
    pub fn unlock(&mut self, unlocked: Option<Arc<Unlocked>>) {
        self.tools.unlocked = unlocked;
    }

    /// Takes in what jobs report.
    pub fn poll(&mut self) -> Option<Outcome> {
        if self.due.is_some_and(|due| due <= Instant::now()) {
            self.due = None;
            self.fetch();
        }
        self.poll_looks();
        self.poll_writing()
    }

    /// When [`Self::poll`] should be called even if nothing happens.
    pub fn wake_after(&self) -> Option<Duration> {
        self.due.map(|due| due.saturating_duration_since(Instant::now()))
    }

    /// Nothing is being fetched or written, and nothing is about to be.
    pub fn is_settled(&self) -> bool {
        let looks = [&self.fetch, &self.compare, &self.now];
        self.due.is_none() && self.writing.is_none() && looks.iter().all(|job| job.is_none())
    }

    /// Does what a person asked.
    pub fn run(&mut self, command: Command) {
        match command {
            Command::Type(text) => self.typed(text),
            Command::UseTemplate => {
                if let Some(Ok(filled)) = self.template.as_ref().map(|(_, filled)| filled.clone()) {
                    self.typed(filled);
                    self.due = self.due.map(|_| Instant::now());
                }
            }
            Command::AllowHost(host) => {
                self.tools.looking.fence.allowed.insert(host);
                self.look_at_others();
                self.fetch();
            }
            Command::LookAgain => {
                self.tools.looking.fresh = true;
                self.fetch();
            }
            Command::Apply => self.apply(),
            Command::Choose(chosen) => {
                if let Stage::Conflict { choice, .. } = &mut self.stage {
                    *choice = chosen;
                }
            }
            Command::Settle => self.settle(),
            Command::Undo(_) | Command::Unlock | Command::Close => {}
        }
    }

    /// What would be written.
    pub fn change(&self) -> Change {
        let after = match self.intent {
            Intent::Set => vec![Value::from(self.text.as_str())],
            Intent::Remove => Vec::new(),
        };
        Change {
            place: Place::Attribute {
                directory: self.tools.site.directory.server.url(),
                dn: self.entry.dn.clone(),
                attribute: self.attribute.clone(),
            },
            subject: self.name.clone(),
            before: self.before.clone(),
            after,
        }
    }

    /// Why it cannot be written now; `None` when it can.
    pub fn obstacle(&self) -> Option<&'static str> {
        let change = self.change();
        if self.tools.site.read_only {
            Some("Read-only: the site’s settings forbid changes")
        } else if self.tools.unlocked.is_none() {
            Some("Read-only: unlock the site to apply")
        } else if self.intent == Intent::Set && self.text.is_empty() {
            Some("Type an address, or take the template’s")
        } else if !can_be_written(&self.notes) && self.intent == Intent::Set {
            Some("This address cannot be written")
        } else if self.intent == Intent::Set && matches!(self.preview, Preview::Waiting) {
            Some("The photo is being fetched")
        } else if same_values(&change.before, &change.after) {
            Some("Nothing changes: this is there already")
        } else {
            None
        }
    }

    fn typed(&mut self, text: String) {
        self.text = text;
        self.notes = check_url(&self.text, &self.tools.site.photos);
        self.fetch = None; // an answer to an older text would be wrong now
        let fetchable = self.intent == Intent::Set && !self.text.is_empty() && can_be_written(&self.notes);
        self.preview = if fetchable { Preview::Waiting } else { Preview::Nothing };
        self.due = fetchable.then(|| Instant::now() + self.rest);
    }

    fn fetch(&mut self) {
        if self.intent != Intent::Set || !can_be_written(&self.notes) || self.text.is_empty() {
            return;
        }
        self.preview = Preview::Waiting;
        self.fetch = Some(self.look_at(self.text.clone(), Seen::New));
    }

    fn look_at(&self, url: String, seen: fn(Box<Look>) -> Seen) -> Job<Seen> {
        let (mail, looking) = (self.mail(), self.tools.looking.clone());
        Job::spawn("look at an address", self.tools.waker.clone(), move |report| {
            match look(&url, mail.as_deref(), &looking, &report.cancelled()) {
                Some(look) => report.send(seen(Box::new(look))),
                None => Err(Stop::Cancelled),
            }
        })
    }

    /// Looks at what the person has already: the old address, and photos in the entry itself.
    fn look_at_others(&mut self) {
        self.others.clear();
        let (mail, looking, attribute) = (self.mail(), self.tools.looking.clone(), self.attribute.clone());
        let url = self.before.iter().find_map(Value::as_str).map(str::to_owned);
        let photos: Vec<(String, Vec<u8>)> = ["thumbnailPhoto", "jpegPhoto", "photo"]
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), self.entry.values(name).first()?.0.clone())))
            .collect();
        self.compare = Some(Job::spawn("look at the other photos", self.tools.waker.clone(), move |report| {
            for (label, bytes) in photos {
                let found = look_at_bytes(bytes, looking.edge).0.ok();
                report.send(Seen::Old(Other { label, url: None, found }, None))?;
            }
            let Some(url) = url else { return Ok(()) };
            let look = look(&url, mail.as_deref(), &looking, &report.cancelled()).ok_or(Stop::Cancelled)?;
            let found = look.found.clone().and_then(Result::ok);
            report.send(Seen::Old(Other { label: attribute, url: Some(url), found }, Some(Box::new(look))))
        }));
    }

    fn poll_looks(&mut self) {
        let mut seen = Vec::new();
        for job in [&mut self.compare, &mut self.fetch, &mut self.now] {
            while let Some(running) = job.as_ref() {
                match running.poll() {
                    Poll::Event(event) => seen.push(event),
                    Poll::Pending => break,
                    Poll::Ended(_) => *job = None,
                }
            }
        }
        for seen in seen {
            match seen {
                Seen::Old(other, look) => {
                    self.old_look = look.or_else(|| self.old_look.take());
                    self.others.push(other);
                }
                Seen::New(look) => self.preview = Preview::Seen(look),
                Seen::Now(look) => self.now_look = Some(look),
            }
        }
        if self.fetch.is_none() && self.due.is_none() && matches!(self.preview, Preview::Waiting) {
            self.preview = Preview::Nothing; // the job could not be started, or made a mistake
        }
    }

    fn apply(&mut self) {
        let Some(unlocked) = self.tools.unlocked.clone().filter(|_| self.obstacle().is_none()) else { return };
        let plan = Plan::new(&self.tools.site.name, [self.change()], (self.clock.now)());
        let (session, journal, work) = (self.tools.session.clone(), self.tools.journal.clone(), plan.clone());
        let job = Job::spawn("set the photo URL", self.tools.waker.clone(), move |report| {
            apply(&session, &journal, &work, &unlocked, report)
        });
        self.writing = Some((plan, job));
        self.stage = Stage::Applying;
    }

    fn poll_writing(&mut self) -> Option<Outcome> {
        let mut outcome = None;
        while let Some((plan, job)) = &self.writing {
            match job.poll() {
                Poll::Event(ApplyEvent::Writing { .. }) => {}
                Poll::Event(ApplyEvent::Done { place, read_back }) => {
                    let id = plan.changes.get(place).map(|planned| planned.id.clone()).unwrap_or_default();
                    self.stage = Stage::Done { id, read_back, at: (self.clock.now)() };
                    outcome = Some(Outcome::Written(self.entry.dn.clone()));
                }
                Poll::Event(ApplyEvent::Refused { problem, stale, now, .. }) => self.refused(problem, stale, now),
                Poll::Pending => break,
                Poll::Ended(end) => {
                    self.writing = None;
                    if let Err(Stop::Failed(problem)) = end {
                        self.stage = Stage::Editing { problem: Some(problem) };
                    }
                }
            }
        }
        outcome
    }

    fn refused(&mut self, problem: Problem, stale: bool, now: Option<Vec<Value>>) {
        if let Some(url) = now.iter().flatten().find_map(Value::as_str) {
            self.now = Some(self.look_at(url.to_owned(), Seen::Now));
        }
        let already = now.as_ref().is_some_and(|now| same_values(now, &self.change().after));
        self.stage = match (stale, already) {
            (true, true) => {
                self.before = now.unwrap_or_default();
                let problem =
                    Problem::new("Somebody else made the same change meanwhile").hint("Nothing is left to do.");
                Stage::Editing { problem: Some(problem) }
            }
            (true, false) => Stage::Conflict { seen: self.before.clone(), now, choice: Choice::Mine },
            (false, _) => Stage::Editing { problem: Some(problem) },
        };
    }

    /// After a conflict: plans anew from what is there now, or leaves that alone.
    fn settle(&mut self) {
        if let Stage::Conflict { now: Some(now), choice: Choice::Mine, .. } = &self.stage {
            self.before = now.clone();
            self.stage = Stage::Editing { problem: None };
            self.apply();
        }
    }

    fn mail(&self) -> Option<String> {
        let name = self.tools.site.directory.attribute_names().mail?;
        self.entry.text(&name).map(str::to_owned)
    }
}

/// What is shown.
impl SetUrl {
    /// The person's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The attribute that is written.
    pub fn attribute(&self) -> &str {
        &self.attribute
    }

    /// Set or remove.
    pub fn intent(&self) -> Intent {
        self.intent
    }

    /// When the administrator looked, as a time of day.
    pub fn opened(&self) -> String {
        self.time_of_day(self.opened)
    }

    /// `at` as the administrator's clock shows it.
    pub fn time_of_day(&self, at: Timestamp) -> String {
        at.to_zoned_datetime(self.clock.zone.clone()).strftime("%H:%M:%S").to_string()
    }

    /// The new address as typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values planned from.
    pub fn before(&self) -> &[Value] {
        &self.before
    }

    /// The site's template, and what it gives for this person.
    pub fn template(&self) -> Option<(&str, Result<&str, &FillError>)> {
        self.template.as_ref().map(|(text, filled)| (text.as_str(), filled.as_deref()))
    }

    /// What is to be said of the new address.
    pub fn notes(&self) -> &[UrlNote] {
        &self.notes
    }

    /// What was seen at the new address.
    pub fn preview(&self) -> &Preview {
        &self.preview
    }

    /// What was seen at the old address.
    pub fn old_look(&self) -> Option<&Look> {
        self.old_look.as_deref()
    }

    /// What is known of the photo at the new address.
    pub fn proof(&self) -> Proof {
        match &self.preview {
            Preview::Seen(look) => match (&look.exchange, &look.found) {
                (Ok(_), Some(Ok(_))) => Proof::Seen,
                (Ok(_), _) => Proof::NoPhoto,
                (Err(_), _) => Proof::Unseen,
            },
            Preview::Nothing | Preview::Waiting => Proof::Seen,
        }
    }

    /// After a conflict, what was seen at the address that is there now.
    pub fn now_look(&self) -> Option<&Look> {
        self.now_look.as_deref()
    }

    /// Photos that the person has elsewhere.
    pub fn others(&self) -> &[Other] {
        &self.others
    }

    /// How far it is.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The site can be unlocked from here.
    pub fn can_unlock(&self) -> bool {
        self.tools.unlocked.is_none() && !self.tools.site.read_only
    }

    /// The host that wants allowing before the new address can be fetched, and what is odd about it.
    pub fn blocked_host(&self) -> Option<(&str, Option<&str>)> {
        match &self.preview {
            Preview::Seen(look) => match &look.exchange {
                Err(HttpError::NotAllowed { host, because, .. }) => Some((host, because.as_deref())),
                _ => None,
            },
            _ => None,
        }
    }
}
