//! The command line: everything that is not looking works without a window, for scripts and cron.
//!
//! Runs the same functions as the window's jobs and waits for them. One file a subcommand.

mod access;
mod args;
mod connect;
mod demo;
mod journal;
mod out;
mod people;
mod site;
mod write;

use std::{ffi::OsString, io, path::PathBuf, process::ExitCode};

use clap::{CommandFactory, Parser};

use self::{
    args::{Cli, Command},
    out::{Fail, Out},
};
use crate::model::Problem;

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
    /// The site is read-only, or `--yes` is missing.
    NotAllowed = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Reads the arguments, the program's name first, and runs the subcommand if there is one.
pub fn start(arguments: impl IntoIterator<Item = OsString>) -> Start {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` come this way, too, and are no errors.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            return Start::Done(if error.print().is_ok() { exit.into() } else { Exit::Failed.into() });
        }
    };
    match cli.command {
        None => Start::Window(WindowOptions { demo: cli.demo, site: cli.site, site_file: cli.site_file }),
        Some(command) => Start::Done(finish(run(command)).into()),
    }
}

/// The grammar, for a test that compares the man page with it.
pub fn grammar() -> clap::Command {
    Cli::command()
}

/// Says `problem` where the window could not open.
pub fn say(problem: &Problem) -> ExitCode {
    finish(Err(problem.clone().into())).into()
}

fn run(command: Command) -> Result<Exit, Fail> {
    let mut out = Out::new();
    let exit = match command {
        Command::People(command) => people::run(command, &mut out),
        Command::Journal(command) => journal::run(command, &mut out),
        Command::Site(command) => site::run(command, &mut out),
        Command::Access(command) => access::run(command, &mut out),
        Command::Demo { write_site } => demo::run(write_site.as_deref(), &mut out),
    }?;
    out.flush()?;
    Ok(exit)
}

/// Tells what went wrong. Where nobody reads the output any more (`| head`), that is no failure.
fn finish(ended: Result<Exit, Fail>) -> Exit {
    let (exit, problem) = match ended {
        Ok(exit) => return exit,
        Err(Fail::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => return Exit::Done,
        Err(Fail::Output(error)) => {
            (Exit::Failed, Problem::new("The output cannot be written").details(error.to_string()))
        }
        Err(Fail::Problem(exit, problem)) => (exit, problem),
    };
    // Without standard error there is nobody left to tell but the exit code.
    drop(Out::new().problem(&problem));
    exit
}

/// Whether a window can be shown here.
///
/// # Errors
/// A sentence that names the command line.
pub fn display() -> Result<(), Problem> {
    let names = ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"];
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(not(target_os = "linux")) || names.into_iter().any(is_set) { Ok(()) } else { Err(no_display(None)) }
}

/// No window can be shown, for the reason `why`.
pub fn no_display(why: Option<String>) -> Problem {
    let problem = Problem::new("There is no display to open the window on")
        .hint("Everything but looking works without one: see photodesk --help.");
    match why {
        Some(why) => problem.details(why),
        None => problem,
    }
}
