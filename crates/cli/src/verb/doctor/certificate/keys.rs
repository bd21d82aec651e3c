//! Whether the certificate is that of the newest key: held against the key Secrets, by whoever may read
//! them. Only their certificates are looked at.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sealwright_api::annotations::{KEY_ACTIVE, KEY_LABEL};
use sealwright_crypto::{Certificate, Fingerprint};
use serde_json::Value;

use super::super::check::Finding;
use super::{CHECK, text};
use crate::cluster::{Api, Look};

const CERTIFICATE: &str = "tls.crt";

/// The active keys of a controller.
pub(in crate::verb::doctor) struct Keys {
    pub(in crate::verb::doctor) all: Look<Vec<Key>>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::verb::doctor) struct Key {
    pub(in crate::verb::doctor) name: String,
    /// `None` when its certificate makes no sense.
    certificate: Option<(Fingerprint, i64)>,
    created: i64,
}

/// What "newest" is judged by, as `--key-order-priority` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::verb::doctor) enum Order {
    #[default]
    Certificate,
    Secret,
}

impl Order {
    pub(in crate::verb::doctor) fn of(flag: Option<&str>) -> Self {
        if flag == Some("SecretCreationTimestamp") { Self::Secret } else { Self::Certificate }
    }
}

impl Keys {
    /// Reads them, as far as that is allowed.
    pub(in crate::verb::doctor) fn look(api: &Api, namespace: &str) -> Self {
        let path = format!("/api/v1/namespaces/{namespace}/secrets");
        let label = KEY_LABEL.replace('/', "%2F");
        let query = format!("labelSelector={label}%3D{KEY_ACTIVE}");
        let mut all = Vec::new();
        let look = api.look_at_each(&path, &query, |secret| all.push(Key::of(&secret)));
        Self { all: look.map(|()| all) }
    }

    /// How the certificate stands to them.
    pub(in crate::verb::doctor) fn finding(&self, served: Fingerprint, order: Order) -> Finding {
        match &self.all {
            Look::There(keys) => newest(keys, served, order),
            hidden => Finding::hidden(CHECK, "whether it is the newest key's", hidden),
        }
    }

    /// The names of their Secrets.
    pub(in crate::verb::doctor) fn names(&self) -> Vec<&str> {
        let keys = self.all.there().into_iter().flatten();
        keys.map(|key| key.name.as_str()).collect()
    }
}

impl Key {
    fn of(secret: &Value) -> Self {
        let pem = secret["data"][CERTIFICATE].as_str().and_then(|text| STANDARD.decode(text).ok());
        let pem = pem.and_then(|pem| String::from_utf8(pem).ok());
        let certificate = pem.and_then(|pem| Certificate::from_pem(&pem).ok());
        let created: Option<Timestamp> = text(secret, "creationTimestamp").parse().ok();
        Self {
            name: text(secret, "name").to_owned(),
            certificate: certificate
                .map(|certificate| (certificate.fingerprint(), certificate.validity().not_before)),
            created: created.map(Timestamp::as_second).unwrap_or_default(),
        }
    }
}

fn newest(keys: &[Key], served: Fingerprint, order: Order) -> Finding {
    let broken = keys.iter().filter(|key| key.certificate.is_none());
    let broken: Vec<_> =
        broken.map(|key| format!("Secret {}: its certificate is none", key.name)).collect();
    let dated = keys.iter().filter_map(|key| {
        let (fingerprint, begins) = key.certificate?;
        let time = if order == Order::Secret { key.created } else { begins };
        Some((time, fingerprint, key))
    });
    let dated: Vec<_> = dated.collect();
    let last = dated.iter().map(|(time, ..)| *time).max();
    let mut newest = dated.iter().filter(|(time, ..)| Some(*time) == last);
    // Of equally old ones either may be meant.
    let is_newest = newest.clone().any(|(_, fingerprint, _)| *fingerprint == served);
    let remedy =
        "the controller takes keys up by itself: if this stays, see its log, and restart it";
    let finding = match (newest.next(), dated.iter().any(|(_, found, _)| *found == served)) {
        (Some(_), true) if is_newest => {
            let found = format!("it is that of the newest of {} active keys", keys.len());
            let found = if keys.len() == 1 {
                "it is that of the only active key".to_owned()
            } else {
                found
            };
            if broken.is_empty() {
                Finding::ok(CHECK, found)
            } else {
                Finding::warning(CHECK, found, "restore these Secrets from the backup")
            }
        }
        (Some((_, _, key)), true) => Finding::problem(
            CHECK,
            format!("it is older than the key of Secret {}", key.name),
            remedy,
        ),
        (_, _) => Finding::problem(
            CHECK,
            "its key is in no active key Secret: what is sealed with it may be lost with the controller",
            "see the controller's log, and restore the key from the backup before you restart it",
        ),
    };
    finding.with(broken)
}

#[cfg(test)]
pub(super) mod testing {
    use sealwright_crypto::{Certificate, KeySize, PrivateKey, Validity};

    /// A certificate of a key of its own.
    pub(in super::super) fn certificate(not_before: i64, not_after: i64) -> Certificate {
        let private = PrivateKey::generate(KeySize::Rsa2048);
        Certificate::self_signed(&private, "", Validity { not_before, not_after }).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::check::State;
    use super::testing::certificate;
    use super::*;

    fn secret(name: &str, pem: &str, created: &str) -> Key {
        Key::of(&json!({
            "metadata": { "name": name, "creationTimestamp": created },
            "data": { "tls.crt": STANDARD.encode(pem), "tls.key": "aHVudGVyMg==" },
        }))
    }

    #[test]
    fn the_newest_is_the_one_whose_certificate_begins_last_or_whose_secret_was_made_last() {
        let (old, new) = (certificate(1, 9), certificate(2, 9));
        let keys = [
            secret("old", old.to_pem(), "2024-03-01T12:00:01Z"),
            secret("new", new.to_pem(), "2024-03-01T12:00:00Z"),
        ];
        for (served, order, state, text) in [
            (&new, Order::Certificate, State::Ok, "the newest of 2"),
            (&old, Order::Certificate, State::Problem, "older than the key of Secret new"),
            (&old, Order::Secret, State::Ok, "the newest of 2"),
            (&new, Order::Secret, State::Problem, "older than the key of Secret old"),
            (&certificate(3, 9), Order::Certificate, State::Problem, "in no active key Secret"),
        ] {
            let finding = newest(&keys, served.fingerprint(), order);
            assert_eq!(finding.state, state, "{finding:?}");
            assert!(finding.found.contains(text), "{finding:?}");
        }
        let none = newest(&[], new.fingerprint(), Order::Certificate);
        assert_eq!(none.state, State::Problem);
    }

    #[test]
    fn of_equally_old_ones_either_is_the_newest() {
        let (one, two) = (certificate(1, 9), certificate(1, 9));
        let keys = [secret("a", one.to_pem(), ""), secret("b", two.to_pem(), "")];
        for served in [one, two] {
            assert_eq!(newest(&keys, served.fingerprint(), Order::Certificate).state, State::Ok);
        }
    }

    #[test]
    fn a_secret_without_a_certificate_is_named() {
        let made = certificate(1, 9);
        let keys = [secret("good", made.to_pem(), ""), secret("torn", "hunter2", "")];
        let finding = newest(&keys, made.fingerprint(), Order::Certificate);
        assert_eq!(finding.state, State::Warning);
        assert_eq!(finding.details, ["Secret torn: its certificate is none"]);
    }

    #[test]
    fn the_order_is_the_flags() {
        assert_eq!(Order::of(Some("SecretCreationTimestamp")), Order::Secret);
        for other in [None, Some("CertNotBefore"), Some("no")] {
            assert_eq!(Order::of(other), Order::Certificate);
        }
    }
}
