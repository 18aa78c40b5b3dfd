//! Pictures from strangers: what a file is, decoding within bounds, whether two show the same, and what the clients'
//! rules say. Decoding never runs on the UI thread.
//!
//! | file | what it does |
//! | --- | --- |
//! | `inspect.rs` | the header: format by content, pixels, rotation, or what it is instead |
//! | `jpeg.rs` | the marker segments of a JPEG file |
//! | `ends.rs` | whether the end of a file is there |
//! | `decode.rs` | upright RGBA within bounds |
//! | `likeness.rs` | same bytes, same picture, other picture |
//! | `found.rs` | all of that for one file |
//! | `judge.rs`, `badges.rs` | what the administrator reads: verdict and rules, with sources |
//! | `look.rs` | one address from fetch to verdict, through `cache.rs` |
//!
//! Pure but for `look.rs` and `cache.rs`.

use std::{fmt, sync::Arc};

pub mod badges;
pub mod cache;
mod decode;
mod ends;
mod found;
mod inspect;
mod jpeg;
pub mod judge;
mod likeness;
pub mod look;
#[cfg(test)]
mod tests;

pub use badges::{Badge, Rule};
pub use cache::Cache;
pub use decode::decode;
pub use found::Found;
pub use inspect::{MAX_PIXELS, inspect};
pub use judge::{FaultKind, Level, Verdict};
pub use likeness::{Likeness, Sameness};
pub use look::{Look, Looking};

/// What a file's content says it is, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// GIF.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// WebP.
    WebP,
    /// TIFF.
    Tiff,
    /// HEIC, what telephones store.
    Heic,
    /// AVIF.
    Avif,
    /// SVG.
    Svg,
    /// Windows icon.
    Ico,
}

/// What the header says, read without decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// By content.
    pub format: Format,
    /// Pixels, before any rotation is honoured.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Size of the file in bytes.
    pub bytes: usize,
    /// EXIF orientation, 1 to 8; 1 is upright.
    pub orientation: u8,
    /// Four ink colours instead of three light ones: browsers differ in showing it.
    pub cmyk: bool,
}

/// A decoded picture, upright: plain RGBA (alpha not multiplied in), four bytes a pixel, row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// `4 * width * height` bytes.
    pub rgba: Arc<[u8]>,
}

/// Why bytes are no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhotoFault {
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// A web page.
    #[error("it is a web page, not a picture")]
    Html {
        /// Its title, when it has one.
        title: Option<String>,
        /// It asks for a password.
        sign_in: bool,
    },
    /// Something else that is no picture.
    #[error("it is no picture{}", .what.map(|what| format!(" but {what}")).unwrap_or_default())]
    NotAPicture {
        /// What it is, when that can be told: `a PDF document`.
        what: Option<&'static str>,
    },
    /// The end is missing.
    #[error("the file is cut short")]
    CutShort,
    /// More pixels than are ever decoded.
    #[error("it has too many pixels: {width} × {height}")]
    TooManyPixels {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// A format that is recognised and not decoded.
    #[error("{} pictures are not shown here", .format.name())]
    Unsupported {
        /// Which.
        format: Format,
    },
    /// Damaged.
    #[error("the file is damaged: {text}")]
    Damaged {
        /// The decoder's words.
        text: String,
    },
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} × {})", self.width, self.height)
    }
}

impl Format {
    /// As shown: `JPEG`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::WebP => "WebP",
            Self::Tiff => "TIFF",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::Svg => "SVG",
            Self::Ico => "ICO",
        }
    }
}
