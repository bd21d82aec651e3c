//! kubeseal: seals Kubernetes Secrets so that they can be committed.

mod args;
mod cache;
mod certificate;
mod clock;
mod cluster;
mod colour;
mod command;
mod configuration;
mod error;
mod json;
mod keys;
mod manifest;
mod memory;
mod namespace;
mod object;
mod output;
mod pins;
mod program;
mod prompt;
mod run;
mod sealed_file;
mod signals;
mod table;
mod typo;
mod verb;
mod yaml;

use std::process::ExitCode;

use args::Parsed;
use colour::Paint;
use error::{Cause, say};
use program::Called;
use verb::Ending;

fn main() -> ExitCode {
    memory::guard();
    verb::sweep();
    let parsed = args::parse(std::env::args_os(), |name| std::env::var_os(name));
    let (done, code): (_, fn(Cause) -> u8) = match parsed {
        Ok(Parsed::Args(args)) => (run::run(&args).map(|()| Ending::Clean), upstreams_code),
        Ok(Parsed::Verb(verb)) => (verb.run(), verb::exit_code),
        Ok(Parsed::Help(help)) => (printed(&help).map(|()| Ending::Clean), upstreams_code),
        Err(error) => (Err(error), verb::exit_code),
    };
    memory::wipe_stack();
    match done {
        Ok(ending) => ExitCode::from(ending as u8),
        Err(error) => {
            let error = error.called(Called::now());
            say(&error);
            ExitCode::from(code(error.cause()))
        }
    }
}

/// As it is typed, with clap's styles where they are wanted.
fn printed(help: &clap::Error) -> error::Result<()> {
    let text = help.render();
    let text = match Paint::of_standard_output() {
        Paint::Colours => text.ansi().to_string(),
        _ => text.to_string(),
    };
    output::print(Called::now().in_text(&text).as_bytes())
}

/// Upstream's exit codes: one for a mistake on the command line, one for everything else.
fn upstreams_code(cause: Cause) -> u8 {
    if cause == Cause::Usage { 2 } else { 1 }
}
