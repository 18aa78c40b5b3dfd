//! A real OpenLDAP server for one test: on free ports of the loopback, in a folder of its own, ended with the test.
//!
//! ```ignore
//! let Some(slapd) = Slapd::start(&Setup { people: 50, ..Setup::default() }) else { return };
//! let session = Session::new(slapd.target(), slapd.admin());
//! ```

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Read},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    time::Duration,
};

use photodesk::{
    model::{Credentials, Dn, Referrals, Secret, Security, Server},
    net::{ldap::Target, trust::Trust},
};
use tempfile::TempDir;

use super::certs::Identity;

pub const SUFFIX: &str = "dc=example,dc=com";
pub const PEOPLE: &str = "ou=People,dc=example,dc=com";
pub const ADMIN: &str = "cn=admin,dc=example,dc=com";
pub const PASSWORD: &str = "swordfish";

/// What a test wants of its server.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// `uid=p00001,ou=People,…` and so on; see [`ldif`].
    pub people: usize,
    /// More entries.
    pub ldif: String,
    /// The server's certificate: then it listens on ldaps too and knows StartTLS.
    pub identity: Option<Identity>,
    /// More lines before the database (`require authc`).
    pub global: String,
    /// More lines for the database (`sizelimit …`, `access to …`).
    pub database: String,
    /// At most one photo URL a person.
    pub single_valued: bool,
}

/// A running server.
pub struct Slapd {
    folder: TempDir,
    running: Option<(Child, BufReader<ChildStderr>)>,
    pub port: u16,
    /// The ldaps port; nothing listens there without a certificate.
    pub tls_port: u16,
    tls: bool,
}

impl Slapd {
    /// Starts a server, or says why there is none.
    #[expect(clippy::print_stderr, reason = "a test that did not run, or a server that did not, says why")]
    pub fn start(setup: &Setup) -> Option<Self> {
        if !Path::new("/usr/sbin/slapd").exists() {
            eprintln!("skipped: slapd is not installed (apt-get install slapd ldap-utils)");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::create_dir(path.join("db")).unwrap();
        fs::write(path.join("slapd.conf"), configuration(path, setup)).unwrap();
        fs::write(path.join("people.ldif"), ldif(setup)).unwrap();
        let added = Command::new("/usr/sbin/slapadd")
            .args(["-q", "-f", "slapd.conf", "-l", "people.ldif"])
            .current_dir(path)
            .output()
            .unwrap();
        assert!(added.status.success(), "slapadd: {}", String::from_utf8_lossy(&added.stderr));
        let mut slapd = Self { folder, running: None, port: 0, tls_port: 0, tls: setup.identity.is_some() };
        // Somebody else may take a free port before slapd does.
        for _attempt in 0..5 {
            (slapd.port, slapd.tls_port) = (free_port(), free_port());
            if slapd.run() {
                return Some(slapd);
            }
        }
        panic!("slapd does not start");
    }

    /// Starts it again on the same ports, after [`Slapd::stop`].
    pub fn start_again(&mut self) {
        assert!(self.run(), "slapd does not start again");
    }

    /// Ends it; the data stay.
    pub fn stop(&mut self) {
        if let Some((mut child, _log)) = self.running.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Where it is, over plain LDAP. No referrals are followed.
    pub fn target(&self) -> Target {
        self.target_with(Security::None, "127.0.0.1", Trust::default())
    }

    /// Where it is, over TLS.
    pub fn target_with(&self, security: Security, host: &str, trust: Trust) -> Target {
        let port = if security == Security::Ldaps { self.tls_port } else { self.port };
        target_at(Server { host: host.to_owned(), port, security }, trust)
    }

    /// May do everything.
    #[expect(clippy::unused_self, reason = "who may do what belongs to a server")]
    pub fn admin(&self) -> Credentials {
        simple(ADMIN, PASSWORD)
    }

    #[expect(clippy::print_stderr, reason = "a test that did not run, or a server that did not, says why")]
    fn run(&mut self) -> bool {
        let plain = format!("ldap://127.0.0.1:{}", self.port);
        let urls = if self.tls { format!("{plain} ldaps://127.0.0.1:{}", self.tls_port) } else { plain };
        let mut child = Command::new("/usr/sbin/slapd")
            .args(["-f", "slapd.conf", "-d", "none", "-h", &urls])
            .current_dir(self.folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        // It says so right before it listens; a failing one closes its log.
        while log.read_line(&mut line).unwrap() > 0 {
            if line.contains("slapd starting") {
                let mut listens = |port| {
                    while TcpStream::connect(("127.0.0.1", port)).is_err() {
                        assert!(child.try_wait().unwrap().is_none(), "slapd ended");
                        std::thread::yield_now();
                    }
                };
                [self.port].into_iter().chain(self.tls.then_some(self.tls_port)).for_each(&mut listens);
                self.running = Some((child, log));
                return true;
            }
        }
        let mut rest = String::new();
        log.read_to_string(&mut rest).unwrap();
        eprintln!("slapd: {line}{rest}");
        child.kill().unwrap_or_default();
        child.wait().unwrap();
        false
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A target with limits that are short enough for tests that wait for them in vain.
pub fn target_at(server: Server, trust: Trust) -> Target {
    Target {
        server,
        trust,
        connect_timeout: Duration::from_secs(20),
        operation_timeout: Duration::from_secs(20),
        kind: None,
        base: Some(Dn::new(SUFFIX)),
        referrals: Referrals::Ask,
    }
}

pub fn simple(name: &str, password: &str) -> Credentials {
    Credentials::Simple { name: name.to_owned(), password: Secret::new(password) }
}

/// The DN of person `number`, from 1.
pub fn person(number: usize) -> Dn {
    Dn::new(format!("uid=p{number:05},{PEOPLE}"))
}

/// A port nobody listens on right now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn configuration(folder: &Path, setup: &Setup) -> String {
    let single = if setup.single_valued { " SINGLE-VALUE" } else { "" };
    let tls = setup.identity.as_ref().map_or_else(String::new, |identity| {
        format!(
            "TLSCertificateFile {}\nTLSCertificateKeyFile {}\n",
            identity.certificate.display(),
            identity.key.display()
        )
    });
    // 1.3.6.1.4.1.32473 is for examples (RFC 5612).
    format!(
        "include /etc/ldap/schema/core.schema\n\
         include /etc/ldap/schema/cosine.schema\n\
         include /etc/ldap/schema/inetorgperson.schema\n\
         attributetype ( 1.3.6.1.4.1.32473.1.1 NAME 'photoURL' EQUALITY caseExactMatch SUBSTR caseExactSubstringsMatch\n  \
           SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{single} )\n\
         objectclass ( 1.3.6.1.4.1.32473.2.1 NAME 'photoPerson' SUP top AUXILIARY MAY photoURL )\n\
         modulepath /usr/lib/ldap\n\
         moduleload back_mdb\n\
         sizelimit unlimited\n\
         {tls}{}\n\
         database mdb\n\
         maxsize 1073741824\n\
         suffix {SUFFIX}\n\
         rootdn {ADMIN}\n\
         rootpw {PASSWORD}\n\
         directory {}\n\
         dbnosync\n\
         index objectClass eq\n\
         index uid,mail eq\n\
         {}\n",
        setup.global,
        folder.join("db").display(),
        setup.database,
    )
}

/// The tree, and people with a mail address; two of three have a photo URL. All have the password [`PASSWORD`].
fn ldif(setup: &Setup) -> String {
    let mut text = format!(
        "dn: {SUFFIX}\nobjectClass: organization\nobjectClass: dcObject\no: Example\ndc: example\n\n\
         dn: {PEOPLE}\nobjectClass: organizationalUnit\nou: People\n\n"
    );
    for number in 1..=setup.people {
        write!(
            text,
            "dn: {}\nobjectClass: inetOrgPerson\nobjectClass: photoPerson\nuid: p{number:05}\ncn: Person {number:05}\n\
             sn: {number:05}\nmail: person.{number:05}@example.com\nuserPassword: {PASSWORD}\n",
            person(number)
        )
        .unwrap();
        if number % 3 != 0 {
            writeln!(text, "photoURL: https://photos.example.com/person.{number:05}@example.com.jpg").unwrap();
        }
        text.push('\n');
    }
    text + &setup.ldif
}
