//! The demo site's photo web server: what every planted fault answers, and what it makes of bad requests.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read, Write},
    net::{Ipv4Addr, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

use image::{DynamicImage, ImageFormat, ImageReader, metadata::Orientation};
use photodesk::demo::{Demo, DemoOptions, Fault, PLANTED, Planted};
use rustls::{ClientConfig, ClientConnection, RootCertStore, crypto::ring};

use crate::support::raw_ldap::Client;

/// How long the slow photo takes in these tests.
const SLOW: Duration = Duration::from_millis(300);

/// An HTTP answer.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    fn picture(&self) -> DynamicImage {
        assert_eq!((self.status, self.header("content-type")), (200, "image/jpeg"));
        image::load_from_memory(&self.body).unwrap()
    }
}

/// Sends `head` and reads to the end.
fn exchange(port: u16, head: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(head).unwrap();
    let mut answer = Vec::new();
    // A server may reset the connection instead of reading on; what came before counts.
    let mut chunk = [0; 16 * 1024];
    while let Ok(count @ 1..) = stream.read(&mut chunk) {
        answer.extend_from_slice(&chunk[..count]);
    }
    answer
}

fn request(port: u16, method: &str, path: &str, headers: &str) -> Answer {
    let head = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{headers}\r\n");
    let answer = exchange(port, head.as_bytes());
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or_else(|| panic!("{method} {path}"));
    let text = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let field = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Answer { status, headers: lines.filter_map(field).collect(), body: answer[end + 4..].to_vec() }
}

/// Fetches an address of the demo's own web server.
fn get(demo: &Demo, url: &str) -> Answer {
    let base = format!("http://127.0.0.1:{}", demo.web_port());
    let path = url.strip_prefix(&base).unwrap_or_else(|| panic!("{url} is not on {base}"));
    request(demo.web_port(), "GET", path, "")
}

/// A person as the directory has it, and the demo site around it.
struct Case<'a> {
    demo: &'a Demo,
    planted: &'static Planted,
    entry: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Case<'_> {
    fn urls(&self) -> Vec<String> {
        let values = self.entry.get("photoURL").cloned().unwrap_or_default();
        values.into_iter().map(|value| String::from_utf8(value).unwrap()).collect()
    }

    fn url(&self) -> String {
        let [url] = &self.urls()[..] else { panic!("one photo URL: {:?}", self.urls()) };
        url.clone()
    }

    fn answer(&self) -> Answer {
        get(self.demo, &self.url())
    }

    /// What the site's template makes of the mail address.
    fn template_url(&self) -> String {
        let mail: String = self.planted.mail.to_lowercase().bytes().map(escaped).collect();
        format!("http://127.0.0.1:{}/photos/{mail}.jpg", self.demo.web_port())
    }

    fn in_directory(&self, attribute: &str) -> DynamicImage {
        image::load_from_memory(&self.entry[attribute][0]).unwrap()
    }

    fn shows_the_same(&self, picture: &DynamicImage) {
        let apart = apart(picture, &self.in_directory("thumbnailPhoto"));
        assert!(apart < 6.0, "{:?}: {apart} from the thumbnail", self.planted);
    }
}

fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// How far two pictures are apart, on average over all pixels, of 255.
fn apart(one: &DynamicImage, other: &DynamicImage) -> f64 {
    let small = |picture: &DynamicImage| {
        picture.resize_exact(48, 48, image::imageops::FilterType::Triangle).to_rgb8().into_raw()
    };
    let (one, other) = (small(one), small(other));
    let sum: u32 = one.iter().zip(&other).map(|(one, other)| u32::from(one.abs_diff(*other))).sum();
    f64::from(sum) / 6912.0 // 48 x 48 x 3
}

#[test]
fn every_planted_fault_is_as_the_table_says() {
    let demo = Demo::start_with(DemoOptions { slow_photo: SLOW, ..DemoOptions::default() }).unwrap();
    let mut client = Client::connect(demo.ldap_port());
    for planted in PLANTED {
        let entry = client.entry(planted.dn().as_str(), &[]);
        check(&Case { demo: &demo, planted, entry });
    }
}

fn check(case: &Case) {
    let at_template = || get(case.demo, &case.template_url());
    match case.planted.fault {
        Fault::NoPhotoUrl => {
            assert_eq!(case.urls(), Vec::<String>::new());
            at_template().picture();
        }
        Fault::NotFound => {
            let answer = case.answer();
            assert_eq!((answer.status, answer.header("content-type")), (404, "text/html; charset=utf-8"));
        }
        Fault::CapitalsInAddress => {
            assert_ne!(case.url(), case.url().to_lowercase());
            assert_eq!(case.answer().status, 404);
            case.shows_the_same(&at_template().picture());
        }
        Fault::PngNamedJpg => {
            let answer = case.answer();
            assert_eq!(image::guess_format(&answer.body).unwrap(), ImageFormat::Png);
            case.shows_the_same(&answer.picture());
        }
        Fault::Heavy => {
            let answer = case.answer();
            assert!((72_000..88_000).contains(&answer.body.len()), "{} bytes", answer.body.len());
            case.shows_the_same(&answer.picture());
        }
        Fault::FortyMegapixels => forty_megapixels(&case.answer()),
        Fault::CutShort => {
            let body = case.answer().body;
            assert_eq!(body[..2], [0xff, 0xd8]);
            jpeg_decoder::Decoder::new(&body[..]).decode().unwrap_err();
        }
        Fault::RotatedByExif => {
            let answer = case.answer();
            let mut decoder = jpeg_decoder::Decoder::new(&answer.body[..]);
            decoder.read_info().unwrap();
            let orientation = Orientation::from_exif_chunk(decoder.exif_data().unwrap()).unwrap();
            assert_eq!(orientation, Orientation::Rotate90);
            let mut picture = answer.picture();
            assert!(apart(&picture, &case.in_directory("thumbnailPhoto")) > 12.0);
            picture.apply_orientation(orientation);
            case.shows_the_same(&picture);
        }
        Fault::Cmyk => {
            let answer = case.answer();
            let mut decoder = jpeg_decoder::Decoder::new(&answer.body[..]);
            decoder.read_info().unwrap();
            assert_eq!(decoder.info().unwrap().pixel_format, jpeg_decoder::PixelFormat::CMYK32);
            case.shows_the_same(&answer.picture());
        }
        _ => check_exchange(case),
    }
}

fn forty_megapixels(answer: &Answer) {
    let reader = ImageReader::new(Cursor::new(&answer.body)).with_guessed_format().unwrap();
    assert_eq!(reader.format(), Some(ImageFormat::Jpeg));
    assert_eq!(reader.into_dimensions().unwrap(), (8000, 5000));
    assert!(answer.body.len() < 2_000_000, "{} bytes", answer.body.len());
}

/// Faults of addresses and answers rather than of files.
fn check_exchange(case: &Case) {
    let (demo, base) = (case.demo, format!("http://127.0.0.1:{}", case.demo.web_port()));
    match case.planted.fault {
        Fault::SignInPage => {
            let answer = case.answer();
            assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
        }
        Fault::SignInRedirect => {
            let answer = case.answer();
            assert_eq!(answer.status, 302);
            let page = get(demo, &format!("{base}{}", answer.header("location")));
            assert!(page.status == 200 && page.header("content-type").starts_with("text/html"), "{page:?}");
        }
        Fault::Redirect => {
            let answer = case.answer();
            assert_eq!(answer.status, 301);
            case.shows_the_same(&get(demo, &format!("{base}{}", answer.header("location"))).picture());
        }
        Fault::RedirectLoop => {
            let there = case.answer();
            let back = get(demo, &format!("{base}{}", there.header("location")));
            assert_eq!((there.status, back.status), (302, 302));
            assert_eq!(format!("{base}{}", back.header("location")), case.url());
        }
        Fault::SlowServer => {
            let start = Instant::now();
            case.shows_the_same(&case.answer().picture());
            assert!(start.elapsed() >= SLOW);
        }
        Fault::RelativeUrl => {
            assert!(case.url().starts_with("/photos/"), "{}", case.url());
            case.shows_the_same(&get(demo, &format!("{base}{}", case.url())).picture());
        }
        Fault::UnknownIssuer => {
            assert!(case.url().starts_with(&format!("https://127.0.0.1:{}/photos/", demo.https_port())));
            assert!(tls_error(demo).contains("UnknownIssuer"), "{}", tls_error(demo));
        }
        Fault::SharedUrl => {
            let people: Vec<_> = Planted::with(Fault::SharedUrl).collect();
            let first = Client::connect(demo.ldap_port()).entry(people[0].dn().as_str(), &["photoURL"]);
            assert_eq!((people.len(), &case.entry["photoURL"]), (2, &first["photoURL"]));
        }
        Fault::TwoValues => {
            let statuses: Vec<_> = case.urls().iter().map(|url| get(demo, url).status).collect();
            assert_eq!(statuses, [404, 200]);
        }
        Fault::MailMissing => {
            assert!(!case.entry.contains_key("mail"));
            case.shows_the_same(&case.answer().picture());
        }
        Fault::MailWithPlusAndApostrophe => {
            assert!(case.url().contains("%2B") && case.url().contains("%27"), "{}", case.url());
            check_name(case);
        }
        Fault::OtherPersonInJpegPhoto => {
            case.shows_the_same(&case.answer().picture());
            let apart = apart(&case.in_directory("jpegPhoto"), &case.in_directory("thumbnailPhoto"));
            assert!(apart > 12.0, "{apart}");
        }
        _ => check_name(case),
    }
}

/// Only the name is special.
fn check_name(case: &Case) {
    assert_eq!(case.url(), case.template_url());
    case.shows_the_same(&case.answer().picture());
}

/// What a client says that trusts nobody.
fn tls_error(demo: &Demo) -> String {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let mut client = ClientConnection::new(Arc::new(config), "127.0.0.1".try_into().unwrap()).unwrap();
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, demo.https_port())).unwrap();
    client.complete_io(&mut stream).unwrap_err().to_string()
}

#[test]
fn everybody_else_has_a_good_photo() {
    let demo = Demo::start().unwrap();
    let mut client = Client::connect(demo.ldap_port());
    let people = client.paged(
        "ou=People,dc=example,dc=com",
        &crate::support::raw_ldap::SUBTREE,
        &["uid", "photoURL", "thumbnailPhoto"],
        100,
    );
    let mut sizes = Vec::new();
    for (dn, attributes) in people.into_iter().step_by(16) {
        let entry: BTreeMap<_, _> = attributes.into_iter().collect();
        let uid = entry.get("uid").map(|values| String::from_utf8(values[0].clone()).unwrap()).unwrap_or_default();
        let (false, Some(urls)) = (PLANTED.iter().any(|planted| planted.uid == uid), entry.get("photoURL")) else {
            continue;
        };
        let answer = get(&demo, std::str::from_utf8(&urls[0]).unwrap());
        let picture = answer.picture();
        assert_eq!((picture.width(), picture.height()), (240, 240), "{dn}");
        sizes.push(answer.body.len());
        if let Some(thumbnail) = entry.get("thumbnailPhoto") {
            let thumbnail = image::load_from_memory(&thumbnail[0]).unwrap();
            assert_eq!((thumbnail.width(), thumbnail.height()), (96, 96), "{dn}");
            assert!(apart(&picture, &thumbnail) < 6.0, "{dn}");
        }
    }
    assert!(sizes.len() > 15, "{sizes:?}");
    assert!(sizes.iter().all(|size| (4_000..12_000).contains(size)), "{sizes:?}");
}

#[test]
fn a_photo_can_be_asked_for_again_without_being_sent_again() {
    let demo = Demo::start().unwrap();
    let (port, path) = (demo.web_port(), "/photos/ben.williams%40example.com.jpg");
    let first = request(port, "GET", path, "");
    assert_eq!(first.header("content-length"), first.body.len().to_string());
    let head = request(port, "HEAD", path, "");
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in ["content-length", "content-type", "etag", "last-modified"] {
        assert_eq!(head.header(name), first.header(name), "{name}");
        assert_ne!(head.header(name), "", "{name}");
    }
    for (name, value, expected) in [
        ("If-None-Match", first.header("etag"), 304),
        ("If-None-Match", "\"another\"", 200),
        ("If-Modified-Since", first.header("last-modified"), 304),
    ] {
        let again = request(port, "GET", path, &format!("{name}: {value}\r\n"));
        assert_eq!((again.status, again.body.is_empty()), (expected, expected == 304), "{name}: {value}");
        assert_eq!(again.header("etag"), first.header("etag"));
    }
}

#[test]
fn requests_that_mean_harm_are_refused() {
    let demo = Demo::start().unwrap();
    let port = demo.web_port();
    for (method, path, expected) in [
        ("POST", "/photos/ben.williams%40example.com.jpg", 405),
        ("PUT", "/photos/new.jpg", 405),
        ("GET", "/photos/Ben.Williams%40example.com.jpg", 404),
        ("GET", "/photos/../../../etc/passwd", 404),
        ("GET", "/photos/%00%ff", 404),
        ("GET", "/photos/", 404),
        ("GET", "/", 200),
    ] {
        assert_eq!(request(port, method, path, "").status, expected, "{method} {path}");
    }
    let long = [b"GET /", &b"a".repeat(100_000)[..], b" HTTP/1.1\r\n\r\n"].concat();
    for hostile in [&b"\x16\x03\x01\x02\x00"[..], b"GET\r\n\r\n", &[0xff; 5_000], &long] {
        let answer = exchange(port, &[hostile, b"\r\n\r\n"].concat());
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"), "{:?}", String::from_utf8_lossy(&answer));
    }
    let _silent: Vec<_> = (0..40).map(|_| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap()).collect();
    assert_eq!(request(port, "GET", "/", "").status, 200);
}
