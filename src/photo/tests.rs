//! Pictures as they come: what is said of good, odd and broken files, and that none does harm.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use super::{Facts, Format, Found, PhotoFault, Picture, Sameness, decode, inspect};

pub(super) fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/photos/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

const FIXTURES: [&str; 11] = [
    "portrait.jpg",
    "progressive.jpg",
    "gray.jpg",
    "cmyk.jpg",
    "inks.jpg",
    "portrait.gif",
    "moving.gif",
    "portrait.png",
    "sixteen.png",
    "portrait.webp",
    "portrait.bmp",
];

fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 4] {
    let at = 4 * (y * picture.width + x) as usize;
    picture.rgba[at..at + 4].try_into().unwrap()
}

/// A JPEG segment, to be put behind the first two bytes.
fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, body, &jpeg[2..]].concat()
}

pub(super) fn rotated(orientation: u8) -> Vec<u8> {
    let exif = [b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", &[orientation][..], &[0; 6]].concat();
    with_segment(&fixture("portrait.jpg"), 0xe1, &exif)
}

/// The portrait with so many bytes of comment that it has `bytes`.
pub(super) fn heavy(bytes: usize) -> Vec<u8> {
    let portrait = fixture("portrait.jpg");
    let comment = vec![b' '; bytes - portrait.len() - 4];
    let padded = with_segment(&portrait, 0xfe, &comment);
    assert_eq!(padded.len(), bytes);
    padded
}

#[test]
fn the_facts_are_those_of_the_file() {
    let cases = [
        ("portrait.jpg", Format::Jpeg, 48, 48, false),
        ("progressive.jpg", Format::Jpeg, 48, 48, false),
        ("gray.jpg", Format::Jpeg, 48, 48, false),
        ("cmyk.jpg", Format::Jpeg, 48, 48, true),
        ("inks.jpg", Format::Jpeg, 48, 48, true),
        ("portrait.gif", Format::Gif, 48, 48, false),
        ("moving.gif", Format::Gif, 8, 8, false),
        ("portrait.png", Format::Png, 48, 48, false),
        ("sixteen.png", Format::Png, 48, 48, false),
        ("portrait.webp", Format::WebP, 48, 48, false),
        ("portrait.bmp", Format::Bmp, 16, 16, false),
    ];
    for (name, format, width, height, cmyk) in cases {
        let bytes = fixture(name);
        let facts = Facts { format, width, height, bytes: bytes.len(), orientation: 1, cmyk };
        assert_eq!(inspect(&bytes), Ok(facts), "{name}");
    }
}

#[test]
fn every_format_shows_the_same_face() {
    for name in FIXTURES.iter().filter(|name| !matches!(**name, "gray.jpg" | "moving.gif")) {
        let picture = decode(&fixture(name), 48).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let middle = picture.width / 2;
        for (what, x, y, expected) in
            [("background", 2, 2, [0x8f, 0xb4, 0xd9]), ("face", middle, picture.height * 5 / 8, [0xe8, 0xb9, 0x8f])]
        {
            let found = pixel(&picture, x, y);
            let close = (0..3).all(|channel| found[channel].abs_diff(expected[channel]) < 12);
            assert!(close && found[3] == 255, "{name}: the {what} is {found:?}, not {expected:?}");
        }
    }
}

#[test]
fn a_moving_gif_shows_its_first_frame() {
    assert_eq!(pixel(&decode(&fixture("moving.gif"), 8).unwrap(), 4, 4), [255, 0, 0, 255]);
}

#[test]
fn inks_without_adobes_segment_are_not_inverted() {
    let adobe = fixture("inks.jpg");
    assert_eq!(&adobe[2..4], [0xff, 0xee]);
    let plain = [&adobe[..2], &adobe[18..]].concat();
    let (with, without) = (decode(&adobe, 48).unwrap(), decode(&plain, 48).unwrap());
    assert_eq!(pixel(&without, 2, 2)[3], 255);
    // The same bytes mean nearly no light now: the black ink, absent before, covers all.
    assert!(pixel(&with, 2, 2)[2] > 200 && pixel(&without, 2, 2)[2] < 20, "{:?}", pixel(&without, 2, 2));
}

#[test]
fn a_recorded_rotation_is_honoured() {
    let upright = decode(&fixture("portrait.jpg"), 48).unwrap();
    // Where the pixel at (12, 40), of the body, comes to lie.
    let cases = [
        (1, (12, 40)),
        (2, (35, 40)),
        (3, (35, 7)),
        (4, (12, 7)),
        (5, (40, 12)),
        (6, (7, 12)),
        (7, (7, 35)),
        (8, (40, 35)),
    ];
    for (orientation, (x, y)) in cases {
        let bytes = rotated(orientation);
        assert_eq!(inspect(&bytes).unwrap().orientation, orientation);
        assert_eq!(pixel(&decode(&bytes, 48).unwrap(), x, y), pixel(&upright, 12, 40), "orientation {orientation}");
    }
    for nonsense in [0, 9, 255] {
        assert_eq!(inspect(&rotated(nonsense)).unwrap().orientation, 1, "orientation {nonsense}");
    }
}

#[test]
fn pictures_become_smaller_and_never_larger_or_bent() {
    let wide = DynamicImage::ImageRgb8(image::RgbImage::from_pixel(400, 100, image::Rgb([10, 200, 30])));
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Bmp] {
        let mut bytes = Vec::new();
        wide.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        for (edge, expected) in [(1000, (400, 100)), (400, (400, 100)), (100, (100, 25)), (40, (40, 10)), (1, (1, 1))] {
            let picture = decode(&bytes, edge).unwrap();
            assert_eq!((picture.width, picture.height), expected, "{format:?} at {edge}");
            assert_eq!(picture.rgba.len(), (4 * picture.width * picture.height) as usize);
            assert!(pixel(&picture, 0, 0)[1] > 190, "{format:?} at {edge}: {:?}", pixel(&picture, 0, 0));
        }
        assert!(decode(&bytes, 0).is_ok(), "{format:?} at 0");
    }
}

#[test]
fn transparency_is_kept_and_invisible_colours_do_not_show() {
    // A visible white half beside an invisible red one.
    let half = RgbaImage::from_fn(64, 64, |x, _y| if x < 31 { Rgba([255; 4]) } else { Rgba([255, 0, 0, 0]) });
    let mut bytes = Vec::new();
    half.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    let picture = decode(&bytes, 16).unwrap();
    assert_eq!(pixel(&picture, 0, 0), [255; 4]);
    assert_eq!(pixel(&picture, 15, 0)[3], 0);
    for x in 0..16 {
        let [red, green, blue, alpha] = pixel(&picture, x, 8);
        assert!(alpha == 0 || (green > 250 && blue > 250), "column {x}: {:?}", [red, green, blue, alpha]);
    }
}

#[test]
fn what_is_no_photo_says_what_it_is() {
    let html = b"\xef\xbb\xbf \n<!DOCTYPE html><html><head><title>Example &amp; Co\n Portal</title></head>".to_vec();
    let login = b"<html><title>Welcome</title><form><input name=p type=password></form></html>".to_vec();
    let cases = [
        ("nothing", vec![], "the file is empty"),
        ("a page", html, "it is a web page, not a picture"),
        ("a sign-in page", login, "it is a web page, not a picture"),
        ("a PDF", b"%PDF-1.7\n".to_vec(), "it is no picture but a PDF document"),
        (
            "an office document",
            b"PK\x03\x04\x14\0".to_vec(),
            "it is no picture but a ZIP archive or an office document",
        ),
        ("JSON", b"{\"error\": 1}".to_vec(), "it is no picture but a JSON text"),
        ("a text", b"BM is how a bitmap begins\n".to_vec(), "it is no picture but a text"),
        ("noise", vec![7, 200, 3, 0, 255, 9], "it is no picture"),
        ("half a portrait", fixture("portrait.jpg")[..400].to_vec(), "the file is cut short"),
        ("a bomb", fixture("bomb.png"), "it has too many pixels: 60000 × 60000"),
        ("TIFF", b"II\x2a\0\x08\0\0\0".to_vec(), "TIFF pictures are not shown here"),
        ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(), "HEIC pictures are not shown here"),
        ("AVIF", b"\0\0\0\x18ftypavif\0\0\0\0".to_vec(), "AVIF pictures are not shown here"),
        ("SVG", b"<?xml version=\"1.0\"?>\n<svg/>".to_vec(), "SVG pictures are not shown here"),
        ("an icon", b"\0\0\x01\0\x01\0\x10\x10".to_vec(), "ICO pictures are not shown here"),
    ];
    for (what, bytes, expected) in cases {
        let fault = Found::read(bytes, 48).unwrap_err();
        assert_eq!(fault.to_string(), expected, "{what}");
    }
    let mut damaged = fixture("portrait.jpg");
    let table = damaged.windows(2).position(|pair| pair == [0xff, 0xc4]).unwrap();
    damaged[table + 4] = 0x77; // a table of no kind
    let fault = Found::read(damaged, 48).unwrap_err();
    assert!(matches!(fault, PhotoFault::Damaged { .. }), "{fault:?}");
}

#[test]
fn a_page_says_its_title_and_whether_it_asks_to_sign_in() {
    let cases = [
        ("<html><title>Photos</title>", Some("Photos"), false),
        ("<html><TITLE lang=en>  Sign\n in </TITLE>", Some("Sign in"), true),
        ("<html><form action='j_security_check'>", None, true),
        ("<!doctype html><input type=\"password\">", None, true),
        ("<html><title></title>", None, false),
        ("<html><title>never ends", None, false),
    ];
    for (page, title, sign_in) in cases {
        let expected = PhotoFault::Html { title: title.map(str::to_owned), sign_in };
        assert_eq!(inspect(page.as_bytes()), Err(expected), "{page}");
    }
}

#[test]
fn an_image_bomb_is_refused_from_its_header() {
    for (what, bytes) in [
        ("PNG", fixture("bomb.png")),
        ("GIF", b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01\0\0;".to_vec()),
        ("JPEG", [&b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03"[..], &[0; 9]].concat()),
    ] {
        match inspect(&bytes) {
            Err(PhotoFault::TooManyPixels { width, height }) => assert!(width >= 60_000 && height >= 60_000, "{what}"),
            other => panic!("{what}: {other:?}"),
        }
    }
    // Thousands of scans over few bytes cost minutes.
    let progressive = fixture("progressive.jpg");
    let scan = progressive.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let end = scan + progressive[scan + 2..].windows(2).position(|pair| pair == [0xff, 0xc4]).unwrap() + 2;
    let many = [&progressive[..scan], &progressive[scan..end].repeat(101), &[0xff, 0xd9]].concat();
    let Err(PhotoFault::Damaged { text }) = inspect(&many) else { panic!("it was taken") };
    assert_eq!(text, "the JPEG file has 101 scans");
}

#[test]
fn a_file_cut_anywhere_is_never_taken_for_whole() {
    for name in FIXTURES {
        let whole = fixture(name);
        assert!(Found::read(&*whole, 48).is_ok(), "{name}");
        for length in 0..whole.len() {
            let found = Found::read(&whole[..length], 48);
            assert!(found.is_err(), "{name} cut to {length} of {} bytes", whole.len());
            // Once the kind can be told, so can what is wrong.
            if length > 32 {
                assert_eq!(found.unwrap_err(), PhotoFault::CutShort, "{name} cut to {length} of {}", whole.len());
            }
        }
    }
}

/// A small generator of numbers (xorshift), the same in every run.
fn numbers(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    }
}

#[test]
fn damaged_bytes_do_no_harm() {
    let mut number = numbers(0x2545_F491_4F6C_DD1D);
    for name in FIXTURES {
        for round in 0..400 {
            let mut bytes = fixture(name);
            for _ in 0..=number(8) {
                let at = number(bytes.len());
                match number(3) {
                    0 => bytes[at] = number(256) as u8,
                    1 => bytes[at] ^= 1 << number(8),
                    _ => drop(bytes.drain(at..bytes.len().min(at + 1 + number(16)))),
                }
            }
            // Whatever comes out is within its bounds.
            if let Ok(found) = Found::read(bytes, 32) {
                let Picture { width, height, rgba } = &found.picture;
                assert!(*width <= 32 && *height <= 32, "{name}, round {round}: {width} × {height}");
                assert_eq!(rgba.len(), (4 * width * height) as usize, "{name}, round {round}");
            }
        }
    }
}

#[test]
fn the_same_picture_is_known_across_sizes_and_files() {
    let read = |bytes: Vec<u8>| Found::read(bytes, 32).unwrap();
    let portrait = read(fixture("portrait.jpg"));
    let cases = [
        ("itself", fixture("portrait.jpg"), Sameness::SameBytes),
        ("with a comment", heavy(2000), Sameness::SamePicture),
        ("progressive", fixture("progressive.jpg"), Sameness::SamePicture),
        ("as PNG", fixture("portrait.png"), Sameness::SamePicture),
        ("as WebP", fixture("portrait.webp"), Sameness::SamePicture),
        ("as GIF", fixture("portrait.gif"), Sameness::SamePicture),
        ("with inks", fixture("cmyk.jpg"), Sameness::SamePicture),
        ("without colours", fixture("gray.jpg"), Sameness::Other),
        ("on its head", rotated(3), Sameness::Other),
        ("another", fixture("moving.gif"), Sameness::Other),
    ];
    for (what, bytes, expected) in cases {
        let other = read(bytes);
        assert_eq!(portrait.compare(&other), expected, "{what}: {}", portrait.likeness.distance(&other.likeness));
        assert_eq!(other.compare(&portrait), expected, "{what}, the other way round");
    }
}
