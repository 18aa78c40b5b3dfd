//! The connection check: each prepared fault turns exactly its own step red, and says what to do.

use std::{
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
};

use photodesk::{
    demo::Demo,
    job::{Job, Waker},
    model::{Credentials, DirectoryKind, Dn, Fingerprint, Secret, Security, Server, Site},
    sites::check::{self, CheckEvent, Found, Mend, Probe, Step, StepState},
};

use crate::support::{
    certs::Authority,
    slapd::{ADMIN, PASSWORD, PEOPLE, SUFFIX, Setup, Slapd, free_port, person, simple},
};

/// What a check came to.
pub struct Checked {
    pub states: [StepState; 9],
    pub found: Found,
}

impl Checked {
    pub fn state(&self, step: Step) -> &StepState {
        &self.states[step as usize]
    }

    pub fn failed(&self) -> Vec<Step> {
        Step::ALL.into_iter().filter(|step| matches!(self.state(*step), StepState::Failed(_))).collect()
    }

    fn mends(&self, step: Step) -> &[Mend] {
        match self.state(step) {
            StepState::Failed(problem) => &problem.mends,
            other => panic!("{step:?} did not fail: {other:?}"),
        }
    }
}

pub fn run(probe: Probe) -> Checked {
    let mut checked = Checked { states: Default::default(), found: Found::default() };
    let job = Job::spawn("check", Waker::none(), move |report| check::run(&probe, report));
    job.wait(|event| match event {
        CheckEvent::Step(step, state) => checked.states[step as usize] = state,
        CheckEvent::Found(found) => checked.found = *found,
    })
    .unwrap();
    assert!(!checked.states.contains(&StepState::Running), "a step was left running: {:?}", checked.states);
    checked
}

pub fn probe(site: Site, credentials: Credentials) -> Probe {
    Probe { site, credentials, trust_once: None, asked: true }
}

/// A site at `host:port`, secured so.
pub fn site_at(host: &str, port: u16, security: Security) -> Site {
    let mut site = Site { name: "Test".to_owned(), ..Site::default() };
    site.directory.server = Server { host: host.to_owned(), port, security };
    site.directory.timeout_seconds = 20;
    site
}

/// A fault: what is wrong, the site that has it, how to sign in, the one step that fails, and a word of its sentence.
struct Row {
    fault: &'static str,
    site: Site,
    credentials: Credentials,
    step: Step,
    says: &'static str,
}

fn row(fault: &'static str, site: Site, step: Step, says: &'static str) -> Row {
    Row { fault, site, credentials: simple(ADMIN, PASSWORD), step, says }
}

/// Runs `rows`: exactly the row's step fails, what it needs is settled, what needs it waits.
fn each_turns_its_own_step_red(rows: Vec<Row>) {
    for Row { fault, site, credentials, step, says } in rows {
        let checked = run(probe(site, credentials));
        assert_eq!(checked.failed(), [step], "{fault}: {:#?}", checked.states);
        let StepState::Failed(problem) = checked.state(step) else { unreachable!() };
        let words = format!("{} ({:?})", problem.problem, problem.problem.details);
        assert!(words.contains(says), "{fault}: {words}");
        assert!(problem.problem.hint.is_some(), "{fault}: it does not say what to do: {words}");
        assert!(!format!("{:?}", checked.states).contains(PASSWORD), "{fault}: the password is in it");
        for other in Step::ALL {
            if needs(other, step) {
                assert_eq!(*checked.state(other), StepState::Waits, "{fault}: {other:?} does not wait");
            } else if needs(step, other) {
                assert!(checked.state(other).lets_on(), "{fault}: {other:?} is {:?}", checked.state(other));
            }
        }
    }
}

/// `one` can only begin when `other` passed.
fn needs(one: Step, other: Step) -> bool {
    one.needs().is_some_and(|needed| needed == other || needs(needed, other))
}

/// A server that answers what it is asked first with `answer` and hangs up; or says nothing until the other side goes.
struct Stub(u16);

impl Stub {
    fn start(answer: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        #[expect(clippy::disallowed_methods, reason = "a server of the test's own")]
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut asked = [0; 4096];
                if answer.is_empty() {
                    while matches!(stream.read(&mut asked), Ok(1..)) {}
                } else if stream.read(&mut asked).is_ok() {
                    stream.write_all(answer).unwrap_or_default();
                }
            }
        });
        Self(port)
    }
}

#[test]
fn faults_before_any_directory_speaks() {
    let silent = Stub::start(b"");
    let web = Stub::start(
        b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<!DOCTYPE html><title>400 Bad \
          Request</title><h1>Bad Request</h1><p>Your browser sent a request that this server could not understand.</p>",
    );
    let impatient = |port, security| {
        let mut site = site_at("127.0.0.1", port, security);
        site.directory.timeout_seconds = 1;
        site
    };
    let closed = site_at("127.0.0.1", free_port(), Security::Ldaps);
    let no_pem = {
        let mut site = site_at("127.0.0.1", silent.0, Security::Ldaps);
        site.directory.ca_file = Some(PathBuf::from("no-such-file.pem"));
        site
    };
    each_turns_its_own_step_red(vec![
        row("unknown host", site_at("dc1.invalid", 636, Security::Ldaps), Step::Name, "dc1.invalid"),
        row("closed port", closed, Step::Port, "refuses"),
        row("silent at TLS", impatient(silent.0, Security::Ldaps), Step::Tls, "1 s"),
        row("silent at StartTLS", impatient(silent.0, Security::StartTls), Step::Tls, "1 s"),
        row("silent in clear", impatient(silent.0, Security::None), Step::Port, "says nothing"),
        row("a web server, in clear", site_at("127.0.0.1", web.0, Security::None), Step::Port, "not as a directory"),
        row("a web server, over TLS", site_at("127.0.0.1", web.0, Security::Ldaps), Step::Tls, "TLS"),
        row("a web server, StartTLS", site_at("127.0.0.1", web.0, Security::StartTls), Step::Port, "directory"),
    ]);
    // A CA file that cannot be used is found before anything is asked.
    let checked = run(probe(no_pem, Credentials::Anonymous));
    assert_eq!(checked.failed(), [Step::Tls]);
    assert_eq!(checked.mends(Step::Tls), [Mend::AddCaFile]);
}

/// A folder with an authority in `ca.pem`.
fn authority(folder: &Path) -> (Authority, PathBuf) {
    let authority = Authority::new("Example CA");
    let file = authority.write_to(&folder.join("ca.pem"));
    (authority, file)
}

#[test]
fn faults_of_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, ca) = authority(folder.path());
    let start = |identity| Slapd::start(&Setup { people: 3, identity: Some(identity), ..Setup::default() });
    let Some(good) = start(authority.issue(folder.path(), "good", &["localhost", "127.0.0.1"])) else { return };
    let Some(other) = start(authority.issue(folder.path(), "other", &["dc1.corp.example.com", "localhost"])) else {
        return;
    };
    let Some(old) = start(authority.issue_until(folder.path(), "old", &["127.0.0.1"], 2020)) else { return };
    let Some(plain) = Slapd::start(&Setup { people: 3, ..Setup::default() }) else { return };
    let site = |port, security| {
        let mut site = site_at("127.0.0.1", port, security);
        site.directory.ca_file = Some(ca.clone());
        site
    };
    let mut unknown = site(good.tls_port, Security::Ldaps);
    unknown.directory.ca_file = None;
    let mut changed = site(good.tls_port, Security::Ldaps);
    changed.directory.pinned_certificate = Some(Fingerprint([7; 32]));
    each_turns_its_own_step_red(vec![
        row("unknown issuer", unknown.clone(), Step::Tls, "Example CA"),
        row("wrong name", site(other.tls_port, Security::Ldaps), Step::Tls, "dc1.corp.example.com"),
        row("wrong name after StartTLS", site(other.port, Security::StartTls), Step::Tls, "another name"),
        row("expired", site(old.tls_port, Security::Ldaps), Step::Tls, "1 Jan 2020"),
        row("changed", changed, Step::Tls, "another certificate"),
        row("StartTLS refused", site(plain.port, Security::StartTls), Step::Tls, "StartTLS"),
    ]);
    // The certificate stands with the failure, and each mend leads on.
    let checked = run(probe(unknown.clone(), simple(ADMIN, PASSWORD)));
    let StepState::Failed(problem) = checked.state(Step::Tls) else { panic!("{:?}", checked.states) };
    let print = problem.certificate.as_ref().unwrap().sha256;
    assert_eq!(problem.mends, [Mend::AddCaFile, Mend::TrustCertificate(print)]);
    let trusted = Probe { trust_once: Some(print), ..probe(unknown, simple(ADMIN, PASSWORD)) };
    assert_eq!(run(trusted).failed(), [], "trusted this once");
    let wrong_name = site(other.tls_port, Security::Ldaps);
    let Some(Mend::UseHost(host)) = run(probe(wrong_name, Credentials::Anonymous)).mends(Step::Tls).first().cloned()
    else {
        panic!("no other name is offered")
    };
    assert!(["localhost", "dc1.corp.example.com"].contains(&host.as_str()), "{host}");
}

#[test]
fn faults_of_sign_in_and_of_what_is_there() {
    // The first person may write photo URLs, the second may read them, the third may do neither.
    let database = format!(
        "access to attrs=userPassword by anonymous auth by * none\n\
         access to attrs=photoURL by dn.exact=\"{}\" write by dn.exact=\"{}\" read by * disclose\n\
         access to * by * read",
        person(1),
        person(2)
    );
    let Some(slapd) = Slapd::start(&Setup { people: 30, database, ..Setup::default() }) else { return };
    let site = |edit: &dyn Fn(&mut Site)| {
        let mut site = site_at("127.0.0.1", slapd.port, Security::None);
        site.directory.base = Some(Dn::new(SUFFIX));
        edit(&mut site);
        site
    };
    let as_person = |number, row: Row| Row { credentials: simple(person(number).as_str(), PASSWORD), ..row };
    let base = |dn: &'static str| site(&|site| site.directory.base = Some(Dn::new(dn)));
    let filter = |text: &'static str| site(&|site| site.directory.filter = Some(text.to_owned()));
    let attribute = |name: &'static str| site(&|site| site.directory.attributes.photo_url = Some(name.to_owned()));
    let as_is = || site(&|_| ());
    each_turns_its_own_step_red(vec![
        Row {
            credentials: simple(ADMIN, "guess"),
            ..row("wrong password", as_is(), Step::SignIn, "does not accept this name and password")
        },
        Row {
            credentials: Credentials::Simple { name: ADMIN.to_owned(), password: Secret::default() },
            ..row("empty password", as_is(), Step::SignIn, "anonymous sign-in")
        },
        row("missing base", base("ou=Nowhere,dc=example,dc=com"), Step::Base, "ou=Nowhere"),
        row("a mistake in the filter", filter("(&(objectClass=person)(uid=a)"), Step::Filter, "character"),
        row("a filter for nobody", filter("(objectClass=dominoPerson)"), Step::Filter, "finds nobody"),
        row("no such attribute", attribute("photoAddress"), Step::Attribute, "no attribute photoAddress"),
        row("an attribute for pictures", attribute("jpegPhoto"), Step::Attribute, "no addresses"),
        as_person(3, row("not readable", as_is(), Step::Attribute, "may not read photoURL")),
        as_person(2, row("not writable", as_is(), Step::Write, "may not write photoURL")),
    ]);
    let all_well = run(probe(as_is(), simple(person(1).as_str(), PASSWORD)));
    assert_eq!(all_well.failed(), [], "{:#?}", all_well.states);
    assert_eq!(*all_well.state(Step::Write), StepState::Passed { fact: "allowed".to_owned() });
    let offered = run(probe(filter("(objectClass=dominoPerson)"), simple(ADMIN, PASSWORD)));
    assert_eq!(offered.mends(Step::Filter)[0], Mend::UseFilter("(objectClass=inetOrgPerson)".to_owned()));
}

#[test]
fn an_empty_base_kind_and_filter_are_found_by_themselves() {
    let Some(slapd) = Slapd::start(&Setup { people: 30, ..Setup::default() }) else { return };
    let checked = run(probe(site_at("127.0.0.1", slapd.port, Security::None), simple(person(1).as_str(), PASSWORD)));
    let found = &checked.found;
    assert_eq!(found.kind, Some(DirectoryKind::OpenLdap));
    assert_eq!(found.base, Some(Dn::new(SUFFIX)));
    assert_eq!(found.bases[0].people.map(|count| count.to_string()).as_deref(), Some("30 people"));
    assert_eq!(*checked.state(Step::Filter), StepState::Passed { fact: "30 people".to_owned() });
    assert_eq!(*checked.state(Step::Base), StepState::Passed { fact: SUFFIX.to_owned() });
    assert_eq!(found.people.len(), 30);
    assert!(found.people[0].has("sn"), "the first person is read whole, for the template's example");
    assert!(found.people[0].dn.as_str().ends_with(PEOPLE));
    assert_eq!(found.signed_in, Some(person(1)));
}

#[test]
fn going_on_to_the_next_field_sends_no_password_that_was_not_asked_for() {
    let Some(slapd) = Slapd::start(&Setup { people: 3, ..Setup::default() }) else { return };
    let nothing_typed = Credentials::Simple { name: ADMIN.to_owned(), password: Secret::default() };
    let site = site_at("127.0.0.1", slapd.port, Security::None);
    let checked = run(Probe { asked: false, ..probe(site, nothing_typed) });
    assert_eq!(checked.failed(), [], "an empty password is no mistake while the form is being filled in");
    assert_eq!(*checked.state(Step::SignIn), StepState::Waits);
    assert!(checked.state(Step::Port).lets_on());
}

#[test]
fn the_demo_site_passes_all_checks() {
    let demo = Demo::start().unwrap();
    let checked = run(probe(demo.site(), demo.credentials()));
    assert_eq!(checked.failed(), [], "{:#?}", checked.states);
    assert!(Step::ALL.into_iter().all(|step| checked.state(step).lets_on()), "{:#?}", checked.states);
}
