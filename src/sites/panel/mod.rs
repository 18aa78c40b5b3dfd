//! How sites are drawn: the welcome page, the wizard, the sign-in dialog, the switcher.

mod certificate;
mod checks;
mod form;
mod photos;
pub mod sign_in;
mod summary;
pub mod switcher;
mod title;
pub mod welcome;
pub mod wizard;

use crate::{
    model::{Environment, Site},
    ui::{SiteColour, SiteColours, Tokens},
};

/// The colours of `site`: its own, else its environment's.
pub fn colours_of(tokens: &Tokens, site: &Site) -> SiteColours {
    let usual = match site.environment {
        Environment::Test => SiteColour::Test,
        Environment::Production => SiteColour::Production,
    };
    tokens.site(site.colour.as_deref().and_then(|colour| colour.parse().ok()).unwrap_or(usual))
}
