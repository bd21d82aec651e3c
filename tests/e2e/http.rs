//! The controller's HTTP server.

use harness::{Installation, Result, http};
use serde_json::{Value, json};

/// The API server's own limit for a request.
const MAX_BODY: usize = 3 << 20;

#[tokio::test]
async fn health_is_ok() -> Result<()> {
    let place = Installation::new("healthz").await?;
    let answer = http::get(&format!("{}/healthz", place.controller.url())).await?;
    assert_eq!((answer.status().as_u16(), answer.body().as_slice()), (200, &b"ok\n"[..]));
    Ok(())
}

#[tokio::test]
async fn the_certificate_is_served_as_a_pem_file() -> Result<()> {
    let place = Installation::new("cert-pem").await?;
    let answer = http::get(&format!("{}/v1/cert.pem", place.controller.url())).await?;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/x-pem-file");
    assert_eq!(String::from_utf8_lossy(answer.body()), place.key.certificate_pem());
    Ok(())
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() -> Result<()> {
    let place = Installation::new("paths").await?;
    let url = place.controller.url();
    for path in ["", "/", "/v1", "/v1/", "/v1/nope", "/healthz/x", "/debug/pprof"] {
        assert_eq!(http::get(&format!("{url}{path}")).await?.status(), 404, "{path}");
    }
    assert_eq!(http::get(&format!("{url}/v1/verify")).await?.status(), 405);
    assert_eq!(http::post(&format!("{url}/v1/cert.pem"), "").await?.status(), 405);
    Ok(())
}

#[tokio::test]
async fn verify_says_yes_or_no_in_json_and_yaml() -> Result<()> {
    let place = Installation::new("verify").await?;
    let good = place.seal(secret());
    let mut renamed = good.clone();
    renamed["metadata"]["name"] = "thief".into();
    for (object, expected) in [(&good, 200), (&renamed, 409)] {
        let yaml = serde_saphyr::to_string(object).expect("an object is YAML");
        for body in [object.to_string(), yaml] {
            let (status, answer) = verify(&place, body).await?;
            assert_eq!(status, expected, "{answer}");
        }
    }
    Ok(())
}

/// Not which item, which key or which step: that would help whoever tries.
#[tokio::test]
async fn verify_answers_every_refusal_alike() -> Result<()> {
    let place = Installation::new("verify-alike").await?;
    let good = place.seal(secret());
    let mut answers = Vec::new();
    for change in [
        |object: &mut Value| object["metadata"]["name"] = "thief".into(),
        |object: &mut Value| object["metadata"]["namespace"] = "thief".into(),
        |object: &mut Value| {
            object["metadata"]["annotations"] =
                json!({ "sealedsecrets.bitnami.com/cluster-wide": "true" });
        },
        |object: &mut Value| object["spec"]["encryptedData"]["a"] = damaged(object),
    ] {
        let mut object = good.clone();
        change(&mut object);
        answers.push(verify(&place, object.to_string()).await?);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == 409), "{answers:?}");
    Ok(())
}

#[tokio::test]
async fn verify_refuses_what_is_no_sealed_secret() -> Result<()> {
    let place = Installation::new("verify-bad").await?;
    let mut not_base64 = place.seal(secret());
    not_base64["spec"]["encryptedData"]["a"] = "!".into();
    let mut wrong_type = place.seal(secret());
    wrong_type["spec"]["encryptedData"]["a"] = 5.into();
    let mut nameless = place.seal(secret());
    nameless["metadata"]["name"] = Value::Null;
    for body in [
        String::new(),
        "{".to_owned(),
        "a: [".to_owned(),
        "[]".to_owned(),
        "\u{0}".to_owned(),
        secret().to_string(),
        not_base64.to_string(),
        wrong_type.to_string(),
        nameless.to_string(),
    ] {
        let (status, answer) = verify(&place, body.clone()).await?;
        assert_eq!(status, 400, "{body}: {answer}");
    }
    Ok(())
}

/// A template is not covered by the encryption: to render it would tell what is sealed.
#[tokio::test]
async fn verify_does_not_look_at_the_template() -> Result<()> {
    let place = Installation::new("verify-template").await?;
    let mut object = place.seal(secret());
    for text in ["{{ fail .a }}", "{{", "{{ if eq .a \"one\" }}{{ fail \"yes\" }}{{ end }}"] {
        object["spec"]["template"]["data"] = json!({ "t": text });
        assert_eq!(verify(&place, object.to_string()).await?.0, 200, "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn a_body_may_be_as_long_as_the_api_server_allows_and_no_longer() -> Result<()> {
    let place = Installation::new("long").await?;
    let mut longest = place.seal(secret()).to_string();
    longest.push_str(&" ".repeat(MAX_BODY - longest.len()));
    assert_eq!(verify(&place, longest.clone()).await?.0, 200);
    longest.push(' ');
    assert_eq!(verify(&place, longest).await?.0, 413);
    let health = http::get(&format!("{}/healthz", place.controller.url())).await?;
    assert_eq!(health.status(), 200);
    Ok(())
}

async fn verify(place: &Installation, body: impl Into<Vec<u8>>) -> Result<(u16, String)> {
    let answer = http::post(&format!("{}/v1/verify", place.controller.url()), body).await?;
    Ok((answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned()))
}

/// The value with its last bytes changed: the key opens it, the cipher does not.
fn damaged(object: &Value) -> Value {
    let value = object["spec"]["encryptedData"]["a"].as_str().unwrap_or_default();
    let (kept, end) = value.split_at(value.len() - 8);
    let changed: String = end.chars().map(|c| if c == 'A' { 'B' } else { 'A' }).collect();
    format!("{kept}{changed}").into()
}

fn secret() -> Value {
    json!({ "metadata": { "name": "db" }, "stringData": { "a": "one" } })
}
