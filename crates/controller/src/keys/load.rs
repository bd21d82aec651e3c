//! Key Secrets → keys.

use k8s_openapi::api::core::v1::Secret;
use kube::api::ListParams;
use kube::{Api, ResourceExt};
use sealwright_api::annotations::{KEY_ACTIVE, KEY_LABEL};
use sealwright_crypto::{Certificate, PrivateKey, SealingKey};
use tracing::warn;

use crate::error::Error;

/// Every key that can be read; a Secret that cannot is told in the log and passed over, since one
/// broken key must not keep the others from opening.
pub(super) async fn load(secrets: &Api<Secret>, prefix: &str) -> Result<Vec<SealingKey>, Error> {
    let active = ListParams::default().labels(&format!("{KEY_LABEL}={KEY_ACTIVE}"));
    let mut found = secrets.list(&active).await.map_err(Error::api("list the key Secrets"))?.items;
    found.extend(legacy(secrets, prefix).await?);
    let mut keys = Vec::with_capacity(found.len());
    for secret in found {
        match read(&secret) {
            Ok(key) => keys.push(key),
            Err(reason) => warn!("key Secret {} is passed over: {reason}", secret.name_any()),
        }
    }
    Ok(keys)
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

/// `tls.key` and the first certificate of `tls.crt`.
fn read(secret: &Secret) -> Result<SealingKey, String> {
    let text = |key: &str| {
        let value = secret.data.iter().flatten().find(|(name, _)| *name == key);
        let (_, value) = value.ok_or_else(|| format!("there is no {key}"))?;
        std::str::from_utf8(&value.0).map_err(|_| format!("{key} is not PEM"))
    };
    let private =
        PrivateKey::from_pem(text("tls.key")?).map_err(|error| format!("tls.key: {error}"))?;
    let certificate =
        Certificate::from_pem(text("tls.crt")?).map_err(|error| format!("tls.crt: {error}"))?;
    if certificate.fingerprint() != private.public().fingerprint() {
        return Err("tls.crt does not belong to tls.key".to_owned());
    }
    let born = certificate.validity().not_before;
    Ok(SealingKey { private, certificate: Some(certificate), born })
}

#[cfg(test)]
mod tests {
    use k8s_openapi::ByteString;

    use super::*;

    fn vector(index: usize) -> (String, String) {
        let vectors = include_str!("../../../crypto/tests/vectors/v1.json");
        let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
        let text = |field| vectors["keys"][index][field].as_str().unwrap().to_owned();
        (text("private_key_pem"), text("certificate_pem"))
    }

    fn secret(items: &[(&str, &str)]) -> Secret {
        let data = items.iter().map(|(k, v)| ((*k).to_owned(), ByteString(v.as_bytes().to_vec())));
        Secret { data: Some(data.collect()), ..Secret::default() }
    }

    #[test]
    fn the_first_certificate_of_a_chain_counts() {
        let ((key, certificate), (_, other)) = (vector(0), vector(1));
        let chain = format!("{certificate}{other}");
        let read = read(&secret(&[("tls.key", &key), ("tls.crt", &chain)])).unwrap();
        assert_eq!(read.born, read.certificate.unwrap().validity().not_before);
    }

    #[test]
    fn a_secret_that_holds_no_usable_key_says_why() {
        let ((key, certificate), (_, other)) = (vector(0), vector(1));
        for (items, reason) in [
            (&[][..], "there is no tls.key"),
            (&[("tls.key", key.as_str())], "there is no tls.crt"),
            (&[("tls.key", "garbage"), ("tls.crt", &certificate)], "tls.key: no private key"),
            (&[("tls.key", &key), ("tls.crt", "garbage")], "tls.crt: no certificate"),
            (&[("tls.key", &key), ("tls.crt", &other)], "tls.crt does not belong to tls.key"),
        ] {
            let refused = read(&secret(items)).unwrap_err();
            assert!(refused.starts_with(reason), "{refused}");
        }
    }
}
