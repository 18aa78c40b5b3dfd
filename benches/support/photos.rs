//! What the benches of the access rules share: the virtual host of a photo server, requests to it, and a long configuration.
//!
//! Not here: measuring.

use std::fmt::Write;

use photodesk::access::{
    config::{load::load, read::Start},
    files::{Entry, Files},
    level::Level,
    policy::Policy,
    request::{Request, World},
};

/// The photo that is asked for.
const PHOTO: &str = "/opt/IBM/HTTPServer/photos/jane.doe@example.com.jpg";

/// Who may see photos: seven conditions and the rule that they belong to.
pub const CONDITIONS: [&str; 7] = [
    "%{HTTP_COOKIE} !LtpaToken2=.*$ [NC]",
    "%{HTTP_COOKIE} !LtpaToken=.*$ [NC]",
    "%{HTTP_COOKIE} !STPluginActivePage=stMeetingroom [NC]",
    r"%{REMOTE_ADDR} !^10\.20\.(1[6-9]|2[0-9]|3[0-1])\.([0-9]|[1-9][0-9]|1([0-9][0-9])|2([0-4][0-9]|5[0-5]))$",
    r"%{REMOTE_ADDR} !^10\.44\.([8-9]|1[0-1])\.([0-9]|[1-9][0-9]|1([0-9][0-9])|2([0-4][0-9]|5[0-5]))$",
    r"%{REMOTE_ADDR} !^172\.20\.(6[4-9]|7[0-9]|8[0-9]|9[0-5])\.([0-9]|[1-9][0-9]|1([0-9][0-9])|2([0-4][0-9]|5[0-5]))$",
    r"%{REMOTE_ADDR} !^192\.168\.50\.14$",
];

/// Passes none of the conditions: all are looked at, and the client is sent elsewhere.
pub const OUTSIDER: &str = "203.0.113.9";
/// Passes the last condition only: all are looked at, and the photo is sent.
pub const PROXY: &str = "192.168.50.14";

/// The virtual host with these conditions.
pub fn virtual_host(level: Level, conditions: &[&str]) -> String {
    let (names, open) = if level.is_24() {
        ("", "Require all granted")
    } else {
        ("NameVirtualHost *:80\n", "Order allow,deny\n    Allow from all")
    };
    let mut text = format!(
        "Listen 80\n{names}<VirtualHost *:80>\nServerName photos.corp.example\nDocumentRoot \"/opt/IBM/HTTPServer/photos\"\n\
         <Directory \"/opt/IBM/HTTPServer/photos\">\n    Options None\n    AllowOverride None\n    {open}\n</Directory>\n\
         RewriteEngine On\n"
    );
    for condition in conditions {
        writeln!(text, "RewriteCond {condition}").unwrap();
    }
    text + "RewriteRule ^(.*)$ https://www.corp.example/ [R,L]\n</VirtualHost>\n"
}

/// A list with the photo in it, or "every photo is there".
pub fn world(listed: bool) -> World {
    let files = if listed { std::iter::once((PHOTO.into(), Entry::default())).collect() } else { Files::EveryPhoto };
    World { files, ..World::default() }
}

/// What `text` means at `level`.
pub fn policy(level: Level, world: &World, text: &str) -> Policy {
    load(&Start::new(level), &world.files, b"", "httpd.conf", text.as_bytes()).policy.unwrap()
}

/// A browser's request for the photo.
pub fn request(client: &str) -> Request {
    let mut request = Request::get(client.parse().unwrap(), "photos.corp.example", "/jane.doe@example.com.jpg");
    for (name, value) in [
        ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        ("Accept", "image/avif,image/webp,*/*"),
        ("Cookie", "JSESSIONID=0000Yq3mB8v; lang=en"),
    ] {
        request.headers.push((name.into(), value.into()));
    }
    request
}

/// A configuration of so many lines, ten a site: a comment, a section, conditions and a rule.
#[allow(dead_code, reason = "one of the benches has no use for it")]
pub fn long(lines: usize) -> String {
    let mut text = String::from("Listen 80\nRewriteEngine On\n");
    for site in 0..lines / 10 {
        let (high, low) = (site / 250, site % 250);
        write!(
            text,
            "# Site {site}: who may see what\n<Directory \"/srv/www/site{site}\">\n    Options None\n    AllowOverride None\n    \
             Require ip 10.{high}.{low}.0/24\n</Directory>\nRewriteCond %{{REMOTE_ADDR}} !^10\\.{high}\\.{low}\\.([0-9]|[1-9][0-9])$\n\
             RewriteCond %{{HTTP_COOKIE}} !LtpaToken{site}=.*$ [NC]\nRewriteRule ^/site{site}/(.*)$ https://www.example.com/$1 [R,L]\n\n"
        )
        .unwrap();
    }
    text
}
