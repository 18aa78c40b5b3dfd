//! A whole site on loopback: an LDAP server, a photo web server, people, and planted faults.
//!
//! Nothing of it leaves the machine: every socket is bound to 127.0.0.1, on a port the system chooses. The passwords are
//! public. Not here: what the window does with the site; to it this is a site like any other.

mod dice;
mod faults;
mod ldap;
mod megapixels;
mod names;
mod people;
mod picture;
mod portrait;
mod web;

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    sync::Arc,
    time::Duration,
};

use tokio::{runtime::Builder, sync::oneshot};
use tokio_rustls::TlsAcceptor;

pub use self::faults::{Fault, PLANTED, Planted};
use self::{
    faults::Addresses,
    ldap::{Limits, Store},
    picture::Pictures,
    web::Web,
};
use crate::{
    job::{Job, Stop, Waker},
    model::{Credentials, Dn, Environment, Problem, Secret, Security, Server, Site},
    photo,
};

/// How many [`faces`] there are, and how wide they are drawn, in pixels.
const FACES: usize = 9;
const FACE_SIDE: u16 = 72;

/// How long the servers' thread waits at the end for a picture that is being drawn.
const LAST_PICTURE: Duration = Duration::from_secs(1);

/// What a demo site can be asked to be; tests ask for many people, small limits and slow answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoOptions {
    /// How many people there are, those with planted faults included; never fewer than those.
    pub people: usize,
    /// How many entries one search without paging may return before it ends with code 4; `None`: all.
    pub size_limit: Option<u32>,
    /// Whether pages may go beyond `size_limit`, as with Active Directory; OpenLDAP counts all pages together.
    pub paging_lifts_limit: bool,
    /// How long each search (each page of it) waits before its first entry.
    pub search_delay: Duration,
    /// How long the slow photo waits before its first byte.
    pub slow_photo: Duration,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            people: 400,
            size_limit: Some(500), // OpenLDAP's own default
            paging_lifts_limit: true,
            search_delay: Duration::ZERO,
            slow_photo: Duration::from_secs(8),
        }
    }
}

/// The running servers. Dropping it stops them and frees their ports.
pub struct Demo {
    options: DemoOptions,
    ldap_port: u16,
    addresses: Addresses,
    directory: Arc<ldap::Directory>,
    pictures: Arc<Pictures>,
    stop: Option<oneshot::Sender<()>>,
    servers: Option<Job<()>>,
}

/// Sockets that are bound already: what can go wrong has gone wrong before anything runs.
struct Listeners {
    ldap: TcpListener,
    web: TcpListener,
    https: TcpListener,
    tls: TlsAcceptor,
}

/// Faces of some of the demo site's people, without starting it: for the first page of the window.
pub fn faces() -> Vec<photo::Picture> {
    people::people(0).iter().take(FACES).map(people::Person::drawn).collect()
}

impl Demo {
    /// The demo site as everybody sees it.
    ///
    /// # Errors
    /// When the system gives no port on loopback.
    pub fn start() -> Result<Self, Problem> {
        Self::start_with(DemoOptions::default())
    }

    /// A demo site of another size or pace.
    ///
    /// # Errors
    /// When the system gives no port on loopback.
    pub fn start_with(options: DemoOptions) -> Result<Self, Problem> {
        let (ldap, ldap_port) = listen()?;
        let (web, web_port) = listen()?;
        let (https, https_port) = listen()?;
        let listeners = Listeners { ldap, web, https, tls: web::unknown_issuer()? };
        let addresses = Addresses { web: web_port, https: https_port };
        let pictures = Arc::new(Pictures::default());
        let people = people::people(options.people);
        let limits = Limits {
            size: options.size_limit,
            paging_lifts_size: options.paging_lifts_limit,
            delay: options.search_delay,
        };
        let store = Store::new(people::entries(&people, addresses));
        let directory = Arc::new(ldap::Directory::new(store, Arc::clone(&pictures), limits));
        let web = Arc::new(Web {
            answers: people::answers(&people),
            pictures: Arc::clone(&pictures),
            slow: options.slow_photo,
        });
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&directory);
        let servers = Job::spawn("demo site", Waker::none(), move |_report| {
            run(listeners, serving, web, stopped).map_err(|error| Stop::Failed(no_server(&error)))
        });
        Ok(Self { options, ldap_port, addresses, directory, pictures, stop: Some(stop), servers: Some(servers) })
    }

    /// How to connect to it: a site file like any other.
    pub fn site(&self) -> Site {
        let mut site = Site { name: "Demo site".to_owned(), environment: Environment::Test, ..Site::default() };
        site.directory.server = Server { host: "127.0.0.1".to_owned(), port: self.ldap_port, security: Security::None };
        site.directory.sign_in = Some(ldap::ADMINISTRATOR.to_owned());
        site.directory.base = Some(Dn::new(people::PEOPLE));
        site.directory.filter = Some("(objectClass=inetOrgPerson)".to_owned());
        let template = format!("http://127.0.0.1:{}/photos/{{mail|lower|urlencode}}.jpg", self.addresses.web);
        site.photos.meetings_template = Some(template.clone());
        site.photos.template = Some(template);
        let hosts = [self.addresses.web, self.addresses.https].map(|port| format!("127.0.0.1:{port}"));
        site.photos.allowed_hosts.extend(hosts);
        site
    }

    /// The administrator's name and password; both are public.
    pub fn credentials(&self) -> Credentials {
        Credentials::Simple { name: ldap::ADMINISTRATOR.to_owned(), password: Secret::new(ldap::PASSWORD) }
    }

    /// Puts directory and web server back to what they were at the start, byte for byte.
    pub fn reset(&self) {
        let people = people::people(self.options.people);
        self.directory.replace(Store::new(people::entries(&people, self.addresses)));
        self.pictures.clear();
    }

    /// Where the directory listens.
    pub fn ldap_port(&self) -> u16 {
        self.ldap_port
    }

    /// Where the photo web server listens.
    pub fn web_port(&self) -> u16 {
        self.addresses.web
    }

    /// Where the same photos are served with a certificate of an unknown issuer.
    pub fn https_port(&self) -> u16 {
        self.addresses.https
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(servers) = self.servers.take() {
            drop(servers.wait(|()| {})); // whatever it says, it has ended
        }
    }
}

fn listen() -> Result<(TcpListener, u16), Problem> {
    let bound = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        Ok((listener, port))
    };
    bound().map_err(|error| no_server(&error))
}

fn no_server(error: &io::Error) -> Problem {
    Problem::new("The demo site cannot start on this computer")
        .hint("It needs three free ports on 127.0.0.1. Check whether a security product forbids that.")
        .details(error.to_string())
}

/// Runs the servers until `stopped`; one thread is plenty for one administrator.
fn run(
    listeners: Listeners,
    directory: Arc<ldap::Directory>,
    web: Arc<Web>,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(2).build()?;
    let served = runtime.block_on(async {
        let Listeners { ldap, web: http, https, tls } = listeners;
        let convert = tokio::net::TcpListener::from_std;
        let (ldap, http, https) = (convert(ldap)?, convert(http)?, convert(https)?);
        tokio::select! {
            () = ldap::serve(ldap, directory) => {}
            () = web::serve(http, Arc::clone(&web), None) => {}
            () = web::serve(https, web, Some(tls)) => {}
            _ = stopped => {}
        }
        Ok(())
    });
    runtime.shutdown_timeout(LAST_PICTURE);
    served
}
