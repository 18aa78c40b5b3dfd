//! The demo site's photo web server: photos by name as a Linux web server has them (case counts), and planted behaviour.
//!
//! HTTP/1.1 on one port; https, with a certificate that nobody vouches for, on another. Reads no files: what it serves
//! is a table. Not here: which person gets which answer (`faults.rs`).

use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{self, HeaderMap, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use percent_encoding::percent_decode_str;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Semaphore,
    task::spawn_blocking,
    time::{sleep, timeout},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use super::picture::{Picture, Pictures};
use crate::model::Problem;

/// How many connections are served at once, on each port.
const CONNECTIONS: usize = 128;
/// How long a client may take for its handshake, and for the head of a request.
const SLOWEST_CLIENT: Duration = Duration::from_secs(20);
/// When all photos were last changed: before anybody started the demo.
const LAST_MODIFIED: HeaderValue = HeaderValue::from_static("Wed, 01 Jul 2026 08:00:00 GMT");

/// What happens at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A file, as image/jpeg: the server goes by the name.
    File(Picture),
    /// A file that comes late.
    Slow(Picture),
    /// A sign-in page with status 200.
    SignIn,
    /// Another address on this server.
    Redirect { status: u16, to: String },
}

/// What both ports serve.
pub(super) struct Web {
    pub(super) answers: BTreeMap<String, Answer>,
    pub(super) pictures: Arc<Pictures>,
    pub(super) slow: Duration,
}

/// Serves `listener` for ever; over TLS when there is an acceptor.
pub(super) async fn serve(listener: TcpListener, web: Arc<Web>, tls: Option<TlsAcceptor>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(Duration::from_millis(20)).await; // out of file descriptors, for a moment
            continue;
        };
        let (web, tls) = (Arc::clone(&web), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => web.connection(stream).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = timeout(SLOWEST_CLIENT, tls.accept(stream)).await {
                        web.connection(stream).await;
                    }
                }
            }
            drop(place);
        });
    }
}

/// A certificate for 127.0.0.1 by an authority that is made here and told to nobody.
///
/// # Errors
/// When the system has no random numbers.
pub(super) fn unknown_issuer() -> Result<TlsAcceptor, Problem> {
    let problem = |error: &dyn std::error::Error| {
        Problem::new("The demo site cannot make its certificate").details(error.to_string())
    };
    let certificates = || -> Result<_, rcgen::Error> {
        let mut authority = CertificateParams::new([])?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, "Photodesk demo authority");
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let mut server = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
        server.distinguished_name.push(DnType::CommonName, "Photodesk demo photos");
        let server = server.signed_by(&key, &authority)?;
        Ok((vec![server.der().clone(), authority.der().clone()], key))
    };
    let (chain, key) = certificates().map_err(|error| problem(&error))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            config.with_no_client_auth().with_single_cert(chain, PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        })
        .map_err(|error| problem(&error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

impl Web {
    async fn connection(self: Arc<Self>, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let service = service_fn(|request| {
            let web = Arc::clone(&self);
            async move { Ok::<_, Infallible>(web.answer(&request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(SLOWEST_CLIENT)
            .max_headers(64)
            .max_buf_size(16 * 1024)
            .serve_connection(TokioIo::new(stream), service);
        drop(connection.await); // a client that breaks off harms only itself
    }

    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut response = page(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed", "Photos can only be read.");
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
        match self.answers.get(&*path) {
            Some(Answer::File(picture)) => self.file(*picture, request.headers()).await,
            Some(Answer::Slow(picture)) => {
                sleep(self.slow).await;
                self.file(*picture, request.headers()).await
            }
            Some(Answer::SignIn) => sign_in(),
            Some(Answer::Redirect { status, to }) => redirect(*status, to),
            None if path == "/signin" => sign_in(),
            None if path == "/" => page(StatusCode::OK, "Photodesk demo", "People's photos are below /photos/."),
            None => page(StatusCode::NOT_FOUND, "Not Found", "The requested URL was not found on this server."),
        }
    }

    async fn file(&self, picture: Picture, asked: &HeaderMap) -> Response<Full<Bytes>> {
        let pictures = Arc::clone(&self.pictures);
        let Ok(bytes) = spawn_blocking(move || pictures.bytes(picture)).await else {
            return page(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error", "The photo could not be drawn.");
        };
        let tag = Sha256::digest(&bytes).iter().take(8).fold(String::new(), |tag, byte| format!("{tag}{byte:02x}"));
        let tag = HeaderValue::from_str(&format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        let fresh = match asked.get(header::IF_NONE_MATCH) {
            Some(known) => {
                known.as_bytes().split(|byte| *byte == b',').any(|known| known.trim_ascii() == tag.as_bytes())
            }
            None => asked.get(header::IF_MODIFIED_SINCE) == Some(&LAST_MODIFIED),
        };
        let (status, bytes) =
            if fresh { (StatusCode::NOT_MODIFIED, Bytes::new()) } else { (StatusCode::OK, Bytes::from_owner(bytes)) };
        let mut response = respond(status, bytes);
        let headers = response.headers_mut();
        headers.insert(header::ETAG, tag);
        headers.insert(header::LAST_MODIFIED, LAST_MODIFIED);
        if !fresh {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
        }
        response
    }
}

fn respond(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::SERVER, HeaderValue::from_static("Photodesk demo"));
    response
}

fn html(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = respond(status, text.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn page(status: StatusCode, title: &str, text: &str) -> Response<Full<Bytes>> {
    html(status, format!("<!DOCTYPE html>\n<title>{title}</title>\n<h1>{title}</h1>\n<p>{text}</p>\n"))
}

fn sign_in() -> Response<Full<Bytes>> {
    let form = "<!DOCTYPE html>\n<title>Sign in</title>\n<h1>Sign in</h1>\n<form method=\"post\" action=\"/signin\">\n\
                <p><label>User name <input name=\"user\"></label>\n<p><label>Password <input name=\"password\" \
                type=\"password\"></label>\n<p><button>Sign in</button>\n</form>\n";
    let mut response = html(StatusCode::OK, form.to_owned());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn redirect(status: u16, to: &str) -> Response<Full<Bytes>> {
    let mut response = page(StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND), "Moved", "It is elsewhere.");
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}
