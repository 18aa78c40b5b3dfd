//! The wizard's first step: what the site is called, and how its window is told from others.

use egui::{Frame, Margin, Rect, Role, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2};

use super::{
    colours_of,
    form::{Form, gap, heading_ui, label_ui, note_ui},
};
use crate::{
    model::{Environment, Site},
    sites::draft::{Field, environment_label},
    ui::{
        Elide, Look as _, Text, Tokens, Type, paint, radius, size,
        widgets::{Button, Checkbox, Field as TextField, segments_ui, select_ui, site_word_ui},
    },
};

/// Colours that are none of the accent's and the verdicts': a site may have them instead of its environment's.
const COLOURS: [(&str, Option<&str>); 4] = [
    ("The environment’s own", None),
    ("Violet", Some("#6D3FB2")),
    ("Olive", Some("#6B6B1F")),
    ("Slate", Some("#4A5A6A")),
];

/// Draws the form.
pub(super) fn ui(ui: &mut Ui, form: &mut Form<'_>) {
    heading_ui(ui, "Name and colour", "How you tell this site from others.");
    label_ui(ui, "Name");
    let wrong = form.wrong(Field::Name, &form.draft.site.name);
    let field = TextField::new("Name", &mut form.draft.site.name).placeholder("Head office").limit(80);
    ui.add(field.wrong(wrong));
    label_ui(ui, "Environment");
    let mut chosen = usize::from(form.draft.site.environment == Environment::Production);
    let labels = ["TEST", "PRODUCTION"];
    if segments_ui(ui, "Environment", &labels, &mut chosen, ui.available_width()).changed() {
        form.draft.site.environment = if chosen == 0 { Environment::Test } else { Environment::Production };
    }
    note_ui(ui, "It edges the window, so that production is never mistaken for test");
    label_ui(ui, "Colour");
    colour_ui(ui, form);
    label_ui(ui, "Notes");
    notes_ui(ui, &mut form.draft.site.notes);
    gap(ui);
    ui.add(Checkbox::new(&mut form.draft.site.read_only, "Read-only: this site is never unlocked for writing"));
}

/// The button that leads to removing the site; `true` when it was clicked.
pub(super) fn remove_ui(ui: &mut Ui) -> bool {
    gap(ui);
    gap(ui);
    ui.add(Button::danger("Remove this site…")).clicked()
}

fn colour_ui(ui: &mut Ui, form: &mut Form<'_>) {
    let now = form.draft.site.colour.clone();
    let known = COLOURS.iter().position(|(_, colour)| *colour == now.as_deref());
    let mut labels: Vec<&str> = COLOURS.iter().map(|(label, _)| *label).collect();
    // One that was written into the file by hand stays to be chosen.
    labels.extend(now.as_deref().filter(|_| known.is_none()));
    let mut chosen = known.unwrap_or(COLOURS.len());
    if select_ui(ui, "Colour", &labels, &mut chosen, ui.available_width()).changed()
        && let Some((_, colour)) = COLOURS.get(chosen)
    {
        form.draft.site.colour = colour.map(str::to_owned);
    }
}

fn notes_ui(ui: &mut Ui, notes: &mut String) {
    let t = ui.tokens();
    Frame::new()
        .fill(t.bg_card)
        .stroke(Tokens::line(t.border_control))
        .corner_radius(radius::CONTROL)
        .inner_margin(Margin::symmetric(9, 6))
        .show(ui, |ui| {
            let editor = TextEdit::multiline(notes)
                .font(Type::Body.font())
                .text_color(t.text_primary)
                .frame(Frame::NONE)
                .margin(Margin::ZERO)
                .desired_rows(3)
                .char_limit(4000)
                .desired_width(f32::INFINITY);
            ui.add(editor).accessible_name("Notes");
        });
}

/// How the window will look: a small one, with its edge and its word.
pub(super) fn preview_ui(ui: &mut Ui, site: &Site) {
    let t = ui.tokens();
    let colours = colours_of(t, site);
    ui.add(Text::new("How its window will look").style(Type::Section));
    ui.add_space(12.0);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width().min(400.0), 220.0), Sense::hover());
    let word = environment_label(site.environment);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Window edged for {word}")));
    let painter = ui.painter();
    paint::ground(painter, rect, 0, t.bg_page, t.border_default);
    let rail = Rect::from_min_max(rect.min, pos2(rect.left() + 132.0, rect.bottom()));
    painter.rect_filled(rail, 0, t.bg_chrome);
    paint::vline(painter, rail.right(), rail.y_range(), t.border_default);
    for line in 0..4_u8 {
        let y = rect.top() + 62.0 + f32::from(line) * 30.0;
        paint::hline(painter, rail.right() + 16.0..=rect.right() - 16.0, y, t.border_subtle);
    }
    site_edge_ui(ui, rect, site);
    let foot = Rect::from_min_max(pos2(rail.left() + 12.0, rect.bottom() - 54.0), rail.max - vec2(8.0, 10.0));
    let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(foot));
    inner.spacing_mut().item_spacing.y = 3.0;
    inner.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let (square, _) = ui.allocate_exact_size(vec2(12.0, 18.0), Sense::hover());
        ui.painter().rect_filled(paint::square(square.center(), 12.0), 3, colours.edge);
        let name = if site.name.trim().is_empty() { "Your site" } else { site.name.as_str() };
        ui.add(Text::new(name).style(Type::BodyMedium));
    });
    site_word_ui(&mut inner, colours, word);
    ui.add_space(10.0);
    let sentence = match site.environment {
        Environment::Test => "A line along the top. Nobody is hurt by a mistake here.",
        Environment::Production => "A frame on all four sides. People work with it.",
    };
    ui.add(Text::new(sentence).style(Type::Small).color(t.text_muted).elide(Elide::Wrap));
}

/// The site's colour along the top of `rect`, or all around it.
fn site_edge_ui(ui: &Ui, rect: Rect, site: &Site) {
    let colour = colours_of(ui.tokens(), site).edge;
    match site.environment {
        Environment::Test => {
            let line = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + size::SITE_EDGE));
            ui.painter().rect_filled(line, 0, colour);
        }
        Environment::Production => {
            let stroke = egui::Stroke::new(size::SITE_EDGE, colour);
            ui.painter().rect_stroke(rect, 0, stroke, egui::StrokeKind::Inside);
        }
    }
}
