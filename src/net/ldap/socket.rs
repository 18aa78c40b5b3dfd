//! From a host's name to an open TCP connection, in steps that can be watched.

use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpStream},
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use tokio::{runtime::Runtime, task::JoinSet};

use super::{
    LdapError, OpenStep, Target,
    wait::{Interrupted, wait},
};

/// After this long the next address of a host is tried beside the one that does not answer (RFC 8305, section 8).
const NEXT_ADDRESS: Duration = Duration::from_millis(250);

/// Resolves the server's name and connects to the first of its addresses that answers.
pub(super) fn connect(
    runtime: &Runtime,
    target: &Target,
    cancelled: &AtomicBool,
    observe: &mut dyn FnMut(OpenStep),
) -> Result<TcpStream, LdapError> {
    let server = &target.server;
    let limit = target.connect_timeout;
    let lookup = tokio::net::lookup_host((server.host.as_str(), server.port));
    let unknown = || LdapError::UnknownHost { host: server.host.clone() };
    let addresses: Vec<SocketAddr> = wait(runtime, limit, cancelled, lookup)
        .map_err(|interrupted| target.interrupted(interrupted, limit))?
        .map_err(|_unknown| unknown())?
        .collect();
    if addresses.is_empty() {
        return Err(unknown());
    }
    observe(OpenStep::Resolved(addresses.iter().map(SocketAddr::ip).collect()));

    let started = Instant::now();
    let stream = wait(runtime, limit, cancelled, first_to_answer(&addresses))
        .map_err(|interrupted| target.interrupted(interrupted, limit))?
        .and_then(tokio::net::TcpStream::into_std)
        .map_err(|error| target.connect_error(&error))?;
    let elapsed = started.elapsed();
    stream.set_nodelay(true).map_err(|error| target.connect_error(&error))?;
    let address = stream.peer_addr().map_err(|error| target.connect_error(&error))?;
    observe(OpenStep::Connected { address, elapsed });
    Ok(stream)
}

async fn first_to_answer(addresses: &[SocketAddr]) -> std::io::Result<tokio::net::TcpStream> {
    let mut attempts = JoinSet::new();
    let mut delay = Duration::ZERO;
    for address in addresses.iter().copied() {
        attempts.spawn(async move {
            tokio::time::sleep(delay).await;
            tokio::net::TcpStream::connect(address).await
        });
        delay += NEXT_ADDRESS;
    }
    let mut refused = ErrorKind::NotFound.into();
    while let Some(attempt) = attempts.join_next().await {
        match attempt {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => refused = error,
            Err(aborted) => refused = std::io::Error::other(aborted),
        }
    }
    Err(refused)
}

impl Target {
    /// The error of a wait that ended early.
    pub(super) fn interrupted(&self, interrupted: Interrupted, limit: Duration) -> LdapError {
        let server = self.server.clone();
        match interrupted {
            Interrupted::Cancelled => LdapError::Cancelled,
            // At least one, so that a test's short limit does not read as none.
            Interrupted::Timeout => LdapError::Timeout { server, seconds: limit.as_secs().max(1) },
            Interrupted::Panicked => {
                LdapError::Protocol { server, text: "a message that is not LDAP (RFC 4511)".to_owned() }
            }
        }
    }

    fn connect_error(&self, error: &std::io::Error) -> LdapError {
        let server = self.server.clone();
        match error.kind() {
            ErrorKind::ConnectionRefused => LdapError::ConnectionRefused { server },
            ErrorKind::TimedOut => LdapError::Timeout { server, seconds: self.connect_timeout.as_secs().max(1) },
            _ => LdapError::Unreachable { server, text: error.to_string() },
        }
    }
}
