//! The connection check: one step after the other, each with what it found, or what is wrong and what mends it.
//!
//! [`run`] is the job; the wizard and `photodesk site check` both use it. Nothing is written to the directory.
//! The steps are in `connect.rs` (name, port, TLS, sign-in), `directory.rs` (base, filter, people) and `photo.rs`
//! (attribute, write right). Not here: what a mend does to a site (`draft.rs`), how it is drawn (`panel/checks.rs`).

mod connect;
mod directory;
mod photo;

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, atomic::AtomicBool},
};

use crate::{
    job::{Reporter, Stop},
    model::{
        AttributeNames, Credentials, Directory, DirectoryKind, Dn, Entry, Fingerprint, Problem, Security, Server, Site,
    },
    net::{
        ldap::{AttributeType, LdapError, Referral},
        trust::Certificate,
    },
};

/// One thing that is checked. The order is the order on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The host's name has addresses.
    Name,
    /// The port takes connections, and a directory answers there.
    Port,
    /// The connection is secured as the site says.
    Tls,
    /// The directory takes the name and the password.
    SignIn,
    /// The search base is there.
    Base,
    /// The filter is one, and finds people.
    Filter,
    /// The photo attribute exists and can be read.
    Attribute,
    /// The photo attribute can be written.
    Write,
    /// People come as they will in the list.
    People,
}

/// How far a step is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    #[default]
    Waits,
    /// Under way.
    Running,
    /// All is well; the fact stands at the right.
    Passed {
        /// What was found: `open, 3 ms`.
        fact: String,
    },
    /// It works, and something should be known.
    Warned {
        /// What was found, in a word or two.
        fact: String,
        /// What should be known.
        problem: Problem,
        /// What would mend it.
        mends: Vec<Mend>,
    },
    /// Not asked for.
    Skipped {
        /// Why.
        why: String,
    },
    /// It does not work.
    Failed(Box<StepProblem>),
}

/// Why a step failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepProblem {
    /// In a word or two, at the right: `certificate refused`.
    pub fact: String,
    /// The sentence, what to do, and the details.
    pub problem: Problem,
    /// The certificate that was refused.
    pub certificate: Option<Box<Certificate>>,
    /// Two names that differ: what was asked for, and what was shown.
    pub names: Option<(String, String)>,
    /// The character at which the filter goes wrong, from 0.
    pub at: Option<usize>,
    /// What would mend it, the best first.
    pub mends: Vec<Mend>,
}

/// Something that would mend a step, offered as a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// Ask for the name in the certificate.
    UseHost(String),
    /// Use another port.
    UsePort(u16),
    /// Secure the connection in another way, on that way's own port.
    UseSecurity(Security),
    /// Look at the certificate, and decide.
    TrustCertificate(Fingerprint),
    /// Choose a file with certificate authorities.
    AddCaFile,
    /// Sign in without a name.
    SignInAnonymously,
    /// Search there.
    UseBase(Dn),
    /// Take those entries for people.
    UseFilter(String),
    /// Keep photo URLs in that attribute.
    UseAttribute(String),
    /// Never write to this site.
    MakeReadOnly,
}

/// What to check.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The site, as far as it is filled in.
    pub site: Site,
    /// How to sign in.
    pub credentials: Credentials,
    /// A certificate trusted this once.
    pub trust_once: Option<Fingerprint>,
    /// A person asked for it, and not only moved on to the next field: only then is an empty password called a mistake,
    /// and a password sent in clear.
    pub asked: bool,
}

/// A place to search, offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseOffer {
    /// Where.
    pub dn: Dn,
    /// People there.
    pub people: Option<Count>,
}

/// How many, as far as was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// At least that many.
    pub seen: u64,
    /// There are more.
    pub more: bool,
}

/// What the check learnt on the way, for the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Of the host.
    pub addresses: Vec<IpAddr>,
    /// The certificate that was accepted.
    pub certificate: Option<Box<Certificate>>,
    /// Recognised from the root DSE.
    pub kind: Option<DirectoryKind>,
    /// What the server calls itself.
    pub vendor: Option<String>,
    /// The DN that the name stands for.
    pub signed_in: Option<Dn>,
    /// Naming contexts, the default one first.
    pub bases: Vec<BaseOffer>,
    /// The base that was searched: the site's, or the one found by itself.
    pub base: Option<Dn>,
    /// What the schema says of the photo attribute.
    pub attribute: Option<AttributeType>,
    /// The first people; the first of them whole.
    pub people: Vec<Entry>,
    /// Other servers that hold parts of the tree and were not asked.
    pub referrals: Vec<Referral>,
}

/// What the check reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckEvent {
    /// A step is at a new state.
    Step(Step, StepState),
    /// Something was learnt: all that is known so far.
    Found(Box<Found>),
}

/// Checks `probe` step by step.
///
/// # Errors
/// [`Stop::Cancelled`] only: what fails is reported as a step's state.
pub fn run(probe: &Probe, report: &Reporter<CheckEvent>) -> Result<(), Stop> {
    let mut check = Check { probe, report, cancelled: report.cancelled(), found: Found::default() };
    match check.all() {
        Ok(()) | Err(Halt::Reported) => Ok(()),
        Err(Halt::Stop(stop)) => Err(stop),
    }
}

/// A check under way.
struct Check<'a> {
    probe: &'a Probe,
    report: &'a Reporter<CheckEvent>,
    cancelled: Arc<AtomicBool>,
    found: Found,
}

/// Why a check goes no further.
enum Halt {
    /// The failed step was reported.
    Reported,
    /// Nobody wants to know any more.
    Stop(Stop),
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl Check<'_> {
    fn all(&mut self) -> Result<(), Halt> {
        let mut connection = self.connect()?;
        let mut root = self.root_dse(&mut connection)?;
        self.without_tls()?;
        self.sign_in(&mut connection, &mut root)?;
        let base = self.base(&mut connection, &root)?;
        let filter = self.filter(&mut connection, &base)?;
        let target = photo::Target { root: &root, base: &base, filter: &filter };
        match self.photo(&mut connection, &target) {
            Ok(()) | Err(Halt::Reported) => {}
            Err(stopped) => return Err(stopped),
        }
        self.people(&mut connection, &base, &filter)?;
        self.count_bases(&mut connection, &filter)
    }

    fn step(&self, step: Step, state: StepState) -> Result<(), Halt> {
        Ok(self.report.send(CheckEvent::Step(step, state))?)
    }

    fn runs(&self, step: Step) -> Result<(), Halt> {
        self.step(step, StepState::Running)
    }

    fn passes(&self, step: Step, fact: impl Into<String>) -> Result<(), Halt> {
        self.step(step, StepState::Passed { fact: fact.into() })
    }

    fn warns(&self, step: Step, fact: &str, problem: Problem, mends: Vec<Mend>) -> Result<(), Halt> {
        self.step(step, StepState::Warned { fact: fact.to_owned(), problem, mends })
    }

    /// Reports the failure; gives the [`Halt`] that ends the check.
    fn fails(&self, step: Step, problem: StepProblem) -> Halt {
        match self.step(step, StepState::Failed(Box::new(problem))) {
            Ok(()) => Halt::Reported,
            Err(stopped) => stopped,
        }
    }

    /// The same for an error of the directory; one that only says that we stopped stops.
    fn fails_with(&self, step: Step, fact: &str, error: &LdapError, mends: Vec<Mend>) -> Halt {
        if matches!(error, LdapError::Cancelled) {
            return Halt::Stop(Stop::Cancelled);
        }
        self.fails(step, StepProblem::new(fact, error.problem()).mends(mends))
    }

    fn tell(&self) -> Result<(), Halt> {
        Ok(self.report.send(CheckEvent::Found(Box::new(self.found.clone())))?)
    }

    fn directory(&self) -> &Directory {
        &self.probe.site.directory
    }

    /// The site's kind, or the recognised one.
    fn kind(&self) -> DirectoryKind {
        self.directory().kind.or(self.found.kind).unwrap_or(DirectoryKind::Other)
    }

    /// The site's attribute names, or those of the recognised kind.
    fn attribute_names(&self) -> AttributeNames {
        Directory { kind: Some(self.kind()), ..self.directory().clone() }.attribute_names()
    }
}

impl Step {
    /// All, in order.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Port,
        Self::Tls,
        Self::SignIn,
        Self::Base,
        Self::Filter,
        Self::Attribute,
        Self::Write,
        Self::People,
    ];

    /// The step that must pass before this one can begin.
    pub fn needs(self) -> Option<Self> {
        match self {
            Self::Name => None,
            Self::Port => Some(Self::Name),
            Self::Tls => Some(Self::Port),
            Self::SignIn => Some(Self::Tls),
            Self::Base => Some(Self::SignIn),
            Self::Filter => Some(Self::Base),
            Self::Attribute | Self::People => Some(Self::Filter),
            Self::Write => Some(Self::Attribute),
        }
    }

    /// As shown.
    pub fn label(self, server: &Server) -> String {
        match self {
            Self::Name => "Name".to_owned(),
            Self::Port => format!("Port {}", server.port),
            Self::Tls if server.security == Security::StartTls => "StartTLS".to_owned(),
            Self::Tls => "TLS".to_owned(),
            Self::SignIn => "Sign-in".to_owned(),
            Self::Base => "Search base".to_owned(),
            Self::Filter => "People filter".to_owned(),
            Self::Attribute => "Photo attribute".to_owned(),
            Self::Write => "Write right".to_owned(),
            Self::People => "First page of people".to_owned(),
        }
    }
}

impl StepProblem {
    /// A problem that is only a sentence, and a word or two for the right.
    pub fn new(fact: &str, problem: Problem) -> Self {
        Self { fact: fact.to_owned(), problem, certificate: None, names: None, at: None, mends: Vec::new() }
    }

    /// With what would mend it.
    #[must_use]
    pub fn mends(mut self, mends: Vec<Mend>) -> Self {
        self.mends = mends;
        self
    }
}

/// `412 people`, `1,000+ people`.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, more) = (thousands(self.seen), if self.more { "+" } else { "" });
        let noun = if self.seen == 1 && !self.more { "person" } else { "people" };
        write!(f, "{number}{more} {noun}")
    }
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl StepState {
    /// The steps that need this one can go on.
    pub fn lets_on(&self) -> bool {
        matches!(self, Self::Passed { .. } | Self::Warned { .. } | Self::Skipped { .. })
    }
}
