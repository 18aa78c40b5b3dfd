//! How the People page is drawn, and what is half typed there. Starts nothing.

pub mod export;
pub mod person;
pub mod set_url;
pub mod viewer;
