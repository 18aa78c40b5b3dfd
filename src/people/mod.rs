//! The directory's people: the list, one person with every photo, and setting the photo URL.

pub mod panel;
