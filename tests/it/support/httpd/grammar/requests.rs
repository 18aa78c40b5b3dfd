//! Requests that meet the made-up configurations.

use std::net::{IpAddr, Ipv4Addr};

use super::{super::case::Request, random::Random, words};

/// So many requests of all sorts.
pub fn requests(random: &mut Random, often: usize) -> Vec<Request> {
    (0..often).map(|_request| request(random)).collect()
}

fn request(random: &mut Random) -> Request {
    let client: IpAddr = random.pick(&words::CLIENTS).parse().expect("the addresses are written well");
    let elsewhere = (client.is_ipv4() && random.percent(6)).then_some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 20)));
    let mut target = random.pick(&words::TARGETS).to_owned();
    if random.percent(40) {
        let query = random.pick(&words::QUERIES);
        target = format!("{target}?{query}");
    }
    let mut host = Some(if random.percent(70) { "www.example.com" } else { random.pick(&words::HOSTS) }.to_owned());
    let mut http = None;
    if random.percent(4) {
        http = Some("1.0".to_owned());
        host = host.filter(|_| random.percent(50));
    } else if random.percent(3) {
        let odd = ["photos.example.com:8080", "www.example.com.", "", "a b", "192.0.2.10"];
        host = Some(random.pick(&odd).to_owned()).filter(|_| random.percent(80));
    }
    if random.percent(2) {
        target = format!("http://photos.example.com{target}");
    }
    let headers = headers(random);
    let method = match random.below(20) {
        0 => "POST",
        1 => "HEAD",
        2 => random.pick(&["OPTIONS", "PUT", "DELETE"]),
        _ => "GET",
    };
    let body = matches!(method, "POST" | "PUT").then(|| "x".to_owned());
    Request {
        client,
        method: method.to_owned(),
        target,
        host,
        headers,
        port: None,
        server_ip: elsewhere,
        http,
        body,
        tls: false,
    }
}

fn headers(random: &mut Random) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    if random.percent(45) {
        headers.push(("Cookie".to_owned(), random.pick(&words::COOKIES).to_owned()));
        if random.percent(8) {
            headers.push(("Cookie".to_owned(), random.pick(&words::COOKIES).to_owned()));
        }
    }
    if random.percent(35) {
        headers.push(("User-Agent".to_owned(), random.pick(&words::AGENTS).to_owned()));
    }
    if random.percent(8) {
        let list = random.pick(&[
            "10.1.2.3",
            "198.51.100.66, 10.1.2.3",
            "unknown",
            "10.1.2.3, 203.0.113.10",
            "2001:db8:1::77",
        ]);
        headers.push(("X-Forwarded-For".to_owned(), list.to_owned()));
    }
    if random.percent(15) {
        // jane:123456, john:123456, jane:x, and no credentials at all.
        let sent = random.pick(&["Basic amFuZToxMjM0NTY=", "Basic am9objoxMjM0NTY=", "Basic amFuZTp4", "Bearer abc"]);
        headers.push(("Authorization".to_owned(), sent.to_owned()));
    }
    if random.percent(4) {
        headers.push(("Referer".to_owned(), "http://www.example.com/".to_owned()));
    }
    headers
}
