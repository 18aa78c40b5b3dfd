//! Whether the end of a picture's file is there, by the format's own structure.

use super::{Format, jpeg};

/// Whether the end of the file is missing. Decoders paint what there is and do not all say so.
pub(super) fn is_cut_short(bytes: &[u8], format: Format) -> bool {
    let length_at =
        |at: usize| bytes.get(at..at + 4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]) as usize);
    match format {
        Format::Jpeg => {
            let segments = jpeg::walk(bytes);
            !segments.ended && !segments.broken
        }
        Format::Png => !png_ends(bytes),
        Format::Gif => gif_trailer(bytes).is_none(),
        Format::WebP => length_at(4).is_none_or(|length| bytes.len() < length.saturating_add(8)),
        // Zero there is common, and then nothing is known.
        Format::Bmp => length_at(2).is_none_or(|length| bytes.len() < length),
        _ => false,
    }
}

/// Chunk by chunk to IEND (PNG specification, 5.3).
fn png_ends(bytes: &[u8]) -> bool {
    let mut at = 8_usize;
    while let Some([a, b, c, d, kind @ ..]) = bytes.get(at..at.saturating_add(8)) {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let Some(next) = at.checked_add(12).and_then(|start| start.checked_add(length)) else { return false };
        if kind == b"IEND" {
            return next <= bytes.len();
        }
        at = next;
    }
    false
}

/// Block by block to the trailer (GIF89a specification, appendix B).
fn gif_trailer(bytes: &[u8]) -> Option<()> {
    let table = |packed: u8| if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) };
    let mut at = 13 + table(*bytes.get(10)?);
    loop {
        match bytes.get(at)? {
            0x21 => at += 2,
            0x2c => at += 11 + table(*bytes.get(at + 9)?),
            // The trailer; or a byte that begins no block, of which the decoder will say whether it matters.
            _ => return Some(()),
        }
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
    }
}
