//! The certificate that the controller serves: whether it can be sealed with, whether it is the newest,
//! and whether it is the one that is published and was seen before.

mod keys;
mod others;

use jiff::Timestamp;
use sealwright_crypto::Certificate;
use serde_json::Value;

use super::check::Finding;
use super::controller::Service;
use crate::cluster::{Api, Look, is_page};
pub(super) use keys::{Keys, Order};
pub(super) use others::{known, published, published_finding};

pub(super) const CHECK: &str = "certificate";
/// Time enough to notice and do something about it.
const SOON: i64 = 30 * 86_400;
const RENEW: &str =
    "make a new key: `kubeseal keys generate`; else the controller does at its --key-renew-period";

const WHICH: &str =
    "is it the controller's Service? see --controller-name and --controller-namespace";

/// What the controller answers, through the API server's proxy; `None` when it has none.
pub(super) fn served(api: &Api, service: &Service) -> Look<Option<String>> {
    let ways =
        service.names.iter().flat_map(|name| service.ports.iter().map(move |port| (name, port)));
    let mut best = Look::Absent;
    for (name, port) in ways {
        let path = format!(
            "/api/v1/namespaces/{}/services/http:{name}:{port}/proxy/v1/cert.pem",
            service.namespace
        );
        let look = api.look_behind(&path);
        if matches!(look, Look::There(Some(_))) {
            return look;
        }
        if told_by(&look) > told_by(&best) {
            best = look;
        }
    }
    best
}

/// How much an answer tells: that it may not be asked says less than that nobody answers.
fn told_by(look: &Look<Option<String>>) -> u8 {
    match look {
        Look::Absent => 0,
        Look::Forbidden(_) => 1,
        Look::Failed(_) => 2,
        Look::There(_) => 3,
    }
}

/// The certificate, and what is to be said of it by itself.
pub(super) fn read(
    served: &Look<Option<String>>,
    now: Timestamp,
) -> (Option<Certificate>, Finding) {
    let pem = match served {
        Look::There(Some(pem)) => pem,
        Look::There(None) => {
            let found = "whoever answers there has no /v1/cert.pem";
            return (None, Finding::problem(CHECK, found, WHICH));
        }
        Look::Absent => {
            let found = "the API server leads to no Service of that name and port";
            return (None, Finding::problem(CHECK, found, WHICH));
        }
        Look::Forbidden(why) => {
            let finding = Finding::unknown(
                CHECK,
                format!("no permission to ask for it: {why}"),
                "ask for the role sealed-secrets-service-proxier, or seal with --cert and a file",
            );
            return (None, finding);
        }
        Look::Failed(why) => {
            let finding = Finding::problem(
                CHECK,
                format!("the controller does not answer: {why}"),
                "see whether its pod is ready and reachable from the API server: its log, and \
                 NetworkPolicies or firewalls in between",
            );
            return (None, finding);
        }
    };
    match Certificate::from_pem(pem) {
        Ok(certificate) => {
            let finding = validity(&certificate, now);
            (Some(certificate), finding)
        }
        Err(error) => {
            let why = if is_page(pem) { "a web page".to_owned() } else { error.to_string() };
            let finding = Finding::problem(
                CHECK,
                format!("what is served cannot be sealed with: {why}"),
                WHICH,
            );
            (None, finding)
        }
    }
}

fn validity(certificate: &Certificate, now: Timestamp) -> Finding {
    let (end, now) = (certificate.validity().not_after, now.as_second());
    let (key, day) = (certificate.fingerprint(), day(end));
    if certificate.is_expired(now) {
        let found = format!("expired on {day}: nobody can seal with it ({key})");
        return Finding::problem(CHECK, found, RENEW);
    }
    let found = format!("valid until {day} ({key})");
    if end - now >= SOON {
        return Finding::ok(CHECK, found);
    }
    // Whether the controller makes another key before is not known: its period may be longer than that.
    let found = format!("{found}: less than {} days are left to seal with it", SOON / 86_400);
    Finding::warning(CHECK, found, RENEW)
}

fn day(second: i64) -> String {
    let time = Timestamp::from_second(second);
    time.map_or_else(|_| "a day far away".to_owned(), |time| time.strftime("%Y-%m-%d").to_string())
}

/// A text of an object.
fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object["metadata"][field].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::keys::testing::certificate;
    use super::*;

    fn read_at(served: Look<&str>, now: i64) -> (bool, Finding) {
        let served = served.map(|pem| Some(pem.to_owned()));
        let (certificate, finding) = read(&served, Timestamp::from_second(now).unwrap());
        (certificate.is_some(), finding)
    }

    #[test]
    fn a_certificate_is_judged_by_its_end() {
        let made = certificate(1_000_000_000, 1_100_000_000);
        let pem = || Look::There(made.to_pem());
        for (now, state, text) in [
            (1_000_000_000, State::Ok, "valid until 2004-11-09"),
            (999_999_000, State::Ok, "valid until"),
            (1_100_000_000 - SOON, State::Ok, "valid until 2004-11-09"),
            (1_100_000_000 - SOON + 1, State::Warning, "less than 30 days are left"),
            (1_100_000_000, State::Warning, "valid until"),
            (1_100_000_001, State::Problem, "expired on 2004-11-09"),
        ] {
            let (is_one, finding) = read_at(pem(), now);
            assert_eq!((is_one, finding.state), (true, state), "{now}");
            assert!(finding.found.contains(text), "{finding:?}");
            assert!(finding.found.contains("(SHA256:") || finding.found.ends_with(')'));
        }
    }

    #[test]
    fn a_service_without_one_is_told_from_none() {
        let (certificate, finding) = read(&Look::There(None), Timestamp::UNIX_EPOCH);
        assert!(certificate.is_none());
        assert_eq!(
            (finding.state, finding.found.contains("has no /v1/cert.pem")),
            (State::Problem, true)
        );
    }

    #[test]
    fn without_one_it_is_told_why() {
        let forbidden = || Look::Forbidden("cannot get services/proxy".to_owned());
        for (served, state, text) in [
            (Look::Absent, State::Problem, "leads to no Service"),
            (forbidden(), State::Unknown, "no permission to ask for it: cannot get services/proxy"),
            (Look::Failed("no endpoints".to_owned()), State::Problem, "does not answer: no endp"),
            (Look::There("<html>hello"), State::Problem, "a web page"),
            (Look::There("hunter2"), State::Problem, "cannot be sealed with"),
        ] {
            let (is_one, finding) = read_at(served, 0);
            assert_eq!((is_one, finding.state), (false, state), "{finding:?}");
            assert!(finding.found.contains(text), "{finding:?}");
            assert!(!finding.found.contains("hunter2"), "{finding:?}");
        }
    }
}
