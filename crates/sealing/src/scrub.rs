//! What must not travel from a Secret into Git: a server's bookkeeping, and the copies of the
//! plaintext that tools leave in annotations.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// Annotations in which tools keep the whole manifest, plaintext included.
const LAST_APPLIED: [&str; 2] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubecfg.ksonnet.io/last-applied-configuration",
];

/// What is left of a Secret's metadata in the template: names, labels, annotations, finalizers.
pub(crate) fn scrubbed(metadata: &ObjectMeta) -> ObjectMeta {
    let mut annotations = metadata.annotations.clone().unwrap_or_default();
    annotations.retain(|name, _| !LAST_APPLIED.contains(&name.as_str()));
    ObjectMeta {
        name: metadata.name.clone(),
        generate_name: metadata.generate_name.clone(),
        namespace: metadata.namespace.clone(),
        labels: metadata.labels.clone().filter(|labels| !labels.is_empty()),
        annotations: (!annotations.is_empty()).then_some(annotations),
        finalizers: metadata.finalizers.clone().filter(|finalizers| !finalizers.is_empty()),
        ..ObjectMeta::default()
    }
}
