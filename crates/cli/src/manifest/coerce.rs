//! Numbers and booleans where the Kubernetes API wants strings.
//!
//! `port: 5432` under `stringData` is a number to YAML. Go's reader knows the field's type and
//! makes it the string `5432`; so does kubectl, and so do we. JSON is left as it is: there, Go
//! refuses.

use serde_json::Value;

use crate::yaml::number_text;

/// Fields of Secrets and SealedSecrets that hold a string.
const STRINGS: [&[&str]; 8] = [
    &["kind"],
    &["apiVersion"],
    &["type"],
    &["metadata", "name"],
    &["metadata", "namespace"],
    &["metadata", "generateName"],
    &["spec", "data"],
    &["spec", "template", "type"],
];

/// Fields that hold a map of strings.
const STRING_MAPS: [&[&str]; 7] = [
    &["stringData"],
    &["metadata", "labels"],
    &["metadata", "annotations"],
    &["spec", "encryptedData"],
    &["spec", "template", "data"],
    &["spec", "template", "metadata", "labels"],
    &["spec", "template", "metadata", "annotations"],
];

pub(super) fn scalars_to_strings(object: &mut Value) {
    for path in STRINGS {
        if let Some(value) = at(object, path) {
            to_string(value);
        }
    }
    for path in STRING_MAPS {
        if let Some(Value::Object(map)) = at(object, path) {
            map.values_mut().for_each(to_string);
        }
    }
    if let Some(Value::Array(items)) = at(object, &["items"]) {
        items.iter_mut().for_each(scalars_to_strings);
    }
}

fn at<'a>(object: &'a mut Value, path: &[&str]) -> Option<&'a mut Value> {
    path.iter().try_fold(object, |value, field| value.as_object_mut()?.get_mut(*field))
}

fn to_string(value: &mut Value) {
    match value {
        Value::Number(number) => *value = Value::String(number_text(number)),
        Value::Bool(truth) => *value = Value::String(truth.to_string()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_fields_of_type_string_are_changed() {
        let mut secret = json!({
            "metadata": { "name": 7, "labels": { "v": 1.10, "on": true }, "generation": 3 },
            "stringData": { "port": 5432, "list": [1], "none": null },
            "data": { "a": 1 },
            "immutable": true,
        });
        scalars_to_strings(&mut secret);
        assert_eq!(
            secret,
            json!({
                "metadata": { "name": "7", "labels": { "v": "1.1", "on": "true" }, "generation": 3 },
                "stringData": { "port": "5432", "list": [1], "none": null },
                "data": { "a": 1 },
                "immutable": true,
            })
        );
    }
}
