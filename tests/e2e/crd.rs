//! The CustomResourceDefinition: generated, and as generous as upstream's.

use std::path::Path;

use harness::{Cluster, Context, Namespace, Result};
use kube::CustomResourceExt;
use sealwright_api::SealedSecret;
use serde_json::{Value, json};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../charts/sealwright/crds");

#[test]
fn the_chart_holds_the_generated_one_and_nothing_else() {
    let files: Vec<_> =
        Path::new(FOLDER).read_dir().unwrap().map(|file| file.unwrap().path()).collect();
    let [file] = &files[..] else { panic!("{files:?}") };
    let text = std::fs::read_to_string(file).unwrap();
    let held: Value = serde_saphyr::from_str(&text).unwrap();
    let generated = serde_json::to_value(SealedSecret::crd()).unwrap();
    assert_eq!(held, generated, "write it anew with crdgen: see docs/development.md");
}

#[tokio::test]
async fn what_upstreams_schema_accepts_is_accepted_and_kept() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("accepted").await?;
    for spec in [
        json!({}),
        json!({ "encryptedData": {} }),
        json!({ "encryptedData": { "a": "AgA=", "b": "" } }),
        json!({ "encryptedData": { "a": "not base64" } }),
        json!({ "data": "AgA=", "encryptedData": {} }),
        json!({ "encryptedData": {}, "template": {} }),
        json!({ "encryptedData": {}, "template": { "metadata": null } }),
        json!({ "encryptedData": {}, "template": { "metadata": {} } }),
        json!({ "encryptedData": {}, "template": { "metadata": { "creationTimestamp": null } } }),
        json!({ "encryptedData": {}, "template": { "metadata": {
            "name": "a",
            "namespace": "b",
            "labels": { "a": "b" },
            "annotations": { "a": "b" },
            "finalizers": ["example.com/hold"],
            "ownerReferences": [{ "apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u" }],
            "unknown": { "deep": [1, true, null] },
        } } }),
        json!({ "encryptedData": {}, "template": { "data": null } }),
        json!({ "encryptedData": {}, "template": { "data": {} } }),
        json!({ "encryptedData": {}, "template": { "data": { "a": "{{ .a }}", "gone": null } } }),
        json!({ "encryptedData": {}, "template": { "type": "kubernetes.io/tls", "immutable": true } }),
        json!({ "encryptedData": {}, "template": { "type": "", "immutable": false } }),
    ] {
        let (code, answer) = create(&namespace, &spec).await?;
        assert_eq!((code, &answer["spec"]), (201, &spec), "{answer}");
    }
    Ok(())
}

#[tokio::test]
async fn unknown_fields_and_null_values_are_dropped_as_upstreams_schema_does() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("pruned").await?;
    let spec = json!({
        "encryptedData": { "a": "AgA=", "b": null },
        "unknown": 1,
        "template": { "unknown": 1 },
    });
    let (code, answer) = create(&namespace, &spec).await?;
    let kept = json!({ "encryptedData": { "a": "AgA=" }, "template": {} });
    assert_eq!((code, &answer["spec"]), (201, &kept), "{answer}");
    Ok(())
}

#[tokio::test]
async fn wrong_types_are_refused() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("refused").await?;
    for (spec, field) in [
        (json!("text"), "spec"),
        (json!([]), "spec"),
        (Value::Null, "spec"),
        (json!({ "encryptedData": { "a": 5 } }), "spec.encryptedData.a"),
        (json!({ "encryptedData": { "a": true } }), "spec.encryptedData.a"),
        (json!({ "encryptedData": { "a": { "b": "c" } } }), "spec.encryptedData.a"),
        (json!({ "encryptedData": ["a"] }), "spec.encryptedData"),
        (json!({ "encryptedData": "a" }), "spec.encryptedData"),
        (json!({ "encryptedData": {}, "data": { "a": "b" } }), "spec.data"),
        (json!({ "encryptedData": {}, "template": "a" }), "spec.template"),
        (json!({ "encryptedData": {}, "template": { "type": 5 } }), "spec.template.type"),
        (
            json!({ "encryptedData": {}, "template": { "immutable": "no" } }),
            "spec.template.immutable",
        ),
        (
            json!({ "encryptedData": {}, "template": { "data": { "a": 5 } } }),
            "spec.template.data.a",
        ),
        (json!({ "encryptedData": {}, "template": { "data": ["a"] } }), "spec.template.data"),
        (json!({ "encryptedData": {}, "template": { "metadata": "a" } }), "spec.template.metadata"),
    ] {
        let (code, answer) = create(&namespace, &spec).await?;
        assert_eq!(code, 422, "{spec}: {answer}");
        let message = answer["message"].as_str().unwrap_or_default();
        assert!(message.contains(field), "{spec}: {message}");
    }
    Ok(())
}

#[tokio::test]
async fn a_status_as_upstream_writes_it_is_kept() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("status").await?;
    let spec = json!({ "encryptedData": {} });
    let object = object(&spec);
    let path = format!("{}?fieldManager=test", path(&namespace));
    let (code, mut created) = send(&namespace, "POST", &path, &object).await?;
    assert_eq!(code, 201, "{created}");
    let time = "2024-02-29T12:00:00Z";
    let status = json!({
        "observedGeneration": 1,
        "conditions": [{
            "type": "Synced",
            "status": "False",
            "lastUpdateTime": time,
            "lastTransitionTime": time,
            "reason": "",
            "message": "no key could decrypt secret (a)",
        }],
    });
    created["status"] = status.clone();
    created["spec"]["encryptedData"]["a"] = "a status write changes no spec".into();
    let path = format!("{}/db/status", self::path(&namespace));
    let (code, written) = send(&namespace, "PUT", &path, &created).await?;
    assert_eq!((code, &written["status"], &written["spec"]), (200, &status, &spec), "{written}");
    Ok(())
}

#[tokio::test]
async fn kubectl_shows_status_synced_and_age() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("columns").await?;
    let request = http::Request::get(path(&namespace))
        .header("accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
        .body(Vec::new())
        .context(|| "no request")?;
    let table = namespace.cluster().client().request::<Value>(request).await;
    let table = table.context(|| "no table")?;
    let columns = table["columnDefinitions"].as_array().into_iter().flatten();
    let names: Vec<_> = columns.map(|column| column["name"].as_str().unwrap_or_default()).collect();
    assert_eq!(names, ["Name", "Status", "Synced", "Age"]);
    Ok(())
}

/// Creates an object without keeping it.
async fn create(namespace: &Namespace, spec: &Value) -> Result<(u16, Value)> {
    let path = format!("{}?dryRun=All", path(namespace));
    send(namespace, "POST", &path, &object(spec)).await
}

/// Sends an object as it is; our types would already smooth it.
async fn send(
    namespace: &Namespace,
    method: &str,
    path: &str,
    object: &Value,
) -> Result<(u16, Value)> {
    let request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(object.to_string().into_bytes())
        .context(|| "no request")?;
    let request = request.map(kube::client::Body::from);
    let answer = namespace.cluster().client().send(request).await.context(|| "no answer")?;
    let (head, body) = answer.into_parts();
    let body = body.collect_bytes().await.context(|| "no answer")?;
    let value = serde_json::from_slice(&body).context(|| "no JSON")?;
    Ok((head.status.as_u16(), value))
}

fn path(namespace: &Namespace) -> String {
    format!("/apis/bitnami.com/v1alpha1/namespaces/{}/sealedsecrets", namespace.name())
}

fn object(spec: &Value) -> Value {
    json!({
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": { "name": "db" },
        "spec": spec,
    })
}
