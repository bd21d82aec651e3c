//! What tools that watch health make of our objects, by the rules that they have published.

mod quota;

use harness::{Context, Installation, Result};
use kube::ResourceExt;
use quota::Full;
use sealwright_api::SealedSecret;
use serde_json::{Value, json};

/// Argo CD: `resource_customizations/bitnami.com/SealedSecret/health.lua`.
fn argo_cd(object: &Value) -> &'static str {
    if !object["metadata"]["deletionTimestamp"].is_null() {
        return "Progressing";
    }
    let verdict = conditions(object).find_map(|condition| match condition {
        ("Synced", "False") => Some("Degraded"),
        ("Synced", "True") => Some("Healthy"),
        _ => None,
    });
    verdict.unwrap_or("Progressing")
}

/// The same file once it looks at generations: what does not say which one it saw never gets on.
fn argo_cd_by_generation(object: &Value) -> &'static str {
    let generation = &object["metadata"]["generation"];
    if generation.is_null() || object["status"]["observedGeneration"] != *generation {
        return "Progressing";
    }
    argo_cd(object)
}

/// kstatus: `Compute` in `kubernetes-sigs/cli-utils`' `pkg/kstatus/status`, for a kind that it does
/// not know.
fn kstatus(object: &Value) -> &'static str {
    let (metadata, status) = (&object["metadata"], &object["status"]);
    if metadata["deletionTimestamp"].as_str().is_some_and(|time| !time.is_empty()) {
        return "Terminating";
    }
    let generations = (metadata["generation"].as_i64(), status["observedGeneration"].as_i64());
    if let (Some(generation), Some(observed)) = generations
        && generation != observed
    {
        return "InProgress";
    }
    let standard = conditions(object).find_map(|condition| match condition {
        ("Reconciling", "True") => Some("InProgress"),
        ("Stalled", "True") => Some("Failed"),
        _ => None,
    });
    let ready = conditions(object).find_map(|condition| match condition {
        ("Ready", "True") => Some("Current"),
        ("Ready", "False" | "Unknown") => Some("InProgress"),
        _ => None,
    });
    standard.or(ready).unwrap_or("Current")
}

/// Type and status of each condition, in their order.
fn conditions(object: &Value) -> impl Iterator<Item = (&str, &str)> {
    let conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    conditions
        .filter_map(|condition| Some((condition["type"].as_str()?, condition["status"].as_str()?)))
}

#[tokio::test]
async fn a_success_is_healthy() -> Result<()> {
    let place = Installation::new("healthy").await?;
    let sealed = place.bring_about(secret("db")).await?;
    assert_eq!(verdicts(&seen(&place, &sealed).await?), ["Healthy", "Healthy", "Current"]);
    Ok(())
}

#[tokio::test]
async fn a_failure_is_degraded_until_the_object_changes() -> Result<()> {
    let place = Installation::new("degraded").await?;
    let mut stolen = place.seal(secret("db"));
    stolen["metadata"]["name"] = "thief".into();
    let sealed = place.apply(&stolen).await?;
    place.failed(&sealed).await?;
    let mut now = seen(&place, &sealed).await?;
    assert_eq!(verdicts(&now), ["Degraded", "Degraded", "Failed"]);
    // A change that nobody has looked at yet.
    now["metadata"]["generation"] = 2.into();
    assert_eq!(verdicts(&now), ["Degraded", "Progressing", "InProgress"]);
    Ok(())
}

#[tokio::test]
async fn a_failure_that_is_tried_again_is_progress_to_whoever_asks_for_that() -> Result<()> {
    let place = Installation::new("retried").await?;
    let full = Full::of(&place).await?;
    let sealed = place.apply(&place.seal(secret("db"))).await?;
    place.failed(&sealed).await?;
    assert_eq!(verdicts(&seen(&place, &sealed).await?), ["Degraded", "Degraded", "InProgress"]);
    full.lift().await?;
    place.synced(&sealed).await?;
    assert_eq!(verdicts(&seen(&place, &sealed).await?), ["Healthy", "Healthy", "Current"]);
    Ok(())
}

#[test]
fn what_nobody_has_looked_at_is_progressing() {
    let mut object = json!({ "metadata": { "name": "db", "generation": 1 } });
    // To kstatus, what has no status needs none.
    assert_eq!(verdicts(&object), ["Progressing", "Progressing", "Current"]);
    object["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
    assert_eq!(verdicts(&object), ["Progressing", "Progressing", "Terminating"]);
}

fn verdicts(object: &Value) -> [&'static str; 3] {
    [argo_cd(object), argo_cd_by_generation(object), kstatus(object)]
}

/// The object as the tools see it.
async fn seen(place: &Installation, sealed: &SealedSecret) -> Result<Value> {
    let now = place.sealed_secrets(sealed).get(&sealed.name_any()).await;
    let now = now.context(|| "cannot look")?;
    Ok(serde_json::to_value(now).expect("a SealedSecret is JSON"))
}

fn secret(name: &str) -> Value {
    json!({ "metadata": { "name": name }, "stringData": { "a": "one" } })
}
