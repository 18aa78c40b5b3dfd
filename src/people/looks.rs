//! What is known of the photos of the list: looked at as rows come into view, or all of them when that is asked.
//!
//! Not here: fetching (`photos.rs`), who is listed and shown (`state.rs`), one person's places (`person.rs`).

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    ops::Range,
    sync::Arc,
    time::Instant,
};

use super::{
    list::{Mark, People},
    photos::{Loader, Looked, Wanted},
};
use crate::{
    job::Waker,
    model::Site,
    net::http::{Fence, HttpError, Limits},
    photo::{Cache, FaultKind, Level, Looking, Picture, Verdict},
};

/// Pictures of rows kept in memory: some screens full, at 36 KB each at most.
const PICTURES: usize = 2000;

/// Rows looked at that are taken in during one frame.
const LOOKED_A_FRAME: usize = 32;

/// The longer side of a row's picture, in pixels: 24 points at twice the resolution, and the contact sheet's 96.
const ROW_EDGE: u32 = 96;

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

/// What is known, by index of the list.
pub struct Looks {
    waker: Waker,
    cache: Arc<Cache>,
    loader: Loader,
    marks: Vec<Mark>,
    verdicts: HashMap<u32, Verdict>,
    pictures: HashMap<u32, Picture>,
    pictures_by_age: VecDeque<u32>,
    checking: Option<Checking>,
    not_allowed: BTreeMap<String, Vec<u32>>,
}

impl Looks {
    /// Nothing is known yet.
    pub fn new(site: &Site, cache: Arc<Cache>, waker: Waker) -> Self {
        Self {
            loader: Loader::start(&looking(site, &cache, false), &waker),
            waker,
            cache,
            marks: Vec::new(),
            verdicts: HashMap::new(),
            pictures: HashMap::new(),
            pictures_by_age: VecDeque::new(),
            checking: None,
            not_allowed: BTreeMap::new(),
        }
    }

    /// Answers of photo web servers.
    pub fn cache(&self) -> &Arc<Cache> {
        &self.cache
    }

    /// Looks anew from now on, as the site now is; `fresh` asks web servers even where an answer is kept.
    pub fn start(&mut self, site: &Site, fresh: bool) {
        self.loader = Loader::start(&looking(site, &self.cache, fresh), &self.waker);
        self.checking = None;
    }

    /// Forgets all: another list begins.
    pub fn forget(&mut self) {
        self.marks.clear();
        self.verdicts.clear();
        self.pictures.clear();
        self.pictures_by_age.clear();
        self.not_allowed.clear();
        self.loader.stop_all();
        self.loader.want_in_view([]);
    }

    /// The list grew.
    pub fn grow(&mut self, people: &People) {
        let known = self.marks.len() as u32;
        self.marks.extend((known..people.len() as u32).map(|index| mark_of_url(people.row(index).photo_url)));
    }

    /// Takes in what was looked at; `true` when a mark changed.
    pub fn poll(&mut self, people: &People) -> bool {
        let mut changed = false;
        for looked in self.loader.poll(LOOKED_A_FRAME) {
            changed |= self.take_in(people, looked);
        }
        changed
    }

    fn take_in(&mut self, people: &People, looked: Looked) -> bool {
        let Looked { index, look } = looked;
        if index as usize >= people.len() || people.row(index).photo_url != look.url {
            return false; // of a list that was replaced meanwhile
        }
        if let Err(HttpError::NotAllowed { host, .. }) = &look.exchange {
            self.not_allowed.entry(host.clone()).or_default().push(index);
        }
        let mark = mark_of(&look.verdict);
        let newly = self.verdicts.insert(index, look.verdict).is_none();
        if let Some(checking) = self.checking.as_mut().filter(|_| newly) {
            checking.done += 1;
            if checking.done >= checking.total {
                self.checking = None;
            }
        }
        if let Some(Ok(found)) = look.found {
            self.keep_picture(index, found.picture);
        }
        if let Some(known) = self.marks.get_mut(index as usize) {
            *known = mark;
        }
        true
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

    /// These rows are on screen: those without a picture are looked at first.
    pub fn look_at(&self, people: &People, in_view: &[u32]) {
        let missing = in_view.iter().filter(|index| !self.pictures.contains_key(index));
        let wanted = missing.filter(|index| self.may_have_picture(people, **index)).map(|index| wanted(people, *index));
        self.loader.want_in_view(wanted);
    }

    /// Not looked at yet, or looked at and forgotten again for the sake of memory.
    fn may_have_picture(&self, people: &People, index: u32) -> bool {
        match self.verdicts.get(&index) {
            None => !people.row(index).photo_url.is_empty(),
            Some(verdict) => matches!(verdict.level, Level::Good | Level::Weak),
        }
    }

    /// Looks at everybody.
    pub fn check_all(&mut self, people: &People) {
        let wanted: Vec<Wanted> = (0..people.len() as u32)
            .filter(|index| !self.verdicts.contains_key(index) && !people.row(*index).photo_url.is_empty())
            .map(|index| wanted(people, index))
            .collect();
        self.checking = Some(Checking { total: wanted.len(), done: 0, since: Instant::now() });
        self.loader.want_all(wanted);
    }

    /// Looks only at what is in view.
    pub fn stop_checking(&mut self) {
        self.loader.stop_all();
        self.checking = None;
    }

    /// Photos at `host` are looked at after all; `site` allows it now.
    pub fn allow(&mut self, site: &Site, host: &str, people: &People) {
        for index in self.not_allowed.remove(host).unwrap_or_default() {
            self.verdicts.remove(&index);
        }
        let checking = self.checking.is_some();
        self.start(site, false);
        if checking {
            self.check_all(people);
        }
    }

    /// Another address stands at `index`.
    pub fn changed(&mut self, index: u32, url: &str) {
        self.verdicts.remove(&index);
        if self.pictures.remove(&index).is_some() {
            self.pictures_by_age.retain(|kept| *kept != index);
        }
        if let Some(mark) = self.marks.get_mut(index as usize) {
            *mark = mark_of_url(url);
        }
    }

    /// The marks, by index.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// What is said of the photo at `index`; `None` when nobody looked.
    pub fn verdict(&self, index: u32) -> Option<&Verdict> {
        self.verdicts.get(&index)
    }

    /// The picture at `index`.
    pub fn picture(&self, index: u32) -> Option<&Picture> {
        self.pictures.get(&index)
    }

    /// Looking at everybody, while it goes on.
    pub fn checking(&self) -> Option<&Checking> {
        self.checking.as_ref()
    }

    /// Hosts that were not allowed, with how many photos.
    pub fn not_allowed(&self) -> impl Iterator<Item = (&str, usize)> {
        self.not_allowed.iter().map(|(host, indices)| (host.as_str(), indices.len()))
    }
}

/// How photos are looked at for `site`.
pub fn looking(site: &Site, cache: &Arc<Cache>, fresh: bool) -> Looking {
    let fence = Fence { allowed: site.photos.allowed_hosts.clone(), ca_file: site.photos.ca_file.clone() };
    Looking { fence, limits: Limits::default(), cache: Arc::clone(cache), edge: ROW_EDGE, fresh }
}

/// What is in view of `rows`.
pub fn in_view<'a>(rows: &'a [u32], visible: &Range<usize>) -> &'a [u32] {
    &rows[visible.start.min(rows.len())..visible.end.min(rows.len())]
}

fn wanted(people: &People, index: u32) -> Wanted {
    let row = people.row(index);
    Wanted { index, url: row.photo_url.to_owned(), mail: row.mail.to_owned() }
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
