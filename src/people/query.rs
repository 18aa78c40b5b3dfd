//! Searching what is already here: text folded so that "mül" finds Müller in any script, and words that must all occur.
//!
//! Not here: LDAP filters (`net/ldap/filter.rs`), the rows themselves (`list.rs`).

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Appends the form of `text` that is searched and sorted: lower case, without accents, ligatures undone.
///
/// Compatibility decomposition (Unicode Annex 15, NFKD) takes accents apart, and half-width and presentation forms
/// back; letters that have no decomposition but are typed without their stroke (ø, ł, đ …) are replaced by hand.
pub fn fold_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.extend(text.chars().map(|character| character.to_ascii_lowercase()));
        return;
    }
    for character in text.nfkd().filter(|character| !is_combining_mark(*character)).flat_map(char::to_lowercase) {
        match character {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'ħ' => out.push('h'),
            'ı' => out.push('i'),
            'ς' => out.push('σ'),
            other if is_combining_mark(other) => {} // the lower case of İ is i and a dot above
            other => out.push(other),
        }
    }
}

/// The folded form of `text`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

/// What was typed into the search box: words that must all occur, anywhere, whatever characters they are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    words: Vec<String>,
}

impl Search {
    /// Reads what was typed. Nothing in it has a special meaning: `*`, `(`, `)` and `\` are themselves.
    pub fn new(typed: &str) -> Self {
        Self { words: typed.split_whitespace().map(fold).filter(|word| !word.is_empty()).collect() }
    }

    /// Everything matches.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether all words occur in `folded`, which went through [`fold_into`].
    pub fn matches(&self, folded: &str) -> bool {
        self.words.iter().all(|word| folded.contains(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Search, fold};

    #[test]
    fn a_search_finds_names_as_people_type_them() {
        let cases = [
            ("mül", "Jörg Müller", true),
            ("mul", "Jörg Müller", true),
            ("MÜLLER jörg", "Jörg Müller", true),
            ("strasse", "Hans Straße", true),
            ("ostergard", "Søren Østergård", true),
            ("lodz", "Łódź", true),
            ("παπαδοπουλος", "Διονύσης Παπαδόπουλος", true),
            ("соколова", "Юлия Соколова", true),
            ("й", "Николай", true),
            ("佐藤", "佐藤 美咲", true),
            ("김서", "김서연", true),
            ("محمد", "مُحَمَّد الأحمد", true), // without the vowel marks
            ("נועה", "נועה לוי", true),
            ("yildiz", "Aylin Yıldız", true),
            ("ﾐｻｷ", "ミサキ", true), // half width
            ("*", "Jörg Müller", false),
            ("*()\\", "odd *()\\ name", true),
            ("müll asha", "Jörg Müller", false),
            ("", "anyone", true),
        ];
        for (typed, name, found) in cases {
            assert_eq!(Search::new(typed).matches(&fold(name)), found, "{typed:?} in {name:?}");
        }
    }
}
