//! The world that the server of a test lives in: a network where every address is local, and a root of its own where
//! `/srv`, `/opt` and the names of hosts are what a case says.
//!
//! The test program starts itself again inside (`unshare`, then `bed.sh`): as root with plain namespaces, otherwise with
//! a user namespace. Everything in there ends with the program. Not here: the server ([`super::server`]).

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
};

const SCRIPT: &str = include_str!("bed.sh");
/// Set inside: who starts the server, see [`Starter`].
const INSIDE: &str = "PHOTODESK_TEST_BED";
/// Where the old root is, inside.
const HOST: &str = "/.host";
/// A file that only a bed has: the names of the folders that were laid out for a case.
pub const MARK: &str = "/.bed";
/// The server that is tested against.
pub const SERVER: &str = "/usr/sbin/apache2";
/// Its modules.
pub const MODULES: &str = "/usr/lib/apache2/modules";

/// How the server gets away from being root, which it does not like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starter {
    /// It is started by the real root and changes its user itself.
    Root,
    /// It is started in one more user namespace, as somebody else.
    User,
}

/// Whether this program runs inside a bed, and how the server is to be started there.
pub fn inside() -> Option<Starter> {
    if !Path::new(MARK).exists() {
        return None;
    }
    match env::var(INSIDE).ok()?.as_str() {
        "root" => Some(Starter::Root),
        "user" => Some(Starter::User),
        _ => None,
    }
}

/// Where a path of the outer world is for a program inside the bed.
pub fn host_path(path: &Path) -> PathBuf {
    if inside().is_none() {
        return path.to_owned();
    }
    Path::new(HOST).join(path.strip_prefix("/").unwrap_or(path))
}

/// Runs this program again inside a new bed with these arguments, and waits for it.
///
/// # Errors
///
/// Why there can be no bed here: the server is not installed, or namespaces are not allowed.
pub fn enter(arguments: &[&str]) -> Result<ExitStatus, String> {
    if !Path::new(SERVER).exists() {
        return Err(format!("{SERVER} is not installed (apt-get install --no-install-recommends apache2-bin)"));
    }
    let starter = if rustix::process::geteuid().is_root() { "root" } else { "user" };
    let mut unshare = Command::new("unshare");
    if starter == "user" {
        unshare.args(["--user", "--map-root-user"]);
    }
    unshare.args(["--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]);
    let allowed = copy(&unshare).arg("true").output().map_err(|error| format!("unshare: {error}"))?;
    if !allowed.status.success() {
        return Err(format!("namespaces are not allowed here: {}", String::from_utf8_lossy(&allowed.stderr).trim()));
    }
    let root = tempfile::tempdir().map_err(|error| format!("no folder for the bed: {error}"))?;
    let program = env::current_exe().map_err(|error| format!("who am I: {error}"))?;
    let program = Path::new(HOST).join(program.strip_prefix("/").unwrap_or(&program));
    let status = unshare
        .args(["sh", "-c", SCRIPT, "bed"])
        .arg(root.path())
        .arg(starter)
        .arg(program)
        .args(arguments)
        .env(INSIDE, starter)
        .status()
        .map_err(|error| format!("unshare: {error}"))?;
    Ok(status)
}

/// The same command again; [`Command`] cannot be cloned.
fn copy(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args());
    copy
}
