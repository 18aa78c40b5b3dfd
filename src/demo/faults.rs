//! The planted faults: one table, which documents them, plants them, and is what tests go by.
//!
//! Not here: how a broken picture is made (`picture.rs`), how the web server misbehaves (`web.rs`).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    people::PEOPLE,
    picture::Picture,
    portrait::{Face, Look, Tones},
    web::Answer,
};
use crate::model::Dn;

/// What is wrong, or merely difficult, about a planted person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// The attribute is absent.
    NoPhotoUrl,
    /// The web server has no such file.
    NotFound,
    /// The address has capitals, the file has none.
    CapitalsInAddress,
    /// The file is a PNG, whatever its name and type say.
    PngNamedJpg,
    /// About 80 KB, above the 45 KB of business cards.
    Heavy,
    /// 8000 x 5000 pixels in a small file.
    FortyMegapixels,
    /// The file ends in the middle.
    CutShort,
    /// Pixels lie on their side, and EXIF says so (orientation 6).
    RotatedByExif,
    /// Four colour components, as printers want them.
    Cmyk,
    /// A sign-in page with status 200 instead of a picture.
    SignInPage,
    /// A redirect to a sign-in page.
    SignInRedirect,
    /// A redirect to the photo.
    Redirect,
    /// Two addresses that redirect to each other.
    RedirectLoop,
    /// The answer takes [`super::DemoOptions::slow_photo`].
    SlowServer,
    /// The value is a path without a host.
    RelativeUrl,
    /// https, with a certificate nobody vouches for.
    UnknownIssuer,
    /// Two people have the same address.
    SharedUrl,
    /// The attribute has two values.
    TwoValues,
    /// No mail address, so a template cannot be filled in.
    MailMissing,
    /// `+` and `'` in the mail address.
    MailWithPlusAndApostrophe,
    /// `jpegPhoto` shows somebody else than `thumbnailPhoto` and the photo URL.
    OtherPersonInJpegPhoto,
    /// The entry's own name has an escaped comma.
    CommaInDn,
    /// A Chinese name.
    NameChinese,
    /// A Japanese name.
    NameJapanese,
    /// A Korean name.
    NameKorean,
    /// An Arabic name, written from right to left.
    NameArabic,
    /// A Hebrew name, written from right to left.
    NameHebrew,
    /// A Cyrillic name.
    NameCyrillic,
    /// A Greek name.
    NameGreek,
    /// Emoji in the name, one of several code points.
    NameEmoji,
    /// Letters made of a base and combining marks.
    NameCombiningMarks,
    /// U+202E, which turns the rest of the line around.
    NameRightToLeftOverride,
    /// Line feed, tabulator, escape and bell in the name.
    NameControlCharacters,
    /// 200 letters.
    NameLong,
}

/// One planted person.
#[derive(Clone, Copy, Debug)]
pub struct Planted {
    /// What is wrong.
    pub fault: Fault,
    /// The person's `uid`.
    pub uid: &'static str,
    /// The organisational unit the person is in.
    pub unit: &'static str,
    /// The person's `cn`.
    pub name: &'static str,
    /// The person's `mail`; empty for none.
    pub mail: &'static str,
    pub(super) look: Look,
    pub(super) tones: Tones,
    /// What an administrator sees, and why.
    pub what: &'static str,
}

impl Planted {
    /// The people with `fault`, in the table's order.
    pub fn with(fault: Fault) -> impl Iterator<Item = &'static Self> {
        PLANTED.iter().filter(move |planted| planted.fault == fault)
    }

    /// Where the person is in the directory.
    pub fn dn(&self) -> Dn {
        let own = match self.fault {
            Fault::CommaInDn => format!("cn={}", self.name.replace(',', "\\,")),
            _ => format!("uid={}", self.uid),
        };
        Dn::new(format!("{own},ou={},{PEOPLE}", self.unit))
    }
}

/// Every planted fault.
#[rustfmt::skip] // a table is read in columns
pub const PLANTED: &[Planted] = &[
    Planted { fault: Fault::NoPhotoUrl, uid: "bwilliams", unit: "Manchester", name: "Ben Williams", mail: "ben.williams@example.com", look: Look::Masculine, tones: Tones::Deep,
        what: "has no photo URL; the file is there, so the template would mend it" },
    Planted { fault: Fault::NoPhotoUrl, uid: "hmarsden", unit: "London", name: "Harriet Marsden", mail: "harriet.marsden@example.com", look: Look::Feminine, tones: Tones::Fair,
        what: "has no photo URL and no thumbnail: nobody ever took her picture to the directory" },
    Planted { fault: Fault::NotFound, uid: "olindqvist", unit: "London", name: "Oskar Lindqvist", mail: "oskar.lindqvist@example.com", look: Look::Masculine, tones: Tones::Fair,
        what: "the photo URL looks right, the web server answers 404" },
    Planted { fault: Fault::CapitalsInAddress, uid: "apatel", unit: "Bengaluru", name: "Asha Patel", mail: "Asha.Patel@Example.com", look: Look::Feminine, tones: Tones::Fair,
        what: "the photo URL was made from the mail address as it is spelled; the file is in lower case, so it is not found" },
    Planted { fault: Fault::PngNamedJpg, uid: "cmoreau", unit: "Zürich", name: "Camille Moreau", mail: "camille.moreau@example.com", look: Look::Feminine, tones: Tones::Fair,
        what: "a PNG file under the name and type of a JPEG: some clients show nothing" },
    Planted { fault: Fault::Heavy, uid: "ysokolova", unit: "Haifa", name: "Юлия Соколова", mail: "yulia.sokolova@example.com", look: Look::Feminine, tones: Tones::Olive,
        what: "about 80 KB, more than the 45 KB that business cards take" },
    Planted { fault: Fault::FortyMegapixels, uid: "pdelgado", unit: "Madrid", name: "Pilar Delgado", mail: "pilar.delgado@example.com", look: Look::Feminine, tones: Tones::Olive,
        what: "8000 x 5000 pixels in a file of moderate size: whoever decodes it whole needs 120 MB" },
    Planted { fault: Fault::CutShort, uid: "tbraun", unit: "Zürich", name: "Tobias Braun", mail: "tobias.braun@example.com", look: Look::Masculine, tones: Tones::Fair,
        what: "the upload broke off: the JPEG has no second half" },
    Planted { fault: Fault::RotatedByExif, uid: "isoler", unit: "Madrid", name: "Ignacio Soler", mail: "ignacio.soler@example.com", look: Look::Masculine, tones: Tones::Olive,
        what: "taken with the camera on its side; upright only where EXIF is obeyed" },
    Planted { fault: Fault::Cmyk, uid: "fwhitaker", unit: "Manchester", name: "Fiona Whitaker", mail: "fiona.whitaker@example.com", look: Look::Feminine, tones: Tones::Fair,
        what: "from the print shop, in four inks: colours are wrong or the picture is missing" },
    Planted { fault: Fault::SignInPage, uid: "dlopez", unit: "Madrid", name: "Diego López", mail: "diego.lopez@example.com", look: Look::Masculine, tones: Tones::Olive,
        what: "the web server answers 200 with a sign-in page instead of a picture" },
    Planted { fault: Fault::SignInRedirect, uid: "rshah", unit: "Bengaluru", name: "Rohan Shah", mail: "rohan.shah@example.com", look: Look::Masculine, tones: Tones::Deep,
        what: "the web server redirects to a sign-in page" },
    Planted { fault: Fault::Redirect, uid: "ldubois", unit: "Zürich", name: "Léa Dubois", mail: "lea.dubois@example.com", look: Look::Feminine, tones: Tones::Fair,
        what: "the photo has moved; a redirect leads to it" },
    Planted { fault: Fault::RedirectLoop, uid: "mkeller", unit: "Zürich", name: "Matthias Keller", mail: "matthias.keller@example.com", look: Look::Masculine, tones: Tones::Fair,
        what: "two addresses redirect to each other for ever" },
    Planted { fault: Fault::SlowServer, uid: "gokonkwo", unit: "London", name: "Grace Okonkwo", mail: "grace.okonkwo@example.com", look: Look::Feminine, tones: Tones::Deep,
        what: "the photo comes, but late" },
    Planted { fault: Fault::RelativeUrl, uid: "cnovak", unit: "Manchester", name: "Čeněk Novák", mail: "cenek.novak@example.com", look: Look::Masculine, tones: Tones::Fair,
        what: "the photo URL is a path without a host: no client can find it" },
    Planted { fault: Fault::UnknownIssuer, uid: "nbarlev", unit: "Haifa", name: "Nadav Bar-Lev", mail: "nadav.barlev@example.com", look: Look::Masculine, tones: Tones::Olive,
        what: "https with a certificate of an authority that nobody knows" },
    Planted { fault: Fault::SharedUrl, uid: "emorris", unit: "London", name: "Eleanor Morris", mail: "eleanor.morris@example.com", look: Look::Feminine, tones: Tones::Fair,
        what: "the photo URL is her own, and a colleague has it too" },
    Planted { fault: Fault::SharedUrl, uid: "emorrison", unit: "London", name: "Ellen Morrison", mail: "ellen.morrison@example.com", look: Look::Feminine, tones: Tones::Warm,
        what: "has the photo URL of Eleanor Morris, and so her face" },
    Planted { fault: Fault::TwoValues, uid: "jwalsh", unit: "Manchester", name: "Jane Walsh", mail: "jane.walsh@example.com", look: Look::Feminine, tones: Tones::Fair,
        what: "the attribute has two values, an old one and the right one; clients take either" },
    Planted { fault: Fault::MailMissing, uid: "wfischer", unit: "Zürich", name: "Werner Fischer", mail: "", look: Look::Masculine, tones: Tones::Fair,
        what: "has no mail address, so the template cannot be filled in; the photo URL is made from the uid" },
    Planted { fault: Fault::MailWithPlusAndApostrophe, uid: "soreilly", unit: "London", name: "Siobhán O'Reilly", mail: "siobhan.o'reilly+sametime@example.com", look: Look::Feminine, tones: Tones::Any,
        what: "`+` and `'` are in the mail address, and so in the name of the photo: unescaped, the address is another" },
    Planted { fault: Fault::OtherPersonInJpegPhoto, uid: "mquintero", unit: "Madrid", name: "Marina Quintero", mail: "marina.quintero@example.com", look: Look::Feminine, tones: Tones::Olive,
        what: "`jpegPhoto` shows a colleague; `thumbnailPhoto` and the photo URL are right" },
    Planted { fault: Fault::CommaInDn, uid: "cokafor", unit: "London", name: "Okafor, Chidi (Contractor)", mail: "chidi.okafor@example.com", look: Look::Masculine, tones: Tones::Deep,
        what: "the entry is named by `cn`, with a comma in it that is escaped" },
    Planted { fault: Fault::NameChinese, uid: "xmwang", unit: "Bengaluru", name: "王小明", mail: "xiaoming.wang@example.com", look: Look::Masculine, tones: Tones::Warm,
        what: "a Chinese name" },
    Planted { fault: Fault::NameJapanese, uid: "msato", unit: "Seoul", name: "佐藤 美咲", mail: "misaki.sato@example.com", look: Look::Feminine, tones: Tones::Warm,
        what: "a Japanese name" },
    Planted { fault: Fault::NameKorean, uid: "sykim", unit: "Seoul", name: "김서연", mail: "seoyeon.kim@example.com", look: Look::Feminine, tones: Tones::Warm,
        what: "a Korean name" },
    Planted { fault: Fault::NameArabic, uid: "malahmad", unit: "Haifa", name: "محمد الأحمد", mail: "m.alahmad@example.com", look: Look::Masculine, tones: Tones::Olive,
        what: "an Arabic name, written from right to left and joined" },
    Planted { fault: Fault::NameHebrew, uid: "nlevy", unit: "Haifa", name: "נועה לוי", mail: "noa.levy@example.com", look: Look::Feminine, tones: Tones::Olive,
        what: "a Hebrew name, written from right to left" },
    Planted { fault: Fault::NameCyrillic, uid: "asmirnov", unit: "Haifa", name: "Алексей Смирнов", mail: "alexey.smirnov@example.com", look: Look::Masculine, tones: Tones::Olive,
        what: "a Cyrillic name" },
    Planted { fault: Fault::NameGreek, uid: "dpapado", unit: "Manchester", name: "Διονύσης Παπαδόπουλος", mail: "d.papadopoulos@example.com", look: Look::Masculine, tones: Tones::Olive,
        what: "a Greek name" },
    Planted { fault: Fault::NameEmoji, uid: "rbell", unit: "Manchester", name: "Robin Bell 👩🏽‍🚀🇬🇧❤️", mail: "robin.bell@example.com", look: Look::Feminine, tones: Tones::Any,
        what: "emoji of several code points: a joined one, a flag, one with a variation selector" },
    Planted { fault: Fault::NameCombiningMarks, uid: "tnguyen", unit: "London", name: "Nguye\u{302}\u{303}n Thi\u{323} Thu\u{309}y", mail: "thuy.nguyen@example.com", look: Look::Feminine, tones: Tones::Warm,
        what: "letters made of a base and marks, not of ready ones: to search for Nguyễn must find her" },
    Planted { fault: Fault::NameRightToLeftOverride, uid: "jharlow", unit: "London", name: "Jo Harlow\u{202e}gpj.exe", mail: "jo.harlow@example.com", look: Look::Masculine, tones: Tones::Any,
        what: "U+202E turns the rest of the line around: a name that can dress up as another" },
    Planted { fault: Fault::NameControlCharacters, uid: "shughes", unit: "Manchester", name: "Sam\tHughes\n\u{1b}[31m\u{7}", mail: "sam.hughes@example.com", look: Look::Masculine, tones: Tones::Any,
        what: "tabulator, line feed, escape and bell: what a terminal or a CSV file must not obey" },
    Planted { fault: Fault::NameLong, uid: "mvhohenstein", unit: "Zürich", name: "Maximiliane von Hohenstein-Wernigerode-Rheinfelden-Oldenburg-Lauenstein-Sachsenhagen-Bergzabern-Thurnau-Castell-Waldeck-Isenburg-Leiningen-Erbach-Stolberg-Reuss-Lippe-Sayn-Solms-Wied-Pappenheimauauaua", mail: "m.v.hohenstein@example.com", look: Look::Feminine, tones: Tones::Fair,
        what: "200 letters" },
];

/// Where the demo's servers are, as photo URLs need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Addresses {
    pub(super) web: u16,
    pub(super) https: u16,
}

impl Addresses {
    /// `path` on the photo web server.
    pub(super) fn http(self, path: &str) -> String {
        format!("http://127.0.0.1:{}{}", self.web, encoded(path))
    }

    /// `path` on the server with the unknown issuer.
    fn https(self, path: &str) -> String {
        format!("https://127.0.0.1:{}{}", self.https, encoded(path))
    }
}

/// A path as it stands in an address, escaped as the site's template escapes (RFC 3986, 3.3).
pub(super) fn encoded(path: &str) -> String {
    const KEPT: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@').remove(b'/');
    utf8_percent_encode(path, KEPT).to_string()
}

impl Planted {
    /// The values of the photo URL, for a person whose photo should be at `path`.
    pub(super) fn photo_urls(&self, path: &str, addresses: Addresses) -> Vec<String> {
        match self.fault {
            Fault::NoPhotoUrl => Vec::new(),
            Fault::CapitalsInAddress => vec![addresses.http(&format!("/photos/{}.jpg", self.mail))],
            Fault::RelativeUrl => vec![encoded(path)],
            Fault::UnknownIssuer => vec![addresses.https(path)],
            Fault::SharedUrl => {
                let first = Self::with(Fault::SharedUrl).next().unwrap_or(self);
                vec![addresses.http(&photo_path(first.mail, first.uid))]
            }
            Fault::TwoValues => vec![addresses.http(&path.replace("/photos/", "/photos/2019/")), addresses.http(path)],
            _ => vec![addresses.http(path)],
        }
    }

    /// What the web server does at `path`, and at other paths that belong to it.
    pub(super) fn answers(&self, path: &str, face: Face) -> Vec<(String, Answer)> {
        let portrait = Answer::File(Picture::Portrait(face));
        let elsewhere = |folder: &str| path.replace("/photos/", folder);
        let here = match self.fault {
            Fault::NotFound => return Vec::new(),
            Fault::PngNamedJpg => Answer::File(Picture::Png(face)),
            Fault::Heavy => Answer::File(Picture::Heavy(face)),
            Fault::FortyMegapixels => Answer::File(Picture::FortyMegapixels(face)),
            Fault::CutShort => Answer::File(Picture::CutShort(face)),
            Fault::RotatedByExif => Answer::File(Picture::Rotated(face)),
            Fault::Cmyk => Answer::File(Picture::Cmyk(face)),
            Fault::SlowServer => Answer::Slow(Picture::Portrait(face)),
            Fault::SignInPage => Answer::SignIn,
            Fault::SignInRedirect => Answer::Redirect { status: 302, to: format!("/signin?from={}", encoded(path)) },
            Fault::Redirect => {
                let to = elsewhere("/photos/2026/");
                let moved = Answer::Redirect { status: 301, to: encoded(&to) };
                return vec![(path.to_owned(), moved), (to, portrait)];
            }
            Fault::RedirectLoop => {
                let other = elsewhere("/photos/again/");
                let there = Answer::Redirect { status: 302, to: encoded(&other) };
                let back = Answer::Redirect { status: 302, to: encoded(path) };
                return vec![(path.to_owned(), there), (other, back)];
            }
            _ => portrait,
        };
        vec![(path.to_owned(), here)]
    }
}

/// Where the web server keeps the photo of a person: by mail address in lower case, without one by uid.
pub(super) fn photo_path(mail: &str, uid: &str) -> String {
    format!("/photos/{}.jpg", if mail.is_empty() { uid.to_owned() } else { mail.to_lowercase() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Fault, PLANTED, Planted};

    #[test]
    fn every_row_is_another_person_and_says_something() {
        let uids: BTreeSet<_> = PLANTED.iter().map(|planted| planted.uid).collect();
        assert_eq!(uids.len(), PLANTED.len());
        for planted in PLANTED {
            assert!(!planted.what.is_empty() && !planted.what.ends_with('.'), "{planted:?}");
        }
    }

    #[test]
    fn the_long_name_has_200_letters() {
        let long = Planted::with(Fault::NameLong).next().unwrap();
        assert_eq!(long.name.chars().count(), 200);
    }
}
