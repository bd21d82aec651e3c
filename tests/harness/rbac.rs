//! What the controller may do: exactly what `deploy/controller.yaml` says, or what upstream's chart gives
//! its controller, so that a missing permission shows in the tests and not at a user's.

mod ours;
mod upstream;

use std::time::Duration;

use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use kube::Api;
use kube::api::PostParams;
use serde_json::{Value, json};

use crate::manifest::{create_if_absent, from_json};
use crate::{Namespace, Result, eventually};

/// Which of the chart's two modes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rbac {
    /// `rbac.clusterRole: true`, the default: Secrets and SealedSecrets everywhere.
    #[default]
    Cluster,
    /// `rbac.namespacedRoles: true`: the same rules, in the additional namespaces only. In its own
    /// the controller may list and create Secrets, and get the one named `sealed-secrets-key`.
    Namespaced,
}

/// Whose rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Those of `deploy/controller.yaml`.
    Ours,
    /// Those of upstream's chart.
    Upstream,
}

impl Default for Rights {
    /// What `SEALWRIGHT_RBAC` says: `upstream`, else ours.
    fn default() -> Self {
        match std::env::var(VARIABLE).as_deref() {
            Ok("upstream") => Self::Upstream,
            _ => Self::Ours,
        }
    }
}

impl Rights {
    /// In the namespaces whose SealedSecrets are opened.
    fn unsealer(self) -> Value {
        match self {
            Self::Ours => ours::rules("ClusterRole", "secrets-unsealer"),
            Self::Upstream => upstream::unsealer(),
        }
    }

    /// In the controller's own namespace.
    fn key_admin(self, rbac: Rbac) -> Value {
        let mut rules = match self {
            Self::Ours => ours::rules("Role", "sealed-secrets-key-admin"),
            Self::Upstream => upstream::key_admin(),
        };
        if let (Self::Ours, Rbac::Namespaced, Some(rules)) = (self, rbac, rules.as_array_mut()) {
            rules.extend(ours::without_cluster_role());
        }
        rules
    }

    /// In the controller's own namespace, for everyone who is logged in.
    fn service_proxier(self, service: &str) -> Value {
        match self {
            Self::Ours => ours::rules("Role", "sealed-secrets-service-proxier"),
            Self::Upstream => upstream::service_proxier(service),
        }
    }
}

/// A rule without names would mean all of them.
fn with_namespaces(mut rules: Value, additional: &[String]) -> Value {
    if let (false, Some(rules)) = (additional.is_empty(), rules.as_array_mut()) {
        rules.push(json!({
            "apiGroups": [""],
            "resources": ["namespaces"],
            "resourceNames": additional,
            "verbs": ["get"],
        }));
    }
    rules
}

const VARIABLE: &str = "SEALWRIGHT_RBAC";

const LIMIT: Duration = Duration::from_secs(30);

const UNSEALER: &str = "secrets-unsealer";

/// Creates the ServiceAccount `name` and what it may do, unless that was done before.
///
/// # Errors
/// When the API server refuses it, or does not act on it within half a minute.
pub async fn grant(
    namespace: &Namespace,
    name: &str,
    (rbac, rights): (Rbac, Rights),
    additional: &[String],
) -> Result<()> {
    let account = json!({ "metadata": { "name": name } });
    create_if_absent(&namespace.api::<ServiceAccount>(), account).await?;
    let home = namespace.name();
    let own = json!({ "kind": "ServiceAccount", "namespace": home, "name": name });
    let unsealer = with_namespaces(rights.unsealer(), additional);
    match rbac {
        Rbac::Cluster => grant_everywhere(namespace, unsealer, &own).await?,
        Rbac::Namespaced => {
            for other in additional {
                grant_in(namespace, other, UNSEALER, unsealer.clone(), &own).await?;
            }
        }
    }
    grant_in(namespace, home, &format!("{name}-key-admin"), rights.key_admin(rbac), &own).await?;
    let proxier = format!("{name}-service-proxier");
    grant_in(namespace, home, &proxier, rights.service_proxier(name), &everyone()).await?;
    let user = format!("system:serviceaccount:{home}:{name}");
    match rbac {
        Rbac::Cluster => in_force(namespace, &user, "get", "").await?,
        Rbac::Namespaced => {
            for other in additional {
                in_force(namespace, &user, "get", other).await?;
            }
        }
    }
    in_force(namespace, &user, "create", home).await
}

/// Waits until the API server acts on what was granted: it learns of roles by a watch. A pod that
/// starts minutes after its chart was installed never sees that.
async fn in_force(home: &Namespace, user: &str, verb: &str, namespace: &str) -> Result<()> {
    let secrets = json!({ "verb": verb, "resource": "secrets", "namespace": namespace });
    let question: SubjectAccessReview =
        from_json(json!({ "spec": { "user": user, "resourceAttributes": secrets } }));
    let reviews = Api::<SubjectAccessReview>::all(home.cluster().client());
    let what = format!("{user} may {verb} Secrets in {namespace:?}");
    eventually(&what, LIMIT, async || {
        let answer = reviews.create(&PostParams::default(), &question).await;
        let status = answer.map_err(|error| error.to_string())?.status.unwrap_or_default();
        if status.allowed { Ok(()) } else { Err("it may not".to_owned()) }
    })
    .await
}

/// In a cluster the role's name is fixed; here every test has a controller.
async fn grant_everywhere(namespace: &Namespace, rules: Value, subject: &Value) -> Result<()> {
    let client = namespace.cluster().client();
    let name = namespace.name();
    let role = json!({ "metadata": { "name": name }, "rules": rules });
    create_if_absent(&Api::<ClusterRole>::all(client.clone()), role).await?;
    let binding = binding(name, "ClusterRole", name, subject);
    create_if_absent(&Api::<ClusterRoleBinding>::all(client), binding).await
}

async fn grant_in(
    home: &Namespace,
    namespace: &str,
    role: &str,
    rules: Value,
    subject: &Value,
) -> Result<()> {
    let client = home.cluster().client();
    // Two tests' controllers may serve one namespace.
    let name =
        if namespace == home.name() { role.to_owned() } else { format!("{role}-{}", home.name()) };
    let role = json!({ "metadata": { "name": name }, "rules": rules });
    create_if_absent(&Api::<Role>::namespaced(client.clone(), namespace), role).await?;
    let binding = binding(&name, "Role", &name, subject);
    create_if_absent(&Api::<RoleBinding>::namespaced(client, namespace), binding).await
}

fn binding(name: &str, kind: &str, role: &str, subject: &Value) -> Value {
    json!({
        "metadata": { "name": name },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role },
        "subjects": [subject],
    })
}

fn everyone() -> Value {
    json!({
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "Group",
        "name": "system:authenticated",
    })
}
