//! A square to draw faces on: 240 units wide whatever its pixels, filled shapes and round-ended lines, anti-aliased.

use tiny_skia::{Color, FillRule, LineCap, LineJoin, Mask, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};

use super::Rgb;

/// The width and height of every drawing, in units.
pub(super) const SIDE: f32 = 240.0;

/// A colour as `0xRRGGBB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ink(pub(super) u32);

impl Ink {
    fn channels(self) -> [f32; 3] {
        let [_, red, green, blue] = self.0.to_be_bytes();
        [red, green, blue].map(|channel| f32::from(channel) / 255.0)
    }

    /// `share` of the way to `other`.
    pub(super) fn towards(self, other: Self, share: f32) -> Self {
        let (own, other) = (self.channels(), other.channels());
        let mixed = [0, 1, 2].map(|at| ((own[at] + (other[at] - own[at]) * share) * 255.0).round() as u8);
        Self(u32::from_be_bytes([0, mixed[0], mixed[1], mixed[2]]))
    }

    pub(super) fn darker(self, share: f32) -> Self {
        self.towards(Self(0x1A_1420), share)
    }

    pub(super) fn lighter(self, share: f32) -> Self {
        self.towards(Self(0xFF_FFFF), share)
    }

    /// How light it looks, from 0 to 1 (Rec. 601).
    pub(super) fn luma(self) -> f32 {
        let [red, green, blue] = self.channels();
        0.299 * red + 0.587 * green + 0.114 * blue
    }

    fn paint(self, opacity: f32) -> Paint<'static> {
        let [red, green, blue] = self.channels();
        let mut paint = Paint { anti_alias: true, ..Paint::default() };
        paint.set_color(Color::from_rgba(red, green, blue, opacity).unwrap_or(Color::BLACK));
        paint
    }
}

/// Points and curves in units; a point is `(x, y)`.
#[derive(Default)]
pub(super) struct Shape(PathBuilder);

pub(super) type Point = (f32, f32);

impl Shape {
    pub(super) fn from(start: Point) -> Self {
        let mut path = PathBuilder::new();
        path.move_to(start.0, start.1);
        Self(path)
    }

    pub(super) fn oval(centre: Point, across: f32, down: f32) -> Self {
        let mut shape = Self::default();
        shape.add_oval(centre, across, down);
        shape
    }

    pub(super) fn line(mut self, to: Point) -> Self {
        self.0.line_to(to.0, to.1);
        self
    }

    /// A curve with one control point.
    pub(super) fn bow(mut self, by: Point, to: Point) -> Self {
        self.0.quad_to(by.0, by.1, to.0, to.1);
        self
    }

    /// A curve with two control points.
    pub(super) fn curve(mut self, by: Point, and: Point, to: Point) -> Self {
        self.0.cubic_to(by.0, by.1, and.0, and.1, to.0, to.1);
        self
    }

    /// One more oval, with half-widths `across` and `down`.
    pub(super) fn add_oval(&mut self, centre: Point, across: f32, down: f32) {
        const ROUND: f32 = 0.552_285; // control points that make four curves an ellipse
        let ((x, y), path) = (centre, &mut self.0);
        let (a, d) = (across * ROUND, down * ROUND);
        path.move_to(x, y - down);
        path.cubic_to(x + a, y - down, x + across, y - d, x + across, y);
        path.cubic_to(x + across, y + d, x + a, y + down, x, y + down);
        path.cubic_to(x - a, y + down, x - across, y + d, x - across, y);
        path.cubic_to(x - across, y - d, x - a, y - down, x, y - down);
        path.close();
    }

    /// The same shape and its mirror image.
    pub(super) fn mirrored(self) -> Self {
        let mut both = PathBuilder::new();
        if let Some(path) = self.0.finish() {
            both.push_path(&path);
            // x becomes SIDE - x
            if let Some(mirror) = path.transform(Transform::from_row(-1.0, 0.0, 0.0, 1.0, SIDE, 0.0)) {
                both.push_path(&mirror);
            }
        }
        Self(both)
    }

    fn closed(mut self) -> Option<Path> {
        self.0.close();
        self.0.finish()
    }
}

/// The drawing so far.
pub(super) struct Canvas {
    pixels: Pixmap,
    scale: Transform,
    mask: Option<Mask>,
}

impl Canvas {
    /// `None` for no pixels at all.
    pub(super) fn new(side: u16, background: Ink) -> Option<Self> {
        let mut pixels = Pixmap::new(u32::from(side), u32::from(side))?;
        pixels.fill(background.paint_colour());
        let scale = f32::from(side) / SIDE;
        Some(Self { pixels, scale: Transform::from_scale(scale, scale), mask: None })
    }

    pub(super) fn fill(&mut self, shape: Shape, ink: Ink) {
        self.tint(shape, ink, 1.0);
    }

    /// Fills with `opacity` from 0 to 1.
    pub(super) fn tint(&mut self, shape: Shape, ink: Ink, opacity: f32) {
        if let Some(path) = shape.closed() {
            let paint = ink.paint(opacity);
            self.pixels.fill_path(&path, &paint, FillRule::Winding, self.scale, self.mask.as_ref());
        }
    }

    pub(super) fn stroke(&mut self, shape: Shape, ink: Ink, width: f32) {
        self.faint_stroke(shape, ink, width, 1.0);
    }

    pub(super) fn faint_stroke(&mut self, shape: Shape, ink: Ink, width: f32, opacity: f32) {
        if let Some(path) = shape.0.finish() {
            let stroke = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
            self.pixels.stroke_path(&path, &ink.paint(opacity), &stroke, self.scale, self.mask.as_ref());
        }
    }

    /// Until [`Self::everywhere`], only what is inside `shape` is painted.
    pub(super) fn inside(&mut self, shape: Shape) {
        let mask = Mask::new(self.pixels.width(), self.pixels.height());
        self.mask = mask.zip(shape.closed()).map(|(mut mask, path)| {
            mask.fill_path(&path, FillRule::Winding, true, self.scale);
            mask
        });
    }

    pub(super) fn everywhere(&mut self) {
        self.mask = None;
    }

    pub(super) fn finish(self, side: u16) -> Rgb {
        let pixels = self.pixels.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        Rgb { width: side, height: side, pixels }
    }
}

impl Ink {
    fn paint_colour(self) -> Color {
        let [red, green, blue] = self.channels();
        Color::from_rgba(red, green, blue, 1.0).unwrap_or(Color::WHITE)
    }
}
