//! What is true on the People page: who is listed, what is known of their photos, what is shown and who is selected.
//!
//! Jobs do the work (`job.rs`, `looks.rs`, `person.rs`); [`State::poll`] takes in what they report, [`State::run`]
//! starts them. Nothing here draws.

use std::{collections::BTreeMap, ops::Range, sync::Arc, time::Instant};

use jiff::Timestamp;

use super::{
    job::{self, Asked, ListEvent, ToView, Viewed},
    list::{Chip, Column, Mark, People, Row, Sort},
    looks::{Checking, Looks, in_view, looking},
    person::{Person, PersonContext, Who},
    query::Search,
};
use crate::{
    job::{Job, Poll, Stop, Waker},
    model::{Clock, Dn, Problem, Site},
    net::ldap::{LdapError, ListEnd, Session, filter},
    photo::{Cache, Looking, Picture, Verdict},
};

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

/// What is true on the People page.
pub struct State {
    waker: Waker,
    clock: Clock,
    session: Session,
    site: Site,

    people: People,
    asked: Option<Asked>,
    status: Status,
    referrals: Vec<String>,
    listing: Option<Job<ListEvent>>,
    written: BTreeMap<u32, (String, u8)>,
    reading: Option<Job<(Dn, Vec<String>)>>,

    looks: Looks,
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
        let looks = Looks::new(&site, cache, waker.clone());
        let mut state = Self {
            waker,
            clock: Clock::system(),
            session,
            site,
            people: People::default(),
            asked: None,
            status: Status::Stopped,
            referrals: Vec::new(),
            listing: None,
            written: BTreeMap::new(),
            reading: None,
            looks,
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
            Command::Visible(rows) => {
                self.visible = rows;
                self.look_at_visible();
            }
            Command::CheckAll => self.looks.check_all(&self.people),
            Command::StopChecking => self.looks.stop_checking(),
            Command::AllowHost(host) => self.allow_host(&host),
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
        // A list that is narrowed to a mark changes with it.
        self.view_is_old |= self.looks.poll(&self.people) && self.chip != Chip::All;
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
            looking: looking(&self.site, self.looks.cache(), false),
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
        looking(&self.site, self.looks.cache(), false)
    }

    fn list(&mut self, fresh: bool) {
        if let Some(person) = self.person.as_mut().filter(|_| fresh) {
            person.refresh();
        }
        self.to_select = self.selected.map(|index| Dn::new(self.people.row(index).dn));
        self.looks.start(&self.site, fresh);
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
                    self.looks.forget();
                    self.written.clear();
                    self.viewed = Viewed::default();
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

    fn take_in_rows(&mut self, people: People) {
        self.people = people;
        for (index, (url, urls)) in &self.written {
            self.people.set_photo_url(*index, url, *urls);
        }
        self.looks.grow(&self.people);
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
                    self.look_at_visible();
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
                marks: if self.chip == Chip::All { Vec::new() } else { self.looks.marks().to_vec() },
            };
            self.viewing = Some(Job::spawn("view", self.waker.clone(), move |report| job::view(&wanted, report)));
        }
    }

    fn look_at_visible(&self) {
        self.looks.look_at(&self.people, in_view(&self.viewed.rows, &self.visible));
    }

    /// Looks at these people's photos, too: they are on screen elsewhere.
    pub fn look_also_at(&self, indices: &[u32]) {
        let in_view = in_view(&self.viewed.rows, &self.visible);
        self.looks.look_at(&self.people, &[indices, in_view].concat());
    }

    fn allow_host(&mut self, host: &str) {
        self.site.photos.allowed_hosts.insert(host.to_owned());
        self.looks.allow(&self.site, host, &self.people);
        if let Some(person) = &mut self.person {
            person.allow([host.to_owned()]);
        }
        self.look_at_visible();
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
        self.looks.changed(index, url);
        self.view_is_old = true;
        self.look_at_visible();
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
        self.looks.cache()
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
        self.looks.verdict(index)
    }

    /// The picture of the person at `index`.
    pub fn picture(&self, index: u32) -> Option<&Picture> {
        self.looks.picture(index)
    }

    /// How many have this mark.
    pub fn count(&self, chip: Chip) -> usize {
        match chip {
            Chip::All => self.people.len(),
            Chip::Only(mark) => self.looks.marks().iter().filter(|known| **known == mark).count(),
        }
    }

    /// Looking at everybody's photo, while it goes on.
    pub fn checking(&self) -> Option<&Checking> {
        self.looks.checking()
    }

    /// How many people have a photo URL that nobody looked at.
    pub fn unchecked(&self) -> usize {
        self.count(Chip::Only(Mark::Unchecked))
    }

    /// Hosts that photos are at and that were not allowed, with how many.
    pub fn not_allowed(&self) -> impl Iterator<Item = (&str, usize)> {
        self.looks.not_allowed()
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
        self.listing.is_none() && self.viewing.is_none() && self.looks.checking().is_none()
    }
}
