//! Secrets that are there already, and Secrets without an owner.

use harness::installation::items;
use harness::{Context, Installation, Options, Result};
use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use kube::api::{Patch, PatchParams};
use sealwright_api::SealedSecret;
use serde_json::{Value, json};

const MANAGED: &str = "sealedsecrets.bitnami.com/managed";
const PATCH: &str = "sealedsecrets.bitnami.com/patch";
const UNOWNED: &str = "sealedsecrets.bitnami.com/skip-set-owner-references";

#[tokio::test]
async fn a_foreign_secret_is_refused_and_left_as_it_is() -> Result<()> {
    let place = Installation::new("foreign").await?;
    let before = place.create_secret(foreign(json!({}))).await?;
    let sealed = place.apply(&place.seal(secret(json!({})))).await?;

    let refusal = "Resource \"db\" already exists and is not managed by SealedSecret";
    assert_eq!(place.failed(&sealed).await?, refusal);
    let event = place.event(&sealed, "ErrUpdateFailed", 1).await?;
    assert_eq!(
        (event.type_.as_deref(), event.message.as_deref()),
        (Some("Warning"), Some(refusal))
    );
    assert_eq!(place.secret(&sealed).await?, before);
    Ok(())
}

/// Or whoever may create SealedSecrets could overwrite every Secret of the namespace.
#[tokio::test]
async fn a_template_cannot_claim_a_foreign_secret() -> Result<()> {
    let place = Installation::new("claim").await?;
    let before = place.create_secret(foreign(json!({}))).await?;
    for claim in [json!({ MANAGED: "true" }), json!({ PATCH: "true" }), json!({ UNOWNED: "true" })]
    {
        let sealed = place.apply(&place.seal(secret(claim.clone()))).await?;
        place.failed(&sealed).await?;
        assert_eq!(place.secret(&sealed).await?, before, "{claim}");
    }
    Ok(())
}

#[tokio::test]
async fn only_true_gives_a_secret_away() -> Result<()> {
    let place = Installation::new("nearly").await?;
    let almost = json!({ MANAGED: "True", PATCH: "yes" });
    let before = place.create_secret(foreign(almost)).await?;
    let sealed = place.apply(&place.seal(secret(json!({})))).await?;
    place.failed(&sealed).await?;
    assert_eq!(place.secret(&sealed).await?, before);
    Ok(())
}

#[tokio::test]
async fn a_refused_secret_is_taken_once_it_is_given_away() -> Result<()> {
    let place = Installation::new("given-later").await?;
    place.create_secret(foreign(json!({}))).await?;
    let sealed = place.apply(&place.seal(secret(json!({})))).await?;
    place.failed(&sealed).await?;
    let given = json!({ "metadata": { "annotations": { MANAGED: "true" } } });
    place.edit_secret(&sealed, given).await?;
    place.synced(&sealed).await?;
    assert_eq!(items(&place.secret(&sealed).await?), json!({ "ours": "sealed" }));
    Ok(())
}

#[tokio::test]
async fn a_managed_secret_is_taken_over_whole() -> Result<()> {
    let place = Installation::new("managed").await?;
    let before = place.create_secret(foreign(json!({ MANAGED: "true" }))).await?;
    let sealed = place.bring_about(secret(json!({ "ours": "yes" }))).await?;
    let after = place.secret(&sealed).await?;
    assert_eq!(after.uid(), before.uid());
    assert_eq!(items(&after), json!({ "ours": "sealed" }));
    assert_eq!(after.labels().len(), 0, "{:?}", after.labels());
    assert_eq!(after.annotations().keys().collect::<Vec<_>>(), ["ours"]);
    assert_eq!(owner(&after), sealed.uid());

    place.delete(&sealed).await?;
    place.secret_gone(&sealed).await
}

#[tokio::test]
async fn a_patched_secret_keeps_what_it_has_and_whose_it_is() -> Result<()> {
    let place = Installation::new("patch").await?;
    let mut theirs = foreign(json!({ PATCH: "true" }));
    theirs["type"] = "example.com/theirs".into();
    place.create_secret(theirs).await?;
    let sealed = place.bring_about(secret(json!({ "ours": "yes" }))).await?;
    let merged = place.secret(&sealed).await?;
    assert_eq!(items(&merged), json!({ "ours": "sealed", "theirs": "plain" }));
    assert_eq!(merged.type_.as_deref(), Some("example.com/theirs"));
    assert_eq!(merged.labels()["theirs"], "yes");
    assert_eq!(merged.annotations().keys().collect::<Vec<_>>(), ["ours", PATCH]);
    assert_eq!(owner(&merged), None);

    // An item that is no longer sealed stays.
    let renamed = json!({ "metadata": { "name": "db" }, "stringData": { "more": "sealed" } });
    let sealed = place.bring_about(renamed).await?;
    let all = json!({ "more": "sealed", "ours": "sealed", "theirs": "plain" });
    assert_eq!(items(&place.secret(&sealed).await?), all);

    place.delete(&sealed).await?;
    place.other_work().await?;
    assert_eq!(items(&place.secret(&sealed).await?), all);
    Ok(())
}

#[tokio::test]
async fn a_patched_secret_that_is_deleted_does_not_come_back() -> Result<()> {
    let place = Installation::new("patch-deleted").await?;
    let merged = json!({ "ours": "sealed", "theirs": "plain" });
    for _ in 0..3 {
        place.create_secret(foreign(json!({ PATCH: "true" }))).await?;
        let sealed = place.apply(&place.seal(secret(json!({})))).await?;
        place.secret_when(&sealed, "is merged", |secret| items(secret) == merged).await?;
        place.synced(&sealed).await?;
        touch_and_delete(&place, &sealed).await?;
        place.other_work().await?;
        assert!(place.secret_now(&sealed).await?.is_none(), "it came back");
    }
    Ok(())
}

#[tokio::test]
async fn a_patched_secret_deleted_while_no_controller_runs_does_not_come_back() -> Result<()> {
    let mut place = Installation::new("patch-away").await?;
    place.create_secret(foreign(json!({ PATCH: "true" }))).await?;
    let sealed = place.bring_about(secret(json!({}))).await?;
    place.controller.stop().await?;
    place.delete_secret(&sealed).await?;
    place.start_again(Options::default()).await?;
    place.other_work().await?;
    assert!(place.secret_now(&sealed).await?.is_none(), "it came back");

    // Nor after a failure in between.
    let not_now = json!({ "status": { "conditions": [
        { "type": "Synced", "status": "False" }, { "type": "Patched", "status": "True" },
    ] } });
    let objects = place.sealed_secrets(&sealed);
    place.controller.stop().await?;
    let params = PatchParams::default();
    let patched = objects.patch_status("db", &params, &Patch::Merge(not_now)).await;
    patched.context(|| "cannot write status")?;
    place.start_again(Options::default()).await?;
    place.other_work().await?;
    assert!(place.secret_now(&sealed).await?.is_none(), "it came back");

    // A new spec is another matter.
    let sealed = place.bring_about(secret(json!({ "new": "yes" }))).await?;
    assert_eq!(owner(&place.secret(&sealed).await?), sealed.uid());
    Ok(())
}

#[tokio::test]
async fn a_patched_and_managed_secret_is_merged_and_owned() -> Result<()> {
    let place = Installation::new("both").await?;
    place.create_secret(foreign(json!({ PATCH: "true", MANAGED: "true" }))).await?;
    let sealed = place.bring_about(secret(json!({}))).await?;
    let merged = place.secret(&sealed).await?;
    assert_eq!(items(&merged), json!({ "ours": "sealed", "theirs": "plain" }));
    assert_eq!(owner(&merged), sealed.uid());

    place.delete(&sealed).await?;
    place.secret_gone(&sealed).await
}

#[tokio::test]
async fn a_secret_without_owner_is_a_success_and_outlives_its_sealed_secret() -> Result<()> {
    let place = Installation::new("unowned").await?;
    let sealed = place.bring_about(secret(json!({ UNOWNED: "true" }))).await?;
    let made = place.secret(&sealed).await?;
    assert_eq!((items(&made), owner(&made)), (json!({ "ours": "sealed" }), None));
    let reasons: Vec<_> =
        place.events(&sealed).await?.into_iter().filter_map(|e| e.reason).collect();
    assert!(reasons.iter().all(|reason| reason == "Unsealed"), "{reasons:?}");

    place.delete(&sealed).await?;
    place.other_work().await?;
    assert_eq!(place.secret(&sealed).await?, made);
    Ok(())
}

#[tokio::test]
async fn a_secret_without_owner_that_is_deleted_does_not_come_back() -> Result<()> {
    let place = Installation::new("unowned-deleted").await?;
    let sealed = place.bring_about(secret(json!({ UNOWNED: "true" }))).await?;
    touch_and_delete(&place, &sealed).await?;
    place.other_work().await?;
    assert!(place.secret_now(&sealed).await?.is_none(), "it came back");
    Ok(())
}

#[tokio::test]
async fn a_secret_without_owner_is_foreign_to_later_changes() -> Result<()> {
    let place = Installation::new("unowned-changed").await?;
    let sealed = place.bring_about(secret(json!({ UNOWNED: "true" }))).await?;
    let before = place.secret(&sealed).await?;
    let mut changed = secret(json!({ UNOWNED: "true" }));
    changed["stringData"]["ours"] = "changed".into();
    let sealed = place.apply(&place.seal(changed.clone())).await?;
    place.failed(&sealed).await?;
    assert_eq!(place.secret(&sealed).await?, before);

    let given = json!({ "metadata": { "annotations": { MANAGED: "true" } } });
    place.edit_secret(&sealed, given).await?;
    place.synced(&sealed).await?;
    assert_eq!(items(&place.secret(&sealed).await?), json!({ "ours": "changed" }));
    Ok(())
}

/// The change wakes the controller, which finds nothing any more when it looks.
async fn touch_and_delete(place: &Installation, sealed: &SealedSecret) -> Result<()> {
    let touch = json!({ "metadata": { "labels": { "touched": "yes" } } });
    place.edit_secret(sealed, touch).await?;
    place.delete_secret(sealed).await
}

fn foreign(annotations: Value) -> Value {
    json!({
        "metadata": { "name": "db", "labels": { "theirs": "yes" }, "annotations": annotations },
        "stringData": { "theirs": "plain" },
    })
}

fn secret(annotations: Value) -> Value {
    json!({
        "metadata": { "name": "db", "annotations": annotations },
        "stringData": { "ours": "sealed" },
    })
}

/// The UID of the controlling SealedSecret.
fn owner(secret: &Secret) -> Option<String> {
    let owner = secret.owner_references().iter().find(|owner| owner.controller == Some(true))?;
    (owner.kind == "SealedSecret").then(|| owner.uid.clone())
}
