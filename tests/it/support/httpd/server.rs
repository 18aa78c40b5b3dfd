//! httpd itself, inside the bed: a case's files are laid out, the server reads its configuration, runs as one process in
//! the foreground and ends with its handle.
//!
//! Not here: what it is asked ([`super::client`]).

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs, io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    os::unix::{
        fs::{PermissionsExt, symlink},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open},
};
use serde_json::Value;

use super::{
    bed::{self, MODULES, Starter},
    case::Case,
};

/// Modules in the order of the recorded cases; those that are linked in have no file and are left out.
const LOADED: &str = "mpm_prefork authn_core authn_file authz_core authz_host authz_user authz_groupfile auth_basic \
    access_compat alias allowmethods autoindex cgi dir env headers include mime negotiation rewrite setenvif \
    socache_shmcb ssl remoteip actions proxy proxy_http macro filter userdir asis vhost_alias expires";
/// Read before the case's configuration.
const BASE: &str = "/etc/base.conf";
const LOG: &str = "/var/bed/access";
const ERRORS: &str = "/var/bed/error";
const STDERR: &str = "/var/bed/stderr";
const CONFIGURATION: &str = "/srv/httpd/conf/httpd.conf";
/// What a server may take to start or to end.
const LIMIT: Duration = Duration::from_secs(20);

/// A running server with the configuration of one case.
pub struct Server {
    child: Child,
    /// How much of the access log has been read.
    read: usize,
    /// The same for the error log.
    read_errors: usize,
}

/// Why there is no server.
#[derive(Clone, Debug)]
pub enum NotStarted {
    /// The configuration test says this.
    Configuration(String),
    /// The configuration is fine, and still it does not start.
    Start(String),
}

/// What is beside the case.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The server writes down what it tests.
    pub trace: bool,
    /// More than one request a connection.
    pub keep_alive: bool,
}

/// The folders of the root that belong to the bed rather than to a case.
fn is_ours(name: &str) -> bool {
    matches!(
        name,
        "" | "."
            | ".."
            | "usr"
            | "bin"
            | "sbin"
            | "lib"
            | "lib32"
            | "lib64"
            | "dev"
            | "proc"
            | "etc"
            | "tmp"
            | "run"
            | "var"
            | ".host"
    )
}

/// Removes the last case's files and lays out those of this one. Only folders are removed that were made here, and only
/// inside a bed, where `/.bed` has their names.
///
/// # Errors
///
/// This is no bed, or a file of the case cannot be written where it says.
pub fn lay_out(case: &Case) -> io::Result<()> {
    bed::inside().ok_or_else(|| io::Error::other("not inside the bed"))?;
    for name in fs::read_to_string(bed::MARK)?.lines() {
        fs::remove_dir_all(Path::new("/").join(name))?;
    }
    let mut tops = BTreeSet::from(["srv"]);
    tops.extend(case.files.keys().filter_map(|path| path.split('/').nth(1)));
    // Some of those are the outer world's own.
    if let Some(theirs) = tops.iter().find(|name| is_ours(name)) {
        return Err(io::Error::other(format!("a case may not have files in /{theirs}")));
    }
    fs::write(bed::MARK, tops.into_iter().collect::<Vec<_>>().join("\n"))?;
    fs::create_dir_all("/srv/www")?;
    fs::create_dir_all("/srv/httpd/conf")?;
    fs::create_dir_all("/srv/httpd/logs")?;
    symlink(MODULES, "/srv/httpd/modules")?;
    for (path, content) in &case.files {
        lay_out_one(case, path, content).map_err(|error| io::Error::other(format!("{path}: {error}")))?;
    }
    if case.config.contains("conf/server.pem") && !case.files.contains_key("/srv/httpd/conf/server.pem") {
        fs::write("/srv/httpd/conf/server.pem", certificate()?)?;
    }
    fs::write(CONFIGURATION, case.bytes(&case.config))
}

fn lay_out_one(case: &Case, path: &str, content: &Value) -> io::Result<()> {
    let place = PathBuf::from(std::ffi::OsString::from(path));
    if path.ends_with('/') {
        return fs::create_dir_all(place);
    }
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent)?;
    }
    if let Some(target) = content.get("symlink").and_then(Value::as_str) {
        return symlink(target, place);
    }
    let text = content.as_str().or_else(|| content.get("content").and_then(Value::as_str));
    fs::write(&place, text.map_or_else(|| format!("FILE {path}\n").into_bytes(), |text| case.bytes(text)))?;
    if let Some(mode) = content.get("mode").and_then(Value::as_str) {
        let mode = u32::from_str_radix(mode, 8).map_err(io::Error::other)?;
        fs::set_permissions(&place, fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// A certificate of `www.example.com` and its key, in one text.
fn certificate() -> io::Result<String> {
    let made = rcgen::generate_simple_self_signed(vec!["www.example.com".to_owned()]).map_err(io::Error::other)?;
    Ok(format!("{}{}", made.cert.pem(), made.signing_key.serialize_pem()))
}

/// The ports of the configuration's `Listen` lines, if there are any.
fn listens(case: &Case) -> Vec<u16> {
    let included = |path: &str| path.starts_with("/srv/httpd/");
    let texts = case.files.iter().filter(|(path, _)| included(path)).filter_map(|(_, content)| content.as_str());
    let mut ports = Vec::new();
    for line in std::iter::once(case.config.as_str()).chain(texts).flat_map(str::lines) {
        let mut words = line.split_ascii_whitespace();
        if words.next().is_some_and(|word| word.eq_ignore_ascii_case("listen")) {
            let word = words.next().unwrap_or_default().trim_matches('"');
            ports.extend(word.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()));
        }
    }
    ports
}

/// What the server reads before the case's own configuration.
fn base(case: &Case, options: Options, starter: Starter) -> String {
    let mut text = String::new();
    let mut line = |words: &[&str]| {
        for word in words {
            text.push_str(word);
        }
        text.push('\n');
    };
    for module in LOADED.split_ascii_whitespace() {
        let file = format!("{MODULES}/mod_{module}.so");
        if !case.unload.iter().any(|left_out| left_out == module) && Path::new(&file).exists() {
            line(&["LoadModule ", module, "_module ", &file]);
        }
    }
    for fixed in ["ServerName www.example.com", "DocumentRoot /srv/www", "ServerAdmin webmaster@example.com"] {
        line(&[fixed]);
    }
    line(&["TypesConfig /etc/mime.types\nDefaultRuntimeDir /run\nPidFile /run/pid\nTimeout 10"]);
    line(&["KeepAlive ", if options.keep_alive { "On\nMaxKeepAliveRequests 0" } else { "Off" }]);
    line(&["ErrorLog ", ERRORS, "\nErrorLogFormat \"<%m:%l> %M\"\nLogLevel warn"]);
    if options.trace {
        line(&[
            "LogLevel rewrite:trace8 authz_core:debug authz_host:trace1 setenvif:trace2 alias:trace1 headers:trace1",
        ]);
    }
    if listens(case).is_empty() {
        line(&["Listen 80"]);
    }
    if starter == Starter::Root {
        line(&["User www-data\nGroup www-data"]);
    }
    let mut format = r"%s\t%>s\t%>U\t%q\t%f\t%v:%p".to_owned();
    for name in &case.env_watch {
        write!(format, r"\t%{{{name}}}e").expect("a string can always be written to");
    }
    line(&["GlobalLog ", LOG, " \"", &format, "\""]);
    text
}

/// The server's command line for the laid out case.
fn command(case: &Case, starter: Starter) -> Command {
    let mut command = match starter {
        Starter::Root => {
            let mut command = Command::new(bed::SERVER);
            command.arg0("httpd");
            command
        }
        Starter::User => {
            let mut command = Command::new("/usr/bin/unshare");
            command.args(["--user", "--map-user=33", "--map-group=33", "/bin/bash", "-c"]);
            command.arg(format!("exec -a httpd {} \"$@\"", bed::SERVER)).arg("httpd");
            command
        }
    };
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LANG", "C").env("TZ", "UTC").envs(&case.process_env);
    command.args(["-d", "/srv/httpd", "-f", "conf/httpd.conf", "-C", &format!("Include {BASE}")]).args(&case.args);
    command.stdin(Stdio::null()).current_dir("/");
    command
}

/// What `-t` says of the laid out case; the first value tells whether it is content.
///
/// # Errors
///
/// The server's program cannot be run.
pub fn test(case: &Case, options: Options) -> io::Result<(bool, String)> {
    let starter = bed::inside().ok_or_else(|| io::Error::other("not inside the bed"))?;
    fs::write(BASE, base(case, options, starter))?;
    let output = command(case, starter).arg("-t").output()?;
    let text: String = [output.stdout, output.stderr].concat().iter().map(|&byte| escaped(byte)).collect();
    let lines: Vec<String> = text.lines().filter(|line| *line != "Syntax OK").map(timeless).collect();
    Ok((output.status.success(), lines.join("\n")))
}

/// A message that was said before the format of the log was known, without its time and process.
fn timeless(line: &str) -> String {
    let rest = if line.starts_with('[') { line.split_once("] ").map_or(line, |(_, rest)| rest) } else { line };
    match rest.split_once("[pid ").and_then(|(front, rest)| Some((front, rest.split_once("] ")?.1))) {
        Some((front, rest)) => format!("{front}{rest}"),
        None => rest.to_owned(),
    }
}

/// Bytes of a message beyond ASCII, as the server's own log shows them.
fn escaped(byte: u8) -> String {
    if byte.is_ascii() { char::from(byte).to_string() } else { format!("\\x{byte:02x}") }
}

impl Server {
    /// Lays the case out and starts the server.
    ///
    /// # Errors
    ///
    /// The server does not like the configuration, or cannot be run at all.
    pub fn start(case: &Case, options: Options) -> io::Result<Result<Self, NotStarted>> {
        let starter = bed::inside().ok_or_else(|| io::Error::other("not inside the bed"))?;
        fs::write(BASE, base(case, options, starter))?;
        for file in [LOG, ERRORS, "/run/pid"] {
            fs::remove_file(file)
                .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
        }
        let stderr = fs::File::create(STDERR)?;
        let child = command(case, starter).arg("-X").stdout(Stdio::null()).stderr(stderr).spawn()?;
        let mut server = Self { child, read: 0, read_errors: 0 };
        let port = listens(case).first().copied().unwrap_or(80);
        if server.is_ready(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))? {
            return Ok(Ok(server));
        }
        drop(server);
        let (content, output) = test(case, options)?;
        if content {
            let said = fs::read(STDERR)?.into_iter().chain(fs::read(ERRORS).unwrap_or_default());
            return Ok(Err(NotStarted::Start(said.map(escaped).collect())));
        }
        Ok(Err(NotStarted::Configuration(output)))
    }

    /// Waits until somebody listens, or the server has ended.
    fn is_ready(&mut self, address: SocketAddr) -> io::Result<bool> {
        let handle = pidfd_open(self.pid()?, PidfdFlags::empty())?;
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            let tick = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };
            if poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&tick))? > 0 {
                return Ok(false);
            }
            if TcpStream::connect(address).is_ok() {
                return Ok(true);
            }
        }
        Err(io::Error::other("the server neither listens nor ends"))
    }

    fn pid(&self) -> io::Result<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).ok_or_else(|| io::Error::other("no process"))
    }

    /// The server's process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The lines of the access log since the last call.
    ///
    /// # Errors
    ///
    /// The log cannot be read.
    pub fn log(&mut self) -> io::Result<Vec<Vec<String>>> {
        let text = fs::read(LOG)?;
        let new = text.get(self.read..).unwrap_or_default();
        self.read = text.len();
        let lines = new.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        Ok(lines.map(|line| line.split(|&byte| byte == b'\t').map(unescape).collect()).collect())
    }

    /// The lines of the error log since the last call: what was tested, with [`Options::trace`].
    pub fn errors(&mut self) -> String {
        let text = fs::read(ERRORS).unwrap_or_default();
        let new = text.get(self.read_errors..).unwrap_or_default().to_vec();
        self.read_errors = text.len();
        String::from_utf8_lossy(&new).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first, so that it gives back what it shares with its helpers; a single process does so at once.
        let asked = self.pid().and_then(|pid| {
            let handle = pidfd_open(pid, PidfdFlags::empty())?;
            kill_process(pid, Signal::TERM)?;
            Ok(poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&Timespec { tv_sec: 5, tv_nsec: 0 }))?)
        });
        if !matches!(asked, Ok(1)) {
            self.child.kill().unwrap_or_default();
        }
        self.child.wait().map(drop).unwrap_or_default();
    }
}

/// A value of the access log without its escapes.
fn unescape(field: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, after)) = rest.split_first() {
        let (byte, used) = match (first, after.first()) {
            (b'\\', Some(b'x')) => {
                let digits = after.get(1..3).and_then(|digits| std::str::from_utf8(digits).ok());
                (digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(b'?'), 3)
            }
            (b'\\', Some(b'n')) => (b'\n', 1),
            (b'\\', Some(b't')) => (b'\t', 1),
            (b'\\', Some(b'r')) => (b'\r', 1),
            (b'\\', Some(b'b')) => (8, 1),
            (b'\\', Some(b'v')) => (11, 1),
            (b'\\', Some(b'f')) => (12, 1),
            (b'\\', Some(&other)) => (other, 1),
            (other, _) => (other, 0),
        };
        bytes.push(byte);
        rest = after.get(used..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_access_log_lose_their_escapes() {
        let cases: [(&[u8], &str); 5] = [
            (br"a\tb", "a\tb"),
            (br"\xc3\xa9", "é"),
            (br#"\"x\" \\"#, "\"x\" \\"),
            (br"\x01", "\u{1}"),
            (b"plain", "plain"),
        ];
        for (logged, value) in cases {
            assert_eq!(unescape(logged), value);
        }
    }

    #[test]
    fn messages_lose_their_time_and_process() {
        let said = "[Wed Nov 25 01:42:52.570789 2026] [core:warn] [pid 1006:tid 1006] AH00111: Config variable";
        assert_eq!(timeless(said), "[core:warn] AH00111: Config variable");
        assert_eq!(timeless("<core:warn> AH00119: Limiting"), "<core:warn> AH00119: Limiting");
    }
}
