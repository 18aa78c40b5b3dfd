//! The two places where the server asks `mod_rewrite`: when a path becomes a file name, and before the answer is made.
//!
//! Not here: going through the rules ([`super::rules`]).

use bstr::{BString, ByteSlice};

use super::{
    Engine, options,
    rules::{Pass, Verdict},
    template::PerDir,
    uri,
};
use crate::access::{
    core, escape,
    files::Files,
    level::Level,
    record::{Flow, Record},
    run::Run,
    trace::Event,
    unknown::Unknown,
};

/// The variables that every rewritten request gets.
const SCRIPT_URL: &[u8] = b"SCRIPT_URL";
const REDIRECT_SCRIPT_URL: &[u8] = b"REDIRECT_SCRIPT_URL";
const SCRIPT_URI: &[u8] = b"SCRIPT_URI";

/// Server-level rules (`hook_uri2file`), asked first of all modules that map a path to a file.
///
/// `Done`: `record.filename` is the file, or `record.handler` is `proxy-server`. `Declined`: the next module is asked, with
/// `record.uri` as `PT` may have left it. A status: the request ends, with `record.location` for a redirect.
///
/// # Errors
/// When something is needed that is not given.
pub fn translate(run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    let (policy, level) = (run.policy, run.policy.level);
    let server = &policy.server(record.server).rewrite;
    if server.told_nothing || !is_on(run, record, server.engine) || record.rewrite.ended {
        return Ok(Flow::Declined);
    }
    let any_uri = server.options | record.dir.rewrite.as_ref().map_or(0, |dir| dir.options);
    let is_path = !record.asterisk && record.uri.starts_with(b"/");
    if level > Level::V2_2_8 && !is_path && any_uri & options::ANY_URI == 0 {
        run.trace.note(None, || Event::Decided("the rules are not asked: the target is no path".into()));
        return Ok(Flow::Declined);
    }
    if !server.no_script_variables || run.trace.is_on() {
        set_script_variables(run, record);
    }
    let before = record.filename.clone();
    if record.filename.is_none() {
        record.filename = Some(record.uri.clone());
    }
    let old_args = record.args.clone();
    let mut pass = Pass::new(None);
    let verdict = pass.apply(run, record, &server.rules)?;
    let no_escape = match verdict {
        Verdict::Unchanged => {
            record.filename = before;
            return Ok(Flow::Declined);
        }
        Verdict::Ended(status) => {
            forget_error(record);
            return Ok(Flow::Status(unless_controls(run, record, status)));
        }
        Verdict::Changed { no_escape } => no_escape,
    };
    let filename = record.filename.clone().unwrap_or_default();
    let absolute = uri::absolute(&filename, level);
    if (absolute.is_none() || no_escape) && has_controls(run, record) {
        return Ok(Flow::Status(403));
    }
    if filename.len() > 6 && filename.starts_with(b"proxy:") {
        return Ok(proxy(run, record, &pass, no_escape));
    }
    if let Some(absolute) = absolute {
        return Ok(redirect(run, record, &pass, absolute.scheme, no_escape, old_args.as_ref()));
    }
    if let Some(path) = filename.strip_prefix(b"passthrough:").filter(|path| !path.is_empty()) {
        run.trace.note(pass.last.map(|r| r.place), || {
            Event::Decided(format!("the path {} goes on to Alias, Redirect and the like", path.as_bstr()))
        });
        record.uri = path.into();
        record.filename = None;
        keep_status(record, &pass);
        return Ok(Flow::Declined);
    }
    local(run, record, &pass, &filename)
}

/// Whether rewriting is on here. From 2.2.34 on a Location may switch it off, even for the server's rules.
fn is_on(run: &Run<'_>, record: &Record, server: Engine) -> bool {
    let dir = record.dir.rewrite.as_ref().and_then(|dir| dir.engine);
    if run.policy.level > Level::V2_2_8 { dir.or(server) == Some(true) } else { server == Some(true) }
}

fn set_script_variables(run: &Run<'_>, record: &mut Record) {
    if !record.is_subrequest() || record.env.get(SCRIPT_URL).is_none() {
        match record.env.get(REDIRECT_SCRIPT_URL).map(ToOwned::to_owned) {
            Some(url) => record.env.set(SCRIPT_URL, &url),
            None => record.env.set(SCRIPT_URL, &record.uri),
        }
    }
    let uri = run.absolute(record, record.env.get(SCRIPT_URL).map_or(&b""[..], |url| url));
    record.env.set(SCRIPT_URI, &uri);
}

/// Whether the query string carries control characters or blanks, which 2.4.71 refuses where it does not escape them.
fn has_controls(run: &mut Run<'_>, record: &Record) -> bool {
    let found = run.policy.level >= Level::V2_4_71
        && record.args.as_ref().is_some_and(|args| args.iter().any(|b| matches!(b, 0..=0x20 | 0x7f)));
    if found {
        run.trace.note(None, || Event::Decided("403: the query string has control characters or blanks".into()));
    }
    found
}

fn unless_controls(run: &mut Run<'_>, record: &Record, status: u16) -> u16 {
    if has_controls(run, record) { 403 } else { status }
}

fn proxy(run: &mut Run<'_>, record: &mut Record, pass: &Pass<'_>, no_escape: bool) -> Flow {
    let mut filename = record.filename.take().unwrap_or_default();
    if let Some(args) = record.args.as_ref().filter(|_| no_escape) {
        filename.push(b'?');
        filename.extend_from_slice(args);
    }
    run.decide(pass.last.map(|r| r.place), || format!("the request goes on to {filename}"));
    record.filename = Some(filename);
    record.handler = Some("proxy-server".into());
    Flow::Done
}

/// The end of a result that is an address: `Location` and status.
fn redirect(
    run: &mut Run<'_>,
    record: &mut Record,
    pass: &Pass<'_>,
    scheme: usize,
    no_escape: bool,
    old_args: Option<&BString>,
) -> Flow {
    let level = run.policy.level;
    let filename = record.filename.take().unwrap_or_default();
    let mut location = Vec::with_capacity(filename.len() + 16);
    if no_escape {
        location.extend_from_slice(&filename);
    } else {
        uri::escape_absolute(&filename, scheme, level, &mut location);
    }
    if let Some(args) = &record.args {
        location.push(b'?');
        // From 2.4.71 on the query string that came with the request is not escaped a second time.
        let untouched = level >= Level::V2_4_71 && old_args == Some(args);
        if no_escape || untouched {
            location.extend_from_slice(args);
        } else {
            escape::path_into(args, level, &mut location);
        }
    }
    let status = if (300..400).contains(&pass.status) { pass.status } else { 302 };
    let place = pass.last.map(|r| r.place);
    run.decide(place, || format!("redirect to {} with {status}", location.as_bstr()));
    record.location = Some(location.clone().into());
    record.filename = Some(location.into());
    forget_error(record);
    Flow::Status(status)
}

/// A status by a rule lets the request forget that an error document is being made, so it may have one of its own again.
fn forget_error(record: &mut Record) {
    record.status = 200;
}

/// The end of a result that is a path.
fn local(run: &mut Run<'_>, record: &mut Record, pass: &Pass<'_>, filename: &[u8]) -> Result<Flow, Unknown> {
    let place = pass.last.map(|r| r.place);
    if filename.strip_prefix(b"/~").is_some_and(|user| !user.is_empty() && !user.starts_with(b"/")) {
        return Err(Unknown { place, reason: "home directories of users are not given".into() });
    }
    if !filename.starts_with(b"/") {
        run.trace.note(place, || Event::Decided(format!("400: the result {} is no path", filename.as_bstr())));
        return Ok(Flow::Status(400));
    }
    let in_root = exists_in_root(run, record, pass, filename) && !(pass.reduced && legacy(run, record) == Some(false));
    let file = if in_root {
        filename.into()
    } else {
        match under_document_root(&run.policy.server(record.server).core.document_root, filename) {
            Some(file) => file,
            None => return Ok(Flow::Status(403)),
        }
    };
    run.decide(place, || {
        let how = if in_root { "its first folder exists in the root of the file system" } else { "under DocumentRoot" };
        format!("the path becomes the file {file}: {how}")
    });
    record.filename = Some(file);
    keep_status(record, pass);
    Ok(Flow::Done)
}

/// A redirect that a later rule turned into a path again keeps its status, without a Location.
fn keep_status(record: &mut Record, pass: &Pass<'_>) {
    if (300..400).contains(&pass.status) {
        record.status = pass.status;
    }
}

/// `LegacyPrefixDocRoot`, where the level has it.
fn legacy(run: &Run<'_>, record: &Record) -> Option<bool> {
    let options = run.policy.server(record.server).rewrite.options;
    (run.policy.level >= Level::V2_4_71).then_some(options & options::LEGACY_PREFIX_DOC_ROOT != 0)
}

/// Whether `filename` is taken as it is because its first segment exists in the root of the file system (`prefix_stat`).
fn exists_in_root(run: &Run<'_>, record: &Record, pass: &Pass<'_>, filename: &[u8]) -> bool {
    let server = run.policy.server(record.server);
    let root = &server.core.document_root;
    let segment = filename.trim_start_with(|c| c == '/').split(|b| *b == b'/').next().unwrap_or_default();
    let path = [&b"/"[..], segment.strip_prefix(b".").filter(|rest| rest.is_empty()).unwrap_or(segment)].concat();
    let exists = match &run.world.files {
        // Nothing but photos is assumed, and they are under DocumentRoot.
        Files::EveryPhoto => root.split(|b| *b == b'/').nth(1) == Some(segment),
        files => segment != b".." && files.stat(&path).is_some(),
    };
    let Some(rule) = pass.last.filter(|_| exists && run.policy.level >= Level::V2_4_71) else { return exists };
    // From 2.4.71 on the folder has to stand in the rule itself, unless the file is under DocumentRoot anyway.
    rule.flags.unsafe_prefix_stat
        || server.rewrite.options & options::UNSAFE_PREFIX_STAT != 0
        || rule.output.starts_with(&path)
        || filename.starts_with(root)
}

/// `path` under `root`, dots and repeated slashes taken out; none when it would leave it (`ap_core_translate`).
fn under_document_root(root: &[u8], path: &[u8]) -> Option<BString> {
    let mut file = BString::from(root.strip_suffix(b"/").unwrap_or(root));
    let start = file.len();
    let mut slash = false;
    for segment in path.split(|b| *b == b'/') {
        slash = matches!(segment, b"" | b"." | b"..");
        match segment {
            b"" | b"." => {}
            b".." if file.len() > start => {
                let keep = file.rfind_byte(b'/').unwrap_or(start);
                file.truncate(keep);
            }
            b".." => return None,
            _ => {
                file.push(b'/');
                file.extend_from_slice(segment);
            }
        }
    }
    if slash {
        file.push(b'/');
    }
    Some(file)
}

/// The path of an address that is the server's own (`reduce_uri`): own scheme, and name and port of this host.
pub fn reduced(run: &Run<'_>, record: &Record, address: &[u8]) -> Option<Vec<u8>> {
    let (scheme, default): (&[u8], u16) = if run.request.tls { (b"https://", 443) } else { (b"http://", 80) };
    let start = address.get(..scheme.len())?;
    if !start.eq_ignore_ascii_case(scheme) || address.len() == scheme.len() {
        return None;
    }
    let rest = &address[scheme.len()..];
    let (authority, path) = rest.split_at(rest.find_byte(b'/').unwrap_or(rest.len()));
    let (host, port) = match authority.split_once_str(b":") {
        Some((host, port)) => (host, u16::try_from(super::flags::number(port)).unwrap_or(0)),
        None => (authority, default),
    };
    let path = if path.is_empty() { b"/" } else { path };
    is_own_host(&run.policy.server(record.server).core, host, port).then(|| path.to_vec())
}

/// Whether `host` and `port` name this virtual host (`ap_matches_request_vhost`): its port has to be given with `ServerName`,
/// which is why addresses of the own host are usually redirects.
fn is_own_host(core: &core::Server, host: &[u8], port: u16) -> bool {
    core.port == Some(port) && core.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(host))
}

/// Whether `Options` here allow per-directory rules: `FollowSymLinks` or `SymLinksIfOwnerMatch`, which both branches have by
/// default.
fn allows_links(record: &Record, level: Level) -> bool {
    let options = record
        .dir
        .core
        .as_ref()
        .map_or_else(|| core::Dir::default().effective_options(level), |core| core.effective_options(level));
    options & (core::options::FOLLOW_SYM_LINKS | core::options::SYM_LINKS_IF_OWNER) != 0
}

/// Per-directory rules (`hook_fixup`), asked first of all modules before the answer is made.
///
/// `Done` with `record.handler` `redirect-handler` and `record.filename` `redirect:/new/path`: the request starts over at that
/// path with `record.args`. `Done` otherwise: as in [`translate`], or the result was the file of before.
///
/// # Errors
/// When something is needed that is not given.
pub fn fixup(run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    let level = run.policy.level;
    let Some(dir) = record.dir.rewrite.clone() else { return Ok(Flow::Declined) };
    let Some(directory) = dir.directory.as_deref() else { return Ok(Flow::Declined) };
    if !is_on_here(run, record, dir.engine) {
        return Ok(Flow::Declined);
    }
    let proxied = record.filename.as_ref().is_some_and(|name| name.starts_with(b"proxy:"));
    let folder_itself = directory.strip_suffix(b"/").is_some_and(|d| super::bytes(record.filename.as_ref()) == d);
    if !proxied && folder_itself && dir.options & options::NO_SLASH == 0 {
        return Ok(Flow::Declined);
    }
    if record.rewrite.ended {
        return Ok(Flow::Declined);
    }
    if !allows_links(record, run.policy.level) {
        run.trace.note(dir.rules.first().map(|r| r.place), || {
            Event::Decided("403: rules in directories need Options FollowSymLinks or SymLinksIfOwnerMatch".into())
        });
        return Ok(Flow::Status(403));
    }
    let (old_filename, old_args) = (record.filename.clone(), record.args.clone());
    if record.filename.is_none() {
        record.filename = Some(record.uri.clone());
    }
    let per_dir = PerDir { directory, base: dir.base.as_deref().map(AsRef::as_ref) };
    let mut pass = Pass::new(Some(per_dir));
    let no_escape = match pass.apply(run, record, &dir.rules)? {
        Verdict::Unchanged => {
            record.filename = old_filename;
            return Ok(Flow::Declined);
        }
        Verdict::Ended(status) => {
            forget_error(record);
            return Ok(Flow::Status(unless_controls(run, record, status)));
        }
        Verdict::Changed { no_escape } => no_escape,
    };
    let filename = record.filename.clone().unwrap_or_default();
    let absolute = uri::absolute(&filename, level);
    if (absolute.is_none() || no_escape) && has_controls(run, record) {
        return Ok(Flow::Status(403));
    }
    if filename.len() > 6 && filename.starts_with(b"proxy:") {
        return Ok(proxy(run, record, &pass, true));
    }
    if let Some(absolute) = absolute {
        if let Some(base) = per_dir.base {
            record.filename = Some(based(&filename, absolute.scheme, directory, base));
        }
        return Ok(redirect(run, record, &pass, absolute.scheme, no_escape, old_args.as_ref()));
    }
    Ok(start_over(run, record, &pass, per_dir, old_filename.as_deref().map(AsRef::as_ref)))
}

fn is_on_here(run: &Run<'_>, record: &Record, dir: Engine) -> bool {
    let server = run.policy.server(record.server).rewrite.engine;
    if run.policy.level > Level::V2_2_8 { dir.or(server) == Some(true) } else { dir == Some(true) }
}

/// An address with the folder in its path replaced by `RewriteBase`.
fn based(address: &[u8], scheme: usize, directory: &[u8], base: &[u8]) -> BString {
    let slash = address.get(scheme..).and_then(|rest| rest.find_byte(b'/')).map(|at| scheme + at + 1);
    let Some((head, path)) = slash.and_then(|at| address.split_at_checked(at)) else { return address.into() };
    let relative = |text: &[u8]| text.strip_prefix(b"/").unwrap_or(text).to_vec();
    match uri::replace_prefix(path, &relative(directory), &relative(base)) {
        Some(new) if !path.is_empty() => [head, &new].concat().into(),
        _ => address.into(),
    }
}

/// The end of a per-directory result that is a path: back to the start, unless it is where it was.
fn start_over(
    run: &mut Run<'_>,
    record: &mut Record,
    pass: &Pass<'_>,
    dir: PerDir<'_>,
    old_filename: Option<&[u8]>,
) -> Flow {
    let place = pass.last.map(|r| r.place);
    let filename = record.filename.take().unwrap_or_default();
    let filename = match filename.strip_prefix(b"passthrough:") {
        Some(rest) if !rest.is_empty() => rest.into(),
        _ => filename,
    };
    if !filename.starts_with(b"/") {
        run.trace.note(place, || Event::Decided(format!("400: the result {filename} is no path")));
        record.filename = Some(filename);
        return Flow::Status(400);
    }
    keep_status(record, pass);
    if old_filename == Some(filename.as_slice()) {
        run.trace.note(place, || Event::Decided("the result is the file of before: the rewriting is ignored".into()));
        record.filename = Some(filename);
        return Flow::Done;
    }
    // 2.4.71 merges repeated slashes before it looks for the document root.
    let filename =
        if run.policy.level >= Level::V2_4_71 { crate::access::walk::no_double_slash(&filename) } else { filename };
    let options =
        run.policy.server(record.server).rewrite.options | record.dir.rewrite.as_ref().map_or(0, |d| d.options);
    let root = &run.policy.server(record.server).core.document_root;
    let stripped = match dir.base {
        Some(base) => uri::replace_prefix(&filename, dir.directory, base),
        None => filename
            .strip_prefix(root.strip_suffix(b"/").unwrap_or(root))
            .filter(|r| r.starts_with(b"/"))
            .map(<[u8]>::to_vec),
    };
    let by_alias = || {
        let knows = run.policy.level >= Level::V2_4_71 && options & options::IGNORE_CONTEXT_INFO == 0;
        // Without an alias the document root is replaced by nothing, which leaves a path that is refused as such.
        let context = knows.then(|| record.context_document_root.as_ref().unwrap_or(root))?;
        uri::replace_prefix(&filename, context, &record.context_prefix)
    };
    let path = stripped.or_else(by_alias).map_or(filename, BString::from);
    run.decide(place, || format!("the request starts over with {path}"));
    record.filename = Some([b"redirect:", path.as_slice()].concat().into());
    record.handler = Some("redirect-handler".into());
    Flow::Done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_under_the_document_root() {
        let rows = [
            ("/a.html", Some("/srv/www/a.html")),
            ("/sub/", Some("/srv/www/sub/")),
            ("/", Some("/srv/www/")),
            ("//a//b", Some("/srv/www/a/b")),
            ("/a/../b", Some("/srv/www/b")),
            ("/./b/.", Some("/srv/www/b/")),
            ("/../b", None),
        ];
        for (path, file) in rows {
            let got = under_document_root(b"/srv/www", path.as_bytes());
            assert_eq!(got.as_ref().map(|f| f.to_str_lossy().into_owned()).as_deref(), file, "{path}");
        }
    }

    #[test]
    fn the_base_replaces_the_folder_in_an_address() {
        let rows = [
            ("http://h/srv/real/a", "/pub/", "http://h/pub/a"),
            ("http://h/srv/real/a", "/", "http://h/a"),
            ("http://h/other/a", "/pub/", "http://h/other/a"),
            ("http://h", "/pub/", "http://h"),
        ];
        for (address, base, expected) in rows {
            assert_eq!(based(address.as_bytes(), 7, b"/srv/real/", base.as_bytes()), expected, "{address}");
        }
    }
}
