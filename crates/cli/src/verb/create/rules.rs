//! What the API server asks of a Secret's metadata (`ValidateObjectMeta`), before it gets there.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::error::{Error, Result};
use crate::table::printable;

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

/// RFC 1123 §2.1, lower case, as `IsDNS1123Label` has it.
fn is_label(text: &str) -> bool {
    let is_inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    text.len() <= 63 && is_of(text, is_inner)
}

/// Labels with dots between them (`IsDNS1123Subdomain`); Kubernetes lets them be longer than 63.
fn is_subdomain(text: &str) -> bool {
    let is_inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    text.len() <= 253 && text.split('.').all(|part| is_of(part, is_inner))
}

/// The name of a label or annotation, and a label's value (`IsValidLabelValue`).
fn is_name(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.len() <= 63 && is_of(text, is_inner)
}

/// A name, with or without a domain and a slash in front of it (`IsQualifiedName`).
fn is_qualified(key: &str) -> bool {
    match key.split_once('/') {
        Some((domain, name)) => is_subdomain(domain) && is_name(name),
        None => is_name(key),
    }
}

/// Some such bytes, a letter or digit first and last.
fn is_of(text: &str, is_inner: impl Fn(u8) -> bool) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    is_end(bytes.first()) && is_end(bytes.last()) && bytes.iter().all(|byte| is_inner(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_kubernetes() {
        let long = |length: usize| "a".repeat(length);
        for name in ["a", "0", "a-b.c", "a--b", &long(253)] {
            assert!(is_subdomain(name), "{name}");
        }
        for name in ["", "A", "-a", "a-", "a.", ".a", "a..b", "a.-b", "a_b", "ü", "a\n", &long(254)]
        {
            assert!(!is_subdomain(name), "{name:?}");
        }
        assert!(is_label(&long(63)) && !is_label(&long(64)) && !is_label("a.b"));
    }

    #[test]
    fn keys_of_labels_are_those_of_kubernetes() {
        let long = |length: usize| "a".repeat(length);
        for key in ["a", "A_b.c-9", "example.com/a", &format!("{}/{}", long(253), long(63))] {
            assert!(is_qualified(key), "{key}");
        }
        for key in ["", "/", "a/", "/a", "a/b/c", "-a", "a_", "A.b/c", "a b", &long(64)] {
            assert!(!is_qualified(key), "{key:?}");
        }
    }

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
