//! Listing everybody, as fast as the server gives them: one connection of its own, answers read in place, the next page
//! asked for before the rows of the last one are handed on, rows left to gather while the server writes them. Memory is
//! two pieces of the answer.
//!
//! ldap3 takes each entry apart into several allocations and a channel hop; on a hundred thousand people that is more
//! than the server's own work (BENCHMARKS.md, "Loading people"). Requests are still written by ldap3.

use std::{borrow::Cow, ops::ControlFlow, sync::atomic::AtomicBool, thread, time::Duration};

use ldap3::asn1::{Boolean, Enumerated, Integer, OctetString, Sequence, Tag, TagClass};

use super::{
    LdapError, ListEnd, Listing, PeopleQuery, PersonRecord, Referral, Target,
    ber::{INTEGER, Malformed, OCTETS, Reader, SEQUENCE, SET, encode, message, octets, sequence},
    filter,
    referral::may_hold_people,
    socket,
    wait::runtime,
    wire::{Outcome, Wire, outcome, outcome_of, urls},
};
use crate::model::Secret;

/// Simple paged results (RFC 2696).
const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";
/// A server writes each person by itself, and waking a reader who waits for it costs the server more than the person did.
/// In this time dozens gather.
const GATHER: Duration = Duration::from_micros(50);
/// Referrals that are kept; a directory has a handful.
const REFERRALS_KEPT: usize = 100;

const BIND_RESPONSE: u8 = 0x61;
const SEARCH_ENTRY: u8 = 0x64;
const SEARCH_DONE: u8 = 0x65;
const SEARCH_REFERENCE: u8 = 0x73;
const INTERMEDIATE: u8 = 0x79;
const CONTROLS: u8 = 0xa0;

/// What `each` of a listing says after each person.
pub(super) type Each<'a> = &'a mut dyn FnMut(PersonRecord<'_>) -> ControlFlow<()>;

/// Lists the people of `query` on a new connection, signed in as `identity`.
pub(super) fn list(
    target: &Target,
    identity: Option<(&str, &Secret)>,
    query: &PeopleQuery,
    cancelled: &AtomicBool,
    each: Each<'_>,
) -> Result<Listing, LdapError> {
    let columns = Columns::of(query);
    let request = search_request(query, &columns)?;
    let stream = {
        let runtime = runtime().map_err(|error| target.no_runtime(&error))?;
        let stream = socket::connect(&runtime, target, cancelled, &mut |_step| {});
        runtime.shutdown_background();
        stream?
    };
    let mut wire = Wire::open(stream, target, cancelled)?;
    if let Some((name, password)) = identity {
        bind(&mut wire, target, name, password)?;
    }
    let mut list = List {
        target,
        wire,
        query,
        columns,
        request,
        id: 1,
        paged: query.page_size > 0,
        rows: 0,
        page_began: 0,
        referrals: Vec::new(),
    };
    match list.run(each) {
        Ok(end) => Ok(Listing { end, referrals: list.referrals }),
        Err(LdapError::Cancelled) => Ok(Listing { end: ListEnd::Stopped, referrals: list.referrals }),
        Err(error) => Err(error),
    }
}

fn bind(wire: &mut Wire<'_>, target: &Target, name: &str, password: &Secret) -> Result<(), LdapError> {
    let password = OctetString { id: 0, class: TagClass::Context, inner: password.expose().into() };
    let version = Tag::Integer(Integer { inner: 3, ..Integer::default() });
    let op = Sequence {
        id: 0,
        class: TagClass::Application,
        inner: vec![version, octets(name), Tag::OctetString(password)],
    };
    wire.send(&message(1, Tag::Sequence(op), None).map_err(|error| target.no_runtime(&error))?)?;
    let outcome = outcome_of(wire.messages()?, 1, BIND_RESPONSE).map_err(|wrong| target.malformed(wrong))?;
    if outcome.code == 0 { Ok(()) } else { Err(LdapError::sign_in(outcome.code, outcome.text)) }
}

/// A listing under way.
struct List<'a> {
    target: &'a Target,
    wire: Wire<'a>,
    query: &'a PeopleQuery,
    columns: Columns,
    request: Tag,
    /// Of the last request; 1 was the bind.
    id: i32,
    paged: bool,
    rows: usize,
    /// How many rows came before the page that is being read.
    page_began: usize,
    referrals: Vec<Referral>,
}

/// The end of one answer.
struct Done {
    outcome: Outcome,
    /// Where the next page begins; empty after the last.
    cookie: Vec<u8>,
}

impl List<'_> {
    fn run(&mut self, each: Each<'_>) -> Result<ListEnd, LdapError> {
        self.ask(Vec::new())?;
        loop {
            let target = self.target;
            // The piece is taken out of the wire for as long as it is read, so that the next page can be asked for first.
            let piece = self.wire.take_messages()?;
            let done = find_done(&piece, self.id).map_err(|wrong| target.malformed(wrong))?;
            let more = done.as_ref().is_some_and(|done| done.outcome.code == 0 && !done.cookie.is_empty());
            let (answered, before) = (self.id, self.rows);
            if let Some(done) = done.as_ref().filter(|_| more) {
                self.ask(done.cookie.clone())?;
            }
            if self.hand_on(&piece, answered, each)?.is_break() {
                return Ok(ListEnd::Stopped);
            }
            self.wire.give_back(piece);
            if more {
                self.page_began = self.rows;
                continue;
            }
            let Some(done) = done else {
                self.gather(self.rows - before);
                continue;
            };
            if self.try_without_pages(&done.outcome) {
                self.ask(Vec::new())?;
                continue;
            }
            return self.end(done.outcome);
        }
    }

    /// Lets rows gather, but not where the page may end meanwhile, judging by the `last` rows: the next page is asked for
    /// at once.
    #[expect(clippy::disallowed_methods, reason = "on the job's own thread, for less than a frame's hundredth")]
    fn gather(&self, last: usize) {
        let page = if self.paged { self.query.page_size as usize } else { usize::MAX };
        if self.rows - self.page_began + last < page {
            thread::sleep(GATHER);
        }
    }

    fn ask(&mut self, cookie: Vec<u8>) -> Result<(), LdapError> {
        self.id += 1;
        let written = self.paged.then(|| paged_results(self.query.page_size, cookie)).transpose();
        let written = written.and_then(|control| message(self.id, self.request.clone(), control));
        self.wire.send(&written.map_err(|error| self.target.no_runtime(&error))?)
    }

    /// A server that does not do pages may refuse them even where they are only wished for.
    fn try_without_pages(&mut self, outcome: &Outcome) -> bool {
        // unavailableCriticalExtension, unwillingToPerform; slapd's `size.prtotal=disabled` answers adminLimitExceeded
        let refused = matches!(outcome.code, 11 | 12 | 53);
        let again = refused && self.paged && self.rows == 0;
        self.paged &= !again;
        again
    }

    fn end(&mut self, outcome: Outcome) -> Result<ListEnd, LdapError> {
        self.refer(outcome.referrals);
        match outcome.code {
            0 | 10 => Ok(ListEnd::Complete),
            3 => Ok(ListEnd::TimeLimit),
            4 | 11 => Ok(ListEnd::SizeLimit),
            32 => Err(LdapError::NoSuchEntry { dn: self.query.base.clone() }),
            code => Err(LdapError::refused(code, outcome.text)),
        }
    }

    fn refer(&mut self, urls: Vec<String>) {
        for url in urls {
            if self.referrals.len() < REFERRALS_KEPT && !self.referrals.iter().any(|known| known.url == url) {
                self.referrals.push(Referral { url, failed: None });
            }
        }
    }

    /// Hands on the people of `piece`, which answers request `id`.
    fn hand_on(&mut self, piece: &[u8], id: i32, each: Each<'_>) -> Result<ControlFlow<()>, LdapError> {
        let target = self.target;
        let wrong = |wrong| target.malformed(wrong);
        let mut messages = Reader::new(piece);
        while let Some((_sequence, content)) = messages.next().map_err(wrong)? {
            let mut parts = Reader::new(content);
            let number = parts.number(INTEGER).map_err(wrong)?;
            let Some((op, content)) = parts.next().map_err(wrong)? else { continue };
            match op {
                // Unsolicited notification 0: a notice of disconnection (RFC 4511, 4.4.1).
                _ if number == 0 => return Err(target.lost()),
                _ if i64::from(number) != i64::from(id) => {
                    return Err(wrong(Malformed("the answer is to another question")));
                }
                SEARCH_ENTRY => {
                    self.rows += 1;
                    if self.columns.person(content, each).map_err(wrong)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                SEARCH_REFERENCE => {
                    self.refer(urls(content).map_err(wrong)?.into_iter().filter(|url| may_hold_people(url)).collect());
                }
                SEARCH_DONE | INTERMEDIATE => {}
                _ => return Err(wrong(Malformed("the answer is not one to a search"))),
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// The end of the answer to request `id`, when it is in `piece`.
fn find_done(piece: &[u8], id: i32) -> Result<Option<Done>, Malformed> {
    let mut messages = Reader::new(piece);
    while let Some((_sequence, content)) = messages.next()? {
        let mut parts = Reader::new(content);
        let number = parts.number(INTEGER)?;
        let Some((SEARCH_DONE, result)) = parts.next()? else { continue };
        if i64::from(number) == i64::from(id) {
            let cookie = match parts.next()? {
                Some((CONTROLS, controls)) => next_page(controls)?,
                _ => Vec::new(),
            };
            return Ok(Some(Done { outcome: outcome(result)?, cookie }));
        }
    }
    Ok(None)
}

/// The cookie of the paged results control among `controls`; empty when there is none.
fn next_page(controls: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut controls = Reader::new(controls);
    while let Some((SEQUENCE, control)) = controls.next()? {
        let mut parts = Reader::new(control);
        let name = parts.expect(OCTETS)?;
        let mut value = parts.next()?;
        if let Some((0x01, _criticality)) = value {
            value = parts.next()?;
        }
        if let (true, Some((OCTETS, value))) = (name == PAGED_RESULTS.as_bytes(), value) {
            let mut value = Reader::new(value);
            let mut page = Reader::new(value.expect(SEQUENCE)?);
            page.expect(INTEGER)?; // the server's estimate
            return Ok(page.expect(OCTETS)?.to_vec());
        }
    }
    Ok(Vec::new())
}

fn paged_results(size: u32, cookie: Vec<u8>) -> std::io::Result<Tag> {
    let size = Tag::Integer(Integer { inner: i64::from(size), ..Integer::default() });
    let value = encode(sequence(vec![size, octets(cookie)]))?;
    Ok(sequence(vec![octets(PAGED_RESULTS), octets(value)]))
}

fn search_request(query: &PeopleQuery, columns: &Columns) -> Result<Tag, LdapError> {
    filter::check(&query.filter)?;
    let filter = ldap3::parse_filter(&query.filter)
        .map_err(|()| LdapError::Filter { at: 0, why: "it is not a filter".to_owned() })?;
    let choice = |inner| Tag::Enumerated(Enumerated { inner, ..Enumerated::default() });
    let number = |inner| Tag::Integer(Integer { inner, ..Integer::default() });
    let (subtree, never) = (2, 0);
    let inner = vec![
        octets(query.base.as_str()),
        choice(subtree),
        choice(never), // dereference aliases
        number(0),     // size limit: the server's
        number(0),     // time limit: the server's
        Tag::Boolean(Boolean { inner: false, ..Boolean::default() }),
        filter,
        sequence(columns.0.iter().map(|column| octets(column.attribute.as_str())).collect()),
    ];
    Ok(Tag::Sequence(Sequence { id: 3, class: TagClass::Application, inner }))
}

/// Which attribute goes where in a [`PersonRecord`].
struct Columns(Vec<Column>);

struct Column {
    attribute: String,
    fields: Vec<Field>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    Mail,
    Account,
    PhotoUrl,
    Changed,
}

impl Columns {
    fn of(query: &PeopleQuery) -> Self {
        let names = &query.attributes;
        let changed = |name| query.changed.then_some(name);
        let wanted = [
            (names.name.as_deref(), Field::Name),
            (names.mail.as_deref(), Field::Mail),
            (names.account.as_deref(), Field::Account),
            (names.photo_url.as_deref(), Field::PhotoUrl),
            (changed("modifyTimestamp"), Field::Changed),
            (changed("whenChanged"), Field::Changed), // Active Directory's
        ];
        let mut columns: Vec<Column> = Vec::new();
        for (attribute, field) in wanted {
            let Some(attribute) = attribute else { continue };
            match columns.iter_mut().find(|column| column.attribute.eq_ignore_ascii_case(attribute)) {
                Some(column) => column.fields.push(field),
                None => columns.push(Column { attribute: attribute.to_owned(), fields: vec![field] }),
            }
        }
        Self(columns)
    }

    /// Reads one search result entry (RFC 4511, 4.5.2) and hands it to `each`.
    fn person(&self, entry: &[u8], each: Each<'_>) -> Result<ControlFlow<()>, Malformed> {
        let mut parts = Reader::new(entry);
        let dn = String::from_utf8_lossy(parts.expect(OCTETS)?);
        let mut found = Person::default();
        let mut attributes = Reader::new(parts.expect(SEQUENCE)?);
        while let Some((SEQUENCE, attribute)) = attributes.next()? {
            let mut parts = Reader::new(attribute);
            let description = parts.expect(OCTETS)?;
            let mut values = Reader::new(parts.expect(SET)?);
            let Some((OCTETS, first)) = values.next()? else { continue };
            let base = description.split(|byte| *byte == b';').next().unwrap_or_default();
            let Some(column) = self.0.iter().find(|column| column.attribute.as_bytes().eq_ignore_ascii_case(base))
            else {
                continue;
            };
            // An attribute with options (`cn;lang-de`) stands in only where there is none without.
            let plain = base.len() == description.len();
            for field in &column.fields {
                found.take(*field, first, plain);
            }
            if column.fields.contains(&Field::PhotoUrl) {
                found.photo_urls += 1;
                while values.next()?.is_some() {
                    found.photo_urls += 1;
                }
            }
        }
        Ok(each(PersonRecord {
            dn: &dn,
            name: &found.name,
            mail: &found.mail,
            account: &found.account,
            photo_url: &found.photo_url,
            photo_urls: found.photo_urls,
            changed: &found.changed,
        }))
    }
}

#[derive(Default)]
struct Person<'a> {
    name: Cow<'a, str>,
    mail: Cow<'a, str>,
    account: Cow<'a, str>,
    photo_url: Cow<'a, str>,
    photo_urls: usize,
    changed: Cow<'a, str>,
}

impl<'a> Person<'a> {
    fn take(&mut self, field: Field, value: &'a [u8], plain: bool) {
        let place = match field {
            Field::Name => &mut self.name,
            Field::Mail => &mut self.mail,
            Field::Account => &mut self.account,
            Field::PhotoUrl => &mut self.photo_url,
            Field::Changed => &mut self.changed,
        };
        if plain || place.is_empty() {
            *place = String::from_utf8_lossy(value);
        }
    }
}
