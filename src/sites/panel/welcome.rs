//! The first page: the demo site, one's own sites, and what the program promises.

use egui::{
    Align, Layout, Rect, Response, Role, ScrollArea, Sense, TextureHandle, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    sites::{Command, FileFor, State, panel::colours_of, store::Listed},
    ui::{
        Elide, Icon, Level, Look as _, Text, Type, format, paint, radius, size,
        widgets::{Button, Photo, ProblemCard, mark_ui},
    },
};

/// Width of the page's one column.
const COLUMN: f32 = 820.0;
/// Height of a card's inside: both are equal, buttons on one line.
const CARD: f32 = 250.0;
/// Sites of the list; the switcher has all.
const RECENT: usize = 4;

/// Draws the page in all of `ui`. `portraits` are people of the demo site, shown in a row.
pub fn ui(ui: &mut Ui, state: &State, portraits: &[TextureHandle], now: Timestamp, out: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let recent = state.sites().len().min(RECENT);
    let content = 560.0 + if recent == 0 { 0.0 } else { 34.0 + recent as f32 * size::ROW_PEOPLE };
    ScrollArea::vertical().id_salt("welcome").auto_shrink([false, false]).show(ui, |ui| {
        let width = COLUMN.min(ui.available_width() - 48.0);
        let left = ((ui.available_width() - width) / 2.0).round();
        ui.add_space(((area.height() - content) / 2.0).clamp(20.0, 106.0).round());
        let rect = Rect::from_min_size(ui.cursor().min + vec2(left, 0.0), vec2(width, f32::INFINITY));
        let mut column = ui.new_child(UiBuilder::new().max_rect(rect));
        column.spacing_mut().item_spacing.y = 0.0;
        column_ui(&mut column, state, portraits, now, out);
        ui.advance_cursor_after_rect(column.min_rect());
        ui.add_space(20.0);
    });
}

fn column_ui(ui: &mut Ui, state: &State, portraits: &[TextureHandle], now: Timestamp, out: &mut Vec<Command>) {
    let t = ui.tokens();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        mark_ui(ui, 28.0);
        ui.add(Text::new("Photodesk").style(Type::Heading));
    });
    ui.add_space(18.0);
    let question = "Which photos does each person have, and what is wrong with them?";
    ui.add(Text::new(question).style(Type::Display).elide(Elide::Wrap));
    ui.add_space(8.0);
    let what = "The Sametime administrator’s desk for people’s photos: what the directory says, what the web server \
                sends, and what clients will not take.";
    let width = 600.0_f32.min(ui.available_width());
    ui.add(Text::new(what).color(t.text_secondary).elide(Elide::Wrap).width(width));
    ui.add_space(24.0);
    if let Some(problem) = state.problem() {
        if ProblemCard::new(Level::Bad, problem.what.as_str())
            .reason(problem.hint.clone().unwrap_or_default())
            .mend("Close message")
            .show(ui)
            .is_some()
        {
            out.push(Command::DismissProblem);
        }
        ui.add_space(16.0);
    }
    let gap = 16.0;
    let each = ((ui.available_width() - gap) / 2.0).floor();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = gap;
        card(ui, each, |ui| demo_ui(ui, portraits, out));
        card(ui, each, |ui| own_ui(ui, out));
    });
    recent_ui(ui, state, now, out);
    ui.add_space(28.0);
    let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    paint::hline(ui.painter(), line.x_range(), line.center().y, t.border_default);
    ui.add_space(18.0);
    promises_ui(ui);
}

/// A card of a fixed size, so that both have their buttons on one line.
fn card(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    let t = ui.tokens();
    let (rect, _) = ui.allocate_exact_size(vec2(width, CARD + 40.0), Sense::hover());
    paint::ground(ui.painter(), rect, radius::CARD, t.bg_card, t.border_default);
    let mut inside = ui.new_child(UiBuilder::new().max_rect(rect.shrink(20.0)).layout(Layout::top_down(Align::Min)));
    inside.spacing_mut().item_spacing.y = 0.0;
    content(&mut inside);
}

fn demo_ui(ui: &mut Ui, portraits: &[TextureHandle], out: &mut Vec<Command>) {
    let (side, gap) = (34.0, 4.0);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), side), Sense::hover());
    let fit = ((rect.width() + gap) / (side + gap)).floor() as usize;
    let mut row = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)));
    row.spacing_mut().item_spacing.x = gap;
    for portrait in portraits.iter().take(fit.min(9)) {
        row.add(Photo::new("A person of the demo site", side).texture(Some(portrait.clone())));
    }
    words_ui(
        ui,
        "The demo site",
        "A whole working site on this computer: some 400 people, a directory, a photo web server, and every known fault \
         planted among them. Nothing to install.",
        &["Break it, mend it, reset it", "No connection leaves this computer"],
    );
    foot(ui, |ui| {
        if ui.add(Button::primary("Explore the demo site").tall()).clicked() {
            out.push(Command::ExploreDemo);
        }
    });
}

fn own_ui(ui: &mut Ui, out: &mut Vec<Command>) {
    let t = ui.tokens();
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 34.0), Sense::hover());
    let mut x = rect.left();
    for (at, icon) in [Icon::BookUser, Icon::Image, Icon::Users].into_iter().enumerate() {
        if at > 0 {
            paint::hline(ui.painter(), x + 8.0..=x + 18.0, rect.center().y, t.border_control);
            x += 26.0;
        }
        let tile = Rect::from_min_size(pos2(x, rect.top()), vec2(34.0, 34.0));
        paint::ground(ui.painter(), tile, radius::CONTROL, t.bg_inset, t.border_default);
        paint::icon(ui.painter(), tile.center(), icon, 16.0, t.text_secondary);
        x = tile.right();
    }
    words_ui(
        ui,
        "Your site",
        "Your directory and your photo web server. Each step is tested as you go, and says what it found.",
        &[
            "Opens read-only; you unlock it when you want to write",
            "Passwords go to the system’s credential store or nowhere",
        ],
    );
    foot(ui, |ui| {
        if ui.add(Button::new("Add your site…").tall()).clicked() {
            out.push(Command::Add);
        }
        if ui.add(Button::quiet("Open a site file…").tall()).clicked() {
            out.push(Command::PickFile(FileFor::Site));
        }
    });
}

fn words_ui(ui: &mut Ui, heading: &str, sentence: &str, points: &[&str]) {
    let t = ui.tokens();
    ui.add_space(16.0);
    ui.add(Text::new(heading).style(Type::Heading));
    ui.add_space(10.0);
    ui.add(Text::new(sentence).color(t.text_secondary).elide(Elide::Wrap));
    ui.add_space(8.0);
    for point in points {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let (rect, _) = ui.allocate_exact_size(vec2(14.0, 18.0), Sense::hover());
            paint::icon(ui.painter(), rect.center(), Icon::Check, 14.0, t.text_muted);
            ui.add(Text::new(*point).color(t.text_secondary).elide(Elide::Wrap));
        });
        ui.add_space(6.0);
    }
}

/// A row at the foot of a card.
fn foot(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let whole = ui.max_rect();
    let rect = Rect::from_min_max(pos2(whole.left(), whole.bottom() - size::DIALOG_BUTTON), whole.max);
    let mut row = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)));
    row.spacing_mut().item_spacing.x = 8.0;
    content(&mut row);
}

fn recent_ui(ui: &mut Ui, state: &State, now: Timestamp, out: &mut Vec<Command>) {
    if state.sites().is_empty() {
        return;
    }
    ui.add_space(20.0);
    ui.add(Text::new("Your sites").style(Type::Section));
    ui.add_space(4.0);
    for listed in state.sites().iter().take(RECENT) {
        if site_row_ui(ui, listed, now).clicked() && listed.site.is_ok() {
            out.push(Command::Open(listed.path.clone()));
        }
    }
}

/// One site: colour, name, word, server, when it was last opened; or what is wrong with its file.
fn site_row_ui(ui: &mut Ui, listed: &Listed, now: Timestamp) -> Response {
    let t = ui.tokens();
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::ROW_PEOPLE), Sense::click());
    let name = match &listed.site {
        Ok(site) => format!("Open {}", site.name),
        Err(problem) => problem.to_string(),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, listed.site.is_ok(), &name));
    if response.hovered() && listed.site.is_ok() {
        ui.painter().rect_filled(rect, radius::CONTROL, t.bg_hover);
    }
    let (mark, y) = (pos2(rect.left() + 14.0, rect.center().y), rect.center().y);
    match &listed.site {
        Ok(site) => {
            ui.painter().rect_filled(paint::square(mark, 12.0), 3, colours_of(t, site).edge);
            let when = listed.last_used.map_or_else(String::new, |at| format::moment(at, now, &TimeZone::system()));
            let when = galley(ui, &when, Type::Small, 140.0, Elide::End);
            let right = rect.right() - 10.0 - when.size().x;
            let name = galley(ui, &site.name, Type::BodyMedium, 260.0, Elide::End);
            let server = site.directory.server.to_string();
            let server = galley(ui, &server, Type::Mono, right - rect.left() - 330.0, Elide::Middle);
            paint::galley_at(ui.painter(), rect.left() + 30.0, y, name, t.text_primary);
            paint::galley_at(ui.painter(), rect.left() + 306.0, y, server, t.text_muted);
            paint::galley_at(ui.painter(), right, y, when, t.text_muted);
        }
        Err(problem) => {
            paint::icon(ui.painter(), mark, Icon::TriangleAlert, 14.0, t.bad.text);
            let words = galley(ui, &problem.what, Type::Small, rect.width() - 44.0, Elide::End);
            paint::galley_at(ui.painter(), rect.left() + 30.0, y, words, t.text_secondary);
        }
    }
    paint::focus_ring(ui, &response, radius::CONTROL);
    match &listed.site {
        Ok(_) => response,
        Err(problem) => response.on_hover_text(problem.to_string()),
    }
}

fn galley(ui: &Ui, text: &str, style: Type, width: f32, elide: Elide) -> std::sync::Arc<egui::Galley> {
    crate::ui::text::galley(ui.ctx(), text, style, egui::Color32::PLACEHOLDER, width, elide)
}

fn promises_ui(ui: &mut Ui) {
    let t = ui.tokens();
    let promises = [
        (
            Icon::Eye,
            "Look before you leap",
            "Nothing is written before you have seen old and new, and all of it can be undone.",
        ),
        (
            Icon::MessageCircleQuestionMark,
            "Say why",
            "Every red mark says what was found, where, and what to do about it.",
        ),
        (Icon::Timer, "Never wait", "What is known is on screen while the rest is coming."),
    ];
    let gap = 28.0;
    let each = ((ui.available_width() - 2.0 * gap) / 3.0).floor();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = gap;
        for (icon, heading, sentence) in promises {
            let (mark, _) = ui.allocate_exact_size(vec2(16.0, 18.0), Sense::hover());
            ui.add_space(10.0 - gap);
            paint::icon(ui.painter(), mark.center(), icon, 16.0, t.text_secondary);
            ui.vertical(|ui| {
                ui.set_width(each - 26.0);
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.add(Text::new(heading).style(Type::Section));
                ui.add(Text::new(sentence).style(Type::Small).color(t.text_secondary).elide(Elide::Wrap));
            });
        }
    });
}
