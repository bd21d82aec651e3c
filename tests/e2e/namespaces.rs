//! Which namespaces a controller serves.

use harness::installation::items;
use harness::{Cluster, Context, Installation, Namespace, Options, Rbac, Result};
use k8s_openapi::api::rbac::v1::Role;
use kube::ResourceExt;
use kube::api::{Patch, PatchParams, PostParams};
use sealwright_api::SealedSecret;
use serde_json::{Value, json};

#[tokio::test]
async fn by_default_every_namespace_is_served() -> Result<()> {
    let place = Installation::new("everywhere").await?;
    let other = place.namespace.cluster().namespace("other").await?;
    place.bring_about(secret(&other)).await?;
    Ok(())
}

#[tokio::test]
async fn with_all_namespaces_off_only_the_own_is() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let (own, other) = (cluster.namespace("own").await?, cluster.namespace("other").await?);
    let options = Options { args: vec!["--all-namespaces=false".to_owned()], ..Options::default() };
    let place = Installation::with(&own, options).await?;
    let ignored = place.apply(&place.seal(secret(&other))).await?;
    place.bring_about(secret(&own)).await?;
    place.other_work().await?;
    assert_untouched(&place, &ignored).await
}

#[tokio::test]
async fn additional_namespaces_are_served_beside_the_own_and_no_others() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let (own, other) = (cluster.namespace("own").await?, cluster.namespace("other").await?);
    let added = cluster.namespace("added").await?;
    let place = Installation::with(&own, additional(&[added.name()])).await?;
    let ignored = place.apply(&place.seal(secret(&other))).await?;
    place.bring_about(secret(&own)).await?;
    let served = place.bring_about(secret(&added)).await?;
    let first = place.secret(&served).await?.uid();
    place.delete_secret(&served).await?;
    place.secret_when(&served, "is made again", |secret| secret.uid() != first).await?;
    place.other_work().await?;
    assert_untouched(&place, &ignored).await
}

#[tokio::test]
async fn a_missing_additional_namespace_is_told_and_skipped() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let (own, added) = (cluster.namespace("own").await?, cluster.namespace("added").await?);
    let place = Installation::with(&own, additional(&[added.name(), "missing"])).await?;
    place.bring_about(secret(&added)).await?;
    place.bring_about(secret(&own)).await?;
    let log = place.controller.log();
    let is_told = |line: &str| line.contains("WARN") && line.contains("missing");
    assert!(log.stderr.lines().any(is_told), "{log}");
    Ok(())
}

/// Upstream's namespaced mode: Secrets of the own namespace may only be listed and created, and
/// its SealedSecrets not even that.
#[tokio::test]
async fn rights_in_the_additional_namespaces_alone_are_enough_for_these() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let (own, added) = (cluster.namespace("own").await?, cluster.namespace("added").await?);
    let options = Options { rbac: Rbac::Namespaced, ..additional(&[added.name()]) };
    let place = Installation::with(&own, options).await?;
    let sealed = place.bring_about(secret(&added)).await?;
    let first = place.secret(&sealed).await?;
    assert_eq!(items(&first), json!({ "a": "one" }));
    place.event(&sealed, "Unsealed", 1).await?;
    place.delete_secret(&sealed).await?;
    place.secret_when(&sealed, "is made again", |secret| secret.uid() != first.uid()).await?;
    Ok(())
}

/// As when rights come late, or the first list of a large cluster's Secrets takes its time.
#[tokio::test]
async fn a_secret_deleted_before_secrets_are_watched_is_made_again() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let (own, added) = (cluster.namespace("own").await?, cluster.namespace("added").await?);
    let role = format!("secrets-unsealer-{}", own.name());
    let roles = added.api::<Role>();
    // It is there already when the harness wants to create it.
    let narrow = json!({ "metadata": { "name": role }, "rules": [
        { "apiGroups": ["bitnami.com"], "resources": ["sealedsecrets"], "verbs": ["list", "watch"] },
        { "apiGroups": ["bitnami.com"], "resources": ["sealedsecrets/status"], "verbs": ["update"] },
        { "apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "create"] },
    ] });
    let narrow: Role = serde_json::from_value(narrow).expect("a Role");
    roles.create(&PostParams::default(), &narrow).await.context(|| "cannot create it")?;
    let options = Options { rbac: Rbac::Namespaced, ..additional(&[added.name()]) };
    let place = Installation::with(&own, options).await?;
    let sealed = place.bring_about(secret(&added)).await?;
    place.delete_secret(&sealed).await?;

    let mut rules = json!(narrow.rules);
    rules[2]["verbs"] = json!(["get", "create", "list", "watch"]);
    let wide = Patch::Merge(json!({ "rules": rules }));
    let widened = roles.patch(&role, &PatchParams::default(), &wide).await;
    widened.context(|| "cannot widen it")?;
    place.secret_when(&sealed, "is made again", |_| true).await?;
    Ok(())
}

#[tokio::test]
async fn in_the_namespaced_mode_a_key_is_made_too() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let (own, added) = (cluster.namespace("own").await?, cluster.namespace("added").await?);
    let mut options = Options { rbac: Rbac::Namespaced, ..additional(&[added.name()]) };
    options.args.push("--key-size=2048".to_owned());
    options.args.push("--key-prefix=other-prefix-".to_owned());
    let place = Installation::without_key(&own, options).await?;
    place.controller.proxied().await
}

fn additional(names: &[&str]) -> Options {
    Options {
        additional_namespaces: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Options::default()
    }
}

async fn assert_untouched(place: &Installation, sealed: &SealedSecret) -> Result<()> {
    let now = place.sealed_secrets(sealed).get(&sealed.name_any()).await;
    assert_eq!(now.context(|| "cannot get it")?.status, None);
    assert!(place.secret_now(sealed).await?.is_none(), "there is a Secret");
    assert_eq!(place.events(sealed).await?, []);
    Ok(())
}

fn secret(namespace: &Namespace) -> Value {
    json!({
        "metadata": { "name": "db", "namespace": namespace.name() },
        "stringData": { "a": "one" },
    })
}
