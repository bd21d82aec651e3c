//! The certificate in a ConfigMap, and what kubeseal believes of it.

use std::path::Path;
use std::time::Duration;

use harness::kubeseal::{Run, run_with};
use harness::{Cluster, Context, Installation, Options, Result, Rights, Signal, eventually};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(40);
const NAME: &str = "sealed-secrets-cert";

#[tokio::test]
async fn edits_of_the_published_certificate_are_undone() -> Result<()> {
    let place = published("restored").await?;
    let original = data(&place, |_| true).await?;
    let config_maps = place.namespace.api::<ConfigMap>();
    // Twice, since the start looks more often.
    for _ in 0..2 {
        let forged = Patch::Merge(json!({ "data": { "tls.crt": "forged" } }));
        let edited = config_maps.patch(NAME, &PatchParams::default(), &forged).await;
        edited.context(|| "cannot edit it")?;
        let restored = data(&place, |data| data["tls.crt"] != "forged").await?;
        assert_eq!(restored, original);
    }
    Ok(())
}

#[tokio::test]
async fn a_forged_certificate_that_cannot_be_changed_is_replaced() -> Result<()> {
    let place = published("immutable").await?;
    let original = data(&place, |_| true).await?;
    let config_maps = place.namespace.api::<ConfigMap>();
    let forged = Patch::Merge(json!({ "data": { "tls.crt": "forged" }, "immutable": true }));
    let edited = config_maps.patch(NAME, &PatchParams::default(), &forged).await;
    let forged = edited.context(|| "cannot forge it")?;
    assert_eq!(data(&place, |data| data["tls.crt"] != "forged").await?, original);
    let restored = config_maps.get(NAME).await.context(|| "cannot look")?;
    assert_ne!(restored.metadata.uid, forged.metadata.uid);
    assert_ne!(restored.immutable, Some(true));
    Ok(())
}

#[tokio::test]
async fn when_the_controller_is_away_a_key_seen_before_leads_to_the_newest() -> Result<()> {
    let mut place = published("fallback").await?;
    let settings = tempfile::tempdir().context(|| "cannot make a folder")?;
    let first = fetch(&place, settings.path(), &[]).await?;
    assert_eq!(first.code, Some(0), "{}", first.stderr);

    // The key is renewed, the ConfigMap follows, the controller goes.
    place.controller.signal(Signal::USR1)?;
    let renewed = data(&place, |data| data["tls.crt"] != first.stdout.as_str()).await?;
    place.controller.stop().await?;
    let second = fetch(&place, settings.path(), &[]).await?;
    assert_eq!(
        (second.code, second.stdout.as_str()),
        (Some(0), text(&renewed)),
        "{}",
        second.stderr
    );
    assert!(second.stderr.starts_with("note: the sealing key of "), "{}", second.stderr);
    // From now on it is the one that is known.
    let third = fetch(&place, settings.path(), &[]).await?;
    assert_eq!((third.stdout, third.stderr.as_str()), (second.stdout, ""));
    Ok(())
}

#[tokio::test]
async fn on_first_use_the_published_certificate_wants_trust() -> Result<()> {
    let mut place = published("first-use").await?;
    let published = data(&place, |_| true).await?;
    place.controller.stop().await?;
    let settings = tempfile::tempdir().context(|| "cannot make a folder")?;
    let untrusted = fetch(&place, settings.path(), &[]).await?;
    assert_eq!((untrusted.code, untrusted.stdout.as_str()), (Some(1), ""));
    assert!(untrusted.stderr.contains("SHA256:"), "{}", untrusted.stderr);
    assert!(untrusted.stderr.contains("--trust-configmap"), "{}", untrusted.stderr);
    let trusted = fetch(&place, settings.path(), &["--trust-configmap"]).await?;
    assert_eq!((trusted.code, trusted.stdout.as_str()), (Some(0), text(&published)));
    // From now on it is known.
    assert_eq!(fetch(&place, settings.path(), &[]).await?.code, Some(0));
    Ok(())
}

#[tokio::test]
async fn everyone_who_is_logged_in_may_read_it_and_nobody_else_write_it() -> Result<()> {
    let mut place = published("readers").await?;
    let published = data(&place, |_| true).await?;
    place.controller.stop().await?;
    let cluster = place.namespace.cluster();
    let user = cluster.namespace("reader").await?;
    let user = cluster.kubeconfig_for_token(user.name(), "default").await?;
    let settings = tempfile::tempdir().context(|| "cannot make a folder")?;
    let place_of_it = ["--controller-namespace", place.namespace.name(), "--trust-configmap"];
    let args = ["--fetch-cert"].into_iter().chain(place_of_it);
    let run = run_with(&user, settings.path(), args, "").await?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), text(&published)), "{}", run.stderr);

    let config_maps = cluster.client_of(&user).await?;
    let config_maps = kube::Api::<ConfigMap>::namespaced(config_maps, place.namespace.name());
    let forged = Patch::Merge(json!({ "data": { "tls.crt": "forged" } }));
    let edited = config_maps.patch(NAME, &PatchParams::default(), &forged).await;
    assert!(matches!(edited, Err(kube::Error::Api(status)) if status.code == 403));
    Ok(())
}

#[tokio::test]
async fn a_forged_certificate_is_not_believed_whatever_flag_is_given() -> Result<()> {
    let mut place = published("forged").await?;
    let settings = tempfile::tempdir().context(|| "cannot make a folder")?;
    fetch(&place, settings.path(), &[]).await?;
    data(&place, |_| true).await?;
    place.controller.stop().await?;
    let forged = json!({ "data": { "tls.crt": harness::Key::b().certificate_pem() } });
    let config_maps = place.namespace.api::<ConfigMap>();
    let edited = config_maps.patch(NAME, &PatchParams::default(), &Patch::Merge(forged)).await;
    edited.context(|| "cannot forge it")?;
    for flags in [&[][..], &["--trust-configmap"]] {
        let run = fetch(&place, settings.path(), flags).await?;
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{}", run.stderr);
        assert!(run.stderr.contains("does not follow"), "{}", run.stderr);
        // Whoever wants to trust it all the same is told what to forget.
        assert_eq!(run.stderr.contains("pins.json"), !flags.is_empty(), "{}", run.stderr);
    }
    Ok(())
}

/// An installation that may write the ConfigMap.
async fn published(prefix: &str) -> Result<Installation> {
    let namespace = Cluster::connect().await?.namespace(prefix).await?;
    let args = vec!["--key-size=2048".to_owned()];
    let options = Options { args, rights: Rights::Ours, ..Options::default() };
    let place = Installation::with(&namespace, options).await?;
    place.controller.proxied().await?;
    Ok(place)
}

/// What is published, once it is as wanted.
async fn data(place: &Installation, is_wanted: impl Fn(&Value) -> bool) -> Result<Value> {
    eventually("it is published", LIMIT, async || {
        let found = place.namespace.api::<ConfigMap>().get(NAME).await.ok()?;
        let data = serde_json::to_value(found.data?).ok()?;
        is_wanted(&data).then_some(data)
    })
    .await
}

fn text(data: &Value) -> &str {
    data["tls.crt"].as_str().unwrap_or_default()
}

async fn fetch(place: &Installation, settings: &Path, flags: &[&str]) -> Result<Run> {
    let namespace = place.namespace.name();
    let args = ["--fetch-cert", "--controller-namespace", namespace];
    let args = args.iter().chain(flags);
    run_with(&place.namespace.cluster().kubeconfig(), settings, args, "").await
}
