//! The served certificate against the one that the controller publishes in a ConfigMap, and the one that
//! this user saw before.

use std::collections::BTreeMap;

use sealwright_crypto::{Certificate, Fingerprint};
use sealwright_sealing::{CONFIG_MAP, Published};

use super::super::check::Finding;
use super::CHECK;
use crate::cluster::{Api, Look};

/// What the ConfigMap holds; upstream's controller has none.
pub(in crate::verb::doctor) fn published(api: &Api, namespace: &str) -> Look<Option<Published>> {
    let path = format!("/api/v1/namespaces/{namespace}/configmaps/{CONFIG_MAP}");
    api.look(&path).map(|found| {
        let data: BTreeMap<String, String> = serde_json::from_value(found["data"].clone()).ok()?;
        Published::read(&data)
    })
}

/// Held against the one that is served. Where there is none, nothing is said.
pub(in crate::verb::doctor) fn published_finding(
    look: &Look<Option<Published>>,
    served: &Certificate,
) -> Option<Finding> {
    let remedy = "the controller mends it by itself: if this stays, see its log and who may write \
                  ConfigMaps there";
    match look {
        Look::There(Some(published)) if published.newest.fingerprint() == served.fingerprint() => {
            Some(Finding::ok(CHECK, format!("ConfigMap {CONFIG_MAP} publishes it")))
        }
        Look::There(Some(published)) => {
            let other = published.newest.fingerprint();
            let found = format!("ConfigMap {CONFIG_MAP} publishes another key, {other}");
            Some(Finding::problem(CHECK, found, remedy))
        }
        Look::There(None) => {
            let found = format!("ConfigMap {CONFIG_MAP} holds no certificate");
            Some(Finding::problem(CHECK, found, remedy))
        }
        Look::Absent => None,
        hidden => Some(Finding::hidden(CHECK, "whether it is the one that is published", hidden)),
    }
}

/// Held against the key that this user saw here before. Nothing is said where that is none.
pub(in crate::verb::doctor) fn known(
    seen: Option<Fingerprint>,
    served: &Certificate,
    published: Option<&Published>,
) -> Option<Finding> {
    let (seen, key) = (seen?, served.fingerprint());
    let is_published = |published: &&Published| published.newest.fingerprint() == key;
    let follows = published.filter(is_published).is_some_and(|there| there.follows_from(seen));
    Some(if seen == key {
        Finding::ok(CHECK, "it is the one that you saw here before")
    } else if follows {
        Finding::ok(CHECK, format!("it follows from {seen}, which you saw here before"))
    } else {
        Finding::warning(
            CHECK,
            format!("it is not known to follow from {seen}, which you saw here before"),
            "ask an administrator whether the keys were renewed or replaced since",
        )
    })
}

#[cfg(test)]
mod tests {
    use sealwright_crypto::{Endorsement, KeySize, Keyring, PrivateKey, SealingKey, Validity};
    use sealwright_sealing::publish;

    use super::super::super::check::State;
    use super::*;

    /// A key born at `time`, endorsed by the one before it.
    fn key(time: i64, before: Option<&SealingKey>) -> SealingKey {
        let private = PrivateKey::generate(KeySize::Rsa2048);
        let validity = Validity { not_before: time, not_after: time + 1 };
        let certificate = Certificate::self_signed(&private, "", validity).unwrap();
        let endorsement = before.map(|before| Endorsement::sign(&before.private, &certificate));
        SealingKey { endorsement, ..SealingKey::sealing(private, certificate) }
    }

    #[test]
    fn what_is_served_is_what_is_published_and_follows_from_what_was_seen() {
        let first = key(1, None);
        let second = key(2, Some(&first));
        let stranger = key(3, None).certificate.unwrap();
        let (old, new) = (first.certificate.clone().unwrap(), second.certificate.clone().unwrap());
        let data = publish(&Keyring::new([first, second])).unwrap();
        let look = Look::There(Published::read(&data));
        let published = look.there().unwrap().as_ref();

        assert_eq!(published_finding(&look, &new).unwrap().state, State::Ok);
        assert_eq!(published_finding(&look, &stranger).unwrap().state, State::Problem);
        assert_eq!(published_finding(&Look::There(None), &new).unwrap().state, State::Problem);
        assert_eq!(published_finding(&Look::Absent, &new), None);
        let hidden = published_finding(&Look::Forbidden("no".to_owned()), &new).unwrap();
        assert_eq!(hidden.state, State::Unknown);

        for (seen, served, published, state) in [
            (&new, &new, published, State::Ok),
            (&new, &new, None, State::Ok),
            (&old, &new, published, State::Ok),
            // Nobody vouches for it.
            (&old, &new, None, State::Warning),
            (&stranger, &new, published, State::Warning),
            // The ConfigMap speaks of another one.
            (&old, &stranger, published, State::Warning),
        ] {
            let finding = known(Some(seen.fingerprint()), served, published).unwrap();
            assert_eq!(finding.state, state, "{finding:?}");
        }
        assert_eq!(known(None, &new, published), None);
    }
}
