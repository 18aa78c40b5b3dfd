//! Marks that say how a thing stands: badge (icon and word), tile (icon alone), key cap.

use std::borrow::Cow;

use egui::{Color32, Response, Role, Sense, Ui, Widget, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use crate::ui::{
    paint,
    text::{self, Elide},
    tokens::{Level, Look, SiteColours, radius, size},
    type_scale::Type,
};

/// The icon of a level.
pub fn icon_of(level: Level) -> Icon {
    match level {
        Level::Good => Icon::Check,
        Level::Weak => Icon::TriangleAlert,
        Level::Bad => Icon::X,
        Level::Unknown => Icon::Minus,
    }
}

/// Icon and word on the level's ground. Never clickable.
#[must_use = "add it to a ui"]
pub struct Badge<'a> {
    level: Level,
    word: Cow<'a, str>,
    icon: Icon,
    hint: Option<Cow<'a, str>>,
}

impl<'a> Badge<'a> {
    /// With the level's own icon.
    pub fn new(level: Level, word: impl Into<Cow<'a, str>>) -> Self {
        Self { level, word: word.into(), icon: icon_of(level), hint: None }
    }

    /// Another icon: a clock for what was not tried yet.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = icon;
        self
    }

    /// Where the rule stands, what was measured.
    pub fn hint(mut self, hint: impl Into<Cow<'a, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Widget for Badge<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let v = ui.tokens().verdict(self.level);
        let (pad, icon, gap) = (6.0, 12.0, 4.0);
        let room = (ui.available_width() - 2.0 * pad - icon - gap).max(24.0);
        let word = text::galley(ui.ctx(), &self.word, Type::Caption, v.text, room, Elide::End);
        let width = (word.size().x + icon + gap + 2.0 * pad).round();
        let (rect, response) = ui.allocate_exact_size(vec2(width, size::BADGE), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &self.word));
        paint::ground(ui.painter(), rect, radius::BADGE, v.background, v.border);
        let y = rect.center().y;
        paint::icon(ui.painter(), pos2(rect.left() + pad + icon / 2.0, y), self.icon, icon, v.text);
        paint::galley_at(ui.painter(), rect.left() + pad + icon + gap, y, word, v.text);
        match self.hint {
            Some(hint) => response.on_hover_text(hint.into_owned()),
            None => response,
        }
    }
}

/// A mark for a table cell: a bare tick when good, a filled tile otherwise. `name` is its hint and accessible name.
#[must_use = "add it to a ui"]
pub struct Tile<'a> {
    level: Level,
    icon: Icon,
    name: Cow<'a, str>,
}

impl<'a> Tile<'a> {
    /// With the level's own icon.
    pub fn new(level: Level, name: impl Into<Cow<'a, str>>) -> Self {
        Self { level, icon: icon_of(level), name: name.into() }
    }

    /// Another icon.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = icon;
        self
    }
}

impl Widget for Tile<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let v = ui.tokens().verdict(self.level);
        let (rect, response) = ui.allocate_exact_size(vec2(size::TILE, size::TILE), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &self.name));
        if self.level == Level::Good {
            paint::icon(ui.painter(), rect.center(), self.icon, 13.0, v.solid);
        } else {
            paint::ground(ui.painter(), rect, radius::BADGE, v.background, v.border);
            paint::icon(ui.painter(), rect.center(), self.icon, 11.0, v.text);
        }
        response.on_hover_text(self.name.into_owned())
    }
}

/// The mark of a step in a list of checks: tick, solid disc with a cross, empty ring, or a turning one.
pub fn step_mark_ui(ui: &mut Ui, level: Option<Level>, running: bool) -> Response {
    let t = ui.tokens();
    let (rect, response) = ui.allocate_exact_size(vec2(size::TILE, size::TILE), Sense::hover());
    let centre = rect.center();
    match level {
        _ if running => {
            ui.place(paint::square(centre, 16.0), egui::Spinner::new().size(14.0).color(t.accent_solid));
        }
        Some(Level::Good) => paint::icon(ui.painter(), centre, Icon::Check, 14.0, t.good.solid),
        Some(Level::Unknown) | None => {
            ui.painter().circle_stroke(centre, 8.5, egui::Stroke::new(1.0, t.border_control));
        }
        Some(level) => {
            ui.painter().circle_filled(centre, 9.0, t.verdict(level).solid);
            let icon = if level == Level::Weak { Icon::Minus } else { Icon::X };
            paint::icon(ui.painter(), centre, icon, 12.0, t.text_on_solid);
        }
    }
    response
}

/// A key, or several: "Ctrl F".
#[must_use = "add it to a ui"]
pub struct KeyCap<'a> {
    keys: &'a str,
}

impl<'a> KeyCap<'a> {
    /// "Esc", "Ctrl K", "↑".
    pub fn new(keys: &'a str) -> Self {
        Self { keys }
    }

    /// In points.
    pub fn width(&self, ui: &Ui) -> f32 {
        let galley = text::galley(ui.ctx(), self.keys, Type::Micro, Color32::PLACEHOLDER, f32::INFINITY, Elide::End);
        (galley.size().x + 8.0).max(16.0).round()
    }
}

impl Widget for KeyCap<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = ui.tokens();
        let galley = text::galley(ui.ctx(), self.keys, Type::Micro, t.text_muted, f32::INFINITY, Elide::End);
        let (rect, response) = ui.allocate_exact_size(vec2(self.width(ui), 16.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, self.keys));
        paint::ground(ui.painter(), rect, radius::KEY, Color32::TRANSPARENT, t.border_default);
        paint::galley_at(ui.painter(), rect.center().x - galley.size().x / 2.0, rect.center().y, galley, t.text_muted);
        response
    }
}

/// The word of a site (TEST, PRODUCTION) on its colour.
pub fn site_word_ui(ui: &mut Ui, colours: SiteColours, word: &str) -> Response {
    let galley = text::galley(ui.ctx(), word, Type::MicroStrong, colours.text, 110.0, Elide::End);
    let (rect, response) = ui.allocate_exact_size(vec2((galley.size().x + 10.0).round(), 16.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, word));
    ui.painter().rect_filled(rect, radius::BADGE, colours.background);
    paint::galley_at(ui.painter(), rect.left() + 5.0, rect.center().y, galley, colours.text);
    response
}
