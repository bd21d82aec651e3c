//! The certificate in a ConfigMap, for those who cannot reach the service proxy.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::{DeleteParams, ObjectMeta, PostParams, Preconditions};
use sealwright_crypto::Keyring;
use sealwright_sealing::{CONFIG_MAP, publish};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::app::stopped;
use crate::error::Error;
use crate::keys::Keys;
use crate::leader::Leading;

/// How soon an edit by somebody else is undone.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How soon a right that was granted is made use of.
const ASK_EVERY: Duration = Duration::from_secs(300);

/// Keeps the ConfigMap as the keyring says, until the process is told to stop. What stands in the
/// way is said once, and again when it comes back.
pub(crate) async fn keep(
    keys: Arc<Keys>,
    config_maps: Api<ConfigMap>,
    mut leading: Leading,
    mut stopping: watch::Receiver<bool>,
) {
    let mut rings = keys.subscribe();
    let mut told = HashSet::new();
    loop {
        let keyring = rings.borrow_and_update().clone();
        // Not held while we wait: who stands for election writes there.
        let leads = *leading.borrow_and_update();
        let done = if leads { bring_about(&config_maps, &keyring).await } else { Ok(()) };
        let wait = match done {
            Ok(()) => {
                told.clear();
                LOOK_EVERY
            }
            Err(obstacle) => {
                if told.insert(obstacle.to_string()) {
                    obstacle.tell();
                }
                obstacle.wait()
            }
        };
        tokio::select! {
            () = stopped(&mut stopping) => return,
            _ = rings.changed() => {}
            Ok(()) = leading.changed() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn bring_about(config_maps: &Api<ConfigMap>, keyring: &Keyring) -> Result<(), Obstacle> {
    let Some(data) = publish(keyring) else { return Ok(()) };
    let params = PostParams::default();
    let existing = config_maps.get_opt(CONFIG_MAP).await.map_err(obstacle("read it"))?;
    match plan(existing, data) {
        Plan::Keep => {}
        Plan::Create(new) => {
            config_maps.create(&params, &new).await.map_err(obstacle("create it"))?;
        }
        Plan::Replace(new) => {
            let replaced = config_maps.replace(CONFIG_MAP, &params, &new).await;
            replaced.map_err(obstacle("replace it"))?;
        }
        Plan::Recreate { uid, new } => {
            delete(config_maps, uid).await?;
            // What is still there has a finalizer, which somebody should hear of.
            let created = config_maps.create(&params, &new).await;
            created.map_err(|error| {
                Obstacle::Other(Error::api("create it anew")(error).to_string())
            })?;
        }
    }
    Ok(())
}

async fn delete(config_maps: &Api<ConfigMap>, uid: Option<String>) -> Result<(), Obstacle> {
    let judged = Preconditions { uid, resource_version: None };
    let params = DeleteParams::default().preconditions(judged);
    match config_maps.delete(CONFIG_MAP, &params).await.map_err(obstacle("delete it")) {
        Err(Obstacle::Forbidden) => Err(Obstacle::Immutable),
        // Somebody else has deleted it, or has put another in its place.
        Ok(_) | Err(Obstacle::Overtaken) => Ok(()),
        Err(other) => Err(other),
    }
}

/// What to do about the ConfigMap.
#[derive(Debug, PartialEq)]
enum Plan {
    /// It is as it should be.
    Keep,
    /// There is none.
    Create(ConfigMap),
    /// It says something else. The new one carries the resourceVersion that was judged.
    Replace(ConfigMap),
    /// The same, but the API server refuses every change of it.
    Recreate {
        /// The one to delete.
        uid: Option<String>,
        /// The one to create.
        new: ConfigMap,
    },
}

fn plan(existing: Option<ConfigMap>, data: BTreeMap<String, String>) -> Plan {
    let metadata = ObjectMeta { name: Some(CONFIG_MAP.to_owned()), ..ObjectMeta::default() };
    let new = ConfigMap { metadata, data: Some(data), ..ConfigMap::default() };
    match existing {
        None => Plan::Create(new),
        Some(existing) if existing.data == new.data => Plan::Keep,
        Some(existing) if existing.immutable == Some(true) => {
            Plan::Recreate { uid: existing.metadata.uid, new }
        }
        // Without what somebody put beside it: a key may stand in one of the two only.
        Some(existing) => Plan::Replace(ConfigMap { metadata: existing.metadata, ..new }),
    }
}

/// Why the ConfigMap is not as it should be.
#[derive(Debug, PartialEq, thiserror::Error)]
enum Obstacle {
    /// As under upstream's RBAC.
    #[error("it may not be written")]
    Forbidden,
    /// Somebody made it so, and it may not be deleted.
    #[error(
        "it is immutable and may not be deleted: delete it, or grant the right to as in \
         deploy/controller.yaml"
    )]
    Immutable,
    /// Somebody else wrote it at the same time, such as another replica.
    #[error("somebody else writes it")]
    Overtaken,
    /// The API server did not do what it was asked.
    #[error("{0}")]
    Other(String),
}

impl Obstacle {
    fn tell(&self) {
        match self {
            Self::Forbidden => {
                info!(
                    "the certificate is not published: ConfigMap {CONFIG_MAP} may not be written"
                );
            }
            Self::Overtaken => {}
            Self::Immutable | Self::Other(_) => {
                warn!("ConfigMap {CONFIG_MAP} is not up to date: {self}");
            }
        }
    }

    fn wait(&self) -> Duration {
        match self {
            Self::Forbidden | Self::Immutable => ASK_EVERY,
            Self::Overtaken | Self::Other(_) => LOOK_EVERY,
        }
    }
}

/// What an answer of the API server means for a step.
fn obstacle(step: &'static str) -> impl FnOnce(kube::Error) -> Obstacle {
    move |error| match &error {
        kube::Error::Api(status) if status.code == 403 => Obstacle::Forbidden,
        kube::Error::Api(status) if matches!(status.code, 404 | 409) => Obstacle::Overtaken,
        _ => Obstacle::Other(Error::api(step)(error).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config_map(value: serde_json::Value) -> ConfigMap {
        serde_json::from_value(value).unwrap()
    }

    fn data() -> BTreeMap<String, String> {
        BTreeMap::from([("tls.crt".to_owned(), "newest".to_owned())])
    }

    #[test]
    fn one_that_is_there_is_kept_replaced_or_made_anew() {
        let new = config_map(json!({
            "metadata": { "name": "sealed-secrets-cert" }, "data": { "tls.crt": "newest" },
        }));
        assert_eq!(plan(None, data()), Plan::Create(new.clone()));
        for is_immutable in [false, true] {
            let same = json!({ "immutable": is_immutable, "data": { "tls.crt": "newest" } });
            assert_eq!(plan(Some(config_map(same)), data()), Plan::Keep);
        }
        let metadata = json!({ "name": "sealed-secrets-cert", "uid": "u", "resourceVersion": "1" });
        let edited = json!({
            "metadata": metadata, "data": { "a": "forged" }, "binaryData": { "tls.crt": "AA==" },
        });
        let replaced = json!({ "metadata": metadata, "data": { "tls.crt": "newest" } });
        assert_eq!(
            plan(Some(config_map(edited.clone())), data()),
            Plan::Replace(config_map(replaced))
        );
        let mut immutable = edited;
        immutable["immutable"] = true.into();
        assert_eq!(
            plan(Some(config_map(immutable)), data()),
            Plan::Recreate { uid: Some("u".to_owned()), new }
        );
    }

    #[test]
    fn answers_are_told_by_what_they_mean() {
        let answered = |code: u16| {
            let status = serde_json::from_value(json!({ "code": code, "message": "no" }));
            obstacle("replace it")(kube::Error::Api(Box::new(status.unwrap())))
        };
        assert_eq!(answered(403), Obstacle::Forbidden);
        assert_eq!((answered(404), answered(409)), (Obstacle::Overtaken, Obstacle::Overtaken));
        assert_eq!(answered(500).to_string(), "cannot replace it: no");
        assert_eq!((answered(403).wait(), answered(500).wait()), (ASK_EVERY, LOOK_EVERY));
        assert!(Obstacle::Immutable.to_string().contains("delete it"));
    }
}
