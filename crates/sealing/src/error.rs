//! What can go wrong. Errors name keys, fields and positions, never values.

use std::fmt;

use sealwright_api::Scope;
use sealwright_crypto::Fingerprint;
use sealwright_template::TemplateError;

/// Why a manifest is no Secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// A value of `data` does not decode.
    #[error("data: the value of {key:?} is not base64")]
    NotBase64 {
        /// Key of the value.
        key: String,
    },
    /// A value of `stringData` is a map, a list, a number or a boolean.
    #[error("stringData: the value of {key:?} is not a string")]
    NotAString {
        /// Key of the value.
        key: String,
    },
    /// A field does not have the type that the Kubernetes API gives it.
    #[error("{field} has the wrong type")]
    WrongType {
        /// Name of the field.
        field: &'static str,
    },
}

/// Why a Secret was not sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No name to seal for.
    #[error("missing metadata.name in input Secret")]
    NoName,
    /// No namespace, and the scope wants one.
    #[error("missing metadata.namespace in input Secret {name:?}, which scope {scope} needs")]
    NoNamespace {
        /// Name of the Secret.
        name: String,
        /// Its scope.
        scope: Scope,
    },
    /// A key that the API server would refuse.
    #[error("a Secret cannot have the key {key:?}: letters, digits, '-', '_' and '.' only")]
    KeyName {
        /// The key.
        key: String,
    },
}

/// Why one item of a SealedSecret was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    /// The value is not base64.
    #[error("not base64")]
    NotBase64,
    /// The value is too short.
    #[error("cut short")]
    CutShort,
    /// No key opens it. Upstream's words come first, since people's tools look for them.
    #[error("no key could decrypt secret{}", because(.0.as_ref()))]
    Refused(Option<Diagnosis>),
    /// The template of this key cannot be rendered.
    #[error("{0}")]
    Template(TemplateError),
}

/// Why no key opens an item, as far as it can be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// A key that is here opens its session key for another label.
    SealedFor {
        /// The scope it was sealed with.
        scope: Scope,
        /// The namespace it was sealed for; none for a cluster-wide one.
        namespace: Option<String>,
        /// The name it was sealed for; for strict ones only.
        name: Option<String>,
    },
    /// The session key opens, but the value was changed since.
    Corrupt,
    /// None of that.
    UnknownKey,
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SealedFor { scope, namespace: Some(namespace), name: Some(name) } => {
                write!(f, "sealed for {namespace}/{name} (scope {scope})")
            }
            Self::SealedFor { scope, namespace: Some(namespace), .. } => {
                write!(f, "sealed for namespace {namespace} (scope {scope})")
            }
            Self::SealedFor { scope, .. } => write!(f, "sealed with scope {scope}"),
            Self::Corrupt => f.write_str("corrupt, the value was changed after sealing"),
            Self::UnknownKey => f.write_str(
                "sealed with a key that is not here, or for another name, namespace or scope",
            ),
        }
    }
}

fn because(diagnosis: Option<&Diagnosis>) -> String {
    diagnosis.map(|diagnosis| format!(": {diagnosis}")).unwrap_or_default()
}

/// Why a SealedSecret was not unsealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnsealError {
    /// A field has a type that the resource does not allow.
    #[error("malformed SealedSecret: {0}")]
    Malformed(String),
    /// `data` is there, and the administrator turned it off.
    #[error("the deprecated field 'data' is not accepted here, use 'encryptedData'")]
    DeprecatedData,
    /// `data` stands beside `encryptedData`.
    #[error("'encryptedData' and the deprecated field 'data' cannot both be used")]
    BothDataFields,
    /// Items that failed: all of them, by key.
    #[error("{}", listed(&.0.failed))]
    Items(ItemErrors),
}

/// Items that failed, and what is known all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemErrors {
    /// All of them, by key.
    pub failed: Vec<(String, ItemError)>,
    /// The sealing keys that opened the others: they are needed, whatever became of these.
    pub keys: Vec<Fingerprint>,
}

impl UnsealError {
    /// Whether a key that arrives could change it.
    pub fn wants_a_key(&self) -> bool {
        let Self::Items(items) = self else { return false };
        items.failed.iter().any(|(_, error)| matches!(error, ItemError::Refused(_)))
    }
}

/// Why a SealedSecret is not known to open; says nothing that would help to guess its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It cannot be read, whatever the keys.
    #[error("malformed SealedSecret")]
    Malformed,
    /// No key opens all of it.
    #[error("no key could decrypt secret")]
    Refused,
}

/// `reason (key, key); reason (key)`: each reason once, with the keys it holds for. A template's names
/// its key itself.
fn listed(items: &[(String, ItemError)]) -> String {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for (key, error) in items {
        let reason = error.to_string();
        let key = (!matches!(error, ItemError::Template(_))).then_some(key.as_str());
        match groups.iter_mut().find(|group| group.0 == reason) {
            Some(group) => group.1.extend(key),
            None => groups.push((reason, key.into_iter().collect())),
        }
    }
    let groups = groups.into_iter().map(|(reason, keys)| match &keys[..] {
        [] => reason,
        keys => format!("{reason} ({})", keys.join(", ")),
    });
    groups.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use sealwright_template::Template;

    use super::*;

    #[test]
    fn every_failing_key_is_named_with_its_reason() {
        let item = |key: &str, error| (key.to_owned(), error);
        let failed = vec![
            item("a", ItemError::Refused(None)),
            item("b", ItemError::NotBase64),
            item("c", ItemError::Refused(None)),
        ];
        let error = UnsealError::Items(ItemErrors { failed, keys: Vec::new() });
        assert_eq!(error.to_string(), "no key could decrypt secret (a, c); not base64 (b)");
    }

    #[test]
    fn a_template_is_named_once() {
        let failed = ["a", "b"].map(|key| {
            let error = Template::parse(key, "{{ nope }}").err().unwrap();
            (key.to_owned(), ItemError::Template(error))
        });
        let error = UnsealError::Items(ItemErrors { failed: failed.into(), keys: Vec::new() });
        let told = "template a, line 1, column 4: function \"nope\" not defined; \
                    template b, line 1, column 4: function \"nope\" not defined";
        assert_eq!(error.to_string(), told);
    }
}
