//! Rights as the chart renders them, with one verb withdrawn, in force in the cluster.

use std::time::Duration;

use harness::controller::Installed as Names;
use harness::{Cluster, Context, Namespace, Result, eventually};
use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use kube::Api;
use kube::api::PostParams;
use serde_json::{Value, json};

use crate::helm::{Helm, find, objects};
use crate::objects::kubectl;

const LIMIT: Duration = Duration::from_secs(30);
/// The name of the release; those of roles are made from it.
const RELEASE: &str = "sealed-secrets";

/// How far rights reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The default.
    Everywhere,
    /// By the ClusterRole, in additional namespaces, of which one does not exist.
    Additional,
    /// By Roles in additional namespaces.
    Namespaced,
}

/// One verb of one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Granted {
    /// `unsealer` or `key-admin`.
    pub(super) role: String,
    /// Such as `secrets get`.
    pub(super) verb: String,
}

/// A release without its controller: accounts, rights, Services.
pub(super) struct Installed {
    pub(super) mode: Mode,
    /// Where the controller and its keys are.
    pub(super) home: Namespace,
    /// Where the SealedSecrets are.
    pub(super) away: Namespace,
    pub(super) names: Names,
    /// The controller's.
    pub(super) arguments: Vec<String>,
}

impl Mode {
    /// What is granted to the controller's account.
    pub(super) fn granted(self, helm: &Helm) -> Result<Vec<Granted>> {
        let rendered = self.rendered(helm, "home", "away")?;
        let roles = rendered.iter().filter_map(|object| Some((own_role(object)?, object)));
        let verbs = roles.flat_map(|(role, object)| {
            let verbs = list(&object["rules"]).flat_map(|rule| {
                list(&rule["resources"]).flat_map(|resource| {
                    list(&rule["verbs"])
                        .map(move |verb| format!("{} {}", text(resource), text(verb)))
                })
            });
            verbs.map(move |verb| Granted { role: role.to_owned(), verb })
        });
        Ok(verbs.collect())
    }

    /// Of these, what the default mode has not shown already.
    pub(super) fn to_try(self, helm: &Helm) -> Result<Vec<Granted>> {
        let mut granted = self.granted(helm)?;
        if self == Self::Additional {
            let shown = Self::Everywhere.granted(helm)?;
            granted.retain(|granted| !shown.contains(granted));
        }
        Ok(granted)
    }

    fn rendered(self, helm: &Helm, home: &str, away: &str) -> Result<Vec<Value>> {
        let namespaces = match self {
            Self::Everywhere => json!([]),
            Self::Additional => json!([away, format!("{away}-missing")]),
            Self::Namespaced => json!([away]),
        };
        let settings = [
            format!("additionalNamespaces={namespaces}"),
            format!("rbac.namespacedRoles={}", self == Self::Namespaced),
            format!("rbac.clusterRole={}", self != Self::Namespaced),
            "keySize=2048".to_owned(),
            format!("rbac.clusterRoleName=\"{home}\""),
            // Names that no other test's release has.
            format!("fullnameOverride=\"{home}\""),
            "canary.enabled=false".to_owned(),
        ];
        let settings: Vec<_> = settings.iter().map(String::as_str).collect();
        objects(&helm.template((RELEASE, home), &[], &settings)?)
    }
}

impl Installed {
    /// In namespaces of its own, without the verb that is withdrawn.
    pub(super) async fn new(
        cluster: &Cluster,
        helm: &Helm,
        mode: Mode,
        withdrawn: Option<&Granted>,
    ) -> Result<Self> {
        let home = cluster.namespace("rights").await?;
        let away = match mode {
            Mode::Everywhere => home.clone(),
            Mode::Additional | Mode::Namespaced => cluster.namespace("rights-away").await?,
        };
        let mut rendered = mode.rendered(helm, home.name(), away.name())?;
        let deployment = find(&rendered, "Deployment", home.name())["spec"]["template"].clone();
        rendered.retain(|object| object["kind"] != "Deployment");
        let proxier = format!("{}-service-proxier", home.name());
        if let Some(withdrawn) = withdrawn {
            rendered.iter_mut().for_each(|object| withdraw(object, withdrawn));
            // What everyone who is logged in may do would stand in for it.
            rendered.retain(|object| {
                object["kind"] != "RoleBinding" || object["roleRef"]["name"] != proxier
            });
        }
        let all = json!({ "apiVersion": "v1", "kind": "List", "items": rendered });
        kubectl(cluster, &["create", "-f-"], &all).await?;
        let account = text(&deployment["spec"]["serviceAccountName"]).to_owned();
        in_force(cluster, &rendered, home.name(), &account).await?;
        let arguments = list(&deployment["spec"]["containers"][0]["args"]).map(text);
        // It has ports of its own here.
        let arguments = arguments.filter(|argument| !argument.starts_with("--listen-"));
        Ok(Self {
            mode,
            arguments: arguments.map(str::to_owned).collect(),
            names: Names { account, labels: deployment["metadata"]["labels"].clone() },
            home,
            away,
        })
    }
}

impl Installed {
    /// What the controller calls the place of the SealedSecrets.
    pub(super) fn place(&self) -> &str {
        match self.mode {
            Mode::Everywhere => "all namespaces",
            Mode::Additional | Mode::Namespaced => self.away.name(),
        }
    }
}

/// Which of the chart's roles an object is.
fn role(object: &Value) -> Option<&'static str> {
    let is_role = ["Role", "ClusterRole"].contains(&text(&object["kind"]));
    is_role.then(|| match text(&object["metadata"]["name"]) {
        name if name.ends_with("-service-proxier") => "service-proxier",
        name if name.ends_with("-key-admin") => "key-admin",
        _ => "unsealer",
    })
}

/// The same of those that the controller's account has.
fn own_role(object: &Value) -> Option<&'static str> {
    role(object).filter(|role| *role != "service-proxier")
}

/// Takes a verb out of the role that it is granted by.
pub(super) fn withdraw(object: &mut Value, withdrawn: &Granted) {
    if role(object) != Some(withdrawn.role.as_str()) {
        return;
    }
    let (resource, verb) = withdrawn.verb.split_once(' ').unwrap_or_default();
    let rules = object["rules"].as_array_mut().into_iter().flatten();
    for rule in rules.filter(|rule| list(&rule["resources"]).any(|named| named == resource)) {
        if let Some(verbs) = rule["verbs"].as_array_mut() {
            verbs.retain(|granted| granted != verb);
        }
    }
    if let Some(rules) = object["rules"].as_array_mut() {
        rules.retain(|rule| list(&rule["verbs"]).next().is_some());
    }
}

/// Waits until the API server acts on each verb: it learns of roles by a watch.
async fn in_force(cluster: &Cluster, rendered: &[Value], home: &str, account: &str) -> Result<()> {
    let user = format!("system:serviceaccount:{home}:{account}");
    let reviews = Api::<SubjectAccessReview>::all(cluster.client());
    for object in rendered.iter().filter(|object| own_role(object).is_some()) {
        let place = object["metadata"]["namespace"].as_str().unwrap_or(home);
        for rule in list(&object["rules"]) {
            let (resource, subresource) = text(&rule["resources"][0])
                .split_once('/')
                .unwrap_or((text(&rule["resources"][0]), ""));
            for verb in list(&rule["verbs"]) {
                let question = json!({ "spec": { "user": user, "resourceAttributes": {
                    "group": rule["apiGroups"][0],
                    "resource": resource,
                    "subresource": subresource,
                    "name": rule["resourceNames"][0],
                    "verb": verb,
                    "namespace": place,
                } } });
                let question: SubjectAccessReview =
                    serde_json::from_value(question).context(|| "no question")?;
                eventually(&format!("{user} may {verb} {resource}"), LIMIT, async || {
                    let answer = reviews.create(&PostParams::default(), &question).await.ok()?;
                    answer.status?.allowed.then_some(())
                })
                .await?;
            }
        }
    }
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
