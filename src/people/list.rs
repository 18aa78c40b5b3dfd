//! Hundreds of thousands of people in little memory, and which of them are shown in which order.
//!
//! People come in chunks that never change once they are full, so that jobs can search and sort them while the list
//! still fills. Not here: where people come from (`job.rs`), what is known of their photos ([`Mark`] is only a summary).

use std::{cmp::Ordering, sync::Arc};

use super::query::{Search, fold_into};
use crate::{model::Dn, net::ldap::PersonRecord};

/// People in one chunk. Jobs copy at most one chunk, the unfinished one.
const CHUNK: usize = 1024;

/// The longest value kept for the list, in bytes; the person's page reads the whole one again. DNs are always kept whole.
const LONGEST: usize = 512;

const FIELDS: usize = 6;

/// One person of the list, borrowed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The entry.
    pub dn: &'a str,
    /// The name people go by; empty when the directory has none.
    pub name: &'a str,
    /// The mail address.
    pub mail: &'a str,
    /// The account.
    pub account: &'a str,
    /// The first photo URL.
    pub photo_url: &'a str,
    /// How many photo URLs there are.
    pub photo_urls: u8,
    /// When the entry was changed last, in seconds of Unix time; 0 when the directory does not say.
    pub changed: i64,
}

/// People, in the order in which the directory gave them.
#[derive(Clone, Default)]
pub struct People {
    full: Vec<Arc<Chunk>>,
    last: Arc<Chunk>,
}

/// Up to [`CHUNK`] people: one text, and where each value ends in it.
#[derive(Clone, Default)]
struct Chunk {
    text: String,
    rows: Vec<Ends>,
}

#[derive(Clone, Copy)]
struct Ends {
    // dn, name, mail, account, photo URL, folded; each begins where the one before ends
    fields: [u32; FIELDS],
    photo_urls: u8,
    changed: i64,
}

/// What the list knows of a person's photo: what the filter chips count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mark {
    /// There is a photo URL; nobody looked yet.
    #[default]
    Unchecked,
    /// It works, and suits every client.
    Fine,
    /// It works, with something to say about it that has no chip of its own.
    Weak,
    /// There is no photo URL.
    NoUrl,
    /// The address gives no picture.
    Broken,
    /// Capitals in the address are to blame.
    WrongCase,
    /// More bytes than business cards take.
    TooLarge,
    /// Neither JPEG nor GIF.
    WrongType,
}

/// What the list is narrowed to besides the search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chip {
    /// Everybody.
    #[default]
    All,
    /// Those with this mark.
    Only(Mark),
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// By name; who has none comes last.
    #[default]
    Name,
    /// By mail address.
    Mail,
    /// By photo URL; who has none comes first, as they are looked for.
    PhotoUrl,
    /// By organisational unit.
    Unit,
    /// By the time of the last change, newest first.
    Changed,
}

/// How the list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sort {
    /// By what.
    pub column: Column,
    /// The other way round.
    pub reversed: bool,
}

impl People {
    /// How many.
    pub fn len(&self) -> usize {
        self.full.len() * CHUNK + self.last.rows.len()
    }

    /// Nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory held, for the figures.
    pub fn bytes(&self) -> usize {
        let of = |chunk: &Chunk| chunk.text.capacity() + chunk.rows.capacity() * size_of::<Ends>();
        self.full.iter().map(|chunk| of(chunk)).sum::<usize>() + of(&self.last)
    }

    /// Adds a person at the end.
    pub fn push(&mut self, record: &PersonRecord<'_>) {
        let chunk = Arc::make_mut(&mut self.last);
        chunk.push(record);
        if chunk.rows.len() == CHUNK {
            chunk.text.shrink_to_fit();
            self.full.push(std::mem::take(&mut self.last));
        }
    }

    /// The person at `index`, which must be below [`Self::len`].
    pub fn row(&self, index: u32) -> Row<'_> {
        self.chunk(index).row(index as usize % CHUNK)
    }

    /// The text that is searched.
    fn folded(&self, index: u32) -> &str {
        self.chunk(index).field(index as usize % CHUNK, FIELDS - 1)
    }

    /// The index of the person with this DN.
    pub fn find(&self, dn: &Dn) -> Option<u32> {
        (0..self.len() as u32).find(|index| self.row(*index).dn == dn.as_str()).or_else(|| {
            let folded = dn.folded();
            (0..self.len() as u32).find(|index| Dn::new(self.row(*index).dn).folded() == folded)
        })
    }

    /// At most `most` people whose name, mail address or account `search` finds, those whose name begins with `first`
    /// before the others.
    pub fn find_names(&self, search: &Search, first: &str, most: usize) -> Vec<u32> {
        let found = (0..self.len() as u32).filter(|index| search.matches(self.folded(*index)));
        // Enough to have the best among them, without looking through a million for one letter.
        let mut found: Vec<u32> = found.take(2000).collect();
        found.sort_by_key(|index| (!self.folded(*index).starts_with(first), self.folded(*index)));
        found.truncate(most);
        found
    }

    /// The same people with another photo URL for one of them: after it was written.
    pub fn set_photo_url(&mut self, index: u32, photo_url: &str, photo_urls: u8) {
        let (chunk, at) = (index as usize / CHUNK, index as usize % CHUNK);
        let chunk = self.full.get_mut(chunk).unwrap_or(&mut self.last);
        let mut rebuilt = Chunk::default();
        for row in 0..chunk.rows.len() {
            let Row { dn, name, mail, account, photo_url: before, photo_urls: count, changed } = chunk.row(row);
            let (photo_url, photo_urls) = if row == at { (photo_url, photo_urls) } else { (before, count) };
            rebuilt.push_fields([dn, name, mail, account, photo_url], photo_urls, changed);
        }
        *chunk = Arc::new(rebuilt);
    }

    fn chunk(&self, index: u32) -> &Chunk {
        self.full.get(index as usize / CHUNK).unwrap_or(&self.last)
    }

    /// All indices in the order of `sort`.
    pub fn sorted(&self, sort: Sort) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        let key = |index: u32| self.sort_key(index, sort.column);
        match sort.column {
            Column::Changed => order.sort_by_key(|index| std::cmp::Reverse(self.row(*index).changed)),
            Column::Unit => order.sort_by_cached_key(|index| {
                let dn = Dn::new(self.row(*index).dn);
                (dn.unit().map(str::to_lowercase), key(*index).to_owned())
            }),
            Column::PhotoUrl => order.sort_by(|one, other| key(*one).cmp(key(*other))),
            Column::Name | Column::Mail => order.sort_by(|one, other| empty_last(key(*one), key(*other))),
        }
        if sort.reversed {
            order.reverse();
        }
        order
    }

    fn sort_key(&self, index: u32, column: Column) -> &str {
        match column {
            // The folded text begins with the name.
            Column::Name | Column::Unit | Column::Changed => self.folded(index).split('\n').next().unwrap_or_default(),
            Column::Mail => self.folded(index).split('\n').nth(1).unwrap_or_default(),
            Column::PhotoUrl => self.row(index).photo_url,
        }
    }

    /// Those of `order` that `search` finds and `chip` keeps.
    pub fn filtered(&self, order: &[u32], search: &Search, chip: Chip, marks: &[Mark]) -> Vec<u32> {
        let kept = |index: u32| match chip {
            Chip::All => true,
            Chip::Only(mark) => marks.get(index as usize).is_some_and(|known| *known == mark),
        };
        order.iter().copied().filter(|index| kept(*index) && search.matches(self.folded(*index))).collect()
    }
}

fn empty_last(one: &str, other: &str) -> Ordering {
    one.is_empty().cmp(&other.is_empty()).then_with(|| one.cmp(other))
}

impl Chunk {
    fn push(&mut self, record: &PersonRecord<'_>) {
        let PersonRecord { dn, name, mail, account, photo_url, photo_urls, changed } = *record;
        let fields = [dn, cut(name), cut(mail), cut(account), cut(photo_url)];
        self.push_fields(fields, u8::try_from(photo_urls).unwrap_or(u8::MAX), generalized_time(changed).unwrap_or(0));
    }

    fn push_fields(&mut self, fields: [&str; FIELDS - 1], photo_urls: u8, changed: i64) {
        let mut ends = [0; FIELDS];
        for (field, end) in fields.into_iter().zip(&mut ends) {
            self.text.push_str(field);
            *end = self.text.len() as u32;
        }
        let [_, name, mail, account, _] = fields;
        for (at, field) in [name, mail, account].into_iter().enumerate() {
            if at > 0 {
                self.text.push('\n');
            }
            fold_into(field, &mut self.text);
        }
        ends[FIELDS - 1] = self.text.len() as u32;
        self.rows.push(Ends { fields: ends, photo_urls, changed });
    }

    fn field(&self, row: usize, field: usize) -> &str {
        let ends = &self.rows[row].fields;
        let start = match (row, field) {
            (0, 0) => 0,
            (_, 0) => self.rows[row - 1].fields[FIELDS - 1],
            _ => ends[field - 1],
        };
        &self.text[start as usize..ends[field] as usize]
    }

    fn row(&self, row: usize) -> Row<'_> {
        Row {
            dn: self.field(row, 0),
            name: self.field(row, 1),
            mail: self.field(row, 2),
            account: self.field(row, 3),
            photo_url: self.field(row, 4),
            photo_urls: self.rows[row].photo_urls,
            changed: self.rows[row].changed,
        }
    }
}

/// At most [`LONGEST`] bytes of `text`, cut between characters.
fn cut(text: &str) -> &str {
    if text.len() <= LONGEST { text } else { &text[..text.floor_char_boundary(LONGEST)] }
}

/// Seconds of Unix time from a generalized time in UTC (RFC 4517, 3.3.13), `20261104101112Z` or `20261104101112.0Z`.
fn generalized_time(text: &str) -> Option<i64> {
    let digits = text.get(..14).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    if !text.ends_with('Z') {
        return None;
    }
    let number = |from: usize, to: usize| digits[from..to].parse::<i8>().ok();
    let time = jiff::civil::DateTime::new(
        digits[..4].parse().ok()?,
        number(4, 6)?,
        number(6, 8)?,
        number(8, 10)?,
        number(10, 12)?,
        number(12, 14)?.min(59), // a leap second
        0,
    );
    Some(jiff::tz::TimeZone::UTC.to_timestamp(time.ok()?).ok()?.as_second())
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, Chip, Column, LONGEST, Mark, People, Sort, generalized_time};
    use crate::{model::Dn, net::ldap::PersonRecord, people::query::Search};

    fn people(rows: &[(&str, &str, &str)]) -> People {
        let mut people = People::default();
        for (name, mail, photo_url) in rows {
            let dn = format!("uid={mail},ou=People,dc=example");
            people.push(&PersonRecord { dn: &dn, name, mail, photo_url, ..PersonRecord::default() });
        }
        people
    }

    fn names(people: &People, order: &[u32]) -> Vec<String> {
        order.iter().map(|index| people.row(*index).name.to_owned()).collect()
    }

    #[test]
    fn people_come_back_as_they_went_in_across_chunks() {
        let mut people = People::default();
        for number in 0..3 * CHUNK + 7 {
            let (dn, name) = (format!("uid={number},dc=example"), format!("Person {number}"));
            people.push(&PersonRecord { dn: &dn, name: &name, changed: "20261104101112Z", ..PersonRecord::default() });
        }
        assert_eq!(people.len(), 3 * CHUNK + 7);
        for index in [0, 1, CHUNK - 1, CHUNK, 3 * CHUNK, 3 * CHUNK + 6] {
            assert_eq!(people.row(index as u32).name, format!("Person {index}"));
            assert_eq!(people.find(&Dn::new(format!("UID={index}, dc=example"))), Some(index as u32));
        }
    }

    #[test]
    fn a_list_is_sorted_by_any_column_both_ways() {
        let list = people(&[
            ("Zoë", "b@example.com", "http://b"),
            ("", "c@example.com", ""),
            ("ångström", "a@example.com", "http://a"),
            ("Bo", "", "http://c"),
        ]);
        let cases = [
            (Column::Name, false, ["ångström", "Bo", "Zoë", ""]),
            (Column::Name, true, ["", "Zoë", "Bo", "ångström"]),
            (Column::Mail, false, ["ångström", "Zoë", "", "Bo"]),
            (Column::PhotoUrl, false, ["", "ångström", "Zoë", "Bo"]),
        ];
        for (column, reversed, expected) in cases {
            assert_eq!(names(&list, &list.sorted(Sort { column, reversed })), expected, "{column:?} {reversed}");
        }
    }

    #[test]
    fn search_and_chip_narrow_together() {
        let list =
            people(&[("Asha Patel", "asha@example.com", "http://A"), ("Patrícia Nunes", "p@example.com", "http://p")]);
        let (order, marks) = (list.sorted(Sort::default()), [Mark::WrongCase, Mark::Fine]);
        let cases = [
            ("pat", Chip::All, vec!["Asha Patel", "Patrícia Nunes"]),
            ("pat", Chip::Only(Mark::WrongCase), vec!["Asha Patel"]),
            ("patri", Chip::Only(Mark::WrongCase), vec![]),
            ("p@example.com", Chip::All, vec!["Patrícia Nunes"]),
        ];
        for (typed, chip, expected) in cases {
            assert_eq!(
                names(&list, &list.filtered(&order, &Search::new(typed), chip, &marks)),
                expected,
                "{typed} {chip:?}"
            );
        }
    }

    #[test]
    fn a_written_photo_url_is_in_the_list_at_once() {
        let mut list = people(&[("Asha", "a@example.com", "http://A"), ("Bo", "b@example.com", "")]);
        list.set_photo_url(1, "http://b", 1);
        assert_eq!((list.row(0).photo_url, list.row(1).photo_url, list.row(1).name), ("http://A", "http://b", "Bo"));
    }

    #[test]
    fn a_value_without_end_is_cut_between_characters() {
        let list = people(&[(&"é".repeat(100_000), "a@example.com", "")]);
        assert!(list.row(0).name.len() <= LONGEST);
        assert!(list.bytes() < 10_000);
    }

    #[test]
    fn generalized_times_are_read_in_utc() {
        for (text, seconds) in [
            ("19700101000000Z", Some(0)),
            ("20261104101112.0Z", Some(1_793_787_072)),
            ("20261304101112Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(generalized_time(text), seconds, "{text}");
        }
    }
}
