//! The wizard's form for the directory: server, security, sign-in, base, kind, filter, attributes.

use egui::{Response, Ui, vec2};

use crate::{
    model::{DirectoryKind, Dn, Referrals, Security},
    sites::{
        Command, FileFor, State,
        draft::{Draft, Fault, Field},
        wizard::Wizard,
    },
    ui::{
        Elide, Icon, Look as _, Text, Type, size,
        widgets::{
            Button, Checkbox, Field as TextField, Link, field_label_ui, item_ui, menu_ui, segments_ui, select_ui,
        },
    },
};

/// What a form's fields share.
pub(super) struct Form<'a> {
    pub(super) draft: Draft,
    pub(super) faults: Vec<Fault>,
    pub(super) state: &'a State,
    pub(super) wizard: &'a Wizard,
    /// The person went on from a field, or chose: a moment to check.
    pub(super) settled: bool,
    /// Enter in the password field: a wish to check.
    pub(super) asked: bool,
}

impl<'a> Form<'a> {
    pub(super) fn new(state: &'a State, wizard: &'a Wizard) -> Self {
        let draft = wizard.draft.clone();
        let faults = draft.faults(&state.other_names(draft.path.as_deref()));
        Self { draft, faults, state, wizard, settled: false, asked: false }
    }

    /// What is wrong with `field`, unless it is only that nothing is there yet.
    pub(super) fn wrong(&self, field: Field, value: &str) -> Option<String> {
        let fault = self.faults.iter().find(|fault| fault.field == field)?;
        let place = fault.at.map_or_else(String::new, |(at, _len)| format!(", at character {}", at + 1));
        (!value.trim().is_empty()).then(|| format!("{}{place}", fault.why))
    }

    pub(super) fn took(&mut self, response: &Response) {
        self.settled |= response.lost_focus();
    }

    /// What the fields come to, as commands.
    pub(super) fn finish(self, out: &mut Vec<Command>) {
        let changed = self.draft != self.wizard.draft;
        let stale = self.wizard.is_stale() || changed && !self.draft.connects_like(&self.wizard.draft);
        let ready = !self.draft.site.directory.server.host.trim().is_empty()
            && !self.faults.iter().any(|fault| matches!(fault.field, Field::Server | Field::Port));
        if changed {
            out.push(Command::Draft(Box::new(self.draft)));
        }
        if ready && (self.asked || self.settled && stale) {
            out.push(Command::Check { asked: self.asked });
        }
    }
}

/// Draws the form.
pub(super) fn ui(ui: &mut Ui, form: &mut Form<'_>, more: &mut bool, out: &mut Vec<Command>) {
    heading_ui(ui, "Directory", "Where Sametime looks people up.");
    server_ui(ui, form);
    sign_in_ui(ui, form);
    search_ui(ui, form);
    attribute_ui(ui, form);
    gap(ui);
    let word = if *more { "Fewer settings" } else { "More settings" };
    if ui.add(Link::new(word)).clicked() {
        *more = !*more;
    }
    if *more {
        more_ui(ui, form, out);
    }
}

/// A page's name and what it is for.
pub(super) fn heading_ui(ui: &mut Ui, heading: &str, sentence: &str) {
    let t = ui.tokens();
    ui.add(Text::new(heading).style(Type::Heading));
    ui.add_space(2.0);
    ui.add(Text::new(sentence).color(t.text_secondary).elide(Elide::Wrap));
}

/// The space between two fields.
pub(super) fn gap(ui: &mut Ui) {
    ui.add_space(14.0);
}

pub(super) fn label_ui(ui: &mut Ui, label: &str) {
    gap(ui);
    field_label_ui(ui, label);
    ui.add_space(5.0);
}

/// A sentence under a field.
pub(super) fn note_ui(ui: &mut Ui, sentence: &str) {
    let t = ui.tokens();
    ui.add_space(4.0);
    ui.add(Text::new(sentence).style(Type::Small).color(t.text_muted).elide(Elide::Wrap));
}

fn server_ui(ui: &mut Ui, form: &mut Form<'_>) {
    label_ui(ui, "Server");
    let mut host = form.draft.site.directory.server.host.clone();
    let field = TextField::new("Server", &mut host).mono().placeholder("dc1.example.com").limit(253);
    let response = ui.add(field.wrong(form.wrong(Field::Server, &form.draft.site.directory.server.host)));
    if response.changed() {
        form.draft.type_server(&host);
    }
    form.took(&response);
    gap(ui);
    let (port_width, between) = (72.0, 12.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = between;
        let width = ui.available_width() - port_width - between;
        ui.vertical(|ui| {
            field_label_ui(ui, "Security");
            ui.add_space(5.0);
            let ways = [Security::Ldaps, Security::StartTls, Security::None];
            let now = form.draft.site.directory.server.security;
            let mut chosen = ways.iter().position(|way| *way == now).unwrap_or(0);
            if segments_ui(ui, "Security", &["LDAPS", "STARTTLS", "None"], &mut chosen, width).changed() {
                form.draft.choose_security(ways[chosen]);
                form.settled = true;
            }
        });
        ui.vertical(|ui| {
            field_label_ui(ui, "Port");
            ui.add_space(5.0);
            let wrong = form.wrong(Field::Port, &form.draft.port);
            let field = TextField::new("Port", &mut form.draft.port).mono().width(port_width).limit(5).wrong(wrong);
            let response = ui.add(field);
            form.took(&response);
        });
    });
}

fn sign_in_ui(ui: &mut Ui, form: &mut Form<'_>) {
    label_ui(ui, "Sign in as");
    let mut name = form.draft.site.directory.sign_in.clone().unwrap_or_default();
    let response = ui.add(TextField::new("Sign in as", &mut name).placeholder("Nobody: anonymous"));
    form.draft.site.directory.sign_in = (!name.is_empty()).then_some(name);
    form.took(&response);
    note_ui(ui, "A DN, a mail address, or DOMAIN\\name");
    let anonymous = form.draft.site.directory.sign_in.is_none();
    label_ui(ui, "Password");
    let stored = form.draft.site.directory.password_stored;
    let mut field = TextField::secret("Password", form.draft.password.expose_mut());
    if anonymous {
        field = field.disabled_because("An anonymous sign-in has no password.");
    } else if stored {
        field = field.placeholder("Kept in the system’s credential store");
    }
    let response = ui.add(field);
    form.asked |= response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    form.took(&response);
    ui.add_space(5.0);
    let reason = form.state.no_keychain();
    ui.add_enabled_ui(reason.is_none() && !anonymous, |ui| {
        let mut keep = form.draft.keep && reason.is_none();
        let response = ui.add(Checkbox::new(&mut keep, "Keep in the system’s credential store"));
        if response.changed() {
            form.draft.keep = keep;
        }
    });
    if let Some(reason) = reason {
        note_ui(ui, &format!("{reason}. The password is only held in memory."));
    }
}

fn search_ui(ui: &mut Ui, form: &mut Form<'_>) {
    label_ui(ui, "Search base");
    let mut base = form.draft.site.directory.base.as_ref().map_or_else(String::new, Dn::to_string);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let width = ui.available_width() - size::CONTROL - 4.0;
        let field = TextField::new("Search base", &mut base).mono().width(width).placeholder("Offered once signed in");
        let response = ui.add(field);
        form.took(&response);
        let offers = &form.wizard.found.bases;
        let none = offers.is_empty().then_some("The directory offers its bases once signed in.");
        let button = Button::icon_only(Icon::ChevronDown, "Offered search bases").disabled_if(none);
        let button = ui.add(button);
        menu_ui(&button, 352.0, |ui| {
            for offer in offers {
                let count = offer.people.map_or_else(String::new, |count| count.to_string());
                if item_ui(ui, None, offer.dn.as_str(), (!count.is_empty()).then_some(count.as_str())).clicked() {
                    base = offer.dn.to_string();
                    form.settled = true;
                }
            }
        });
    });
    let base = base.trim_start();
    form.draft.site.directory.base = (!base.is_empty()).then(|| Dn::new(base));
    label_ui(ui, "Kind of directory");
    kind_ui(ui, form);
    label_ui(ui, "People filter");
    let usual = kind_of(form).people_filter();
    let mut filter = form.draft.site.directory.filter.clone().unwrap_or_default();
    let wrong = form.wrong(Field::Filter, &filter);
    let response = ui.add(TextField::new("People filter", &mut filter).mono().placeholder(usual).wrong(wrong));
    form.draft.site.directory.filter = (!filter.trim().is_empty()).then_some(filter);
    form.took(&response);
}

/// The kind chosen, or recognised.
fn kind_of(form: &Form<'_>) -> DirectoryKind {
    form.draft.site.directory.kind.or(form.wizard.found.kind).unwrap_or(DirectoryKind::Other)
}

fn kind_ui(ui: &mut Ui, form: &mut Form<'_>) {
    let by_itself = match form.wizard.found.kind {
        Some(kind) => format!("Recognised by itself: {}", kind.label()),
        None => "Recognised by itself".to_owned(),
    };
    let labels: Vec<&str> =
        std::iter::once(by_itself.as_str()).chain(DirectoryKind::ALL.map(DirectoryKind::label)).collect();
    let now = form.draft.site.directory.kind;
    let mut chosen = now.and_then(|now| DirectoryKind::ALL.iter().position(|kind| *kind == now)).map_or(0, |at| at + 1);
    if select_ui(ui, "Kind of directory", &labels, &mut chosen, ui.available_width()).changed() {
        form.draft.site.directory.kind = chosen.checked_sub(1).and_then(|at| DirectoryKind::ALL.get(at)).copied();
        form.settled = true;
    }
    if let Some(vendor) = &form.wizard.found.vendor {
        note_ui(ui, &format!("It calls itself {vendor}"));
    }
}

fn attribute_ui(ui: &mut Ui, form: &mut Form<'_>) {
    label_ui(ui, "Photo attribute");
    let usual = kind_of(form).attributes();
    let names = &mut form.draft.site.directory.attributes;
    let response = optional_ui(ui, "Photo attribute", &mut names.photo_url, usual.photo_url.as_deref());
    form.took(&response);
    note_ui(ui, "The attribute that holds the address of a person’s photo");
}

/// A field for a name that has a usual value.
fn optional_ui(ui: &mut Ui, name: &str, value: &mut Option<String>, usual: Option<&str>) -> Response {
    let mut text = value.clone().unwrap_or_default();
    let response = ui.add(TextField::new(name, &mut text).mono().placeholder(usual.unwrap_or_default()).limit(200));
    let text = text.trim();
    *value = (!text.is_empty()).then(|| text.to_owned());
    response
}

fn more_ui(ui: &mut Ui, form: &mut Form<'_>, out: &mut Vec<Command>) {
    let usual = kind_of(form).attributes();
    for (at, (label, usual)) in [
        ("Name attribute", &usual.name),
        ("Mail attribute", &usual.mail),
        ("Account attribute", &usual.account),
        ("Image path attribute", &usual.image_path),
    ]
    .into_iter()
    .enumerate()
    {
        label_ui(ui, label);
        let names = &mut form.draft.site.directory.attributes;
        let value = match at {
            0 => &mut names.name,
            1 => &mut names.mail,
            2 => &mut names.account,
            _ => &mut names.image_path,
        };
        let response = optional_ui(ui, label, value, usual.as_deref());
        form.took(&response);
    }
    label_ui(ui, "CA file");
    let response = file_ui(ui, "CA file", &mut form.draft.site.directory.ca_file, FileFor::DirectoryCa, out);
    form.took(&response);
    note_ui(ui, "PEM, for a certificate of your own authority. It can be dropped here.");
    pinned_ui(ui, form);
    label_ui(ui, "Referrals to other servers");
    let ways = [Referrals::Ask, Referrals::Follow, Referrals::Ignore];
    let now = form.draft.site.directory.referrals;
    let mut chosen = ways.iter().position(|way| *way == now).unwrap_or(0);
    let width = ui.available_width();
    if segments_ui(ui, "Referrals to other servers", &["Show", "Follow", "Ignore"], &mut chosen, width).changed() {
        form.draft.site.directory.referrals = ways[chosen];
        form.settled = true;
    }
    let note = match form.draft.site.directory.referrals {
        Referrals::Ask => "They are shown with their target; nothing is sent there",
        Referrals::Follow => "Name and password go there too, never from TLS to clear text",
        Referrals::Ignore => "They are left out",
    };
    note_ui(ui, note);
    numbers_ui(ui, form);
}

fn pinned_ui(ui: &mut Ui, form: &mut Form<'_>) {
    let Some(pinned) = form.draft.site.directory.pinned_certificate else { return };
    label_ui(ui, "Trusted certificate");
    ui.horizontal(|ui| {
        let room = ui.available_width() - 80.0;
        ui.add(Text::new(pinned.to_string()).style(Type::Mono).elide(Elide::Middle).width(room));
        if ui.add(Link::new("Forget it")).clicked() {
            form.draft.site.directory.pinned_certificate = None;
            form.settled = true;
        }
    });
}

fn numbers_ui(ui: &mut Ui, form: &mut Form<'_>) {
    let directory = &mut form.draft.site.directory;
    let seconds = [5, 10, 20, 60];
    label_ui(ui, "Time limit for each step");
    let mut chosen = seconds.iter().position(|each| *each >= directory.timeout_seconds).unwrap_or(seconds.len() - 1);
    let labels = ["5 s", "10 s", "20 s", "60 s"];
    if segments_ui(ui, "Time limit for each step", &labels, &mut chosen, ui.available_width()).changed() {
        directory.timeout_seconds = seconds[chosen];
    }
    let sizes = [0, 200, 500, 1000];
    label_ui(ui, "Entries in a page");
    let mut chosen = sizes.iter().position(|each| *each >= directory.page_size).unwrap_or(sizes.len() - 1);
    let labels = ["No pages", "200", "500", "1,000"];
    if segments_ui(ui, "Entries in a page", &labels, &mut chosen, ui.available_width()).changed() {
        directory.page_size = sizes[chosen];
    }
}

/// A path that can be typed, picked or dropped.
pub(super) fn file_ui(
    ui: &mut Ui,
    name: &str,
    path: &mut Option<std::path::PathBuf>,
    what: FileFor,
    out: &mut Vec<Command>,
) -> Response {
    let mut text = path.as_ref().map_or_else(String::new, |path| path.display().to_string());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 0.0);
        let width = (ui.available_width() - 84.0).max(80.0);
        let response = ui.add(TextField::new(name, &mut text).mono().width(width).placeholder("None"));
        if response.changed() {
            *path = (!text.trim().is_empty()).then(|| text.trim().into());
        }
        if ui.add(Button::new("Browse…")).clicked() {
            out.push(Command::PickFile(what));
        }
        response
    })
    .inner
}
