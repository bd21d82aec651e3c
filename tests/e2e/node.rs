//! A node that runs the pods of `deploy/controller.yaml` as processes: with their arguments and
//! variables, at an address of each pod's own, ready when their probes say so, until they are
//! deleted.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::{Cluster, Context, Error, Result, eventually, http};
use k8s_openapi::api::core::v1::{Container, Pod, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

const NAMESPACE: &str = "kube-system";
const SELECTOR: &str = "name=sealed-secrets-controller";
/// The only Node of the control plane.
const NODE: &str = "n1";
const INTERVAL: Duration = Duration::from_millis(200);
const LIMIT: Duration = Duration::from_secs(60);

/// The node. Dropping it ends what runs on it.
pub(crate) struct Node {
    pods: Api<Pod>,
    program: PathBuf,
    kubeconfig: PathBuf,
    /// What the test sets besides, so that this controller is the others' no concern.
    arguments: Vec<String>,
    logs: PathBuf,
    running: BTreeMap<String, Child>,
    begun: u8,
}

impl Node {
    /// One on which nothing runs yet.
    ///
    /// # Errors
    /// When the controller's service account is not there.
    pub(crate) async fn new(
        cluster: &Cluster,
        program: PathBuf,
        arguments: Vec<String>,
        logs: &Path,
    ) -> Result<Self> {
        let pods = Api::namespaced(cluster.client(), NAMESPACE);
        let account = "sealed-secrets-controller";
        let kubeconfig = cluster.kubeconfig_for_token(NAMESPACE, account).await?;
        let (logs, running) = (logs.to_owned(), BTreeMap::new());
        Ok(Self { pods, program, kubeconfig, arguments, logs, running, begun: 0 })
    }

    /// Works until something fails.
    pub(crate) async fn work(&mut self) -> Error {
        loop {
            if let Err(error) = self.look().await {
                return error;
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// What all controllers said.
    pub(crate) fn log(&self) -> String {
        let logs = (0..self.begun).map(|number| std::fs::read_to_string(self.log_file(number)));
        logs.map(Result::unwrap_or_default).collect::<Vec<_>>().join("---\n")
    }

    fn log_file(&self, number: u8) -> PathBuf {
        self.logs.join(format!("controller-{number}.log"))
    }

    async fn look(&mut self) -> Result<()> {
        let ours = ListParams::default().labels(SELECTOR);
        let pods = self.pods.list(&ours).await.context(|| "cannot list the controller's pods")?;
        for pod in pods {
            if pod.metadata.deletion_timestamp.is_some() {
                self.end(&pod.name_any()).await?;
            } else if !self.running.contains_key(&pod.name_any()) {
                self.begin(&pod).await?;
            }
        }
        Ok(())
    }

    async fn begin(&mut self, pod: &Pod) -> Result<()> {
        let (name, number) = (pod.name_any(), self.begun);
        // Every address of this network is the machine's own.
        let address = format!("10.99.0.{}", 100 + number);
        let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
        let container = containers.into_iter().next().ok_or_else(|| Error::new("no container"))?;
        let binding = json!({
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": { "name": name },
            "target": { "apiVersion": "v1", "kind": "Node", "name": NODE },
        });
        let params = PostParams::default();
        let bound = self.pods.create_subresource::<_, Value>("binding", &name, &params, &binding);
        bound.await.context(|| format!("cannot bind the pod {name}"))?;
        self.begun += 1;
        let mut command = self.command(container, &address, number)?;
        let mut child = command.spawn().context(|| "cannot run the controller")?;
        for probe in [&container.liveness_probe, &container.readiness_probe] {
            let url = url(container, probe.as_ref(), &address)?;
            eventually(&format!("{url} answers 200"), LIMIT, async || {
                // As a kubelet does: what may not read its keys yet may in a moment.
                if child.try_wait().ok().flatten().is_some() {
                    child = command.spawn().map_err(|error| error.to_string())?;
                }
                match http::get(&url).await {
                    Ok(answer) if answer.status() == 200 => Ok(()),
                    Ok(answer) => Err(answer.status().to_string()),
                    Err(error) => Err(format!("{error:#}")),
                }
            })
            .await?;
        }
        self.running.insert(name.clone(), child);
        let ready = Patch::Strategic(json!({
            "status": {
                "phase": "Running",
                "podIP": address,
                "podIPs": [{ "ip": address }],
                "conditions": [{ "type": "Ready", "status": "True" }],
            },
        }));
        let patched = self.pods.patch_status(&name, &PatchParams::default(), &ready).await;
        patched.context(|| format!("cannot say that the pod {name} runs")).map(drop)
    }

    fn command(&self, container: &Container, address: &str, number: u8) -> Result<Command> {
        let step = || "cannot make the controller's log";
        let log = File::create(self.log_file(number)).context(step)?;
        let variables = container.env.iter().flatten();
        let mut command = Command::new(&self.program);
        command
            .args(container.args.iter().flatten())
            .arg(format!("--listen-addr={address}:{}", port(container, "http")?))
            .arg(format!("--listen-metrics-addr={address}:{}", port(container, "metrics")?))
            .args(&self.arguments)
            .envs(variables.map(|v| (v.name.clone(), v.value.clone().unwrap_or_default())))
            // In the place of the service account's files.
            .env("KUBECONFIG", &self.kubeconfig)
            .env("POD_NAMESPACE", NAMESPACE)
            .stdout(log.try_clone().context(step)?)
            .stderr(log)
            .kill_on_drop(true);
        Ok(command)
    }

    async fn end(&mut self, name: &str) -> Result<()> {
        if let Some(mut child) = self.running.remove(name) {
            let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
            if let Some(id) = id {
                // It may just have ended.
                let _ = kill_process(id, Signal::TERM);
            }
            let ended = tokio::time::timeout(LIMIT, child.wait()).await;
            ended.context(|| format!("{name} does not end"))?.context(|| "cannot wait for it")?;
        }
        match self.pods.delete(name, &DeleteParams::default().grace_period(0)).await {
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            deleted => deleted.context(|| format!("cannot remove the pod {name}")).map(drop),
        }
    }
}

fn port(container: &Container, name: &str) -> Result<i32> {
    let mut ports = container.ports.iter().flatten();
    let port = ports.find(|port| port.name.as_deref() == Some(name));
    port.map(|port| port.container_port).ok_or_else(|| Error::new(format!("no port {name}")))
}

fn url(container: &Container, probe: Option<&Probe>, address: &str) -> Result<String> {
    let get = probe.and_then(|probe| probe.http_get.as_ref());
    let get = get.ok_or_else(|| Error::new("a probe is missing"))?;
    let IntOrString::String(name) = &get.port else {
        return Err(Error::new("a probe names no port"));
    };
    let path = get.path.as_deref().unwrap_or_default();
    Ok(format!("http://{address}:{}{path}", port(container, name)?))
}
