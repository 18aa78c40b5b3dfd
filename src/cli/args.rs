//! What can be typed: the grammar of the command line, whose texts are also what the man page must name.

#![expect(clippy::doc_markdown, reason = "these comments are the help on a terminal, where Markdown is noise")]

use std::{net::IpAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::access::level::Level;

/// Exit codes as `--help` ends with them; [`super::Exit`] gives them out.
const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  something failed or was refused; the message says what
  2  the command line is not understood
  3  the directory cannot be reached or does not accept the sign-in
  4  there is no such person, site or change
  5  changed by somebody else meanwhile; nothing was overwritten
  6  not allowed: the site is read-only, or --yes is missing";

/// The Sametime administrator's desk for people's photos. Without a command the window opens.
#[derive(Debug, Parser)]
#[command(name = "photodesk", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Open the window on the demo site, which needs no server and never leaves this machine
    #[arg(long)]
    pub demo: bool,
    /// Open the window on this site
    #[arg(long, value_name = "NAME", conflicts_with = "demo")]
    pub site: Option<String>,
    /// Open the window on the site in this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["demo", "site"])]
    pub site_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List people, show one, set a photo URL
    #[command(subcommand)]
    People(PeopleCommand),
    /// What was written, and taking it back
    #[command(subcommand)]
    Journal(JournalCommand),
    /// The sites this account knows, and whether they answer
    #[command(subcommand)]
    Site(SiteCommand),
    /// What the web server would do with a request, and why
    #[command(subcommand)]
    Access(AccessCommand),
    /// Serve the demo site to other programs until standard input ends
    Demo {
        /// Write its site file, for --site-file
        #[arg(long, value_name = "FILE")]
        write_site: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum PeopleCommand {
    /// List people with name, mail and photo URL
    #[command(after_help = EXIT_CODES)]
    List {
        /// Only people whose name, mail or account contains this
        find: Option<String>,
        #[command(flatten)]
        site: SiteArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show one person's entry
    #[command(after_help = EXIT_CODES)]
    Show {
        #[command(flatten)]
        person: PersonArgs,
        #[command(flatten)]
        site: SiteArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Set or remove one person's photo URL, after showing old and new
    #[command(after_help = EXIT_CODES)]
    SetUrl {
        #[command(flatten)]
        person: PersonArgs,
        #[command(flatten)]
        target: TargetArgs,
        #[command(flatten)]
        write: WriteArgs,
        #[command(flatten)]
        site: SiteArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum JournalCommand {
    /// List changes, the newest last
    #[command(after_help = EXIT_CODES)]
    List {
        /// Only this site's changes
        #[arg(long, value_name = "NAME")]
        site: Option<String>,
        /// Only the newest so many
        #[arg(long, value_name = "NUMBER")]
        last: Option<usize>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Take changes back, after showing what that writes
    #[command(after_help = EXIT_CODES)]
    Undo {
        /// The changes, by the id that `journal list` shows
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        #[command(flatten)]
        write: WriteArgs,
        #[command(flatten)]
        site: SiteArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum SiteCommand {
    /// List the known sites
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Check a site's connection step by step
    #[command(after_help = EXIT_CODES)]
    Check {
        #[command(flatten)]
        site: SiteArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum AccessCommand {
    /// Say what the server would answer, and which line decides
    #[command(after_help = EXIT_CODES)]
    Test(TestArgs),
    /// Compare with the recorded answers of real servers
    #[command(after_help = EXIT_CODES)]
    Conformance {
        /// Recorded cases, one a line of JSON
        file: PathBuf,
        /// Only this level
        #[arg(long, value_name = "LEVEL")]
        server: Option<Level>,
        /// Only this theme
        #[arg(long, value_name = "THEME")]
        theme: Option<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Say in plain words what a configuration does
    #[command(after_help = EXIT_CODES)]
    Explain(ExplainArgs),
}

/// Arguments of `access test`.
#[derive(Clone, Debug, Args)]
pub(super) struct TestArgs {
    #[command(flatten)]
    pub rules: RulesArgs,
    #[command(flatten)]
    pub request: RequestArgs,
    /// Show each step on the way to the answer
    #[arg(long)]
    pub trace: bool,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `access explain`.
#[derive(Clone, Debug, Args)]
pub(super) struct ExplainArgs {
    #[command(flatten)]
    pub rules: RulesArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The server's configuration, and what is around it.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Server")]
pub(super) struct RulesArgs {
    /// The server's httpd.conf
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// 2.2, 2.4, or a level: 2.2.8, 2.2.34, 2.4.12, 2.4.71, ihs8.5, ihs9
    #[arg(long, value_name = "LEVEL")]
    pub server: Level,
    /// A folder that stands for the root of the server's file system
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// A file with the paths that exist on the server, one a line. Without it and --root every photo is taken to exist
    #[arg(long, value_name = "FILE", conflicts_with = "root")]
    pub paths: Option<PathBuf>,
    /// A name the server was started with (httpd -D)
    #[arg(long, value_name = "NAME")]
    pub define: Vec<String>,
    /// A variable of the server's environment
    #[arg(long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// What a name look-up gives; without it, a rule that needs one cannot be told
    #[arg(long, value_name = "ADDRESS=NAME")]
    pub name: Vec<String>,
}

/// The request, or a file of many.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Request")]
pub(super) struct RequestArgs {
    /// The client's address
    #[arg(long, value_name = "ADDRESS", conflicts_with = "requests")]
    pub from: Option<IpAddr>,
    /// The address asked for; its path is sent as it stands
    #[arg(long, value_name = "URL", conflicts_with = "requests")]
    pub url: Option<String>,
    /// The server's own address, where several are served
    #[arg(long, value_name = "ADDRESS", conflicts_with = "requests")]
    pub to: Option<IpAddr>,
    /// A cookie; may be given several times
    #[arg(long, value_name = "NAME=VALUE", conflicts_with = "requests")]
    pub cookie: Vec<String>,
    /// A header; may be given several times
    #[arg(long, value_name = "NAME: VALUE", conflicts_with = "requests")]
    pub header: Vec<String>,
    /// The method, GET unless given
    #[arg(long, value_name = "METHOD", conflicts_with = "requests")]
    pub method: Option<String>,
    /// Many requests: CSV with the columns from, url, method, host, cookie, header, or the same as JSON lines
    #[arg(long, value_name = "FILE")]
    pub requests: Option<PathBuf>,
}

/// Which directory: a known site, a site's file, or an address with a base.
///
/// The password comes from the credential store, from `PHOTODESK_PASSWORD`, or is asked for on a terminal.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Directory")]
pub(super) struct SiteArgs {
    /// A known site, as `photodesk site list` names it
    #[arg(long, value_name = "NAME")]
    pub site: Option<String>,
    /// A site's TOML file
    #[arg(long, value_name = "FILE", conflicts_with = "site")]
    pub site_file: Option<PathBuf>,
    /// A directory without a site: ldaps://host, or ldap://host:port
    #[arg(long, value_name = "LDAPURL", conflicts_with_all = ["site", "site_file"], requires = "base")]
    pub url: Option<String>,
    /// Where people are searched
    #[arg(long, value_name = "DN", requires = "url")]
    pub base: Option<String>,
    /// Who signs in; without it the sign-in is anonymous. The password comes from the environment variable
    /// PHOTODESK_PASSWORD or from a prompt, never from an argument
    #[arg(long, value_name = "DN", requires = "url")]
    pub bind_dn: Option<String>,
    /// A PEM file with certificate authorities to trust besides the system's
    #[arg(long, value_name = "FILE", requires = "url")]
    pub ca: Option<PathBuf>,
    /// Secure an ldap:// connection with StartTLS; never falls back to clear text
    #[arg(long, requires = "url")]
    pub starttls: bool,
    /// Which entries are people (RFC 4515); else as the kind of directory has it
    #[arg(long, value_name = "FILTER", requires = "url")]
    pub filter: Option<String>,
    /// The attribute that holds the photo URL; else as the kind of directory has it
    #[arg(long, value_name = "ATTRIBUTE", requires = "url")]
    pub photo_attribute: Option<String>,
}

/// Exactly one person.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct PersonArgs {
    /// The person's entry
    #[arg(long, value_name = "DN")]
    pub dn: Option<String>,
    /// The person's mail address; exactly one person must have it
    #[arg(long, value_name = "ADDRESS")]
    pub mail: Option<String>,
}

/// What the photo URL is to be.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct TargetArgs {
    /// This address
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// The address that a template gives, such as 'http://photos.example.com/{mail|lower|urlencode}.jpg'
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
    /// No address: every value is taken away
    #[arg(long)]
    pub remove: bool,
}

/// How far to go.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct WriteArgs {
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask. Scripts need it to write to a PRODUCTION site
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
}

/// How to print.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// The form of the output
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,
}

/// The forms of output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Columns to read
    #[default]
    Table,
    /// For programs; people have the keys dn, name, mail and photo_url
    Json,
    /// For spreadsheets; cells that would run as formulas are quoted
    Csv,
}
