//! With a subcommand the command line, else the window.

use std::process::ExitCode;

use photodesk::cli::{self, Start};

fn main() -> ExitCode {
    match cli::start(std::env::args_os()) {
        Start::Done(code) => code,
        Start::Window(options) => match cli::display() {
            Ok(()) => {
                let _ = options;
                ExitCode::FAILURE
            }
            Err(problem) => cli::say(&problem),
        },
    }
}
