//! The planted faults: one table, which documents them, plants them, and is what tests go by.
//!
//! Not here: how a broken picture is made (`picture.rs`), how the web server misbehaves (`web.rs`).

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
    /// `thumbnailPhoto` and `jpegPhoto` show somebody else than the photo URL.
    OtherPersonInDirectory,
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
    /// The person's `cn`.
    pub name: &'static str,
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
        Dn::new(self.uid)
    }
}

/// Every planted fault.
pub const PLANTED: &[Planted] = &[];
