//! A node that runs the controller's pods as processes: with their arguments and variables, as their
//! ServiceAccount, at an address of each pod's own, ready when their probes say so, until they are
//! deleted.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, Pod, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::service::NODE;
use crate::{Cluster, Context, Error, Result, claim, eventually, http, process, program};

/// The program that it runs. Pods of others stay pending.
const PROGRAM: &str = "controller";
const INTERVAL: Duration = Duration::from_millis(200);
const LIMIT: Duration = Duration::from_secs(60);

/// The node. Dropping it ends what runs on it.
pub struct Node {
    cluster: Cluster,
    /// By namespace and name.
    running: BTreeMap<(String, String), Child>,
    logs: Vec<PathBuf>,
}

impl Node {
    /// One on which nothing runs yet.
    pub fn new(cluster: &Cluster) -> Self {
        Self { cluster: cluster.clone(), running: BTreeMap::new(), logs: Vec::new() }
    }

    /// Works until something fails.
    pub async fn work(&mut self) -> Error {
        loop {
            if let Err(error) = self.look().await {
                return error;
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// What all controllers said.
    #[must_use]
    pub fn log(&self) -> String {
        let logs = self.logs.iter().map(std::fs::read_to_string);
        logs.map(std::io::Result::unwrap_or_default).collect::<Vec<_>>().join("---\n")
    }

    async fn look(&mut self) -> Result<()> {
        let all = Api::<Pod>::all(self.cluster.client());
        let pods = all.list(&ListParams::default()).await.context(|| "cannot list the pods")?;
        for pod in pods {
            let Some(container) = containers(&pod).find(|container| runs(container)).cloned() else {
                continue;
            };
            let id = (pod.namespace().unwrap_or_default(), pod.name_any());
            if pod.metadata.deletion_timestamp.is_some() {
                self.end(id).await?;
            } else if !self.running.contains_key(&id) {
                self.begin(&pod, &container, id).await?;
            }
        }
        Ok(())
    }

    async fn begin(
        &mut self,
        pod: &Pod,
        container: &Container,
        id: (String, String),
    ) -> Result<()> {
        let (namespace, name) = &id;
        let pods = self.pods(namespace);
        let binding = json!({
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": { "name": name },
            "target": { "apiVersion": "v1", "kind": "Node", "name": NODE },
        });
        let params = PostParams::default();
        let bound = pods.create_subresource::<_, Value>("binding", name, &params, &binding).await;
        bound.context(|| format!("cannot bind the pod {name}"))?;
        let address = claim::address(&self.cluster)?;
        let account = pod.spec.as_ref().and_then(|spec| spec.service_account_name.as_deref());
        let account = account.unwrap_or("default");
        let kubeconfig = self.cluster.kubeconfig_for_token(namespace, account).await?;
        let mut command = self.command(container, &address)?;
        // In the place of the service account's files.
        command.env("KUBECONFIG", kubeconfig).env("POD_NAMESPACE", namespace);
        let child = started(&mut command, container, &address).await?;
        self.running.insert(id.clone(), child);
        let ready = Patch::Strategic(json!({
            "status": {
                "phase": "Running",
                "podIP": address,
                "podIPs": [{ "ip": address }],
                "conditions": [{ "type": "Ready", "status": "True" }],
            },
        }));
        let patched = pods.patch_status(name, &PatchParams::default(), &ready).await;
        patched.context(|| format!("cannot say that the pod {name} runs")).map(drop)
    }

    fn command(&mut self, container: &Container, address: &str) -> Result<Command> {
        let step = || "cannot make the controller's log";
        let folder = self.cluster.logs();
        std::fs::create_dir_all(&folder).context(step)?;
        let log = folder.join(format!("pod-{address}.log"));
        let file = File::create(&log).context(step)?;
        self.logs.push(log);
        let words = container.command.iter().flatten().skip(1);
        let variables = container.env.iter().flatten();
        let mut command = Command::new(program::built(PROGRAM)?);
        command
            .args(words.chain(container.args.iter().flatten()))
            .arg(format!("--listen-addr={address}:{}", port(container, "http")?))
            .arg(format!("--listen-metrics-addr={address}:{}", port(container, "metrics")?))
            .envs(variables.map(|v| (v.name.clone(), v.value.clone().unwrap_or_default())))
            .stdout(file.try_clone().context(step)?)
            .stderr(file)
            .kill_on_drop(true);
        Ok(command)
    }

    async fn end(&mut self, id: (String, String)) -> Result<()> {
        let (namespace, name) = &id;
        if let Some(mut child) = self.running.remove(&id) {
            if let Some(id) = child.id() {
                // It may just have ended.
                let _ = process::signal(id, Signal::TERM);
            }
            let ended = tokio::time::timeout(LIMIT, child.wait()).await;
            ended.context(|| format!("{name} does not end"))?.context(|| "cannot wait for it")?;
        }
        let at_once = DeleteParams::default().grace_period(0);
        match self.pods(namespace).delete(name, &at_once).await {
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            deleted => deleted.context(|| format!("cannot remove the pod {name}")).map(drop),
        }
    }

    fn pods(&self, namespace: &str) -> Api<Pod> {
        Api::namespaced(self.cluster.client(), namespace)
    }
}

fn containers(pod: &Pod) -> impl Iterator<Item = &Container> {
    pod.spec.iter().flat_map(|spec| &spec.containers)
}

fn runs(container: &Container) -> bool {
    container.command.iter().flatten().next().is_some_and(|program| program == PROGRAM)
}

/// Starts it, and waits until its probes say that it is ready. As a kubelet does, it is started
/// again meanwhile: what may not read its keys yet may in a moment.
async fn started(command: &mut Command, container: &Container, address: &str) -> Result<Child> {
    let step = || "cannot run the controller";
    let mut child = command.spawn().context(step)?;
    for probe in [&container.liveness_probe, &container.readiness_probe] {
        let url = url(container, probe.as_ref(), address)?;
        eventually(&format!("{url} answers 200"), LIMIT, async || {
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
    Ok(child)
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
