//! What a busy controller may do, and what it must not say.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::installation::items;
use harness::{Cluster, Context, Installation, Options, Result, Rights, http};
use k8s_openapi::api::core::v1::Event;
use kube::api::ListParams;
use sealwright_api::SealedSecret;
use serde_json::{Value, json};

const MARKER: &str = "swordfish-in-the-clear";

#[tokio::test]
async fn upstreams_permissions_are_enough() -> Result<()> {
    permissions_are_enough("upstreams-rights", Rights::Upstream).await
}

#[tokio::test]
async fn our_permissions_are_enough() -> Result<()> {
    permissions_are_enough("our-rights", Rights::Ours).await
}

async fn permissions_are_enough(prefix: &str, rights: Rights) -> Result<()> {
    let namespace = Cluster::connect().await?.namespace(prefix).await?;
    let options = || Options { rights, ..Options::default() };
    let mut place = Installation::with(&namespace, options()).await?;
    let before = live(&mut place, options()).await?;
    for log in [before, place.controller.log().to_string()] {
        // Not "Forbidden" alone: so the API server calls the change of an immutable field as well.
        assert!(!log.contains("is forbidden"), "{log}");
    }
    Ok(())
}

#[tokio::test]
async fn no_value_and_no_key_is_in_log_events_or_status() -> Result<()> {
    let namespace = Cluster::connect().await?.namespace("leaks").await?;
    let talkative = || Options { args: vec!["--log-level=debug".to_owned()], ..Options::default() };
    let mut place = Installation::with(&namespace, talkative()).await?;
    let before = live(&mut place, talkative()).await?;

    let everything = ListParams::default();
    let events = namespace.api::<Event>().list(&everything).await.context(|| "no events")?;
    let objects = namespace.api::<SealedSecret>().list(&everything).await.context(|| "no list")?;
    let statuses: Vec<_> = objects.items.iter().map(|object| &object.status).collect();
    let json = |value| serde_json::to_string(&value).expect("it is JSON");
    let said = [
        ("the log before the restart", before),
        ("the log", place.controller.log().to_string()),
        ("an event", json(json!(events.items))),
        ("a status", json(json!(statuses))),
    ];
    let key = place.key.private_key_pem().lines().nth(1).expect("a key has a second line");
    for (place, text) in said {
        assert!(!text.is_empty(), "{place} says nothing");
        for secret in [MARKER, &STANDARD.encode(MARKER), key] {
            assert!(!text.contains(secret), "{secret} is in {place}: {text}");
        }
    }
    Ok(())
}

/// A life with successes and failures of every kind, and a restart in the middle. Returns what
/// the first half had to say.
async fn live(place: &mut Installation, options: Options) -> Result<String> {
    successes(place).await?;
    refusals(place).await?;
    mistakes(place).await?;
    requests(place).await?;
    let before = place.controller.log().to_string();
    place.restart(options).await?;
    successes(place).await?;
    Ok(before)
}

async fn successes(place: &Installation) -> Result<()> {
    let sealed = place.bring_about(secret("plain", json!({}))).await?;
    place.edit_secret(&sealed, json!({ "stringData": { "a": "edited" } })).await?;
    let healed = |secret: &_| items(secret) == json!({ "a": MARKER });
    place.secret_when(&sealed, "is healed", healed).await?;
    place.delete_secret(&sealed).await?;
    place.secret_when(&sealed, "is made again", healed).await?;
    place.delete(&sealed).await?;
    place.secret_gone(&sealed).await
}

async fn refusals(place: &Installation) -> Result<()> {
    for (name, annotation) in [("foreign", "other"), ("managed", "managed"), ("patch", "patch")] {
        let annotation = format!("sealedsecrets.bitnami.com/{annotation}");
        let theirs = secret(name, json!({ annotation: "true" }));
        place.create_secret(theirs).await?;
        let sealed = place.apply(&place.seal(secret(name, json!({})))).await?;
        match name {
            "foreign" => drop(place.failed(&sealed).await?),
            _ => drop(place.synced(&sealed).await?),
        }
    }
    let mut immutable = secret("immutable", json!({}));
    immutable["immutable"] = true.into();
    place.bring_about(immutable.clone()).await?;
    immutable["stringData"]["b"] = MARKER.into();
    place.failed(&place.apply(&place.seal(immutable)).await?).await?;
    Ok(())
}

/// What people get wrong, with the value in all the wrong places.
async fn mistakes(place: &Installation) -> Result<()> {
    type Mistake = fn(&mut Value);
    let mistakes: [(&str, Mistake); 7] = [
        ("wrong-name", |sealed| sealed["metadata"]["name"] = "renamed".into()),
        ("unsealed", |sealed| sealed["spec"]["encryptedData"]["a"] = MARKER.into()),
        ("unsealed-too", |sealed| {
            sealed["spec"]["encryptedData"]["a"] = STANDARD.encode(MARKER).into();
        }),
        ("labels", |sealed| sealed["spec"]["template"]["metadata"]["labels"] = json!([MARKER])),
        ("template", |sealed| {
            let text = format!("{{{{ fail {MARKER:?} }}}}");
            sealed["spec"]["template"]["data"] = json!({ "t": text });
        }),
        ("invalid-type", |sealed| {
            sealed["spec"]["template"]["type"] = "kubernetes.io/tls".into();
        }),
        ("invalid-label", |sealed| {
            sealed["spec"]["template"]["metadata"]["labels"] = json!({ "a": "not a label" });
        }),
    ];
    for (name, mistake) in mistakes {
        let mut sealed = place.seal(secret(name, json!({})));
        mistake(&mut sealed);
        place.failed(&place.apply(&sealed).await?).await?;
    }
    // The API server reads this one, and says what it expected.
    let mut pull = secret("pull", json!({}));
    pull["type"] = "kubernetes.io/dockerconfigjson".into();
    pull["stringData"] = json!({ ".dockerconfigjson": MARKER });
    place.failed(&place.apply(&place.seal(pull)).await?).await?;
    Ok(())
}

async fn requests(place: &Installation) -> Result<()> {
    let url = format!("{}/v1/verify", place.controller.url());
    let good = place.seal(secret("plain", json!({})));
    let mut bad = good.clone();
    bad["metadata"]["name"] = "thief".into();
    let plain = secret("plain", json!({}));
    for (body, expected) in [(good, 200), (bad, 409), (plain, 400), (MARKER.into(), 400)] {
        assert_eq!(http::post(&url, body.to_string()).await?.status(), expected);
    }
    Ok(())
}

fn secret(name: &str, annotations: Value) -> Value {
    json!({
        "metadata": { "name": name, "annotations": annotations },
        "stringData": { "a": MARKER },
    })
}
