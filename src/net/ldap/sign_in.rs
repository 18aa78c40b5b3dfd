//! Signing in: a simple bind (RFC 4513, 5.1.3), by DN or by a name that is looked up first.

use std::borrow::Cow;

use ldap3::exop::WhoAmI;

use super::{Connection, LdapError, filter};
use crate::model::{Credentials, DirectoryKind, Dn, Secret};

/// How a name to sign in as is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NameForm<'a> {
    Dn,
    /// `anna@example.com`: a mail address or a user principal name.
    Mail(&'a str),
    /// `EXAMPLE\anna`: the account without its domain.
    Account(&'a str),
    /// `anna`.
    Bare(&'a str),
}

impl<'a> NameForm<'a> {
    fn of(name: &'a str) -> Self {
        let attribute_type = |text: &str| {
            !text.is_empty()
                && text.chars().all(|character| character.is_ascii_alphanumeric() || "-.".contains(character))
        };
        if name.split_once('=').is_some_and(|(before, _value)| attribute_type(before.trim())) {
            return Self::Dn;
        }
        match name.rsplit_once('\\') {
            Some((_domain, account)) => Self::Account(account),
            None if name.contains('@') => Self::Mail(name),
            None => Self::Bare(name),
        }
    }

    /// The entries whose name it is.
    fn filter(self, kind: Option<DirectoryKind>) -> String {
        let (attributes, text): (&[&str], &str) = match (self, kind) {
            (Self::Mail(text), Some(DirectoryKind::ActiveDirectory)) => (&["userPrincipalName", "mail"], text),
            (Self::Account(text) | Self::Bare(text), Some(DirectoryKind::ActiveDirectory)) => {
                (&["sAMAccountName"], text)
            }
            (Self::Account(text), _) => (&["uid"], text),
            (Self::Mail(text) | Self::Bare(text), _) => (&["mail", "uid"], text),
            (Self::Dn, _) => return "(objectClass=*)".to_owned(),
        };
        let text = filter::escape(text);
        let parts: Vec<String> = attributes.iter().map(|attribute| format!("({attribute}={text})")).collect();
        format!("(|{})", parts.concat())
    }
}

/// The name and the password to send; `None` to stay a visitor.
///
/// # Errors
/// [`LdapError::EmptyName`] and [`LdapError::EmptyPassword`]: both would be anonymous (RFC 4513, 5.1.2).
pub(super) fn usable(credentials: &Credentials) -> Result<Option<(&str, &Secret)>, LdapError> {
    let Credentials::Simple { name, password } = credentials else { return Ok(None) };
    let name = name.trim();
    if name.is_empty() {
        return Err(LdapError::EmptyName);
    }
    if password.is_empty() {
        return Err(LdapError::EmptyPassword { name: name.to_owned() });
    }
    Ok(Some((name, password)))
}

/// The name may have to be looked up before it can be sent.
pub(super) fn needs_lookup(credentials: &Credentials) -> bool {
    matches!(credentials, Credentials::Simple { name, .. } if NameForm::of(name.trim()) != NameForm::Dn)
}

impl Connection {
    /// Signs in, and gives the DN found for the name. A name that is no DN is given as it is to servers that take it
    /// (Active Directory), else looked up first, as a visitor.
    ///
    /// # Errors
    /// [`LdapError::EmptyPassword`] before anything is sent; what the server answers.
    pub fn sign_in(&mut self, credentials: &Credentials) -> Result<Option<Dn>, LdapError> {
        let Some((name, password)) = usable(credentials)? else { return Ok(None) };
        let form = NameForm::of(name);
        let found = if form == NameForm::Dn { Some(Dn::new(name)) } else { self.look_up_before_bind(name, form)? };
        let bind_name = found.as_ref().map_or(Cow::Borrowed(name), |dn| Cow::Owned(dn.as_str().to_owned()));
        self.bind(&bind_name, password).map_err(|error| self.bare_name(name, form, error))?;
        self.credentials = Credentials::Simple { name: bind_name.into_owned(), password: password.clone() };
        let told = self.who_am_i()?;
        self.signed_in_as = match told.or(found) {
            Some(dn) => Some(dn),
            None => self.look_up(form)?.pop(),
        };
        Ok(self.signed_in_as.clone())
    }

    /// Simple bind.
    fn bind(&mut self, name: &str, password: &Secret) -> Result<(), LdapError> {
        let mut ldap = self.ldap.clone();
        let result = self.answer(ldap.simple_bind(name, password.expose()))?;
        if result.rc == 0 { Ok(()) } else { Err(LdapError::sign_in(result.rc, result.text)) }
    }

    /// Active Directory gives a wrong name and a wrong password the same answer: where the name cannot be right, that is
    /// what to say.
    fn bare_name(&self, name: &str, form: NameForm<'_>, error: LdapError) -> LdapError {
        match error {
            LdapError::InvalidCredentials { text }
                if matches!(form, NameForm::Bare(_)) && self.target.kind == Some(DirectoryKind::ActiveDirectory) =>
            {
                LdapError::BareName { name: name.to_owned(), text }
            }
            other => other,
        }
    }

    /// The DN of the only entry with this name; `None` for servers that take the name as it is.
    fn look_up_before_bind(&mut self, name: &str, form: NameForm<'_>) -> Result<Option<Dn>, LdapError> {
        if self.kind()? == Some(DirectoryKind::ActiveDirectory) {
            return Ok(None);
        }
        // Domino signs people in by any of their names, so it is asked itself where a visitor sees nobody.
        let takes_names = self.kind()? == Some(DirectoryKind::Domino);
        let mut found = match self.look_up(form) {
            Ok(found) => found,
            Err(LdapError::SignInRequired { .. } | LdapError::InsufficientRights { .. }) if takes_names => Vec::new(),
            Err(LdapError::SignInRequired { text } | LdapError::InsufficientRights { text }) => {
                return Err(LdapError::NoLookup { name: name.to_owned(), text });
            }
            Err(LdapError::NoSuchEntry { .. }) => Vec::new(),
            Err(other) => return Err(other),
        };
        match found.len() {
            1 => Ok(found.pop()),
            0 if takes_names => Ok(None),
            found => Err(LdapError::NameNotUnique { name: name.to_owned(), found }),
        }
    }

    /// The entries with this name, two at most.
    fn look_up(&mut self, form: NameForm<'_>) -> Result<Vec<Dn>, LdapError> {
        let base = match &self.target.base {
            Some(base) => base.clone(),
            None => self.root_dse()?.naming_contexts.into_iter().next().unwrap_or_default(),
        };
        let filter = form.filter(self.kind()?);
        let found = self.search(&base, &filter, &["1.1"], 2)?;
        Ok(found.entries.into_iter().map(|entry| entry.dn).collect())
    }

    fn kind(&mut self) -> Result<Option<DirectoryKind>, LdapError> {
        if self.target.kind.is_none() {
            self.target.kind = self.root_dse()?.kind;
        }
        Ok(self.target.kind)
    }

    /// The DN the server knows us by (RFC 4532); `None` where it does not say, or says something else.
    fn who_am_i(&mut self) -> Result<Option<Dn>, LdapError> {
        let mut ldap = self.ldap.clone();
        let answer = self.answer(ldap.extended(WhoAmI))?;
        let (0, Some(value)) = (answer.1.rc, answer.0.val) else { return Ok(None) };
        let text = String::from_utf8_lossy(&value);
        Ok(text.strip_prefix("dn:").filter(|dn| !dn.is_empty()).map(Dn::new))
    }
}

#[cfg(test)]
mod tests {
    use super::NameForm;
    use crate::model::DirectoryKind;

    #[test]
    fn a_name_is_looked_up_by_what_it_looks_like() {
        let ad = Some(DirectoryKind::ActiveDirectory);
        let cases = [
            ("uid=anna,dc=example", None, "(objectClass=*)"),
            ("CN = Anna,O=Example", None, "(objectClass=*)"),
            ("anna", None, "(|(mail=anna)(uid=anna))"),
            ("anna@example.com", None, "(|(mail=anna@example.com)(uid=anna@example.com))"),
            ("anna=x@example.com", None, "(objectClass=*)"),
            (r"EXAMPLE\anna", None, "(|(uid=anna))"),
            (r"EXAMPLE\anna", ad, "(|(sAMAccountName=anna))"),
            ("anna@example.com", ad, "(|(userPrincipalName=anna@example.com)(mail=anna@example.com))"),
            ("*)(uid=*", None, r"(|(mail=\2a\29\28uid=\2a)(uid=\2a\29\28uid=\2a))"),
        ];
        for (name, kind, filter) in cases {
            assert_eq!(NameForm::of(name).filter(kind), filter, "{name} {kind:?}");
        }
    }
}
