//! Which sections apply to a request: down the folders, then files, locations and conditions, merged in the server's order.
//!
//! Facts: the recorded cases; the walks of `server/request.c`. Not here: what the merged directives do.

use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::{
    config::{
        include::{clean, is_clean},
        known::overrides,
        load::{self, Htaccess, HtaccessFile},
        read::LARGEST_FILE,
    },
    core::{Branch, Section, SignedOptions, Target, options},
    expr,
    files::Kind,
    glob::{self, Rules},
    level::Level,
    policy::{DirConfig, Policy},
    record::Record,
    regex::{Captures, Hang, Regex},
    run::Run,
    source::Place,
    table::Table,
    trace::Event,
    unknown::Unknown,
};

/// The longest name of a file, in bytes, and the longest path (Linux).
const NAME: usize = 255;
const PATH: usize = 4095;

/// Sections met on a walk, merged with each other and not yet with what was there before.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    merged: Option<Arc<DirConfig>>,
    places: Vec<Place>,
    /// The virtual host, and the folder, name or path that was walked, for the next walk to the same.
    server: usize,
    key: BString,
    /// [`Record::merge`] before and after.
    base: u32,
    result: u32,
}

/// The walks of one request, by kind and in order. The nth walk of an internal redirect or a subrequest is held against the nth
/// of the request that it comes from.
pub type Walks = [Vec<Arc<Walked>>; 3];

/// Kinds of walks, as places in [`Walks`].
const FOLDERS: usize = 0;
const FILES: usize = 1;
const LOCATIONS: usize = 2;

impl Walked {
    fn add(&mut self, place: Place, config: &Arc<DirConfig>, policy: &Policy) {
        self.merged = Some(match self.merged.take() {
            Some(merged) => policy.merged(&merged, config),
            None => Arc::clone(config),
        });
        self.places.push(place);
    }

    /// Puts them on top of what the record has. What was merged so before counts as the same, all else as new.
    fn apply(&self, run: &mut Run<'_>, record: &mut Record) {
        let Some(merged) = &self.merged else { return };
        record.dir = run.policy.merged(&record.dir, merged);
        let same = self.base == record.merge && self.result != self.base;
        record.merge = if same { self.result } else { run.new_merge() };
        record.sections.extend(&self.places);
    }

    /// The same walk once more.
    fn repeat(&self, which: usize, run: &mut Run<'_>, record: &mut Record) {
        self.clone().finish(which, self.key.clone(), run, record);
    }

    /// The same, and remembers the walk for the next.
    fn finish(mut self, which: usize, key: BString, run: &mut Run<'_>, record: &mut Record) {
        let base = record.merge;
        self.apply(run, record);
        self.server = record.server;
        self.key = key;
        self.base = base;
        self.result = record.merge;
        record.walks[which].push(Arc::new(self));
    }

    /// The walk that this one is held against, when it was to the same.
    fn again(which: usize, key: &[u8], record: &Record) -> Option<Arc<Self>> {
        let own = &record.walks[which];
        let before = record.walks_before.as_ref().and_then(|walks| walks[which].get(own.len())).or(own.last())?;
        (before.server == record.server && before.key == key).then(|| Arc::clone(before))
    }
}

/// What the walk down the folders has to know as it goes (`core_opts_t`).
struct Going {
    options: SignedOptions,
    overrides: Option<u16>,
    override_options: Option<u16>,
    override_list: Option<Vec<String>>,
    nonfatal: Option<u16>,
    nonfatal_unknown: Option<bool>,
    level: Level,
}

impl Going {
    fn new(level: Level) -> Self {
        Self {
            options: SignedOptions::default(),
            overrides: None,
            override_options: None,
            override_list: None,
            nonfatal: None,
            nonfatal_unknown: None,
            level,
        }
    }

    fn add(&mut self, config: &DirConfig) {
        let Some(core) = &config.core else { return };
        self.options = self.options.merge(core.signed_options());
        self.overrides = core.overrides.or(self.overrides);
        self.override_options = core.override_options.or(self.override_options);
        self.override_list = core.override_list.clone().or(self.override_list.take());
        self.nonfatal = core.nonfatal.or(self.nonfatal);
        self.nonfatal_unknown = core.nonfatal_unknown.or(self.nonfatal_unknown);
    }

    fn options(&self) -> u16 {
        self.options.effective(self.level)
    }

    /// What `.htaccess` may say; none when it is not read.
    fn htaccess(&self) -> Option<Htaccess> {
        let allowed = match self.overrides {
            Some(0) if self.override_list.as_ref().is_none_or(Vec::is_empty) => return None,
            Some(bits) => bits,
            // 2.4 opens the file although nothing in it is allowed.
            None if self.level.is_24() => 0,
            None => overrides::ALL,
        };
        Some(Htaccess {
            allowed,
            options: self.override_options.unwrap_or(u16::MAX),
            list: self.override_list.clone(),
            nonfatal: self.nonfatal.unwrap_or(0),
            nonfatal_unknown: self.nonfatal_unknown.unwrap_or(false),
        })
    }
}

/// Turns a pattern that gave up into a reason.
fn hang(place: Place) -> impl Fn(Hang) -> Unknown {
    move |_| Unknown::at(place, "its pattern takes too long on this request")
}

/// The walk down the folders: where it is, and what it met.
struct Descent<'p> {
    sections: &'p [Arc<Section>],
    /// The first section that was not looked at.
    next: usize,
    /// Where it is, without a slash at the end but for the root.
    current: BString,
    depth: usize,
    walked: Walked,
    going: Going,
    /// Whether there may be a `.htaccess` file anywhere.
    with_htaccess: bool,
}

impl<'p> Descent<'p> {
    /// At the root; `room` is how long the whole path is.
    fn new(sections: &'p [Arc<Section>], going: Going, room: usize, with_htaccess: bool) -> Self {
        let mut current = BString::from(Vec::with_capacity(room + 1));
        current.push(b'/');
        Self { sections, next: 0, current, depth: 0, walked: Walked::default(), going, with_htaccess }
    }

    /// Takes in what is said of this folder, by sections and by `.htaccess`. Gives a status when the request ends here.
    fn here(&mut self, run: &mut Run<'_>, record: &Record) -> Option<u16> {
        let bare = self.current.len();
        if self.depth > 0 {
            self.current.push(b'/');
        }
        while let Some(section) = self.sections.get(self.next) {
            let Target::Path { path, pattern, depth: wanted } = &section.on else { break };
            if *wanted > self.depth {
                break;
            }
            self.next += 1;
            if *wanted < self.depth {
                continue;
            }
            let rules = Rules { pathname: true, ..Rules::default() };
            let applies = match pattern {
                true => glob::matches(path, &self.current, rules),
                false => *path == self.current || self.depth == 0,
            };
            note(run, section, self.current.as_bstr(), applies);
            if applies {
                self.walked.add(section.place, &section.config, run.policy);
                self.going.add(&section.config);
            }
        }
        let status = self.going.htaccess().filter(|_| self.with_htaccess).and_then(|allowed| {
            htaccess(run, record, &allowed, self.current.as_bstr(), &mut self.walked, &mut self.going)
        });
        self.current.truncate(bare);
        status
    }

    /// Steps to `name` in this folder, and says what that is; `found` is what is at the end of the whole path.
    ///
    /// # Errors
    /// The status with which the request ends here.
    fn step(&mut self, run: &mut Run<'_>, name: &[u8], found: Option<Kind>) -> Result<Option<Kind>, u16> {
        if !self.current.ends_with(b"/") {
            self.current.push(b'/');
        }
        self.current.extend_from_slice(name);
        let links = self.going.options() & (options::FOLLOW_SYM_LINKS | options::SYM_LINKS_IF_OWNER);
        // With links allowed and the whole path known, the server does not look at each step; a file is then met as if it were
        // a folder.
        if found.is_some() && links == options::FOLLOW_SYM_LINKS {
            return Ok(Some(Kind::Folder));
        }
        let mut kind = run.world.files.lstat(&self.current).map(|s| s.kind);
        if kind == Some(Kind::Link) {
            kind = run.world.files.stat(&self.current).map(|s| s.kind);
            if links == 0 || kind.is_none() {
                run.decide(None, || format!("the symbolic link {} may not be followed", self.current));
                return Err(403);
            }
        }
        if matches!(kind, None | Some(Kind::Folder | Kind::File)) { Ok(kind) } else { Err(403) }
    }

    /// Takes in the sections with a pattern, which see the whole path.
    fn patterns(&mut self, run: &mut Run<'_>, record: &mut Record, filename: &BStr) -> Result<(), Unknown> {
        for section in self.sections.iter().skip(self.next) {
            let Target::Regex(regex) = &section.on else { continue };
            let applies = matches(run.policy.level, section.place, regex, filename, &mut record.env)?;
            note(run, section, filename, applies);
            if applies {
                self.walked.add(section.place, &section.config, run.policy);
            }
        }
        Ok(())
    }
}

/// The walk down the folders of `record.filename`. Finds out what is there, too.
///
/// Gives a status when the request ends here: links that may not be followed, a broken `.htaccess`.
///
/// # Errors
/// When it cannot be told what applies.
pub fn directories(run: &mut Run<'_>, record: &mut Record) -> Result<Option<u16>, Unknown> {
    let level = run.policy.level;
    let Some(filename) = record.filename.take() else { return Ok(None) };
    let filename = if is_clean(&filename) { filename } else { clean(&filename) };
    if !filename.starts_with(b"/") {
        record.filename = Some(filename);
        return Ok(None);
    }
    let found = run.world.files.stat(&filename).map(|s| s.kind);
    let found = found.filter(|k| *k == Kind::Folder || !filename.ends_with(b"/"));
    if (found == Some(Kind::File) || found == Some(Kind::Folder) && record.path_info.is_empty())
        && let Some(before) = Walked::again(FOLDERS, &entry(&filename, found), record)
    {
        // An index file, or another file of the same folder: the walk is not made again.
        record.kind = found;
        record.filename = Some(filename);
        before.repeat(FOLDERS, run, record);
        return Ok(None);
    }
    let mut going = Going::new(level);
    going.add(&record.dir);
    let sections = &run.policy.server(record.server).core.directories;
    let mut descent = Descent::new(sections, going, filename.len(), may_have_htaccess(run, record));
    let mut rest: &[u8] = &filename[1..];
    let mut kind = Some(Kind::Folder);
    loop {
        if let Some(status) = descent.here(run, record) {
            return Ok(Some(status));
        }
        if rest.is_empty() {
            break;
        }
        let from = usize::from(rest.starts_with(b"/"));
        let end = rest[from..].find_byte(b'/').map_or(rest.len(), |e| e + from);
        let name = &rest[from..end];
        if name.len() > NAME || filename.len() > PATH {
            run.decide(None, || "a name in the path is longer than a file system allows".to_owned());
            return Ok(Some(403));
        }
        rest = &rest[end..];
        if name.is_empty() {
            descent.current.push(b'/');
            break;
        }
        kind = match descent.step(run, name, found) {
            Ok(kind) => kind,
            Err(status) => return Ok(Some(status)),
        };
        if kind != Some(Kind::Folder) {
            break;
        }
        descent.depth += 1;
    }
    record.kind = found.or(kind);
    let current = descent.current.clone();
    let folder = if record.kind == Some(Kind::Folder) { current.clone() } else { parent(&current) };
    record.path_info = [rest, &record.path_info].concat().into();
    record.filename = Some(current.clone());
    descent.patterns(run, record, current.as_bstr())?;
    descent.walked.finish(FOLDERS, folder, run, record);
    Ok(None)
}

/// The folder of `path`, with its slash.
fn parent(path: &[u8]) -> BString {
    path[..path.rfind_byte(b'/').map_or(0, |at| at + 1)].into()
}

/// The folder that a walk to `filename` would end in.
fn entry(filename: &[u8], found: Option<Kind>) -> BString {
    if found == Some(Kind::File) {
        return parent(filename);
    }
    let slash: &[u8] = if filename.ends_with(b"/") { b"" } else { b"/" };
    [filename, slash].concat().into()
}

/// The names of `.htaccess` files.
fn access_names(policy: &Policy, server: usize) -> impl Iterator<Item = &[u8]> {
    let names = policy.server(server).core.access_names.as_deref();
    let default = names.is_none().then_some(&b".htaccess"[..]);
    names.into_iter().flatten().map(|name| name.as_slice()).chain(default)
}

fn may_have_htaccess(run: &Run<'_>, record: &Record) -> bool {
    access_names(run.policy, record.server).any(|name| run.world.files.may_have(name))
}

/// Reads the `.htaccess` files of a folder. Gives a status when one is broken or may not be read.
fn htaccess(
    run: &mut Run<'_>,
    record: &Record,
    allowed: &Htaccess,
    folder: &BStr,
    walked: &mut Walked,
    going: &mut Going,
) -> Option<u16> {
    let policy = run.policy;
    for name in access_names(policy, record.server) {
        let path = BString::from([folder.as_bytes(), name].concat());
        let Some(stat) = run.world.files.stat(&path) else { continue };
        if stat.kind == Kind::Folder || !stat.readable {
            run.decide(None, || format!("{path} cannot be read"));
            return Some(403);
        }
        let Some(text) = run.world.files.read(&path, LARGEST_FILE) else { continue };
        let file = HtaccessFile { folder, path: path.as_bstr(), text: &text };
        let parsed = load::htaccess(policy, &run.world.files, allowed, run.sources(), file);
        match parsed {
            Ok((config, sources)) => {
                let place = run.htaccess_read(sources, path.as_bstr());
                going.add(&config);
                walked.add(place, &Arc::new(config), policy);
            }
            Err(problem) => {
                run.decide(problem.place, || format!("{path} is wrong: {}", problem.message));
                return Some(500);
            }
        }
        break;
    }
    None
}

/// `Files` and `FilesMatch` on the last segment of the file name.
///
/// # Errors
/// When a pattern takes too long.
pub fn files(run: &mut Run<'_>, record: &mut Record) -> Result<(), Unknown> {
    let dir = Arc::clone(&record.dir);
    let Some(core) = dir.core.as_ref().filter(|c| !c.files.is_empty()) else { return Ok(()) };
    let Some(filename) = record.filename.clone() else { return Ok(()) };
    let last = filename.rsplit_str("/").next().unwrap_or_default().as_bstr();
    if let Some(before) = Walked::again(FILES, last, record)
        && before.base == record.merge
    {
        before.repeat(FILES, run, record);
        return Ok(());
    }
    let mut walked = Walked::default();
    for section in &core.files {
        let applies = match &section.on {
            Target::Path { path, pattern: true, .. } => {
                glob::matches(path, last, Rules { pathname: true, ..Rules::default() })
            }
            Target::Path { path, .. } => path == last,
            Target::Regex(regex) => matches(run.policy.level, section.place, regex, last, &mut record.env)?,
            Target::If(_) => false,
        };
        note(run, section, last, applies);
        if applies {
            walked.add(section.place, &section.config, run.policy);
        }
    }
    walked.finish(FILES, last.into(), run, record);
    Ok(())
}

/// `Location` and `LocationMatch` on the path.
///
/// # Errors
/// When a pattern takes too long.
pub fn locations(run: &mut Run<'_>, record: &mut Record) -> Result<(), Unknown> {
    let policy = run.policy;
    let sections = &policy.server(record.server).core.locations;
    if sections.is_empty() {
        return Ok(());
    }
    let uri = record.uri.clone();
    let merged = if uri.starts_with(b"/") { no_double_slash(&uri) } else { uri.clone() };
    if let Some(before) = Walked::again(LOCATIONS, &merged, record) {
        before.repeat(LOCATIONS, run, record);
        return Ok(());
    }
    let mut walked = Walked::default();
    for section in sections {
        let (subject, applies) = match &section.on {
            Target::Path { path, pattern: true, .. } => {
                (&merged, glob::matches(path, &merged, Rules { pathname: true, ..Rules::default() }))
            }
            Target::Path { path, .. } => (&merged, under(path, &merged)),
            Target::Regex(regex) => (&uri, matches(policy.level, section.place, regex, &uri, &mut record.env)?),
            Target::If(_) => (&uri, false),
        };
        note(run, section, subject.as_bstr(), applies);
        if applies {
            walked.add(section.place, &section.config, policy);
        }
    }
    walked.finish(LOCATIONS, merged, run, record);
    Ok(())
}

/// Whether a section's pattern is found. From 2.4.8 on its named groups become variables, `MATCH_NAME`.
fn matches(level: Level, place: Place, regex: &Regex, subject: &[u8], env: &mut Table) -> Result<bool, Unknown> {
    if !level.is_24() || regex.names().next().is_none() {
        return regex.is_match(subject).map_err(hang(place));
    }
    let mut captures = Captures::default();
    let found = regex.captures(subject, &mut captures).map_err(hang(place))?;
    if found {
        for (n, name) in regex.names() {
            let value = captures.get(n, subject).unwrap_or_default();
            env.set(format!("MATCH_{}", name.to_ascii_uppercase()).as_bytes(), value);
        }
    }
    Ok(found)
}

/// Whether `uri` is `path` or below it; a path that ends in a slash means only what is below.
fn under(path: &[u8], uri: &[u8]) -> bool {
    uri.starts_with(path)
        && (path.is_empty() || path.ends_with(b"/") || matches!(uri.get(path.len()), None | Some(b'/')))
}

/// `uri` with repeated slashes merged.
pub fn no_double_slash(uri: &[u8]) -> BString {
    let mut merged = BString::from(Vec::with_capacity(uri.len()));
    for byte in uri {
        if *byte != b'/' || !merged.ends_with(b"/") {
            merged.push(*byte);
        }
    }
    merged
}

/// `If` may be nested this deep.
const NESTED: usize = 20;

/// `If`, `ElseIf` and `Else` (2.4), those inside one that holds too.
///
/// # Errors
/// When a condition cannot be told.
pub fn conditions(run: &mut Run<'_>, record: &mut Record) -> Result<(), Unknown> {
    let mut dir = Arc::clone(&record.dir);
    for _ in 0..NESTED {
        let Some(core) = dir.core.as_ref().filter(|c| !c.ifs.is_empty()) else { return Ok(()) };
        let walked = chosen(run, record, &core.ifs)?;
        let inner = walked.merged.clone();
        walked.apply(run, record);
        match inner {
            Some(inner) => dir = inner,
            None => return Ok(()),
        }
    }
    Err(Unknown::because("conditions are nested too deep"))
}

fn chosen(run: &mut Run<'_>, record: &Record, sections: &[Arc<Section>]) -> Result<Walked, Unknown> {
    let mut walked = Walked::default();
    // Whether one of the chain so far held.
    let mut held = false;
    for section in sections {
        let Target::If(Branch { condition, otherwise }) = &section.on else { continue };
        if *otherwise && held {
            run.trace.note(section.place, || Event::Skipped {
                directive: section.shown.clone(),
                why: "one before it held".to_owned(),
            });
            continue;
        }
        let applies = match condition {
            Some(condition) => condition.holds(run, record, &mut expr::Captures::default())?,
            None => true,
        };
        if condition.is_some() {
            held = applies;
        }
        note(run, section, BStr::new(""), applies);
        if applies {
            walked.add(section.place, &section.config, run.policy);
        }
    }
    Ok(walked)
}

fn note(run: &mut Run<'_>, section: &Section, subject: &BStr, applies: bool) {
    run.trace.note(section.place, || Event::Section {
        section: section.shown.clone(),
        subject: subject.into(),
        applies,
    });
}
