//! Values that a template would make anew each time: random ones, and those that depend on the time.
//! They are made once for each spec. A reconciler that made them again would change passwords under
//! the feet of whoever uses them.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Secret;

use crate::plan::{Occasion, is_controlled_by};

/// Puts what the existing Secret holds under these keys in the place of what was made now, unless the
/// spec is a new one. What the existing Secret does not hold is new.
pub(crate) fn keep(
    wanted: &mut Secret,
    existing: Option<&Secret>,
    unsteady: &BTreeSet<String>,
    owner: &str,
    occasion: Occasion,
) {
    let Some(existing) = existing else { return };
    let is_kept = match occasion {
        Occasion::NewSpec => false,
        // Whether the spec is new is not known; what was made for this object still serves.
        Occasion::FirstSight => is_controlled_by(existing, owner),
        Occasion::Healing | Occasion::HealingPatched => true,
    };
    let there =
        existing.data.iter().flatten().filter(|(key, _)| is_kept && unsteady.contains(*key));
    let there = there.map(|(key, value)| (key.clone(), value.clone()));
    wanted.data.get_or_insert_default().extend(there);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn secret(data: Value, owner: &str) -> Secret {
        serde_json::from_value(json!({
            "metadata": { "name": "db", "ownerReferences": [{
                "apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "db",
                "uid": owner, "controller": true,
            }] },
            "data": data,
        }))
        .unwrap()
    }

    #[test]
    fn what_was_made_for_a_spec_stays_until_the_next() {
        const MADE: &str = "bWFkZQ==";
        const THERE: &str = "dGhlcmU=";
        let unsteady: BTreeSet<_> = ["token".to_owned()].into();
        for (existing, occasion, token) in [
            (None, Occasion::Healing, MADE),
            (Some(secret(json!({ "token": THERE }), "u")), Occasion::NewSpec, MADE),
            (Some(secret(json!({ "token": THERE }), "u")), Occasion::Healing, THERE),
            (Some(secret(json!({ "token": THERE }), "u")), Occasion::HealingPatched, THERE),
            (Some(secret(json!({ "token": THERE }), "u")), Occasion::FirstSight, THERE),
            (Some(secret(json!({ "token": THERE }), "other")), Occasion::FirstSight, MADE),
            (Some(secret(json!({ "other": THERE }), "u")), Occasion::Healing, MADE),
            (Some(secret(json!(null), "u")), Occasion::Healing, MADE),
        ] {
            let mut wanted = secret(json!({ "token": MADE, "steady": MADE }), "u");
            keep(&mut wanted, existing.as_ref(), &unsteady, "u", occasion);
            let expected = secret(json!({ "token": token, "steady": MADE }), "u");
            assert_eq!(wanted.data, expected.data, "{occasion:?}, {existing:?}");
        }
    }
}
