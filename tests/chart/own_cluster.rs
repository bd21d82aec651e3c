//! A cluster of a test's own, for what has fixed names in kube-system: it begins with the resource
//! definition of sealed-secrets, and a node runs what is deployed.

use std::collections::BTreeMap;
use std::path::Path;

use harness::node::{Node, Pods};
use harness::{Cluster, Context, Error, Namespace, Neighbour, Result};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::helm::HERE;
use crate::objects::kubectl;
use crate::opened::{is_opened, unseals};

/// Of the repository, by their paths from here: what stands for sealed-secrets' own manifest, and ours.
pub(crate) const THEIRS: [&str; 2] = ["../crds/older", "upstream-like.yaml"];
pub(crate) const OURS: [&str; 1] = ["../../deploy/controller.yaml"];

/// What a manifest is made of.
const KINDS: &str = "deployments,services,serviceaccounts,roles,rolebindings,clusterroles,\
                     clusterrolebindings,customresourcedefinitions";

/// The cluster and its node.
pub(crate) struct OwnCluster {
    /// Where SealedSecrets go.
    pub(crate) shop: Namespace,
    node: Node,
    _neighbour: Neighbour,
    _logs: TempDir,
}

impl OwnCluster {
    pub(crate) async fn start(name: &str) -> Result<Self> {
        let crds = Path::new(HERE).join(THEIRS[0]);
        let neighbour = Neighbour::start(&Cluster::connect().await?, name, &crds).await?;
        let logs = tempfile::tempdir().context(|| "cannot make a folder for logs")?;
        let mut pods = Pods::of_controllers()?;
        pods.arguments.push("--key-size=2048".to_owned());
        let node = Node::new(neighbour.cluster(), pods, logs.path());
        let shop = neighbour.cluster().namespace("shop").await?;
        Ok(Self { shop, node, _neighbour: neighbour, _logs: logs })
    }

    pub(crate) fn cluster(&self) -> &Cluster {
        self.shop.cluster()
    }

    /// `kubectl apply` of files, until what they deploy runs.
    pub(crate) async fn apply(&mut self, files: &[&str]) -> Result<()> {
        self.applied(files).await?;
        self.rolled_out().await
    }

    /// The same without the wait.
    pub(crate) async fn applied(&self, files: &[&str]) -> Result<()> {
        let files = files.iter().map(|file| Path::new(HERE).join(file).display().to_string());
        let files: Vec<_> = files.collect();
        let mut arguments = vec!["apply"];
        arguments.extend(files.iter().flat_map(|file| ["-f", file.as_str()]));
        self.kubectl(&arguments).await.map(drop)
    }

    /// Waits until the controller runs as it is deployed, and in no other way.
    pub(crate) async fn rolled_out(&mut self) -> Result<()> {
        let what = "deployment/sealed-secrets-controller";
        let status = ["-n", "kube-system", "rollout", "status", what, "--timeout=2m"];
        self.works_beside(&status).await.map(drop)
    }

    /// Runs kubectl while the node works.
    pub(crate) async fn works_beside(&mut self, arguments: &[&str]) -> Result<String> {
        self.node.beside(kubectl(self.shop.cluster(), arguments, &Value::Null)).await
    }

    /// Lets the node work while something else is done.
    pub(crate) async fn beside<T>(&mut self, done: impl Future<Output = Result<T>>) -> Result<T> {
        self.node.beside(done).await
    }

    /// Runs kubectl as an admin.
    pub(crate) async fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        kubectl(self.cluster(), arguments, &Value::Null).await
    }

    /// What `kubectl get` finds.
    pub(crate) async fn found(&self, arguments: &[&str]) -> Result<Vec<Value>> {
        let list = self.kubectl(&[&["get", "-o", "json"], arguments].concat()).await?;
        let mut list: Value = serde_json::from_str(&list).context(|| "kubectl wrote no JSON")?;
        match list.pointer_mut("/items").map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => Ok(vec![list]),
        }
    }

    /// Seals a Secret with nothing but a kubeconfig, and waits until it is opened.
    pub(crate) async fn unseals(&mut self, name: &str) -> Result<()> {
        self.node.beside(unseals(&self.shop, name, &[], json!({}))).await
    }

    /// Whether what was opened before still is.
    pub(crate) async fn still_holds(&self, names: &[&str]) -> Result<()> {
        for name in names {
            let opened = is_opened(&self.shop, name).await;
            opened.map_err(|seen| Error::new(format!("{name}: {seen}")))?;
        }
        Ok(())
    }

    /// Everything in the cluster that a manifest of a controller is made of, by kind and name, without
    /// what each write changes.
    pub(crate) async fn installed(&self) -> Result<BTreeMap<String, Value>> {
        let found = self.found(&[KINDS, "--all-namespaces"]).await?;
        let own = found.into_iter().filter(|object| name(object).contains("seal"));
        Ok(own.map(|object| (what(&object), lasting(object))).collect())
    }

    /// The resourceVersion of every Secret, by namespace and name: it tells who was written.
    pub(crate) async fn secrets(&self) -> Result<BTreeMap<String, Value>> {
        let found = self.found(&["secrets", "--all-namespaces"]).await?;
        let version =
            |secret: &Value| (what(secret), secret["metadata"]["resourceVersion"].clone());
        Ok(found.iter().map(version).collect())
    }
}

/// Kind, namespace and name.
pub(crate) fn what(object: &Value) -> String {
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
    format!("{} {namespace}/{}", object["kind"].as_str().unwrap_or_default(), name(object))
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

fn lasting(mut object: Value) -> Value {
    let revision = "deployment.kubernetes.io/revision";
    for (place, field) in [
        ("", "status"),
        ("/metadata", "resourceVersion"),
        ("/metadata", "generation"),
        ("/metadata/annotations", revision),
    ] {
        if let Some(Value::Object(fields)) = object.pointer_mut(place) {
            fields.remove(field);
        }
    }
    object
}
