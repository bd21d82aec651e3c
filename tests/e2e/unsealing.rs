//! A SealedSecret becomes its Secret, follows its changes, and says so.

use harness::installation::items;
use harness::key::Key;
use harness::{Installation, Result};
use kube::ResourceExt;
use serde_json::{Value, json};

const SECRET: &str = "\
apiVersion: v1
kind: Secret
metadata:
  name: db
  labels: { app: shop }
  annotations: { contact: '#shop' }
data:
  binary: AAECA/8=
stringData:
  password: 'hunter2: \"quoted\"'
  empty: ''
";

#[tokio::test]
async fn what_kubeseal_seals_becomes_the_secret_that_it_was() -> Result<()> {
    let place = Installation::new("create").await?;
    place.controller.proxied().await?;
    let namespace = format!("--namespace={}", place.namespace.name());

    let run = place.kubeseal(&["--format=yaml", &namespace], SECRET).await?;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let sealed = serde_saphyr::from_str(&run.stdout).expect("kubeseal writes YAML");
    let sealed = place.synced(&place.apply(&place.labelled(sealed)).await?).await?;

    let secret = place.secret(&sealed).await?;
    let bytes: Vec<_> =
        secret.data.iter().flatten().map(|(key, value)| (&**key, &*value.0)).collect();
    let expected: [(&str, &[u8]); 3] =
        [("binary", &[0, 1, 2, 3, 255]), ("empty", b""), ("password", b"hunter2: \"quoted\"")];
    assert_eq!(bytes, expected);
    assert_eq!(secret.type_.as_deref(), Some("Opaque"));
    assert_eq!(secret.labels()["app"], "shop");
    assert_eq!(secret.annotations()["contact"], "#shop");
    Ok(())
}

#[tokio::test]
async fn the_secret_is_owned_and_its_deletion_is_not_blocked() -> Result<()> {
    let place = Installation::new("owner").await?;
    let sealed = place.bring_about(secret("db")).await?;
    let secret = place.secret(&sealed).await?;
    assert_eq!(
        serde_json::to_value(secret.owner_references()).expect("owners are JSON"),
        json!([{
            "apiVersion": "bitnami.com/v1alpha1",
            "kind": "SealedSecret",
            "name": "db",
            "uid": sealed.uid(),
            "controller": true,
        }])
    );
    Ok(())
}

#[tokio::test]
async fn a_template_gives_metadata_but_neither_name_nor_owner() -> Result<()> {
    let place = Installation::new("template").await?;
    let mut sealed = place.seal(secret("db"));
    sealed["spec"]["template"] = json!({
        "metadata": {
            "name": "other",
            "namespace": "kube-system",
            "labels": { "app": "shop" },
            "annotations": { "contact": "#shop" },
            "finalizers": ["example.com/hold"],
            "ownerReferences": [{ "apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u" }],
            "creationTimestamp": null,
        },
        "data": { "config": "plain text", "a": "loses against the sealed value" },
    });
    let sealed = place.synced(&place.apply(&sealed).await?).await?;
    let secret = place.secret(&sealed).await?;
    assert_eq!(items(&secret), json!({ "a": "one", "b": "two", "config": "plain text" }));
    assert_eq!(
        (&secret.labels()["app"][..], &secret.annotations()["contact"][..]),
        ("shop", "#shop")
    );
    assert_eq!(secret.finalizers(), ["example.com/hold"]);
    let owners: Vec<_> = secret.owner_references().iter().map(|owner| &*owner.kind).collect();
    assert_eq!(owners, ["SealedSecret"]);
    Ok(())
}

#[tokio::test]
async fn a_first_success_has_one_time_and_no_message() -> Result<()> {
    let place = Installation::new("status").await?;
    let sealed = place.bring_about(secret("db")).await?;
    let mut status = serde_json::to_value(&sealed.status).expect("a status is JSON");
    // Upstream's tools look at the first condition only.
    let recorded = status["conditions"].as_array_mut().and_then(Vec::pop).unwrap_or_default();
    assert_eq!((&recorded["type"], &recorded["status"]), (&json!("Recorded"), &json!("True")));
    let time = &status["conditions"][0]["lastUpdateTime"];
    assert!(time.is_string(), "{status}");
    assert_eq!(
        status,
        json!({
            "observedGeneration": sealed.metadata.generation,
            "keys": [Key::a().public().fingerprint().to_string()],
            "conditions": [{
                "type": "Synced",
                "status": "True",
                "lastUpdateTime": time,
                "lastTransitionTime": time,
            }],
        })
    );
    Ok(())
}

#[tokio::test]
async fn a_success_is_a_core_event_in_upstreams_words() -> Result<()> {
    let place = Installation::new("event").await?;
    let sealed = place.bring_about(secret("db")).await?;
    let event = place.event(&sealed, "Unsealed", 1).await?;
    assert_eq!(event.type_.as_deref(), Some("Normal"));
    assert_eq!(event.message.as_deref(), Some("SealedSecret unsealed successfully"));
    assert_eq!(event.source.and_then(|source| source.component).as_deref(), Some("sealed-secrets"));
    assert_eq!(event.reporting_component.as_deref(), Some("sealed-secrets"));
    let object = event.involved_object;
    assert_eq!(object.api_version.as_deref(), Some("bitnami.com/v1alpha1"));
    assert_eq!(object.kind.as_deref(), Some("SealedSecret"));
    assert_eq!(object.uid, sealed.uid());
    Ok(())
}

#[tokio::test]
async fn a_changed_spec_changes_the_secret_to_the_whole_of_it() -> Result<()> {
    let place = Installation::new("update").await?;
    let mut manifest = secret("db");
    manifest["metadata"]["labels"] = json!({ "stays": "1", "goes": "1" });
    manifest["metadata"]["annotations"] = json!({ "goes-too": "1" });
    let first = place.bring_about(manifest).await?;
    let before = place.secret(&first).await?;

    let second = place
        .bring_about(json!({
            "metadata": { "name": "db", "labels": { "stays": "2" } },
            "stringData": { "b": "changed", "c": "new" },
        }))
        .await?;
    let after = place.secret(&second).await?;

    assert_eq!(items(&after), json!({ "b": "changed", "c": "new" }));
    assert_eq!(after.labels().iter().collect::<Vec<_>>(), [(&"stays".to_owned(), &"2".to_owned())]);
    assert_eq!(after.annotations().len(), 0);
    assert_eq!((after.uid(), after.owner_references()), (before.uid(), before.owner_references()));
    Ok(())
}

#[tokio::test]
async fn a_second_success_is_not_a_transition() -> Result<()> {
    let place = Installation::new("again").await?;
    let time = |sealed: &Value, name: &str| sealed["status"]["conditions"][0][name].clone();
    let json = |sealed| serde_json::to_value(sealed).expect("an object is JSON");
    let first = json(place.bring_about(secret("db")).await?);
    let other = json!({ "metadata": { "name": "db" }, "stringData": { "a": "changed" } });
    let second = json(place.bring_about(other).await?);

    assert_ne!(first["metadata"]["generation"], second["metadata"]["generation"]);
    assert_eq!(second["status"]["observedGeneration"], second["metadata"]["generation"]);
    assert_eq!(time(&second, "lastTransitionTime"), time(&first, "lastTransitionTime"));
    assert_ne!(time(&second, "lastUpdateTime"), json!(null));
    Ok(())
}

fn secret(name: &str) -> Value {
    json!({ "metadata": { "name": name }, "stringData": { "a": "one", "b": "two" } })
}
