//! Which entries a search filter picks (RFC 4511, 4.5.1.7): each part is true, false or undefined.
//!
//! The assertion is folded once, each value when it is met. Not here: the text form of filters; the protocol crate has
//! read it already.

use std::cmp::Ordering;

use ldap3_proto::proto::{LdapFilter, LdapMatchingRuleAssertion, LdapSubstringFilter};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{
    dn,
    schema::{AttributeType, Syntax},
    store::{Attribute, Entry},
};

/// A filter whose assertions are ready to be compared.
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Present(&'static AttributeType),
    Equal(&'static AttributeType, Vec<u8>),
    Parts(&'static AttributeType, Parts),
    Ordered(&'static AttributeType, Vec<u8>, Ordering),
    Sounds(&'static AttributeType, String),
    Rule(Rule),
    /// An attribute or rule that nobody knows.
    Undefined,
}

/// What a substring assertion looks for, in this order.
pub(super) struct Parts {
    initial: Vec<u8>,
    any: Vec<Vec<u8>>,
    last: Vec<u8>,
}

/// An extensible match.
pub(super) struct Rule {
    kind: Option<&'static AttributeType>,
    test: Test,
    value: String,
    in_name: bool,
}

/// The matching rules that can be asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Test {
    Own,
    Exact,
    As(Syntax),
    AllBits,
    AnyBit,
}

impl Filter {
    /// Makes the assertions ready.
    pub(super) fn new(filter: &LdapFilter) -> Self {
        let known = |name: &str, then: &dyn Fn(&'static AttributeType) -> Self| {
            AttributeType::find(name).map_or(Self::Undefined, then)
        };
        match filter {
            LdapFilter::And(parts) => Self::And(parts.iter().map(Self::new).collect()),
            LdapFilter::Or(parts) => Self::Or(parts.iter().map(Self::new).collect()),
            LdapFilter::Not(part) => Self::Not(Box::new(Self::new(part))),
            LdapFilter::Present(name) => known(name, &Self::Present),
            LdapFilter::Equality(name, value) => known(name, &|kind| match kind.syntax {
                Syntax::Jpeg => Self::Undefined, // has no equality rule
                syntax => Self::Equal(kind, syntax.folded(value.as_bytes()).into_owned()),
            }),
            LdapFilter::Substring(name, parts) => {
                known(name, &|kind| Self::Parts(kind, Parts::new(kind.syntax, parts)))
            }
            LdapFilter::GreaterOrEqual(name, value) => known(name, &|kind| {
                Self::Ordered(kind, kind.syntax.folded(value.as_bytes()).into_owned(), Ordering::Greater)
            }),
            LdapFilter::LessOrEqual(name, value) => known(name, &|kind| {
                Self::Ordered(kind, kind.syntax.folded(value.as_bytes()).into_owned(), Ordering::Less)
            }),
            LdapFilter::Approx(name, value) => known(name, &|kind| Self::Sounds(kind, without_accents(value))),
            LdapFilter::Extensible(assertion) => Rule::new(assertion).map_or(Self::Undefined, Self::Rule),
        }
    }

    /// Whether `entry` is picked; `None` is undefined, which picks nothing, negated or not.
    pub(super) fn matches(&self, entry: &Entry) -> Option<bool> {
        match self {
            Self::And(parts) => parts.iter().fold_three(true, |part| part.matches(entry)),
            Self::Or(parts) => parts.iter().fold_three(false, |part| part.matches(entry)),
            Self::Not(part) => part.matches(entry).map(|matches| !matches),
            Self::Present(kind) => Some(entry.attribute(kind).is_some()),
            Self::Equal(kind, wanted) => Some(any(entry, kind, |value| *kind.syntax.folded(value) == **wanted)),
            Self::Parts(kind, parts) => Some(any(entry, kind, |value| parts.are_in(&kind.syntax.folded(value)))),
            Self::Ordered(kind, wanted, direction) => Some(any(entry, kind, |value| {
                let order = compare(kind.syntax, &kind.syntax.folded(value), wanted);
                order == Ordering::Equal || order == *direction
            })),
            Self::Sounds(kind, wanted) => {
                Some(any(entry, kind, |value| without_accents(&String::from_utf8_lossy(value)) == *wanted))
            }
            Self::Rule(rule) => Some(rule.matches(entry)),
            Self::Undefined => None,
        }
    }
}

/// `And` and `Or` over three values: the deciding value wins, undefined is next, else the neutral value.
trait FoldThree: Iterator + Sized {
    fn fold_three(self, neutral: bool, test: impl Fn(Self::Item) -> Option<bool>) -> Option<bool> {
        let mut all = Some(neutral);
        for item in self {
            match test(item) {
                Some(value) if value != neutral => return Some(value),
                Some(_) => {}
                None => all = None,
            }
        }
        all
    }
}

impl<I: Iterator> FoldThree for I {}

fn any(entry: &Entry, kind: &'static AttributeType, test: impl Fn(&[u8]) -> bool) -> bool {
    entry.attribute(kind).is_some_and(|attribute| attribute.bytes().any(test))
}

fn compare(syntax: Syntax, one: &[u8], other: &[u8]) -> Ordering {
    let number = |bytes: &[u8]| std::str::from_utf8(bytes).ok().and_then(|text| text.trim().parse::<i64>().ok());
    match (syntax, number(one), number(other)) {
        (Syntax::Integer, Some(one), Some(other)) => one.cmp(&other),
        _ => one.cmp(other),
    }
}

fn without_accents(text: &str) -> String {
    let plain: String = text.nfkd().filter(|character| !is_combining_mark(*character)).collect();
    String::from_utf8_lossy(&Syntax::Text.folded(plain.as_bytes())).into_owned()
}

impl Parts {
    fn new(syntax: Syntax, parts: &LdapSubstringFilter) -> Self {
        let folded = |part: &String| syntax.folded_part(part);
        Self {
            initial: parts.initial.as_ref().map(folded).unwrap_or_default(),
            any: parts.any.iter().map(folded).collect(),
            last: parts.final_.as_ref().map(folded).unwrap_or_default(),
        }
    }

    /// The parts stand in `value` one after the other, without overlap.
    fn are_in(&self, value: &[u8]) -> bool {
        let Some(mut rest) = value.strip_prefix(&self.initial[..]).and_then(|rest| rest.strip_suffix(&self.last[..]))
        else {
            return false;
        };
        for part in self.any.iter().filter(|part| !part.is_empty()) {
            match rest.windows(part.len()).position(|window| window == &part[..]) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

impl Rule {
    fn new(assertion: &LdapMatchingRuleAssertion) -> Option<Self> {
        let test = match assertion.matching_rule.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None => Test::Own,
            Some("caseexactmatch" | "2.5.13.5" | "caseexactia5match" | "1.3.6.1.4.1.1466.109.114.1") => Test::Exact,
            Some("caseignorematch" | "2.5.13.2" | "caseignoreia5match" | "1.3.6.1.4.1.1466.109.114.2") => {
                Test::As(Syntax::Text)
            }
            Some("distinguishednamematch" | "2.5.13.1") => Test::As(Syntax::Name),
            Some("1.2.840.113556.1.4.803") => Test::AllBits,
            Some("1.2.840.113556.1.4.804") => Test::AnyBit,
            Some(_) => return None,
        };
        let kind = match &assertion.type_ {
            Some(name) => Some(AttributeType::find(name)?),
            None if test == Test::Own => return None, // neither attribute nor rule
            None => None,
        };
        Some(Self { kind, test, value: assertion.match_value.clone(), in_name: assertion.dn_attributes })
    }

    fn matches(&self, entry: &Entry) -> bool {
        let meant = |kind: &AttributeType| self.kind.is_none_or(|wanted| wanted == kind);
        let in_entry = entry
            .attributes
            .iter()
            .filter(|attribute| meant(attribute.kind))
            .any(|attribute: &Attribute| attribute.bytes().any(|value| self.fits(attribute.kind.syntax, value)));
        in_entry
            || self.in_name
                && dn::every_naming_value(&entry.dn)
                    .iter()
                    .any(|(kind, value)| meant(kind) && self.fits(kind.syntax, value))
    }

    fn fits(&self, own: Syntax, value: &[u8]) -> bool {
        let as_syntax = |syntax: Syntax| syntax.folded(value) == syntax.folded(self.value.as_bytes());
        let bits = || {
            let (value, mask) =
                (std::str::from_utf8(value).ok()?.parse::<i64>().ok()?, self.value.parse::<i64>().ok()?);
            Some((value & mask, mask))
        };
        match self.test {
            Test::Own => as_syntax(own),
            Test::As(syntax) => own != Syntax::Jpeg && own != Syntax::Octets && as_syntax(syntax),
            Test::Exact => value == self.value.as_bytes(),
            Test::AllBits => bits().is_some_and(|(common, mask)| common == mask),
            Test::AnyBit => bits().is_some_and(|(common, _)| common != 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use ldap3_proto::proto::{LdapFilter, LdapMatchingRuleAssertion, LdapSubstringFilter};

    use super::Filter;
    use crate::demo::ldap::store::Entry;

    fn entry() -> Entry {
        let mut entry = Entry::new("uid=m,ou=Zürich,dc=example,dc=com");
        for (name, value) in [
            ("objectClass", "top"),
            ("objectClass", "inetOrgPerson"),
            ("uid", "m"),
            ("cn", "Jörg  Müller (IT)"),
            ("cn", r"a*b\c"),
            ("sn", "Müller"),
            ("mail", "Joerg.Mueller@Example.com"),
            ("photoURL", "http://127.0.0.1/photos/A.jpg"),
            ("telephoneNumber", "+41 44 496-0001"),
            ("modifyTimestamp", "20260301120000Z"),
            ("supportedLDAPVersion", "6"),
            ("manager", "uid=boss, dc=example,dc=com"),
        ] {
            entry.put(name, value);
        }
        entry
    }

    // Filters by their parts; the text form is tested with ldapsearch.
    fn equal(name: &str, value: &str) -> LdapFilter {
        LdapFilter::Equality(name.to_owned(), value.to_owned())
    }

    fn present(name: &str) -> LdapFilter {
        LdapFilter::Present(name.to_owned())
    }

    /// `parts`: initial, any, …, final; empty for none.
    fn parts(name: &str, parts: &[&str]) -> LdapFilter {
        let some = |part: &str| (!part.is_empty()).then(|| part.to_owned());
        let [initial, any @ .., last] = parts else { panic!("two parts at least") };
        let any = any.iter().map(|part| (*part).to_owned()).collect();
        LdapFilter::Substring(name.to_owned(), LdapSubstringFilter { initial: some(initial), any, final_: some(last) })
    }

    fn at_least(name: &str, value: &str) -> LdapFilter {
        LdapFilter::GreaterOrEqual(name.to_owned(), value.to_owned())
    }

    fn at_most(name: &str, value: &str) -> LdapFilter {
        LdapFilter::LessOrEqual(name.to_owned(), value.to_owned())
    }

    fn sounds(name: &str, value: &str) -> LdapFilter {
        LdapFilter::Approx(name.to_owned(), value.to_owned())
    }

    fn rule(name: &str, rule: &str, value: &str, dn_attributes: bool) -> LdapFilter {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        LdapFilter::Extensible(LdapMatchingRuleAssertion {
            matching_rule: some(rule),
            type_: some(name),
            match_value: value.to_owned(),
            dn_attributes,
        })
    }

    fn not(filter: LdapFilter) -> LdapFilter {
        LdapFilter::Not(Box::new(filter))
    }

    fn hold(cases: Vec<(LdapFilter, Option<bool>)>) {
        for (filter, expected) in cases {
            assert_eq!(Filter::new(&filter).matches(&entry()), expected, "{filter:?}");
        }
    }

    #[test]
    fn equal_is_what_the_syntax_calls_equal() {
        hold(vec![
            (equal("OBJECTCLASS", "INETORGPERSON"), Some(true)),
            (equal("cn", "jörg müller (it)"), Some(true)),
            (equal("cn", r"A*B\C"), Some(true)),
            (equal("mail", "joerg.mueller@example.com"), Some(true)),
            (equal("photoURL", "http://127.0.0.1/photos/a.jpg"), Some(false)),
            (equal("telephoneNumber", "+41444960001"), Some(true)),
            (equal("manager", "UID=Boss,DC=example,DC=com"), Some(true)),
            (equal("title", "Buyer"), Some(false)),
            (sounds("sn", "MULLER"), Some(true)),
            (sounds("sn", "miller"), Some(false)),
        ]);
    }

    #[test]
    fn parts_stand_in_their_order_without_overlap() {
        hold(vec![
            (parts("cn", &["", "müll", ""]), Some(true)),
            (parts("cn", &["", "MÜLL", ""]), Some(true)),
            (parts("cn", &["", "mull", ""]), Some(false)),
            (parts("cn", &["jörg", "müller", ""]), Some(true)),
            (parts("cn", &["müller", "jörg", ""]), Some(false)),
            (parts("cn", &["", "(it)"]), Some(true)),
            (parts("cn", &["a*", ""]), Some(true)),
            (parts("cn", &["", "**", ""]), Some(false)),
            (parts("uid", &["m", "m"]), Some(false)),
            (parts("photoURL", &["", "/A.jpg"]), Some(true)),
            (parts("photoURL", &["", "/a.jpg"]), Some(false)),
            (parts("telephoneNumber", &["", "496 00", ""]), Some(true)),
        ]);
    }

    #[test]
    fn times_and_numbers_have_an_order() {
        hold(vec![
            (at_least("modifyTimestamp", "20260101000000Z"), Some(true)),
            (at_most("modifyTimestamp", "20260101000000Z"), Some(false)),
            (at_least("supportedLDAPVersion", "10"), Some(false)),
            (at_most("supportedLDAPVersion", "10"), Some(true)),
            (at_most("supportedLDAPVersion", "6"), Some(true)),
        ]);
    }

    #[test]
    fn a_rule_overrides_the_syntax_and_may_look_at_the_name() {
        hold(vec![
            (rule("cn", "caseExactMatch", "Jörg  Müller (IT)", false), Some(true)),
            (rule("cn", "caseExactMatch", "jörg  müller (it)", false), Some(false)),
            (rule("", "caseIgnoreMatch", "MÜLLER", false), Some(true)),
            (rule("ou", "", "zürich", true), Some(true)),
            (rule("ou", "", "zürich", false), Some(false)),
            (rule("supportedLDAPVersion", "1.2.840.113556.1.4.803", "2", false), Some(true)),
            (rule("supportedLDAPVersion", "1.2.840.113556.1.4.803", "3", false), Some(false)),
            (rule("supportedLDAPVersion", "1.2.840.113556.1.4.804", "3", false), Some(true)),
            (rule("cn", "noSuchRule", "x", false), None),
            (rule("", "", "x", true), None),
        ]);
    }

    #[test]
    fn what_nobody_knows_is_undefined_and_stays_so_when_negated() {
        let unknown = || equal("shoeSize", "43");
        hold(vec![
            (present("objectClass"), Some(true)),
            (not(present("photoURL")), Some(false)),
            (not(present("title")), Some(true)),
            (LdapFilter::And(Vec::new()), Some(true)),
            (LdapFilter::Or(Vec::new()), Some(false)),
            (unknown(), None),
            (not(unknown()), None),
            (present("shoeSize"), None),
            (equal("jpegPhoto", "x"), None),
            (LdapFilter::And(vec![unknown(), equal("uid", "m")]), None),
            (LdapFilter::And(vec![unknown(), equal("uid", "x")]), Some(false)),
            (LdapFilter::Or(vec![unknown(), equal("uid", "m")]), Some(true)),
            (LdapFilter::Or(vec![unknown(), equal("uid", "x")]), None),
        ]);
    }
}
