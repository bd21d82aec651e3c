//! What opens where: names, namespaces, scopes, and what is said when something does not open.

use harness::installation::items;
use harness::{Installation, Key, Result};
use kube::ResourceExt;
use serde_json::{Value, json};

const NAMESPACE_WIDE: &str = "sealedsecrets.bitnami.com/namespace-wide";
const CLUSTER_WIDE: &str = "sealedsecrets.bitnami.com/cluster-wide";

#[tokio::test]
async fn under_another_name_a_strict_one_does_not_open_and_names_its_items() -> Result<()> {
    let place = Installation::new("wrong-name").await?;
    let mut stolen = place.seal(secret("db", None));
    stolen["metadata"]["name"] = "thief".into();
    let sealed = place.apply(&stolen).await?;

    assert_sealed_elsewhere(&place.failed(&sealed).await?);
    let event = place.event(&sealed, "ErrUnsealFailed", 1).await?;
    assert_eq!(event.type_.as_deref(), Some("Warning"));
    let message = event.message.unwrap_or_default();
    assert_sealed_elsewhere(message.strip_prefix("Failed to unseal: ").unwrap_or_default());
    assert!(place.secret_now(&sealed).await?.is_none(), "there is a Secret");
    Ok(())
}

#[tokio::test]
async fn in_another_namespace_a_narrow_one_does_not_open() -> Result<()> {
    let place = Installation::new("wrong-place").await?;
    let other = place.namespace.cluster().namespace("thief").await?;
    for annotation in [None, Some(NAMESPACE_WIDE)] {
        let mut stolen = place.seal(secret("db", annotation));
        stolen["metadata"]["namespace"] = other.name().into();
        let sealed = place.apply(&stolen).await?;
        assert_sealed_elsewhere(&place.failed(&sealed).await?);
        assert!(place.secret_now(&sealed).await?.is_none(), "there is a Secret");
    }
    Ok(())
}

#[tokio::test]
async fn a_namespace_wide_one_opens_under_another_name() -> Result<()> {
    let place = Installation::new("namespace-wide").await?;
    let mut renamed = place.seal(secret("db", Some(NAMESPACE_WIDE)));
    renamed["metadata"]["name"] = "renamed".into();
    let sealed = place.synced(&place.apply(&renamed).await?).await?;
    let opened = place.secret(&sealed).await?;
    assert_eq!((opened.name_any().as_str(), items(&opened)), ("renamed", values()));
    Ok(())
}

#[tokio::test]
async fn a_cluster_wide_one_opens_in_another_namespace_under_another_name() -> Result<()> {
    let place = Installation::new("cluster-wide").await?;
    let other = place.namespace.cluster().namespace("elsewhere").await?;
    let mut moved = place.seal(secret("db", Some(CLUSTER_WIDE)));
    moved["metadata"]["name"] = "moved".into();
    moved["metadata"]["namespace"] = other.name().into();
    let sealed = place.synced(&place.apply(&moved).await?).await?;
    let opened = place.secret(&sealed).await?;
    assert_eq!((opened.namespace().as_deref(), items(&opened)), (Some(other.name()), values()));
    Ok(())
}

#[tokio::test]
async fn an_annotation_does_not_widen_what_was_sealed_narrowly() -> Result<()> {
    let place = Installation::new("widened").await?;
    for (name, annotation) in [("one", NAMESPACE_WIDE), ("two", CLUSTER_WIDE)] {
        let mut widened = place.seal(secret(name, None));
        widened["metadata"]["annotations"] = json!({ annotation: "true" });
        let sealed = place.apply(&widened).await?;
        assert_sealed_elsewhere(&place.failed(&sealed).await?);
    }
    Ok(())
}

#[tokio::test]
async fn a_corrected_scope_annotation_is_noticed() -> Result<()> {
    let place = Installation::new("corrected").await?;
    let mut bare = place.seal(secret("db", Some(CLUSTER_WIDE)));
    bare["metadata"]["annotations"] = json!({});
    let sealed = place.apply(&bare).await?;
    place.failed(&sealed).await?;
    let annotation = json!({ "metadata": { "annotations": { CLUSTER_WIDE: "true" } } });
    let corrected = place.edit(&sealed, annotation).await?;
    place.synced(&corrected).await?;
    assert_eq!(items(&place.secret(&corrected).await?), values());
    Ok(())
}

#[tokio::test]
async fn every_failing_item_is_named_by_reason_and_none_is_written() -> Result<()> {
    let place = Installation::new("all-failing").await?;
    let mut sealed = place.seal(secret("db", None));
    let foreign = place.seal_with(&Key::b(), secret("db", None));
    let items = &mut sealed["spec"]["encryptedData"];
    items["unknown-key"] = foreign["spec"]["encryptedData"]["a"].clone();
    items["other-unknown"] = foreign["spec"]["encryptedData"]["b"].clone();
    items["damaged"] = "!".into();
    items["short"] = "AA==".into();
    let sealed = place.apply(&sealed).await?;
    let message = place.failed(&sealed).await?;
    for part in [
        "no key could decrypt secret: sealed with a key that is not here",
        "(other-unknown, unknown-key)",
        "not base64 (damaged)",
        "(short)",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert!(place.secret_now(&sealed).await?.is_none(), "there is a Secret");
    Ok(())
}

#[tokio::test]
async fn a_later_failure_leaves_the_secret_as_it_was() -> Result<()> {
    let place = Installation::new("later-failure").await?;
    let first = place.bring_about(secret("db", None)).await?;
    let before = place.secret(&first).await?;
    let mut broken = place.seal(secret("db", None));
    broken["spec"]["encryptedData"]["b"] = "AAAA".into();
    let second = place.apply(&broken).await?;
    let message = place.failed(&second).await?;
    assert!(message.ends_with("(b)"), "{message}");
    assert_eq!(place.secret(&second).await?, before);

    let mended = place.bring_about(secret("db", None)).await?;
    assert_eq!(items(&place.secret(&mended).await?), values());
    Ok(())
}

/// The API server lets it pass: a template's metadata may be anything.
#[tokio::test]
async fn a_malformed_object_says_so_and_does_not_stop_the_others() -> Result<()> {
    let place = Installation::new("malformed").await?;
    let mut malformed = place.seal(secret("bad", None));
    malformed["spec"]["template"] = json!({ "metadata": { "labels": { "build": 5 } } });
    let sealed = place.apply(&malformed).await?;
    let message = place.failed(&sealed).await?;
    assert!(message.contains("malformed"), "{message}");
    let event = place.event(&sealed, "ErrUnsealFailed", 1).await?;
    assert_eq!(event.message, Some(format!("Failed to unseal: {message}")));
    assert!(place.secret_now(&sealed).await?.is_none(), "there is a Secret");
    place.other_work().await
}

#[tokio::test]
async fn the_deprecated_form_opens_unless_it_stands_beside_the_new_one() -> Result<()> {
    let place = Installation::new("deprecated").await?;
    let whole = json!({ "data": secret("old", None).to_string() });
    let namespace = place.namespace.name();
    let wrapped =
        json!({ "metadata": { "name": "old", "namespace": namespace }, "stringData": whole });
    let mut sealed = place.seal(wrapped);
    let data = sealed["spec"]["encryptedData"]["data"].take();
    sealed["spec"] = json!({ "data": data, "encryptedData": {} });
    let old = place.synced(&place.apply(&sealed).await?).await?;
    assert_eq!(items(&place.secret(&old).await?), values());

    sealed["spec"]["encryptedData"] = json!({ "a": data });
    let both = place.apply(&sealed).await?;
    let message = place.failed(&both).await?;
    assert!(message.contains("cannot both be used"), "{message}");
    Ok(())
}

fn secret(name: &str, annotation: Option<&str>) -> Value {
    let mut secret = json!({ "metadata": { "name": name }, "stringData": values() });
    if let Some(annotation) = annotation {
        secret["metadata"]["annotations"] = json!({ annotation: "true" });
    }
    secret
}

fn values() -> Value {
    json!({ "a": "one", "b": "two" })
}

/// The keys of all items, and where they do belong.
fn assert_sealed_elsewhere(message: &str) {
    assert!(message.starts_with("no key could decrypt secret: sealed "), "{message}");
    assert!(message.contains("(scope ") && message.ends_with(" (a, b)"), "{message}");
}
