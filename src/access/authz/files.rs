//! Files of passwords and groups (`mod_authn_file`, `mod_authz_groupfile`).
//!
//! Not here: what a user may do.

use bstr::{BStr, BString, ByteSlice};

use crate::access::{
    config::words, digest, files::Files, level::Level, record::Record, run::Run, source::Place, unknown::Unknown,
};

/// Larger files are not read.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What a password file says about a user and a password (`authn_status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Password {
    Right,
    Wrong,
    NoSuchUser,
    /// There is no file, or none was named.
    Error,
}

/// A file that a directive names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub path: BString,
    pub place: Place,
}

impl Named {
    /// Its content; none when it cannot be opened.
    fn read(&self, run: &Run<'_>) -> Result<Option<BString>, Unknown> {
        if matches!(run.world.files, Files::EveryPhoto) {
            return Err(Unknown::at(self.place, "the contents of this file are not given"));
        }
        if self.path.starts_with(b"/") {
            return Ok(run.world.files.read(&self.path, LARGEST));
        }
        let root = &run.policy.server_root;
        Ok(run.world.files.read(&[root.as_slice(), b"/", &self.path].concat(), LARGEST))
    }
}

/// The lines that say something.
fn lines(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content.lines().map(|line| line.trim_with(|c| c.is_ascii_whitespace())).filter(|l| !l.is_empty() && l[0] != b'#')
}

/// Compares with the first line of that user.
///
/// # Errors
/// When the password is kept in a way that is not simulated.
pub(super) fn check(file: Option<&Named>, run: &Run<'_>, user: &BStr, password: &BStr) -> Result<Password, Unknown> {
    let Some(file) = file else { return Ok(Password::Error) };
    let Some(content) = file.read(run)? else { return Ok(Password::Error) };
    let mut users = lines(&content).map(|line| line.splitn_str(3, ":"));
    let Some(mut fields) = users.find_map(|mut fields| (fields.next() == Some(user)).then_some(fields)) else {
        return Ok(Password::NoSuchUser);
    };
    let stored = fields.next().unwrap_or_default();
    let right = if stored.starts_with(b"{SHA}") {
        stored[5..] == *digest::sha(password).as_bytes()
    } else if let Some(rest) = stored.strip_prefix(b"$apr1$") {
        let salt = rest.split(|b| *b == b'$').next().unwrap_or_default();
        let salt = salt.get(..8).unwrap_or(salt);
        digest::apr1(password, salt) == stored.as_bstr()
    } else if stored.starts_with(b"$2y$") && run.policy.level.is_24() {
        let right = digest::is_bcrypt(password, stored);
        right
            .ok_or_else(|| Unknown::at(file.place, "this bcrypt password is not well formed, or costs too much time"))?
    } else {
        return Err(Unknown::at(file.place, "passwords kept by the system's crypt are not simulated"));
    };
    Ok(if right { Password::Right } else { Password::Wrong })
}

/// The groups that a user is in; none when there is no group file.
///
/// # Errors
/// When its content is not given.
pub(super) fn groups_of(run: &Run<'_>, record: &Record, user: &[u8]) -> Result<Option<Vec<BString>>, Unknown> {
    let Some(file) = record.dir.authz.as_ref().and_then(|dir| dir.group_file.as_ref()) else { return Ok(None) };
    let Some(content) = file.read(run)? else { return Ok(None) };
    let mut groups = Vec::new();
    for line in lines(&content) {
        let (name, members) = line.split_once_str(":").unwrap_or((line, b""));
        let name = if run.policy.level >= Level::V2_4_71 { name.trim_end() } else { name };
        if words::all(members).iter().any(|member| *member == user) {
            groups.push(name.into());
        }
    }
    Ok(Some(groups))
}
