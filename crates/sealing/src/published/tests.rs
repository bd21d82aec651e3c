use sealwright_crypto::{KeySize, PrivateKey, SealingKey, Validity};

use super::*;

/// A key born at `time`, endorsed by the one before it.
fn key(time: i64, before: Option<&SealingKey>) -> SealingKey {
    let private = PrivateKey::generate(KeySize::Rsa2048);
    let validity = Validity { not_before: time, not_after: time + 1 };
    let certificate = Certificate::self_signed(&private, "", validity).unwrap();
    let endorsement = before.map(|before| Endorsement::sign(&before.private, &certificate));
    SealingKey { endorsement, ..SealingKey::sealing(private, certificate) }
}

fn published(keys: Vec<SealingKey>) -> Published {
    Published::read(&publish(&Keyring::new(keys)).unwrap()).unwrap()
}

#[test]
fn endorsements_lead_from_any_older_key_to_the_newest() {
    let first = key(1, None);
    let second = key(2, Some(&first));
    let third = key(3, Some(&second));
    let names: Vec<_> = [&first, &second, &third].map(|key| key.fingerprint()).into();
    let published = published(vec![first, second, third]);
    assert_eq!(published.newest.fingerprint(), names[2]);
    for name in names {
        assert!(published.follows_from(name));
    }
    assert!(!published.follows_from(key(9, None).fingerprint()));
}

#[test]
fn a_strangers_certificate_does_not_follow_whatever_he_writes_beside_it() {
    let mine = key(1, None);
    let pinned = mine.fingerprint();
    let stranger = key(2, None);
    let accomplice = key(3, Some(&stranger));
    let borrowed = SealingKey {
        endorsement: Some(Endorsement::sign(&mine.private, mine.certificate.as_ref().unwrap())),
        ..key(4, None)
    };
    for newest in [stranger, accomplice, borrowed] {
        let mine = SealingKey::sealing(
            PrivateKey::from_pem(&mine.private.to_pkcs1_pem()).unwrap(),
            mine.certificate.clone().unwrap(),
        );
        assert!(!published(vec![mine, newest]).follows_from(pinned));
    }
}

#[test]
fn a_broken_config_map_is_none_or_leads_nowhere() {
    let (first, data) = (key(1, None), |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>()
    });
    assert!(Published::read(&data(&[])).is_none());
    assert!(Published::read(&data(&[("tls.crt", "garbage")])).is_none());
    let pem = first.certificate.as_ref().unwrap().to_pem();
    let alone = Published::read(&data(&[("tls.crt", pem), ("chain.json", "[[[")])).unwrap();
    assert!(alone.follows_from(first.fingerprint()));
    assert!(!alone.follows_from(key(2, None).fingerprint()));
}
