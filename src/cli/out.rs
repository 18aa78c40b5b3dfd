//! Where the command line writes, and how a command fails.

use std::io::{self, BufRead, BufWriter, IsTerminal, Write};

use comfy_table::{Table, presets};

use super::Exit;
use crate::{
    job::Stop,
    model::{Problem, visible},
    net::ldap::LdapError,
};

/// Standard output and standard error: results go to the one, everything said about them to the other.
pub(super) struct Out {
    results: BufWriter<io::Stdout>,
}

/// Why a command ends before its work is done.
#[derive(Debug)]
pub(super) enum Fail {
    /// Something to be told.
    Problem(Exit, Problem),
    /// The output cannot be written; mostly, nobody reads on (`| head`).
    Output(io::Error),
}

impl Fail {
    pub(super) fn new(exit: Exit, problem: Problem) -> Self {
        Self::Problem(exit, problem)
    }
}

impl From<io::Error> for Fail {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<Problem> for Fail {
    fn from(problem: Problem) -> Self {
        Self::Problem(Exit::Failed, problem)
    }
}

impl From<LdapError> for Fail {
    fn from(error: LdapError) -> Self {
        Self::Problem(exit_of(&error), error.problem())
    }
}

impl From<Stop> for Fail {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Failed(problem) => problem.into(),
            Stop::Cancelled => Problem::new("Stopped").into(),
        }
    }
}

/// What scripts choose by.
fn exit_of(error: &LdapError) -> Exit {
    match error {
        LdapError::NoSuchEntry { .. } => Exit::NotFound,
        LdapError::Stale { .. } => Exit::Stale,
        LdapError::InsufficientRights { .. } => Exit::NotAllowed,
        LdapError::Filter { .. } => Exit::Usage,
        LdapError::Protocol { .. } | LdapError::Refused { .. } | LdapError::Cancelled => Exit::Failed,
        _no_connection => Exit::NoConnection,
    }
}

impl Out {
    pub(super) fn new() -> Self {
        Self { results: BufWriter::with_capacity(64 << 10, io::stdout()) }
    }

    /// What was asked for.
    pub(super) fn results(&mut self) -> &mut impl Write {
        &mut self.results
    }

    /// One line of what was asked for.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.results, "{text}")
    }

    /// Prints rows under heads, each column as wide as its widest cell; strangers' text shows its hidden characters.
    pub(super) fn table<R: AsRef<[String]>>(
        &mut self,
        heads: &[&str],
        rows: impl IntoIterator<Item = R>,
    ) -> io::Result<()> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(heads.iter().map(|head| head.to_uppercase()));
        for row in rows {
            table.add_row(row.as_ref().iter().map(|cell| visible(cell).into_owned()));
        }
        for line in table.lines() {
            writeln!(self.results, "{}", line.trim_end().strip_prefix(' ').unwrap_or_default())?;
        }
        Ok(())
    }

    /// Says something that is not a result.
    pub(super) fn note(&mut self, text: &str) -> io::Result<()> {
        self.results.flush()?;
        writeln!(io::stderr(), "{text}")
    }

    /// Says what went wrong: the sentence, what to do, and the technical rest.
    pub(super) fn problem(&mut self, problem: &Problem) -> io::Result<()> {
        self.results.flush()?;
        let mut err = io::stderr().lock();
        writeln!(err, "photodesk: {}", visible(&problem.what))?;
        for line in problem.hint.iter().flat_map(|hint| hint.lines()) {
            writeln!(err, "  {}", visible(line))?;
        }
        for line in problem.details.iter().flat_map(|details| details.lines()) {
            writeln!(err, "  | {}", visible(line))?;
        }
        Ok(())
    }

    /// A person sits there and can be asked.
    pub(super) fn can_ask() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a question that only `y` or `yes` agrees to.
    pub(super) fn agrees(&mut self, question: &str) -> io::Result<bool> {
        self.results.flush()?;
        write!(io::stderr(), "{question} [y/N] ")?;
        io::stderr().flush()?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    /// Writes out what is held back.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.results.flush()
    }
}
