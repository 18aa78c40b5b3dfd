//! Old above new on one left edge, the characters that differ marked.

use egui::{Color32, Response, Role, Sense, Ui, WidgetInfo, text::LayoutJob, vec2};
use similar::{ChangeTag, TextDiff};

use crate::ui::{text, tokens::Look, type_scale::Type};

/// Longest values compared character by character; beyond it the whole counts as changed.
const MAX_COMPARED: usize = 2_000;

/// Pieces of one side: text, and whether it differs from the other side.
type Pieces = Vec<(String, bool)>;

/// Both sides in pieces. By letters as people see them (graphemes), so that an accent is never torn from its letter.
pub fn compare(old: &str, new: &str) -> (Pieces, Pieces) {
    let (old, new) = (text::clean(old), text::clean(new));
    if old.len() > MAX_COMPARED || new.len() > MAX_COMPARED {
        let changed = old != new;
        return (vec![(old.into_owned(), changed)], vec![(new.into_owned(), changed)]);
    }
    let (mut left, mut right) = (Pieces::new(), Pieces::new());
    for change in TextDiff::from_graphemes(old.as_ref(), new.as_ref()).iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => {
                push(&mut left, change.value(), false);
                push(&mut right, change.value(), false);
            }
            ChangeTag::Delete => push(&mut left, change.value(), true),
            ChangeTag::Insert => push(&mut right, change.value(), true),
        }
    }
    (left, right)
}

fn push(pieces: &mut Pieces, text: &str, differs: bool) {
    match pieces.last_mut() {
        Some((last, same)) if *same == differs => last.push_str(text),
        _ => pieces.push((text.to_owned(), differs)),
    }
}

/// One value with its differing pieces on `mark`. Wraps anywhere, as addresses have no spaces.
pub fn marked_value_ui(ui: &mut Ui, pieces: &[(String, bool)], mark: Color32) -> Response {
    let t = ui.tokens();
    let whole: String = pieces.iter().map(|(piece, _)| piece.as_str()).collect();
    let mut job = LayoutJob::default();
    job.wrap.max_width = ui.available_width();
    job.wrap.break_anywhere = true;
    for (piece, differs) in pieces {
        let mut format = Type::Mono.format(t.text_primary);
        if *differs {
            format.background = mark;
            format.expand_bg = 1.0;
        }
        job.append(piece, 0.0, format);
    }
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let (rect, response) = ui.allocate_exact_size(galley.size().max(vec2(0.0, 18.0)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &whole));
    ui.painter().galley(rect.min + vec2(0.0, 1.0), galley, t.text_primary);
    response
}

/// "Old" above "New". `None` is a value that is not there.
pub fn before_after_ui(ui: &mut Ui, old: Option<&str>, new: Option<&str>) {
    let t = ui.tokens();
    let (left, right) = compare(old.unwrap_or_default(), new.unwrap_or_default());
    ui.spacing_mut().item_spacing.y = 6.0;
    for (label, value, pieces, mark) in [("Old", old, left, t.diff_del), ("New", new, right, t.diff_add)] {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let words = text::Text::new(label).style(Type::Small).color(t.text_secondary).width(56.0);
            let rect = ui.add(words).rect;
            ui.add_space((56.0 - rect.width()).max(0.0));
            match value {
                Some(_) => marked_value_ui(ui, &pieces, mark),
                None => ui.add(text::Text::new("not set").style(Type::Small).color(t.text_muted)),
            };
        });
    }
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn the_letters_that_differ_are_found() {
        let cases = [
            ("Asha", "asha", "[A]sha", "[a]sha"),
            ("same", "same", "same", "same"),
            ("", "new", "", "[new]"),
            ("gone", "", "[gone]", ""),
            ("cafe\u{301}", "cafe", "caf[e\u{301}]", "caf[e]"),
            ("…/Asha.Patel@E", "…/asha.patel@e", "…/[A]sha.[P]atel@[E]", "…/[a]sha.[p]atel@[e]"),
        ];
        for (old, new, left, right) in cases {
            let (a, b) = compare(old, new);
            assert_eq!((show(&a).as_str(), show(&b).as_str()), (left, right), "{old} against {new}");
        }
    }

    fn show(pieces: &[(String, bool)]) -> String {
        pieces.iter().map(|(text, differs)| if *differs { format!("[{text}]") } else { text.clone() }).collect()
    }
}
