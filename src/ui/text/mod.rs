//! Strangers' text made fit to be drawn: visible, bounded, in reading order, cut where it can best be spared.
//!
//! Directory entries, file names and answers are written by strangers. [`Text`] shows them so that nothing hides;
//! [`galley`] does for widgets that place their words themselves.
//!
//! Not here: numbers, sizes and times (`format.rs`), what the words mean.

mod clean;
mod elide;
mod order;

use std::{borrow::Cow, sync::Arc};

use egui::{
    Align, Color32, Context, Galley, Label, Response, Role, Sense, TextFormat, Ui, Widget, WidgetInfo, text::LayoutJob,
    vec2,
};

pub use clean::{MAX_CHARS, clean, clean_lines, quoted};

use super::{tokens::Look, type_scale::Type};

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

/// Text laid out in a place.
#[derive(Debug, Clone)]
pub struct Laid {
    /// To be painted.
    pub galley: Arc<Galley>,
    /// Whether a part of it is not shown.
    pub cut: bool,
}

/// Appends a stranger's text to a job, cleaned and in visual order; for lines in several colours.
pub fn append(job: &mut LayoutJob, text: &str, format: &TextFormat) {
    order::append_line(job, &clean(text), format, None);
}

/// Lays `text` out in at most `width` points.
pub fn galley(ctx: &Context, text: &str, style: Type, color: Color32, width: f32, elide: Elide) -> Arc<Galley> {
    lay(ctx, text, style, color, width, elide).galley
}

/// Lays `text` out in at most `width` points, and says whether all of it is shown.
pub fn lay(ctx: &Context, text: &str, style: Type, color: Color32, width: f32, elide: Elide) -> Laid {
    let format = style.format(color);
    if elide == Elide::Wrap {
        let cleaned = clean_lines(text);
        return Laid { galley: wrapped(ctx, &cleaned, &format, width), cut: false };
    }
    let cleaned = clean(text);
    let whole = line(ctx, &cleaned, &format);
    if whole.size().x <= width {
        return Laid { galley: whole, cut: false };
    }
    let shown = elide::cut(ctx, &cleaned, style, width, elide, |candidate| line(ctx, candidate, &format));
    Laid { galley: line(ctx, &shown, &format), cut: true }
}

fn line(ctx: &Context, text: &str, format: &TextFormat) -> Arc<Galley> {
    let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
    order::append_line(&mut job, text, format, None);
    ctx.fonts_mut(|fonts| fonts.layout_job(job))
}

fn wrapped(ctx: &Context, text: &str, format: &TextFormat, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::default();
    if order::has_rtl(text) {
        for (index, paragraph) in text.split('\n').enumerate() {
            let base = order::base_of(paragraph);
            for (row, words) in rows(ctx, paragraph, format, width).into_iter().enumerate() {
                if index + row > 0 {
                    job.append("\n", 0.0, format.clone());
                }
                order::append_line(&mut job, &words, format, base);
            }
        }
    } else {
        job.append(text, 0.0, format.clone());
    }
    job.wrap.max_width = width;
    ctx.fonts_mut(|fonts| fonts.layout_job(job))
}

/// Breaks a paragraph into lines at its spaces while it is still in the order of reading.
fn rows(ctx: &Context, paragraph: &str, format: &TextFormat, width: f32) -> Vec<String> {
    let mut rows = vec![String::new()];
    for word in paragraph.split_inclusive(' ') {
        if let Some(row) = rows.last_mut() {
            let longer = format!("{row}{word}");
            if row.is_empty() || line(ctx, longer.trim_end(), format).size().x <= width {
                *row = longer;
                continue;
            }
        }
        rows.push(word.to_owned());
    }
    rows
}

/// A label for strangers' text. The whole of it is in the hint when it was cut, and always in the accessible name.
#[must_use = "add it to a ui"]
pub struct Text<'a> {
    words: Cow<'a, str>,
    style: Type,
    color: Option<Color32>,
    elide: Elide,
    width: Option<f32>,
    align: Align,
    fill: bool,
    selectable: bool,
}

impl<'a> Text<'a> {
    /// `body` in the primary colour, cut at the end.
    pub fn new(words: impl Into<Cow<'a, str>>) -> Self {
        Self {
            words: words.into(),
            style: Type::Body,
            color: None,
            elide: Elide::End,
            width: None,
            align: Align::Min,
            fill: false,
            selectable: false,
        }
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
        self.align = Align::Center;
        self
    }

    /// At the right end of its width, for numbers and dates.
    pub fn right(mut self) -> Self {
        self.align = Align::Max;
        self.fill = true;
        self
    }

    /// Takes its whole width even when the text is shorter, so that what follows stands in a column.
    pub fn fill(mut self) -> Self {
        self.fill = true;
        self
    }

    /// Can be marked with the pointer and copied, where it is shown whole.
    pub fn selectable(mut self) -> Self {
        self.selectable = true;
        self
    }
}

impl Widget for Text<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let color = self.color.unwrap_or(ui.tokens().text_primary);
        let room = self.width.unwrap_or(ui.available_width()).max(0.0);
        let Laid { galley, cut } = lay(ui.ctx(), &self.words, self.style, color, room, self.elide);
        if self.selectable && !cut && !order::has_rtl(&self.words) {
            return ui.add(Label::new(galley).selectable(true));
        }
        let width = if self.fill && room.is_finite() { room } else { galley.size().x };
        let size = vec2(width, galley.size().y.max(self.style.line_height()));
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), clean_lines(&self.words)));
        if ui.is_rect_visible(rect) {
            paint_rows(ui, rect, &galley, color, self.align);
        }
        if cut {
            return response.on_hover_ui(|ui| hint_ui(ui, &self.words));
        }
        response
    }
}

/// Rows of a galley, each moved within `rect` by itself.
fn paint_rows(ui: &Ui, rect: egui::Rect, galley: &Arc<Galley>, color: Color32, align: Align) {
    if align == Align::Min || galley.rows.len() == 1 {
        let spare = (rect.width() - galley.size().x).max(0.0);
        let shift = match align {
            Align::Min => 0.0,
            Align::Center => spare / 2.0,
            Align::Max => spare,
        };
        super::paint::galley_at(ui.painter(), rect.left() + shift, rect.center().y, Arc::clone(galley), color);
        return;
    }
    let mut job = (*galley.job).clone();
    job.halign = align;
    let aligned = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let x = if align == Align::Center { rect.center().x } else { rect.right() };
    ui.painter().galley(egui::pos2(x, rect.top()), aligned, color);
}

/// A stranger's text in a hint: all of it, in lines.
pub fn hint_ui(ui: &mut Ui, text: &str) {
    let width = ui.spacing().tooltip_width;
    ui.add(Text::new(text).style(Type::Small).elide(Elide::Wrap).width(width));
}
