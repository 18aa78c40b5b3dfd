//! Signing in with a password (`mod_auth_basic`): the phase `check_user_id`.
//!
//! Not here: other ways to sign in; with them the answer is not known.

use bstr::{BString, ByteSlice};

use super::{
    Dir,
    files::{self, Password},
};
use crate::access::{
    digest,
    record::{Flow, Record},
    run::Run,
    unknown::Unknown,
};

/// `AuthType` for the request; none when there is none, or it is `None` in 2.4.
pub(super) fn auth_type(dir: &Dir, run: &Run<'_>, record: &Record) -> Result<Option<BString>, Unknown> {
    let Some(text) = &dir.auth_type else { return Ok(None) };
    let kind = text.get(run, record)?;
    let none = run.policy.level.is_24() && kind.eq_ignore_ascii_case(b"None");
    Ok((!none).then_some(kind))
}

/// Who is it? Sets the user of the request.
///
/// # Errors
/// When the way to sign in is not simulated.
pub(super) fn check_user_id(dir: &Dir, run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    let level = run.policy.level;
    let (Some(kind), Some(text)) = (auth_type(dir, run, record)?, &dir.auth_type) else {
        // 2.4 takes that for "no sign-in needed", 2.2 has nobody for it.
        return Ok(if level.is_24() { Flow::Done } else { Flow::Declined });
    };
    if !kind.eq_ignore_ascii_case(b"Basic") {
        return Err(Unknown::at(text.place, format!("signing in with {kind} is not simulated")));
    }
    if let Some((place, why)) = dir.not_modelled {
        return Err(Unknown::at(place, why));
    }
    if dir.auth_name.is_none() {
        run.decide(Some(text.place), || "AuthType without AuthName: the server cannot ask".to_owned());
        return Ok(Flow::Status(500));
    }
    if let Some(other) = dir.providers.iter().flat_map(|p| p.iter()).find(|p| *p != "file") {
        return Err(Unknown::at(text.place, format!("passwords kept by {other} are not simulated")));
    }
    let Some((user, password)) = credentials(record) else {
        run.decide(Some(text.place), || "no user name and password sent: asks for them".to_owned());
        return Ok(Flow::Status(401));
    };
    record.user = Some(user.clone());
    let found = files::check(dir.user_file.as_ref(), run, user.as_bstr(), password.as_bstr())?;
    run.decide(Some(dir.user_file.as_ref().map_or(text.place, |f| f.place)), || match found {
        Password::Right => format!("user {user}: authenticated"),
        Password::Wrong => format!("user {user}: authentication failure: Password Mismatch"),
        Password::NoSuchUser => format!("user {user} not found"),
        Password::Error => "no password file can be opened".to_owned(),
    });
    let authoritative = dir.authoritative.basic.unwrap_or(true);
    Ok(match found {
        Password::Right => Flow::Done,
        Password::Wrong => Flow::Status(401),
        _ if !authoritative => Flow::Declined,
        Password::NoSuchUser => Flow::Status(401),
        Password::Error => Flow::Status(500),
    })
}

/// What the last module of the phase says when no other did.
pub(super) fn nobody_asked(dir: &Dir, run: &Run<'_>, record: &Record) -> Result<Flow, Unknown> {
    let signs_in = auth_type(dir, run, record)?.is_some();
    Ok(if run.policy.level.is_24() {
        // An `AuthType` without a module that knows it.
        if signs_in { Flow::Status(500) } else { Flow::Done }
    } else if signs_in && dir.authoritative.default_authn.unwrap_or(true) {
        Flow::Status(401)
    } else {
        Flow::Declined
    })
}

/// User and password of the header `Authorization`.
fn credentials(record: &Record) -> Option<(BString, BString)> {
    let header = record.headers.get(b"Authorization")?;
    let (scheme, rest) = header.split_once_str(" ").unwrap_or((header, b""));
    if !scheme.eq_ignore_ascii_case(b"Basic") {
        return None;
    }
    let decoded = digest::unbase64(rest.trim_start_with(|c| matches!(c, ' ' | '\t')));
    let text = decoded.split(|b| *b == 0).next().unwrap_or_default();
    let (user, password) = text.split_once_str(":").unwrap_or((text, b""));
    Some((user.into(), password.into()))
}
