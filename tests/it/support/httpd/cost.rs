//! What access rules cost the real server: its processor time a request, with and without them.
//!
//! One process, one keep-alive connection, a file of 4 KiB. Not here: what they cost the policy engine (the benches).

use std::{
    fs, io,
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use super::{
    case::Case,
    client::connect_from,
    server::{Options, Server, lay_out},
};

/// The virtual host of a photo server: seven conditions, one rule. The client here passes six of them and fails the
/// last, so that all are evaluated and the photo is still served.
pub const RULES: &str = r"RewriteEngine On
RewriteCond %{HTTP_COOKIE} !LtpaToken2=.*$ [NC]
RewriteCond %{HTTP_COOKIE} !LtpaToken=.*$ [NC]
RewriteCond %{HTTP_COOKIE} !STPluginActivePage=stMeetingroom [NC]
RewriteCond %{REMOTE_ADDR} !^10\.20\.(1[0-9]|2[0-9])\.([0-9]|[1-9][0-9]|1([0-9][0-9])|2([0-4][0-9]|5[0-5]))$
RewriteCond %{REMOTE_ADDR} !^10\.30\.(1[0-9]|2[0-9])\.([0-9]|[1-9][0-9]|1([0-9][0-9])|2([0-4][0-9]|5[0-5]))$
RewriteCond %{REMOTE_ADDR} !^10\.40\.(1[0-9]|2[0-9])\.([0-9]|[1-9][0-9]|1([0-9][0-9])|2([0-4][0-9]|5[0-5]))$
RewriteCond %{REMOTE_ADDR} !^10\.50\.60\.70$ [NC]
RewriteRule ^(.*)$ https://login.example.com/ [R,L]
";

const ROUNDS: u32 = 10;

/// Processor time of the server process for one request of `/photo.jpg`, with these lines inside the virtual host.
///
/// # Errors
///
/// Not inside a bed, or the server does not answer as it should.
pub fn per_request(lines: &str, requests: u32) -> io::Result<Duration> {
    let case = Case {
        config: format!(
            "<VirtualHost *:80>\nServerName www.example.com\nDocumentRoot /srv/www\n{lines}</VirtualHost>\n"
        ),
        files: [("/srv/www/photo.jpg".to_owned(), "x".repeat(4096).into())].into_iter().collect(),
        ..Case::default()
    };
    lay_out(&case)?;
    let server = Server::start(&case, Options { keep_alive: true, trace: false })?
        .map_err(|why| io::Error::other(format!("{why:?}")))?;
    let to = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10)), 80);
    let mut stream = connect_from(IpAddr::V4(Ipv4Addr::new(10, 50, 60, 70)), to)?;
    // The least of several rounds: whatever else the machine does only adds. The first one warms up.
    let round = requests / ROUNDS + 1;
    let mut least = Duration::MAX;
    for _round in 0..=ROUNDS {
        let before = processor_time(server.id())?;
        for _request in 0..round {
            once(&mut stream)?;
        }
        least = least.min(processor_time(server.id())?.saturating_sub(before) / round);
    }
    Ok(least)
}

fn once(stream: &mut (impl Read + Write)) -> io::Result<()> {
    stream.write_all(b"GET /photo.jpg HTTP/1.1\r\nHost: www.example.com\r\nCookie: JSESSIONID=0000abc\r\n\r\n")?;
    let mut received = Vec::with_capacity(8192);
    let mut piece = [0_u8; 8192];
    loop {
        let read = stream.read(&mut piece)?;
        received.extend_from_slice(piece.get(..read).unwrap_or_default());
        let head = received.windows(4).position(|window| window == b"\r\n\r\n");
        if head.is_some_and(|end| received.len() >= end + 4 + 4096) {
            break;
        }
        if read == 0 {
            return Err(io::Error::other("the connection was closed"));
        }
    }
    if received.starts_with(b"HTTP/1.1 200 ") { Ok(()) } else { Err(io::Error::other("not the file")) }
}

/// Time on a processor of a process so far: the first number of its `schedstat`, in nanoseconds.
fn processor_time(process: u32) -> io::Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{process}/schedstat"))?;
    let first = text.split_ascii_whitespace().next().and_then(|number| number.parse().ok());
    first.map(Duration::from_nanos).ok_or_else(|| io::Error::other("no processor time"))
}
