//! Who may read the sealing keys: whoever may read Secrets in the controller's namespace, by the roles and
//! bindings of RBAC there. Of other authorizers it is only seen whether they let anybody, and who may create
//! pods that mount the keys is not.

mod decide;

use serde_json::Value;

use super::access;
use super::check::{Finding, State, count};
use crate::cluster::{Api, Look};
use decide::{Grade, Reader};

const CHECK: &str = "key readers";
/// More administrators than that are counted.
const MANY: usize = 5;
const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

/// The objects that say so.
struct Rules {
    roles: Look<Vec<Value>>,
    cluster_roles: Look<Vec<Value>>,
    bindings: Look<Vec<Value>>,
    cluster_bindings: Look<Vec<Value>>,
}

/// What is known of the controller.
pub(super) struct Home<'a> {
    pub(super) namespace: &'a str,
    /// Its ServiceAccount, or the names that it may have.
    pub(super) accounts: Vec<&'a str>,
    /// The names of the key Secrets; empty when they are not known.
    pub(super) keys: Vec<&'a str>,
}

/// Looks, and judges.
pub(super) fn finding(api: &Api, home: &Home<'_>) -> Finding {
    let namespaced =
        |kind: &str| api.look_at_all(&format!("{RBAC}/namespaces/{}/{kind}", home.namespace), "");
    let rules = Rules {
        roles: namespaced("roles"),
        cluster_roles: api.look_at_all(&format!("{RBAC}/clusterroles"), ""),
        bindings: namespaced("rolebindings"),
        cluster_bindings: api.look_at_all(&format!("{RBAC}/clusterrolebindings"), ""),
    };
    let strangers = access::of_strangers(api, home.namespace);
    let strangers = strangers.there().map(Vec::as_slice).unwrap_or_default();
    told(home.namespace, &decide::readers(&rules, home), rules.hidden(), strangers)
}

impl Rules {
    /// Why not all of them are seen: without RBAC's API somebody else decides.
    fn hidden(&self) -> Option<&Look<Vec<Value>>> {
        let all = [&self.cluster_bindings, &self.bindings, &self.cluster_roles, &self.roles];
        all.into_iter().find(|look| look.there().is_none())
    }
}

/// `strangers`: what anybody may, by whatever authorizer.
fn told(
    namespace: &str,
    readers: &[Reader],
    hidden: Option<&Look<Vec<Value>>>,
    strangers: &[String],
) -> Finding {
    let of = |grade| readers.iter().filter(move |reader| reader.grade == grade);
    let (grave, others) = (of(Grade::Grave).count() + strangers.len(), of(Grade::Other).count());
    let lines = of(Grade::Grave).chain(of(Grade::Other)).map(Reader::line);
    let lines = strangers.iter().cloned().chain(lines).collect();
    let remedy = format!(
        "look whether each is meant to, or give the controller a namespace of its own; who reads Secrets \
         in {namespace} can open all that was ever sealed"
    );
    let administrators = administrators(of(Grade::Administrator));
    let unseen = hidden.map(|look| look.hindrance().unwrap_or("there is no RBAC"));
    let also = unseen.map(|why| format!("; not all roles can be seen: {why}")).unwrap_or_default();
    match (grave, others, hidden) {
        (0, 0, Some(Look::Absent)) => Finding::unknown(
            CHECK,
            format!(
                "who may read Secrets in {namespace}: the API server has no RBAC, and decides otherwise"
            ),
            "ask whoever runs the control plane",
        ),
        (0, 0, Some(hidden)) => {
            Finding::hidden(CHECK, &format!("who may read Secrets in {namespace}"), hidden)
        }
        (0, 0, None) => {
            let found = format!(
                "nobody but the cluster's own components, the controller and administrators may read \
                 Secrets in {namespace} by RBAC; other authorizers may allow more{administrators}"
            );
            Finding::ok(CHECK, found)
        }
        (0, others, _) => {
            let found = format!(
                "{} besides the cluster's own components, the controller and administrators may read \
                 Secrets in {namespace} by RBAC{also}{administrators}",
                count(others, "subject")
            );
            Finding::warning(CHECK, found, remedy).with(lines)
        }
        (_, _, _) => {
            let found =
                format!("whole groups may read Secrets in {namespace}{also}{administrators}");
            let warning = Finding::warning(CHECK, found, remedy).with(lines);
            Finding { state: State::Problem, ..warning }
        }
    }
}

fn administrators<'a>(readers: impl Iterator<Item = &'a Reader>) -> String {
    let mut names: Vec<_> = readers.map(|reader| reader.subject.clone()).collect();
    let more = names.len().saturating_sub(MANY);
    names.truncate(MANY);
    names.extend((more > 0).then(|| format!("and {more} more")));
    if names.is_empty() { String::new() } else { format!("; administrators: {}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(grade: Grade, subject: &str) -> Reader {
        let by = vec!["ClusterRoleBinding b".to_owned()];
        Reader { subject: subject.to_owned(), verbs: ["get"].into(), by, grade }
    }

    #[test]
    fn the_worst_reader_counts_and_all_but_the_expected_are_named() {
        let (expected, other, grave) = (
            reader(Grade::Expected, "Group system:masters"),
            reader(Grade::Other, "User ann"),
            reader(Grade::Grave, "Group system:authenticated"),
        );
        let hidden = Look::Forbidden("cannot list clusterroles".to_owned());
        for (readers, hidden, state, text, lines) in [
            (vec![&expected], None, State::Ok, "in n by RBAC; other authorizers", 0),
            // Somebody else decides then.
            (vec![], Some(&Look::Absent), State::Unknown, "has no RBAC", 0),
            (vec![&expected, &other], None, State::Warning, "1 subject besides", 1),
            (vec![&other, &other], None, State::Warning, "2 subjects besides", 2),
            (vec![&other, &grave], None, State::Problem, "whole groups", 2),
            (vec![&expected], Some(&hidden), State::Unknown, "cannot list clusterroles", 0),
            (vec![&other], Some(&hidden), State::Warning, "not all roles can be seen: cannot", 1),
            (vec![&grave], Some(&hidden), State::Problem, "not all roles can be seen: cannot", 1),
        ] {
            let readers: Vec<_> = readers.into_iter().cloned().collect();
            let finding = told("n", &readers, hidden, &[]);
            assert_eq!(finding.state, state, "{finding:?}");
            assert!(finding.found.contains(text), "{finding:?}");
            assert_eq!(finding.details.len(), lines, "{finding:?}");
        }
        let worst_first = told("n", &[other, grave], None, &[]);
        assert!(worst_first.details[0].starts_with("Group system:authenticated may get, by"));
    }

    #[test]
    fn what_anybody_may_is_a_problem_whatever_rbac_says() {
        let strangers = ["whoever is logged in may list, as the API server answers".to_owned()];
        let hidden = Look::Forbidden("cannot list roles".to_owned());
        for hidden in [None, Some(&hidden), Some(&Look::Absent)] {
            let finding = told("n", &[], hidden, &strangers);
            assert_eq!(finding.state, State::Problem, "{finding:?}");
            assert_eq!(finding.details, strangers);
        }
    }

    #[test]
    fn administrators_are_named_and_no_warning() {
        let admin = |name: &str| reader(Grade::Administrator, name);
        let finding = told("n", &[admin("Group system:masters")], None, &[]);
        assert_eq!((finding.state, finding.details.len()), (State::Ok, 0));
        assert!(finding.found.ends_with("; administrators: Group system:masters"), "{finding:?}");
        let many: Vec<_> = (0..MANY + 2).map(|at| admin(&format!("User {at}"))).collect();
        let finding = told("n", &many, None, &[]);
        assert!(finding.found.ends_with("User 4, and 2 more"), "{finding:?}");
        let both = told("n", &[admin("User ann"), reader(Grade::Other, "User bob")], None, &[]);
        assert_eq!((both.state, both.details.len()), (State::Warning, 1));
    }
}
