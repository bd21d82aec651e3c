use super::*;
use crate::{Backend, Validity};

const LABEL: &[u8] = b"default/db";

/// The four keys of the vectors, born at 100, 200, 300 and 400; three have equal moduli here.
fn key(index: usize, born: i64) -> SealingKey {
    let vectors = include_str!("../../tests/vectors/v1.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let pem = vectors["keys"][index]["private_key_pem"].as_str().unwrap().to_owned();
    let private = PrivateKey::from_pem(&pem).unwrap();
    let validity = Validity { not_before: born, not_after: born + 1 };
    let certificate = Certificate::self_signed(&private, "", validity).unwrap();
    SealingKey::sealing(private, certificate)
}

/// New keys of equal length, so that length alone rules none out.
fn ring(count: i64) -> Keyring {
    let keys = (1..=count).map(|n| {
        let private = PrivateKey::generate_with(Backend::default(), crate::KeySize::Rsa2048);
        let validity = Validity { not_before: n * 100, not_after: n * 100 + 1 };
        let certificate = Certificate::self_signed(&private, "", validity).unwrap();
        SealingKey::sealing(private, certificate)
    });
    Keyring::new(keys)
}

fn seal_with(key: &SealingKey) -> Vec<u8> {
    hybrid::seal(key.private.public(), LABEL, &Plaintext::new(b"v".to_vec()))
}

#[test]
fn newest_first_and_equal_ages_by_fingerprint() {
    let ring = Keyring::new(vec![key(0, 100), key(2, 300), key(3, 300), key(1, 200)]);
    let order: Vec<_> = ring.iter().map(|key| (key.born, key.fingerprint())).collect();
    assert_eq!(order.iter().map(|key| key.0).collect::<Vec<_>>(), [300, 300, 200, 100]);
    assert!(order[0].1 < order[1].1);
    assert_eq!(ring.newest().unwrap().born, 300);
}

#[test]
fn a_key_stored_twice_counts_once_as_the_newer() {
    let ring = Keyring::new(vec![key(0, 100), key(0, 500), key(1, 200)]);
    let born: Vec<_> = ring.iter().map(|key| key.born).collect();
    assert_eq!(born, [500, 200]);
}

#[test]
fn without_hints_keys_are_tried_newest_first() {
    let ring = ring(4);
    for (tries, key) in ring.iter().enumerate() {
        let before = ring.rsa_operations();
        let sealed = seal_with(key);
        let opened = ring.open(LABEL, &Envelope::parse(&sealed).unwrap(), Hints::default());
        assert_eq!(opened.unwrap().key, key.fingerprint());
        assert_eq!(ring.rsa_operations() - before, tries as u64 + 1);
    }
}

#[test]
fn each_hint_saves_the_other_tries() {
    let ring = ring(4);
    let oldest = ring.iter().last().unwrap();
    let remembered = [oldest.fingerprint()];
    let sealed = seal_with(oldest);
    let sealed = Envelope::parse(&sealed).unwrap();
    for hints in [
        Hints { remembered: &remembered, ..Hints::default() },
        Hints { previous: Some(oldest.fingerprint()), ..Hints::default() },
        Hints { changed: Some(150), ..Hints::default() },
    ] {
        let before = ring.rsa_operations();
        assert_eq!(ring.open(LABEL, &sealed, hints).unwrap().key, oldest.fingerprint());
        assert_eq!(ring.rsa_operations() - before, 1, "{hints:?}");
    }
}

#[test]
fn hints_that_mislead_cost_tries_but_lose_nothing() {
    let ring = ring(3);
    let keys: Vec<_> = ring.iter().collect();
    let sealed = seal_with(keys[1]);
    let remembered = [keys[2].fingerprint(), key(0, 0).fingerprint()];
    let hints = Hints {
        remembered: &remembered,
        previous: Some(keys[2].fingerprint()),
        changed: Some(i64::MIN),
    };
    let opened = ring.open(LABEL, &Envelope::parse(&sealed).unwrap(), hints).unwrap();
    assert_eq!(opened.key, keys[1].fingerprint());
    assert_eq!(ring.rsa_operations(), 3, "each key is tried once");
}

#[test]
fn a_refusal_costs_one_operation_for_each_key_of_that_length() {
    let ring = Keyring::new(vec![key(0, 100), key(1, 200), key(2, 300), key(3, 400)]);
    let stranger = key(2, 0);
    let sealed = seal_with(&stranger);
    let refused = ring.open(b"default/other", &Envelope::parse(&sealed).unwrap(), Hints::default());
    assert_eq!(refused.unwrap_err(), Refused);
    assert_eq!(ring.rsa_operations(), 2, "two of the four have 4096 bits");
}

#[test]
fn an_empty_ring_opens_nothing() {
    let sealed = seal_with(&key(0, 0));
    let ring = Keyring::default();
    assert!(ring.newest().is_none());
    assert!(ring.open(LABEL, &Envelope::parse(&sealed).unwrap(), Hints::default()).is_err());
}
