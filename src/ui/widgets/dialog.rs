//! A dialog over the window: title, content, and a foot that says what will happen.

use std::borrow::Cow;

use egui::{Align, Context, Frame, Id, Layout, Margin, Modal, Rect, Role, ScrollArea, Ui, UiBuilder, pos2, vec2};
use lucide_icons::Icon;

use super::{Button, Link};
use crate::ui::{
    paint,
    text::{Elide, Text},
    tokens::{Look, Tokens, radius},
    type_scale::Type,
};

/// How a dialog was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialogAnswer {
    /// Its primary button.
    Confirmed,
    /// Cancel, the x, or Esc. Nothing happens.
    Cancelled,
    /// The link in its foot: the way out that the foot's sentence speaks of.
    Link,
}

/// A dialog. Esc cancels. It is never taller than the window less 48: its content scrolls.
#[must_use = "call `show`"]
pub struct Dialog<'a> {
    title: Cow<'a, str>,
    width: f32,
    foot: Cow<'a, str>,
    confirm: Cow<'a, str>,
    cancel: Cow<'a, str>,
    because: Option<Cow<'a, str>>,
    link: Option<Cow<'a, str>>,
    dangerous: bool,
    enter: bool,
}

impl<'a> Dialog<'a> {
    /// `confirm` is the word on its primary button: verb and object. Empty: there is nothing to confirm.
    pub fn new(title: impl Into<Cow<'a, str>>, confirm: impl Into<Cow<'a, str>>) -> Self {
        Self {
            title: title.into(),
            width: 600.0,
            foot: Cow::Borrowed(""),
            confirm: confirm.into(),
            cancel: Cow::Borrowed("Cancel"),
            because: None,
            link: None,
            dangerous: false,
            enter: false,
        }
    }

    /// Default 600.
    pub fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// At the left of the foot: "Nothing is written yet. It can be undone."
    pub fn foot(mut self, sentence: impl Into<Cow<'a, str>>) -> Self {
        self.foot = sentence.into();
        self
    }

    /// Another word than "Cancel": "Close" when there is nothing to cancel.
    pub fn cancel(mut self, word: impl Into<Cow<'a, str>>) -> Self {
        self.cancel = word.into();
        self
    }

    /// Why it cannot be confirmed now.
    pub fn disabled_if(mut self, reason: Option<impl Into<Cow<'a, str>>>) -> Self {
        self.because = reason.map(Into::into);
        self
    }

    /// A link after the foot's sentence: "Unlock".
    pub fn foot_link(mut self, label: Option<impl Into<Cow<'a, str>>>) -> Self {
        self.link = label.map(Into::into);
        self
    }

    /// The last confirmation of something that destroys: solid red.
    pub fn dangerous(mut self) -> Self {
        self.dangerous = true;
        self
    }

    /// Enter confirms. Only when nothing is destructive.
    pub fn enter_confirms(mut self) -> Self {
        self.enter = true;
        self
    }

    /// Draws it; what `content` returns comes back with how it was left, if it was.
    pub fn show<R>(self, ctx: &Context, content: impl FnOnce(&mut Ui) -> R) -> (R, Option<DialogAnswer>) {
        let t = ctx.tokens();
        let window = ctx.content_rect().size() - vec2(48.0, 48.0);
        let width = self.width.min(window.x);
        let frame = Frame::new()
            .fill(t.bg_popup)
            .stroke(Tokens::line(t.border_default))
            .corner_radius(radius::DIALOG)
            .shadow(ctx.style_of(ctx.theme()).visuals.window_shadow);
        let id = Id::unique(("dialog", self.title.as_ref()));
        // Else egui takes 400 points for the height there is, and every longer dialog scrolls.
        let area =
            Modal::default_area(id).default_height(window.y).role(Role::Dialog).accessible_name(self.title.as_ref());
        let modal = Modal::new(id).area(area).backdrop_color(t.scrim).frame(frame).show(ctx, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut answer = self.head_ui(ui);
            let most = window.y - 56.0 - if self.has_foot() { 57.0 } else { 20.0 };
            let inner = ScrollArea::vertical().max_height(most).auto_shrink([false, true]).show(ui, |ui| {
                let margin = Margin { left: 20, right: 20, top: 0, bottom: 16 };
                Frame::new()
                    .inner_margin(margin)
                    .show(ui, |ui| {
                        ui.set_width(width - 40.0);
                        ui.spacing_mut().item_spacing.y = 6.0;
                        content(ui)
                    })
                    .inner
            });
            if self.has_foot() {
                answer = answer.or(self.foot_ui(ui));
            }
            (inner.inner, answer)
        });
        let escaped = modal.is_top_modal
            && !modal.any_popup_open
            && ctx.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape));
        let (inner, answer) = modal.inner;
        (inner, answer.or(escaped.then_some(DialogAnswer::Cancelled)))
    }

    fn has_foot(&self) -> bool {
        !(self.confirm.is_empty() && self.foot.is_empty())
    }

    fn head_ui(&self, ui: &mut Ui) -> Option<DialogAnswer> {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 52.0), egui::Sense::hover());
        let inner = Rect::from_min_max(rect.min + vec2(20.0, 8.0), rect.max - vec2(12.0, 4.0));
        let layout = Layout::right_to_left(Align::Center);
        let mut row = ui.new_child(UiBuilder::new().max_rect(inner).layout(layout));
        let close = row.add(Button::icon_only(Icon::X, "Close this dialog").hint("Close (Esc)")).clicked();
        row.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add(Text::new(self.title.as_ref()).style(Type::Heading));
        });
        close.then_some(DialogAnswer::Cancelled)
    }

    fn foot_ui(&self, ui: &mut Ui) -> Option<DialogAnswer> {
        let t = ui.tokens();
        let mut answer = None;
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 57.0), egui::Sense::hover());
        paint::hline(ui.painter(), rect.x_range(), rect.top(), t.border_default);
        let inner = Rect::from_min_max(pos2(rect.left() + 20.0, rect.top() + 1.0), rect.max - vec2(20.0, 0.0));
        let layout = Layout::right_to_left(Align::Center);
        let mut row = ui.new_child(UiBuilder::new().max_rect(inner).layout(layout));
        if !self.confirm.is_empty() {
            let button = if self.dangerous {
                Button::danger_solid(self.confirm.as_ref())
            } else {
                Button::primary(self.confirm.as_ref())
            };
            let clicked = row.add(button.tall().disabled_if(self.because.clone())).clicked();
            let entered = self.enter
                && !self.dangerous
                && self.because.is_none()
                && row.input(|input| input.key_pressed(egui::Key::Enter));
            if clicked || entered {
                answer = Some(DialogAnswer::Confirmed);
            }
        }
        if row.add(Button::new(self.cancel.as_ref()).tall()).clicked() {
            answer = Some(DialogAnswer::Cancelled);
        }
        row.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let sentence = self.because.as_ref().unwrap_or(&self.foot);
            ui.add(Text::new(sentence.as_ref()).style(Type::Small).color(t.text_muted).elide(Elide::Wrap));
            if let Some(link) = &self.link
                && ui.add(Link::new(link.as_ref())).clicked()
            {
                answer = Some(DialogAnswer::Link);
            }
        });
        answer
    }
}
