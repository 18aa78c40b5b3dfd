//! The functions of expressions.

use std::borrow::Cow;

use bstr::ByteSlice;

use super::{
    eval::{Scene, Stop},
    names::Function,
    variable,
};
use crate::access::{
    digest, escape,
    files::{Files, Kind},
    level::Level,
    unknown::Unknown,
};

/// Largest file that `file()` reads.
const LARGEST: u64 = 10 * 1024 * 1024;

/// What it gives; empty when the server has nothing.
pub(super) fn call<'a>(function: Function, argument: Cow<'a, [u8]>, scene: &Scene<'a>) -> Result<Cow<'a, [u8]>, Stop> {
    let (run, record) = (scene.run, scene.record);
    let found = match function {
        Function::OsEnv => run.process_env(&argument),
        Function::Env => record.env.get(&argument).map(|v| v.as_bytes()).or_else(|| run.process_env(&argument)),
        Function::Request => record.headers.get(&argument).map(|v| v.as_bytes()),
        Function::RequestEnv => record.env.get(&argument).map(|v| v.as_bytes()),
        // No module that is simulated leaves a note.
        Function::Note => None,
        Function::Response => return Err(unknown("the headers of the answer are not simulated")),
        Function::Ssl => {
            variable::without_tls(run)?;
            None
        }
        _ => return changed(function, argument, &run.world.files, run.policy.level),
    };
    Ok(Cow::Borrowed(found.unwrap_or_default()))
}

fn unknown(reason: &str) -> Stop {
    Stop::Unknown(Unknown::because(reason))
}

/// The functions that make another text of their argument, or look at the file that it names.
fn changed<'a>(function: Function, text: Cow<'a, [u8]>, files: &Files, level: Level) -> Result<Cow<'a, [u8]>, Stop> {
    Ok(match function {
        Function::Lower => folded(text, u8::is_ascii_uppercase, <[u8]>::make_ascii_lowercase),
        Function::Upper => folded(text, u8::is_ascii_lowercase, <[u8]>::make_ascii_uppercase),
        Function::Escape => escaped(text, level),
        Function::Unescape => unescape(text),
        Function::Base64 => Cow::Owned(digest::base64(&text).into_bytes()),
        Function::Unbase64 => Cow::Owned(until_zero(digest::unbase64(&text))),
        Function::Sha1 => Cow::Owned(digest::sha1_hex(&text).into_bytes()),
        Function::Md5 => Cow::Owned(digest::md5_hex(&text).into_bytes()),
        Function::File => Cow::Owned(content(&text, files)?),
        Function::FileSize => Cow::Owned(size(&text, files)?.to_string().into_bytes()),
        Function::Ldap if text.iter().all(u8::is_ascii_alphanumeric) => text,
        Function::Ldap => return Err(unknown("the escapes of ldap() are not simulated")),
        _ => Cow::Borrowed(b""),
    })
}

fn folded(text: Cow<'_, [u8]>, differs: fn(&u8) -> bool, fold: fn(&mut [u8])) -> Cow<'_, [u8]> {
    if !text.iter().any(differs) {
        return text;
    }
    let mut text = text.into_owned();
    fold(&mut text);
    Cow::Owned(text)
}

/// A text of the server ends at a zero byte.
fn until_zero(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.find_byte(0).unwrap_or(bytes.len()));
    bytes
}

/// `ap_escape_uri`: all but what may stand in a path becomes `%xx`.
fn escaped(text: Cow<'_, [u8]>, level: Level) -> Cow<'_, [u8]> {
    if text.iter().all(|b| escape::is_plain(*b, level)) { text } else { Cow::Owned(escape::path(&text, level).into()) }
}

/// `ap_unescape_url_keep2f`: escapes are undone but that of a slash; a bad one, or one of a zero byte, gives nothing.
fn unescape(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return text;
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        if byte != b'%' {
            plain.push(byte);
            continue;
        }
        match escape::value(&text, at) {
            None | Some(0) => return Cow::Borrowed(b""),
            Some(b'/') => {
                plain.push(b'%');
                plain.extend_from_slice(text.get(at..at + 2).unwrap_or_default());
            }
            Some(decoded) => plain.push(decoded),
        }
        at += 2;
    }
    Cow::Owned(plain)
}

fn content(path: &[u8], files: &Files) -> Result<Vec<u8>, Stop> {
    if matches!(files, Files::EveryPhoto) {
        return Err(unknown("the contents of files are not given"));
    }
    let failed = |what: &str, why: &str| Stop::Failed(format!("{what} {}{why}", path.as_bstr()));
    let stat = files.stat(path).filter(|s| s.readable).ok_or_else(|| failed("Cannot open file", ""))?;
    match stat.kind {
        Kind::File if stat.size > LARGEST => Err(failed("File", " too large")),
        Kind::File => {
            let content = files.read(path, LARGEST).ok_or_else(|| failed("Cannot open file", ""))?;
            Ok(until_zero(content.into()))
        }
        _ => Err(failed("Cannot read from file", "")),
    }
}

fn size(path: &[u8], files: &Files) -> Result<u64, Stop> {
    if matches!(files, Files::EveryPhoto) {
        return Err(unknown("the sizes of files are not given"));
    }
    Ok(files.stat(path).filter(|s| s.kind == Kind::File).map_or(0, |s| s.size))
}
