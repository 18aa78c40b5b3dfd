//! Fetching photos from web servers that misbehave, each made by its test on loopback.

use std::{
    collections::BTreeSet,
    fs,
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use photodesk::{
    job::{Job, Waker},
    net::{
        http::{Exchange, Fence, HttpError, Limits, fetch},
        trust::TlsFault,
    },
};

/// A web server of a test: answers each connection with what `answer` writes, until it is dropped.
struct Server {
    host: String,
    stop: Arc<AtomicBool>,
    // Dropping the job cancels it; its thread ends at the connection that `drop` makes.
    _job: Job<()>,
}

impl Server {
    /// Hands each connection to `serve`.
    fn raw(serve: impl Fn(TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let job = Job::spawn("test server", Waker::none(), move |_report| {
            while let Ok((stream, _)) = listener.accept() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                serve(stream);
            }
            Ok(())
        });
        Self { host, stop, _job: job }
    }

    /// Hands each request to `answer`, with the connection.
    fn new(answer: impl Fn(&str, &mut TcpStream) + Send + 'static) -> Self {
        Self::raw(move |mut stream| {
            let request = head(&mut stream);
            answer(&request, &mut stream);
        })
    }

    /// Answers every request with `head` (status line and headers) and `body`.
    fn with(head: &str, body: &[u8]) -> Self {
        let (head, body) = (head.to_owned(), body.to_vec());
        Self::new(move |_request, stream| answer(stream, &head, &body))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    fn fence(&self) -> Fence {
        Fence { allowed: BTreeSet::from([self.host.clone()]), ca_file: None }
    }

    fn fetch(&self, path: &str) -> Result<Exchange, HttpError> {
        fetch(&self.url(path), &self.fence(), &Limits::default(), &AtomicBool::new(false))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(&self.host));
    }
}

/// The request up to its empty line.
fn head(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        bytes.push(byte[0]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whoever asked may have gone already.
fn answer(stream: &mut impl Write, head: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)));
}

fn path_of(request: &str) -> &str {
    request.split(' ').nth(1).unwrap_or_default()
}

#[test]
fn an_answer_is_kept_with_all_that_was_said() {
    let head = "200 OK\r\nContent-Type: image/jpeg\r\nCache-Control: max-age=60\r\nLast-Modified: Mon, 02 Nov 2026 \
                10:00:00 GMT";
    let server = Server::with(head, b"photo");
    let exchange = server.fetch("/jane.jpg").unwrap();
    assert_eq!((exchange.status, &*exchange.body), (200, &b"photo"[..]));
    assert_eq!(exchange.content_type.as_deref(), Some("image/jpeg"));
    assert_eq!(exchange.cache_control.as_deref(), Some("max-age=60"));
    assert_eq!(exchange.last_modified.as_deref(), Some("Mon, 02 Nov 2026 10:00:00 GMT"));
    assert_eq!(exchange.hops.len(), 1);
    assert_eq!(exchange.hops[0].url, server.url("/jane.jpg"));
}

#[test]
fn a_request_carries_no_more_than_it_must() {
    let (sender, seen) = mpsc::channel();
    let server = Server::new(move |request, stream| {
        sender.send(request.to_owned()).unwrap();
        answer(stream, "200 OK\r\nSet-Cookie: id=1", b"");
    });
    server.fetch("/a%20b+c.jpg?x=1#part").unwrap();
    server.fetch("/").unwrap();
    let request = seen.recv().unwrap();
    assert!(request.starts_with("GET /a%20b+c.jpg?x=1 HTTP/1.1\r\n"), "{request}");
    let agent = format!("user-agent: photodesk/{}", env!("CARGO_PKG_VERSION"));
    assert!(request.to_lowercase().contains(&agent), "{request}");
    let second = seen.recv().unwrap().to_lowercase();
    for absent in ["cookie:", "authorization:", "referer:"] {
        assert!(!second.contains(absent), "{absent} in {second}");
    }
}

#[test]
fn a_status_that_is_no_success_is_an_answer() {
    for (head, status) in [
        ("404 Not Found", 404),
        ("401 Unauthorized\r\nWWW-Authenticate: Basic", 401),
        ("500 Failed", 500),
        ("302 Found", 302), // a redirect that leads nowhere
        ("304 Not Modified\r\nLocation: /b", 304),
    ] {
        let exchange = Server::with(head, b"").fetch("/a.jpg").unwrap();
        assert_eq!((exchange.status, exchange.hops.len()), (status, 1), "{head}");
    }
}

#[test]
fn redirects_are_followed_and_kept() {
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let server = Server::new(move |request, stream| match path_of(request) {
            "/a.jpg" => answer(stream, &format!("{status}\r\nLocation: /b.jpg"), b"gone"),
            "/b.jpg" => answer(stream, "200 OK", b"photo"),
            other => panic!("asked for {other}"),
        });
        let exchange = server.fetch("/a.jpg").unwrap();
        assert_eq!((exchange.status, &*exchange.body), (200, &b"photo"[..]), "{status}");
        let way: Vec<_> = exchange.hops.iter().map(|hop| (hop.url.clone(), hop.location.as_deref())).collect();
        assert_eq!(way, [(server.url("/a.jpg"), Some("/b.jpg")), (server.url("/b.jpg"), None)], "{status}");
        assert!(!exchange.downgraded());
    }
}

#[test]
fn circles_and_endless_ways_end() {
    let circle = Server::new(|request, stream| {
        let next = if path_of(request) == "/a" { "/b" } else { "/a" };
        answer(stream, &format!("302 Found\r\nLocation: {next}"), b"");
    });
    let Err(HttpError::TooManyRedirects { hops }) = circle.fetch("/a") else { panic!("it ended") };
    assert_eq!(hops.len(), 2, "a circle is found once it closes");

    let endless = Server::new(|request, stream| {
        answer(stream, &format!("302 Found\r\nLocation: {}x", path_of(request)), b"");
    });
    let Err(HttpError::TooManyRedirects { hops }) = endless.fetch("/") else { panic!("it ended") };
    assert_eq!(hops.len(), Limits::default().redirects + 1);
}

#[test]
fn each_redirect_is_held_to_the_fence() {
    let other = Server::with("200 OK", b"photo");
    let cases = [
        ("file:///etc/passwd", "file: addresses are not fetched".to_owned()),
        (
            "http://169.254.169.254/latest/meta-data/",
            "169.254.169.254 is at 169.254.169.254, which is never fetched".to_owned(),
        ),
        (
            "//[::ffff:a9fe:a9fe]/x",
            "[::ffff:a9fe:a9fe] is at ::ffff:169.254.169.254, which is never fetched".to_owned(),
        ),
        ("https://sso.example.com/login", "sso.example.com was not allowed yet".to_owned()),
        (&other.url("/"), format!("{} was not allowed yet", other.host)),
        (
            "http://jane:secret@photos.example.com/",
            "http://…@photos.example.com/ is not an address: it holds a user name or a password".to_owned(),
        ),
    ];
    for (location, expected) in cases {
        let server = Server::with(&format!("302 Found\r\nLocation: {location}"), b"");
        let error = server.fetch("/a.jpg").unwrap_err();
        assert_eq!(error.to_string(), expected, "{location}");
        if let HttpError::NotAllowed { hops, .. } = error {
            assert_eq!(hops[0].location.as_deref(), Some(location), "the way is told");
        }
    }
}

#[test]
fn an_answer_beyond_the_limit_is_not_read() {
    let limits = Limits { bytes: 1000, ..Limits::default() };
    let long = vec![b'x'; 1001];
    let chunked = |stream: &mut TcpStream, bytes: usize| {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut sent = stream.write_all(head.as_bytes());
        for _ in 0..bytes {
            sent = sent.and_then(|()| stream.write_all(b"1\r\nx\r\n"));
        }
        drop(sent.and_then(|()| stream.write_all(b"0\r\n\r\n")));
    };
    let cases = [
        ("just fits", Server::with("200 OK", &long[..1000]), true),
        ("one more, announced", Server::with("200 OK", &long), false),
        ("a hundred million, announced", Server::new(|_, stream| announce(stream, 100_000_000)), false),
        ("just fits, not announced", Server::new(move |_, stream| chunked(stream, 1000)), true),
        ("one more, not announced", Server::new(move |_, stream| chunked(stream, 1001)), false),
        ("200 MB behind 200 KB of gzip", Server::new(|_, stream| bomb(stream)), false),
    ];
    for (what, server, fits) in cases {
        match fetch(&server.url("/a.jpg"), &server.fence(), &limits, &AtomicBool::new(false)) {
            Ok(exchange) => assert!(fits && exchange.body.len() == 1000, "{what}"),
            Err(HttpError::TooLong { limit: 1000, .. }) => assert!(!fits, "{what}"),
            Err(other) => panic!("{what}: {other}"),
        }
    }
}

fn announce(stream: &mut TcpStream, bytes: usize) {
    drop(stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n").as_bytes()));
}

/// Zeros, compressed a thousandfold.
fn bomb(stream: &mut TcpStream) {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let megabyte = vec![0; 1 << 20];
    (0..200).for_each(|_| encoder.write_all(&megabyte).unwrap());
    answer(stream, "200 OK\r\nContent-Encoding: gzip", &encoder.finish().unwrap());
}

/// What the server does, how, and the sentence it is told in.
type Case = (&'static str, fn(&mut TcpStream), &'static str);

#[test]
fn connections_that_break_say_how() {
    let cases: [Case; 6] = [
        ("nothing", |_stream| {}, "HOST ended the connection in the middle of the answer, after 0 bytes"),
        (
            "half a body",
            |stream| {
                announce(stream, 1000);
                drop(stream.write_all(&[b'x'; 400]));
            },
            "HOST ended the connection in the middle of the answer, after 400 bytes",
        ),
        (
            "half a header",
            |stream| drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-")),
            "HOST ended the connection in the middle of the answer, after 0 bytes",
        ),
        ("another protocol", |stream| drop(stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")), "HOST answers, but not"),
        (
            "a broken length",
            |stream| answer(stream, "200 OK\r\nTransfer-Encoding: chunked", b"zz\r\n"),
            "HOST answers, but",
        ),
        (
            "an endless header",
            |stream| {
                let line = format!("X: {}\r\n", "x".repeat(1000));
                let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n");
                for _ in 0..1000 {
                    sent = sent.and_then(|()| stream.write_all(line.as_bytes()));
                }
                drop(sent);
            },
            "HOST answers, but not as a web server does",
        ),
    ];
    for (what, misbehave, expected) in cases {
        let server = Server::new(move |_, stream| misbehave(stream));
        let error = server.fetch("/a.jpg").unwrap_err().to_string();
        let expected = expected.replace("HOST", "127.0.0.1");
        assert!(error.starts_with(&expected), "{what}: {error}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let fence = Fence { allowed: BTreeSet::from([closed.clone()]), ca_file: None };
    let error = fetch(&format!("http://{closed}/"), &fence, &Limits::default(), &AtomicBool::new(false)).unwrap_err();
    assert_eq!(error, HttpError::ConnectionRefused { host: closed });
}

/// Holds connections open until the test drops its sender.
fn silent(first: &'static [u8]) -> (Server, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (arrived, arrival) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let server = Server::new(move |_, stream| {
        drop(stream.write_all(first));
        arrived.send(()).ok();
        released.recv().ok();
    });
    (server, arrival, release)
}

#[test]
fn a_server_without_an_answer_is_left_in_time() {
    let limits = Limits { time: Duration::from_millis(300), ..Limits::default() };
    for first in [&b""[..], b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"] {
        let (server, _arrival, release) = silent(first);
        let started = Instant::now();
        let error = fetch(&server.url("/"), &server.fence(), &limits, &AtomicBool::new(false)).unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        assert_eq!(error, HttpError::Timeout { host: "127.0.0.1".to_owned(), seconds: 1 });
        drop(release);
    }
}

#[test]
fn a_server_that_drips_does_not_reset_the_time() {
    let server = Server::new(|_, stream| {
        announce(stream, 1_000_000);
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let mut nothing = [0];
        // Reading with a timeout paces the drops; the end of the connection ends them.
        while stream.write_all(b"x").is_ok() {
            match stream.read(&mut nothing) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                _ => break,
            }
        }
    });
    let limits = Limits { time: Duration::from_millis(300), ..Limits::default() };
    let started = Instant::now();
    let error = fetch(&server.url("/"), &server.fence(), &limits, &AtomicBool::new(false)).unwrap_err();
    assert!(matches!(error, HttpError::Timeout { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn cancelling_is_noticed_at_once() {
    for first in [&b""[..], b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"] {
        let (server, arrival, release) = silent(first);
        let (url, fence) = (server.url("/"), server.fence());
        let job = Job::spawn("fetch", Waker::none(), move |report| {
            report.send(None)?;
            let result = fetch(&url, &fence, &Limits::default(), &report.cancelled());
            // A cancelled job reports nothing more; the test looks at the time alone.
            drop(report.send(Some(result)));
            Ok(())
        });
        arrival.recv().unwrap();
        let started = Instant::now();
        job.cancel();
        assert_eq!(job.wait(|_| {}), Ok(()));
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        drop(release);
    }
}

/// An https server with a certificate for `name` from an authority of its own, and the authority's PEM file.
fn tls_server(name: &str, first: &str) -> (Server, tempfile::NamedTempFile) {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new([]).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "Example Authority");
    let authority = parameters.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::from_params(&parameters, &authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.serialize_der().try_into().unwrap())
        .unwrap();
    let (config, first) = (Arc::new(config), first.to_owned());
    let server = Server::raw(move |stream| {
        let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut tls = rustls::StreamOwned::new(connection, stream);
        if head(&mut tls).is_empty() {
            return; // the certificate was refused
        }
        answer(&mut tls, &first, b"photo");
        tls.conn.send_close_notify();
        drop(tls.flush());
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), authority.pem()).unwrap();
    (server, file)
}

#[test]
fn https_needs_an_authority_that_is_known() {
    let (server, authority) = tls_server("127.0.0.1", "200 OK");
    let url = server.url("/a.jpg").replace("http:", "https:");
    let fetched = |ca_file| {
        let fence = Fence { ca_file, ..server.fence() };
        fetch(&url, &fence, &Limits::default(), &AtomicBool::new(false))
    };
    match fetched(None) {
        Err(HttpError::Tls(TlsFault::UnknownIssuer { shown })) => {
            assert!(shown.issuer.contains("Example Authority"), "{}", shown.issuer);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(&*fetched(Some(authority.path().to_owned())).unwrap().body, b"photo");
    let error = fetched(Some("/nowhere/ca.pem".into())).unwrap_err();
    assert!(matches!(error, HttpError::Tls(TlsFault::CaFile { .. })), "{error}");
}

#[test]
fn https_needs_a_certificate_for_its_host() {
    let (server, authority) = tls_server("photos.example.com", "200 OK");
    let fence = Fence { ca_file: Some(authority.path().to_owned()), ..server.fence() };
    let url = server.url("/").replace("http:", "https:");
    let error = fetch(&url, &fence, &Limits::default(), &AtomicBool::new(false)).unwrap_err();
    assert!(matches!(error, HttpError::Tls(TlsFault::WrongName { .. })), "{error}");
}

#[test]
fn https_to_a_port_without_tls_says_so() {
    let server = Server::raw(|mut stream| drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")));
    let url = server.url("/").replace("http:", "https:");
    let error = fetch(&url, &server.fence(), &Limits::default(), &AtomicBool::new(false)).unwrap_err();
    assert!(matches!(error, HttpError::Tls(TlsFault::Handshake { .. })), "{error}");
}

#[test]
fn a_way_from_https_down_to_http_is_noted() {
    let plain = Server::with("200 OK", b"photo");
    let (server, authority) = tls_server("127.0.0.1", &format!("302 Found\r\nLocation: {}", plain.url("/a.jpg")));
    let fence = Fence {
        allowed: BTreeSet::from([server.host.clone(), plain.host.clone()]),
        ca_file: Some(authority.path().to_owned()),
    };
    let url = server.url("/").replace("http:", "https:");
    let exchange = fetch(&url, &fence, &Limits::default(), &AtomicBool::new(false)).unwrap();
    assert!(exchange.downgraded());
    assert_eq!(&*exchange.body, b"photo");
}
