//! How the People page is drawn, and what is half typed there. Starts nothing.

pub mod set_url;
