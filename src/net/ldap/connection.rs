//! One connection: opened and secured in steps, and driven through ldap3 without waiting longer than allowed.
//!
//! ldap3 is asynchronous; each connection owns a small runtime on the calling thread, and `async` does not leave this
//! folder. Not here: signing in (`sign_in.rs`), the operations (`search.rs`, `write.rs`).

use std::{
    future::Future,
    io::ErrorKind,
    net::TcpStream,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError as Ldap3Error, StdStream};
use rustls::pki_types::ServerName;
use tokio::{runtime::Runtime, task::JoinHandle};

use super::{
    LdapError, OpenStep, RootDse, Target, socket,
    wait::{runtime, wait},
    wire::start_tls,
};
use crate::{
    model::{Credentials, Dn, Security},
    net::trust::{Certificate, Recorder, client_config, server_name},
};

/// How long closing may take: the farewell is a courtesy.
const FAREWELL: Duration = Duration::from_millis(100);

/// An open connection, signed in or not.
pub struct Connection {
    pub(super) ldap: Ldap,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    driver: JoinHandle<Result<(), Ldap3Error>>,
    pub(super) target: Target,
    pub(super) cancelled: Arc<AtomicBool>,
    certificate: Option<Certificate>,
    /// With what it signed in, for referrals that are followed.
    pub(super) credentials: Credentials,
    pub(super) signed_in_as: Option<Dn>,
    /// Read once.
    pub(super) root: Option<RootDse>,
    /// The referrals that led here, as URLs.
    pub(super) trail: Vec<String>,
    /// Something was sent that changes the directory.
    pub(super) wrote: bool,
    /// No further use: it broke, or an answer that nobody waits for is still to come.
    pub(super) spent: bool,
}

impl Connection {
    /// Connects, and secures the connection as the target says; nothing is sent in clear that should not be. Once
    /// `cancelled` is set, whatever the connection waits for ends within 200 ms.
    ///
    /// # Errors
    /// The step that failed, as [`LdapError`].
    pub fn open(target: &Target, cancelled: &Arc<AtomicBool>) -> Result<Self, LdapError> {
        Self::open_observed(target, cancelled, &mut |_step| {})
    }

    /// [`Connection::open`], telling `observe` of each step taken; the step that fails is the one after.
    ///
    /// # Errors
    /// The step that failed, as [`LdapError`].
    pub fn open_observed(
        target: &Target,
        cancelled: &Arc<AtomicBool>,
        observe: &mut dyn FnMut(OpenStep),
    ) -> Result<Self, LdapError> {
        let runtime = runtime().map_err(|error| target.no_runtime(&error))?;
        let opened = socket::connect(&runtime, target, cancelled, observe)
            .and_then(|stream| secure(&runtime, target, cancelled, stream));
        let (driver, ldap, certificate) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                // A name lookup that hangs cannot be ended; it must not keep us either.
                runtime.shutdown_background();
                return Err(error);
            }
        };
        if let Some(certificate) = &certificate {
            observe(OpenStep::Secured(Box::new(certificate.clone())));
        }
        Ok(Self {
            ldap,
            driver: runtime.spawn(driver.drive()),
            runtime: Some(runtime),
            target: target.clone(),
            cancelled: Arc::clone(cancelled),
            certificate,
            credentials: Credentials::Anonymous,
            signed_in_as: None,
            root: None,
            trail: Vec::new(),
            wrote: false,
            spent: false,
        })
    }

    /// The certificate the server showed, when there is TLS.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// Waits for one answer of ldap3, and names what went wrong.
    pub(super) fn answer<T>(&mut self, work: impl Future<Output = Result<T, Ldap3Error>>) -> Result<T, LdapError> {
        let limit = self.target.operation_timeout;
        let Some(runtime) = &self.runtime else { return Err(self.lost()) };
        match wait(runtime, limit, &self.cancelled, work) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                self.spent = true;
                Err(self.broken(&error))
            }
            Err(interrupted) => {
                self.spent = true;
                Err(self.target.interrupted(interrupted, limit))
            }
        }
    }

    /// ldap3 says only that no answer will come; why is what its driver ended with.
    fn broken(&mut self, error: &Ldap3Error) -> LdapError {
        if let Ldap3Error::FilterParsing = error {
            return LdapError::Filter { at: 0, why: "it is not a filter".to_owned() };
        }
        let Some(runtime) = &self.runtime else { return self.lost() };
        let protocol = |text: String| LdapError::Protocol { server: self.target.server.clone(), text };
        match wait(runtime, FAREWELL, &AtomicBool::new(false), &mut self.driver) {
            // "decoding error" is the one failure of its own that ldap3 reports as such.
            Ok(Ok(Err(Ldap3Error::Io { source }))) if source.kind() == ErrorKind::Other => protocol(source.to_string()),
            Ok(Err(ended)) if ended.is_panic() => protocol("a message that is not LDAP (RFC 4511)".to_owned()),
            _ => self.lost(),
        }
    }

    pub(super) fn lost(&self) -> LdapError {
        LdapError::Lost { server: self.target.server.clone() }
    }

    pub(super) fn protocol(&self, text: &str) -> LdapError {
        LdapError::Protocol { server: self.target.server.clone(), text: text.to_owned() }
    }

    /// Hands an idle connection to another job.
    pub(super) fn for_job(&mut self, cancelled: &Arc<AtomicBool>) {
        self.cancelled = Arc::clone(cancelled);
        self.wrote = false;
    }
}

/// Says goodbye where that is quick; the socket closes in any case.
impl Drop for Connection {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        if !self.spent {
            // The server notices a closed socket as well: whether the farewell arrived does not matter.
            drop(wait(&runtime, FAREWELL, &AtomicBool::new(false), self.ldap.unbind()));
        }
        runtime.shutdown_background();
    }
}

type Secured = (LdapConnAsync, Ldap, Option<Certificate>);

/// Makes `stream` an LDAP connection, with TLS where the target wants it. For StartTLS nothing but that operation comes
/// before; it is ours, because ldap3's waits for ever when the server closes the connection instead of answering.
fn secure(runtime: &Runtime, target: &Target, cancelled: &AtomicBool, stream: TcpStream) -> Result<Secured, LdapError> {
    let recorder = Recorder::default();
    let mut settings = LdapConnSettings::new();
    let (url, stream) = match target.server.security {
        Security::None => ("ldap://plain".to_owned(), stream),
        security => {
            // Before anything is sent: a file with authorities that cannot be read must not leave a trace.
            settings = settings.set_config(client_config(&target.trust, &target.server.host, &recorder)?);
            let starttls = security == Security::StartTls;
            let stream = if starttls { start_tls(stream, target, cancelled)? } else { stream };
            (format!("ldaps://{}", sni(&target.server.host)?), stream)
        }
    };
    settings = settings.set_std_stream(StdStream::Tcp(stream));
    let limit = target.connect_timeout;
    let (driver, ldap) = wait(runtime, limit, cancelled, LdapConnAsync::with_settings(settings, &url))
        .map_err(|interrupted| target.interrupted(interrupted, limit))?
        .map_err(|error| target.not_secured(error, &recorder))?;
    Ok((driver, ldap, recorder.certificate()))
}

/// The name that ldap3 hands to TLS. Certificates are held to the true host by `trust`; ldap3 cannot take an IPv6
/// address here, and addresses are not sent to the server anyway.
fn sni(host: &str) -> Result<String, LdapError> {
    Ok(match server_name(host)? {
        ServerName::DnsName(name) => name.as_ref().to_owned(),
        _ => "address.invalid".to_owned(),
    })
}

impl Target {
    pub(super) fn no_runtime(&self, error: &std::io::Error) -> LdapError {
        LdapError::Unreachable { server: self.server.clone(), text: error.to_string() }
    }

    pub(super) fn starttls_refused(&self, text: &str) -> LdapError {
        LdapError::StartTlsRefused { server: self.server.clone(), text: text.to_owned() }
    }

    fn not_secured(&self, error: Ldap3Error, recorder: &Recorder) -> LdapError {
        match error {
            Ldap3Error::Io { source } if self.server.security != Security::None => {
                LdapError::Tls(recorder.fault(&source))
            }
            other => LdapError::Unreachable { server: self.server.clone(), text: other.to_string() },
        }
    }
}
