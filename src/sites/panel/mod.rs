//! How sites are drawn: the welcome page, the wizard, the sign-in dialog, the switcher.

pub mod sign_in;
pub mod switcher;
pub mod welcome;
pub mod wizard;
