//! Passwords in the system's credential store, or nowhere: Keychain, Credential Manager, Secret Service.
//!
//! Every call may block (the store may ask to be unlocked): call from a job. Nothing here is ever logged.

use keyring::{Entry, Error};

use crate::model::{Directory, Problem, Secret};

/// The name of the program in the store.
const SERVICE: &str = "photodesk";

/// Whether this computer has a credential store, and if not, why.
///
/// # Errors
/// The reason, in words.
pub fn available() -> Result<(), String> {
    match Entry::store_status() {
        Ok(()) => Ok(()),
        Err(_error) if cfg!(target_os = "linux") => Err("No credential store answers on this computer: neither GNOME \
                                                         Keyring nor KWallet, nor another Secret Service"
            .to_owned()),
        Err(error) => Err(format!("The credential store of this computer does not answer: {error}")),
    }
}

/// The password kept for a site; `None` when there is none.
///
/// # Errors
/// When the store cannot be asked.
pub fn get(site: &str, directory: &Directory) -> Result<Option<Secret>, Problem> {
    match entry(site, directory)?.get_password() {
        Ok(password) => Ok(Some(Secret::new(password))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(problem("read from", &error)),
    }
}

/// Keeps `password` for a site.
///
/// # Errors
/// When the store does not take it.
pub fn set(site: &str, directory: &Directory, password: &Secret) -> Result<(), Problem> {
    entry(site, directory)?.set_password(password.expose()).map_err(|error| problem("kept in", &error))
}

/// Forgets the password of a site; nothing happens when there is none.
///
/// # Errors
/// When the store cannot be asked.
pub fn forget(site: &str, directory: &Directory) -> Result<(), Problem> {
    match entry(site, directory)?.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(problem("removed from", &error)),
    }
}

fn entry(site: &str, directory: &Directory) -> Result<Entry, Problem> {
    available().map_err(|why| Problem::new(why).hint("The password has to be typed each time."))?;
    Entry::new(SERVICE, &account(site, directory)).map_err(|error| problem("read from", &error))
}

/// Ties a password to the server and the name it is for, so that it is never sent elsewhere after a site was edited.
fn account(site: &str, directory: &Directory) -> String {
    let name = directory.sign_in.as_deref().unwrap_or_default();
    format!("{site}: {name} at {}", directory.server)
}

fn problem(done: &str, error: &Error) -> Problem {
    // An error may carry the bytes of what it could not read: only its kind is told.
    let details = match error {
        Error::BadEncoding(_bytes) => "what is kept there is not text".to_owned(),
        Error::BadDataFormat(_bytes, _why) => "what is kept there is damaged".to_owned(),
        other => other.to_string(),
    };
    Problem::new(format!("The password cannot be {done} the system's credential store"))
        .hint("Unlock the store and try again, or type the password each time.")
        .details(details)
}

#[cfg(test)]
mod tests {
    use super::{account, available, set};
    use crate::model::{Directory, Secret, Server};

    fn directory(host: &str, sign_in: &str) -> Directory {
        Directory {
            server: Server { host: host.to_owned(), ..Server::default() },
            sign_in: Some(sign_in.to_owned()),
            ..Directory::default()
        }
    }

    #[test]
    fn a_password_belongs_to_one_server_and_one_name() {
        let one = account("Head office", &directory("dc1.example.com", "svc"));
        assert_eq!(one, "Head office: svc at dc1.example.com:636");
        assert_ne!(one, account("Head office", &directory("dc2.example.com", "svc")));
        assert_ne!(one, account("Head office", &directory("dc1.example.com", "other")));
        assert_ne!(one, account("Branch", &directory("dc1.example.com", "svc")));
    }

    #[test]
    fn without_a_store_the_reason_is_told_and_no_password_with_it() {
        let Err(why) = available() else {
            println!("skipped: this computer has a credential store");
            return;
        };
        let problem = set("Head office", &directory("dc1", "svc"), &Secret::new("swordfish")).unwrap_err();
        assert_eq!(problem.what, why);
        assert!(!format!("{problem:?}").contains("swordfish"));
    }
}
