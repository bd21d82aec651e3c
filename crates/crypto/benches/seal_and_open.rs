//! Values sealed and opened per second, for each backend and key length: `make bench`.

use divan::counter::ItemsCount;
use sealwright_crypto::{
    Backend, Certificate, Envelope, Plaintext, PrivateKey, Validity, open, seal,
};

const LABEL: &[u8] = b"default/db";

fn main() {
    divan::main();
}

/// A key of the test vectors: making new ones would take longer than measuring.
fn key(bits: u64, backend: Backend) -> (PrivateKey, Certificate) {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../tests/vectors/v1.json")).expect("JSON");
    let keys = vectors["keys"].as_array().expect("a list");
    let key = keys.iter().find(|key| key["bits"] == bits).expect("a key of that length");
    let pem = key["private_key_pem"].as_str().expect("PEM");
    let private = PrivateKey::from_pem_with(backend, pem).expect("a key");
    let validity = Validity { not_before: 0, not_after: 1 };
    let certificate = Certificate::self_signed(&private, "", validity).expect("a certificate");
    (private, certificate)
}

fn cases() -> Vec<(u64, Backend)> {
    let lengths = [2048, 4096];
    lengths.into_iter().flat_map(|bits| Backend::ALL.iter().map(move |b| (bits, *b))).collect()
}

#[divan::bench(args = cases(), max_time = 2)]
fn seal_one_value(bencher: divan::Bencher<'_, '_>, (bits, backend): (u64, Backend)) {
    let (_, certificate) = key(bits, backend);
    let value = Plaintext::new(vec![7; 32]);
    bencher
        .counter(ItemsCount::new(1usize))
        .bench(|| seal(certificate.public_key(), LABEL, &value));
}

#[divan::bench(args = cases(), max_time = 2)]
fn open_one_value(bencher: divan::Bencher<'_, '_>, (bits, backend): (u64, Backend)) {
    let (private, certificate) = key(bits, backend);
    let sealed = seal(certificate.public_key(), LABEL, &Plaintext::new(vec![7; 32]));
    bencher.counter(ItemsCount::new(1usize)).bench(|| {
        let envelope = Envelope::parse(&sealed).expect("sealed above");
        open(&private, LABEL, &envelope).expect("the key is the same")
    });
}
