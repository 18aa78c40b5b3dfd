//! What will be written, before anything is: changes with their old values, in the order they will be made.
//!
//! A single change is a plan of one. Undo is a plan too, made from the journal. Each change has an id that follows from
//! the plan's and its place in it, so that a plan taken up again after a stop finds in the journal how far it came.
//!
//! Not here: making the changes (`apply.rs`).

use jiff::Timestamp;

use crate::{
    journal::{self, Record},
    model::{Change, ChangeKind},
};

/// Changes to be made together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Names the run in the journal.
    pub run: String,
    /// The site's name.
    pub site: String,
    /// In the order they will be made.
    pub changes: Vec<Planned>,
}

/// One change of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its id in the journal.
    pub id: String,
    /// What will be written.
    pub change: Change,
    /// The id of the change that this one takes back.
    pub undoes: Option<String>,
}

impl Plan {
    /// Plans `changes` for `site`. What is there already is left out, see [`Self::unchanged`] for how to count it.
    pub fn new(site: &str, changes: impl IntoIterator<Item = Change>, now: Timestamp) -> Self {
        Self::of(site, changes.into_iter().map(|change| (change, None)), now)
    }

    /// Plans to take back what `records` did, the newest first.
    pub fn undo<'a>(site: &str, records: impl DoubleEndedIterator<Item = &'a Record>, now: Timestamp) -> Self {
        let inverse = |record: &Record| (record.line.change.inverse(), Some(record.line.id.clone()));
        Self::of(site, records.rev().map(inverse), now)
    }

    fn of(site: &str, changes: impl Iterator<Item = (Change, Option<String>)>, now: Timestamp) -> Self {
        let run = journal::new_run(now);
        let changes = changes
            .filter(|(change, _)| change.kind() != ChangeKind::Nothing)
            .enumerate()
            .map(|(place, (change, undoes))| Planned { id: format!("{run}.{place:06}"), change, undoes })
            .collect();
        Self { run, site: site.to_owned(), changes }
    }

    /// The plan that takes this one back, the last change first.
    #[must_use]
    pub fn inverse(&self, now: Timestamp) -> Self {
        let inverse = |planned: &Planned| (planned.change.inverse(), Some(planned.id.clone()));
        Self::of(&self.site, self.changes.iter().rev().map(inverse), now)
    }

    /// How many of `changes` a plan leaves out, since what they want is there already.
    pub fn unchanged<'a>(changes: impl IntoIterator<Item = &'a Change>) -> usize {
        changes.into_iter().filter(|change| change.kind() == ChangeKind::Nothing).count()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::Plan;
    use crate::model::{Change, Dn, Place, Value};

    fn change(uid: &str, before: &str, after: &str) -> Change {
        let values = |text: &str| text.split_whitespace().map(Value::from).collect();
        Change {
            place: Place::Attribute {
                directory: "ldap://127.0.0.1:389".to_owned(),
                dn: Dn::new(format!("uid={uid},dc=example,dc=com")),
                attribute: "photoURL".to_owned(),
            },
            subject: uid.to_owned(),
            before: values(before),
            after: values(after),
        }
    }

    #[test]
    fn what_is_there_already_is_left_out() {
        let changes = [change("a", "", "http://a"), change("b", "http://b", "http://b"), change("c", "http://c", "")];
        let plan = Plan::new("Demo", changes.clone(), Timestamp::UNIX_EPOCH);
        assert_eq!(plan.changes.iter().map(|planned| planned.change.subject.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(Plan::unchanged(&changes), 1);
    }

    #[test]
    fn the_inverse_takes_back_the_last_change_first_and_says_which() {
        let changes = [change("a", "", "http://a"), change("b", "http://b", "http://c")];
        let plan = Plan::new("Demo", changes, Timestamp::UNIX_EPOCH);
        let inverse = plan.inverse(Timestamp::UNIX_EPOCH);
        let (last, first) = (&inverse.changes[0], &inverse.changes[1]);
        assert_eq!(last.undoes.as_ref(), Some(&plan.changes[1].id));
        assert_eq!(last.change, change("b", "http://c", "http://b"));
        assert_eq!(first.change, change("a", "http://a", ""));
        assert_ne!(plan.run, inverse.run);
    }

    #[test]
    fn ids_sort_in_the_order_of_the_plan() {
        let changes = (0..1200).map(|number| change(&number.to_string(), "", "http://a"));
        let plan = Plan::new("Demo", changes, Timestamp::UNIX_EPOCH);
        assert!(plan.changes.is_sorted_by(|earlier, later| earlier.id < later.id));
    }
}
