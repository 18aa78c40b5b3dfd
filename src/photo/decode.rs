//! Bytes to pixels, within bounds: upright, and small from the start where the format allows.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use image::{
    DynamicImage, GrayImage, ImageFormat, ImageReader, RgbImage, RgbaImage, imageops::FilterType, metadata::Orientation,
};
use jpeg_decoder::{Decoder, PixelFormat};

use super::{
    Facts, Format, PhotoFault, Picture,
    ends::is_cut_short,
    inspect::{MAX_PIXELS, fault, inspect, limits},
    jpeg,
};

/// Decodes `bytes` upright, made smaller to at most `edge` pixels at its longer side.
///
/// # Errors
/// Why it is no picture.
pub fn decode(bytes: &[u8], edge: u32) -> Result<Picture, PhotoFault> {
    decode_as(bytes, &inspect(bytes)?, edge)
}

/// Decodes `bytes`, whose header says `facts`.
pub(super) fn decode_as(bytes: &[u8], facts: &Facts, edge: u32) -> Result<Picture, PhotoFault> {
    if is_cut_short(bytes, facts.format) {
        return Err(PhotoFault::CutShort);
    }
    // The decoders are well tested against damaged files, and still other people's code.
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        let image = match facts.format {
            Format::Jpeg => jpeg(bytes, edge)?,
            Format::Png => other(bytes, ImageFormat::Png)?,
            Format::Gif => other(bytes, ImageFormat::Gif)?,
            Format::Bmp => other(bytes, ImageFormat::Bmp)?,
            Format::WebP => other(bytes, ImageFormat::WebP)?,
            format => return Err(PhotoFault::Unsupported { format }),
        };
        let mut small = shrink(image, edge.max(1));
        small.apply_orientation(Orientation::from_exif(facts.orientation).unwrap_or(Orientation::NoTransforms));
        Ok(picture(small.into_rgba8()))
    }));
    decoded.unwrap_or_else(|_panic| Err(PhotoFault::Damaged { text: "the decoder gave up".to_owned() }))
}

/// Makes `large` smaller to at most `edge` pixels at its longer side.
pub(super) fn smaller(large: Picture, edge: u32) -> Picture {
    if large.width.max(large.height) <= edge {
        return large;
    }
    match RgbaImage::from_raw(large.width, large.height, large.rgba.to_vec()) {
        Some(image) => picture(shrink(DynamicImage::ImageRgba8(image), edge.max(1)).into_rgba8()),
        None => large,
    }
}

fn picture(image: RgbaImage) -> Picture {
    Picture { width: image.width(), height: image.height(), rgba: image.into_raw().into() }
}

fn jpeg(bytes: &[u8], edge: u32) -> Result<DynamicImage, PhotoFault> {
    let mut decoder = Decoder::new(bytes);
    decoder.set_max_decoding_buffer_size(MAX_PIXELS as usize * 4);
    let edge = u16::try_from(edge).unwrap_or(u16::MAX);
    decoder.scale(edge, edge).map_err(|error| jpeg_fault(&error))?;
    let pixels = decoder.decode().map_err(|error| jpeg_fault(&error))?;
    let damaged = || PhotoFault::Damaged { text: "the JPEG file has fewer pixels than it says".to_owned() };
    let info = decoder.info().ok_or_else(damaged)?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let image = match info.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
        // Two bytes a pixel in the machine's order (lossless files only): the upper one is enough.
        PixelFormat::L16 => {
            let upper = pixels.chunks_exact(2).map(|pair| (u16::from_ne_bytes([pair[0], pair[1]]) >> 8) as u8);
            GrayImage::from_raw(width, height, upper.collect()).map(DynamicImage::ImageLuma8)
        }
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
        PixelFormat::CMYK32 => {
            let rgb = inks_to_light(&pixels, jpeg::walk(bytes).adobe);
            RgbImage::from_raw(width, height, rgb).map(DynamicImage::ImageRgb8)
        }
    };
    image.ok_or_else(damaged)
}

/// Four inks to three lights, as browsers do without a colour profile. The decoder takes every file's inks for
/// inverted, as Adobe's programs store them; files without Adobe's segment are not.
fn inks_to_light(pixels: &[u8], adobe: bool) -> Vec<u8> {
    let ink = |value: u8| if adobe { value } else { 255 - value };
    let light = |ink: u8, black: u8| (u16::from(255 - ink) * u16::from(255 - black) / 255) as u8;
    pixels
        .chunks_exact(4)
        .flat_map(|inks| {
            let black = ink(inks[3]);
            [light(ink(inks[0]), black), light(ink(inks[1]), black), light(ink(inks[2]), black)]
        })
        .collect()
}

fn jpeg_fault(error: &jpeg_decoder::Error) -> PhotoFault {
    match error {
        jpeg_decoder::Error::Io(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => PhotoFault::CutShort,
        other => PhotoFault::Damaged { text: other.to_string() },
    }
}

/// The first frame, when it moves.
fn other(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, PhotoFault> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    reader.decode().map_err(|error| fault(&error))
}

/// At most `edge` pixels at the longer side; never larger than it was.
fn shrink(image: DynamicImage, edge: u32) -> DynamicImage {
    let longer = image.width().max(image.height());
    if longer <= edge {
        return image;
    }
    // Averaging whole blocks first keeps 25 megapixels quick; what is left is filtered well.
    let image = if longer > 4 * edge { image.thumbnail(2 * edge, 2 * edge) } else { image };
    if !image.color().has_alpha() {
        return image.resize(edge, edge, FilterType::CatmullRom);
    }
    // Weighing colours by their opacity keeps the colour of invisible pixels out of the visible ones.
    let mut image = image.into_rgba8();
    for pixel in image.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        let weighed = |colour: u8| ((u16::from(colour) * u16::from(alpha) + 127) / 255) as u8;
        pixel.0 = [weighed(red), weighed(green), weighed(blue), alpha];
    }
    let mut image = DynamicImage::ImageRgba8(image).resize(edge, edge, FilterType::CatmullRom).into_rgba8();
    for pixel in image.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        if alpha > 0 {
            let plain = |colour: u8| (u16::from(colour) * 255 / u16::from(alpha)).min(255) as u8;
            pixel.0 = [plain(red), plain(green), plain(blue), alpha];
        }
    }
    DynamicImage::ImageRgba8(image)
}
