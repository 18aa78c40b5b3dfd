//! Letters in the order in which they are read: right to left where the script is, numbers and Latin words within.
//!
//! egui shapes each run of one font by itself (Arabic joins, Hebrew runs leftwards inside a word), but places the
//! runs from left to right and knows nothing of the bidirectional algorithm (UAX #9). So the text is cut here into
//! pieces in visual order, each a layout section of its own, which egui then shapes one by one.
//!
//! Not here: editing such text; fields show it as egui does.

use std::borrow::Cow;

use egui::text::{LayoutJob, TextFormat};
use unicode_bidi::{BidiInfo, Level};
use unicode_segmentation::UnicodeSegmentation as _;

/// Whether the text has letters that run from right to left.
pub fn has_rtl(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(is_rtl)
}

/// Blocks of right-to-left scripts.
fn is_rtl(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// Appends one line of (clean) text to a job, in visual order. `base`: the direction of the paragraph the line is of;
/// `None`: that of the first letter that has one.
pub fn append_line(job: &mut LayoutJob, text: &str, format: &TextFormat, base: Option<Level>) {
    if !has_rtl(text) {
        job.append(text, 0.0, format.clone());
        return;
    }
    for piece in pieces(text, base) {
        job.append(&piece, 0.0, format.clone());
    }
}

/// The direction of a paragraph: that of its first letter that has one.
pub fn base_of(text: &str) -> Option<Level> {
    has_rtl(text).then(|| BidiInfo::new(text, None).paragraphs.first().map(|paragraph| paragraph.level)).flatten()
}

/// The line in visual order, cut so that each piece has one direction and, if that is leftwards, one kind of script.
fn pieces(text: &str, base: Option<Level>) -> Vec<Cow<'_, str>> {
    let info = BidiInfo::new(text, base);
    let mut out = Vec::new();
    for paragraph in &info.paragraphs {
        let (levels, runs) = info.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let part = &text[run.clone()];
            if levels[run.start].is_rtl() {
                out.extend(leftwards(part));
            } else {
                out.push(Cow::Borrowed(part));
            }
        }
    }
    out
}

/// A run that is read leftwards, in the order in which its pieces stand from left to right. Words keep their letters
/// in the order of reading, since egui turns those around; what stands between is turned around here.
fn leftwards(run: &str) -> Vec<Cow<'_, str>> {
    let mut out: Vec<Cow<'_, str>> = Vec::new();
    let mut start = 0;
    let mut kind = None;
    for (place, grapheme) in run.grapheme_indices(true) {
        let next = kind_of(grapheme);
        if kind.is_some_and(|kind| kind != next) {
            out.push(turned(&run[start..place], kind));
            start = place;
        }
        kind = Some(next);
    }
    out.push(turned(&run[start..], kind));
    out.reverse();
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hebrew,
    OtherRtl,
    Neutral,
}

fn kind_of(grapheme: &str) -> Kind {
    match grapheme.chars().next() {
        Some('\u{590}'..='\u{5FF}' | '\u{FB1D}'..='\u{FB4F}') => Kind::Hebrew,
        Some(c) if is_rtl(c) => Kind::OtherRtl,
        _ => Kind::Neutral,
    }
}

fn turned(piece: &str, kind: Option<Kind>) -> Cow<'_, str> {
    if kind == Some(Kind::Neutral) && piece.len() > 1 || piece.chars().any(|c| mirror(c) != c) {
        Cow::Owned(piece.graphemes(true).rev().flat_map(str::chars).map(mirror).collect())
    } else {
        Cow::Borrowed(piece)
    }
}

/// Brackets face the other way in text that runs leftwards.
fn mirror(c: char) -> char {
    match c {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        '{' => '}',
        '}' => '{',
        '<' => '>',
        '>' => '<',
        '«' => '»',
        '»' => '«',
        '⟨' => '⟩',
        '⟩' => '⟨',
        '“' => '”',
        '”' => '“',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_stand_in_the_order_of_reading() {
        // Hebrew letters stay in logical order inside a piece; egui turns them around when it shapes the piece.
        let cases: [(&str, &[&str]); 8] = [
            ("נועה לוי", &["לוי", " ", "נועה"]),
            ("محمد الأحمد", &["الأحمد", " ", "محمد"]),
            ("Dr. נועה", &["Dr. ", "נועה"]),
            ("נועה Levy", &["Levy", " ", "נועה"]),
            ("נועה (לוי)", &["(", "לוי", ") ", "נועה"]),
            ("נועה 42", &["42", " ", "נועה"]),
            ("Levy נועה לוי Ltd", &["Levy ", "לוי", " ", "נועה", " Ltd"]),
            ("plain", &["plain"]),
        ];
        for (text, expected) in cases {
            let found = pieces(text, None);
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn nothing_is_lost() {
        for text in ["אב (ג) 12 ab", "مرحبا، بالعالم!", "🙂 א", "א\u{5B0}ב"] {
            let mut before: Vec<char> = text.chars().collect();
            let mut after: Vec<char> = pieces(text, None).iter().flat_map(|piece| piece.chars()).collect();
            before.sort_unstable();
            after.sort_unstable();
            assert_eq!(before, after, "{text}");
        }
    }
}
