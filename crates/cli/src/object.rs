//! A SealedSecret as it was written: JSON in which everything that we do not know is kept.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sealwright_api::Scope;
use sealwright_api::annotations::{CLUSTER_WIDE, NAMESPACE_WIDE};
use sealwright_sealing::label;
use serde_json::{Map, Value};

use crate::yaml::Step;

/// The scope that its annotations give it.
pub(crate) fn scope_of(object: &Value) -> Scope {
    let is_set = |name: &str| object["metadata"]["annotations"][name] == "true";
    match (is_set(CLUSTER_WIDE), is_set(NAMESPACE_WIDE)) {
        (true, _) => Scope::ClusterWide,
        (_, true) => Scope::NamespaceWide,
        _ => Scope::Strict,
    }
}

/// What the values of an object are bound to.
pub(crate) fn label_of(metadata: &ObjectMeta) -> String {
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    let name = metadata.name.as_deref().unwrap_or_default();
    label(Scope::of(metadata.annotations.as_ref()), namespace, name)
}

/// Puts an object that names no namespace into the one that was named for it.
pub(crate) fn place_in(object: &mut Value, namespace: Option<&str>) {
    let own = object["metadata"]["namespace"].as_str().unwrap_or_default();
    if let Some(namespace) = namespace.filter(|_| own.is_empty() && object["metadata"].is_object())
    {
        object["metadata"]["namespace"] = namespace.into();
    }
}

/// A path of keys.
pub(crate) fn path<const N: usize>(keys: [&str; N]) -> Vec<Step> {
    keys.map(|key| Step::Key(key.to_owned())).to_vec()
}

/// The value at a path.
pub(crate) fn at<'a>(object: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(object, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(at) => value.get(at),
    })
}

/// The value at a path, to be changed.
pub(crate) fn at_mut<'a>(object: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(object, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(at) => value.get_mut(at),
    })
}

/// Sets the value at a path, through maps that are made where they are missing.
pub(crate) fn set(object: &mut Value, path: &[Step], value: Value) {
    let place = path.iter().fold(object, |object, step| match step {
        Step::Key(key) => {
            if !object.is_object() {
                *object = Value::Object(Map::new());
            }
            &mut object[key.as_str()]
        }
        Step::Index(at) => &mut object[*at],
    });
    *place = value;
}

/// Removes the value at a path, if it is there. Items of lists stay.
pub(crate) fn remove(object: &mut Value, path: &[Step]) {
    let Some((Step::Key(key), above)) = path.split_last() else { return };
    if let Some(map) = at_mut(object, above).and_then(Value::as_object_mut) {
        map.remove(key);
    }
}

/// The paths of the sealed values.
pub(crate) fn sealed_values(object: &Value) -> Vec<Vec<Step>> {
    let items = object["spec"]["encryptedData"].as_object().into_iter().flatten();
    let items = items.map(|(item, _)| path(["spec", "encryptedData", item]));
    let whole = object["spec"]["data"].is_string().then(|| path(["spec", "data"]));
    items.chain(whole).collect()
}
