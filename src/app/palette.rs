//! Ctrl+K: people by name and every command, found by a few letters, without the mouse.

use eframe::egui::{self, Align, Id, Key, Layout, Modal, Modifiers, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::{
    App,
    command::{Command, Offer},
};
use crate::{
    model::Dn,
    people::{
        panel::list::{portrait_of, shown_name},
        query::{Search, fold},
    },
    ui::{
        Elide, Look as _, Text, Tokens, Type, paint, radius, size, text,
        widgets::{Field, KeyCap},
    },
};

/// People and commands shown at most; together nine rows.
const PEOPLE: usize = 5;
const ROWS: usize = 9;
const WIDTH: f32 = 560.0;

/// What is typed and which row is chosen.
#[derive(Default)]
pub struct Palette {
    typed: String,
    chosen: usize,
    found: Option<(String, Vec<u32>)>,
}

/// What the palette asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// This was typed.
    Typed(String),
    /// This row was pointed at or moved to.
    Choose(usize),
    /// Do this, and close.
    Do(Box<Command>),
    /// Do these one after the other, and close.
    Both(Box<Command>, Box<Command>),
}

enum Row<'a> {
    Person(u32),
    Offer(&'a Offer),
}

impl App {
    pub(super) fn route_palette(&mut self, ctx: &egui::Context, ask: Ask) {
        match ask {
            Ask::Typed(typed) => {
                let found = self.find_people(&typed);
                if let Some(open) = &self.open {
                    open.people.look_also_at(&found);
                }
                self.palette = Some(Palette { chosen: 0, found: Some((typed.clone(), found)), typed });
            }
            Ask::Choose(row) => {
                if let Some(palette) = &mut self.palette {
                    palette.chosen = row;
                }
            }
            Ask::Do(command) => {
                self.palette = None;
                self.route(ctx, *command);
            }
            Ask::Both(first, second) => {
                self.palette = None;
                self.route(ctx, *first);
                self.commands.push(*second);
            }
        }
    }

    /// The first people whose name holds what was typed: those that begin with it first.
    fn find_people(&self, typed: &str) -> Vec<u32> {
        let (Some(open), false) = (&self.open, typed.trim().is_empty()) else { return Vec::new() };
        open.people.people().find_names(&Search::new(typed), &fold(typed.trim()), PEOPLE)
    }

    /// Draws the palette over the window.
    pub(super) fn palette_ui(&self, ui: &mut Ui, out: &mut Vec<Command>) {
        let Some(palette) = &self.palette else { return };
        let ctx = ui.ctx().clone();
        let t = ctx.tokens();
        let offers = self.offers(&ctx);
        let rows = rows_of(palette, &offers);
        let (mut typed, mut chosen) = (palette.typed.clone(), palette.chosen.min(rows.len().saturating_sub(1)));
        keys(&ctx, rows.len(), &mut chosen);
        if chosen != palette.chosen {
            out.push(Command::InPalette(Ask::Choose(chosen)));
        }
        let frame = egui::Frame::new().fill(t.bg_popup).stroke(Tokens::line(t.border_default));
        let frame = frame.corner_radius(radius::DIALOG).shadow(ctx.style_of(ctx.theme()).visuals.window_shadow);
        let id = Id::unique("palette");
        let width = WIDTH.min(ctx.content_rect().width() - 48.0);
        let area = Modal::default_area(id).anchor(egui::Align2::CENTER_TOP, vec2(0.0, 96.0));
        let modal = Modal::new(id).area(area).backdrop_color(t.scrim).frame(frame).show(&ctx, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            let field = Field::search("Search people and commands", &mut typed).bare().id(id.with("field"));
            let response = ui.add(field.placeholder("Search people and commands"));
            if !response.has_focus() {
                response.request_focus();
            }
            line_ui(ui, t);
            self.rows_ui(ui, palette, &rows, chosen, out);
            line_ui(ui, t);
            foot_ui(ui);
        });
        if typed != palette.typed {
            out.push(Command::InPalette(Ask::Typed(typed)));
        }
        if modal.should_close() {
            out.push(Command::Palette);
        }
    }

    fn rows_ui(&self, ui: &mut Ui, palette: &Palette, rows: &[Row<'_>], chosen: usize, out: &mut Vec<Command>) {
        // By the key's own modifiers: on a slow display Ctrl may be up again before the frame is drawn.
        let (with_command, alone) = ui.input_mut(|input| {
            (input.consume_key(Modifiers::COMMAND, Key::Enter), input.consume_key(Modifiers::NONE, Key::Enter))
        });
        let enter = with_command || alone;
        ScrollArea::vertical().max_height(400.0).show(ui, |ui| {
            ui.add_space(6.0);
            let mut before = None;
            for (at, row) in rows.iter().enumerate() {
                let group = if matches!(row, Row::Person(_)) { "People" } else { "Commands" };
                if before != Some(group) {
                    group_ui(ui, group);
                    before = Some(group);
                }
                let response = self.row_ui(ui, row, &palette.typed, at == chosen);
                if response.hovered() && ui.input(|input| input.pointer.is_moving()) && at != chosen {
                    out.push(Command::InPalette(Ask::Choose(at)));
                }
                let by_key = enter && at == chosen;
                if response.clicked() || by_key {
                    out.push(Command::InPalette(self.ask_of(row, by_key && with_command)));
                }
            }
            if rows.is_empty() {
                let muted = ui.tokens().text_muted;
                ui.horizontal(|ui| {
                    ui.add_space(18.0);
                    ui.add(Text::new("Nothing goes by these words").color(muted));
                });
            }
            ui.add_space(6.0);
        });
    }

    fn ask_of(&self, row: &Row<'_>, set_photo_url: bool) -> Ask {
        match row {
            Row::Offer(offer) => Ask::Do(Box::new(offer.command.clone())),
            Row::Person(index) => {
                let dn = self.open.as_ref().map(|open| Dn::new(open.people.row(*index).dn)).unwrap_or_default();
                let person = Box::new(Command::OpenPerson(dn));
                if set_photo_url { Ask::Both(person, Box::new(Command::SetPhotoUrl(None))) } else { Ask::Do(person) }
            }
        }
    }

    fn row_ui(&self, ui: &mut Ui, row: &Row<'_>, typed: &str, chosen: bool) -> egui::Response {
        let t = ui.tokens();
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), size::ROW_PEOPLE), egui::Sense::click());
        let inner = rect.shrink2(vec2(6.0, 0.0));
        if chosen {
            ui.painter().rect_filled(inner, radius::CONTROL, t.select_row);
        }
        let icon = paint::square(pos2(inner.left() + 23.0, inner.center().y), size::PORTRAIT_LIST);
        let words = Rect::from_min_max(pos2(inner.left() + 44.0, inner.top()), inner.max - vec2(12.0, 0.0));
        let (name, quiet, key) = match row {
            Row::Person(index) => {
                let Some(open) = &self.open else { return response };
                let person = open.people.row(*index);
                let name = shown_name(&person);
                let photo = portrait_of(ui, &open.people, *index, name, size::PORTRAIT_LIST);
                ui.new_child(UiBuilder::new().max_rect(icon)).add(photo);
                (name.to_owned(), person.mail.to_owned(), None)
            }
            Row::Offer(offer) => {
                paint::icon(ui.painter(), icon.center(), offer.icon, 16.0, t.text_secondary);
                (offer.words.clone(), String::new(), offer.key.as_deref())
            }
        };
        response
            .widget_info(|| egui::WidgetInfo::selected(egui::Role::ListBoxOption, true, chosen, text::clean(&name)));
        let mut right = ui.new_child(UiBuilder::new().max_rect(words).layout(Layout::right_to_left(Align::Center)));
        if let Some(key) = key {
            right.add(KeyCap::new(key));
        }
        let mut left = ui.new_child(UiBuilder::new().max_rect(words).layout(Layout::left_to_right(Align::Center)));
        left.spacing_mut().item_spacing.x = 10.0;
        let galley = matched(&left, &name, typed, t);
        let (place, _) = left.allocate_exact_size(galley.size(), egui::Sense::hover());
        paint::galley_at(left.painter(), place.left(), inner.center().y, galley, t.text_primary);
        left.add(Text::new(quiet).style(Type::Small).color(t.text_muted).elide(Elide::End));
        response
    }
}

/// People first, then commands whose words hold what was typed; all commands while nothing is typed.
fn rows_of<'a>(palette: &Palette, offers: &'a [Offer]) -> Vec<Row<'a>> {
    let search = Search::new(&palette.typed);
    let people = palette.found.as_ref().filter(|(typed, _)| *typed == palette.typed);
    let people = people.map_or(&[][..], |(_, found)| found);
    let commands = offers.iter().filter(|offer| search.matches(&fold(&offer.words)));
    let most = if search.is_empty() { offers.len() } else { ROWS };
    people.iter().map(|index| Row::Person(*index)).chain(commands.map(Row::Offer)).take(most).collect()
}

fn keys(ctx: &egui::Context, rows: usize, chosen: &mut usize) {
    let (down, up) = ctx.input_mut(|input| {
        let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key);
        (count(Key::ArrowDown), count(Key::ArrowUp))
    });
    *chosen = (*chosen + down).saturating_sub(up).min(rows.saturating_sub(1));
}

/// The name, with the letters that were typed in the accent colour where they stand as typed.
fn matched(ui: &Ui, name: &str, typed: &str, t: &Tokens) -> std::sync::Arc<egui::Galley> {
    let lower = name.to_lowercase();
    let wanted = typed.trim().to_lowercase();
    // Marked only where both spellings have the same bytes, so that places in one are places in the other.
    let plain = lower.len() == name.len() && !wanted.is_empty();
    let at = plain.then(|| lower.find(&wanted)).flatten();
    let parts =
        at.and_then(|at| Some((name.get(..at)?, name.get(at..at + wanted.len())?, name.get(at + wanted.len()..)?)));
    let Some((before, hit, after)) = parts else {
        return text::galley(ui.ctx(), name, Type::BodyMedium, t.text_primary, 360.0, Elide::End);
    };
    let mut job = egui::text::LayoutJob::default();
    for (piece, colour) in [(before, t.text_primary), (hit, t.accent_text), (after, t.text_primary)] {
        text::append(&mut job, piece, &Type::BodyMedium.format(colour));
    }
    job.wrap = egui::text::TextWrapping::truncate_at_width(360.0);
    ui.ctx().fonts_mut(|fonts| fonts.layout_job(job))
}

fn group_ui(ui: &mut Ui, words: &str) {
    let muted = ui.tokens().text_muted;
    ui.horizontal(|ui| {
        ui.set_min_height(28.0);
        ui.add_space(18.0);
        ui.add(Text::new(words).style(Type::Small).color(muted));
    });
}

fn line_ui(ui: &mut Ui, t: &Tokens) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), egui::Sense::hover());
    paint::hline(ui.painter(), rect.x_range(), rect.center().y, t.border_default);
}

fn foot_ui(ui: &mut Ui) {
    let muted = ui.tokens().text_muted;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 34.0), egui::Sense::hover());
    let inner = rect.shrink2(vec2(18.0, 0.0));
    let mut left = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
    left.spacing_mut().item_spacing.x = 6.0;
    for (keys, words) in [(&["↑", "↓"][..], "choose"), (&["Enter"], "open"), (&["Ctrl Enter"], "set photo URL")] {
        for key in keys {
            left.add(KeyCap::new(key));
        }
        left.add(Text::new(words).style(Type::Small).color(muted));
        left.add_space(6.0);
    }
    let mut right = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)));
    right.spacing_mut().item_spacing.x = 6.0;
    right.add(Text::new("close").style(Type::Small).color(muted));
    right.add(KeyCap::new("Esc"));
}
