//! What a file is, from its first bytes.

use super::{Facts, PhotoFault};

/// More pixels are never decoded: 25 million, a 24-megapixel camera's photo with room to spare. Decoding a PNG of that
/// size takes 100 MB.
pub const MAX_PIXELS: u64 = 25_000_000;

/// Reads the header of `bytes`.
///
/// # Errors
/// Why it is no picture; [`PhotoFault::TooManyPixels`] is found here, before any memory is taken.
pub fn inspect(bytes: &[u8]) -> Result<Facts, PhotoFault> {
    let _ = bytes;
    unimplemented!()
}
