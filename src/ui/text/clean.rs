//! Nothing hides in a stranger's text: what cannot be seen gets a sign, what has no end gets one.
//!
//! Not here: which characters hide (`model::hides`, shared with the command line), the order of letters (`order.rs`),
//! what fits (`elide.rs`).

use std::{borrow::Cow, fmt::Write as _};

use icu_properties::{
    CodePointMapData, CodePointMapDataBorrowed, CodePointSetData, CodePointSetDataBorrowed,
    props::{DefaultIgnorableCodePoint, GeneralCategory},
};

use crate::model::hides;

/// Longest text ever laid out, in characters; the rest is counted, not drawn.
pub const MAX_CHARS: usize = 2_000;

/// Marks on one letter beyond which they would paint over other rows. Scripts in use need up to four.
const MAX_MARKS: usize = 4;

/// Short names of the first control characters (ISO 646).
const CONTROLS: [&str; 32] = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI", "DLE",
    "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
];

const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::<GeneralCategory>::new();
const IGNORABLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();

/// The text on one line with every hidden character made visible: `⟨ESC⟩` for controls, `⟨U+202E⟩` for marks that change
/// the order of letters, have no width, or mean nothing. At most [`MAX_CHARS`] long, plus the count of the rest.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_CHARS && text.bytes().all(|b| (0x20..0x7F).contains(&b)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(shown(text, false))
}

/// The same, but line breaks stay line breaks.
pub fn clean_lines(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_CHARS && text.bytes().all(|b| b == b'\n' || (0x20..0x7F).contains(&b)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(shown(text, true))
}

/// A short form in quotation marks, for sentences.
pub fn quoted(text: &str) -> String {
    let whole = clean(text);
    let mut short: String = whole.chars().take(80).collect();
    if short.len() < whole.len() {
        short.push('…');
    }
    format!("“{short}”")
}

fn shown(text: &str, lines: bool) -> String {
    let mut out = String::with_capacity(text.len().min(4 * MAX_CHARS));
    let mut before = None;
    let mut marks = 0;
    let mut chars = text.char_indices().peekable();
    let mut drawn = 0;
    while let Some((place, c)) = chars.next() {
        if drawn == MAX_CHARS {
            let rest = crate::ui::format::count(text.len() - place);
            _ = write!(out, "… ⟨{rest} more bytes⟩");
            break;
        }
        drawn += 1;
        let after = chars.peek().map(|(_, c)| *c);
        if is_mark(c) {
            marks += 1;
            if marks > MAX_MARKS {
                if after.is_none_or(|next| !is_mark(next)) {
                    _ = write!(out, "⟨{} more marks⟩", marks - MAX_MARKS);
                }
                continue;
            }
            if before.is_none_or(char::is_whitespace) {
                out.push('◌'); // what a mark without a letter stands on
            }
        } else {
            marks = 0;
        }
        push(&mut out, before, c, after, lines);
        before = Some(c);
    }
    out
}

fn push(out: &mut String, before: Option<char>, c: char, after: Option<char>, lines: bool) {
    match c {
        '\n' if lines => out.push('\n'),
        ' '..='~' => out.push(c),
        '\0'..='\u{7F}' => _ = write!(out, "⟨{}⟩", CONTROLS.get(usize::from(c as u8)).unwrap_or(&"DEL")),
        _ if hides(before, c, after) => _ = write!(out, "⟨U+{:04X}⟩", u32::from(c)),
        _ => out.push(c),
    }
}

fn is_mark(c: char) -> bool {
    !c.is_ascii()
        && matches!(CATEGORY.get(c), GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark)
        && !IGNORABLE.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_shown() {
        let cases = [
            ("Asha Patel", "Asha Patel"),
            ("a\0b\x1b[31m\x7f", "a⟨NUL⟩b⟨ESC⟩[31m⟨DEL⟩"),
            ("line\r\nbreak\ttab", "line⟨CR⟩⟨LF⟩break⟨TAB⟩tab"),
            ("gpj.\u{202E}exe", "gpj.⟨U+202E⟩exe"),
            ("\u{2066}isolate\u{2069}", "⟨U+2066⟩isolate⟨U+2069⟩"),
            ("zero\u{200B}width\u{FEFF}", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
            ("soft\u{AD}hyphen", "soft⟨U+00AD⟩hyphen"),
            ("\u{85}\u{9F}", "⟨U+0085⟩⟨U+009F⟩"),
            ("\u{3164}", "⟨U+3164⟩"), // a Korean letter that is blank: a name of nothing
            ("\u{2800}", "⟨U+2800⟩"),
            ("\u{E000}\u{10FFFF}\u{378}", "⟨U+E000⟩⟨U+10FFFF⟩⟨U+0378⟩"),
            ("\u{2028}", "⟨U+2028⟩"),
            ("\u{E0041}", "⟨U+E0041⟩"),
        ];
        for (input, expected) in cases {
            assert_eq!(clean(input), expected, "{input:?}");
        }
    }

    #[test]
    fn letters_of_all_scripts_stay_as_they_are() {
        let names = [
            "Zoë Achterberg",
            "Nguyễn Thị Minh Khai",
            "Διονύσης Παπαδόπουλος",
            "Юлия Соколова",
            "محمد الأحمد",
            "نועה לוי",
            "佐藤 美咲",
            "김서연",
            "王小明",
            "สมชาย ใจดี",
            "प्रिया शर्मा",
            "cafe\u{301}",
            "می\u{200C}خواهم",  // Persian needs the non-joiner
            "👩\u{200D}💻 Ada", // a woman at a computer is three characters
            "❤\u{FE0F}",
        ];
        for name in names {
            assert_eq!(clean(name), name, "{name:?}");
        }
    }

    #[test]
    fn a_tower_of_marks_is_cut_down() {
        let tower = format!("Z{}o", "\u{301}".repeat(500));
        let expected = format!("Z{}⟨496 more marks⟩o", "\u{301}".repeat(4));
        assert_eq!(clean(&tower), expected);
        assert_eq!(clean("\u{301}"), "◌\u{301}", "a mark alone stands on a ring");
    }

    #[test]
    fn a_megabyte_is_cut_and_counted() {
        let long = "x".repeat(1 << 20);
        let shown = clean(&long);
        assert!(shown.ends_with("… ⟨1,046,576 more bytes⟩"), "{}", &shown[MAX_CHARS..]);
        assert!(clean(&"\u{202E}".repeat(1 << 20)).chars().count() < 10 * MAX_CHARS);
    }

    #[test]
    fn lines_stay_lines_only_where_asked() {
        assert_eq!(clean_lines("a\nb\u{202E}"), "a\nb⟨U+202E⟩");
        assert_eq!(clean("a\nb"), "a⟨LF⟩b");
    }

    #[test]
    fn a_quotation_is_short() {
        assert_eq!(quoted("x"), "“x”");
        assert_eq!(quoted(&"x".repeat(500)).chars().count(), 83);
    }
}
