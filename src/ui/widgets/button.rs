//! Buttons: primary, bordered, quiet, danger, and icons alone.

use std::borrow::Cow;

use egui::{Color32, Response, Role, Sense, Ui, Widget, WidgetInfo, vec2};
use lucide_icons::Icon;

use crate::ui::{
    paint,
    text::{self, Elide},
    tokens::{Look, Tokens, radius, size},
    type_scale::Type,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Primary,
    Bordered,
    Quiet,
    Danger,
    DangerSolid,
}

/// A button. A verb and its object on it, "…" when a dialog follows. An unavailable one stays in its place and says
/// why in its hint.
#[must_use = "add it to a ui"]
pub struct Button<'a> {
    label: Cow<'a, str>,
    kind: Kind,
    icon: Option<Icon>,
    icon_only: bool,
    height: f32,
    width: Option<f32>,
    hint: Option<Cow<'a, str>>,
    because: Option<Cow<'a, str>>,
}

impl<'a> Button<'a> {
    fn of(kind: Kind, label: impl Into<Cow<'a, str>>) -> Self {
        Self {
            label: label.into(),
            kind,
            icon: None,
            icon_only: false,
            height: size::CONTROL,
            width: None,
            hint: None,
            because: None,
        }
    }

    /// With a border: the usual one.
    pub fn new(label: impl Into<Cow<'a, str>>) -> Self {
        Self::of(Kind::Bordered, label)
    }

    /// The one that changes something; at most one in an area.
    pub fn primary(label: impl Into<Cow<'a, str>>) -> Self {
        Self::of(Kind::Primary, label)
    }

    /// Without a frame until hovered.
    pub fn quiet(label: impl Into<Cow<'a, str>>) -> Self {
        Self::of(Kind::Quiet, label)
    }

    /// Red words: leads to something that destroys.
    pub fn danger(label: impl Into<Cow<'a, str>>) -> Self {
        Self::of(Kind::Danger, label)
    }

    /// Solid red: only as the last confirmation.
    pub fn danger_solid(label: impl Into<Cow<'a, str>>) -> Self {
        Self::of(Kind::DangerSolid, label)
    }

    /// An icon alone, quiet; `name` is its hint and its accessible name.
    pub fn icon_only(icon: Icon, name: impl Into<Cow<'a, str>>) -> Self {
        Self { icon: Some(icon), icon_only: true, ..Self::of(Kind::Quiet, name) }
    }

    /// An icon before the label.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// 24 high.
    pub fn small(mut self) -> Self {
        self.height = size::SMALL;
        self
    }

    /// 32 high, for the foot of a dialog.
    pub fn tall(mut self) -> Self {
        self.height = size::DIALOG_BUTTON;
        self
    }

    /// At least this wide.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// What more there is to know, shown when hovered.
    pub fn hint(mut self, hint: impl Into<Cow<'a, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Unavailable, and why: "The site is read-only. Unlock it to apply."
    pub fn disabled_because(mut self, reason: impl Into<Cow<'a, str>>) -> Self {
        self.because = Some(reason.into());
        self
    }

    /// [`Self::disabled_because`] when there is a reason.
    pub fn disabled_if(mut self, reason: Option<impl Into<Cow<'a, str>>>) -> Self {
        self.because = reason.map(Into::into);
        self
    }
}

/// Fill, edge, words, icon.
struct Colours(Color32, Color32, Color32, Color32);

fn colours(kind: Kind, t: &Tokens, enabled: bool, hovered: bool, pressed: bool) -> Colours {
    let clear = Color32::TRANSPARENT;
    if !enabled {
        return match kind {
            Kind::Quiet => Colours(clear, clear, t.text_disabled, t.text_disabled),
            _ => Colours(t.bg_inset, t.border_default, t.text_disabled, t.text_disabled),
        };
    }
    let white = t.text_on_solid;
    match kind {
        Kind::Primary => {
            let fill = if pressed { t.accent_active } else { t.accent_solid };
            let fill = if hovered && !pressed { t.accent_hover } else { fill };
            Colours(fill, clear, white, white)
        }
        Kind::DangerSolid => {
            let fill = if hovered || pressed { t.bad.solid.lerp_to_gamma(Color32::BLACK, 0.12) } else { t.bad.solid };
            Colours(fill, clear, white, white)
        }
        Kind::Bordered | Kind::Danger => {
            let fill = if pressed { t.bg_active } else { t.bg_card };
            let edge = if hovered { t.border_strong } else { t.border_control };
            if kind == Kind::Danger {
                Colours(fill, edge, t.bad.text, t.bad.text)
            } else {
                Colours(fill, edge, t.text_primary, t.text_secondary)
            }
        }
        Kind::Quiet => {
            let fill = if hovered { t.bg_hover } else { clear };
            let fill = if pressed { t.bg_active } else { fill };
            Colours(fill, clear, t.text_secondary, t.text_secondary)
        }
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = ui.tokens();
        let enabled = self.because.is_none() && ui.is_enabled();
        let style = if self.height > size::CONTROL { Type::BodyMedium } else { Type::Button };
        let (icon_size, gap) = (14.0, 7.0);
        let pad = match self.kind {
            Kind::Quiet => 8.0,
            _ if self.height > size::CONTROL => 15.0,
            _ => 10.0,
        };
        let room = ui.available_width().max(40.0);
        let galley = text::galley(ui.ctx(), &self.label, style, Color32::PLACEHOLDER, room, Elide::End);
        let words = if self.icon_only { 0.0 } else { galley.size().x };
        let mark = if self.icon.is_some() { icon_size } else { 0.0 };
        let between = if self.icon.is_some() && !self.icon_only { gap } else { 0.0 };
        let content = mark + between + words;
        let width = if self.icon_only { self.height } else { content + 2.0 * pad };
        let width = self.width.map_or(width, |least| width.max(least)).round();
        let sense = if enabled { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(vec2(width, self.height), sense);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, &self.label));
        if ui.is_rect_visible(rect) {
            let pressed = response.is_pointer_button_down_on();
            let Colours(fill, edge, word, mark) = colours(self.kind, t, enabled, response.hovered(), pressed);
            paint::ground(ui.painter(), rect, radius::CONTROL, fill, edge);
            let mut x = rect.center().x - content / 2.0;
            if let Some(icon) = self.icon {
                let centre = egui::pos2(x + icon_size / 2.0, rect.center().y);
                paint::icon(ui.painter(), centre, icon, icon_size, mark);
                x += icon_size + between;
            }
            if !self.icon_only {
                paint::galley_at(ui.painter(), x, rect.center().y, galley, word);
            }
            paint::focus_ring(ui, &response, radius::CONTROL);
        }
        let hint = self.because.or(self.hint).or_else(|| self.icon_only.then_some(self.label));
        match hint {
            Some(hint) => response.on_hover_text(hint.into_owned()),
            None => response,
        }
    }
}
