//! The in-cluster controller: opens SealedSecrets into Secrets.

mod api_limit;
mod api_patience;
mod app;
mod apply;
mod args;
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
#[expect(clippy::print_stderr, reason = "before there is a log, mistakes are told here")]
fn main() -> ExitCode {
    let parsed = args::parse(std::env::args_os(), |name| std::env::var(name).ok());
    let (args, mut warnings) = match parsed {
        Ok(parsed) => parsed,
        Err(error) if error.use_stderr() => {
            eprintln!("{}", args::in_one_line(&error));
            return ExitCode::from(USAGE);
        }
        Err(help) => {
            let printed = help.print();
            return if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
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
            tracing::error!("cannot go on: {error}");
            ExitCode::FAILURE
        }
    }
}
