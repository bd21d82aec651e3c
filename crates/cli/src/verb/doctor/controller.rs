//! Whether the controller is there: its Service, who stands behind that, and what runs there.

mod workload;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::check::{Finding, count};
use crate::args::ClusterArgs;
use crate::cluster::{Api, Look, USUAL_PORTS, names};
pub(super) use workload::Workload;

pub(super) const CHECK: &str = "controller";
const INSTALL: &str =
    "give --controller-name and --controller-namespace, or install it: see the chart";

/// Its Service, as far as it can be seen.
pub(super) struct Service {
    pub(super) namespace: String,
    /// The names to try: one, unless it may not be seen which of them exists.
    pub(super) names: Vec<String>,
    /// The ports to try, by name.
    pub(super) ports: Vec<String>,
    selector: Map<String, Value>,
    look: Look<()>,
}

/// Who stands behind it.
pub(super) struct Behind {
    /// Addresses that are ready.
    ready: Look<usize>,
    pub(super) workload: Look<Workload>,
    /// What pods that are not ready say.
    complaints: Vec<String>,
}

impl Service {
    /// The one that the flags name, or Helm's in its place.
    pub(super) fn find(api: &Api, flags: &ClusterArgs) -> Self {
        let namespace = &flags.controller_namespace;
        let mut unseen = Vec::new();
        let mut hindrance = Look::Absent;
        for name in names(&flags.controller_name) {
            match api.look(&format!("/api/v1/namespaces/{namespace}/services/{name}")) {
                Look::There(service) => return Self::there(namespace, name, &service),
                Look::Absent => {}
                hidden => {
                    unseen.push(name.to_owned());
                    hindrance = hidden.read(|_| None);
                }
            }
        }
        Self {
            namespace: namespace.clone(),
            names: unseen,
            ports: USUAL_PORTS.map(str::to_owned).to_vec(),
            selector: Map::new(),
            look: hindrance,
        }
    }

    fn there(namespace: &str, name: &str, service: &Value) -> Self {
        let port = service["spec"]["ports"][0]["name"].as_str().unwrap_or_default();
        Self {
            namespace: namespace.to_owned(),
            names: vec![name.to_owned()],
            ports: vec![port.to_owned()],
            selector: service["spec"]["selector"].as_object().cloned().unwrap_or_default(),
            look: Look::There(()),
        }
    }

    #[cfg(test)]
    pub(super) fn unseen_as(namespace: &str, names: &[&str], ports: &[&str]) -> Self {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let look = Look::Forbidden(String::new());
        let namespace = namespace.to_owned();
        Self { namespace, names: texts(names), ports: texts(ports), selector: Map::new(), look }
    }

    /// `namespace/name`, or what is looked for.
    pub(super) fn title(&self, flags: &ClusterArgs) -> String {
        let name = self.names.first().unwrap_or(&flags.controller_name);
        format!("{}/{name}", self.namespace)
    }

    /// Whether it is known not to be there.
    pub(super) fn is_absent(&self) -> bool {
        self.look == Look::Absent
    }

    /// Why nothing can be told of who stands behind it.
    fn unseen<T>(&self) -> Look<T> {
        match &self.look {
            Look::There(()) | Look::Absent => Look::Absent,
            Look::Forbidden(why) => Look::Forbidden(why.clone()),
            Look::Failed(why) => Look::Failed(why.clone()),
        }
    }
}

impl Behind {
    /// Looks for endpoints, the Deployment and its pods.
    pub(super) fn look(api: &Api, service: &Service) -> Self {
        let namespace = &service.namespace;
        let ready = match service.look {
            Look::There(()) => ready(api, namespace, &service.names[0]),
            _ => service.unseen(),
        };
        if service.selector.is_empty() {
            return Self { ready, workload: service.unseen(), complaints: Vec::new() };
        }
        let deployments = format!("/apis/apps/v1/namespaces/{namespace}/deployments");
        let pods = format!("/api/v1/namespaces/{namespace}/pods");
        let deployments = api.look_at_all(&deployments, "");
        let pods = api.look_at_all(&pods, &workload::query(&service.selector));
        Self {
            ready,
            workload: workload::found(&service.selector, &deployments, &pods),
            complaints: pods.there().map(|pods| workload::complaints(pods)).unwrap_or_default(),
        }
    }
}

fn ready(api: &Api, namespace: &str, name: &str) -> Look<usize> {
    let slices = format!("/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices");
    let query = format!("labelSelector=kubernetes.io%2Fservice-name%3D{name}");
    api.look_at_all(&slices, &query).map(|slices| ready_in(&slices))
}

/// How many pods are ready: one may be there once for each family of addresses.
fn ready_in(slices: &[Value]) -> usize {
    let endpoints = slices.iter().flat_map(|slice| slice["endpoints"].as_array());
    let ready = endpoints.flatten().filter(|endpoint| endpoint["conditions"]["ready"] != false);
    let names = ready.map(|endpoint| match endpoint["targetRef"]["name"].as_str() {
        Some(name) => name.to_owned(),
        None => endpoint["addresses"][0].to_string(),
    });
    names.collect::<BTreeSet<_>>().len()
}

/// What is to be said of it.
pub(super) fn finding(flags: &ClusterArgs, service: &Service, behind: &Behind) -> Finding {
    let title = service.title(flags);
    match &service.look {
        Look::There(()) => stands(&title, &service.namespace, behind),
        Look::Absent => {
            let names = names(&flags.controller_name);
            let names = names.map(|name| format!("{}/{name}", service.namespace));
            let names = names.collect::<Vec<_>>().join(" or ");
            Finding::problem(CHECK, format!("there is no Service {names}"), INSTALL)
        }
        hidden => Finding::hidden(CHECK, &format!("whether {title} is there"), hidden),
    }
}

fn stands(title: &str, namespace: &str, behind: &Behind) -> Finding {
    let workload = behind.workload.there();
    let image = workload.and_then(|workload| workload.image.as_deref());
    let image = image.map(|image| format!(", image {image}")).unwrap_or_default();
    let Some(&ready) = behind.ready.there() else {
        let what = format!("Service {title} is there; who stands behind it");
        return Finding::hidden(CHECK, &what, &behind.ready);
    };
    let wanted = workload.and_then(|workload| workload.replicas);
    let remedy = format!("see `kubectl -n {namespace} get pods` and the log of those that fail");
    match (ready, wanted) {
        (0, Some(0)) => Finding::problem(
            CHECK,
            format!("{title} is scaled down to no replica{image}"),
            scale_up(namespace, workload),
        ),
        (0, _) => {
            let found = format!("{title} has no pod that is ready{image}");
            Finding::problem(CHECK, found, remedy).with(behind.complaints.clone())
        }
        (ready, Some(wanted)) if ready < wanted => {
            let found = format!("{title} has {ready} of {wanted} pods ready{image}");
            Finding::warning(CHECK, found, remedy).with(behind.complaints.clone())
        }
        _ => {
            let pods = count(ready, "pod");
            let verb = if ready == 1 { "is" } else { "are" };
            Finding::ok(CHECK, format!("{title}: {pods} {verb} ready{image}"))
        }
    }
}

fn scale_up(namespace: &str, workload: Option<&Workload>) -> String {
    let name = workload.and_then(|workload| workload.deployment.as_deref()).unwrap_or("NAME");
    format!("kubectl -n {namespace} scale --replicas=1 deployment/{name}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::check::State;
    use super::*;

    fn behind(ready: Look<usize>, replicas: Option<usize>) -> Behind {
        let spec = json!({ "containers": [{ "image": "controller:0.1.0" }] });
        let mut workload = Workload::of_pod(&spec, replicas);
        workload.deployment = Some("sealed".to_owned());
        let complaints = vec!["pod c-1: CrashLoopBackOff".to_owned()];
        Behind { ready, workload: Look::There(workload), complaints }
    }

    #[test]
    fn a_pod_with_two_addresses_is_one() {
        let endpoint = |name: &str, ready: Value, address: &str| {
            json!({
                "addresses": [address],
                "conditions": { "ready": ready },
                "targetRef": { "kind": "Pod", "name": name },
            })
        };
        let slices = [
            json!({ "endpoints": [endpoint("a", true.into(), "10.0.0.1"), endpoint("b", false.into(), "10.0.0.2")] }),
            json!({ "endpoints": [endpoint("a", true.into(), "fd00::1"), endpoint("c", Value::Null, "fd00::2")] }),
            json!({ "endpoints": null }),
            json!({ "endpoints": [{ "addresses": ["10.0.0.9"] }] }),
        ];
        assert_eq!(ready_in(&slices), 3);
    }

    #[test]
    fn what_is_ready_is_held_against_what_is_wanted() {
        for (ready, wanted, state, text) in [
            (1, Some(1), State::Ok, "n/c: 1 pod is ready, image controller:0.1.0"),
            (2, None, State::Ok, "n/c: 2 pods are ready"),
            (1, Some(2), State::Warning, "1 of 2 pods ready"),
            (0, Some(1), State::Problem, "no pod that is ready"),
            (0, Some(0), State::Problem, "scaled down"),
        ] {
            let finding = stands("n/c", "n", &behind(Look::There(ready), wanted));
            assert_eq!(finding.state, state, "{finding:?}");
            assert!(finding.found.contains(text), "{finding:?}");
        }
        let down = stands("n/c", "n", &behind(Look::There(0), None));
        assert_eq!(down.details, ["pod c-1: CrashLoopBackOff"]);
        let scaled = stands("n/c", "n", &behind(Look::There(0), Some(0)));
        let expected = "kubectl -n n scale --replicas=1 deployment/sealed";
        assert_eq!(scaled.remedy.as_deref(), Some(expected));
        let hidden = stands("n/c", "n", &behind(Look::Forbidden("cannot list".to_owned()), None));
        assert_eq!(hidden.state, State::Unknown);
    }

    #[test]
    fn a_service_that_could_not_be_looked_at_is_not_absent() {
        let of = |look: Look<()>| Service { look, ..Service::unseen_as("n", &["c"], &[""]) };
        assert!(of(Look::Absent).is_absent());
        for look in [Look::Failed("it answers 500".to_owned()), Look::Forbidden("no".to_owned())] {
            let why = look.hindrance().map(str::to_owned);
            let service = of(look);
            assert!(!service.is_absent());
            assert_eq!(service.unseen::<Workload>().hindrance(), why.as_deref());
        }
    }
}
