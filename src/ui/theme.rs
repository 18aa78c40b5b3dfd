//! egui's own settings from our tokens: one `Style` a theme, the fonts, and who had the keyboard last.
//!
//! [`install`] once per context, in the window and in tests alike.
//!
//! Not here: the colours themselves (`tokens.rs`), our widgets (`widgets/`).

use egui::{
    Color32, Context, CornerRadius, CursorIcon, Event, Margin, Plugin, RawInput, Shadow, Stroke, Style, Theme,
    ThemePreference, Visuals, epaint::FontColorTransferFunction, style, vec2,
};

use super::{
    fonts,
    tokens::{DARK, LIGHT, Tokens, radius, size},
    type_scale::text_styles,
};

/// How long a dialog takes to come, in seconds.
const FADE: f32 = 0.08;

/// Fonts, both styles, follow the system's theme. Call it once for a context.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts::definitions());
    ctx.set_style_of(Theme::Light, style_of(&LIGHT));
    ctx.set_style_of(Theme::Dark, style_of(&DARK));
    ctx.set_theme(ThemePreference::System);
    ctx.add_plugin(KeyboardFocus::default());
}

/// Stops everything that moves by itself (the setting "reduce motion"), or lets it move again.
pub fn reduce_motion(ctx: &Context, reduce: bool) {
    ctx.all_styles_mut(|style| {
        style.animation_time = if reduce { 0.0 } else { FADE };
        style.scroll_animation =
            if reduce { style::ScrollAnimation::none() } else { style::ScrollAnimation::default() };
        style.visuals.text_cursor.blink = !reduce;
    });
}

/// Whether the person's last act was a key rather than the pointer: only then a focus ring is drawn.
pub fn keyboard_is_in_use(ctx: &Context) -> bool {
    ctx.with_plugin(|focus: &mut KeyboardFocus| focus.keyboard).unwrap_or(false)
}

/// Notes whether the last act was a key or a click.
#[derive(Default)]
struct KeyboardFocus {
    keyboard: bool,
}

impl Plugin for KeyboardFocus {
    fn debug_name(&self) -> &'static str {
        "keyboard focus"
    }

    fn input_hook(&mut self, _ctx: &Context, input: &mut RawInput) {
        for event in &input.events {
            match event {
                Event::Key { pressed: true, .. } => self.keyboard = true,
                Event::PointerButton { pressed: true, .. } => self.keyboard = false,
                _ => {}
            }
        }
    }
}

fn style_of(t: &Tokens) -> Style {
    let mut style = Style { text_styles: text_styles(), visuals: visuals(t), animation_time: FADE, ..Style::default() };
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 6.0);
    spacing.button_padding = vec2(10.0, 5.0);
    spacing.interact_size.y = size::CONTROL;
    spacing.menu_margin = Margin::same(6);
    spacing.window_margin = Margin::same(20);
    spacing.menu_spacing = 4.0;
    spacing.tooltip_width = 420.0;
    spacing.scroll = style::ScrollStyle { bar_width: 5.0, floating_width: 5.0, ..style::ScrollStyle::floating() };
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    style
}

fn visuals(t: &Tokens) -> Visuals {
    let mut v = if t.dark { Visuals::dark() } else { Visuals::light() };
    v.override_text_color = None;
    if t.dark {
        // egui's own curve makes pale letters on dark look a weight heavier than the same ones in the light theme.
        v.text_options.color_transfer_function = FontColorTransferFunction::Gamma(0.8);
    }
    v.weak_text_color = Some(t.text_muted);
    v.widgets = widgets(t);
    v.selection = style::Selection { bg_fill: t.select_text, stroke: Stroke::new(1.0, t.focus_ring) };
    v.hyperlink_color = t.accent_text;
    v.faint_bg_color = t.bg_inset;
    v.extreme_bg_color = t.bg_card;
    v.text_edit_bg_color = Some(t.bg_card);
    v.code_bg_color = t.bg_inset;
    v.warn_fg_color = t.weak.text;
    v.error_fg_color = t.bad.text;
    v.window_corner_radius = CornerRadius::same(radius::DIALOG);
    v.window_shadow = Shadow { offset: [0, 12], blur: 32, spread: 0, color: t.shadow };
    v.window_fill = t.bg_popup;
    v.window_stroke = Tokens::line(t.border_default);
    v.window_highlight_topmost = false;
    v.menu_corner_radius = CornerRadius::same(radius::CARD);
    v.panel_fill = t.bg_page;
    v.popup_shadow = Shadow { offset: [0, 8], blur: 24, spread: 0, color: t.shadow };
    v.text_cursor.stroke = Stroke::new(1.5, t.focus_ring);
    v.striped = false;
    v.button_frame = true;
    v.interact_cursor = Some(CursorIcon::PointingHand);
    v.disabled_alpha = 1.0; // ours are drawn in their own disabled colours
    v
}

fn widgets(t: &Tokens) -> style::Widgets {
    let state = |fill: Color32, edge: Color32, text: Color32| style::WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Tokens::line(edge),
        corner_radius: CornerRadius::same(radius::CONTROL),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    style::Widgets {
        noninteractive: state(t.bg_page, t.border_default, t.text_primary),
        inactive: state(t.bg_card, t.border_control, t.text_primary),
        hovered: state(t.bg_hover, t.border_strong, t.text_primary),
        active: state(t.bg_active, t.border_strong, t.text_primary),
        open: state(t.bg_hover, t.border_strong, t.text_primary),
    }
}
