//! Secrets that are deleted or edited, SealedSecrets that are deleted or made anew, and restarts.

use std::time::Duration;

use harness::installation::items;
use harness::key::{ACTIVE, Key};
use harness::{Context, Installation, Options, Result, eventually, http};
use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use kube::api::{Patch, PatchParams};
use kube::runtime::wait::await_condition;
use sealwright_api::SealedSecret;
use serde_json::{Value, json};

#[tokio::test]
async fn a_secret_goes_with_its_sealed_secret() -> Result<()> {
    let place = Installation::new("delete").await?;
    let sealed = place.bring_about(secret("db", "one")).await?;
    place.delete(&sealed).await?;
    place.secret_gone(&sealed).await?;
    place.other_work().await?;
    assert!(place.secret_now(&sealed).await?.is_none(), "it came back");
    Ok(())
}

#[tokio::test]
async fn a_deleted_secret_is_made_again() -> Result<()> {
    let place = Installation::new("recreate").await?;
    let sealed = place.bring_about(secret("db", "one")).await?;
    let first = place.secret(&sealed).await?.uid();
    place.delete_secret(&sealed).await?;
    let again = place.secret_when(&sealed, "is another", |secret| secret.uid() != first).await?;
    assert_eq!(items(&again), json!({ "a": "one" }));
    assert_eq!(again.owner_references()[0].uid, sealed.uid().unwrap_or_default());
    Ok(())
}

#[tokio::test]
async fn an_edited_secret_is_healed_and_keeps_what_others_added() -> Result<()> {
    let place = Installation::new("heal").await?;
    let mut manifest = secret("db", "one");
    manifest["metadata"]["labels"] = json!({ "app": "shop" });
    let sealed = place.bring_about(manifest).await?;
    let edit = json!({
        "metadata": {
            "labels": { "app": "edited", "tracking-id": "argo" },
            "annotations": { "reflector": "yes" },
        },
        "stringData": { "a": "edited", "extra": "edited" },
    });
    place.edit_secret(&sealed, edit).await?;

    let healed = place
        .secret_when(&sealed, "has its items", |secret| items(secret) == json!({ "a": "one" }))
        .await?;
    assert_eq!(healed.labels()["app"], "shop");
    assert_eq!(healed.labels()["tracking-id"], "argo");
    assert_eq!(healed.annotations()["reflector"], "yes");
    Ok(())
}

#[tokio::test]
async fn whoever_edits_again_and_again_is_healed_twice_a_minute() -> Result<()> {
    let place = Installation::new("fight").await?;
    let sealed = place.bring_about(secret("db", "one")).await?;
    let edit = json!({ "stringData": { "a": "edited" } });
    let is_healed = |secret: &Secret| items(secret) == json!({ "a": "one" });
    for _ in 0..2 {
        place.edit_secret(&sealed, edit.clone()).await?;
        place.secret_when(&sealed, "is healed", is_healed).await?;
    }
    place.edit_secret(&sealed, edit.clone()).await?;
    place.other_work().await?;
    assert_eq!(items(&place.secret(&sealed).await?), json!({ "a": "edited" }));
    // What is wanted anew is no healing.
    let sealed = place.bring_about(secret("db", "two")).await?;
    place.secret_when(&sealed, "is the new one", |s| items(s) == json!({ "a": "two" })).await?;
    Ok(())
}

/// Neither a failure nor a restart in between makes what the spec dropped somebody else's.
#[tokio::test]
async fn a_label_that_the_spec_dropped_goes_also_after_a_failure_and_a_restart() -> Result<()> {
    let mut place = Installation::new("dropped").await?;
    let labelled = |labels: Value| {
        let mut manifest = secret("db", "one");
        manifest["metadata"]["labels"] = labels;
        manifest
    };
    let sealed = place.bring_about(labelled(json!({ "spread": "yes" }))).await?;
    place.edit_secret(&sealed, json!({ "metadata": { "labels": { "argo": "x" } } })).await?;
    let key = Key::b();
    let sealed = place.apply(&place.seal_with(&key, labelled(json!({ "kept": "yes" })))).await?;
    place.failed(&sealed).await?;
    place.controller.stop().await?;
    key.store(&place.namespace, "key-b", Some(ACTIVE)).await?;
    place.start_again(Options::default()).await?;
    place.synced(&sealed).await?;
    let labels = place.secret(&sealed).await?.labels().clone();
    assert_eq!(labels.into_keys().collect::<Vec<_>>(), ["kept"]);
    Ok(())
}

#[tokio::test]
async fn foreign_labels_are_no_reason_to_write() -> Result<()> {
    let place = Installation::new("foreign-label").await?;
    let sealed = place.bring_about(secret("db", "one")).await?;
    let label = json!({ "metadata": { "labels": { "tracking-id": "argo" } } });
    let labelled = place.edit_secret(&sealed, label).await?;
    place.other_work().await?;
    let after = place.secret(&sealed).await?;
    assert_eq!(after.resource_version(), labelled.resource_version(), "{:?}", after.metadata);
    Ok(())
}

/// Others watch as well, and are sometimes faster than the report of the first success.
#[tokio::test]
async fn what_others_add_at_once_stays_too() -> Result<()> {
    let place = Installation::new("at-once").await?;
    let mut labelled = Vec::new();
    for name in ["one", "two", "three", "four", "five"] {
        let manifest = place.seal(secret(name, "one"));
        let secrets = place.namespace.api::<Secret>();
        let appears = await_condition(secrets, name, |secret: Option<&Secret>| secret.is_some());
        let (sealed, appeared) = tokio::join!(place.apply(&manifest), appears);
        let (sealed, _) = (sealed?, appeared.context(|| "it does not appear")?);
        let label = json!({ "metadata": { "labels": { "tracking-id": "argo" } } });
        place.edit_secret(&sealed, label).await?;
        labelled.push(sealed);
    }
    for sealed in &labelled {
        place.synced(sealed).await?;
    }
    place.other_work().await?;
    for sealed in &labelled {
        let labels = place.secret(sealed).await?.labels().clone();
        assert!(labels.contains_key("tracking-id"), "{} lost it", sealed.name_any());
    }
    Ok(())
}

/// The garbage collector takes the Secret of the first one while the second is brought about.
#[tokio::test]
async fn a_sealed_secret_replaced_by_force_ends_with_a_secret_of_its_own() -> Result<()> {
    let place = Installation::new("replace").await?;
    let mut current = place.bring_about(secret("db", "0")).await?;
    for round in 1..=3 {
        let value = round.to_string();
        let manifest = place.seal(secret("db", &value));
        place.delete(&current).await?;
        current = place.apply(&manifest).await?;
        let owner = current.uid();
        place.synced(&current).await?;
        let is_its_own = |secret: &Secret| {
            secret.owner_references().iter().any(|found| Some(&found.uid) == owner.as_ref())
        };
        let secret = place.secret_when(&current, "has the new owner", is_its_own).await?;
        assert_eq!(items(&secret), json!({ "a": value }));
    }
    place.other_work().await?;
    assert_eq!(items(&place.secret(&current).await?), json!({ "a": "3" }));
    Ok(())
}

#[tokio::test]
async fn a_restart_writes_nothing_that_is_as_it_should_be() -> Result<()> {
    let mut place = Installation::new("restart").await?;
    let sealed = place.bring_about(secret("db", "one")).await?;
    place.event(&sealed, "Unsealed", 1).await?;
    let before = place.secret(&sealed).await?.resource_version();

    place.restart(Options::default()).await?;
    place.other_work().await?;

    assert_eq!(place.secret(&sealed).await?.resource_version(), before);
    let now = place.synced(&sealed).await?;
    assert_eq!(now.resource_version(), sealed.resource_version());
    let counts: Vec<_> = place.events(&sealed).await?.iter().map(|event| event.count).collect();
    assert_eq!(counts, [Some(1)]);
    Ok(())
}

#[tokio::test]
async fn a_restart_opens_only_what_changed() -> Result<()> {
    let mut place = Installation::new("remembered").await?;
    let same = place.bring_about(secret("same", "one")).await?;
    let touched = place.bring_about(secret("touched", "one")).await?;
    let other = place.bring_about(secret("forged", "one")).await?;
    place.controller.stop().await?;
    let label = json!({ "metadata": { "labels": { "theirs": "yes" } } });
    place.edit_secret(&touched, label).await?;
    // Whoever may write status can claim nothing.
    let status = json!({ "status": { "conditions": [
        { "type": "Synced", "status": "True" },
        { "type": "Recorded", "status": "True", "message": recorded(&same) },
    ] } });
    let objects = place.sealed_secrets(&other);
    let forgery = Patch::Merge(status);
    let forged = objects.patch_status("forged", &PatchParams::default(), &forgery).await;
    forged.context(|| "cannot forge")?;

    place.start_again(Options::default()).await?;
    opened(&place, 2).await?;
    place.secret_when(&touched, "keeps what was added", |s| s.labels()["theirs"] == "yes").await?;
    place.restart(Options::default()).await?;
    opened(&place, 0).await?;
    // What is remembered is no reason not to look.
    place.delete_secret(&same).await?;
    place.secret_when(&same, "is made again", |_| true).await?;
    Ok(())
}

/// Waits until the controller has looked at everything, and counts what it opened for that.
async fn opened(place: &Installation, count: u32) -> Result<()> {
    let (ready, metrics) = (place.controller.url() + "/readyz", place.controller.metrics_url());
    let line = format!("sealed_secrets_controller_unseal_requests_total {count}\n");
    let looked = "sealed_secrets_controller_objects_by_key{";
    eventually(&line, Duration::from_secs(30), async || {
        let ready = http::get(&ready).await.map_err(|error| format!("{error:#}"))?;
        let text = http::get(&format!("{metrics}/metrics")).await;
        let text = text.map_err(|error| format!("{error:#}"))?;
        let text = String::from_utf8_lossy(text.body()).into_owned();
        let is_done = ready.status() == 200 && text.contains(looked) && text.contains(&line);
        if is_done { Ok(()) } else { Err(text) }
    })
    .await
}

fn recorded(sealed: &SealedSecret) -> Option<String> {
    let mut conditions = sealed.status.iter().flat_map(|status| &status.conditions);
    conditions.find(|found| found.type_ == "Recorded")?.message.clone()
}

#[tokio::test]
async fn what_happened_without_a_controller_is_made_good_at_the_next_start() -> Result<()> {
    let mut place = Installation::new("away").await?;
    let deleted = place.bring_about(secret("deleted", "one")).await?;
    let changed = place.bring_about(secret("changed", "one")).await?;
    place.controller.stop().await?;
    place.delete_secret(&deleted).await?;
    place.secret_gone(&deleted).await?;
    let changed_anew = place.apply(&place.seal(secret("changed", "two"))).await?;
    let new = place.apply(&place.seal(secret("new", "three"))).await?;
    assert_eq!(items(&place.secret(&changed).await?), json!({ "a": "one" }));

    place.start_again(Options::default()).await?;
    place.secret_when(&deleted, "is made again", |_| true).await?;
    place.synced(&changed_anew).await?;
    place.synced(&new).await?;
    assert_eq!(items(&place.secret(&changed).await?), json!({ "a": "two" }));
    Ok(())
}

fn secret(name: &str, value: &str) -> Value {
    json!({ "metadata": { "name": name }, "stringData": { "a": value } })
}
