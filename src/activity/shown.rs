//! The journal as it is shown: newest first, grouped by day, searched. Made in a job, kept in memory as an index.

use std::{collections::HashMap, sync::Arc};

use jiff::{civil::Date, tz::TimeZone};

use crate::{
    journal::{Record, Records},
    model::Place,
};

/// One line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A day begins, with so many of its changes below.
    Day(Date),
    /// A change, by its place in [`Shown::records`].
    Change(usize),
}

/// The journal, searched and grouped.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    records: Arc<[Record]>,
    /// For each record: its day, and all its text in lower case.
    index: Arc<[(Date, String)]>,
    by_id: Arc<HashMap<String, usize>>,
    run_sizes: Arc<HashMap<String, usize>>,
    rows: Vec<Row>,
    count: usize,
    searched: String,
    damaged: usize,
}

impl Shown {
    /// Indexes `read` for someone in `zone` who searches `text`.
    pub fn of(read: Records, zone: &TimeZone, text: &str) -> Self {
        let index =
            read.records.iter().map(|record| (record.line.at.to_zoned_datetime(zone.clone()).date(), folded(record)));
        let by_id = read.records.iter().enumerate().map(|(place, record)| (record.line.id.clone(), place));
        let mut run_sizes = HashMap::new();
        for record in &read.records {
            *run_sizes.entry(record.line.run.clone()).or_insert(0) += 1;
        }
        let mut this = Self {
            index: index.collect(),
            by_id: Arc::new(by_id.collect()),
            run_sizes: Arc::new(run_sizes),
            damaged: read.damaged.len(),
            records: read.records.into(),
            ..Self::default()
        };
        this.search(text);
        this
    }

    /// Shows only changes that hold every word of `text`, in any of their parts and any case.
    pub fn search(&mut self, text: &str) {
        text.clone_into(&mut self.searched);
        let folded = text.to_lowercase();
        let words: Vec<&str> = folded.split_whitespace().collect();
        self.rows.clear();
        self.count = 0;
        let mut day = None;
        for (place, (date, text)) in self.index.iter().enumerate().rev() {
            if !words.iter().all(|word| text.contains(word)) {
                continue;
            }
            if day.replace(*date) != Some(*date) {
                self.rows.push(Row::Day(*date));
            }
            self.rows.push(Row::Change(place));
            self.count += 1;
        }
    }

    /// What is searched.
    pub fn searched(&self) -> &str {
        &self.searched
    }

    /// What is shown, newest first.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many changes are shown.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many lines cannot be read.
    pub fn damaged(&self) -> usize {
        self.damaged
    }

    /// All changes, oldest first.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The change with this id.
    pub fn record(&self, id: &str) -> Option<&Record> {
        self.records.get(*self.by_id.get(id)?)
    }

    /// How many changes the run has.
    pub fn run_size(&self, run: &str) -> usize {
        self.run_sizes.get(run).copied().unwrap_or(0)
    }

    /// The changes shown, newest first.
    pub fn shown_records(&self) -> Vec<Record> {
        let places = self.rows.iter().filter_map(|row| match row {
            Row::Change(place) => self.records.get(*place),
            Row::Day(_) => None,
        });
        places.cloned().collect()
    }
}

fn folded(record: &Record) -> String {
    let Place::Attribute { directory, dn, attribute } = &record.line.change.place;
    let line = &record.line;
    let values = line.change.before.iter().chain(&line.change.after).filter_map(|value| value.as_str());
    let parts = [line.change.subject.as_str(), attribute, dn.as_str(), directory, &line.site, &line.who];
    parts.into_iter().chain(values).collect::<Vec<_>>().join("\n").to_lowercase()
}
