//! What a Prometheus server reads: upstream's metrics under their names, and ours about keys.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use kube::ResourceExt;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use sealwright_api::{SYNCED, SealedSecret};
use sealwright_crypto::Keyring;

use crate::error::Error;
use crate::tracker::Tracker;

/// The label of a SealedSecret that Helm and others set, and upstream's name for it.
const INSTANCE_LABEL: &str = "app.kubernetes.io/instance";

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ErrorLabels {
    reason: &'static str,
    namespace: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ConditionLabels {
    namespace: String,
    name: String,
    condition: &'static str,
    ss_app_kubernetes_io_instance: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    path: &'static str,
    code: u16,
    method: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct DurationLabels {
    path: &'static str,
    method: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct KeyLabels {
    fingerprint: String,
}

/// Counters and gauges, and the registry that prints them.
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) unseal_requests: Counter,
    unseal_errors: Family<ErrorLabels, Counter>,
    condition_info: Option<Family<ConditionLabels, Gauge>>,
    http_requests: Family<RequestLabels, Counter>,
    http_durations: Family<DurationLabels, Histogram>,
    pub(crate) key_renewals: Counter,
    keys: Gauge,
    newest_key_age: Gauge,
    newest_key_expiry: Gauge,
    objects_by_key: Family<KeyLabels, Gauge>,
    rsa_operations: Counter,
    /// Of these, those that the present keyring has counted.
    rsa_operations_read: AtomicU64,
}

impl Metrics {
    /// With `condition_info`, unless it is to be left out.
    pub(crate) fn new(omit_secret_labels: bool) -> Self {
        let mut registry = Registry::with_prefix("sealed_secrets_controller");
        let version = format!("v{}", env!("CARGO_PKG_VERSION"));
        registry.register("build", "Version of the controller", Info::new([("revision", version)]));
        let durations =
            || Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]);
        let metrics = Self {
            unseal_requests: Counter::default(),
            unseal_errors: Family::default(),
            condition_info: (!omit_secret_labels).then(Family::default),
            http_requests: Family::default(),
            http_durations: Family::new_with_constructor(durations),
            key_renewals: Counter::default(),
            keys: Gauge::default(),
            newest_key_age: Gauge::default(),
            newest_key_expiry: Gauge::default(),
            objects_by_key: Family::default(),
            rsa_operations: Counter::default(),
            rsa_operations_read: AtomicU64::new(0),
            registry,
        };
        metrics.registered()
    }

    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        let add = "Attempts to unseal a SealedSecret";
        registry.register("unseal_requests", add, self.unseal_requests.clone());
        let add = "Attempts that failed, by reason: fetch, status, unseal, unmanaged, update";
        registry.register("unseal_errors", add, self.unseal_errors.clone());
        if let Some(condition_info) = &self.condition_info {
            let add = "Conditions of SealedSecrets: 1 True, 0 Unknown, -1 False";
            registry.register("condition_info", add, condition_info.clone());
        }
        registry.register("http_requests", "Answered requests", self.http_requests.clone());
        let add = "Time that answers took";
        registry.register("http_request_duration_seconds", add, self.http_durations.clone());
        registry.register("key_renewals", "Keys made here", self.key_renewals.clone());
        registry.register("keys", "Keys that open", self.keys.clone());
        let add = "Seconds since the newest key was made";
        registry.register("newest_key_age_seconds", add, self.newest_key_age.clone());
        let add = "End of the newest key's certificate, in seconds since 1970";
        registry.register(
            "newest_key_expiry_timestamp_seconds",
            add,
            self.newest_key_expiry.clone(),
        );
        let add = "SealedSecrets that a key opened";
        registry.register("objects_by_key", add, self.objects_by_key.clone());
        let add = "Private RSA operations, by reconciling and by requests";
        registry.register("rsa_operations", add, self.rsa_operations.clone());
        self
    }

    /// Counts a failed attempt, under upstream's reasons.
    pub(crate) fn count_error(&self, error: &Error, namespace: &str) {
        let reason = match error {
            Error::Unseal(_) => "unseal",
            Error::Refused(_) => "unmanaged",
            Error::Api { step: "get the Secret", .. } => "fetch",
            _ => "update",
        };
        self.count(reason, namespace);
    }

    /// Counts a status that could not be written.
    pub(crate) fn count_status_error(&self, namespace: &str) {
        self.count("status", namespace);
    }

    fn count(&self, reason: &'static str, namespace: &str) {
        let labels = ErrorLabels { reason, namespace: namespace.to_owned() };
        self.unseal_errors.get_or_create(&labels).inc();
    }

    /// Publishes the condition of an object.
    pub(crate) fn set_condition(&self, sealed: &SealedSecret, is_synced: bool) {
        if let Some(family) = &self.condition_info {
            family.get_or_create(&condition_labels(sealed)).set(if is_synced { 1 } else { -1 });
        }
    }

    /// Takes the series of a deleted object away.
    pub(crate) fn forget(&self, sealed: &SealedSecret) {
        if let Some(family) = &self.condition_info {
            family.remove(&condition_labels(sealed));
        }
    }

    /// Counts an answered request.
    pub(crate) fn count_request(
        &self,
        path: &'static str,
        method: &str,
        code: u16,
        time: Duration,
    ) {
        let method = method.to_lowercase();
        let labels = RequestLabels { path, code, method: method.clone() };
        self.http_requests.get_or_create(&labels).inc();
        self.http_durations
            .get_or_create(&DurationLabels { path, method })
            .observe(time.as_secs_f64());
    }

    /// The text that a Prometheus server reads, with the keys as they are now.
    pub(crate) fn text(&self, keyring: &Keyring, tracker: &Tracker, is_ready: bool) -> String {
        self.keys.set(i64::try_from(keyring.iter().count()).unwrap_or(i64::MAX));
        if let Some(newest) = keyring.newest() {
            self.newest_key_age.set(Timestamp::now().as_second() - newest.born);
        }
        if let Some(certificate) = keyring.newest_certificate() {
            self.newest_key_expiry.set(certificate.validity().not_after);
        }
        // A new keyring counts from 0.
        let counted = keyring.rsa_operations();
        let read = self.rsa_operations_read.swap(counted, Ordering::Relaxed);
        self.rsa_operations.inc_by(counted.checked_sub(read).unwrap_or(counted));
        self.objects_by_key.clear();
        // Half a count would tell that a key is needed no longer.
        let counts = tracker.objects_by_key().filter(|_| is_ready);
        for key in keyring.iter().filter(|_| counts.is_some()) {
            let labels = KeyLabels { fingerprint: key.fingerprint().to_string() };
            let count = counts.as_ref().and_then(|counts| counts.get(&key.fingerprint()));
            let count = count.copied().unwrap_or_default();
            self.objects_by_key
                .get_or_create(&labels)
                .set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

fn condition_labels(sealed: &SealedSecret) -> ConditionLabels {
    ConditionLabels {
        namespace: sealed.namespace().unwrap_or_default(),
        name: sealed.name_any(),
        condition: SYNCED,
        ss_app_kubernetes_io_instance: sealed
            .labels()
            .get(INSTANCE_LABEL)
            .cloned()
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(metrics: &Metrics) -> String {
        metrics.text(&Keyring::default(), &Tracker::default(), true)
    }

    fn sealed() -> SealedSecret {
        let mut sealed = SealedSecret::new("db", Default::default());
        sealed.metadata.namespace = Some("team".to_owned());
        sealed.metadata.labels = Some([(INSTANCE_LABEL.to_owned(), "shop".to_owned())].into());
        sealed
    }

    #[test]
    fn names_and_labels_are_upstreams() {
        let metrics = Metrics::new(false);
        metrics.unseal_requests.inc();
        metrics.count_status_error("team");
        metrics.set_condition(&sealed(), true);
        metrics.count_request("/v1/verify", "POST", 409, Duration::from_millis(3));
        let text = text(&metrics);
        for line in [
            concat!(
                "sealed_secrets_controller_build_info{revision=\"v",
                env!("CARGO_PKG_VERSION"),
                "\"} 1"
            ),
            "sealed_secrets_controller_unseal_requests_total 1",
            "sealed_secrets_controller_unseal_errors_total{reason=\"status\",namespace=\"team\"} 1",
            "sealed_secrets_controller_condition_info{namespace=\"team\",name=\"db\",condition=\"Synced\",ss_app_kubernetes_io_instance=\"shop\"} 1",
            "sealed_secrets_controller_http_requests_total{path=\"/v1/verify\",code=\"409\",method=\"post\"} 1",
            "sealed_secrets_controller_http_request_duration_seconds_count{path=\"/v1/verify\",method=\"post\"} 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn a_deleted_object_takes_its_series_along() {
        let metrics = Metrics::new(false);
        metrics.set_condition(&sealed(), false);
        assert!(text(&metrics).contains("ss_app_kubernetes_io_instance=\"shop\"} -1"));
        metrics.forget(&sealed());
        assert!(!text(&metrics).contains("shop"));
    }

    #[test]
    fn names_of_objects_can_be_left_out() {
        let metrics = Metrics::new(true);
        metrics.set_condition(&sealed(), true);
        assert!(!text(&metrics).contains("condition_info"));
    }
}
