//! The demo site's directory, used by OpenLDAP's own clients, and by clients that mean harm.

use std::{
    io::Write,
    process::{Command, Stdio},
    time::Duration,
};

use ldap3_proto::proto::{LdapExtendedRequest, LdapModifyType, LdapOp};
use photodesk::demo::{Demo, DemoOptions, Fault, PLANTED, Planted};

use crate::support::raw_ldap::{Client, SUBTREE, change, code};

const PEOPLE: &str = "ou=People,dc=example,dc=com";
const ADMINISTRATOR: &str = "cn=Administrator,dc=example,dc=com";
const PASSWORD: &str = "photodesk";

/// What a client program printed, and its exit code, which is the LDAP result code.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    error: String,
}

impl Ran {
    /// How many entries were returned.
    fn entries(&self) -> usize {
        self.out.lines().filter(|line| line.starts_with("dn:")).count()
    }

    /// The values of `name` in the order printed.
    fn values(&self, name: &str) -> Vec<&str> {
        self.out.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect()
    }
}

/// Runs one of OpenLDAP's clients against `demo`; `None`, and why, when it is not installed.
fn run(demo: &Demo, program: &str, arguments: &[&str], input: &str) -> Option<Ran> {
    let url = format!("ldap://127.0.0.1:{}", demo.ldap_port());
    let child = Command::new(program)
        .args(["-x", "-H", &url])
        .args(arguments)
        .env("LDAPNOINIT", "1") // no settings of this machine
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        #[expect(clippy::print_stdout, reason = "a test that skips says so")]
        {
            println!("skipped: {program} is not installed (apt-get install ldap-utils)");
        }
        return None;
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Some(Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        error: String::from_utf8(output.stderr).unwrap(),
    })
}

fn search(demo: &Demo, arguments: &[&str]) -> Option<Ran> {
    run(demo, "ldapsearch", &[&["-LLL", "-o", "ldif-wrap=no"], arguments].concat(), "")
}

fn modify(demo: &Demo, who: &[&str], ldif: &str) -> Option<Ran> {
    run(demo, "ldapmodify", who, ldif)
}

#[test]
fn the_root_tells_what_the_server_is() {
    let demo = Demo::start().unwrap();
    let Some(root) = search(&demo, &["-s", "base", "-b", "", "(objectClass=*)", "*", "+"]) else { return };
    assert_eq!(root.code, 0, "{root:?}");
    assert_eq!(root.values("vendorName"), ["Photodesk demo"]);
    assert_eq!(root.values("namingContexts"), ["dc=example,dc=com"]);
    assert_eq!(root.values("supportedLDAPVersion"), ["3"]);
    assert_eq!(root.values("subschemaSubentry"), ["cn=Subschema"]);
    assert!(root.values("supportedControl").contains(&"1.2.840.113556.1.4.319"), "{root:?}");
}

#[test]
fn the_schema_can_be_read() {
    let demo = Demo::start().unwrap();
    let arguments = ["-s", "base", "-b", "cn=Subschema", "(objectClass=subschema)", "attributeTypes", "objectClasses"];
    let Some(schema) = search(&demo, &arguments) else { return };
    let photo = schema.values("attributeTypes").into_iter().find(|text| text.contains("'photoURL'")).unwrap();
    assert!(photo.contains("SYNTAX 1.3.6.1.4.1.1466.115.121.1.26") && !photo.contains("SINGLE-VALUE"), "{photo}");
    assert!(schema.values("objectClasses").iter().any(|text| text.contains("'inetOrgPerson'")), "{schema:?}");
}

#[test]
fn a_bind_ends_with_the_usual_code() {
    let demo = Demo::start().unwrap();
    let (person, absent) = (Planted::with(Fault::NameGreek).next().unwrap().dn(), format!("uid=nobody,{PEOPLE}"));
    for (dn, password, expected, who) in [
        (ADMINISTRATOR, PASSWORD, 0, "dn:cn=Administrator,dc=example,dc=com".to_owned()),
        ("CN=administrator, DC=Example, DC=com", PASSWORD, 0, "dn:cn=Administrator,dc=example,dc=com".to_owned()),
        (person.as_str(), "demo", 0, format!("dn:{person}")),
        (ADMINISTRATOR, "wrong", 49, String::new()),
        (person.as_str(), PASSWORD, 49, String::new()),
        (&absent, "demo", 49, String::new()),
        (PEOPLE, "demo", 49, String::new()),
        (ADMINISTRATOR, "", 53, String::new()),
        ("Administrator", PASSWORD, 34, String::new()),
        ("", "", 0, "anonymous".to_owned()),
    ] {
        let Some(ran) = run(&demo, "ldapwhoami", &["-D", dn, "-w", password], "") else { return };
        assert_eq!(ran.code, expected, "{dn} with {password}: {ran:?}");
        assert_eq!(ran.out.trim(), who, "{dn}");
    }
}

#[test]
fn start_tls_is_refused_as_the_standard_says() {
    let demo = Demo::start().unwrap();
    let mut client = Client::connect(demo.ldap_port());
    let name = "1.3.6.1.4.1.1466.20037".to_owned();
    client.send(LdapOp::ExtendedRequest(LdapExtendedRequest { name, value: None }), Vec::new());
    let LdapOp::ExtendedResponse(response) = client.receive().unwrap().op else { panic!("no extended response") };
    assert_eq!(code(&response.res.code), 2);
    if let Some(ran) = run(&demo, "ldapwhoami", &["-ZZ"], "") {
        assert_ne!(ran.code, 0, "{ran:?}");
    }
}

#[test]
fn scopes_reach_as_far_as_they_should() {
    let demo = Demo::start().unwrap();
    let asha = Planted::with(Fault::CapitalsInAddress).next().unwrap().dn();
    let all = "(objectClass=*)";
    for (scope, base, filter, expected) in [
        ("sub", PEOPLE, "(objectClass=inetOrgPerson)", 400),
        ("sub", "dc=example,dc=com", all, 400 + 10),
        ("one", "dc=example,dc=com", all, 2),
        ("one", PEOPLE, all, 7),
        ("one", PEOPLE, "(objectClass=inetOrgPerson)", 0),
        ("base", PEOPLE, all, 1),
        ("base", asha.as_str(), all, 1),
        ("one", asha.as_str(), all, 0),
        ("sub", "OU=people,  DC=EXAMPLE,dc=com", "(uid=apatel)", 1),
    ] {
        let Some(ran) = search(&demo, &["-s", scope, "-b", base, filter, "1.1"]) else { return };
        assert_eq!((ran.code, ran.entries()), (0, expected), "{scope} {base} {filter}: {}", ran.error);
    }
    let Some(ran) = search(&demo, &["-b", &format!("ou=Nowhere,{PEOPLE}"), all]) else { return };
    assert_eq!(ran.code, 32);
    assert!(ran.error.contains(&format!("Matched DN: {PEOPLE}")), "{ran:?}");
}

#[test]
fn filters_find_people_in_any_script() {
    let demo = Demo::start().unwrap();
    for (filter, expected) in [
        ("(uid=apatel)", 1),
        ("(cn=asha patel)", 1),
        ("(cn=*patel)", 1),
        ("(cn=王小明)", 1),
        (r"(cn=\e7\8e\8b*)", 1),
        ("(cn=김*)", 1),
        ("(cn=*ΠΑΠΑΔ*)", 1),
        ("(cn=*смирнов)", 1),
        ("(cn=*Nguyễn*)", 1), // written with combining marks in the directory
        (r"(cn=okafor, chidi \28contractor\29)", 1),
        (r"(cn=*\28*)", 1),
        (r"(cn=*\2a*)", 0),
        ("(mail=asha.patel@example.com)", 1),
        ("(mail=siobhan.o'reilly+sametime@example.com)", 1),
        ("(!(mail=*))", 1),
        ("(&(!(photoURL=*))(objectClass=inetOrgPerson))", 2),
        ("(photoURL=https:*)", 1),
        ("(|(uid=apatel)(uid=dlopez)(uid=nobody))", 2),
        ("(sn~=lopez)", 1),
        ("(createTimestamp<=20191231235959Z)", 0),
        ("(&(createTimestamp>=20200101000000Z)(uid=apatel))", 1),
        ("(cn:caseExactMatch:=Asha Patel)", 1),
        ("(cn:caseExactMatch:=asha patel)", 0),
        ("(&(ou:dn:=seoul)(uid=sykim))", 1),
        ("(noSuchAttribute=x)", 0),
        ("(!(noSuchAttribute=x))", 0),
    ] {
        let Some(ran) = search(&demo, &["-b", PEOPLE, &format!("(&(objectClass=inetOrgPerson){filter})"), "1.1"])
        else {
            return;
        };
        assert_eq!((ran.code, ran.entries()), (0, expected), "{filter}: {}", ran.error);
    }
}

#[test]
fn attributes_come_as_asked() {
    let demo = Demo::start().unwrap();
    let names = |attributes: &[&str]| -> Option<Vec<String>> {
        let asha = Planted::with(Fault::CapitalsInAddress).next().unwrap().dn();
        let ran = search(&demo, &[&["-s", "base", "-b", asha.as_str(), "(objectClass=*)"], attributes].concat())?;
        assert_eq!(ran.code, 0, "{ran:?}");
        let name = |line: &str| line.split_once(':').map(|(name, _)| name.to_owned());
        let mut names: Vec<_> = ran.out.lines().filter_map(name).filter(|name| name != "dn").collect();
        names.dedup();
        Some(names)
    };
    let Some(all) = names(&[]) else { return };
    assert!(all.contains(&"photoURL".to_owned()) && all.contains(&"thumbnailPhoto".to_owned()), "{all:?}");
    assert!(!all.contains(&"entryUUID".to_owned()), "{all:?}");
    let operational = names(&["+"]).unwrap();
    assert!(operational.contains(&"modifyTimestamp".to_owned()) && !operational.contains(&"cn".to_owned()));
    assert_eq!(names(&["1.1"]).unwrap(), Vec::<String>::new());
    assert_eq!(names(&["MAIL", "photourl", "entryUUID", "nonsense"]).unwrap(), ["mail", "photoURL", "entryUUID"]);
    assert_eq!(names(&["-A", "mail"]).unwrap(), ["mail"]); // types only
}

#[test]
fn a_search_stops_at_the_size_limit_and_pages_go_on() {
    let many = DemoOptions { people: 20_000, ..DemoOptions::default() };
    let demo = Demo::start_with(many.clone()).unwrap();
    let people = ["-b", PEOPLE, "(objectClass=inetOrgPerson)", "1.1"];
    let with = |more: &[&'static str]| [more, &people].concat();
    for (what, arguments, expected) in [
        ("without pages", with(&[]), (4, 500)),
        ("what the client asks for", with(&["-z", "10"]), (4, 10)),
        ("exactly as many as there are", vec!["-z", "1", "-b", PEOPLE, "(uid=apatel)", "1.1"], (0, 1)),
        ("pages", with(&["-E", "pr=1000/noprompt"]), (0, 20_000)),
        ("pages, up to what the client asks for", with(&["-z", "1500", "-E", "pr=1000/noprompt"]), (4, 1500)),
    ] {
        let Some(ran) = search(&demo, &arguments) else { return };
        assert_eq!((ran.code, ran.entries()), expected, "{what}: {}", ran.error);
    }
    let strict = Demo::start_with(DemoOptions { paging_lifts_limit: false, ..many }).unwrap();
    let Some(ran) = search(&strict, &with(&["-E", "pr=200/noprompt"])) else { return };
    assert_eq!((ran.code, ran.entries()), (4, 500), "{}", ran.error);
}

#[test]
fn pages_of_fifty_make_up_the_whole() {
    let demo = Demo::start().unwrap();
    let people = ["-b", PEOPLE, "(objectClass=inetOrgPerson)", "cn"];
    let Some(whole) = search(&demo, &people) else { return };
    let Some(pages) = search(&demo, &[&["-E", "!pr=50/noprompt"][..], &people].concat()) else { return };
    assert_eq!((pages.code, pages.entries()), (0, 400));
    let without_marks = |ran: &Ran| ran.out.lines().filter(|line| !line.starts_with('#')).collect::<String>();
    assert_eq!(without_marks(&pages), without_marks(&whole));
}

#[test]
fn a_control_that_must_be_obeyed_and_is_unknown_is_refused() {
    let demo = Demo::start().unwrap();
    for (control, expected) in [("!1.2.3.4.5", 12), ("1.2.3.4.5", 0)] {
        let Some(ran) = search(&demo, &["-e", control, "-s", "base", "-b", PEOPLE]) else { return };
        assert_eq!(ran.code, expected, "{control}: {ran:?}");
    }
}

#[test]
fn a_value_is_replaced_only_while_it_is_the_old_one() {
    let demo = Demo::start().unwrap();
    let dn = Planted::with(Fault::CapitalsInAddress).next().unwrap().dn();
    let web = demo.web_port();
    let old = format!("http://127.0.0.1:{web}/photos/Asha.Patel@Example.com.jpg");
    let new = format!("http://127.0.0.1:{web}/photos/asha.patel@example.com.jpg");
    let replace = |old: &str, new: &str| {
        format!("dn: {dn}\nchangetype: modify\ndelete: photoURL\nphotoURL: {old}\n-\nadd: photoURL\nphotoURL: {new}\n")
    };
    let administrator = ["-D", ADMINISTRATOR, "-w", PASSWORD];
    let now = || search(&demo, &["-s", "base", "-b", dn.as_str(), "(objectClass=*)", "photoURL", "modifyTimestamp"]);
    let Some(before) = now() else { return };
    assert_eq!(before.values("photoURL"), [old.as_str()]);
    let Some(ran) = modify(&demo, &administrator, &replace(&old, &new)) else { return };
    assert_eq!(ran.code, 0, "{ran:?}");
    let after = now().unwrap();
    assert_eq!(after.values("photoURL"), [new.as_str()]);
    assert!(after.values("modifyTimestamp") > before.values("modifyTimestamp"), "{after:?}");
    let stale = modify(&demo, &administrator, &replace(&old, "http://127.0.0.1/elsewhere.jpg")).unwrap();
    assert_eq!(stale.code, 16, "{stale:?}");
    assert_eq!(now().unwrap().out, after.out, "a refused change leaves nothing behind");
}

#[test]
fn a_write_ends_with_the_usual_code() {
    let demo = Demo::start().unwrap();
    let asha = Planted::with(Fault::CapitalsInAddress).next().unwrap().dn();
    let comma = Planted::with(Fault::CommaInDn).next().unwrap().dn();
    let (asha, comma) = (asha.as_str(), comma.as_str());
    let administrator: &[&str] = &["-D", ADMINISTRATOR, "-w", PASSWORD];
    let herself: &[&str] = &["-D", asha, "-w", "demo"];
    let set = "changetype: modify\nreplace: photoURL\nphotoURL: http://127.0.0.1/x.jpg";
    for (what, who, dn, change, expected) in [
        ("nobody", &[][..], asha, set, 50),
        ("herself", herself, asha, set, 50),
        ("the administrator", administrator, asha, set, 0),
        ("a name with a comma", administrator, comma, set, 0),
        ("nobody there", administrator, "uid=nobody,ou=People,dc=example,dc=com", set, 32),
        ("no name", administrator, "nonsense", set, 34),
        ("no such value", administrator, asha, "changetype: modify\ndelete: title\ntitle: Queen", 16),
        ("there already", administrator, asha, "changetype: modify\nadd: cn\ncn: ASHA  PATEL", 20),
        ("one value only", administrator, asha, "changetype: modify\nadd: displayName\ndisplayName: Ashi", 19),
        ("the server's own", administrator, asha, "changetype: modify\nreplace: entryUUID\nentryUUID: 1", 19),
        ("not in the schema", administrator, asha, "changetype: modify\nadd: shoeSize\nshoeSize: 39", 17),
        ("not of the class", administrator, asha, "changetype: modify\nadd: dc\ndc: example", 65),
        ("not ASCII", administrator, asha, "changetype: modify\nreplace: photoURL\nphotoURL: http://ü", 21),
        ("removed", administrator, asha, "changetype: delete", 53),
        ("renamed", administrator, asha, "changetype: modrdn\nnewrdn: uid=x\ndeleteoldrdn: 1", 53),
        ("added", administrator, "uid=x,dc=example,dc=com", "changetype: add\nobjectClass: person\ncn: x\nsn: x", 53),
    ] {
        let Some(ran) = modify(&demo, who, &format!("dn: {dn}\n{change}\n")) else { return };
        assert_eq!(ran.code, expected, "{what}: {}", ran.error);
    }
}

#[test]
fn a_comparison_tells_true_from_false() {
    let demo = Demo::start().unwrap();
    let dn = Planted::with(Fault::CapitalsInAddress).next().unwrap().dn();
    for (assertion, expected) in [
        ("mail:asha.patel@example.com", 6),
        ("mail:somebody@example.com", 5),
        ("description:x", 16),
        ("shoeSize:39", 17),
    ] {
        let Some(ran) = run(&demo, "ldapcompare", &[dn.as_str(), assertion], "") else { return };
        assert_eq!(ran.code, expected, "{assertion}: {ran:?}");
    }
}

#[test]
fn every_name_comes_as_it_was_planted() {
    let demo = Demo::start().unwrap();
    let mut client = Client::connect(demo.ldap_port());
    for planted in PLANTED {
        let entry = client.entry(planted.dn().as_str(), &["cn", "uid", "mail"]);
        assert_eq!(entry["cn"], [planted.name.as_bytes()], "{planted:?}");
        assert_eq!(entry["uid"], [planted.uid.as_bytes()], "{planted:?}");
        let mail = entry.get("mail").map(|values| String::from_utf8(values[0].clone()).unwrap()).unwrap_or_default();
        assert_eq!(mail, planted.mail, "{planted:?}");
    }
}

#[test]
fn an_abandoned_search_is_silent_and_the_connection_goes_on() {
    let demo =
        Demo::start_with(DemoOptions { search_delay: Duration::from_millis(200), ..DemoOptions::default() }).unwrap();
    let mut client = Client::connect(demo.ldap_port());
    let search = client.start_search(PEOPLE, SUBTREE, &[]);
    client.send(LdapOp::AbandonRequest(search), Vec::new());
    let who_am_i = LdapExtendedRequest { name: "1.3.6.1.4.1.4203.1.11.3".to_owned(), value: None };
    let next = client.send(LdapOp::ExtendedRequest(who_am_i), Vec::new());
    let answer = client.receive().unwrap();
    assert_eq!(answer.msgid, next, "{answer:?}");
}

#[test]
fn a_photo_can_be_written_and_read_back() {
    let demo = Demo::start().unwrap();
    let dn = Planted::with(Fault::NoPhotoUrl).next().unwrap().dn();
    let photo: Vec<u8> = (0..200_000_u32).map(|number| number.to_le_bytes()[1]).collect();
    let mut client = Client::connect(demo.ldap_port());
    client.bind(ADMINISTRATOR, PASSWORD);
    assert_eq!(client.modify(dn.as_str(), vec![change(LdapModifyType::Replace, "jpegPhoto", &[&photo])]), 0);
    assert_eq!(client.entry(dn.as_str(), &["jpegPhoto"])["jpegPhoto"], [photo]);
}

#[test]
fn clients_that_mean_harm_harm_only_themselves() {
    let demo = Demo::start().unwrap();
    let nested = [0x30, 0x80].repeat(5_000);
    let hostile: &[&[u8]] = &[
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        &[0; 64],
        &[0xff; 64],
        &[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x02, 0x01, 0x01],
        &[0x30, 0x03, 0x02, 0x01, 0x01],
        &[0x30, 0x0c, 0x02, 0x01, 0x01, 0x60, 0x07, 0x02, 0x01, 0x03, 0x04, 0x00, 0x80, 0x00, 0x30],
        &[0x30, 0x05, 0x02, 0x01, 0x01, 0x61, 0x00],
        &nested,
    ];
    let mut idle: Vec<Client> = Vec::new();
    for bytes in hostile {
        let mut client = Client::connect(demo.ldap_port());
        client.send_bytes(bytes);
        idle.push(client);
    }
    // One that asks for everything a hundred times and never reads.
    let mut deaf = Client::connect(demo.ldap_port());
    for _ in 0..100 {
        deaf.start_search("dc=example,dc=com", SUBTREE, &["cn", "mail", "photoURL", "+"]);
    }
    idle.push(deaf);
    idle.extend((0..40).map(|_| Client::connect(demo.ldap_port())));
    assert_eq!(Client::connect(demo.ldap_port()).paged(PEOPLE, &SUBTREE, &["cn"], 100).len(), 400 + 8);
    let mut broken = Client::connect(demo.ldap_port());
    broken.send_bytes(&[0x30, 0x03, 0x02, 0x01, 0x01]); // BER, but no LDAP
    let notice = broken.receive().unwrap();
    let LdapOp::ExtendedResponse(response) = notice.op else { panic!("{notice:?}") };
    assert_eq!((notice.msgid, code(&response.res.code)), (0, 2));
    assert_eq!(response.name.as_deref(), Some("1.3.6.1.4.1.1466.20036"));
    assert!(broken.receive().is_none(), "the connection ends");
}
