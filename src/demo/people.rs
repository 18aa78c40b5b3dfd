//! The demo's people and the tree they stand in, from a fixed seed: the same on every machine and after every reset.
//!
//! Not here: the planted faults (`faults.rs`), the names (`names.rs`), the faces (`portrait`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{
    FACE_SIDE,
    dice::Dice,
    faults::{Addresses, Fault, PLANTED, Planted, photo_path},
    ldap::{ADMINISTRATOR, BASE, Entry, SUBSCHEMA},
    names::{OFFICES, Office, TITLES},
    picture::Picture,
    portrait::{Face, Look},
    web::Answer,
};
use crate::photo;

/// Below this all people are.
pub(super) const PEOPLE: &str = "ou=People,dc=example,dc=com";

/// Changing it gives other people and other faces.
const SEED: u64 = 0x5A3E_714E;

/// How many people have pictures in the directory itself: in a directory of thousands, not everybody.
const WITH_PICTURES: usize = 1_000;

/// One of the demo's people.
pub(super) struct Person {
    uid: String,
    dn: String,
    unit: &'static Office,
    name: String,
    given: String,
    family: String,
    mail: String,
    face: Face,
    planted: Option<&'static Planted>,
}

/// `count` people, by unit; among them, always, the planted ones.
pub(super) fn people(count: usize) -> Vec<Person> {
    let mut dice = Dice::new(SEED);
    let mut taken: BTreeSet<String> = PLANTED.iter().map(|planted| planted.uid.to_owned()).collect();
    let mut people: Vec<Person> = PLANTED.iter().map(|planted| Person::planted(planted, &mut dice)).collect();
    for number in people.len()..count.max(people.len()) {
        people.push(Person::invented(&OFFICES[number % OFFICES.len()], &mut taken, &mut dice));
    }
    people.sort_by(|one, other| (one.unit.unit, &one.uid).cmp(&(other.unit.unit, &other.uid)));
    people
}

impl Person {
    /// The face, small.
    pub(super) fn drawn(&self) -> photo::Picture {
        let drawn = self.face.draw(FACE_SIDE);
        let rgba: Vec<u8> = drawn.pixels.chunks_exact(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect();
        photo::Picture { width: drawn.width.into(), height: drawn.height.into(), rgba: rgba.into() }
    }

    fn planted(planted: &'static Planted, dice: &mut Dice) -> Self {
        let unit = OFFICES.iter().find(|office| office.unit == planted.unit).unwrap_or(&OFFICES[0]);
        let (given, family) = planted.name.rsplit_once(' ').unwrap_or(("", planted.name));
        Self {
            uid: planted.uid.to_owned(),
            dn: planted.dn().as_str().to_owned(),
            unit,
            name: planted.name.to_owned(),
            given: given.to_owned(),
            family: family.to_owned(),
            mail: planted.mail.to_owned(),
            face: Face { seed: dice.roll(), look: planted.look, tones: planted.tones },
            planted: Some(planted),
        }
    }

    fn invented(unit: &'static Office, taken: &mut BTreeSet<String>, dice: &mut Dice) -> Self {
        // Some people work far from where they grew up.
        let origin = if dice.chance(20) { &OFFICES[dice.below(OFFICES.len() as u64) as usize] } else { unit };
        let look = if dice.chance(50) { Look::Feminine } else { Look::Masculine };
        let given = dice.pick(if look == Look::Feminine { origin.women } else { origin.men });
        let family = dice.pick(origin.families);
        let (plain_given, plain_family) = (plain(given), plain(family));
        let initial: String = plain_given.chars().take(1).collect();
        let mut number = 1_usize;
        let uid = loop {
            let uid = if number == 1 {
                format!("{initial}{plain_family}")
            } else {
                format!("{initial}{plain_family}{number}")
            };
            if taken.insert(uid.clone()) {
                break uid;
            }
            number += 1;
        };
        let suffix = if number == 1 { String::new() } else { number.to_string() };
        Self {
            dn: format!("uid={uid},ou={},{PEOPLE}", unit.unit),
            uid,
            unit,
            name: format!("{given} {family}"),
            given: given.to_owned(),
            family: family.to_owned(),
            mail: format!("{plain_given}.{plain_family}{suffix}@example.com"),
            face: Face { seed: dice.roll(), look, tones: origin.tones },
            planted: None,
        }
    }

    fn photo_path(&self) -> String {
        photo_path(&self.mail, &self.uid)
    }

    fn entry(&self, manager: &str, addresses: Addresses, colleague: Face, pictures: bool) -> Entry {
        let mut dice = Dice::new(self.face.seed);
        let mut entry = Entry::new(self.dn.clone());
        for class in ["top", "person", "organizationalPerson", "inetOrgPerson", "sametimePerson"] {
            entry.put("objectClass", class);
        }
        entry.put("uid", &self.uid);
        entry.put("cn", &self.name);
        entry.put("sn", &self.family);
        if !self.given.is_empty() {
            entry.put("givenName", &self.given);
        }
        entry.put("displayName", &self.name);
        if !self.mail.is_empty() {
            entry.put("mail", &self.mail);
        }
        let path = self.photo_path();
        let urls = self.planted.map_or_else(|| vec![addresses.http(&path)], |it| it.photo_urls(&path, addresses));
        for url in urls {
            entry.put("photoURL", url);
        }
        entry.put("title", dice.pick(TITLES));
        entry.put("telephoneNumber", format!("{}{:03}", self.unit.telephone, dice.below(1000)));
        entry.put("l", self.unit.unit);
        entry.put("ou", self.unit.unit);
        entry.put("o", "Example");
        entry.put("employeeNumber", format!("{:06}", dice.below(1_000_000)));
        entry.put("departmentNumber", format!("{}", 10 + 10 * dice.below(12)));
        entry.put("roomNumber", format!("{}.{:02}", 1 + dice.below(6), 1 + dice.below(40)));
        entry.put("preferredLanguage", self.unit.language);
        if manager != self.dn {
            entry.put("manager", manager);
        }
        if pictures {
            self.put_pictures(&mut entry, colleague, &mut dice);
        }
        operational(&mut entry, "inetOrgPerson", false, &mut dice);
        entry
    }

    fn put_pictures(&self, entry: &mut Entry, colleague: Face, dice: &mut Dice) {
        let (small, large) = (dice.chance(70), dice.chance(25));
        match self.planted.map(|planted| planted.fault) {
            Some(Fault::NoPhotoUrl) => {}
            Some(Fault::OtherPersonInJpegPhoto) => {
                entry.put_picture("thumbnailPhoto", Picture::Thumbnail(self.face));
                entry.put_picture("jpegPhoto", Picture::Large(colleague));
            }
            Some(_) => entry.put_picture("thumbnailPhoto", Picture::Thumbnail(self.face)),
            None => {
                if small {
                    entry.put_picture("thumbnailPhoto", Picture::Thumbnail(self.face));
                }
                if large {
                    entry.put_picture("jpegPhoto", Picture::Large(self.face));
                }
            }
        }
    }
}

/// The whole tree, parents first.
pub(super) fn entries(people: &[Person], addresses: Addresses) -> Vec<Entry> {
    let mut dice = Dice::new(SEED);
    let mut entries = vec![domain(&mut dice), administrator(&mut dice), unit(PEOPLE, "People", &mut dice)];
    entries.extend(OFFICES.iter().map(|office| {
        let mut entry = unit(&format!("ou={},{PEOPLE}", office.unit), office.unit, &mut dice);
        entry.put("l", office.unit);
        entry
    }));
    let mut managers: BTreeMap<&str, &str> = BTreeMap::new();
    for (at, person) in people.iter().enumerate() {
        let manager = managers.entry(person.unit.unit).or_insert(&person.dn);
        let colleague = people[(at + 1) % people.len()].face;
        entries.push(person.entry(manager, addresses, colleague, at < WITH_PICTURES || person.planted.is_some()));
    }
    entries
}

/// What the web server answers, by path.
pub(super) fn answers(people: &[Person]) -> BTreeMap<String, Answer> {
    let mut answers = BTreeMap::new();
    for person in people {
        let path = person.photo_path();
        match person.planted {
            Some(planted) => answers.extend(planted.answers(&path, person.face)),
            None => {
                answers.insert(path, Answer::File(Picture::Portrait(person.face)));
            }
        }
    }
    answers
}

fn domain(dice: &mut Dice) -> Entry {
    let mut entry = Entry::new(BASE);
    for (name, value) in [("objectClass", "top"), ("objectClass", "domain"), ("dc", "example"), ("o", "Example")] {
        entry.put(name, value);
    }
    operational(&mut entry, "domain", true, dice);
    entry
}

fn administrator(dice: &mut Dice) -> Entry {
    let mut entry = Entry::new(ADMINISTRATOR);
    for (name, value) in [
        ("objectClass", "top"),
        ("objectClass", "organizationalRole"),
        ("cn", "Administrator"),
        ("description", "May write; the password is public"),
    ] {
        entry.put(name, value);
    }
    operational(&mut entry, "organizationalRole", false, dice);
    entry
}

fn unit(dn: &str, name: &str, dice: &mut Dice) -> Entry {
    let mut entry = Entry::new(dn);
    for (attribute, value) in [("objectClass", "top"), ("objectClass", "organizationalUnit"), ("ou", name)] {
        entry.put(attribute, value);
    }
    operational(&mut entry, "organizationalUnit", true, dice);
    entry
}

/// What a server keeps by itself (RFC 4512, 3.4; RFC 4530; RFC 5020).
fn operational(entry: &mut Entry, class: &str, has_children: bool, dice: &mut Dice) {
    const FROM: i64 = 1_577_836_800; // 2020-01-01
    const TO: i64 = 1_782_864_000; // 2026-07-01
    let span = |from: i64| u64::try_from(TO - from).unwrap_or_default();
    let created = FROM + i64::try_from(dice.below(span(FROM))).unwrap_or_default();
    let modified = created + i64::try_from(dice.below(span(created))).unwrap_or_default();
    let uuid = dice.roll();
    let (high, low) = (uuid, dice.roll());
    let uuid = format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48 & 0x3fff),
        low & 0xffff_ffff_ffff
    );
    let dn = entry.dn().to_owned();
    entry.put("structuralObjectClass", class);
    entry.put("entryUUID", uuid);
    entry.put("entryDN", dn);
    entry.put("createTimestamp", ldap_time(created));
    entry.put("creatorsName", ADMINISTRATOR);
    entry.put("modifyTimestamp", ldap_time(modified));
    entry.put("modifiersName", ADMINISTRATOR);
    entry.put("subschemaSubentry", SUBSCHEMA);
    entry.put("hasSubordinates", if has_children { "TRUE" } else { "FALSE" });
}

fn ldap_time(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or_default().strftime("%Y%m%d%H%M%SZ").to_string()
}

/// Lower-case ASCII letters, as mail addresses are made from names.
fn plain(name: &str) -> String {
    name.nfkd()
        .filter(|character| !is_combining_mark(*character) && *character != '-')
        .collect::<String>()
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{PLANTED, people, plain};

    #[test]
    fn the_same_people_every_time_and_no_two_of_one_name_in_the_directory() {
        let (once, again) = (people(5_000), people(5_000));
        assert_eq!(once.len(), 5_000);
        assert!(once.iter().zip(&again).all(|(one, other)| one.dn == other.dn && one.face == other.face));
        let mut names: Vec<_> = once.iter().map(|person| &person.dn).collect();
        names.dedup();
        assert_eq!(names.len(), 5_000);
        let mut paths: Vec<_> = once.iter().map(super::Person::photo_path).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), 5_000);
    }

    #[test]
    fn the_planted_ones_are_always_there() {
        assert_eq!(people(0).len(), PLANTED.len());
    }

    #[test]
    fn addresses_are_plain() {
        for (name, address) in [("Zoë", "zoe"), ("Iñaki", "inaki"), ("Bo-ram", "boram"), ("Lüthi", "luthi")] {
            assert_eq!(plain(name), address);
        }
    }
}
