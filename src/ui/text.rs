//! Strangers' text made fit to be drawn: visible, bounded, in reading order, cut where it can best be spared.
//!
//! Directory entries, file names and answers are written by strangers. [`Text`] shows them so that nothing hides.
//!
//! Not here: numbers, sizes and times (`format.rs`), what the words mean.

use std::{borrow::Cow, sync::Arc};

use egui::{Color32, Context, Galley, Response, Role, Sense, Ui, Widget, WidgetInfo, text::LayoutJob, vec2};

use super::{tokens::Look, type_scale::Type};

/// Longest text ever laid out, in characters; the rest is counted, not drawn.
pub const MAX_CHARS: usize = 2_000;

/// Where a text too long for its place is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Elide {
    /// Names and mail.
    #[default]
    End,
    /// Photo URLs: the host is the same for all.
    Start,
    /// DNs.
    Middle,
    /// Not cut but broken into lines.
    Wrap,
}

/// The text with everything invisible made visible, at most [`MAX_CHARS`] long.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) || text.len() > MAX_CHARS {
        let shown: String = text.chars().take(MAX_CHARS).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
        Cow::Owned(shown)
    } else {
        Cow::Borrowed(text)
    }
}

/// A short form in quotation marks, for sentences.
pub fn quoted(text: &str) -> String {
    let short: String = clean(text).chars().take(80).collect();
    format!("“{short}”")
}

/// The text in the order in which it is to stand from left to right; egui shapes letters but does not reorder words.
pub fn visual(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// Lays `text` out in at most `width` points.
pub fn galley(ctx: &Context, text: &str, style: Type, color: Color32, width: f32, elide: Elide) -> Arc<Galley> {
    let cleaned = clean(text);
    let mut job = LayoutJob::single_section(visual(&cleaned).into_owned(), style.format(color));
    job.wrap.max_width = width;
    if elide != Elide::Wrap {
        job.wrap.max_rows = 1;
        job.wrap.break_anywhere = true;
        job.break_on_newline = false;
    }
    ctx.fonts_mut(|fonts| fonts.layout_job(job))
}

/// A label for strangers' text. The whole of it is in the hint when it was cut, and always in the accessible name.
#[must_use = "add it to a ui"]
pub struct Text<'a> {
    text: Cow<'a, str>,
    style: Type,
    color: Option<Color32>,
    elide: Elide,
    width: Option<f32>,
    centred: bool,
}

impl<'a> Text<'a> {
    /// `body` in the primary colour, cut at the end.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self { text: text.into(), style: Type::Body, color: None, elide: Elide::End, width: None, centred: false }
    }

    /// Size and weight.
    pub fn style(mut self, style: Type) -> Self {
        self.style = style;
        self
    }

    /// Default: `text.primary`.
    pub fn color(mut self, color: Color32) -> Self {
        self.color = Some(color);
        self
    }

    /// Where it is cut.
    pub fn elide(mut self, elide: Elide) -> Self {
        self.elide = elide;
        self
    }

    /// At most this wide; default: what is left of the row.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// Lines stand in the middle of the width.
    pub fn centred(mut self) -> Self {
        self.centred = true;
        self
    }
}

impl Widget for Text<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let color = self.color.unwrap_or(ui.tokens().text_primary);
        let width = self.width.unwrap_or(ui.available_width()).max(0.0);
        let galley = galley(ui.ctx(), &self.text, self.style, color, width, self.elide);
        let size = vec2(galley.size().x, galley.size().y.max(self.style.line_height()));
        let (rect, mut response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), clean(&self.text)));
        ui.painter().galley(rect.min, Arc::clone(&galley), color);
        if galley.elided {
            response = response.on_hover_text(clean(&self.text).into_owned());
        }
        response
    }
}
