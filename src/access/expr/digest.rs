//! MD5, SHA-1 and base 64 as the server's functions and password files use them. Nothing here is meant to keep a secret.

use bstr::BString;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base 64, padded.
pub fn base64(bytes: &[u8]) -> BString {
    let mut text = BString::new(Vec::with_capacity(bytes.len().div_ceil(3) * 4));
    for chunk in bytes.chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (n, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let letter = LETTERS.get((group >> shift & 63) as usize).copied().unwrap_or(b'=');
            text.push(if n <= chunk.len() { letter } else { b'=' });
        }
    }
    text
}

/// What the letters of base 64 at the start of `text` stand for; the first other byte ends it (`apr_base64_decode`).
pub fn unbase64(text: &[u8]) -> BString {
    let six = |letter: &u8| LETTERS.iter().position(|l| l == letter).and_then(|n| u32::try_from(n).ok());
    let letters: Vec<u32> = text.iter().map_while(six).collect();
    let mut bytes = BString::new(Vec::with_capacity(letters.len() * 3 / 4));
    for chunk in letters.chunks(4) {
        let group = chunk.iter().enumerate().fold(0_u32, |g, (n, six)| g | six << (18 - 6 * n));
        let whole = [(group >> 16) as u8, (group >> 8) as u8, group as u8];
        bytes.extend_from_slice(whole.get(..chunk.len() - 1).unwrap_or_default());
    }
    bytes
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> BString {
    let digit = |n: u8| if n < 10 { b'0' + n } else { b'a' + n - 10 };
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect::<Vec<u8>>().into()
}

/// `bytes` in blocks of 64 with the length behind, as both digests want it.
fn padded(bytes: &[u8], length: [u8; 8]) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend_from_slice(&length);
    padded
}

/// A block as sixteen words.
fn words(block: &[u8], word: fn([u8; 4]) -> u32) -> [u32; 16] {
    let mut words = [0; 16];
    for (to, from) in words.iter_mut().zip(block.as_chunks::<4>().0) {
        *to = word(*from);
    }
    words
}

/// RFC 3174, with its names of the words.
#[allow(clippy::many_single_char_names, reason = "the standard names them so")]
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut state: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in padded(bytes, (bytes.len() as u64 * 8).to_be_bytes()).chunks(64) {
        // The last sixteen words of the schedule, in a ring.
        let mut ring = words(block, u32::from_be_bytes);
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for round in 0..80 {
            if round >= 16 {
                let at = |back: usize| ring[(round - back) % 16];
                ring[round % 16] = (at(3) ^ at(8) ^ at(14) ^ at(16)).rotate_left(1);
            }
            let (f, k) = match round / 20 {
                0 => (b & c | !b & d, 0x5a82_7999),
                1 => (b ^ c ^ d, 0x6ed9_eba1),
                2 => (b & c | b & d | c & d, 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6_u32),
            };
            let next = a.rotate_left(5).wrapping_add(f).wrapping_add(e).wrapping_add(k).wrapping_add(ring[round % 16]);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (sum, word) in state.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(word);
        }
    }
    let mut digest = [0; 20];
    for (to, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
    digest
}

/// RFC 1321, with its names of the words.
#[allow(clippy::many_single_char_names, reason = "the standard names them so")]
pub fn md5(bytes: &[u8]) -> [u8; 16] {
    const TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let mut state: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded(bytes, (bytes.len() as u64 * 8).to_le_bytes()).chunks(64) {
        let block = words(block, u32::from_le_bytes);
        let [mut a, mut b, mut c, mut d] = state;
        for round in 0..64_usize {
            let (f, word) = match round / 16 {
                0 => (b & c | !b & d, round),
                1 => (d & b | !d & c, (5 * round + 1) % 16),
                2 => (b ^ c ^ d, (3 * round + 5) % 16),
                _ => (c ^ (b | !d), 7 * round % 16),
            };
            let turn = TURNS[round / 16][round % 4];
            let sum = a.wrapping_add(f).wrapping_add(sine(round)).wrapping_add(block[word]);
            (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(turn)));
        }
        for (sum, word) in state.iter_mut().zip([a, b, c, d]) {
            *sum = sum.wrapping_add(word);
        }
    }
    let mut digest = [0; 16];
    for (to, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *to = word.to_le_bytes();
    }
    digest
}

/// The constant of an MD5 round: the integer part of 2³² times the sine of its number.
#[allow(clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "defined so: 0 ≤ |sin| × 2³² < 2³²")]
fn sine(round: usize) -> u32 {
    (((round + 1) as f64).sin().abs() * 4_294_967_296.0) as u32
}

/// Apache's own password digest (`$apr1$SALT$…`) of `password`, for comparing with a line of a password file.
pub fn apr1(password: &[u8], salt: &[u8]) -> BString {
    let inner = md5(&[password, salt, password].concat());
    let mut first = [password, b"$apr1$", salt].concat();
    first.extend(inner.iter().cycle().take(password.len()));
    let mut length = password.len();
    while length > 0 {
        first.push(if length & 1 == 1 { 0 } else { password.first().copied().unwrap_or(0) });
        length >>= 1;
    }
    let mut sum = md5(&first);
    let mut text = Vec::new();
    for round in 0..1000 {
        text.clear();
        text.extend_from_slice(if round % 2 == 1 { password } else { &sum });
        if round % 3 != 0 {
            text.extend_from_slice(salt);
        }
        if round % 7 != 0 {
            text.extend_from_slice(password);
        }
        text.extend_from_slice(if round % 2 == 1 { &sum } else { password });
        sum = md5(&text);
    }
    let mut digest = BString::from([b"$apr1$", salt, b"$"].concat());
    let mut put = |mut value: u32, count: usize| {
        for _ in 0..count {
            digest.push(b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(value & 63) as usize]);
            value >>= 6;
        }
    };
    for [a, b, c] in [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]] {
        put(u32::from(sum[a]) << 16 | u32::from(sum[b]) << 8 | u32::from(sum[c]), 4);
    }
    put(u32::from(sum[11]), 2);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standards() {
        for (text, md, sha) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("a", "0cc175b9c0f1b6a831c399e269772661", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ] {
            assert_eq!(hex(&md5(text.as_bytes())), md);
            assert_eq!(hex(&sha1(text.as_bytes())), sha);
        }
        let long = "x".repeat(200);
        assert_eq!(hex(&md5(long.as_bytes())), "30a83621ce5422fbdfdd539777458c78");
    }

    #[test]
    fn the_apache_digest_is_that_of_htpasswd() {
        // openssl passwd -apr1 -salt abcdefgh 123456
        assert_eq!(apr1(b"123456", b"abcdefgh"), "$apr1$abcdefgh$6LbQcMCxitqz7DTxoNR2s1");
    }

    #[test]
    fn base64_goes_there_and_back_and_stops_at_what_is_none() {
        for (plain, coded) in
            [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("jane:123456", "amFuZToxMjM0NTY=")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
            assert_eq!(unbase64(coded.as_bytes()), plain);
        }
        assert_eq!(unbase64(b"YWJj*YWJj"), "abc");
        assert_eq!(unbase64(b"Y"), "");
    }
}
