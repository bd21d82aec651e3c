//! A server of the test's own behind a Service, as the API server's proxy sees it.
//!
//! The proxy answers "no endpoints available" for hand-made Endpoints. What it goes to is a Pod
//! object that looks as if it ran: then the endpointslice controller does the rest within a
//! second.

use k8s_openapi::api::core::v1::{Pod, Service};
use kube::ResourceExt;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use crate::manifest::{create_if_absent, from_json};
use crate::sandbox::POD_ADDRESS;
use crate::{Context, Namespace, Result};

/// The only Node. It has no kubelet.
pub(crate) const NODE: &str = "n1";

/// The port's name, in the Service and in the Pod.
const PORT: &str = "http";

/// Creates a Service with port `http` 8080 → `http`, unless there is one of that name.
///
/// # Errors
/// When the API server refuses it.
pub async fn declare(namespace: &Namespace, service: &str) -> Result<()> {
    let manifest = json!({
        "metadata": { "name": service, "labels": labels(service) },
        "spec": {
            "selector": labels(service),
            "ports": [{ "name": PORT, "port": 8080, "targetPort": PORT }],
        },
    });
    create_if_absent(&namespace.api::<Service>(), manifest).await
}

/// Puts a server that listens on [`POD_ADDRESS`] and `port` behind a declared Service, and
/// returns the name of the Pod object that stands for it.
///
/// # Errors
/// When the API server refuses it.
pub async fn add_endpoint(namespace: &Namespace, service: &str, port: u16) -> Result<String> {
    add_endpoint_of(namespace, &labels(service), port).await
}

/// The same behind the Service that goes to pods with these labels.
///
/// # Errors
/// When the API server refuses it.
pub async fn add_endpoint_of(namespace: &Namespace, labels: &Value, port: u16) -> Result<String> {
    let step = || format!("cannot put port {port} behind the Service of {labels}");
    let pods = namespace.api::<Pod>();
    let pod = from_json(json!({
        "metadata": { "generateName": "run-by-the-test-", "labels": labels },
        "spec": {
            "nodeName": NODE,
            "automountServiceAccountToken": false,
            "containers": [{
                "name": "server",
                "image": "run-by-the-test",
                "ports": [{ "name": PORT, "containerPort": port }],
            }],
        },
    }));
    let name = pods.create(&PostParams::default(), &pod).await.context(step)?.name_any();
    let running = json!({
        "status": {
            "phase": "Running",
            "podIP": POD_ADDRESS,
            "podIPs": [{ "ip": POD_ADDRESS }],
            "conditions": [{ "type": "Ready", "status": "True" }],
        },
    });
    let patch = Patch::Strategic(running);
    pods.patch_status(&name, &PatchParams::default(), &patch).await.context(step)?;
    Ok(name)
}

/// Takes a server away again, by the name of its Pod object.
///
/// # Errors
/// When the API server refuses it.
pub async fn remove_endpoint(namespace: &Namespace, pod: &str) -> Result<()> {
    // No kubelet will ever confirm that the Pod has ended.
    let at_once = DeleteParams::default().grace_period(0);
    let deleted = namespace.api::<Pod>().delete(pod, &at_once).await;
    deleted.context(|| format!("cannot delete the Pod {pod}")).map(drop)
}

/// Asks the server behind a Service, through the API server, as kubeseal does.
///
/// # Errors
/// What the proxy or the server answers if not success.
pub async fn proxied(namespace: &Namespace, service: &str, path: &str) -> kube::Result<String> {
    let name = namespace.name();
    let path = path.trim_start_matches('/');
    let uri = format!("/api/v1/namespaces/{name}/services/{PORT}:{service}:{PORT}/proxy/{path}");
    let request = http::Request::get(uri).body(Vec::new()).map_err(kube::Error::HttpError)?;
    namespace.cluster().client().request_text(request).await
}

pub(crate) fn labels(service: &str) -> Value {
    json!({ "name": service })
}
