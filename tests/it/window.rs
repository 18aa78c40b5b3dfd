//! The whole window without a display, by name and by picture: pages, keys, palette, states of the list, and the way of
//! a photo URL from the person to the journal and back.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme, Vec2};
use egui_kittest::{
    Harness, SnapshotOptions, SnapshotResults,
    kittest::{NodeT as _, Queryable as _},
};
use photodesk::{
    app::{App, Places, Settings, ThemeChoice},
    cli::WindowOptions,
    demo::{Demo, DemoOptions},
    journal::Journal,
    model::{Clock, Dn, Environment, Server, Site},
    people::query::Search,
    photo::Cache,
    sites::store::Store,
};

use crate::support::pictures::{self, THEMES};

const DESIGN: Vec2 = Vec2::new(1280.0, 800.0);

/// A window with folders of its own.
struct Window {
    harness: Harness<'static, App>,
    news: mpsc::Receiver<()>,
    _folder: tempfile::TempDir,
}

impl Window {
    fn open(size: Vec2, theme: Theme, demo: bool) -> Self {
        Self::of(size, theme, WindowOptions { demo, ..WindowOptions::default() }, |_store| ())
    }

    /// On the site called `name`, which `prepare` puts into the store.
    fn open_with(size: Vec2, theme: Theme, name: &str, prepare: impl FnOnce(&Store)) -> Self {
        Self::of(size, theme, WindowOptions { site: Some(name.to_owned()), ..WindowOptions::default() }, prepare)
    }

    fn of(size: Vec2, theme: Theme, options: WindowOptions, prepare: impl FnOnce(&Store)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        prepare(&Store::at(folder.path().join("config")));
        let places = Places {
            store: Store::at(folder.path().join("config")),
            journal: Journal::at(&folder.path().join("journal.jsonl")),
            cache: Arc::new(Cache::none()),
            settings: None,
            clock: Clock { now: || "2026-11-04T12:00:00Z".parse().unwrap(), zone: jiff::tz::TimeZone::UTC },
        };
        let theme_choice = if theme == Theme::Dark { ThemeChoice::Dark } else { ThemeChoice::Light };
        let settings = Settings { theme: theme_choice, reduce_motion: true, ..Settings::default() };
        let (sender, news) = mpsc::channel();
        let harness = pictures::builder::<App>(size, theme).build_eframe(move |creation| {
            let wake = sender.clone();
            creation.egui_ctx.set_request_repaint_callback(move |_| {
                // The test may be over.
                wake.send(()).ok();
            });
            App::new(&creation.egui_ctx, places, settings, options)
        });
        Self { harness, news, _folder: folder }
    }

    /// Draws until `done`; between two frames it waits until something asks for one.
    fn until(&mut self, what: &str, mut done: impl FnMut(&Harness<'static, App>) -> bool) {
        for _ in 0..2000 {
            self.harness.step();
            if done(&self.harness) {
                return;
            }
            // Whatever a job reports asks for a frame; the limit is only for a test that fails.
            if self.news.recv_timeout(Duration::from_millis(200)).is_ok() {
                while self.news.try_recv().is_ok() {}
            }
        }
        panic!("it never came: {what}");
    }

    fn sees(&self, label: &str) -> bool {
        self.harness.query_all_by_label_contains(label).next().is_some()
    }

    fn until_seen(&mut self, label: &str) {
        self.until(label, |harness| harness.query_all_by_label_contains(label).next().is_some());
    }

    fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.step();
        self.harness.step();
    }

    fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.harness.step();
        self.harness.step();
    }

    fn write(&mut self, text: &str) {
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.harness.step();
        self.harness.step();
    }

    /// Compares the window with `tests/snapshots/NAME.png`. The demo site listens on other ports each time, and some of
    /// them are on screen: so many pixels may differ as a few numbers of five digits have, and no more.
    fn picture(&mut self, name: &str) -> egui_kittest::SnapshotResult {
        const PORTS: usize = 1500;
        let options = SnapshotOptions::new().max_failed_pixels(PORTS);
        self.harness.step();
        self.harness.try_snapshot_options(name, &options)
    }

    /// The demo site, all of it read and every picture in view looked at.
    fn demo(size: Vec2, theme: Theme) -> Self {
        let mut window = Self::open(size, theme, true);
        window.until("the demo site's people", |harness| {
            let Some(people) = harness.state().people() else { return false };
            people.is_idle() && !people.rows().is_empty()
        });
        window.until("the pictures in view", |harness| {
            let Some(people) = harness.state().people() else { return false };
            let in_view = people.rows().iter().take(10); // the smallest window has twelve
            in_view.clone().all(|index| people.row(*index).photo_url.is_empty() || people.verdict(*index).is_some())
        });
        window
    }

    /// Finds a person through the palette, and waits until every place was looked at.
    fn open_person(&mut self, name: &str) {
        self.press(Modifiers::COMMAND, Key::K);
        self.write(name);
        self.press(Modifiers::NONE, Key::Enter);
        self.until("the person", |harness| {
            let person = harness.state().people().and_then(photodesk::people::State::person);
            person
                .is_some_and(|person| person.who().name.contains(name) && person.entry().is_some() && !person.is_busy())
        });
    }
}

#[test]
fn the_first_page_offers_the_demo_site_and_ones_own() {
    let mut results = SnapshotResults::new();
    for (theme, word) in THEMES {
        let mut window = Window::open(DESIGN, theme, false);
        window.until("the faces", |harness| harness.state().has_faces());
        assert!(window.sees("Explore the demo site") && window.sees("Add your site…"));
        results.add(window.picture(&format!("window-welcome-{word}")));
    }
}

#[test]
fn the_demo_site_is_one_click_away() {
    let mut window = Window::open(DESIGN, Theme::Light, false);
    window.until_seen("Explore the demo site");
    window.click("Explore the demo site");
    window.until("people", |harness| harness.state().people().is_some_and(|people| people.people().len() >= 400));
    assert!(window.harness.state().demo_site().is_some());
}

#[test]
fn people_stand_in_the_list_with_their_photos() {
    let mut results = SnapshotResults::new();
    for (size, at) in [(DESIGN, ""), (Vec2::new(960.0, 600.0), "-960"), (Vec2::new(1920.0, 1080.0), "-1920")] {
        for (theme, word) in THEMES {
            if theme == Theme::Dark && !at.is_empty() {
                continue;
            }
            let mut window = Window::demo(size, theme);
            window.open_person("Asha Patel");
            results.add(window.picture(&format!("window-people{at}-{word}")));
        }
    }
}

#[test]
fn a_search_that_finds_nobody_says_so_and_offers_the_way_out() {
    let mut window = Window::demo(DESIGN, Theme::Light);
    window.press(Modifiers::COMMAND, Key::F);
    window.write("münchen");
    window.until_seen("Nobody goes by");
    window.picture("window-nobody-light").unwrap();
    window.click("Clear search");
    window
        .until("everybody again", |harness| harness.state().people().is_some_and(|people| people.rows().len() >= 400));
}

#[test]
fn a_list_that_is_being_read_says_so_and_can_be_stopped() {
    let mut results = SnapshotResults::new();
    for (theme, word) in THEMES {
        let mut window = Window::open(DESIGN, theme, false);
        let slow = DemoOptions { search_delay: Duration::from_mins(1), ..DemoOptions::default() };
        window.harness.state_mut().open_demo(Demo::start_with(slow).unwrap());
        window.until_seen("Reading people");
        results.add(window.picture(&format!("window-loading-{word}")));
        window.click("Stop");
        window.until_seen("Stopped at 0");
    }
}

#[test]
fn a_directory_that_does_not_answer_is_a_sentence_with_a_way_out() {
    let mut results = SnapshotResults::new();
    for (theme, word) in THEMES {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut window = Window::open_with(DESIGN, theme, "Head office", |store| {
            let mut site =
                Site { name: "Head office".to_owned(), environment: Environment::Production, ..Site::default() };
            site.directory.server = Server::parse(&format!("ldap://127.0.0.1:{closed}"), false).unwrap();
            site.directory.base = Some(Dn::new("dc=example,dc=com"));
            store.save(&site, None).unwrap();
        });
        window.until_seen("refuses the connection");
        assert!(window.sees("Try again") && window.sees("Copy details"));
        results.add(window.picture(&format!("window-failed-{word}")));
    }
}

#[test]
fn the_same_people_stand_on_a_contact_sheet() {
    let mut window = Window::demo(DESIGN, Theme::Light);
    window.click("Show as a contact sheet");
    window.until("the pictures in view", |harness| {
        let Some(people) = harness.state().people() else { return false };
        let mut in_view = people.rows().iter().take(20);
        in_view.all(|index| people.row(*index).photo_url.is_empty() || people.verdict(*index).is_some())
    });
    window.picture("window-contact-sheet-light").unwrap();
}

#[test]
fn the_keys_of_the_window_lead_where_they_say() {
    let mut window = Window::demo(DESIGN, Theme::Light);
    window.press(Modifiers::COMMAND, Key::Num2);
    assert!(window.sees("Search the journal"), "Ctrl+2 shows Activity");
    window.press(Modifiers::COMMAND, Key::Num1);
    assert!(window.sees("Search people"), "Ctrl+1 shows People");
    window.press(Modifiers::COMMAND, Key::Comma);
    assert!(window.sees("Reduce motion"), "Ctrl+, shows the settings");
    assert!(
        window.sees("of 7,594 recorded answers of real web servers 0 come out wrong"),
        "and how the access rules stand"
    );
    window.press(Modifiers::NONE, Key::Escape);
    assert!(!window.sees("Reduce motion"), "Esc closes them");
    window.press(Modifiers::COMMAND, Key::K);
    assert!(window.sees("Search people and commands"), "Ctrl+K opens the palette");
    window.press(Modifiers::NONE, Key::Escape);
    assert!(!window.sees("Search people and commands"), "Esc closes it");
}

#[test]
fn the_palette_finds_people_and_commands() {
    let mut results = SnapshotResults::new();
    for (theme, word) in THEMES {
        let mut window = Window::demo(DESIGN, theme);
        window.press(Modifiers::COMMAND, Key::K);
        window.write("pa");
        assert!(window.sees("Asha Patel"));
        window.until("the photos of those found", |harness| {
            let people = harness.state().people().unwrap();
            let found = people.people().find_names(&Search::new("pa"), "pa", 5);
            found.iter().all(|index| people.row(*index).photo_url.is_empty() || people.verdict(*index).is_some())
        });
        results.add(window.picture(&format!("window-palette-{word}")));
    }
}

/// On a slow display a whole chord comes within one frame, and Ctrl is up again at its end.
#[test]
fn ctrl_enter_in_the_palette_asks_for_the_photo_url_however_late_the_frame() {
    let mut window = Window::demo(DESIGN, Theme::Light);
    window.press(Modifiers::COMMAND, Key::K);
    window.write("Asha Patel");
    let enter = |pressed| egui::Event::Key {
        key: Key::Enter,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: Modifiers::COMMAND,
    };
    window.harness.event(enter(true));
    window.harness.event(enter(false));
    window.until_seen("New address");
}

#[test]
fn a_photo_url_is_set_and_taken_back_without_the_mouse() {
    let mut window = Window::demo(DESIGN, Theme::Light);
    window.open_person("Asha Patel");
    let before = photo_url(&window.harness);
    let better = before.to_lowercase();
    assert_ne!(before, better, "her address has capitals");
    window.press(Modifiers::COMMAND, Key::L);
    window.press(Modifiers::COMMAND, Key::U);
    window.until_seen("New address");
    window.press(Modifiers::COMMAND, Key::A);
    window.write(&better);
    window.until_seen("Answers 200");
    window.press(Modifiers::NONE, Key::Enter);
    window.until("the new address in the list", |harness| photo_url(harness) == better);
    window.until_seen("Read back");
    window.press(Modifiers::NONE, Key::Escape);
    window.press(Modifiers::COMMAND, Key::Z);
    window.until_seen("Undo this change");
    window.until("what undo would write", |harness| {
        let mut buttons = harness.query_all_by_role_and_label(Role::Button, "Undo this change");
        buttons.any(|node| !node.accesskit_node().is_disabled())
    });
    window.harness.get_by_role_and_label(Role::Button, "Undo this change").click();
    window.until("the old address in the list", |harness| photo_url(harness) == before);
    window.press(Modifiers::NONE, Key::Escape);
    window.press(Modifiers::COMMAND, Key::Num2);
    window.until_seen("Undone");
}

#[test]
fn a_locked_site_shows_the_preview_and_cannot_write() {
    let mut window = Window::demo(DESIGN, Theme::Light);
    window.open_person("Asha Patel");
    window.press(Modifiers::COMMAND, Key::U);
    window.until_seen("Read-only: unlock the site to apply");
}

fn photo_url(harness: &Harness<'static, App>) -> String {
    let people = harness.state().people().unwrap();
    people.selected().map(|index| people.row(index).photo_url.to_owned()).unwrap_or_default()
}
