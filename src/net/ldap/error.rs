//! What goes wrong between us and a directory, named by what the administrator can do about it.

use crate::{
    model::{Dn, Problem, Server},
    net::trust::TlsFault,
};

/// What went wrong between us and the directory.
#[derive(Debug, thiserror::Error)]
pub enum LdapError {
    /// The host's name is unknown.
    #[error("no address is known for {host}")]
    UnknownHost {
        /// The host.
        host: String,
    },
    /// Nothing listens, or a firewall says no.
    #[error("{server} refuses the connection")]
    ConnectionRefused {
        /// The server.
        server: Server,
    },
    /// The network does not lead there.
    #[error("{server} cannot be reached: {text}")]
    Unreachable {
        /// The server.
        server: Server,
        /// The system's words.
        text: String,
    },
    /// No answer in time.
    #[error("{server} does not answer within {seconds} s")]
    Timeout {
        /// The server.
        server: Server,
        /// How long was waited.
        seconds: u64,
    },
    /// TLS does not stand. Nothing was sent.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The server does not do StartTLS. Nothing was sent.
    #[error("{server} refuses StartTLS: {text}")]
    StartTlsRefused {
        /// The server.
        server: Server,
        /// Its words.
        text: String,
    },
    /// A password without a name would be an anonymous sign-in, too.
    #[error("no name was given to sign in as")]
    EmptyName,
    /// A name without a password would be an anonymous sign-in.
    #[error("no password was given for {name}")]
    EmptyPassword {
        /// The name to sign in as.
        name: String,
    },
    /// Wrong name or password (code 49).
    #[error("the directory does not accept this name and password")]
    InvalidCredentials {
        /// The server's words.
        text: String,
    },
    /// Active Directory was given an account without its domain, which it takes for no name at all (code 49).
    #[error("the directory does not accept the name {name} with this password")]
    BareName {
        /// The name.
        name: String,
        /// The server's words.
        text: String,
    },
    /// The password may be right, but the account may not sign in (Active Directory, code 49 with a reason).
    #[error("the directory does not let this account sign in: {why}")]
    AccountState {
        /// Which state, as a clause.
        why: &'static str,
        /// The server's words.
        text: String,
    },
    /// The directory wants TLS or signing first (code 8 or 13).
    #[error("the directory accepts a password only over TLS")]
    StrongerAuthRequired {
        /// The server's words.
        text: String,
    },
    /// Active Directory demands channel binding, which ties a sign-in to its TLS connection.
    #[error("the directory demands channel binding, which this sign-in does not have")]
    ChannelBinding {
        /// The server's words.
        text: String,
    },
    /// The directory answers only those who signed in (code 1, 8, 48 or 53).
    #[error("the directory does not answer visitors who have not signed in")]
    SignInRequired {
        /// The server's words.
        text: String,
    },
    /// The name is no DN, and the directory does not let a visitor look up whose it is.
    #[error("the directory does not let a visitor look up whose name {name} is")]
    NoLookup {
        /// The name.
        name: String,
        /// The server's words.
        text: String,
    },
    /// The name to sign in as belongs to nobody, or to several.
    #[error("{}", name_not_unique(name, *found))]
    NameNotUnique {
        /// The name.
        name: String,
        /// How many.
        found: usize,
    },
    /// The entry does not exist (code 32), or the account may not know that it does.
    #[error("there is no entry {dn}")]
    NoSuchEntry {
        /// The entry.
        dn: Dn,
    },
    /// Not allowed (code 50).
    #[error("the account may not do this")]
    InsufficientRights {
        /// The server's words.
        text: String,
    },
    /// The values are no longer those the change was planned from.
    #[error("{dn} was changed by somebody else")]
    Stale {
        /// The entry.
        dn: Dn,
    },
    /// The schema has no such attribute, or the entry may not have it (code 17 or 65).
    #[error("the directory does not know {attribute} for this entry")]
    NoSuchAttribute {
        /// The attribute.
        attribute: String,
        /// The server's words.
        text: String,
    },
    /// The directory does not show its schema to this account.
    #[error("the directory does not show its schema")]
    NoSchema,
    /// The value does not fit the attribute (code 19 or 21).
    #[error("the directory does not take this value for {attribute}")]
    InvalidValue {
        /// The attribute.
        attribute: String,
        /// The server's words.
        text: String,
    },
    /// The entry is on another server, and the site does not follow referrals, or this operation never does.
    #[error("this part of the directory is on another server: {}", .urls.join(", "))]
    Referral {
        /// Where to, as LDAP URLs.
        urls: Vec<String>,
    },
    /// The filter is not one.
    #[error("the filter is wrong at character {}: {why}", .at + 1)]
    Filter {
        /// Character, from 0.
        at: usize,
        /// What is wrong.
        why: String,
    },
    /// The connection ended before the answer.
    #[error("the connection to {server} was lost")]
    Lost {
        /// The server.
        server: Server,
    },
    /// The server answered something that is no LDAP.
    #[error("{server} answers, but not as a directory does: {text}")]
    Protocol {
        /// The server.
        server: Server,
        /// What was wrong.
        text: String,
    },
    /// Another answer; `code` is the LDAP result code (RFC 4511, appendix A).
    #[error("the directory refused with code {code}{}", words(text))]
    Refused {
        /// The result code.
        code: u32,
        /// The server's words.
        text: String,
    },
    /// The caller asked to stop.
    #[error("stopped")]
    Cancelled,
}

impl LdapError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::UnknownHost { .. } => "Check the host's spelling, and whether this computer's DNS knows it.",
            Self::ConnectionRefused { .. } => "Check the port and that the directory is running.",
            Self::Unreachable { .. } => "Check the network, a VPN, and firewalls between here and there.",
            Self::Timeout { .. } => "A firewall may be dropping the connection, or the directory is very busy.",
            Self::Tls(fault) => fault.hint(),
            Self::StartTlsRefused { .. } => {
                "Use ldaps, or have TLS set up on the server. Nothing was sent in clear instead."
            }
            Self::EmptyName => "Give a name, or choose to sign in anonymously.",
            Self::EmptyPassword { .. } => {
                "Without a password the directory would sign you in anonymously. Give the password, or choose that."
            }
            Self::InvalidCredentials { .. } => "Check the name's form and the password.",
            Self::BareName { .. } => {
                "Active Directory wants the domain with it, as in EXAMPLE\\anna or anna@example.com, or the DN. If it is \
                 there, check the password."
            }
            Self::AccountState { .. } => "An administrator of the directory can mend the account.",
            Self::StrongerAuthRequired { .. } => "Use ldaps or StartTLS for this site.",
            Self::ChannelBinding { .. } => {
                "A simple sign-in over ldaps needs none: the password travels inside TLS. Ask the directory's \
                 administrator to allow it, or use another domain controller (LdapEnforceChannelBinding)."
            }
            Self::SignInRequired { .. } => "Sign in with a name and password.",
            Self::NoLookup { .. } => "Sign in with the whole DN, such as cn=admin,dc=example,dc=com.",
            Self::NameNotUnique { .. } => "Sign in with the whole DN, such as uid=anna,ou=People,dc=example,dc=com.",
            Self::NoSuchEntry { .. } => "It may have been moved or deleted, or this account may not see it.",
            Self::InsufficientRights { .. } => "Sign in with an account that may, or have this one allowed to.",
            Self::Stale { .. } => "Look at the values that are there now, and decide again.",
            Self::NoSuchAttribute { .. } => "Check the attribute's name in the site's settings and the schema.",
            Self::NoSchema => "Whether the attribute exists shows only when it is read or written.",
            Self::InvalidValue { .. } => "The attribute's syntax or a rule of the directory forbids it.",
            Self::Referral { .. } => "Add that server as a site of its own, or let this site follow referrals.",
            Self::Filter { .. } => "Filters look like (&(objectClass=person)(mail=*)).",
            Self::Lost { .. } => "Try again. If it keeps happening, the server or a firewall ends connections.",
            Self::Protocol { .. } => "Check that the port is the directory's, and whether it wants TLS.",
            Self::Refused { .. } | Self::Cancelled => return None,
        })
    }

    /// For a person. The server's own words are in the details.
    pub fn problem(&self) -> Problem {
        let mut problem = Problem::from_error(self, self.hint());
        if let Some(text) = self.server_text() {
            problem.details = Some(text.to_owned());
        }
        problem
    }

    /// Trying again on a new connection may help: nothing was wrong but the connection.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }

    /// The server's own words.
    pub fn server_text(&self) -> Option<&str> {
        match self {
            Self::StartTlsRefused { text, .. }
            | Self::InvalidCredentials { text }
            | Self::BareName { text, .. }
            | Self::AccountState { text, .. }
            | Self::StrongerAuthRequired { text }
            | Self::ChannelBinding { text }
            | Self::SignInRequired { text }
            | Self::NoLookup { text, .. }
            | Self::InsufficientRights { text }
            | Self::NoSuchAttribute { text, .. }
            | Self::InvalidValue { text, .. }
            | Self::Refused { text, .. } => Some(text).filter(|text| !text.is_empty()).map(String::as_str),
            _ => None,
        }
    }

    /// The error of a bind that was answered with `code`.
    pub(super) fn sign_in(code: u32, text: String) -> Self {
        match code {
            8 | 13 => Self::StrongerAuthRequired { text },
            49 => match active_directory_reason(&text) {
                // SEC_E_BAD_BINDINGS
                Some("80090346") => Self::ChannelBinding { text },
                Some(reason) => match account_state(reason) {
                    Some(why) => Self::AccountState { why, text },
                    None => Self::InvalidCredentials { text },
                },
                None => Self::InvalidCredentials { text },
            },
            _ => Self::refused(code, text),
        }
    }

    /// The error of an operation that was answered with `code`.
    pub(super) fn refused(code: u32, text: String) -> Self {
        match code {
            // Active Directory answers 1 and says that "a successful bind must be completed", Samba "Operation unavailable
            // without authentication".
            1 if text.contains("bind") || text.contains("without authentication") => Self::SignInRequired { text },
            // slapd's `require authc` answers 53, earlier ones 8, and says "authentication required".
            8 | 53 if text.contains("authentication required") => Self::SignInRequired { text },
            48 => Self::SignInRequired { text },
            8 | 13 => Self::StrongerAuthRequired { text },
            50 => Self::InsufficientRights { text },
            code => Self::Refused { code, text },
        }
    }
}

/// The reason that Active Directory puts into its text: `..., data 52e, v2580`.
fn active_directory_reason(text: &str) -> Option<&str> {
    let (_before, rest) = text.split_once("data ")?;
    rest.split(|character: char| !character.is_ascii_hexdigit()).next()
}

/// Source: Microsoft, "Bind error codes" of the LDAP error texts (Win32 errors in hexadecimal).
fn account_state(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "530" => "it may not sign in at this time",
        "531" => "it may not sign in from this computer",
        "532" => "its password has expired",
        "533" => "it is disabled",
        "701" => "it has expired",
        "773" => "its password must be changed first",
        "775" => "it is locked",
        _ => return None, // 525 and 52e: wrong name or password
    })
}

fn name_not_unique(name: &str, found: usize) -> String {
    match found {
        0 => format!("no entry that a visitor may see goes by the name {name}"),
        _ => format!("more than one entry goes by the name {name}"),
    }
}

fn words(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

#[cfg(test)]
mod tests {
    use super::LdapError;

    #[test]
    fn a_refused_sign_in_is_explained_in_words() {
        let ad = |data: &str| {
            format!("80090308: LdapErr: DSID-0C090446, comment: AcceptSecurityContext error, data {data}, v2580")
        };
        let cases = [
            (49, String::new(), "the directory does not accept this name and password"),
            (49, ad("52e"), "the directory does not accept this name and password"),
            (49, ad("525"), "the directory does not accept this name and password"),
            (49, ad("532"), "the directory does not let this account sign in: its password has expired"),
            (49, ad("775"), "the directory does not let this account sign in: it is locked"),
            (49, ad("80090346"), "the directory demands channel binding, which this sign-in does not have"),
            (
                8,
                "BindSimple: Transport encryption required.".to_owned(),
                "the directory accepts a password only over TLS",
            ),
            (13, String::new(), "the directory accepts a password only over TLS"),
            (53, "unauthenticated bind".to_owned(), "the directory refused with code 53: unauthenticated bind"),
        ];
        for (code, text, sentence) in cases {
            assert_eq!(LdapError::sign_in(code, text.clone()).to_string(), sentence, "{code} {text}");
        }
    }

    #[test]
    fn the_servers_own_words_are_kept_for_copying() {
        let problem = LdapError::refused(50, "no write access to parent".to_owned()).problem();
        assert_eq!(problem.what, "the account may not do this");
        assert_eq!(problem.details.as_deref(), Some("no write access to parent"));
    }

    #[test]
    fn a_visitor_is_told_to_sign_in() {
        for (code, text) in [
            (
                1,
                "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful bind must be",
            ),
            (1, "00002020: Operation unavailable without authentication"),
            (8, "authentication required"),
            (53, "authentication required"),
            (48, "anonymous bind disallowed"),
        ] {
            assert!(
                matches!(LdapError::refused(code, text.to_owned()), LdapError::SignInRequired { .. }),
                "{code} {text}"
            );
        }
    }
}
