//! What the controller of sealed-secrets leaves behind: key Secrets, and of each SealedSecret status and
//! Secret.

use std::collections::BTreeMap;

use harness::{Cluster, Context, Error, Result};
use serde_json::{Value, json};

use super::KEY_LABEL;
use super::recorded::{self, Recorded};
use crate::objects::kubectl;
use crate::own_cluster::{OwnCluster, what};

/// The manager of its fields, which the API server takes from the program's name.
const MANAGER: &str = "--field-manager=controller";
const TIME: &str = "2026-11-25T08:00:00Z";

/// Names and labels of its key Secrets: one of its first versions, which had none; two of today's; and
/// one that an administrator has retired.
const KEYS: [(&str, &str, Option<&str>); 4] = [
    ("rsa3072-b", "sealed-secrets-key", None),
    ("rsa2048-a", "sealed-secrets-keyx7k2p", Some("active")),
    ("rsa4096-c", "sealed-secrets-key9wqzd", Some("active")),
    ("rsa4096-d", "sealed-secrets-keyl4t8m", Some("compromised")),
];

/// Creates the key Secrets.
pub(super) async fn keys(place: &OwnCluster) -> Result<()> {
    for key in recorded::keys()? {
        let own = KEYS.iter().find(|(recorded, ..)| key["name"] == *recorded);
        let (_, name, label) =
            own.ok_or_else(|| Error::new(format!("{} has no name", key["name"])))?;
        let labels = label.map_or(json!({}), |label| json!({ KEY_LABEL: label }));
        let secret = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": { "namespace": "kube-system", "name": name, "labels": labels },
            "type": "kubernetes.io/tls",
            "stringData": { "tls.crt": key["certificate_pem"], "tls.key": key["private_key_pem"] },
        });
        kubectl(place.cluster(), &["create", MANAGER, "-f-"], &secret).await?;
    }
    Ok(())
}

/// SealedSecrets and what was recorded of each, with the UIDs of this cluster.
#[derive(Default)]
pub(super) struct Left {
    objects: Vec<Recorded>,
    /// The SealedSecrets as they were then.
    sealed: BTreeMap<String, Value>,
}

impl Left {
    /// Applies SealedSecrets as users do, and makes of them what their controller would.
    pub(super) async fn leave(place: &OwnCluster, mut objects: Vec<Recorded>) -> Result<Self> {
        let cluster = place.cluster();
        let applied = list(objects.iter().map(|object| object.sealed.clone()));
        kubectl(cluster, &["apply", "-f-"], &applied).await?;
        let mut sealed = all(cluster, "sealedsecrets").await?;
        for object in &mut objects {
            let there = sealed.get_mut(&object.what()).ok_or_else(|| Error::new(object.what()))?;
            there["status"] = status(object);
            for owner in object.owners_mut() {
                owner["uid"] = there["metadata"]["uid"].clone();
            }
        }
        let secrets = list(objects.iter().filter_map(|object| object.secret.clone()));
        kubectl(cluster, &["create", MANAGER, "-f-"], &secrets).await?;
        let replace = ["replace", "--subresource=status", MANAGER, "-f-"];
        kubectl(cluster, &replace, &list(sealed.values().cloned())).await?;
        Ok(Self { sealed: all(cluster, "sealedsecrets").await?, objects })
    }

    /// Takes everything away again.
    pub(super) async fn remove(&self, place: &OwnCluster) -> Result<()> {
        let sealed = list(self.sealed.values().cloned());
        kubectl(place.cluster(), &["delete", "-f-"], &sealed).await?;
        self.delete(place, |_| true).await
    }

    /// Deletes the Secrets that a SealedSecret owns.
    pub(super) async fn delete_secrets(&self, place: &OwnCluster) -> Result<()> {
        self.delete(place, Recorded::is_owned).await
    }

    async fn delete(&self, place: &OwnCluster, which: impl Fn(&Recorded) -> bool) -> Result<()> {
        let secrets: Vec<_> = self.objects.iter().filter(|object| which(object)).collect();
        let secrets: Vec<_> =
            secrets.into_iter().filter_map(|object| object.secret.clone()).collect();
        for held in secrets.iter().filter(|secret| !secret["metadata"]["finalizers"].is_null()) {
            let release = ["patch", "-f-", "-p", r#"{"metadata":{"finalizers":null}}"#];
            kubectl(place.cluster(), &release, held).await?;
        }
        let delete = ["delete", "--ignore-not-found", "-f-"];
        kubectl(place.cluster(), &delete, &list(secrets.into_iter())).await.map(drop)
    }

    /// What `condition_info` is to say, by namespace and name.
    pub(super) fn conditions(&self) -> BTreeMap<String, String> {
        let value = |object: &Recorded| if object.message.is_none() { "1" } else { "-1" };
        self.objects.iter().map(|object| (object.name(), value(object).to_owned())).collect()
    }

    /// Sees that each status says what it did, for as long as it did.
    pub(super) async fn is_reported(&self, place: &OwnCluster) -> Result<()> {
        let now = all(place.cluster(), "sealedsecrets").await?;
        for object in &self.objects {
            let (before, now) = (&self.sealed[&object.what()], &now[&object.what()]);
            let what = format!("{}: {}", object.what(), now["status"]);
            let (was, is) = (&before["status"]["conditions"][0], &now["status"]["conditions"][0]);
            for field in ["type", "status", "lastTransitionTime"] {
                assert_eq!(is[field], was[field], "{field} of {what}");
            }
            assert_eq!(
                now["status"]["observedGeneration"], now["metadata"]["generation"],
                "{what}"
            );
            assert_eq!(is["message"].is_string(), object.message.is_some(), "{what}");
        }
        Ok(())
    }

    /// Sees that the SealedSecrets are as they were applied.
    pub(super) async fn is_unchanged(&self, place: &OwnCluster) -> Result<()> {
        let now = all(place.cluster(), "sealedsecrets").await?;
        for (what, before) in &self.sealed {
            for field in ["uid", "generation", "labels", "annotations", "finalizers"] {
                let (was, is) = (&before["metadata"][field], &now[what]["metadata"][field]);
                assert_eq!(is, was, "{field} of {what}");
            }
            assert_eq!(now[what]["spec"], before["spec"], "{what}");
        }
        Ok(())
    }

    /// Whether all Secrets that a SealedSecret owns are others than those, and as they were recorded; or
    /// what is there.
    pub(super) async fn are_made_again(
        &self,
        cluster: &Cluster,
        before: &BTreeMap<String, Value>,
    ) -> Result<(), String> {
        let now = all(cluster, "secrets").await.map_err(|error| format!("{error:#}"))?;
        for object in self.objects.iter().filter(|object| object.is_owned()) {
            let (name, recorded) = (object.secret_what(), object.secret.as_ref().map(content));
            let made = now.get(&name).ok_or_else(|| format!("there is no {name}"))?;
            if made["metadata"]["uid"] == before[&name]["metadata"]["uid"] {
                return Err(format!("{name} is the old one"));
            }
            if recorded.as_ref() != Some(&content(made)) {
                return Err(format!("{} and not {recorded:?}", content(made)));
            }
        }
        Ok(())
    }
}

/// Everything of a kind in the cluster, by kind, namespace and name.
pub(super) async fn all(cluster: &Cluster, kind: &str) -> Result<BTreeMap<String, Value>> {
    let found = kubectl(cluster, &["get", kind, "-A", "-o", "json"], &Value::Null).await?;
    let found: Value = serde_json::from_str(&found).context(|| "kubectl wrote no JSON")?;
    let items = found["items"].as_array().into_iter().flatten();
    Ok(items.map(|object| (what(object), object.clone())).collect())
}

fn list(items: impl Iterator<Item = Value>) -> Value {
    json!({ "apiVersion": "v1", "kind": "List", "items": items.collect::<Vec<_>>() })
}

/// What their controller reports. `lastUpdateTime` is that of the first report.
fn status(object: &Recorded) -> Value {
    let mut condition = json!({
        "type": "Synced",
        "status": if object.message.is_none() { "True" } else { "False" },
        "lastUpdateTime": TIME,
        "lastTransitionTime": TIME,
    });
    if let Some(message) = &object.message {
        condition["message"] = message.as_str().into();
    }
    json!({ "observedGeneration": 1, "conditions": [condition] })
}

/// All of a Secret but what the API server gives it.
fn content(secret: &Value) -> Value {
    let metadata = &secret["metadata"];
    let mut content = json!({});
    for field in ["labels", "annotations", "ownerReferences", "finalizers"] {
        content[field] = metadata[field].clone();
    }
    for field in ["data", "type", "immutable"] {
        content[field] = secret[field].clone();
    }
    content
}
