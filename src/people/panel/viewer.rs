//! A person's photo, large: fitted or in real size, zoomed and moved, and as small as clients show it.
//!
//! Keys: + and − zoom, 0 fits, 1 is real size, the arrows go to the next place, Esc closes.

use egui::{Color32, Event, Key, Modifiers, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, vec2};

use super::{
    super::{
        person::Person,
        places::{Place, PlaceId},
    },
    exchange::picture_facts,
    person::PersonCommand,
    places::{level, pixels},
};
use crate::ui::{
    Elide, Icon, Look as _, Text, Type, paint, radius,
    widgets::{Badge, Button, Dialog, DialogAnswer, Photo, texture},
};

/// Sides of the round photos that clients show, in points: a card, a chat, a list.
const SMALL_SIDES: [f32; 3] = [48.0, 32.0, 20.0];
/// The dialog.
const WIDTH: f32 = 720.0;
/// How many times larger than real a small photo is fitted in; more would show nothing but its pixels.
const MOST_FITTED: f32 = 3.0;
/// One step of zooming.
const STEP: f32 = 1.25;

/// Which place is shown, and how.
pub struct ViewerPanel {
    place: PlaceId,
    /// Points for each pixel of the picture; `None` fits it in.
    scale: Option<f32>,
    /// How far the middle of the picture is from the middle of the view, in points.
    moved: Vec2,
}

/// What the keys asked for.
#[derive(Clone, Copy)]
enum Asked {
    In,
    Out,
    Fit,
    Real,
    Next,
    Previous,
}

impl ViewerPanel {
    /// Shows `place`, fitted.
    pub fn open(place: PlaceId) -> Self {
        Self { place, scale: None, moved: Vec2::ZERO }
    }

    /// The place shown.
    pub fn place(&self) -> PlaceId {
        self.place
    }

    /// Draws it over everything; false once it was closed.
    pub fn ui(&mut self, ui: &mut Ui, person: &Person, out: &mut Vec<PersonCommand>) -> bool {
        let shown: Vec<&Place> = person.places().iter().filter(|place| place.found().is_some()).collect();
        let at = shown.iter().position(|place| place.id == self.place).unwrap_or(0);
        let Some(place) = shown.get(at).copied() else { return false };
        self.place = place.id;
        let name = if person.who().name.is_empty() { person.who().dn.as_str() } else { person.who().name.as_str() };
        let title = format!("{name}: {}", place.id.label());
        let dialog = Dialog::new(title, "").cancel("Close").width(WIDTH);
        let (asked, answer) = dialog.show(ui.ctx(), |ui| self.content_ui(ui, person, place, (at, shown.len()), out));
        match asked {
            Some(Asked::Next) => self.show(shown.get(at + 1).or(shown.first())),
            Some(Asked::Previous) => self.show(if at == 0 { shown.last() } else { shown.get(at - 1) }),
            _ => {}
        }
        !matches!(answer, Some(DialogAnswer::Cancelled | DialogAnswer::Confirmed))
    }

    fn show(&mut self, place: Option<&&Place>) {
        if let Some(place) = place {
            *self = Self::open(place.id);
        }
    }

    fn content_ui(
        &mut self,
        ui: &mut Ui,
        person: &Person,
        place: &Place,
        (at, all): (usize, usize),
        out: &mut Vec<PersonCommand>,
    ) -> Option<Asked> {
        let mut asked = keys(ui);
        let height = (ui.ctx().content_rect().height() - 240.0).clamp(160.0, 440.0);
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 16.0;
            let width = ui.available_width() - 64.0;
            self.view_ui(ui, person, place, vec2(width, height), asked);
            ui.vertical(|ui| small_ui(ui, person, place));
        });
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            for (icon, name, what) in [
                (Icon::ZoomOut, "Zoom out (−)", Asked::Out),
                (Icon::ZoomIn, "Zoom in (+)", Asked::In),
                (Icon::Maximize, "Fit (0)", Asked::Fit),
            ] {
                if ui.add(Button::icon_only(icon, name)).clicked() {
                    self.zoom_in_view(ui, place, what);
                }
            }
            if ui.add(Button::quiet("1:1").hint("Real size (1)")).clicked() {
                self.zoom_in_view(ui, place, Asked::Real);
            }
            ui.add_space(8.0);
            let percent = self.scale.map_or_else(|| "Fitted".to_owned(), |scale| Self::percent(ui, scale));
            let muted = ui.tokens().text_muted;
            ui.add(Text::new(percent).style(Type::Small).color(muted).width(70.0));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if all > 1 {
                    if ui.add(Button::icon_only(Icon::ArrowRight, "Next place (→)")).clicked() {
                        asked = Some(Asked::Next);
                    }
                    let count = format!("{} of {all}", at + 1);
                    ui.add(Text::new(count).style(Type::Small).color(muted));
                    if ui.add(Button::icon_only(Icon::ArrowLeft, "Previous place (←)")).clicked() {
                        asked = Some(Asked::Previous);
                    }
                }
            });
        });
        facts_ui(ui, place, out);
        asked
    }

    /// 100 % is one pixel of the picture on one of the screen.
    fn percent(ui: &Ui, scale: f32) -> String {
        format!("{:.0} %", scale * ui.ctx().pixels_per_point() * 100.0)
    }

    /// What a button asks of the view, whose size is not known here: around its middle.
    fn zoom_in_view(&mut self, ui: &Ui, place: &Place, what: Asked) {
        let fitted = ui.data(|data| data.get_temp::<f32>(egui::Id::unique("viewer fitted"))).unwrap_or(1.0);
        self.zoom(ui, place, fitted, what);
    }

    fn zoom(&mut self, ui: &Ui, place: &Place, fitted: f32, what: Asked) {
        let real = place.found().map_or(1.0, |found| real_scale(ui, found));
        let before = self.scale.unwrap_or(fitted);
        let bounds = (fitted.min(real) * 0.25, real.max(fitted) * 16.0);
        self.scale = match what {
            Asked::In => Some((before * STEP).clamp(bounds.0, bounds.1)),
            Asked::Out => Some((before / STEP).clamp(bounds.0, bounds.1)),
            Asked::Real => Some(real),
            Asked::Fit => None,
            Asked::Next | Asked::Previous => return,
        };
        self.moved = self.scale.map_or(Vec2::ZERO, |scale| self.moved * (scale / before));
    }

    /// The picture in its frame: dragged, turned by the wheel around the pointer, clipped.
    fn view_ui(&mut self, ui: &mut Ui, person: &Person, place: &Place, size: Vec2, asked: Option<Asked>) {
        let Some(found) = place.found() else { return };
        let t = ui.tokens();
        let (rect, view) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let picture = vec2(found.picture.width as f32, found.picture.height as f32);
        let fitted = (rect.width() / picture.x).min(rect.height() / picture.y).min(real_scale(ui, found) * MOST_FITTED);
        ui.data_mut(|data| data.insert_temp(egui::Id::unique("viewer fitted"), fitted));
        if let Some(what) = asked {
            self.zoom(ui, place, fitted, what);
        }
        self.wheel(ui, &view, fitted);
        if view.double_clicked() {
            self.zoom(ui, place, fitted, if self.scale.is_some() { Asked::Fit } else { Asked::Real });
        }
        let shown = picture * self.scale.unwrap_or(fitted);
        let slack = ((shown - rect.size()) / 2.0).max(Vec2::ZERO);
        self.moved = (self.moved + view.drag_delta()).clamp(-slack, slack);
        paint::ground(ui.painter(), rect, radius::CARD, t.bg_inset, t.border_default);
        let name = format!("{}, {}", place.id.label(), picture_facts(&found.facts));
        view.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
        let key = ("large", person.who().dn.as_str(), place.id, place.version);
        if let Some(texture) = texture(ui.ctx(), key, pixels(&found.picture)) {
            let target = Rect::from_center_size(rect.center() + self.moved, shown);
            let painted = ui.painter().with_clip_rect(rect.shrink(1.0).intersect(ui.clip_rect()));
            painted.image(texture.id(), target, Rect::from_min_size(egui::Pos2::ZERO, vec2(1.0, 1.0)), Color32::WHITE);
        }
        if slack != Vec2::ZERO && view.hovered() {
            ui.ctx().set_cursor_icon(if view.dragged() { egui::CursorIcon::Grabbing } else { egui::CursorIcon::Grab });
        }
        paint::focus_ring(ui, &view, radius::CARD);
    }

    fn wheel(&mut self, ui: &Ui, view: &Response, fitted: f32) {
        if !view.contains_pointer() {
            return;
        }
        let (turned, pinched) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let factor = (turned / 200.0).exp() * pinched;
        let Some(pointer) = view.hover_pos().filter(|_| (factor - 1.0).abs() > 1e-4) else { return };
        let before = self.scale.unwrap_or(fitted);
        let after = (before * factor).clamp(fitted * 0.25, fitted.max(1.0) * 16.0);
        let from_middle = pointer - view.rect.center();
        self.moved = from_middle - (from_middle - self.moved) * (after / before);
        self.scale = Some(after);
        ui.ctx().input_mut(|input| input.smooth_scroll_delta = Vec2::ZERO);
    }
}

/// Points for each pixel of the decoded picture at which a pixel of the file is one of the screen.
fn real_scale(ui: &Ui, found: &crate::photo::Found) -> f32 {
    let sides = (found.facts.width.max(found.facts.height), found.picture.width.max(found.picture.height));
    sides.0 as f32 / sides.1.max(1) as f32 / ui.ctx().pixels_per_point()
}

fn keys(ui: &Ui) -> Option<Asked> {
    ui.input_mut(|input| {
        let typed = input.events.iter().find_map(|event| match event {
            Event::Text(text) if text == "+" => Some(Asked::In),
            Event::Text(text) if text == "-" || text == "−" => Some(Asked::Out),
            Event::Text(text) if text == "0" => Some(Asked::Fit),
            Event::Text(text) if text == "1" => Some(Asked::Real),
            _ => None,
        });
        if typed.is_some() {
            return typed;
        }
        let arrows = [
            (Key::ArrowRight, Asked::Next),
            (Key::ArrowDown, Asked::Next),
            (Key::ArrowLeft, Asked::Previous),
            (Key::ArrowUp, Asked::Previous),
        ];
        arrows.into_iter().find(|(key, _)| input.consume_key(Modifiers::NONE, *key)).map(|(_, asked)| asked)
    })
}

/// As clients show it: round, and this small.
fn small_ui(ui: &mut Ui, person: &Person, place: &Place) {
    let Some(picture) = &place.thumbnail else { return };
    ui.spacing_mut().item_spacing.y = 12.0;
    let muted = ui.tokens().text_muted;
    for side in SMALL_SIDES {
        let name = format!("As clients show it, {side:.0} points");
        let texture = super::places::thumbnail_texture(ui, person, place, picture);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add(Photo::new(&name, side).round().texture(texture)).on_hover_text(name.as_str());
            ui.add(Text::new(format!("{side:.0}")).style(Type::Micro).color(muted));
        });
    }
}

fn facts_ui(ui: &mut Ui, place: &Place, out: &mut Vec<PersonCommand>) {
    let t = ui.tokens();
    if let Some(found) = place.found() {
        ui.add(Text::new(picture_facts(&found.facts)).style(Type::Small).color(t.text_secondary).elide(Elide::Wrap));
    }
    if let Some(url) = place.url() {
        ui.horizontal(|ui| {
            let room = ui.available_width() - 110.0;
            ui.add(Text::new(url).style(Type::MonoSmall).color(t.text_secondary).elide(Elide::Middle).width(room));
            if ui.add(Button::quiet("Copy").small().icon(Icon::Copy)).clicked() {
                out.push(PersonCommand::CopyText(url.to_owned()));
            }
        });
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        for badge in place.badges() {
            ui.add(Badge::new(level(badge.level), badge.word.as_str()).hint(badge.reason.as_str()));
        }
    });
}
