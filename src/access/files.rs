//! The file system that the server sees: a folder that stands for its root, a list of paths, or "every photo exists".
//!
//! Paths are absolute and in bytes. Not here: mapping an address to a path ([`super::run`]).

mod listed;

use std::{borrow::Cow, path::PathBuf};

use bstr::{BString, ByteSlice};

pub use self::listed::Listed;

/// Where the server's files come from.
#[derive(Clone, Debug)]
pub enum Files {
    /// A folder on this computer stands for the server's root folder.
    Folder(PathBuf),
    /// These files and folders exist and no others; parents of what is listed are folders.
    List(Listed),
    /// Every address that looks like a picture is a file; everything else with a dot in its last segment too, the rest folders.
    EveryPhoto,
}

impl Default for Files {
    fn default() -> Self {
        Self::List(Listed::default())
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
    /// What is at `path`, links followed. Nothing is at a path that is not absolute.
    pub fn stat(&self, path: &[u8]) -> Option<Stat> {
        self.look(path, true)
    }

    /// Whether there may be a file of this name in some folder. Saves looking for it in each on the way to a photo.
    pub fn may_have(&self, name: &[u8]) -> bool {
        match self {
            Self::Folder(_) => true,
            Self::List(list) => name.contains(&b'/') || list.has_name(name),
            Self::EveryPhoto => !name.starts_with(b"."),
        }
    }

    /// What is at `path`, its last link not followed.
    pub fn lstat(&self, path: &[u8]) -> Option<Stat> {
        self.look(path, false)
    }

    fn look(&self, path: &[u8], follow: bool) -> Option<Stat> {
        match self {
            Self::Folder(root) => {
                let found = std::fs::symlink_metadata(under(root, &self.resolve(path, follow)?)?).ok()?;
                Some(of_metadata(&found))
            }
            Self::List(list) => match list.stat_at_once(path) {
                Some(stat) => stat,
                None => list.stat(&self.resolve(path, follow)?),
            },
            Self::EveryPhoto => path.starts_with(b"/").then(|| assumed(path)).flatten(),
        }
    }

    /// The content of the file at `path`, when it is one that can be read and no larger than `most` bytes.
    pub fn read(&self, path: &[u8], most: u64) -> Option<BString> {
        let stat = self.stat(path)?;
        if stat.kind != Kind::File || !stat.readable || stat.size > most {
            return None;
        }
        match self {
            Self::Folder(root) => std::fs::read(under(root, &self.resolve(path, true)?)?).ok().map(BString::from),
            Self::List(list) => list.entry(&self.resolve(path, true)?).map(|e| e.content.clone()),
            Self::EveryPhoto => None,
        }
    }

    /// The names in the folder at `path`, sorted by bytes; none when no folder is there.
    pub fn list(&self, path: &[u8]) -> Option<Vec<BString>> {
        if self.stat(path)?.kind != Kind::Folder {
            return None;
        }
        let mut names = match self {
            Self::Folder(root) => std::fs::read_dir(under(root, &self.resolve(path, true)?)?)
                .ok()?
                .filter_map(Result::ok)
                .map(|e| BString::from(e.file_name().into_encoded_bytes()))
                .collect::<Vec<_>>(),
            Self::List(list) => list.names(&with_slash(self.resolve(path, true)?)).collect(),
            Self::EveryPhoto => return None,
        };
        names.sort();
        names.dedup();
        Some(names)
    }

    /// `path` without `.`, `..`, repeated slashes and links, as Linux walks it: every part but the last must be a folder, and with
    /// a slash at its end the last too. A link to an absolute path stays in these files.
    fn resolve(&self, path: &[u8], last_too: bool) -> Option<BString> {
        if !path.starts_with(b"/") || path.contains(&0) {
            return None;
        }
        let mut todo = Cow::Borrowed(path);
        let mut at = 0;
        let trailing_slash = path.len() > 1 && path.ends_with(b"/");
        let mut done = BString::from(Vec::with_capacity(path.len()));
        let mut links = 0;
        while let Some(rest) = todo.get(at..).filter(|rest| !rest.is_empty()) {
            let length = rest.find_byte(b'/').unwrap_or(rest.len());
            let (segment, rest) = rest.split_at(length);
            at += length + 1;
            if segment.is_empty() || segment == b"." {
                continue;
            }
            if segment == b".." {
                let keep = done.rfind_byte(b'/').unwrap_or(0);
                done.truncate(keep);
                continue;
            }
            let more = trailing_slash || rest.iter().any(|b| *b != b'/');
            let before = done.len();
            done.push(b'/');
            done.extend_from_slice(segment);
            match self.part(&done) {
                Some(Part::Link(target)) if more || last_too => {
                    links += 1;
                    if links > LINKS {
                        return None;
                    }
                    done.truncate(if target.starts_with(b"/") { 0 } else { before });
                    todo = Cow::Owned([target.as_slice(), rest].concat());
                    at = 0;
                }
                Some(Part::Folder) => {}
                Some(Part::Link(_) | Part::Other) if !more => {}
                // Nothing, or a file where a folder should be.
                _ => return None,
            }
        }
        if done.is_empty() {
            done.push(b'/');
        }
        Some(done)
    }

    /// What is at `path`, whose folder is known to be one.
    fn part(&self, path: &BString) -> Option<Part> {
        match self {
            Self::Folder(root) => {
                let real = under(root, path)?;
                let found = std::fs::symlink_metadata(&real).ok()?;
                if found.is_symlink() {
                    let target = std::fs::read_link(&real).ok()?.into_os_string().into_encoded_bytes();
                    return Some(Part::Link(target.into()));
                }
                Some(if found.is_dir() { Part::Folder } else { Part::Other })
            }
            Self::List(list) => Some(match list.stat(path)?.kind {
                Kind::Link => Part::Link(list.entry(path)?.link.clone()?),
                Kind::Folder => Part::Folder,
                _ => Part::Other,
            }),
            Self::EveryPhoto => None,
        }
    }
}

/// One step on the way to a file.
enum Part {
    Folder,
    Link(BString),
    Other,
}

/// The place of `path`, which has no links in it, under `root`; none when it could leave it.
fn under(root: &std::path::Path, path: &[u8]) -> Option<PathBuf> {
    let relative = path.to_path().ok()?.strip_prefix("/").ok()?;
    let plain = relative.components().all(|c| matches!(c, std::path::Component::Normal(_)));
    plain.then(|| root.join(relative))
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

/// A name with a dot in it is a file, one that begins with a dot is not there, and all else is a folder.
fn assumed(path: &[u8]) -> Option<Stat> {
    let last = path.rfind_byte(b'/').map_or(path, |at| &path[at + 1..]);
    let kind = if last.contains(&b'.') { Kind::File } else { Kind::Folder };
    (!last.starts_with(b".")).then_some(Stat { kind, size: 1, executable: false, readable: true })
}

fn with_slash(path: BString) -> BString {
    let mut folder = path;
    if !folder.ends_with(b"/") {
        folder.push(b'/');
    }
    folder
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

#[cfg(test)]
mod tests {
    use super::*;

    fn listed() -> Files {
        let file = |content: &str| Entry { content: content.into(), ..Entry::default() };
        let link = |target: &str| Entry { link: Some(target.into()), ..Entry::default() };
        let entries = [
            ("/srv/www/a.html", file("A")),
            ("/srv/www/sub/page.html", file("P")),
            ("/srv/www/link", link("/srv/www/sub")),
            ("/srv/www/up", link("../www/a.html")),
            ("/srv/www/loop", link("loop")),
            ("/srv/www/dangling", link("/nowhere")),
            ("/srv/www/secret", Entry { mode: Some(0o640), ..Entry::default() }),
            ("/srv/www/run", Entry { mode: Some(0o755), ..Entry::default() }),
            ("/srv/empty/", Entry::default()),
        ];
        entries.into_iter().map(|(path, entry)| (BString::from(path), entry)).collect()
    }

    /// Both kinds of files that hold the same things: a list, and a folder on this computer.
    #[cfg(unix)]
    fn in_folder() -> (std::path::PathBuf, Files) {
        let root = std::env::temp_dir().join(format!("photodesk-files-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("srv/www/a.html", "A");
        write("srv/www/sub/page.html", "P");
        std::fs::create_dir_all(root.join("srv/empty")).unwrap();
        for (name, target) in
            [("link", "/srv/www/sub"), ("up", "../www/a.html"), ("loop", "loop"), ("dangling", "/nowhere")]
        {
            std::os::unix::fs::symlink(target, root.join("srv/www").join(name)).unwrap();
        }
        (root.clone(), Files::Folder(root))
    }

    const PATHS: [(&str, Option<Kind>, Option<Kind>); 21] = {
        use Kind::{File, Folder, Link};
        [
            ("/", Some(Folder), Some(Folder)),
            ("/srv", Some(Folder), Some(Folder)),
            ("/srv/www/", Some(Folder), Some(Folder)),
            ("/srv/empty", Some(Folder), Some(Folder)),
            ("/srv/www/a.html", Some(File), Some(File)),
            ("/srv//www/./a.html", Some(File), Some(File)),
            ("/srv/www/sub/../a.html", Some(File), Some(File)),
            ("/../srv/www/a.html", Some(File), Some(File)),
            ("/srv/www/nope/../a.html", None, None),
            ("/srv/www/a.html/../a.html", None, None),
            ("/srv/www/a.html/", None, None),
            ("/srv/www/a.html/x", None, None),
            ("/srv/www/A.html", None, None),
            ("/srv/www/link", Some(Folder), Some(Link)),
            ("/srv/www/link/page.html", Some(File), Some(File)),
            ("/srv/www/link/", Some(Folder), Some(Folder)),
            ("/srv/www/up", Some(File), Some(Link)),
            ("/srv/www/loop", None, Some(Link)),
            ("/srv/www/dangling", None, Some(Link)),
            ("srv/www/a.html", None, None),
            ("", None, None),
        ]
    };

    fn check(files: &Files) {
        for (path, followed, itself) in PATHS {
            assert_eq!(files.stat(path.as_bytes()).map(|s| s.kind), followed, "stat {path}");
            assert_eq!(files.lstat(path.as_bytes()).map(|s| s.kind), itself, "lstat {path}");
        }
        assert_eq!(files.read(b"/srv/www/link/page.html", 9), Some("P".into()));
        assert_eq!(files.read(b"/srv/www/link/page.html", 0), None);
        assert_eq!(files.read(b"/srv/www", 9), None);
        assert_eq!(files.list(b"/srv"), Some(vec!["empty".into(), "www".into()]));
        assert_eq!(files.list(b"/srv/www/link"), Some(vec!["page.html".into()]));
        assert_eq!(files.list(b"/srv/empty"), Some(vec![]));
        assert_eq!(files.list(b"/srv/www/a.html"), None);
    }

    #[test]
    fn a_list_is_walked_as_linux_walks_folders() {
        check(&listed());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_stands_for_the_servers_root_and_links_stay_in_it() {
        let (root, files) = in_folder();
        let checked = std::panic::catch_unwind(|| check(&files));
        std::fs::remove_dir_all(root).unwrap();
        checked.unwrap();
    }

    #[test]
    fn permissions_are_those_of_strangers() {
        let files = listed();
        let stat = |path: &str| files.stat(path.as_bytes()).unwrap();
        assert!(!stat("/srv/www/secret").readable && stat("/srv/www/a.html").readable);
        assert!(stat("/srv/www/run").executable && !stat("/srv/www/a.html").executable);
        assert_eq!(files.read(b"/srv/www/secret", 9), None);
    }

    #[test]
    fn every_photo_is_there_when_no_files_are_given() {
        let kind = |path: &str| Files::EveryPhoto.stat(path.as_bytes()).map(|s| s.kind);
        assert_eq!(kind("/srv/www/jane@example.com.jpg"), Some(Kind::File));
        assert_eq!(kind("/srv/www"), Some(Kind::Folder));
        assert_eq!(kind("jane.jpg"), None);
        assert_eq!(Files::EveryPhoto.read(b"/srv/www/.htaccess", 9), None);
    }
}
