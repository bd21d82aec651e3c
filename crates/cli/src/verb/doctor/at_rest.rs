//! Whether etcd holds Secrets encrypted, as far as the API server lets it be seen: by what its metrics
//! count, and by the flags of its pod where it runs as one.

mod metrics;

use std::collections::BTreeSet;

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

/// Which of the API servers have the flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flagged {
    All,
    /// Those without it write Secrets as they are, and cannot read what the others write.
    Some,
    None,
    Unseen,
}

fn flagged(pods: &Look<Vec<Value>>) -> Flagged {
    let pods = pods.there().into_iter().flatten().filter(|pod| is_api_server(pod));
    let flags: BTreeSet<_> = pods.map(has_flag).collect();
    match (flags.contains(&true), flags.contains(&false)) {
        (true, true) => Flagged::Some,
        (true, false) => Flagged::All,
        (false, true) => Flagged::None,
        (false, false) => Flagged::Unseen,
    }
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

fn told(metrics: &Look<Counted>, flagged: Flagged) -> Finding {
    match (metrics, flagged) {
        // What one of them counts says nothing of the others.
        (_, Flagged::Some) => Finding::warning(
            CHECK,
            format!("not every API server has {FLAG}: some write Secrets into etcd as they are"),
            format!("start all of them with the same configuration; {ENCRYPT}"),
        ),
        (Look::There(Counted::Encrypted(how)), _) => {
            Finding::ok(CHECK, format!("the API server encrypts Secrets in etcd ({how})"))
        }
        (Look::There(Counted::Both(how)), _) => Finding::warning(
            CHECK,
            format!(
                "the API server encrypts Secrets in etcd ({how}), and has read some since its start that \
                 were not"
            ),
            "write them anew: `kubectl get secrets -A -o json | kubectl replace -f -`; the count begins anew \
             when the API server does",
        ),
        (Look::There(Counted::Plain), _) => Finding::warning(
            CHECK,
            "since its start the API server has written Secrets into etcd as they are, by its encryption \
             configuration",
            ENCRYPT,
        ),
        (Look::There(Counted::Nothing), Flagged::All) => Finding::unknown(
            CHECK,
            format!("the API server has {FLAG}, and its metrics say nothing of Secrets"),
            ASK,
        ),
        (_, Flagged::None) => Finding::warning(
            CHECK,
            format!("the API server has no {FLAG}: etcd holds Secrets as they are"),
            ENCRYPT,
        ),
        (Look::There(Counted::Nothing), Flagged::Unseen) => Finding::warning(
            CHECK,
            "the API server has encrypted nothing in etcd since its start, as far as its metrics tell",
            format!("{ASK}: etcd's disk may be encrypted; else {ENCRYPT}"),
        ),
        (_, Flagged::All) => Finding::unknown(
            CHECK,
            format!("the API server has {FLAG}; whether it covers Secrets cannot be seen"),
            format!("{ASK}, or for the right to get /metrics"),
        ),
        (_, Flagged::Unseen) => Finding::unknown(CHECK, "it cannot be seen from here", ASK),
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
            (vec![with("kube-apiserver-a")], Flagged::All),
            (vec![with("kube-apiserver-a"), without("kube-apiserver-b")], Flagged::Some),
            (vec![without("kube-apiserver-a")], Flagged::None),
            (vec![with("other")], Flagged::Unseen),
            // Whoever may create pods could say anything by one.
            (
                vec![pod("kube-apiserver-z", false, &["--encryption-provider-config=/e"])],
                Flagged::Unseen,
            ),
            (vec![], Flagged::Unseen),
        ] {
            assert_eq!(flagged(&Look::There(pods.clone())), expected, "{pods:?}");
        }
        assert_eq!(flagged(&Look::Forbidden("no".to_owned())), Flagged::Unseen);
    }

    #[test]
    fn what_is_seen_is_told_and_nothing_more() {
        let hidden = || Look::Forbidden("cannot get path /metrics".to_owned());
        let how = || "aescbc".to_owned();
        for (metrics, flagged, state, text) in [
            (
                Look::There(Counted::Encrypted(how())),
                Flagged::Unseen,
                State::Ok,
                "in etcd (aescbc)",
            ),
            (
                Look::There(Counted::Both(how())),
                Flagged::Unseen,
                State::Warning,
                "has read some since its start",
            ),
            (Look::There(Counted::Plain), Flagged::All, State::Warning, "since its start the"),
            (Look::There(Counted::Nothing), Flagged::All, State::Unknown, "say nothing of Secrets"),
            (Look::There(Counted::Nothing), Flagged::None, State::Warning, "has no --encryption"),
            (
                Look::There(Counted::Nothing),
                Flagged::Unseen,
                State::Warning,
                "as far as its metrics tell",
            ),
            (
                Look::There(Counted::Encrypted(how())),
                Flagged::Some,
                State::Warning,
                "not every API server",
            ),
            (hidden(), Flagged::Some, State::Warning, "not every API server"),
            (hidden(), Flagged::All, State::Unknown, "whether it covers Secrets"),
            (hidden(), Flagged::None, State::Warning, "has no --encryption"),
            (hidden(), Flagged::Unseen, State::Unknown, "cannot be seen"),
            (Look::Absent, Flagged::Unseen, State::Unknown, "cannot be seen"),
        ] {
            let finding = told(&metrics, flagged);
            assert_eq!(finding.state, state, "{finding:?}");
            assert!(finding.found.contains(text), "{finding:?}");
        }
    }
}
