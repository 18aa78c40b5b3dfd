//! The People page, drawn: head, filters, list and person. Starts nothing; what is asked goes to `out`.
//!
//! | file | what it draws |
//! | --- | --- |
//! | `list.rs`, `contact_sheet.rs` | the people shown, in two layouts |
//! | `foot.rs` | what is to be said of the list: how far, cut, failed, hosts to allow |
//! | `person.rs`, `places.rs`, `exchange.rs`, `entry.rs` | the person selected |
//! | `viewer.rs` | a picture, large |
//! | `set_url.rs`, `export.rs` | dialogs |

pub mod contact_sheet;
mod entry;
mod exchange;
pub mod export;
mod foot;
pub mod list;
pub mod person;
mod places;
pub mod set_url;
pub mod viewer;

use egui::{Align, Id, Key, Layout as Lay, Modifiers, Rect, Ui, UiBuilder, pos2, vec2};

use self::{
    contact_sheet::ContactSheet,
    list::{Columns, ListPanel, MARGIN},
    person::{PersonCommand, PersonPanel},
    viewer::ViewerPanel,
};
use super::{
    list::{Chip, Mark},
    state::{Command, Layout, State, Status},
};
use crate::ui::{
    Elide, Icon, Look as _, Text, Type, format, paint, size, text,
    widgets::{self, Button, EmptyAnswer, EmptyState, Field},
};

/// The person's width at first, in a wide window, and its bounds.
const PERSON: f32 = 520.0;
const PERSON_WIDE: f32 = 720.0;
const PERSON_LEAST: f32 = 400.0;
const LIST_LEAST: f32 = 400.0;

/// What is asked for on the People page.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Of the list.
    List(Command),
    /// About the person selected.
    Person(PersonCommand),
    /// The export dialog.
    Export,
}

/// What is half typed and unfolded; what is true is in [`State`].
#[derive(Default)]
pub struct Panel {
    /// The list's columns, for the settings.
    pub list: ListPanel,
    /// The person's width where it was moved, for the settings.
    pub person_width: Option<f32>,
    sheet: ContactSheet,
    person: PersonPanel,
    viewer: Option<ViewerPanel>,
    search: String,
    narrower: Option<String>,
}

/// The search field, to ask for its focus (Ctrl+F).
pub fn search_id() -> Id {
    Id::unique("search people")
}

impl Panel {
    /// Draws the page over all that is left of `ui`.
    pub fn ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Ask>) {
        let area = ui.available_rect_before_wrap();
        let t = ui.tokens();
        ui.painter().rect_filled(area, 0, t.bg_page);
        let mut top = area.top();
        let mut next = |height: f32| {
            let rect = Rect::from_min_size(pos2(area.left(), top), vec2(area.width(), height));
            top += height;
            rect
        };
        let head = next(size::PAGE_HEAD);
        let chips = next(size::FILTER_ROW);
        self.head_ui(&mut row(ui, head.shrink2(vec2(MARGIN, 0.0)), Lay::left_to_right(Align::Center)), state, out);
        self.chips_ui(&mut row(ui, chips.shrink2(vec2(MARGIN, 0.0)), Lay::left_to_right(Align::Min)), state, out);
        if self.narrower.is_some() || state.narrower().is_some() {
            let height = if state.narrower_problem().is_some() { 64.0 } else { size::FILTER_ROW };
            let place = next(height).shrink2(vec2(MARGIN, 0.0));
            self.narrower_ui(&mut row(ui, place, Lay::left_to_right(Align::Min)), state, out);
        }
        paint::hline(ui.painter(), area.x_range(), top - 0.5, t.border_default);
        self.areas_ui(ui, Rect::from_min_max(pos2(area.left(), top), area.max), state, out);
        self.viewer_ui(ui, state, out);
    }

    fn head_ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Ask>) {
        ui.add(Text::new("People").style(Type::Heading));
        let muted = ui.tokens().text_muted;
        let rest = ui.available_rect_before_wrap();
        let mut right = row(ui, rest, Lay::right_to_left(Align::Center));
        let narrow = right.ctx().content_rect().width() < size::NARROWEST;
        let export = if narrow {
            Button::icon_only(Icon::Download, "Export the list…")
        } else {
            Button::quiet("Export…").icon(Icon::Download).hint("Write the people shown to a CSV, JSON or LDIF file")
        };
        let nobody = state.rows().is_empty().then_some("Nobody is shown");
        if right.add(export.disabled_if(nobody)).clicked() {
            out.push(Ask::Export);
        }
        let (icon, name, other) = match state.layout() {
            Layout::Table => (Icon::Images, "Show as a contact sheet", Layout::ContactSheet),
            Layout::ContactSheet => (Icon::List, "Show as a list", Layout::Table),
        };
        if right.add(Button::icon_only(icon, name)).clicked() {
            out.push(Ask::List(Command::Layout(other)));
        }
        self.search_ui(&mut right, state, out);
        let left = Rect::from_min_max(rest.min, pos2(right.min_rect().left() - 12.0, rest.bottom()));
        row(ui, left, Lay::left_to_right(Align::Center)).add(Text::new(count_words(state)).color(muted));
    }

    fn search_ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Ask>) {
        if !ui.memory(|memory| memory.has_focus(search_id())) && self.search != state.search() {
            state.search().clone_into(&mut self.search);
        }
        let width = if ui.ctx().content_rect().width() < size::NARROWEST { 200.0 } else { 264.0 };
        let placeholder = match state.status() {
            Status::Filling { .. } => format!("Search the {} here", format::count(state.people().len())),
            _ => "Search name, mail, uid".to_owned(),
        };
        let field = Field::search("Search people", &mut self.search).id(search_id()).placeholder(placeholder);
        let response = ui.add(field.key("Ctrl F").width(width));
        if response.changed() {
            out.push(Ask::List(Command::Search(self.search.clone())));
        }
        if response.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowDown)) {
            ui.memory_mut(|memory| memory.request_focus(list::list_id()));
        }
    }

    fn chips_ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Ask>) {
        ui.spacing_mut().item_spacing.x = 6.0;
        let whole = ui.available_rect_before_wrap();
        let mut right = row(ui, whole, Lay::right_to_left(Align::Min));
        self.chips_right_ui(&mut right, state, out);
        let room = Rect::from_min_max(whole.min, pos2(right.min_rect().left() - 12.0, whole.bottom()));
        let mut left = row(ui, room, Lay::left_to_right(Align::Min));
        let chips = CHIPS.iter().filter(|(chip, _)| {
            // A fault that nobody has is not worth a chip; the first two always stand.
            matches!(chip, Chip::All | Chip::Only(Mark::NoUrl)) || state.count(*chip) > 0 || state.chip() == *chip
        });
        let mut folded = Vec::new();
        for (chip, label) in chips {
            let on = state.chip() == *chip;
            if left.available_width() < 140.0 && !on {
                folded.push((*chip, *label));
                continue;
            }
            let widget = widgets::Chip::new(*label).count(state.count(*chip)).on(on);
            if left.add(widget).clicked() {
                out.push(Ask::List(Command::Chip(if on { Chip::All } else { *chip })));
            }
        }
        if !folded.is_empty() {
            let more = left.add(Button::new(format!("{} more", folded.len())).icon(Icon::Ellipsis).small());
            widgets::menu_ui(&more, 200.0, |ui| {
                for (chip, label) in &folded {
                    let words = format!("{label}  {}", format::count(state.count(*chip)));
                    if widgets::item_ui(ui, None, &words, None).clicked() {
                        out.push(Ask::List(Command::Chip(*chip)));
                    }
                }
            });
        }
    }

    fn chips_right_ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Ask>) {
        let more = ui.add(Button::icon_only(Icon::Settings2, "Columns and filter").small());
        widgets::menu_ui(&more, 220.0, |ui| {
            for column in Columns::OPTIONAL {
                let Some(shown) = self.list.columns.shown(column) else { continue };
                let icon = shown.on.then_some(Icon::Check);
                if widgets::item_ui(ui, icon, list::label(column), None).clicked() {
                    shown.on = !shown.on;
                }
            }
            widgets::menu_line_ui(ui);
            if widgets::item_ui(ui, Some(Icon::Braces), "Filter the directory…", None).clicked() {
                self.narrower = Some(state.narrower().unwrap_or_default().to_owned());
            }
        });
        let muted = ui.tokens().text_muted;
        let unchecked = state.unchecked();
        if state.checking().is_some() {
            if ui.add(Button::quiet("Stop checking").icon(Icon::X).small()).clicked() {
                out.push(Ask::List(Command::StopChecking));
            }
        } else if unchecked > 0 && state.not_allowed().next().is_none_or(|(_, count)| count < unchecked) {
            let words = format!("Check {}", format::counted(unchecked, "photo", "photos"));
            let button = Button::quiet(words).icon(Icon::ScanSearch).small();
            if ui.add(button.hint("Fetch and judge the photo of everybody who was not looked at yet")).clicked() {
                out.push(Ask::List(Command::CheckAll));
            }
        } else if !state.people().is_empty() && unchecked == 0 {
            ui.add(Text::new("All photos checked").style(Type::Small).color(muted));
        }
    }

    /// A real LDAP filter, its mistake marked at its place.
    fn narrower_ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Ask>) {
        let mut typed = self.narrower.clone().unwrap_or_else(|| state.narrower().unwrap_or_default().to_owned());
        let left = ui.cursor().left();
        let width = ui.available_width() - 170.0;
        let problem = state.narrower_problem();
        let sentence = problem.map(|(at, why)| format!("Character {}: {why}", at + 1));
        let field = Field::new("LDAP filter", &mut typed).icon(Icon::Braces).mono().width(width);
        let response = ui.add(field.placeholder("(&(department=Sales)(!(photoURL=*)))").wrong(sentence));
        if let Some((at, _)) = problem {
            let before: String = typed.chars().take(at).collect();
            let t = ui.tokens();
            let galley = text::galley(ui.ctx(), &before, Type::Mono, t.bad.text, f32::INFINITY, Elide::End);
            let x = (left + 30.0 + galley.size().x).min(left + width - 10.0);
            let mark = Rect::from_min_size(pos2(x, response.rect.bottom() - 1.0), vec2(7.0, 2.0));
            ui.painter().rect_filled(mark, 0, t.bad.solid);
        }
        let enter = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let apply = ui.add(Button::new("Filter")).clicked() || enter;
        self.narrower = Some(typed);
        if apply {
            let wanted = self.narrower.clone().filter(|filter| !filter.trim().is_empty());
            out.push(Ask::List(Command::Narrow(wanted)));
        }
        if ui.add(Button::quiet("Remove filter")).clicked() {
            self.narrower = None;
            out.push(Ask::List(Command::Narrow(None)));
        }
    }

    fn areas_ui(&mut self, ui: &mut Ui, area: Rect, state: &State, out: &mut Vec<Ask>) {
        let most = (area.width() - LIST_LEAST).max(PERSON_LEAST);
        let usual = if area.width() > 1500.0 { PERSON_WIDE } else { PERSON };
        let mut width = self.person_width.unwrap_or(usual).clamp(PERSON_LEAST.min(most), most);
        let line = area.right() - width;
        let list = Rect::from_min_max(area.min, pos2(line, area.bottom()));
        self.list_area_ui(&mut row(ui, list, Lay::top_down(Align::Min)), state, out);
        let person = Rect::from_min_max(pos2(line + 1.0, area.top()), area.max);
        self.person_area_ui(&mut row(ui, person, Lay::top_down(Align::Min)), state, out);
        let handle = Rect::from_min_max(pos2(line, area.top()), pos2(line + 1.0, area.bottom()));
        let range = PERSON_LEAST.min(most)..=most;
        if widgets::splitter_ui(ui, Id::unique("list and person"), handle, &mut width, range, usual).changed() {
            self.person_width = Some(width);
        }
    }

    fn list_area_ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Ask>) {
        let area = ui.available_rect_before_wrap();
        ui.set_clip_rect(area.intersect(ui.clip_rect()));
        ui.painter().rect_filled(area, 0, ui.tokens().bg_card);
        let mut asked = Vec::new();
        let foot = foot::ui(ui, area, state, &mut asked);
        let above = foot::problem_ui(ui, area, state, &mut asked);
        let rest = Rect::from_min_max(pos2(area.left(), above), pos2(area.right(), foot));
        let mut rest_ui = row(ui, rest, Lay::top_down(Align::Min));
        rest_ui.set_clip_rect(rest.intersect(ui.clip_rect()));
        let filling = matches!(state.status(), Status::Filling { .. });
        if state.rows().is_empty() && !filling {
            if !matches!(state.status(), Status::Failed(_)) || !state.people().is_empty() {
                nobody_ui(&mut rest_ui, state, &mut asked);
            }
        } else if state.layout() == Layout::ContactSheet {
            self.sheet.ui(&mut rest_ui, state, &mut asked);
        } else {
            self.list.ui(&mut rest_ui, state, &mut asked);
        }
        out.extend(asked.into_iter().map(Ask::List));
    }

    fn person_area_ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Ask>) {
        let area = ui.available_rect_before_wrap();
        ui.set_clip_rect(area.intersect(ui.clip_rect()));
        let Some(person) = state.person() else {
            if !state.people().is_empty() {
                EmptyState::new(Icon::Users, "Nobody is selected")
                    .sentence("Choose a person to see their photos.")
                    .show(ui);
            }
            return;
        };
        let mut asked = Vec::new();
        self.person.ui(ui, person, &mut asked);
        for command in asked {
            match command {
                PersonCommand::OpenViewer(place) => self.viewer = Some(ViewerPanel::open(place)),
                other => out.push(Ask::Person(other)),
            }
        }
    }

    fn viewer_ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Ask>) {
        let (Some(viewer), Some(person)) = (&mut self.viewer, state.person()) else { return };
        let mut asked = Vec::new();
        let open = viewer.ui(ui, person, &mut asked);
        if !open {
            self.viewer = None;
        }
        out.extend(asked.into_iter().map(Ask::Person));
    }
}

/// The chips, in their order.
const CHIPS: [(Chip, &str); 7] = [
    (Chip::All, "All"),
    (Chip::Only(Mark::NoUrl), "No photo URL"),
    (Chip::Only(Mark::Broken), "Broken"),
    (Chip::Only(Mark::WrongCase), "Wrong case"),
    (Chip::Only(Mark::TooLarge), "Too large"),
    (Chip::Only(Mark::WrongType), "Wrong type"),
    (Chip::Only(Mark::Weak), "Weak"),
];

/// What is left of `ui` inside `rect`, laid out so.
fn row(ui: &mut Ui, rect: Rect, layout: Lay) -> Ui {
    ui.new_child(UiBuilder::new().max_rect(rect).layout(layout))
}

/// `412 under ou=People`, `187 so far`, `12 of 412`.
fn count_words(state: &State) -> String {
    let all = format::count(state.people().len());
    let under = state.asked().and_then(|asked| asked.base.parts().first().map(|part| (*part).to_owned()));
    match (state.status(), under) {
        (Status::Filling { .. }, _) => format!("{all} so far"),
        (Status::Failed(_), _) if state.people().is_empty() => String::new(),
        _ if state.rows().len() != state.people().len() => format!("{} of {all}", format::count(state.rows().len())),
        (_, Some(under)) => format!("{all} under {under}"),
        (_, None) => all,
    }
}

/// Says which filter leaves nobody, and offers the way out.
fn nobody_ui(ui: &mut Ui, state: &State, out: &mut Vec<Command>) {
    if state.people().is_empty() {
        let sentence = match state.asked() {
            Some(asked) => format!("The filter {} matches no entry below {}.", asked.filter, asked.base),
            None => "The directory was not asked yet.".to_owned(),
        };
        let empty = EmptyState::new(Icon::Users, "No people here").sentence(sentence).button("Read again");
        if empty.show(ui).is_some() {
            out.push(Command::Reload);
        }
        return;
    }
    let label = CHIPS.iter().find(|(chip, _)| *chip == state.chip()).map_or("", |(_, label)| label).to_lowercase();
    let typed = text::quoted(state.search().trim());
    let (heading, sentence) = match (state.search().trim().is_empty(), state.chip() == Chip::All) {
        (false, true) => (format!("Nobody goes by {typed}"), "Name, mail address and account are searched.".to_owned()),
        (false, false) => {
            let others = format::counted(state.rows_without_chip(), "person matches", "people match");
            (format!("Nobody with {typed} is under “{label}”"), format!("{others} the words alone."))
        }
        (true, _) => {
            (format!("Nobody is under “{label}”"), "That is good news, once all photos were checked.".to_owned())
        }
    };
    let mut empty = EmptyState::new(Icon::SearchX, heading).sentence(sentence);
    if state.chip() != Chip::All {
        empty = empty.button(if state.search().is_empty() { "Show all" } else { "Show them" });
    }
    if !state.search().is_empty() {
        empty = empty.second("Clear search");
    }
    match empty.show(ui) {
        Some(EmptyAnswer::First) => out.push(Command::Chip(Chip::All)),
        Some(EmptyAnswer::Second) => out.push(Command::Search(String::new())),
        None => {}
    }
}
