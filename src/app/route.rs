//! Where each command goes. One arm a capability; where two pages work together, they meet here.

use std::path::PathBuf;

use eframe::egui::{self, Context};

use super::{
    App, Page, ToOpen, command::Command, dialogs, files, open::OpenSite, palette::Palette, settings::Settings,
};
use crate::{
    activity,
    model::{Dn, Environment, Problem},
    people::{
        self,
        export::{Export, Format, Options, PersonRow},
        panel::{
            Ask,
            export::{ExportCommand, ExportPanel},
            person::PersonCommand,
        },
        set_url::{self, Intent, SetUrl},
    },
    sites::{self, Outcome},
    ui::widgets::Toast,
};

impl App {
    pub(super) fn route(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::People(ask) => self.route_people(ctx, ask),
            Command::SetUrl(command) => self.route_set_url(command),
            Command::Activity(command) => self.route_activity(command),
            Command::Sites(command) => self.route_sites(command),
            Command::Export(command) => self.route_export(command),
            Command::InPalette(ask) => self.route_palette(ctx, ask),
            Command::SetPhotoUrl(address) => self.ask_photo_url(Intent::Set, address),
            Command::RemovePhotoUrl => self.ask_photo_url(Intent::Remove, None),
            Command::OpenPerson(dn) => {
                self.page = Page::People;
                self.panels.people.list.show_selected();
                self.list(people::Command::SelectDn(dn));
            }
            Command::UndoLast => self.route_activity(activity::Command::UndoLast),
            other => self.route_window(ctx, &other),
        }
    }

    /// What concerns the window as a whole.
    fn route_window(&mut self, ctx: &Context, command: &Command) {
        match *command {
            Command::Go(page) => self.page = page,
            Command::Find => self.find(ctx),
            Command::Refresh => match self.page {
                Page::People => self.list(people::Command::Reload),
                Page::Activity => self.activity.run(activity::Command::Refresh),
            },
            Command::Unlock => self.ask_unlock(),
            Command::UnlockNow => self.lock(false),
            Command::Lock => self.lock(true),
            Command::ResetDemo => self.reset_demo(),
            Command::Settings => self.dialog = Some(dialogs::Window::Settings),
            Command::Theme(theme) => self.change_settings(ctx, |settings| settings.theme = theme),
            Command::ReduceMotion(reduce) => self.change_settings(ctx, |settings| settings.reduce_motion = reduce),
            Command::ResetSettings => {
                self.panels.people = people::panel::Panel::default();
                self.change_settings(ctx, |settings| *settings = Settings::default());
            }
            Command::ClearCache => {
                self.places.cache.clear();
                self.toast = Some((Toast::new("Photos kept on this computer were forgotten"), None));
            }
            Command::CloseDialog => self.dialog = None,
            Command::Palette => {
                self.palette = if self.palette.is_none() { Some(Palette::default()) } else { None };
            }
            _ => {}
        }
    }

    fn change_settings(&mut self, ctx: &Context, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
        self.settings.apply(ctx);
    }

    fn find(&mut self, ctx: &Context) {
        let id = match self.page {
            Page::People => people::panel::search_id(),
            Page::Activity => activity::panel::search_id(),
        };
        ctx.memory_mut(|memory| memory.request_focus(id));
    }

    pub(super) fn list(&mut self, command: people::Command) {
        if let Some(open) = &mut self.open {
            if let people::Command::Layout(layout) = &command {
                self.settings.layout = *layout;
            }
            open.people.run(command);
            self.settings.sort = open.people.sort();
        }
    }

    fn ask_unlock(&mut self) {
        let Some(open) = &self.open else { return };
        if open.unlocked.is_some() {
            self.lock(true);
        } else if open.site().environment == Environment::Production && !open.site().read_only {
            self.dialog = Some(dialogs::Window::Unlock);
        } else {
            self.lock(false);
        }
    }

    fn lock(&mut self, lock: bool) {
        self.dialog = None;
        let Some(open) = &mut self.open else { return };
        if lock {
            open.unlocked = None;
        } else if !open.unlock() {
            let problem = Problem::new(format!("{} is a read-only site", open.site().name))
                .hint("Its settings say so: edit the site to change that.");
            self.dialog = Some(dialogs::Window::Problem(problem));
        }
        let unlocked = open.unlocked.clone();
        self.activity.site_is(Some(open.for_activity()));
        if let Some(dialog) = &mut self.set_url {
            dialog.unlock(unlocked);
        }
    }

    fn reset_demo(&mut self) {
        let Some(demo) = self.open.as_ref().and_then(|open| open.demo.as_ref()) else { return };
        demo.reset();
        self.list(people::Command::Reload);
        self.toast = Some((Toast::new("The demo site is as it was"), None));
    }

    fn route_people(&mut self, ctx: &Context, ask: Ask) {
        match ask {
            Ask::List(people::Command::AllowHost(host)) | Ask::Person(PersonCommand::AllowHost(host)) => {
                self.allow_host(host);
            }
            Ask::List(people::Command::SignInAgain) => match self.open_path().map(std::path::Path::to_owned) {
                Some(path) => self.sites.run(sites::Command::AskPassword(path)),
                None => self.list(people::Command::Reload),
            },
            Ask::List(command) => self.list(command),
            Ask::Export => self.open_export(),
            Ask::Person(command) => match command {
                PersonCommand::SetPhotoUrl(address) => self.ask_photo_url(Intent::Set, address),
                PersonCommand::RemovePhotoUrl => self.ask_photo_url(Intent::Remove, None),
                PersonCommand::Refresh => {
                    if let Some(person) = self.open.as_mut().and_then(|open| open.people.person_mut()) {
                        person.refresh();
                    }
                }
                PersonCommand::CopyText(text) => ctx.copy_text(text),
                PersonCommand::OpenUrl(url) => ctx.open_url(egui::OpenUrl::new_tab(url)),
                PersonCommand::OpenViewer(_) | PersonCommand::AllowHost(_) => {}
            },
        }
    }

    /// Allows the host, and remembers it in the site's file.
    fn allow_host(&mut self, host: String) {
        self.list(people::Command::AllowHost(host));
        let Some(open) = &self.open else { return };
        if let Some(path) = &open.path
            && let Err(problem) = self.places.store.save(open.site(), Some(path))
        {
            self.dialog = Some(dialogs::Window::Problem(problem));
        }
    }

    /// Opens the dialog that was asked for before the person's entry was read.
    pub(super) fn ask_photo_url_now(&mut self) {
        if self.open.as_ref().and_then(|open| open.people.person()).is_none_or(|person| !person.is_reading())
            && let Some((intent, address)) = self.photo_url_asked.take()
        {
            self.ask_photo_url(intent, address);
        }
    }

    fn ask_photo_url(&mut self, intent: Intent, address: Option<String>) {
        let Some(open) = &self.open else { return };
        let Some(person) = open.people.person() else { return };
        let Some(entry) = person.entry().cloned() else {
            // A person who was opened a moment ago: as soon as the entry is there. A failure is on the person's page.
            self.photo_url_asked = person.is_reading().then_some((intent, address));
            return;
        };
        let mut dialog = SetUrl::open(entry, person.who().name.clone(), intent, open.tools(&self.places, &self.waker));
        if let Some(address) = address {
            dialog.run(set_url::Command::Type(address));
        }
        self.panels.set_url = people::panel::set_url::Panel::default();
        self.set_url = Some(dialog);
    }

    fn route_set_url(&mut self, command: set_url::Command) {
        match &command {
            set_url::Command::Close => {
                // It may still be at writing, which goes on: the journal tells how it ended.
                self.set_url = None;
                self.activity.run(activity::Command::Refresh);
                return;
            }
            set_url::Command::Unlock => self.ask_unlock(),
            set_url::Command::AllowHost(host) => self.allow_host(host.clone()),
            set_url::Command::Undo(id) => {
                self.set_url = None;
                self.activity.run(activity::Command::AskUndo(id.clone()));
                return;
            }
            _ => {}
        }
        if let Some(dialog) = &mut self.set_url {
            dialog.run(command);
        }
    }

    /// The entry was written: list and person read it again, and so does the journal.
    pub(super) fn written(&mut self, dn: &Dn) {
        self.activity.run(activity::Command::Refresh);
        if let Some(open) = &mut self.open {
            open.people.entry_was_written(dn);
        }
    }

    fn route_activity(&mut self, command: activity::Command) {
        match command {
            activity::Command::StopJob(id) => match self.jobs.which(id) {
                Some(activity::JobKind::People) => self.list(people::Command::Stop),
                Some(activity::JobKind::Photos) => self.list(people::Command::StopChecking),
                Some(activity::JobKind::File) => self.route_export(ExportCommand::Stop),
                _ => {}
            },
            activity::Command::OpenPerson(dn) => {
                self.page = Page::People;
                self.panels.people.list.show_selected();
                self.list(people::Command::SelectDn(dn));
            }
            activity::Command::Unlock => self.ask_unlock(),
            activity::Command::Export => {
                self.files.ask(files::For::Journal, "photodesk-journal.csv", &self.waker);
            }
            other => self.activity.run(other),
        }
    }

    pub(super) fn take_in_activity(&mut self, outcome: activity::Outcome) {
        match outcome {
            activity::Outcome::Written(dn) => self.written(&dn),
            activity::Outcome::NothingToUndo => {
                self.toast = Some((Toast::new("There is nothing to undo on this site"), None));
            }
            activity::Outcome::Exported(path) => {
                self.toast = Some((Toast::new(format!("Journal written to {}", path.display())), None));
            }
        }
    }

    fn route_sites(&mut self, command: sites::Command) {
        if command == sites::Command::Close {
            self.close_site();
        } else {
            self.sites.run(command);
        }
    }

    pub(super) fn take_in_site(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::ExploreDemo => self.start_demo(),
            Outcome::PickFile(what) => {
                let name = match &what {
                    sites::FileFor::Export(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                    _ => String::new(),
                };
                self.files.ask(files::For::Site(what), &name, &self.waker);
            }
            Outcome::Opened(opened) => {
                let open = OpenSite::of(*opened, &self.places, &self.waker);
                self.open_site(open);
            }
            Outcome::Close => self.close_site(),
        }
    }

    pub(super) fn open_site(&mut self, mut open: OpenSite) {
        open.arrange(&self.settings);
        self.activity.site_is(Some(open.for_activity()));
        self.page = Page::People;
        self.set_url = None;
        self.open = Some(open);
    }

    fn close_site(&mut self) {
        self.activity.site_is(None);
        self.set_url = None;
        self.export = None;
        self.open = None;
    }

    /// Opens what the command line named, once the list of sites is known.
    pub(super) fn open_what_was_asked(&mut self) {
        match &self.to_open {
            Some(ToOpen::File(path)) => self.sites.run(sites::Command::Open(path.clone())),
            Some(ToOpen::Site(name)) => {
                if self.sites.is_busy() {
                    return;
                }
                let listed = self.sites.sites().iter().find(|listed| listed.name() == name.as_str());
                if let Some(path) = listed.map(|listed| listed.path.clone()) {
                    self.sites.run(sites::Command::Open(path));
                } else {
                    let problem = Problem::new(format!("There is no site called {name}"));
                    self.dialog = Some(dialogs::Window::Problem(problem));
                }
            }
            None => return,
        }
        self.to_open = None;
    }

    pub(super) fn take_in_file(&mut self, what: files::For, path: &std::path::Path) {
        match what {
            files::For::Site(what) => self.sites.run(sites::Command::Picked(what, path.to_owned())),
            files::For::Journal => self.activity.run(activity::Command::ExportTo(path.to_owned())),
            files::For::List => {
                if let Some((panel, _)) = &mut self.export {
                    panel.set_path(path);
                }
            }
        }
    }

    fn open_export(&mut self) {
        let Some(open) = &self.open else { return };
        let names = open.people.site_in_force().directory.attribute_names();
        let columns = people::export::Column::ALL.to_vec();
        let options = Options { format: Format::Csv, columns, byte_order_mark: true, names };
        let folder = directories::UserDirs::new()
            .map(|dirs| dirs.document_dir().map_or_else(|| dirs.home_dir().to_owned(), std::path::Path::to_owned));
        let path = folder.unwrap_or_default().join("people.csv");
        self.export = Some((ExportPanel::new(options, path.display().to_string()), None));
    }

    fn route_export(&mut self, command: ExportCommand) {
        match command {
            ExportCommand::ChooseFile(name) => self.files.ask(files::For::List, &name, &self.waker),
            ExportCommand::Start { options, path } => self.start_export(options, path),
            ExportCommand::Stop => {
                if let Some((_, Some(run))) = &self.export {
                    run.stop();
                }
            }
            ExportCommand::Close => self.export = None,
        }
    }

    fn start_export(&mut self, options: Options, path: PathBuf) {
        let (Some(open), Some((_, run))) = (&self.open, &mut self.export) else { return };
        let (people, rows) = (open.people.people().clone(), open.people.shown_rows());
        *run = Some(Export::start(path, options, rows.len(), self.waker.clone(), move |each| {
            rows.iter().try_for_each(|index| {
                let row = people.row(*index);
                let changed = (row.changed != 0).then(|| jiff::Timestamp::from_second(row.changed).ok()).flatten();
                let changed = changed.map(|at| at.to_string()).unwrap_or_default();
                each(PersonRow {
                    dn: row.dn,
                    name: row.name,
                    mail: row.mail,
                    account: row.account,
                    photo_url: row.photo_url,
                    changed: &changed,
                })
            })
        }));
    }
}
