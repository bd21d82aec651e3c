//! From a release's names and labels to those of sealed-secrets' own controller.yaml, so that one can be
//! applied over the other: what a Deployment selects by and what a binding refers to never changes.

use serde_json::{Value, json};

/// Of the Deployment, its container, its Service and its account.
const NAME: &str = "sealed-secrets-controller";

/// Kind, name in the release, and name in their manifest, where that is another.
const RENAMED: [(&str, &str, &str); 4] = [
    ("Role", "sealed-secrets-controller-key-admin", "sealed-secrets-key-admin"),
    ("RoleBinding", "sealed-secrets-controller-key-admin", NAME),
    ("Role", "sealed-secrets-controller-service-proxier", "sealed-secrets-service-proxier"),
    ("RoleBinding", "sealed-secrets-controller-service-proxier", "sealed-secrets-service-proxier"),
];

/// An object of the chart's as it stands in the manifest.
pub(crate) fn plain(mut object: Value) -> Value {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    rename(&kind, object.pointer_mut("/metadata/name"));
    rename("Role", object.pointer_mut("/roleRef/name"));
    // Helm's labels are of what Helm manages.
    let name = object["metadata"]["name"].clone();
    put(&mut object, "/metadata/labels", json!({ "name": name }));
    match kind.as_str() {
        "Service" => put(&mut object, "/spec/selector", json!({ "name": NAME })),
        "Deployment" => {
            put(&mut object, "/spec/selector/matchLabels", json!({ "name": NAME }));
            put(&mut object, "/spec/template/metadata/labels", json!({ "name": NAME }));
            put(&mut object, "/spec/template/spec/containers/0/name", NAME.into());
            // As theirs: a flag that is written would win over its variable.
            put(&mut object, "/spec/template/spec/containers/0/args", json!([]));
        }
        _ => {}
    }
    object
}

/// Whether an object says who may do what.
pub(crate) fn is_right(object: &Value) -> bool {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    version.starts_with("rbac.authorization.k8s.io/")
}

fn rename(kind: &str, name: Option<&mut Value>) {
    let Some(name) = name else { return };
    let renamed = RENAMED.iter().find(|(of, before, _)| *of == kind && *name == *before);
    if let Some((_, _, after)) = renamed {
        *name = (*after).into();
    }
}

/// Replaces what is there, and adds nothing.
fn put(object: &mut Value, place: &str, value: Value) {
    if let Some(there) = object.pointer_mut(place) {
        *there = value;
    }
}
