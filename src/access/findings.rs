//! What the server will not do with a text that came from Windows, a web page or a hurry: curly quotes, long dashes, hard spaces,
//! comments at line ends, missing targets. Each is read as the server reads it, and said.
//!
//! Not here: what is wrong with rules that are read as meant.

use bstr::{BStr, ByteSlice};

use super::{
    config::{lines::trim, words},
    rewrite,
};

/// One thing about one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line, from 1.
    pub line: u32,
    /// A sentence without full stop.
    pub text: String,
}

/// Characters that look like others, what they are called, and what they are not.
const LOOKALIKES: &[(&str, &str)] = &[
    ("\u{201c}", "a curly quote (“) is an ordinary character and part of the word, not a quote"),
    ("\u{201d}", "a curly quote (”) is an ordinary character and part of the word, not a quote"),
    ("\u{2018}", "a curly quote (‘) is an ordinary character and part of the word, not a quote"),
    ("\u{2019}", "a curly quote (’) is an ordinary character and part of the word, not a quote"),
    ("\u{2013}", "a long dash (–) is not the minus sign that it looks like"),
    ("\u{2014}", "a long dash (—) is not the minus sign that it looks like"),
    ("\u{a0}", "a hard space separates no words; it is part of the word it stands at"),
    ("\u{202f}", "a narrow hard space separates no words; it is part of the word it stands at"),
    ("\u{200b}", "a space without width, which nobody sees, is part of the word it stands at"),
];

/// Reads `text` line by line. Comments are passed over, but for those that swallow the next line.
pub fn findings(text: &[u8]) -> Vec<Finding> {
    let mut found = Vec::new();
    let bare = text.strip_prefix(b"\xef\xbb\xbf");
    if bare.is_some() {
        let text = "the byte-order mark before the first line becomes part of its first word".to_owned();
        found.push(Finding { line: 1, text });
    }
    for (number, line) in (1..).zip(bare.unwrap_or(text).lines()) {
        let mut say = |text: &str| found.push(Finding { line: number, text: text.to_owned() });
        let line = line.as_bstr();
        if trim(line).starts_with(b"#") {
            if line.ends_with(b"\\") {
                say("a backslash at the end of a comment makes the next line part of the comment");
            }
            continue;
        }
        of_line(line, &mut say);
    }
    found
}

fn of_line(line: &BStr, say: &mut dyn FnMut(&str)) {
    for (character, text) in LOOKALIKES {
        if line.contains_str(character) {
            say(text);
        }
    }
    if line.to_str().is_err() {
        say("there are bytes that are not UTF-8; they are compared one by one with those of the request");
    }
    if trim(line).ends_with(b"\\") && !line.ends_with(b"\\") {
        say("a blank follows the backslash, so the line does not go on in the next");
    }
    let (name, rest) = words::next(line);
    match name.to_ascii_lowercase().as_slice() {
        b"rewriterule" => {
            let words = rewrite::split(rest);
            if words.len() == 2 && words[1].starts_with(b"[") && words[1].ends_with(b"]") {
                say("the target is missing: what was meant as flags is the target, and there are no flags");
            }
        }
        b"documentroot" | b"<directory" | b"alias" | b"include" if rest.contains(&b'\\') => {
            say(
                "a backslash in a path protects the next character or is one of the name's; folders are written with /",
            );
        }
        _ => {}
    }
    // Patterns may well have such a sign in them.
    let pattern = name.to_ascii_lowercase().starts_with(b"rewrite") || name.eq_ignore_ascii_case(b"redirectmatch");
    if words::all(rest).iter().any(|word| word.starts_with(b"#")) && !pattern || rest.ends_with(b" #") {
        say("there are no comments at the end of a line: # and what follows are words of the directive");
    }
}

#[cfg(test)]
mod tests {
    use super::findings;

    #[test]
    fn what_copying_did_is_said_with_its_line() {
        let text = "\u{feff}# Sametime photos \\\nDocumentRoot “/opt/photos”\r\nRewriteRule ^(.*)$ [R,L]\n\
            Allow from all # everybody\nDocumentRoot C:\\photos\nRewriteCond %{HTTP_COOKIE} !x – y\nOrder\u{a0}allow,deny\n\
            RewriteCond a b \\ \nRewriteRule ^/a#b$ - [F]\n";
        let found: Vec<(u32, String)> = findings(text.as_bytes())
            .into_iter()
            .map(|f| (f.line, f.text.split_whitespace().take(4).collect::<Vec<_>>().join(" ")))
            .collect();
        let expected = [
            (1, "the byte-order mark before"),
            (1, "a backslash at the"),
            (2, "a curly quote (“)"),
            (2, "a curly quote (”)"),
            (3, "the target is missing:"),
            (4, "there are no comments"),
            (5, "a backslash in a"),
            (6, "a long dash (–)"),
            (7, "a hard space separates"),
            (8, "a blank follows the"),
        ];
        assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn a_plain_file_from_windows_needs_no_word() {
        assert_eq!(findings(b"ServerName a\r\nDocumentRoot \"/srv/www\""), []);
        assert_eq!(findings(b"ServerAdmin caf\xe9@example.com\n").len(), 1);
    }
}
