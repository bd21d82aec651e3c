use k8s_openapi::api::core::v1::Secret;
use serde_json::{Value, json};

use super::*;

const OWNER: &str = "uid-1";

fn secret(value: Value) -> Secret {
    serde_json::from_value(value).unwrap()
}

fn owner(uid: &str) -> Value {
    json!([{
        "apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "db", "uid": uid,
        "controller": true,
    }])
}

/// What the SealedSecret asks for.
fn wanted() -> Value {
    json!({
        "metadata": { "name": "db", "namespace": "n", "labels": { "l": "1" }, "ownerReferences": owner(OWNER) },
        "data": { "a": "MQ==", "b": "Mg==" },
    })
}

/// What is on the server once that was brought about.
fn synced() -> Value {
    let mut secret = wanted();
    secret["metadata"]["resourceVersion"] = json!("7");
    secret["type"] = json!("Opaque");
    secret
}

fn with(mut base: Value, patch: Value) -> Value {
    fn merge(into: &mut Value, patch: Value) {
        match patch {
            Value::Object(fields) => {
                for (key, value) in fields {
                    merge(&mut into[key], value);
                }
            }
            other => *into = other,
        }
    }
    merge(&mut base, patch);
    base
}

fn annotated(annotations: Value) -> Value {
    json!({ "metadata": { "annotations": annotations } })
}

fn decide(wanted: Value, existing: Value, occasion: Occasion) -> Plan {
    let existing = (!existing.is_null()).then(|| secret(existing));
    plan(secret(wanted), existing, OWNER, occasion)
}

fn written(plan: Plan) -> Value {
    match plan {
        Plan::Create(secret) | Plan::Replace(secret) | Plan::Merge(secret) => {
            serde_json::to_value(secret).unwrap()
        }
        other => panic!("nothing is written: {other:?}"),
    }
}

#[test]
fn nothing_there_creates() {
    for occasion in [Occasion::NewSpec, Occasion::Healing] {
        let plan = decide(wanted(), Value::Null, occasion);
        assert_eq!(plan, Plan::Create(Box::new(secret(wanted()))));
    }
}

#[test]
fn an_unowned_secret_that_was_deleted_stays_so_until_the_spec_changes() {
    let unowned = with(wanted(), json!({ "metadata": { "ownerReferences": null } }));
    assert_eq!(decide(unowned.clone(), Value::Null, Occasion::Healing), Plan::Keep);
    assert!(matches!(decide(unowned.clone(), Value::Null, Occasion::NewSpec), Plan::Create(_)));
    let managed = with(unowned, annotated(json!({ MANAGED: "true" })));
    assert!(matches!(decide(managed, Value::Null, Occasion::Healing), Plan::Create(_)));
}

#[test]
fn a_patched_secret_that_was_deleted_stays_so_until_the_spec_changes() {
    assert_eq!(decide(wanted(), Value::Null, Occasion::HealingPatched), Plan::Keep);
    let patched = with(
        synced(),
        json!({ "metadata": { "ownerReferences": null, "annotations": { PATCH: "true" } } }),
    );
    assert!(is_only_patched(&secret(patched.clone()), OWNER));
    let owned = with(patched.clone(), json!({ "metadata": { "ownerReferences": owner(OWNER) } }));
    let managed = with(patched, annotated(json!({ MANAGED: "true" })));
    assert!(!is_only_patched(&secret(owned), OWNER) && !is_only_patched(&secret(managed), OWNER));
    assert!(!is_only_patched(&secret(synced()), OWNER));
}

#[test]
fn what_is_as_wanted_is_kept() {
    for occasion in [Occasion::NewSpec, Occasion::Healing] {
        assert_eq!(decide(wanted(), synced(), occasion), Plan::Keep);
    }
}

#[test]
fn edits_are_healed_and_carry_the_version_that_was_judged() {
    for edit in [
        json!({ "data": { "a": "WA==" } }),
        json!({ "data": { "c": "WA==" } }),
        json!({ "data": null }),
        json!({ "metadata": { "labels": { "l": "2" } } }),
        json!({ "metadata": { "labels": null } }),
    ] {
        let healed = written(decide(wanted(), with(synced(), edit.clone()), Occasion::Healing));
        assert_eq!(healed["data"], wanted()["data"], "{edit}");
        assert_eq!(healed["metadata"]["labels"]["l"], "1", "{edit}");
        assert_eq!(healed["metadata"]["resourceVersion"], "7", "{edit}");
    }
}

#[test]
fn others_labels_stay_when_healing_and_go_with_a_new_spec() {
    let foreign =
        json!({ "metadata": { "labels": { "argo": "x" }, "annotations": { "velero": "y" } } });
    let existing = with(synced(), foreign);
    assert_eq!(decide(wanted(), existing.clone(), Occasion::Healing), Plan::Keep);
    let edited = with(existing.clone(), json!({ "data": { "a": "WA==" } }));
    let healed = written(decide(wanted(), edited, Occasion::Healing));
    assert_eq!(healed["metadata"]["labels"], json!({ "argo": "x", "l": "1" }));
    assert_eq!(healed["metadata"]["annotations"], json!({ "velero": "y" }));
    let renewed = written(decide(wanted(), existing, Occasion::NewSpec));
    assert_eq!(renewed["metadata"]["labels"], json!({ "l": "1" }));
}

#[test]
fn a_foreign_secret_is_refused_whatever_the_template_says() {
    let refusal = Plan::Refuse(Refusal { name: "db".to_owned() });
    let claims = with(wanted(), annotated(json!({ MANAGED: "true", PATCH: "true" })));
    for owners in [
        Value::Null,
        json!([{ "apiVersion": "apps/v1", "kind": "Deployment", "name": "db", "uid": OWNER, "controller": true }]),
        json!([{ "apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "db", "uid": OWNER }]),
        json!([{ "apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "other", "uid": "u2", "controller": true }]),
    ] {
        let existing = with(synced(), json!({ "metadata": { "ownerReferences": owners } }));
        for wanted in [wanted(), claims.clone()] {
            for occasion in [Occasion::NewSpec, Occasion::Healing] {
                assert_eq!(decide(wanted.clone(), existing.clone(), occasion), refusal);
            }
        }
    }
    let message = Refusal { name: "db".to_owned() }.to_string();
    assert_eq!(message, "Resource \"db\" already exists and is not managed by SealedSecret");
}

#[test]
fn only_the_word_true_gives_a_secret_away() {
    for value in ["True", "1", "yes", "", "false"] {
        let foreign = json!({ "metadata": { "ownerReferences": null, "annotations": { MANAGED: value, PATCH: value } } });
        let plan = decide(wanted(), with(synced(), foreign), Occasion::NewSpec);
        assert!(matches!(plan, Plan::Refuse(_)), "{value}");
    }
}

#[test]
fn the_secret_of_a_deleted_namesake_is_waited_for() {
    let existing = with(synced(), json!({ "metadata": { "ownerReferences": owner("uid-0") } }));
    let plan = decide(wanted(), existing, Occasion::NewSpec);
    assert!(matches!(plan, Plan::AwaitCollection { .. }), "{plan:?}");
    // The garbage collector leaves what another owns too.
    let mut owners = owner("uid-0");
    owners
        .as_array_mut()
        .unwrap()
        .push(json!({ "apiVersion": "v1", "kind": "ConfigMap", "name": "db", "uid": "uid-9" }));
    let shared = with(synced(), json!({ "metadata": { "ownerReferences": owners } }));
    let plan = decide(wanted(), shared, Occasion::NewSpec);
    assert!(matches!(plan, Plan::Refuse(_)), "{plan:?}");
}

#[test]
fn managed_is_overwritten_whole() {
    let existing = json!({
        "metadata": {
            "name": "db", "namespace": "n", "resourceVersion": "9",
            "labels": { "theirs": "x" }, "annotations": { MANAGED: "true" },
        },
        "data": { "theirs": "WA==" },
    });
    let replaced = written(decide(wanted(), existing, Occasion::NewSpec));
    assert_eq!(replaced["data"], wanted()["data"]);
    assert_eq!(replaced["metadata"]["labels"], json!({ "l": "1" }));
    assert_eq!(replaced["metadata"]["annotations"], json!({}));
    assert_eq!(replaced["metadata"]["ownerReferences"], owner(OWNER));
    assert_eq!(replaced["metadata"]["resourceVersion"], "9");
}

#[test]
fn patch_merges_and_takes_nothing_over() {
    let existing = json!({
        "metadata": {
            "name": "db", "namespace": "n", "resourceVersion": "9",
            "labels": { "theirs": "x" }, "annotations": { PATCH: "true" },
        },
        "data": { "theirs": "WA==", "a": "WA==" },
        "type": "example.com/theirs",
    });
    let merged = written(decide(wanted(), existing, Occasion::NewSpec));
    assert_eq!(merged["data"], json!({ "a": "MQ==", "b": "Mg==", "theirs": "WA==" }));
    assert_eq!(merged["type"], "example.com/theirs");
    assert_eq!(merged["metadata"]["labels"], json!({ "l": "1", "theirs": "x" }));
    assert_eq!(merged["metadata"].get("ownerReferences"), None);
    assert_eq!(decide(wanted(), merged, Occasion::Healing), Plan::Keep);
}

#[test]
fn patch_wins_over_ownership() {
    let existing = with(
        synced(),
        json!({ "metadata": { "annotations": { PATCH: "true" } }, "data": { "theirs": "WA==" } }),
    );
    assert_eq!(decide(wanted(), existing, Occasion::NewSpec), Plan::Keep);
}

#[test]
fn patch_and_managed_merge_and_own_also_by_the_templates_word() {
    let bare = json!({
        "metadata": { "name": "db", "namespace": "n", "annotations": { PATCH: "true" } },
        "data": { "theirs": "WA==" },
    });
    let both = with(bare.clone(), annotated(json!({ MANAGED: "true" })));
    let template = with(wanted(), annotated(json!({ MANAGED: "true" })));
    for (wanted, existing) in [(wanted(), both), (template, bare)] {
        let merged = written(decide(wanted, existing, Occasion::NewSpec));
        assert_eq!(merged["data"], json!({ "a": "MQ==", "b": "Mg==", "theirs": "WA==" }));
        assert_eq!(merged["metadata"]["ownerReferences"], owner(OWNER));
    }
}

#[test]
fn a_template_cannot_turn_the_word_to_patch_into_the_word_to_overwrite() {
    let patched = json!({
        "metadata": { "name": "db", "namespace": "n", "annotations": { PATCH: "true" } },
        "data": { "theirs": "WA==" },
    });
    let greedy = with(wanted(), annotated(json!({ MANAGED: "true", PATCH: "false" })));
    let first = written(decide(greedy.clone(), patched, Occasion::NewSpec));
    assert_eq!(first["metadata"]["annotations"][PATCH], "true");
    assert_eq!(decide(greedy, first.clone(), Occasion::NewSpec), Plan::Keep);
    assert_eq!(first["data"]["theirs"], "WA==");
}

#[test]
fn owners_that_others_added_stay_when_healing() {
    let mut owners = owner(OWNER);
    let other = json!({ "apiVersion": "v1", "kind": "ConfigMap", "name": "c", "uid": "u9" });
    owners.as_array_mut().unwrap().push(other);
    let existing = with(synced(), json!({ "metadata": { "ownerReferences": owners } }));
    assert_eq!(decide(wanted(), existing.clone(), Occasion::Healing), Plan::Keep);
    let edited = with(existing, json!({ "data": { "a": "WA==" } }));
    let healed = written(decide(wanted(), edited, Occasion::Healing));
    assert_eq!(healed["metadata"]["ownerReferences"], owners);
}

#[test]
fn a_secret_without_owner_is_kept_while_equal_and_refused_once_changed() {
    let unowned = json!({ "metadata": { "ownerReferences": null } });
    let (wanted, existing) = (with(wanted(), unowned.clone()), with(synced(), unowned));
    assert_eq!(decide(wanted.clone(), existing.clone(), Occasion::Healing), Plan::Keep);
    // With a new spec, equal or not must not be told: values could be guessed by trying.
    let edited = with(existing.clone(), json!({ "data": { "a": "WA==" } }));
    for existing in [existing, edited] {
        let plan = decide(wanted.clone(), existing, Occasion::NewSpec);
        assert!(matches!(plan, Plan::Refuse(_)), "{plan:?}");
    }
}

#[test]
fn immutability_and_finalizers_are_not_touched_after_creation() {
    let existing = with(
        synced(),
        json!({ "immutable": true, "metadata": { "finalizers": ["f"] }, "data": { "a": "WA==" } }),
    );
    let replaced = written(decide(wanted(), existing, Occasion::NewSpec));
    assert_eq!(replaced["immutable"], true);
    assert_eq!(replaced["metadata"]["finalizers"], json!(["f"]));
}

#[test]
fn at_first_sight_a_secret_of_ours_keeps_what_others_added_and_one_given_to_us_does_not() {
    let theirs = json!({ "metadata": { "labels": { "theirs": "x" } }, "data": { "a": "WA==" } });
    let ours = written(decide(wanted(), with(synced(), theirs.clone()), Occasion::FirstSight));
    assert_eq!(ours["metadata"]["labels"], json!({ "l": "1", "theirs": "x" }));
    assert_eq!(ours["data"], wanted()["data"]);

    let mut given = with(with(synced(), theirs), annotated(json!({ MANAGED: "true" })));
    given["metadata"]["ownerReferences"] = Value::Null;
    let taken = written(decide(wanted(), given, Occasion::FirstSight));
    assert_eq!(taken["metadata"]["labels"], json!({ "l": "1" }));

    assert!(matches!(decide(wanted(), Value::Null, Occasion::FirstSight), Plan::Create(_)));
}

#[test]
fn at_first_sight_an_equal_secret_of_somebody_else_is_not_told_from_another() {
    let mut unowned = wanted();
    unowned["metadata"]["ownerReferences"] = Value::Null;
    for data in ["MQ==", "WA=="] {
        let foreign = with(unowned.clone(), json!({ "data": { "a": data } }));
        let plan = decide(unowned.clone(), foreign, Occasion::FirstSight);
        assert!(matches!(plan, Plan::Refuse(_)), "{plan:?}");
    }
}

#[test]
fn another_type_is_made_anew_with_what_others_added_and_an_immutable_one_is_left_to_the_server() {
    let other = with(wanted(), json!({ "type": "example.com/other" }));
    let existing =
        with(synced(), json!({ "metadata": { "uid": "u", "labels": { "theirs": "x" } } }));
    for (occasion, labels) in [
        (Occasion::Healing, json!({ "l": "1", "theirs": "x" })),
        (Occasion::NewSpec, json!({ "l": "1" })),
    ] {
        let plan = decide(other.clone(), existing.clone(), occasion);
        let Plan::Recreate { old, new } = plan else { panic!("{plan:?}") };
        assert_eq!(*old, secret(existing.clone()));
        let new = serde_json::to_value(new).unwrap();
        assert_eq!(new["metadata"]["labels"], labels);
        assert_eq!((&new["metadata"]["uid"], &new["type"]), (&Value::Null, &other["type"]));
    }
    let immutable = with(existing, json!({ "immutable": true }));
    assert!(matches!(decide(other, immutable, Occasion::NewSpec), Plan::Replace(_)));
}
