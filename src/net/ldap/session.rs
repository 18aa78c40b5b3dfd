//! A way to a directory that outlives its connections: idle ones are kept, lost ones made anew.

use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
};

use super::{
    Connection, LdapError, Listing, PeopleQuery, PersonRecord, Referral, Target, bulk,
    referral::HOPS,
    sign_in::{needs_lookup, usable},
    write::same_values,
};
use crate::model::{Change, Credentials, Dn, Place, Referrals, Unlocked};

/// Connections kept for the next job.
const IDLE: usize = 4;

/// A way to a directory: cheap to clone, one for all jobs of a site.
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
    cancelled: Arc<AtomicBool>,
}

struct Shared {
    target: Target,
    credentials: Credentials,
    pool: Mutex<Pool>,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Connection>,
    /// What the name to sign in as turned out to be.
    signed_in: Option<(Credentials, Option<Dn>)>,
}

impl Session {
    /// Opens nothing yet.
    pub fn new(target: Target, credentials: Credentials) -> Self {
        Self { shared: Arc::new(Shared { target, credentials, pool: Mutex::default() }), cancelled: Arc::default() }
    }

    /// The same session for a job: once `cancelled` is set, whatever it waits for ends within 200 ms with
    /// [`LdapError::Cancelled`].
    #[must_use]
    pub fn for_job(&self, cancelled: Arc<AtomicBool>) -> Self {
        Self { shared: Arc::clone(&self.shared), cancelled }
    }

    /// A session that does with referrals what the administrator just said.
    #[must_use]
    pub fn with_referrals(&self, referrals: Referrals) -> Self {
        let target = Target { referrals, ..self.shared.target.clone() };
        Self { cancelled: Arc::clone(&self.cancelled), ..Self::new(target, self.shared.credentials.clone()) }
    }

    /// Where it leads.
    pub fn target(&self) -> &Target {
        &self.shared.target
    }

    /// The DN it signed in as, once it did and the server told.
    pub fn signed_in_as(&self) -> Option<Dn> {
        self.pool().signed_in.as_ref().and_then(|(_credentials, dn)| dn.clone())
    }

    /// Runs `work` on an open, signed-in connection: an idle one, or a new one. When the connection turns out to be
    /// lost, a new one is opened and `work` runs once more, from its beginning; not so once it wrote anything.
    ///
    /// # Errors
    /// From connecting, signing in, or `work`.
    pub fn with<T>(&self, mut work: impl FnMut(&mut Connection) -> Result<T, LdapError>) -> Result<T, LdapError> {
        let idle = self.pool().idle.pop();
        let reused = idle.is_some();
        let mut connection = match idle {
            Some(mut connection) => {
                connection.for_job(&self.cancelled);
                connection
            }
            None => self.open(&self.cancelled)?,
        };
        let mut done = work(&mut connection);
        let again = match &done {
            Err(LdapError::Lost { .. }) => true,
            // A firewall that forgot an idle connection swallows what is sent on it.
            Err(LdapError::Timeout { .. }) => reused,
            _ => false,
        };
        if again && !connection.wrote {
            // What made this one end has most likely ended the others.
            self.pool().idle.clear();
            connection = self.open(&self.cancelled)?;
            done = work(&mut connection);
        }
        self.keep(connection);
        done
    }

    /// Makes `change` (see [`Connection::write`]). Once it is sent it is not cancelled. When the connection is lost
    /// before the answer, the values are read back on a new one to find out whether it was made; it is never sent twice.
    ///
    /// # Errors
    /// As [`Connection::write`]; [`LdapError::Lost`] and [`LdapError::Timeout`] then mean that nothing was written, or that
    /// nobody can know now.
    pub fn write(&self, change: &Change, unlocked: &Unlocked) -> Result<(), LdapError> {
        let never = self.for_job(Arc::default());
        // An idle connection may be dead: better to notice before anything is written.
        let unsure = match self
            .with(|connection| connection.root_dse_again().map(|_root| ()))
            .and_then(|()| never.with(|connection| connection.write(change, unlocked)))
        {
            Err(error @ (LdapError::Lost { .. } | LdapError::Timeout { .. })) => error,
            other => return other,
        };
        let Place::Attribute { dn, attribute, .. } = &change.place;
        let Ok(now) = never.with(|connection| connection.values(dn, attribute)) else { return Err(unsure) };
        if same_values(&now, &change.after) {
            Ok(())
        } else if same_values(&now, &change.before) {
            Err(unsure)
        } else {
            Err(LdapError::Stale { dn: dn.clone() })
        }
    }

    /// Lists people on a connection of its own; `each` sees them as the answer comes, and stops it with `Break`.
    ///
    /// # Errors
    /// From connecting, signing in or searching; rows already given stay valid. A limit of the server's is not an
    /// error but a [`super::ListEnd`], and so is a cancel.
    pub fn list_people(
        &self,
        query: &PeopleQuery,
        each: &mut dyn FnMut(PersonRecord<'_>) -> ControlFlow<()>,
    ) -> Result<Listing, LdapError> {
        let credentials = self.credentials()?;
        let mut trail = Vec::new();
        self.list_at(&self.shared.target, &credentials, query, &mut trail, each)
    }

    fn list_at(
        &self,
        target: &Target,
        credentials: &Credentials,
        query: &PeopleQuery,
        trail: &mut Vec<String>,
        each: bulk::Each<'_>,
    ) -> Result<Listing, LdapError> {
        let mut listing = bulk::list(target, usable(credentials)?, query, &self.cancelled, each)?;
        if target.referrals != Referrals::Follow || listing.end == super::ListEnd::Stopped {
            return Ok(listing);
        }
        for referral in std::mem::take(&mut listing.referrals) {
            if trail.len() >= HOPS || trail.contains(&referral.url) {
                listing.referrals.push(referral);
                continue;
            }
            trail.push(referral.url.clone());
            let followed = target.referred(&referral.url).and_then(|(there, base)| {
                let query = PeopleQuery { base: base.unwrap_or_else(|| query.base.clone()), ..query.clone() };
                self.list_at(&there, credentials, &query, trail, each)
            });
            trail.pop();
            match followed {
                Ok(more) => {
                    listing.referrals.extend(more.referrals);
                    if more.end != super::ListEnd::Complete {
                        listing.end = more.end;
                    }
                }
                Err(error) => listing.referrals.push(Referral { failed: Some(error.problem()), ..referral }),
            }
            if listing.end == super::ListEnd::Stopped {
                break;
            }
        }
        Ok(listing)
    }

    /// The credentials with the name that signs in without being looked up.
    fn credentials(&self) -> Result<Credentials, LdapError> {
        if let Some((credentials, _dn)) = &self.pool().signed_in {
            return Ok(credentials.clone());
        }
        if !needs_lookup(&self.shared.credentials) {
            return Ok(self.shared.credentials.clone());
        }
        self.with(|connection| Ok(connection.credentials.clone()))
    }

    fn open(&self, cancelled: &Arc<AtomicBool>) -> Result<Connection, LdapError> {
        let known = self.pool().signed_in.clone();
        let mut connection = Connection::open(&self.shared.target, cancelled)?;
        let credentials = known.map_or_else(|| self.shared.credentials.clone(), |(credentials, _dn)| credentials);
        connection.sign_in(&credentials)?;
        self.pool().signed_in = Some((connection.credentials.clone(), connection.signed_in_as.clone()));
        Ok(connection)
    }

    fn keep(&self, connection: Connection) {
        let mut pool = self.pool();
        if !connection.spent && pool.idle.len() < IDLE {
            pool.idle.push(connection);
        }
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.shared.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
