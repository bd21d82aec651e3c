//! Key Secrets in a backup: what of them is worth keeping, and reading them again.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sealwright_api::annotations::KEY_LABEL;
use sealwright_crypto::{Keyring, Plaintext, SealingKey};
use sealwright_sealing::OpenSecret;
use serde_json::Value;

use super::stored::{LEGACY, Stored};
use crate::error::{Error, Result};
use crate::manifest;
use crate::yaml;

/// What kubectl remembers of a Secret that was applied, its values included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A key of a backup.
pub(super) struct Copy {
    pub(super) secret: Secret,
    pub(super) key: Arc<SealingKey>,
}

/// The key Secrets as YAML that kubectl takes too, under a heading for whoever opens it one day.
pub(super) fn text(stored: &[Stored], heading: &str) -> Plaintext {
    let mut text = String::new();
    for line in heading.lines() {
        text.push_str(&format!("# {line}\n"));
    }
    for stored in stored {
        text.push_str("---\n");
        text.push_str(&yaml::write(&kept(&stored.secret)));
    }
    Plaintext::new(text.into_bytes())
}

/// A key Secret without what only the cluster that it is in has use for.
pub(super) fn kept(secret: &Secret) -> Value {
    let metadata = &secret.metadata;
    let mut annotations = metadata.annotations.clone().unwrap_or_default();
    annotations.remove(LAST_APPLIED);
    let kept = Secret {
        metadata: ObjectMeta {
            name: metadata.name.clone(),
            namespace: metadata.namespace.clone(),
            labels: metadata.labels.clone(),
            annotations: (!annotations.is_empty()).then_some(annotations),
            ..ObjectMeta::default()
        },
        ..secret.clone()
    };
    serde_json::to_value(kept).expect("a Secret is JSON")
}

/// The keys of a backup: all of them, or none.
///
/// # Errors
/// Which Secret is none that can be restored.
pub(super) fn read(backup: &Plaintext) -> Result<Vec<Copy>> {
    let text = std::str::from_utf8(backup.expose())
        .map_err(|_| Error::new("the backup is no text").hint(FORMS))?;
    let documents = manifest::secrets_of(text).map_err(|error| error.about("the backup"))?;
    let copies = documents.into_iter().map(|document| {
        copy(document.value).map_err(|reason| {
            Error::new(format!("the backup, {}: {reason}", document.place)).hint(FORMS)
        })
    });
    let copies = copies.collect::<Result<Vec<_>>>()?;
    if copies.is_empty() {
        return Err(Error::new("there is no key in the backup").hint(FORMS));
    }
    Ok(copies)
}

const FORMS: &str = "a backup holds Secrets labelled sealedsecrets.bitnami.com/sealed-secrets-key, \
                     as kubeseal keys backup and kubectl get secret -o yaml write them";

fn copy(value: Value) -> Result<Copy, String> {
    // Reads stringData too, and says of a field that it is wrong, never what is in it.
    let open = OpenSecret::from_json(value).map_err(|error| error.to_string())?;
    let secret: Secret =
        serde_json::from_value(open.to_json()).map_err(|_| "a field has the wrong type")?;
    let stored = Stored::of(secret);
    let labels = stored.secret.metadata.labels.as_ref();
    if !labels.is_some_and(|labels| labels.contains_key(KEY_LABEL)) && stored.name() != LEGACY {
        return Err("it is not labelled as a key".to_owned());
    }
    let key = stored.key?;
    Ok(Copy { secret: stored.secret, key })
}

/// All keys of a backup, retired ones too: what counts is whether anything opens.
pub(super) fn keyring(copies: &[Copy]) -> Keyring {
    Keyring::new(copies.iter().map(|copy| copy.key.clone()))
}
