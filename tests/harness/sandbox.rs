//! Runs a command inside a control plane that ends with it.
//!
//! The outer process runs itself again under `unshare`, in a network and process namespace of its
//! own. There it is the first process, so that the kernel ends everything with it: the API server
//! leaves no trace, whichever way the run ends. Nothing outside is touched, and the ports and
//! addresses are fixed, because nobody else is in there.
//!
//! Both share a state folder. The outer one holds its lock: once the lock is free, whether it was
//! released or its holder was killed, the inner one winds up.

mod daemons;
mod inside;
mod neighbour;
mod network;
mod objects;
mod pki;
mod programs;
mod state;

use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

pub use inside::run as run_inside;
pub use neighbour::Neighbour;
pub(crate) use network::SERVER;
pub use network::{CONTROL_PLANE_ADDRESS, POD_ADDRESS};
pub(crate) use pki::{ADMIN_KUBECONFIG, CA_CERTIFICATE, write_private};
use state::Held;

use crate::progress::Progress;
use crate::{Context, Error, Result};

/// Names the state folder to whoever runs inside.
pub const STATE_VARIABLE: &str = "SEALWRIGHT_CONTROL_PLANE";

/// Names the folder of the control plane's programs to whoever runs inside.
const BINARIES_VARIABLE: &str = "SEALWRIGHT_CONTROL_PLANE_PROGRAMS";

/// How long a command may take to end after Ctrl-C: nextest gives its tests ten seconds.
const INTERRUPT_GRACE: Duration = Duration::from_secs(15);
/// How long the inner process may take to end once it should: longer than its own limits.
const END_GRACE: Duration = Duration::from_secs(20);

/// A command to run inside a control plane of its own.
#[derive(Debug)]
pub struct Sandbox {
    /// The folder with the control plane's programs.
    pub binaries: PathBuf,
    /// The command and its arguments.
    pub command: Vec<OsString>,
    /// Enter a user namespace too; without root there is no other way to the rest.
    pub user_namespace: bool,
}

/// Whether this process needs a user namespace to make the others.
pub fn needs_user_namespace() -> bool {
    !rustix::process::geteuid().is_root()
}

impl Sandbox {
    /// Starts the control plane, runs the command, ends everything, and returns the command's
    /// exit code (128 + the signal's number when one ended it).
    ///
    /// # Errors
    /// When no namespace could be entered. What fails inside is told there.
    pub async fn run(&self, progress: Progress) -> Result<u8> {
        let temp = std::env::temp_dir();
        for swept in state::sweep(&temp) {
            progress.say(&format!("removed {}, left behind by a killed run", swept.display()));
        }
        let mut state = Held::create(&temp)?;
        let mut child = self.enter(&state)?;
        let status = wait_out(&mut child, &mut state).await?;
        let entered = state.was_entered();
        state.remove()?;
        if entered { Ok(exit_code(status)) } else { Err(self.shut_out()) }
    }

    fn enter(&self, state: &Held) -> Result<Child> {
        let program = std::env::current_exe().context(|| "cannot find this program")?;
        let spawned = Command::new("unshare")
            .args(unshare_arguments(self.user_namespace))
            .arg("--")
            .arg(program)
            .arg("inside")
            .args([state.folder(), &self.binaries])
            .arg("--")
            .args(&self.command)
            .spawn();
        spawned.map_err(|error| not_run("unshare", "util-linux", error))
    }

    fn shut_out(&self) -> Error {
        let error = Error::new("cannot enter a network and process namespace (unshare says why)");
        if self.user_namespace {
            error.hint(
                "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, \
                 kernel.apparmor_restrict_unprivileged_userns=0), or run as root",
            )
        } else {
            error.hint("in a container, this takes the capability SYS_ADMIN")
        }
    }
}

fn unshare_arguments(user_namespace: bool) -> Vec<&'static str> {
    let mut arguments = vec!["--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
    if user_namespace {
        arguments.extend(["--user", "--map-root-user"]);
    }
    arguments
}

/// Waits for the end, or brings it about. Ctrl-C reaches the command by itself, as it does every
/// process of the terminal's foreground group: sent twice it would mean "at once" to nextest. The
/// other signals reach only us: we release the lock.
async fn wait_out(child: &mut Child, state: &mut Held) -> Result<ExitStatus> {
    let listen = |kind| signal(kind).context(|| "cannot listen for signals");
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hang_up = listen(SignalKind::hangup())?;
    let ended = tokio::select! {
        status = child.wait() => Some(status),
        _ = interrupt.recv() => timeout(INTERRUPT_GRACE, child.wait()).await.ok(),
        _ = terminate.recv() => None,
        _ = hang_up.recv() => None,
    };
    let status = match ended {
        Some(status) => status,
        None => {
            state.release();
            match timeout(END_GRACE, child.wait()).await {
                Ok(status) => status,
                Err(_) => {
                    child.start_kill().context(|| "cannot kill unshare")?;
                    child.wait().await
                }
            }
        }
    };
    status.context(|| "cannot wait for unshare")
}

fn exit_code(status: ExitStatus) -> u8 {
    let signal = status.signal().map(|signal| signal + 128);
    status.code().or(signal).and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// A program could not be run: names the Debian package that brings it when it is missing.
fn not_run(program: &str, package: &str, error: std::io::Error) -> Error {
    let missing = error.kind() == ErrorKind::NotFound;
    let error = Error::because(format!("cannot run `{program}`"), error);
    if missing { error.hint(format!("apt-get install {package}")) } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_root_a_user_namespace_opens_the_others() {
        assert!(unshare_arguments(true).ends_with(&["--user", "--map-root-user"]));
        assert!(!unshare_arguments(false).contains(&"--user"));
    }

    #[test]
    fn a_signal_becomes_the_shells_exit_code() {
        assert_eq!(exit_code(ExitStatus::from_raw(3 << 8)), 3);
        assert_eq!(exit_code(ExitStatus::from_raw(2)), 130);
    }
}
