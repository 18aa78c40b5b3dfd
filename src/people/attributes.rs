//! A directory entry for people to read: identifiers, times and flags in words beside the raw value, binary values as
//! size and picture, and nothing that could hide in a line.
//!
//! Pure. Values stay as the directory gave them in [`Entry`]; what is here is for showing and copying, and bounded.

use data_encoding::{BASE64, HEXLOWER};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    model::{Entry, Value, visible},
    photo,
};

/// One attribute, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Its name, as the server spells it.
    pub name: String,
    /// Its values, at most [`MAX_VALUES`].
    pub values: Vec<Shown>,
    /// Values beyond that.
    pub left_out: usize,
}

/// One value, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// One line: the value, or for binary ones what it is.
    pub text: String,
    /// What the value means, where its raw form says nothing to people: `4 Nov 2026, 11:42 +01:00`.
    pub words: Option<String>,
    /// The raw value to copy.
    pub copy: Copy,
}

/// How a raw value is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copy {
    /// The text itself.
    Text(String),
    /// Bytes, as base64 or hexadecimal.
    Binary(Vec<u8>),
    /// Never: a secret.
    Secret,
}

/// Attributes that are shown of one entry; others are counted.
pub const MAX_ATTRIBUTES: usize = 1000;
/// Values that are shown of one attribute.
pub const MAX_VALUES: usize = 500;
/// Characters that are shown of one value.
const MAX_CHARACTERS: usize = 1000;

/// Describes `entry`: the attributes named in `first` in that order, then the others by name. Times are given in `zone`.
pub fn describe(entry: &Entry, first: &[&str], zone: &TimeZone) -> Vec<Described> {
    let rank = |name: &str| first.iter().position(|wanted| wanted.eq_ignore_ascii_case(name)).unwrap_or(first.len());
    let mut attributes: Vec<_> = entry.attributes.iter().filter(|attribute| !attribute.values.is_empty()).collect();
    attributes.sort_by_cached_key(|attribute| (rank(base(&attribute.name)), attribute.name.to_lowercase()));
    attributes
        .into_iter()
        .take(MAX_ATTRIBUTES)
        .map(|attribute| Described {
            name: visible(&attribute.name).into_owned(),
            values: attribute.values.iter().take(MAX_VALUES).map(|value| shown(&attribute.name, value, zone)).collect(),
            left_out: attribute.values.len().saturating_sub(MAX_VALUES),
        })
        .collect()
}

impl Described {
    /// Whether `words`, in lower case, occur in its name or what is shown of its values.
    pub fn matches(&self, words: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(words);
        has(&self.name) || self.values.iter().any(|value| has(&value.text) || value.words.as_deref().is_some_and(has))
    }

    /// All its raw values as text, one a line, binary ones as base64; `None` when they are secret.
    pub fn copied(&self) -> Option<String> {
        let values: Option<Vec<_>> = self.values.iter().map(|value| value.copy.text()).collect();
        values.map(|values| values.join("\n"))
    }
}

impl Copy {
    /// Text as it is, bytes as base64.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Binary(bytes) => Some(BASE64.encode(bytes)),
            Self::Secret => None,
        }
    }

    /// Bytes as hexadecimal; `None` for text, which is copied as it is.
    pub fn hex(&self) -> Option<String> {
        if let Self::Binary(bytes) = self { Some(HEXLOWER.encode(bytes)) } else { None }
    }
}

fn base(name: &str) -> &str {
    name.split(';').next().unwrap_or(name)
}

fn shown(name: &str, value: &Value, zone: &TimeZone) -> Shown {
    let lower = base(name).to_ascii_lowercase();
    if is_secret(name) {
        return Shown {
            text: "Not shown".to_owned(),
            words: Some("A password or a key".to_owned()),
            copy: Copy::Secret,
        };
    }
    match value.as_str().filter(|_| !is_binary(&lower)) {
        Some(text) => Shown { text: line(text), words: words(&lower, text, zone), copy: Copy::Text(text.to_owned()) },
        None => binary(&lower, &value.0),
    }
}

/// Attributes that a mistake in access rules can make readable, and that nobody needs to see.
pub fn is_secret(name: &str) -> bool {
    matches!(
        base(name).to_ascii_lowercase().as_str(),
        "userpassword"
            | "unicodepwd"
            | "dbcspwd"
            | "ntpwdhistory"
            | "lmpwdhistory"
            | "supplementalcredentials"
            | "sambantpassword"
            | "sambalmpassword"
            | "krbprincipalkey"
            | "userpkcs12"
            | "httppassword"
            | "ms-mcs-admpwd"
            | "mslaps-password"
            | "pwdhistory"
            | "sambapasswordhistory"
    )
}

/// Attributes whose values are bytes even when they happen to be UTF-8.
fn is_binary(lower: &str) -> bool {
    matches!(
        lower,
        "objectguid"
            | "objectsid"
            | "sidhistory"
            | "jpegphoto"
            | "thumbnailphoto"
            | "photo"
            | "usercertificate"
            | "usersmimecertificate"
            | "cacertificate"
            | "msexchmailboxguid"
            | "ms-ds-consistencyguid"
            | "audio"
            | "logonhours"
            | "mds-consistencyguid"
    )
}

/// Text on one line, visible and not endless.
fn line(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARACTERS) {
        None => visible(text).into_owned(),
        Some((end, _)) => {
            let start = text.get(..end).unwrap_or_default();
            format!("{}… ({} characters)", visible(start), grouped(text.chars().count()))
        }
    }
}

fn binary(lower: &str, bytes: &[u8]) -> Shown {
    let size = match bytes.len() {
        1 => "1 byte".to_owned(),
        length => format!("{} bytes", grouped(length)),
    };
    let (text, words) = match lower {
        "objectguid" | "msexchmailboxguid" | "ms-ds-consistencyguid" if bytes.len() == 16 => (guid(bytes), Some(size)),
        "objectsid" | "sidhistory" => (sid(bytes).unwrap_or_else(|| "No security identifier".to_owned()), Some(size)),
        _ => match photo::inspect(bytes) {
            Ok(facts) => (format!("{size} · {} {} × {}", facts.format.name(), facts.width, facts.height), None),
            Err(_) if bytes.len() <= 32 => (HEXLOWER.encode(bytes), Some(size)),
            Err(_) => (size, None),
        },
    };
    Shown { text, words, copy: Copy::Binary(bytes.to_vec()) }
}

/// What `text` means, for the attributes whose values are numbers of their own kind.
fn words(lower: &str, text: &str, zone: &TimeZone) -> Option<String> {
    match lower {
        "lastlogon" | "lastlogontimestamp" | "badpasswordtime" | "lastlogoff" | "lockouttime" => {
            file_time(text, "Never", zone)
        }
        "pwdlastset" => file_time(text, "To be changed at the next sign-in", zone),
        "accountexpires" | "msds-userpasswordexpirytimecomputed" => file_time(text, "Never", zone),
        "useraccountcontrol" | "msds-user-account-control-computed" => Some(account_control(text.parse().ok()?)),
        "samaccounttype" => account_type(text),
        "entryuuid" | "nsuniqueid" => uuid_time(text, zone),
        _ => generalized_time(text).map(|time| moment(time, zone)),
    }
}

/// `4 Nov 2026, 11:42 +01:00`
fn moment(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned_datetime(zone.clone()).strftime("%-d %b %Y, %H:%M %:z").to_string()
}

/// Generalized time (RFC 4517, 3.3.13), as directories write it: at least minutes, and UTC or an offset.
pub fn generalized_time(text: &str) -> Option<Timestamp> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !matches!(digits, 12 | 14) {
        return None;
    }
    let (date, rest) = text.split_at(digits);
    let rest = rest
        .strip_prefix(['.', ','])
        .map_or(rest, |fraction| fraction.trim_start_matches(|character: char| character.is_ascii_digit()));
    let offset = match rest {
        "Z" => "+0000".to_owned(),
        _ if rest.len() == 3 => format!("{rest}00"),
        _ => rest.to_owned(),
    };
    let seconds = if digits == 12 { "00" } else { "" };
    let time = jiff::fmt::strtime::parse("%Y%m%d%H%M%S%z", format!("{date}{seconds}{offset}")).ok()?;
    time.to_timestamp().ok()
}

/// Windows file time: steps of 100 ns since 1601 ([MS-DTYP] 2.3.3); 0 and the largest number mean `never`.
fn file_time(text: &str, never: &str, zone: &TimeZone) -> Option<String> {
    const FROM_1601_TO_1970: i64 = 11_644_473_600;
    let steps: i64 = text.parse().ok()?;
    if steps == 0 || steps == i64::MAX {
        return Some(never.to_owned());
    }
    let time = Timestamp::from_second(steps.div_euclid(10_000_000) - FROM_1601_TO_1970).ok()?;
    Some(moment(time, zone))
}

/// The flags of [MS-ADTS] 2.2.16, those that administrators ask about first.
fn account_control(flags: u32) -> String {
    const FLAGS: [(u32, &str); 18] = [
        (0x2, "disabled"),
        (0x10, "locked out"),
        (0x80_0000, "password expired"),
        (0x1_0000, "password never expires"),
        (0x20, "no password needed"),
        (0x40, "cannot change the password"),
        (0x80, "password stored reversibly"),
        (0x4_0000, "smart card needed"),
        (0x200, "normal account"),
        (0x800, "trust account of a domain"),
        (0x1000, "computer"),
        (0x2000, "domain controller"),
        (0x8, "home folder needed"),
        (0x2_0000, "majority node set"),
        (0x8_0000, "trusted for delegation"),
        (0x10_0000, "not to be delegated"),
        (0x20_0000, "DES keys only"),
        (0x40_0000, "no Kerberos pre-authentication"),
    ];
    let mut words: Vec<_> = FLAGS.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, word)| *word).collect();
    if flags & 0x2 == 0 {
        words.insert(0, "enabled");
    }
    let mut sentence = words.join(", ");
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}

/// [MS-SAMR] 2.2.1.9.
fn account_type(text: &str) -> Option<String> {
    let word = match text.parse::<u32>().ok()? {
        0x3000_0000 => "User",
        0x3000_0001 => "Computer",
        0x3000_0002 => "Trust",
        0x1000_0000 => "Group",
        0x2000_0000 => "Alias",
        _ => return None,
    };
    Some(word.to_owned())
}

/// A GUID as Windows writes it: the first three groups are little-endian ([MS-DTYP] 2.3.4).
fn guid(bytes: &[u8]) -> String {
    const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let mut text = String::with_capacity(36);
    for (at, index) in ORDER.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&HEXLOWER.encode(&[bytes.get(index).copied().unwrap_or_default()]));
    }
    text
}

/// A security identifier as text ([MS-DTYP] 2.4.2.1).
fn sid(bytes: &[u8]) -> Option<String> {
    let (head, parts) = bytes.split_at_checked(8)?;
    let authority = head.get(2..)?.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let (parts, rest) = parts.as_chunks::<4>();
    if parts.len() != usize::from(*head.get(1)?) || !rest.is_empty() {
        return None;
    }
    let numbers: Vec<String> = parts.iter().map(|part| u32::from_le_bytes(*part).to_string()).collect();
    Some(format!("S-{}-{authority}-{}", head.first()?, numbers.join("-")))
}

/// When a UUID was made, where it says so (RFC 9562, version 1, as OpenLDAP and 389 make them).
fn uuid_time(text: &str, zone: &TimeZone) -> Option<String> {
    const FROM_1582_TO_1970: i64 = 12_219_292_800;
    let digits: String = text.chars().filter(|character| *character != '-').collect();
    let number = (digits.len() == 32).then(|| u128::from_str_radix(&digits, 16).ok()).flatten()?;
    let [high, middle, low] = [number >> 64 & 0xFFFF, number >> 80 & 0xFFFF, number >> 96];
    if high >> 12 != 1 {
        return None;
    }
    let steps = (high & 0xFFF) << 48 | middle << 32 | low;
    let time = Timestamp::from_second(i64::try_from(steps / 10_000_000).ok()? - FROM_1582_TO_1970).ok()?;
    Some(format!("Made {}", moment(time, zone)))
}

/// `62,668`
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::{Copy, describe, generalized_time};
    use crate::model::{Attribute, Dn, Entry, Value};

    fn entry(attributes: &[(&str, &[&[u8]])]) -> Entry {
        let attributes = attributes.iter().map(|(name, values)| Attribute {
            name: (*name).to_owned(),
            values: values.iter().map(|value| Value(value.to_vec())).collect(),
        });
        Entry { dn: Dn::new("uid=a,dc=example"), attributes: attributes.collect() }
    }

    fn one(name: &str, value: &[u8]) -> (String, Option<String>) {
        let described = describe(&entry(&[(name, &[value])]), &[], &TimeZone::UTC);
        let shown = described[0].values[0].clone();
        (shown.text, shown.words)
    }

    #[test]
    fn identifiers_times_and_flags_are_said_in_words_beside_the_raw_value() {
        for (name, raw, words) in [
            ("lastLogon", "132539328000000000", "1 Jan 2021, 00:00 +00:00"),
            ("lastLogonTimestamp", "0", "Never"),
            ("pwdLastSet", "0", "To be changed at the next sign-in"),
            ("accountExpires", "9223372036854775807", "Never"),
            ("accountExpires", "0", "Never"),
            ("whenChanged", "20261104114200.0Z", "4 Nov 2026, 11:42 +00:00"),
            ("modifyTimestamp", "20261104114200Z", "4 Nov 2026, 11:42 +00:00"),
            ("createTimestamp", "20261104134200+0200", "4 Nov 2026, 11:42 +00:00"),
            ("userAccountControl", "512", "Enabled, normal account"),
            ("userAccountControl", "66050", "Disabled, password never expires, normal account"),
            ("sAMAccountType", "805306368", "User"),
            ("entryUUID", "c232ab00-9414-11ec-b3c8-9f6bdeced846", "Made 22 Feb 2022, 19:22 +00:00"),
        ] {
            assert_eq!(one(name, raw.as_bytes()), (raw.to_owned(), Some(words.to_owned())), "{name}: {raw}");
        }
    }

    #[test]
    fn numbers_and_texts_that_mean_nothing_more_stay_alone() {
        for (name, raw) in [
            ("lastLogon", "soon"),
            ("lastLogon", "99999999999999999999"),
            ("lastLogon", "-9223372036854775808"),
            ("userAccountControl", "-1"),
            ("employeeNumber", "004417"),
            ("telephoneNumber", "202611041142"),
            ("modifyTimestamp", "20261399999999Z"),
            ("entryUUID", "not one"),
            ("entryUUID", "5c2f4d3e-7a7b-4c1d-8e9f-0a1b2c3d4e5f"),
        ] {
            assert_eq!(one(name, raw.as_bytes()), (raw.to_owned(), None), "{name}: {raw}");
        }
    }

    #[test]
    fn binary_values_are_named_by_what_they_are() {
        let guid: Vec<u8> = (0..16).collect();
        let sid = [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xF4, 1, 0, 0];
        for (name, raw, text, words) in [
            ("objectGUID", guid.as_slice(), "03020100-0504-0706-0809-0a0b0c0d0e0f", Some("16 bytes")),
            ("objectSid", &sid, "S-1-5-21-1-2-3-500", Some("28 bytes")),
            ("objectSid", &sid[..20], "No security identifier", Some("20 bytes")),
            ("objectSid", &[], "No security identifier", Some("0 bytes")),
            ("x-own", &[0xFF, 0x00], "ff00", Some("2 bytes")),
            ("x-own", &[0xFF; 12_345], "12,345 bytes", None),
        ] {
            assert_eq!(one(name, raw), (text.to_owned(), words.map(str::to_owned)), "{name}: {} bytes", raw.len());
        }
    }

    #[test]
    fn raw_values_can_be_copied_and_passwords_never() {
        let described = describe(
            &entry(&[
                ("cn", &[b"Asha\nPatel", b"second"]),
                ("objectGUID", &[&[0xAB; 16]]),
                ("userPassword;x-old", &[b"{SSHA}c2VjcmV0"]),
            ]),
            &[],
            &TimeZone::UTC,
        );
        let [cn, guid, password] = described.as_slice() else { panic!("{described:?}") };
        assert_eq!(cn.values[0].text, "Asha[U+000A]Patel");
        assert_eq!(cn.copied().as_deref(), Some("Asha\nPatel\nsecond"));
        assert_eq!(guid.values[0].copy.hex(), Some("ab".repeat(16)));
        assert_eq!(guid.values[0].copy.text().as_deref(), Some("q6urq6urq6urq6urq6urqw=="));
        assert_eq!((&password.values[0].copy, password.copied()), (&Copy::Secret, None));
        assert!(!format!("{described:?}").contains("c2VjcmV0"));
    }

    #[test]
    fn what_is_asked_for_comes_first_and_the_rest_by_name() {
        let entry =
            entry(&[("zeta", &[b"1"]), ("mail", &[b"a"]), ("photoURL", &[b"b"]), ("Alpha", &[b"2"]), ("none", &[])]);
        let described = describe(&entry, &["PhotoURL", "mail"], &TimeZone::UTC);
        let names: Vec<_> = described.iter().map(|attribute| attribute.name.as_str()).collect();
        assert_eq!(names, ["photoURL", "mail", "Alpha", "zeta"]);
        assert!(described[1].matches("a") && described[0].matches("url") && !described[3].matches("url"));
    }

    #[test]
    fn an_endless_entry_is_bounded() {
        let long = "x".repeat(1_000_000);
        let values: Vec<&[u8]> = vec![b"v"; 10_000];
        let described = describe(&entry(&[("long", &[long.as_bytes()]), ("many", &values)]), &[], &TimeZone::UTC);
        assert!(described[0].values[0].text.len() < 2_000);
        assert!(described[0].values[0].text.ends_with("… (1,000,000 characters)"));
        assert_eq!((described[1].values.len(), described[1].left_out), (super::MAX_VALUES, 9_500));
    }

    #[test]
    fn generalized_time_is_read_as_directories_write_it() {
        for (text, read) in [
            ("20261104114200Z", Some("2026-11-04T11:42:00Z")),
            ("20261104114200.123Z", Some("2026-11-04T11:42:00Z")),
            ("20261104114200,5Z", Some("2026-11-04T11:42:00Z")),
            ("202611041142Z", Some("2026-11-04T11:42:00Z")),
            ("20261104114200-0130", Some("2026-11-04T13:12:00Z")),
            ("20261104114200+01", Some("2026-11-04T10:42:00Z")),
            ("20261104114200", None),
            ("20261104", None),
            ("", None),
            ("Z", None),
            ("é", None),
        ] {
            assert_eq!(generalized_time(text).map(|time| time.to_string()).as_deref(), read, "{text}");
        }
    }
}
