//! Secret → SealedSecret.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sealwright_api::annotations::{CLUSTER_WIDE, NAMESPACE_WIDE};
use sealwright_api::{Scope, SealedSecret, SealedSecretSpec, SecretTemplate};
use sealwright_crypto::PublicKey;

use crate::base64::encode_base64;
use crate::scrub::scrubbed;
use crate::{OpenSecret, SealError, label};

/// Seals every value of `secret` for its name, namespace and scope, which its annotations give.
///
/// What the Secret is besides its values goes into the template, scrubbed of a server's fields.
///
/// # Errors
/// When the name is missing, or the namespace where the scope needs one, or a key is one that no
/// Secret can have.
pub fn seal(secret: &OpenSecret, key: &PublicKey) -> Result<SealedSecret, SealError> {
    let scope = Scope::of(secret.metadata.annotations.as_ref());
    let name = secret.metadata.name.clone().filter(|name| !name.is_empty());
    let name = name.ok_or(SealError::NoName)?;
    let namespace = secret.metadata.namespace.clone().filter(|namespace| !namespace.is_empty());
    if namespace.is_none() && scope != Scope::ClusterWide {
        return Err(SealError::NoNamespace { name, scope });
    }
    if let Some(key) = secret.data.keys().find(|key| !is_key_name(key)) {
        return Err(SealError::KeyName { key: key.clone() });
    }

    let label = label(scope, namespace.as_deref().unwrap_or_default(), &name);
    let encrypted_data = secret.data.iter().map(|(item, value)| {
        let sealed = sealwright_crypto::seal(key, label.as_bytes(), value);
        (item.clone(), encode_base64(&sealed))
    });
    let spec = SealedSecretSpec {
        encrypted_data: encrypted_data.collect(),
        template: Some(template(secret)),
        ..SealedSecretSpec::default()
    };
    let annotations = scope.annotation().map(|name| (name.to_owned(), "true".to_owned()));
    let metadata = ObjectMeta {
        name: Some(name),
        namespace,
        annotations: annotations.map(|annotation| BTreeMap::from([annotation])),
        ..ObjectMeta::default()
    };
    Ok(SealedSecret { metadata, spec, status: None })
}

/// Makes `scope` the scope of an object, whatever its annotations said before.
pub fn set_scope(metadata: &mut ObjectMeta, scope: Scope) {
    let annotations = metadata.annotations.get_or_insert_default();
    annotations.remove(CLUSTER_WIDE);
    annotations.remove(NAMESPACE_WIDE);
    annotations.extend(scope.annotation().map(|name| (name.to_owned(), "true".to_owned())));
}

fn template(secret: &OpenSecret) -> SecretTemplate {
    let metadata = serde_json::to_value(scrubbed(&secret.metadata)).expect("metadata is JSON");
    SecretTemplate {
        metadata: metadata.as_object().cloned(),
        type_: secret.type_.clone(),
        immutable: secret.immutable,
        data: None,
    }
}

/// Whether a Secret can have such a key: Kubernetes' rule for Secrets and ConfigMaps (`IsConfigMapKey`).
pub fn is_key_name(key: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !key.is_empty()
        && key.len() <= 253
        && key != "."
        && !key.starts_with("..")
        && key.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_names_follow_kubernetes() {
        for key in ["a", ".env", "tls.crt", "A-b_c.9", &"k".repeat(253)] {
            assert!(is_key_name(key), "{key}");
        }
        for key in ["", ".", "..", "..a", "a/b", "a b", "ü", "a\n", &"k".repeat(254)] {
            assert!(!is_key_name(key), "{key:?}");
        }
    }
}
