//! One photo as found in some place: its bytes and all that follows from them.

use std::sync::Arc;

use super::{Facts, Likeness, PhotoFault, Picture, Sameness, decode, inspect::inspect};

/// Pictures are compared at no fewer pixels than this at the longer side, however small they are shown.
const COMPARED_EDGE: u32 = 128;

/// A file that is a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What its header says.
    pub facts: Facts,
    /// The file.
    pub bytes: Arc<[u8]>,
    /// Upright, made smaller to the edge that was asked for.
    pub picture: Picture,
    /// For comparing.
    pub likeness: Likeness,
}

impl Found {
    /// Reads `bytes`; the picture is made smaller to at most `edge` pixels at its longer side.
    ///
    /// # Errors
    /// Why it is no picture.
    pub fn read(bytes: impl Into<Arc<[u8]>>, edge: u32) -> Result<Self, PhotoFault> {
        let bytes = bytes.into();
        let facts = inspect(&bytes)?;
        let large = decode::decode_as(&bytes, &facts, edge.max(COMPARED_EDGE))?;
        Ok(Self { facts, likeness: Likeness::of(&large), picture: decode::smaller(large, edge), bytes })
    }

    /// How this photo compares with `other`.
    pub fn compare(&self, other: &Self) -> Sameness {
        if self.bytes == other.bytes { Sameness::SameBytes } else { self.likeness.compare(&other.likeness) }
    }
}
