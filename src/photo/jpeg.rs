//! The marker segments of a JPEG file (ITU-T T.81, annex B), walked without decoding: size, colours, rotation, and
//! whether the end is there.

use image::metadata::Orientation;

/// What the segments say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Segments {
    /// Width and height in pixels, from the first frame header.
    pub size: Option<(u32, u32)>,
    /// Colour components of the frame.
    pub components: u8,
    /// An Adobe segment: four-colour files that have one store their inks inverted.
    pub adobe: bool,
    /// EXIF orientation, 1 to 8.
    pub orientation: u8,
    /// Scans: one in a baseline file, about ten in a progressive one.
    pub scans: usize,
    /// The end-of-image marker came.
    pub ended: bool,
    /// A byte that is no marker stood where one must stand.
    pub broken: bool,
}

/// Walks `bytes`, which begin with the start-of-image marker. Never fails: what is missing stays missing.
pub(super) fn walk(bytes: &[u8]) -> Segments {
    let mut found = Segments { orientation: 1, ..Segments::default() };
    let mut at = 2;
    loop {
        let Some(&first) = bytes.get(at) else { return found };
        if first != 0xff {
            found.broken = true;
            return found;
        }
        let Some(skip) = bytes[at..].iter().position(|byte| *byte != 0xff) else { return found };
        let marker = bytes[at + skip];
        at += skip + 1;
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            continue; // stands alone
        }
        if marker == 0xd9 {
            found.ended = true;
            return found;
        }
        let Some(length) = bytes.get(at..at + 2).map(|pair| usize::from(u16::from_be_bytes([pair[0], pair[1]]))) else {
            return found;
        };
        let Some(body) = bytes.get(at + 2..at + length.max(2)) else { return found };
        found.take(marker, body);
        at += length.max(2);
        if marker == 0xda {
            at = after_scan(bytes, at);
        }
    }
}

impl Segments {
    fn take(&mut self, marker: u8, body: &[u8]) {
        match (marker, body) {
            // Frame headers; c4, c8 and cc are tables and extensions.
            (0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf, [_precision, h1, h0, w1, w0, components, ..])
                if self.size.is_none() =>
            {
                let number = |high: u8, low: u8| u32::from(u16::from_be_bytes([high, low]));
                self.size = Some((number(*w1, *w0), number(*h1, *h0)));
                self.components = *components;
            }
            (0xe1, [b'E', b'x', b'i', b'f', 0, 0, exif @ ..]) => {
                self.orientation = Orientation::from_exif_chunk(exif).map_or(1, Orientation::to_exif);
            }
            (0xee, [b'A', b'd', b'o', b'b', b'e', ..]) => self.adobe = true,
            (0xda, _) => self.scans += 1,
            _ => {}
        }
    }
}

/// Where the compressed data that begins at `at` ends: at the next marker that is neither stuffing nor a restart.
fn after_scan(bytes: &[u8], mut at: usize) -> usize {
    while let Some(skip) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == 0xff)) {
        at += skip;
        match bytes.get(at + 1) {
            Some(0x00 | 0xd0..=0xd7) => at += 2,
            Some(0xff) => at += 1,
            _ => return at,
        }
    }
    bytes.len()
}
