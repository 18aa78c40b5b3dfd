//! Which sections apply to a request: down the folders, then files, locations and conditions, merged in the server's order.
//!
//! Facts: the recorded cases; the walks of `server/request.c`. Not here: what the merged directives do.

use std::{borrow::Cow, sync::Arc};

use bstr::{BStr, BString, ByteSlice};

use super::{
    config::{
        include::{clean, is_clean},
        known::overrides,
        load::{self, Htaccess},
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

/// Sections met on a walk, merged with each other and not yet with what was there before.
#[derive(Default)]
struct Walked {
    merged: Option<Arc<DirConfig>>,
    places: Vec<Place>,
}

impl Walked {
    fn add(&mut self, place: Place, config: &Arc<DirConfig>, policy: &Policy) {
        self.merged = Some(match self.merged.take() {
            Some(merged) => policy.merged(&merged, config),
            None => Arc::clone(config),
        });
        self.places.push(place);
    }

    /// Puts them on top of what the record has.
    fn apply(self, record: &mut Record, policy: &Policy) {
        if let Some(merged) = self.merged {
            record.dir = policy.merged(&record.dir, &merged);
            if record.sections.is_empty() {
                record.sections = self.places;
            } else {
                record.sections.extend(self.places);
            }
        }
    }
}

/// What the walk down the folders has to know as it goes (`core_opts_t`).
struct Going {
    options: SignedOptions,
    overrides: Option<u16>,
    override_options: Option<u16>,
    override_list: Option<Vec<String>>,
    nonfatal: Option<u16>,
    level: Level,
}

impl Going {
    fn new(level: Level) -> Self {
        let options = SignedOptions::default();
        Self { options, overrides: None, override_options: None, override_list: None, nonfatal: None, level }
    }

    fn add(&mut self, config: &DirConfig) {
        let Some(core) = &config.core else { return };
        self.options = self.options.merge(core.signed_options());
        self.overrides = core.overrides.or(self.overrides);
        self.override_options = core.override_options.or(self.override_options);
        self.override_list = core.override_list.clone().or(self.override_list.take());
        self.nonfatal = core.nonfatal.or(self.nonfatal);
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
        })
    }
}

/// Turns a pattern that gave up into a reason.
fn hang(place: Place) -> impl Fn(Hang) -> Unknown {
    move |_| Unknown::at(place, "its pattern takes too long on this request")
}

/// The walk down the folders of `record.filename`. Finds out what is there, too.
///
/// Gives a status when the request ends here: links that may not be followed, a broken `.htaccess`.
pub fn directories(run: &mut Run<'_>, record: &mut Record) -> Result<Option<u16>, Unknown> {
    let level = run.policy.level;
    let Some(filename) = record.filename.as_ref() else { return Ok(None) };
    let filename: Cow<'_, [u8]> =
        if is_clean(filename) { Cow::Borrowed(filename) } else { Cow::Owned(clean(filename).into()) };
    if !filename.starts_with(b"/") {
        return Ok(None);
    }
    let found = run.world.files.stat(&filename).map(|s| s.kind);
    let found = found.filter(|k| *k == Kind::Folder || !filename.ends_with(b"/"));
    let policy = run.policy;
    let sections = &policy.server(record.server).core.directories;
    let (mut going, with_htaccess) = (Going::new(level), may_have_htaccess(run, record));
    going.add(&record.dir);
    let mut walked = Walked::default();
    let mut next = 0;
    let mut current = BString::from(Vec::with_capacity(filename.len() + 1));
    current.push(b'/');
    let mut rest: &[u8] = &filename[1..];
    let mut depth = 0;
    let mut kind = Some(Kind::Folder);
    loop {
        if depth > 0 && !current.ends_with(b"/") {
            current.push(b'/');
        }
        while let Some(section) = sections.get(next) {
            let Target::Path { path, pattern, depth: wanted } = &section.on else { break };
            if *wanted > depth {
                break;
            }
            next += 1;
            if *wanted == depth {
                let rules = Rules { pathname: true, ..Rules::default() };
                let applies =
                    if *pattern { glob::matches(path, &current, rules) } else { *path == current || depth == 0 };
                note(run, section, current.as_bstr(), applies);
                if applies {
                    walked.add(section.place, &section.config, policy);
                    going.add(&section.config);
                }
            }
        }
        if with_htaccess
            && let Some(allowed) = going.htaccess()
            && let Some(status) = htaccess(run, record, &allowed, &mut current, &mut walked, &mut going)?
        {
            return Ok(Some(status));
        }
        if depth > 0 {
            current.pop();
        }
        if rest.is_empty() {
            break;
        }
        let from = usize::from(rest.starts_with(b"/"));
        let end = rest[from..].find_byte(b'/').map_or(rest.len(), |e| e + from);
        let name = &rest[from..end];
        if !current.ends_with(b"/") {
            current.push(b'/');
        }
        current.extend_from_slice(name);
        rest = &rest[end..];
        if name.is_empty() {
            break;
        }
        let links = going.options() & (options::FOLLOW_SYM_LINKS | options::SYM_LINKS_IF_OWNER);
        // With links allowed and the whole path known, the server does not look at each step; a file is then met as if it were
        // a folder.
        if found.is_some() && links == options::FOLLOW_SYM_LINKS {
            kind = Some(Kind::Folder);
            depth += 1;
            continue;
        }
        kind = run.world.files.lstat(&current).map(|s| s.kind);
        if kind == Some(Kind::Link) {
            kind = run.world.files.stat(&current).map(|s| s.kind);
            if links == 0 || kind.is_none() {
                run.decide(None, || format!("the symbolic link {current} may not be followed"));
                return Ok(Some(403));
            }
        }
        match kind {
            Some(Kind::Folder) => depth += 1,
            Some(Kind::File) | None => break,
            Some(_) => return Ok(Some(403)),
        }
    }
    record.kind = found.or(kind);
    if !rest.is_empty() {
        record.path_info = [rest, &record.path_info].concat().into();
    }
    record.filename = Some(current);
    for section in sections.iter().skip(next) {
        let Target::Regex(regex) = &section.on else { continue };
        let filename = record.filename.clone().unwrap_or_default();
        let filename = filename.as_bstr();
        let applies = matches(run.policy.level, section.place, regex, filename, &mut record.env)?;
        note(run, section, filename, applies);
        if applies {
            walked.add(section.place, &section.config, policy);
        }
    }
    walked.apply(record, policy);
    Ok(None)
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
///
/// `folder` ends in a slash, and is as it was afterwards: its memory serves for the names of the files.
fn htaccess(
    run: &mut Run<'_>,
    record: &Record,
    allowed: &Htaccess,
    folder: &mut BString,
    walked: &mut Walked,
    going: &mut Going,
) -> Result<Option<u16>, Unknown> {
    let policy = run.policy;
    let length = folder.len();
    for name in access_names(policy, record.server) {
        folder.extend_from_slice(name);
        let found = run.world.files.stat(folder).filter(|stat| stat.kind != Kind::Folder);
        let Some(stat) = found else {
            folder.truncate(length);
            continue;
        };
        let path = folder.clone();
        folder.truncate(length);
        if !stat.readable {
            return Ok(Some(403));
        }
        let Some(text) = run.world.files.read(&path, LARGEST_FILE) else { continue };
        let (sources, files) = (run.sources(), &run.world.files);
        let parsed = load::htaccess(policy, files, allowed, sources, folder.as_bstr(), path.as_bstr(), &text);
        match parsed {
            Ok((config, sources)) => {
                let place = run.htaccess_read(sources, path.as_bstr());
                going.add(&config);
                walked.add(place, &Arc::new(config), policy);
            }
            Err(problem) => {
                run.decide(problem.place, || format!("{path} is wrong: {}", problem.message));
                return Ok(Some(500));
            }
        }
        break;
    }
    Ok(None)
}

/// `Files` and `FilesMatch` on the last segment of the file name.
pub fn files(run: &mut Run<'_>, record: &mut Record) -> Result<(), Unknown> {
    let dir = Arc::clone(&record.dir);
    let Some(core) = dir.core.as_ref().filter(|c| !c.files.is_empty()) else { return Ok(()) };
    let Some(filename) = record.filename.clone() else { return Ok(()) };
    let last = filename.rsplit_str("/").next().unwrap_or_default().as_bstr();
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
    walked.apply(record, run.policy);
    Ok(())
}

/// `Location` and `LocationMatch` on the path.
pub fn locations(run: &mut Run<'_>, record: &mut Record) -> Result<(), Unknown> {
    let policy = run.policy;
    let sections = &policy.server(record.server).core.locations;
    if sections.is_empty() {
        return Ok(());
    }
    let uri = record.uri.clone();
    let merged = if uri.starts_with(b"/") { no_double_slash(&uri) } else { uri.clone() };
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
    walked.apply(record, policy);
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
pub fn conditions(run: &mut Run<'_>, record: &mut Record) -> Result<(), Unknown> {
    let mut dir = Arc::clone(&record.dir);
    for _ in 0..NESTED {
        let Some(core) = dir.core.as_ref().filter(|c| !c.ifs.is_empty()) else { return Ok(()) };
        let walked = chosen(run, record, &core.ifs)?;
        let inner = walked.merged.clone();
        walked.apply(record, run.policy);
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
