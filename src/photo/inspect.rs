//! What a file is, from its first bytes: a picture and its facts, or what it is instead. Nothing is decoded.

use std::io::Cursor;

use image::{ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::{Facts, Format, PhotoFault, ends::is_cut_short, jpeg};

/// More pixels are never decoded: 25 million, a 24-megapixel camera's photo with room to spare. A PNG of that size
/// takes 100 MB while it is decoded (twice that with 16 bits a channel); a baseline JPEG is decoded at a smaller scale
/// and takes a few.
pub const MAX_PIXELS: u64 = 25_000_000;

/// Progressive files have about ten scans. Each costs as much time as the whole picture, so a small file with thousands
/// is a trap.
const MAX_SCANS: usize = 100;

/// How much of a web page is searched for its title and a password field.
const HTML_SEARCHED: usize = 256 << 10;

/// Reads the header of `bytes`.
///
/// # Errors
/// Why it is no picture; [`PhotoFault::TooManyPixels`] is found here, before any memory is taken.
pub fn inspect(bytes: &[u8]) -> Result<Facts, PhotoFault> {
    if bytes.is_empty() {
        return Err(PhotoFault::Empty);
    }
    let Some(format) = format_of(bytes) else { return Err(no_picture(bytes)) };
    let (width, height, orientation, cmyk) = match format {
        Format::Jpeg => jpeg_header(bytes)?,
        Format::Png => by_decoder(bytes, format, ImageFormat::Png)?,
        Format::Gif => by_decoder(bytes, format, ImageFormat::Gif)?,
        Format::Bmp => by_decoder(bytes, format, ImageFormat::Bmp)?,
        Format::WebP => by_decoder(bytes, format, ImageFormat::WebP)?,
        Format::Tiff | Format::Heic | Format::Avif | Format::Svg | Format::Ico => {
            return Err(PhotoFault::Unsupported { format });
        }
    };
    if width == 0 || height == 0 {
        return Err(PhotoFault::Damaged { text: "it has no pixels".to_owned() });
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PhotoFault::TooManyPixels { width, height });
    }
    Ok(Facts { format, width, height, bytes: bytes.len(), orientation, cmyk })
}

fn format_of(bytes: &[u8]) -> Option<Format> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(Format::Jpeg),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Format::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Format::Gif),
        // The header's own length tells a bitmap from a text that begins with BM.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, _, _, _, _, 12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0, ..] => {
            Some(Format::Bmp)
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Format::WebP),
        [b'I', b'I', 0x2a | 0x2b, 0, ..] | [b'M', b'M', 0, 0x2a | 0x2b, ..] => Some(Format::Tiff),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4)? {
            b"avif" | b"avis" => Some(Format::Avif),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => Some(Format::Heic),
            _ => None,
        },
        [0, 0, 1 | 2, 0, 1..=64, 0, ..] => Some(Format::Ico),
        _ => {
            let start = start_of_text(bytes);
            (start.starts_with("<svg") || (start.starts_with("<?xml") && start.contains("<svg"))).then_some(Format::Svg)
        }
    }
}

/// The first kilobyte as lower-case text, without byte-order mark and leading blanks.
fn start_of_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    text.trim_start_matches('\u{feff}').trim_start().to_owned()
}

fn jpeg_header(bytes: &[u8]) -> Result<(u32, u32, u8, bool), PhotoFault> {
    let found = jpeg::walk(bytes);
    let Some((width, height)) = found.size else {
        return Err(if found.ended || found.broken {
            PhotoFault::Damaged { text: "the JPEG file has no frame header".to_owned() }
        } else {
            PhotoFault::CutShort
        });
    };
    if found.scans > MAX_SCANS {
        return Err(PhotoFault::Damaged { text: format!("the JPEG file has {} scans", found.scans) });
    }
    Ok((width, height, found.orientation, found.components == 4))
}

fn by_decoder(bytes: &[u8], known: Format, format: ImageFormat) -> Result<(u32, u32, u8, bool), PhotoFault> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    // The pixels are counted by `inspect`, which can say how many there are.
    reader.limits(limits());
    let mut decoder = reader
        .into_decoder()
        .map_err(|error| if is_cut_short(bytes, known) { PhotoFault::CutShort } else { fault(&error) })?;
    let (width, height) = decoder.dimensions();
    // A damaged orientation is none.
    let orientation = decoder.orientation().map_or(1, image::metadata::Orientation::to_exif);
    Ok((width, height, orientation, false))
}

/// What decoders may allocate: the largest picture at 16 bits a channel, and some room.
pub(super) fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_PIXELS * 8 + (16 << 20));
    limits
}

/// The image library's error in our words.
pub(super) fn fault(error: &ImageError) -> PhotoFault {
    match error {
        ImageError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => PhotoFault::CutShort,
        other => PhotoFault::Damaged { text: other.to_string() },
    }
}

fn no_picture(bytes: &[u8]) -> PhotoFault {
    let start = start_of_text(bytes);
    let page = ["<!doctype html", "<html", "<head", "<body", "<title", "<script", "<form", "<meta", "<div"];
    if start.starts_with('<') && page.iter().any(|tag| start.contains(tag)) {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(HTML_SEARCHED)]);
        let lower = text.to_ascii_lowercase();
        let title = title(&text, &lower);
        return PhotoFault::Html { sign_in: asks_to_sign_in(&lower, title.as_deref()), title };
    }
    let what = match bytes {
        [b'%', b'P', b'D', b'F', ..] => Some("a PDF document"),
        [b'P', b'K', 3, 4, ..] => Some("a ZIP archive or an office document"),
        [0x1f, 0x8b, ..] => Some("a compressed file"),
        [b'{' | b'[', ..] if start.contains('"') => Some("a JSON text"),
        _ if start.starts_with("<?xml") => Some("an XML document"),
        _ if bytes.iter().take(1024).all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')) => Some("a text"),
        _ => None,
    };
    PhotoFault::NotAPicture { what }
}

fn title(text: &str, lower: &str) -> Option<String> {
    const LONGEST: usize = 80;
    // Lower-casing ASCII keeps every offset.
    let open = lower.find("<title")?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let mut title = text[start..end].split_whitespace().collect::<Vec<_>>().join(" ");
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
        title = title.replace(entity, character);
    }
    title.retain(|character| !character.is_control());
    if let Some((at, _character)) = title.char_indices().nth(LONGEST) {
        title.truncate(at);
        title.push('…');
    }
    (!title.is_empty()).then_some(title)
}

/// A password field; the form actions of WebSphere and SAML; or a title that says so.
fn asks_to_sign_in(lower: &str, title: Option<&str>) -> bool {
    let marks = ["type=\"password\"", "type='password'", "type=password", "j_security_check", "samlrequest"];
    let titles = ["sign in", "sign-in", "log in", "login", "log on", "logon"];
    let title = title.unwrap_or_default().to_lowercase();
    marks.iter().any(|mark| lower.contains(mark)) || titles.iter().any(|words| title.contains(words))
}
