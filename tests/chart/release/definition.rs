//! The resource definition: Helm leaves it alone, and the command of the README upgrades it without
//! touching an object. Under another group, so that the other tests keep theirs.

use std::path::Path;
use std::time::Duration;

use harness::{Cluster, Context, Result, eventually};
use serde_json::{Value, json};

use crate::helm::{CHART, HERE, Helm};
use crate::matrix::yaml;
use crate::objects::kubectl;

const GROUP: &str = "bitnami.com";
const COUNT: usize = 60;
const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn no_object_is_lost_or_changed_by_an_upgrade_of_the_definition_or_the_way_back() -> Result<()>
{
    let cluster = Cluster::connect().await?;
    let namespace = cluster.namespace("definition").await?;
    let group = format!("{}.example.com", namespace.name());
    let shown = Helm::find()?.run(["show", "crds", CHART])?.succeeded()?;
    let ours: Value = serde_saphyr::from_str(&shown).context(|| "no definition")?;
    let ours = under(&group, &ours)?;
    let older = Path::new(HERE).join("../crds/older/sealedsecrets.yaml");
    let older = under(&group, &yaml(&older)?)?;

    kubectl(&cluster, &["create", "-f-"], &older).await?;
    let name = format!("crd/sealedsecrets.{group}");
    let wait = ["wait", "--for=condition=Established", "--timeout=60s", name.as_str()];
    kubectl(&cluster, &wait, &Value::Null).await?;
    let items: Vec<_> = (0..COUNT).map(|n| object(&group, namespace.name(), n)).collect();
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": items });
    // What is established is not everywhere known at the same moment.
    eventually("the objects are created", LIMIT, async || {
        kubectl(&cluster, &["apply", "-f-"], &list).await
    })
    .await?;
    let before = there(&cluster, &group, namespace.name()).await?;
    assert_eq!(before.len(), COUNT);

    for definition in [&ours, &older, &ours] {
        let apply = ["apply", "--server-side", "--force-conflicts", "-f-"];
        kubectl(&cluster, &apply, definition).await?;
        kubectl(&cluster, &wait, &Value::Null).await?;
        assert_eq!(there(&cluster, &group, namespace.name()).await?, before);
    }
    Ok(())
}

#[tokio::test]
async fn helm_leaves_a_definition_that_is_there_alone() -> Result<()> {
    let (helm, cluster) = (Helm::find()?, Cluster::connect().await?);
    let namespace = cluster.namespace("left-alone").await?;
    let name = namespace.name();
    let version = async || {
        let path = "jsonpath={.metadata.uid} {.metadata.resourceVersion}";
        let get = ["get", "crd", "sealedsecrets.bitnami.com", "-o", path];
        kubectl(&cluster, &get, &Value::Null).await
    };
    let before = version().await?;
    let role = format!("rbac.clusterRoleName=\"{name}\"");
    for verb in ["install", "upgrade"] {
        helm.run([verb, name, CHART, "-n", name, "--set-json", &role])?.succeeded()?;
        assert_eq!(version().await?, before);
    }
    helm.run(["uninstall", name, "-n", name])?.succeeded()?;
    assert_eq!(version().await?, before);
    Ok(())
}

fn under(group: &str, definition: &Value) -> Result<Value> {
    let text = definition.to_string().replace(GROUP, group);
    serde_json::from_str(&text).context(|| "no definition")
}

/// Of many forms, one after another.
fn object(group: &str, namespace: &str, number: usize) -> Value {
    let spec = match number % 4 {
        0 => json!({ "encryptedData": { "a": "AgA=", "b": "AgB=" } }),
        1 => json!({ "encryptedData": {}, "template": { "data": { "a": "{{ .b }}" } } }),
        2 => json!({ "data": "AgA=", "encryptedData": {}, "template": { "type": "Opaque" } }),
        _ => json!({ "encryptedData": { "a": "AgA=" }, "template": { "metadata": {
            "labels": { "a": "b" }, "annotations": { "c": "d" }, "unknown": [1, null],
        } } }),
    };
    json!({
        "apiVersion": format!("{group}/v1alpha1"),
        "kind": "SealedSecret",
        "metadata": { "name": format!("object-{number}"), "namespace": namespace },
        "spec": spec,
    })
}

async fn there(cluster: &Cluster, group: &str, namespace: &str) -> Result<Vec<Value>> {
    let kind = format!("sealedsecrets.{group}");
    let get = ["get", kind.as_str(), "-n", namespace, "-o", "json"];
    let list = kubectl(cluster, &get, &Value::Null).await?;
    let list: Value = serde_json::from_str(&list).context(|| "kubectl wrote no JSON")?;
    Ok(list["items"].as_array().cloned().unwrap_or_default())
}
