//! What configurations and requests have in common, so that one meets the other: paths, addresses, cookies, names.

use super::random::Random;

pub const FILES: [&str; 16] = [
    "/srv/www/index.html", "/srv/www/a.html", "/srv/www/b.html", "/srv/www/c.txt", "/srv/www/login.html",
    "/srv/www/denied.html", "/srv/www/jane.doe@example.com.jpg", "/srv/www/my photo.jpg", "/srv/www/photos/a.jpg",
    "/srv/www/photos/b.jpg", "/srv/www/private/secret.html", "/srv/www/sub/index.html", "/srv/www/sub/page.html",
    "/srv/www/sub/deep/x.html", "/srv/other/a.jpg", "/srv/other/page.html",
];
/// Request environment variables that configurations set and test.
pub const VARIABLES: [&str; 5] = ["A", "B", "C", "office", "bad"];
pub const HOSTS: [&str; 4] = ["www.example.com", "photos.example.com", "Photos.Example.Com", "other.example"];
pub const CLIENTS: [&str; 12] = [
    "203.0.113.9", "203.0.113.10", "10.1.2.3", "10.1.2.30", "10.1.200.1", "10.2.0.7", "10.12.0.1", "192.168.7.7",
    "198.51.100.66", "2001:db8:1::77", "2001:db8:2::5", "127.0.0.1",
];
pub const NETWORKS: [&str; 16] = [
    "10.1", "10.1.", "10.1.2.3", "10.0.0.0/8", "10.1.2.0/24", "10.1.0.0/255.255.0.0", "192.168", "203.0.113.0/28",
    "203.0.113.9/32", "198.51.100.66", "2001:db8:1::/48", "2001:db8:2::5", "10.1.2.3/16", "0.0.0.0/0", "127", "::/0",
];
pub const TARGETS: [&str; 44] = [
    "/", "/index.html", "/a.html", "/a.html", "/b.html", "/c.txt", "/login.html", "/denied.html", "/photos/a.jpg",
    "/photos/a.jpg", "/photos/b.jpg", "/photos/", "/photos", "/photos/none.jpg", "/private/secret.html", "/private/",
    "/sub/", "/sub", "/sub/page.html", "/sub/deep/x.html", "/sub/deep/", "/sub/deep", "/nope", "/nope/x",
    "/jane.doe@example.com.jpg", "/my%20photo.jpg", "/old", "/old/x", "/old/photos/a.jpg", "/al/page.html", "/al/a.jpg",
    "/al", "/a.html/more", "/%70hotos/a.jpg", "//photos//a.jpg", "/PHOTOS/a.jpg", "/photos/./b.jpg",
    "/sub/../photos/a.jpg", "/photos%2fa.jpg", "/caf%C3%A9.html", "/a%25b.html", "/photos/a.jpg%00", "/..", "/x%zz",
];
pub const QUERIES: [&str; 9] =
    ["", "", "x=1", "photo=a.jpg", "x=1&photo=b.jpg", "a%20b=c%26d", "q=10.1.2.3", "5", "next=http://o.example/?y"];
pub const COOKIES: [&str; 9] = [
    "LtpaToken2=abc", "LtpaToken=abc", "ltpatoken2=x", "XLtpaToken2=x", "LtpaToken2=", "a=1; LtpaToken2=abc; b=2",
    "STPluginActivePage=stMeetingroom", "sid=12345", "a=1",
];
pub const AGENTS: [&str; 6] =
    ["Mozilla/5.0 (X11; Linux)", "Sametime/9.0", "mozilla/4", "examplebot/1", "curl/8", "NICE"];

/// A pattern for the path of a request. Inside a directory the path has no slash in front.
pub fn path_pattern(random: &mut Random, bare: bool) -> String {
    let fixed = [
        "^(.*)$", "^/photos/", "^/photos/(.*)$", "\\.jpg$", "^/(photos|sub)/(.+)$", ".", "^", "^/([a-z]+)\\.(html|txt)$",
        "^/private", "^/sub/(deep/)?", "^/old(/.*)?$", "(.*)\\.html$", "^/$", "^/(?!photos|login)", "/([^/]+)$",
        "^/[ab]\\.html$", "^/sub", "^/nope", "a", "^/.*\\.(jpe?g|png)$", "^(/[^/]*){2}$", "^/PHOTOS", "photo", "^/al/(.*)",
        "^/\\w+/\\w\\.jpg$", "^/(.)(.*)$", "^/a\\.html(/.*)?$",
    ];
    let pattern = random.pick(&fixed);
    if !bare { pattern.to_owned() } else { pattern.replacen("^/", "^", 1).replacen("^(/", "^(", 1) }
}

/// Something to test, and a pattern that fits it about half of the time.
pub fn subject(random: &mut Random) -> (&'static str, &'static str) {
    let pairs = [
        ("%{HTTP_COOKIE}", "LtpaToken2="), ("%{HTTP_COOKIE}", "LtpaToken=.*$"), ("%{HTTP_COOKIE}", "^$"),
        ("%{HTTP_COOKIE}", "(^|;\\s*)sid=([^;]+)"), ("%{HTTP_COOKIE}", "STPluginActivePage=stMeetingroom"),
        ("%{HTTP_COOKIE}", "(?i)ltpatoken2?=(\\w+)"), ("%{HTTP:Cookie}", "a=(\\d)"), ("%{REMOTE_ADDR}", "^10\\.1\\."),
        ("%{REMOTE_ADDR}", "^10.1."), ("%{REMOTE_ADDR}", "10\\.1\\.2\\.3"), ("%{REMOTE_ADDR}", "^(10|192)\\.(\\d+)\\."),
        ("%{REMOTE_ADDR}", "^203\\.0\\.113\\.([0-9]|[1-9][0-9])$"), ("%{REMOTE_ADDR}", "^2001:db8:1:"),
        ("%{REMOTE_ADDR}", "^10\\.1\\.([0-9]|[1-9][0-9]|1([0-9][0-9])|2([0-4][0-9]|5[0-5]))\\."),
        ("%{REMOTE_ADDR}", ":"), ("%{HTTP_USER_AGENT}", "^Mozilla"), ("%{HTTP_USER_AGENT}", "(bot|crawler)"),
        ("%{HTTP_USER_AGENT}", "^Sametime/(\\d+)"), ("%{HTTP_USER_AGENT}", "^$"), ("%{HTTP_HOST}", "^www\\."),
        ("%{HTTP_HOST}", "^(.+)\\.example\\.com$"), ("%{HTTP_HOST}", "photos"), ("%{QUERY_STRING}", "^$"),
        ("%{QUERY_STRING}", "(^|&)photo=([^&]+)"), ("%{QUERY_STRING}", "x=1"), ("%{QUERY_STRING}", "%20"),
        ("%{REQUEST_METHOD}", "^(GET|HEAD)$"), ("%{REQUEST_METHOD}", "POST"), ("%{REQUEST_URI}", "^/photos/"),
        ("%{REQUEST_URI}", "^/login\\.html$"), ("%{REQUEST_URI}", "\\.(jpg|html)$"), ("%{REQUEST_URI}", "/(\\w+)\\.(\\w+)$"),
        ("%{THE_REQUEST}", "\\s/+photos"), ("%{THE_REQUEST}", "^\\S+ (\\S+) HTTP/1\\.1$"), ("%{HTTPS}", "on"),
        ("%{HTTPS}", "!=on"), ("%{SERVER_PORT}", "^80$"), ("%{SERVER_NAME}", "example\\.com$"), ("%{ENV:A}", "1"),
        ("%{ENV:office}", "."), ("%{ENV:bad}", "^$"), ("%{ENV:REDIRECT_STATUS}", "^$"), ("%{HTTP:X-Forwarded-For}", "^10\\."),
        ("%{SERVER_PROTOCOL}", "HTTP/1\\.0"), ("%{SERVER_ADDR}", "^192\\.0\\.2\\."), ("%{REMOTE_HOST}", "^10\\."),
        ("%{DOCUMENT_ROOT}", "^/srv/www"), ("%{REQUEST_FILENAME}", "photos"), ("%{HTTP_REFERER}", "^$"),
        ("%{REQUEST_SCHEME}", "^http$"), ("%{IS_SUBREQ}", "true"), ("%{CONN_REMOTE_ADDR}", "^10\\."),
        ("%{REMOTE_ADDR}|%{QUERY_STRING}", "^10\\.[^|]*\\|(.*)$"), ("%{IPV6}", "on"),
    ];
    random.pick(&pairs)
}

/// An expression of the 2.4 language that reads well.
pub fn expression(random: &mut Random, depth: usize) -> String {
    if depth > 0 && random.percent(35) {
        let (left, right) = (expression(random, depth - 1), expression(random, depth - 1));
        return match random.below(4) {
            0 => format!("{left} && {right}"),
            1 => format!("{left} || {right}"),
            2 => format!("({left} || {right}) && {left}"),
            _ => format!("!({left})"),
        };
    }
    let simple = [
        "%{REMOTE_ADDR} =~ /^10\\.1\\./", "-R '10.1.0.0/16'", "%{REMOTE_ADDR} -ipmatch '203.0.113.0/24'",
        "%{HTTP_COOKIE} =~ /LtpaToken2=[^;]+/", "%{HTTP_COOKIE} !~ /ltpatoken/i", "%{REQUEST_URI} =~ m#^/photos/#",
        "%{QUERY_STRING} == ''", "%{REQUEST_METHOD} in {'GET', 'HEAD'}", "reqenv('A') == '1'", "-n req('Cookie')",
        "-z %{HTTP_COOKIE}", "%{HTTP_HOST} == 'www.example.com'", "tolower(%{HTTP_USER_AGENT}) =~ /sametime/",
        "%{HTTPS} == 'off'", "%{QUERY_STRING} -eq 5", "%{QUERY_STRING} < 'm'", "%{REQUEST_URI} -strmatch '/photos/*'",
        "%{HTTP_USER_AGENT} -strcmatch 'mozilla*'", "-T reqenv('office')", "true", "false", "%{REMOTE_ADDR} != '127.0.0.1'",
        "%{HTTP_HOST} -strcmatch '*.EXAMPLE.com'", "-f '/srv/www/a.html'", "-d '/srv/www/nowhere'",
        "%{REQUEST_METHOD} == 'POST'", "req('X-Forwarded-For') == '10.1.2.3'", "%{QUERY_STRING} -lt 10",
        "%{REQUEST_URI} =~ /\\.(jpg|png)$/ && '$1' == 'jpg'", "'%{QUERY_STRING}' == 'x=1'", "toupper('ab') == 'AB'",
        "%{REMOTE_ADDR} in {'10.1.2.3','203.0.113.9'}", "%{SERVER_PORT} -eq 80", "%{SERVER_NAME} == 'www.example.com'",
    ];
    random.pick(&simple).to_owned()
}
