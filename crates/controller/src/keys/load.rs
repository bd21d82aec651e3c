//! Key Secrets → keys.

use std::collections::HashMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Secret;
use kube::api::ListParams;
use kube::{Api, ResourceExt};
use sealwright_api::annotations::{KEY_ACTIVE, KEY_LABEL};
use sealwright_crypto::SealingKey;
use sealwright_sealing::read_key;
use tracing::warn;

use crate::args::KeyOrder;
use crate::error::Error;

/// Reads key Secrets, each once: parsing a private key costs as much as a decryption.
pub(super) struct Loader {
    prefix: String,
    order: KeyOrder,
    /// Keys, or what is wrong with them, by UID and resourceVersion of their Secret.
    read: HashMap<(String, String), Result<Arc<SealingKey>, String>>,
}

impl Loader {
    pub(super) fn new(prefix: String, order: KeyOrder) -> Self {
        Self { prefix, order, read: HashMap::new() }
    }

    /// Every key that can be read; a Secret that cannot is told in the log once and passed over,
    /// since one broken key must not keep the others from opening.
    pub(super) async fn load(
        &mut self,
        secrets: &Api<Secret>,
    ) -> Result<Vec<Arc<SealingKey>>, Error> {
        let active = ListParams::default().labels(&format!("{KEY_LABEL}={KEY_ACTIVE}"));
        let found = secrets.list(&active).await.map_err(Error::api("list the key Secrets"))?;
        let found = found.items.into_iter().chain(legacy(secrets, &self.prefix).await?);
        let mut known = std::mem::take(&mut self.read);
        for secret in found {
            let id =
                (secret.uid().unwrap_or_default(), secret.resource_version().unwrap_or_default());
            let key = known.remove(&id).unwrap_or_else(|| {
                let key = read(&secret, self.order).map(Arc::new);
                if let Err(reason) = &key {
                    warn!("key Secret {} is passed over: {reason}", secret.name_any());
                }
                key
            });
            self.read.insert(id, key);
        }
        Ok(self.read.values().filter_map(|key| key.as_ref().ok().cloned()).collect())
    }
}

/// The Secret in which the first versions kept their only key: named like the prefix, unlabelled.
async fn legacy(secrets: &Api<Secret>, prefix: &str) -> Result<Option<Secret>, Error> {
    let secret = match secrets.get_opt(prefix).await {
        Ok(secret) => secret,
        // Upstream's namespaced mode lets the controller list its Secrets but get only this one,
        // under another name when the chart was told so.
        Err(kube::Error::Api(status)) if status.code == 403 => None,
        Err(error) => return Err(Error::api("get the legacy key Secret")(error)),
    };
    Ok(secret.filter(|secret| !secret.labels().contains_key(KEY_LABEL)))
}

/// The key, as old as `order` says.
pub(super) fn read(secret: &Secret, order: KeyOrder) -> Result<SealingKey, String> {
    let key = read_key(secret)?;
    Ok(match order {
        KeyOrder::CertNotBefore => key,
        KeyOrder::SecretCreationTimestamp => {
            let created = secret.metadata.creation_timestamp.as_ref();
            SealingKey { born: created.map_or(0, |time| time.0.as_second()), ..key }
        }
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
    use sealwright_crypto::{KeySize, Keyring};
    use sealwright_sealing::{succeed, write_key};

    use super::*;

    #[test]
    fn the_order_says_what_age_is() {
        let key = succeed(&Keyring::default(), KeySize::Rsa2048, "", 100, 10).unwrap();
        let mut secret = write_key(&key);
        secret.metadata.creation_timestamp = Some(Time(Timestamp::from_second(7).unwrap()));
        assert_eq!(read(&secret, KeyOrder::SecretCreationTimestamp).unwrap().born, 7);
        assert_ne!(read(&secret, KeyOrder::CertNotBefore).unwrap().born, 7);
    }
}
