//! Keys come, go and are renewed while the controller runs.

use std::time::Duration;

use harness::installation::items;
use harness::key::Key;
use harness::{Cluster, Context, Installation, Options, Result, Rights, Signal, eventually, http};
use k8s_openapi::api::core::v1::{ConfigMap, Event, Secret};
use kube::ResourceExt;
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(30);
const KEY_LABEL: (&str, &str) = ("sealedsecrets.bitnami.com/sealed-secrets-key", "active");
const ACTIVE: &str = "sealedsecrets.bitnami.com/sealed-secrets-key=active";

#[tokio::test]
async fn what_failed_for_want_of_a_key_opens_when_it_arrives() -> Result<()> {
    let place = Installation::new("arrival").await?;
    let sealed = place.apply(&place.seal_with(&Key::b(), secret())).await?;
    place.failed(&sealed).await?;
    Key::b().store(&place.namespace, "key-b", Some(KEY_LABEL)).await?;
    let opened = place.secret_when(&sealed, "is there", |_| true).await?;
    assert_eq!(items(&opened), json!({ "a": "one" }));
    place.synced(&sealed).await?;
    Ok(())
}

#[tokio::test]
async fn what_a_retired_key_opened_does_not_look_healthy_any_more() -> Result<()> {
    let place = Installation::new("retired").await?;
    Key::b().store(&place.namespace, "key-b", Some(KEY_LABEL)).await?;
    let sealed = place.apply(&place.seal_with(&Key::b(), secret())).await?;
    place.synced(&sealed).await?;
    let retired = json!({ "metadata": { "labels": {
        "sealedsecrets.bitnami.com/sealed-secrets-key": "compromised",
    } } });
    let keys = place.namespace.api::<Secret>();
    let patched = keys.patch("key-b", &PatchParams::default(), &Patch::Merge(retired)).await;
    patched.context(|| "cannot retire the key")?;
    let message = place.failed(&sealed).await?;
    assert!(message.starts_with("no key could decrypt secret"), "{message}");
    // The Secret that is there is somebody's running application: it stays.
    assert!(place.secret_now(&sealed).await?.is_some());
    Ok(())
}

#[tokio::test]
async fn sigusr1_makes_one_key_and_the_old_one_still_opens() -> Result<()> {
    let place = Installation::with(&namespace("usr1").await?, small_keys()).await?;
    let before = place.seal(secret());
    place.controller.signal(Signal::USR1)?;
    let keys = key_count(&place, 2).await?;
    let made = keys.iter().find(|key| key.name_any() != "key-a").expect("a new one");
    assert!(made.annotations().contains_key("sealwright.dev/endorsement"));
    eventually("the new key seals", LIMIT, async || {
        let served = certificate(&place).await.ok()?;
        (served != Key::a().certificate_pem()).then_some(())
    })
    .await?;
    place.synced(&place.apply(&before).await?).await?;
    told_of(&place, made).await?;
    // One signal is one key.
    place.other_work().await?;
    key_count(&place, 2).await.map(drop)
}

/// The renewal of this key is in events and metrics.
async fn told_of(place: &Installation, made: &Secret) -> Result<()> {
    let of_it = format!("involvedObject.uid={}", made.uid().unwrap_or_default());
    let of_it = ListParams::default().fields(&of_it);
    let event = eventually("there is an event about the key", LIMIT, async || {
        place.namespace.api::<Event>().list(&of_it).await.ok()?.items.pop()
    });
    let event = event.await?;
    assert_eq!(event.reason.as_deref(), Some("KeyGenerated"));
    assert_eq!(event.source.and_then(|source| source.component).as_deref(), Some("sealed-secrets"));
    let answer = http::get(&format!("{}/metrics", place.controller.metrics_url())).await?;
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    for line in ["key_renewals_total 1", "keys 2", "newest_key_age_seconds"] {
        assert!(
            text.contains(&format!("sealed_secrets_controller_{line}")),
            "{line} not in\n{text}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_period_makes_a_key_and_a_restart_none() -> Result<()> {
    let mut options = small_keys();
    options.args.push("--key-renew-period=1h".to_owned());
    let mut place = Installation::without_key(&namespace("period").await?, options.clone()).await?;
    key_count(&place, 1).await?;
    for _ in 0..2 {
        place.restart(options.clone()).await?;
        ready(&place).await?;
    }
    key_count(&place, 1).await?;
    // The key is older than such a period at once.
    options.args.push("--key-renew-period=2s".to_owned());
    place.restart(options).await?;
    key_count(&place, 2).await?;
    Ok(())
}

#[tokio::test]
async fn a_key_made_here_that_is_retired_is_followed_by_another_at_once() -> Result<()> {
    let place = Installation::without_key(&namespace("leaked").await?, small_keys()).await?;
    let [leaked] = &key_count(&place, 1).await?[..] else { panic!("not one key") };
    let retired = json!({ "metadata": { "labels": { KEY_LABEL.0: "compromised" } } });
    let keys = place.namespace.api::<Secret>();
    let patch = Patch::Merge(retired);
    let patched = keys.patch(&leaked.name_any(), &PatchParams::default(), &patch).await;
    patched.context(|| "cannot retire the key")?;
    let what = "another key is there";
    eventually(what, LIMIT, async || {
        let [key] = &key_count(&place, 1).await.ok()?[..] else { return None };
        (key.name_any() != leaked.name_any()).then_some(())
    })
    .await
}

#[tokio::test]
async fn two_replicas_make_one_key_between_them() -> Result<()> {
    let namespace = namespace("replicas").await?;
    let (first, second) = tokio::join!(
        Installation::without_key(&namespace, small_keys()),
        Installation::without_key(&namespace, small_keys()),
    );
    let (first, second) = (first?, second?);
    assert_eq!(certificate(&first).await?, certificate(&second).await?);
    key_count(&first, 1).await?;
    Ok(())
}

#[tokio::test]
async fn a_past_cutoff_makes_one_key_whatever_the_number_of_starts() -> Result<()> {
    let cluster = namespace("cutoff").await?;
    let mut options = small_keys();
    // Key a is of November 2026; this controller's clock is later than that and than the cutoff.
    options.args.push("--key-cutoff-time=Tue, 24 Nov 2026 00:30:00 +0000".to_owned());
    let mut place = Installation::with(&cluster, options.clone()).await?;
    key_count(&place, 2).await?;
    place.restart(options).await?;
    place.bring_about(secret()).await?;
    key_count(&place, 2).await?;
    Ok(())
}

/// Under upstream's rights there is none.
#[tokio::test]
async fn without_the_right_to_config_maps_the_certificate_is_not_published() -> Result<()> {
    let options = Options { rights: Rights::Upstream, ..Options::default() };
    let place = Installation::with(&namespace("unpublished").await?, options).await?;
    place.bring_about(secret()).await?;
    let published = place.namespace.api::<ConfigMap>().get_opt("sealed-secrets-cert").await;
    assert!(published.context(|| "cannot look")?.is_none());
    assert!(place.controller.log().to_string().contains("the certificate is not published"));
    Ok(())
}

async fn namespace(prefix: &str) -> Result<harness::Namespace> {
    Cluster::connect().await?.namespace(prefix).await
}

fn small_keys() -> Options {
    Options { args: vec!["--key-size=2048".to_owned()], ..Options::default() }
}

async fn ready(place: &Installation) -> Result<()> {
    let url = format!("{}/readyz", place.controller.url());
    eventually("it is ready", LIMIT, async || {
        (http::get(&url).await.ok()?.status() == 200).then_some(())
    })
    .await
}

async fn certificate(place: &Installation) -> Result<String> {
    let answer = http::get(&format!("{}/v1/cert.pem", place.controller.url())).await?;
    String::from_utf8(answer.into_body()).context(|| "the certificate is no text")
}

/// The active keys, once there are so many.
async fn key_count(place: &Installation, count: usize) -> Result<Vec<Secret>> {
    eventually("the keys are there", LIMIT, async || {
        let keys = place.namespace.api::<Secret>();
        let found = keys.list(&ListParams::default().labels(ACTIVE)).await.ok()?.items;
        (found.len() == count).then_some(found)
    })
    .await
}

fn secret() -> Value {
    json!({ "metadata": { "name": "db" }, "stringData": { "a": "one" } })
}
