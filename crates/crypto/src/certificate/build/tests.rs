//! Upstream's own certificates, made again: signatures are deterministic, so every byte counts.

use pkcs1::der::{Decode, Encode};
use serde_json::Value;

use super::self_signed_der;
use crate::{Backend, Certificate, CertificateError, PrivateKey, Validity};

fn keys() -> Vec<Value> {
    let vectors = include_str!("../../../tests/vectors/v1.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    vectors["keys"].as_array().unwrap().clone()
}

fn text<'a>(key: &'a Value, field: &str) -> &'a str {
    key[field].as_str().unwrap()
}

#[test]
fn certificates_equal_upstreams_byte_for_byte() {
    for (key, backend) in keys().iter().flat_map(|key| Backend::ALL.iter().map(move |b| (key, *b)))
    {
        let pem = text(key, "certificate_pem");
        let block = crate::pem::blocks(pem).next().unwrap();
        let theirs = x509_cert::Certificate::from_der(&block.der).unwrap();
        let subject = theirs.tbs_certificate().subject().common_name().unwrap();
        let common_name = subject.map(|name| name.value().to_string()).unwrap_or_default();
        let serial = theirs.tbs_certificate().serial_number().as_bytes();
        let certificate = Certificate::from_pem(pem).unwrap();

        let private = PrivateKey::from_pem_with(backend, text(key, "private_key_pem")).unwrap();
        let ours = self_signed_der(&private, &common_name, certificate.validity(), serial).unwrap();

        assert_eq!(ours, theirs.to_der().unwrap(), "{} {backend:?}", text(key, "name"));
    }
}

#[test]
fn what_a_certificate_cannot_hold_is_refused() {
    let key = PrivateKey::from_pem(text(&keys()[0], "private_key_pem")).unwrap();
    let validity = Validity { not_before: 0, not_after: 1 };
    let before_1970 = Validity { not_before: -1, not_after: 1 };
    let after_9999 = Validity { not_before: 0, not_after: 253_402_300_800 };
    for validity in [before_1970, after_9999] {
        let refused = Certificate::self_signed(&key, "cn", validity).unwrap_err();
        assert_eq!(refused, CertificateError::Unrepresentable { what: "validity" });
    }
    assert!(Certificate::self_signed(&key, "имя", validity).is_ok());
}

#[test]
fn serial_numbers_differ() {
    let key = PrivateKey::from_pem(text(&keys()[0], "private_key_pem")).unwrap();
    let validity = Validity { not_before: 0, not_after: 1 };
    let make = || Certificate::self_signed(&key, "", validity).unwrap().to_pem().to_owned();
    assert_ne!(make(), make());
}
