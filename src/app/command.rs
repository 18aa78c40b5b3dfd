//! What a person may ask for anywhere in the window, with its words, icon and key: keys and palette feed on it.
//!
//! Not here: what the pages ask of their own states, which is wrapped; where commands go (`route.rs`).

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers, text_edit::TextEditState};

use super::{App, Page, ThemeChoice, palette};
use crate::{
    activity,
    model::Dn,
    people::{self, panel::export::ExportCommand, set_url},
    sites,
    ui::Icon,
};

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Show a page.
    Go(Page),
    /// Put the keyboard into the page's search field.
    Find,
    /// Read what the page shows again.
    Refresh,
    /// Unlock the site; a production site is asked about first.
    Unlock,
    /// Unlock it, having been asked.
    UnlockNow,
    /// Lock the site.
    Lock,
    /// Set the selected person's photo URL, beginning with this address.
    SetPhotoUrl(Option<String>),
    /// Remove the selected person's photo URL.
    RemovePhotoUrl,
    /// Show the person with this entry.
    OpenPerson(Dn),
    /// Show what taking back the last change would write.
    UndoLast,
    /// Restore the demo site.
    ResetDemo,
    /// Show the settings.
    Settings,
    /// Choose a theme.
    Theme(ThemeChoice),
    /// Nothing moves by itself, or does.
    ReduceMotion(bool),
    /// The usual settings again.
    ResetSettings,
    /// Forget all photos that were kept.
    ClearCache,
    /// Close the window's own dialog.
    CloseDialog,
    /// Open or close the palette.
    Palette,
    /// Of the palette.
    InPalette(palette::Ask),
    /// The export dialog.
    Export(ExportCommand),
    /// Of the People page.
    People(people::panel::Ask),
    /// Of the dialog that sets a photo URL.
    SetUrl(set_url::Command),
    /// Of the Activity page.
    Activity(activity::Command),
    /// Of the sites.
    Sites(sites::Command),
}

/// A command as it is offered.
#[derive(Clone, Debug)]
pub struct Offer {
    /// A verb and its object.
    pub words: String,
    /// Its icon.
    pub icon: Icon,
    /// Its key, as shown.
    pub key: Option<String>,
    /// What it asks.
    pub command: Command,
}

const COMMAND: Modifiers = Modifiers::COMMAND;

/// A key for a command.
struct Shortcut {
    modifiers: Modifiers,
    key: Key,
    command: fn() -> Command,
}

/// Every key of the window. Zoom's keys are egui's own.
const KEYS: &[Shortcut] = &[
    Shortcut { modifiers: COMMAND, key: Key::K, command: || Command::Palette },
    Shortcut { modifiers: COMMAND, key: Key::Num1, command: || Command::Go(Page::People) },
    Shortcut { modifiers: COMMAND, key: Key::Num2, command: || Command::Go(Page::Activity) },
    Shortcut { modifiers: COMMAND, key: Key::F, command: || Command::Find },
    Shortcut { modifiers: Modifiers::NONE, key: Key::F5, command: || Command::Refresh },
    Shortcut { modifiers: COMMAND, key: Key::Z, command: || Command::UndoLast },
    Shortcut { modifiers: COMMAND, key: Key::U, command: || Command::SetPhotoUrl(None) },
    Shortcut { modifiers: COMMAND, key: Key::L, command: || Command::Unlock },
    Shortcut { modifiers: COMMAND, key: Key::Comma, command: || Command::Settings },
];

/// Takes the window's keys out of the input. `all`: outside the wizard, which has only zoom.
pub fn keys(ctx: &Context, all: bool, out: &mut Vec<Command>) {
    let zoom = ctx.input(eframe::egui::InputState::zoom_delta);
    if (zoom - 1.0).abs() > f32::EPSILON {
        ctx.set_zoom_factor((ctx.zoom_factor() * zoom).clamp(0.5, 3.0));
    }
    let typing = ctx.memory(eframe::egui::Memory::focused).is_some_and(|id| TextEditState::load(ctx, id).is_some());
    for shortcut in KEYS.iter().filter(|_| all) {
        // In a field Ctrl+Z takes back what was typed.
        if typing && shortcut.key == Key::Z {
            continue;
        }
        if ctx.input_mut(|input| input.consume_key(shortcut.modifiers, shortcut.key)) {
            out.push((shortcut.command)());
        }
    }
}

impl App {
    /// What can be asked for now, for the palette.
    pub(super) fn offers(&self, ctx: &Context) -> Vec<Offer> {
        let mut offers = Vec::new();
        let mut offer = |words: &str, icon, command: Command| {
            let key = KEYS.iter().find(|shortcut| (shortcut.command)() == command);
            let key = key.map(|shortcut| ctx.format_shortcut(&KeyboardShortcut::new(shortcut.modifiers, shortcut.key)));
            offers.push(Offer { words: words.to_owned(), icon, key: key.map(|key| key.replace('+', " ")), command });
        };
        if let Some(open) = &self.open {
            offer("People", Icon::Users, Command::Go(Page::People));
            offer("Activity", Icon::History, Command::Go(Page::Activity));
            if open.people.selected().is_some() {
                offer("Set photo URL…", Icon::Link, Command::SetPhotoUrl(None));
                offer("Remove photo URL…", Icon::X, Command::RemovePhotoUrl);
            }
            offer("Check all photos", Icon::ScanSearch, list(people::Command::CheckAll));
            offer("Export the list…", Icon::Download, Command::People(people::panel::Ask::Export));
            offer("Read again", Icon::RefreshCw, Command::Refresh);
            offer("Search", Icon::Search, Command::Find);
            offer("Undo the last change…", Icon::Undo2, Command::UndoLast);
            if open.unlocked.is_some() {
                offer("Lock the site", Icon::Lock, Command::Lock);
            } else {
                offer("Unlock the site", Icon::LockOpen, Command::Unlock);
            }
            if open.demo.is_some() {
                offer("Reset the demo site…", Icon::RotateCcw, Command::ResetDemo);
            }
            offer("Close the site", Icon::LogOut, Command::Sites(sites::Command::Close));
        }
        if self.open.as_ref().is_none_or(|open| open.demo.is_none()) {
            offer("Explore the demo site", Icon::Aperture, Command::Sites(sites::Command::ExploreDemo));
        }
        offer("Add your site…", Icon::Plus, Command::Sites(sites::Command::Add));
        offer("Settings", Icon::Settings, Command::Settings);
        offer("Light theme", Icon::Sun, Command::Theme(ThemeChoice::Light));
        offer("Dark theme", Icon::Moon, Command::Theme(ThemeChoice::Dark));
        offer("Theme of the system", Icon::Monitor, Command::Theme(ThemeChoice::System));
        for listed in self.sites.sites() {
            let words = format!("Open {}", listed.name());
            offer(&words, Icon::Plug, Command::Sites(sites::Command::Open(listed.path.clone())));
        }
        offers
    }
}

/// A command for the list of people.
pub fn list(command: people::Command) -> Command {
    Command::People(people::panel::Ask::List(command))
}
