//! What a single `Require` of 2.4 asks for: all, ip, host, env, method, expr, user, group and so on.
//!
//! Not here: how several of them go together ([`super::require`]).

use bstr::{BStr, BString, ByteSlice};

use super::{files, methods::Methods};
use crate::access::{
    address::{Network, NotANetwork},
    config::{Spot, words},
    expr::{self, Captures, Expr},
    host_access::{host_name, in_domain, name_of},
    level::Level,
    record::Record,
    run::Run,
    source::Place,
    unknown::Unknown,
};

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) enum Provider {
    All(bool),
    Env(Vec<BString>),
    Method(Methods),
    Expr(Box<Expr>),
    Ip(Vec<Network>),
    Host(Names),
    Local,
    ForwardDns(Names),
    ValidUser,
    User(Names),
    Group(Names),
    /// The connection is TLS (`mod_ssl`).
    Tls,
    /// One that the server may know and this does not; with whether it asks for a user first.
    NotModelled(bool),
}

/// Names behind the word: fixed, or with variables in them.
#[derive(Clone, Debug)]
pub(super) enum Names {
    Fixed(Vec<BString>),
    Computed(Box<Expr>),
}

/// What comes out (`authz_status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Granted,
    Denied,
    /// Denied as long as nobody signed in.
    DeniedNoUser,
    Neutral,
    /// The server cannot tell; the request ends with 500.
    Error,
}

/// Providers of modules that are not simulated. Whether they are there is not known.
const OTHERS: &[&str] = &[
    "dbd-group",
    "dbd-login",
    "dbd-logout",
    "dbm-file-group",
    "dbm-group",
    "file-group",
    "file-owner",
    "ldap-attribute",
    "ldap-dn",
    "ldap-filter",
    "ldap-group",
    "ldap-search",
    "ldap-user",
    "ssl-verify-client",
    "unix-group",
];

impl Provider {
    /// What `name` asks for with the text behind it; case matters in the name.
    ///
    /// # Errors
    /// What is wrong, in the server's words.
    pub(super) fn named(spot: &Spot<'_>, name: &BStr, text: &[u8]) -> Result<Self, String> {
        Ok(match name.as_bytes() {
            b"all" if text.eq_ignore_ascii_case(b"granted") => Self::All(true),
            b"all" if text.eq_ignore_ascii_case(b"denied") => Self::All(false),
            b"all" => return Err("Argument for 'Require all' must be 'granted' or 'denied'".to_owned()),
            b"env" => Self::Env(words::all(text)),
            b"method" => {
                let mut methods = Methods::default();
                for word in words::all(text) {
                    if !methods.add(word.as_ref()) {
                        return Err(format!("Invalid Method '{word}'"));
                    }
                }
                Self::Method(methods)
            }
            b"expr" => Self::Expr(Box::new(condition(spot, text)?)),
            b"ip" => Self::Ip(networks(text)?),
            b"host" => Self::Host(Names::read(spot, text)?),
            b"forward-dns" if spot.level >= Level::V2_4_71 => Self::ForwardDns(Names::read(spot, text)?),
            b"local" => Self::Local,
            b"valid-user" => Self::ValidUser,
            b"user" => Self::User(Names::read(spot, text)?),
            b"group" => Self::Group(Names::read(spot, text)?),
            b"ssl" => Self::Tls,
            _ if OTHERS.iter().any(|other| *name == other.as_bytes()) => {
                Self::NotModelled(!matches!(name.as_bytes(), b"dbd-login" | b"dbd-logout" | b"ssl-verify-client"))
            }
            _ => return Err(format!("Unknown Authz provider: {name}")),
        })
    }

    /// Whether the request is what is asked for.
    ///
    /// # Errors
    /// When it depends on what is not given.
    pub(super) fn check(&self, run: &mut Run<'_>, record: &mut Record, place: Place) -> Result<Status, Unknown> {
        let granted = match self {
            Self::All(granted) => *granted,
            Self::Env(names) => names.iter().any(|name| record.env.get(name).is_some()),
            Self::Method(methods) => methods.contain(&record.method),
            Self::Expr(expr) => {
                return Ok(match expr.evaluate_alone(run, record).map_err(|why| at(place, why))? {
                    None => Status::Error,
                    Some(false) if expr.wants_user() => Status::DeniedNoUser,
                    Some(holds) => Status::from(holds),
                });
            }
            Self::Ip(networks) => networks.iter().any(|network| network.contains(record.client)),
            Self::Host(names) => host(names, run, record, place)?,
            Self::ForwardDns(names) => forward_dns(names, run, record, place)?,
            Self::Local => {
                let client = record.client.to_canonical();
                client.is_loopback() || client == run.request.server.to_canonical()
            }
            Self::Tls => run.request.tls,
            Self::NotModelled(true) if record.user.is_none() => return Ok(Status::DeniedNoUser),
            Self::NotModelled(_) => return Err(Unknown::at(place, "this requirement is not simulated")),
            Self::ValidUser | Self::User(_) | Self::Group(_) => {
                let Some(user) = record.user.as_ref() else { return Ok(Status::DeniedNoUser) };
                match self {
                    Self::User(names) => names.any(run, record, place, |name| *name == *user)?,
                    Self::Group(names) => {
                        let groups = files::groups_of(run, record, user)?.unwrap_or_default();
                        !groups.is_empty()
                            && names
                                .any(run, record, place, |name| groups.iter().any(|g| g.eq_ignore_ascii_case(name)))?
                    }
                    _ => true,
                }
            }
        };
        Ok(Status::from(granted))
    }

    /// What was compared, for the trace.
    pub(super) fn subject(&self, record: &Record) -> BString {
        match self {
            Self::Env(names) => {
                let set = |name: &&BString| record.env.get(name).is_some();
                names.iter().find(set).map_or("(none of them is set)".into(), |n| format!("{n} is set").into())
            }
            Self::Method(_) => record.method.clone(),
            Self::Host(_) => name_of(record),
            Self::ValidUser | Self::User(_) | Self::Group(_) => {
                record.user.clone().unwrap_or_else(|| "(no authenticated user yet)".into())
            }
            Self::Expr(_) => "".into(),
            _ => record.client.to_canonical().to_string().into(),
        }
    }
}

impl From<bool> for Status {
    fn from(granted: bool) -> Self {
        if granted { Self::Granted } else { Self::Denied }
    }
}

/// The reason, at a place unless it has one.
pub(super) fn at(place: Place, why: Unknown) -> Unknown {
    Unknown { place: why.place.or(Some(place)), reason: why.reason }
}

pub(super) fn options(spot: &Spot<'_>) -> expr::Options {
    expr::Options { restricted: false, htaccess: spot.htaccess, regex: spot.regex }
}

fn condition(spot: &Spot<'_>, text: &[u8]) -> Result<Expr, String> {
    // 2.4.12 does not take quotes away: what is in them is a string there, and no condition.
    let quoted = spot.level >= Level::V2_4_71 && text.starts_with(b"\"") && text.ends_with(b"\"");
    let text = if quoted { text.get(1..text.len() - 1).unwrap_or_default() } else { text };
    Expr::parse(text, options(spot), spot.level).map_err(|why| in_require_line(&why))
}

fn in_require_line(why: &str) -> String {
    format!("Cannot parse expression in require line: {why}")
}

fn networks(text: &[u8]) -> Result<Vec<Network>, String> {
    let words = words::all(text);
    if words.first().is_none_or(|first| first.is_empty()) {
        return Err("'require ip' requires an argument".to_owned());
    }
    // An empty word ends the list.
    let named = words.iter().take_while(|word| !word.is_empty());
    named
        .map(|word| {
            Network::of(word).map_err(|why| match why {
                NotANetwork::Name => format!("ip address '{word}' appears to be invalid"),
                _ => format!("ip address '{word}' appears to be invalid: {why}"),
            })
        })
        .collect()
}

impl Names {
    fn read(spot: &Spot<'_>, text: &[u8]) -> Result<Self, String> {
        let expr = Expr::parse_string(text, options(spot), spot.level).map_err(|why| in_require_line(&why))?;
        Ok(match expr.constant() {
            Some(text) => Self::Fixed(words::all(text)),
            None => Self::Computed(Box::new(expr)),
        })
    }

    /// Whether one of the names is meant. An empty word ends the list.
    fn any(
        &self,
        run: &Run<'_>,
        record: &Record,
        place: Place,
        mut meant: impl FnMut(&BString) -> bool,
    ) -> Result<bool, Unknown> {
        let mut among = |names: &[BString]| names.iter().take_while(|n| !n.is_empty()).any(&mut meant);
        match self {
            Self::Fixed(names) => Ok(among(names)),
            Self::Computed(expr) => {
                let text = expr.text(run, record, &Captures::default()).map_err(|why| at(place, why))?;
                Ok(among(&words::all(&text)))
            }
        }
    }
}

fn host(names: &Names, run: &mut Run<'_>, record: &mut Record, place: Place) -> Result<bool, Unknown> {
    let Some(host) = host_name(run, record, place)?.map(str::to_owned) else { return Ok(false) };
    let comments = run.policy.level >= Level::V2_4_71;
    let mut ended = false;
    let found = names.any(run, record, place, |name| {
        // Behind a `#` nothing counts.
        let end = name.find_byte(b'#').filter(|_| comments);
        let name = name.get(..end.unwrap_or(name.len())).unwrap_or_default();
        let counts = !ended && !name.is_empty();
        ended |= end.is_some();
        counts && in_domain(name, &host)
    })?;
    Ok(found)
}

fn forward_dns(names: &Names, run: &Run<'_>, record: &Record, place: Place) -> Result<bool, Unknown> {
    if run.world.names.is_none() {
        return Err(Unknown::at(place, "names are not looked up here"));
    }
    let client = record.client.to_canonical();
    let mut ended = false;
    names.any(run, record, place, |name| {
        let end = name.find_byte(b'#');
        let name = name.get(..end.unwrap_or(name.len())).unwrap_or_default();
        let counts = !ended;
        ended |= end.is_some();
        let address = name.to_str().ok().and_then(|n| n.parse::<std::net::IpAddr>().ok());
        let listed = || {
            let names = run.world.names.as_ref();
            names.and_then(|n| n.of.get(&client)).is_some_and(|n| n.as_bytes().eq_ignore_ascii_case(name))
        };
        counts && (address.is_some_and(|a| a.to_canonical() == client) || listed())
    })
}
