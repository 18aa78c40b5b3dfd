//! The whole access step of one request, in the order of `ap_process_request_internal`.
//!
//! Not here: what the single phases ask.

use std::sync::Arc;

use super::{Dir, basic, branch22, provider::Status, require::Logic};
use crate::access::{
    host_access::{self, Satisfy},
    record::{Flow, Record},
    run::Run,
    trace::Event,
    unknown::Unknown,
};

/// Whether the access step may be left out: an internal redirect or a subrequest to what the same directives are for. It
/// then keeps the user of the request `before` it.
pub fn same_access(record: &mut Record, before: &Record) -> bool {
    let same = Arc::ptr_eq(&record.dir, &before.dir);
    if same {
        record.user.clone_from(&before.user);
    }
    same
}

/// May the request pass? [`Flow::Done`] when it may; 401 asks for a password, 403 refuses, 405 refuses the method, 500 is a
/// configuration that cannot work.
///
/// To be called when all sections are merged and the header phases are done, before the fixups.
///
/// # Errors
/// When it depends on what is not given or not simulated.
pub fn decide(run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    let whole = record.dir.clone();
    let nothing = Dir::default();
    let dir = whole.authz.as_deref().unwrap_or(&nothing);
    let checked = check_access(dir, run, record);
    let any = host_access::satisfy(record) == Satisfy::Any;
    if any && checked == Ok(Flow::Done) {
        return Ok(Flow::Done);
    }
    if !any && matches!(checked, Ok(Flow::Status(_))) {
        return checked;
    }
    let signed_in = if run.policy.level.is_24() { require_24(dir, run, record) } else { require_22(dir, run, record) };
    match (any, checked, signed_in) {
        // No access rule and no line that asks for a user: what the rules said stands.
        (true, checked, Ok(None)) => checked,
        (true, Err(_), Ok(Some(Flow::Done))) => Ok(Flow::Done),
        // Whatever the rules say, it is refused.
        (false, Err(_), Ok(Some(refused @ Flow::Status(403)))) => Ok(refused),
        (_, Err(unknown), _) => Err(unknown),
        (_, _, signed_in) => Ok(signed_in?.unwrap_or(Flow::Done)),
    }
}

/// `access_checker`: `mod_allowmethods`, then the lists.
fn check_access(dir: &Dir, run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    if let Some(methods) = &dir.methods
        && !methods.contain(&record.method)
    {
        let method = record.method.clone();
        run.trace.note(None, || Event::Decided(format!("AllowMethods: {method} is not among them")));
        return Ok(Flow::Status(405));
    }
    host_access::check(run, record)
}

/// Nobody took it: a configuration that cannot work (`decl_die`).
fn or_die(flow: Flow) -> Flow {
    if flow == Flow::Declined { Flow::Status(500) } else { flow }
}

/// 2.2: none when no `Require` is for the method.
fn require_22(dir: &Dir, run: &mut Run<'_>, record: &mut Record) -> Result<Option<Flow>, Unknown> {
    if !branch22::some_required(dir, &record.method) {
        return Ok(None);
    }
    if dir.auth_type.is_none() {
        run.trace.note(None, || Event::Decided("couldn't perform authentication. AuthType not set!".to_owned()));
    }
    let flow = sign_in(dir, run, record)?;
    if flow != Flow::Done {
        return Ok(Some(or_die(flow)));
    }
    let flow = branch22::check_authorization(dir, run, record)?;
    Ok(Some(or_die(flow)))
}

/// 2.4: asked first without a user, and again with one if that could make a difference.
fn require_24(dir: &Dir, run: &mut Run<'_>, record: &mut Record) -> Result<Option<Flow>, Unknown> {
    // A name that only came along with the request is not yet one that signed in.
    let flow = authorize(dir, run, record, false)?;
    if flow != Flow::Declined {
        return Ok(Some(flow));
    }
    let flow = sign_in(dir, run, record)?;
    if flow != Flow::Done {
        return Ok(Some(or_die(flow)));
    }
    if record.user.is_none() {
        run.trace.note(None, || {
            let what = "No authentication done but request not allowed without authentication: no AuthType?";
            Event::Decided(what.to_owned())
        });
        return Ok(Some(Flow::Status(500)));
    }
    Ok(Some(or_die(authorize(dir, run, record, true)?)))
}

/// `check_user_id`: the first module that says something.
fn sign_in(dir: &Dir, run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    match basic::check_user_id(dir, run, record)? {
        Flow::Declined => basic::nobody_asked(dir, run, record),
        flow => Ok(flow),
    }
}

/// `mod_authz_core`, before and after somebody signed in.
fn authorize(dir: &Dir, run: &mut Run<'_>, record: &mut Record, after: bool) -> Result<Flow, Unknown> {
    let Some(section) = &dir.section else {
        if basic::auth_type(dir, run, record)?.is_some() {
            let place = dir.auth_type.as_ref().map(|text| text.place);
            let what = "AuthType configured with no corresponding authorization directives";
            run.decide(place, || what.to_owned());
            return Ok(Flow::Status(500));
        }
        return Ok(Flow::Done);
    };
    let status = section.ask(Logic::And, run, record)?;
    Ok(match status {
        Status::Granted => Flow::Done,
        Status::DeniedNoUser if after => Flow::Status(401),
        Status::DeniedNoUser => Flow::Declined,
        Status::Denied | Status::Neutral => {
            let can_ask = after && basic::auth_type(dir, run, record)?.is_some();
            let forbidden = dir.forbidden_on_failure == Some(true);
            Flow::Status(if can_ask && !forbidden { 401 } else { 403 })
        }
        Status::Error => Flow::Status(500),
    })
}
