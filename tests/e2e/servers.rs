//! The controller's servers: limits, rotation, readiness, metrics.

use std::time::Duration;

use harness::key::{ACTIVE, Key};
use harness::{Cluster, Context, Installation, Options, Result, eventually, http};
use sealwright_crypto::Envelope;
use sealwright_sealing::decode_base64;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn beyond_the_limit_a_client_is_told_when_to_come_again() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("limits").await?;
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
    let namespace = Cluster::connect().await?.namespace("rotate").await?;
    Key::b().store(&namespace, "key-b", Some(ACTIVE)).await?;
    let place = Installation::with(&namespace, Options::default()).await?;
    let mut object = place.seal_with(&Key::a(), two_values());
    object["spec"]["template"]["data"] = json!({ "t": "{{ .a }}" });
    assert_eq!(moduli(&object), [Key::a().public().modulus_len(); 2]);
    let url = format!("{}/v1/rotate", place.controller.url());
    let answer = http::post(&url, object.to_string()).await?;
    assert_eq!(answer.status(), 200);
    let mut rotated: Value = serde_json::from_slice(answer.body()).expect("JSON");
    // What opens with a modulus of this length opens with the newest key and no other.
    assert_eq!(moduli(&rotated), [Key::b().public().modulus_len(); 2]);
    let verify = format!("{}/v1/verify", place.controller.url());
    assert_eq!(http::post(&verify, rotated.to_string()).await?.status(), 200);
    rotated["spec"]["encryptedData"] = object["spec"]["encryptedData"].clone();
    assert_eq!(rotated, object);

    let mut stolen = object;
    stolen["metadata"]["name"] = "thief".into();
    assert_eq!(http::post(&url, stolen.to_string()).await?.status(), 409);
    assert_eq!(http::post(&url, "garbage").await?.status(), 400);
    Ok(())
}

/// CVE-2026-22728: a template's annotations said how far the rotated values would open.
#[tokio::test]
async fn rotate_keeps_the_scope_whatever_the_template_says() -> Result<()> {
    let place = Installation::new("rotate-scope").await?;
    let mut object = place.seal(secret());
    object["spec"]["template"]["metadata"]["annotations"] =
        json!({ "sealedsecrets.bitnami.com/cluster-wide": "true" });
    object["spec"]["template"]["metadata"]["name"] = "other".into();
    let url = |path: &str| format!("{}/v1/{path}", place.controller.url());
    let answer = http::post(&url("rotate"), object.to_string()).await?;
    let rotated: Value = serde_json::from_slice(answer.body()).expect("JSON");
    assert_eq!(rotated["metadata"], object["metadata"]);
    assert_eq!(rotated["spec"]["template"], object["spec"]["template"]);
    assert_eq!(http::post(&url("verify"), rotated.to_string()).await?.status(), 200);
    for (field, value) in [
        ("name", json!("other")),
        ("namespace", json!("other")),
        ("annotations", json!({ "sealedsecrets.bitnami.com/cluster-wide": "true" })),
    ] {
        let mut moved = rotated.clone();
        moved["metadata"][field] = value;
        assert_eq!(http::post(&url("verify"), moved.to_string()).await?.status(), 409, "{field}");
    }
    Ok(())
}

#[tokio::test]
async fn a_request_that_does_not_arrive_is_given_up() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("slow").await?;
    let args = vec!["--read-timeout=300ms".to_owned()];
    let place = Installation::with(&namespace, Options { args, ..Options::default() }).await?;
    let address = place.controller.url().replace("http://", "");
    for (sent, answer) in [
        ("POST /v1/verify HTTP/1.1\r\nHost: c\r\nContent-Length: 9\r\n\r\n{", "HTTP/1.1 408"),
        ("POST /v1/verify HTTP/1.1\r\nHost: c\r\nContent-Le", ""),
    ] {
        let mut stream = TcpStream::connect(&address).await.context(|| "cannot connect")?;
        stream.write_all(sent.as_bytes()).await.context(|| "cannot send")?;
        let mut received = String::new();
        let whole = stream.read_to_string(&mut received);
        let ended = tokio::time::timeout(LIMIT, whole).await;
        ended.context(|| "it waits for ever")?.context(|| "cannot receive")?;
        assert!(received.starts_with(answer), "{sent:?}: {received:?}");
    }
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

/// The length of the modulus that each value was sealed with.
fn moduli(object: &Value) -> Vec<usize> {
    let values = object["spec"]["encryptedData"].as_object().expect("values").values();
    let modulus = |value: &Value| {
        let bytes = decode_base64(value.as_str().expect("base64")).expect("base64");
        Envelope::parse(&bytes).expect("a sealed value").rsa.len()
    };
    values.map(modulus).collect()
}

fn two_values() -> Value {
    json!({ "metadata": { "name": "db" }, "stringData": { "a": "one", "b": "two" } })
}

fn secret() -> Value {
    json!({ "metadata": { "name": "db" }, "stringData": { "a": "one" } })
}
