//! A JPEG of very many pixels, made in a moment and small: every block of 8 x 8 pixels has one colour.
//!
//! An encoder that sees all the pixels would take seconds and tens of megabytes. Here one number a block is written, with
//! tables in which "like the last block" is one bit. Baseline, 4:2:0 (ITU-T T.81). Not here: ordinary files
//! (`picture.rs`).

use jpeg_encoder::rgb_to_ycbcr;

use super::portrait::Rgb;

/// The code lengths of the tables: one of 1 bit, and for differences eleven more of 5 bits.
const DIFFERENCES: [u8; 16] = [1, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const NOTHING_ELSE: [u8; 16] = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// `small`, square and in the middle, its edges going on to both sides, as a JPEG of `width` x `height`.
pub(super) fn enlarged(small: &Rgb, width: u16, height: u16) -> Vec<u8> {
    let mut file = header(width, height);
    let mut bits = Bits::default();
    let mut last = [0_i32; 3];
    for row in 0..height.div_ceil(16) {
        for column in 0..width.div_ceil(16) {
            let block = |x: u16, y: u16| colour(small, width, height, 2 * column + x, 2 * row + y);
            for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                bits.block(block(x, y)[0], &mut last[0]);
            }
            bits.block(block(0, 0)[1], &mut last[1]);
            bits.block(block(0, 0)[2], &mut last[2]);
        }
    }
    file.append(&mut bits.finish());
    file.extend([0xff, 0xd9]);
    file
}

/// Luma and chroma of the block at `(x, y)`, counted in blocks; from -128 to 127.
fn colour(small: &Rgb, width: u16, height: u16, x: u16, y: u16) -> [i32; 3] {
    let (side, across) = (i32::from(height / 8), i32::from(width / 8));
    let scaled = |at: i32, pixels: u16| (at.clamp(0, side - 1) * i32::from(pixels) / side) as usize;
    let column = scaled(i32::from(x) - (across - side) / 2, small.width);
    let row = scaled(i32::from(y), small.height);
    let at = 3 * (row * usize::from(small.width) + column);
    let (luma, blue, red) = rgb_to_ycbcr(small.pixels[at], small.pixels[at + 1], small.pixels[at + 2]);
    [luma, blue, red].map(|value| i32::from(value) - 128)
}

/// Everything before the blocks.
fn header(width: u16, height: u16) -> Vec<u8> {
    let mut file = vec![0xff, 0xd8];
    let mut segment = |marker: u8, parts: &[&[u8]]| {
        let length = 2 + parts.iter().map(|part| part.len()).sum::<usize>();
        file.extend([0xff, marker]);
        file.extend(u16::try_from(length).unwrap_or_default().to_be_bytes());
        for part in parts {
            file.extend_from_slice(part);
        }
    };
    // With 8 in the table, the number written for a block of one colour is that colour.
    segment(0xdb, &[&[0], &[8; 64]]);
    let (height, width) = (height.to_be_bytes(), width.to_be_bytes());
    segment(0xc0, &[&[8], &height, &width, &[3], &[1, 0x22, 0], &[2, 0x11, 0], &[3, 0x11, 0]]);
    segment(0xc4, &[&[0x00], &DIFFERENCES, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]]);
    segment(0xc4, &[&[0x10], &NOTHING_ELSE, &[0]]);
    segment(0xda, &[&[3], &[1, 0], &[2, 0], &[3, 0], &[0, 63, 0]]);
    file
}

/// Bits on their way into bytes.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    waiting: u32,
    count: u32,
}

impl Bits {
    /// The difference to the last block of its kind, then "nothing else in this block".
    fn block(&mut self, value: i32, last: &mut i32) {
        let difference = value - *last;
        *last = value;
        let size = 32 - difference.unsigned_abs().leading_zeros();
        if size == 0 {
            self.put(0, 1);
        } else {
            self.put(0b10000 + size - 1, 5);
            // Negative numbers are written one less, so that they begin with 0.
            let written = if difference < 0 { difference - 1 } else { difference };
            self.put(written as u32 & ((1 << size) - 1), size);
        }
        self.put(0, 1);
    }

    fn put(&mut self, bits: u32, count: u32) {
        self.waiting = self.waiting << count | bits;
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.waiting >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xff {
                self.bytes.push(0); // or it would look like a marker
            }
        }
        self.waiting &= (1 << self.count) - 1;
    }

    fn finish(mut self) -> Vec<u8> {
        self.put(0x7f, 7);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::enlarged;
    use crate::demo::portrait::Rgb;

    #[test]
    fn the_large_picture_looks_like_the_small_one() {
        let pixels = vec![200, 30, 40, 250, 250, 250, 20, 120, 60, 0, 0, 0];
        let file = enlarged(&Rgb { width: 2, height: 2, pixels }, 128, 64);
        let mut decoder = jpeg_decoder::Decoder::new(&file[..]);
        let large = decoder.decode().unwrap();
        let info = decoder.info().unwrap();
        assert_eq!((info.width, info.height), (128, 64));
        for (x, y, expected) in
            [(8, 8, [200, 30, 40]), (120, 8, [250, 250, 250]), (8, 60, [20, 120, 60]), (120, 60, [0; 3])]
        {
            let at = 3 * (y * 128 + x);
            let near = large[at..at + 3].iter().zip(expected).all(|(channel, wanted)| channel.abs_diff(wanted) < 4);
            assert!(near, "{:?} at {x}, {y} instead of {expected:?}", &large[at..at + 3]);
        }
    }
}
