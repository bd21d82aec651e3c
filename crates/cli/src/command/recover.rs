//! SealedSecrets and private keys in, Secrets out: the way back when the cluster is gone.

use std::path::Path;

use sealwright_api::SealedSecret;
use sealwright_crypto::{Keyring, PrivateKey, SealingKey};
use sealwright_sealing::{ItemError, OpenSecret, UnsealError, UnsealOptions, unseal};
use serde_json::Value;

use crate::args::Args;
use crate::error::{Error, Result};
use crate::manifest::{self, Document};
use crate::output::Output;

pub(crate) fn run(args: &Args, output: &Output) -> Result<()> {
    if args.recovery_private_key.is_empty() {
        return Err(Error::new("--recovery-unseal needs --recovery-private-key")
            .hint("give the key Secrets of a backup, or a PEM file"));
    }
    let mut keys = Vec::new();
    for path in &args.recovery_private_key {
        keys.extend(read_keys(Path::new(path))?);
    }
    let keyring = Keyring::new(keys);
    let documents = manifest::read_sealed_secrets(args.secret_file.path())?;
    let secrets = documents.into_iter().map(|document| recovered(document, &keyring));
    output.write_objects(&secrets.collect::<Result<Vec<_>>>()?)
}

fn recovered(document: Document, keyring: &Keyring) -> Result<Value> {
    let place = document.place;
    let sealed: SealedSecret = serde_json::from_value(document.value)
        .map_err(|_| Error::new(format!("{place}: metadata has a field of the wrong type")))?;
    let unsealed = unseal(&sealed, keyring, UnsealOptions::default())
        .map_err(|error| Error::new(format!("{place}: {error}")).hint(unseal_hint(&error)))?;
    Ok(unsealed.secret.to_json())
}

fn unseal_hint(error: &UnsealError) -> &'static str {
    match error {
        error if error.wants_a_key() => {
            "give the key that sealed it; name, namespace and scope must be as they were then"
        }
        UnsealError::Items(items)
            if items.failed.iter().any(|(_, error)| matches!(error, ItemError::Template(_))) =>
        {
            "take these keys out of spec.template.data to recover the sealed values"
        }
        _ => "see whether the manifest is whole and as kubeseal wrote it",
    }
}

/// The keys of one file: one or several key Secrets in YAML or JSON, or PEM.
fn read_keys(path: &Path) -> Result<Vec<SealingKey>> {
    let text = manifest::read_file(path)?;
    let fail = |reason: String| {
        Error::new(format!("cannot use {} as a private key: {reason}", path.display())).hint(
            "give a PEM private key, or the Secrets labelled \
             sealedsecrets.bitnami.com/sealed-secrets-key",
        )
    };
    match manifest::secrets_of(&text) {
        Ok(secrets) if !secrets.is_empty() => {
            secrets.into_iter().map(|secret| key_of_secret(secret).map_err(fail)).collect()
        }
        _ => Ok(vec![opening_key(&text).map_err(fail)?]),
    }
}

fn key_of_secret(secret: Document) -> Result<SealingKey, String> {
    let secret = OpenSecret::from_json(secret.value).map_err(|error| error.to_string())?;
    let pem = secret.data.get("tls.key").ok_or("there is no tls.key in the Secret")?;
    opening_key(std::str::from_utf8(pem.expose()).map_err(|_| "tls.key is not PEM")?)
}

fn opening_key(pem: &str) -> Result<SealingKey, String> {
    let private = PrivateKey::from_pem(pem).map_err(|error| error.to_string())?;
    Ok(SealingKey::opening(private))
}
