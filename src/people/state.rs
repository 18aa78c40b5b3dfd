//! What is true on the People page: who is listed, what is known of their photos, what is shown and who is selected.
//!
//! Jobs do the work (`job.rs`, `photos.rs`, `person.rs`); [`State::poll`] takes in what they report, [`State::run`]
//! starts them. Nothing here draws.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    ops::Range,
    sync::Arc,
    time::Instant,
};

use jiff::Timestamp;

use super::{
    job::{self, Asked, ListEvent, ToView, Viewed},
    list::{Chip, Column, Mark, People, Row, Sort},
    person::{Person, PersonContext, Who},
    photos::{Loader, Looked, Wanted},
    query::Search,
};
use crate::{
    job::{Job, Poll, Stop, Waker},
    model::{Clock, Dn, Problem, Site},
    net::{
        http::{Fence, HttpError, Limits},
        ldap::{LdapError, ListEnd, Session, filter},
    },
    photo::{Cache, FaultKind, Level, Looking, Picture, Verdict},
};

/// Pictures of rows kept in memory: some screens full, at 9 KB each.
const PICTURES: usize = 2000;

/// Rows looked at that are taken in during one frame.
const LOOKED_A_FRAME: usize = 32;

/// The longer side of a row's picture, in pixels: 24 points at twice the resolution, and the contact sheet's 96.
pub const ROW_EDGE: u32 = 96;

/// What a person asks of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The search box holds this.
    Search(String),
    /// Show only those.
    Chip(Chip),
    /// Sort by this column; the other way round when it is sorted by already.
    Sort(Column),
    /// Ask the directory with this filter besides the site's; `None` asks for everybody.
    Narrow(Option<String>),
    /// Ask the directory again.
    Reload,
    /// Stop asking; what came stays.
    Stop,
    /// These rows of the view are on screen.
    Visible(Range<usize>),
    /// Look at everybody's photo.
    CheckAll,
    /// Stop looking.
    StopChecking,
    /// Photos may be fetched from this host from now on.
    AllowHost(String),
    /// Select the person at this index of the list.
    Select(Option<u32>),
    /// Select the person with this DN.
    SelectDn(Dn),
    /// Show the list as a table or as a contact sheet.
    Layout(Layout),
    /// Sign in anew: the password did not do. For the window, which knows where passwords come from.
    SignInAgain,
}

/// How the list is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Rows with columns.
    #[default]
    Table,
    /// Pictures with names.
    ContactSheet,
}

/// How far the list is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// The directory was asked.
    Filling {
        /// When, for the rate.
        since: Instant,
    },
    /// All came.
    Complete {
        /// When.
        at: Timestamp,
    },
    /// A limit of the server's cut it.
    Cut {
        /// When.
        at: Timestamp,
    },
    /// The administrator stopped it.
    Stopped,
    /// It failed; what came before stays.
    Failed(Problem),
}

/// Looking at everybody's photo.
#[derive(Clone, Copy, Debug)]
pub struct Checking {
    /// How many were left when it began.
    pub total: usize,
    /// How many are done.
    pub done: usize,
    /// When it began.
    pub since: Instant,
}

/// What is true on the People page.
pub struct State {
    waker: Waker,
    clock: Clock,
    session: Session,
    site: Site,
    cache: Arc<Cache>,

    people: People,
    asked: Option<Asked>,
    status: Status,
    referrals: Vec<String>,
    listing: Option<Job<ListEvent>>,
    written: HashMap<u32, (String, u8)>,
    reading: Option<Job<(Dn, Vec<String>)>>,

    marks: Vec<Mark>,
    verdicts: HashMap<u32, Verdict>,
    pictures: HashMap<u32, Picture>,
    pictures_by_age: VecDeque<u32>,
    loader: Loader,
    checking: Option<Checking>,
    not_allowed: BTreeMap<String, Vec<u32>>,
    visible: Range<usize>,

    search: String,
    chip: Chip,
    sort: Sort,
    narrower: Option<String>,
    narrower_problem: Option<(usize, String)>,
    layout: Layout,
    viewed: Viewed,
    viewing: Option<Job<Viewed>>,
    view_is_old: bool,

    selected: Option<u32>,
    to_select: Option<Dn>,
    person: Option<Person>,
}

impl State {
    /// The people of a site; the directory is asked at once.
    pub fn open(site: Site, session: Session, cache: Arc<Cache>, waker: Waker) -> Self {
        let loader = Loader::start(&looking(&site, &cache, false), &waker);
        let mut state = Self {
            waker,
            clock: Clock::system(),
            session,
            site,
            cache,
            people: People::default(),
            asked: None,
            status: Status::Stopped,
            referrals: Vec::new(),
            listing: None,
            written: HashMap::new(),
            reading: None,
            marks: Vec::new(),
            verdicts: HashMap::new(),
            pictures: HashMap::new(),
            pictures_by_age: VecDeque::new(),
            loader,
            checking: None,
            not_allowed: BTreeMap::new(),
            visible: 0..0,
            search: String::new(),
            chip: Chip::All,
            sort: Sort::default(),
            narrower: None,
            narrower_problem: None,
            layout: Layout::Table,
            viewed: Viewed::default(),
            viewing: None,
            view_is_old: false,
            selected: None,
            to_select: None,
            person: None,
        };
        state.list(false);
        state
    }

    /// Does what a person asked.
    pub fn run(&mut self, command: Command) {
        match command {
            Command::Search(typed) => self.change_view(|state| state.search = typed),
            Command::Chip(chip) => self.change_view(|state| state.chip = chip),
            Command::Sort(column) => self.change_view(|state| {
                let reversed = state.sort.column == column && !state.sort.reversed;
                state.sort = Sort { column, reversed };
            }),
            Command::Narrow(narrower) => self.narrow(narrower),
            Command::Reload => self.list(true),
            Command::Stop => {
                if let Some(job) = &self.listing {
                    job.cancel();
                }
            }
            Command::Visible(rows) => self.look_at(rows),
            Command::CheckAll => self.check_all(),
            Command::StopChecking => {
                self.loader.stop_all();
                self.checking = None;
            }
            Command::AllowHost(host) => self.allow_host(host),
            Command::Select(index) => self.select(index),
            Command::SelectDn(dn) => match self.people.find(&dn) {
                Some(index) => self.select(Some(index)),
                None => self.to_select = Some(dn),
            },
            Command::Layout(layout) => self.layout = layout,
            Command::SignInAgain => {}
        }
    }

    /// Takes in what jobs report.
    pub fn poll(&mut self) {
        self.poll_listing();
        for looked in self.loader.poll(LOOKED_A_FRAME) {
            self.take_in(looked);
        }
        while let Some(job) = &self.reading {
            match job.poll() {
                Poll::Event((dn, values)) => self.photo_url_is(&dn, &values),
                Poll::Pending => break,
                Poll::Ended(_) => self.reading = None,
            }
        }
        self.poll_view();
        if let Some(person) = &mut self.person {
            person.poll();
        }
    }

    fn select(&mut self, index: Option<u32>) {
        self.selected = index;
        let Some(row) = index.map(|index| self.people.row(index)) else {
            self.person = None;
            return;
        };
        let dn = Dn::new(row.dn);
        if self.person.as_ref().is_some_and(|person| person.who().dn == dn) {
            return; // the same one, found again in a list that was read again
        }
        let who = Who { dn, name: row.name.to_owned(), mail: row.mail.to_owned() };
        let context = PersonContext {
            session: self.session.clone(),
            site: Arc::new(self.site_in_force()),
            looking: looking(&self.site, &self.cache, false),
            waker: self.waker.clone(),
        };
        self.person = Some(Person::open(context, who));
    }

    /// The site, with the kind and the base that were recognised.
    pub fn site_in_force(&self) -> Site {
        let mut site = self.site.clone();
        if let Some(asked) = &self.asked {
            site.directory.kind = Some(asked.kind);
            site.directory.base = Some(asked.base.clone());
        }
        site
    }

    /// How photos are looked at now.
    pub fn looking(&self) -> Looking {
        looking(&self.site, &self.cache, false)
    }

    fn list(&mut self, fresh: bool) {
        if let Some(person) = self.person.as_mut().filter(|_| fresh) {
            person.refresh();
        }
        self.to_select = self.selected.map(|index| Dn::new(self.people.row(index).dn));
        if fresh {
            self.loader = Loader::start(&looking(&self.site, &self.cache, true), &self.waker);
        }
        self.checking = None;
        self.status = Status::Filling { since: Instant::now() };
        let (session, directory, narrower) = (self.session.clone(), self.site.directory.clone(), self.narrower.clone());
        self.listing = Some(Job::spawn("list people", self.waker.clone(), move |report| {
            job::list(&session, &directory, narrower.as_deref(), report)
        }));
    }

    fn narrow(&mut self, narrower: Option<String>) {
        let checked = narrower.as_deref().map_or(Ok(()), filter::check);
        self.narrower_problem = match checked {
            Err(LdapError::Filter { at, why }) => Some((at, why)),
            Err(other) => Some((0, other.to_string())),
            Ok(()) => None,
        };
        if self.narrower_problem.is_none() && narrower != self.narrower {
            self.narrower = narrower;
            self.list(false);
        }
    }

    fn poll_listing(&mut self) {
        while let Some(job) = &self.listing {
            match job.poll() {
                Poll::Pending => break,
                Poll::Event(ListEvent::Asked(asked)) => {
                    // A new answer begins: what was known belongs to the old one's rows.
                    self.asked = Some(*asked);
                    self.people = People::default();
                    self.selected = None;
                    self.forget_photos();
                }
                Poll::Event(ListEvent::Rows(people)) => self.take_in_rows(people),
                Poll::Event(ListEvent::Ended { at, listing }) => {
                    self.referrals = listing.referrals.into_iter().map(|referral| referral.url).collect();
                    self.status = match listing.end {
                        ListEnd::Complete => Status::Complete { at },
                        ListEnd::SizeLimit | ListEnd::TimeLimit => Status::Cut { at },
                        ListEnd::Stopped => Status::Stopped,
                    };
                }
                Poll::Ended(end) => {
                    self.listing = None;
                    match end {
                        Ok(()) => {}
                        Err(Stop::Cancelled) => self.status = Status::Stopped,
                        Err(Stop::Failed(problem)) => self.status = Status::Failed(problem),
                    }
                    self.view_is_old = true;
                }
            }
        }
    }

    fn forget_photos(&mut self) {
        self.marks.clear();
        self.verdicts.clear();
        self.pictures.clear();
        self.pictures_by_age.clear();
        self.not_allowed.clear();
        self.written.clear();
        self.viewed = Viewed::default();
        self.loader.stop_all();
        self.loader.want_in_view([]);
    }

    fn take_in_rows(&mut self, people: People) {
        self.people = people;
        for (index, (url, urls)) in &self.written {
            self.people.set_photo_url(*index, url, *urls);
        }
        let known = self.marks.len() as u32;
        self.marks.extend((known..self.people.len() as u32).map(|index| mark_of_url(self.people.row(index).photo_url)));
        if let Some(found) = self.to_select.as_ref().and_then(|dn| self.people.find(dn)) {
            self.to_select = None;
            self.select(Some(found));
        }
        self.view_is_old = true;
    }

    fn change_view(&mut self, change: impl FnOnce(&mut Self)) {
        change(self);
        self.view_is_old = true;
        // What was asked before is not wanted any more.
        self.viewing = None;
    }

    fn poll_view(&mut self) {
        while let Some(job) = &self.viewing {
            match job.poll() {
                Poll::Event(viewed) => {
                    self.viewed = viewed;
                    self.look_at(self.visible.clone());
                }
                Poll::Pending => return,
                Poll::Ended(_) => self.viewing = None,
            }
        }
        if self.view_is_old {
            self.view_is_old = false;
            let wanted = ToView {
                people: self.people.clone(),
                last: self.viewed.clone(),
                sort: self.sort,
                search: Search::new(&self.search),
                chip: self.chip,
                marks: if self.chip == Chip::All { Vec::new() } else { self.marks.clone() },
            };
            self.viewing = Some(Job::spawn("view", self.waker.clone(), move |report| job::view(&wanted, report)));
        }
    }

    fn look_at(&mut self, rows: Range<usize>) {
        self.visible = rows;
        let in_view = self.viewed.rows.get(clamped(&self.visible, self.viewed.rows.len())).unwrap_or_default();
        let wanted: Vec<Wanted> = in_view
            .iter()
            .filter(|index| !self.pictures.contains_key(index) && self.may_have_picture(**index))
            .map(|index| self.wanted(*index))
            .collect();
        self.loader.want_in_view(wanted);
    }

    /// Not looked at yet, or looked at and forgotten again for the sake of memory.
    fn may_have_picture(&self, index: u32) -> bool {
        match self.verdicts.get(&index) {
            None => !self.people.row(index).photo_url.is_empty(),
            Some(verdict) => matches!(verdict.level, Level::Good | Level::Weak),
        }
    }

    fn wanted(&self, index: u32) -> Wanted {
        let row = self.people.row(index);
        Wanted { index, url: row.photo_url.to_owned(), mail: row.mail.to_owned() }
    }

    fn check_all(&mut self) {
        let wanted: Vec<Wanted> = (0..self.people.len() as u32)
            .filter(|index| !self.verdicts.contains_key(index) && !self.people.row(*index).photo_url.is_empty())
            .map(|index| self.wanted(index))
            .collect();
        self.checking = Some(Checking { total: wanted.len(), done: 0, since: Instant::now() });
        self.loader.want_all(wanted);
    }

    fn take_in(&mut self, looked: Looked) {
        let Looked { index, look } = looked;
        if index as usize >= self.people.len() || self.people.row(index).photo_url != look.url {
            return; // of a list that was replaced meanwhile
        }
        if let Err(HttpError::NotAllowed { host, .. }) = &look.exchange {
            self.not_allowed.entry(host.clone()).or_default().push(index);
        }
        let newly = self.verdicts.insert(index, look.verdict.clone()).is_none();
        if let Some(checking) = self.checking.as_mut().filter(|_| newly) {
            checking.done += 1;
            if checking.done >= checking.total {
                self.checking = None;
            }
        }
        if let Some(Ok(found)) = look.found {
            self.keep_picture(index, found.picture);
        }
        if let Some(mark) = self.marks.get_mut(index as usize) {
            *mark = mark_of(&look.verdict);
            // A list that is narrowed to a mark changes with it.
            self.view_is_old |= self.chip != Chip::All;
        }
    }

    fn keep_picture(&mut self, index: u32, picture: Picture) {
        if self.pictures.insert(index, picture).is_none() {
            self.pictures_by_age.push_back(index);
        }
        if self.pictures_by_age.len() > PICTURES
            && let Some(oldest) = self.pictures_by_age.pop_front()
        {
            self.pictures.remove(&oldest);
        }
    }

    fn allow_host(&mut self, host: String) {
        for index in self.not_allowed.remove(&host).unwrap_or_default() {
            self.verdicts.remove(&index);
        }
        self.site.photos.allowed_hosts.insert(host.clone());
        if let Some(person) = &mut self.person {
            person.allow([host]);
        }
        self.loader = Loader::start(&looking(&self.site, &self.cache, false), &self.waker);
        if self.checking.is_some() {
            self.check_all();
        }
        self.look_at(self.visible.clone());
    }

    /// The entry `dn` was written: its photo URL is read again, and the photo looked at again.
    pub fn entry_was_written(&mut self, dn: &Dn) {
        if let Some(person) = self.person.as_mut().filter(|person| person.who().dn == *dn) {
            person.after_change();
        }
        let attribute = self.site_in_force().directory.attribute_names().photo_url.unwrap_or_default();
        let (session, dn) = (self.session.clone(), dn.clone());
        self.reading = Some(Job::spawn("read back", self.waker.clone(), move |report| {
            let session = session.for_job(report.cancelled());
            let entry = session.with(|connection| connection.read(&dn, &[])).map_err(|error| error.problem())?;
            report.send((dn.clone(), entry.values(&attribute).iter().map(ToString::to_string).collect()))
        }));
    }

    fn photo_url_is(&mut self, dn: &Dn, values: &[String]) {
        let Some(index) = self.people.find(dn) else { return };
        let url = values.first().map_or("", String::as_str);
        let urls = u8::try_from(values.len()).unwrap_or(u8::MAX);
        self.people.set_photo_url(index, url, urls);
        self.written.insert(index, (url.to_owned(), urls));
        self.verdicts.remove(&index);
        if self.pictures.remove(&index).is_some() {
            self.pictures_by_age.retain(|kept| *kept != index);
        }
        if let Some(mark) = self.marks.get_mut(index as usize) {
            *mark = mark_of_url(url);
        }
        self.view_is_old = true;
        self.look_at(self.visible.clone());
    }
}

/// What panels read.
impl State {
    /// The site, with the hosts allowed meanwhile.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// What time it is for the panels.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The order it had the last time.
    pub fn arrange(&mut self, sort: Sort) {
        self.change_view(|state| state.sort = sort);
    }

    /// Indices of the people shown, to go on with elsewhere.
    pub fn shown_rows(&self) -> Arc<Vec<u32>> {
        Arc::clone(&self.viewed.rows)
    }

    /// Another clock, for pictures that must not depend on this computer's.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The way to the directory.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Answers of photo web servers.
    pub fn cache(&self) -> &Arc<Cache> {
        &self.cache
    }

    /// How the directory was asked; `None` before it answered at all.
    pub fn asked(&self) -> Option<&Asked> {
        self.asked.as_ref()
    }

    /// Everybody listed.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// Indices of the people shown, in order.
    pub fn rows(&self) -> &[u32] {
        &self.viewed.rows
    }

    /// The person at `index` of the list.
    pub fn row(&self, index: u32) -> Row<'_> {
        self.people.row(index)
    }

    /// How far the list is.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Other servers that hold more people, as LDAP URLs.
    pub fn referrals(&self) -> &[String] {
        &self.referrals
    }

    /// What is said of the photo at `index`; `None` when nobody looked.
    pub fn verdict(&self, index: u32) -> Option<&Verdict> {
        self.verdicts.get(&index)
    }

    /// The picture of the person at `index`.
    pub fn picture(&self, index: u32) -> Option<&Picture> {
        self.pictures.get(&index)
    }

    /// How many have this mark.
    pub fn count(&self, chip: Chip) -> usize {
        match chip {
            Chip::All => self.people.len(),
            Chip::Only(mark) => self.marks.iter().filter(|known| **known == mark).count(),
        }
    }

    /// Looking at everybody's photo, while it goes on.
    pub fn checking(&self) -> Option<&Checking> {
        self.checking.as_ref()
    }

    /// How many people have a photo URL that nobody looked at.
    pub fn unchecked(&self) -> usize {
        self.count(Chip::Only(Mark::Unchecked))
    }

    /// Hosts that photos are at and that were not allowed, with how many.
    pub fn not_allowed(&self) -> impl Iterator<Item = (&str, usize)> {
        self.not_allowed.iter().map(|(host, indices)| (host.as_str(), indices.len()))
    }

    /// What the search box holds.
    pub fn search(&self) -> &str {
        &self.search
    }

    /// The chip that is on.
    pub fn chip(&self) -> Chip {
        self.chip
    }

    /// How the list is sorted.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// The LDAP filter typed besides the site's.
    pub fn narrower(&self) -> Option<&str> {
        self.narrower.as_deref()
    }

    /// What is wrong with the filter typed last, and at which character.
    pub fn narrower_problem(&self) -> Option<(usize, &str)> {
        self.narrower_problem.as_ref().map(|(at, why)| (*at, why.as_str()))
    }

    /// Table or contact sheet.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The index of the selected person.
    pub fn selected(&self) -> Option<u32> {
        self.selected
    }

    /// The person selected, with every photo.
    pub fn person(&self) -> Option<&Person> {
        self.person.as_ref()
    }

    /// The person selected, for what its page asks.
    pub fn person_mut(&mut self) -> Option<&mut Person> {
        self.person.as_mut()
    }

    /// How many the search alone keeps, where search and chip leave nobody.
    pub fn rows_without_chip(&self) -> usize {
        self.viewed.without_chip
    }

    /// Nothing is under way: no job would wake the window.
    pub fn is_idle(&self) -> bool {
        self.listing.is_none() && self.viewing.is_none() && self.checking.is_none()
    }
}

fn looking(site: &Site, cache: &Arc<Cache>, fresh: bool) -> Looking {
    let fence = Fence { allowed: site.photos.allowed_hosts.clone(), ca_file: site.photos.ca_file.clone() };
    Looking { fence, limits: Limits::default(), cache: Arc::clone(cache), edge: ROW_EDGE, fresh }
}

fn clamped(range: &Range<usize>, len: usize) -> Range<usize> {
    range.start.min(len)..range.end.min(len)
}

fn mark_of_url(url: &str) -> Mark {
    if url.is_empty() { Mark::NoUrl } else { Mark::Unchecked }
}

fn mark_of(verdict: &Verdict) -> Mark {
    match verdict.kind {
        FaultKind::None if verdict.level == Level::Weak => Mark::Weak,
        FaultKind::None => Mark::Fine,
        FaultKind::NoUrl => Mark::NoUrl,
        FaultKind::Broken => Mark::Broken,
        FaultKind::WrongCase => Mark::WrongCase,
        FaultKind::TooLarge => Mark::TooLarge,
        FaultKind::WrongType => Mark::WrongType,
        FaultKind::Unchecked => Mark::Unchecked,
    }
}
