//! A node that runs the controller's pods as processes: with their arguments, variables and service
//! account, at an address of each pod's own, ready when their probes say so, until they are deleted.
//! A pod that is not to be restarted runs to its end.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, EnvVar, Pod, PodSpec, Probe, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::service::NODE;
use crate::{Cluster, Context, Error, Result, eventually, http, program};

const INTERVAL: Duration = Duration::from_millis(200);
const LIMIT: Duration = Duration::from_secs(60);

/// What runs on a node.
pub struct Pods<'a> {
    /// Their namespace.
    pub namespace: &'a str,
    /// Their labels, as `kubectl get -l` takes them.
    pub selector: &'a str,
    /// What stands for the program that their containers name.
    pub program: PathBuf,
    /// Arguments behind their own, so that this controller is the other tests' no concern.
    pub arguments: Vec<String>,
}

impl Pods<'static> {
    /// All of kube-system: where a cluster is the test's own, they are the controller's.
    ///
    /// # Errors
    /// When the controller is not built.
    pub fn of_controllers() -> Result<Self> {
        let program = program::built("controller")?;
        Ok(Self { namespace: "kube-system", selector: "", program, arguments: Vec::new() })
    }
}

/// The node. Dropping it ends what runs on it.
pub struct Node {
    cluster: Cluster,
    pods: Api<Pod>,
    namespace: String,
    selector: String,
    program: PathBuf,
    arguments: Vec<String>,
    logs: PathBuf,
    running: BTreeMap<String, Child>,
    begun: u8,
}

impl Node {
    /// One on which nothing runs yet.
    pub fn new(cluster: &Cluster, pods: Pods, logs: &Path) -> Self {
        let Pods { namespace, selector, program, arguments } = pods;
        Self {
            cluster: cluster.clone(),
            pods: Api::namespaced(cluster.client(), namespace),
            namespace: namespace.to_owned(),
            selector: selector.to_owned(),
            program,
            arguments,
            logs: logs.to_owned(),
            running: BTreeMap::new(),
            begun: 0,
        }
    }

    /// Works for as long as something else is done.
    ///
    /// # Errors
    /// What goes wrong with either, and what the pods said.
    pub async fn beside<T>(&mut self, done: impl Future<Output = Result<T>>) -> Result<T> {
        let done = tokio::select! {
            done = done => done,
            failed = self.work() => Err(failed),
        };
        done.map_err(|error| {
            Error::new(format!("{error:#}\n--- what the pods said\n{}", self.log()))
        })
    }

    /// Works until something fails.
    async fn work(&mut self) -> Error {
        loop {
            if let Err(error) = self.look().await {
                return error;
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// What all pods said.
    pub fn log(&self) -> String {
        let logs = (0..self.begun).map(|number| std::fs::read_to_string(self.log_file(number)));
        logs.map(Result::unwrap_or_default).collect::<Vec<_>>().join("---\n")
    }

    fn log_file(&self, number: u8) -> PathBuf {
        self.logs.join(format!("pod-{number}.log"))
    }

    async fn look(&mut self) -> Result<()> {
        let ours = ListParams::default().labels(&self.selector);
        let pods = self.pods.list(&ours).await.context(|| "cannot list the pods of the node")?;
        for pod in pods {
            let name = pod.name_any();
            if pod.metadata.deletion_timestamp.is_some() {
                self.end(&name).await?;
            } else if let Some(child) = self.running.get_mut(&name) {
                let status = child.try_wait().context(|| format!("cannot wait for {name}"))?;
                if let Some(status) = status.filter(|_| runs_once(&pod) && !has_ended(&pod)) {
                    let phase = if status.success() { "Succeeded" } else { "Failed" };
                    self.say(&name, json!({ "phase": phase })).await?;
                }
            } else {
                self.begin(&pod).await?;
            }
        }
        Ok(())
    }

    async fn begin(&mut self, pod: &Pod) -> Result<()> {
        let name = pod.name_any();
        let address = self.cluster.claim_address()?;
        let spec = pod.spec.as_ref().ok_or_else(|| Error::new("a pod without a spec"))?;
        let container = spec.containers.first().ok_or_else(|| Error::new("no container"))?;
        let binding = json!({
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": { "name": name },
            "target": { "apiVersion": "v1", "kind": "Node", "name": NODE },
        });
        let params = PostParams::default();
        let bound = self.pods.create_subresource::<_, Value>("binding", &name, &params, &binding);
        bound.await.context(|| format!("cannot bind the pod {name}"))?;
        let mut command = self.command(&name, spec, container, &address).await?;
        self.begun += 1;
        let mut child = command.spawn().context(|| "cannot run the controller")?;
        for probe in [&container.liveness_probe, &container.readiness_probe].into_iter().flatten() {
            let url = url(container, probe, &address)?;
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
        let status = json!({
            "phase": "Running",
            "podIP": address,
            "podIPs": [{ "ip": address }],
            "conditions": [{
                "type": "Ready",
                "status": "True",
                // What minReadySeconds counts from.
                "lastTransitionTime": jiff::Timestamp::now().to_string(),
            }],
        });
        self.say(&name, status).await
    }

    /// Writes the pod's status.
    async fn say(&self, name: &str, status: Value) -> Result<()> {
        let status = Patch::Strategic(json!({ "status": status }));
        let patched = self.pods.patch_status(name, &PatchParams::default(), &status).await;
        patched.context(|| format!("cannot say how the pod {name} is")).map(drop)
    }

    async fn command(
        &self,
        pod: &str,
        spec: &PodSpec,
        container: &Container,
        address: &str,
    ) -> Result<Command> {
        let account = spec.service_account_name.as_deref().unwrap_or("default");
        let kubeconfig = self.cluster.kubeconfig_for_token(&self.namespace, account).await?;
        let step = || "cannot make the log of a pod";
        let log = File::create(self.log_file(self.begun)).context(step)?;
        let mut command = Command::new(&self.program);
        command
            .args(container.command.iter().flatten().skip(1))
            .args(self.reached(container.args.iter().flatten()).await?)
            .args(listening(container, address))
            .args(&self.arguments)
            .envs(container.env.iter().flatten().map(|variable| self.variable(pod, variable)))
            // In the place of the service account's files.
            .env("KUBECONFIG", &kubeconfig)
            .env("POD_NAMESPACE", &self.namespace)
            .stdout(log.try_clone().context(step)?)
            .stderr(log)
            .kill_on_drop(true);
        Ok(command)
    }

    /// Arguments, with an address in the place of a Service's name: there is no DNS and no kube-proxy.
    async fn reached(&self, arguments: impl Iterator<Item = &String>) -> Result<Vec<String>> {
        let mut reached = Vec::new();
        for argument in arguments {
            let service = argument.split_once("http://").and_then(|(before, rest)| {
                let (name, port) = rest.split_once(&format!(".{}.svc:", self.namespace))?;
                Some((before, name, port.parse().ok()?))
            });
            reached.push(match service {
                Some((before, name, port)) => {
                    format!("{before}http://{}", self.endpoint(name, port).await?)
                }
                None => argument.clone(),
            });
        }
        Ok(reached)
    }

    /// Where a port of a Service leads to.
    async fn endpoint(&self, service: &str, port: i32) -> Result<String> {
        let step = || format!("no way to the Service {service}");
        let services = Api::<Service>::namespaced(self.cluster.client(), &self.namespace);
        let ports = services.get(service).await.context(step)?.spec.and_then(|spec| spec.ports);
        let port = ports.into_iter().flatten().find(|there| there.port == port);
        let name = port.ok_or_else(|| Error::new(format!("{service} has no such port")))?.name;
        let slices = Api::<EndpointSlice>::namespaced(self.cluster.client(), &self.namespace);
        let own = ListParams::default().labels(&format!("kubernetes.io/service-name={service}"));
        eventually(&format!("somebody stands behind {service}"), LIMIT, async || {
            let slice = slices.list(&own).await.ok()?.items.into_iter().next()?;
            let port = slice.ports.into_iter().flatten().find(|port| port.name == name)?.port?;
            let address = slice.endpoints.into_iter().next()?.addresses.into_iter().next()?;
            Some(format!("{address}:{port}"))
        })
        .await
    }

    /// What a variable is in a pod.
    fn variable(&self, pod: &str, variable: &EnvVar) -> (String, String) {
        let field = variable.value_from.as_ref().and_then(|from| from.field_ref.as_ref());
        let value = match field.map(|field| field.field_path.as_str()) {
            Some("metadata.name") => pod.to_owned(),
            Some("metadata.namespace") => self.namespace.clone(),
            _ => variable.value.clone().unwrap_or_default(),
        };
        (variable.name.clone(), value)
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

/// Whether the pod is done when its process is.
fn runs_once(pod: &Pod) -> bool {
    let policy = pod.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref());
    policy == Some("Never")
}

fn has_ended(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}

/// Where a container with ports listens: every pod has an address of its own.
fn listening(container: &Container, address: &str) -> Vec<String> {
    let flags = [("http", "--listen-addr"), ("metrics", "--listen-metrics-addr")];
    let flag = |(name, flag)| Some(format!("{flag}={address}:{}", port(container, name)?));
    flags.into_iter().filter_map(flag).collect()
}

fn port(container: &Container, name: &str) -> Option<i32> {
    let mut ports = container.ports.iter().flatten();
    ports.find(|port| port.name.as_deref() == Some(name)).map(|port| port.container_port)
}

fn url(container: &Container, probe: &Probe, address: &str) -> Result<String> {
    let get = probe.http_get.as_ref().ok_or_else(|| Error::new("a probe asks nothing"))?;
    let IntOrString::String(name) = &get.port else {
        return Err(Error::new("a probe names no port"));
    };
    let port = port(container, name).ok_or_else(|| Error::new(format!("no port {name}")))?;
    let path = get.path.as_deref().unwrap_or_default();
    Ok(format!("http://{address}:{port}{path}"))
}
