//! Keys, SealedSecrets and other people's Secrets.

use std::time::Instant;

use futures::{StreamExt, TryStreamExt, stream};
use harness::key::{ACTIVE, store};
use harness::{Context, Namespace, Result};
use k8s_openapi::api::core::v1::Secret;
use kube::api::PostParams;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use sealwright_api::SealedSecret;
use sealwright_crypto::{
    Certificate, Envelope, KeySize, Plaintext, PrivateKey, PublicKey, Validity,
};
use sealwright_sealing::{OpenSecret, seal};
use serde_json::{Value, json};

/// Requests at the same time: the API server is the slow one.
const AT_ONCE: usize = 16;
/// A month, in which upstream makes a key.
const MONTH: i64 = 30 * 24 * 3600;

/// The keys that everything is sealed with, oldest first.
pub(crate) struct Filling {
    keys: Vec<(PrivateKey, Certificate)>,
}

impl Filling {
    /// Makes the keys, a month apart.
    pub(crate) async fn new(count: usize) -> Self {
        let now = jiff::Timestamp::now().as_second();
        let keys = stream::iter(0..count).map(|index| {
            tokio::task::spawn_blocking(move || {
                let age = i64::try_from(count - index).unwrap_or_default() * MONTH / 2;
                let private = PrivateKey::generate(KeySize::Rsa4096);
                // The newest is younger than the period: none is made beside it.
                let validity = Validity { not_before: now - age, not_after: now + 100 * MONTH };
                let certificate = Certificate::self_signed(&private, "", validity);
                (private, certificate.expect("a certificate of these settings"))
            })
        });
        let keys = keys.buffered(2).map(|made| made.expect("keys are made"));
        Self { keys: keys.collect().await }
    }

    /// Private operations a second, on one core: what everything else is to be seen beside.
    pub(crate) fn rsa_per_second(&self) -> f64 {
        const TIMES: u32 = 100;
        let (private, certificate) = &self.keys[0];
        let sealed = sealwright_crypto::seal(
            certificate.public_key(),
            b"",
            &Plaintext::new(b"value".to_vec()),
        );
        let envelope = Envelope::parse(&sealed).expect("sealed just now");
        let since = Instant::now();
        for _ in 0..TIMES {
            sealwright_crypto::open(private, b"", &envelope).expect("it is the same key");
        }
        f64::from(TIMES) / since.elapsed().as_secs_f64()
    }

    /// Stores them as key Secrets.
    pub(crate) async fn store_keys(&self, namespace: &Namespace) -> Result<()> {
        for (index, (private, certificate)) in self.keys.iter().enumerate() {
            let pem = private.to_pkcs1_pem();
            let items = json!({ "tls.crt": certificate.to_pem(), "tls.key": pem.as_str() });
            store(namespace, &format!("key-{index}"), Some(ACTIVE), items).await?;
        }
        Ok(())
    }

    /// A SealedSecret, under one of the keys or the newest.
    pub(crate) fn sealed(
        &self,
        namespace: &str,
        (prefix, index): (&str, usize),
        items: usize,
        is_random: bool,
    ) -> SealedSecret {
        let newest = self.keys.len() - 1;
        // The same each time.
        let any = || SmallRng::seed_from_u64(index as u64).random_range(..=newest);
        let at = if is_random { any() } else { newest };
        let public: &PublicKey = self.keys[at].1.public_key();
        let values = (0..items).map(|item| (format!("k{item}"), Value::from(format!("v{index}"))));
        let secret = OpenSecret::from_json(json!({
            "metadata": {
                "name": format!("{prefix}{index}"), "namespace": namespace,
                "labels": { "load": prefix },
            },
            "stringData": values.collect::<serde_json::Map<_, _>>(),
        }));
        let mut sealed = seal(&secret.expect("it is a Secret"), public).expect("it can be sealed");
        sealed.metadata.labels = Some([("suite".to_owned(), namespace.to_owned())].into());
        sealed
    }

    /// Creates so many of them.
    pub(crate) async fn objects(
        &self,
        namespace: &Namespace,
        prefix: &str,
        count: usize,
        items: usize,
        is_random: bool,
    ) -> Result<()> {
        let api = namespace.api::<SealedSecret>();
        let (api, params) = (&api, &PostParams::default());
        stream::iter(0..count)
            .map(|index| async move {
                let sealed = self.sealed(namespace.name(), (prefix, index), items, is_random);
                let created = api.create(params, &sealed).await;
                created.context(|| "cannot create a SealedSecret").map(drop)
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }
}

/// Creates Secrets of 10 KiB that nobody has sealed.
pub(crate) async fn foreign(namespace: &Namespace, count: usize) -> Result<()> {
    let api = namespace.api::<Secret>();
    let (api, params) = (&api, &PostParams::default());
    stream::iter(0..count)
        .map(|index| async move {
            let secret = json!({
                "metadata": { "name": format!("foreign-{index}") },
                "stringData": { "value": "x".repeat(10 * 1024) },
            });
            let secret: Secret = serde_json::from_value(secret).expect("it is a Secret");
            let created = api.create(params, &secret).await;
            created.context(|| "cannot create a foreign Secret").map(drop)
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}
