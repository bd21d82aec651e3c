//! The rules of `deploy/rbac.yaml`.

use serde_json::Value;

const MANIFEST: &str = include_str!("../../../deploy/rbac.yaml");

/// The rules of one of its roles.
pub(super) fn rules(kind: &str, name: &str) -> Value {
    let objects: Vec<Value> = serde_saphyr::from_multiple(MANIFEST).expect("it is YAML");
    let is_it = |object: &&Value| object["kind"] == kind && object["metadata"]["name"] == name;
    let role = objects.iter().find(is_it).expect("it has the role");
    role["rules"].clone()
}
