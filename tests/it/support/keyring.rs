//! GNOME Keyring on a message bus of the test's own: a real Secret Service, in a home folder of its own, with nobody who
//! could be asked for a password. Both are ended with the test.

use std::{
    fs,
    io::{BufRead, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::desktop::{have, output};

/// What the bus allows: everything, to this account. No service is started on demand.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=BUS</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"#;

/// A running credential store.
pub struct Keyring {
    folder: TempDir,
    bus: Child,
    store: Option<Child>,
}

impl Keyring {
    /// Starts an unlocked store without a password in it, or says why there is none.
    pub fn start() -> Option<Self> {
        if !have(&["dbus-daemon", "dbus-send", "gnome-keyring-daemon"]) {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let runtime = path.join("runtime");
        fs::create_dir(&runtime).unwrap();
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).unwrap();
        let configuration = path.join("bus.conf");
        fs::write(&configuration, BUS.replace("BUS", path.join("bus").to_str().unwrap())).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .arg("--config-file")
            .arg(&configuration)
            .args(["--nofork", "--print-address"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // It says so once it listens.
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(!address.is_empty(), "the message bus does not start");
        let mut keyring = Self { folder, bus, store: None };
        keyring.open();
        Some(keyring)
    }

    /// The home folder of what runs inside.
    pub fn home(&self) -> &Path {
        self.folder.path()
    }

    /// What a program needs to find the store.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.home().join(name).to_str().unwrap().to_owned();
        vec![
            ("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", path("bus"))),
            ("HOME", path("")),
            ("XDG_RUNTIME_DIR", path("runtime")),
            ("XDG_DATA_HOME", path("data")),
            ("XDG_CONFIG_HOME", path("config")),
            ("XDG_CACHE_HOME", path("cache")),
        ]
    }

    fn open(&mut self) {
        let mut store = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(self.environment())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        store.stdin.take().unwrap().write_all(b"the store's own password").unwrap();
        let store = self.store.insert(store);
        let environment = [("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}/bus", self.folder.path().display()))];
        let name = "org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets";
        while !send(&environment, name).contains("boolean true") {
            assert!(store.try_wait().unwrap().is_none(), "gnome-keyring-daemon ended");
        }
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        for child in self.store.iter_mut().chain([&mut self.bus]) {
            // It may have ended by itself.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Locks the store on the bus this program runs on: from now on it would ask somebody for its password.
pub fn lock() {
    let collection = "array:objpath:/org/freedesktop/secrets/collection/login";
    let said = ask_store("Lock", collection);
    assert!(said.contains("collection/login"), "{said}");
}

/// How many passwords of ours the store on this program's bus holds, as it says itself.
pub fn kept() -> usize {
    ask_store("SearchItems", "dict:string:string:service,photodesk").matches("/collection/").count()
}

fn ask_store(method: &str, argument: &str) -> String {
    let path = "org.freedesktop.secrets /org/freedesktop/secrets";
    send(&[], &format!("{path} org.freedesktop.Secret.Service.{method} {argument}"))
}

/// Sends `message`, whose words are the destination, the object, the method and its argument.
fn send(environment: &[(&str, String)], message: &str) -> String {
    let mut dbus_send = Command::new("dbus-send");
    dbus_send.envs(environment.iter().map(|(key, value)| (key, value))).args(["--session", "--print-reply"]);
    let mut words = message.split(' ');
    dbus_send.arg(format!("--dest={}", words.next().unwrap_or_default())).args(words);
    output(&mut dbus_send).1
}
