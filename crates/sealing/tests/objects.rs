//! Upstream's objects, unsealed: the Secret that upstream makes of each, or a refusal.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use sealwright_api::SealedSecret;
use sealwright_crypto::{Certificate, KeySize, Keyring, PrivateKey, PublicKey, SealingKey};
use sealwright_sealing::{
    Anew, Diagnosis, ItemError, OpenSecret, UnsealError, UnsealOptions, VerifyError, diagnose,
    render, rotate, seal, unseal, verify,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Vectors {
    keys: Vec<Key>,
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Key {
    name: String,
    private_key_pem: String,
    certificate_pem: String,
}

#[derive(Deserialize)]
struct Object {
    name: String,
    keys: Vec<String>,
    sealed_secret: Value,
    secret: Option<Value>,
    #[serde(default = "yes")]
    accept_deprecated_v1_data: bool,
}

fn yes() -> bool {
    true
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../crypto/tests/vectors/v1.json")).unwrap()
}

fn keyring(vectors: &Vectors, names: &[String]) -> Keyring {
    let keys = vectors.keys.iter().filter(|key| names.contains(&key.name));
    Keyring::new(keys.map(|key| {
        SealingKey::sealing(
            PrivateKey::from_pem(&key.private_key_pem).unwrap(),
            Certificate::from_pem(&key.certificate_pem).unwrap(),
        )
    }))
}

fn unsealed(vectors: &Vectors, object: &Object) -> Result<OpenSecret, UnsealError> {
    let sealed: SealedSecret = serde_json::from_value(object.sealed_secret.clone()).unwrap();
    let options = UnsealOptions {
        accept_deprecated_data: object.accept_deprecated_v1_data,
        ..UnsealOptions::default()
    };
    unseal(&sealed, &keyring(vectors, &object.keys), options).map(|unsealed| unsealed.secret)
}

/// What upstream prints, in the form in which ours is compared: a nil value is an empty one, an
/// empty map is no map, and kind and apiVersion go without saying.
fn normalized(theirs: &Value) -> Value {
    let mut secret = OpenSecret::from_json(theirs.clone()).unwrap();
    let metadata = &mut secret.metadata;
    metadata.labels = metadata.labels.take().filter(|labels| !labels.is_empty());
    metadata.annotations = metadata.annotations.take().filter(|all| !all.is_empty());
    let mut normalized = secret.to_json();
    if let Some(owners) = theirs["metadata"].get("ownerReferences") {
        normalized["metadata"]["ownerReferences"] = owners.clone();
    }
    normalized
}

#[test]
fn objects_give_upstreams_secret_or_its_refusal() {
    let vectors = vectors();
    let mut compared = 0;
    for object in &vectors.objects {
        compared += 1;
        match (&object.secret, unsealed(&vectors, object)) {
            (Some(theirs), Ok(ours)) => {
                assert_eq!(ours.to_json(), normalized(theirs), "{}", object.name);
            }
            (None, Err(_)) => {}
            (theirs, ours) => panic!("{}: upstream {theirs:?}, ours {ours:?}", object.name),
        }
    }
    assert!(compared >= 20, "only {compared} objects were compared");
}

#[test]
fn all_failing_items_are_named() {
    let vectors = vectors();
    let object = vectors.objects.iter().find(|o| o.name == "one of the keys is missing").unwrap();
    let error = unsealed(&vectors, object).unwrap_err();
    assert_eq!(error.to_string(), "no key could decrypt secret (b, c)");
}

/// A sealed object of one item, the key that sealed it, and room for a test's changes.
fn sealed_with(change: impl FnOnce(&mut Value)) -> (SealedSecret, Keyring) {
    let vectors = vectors();
    let ring = keyring(&vectors, &["rsa2048-a".to_owned()]);
    let mut manifest = json!({
        "metadata": { "name": "db", "namespace": "team" },
        "stringData": { "password": "hunter2" },
    });
    change(&mut manifest);
    let secret = OpenSecret::from_json(manifest).unwrap();
    let sealed = seal(&secret, ring.newest_certificate().unwrap().public_key()).unwrap();
    (sealed, ring)
}

/// What `verify` says when everything is accepted and nobody else wants a turn.
fn verified(sealed: &SealedSecret, ring: &Keyring) -> Result<(), VerifyError> {
    verify(sealed, ring, UnsealOptions::default(), &mut || ())
}

fn opens(sealed: &SealedSecret, ring: &Keyring) -> bool {
    let unsealed = unseal(sealed, ring, UnsealOptions::default()).is_ok();
    assert_eq!(verified(sealed, ring).is_ok(), unsealed, "verify and unseal agree");
    unsealed
}

#[test]
fn each_scope_opens_where_it_should_and_nowhere_else() {
    for (annotation, other_name, other_namespace) in [
        (None, false, false),
        (Some("sealedsecrets.bitnami.com/namespace-wide"), true, false),
        (Some("sealedsecrets.bitnami.com/cluster-wide"), true, true),
    ] {
        let (sealed, ring) = sealed_with(|manifest| {
            if let Some(annotation) = annotation {
                manifest["metadata"]["annotations"] = json!({ annotation: "true" });
            }
        });
        assert!(opens(&sealed, &ring));
        let mut renamed = sealed.clone();
        renamed.metadata.name = Some("other".to_owned());
        assert_eq!(opens(&renamed, &ring), other_name, "{annotation:?}");
        let mut moved = sealed.clone();
        moved.metadata.namespace = Some("other".to_owned());
        assert_eq!(opens(&moved, &ring), other_namespace, "{annotation:?}");
        let mut strict = sealed.clone();
        strict.metadata.annotations = None;
        assert_eq!(opens(&strict, &ring), annotation.is_none(), "{annotation:?}");
    }
}

#[test]
fn a_template_reaches_neither_another_name_nor_another_owner() {
    let (mut sealed, ring) = sealed_with(|_| ());
    sealed.metadata.uid = Some("u1".to_owned());
    let template = sealed.spec.template.as_mut().unwrap();
    template.metadata = json!({
        "name": "kube-root", "namespace": "kube-system", "generateName": "x", "uid": "u2",
        "ownerReferences": [{ "apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u3" }],
        "labels": { "l": "1" }, "finalizers": ["example.com/f"],
    })
    .as_object()
    .cloned();
    let secret = unseal(&sealed, &ring, UnsealOptions::default()).unwrap().secret;
    let metadata = secret.to_json()["metadata"].clone();
    assert_eq!(
        metadata,
        json!({
            "name": "db", "namespace": "team", "generateName": "x",
            "labels": { "l": "1" }, "finalizers": ["example.com/f"],
            "ownerReferences": [{
                "apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret",
                "name": "db", "uid": "u1", "controller": true,
            }],
        })
    );
}

#[test]
fn without_a_uid_there_is_no_owner() {
    let (sealed, ring) = sealed_with(|_| ());
    let secret = unseal(&sealed, &ring, UnsealOptions::default()).unwrap().secret;
    assert_eq!(secret.metadata.owner_references, None);
}

#[test]
fn a_servers_fields_and_copies_of_the_plaintext_are_scrubbed() {
    let (sealed, _) = sealed_with(|manifest| {
        manifest["metadata"] = json!({
            "name": "db", "namespace": "team", "uid": "u", "resourceVersion": "12",
            "generation": 3, "creationTimestamp": "2024-01-01T00:00:00Z", "selfLink": "/x",
            "deletionTimestamp": "2024-01-01T00:00:00Z", "deletionGracePeriodSeconds": 1,
            "ownerReferences": [{ "apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u" }],
            "managedFields": [{ "manager": "kubectl" }],
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "hunter2",
                "kubecfg.ksonnet.io/last-applied-configuration": "hunter2",
                "keep": "yes",
            },
        });
    });
    let template = sealed.spec.template.clone().unwrap().metadata.unwrap();
    let expected = json!({ "name": "db", "namespace": "team", "annotations": { "keep": "yes" } });
    assert_eq!(Value::Object(template), expected);
    assert!(!serde_json::to_string(&sealed).unwrap().contains("hunter2"));
}

#[test]
fn a_null_template_value_leaves_its_key_out() {
    let (mut sealed, ring) = sealed_with(|_| ());
    let data = [("gone", None), ("text", Some("plain")), ("password", Some("template"))];
    let data = data.map(|(key, text)| (key.to_owned(), text.map(str::to_owned)));
    sealed.spec.template.as_mut().unwrap().data = Some(BTreeMap::from(data));
    let secret = unseal(&sealed, &ring, UnsealOptions::default()).unwrap().secret;
    let values: Vec<_> = secret.data.iter().map(|(k, v)| (k.as_str(), v.expose())).collect();
    assert_eq!(values, [("password", &b"hunter2"[..]), ("text", b"plain")]);
}

#[test]
fn verify_calls_malformed_what_no_key_could_ever_open() {
    let (sealed, ring) = sealed_with(|_| ());
    let malformed: [fn(&mut SealedSecret); 5] = [
        |object| object.metadata.name = None,
        |object| object.spec.malformed = Some("spec is not an object".to_owned()),
        |object| object.spec.data = Some("AAAA".to_owned()),
        |object| object.spec.encrypted_data.values_mut().for_each(|v| *v = "not base64!".into()),
        |object| object.spec.encrypted_data.values_mut().for_each(|v| *v = "AQ==".into()),
    ];
    for change in malformed {
        let mut object = sealed.clone();
        change(&mut object);
        assert_eq!(verified(&object, &ring), Err(VerifyError::Malformed), "{object:?}");
    }
    assert_eq!(ring.rsa_operations(), 0, "no key was touched");
}

#[test]
fn verify_never_looks_at_the_template() {
    let (mut sealed, ring) = sealed_with(|_| ());
    let hostile = BTreeMap::from([("x".to_owned(), Some("{{ fail .password }}".to_owned()))]);
    sealed.spec.template.as_mut().unwrap().data = Some(hostile);
    assert_eq!(verified(&sealed, &ring), Ok(()));
}

/// The object rotated to another key, as JSON.
fn rotated(sealed: &SealedSecret, ring: &Keyring) -> (Value, Keyring) {
    let vectors = vectors();
    let newest = keyring(&vectors, &["rsa3072-b".to_owned()]);
    let mut object = serde_json::to_value(sealed).unwrap();
    let key = newest.newest_certificate().unwrap().public_key();
    rotate(&mut object, ring, key, Anew::All, UnsealOptions::default(), &mut || ()).unwrap();
    (object, newest)
}

#[test]
fn rotation_changes_sealed_values_and_nothing_else() {
    let (mut sealed, ring) = sealed_with(|_| ());
    let template = sealed.spec.template.as_mut().unwrap();
    template.type_ = Some("example.com/t".to_owned());
    template.data = Some(BTreeMap::from([("t".to_owned(), Some("{{ .password }}".to_owned()))]));
    let (object, newest) = rotated(&sealed, &ring);
    let mut expected = serde_json::to_value(&sealed).unwrap();
    assert_ne!(object["spec"]["encryptedData"], expected["spec"]["encryptedData"]);
    expected["spec"]["encryptedData"] = object["spec"]["encryptedData"].clone();
    assert_eq!(object, expected);
    let again: SealedSecret = serde_json::from_value(object).unwrap();
    assert_eq!(verified(&again, &newest), Ok(()));
}

/// CVE-2026-22728: upstream took the scope from the template, which anyone can change.
#[test]
fn rotation_never_widens_the_scope() {
    let (mut sealed, ring) = sealed_with(|_| ());
    let wide = json!({ "annotations": { "sealedsecrets.bitnami.com/cluster-wide": "true" } });
    sealed.spec.template.as_mut().unwrap().metadata = wide.as_object().cloned();
    let (object, newest) = rotated(&sealed, &ring);
    let mut stolen: SealedSecret = serde_json::from_value(object).unwrap();
    stolen.metadata.annotations =
        Some([("sealedsecrets.bitnami.com/cluster-wide".to_owned(), "true".to_owned())].into());
    assert_eq!(verified(&stolen, &newest), Err(VerifyError::Refused));
}

#[test]
fn rotation_refuses_what_does_not_open_here() {
    let (sealed, ring) = sealed_with(|_| ());
    let mut object = serde_json::to_value(&sealed).unwrap();
    object["metadata"]["name"] = "other".into();
    let before = object.clone();
    let newest = ring.newest_certificate().unwrap().public_key();
    let rotate = |object: &mut Value| {
        rotate(object, &ring, newest, Anew::All, UnsealOptions::default(), &mut || ())
    };
    assert_eq!(rotate(&mut object), Err(VerifyError::Refused));
    assert_eq!(object, before);
    for malformed in [json!({}), json!({ "spec": 7, "metadata": { "name": "x" } })] {
        assert_eq!(rotate(&mut malformed.clone()), Err(VerifyError::Malformed));
    }
}

#[test]
fn what_the_newest_key_opens_can_be_left_as_it_is() {
    let (sealed, ring) = sealed_with(|m| m["stringData"] = json!({ "a": "one", "b": "two" }));
    let (mut object, newest) = rotated(&sealed, &ring);
    let old = serde_json::to_value(&sealed).unwrap();
    object["spec"]["encryptedData"]["b"] = old["spec"]["encryptedData"]["b"].clone();
    let before = object.clone();
    let vectors = vectors();
    let names = ["rsa2048-a", "rsa3072-b"].map(str::to_owned);
    let both = keyring(&vectors, &names);
    let key = newest.newest_certificate().unwrap().public_key();
    rotate(&mut object, &both, key, Anew::Outdated, UnsealOptions::default(), &mut || ()).unwrap();
    let item = |object: &Value, key: &str| object["spec"]["encryptedData"][key].clone();
    assert_eq!(item(&object, "a"), item(&before, "a"));
    assert_ne!(item(&object, "b"), item(&before, "b"));
    let again: SealedSecret = serde_json::from_value(object).unwrap();
    assert_eq!(verified(&again, &newest), Ok(()));
}

#[test]
fn rotation_keeps_the_deprecated_form() {
    let vectors = vectors();
    let object = vectors.objects.iter().find(|o| o.name == "deprecated data, strict").unwrap();
    let ring = keyring(&vectors, &object.keys);
    let sealed: SealedSecret = serde_json::from_value(object.sealed_secret.clone()).unwrap();
    let (rotated, newest) = rotated(&sealed, &ring);
    let again: SealedSecret = serde_json::from_value(rotated).unwrap();
    let unsealed = unseal(&again, &newest, UnsealOptions::default()).unwrap();
    assert_eq!(unsealed.secret.to_json(), normalized(object.secret.as_ref().unwrap()));
}

#[test]
fn others_get_their_turn_before_each_item_is_opened() {
    let (sealed, ring) =
        sealed_with(|m| m["stringData"] = json!({ "a": "one", "b": "two", "c": "three" }));
    let mut done_before = Vec::new();
    let mut turn = || done_before.push(ring.rsa_operations());
    verify(&sealed, &ring, UnsealOptions::default(), &mut turn).unwrap();
    let mut object = serde_json::to_value(&sealed).unwrap();
    let newest = ring.newest_certificate().unwrap().public_key();
    rotate(&mut object, &ring, newest, Anew::All, UnsealOptions::default(), &mut turn).unwrap();
    assert_eq!(done_before, [0_u64, 1, 2, 3, 4, 5]);
}

#[test]
fn the_deprecated_form_is_refused_before_any_key_is_touched_where_it_is_not_accepted() {
    let vectors = vectors();
    let object = vectors.objects.iter().find(|o| o.name == "deprecated data, strict").unwrap();
    let ring = keyring(&vectors, &object.keys);
    let newest = ring.newest_certificate().unwrap().public_key();
    let options = UnsealOptions { accept_deprecated_data: false, ..UnsealOptions::default() };
    let untouched: &mut dyn FnMut() = &mut || panic!("no item is opened");

    let sealed: SealedSecret = serde_json::from_value(object.sealed_secret.clone()).unwrap();
    assert_eq!(verified(&sealed, &ring), Ok(()));
    let before = ring.rsa_operations();
    assert_eq!(verify(&sealed, &ring, options, untouched), Err(VerifyError::Refused));
    let mut value = object.sealed_secret.clone();
    let rotated = rotate(&mut value, &ring, newest, Anew::All, options, untouched);
    assert_eq!(rotated, Err(VerifyError::Refused));
    assert_eq!(value, object.sealed_secret);

    let mut malformed = sealed.clone();
    malformed.spec.data = Some("AQ==".to_owned());
    assert_eq!(verify(&malformed, &ring, options, untouched), Err(VerifyError::Malformed));
    assert_eq!(ring.rsa_operations(), before);

    let (other, ring) = sealed_with(|_| ());
    assert_eq!(verify(&other, &ring, options, &mut || ()), Ok(()), "the usual form is accepted");
}

/// What `diagnose` says of the one item of an object.
fn diagnosis(sealed: &SealedSecret, ring: &Keyring) -> Diagnosis {
    let error = unseal(sealed, ring, UnsealOptions::default()).unwrap_err();
    let UnsealError::Items(mut items) = diagnose(error, sealed, ring) else { panic!() };
    let (_, ItemError::Refused(Some(diagnosis))) = items.failed.remove(0) else { panic!() };
    diagnosis
}

#[test]
fn a_refusal_is_explained_as_far_as_it_can_be() {
    use sealwright_api::Scope;
    let sealed_for = |scope, namespace: Option<&str>, name: Option<&str>| Diagnosis::SealedFor {
        scope,
        namespace: namespace.map(str::to_owned),
        name: name.map(str::to_owned),
    };
    let (sealed, ring) = sealed_with(|_| ());

    let mut renamed = sealed.clone();
    renamed.metadata.name = Some("other".to_owned());
    assert_eq!(diagnosis(&renamed, &ring), sealed_for(Scope::Strict, Some("team"), Some("db")));

    let mut moved = sealed.clone();
    moved.metadata.namespace = Some("other".to_owned());
    assert_eq!(diagnosis(&moved, &ring), sealed_for(Scope::Strict, Some("team"), Some("db")));

    let mut widened = sealed.clone();
    widened.metadata.annotations =
        Some([("sealedsecrets.bitnami.com/namespace-wide".to_owned(), "true".to_owned())].into());
    assert_eq!(diagnosis(&widened, &ring), sealed_for(Scope::Strict, Some("team"), Some("db")));

    for (annotation, scope, namespace) in [
        ("sealedsecrets.bitnami.com/namespace-wide", Scope::NamespaceWide, Some("team")),
        ("sealedsecrets.bitnami.com/cluster-wide", Scope::ClusterWide, None),
    ] {
        let (mut wide, ring) =
            sealed_with(|m| m["metadata"]["annotations"] = json!({ annotation: "true" }));
        wide.metadata.annotations = None;
        assert_eq!(diagnosis(&wide, &ring), sealed_for(scope, namespace, None));
    }

    let mut corrupt = sealed.clone();
    let value = corrupt.spec.encrypted_data.get_mut("password").unwrap();
    value.replace_range(value.len() - 8..value.len() - 4, "AAAA");
    assert_eq!(diagnosis(&corrupt, &ring), Diagnosis::Corrupt);

    let stranger = keyring(&vectors(), &["rsa3072-b".to_owned()]);
    assert_eq!(diagnosis(&sealed, &stranger), Diagnosis::UnknownKey);
}

/// A template names where the object came from; whoever brings stolen ciphertext could write
/// anything there, so a diagnosis must tell no more than what the object itself says.
#[test]
fn a_diagnosis_tries_only_the_objects_own_fields() {
    let (mut sealed, ring) = sealed_with(|_| ());
    sealed.metadata.name = Some("other".to_owned());
    sealed.spec.template = None;
    assert_eq!(diagnosis(&sealed, &ring), Diagnosis::UnknownKey);
}

/// An object of so many items, sealed with a key and renamed since.
fn renamed(items: usize, key: &PublicKey) -> SealedSecret {
    let items = (0..items).map(|n| (format!("k{n:03}"), Value::from("v")));
    let manifest = json!({
        "metadata": { "name": "db", "namespace": "team" },
        "stringData": Value::Object(items.collect()),
    });
    let mut sealed = seal(&OpenSecret::from_json(manifest).unwrap(), key).unwrap();
    sealed.metadata.name = Some("other".to_owned());
    sealed
}

/// What `diagnose` says of each item, and the RSA operations that it took.
fn diagnoses(sealed: &SealedSecret, ring: &Keyring) -> (Vec<Diagnosis>, u64) {
    let error = unseal(sealed, ring, UnsealOptions::default()).unwrap_err();
    let before = ring.rsa_operations();
    let UnsealError::Items(items) = diagnose(error, sealed, ring) else { panic!() };
    let operations = ring.rsa_operations() - before;
    let said = items.failed.into_iter().map(|(_, error)| match error {
        ItemError::Refused(Some(diagnosis)) => diagnosis,
        other => panic!("{other:?}"),
    });
    (said.collect(), operations)
}

#[test]
fn what_explained_one_item_is_tried_first_on_the_next() {
    let ring = keyring(&vectors(), &["rsa2048-a".to_owned()]);
    let sealed = renamed(20, ring.newest_certificate().unwrap().public_key());
    let (said, operations) = diagnoses(&sealed, &ring);
    assert!(said.iter().all(|one| *one == said[0]), "{said:?}");
    assert!(matches!(said[0], Diagnosis::SealedFor { .. }), "{said:?}");
    assert_eq!(operations, 21, "the object's own label is tried on the first item only");
}

#[test]
fn the_diagnosis_of_one_object_has_a_budget() {
    let ring = keyring(&vectors(), &["rsa2048-a".to_owned()]);
    let explicable = renamed(1, ring.newest_certificate().unwrap().public_key());
    let stranger = PrivateKey::generate(KeySize::Rsa2048);
    for (strangers, is_explained) in [(10, true), (200, false)] {
        let mut sealed = renamed(strangers, stranger.public());
        let value = explicable.spec.encrypted_data["k000"].clone();
        sealed.spec.encrypted_data.insert("last".to_owned(), value);
        let (said, operations) = diagnoses(&sealed, &ring);
        assert!(operations <= 500, "{operations} operations");
        let (last, others) = said.split_last().unwrap();
        assert!(others.iter().all(|one| *one == Diagnosis::UnknownKey), "{others:?}");
        assert_eq!(*last != Diagnosis::UnknownKey, is_explained, "{last:?}");
    }
}

#[test]
fn the_templates_of_an_object_share_what_a_secret_can_hold() {
    let long = "x".repeat(400_000);
    let rendered = |count: usize| {
        let mut data = serde_json::Map::new();
        data.insert("a".to_owned(), long.clone().into());
        data.extend((0..count).map(|number| (format!("b{number}"), "{{ .a }}".into())));
        let sealed = json!({
            "metadata": { "name": "db", "namespace": "n" },
            "spec": { "encryptedData": {}, "template": { "data": data } },
        });
        let sealed: SealedSecret = serde_json::from_value(sealed).unwrap();
        unseal(&sealed, &Keyring::default(), UnsealOptions::default())
    };
    assert_eq!(rendered(1).unwrap().secret.data["b0"].expose().len(), 400_000);
    let Err(UnsealError::Items(items)) = rendered(30) else { panic!("it was rendered") };
    assert!(items.failed.len() >= 28, "{} failed", items.failed.len());
    assert!(items.failed[0].1.to_string().contains("output is too large"), "{}", items.failed[0].1);
}

#[test]
fn rendered_with_the_values_that_are_sealed_it_is_the_same_secret() {
    let vectors = vectors();
    let (mut same, mut refused) = (0, 0);
    for object in vectors.objects.iter().filter(|object| object.secret.is_some()) {
        let sealed: SealedSecret = serde_json::from_value(object.sealed_secret.clone()).unwrap();
        let options = UnsealOptions::default();
        let unsealed = unseal(&sealed, &keyring(&vectors, &object.keys), options).unwrap();
        let items = &sealed.spec.encrypted_data;
        let values = unsealed.secret.data.iter().filter(|(key, _)| items.contains_key(*key));
        let values = values.map(|(key, value)| (key.clone(), value.clone())).collect();
        match render(&sealed, values, options.now) {
            Ok(rendered) => {
                assert_eq!(rendered.keys, [], "{}", object.name);
                assert_eq!(rendered.unsteady, unsealed.unsteady, "{}", object.name);
                if rendered.unsteady.is_empty() {
                    assert_eq!(rendered.secret, unsealed.secret, "{}", object.name);
                }
                same += 1;
            }
            Err(error) => {
                assert_eq!(error, UnsealError::DeprecatedData, "{}", object.name);
                refused += 1;
            }
        }
    }
    assert!(same > 0 && refused > 0, "{same} the same, {refused} refused");
}

#[test]
fn a_malformed_object_or_template_is_not_rendered() {
    for (spec, expected) in [
        (json!({ "encryptedData": 7 }), "malformed SealedSecret: "),
        (
            json!({ "template": { "metadata": { "labels": { "a": [1] } } } }),
            "malformed SealedSecret: spec.template.metadata",
        ),
        (
            json!({ "template": { "data": { "a": "{{ nope }}" } } }),
            "template a, line 1, column 4: ",
        ),
    ] {
        let object = json!({ "metadata": { "name": "db", "namespace": "prod" }, "spec": spec });
        let sealed: SealedSecret = serde_json::from_value(object).unwrap();
        let now = UnsealOptions::default().now;
        let error = render(&sealed, BTreeMap::new(), now).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}
