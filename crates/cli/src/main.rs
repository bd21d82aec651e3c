//! kubeseal: seals Kubernetes Secrets so that they can be committed.

mod args;
mod certificate;
mod cluster;
mod command;
mod error;
mod json;
mod keys;
mod manifest;
mod memory;
mod namespace;
mod object;
mod output;
mod pins;
mod run;
mod sealed_file;
mod typo;
mod yaml;

use std::process::ExitCode;

use args::Parsed;
use error::{Error, io_reason, say};

/// Upstream's exit code for a mistake on the command line.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    memory::guard();
    let parsed = args::parse(std::env::args_os(), |name| std::env::var_os(name));
    let done = match parsed {
        Ok(Parsed::Args(args)) => run::run(&args),
        Ok(Parsed::Help(help)) => help
            .print()
            .map_err(|error| Error::new(format!("cannot print the help: {}", io_reason(&error)))),
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error);
            if error.is_usage() { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
        }
    }
}
