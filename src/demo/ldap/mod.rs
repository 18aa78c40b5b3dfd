//! The demo site's directory: an LDAP server that any other client can use (RFC 4511, 4512, 4513, 2696).
//!
//! Simple bind, search, compare, modify, "who am I"; anonymous may read, the administrator may write. Without TLS, since
//! nothing leaves the machine. Entries cannot be added, removed or renamed: the demo's people stay.

mod dn;
mod filter;
mod schema;
mod search;
mod session;
mod store;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{net::TcpListener, sync::Semaphore};

pub(super) use self::store::{Entry, Store};
use super::picture::Pictures;

/// The one naming context.
pub(super) const BASE: &str = "dc=example,dc=com";
/// Who may write.
pub(super) const ADMINISTRATOR: &str = "cn=Administrator,dc=example,dc=com";
/// The administrator's password: public.
pub(super) const PASSWORD: &str = "photodesk";
/// Everybody else's password: public.
pub(super) const PEOPLE_PASSWORD: &str = "demo";
/// Where the schema is.
pub(super) const SUBSCHEMA: &str = "cn=Subschema";

/// How many connections are served at once; more wait in the system's queue.
const CONNECTIONS: usize = 128;

/// How much one search gives, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) size: Option<u32>,
    pub(super) paging_lifts_size: bool,
    pub(super) delay: Duration,
}

/// What all connections share.
pub(super) struct Directory {
    store: Mutex<Store>,
    pictures: Arc<Pictures>,
    limits: Limits,
    root: Entry,
    subschema: Entry,
}

impl Directory {
    pub(super) fn new(store: Store, pictures: Arc<Pictures>, limits: Limits) -> Self {
        Self { store: Mutex::new(store), pictures, limits, root: root(), subschema: subschema() }
    }

    /// Puts another tree in place of the one served.
    pub(super) fn replace(&self, store: Store) {
        *self.store() = store;
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner) // an entry is replaced whole, or not at all
    }
}

/// Serves every connection to `listener`, for ever.
pub(super) async fn serve(listener: TcpListener, directory: Arc<Directory>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(20)).await; // out of file descriptors, for a moment
            continue;
        };
        let directory = Arc::clone(&directory);
        tokio::spawn(async move {
            session::serve(stream, directory).await;
            drop(place);
        });
    }
}

/// The root DSE (RFC 4512, 5.1).
fn root() -> Entry {
    let mut root = Entry::new("");
    root.put("objectClass", "top");
    root.put("vendorName", "Photodesk demo");
    root.put("vendorVersion", env!("CARGO_PKG_VERSION"));
    root.put("namingContexts", BASE);
    root.put("subschemaSubentry", SUBSCHEMA);
    root.put("supportedLDAPVersion", "3");
    root.put("supportedControl", session::PAGED_RESULTS);
    root.put("supportedControl", session::MANAGE_DSA_IT);
    root.put("supportedExtension", session::WHO_AM_I);
    root.put("supportedFeatures", "1.3.6.1.4.1.4203.1.5.1"); // `+` asks for operational attributes (RFC 3673)
    root.put("supportedFeatures", "1.3.6.1.4.1.4203.1.5.3"); // (&) and (|) (RFC 4526)
    root
}

/// The subschema subentry (RFC 4512, 4.2).
fn subschema() -> Entry {
    let mut subschema = Entry::new(SUBSCHEMA);
    subschema.put("objectClass", "top");
    subschema.put("objectClass", "subschema");
    subschema.put("cn", "Subschema");
    let (attributes, classes) = schema::descriptions();
    for description in attributes {
        subschema.put("attributeTypes", description);
    }
    for description in classes {
        subschema.put("objectClasses", description);
    }
    subschema
}
