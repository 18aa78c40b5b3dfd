//! How the People page is drawn, and what is half typed there. Starts nothing.

mod entry;
mod exchange;
pub mod export;
pub mod person;
mod places;
pub mod set_url;
pub mod viewer;
