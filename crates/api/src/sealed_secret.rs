//! The resource itself.

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::Serialize;

use crate::spec::{SecretTemplate, sealed_values};

/// `apiVersion` of the resource.
pub const API_VERSION: &str = "bitnami.com/v1alpha1";
/// `kind` of the resource.
pub const KIND: &str = "SealedSecret";

/// A Secret whose values only the cluster's controller can open.
#[derive(Clone, Debug, Default, PartialEq, CustomResource, Serialize, JsonSchema)]
#[kube(
    group = "bitnami.com",
    version = "v1alpha1",
    kind = "SealedSecret",
    plural = "sealedsecrets",
    namespaced,
    status = "crate::SealedSecretStatus",
    derive = "PartialEq",
    doc = "A Secret whose values only the cluster's controller can open; safe to commit.",
    printcolumn = r#"{"name":"Status", "type":"string", "jsonPath":".status.conditions[0].message"}"#,
    printcolumn = r#"{"name":"Synced", "type":"string", "jsonPath":".status.conditions[0].status"}"#,
    printcolumn = r#"{"name":"Age", "type":"date", "jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = no_defaults)]
pub struct SealedSecretSpec {
    /// What the Secret is to look like, apart from its values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<SecretTemplate>,
    /// Deprecated: a whole Secret sealed as one value. Use encryptedData.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The sealed values, by the keys of the Secret.
    #[serde(default)]
    #[schemars(schema_with = "sealed_values")]
    pub encrypted_data: BTreeMap<String, String>,
    /// What is wrong with the spec, when it could not be read; then the other fields are empty.
    #[serde(skip)]
    #[schemars(skip)]
    pub malformed: Option<String>,
}

/// Takes `default` out of a schema: the API server would write it into people's objects.
fn no_defaults(schema: &mut schemars::Schema) {
    let properties = schema.get_mut("properties").and_then(|value| value.as_object_mut());
    for property in properties.into_iter().flat_map(|all| all.values_mut()) {
        property.as_object_mut().map(|property| property.remove("default"));
    }
}
