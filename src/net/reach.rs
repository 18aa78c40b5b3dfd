//! Whether a host has addresses and a port answers: the two steps before any protocol is spoken.
//!
//! Not here: TLS and LDAP (`ldap/`). Nothing is sent.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

/// Why a host cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReachError {
    /// The name service knows no address.
    #[error("no address is known for {host}")]
    UnknownHost {
        /// The host.
        host: String,
        /// The system's words.
        text: String,
    },
    /// Nothing listens, or a firewall says no.
    #[error("{host} refuses connections on port {port}")]
    Refused {
        /// The host.
        host: String,
        /// The port.
        port: u16,
    },
    /// No answer in time.
    #[error("{host} does not answer on port {port} within {seconds} s")]
    Timeout {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// How long was waited.
        seconds: u64,
    },
    /// The network has no way there.
    #[error("there is no way to {host}, port {port}: {text}")]
    Unreachable {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// The system's words.
        text: String,
    },
}

/// The addresses of `host`, in the order in which they are tried; an address is its own.
///
/// Blocks as long as the system's resolver does, which has its own time limit.
///
/// # Errors
/// [`ReachError::UnknownHost`].
pub fn resolve(host: &str) -> Result<Vec<IpAddr>, ReachError> {
    let unknown = |text: String| ReachError::UnknownHost { host: host.to_owned(), text };
    let mut addresses: Vec<IpAddr> = Vec::new();
    for found in (host, 0).to_socket_addrs().map_err(|error| unknown(error.to_string()))? {
        if !addresses.contains(&found.ip()) {
            addresses.push(found.ip());
        }
    }
    if addresses.is_empty() { Err(unknown("the answer is empty".to_owned())) } else { Ok(addresses) }
}

/// Connects to the first of `addresses` that answers on `port`, and hangs up. Gives the time it took.
///
/// # Errors
/// What the last address answered, when none took the connection within `timeout` altogether.
pub fn knock(host: &str, addresses: &[IpAddr], port: u16, timeout: Duration) -> Result<Duration, ReachError> {
    let end = Instant::now() + timeout;
    let late = || ReachError::Timeout { host: host.to_owned(), port, seconds: timeout.as_secs() };
    let mut last = late();
    for address in addresses {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        let begun = Instant::now();
        match TcpStream::connect_timeout(&SocketAddr::new(*address, port), left) {
            Ok(_stream) => return Ok(begun.elapsed()),
            Err(error) => {
                last = match error.kind() {
                    io::ErrorKind::ConnectionRefused => ReachError::Refused { host: host.to_owned(), port },
                    io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => late(),
                    _ => ReachError::Unreachable { host: host.to_owned(), port, text: error.to_string() },
                };
            }
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, time::Duration};

    use super::{ReachError, knock, resolve};

    #[test]
    fn a_port_is_open_or_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let here = resolve("127.0.0.1").unwrap();
        assert!(knock("127.0.0.1", &here, port, Duration::from_secs(5)).is_ok());
        drop(listener);
        assert_eq!(
            knock("127.0.0.1", &here, port, Duration::from_secs(5)),
            Err(ReachError::Refused { host: "127.0.0.1".to_owned(), port })
        );
    }

    #[test]
    fn a_name_without_address_is_unknown() {
        // RFC 6761 keeps `invalid` free of addresses for ever.
        assert!(matches!(resolve("dc1.invalid"), Err(ReachError::UnknownHost { .. })));
    }
}
