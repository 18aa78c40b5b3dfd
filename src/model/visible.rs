//! Strangers' text made safe to look at: what would hide, reorder or break a line is written out.
//!
//! Not here: escaping for a file or a protocol; those have rules of their own.

use std::borrow::Cow;

/// `text` with each control or formatting character as its code point, `[U+202E]`. Letters of every script, combining
/// marks, and the joiners that Arabic, Persian, Indic scripts and emoji are written with stay as they are.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hostile(character) {
            shown.push_str(&format!("[U+{:04X}]", u32::from(character)));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Controls (C0, C1), line and paragraph separators, direction marks and overrides (Unicode TR 36, 2.4), invisible
/// characters that two different names can hide in, tags, and what is no character at all.
fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}'
            | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
        || u32::from(character) & 0xFFFE == 0xFFFE
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
