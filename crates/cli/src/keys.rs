//! Private keys from files: PEM, or the key Secrets of a backup.

use std::path::Path;

use sealwright_api::SealedSecret;
use sealwright_crypto::{Envelope, Hints, Keyring, Opened, PrivateKey, SealingKey};
use sealwright_sealing::{OpenSecret, UnsealOptions, decode_base64, diagnose, unseal};
use serde_json::Value;

use crate::clock::now;
use crate::error::{Error, Result};
use crate::manifest::{self, Document};

/// The keys of all files.
pub(crate) fn read(paths: &[String]) -> Result<Keyring> {
    let mut keys = Vec::new();
    for path in paths {
        keys.extend(keys_of(Path::new(path))?);
    }
    Ok(Keyring::new(keys))
}

/// Opens a sealed value as it stands in a manifest.
pub(crate) fn open_value(
    keyring: &Keyring,
    label: &str,
    value: &Value,
    hints: Hints<'_>,
) -> Option<Opened> {
    let bytes = decode_base64(value.as_str()?)?;
    keyring.open(label.as_bytes(), &Envelope::parse(&bytes).ok()?, hints).ok()
}

/// Why a SealedSecret does not open with these keys, if it does not: all that can be known, since
/// nobody listens here who should not.
pub(crate) fn refusal(object: &Value, keyring: &Keyring) -> Option<Refusal> {
    let Ok(sealed) = serde_json::from_value::<SealedSecret>(object.clone()) else {
        return Some(Refusal { reason: "a field has the wrong type".to_owned(), is_sealed: false });
    };
    let options = UnsealOptions { now: now(), ..UnsealOptions::default() };
    let refused = unseal(&sealed, keyring, options).err()?;
    let is_sealed = refused.wants_a_key();
    Some(Refusal { reason: diagnose(refused, &sealed, keyring).to_string(), is_sealed })
}

/// Why no Secret comes of an object.
pub(crate) struct Refusal {
    pub(crate) reason: String,
    /// Whether it is for want of a key. Else it is in what the object says.
    pub(crate) is_sealed: bool,
}

/// The keys of one file: one or several key Secrets in YAML or JSON, or PEM.
fn keys_of(path: &Path) -> Result<Vec<SealingKey>> {
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
