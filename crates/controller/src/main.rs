//! The in-cluster controller: opens SealedSecrets into Secrets.

mod app;
mod apply;
mod args;
mod backoff;
mod error;
mod go_duration;
mod http;
mod keys;
mod plan;
mod reconcile;
mod report;
mod telemetry;
mod watch;

use std::process::ExitCode;

use clap::Parser;

#[expect(clippy::print_stdout, reason = "--version is asked for on standard output")]
#[tokio::main]
async fn main() -> ExitCode {
    let args = args::Args::parse();
    if args.version {
        println!("controller version: v{}", env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    telemetry::start(args.log_level);
    match app::run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("cannot go on: {error}");
            ExitCode::FAILURE
        }
    }
}
