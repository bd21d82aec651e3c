//! Flags that change what is done about Secrets, and a type that changes.

use harness::installation::items;
use harness::{Cluster, Installation, Options, Result};
use kube::ResourceExt;
use serde_json::{Value, json};

#[tokio::test]
async fn another_type_makes_the_secret_anew() -> Result<()> {
    let place = Installation::new("retype").await?;
    let sealed = place.bring_about(secret("example.com/one")).await?;
    let first = place.secret(&sealed).await?;
    let sealed = place.bring_about(secret("example.com/two")).await?;
    let second = place.secret(&sealed).await?;
    assert_ne!(first.uid(), second.uid());
    assert_eq!(second.type_.as_deref(), Some("example.com/two"));
    Ok(())
}

#[tokio::test]
async fn skip_recreate_leaves_deleted_and_edited_secrets_until_the_spec_changes() -> Result<()> {
    let place = with("skip", "--skip-recreate").await?;
    let sealed = place.bring_about(secret("Opaque")).await?;
    let edit = json!({ "stringData": { "a": "edited" } });
    place.edit_secret(&sealed, edit).await?;
    other_work(&place, "first").await?;
    assert_eq!(items(&place.secret(&sealed).await?), json!({ "a": "edited" }));
    place.delete_secret(&sealed).await?;
    other_work(&place, "second").await?;
    assert!(place.secret_now(&sealed).await?.is_none(), "it came back");

    let mut changed = secret("Opaque");
    changed["stringData"]["b"] = "two".into();
    let sealed = place.bring_about(changed).await?;
    assert_eq!(items(&place.secret(&sealed).await?), json!({ "a": "one", "b": "two" }));
    Ok(())
}

#[tokio::test]
async fn old_gc_behavior_takes_our_secret_and_no_other() -> Result<()> {
    let place = with("old-gc", "--old-gc-behavior").await?;
    let unowned = place.bring_about(without_owner("unowned", json!({}))).await?;
    let managed = json!({ "sealedsecrets.bitnami.com/managed": "true" });
    let managed = place.bring_about(without_owner("managed", managed)).await?;
    // Without an owner, Kubernetes' garbage collector cannot be the one that takes it.
    assert!(place.secret(&managed).await?.owner_references().is_empty());
    place.delete(&unowned).await?;
    place.delete(&managed).await?;
    place.secret_gone(&managed).await?;
    place.other_work().await?;
    assert!(place.secret_now(&unowned).await?.is_some(), "it was not ours to delete");
    Ok(())
}

/// Whatever the controller had to do before this, it has done.
async fn other_work(place: &Installation, name: &str) -> Result<()> {
    let mut other = secret("Opaque");
    other["metadata"]["name"] = name.into();
    place.bring_about(other).await.map(drop)
}

async fn with(prefix: &str, flag: &str) -> Result<Installation> {
    let namespace = Cluster::connect().await?.namespace(prefix).await?;
    let options = Options { args: vec![flag.to_owned()], ..Options::default() };
    Installation::with(&namespace, options).await
}

fn without_owner(name: &str, mut annotations: Value) -> Value {
    annotations["sealedsecrets.bitnami.com/skip-set-owner-references"] = "true".into();
    let metadata = json!({ "name": name, "annotations": annotations });
    json!({ "metadata": metadata, "stringData": { "a": "one" } })
}

fn secret(type_: &str) -> Value {
    json!({ "metadata": { "name": "db" }, "type": type_, "stringData": { "a": "one" } })
}
