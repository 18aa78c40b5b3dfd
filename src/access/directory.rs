//! `mod_dir`: the slash at the end of a folder's address, and index files.
//!
//! Not here: listings ([`super::respond`]).

use std::sync::Arc;

use bstr::BString;

use super::{
    core, escape,
    files::Kind,
    record::{Flow, Record},
    run::Run,
    trace::Event,
    unknown::Unknown,
};

/// The handler of folders.
pub const FOLDER: &str = "httpd/unix-directory";

/// `DirectorySlash`, `DirectoryIndex`, `FallbackResource`.
///
/// # Errors
/// When a look-up of an index file cannot be told.
pub fn fixup(run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    if !run.policy.modules.contains("dir") || record.is_proxied() {
        return Ok(Flow::Declined);
    }
    match record.kind {
        Some(Kind::Folder) => {}
        None if record.handler.is_none() => return fall_back(run, record),
        _ => return Ok(Flow::Declined),
    }
    let dir = Arc::clone(&record.dir);
    let core = dir.core.as_deref();
    let check = core.and_then(|c| c.check_handler).unwrap_or(false);
    if record.handler.is_none() {
        record.handler = Some(FOLDER.into());
    } else if check && !record.has_handler(FOLDER) {
        return Ok(Flow::Declined);
    }
    if !record.path_info.is_empty() {
        return Ok(Flow::Declined);
    }
    if !record.uri.ends_with(b"/") {
        let wanted = core.and_then(|c| c.slash).unwrap_or(true);
        return Ok(if wanted { with_slash(run, record) } else { Flow::Declined });
    }
    // Between rewriting and the internal redirect that it asked for.
    if record.has_handler("redirect-handler") {
        return Ok(Flow::Declined);
    }
    index(run, record, core)
}

/// `path` with the request's query.
fn with_query(mut path: BString, record: &Record) -> BString {
    if let Some(args) = &record.args {
        path.push(b'?');
        path.extend_from_slice(args);
    }
    path
}

/// Sends the client to the folder's address with its slash.
fn with_slash(run: &mut Run<'_>, record: &mut Record) -> Flow {
    let mut path = escape::path(&record.uri, run.policy.level);
    path.push(b'/');
    record.location = Some(run.absolute(record, &with_query(path, record)));
    run.decide(None, || "it is a folder, and its address has no slash at the end".to_owned());
    Flow::Status(301)
}

/// The first index file that is there.
fn index(run: &mut Run<'_>, record: &mut Record, core: Option<&core::Dir>) -> Result<Flow, Unknown> {
    let default = [BString::from("index.html")];
    let names = core.and_then(|c| c.indexes.as_deref()).unwrap_or(&default);
    let mut refused = None;
    for name in names {
        let sub = run.look_up_uri(record, &with_query(name.clone(), record))?;
        let is_file = sub.kind == Some(Kind::File) || sub.has_handler("proxy-server");
        if sub.status == 200 && is_file {
            if let Some(Some(status)) = core.and_then(|c| c.index_redirect) {
                record.location = Some(run.absolute(record, &escape::path(&sub.uri, run.policy.level)));
                return Ok(Flow::Status(status));
            }
            run.trace.note(None, || Event::Decided(format!("the index file {} answers", sub.uri)));
            take_over(record, sub);
            return Ok(Flow::Done);
        }
        let alone = names.len() == 1;
        if (300..400).contains(&sub.status) || alone && matches!(sub.status, 401 | 406) {
            record.location = sub.location;
            return Ok(Flow::Status(sub.status));
        }
        if !matches!(sub.status, 0 | 200 | 404) {
            refused = Some(sub.status);
        }
    }
    Ok(refused.map_or(Flow::Declined, Flow::Status))
}

/// The subrequest's file in the place of the folder (`ap_internal_fast_redirect`).
fn take_over(record: &mut Record, sub: Record) {
    let mut env = sub.env.clone();
    for (name, value) in record.env.iter() {
        if env.get(name).is_none() {
            env.add(name, value);
        }
    }
    *record = Record {
        sub: record.sub,
        redirects: record.redirects,
        method: std::mem::take(&mut record.method),
        asterisk: record.asterisk,
        passed: record.passed.take(),
        rewrite: std::mem::take(&mut record.rewrite),
        walks: std::mem::take(&mut record.walks),
        walks_before: record.walks_before.take(),
        before: record.before.take(),
        status: record.status,
        first_error: record.first_error,
        env,
        ..sub
    };
}

/// `FallbackResource` (2.4): for what does not exist.
fn fall_back(run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    let fallback = record.dir.core.as_ref().and_then(|c| c.fallback.clone()).flatten();
    let Some((place, path)) = fallback else { return Ok(Flow::Declined) };
    let sub = run.look_up_uri(record, &with_query(path, record))?;
    if sub.status == 200 && sub.kind == Some(Kind::File) {
        run.decide(Some(place), || format!("FallbackResource sends {}", sub.uri));
        take_over(record, sub);
        return Ok(Flow::Done);
    }
    // One that does not exist looks for itself again, until there are too many.
    if !matches!(sub.status, 200 | 404) {
        record.location = sub.location;
        return Ok(Flow::Status(sub.status));
    }
    Ok(Flow::Declined)
}
