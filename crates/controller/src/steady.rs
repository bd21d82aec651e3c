//! Values that a template would make anew each time: random ones, and those that depend on the time.
//! They are made once for each spec. A reconciler that made them again would change passwords under
//! the feet of whoever uses them.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Secret;
use sealwright_api::SealedSecret;
use sealwright_api::annotations::MADE_FOR;

use crate::plan::{Occasion, is_controlled_by, is_only_patched, is_ours};

/// Puts what the existing Secret holds under these keys in the place of what was made now, unless the
/// spec is a new one. What the existing Secret does not hold is new.
///
/// Notes in the Secret what the values were made for: whoever wrote it may not have come to write
/// status.
pub(crate) fn keep(
    wanted: &mut Secret,
    existing: Option<&Secret>,
    unsteady: &BTreeSet<String>,
    sealed: &SealedSecret,
    occasion: Occasion,
) {
    if unsteady.is_empty() {
        return;
    }
    let owner = sealed.metadata.uid.as_deref().unwrap_or_default();
    let spec = format!("{owner}/{}", sealed.metadata.generation.unwrap_or_default());
    if let Some(existing) = existing.filter(|existing| is_kept(existing, owner, &spec, occasion)) {
        let there = existing.data.iter().flatten().filter(|(key, _)| unsteady.contains(*key));
        let there = there.map(|(key, value)| (key.clone(), value.clone()));
        wanted.data.get_or_insert_default().extend(there);
    }
    wanted.metadata.annotations.get_or_insert_default().insert(MADE_FOR.to_owned(), spec);
}

fn is_kept(existing: &Secret, owner: &str, spec: &str, occasion: Occasion) -> bool {
    let annotations = existing.metadata.annotations.as_ref();
    let made_for = annotations.and_then(|annotations| annotations.get(MADE_FOR));
    match occasion {
        _ if made_for.is_some_and(|made_for| made_for == spec) => true,
        Occasion::NewSpec => false,
        // Whether the spec is new is not known; what was made for this object still serves.
        Occasion::FirstSight => made_for.is_none() && is_controlled_by(existing, owner),
        // A Secret of somebody else is not taken for ours because everything in it is random.
        Occasion::Healing | Occasion::HealingPatched => {
            is_ours(existing, owner) || is_only_patched(existing, owner)
        }
    }
}

#[cfg(test)]
mod tests {
    use sealwright_api::annotations::{MANAGED, PATCH};
    use serde_json::{Value, json};

    use super::*;

    const MADE: &str = "bWFkZQ==";
    const THERE: &str = "dGhlcmU=";

    fn sealed() -> SealedSecret {
        let mut sealed = SealedSecret::new("db", Default::default());
        sealed.metadata.uid = Some("u".to_owned());
        sealed.metadata.generation = Some(2);
        sealed
    }

    fn secret(data: Value, owner: &str, annotations: Value) -> Secret {
        serde_json::from_value(json!({
            "metadata": { "name": "db", "annotations": annotations, "ownerReferences": [{
                "apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "db",
                "uid": owner, "controller": true,
            }] },
            "data": data,
        }))
        .unwrap()
    }

    fn made_for(spec: &str) -> Value {
        json!({ MADE_FOR: spec })
    }

    #[test]
    fn what_was_made_for_a_spec_stays_until_the_next() {
        use Occasion::{FirstSight, Healing, HealingPatched, NewSpec};
        let unsteady: BTreeSet<_> = ["token".to_owned()].into();
        let there = || json!({ "token": THERE });
        for (existing, occasion, token) in [
            (None, Healing, MADE),
            (Some(secret(there(), "u", json!({}))), NewSpec, MADE),
            (Some(secret(there(), "u", made_for("u/1"))), NewSpec, MADE),
            (Some(secret(there(), "u", json!({}))), Healing, THERE),
            (Some(secret(there(), "u", json!({}))), HealingPatched, THERE),
            (Some(secret(there(), "u", json!({}))), FirstSight, THERE),
            (Some(secret(there(), "other", json!({}))), FirstSight, MADE),
            (Some(secret(json!({ "other": THERE }), "u", json!({}))), Healing, MADE),
            (Some(secret(json!(null), "u", json!({}))), Healing, MADE),
            // Written, and status was not.
            (Some(secret(there(), "u", made_for("u/2"))), NewSpec, THERE),
            (Some(secret(there(), "u", made_for("u/2"))), FirstSight, THERE),
            // The spec is a new one, whatever status says.
            (Some(secret(there(), "u", made_for("u/1"))), FirstSight, MADE),
            (Some(secret(there(), "u", made_for("v/2"))), FirstSight, MADE),
            // Another's, and ours without an owner.
            (Some(secret(there(), "other", json!({}))), Healing, MADE),
            (Some(secret(there(), "other", made_for("u/2"))), Healing, THERE),
            (Some(secret(there(), "other", json!({ PATCH: "true" }))), Healing, THERE),
            (Some(secret(there(), "other", json!({ MANAGED: "true" }))), Healing, THERE),
        ] {
            let mut wanted = secret(json!({ "token": MADE, "steady": MADE }), "u", json!({}));
            keep(&mut wanted, existing.as_ref(), &unsteady, &sealed(), occasion);
            let data = json!({ "token": token, "steady": MADE });
            let expected = secret(data, "u", made_for("u/2"));
            assert_eq!(wanted, expected, "{occasion:?}, {existing:?}");
        }
    }

    #[test]
    fn a_secret_of_steady_values_is_left_alone() {
        let mut wanted = secret(json!({ "a": MADE }), "u", json!({}));
        keep(&mut wanted, None, &BTreeSet::new(), &sealed(), Occasion::NewSpec);
        assert_eq!(wanted, secret(json!({ "a": MADE }), "u", json!({})));
    }
}
