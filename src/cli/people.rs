//! `photodesk people`: list, show, set-url.

use std::{io::Write, ops::ControlFlow};

use jiff::tz::TimeZone;
use serde_json::json;
use unicode_segmentation::UnicodeSegmentation;

use super::{
    Exit,
    args::{Format, OutputArgs, PeopleCommand, PersonArgs, SiteArgs, TargetArgs, WriteArgs},
    connect::Connected,
    out::{Fail, Out},
    write,
};
use crate::{
    model::{Change, Dn, Entry, Place, Problem, Value, template::Template},
    net::ldap::{Connection, LdapError, ListEnd, Listing, PeopleQuery, PersonRecord, filter},
    people::{
        address::{self, Level},
        attributes,
        export::{self, Column, PersonRow, Writer},
        plan::Plan,
    },
};

/// What a list gives of each person, in this order.
const COLUMNS: [Column; 4] = [Column::Dn, Column::Name, Column::Mail, Column::PhotoUrl];

/// Letters of a name in the table.
const NAME_COLUMN: usize = 40;

pub(super) fn run(command: PeopleCommand, out: &mut Out) -> Result<Exit, Fail> {
    match command {
        PeopleCommand::List { find, site, output } => list(find.as_deref(), &site, output, out),
        PeopleCommand::Show { person, site, output } => show(&person, &site, output, out),
        PeopleCommand::SetUrl { person, target, write, site, output } => {
            set_url(&person, &target, write, &site, output, out)
        }
    }
}

fn list(find: Option<&str>, site: &SiteArgs, output: OutputArgs, out: &mut Out) -> Result<Exit, Fail> {
    let connected = site.connect(out)?;
    let query = query(&connected, find);
    let listing = match output.format {
        Format::Table => {
            let mut rows = Vec::new();
            let listing = connected.session.list_people(&query, &mut |record: PersonRecord<'_>| {
                let [mail, photo_url, dn] = [record.mail, record.photo_url, record.dn].map(str::to_owned);
                rows.push([shortened(record.name), mail, photo_url, dn]);
                ControlFlow::Continue(())
            })?;
            out.table(&["name", "mail", "photo URL", "DN"], rows)?;
            listing
        }
        Format::Json => stream(&connected, &query, export::Format::Json, out)?,
        Format::Csv => stream(&connected, &query, export::Format::Csv, out)?,
    };
    say_what_is_missing(&listing, out)
}

/// One endless name must not push every other column off the screen. The other forms have it whole.
fn shortened(name: &str) -> String {
    let mut letters = name.graphemes(true);
    let mut shown: String = letters.by_ref().take(NAME_COLUMN).collect();
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}

fn query(connected: &Connected, find: Option<&str>) -> PeopleQuery {
    let directory = &connected.site.directory;
    let attributes = directory.attribute_names();
    let searched: Vec<&str> =
        [&attributes.name, &attributes.mail, &attributes.account].into_iter().filter_map(Option::as_deref).collect();
    let people = directory.people_filter();
    let filter = find
        .and_then(|text| filter::contains_any(&searched, text))
        .map_or_else(|| people.to_owned(), |found| filter::both(people, &found));
    PeopleQuery { base: connected.base(), filter, attributes, changed: false, page_size: directory.page_size }
}

/// Writes each person as the directory gives them, so that memory does not grow with the list.
fn stream(connected: &Connected, query: &PeopleQuery, format: export::Format, out: &mut Out) -> Result<Listing, Fail> {
    let options =
        export::Options { format, columns: COLUMNS.to_vec(), byte_order_mark: false, names: query.attributes.clone() };
    let mut writer = Writer::new(out.results(), options)?;
    let mut written = Ok(());
    let listing = connected.session.list_people(query, &mut |record: PersonRecord<'_>| {
        written = writer.row(&PersonRow {
            dn: record.dn,
            name: record.name,
            mail: record.mail,
            account: record.account,
            photo_url: record.photo_url,
            changed: record.changed,
        });
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    written?;
    // The end is written even when the directory failed, so that what came stays readable.
    writer.finish()?;
    Ok(listing?)
}

fn say_what_is_missing(listing: &Listing, out: &mut Out) -> Result<Exit, Fail> {
    for referral in &listing.referrals {
        out.note(&format!("Not asked: {}, which holds another part of the directory.", referral.url))?;
    }
    let limit = match listing.end {
        ListEnd::Complete | ListEnd::Stopped => return Ok(Exit::Done),
        ListEnd::SizeLimit => "size limit",
        ListEnd::TimeLimit => "time limit",
    };
    out.problem(&Problem::new(format!("The directory's {limit} cut the list")).hint("Look for fewer people."))?;
    Ok(Exit::Failed)
}

fn show(person: &PersonArgs, site: &SiteArgs, output: OutputArgs, out: &mut Out) -> Result<Exit, Fail> {
    let connected = site.connect(out)?;
    let entry = find(&connected, person)?;
    match output.format {
        Format::Table => {
            out.line(&format!("{}\n", crate::model::visible(entry.dn.as_str())))?;
            out.table(&["attribute", "value", "meaning"], described(&connected, &entry))?;
        }
        Format::Csv => write::csv(out, &["attribute", "value"], values(&entry))?,
        Format::Json => {
            let names = connected.site.directory.attribute_names();
            let text = |name: &Option<String>| name.as_deref().and_then(|name| entry.text(name)).unwrap_or_default();
            let attributes: serde_json::Map<_, _> =
                entry.attributes.iter().map(|attribute| (attribute.name.clone(), json!(attribute.values))).collect();
            let person = json!({
                "dn": entry.dn,
                "name": text(&names.name),
                "mail": text(&names.mail),
                "photo_url": text(&names.photo_url),
                "attributes": attributes,
            });
            writeln!(out.results(), "{person:#}")?;
        }
    }
    Ok(Exit::Done)
}

/// As the window shows it: what says nothing to people is in words too, and no secret is told.
fn described(connected: &Connected, entry: &Entry) -> Vec<[String; 3]> {
    let names = connected.site.directory.attribute_names();
    let first = [&names.name, &names.mail, &names.account, &names.photo_url];
    let first: Vec<&str> = first.into_iter().filter_map(Option::as_deref).collect();
    let mut rows = Vec::new();
    for attribute in attributes::describe(entry, &first, &TimeZone::system()) {
        for value in attribute.values {
            rows.push([attribute.name.clone(), value.text, value.words.unwrap_or_default()]);
        }
        if attribute.left_out > 0 {
            rows.push([attribute.name, format!("and {} more", attribute.left_out), String::new()]);
        }
    }
    rows
}

fn values(entry: &Entry) -> impl Iterator<Item = [String; 2]> {
    entry
        .attributes
        .iter()
        .flat_map(|attribute| attribute.values.iter().map(|value| [attribute.name.clone(), value.to_string()]))
}

/// The one person meant.
fn find(connected: &Connected, person: &PersonArgs) -> Result<Entry, Fail> {
    if let Some(dn) = &person.dn {
        return Ok(connected.session.with(|connection| connection.read(&Dn::new(dn.as_str()), &[]))?);
    }
    let mail = person.mail.as_deref().unwrap_or_default();
    let directory = &connected.site.directory;
    let attribute = directory.attribute_names().mail.unwrap_or_else(|| "mail".to_owned());
    let filter = filter::both(directory.people_filter(), &format!("({attribute}={})", filter::escape(mail)));
    let (base, wanted) = (connected.base(), 2);
    let search =
        |connection: &mut Connection| -> Result<_, LdapError> { connection.search(&base, &filter, &[], wanted) };
    let mut entries = connected.session.with(search)?.entries.into_iter();
    match (entries.next(), entries.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(Fail::new(
            Exit::NotFound,
            Problem::new(format!("Nobody below {base} has the mail address {mail}")).hint("Check --mail and --base."),
        )),
        (Some(one), Some(other)) => Err(Fail::new(
            Exit::Failed,
            Problem::new(format!("Several people have the mail address {mail}"))
                .hint("Name one of them with --dn.")
                .details(format!("{}\n{}", one.dn, other.dn)),
        )),
    }
}

fn set_url(
    person: &PersonArgs,
    target: &TargetArgs,
    how: WriteArgs,
    site: &SiteArgs,
    output: OutputArgs,
    out: &mut Out,
) -> Result<Exit, Fail> {
    let template = target.template.as_deref().map(template).transpose()?;
    let connected = site.connect(out)?;
    let entry = find(&connected, person)?;
    let after = match (&target.to, template) {
        (Some(url), _) => Some(url.clone()),
        (None, Some(template)) => Some(template.fill(&entry).map_err(|missing| {
            Problem::new(format!("The template gives no address for {}: {missing}", entry.dn))
                .hint("Give the address with --to, or add the attribute to the entry.")
        })?),
        (None, None) => None,
    };
    if let Some(url) = &after {
        check(url, &connected, out)?;
    }
    let names = connected.site.directory.attribute_names();
    let attribute = names.photo_url.unwrap_or_default();
    let change = Change {
        subject: names.name.and_then(|name| entry.text(&name).map(str::to_owned)).unwrap_or_default(),
        before: entry.values(&attribute).to_vec(),
        after: after.iter().map(|url| Value::from(url.as_str())).collect(),
        place: Place::Attribute { directory: connected.site.directory.server.url(), dn: entry.dn, attribute },
    };
    let plan = Plan::new(&connected.site.name, [change.clone()], jiff::Timestamp::now());
    write::carry_out(&connected, &[change], &plan, how, output, out)
}

fn template(text: &str) -> Result<Template, Fail> {
    Template::parse(text).map_err(|mistake| {
        let marks = format!("{text}\n{}{}", " ".repeat(mistake.at), "^".repeat(mistake.len));
        Fail::new(Exit::Usage, Problem::new(format!("The template is wrong: {mistake}")).details(marks))
    })
}

/// Says what is to be said of an address, and stops at one that no client can use.
fn check(url: &str, connected: &Connected, out: &mut Out) -> Result<(), Fail> {
    let notes = address::check_url(url, &connected.site.photos);
    for note in notes.iter().filter(|note| note.level != Level::Wrong) {
        out.note(&format!("Note: {} ({})", note.sentence, note.source))?;
    }
    match notes.iter().find(|note| note.level == Level::Wrong) {
        None => Ok(()),
        Some(wrong) => Err(Problem::new(format!("{url} is no address for a photo"))
            .hint(format!("{}.", wrong.sentence.trim_end_matches('.')))
            .details(wrong.source)
            .into()),
    }
}
