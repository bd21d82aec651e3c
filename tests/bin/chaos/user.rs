//! What a user does meanwhile: applies, changes, deletes, and writes where they should not.

use std::fmt::Debug;
use std::time::Duration;

use harness::installation::SUITE;
use harness::key::sealed;
use harness::{Context, Error, Namespace, Result, eventually};
use k8s_openapi::api::core::v1::Secret;
use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams, Preconditions};
use kube::core::ApiResource;
use kube::{Api, Resource, ResourceExt};
use rand::RngExt;
use rand::rngs::SmallRng;
use sealwright_api::SealedSecret;
use sealwright_crypto::Certificate;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::time::sleep;

use crate::model::{Items, TAMPERED, TAMPERED_ITEM};
use crate::witness::{MARK, Witness};

/// So many objects at most, so that a round stays short.
const MOST: usize = 12;
/// So many names beside somebody else's Secret.
const MOST_FOREIGN: usize = 3;
/// An API server that starts on a busy machine is away for long.
const LIMIT: Duration = Duration::from_secs(180);

/// An admin who talks to the API server without detours.
pub(crate) struct User {
    namespace: Namespace,
}

impl User {
    pub(crate) fn of(namespace: &Namespace) -> Self {
        Self { namespace: namespace.clone() }
    }

    /// A few deeds, one after the other.
    pub(crate) async fn act(&self, witness: &Witness, random: &mut SmallRng) -> Result<()> {
        for _ in 0..random.random_range(1..=5) {
            sleep(Duration::from_millis(random.random_range(0..250))).await;
            self.do_one(witness, random).await?;
        }
        Ok(())
    }

    async fn do_one(&self, witness: &Witness, random: &mut SmallRng) -> Result<()> {
        let (any, fresh, count, foreign) = {
            let model = witness.model();
            let any = model.any(random, false);
            (any, model.fresh_name(), model.count(false), model.any(random, true))
        };
        match (random.random_range(0..100), any) {
            (0..30, _) if count < MOST => self.apply(witness, &fresh, random).await,
            (0..55, Some(name)) => self.apply(witness, &name, random).await,
            (55..65, Some(name)) => self.delete(witness, &name).await,
            (65..73, Some(name)) => {
                self.delete(witness, &name).await?;
                self.apply(witness, &name, random).await
            }
            (73..81, Some(name)) => self.delete_secret(witness, &name).await,
            (81..89, Some(name)) => self.tamper(&name).await,
            _ => match foreign {
                Some(name) if witness.model().count(true) >= MOST_FOREIGN => {
                    self.clear_away(witness, &name).await
                }
                _ => self.apply_beside_a_foreign_secret(witness, &fresh, random).await,
            },
        }
    }

    /// A new version under a name, new or not, sealed with any of the keys.
    async fn apply(&self, witness: &Witness, name: &str, random: &mut SmallRng) -> Result<()> {
        let key = witness.any_key(random).ok_or_else(|| Error::new("no key to seal with"))?;
        let items = witness.model().next_version(name, random);
        let sealed = self.sealed(name, &items, &key)?;
        let api: Api<DynamicObject> = Api::namespaced_with(
            self.namespace.cluster().client(),
            self.namespace.name(),
            &ApiResource::erase::<SealedSecret>(&()),
        );
        let by = PatchParams::apply("chaos").force();
        self.persist(&format!("apply {name}"), async || {
            api.patch(name, &by, &Patch::Apply(&sealed)).await.map(drop)
        })
        .await
    }

    fn sealed(&self, name: &str, items: &Items, certificate: &str) -> Result<serde_json::Value> {
        let metadata = json!({ "name": name, "namespace": self.namespace.name() });
        let secret = json!({ "metadata": metadata, "stringData": items });
        let certificate =
            Certificate::from_pem(certificate).context(|| "a key has no certificate")?;
        let mut sealed = sealed(certificate.public_key(), secret);
        sealed["metadata"]["labels"][SUITE] = self.namespace.name().into();
        Ok(sealed)
    }

    async fn delete(&self, witness: &Witness, name: &str) -> Result<()> {
        if let Some(object) = witness.model().objects.get_mut(name) {
            object.is_wanted = false;
        }
        self.remove(&self.namespace.api::<SealedSecret>(), witness, name).await
    }

    async fn delete_secret(&self, witness: &Witness, name: &str) -> Result<()> {
        self.remove(&self.namespace.api::<Secret>(), witness, name).await
    }

    /// Deletes an object, and tells the witness before that it may go.
    async fn remove<K>(&self, api: &Api<K>, witness: &Witness, name: &str) -> Result<()>
    where
        K: Resource + Clone + Debug + DeserializeOwned,
    {
        self.persist(&format!("delete {name}"), async || {
            let Some(uid) = api.get_opt(name).await?.and_then(|there| there.meta().uid.clone())
            else {
                return Ok(());
            };
            if let Some(object) = witness.model().objects.get_mut(name) {
                object.may_go.insert(uid.clone());
            }
            let this = Preconditions { uid: Some(uid), resource_version: None };
            let params = DeleteParams { preconditions: Some(this), ..DeleteParams::background() };
            match api.delete(name, &params).await {
                Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
                other => other.map(drop),
            }
        })
        .await
    }

    /// Writes a mark that the witness sees once it has seen everything before.
    pub(crate) async fn mark(&self, mark: &str) -> Result<()> {
        let api = self.namespace.api::<Secret>();
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": { "name": MARK }, "stringData": { MARK: mark },
        });
        let by = PatchParams::apply("chaos").force();
        self.persist("write a mark", async || {
            api.patch(MARK, &by, &Patch::Apply(&secret)).await.map(drop)
        })
        .await
    }

    async fn tamper(&self, name: &str) -> Result<()> {
        let api = self.namespace.api::<Secret>();
        let change = Patch::Merge(json!({ "stringData": { TAMPERED_ITEM: TAMPERED } }));
        self.persist(&format!("write into the Secret {name}"), async || {
            absent_is_well(api.patch(name, &PatchParams::default(), &change).await.map(drop))
        })
        .await
    }

    /// Somebody else's Secret, and then a SealedSecret of its name: it must not be touched.
    async fn apply_beside_a_foreign_secret(
        &self,
        witness: &Witness,
        name: &str,
        random: &mut SmallRng,
    ) -> Result<()> {
        let api = self.namespace.api::<Secret>();
        let secret: Secret = serde_json::from_value(json!({
            "metadata": { "name": name }, "stringData": { "theirs": "untouched" },
        }))
        .context(|| "a Secret in this program is one")?;
        self.persist(&format!("create the Secret {name}"), async || {
            present_is_well(api.create(&PostParams::default(), &secret).await.map(drop))
        })
        .await?;
        let created = eventually("the Secret is read", LIMIT, async || api.get(name).await).await?;
        let version = created.resource_version().unwrap_or_default();
        let foreign = Some((created.uid().unwrap_or_default(), version));
        witness.model().objects.entry(name.to_owned()).or_default().foreign = foreign;
        self.apply(witness, name, random).await
    }

    async fn clear_away(&self, witness: &Witness, name: &str) -> Result<()> {
        self.delete(witness, name).await?;
        if let Some(object) = witness.model().objects.get_mut(name) {
            object.foreign = None;
        }
        self.delete_secret(witness, name).await
    }

    /// Until the API server agrees: it may be away for a while.
    async fn persist(&self, what: &str, attempt: impl AsyncFn() -> kube::Result<()>) -> Result<()> {
        eventually(&format!("the user can {what}"), LIMIT, async || attempt().await).await
    }
}

fn absent_is_well(outcome: kube::Result<()>) -> kube::Result<()> {
    match outcome {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        other => other,
    }
}

fn present_is_well(outcome: kube::Result<()>) -> kube::Result<()> {
    match outcome {
        Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(()),
        other => other,
    }
}
