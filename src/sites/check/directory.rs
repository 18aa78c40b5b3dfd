//! The check's middle: search base, people filter, and the first page of people.

use std::time::Instant;

use super::{BaseOffer, Check, Count, Halt, Mend, Step, StepProblem, StepState};
use crate::{
    job::Stop,
    model::{DirectoryKind, Dn, Problem},
    net::ldap::{Connection, LdapError, RootDse, filter},
};

/// People are counted up to here: enough to choose a base by, and one page of an answer.
const COUNTED: usize = 1000;
/// People of the first page.
const FIRST_PAGE: u32 = 50;
/// Naming contexts that are offered; directories with more have technical ones among them.
const OFFERED: usize = 12;

impl Check<'_> {
    /// Decides where to search: where the site says, or in the naming context that has people.
    pub(super) fn base(&mut self, connection: &mut Connection, root: &RootDse) -> Result<Dn, Halt> {
        self.runs(Step::Base)?;
        let contexts = root.naming_contexts.iter().take(OFFERED).cloned();
        self.found.bases = contexts.map(|dn| BaseOffer { dn, people: None }).collect();
        self.tell()?;
        let base = match self.directory().base.clone() {
            Some(base) => self.base_exists(connection, base)?,
            None => self.base_by_itself(connection)?,
        };
        self.found.base = Some(base.clone());
        self.tell()?;
        Ok(base)
    }

    fn base_exists(&mut self, connection: &mut Connection, base: Dn) -> Result<Dn, Halt> {
        match connection.read(&base, &[]) {
            Ok(_entry) => self.passes(Step::Base, base.to_string())?,
            // One may be let search below an entry without being let see it.
            Err(LdapError::InsufficientRights { .. }) => {
                self.passes(Step::Base, format!("{base}, not readable itself"))?;
            }
            Err(error @ LdapError::NoSuchEntry { .. }) => {
                let mends = self.found.bases.iter().map(|offer| Mend::UseBase(offer.dn.clone())).take(3).collect();
                return Err(self.fails_with(Step::Base, "not there", &error, mends));
            }
            Err(error) => return Err(self.fails_with(Step::Base, "not readable", &error, Vec::new())),
        }
        Ok(base)
    }

    /// The naming context with most people; the default one when none has any yet.
    fn base_by_itself(&mut self, connection: &mut Connection) -> Result<Dn, Halt> {
        if self.found.bases.is_empty() {
            let problem = Problem::new("The directory names no place to search in")
                .hint("Type the search base, such as dc=example,dc=com.");
            return Err(self.fails(Step::Base, StepProblem::new("not offered", problem)));
        }
        let people = self.directory().filter.clone().unwrap_or_else(|| self.kind().people_filter().to_owned());
        self.count_bases(connection, &people)?;
        let most = |offer: &&BaseOffer| offer.people.map_or(0, |count| count.seen);
        // Of equals the first counts, and `max_by_key` gives the last.
        let Some(best) = self.found.bases.iter().rev().max_by_key(most) else { return Err(Halt::Reported) };
        let others = self.found.bases.len() - 1;
        let fact = match others {
            0 => best.dn.to_string(),
            _ => format!("{}, {others} more offered", best.dn),
        };
        let dn = best.dn.clone();
        self.passes(Step::Base, fact)?;
        Ok(dn)
    }

    /// Counts people below each offered base that was not counted yet. A base that cannot be searched has no count.
    pub(super) fn count_bases(&mut self, connection: &mut Connection, people: &str) -> Result<(), Halt> {
        if filter::check(people).is_err() {
            return Ok(());
        }
        for at in 0..self.found.bases.len() {
            self.report.go_on()?;
            let Some(offer) = self.found.bases.get_mut(at).filter(|offer| offer.people.is_none()) else { continue };
            match connection.count(&offer.dn, people, COUNTED) {
                Ok((seen, more)) => offer.people = Some(Count { seen: seen as u64, more }),
                Err(LdapError::Cancelled) => return Err(Stop::Cancelled.into()),
                Err(_not_searchable) => {}
            }
        }
        self.tell()
    }

    /// Checks the filter's text, then that it finds somebody. Gives the filter in force.
    pub(super) fn filter(&mut self, connection: &mut Connection, base: &Dn) -> Result<String, Halt> {
        self.runs(Step::Filter)?;
        let people = self.directory().filter.clone().unwrap_or_else(|| self.kind().people_filter().to_owned());
        let usual = self.kind().people_filter().to_owned();
        if let Err(error) = filter::check(&people) {
            let mut problem = StepProblem::new("mistake in it", error.problem());
            if let LdapError::Filter { at, .. } = error {
                problem.at = Some(at);
            }
            return Err(self.fails(Step::Filter, problem.mends(vec![Mend::UseFilter(usual)])));
        }
        match connection.count(base, &people, COUNTED) {
            Ok((0, false)) => Err(self.finds_nobody(connection, base, &people)?),
            Ok((seen, more)) => {
                self.passes(Step::Filter, Count { seen: seen as u64, more }.to_string())?;
                Ok(people)
            }
            Err(error) => Err(self.fails_with(Step::Filter, "refused", &error, Vec::new())),
        }
    }

    /// Looks for a usual filter that finds somebody, so that it can be offered.
    fn finds_nobody(&self, connection: &mut Connection, base: &Dn, people: &str) -> Result<Halt, Halt> {
        let mut mends = Vec::new();
        let usual = std::iter::once(self.kind()).chain(DirectoryKind::ALL).map(DirectoryKind::people_filter);
        for other in usual.filter(|other| *other != people) {
            self.report.go_on()?;
            let offered = Mend::UseFilter(other.to_owned());
            if mends.len() < 2
                && !mends.contains(&offered)
                && connection.count(base, other, 1).is_ok_and(|(seen, _more)| seen > 0)
            {
                mends.push(offered);
            }
        }
        let hint = match (&self.found.signed_in, mends.is_empty()) {
            (None, true) => "The base may be the wrong one, or people may be hidden from an anonymous sign-in.",
            (Some(_), true) => "The base may be the wrong one, or the account may not see people.",
            (_, false) => "The filter asks for entries of another kind than those that are there.",
        };
        let problem = Problem::new(format!("The filter finds nobody below {base}")).hint(hint).details(people);
        Ok(self.fails(Step::Filter, StepProblem::new("nobody", problem).mends(mends)))
    }

    /// Reads people as the list will, and the first of them whole.
    pub(super) fn people(&mut self, connection: &mut Connection, base: &Dn, people: &str) -> Result<(), Halt> {
        self.runs(Step::People)?;
        let names = self.attribute_names();
        let wanted: Vec<&str> = [&names.name, &names.mail, &names.account, &names.photo_url]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let begun = Instant::now();
        let found = connection
            .search(base, people, &wanted, FIRST_PAGE)
            .map_err(|error| self.fails_with(Step::People, "not read", &error, Vec::new()))?;
        let fact = format!(
            "{} in {} ms",
            Count { seen: found.entries.len() as u64, more: false },
            begun.elapsed().as_millis().max(1)
        );
        self.found.people = found.entries;
        self.found.referrals = found.referrals;
        if let Some(first) = self.found.people.first_mut()
            && let Ok(whole) = connection.read(&first.dn, &[])
        {
            *first = whole;
        }
        self.tell()?;
        match self.odd_people(names.name.as_deref(), names.mail.as_deref()) {
            Some(problem) => self.warns(Step::People, &fact, problem, Vec::new()),
            None => self.step(Step::People, StepState::Passed { fact }),
        }
    }

    /// What to know about the first people, when all of them lack something.
    fn odd_people(&self, name: Option<&str>, mail: Option<&str>) -> Option<Problem> {
        let people = &self.found.people;
        let all_lack =
            |attribute: Option<&'_ str>| attribute.is_some_and(|name| !people.iter().any(|person| person.has(name)));
        if people.is_empty() {
            return None; // the filter's step says so
        }
        if let Some(attribute) = [name, mail].into_iter().find(|each| all_lack(*each)).flatten() {
            return Some(
                Problem::new(format!("None of the first {} people has {attribute}", people.len()))
                    .hint("Another attribute may hold it: see Attributes in the form. Or the account may not read it."),
            );
        }
        let targets: Vec<&str> = self.found.referrals.iter().map(|referral| referral.url.as_str()).take(3).collect();
        (!targets.is_empty()).then(|| {
            Problem::new("Other servers hold parts of this directory")
                .hint(format!("They were not asked: {}. See Referrals in the form.", targets.join(", ")))
        })
    }
}
