//! The test bed that the cases were recorded on: what a simulator has to be told beside the case.

use bstr::BString;

use crate::access::{files::Entry, level::Level, request::Names};

/// `ServerRoot`.
pub const SERVER_ROOT: &str = "/srv/httpd";

/// The file that a case's configuration is the text of.
pub const CONFIG: &str = "/srv/httpd/conf/httpd.conf";

/// `DocumentRoot` of the main server, unless the case says otherwise.
pub const DOCUMENT_ROOT: &str = "/srv/www";

/// Folders in the root of the machine's file system. Rewriting looks whether a path starts with one of them.
pub const ROOT_FOLDERS: [&str; 19] = [
    "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/media", "/mnt", "/opt", "/proc", "/root", "/run",
    "/sbin", "/srv", "/sys", "/tmp", "/usr", "/var",
];

/// Files that any such machine has and that requests of the cases ask for.
pub const ROOT_FILES: [&str; 1] = ["/etc/passwd"];

/// The only names that resolve, both ways.
pub const NAMES: [(&str, &str); 10] = [
    ("10.1.2.3", "ws1.corp.example"),
    ("10.1.2.4", "ws2.corp.example"),
    ("198.51.100.66", "crawler.evil.example"),
    ("203.0.113.9", "client.partner.example"),
    ("203.0.113.10", "notpartner.example"),
    ("2001:db8:1::77", "v6host.corp.example"),
    ("192.0.2.10", "www.example.com"),
    ("192.0.2.20", "photos.example.com"),
    ("127.0.0.1", "localhost"),
    ("::1", "localhost"),
];

/// Modules of 2.4, without `mod_`. `core` and `http` are in the server itself; `mpm_prefork` is `prefork` to `IfModule`.
const MODULES_2_4: &[&str] = &[
    "core",
    "http",
    "so",
    "prefork",
    "authn_core",
    "authn_file",
    "authz_core",
    "authz_host",
    "authz_user",
    "authz_groupfile",
    "auth_basic",
    "access_compat",
    "alias",
    "allowmethods",
    "autoindex",
    "cgi",
    "dir",
    "env",
    "headers",
    "include",
    "mime",
    "negotiation",
    "rewrite",
    "setenvif",
    "socache_shmcb",
    "ssl",
    "remoteip",
    "actions",
    "proxy",
    "proxy_http",
    "macro",
    "filter",
    "userdir",
    "asis",
    "vhost_alias",
    "expires",
    "log_config",
    "logio",
    "version",
    "unixd",
    "watchdog",
];

/// Those of [`MODULES_2_4`] that 2.4.12 was recorded without.
const NOT_2_4_12: &[&str] = &["ssl", "socache_shmcb", "watchdog"];

/// Modules of 2.2, without `mod_`.
const MODULES_2_2: &[&str] = &[
    "core",
    "http",
    "prefork",
    "authn_file",
    "authn_default",
    "authz_host",
    "authz_groupfile",
    "authz_user",
    "authz_default",
    "auth_basic",
    "include",
    "filter",
    "log_config",
    "env",
    "expires",
    "headers",
    "setenvif",
    "version",
    "proxy",
    "proxy_http",
    "proxy_ftp",
    "proxy_connect",
    "proxy_scgi",
    "proxy_ajp",
    "proxy_balancer",
    "mime",
    "status",
    "autoindex",
    "asis",
    "info",
    "cgi",
    "vhost_alias",
    "negotiation",
    "dir",
    "actions",
    "speling",
    "userdir",
    "alias",
    "rewrite",
    "so",
];

/// The modules of `level`, without `mod_`.
pub fn modules(level: Level) -> impl Iterator<Item = &'static str> {
    let (all, missing): (_, &[&str]) = match level {
        Level::V2_2_8 => (MODULES_2_2, &["version"]),
        Level::V2_2_34 => (MODULES_2_2, &[]),
        Level::V2_4_12 => (MODULES_2_4, NOT_2_4_12),
        Level::V2_4_71 => (MODULES_2_4, &[]),
    };
    all.iter().copied().filter(move |m| !missing.contains(m))
}

/// What the server had read before the case's configuration; `listen` says whether the case has no `Listen` of its own.
pub fn base(level: Level, listen: bool) -> String {
    let mut text = format!("ServerRoot \"{SERVER_ROOT}\"\nServerName www.example.com\nDocumentRoot {DOCUMENT_ROOT}\n");
    if listen {
        text.push_str("Listen 80\n");
    }
    text.push_str("ServerAdmin webmaster@example.com\nKeepAlive Off\n");
    if !level.is_24() {
        text.push_str("DefaultType text/plain\n");
    }
    text
}

/// What is on the machine beside a case's own files.
pub fn files() -> Vec<(BString, Entry)> {
    let folder = |path: &str| (BString::from(path), Entry { folder: true, ..Entry::default() });
    let file = |path: &str| (BString::from(path), Entry::default());
    let own = [SERVER_ROOT, "/srv/httpd/conf", DOCUMENT_ROOT];
    ROOT_FOLDERS.into_iter().chain(own).map(folder).chain(ROOT_FILES.map(file)).collect()
}

/// The server's local time; what was recorded does not depend on which.
pub const NOW: jiff::civil::DateTime = jiff::civil::date(2026, 11, 23).at(19, 53, 33, 0);

/// [`NAMES`] as look-ups give them.
pub fn names() -> Names {
    let pairs = NAMES.iter().filter_map(|(address, name)| Some((address.parse().ok()?, (*name).to_owned())));
    Names { of: pairs.collect() }
}
