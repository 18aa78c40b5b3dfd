//! The check's end: whether the photo attribute exists, can be read and written.

use super::{Check, Halt, Mend, Step, StepProblem, StepState};
use crate::{
    job::Stop,
    model::{Dn, Problem},
    net::ldap::{AttributeType, Connection, LdapError, Readability, RootDse, WriteRight, filter},
};

/// Where sites keep photo URLs, the most usual first: `photoURL` as in HCL's business card pages, and attributes of the
/// stock schemas that hold an address (RFC 2079; Active Directory's `wWWHomePage` and `url`).
const CANDIDATES: [&str; 4] = ["photoURL", "labeledURI", "wWWHomePage", "url"];
/// Syntaxes that hold no text (RFC 4517, 3.3, and RFC 2252): binary, certificate, fax, JPEG, octet string; the last is
/// also what Active Directory gives its photos.
const NOT_TEXT: [&str; 5] = ["5", "8", "23", "28", "40"];
const LDAP_SYNTAXES: &str = "1.3.6.1.4.1.1466.115.121.1.";

/// What the photo attribute is looked for in.
pub(super) struct Target<'a> {
    pub(super) root: &'a RootDse,
    pub(super) base: &'a Dn,
    pub(super) filter: &'a str,
}

impl Check<'_> {
    /// Both steps; the second needs the first.
    pub(super) fn photo(&mut self, connection: &mut Connection, target: &Target<'_>) -> Result<(), Halt> {
        self.runs(Step::Attribute)?;
        let attribute = self.attribute_names().photo_url.unwrap_or_default();
        let known = self.in_schema(connection, target, &attribute)?;
        let person = self.readable(connection, target, &attribute, known.as_ref())?;
        self.writable(connection, target, &attribute, person.as_ref())
    }

    /// What the schema says; `None` when it cannot be read, which is no fault of the attribute.
    fn in_schema(
        &mut self,
        connection: &mut Connection,
        target: &Target<'_>,
        attribute: &str,
    ) -> Result<Option<AttributeType>, Halt> {
        let known = match connection.attribute_type(target.root, attribute) {
            Ok(Some(known)) => known,
            Ok(None) => {
                let mends = self.candidates(connection, target, attribute)?;
                let problem = Problem::new(format!("The directory's schema has no attribute {attribute}"))
                    .hint("Choose the attribute that the Sametime Proxy reads, or have the schema extended by it.");
                return Err(self.fails(Step::Attribute, StepProblem::new("not in the schema", problem).mends(mends)));
            }
            Err(LdapError::Cancelled) => return Err(Stop::Cancelled.into()),
            Err(_schema_not_shown) => return Ok(None),
        };
        if let Some(syntax) = known.syntax.as_deref().filter(|syntax| !holds_text(syntax)) {
            let mends = self.candidates(connection, target, attribute)?;
            let problem = Problem::new(format!("{attribute} holds pictures or other bytes, and no addresses"))
                .hint("Choose the attribute that holds the address of a photo.")
                .details(format!("syntax {syntax}"));
            return Err(self.fails(Step::Attribute, StepProblem::new("not text", problem).mends(mends)));
        }
        self.found.attribute = Some(known.clone());
        self.tell()?;
        Ok(Some(known))
    }

    fn candidates(&self, connection: &mut Connection, target: &Target<'_>, attribute: &str) -> Result<Vec<Mend>, Halt> {
        let mut mends = Vec::new();
        for other in CANDIDATES.into_iter().filter(|other| !other.eq_ignore_ascii_case(attribute)) {
            self.report.go_on()?;
            if matches!(connection.attribute_type(target.root, other), Ok(Some(_))) {
                mends.push(Mend::UseAttribute(other.to_owned()));
            }
        }
        Ok(mends)
    }

    /// Looks for somebody whose value shows; else asks what the first person's lack of it means. Gives that person.
    fn readable(
        &self,
        connection: &mut Connection,
        target: &Target<'_>,
        attribute: &str,
        known: Option<&AttributeType>,
    ) -> Result<Option<Dn>, Halt> {
        let fails = |error: LdapError| self.fails_with(Step::Attribute, "not read", &error, Vec::new());
        let with = filter::both(target.filter, &format!("({attribute}=*)"));
        let shown = connection.search(target.base, &with, &[attribute], 1).map_err(fails)?;
        let about = about(attribute, known);
        if let Some(person) = shown.entries.into_iter().find(|person| person.has(attribute)) {
            self.passes(Step::Attribute, format!("{about}, readable"))?;
            return Ok(Some(person.dn));
        }
        let anybody = connection.search(target.base, target.filter, &["1.1"], 1).map_err(fails)?;
        let Some(person) = anybody.entries.into_iter().next().map(|person| person.dn) else {
            self.passes(Step::Attribute, about)?;
            return Ok(None);
        };
        let one = person.parts().first().map_or_else(String::new, |part| (*part).to_owned());
        match connection.readability(target.root, &person, attribute).map_err(fails)? {
            Readability::Readable => self.passes(Step::Attribute, format!("{about}, readable"))?,
            Readability::NotSet => self.passes(Step::Attribute, format!("{about}, not set yet"))?,
            Readability::NotAllowed => {
                let problem = Problem::new(format!("The account may not read {attribute}"))
                    .hint("Ask whoever runs the directory to let this account read it, or sign in with another one.")
                    .details(format!("asked of {person}"));
                return Err(self.fails(Step::Attribute, StepProblem::new("not readable", problem)));
            }
            Readability::Unknown { why } => {
                let problem = Problem::new(format!("Nobody shows {attribute}"))
                    .hint(format!(
                        "Either nobody has one yet, or the account may not read it: the directory does not tell the \
                         two apart, since {why}."
                    ))
                    .details(format!("asked of {one}"));
                self.warns(Step::Attribute, "not seen on anybody", problem, Vec::new())?;
            }
        }
        Ok(Some(person))
    }

    fn writable(
        &self,
        connection: &mut Connection,
        target: &Target<'_>,
        attribute: &str,
        person: Option<&Dn>,
    ) -> Result<(), Halt> {
        if self.probe.site.read_only {
            return self.step(Step::Write, StepState::Skipped { why: "the site is read-only".to_owned() });
        }
        let Some(person) = person else {
            return self.step(Step::Write, StepState::Skipped { why: "there is nobody to ask it of".to_owned() });
        };
        self.runs(Step::Write)?;
        let right = connection
            .write_right(target.root, person, attribute)
            .map_err(|error| self.fails_with(Step::Write, "not known", &error, Vec::new()))?;
        match right {
            WriteRight::Allowed => self.passes(Step::Write, "allowed"),
            WriteRight::Denied => {
                let problem = Problem::new(format!("The account may not write {attribute}"))
                    .hint("Ask whoever runs the directory for the right, or make the site read-only.")
                    .details(format!("asked of {person}"));
                let mends = vec![Mend::MakeReadOnly];
                Err(self.fails(Step::Write, StepProblem::new("not allowed", problem).mends(mends)))
            }
            WriteRight::Unknown { why } => {
                let problem = Problem::new(format!("Whether {attribute} can be written shows only when it is"))
                    .hint(format!("The directory does not say it beforehand: {why}."));
                self.warns(Step::Write, "not known", problem, Vec::new())
            }
        }
    }
}

/// `photoURL, one value`.
fn about(attribute: &str, known: Option<&AttributeType>) -> String {
    match known {
        Some(known) if known.single_value => format!("{attribute}, one value"),
        Some(_) => format!("{attribute}, several values"),
        None => attribute.to_owned(),
    }
}

/// A syntax we do not know is taken for text: directories have syntaxes of their own.
fn holds_text(syntax: &str) -> bool {
    syntax.strip_prefix(LDAP_SYNTAXES).is_none_or(|last| !NOT_TEXT.contains(&last))
}

#[cfg(test)]
mod tests {
    use super::holds_text;

    #[test]
    fn pictures_and_bytes_are_no_addresses() {
        for (syntax, text) in [
            ("1.3.6.1.4.1.1466.115.121.1.15", true),  // directory string: labeledURI
            ("1.3.6.1.4.1.1466.115.121.1.26", true),  // IA5 string: mail
            ("1.3.6.1.4.1.1466.115.121.1.28", false), // JPEG: jpegPhoto
            ("1.3.6.1.4.1.1466.115.121.1.40", false), // octet string: thumbnailPhoto
            ("1.2.840.113556.1.4.905", true),         // Active Directory's text without regard to case
        ] {
            assert_eq!(holds_text(syntax), text, "{syntax}");
        }
    }
}
