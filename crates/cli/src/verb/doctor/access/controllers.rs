//! What the controller may do, against what it needs: the rules of the chart.

use std::collections::BTreeMap;

use sealwright_sealing::CONFIG_MAP;

use super::super::check::Finding;
use super::super::controller::{Service, Workload};
use super::{Deed, Who};
use crate::cluster::{Api, Look};

const CHECK: &str = "controller's rights";
/// More namespaces than that are not asked about.
const MANY: usize = 10;
const REMEDY: &str = "install its roles anew: the chart, or deploy/controller.yaml";
/// For a controller that is not ours, to which our chart would be another.
const REMEDY_OF_OTHERS: &str =
    "install its roles anew from where it came from, in the version that its image has";
/// The Lease that ours takes turns by, if nothing else is said.
const LEASE: &str = "sealed-secrets-controller";

/// A right, and whether it works without.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Need {
    deed: Deed,
    is_optional: bool,
}

/// Asks for each; `is_ours`: whether the controller is ours, which publishes its certificate.
pub(in crate::verb::doctor) fn finding(
    api: &Api,
    service: &Service,
    workload: &Look<Workload>,
    is_ours: bool,
) -> Finding {
    let Look::There(workload) = workload else {
        return Finding::hidden(CHECK, "whose they are", workload);
    };
    let (home, account) = (service.namespace.as_str(), workload.account.as_str());
    let who = Who::Account { namespace: home, name: account };
    let mut missing = Vec::new();
    for need in needs(home, workload, is_ours) {
        match who.may(api, &need.deed) {
            Look::There(true) => {}
            Look::There(false) => missing.push(need),
            hidden => {
                let what = format!("what ServiceAccount {home}/{account} may do");
                return Finding::hidden(CHECK, &what, &hidden);
            }
        }
    }
    let remedy = if is_ours { REMEDY } else { REMEDY_OF_OTHERS };
    told(&format!("ServiceAccount {home}/{account}"), &missing, remedy)
}

fn needs(home: &str, workload: &Workload, is_ours: bool) -> Vec<Need> {
    let scopes = match workload.namespaces() {
        None => vec![""],
        Some(further) if further.is_empty() => vec![home],
        Some(further) => further.into_iter().take(MANY).collect(),
    };
    let mut needs: Vec<_> = scopes.iter().flat_map(|scope| in_scope(scope)).collect();
    needs.extend(watching(&scopes, workload, is_ours));
    let covers_home = scopes.iter().any(|scope| scope.is_empty() || *scope == home);
    if !covers_home {
        needs.extend(of(&["list", "create"], "", "secrets", home, ""));
        // It looks again from time to time where it may not; upstream's never watches there.
        if is_ours {
            needs.extend(optional(of(&["watch"], "", "secrets", home, "")));
        }
    }
    if workload.elects(is_ours) {
        let group = "coordination.k8s.io";
        let lease = workload.flag("lease-name").unwrap_or(LEASE);
        let mut turns = of(&["create"], group, "leases", home, "");
        turns.extend(of(&["get", "update"], group, "leases", home, lease));
        // Alone it has nobody to take turns with.
        let is_alone = workload.replicas.is_none_or(|replicas| replicas <= 1);
        needs.extend(turns.into_iter().map(|need| Need { is_optional: is_alone, ..need }));
    }
    if is_ours {
        needs.extend(optional(of(&["create"], "", "configmaps", home, "")));
        needs.extend(optional(of(
            &["get", "update", "delete"],
            "",
            "configmaps",
            home,
            CONFIG_MAP,
        )));
    }
    needs
}

/// Where SealedSecrets are opened.
fn in_scope(namespace: &str) -> Vec<Need> {
    let secrets = &["get", "list", "create", "update", "delete"];
    let mut needs = of(&["get", "list", "watch"], "bitnami.com", "sealedsecrets", namespace, "");
    needs.extend(of(&["update"], "bitnami.com", "sealedsecrets/status", namespace, ""));
    needs.extend(of(secrets, "", "secrets", namespace, ""));
    needs.extend(optional(of(&["create", "patch"], "", "events", namespace, "")));
    needs
}

/// To watch Secrets. Upstream's does so only when told to, and ours looks again from time to time where
/// it opens SealedSecrets of its own namespace only.
fn watching(scopes: &[&str], workload: &Workload, is_ours: bool) -> Vec<Need> {
    if !is_ours && !workload.is_told("watch-for-secrets") {
        return Vec::new();
    }
    let is_optional = !is_ours || workload.namespaces().is_some_and(|further| further.is_empty());
    let watch = scopes.iter().flat_map(|scope| of(&["watch"], "", "secrets", scope, ""));
    watch.map(|need| Need { is_optional, ..need }).collect()
}

fn of(
    verbs: &[&'static str],
    group: &'static str,
    resource: &'static str,
    namespace: &str,
    name: &str,
) -> Vec<Need> {
    let need = |&verb: &&'static str| {
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        Need { deed: Deed { verb, group, resource, namespace, name }, is_optional: false }
    };
    verbs.iter().map(need).collect()
}

fn optional(needs: Vec<Need>) -> impl Iterator<Item = Need> {
    needs.into_iter().map(|need| Need { is_optional: true, ..need })
}

fn told(account: &str, missing: &[Need], remedy: &str) -> Finding {
    let details = in_words(missing);
    if missing.iter().any(|need| !need.is_optional) {
        let found = format!("{account} lacks rights that the controller needs");
        return Finding::problem(CHECK, found, remedy).with(details);
    }
    if !missing.is_empty() {
        let found = format!("{account} lacks rights that the controller can do without");
        return Finding::warning(CHECK, found, remedy).with(details);
    }
    Finding::ok(CHECK, format!("{account} may do what the controller needs"))
}

/// The verbs of one resource together.
fn in_words(missing: &[Need]) -> Vec<String> {
    let mut verbs: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for Need { deed, .. } in missing {
        let name = if deed.name.is_empty() { String::new() } else { format!(" {}", deed.name) };
        let place = match deed.namespace.as_str() {
            "" => "everywhere".to_owned(),
            namespace => format!("in {namespace}"),
        };
        verbs.entry(format!("{}{name} {place}", deed.resource)).or_default().push(deed.verb);
    }
    verbs.into_iter().map(|(what, verbs)| format!("{} {what}", verbs.join(", "))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::check::State;
    use super::*;

    fn workload(args: &[&str]) -> Workload {
        Workload::of_pod(&json!({ "containers": [{ "args": args }] }), None)
    }

    fn places(args: &[&str], is_ours: bool) -> Vec<String> {
        let needs = needs("home", &workload(args), is_ours);
        let place = |need: Need| format!("{}@{}", need.deed.resource, need.deed.namespace);
        let mut places: Vec<_> = needs.into_iter().map(place).collect();
        places.dedup();
        places
    }

    #[test]
    fn what_is_needed_follows_from_the_flags() {
        let everywhere = ["sealedsecrets@", "sealedsecrets/status@", "secrets@", "events@"];
        assert_eq!(places(&[], false), everywhere);
        assert_eq!(
            places(&[], true),
            [&everywhere[..], &["secrets@", "leases@home", "configmaps@home"]].concat()
        );
        let own = places(&["--all-namespaces=false"], false);
        assert!(own.iter().all(|place| place.ends_with("@home")), "{own:?}");
        let further = places(&["--additional-namespaces=a,b"], false);
        assert!(
            further.contains(&"secrets@a".to_owned()) && further.contains(&"secrets@b".to_owned())
        );
        assert!(further.contains(&"secrets@home".to_owned()));
        assert!(!further.contains(&"sealedsecrets@home".to_owned()));
        let elected = places(&["--leader-election"], false);
        assert!(elected.contains(&"leases@home".to_owned()), "{elected:?}");
    }

    /// The verbs on Secrets that upstream's ClusterRole grants.
    const UPSTREAMS: [&str; 5] = ["get", "list", "create", "update", "delete"];

    #[test]
    fn upstreams_controller_does_with_upstreams_roles() {
        let beyond = |args: &[&str], is_ours| {
            let needs = needs("home", &workload(args), is_ours).into_iter();
            let needs = needs.filter(|need| need.deed.resource == "secrets");
            let beyond = needs.filter(|need| !UPSTREAMS.contains(&need.deed.verb));
            beyond.map(|need| (need.deed.verb, need.is_optional)).collect::<Vec<_>>()
        };
        assert_eq!(beyond(&[], false), []);
        assert_eq!(beyond(&["--all-namespaces=false"], false), []);
        assert_eq!(beyond(&["--watch-for-secrets=true"], false), [("watch", true)]);
        assert_eq!(beyond(&[], true), [("watch", false)]);
        assert_eq!(beyond(&["--all-namespaces=false"], true), [("watch", true)]);
    }

    #[test]
    fn turns_are_taken_by_a_lease_unless_it_is_told_otherwise() {
        let leases = |args: &[&str], replicas, is_ours| {
            let workload = Workload::of_pod(&json!({ "containers": [{ "args": args }] }), replicas);
            let needs = needs("home", &workload, is_ours).into_iter();
            let leases = needs.filter(|need| need.deed.resource == "leases");
            leases.map(|need| (need.deed.name, need.is_optional)).collect::<Vec<_>>()
        };
        let named = |name: &str, is_optional| {
            ["", name, name].map(|name| (name.to_owned(), is_optional)).to_vec()
        };
        assert_eq!(leases(&[], Some(1), true), named("sealed-secrets-controller", true));
        assert_eq!(leases(&[], None, true), named("sealed-secrets-controller", true));
        assert_eq!(leases(&[], Some(2), true), named("sealed-secrets-controller", false));
        assert_eq!(leases(&["--lease-name=l"], Some(2), true), named("l", false));
        assert_eq!(leases(&["--leader-election=false"], Some(2), true), []);
        assert_eq!(leases(&[], Some(2), false), []);
    }

    #[test]
    fn what_is_missing_is_told_by_its_weight() {
        let needed = of(&["get", "watch"], "", "secrets", "", "");
        let rest: Vec<_> = optional(of(&["update"], "", "configmaps", "n", "m")).collect();
        assert_eq!(told("a", &[], "r").state, State::Ok);
        let warning = told("a", &rest, "r");
        assert_eq!(warning.state, State::Warning);
        assert_eq!(warning.details, ["update configmaps m in n"]);
        let problem = told("a", &[needed, rest].concat(), "r");
        assert_eq!(problem.state, State::Problem);
        assert_eq!(problem.details, ["update configmaps m in n", "get, watch secrets everywhere"]);
    }
}
