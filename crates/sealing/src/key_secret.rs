//! Key Secrets: how the sealing keys are stored, in upstream's form. A Secret of type
//! `kubernetes.io/tls` with [`KEY_LABEL`] holds the private key (PKCS#1, PEM) as `tls.key` and its
//! certificate as `tls.crt`.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sealwright_api::annotations::{ENDORSEMENT, KEY_ACTIVE, KEY_LABEL};
use sealwright_crypto::{
    Certificate, CertificateError, Endorsement, KeySize, Keyring, PrivateKey, SealingKey, Validity,
};

const PRIVATE_KEY: &str = "tls.key";
const CERTIFICATE: &str = "tls.crt";

/// Whether a key Secret's key opens; one with another label is retired.
pub fn is_active(secret: &Secret) -> bool {
    let labels = secret.metadata.labels.as_ref();
    labels.and_then(|labels| labels.get(KEY_LABEL)).is_some_and(|value| value == KEY_ACTIVE)
}

/// The key in a key Secret: `tls.key`, and the first certificate of `tls.crt`, which says how old it is.
///
/// # Errors
/// What is missing or wrong, without a word of what is there.
pub fn read_key(secret: &Secret) -> Result<SealingKey, String> {
    let text = |key: &str| {
        let value = secret.data.iter().flatten().find(|(name, _)| *name == key);
        let (_, value) = value.ok_or_else(|| format!("there is no {key}"))?;
        std::str::from_utf8(&value.0).map_err(|_| format!("{key} is not PEM"))
    };
    let private = PrivateKey::from_pem(text(PRIVATE_KEY)?)
        .map_err(|error| format!("{PRIVATE_KEY}: {error}"))?;
    let certificate = Certificate::from_pem(text(CERTIFICATE)?)
        .map_err(|error| format!("{CERTIFICATE}: {error}"))?;
    if certificate.fingerprint() != private.public().fingerprint() {
        return Err(format!("{CERTIFICATE} does not belong to {PRIVATE_KEY}"));
    }
    let annotations = secret.metadata.annotations.iter().flatten();
    let mut words = annotations.filter(|(name, _)| *name == ENDORSEMENT).map(|(_, word)| word);
    let endorsement = words.next().and_then(|text| Endorsement::parse(text));
    Ok(SealingKey { endorsement, ..SealingKey::sealing(private, certificate) })
}

/// An active key Secret without a name.
pub fn write_key(key: &SealingKey) -> Secret {
    let private = key.private.to_pkcs1_pem().as_bytes().to_vec();
    let mut data = BTreeMap::from([(PRIVATE_KEY.to_owned(), ByteString(private))]);
    if let Some(certificate) = &key.certificate {
        let certificate = certificate.to_pem().as_bytes().to_vec();
        data.insert(CERTIFICATE.to_owned(), ByteString(certificate));
    }
    let word = key.endorsement.as_ref().map(|word| (ENDORSEMENT.to_owned(), word.to_string()));
    Secret {
        metadata: ObjectMeta {
            labels: Some([(KEY_LABEL.to_owned(), KEY_ACTIVE.to_owned())].into()),
            annotations: word.map(|word| [word].into()),
            ..ObjectMeta::default()
        },
        data: Some(data),
        type_: Some("kubernetes.io/tls".to_owned()),
        ..Secret::default()
    }
}

/// Makes the key that follows the newest, and has that endorse it. `now` and `ttl` are in seconds,
/// since 1970 UTC and from now on.
///
/// # Errors
/// When no certificate has that common name or time.
pub fn succeed(
    keyring: &Keyring,
    size: KeySize,
    common_name: &str,
    now: i64,
    ttl: i64,
) -> Result<SealingKey, CertificateError> {
    let newest = keyring.newest();
    let private = PrivateKey::generate(size);
    // The newest, also where the clock that made the one before was ahead.
    let not_before = newest.map_or(now, |key| now.max(key.born.saturating_add(1)));
    let validity = Validity { not_before, not_after: not_before.saturating_add(ttl) };
    let certificate = Certificate::self_signed(&private, common_name, validity)?;
    let endorsement = newest.map(|key| Endorsement::sign(&key.private, &certificate));
    Ok(SealingKey { endorsement, ..SealingKey::sealing(private, certificate) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(index: usize) -> (String, String) {
        let vectors = include_str!("../../crypto/tests/vectors/v1.json");
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
        let read = read_key(&secret(&[("tls.key", &key), ("tls.crt", &chain)])).unwrap();
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
            let refused = read_key(&secret(items)).unwrap_err();
            assert!(refused.starts_with(reason), "{refused}");
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_each_key_endorses_the_next() {
        let first = succeed(&Keyring::default(), KeySize::Rsa2048, "", 100, 10).unwrap();
        assert!(first.endorsement.is_none());
        let name = first.fingerprint();
        let ring = Keyring::new([first]);
        // The clock went back: the new key is the newest all the same.
        let second = succeed(&ring, KeySize::Rsa2048, "cn", 50, 10).unwrap();
        let validity = second.certificate.as_ref().unwrap().validity();
        assert_eq!((second.born, validity.not_before, validity.not_after), (101, 101, 111));
        let mut stored = write_key(&second);
        assert!(is_active(&stored));
        let read = read_key(&stored).unwrap();
        assert_eq!(read.fingerprint(), second.fingerprint());
        assert_eq!(read.endorsement.unwrap().by(), name);
        let labels = stored.metadata.labels.as_mut().unwrap();
        labels.insert(KEY_LABEL.to_owned(), "compromised".to_owned());
        assert!(!is_active(&stored));
    }
}
