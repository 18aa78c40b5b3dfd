//! The directory's people: the list, one person with every photo, and setting the photo URL.

pub mod address;
pub mod apply;
pub mod attributes;
pub mod export;
pub mod job;
pub mod list;
pub mod looks;
pub mod panel;
pub mod person;
pub mod photos;
pub mod places;
pub mod plan;
pub mod query;
pub mod set_checks;
pub mod set_url;
pub mod state;

pub use self::state::{Command, Layout, State, Status};
pub use crate::model::template;
