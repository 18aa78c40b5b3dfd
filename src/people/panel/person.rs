//! One person, drawn: who it is, what is wrong, where the photo is, and the whole entry. See `people/person.rs`.
//!
//! The table of places is in `places.rs`, what a place opens to in `exchange.rs`, the entry in `entry.rs`.

use egui::{Align, Layout, Margin, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::{
    super::{
        export::entry_as_ldif,
        person::{Headline, Mend, Person},
        places::{PlaceId, PlaceKind},
    },
    entry::{self, EntryPanel},
    places::{self, PlacesPanel, level, small_ui, thumbnail_texture},
};
use crate::{
    model::Problem,
    ui::{
        Elide, Icon, Level, Look as _, Text, Type, format, size,
        widgets::{
            Badge, Button, Empty, Photo, ProblemAnswer, ProblemCard, card_ui, copy_button_ui, item_ui, menu_line_ui,
            menu_ui,
        },
    },
};

/// What is half typed and unfolded; what is true is in [`Person`].
#[derive(Default)]
pub struct PersonPanel {
    places: PlacesPanel,
    entry: EntryPanel,
}

/// What the administrator asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonCommand {
    /// Set the photo URL, beginning with this address where a better one is known.
    SetPhotoUrl(Option<String>),
    /// Remove the photo URL.
    RemovePhotoUrl,
    /// Allow photos from this host, as `host` or `host:port`.
    AllowHost(String),
    /// Read everything again.
    Refresh,
    /// Put this text on the clipboard.
    CopyText(String),
    /// Show the picture of this place large.
    OpenViewer(PlaceId),
    /// Open this address in the system's browser. It begins with `http://` or `https://`.
    OpenUrl(String),
}

impl PersonPanel {
    /// Draws `person` over all that is left of `ui`; what is asked for goes to `out`.
    pub fn ui(&mut self, ui: &mut Ui, person: &Person, out: &mut Vec<PersonCommand>) {
        let area = ScrollArea::vertical().id_salt(("person", person.who().dn.as_str())).auto_shrink([false, false]);
        area.show(ui, |ui| {
            egui::Frame::new().inner_margin(Margin { left: 16, right: 16, top: 16, bottom: 24 }).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = 6.0;
                header_ui(ui, person, out);
                if let Some(problem) = person.problem() {
                    ui.add_space(8.0);
                    problem_ui(ui, problem, out);
                }
                if let Some(headline) = person.headline() {
                    ui.add_space(8.0);
                    headline_ui(ui, headline, out);
                }
                staleness_ui(ui, person);
                self.body_ui(ui, person, out);
            });
        });
    }

    fn body_ui(&mut self, ui: &mut Ui, person: &Person, out: &mut Vec<PersonCommand>) {
        if person.entry().is_none() {
            if person.is_reading() {
                section_ui(ui, "Where the photo is", "Reading the entry…");
                places::skeleton_ui(ui, 5);
                section_ui(ui, "Directory entry", "");
                entry::skeleton_ui(ui, 9);
            }
            return;
        }
        section_ui(ui, "Where the photo is", &summary(person));
        self.places.ui(ui, person, out);
        rules_ui(ui, person);
        ui.add_space(14.0);
        self.entry.ui(ui, person, out);
    }
}

/// `6 places, 2 pictures`
fn summary(person: &Person) -> String {
    let places = format::counted(person.places().len(), "place", "places");
    let pictures = match person.pictures() {
        0 => "no picture".to_owned(),
        number => format::counted(number, "picture", "pictures"),
    };
    let busy = if person.is_busy() { " · looking…" } else { "" };
    format!("{places}, {pictures}{busy}")
}

/// Egui makes rows as high as its buttons; words alone stand closer.
fn section_ui(ui: &mut Ui, heading: &str, quiet: &str) {
    let muted = ui.tokens().text_muted;
    ui.add_space(12.0);
    ui.spacing_mut().interact_size.y = 18.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.add(Text::new(heading).style(Type::Section));
        ui.add(Text::new(quiet).style(Type::Small).color(muted));
    });
    ui.add_space(2.0);
}

/// Portrait, name, mail, DN; what can be done at the right.
fn header_ui(ui: &mut Ui, person: &Person, out: &mut Vec<PersonCommand>) {
    let who = person.who();
    let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), size::PORTRAIT_PERSON), egui::Sense::hover());
    let name = if who.name.is_empty() { "No name" } else { who.name.as_str() };
    let mut left = ui.new_child(UiBuilder::new().max_rect(whole).layout(Layout::left_to_right(Align::Min)));
    portrait_ui(&mut left, person, name, out);
    let right = actions_ui(ui, whole, person, out);
    let first = Rect::from_min_max(pos2(whole.left() + 74.0, whole.top()), pos2(right - 8.0, whole.top() + 26.0));
    let mut words = ui.new_child(UiBuilder::new().max_rect(first).layout(Layout::left_to_right(Align::Center)));
    words.add(Text::new(name).style(Type::Title));
    let below = Rect::from_min_max(pos2(first.left(), whole.top() + 26.0), whole.max);
    let mut words = ui.new_child(UiBuilder::new().max_rect(below).layout(Layout::top_down(Align::Min)));
    words.spacing_mut().item_spacing.y = 0.0;
    let color = words.tokens().text_secondary;
    if who.mail.is_empty() && person.entry().is_none() {
        words.add_space(18.0);
    } else if who.mail.is_empty() {
        let muted = words.tokens().text_muted;
        words.add(Text::new("No mail address").style(Type::Body).color(muted));
    } else {
        copied_ui(&mut words, "mail", &who.mail, Text::new(who.mail.as_str()).style(Type::Body).color(color));
    }
    let dn = Text::new(who.dn.as_str()).style(Type::MicroMono).color(color).elide(Elide::Middle);
    copied_ui(&mut words, "distinguished name", who.dn.as_str(), dn);
}

fn copied_ui(ui: &mut Ui, name: &str, value: &str, shown: Text<'_>) {
    ui.spacing_mut().interact_size.y = 16.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let room = (ui.available_width() - 24.0).max(40.0);
        ui.add(shown.width(room));
        copy_button_ui(ui, name, value);
    });
}

fn portrait_ui(ui: &mut Ui, person: &Person, name: &str, out: &mut Vec<PersonCommand>) {
    let side = size::PORTRAIT_PERSON;
    let label = format!("Photo of {name}");
    let Some((place, picture)) = person.portrait().and_then(|place| Some((place, place.thumbnail.as_ref()?))) else {
        let empty = if person.is_busy() { Empty::Waiting } else { Empty::Person };
        ui.add(Photo::new(&label, side).empty(empty));
        return;
    };
    let texture = thumbnail_texture(ui, person, place, picture);
    let photo = ui.add(Photo::new(&label, side).texture(texture).clickable());
    if photo.on_hover_text(format!("From {}. Show large.", place.id.label())).clicked() {
        out.push(PersonCommand::OpenViewer(place.id));
    }
}

/// The buttons at the right of the header; gives their left edge.
fn actions_ui(ui: &mut Ui, whole: Rect, person: &Person, out: &mut Vec<PersonCommand>) -> f32 {
    let area = Rect::from_min_max(whole.min, pos2(whole.right(), whole.top() + size::CONTROL));
    let mut row = ui.new_child(UiBuilder::new().max_rect(area).layout(Layout::right_to_left(Align::Center)));
    row.spacing_mut().item_spacing.x = 4.0;
    let button = row.add(Button::icon_only(Icon::Ellipsis, "More"));
    menu_ui(&button, 210.0, |ui| menu_rows_ui(ui, person, out));
    let in_card = person.headline().is_some_and(|headline| matches!(headline.mend, Some(Mend::SetPhotoUrl(_))));
    if !in_card && person.entry().is_some() && row.add(Button::new("Set photo URL…")).clicked() {
        out.push(PersonCommand::SetPhotoUrl(None));
    }
    row.min_rect().left()
}

fn menu_rows_ui(ui: &mut Ui, person: &Person, out: &mut Vec<PersonCommand>) {
    let who = person.who();
    if item_ui(ui, Some(Icon::Link), "Set photo URL…", None).clicked() {
        out.push(PersonCommand::SetPhotoUrl(None));
    }
    let set = person.place(PlaceId::of(PlaceKind::PhotoUrl)).is_some_and(|place| place.url().is_some());
    ui.add_enabled_ui(set, |ui| {
        if item_ui(ui, None, "Remove photo URL…", None).clicked() {
            out.push(PersonCommand::RemovePhotoUrl);
        }
    });
    menu_line_ui(ui);
    let ldif = person.entry().map(entry_as_ldif);
    let copies = [
        ("Copy name", Some(who.name.clone())),
        ("Copy mail", Some(who.mail.clone())),
        ("Copy distinguished name", Some(who.dn.as_str().to_owned())),
        ("Copy entry as LDIF", ldif),
    ];
    for (label, value) in copies {
        let value = value.filter(|value| !value.is_empty());
        ui.add_enabled_ui(value.is_some(), |ui| {
            if item_ui(ui, Some(Icon::Copy), label, None).clicked()
                && let Some(value) = value
            {
                out.push(PersonCommand::CopyText(value));
            }
        });
    }
    menu_line_ui(ui);
    if item_ui(ui, Some(Icon::RefreshCw), "Read again", Some("F5")).clicked() {
        out.push(PersonCommand::Refresh);
    }
}

/// The entry could not be read.
fn problem_ui(ui: &mut Ui, problem: &Problem, out: &mut Vec<PersonCommand>) {
    let card = ProblemCard::new(Level::Bad, format!("{}.", capitalised(&problem.what)))
        .icon(Icon::PlugZap)
        .reason(problem.hint.as_deref().unwrap_or_default())
        .mend("Try again")
        .copy_details();
    match card.show(ui) {
        Some(ProblemAnswer::Mend) => out.push(PersonCommand::Refresh),
        Some(ProblemAnswer::CopyDetails) => {
            let details = problem.details.as_deref().map(|details| format!("\n{details}")).unwrap_or_default();
            out.push(PersonCommand::CopyText(format!("{problem}{details}")));
        }
        Some(ProblemAnswer::Other) | None => {}
    }
}

/// A sentence's first letter, unless its first word is a name: of a host or an entry.
fn capitalised(sentence: &str) -> String {
    let word = sentence.split(' ').next().unwrap_or_default();
    match sentence.get(1..) {
        Some(rest) if word.chars().all(|letter| letter.is_ascii_lowercase()) => {
            format!("{}{rest}", sentence.get(..1).unwrap_or_default().to_ascii_uppercase())
        }
        _ => sentence.to_owned(),
    }
}

/// The one worst thing, with the mend that fits.
fn headline_ui(ui: &mut Ui, headline: &Headline, out: &mut Vec<PersonCommand>) {
    let (label, command) = match &headline.mend {
        Some(Mend::SetPhotoUrl(better)) => {
            (Some("Set photo URL…".to_owned()), PersonCommand::SetPhotoUrl(better.clone()))
        }
        Some(Mend::AllowHost(host)) => (Some(format!("Allow {host}")), PersonCommand::AllowHost(host.clone())),
        Some(Mend::Refresh) => (Some("Look again".to_owned()), PersonCommand::Refresh),
        None => (None, PersonCommand::Refresh),
    };
    let mut card =
        ProblemCard::new(level(headline.level), format!("{}.", headline.sentence)).reason(headline.reason.as_str());
    if headline.about_case {
        card = card.icon(Icon::CaseSensitive);
    }
    if let Some(label) = label {
        card = card.mend(label);
    }
    if card.show(ui) == Some(ProblemAnswer::Mend) {
        out.push(command);
    }
}

/// After a change: who may see the old photo, and for how long.
fn staleness_ui(ui: &mut Ui, person: &Person) {
    let stale = person.staleness();
    if stale.is_empty() {
        return;
    }
    let t = ui.tokens();
    ui.add_space(8.0);
    card_ui(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.add(Text::new("Clients may show the old photo for a while").style(Type::Section));
        for one in stale {
            ui.add_space(2.0);
            ui.spacing_mut().item_spacing.y = 1.0;
            let words = format!("{}: {}", one.who, one.how_long);
            ui.add(Text::new(words).style(Type::SmallMedium).elide(Elide::Wrap));
            small_ui(ui, &one.why);
            ui.add(Text::new(one.source).style(Type::Micro).color(t.text_muted).elide(Elide::Wrap));
        }
    });
}

/// How the photo at the photo URL stands by the clients' rules.
fn rules_ui(ui: &mut Ui, person: &Person) {
    let Some(place) = person.place(PlaceId::of(PlaceKind::PhotoUrl)).filter(|place| !place.badges().is_empty()) else {
        return;
    };
    section_ui(ui, "What clients ask of a photo", "at the photo URL");
    ui.spacing_mut().interact_size.y = size::BADGE;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        for badge in place.badges() {
            let hint = format!("{}.\n{}", badge.reason, badge.source);
            ui.add(Badge::new(level(badge.level), badge.word.as_str()).hint(hint));
        }
    });
}
