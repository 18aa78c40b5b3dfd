//! With a subcommand the command line, else the window.

use std::process::ExitCode;

use photodesk::cli::{self, Start};

fn main() -> ExitCode {
    match cli::start(std::env::args_os()) {
        Start::Done(code) => code,
        Start::Window(options) => match cli::display() {
            Ok(()) => match photodesk::app::run(options) {
                Ok(()) => ExitCode::SUCCESS,
                Err(problem) => cli::say(&problem),
            },
            Err(problem) => cli::say(&problem),
        },
    }
}
