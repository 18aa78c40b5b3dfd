//! Strangers' text made safe to look at: what would hide, reorder or break a line is written out.
//!
//! Not here: escaping for a file or a protocol; those have rules of their own.

use std::{borrow::Cow, fmt::Write as _};

use icu_properties::{
    CodePointMapData, CodePointMapDataBorrowed, CodePointSetData, CodePointSetDataBorrowed,
    props::{DefaultIgnorableCodePoint, GeneralCategory, Script},
};

const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::<GeneralCategory>::new();
const SCRIPT: CodePointMapDataBorrowed<'static, Script> = CodePointMapData::<Script>::new();
const IGNORABLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();

/// `text` with each control or formatting character as its code point, `[U+202E]`. Letters of every script, combining
/// marks, and the joiners that Arabic, Persian, Indic scripts and emoji are written with stay as they are.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut before = None;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if hides(before, character, rest.clone().next()) {
            _ = write!(shown, "[U+{:04X}]", u32::from(character));
        } else {
            shown.push(character);
        }
        before = Some(character);
    }
    if shown == text { Cow::Borrowed(text) } else { Cow::Owned(shown) }
}

/// Whether a character between these two would not be seen, or would change the order of others: controls, direction
/// marks and overrides (Unicode TR 36, 2.4), what has no width, blank letters, tags, private and unassigned ones.
pub fn hides(before: Option<char>, character: char, after: Option<char>) -> bool {
    is_hidden(character) && !has_meaning(before, character, after)
}

/// Whether a reader would not see that it is there, or no font knows it.
fn is_hidden(c: char) -> bool {
    use GeneralCategory as G;
    let category = CATEGORY.get(c);
    match category {
        G::Control | G::Unassigned | G::PrivateUse | G::Surrogate | G::LineSeparator | G::ParagraphSeparator => true,
        // Arabic number signs are formatting characters that are drawn.
        G::Format => !matches!(c, '\u{600}'..='\u{605}' | '\u{6DD}' | '\u{70F}' | '\u{8E2}' | '\u{890}' | '\u{891}'),
        _ => IGNORABLE.contains(c) || c == '\u{2800}', // a braille cell without dots
    }
}

/// Whether a hidden character does here what it is made for: joiners inside words of the scripts that need them and
/// between emoji, selectors after what they select.
fn has_meaning(before: Option<char>, c: char, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    match c {
        '\u{200C}' => joins(before) && after.is_some_and(joins),
        '\u{200D}' => {
            after.is_some_and(|next| (joins(before) && joins(next)) || (is_pictorial(before) && is_pictorial(next)))
        }
        '\u{FE0E}' | '\u{FE0F}' => is_pictorial(before) || after == Some('\u{20E3}'),
        '\u{FE00}'..='\u{FE0D}' | '\u{E0100}'..='\u{E01EF}' => SCRIPT.get(before) == Script::Han,
        _ => false,
    }
}

fn joins(c: char) -> bool {
    matches!(
        SCRIPT.get(c),
        Script::Arabic
            | Script::Syriac
            | Script::Mongolian
            | Script::Devanagari
            | Script::Bengali
            | Script::Gurmukhi
            | Script::Gujarati
            | Script::Oriya
            | Script::Tamil
            | Script::Telugu
            | Script::Kannada
            | Script::Malayalam
            | Script::Sinhala
            | Script::Inherited
    )
}

fn is_pictorial(c: char) -> bool {
    matches!(c, '\u{FE0F}' | '\u{2190}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::visible;

    #[test]
    fn what_would_hide_or_reorder_text_is_written_out() {
        for (text, shown) in [
            ("Anna\u{202E}gpj.exe", "Anna[U+202E]gpj.exe"),
            ("two\nlines\tand\0nul", "two[U+000A]lines[U+0009]and[U+0000]nul"),
            ("soft\u{00AD}hyphen \u{200B}nothing", "soft[U+00AD]hyphen [U+200B]nothing"),
            ("\u{2066}isolate\u{2069}", "[U+2066]isolate[U+2069]"),
            ("\u{E001}own letter", "[U+E001]own letter"),
            ("\u{9B}31m", "[U+009B]31m"),
        ] {
            assert_eq!(visible(text), shown, "{text:?}");
        }
    }

    #[test]
    fn letters_of_every_script_stay() {
        for text in [
            "Zoë Achterberg",
            "Zoe\u{0308}",
            "محمد الأحمد",
            "נועה לוי",
            "می\u{200C}خواهم",
            "👩\u{200D}💻 Ada",
            "佐藤 美咲",
            "",
        ] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text:?}");
        }
    }
}
