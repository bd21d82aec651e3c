use sealwright_crypto::{PrivateKey, SealingKey};
use serde_json::{Value, json};

use super::*;

fn key(index: usize) -> PrivateKey {
    let vectors = include_str!("../../../crypto/tests/vectors/v1.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    PrivateKey::from_pem(vectors["keys"][index]["private_key_pem"].as_str().unwrap()).unwrap()
}

fn ring(indices: &[usize]) -> Keyring {
    Keyring::new(indices.iter().map(|index| SealingKey::opening(key(*index))))
}

fn sealed() -> Value {
    json!({
        "apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret",
        "metadata": { "name": "db", "namespace": "n", "uid": "u" },
        "spec": { "encryptedData": { "a": "AQ==" }, "template": { "type": "Opaque" } },
    })
}

fn object(value: &Value) -> SealedSecret {
    serde_json::from_value(value.clone()).unwrap()
}

fn record() -> Record {
    let secret = SecretVersion { uid: "s".to_owned(), version: "7".to_owned() };
    Record { keys: vec![key(0).public().fingerprint()], secret }
}

fn remembering(text: &str) -> Value {
    let mut value = sealed();
    value["status"] =
        json!({ "conditions": [{ "type": "Recorded", "status": "True", "message": text }] });
    value
}

#[test]
fn a_record_is_known_again_by_whoever_has_the_keys() {
    let text = record().write(&object(&sealed()), &ring(&[0, 1]), true).unwrap();
    let read = Record::read(&object(&remembering(&text)), &ring(&[0, 1, 2]), true);
    assert_eq!(read, Some(record()));
}

#[test]
fn whatever_the_outcome_depends_on_voids_it() {
    let both = ring(&[0, 1]);
    let text = record().write(&object(&sealed()), &both, true).unwrap();
    for (field, value) in [
        ("/metadata/name", json!("other")),
        ("/metadata/namespace", json!("other")),
        ("/metadata/uid", json!("other")),
        ("/metadata/annotations", json!({ CLUSTER_WIDE: "true" })),
        ("/spec/encryptedData/a", json!("AR==")),
        ("/spec/template/type", json!("other")),
        ("/spec/template/immutable", json!(true)),
        ("/status/conditions/0/status", json!("False")),
        ("/status/conditions/0/message", json!(text.replace("s@7", "s@8"))),
        ("/status/conditions/0/message", json!(text.replace("v1", "v2"))),
        ("/status/conditions/0/message", json!(text.split(" tag=").next())),
        ("/status/conditions/0/message", json!("nonsense")),
    ] {
        let mut changed = remembering(&text);
        let (parent, last) = field.rsplit_once('/').unwrap();
        changed.pointer_mut(parent).unwrap()[last] = value.clone();
        assert_eq!(Record::read(&object(&changed), &both, true), None, "{field} {value}");
    }
    assert_eq!(Record::read(&object(&remembering(&text)), &both, false), None);
}

#[test]
fn a_key_that_is_gone_voids_it() {
    let text = record().write(&object(&sealed()), &ring(&[1]), true).unwrap();
    let object = object(&remembering(&text));
    assert_eq!(Record::read(&object, &ring(&[1]), true), None, "the key that opened it is gone");
    assert_eq!(Record::read(&object, &ring(&[0]), true), None, "the key that signed is gone");
    assert_eq!(Record::read(&object, &ring(&[0, 1]), true), Some(record()));
}
