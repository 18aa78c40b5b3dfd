//! The wizard: its steps at the left, a form in the middle, the checks or an example at the right.

use egui::{
    Align, CentralPanel, Frame, Layout, Margin, Panel as Side, Rect, Role, ScrollArea, Sense, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};
use jiff::Timestamp;

use super::{
    certificate::Trust,
    checks,
    form::{self, Form},
    photos, summary, title,
};
use crate::{
    sites::{
        Command, FileFor, State,
        draft::{Draft, Fault, Field},
        wizard::Wizard,
    },
    ui::{
        Elide, Icon, Look as _, Text, Type, paint, radius, size,
        widgets::{Button, Dialog, DialogAnswer, Tile, mark_ui},
    },
};

/// A page of the wizard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Page {
    /// Name and colour.
    #[default]
    Title,
    /// The directory, with its checks.
    Directory,
    /// The photo web server.
    Photos,
    /// What will be saved.
    Summary,
}

/// Width of the steps' list, wide and narrow.
const STEPS: (f32, f32) = (200.0, 52.0);
/// Width of the form.
const FORM: f32 = 400.0;
/// Height of the foot.
const FOOT: f32 = 56.0;

/// What is half typed; what is true is in [`State`].
pub struct Panel {
    page: Page,
    /// The furthest page that was seen.
    reached: Page,
    more: bool,
    trust: Option<Trust>,
    leaving: bool,
    removing: bool,
    /// The wizard that all this is about.
    number: Option<u32>,
    /// What time it is; tests stop it.
    pub now: fn() -> Timestamp,
}

impl Default for Panel {
    fn default() -> Self {
        Self::at(Page::Title)
    }
}

impl Page {
    const ALL: [Self; 4] = [Self::Title, Self::Directory, Self::Photos, Self::Summary];

    fn label(self) -> &'static str {
        match self {
            Self::Title => "Name and colour",
            Self::Directory => "Directory",
            Self::Photos => "Photo web server",
            Self::Summary => "Summary",
        }
    }

    fn step(self, by: isize) -> Option<Self> {
        Self::ALL.get((self as usize).checked_add_signed(by)?).copied()
    }

    /// The fields of this page.
    fn holds(self, field: Field) -> bool {
        let page = match field {
            Field::Name => Self::Title,
            Field::Server | Field::Port | Field::Filter => Self::Directory,
            Field::Template | Field::MeetingsTemplate | Field::Hosts => Self::Photos,
        };
        self == page
    }
}

impl Panel {
    /// Opens at `page`.
    pub fn at(page: Page) -> Self {
        Self {
            page,
            reached: page,
            more: false,
            trust: None,
            leaving: false,
            removing: false,
            number: None,
            now: Timestamp::now,
        }
    }

    /// Draws the wizard in all of `ui`; nothing while none is open.
    pub fn ui(&mut self, ui: &mut Ui, state: &State, out: &mut Vec<Command>) {
        let Some(wizard) = state.wizard() else { return };
        self.begin(wizard);
        let t = ui.tokens();
        let whole = ui.max_rect();
        let mut form = Form::new(state, wizard);
        let foot = Frame::new().fill(t.bg_page);
        Side::bottom("wizard foot")
            .exact_size(FOOT)
            .resizable(false)
            .show_separator_line(false)
            .frame(foot)
            .show(ui, |ui| self.foot_ui(ui, state, wizard, &form.faults, out));
        let narrow = whole.width() < size::NARROW;
        let width = if narrow { STEPS.1 } else { STEPS.0 };
        let rail = Frame::new().fill(t.bg_chrome);
        Side::left("wizard steps")
            .exact_size(width)
            .resizable(false)
            .show_separator_line(false)
            .frame(rail)
            .show(ui, |ui| self.steps_ui(ui, wizard, narrow));
        let middle = Frame::new().fill(t.bg_page);
        Side::left("wizard form")
            .exact_size(FORM)
            .resizable(false)
            .show_separator_line(false)
            .frame(middle)
            .show(ui, |ui| self.form_ui(ui, &mut form, out));
        let right = Frame::new().fill(t.bg_card).inner_margin(Margin { left: 25, right: 24, top: 23, bottom: 0 });
        CentralPanel::default().frame(right).show(ui, |ui| self.right_ui(ui, wizard, out));
        form.finish(out);
        self.dialogs_ui(ui, wizard, out);
        self.dropped(ui, out);
    }

    /// Another wizard than before begins at its own first page: a site that is there, with its connection.
    fn begin(&mut self, wizard: &Wizard) {
        let known = self.number.replace(wizard.number);
        if known.is_some_and(|number| number != wizard.number) {
            *self = Self { number: self.number, now: self.now, ..Self::default() };
        }
        if wizard.original.is_some() && self.reached < Page::Summary {
            (self.page, self.reached) = (Page::Directory, Page::Summary);
        }
    }

    fn steps_ui(&mut self, ui: &mut Ui, wizard: &Wizard, narrow: bool) {
        let t = ui.tokens();
        let area = ui.max_rect();
        paint::vline(ui.painter(), area.right() - 0.5, area.y_range(), t.border_default);
        let inner = area.shrink2(vec2(if narrow { 8.0 } else { 12.0 }, 22.0));
        let mut list = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::top_down(Align::Min)));
        list.spacing_mut().item_spacing.y = 2.0;
        list.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.add_space(if narrow { 8.0 } else { 10.0 });
            mark_ui(ui, 20.0);
            if !narrow {
                let what = if wizard.original.is_some() { "Change the site" } else { "Add your site" };
                ui.add(Text::new(what).style(Type::Section));
            }
        });
        list.add_space(14.0);
        for page in Page::ALL {
            if self.step_ui(&mut list, page, narrow) {
                self.go(page);
            }
        }
        if !narrow {
            let words = "Nothing is written to any server while you add a site.";
            let foot = Rect::from_min_max(pos2(inner.left() + 10.0, inner.bottom() - 36.0), inner.max);
            let mut foot = ui.new_child(UiBuilder::new().max_rect(foot));
            foot.add(Text::new(words).style(Type::Small).color(t.text_muted).elide(Elide::Wrap));
        }
    }

    /// One step of the list; `true` when it is to be opened.
    fn step_ui(&self, ui: &mut Ui, page: Page, narrow: bool) -> bool {
        let t = ui.tokens();
        let (on, open) = (page == self.page, page <= self.reached);
        let sense = if open { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::RAIL_ITEM), sense);
        response.widget_info(|| WidgetInfo::selected(Role::Tab, open, on, page.label()));
        if on {
            paint::ground(ui.painter(), rect, radius::CONTROL, t.bg_card, t.border_default);
        } else if open && response.hovered() {
            ui.painter().rect_filled(rect, radius::CONTROL, t.bg_hover);
        }
        let color = match (on, open) {
            (true, _) => t.text_primary,
            (false, true) => t.text_secondary,
            (false, false) => t.text_muted,
        };
        let centre = pos2(if narrow { rect.center().x } else { rect.left() + 20.0 }, rect.center().y);
        ui.painter().circle(centre, 8.5, t.bg_card, egui::Stroke::new(1.0, t.border_control));
        if page < self.reached && !on {
            paint::icon(ui.painter(), centre, Icon::Check, 11.0, t.text_secondary);
        } else {
            let number = (page as usize + 1).to_string();
            let galley = crate::ui::text::galley(ui.ctx(), &number, Type::Micro, color, f32::INFINITY, Elide::End);
            paint::galley_at(ui.painter(), centre.x - galley.size().x / 2.0, centre.y, galley, color);
        }
        if !narrow {
            let style = if on { Type::BodyMedium } else { Type::Body };
            let word = crate::ui::text::galley(ui.ctx(), page.label(), style, color, rect.width() - 44.0, Elide::End);
            paint::galley_at(ui.painter(), rect.left() + 38.0, rect.center().y, word, color);
        }
        paint::focus_ring(ui, &response, radius::CONTROL);
        let clicked = response.clicked();
        if narrow {
            response.on_hover_text(page.label());
        }
        clicked
    }

    fn form_ui(&mut self, ui: &mut Ui, form: &mut Form<'_>, out: &mut Vec<Command>) {
        let t = ui.tokens();
        let area = ui.max_rect();
        paint::vline(ui.painter(), area.right() - 0.5, area.y_range(), t.border_default);
        ScrollArea::vertical().id_salt(("wizard form", self.page as usize)).auto_shrink([false, false]).show(
            ui,
            |ui| {
                Frame::new().inner_margin(Margin { left: 24, right: 24, top: 22, bottom: 20 }).show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    match self.page {
                        Page::Title => {
                            title::ui(ui, form);
                            self.removing |= form.draft.path.is_some() && title::remove_ui(ui);
                        }
                        Page::Directory => form::ui(ui, form, &mut self.more, out),
                        Page::Photos => photos::ui(ui, form, out),
                        Page::Summary => summary::ui(ui, form),
                    }
                });
            },
        );
    }

    fn right_ui(&mut self, ui: &mut Ui, wizard: &Wizard, out: &mut Vec<Command>) {
        ui.spacing_mut().item_spacing.y = 2.0;
        match self.page {
            Page::Title => title::preview_ui(ui, &wizard.draft.site),
            Page::Directory => {
                let trust = checks::ui(ui, wizard, (self.now)(), out);
                self.trust = trust.or(self.trust.take());
            }
            Page::Photos => photos::example_ui(ui, wizard),
            Page::Summary => summary::file_ui(ui, wizard),
        }
    }

    fn foot_ui(&mut self, ui: &mut Ui, state: &State, wizard: &Wizard, faults: &[Fault], out: &mut Vec<Command>) {
        let t = ui.tokens();
        let area = ui.max_rect();
        paint::hline(ui.painter(), area.x_range(), area.top(), t.border_default);
        let inner = area.shrink2(vec2(24.0, 0.0));
        let mut row = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)));
        row.spacing_mut().item_spacing.x = 8.0;
        self.way_on_ui(&mut row, state, wizard, faults, out);
        if let Some(back) = self.page.step(-1)
            && row.add(Button::new("Back").tall()).clicked()
        {
            self.page = back;
        }
        self.unchecked_ui(&mut row, wizard, faults);
        if row.add(Button::quiet("Cancel").tall()).clicked() {
            let untouched = match &wizard.original {
                Some(site) => wizard.draft.site == *site,
                None => wizard.draft == Draft::default(),
            };
            if untouched { out.push(Command::Leave) } else { self.leaving = true }
        }
        row.with_layout(Layout::left_to_right(Align::Center), |ui| {
            if let Some(problem) = &wizard.problem {
                ui.add(Tile::new(crate::ui::Level::Bad, problem.what.as_str()));
                ui.add(Text::new(problem.to_string()).style(Type::Small).color(t.bad.text).elide(Elide::Wrap));
            } else {
                let words = format!("{} of {} checks passed", wizard.passed(), wizard.steps.len());
                ui.add(Text::new(words).style(Type::Small).color(t.text_muted));
            }
        });
    }

    /// The primary button.
    fn way_on_ui(&mut self, ui: &mut Ui, state: &State, wizard: &Wizard, faults: &[Fault], out: &mut Vec<Command>) {
        let first = faults.iter().find(|fault| self.page == Page::Summary || self.page.holds(fault.field));
        let Some(next) = self.page.step(1) else {
            let reason = match first {
                Some(fault) => Some(fault.why.clone()),
                None => state.is_busy().then(|| "The site is being saved.".to_owned()),
            };
            let label = if wizard.original.is_some() { "Save and open site" } else { "Save site" };
            if ui.add(Button::primary(label).tall().disabled_if(reason)).clicked() {
                out.push(Command::Save);
            }
            return;
        };
        let unchecked = self.page == Page::Directory && !wizard.finds_people();
        let reason = match first {
            Some(fault) => Some(fault.why.clone()),
            None if unchecked && wizard.is_checking() => Some("The checks are under way.".to_owned()),
            None if unchecked => Some("The checks up to the people filter have to pass first.".to_owned()),
            None => None,
        };
        let label = format!("Next: {}", next.label().to_lowercase());
        if ui.add(Button::primary(label).tall().disabled_if(reason)).clicked() {
            self.go(next);
        }
    }

    /// The way around checks that do not pass.
    fn unchecked_ui(&mut self, ui: &mut Ui, wizard: &Wizard, faults: &[Fault]) {
        let wrong = faults.iter().any(|fault| self.page.holds(fault.field));
        if self.page != Page::Directory || wrong || wizard.finds_people() || wizard.is_checking() {
            return;
        }
        let button = Button::quiet("Go on unchecked").tall();
        if ui.add(button.hint("For a server that cannot be reached from here now")).clicked() {
            self.go(Page::Photos);
        }
    }

    fn go(&mut self, page: Page) {
        self.page = page;
        self.reached = self.reached.max(page);
    }

    fn dialogs_ui(&mut self, ui: &Ui, wizard: &Wizard, out: &mut Vec<Command>) {
        if self.trust.as_mut().is_some_and(|trust| !trust.ui(ui.ctx(), (self.now)(), out)) {
            self.trust = None;
        }
        if self.removing {
            self.remove_dialog_ui(ui, wizard, out);
        }
        if self.leaving {
            let words = "What was typed is lost.";
            let (_, answer) = Dialog::new("Leave without saving?", "Leave without saving")
                .width(420.0)
                .dangerous()
                .show(ui.ctx(), |ui| ui.add(Text::new(words).elide(Elide::Wrap)));
            match answer {
                Some(DialogAnswer::Confirmed) => {
                    self.leaving = false;
                    out.push(Command::Leave);
                }
                Some(_kept) => self.leaving = false,
                None => {}
            }
        }
    }

    fn remove_dialog_ui(&mut self, ui: &Ui, wizard: &Wizard, out: &mut Vec<Command>) {
        let (Some(site), Some(path)) = (&wizard.original, &wizard.draft.path) else { return };
        let words = format!(
            "Its file {} and its password in the system’s credential store are removed. Nothing changes in the directory.",
            path.display()
        );
        let (_, answer) = Dialog::new(format!("Remove {}?", site.name), "Remove site")
            .width(480.0)
            .dangerous()
            .show(ui.ctx(), |ui| ui.add(Text::new(words).elide(Elide::Wrap)));
        if answer == Some(DialogAnswer::Confirmed) {
            out.extend([Command::Remove(path.clone()), Command::Leave]);
        }
        self.removing = answer.is_none();
    }

    /// A certificate file dropped on the wizard belongs to the page that is open.
    fn dropped(&self, ui: &Ui, out: &mut Vec<Command>) {
        let what = match self.page {
            Page::Directory => FileFor::DirectoryCa,
            Page::Photos => FileFor::PhotosCa,
            Page::Title | Page::Summary => return,
        };
        let path = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
        out.extend(path.map(|path| Command::Picked(what, path)));
    }
}
