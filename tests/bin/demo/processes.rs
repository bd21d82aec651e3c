//! The programs of the demo: kubeseal and the controller, as a user runs them.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use harness::{Context, Error, Result, eventually, http};

use crate::cluster::Stage;

/// Making a key of 4096 bits takes a second or two, more on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A program built beside this one.
fn program(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe().context(|| "finding this program")?;
    Ok(own.with_file_name(name))
}

/// Runs kubeseal; its standard output.
pub(crate) fn kubeseal(args: &[&str], stdin: &str) -> Result<String> {
    let mut child = Command::new(program("kubeseal")?)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context(|| "starting kubeseal")?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(stdin.as_bytes()).context(|| "handing the Secret to kubeseal")?;
    }
    let output = child.wait_with_output().context(|| "waiting for kubeseal")?;
    if !output.status.success() {
        return Err(Error::new(format!("kubeseal ended with {}", output.status)));
    }
    String::from_utf8(output.stdout).context(|| "reading what kubeseal wrote")
}

/// A controller that runs here and serves the demo's namespace only.
pub(crate) struct Controller {
    child: Child,
    address: String,
    log: PathBuf,
    _folder: tempfile::TempDir,
}

impl Controller {
    pub(crate) async fn start(stage: &Stage) -> Result<Self> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.context(|| "finding a free port")?.to_string();
        let folder = tempfile::tempdir().context(|| "making a folder for the log")?;
        let log = folder.path().join("log");
        let file = std::fs::File::create(&log).context(|| "making the log")?;
        let child = Command::new(program("controller")?)
            .args(["--all-namespaces=false", "--listen-addr", &address])
            .args(["--listen-metrics-addr", "127.0.0.1:0"])
            .env("KUBECONFIG", stage.write_kubeconfig(folder.path())?)
            .env("POD_NAMESPACE", stage.namespace())
            .stdout(file.try_clone().context(|| "making the log")?)
            .stderr(file)
            .spawn()
            .context(|| "starting the controller")?;
        let controller = Self { child, address, log, _folder: folder };
        let health = format!("http://{}/healthz", controller.address);
        eventually("the controller is healthy", START_LIMIT, async || http::get(&health).await)
            .await?;
        Ok(controller)
    }

    pub(crate) fn certificate_url(&self) -> String {
        format!("http://{}/v1/cert.pem", self.address)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(Path::new(&self.log)).unwrap_or_default()
    }

    /// Asks it to end, as Kubernetes does, and waits.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)
            .context(|| "asking the controller to end")?;
        eventually("the controller ends", START_LIMIT, async || {
            self.child.try_wait().ok().flatten()
        })
        .await?;
        Ok(())
    }
}

/// Whatever happens, it does not outlive the demo.
impl Drop for Controller {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
