//! RBAC's objects as they are written, and who reads keys by them.

use serde_json::json;

use super::*;

const HOME: &str = "vault";

fn home(keys: &'static [&'static str]) -> Home<'static> {
    Home { namespace: HOME, accounts: vec!["controller"], keys: keys.to_vec() }
}

fn rule(groups: &[&str], resources: &[&str], verbs: &[&str]) -> Value {
    json!({ "apiGroups": groups, "resources": resources, "verbs": verbs })
}

fn role(name: &str, rules: &[Value]) -> Value {
    json!({ "metadata": { "name": name }, "rules": rules })
}

fn binding(name: &str, kind: &str, role: &str, subjects: &[Value]) -> Value {
    json!({
        "metadata": { "name": name },
        "roleRef": { "kind": kind, "name": role },
        "subjects": subjects,
    })
}

fn user(name: &str) -> Value {
    json!({ "kind": "User", "name": name })
}

fn group(name: &str) -> Value {
    json!({ "kind": "Group", "name": name })
}

fn account(namespace: &str, name: &str) -> Value {
    json!({ "kind": "ServiceAccount", "namespace": namespace, "name": name })
}

fn rules() -> Rules {
    let none = || Look::There(Vec::new());
    Rules { roles: none(), cluster_roles: none(), bindings: none(), cluster_bindings: none() }
}

/// What somebody may who is bound everywhere to a role with one rule.
fn verbs_of(rule: Value, keys: &'static [&'static str]) -> Vec<&'static str> {
    let rules = Rules {
        cluster_roles: Look::There(vec![role("r", &[rule])]),
        cluster_bindings: Look::There(vec![binding("b", "ClusterRole", "r", &[user("ann")])]),
        ..rules()
    };
    let readers = readers(&rules, &home(keys));
    readers.into_iter().flat_map(|reader| reader.verbs).collect()
}

#[test]
fn a_rule_lets_read_by_words_and_by_stars() {
    let all = ["delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    for (groups, resources, verbs, expected) in [
        (&[""][..], &["secrets"][..], &["get"][..], &["get"][..]),
        (&[""], &["secrets"], &["watch", "create", "list"], &["list", "watch"]),
        (&["*"], &["*"], &["*"], &all),
        (&["", "apps"], &["pods", "secrets"], &["*"], &all),
        (&["*"], &["secrets"], &["get"], &["get"]),
        (&[""], &["*"], &["list"], &["list"]),
        // What changes or deletes a Secret is answered with it.
        (&[""], &["secrets"], &["patch"], &["patch"]),
        (&[""], &["secrets"], &["create", "update"], &["update"]),
        (&[""], &["secrets"], &["delete", "deletecollection"], &["delete", "deletecollection"]),
        // What makes one knows what is in it.
        (&[""], &["secrets"], &["create"], &[]),
        (&[""], &["pods", "configmaps"], &["*"], &[]),
        (&["apps"], &["secrets"], &["*"], &[]),
        (&["apps"], &["*"], &["*"], &[]),
        (&[""], &["secrets/status", "*/scale"], &["*"], &[]),
        (&[], &["secrets"], &["get"], &[]),
        (&[""], &[], &["get"], &[]),
        (&[""], &["secrets"], &[], &[]),
        (&[""], &["SECRETS"], &["get"], &[]),
    ] {
        let found = verbs_of(rule(groups, resources, verbs), &[]);
        assert_eq!(found, expected, "{groups:?} {resources:?} {verbs:?}");
    }
}

#[test]
fn a_rule_with_names_lets_read_those_alone() {
    let named = |names: Value| {
        let mut rule = rule(&[""], &["secrets"], &["get"]);
        rule["resourceNames"] = names;
        rule
    };
    for (names, keys, expected) in [
        (json!(["sealed-secrets-keyabc12"]), &["sealed-secrets-keyabc12"][..], true),
        (json!(["other", "sealed-secrets-keyabc12"]), &["sealed-secrets-keyabc12"], true),
        (json!(["other"]), &["sealed-secrets-keyabc12"], false),
        (json!(["sealed-secrets-keyzzzzz"]), &["sealed-secrets-keyabc12"], false),
        // Where the names are not known, the usual beginning tells.
        (json!(["sealed-secrets-keyabc12"]), &[], true),
        (json!(["db"]), &[], false),
        (json!([]), &["sealed-secrets-keyabc12"], true),
        (json!(null), &["sealed-secrets-keyabc12"], true),
        // A star is no name.
        (json!(["*"]), &["sealed-secrets-keyabc12"], false),
    ] {
        let found = verbs_of(named(names.clone()), keys);
        assert_eq!(!found.is_empty(), expected, "{names} {keys:?}");
    }
    // A rule without rules for resources is about URLs.
    assert!(verbs_of(json!({ "nonResourceURLs": ["*"], "verbs": ["*"] }), &[]).is_empty());
}

#[test]
fn a_role_counts_where_it_is_and_by_its_kind() {
    let reading = || role("r", &[rule(&[""], &["secrets"], &["list"])]);
    let subjects = [user("ann")];
    let of = |kind: &str| vec![binding("b", kind, "r", &subjects)];
    let names = |rules: &Rules| readers(rules, &home(&[])).len();
    // A RoleBinding may name a Role of its namespace, or a ClusterRole.
    let roles = || Look::There(vec![reading()]);
    let bound = |kind| Look::There(of(kind));
    assert_eq!(names(&Rules { roles: roles(), bindings: bound("Role"), ..rules() }), 1);
    assert_eq!(
        names(&Rules { cluster_roles: roles(), bindings: bound("ClusterRole"), ..rules() }),
        1
    );
    // The same name of the other kind is another role, and one that is not there grants nothing.
    assert_eq!(names(&Rules { cluster_roles: roles(), bindings: bound("Role"), ..rules() }), 0);
    assert_eq!(names(&Rules { roles: roles(), bindings: bound("ClusterRole"), ..rules() }), 0);
    assert_eq!(names(&Rules { bindings: bound("Role"), ..rules() }), 0);
    // A role that nobody is bound to grants nothing either.
    assert_eq!(names(&Rules { roles: roles(), ..rules() }), 0);
    let hidden = Look::Forbidden("no".to_owned());
    assert_eq!(names(&Rules { roles: hidden, bindings: bound("Role"), ..rules() }), 0);
}

#[test]
fn who_is_expected_and_who_is_not() {
    let secrets = || [rule(&[""], &["secrets"], &["*"])];
    let cases = [
        ("cluster-admin", group("system:masters"), Grade::Administrator),
        ("cluster-admin", group("kubeadm:cluster-admins"), Grade::Administrator),
        ("r", group("kubeadm:cluster-admins"), Grade::Administrator),
        ("r", user("system:kube-controller-manager"), Grade::Expected),
        (
            "system:controller:namespace-controller",
            account("kube-system", "namespace-controller"),
            Grade::Expected,
        ),
        ("secrets-unsealer", account(HOME, "controller"), Grade::Expected),
        // The same account under another role, or the same name elsewhere, is somebody.
        ("r", account("kube-system", "namespace-controller"), Grade::Other),
        ("system:controller:x", account("shop", "x"), Grade::Other),
        ("secrets-unsealer", account("shop", "controller"), Grade::Other),
        ("r", account(HOME, "default"), Grade::Other),
        ("cluster-admin", user("ann"), Grade::Administrator),
        ("cluster-admin", group("system:authenticated"), Grade::Grave),
        ("r", group("ops"), Grade::Other),
        ("r", group("system:nodes"), Grade::Other),
        ("r", user("system:masters"), Grade::Other),
        ("r", group("system:authenticated"), Grade::Grave),
        ("r", group("system:unauthenticated"), Grade::Grave),
        ("r", group("system:serviceaccounts"), Grade::Grave),
        ("r", group("system:serviceaccounts:shop"), Grade::Grave),
        ("cluster-admin", user("system:anonymous"), Grade::Grave),
    ];
    for (name, subject, expected) in cases {
        let rules = Rules {
            cluster_roles: Look::There(vec![role(name, &secrets())]),
            cluster_bindings: Look::There(vec![binding(
                "b",
                "ClusterRole",
                name,
                std::slice::from_ref(&subject),
            )]),
            ..rules()
        };
        let found = readers(&rules, &home(&[]));
        assert_eq!(found.len(), 1, "{subject}");
        assert_eq!(found[0].grade, expected, "{name} {subject}");
    }
}

#[test]
fn one_who_may_in_several_ways_is_named_once_with_all_of_them() {
    let rules = Rules {
        roles: Look::There(vec![role("a", &[rule(&[""], &["secrets"], &["get"])])]),
        cluster_roles: Look::There(vec![
            // As an aggregated role comes: with the rules of others, whatever it is made of.
            role("b", &[rule(&["apps"], &["*"], &["*"]), rule(&[""], &["secrets"], &["list"])]),
        ]),
        bindings: Look::There(vec![binding(
            "x",
            "Role",
            "a",
            &[user("ann"), json!({ "kind": "ServiceAccount", "name": "s" })],
        )]),
        cluster_bindings: Look::There(vec![
            binding("y", "ClusterRole", "b", &[user("ann")]),
            json!({ "metadata": { "name": "z" }, "roleRef": { "kind": "ClusterRole", "name": "b" } }),
        ]),
    };
    let found = readers(&rules, &home(&[]));
    let lines: Vec<_> = found.iter().map(Reader::line).collect();
    assert_eq!(
        lines,
        [
            "ServiceAccount vault/s may get, by RoleBinding x of Role a",
            "User ann may get, list, by ClusterRoleBinding y of ClusterRole b and RoleBinding x of Role a",
        ]
    );
}

#[test]
fn who_reads_by_changing_is_told_why() {
    let line = |verbs: &[&'static str]| {
        let verbs = verbs.iter().copied().collect();
        let by = vec!["RoleBinding b of Role r".to_owned()];
        Reader { subject: "User ann".to_owned(), verbs, by, grade: Grade::Other }.line()
    };
    let expected =
        "User ann may patch, delete (it is answered with the Secret), by RoleBinding b of Role r";
    assert_eq!(line(&["delete", "patch"]), expected);
    assert_eq!(line(&["patch", "get"]), "User ann may get, patch, by RoleBinding b of Role r");
}

#[test]
fn an_expected_subject_under_a_second_role_is_worse() {
    let secrets = || [rule(&[""], &["secrets"], &["get"])];
    let subject = || [account("kube-system", "x")];
    let rules = Rules {
        cluster_roles: Look::There(vec![
            role("system:controller:x", &secrets()),
            role("r", &secrets()),
        ]),
        cluster_bindings: Look::There(vec![
            binding("r", "ClusterRole", "r", &subject()),
            binding("s", "ClusterRole", "system:controller:x", &subject()),
        ]),
        ..rules()
    };
    assert_eq!(readers(&rules, &home(&[]))[0].grade, Grade::Other);
}

#[test]
fn an_administrator_is_one_of_all_namespaces_and_remains_one() {
    let admin = || role("cluster-admin", &[rule(&["*"], &["*"], &["*"])]);
    let reader = || role("r", &[rule(&[""], &["secrets"], &["get"])]);
    let bound = |role| Look::There(vec![binding("b", "ClusterRole", role, &[user("ann")])]);
    let rules = Rules {
        cluster_roles: Look::There(vec![admin(), reader()]),
        bindings: bound("r"),
        cluster_bindings: bound("cluster-admin"),
        ..rules()
    };
    assert_eq!(readers(&rules, &home(&[]))[0].grade, Grade::Administrator);
    let here = Rules { bindings: bound("cluster-admin"), cluster_bindings: Look::Absent, ..rules };
    assert_eq!(readers(&here, &home(&[]))[0].grade, Grade::Other);
}

#[test]
fn objects_that_make_no_sense_grant_nothing() {
    for torn in
        [json!({}), json!([]), json!({ "rules": "x" }), json!({ "rules": [{ "verbs": 5 }] })]
    {
        let mut torn_role = torn.clone();
        if torn_role.is_object() {
            torn_role["metadata"] = json!({ "name": "r" });
        }
        let rules = Rules {
            cluster_roles: Look::There(vec![torn_role]),
            cluster_bindings: Look::There(vec![
                torn,
                binding("b", "ClusterRole", "r", &[user("a")]),
            ]),
            ..rules()
        };
        assert!(readers(&rules, &home(&[])).is_empty());
    }
}
