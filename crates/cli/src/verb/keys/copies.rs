//! Key Secrets in a backup: what of them is worth keeping, and reading them again.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sealwright_crypto::{Keyring, Plaintext, SealingKey};
use sealwright_sealing::OpenSecret;
use serde_json::Value;

use super::stored::Stored;
use crate::error::{Error, Result, say};
use crate::manifest::{self, Document};
use crate::yaml;

/// What kubectl remembers of a Secret that was applied, its values included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A key of a backup.
pub(super) struct KeyCopy {
    pub(super) secret: Secret,
    pub(super) key: Arc<SealingKey>,
    /// Whether it is in use once it is restored.
    pub(super) is_active: bool,
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

/// What stands in a backup.
pub(super) struct Contents {
    pub(super) copies: Vec<KeyCopy>,
    /// Key Secrets that hold no key, such as were in the cluster, and what is wrong with them.
    pub(super) broken: Vec<Broken>,
}

/// A key Secret that holds no key.
pub(super) struct Broken {
    pub(super) place: String,
    pub(super) reason: String,
    /// Whether somebody counts on it.
    pub(super) is_active: bool,
}

/// The keys of a backup, the oldest first, and of one that is there twice the copy in use first. The key of
/// the first versions has no label, and is named `prefix`.
///
/// # Errors
/// Which Secret is no key Secret; and when no key can be read.
pub(super) fn read(backup: &Plaintext, prefix: &str) -> Result<Contents> {
    let text = std::str::from_utf8(backup.expose())
        .map_err(|_| Error::new("the backup is no text").hint(FORMS))?;
    let documents = manifest::secrets_of(text).map_err(|error| error.about("the backup"))?;
    let mut contents = Contents { copies: Vec::new(), broken: Vec::new() };
    for Document { place, value } in documents {
        let place = format!("the backup, {place}");
        let stored = stored(value, prefix)
            .map_err(|reason| Error::new(format!("{place}: {reason}")).hint(FORMS))?;
        let is_active = stored.is_active();
        match stored.key {
            Ok(key) => contents.copies.push(KeyCopy { secret: stored.secret, key, is_active }),
            Err(reason) => contents.broken.push(Broken { place, reason, is_active }),
        }
    }
    if contents.copies.is_empty() {
        return Err(match contents.broken.first() {
            Some(Broken { place, reason, .. }) => Error::new(format!("{place}: {reason}")),
            None => Error::new("there is no key in the backup"),
        }
        .hint(FORMS));
    }
    contents.copies.sort_by_key(|copy| (copy.key.born, !copy.is_active));
    Ok(contents)
}

impl Contents {
    /// Says what is passed over, and whether any of it was in use.
    pub(super) fn say_what_is_broken(&self) -> bool {
        for Broken { place, reason, is_active } in &self.broken {
            let state = if *is_active { "" } else { ", which is retired," };
            say(format_args!("warning: {place}{state} holds no key and is passed over: {reason}"));
        }
        self.broken.iter().any(|broken| broken.is_active)
    }

    /// The keys that open once they are restored.
    pub(super) fn active(&self) -> Keyring {
        let active = self.copies.iter().filter(|copy| copy.is_active);
        Keyring::new(active.map(|copy| copy.key.clone()))
    }

    /// All of them.
    pub(super) fn all(&self) -> Keyring {
        Keyring::new(self.copies.iter().map(|copy| copy.key.clone()))
    }
}

const FORMS: &str = "a backup holds Secrets labelled sealedsecrets.bitnami.com/sealed-secrets-key, \
                     as kubeseal keys backup and kubectl get secret -o yaml write them";

fn stored(value: Value, prefix: &str) -> Result<Stored, String> {
    // Reads stringData too, and says of a field that it is wrong, never what is in it.
    let open = OpenSecret::from_json(value).map_err(|error| error.to_string())?;
    let secret: Secret =
        serde_json::from_value(open.to_json()).map_err(|_| "a field has the wrong type")?;
    let stored = Stored::of(secret);
    // Anything else, such as the key of a web server, would open and seal once it were restored.
    if stored.is_labelled() || stored.name() == prefix {
        Ok(stored)
    } else {
        Err("it is not labelled as a key".to_owned())
    }
}
