//! The dialog that exports the list: the kind of file, the columns, where to, and how far it is.

use std::path::{Path, PathBuf};

use egui::{Ui, vec2};

use super::{
    super::export::{Column, Export, Format, Options},
    places::small_ui,
};
use crate::ui::{
    Icon, Level, Look as _, Text, Type, format,
    widgets::{
        Badge, Button, Checkbox, Dialog, DialogAnswer, Field, ProblemAnswer, ProblemCard, field_label_ui,
        progress_line_ui, segments_ui,
    },
};

/// What is chosen and half typed; the run itself is an [`Export`].
pub struct ExportPanel {
    options: Options,
    path: String,
}

/// What the administrator asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportCommand {
    /// Ask for a file with the system's dialog, beginning with this name; see [`ExportPanel::set_path`].
    ChooseFile(String),
    /// Write the list.
    Start {
        /// How.
        options: Options,
        /// Where to.
        path: PathBuf,
    },
    /// Stop writing; no file is left.
    Stop,
    /// Close the dialog.
    Close,
}

impl ExportPanel {
    /// Begins with `options`, and `path` in the field.
    pub fn new(options: Options, path: impl Into<String>) -> Self {
        Self { options, path: path.into() }
    }

    /// The file that was chosen.
    pub fn set_path(&mut self, path: &Path) {
        self.path = path.display().to_string();
    }

    /// Draws the dialog for a list of `people`; `run` is the export under way or done.
    pub fn ui(&mut self, ui: &mut Ui, people: usize, run: Option<&Export>, out: &mut Vec<ExportCommand>) {
        let running = run.is_some_and(Export::is_running);
        let done = run.filter(|run| !run.is_running() && !run.was_stopped() && run.problem().is_none());
        let confirm = format!("Export {}", format::counted(people, "person", "people"));
        let because = if running { Some("Writing the file".to_owned()) } else { self.missing() };
        let dialog = Dialog::new("Export people", if done.is_some() { String::new() } else { confirm })
            .width(560.0)
            .cancel(if done.is_some() { "Close" } else { "Cancel" })
            .foot(if done.is_some() { "" } else { "The list as it is shown, in its order" })
            .disabled_if(because);
        let (content, answer) = dialog.show(ui.ctx(), |ui| {
            let mut asked = Vec::new();
            match done {
                Some(run) => done_ui(ui, run),
                None => self.form_ui(ui, running, &mut asked),
            }
            if let Some(run) = run {
                run_ui(ui, run, &mut asked);
            }
            asked
        });
        out.extend(content);
        match answer {
            Some(DialogAnswer::Confirmed) => out.push(self.start()),
            Some(DialogAnswer::Cancelled) => {
                if running {
                    out.push(ExportCommand::Stop);
                }
                out.push(ExportCommand::Close);
            }
            Some(DialogAnswer::Link) | None => {}
        }
    }

    fn start(&self) -> ExportCommand {
        ExportCommand::Start { options: self.options.clone(), path: PathBuf::from(self.path.trim()) }
    }

    /// Why it cannot start.
    fn missing(&self) -> Option<String> {
        if self.options.columns.is_empty() {
            Some("Choose at least one column".to_owned())
        } else if self.path.trim().is_empty() {
            Some("Name the file to write".to_owned())
        } else {
            None
        }
    }

    fn form_ui(&mut self, ui: &mut Ui, running: bool, out: &mut Vec<ExportCommand>) {
        if running {
            ui.disable();
        }
        field_label_ui(ui, "Kind of file");
        let labels: Vec<&str> = Format::ALL.iter().map(|format| format.label()).collect();
        let mut chosen = Format::ALL.iter().position(|format| *format == self.options.format).unwrap_or_default();
        if segments_ui(ui, "Kind of file", &labels, &mut chosen, 240.0).changed()
            && let Some(format) = Format::ALL.get(chosen)
        {
            self.path = with_extension(&self.path, self.options.format, *format);
            self.options.format = *format;
        }
        small_ui(
            ui,
            match self.options.format {
                Format::Csv => "For spreadsheets. Values that a spreadsheet would run as a formula are marked as text.",
                Format::Json => "For scripts: one array with an object for each person.",
                Format::Ldif => "For directory tools (RFC 2849), with the directory's own attribute names.",
            },
        );
        ui.add_space(8.0);
        field_label_ui(ui, "Columns");
        self.columns_ui(ui);
        ui.add_space(8.0);
        field_label_ui(ui, "File");
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let width = ui.available_width() - 100.0;
            ui.add(Field::new("File", &mut self.path).mono().width(width));
            if ui.add(Button::new("Choose…").width(92.0)).clicked() {
                out.push(ExportCommand::ChooseFile(self.path.clone()));
            }
        });
        ui.add_space(8.0);
    }

    fn columns_ui(&mut self, ui: &mut Ui) {
        let columns = &mut self.options.columns;
        let ldif = self.options.format == Format::Ldif;
        for pair in Column::ALL.chunks(3) {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing = vec2(8.0, 6.0);
                for column in pair {
                    // LDIF names each entry, and the directory alone sets the time of a change.
                    let fixed = ldif && matches!(column, Column::Dn | Column::Changed);
                    let mut on = if fixed { *column == Column::Dn } else { columns.contains(column) };
                    ui.allocate_ui(vec2(165.0, 24.0), |ui| {
                        ui.set_width(165.0);
                        if fixed {
                            ui.disable();
                        }
                        if ui.add(Checkbox::new(&mut on, column.label())).changed() {
                            columns.retain(|known| known != column);
                            if on {
                                columns.push(*column);
                            }
                            columns.sort_by_key(|column| Column::ALL.iter().position(|known| known == column));
                        }
                    });
                }
            });
        }
    }
}

/// Another kind of file has another end of its name, unless the name had none of ours.
fn with_extension(path: &str, before: Format, after: Format) -> String {
    match path.strip_suffix(before.extension()) {
        Some(stem) if stem.ends_with('.') => format!("{stem}{}", after.extension()),
        _ => path.to_owned(),
    }
}

fn done_ui(ui: &mut Ui, run: &Export) {
    let color = ui.tokens().text_secondary;
    let (written, _) = run.progress();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.add(Badge::new(Level::Good, "Written"));
        ui.add(Text::new(format::counted(written, "person", "people")).style(Type::SmallMedium));
    });
    let path = run.path().display().to_string();
    ui.add(Text::new(path).style(Type::Mono).color(color).elide(crate::ui::Elide::Wrap));
}

fn run_ui(ui: &mut Ui, run: &Export, out: &mut Vec<ExportCommand>) {
    let (written, total) = run.progress();
    if run.is_running() {
        ui.horizontal(|ui| {
            let how_far = format!("{} of {}", format::count(written), format::count(total));
            progress_line_ui(ui, "Writing", Some(written as f32 / total.max(1) as f32), &how_far, 200.0);
            if ui.add(Button::quiet("Stop").small()).clicked() {
                out.push(ExportCommand::Stop);
            }
        });
    } else if run.was_stopped() {
        small_ui(ui, "Stopped; no file was written");
    } else if let Some(problem) = run.problem() {
        let card = ProblemCard::new(Level::Bad, problem.what.as_str())
            .icon(Icon::X)
            .reason(problem.hint.as_deref().unwrap_or_default())
            .copy_details();
        if card.show(ui) == Some(ProblemAnswer::CopyDetails) {
            let details = problem.details.as_deref().unwrap_or_default();
            ui.ctx().copy_text(format!("{problem}\n{details}"));
        }
    }
}
