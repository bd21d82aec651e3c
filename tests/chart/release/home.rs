//! A release in a namespace of its own, with a node that runs its pods.

use std::collections::BTreeMap;
use std::time::Duration;

use harness::installation::SUITE;
use harness::node::{Node, Pods};
use harness::{Cluster, Context, Error, Namespace, Result, eventually, program};
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::ResourceExt;
use kube::api::ListParams;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::helm::{Helm, objects};
use crate::objects::kubectl;
use crate::opened::{is_opened, unseals};

const LIMIT: Duration = Duration::from_secs(60);
/// What there is of `helm test` while it runs.
const TESTED: &str = "pods,serviceaccounts,roles,rolebindings";

/// The release and all around it.
pub(super) struct Home {
    pub(super) namespace: Namespace,
    /// Where SealedSecrets go.
    pub(super) away: Namespace,
    helm: Helm,
    node: Node,
    _logs: TempDir,
}

impl Home {
    pub(super) async fn new(prefix: &str) -> Result<Self> {
        let namespace = Cluster::connect().await?.namespace(prefix).await?;
        let away = namespace.cluster().namespace(&format!("{prefix}-away")).await?;
        let logs = tempfile::tempdir().context(|| "cannot make a folder for logs")?;
        let selector = format!("app.kubernetes.io/instance={}", namespace.name());
        let pods = Pods {
            namespace: namespace.name(),
            selector: &selector,
            program: program::built("controller")?,
            arguments: Vec::new(),
        };
        let node = Node::new(namespace.cluster(), pods, logs.path());
        Ok(Self { helm: Helm::find()?, node, away, namespace, _logs: logs })
    }

    /// The release has the namespace's name.
    fn release(&self) -> &str {
        self.namespace.name()
    }

    /// What its objects are called.
    pub(super) fn fullname(&self) -> String {
        format!("{}-sealed-secrets", self.release())
    }

    /// Values that keep it apart from the releases of other tests, and some more.
    pub(super) fn settings(&self, more: &[&str]) -> Vec<String> {
        let suite = format!("{{\"{SUITE}\":\"{}\"}}", self.release());
        let mut settings = vec![
            "keySize=2048".to_owned(),
            format!("labelSelector=\"{SUITE}={}\"", self.release()),
            format!("canary.labels={suite}"),
            format!("rbac.clusterRoleName=\"{}\"", self.release()),
        ];
        settings.extend(more.iter().map(|setting| (*setting).to_owned()));
        settings
    }

    /// `helm install` or `helm upgrade`, waiting until its pods are ready.
    pub(super) async fn helm(
        &mut self,
        verb: &str,
        chart: &str,
        settings: &[String],
    ) -> Result<()> {
        let release = self.namespace.name();
        let mut args = vec![verb, release, chart, "--namespace", release];
        args.extend(["--wait", "--timeout", "2m"]);
        args.extend(settings.iter().flat_map(|setting| ["--set-json", setting.as_str()]));
        self.node.beside(self.helm.run_beside(args)).await.map(drop)
    }

    pub(super) async fn rollback(&mut self) -> Result<()> {
        let release = self.namespace.name();
        let args = ["rollback", release, "1", "-n", release, "--wait", "--timeout", "2m"];
        self.node.beside(self.helm.run_beside(args)).await.map(drop)
    }

    pub(super) async fn uninstall(&mut self) -> Result<()> {
        let release = self.namespace.name();
        let args = ["uninstall", release, "-n", release, "--wait", "--timeout", "2m"];
        self.node.beside(self.helm.run_beside(args)).await?;
        self.runs(0).await
    }

    /// `helm test`, which leaves nothing behind; what its pod said is in the node's log.
    pub(super) async fn tested(&mut self) -> Result<()> {
        let release = self.namespace.name();
        let args = ["test", release, "-n", release, "--timeout", "2m"];
        self.node.beside(self.helm.run_beside(args)).await?;
        let log = self.node.log();
        assert!(log.contains(" became its Secret in "), "{log}");
        let cluster = self.namespace.cluster();
        let label = "app.kubernetes.io/name=sealed-secrets-canary,app.kubernetes.io/instance";
        let own = format!("{label}={release}");
        let get = ["get", TESTED, "--all-namespaces", "-l", own.as_str(), "-o", "name"];
        let left = eventually("nothing is left of the test", LIMIT, async || {
            match kubectl(cluster, &get, &Value::Null).await {
                Ok(left) if left.is_empty() => Ok(()),
                Ok(left) => Err(left),
                Err(error) => Err(error.to_string()),
            }
        });
        self.node.beside(left).await
    }

    /// Waits until so many of its pods run.
    pub(super) async fn runs(&mut self, count: usize) -> Result<()> {
        let pods = self.namespace.api::<Pod>();
        let own = ListParams::default().labels("app.kubernetes.io/name=sealed-secrets");
        let what = format!("{count} pods run");
        let counted = eventually(&what, LIMIT, async || {
            let there = pods.list(&own).await.map_err(|error| error.to_string())?.items.len();
            if there == count { Ok(()) } else { Err(format!("{there} do")) }
        });
        self.node.beside(counted).await
    }

    /// Seals a Secret by the Service's certificate, as a user would, and waits until it is opened.
    pub(super) async fn unseals(&mut self, name: &str) -> Result<()> {
        let place = format!("--controller-namespace={}", self.namespace.name());
        let service = format!("--controller-name={}", self.fullname());
        let labels = json!({ SUITE: self.namespace.name() });
        self.node.beside(unseals(&self.away, name, &[&place, &service], labels)).await
    }

    /// Whether what was opened before still is, and its Secret the same.
    pub(super) async fn still_holds(&self, names: &[&str]) -> Result<()> {
        for name in names {
            let opened = is_opened(&self.away, name).await;
            opened.map_err(|seen| Error::new(format!("{name}: {seen}")))?;
        }
        Ok(())
    }

    /// The UIDs of the SealedSecrets' Secrets and of the keys.
    pub(super) async fn secrets(&self) -> Result<BTreeMap<String, String>> {
        let mut secrets = BTreeMap::new();
        for namespace in [&self.namespace, &self.away] {
            let found = namespace.api::<Secret>().list(&ListParams::default()).await;
            let found = found.context(|| "cannot list Secrets")?;
            // Helm keeps what it knows of a release in Secrets, too.
            let found = found.iter().filter(|secret| !secret.name_any().starts_with("sh.helm."));
            secrets
                .extend(found.map(|secret| (secret.name_any(), secret.uid().unwrap_or_default())));
        }
        Ok(secrets)
    }

    /// The UIDs of what the release is made of, by kind and name; nothing once it is uninstalled.
    pub(super) async fn uids(&self) -> Result<BTreeMap<String, String>> {
        let cluster = self.namespace.cluster();
        let release = self.release();
        let manifest = self.helm.run(["get", "manifest", release, "-n", release])?;
        let Ok(manifest) = manifest.succeeded() else { return Ok(BTreeMap::new()) };
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects(&manifest)? });
        let there = kubectl(cluster, &["get", "-f-", "-o", "json"], &list).await?;
        let there: Value = serde_json::from_str(&there).context(|| "kubectl wrote no JSON")?;
        let uid = |object: &Value| {
            let metadata = &object["metadata"];
            (format!("{} {}", object["kind"], metadata["name"]), metadata["uid"].to_string())
        };
        Ok(there["items"].as_array().into_iter().flatten().map(uid).collect())
    }
}
