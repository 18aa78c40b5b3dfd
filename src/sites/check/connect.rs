//! The check's first half: name, port, TLS and sign-in.

use std::net::IpAddr;

use super::{Check, Halt, Mend, Step, StepProblem, StepState};
use crate::{
    job::Stop,
    model::{Credentials, Problem, Security},
    net::{
        ldap::{Connection, LdapError, OpenStep, RootDse, Target},
        trust::{Certificate, TlsFault},
    },
};

impl Check<'_> {
    /// Opens the connection and reports name, port and TLS on the way.
    pub(super) fn connect(&mut self) -> Result<Connection, Halt> {
        self.runs(Step::Name)?;
        let mut target = Target::of(self.directory());
        target.trust.pinned = self.probe.trust_once.or(target.trust.pinned);
        let (mut at, mut nobody_listens) = (Step::Name, None);
        let opened = Connection::open_observed(&target, &self.cancelled.clone(), &mut |step| {
            at = match &step {
                OpenStep::Resolved(_) => Step::Port,
                OpenStep::Connected { .. } | OpenStep::Secured(_) => Step::Tls,
            };
            if let Err(halt) = self.opens(step) {
                nobody_listens.get_or_insert(halt);
            }
        });
        if let Some(halt) = nobody_listens {
            return Err(halt);
        }
        let connection = opened.map_err(|error| self.not_connected(at, &error))?;
        self.tell()?;
        Ok(connection)
    }

    fn opens(&mut self, step: OpenStep) -> Result<(), Halt> {
        match step {
            OpenStep::Resolved(addresses) => {
                self.passes(Step::Name, listed(&addresses))?;
                self.found.addresses = addresses;
                self.runs(Step::Port)
            }
            OpenStep::Connected { elapsed, .. } => {
                let fact = format!("open, {} ms", elapsed.as_millis().max(1));
                self.passes(Step::Port, fact)?;
                if self.directory().server.security == Security::None { Ok(()) } else { self.runs(Step::Tls) }
            }
            OpenStep::Secured(certificate) => {
                let pinned = self.probe.trust_once.or(self.directory().pinned_certificate);
                let fact = match pinned {
                    Some(_) if self.probe.trust_once.is_some() => "trusted this once".to_owned(),
                    Some(_) => "trusted for this site".to_owned(),
                    None => format!("valid until {}", certificate.not_after.strftime("%-d %b %Y")),
                };
                self.found.certificate = Some(certificate);
                self.passes(Step::Tls, fact)
            }
        }
    }

    /// What the TLS step comes to when the site asks for none.
    pub(super) fn without_tls(&self) -> Result<(), Halt> {
        let server = &self.directory().server;
        if server.security != Security::None {
            return Ok(());
        }
        if self.found.addresses.iter().all(IpAddr::is_loopback) {
            return self.step(Step::Tls, StepState::Skipped { why: "not needed on this computer".to_owned() });
        }
        let with_password = matches!(self.probe.credentials, Credentials::Simple { .. });
        let hint = if with_password {
            "Whoever listens on the way can read the name, the password and everything else. Use StartTLS or LDAPS."
        } else {
            "Whoever listens on the way can read everything. Use StartTLS or LDAPS."
        };
        let problem = Problem::new(format!("The connection to {server} is not secured")).hint(hint);
        let mends = vec![Mend::UseSecurity(Security::StartTls), Mend::UseSecurity(Security::Ldaps)];
        self.warns(Step::Tls, "not secured", problem, mends)
    }

    fn not_connected(&self, at: Step, error: &LdapError) -> Halt {
        let security = self.directory().server.security;
        match error {
            LdapError::Tls(TlsFault::HostName { .. }) | LdapError::UnknownHost { .. } => {
                self.fails_with(Step::Name, "not found", error, Vec::new())
            }
            LdapError::Tls(fault) => self.refuses_tls(fault),
            LdapError::StartTlsRefused { .. } => {
                self.fails_with(Step::Tls, "refused", error, vec![Mend::UseSecurity(Security::Ldaps)])
            }
            LdapError::ConnectionRefused { .. } => self.fails_with(Step::Port, "closed", error, self.other_ports()),
            LdapError::Protocol { .. } if security != Security::Ldaps => {
                // StartTLS is spoken in LDAP: TLS was not come to.
                match self.step(Step::Tls, StepState::Waits) {
                    Ok(()) => self.fails_with(Step::Port, "not a directory", error, self.other_ports()),
                    Err(stopped) => stopped,
                }
            }
            LdapError::Timeout { .. } if at == Step::Name => {
                self.fails_with(Step::Name, "no answer", error, Vec::new())
            }
            LdapError::Timeout { .. } => self.fails_with(at, "no answer", error, self.other_ports()),
            _ => self.fails_with(at, "failed", error, Vec::new()),
        }
    }

    /// The usual port of the site's security, when the site has another.
    fn other_ports(&self) -> Vec<Mend> {
        let server = &self.directory().server;
        let usual = server.security.default_port();
        if server.port == usual { Vec::new() } else { vec![Mend::UsePort(usual)] }
    }

    fn refuses_tls(&self, fault: &TlsFault) -> Halt {
        let shown = fault.shown();
        let asked = &self.directory().server.host;
        let other = shown.and_then(|shown| nearest_name(asked, shown));
        let mut problem = StepProblem::new(fact_of(fault), sentence(fault, other.as_deref()));
        problem.certificate = shown.cloned().map(Box::new);
        if let TlsFault::WrongName { asked, .. } = fault {
            problem.names = other.clone().map(|other| (asked.clone(), other));
        }
        problem.mends = mends_of(fault, other);
        self.fails(Step::Tls, problem)
    }

    /// The root DSE, before signing in. That something answers at all decides the port's step.
    pub(super) fn root_dse(&mut self, connection: &mut Connection) -> Result<RootDse, Halt> {
        match connection.root_dse() {
            Ok(root) => {
                self.knows(&root);
                Ok(root)
            }
            Err(LdapError::Cancelled) => Err(Stop::Cancelled.into()),
            Err(error @ (LdapError::Protocol { .. } | LdapError::Lost { .. })) => {
                Err(self.fails_with(Step::Port, "not a directory", &error, self.other_ports()))
            }
            Err(error @ LdapError::Timeout { .. }) => {
                let problem = Problem::new(format!("{} takes connections, but says nothing", self.directory().server))
                    .hint("Check the port: another service may listen there, or one that speaks only TLS.")
                    .details(error.to_string());
                let mends = self.other_ports();
                Err(self.fails(Step::Port, StepProblem::new("no answer", problem).mends(mends)))
            }
            // It is a directory that tells strangers nothing: it is asked again after signing in.
            Err(_refused) => Ok(RootDse::default()),
        }
    }

    fn knows(&mut self, root: &RootDse) {
        self.found.kind = root.kind.or(self.found.kind);
        self.found.vendor = root.vendor.clone().or_else(|| self.found.vendor.take());
    }

    /// Signs in, then reads the root DSE again: some directories show all of it only to those they know.
    pub(super) fn sign_in(&mut self, connection: &mut Connection, root: &mut RootDse) -> Result<(), Halt> {
        let credentials = &self.probe.credentials;
        let server = &self.directory().server;
        if let Credentials::Simple { password, .. } = credentials
            && !self.probe.asked
            && (password.is_empty() || server.sends_password_in_clear(credentials))
        {
            return Err(Halt::Reported);
        }
        self.runs(Step::SignIn)?;
        let signed_in = connection.sign_in(credentials).map_err(|error| self.not_signed_in(&error))?;
        let fact = match (&signed_in, credentials) {
            (Some(dn), _) => format!("as {dn}"),
            (None, Credentials::Simple { name, .. }) => format!("as {name}"),
            (None, Credentials::Anonymous) => "anonymous".to_owned(),
        };
        self.found.signed_in = signed_in;
        match connection.root_dse() {
            Ok(known) => {
                self.knows(&known);
                *root = known;
            }
            Err(LdapError::Cancelled) => return Err(Stop::Cancelled.into()),
            Err(error) if root.naming_contexts.is_empty() && self.directory().base.is_none() => {
                return Err(self.fails_with(Step::SignIn, "not allowed", &error, Vec::new()));
            }
            Err(_what_was_read_before_holds) => {}
        }
        self.passes(Step::SignIn, fact)?;
        self.tell()
    }

    fn not_signed_in(&self, error: &LdapError) -> Halt {
        match error {
            LdapError::EmptyPassword { name } => {
                let problem = Problem::new(format!("No password was given for {name}")).hint(
                    "A directory takes a name without a password for an anonymous sign-in, so nothing was sent. Type \
                     the password, or sign in anonymously on purpose.",
                );
                let mends = vec![Mend::SignInAnonymously];
                self.fails(Step::SignIn, StepProblem::new("no password", problem).mends(mends))
            }
            LdapError::StrongerAuthRequired { .. } => {
                let mends = vec![Mend::UseSecurity(Security::StartTls), Mend::UseSecurity(Security::Ldaps)];
                self.fails_with(Step::SignIn, "TLS demanded", error, mends)
            }
            LdapError::InvalidCredentials { .. } | LdapError::BareName { .. } => {
                self.fails_with(Step::SignIn, "not accepted", error, Vec::new())
            }
            LdapError::NameNotUnique { .. } => self.fails_with(Step::SignIn, "name not found", error, Vec::new()),
            _ => self.fails_with(Step::SignIn, "refused", error, Vec::new()),
        }
    }
}

fn listed(addresses: &[IpAddr]) -> String {
    let shown: Vec<String> = addresses.iter().take(3).map(ToString::to_string).collect();
    match addresses.len().saturating_sub(3) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn fact_of(fault: &TlsFault) -> &'static str {
    match fault {
        TlsFault::CaFile { .. } => "CA file unusable",
        TlsFault::HostName { .. } => "no host name",
        TlsFault::Handshake { .. } => "no TLS",
        TlsFault::Changed { .. } => "certificate changed",
        TlsFault::UnknownIssuer { .. }
        | TlsFault::WrongName { .. }
        | TlsFault::Expired { .. }
        | TlsFault::NotYetValid { .. }
        | TlsFault::Unacceptable { .. } => "certificate refused",
    }
}

/// What is wrong in a few words, then the whole. Nothing was sent, whatever the fault.
fn sentence(fault: &TlsFault, other: Option<&str>) -> Problem {
    let nothing = "Nothing was sent: no name and no password.";
    let date = |at: &jiff::Timestamp| at.strftime("%-d %b %Y").to_string();
    let (what, hint) = match fault {
        TlsFault::WrongName { shown, .. } if shown.names.is_empty() => (
            "The certificate names no host",
            format!(
                "Its subject is {}; a name there counts no more, only a subject alternative name. Compare the \
                 fingerprint with whoever runs the server and trust it, or have another issued. {nothing}",
                shown.subject
            ),
        ),
        TlsFault::WrongName { asked, shown } => (
            "The certificate is for another name",
            format!(
                "You asked for {asked}; the server showed a certificate for {}. {nothing}",
                other.unwrap_or(&shown.subject)
            ),
        ),
        TlsFault::UnknownIssuer { shown } => (
            "This computer does not know who issued the certificate",
            format!("It was issued by {}. Add the CA file of your organisation. {nothing}", shown.issuer),
        ),
        TlsFault::Expired { shown } => (
            "The certificate has expired",
            format!("It was valid until {}. Have it renewed on the server. {nothing}", date(&shown.not_after)),
        ),
        TlsFault::NotYetValid { shown } => (
            "The certificate is not valid yet",
            format!("It is valid from {} on. Check both computers' clocks. {nothing}", date(&shown.not_before)),
        ),
        TlsFault::Changed { .. } => (
            "The server shows another certificate than the one trusted for this site",
            format!("It may have been renewed, or somebody stands in between. Ask whoever runs the server. {nothing}"),
        ),
        TlsFault::Unacceptable { .. }
        | TlsFault::CaFile { .. }
        | TlsFault::HostName { .. }
        | TlsFault::Handshake { .. } => {
            return Problem { details: Some(nothing.to_owned()), ..Problem::from_error(fault, Some(fault.hint())) };
        }
    };
    Problem::new(what).hint(hint).details(fault.to_string())
}

fn mends_of(fault: &TlsFault, other: Option<String>) -> Vec<Mend> {
    let trust = |shown: &Certificate| Mend::TrustCertificate(shown.sha256);
    match fault {
        TlsFault::WrongName { shown, .. } => {
            other.map(Mend::UseHost).into_iter().chain([trust(shown), Mend::AddCaFile]).collect()
        }
        TlsFault::UnknownIssuer { shown } => vec![Mend::AddCaFile, trust(shown)],
        TlsFault::Expired { shown }
        | TlsFault::NotYetValid { shown }
        | TlsFault::Changed { shown, .. }
        | TlsFault::Unacceptable { shown, .. } => vec![trust(shown)],
        TlsFault::CaFile { .. } => vec![Mend::AddCaFile],
        TlsFault::Handshake { .. } => vec![Mend::UseSecurity(Security::StartTls)],
        TlsFault::HostName { .. } => Vec::new(),
    }
}

/// The name of the certificate that looks most like `asked`: a wildcard is none that one could ask for.
fn nearest_name(asked: &str, shown: &Certificate) -> Option<String> {
    let alike = |name: &&String| {
        let front = asked.chars().zip(name.chars()).take_while(|(one, other)| one == other).count();
        let back = asked.chars().rev().zip(name.chars().rev()).take_while(|(one, other)| one == other).count();
        front + back
    };
    shown.names.iter().filter(|name| !name.contains('*')).max_by_key(alike).cloned()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::nearest_name;
    use crate::{model::Fingerprint, net::trust::Certificate};

    #[test]
    fn the_name_most_like_the_one_asked_for_is_offered() {
        let cases: [(&[&str], Option<&str>); 4] = [
            (&["ldap.corp.example.com", "dc1.corp.example.com"], Some("dc1.corp.example.com")),
            (&["*.example.com"], None),
            (&["*.example.com", "10.1.2.3"], Some("10.1.2.3")),
            (&[], None),
        ];
        for (names, expected) in cases {
            let shown = Certificate {
                subject: String::new(),
                names: names.iter().map(|name| (*name).to_owned()).collect(),
                issuer: String::new(),
                not_before: Timestamp::UNIX_EPOCH,
                not_after: Timestamp::UNIX_EPOCH,
                sha256: Fingerprint([0; 32]),
            };
            assert_eq!(nearest_name("dc1.example.com", &shown).as_deref(), expected, "{names:?}");
        }
    }
}
