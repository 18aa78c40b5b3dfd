//! Configurations in plain words, line by line.

use super::*;
use crate::access::trial;

#[test]
fn patterns_that_mean_one_text_are_said_in_words() {
    for (written, expected) in [
        ("!LtpaToken2=.*$", "has “LtpaToken2=” nowhere"),
        ("^10\\.1\\.2\\.3$", "is “10.1.2.3”"),
        ("!^10\\.1\\.", "does not begin with “10.1.”"),
        ("\\.jpg$", "ends with “.jpg”"),
        ("^10.1", "matches the pattern ^10.1"),
        ("!-f", "is no file"),
        ("=on", "is exactly “on”"),
        ("^$", "is empty"),
    ] {
        assert_eq!(pattern(written), expected, "{written}");
    }
    assert_eq!(subject("%{HTTP_COOKIE}"), "the cookie header");
}

/// A block as it is passed around: quotes of a word processor, the rule's target missing, the section not closed.
const PUBLISHED: &str = "<VirtualHost *:80>
DocumentRoot “/srv/photos”
RewriteEngine On
RewriteCond %{HTTP_COOKIE} !LtpaToken2=.*$ [NC]
RewriteCond %{HTTP_COOKIE} !STPluginActivePage=stMeetingroom [NC]
# Staff
RewriteCond %{REMOTE_ADDR} !^10\\.20\\.(1[6-9]|2[0-9])\\.
# Sametime Proxy
RewriteCond %{REMOTE_ADDR} !^192\\.168\\.50\\.14$ [NC]
RewriteRule ^(.*)$ [R,L]
</VirtualHost>
";

/// The same as it was meant.
const CORRECTED: &str = "<VirtualHost *:80>
ServerName photos.example.com
DocumentRoot \"/srv/photos\"
<Directory \"/srv/photos\">
    Options None
    AllowOverride None
    Require all granted
</Directory>
RewriteEngine On
RewriteCond %{HTTP_COOKIE} !LtpaToken2=.*$ [NC]
RewriteCond %{REMOTE_ADDR} !^10\\.20\\.(1[6-9]|2[0-9])\\.
RewriteCond %{REMOTE_ADDR} !^192\\.168\\.50\\.14$
RewriteRule ^(.*)$ https://www.example.com/ [R,L]
</VirtualHost>
";

fn explained(text: &str) -> Vec<String> {
    let loaded = trial::load(Level::V2_4_71, text, &trial::files(&[]));
    let line = |s: &Sentence| format!("{} {}{}", s.place.line, "  ".repeat(s.depth), s.text);
    explain(&loaded.tree, Level::V2_4_71).iter().map(line).collect()
}

#[test]
fn a_block_as_it_is_passed_around_says_what_it_really_does() {
    assert_eq!(
        explained(PUBLISHED),
        [
            "1 For requests that come to any address, port 80:",
            "2   files come from the folder “/srv/photos”, curly quotes included, which cannot exist as meant",
            "3   rewriting rules are used here",
            "4   If the cookie header has “LtpaToken2=” nowhere",
            "5   and the cookie header has “STPluginActivePage=stMeetingroom” nowhere",
            "7   and the client's address does not match the pattern ^10\\.20\\.(1[6-9]|2[0-9])\\.",
            "9   and the client's address is not “192.168.50.14”",
            "10   then every address becomes the file [R,L], because the target is missing: refused only by accident",
        ]
    );
}

#[test]
fn the_corrected_block_says_who_is_let_in() {
    assert_eq!(
        explained(CORRECTED),
        [
            "1 For requests that come to any address, port 80:",
            "2   its name is photos.example.com",
            "3   files come from the folder /srv/photos",
            "4   For files below /srv/photos:",
            "5     options of folders: None",
            "6     .htaccess files are not read",
            "7     everybody is let in",
            "9   rewriting rules are used here",
            "10   If the cookie header has “LtpaToken2=” nowhere",
            "11   and the client's address does not match the pattern ^10\\.20\\.(1[6-9]|2[0-9])\\.",
            "12   and the client's address is not “192.168.50.14”",
            "13   then the client is sent from every address to https://www.example.com/",
        ]
    );
}

#[test]
fn each_directive_that_changes_an_answer_has_its_sentence() {
    for (line, said) in [
        ("Redirect permanent /a http://o/", "the client is sent from addresses that begin with /a to http://o/"),
        ("Redirect gone /a", "addresses that begin with /a answer gone"),
        ("RedirectMatch ^/a http://o/", "the client is sent from addresses that match ^/a to http://o/"),
        ("Alias /a /srv/b", "addresses that begin with /a are files in /srv/b"),
        ("ErrorDocument 403 /no", "whoever gets status 403 is shown /no"),
        ("DirectoryIndex a.html b.html", "a folder's address shows a.html b.html"),
        ("RewriteRule ^/x - [F]", "an address that begins with “/x” is refused"),
        ("RewriteRule ^/x - [G]", "an address that begins with “/x” is said to be gone"),
        ("RewriteRule ^/x /y", "an address that begins with “/x” becomes /y"),
        ("RewriteRule ^/x http://o/ [P]", "an address that begins with “/x” is handed to http://o/"),
        ("RewriteRule ^/x - [L]", "an address that begins with “/x” stays as it is, and no later rule is looked at"),
        ("RewriteCond %{HTTP_HOST} a", "a condition that no rule follows does nothing"),
        ("<Directory /x>\nRequire ip 10\n</Directory>", "whoever comes from 10"),
        ("<Directory /x>\nRequire valid-user\n</Directory>", "whoever signs in with a known user and password"),
        ("<Directory /x>\nSatisfy any\n</Directory>", "it is enough to come from an allowed address or to sign in"),
    ] {
        let told = explained(line);
        assert!(
            told.last().is_some_and(|last| last.trim_start_matches(|c: char| c.is_ascii_digit()).contains(said)),
            "{line}: {told:?}"
        );
    }
}
