//! mod_dir: the slash at the end of a folder's address, and index files.
//!
//! Not here: listings ([`super::respond`]).

use std::sync::Arc;

use bstr::BString;

use super::{
    files::Kind,
    record::{Flow, Record},
    run::{Run, escape_path},
    trace::Event,
    unknown::Unknown,
};

/// The handler of folders.
pub const FOLDER: &str = "httpd/unix-directory";

/// `DirectorySlash`, `DirectoryIndex`, `FallbackResource`.
pub fn fixup(run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    if !run.policy.modules.contains("dir") || record.is_proxied() {
        return Ok(Flow::Declined);
    }
    if record.kind != Some(Kind::Folder) {
        return fall_back(run, record);
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
        if core.and_then(|c| c.slash) == Some(false) {
            return Ok(Flow::Declined);
        }
        let mut path = escape_path(&record.uri);
        path.push(b'/');
        if let Some(args) = &record.args {
            path.push(b'?');
            path.extend_from_slice(args);
        }
        record.location = Some(run.absolute(record, &path));
        run.decide(None, || "it is a folder, and its address has no slash at the end".to_owned());
        return Ok(Flow::Status(301));
    }
    // Between rewriting and the internal redirect that it asked for.
    if record.has_handler("redirect-handler") {
        return Ok(Flow::Declined);
    }
    let default = [BString::from("index.html")];
    let names = core.and_then(|c| c.indexes.as_deref()).unwrap_or(&default);
    let mut refused = None;
    for name in names {
        let mut path = name.clone();
        if let Some(args) = &record.args {
            path.push(b'?');
            path.extend_from_slice(args);
        }
        let sub = run.look_up_uri(record, &path)?;
        let is_file = sub.kind == Some(Kind::File) || sub.has_handler("proxy-server");
        if sub.status == 200 && is_file {
            if let Some(Some(status)) = core.and_then(|c| c.index_redirect) {
                record.location = Some(run.absolute(record, &escape_path(&sub.uri)));
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
    match refused {
        Some(status) => Ok(Flow::Status(status)),
        None => fall_back(run, record),
    }
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
        env,
        ..sub
    };
}

/// `FallbackResource` (2.4): for what does not exist.
fn fall_back(run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    let fallback = record.dir.core.as_ref().and_then(|c| c.fallback.clone()).flatten();
    let Some((place, path)) = fallback else { return Ok(Flow::Declined) };
    let exists = record.kind == Some(Kind::File) && record.path_info.is_empty();
    if exists || record.handler.is_some() && record.kind != Some(Kind::Folder) || record.uri == path {
        return Ok(Flow::Declined);
    }
    let mut full = path;
    if let Some(args) = &record.args {
        full.push(b'?');
        full.extend_from_slice(args);
    }
    let sub = run.look_up_uri(record, &full)?;
    if sub.status == 200 && sub.kind == Some(Kind::File) {
        run.decide(Some(place), || format!("FallbackResource sends {}", sub.uri));
        take_over(record, sub);
        return Ok(Flow::Done);
    }
    if (300..400).contains(&sub.status) {
        record.location = sub.location;
        return Ok(Flow::Status(sub.status));
    }
    Ok(Flow::Declined)
}
