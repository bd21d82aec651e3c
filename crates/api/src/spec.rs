//! `spec`, read without trust: what is wrong in it is remembered instead of refused.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::SealedSecretSpec;

/// What the Secret is to look like, apart from its values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretTemplate {
    /// Metadata of the Secret; labels, annotations and finalizers count. Any ObjectMeta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "any_object")]
    pub metadata: Option<Map<String, Value>>,
    /// Type of the Secret. Defaults to Opaque.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    /// Whether the Secret may not be changed once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub immutable: Option<bool>,
    /// Further values, each a Go template over the decrypted ones; null leaves a key out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "nullable_strings")]
    pub data: Option<BTreeMap<String, Option<String>>>,
}

impl<'de> Deserialize<'de> for SealedSecretSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(parse(value)
            .unwrap_or_else(|malformed| Self { malformed: Some(malformed), ..Self::default() }))
    }
}

/// The spec, or which field has the wrong type. The sentence holds no value: people do put
/// plaintext where ciphertext belongs.
fn parse(spec: Value) -> Result<SealedSecretSpec, String> {
    let Value::Object(mut fields) = spec else {
        return Err("spec is not an object".to_owned());
    };
    let mut encrypted_data = BTreeMap::new();
    for (key, value) in object(fields.remove("encryptedData"), "spec.encryptedData")? {
        let Value::String(value) = value else {
            return Err(format!("spec.encryptedData: the value of {key:?} is not a string"));
        };
        encrypted_data.insert(key, value);
    }
    let data = match fields.remove("data") {
        None | Some(Value::Null) => None,
        Some(Value::String(data)) => Some(data),
        Some(_) => return Err("spec.data is not a string".to_owned()),
    };
    let template = match fields.remove("template") {
        None | Some(Value::Null) => None,
        Some(template) => Some(
            SecretTemplate::deserialize(template)
                .map_err(|_| "spec.template has a field of the wrong type".to_owned())?,
        ),
    };
    Ok(SealedSecretSpec { template, data, encrypted_data, malformed: None })
}

fn object(value: Option<Value>, path: &str) -> Result<Map<String, Value>, String> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(format!("{path} is not a map")),
    }
}

fn any_object(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": "Metadata of the Secret; labels, annotations and finalizers count. Any ObjectMeta.",
        "type": "object",
        "nullable": true,
        "x-kubernetes-preserve-unknown-fields": true,
    })
}

fn nullable_strings(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": "Further values, each a Go template over the decrypted ones; null leaves a key out.",
        "type": "object",
        "nullable": true,
        "additionalProperties": { "type": "string", "nullable": true },
    })
}

pub(crate) fn sealed_values(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": "The sealed values, by the keys of the Secret.",
        "type": "object",
        "nullable": true,
        "additionalProperties": { "type": "string" },
        "x-kubernetes-preserve-unknown-fields": true,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(spec: Value) -> SealedSecretSpec {
        serde_json::from_value(spec).unwrap()
    }

    #[test]
    fn what_upstream_writes_is_read() {
        let spec = read(json!({
            "encryptedData": { "a": "x" },
            "template": {
                "metadata": { "labels": { "l": "1" }, "creationTimestamp": null },
                "type": "Opaque",
                "data": { "t": "text", "gone": null },
                "unknown": 1,
            },
        }));
        assert_eq!(spec.malformed, None);
        assert_eq!(spec.encrypted_data["a"], "x");
        let data = spec.template.unwrap().data.unwrap();
        assert_eq!(data["t"].as_deref(), Some("text"));
        assert_eq!(data["gone"], None);
    }

    #[test]
    fn absent_and_null_fields_are_empty() {
        for spec in [json!({}), json!({ "encryptedData": null, "template": null, "data": null })] {
            assert_eq!(read(spec), SealedSecretSpec::default());
        }
        let template = read(json!({ "template": { "metadata": null, "data": null } }));
        assert_eq!(template.template, Some(SecretTemplate::default()));
    }

    #[test]
    fn what_makes_no_sense_is_remembered_without_its_value() {
        for (spec, complaint) in [
            (json!(7), "spec is not an object"),
            (json!({ "encryptedData": ["hunter2"] }), "spec.encryptedData is not a map"),
            (
                json!({ "encryptedData": { "pin": 1234 } }),
                "spec.encryptedData: the value of \"pin\" is not a string",
            ),
            (json!({ "data": {} }), "spec.data is not a string"),
            (
                json!({ "template": { "type": 1234 } }),
                "spec.template has a field of the wrong type",
            ),
        ] {
            assert_eq!(read(spec).malformed.as_deref(), Some(complaint));
        }
    }
}
