//! kubeseal as people run it: a program, its input, what it says.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use crate::{Context, Result, program};

/// Longer than anybody would wait for an answer.
const LIMIT: Duration = Duration::from_secs(30);

/// What one run left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Runs kubeseal as the user of `kubeconfig`, with `input` on standard input.
///
/// # Errors
/// When the program is not built, cannot be run or does not end; not when it fails.
pub async fn run<A: AsRef<OsStr>>(
    kubeconfig: &Path,
    args: impl IntoIterator<Item = A>,
    input: &str,
) -> Result<Run> {
    run_in(kubeconfig, &[], args, input).await
}

/// The same with environment variables, of which there are otherwise none that kubeseal heeds.
///
/// # Errors
/// As [`run`].
pub async fn run_in<A: AsRef<OsStr>>(
    kubeconfig: &Path,
    variables: &[(&str, &str)],
    args: impl IntoIterator<Item = A>,
    input: &str,
) -> Result<Run> {
    let settings = tempfile::tempdir().context(|| "cannot make a folder for settings")?;
    ended(kubeconfig, settings.path(), variables, args, input).await
}

/// The same with a folder for settings that outlives the run: kubeseal remembers keys there.
///
/// # Errors
/// As [`run`].
pub async fn run_with<A: AsRef<OsStr>>(
    kubeconfig: &Path,
    settings: &Path,
    args: impl IntoIterator<Item = A>,
    input: &str,
) -> Result<Run> {
    ended(kubeconfig, settings, &[], args, input).await
}

async fn ended<A: AsRef<OsStr>>(
    kubeconfig: &Path,
    settings: &Path,
    variables: &[(&str, &str)],
    args: impl IntoIterator<Item = A>,
    input: &str,
) -> Result<Run> {
    let step = || "cannot run kubeseal";
    let mut command = Command::new(program::built("kubeseal")?);
    // Each flag has a variable, and so have proxies; only the test decides.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_uppercase();
        if text.starts_with("SEALED_SECRETS_") || text.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    let mut child = command
        .args(args)
        .env("KUBECONFIG", kubeconfig)
        .env("XDG_CONFIG_HOME", settings)
        .env("XDG_CACHE_HOME", settings)
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context(step)?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that fails at once, or has no use for input, closes it.
        let _ = stdin.write_all(input.as_bytes()).await;
    }
    let ended = timeout(LIMIT, child.wait_with_output()).await;
    let output = ended.context(|| "kubeseal did not end within half a minute")?.context(step)?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) })
}
