//! Sockets and TLS of one fetch: names are looked up here and nowhere else, and the addresses that come out are checked
//! before anything connects to them, so that a name cannot be checked with one address and used with another.
//!
//! Built on the resolver and transport interfaces of ureq, which may change between its minor versions.

use std::{
    fmt,
    io::{self, ErrorKind, Read, Write},
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::Arc,
    time::Duration,
};

use rustls::{ClientConnection, StreamOwned};
use ureq::{
    Agent,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{ResolvedSocketAddrs, Resolver},
        transport::{
            Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, TcpConnector, Transport,
            TransportAdapter,
        },
    },
};

use super::{HttpError, fence, whole_seconds};
use crate::net::trust::{self, Recorder, TlsFault, Trust};

/// What looks up a name: the system, or a test.
pub(super) type Lookup = Arc<dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// The system's resolver.
pub(super) fn system_lookup() -> Lookup {
    Arc::new(|host, port| Ok((host, port).to_socket_addrs()?.collect()))
}

/// A client without cookies, redirects, or proxies from the environment.
pub(super) fn agent(trust: Trust, lookup: Lookup) -> Agent {
    let config = Config::builder()
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .proxy(None)
        .max_idle_connections(0)
        .user_agent(concat!("Photodesk/", env!("CARGO_PKG_VERSION")))
        .accept("image/*, */*;q=0.5")
        .build();
    Agent::with_parts(config, TlsAfterTcp { tcp: TcpConnector::default(), trust }, CheckedResolver { lookup })
}

/// Puts what ureq says in the words of [`HttpError`]. `host` as `host:port` where it matters.
pub(super) fn explain(error: ureq::Error, host: &str, port: u16, limit: Duration) -> HttpError {
    let host = host.to_owned();
    match error {
        ureq::Error::Other(inner) => match inner.downcast::<HttpError>() {
            Ok(own) => *own,
            Err(other) => HttpError::Protocol { host, text: other.to_string() },
        },
        ureq::Error::Timeout(_) => HttpError::Timeout { host, seconds: whole_seconds(limit) },
        ureq::Error::HostNotFound => HttpError::UnknownHost { host },
        ureq::Error::Io(io) => match io.kind() {
            ErrorKind::ConnectionRefused => HttpError::ConnectionRefused { host: format!("{host}:{port}") },
            ErrorKind::TimedOut | ErrorKind::WouldBlock => HttpError::Timeout { host, seconds: whole_seconds(limit) },
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable => {
                HttpError::Unreachable { host }
            }
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::NotConnected => HttpError::CutOff { host, received: 0 },
            _ => HttpError::Protocol { host, text: io.to_string() },
        },
        other => HttpError::Protocol { host, text: other.to_string() },
    }
}

struct CheckedResolver {
    lookup: Lookup,
}

impl Resolver for CheckedResolver {
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().unwrap_or_default();
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = match bare.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_a_name) => (self.lookup)(bare, port).map_err(|_unknown| ureq::Error::HostNotFound)?,
        };
        let mut addresses = self.empty();
        // One forbidden address is enough: whoever answers so is not to be followed to the others.
        for address in found {
            fence::check_address(bare, address.ip()).map_err(other)?;
            if addresses.len() < MOST_ADDRESSES {
                addresses.push(address);
            }
        }
        if addresses.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(addresses) }
    }
}

/// What ureq's list of addresses holds.
const MOST_ADDRESSES: usize = 16;

fn other(error: impl Into<HttpError>) -> ureq::Error {
    ureq::Error::Other(Box::new(error.into()))
}

/// TCP, and TLS over it for https, with the certificate kept when it is refused.
#[derive(Debug)]
struct TlsAfterTcp {
    tcp: TcpConnector,
    trust: Trust,
}

impl Connector for TlsAfterTcp {
    type Out = Either<Box<dyn Transport>, TlsTransport>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<()>) -> Result<Option<Self::Out>, ureq::Error> {
        let Some(tcp) = self.tcp.connect(details, chained)? else { return Ok(None) };
        let tcp: Box<dyn Transport> = Box::new(tcp);
        if !details.needs_tls() {
            return Ok(Some(Either::A(tcp)));
        }
        let host = details.uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let recorder = Recorder::default();
        let config = trust::client_config(&self.trust, host, &recorder).map_err(other)?;
        let name = trust::server_name(host).map_err(other)?;
        let mut connection = ClientConnection::new(config, name)
            .map_err(|error| other(TlsFault::Handshake { text: error.to_string() }))?;
        let mut socket = TransportAdapter::new(tcp, Arc::clone(&details.current_time));
        socket.set_timeout(details.timeout);
        connection.complete_io(&mut socket).map_err(|error| refused(error, &recorder))?;
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Either::B(TlsTransport { buffers, stream: StreamOwned::new(connection, socket) })))
    }
}

/// A handshake that did not end well: running out of time is not a fault of TLS.
fn refused(error: io::Error, recorder: &Recorder) -> ureq::Error {
    match ureq::Error::from(error) {
        timeout @ ureq::Error::Timeout(_) => timeout,
        ureq::Error::Io(error) => other(recorder.fault(&error)),
        error => other(TlsFault::Handshake { text: error.to_string() }),
    }
}

struct TlsTransport {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.stream.get_mut().set_timeout(timeout);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.get_mut().set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTransport").finish_non_exhaustive()
    }
}

impl fmt::Debug for CheckedResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedResolver").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        io::{self, Write},
        net::{SocketAddr, TcpListener},
        sync::{
            Arc, Mutex,
            atomic::{AtomicBool, AtomicUsize, Ordering},
            mpsc,
        },
        time::{Duration, Instant},
    };

    use super::Lookup;
    use crate::{
        job::{Job, Waker},
        net::http::{Fence, HttpError, Limits, fetch_with},
    };

    fn fetch(lookup: Lookup, limits: &Limits) -> Result<u16, HttpError> {
        let fence = Fence { allowed: BTreeSet::from(["photos.example.com".to_owned()]), ca_file: None };
        let url = "http://photos.example.com/a.jpg";
        fetch_with(url, &fence, limits, &AtomicBool::new(false), lookup).map(|exchange| exchange.status)
    }

    fn resolving_to(addresses: &[&str]) -> Lookup {
        let addresses: Vec<SocketAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(move |_host, _port| Ok(addresses.clone()))
    }

    #[test]
    fn a_name_that_leads_to_a_forbidden_address_is_not_followed() {
        let cases: [(&[&str], &str); 4] = [
            (&["169.254.169.254:80"], "photos.example.com is at 169.254.169.254, which is never fetched"),
            (&["[fe80::1]:80"], "photos.example.com is at fe80::1, which is never fetched"),
            // One good address does not make up for it.
            (&["127.0.0.1:1", "0.0.0.0:80"], "photos.example.com is at 0.0.0.0, which is never fetched"),
            (&[], "no address is known for photos.example.com"),
        ];
        for (addresses, expected) in cases {
            let error = fetch(resolving_to(addresses), &Limits::default()).unwrap_err();
            assert_eq!(error.to_string(), expected, "{addresses:?}");
        }
    }

    /// A name server that gives a good address to whoever checks and another to whoever connects.
    #[test]
    fn the_address_that_is_checked_is_the_address_that_is_used() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let _server = Job::<()>::spawn("test server", Waker::none(), move |_report| {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
            Ok(())
        });
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let lookup: Lookup = Arc::new(move |_host, _port| match counted.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(vec![address]),
            _ => Ok(vec!["169.254.169.254:80".parse().unwrap()]),
        });
        assert_eq!(fetch(lookup, &Limits::default()), Ok(204));
        assert_eq!(asked.load(Ordering::Relaxed), 1, "a name is looked up once");
    }

    #[test]
    fn a_name_server_without_an_answer_is_left_in_time() {
        let (release, released) = mpsc::channel::<()>();
        let released = Mutex::new(released);
        let lookup: Lookup = Arc::new(move |_host, _port| {
            released.lock().unwrap().recv().ok();
            Err(io::ErrorKind::NotFound.into())
        });
        let started = Instant::now();
        let limits = Limits { time: Duration::from_millis(100), ..Limits::default() };
        assert!(matches!(fetch(lookup, &limits), Err(HttpError::Timeout { .. })));
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        drop(release);
    }
}
