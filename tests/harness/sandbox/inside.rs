//! The first process of the namespace: starts the control plane, runs the command, ends.

use std::ffi::OsString;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::signal::unix::{self, SignalKind};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::daemons::Daemons;
use super::{BINARIES_VARIABLE, STATE_VARIABLE, exit_code, network, objects, pki, programs, state};
use crate::progress::Progress;
use crate::{Context, Error, Result};

/// How long the command may take to end after it was asked to.
const COMMAND_GRACE: Duration = Duration::from_secs(10);

/// The proxies of the world outside: nobody reaches them from here, and the API server is near.
const PROXIES: [&str; 6] =
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/// Runs the command inside, and returns its exit code. Not for use outside the namespace.
///
/// # Errors
/// When the control plane does not come up, or the command cannot be run.
pub async fn run(
    folder: &Path,
    binaries: &Path,
    command: &[OsString],
    progress: Progress,
) -> Result<u8> {
    let mut end = End::of(state::enter(folder)?)?;
    let mut daemons = Daemons::new(&folder.join("logs"))?;
    let outcome = lead(folder, binaries, command, progress, &mut daemons, &mut end).await;
    daemons.stop().await;
    if end.has_come() {
        // The outer process may have been killed: nobody else would remove it.
        state::remove(folder)?;
    }
    outcome
}

async fn lead(
    folder: &Path,
    binaries: &Path,
    command: &[OsString],
    progress: Progress,
    daemons: &mut Daemons,
    end: &mut End,
) -> Result<u8> {
    tokio::select! {
        started = start(folder, binaries, daemons) => {
            progress.say(&format!("control plane ready in {:.1} s", started?.as_secs_f32()));
        }
        ended = end.or_interrupt() => return Err(ended),
    }
    let mut child = spawn(command, folder, binaries)?;
    let status = tokio::select! {
        status = child.wait() => status.context(|| "cannot wait for the command")?,
        () = end.come() => return wind_up(&mut child).await,
    };
    Ok(exit_code(status))
}

/// The order is the API server's: it needs etcd and certificates, everyone else needs it.
async fn start(folder: &Path, binaries: &Path, daemons: &mut Daemons) -> Result<Duration> {
    let since = Instant::now();
    network::bring_up().await?;
    let pki = pki::create(folder)?;
    daemons.start("etcd", programs::etcd(binaries, folder))?;
    daemons.start("kube-apiserver", programs::api_server(binaries, &pki, &programs::FIRST))?;
    let client = crate::kubeconfig::client(&pki.admin_kubeconfig).await?;
    daemons.meanwhile(objects::api_server_ready(&client)).await?;
    daemons.meanwhile(objects::create(&client, &objects::crds())).await?;
    // Kinds that it does not find at its start, the garbage collector learns of half a minute later.
    daemons.start("kube-controller-manager", programs::controller_manager(binaries, &pki))?;
    daemons.meanwhile(objects::controllers_work(&client)).await?;
    Ok(since.elapsed())
}

fn spawn(command: &[OsString], folder: &Path, binaries: &Path) -> Result<Child> {
    let (program, arguments) = command.split_first().ok_or_else(|| Error::new("no command"))?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env(STATE_VARIABLE, folder)
        .env(BINARIES_VARIABLE, binaries)
        .env("PATH", with_kubectl(binaries))
        .env("KUBECONFIG", folder.join(pki::ADMIN_KUBECONFIG))
        .kill_on_drop(true);
    for proxy in PROXIES {
        command.env_remove(proxy);
    }
    command.spawn().context(|| format!("cannot run {}", program.display()))
}

/// The search path, with kubectl of the API server's own version first.
fn with_kubectl(binaries: &Path) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(binaries.to_owned()).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap_or(path.clone())
}

/// Asks the command to end, then makes it.
async fn wind_up(child: &mut Child) -> Result<u8> {
    let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(id) = id {
        kill_process(id, Signal::TERM).context(|| "cannot end the command")?;
    }
    match timeout(COMMAND_GRACE, child.wait()).await {
        Ok(status) => Ok(exit_code(status.context(|| "cannot wait for the command")?)),
        Err(_) => Err(Error::new("the command had to be killed")),
    }
}

/// The moment to end: the outer process has released the state folder's lock, or is gone.
struct End {
    waiting: oneshot::Receiver<File>,
    /// Held from then on, so that no other run sweeps the folder before we are done.
    lock: Option<File>,
    interrupt: unix::Signal,
}

impl End {
    fn of(lock: File) -> Result<Self> {
        let interrupt =
            unix::signal(SignalKind::interrupt()).context(|| "cannot listen for signals")?;
        let (came, waiting) = oneshot::channel();
        // A blocking lock has no asynchronous form. The thread ends with the process.
        std::thread::spawn(move || {
            while lock.lock().is_err_and(|error| error.kind() == ErrorKind::Interrupted) {}
            came.send(lock)
        });
        Ok(Self { waiting, lock: None, interrupt })
    }

    async fn come(&mut self) {
        if self.lock.is_none() {
            self.lock = (&mut self.waiting).await.ok();
        }
    }

    /// Ctrl-C counts only before the command runs: then it is the command's to understand.
    async fn or_interrupt(&mut self) -> Error {
        tokio::select! {
            lock = &mut self.waiting => self.lock = lock.ok(),
            _ = self.interrupt.recv() => {}
        }
        Error::new("ended before the control plane was ready")
    }

    fn has_come(&self) -> bool {
        self.lock.is_some()
    }
}
