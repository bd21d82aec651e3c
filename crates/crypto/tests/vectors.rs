//! What upstream sealed opens, what upstream refuses is refused, on every backend.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealwright_crypto::{
    Backend, Certificate, Envelope, Fingerprint, Hints, KeyError, KeySize, Keyring, Plaintext,
    PrivateKey, SealingKey, open, seal,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    keys: Vec<Key>,
    values: Vec<SealedValue>,
}

#[derive(Deserialize)]
struct Key {
    name: String,
    fingerprint: String,
    private_key_pem: String,
    certificate_pem: String,
    bits: usize,
}

#[derive(Deserialize)]
struct SealedValue {
    name: String,
    key: String,
    scope: String,
    namespace: String,
    secret_name: String,
    #[serde(default)]
    plaintext_b64: String,
    sealed: String,
    opens: bool,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/v1.json")).unwrap()
}

fn label(value: &SealedValue) -> String {
    match value.scope.as_str() {
        "strict" => format!("{}/{}", value.namespace, value.secret_name),
        "namespace-wide" => value.namespace.clone(),
        "cluster-wide" => String::new(),
        other => panic!("scope {other}"),
    }
}

fn opened(key: &PrivateKey, value: &SealedValue) -> Option<Plaintext> {
    let sealed: String = value.sealed.chars().filter(|c| !"\r\n".contains(*c)).collect();
    let sealed = STANDARD.decode(sealed).ok()?;
    open(key, label(value).as_bytes(), &Envelope::parse(&sealed).ok()?).ok()
}

#[test]
fn values_open_or_are_refused_as_recorded() {
    let vectors = vectors();
    for &backend in Backend::ALL {
        for key in &vectors.keys {
            let private = PrivateKey::from_pem_with(backend, &key.private_key_pem).unwrap();
            for value in vectors.values.iter().filter(|value| value.key == key.name) {
                let opened = opened(&private, value);
                let expected = value.opens.then(|| STANDARD.decode(&value.plaintext_b64).unwrap());
                let opened = opened.map(|value| value.expose().to_vec());
                assert_eq!(opened, expected, "{} {backend:?}", value.name);
            }
        }
    }
}

#[test]
fn what_one_backend_seals_the_other_opens() {
    let vectors = vectors();
    for key in &vectors.keys {
        for &sealer in Backend::ALL {
            for &opener in Backend::ALL {
                let certificate = Certificate::from_pem_with(sealer, &key.certificate_pem).unwrap();
                let private = PrivateKey::from_pem_with(opener, &key.private_key_pem).unwrap();
                for length in [0, 1, 15, 16, 17, 4096, 800 << 10] {
                    let value = Plaintext::new((0..length).map(|i| i as u8).collect());
                    let sealed = seal(certificate.public_key(), b"a/b", &value);
                    assert_eq!(sealed.len(), 2 + key.bits / 8 + length + 16);
                    let sealed = Envelope::parse(&sealed).unwrap();
                    assert_eq!(open(&private, b"a/b", &sealed).as_ref(), Ok(&value));
                    assert!(open(&private, b"a/c", &sealed).is_err());
                }
            }
        }
    }
}

/// One key of each size that can be made; 8192 bits take some seconds.
#[test]
fn keys_of_every_size_are_made_and_used() {
    for bits in [2048, 3072, 4096, 8192] {
        let private = PrivateKey::generate(KeySize::try_from(bits).unwrap());
        assert_eq!(private.public().modulus_len() * 8, bits);
        let value = Plaintext::new(b"hunter2".to_vec());
        let sealed = seal(private.public(), b"a/b", &value);
        assert_eq!(open(&private, b"a/b", &Envelope::parse(&sealed).unwrap()), Ok(value));
        let again = PrivateKey::from_pem(&private.to_pkcs1_pem()).unwrap();
        assert_eq!(again.public().fingerprint(), private.public().fingerprint());
    }
    for bits in [0, 1024, 2047, 4095, 5120, 16384] {
        assert_eq!(KeySize::try_from(bits), Err(KeyError::NewSize { bits }));
    }
}

#[test]
fn the_same_value_never_seals_to_the_same_bytes() {
    let certificate = Certificate::from_pem(&vectors().keys[0].certificate_pem).unwrap();
    let value = Plaintext::new(b"hunter2".to_vec());
    let sealed = || seal(certificate.public_key(), b"", &value);
    assert_ne!(sealed(), sealed());
}

#[test]
fn fingerprints_are_upstreams() {
    for key in vectors().keys {
        let private = PrivateKey::from_pem(&key.private_key_pem).unwrap();
        let certificate = Certificate::from_pem(&key.certificate_pem).unwrap();
        assert_eq!(private.public().fingerprint().to_string(), key.fingerprint);
        assert_eq!(certificate.fingerprint().to_string(), key.fingerprint);
        assert_eq!(Fingerprint::parse(&key.fingerprint), Some(certificate.fingerprint()));
        assert_eq!(private.public().modulus_len() * 8, key.bits);
    }
    for text in ["", "SHA256:", "SHA256:o8ep", "MD5:o8epf0j8opmrGDGMtxbsvKPDXcRssILd442wzGtBHBA"] {
        assert_eq!(Fingerprint::parse(text), None, "{text}");
    }
}

#[test]
fn private_keys_are_written_as_pkcs1_and_read_again() {
    for (key, &backend) in vectors().keys.iter().zip(Backend::ALL.iter().cycle()) {
        let private = PrivateKey::from_pem_with(backend, &key.private_key_pem).unwrap();
        let pem = private.to_pkcs1_pem();
        assert!(pem.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"), "{}", key.name);
        if key.private_key_pem.starts_with("-----BEGIN RSA") {
            assert_eq!(pem.as_str(), key.private_key_pem);
        }
        let again = PrivateKey::from_pem(&pem).unwrap();
        assert_eq!(again.public().fingerprint(), private.public().fingerprint());
    }
}

#[test]
fn texts_that_hold_no_usable_key_are_refused_with_the_reason() {
    let certificate = vectors().keys[0].certificate_pem.clone();
    let pem = |kind: &str, der: &[u8]| {
        format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(der))
    };
    for (text, expected) in [
        (String::new(), KeyError::NoKey { found: "nothing".to_owned() }),
        ("garbage".to_owned(), KeyError::NoKey { found: "no PEM block".to_owned() }),
        (certificate, KeyError::NoKey { found: "CERTIFICATE".to_owned() }),
        (pem("ENCRYPTED PRIVATE KEY", b"x"), KeyError::Encrypted),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n\
             AAAA\n-----END RSA PRIVATE KEY-----\n"
                .to_owned(),
            KeyError::Encrypted,
        ),
        (pem("EC PRIVATE KEY", b"x"), KeyError::NotRsa { found: "EC".to_owned() }),
        (pem("RSA PRIVATE KEY", b"x"), KeyError::Malformed),
        (pem("PRIVATE KEY", b"x"), KeyError::Malformed),
    ] {
        for &backend in Backend::ALL {
            let refused = PrivateKey::from_pem_with(backend, &text).unwrap_err();
            assert_eq!(refused, expected, "{text}");
        }
    }
}

#[test]
fn debug_output_names_keys_and_holds_no_secret() {
    let key = &vectors().keys[0];
    let private = PrivateKey::from_pem(&key.private_key_pem).unwrap();
    assert_eq!(format!("{private:?}"), format!("PrivateKey({})", key.fingerprint));
}

#[test]
fn a_ring_of_all_keys_opens_every_value_of_each() {
    let vectors = vectors();
    let keys = vectors.keys.iter().map(|key| {
        SealingKey::sealing(
            PrivateKey::from_pem(&key.private_key_pem).unwrap(),
            Certificate::from_pem(&key.certificate_pem).unwrap(),
        )
    });
    let ring = Keyring::new(keys);
    for value in vectors.values.iter().filter(|value| value.opens) {
        let sealed: String = value.sealed.chars().filter(|c| !"\r\n".contains(*c)).collect();
        let sealed = STANDARD.decode(sealed).unwrap();
        let sealed = Envelope::parse(&sealed).unwrap();
        let opened = ring.open(label(value).as_bytes(), &sealed, Hints::default()).unwrap();
        assert_eq!(STANDARD.encode(opened.value.expose()), value.plaintext_b64, "{}", value.name);
    }
}
