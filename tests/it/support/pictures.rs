//! Windows without a display, with the product's fonts and theme, in both themes: for tests by name and by picture.
//!
//! System fonts are looked up as in the window; the locale is fixed, so that a Chinese and a Japanese font are not
//! chosen by the machine's language. The packages are named in `tests/run`.

use std::sync::Arc;

use egui::{Context, Theme, Ui, Vec2};
use egui_kittest::{Harness, HarnessBuilder, SnapshotResults};
use egui_system_font_provider::SystemFontProvider;

/// Both themes, with the end of a picture's name.
pub const THEMES: [(Theme, &str); 2] = [(Theme::Light, "light"), (Theme::Dark, "dark")];

/// Fonts and theme as in the window.
pub fn install(ctx: &Context) {
    photodesk::ui::install(ctx);
    ctx.add_font_provider(Arc::new(SystemFontProvider::new().with_locale(Some("en"))));
}

/// A harness to build from, for a ui or for the whole app: sized, themed, and failing on a widget without a name.
pub fn builder<State>(size: impl Into<Vec2>, theme: Theme) -> HarnessBuilder<State> {
    Harness::<State>::builder()
        .with_size(size)
        .with_theme(theme)
        .with_max_steps(30)
        .with_accessibility_check(true)
        .with_context_setup(install)
}

/// Something drawn on a page of `size`.
pub fn harness<'a>(size: impl Into<Vec2>, theme: Theme, draw: impl FnMut(&mut Ui) + 'a) -> Harness<'a> {
    builder::<()>(size, theme).build_ui(draw)
}

/// Draws a page in both themes and compares each with `tests/snapshots/NAME-THEME.png`.
pub fn both(name: &str, size: impl Into<Vec2>, draw: impl Fn(&mut Ui)) {
    both_after(name, size, draw, |_| ()).unwrap();
}

/// The same after something was done (opened, clicked, typed). A test with several pictures gathers the results and
/// unwraps them once.
pub fn both_after(
    name: &str,
    size: impl Into<Vec2>,
    draw: impl Fn(&mut Ui),
    act: impl Fn(&mut Harness<'_>),
) -> SnapshotResults {
    let size = size.into();
    let mut results = SnapshotResults::new();
    for (theme, word) in THEMES {
        let mut window = harness(size, theme, &draw);
        window.run_ok();
        act(&mut window);
        results.add(window.try_snapshot(format!("{name}-{word}")));
    }
    results
}
