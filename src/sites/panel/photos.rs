//! The wizard's third step: where photos are, with the first person as the example.

use egui::Ui;

use super::form::{Form, file_ui, heading_ui, label_ui, note_ui};
use crate::{
    model::{
        Entry,
        template::{Function, Template},
    },
    sites::{Command, FileFor, draft::Field, wizard::Wizard},
    ui::{
        Elide, Look as _, Text, Type,
        widgets::{Field as TextField, copy_button_ui, inset_ui, marked_value_ui},
    },
};

/// Draws the form.
pub(super) fn ui(ui: &mut Ui, form: &mut Form<'_>, out: &mut Vec<Command>) {
    heading_ui(ui, "Photo web server", "Where photos are, and what their addresses look like.");
    label_ui(ui, "Template for photo URLs");
    let text = form.draft.site.photos.template.clone();
    form.draft.site.photos.template = template_ui(
        ui,
        form,
        ("Template for photo URLs", Field::Template, "https://photos.example.com/{mail|lower|urlencode}.jpg"),
        text,
    );
    note_ui(ui, "What “Set photo URL” offers. Braces hold an attribute of the person.");
    label_ui(ui, "Template of the Meetings server");
    let text = form.draft.site.photos.meetings_template.clone();
    form.draft.site.photos.meetings_template =
        template_ui(ui, form, ("Template of the Meetings server", Field::MeetingsTemplate, "None"), text);
    note_ui(ui, "Where meeting clients look: userInfoUrlTemplate of the Meetings server");
    label_ui(ui, "Hosts that photos may be fetched from");
    let wrong = form.wrong(Field::Hosts, &form.draft.hosts);
    let field = TextField::new("Hosts that photos may be fetched from", &mut form.draft.hosts);
    ui.add(field.mono().placeholder("photos.example.com").wrong(wrong));
    note_ui(ui, "Nothing is fetched from any other host unasked. The template’s own host is allowed.");
    label_ui(ui, "CA file");
    file_ui(ui, "CA file", &mut form.draft.site.photos.ca_file, FileFor::PhotosCa, out);
    note_ui(ui, "PEM, for https with a certificate of your own authority");
}

fn template_ui(
    ui: &mut Ui,
    form: &Form<'_>,
    (name, field, placeholder): (&str, Field, &str),
    template: Option<String>,
) -> Option<String> {
    let mut text = template.unwrap_or_default();
    let wrong = form.wrong(field, &text);
    ui.add(TextField::new(name, &mut text).mono().placeholder(placeholder).limit(2000).wrong(wrong));
    (!text.trim().is_empty()).then_some(text)
}

/// What the templates come to for the first person that the check found.
pub(super) fn example_ui(ui: &mut Ui, wizard: &Wizard) {
    let t = ui.tokens();
    ui.add(Text::new("Example").style(Type::Section));
    ui.add_space(8.0);
    let photos = &wizard.draft.site.photos;
    match wizard.found.people.first() {
        None => {
            let words = "The first person of the directory stands here once its checks have found people.";
            ui.add(Text::new(words).color(t.text_secondary).elide(Elide::Wrap));
        }
        Some(person) => {
            let names = crate::model::Directory { kind: wizard.found.kind, ..wizard.draft.site.directory.clone() };
            let name = names.attribute_names().name.and_then(|name| person.text(&name).map(str::to_owned));
            ui.add(Text::new(name.unwrap_or_else(|| person.dn.to_string())).style(Type::BodyMedium));
            ui.add(Text::new(person.dn.as_str()).style(Type::MicroMono).color(t.text_muted).elide(Elide::Middle));
            ui.add_space(8.0);
            filled_ui(ui, "photo URL", photos.template.as_deref(), person);
            filled_ui(ui, "meetings URL", photos.meetings_template.as_deref(), person);
        }
    }
    ui.add_space(16.0);
    functions_ui(ui);
}

fn filled_ui(ui: &mut Ui, what: &str, template: Option<&str>, person: &Entry) {
    let t = ui.tokens();
    let Some(text) = template else { return };
    ui.add_space(4.0);
    inset_ui(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 4.0;
        let mut title = what.to_owned();
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        ui.add(Text::new(title).style(Type::Small).color(t.text_muted));
        match Template::parse(text) {
            Err(error) => {
                marked_value_ui(ui, &marked(text, error.at, error.len), t.diff_del);
                ui.add(Text::new(error.why).style(Type::Small).color(t.bad.text).elide(Elide::Wrap));
            }
            Ok(template) => match template.fill(person) {
                Ok(url) => {
                    ui.horizontal_top(|ui| {
                        let width = ui.available_width() - 28.0;
                        ui.add(Text::new(url.as_str()).style(Type::Mono).elide(Elide::Wrap).width(width));
                        copy_button_ui(ui, what, &url);
                    });
                }
                Err(missing) => {
                    let words = format!("This person gets none: {missing}.");
                    ui.add(Text::new(words).style(Type::Small).color(t.weak.text).elide(Elide::Wrap));
                }
            },
        }
    });
}

/// `text` in pieces, with `len` characters from `at` on marked.
fn marked(text: &str, at: usize, len: usize) -> [(String, bool); 3] {
    let part = |from, count| text.chars().skip(from).take(count).collect::<String>();
    [(part(0, at), false), (part(at, len), true), (part(at + len, usize::MAX), false)]
}

/// What can be done to a value, said by what it does.
fn functions_ui(ui: &mut Ui) {
    let t = ui.tokens();
    ui.add(Text::new("Functions").style(Type::Section));
    ui.add_space(6.0);
    for function in Function::ALL {
        let what = match function {
            Function::Lower => "lower case",
            Function::Upper => "upper case",
            Function::Trim => "no blanks at both ends",
            Function::Ascii => "without accents",
            Function::BeforeAt => "what stands before the @",
            Function::UrlEncode => "fit for an address",
        };
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let begin = ui.cursor().left();
            ui.add(Text::new(format!("|{}", function.name())).style(Type::Mono).width(100.0));
            ui.add_space((begin + 100.0 - ui.cursor().left()).max(0.0));
            ui.add(Text::new(what).style(Type::Small).color(t.text_secondary));
        });
    }
}
