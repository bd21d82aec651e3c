//! What the API server takes for names (`k8s.io/apimachinery/pkg/util/validation`).

/// RFC 1123 §2.1, lower case, as `IsDNS1123Label` has it.
pub(super) fn is_label(text: &str) -> bool {
    let is_inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    text.len() <= 63 && is_of(text, is_inner)
}

/// Labels with dots between them (`IsDNS1123Subdomain`); Kubernetes lets them be longer than 63.
pub(super) fn is_subdomain(text: &str) -> bool {
    let is_inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    text.len() <= 253 && text.split('.').all(|part| is_of(part, is_inner))
}

/// The name of a label or annotation, and a label's value (`IsValidLabelValue`).
pub(super) fn is_name(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.len() <= 63 && is_of(text, is_inner)
}

/// A name, with or without a domain and a slash in front of it (`IsQualifiedName`).
pub(super) fn is_qualified(key: &str) -> bool {
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
}
