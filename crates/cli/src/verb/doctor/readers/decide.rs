//! From RBAC's objects to those who may read Secrets in a namespace. Aggregated ClusterRoles come with the
//! rules of those that they are made of.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Home, Rules};
use crate::cluster::Look;

/// They show what a Secret holds, each of them: what changes an object is answered with the whole of it, and
/// what deletes with those that were deleted, or the one that is kept until its finalizers are gone.
const READING: [&str; 7] =
    ["get", "list", "watch", "patch", "update", "delete", "deletecollection"];
/// Those of which nobody thinks it.
const BY_ANSWER: &[&str] = READING.split_at(3).1;
/// What key Secrets are called when their names are not known.
const KEY_PREFIX: &str = "sealed-secrets-key";
/// Parts of every cluster, which may do what they want anyway.
const CLUSTERS_OWN: [&str; 3] =
    ["User system:apiserver", "User system:kube-controller-manager", "User system:kube-scheduler"];
/// Those who run the cluster, which may do what they want too, and so may who is bound to the ClusterRole in
/// all namespaces.
const ADMINISTRATORS: [&str; 2] = ["Group system:masters", "Group kubeadm:cluster-admins"];
const ADMINISTRATING: &str = "ClusterRoleBinding of ClusterRole cluster-admin";
/// In these is everybody, or every pod.
const EVERYBODY: [&str; 4] = [
    "Group system:authenticated",
    "Group system:unauthenticated",
    "Group system:serviceaccounts",
    "User system:anonymous",
];
const EVERY_POD_OF: &str = "Group system:serviceaccounts:";

/// Somebody who may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reader {
    /// `User ann`, `Group ops`, `ServiceAccount shop/default`.
    pub(super) subject: String,
    pub(super) verbs: BTreeSet<&'static str>,
    /// The bindings, with their roles.
    pub(super) by: Vec<String>,
    pub(super) grade: Grade,
}

/// What is to be thought of it. The last weighs most: an administrator remains one, whatever else grants
/// the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    Expected,
    Other,
    Administrator,
    Grave,
}

impl Reader {
    pub(super) fn line(&self) -> String {
        let verbs: Vec<_> = READING.into_iter().filter(|verb| self.verbs.contains(verb)).collect();
        let is_by_answer = verbs.iter().all(|verb| BY_ANSWER.contains(verb));
        let why = if is_by_answer { " (it is answered with the Secret)" } else { "" };
        format!("{} may {}{why}, by {}", self.subject, verbs.join(", "), self.by.join(" and "))
    }
}

/// Everybody who may, as far as the objects are seen.
pub(super) fn readers(rules: &Rules, home: &Home<'_>) -> Vec<Reader> {
    let mut readers: BTreeMap<String, Reader> = BTreeMap::new();
    let bindings = objects(&rules.cluster_bindings).map(|binding| ("ClusterRoleBinding", binding));
    let bindings = bindings.chain(objects(&rules.bindings).map(|binding| ("RoleBinding", binding)));
    for (kind, binding) in bindings {
        let role = &binding["roleRef"];
        let verbs = verbs(rules, home, role);
        if verbs.is_empty() {
            continue;
        }
        let name = binding["metadata"]["name"].as_str().unwrap_or_default();
        let (role_kind, role_name) = (text(role, "kind"), text(role, "name"));
        let by = format!("{kind} {name} of {role_kind} {role_name}");
        for subject in binding["subjects"].as_array().into_iter().flatten() {
            let title = title(subject, home.namespace);
            let grade = grade(&title, &format!("{kind} of {role_kind} {role_name}"), home);
            let reader = readers.entry(title.clone()).or_insert_with(|| Reader {
                subject: title,
                verbs: BTreeSet::new(),
                by: Vec::new(),
                grade,
            });
            reader.verbs.extend(&verbs);
            reader.by.push(by.clone());
            reader.grade = reader.grade.max(grade);
        }
    }
    readers.into_values().collect()
}

fn objects(look: &Look<Vec<Value>>) -> impl Iterator<Item = &Value> {
    look.there().into_iter().flatten()
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}

fn title(subject: &Value, home: &str) -> String {
    let (kind, name) = (text(subject, "kind"), text(subject, "name"));
    match (kind, text(subject, "namespace")) {
        ("ServiceAccount", "") => format!("{kind} {home}/{name}"),
        ("ServiceAccount", namespace) => format!("{kind} {namespace}/{name}"),
        _ => format!("{kind} {name}"),
    }
}

/// The verbs by which a role lets the keys be read.
fn verbs(rules: &Rules, home: &Home<'_>, reference: &Value) -> BTreeSet<&'static str> {
    let roles = if reference["kind"] == "Role" { &rules.roles } else { &rules.cluster_roles };
    let mut roles = objects(roles);
    let role = roles.find(|role| role["metadata"]["name"] == reference["name"]);
    let rules = role.and_then(|role| role["rules"].as_array()).into_iter().flatten();
    rules.flat_map(|rule| read_by(rule, home)).collect()
}

fn read_by(rule: &Value, home: &Home<'_>) -> Vec<&'static str> {
    let has = |field: &str, wanted: &str| {
        let mut words = rule[field].as_array().into_iter().flatten();
        words.any(|word| word == wanted || word == "*")
    };
    if !has("apiGroups", "") || !has("resources", "secrets") || !names_a_key(rule, home) {
        return Vec::new();
    }
    READING.into_iter().filter(|verb| has("verbs", verb)).collect()
}

/// A rule without names is about all.
fn names_a_key(rule: &Value, home: &Home<'_>) -> bool {
    let names: Vec<_> = rule["resourceNames"].as_array().into_iter().flatten().collect();
    let is_key = |name: &&Value| match name.as_str() {
        Some(name) if home.keys.is_empty() => name.starts_with(KEY_PREFIX),
        Some(name) => home.keys.contains(&name),
        None => false,
    };
    names.is_empty() || names.iter().copied().any(|name| is_key(&name))
}

/// `way`: the kinds of the binding and of the role, and the role's name.
fn grade(subject: &str, way: &str, home: &Home<'_>) -> Grade {
    let is_own = |account: &&str| subject == format!("ServiceAccount {}/{account}", home.namespace);
    // A controller of kube-controller-manager under the role that is made for it.
    let is_clusters = |name: &str| way.ends_with(&format!("Role system:controller:{name}"));
    let is_clusters = subject.strip_prefix("ServiceAccount kube-system/").is_some_and(is_clusters);
    if CLUSTERS_OWN.contains(&subject) || is_clusters || home.accounts.iter().any(is_own) {
        Grade::Expected
    } else if EVERYBODY.contains(&subject) || subject.starts_with(EVERY_POD_OF) {
        Grade::Grave
    } else if ADMINISTRATORS.contains(&subject) || way == ADMINISTRATING {
        Grade::Administrator
    } else {
        Grade::Other
    }
}

#[cfg(test)]
mod tests;
