//! One photo as found in some place: its bytes and all that follows from them.

use std::sync::Arc;

use super::{Facts, Likeness, PhotoFault, Picture, Sameness};

/// A file that is a picture.
#[derive(Clone, PartialEq, Eq)]
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
        let _ = (bytes.into(), edge);
        unimplemented!()
    }

    /// How this photo compares with `other`.
    pub fn compare(&self, other: &Self) -> Sameness {
        let _ = other;
        unimplemented!()
    }
}
