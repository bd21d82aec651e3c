//! The in-cluster controller: opens SealedSecrets into Secrets.

mod api_limit;
mod api_patience;
mod app;
mod apply;
mod args;
mod canary;
mod cores;
mod error;
mod go_duration;
mod http;
mod keys;
mod leader;
mod metrics;
mod places;
mod plan;
mod publish;
mod reconcile;
mod record;
#[cfg(test)]
mod reference;
mod report;
mod secrets;
mod steady;
mod telemetry;
mod tracker;
mod watch;

use std::process::ExitCode;
use std::time::Duration;

/// A mistake on the command line, as upstream's exit code has it.
const USAGE: u8 = 2;

#[expect(clippy::print_stdout, reason = "--version is asked for on standard output")]
fn main() -> ExitCode {
    if let Some(asked) = canary::asked_for(std::env::args_os()) {
        return asked.map_or_else(|error| unread(&error), try_out);
    }
    let parsed = args::parse(std::env::args_os(), |name| std::env::var(name).ok());
    let (args, mut warnings) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return unread(&error),
    };
    if args.version {
        println!("controller version: v{}", env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    let level = args.level().unwrap_or_else(|warning| {
        warnings.push(warning);
        tracing::Level::INFO
    });
    telemetry::start(level, args.log_format, args.log_info_stdout);
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let runtime = tokio::runtime::Runtime::new().expect("the system has threads and timers");
    let ended = runtime.block_on(app::run(args));
    // Work that goes on off the async threads is not waited for: its time was the grace.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
            tracing::error!("cannot go on: {error}{hint}");
            ExitCode::FAILURE
        }
    }
}

/// A mistake on the command line, or a request for help.
#[expect(clippy::print_stderr, reason = "before there is a log, mistakes are told here")]
fn unread(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        eprintln!("{}", args::in_one_line(error));
        return ExitCode::from(USAGE);
    }
    if error.print().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[expect(clippy::print_stdout, reason = "the answer of a test")]
#[expect(clippy::print_stderr, reason = "it has no log")]
fn try_out(canary: canary::Canary) -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("the system has threads and timers");
    match runtime.block_on(canary::run(canary)) {
        Ok(seen) => {
            println!("{seen}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
