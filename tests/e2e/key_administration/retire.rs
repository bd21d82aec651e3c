//! `kubeseal keys retire`.

use harness::key::ACTIVE;
use harness::{Cluster, Context, Installation, Key, Options, Result, eventually, kubeseal};
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::place::{bring_about, fingerprint, keys, label, manifest, of, two_keys};

#[tokio::test]
async fn a_key_that_is_needed_or_seals_stays_in_use() -> Result<()> {
    let place = two_keys("needed").await?;
    bring_about(&place, "old", &Key::a()).await?;
    let newest = of(&place, &["retire", &fingerprint(&Key::b())]).await?;
    assert_eq!(newest.code, Some(5), "{}", newest.stderr);
    assert!(newest.stderr.contains("is the newest key, which seals"), "{}", newest.stderr);
    let needed = of(&place, &["retire", "key-a"]).await?;
    assert_eq!(needed.code, Some(5), "{}", needed.stderr);
    assert_eq!(needed.stdout, format!("{}/old: needs the key\n", place.namespace.name()));
    for (word, says) in [("SHA256:", "there is no key"), ("nope", "there is no key")] {
        let run = of(&place, &["retire", word]).await?;
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
    let labels: Vec<_> = keys(&place.namespace).await?.iter().map(label).collect();
    assert_eq!(labels, ["active", "active"]);
    Ok(())
}

#[tokio::test]
async fn a_key_that_nothing_needs_is_relabelled_and_no_more() -> Result<()> {
    let place = two_keys("retired").await?;
    bring_about(&place, "new", &Key::b()).await?;
    let start = &fingerprint(&Key::a())[.."SHA256:".len() + 8];
    let dry = of(&place, &["retire", start, "--dry-run"]).await?;
    assert_eq!((dry.code, dry.stdout.as_str()), (Some(0), ""), "{}", dry.stderr);
    assert!(dry.stderr.contains("Git and other clusters cannot be seen"), "{}", dry.stderr);
    let before = keys(&place.namespace).await?;
    assert_eq!(label(&before[0]), "active");

    let run = of(&place, &["retire", start]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let after = keys(&place.namespace).await?;
    assert_eq!((label(&after[0]), label(&after[1])), ("retired".to_owned(), "active".to_owned()));
    assert_eq!(after[0].data, before[0].data);
    let again = of(&place, &["retire", "key-a"]).await?;
    assert!(again.stderr.contains("retired already"), "{}", again.stderr);
    assert_eq!(again.code, Some(0));
    // The controller has heard of it; and of the way back.
    let old = place.apply(&place.seal(manifest("old"))).await?;
    place.failed(&old).await?;
    let back = json!({ "metadata": { "labels": { ACTIVE.0: ACTIVE.1 } } });
    let secrets = place.namespace.api::<Secret>();
    let patched = secrets.patch("key-a", &PatchParams::default(), &Patch::Merge(back)).await;
    patched.context(|| "cannot label it")?;
    place.synced(&old).await?;
    Ok(())
}

#[tokio::test]
async fn where_nothing_was_looked_at_nothing_is_retired() -> Result<()> {
    let place = two_keys("unseen").await?;
    bring_about(&place, "old", &Key::a()).await?;
    let home = format!("--controller-namespace={}", place.namespace.name());
    let kubeconfig = place.namespace.cluster().kubeconfig();
    let args = ["keys", "retire", "key-a", "--only-namespace=no-such-namespace", &home];
    let run = kubeseal::run(&kubeconfig, args, "").await?;
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("there is no namespace no-such-namespace"), "{}", run.stderr);
    assert_eq!(label(&keys(&place.namespace).await?[0]), "active");
    Ok(())
}

#[tokio::test]
async fn the_key_that_the_controller_says_it_seals_with_stays_in_use() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("order").await?;
    // The older certificate is in the younger Secret: a second apart, as the API server counts.
    Key::b().store(&namespace, "key-b", Some(ACTIVE)).await?;
    let secrets = namespace.api::<Secret>();
    let time = |secret: Secret| secret.metadata.creation_timestamp.map(|time| time.0.as_second());
    let first = time(secrets.get("key-b").await.context(|| "it is not there")?);
    eventually("another second", std::time::Duration::from_secs(5), async || {
        (Some(jiff::Timestamp::now().as_second()) > first).then_some(())
    })
    .await?;
    let args = vec!["--key-order-priority=SecretCreationTimestamp".to_owned()];
    let place = Installation::with(&namespace, Options { args, ..Options::default() }).await?;
    place.controller.proxied().await?;
    let run = of(&place, &["retire", "key-a"]).await?;
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(run.stderr.contains("which seals, as the controller says"), "{}", run.stderr);
    Ok(())
}

#[tokio::test]
async fn all_secrets_of_a_key_are_retired_together() -> Result<()> {
    let place = two_keys("twice").await?;
    Key::a().store(&place.namespace, "key-a-again", Some(ACTIVE)).await?;
    let run = of(&place, &["retire", "key-a-again"]).await?;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let labels: Vec<_> = keys(&place.namespace).await?.iter().map(label).collect();
    assert_eq!(labels, ["retired", "retired", "active"]);
    Ok(())
}
