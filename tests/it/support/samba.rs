//! Samba as a real Active Directory: a domain controller in a folder of its own, in a network of its own, because its
//! ports cannot be chosen. It is ended with the test.
//!
//! It serves LDAP alone, from one process: no Kerberos, no DNS, no file shares.

use std::{
    fmt::Write as _,
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use data_encoding::BASE64;
use photodesk::{
    model::{Dn, Security, Server},
    net::{
        ldap::{Session, Target},
        trust::Trust,
    },
};
use tempfile::TempDir;

use super::{
    certs::{Authority, Identity},
    slapd::{simple, target_at},
};
use crate::desktop::{have, output, which};

pub const SUFFIX: &str = "DC=example,DC=test";
pub const PEOPLE: &str = "OU=People,DC=example,DC=test";
/// May do everything.
pub const ADMIN: &str = "administrator@example.test";
/// Everybody's.
pub const PASSWORD: &str = "Swordfish-42";

/// `samba-tool domain provision` without what a domain controller shares as files, which needs rights over the file
/// system; then the photo attribute, which Active Directory does not have, and people. Prints how Samba itself writes
/// the identifiers of the first person.
const PROVISION: &str = r#"
import logging, sys
from samba.auth import system_session
from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2
from samba.param import LoadParm
from samba.provision import provision
from samba.samdb import SamDB

configuration, password, schema, people = sys.argv[1:]
lp, session = LoadParm(configuration), system_session()
provision(logging.getLogger("provision"), session, smbconf=configuration, lp=lp, realm=lp.get("realm"),
          domain=lp.get("workgroup"), hostname="dc1", hostip="127.0.0.1", adminpass=password,
          serverrole=lp.get("server role"), dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2, dns_backend="NONE",
          skip_sysvolacl=True)
sam = SamDB(session_info=session, lp=lp)
attribute, allowed = open(schema).read().split("---\n")
sam.add_ldif(attribute)
sam.modify_ldif(allowed)
sam.set_schema_update_now()
sam.transaction_start()
sam.add_ldif(open(people).read())
sam.transaction_commit()
first = sam.search(str(sam.domain_dn()), expression="(sAMAccountName=p00001)", attrs=["objectGUID", "objectSid"])[0]
for name in ["objectGUID", "objectSid"]:
    print(name, sam.schema_format_value(name, first[name][0]).decode())
"#;

/// 1.3.6.1.4.1.32473 is for examples (RFC 5612). `dsdb:schema update allowed` lets this in.
const SCHEMA: &str = "\
dn: CN=photoURL,CN=Schema,CN=Configuration,DC=example,DC=test
objectClass: attributeSchema
lDAPDisplayName: photoURL
attributeID: 1.3.6.1.4.1.32473.1.1
attributeSyntax: 2.5.5.12
oMSyntax: 64
isSingleValued: FALSE
---
dn: CN=User,CN=Schema,CN=Configuration,DC=example,DC=test
changetype: modify
add: mayContain
mayContain: photoURL
";

/// A running domain controller.
pub struct Samba {
    folder: TempDir,
    server: Child,
    pub identity: Identity,
    /// The file of the authority that issued its certificate.
    pub authority: PathBuf,
    /// What was printed when it was set up.
    pub identifiers: String,
}

/// How a program is started in a network of its own, where only it and what it starts can be reached: `None`, with a
/// printed reason, where that, or Samba, is not to be had.
pub fn network_of_its_own() -> Option<&'static [&'static str]> {
    if !have(&["samba", "unshare", "ip"]) {
        return None;
    }
    for file in ["/usr/share/samba/setup/provision.ldif", "/usr/lib/python3/dist-packages/samba/provision/__init__.py"]
    {
        if !Path::new(file).exists() {
            println!("skipped: {file} is not installed (apt-get install samba samba-ad-provision)");
            return None;
        }
    }
    // An ordinary account may have a network as root of a user namespace, where that is not forbidden.
    let ways: [&[&str]; 2] = [&["unshare", "--map-root-user", "--net"], &["unshare", "--net"]];
    let ip = which("ip")?;
    let mut said = String::new();
    for way in ways {
        let (done, text) = output(Command::new(way[0]).args(&way[1..]).arg(&ip).args(["link", "set", "lo", "up"]));
        if done {
            return Some(way);
        }
        said = text;
    }
    println!("skipped: this account may not have a network of its own: {}", said.trim());
    None
}

impl Samba {
    /// Makes a domain with `people` in it and serves it: `CN=Person 00001,OU=People,…` and so on, as in
    /// [`super::slapd`]. Call it only in a network of its own.
    pub fn start(people: usize) -> Self {
        let (done, said) = output(Command::new(which("ip").unwrap()).args(["link", "set", "lo", "up"]));
        assert!(done, "{said}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let authority = Authority::new("Example authority");
        let identity = authority.issue(path, "dc1.example.test", &["dc1.example.test", "127.0.0.1"]);
        let authority = authority.write_to(&path.join("authority.pem"));
        fs::write(path.join("smb.conf"), configuration(path, &identity, &authority)).unwrap();
        fs::write(path.join("schema.ldif"), SCHEMA).unwrap();
        fs::write(path.join("people.ldif"), ldif(people)).unwrap();
        let mut python = Command::new("/usr/bin/python3");
        python.args(["-c", PROVISION]).arg(path.join("smb.conf")).args([PASSWORD, "schema.ldif", "people.ldif"]);
        python.current_dir(path);
        let (done, identifiers) = output(&mut python);
        assert!(done, "no domain could be made: {identifiers}");
        let server = Command::new(which("samba").unwrap())
            .args(["--foreground", "--model=single", "--no-process-group", "--debug-stdout", "-s", "smb.conf"])
            .current_dir(path)
            .stdin(Stdio::null())
            .stdout(fs::File::create(path.join("samba.log")).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut samba = Self { folder, server, identity, authority, identifiers };
        samba.listens();
        samba
    }

    fn listens(&mut self) {
        for port in [389, 636] {
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                let log = self.folder.path().join("samba.log");
                let said = || fs::read_to_string(log).unwrap_or_default();
                assert!(self.server.try_wait().unwrap().is_none(), "samba ended: {}", said());
                std::thread::yield_now();
            }
        }
    }

    /// A folder that lives as long.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn server(security: Security) -> Server {
        Server { host: "127.0.0.1".to_owned(), port: security.default_port(), security }
    }

    /// Where it is.
    pub fn target(&self, security: Security) -> Target {
        let trust = Trust { ca_file: Some(self.authority.clone()), pinned: None };
        Target { base: Some(Dn::new(SUFFIX)), ..target_at(Self::server(security), trust) }
    }

    /// A session of whoever signs in as `name`, over ldaps.
    pub fn session(&self, name: &str) -> Session {
        Session::new(self.target(Security::Ldaps), simple(name, PASSWORD))
    }
}

impl Drop for Samba {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

/// The DN of person `number`, from 1.
pub fn person(number: usize) -> Dn {
    Dn::new(format!("CN=Person {number:05},{PEOPLE}"))
}

fn configuration(folder: &Path, identity: &Identity, authority: &Path) -> String {
    let mut text = "[global]\n\
                    netbios name = DC1\n\
                    workgroup = EXAMPLE\n\
                    realm = EXAMPLE.TEST\n\
                    server role = active directory domain controller\n\
                    server services = ldap\n\
                    interfaces = lo\n\
                    bind interfaces only = yes\n\
                    dsdb:schema update allowed = yes\n"
        .to_owned();
    for (key, name) in [
        ("private dir", "private"),
        ("lock directory", "lock"),
        ("state directory", "state"),
        ("cache directory", "cache"),
        ("binddns dir", "dns"),
        ("pid directory", "run"),
        ("ncalrpc dir", "ncalrpc"),
    ] {
        writeln!(text, "{key} = {}", folder.join(name).display()).unwrap();
    }
    let (certificate, key) = (identity.certificate.display(), identity.key.display());
    writeln!(text, "tls certfile = {certificate}\ntls keyfile = {key}\ntls cafile = {}", authority.display()).unwrap();
    for share in ["sysvol", "netlogon"] {
        let path = folder.join(share);
        fs::create_dir(&path).unwrap();
        writeln!(text, "[{share}]\npath = {}", path.display()).unwrap();
    }
    // Samba refuses a key that others may read.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&identity.key, fs::Permissions::from_mode(0o600)).unwrap();
    }
    text
}

/// People with a mail address; two of three have a photo URL. The first three have the password [`PASSWORD`]: of them the
/// second is disabled, and the third must change it first. A contact and a computer are there too.
fn ldif(people: usize) -> String {
    let mut text = format!("dn: {PEOPLE}\nobjectClass: organizationalUnit\n\n");
    let quoted: Vec<u8> = format!("\"{PASSWORD}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for number in 1..=people {
        write!(
            text,
            "dn: {}\nobjectClass: user\nsAMAccountName: p{number:05}\nuserPrincipalName: p{number:05}@example.test\n\
             displayName: Person {number:05}\nmail: person.{number:05}@example.com\n",
            person(number)
        )
        .unwrap();
        if number <= 3 {
            let control = if number == 2 { 0x202 } else { 0x200 };
            writeln!(text, "userAccountControl: {control}\nunicodePwd:: {}", BASE64.encode(&quoted)).unwrap();
        }
        if number == 3 {
            text.push_str("pwdLastSet: 0\n");
        }
        if number % 3 != 0 {
            writeln!(text, "photoURL: https://photos.example.com/p{number:05}.jpg").unwrap();
        }
        text.push('\n');
    }
    write!(
        text,
        "dn: CN=A contact,{PEOPLE}\nobjectClass: contact\nmail: contact@example.com\n\n\
         dn: CN=PC1,CN=Computers,{SUFFIX}\nobjectClass: computer\nsAMAccountName: PC1$\nuserAccountControl: 4096\n"
    )
    .unwrap();
    text
}
