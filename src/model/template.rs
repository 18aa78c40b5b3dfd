//! A site's template for addresses: `https://photos.example.com/{mail|lower|urlencode}.jpg`.
//!
//! Braces hold the name of a directory attribute and, after bars, functions that run from left to right; `{{` and `}}`
//! are literal braces. Of several values the first that is text counts. A person who lacks an attribute gets no
//! address at all, rather than a broken one.
//!
//! | function | makes of `Zoë.O'Neil+x@Example.com` |
//! | --- | --- |
//! | `lower` | `zoë.o'neil+x@example.com` |
//! | `upper` | `ZOË.O'NEIL+X@EXAMPLE.COM` |
//! | `trim` | the same, without blanks at both ends |
//! | `ascii` | `Zoe.O'Neil+x@Example.com`: accents dropped, other letters outside ASCII too |
//! | `before_at` | `Zoë.O'Neil+x` |
//! | `urlencode` | `Zo%C3%AB.O%27Neil%2Bx@Example.com`: fit for one segment of a path (RFC 3986, 3.3) |
//!
//! Not here: whether the address is one that clients can use (`people/address.rs`).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization;

use crate::model::Entry;

/// What `urlencode` leaves alone: the unreserved characters of RFC 3986, 2.3, and `@`, which web servers take either
/// way and which keeps an address readable. `+` is encoded, since some servers read it as a space.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// A template that was read without mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Field { at: usize, name: String, functions: Vec<Function> },
}

/// What can be done to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Lower case, in any script.
    Lower,
    /// Upper case, in any script.
    Upper,
    /// No blanks at both ends.
    Trim,
    /// Accents dropped; what then is not ASCII, too.
    Ascii,
    /// What stands before the first `@`.
    BeforeAt,
    /// Fit for one segment of a path.
    UrlEncode,
}

/// A mistake in a template, at its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct TemplateError {
    /// The character, from 0, where it goes wrong.
    pub at: usize,
    /// How many characters are wrong, at least 1.
    pub len: usize,
    /// A sentence without full stop.
    pub why: String,
}

/// Why a person gets no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// The person has no such attribute, or it is empty or no text.
    #[error("there is no {name}")]
    MissingField {
        /// The attribute, as the template spells it.
        name: String,
    },
}

impl Template {
    /// Reads `text`.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let characters: Vec<char> = text.chars().collect();
        let (mut parts, mut literal, mut at) = (Vec::new(), String::new(), 0);
        while let Some(&character) = characters.get(at) {
            let doubled = characters.get(at + 1) == Some(&character);
            match character {
                '{' | '}' if doubled => {
                    literal.push(character);
                    at += 2;
                }
                '{' => {
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                    }
                    let end = field_end(&characters, at)?;
                    parts.push(field(&characters, at + 1, end)?);
                    at = end + 1;
                }
                '}' => return Err(mistake(at, 1, "This bracket closes nothing; a literal one is written }}")),
                _ => {
                    literal.push(character);
                    at += 1;
                }
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The attributes it needs, each once, in the order of the text: what a reader must ask the directory for.
    pub fn fields(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for part in &self.parts {
            if let Part::Field { name, .. } = part
                && !names.iter().any(|known| known.eq_ignore_ascii_case(name))
            {
                names.push(name);
            }
        }
        names
    }

    /// Marks the first attribute that `known` denies, for instance because the schema has no such name.
    ///
    /// # Errors
    /// The unknown attribute, with its place.
    pub fn check_fields(&self, known: impl Fn(&str) -> bool) -> Result<(), TemplateError> {
        for part in &self.parts {
            if let Part::Field { at, name, .. } = part
                && !known(name)
            {
                return Err(mistake(*at, name.chars().count(), format!("No attribute is called {name}")));
            }
        }
        Ok(())
    }

    /// The address of the person that `entry` describes.
    ///
    /// # Errors
    /// [`FillError::MissingField`].
    pub fn fill(&self, entry: &Entry) -> Result<String, FillError> {
        self.fill_with(|name| entry.text(name).map(str::to_owned))
    }

    /// The same, from values that `value` finds by attribute name.
    ///
    /// # Errors
    /// [`FillError::MissingField`].
    pub fn fill_with(&self, value: impl Fn(&str) -> Option<String>) -> Result<String, FillError> {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => filled.push_str(text),
                Part::Field { name, functions, .. } => {
                    let found = value(name).unwrap_or_default();
                    let made = functions.iter().fold(found, |text, function| function.of(&text));
                    if made.trim().is_empty() {
                        return Err(FillError::MissingField { name: name.clone() });
                    }
                    filled.push_str(&made);
                }
            }
        }
        Ok(filled)
    }
}

impl Function {
    /// All, in the order they are explained.
    pub const ALL: [Self; 6] = [Self::Lower, Self::Upper, Self::Trim, Self::Ascii, Self::BeforeAt, Self::UrlEncode];

    /// As written in a template.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Upper => "upper",
            Self::Trim => "trim",
            Self::Ascii => "ascii",
            Self::BeforeAt => "before_at",
            Self::UrlEncode => "urlencode",
        }
    }

    fn of(self, text: &str) -> String {
        match self {
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
            Self::Trim => text.trim().to_owned(),
            Self::Ascii => text.nfd().filter(char::is_ascii).collect(),
            Self::BeforeAt => text.split('@').next().unwrap_or_default().to_owned(),
            Self::UrlEncode => utf8_percent_encode(text, SEGMENT).to_string(),
        }
    }
}

fn mistake(at: usize, len: usize, why: impl Into<String>) -> TemplateError {
    TemplateError { at, len: len.max(1), why: why.into() }
}

/// Where the field that opens at `open` closes.
fn field_end(characters: &[char], open: usize) -> Result<usize, TemplateError> {
    let inside = characters.get(open + 1..).unwrap_or_default();
    match inside.iter().position(|character| matches!(character, '{' | '}')) {
        Some(length) if inside.get(length) == Some(&'}') => Ok(open + 1 + length),
        _ => Err(mistake(open, 1, "This bracket is not closed; a literal one is written {{")),
    }
}

/// Reads what stands between two braces: a name, then functions after bars.
fn field(characters: &[char], from: usize, to: usize) -> Result<Part, TemplateError> {
    let (mut at, mut name, mut functions) = (from, None, Vec::new());
    for word in characters.get(from..to).unwrap_or_default().split(|character| *character == '|') {
        let blanks = word.iter().take_while(|character| character.is_whitespace()).count();
        let (place, text) = (at + blanks, word.iter().collect::<String>().trim().to_owned());
        let length = text.chars().count();
        match (&name, Function::ALL.into_iter().find(|function| function.name() == text)) {
            (None, _) if is_attribute(&text) => name = Some((place, text)),
            (None, _) if text.is_empty() => return Err(mistake(at, 1, "The name of an attribute is missing here")),
            (None, _) => return Err(mistake(place, length, format!("{text} cannot be the name of an attribute"))),
            (Some(_), Some(function)) => functions.push(function),
            (Some(_), None) => {
                let known = Function::ALL.map(Function::name).join(", ");
                return Err(mistake(place, length, format!("There is no function {text}; there are {known}")));
            }
        }
        at += word.len() + 1;
    }
    let (at, name) = name.ok_or_else(|| mistake(from, 1, "The name of an attribute is missing here"))?;
    Ok(Part::Field { at, name, functions })
}

/// A short name of an attribute (RFC 4512, 1.4: `keystring`); an underscore is taken too, as some servers do.
fn is_attribute(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::{FillError, Template};
    use crate::model::{Attribute, Dn, Entry, Value};

    fn person() -> Entry {
        let attribute = |name: &str, values: &[&str]| Attribute {
            name: name.to_owned(),
            values: values.iter().map(|value| Value::from(*value)).collect(),
        };
        Entry {
            dn: Dn::new("uid=zoe,dc=example,dc=com"),
            attributes: vec![
                attribute("mail", &["Zoë.O'Neil+x@Example.com", "second@example.com"]),
                attribute("uid", &["zoe"]),
                attribute("title", &["  "]),
                attribute("initials", &["李"]),
                Attribute { name: "jpegPhoto".to_owned(), values: vec![Value(vec![0xff, 0xd8])] },
            ],
        }
    }

    #[test]
    fn a_template_is_filled_from_the_first_value_of_each_attribute() {
        let cases = [
            ("http://h/{mail}.jpg", "http://h/Zoë.O'Neil+x@Example.com.jpg"),
            ("http://h/{mail|lower}.jpg", "http://h/zoë.o'neil+x@example.com.jpg"),
            ("http://h/{mail|lower|urlencode}.jpg", "http://h/zo%C3%AB.o%27neil%2Bx@example.com.jpg"),
            ("http://h/{ MAIL | ascii | upper }.jpg", "http://h/ZOE.O'NEIL+X@EXAMPLE.COM.jpg"),
            ("http://h/{mail|before_at|ascii}.jpg", "http://h/Zoe.O'Neil+x.jpg"),
            ("{{{uid}}}", "{zoe}"),
            ("{uid}/{uid}", "zoe/zoe"),
            ("http://h/same.jpg", "http://h/same.jpg"),
            ("", ""),
        ];
        for (template, expected) in cases {
            assert_eq!(Template::parse(template).unwrap().fill(&person()).unwrap(), expected, "{template}");
        }
    }

    #[test]
    fn a_person_without_the_attribute_gets_no_address() {
        for (template, missing) in [
            ("http://h/{employeeNumber}.jpg", "employeeNumber"),
            ("http://h/{uid}/{title|lower}.jpg", "title"), // only blanks
            ("http://h/{jpegPhoto}.jpg", "jpegPhoto"),     // no text
            ("http://h/{initials|ascii}.jpg", "initials"), // nothing left
        ] {
            let expected = Err(FillError::MissingField { name: missing.to_owned() });
            assert_eq!(Template::parse(template).unwrap().fill(&person()), expected, "{template}");
        }
    }

    #[test]
    fn a_mistake_is_marked_at_its_place() {
        let cases = [
            ("http://h/{mail", (9, 1), "This bracket is not closed; a literal one is written {{"),
            ("{mail{uid}", (0, 1), "This bracket is not closed; a literal one is written {{"),
            ("http://h/mail}.jpg", (13, 1), "This bracket closes nothing; a literal one is written }}"),
            ("ö{}", (2, 1), "The name of an attribute is missing here"),
            ("{|lower}", (1, 1), "The name of an attribute is missing here"),
            ("{mail address}", (1, 12), "mail address cannot be the name of an attribute"),
            (
                "é{mail|lowr}",
                (7, 4),
                "There is no function lowr; there are lower, upper, trim, ascii, before_at, urlencode",
            ),
            ("{mail|}", (6, 1), "There is no function ; there are lower, upper, trim, ascii, before_at, urlencode"),
        ];
        for (template, place, why) in cases {
            let error = Template::parse(template).unwrap_err();
            assert_eq!(((error.at, error.len), error.why.as_str()), (place, why), "{template}");
        }
    }

    #[test]
    fn an_unknown_attribute_is_marked_at_its_place() {
        let template = Template::parse("http://h/{uid}-{ mial |lower}.jpg").unwrap();
        assert_eq!(template.fields(), ["uid", "mial"]);
        let error = template.check_fields(|name| person().has(name)).unwrap_err();
        assert_eq!((error.at, error.len, error.why.as_str()), (17, 4, "No attribute is called mial"));
    }

    #[test]
    fn no_text_brings_the_reader_down() {
        let pieces = ["{", "}", "|", "a", " ", "ü", "{{", "lower"];
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    let text = format!("{first}{second}{third}");
                    match Template::parse(&text) {
                        Ok(template) => drop(template.fill(&person())),
                        Err(error) => assert!(error.at <= text.chars().count(), "{text}"),
                    }
                }
            }
        }
    }
}
