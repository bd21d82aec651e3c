//! What holds for everything that is rendered, under whatever values.

use std::collections::{BTreeMap, BTreeSet};

use harness::Result;
use serde_json::{Map, Value, json};

use crate::helm::{Helm, find, objects};
use crate::matrix::{Case, RELEASE, cases};

/// Kinds that are in no namespace.
const EVERYWHERE: [&str; 3] = ["ClusterRole", "ClusterRoleBinding", "PodSecurityPolicy"];
const NAME: &str = "app.kubernetes.io/name";
const INSTANCE: &str = "app.kubernetes.io/instance";

#[test]
fn every_object_has_the_standard_labels_and_those_of_the_user() -> Result<()> {
    for case in cases(&Helm::find()?)? {
        for object in case.own() {
            let (labels, what) = (&object["metadata"]["labels"], case.what(object));
            let release = [(INSTANCE, RELEASE.0), ("app.kubernetes.io/managed-by", "Helm")];
            for (label, value) in release {
                assert_eq!(labels[label], value, "{label} of {what}");
            }
            for label in [NAME, "helm.sh/chart", "app.kubernetes.io/version"] {
                assert!(labels[label].is_string(), "{what} has no {label}");
            }
            let part_of = if case.name == "labels" { "platform" } else { "sealed-secrets" };
            assert_eq!(labels["app.kubernetes.io/part-of"], part_of, "{what}");
            if case.name == "labels" {
                assert_eq!(labels["number"], "7", "{what}");
                assert_eq!(object["metadata"]["annotations"]["number"], "8", "{what}");
                assert_eq!(object["metadata"]["annotations"]["chart"], "sealwright", "{what}");
            }
        }
    }
    Ok(())
}

#[test]
fn values_of_labels_and_annotations_are_texts() -> Result<()> {
    for case in cases(&Helm::find()?)? {
        for object in &case.objects {
            let pod = &object["spec"]["template"]["metadata"];
            for metadata in [&object["metadata"], pod] {
                for field in ["labels", "annotations"] {
                    let values = metadata[field].as_object().into_iter().flatten();
                    for (name, value) in values {
                        assert!(value.is_string(), "{name} of {}: {value}", case.what(object));
                    }
                }
            }
        }
    }
    Ok(())
}

#[test]
fn every_object_is_in_a_namespace_or_of_the_cluster_and_there_once() -> Result<()> {
    for case in cases(&Helm::find()?)? {
        let mut seen = BTreeSet::new();
        for object in &case.objects {
            let is_everywhere = EVERYWHERE.contains(&text(&object["kind"]));
            let metadata = &object["metadata"];
            assert_eq!(metadata["namespace"].is_null(), is_everywhere, "{}", case.what(object));
            assert!(seen.insert(case.what(object)), "twice: {}", case.what(object));
        }
    }
    Ok(())
}

/// Selectors are immutable: they are these two labels, and every object that selects agrees.
#[test]
fn name_and_instance_select_the_controllers_pods_and_nothing_else_does() -> Result<()> {
    for case in cases(&Helm::find()?)? {
        let Some(deployment) = case.of_kind("Deployment").next() else { continue };
        let name = if case.name == "names" { "ours" } else { "sealed-secrets" };
        let selector = json!({ NAME: name, INSTANCE: RELEASE.0 });
        assert_eq!(deployment["spec"]["selector"], json!({ "matchLabels": selector }));
        let pod = &deployment["spec"]["template"]["metadata"]["labels"];
        assert!(selects(&selector, pod), "{}: {pod}", case.name);
        for service in case.of_kind("Service") {
            assert_eq!(service["spec"]["selector"], selector, "{}", case.what(service));
        }
        for kind in ["NetworkPolicy", "PodDisruptionBudget", "PodMonitor"] {
            for object in case.of_kind(kind) {
                let spec = &object["spec"];
                let own = if spec["podSelector"].is_null() { "selector" } else { "podSelector" };
                assert_eq!(spec[own], json!({ "matchLabels": selector }), "{}", case.what(object));
            }
        }
        for canary in case.of_kind("Pod") {
            assert!(!selects(&selector, &canary["metadata"]["labels"]), "{}", case.name);
        }
    }
    Ok(())
}

#[test]
fn what_asks_for_a_port_by_name_finds_it() -> Result<()> {
    for case in cases(&Helm::find()?)? {
        let Some(deployment) = case.of_kind("Deployment").next() else { continue };
        let container = &deployment["spec"]["template"]["spec"]["containers"][0];
        let ports = list(&container["ports"]).map(|port| text(&port["name"]));
        let ports: BTreeSet<_> = ports.collect();
        let asked = case.of_kind("Service").flat_map(|service| {
            list(&service["spec"]["ports"]).map(|port| text(&port["targetPort"]))
        });
        let probes = ["livenessProbe", "readinessProbe", "startupProbe"];
        let probed = probes.iter().filter_map(|probe| container[probe]["httpGet"]["port"].as_str());
        for port in asked.chain(probed) {
            assert!(ports.contains(port), "{}: no port {port}", case.name);
        }
        let monitored = case.of_kind("ServiceMonitor").map(|monitor| {
            let wanted = &monitor["spec"]["selector"]["matchLabels"];
            let services = case.of_kind("Service");
            services.filter(|service| selects(wanted, &service["metadata"]["labels"])).count()
        });
        assert!(monitored.into_iter().all(|count| count == 1), "{}", case.name);
    }
    Ok(())
}

#[test]
fn roles_are_bound_and_bindings_have_accounts_that_are_there() -> Result<()> {
    for case in cases(&Helm::find()?)? {
        for binding in case.objects.iter().filter(|o| text(&o["kind"]).ends_with("Binding")) {
            let role = &binding["roleRef"];
            let is_it = |object: &&Value| {
                object["kind"] == role["kind"] && object["metadata"]["name"] == role["name"]
            };
            let is_users = case.name == "own-cluster-role" && role["kind"] == "ClusterRole";
            assert!(is_users || case.objects.iter().any(|o| is_it(&o)), "{}", case.what(binding));
            for subject in list(&binding["subjects"]).filter(|s| s["kind"] == "ServiceAccount") {
                let is_there = |account: &Value| {
                    let metadata = &account["metadata"];
                    (&metadata["name"], &metadata["namespace"])
                        == (&subject["name"], &subject["namespace"])
                };
                let there = case.of_kind("ServiceAccount").any(is_there);
                assert!(there, "{}: {subject}", case.what(binding));
            }
        }
    }
    Ok(())
}

/// Only what Prometheus and Grafana read has braces of its own, and what is passed on unread.
#[test]
fn no_template_is_left_over() -> Result<()> {
    for case in cases(&Helm::find()?)? {
        for object in &case.objects {
            let mut object = object.clone();
            if let Some(raw) = object.pointer_mut("/spec/template/metadata/annotations/raw") {
                assert_eq!(raw.take(), "{{ stays }}");
            }
            if let Some(args) = object.pointer_mut("/spec/template/spec/containers/0/args") {
                let args = args.as_array_mut().into_iter().flatten();
                args.filter(|arg| *arg == "--my-cn=keys of {{ nobody }}").for_each(|arg| {
                    arg.take();
                });
            }
            let are_its_own = object["kind"] == "PrometheusRule"
                || text(&object["metadata"]["name"]).ends_with("-sealed-secrets-controller");
            let is_left = object.to_string().contains("{{");
            assert!(are_its_own || !is_left, "{}", case.what(&object));
        }
    }
    Ok(())
}

/// The values of the chart of sealed-secrets, all of them given as they are by default there.
#[test]
fn upstreams_defaults_are_ours() -> Result<()> {
    let all = cases(&Helm::find()?)?;
    let of = |name: &str| all.iter().find(|case| case.name == name).map(|case| &case.objects);
    assert_eq!(of("upstream"), of("default"));
    Ok(())
}

#[test]
fn objects_are_called_as_in_the_chart_of_sealed_secrets() -> Result<()> {
    let helm = Helm::find()?;
    for (release, name) in [
        ("sealed-secrets", "sealed-secrets"),
        ("my-sealed-secrets-2", "my-sealed-secrets-2"),
        ("prod", "prod-sealed-secrets"),
        ("sealwright", "sealwright-sealed-secrets"),
    ] {
        let objects = objects(&helm.template((release, "tools"), &[], &[])?)?;
        let expected = [
            ("ClusterRole", "secrets-unsealer".to_owned()),
            ("ClusterRoleBinding", name.to_owned()),
            ("Deployment", name.to_owned()),
            ("Role", format!("{name}-key-admin")),
            ("Role", format!("{name}-service-proxier")),
            ("RoleBinding", format!("{name}-key-admin")),
            ("RoleBinding", format!("{name}-service-proxier")),
            ("Service", name.to_owned()),
            ("Service", format!("{name}-metrics")),
            ("ServiceAccount", name.to_owned()),
        ];
        let is_hook = |object: &&Value| object["metadata"]["annotations"]["helm.sh/hook"] == "test";
        let there = objects.iter().filter(|object| !is_hook(object));
        let mut there: Vec<_> =
            there.map(|o| (text(&o["kind"]), text(&o["metadata"]["name"]).to_owned())).collect();
        there.sort();
        assert_eq!(there, expected);
        let container = &find(&objects, "Deployment", name)["spec"]["template"]["spec"];
        let container = &container["containers"][0];
        assert_eq!(
            (&container["name"], &container["command"]),
            (&json!("controller"), &json!(["controller"]))
        );
        let ports = list(&container["ports"]);
        let ports: BTreeMap<_, _> =
            ports.map(|port| (text(&port["name"]), port["containerPort"].clone())).collect();
        assert_eq!(ports, BTreeMap::from([("http", 8080.into()), ("metrics", 8081.into())]));
        assert_eq!(container["volumeMounts"][0], json!({ "name": "tmp", "mountPath": "/tmp" }));
    }
    Ok(())
}

/// An alert or a panel of a metric that does not exist would never say anything.
#[test]
fn alerts_and_dashboard_ask_for_metrics_that_there_are() -> Result<()> {
    const PREFIX: &str = "sealed_secrets_controller_";
    let reference = include_str!("../../docs/reference.md");
    let (_, table) = reference.split_once("\n## Metrics\n").unwrap_or_default();
    let rows = table.lines().take_while(|line| !line.starts_with("## "));
    let there: BTreeSet<_> = rows.filter_map(|line| line.split('`').nth(1)).collect();
    let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
    let mut asked = BTreeSet::new();
    for case in cases(&Helm::find()?)? {
        for object in &case.objects {
            let text = object.to_string();
            for rest in text.split(PREFIX).skip(1) {
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                asked.insert(rest[..end].trim_end_matches("_bucket").to_owned());
            }
        }
    }
    assert!(asked.len() > 5, "{asked:?}");
    let missing: Vec<_> = asked.iter().filter(|name| !there.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    Ok(())
}

impl Case {
    /// The objects of one kind.
    fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.objects.iter().filter(move |object| object["kind"] == kind)
    }

    /// The objects that the chart makes, and not its user.
    fn own(&self) -> impl Iterator<Item = &Value> {
        self.objects.iter().filter(|object| object["metadata"]["labels"][NAME] != "theirs")
    }

    fn what(&self, object: &Value) -> String {
        let metadata = &object["metadata"];
        let parts = [&object["kind"], &metadata["namespace"], &metadata["name"]].map(text);
        format!("{}: {}", self.name, parts.join(" "))
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn selects(selector: &Value, labels: &Value) -> bool {
    let empty = Map::new();
    selector.as_object().unwrap_or(&empty).iter().all(|(name, value)| labels[name] == *value)
}
