//! The certificate of a cluster for verbs: the controller's, or the one that it had when it was last
//! within reach.

use jiff::Timestamp;
use sealwright_crypto::{Certificate, Fingerprint};

use super::config;
use super::controller::{Controller, known_as, pins};
use super::refusal::Refusal;
use super::service::check_name;
use crate::args::ClusterArgs;
use crate::cache::{Cache, Cached};
use crate::error::{Cause, Error, Result, say};

/// A certificate, and where it is from.
pub(crate) struct Fetched {
    pub(crate) pem: String,
    /// `the controller kube-system/sealed-secrets-controller of the context dev`
    pub(crate) from: String,
}

/// The newest certificate that can be had. Says what is unusual about it.
///
/// # Errors
/// When there is none, from the cluster or before.
pub(crate) fn certificate(flags: &ClusterArgs) -> Result<Fetched> {
    check_name("--controller-namespace", &flags.controller_namespace)?;
    check_name("--controller-name", &flags.controller_name)?;
    let place = config::place(flags)?;
    let service = format!("{}/{}", flags.controller_namespace, flags.controller_name);
    let (name, from) = (place.name(&service), format!("the controller {service} of {place}"));
    let cache = Cache::open();
    // Before anything is sent a plugin may need the network, to know who the user is.
    let (fetched, is_checked) = match Controller::connect(flags) {
        Ok(controller) => (controller.fetched(), controller.is_checked()),
        Err(error) if error.cause() == Cause::Remote => (Err(Refusal::Unreachable(error)), true),
        // What flags and files say wrong is no matter of the cluster.
        Err(error) => return Err(error),
    };
    match fetched {
        Ok((pem, before)) => {
            if let Ok(certificate) = Certificate::from_pem(&pem)
                && is_checked
            {
                cache.keep(&name, &certificate, Timestamp::now());
                say_if_changed(&from, before, certificate.fingerprint());
            }
            Ok(Fetched { pem, from })
        }
        Err(Refusal::Unreachable(error)) => match cache.find(&name).filter(|cached| {
            let key = pins(&place, flags).pinned(&place.name(&known_as(flags)));
            is_of(cached, key)
        }) {
            Some(cached) => remembered(cached, &from, error, Timestamp::now()),
            None => Err(error.of(Cause::Remote)),
        },
        Err(refusal) => Err(Error::from(refusal).of(Cause::Remote)),
    }
}

/// Whether it has the key that was seen there: the cache alone is no proof.
fn is_of(cached: &Cached, key: Option<Fingerprint>) -> bool {
    let found = Certificate::from_pem(&cached.pem);
    found.is_ok_and(|found| Some(found.fingerprint()) == key)
}

fn remembered(cached: Cached, from: &str, error: Error, now: Timestamp) -> Result<Fetched> {
    let Cached { pem, fetched } = cached;
    let is_over =
        Certificate::from_pem(&pem).map_or(true, |found| found.is_expired(now.as_second()));
    let age = age(now.as_second() - fetched.as_second());
    if is_over {
        let other = format!("its certificate, fetched {age} ago, has expired");
        return Err(error.and(other).of(Cause::Remote));
    }
    say(format_args!(
        "note: {}; using its certificate, which was fetched {age} ago",
        error.message()
    ));
    Ok(Fetched { pem, from: format!("the cache, fetched {age} ago from {from}") })
}

fn say_if_changed(from: &str, before: Option<Fingerprint>, now: Fingerprint) {
    if let Some(before) = before {
        say(format_args!("note: the sealing key of {from} changed from {before} to {now}"));
    }
}

/// How long ago something was, roughly. A clock may have been put back since.
fn age(seconds: i64) -> String {
    const UNITS: [(i64, &str); 3] = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let (count, unit) = UNITS
        .iter()
        .find(|(length, _)| seconds >= *length)
        .map_or((seconds.max(0), "second"), |(length, unit)| (seconds / length, *unit));
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use sealwright_crypto::{KeySize, PrivateKey, Validity};

    use super::*;

    #[test]
    fn ages_are_rough() {
        for (seconds, expected) in [
            (-5, "0 seconds"),
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (7_199, "1 hour"),
            (86_400, "1 day"),
            (40 * 86_400, "40 days"),
        ] {
            assert_eq!(age(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn only_the_key_that_was_seen_counts() {
        let certificate = |key: &PrivateKey| {
            Certificate::self_signed(key, "", Validity { not_before: 0, not_after: 1 }).unwrap()
        };
        let [one, other] = [(); 2].map(|()| certificate(&PrivateKey::generate(KeySize::Rsa2048)));
        let cached = Cached { pem: one.to_pem().to_owned(), fetched: Timestamp::UNIX_EPOCH };
        assert!(is_of(&cached, Some(one.fingerprint())));
        assert!(!is_of(&cached, Some(other.fingerprint())));
        assert!(!is_of(&cached, None));
    }

    #[test]
    fn one_that_has_expired_is_not_used() {
        let key = PrivateKey::generate(KeySize::Rsa2048);
        let certificate =
            Certificate::self_signed(&key, "", Validity { not_before: 0, not_after: 1_000 });
        let pem = certificate.unwrap().to_pem().to_owned();
        let at = |second| Timestamp::from_second(second).unwrap();
        let found = |now| {
            let cached = Cached { pem: pem.clone(), fetched: at(900) };
            let error = Error::new("cannot reach x: why").hint("do").of(Cause::Remote);
            remembered(cached, "there", error, at(now)).map(|fetched| fetched.from)
        };
        assert_eq!(found(960).unwrap(), "the cache, fetched 1 minute ago from there");
        let error = found(1_001).unwrap_err();
        assert_eq!(error.cause(), Cause::Remote);
        let expected = "error: cannot reach x: why; its certificate, fetched 1 minute ago, has expired\nhint: do";
        assert_eq!(error.to_string(), expected);
    }
}
