//! The window: which page is open, where commands go, what is remembered.
//!
//! Each frame first takes in what jobs report and does what the last frame was asked ([`App::step`]), then draws
//! ([`App::draw`]); so nothing changes in the middle of a frame.
//!
//! | file | what it is |
//! | --- | --- |
//! | `command.rs` | what a person may ask for anywhere: menu, keys and palette feed on it |
//! | `route.rs` | where each command goes |
//! | `open.rs` | the site that is worked with |
//! | `shell.rs` | rail, status bar, the site's edge |
//! | `palette.rs` | Ctrl+K |
//! | `dialogs.rs` | the window's own dialogs |
//! | `files.rs` | the system's file dialogs |
//! | `jobs.rs` | what runs, for Activity and the status bar |
//! | `later.rs` | one value from another thread |
//! | `settings.rs` | what is remembered between windows |

mod command;
mod dialogs;
mod files;
mod jobs;
mod later;
mod open;
mod palette;
mod route;
mod settings;
mod shell;

use std::{path::Path, sync::Arc};

use eframe::egui::{self, Context, Ui, ViewportBuilder, Visuals};

pub use self::settings::{Settings, ThemeChoice};
use self::{command::Command, files::Files, jobs::Jobs, later::Later, open::OpenSite, palette::Palette};
use crate::{
    activity,
    cli::WindowOptions,
    demo::Demo,
    job::Waker,
    journal::Journal,
    model::{Clock, Problem},
    people::{self, export::Export, panel::export::ExportPanel, set_url::SetUrl},
    photo::Cache,
    sites::{self, store::Store},
    ui::{self, Look as _},
};

/// A page of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// The directory.
    #[default]
    People,
    /// Jobs and the journal.
    Activity,
}

/// Where the window keeps things: the user's folders, or a test's.
pub struct Places {
    /// Site files.
    pub store: Store,
    /// Changes.
    pub journal: Journal,
    /// Answers of photo web servers.
    pub cache: Arc<Cache>,
    /// What the window remembers; `None` remembers nothing.
    pub settings: Option<std::path::PathBuf>,
    /// What time it is.
    pub clock: Clock,
}

/// The window.
pub struct App {
    places: Places,
    waker: Waker,
    settings: Settings,
    saved: Settings,
    sites: sites::State,
    activity: activity::State,
    open: Option<OpenSite>,
    page: Page,
    demo: Option<Later<Result<Demo, Problem>>>,
    to_open: Option<ToOpen>,
    set_url: Option<SetUrl>,
    photo_url_asked: Option<(people::set_url::Intent, Option<String>)>,
    export: Option<(ExportPanel, Option<Export>)>,
    palette: Option<Palette>,
    dialog: Option<dialogs::Window>,
    toast: Option<(ui::widgets::Toast, Option<Command>)>,
    files: Files,
    jobs: Jobs,
    system_fonts: Option<Arc<ui::SystemFonts>>,
    faces: Option<Later<Vec<crate::photo::Picture>>>,
    rest_begun: bool,
    portraits: Vec<egui::TextureHandle>,
    panels: Panels,
    commands: Vec<Command>,
}

/// What is half typed on the pages.
#[derive(Default)]
struct Panels {
    people: people::panel::Panel,
    activity: activity::panel::Panel,
    wizard: sites::panel::wizard::Panel,
    sign_in: sites::panel::sign_in::Panel,
    set_url: people::panel::set_url::Panel,
}

/// What the command line asked to open; done once the list of sites was read.
enum ToOpen {
    Site(String),
    File(std::path::PathBuf),
}

impl Places {
    /// The user's own.
    ///
    /// # Errors
    /// When the system names no folders for the user.
    pub fn of_user() -> Result<Self, Problem> {
        let store = Store::of_user()?;
        Ok(Self {
            settings: Some(store.folder().join("window.toml")),
            store,
            journal: Journal::of_user()?,
            cache: Arc::new(Cache::of_user()),
            clock: Clock::system(),
        })
    }
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// When there is no display, or the system has no folders for the user.
pub fn run(options: WindowOptions) -> Result<(), Problem> {
    let places = Places::of_user()?;
    let settings = Settings::load(places.settings.as_deref());
    let viewport = ViewportBuilder::default()
        .with_title("Photodesk")
        .with_app_id("photodesk")
        .with_inner_size(settings.window)
        .with_min_inner_size([960.0, 600.0])
        .with_icon(ui::icon_data());
    let native = eframe::NativeOptions {
        viewport,
        dithering: false, // it is for wide gradients, of which there are none, and costs at every pixel
        system_font_fallback: false, // ours begins later
        ..eframe::NativeOptions::default()
    };
    let opened = eframe::run_native(
        "Photodesk",
        native,
        Box::new(move |creation| {
            let mut app = App::new(&creation.egui_ctx, places, settings, options);
            app.use_system_fonts(&creation.egui_ctx);
            Ok(Box::new(app))
        }),
    );
    opened.map_err(|error| crate::cli::no_display(Some(error.to_string())))
}

impl App {
    /// The window's state, with our looks in `ctx`.
    pub fn new(ctx: &Context, places: Places, settings: Settings, options: WindowOptions) -> Self {
        ui::install(ctx);
        settings.apply(ctx);
        let waker = {
            let ctx = ctx.clone();
            Waker::new(move || ctx.request_repaint())
        };
        let mut panels = Panels::default();
        panels.people.list.columns = settings.columns.clone();
        panels.people.person_width = settings.person_width;
        let to_open = match (options.site, options.site_file) {
            (Some(name), _) => Some(ToOpen::Site(name)),
            (None, Some(path)) => Some(ToOpen::File(path)),
            (None, None) => None,
        };
        let mut app = Self {
            sites: sites::State::new(places.store.clone(), waker.clone()),
            activity: activity::State::new(places.journal.clone(), places.clock.clone(), waker.clone()),
            saved: settings.clone(),
            system_fonts: None,
            faces: None,
            rest_begun: false,
            places,
            waker,
            settings,
            open: None,
            page: Page::People,
            demo: None,
            to_open,
            set_url: None,
            photo_url_asked: None,
            export: None,
            palette: None,
            dialog: None,
            toast: None,
            files: Files::default(),
            jobs: Jobs::default(),
            portraits: Vec::new(),
            panels,
            commands: Vec::new(),
        };
        if options.demo {
            app.start_demo();
        }
        app
    }

    /// Letters that our fonts lack are looked for in the system's. Tests bring their own, with a fixed locale.
    fn use_system_fonts(&mut self, ctx: &Context) {
        let fonts = Arc::new(ui::SystemFonts::default());
        ctx.add_font_provider(Arc::<ui::SystemFonts>::clone(&fonts));
        self.system_fonts = Some(fonts);
    }

    /// The open site's people, for tests.
    pub fn people(&self) -> Option<&people::State> {
        self.open.as_ref().map(|open| &open.people)
    }

    /// The demo site, while it is open.
    pub fn demo_site(&self) -> Option<&Demo> {
        self.open.as_ref().and_then(|open| open.demo.as_ref())
    }

    /// Opens a demo site that was started elsewhere.
    pub fn open_demo(&mut self, demo: Demo) {
        self.open_site(OpenSite::demo(demo, &self.places, &self.waker));
    }

    /// The first page has its faces.
    pub fn has_faces(&self) -> bool {
        !self.portraits.is_empty()
    }

    /// What can wait until the window is on screen, and would take the processor from it before: listing the system's
    /// fonts, and drawing the welcome page's faces.
    fn begin_the_rest(&mut self, ctx: &Context) {
        if self.rest_begun {
            return;
        }
        if ctx.cumulative_frame_nr() < 2 {
            ctx.request_repaint();
            return;
        }
        self.rest_begun = true;
        if let Some(fonts) = &self.system_fonts {
            fonts.begin();
        }
        self.faces = Some(Later::start("faces", &self.waker, crate::demo::faces));
    }

    fn start_demo(&mut self) {
        self.demo = Some(Later::start("demo site", &self.waker, Demo::start));
    }

    /// Takes in what jobs report, then does what was asked in the last frame.
    pub fn step(&mut self, ctx: &Context) {
        self.poll(ctx);
        for command in std::mem::take(&mut self.commands) {
            self.route(ctx, command);
        }
        self.jobs.update(
            self.open.as_ref(),
            self.export.as_ref().and_then(|(_, run)| run.as_ref()),
            &self.places.clock,
        );
        self.activity.jobs_are(self.jobs.list());
        self.remember(ctx);
    }

    fn poll(&mut self, ctx: &Context) {
        for outcome in self.sites.poll() {
            self.take_in_site(outcome);
        }
        self.open_what_was_asked();
        if let Some(started) = self.demo.as_mut().and_then(Later::take) {
            self.demo = None;
            match started.and_then(|demo| demo) {
                Ok(demo) => self.open_demo(demo),
                Err(problem) => self.dialog = Some(dialogs::Window::Problem(problem)),
            }
        }
        self.begin_the_rest(ctx);
        if let Some(faces) = self.faces.as_mut().and_then(Later::take) {
            self.faces = None;
            let pictures = faces.unwrap_or_default();
            self.portraits = pictures.iter().enumerate().filter_map(|(at, face)| shell::face(ctx, at, face)).collect();
        }
        if let Some(open) = &mut self.open {
            open.people.poll();
        }
        self.ask_photo_url_now();
        for outcome in self.activity.poll() {
            self.take_in_activity(outcome);
        }
        if let Some(people::set_url::Outcome::Written(dn)) = self.set_url.as_mut().and_then(SetUrl::poll) {
            self.written(&dn);
        }
        if let Some((_, Some(run))) = &mut self.export {
            run.poll();
        }
        // A site file dropped on the window is opened; the wizard takes what is dropped on it itself.
        if self.sites.wizard().is_none() {
            let dropped = ctx.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
            if let Some(path) =
                dropped.filter(|path| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml")))
            {
                self.sites.run(sites::Command::Picked(sites::FileFor::Site, path));
            }
        }
        if let Some((picked, path)) = self.files.poll() {
            self.take_in_file(picked, &path);
        }
    }

    /// Draws the window into `ui` and collects what is asked for.
    pub fn draw(&mut self, ui: &mut Ui) {
        let mut out = Vec::new();
        command::keys(ui.ctx(), self.sites.wizard().is_none(), &mut out);
        self.window_ui(ui, &mut out);
        self.dialogs_ui(ui, &mut out);
        if !out.is_empty() {
            ui.ctx().request_repaint();
        }
        self.commands.extend(out);
    }

    /// Keeps settings that changed.
    fn remember(&mut self, ctx: &Context) {
        self.settings.columns.clone_from(&self.panels.people.list.columns);
        self.settings.person_width = self.panels.people.person_width;
        self.settings.zoom = ctx.zoom_factor();
        if let Some(inner) =
            ctx.input(|input| input.viewport().inner_rect.filter(|_| input.viewport().maximized != Some(true)))
        {
            self.settings.window = [inner.width().round(), inner.height().round()];
        }
        let dragging = ctx.input(|input| input.pointer.any_down());
        if self.saved != self.settings && !dragging {
            self.saved = self.settings.clone();
            self.settings.save(self.places.settings.as_deref());
        }
    }

    /// The file of the open site.
    fn open_path(&self) -> Option<&Path> {
        self.open.as_ref().and_then(|open| open.path.as_deref())
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.step(ctx);
    }

    fn clear_color(&self, visuals: &Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        // A window is cleared in the page's colour, which costs next to nothing; a test's picture is not.
        if frame.gl().is_none() {
            ui.painter().rect_filled(ui.ctx().content_rect(), 0, ui.tokens().bg_page);
        }
        self.draw(ui);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.settings.save(self.places.settings.as_deref());
    }
}
