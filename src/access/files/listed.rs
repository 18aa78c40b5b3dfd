//! A list of paths in the place of a file system, indexed: what is at a path without links is one look-up.
//!
//! Not here: walking along links ([`super::Files`]).

use std::collections::{BTreeMap, HashMap, HashSet};

use bstr::{BString, ByteSlice};

use super::{Entry, Kind, Stat};
use crate::access::config::include::is_clean;

/// Files and folders by path.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    entries: BTreeMap<BString, Entry>,
    /// What is at each path that is listed, and at each folder above one.
    stats: HashMap<BString, Stat>,
    /// The last segments of all paths.
    names: HashSet<BString>,
    /// Whether there are symbolic links.
    links: bool,
}

impl Listed {
    /// What is listed at `path`.
    pub(super) fn entry(&self, path: &BString) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Whether anything has this name, in whatever folder.
    pub(super) fn has_name(&self, name: &[u8]) -> bool {
        self.names.contains(name.as_bstr())
    }

    /// What is at `path`, a link not followed.
    pub(super) fn stat(&self, path: &[u8]) -> Option<Stat> {
        self.stats.get(path.as_bstr()).copied()
    }

    /// What is at `path`, when no link can be on the way and nothing in it has to be taken out; inside, none when nothing is
    /// there.
    #[expect(clippy::option_option, reason = "not told here, and nothing there, are two things")]
    pub(super) fn stat_at_once(&self, path: &[u8]) -> Option<Option<Stat>> {
        let plain = !self.links && is_clean(path) && (path.len() == 1 || !path.ends_with(b"/"));
        plain.then(|| self.stat(path))
    }

    /// The names in a folder, whose path ends in a slash; more than once when they have something in them.
    pub(super) fn names(&self, folder: &BString) -> impl Iterator<Item = BString> {
        self.entries
            .range(folder.clone()..)
            .map_while(|(p, _)| p.strip_prefix(folder.as_slice()))
            .filter_map(|p| p.split_str("/").next().map(BString::from))
            .filter(|n| !n.is_empty())
    }
}

impl FromIterator<(BString, Entry)> for Listed {
    fn from_iter<I: IntoIterator<Item = (BString, Entry)>>(entries: I) -> Self {
        let entries: BTreeMap<BString, Entry> = entries.into_iter().collect();
        let mut stats: HashMap<BString, Stat> = entries.iter().map(|(p, e)| (p.clone(), of_entry(e))).collect();
        let folder = Stat { kind: Kind::Folder, size: 4096, executable: true, readable: true };
        stats.entry("/".into()).or_insert(folder);
        for path in entries.keys() {
            for end in path.find_iter("/").filter(|end| end + 1 < path.len()) {
                let above = if end == 0 { &b"/"[..] } else { &path[..end] };
                let stat = stats.entry(above.into()).or_insert(folder);
                // Something is in it, so it is one, whatever else was said.
                if stat.kind == Kind::File {
                    let mode = entries.get(above.as_bstr()).and_then(|e| e.mode).unwrap_or(0o755);
                    *stat = Stat { kind: Kind::Folder, ..with_mode(*stat, mode) };
                }
            }
        }
        let links = entries.values().any(|e| e.link.is_some());
        let name = |path: &BString| path.rfind_byte(b'/').map_or(path.clone(), |at| path[at + 1..].into());
        let names = entries.keys().map(name).collect();
        Self { entries, stats, names, links }
    }
}

fn of_entry(entry: &Entry) -> Stat {
    let kind = match (&entry.link, entry.folder) {
        (Some(_), _) => Kind::Link,
        (None, true) => Kind::Folder,
        (None, false) => Kind::File,
    };
    let mode = entry.mode.unwrap_or(if kind == Kind::Folder { 0o755 } else { 0o644 });
    with_mode(Stat { kind, size: entry.content.len() as u64, executable: false, readable: false }, mode)
}

/// The server's user owns none of its files.
fn with_mode(stat: Stat, mode: u32) -> Stat {
    Stat { executable: mode & 0o111 != 0, readable: mode & 0o004 != 0, ..stat }
}
