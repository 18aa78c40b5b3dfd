//! Pictures of the demo's people as files: sound ones, and those with a fault planted in the bytes.
//!
//! Drawn when first asked for, then kept, within a bound. Not here: what a face looks like (`portrait`).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use jpeg_encoder::{ColorType, Encoder, EncodingError};

use super::{
    dice::Dice,
    megapixels::enlarged,
    portrait::{Face, Rgb},
};

/// How many files are kept before all are forgotten: some 20 MB.
const KEPT: usize = 2_000;

/// A picture, before it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Picture {
    /// 240 x 240, as photos for business cards should be.
    Portrait(Face),
    /// 96 x 96, as directories keep it in `thumbnailPhoto`.
    Thumbnail(Face),
    /// 648 x 648, as directories keep it in `jpegPhoto`.
    Large(Face),
    /// A PNG.
    Png(Face),
    /// A JPEG of about 80 KB.
    Heavy(Face),
    /// A JPEG of 8000 x 5000 pixels.
    FortyMegapixels(Face),
    /// The first half of a JPEG.
    CutShort(Face),
    /// Pixels on their side, and EXIF orientation 6: turn right to see it upright.
    Rotated(Face),
    /// A JPEG of cyan, magenta, yellow and black.
    Cmyk(Face),
}

/// The files that were drawn so far.
#[derive(Default)]
pub(super) struct Pictures(Mutex<HashMap<Picture, Arc<[u8]>>>);

impl Pictures {
    /// The file's bytes, the same every time.
    pub(super) fn bytes(&self, picture: Picture) -> Arc<[u8]> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = kept().get(&picture) {
            return Arc::clone(bytes);
        }
        // A drawing goes into memory and has pixels: nothing in it can fail.
        let bytes: Arc<[u8]> = picture.draw().unwrap_or_default().into();
        let mut kept = kept();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(picture, Arc::clone(&bytes));
        bytes
    }

    /// Forgets all.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Picture {
    /// Who is shown.
    pub(super) fn face(self) -> Face {
        match self {
            Self::Portrait(face)
            | Self::Thumbnail(face)
            | Self::Large(face)
            | Self::Png(face)
            | Self::Heavy(face)
            | Self::FortyMegapixels(face)
            | Self::CutShort(face)
            | Self::Rotated(face)
            | Self::Cmyk(face) => face,
        }
    }

    fn draw(self) -> Result<Vec<u8>, EncodingError> {
        let face = self.face();
        match self {
            Self::Portrait(_) => jpeg(&face.draw(240), 90),
            Self::Thumbnail(_) => jpeg(&face.draw(96), 90),
            Self::Large(_) => jpeg(&face.draw(648), 88),
            Self::Png(_) => Ok(png(&face.draw(240))),
            Self::Heavy(_) => jpeg(&grainy(face.draw(530), face), 90),
            Self::FortyMegapixels(_) => Ok(enlarged(&face.draw(500), 8000, 5000)),
            Self::CutShort(_) => {
                let mut bytes = jpeg(&face.draw(240), 90)?;
                bytes.truncate(bytes.len() / 2);
                Ok(bytes)
            }
            Self::Rotated(_) => {
                let mut bytes = Vec::new();
                let mut encoder = Encoder::new(&mut bytes, 90);
                encoder.add_exif_metadata(&ORIENTATION_6)?;
                let picture = turned_left(&face.draw(240));
                encoder.encode(&picture.pixels, picture.width, picture.height, ColorType::Rgb)?;
                Ok(bytes)
            }
            Self::Cmyk(_) => {
                let picture = face.draw(240);
                let mut bytes = Vec::new();
                let inks: Vec<u8> = picture.pixels.chunks_exact(3).flat_map(inks).collect();
                Encoder::new(&mut bytes, 90).encode(&inks, picture.width, picture.height, ColorType::Cmyk)?;
                Ok(bytes)
            }
        }
    }
}

/// A TIFF header, and one directory entry: tag 0x0112 (Orientation), SHORT, 1 value, 6 (EXIF 2.3, 4.6.4).
const ORIENTATION_6: [u8; 26] =
    [b'M', b'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];

fn jpeg(picture: &Rgb, quality: u8) -> Result<Vec<u8>, EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_optimized_huffman_tables(true);
    encoder.encode(&picture.pixels, picture.width, picture.height, ColorType::Rgb)?;
    Ok(bytes)
}

fn png(picture: &Rgb) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = (u32::from(picture.width), u32::from(picture.height));
    let written = PngEncoder::new(&mut bytes).write_image(&picture.pixels, width, height, ExtendedColorType::Rgb8);
    debug_assert!(written.is_ok(), "{written:?}");
    bytes
}

/// Like a picture taken in the dark: grain does not compress.
fn grainy(mut picture: Rgb, face: Face) -> Rgb {
    let mut dice = Dice::new(face.seed);
    for pixel in picture.pixels.chunks_exact_mut(3) {
        let grain = i16::try_from(dice.below(19)).unwrap_or_default() - 9;
        for channel in pixel {
            *channel = u8::try_from((i16::from(*channel) + grain).clamp(0, 255)).unwrap_or_default();
        }
    }
    picture
}

fn turned_left(picture: &Rgb) -> Rgb {
    let (width, height) = (usize::from(picture.width), usize::from(picture.height));
    let mut pixels = Vec::with_capacity(picture.pixels.len());
    for column in (0..width).rev() {
        for row in 0..height {
            let at = 3 * (row * width + column);
            pixels.extend_from_slice(&picture.pixels[at..at + 3]);
        }
    }
    Rgb { width: picture.height, height: picture.width, pixels }
}

/// Cyan, magenta, yellow, black, with as much black as there can be.
fn inks(pixel: &[u8]) -> [u8; 4] {
    let light = pixel.iter().copied().max().unwrap_or_default();
    let ink = |channel: u8| match u16::from(light) {
        0 => 0,
        light => u8::try_from((light - u16::from(channel)) * 255 / light).unwrap_or_default(),
    };
    [ink(pixel[0]), ink(pixel[1]), ink(pixel[2]), 255 - light]
}
