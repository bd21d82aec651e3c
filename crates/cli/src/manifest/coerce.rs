//! Numbers and booleans where the Kubernetes API wants strings.
//!
//! `port: 5432` under `stringData` is a number to YAML. Upstream's reader knows the field's type and
//! makes it the string `5432`, and so do we; kubectl passes the number on, and the API server refuses
//! it. JSON is left as it is: there, upstream refuses it too.

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

/// A value that is to be sealed and is no string to YAML.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unquoted<'a> {
    /// Name of its Secret, if it has one.
    pub(super) secret: Option<&'a str>,
    pub(super) key: &'a str,
    /// What it is, and what becomes of it.
    pub(super) becomes: &'static str,
}

/// All such values of an object, or of the items of a List.
pub(super) fn unquoted(object: &Value) -> Vec<Unquoted<'_>> {
    let secret = object["metadata"]["name"].as_str();
    let values = object["stringData"].as_object().into_iter().flatten();
    let own = values.filter_map(|(key, value)| {
        let becomes = match value {
            Value::Number(_) => "is a number to YAML, which may write it otherwise",
            Value::Bool(_) => "is a boolean to YAML and becomes true or false",
            Value::Null => "is null to YAML and becomes empty",
            _ => return None,
        };
        Some(Unquoted { secret, key, becomes })
    });
    let items = object["items"].as_array().into_iter().flatten();
    own.chain(items.flat_map(unquoted)).collect()
}

/// Fields of an object that hold a number or a boolean where the API server takes strings alone.
pub(crate) fn not_strings(object: &Value) -> Vec<String> {
    let is_none = |value: &Value| value.is_number() || value.is_boolean();
    let field = |path: &[&str]| path.iter().try_fold(object, |value, field| value.get(*field));
    let single = STRINGS.iter().filter(|path| field(path).is_some_and(is_none));
    let single = single.map(|path| path.join("."));
    let of_map = |path: &&[&str]| {
        let map = field(path).and_then(Value::as_object).into_iter().flatten();
        let map = map.filter(|(_, value)| is_none(value));
        map.map(|(key, _)| format!("{}.{key}", path.join("."))).collect::<Vec<_>>()
    };
    single.chain(STRING_MAPS.iter().flat_map(of_map)).collect()
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

    #[test]
    fn values_that_are_no_strings_are_told_and_nested_ones_left_to_the_refusal() {
        let secret = json!({
            "metadata": { "name": "db", "labels": { "v": 1 } },
            "data": { "a": 1 },
            "stringData": { "a": "1", "b": 1, "c": true, "d": null, "e": [1], "f": { "g": 1 } },
        });
        let told = |object| -> Vec<(Option<String>, String)> {
            let told = unquoted(&object).into_iter();
            told.map(|value| (value.secret.map(str::to_owned), value.key.to_owned())).collect()
        };
        let of = |secret: Option<&str>, key: &str| (secret.map(str::to_owned), key.to_owned());
        let expected = ["b", "c", "d"].map(|key| of(Some("db"), key));
        assert_eq!(told(secret.clone()), expected);
        assert_eq!(told(json!({ "kind": "List", "items": [secret] })), expected);
        assert_eq!(told(json!({ "stringData": { "b": 1 } })), [of(None, "b")]);
        for other in [json!(null), json!([1]), json!({ "stringData": 1 }), json!({ "items": 1 })] {
            assert!(unquoted(&other).is_empty(), "{other}");
        }
    }
}
