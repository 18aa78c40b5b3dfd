//! The words everyone shares: values and their invariants. No I/O, no threads, no looks.
//!
//! | word | meaning |
//! | --- | --- |
//! | site | one Sametime deployment as the administrator sees it; a TOML file without secrets |
//! | person | a directory entry that Sametime users can see |
//! | photo URL | the value of the attribute that the Sametime Proxy reads (`PhotoURL` unless the site maps another) |
//! | image path | the attribute that Notes and the Sametime client read |
//! | place | somewhere a photo of a person can come from, or a value can be written to |
//! | change | one thing written somewhere, with its old value; the journal is the list of changes |

mod change;
mod clock;
mod dn;
mod entry;
mod problem;
mod secret;
mod site;
pub mod template;
mod value;
mod visible;

pub use change::{Change, ChangeKind, Place};
pub use clock::Clock;
pub use dn::Dn;
pub use entry::{Attribute, Entry};
pub use problem::Problem;
pub use secret::Secret;
pub use site::{
    AttributeNames, Credentials, Directory, DirectoryKind, Environment, Fingerprint, Photos, Referrals, Security,
    Server, Site, Unlocked,
};
pub use value::Value;
pub use visible::{hides, visible};
