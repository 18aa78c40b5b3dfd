//! Answers of photo web servers, kept in memory and on disk within bounds, so that a list of people has its photos at
//! once.
//!
//! Photos are personal data: the folder and its files are the user's alone. A file that is damaged, or is about another
//! address, is no answer and is removed. Whatever cannot be kept is fetched again, so nothing here fails aloud but
//! [`Cache::open`].

use std::{
    collections::HashMap,
    fs::{self, DirBuilder, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use directories::ProjectDirs;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::net::http::{Exchange, Hop};

/// Bytes that the cache may take on disk.
pub const DISK_LIMIT: u64 = 64 << 20;

/// Bytes that it may take in memory: some 2,000 photos of 8 KB.
const MEMORY_LIMIT: usize = 16 << 20;

/// No single answer may take more than this share of either.
const LARGEST_SHARE: u64 = 16;

/// The form of the files; files of another form are no answers.
const FORM: u32 = 1;

/// A header longer than this is damaged.
const LONGEST_HEADER: usize = 64 << 10;

/// Answers by address. All methods may be called from many threads.
pub struct Cache {
    memory: Mutex<Memory>,
    disk: Option<Disk>,
}

#[derive(Default)]
struct Memory {
    limit: usize,
    used: usize,
    /// Counts uses, to know the least recent.
    clock: u64,
    kept: HashMap<String, Kept>,
}

struct Kept {
    exchange: Exchange,
    fetched: SystemTime,
    used_at: u64,
    bytes: usize,
}

struct Disk {
    folder: PathBuf,
    limit: u64,
    /// Bytes that the files take; held while files are written or removed.
    used: Mutex<u64>,
}

/// The first line of a file, as JSON; the body follows it.
#[derive(Serialize, Deserialize)]
struct Header {
    form: u32,
    url: String,
    /// Seconds since 1970.
    fetched: u64,
    hops: Vec<Hop>,
    status: u16,
    content_type: Option<String>,
    cache_control: Option<String>,
    last_modified: Option<String>,
    elapsed_ms: u64,
    /// Of the body, hexadecimal.
    sha256: String,
}

impl Cache {
    /// Keeps nothing: for tests and the command line.
    pub fn none() -> Self {
        Self { memory: Mutex::default(), disk: None }
    }

    /// In the user's cache folder; in memory alone when there is none.
    pub fn of_user() -> Self {
        let folder = ProjectDirs::from("", "", "photodesk").map(|folders| folders.cache_dir().join("photos"));
        folder.and_then(|folder| Self::open(&folder, DISK_LIMIT).ok()).unwrap_or_else(Self::in_memory)
    }

    /// In memory alone.
    pub fn in_memory() -> Self {
        Self { memory: Mutex::new(Memory { limit: MEMORY_LIMIT, ..Memory::default() }), disk: None }
    }

    /// In `folder`, which is made, with at most `limit` bytes.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: &Path, limit: u64) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)?;
        #[cfg(unix)]
        fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        let disk = Disk { folder: folder.to_owned(), limit, used: Mutex::new(0) };
        disk.bound(&mut disk.used.lock().unwrap_or_else(PoisonError::into_inner))?;
        Ok(Self { disk: Some(disk), ..Self::in_memory() })
    }

    /// The answer kept for `url`, when it is not older than `age`.
    pub fn get(&self, url: &str, age: Duration) -> Option<Exchange> {
        // An answer from the future is from a clock that was set back.
        let young = |fetched: SystemTime| SystemTime::now().duration_since(fetched).is_ok_and(|passed| passed <= age);
        if let Some((exchange, fetched)) = self.memory().get(url) {
            return young(fetched).then_some(exchange);
        }
        let (exchange, fetched) = self.disk.as_ref()?.get(url)?;
        self.memory().put(url, &exchange, fetched);
        young(fetched).then_some(exchange)
    }

    /// Keeps `exchange` as the answer of `url`.
    pub fn put(&self, url: &str, exchange: &Exchange) {
        let now = SystemTime::now();
        self.memory().put(url, exchange, now);
        if let Some(disk) = &self.disk {
            // A full or read-only disk costs only time.
            drop(disk.put(url, exchange, now));
        }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        let mut memory = self.memory();
        *memory = Memory { limit: memory.limit, ..Memory::default() };
        if let Some(disk) = &self.disk {
            let mut used = disk.used.lock().unwrap_or_else(PoisonError::into_inner);
            for file in disk.files().unwrap_or_default() {
                drop(fs::remove_file(file.path));
            }
            *used = 0;
        }
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn get(&mut self, url: &str) -> Option<(Exchange, SystemTime)> {
        self.clock += 1;
        let kept = self.kept.get_mut(url)?;
        kept.used_at = self.clock;
        Some((kept.exchange.clone(), kept.fetched))
    }

    fn put(&mut self, url: &str, exchange: &Exchange, fetched: SystemTime) {
        self.clock += 1;
        if let Some(old) = self.kept.remove(url) {
            self.used -= old.bytes;
        }
        // The rest of an answer: addresses and headers.
        let bytes = exchange.body.len() + url.len() + 500;
        if bytes as u64 > self.limit as u64 / LARGEST_SHARE {
            return;
        }
        self.used += bytes;
        let kept = Kept { exchange: exchange.clone(), fetched, used_at: self.clock, bytes };
        self.kept.insert(url.to_owned(), kept);
        if self.used > self.limit {
            self.forget_the_least_used();
        }
    }

    /// A quarter at once, so that it is not done for each answer.
    fn forget_the_least_used(&mut self) {
        let mut by_use: Vec<_> = self.kept.iter().map(|(url, kept)| (kept.used_at, url.clone())).collect();
        by_use.sort_unstable();
        for (_, url) in by_use {
            if self.used <= self.limit / 4 * 3 {
                return;
            }
            if let Some(old) = self.kept.remove(&url) {
                self.used -= old.bytes;
            }
        }
    }
}

struct OnDisk {
    path: PathBuf,
    bytes: u64,
    used_at: SystemTime,
}

impl Disk {
    fn path(&self, url: &str) -> PathBuf {
        self.folder.join(format!("{}.photo", sha256(url.as_bytes())))
    }

    fn get(&self, url: &str) -> Option<(Exchange, SystemTime)> {
        let path = self.path(url);
        let mut file = File::open(&path).ok()?;
        let length = file.metadata().ok()?.len();
        let mut bytes = Vec::new();
        let read = length <= self.limit && file.read_to_end(&mut bytes).is_ok();
        let answer = read.then(|| parse(&bytes, url)).flatten();
        match &answer {
            // Marks the file as used; that this fails makes it go earlier, no more.
            Some(_) => drop(file.set_modified(SystemTime::now())),
            None => self.remove(&path, length),
        }
        answer
    }

    fn remove(&self, path: &Path, length: u64) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if fs::remove_file(path).is_ok() {
            *used = used.saturating_sub(length);
        }
    }

    /// Beside, then renamed: a file is there whole or not at all.
    fn put(&self, url: &str, exchange: &Exchange, now: SystemTime) -> io::Result<()> {
        let header = serde_json::to_vec(&Header::of(url, exchange, now))?;
        let length = (header.len() + 1 + exchange.body.len()) as u64;
        let path = self.path(url);
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if length > self.limit / LARGEST_SHARE || header.len() > LONGEST_HEADER {
            if let Ok(old) = fs::metadata(&path) {
                fs::remove_file(&path)?;
                *used = used.saturating_sub(old.len());
            }
            return Ok(());
        }
        let mut file = tempfile::Builder::new().prefix(".writing-").tempfile_in(&self.folder)?;
        file.write_all(&header)?;
        file.write_all(b"\n")?;
        file.write_all(&exchange.body)?;
        let old = fs::metadata(&path).map_or(0, |old| old.len());
        file.persist(&path)?;
        *used = used.saturating_sub(old) + length;
        if *used > self.limit { self.bound(&mut used) } else { Ok(()) }
    }

    /// Counts the files, and removes the least recently used until nine tenths of the limit are kept. Files that a
    /// killed process left half written go, too, once they are old.
    fn bound(&self, used: &mut u64) -> io::Result<()> {
        let mut files = self.files()?;
        files.sort_by_key(|file| file.used_at);
        *used = files.iter().map(|file| file.bytes).sum();
        let target = if *used > self.limit { self.limit / 10 * 9 } else { self.limit };
        for file in files {
            let half_written = file.path.extension().is_none_or(|extension| extension != "photo");
            let left_behind = half_written && file.used_at.elapsed().is_ok_and(|age| age > Duration::from_hours(1));
            if (*used > target || left_behind) && fs::remove_file(&file.path).is_ok() {
                *used -= file.bytes;
            }
        }
        Ok(())
    }

    fn files(&self) -> io::Result<Vec<OnDisk>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // Somebody else may have removed it meanwhile.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_file() {
                let used_at = metadata.modified().unwrap_or(UNIX_EPOCH);
                files.push(OnDisk { path: entry.path(), bytes: metadata.len(), used_at });
            }
        }
        Ok(files)
    }
}

impl Header {
    fn of(url: &str, exchange: &Exchange, now: SystemTime) -> Self {
        Self {
            form: FORM,
            url: url.to_owned(),
            fetched: now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            hops: exchange.hops.clone(),
            status: exchange.status,
            content_type: exchange.content_type.clone(),
            cache_control: exchange.cache_control.clone(),
            last_modified: exchange.last_modified.clone(),
            elapsed_ms: u64::try_from(exchange.elapsed.as_millis()).unwrap_or(u64::MAX),
            sha256: sha256(&exchange.body),
        }
    }
}

fn parse(bytes: &[u8], url: &str) -> Option<(Exchange, SystemTime)> {
    let end = bytes.iter().take(LONGEST_HEADER + 1).position(|byte| *byte == b'\n')?;
    let header: Header = serde_json::from_slice(&bytes[..end]).ok()?;
    let body: Arc<[u8]> = bytes[end + 1..].into();
    if header.form != FORM || header.url != url || header.sha256 != sha256(&body) {
        return None;
    }
    let exchange = Exchange {
        hops: header.hops,
        status: header.status,
        content_type: header.content_type,
        cache_control: header.cache_control,
        last_modified: header.last_modified,
        body,
        elapsed: Duration::from_millis(header.elapsed_ms),
    };
    Some((exchange, UNIX_EPOCH.checked_add(Duration::from_secs(header.fetched))?))
}

fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf, sync::Arc, time::Duration};

    use super::Cache;
    use crate::net::http::{Exchange, Hop};

    const DAY: Duration = Duration::from_hours(24);

    fn exchange(body: &[u8]) -> Exchange {
        Exchange {
            hops: vec![Hop { url: "http://photos.example.com/ä\n".to_owned(), status: 302, location: None }],
            status: 200,
            content_type: Some("image/jpeg".to_owned()),
            cache_control: Some("max-age=60".to_owned()),
            last_modified: None,
            body: Arc::from(body),
            elapsed: Duration::from_millis(12),
        }
    }

    fn files(folder: &tempfile::TempDir) -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    #[test]
    fn an_answer_is_kept_over_restarts_until_it_is_old() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), 1 << 20).unwrap();
        cache.put("http://a", &exchange(b"photo"));
        cache.put("http://b", &exchange(b""));
        drop(cache);
        let again = Cache::open(folder.path(), 1 << 20).unwrap();
        for from in ["disk", "memory"] {
            assert_eq!(again.get("http://a", DAY), Some(exchange(b"photo")), "from {from}");
            assert_eq!(again.get("http://b", DAY), Some(exchange(b"")), "from {from}");
            assert_eq!(again.get("http://a", Duration::ZERO), None, "from {from}");
        }
        assert_eq!(again.get("http://c", DAY), None);
        again.put("http://a", &exchange(b"newer"));
        assert_eq!(&*again.get("http://a", DAY).unwrap().body, b"newer");
        again.clear();
        assert_eq!(again.get("http://a", DAY), None);
        assert!(files(&folder).is_empty());
    }

    #[test]
    fn nothing_is_kept_where_nothing_is_wanted() {
        let cache = Cache::none();
        cache.put("http://a", &exchange(b"photo"));
        assert_eq!(cache.get("http://a", DAY), None);
        let cache = Cache::in_memory();
        cache.put("http://a", &exchange(b"photo"));
        assert!(cache.get("http://a", DAY).is_some());
    }

    #[test]
    fn a_damaged_file_is_no_answer() {
        let whole = {
            let folder = tempfile::tempdir().unwrap();
            Cache::open(folder.path(), 1 << 20).unwrap().put("http://a", &exchange(b"photo"));
            fs::read(&files(&folder)[0]).unwrap()
        };
        let mut damaged: Vec<_> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
        damaged.extend([[&whole[..], b"x"].concat(), vec![b' '; 200_000]]);
        let flipped = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        };
        damaged.push(flipped(whole.len() - 1));
        let folder = tempfile::tempdir().unwrap();
        Cache::open(folder.path(), 1 << 20).unwrap().put("http://a", &exchange(b"photo"));
        let path = files(&folder).remove(0);
        for bytes in damaged {
            fs::write(&path, &bytes).unwrap();
            let cache = Cache::open(folder.path(), 1 << 20).unwrap();
            assert_eq!(cache.get("http://a", DAY), None, "{}", String::from_utf8_lossy(&bytes));
            assert!(!path.exists(), "it is removed");
        }
        // A file that belongs to another address, as after renaming by hand.
        fs::write(&path, &whole).unwrap();
        fs::rename(&path, Cache::open(folder.path(), 1 << 20).unwrap().disk.unwrap().path("http://b")).unwrap();
        assert_eq!(Cache::open(folder.path(), 1 << 20).unwrap().get("http://b", DAY), None);
    }

    #[test]
    fn the_least_recently_used_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let limit = 100_000;
        let cache = Cache::open(folder.path(), limit).unwrap();
        let body = vec![0; 4_000];
        for number in 0..10 {
            cache.put(&format!("http://{number}"), &exchange(&body));
        }
        // File times are coarse: the tenth that is used again is made old by hand, the others older.
        let disk = cache.disk.as_ref().unwrap();
        for number in 0..10_u64 {
            let file = fs::File::options().append(true).open(disk.path(&format!("http://{number}"))).unwrap();
            file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(number)).unwrap();
        }
        let reopened = Cache::open(folder.path(), limit).unwrap();
        assert!(reopened.get("http://0", DAY).is_some(), "uses it");
        for number in 10..200 {
            reopened.put(&format!("http://{number}"), &exchange(&body));
            let total: u64 = files(&folder).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
            assert!(total <= limit, "{total} bytes after {number}");
            if number == 24 {
                let disk = reopened.disk.as_ref().unwrap();
                assert!(disk.path("http://0").exists(), "used a moment ago");
                assert!(!disk.path("http://1").exists(), "not used for decades");
            }
        }
        reopened.put("http://huge", &exchange(&vec![0; 20_000]));
        assert!(
            !reopened.disk.as_ref().unwrap().path("http://huge").exists(),
            "one photo does not push out all others"
        );
    }

    #[test]
    fn memory_has_a_bound_of_its_own() {
        let cache = Cache::in_memory();
        let body: Arc<[u8]> = vec![0; 100_000].into();
        for number in 0..1_000 {
            cache.put(&format!("http://{number}"), &Exchange { body: Arc::clone(&body), ..exchange(b"") });
            assert!(cache.memory().used <= super::MEMORY_LIMIT);
        }
        assert_eq!(cache.get("http://0", DAY), None);
        assert!(cache.get("http://999", DAY).is_some());
    }

    #[cfg(unix)]
    #[test]
    fn photos_are_the_users_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let inner = folder.path().join("cache/photos");
        Cache::open(&inner, 1 << 20).unwrap().put("http://a", &exchange(b"photo"));
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&inner), 0o700);
        let file = fs::read_dir(&inner).unwrap().next().unwrap().unwrap().path();
        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error_and_a_full_disk_is_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(Cache::open(file.path(), 1 << 20).is_err());
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), 1 << 20).unwrap();
        drop(folder);
        cache.put("http://a", &exchange(b"photo"));
        assert!(cache.get("http://a", DAY).is_some(), "memory still has it");
    }
}
