//! The controller as a process, with the rights and the surroundings it has in a cluster.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

pub use rustix::process::Signal;

pub use crate::rbac::{Rbac, Rights};
use crate::sandbox::POD_ADDRESS;
use crate::{Context, Error, Namespace, Result, eventually, http, process, program, rbac, service};

/// The controller's name in the cluster: ServiceAccount, Service, Roles.
pub const NAME: &str = "sealed-secrets-controller";

const HEALTHY_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(30);
const PROXY_LIMIT: Duration = Duration::from_secs(30);

/// How a controller is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Arguments after the one that names the address.
    pub args: Vec<String>,
    /// Environment variables on top of the test's own.
    pub env: Vec<(String, String)>,
    /// Whether it may act everywhere, or in the additional namespaces only.
    pub rbac: Rbac,
    /// Whose rules say what it may do there.
    pub rights: Rights,
    /// The chart's `additionalNamespaces`: they become the flag and permissions.
    pub additional_namespaces: Vec<String>,
    /// What is there already; nothing is granted or created then.
    pub installed: Option<Installed>,
}

/// What somebody installed for a controller.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The ServiceAccount.
    pub account: String,
    /// The labels of the pods that the Service goes to.
    pub labels: serde_json::Value,
}

/// A controller that runs; dropping it kills it.
pub struct ControllerProcess {
    namespace: Namespace,
    child: Child,
    port: u16,
    metrics_port: u16,
    pod: String,
    logs: Logs,
}

/// Where standard output and standard error go.
struct Logs {
    stdout: PathBuf,
    stderr: PathBuf,
}

/// What a controller has said so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// On standard output.
    pub stdout: String,
    /// On standard error.
    pub stderr: String,
}

impl ControllerProcess {
    /// Starts one in `namespace` and waits until it is healthy. A second one in the same namespace
    /// shares the ServiceAccount, its rights and the Service, as a replica does.
    ///
    /// # Errors
    /// When the program is not built, ends by itself, or is not healthy within half a minute.
    pub async fn start(namespace: &Namespace, options: Options) -> Result<Self> {
        let program = program::built("controller")?;
        let installed = match options.installed.clone() {
            Some(installed) => installed,
            None => install(namespace, &options).await?,
        };
        let account = &installed.account;
        let kubeconfig =
            namespace.cluster().kubeconfig_for_token(namespace.name(), account).await?;
        let port = namespace.cluster().claim_port()?;
        let metrics_port = namespace.cluster().claim_port()?;
        let logs = Logs::named(&namespace.cluster().logs(), namespace.name(), port);
        let mut command = Command::new(&program);
        command
            .arg(format!("--listen-addr={POD_ADDRESS}:{port}"))
            .arg(format!("--listen-metrics-addr={POD_ADDRESS}:{metrics_port}"))
            .args(additional_namespaces(&options.additional_namespaces))
            .args(&options.args)
            .env("KUBECONFIG", kubeconfig)
            .env("POD_NAMESPACE", namespace.name())
            .envs(options.env);
        let child = logs.spawn(command)?;
        let pod = String::new();
        let namespace = namespace.clone();
        let mut started = Self { namespace, child, port, metrics_port, pod, logs };
        started.healthy().await?;
        let labels = &installed.labels;
        started.pod = service::add_endpoint_of(&started.namespace, labels, port).await?;
        Ok(started)
    }

    /// `http://address:port` of the metrics.
    #[must_use]
    pub fn metrics_url(&self) -> String {
        format!("http://{POD_ADDRESS}:{}", self.metrics_port)
    }

    /// `http://address:port`, without the API server in between.
    pub fn url(&self) -> String {
        format!("http://{POD_ADDRESS}:{}", self.port)
    }

    /// Everything it has said so far.
    pub fn log(&self) -> Log {
        Log { stdout: read(&self.logs.stdout), stderr: read(&self.logs.stderr) }
    }

    /// Waits until the API server's proxy reaches a controller in this namespace.
    ///
    /// # Errors
    /// When it does not within half a minute.
    pub async fn proxied(&self) -> Result<()> {
        let what = format!("the service proxy reaches {NAME} in {}", self.namespace.name());
        let reached = async || service::proxied(&self.namespace, NAME, "healthz").await;
        eventually(&what, PROXY_LIMIT, reached).await.map(drop)
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// When the process has ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        process::signal(self.child.id(), signal)
    }

    /// Waits until it has ended, and takes it from behind its Service.
    ///
    /// # Errors
    /// When it has not after `limit`.
    pub async fn ended(&mut self, limit: Duration) -> Result<ExitStatus> {
        let child = &mut self.child;
        let ended = async || child.try_wait().transpose();
        let status = eventually("the controller ends", limit, ended).await;
        let status = status.map_err(|error| self.with_log(error))?;
        let status = status.context(|| "cannot wait for the controller")?;
        if !self.pod.is_empty() {
            service::remove_endpoint(&self.namespace, &std::mem::take(&mut self.pod)).await?;
        }
        Ok(status)
    }

    /// Asks it to end (SIGTERM) and waits.
    ///
    /// # Errors
    /// When it has not after half a minute.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        self.ended(STOP_LIMIT).await
    }

    async fn healthy(&mut self) -> Result<()> {
        let url = format!("{}/healthz", self.url());
        let child = &mut self.child;
        // The outer result ends the wait, the inner one is the verdict.
        let look = async || match child.try_wait() {
            Ok(Some(status)) => Ok(Err(Error::new(format!("the controller ended: {status}")))),
            _ => match http::get(&url).await {
                Ok(answer) if answer.status() == 200 => Ok(Ok(())),
                Ok(answer) => Err(answer.status().to_string()),
                Err(error) => Err(format!("{error:#}")),
            },
        };
        let healthy = eventually("the controller is healthy", HEALTHY_LIMIT, look).await;
        healthy.and_then(|verdict| verdict).map_err(|error| self.with_log(error))
    }

    /// An error with what the controller said, for whoever reads it.
    pub fn with_log(&self, error: Error) -> Error {
        Error::new(format!("{error:#}\n{}", self.log()))
    }
}

/// The names that kubeseal looks for.
async fn install(namespace: &Namespace, options: &Options) -> Result<Installed> {
    let rights = (options.rbac, options.rights);
    rbac::grant(namespace, NAME, rights, &options.additional_namespaces).await?;
    service::declare(namespace, NAME).await?;
    Ok(Installed { account: NAME.to_owned(), labels: service::labels(NAME) })
}

impl Drop for ControllerProcess {
    fn drop(&mut self) {
        // Both fail for one that has ended and been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Logs {
    fn named(folder: &Path, namespace: &str, port: u16) -> Self {
        let file = |suffix| folder.join(format!("{namespace}-controller-{port}.{suffix}"));
        Self { stdout: file("stdout"), stderr: file("stderr") }
    }

    fn spawn(&self, mut command: Command) -> Result<Child> {
        let create = |path: &Path| {
            File::create(path).context(|| format!("cannot create {}", path.display()))
        };
        command
            .stdin(Stdio::null())
            .stdout(create(&self.stdout)?)
            .stderr(create(&self.stderr)?)
            .spawn()
            .context(|| "cannot run the controller")
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stdout, stderr } = self;
        write!(f, "--- the controller's stdout\n{stdout}--- the controller's stderr\n{stderr}")
    }
}

fn additional_namespaces(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("--additional-namespaces={}", names.join(",")))
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}
