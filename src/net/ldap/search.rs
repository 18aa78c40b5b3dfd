//! Reading: one entry, a search, a count. Entries keep the server's order, spelling and bytes.
//!
//! ldap3 can build entries itself, but panics on names that are not UTF-8, and splits attributes by whether all values are.

use ldap3::{
    Scope, SearchOptions,
    adapters::{Adapter, EntriesOnly, PagedResults},
    asn1::{PL, StructureTag},
};

use super::{Connection, Found, LdapError, Referral, filter, referral::may_hold_people};
use crate::model::{Attribute, Dn, Entry, Value};

/// Entries in a page while counting.
const COUNTING_PAGE: i32 = 500;
/// Matches every entry.
pub(super) const ANY: &str = "(objectClass=*)";

impl Connection {
    /// Reads one entry with all user attributes and the named `extra` ones (operational ones, such as
    /// `modifyTimestamp`).
    ///
    /// # Errors
    /// [`LdapError::NoSuchEntry`] when it is gone, [`LdapError::Referral`] when it is on another server that is not
    /// asked; as any search.
    pub fn read(&mut self, dn: &Dn, extra: &[&str]) -> Result<Entry, LdapError> {
        let attributes: Vec<&str> = std::iter::once("*").chain(extra.iter().copied()).collect();
        self.read_only(dn, &attributes)
    }

    /// Reads one entry with just `attributes`.
    pub(super) fn read_only(&mut self, dn: &Dn, attributes: &[&str]) -> Result<Entry, LdapError> {
        let mut found = self.search_in(dn, Scope::Base, ANY, attributes, 1)?;
        match found.entries.pop() {
            Some(entry) => Ok(entry),
            None if found.referrals.is_empty() => Err(LdapError::NoSuchEntry { dn: dn.clone() }),
            None => {
                Err(LdapError::Referral { urls: found.referrals.into_iter().map(|referral| referral.url).collect() })
            }
        }
    }

    /// Searches below `base` and gives at most `limit` entries; no `attributes` asks for all user attributes.
    ///
    /// # Errors
    /// [`LdapError::Filter`] before anything is sent; what the server answers. A size limit is not an error.
    pub fn search(&mut self, base: &Dn, filter: &str, attributes: &[&str], limit: u32) -> Result<Found, LdapError> {
        self.search_in(base, Scope::Subtree, filter, attributes, limit)
    }

    pub(super) fn search_in(
        &mut self,
        base: &Dn,
        scope: Scope,
        filter: &str,
        attributes: &[&str],
        limit: u32,
    ) -> Result<Found, LdapError> {
        filter::check(filter)?;
        let mut found = self.search_here(base, scope, filter, attributes, limit)?;
        let referrals = std::mem::take(&mut found.referrals);
        for referral in referrals {
            let room = limit.saturating_sub(u32::try_from(found.entries.len()).unwrap_or(u32::MAX));
            let followed = self.follow(&referral.url, |there, below| {
                there.search_in(below.as_ref().unwrap_or(base), scope, filter, attributes, room)
            });
            match followed {
                None => found.referrals.push(referral),
                Some(Ok(more)) => {
                    found.entries.extend(more.entries);
                    found.cut |= more.cut;
                    found.referrals.extend(more.referrals);
                }
                Some(Err(LdapError::Cancelled)) => return Err(LdapError::Cancelled),
                Some(Err(error)) => found.referrals.push(Referral { failed: Some(error.problem()), ..referral }),
            }
        }
        Ok(found)
    }

    fn search_here(
        &mut self,
        base: &Dn,
        scope: Scope,
        filter: &str,
        attributes: &[&str],
        limit: u32,
    ) -> Result<Found, LdapError> {
        let mut ldap = self.ldap.clone();
        ldap.with_search_options(SearchOptions::new().sizelimit(i32::try_from(limit).unwrap_or(i32::MAX)));
        let mut stream = self.answer(ldap.streaming_search(base.as_str(), scope, filter, attributes.to_vec()))?;
        let mut found = Found::default();
        while let Some(item) = self.answer(stream.next())? {
            if item.is_ref() {
                let urls = urls(item.0).into_iter().filter(|url| may_hold_people(url));
                found.referrals.extend(urls.map(|url| Referral { url, failed: None }));
            } else if !item.is_intermediate() {
                if found.entries.len() >= limit as usize {
                    // A server that does not keep to the limit is told to stop.
                    let id = stream.ldap_handle().last_id();
                    self.answer(ldap.abandon(id))?;
                    found.cut = true;
                    return Ok(found);
                }
                found.entries.push(entry_of(item.0).ok_or_else(|| self.protocol("an entry is malformed"))?);
            }
        }
        let result = self.answer(async { Ok(stream.finish().await) })?;
        match result.rc {
            0 => {}
            3 | 4 | 11 => found.cut = true,
            10 => found.referrals.extend(result.refs.into_iter().map(|url| Referral { url, failed: None })),
            32 => return Err(LdapError::NoSuchEntry { dn: base.clone() }),
            code => return Err(LdapError::refused(code, result.text)),
        }
        Ok(found)
    }

    /// How many entries below `base` match, counted up to `at_most`; `true` when there are more, or may be because the
    /// server stopped. Referrals are left out.
    ///
    /// # Errors
    /// As [`Connection::search`].
    pub fn count(&mut self, base: &Dn, filter: &str, at_most: usize) -> Result<(usize, bool), LdapError> {
        filter::check(filter)?;
        let mut ldap = self.ldap.clone();
        let adapters: Vec<Box<dyn Adapter<'_, &str, Vec<&str>>>> =
            vec![Box::new(EntriesOnly::new()), Box::new(PagedResults::new(COUNTING_PAGE))];
        let search = ldap.streaming_search_with(adapters, base.as_str(), Scope::Subtree, filter, vec!["1.1"]);
        let mut stream = self.answer(search)?;
        let mut count = 0;
        while self.answer(stream.next())?.is_some() {
            if count == at_most {
                let id = stream.ldap_handle().last_id();
                self.answer(ldap.abandon(id))?;
                return Ok((count, true));
            }
            count += 1;
        }
        let result = self.answer(async { Ok(stream.finish().await) })?;
        match result.rc {
            0 | 10 => Ok((count, false)),
            3 | 4 | 11 => Ok((count, true)),
            32 => Err(LdapError::NoSuchEntry { dn: base.clone() }),
            code => Err(LdapError::refused(code, result.text)),
        }
    }
}

/// A search result entry (RFC 4511, 4.5.2). A name that is not UTF-8 shows U+FFFD, and is not found again.
fn entry_of(tag: StructureTag) -> Option<Entry> {
    let mut parts = elements(tag)?.into_iter();
    let dn = Dn::new(lossy(bytes(parts.next()?)?));
    let attributes = elements(parts.next()?)?.into_iter().map(attribute_of).collect::<Option<_>>()?;
    Some(Entry { dn, attributes })
}

fn attribute_of(tag: StructureTag) -> Option<Attribute> {
    let mut parts = elements(tag)?.into_iter();
    let name = lossy(bytes(parts.next()?)?);
    let values = elements(parts.next()?)?.into_iter().map(|value| bytes(value).map(Value)).collect::<Option<_>>()?;
    Some(Attribute { name, values })
}

/// A search result reference (RFC 4511, 4.5.3).
fn urls(tag: StructureTag) -> Vec<String> {
    elements(tag).unwrap_or_default().into_iter().filter_map(bytes).map(lossy).collect()
}

fn elements(tag: StructureTag) -> Option<Vec<StructureTag>> {
    match tag.payload {
        PL::C(elements) => Some(elements),
        PL::P(_) => None,
    }
}

fn bytes(tag: StructureTag) -> Option<Vec<u8>> {
    match tag.payload {
        PL::P(bytes) => Some(bytes),
        PL::C(_) => None,
    }
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
