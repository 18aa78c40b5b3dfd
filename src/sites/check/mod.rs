//! The connection check: one step after the other, each with what it found, or what is wrong and what mends it.
//!
//! [`run`] is the job; the wizard and `photodesk site check` both use it. Nothing is written to the directory.
//! Not here: what a mend does to a site (`draft.rs`), how it is drawn (`panel/checks.rs`).

use std::net::IpAddr;

use crate::{
    job::{Reporter, Stop},
    model::{Credentials, DirectoryKind, Dn, Entry, Fingerprint, Problem, Security, Server, Site},
    net::{ldap::AttributeType, trust::Certificate},
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
    /// What the schema says of the photo attribute.
    pub attribute: Option<AttributeType>,
    /// The first people.
    pub people: Vec<Entry>,
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
    let _ = (probe, report);
    unimplemented!()
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

impl StepState {
    /// The steps that need this one can go on.
    pub fn lets_on(&self) -> bool {
        matches!(self, Self::Passed { .. } | Self::Warned { .. } | Self::Skipped { .. })
    }
}
