//! What a real API server says of what is rendered.

use std::path::Path;
use std::process::Stdio;

use harness::{Cluster, Context, Error, Result};
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::helm::{HERE, Helm};
use crate::matrix::{OF_ANOTHER_AGE, cases};

/// What a user asked for that "restricted" does not allow.
const UNRESTRICTED: [&str; 2] = ["pod", "bare-pod"];

#[tokio::test]
async fn the_api_server_takes_every_object_and_every_field() -> Result<()> {
    let cluster = Cluster::connect().await?;
    prepare(&cluster).await?;
    let cases = cases(&Helm::find()?)?;
    for case in cases.iter().filter(|case| case.name != OF_ANOTHER_AGE) {
        // A pod is refused without its account, which a dry run does not make: see below.
        let objects = case.objects.iter().filter(|object| object["kind"] != "Pod");
        let objects: Vec<_> = objects.collect();
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects });
        let arguments = [
            "apply",
            "--server-side",
            "--force-conflicts",
            "--dry-run=server",
            "--validate=strict",
        ];
        let arguments = [&arguments[..], &["-f-"]].concat();
        kubectl(&cluster, &arguments, &list).await.context(|| case.name.clone())?;
    }
    Ok(())
}

#[tokio::test]
async fn pods_meet_the_restricted_standard_unless_the_user_wants_otherwise() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let namespace = cluster.namespace("restricted").await?;
    let label = json!({ "metadata": { "labels": {
        "pod-security.kubernetes.io/enforce": "restricted",
    } } });
    let namespaces = Api::<Namespace>::all(cluster.client());
    let labelled =
        namespaces.patch(namespace.name(), &PatchParams::default(), &Patch::Merge(label)).await;
    labelled.context(|| "cannot label the namespace")?;
    let mut refused = Vec::new();
    let cases = cases(&Helm::find()?)?;
    for case in cases.iter().filter(|case| case.name != OF_ANOTHER_AGE) {
        for spec in case.objects.iter().filter_map(pod_spec) {
            let spec = without_what_is_not_here(spec);
            let pod = json!({ "metadata": { "generateName": "tried-" }, "spec": spec });
            let pod: Pod = serde_json::from_value(pod).context(|| case.name.clone())?;
            let params = PostParams { dry_run: true, ..PostParams::default() };
            match namespace.api().create(&params, &pod).await {
                Ok(_) => {}
                Err(kube::Error::Api(status))
                    if status.message.contains("violates PodSecurity") =>
                {
                    refused.push(case.name.as_str());
                }
                Err(error) => return Err(error).context(|| case.name.clone()),
            }
        }
    }
    refused.dedup();
    let mut expected = UNRESTRICTED.to_vec();
    expected.sort_unstable();
    assert_eq!(refused, expected);
    Ok(())
}

fn pod_spec(object: &Value) -> Option<&Value> {
    match object["kind"].as_str() {
        Some("Deployment") => Some(&object["spec"]["template"]["spec"]),
        Some("Pod") => Some(&object["spec"]),
        _ => None,
    }
}

/// Classes and accounts that only another cluster or namespace has.
fn without_what_is_not_here(spec: &Value) -> Value {
    let mut spec = spec.clone();
    if let Some(fields) = spec.as_object_mut() {
        fields.insert("serviceAccountName".to_owned(), "default".into());
        fields.retain(|field, _| {
            !["runtimeClassName", "priorityClassName"].contains(&field.as_str())
        });
    }
    spec
}

/// Brings what the objects ask for.
async fn prepare(cluster: &Cluster) -> Result<()> {
    let file = Path::new(HERE).join("fixtures.yaml").display().to_string();
    kubectl(cluster, &["apply", "--server-side", "-f", &file], &Value::Null).await?;
    let kinds = ["servicemonitors", "podmonitors", "prometheusrules"];
    let kinds = kinds.map(|kind| format!("crd/{kind}.monitoring.coreos.com"));
    let mut arguments = vec!["wait", "--for=condition=Established", "--timeout=60s"];
    arguments.extend(kinds.iter().map(String::as_str));
    kubectl(cluster, &arguments, &Value::Null).await.map(drop)
}

/// Runs kubectl as an admin, with an object on standard input.
pub(crate) async fn kubectl(
    cluster: &Cluster,
    arguments: &[&str],
    input: &Value,
) -> Result<String> {
    let step = || "cannot run kubectl";
    let mut child = Command::new("kubectl")
        .args(arguments)
        .env("KUBECONFIG", cluster.kubeconfig())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context(step)?;
    if let Some(mut stdin) = child.stdin.take() {
        // It may not read it.
        let _ = stdin.write_all(input.to_string().as_bytes()).await;
    }
    let output = child.wait_with_output().await.context(step)?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if output.status.success() {
        return Ok(text(output.stdout));
    }
    let said = text(output.stderr);
    Err(Error::new(format!("kubectl {}\n{said}", arguments.join(" "))))
}
