//! The real API server, killed and started again.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use harness::{Cluster, Context, Error, Result, Signal, eventually, process};
use tokio::sync::Mutex;
use tokio::time::sleep;

const NAME: &str = "kube-apiserver";
const LIMIT: Duration = Duration::from_secs(120);
/// Of one attempt.
const READY_LIMIT: Duration = Duration::from_secs(60);

/// The API server that everyone talks to.
pub(crate) struct ApiServer {
    cluster: Cluster,
    command: Vec<String>,
    process: Mutex<Process>,
}

/// Whose child it is.
enum Process {
    /// The control plane's.
    Theirs(u32),
    Ours(Child),
}

impl ApiServer {
    /// The one of the control plane that this runs in.
    pub(crate) fn running(cluster: &Cluster) -> Result<Self> {
        let (id, command) = processes()
            .find(|(_, command)| command.first().is_some_and(|program| program.ends_with(NAME)))
            .ok_or_else(|| Error::new(format!("there is no process {NAME} here")))?;
        let process = Mutex::new(Process::Theirs(id));
        Ok(Self { cluster: cluster.clone(), command, process })
    }

    /// Kills it and starts it again after `pause`.
    pub(crate) async fn restart(&self, pause: Duration) -> Result<()> {
        let mut process = self.process.lock().await;
        match &mut *process {
            Process::Theirs(id) => process::signal(*id, Signal::KILL)?,
            Process::Ours(child) => {
                child.kill().context(|| format!("cannot kill {NAME}"))?;
                child.wait().context(|| format!("cannot wait for {NAME}"))?;
            }
        }
        sleep(pause).await;
        // Its address is free only once the kernel has buried the process.
        let again = format!("{NAME} runs again");
        let child = eventually(&again, LIMIT, async || self.started().await).await?;
        *process = Process::Ours(child);
        Ok(())
    }

    /// Starts it and waits until it is ready.
    async fn started(&self) -> Result<Child> {
        let log = self.cluster.logs().join(format!("{NAME}-again.log"));
        let log = File::options().create(true).append(true).open(log);
        let log = log.context(|| format!("cannot write the log of {NAME}"))?;
        let (program, arguments) = self.command.split_first().ok_or_else(|| Error::new(NAME))?;
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        let mut child = child.context(|| format!("cannot run {NAME}"))?;
        let client = self.cluster.client();
        let ready = format!("{NAME} is ready");
        let outcome = eventually(&ready, READY_LIMIT, async || {
            if let Ok(Some(status)) = child.try_wait() {
                return Ok(Err(Error::new(format!("{NAME} ended: {status}"))));
            }
            let request = http::Request::get("/readyz").body(Vec::new());
            let request = request.map_err(|error| error.to_string())?;
            let answer = client.request_text(request).await.map_err(|error| error.to_string())?;
            if answer == "ok" { Ok(Ok(())) } else { Err(answer) }
        })
        .await;
        match outcome.and_then(|outcome| outcome) {
            Ok(()) => Ok(child),
            Err(error) => {
                // The next attempt needs its port.
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }
}

/// All processes, with their command lines.
fn processes() -> impl Iterator<Item = (u32, Vec<String>)> {
    let entries = fs::read_dir(PathBuf::from("/proc")).into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        let words = fs::read(entry.path().join("cmdline")).ok()?;
        let words = String::from_utf8(words).ok()?;
        Some((id, words.split_terminator('\0').map(str::to_owned).collect()))
    })
}
