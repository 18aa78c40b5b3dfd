//! Addresses as `mod_alias` takes them apart and escapes them (`apr_uri_parse`, `ap_escape_uri`, `ap_is_url`).
//!
//! Not here: the target of a request line, and what `mod_rewrite` does with its results.

use bstr::{BString, ByteSlice};

use crate::access::{escape, level::Level};

/// Whether `text` starts with something like a scheme and a colon (`ap_is_url`).
pub fn is_url(text: &[u8]) -> bool {
    let scheme = text.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')).count();
    scheme > 0 && text.get(scheme) == Some(&b':')
}

/// `url` as a `RedirectMatch` sends it: everything but query and fragment escaped, a default port and a password gone.
pub fn escape_url(url: &[u8], level: Level) -> BString {
    let (authority, path) = split_authority(url);
    let (path, fragment) = cut(path, b'#');
    let (path, query) = cut(path, b'?');
    let mut plain = authority;
    plain.extend_from_slice(path);
    let mut escaped = escape::path(&plain, level);
    for (mark, part) in [(b'?', query), (b'#', fragment)] {
        if let Some(part) = part {
            escaped.push(mark);
            escaped.extend_from_slice(part);
        }
    }
    escaped
}

fn cut(text: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    match text.find_byte(at) {
        Some(place) => (&text[..place], text.get(place + 1..)),
        None => (text, None),
    }
}

/// Scheme, user, host and port as they are written again, and what comes after them; with a port that is no number, nothing
/// after it is kept.
fn split_authority(url: &[u8]) -> (BString, &[u8]) {
    let mut again = BString::default();
    let scheme = url.find_byteset(b":/?#").filter(|at| *at > 0 && url[*at..].starts_with(b"://"));
    let rest = match scheme {
        Some(at) => {
            again.extend_from_slice(&url[..at + 3]);
            &url[at + 3..]
        }
        None if url.starts_with(b"//") => {
            again.extend_from_slice(b"//");
            &url[2..]
        }
        None => return (again, url),
    };
    let end = rest.find_byteset(b"/?#").unwrap_or(rest.len());
    let (mut host, path) = rest.split_at(end);
    if let Some(at) = host.rfind_byte(b'@') {
        let (user, password) = cut(&host[..at], b':');
        again.extend_from_slice(user);
        if password.is_some() {
            again.extend_from_slice(b":XXXXXXXX");
        }
        again.push(b'@');
        host = &host[at + 1..];
    }
    let colon = host.rfind_byte(b':').filter(|colon| host.rfind_byte(b']').is_none_or(|bracket| bracket < *colon));
    let Some(colon) = colon else {
        again.extend_from_slice(host);
        return (again, path);
    };
    again.extend_from_slice(&host[..colon]);
    let port = &host[colon + 1..];
    if !port.iter().all(u8::is_ascii_digit) {
        return (again, b"");
    }
    let usual: &[u8] = match scheme.map(|at| url[..at].to_ascii_lowercase()).as_deref() {
        Some(b"http") => b"80",
        Some(b"https") => b"443",
        Some(b"ftp") => b"21",
        Some(b"ldap") => b"389",
        Some(b"ldaps") => b"636",
        _ => b"",
    };
    if !port.is_empty() && port != usual {
        again.push(b':');
        again.extend_from_slice(port);
    }
    (again, path)
}

/// How much of `uri` the prefix `fake` takes, counting each run of slashes as one (`alias_matches`); 0 when it does not match.
pub fn prefix(uri: &[u8], fake: &[u8]) -> usize {
    let slashes = |text: &[u8], from: usize| text.iter().skip(from).take_while(|b| **b == b'/').count();
    let (mut at, mut done) = (0, 0);
    while let Some(byte) = fake.get(done) {
        if *byte == b'/' {
            let run = slashes(uri, at);
            if run == 0 {
                return 0;
            }
            at += run;
            done += slashes(fake, done);
        } else if uri.get(at) == Some(byte) {
            at += 1;
            done += 1;
        } else {
            return 0;
        }
    }
    let whole = fake.ends_with(b"/") || matches!(uri.get(at), None | Some(b'/'));
    if whole { at } else { 0 }
}

/// `path` under `root` when it is relative, without `.`, `..` and repeated slashes (`ap_server_root_relative`); none when
/// it is relative and there is no root.
pub fn absolute(root: Option<&[u8]>, path: &[u8]) -> Option<BString> {
    let mut whole = BString::default();
    if !path.starts_with(b"/") {
        whole.extend_from_slice(root?);
        whole.push(b'/');
    }
    whole.extend_from_slice(path);
    let mut clean = BString::default();
    let segments = whole.split(|b| *b == b'/').skip(1);
    let last = segments.clone().count().saturating_sub(1);
    for (index, segment) in segments.enumerate() {
        match segment {
            b"" | b"." | b".." => {
                if segment == b".." {
                    // Above the root is the root.
                    let keep = clean.rfind_byte(b'/').unwrap_or(0);
                    clean.truncate(keep);
                }
                if index == last {
                    clean.push(b'/');
                }
            }
            _ => {
                clean.push(b'/');
                clean.extend_from_slice(segment);
            }
        }
    }
    Some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_at_a_slash_and_runs_of_slashes_count_as_one() {
        for (uri, fake, expected) in [
            ("/al/f.txt", "/al", 3),
            ("/al", "/al", 3),
            ("/alx", "/al", 0),
            ("/al//f", "/al/", 5),
            ("//al/f", "/al", 4),
            ("/al", "/al/", 0),
            ("/AL", "/al", 0),
            ("/a/b", "/a//b", 4),
            ("/x", "x", 0),
            ("/x/y", "/", 1),
        ] {
            assert_eq!(prefix(uri.as_bytes(), fake.as_bytes()), expected, "{uri} under {fake}");
        }
    }

    #[test]
    fn a_url_is_escaped_up_to_its_query() {
        for (url, expected) in [
            ("http://o.example/a b.png", "http://o.example/a%20b.png"),
            ("http://o.example/a?.png", "http://o.example/a?.png"),
            ("http://o:80/x#f?g", "http://o/x#f?g"),
            ("http://o:8080", "http://o:8080"),
            ("http://u:pw@o/x", "http://u:XXXXXXXX@o/x"),
            ("http://o:9x/y", "http://o"),
            ("/ee^;?^", "/ee%5e;?^"),
            ("//h/x", "//h/x"),
            ("#frag", "#frag"),
            ("http://[::1]:81/%", "http://%5b::1%5d:81/%25"),
        ] {
            assert_eq!(escape_url(url.as_bytes(), Level::V2_4_71), expected, "{url}");
        }
        assert_eq!(escape_url(b"a;b", Level::V2_4_12), "a%3bb");
        assert_eq!(escape_url(b"a;b", Level::V2_2_34), "a;b");
    }

    #[test]
    fn a_file_name_is_put_under_the_root_and_cleaned() {
        for (path, expected) in [
            ("/a//b/./c/../d", Some("/a/b/d")),
            ("www/sub", Some("/srv/httpd/www/sub")),
            ("/a/", Some("/a/")),
            ("/a/b/..", Some("/a/")),
            ("/", Some("/")),
            ("/../../tmp", Some("/tmp")),
        ] {
            assert_eq!(absolute(Some(b"/srv/httpd"), path.as_bytes()), expected.map(BString::from), "{path}");
        }
        assert_eq!(absolute(None, b"relative"), None);
    }

    #[test]
    fn a_scheme_makes_a_url() {
        for (text, expected) in
            [("http://x", true), ("mailto:x", true), (":x", false), ("/x:y", false), ("o.e/y", false)]
        {
            assert_eq!(is_url(text.as_bytes()), expected, "{text}");
        }
    }
}
