//! SealedSecrets that a test seals as a user would, and what becomes of them.

use std::time::Duration;

use harness::installation::items;
use harness::{Context, Namespace, Result, eventually, kubeseal};
use k8s_openapi::api::core::v1::Secret;
use sealwright_api::{ConditionStatus, SYNCED, SealedSecret};
use serde_json::{Value, json};

use crate::objects::kubectl;

const LIMIT: Duration = Duration::from_secs(60);

/// Seals a Secret by the Service's certificate and waits until it is opened. The flags say where the
/// controller is, and the labels whose concern the SealedSecret is.
pub(crate) async fn unseals(
    namespace: &Namespace,
    name: &str,
    flags: &[&str],
    labels: Value,
) -> Result<()> {
    let secret = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": name, "namespace": namespace.name() },
        "stringData": { "a": name },
    });
    let kubeconfig = namespace.cluster().kubeconfig();
    let sealed =
        eventually("kubeseal reaches the controller", LIMIT, async || {
            match kubeseal::run(&kubeconfig, flags, &secret.to_string()).await {
                Ok(run) if run.code == Some(0) => Ok(run.stdout),
                Ok(run) => Err(run.stderr),
                Err(error) => Err(error.to_string()),
            }
        });
    let mut sealed: Value =
        serde_json::from_str(&sealed.await?).context(|| "kubeseal wrote no JSON")?;
    sealed["metadata"]["labels"] = labels;
    kubectl(namespace.cluster(), &["apply", "-f-"], &sealed).await?;
    let opened = async || is_opened(namespace, name).await;
    eventually(&format!("{name} is opened"), LIMIT, opened).await
}

/// Whether it is opened, or how it is instead.
pub(crate) async fn is_opened(namespace: &Namespace, name: &str) -> Result<(), String> {
    let secret = namespace.api::<Secret>().get(name).await.map_err(|error| error.to_string())?;
    if items(&secret) != json!({ "a": name }) {
        return Err("the Secret holds something else".to_owned());
    }
    let sealed = namespace.api::<SealedSecret>().get(name).await;
    let status = sealed.map_err(|error| error.to_string())?.status.unwrap_or_default();
    let synced = status.conditions.iter().find(|condition| condition.type_ == SYNCED);
    match synced {
        Some(synced) if synced.status == ConditionStatus::True => Ok(()),
        _ => Err(format!("{:?}", status.conditions)),
    }
}
