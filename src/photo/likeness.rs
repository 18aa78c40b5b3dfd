//! Whether two files show the same picture.

/// What a picture looks like, small enough to keep for every person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness(Box<[u8]>);

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
