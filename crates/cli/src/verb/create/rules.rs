//! What the API server asks of a Secret's metadata (`ValidateObjectMeta`), before it gets there.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::error::{Error, Result};
use crate::table::printable;
use crate::verb::names::{is_label, is_name, is_qualified, is_subdomain};

/// All annotations together, keys included (`TotalAnnotationSizeLimitB`), in bytes.
const MAX_ANNOTATIONS: usize = 256 * 1024;

/// `KEY=VALUE` of flags that are repeated, such as `--label`.
///
/// # Errors
/// When the `=` is missing, or a key is given twice.
pub(super) fn pairs(flag: &str, words: &[String]) -> Result<Option<BTreeMap<String, String>>> {
    let mut pairs = BTreeMap::new();
    for word in words {
        let Some((key, value)) = word.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Error::usage(format!("--{flag} takes KEY=VALUE")));
        };
        if pairs.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(Error::usage(format!("--{flag}: {} is given twice", shown(key))));
        }
    }
    Ok(Some(pairs).filter(|pairs| !pairs.is_empty()))
}

/// Checks name, namespace, labels and annotations.
///
/// # Errors
/// For the first that would be refused.
pub(super) fn check(metadata: &ObjectMeta) -> Result<()> {
    let name = metadata.name.as_deref().unwrap_or_default();
    if !is_subdomain(name) {
        return Err(refused(
            format!("{}: no Secret can have such a name", shown(name)),
            "lower case letters, digits, '-' and '.' only, 253 at most, first and last no sign",
        ));
    }
    let namespace = metadata.namespace.as_deref().filter(|namespace| !is_label(namespace));
    if let Some(namespace) = namespace {
        return Err(refused(
            format!("{}: no namespace can have such a name", shown(namespace)),
            "lower case letters, digits and '-' only, 63 at most, first and last no sign",
        ));
    }
    labels(metadata)?;
    annotations(metadata)
}

fn labels(metadata: &ObjectMeta) -> Result<()> {
    for (key, value) in metadata.labels.iter().flatten() {
        if !is_qualified(key) {
            return Err(bad_key("label", key));
        }
        if !(value.is_empty() || is_name(value)) {
            return Err(refused(
                format!("label {key}: no label can have the value {}", shown(value)),
                "letters, digits, '-', '_' and '.' only, 63 at most, first and last no sign",
            ));
        }
    }
    Ok(())
}

fn annotations(metadata: &ObjectMeta) -> Result<()> {
    let all = || metadata.annotations.iter().flatten();
    if let Some((key, _)) = all().find(|(key, _)| !is_qualified(&key.to_lowercase())) {
        return Err(bad_key("annotation", key));
    }
    let size: usize = all().map(|(key, value)| key.len() + value.len()).sum();
    if size > MAX_ANNOTATIONS {
        return Err(refused(
            format!("the annotations come to {size} bytes, of at most {MAX_ANNOTATIONS}"),
            "what is long goes into a value",
        ));
    }
    Ok(())
}

fn bad_key(what: &str, key: &str) -> Error {
    refused(
        format!("{}: no {what} can have such a key", shown(key)),
        "a name of letters, digits, '-', '_' and '.', 63 at most, may have a domain and a / in front",
    )
}

fn refused(message: String, hint: &str) -> Error {
    Error::usage(message).hint(hint)
}

/// As much of it as a terminal should show.
fn shown(text: &str) -> String {
    const LONG: usize = 80;
    let start: String = text.chars().take(LONG).collect();
    let rest = if start.len() < text.len() { "…" } else { "" };
    printable(format!("\"{start}\"{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_have_room_for_256_kib_keys_included() {
        let with = |length: usize| ObjectMeta {
            name: Some("n".to_owned()),
            annotations: Some([("Key".to_owned(), "v".repeat(length))].into()),
            ..ObjectMeta::default()
        };
        assert!(check(&with(MAX_ANNOTATIONS - 3)).is_ok());
        assert!(check(&with(MAX_ANNOTATIONS - 2)).is_err());
    }
}
