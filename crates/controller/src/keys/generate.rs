//! A new key, stored before it is used.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{ListParams, PostParams};
use sealwright_crypto::{Fingerprint, KeySize, Keyring, SealingKey};
use sealwright_sealing::{is_active, read_key, succeed, write_key};
use sha2::{Digest, Sha256};

use crate::args::Args;
use crate::error::Error;

/// Names tried when a key that is retired or cannot be read has the one that would follow.
const ATTEMPTS: u32 = 16;

/// What new keys are like.
#[derive(Clone)]
pub(super) struct Recipe {
    prefix: String,
    /// What tells the cluster from others: see [`super::mark_of_cluster`].
    cluster: String,
    size: KeySize,
    ttl: i64,
    common_name: String,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

impl Recipe {
    pub(super) fn new(args: &Args, cluster: &str) -> Self {
        Self {
            prefix: args.key_prefix.clone(),
            cluster: cluster.to_owned(),
            size: args.key_size,
            ttl: i64::try_from(args.key_ttl.as_secs()).unwrap_or(i64::MAX),
            common_name: args.my_cn.clone(),
            labels: args.privatekey_labels.0.clone(),
            annotations: args.privatekey_annotations.0.clone(),
        }
    }

    pub(super) fn bits(&self) -> usize {
        self.size.bits()
    }

    /// The prefix and five characters, as upstream's names are. Each cluster has others, so that the
    /// keys of one can be restored in another beside its own.
    fn name(&self, before: Option<Fingerprint>, attempt: u32) -> String {
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz2345678";
        let before = before.map(|key| key.to_string()).unwrap_or_default();
        let hash = Sha256::digest(format!("{} {before} {attempt}", self.cluster));
        let letters = hash.iter().take(5).map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
        self.prefix.chars().chain(letters).collect()
    }

    fn secret(&self, name: String, key: &SealingKey) -> Secret {
        let mut secret = write_key(key);
        secret.metadata.name = Some(name);
        // As upstream writes it; beside a name it does nothing.
        secret.metadata.generate_name = Some(self.prefix.clone());
        // What makes it a key Secret counts, whatever labels were asked for beside it.
        let (labels, annotations) = (secret.metadata.labels, secret.metadata.annotations);
        let beside = |asked: &BTreeMap<_, _>, ours: Option<BTreeMap<_, _>>| {
            asked.clone().into_iter().chain(ours.unwrap_or_default()).collect()
        };
        secret.metadata.labels = Some(beside(&self.labels, labels));
        secret.metadata.annotations = Some(beside(&self.annotations, annotations));
        secret
    }
}

/// Makes the key that follows the newest and stores it as a Secret of upstream's form.
///
/// The Secret's name follows from the key before it, so that of two replicas that find a key due
/// only one can make it: to the other, the API server says that it is there, and `None` is what
/// comes of it.
pub(super) async fn generate(
    secrets: &Api<Secret>,
    recipe: &Recipe,
    keyring: Arc<Keyring>,
) -> Result<Option<Secret>, Error> {
    let before = keyring.newest().map(|key| key.fingerprint());
    let key = make(recipe.clone(), keyring.clone()).await?;
    for attempt in 0..ATTEMPTS {
        let name = recipe.name(before, attempt);
        let secret = recipe.secret(name.clone(), &key);
        match secrets.create(&PostParams::default(), &secret).await {
            Ok(secret) => return Ok(Some(secret)),
            Err(kube::Error::Api(status)) if status.is_already_exists() => {
                // One that was known when the need was judged is no answer to it.
                if key_of(secrets, &name).await?.is_some_and(|key| !keyring.contains(key)) {
                    return Ok(None);
                }
            }
            Err(error) => return Err(Error::api("store the new key")(error)),
        }
    }
    Err(Error::NoKeyName)
}

/// Making a key takes seconds, in which others are served.
async fn make(recipe: Recipe, keyring: Arc<Keyring>) -> Result<SealingKey, Error> {
    let made = tokio::task::spawn_blocking(move || {
        let now = Timestamp::now().as_second();
        succeed(&keyring, recipe.size, &recipe.common_name, now, recipe.ttl)
    });
    made.await.map_err(Error::of_task)?.map_err(Error::Certificate)
}

/// The key in the Secret that has the name, if it is neither retired nor unreadable. Listing is a
/// right that upstream's namespaced mode grants; getting is not.
async fn key_of(secrets: &Api<Secret>, name: &str) -> Result<Option<Fingerprint>, Error> {
    let named = ListParams::default().fields(&format!("metadata.name={name}"));
    let found = secrets.list(&named).await.map_err(Error::api("look for the new key"))?;
    let key = found.iter().find(|secret| is_active(secret)).map(read_key);
    Ok(key.and_then(|key| Some(key.ok()?.fingerprint())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(cluster: &str) -> Recipe {
        Recipe {
            prefix: "sealed-secrets-key".to_owned(),
            cluster: cluster.to_owned(),
            size: KeySize::Rsa2048,
            ttl: 1,
            common_name: String::new(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
        }
    }

    #[test]
    fn names_follow_from_the_cluster_and_the_key_before() {
        let first = recipe("one").name(None, 0);
        assert_eq!(first, recipe("one").name(None, 0));
        assert_eq!(first.len(), "sealed-secrets-key".len() + 5);
        assert_ne!(first, recipe("other").name(None, 0));
        let fingerprint = Fingerprint::parse("SHA256:o8epf0j8opmrGDGMtxbsvKPDXcRssILd442wzGtBHBA");
        let second = recipe("one").name(fingerprint, 0);
        assert_ne!(first, second);
        assert_ne!(second, recipe("other").name(fingerprint, 0));
        assert_ne!(second, recipe("one").name(fingerprint, 1));
        assert!(second.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
    }
}
