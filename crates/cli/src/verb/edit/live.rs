//! Values that the cluster holds, for whoever may read its Secrets. Only those count that are what the
//! file has, by all that can be seen: the same ciphertext is in the cluster, the controller has brought it
//! about, and no template made something else of it. A Secret that somebody edited since is not told.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sealwright_api::SYNCED;
use sealwright_crypto::Plaintext;
use sealwright_sealing::OpenSecret;
use serde_json::Value;

use crate::args::ClusterArgs;
use crate::cluster::{Api, check_name};
use crate::error::{Cause, Error, Result};

/// The values of an object's items, as far as the cluster knows them.
///
/// # Errors
/// When it may not be asked, or has neither object nor Secret of that name.
pub(super) fn values(
    object: &Value,
    metadata: &ObjectMeta,
    cluster: &ClusterArgs,
) -> Result<BTreeMap<String, Plaintext>> {
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    let name = metadata.name.as_deref().unwrap_or_default();
    check_name("the namespace", namespace)?;
    check_name("the name", name)?;
    let api = Api::connect(cluster)?;
    let at = |path: String, kind: &str| {
        let found = api.get(&path, &format!("read the {kind} {namespace}/{name}"))?;
        found.ok_or_else(|| absent(kind, namespace, name))
    };
    let group = "/apis/bitnami.com/v1alpha1";
    let live = at(format!("{group}/namespaces/{namespace}/sealedsecrets/{name}"), "SealedSecret")?;
    let secret = at(format!("/api/v1/namespaces/{namespace}/secrets/{name}"), "Secret")?;
    let secret = OpenSecret::from_json(secret)
        .map_err(|error| Error::new(format!("the Secret {namespace}/{name}: {error}")))?;
    let is_known = |item: &String| is_current(object, &live, item);
    Ok(secret.data.into_iter().filter(|(item, _)| is_known(item)).collect())
}

/// Whether the Secret's value of an item is what the file has sealed.
fn is_current(object: &Value, live: &Value, item: &str) -> bool {
    let sealed = &object["spec"]["encryptedData"][item];
    let is_same = sealed.is_string() && *sealed == live["spec"]["encryptedData"][item];
    let is_rendered = !live["spec"]["template"]["data"][item].is_null();
    is_same && !is_rendered && is_synced(live)
}

fn is_synced(live: &Value) -> bool {
    let status = &live["status"];
    let conditions = status["conditions"].as_array().into_iter().flatten();
    let mut synced = conditions.filter(|condition| condition["type"] == SYNCED);
    let generation = &live["metadata"]["generation"];
    synced.next().is_some_and(|synced| synced["status"] == "True")
        && status["observedGeneration"] == *generation
}

fn absent(kind: &str, namespace: &str, name: &str) -> Error {
    Error::new(format!("there is no {kind} {namespace}/{name} in the cluster"))
        .hint("give --recovery-private-key, or edit without --reveal")
        .of(Cause::Sealed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_the_file_has_too_counts() {
        let file = json!({ "spec": { "encryptedData": { "a": "AA", "b": "BB", "c": "CC" } } });
        let live = json!({
            "metadata": { "generation": 3 },
            "spec": {
                "encryptedData": { "a": "AA", "b": "XX", "c": "CC" },
                "template": { "data": { "c": "{{ .a }}", "d": "{{ .a }}" } },
            },
            "status": {
                "observedGeneration": 3,
                "conditions": [{ "type": "Synced", "status": "True" }],
            },
        });
        for (item, expected) in [("a", true), ("b", false), ("c", false), ("d", false)] {
            assert_eq!(is_current(&file, &live, item), expected, "{item}");
        }
        for (path, value) in [
            ("/status/observedGeneration", json!(2)),
            ("/status/observedGeneration", Value::Null),
            ("/status/conditions/0/status", json!("False")),
            ("/status/conditions", json!([])),
            ("/status", Value::Null),
        ] {
            let mut stale = live.clone();
            *stale.pointer_mut(path).unwrap() = value;
            assert!(!is_current(&file, &stale, "a"), "{path}");
        }
    }
}
