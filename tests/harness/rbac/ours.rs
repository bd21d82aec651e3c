//! The rules of `deploy/controller.yaml`.

use serde_json::{Value, json};

const MANIFEST: &str = include_str!("../../../deploy/controller.yaml");

/// The rules of one of its roles.
pub(super) fn rules(kind: &str, name: &str) -> Value {
    let objects: Vec<Value> = serde_saphyr::from_multiple(MANIFEST).expect("it is YAML");
    let is_it = |object: &&Value| object["kind"] == kind && object["metadata"]["name"] == name;
    let role = objects.iter().find(is_it).expect("it has the role");
    role["rules"].clone()
}

/// What the chart grants in the controller's own namespace besides, where the ClusterRole is not there to.
pub(super) fn without_cluster_role() -> [Value; 3] {
    [
        json!({
            "apiGroups": [""],
            "resources": ["secrets"],
            "resourceNames": ["sealed-secrets-key"],
            "verbs": ["get"],
        }),
        json!({ "apiGroups": [""], "resources": ["secrets"], "verbs": ["list", "watch", "create"] }),
        json!({ "apiGroups": [""], "resources": ["events"], "verbs": ["create"] }),
    ]
}
