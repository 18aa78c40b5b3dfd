//! The table of places: a row each, which opens to the HTTP exchange, the rules, and the reason.
//!
//! Not here: the picture large (`viewer.rs`).

use std::collections::BTreeSet;

use egui::{Align, Frame, Layout, Margin, Rect, Response, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::{
    super::{
        person::Person,
        places::{Comparison, Place, PlaceId, PlaceKind, Seen, Source},
    },
    exchange,
    person::PersonCommand,
};
use crate::{
    photo::{self, judge::size as size_of_file},
    ui::{
        Elide, Icon, Level, Look as _, Text, Tokens, Type, format, paint, radius, size, text,
        widgets::{Empty, Photo, Pixels, table, texture},
    },
};

/// The width from which a row shows its address.
const WIDE: f32 = 600.0;

/// Which rows are open.
#[derive(Default)]
pub struct PlacesPanel {
    open: BTreeSet<PlaceId>,
}

/// Where the columns of a row end or begin, from its left edge. Narrow rows leave out what the detail says, too.
struct Columns {
    name: f32,
    address: Option<(f32, f32)>,
    pixels: Option<f32>,
    bytes: f32,
    format: Option<f32>,
    word: f32,
}

impl Columns {
    fn of(width: f32) -> Self {
        let word = width - 28.0;
        let (name, bytes) = (44.0, if width < 440.0 { word - 96.0 } else { word - 138.0 });
        // As the design has them at 488; what is more goes to the address.
        let (pixels, format) = if width < 440.0 { (None, None) } else { (Some(word - 208.0), Some(word - 128.0)) };
        let address = (width >= WIDE).then_some((172.0, word - 284.0));
        Self { name, address, pixels, bytes, format, word }
    }
}

impl PlacesPanel {
    /// Draws all rows in one card.
    pub fn ui(&mut self, ui: &mut Ui, person: &Person, out: &mut Vec<PersonCommand>) {
        let t = ui.tokens();
        let frame = Frame::new().fill(t.bg_card).stroke(Tokens::line(t.border_default)).corner_radius(radius::CARD);
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 0.0;
            let last = person.places().last().map(|place| place.id);
            for place in person.places() {
                ui.push_id(place.id, |ui| self.row_ui(ui, person, place, last == Some(place.id), out));
            }
        });
    }

    fn row_ui(&mut self, ui: &mut Ui, person: &Person, place: &Place, last: bool, out: &mut Vec<PersonCommand>) {
        let t = ui.tokens();
        let open = self.open.contains(&place.id);
        let (rect, row) = ui.allocate_exact_size(vec2(ui.available_width(), size::ROW_PLACE), Sense::click());
        let (word, level) = word_of(person, place);
        row.widget_info(|| {
            let name = format!("{}: {word}", place.id.label());
            WidgetInfo::selected(Role::Button, true, open, name)
        });
        if row.hovered() || open {
            let top = if person.places().first().map(|first| first.id) == Some(place.id) { radius::CARD } else { 0 };
            let bottom = if last && !open { radius::CARD } else { 0 };
            let corners = egui::CornerRadius { nw: top, ne: top, sw: bottom, se: bottom };
            ui.painter().rect_filled(rect.shrink(0.5), corners, if row.hovered() { t.bg_hover } else { t.bg_inset });
        }
        if !last || open {
            paint::hline(ui.painter(), rect.x_range(), rect.bottom() - 0.5, t.border_subtle);
        }
        Self::cells(ui, rect, place, (&word, level));
        let chevron = if open { Icon::ChevronDown } else { Icon::ChevronRight };
        paint::icon(ui.painter(), pos2(rect.right() - 14.0, rect.center().y), chevron, 12.0, t.text_muted);
        paint::focus_ring(ui, &row, radius::BADGE);
        if thumbnail_ui(ui, rect, person, place).is_some_and(|thumbnail| thumbnail.clicked()) {
            out.push(PersonCommand::OpenViewer(place.id));
        } else if row.clicked() {
            if open {
                self.open.remove(&place.id)
            } else {
                self.open.insert(place.id)
            };
        }
        if open {
            let margin = Margin { left: 44, right: 12, top: 10, bottom: 12 };
            Frame::new().inner_margin(margin).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = 6.0;
                exchange::detail_ui(ui, person, place, out);
            });
            if !last {
                let line = ui.min_rect();
                paint::hline(ui.painter(), line.x_range(), line.bottom() - 0.5, t.border_subtle);
            }
        }
    }

    fn cells(ui: &Ui, rect: Rect, place: &Place, (word, level): (&str, Option<Level>)) {
        let t = ui.tokens();
        let columns = Columns::of(rect.width());
        let y = rect.center().y;
        let color = match level {
            Some(level @ (Level::Bad | Level::Weak)) => t.verdict(level).text,
            _ => t.text_muted,
        };
        let word_width = if place.found().is_some() { 116.0 } else { rect.width() * 0.5 };
        let word_left = right_aligned(ui, rect.left() + columns.word, y, word, (Type::Small, color), word_width);
        let mut limit = word_left;
        if let Some(found) = place.found() {
            let (right, facts) = (|column: f32| rect.left() + column, found.facts);
            let quiet = (Type::Small, t.text_muted);
            limit = right_aligned(ui, right(columns.bytes), y, &size_of_file(facts.bytes), quiet, 60.0);
            if let Some(column) = columns.pixels {
                let pixels = format::pixels(facts.width, facts.height);
                limit = right_aligned(ui, right(column), y, &pixels, quiet, 90.0);
            }
            if let Some(column) = columns.format {
                let name = text::galley(ui.ctx(), facts.format.name(), Type::Small, t.text_muted, 40.0, Elide::End);
                paint::galley_at(ui.painter(), right(column), y, name, t.text_muted);
            }
        }
        let address = columns.address.map(|(from, to)| (rect.left() + from, (rect.left() + to).min(word_left - 8.0)));
        let name_room = address.map_or(limit, |(from, _)| from) - rect.left() - columns.name - 8.0;
        let name = place.id.label();
        let name = text::galley(ui.ctx(), &name, Type::SmallMedium, t.text_primary, name_room, Elide::End);
        paint::galley_at(ui.painter(), rect.left() + columns.name, y, name, t.text_primary);
        if let Some((from, to)) = address.filter(|(from, to)| to - from > 60.0) {
            let (words, elide) = short_source(place);
            let galley = text::galley(ui.ctx(), &words, Type::MonoSmall, t.text_secondary, to - from, elide);
            paint::galley_at(ui.painter(), from, y, galley, t.text_secondary);
        }
    }
}

/// Draws `words` with their right edge at `right`; gives their left edge.
fn right_aligned(ui: &Ui, right: f32, y: f32, words: &str, (style, color): (Type, egui::Color32), room: f32) -> f32 {
    let galley = text::galley(ui.ctx(), words, style, color, room, Elide::End);
    let left = right - galley.size().x;
    paint::galley_at(ui.painter(), left, y, galley, color);
    left
}

fn thumbnail_ui(ui: &mut Ui, row: Rect, person: &Person, place: &Place) -> Option<Response> {
    let side = size::PORTRAIT_PLACE;
    let rect = Rect::from_min_size(pos2(row.left() + 10.0, row.center().y - side / 2.0), vec2(side, side));
    let shown = shown_place(person, place);
    let name = format!("Show {} large", place.id.label());
    let picture = shown.thumbnail.as_ref();
    let mut photo = Photo::new(&name, side);
    if let Some(picture) = picture {
        photo = photo.clickable().texture(thumbnail_texture(ui, person, shown, picture));
    } else {
        let waiting = matches!(shown.seen, Seen::Waiting) || place.host_to_allow().is_some();
        let nothing = matches!(shown.source, Source::Nothing(_));
        photo = photo.empty(match (waiting, nothing) {
            (true, _) => Empty::Waiting,
            (false, true) => Empty::Person,
            (false, false) => Empty::Broken,
        });
    }
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)));
    let response = child.add(photo);
    picture.map(|_| response)
}

/// The texture of a small picture of `place`.
pub fn thumbnail_texture(
    ui: &Ui,
    person: &Person,
    place: &Place,
    picture: &photo::Picture,
) -> Option<egui::TextureHandle> {
    let key = ("thumbnail", person.who().dn.as_str(), place.id, place.version);
    texture(ui.ctx(), key, pixels(picture))
}

/// A decoded picture as the widgets take it.
pub fn pixels(picture: &photo::Picture) -> Pixels<'_> {
    Pixels { width: picture.width as usize, height: picture.height as usize, rgba: &picture.rgba }
}

/// The place whose picture is shown: for the same value as another place, that one.
pub fn shown_place<'a>(person: &'a Person, place: &'a Place) -> &'a Place {
    if let Source::SameAs(id) = place.source { person.place(id).unwrap_or(place) } else { place }
}

/// The right-hand word of a row, and how bad it is.
fn word_of(person: &Person, place: &Place) -> (String, Option<Level>) {
    match &place.source {
        Source::Nothing(nothing) => return (nothing.word().to_owned(), Some(level(nothing.level()))),
        Source::SameAs(id) => {
            let other = person.place(*id).map(|other| word_of(person, other));
            return other
                .filter(|(_, level)| *level == Some(Level::Bad))
                .unwrap_or_else(|| ("Same value".to_owned(), None));
        }
        Source::Url(_) | Source::Bytes { .. } => {}
    }
    let Some(verdict) = place.verdict() else { return ("Looking…".to_owned(), None) };
    match (verdict.level, place.comparison) {
        (photo::Level::Bad | photo::Level::Unknown, _) => (verdict.word.clone(), Some(level(verdict.level))),
        (_, Some(comparison @ Comparison::Other)) => (comparison.word().to_owned(), Some(Level::Weak)),
        (photo::Level::Weak, _) => (verdict.word.clone(), Some(Level::Weak)),
        (photo::Level::Good, Some(comparison)) if person.places_with_picture() > 1 => {
            (comparison.word().to_owned(), Some(Level::Good))
        }
        (photo::Level::Good, _) => ("Shown".to_owned(), Some(Level::Good)),
    }
}

/// The address or what holds the photo, for wide rows, and where it is cut.
fn short_source(place: &Place) -> (String, Elide) {
    match &place.source {
        Source::Url(url) => (tail(url), Elide::Start),
        Source::Bytes { attribute, .. } if attribute.contains(';') => {
            (format!("in the directory, {attribute}"), Elide::End)
        }
        Source::Bytes { .. } => ("in the directory".to_owned(), Elide::End),
        Source::SameAs(id) => {
            let other = if *id == PlaceId::of(PlaceKind::PhotoUrl) { "photo URL".to_owned() } else { id.label() };
            (format!("same value as {other}"), Elide::End)
        }
        Source::Nothing(_) => (String::new(), Elide::End),
    }
}

/// An address without scheme and host, which are the same for nearly everybody.
fn tail(url: &str) -> String {
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path);
    path.map_or_else(|| url.to_owned(), |path| format!("…/{path}"))
}

/// The look of a level of ours.
pub fn level(level: photo::Level) -> Level {
    match level {
        photo::Level::Good => Level::Good,
        photo::Level::Weak => Level::Weak,
        photo::Level::Bad => Level::Bad,
        photo::Level::Unknown => Level::Unknown,
    }
}

/// Bars where the rows will be.
pub fn skeleton_ui(ui: &mut Ui, rows: usize) {
    let t = ui.tokens();
    let frame = Frame::new().fill(t.bg_card).stroke(Tokens::line(t.border_default)).corner_radius(radius::CARD);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        for row in 0..rows {
            table::skeleton_row_ui(ui, size::ROW_PLACE, row);
        }
    });
}

/// A muted sentence that wraps.
pub fn small_ui(ui: &mut Ui, words: &str) {
    let color = ui.tokens().text_secondary;
    ui.add(Text::new(words).style(Type::Small).color(color).elide(Elide::Wrap));
}
