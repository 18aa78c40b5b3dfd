//! `Require`, `AuthType` and the sign-in with a password: `mod_authz_core` and its providers in 2.4, core and its modules in 2.2.
//!
//! Not here: Order, Allow, Deny and Satisfy ([`super::host_access`]), with which [`decide`] does the whole access step.

use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::{
    config::{Directive, Spot, words::Args},
    expr::{Captures, Expr},
    level::Level,
    record::Record,
    run::Run,
    source::Place,
    unknown::Unknown,
};

mod basic;
mod branch22;
mod decide;
mod files;
mod methods;
mod provider;
mod require;

#[cfg(test)]
mod tests;

pub use decide::{decide, same_access};
pub use require::Other;

/// What a section was told.
#[derive(Clone, Debug, Default)]
pub struct Dir {
    auth_type: Option<Text>,
    auth_name: Option<Text>,
    user_file: Option<files::Named>,
    group_file: Option<files::Named>,
    /// `AuthBasicProvider`.
    providers: Option<Arc<Vec<BString>>>,
    /// A directive that makes the sign-in something that is not simulated.
    not_modelled: Option<(Place, &'static str)>,
    /// `AuthBasicAuthoritative`; 2.2 too: `AuthDefaultAuthoritative` and the like.
    authoritative: Authoritative,
    /// `Require` of 2.4.
    section: Option<Arc<require::Node>>,
    /// `AuthMerging`.
    merging: Option<require::Merging>,
    /// `AuthzSendForbiddenOnFailure`.
    forbidden_on_failure: Option<bool>,
    /// `Require` of 2.2.
    lines: Option<Arc<Vec<branch22::Line>>>,
    /// `AllowMethods`.
    methods: Option<methods::Allowed>,
}

/// Whether a module that says no has the last word; it has unless it was told otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Authoritative {
    basic: Option<bool>,
    user: Option<bool>,
    group: Option<bool>,
    default_authn: Option<bool>,
    default_authz: Option<bool>,
}

/// `AuthType` or `AuthName`.
#[derive(Clone, Debug)]
struct Text {
    /// As written, or what it always comes to.
    fixed: BString,
    /// 2.4.71: a text with variables in it.
    computed: Option<Arc<Expr>>,
    place: Place,
}

impl Text {
    fn read(spot: &Spot<'_>, name: &str, word: &[u8]) -> Result<Self, String> {
        let (mut fixed, mut computed) = (BString::from(word), None);
        if spot.level >= Level::V2_4_71 {
            let expr = Expr::parse_string(word, provider::options(spot), spot.level)
                .map_err(|why| format!("Cannot parse expression '{}' in {name}: {why}", word.as_bstr()))?;
            match expr.constant() {
                Some(text) => fixed = text.into(),
                None => computed = Some(Arc::new(expr)),
            }
        }
        Ok(Self { fixed, computed, place: spot.place })
    }

    fn get(&self, run: &Run<'_>, record: &Record) -> Result<BString, Unknown> {
        let Some(expr) = &self.computed else { return Ok(self.fixed.clone()) };
        expr.text(run, record, &Captures::default()).map_err(|why| provider::at(self.place, why))
    }
}

/// `AuthBasicProvider`s that httpd's own modules bring.
const PROVIDERS: &[&str] = &["file", "dbm", "dbd", "anon", "ldap", "socache"];

impl Dir {
    /// Takes in a directive other than a container; `name` is lower case.
    ///
    /// `Require` is taken from [`Args::raw`], all else from [`Args::words`].
    ///
    /// # Errors
    /// What is wrong, in the server's words.
    pub fn directive(&mut self, spot: &Spot<'_>, name: &str, args: Args<'_>) -> Result<(), String> {
        match name {
            "require" if spot.level.is_24() => require::Node::require(&mut self.section, spot, args.raw)?,
            "require" => {
                let line = branch22::Line::read(spot, args.raw);
                Arc::make_mut(self.lines.get_or_insert_default()).push(line);
            }
            "authtype" => self.auth_type = Some(Text::read(spot, "AuthType", args.word(0))?),
            "authname" => self.auth_name = Some(Text::read(spot, "AuthName", args.word(0))?),
            "authuserfile" | "authgroupfile" => {
                // 2.2 takes a second word, which may only be this.
                if args.words.len() > 1 && args.word(1) != "standard" {
                    return Err(format!("Invalid auth file type: {}", args.word(1)));
                }
                let file = if name == "authuserfile" { &mut self.user_file } else { &mut self.group_file };
                *file = Some(files::Named { path: args.word(0).into(), place: spot.place });
            }
            "authbasicprovider" => {
                for word in args.words {
                    if !PROVIDERS.iter().any(|known| *word == known.as_bytes()) {
                        return Err(format!("Unknown Authn provider: {word}"));
                    }
                    Arc::make_mut(self.providers.get_or_insert_default()).push(word.clone());
                }
            }
            "authmerging" => self.merging = Some(require::Merging::named(args.word(0))?),
            "authzsendforbiddenonfailure" => {
                self.forbidden_on_failure = Some(args.flag("AuthzSendForbiddenOnFailure")?);
            }
            "allowmethods" => self.methods = Some(methods::allowed(args.words)?),
            "authbasicfake" if !args.word(0).eq_ignore_ascii_case(b"off") => {
                self.not_modelled = Some((spot.place, "AuthBasicFake is not simulated"));
            }
            "authbasicusedigestalgorithm" if args.word(0).eq_ignore_ascii_case(b"md5") => {
                self.not_modelled = Some((spot.place, "AuthBasicUseDigestAlgorithm is not simulated"));
            }
            _ => self.authoritative.directive(name, args)?,
        }
        Ok(())
    }

    /// Takes in `<RequireAll>`, `<RequireAny>` or `<RequireNone>` of 2.4. What stands in it and is neither of these nor
    /// `Require` goes to `other`, which may take it in or say what is wrong with it.
    ///
    /// # Errors
    /// What is wrong, in the server's words, and the line that the server names.
    pub fn container(
        &mut self,
        spot: &Spot<'_>,
        section: &Directive,
        other: &mut Other<'_>,
    ) -> Result<(), (Place, String)> {
        require::Node::container(&mut self.section, spot, section, 0, other)
    }

    /// What the server does with each section of 2.4 when the whole configuration is read; `.htaccess` files are spared.
    ///
    /// # Errors
    /// The server's message (AH01624); it names no line.
    pub fn finish(&mut self) -> Result<(), String> {
        self.section.as_mut().map_or(Ok(()), |section| Arc::make_mut(section).finished(true))
    }

    /// `AuthType`, as far as it is the same for all requests.
    pub fn auth_type(&self) -> Option<&[u8]> {
        self.auth_type.as_ref().map(|text| text.fixed.as_slice())
    }

    /// `inner` on top of this.
    pub fn merge(&self, inner: &Self, level: Level) -> Self {
        let mut merged = Self {
            auth_type: inner.auth_type.clone().or_else(|| self.auth_type.clone()),
            auth_name: inner.auth_name.clone().or_else(|| self.auth_name.clone()),
            user_file: inner.user_file.clone().or_else(|| self.user_file.clone()),
            group_file: inner.group_file.clone().or_else(|| self.group_file.clone()),
            providers: inner.providers.clone().or_else(|| self.providers.clone()),
            not_modelled: inner.not_modelled.or(self.not_modelled),
            authoritative: self.authoritative.merge(inner.authoritative),
            section: None,
            merging: inner.merging,
            forbidden_on_failure: inner.forbidden_on_failure.or(self.forbidden_on_failure),
            lines: inner.lines.clone().or_else(|| self.lines.clone()),
            methods: inner.methods.clone().or_else(|| self.methods.clone()),
        };
        if !level.is_24() {
            return merged;
        }
        merged.section = match (&self.section, &inner.section, inner.merging) {
            (Some(outer), None, None) => {
                merged.merging = self.merging;
                Some(outer.clone())
            }
            (Some(outer), Some(inner), Some(require::Merging::With(logic))) => {
                Some(Arc::new(require::Node::merged(logic, outer.clone(), inner.clone())))
            }
            (Some(outer), None, Some(require::Merging::With(_))) => Some(outer.clone()),
            (_, inner, _) => inner.clone(),
        };
        merged
    }
}

impl Authoritative {
    fn directive(&mut self, name: &str, args: Args<'_>) -> Result<(), String> {
        let (flag, shown) = match name {
            "authbasicauthoritative" => (&mut self.basic, "AuthBasicAuthoritative"),
            "authzuserauthoritative" => (&mut self.user, "AuthzUserAuthoritative"),
            "authzgroupfileauthoritative" => (&mut self.group, "AuthzGroupFileAuthoritative"),
            "authdefaultauthoritative" => (&mut self.default_authn, "AuthDefaultAuthoritative"),
            "authzdefaultauthoritative" => (&mut self.default_authz, "AuthzDefaultAuthoritative"),
            _ => return Ok(()),
        };
        *flag = Some(args.flag(shown)?);
        Ok(())
    }

    fn merge(self, inner: Self) -> Self {
        Self {
            basic: inner.basic.or(self.basic),
            user: inner.user.or(self.user),
            group: inner.group.or(self.group),
            default_authn: inner.default_authn.or(self.default_authn),
            default_authz: inner.default_authz.or(self.default_authz),
        }
    }
}
