//! A new key, stored before it is used.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{ObjectMeta, PostParams};
use sealwright_api::annotations::{KEY_ACTIVE, KEY_LABEL};
use sealwright_crypto::{Certificate, PrivateKey, SealingKey, Validity};

use crate::args::Args;
use crate::error::Error;

/// Makes a key with its certificate and stores both as a Secret of upstream's form.
pub(super) async fn generate(secrets: &Api<Secret>, args: &Args) -> Result<SealingKey, Error> {
    let (size, common_name) = (args.key_size, args.my_cn.clone());
    let not_before = Timestamp::now().as_second();
    let ttl = i64::try_from(args.key_ttl.as_secs()).unwrap_or(i64::MAX);
    let validity = Validity { not_before, not_after: not_before.saturating_add(ttl) };
    let made = tokio::task::spawn_blocking(move || {
        let private = PrivateKey::generate(size);
        let certificate = Certificate::self_signed(&private, &common_name, validity)?;
        Ok((private, certificate))
    });
    let (private, certificate) =
        made.await.map_err(|_| Error::Interrupted)?.map_err(Error::Certificate)?;
    let secret = key_secret(&args.key_prefix, &private, &certificate);
    secrets
        .create(&PostParams::default(), &secret)
        .await
        .map_err(Error::api("store the new key"))?;
    Ok(SealingKey { private, certificate: Some(certificate), born: not_before })
}

fn key_secret(prefix: &str, private: &PrivateKey, certificate: &Certificate) -> Secret {
    let key = private.to_pkcs1_pem().as_bytes().to_vec();
    let data = [
        ("tls.key".to_owned(), ByteString(key)),
        ("tls.crt".to_owned(), ByteString(certificate.to_pem().as_bytes().to_vec())),
    ];
    Secret {
        metadata: ObjectMeta {
            generate_name: Some(prefix.to_owned()),
            labels: Some(BTreeMap::from([(KEY_LABEL.to_owned(), KEY_ACTIVE.to_owned())])),
            ..ObjectMeta::default()
        },
        data: Some(BTreeMap::from(data)),
        type_: Some("kubernetes.io/tls".to_owned()),
        ..Secret::default()
    }
}
