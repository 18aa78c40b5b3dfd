//! Addresses and paths as `mod_rewrite` handles them: schemes, escaping, query strings, prefixes.
//!
//! Not here: the rules that call for it ([`super::rules`], [`super::phases`]).

use bstr::ByteSlice;

use super::flags::Escape;
use crate::access::{escape, level::Level};

/// A scheme that makes an address absolute: its text, whether it has a query string, and the first level that knows it.
type Scheme = (&'static str, bool, Level);

const SCHEMES: [Scheme; 17] = [
    ("http://", true, Level::V2_2_8),
    ("https://", true, Level::V2_2_8),
    ("ftp://", false, Level::V2_2_8),
    ("ajp://", true, Level::V2_2_8),
    ("balancer://", true, Level::V2_2_8),
    ("gopher://", false, Level::V2_2_8),
    ("ldap://", false, Level::V2_2_8),
    ("mailto:", true, Level::V2_2_8),
    ("news:", false, Level::V2_2_8),
    ("nntp://", false, Level::V2_2_8),
    ("fcgi://", true, Level::V2_4_12),
    ("scgi://", true, Level::V2_4_12),
    ("ws://", true, Level::V2_4_12),
    ("wss://", true, Level::V2_4_12),
    ("h2://", true, Level::V2_4_71),
    ("h2c://", true, Level::V2_4_71),
    ("unix:", true, Level::V2_4_71),
];

/// An absolute address: how long its scheme is, and whether the scheme has query strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absolute {
    /// Bytes up to and with `://` or `:`.
    pub scheme: usize,
    /// Whether a `?` starts a query string.
    pub query: bool,
}

/// Whether `uri` starts with a scheme that `level` knows.
pub fn absolute(uri: &[u8], level: Level) -> Option<Absolute> {
    if uri.first() == Some(&b'/') || uri.len() <= 5 {
        return None;
    }
    // No scheme is longer than `balancer`, and most texts have none.
    uri.iter().take(9).position(|b| *b == b':')?;
    let (text, query, _) = SCHEMES.iter().find(|(text, _, since)| {
        level >= *since && uri.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()))
    })?;
    let slashes = if *text == "unix:" && uri[5..].starts_with(b"//") { 2 } else { 0 };
    Some(Absolute { scheme: text.len() + slashes, query: *query })
}

/// Appends an absolute address escaped behind its host.
pub fn escape_absolute(uri: &[u8], scheme: usize, level: Level, out: &mut Vec<u8>) {
    let mut start = scheme;
    let host_follows = uri.get(..scheme).is_some_and(|s| s.ends_with(b"/"));
    if host_follows {
        let Some(slash) = uri.get(scheme..).and_then(|rest| rest.find_byte(b'/')) else {
            return out.extend_from_slice(uri);
        };
        start = scheme + slash + 1;
    }
    let (head, path) = uri.split_at(start.min(uri.len()));
    out.extend_from_slice(head);
    if host_follows && uri.get(..4).is_some_and(|s| s.eq_ignore_ascii_case(b"ldap")) {
        // Its parts are separated by question marks, four at most.
        for (n, part) in path.splitn(5, |b| *b == b'?').enumerate() {
            if n > 0 {
                out.push(b'?');
            }
            escape::path_into(part, level, out);
        }
        return;
    }
    escape::path_into(path, level, out);
}

/// Appends a capture as the flag `B` wants it.
pub fn escape_capture(text: &[u8], how: &Escape, level: Level, out: &mut Vec<u8>) {
    for byte in text {
        let plain = byte.is_ascii_alphanumeric();
        if level == Level::V2_2_8 {
            // There `B` escapes as for one segment of a path.
            if plain || b"$-_.+!*'(),:@&=~".contains(byte) {
                out.push(*byte);
            } else {
                escape::byte(*byte, out);
            }
            continue;
        }
        let listed = how.only.as_ref().is_some_and(|only| only.contains(byte));
        let chosen = listed || if how.controls { matches!(byte, 0..=0x20 | 0x7f) } else { how.only.is_none() };
        let excepted = how.except.as_ref().is_some_and(|except| except.contains(byte));
        if !chosen || excepted || plain || *byte == b'_' {
            out.push(*byte);
        } else if *byte == b' ' && !how.no_plus {
            out.push(b'+');
        } else {
            escape::byte(*byte, out);
        }
    }
}

/// `text` with its percent escapes decoded; malformed ones stay, a NUL ends it (`ap_unescape_url` on a C string).
pub fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at).copied() {
        match escape::value(text, at + 1) {
            Some(0) if byte == b'%' => break,
            Some(value) if byte == b'%' => {
                out.push(value);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// Which flags say what becomes of the query string.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // One for each flag of a rule.
pub struct Query {
    /// `QSA`.
    pub append: bool,
    /// `QSD`.
    pub discard: bool,
    /// `QSL`.
    pub last: bool,
    /// The substitution ended in a bare `?`, or `QSD` without any (2.4.71): nothing is left, and nothing is split off.
    pub none: bool,
}

/// Splits the query string off `filename` (`splitout_queryargs`): the path, and the query string that the request has then.
pub fn split_query<'f>(
    filename: &'f [u8],
    args: Option<&[u8]>,
    how: Query,
    level: Level,
) -> (&'f [u8], Option<Vec<u8>>) {
    let scheme = absolute(filename, level);
    if how.none || scheme.is_some_and(|s| !s.query) {
        return (filename, None);
    }
    let args = args.filter(|_| !how.discard);
    let skip = scheme.map_or(0, |s| s.scheme);
    let rest = filename.get(skip..).unwrap_or_default();
    let mark = if how.last { rest.rfind_byte(b'?') } else { rest.find_byte(b'?') };
    let Some(mark) = mark else { return (filename, args.map(<[u8]>::to_vec)) };
    let query = &rest[mark + 1..];
    let mut new = if how.append && (level < Level::V2_4_71 || !query.is_empty()) {
        [query, b"&", args.unwrap_or_default()].concat()
    } else if how.append {
        args.unwrap_or_default().to_vec()
    } else {
        query.to_vec()
    };
    if new.is_empty() {
        return (&filename[..skip + mark], None);
    }
    if new.ends_with(b"&") {
        new.pop();
    }
    (&filename[..skip + mark], Some(new))
}

/// `path` with the leading `from` replaced by `to`, slashes between put right (`subst_prefix_path`); none when it does not
/// start so.
pub fn replace_prefix(path: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let rest = path.strip_prefix(from.strip_suffix(b"/").unwrap_or(from))?.strip_prefix(b"/")?;
    let mut out = to.to_vec();
    if !out.is_empty() && !out.ends_with(b"/") {
        out.push(b'/');
    }
    out.extend_from_slice(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::*;

    #[test]
    fn schemes_are_known_by_level() {
        let rows = [
            ("http://a/", V2_2_8, Some((7, true))),
            ("HTTPS://a/", V2_2_8, Some((8, true))),
            ("mailto:a@b", V2_2_8, Some((7, true))),
            ("ftp://a", V2_2_8, Some((6, false))),
            ("ws://a/", V2_2_34, None),
            ("ws://a/", V2_4_12, Some((5, true))),
            ("h2://a/", V2_4_12, None),
            ("unix:///a", V2_4_71, Some((7, true))),
            ("javascript:1", V2_4_71, None),
            ("//a/b", V2_4_71, None),
            ("ws://", V2_4_71, None),
        ];
        for (uri, level, expected) in rows {
            let expected = expected.map(|(scheme, query)| Absolute { scheme, query });
            assert_eq!(absolute(uri.as_bytes(), level), expected, "{uri} at {level}");
        }
    }

    #[test]
    fn addresses_are_escaped_behind_the_host() {
        let rows = [
            ("http://o/a b", V2_4_71, "http://o/a%20b"),
            ("http://o b", V2_4_71, "http://o b"),
            ("http://o/a?b#c", V2_4_71, "http://o/a%3fb%23c"),
            ("http://o/a;b=c,d", V2_4_71, "http://o/a;b=c,d"),
            ("http://o/a;b", V2_4_12, "http://o/a%3bb"),
            ("http://o/a;b", V2_2_34, "http://o/a;b"),
            ("http://o/a;b", V2_2_8, "http://o/a%3bb"),
            ("http://o/é", V2_4_71, "http://o/%c3%a9"),
            ("ldap://h/o=x y?cn?sub", V2_4_71, "ldap://h/o=x%20y?cn?sub"),
            ("mailto:a b@c", V2_4_71, "mailto:a%20b@c"),
        ];
        for (uri, level, expected) in rows {
            let scheme = absolute(uri.as_bytes(), level).unwrap().scheme;
            let mut out = Vec::new();
            escape_absolute(uri.as_bytes(), scheme, level, &mut out);
            assert_eq!(out.as_bstr(), expected, "{uri} at {level}");
        }
    }

    #[test]
    fn captures_are_escaped_as_the_flag_says() {
        let plain = Escape { on: true, ..Escape::default() };
        let rows = [
            (plain.clone(), V2_2_8, "x y/z&_", "x%20y%2fz&_"),
            (plain.clone(), V2_2_34, "x y/z&_", "x+y%2fz%26_"),
            (Escape { no_plus: true, ..plain.clone() }, V2_4_71, "x y", "x%20y"),
            (Escape { only: Some(" /&".into()), ..plain.clone() }, V2_4_71, "a b/c&d=e", "a+b%2fc%26d=e"),
            (Escape { except: Some("/".into()), ..plain.clone() }, V2_4_71, "a/b=", "a/b%3d"),
            (Escape { controls: true, ..plain.clone() }, V2_4_71, "a b/c\rd", "a+b/c%0dd"),
        ];
        for (how, level, text, expected) in rows {
            let mut out = Vec::new();
            escape_capture(text.as_bytes(), &how, level, &mut out);
            assert_eq!(out.as_bstr(), expected, "{how:?}");
        }
    }

    #[test]
    fn query_strings_are_split_off() {
        type Row<'a> = (&'a str, Option<&'a str>, Query, Level, &'a str, Option<&'a str>);
        let plain = Query::default();
        let append = Query { append: true, ..plain };
        let discard = Query { discard: true, ..plain };
        let last = Query { last: true, ..plain };
        let none = Query { none: true, ..plain };
        let rows: &[Row<'_>] = &[
            ("/a?k=1", Some("b=2"), plain, V2_4_71, "/a", Some("k=1")),
            ("/a", Some("b=2"), plain, V2_4_71, "/a", Some("b=2")),
            ("/a?", Some("b=2"), plain, V2_4_12, "/a", None),
            ("/a?k=1", Some("b=2"), append, V2_4_71, "/a", Some("k=1&b=2")),
            ("/a?k=1", None, append, V2_4_71, "/a", Some("k=1")),
            ("/a?", Some("b=2"), append, V2_4_12, "/a", Some("&b=2")),
            ("/a?", Some("b=2"), append, V2_4_71, "/a", Some("b=2")),
            ("/a", Some("b=2"), discard, V2_4_12, "/a", None),
            ("/a?k=1", Some("b=2"), discard, V2_4_12, "/a", Some("k=1")),
            ("/a?k=1?z=2", None, last, V2_4_71, "/a?k=1", Some("z=2")),
            ("/a?k=1?z=2", None, plain, V2_4_71, "/a", Some("k=1?z=2")),
            ("/a?b", Some("c"), none, V2_4_71, "/a?b", None),
            ("ftp://o/x?y", Some("c"), plain, V2_4_71, "ftp://o/x?y", None),
            ("/a?k&", None, plain, V2_4_71, "/a", Some("k")),
        ];
        for (filename, args, how, level, path, query) in rows {
            let got = split_query(filename.as_bytes(), args.map(str::as_bytes), *how, *level);
            assert_eq!(got, (path.as_bytes(), query.map(|q| q.as_bytes().to_vec())), "{filename} {how:?}");
        }
    }

    #[test]
    fn prefixes_are_replaced_on_a_slash() {
        let rows = [
            ("/srv/real/a", "/srv/real/", "/pub/", Some("/pub/a")),
            ("/srv/real/a", "/srv/real", "/pub", Some("/pub/a")),
            ("srv/real/a", "srv/real/", "pub/", Some("pub/a")),
            ("srv/real/a", "srv/real/", "", Some("a")),
            ("/srv/really/a", "/srv/real/", "/pub/", None),
            ("/srv/real", "/srv/real/", "/pub/", None),
        ];
        for (path, from, to, expected) in rows {
            let got = replace_prefix(path.as_bytes(), from.as_bytes(), to.as_bytes());
            assert_eq!(got.as_deref(), expected.map(str::as_bytes), "{path}");
        }
    }
}
