//! What stands around the pages: the site's edge, the rail with lock and switcher, the status bar.

use eframe::egui::{
    Align, Context, Id, Layout, Rect, Sense, StrokeKind, TextureHandle, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::{App, Page, command::Command, open::OpenSite};
use crate::{
    activity::{JobInfo, JobState},
    model::{Dn, Environment},
    people::{Status, panel::list::texture_of},
    photo::Picture,
    sites,
    ui::{
        Elide, Icon, Look as _, SiteColours, Text, Tokens, Type, format, paint, radius, size,
        widgets::{self, KeyCap, Link, Pixels},
    },
};

/// The texture of a face of the demo site, for the welcome page.
pub fn face(ctx: &Context, at: usize, face: &Picture) -> Option<TextureHandle> {
    let pixels = Pixels { width: face.width as usize, height: face.height as usize, rgba: &face.rgba };
    widgets::texture(ctx, ("face", at), pixels)
}

impl App {
    /// Draws everything but the dialogs.
    pub(super) fn window_ui(&mut self, ui: &mut Ui, out: &mut Vec<Command>) {
        let whole = ui.ctx().content_rect();
        let edge = self.edge(ui.tokens());
        let inner = match edge {
            Some((_, Environment::Production)) => whole.shrink(size::SITE_EDGE),
            Some((_, Environment::Test)) => whole.with_min_y(whole.top() + size::SITE_EDGE),
            None => whole,
        };
        if self.sites.wizard().is_some() {
            let mut asked = Vec::new();
            self.panels.wizard.ui(&mut part(ui, inner), &self.sites, &mut asked);
            out.extend(asked.into_iter().map(Command::Sites));
        } else if self.open.is_some() {
            self.site_ui(ui, inner, out);
        } else {
            self.welcome_ui(ui, inner, out);
        }
        if let Some((colours, environment)) = edge {
            edge_ui(ui, whole, colours, environment);
        }
    }

    /// The colours of the window's edge: of the site that is open, or that is being added.
    fn edge(&self, tokens: &Tokens) -> Option<(SiteColours, Environment)> {
        let site = match (self.sites.wizard(), &self.open) {
            (Some(wizard), _) => &wizard.draft.site,
            (None, Some(open)) => open.site(),
            (None, None) => return None,
        };
        Some((sites::panel::colours_of(tokens, site), site.environment))
    }

    fn welcome_ui(&mut self, ui: &mut Ui, area: Rect, out: &mut Vec<Command>) {
        let status = Rect::from_min_max(pos2(area.left(), area.bottom() - size::STATUS_BAR), area.max);
        let page = Rect::from_min_max(area.min, pos2(area.right(), status.top()));
        let mut asked = Vec::new();
        let now = (self.places.clock.now)();
        sites::panel::welcome::ui(&mut part(ui, page), &self.sites, &self.portraits, now, &mut asked);
        out.extend(asked.into_iter().map(Command::Sites));
        let starting = if self.demo.is_some() { "Starting the demo site…" } else { "No data is sent anywhere." };
        status_ground(ui, status);
        let mut left = line(ui, status.shrink2(vec2(12.0, 0.0)), false);
        left.add(Text::new(starting).style(Type::Small).color(left.tokens().text_muted));
        palette_hint(ui, status, out);
    }

    fn site_ui(&mut self, ui: &mut Ui, area: Rect, out: &mut Vec<Command>) {
        let wide = ui.ctx().content_rect().width() >= size::NARROW;
        let rail =
            Rect::from_min_size(area.min, vec2(if wide { size::RAIL } else { size::RAIL_NARROW }, area.height()));
        let status = Rect::from_min_max(pos2(rail.right(), area.bottom() - size::STATUS_BAR), area.max);
        let page = Rect::from_min_max(pos2(rail.right(), area.top()), pos2(area.right(), status.top()));
        let mut page_ui = part(ui, page);
        page_ui.set_clip_rect(page);
        self.page_ui(&mut page_ui, out);
        self.rail_ui(ui, rail, wide, out);
        self.status_ui(ui, status, out);
    }

    fn page_ui(&mut self, ui: &mut Ui, out: &mut Vec<Command>) {
        let Some(open) = &self.open else { return };
        match self.page {
            Page::People => {
                let mut asked = Vec::new();
                self.panels.people.ui(ui, &open.people, &mut asked);
                out.extend(asked.into_iter().map(Command::People));
            }
            Page::Activity => {
                let mut asked = Vec::new();
                let people = &open.people;
                let mut portraits = |ui: &Ui, dn: &Dn| {
                    let index = people.people().find(dn)?;
                    texture_of(ui, ("people", index), people.picture(index)?)
                };
                self.panels.activity.ui(ui, &self.activity, &mut portraits, &mut asked);
                out.extend(asked.into_iter().map(Command::Activity));
            }
        }
    }

    fn rail_ui(&mut self, ui: &mut Ui, rail: Rect, wide: bool, out: &mut Vec<Command>) {
        let t = ui.tokens();
        ui.painter().rect_filled(rail, 0, t.bg_chrome);
        paint::vline(ui.painter(), rail.right() - 0.5, rail.y_range(), t.border_default);
        let inner = rail.shrink2(vec2(8.0, 0.0));
        mark_ui(ui, rail, wide);
        let mut items = part(ui, Rect::from_min_max(inner.min + vec2(0.0, 53.0), inner.max));
        items.spacing_mut().item_spacing.y = 2.0;
        let running = self.jobs.running().is_some();
        for (page, icon, label) in [(Page::People, Icon::Users, "People"), (Page::Activity, Icon::History, "Activity")]
        {
            let dot = page == Page::Activity && running;
            if widgets::rail_item_ui(&mut items, icon, label, self.page == page, dot, wide).clicked() {
                out.push(Command::Go(page));
            }
        }
        let Some(open) = &self.open else { return };
        let foot = Rect::from_min_max(pos2(inner.left(), inner.bottom() - 108.0), inner.max);
        let lock = Rect::from_min_size(foot.min, vec2(foot.width(), 32.0));
        lock_ui(ui, lock, open, wide, out);
        let site = Rect::from_min_size(
            pos2(foot.left(), foot.top() + 32.0),
            vec2(foot.width(), if wide { 36.0 + 8.0 } else { 32.0 }),
        );
        self.switcher_ui(ui, site, open, wide, out);
        let settings = Rect::from_min_size(pos2(foot.left(), foot.bottom() - 31.0), vec2(foot.width(), 30.0));
        if widgets::rail_item_ui(&mut part(ui, settings), Icon::Settings, "Settings", false, false, wide).clicked() {
            out.push(Command::Settings);
        }
    }

    fn switcher_ui(&self, ui: &mut Ui, rect: Rect, open: &OpenSite, wide: bool, out: &mut Vec<Command>) {
        let t = ui.tokens();
        let (site, colours) = (open.site(), sites::panel::colours_of(t, open.site()));
        let response = ui.interact(rect, Id::unique("site switcher"), Sense::click());
        let word = environment_word(site.environment);
        response.widget_info(|| {
            WidgetInfo::labeled(eframe::egui::Role::Button, true, format!("Site {}, {word}", site.name))
        });
        let edge = if response.hovered() { t.border_strong } else { t.border_default };
        paint::ground(ui.painter(), rect, radius::CONTROL, t.bg_card, edge);
        if wide {
            let bar = Rect::from_min_size(rect.min + vec2(11.0, 9.0), vec2(4.0, rect.height() - 18.0));
            ui.painter().rect_filled(bar, 2, colours.edge);
            let words = Rect::from_min_max(rect.min + vec2(25.0, 4.0), rect.max - vec2(26.0, 4.0));
            let mut child = part(ui, words);
            child.spacing_mut().item_spacing.y = 0.0;
            child.add(Text::new(site.name.as_str()).style(Type::SmallMedium).elide(Elide::End));
            widgets::site_word_ui(&mut child, colours, word);
            let icon = pos2(rect.right() - 15.0, rect.center().y);
            paint::icon(ui.painter(), icon, Icon::ChevronsUpDown, 14.0, t.text_muted);
        } else {
            ui.painter().rect_filled(paint::square(rect.center(), 14.0), 3, colours.edge);
        }
        paint::focus_ring(ui, &response, radius::CONTROL);
        let mut asked = Vec::new();
        widgets::menu_ui(&response, 240.0, |ui| {
            sites::panel::switcher::ui(ui, &self.sites, self.open_path(), true, &mut asked);
        });
        let demo = open.demo.is_some();
        out.extend(asked.into_iter().map(Command::Sites));
        let hint = if demo { "The demo site, on this computer" } else { site.name.as_str() };
        response.on_hover_text(hint);
    }

    fn status_ui(&self, ui: &mut Ui, rect: Rect, out: &mut Vec<Command>) {
        status_ground(ui, rect);
        let Some(open) = &self.open else { return };
        let t = ui.tokens();
        let room = palette_hint(ui, rect, out);
        let inner = Rect::from_min_max(rect.min + vec2(12.0, 0.0), pos2(room - 12.0, rect.bottom()));
        let mut left = line(ui, inner, false);
        left.spacing_mut().item_spacing.x = 6.0;
        let failed = matches!(open.people.status(), Status::Failed(_));
        let (icon, colour) = if failed { (Icon::PlugZap, t.bad.text) } else { (Icon::Plug, t.text_secondary) };
        let (place, _) = left.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
        paint::icon(left.painter(), place.center(), icon, 13.0, colour);
        let server = open.site().directory.server.to_string();
        let words = if open.demo.is_some() { "Demo site, on this computer" } else { server.as_str() };
        let response =
            left.add(Text::new(words).style(Type::Small).color(t.text_secondary).width(260.0).elide(Elide::Middle));
        response.on_hover_text(open.site().directory.server.url());
        left.add_space(14.0);
        if let Some(job) = self.jobs.running()
            && job_ui(&mut left, job).clicked()
        {
            out.push(Command::Go(Page::Activity));
        }
    }
}

/// What runs, in words and a bar; a click leads to Activity.
fn job_ui(ui: &mut Ui, job: &JobInfo) -> eframe::egui::Response {
    let t = ui.tokens();
    let JobState::Running { done, total, rate, left } = &job.state else {
        return ui.add(Text::new(job.name.as_str()).style(Type::Small));
    };
    let share = total.filter(|total| *total > 0).map(|total| *done as f32 / total as f32);
    let mut words = match total {
        Some(total) => format!("{} of {}", format::count(*done as usize), format::count(*total as usize)),
        None => format::count(*done as usize),
    };
    if let Some(rate) = rate {
        words = format!("{words} · {}/s", format::count(*rate as usize));
    }
    if let Some(left) = left {
        let left = format::left(std::time::Duration::from_secs_f64(left.clamp(0.0, 1e6)));
        words = format!("{words} · {left}");
    }
    let response = ui
        .scope(|ui| {
            ui.style_mut().visuals.override_text_color = Some(t.text_secondary);
            widgets::progress_line_ui(ui, &job.name, share, &words, 120.0)
        })
        .inner;
    ui.interact(response.rect, Id::unique("running job"), Sense::click()).on_hover_text("Show Activity")
}

fn part(ui: &mut Ui, rect: Rect) -> Ui {
    ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::top_down(Align::Min)))
}

fn line(ui: &mut Ui, rect: Rect, from_right: bool) -> Ui {
    let layout = if from_right { Layout::right_to_left(Align::Center) } else { Layout::left_to_right(Align::Center) };
    ui.new_child(UiBuilder::new().max_rect(rect).layout(layout))
}

fn status_ground(ui: &Ui, rect: Rect) {
    let t = ui.tokens();
    ui.painter().rect_filled(rect, 0, t.bg_chrome);
    paint::hline(ui.painter(), rect.x_range(), rect.top() + 0.5, t.border_default);
}

/// "Search and commands  Ctrl K" at the right; gives its left edge.
fn palette_hint(ui: &mut Ui, rect: Rect, out: &mut Vec<Command>) -> f32 {
    let mut right = line(ui, rect.shrink2(vec2(12.0, 0.0)), true);
    right.spacing_mut().item_spacing.x = 7.0;
    right.add(KeyCap::new("Ctrl K"));
    let t = right.tokens();
    let words = right.add(Text::new("Search and commands").style(Type::Small).color(t.text_secondary));
    let whole = words.rect.expand2(vec2(2.0, 6.0)).union(right.min_rect());
    let response = right.interact(whole, Id::unique("open the palette"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(eframe::egui::Role::Button, true, "Search and commands"));
    paint::focus_ring(&right, &response, radius::BADGE);
    if response.clicked() {
        out.push(Command::Palette);
    }
    right.min_rect().left()
}

fn mark_ui(ui: &mut Ui, rail: Rect, wide: bool) {
    let left = if wide { rail.left() + 16.0 } else { rail.center().x - 10.0 };
    let place = Rect::from_min_size(pos2(left, rail.top() + 16.0), vec2(20.0, 20.0));
    widgets::mark_ui(&mut part(ui, place), 20.0);
    if wide {
        let words = Rect::from_min_max(pos2(left + 28.0, rail.top() + 16.0), pos2(rail.right(), rail.top() + 36.0));
        line(ui, words, false).add(Text::new("Photodesk").style(Type::Section));
    }
}

fn lock_ui(ui: &mut Ui, rect: Rect, open: &OpenSite, wide: bool, out: &mut Vec<Command>) {
    let t = ui.tokens();
    let colours = sites::panel::colours_of(t, open.site());
    let (icon, word, action, colour, command) = match open.unlocked {
        Some(_) => (Icon::LockOpen, "Unlocked", "Lock", colours.text, Command::Lock),
        None => (Icon::Lock, "Read-only", "Unlock", t.text_secondary, Command::Unlock),
    };
    if !wide {
        let name = if open.unlocked.is_some() { "Unlocked. Lock the site" } else { "Read-only. Unlock the site" };
        if widgets::rail_item_ui(&mut part(ui, rect), icon, name, false, false, false).clicked() {
            out.push(command);
        }
        return;
    }
    paint::icon(ui.painter(), pos2(rect.left() + 18.0, rect.center().y), icon, 15.0, colour);
    let inner = Rect::from_min_max(rect.min + vec2(34.0, 0.0), rect.max - vec2(8.0, 0.0));
    line(ui, inner, false).add(Text::new(word).style(Type::Small).color(colour));
    if line(ui, inner, true).add(Link::new(action).style(Type::SmallMedium)).clicked() {
        out.push(command);
    }
}

/// As the switcher and the edge call it.
fn environment_word(environment: Environment) -> &'static str {
    match environment {
        Environment::Test => "TEST",
        Environment::Production => "PRODUCTION",
    }
}

/// A line along the top for a test site, a frame around the window for a production one.
fn edge_ui(ui: &Ui, whole: Rect, colours: SiteColours, environment: Environment) {
    let layer = eframe::egui::LayerId::new(eframe::egui::Order::Middle, Id::unique("site edge"));
    let painter = ui.ctx().layer_painter(layer);
    match environment {
        Environment::Test => {
            painter.rect_filled(Rect::from_min_size(whole.min, vec2(whole.width(), size::SITE_EDGE)), 0, colours.edge);
        }
        Environment::Production => {
            let stroke = eframe::egui::Stroke::new(size::SITE_EDGE, colours.edge);
            painter.rect_stroke(whole, 0, stroke, StrokeKind::Inside);
        }
    }
}
