//! `control-plane run CMD…`: a real Kubernetes API server around a command.

#![allow(clippy::print_stderr, reason = "a program's main may talk")]

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use harness::progress::Progress;
use harness::sandbox::{self, Sandbox};
use harness::{Result, binaries};

/// What `run` returns when the failure is not the command's: what env, timeout and docker return.
const OWN_FAILURE: u8 = 125;

/// Runs a command inside etcd, kube-apiserver and kube-controller-manager of its own.
#[derive(Parser)]
#[command(name = "control-plane")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build etcd, kube-apiserver and kube-controller-manager, unless they are there.
    Build,
    /// Build Helm and age, unless they are there, and print where.
    Tools,
    /// Run a command with KUBECONFIG naming an API server that ends with it.
    ///
    /// Returns the command's exit code, 128 + the number of the signal that ended it, or 125 when
    /// there was no control plane to run it in.
    Run {
        /// Enter a user namespace even as root.
        #[arg(long)]
        user_namespace: bool,
        /// The command and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// The inner half of `run`.
    #[command(hide = true)]
    Inside {
        state: PathBuf,
        binaries: PathBuf,
        #[arg(required = true, last = true)]
        command: Vec<OsString>,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match perform(Arguments::parse().task).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(OWN_FAILURE)
        }
    }
}

async fn perform(task: Task) -> Result<u8> {
    let progress = Progress::stderr();
    match task {
        Task::Build => {
            let folder = binaries::locate(progress)?;
            progress.say(&format!("control plane: {}", folder.display()));
            Ok(0)
        }
        Task::Tools => {
            for tool in [binaries::HELM, binaries::AGE] {
                progress.say(&format!("tools: {}", tool.build(progress)?.display()));
            }
            Ok(0)
        }
        Task::Run { user_namespace, command } => {
            let user_namespace = user_namespace || sandbox::needs_user_namespace();
            let binaries = binaries::locate(progress)?;
            Sandbox { binaries, command, user_namespace }.run(progress).await
        }
        Task::Inside { state, binaries, command } => {
            sandbox::run_inside(&state, &binaries, &command, progress).await
        }
    }
}
