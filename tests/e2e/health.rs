//! What tools that watch health make of our objects: Argo CD's published rule for SealedSecrets,
//! and kstatus' generic rules, both in few words.

use harness::{Installation, Result};
use sealwright_api::{ConditionStatus, RECONCILING, STALLED, SYNCED, SealedSecret};
use serde_json::{Value, json};

/// Argo CD: the first Synced condition decides, and without one it is progressing.
fn argo_cd(sealed: &SealedSecret) -> &'static str {
    let mut conditions = sealed.status.iter().flat_map(|status| &status.conditions);
    match conditions.find(|condition| condition.type_ == SYNCED).map(|synced| synced.status) {
        Some(ConditionStatus::True) => "Healthy",
        Some(ConditionStatus::False) => "Degraded",
        _ => "Progressing",
    }
}

/// kstatus: an observedGeneration that lags is progress, as is Reconciling; Stalled is failure.
fn kstatus(sealed: &SealedSecret) -> &'static str {
    let Some(status) = &sealed.status else { return "Current" };
    let is_true = |type_: &str| {
        let mut conditions = status.conditions.iter();
        conditions.any(|c| c.type_ == type_ && c.status == ConditionStatus::True)
    };
    if status.observed_generation != sealed.metadata.generation || is_true(RECONCILING) {
        "InProgress"
    } else if is_true(STALLED) {
        "Failed"
    } else {
        "Current"
    }
}

#[tokio::test]
async fn a_success_is_healthy() -> Result<()> {
    let place = Installation::new("healthy").await?;
    let sealed = place.bring_about(secret("db")).await?;
    assert_eq!((argo_cd(&sealed), kstatus(&sealed)), ("Healthy", "Current"));
    Ok(())
}

#[tokio::test]
async fn a_failure_is_degraded_until_the_object_changes() -> Result<()> {
    let place = Installation::new("degraded").await?;
    let mut stolen = place.seal(secret("db"));
    stolen["metadata"]["name"] = "thief".into();
    let sealed = place.apply(&stolen).await?;
    place.failed(&sealed).await?;
    let now = place.sealed_secrets(&sealed).get("thief").await;
    let mut now = harness::Context::context(now, || "cannot look")?;
    assert_eq!((argo_cd(&now), kstatus(&now)), ("Degraded", "Failed"));
    // A change that nobody has looked at yet.
    now.metadata.generation = now.metadata.generation.map(|generation| generation + 1);
    assert_eq!(kstatus(&now), "InProgress");
    Ok(())
}

#[test]
fn what_nobody_has_looked_at_is_progressing() {
    let sealed = SealedSecret::new("db", Default::default());
    assert_eq!(argo_cd(&sealed), "Progressing");
}

fn secret(name: &str) -> Value {
    json!({ "metadata": { "name": name }, "stringData": { "a": "one" } })
}
