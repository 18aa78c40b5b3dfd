//! Loading 100,000 people from a real OpenLDAP server, in turns with `ldapsearch`: same filter, attributes and paging.
//! Fails when ours takes longer, or when the first rows come after 5 % of the load.
//!
//! `cargo bench --bench load`, with slapd and ldap-utils installed.

#![expect(clippy::unwrap_used, reason = "as in a test: what is not as it should be ends it")]
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

#[path = "../tests/it/support"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod support {
    pub mod certs;
    pub mod slapd;
}

use std::{
    ops::ControlFlow,
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use photodesk::{
    model::{AttributeNames, Credentials, Dn},
    net::ldap::{ListEnd, PeopleQuery, Session},
};
use support::slapd::{SUFFIX, Setup, Slapd};

const PEOPLE: usize = 100_000;
const ROUNDS: usize = 9;
const PAGE: u32 = 1000;
const FILTER: &str = "(objectClass=inetOrgPerson)";
const ATTRIBUTES: [&str; 3] = ["cn", "mail", "photoURL"];

fn main() -> ExitCode {
    let Some(slapd) = Slapd::start(&Setup { people: PEOPLE, ..Setup::default() }) else { return ExitCode::SUCCESS };
    let session = Session::new(slapd.target(), Credentials::Anonymous);
    // Each goes once uncounted, so that neither pays for the server's cold cache.
    ldapsearch(&slapd);
    ours(&session);
    let (mut theirs, mut whole, mut first) = (Vec::new(), Vec::new(), Vec::new());
    for _round in 0..ROUNDS {
        theirs.push(ldapsearch(&slapd));
        let (all, beginning) = ours(&session);
        whole.push(all);
        first.push(beginning);
    }
    let (theirs, whole, first) = (median(theirs), median(whole), median(first));
    let ratio = whole.as_secs_f64() / theirs.as_secs_f64();
    let share = first.as_secs_f64() / whole.as_secs_f64();
    println!("{PEOPLE} people, pages of {PAGE}, median of {ROUNDS} in turns");
    println!("ldapsearch        {:>8.3} s", theirs.as_secs_f64());
    println!("Photodesk         {:>8.3} s   {ratio:.2} of ldapsearch", whole.as_secs_f64());
    println!("first row after   {:>8.3} s   {:.1} % of the load", first.as_secs_f64(), 100.0 * share);
    if ratio <= 1.0 && share <= 0.05 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The whole time of `ldapsearch`, its output thrown away.
fn ldapsearch(slapd: &Slapd) -> Duration {
    let begun = Instant::now();
    let status = Command::new("ldapsearch")
        .args(["-x", "-LLL", "-H", &format!("ldap://127.0.0.1:{}", slapd.port), "-b", SUFFIX])
        .args(["-E", &format!("pr={PAGE}/noprompt"), FILTER])
        .args(ATTRIBUTES)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "ldapsearch: {status}");
    begun.elapsed()
}

/// The whole time, connecting included, and the time to the first row.
fn ours(session: &Session) -> (Duration, Duration) {
    let name = |at: usize| Some(ATTRIBUTES[at].to_owned());
    let query = PeopleQuery {
        base: Dn::new(SUFFIX),
        filter: FILTER.to_owned(),
        attributes: AttributeNames {
            name: name(0),
            mail: name(1),
            photo_url: name(2),
            account: None,
            image_path: None,
        },
        changed: false,
        page_size: PAGE,
    };
    let (mut count, mut bytes, mut first) = (0, 0, None);
    let begun = Instant::now();
    let listing = session.list_people(&query, &mut |person| {
        first.get_or_insert_with(|| begun.elapsed());
        count += 1;
        bytes += person.name.len() + person.mail.len() + person.photo_url.len();
        ControlFlow::Continue(())
    });
    let whole = begun.elapsed();
    assert_eq!((listing.unwrap().end, count), (ListEnd::Complete, PEOPLE));
    assert!(bytes > 0);
    (whole, first.unwrap())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
