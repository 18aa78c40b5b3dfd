//! The command line: everything that is not looking works without a window, for scripts and cron.
//!
//! Runs the same functions as the window's jobs and waits for them. One file a subcommand.

mod args;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::Parser;

/// What the arguments come to.
#[derive(Debug)]
pub enum Start {
    /// There was no subcommand: open the window.
    Window(WindowOptions),
    /// The subcommand ran, or the arguments were wrong; either was said.
    Done(ExitCode),
}

/// What the window opens with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WindowOptions {
    /// On the demo site.
    pub demo: bool,
    /// On the site of this name.
    pub site: Option<String>,
    /// On the site in this file.
    pub site_file: Option<PathBuf>,
}

/// How a command ended, for scripts. Documented in `--help` and the man page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All of it.
    Done = 0,
    /// Something failed or was refused.
    Failed = 1,
    /// The arguments are not understood.
    Usage = 2,
    /// No connection, or the sign-in was not accepted.
    NoConnection = 3,
    /// No such person, site or change.
    NotFound = 4,
    /// Somebody else changed it.
    Stale = 5,
    /// The site is read-only, the account may not, or `--yes` is missing.
    NotAllowed = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Reads the arguments, the program's name first, and runs the subcommand if there is one.
pub fn start(arguments: impl IntoIterator<Item = OsString>) -> Start {
    let cli = match args::Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` come this way, too, and are no errors.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            return Start::Done(if error.print().is_ok() { exit.into() } else { Exit::Failed.into() });
        }
    };
    match cli.command {
        None => Start::Window(WindowOptions { demo: cli.demo, site: cli.site, site_file: cli.site_file }),
        Some(_command) => Start::Done(Exit::Failed.into()),
    }
}
