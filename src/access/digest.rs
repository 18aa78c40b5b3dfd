//! Digests and base 64 as the server's functions and password files use them: what is the server's own about them.
//!
//! Nothing here is meant to keep a secret. Not here: the algorithms themselves, which are crates'.

use std::sync::LazyLock;

use bstr::{BString, ByteSlice};
use data_encoding::{BASE64, BASE64_NOPAD, Encoding, HEXLOWER};
use md5::Md5;
use sha1::{Digest, Sha1};

/// The most rounds of bcrypt that are worth waiting for, as the power of two that the stored password names.
const COSTLIEST: u32 = 12;

/// Base 64 without padding, whatever the last letter's unused bits are.
static LOOSE: LazyLock<Encoding> = LazyLock::new(|| {
    let mut loose = BASE64_NOPAD.specification();
    loose.check_trailing_bits = false;
    loose.encoding().unwrap_or(BASE64_NOPAD)
});

/// Base 64, padded.
pub fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// What the letters of base 64 at the start of `text` stand for; the first other byte ends it (`apr_base64_decode`).
pub fn unbase64(text: &[u8]) -> Vec<u8> {
    let is_letter = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let letters = text.iter().take_while(|b| is_letter(b)).count();
    // One letter alone is not yet a byte.
    let whole = if letters % 4 == 1 { letters - 1 } else { letters };
    LOOSE.decode(&text[..whole]).unwrap_or_default()
}

/// Lower-case hexadecimal of the SHA-1 digest.
pub fn sha1_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha1::digest(bytes))
}

/// Lower-case hexadecimal of the MD5 digest.
pub fn md5_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Md5::digest(bytes))
}

/// A password as `{SHA}` keeps it, without that word.
pub fn sha(password: &[u8]) -> String {
    BASE64.encode(&Sha1::digest(password))
}

/// Whether `password` is the one that bcrypt made `stored` of; none when that cannot be told, or takes too long.
pub fn is_bcrypt(password: &[u8], stored: &[u8]) -> Option<bool> {
    let stored = stored.to_str().ok()?;
    let cost: u32 = stored.split('$').nth(2)?.parse().ok()?;
    if cost > COSTLIEST {
        return None;
    }
    bcrypt::verify(password, stored).ok()
}

/// Apache's own password digest (`$apr1$SALT$…`) of `password`, for comparing with a line of a password file.
///
/// Ours, because the crates that know it (`pwhash`, `htpasswd-verify`) rest on digests that are kept no longer.
pub fn apr1(password: &[u8], salt: &[u8]) -> BString {
    let md5 = |text: &[u8]| -> [u8; 16] { Md5::digest(text).into() };
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
    fn digests_are_written_in_lower_case() {
        assert_eq!(md5_hex(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(sha1_hex(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(sha(b"123456"), "fEqNCco3Yq9h5ZUglD3CZJT4lBs=");
    }

    #[test]
    fn bcrypt_passwords_are_compared_unless_it_takes_too_long() {
        let stored = |cost: &str| format!("$2y${cost}$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq");
        assert_eq!(is_bcrypt(b"rasmuslerdorf", stored("07").as_bytes()), Some(true));
        assert_eq!(is_bcrypt(b"rasmuslerdorfer", stored("07").as_bytes()), Some(false));
        assert_eq!(is_bcrypt(b"rasmuslerdorf", stored("13").as_bytes()), None);
        assert_eq!(is_bcrypt(b"x", b"$2y$07$short"), None);
        assert_eq!(is_bcrypt(b"x", b"$2y$"), None);
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
            assert_eq!(unbase64(coded.as_bytes()).as_bstr(), plain);
        }
        for (text, plain) in [("YWJj*YWJj", "abc"), ("Y", ""), ("YWJjY", "abc"), ("YR", "a"), ("YWK=", "ab")] {
            assert_eq!(unbase64(text.as_bytes()).as_bstr(), plain, "{text}");
        }
    }
}
