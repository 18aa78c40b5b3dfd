//! Photos that tests make themselves, and answers of a web server that never was.

use std::{io::Cursor, sync::Arc, time::Duration};

use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use photodesk::{
    net::http::{Exchange, Fence, Hop, Limits},
    photo::{Cache, Looking},
};

/// A face of `side` pixels with hair of this colour, as a JPEG of this quality.
pub fn jpeg(side: u32, hair: [u8; 3], quality: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let face = face(side, hair);
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .write_image(face.as_raw(), side, side, ExtendedColorType::Rgb8)
        .unwrap();
    bytes.into_inner()
}

/// The same as a PNG.
pub fn png(side: u32, hair: [u8; 3]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    face(side, hair).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Drawn once and then resized, as people's photos are.
fn face(side: u32, hair: [u8; 3]) -> RgbImage {
    image::imageops::resize(&drawn(960, hair), side, side, image::imageops::FilterType::Triangle)
}

fn drawn(side: u32, hair: [u8; 3]) -> RgbImage {
    let oval = |x: f32, y: f32, (cx, cy): (f32, f32), (rx, ry): (f32, f32)| {
        ((x - cx) / rx).powi(2) + ((y - cy) / ry).powi(2) <= 1.0
    };
    RgbImage::from_fn(side, side, |x, y| {
        let (x, y) = (x as f32 / side as f32, y as f32 / side as f32);
        let eyes = oval(x, y, (0.42, 0.46), (0.025, 0.03)) || oval(x, y, (0.58, 0.46), (0.025, 0.03));
        let mouth = oval(x, y, (0.5, 0.6), (0.09, 0.05)) && y > 0.6;
        Rgb(match () {
            () if eyes || mouth => [60, 40, 40],
            () if oval(x, y, (0.5, 0.24), (0.24, 0.15)) && y < 0.36 => hair,
            () if oval(x, y, (0.5, 0.48), (0.2, 0.26)) => [233, 196, 172],
            () if oval(x, y, (0.5, 0.44), (0.25, 0.32)) => hair,
            () if oval(x, y, (0.5, 1.05), (0.4, 0.32)) => [55, 65, 81],
            () => [200, 215, 240],
        })
    })
}

/// An answer that came in 34 ms.
pub fn answer(url: &str, status: u16, body: Vec<u8>) -> Exchange {
    Exchange {
        hops: vec![Hop { url: url.to_owned(), status, location: None }],
        status,
        content_type: Some("image/jpeg".to_owned()),
        cache_control: None,
        last_modified: None,
        body: body.into(),
        elapsed: Duration::from_millis(34),
    }
}

/// Looks at `answers` without any network: they are kept already, and only their host is allowed.
pub fn looking(host: &str, answers: &[Exchange]) -> Looking {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(folder.path(), 64 << 20).unwrap();
    for answer in answers {
        cache.put(&answer.hops[0].url, answer);
    }
    Looking {
        fence: Fence { allowed: [host.to_owned()].into(), ..Fence::default() },
        limits: Limits::default(),
        cache: Arc::new(cache),
        edge: 256,
        fresh: false,
    }
}
