//! A certificate as it is shown: whom it is for, who issued it, when it holds, its fingerprint; and the question whether
//! to trust it.

use egui::{Context, Role, Sense, Ui, WidgetInfo, vec2};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    net::trust::Certificate,
    sites::Command,
    ui::{
        Elide, Look as _, Text, Type, format, paint, text,
        widgets::{Dialog, DialogAnswer, copy_button_ui, inset_ui, radio_ui},
    },
};

/// Width of the words at the left.
const LABELS: f32 = 92.0;

/// Draws the card.
pub(super) fn card_ui(ui: &mut Ui, certificate: &Certificate, now: Timestamp) {
    let t = ui.tokens();
    inset_ui(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 4.0;
        let names =
            if certificate.names.is_empty() { certificate.subject.clone() } else { certificate.names.join(", ") };
        row(ui, "Valid for", |ui| {
            ui.add(Text::new(names).style(Type::Mono).elide(Elide::Wrap));
        });
        row(ui, "Issued by", |ui| {
            ui.add(Text::new(certificate.issuer.as_str()).elide(Elide::Wrap));
        });
        row(ui, "Dates", |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.add(Text::new(dates(certificate)));
            let over = certificate.not_after < now || certificate.not_before > now;
            let color = if over { t.bad.text } else { t.text_muted };
            ui.add(Text::new(format!("· {}", days(certificate, now))).color(color));
        });
        row(ui, "SHA-256", |ui| {
            let print = certificate.sha256.to_string();
            ui.spacing_mut().item_spacing.x = 8.0;
            let room = (ui.available_width() - 30.0).max(60.0);
            ui.add(Text::new(print.as_str()).style(Type::Mono).elide(Elide::Middle).width(room));
            copy_button_ui(ui, "fingerprint", &print);
        });
    });
}

fn row(ui: &mut Ui, label: &str, value: impl FnOnce(&mut Ui)) {
    let t = ui.tokens();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        // As high as a line of values, so that both have their middle on one line.
        let (rect, response) = ui.allocate_exact_size(vec2(LABELS, 18.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, label));
        let words = text::galley(ui.ctx(), label, Type::Small, t.text_muted, LABELS, Elide::End);
        paint::galley_at(ui.painter(), rect.left(), rect.center().y, words, t.text_muted);
        value(ui);
    });
}

fn dates(certificate: &Certificate) -> String {
    let day = |at: Timestamp| at.to_zoned_datetime(TimeZone::UTC).strftime("%-d %b %Y").to_string();
    format!("{} to {}", day(certificate.not_before), day(certificate.not_after))
}

/// How long it still holds, or since when it does not.
fn days(certificate: &Certificate, now: Timestamp) -> String {
    let whole = |from: Timestamp, to: Timestamp| (to.as_second() - from.as_second()).max(0) as usize / 86_400;
    let counted = |days| format::counted(days, "day", "days");
    if certificate.not_before > now {
        format!("valid in {}", counted(whole(now, certificate.not_before) + 1))
    } else if certificate.not_after < now {
        format!("expired {} ago", counted(whole(certificate.not_after, now)))
    } else {
        format!("{} left", counted(whole(now, certificate.not_after)))
    }
}

/// The question whether to trust a certificate.
pub(super) struct Trust {
    certificate: Certificate,
    always: bool,
}

impl Trust {
    pub(super) fn new(certificate: Certificate) -> Self {
        Self { certificate, always: false }
    }

    /// Draws the dialog; `false` when it was left.
    pub(super) fn ui(&mut self, ctx: &Context, now: Timestamp, out: &mut Vec<Command>) -> bool {
        let ((), answer) = Dialog::new("Trust this certificate?", "Trust certificate")
            .foot("Compare the fingerprint with whoever runs the server first.")
            .show(ctx, |ui| {
                let t = ui.tokens();
                let why = "From then on this computer connects to whoever holds the key of this certificate, whatever \
                           name is in it and whoever issued it, and to nobody else.";
                ui.add(Text::new(why).color(t.text_secondary).elide(Elide::Wrap));
                ui.add_space(6.0);
                card_ui(ui, &self.certificate, now);
                ui.add_space(8.0);
                for (always, label) in [
                    (false, "This once: until Photodesk is closed"),
                    (true, "Always for this site: its fingerprint is saved with the site"),
                ] {
                    if radio_ui(ui, label, self.always == always).clicked() {
                        self.always = always;
                    }
                }
            });
        if answer == Some(DialogAnswer::Confirmed) {
            out.push(Command::Trust { certificate: self.certificate.sha256, always: self.always });
        }
        answer.is_none()
    }
}
