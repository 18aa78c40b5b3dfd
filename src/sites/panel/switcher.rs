//! What the rail's site switcher opens: all sites, and what can be done with the open one.

use std::path::Path;

use egui::{ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::colours_of;
use crate::{
    sites::{Command, FileFor, State, draft::environment_label, store::Listed},
    ui::{
        Elide, Icon, Look as _, Text, Type, paint, radius,
        widgets::{item_ui, menu_line_ui},
    },
};

/// Draws the menu's content. `open` is the file of the open site; `closable`: a site is open, the demo site too.
pub fn ui(ui: &mut Ui, state: &State, open: Option<&Path>, closable: bool, out: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().id_salt("switcher").max_height(280.0).show(ui, |ui| {
        for listed in state.sites() {
            let on = open == Some(listed.path.as_path());
            if site_ui(ui, listed, on) && !on && listed.site.is_ok() {
                out.push(Command::Open(listed.path.clone()));
                ui.close();
            }
        }
    });
    if !state.sites().is_empty() {
        menu_line_ui(ui);
    }
    if let Some(path) = open {
        item(ui, Icon::PencilLine, "Change this site…", Command::Edit(path.to_owned()), out);
        let export = Command::PickFile(FileFor::Export(path.to_owned()));
        item(ui, Icon::Save, "Save a copy of its file…", export, out);
    }
    item(ui, Icon::Plus, "Add your site…", Command::Add, out);
    item(ui, Icon::FileCode, "Open a site file…", Command::PickFile(FileFor::Site), out);
    item(ui, Icon::Aperture, "Explore the demo site", Command::ExploreDemo, out);
    if closable {
        item(ui, Icon::X, "Close site", Command::Close, out);
    }
}

fn item(ui: &mut Ui, icon: Icon, label: &str, command: Command, out: &mut Vec<Command>) {
    if item_ui(ui, Some(icon), label, None).clicked() {
        out.push(command);
        ui.close();
    }
}

/// One site: its colour, name and word; `true` when it was clicked.
fn site_ui(ui: &mut Ui, listed: &Listed, on: bool) -> bool {
    let t = ui.tokens();
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width().max(220.0), 32.0), Sense::click());
    let name = match &listed.site {
        Ok(site) => site.name.clone(),
        Err(problem) => problem.to_string(),
    };
    let works = listed.site.is_ok();
    response.widget_info(|| WidgetInfo::selected(egui::Role::MenuItem, works, on, &name));
    if on || works && (response.hovered() || response.has_focus()) {
        ui.painter().rect_filled(rect, radius::CONTROL, if on { t.select_row } else { t.bg_hover });
    }
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let mut row = ui.new_child(egui::UiBuilder::new().max_rect(rect.shrink2(vec2(9.0, 0.0))).layout(layout));
    row.spacing_mut().item_spacing.x = 9.0;
    let (mark, _) = row.allocate_exact_size(vec2(12.0, 12.0), Sense::hover());
    match &listed.site {
        Ok(site) => {
            let colours = colours_of(t, site);
            row.painter().rect_filled(mark, 3, colours.edge);
            let room = rect.width() - 130.0;
            row.add(Text::new(site.name.as_str()).style(Type::BodyMedium).width(room));
            row.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                crate::ui::widgets::site_word_ui(ui, colours, environment_label(site.environment));
            });
        }
        Err(problem) => {
            paint::icon(row.painter(), mark.center(), Icon::TriangleAlert, 13.0, t.bad.text);
            row.add(Text::new(problem.what.as_str()).style(Type::Small).color(t.text_secondary).elide(Elide::End));
        }
    }
    paint::focus_ring(ui, &response, radius::CONTROL);
    let clicked = response.clicked();
    if let Err(problem) = &listed.site {
        response.on_hover_text(problem.to_string());
    }
    clicked
}
