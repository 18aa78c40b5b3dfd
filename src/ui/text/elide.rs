//! What of a text is shown where it does not fit, measured and remembered.
//!
//! Not here: making it safe to draw (`clean.rs`).

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use egui::{Context, Galley, Plugin};
use unicode_segmentation::UnicodeSegmentation as _;

use super::Elide;
use crate::ui::type_scale::Type;

/// Most cut texts remembered.
const MAX_KEPT: usize = 4_096;

/// Cut texts by what they were cut from. Measuring one takes some ten layouts; a list asks for it in every frame.
#[derive(Default)]
pub struct Cuts {
    kept: HashMap<u64, Cut>,
}

struct Cut {
    text: String,
    shown: String,
}

impl Plugin for Cuts {
    fn debug_name(&self) -> &'static str {
        "cut texts"
    }
}

/// The part of `text` that fits in `width`, with "…" where it was cut. `layout` measures.
pub fn cut(
    ctx: &Context,
    text: &str,
    style: Type,
    width: f32,
    elide: Elide,
    layout: impl Fn(&str) -> Arc<Galley>,
) -> String {
    let mut hasher = DefaultHasher::new();
    (text, style, width.to_bits(), elide, ctx.pixels_per_point().to_bits()).hash(&mut hasher);
    let key = hasher.finish();
    let cuts = ctx.plugin_or_default::<Cuts>();
    if let Some(cut) = cuts.lock().kept.get(&key)
        && cut.text == text
    {
        return cut.shown.clone();
    }
    let shown = search(text, width, elide, |candidate| layout(candidate).size().x);
    let kept = &mut cuts.lock().kept;
    if kept.len() >= MAX_KEPT {
        kept.clear();
    }
    kept.insert(key, Cut { text: text.to_owned(), shown: shown.clone() });
    shown
}

/// The longest cut that fits. Letters are as people see them (graphemes).
fn search(text: &str, width: f32, elide: Elide, measure: impl Fn(&str) -> f32) -> String {
    let graphemes: Vec<&str> = text.graphemes(true).collect();
    // No letter is narrower than two points, so more need not be tried.
    let most = graphemes.len().min((width / 2.0) as usize + 8);
    let (mut fits, mut too_long) = (0, most + 1);
    while too_long - fits > 1 {
        let middle = usize::midpoint(fits, too_long);
        if measure(&candidate(&graphemes, middle, elide)) <= width {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    candidate(&graphemes, fits, elide)
}

fn candidate(graphemes: &[&str], kept: usize, elide: Elide) -> String {
    let count = graphemes.len();
    if kept >= count {
        return graphemes.concat();
    }
    match elide {
        Elide::End | Elide::Wrap => format!("{}…", graphemes[..kept].concat().trim_end()),
        Elide::Start => {
            let tail = graphemes[count - kept..].concat();
            // From a slash on, where there is one: "…/file.jpg".
            let tail = tail.find('/').map_or(tail.as_str(), |slash| &tail[slash..]);
            format!("…{tail}")
        }
        Elide::Middle => {
            let (head, tail) = (kept.div_ceil(2), kept / 2);
            format!("{}…{}", graphemes[..head].concat(), graphemes[count - tail..].concat())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_it_can_be_spared() {
        let cases = [
            ("short", 10, Elide::End, "short"),
            ("Maximiliane von Hohenstein", 12, Elide::End, "Maximiliane…"),
            ("Maximiliane von Hohenstein", 13, Elide::End, "Maximiliane…"), // no space before the dots
            ("http://photos.example.com/a/b.jpg", 12, Elide::Start, "…/a/b.jpg"),
            ("http://photos.example.com/a/b.jpg", 7, Elide::Start, "…/b.jpg"),
            ("no-slash-in-it.jpg", 8, Elide::Start, "…-it.jpg"),
            ("uid=apatel,ou=People,dc=example", 11, Elide::Middle, "uid=a…ample"),
            ("👩\u{200D}💻👩\u{200D}💻👩\u{200D}💻", 2, Elide::End, "👩\u{200D}💻…"),
            ("anything", 0, Elide::End, "…"),
        ];
        for (text, width, elide, expected) in cases {
            // Here each letter is one wide; the bound on letters tried allows for two points.
            let shown = search(text, width as f32, elide, |s| s.graphemes(true).count() as f32);
            assert_eq!(shown, expected, "{text} in {width}, {elide:?}");
        }
    }
}
