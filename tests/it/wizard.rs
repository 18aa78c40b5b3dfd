//! The welcome page, the wizard, the sign-in dialog and the switcher, by name and by picture.

use std::{cell::RefCell, net::IpAddr, path::PathBuf, rc::Rc};

use egui::{ColorImage, Key, Role, TextureHandle, Ui, UiBuilder};
use egui_kittest::{
    Harness, SnapshotResults,
    kittest::{NodeT as _, Queryable as _},
};
use jiff::Timestamp;
use photodesk::{
    demo::Demo,
    model::{
        Attribute, DirectoryKind, Dn, Entry, Environment, Fingerprint, Problem, Secret, Security, Server, Site, Value,
    },
    net::{ldap::AttributeType, trust::Certificate},
    sites::{
        Command, State,
        check::{BaseOffer, CheckEvent, Count, Found, Mend, Step, StepProblem, StepState},
        draft::Draft,
        panel::{
            sign_in, switcher, welcome,
            wizard::{Page, Panel},
        },
        store::Store,
        wizard::Wizard,
    },
    ui::Look as _,
};
use tempfile::TempDir;

use crate::support::pictures::{self, THEMES};

const WHOLE: [f32; 2] = [1280.0, 800.0];
const SMALL: [f32; 2] = [960.0, 600.0];

fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

/// A window's part with its state; commands are run between frames as the window does.
struct Window {
    state: State,
    panel: Panel,
    commands: Vec<Command>,
}

type Shared = Rc<RefCell<Window>>;

fn window(state: State, page: Page) -> Shared {
    let mut panel = Panel::at(page);
    panel.now = now;
    Rc::new(RefCell::new(Window { state, panel, commands: Vec::new() }))
}

/// Draws over the whole window, without the margin that the harness leaves.
fn whole(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let area = ui.ctx().content_rect();
    let mut inner = ui.new_child(UiBuilder::new().max_rect(area));
    inner.set_clip_rect(area);
    content(&mut inner);
}

fn draw(ui: &mut Ui, shared: &Shared) {
    whole(ui, |ui| draw_wizard(ui, shared));
}

fn draw_wizard(ui: &mut Ui, shared: &Shared) {
    let mut window = shared.borrow_mut();
    let Window { state, panel, commands } = &mut *window;
    drop(state.poll());
    let mut out = Vec::new();
    panel.ui(ui, state, &mut out);
    for command in out {
        // What starts something is only noted.
        let starts = matches!(
            command,
            Command::Check { .. } | Command::Mend(_) | Command::Save | Command::Trust { .. } | Command::Remove(_)
        );
        commands.push(command.clone());
        if !starts {
            state.run(command);
        }
    }
}

fn wizard_window(shared: &Shared, size: [f32; 2]) -> Harness<'static> {
    let shared = Rc::clone(shared);
    pictures::harness(size, egui::Theme::Light, move |ui| draw(ui, &shared))
}

fn showing(wizard: Option<Wizard>, keychain: Result<(), String>) -> State {
    State::showing(Store::at("/home/anna/.config/photodesk"), wizard, keychain)
}

fn draft() -> Draft {
    let mut site = Site { name: "Head office".to_owned(), ..Site::default() };
    site.directory.server = Server { host: "dc1.example.com".to_owned(), port: 636, security: Security::Ldaps };
    site.directory.sign_in = Some("svc-photodesk@example.com".to_owned());
    Draft { password: Secret::new("swordfish-42"), ..Draft::of(site, None) }
}

fn certificate() -> Certificate {
    let mut print = [0x5B; 32];
    print[..8].copy_from_slice(&[0x4F, 0x1C, 0xA9, 0x07, 0x3E, 0xD2, 0x88, 0x5B]);
    Certificate {
        subject: "CN=dc1.corp.example.com".to_owned(),
        names: vec!["dc1.corp.example.com".to_owned(), "ldap.corp.example.com".to_owned()],
        issuer: "Example Corp Issuing CA 2".to_owned(),
        not_before: "2026-02-03T00:00:00Z".parse().unwrap(),
        not_after: "2028-02-03T12:00:00Z".parse().unwrap(),
        sha256: Fingerprint(print),
    }
}

fn passed(step: Step, fact: &str) -> CheckEvent {
    CheckEvent::Step(step, StepState::Passed { fact: fact.to_owned() })
}

fn reached() -> Vec<CheckEvent> {
    vec![passed(Step::Name, "10.44.0.11, 10.44.0.12"), passed(Step::Port, "open, 3 ms")]
}

/// The wizard whose server shows a certificate for another name.
fn wrong_name() -> Wizard {
    let certificate = certificate();
    let problem = Problem::new("The certificate is for another name").hint(
        "You asked for dc1.example.com; the server showed a certificate for dc1.corp.example.com. Nothing was sent: no \
         name and no password.",
    );
    let failed = StepProblem {
        names: Some(("dc1.example.com".to_owned(), "dc1.corp.example.com".to_owned())),
        mends: vec![
            Mend::UseHost("dc1.corp.example.com".to_owned()),
            Mend::TrustCertificate(certificate.sha256),
            Mend::AddCaFile,
        ],
        certificate: Some(Box::new(certificate)),
        ..StepProblem::new("certificate refused", problem)
    };
    let mut events = reached();
    events.push(CheckEvent::Step(Step::Tls, StepState::Failed(Box::new(failed))));
    Wizard::after(draft(), events)
}

fn person() -> Entry {
    let attribute = |name: &str, value: &str| Attribute { name: name.to_owned(), values: vec![Value::from(value)] };
    Entry {
        dn: Dn::new("uid=asha.patel,ou=Manchester,ou=People,dc=example,dc=com"),
        attributes: vec![
            attribute("cn", "Asha Patel"),
            attribute("uid", "asha.patel"),
            attribute("mail", "Asha.Patel@example.com"),
        ],
    }
}

fn found() -> Found {
    let offer = |dn: &str, seen, more| BaseOffer { dn: Dn::new(dn), people: Some(Count { seen, more }) };
    Found {
        addresses: vec![IpAddr::from([10, 44, 0, 11])],
        certificate: Some(Box::new(certificate())),
        kind: Some(DirectoryKind::OpenLdap),
        vendor: Some("OpenLDAP".to_owned()),
        signed_in: Some(Dn::new("cn=svc-photodesk,ou=Services,dc=example,dc=com")),
        bases: vec![offer("dc=example,dc=com", 412, false), offer("dc=branch,dc=example,dc=com", 1000, true)],
        base: Some(Dn::new("dc=example,dc=com")),
        attribute: Some(AttributeType { names: vec!["photoURL".to_owned()], syntax: None, single_value: false }),
        people: vec![person()],
        referrals: Vec::new(),
    }
}

/// The wizard after a check in which all is well but the right to write.
fn not_writable() -> Wizard {
    let mut events = reached();
    let problem = Problem::new("The account may not write photoURL")
        .hint("Ask whoever runs the directory for the right, or make the site read-only.")
        .details("asked of uid=asha.patel");
    events.extend([
        passed(Step::Tls, "valid until 3 Feb 2028"),
        passed(Step::SignIn, "as cn=svc-photodesk,ou=Services,dc=example,dc=com"),
        passed(Step::Base, "dc=example,dc=com, 1 more offered"),
        passed(Step::Filter, "412 people"),
        passed(Step::Attribute, "photoURL, several values, readable"),
        CheckEvent::Step(
            Step::Write,
            StepState::Failed(Box::new(StepProblem::new("not allowed", problem).mends(vec![Mend::MakeReadOnly]))),
        ),
        passed(Step::People, "50 people in 4 ms"),
        CheckEvent::Found(Box::new(found())),
    ]);
    let mut draft = draft();
    draft.site.environment = Environment::Production;
    draft.site.photos.template = Some("https://photos.example.com/{mail|lower|urlencode}.jpg".to_owned());
    Wizard::after(draft, events)
}

/// A warning, a step left out, and one under way.
fn half_way() -> Wizard {
    let mut draft = draft();
    draft.site.directory.server.security = Security::None;
    "389".clone_into(&mut draft.port);
    let problem = Problem::new("The connection to dc1.example.com:389 is not secured")
        .hint("Whoever listens on the way can read the name, the password and everything else. Use StartTLS or LDAPS.");
    let mends = vec![Mend::UseSecurity(Security::StartTls), Mend::UseSecurity(Security::Ldaps)];
    let mut events = reached();
    events.push(CheckEvent::Step(Step::Tls, StepState::Warned { fact: "not secured".to_owned(), problem, mends }));
    Wizard::after(draft, events)
}

fn picture(results: &mut SnapshotResults, name: &str, size: [f32; 2], wizard: fn() -> Wizard, page: Page) {
    let no_store = || Err("No credential store answers on this computer".to_owned());
    let keychain = || if page == Page::Directory { Ok(()) } else { no_store() };
    // Each theme has a window of its own, so that nothing is left over from the other.
    for (theme, word) in THEMES {
        let shared = window(showing(Some(wizard()), keychain()), page);
        let mut window = pictures::harness(size, theme, move |ui| draw(ui, &shared));
        window.run_ok();
        results.add(window.try_snapshot(format!("{name}-{word}")));
    }
}

#[test]
fn the_wizard_in_pictures() {
    let mut results = SnapshotResults::new();
    picture(&mut results, "wizard-wrong-name", WHOLE, wrong_name, Page::Directory);
    picture(&mut results, "wizard-wrong-name-960", SMALL, wrong_name, Page::Directory);
    picture(&mut results, "wizard-not-writable", WHOLE, not_writable, Page::Directory);
    picture(&mut results, "wizard-not-secured", WHOLE, half_way, Page::Directory);
    picture(&mut results, "wizard-title", WHOLE, not_writable, Page::Title);
    picture(&mut results, "wizard-photos", WHOLE, not_writable, Page::Photos);
    picture(&mut results, "wizard-summary", WHOLE, not_writable, Page::Summary);
    results.unwrap();
}

fn portraits(ctx: &egui::Context) -> Vec<TextureHandle> {
    let faces = photodesk::demo::faces();
    let texture = |(at, face): (usize, &photodesk::photo::Picture)| {
        let size = [face.width as usize, face.height as usize];
        let image = ColorImage::from_rgba_unmultiplied(size, &face.rgba);
        ctx.load_texture(format!("face {at}"), image, egui::TextureOptions::LINEAR)
    };
    faces.iter().enumerate().map(texture).collect()
}

/// A folder with two sites, one of them used, and a broken file.
fn some_sites() -> (TempDir, State) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let head = draft().site;
    let branch = Site { name: "Branch".to_owned(), environment: Environment::Production, ..head.clone() };
    store.save(&head, None).unwrap();
    let path = store.save(&branch, None).unwrap();
    store.used(&path, "2026-11-04T09:30:00Z".parse().unwrap()).unwrap();
    std::fs::write(store.sites_folder().join("old.toml"), "name = \"Old\"\ncolor = \"#123456\"\n").unwrap();
    let mut state = State::showing(store, None, Ok(()));
    state.run(Command::Refresh);
    while state.is_busy() {
        drop(state.poll());
        std::thread::yield_now();
    }
    (folder, state)
}

fn welcome_picture(results: &mut SnapshotResults, name: &str, size: [f32; 2], state: &State) {
    for (theme, word) in THEMES {
        let mut faces = None;
        let mut window = pictures::harness(size, theme, |ui| {
            let faces = faces.get_or_insert_with(|| portraits(ui.ctx()));
            // The window is the page's ground.
            ui.painter().rect_filled(ui.ctx().content_rect(), 0, ui.tokens().bg_page);
            whole(ui, |ui| welcome::ui(ui, state, faces, now(), &mut Vec::new()));
        });
        window.run_ok();
        results.add(window.try_snapshot(format!("{name}-{word}")));
    }
}

#[test]
fn the_welcome_page_in_pictures() {
    let mut results = SnapshotResults::new();
    welcome_picture(&mut results, "welcome", [1280.0, 772.0], &showing(None, Ok(())));
    welcome_picture(&mut results, "welcome-960", [960.0, 572.0], &showing(None, Ok(())));
    let (_folder, state) = some_sites();
    welcome_picture(&mut results, "welcome-sites", [1280.0, 772.0], &state);
    results.unwrap();
}

#[test]
fn the_welcome_page_leads_to_the_demo_a_new_site_and_the_sites_there_are() {
    let (_folder, state) = some_sites();
    let out = RefCell::new(Vec::new());
    let mut window = pictures::harness([1280.0, 800.0], egui::Theme::Light, |ui| {
        welcome::ui(ui, &state, &[], now(), &mut out.borrow_mut());
    });
    for label in ["Explore the demo site", "Add your site…", "Open a site file…", "Open Branch"] {
        window.get_by_label(label).click();
        window.run_ok();
    }
    window.get_by_label_contains("old.toml, line 2").click();
    window.run_ok();
    drop(window);
    let out = out.into_inner();
    assert_eq!(out.len(), 4, "a broken file is shown and does not open: {out:?}");
    assert!(matches!(&out[..3], [Command::ExploreDemo, Command::Add, Command::PickFile(_)]), "{out:?}");
    assert!(matches!(&out[3], Command::Open(path) if path.ends_with("branch.toml")), "{out:?}");
}

#[test]
fn a_red_step_names_both_sides_and_offers_what_mends_it() {
    let shared = window(showing(Some(wrong_name()), Ok(())), Page::Directory);
    let mut window = wizard_window(&shared, WHOLE);
    window.run_ok();
    window.get_by_label("Name: passed, 10.44.0.11, 10.44.0.12");
    window.get_by_label("TLS: failed, certificate refused");
    window.get_by_label("Sign-in: not checked, waits for TLS");
    window.get_by_label("Search base: not checked");
    window.get_by_label_contains("for dc1.example.com; the server showed a certificate for dc1.corp.example.com");
    window.get_by_label("2 of 9 checks passed");
    window.get_by_label("Use dc1.corp.example.com instead").click();
    window.run_ok();
    let mend = Command::Mend(Mend::UseHost("dc1.corp.example.com".to_owned()));
    assert!(shared.borrow().commands.contains(&mend), "{:?}", shared.borrow().commands);
}

#[test]
fn a_certificate_is_trusted_only_after_a_second_look() {
    let shared = window(showing(Some(wrong_name()), Ok(())), Page::Directory);
    let mut window = wizard_window(&shared, WHOLE);
    window.run_ok();
    window.get_by_label("Trust this certificate…").click();
    window.run_ok();
    assert!(shared.borrow().commands.is_empty(), "nothing is trusted by opening the dialog");
    window.snapshot("wizard-trust-light");
    window
        .get_by_role_and_label(Role::RadioButton, "Always for this site: its fingerprint is saved with the site")
        .click();
    window.run_ok();
    window.get_by_label("Trust certificate").click();
    window.run_ok();
    let trust = Command::Trust { certificate: certificate().sha256, always: true };
    assert_eq!(shared.borrow().commands, [trust]);
}

#[test]
fn a_pinned_certificate_is_saved_and_one_trusted_once_is_not() {
    for (always, expected) in [(true, Some(certificate().sha256)), (false, None)] {
        let mut state = showing(Some(wrong_name()), Ok(()));
        state.run(Command::Trust { certificate: certificate().sha256, always });
        state.run(Command::StopCheck);
        let draft = &state.wizard().unwrap().draft;
        assert_eq!(draft.to_site(None).directory.pinned_certificate, expected, "always: {always}");
        assert_eq!(draft.trust_once.is_some(), !always);
    }
}

#[test]
fn choosing_no_tls_changes_the_port_and_asks_for_another_check() {
    let shared = window(showing(Some(wrong_name()), Ok(())), Page::Directory);
    let mut window = wizard_window(&shared, WHOLE);
    window.run_ok();
    window.get_by_role_and_label(Role::RadioButton, "STARTTLS").click();
    window.run_ok();
    let seen = shared.borrow();
    let draft = &seen.state.wizard().unwrap().draft;
    assert_eq!((draft.port.as_str(), draft.site.directory.server.security), ("389", Security::StartTls));
    assert!(seen.commands.contains(&Command::Check { asked: false }), "{:?}", seen.commands);
    assert!(seen.state.wizard().unwrap().failed().is_none(), "the old verdict does not stand beside new settings");
}

#[test]
fn a_whole_address_typed_into_the_server_field_is_taken_apart() {
    let mut empty = draft();
    empty.site.directory.server.host = String::new();
    let shared = window(showing(Some(Wizard::new(empty, None)), Ok(())), Page::Directory);
    let mut window = wizard_window(&shared, WHOLE);
    window.run_ok();
    window.get_by_role_and_label(Role::TextInput, "Server").focus();
    window.run_ok();
    window.get_by_role_and_label(Role::TextInput, "Server").type_text("ldap://dc2.example.com:1389");
    window.run_ok();
    let server = shared.borrow().state.wizard().unwrap().draft.to_site(None).directory.server;
    assert_eq!(server, Server { host: "dc2.example.com".to_owned(), port: 1389, security: Security::None });
    window.key_press(Key::Enter);
    window.run_ok();
    assert!(shared.borrow().commands.contains(&Command::Check { asked: false }), "going on from the field checks");
}

#[test]
fn without_a_credential_store_the_box_is_grey_and_says_why() {
    let reason = "No credential store answers on this computer";
    let shared = window(showing(Some(wrong_name()), Err(reason.to_owned())), Page::Directory);
    let mut window = wizard_window(&shared, WHOLE);
    window.run_ok();
    window.get_by_label_contains(reason);
    let keep = window.get_by_label("Keep in the system’s credential store");
    assert!(keep.accesskit_node().is_disabled());
}

#[test]
fn the_wizard_leads_to_a_site_file_that_can_be_read_first() {
    let shared = window(showing(Some(not_writable()), Ok(())), Page::Title);
    let mut window = wizard_window(&shared, WHOLE);
    window.run_ok();
    for next in ["Next: directory", "Next: photo web server", "Next: summary"] {
        window.get_by_label(next).click();
        window.run_ok();
    }
    window.get_by_label("name = \"Head office\"");
    window.get_by_label("kind = \"open_ldap\"");
    window.get_by_label_contains("Write right failed");
    window.get_by_label("Save site").click();
    window.run_ok();
    assert_eq!(shared.borrow().commands.last(), Some(&Command::Save));
}

#[test]
fn the_example_follows_the_template_and_marks_its_mistakes() {
    let cases = [
        (
            "https://photos.example.com/{mail|lower|urlencode}.jpg",
            "https://photos.example.com/asha.patel@example.com.jpg",
        ),
        ("https://photos.example.com/{uid}.jpg", "https://photos.example.com/asha.patel.jpg"),
        ("https://photos.example.com/{employeeNumber}.jpg", "This person gets none: there is no employeeNumber."),
        ("https://photos.example.com/{mail|shout}.jpg", "There is no function shout"),
    ];
    for (template, expected) in cases {
        let mut wizard = not_writable();
        wizard.draft.site.photos.template = Some(template.to_owned());
        let shared = window(showing(Some(wizard), Ok(())), Page::Photos);
        let mut window = wizard_window(&shared, WHOLE);
        window.run_ok();
        assert!(window.query_all_by_label_contains(expected).next().is_some(), "{template} does not say {expected}");
    }
}

#[test]
fn leaving_asks_only_when_something_would_be_lost() {
    let shared = window(showing(Some(Wizard::new(Draft::default(), None)), Ok(())), Page::Title);
    let mut empty = wizard_window(&shared, WHOLE);
    empty.run_ok();
    empty.get_by_label("Cancel").click();
    empty.run_ok();
    assert!(shared.borrow().state.wizard().is_none());
    let shared = window(showing(Some(wrong_name()), Ok(())), Page::Title);
    let mut typed = wizard_window(&shared, WHOLE);
    typed.run_ok();
    typed.get_by_label("Cancel").click();
    typed.run_ok();
    assert!(shared.borrow().state.wizard().is_some());
    typed.get_by_label("Leave without saving").click();
    typed.run_ok();
    assert!(shared.borrow().state.wizard().is_none());
}

#[test]
fn a_site_is_removed_only_after_it_was_named_once_more() {
    let path = PathBuf::from("/home/anna/.config/photodesk/sites/head-office.toml");
    let saved = Wizard::new(Draft::of(draft().site, Some(path.clone())), Some(draft().site));
    let shared = window(showing(Some(saved), Ok(())), Page::Title);
    let mut window = wizard_window(&shared, WHOLE);
    window.run_ok();
    // A site that is there opens at its connection, and all steps can be gone to.
    window.get_by_role_and_label(Role::TextInput, "Server");
    window.get_by_role_and_label(Role::Tab, "Name and colour").click();
    window.run_ok();
    window.get_by_label("Remove this site…").click();
    window.run_ok();
    window.get_by_role_and_label(Role::Label, "Remove Head office?");
    assert!(shared.borrow().commands.is_empty());
    window.get_by_label("Remove site").click();
    window.run_ok();
    assert_eq!(shared.borrow().commands, [Command::Remove(path), Command::Leave]);
}

#[test]
fn a_second_wizard_begins_at_its_first_page() {
    let shared = window(showing(Some(not_writable()), Ok(())), Page::Summary);
    let mut window = wizard_window(&shared, WHOLE);
    window.run_ok();
    shared.borrow_mut().state.run(Command::Add);
    window.run_ok();
    window.get_by_role_and_label(Role::TextInput, "Name");
}

/// A state that asks for the password of `site`.
fn asking(site: &Site, folder: &TempDir) -> State {
    let store = Store::at(folder.path());
    let path = store.save(site, None).unwrap();
    let mut state = State::showing(store, None, Ok(()));
    state.run(Command::Open(path));
    while state.sign_in().is_none() {
        drop(state.poll());
        std::thread::yield_now();
    }
    state
}

type Asking = Rc<RefCell<(State, sign_in::Panel)>>;

fn sign_in_window(site: &Site, folder: &TempDir) -> (Asking, Harness<'static>) {
    let shared = Rc::new(RefCell::new((asking(site, folder), sign_in::Panel::default())));
    let drawn = Rc::clone(&shared);
    let mut window = pictures::harness([900.0, 600.0], egui::Theme::Light, move |ui| {
        let (state, panel) = &mut *drawn.borrow_mut();
        drop(state.poll());
        let mut out = Vec::new();
        panel.ui(ui.ctx(), state, &mut out);
        for command in out {
            state.run(command);
        }
    });
    window.run_ok();
    (shared, window)
}

#[test]
fn an_empty_password_is_explained_and_an_anonymous_sign_in_offered() {
    let folder = tempfile::tempdir().unwrap();
    let (shared, mut window) = sign_in_window(&draft().site, &folder);
    window.get_by_label("Sign in").click();
    window.run_ok();
    window.get_by_label("No password was given");
    window.get_by_label("Sign in anonymously");
    assert!(!shared.borrow().0.is_busy(), "nothing is sent");
    window.snapshot("sign-in-empty-light");
}

#[test]
fn a_wrong_password_is_told_and_can_be_typed_again() {
    let demo = Demo::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (shared, mut window) = sign_in_window(&demo.site(), &folder);
    window.get_by_role_and_label(Role::PasswordInput, "Password").type_text("guess");
    window.run_ok();
    window.key_press(Key::Enter);
    window.run_ok();
    while shared.borrow().0.sign_in().is_some_and(|asked| asked.trying) {
        drop(shared.borrow_mut().0.poll());
        std::thread::yield_now();
    }
    window.run_ok();
    window.get_by_label_contains("does not accept this name and password");
    window.get_by_role_and_label(Role::PasswordInput, "Password");
}

#[test]
fn the_switcher_lists_sites_and_what_can_be_done() {
    let (_folder, state) = some_sites();
    let open: PathBuf =
        state.sites().iter().find_map(|l| (l.site.as_ref().ok()?.name == "Branch").then(|| l.path.clone())).unwrap();
    let out = RefCell::new(Vec::new());
    let mut window = pictures::harness([300.0, 340.0], egui::Theme::Light, |ui| {
        switcher::ui(ui, &state, Some(&open), true, &mut out.borrow_mut());
    });
    window.run_ok();
    window.snapshot("switcher-light");
    for label in ["Branch", "Head office", "Change this site…", "Close site"] {
        window.get_by_role_and_label(Role::MenuItem, label).click();
        window.run_ok();
    }
    drop(window);
    let out = out.into_inner();
    assert!(
        matches!(&out[..], [Command::Open(path), Command::Edit(_), Command::Close] if path.ends_with("head-office.toml")),
        "the open site is not opened again: {out:?}"
    );
}
