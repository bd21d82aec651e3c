//! Whether etcd holds Secrets encrypted, as far as the API server lets it be seen: by what its metrics
//! count, and by the flags of its pod where it runs as one.

mod metrics;

use serde_json::Value;

use super::check::Finding;
use crate::cluster::{Api, Look};
use metrics::Counted;

const CHECK: &str = "encryption at rest";
const FLAG: &str = "--encryption-provider-config";
const PODS: &str = "/api/v1/namespaces/kube-system/pods";
const ENCRYPT: &str = "see https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data; then write the \
                       Secrets that are there anew";
const ASK: &str = "ask whoever runs the control plane";

/// Looks, and judges.
pub(super) fn finding(api: &Api) -> Finding {
    let metrics = api.look_at_text("/metrics").map(|text| metrics::counted(&text));
    let pods = api.look_at_all(PODS, "labelSelector=component%3Dkube-apiserver");
    told(&metrics, flagged(&pods))
}

/// Whether API servers have the flag, where they are seen: all of them.
fn flagged(pods: &Look<Vec<Value>>) -> Option<bool> {
    let pods = pods.there()?.iter().filter(|pod| is_api_server(pod));
    let flags: Vec<_> = pods.map(has_flag).collect();
    (!flags.is_empty()).then(|| flags.into_iter().all(|flag| flag))
}

/// Pods that the kubelet shows for its own: others may bear any name and label.
fn is_api_server(pod: &Value) -> bool {
    let metadata = &pod["metadata"];
    let name = metadata["name"].as_str().unwrap_or_default();
    let is_mirror = !metadata["annotations"]["kubernetes.io/config.mirror"].is_null();
    is_mirror && name.starts_with("kube-apiserver-")
}

fn has_flag(pod: &Value) -> bool {
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    let words = containers.flat_map(|container| [&container["command"], &container["args"]]);
    let mut words = words.filter_map(Value::as_array).flatten().filter_map(Value::as_str);
    words.any(|word| {
        word.strip_prefix(FLAG).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    })
}

fn told(metrics: &Look<Counted>, flagged: Option<bool>) -> Finding {
    match (metrics, flagged) {
        (Look::There(Counted::Encrypted(how)), _) => {
            Finding::ok(CHECK, format!("the API server encrypts Secrets in etcd ({how})"))
        }
        (Look::There(Counted::Both(how)), _) => Finding::warning(
            CHECK,
            format!("the API server encrypts Secrets in etcd ({how}), and reads some that are not"),
            "write them anew: `kubectl get secrets -A -o json | kubectl replace -f -`",
        ),
        (Look::There(Counted::Plain), _) => Finding::warning(
            CHECK,
            "the API server writes Secrets into etcd as they are, by its encryption configuration",
            ENCRYPT,
        ),
        (Look::There(Counted::Nothing), Some(true)) => Finding::unknown(
            CHECK,
            format!("the API server has {FLAG}, and its metrics say nothing of Secrets"),
            ASK,
        ),
        (_, Some(false)) => Finding::warning(
            CHECK,
            format!("the API server has no {FLAG}: etcd holds Secrets as they are"),
            ENCRYPT,
        ),
        (Look::There(Counted::Nothing), None) => Finding::warning(
            CHECK,
            "the API server encrypts nothing in etcd, as far as its metrics tell",
            format!("{ASK}: etcd's disk may be encrypted; else {ENCRYPT}"),
        ),
        (_, Some(true)) => Finding::unknown(
            CHECK,
            format!("the API server has {FLAG}; whether it covers Secrets cannot be seen"),
            format!("{ASK}, or for the right to get /metrics"),
        ),
        (_, None) => Finding::unknown(CHECK, "it cannot be seen from here", ASK),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::check::State;
    use super::*;

    fn pod(name: &str, is_mirror: bool, command: &[&str]) -> Value {
        let annotations =
            if is_mirror { json!({ "kubernetes.io/config.mirror": "x" }) } else { json!({}) };
        json!({
            "metadata": { "name": name, "annotations": annotations },
            "spec": { "containers": [{ "command": command }] },
        })
    }

    #[test]
    fn the_flag_is_that_of_every_api_server_that_is_one() {
        let with = |name| pod(name, true, &["kube-apiserver", "--encryption-provider-config=/e"]);
        let without = |name| pod(name, true, &["kube-apiserver", "--encryption-provider-config-x"]);
        for (pods, expected) in [
            (vec![with("kube-apiserver-a")], Some(true)),
            (vec![with("kube-apiserver-a"), without("kube-apiserver-b")], Some(false)),
            (vec![without("kube-apiserver-a")], Some(false)),
            (vec![with("other")], None),
            // Whoever may create pods could say anything by one.
            (vec![pod("kube-apiserver-z", false, &["--encryption-provider-config=/e"])], None),
            (vec![], None),
        ] {
            assert_eq!(flagged(&Look::There(pods.clone())), expected, "{pods:?}");
        }
        assert_eq!(flagged(&Look::Forbidden("no".to_owned())), None);
    }

    #[test]
    fn what_is_seen_is_told_and_nothing_more() {
        let hidden = || Look::Forbidden("cannot get path /metrics".to_owned());
        let how = || "aescbc".to_owned();
        for (metrics, flagged, state, text) in [
            (Look::There(Counted::Encrypted(how())), None, State::Ok, "in etcd (aescbc)"),
            (Look::There(Counted::Both(how())), None, State::Warning, "reads some that are not"),
            (Look::There(Counted::Plain), Some(true), State::Warning, "as they are"),
            (Look::There(Counted::Nothing), Some(true), State::Unknown, "say nothing of Secrets"),
            (Look::There(Counted::Nothing), Some(false), State::Warning, "has no --encryption"),
            (Look::There(Counted::Nothing), None, State::Warning, "as far as its metrics tell"),
            (hidden(), Some(true), State::Unknown, "whether it covers Secrets"),
            (hidden(), Some(false), State::Warning, "has no --encryption"),
            (hidden(), None, State::Unknown, "cannot be seen"),
            (Look::Absent, None, State::Unknown, "cannot be seen"),
        ] {
            let finding = told(&metrics, flagged);
            assert_eq!(finding.state, state, "{finding:?}");
            assert!(finding.found.contains(text), "{finding:?}");
        }
    }
}
