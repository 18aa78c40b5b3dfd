//! Order, Allow, Deny and Satisfy: the access rules of 2.2, and `mod_access_compat` of 2.4.
//!
//! Not here: users and passwords, and `Require` ([`super::authz`]).

use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::{
    address::{Network, NotANetwork},
    config::{Limit, Spot, words::Args},
    level::Level,
    record::{Flow, Record},
    run::Run,
    source::Place,
    trace::Event,
    unknown::Unknown,
};

/// What a section was told.
#[derive(Clone, Debug, Default)]
pub struct Dir {
    orders: Vec<(Option<Limit>, Order)>,
    satisfies: Vec<(Option<Limit>, Satisfy)>,
    allows: Arc<Vec<Entry>>,
    denies: Arc<Vec<Entry>>,
    /// Whether any of Order, Allow and Deny is among it.
    lists: bool,
}

/// Which list has the last word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    DenyAllow,
    AllowDeny,
    MutualFailure,
}

/// Whether access rules and a password are both needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Satisfy {
    /// Not said: all.
    #[default]
    Unsaid,
    /// Both.
    All,
    /// One of them.
    Any,
}

/// One thing that a list names.
#[derive(Clone, Debug)]
struct Entry {
    who: Who,
    /// As written, without `from`.
    text: BString,
    limit: Option<Limit>,
    place: Place,
}

#[derive(Clone, Debug)]
enum Who {
    All,
    Env(BString),
    NoEnv(BString),
    Network(Network),
    Host(BString),
}

impl Dir {
    /// Takes in a directive; `name` is lower case.
    ///
    /// `Order` and `Satisfy` take one word. `Allow` and `Deny` take `from` and one word or more; all of them may be in
    /// [`Args::words`] (ITERATE2).
    ///
    /// # Errors
    /// What is wrong, in the server's words.
    pub fn directive(&mut self, spot: &Spot<'_>, name: &str, args: Args<'_>) -> Result<(), String> {
        let limit = || spot.limit.cloned();
        match name {
            "order" => {
                self.lists = true;
                let order = Order::named(args.word(0)).ok_or("unknown order")?;
                self.orders.push((limit(), order));
                Ok(())
            }
            "satisfy" => {
                let how = match args.word(0).to_ascii_lowercase().as_slice() {
                    b"all" => Satisfy::All,
                    b"any" => Satisfy::Any,
                    _ => return Err("Satisfy either 'any' or 'all'.".to_owned()),
                };
                self.satisfies.push((limit(), how));
                Ok(())
            }
            "allow" | "deny" => {
                self.lists = true;
                if !args.word(0).eq_ignore_ascii_case(b"from") {
                    return Err("allow and deny must be followed by 'from'".to_owned());
                }
                let list = if name == "allow" { &mut self.allows } else { &mut self.denies };
                let list = Arc::make_mut(list);
                for word in args.words.iter().skip(1) {
                    let who = Who::named(word.as_bstr(), spot.level)?;
                    list.push(Entry { who, text: word.clone(), limit: limit(), place: spot.place });
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// `inner` on top of this.
    ///
    /// The three lists are replaced as a whole. `Satisfy` belongs to core in 2.2, and to the same module as they in 2.4:
    /// there it replaces them too.
    pub fn merge(&self, inner: &Self, level: Level) -> Self {
        if level.is_24() {
            return inner.clone();
        }
        let mut merged = if inner.lists { inner.clone() } else { self.clone() };
        merged.satisfies = self.satisfies.iter().chain(&inner.satisfies).cloned().collect();
        merged
    }

    /// What `Satisfy` says for a method.
    pub fn satisfy(&self, method: &[u8]) -> Satisfy {
        last_for(&self.satisfies, method).unwrap_or_default()
    }
}

/// `Satisfy` for the request.
pub fn satisfy(record: &Record) -> Satisfy {
    record.dir.host_access.as_ref().map_or(Satisfy::Unsaid, |dir| dir.satisfy(&record.method))
}

/// The last value that is for the method.
fn last_for<T: Copy>(values: &[(Option<Limit>, T)], method: &[u8]) -> Option<T> {
    let covers = |limit: &Option<Limit>| limit.as_ref().is_none_or(|l| l.covers(method));
    values.iter().rev().find(|(limit, _)| covers(limit)).map(|(_, value)| *value)
}

impl Order {
    fn named(text: &[u8]) -> Option<Self> {
        match text.to_ascii_lowercase().as_slice() {
            b"allow,deny" => Some(Self::AllowDeny),
            b"deny,allow" => Some(Self::DenyAllow),
            b"mutual-failure" => Some(Self::MutualFailure),
            _ => None,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::AllowDeny => "Order allow,deny",
            Self::DenyAllow => "Order deny,allow",
            Self::MutualFailure => "Order mutual-failure",
        }
    }
}

impl Who {
    fn named(text: &BStr, level: Level) -> Result<Self, String> {
        let after = |start: &str| {
            let (head, rest) = text.split_at_checked(start.len())?;
            head.eq_ignore_ascii_case(start.as_bytes()).then(|| BString::from(rest))
        };
        // 2.2.8 does not know the exclamation mark: it is part of the name there.
        if level > Level::V2_2_8
            && let Some(name) = after("env=!")
        {
            return Ok(Self::NoEnv(name));
        }
        if let Some(name) = after("env=") {
            return Ok(Self::Env(name));
        }
        if text.eq_ignore_ascii_case(b"all") {
            return Ok(Self::All);
        }
        match Network::of(text) {
            Ok(network) => Ok(Self::Network(network)),
            Err(NotANetwork::Name) if text.contains(&b'/') => Err("An IP address was expected".to_owned()),
            Err(NotANetwork::Name) if level >= Level::V2_4_71 && text.contains(&b'#') => {
                Err("No comments are allowed here".to_owned())
            }
            Err(NotANetwork::Name) => Ok(Self::Host(text.into())),
            Err(why) => Err(why.to_string()),
        }
    }
}

/// The phase `access_checker`: a 403, or nothing against it.
///
/// # Errors
/// When a name has to be looked up and names are not simulated.
pub fn check(run: &mut Run<'_>, record: &mut Record) -> Result<Flow, Unknown> {
    let whole = record.dir.clone();
    let Some(dir) = &whole.host_access else { return Ok(Flow::Done) };
    let order = last_for(&dir.orders, &record.method).unwrap_or(Order::DenyAllow);
    let allowed = decided(order, dir, run, record)?;
    if dir.lists {
        run.trace.note(None, || {
            let how = if allowed { "granted" } else { "denied" };
            Event::Decided(format!("{}: access {how}", order.text()))
        });
    }
    Ok(if allowed { Flow::Done } else { Flow::Status(403) })
}

/// Whether the lists let the client in. Both are gone through in the server's order; one that cannot be told does no harm
/// when the other decides.
fn decided(order: Order, dir: &Dir, run: &mut Run<'_>, record: &mut Record) -> Result<bool, Unknown> {
    if order == Order::DenyAllow {
        let denied = found(&dir.denies, "Deny", run, record);
        let allowed = found(&dir.allows, "Allow", run, record);
        return Ok(if denied == Ok(false) || allowed == Ok(true) { true } else { !denied? || allowed? });
    }
    let allowed = found(&dir.allows, "Allow", run, record);
    if order == Order::MutualFailure && allowed == Ok(false) {
        return Ok(false);
    }
    let denied = found(&dir.denies, "Deny", run, record);
    Ok(if allowed == Ok(false) || denied == Ok(true) { false } else { allowed? && !denied? })
}

/// Whether something in the list is about this client.
fn found(list: &[Entry], name: &str, run: &mut Run<'_>, record: &mut Record) -> Result<bool, Unknown> {
    let mut unknown = None;
    for entry in list {
        let directive = || BString::from(format!("{name} from {}", entry.text));
        if entry.limit.as_ref().is_some_and(|limit| !limit.covers(&record.method)) {
            let why = || "limited to other methods".to_owned();
            run.trace.note(entry.place, || Event::Skipped { directive: directive(), why: why() });
            continue;
        }
        let matched = match &entry.who {
            Who::All => true,
            Who::Env(name) => record.env.get(name).is_some(),
            Who::NoEnv(name) => record.env.get(name).is_none(),
            Who::Network(network) => network.contains(record.client),
            Who::Host(domain) => match host_name(run, record, entry.place) {
                Ok(host) => host.is_some_and(|host| in_domain(domain, host)),
                Err(why) => {
                    unknown.get_or_insert(why);
                    continue;
                }
            },
        };
        run.trace.note(entry.place, || {
            let subject = match &entry.who {
                Who::Env(name) | Who::NoEnv(name) => record.env.get(name).map_or("(not set)".into(), BString::from),
                Who::Host(_) => name_of(record),
                Who::All | Who::Network(_) => record.client.to_canonical().to_string().into(),
            };
            Event::Test { directive: directive(), subject, matched, spans: Vec::new() }
        });
        if matched {
            if name == "Deny" {
                run.decided = Some(entry.place);
            }
            return Ok(true);
        }
    }
    unknown.map_or(Ok(false), Err)
}

pub(super) fn name_of(record: &Record) -> BString {
    record.client_name.as_ref().and_then(|n| n.as_deref()).unwrap_or("(no name)").into()
}

/// The client's name, looked up once a request and confirmed by looking up its address (`REMOTE_DOUBLE_REV`).
///
/// # Errors
/// When names are not simulated.
pub fn host_name<'r>(run: &Run<'_>, record: &'r mut Record, place: Place) -> Result<Option<&'r str>, Unknown> {
    if record.client_name.is_none() {
        let name = run.name_of(record.client).map_err(|why| Unknown { place: Some(place), ..why })?;
        record.client_name = Some(name.map(str::to_ascii_lowercase));
    }
    Ok(record.client_name.as_ref().and_then(|name| name.as_deref()))
}

/// Whether `host` is `domain` or lies in it; only whole labels count.
pub fn in_domain(domain: &[u8], host: &str) -> bool {
    let host = host.as_bytes();
    let Some(start) = host.len().checked_sub(domain.len()) else { return false };
    let Some((before, end)) = host.split_at_checked(start) else { return false };
    end.eq_ignore_ascii_case(domain) && (before.is_empty() || domain.starts_with(b".") || before.ends_with(b"."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{config::words, trial};

    fn told(level: Level, lines: &[(&str, &str, Option<&Limit>)]) -> Result<Dir, String> {
        let mut dir = Dir::default();
        for (name, text, limit) in lines {
            let words = words::all(text.as_bytes());
            let spot = Spot { limit: *limit, ..trial::spot(level, None) };
            dir.directive(&spot, name, Args { raw: text.as_bytes(), words: &words })?;
        }
        Ok(dir)
    }

    #[test]
    fn bad_lists_are_refused_in_the_servers_words() {
        use Level::*;
        for (level, name, text, message) in [
            (V2_4_71, "order", "none", "unknown order"),
            (V2_2_8, "allow", "to all", "allow and deny must be followed by 'from'"),
            (V2_4_71, "allow", "from all # everybody", "No comments are allowed here"),
            (V2_4_12, "deny", "from 10.0.0.0/33", "The specified network mask is invalid."),
            (V2_4_12, "deny", "from 10.1.2.3.4", "The specified IP address is invalid."),
            (V2_2_34, "deny", "from www.example.com/16", "An IP address was expected"),
            (V2_2_34, "satisfy", "both", "Satisfy either 'any' or 'all'."),
        ] {
            assert_eq!(told(level, &[(name, text, None)]).err().as_deref(), Some(message), "{name} {text}");
        }
        for level in [V2_2_8, V2_2_34, V2_4_12] {
            assert!(told(level, &[("allow", "from all # everybody", None)]).is_ok());
        }
    }

    #[test]
    fn a_domain_holds_whole_labels_only() {
        for (domain, host, inside) in [
            ("partner.example", "client.partner.example", true),
            ("partner.example", "notpartner.example", false),
            (".partner.example", "client.partner.example", true),
            ("Corp.EXAMPLE", "ws1.corp.example", true),
            ("ws1.corp.example", "corp.example", false),
            ("corp.example", "corp.example", true),
        ] {
            assert_eq!(in_domain(domain.as_bytes(), host), inside, "{domain} {host}");
        }
    }

    #[test]
    fn satisfy_is_kept_for_each_method_in_22_and_replaces_the_lists_in_24() {
        let get = trial::limit(&["GET".into()]);
        for (level, kept) in [(Level::V2_2_34, true), (Level::V2_4_71, false)] {
            let outer = told(level, &[("deny", "from all", None), ("satisfy", "any", Some(&get))]).unwrap();
            let inner = told(level, &[("satisfy", "all", None)]).unwrap();
            let merged = outer.merge(&inner, level);
            assert_eq!(merged.lists, kept);
            assert_eq!(merged.satisfy(b"HEAD"), Satisfy::All);
        }
        let outer = told(Level::V2_2_8, &[("satisfy", "any", Some(&get))]).unwrap();
        assert_eq!(outer.satisfy(b"HEAD"), Satisfy::Any);
        assert_eq!(outer.satisfy(b"POST"), Satisfy::Unsaid);
    }
}
