//! What is wrong with the form of a SealedSecret, as far as it can be seen without keys.

use sealwright_api::annotations::{CLUSTER_WIDE, NAMESPACE_WIDE};
use sealwright_api::{Scope, SealedSecret};
use sealwright_sealing::{check_template, is_key_name};
use serde_json::Value;

use super::{Finding, Weight};
use crate::manifest::Document;
use crate::verb::facts::Facts;
use crate::verb::names::{is_name, is_qualified, is_subdomain};
use crate::verb::secret_type::{self, MAX_SECRET};

/// What etcd takes in one request by default, in bytes.
const MAX_OBJECT: usize = 1536 * 1024;
/// RSA keys that a controller can have, in bits.
const KEY_BITS: [usize; 4] = [2048, 3072, 4096, 8192];

/// Fields of `spec`.
const FIELDS: [&str; 3] = ["data", "encryptedData", "template"];

/// Whether values can be tried at all.
pub(super) fn is_readable(document: &Document) -> bool {
    let facts = Facts::of(&document.value);
    let is_typed = serde_json::from_value::<SealedSecret>(document.value.clone())
        .is_ok_and(|sealed| sealed.spec.malformed.is_none());
    is_typed && facts.name.is_some() && facts.items.iter().all(|item| item.value.is_ok())
}

/// Everything that is wrong with it.
pub(super) fn findings(document: &Document) -> Vec<Finding> {
    let object = &document.value;
    let facts = Facts::of(object);
    let mut found = Vec::new();
    let mut say = |weight, what: String| {
        found.push(Finding { place: document.place.clone(), weight, what });
    };
    if facts.name.is_none() {
        say(Weight::Error, "metadata.name is missing".to_owned());
    }
    if facts.namespace.is_none() && facts.scope != Scope::ClusterWide {
        let what = "metadata.namespace is missing: it opens only where kubectl happens to put it";
        say(Weight::Warning, what.to_owned());
    }
    for annotation in [CLUSTER_WIDE, NAMESPACE_WIDE] {
        let value = &object["metadata"]["annotations"][annotation];
        if !value.is_null() && value != "true" && value != "false" {
            say(
                Weight::Warning,
                format!("the annotation {annotation} counts only if it is \"true\""),
            );
        }
    }
    for (field, name) in [("name", &facts.name), ("namespace", &facts.namespace)] {
        if name.as_ref().is_some_and(|name| !is_subdomain(name)) {
            let what = "cannot be a name: small letters, digits, '-' and '.' only";
            say(Weight::Error, format!("metadata.{field} {what}"));
        }
    }
    match serde_json::from_value::<SealedSecret>(object.clone()) {
        Err(_) if !object["spec"].is_object() => say(Weight::Error, "spec is missing".to_owned()),
        Err(_) => say(Weight::Error, "metadata has a field of the wrong type".to_owned()),
        Ok(sealed) => {
            if let Some(malformed) = sealed.spec.malformed {
                say(Weight::Error, malformed);
            }
        }
    }
    words(object, &mut say);
    values(&facts, object, &mut say);
    required(&facts, object, &mut say);
    found
}

/// Labels and annotations that the API server refuses, of the object and of what comes of it.
fn words(object: &Value, say: &mut impl FnMut(Weight, String)) {
    for (at, metadata) in
        [("", &object["metadata"]), ("spec.template.", &object["spec"]["template"]["metadata"])]
    {
        let map = |field: &str| metadata[field].as_object().into_iter().flatten();
        for (key, value) in map("labels") {
            if !is_qualified(key) {
                say(Weight::Error, format!("{at}metadata.labels: {key:?} cannot be a key"));
            }
            if value.as_str().is_some_and(|value| !value.is_empty() && !is_name(value)) {
                say(
                    Weight::Error,
                    format!("{at}metadata.labels.{key} has a value that none can have"),
                );
            }
        }
        for (key, _) in map("annotations").filter(|(key, _)| !is_qualified(&key.to_lowercase())) {
            say(Weight::Error, format!("{at}metadata.annotations: {key:?} cannot be a key"));
        }
    }
}

/// Its values: whether any key could open them, and whether what they hold fits into a Secret.
fn values(facts: &Facts, object: &Value, say: &mut impl FnMut(Weight, String)) {
    let spec = &object["spec"];
    if facts.is_deprecated {
        let has_items = spec["encryptedData"].as_object().is_some_and(|items| !items.is_empty());
        match has_items {
            true => say(Weight::Error, "spec.data cannot stand beside encryptedData".to_owned()),
            false => say(Weight::Warning, "spec.data is the form of before 2018".to_owned()),
        }
    }
    if !spec["encryptedData"].is_null() && !spec["encryptedData"].is_object() {
        say(Weight::Error, "spec.encryptedData is no map".to_owned());
    }
    let template_data = spec["template"]["data"].as_object();
    if facts.items.is_empty() && template_data.is_none_or(serde_json::Map::is_empty) {
        say(Weight::Warning, "nothing is in it".to_owned());
    }
    for (key, text) in template_data.into_iter().flatten() {
        if !is_key_name(key) {
            say(Weight::Error, format!("spec.template.data.{key}: no Secret can have such a key"));
        }
        if let Some(Err(error)) = text.as_str().map(|text| check_template(key, text)) {
            say(Weight::Error, error.to_string());
        }
    }
    for field in spec.as_object().into_iter().flatten().map(|(field, _)| field) {
        if !FIELDS.contains(&field.as_str()) {
            say(
                Weight::Warning,
                format!("spec.{field} is no field of a SealedSecret, and is dropped"),
            );
        }
    }
    let mut total = 0;
    for item in &facts.items {
        let name = &item.name;
        if !facts.is_deprecated && !is_key_name(name) {
            say(Weight::Error, format!("{name}: no Secret can have such a key"));
        }
        match item.value {
            Err(broken) => say(Weight::Error, format!("{name}: {broken}")),
            Ok(sealed) if !KEY_BITS.contains(&sealed.key_bits) => say(
                Weight::Error,
                format!(
                    "{name}: sealed with a key of {} bits, which no controller has",
                    sealed.key_bits
                ),
            ),
            Ok(sealed) => total += sealed.bytes,
        }
    }
    if total > MAX_SECRET {
        say(Weight::Error, format!("its values come to {total} bytes, of at most {MAX_SECRET}"));
    }
    let whole = object.to_string().len();
    if whole > MAX_OBJECT {
        say(Weight::Error, format!("it has {whole} bytes, and etcd takes {MAX_OBJECT}"));
    }
}

/// Keys that the type of the Secret asks for.
fn required(facts: &Facts, object: &Value, say: &mut impl FnMut(Weight, String)) {
    let template = &object["spec"]["template"];
    let Some(type_) = template["type"].as_str().filter(|_| !facts.is_deprecated) else { return };
    let has = |key: &str| {
        let is_item = facts.items.iter().any(|item| item.name == key);
        is_item || !template["data"][key].is_null()
    };
    for what in secret_type::missing(type_, has) {
        say(Weight::Error, what);
    }
}
