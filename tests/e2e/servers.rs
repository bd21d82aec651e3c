//! The controller's servers: limits, rotation, readiness, metrics.

use harness::key::Key;
use harness::{Installation, Options, Result, eventually, http};
use serde_json::{Value, json};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn beyond_the_limit_a_client_is_told_when_to_come_again() -> Result<()> {
    let namespace = harness::Cluster::connect().await?.namespace("limits").await?;
    let limits = ["--rate-limit=1", "--rate-limit-burst=2"].map(str::to_owned).to_vec();
    let place =
        Installation::with(&namespace, Options { args: limits, ..Options::default() }).await?;
    let body = place.seal(secret()).to_string();
    let url = format!("{}/v1/verify", place.controller.url());
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(http::post(&url, body.clone()).await?);
    }
    let passed = answers.iter().filter(|answer| answer.status() == 200).count();
    assert!((3..8).contains(&passed), "{passed} passed");
    let refused = answers.iter().find(|answer| answer.status() == 429).expect("a refusal");
    assert!(refused.headers().contains_key("retry-after"));
    // Another path is another bucket.
    let rotate = format!("{}/v1/rotate", place.controller.url());
    assert_eq!(http::post(&rotate, body).await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn rotate_seals_with_the_newest_key_and_changes_nothing_else() -> Result<()> {
    let place = Installation::new("rotate").await?;
    let mut object = place.seal(secret());
    object["spec"]["template"]["data"] = json!({ "t": "{{ .a }}" });
    let url = format!("{}/v1/rotate", place.controller.url());
    let answer = http::post(&url, object.to_string()).await?;
    assert_eq!(answer.status(), 200);
    let mut rotated: Value = serde_json::from_slice(answer.body()).expect("JSON");
    assert_ne!(rotated["spec"]["encryptedData"], object["spec"]["encryptedData"]);
    rotated["spec"]["encryptedData"] = object["spec"]["encryptedData"].clone();
    assert_eq!(rotated, object);

    let mut stolen = object;
    stolen["metadata"]["name"] = "thief".into();
    assert_eq!(http::post(&url, stolen.to_string()).await?.status(), 409);
    assert_eq!(http::post(&url, "garbage").await?.status(), 400);
    Ok(())
}

#[tokio::test]
async fn readiness_comes_once_keys_and_watches_are_there() -> Result<()> {
    let place = Installation::new("ready").await?;
    let url = place.controller.url();
    eventually("it is ready", LIMIT, async || {
        let answer = http::get(&format!("{url}/readyz")).await.ok()?;
        (answer.status() == 200).then_some(())
    })
    .await?;
    assert_eq!(http::get(&format!("{url}/livez")).await?.body(), b"ok\n");
    Ok(())
}

#[tokio::test]
async fn metrics_tell_of_work_errors_keys_and_requests() -> Result<()> {
    let place = Installation::new("metrics").await?;
    place.bring_about(secret()).await?;
    let foreign = place
        .seal_with(&Key::b(), json!({ "metadata": { "name": "bad" }, "stringData": { "a": "x" } }));
    place.failed(&place.apply(&foreign).await?).await?;
    http::get(&format!("{}/healthz", place.controller.url())).await?;
    let namespace = place.namespace.name().to_owned();
    let lines = [
        "sealed_secrets_controller_keys 1".to_owned(),
        format!("sealed_secrets_controller_unseal_errors_total{{reason=\"unseal\",namespace=\"{namespace}\"}} 1"),
        format!("sealed_secrets_controller_condition_info{{namespace=\"{namespace}\",name=\"db\",condition=\"Synced\",ss_app_kubernetes_io_instance=\"\"}} 1"),
        format!("sealed_secrets_controller_objects_by_key{{fingerprint=\"{}\"}} 1", Key::a().public().fingerprint()),
        "sealed_secrets_controller_http_requests_total{path=\"/healthz\",code=\"200\",method=\"get\"}".to_owned(),
    ];
    let url = format!("{}/metrics", place.controller.metrics_url());
    let answer = http::get(&url).await?;
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    for line in lines {
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
    Ok(())
}

fn secret() -> Value {
    json!({ "metadata": { "name": "db" }, "stringData": { "a": "one" } })
}
