//! Secrets of other types, immutable ones, and writes that the API server refuses.

mod quota;

use harness::installation::items;
use harness::{Installation, Result};
use quota::Full;
use serde_json::{Value, json};

#[tokio::test]
async fn the_type_is_the_templates() -> Result<()> {
    let place = Installation::new("type").await?;
    for (name, type_, data) in [
        ("tls", "kubernetes.io/tls", json!({ "tls.crt": "c", "tls.key": "k" })),
        (
            "pull",
            "kubernetes.io/dockerconfigjson",
            json!({ ".dockerconfigjson": "{\"auths\":{}}" }),
        ),
        ("basic", "kubernetes.io/basic-auth", json!({ "username": "u", "password": "p" })),
        ("own", "example.com/own", json!({ "a": "1" })),
    ] {
        let manifest = json!({ "metadata": { "name": name }, "type": type_, "stringData": data });
        let sealed = place.bring_about(manifest).await?;
        let secret = place.secret(&sealed).await?;
        assert_eq!((secret.type_.as_deref(), items(&secret)), (Some(type_), data));
    }
    Ok(())
}

#[tokio::test]
async fn a_secret_without_items_is_one() -> Result<()> {
    let place = Installation::new("empty").await?;
    let sealed = place.bring_about(json!({ "metadata": { "name": "db" } })).await?;
    assert_eq!(items(&place.secret(&sealed).await?), json!({}));
    Ok(())
}

#[tokio::test]
async fn what_the_api_server_finds_invalid_is_reported_in_its_words() -> Result<()> {
    let place = Installation::new("invalid").await?;
    let mut manifest = secret("db", "one");
    manifest["type"] = "kubernetes.io/tls".into();
    let sealed = place.apply(&place.seal(manifest)).await?;
    let message = place.failed(&sealed).await?;
    assert!(message.contains("tls.crt"), "{message}");
    let event = place.event(&sealed, "ErrUpdateFailed", 1).await?;
    assert_eq!(event.message, Some(message));
    Ok(())
}

#[tokio::test]
async fn an_immutable_secret_is_made_and_a_change_reported_once() -> Result<()> {
    let place = Installation::new("immutable").await?;
    let first = place.bring_about(immutable("db", "one")).await?;
    let before = place.secret(&first).await?;
    assert_eq!((before.immutable, items(&before)), (Some(true), json!({ "a": "one" })));

    let second = place.apply(&place.seal(immutable("db", "two"))).await?;
    let message = place.failed(&second).await?;
    assert!(message.contains("immutable"), "{message}");
    assert_eq!(place.event(&second, "ErrUpdateFailed", 1).await?.message, Some(message));

    // Neither a look at it again is news, nor is it retried: the other one's third attempt is
    // later than a second one would be, by the controller's own clock.
    let touch = json!({ "metadata": { "labels": { "touched": "yes" } } });
    let touched = place.edit_secret(&second, touch).await?;
    let _full = Full::of(&place).await?;
    let retried = place.apply(&place.seal(secret("retried", "one"))).await?;
    place.event(&retried, "ErrUpdateFailed", 3).await?;
    assert_eq!(place.event(&second, "ErrUpdateFailed", 1).await?.count, Some(1));
    assert_eq!(place.secret(&second).await?, touched);
    assert_eq!(items(&touched), json!({ "a": "one" }));
    Ok(())
}

#[tokio::test]
async fn an_unchanged_immutable_secret_is_no_failure() -> Result<()> {
    let mut place = Installation::new("immutable-same").await?;
    let sealed = place.bring_about(immutable("db", "one")).await?;
    let before = place.secret(&sealed).await?;
    place.restart(Default::default()).await?;
    place.other_work().await?;
    place.synced(&sealed).await?;
    assert_eq!(place.secret(&sealed).await?, before);
    Ok(())
}

#[tokio::test]
async fn a_failure_that_passes_is_retried_until_it_has() -> Result<()> {
    let place = Installation::new("retry").await?;
    let full = Full::of(&place).await?;
    let sealed = place.apply(&place.seal(secret("db", "one"))).await?;
    let message = place.failed(&sealed).await?;
    assert!(message.contains("quota"), "{message}");
    place.event(&sealed, "ErrUpdateFailed", 2).await?;
    full.lift().await?;
    place.synced(&sealed).await?;
    assert_eq!(items(&place.secret(&sealed).await?), json!({ "a": "one" }));
    Ok(())
}

fn immutable(name: &str, value: &str) -> Value {
    let mut secret = secret(name, value);
    secret["immutable"] = true.into();
    secret
}

fn secret(name: &str, value: &str) -> Value {
    json!({ "metadata": { "name": name }, "stringData": { "a": value } })
}
