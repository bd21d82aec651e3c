//! kubeseal: seals Kubernetes Secrets so that they can be committed.

mod args;
mod certificate;
mod cluster;
mod command;
mod error;
mod json;
mod manifest;
mod namespace;
mod output;
mod pins;
mod run;
mod yaml;

use std::process::ExitCode;

#[expect(clippy::print_stderr, reason = "the one place that talks to the user")]
fn main() -> ExitCode {
    match run::run(&args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
