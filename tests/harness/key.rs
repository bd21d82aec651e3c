//! Sealing keys that tests know: those of the vectors.

use k8s_openapi::api::core::v1::Secret;
use sealwright_crypto::{Certificate, PublicKey};
use sealwright_sealing::{OpenSecret, seal};
use serde_json::{Value, json};

use crate::manifest::create_if_absent;
use crate::{Namespace, Result};

const VECTORS: &str = include_str!("../../crates/crypto/tests/vectors/v1.json");

/// The label of a key Secret, with the value that makes it count.
pub const ACTIVE: (&str, &str) = ("sealedsecrets.bitnami.com/sealed-secrets-key", "active");

/// A key pair with its certificate.
#[derive(Clone)]
pub struct Key {
    certificate_pem: String,
    private_key_pem: String,
}

impl Key {
    /// 2048 bits; the oldest.
    pub fn a() -> Self {
        Self::named("rsa2048-a")
    }

    /// 3072 bits; a second younger, and so the newest of [`Key::a`] and this one.
    pub fn b() -> Self {
        Self::named("rsa3072-b")
    }

    fn named(name: &str) -> Self {
        let vectors: Value = serde_json::from_str(VECTORS).expect("the vectors are JSON");
        let mut keys = vectors["keys"].as_array().into_iter().flatten();
        let key = keys.find(|key| key["name"] == name).expect("the vectors have this key");
        let text = |field| key[field].as_str().expect("a key has both halves").to_owned();
        Self { certificate_pem: text("certificate_pem"), private_key_pem: text("private_key_pem") }
    }

    /// The certificate, as the controller serves it.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The private half, as a key Secret holds it.
    pub fn private_key_pem(&self) -> &str {
        &self.private_key_pem
    }

    /// What seals.
    pub fn public(&self) -> PublicKey {
        let certificate = Certificate::from_pem(&self.certificate_pem);
        certificate.expect("the vectors hold certificates").public_key().clone()
    }

    /// Stores it as a key Secret, labelled as told.
    ///
    /// # Errors
    /// When the API server refuses it.
    pub async fn store(
        &self,
        namespace: &Namespace,
        name: &str,
        label: Option<(&str, &str)>,
    ) -> Result<()> {
        let items = json!({ "tls.crt": self.certificate_pem, "tls.key": self.private_key_pem });
        store(namespace, name, label, items).await
    }
}

/// The SealedSecret of a Secret, under a public key.
pub fn sealed(public: &PublicKey, secret: Value) -> Value {
    let secret = OpenSecret::from_json(secret).expect("a test's Secret is one");
    let sealed = seal(&secret, public).expect("a test's Secret can be sealed");
    serde_json::to_value(sealed).expect("a SealedSecret is JSON")
}

/// Stores items as a key Secret, whatever they are.
///
/// # Errors
/// When the API server refuses it.
pub async fn store(
    namespace: &Namespace,
    name: &str,
    label: Option<(&str, &str)>,
    items: Value,
) -> Result<()> {
    let labels: serde_json::Map<_, _> =
        label.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let secret = json!({
        "metadata": { "name": name, "labels": labels },
        "type": "kubernetes.io/tls",
        "stringData": items,
    });
    create_if_absent(&namespace.api::<Secret>(), secret).await
}
