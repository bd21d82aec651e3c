//! What runs behind the controller's Service: the Deployment's pods, or pods alone.

use serde_json::{Map, Value};

use crate::cluster::Look;

const MANY: usize = 5;

/// What of it matters elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::verb::doctor) struct Workload {
    /// The ServiceAccount.
    pub(in crate::verb::doctor) account: String,
    pub(in crate::verb::doctor) image: Option<String>,
    /// Pods that are wanted.
    pub(in crate::verb::doctor) replicas: Option<usize>,
    /// The Deployment's name, where it is one.
    pub(in crate::verb::doctor) deployment: Option<String>,
    /// Command, arguments, and variables as the flags that they stand for.
    words: Vec<String>,
}

impl Workload {
    /// What the controller is told by a flag, on its command line or in its variables.
    pub(in crate::verb::doctor) fn flag(&self, name: &str) -> Option<&str> {
        let mut words = self.words.iter().peekable();
        let mut found = None;
        while let Some(word) = words.next() {
            let Some(rest) = word.strip_prefix("--").and_then(|word| word.strip_prefix(name))
            else {
                continue;
            };
            if let Some(value) = rest.strip_prefix('=') {
                found = Some(value);
            } else if rest.is_empty() {
                let value = words.peek().filter(|word| !word.starts_with('-'));
                found = Some(value.map_or("true", |value| value.as_str()));
            }
        }
        found
    }

    /// Whether its image has our name.
    pub(in crate::verb::doctor) fn is_called_ours(&self) -> bool {
        self.image.as_ref().is_some_and(|image| image.split('/').any(|part| part == "sealwright"))
    }

    /// Whether it is told to do that.
    pub(in crate::verb::doctor) fn is_told(&self, name: &str) -> bool {
        self.flag(name).is_some_and(is_true)
    }

    /// The namespaces whose SealedSecrets it opens, but for its own; `None` when they are all.
    pub(in crate::verb::doctor) fn namespaces(&self) -> Option<Vec<&str>> {
        let further = self.flag("additional-namespaces").unwrap_or_default();
        let further: Vec<_> = further.split(',').filter(|name| !name.is_empty()).collect();
        let is_all = self.flag("all-namespaces").is_none_or(is_true);
        (!is_all || !further.is_empty()).then_some(further)
    }

    /// Whether its replicas agree on the one that writes: ours do if nothing else is said, upstream's
    /// never.
    pub(in crate::verb::doctor) fn elects(&self, is_ours: bool) -> bool {
        self.flag("leader-election").map_or(is_ours, is_true)
    }

    pub(in crate::verb::doctor) fn of_pod(spec: &Value, replicas: Option<usize>) -> Self {
        let container = &spec["containers"][0];
        let texts = |field: &str| container[field].as_array().into_iter().flatten();
        let variables = texts("env").filter_map(|variable| {
            let name = variable["name"].as_str()?.strip_prefix("SEALED_SECRETS_")?;
            let flag = name.to_lowercase().replace('_', "-");
            Some(format!("--{flag}={}", variable["value"].as_str()?))
        });
        let words = texts("command").chain(texts("args"));
        let words = words.filter_map(|word| word.as_str().map(str::to_owned));
        let account = spec["serviceAccountName"].as_str().filter(|account| !account.is_empty());
        Self {
            account: account.unwrap_or("default").to_owned(),
            image: container["image"].as_str().map(str::to_owned),
            replicas,
            deployment: None,
            words: variables.chain(words).collect(),
        }
    }
}

fn is_true(value: &str) -> bool {
    matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

/// The Deployment whose pods the Service goes to; else one of the pods.
pub(super) fn found(
    selector: &Map<String, Value>,
    deployments: &Look<Vec<Value>>,
    pods: &Look<Vec<Value>>,
) -> Look<Workload> {
    let mut all = deployments.there().into_iter().flatten();
    if let Some(deployment) = all.find(|deployment| is_meant(selector, deployment)) {
        let spec = &deployment["spec"];
        let replicas = spec["replicas"].as_u64().and_then(|number| usize::try_from(number).ok());
        let replicas = replicas.unwrap_or(1);
        let name = deployment["metadata"]["name"].as_str().map(str::to_owned);
        let workload = Workload::of_pod(&spec["template"]["spec"], Some(replicas));
        return Look::There(Workload { deployment: name, ..workload });
    }
    if let Some(pod) = pods.there().and_then(|pods| pods.first()) {
        return Look::There(Workload::of_pod(&pod["spec"], None));
    }
    let hidden = [deployments, pods].into_iter().find(|look| look.hindrance().is_some());
    hidden.map_or(Look::Absent, |look| match look {
        Look::Forbidden(why) => Look::Forbidden(why.clone()),
        other => Look::Failed(other.hindrance().unwrap_or_default().to_owned()),
    })
}

fn is_meant(selector: &Map<String, Value>, deployment: &Value) -> bool {
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    selector.iter().all(|(name, value)| labels[name] == *value)
}

/// A selector as a list takes it. Labels have no characters that a query would take otherwise, but for
/// the slash and the equals sign.
pub(super) fn query(selector: &Map<String, Value>) -> String {
    let terms = selector.iter().filter_map(|(name, value)| {
        let value = value.as_str()?;
        Some(format!("{}%3D{value}", name.replace('/', "%2F")))
    });
    format!("labelSelector={}", terms.collect::<Vec<_>>().join("%2C"))
}

/// Why pods are not ready, as they say themselves.
pub(super) fn complaints(pods: &[Value]) -> Vec<String> {
    let complaints = pods.iter().filter_map(|pod| {
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        let containers = pod["status"]["containerStatuses"].as_array().into_iter().flatten();
        let mut waiting =
            containers.filter_map(|container| container["state"]["waiting"]["reason"].as_str());
        let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
        let mut unmet = conditions.filter(|condition| condition["status"] == "False");
        let reason = waiting.next().or_else(|| unmet.find_map(|unmet| unmet["reason"].as_str()));
        let phase = pod["status"]["phase"].as_str();
        let is_fine = phase == Some("Running") && reason.is_none();
        (!is_fine).then(|| format!("pod {name}: {}", reason.or(phase).unwrap_or("not begun")))
    });
    complaints.take(MANY).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn selector() -> Map<String, Value> {
        Map::from_iter([("name".to_owned(), "c".into())])
    }

    fn deployment(labels: Value, account: &str) -> Value {
        json!({ "metadata": { "name": account }, "spec": { "replicas": 2, "template": {
            "metadata": { "labels": labels },
            "spec": { "serviceAccountName": account, "containers": [{ "image": "i:1" }] },
        } } })
    }

    #[test]
    fn the_deployment_is_the_one_whose_pods_the_service_goes_to() {
        let deployments = Look::There(vec![
            deployment(json!({ "name": "other" }), "wrong"),
            deployment(json!({ "name": "c", "more": "x" }), "right"),
        ]);
        let found = found(&selector(), &deployments, &Look::Absent);
        let found = found.there().unwrap();
        assert_eq!((found.account.as_str(), found.replicas), ("right", Some(2)));
        assert_eq!(found.deployment.as_deref(), Some("right"));
    }

    #[test]
    fn without_a_deployment_a_pod_tells() {
        let pods = Look::There(vec![json!({ "spec": { "containers": [{ "image": "i:2" }] } })]);
        let forbidden = Look::Forbidden("cannot list deployments".to_owned());
        let found = found(&selector(), &forbidden, &pods);
        let found = found.there().unwrap();
        assert_eq!((found.account.as_str(), found.replicas), ("default", None));
        let nothing = super::found(&selector(), &forbidden, &Look::There(Vec::new()));
        assert_eq!(nothing, Look::Forbidden("cannot list deployments".to_owned()));
        let failed = Look::Failed("it answers 500".to_owned());
        let nothing = super::found(&selector(), &failed, &Look::There(Vec::new()));
        assert_eq!(nothing, Look::Failed("it answers 500".to_owned()));
        let nothing = super::found(&selector(), &Look::There(Vec::new()), &Look::Absent);
        assert_eq!(nothing, Look::Absent);
    }

    #[test]
    fn flags_are_read_as_the_controller_reads_them() {
        let told = |args: Value, env: Value| {
            let spec =
                json!({ "containers": [{ "command": ["controller"], "args": args, "env": env }] });
            Workload::of_pod(&spec, None)
        };
        let none = told(json!([]), json!(null));
        assert_eq!((none.namespaces(), none.elects(false), none.elects(true)), (None, false, true));
        let own = told(json!(["--all-namespaces=false", "--leader-election"]), json!([]));
        assert_eq!((own.namespaces(), own.elects(false)), (Some(vec![]), true));
        assert!(!told(json!(["--leader-election=false"]), json!([])).elects(true));
        let some = told(json!(["--additional-namespaces", "a,b"]), json!([]));
        assert_eq!(some.namespaces(), Some(vec!["a", "b"]));
        let variable = json!([{ "name": "SEALED_SECRETS_ADDITIONAL_NAMESPACES", "value": "c" }]);
        assert_eq!(told(json!([]), variable.clone()).namespaces(), Some(vec!["c"]));
        // The command line wins.
        let both = told(json!(["--additional-namespaces=d"]), variable);
        assert_eq!(both.namespaces(), Some(vec!["d"]));
        assert_eq!(some.flag("additional"), None);
    }

    #[test]
    fn our_image_is_known_by_its_path() {
        for (image, expected) in [
            ("ghcr.io/sealwright/controller:0.1.0", true),
            ("mirror.local/ghcr/sealwright/controller@sha256:0", true),
            ("docker.io/bitnami/sealed-secrets-controller:0.30.0", false),
            ("sealwright-fork/x", false),
        ] {
            let spec = json!({ "containers": [{ "image": image }] });
            assert_eq!(Workload::of_pod(&spec, None).is_called_ours(), expected, "{image}");
        }
    }

    #[test]
    fn a_selector_is_a_query() {
        let selector = Map::from_iter([
            ("app.kubernetes.io/name".to_owned(), "sealed-secrets".into()),
            ("b".to_owned(), "c".into()),
        ]);
        let expected = "labelSelector=app.kubernetes.io%2Fname%3Dsealed-secrets%2Cb%3Dc";
        assert_eq!(query(&selector), expected);
    }

    #[test]
    fn pods_say_what_they_lack() {
        let pods = [
            json!({ "metadata": { "name": "a" }, "status": { "phase": "Running", "containerStatuses": [
                { "state": { "waiting": { "reason": "CrashLoopBackOff" } } } ] } }),
            json!({ "metadata": { "name": "b" }, "status": { "phase": "Pending", "conditions": [
                { "type": "PodScheduled", "status": "False", "reason": "Unschedulable" } ] } }),
            json!({ "metadata": { "name": "c" }, "status": { "phase": "Running" } }),
            json!({ "metadata": { "name": "d" }, "status": { "phase": "Pending" } }),
            json!({ "metadata": { "name": "e" } }),
        ];
        let expected = [
            "pod a: CrashLoopBackOff",
            "pod b: Unschedulable",
            "pod d: Pending",
            "pod e: not begun",
        ];
        assert_eq!(complaints(&pods), expected);
    }
}
