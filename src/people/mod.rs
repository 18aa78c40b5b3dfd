//! The directory's people: the list, one person with every photo, and setting the photo URL.

pub mod address;
pub mod apply;
pub mod export;
pub mod panel;
pub mod plan;
pub mod set_url;

pub use crate::model::template;
