//! What one place opens to: who uses it, the conversation with the web server step by step, what the file is, and how
//! each rule stands.

use egui::{Ui, vec2};

use super::{
    super::{
        person::Person,
        places::{Comparison, Place, Seen, Source},
    },
    person::PersonCommand,
    places::{level, small_ui},
};
use crate::{
    net::http::{Exchange, Hop, HttpError},
    photo::{Badge as Rule, Facts, Level as PhotoLevel, judge::size as size_of_file},
    ui::{
        Elide, Icon, Look as _, Text, Type, format,
        widgets::{Badge, Button, copy_button_ui, icon_of},
    },
};

/// The width of the words at the left of a fact.
const LABEL: f32 = 84.0;

/// Draws the detail of `place`.
pub fn detail_ui(ui: &mut Ui, person: &Person, place: &Place, out: &mut Vec<PersonCommand>) {
    reason_ui(ui, person, place);
    fact_ui(ui, "Used by", place.id.kind.used_by());
    source_ui(ui, place);
    match &place.seen {
        Seen::Web(look) => match &look.exchange {
            Ok(exchange) => exchange_ui(ui, exchange),
            Err(error) => hops_ui(ui, hops_of(error)),
        },
        Seen::File(_) | Seen::Waiting | Seen::Nothing => {}
    }
    if let Some(found) = place.found() {
        fact_ui(ui, "Picture", &picture_facts(&found.facts));
    }
    let compared = |comparison: &Comparison| *comparison != Comparison::Other && person.places_with_picture() > 1;
    if let Some(comparison) = place.comparison.filter(compared) {
        fact_ui(ui, "Compared", comparison.reason());
    }
    rules_ui(ui, place.badges());
    actions_ui(ui, place, out);
}

/// The verdict's sentence and what to do about it, or why there is nothing.
fn reason_ui(ui: &mut Ui, person: &Person, place: &Place) {
    let t = ui.tokens();
    let (mark, sentence, mend) = match (&place.source, place.verdict()) {
        (Source::Nothing(nothing), _) => (level(nothing.level()), nothing.reason(), None),
        (Source::SameAs(id), _) => {
            let other = person.place(*id).and_then(Place::verdict);
            let sentence = format!("The same value as {}; it is fetched once", id.label());
            (other.map_or(crate::ui::Level::Unknown, |verdict| level(verdict.level)), sentence, None)
        }
        (_, Some(verdict)) if verdict.level == PhotoLevel::Good && place.comparison == Some(Comparison::Other) => {
            (crate::ui::Level::Weak, Comparison::Other.reason().to_owned(), None)
        }
        (_, Some(verdict)) => (level(verdict.level), verdict.sentence.clone(), verdict.mend.clone()),
        (_, None) => return small_ui(ui, "Waiting for the answer"),
    };
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 16.0), egui::Sense::hover());
        crate::ui::paint::icon(ui.painter(), rect.center(), icon_of(mark), 13.0, t.verdict(mark).text);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add(Text::new(sentence).style(Type::SmallMedium).elide(Elide::Wrap));
            if let Some(mend) = mend {
                small_ui(ui, &mend);
            }
        });
    });
}

/// One fact: what at the left, in muted words; the value beside it, as wide as it needs.
fn fact_ui(ui: &mut Ui, label: &str, value: &str) {
    row_ui(ui, label, |ui| {
        let color = ui.tokens().text_secondary;
        ui.add(Text::new(value).style(Type::Small).color(color).elide(Elide::Wrap));
    });
}

fn row_ui(ui: &mut Ui, label: &str, content: impl FnOnce(&mut Ui)) {
    let muted = ui.tokens().text_muted;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let start = ui.cursor().left();
        ui.add(Text::new(label).style(Type::Small).color(muted).width(LABEL - 8.0));
        ui.add_space((start + LABEL - ui.cursor().left()).max(0.0));
        ui.vertical(content);
    });
}

fn source_ui(ui: &mut Ui, place: &Place) {
    match &place.source {
        Source::Url(url) => row_ui(ui, "Address", |ui| value_ui(ui, "address", url)),
        Source::Bytes { attribute, bytes } => {
            let words = format!("{attribute}, {}", size_of_file(bytes.len()));
            fact_ui(ui, "Attribute", &words);
        }
        Source::SameAs(_) | Source::Nothing(_) => {}
    }
}

fn value_ui(ui: &mut Ui, name: &str, value: &str) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let room = (ui.available_width() - 24.0).max(40.0);
        ui.add(Text::new(value).style(Type::MonoSmall).elide(Elide::Wrap).width(room));
        copy_button_ui(ui, name, value);
    });
}

fn hops_of(error: &HttpError) -> &[Hop] {
    match error {
        HttpError::NotAllowed { hops, .. } | HttpError::TooManyRedirects { hops } | HttpError::TooLong { hops, .. } => {
            hops
        }
        _ => &[],
    }
}

/// Each answer on the way, then what came at the end.
fn exchange_ui(ui: &mut Ui, exchange: &Exchange) {
    hops_ui(ui, &exchange.hops);
    let kind = exchange.content_type.as_deref().unwrap_or("no Content-Type");
    let size = size_of_file(exchange.body.len());
    fact_ui(ui, "Answer", &format!("{kind} · {size} · {}", format::duration(exchange.elapsed)));
    for (label, header) in [("Modified", &exchange.last_modified), ("Caching", &exchange.cache_control)] {
        if let Some(header) = header {
            fact_ui(ui, label, header);
        }
    }
}

fn hops_ui(ui: &mut Ui, hops: &[Hop]) {
    for (at, hop) in hops.iter().enumerate() {
        let label = if at == 0 { "Status" } else { "" };
        let status = format!("{} {}", hop.status, status_words(hop.status));
        row_ui(ui, label, |ui| {
            let t = ui.tokens();
            ui.spacing_mut().item_spacing.y = 0.0;
            let color = if hop.status >= 400 { t.bad.text } else { t.text_secondary };
            ui.add(Text::new(status.trim()).style(Type::MonoSmall).color(color));
            if let Some(location) = &hop.location {
                let to = format!("→ {location}");
                ui.add(Text::new(to).style(Type::MonoSmall).color(t.text_secondary).elide(Elide::Wrap));
            }
        });
    }
}

/// The reason phrase of a status (RFC 9110, 15), for the ones that photo servers give.
fn status_words(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        407 => "Proxy Authentication Required",
        410 => "Gone",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

/// `JPEG · 240 × 240 · 8.4 KB · upright`
pub fn picture_facts(facts: &Facts) -> String {
    let size = size_of_file(facts.bytes);
    let mut words = format!("{} · {} · {size}", facts.format.name(), format::pixels(facts.width, facts.height));
    words.push_str(match facts.orientation {
        1 => " · upright",
        2 => " · mirrored (EXIF orientation 2)",
        3 => " · upside down, turned here (EXIF orientation 3)",
        4 => " · mirrored upside down (EXIF orientation 4)",
        6 => " · on its side, turned here (EXIF orientation 6)",
        8 => " · on its side, turned here (EXIF orientation 8)",
        _ => " · on its side and mirrored (EXIF)",
    });
    if facts.cmyk {
        words.push_str(" · CMYK");
    }
    words
}

/// Each rule with its sentence; where it comes from, under those that are not kept and in the hint of all.
fn rules_ui(ui: &mut Ui, rules: &[Rule]) {
    const BADGE: f32 = 100.0;
    ui.add_space(2.0);
    for rule in rules {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            let start = ui.cursor().left();
            ui.scope(|ui| {
                ui.set_max_width(BADGE - 6.0);
                ui.add(Badge::new(level(rule.level), rule.word.as_str()).hint(rule.source));
            });
            ui.add_space((start + BADGE - ui.cursor().left()).max(0.0));
            ui.vertical(|ui| {
                ui.add_space(2.0);
                small_ui(ui, &format!("{}.", rule.reason));
                if rule.level != PhotoLevel::Good {
                    let muted = ui.tokens().text_muted;
                    ui.add(Text::new(rule.source).style(Type::Micro).color(muted).elide(Elide::Wrap));
                }
            });
        });
    }
}

fn actions_ui(ui: &mut Ui, place: &Place, out: &mut Vec<PersonCommand>) {
    ui.add_space(2.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        if let Some((host, because)) = place.host_to_allow() {
            let button = Button::new(format!("Allow {host}")).small();
            let hint = because.unwrap_or("Photos are fetched only from hosts that you allowed.");
            if ui.add(button.hint(hint.to_owned())).clicked() {
                out.push(PersonCommand::AllowHost(host.to_owned()));
            }
        }
        if place.found().is_some() && ui.add(Button::new("Show large").small().icon(Icon::ZoomIn)).clicked() {
            out.push(PersonCommand::OpenViewer(place.id));
        }
        if let Some(curl) = place.curl()
            && ui.add(Button::quiet("Copy as curl").small().icon(Icon::Copy)).clicked()
        {
            out.push(PersonCommand::CopyText(curl));
        }
        if let Some(url) = place.url().filter(|url| is_web(url))
            && ui.add(Button::quiet("Open in browser").small().icon(Icon::ExternalLink)).clicked()
        {
            out.push(PersonCommand::OpenUrl(url.to_owned()));
        }
        if let Source::Bytes { bytes, .. } = &place.source
            && ui.add(Button::quiet("Copy as base64").small().icon(Icon::Copy)).clicked()
        {
            out.push(PersonCommand::CopyText(data_encoding::BASE64.encode(bytes)));
        }
    });
}

/// Nothing else is handed to the system to open: an address written by a stranger could name a program.
fn is_web(url: &str) -> bool {
    let lower = url.trim_start().to_ascii_lowercase();
    lower.starts_with("http://") || lower.starts_with("https://")
}
