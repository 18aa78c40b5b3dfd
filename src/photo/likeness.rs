//! Whether two files show the same picture, across sizes and recompression.
//!
//! A general perceptual hash keeps the layout of light and dark, and portraits in front of one background all have the
//! same. This keeps a small picture in colour instead, and looks where two differ most: a colleague's face may share
//! everything but the hair.

use super::Picture;

/// Cells at each side of the small picture.
const SIDE: usize = 24;

/// The worst place of two pictures of the same face differs by less, in steps of 255. Measured with the demo site's
/// portraits; see the tests.
const SAME_BELOW: f32 = 14.0;

/// Width against height may differ by this share: what rounding to whole pixels does to small pictures.
const SAME_SHAPE: f32 = 0.04;

/// What a picture looks like, small enough to keep for every person (1.7 KB).
#[derive(Clone, PartialEq, Eq)]
pub struct Likeness {
    cells: Box<[[u8; 3]]>,
    /// Width and height, for comparing shapes.
    size: (u32, u32),
}

/// How two photos compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sameness {
    /// The same file.
    SameBytes,
    /// The same picture, resized or recompressed.
    SamePicture,
    /// Another picture.
    Other,
}

impl Likeness {
    pub(super) fn of(picture: &Picture) -> Self {
        let (columns, rows) = (shares(picture.width), shares(picture.height));
        let mut cells = Vec::with_capacity(SIDE * SIDE);
        for row in &rows {
            for column in &columns {
                cells.push(mean(picture, column, row));
            }
        }
        Self { cells: cells.into(), size: (picture.width, picture.height) }
    }

    /// How this compares with `other`; never [`Sameness::SameBytes`].
    pub fn compare(&self, other: &Self) -> Sameness {
        let shape = |(width, height): (u32, u32)| width as f32 / height as f32;
        let ratio = shape(self.size) / shape(other.size);
        let same = (ratio.ln()).abs() < SAME_SHAPE && self.distance(other) < SAME_BELOW;
        if same { Sameness::SamePicture } else { Sameness::Other }
    }

    /// How much the worst place differs, in steps of 255: the mean over two by two cells of how far their colours lie
    /// apart. Two by two, because rings at edges from resizing and recompression alternate from cell to cell, and
    /// differences between pictures do not.
    pub fn distance(&self, other: &Self) -> f32 {
        let shorter = self.size.0.min(self.size.1).min(other.size.0).min(other.size.1);
        // The colours of a small JPEG are those of every other pixel: cells of fewer than four pixels show it.
        let cell = if shorter < 4 * SIDE as u32 { 2 } else { 1 };
        let side = SIDE / cell;
        let differences: Vec<_> =
            (0..side * side).map(|at| self.difference(other, at % side * cell, at / side * cell, cell)).collect();
        let mut worst = 0_f32;
        for row in 0..side - 1 {
            for column in 0..side - 1 {
                let mut sum = [0_f32; 3];
                for at in [0, 1, side, side + 1].map(|step| row * side + column + step) {
                    (0..3).for_each(|channel| sum[channel] += differences[at][channel] / 4.0);
                }
                worst = worst.max(sum.iter().map(|part| part * part).sum::<f32>().sqrt());
            }
        }
        worst
    }

    /// The mean difference over `cell` by `cell` cells.
    fn difference(&self, other: &Self, column: usize, row: usize, cell: usize) -> [f32; 3] {
        let mut sum = [0_f32; 3];
        for at in (0..cell * cell).map(|step| (row + step / cell) * SIDE + column + step % cell) {
            for (channel, part) in sum.iter_mut().enumerate() {
                *part += f32::from(self.cells[at][channel]) - f32::from(other.cells[at][channel]);
            }
        }
        sum.map(|part| part / (cell * cell) as f32)
    }
}

/// For each cell along one side of `length` pixels: which pixels it covers, and how much of each.
fn shares(length: u32) -> Vec<Vec<(u32, f32)>> {
    let step = length as f32 / SIDE as f32;
    (0..SIDE)
        .map(|cell| {
            let (start, end) = (cell as f32 * step, (cell + 1) as f32 * step);
            let last = (end.ceil() as u32).min(length);
            (start.floor() as u32..last)
                .map(|pixel| (pixel, (end.min(pixel as f32 + 1.0) - start.max(pixel as f32)).max(0.0)))
                .collect()
        })
        .collect()
}

/// The mean colour of a cell, on white where it is transparent.
fn mean(picture: &Picture, columns: &[(u32, f32)], rows: &[(u32, f32)]) -> [u8; 3] {
    let (mut sum, mut total) = ([0_f32; 3], 0_f32);
    for (y, high) in rows {
        for (x, wide) in columns {
            let at = 4 * (*y as usize * picture.width as usize + *x as usize);
            let Some([red, green, blue, alpha]) = picture.rgba.get(at..at + 4) else { continue };
            let (share, opacity) = (high * wide, f32::from(*alpha) / 255.0);
            for (channel, colour) in [red, green, blue].into_iter().enumerate() {
                sum[channel] += share * (f32::from(*colour) * opacity + 255.0 * (1.0 - opacity));
            }
            total += share;
        }
    }
    sum.map(|channel| (channel / total.max(f32::EPSILON)).round() as u8)
}

impl std::fmt::Debug for Likeness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Likeness({} × {})", self.size.0, self.size.1)
    }
}
