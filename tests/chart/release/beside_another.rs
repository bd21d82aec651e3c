//! Names that are the cluster's, and what only the cluster knows.

use harness::{Cluster, Context, Namespace, Result};
use serde_json::Value;

use crate::helm::{CHART, Helm, find, objects};

/// Both releases have the same name, and so want the same objects of the cluster.
const RELEASE: &str = "twin-sealed-secrets";
const ROLE: &str = "rbac.clusterRoleName=\"twin-unsealer\"";

#[tokio::test]
async fn a_second_release_takes_names_of_its_own_and_keeps_them() -> Result<()> {
    let (helm, cluster) = (Helm::find()?, Cluster::connect().await?);
    let (one, two) = (cluster.namespace("one").await?, cluster.namespace("two").await?);
    let taken = ("twin-unsealer".to_owned(), RELEASE.to_owned());
    let own =
        (format!("twin-unsealer-{}-{RELEASE}", two.name()), format!("{RELEASE}-{}", two.name()));
    assert_eq!(names(&helm, "install", &one)?, taken);
    assert_eq!(names(&helm, "install", &two)?, own);
    assert_eq!(names(&helm, "upgrade", &one)?, taken);
    assert_eq!(names(&helm, "upgrade", &two)?, own);
    helm.run(["uninstall", RELEASE, "-n", one.name()])?.succeeded()?;
    // The names are free now.
    assert_eq!(names(&helm, "upgrade", &two)?, taken);
    helm.run(["rollback", RELEASE, "1", "-n", two.name()])?.succeeded()?;
    assert_eq!(names(&helm, "upgrade", &two)?, taken);
    Ok(())
}

/// Two releases with roles in the same namespace: of one name, which want the same binding too, or of two.
#[tokio::test]
async fn so_does_one_with_roles_in_the_same_namespace() -> Result<()> {
    let (helm, cluster) = (Helm::find()?, Cluster::connect().await?);
    let (one, two) = (cluster.namespace("one").await?, cluster.namespace("two").await?);
    let shared = cluster.namespace("shared").await?;
    let values = format!(
        r#"rbac={{"namespacedRoles":true,"clusterRole":false}},additionalNamespaces=["{}"]"#,
        shared.name()
    );
    let roles = |verb: &str, release: &str, home: &Namespace| {
        granted(&helm, &[verb, release], home, &values, ("Role", "RoleBinding"))
    };
    let pair = |role: String, binding: &str| (role, binding.to_owned());
    let (name, bound) = ("secrets-unsealer", "twin-sealed-secrets");
    let own = |release: &str| format!("{name}-{}-{release}-sealed-secrets", two.name());

    assert_eq!(roles("install", "twin", &one)?, pair(name.to_owned(), bound));
    let twin = pair(own("twin"), &format!("{bound}-{}", two.name()));
    assert_eq!(roles("install", "twin", &two)?, twin);
    let other = pair(own("other"), "other-sealed-secrets");
    assert_eq!(roles("install", "other", &two)?, other);
    assert_eq!(roles("upgrade", "twin", &one)?, pair(name.to_owned(), bound));
    assert_eq!(roles("upgrade", "twin", &two)?, twin);
    assert_eq!(roles("upgrade", "other", &two)?, other);
    helm.run(["uninstall", "twin", "-n", one.name()])?.succeeded()?;
    // The names are free now, but what the other's binding refers to is immutable.
    assert_eq!(roles("upgrade", "other", &two)?, other);
    assert_eq!(roles("upgrade", "twin", &two)?, pair(name.to_owned(), bound));
    Ok(())
}

#[tokio::test]
async fn the_way_out_leads_to_the_api_server_when_helm_can_ask_where_it_is() -> Result<()> {
    let (helm, cluster) = (Helm::find()?, Cluster::connect().await?);
    let namespace = cluster.namespace("way-out").await?;
    let name = namespace.name();
    let role = format!("rbac.clusterRoleName=\"{name}\"");
    let policy = "networkPolicy={\"enabled\":true,\"egress\":{\"enabled\":true}}";
    let settings = ["--set-json", policy, "--set-json", &role];
    let install = ["install", name, CHART, "-n", name];
    helm.run(install.iter().chain(&settings))?.succeeded()?;
    let manifest = objects(&helm.run(["get", "manifest", name, "-n", name])?.succeeded()?)?;
    let policy = find(&manifest, "NetworkPolicy", &format!("{name}-sealed-secrets"));
    let expected = serde_json::json!([{
        "ports": [{ "protocol": "TCP", "port": 6443 }],
        "to": [{ "ipBlock": { "cidr": "10.99.0.1/32" } }],
    }]);
    assert_eq!(policy["spec"]["egress"], expected);
    Ok(())
}

#[tokio::test]
async fn a_certificate_of_the_ingress_that_is_there_is_kept() -> Result<()> {
    let (helm, cluster) = (Helm::find()?, Cluster::connect().await?);
    let namespace = cluster.namespace("self-signed").await?;
    let name = namespace.name();
    let role = format!("rbac.clusterRoleName=\"{name}\"");
    let ingress = "ingress={\"enabled\":true,\"tls\":true,\"selfSigned\":true}";
    let certificate = |verb: &str| -> Result<Value> {
        let args = [verb, name, CHART, "-n", name, "--set-json", ingress, "--set-json", &role];
        helm.run(args)?.succeeded()?;
        let manifest = helm.run(["get", "manifest", name, "-n", name])?.succeeded()?;
        Ok(find(&objects(&manifest)?, "Secret", "sealed-secrets.local-tls")["data"].clone())
    };
    let made = certificate("install")?;
    assert!(made["tls.crt"].is_string());
    assert_eq!(certificate("upgrade")?, made);
    Ok(())
}

/// The ClusterRole and the ClusterRoleBinding of a release after a verb.
fn names(helm: &Helm, verb: &str, namespace: &Namespace) -> Result<(String, String)> {
    granted(helm, &[verb, RELEASE], namespace, ROLE, ("ClusterRole", "ClusterRoleBinding"))
}

/// The role and the binding that give the controller its rights, after what Helm was told to do; its account
/// is bound.
fn granted(
    helm: &Helm,
    told: &[&str],
    home: &Namespace,
    values: &str,
    (role, binding): (&str, &str),
) -> Result<(String, String)> {
    let place = home.name();
    let args = [told, &[CHART, "-n", place, "--set-json", values]].concat();
    helm.run(args)?.succeeded().context(|| format!("{} in {place}", told.join(" ")))?;
    let manifest = helm.run(["get", "manifest", told[1], "-n", place])?.succeeded()?;
    let manifest = objects(&manifest)?;
    let name = |object: &Value| object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    // Those for keys and for who seals are in its own namespace.
    let is_it = |kind: &str| {
        let kind = kind.to_owned();
        move |object: &&Value| object["kind"] == kind && object["metadata"]["namespace"] != place
    };
    let role = manifest.iter().find(is_it(role)).map(name).unwrap_or_default();
    let bound = manifest.iter().find(is_it(binding)).cloned().unwrap_or_default();
    assert_eq!(bound["roleRef"]["name"], role.as_str());
    assert_eq!(bound["subjects"][0]["namespace"], place);
    Ok((role, name(&bound)))
}
