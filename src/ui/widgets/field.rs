//! A line to type in: plain, with a search icon, secret with an eye, wrong with a sentence.

use std::borrow::Cow;

use egui::{
    Align, Frame, Id, Layout, Margin, Rect, Response, Role, Sense, TextBuffer, TextEdit, Ui, UiBuilder, Widget,
    WidgetInfo, pos2, vec2,
};
use lucide_icons::Icon;

use super::KeyCap;
use crate::ui::{
    paint,
    text::{self, Elide, Text},
    tokens::{Look, Tokens, radius, size},
    type_scale::Type,
};

/// Between a field and the sentence under it.
const GAP: f32 = 4.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Search,
    Secret,
}

/// A text field. The response is that of the editor inside it: `changed()`, `lost_focus()`, `has_focus()`.
#[must_use = "add it to a ui"]
pub struct Field<'a> {
    name: &'a str,
    value: &'a mut dyn TextBuffer,
    id: Option<Id>,
    placeholder: Cow<'a, str>,
    icon: Option<Icon>,
    key: Option<&'a str>,
    kind: Kind,
    mono: bool,
    width: Option<f32>,
    height: f32,
    bare: bool,
    limit: usize,
    wrong: Option<Cow<'a, str>>,
    because: Option<Cow<'a, str>>,
}

impl<'a> Field<'a> {
    /// `name` is the accessible name: the same words as the label above it.
    pub fn new(name: &'a str, value: &'a mut dyn TextBuffer) -> Self {
        Self {
            name,
            value,
            id: None,
            placeholder: Cow::Borrowed(""),
            icon: None,
            key: None,
            kind: Kind::Plain,
            mono: false,
            width: None,
            height: size::CONTROL,
            bare: false,
            limit: 10_000,
            wrong: None,
            because: None,
        }
    }

    /// With a magnifier, and a button that empties it.
    pub fn search(name: &'a str, value: &'a mut dyn TextBuffer) -> Self {
        Self { icon: Some(Icon::Search), kind: Kind::Search, ..Self::new(name, value) }
    }

    /// Dots, and an eye that shows what they hide.
    pub fn secret(name: &'a str, value: &'a mut dyn TextBuffer) -> Self {
        Self { kind: Kind::Secret, limit: 1_000, ..Self::new(name, value) }
    }

    /// To ask for its focus later.
    pub fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// Shown while it is empty.
    pub fn placeholder(mut self, words: impl Into<Cow<'a, str>>) -> Self {
        self.placeholder = words.into();
        self
    }

    /// An icon at the left.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// The key that brings one here, shown while it is empty: "Ctrl F".
    pub fn key(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }

    /// For addresses, DNs and filters.
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// Default: all that is left.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// Without frame and 44 high: the palette's.
    pub fn bare(mut self) -> Self {
        self.bare = true;
        self.height = 44.0;
        self
    }

    /// Most characters it takes.
    pub fn limit(mut self, characters: usize) -> Self {
        self.limit = characters;
        self
    }

    /// What is wrong with what is typed: a sentence under the field.
    pub fn wrong(mut self, sentence: Option<impl Into<Cow<'a, str>>>) -> Self {
        self.wrong = sentence.map(Into::into);
        self
    }

    /// Cannot be typed in, and why.
    pub fn disabled_because(mut self, reason: impl Into<Cow<'a, str>>) -> Self {
        self.because = Some(reason.into());
        self
    }
}

impl Widget for Field<'_> {
    fn ui(mut self, ui: &mut Ui) -> Response {
        let t = ui.tokens();
        let because = self.because.take();
        let enabled = because.is_none() && ui.is_enabled();
        let width = self.width.unwrap_or(ui.available_width()).min(ui.available_width().max(40.0));
        let sentence = self.wrong.take().map(|sentence| {
            let galley = text::galley(ui.ctx(), &sentence, Type::Small, t.bad.text, width, Elide::Wrap);
            (sentence, galley)
        });
        // One piece of room for all, so that it stands as one thing in any layout.
        let below = sentence.as_ref().map_or(0.0, |(_, galley)| GAP + galley.size().y);
        let (room, _) = ui.allocate_exact_size(vec2(width, self.height + below), Sense::hover());
        let line = Rect::from_min_size(room.min, vec2(width, self.height));
        let response = self.line_ui(ui, line, enabled, sentence.is_some());
        if let Some((sentence, galley)) = sentence {
            let rect = Rect::from_min_size(line.left_bottom() + vec2(0.0, GAP), galley.size());
            let label = ui.interact(rect, response.id.with("wrong"), Sense::hover());
            label.widget_info(|| WidgetInfo::labeled(Role::Label, true, &sentence));
            ui.painter().galley(rect.min, galley, t.bad.text);
        }
        match because {
            Some(reason) => response.on_hover_text(reason.into_owned()),
            None => response,
        }
    }
}

impl Field<'_> {
    fn line_ui(self, ui: &mut Ui, rect: Rect, enabled: bool, wrong: bool) -> Response {
        let t = ui.tokens();
        let id = self.id.unwrap_or_else(|| ui.make_persistent_id(("field", self.name)));
        if !self.bare {
            let fill = if enabled { t.bg_card } else { t.bg_inset };
            paint::ground(ui.painter(), rect, radius::CONTROL, fill, t.border_control);
            edge(ui, t, rect, ui.memory(|memory| memory.has_focus(id)), wrong);
        }
        let inner = self.between_marks(ui, rect);
        let shown_id = id.with("shown");
        let shown = ui.data(|data| data.get_temp(shown_id)).unwrap_or(false);
        let style = if self.mono { Type::Mono } else { Type::Body };
        let editor = TextEdit::singleline(&mut *self.value)
            .id(id)
            .font(style.font())
            .text_color(if enabled { t.text_primary } else { t.text_disabled })
            .hint_text(Type::Body.rich(self.placeholder.as_ref()).color(t.text_muted))
            .frame(Frame::NONE)
            .margin(Margin::ZERO)
            .password(self.kind == Kind::Secret && !shown)
            .char_limit(self.limit)
            .align(egui::Align2::LEFT_CENTER)
            .interactive(enabled)
            .desired_width(inner.width());
        let mut response = ui.place(inner, editor).accessible_name(self.name);
        // After the editor, so that Tab comes to it first.
        let tail = Rect::from_min_max(pos2(inner.right(), rect.top()), rect.max - vec2(5.0, 0.0));
        let layout = Layout::right_to_left(Align::Center);
        let mut tail = ui.new_child(UiBuilder::new().max_rect(tail).layout(layout).id_salt(id));
        match self.tail() {
            Some(Tail::Eye) if eye(&mut tail, shown).clicked() => {
                ui.data_mut(|data| data.insert_temp(shown_id, !shown));
            }
            Some(Tail::Clear)
                if enabled && small_icon(&mut tail, Icon::X, &format!("Clear {}", self.name)).clicked() =>
            {
                self.value.replace_with("");
                response.mark_changed();
                response.request_focus();
            }
            Some(Tail::Key(key)) => {
                tail.add(KeyCap::new(key));
            }
            _ => {}
        }
        response
    }

    fn tail(&self) -> Option<Tail<'_>> {
        let is_empty = self.value.as_str().is_empty();
        match self.kind {
            Kind::Secret => Some(Tail::Eye),
            Kind::Search if !is_empty => Some(Tail::Clear),
            _ => self.key.filter(|_| is_empty).map(Tail::Key),
        }
    }

    /// Paints the icon at the left; returns the room between it and what stands at the right.
    fn between_marks(&self, ui: &Ui, rect: Rect) -> Rect {
        let t = ui.tokens();
        let (margin, side, gap) = if self.bare { (18.0, 16.0, 10.0) } else { (9.0, 14.0, 7.0) };
        let mut inner = rect.shrink2(vec2(margin, 0.0));
        if let Some(icon) = self.icon {
            paint::icon(ui.painter(), pos2(inner.left() + side / 2.0, rect.center().y), icon, side, t.text_muted);
            inner.min.x += side + gap;
        }
        match self.tail() {
            Some(Tail::Key(key)) => inner.max.x = rect.right() - 5.0 - KeyCap::new(key).width(ui) - 6.0,
            Some(_) => inner.max.x = rect.right() - 31.0,
            None => {}
        }
        inner
    }
}

/// What stands at the right end.
enum Tail<'a> {
    Eye,
    Clear,
    Key(&'a str),
}

fn edge(ui: &Ui, t: &Tokens, rect: Rect, focused: bool, wrong: bool) {
    let color = match (focused, wrong) {
        (_, true) => t.bad.solid,
        (true, false) => t.focus_ring,
        _ => return,
    };
    let stroke = egui::Stroke::new(if focused { size::STROKE_STRONG } else { size::STROKE }, color);
    ui.painter().rect_stroke(rect, radius::CONTROL, stroke, egui::StrokeKind::Inside);
}

fn eye(ui: &mut Ui, shown: bool) -> Response {
    let (icon, name) = if shown { (Icon::EyeOff, "Hide the password") } else { (Icon::Eye, "Show the password") };
    small_icon(ui, icon, name)
}

/// An icon button that fits inside a field.
fn small_icon(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    let t = ui.tokens();
    let (rect, response) = ui.allocate_exact_size(vec2(20.0, 20.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    if response.hovered() {
        ui.painter().rect_filled(rect, radius::BADGE, t.bg_hover);
    }
    paint::icon(ui.painter(), rect.center(), icon, 14.0, t.text_secondary);
    paint::focus_ring(ui, &response, radius::BADGE);
    response.on_hover_text(name)
}

/// The words above a field.
pub fn field_label_ui(ui: &mut Ui, label: &str) -> Response {
    let t = ui.tokens();
    ui.add(Text::new(label).style(Type::SmallMedium).color(t.text_secondary))
}
