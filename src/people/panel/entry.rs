//! The whole directory entry: two columns, searchable, each value to be copied as it is.

use egui::{Frame, Margin, Rect, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::{
    super::{
        attributes::{Copy, Described, Shown},
        person::Person,
        places::{Place, Source},
    },
    person::PersonCommand,
    places::{small_ui, thumbnail_texture},
};
use crate::ui::{
    Elide, Icon, Look as _, Text, Type, format, paint, radius, size, text,
    widgets::{Field, Link, Photo, item_ui, menu_ui},
};

/// Values shown of an attribute before it is unfolded.
const FOLDED: usize = 4;
/// Values that stand on one line, as long as they are short: `inetOrgPerson · sametimePhoto`.
const ON_ONE_LINE: usize = 52;

/// What is searched for and unfolded.
#[derive(Default)]
pub struct EntryPanel {
    search: String,
    unfolded: Vec<String>,
}

impl EntryPanel {
    /// Draws the section with its head.
    pub fn ui(&mut self, ui: &mut Ui, person: &Person, out: &mut Vec<PersonCommand>) {
        let attributes = person.attributes();
        let words = self.search.trim().to_lowercase();
        let found: Vec<&Described> =
            attributes.iter().filter(|attribute| words.is_empty() || attribute.matches(&words)).collect();
        self.head_ui(ui, attributes.len(), (!words.is_empty()).then_some(found.len()));
        ui.add_space(2.0);
        if found.is_empty() {
            small_ui(ui, &format!("No attribute has {} in its name or its values", text::quoted(&self.search)));
            return;
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        for attribute in found {
            self.attribute_ui(ui, person, attribute, out);
        }
    }

    fn head_ui(&mut self, ui: &mut Ui, all: usize, found: Option<usize>) {
        let t = ui.tokens();
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), size::CONTROL), Sense::hover());
        let middle = egui::Layout::left_to_right(egui::Align::Center);
        let mut words = ui.new_child(UiBuilder::new().max_rect(rect).layout(middle));
        words.spacing_mut().item_spacing.x = 8.0;
        words.add(Text::new("Directory entry").style(Type::Section));
        let count = match found {
            Some(found) => format!("{found} of {all}"),
            None => format::counted(all, "attribute", "attributes"),
        };
        words.add(Text::new(count).style(Type::Small).color(t.text_muted));
        let width = (rect.right() - words.min_rect().right() - 16.0).clamp(80.0, 180.0);
        let area = Rect::from_min_max(pos2(rect.right() - width, rect.top()), rect.max);
        let mut field = ui.new_child(UiBuilder::new().max_rect(area).layout(middle));
        field.add(Field::search("Filter attributes", &mut self.search).placeholder("Filter attributes").width(width));
    }

    fn attribute_ui(&mut self, ui: &mut Ui, person: &Person, attribute: &Described, out: &mut Vec<PersonCommand>) {
        if let Some(line) = on_one_line(attribute) {
            let shown = Shown { text: line, words: None, copy: Copy::Text(attribute.copied().unwrap_or_default()) };
            return line_ui(ui, person, attribute, 0, &shown, out);
        }
        let unfolded = self.unfolded.contains(&attribute.name);
        let most = if unfolded { attribute.values.len() } else { FOLDED };
        for (at, value) in attribute.values.iter().take(most).enumerate() {
            line_ui(ui, person, attribute, at, value, out);
        }
        let hidden = attribute.values.len().saturating_sub(most);
        if hidden > 0 || (unfolded && attribute.values.len() > FOLDED) {
            let label =
                if hidden > 0 { format!("Show {} more", format::count(hidden)) } else { "Show fewer".to_owned() };
            if more_ui(ui, &label, &attribute.name) {
                if unfolded {
                    self.unfolded.retain(|name| *name != attribute.name);
                } else {
                    self.unfolded.push(attribute.name.clone());
                }
            }
        }
        if unfolded && attribute.left_out > 0 {
            small_ui(ui, &format!("{} more values are not shown", format::count(attribute.left_out)));
        }
    }
}

/// Where the values begin.
fn value_column(width: f32) -> f32 {
    if width < 420.0 { 124.0 } else { 154.0 }
}

/// Several short texts as one line, as the object classes are.
fn on_one_line(attribute: &Described) -> Option<String> {
    let plain = |value: &Shown| value.words.is_none() && matches!(value.copy, Copy::Text(_));
    let several = attribute.values.len() > 1 && attribute.left_out == 0 && attribute.values.iter().all(plain);
    let length: usize = attribute.values.iter().map(|value| value.text.chars().count() + 3).sum();
    (several && length <= ON_ONE_LINE)
        .then(|| attribute.values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>().join(" · "))
}

fn more_ui(ui: &mut Ui, label: &str, attribute: &str) -> bool {
    let indent = value_column(ui.available_width());
    ui.horizontal(|ui| {
        ui.set_min_height(size::ROW_ATTRIBUTE);
        ui.add_space(indent);
        ui.add(Link::new(label).name(format!("{label} values of {attribute}"))).clicked()
    })
    .inner
}

/// One line: name (for the first value), value, what it means, and a button that copies, seen when the line is hovered
/// or has the keyboard.
fn line_ui(
    ui: &mut Ui,
    person: &Person,
    attribute: &Described,
    at: usize,
    value: &Shown,
    out: &mut Vec<PersonCommand>,
) {
    let t = ui.tokens();
    let (rect, row) = ui.allocate_exact_size(vec2(ui.available_width(), size::ROW_ATTRIBUTE), Sense::hover());
    if !ui.is_rect_visible(rect) {
        return;
    }
    let (y, column) = (rect.center().y, value_column(rect.width()));
    if row.contains_pointer() {
        ui.painter().rect_filled(rect, radius::BADGE, t.bg_hover);
    }
    if at == 0 {
        let name = text::galley(ui.ctx(), &attribute.name, Type::MonoSmall, t.text_muted, column - 18.0, Elide::End);
        let shortened = name.elided;
        paint::galley_at(ui.painter(), rect.left() + 10.0, y, name, t.text_muted);
        if shortened {
            let area = Rect::from_min_max(rect.min, pos2(rect.left() + column, rect.bottom()));
            ui.interact(area, row.id.with("name"), Sense::hover()).on_hover_text(attribute.name.as_str());
        }
    }
    let area = Rect::from_min_max(pos2(rect.left() + column, rect.top()), pos2(rect.right() - 30.0, rect.bottom()));
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let mut cell = ui.new_child(UiBuilder::new().max_rect(area).layout(layout).id_salt((&attribute.name, at)));
    cell.spacing_mut().item_spacing.x = 8.0;
    value_ui(&mut cell, person, attribute, at, value, out);
    copy_ui(ui, rect, row.contains_pointer(), (attribute, at, &value.copy), out);
}

fn value_ui(
    ui: &mut Ui,
    person: &Person,
    attribute: &Described,
    at: usize,
    value: &Shown,
    out: &mut Vec<PersonCommand>,
) {
    let t = ui.tokens();
    if let Some((place, picture)) = place_of(person, &attribute.name, at) {
        let name = format!("Show {} large", attribute.name);
        let texture = thumbnail_texture(ui, person, place, picture);
        if ui.add(Photo::new(&name, 20.0).texture(texture).clickable()).clicked() {
            out.push(PersonCommand::OpenViewer(place.id));
        }
    }
    let raw = if matches!(value.copy, Copy::Secret) { t.text_muted } else { t.text_primary };
    let Some(words) = &value.words else {
        ui.add(Text::new(value.text.as_str()).style(Type::MonoSmall).color(raw));
        return;
    };
    let room = ui.available_width();
    let meaning = text::galley(ui.ctx(), words, Type::Small, t.text_muted, room * 0.6, Elide::End);
    let width = (room - meaning.size().x - 8.0).max(room * 0.4);
    ui.add(Text::new(value.text.as_str()).style(Type::MonoSmall).color(raw).width(width));
    ui.add(Text::new(words.as_str()).style(Type::Small).color(t.text_muted));
}

/// The place whose picture this value is.
fn place_of<'a>(person: &'a Person, attribute: &str, at: usize) -> Option<(&'a Place, &'a crate::photo::Picture)> {
    let mut held = person.places().iter().filter(
        |place| matches!(&place.source, Source::Bytes { attribute: name, .. } if name.eq_ignore_ascii_case(attribute)),
    );
    let place = held.nth(at)?;
    Some((place, place.thumbnail.as_ref()?))
}

/// The copy button at the right of a line. Bytes ask in which form.
fn copy_ui(
    ui: &mut Ui,
    row: Rect,
    hovered: bool,
    (attribute, at, copy): (&Described, usize, &Copy),
    out: &mut Vec<PersonCommand>,
) {
    let Some(text) = copy.text() else { return };
    let t = ui.tokens();
    let rect = Rect::from_center_size(pos2(row.right() - 16.0, row.center().y), vec2(22.0, 20.0));
    let id = ui.scope_id().with(("copy", &attribute.name, at));
    let button = ui.interact(rect, id, Sense::click());
    let name = match at {
        0 => format!("Copy {}", attribute.name),
        later => format!("Copy value {} of {}", later + 1, attribute.name),
    };
    button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
    if hovered || button.has_focus() || button.hovered() {
        let color = if button.hovered() { t.text_primary } else { t.text_muted };
        paint::icon(ui.painter(), rect.center(), Icon::Copy, 13.0, color);
    }
    paint::focus_ring(ui, &button, radius::BADGE);
    match copy.hex() {
        None if button.clicked() => out.push(PersonCommand::CopyText(text)),
        None => {
            button.on_hover_text(name);
        }
        Some(hex) => menu_ui(&button, 170.0, |ui| {
            for (label, value) in [("Copy as base64", text), ("Copy as hexadecimal", hex)] {
                if item_ui(ui, Some(Icon::Copy), label, None).clicked() {
                    out.push(PersonCommand::CopyText(value));
                }
            }
        }),
    }
}

/// Bars where the attributes will be.
pub fn skeleton_ui(ui: &mut Ui, rows: usize) {
    const WIDTHS: [f32; 5] = [210.0, 150.0, 240.0, 90.0, 180.0];
    let t = ui.tokens();
    Frame::new().inner_margin(Margin::symmetric(10, 4)).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for row in 0..rows {
            let width = ui.available_width();
            let (rect, _) = ui.allocate_exact_size(vec2(width, size::ROW_ATTRIBUTE), Sense::hover());
            let value = WIDTHS.get(row % WIDTHS.len()).copied().unwrap_or_default().min(width - 150.0);
            for (left, length) in [(0.0, 72.0), (144.0, value)] {
                let bar = Rect::from_min_size(pos2(rect.left() + left, rect.center().y - 4.0), vec2(length, 8.0));
                ui.painter().rect_filled(bar, 3, t.bg_active);
            }
        }
    });
}
