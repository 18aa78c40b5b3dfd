//! What the People page does off the UI thread: listing people, and sorting and searching them.

use std::{
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;

use super::{
    list::{Chip, Mark, People, Sort},
    query::Search,
};
use crate::{
    job::{Reporter, Stop},
    model::{AttributeNames, Directory, DirectoryKind, Dn, Problem},
    net::ldap::{Connection, LdapError, ListEnd, Listing, PeopleQuery, Session, filter},
};

/// The first rows are shown as soon as there are this many, or after [`PAUSE`].
const FIRST_ROWS: usize = 50;

/// At least this long between two pictures of a growing list.
const PAUSE: Duration = Duration::from_millis(100);

/// What listing people reports.
pub enum ListEvent {
    /// What was recognised or chosen before the first person came.
    Asked(Box<Asked>),
    /// The people so far.
    Rows(People),
    /// How it ended.
    Ended {
        /// When, for "as of 11:40".
        at: Timestamp,
        /// Complete, cut or stopped; and other servers that hold more.
        listing: Listing,
    },
}

/// How a directory was asked for its people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The kind of server, from the site or recognised.
    pub kind: DirectoryKind,
    /// The attributes that were read.
    pub attributes: AttributeNames,
    /// Where.
    pub base: Dn,
    /// The whole filter.
    pub filter: String,
}

/// Works out how to ask `directory`, looking at its root DSE where the site leaves something open. `narrower` is a
/// filter that people must match besides.
///
/// # Errors
/// From the directory; [`LdapError::Filter`] for a filter that is none, before anything is sent.
pub fn how_to_ask(session: &Session, directory: &Directory, narrower: Option<&str>) -> Result<Asked, LdapError> {
    if let Some(narrower) = narrower {
        filter::check(narrower)?;
    }
    let mut directory = directory.clone();
    if directory.kind.is_none() || directory.base.is_none() {
        let root = session.with(Connection::root_dse)?;
        directory.kind = directory.kind.or(root.kind);
        directory.base = directory.base.or_else(|| root.naming_contexts.first().cloned());
    }
    let filter = match narrower {
        Some(narrower) => filter::both(directory.people_filter(), narrower),
        None => directory.people_filter().to_owned(),
    };
    Ok(Asked {
        kind: directory.kind_or_other(),
        attributes: directory.attribute_names(),
        base: directory.base.unwrap_or_default(),
        filter,
    })
}

/// Lists people and reports them as they come. Stopping keeps what came.
///
/// # Errors
/// What went wrong, as a problem; what was reported before stays true.
pub fn list(
    session: &Session,
    directory: &Directory,
    narrower: Option<&str>,
    report: &Reporter<ListEvent>,
) -> Result<(), Stop> {
    let session = session.for_job(report.cancelled());
    let asked = how_to_ask(&session, directory, narrower).map_err(|error| stop(&error))?;
    let query = PeopleQuery {
        changed: true,
        base: asked.base.clone(),
        filter: asked.filter.clone(),
        attributes: asked.attributes.clone(),
        page_size: directory.page_size,
    };
    report.send(ListEvent::Asked(Box::new(asked)))?;
    let (mut people, mut shown, mut last) = (People::default(), 0, Instant::now());
    let result = session.list_people(&query, &mut |record| {
        people.push(&record);
        let due = if shown == 0 { people.len() >= FIRST_ROWS } else { people.len() % 64 == 0 };
        if due && (shown == 0 || last.elapsed() >= PAUSE) {
            (shown, last) = (people.len(), Instant::now());
            if report.send(ListEvent::Rows(people.clone())).is_err() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    });
    if people.len() > shown {
        report.send(ListEvent::Rows(people))?;
    }
    let listing = result.map_err(|error| stop(&error))?;
    if listing.end == ListEnd::Stopped {
        return Err(Stop::Cancelled);
    }
    report.send(ListEvent::Ended { at: Timestamp::now(), listing })
}

fn stop(error: &LdapError) -> Stop {
    match error {
        LdapError::Cancelled => Stop::Cancelled,
        other => Stop::Failed(Problem::from_error(other, other.hint())),
    }
}

/// Which rows to show, in which order.
#[derive(Clone, Default)]
pub struct Viewed {
    /// All, sorted; kept so that a new search need not sort again.
    pub order: Arc<Vec<u32>>,
    /// How `order` is sorted.
    pub sort: Sort,
    /// Those that the search and the chip keep.
    pub rows: Arc<Vec<u32>>,
    /// How many the search alone keeps; counted only where nobody is left.
    pub without_chip: usize,
}

/// What to show.
pub struct ToView {
    /// The people.
    pub people: People,
    /// The last order, used again when it fits.
    pub last: Viewed,
    /// How to sort.
    pub sort: Sort,
    /// What was typed.
    pub search: Search,
    /// Which chip is on.
    pub chip: Chip,
    /// What is known of the photos.
    pub marks: Vec<Mark>,
}

/// Sorts and searches.
///
/// # Errors
/// [`Stop::Cancelled`] when nobody waits for it any more.
pub fn view(wanted: &ToView, report: &Reporter<Viewed>) -> Result<(), Stop> {
    let order = if wanted.last.sort == wanted.sort && wanted.last.order.len() == wanted.people.len() {
        Arc::clone(&wanted.last.order)
    } else {
        Arc::new(wanted.people.sorted(wanted.sort))
    };
    report.go_on()?;
    let rows = if wanted.search.is_empty() && wanted.chip == Chip::All {
        Arc::clone(&order)
    } else {
        Arc::new(wanted.people.filtered(&order, &wanted.search, wanted.chip, &wanted.marks))
    };
    let without_chip = if rows.is_empty() && wanted.chip != Chip::All {
        wanted.people.filtered(&order, &wanted.search, Chip::All, &[]).len()
    } else {
        rows.len()
    };
    report.send(Viewed { order, sort: wanted.sort, rows, without_chip })
}
