//! The file system that the server sees: a folder that stands for its root, a list of paths, or "every photo exists".
//!
//! Paths are absolute and in bytes. Not here: mapping an address to a path ([`super::run`]).

use std::{collections::BTreeMap, path::PathBuf};

use bstr::{BString, ByteSlice};

/// Where the server's files come from.
#[derive(Clone, Debug)]
pub enum Files {
    /// A folder on this computer stands for the server's root folder.
    Folder(PathBuf),
    /// These files and folders exist and no others; parents of what is listed are folders.
    List(BTreeMap<BString, Entry>),
    /// Every address that looks like a picture is a file; everything else with a dot in its last segment too, the rest folders.
    EveryPhoto,
}

impl Default for Files {
    fn default() -> Self {
        Self::List(BTreeMap::new())
    }
}

/// One listed file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// A folder rather than a file.
    pub folder: bool,
    /// Its content.
    pub content: BString,
    /// Permission bits; none means `0644` and `0755`.
    pub mode: Option<u32>,
    /// Where it points to when it is a symbolic link.
    pub link: Option<BString>,
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// File, folder or link.
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    /// Whether anybody may execute it.
    pub executable: bool,
    /// Whether the server's user may read it.
    pub readable: bool,
}

/// Kinds of what is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link (only from [`Files::lstat`]).
    Link,
    /// A device, socket or pipe.
    Other,
}

/// At most this many symbolic links are followed, as Linux does.
const LINKS: usize = 40;

impl Files {
    /// What is at `path`, links followed.
    pub fn stat(&self, path: &[u8]) -> Option<Stat> {
        match self {
            Self::Folder(root) => {
                let found = std::fs::metadata(under(root, path)?).ok()?;
                Some(of_metadata(&found))
            }
            Self::List(entries) => stat_listed(entries, &resolve(entries, path, true)?),
            Self::EveryPhoto => Some(assumed(path)),
        }
    }

    /// What is at `path`, its last link not followed.
    pub fn lstat(&self, path: &[u8]) -> Option<Stat> {
        match self {
            Self::Folder(root) => {
                let found = std::fs::symlink_metadata(under(root, path)?).ok()?;
                Some(of_metadata(&found))
            }
            Self::List(entries) => stat_listed(entries, &resolve(entries, path, false)?),
            Self::EveryPhoto => Some(assumed(path)),
        }
    }

    /// The content of the file at `path`, when it is one that can be read and no larger than `most` bytes.
    pub fn read(&self, path: &[u8], most: u64) -> Option<BString> {
        let stat = self.stat(path)?;
        if stat.kind != Kind::File || !stat.readable || stat.size > most {
            return None;
        }
        match self {
            Self::Folder(root) => std::fs::read(under(root, path)?).ok().map(BString::from),
            Self::List(entries) => entries.get(&resolve(entries, path, true)?).map(|e| e.content.clone()),
            Self::EveryPhoto => None,
        }
    }

    /// The names in the folder at `path`, sorted by bytes.
    pub fn list(&self, path: &[u8]) -> Option<Vec<BString>> {
        let mut names = match self {
            Self::Folder(root) => std::fs::read_dir(under(root, path)?)
                .ok()?
                .filter_map(Result::ok)
                .map(|e| BString::from(e.file_name().into_encoded_bytes()))
                .collect::<Vec<_>>(),
            Self::List(entries) => {
                let mut folder = resolve(entries, path, true)?;
                if !folder.ends_with(b"/") {
                    folder.push(b'/');
                }
                let start = folder.len();
                entries
                    .range(folder.clone()..)
                    .take_while(|(p, _)| p.starts_with(&folder))
                    .filter_map(|(p, _)| p[start..].split_str("/").next().map(BString::from))
                    .filter(|n| !n.is_empty())
                    .collect()
            }
            Self::EveryPhoto => return None,
        };
        names.sort();
        names.dedup();
        Some(names)
    }
}

/// The place of `path` under `root`; none when it could leave it.
fn under(root: &std::path::Path, path: &[u8]) -> Option<PathBuf> {
    let relative = path.to_path().ok()?.strip_prefix("/").ok()?;
    let plain =
        relative.components().all(|c| matches!(c, std::path::Component::Normal(_) | std::path::Component::CurDir));
    (plain && !path.contains(&0)).then(|| root.join(relative))
}

fn of_metadata(found: &std::fs::Metadata) -> Stat {
    let kind = if found.is_file() {
        Kind::File
    } else if found.is_dir() {
        Kind::Folder
    } else if found.is_symlink() {
        Kind::Link
    } else {
        Kind::Other
    };
    #[cfg(unix)]
    let executable = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let executable = false;
    Stat { kind, size: found.len(), executable, readable: true }
}

fn assumed(path: &[u8]) -> Stat {
    let last = path.rsplit_str("/").next().unwrap_or_default();
    let hidden = last.starts_with(b".");
    let kind = if last.contains(&b'.') && !hidden { Kind::File } else { Kind::Folder };
    Stat { kind, size: 1, executable: false, readable: true }
}

fn stat_listed(entries: &BTreeMap<BString, Entry>, path: &BString) -> Option<Stat> {
    if let Some(entry) = entries.get(path) {
        let kind = if entry.link.is_some() {
            Kind::Link
        } else if entry.folder {
            Kind::Folder
        } else {
            Kind::File
        };
        let mode = entry.mode.unwrap_or(if entry.folder { 0o755 } else { 0o644 });
        let executable = mode & 0o111 != 0;
        return Some(Stat { kind, size: entry.content.len() as u64, executable, readable: mode & 0o444 != 0 });
    }
    let mut folder = path.clone();
    if !folder.ends_with(b"/") {
        folder.push(b'/');
    }
    let inside = entries.range(folder.clone()..).next().is_some_and(|(p, _)| p.starts_with(&folder));
    (inside || folder == "/").then_some(Stat { kind: Kind::Folder, size: 4096, executable: true, readable: true })
}

/// `path` without `.`, `..`, repeated slashes and links; a trailing slash on a file makes it absent.
fn resolve(entries: &BTreeMap<BString, Entry>, path: &[u8], last_too: bool) -> Option<BString> {
    let mut todo: Vec<BString> = path.split(|b| *b == b'/').rev().map(BString::from).collect();
    let trailing_slash = path.len() > 1 && path.ends_with(b"/");
    let mut done = BString::from("");
    let mut links = 0;
    while let Some(segment) = todo.pop() {
        if segment.is_empty() || segment == "." {
            continue;
        }
        if segment == ".." {
            let keep = done.rfind_byte(b'/').unwrap_or(0);
            done.truncate(keep);
            continue;
        }
        let more = todo.iter().any(|s| !s.is_empty());
        let before = done.len();
        done.push(b'/');
        done.extend_from_slice(&segment);
        match entries.get(&done) {
            Some(Entry { link: Some(target), .. }) if more || last_too || trailing_slash => {
                links += 1;
                if links > LINKS {
                    return None;
                }
                if target.starts_with(b"/") {
                    done.clear()
                } else {
                    done.truncate(before)
                }
                todo.extend(target.split(|b| *b == b'/').rev().map(BString::from));
            }
            // A file where a folder should be.
            Some(Entry { folder: false, link: None, .. }) if more || trailing_slash => return None,
            _ => {}
        }
    }
    if done.is_empty() {
        done.push(b'/');
    }
    Some(done)
}

impl FromIterator<(BString, Entry)> for Files {
    /// A path that ends in a slash is an empty folder.
    fn from_iter<I: IntoIterator<Item = (BString, Entry)>>(entries: I) -> Self {
        let list = entries.into_iter().map(|(mut path, mut entry)| {
            if path.len() > 1 && path.ends_with(b"/") {
                path.pop();
                entry.folder = true;
            }
            (path, entry)
        });
        Self::List(list.collect())
    }
}
