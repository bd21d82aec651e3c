//! A Secret with its values in the clear, held in memory that wipes itself.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sealwright_crypto::Plaintext;
use serde_json::{Map, Value};

use crate::SecretError;
use crate::base64::{decode_base64, encode_base64};

/// A `v1` Secret. `stringData` has been merged into `data`, where it wins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpenSecret {
    /// Name, namespace, labels and so on.
    pub metadata: ObjectMeta,
    /// The type; the API server takes none as Opaque.
    pub type_: Option<String>,
    /// Whether the API server refuses changes.
    pub immutable: Option<bool>,
    /// The values by key.
    pub data: BTreeMap<String, Plaintext>,
}

impl OpenSecret {
    /// Reads a Secret's fields out of JSON; unknown ones are ignored, null ones are absent.
    ///
    /// # Errors
    /// When a field has the wrong type or a value of `data` is not base64. The error names the
    /// field or key, never a value.
    pub fn from_json(secret: Value) -> Result<Self, SecretError> {
        let Value::Object(mut fields) = secret else {
            return Err(SecretError::WrongType { field: "the Secret" });
        };
        let mut data = BTreeMap::new();
        for (key, value) in map(&mut fields, "data")? {
            let bytes = match value {
                Value::Null => Some(Vec::new()),
                Value::String(text) => decode_base64(&text),
                _ => None,
            };
            let bytes = bytes.ok_or_else(|| SecretError::NotBase64 { key: key.clone() })?;
            data.insert(key, Plaintext::new(bytes));
        }
        for (key, value) in map(&mut fields, "stringData")? {
            let text = match value {
                Value::Null => String::new(),
                Value::String(text) => text,
                _ => return Err(SecretError::NotAString { key }),
            };
            data.insert(key, Plaintext::new(text.into_bytes()));
        }
        Ok(Self {
            metadata: metadata(&mut fields)?,
            type_: typed(&mut fields, "type")?.filter(|text: &String| !text.is_empty()),
            immutable: typed(&mut fields, "immutable")?,
            data,
        })
    }

    /// The Secret as JSON, values in base64, for output.
    pub fn to_json(&self) -> Value {
        let data = self
            .data
            .iter()
            .map(|(key, value)| (key.clone(), encode_base64(value.expose()).into()));
        let data: Map<String, Value> = data.collect();
        let mut fields = Map::new();
        fields.insert("apiVersion".to_owned(), "v1".into());
        fields.insert("kind".to_owned(), "Secret".into());
        let metadata = serde_json::to_value(&self.metadata).expect("metadata is JSON");
        fields.insert("metadata".to_owned(), metadata);
        if let Some(immutable) = self.immutable {
            fields.insert("immutable".to_owned(), immutable.into());
        }
        if !data.is_empty() {
            fields.insert("data".to_owned(), data.into());
        }
        if let Some(type_) = &self.type_ {
            fields.insert("type".to_owned(), type_.clone().into());
        }
        Value::Object(fields)
    }
}

/// For the API server. The copy does not wipe itself: make it late and drop it early.
impl From<OpenSecret> for Secret {
    fn from(secret: OpenSecret) -> Self {
        let data = secret.data.iter();
        let data = data.map(|(key, value)| (key.clone(), ByteString(value.expose().to_vec())));
        Self {
            data: Some(data.collect()),
            metadata: secret.metadata,
            type_: secret.type_,
            immutable: secret.immutable,
            string_data: None,
        }
    }
}

fn map(
    fields: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Map<String, Value>, SecretError> {
    match fields.remove(field) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(SecretError::WrongType { field }),
    }
}

/// What counts of the metadata. The rest is a server's bookkeeping, which is scrubbed anyway and
/// must not be in the way, whatever its form.
fn metadata(fields: &mut Map<String, Value>) -> Result<ObjectMeta, SecretError> {
    const COUNTS: [&str; 7] =
        ["name", "generateName", "namespace", "labels", "annotations", "finalizers", "uid"];
    let mut all = map(fields, "metadata")?;
    all.retain(|field, _| COUNTS.contains(&field.as_str()));
    nulls_to_empty(&mut all);
    let metadata = serde_json::from_value(Value::Object(all));
    metadata.map_err(|_| SecretError::WrongType { field: "metadata" })
}

/// A label or annotation without a value is an empty one, as Go reads it.
pub(crate) fn nulls_to_empty(metadata: &mut Map<String, Value>) {
    for field in ["labels", "annotations"] {
        let values = metadata.get_mut(field).and_then(Value::as_object_mut);
        for value in values.into_iter().flat_map(|map| map.values_mut()).filter(|v| v.is_null()) {
            *value = Value::String(String::new());
        }
    }
}

fn typed<T: serde::de::DeserializeOwned>(
    fields: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Option<T>, SecretError> {
    let value = fields.remove(field).unwrap_or_default();
    serde_json::from_value(value).map_err(|_| SecretError::WrongType { field })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn string_data_wins_and_null_is_empty() {
        let secret = OpenSecret::from_json(json!({
            "data": { "a": "ZnJvbSBkYXRh", "b": "Yg==", "c": null },
            "stringData": { "a": "from stringData", "d": null },
            "type": "",
            "extra": 1,
        }))
        .unwrap();
        let values = secret.data.iter().map(|(k, v)| (k.as_str(), v.expose()));
        let expected: [(&str, &[u8]); 4] =
            [("a", b"from stringData"), ("b", b"b"), ("c", b""), ("d", b"")];
        assert!(values.eq(expected));
        assert_eq!(secret.type_, None);
    }

    #[test]
    fn labels_without_value_are_empty_and_a_servers_fields_are_no_matter() {
        let secret = OpenSecret::from_json(json!({
            "metadata": {
                "name": "db", "labels": { "app": null }, "annotations": null,
                "resourceVersion": 12345, "uid": "u", "ownerReferences": "?", "selfLink": 7,
            },
        }))
        .unwrap();
        assert_eq!(secret.metadata.labels.unwrap()["app"], "");
        assert_eq!(secret.metadata.resource_version, None);
    }

    #[test]
    fn errors_name_the_place_and_never_the_value() {
        for (secret, message) in [
            (json!({ "data": { "a": "hunter2" } }), "data: the value of \"a\" is not base64"),
            (json!({ "data": { "a": 1234 } }), "data: the value of \"a\" is not base64"),
            (
                json!({ "stringData": { "a": [1] } }),
                "stringData: the value of \"a\" is not a string",
            ),
            (json!({ "data": "hunter2" }), "data has the wrong type"),
            (json!({ "metadata": { "labels": 5 } }), "metadata has the wrong type"),
            (json!({ "immutable": "hunter2" }), "immutable has the wrong type"),
            (json!(["hunter2"]), "the Secret has the wrong type"),
        ] {
            assert_eq!(OpenSecret::from_json(secret).unwrap_err().to_string(), message);
        }
    }
}
