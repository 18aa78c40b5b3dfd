//! One search: which entries, which of their attributes, how many, and where the next page goes on.
//!
//! A page's cookie says by itself where to go on, so that the server remembers nothing between pages. Not here: sending
//! (`session.rs`).

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
};

use ldap3_proto::proto::{
    LdapPartialAttribute, LdapResultCode, LdapSearchRequest, LdapSearchResultEntry, LdapSearchScope,
};

use super::{
    BASE, Directory, SUBSCHEMA, dn,
    filter::Filter,
    schema::AttributeType,
    store::{Entry, Refusal, Store, Stored},
};

/// How many entries are looked at, and at most returned, before other connections have their turn.
const LOOKED_AT: usize = 2_000;
const RETURNED: usize = 64;

/// A search under way.
pub(super) struct Search {
    filter: Filter,
    selection: Selection,
    types_only: bool,
    scope: LdapSearchScope,
    base: Base,
    next: usize,
    sent: u32,
    sent_in_page: u32,
    limit: Option<u32>,
    page: Option<u32>,
    fingerprint: u64,
}

/// What the search starts from.
enum Base {
    Root,
    Subschema,
    Entry(usize),
}

/// A page asked for (RFC 2696).
pub(super) struct Page {
    pub(super) size: u32,
    pub(super) cookie: Vec<u8>,
}

/// What to do after a batch of entries.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// There may be more.
    GoOn,
    /// The page is full; the cookie says where the next one begins.
    PageFull(Vec<u8>),
    /// That was all.
    Done,
    /// There is more than the limit allows.
    SizeLimit,
}

/// Which attributes are returned (RFC 4511, 4.5.1.8; RFC 3673).
struct Selection {
    user: bool,
    operational: bool,
    named: Vec<&'static AttributeType>,
}

impl Search {
    /// Finds the base and checks the cookie.
    pub(super) fn new(
        directory: &Directory,
        request: &LdapSearchRequest,
        page: Option<&Page>,
    ) -> Result<Self, Refusal> {
        let base = Base::find(&directory.store(), request)?;
        let limits = directory.limits;
        let own = limits.size.filter(|_| page.is_none() || !limits.paging_lifts_size);
        let asked = u32::try_from(request.sizelimit).ok().filter(|limit| *limit > 0);
        let limit = own.into_iter().chain(asked).min();
        let mut search = Self {
            filter: Filter::new(&request.filter),
            selection: Selection::new(&request.attrs),
            types_only: request.typesonly,
            scope: request.scope.clone(),
            base,
            next: 0,
            sent: 0,
            sent_in_page: 0,
            limit,
            page: page.map(|page| page.size),
            fingerprint: fingerprint(request),
        };
        if let Some(page) = page.filter(|page| !page.cookie.is_empty()) {
            search.go_on_from(&page.cookie)?;
        }
        Ok(search)
    }

    /// The next few entries.
    pub(super) fn batch(&mut self, directory: &Directory) -> (Vec<LdapSearchResultEntry>, Next) {
        let (picked, next) = match self.base {
            Base::Root => self.single(&directory.root),
            Base::Subschema => self.single(&directory.subschema),
            Base::Entry(base) => self.walk(&directory.store(), base),
        };
        // Pictures are drawn here, when the tree is free again.
        let entry = |(dn, attributes): (String, Vec<Picked>)| LdapSearchResultEntry {
            dn,
            attributes: attributes.into_iter().map(|picked| picked.read(directory)).collect(),
        };
        (picked.into_iter().map(entry).collect(), next)
    }

    fn single(&self, entry: &Entry) -> (Vec<(String, Vec<Picked>)>, Next) {
        let wanted = self.scope == LdapSearchScope::Base || self.scope == LdapSearchScope::Subtree;
        let picked = wanted && self.filter.matches(entry) == Some(true);
        (picked.then(|| self.pick(entry)).into_iter().collect(), Next::Done)
    }

    fn walk(&mut self, store: &Store, base: usize) -> (Vec<(String, Vec<Picked>)>, Next) {
        let mut picked = Vec::new();
        let end = store.entries.len().min(self.next.saturating_add(LOOKED_AT));
        for at in self.next..end {
            if !self.in_scope(store, at, base) || self.filter.matches(&store.entries[at]) != Some(true) {
                continue;
            }
            self.next = at;
            if self.limit.is_some_and(|limit| self.sent >= limit) {
                return (picked, Next::SizeLimit);
            }
            if self.page.is_some_and(|size| self.sent_in_page >= size) {
                return (picked, Next::PageFull(self.cookie()));
            }
            if picked.len() == RETURNED {
                return (picked, Next::GoOn);
            }
            picked.push(self.pick(&store.entries[at]));
            self.sent += 1;
            self.sent_in_page += 1;
        }
        self.next = end;
        (picked, if end == store.entries.len() { Next::Done } else { Next::GoOn })
    }

    fn in_scope(&self, store: &Store, at: usize, base: usize) -> bool {
        match self.scope {
            LdapSearchScope::Base => at == base,
            LdapSearchScope::OneLevel => store.is_child(at, base),
            LdapSearchScope::Subtree => store.is_below(at, base),
            LdapSearchScope::Children => at != base && store.is_below(at, base),
        }
    }

    fn pick(&self, entry: &Entry) -> (String, Vec<Picked>) {
        let picked = entry.attributes.iter().filter(|attribute| self.selection.has(attribute.kind));
        let picked = picked.map(|attribute| Picked {
            kind: attribute.kind,
            values: if self.types_only { Vec::new() } else { attribute.values.clone() },
        });
        (entry.dn.clone(), picked.collect())
    }

    fn cookie(&self) -> Vec<u8> {
        let mut cookie = self.fingerprint.to_be_bytes().to_vec();
        cookie.extend(u32::try_from(self.next).unwrap_or(u32::MAX).to_be_bytes());
        cookie.extend(self.sent.to_be_bytes());
        cookie
    }

    fn go_on_from(&mut self, cookie: &[u8]) -> Result<(), Refusal> {
        let refusal = || Refusal::new(LdapResultCode::UnwillingToPerform, "the cookie is not of this search");
        let (fingerprint, rest) = cookie.split_first_chunk::<8>().ok_or_else(refusal)?;
        let (next, sent) = rest.split_first_chunk::<4>().ok_or_else(refusal)?;
        let sent = <[u8; 4]>::try_from(sent).map_err(|_wrong_length| refusal())?;
        if u64::from_be_bytes(*fingerprint) != self.fingerprint {
            return Err(refusal());
        }
        self.next = usize::try_from(u32::from_be_bytes(*next)).unwrap_or(usize::MAX);
        self.sent = u32::from_be_bytes(sent);
        Ok(())
    }
}

impl Base {
    fn find(store: &Store, request: &LdapSearchRequest) -> Result<Self, Refusal> {
        let base = request.base.trim();
        if base.is_empty() && request.scope == LdapSearchScope::Base {
            return Ok(Self::Root);
        }
        if base.is_empty() {
            let text = format!("search below {BASE}");
            return Err(Refusal::new(LdapResultCode::NoSuchObject, text));
        }
        if dn::key(base) == dn::key(SUBSCHEMA) {
            return Ok(Self::Subschema);
        }
        store.find(base).map(Self::Entry)
    }
}

impl Selection {
    fn new(names: &[String]) -> Self {
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        Self {
            user: names.is_empty() || has("*"),
            operational: has("+"),
            named: names.iter().filter_map(|name| AttributeType::find(name)).collect(),
        }
    }

    fn has(&self, kind: &'static AttributeType) -> bool {
        (if kind.operational { self.operational } else { self.user }) || self.named.contains(&kind)
    }
}

/// An attribute on its way out.
struct Picked {
    kind: &'static AttributeType,
    values: Vec<Stored>,
}

impl Picked {
    fn read(self, directory: &Directory) -> LdapPartialAttribute {
        let bytes = |value| match value {
            Stored::Bytes(bytes) => bytes.into_vec(),
            Stored::Drawn(picture) => directory.pictures.bytes(picture).to_vec(),
        };
        LdapPartialAttribute { atype: self.kind.name().to_owned(), vals: self.values.into_iter().map(bytes).collect() }
    }
}

/// Tells searches apart: a cookie of one must not be used in another.
fn fingerprint(request: &LdapSearchRequest) -> u64 {
    let mut hasher = DefaultHasher::new();
    (dn::key(&request.base), &request.scope, &request.filter, &request.attrs, request.typesonly).hash(&mut hasher);
    hasher.finish()
}
