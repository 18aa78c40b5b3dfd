//! A client of any address: one request on one connection, sent and read as it is.
//!
//! Not here: what the answer means ([`super::observe`]).

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use super::case::{Case, Request};

/// A server that says nothing for this long says nothing at all.
const LIMIT: Duration = Duration::from_secs(10);

/// A response, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// A connection from `client` to `server`.
///
/// # Errors
///
/// Nobody listens there.
pub fn connect_from(client: IpAddr, server: SocketAddr) -> io::Result<TcpStream> {
    let family = if server.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let end = socket(family, SocketType::STREAM, None)?;
    bind(&end, &SocketAddr::new(client, 0))?;
    connect(&end, &server)?;
    let stream = TcpStream::from(end);
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Where a request goes when it does not say.
pub fn destination(request: &Request) -> SocketAddr {
    let address = request.server_ip.unwrap_or(match request.client {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10)),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x10)),
    });
    SocketAddr::new(address, request.port.unwrap_or(if request.tls { 443 } else { 80 }))
}

/// Sends a request of a case and reads everything that comes back.
///
/// # Errors
///
/// No connection, or no HTTP answer on it.
pub fn ask(case: &Case, request: &Request) -> io::Result<Answer> {
    let mut stream = connect_from(request.client, destination(request))?;
    let sent = wire(case, request);
    let received = if request.tls {
        let name = ServerName::try_from("www.example.com").map_err(io::Error::other)?;
        let connection = ClientConnection::new(trusting(), name).map_err(io::Error::other)?;
        exchange(&mut StreamOwned::new(connection, stream), &sent)?
    } else {
        exchange(&mut stream, &sent)?
    };
    parse(&received).ok_or_else(|| io::Error::other("no HTTP answer"))
}

/// The request's bytes.
pub fn wire(case: &Case, request: &Request) -> Vec<u8> {
    let mut text = Vec::new();
    let version = request.http.as_deref().unwrap_or("1.1");
    let mut put = |parts: &[&str]| {
        for part in parts {
            text.extend(case.bytes(part));
        }
        text.extend(b"\r\n");
    };
    if version == "0.9" {
        put(&[&request.method, " ", &request.target]);
        return text;
    }
    put(&[&request.method, " ", &request.target, " HTTP/", version]);
    if let Some(host) = &request.host {
        put(&["Host: ", host]);
    }
    for (name, value) in &request.headers {
        put(&[name, ": ", value]);
    }
    if let Some(body) = &request.body {
        put(&["Content-Length: ", &case.bytes(body).len().to_string()]);
    }
    put(&[]);
    text.extend(request.body.iter().flat_map(|body| case.bytes(body)));
    text
}

fn exchange(stream: &mut (impl Read + Write), sent: &[u8]) -> io::Result<Vec<u8>> {
    // A server that refuses early may close before it has read everything; its answer is still there to be read.
    let written = stream.write_all(sent).and_then(|()| stream.flush());
    let mut received = Vec::new();
    match stream.read_to_end(&mut received) {
        // A reset or a missing close_notify after the answer takes nothing away from it.
        Ok(_) => {}
        Err(_) if !received.is_empty() => {}
        Err(error) => return Err(error),
    }
    if received.is_empty() {
        written?;
    }
    Ok(received)
}

/// Takes a response apart; interim ones are skipped.
pub fn parse(mut received: &[u8]) -> Option<Answer> {
    loop {
        let end = received.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head: String = received.get(..end)?.iter().map(|&byte| char::from(byte)).collect();
        let mut lines = head.split("\r\n");
        let status = lines.next()?.strip_prefix("HTTP/")?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        received = received.get(end + 4..)?;
        if (100..200).contains(&status) && status != 101 {
            continue;
        }
        let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let body = if chunked { dechunk(received) } else { received.to_vec() };
        return Some(Answer { status, headers, body });
    }
}

fn dechunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = rest.get(..end).and_then(|line| std::str::from_utf8(line).ok());
        let size = size.and_then(|line| usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()).unwrap_or(0);
        let Some(chunk) = rest.get(end + 2..end + 2 + size).filter(|chunk| !chunk.is_empty()) else { break };
        body.extend_from_slice(chunk);
        rest = rest.get(end + 4 + size..).unwrap_or_default();
    }
    body
}

/// Any certificate will do: the server is ours.
fn trusting() -> Arc<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("the provider knows the default versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trusting(provider)))
        .with_no_client_auth();
    Arc::new(config)
}

#[derive(Debug)]
struct Trusting(Arc<CryptoProvider>);

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        _end: &CertificateDer<'_>,
        _between: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_answer_after_an_interim_one_is_put_together() {
        let received = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        let answer = parse(received).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, b"abcde".as_slice()));
        assert!(parse(b"FILE /srv/www/a.html\n").is_none());
    }
}
