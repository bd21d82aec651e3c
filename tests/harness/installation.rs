//! A controller with a key that the test knows, and SealedSecrets that only this controller sees.
//!
//! Each runs in the chart's default mode, watching all namespaces. What keeps the tests apart is
//! a label: every SealedSecret carries the name of its test's namespace, and the controller
//! selects by it.

mod look;

use std::fmt::Debug;
use std::sync::atomic::{AtomicU32, Ordering};

use k8s_openapi::api::core::v1::Secret;
use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::ApiResource;
use kube::{Api, ResourceExt};
use sealwright_api::SealedSecret;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub use look::items;

use crate::key::{ACTIVE, sealed};
use crate::kubeseal::{self, Run};
use crate::manifest::from_json;
use crate::{Cluster, Context, ControllerProcess, Key, Namespace, Options, Result, controller};

/// The label that the controller selects by.
pub const SUITE: &str = "suite";

/// One test's controller, namespace and key.
pub struct Installation {
    /// The process.
    pub controller: ControllerProcess,
    /// Where it runs, and where SealedSecrets go unless they say otherwise.
    pub namespace: Namespace,
    /// What [`Installation::seal`] seals with.
    pub key: Key,
    later: AtomicU32,
}

impl Installation {
    /// A controller in a new namespace, which finds [`Key::a`] there.
    ///
    /// # Errors
    /// When anything of it fails.
    pub async fn new(prefix: &str) -> Result<Self> {
        let namespace = Cluster::connect().await?.namespace(prefix).await?;
        Self::with(&namespace, Options::default()).await
    }

    /// The same in a namespace that the test has prepared.
    ///
    /// # Errors
    /// When anything of it fails.
    pub async fn with(namespace: &Namespace, options: Options) -> Result<Self> {
        let key = Key::a();
        key.store(namespace, "key-a", Some(ACTIVE)).await?;
        Self::without_key(namespace, options).await
    }

    /// The same with the keys that the test has prepared, or none.
    ///
    /// # Errors
    /// When anything of it fails.
    pub async fn without_key(namespace: &Namespace, options: Options) -> Result<Self> {
        let controller = start(namespace, options).await?;
        let (namespace, key) = (namespace.clone(), Key::a());
        Ok(Self { controller, namespace, key, later: AtomicU32::new(0) })
    }

    /// A second replica beside the controller.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn replica(&self, options: Options) -> Result<ControllerProcess> {
        start(&self.namespace, options).await
    }

    /// Ends the controller and starts another.
    ///
    /// # Errors
    /// When the first does not end or the second does not start.
    pub async fn restart(&mut self, options: Options) -> Result<()> {
        self.controller.stop().await?;
        self.start_again(options).await
    }

    /// Starts another controller after the first was stopped.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_again(&mut self, options: Options) -> Result<()> {
        self.controller = start(&self.namespace, options).await?;
        Ok(())
    }

    /// The SealedSecret of a Secret, which only this installation's controller sees. Without a
    /// namespace it goes to the installation's.
    pub fn seal(&self, secret: Value) -> Value {
        self.seal_with(&self.key, secret)
    }

    /// The same, sealed with another key.
    pub fn seal_with(&self, key: &Key, mut secret: Value) -> Value {
        let metadata = &mut secret["metadata"];
        if metadata["namespace"].is_null() {
            metadata["namespace"] = self.namespace.name().into();
        }
        self.labelled(sealed(&key.public(), secret))
    }

    /// A SealedSecret made elsewhere, with the label that makes it visible to the controller.
    pub fn labelled(&self, mut sealed: Value) -> Value {
        sealed["metadata"]["labels"][SUITE] = self.namespace.name().into();
        sealed
    }

    /// What `kubectl apply --server-side` does.
    ///
    /// # Errors
    /// When the API server refuses it.
    pub async fn apply(&self, sealed: &Value) -> Result<SealedSecret> {
        let text = |field: &str| sealed["metadata"][field].as_str().unwrap_or_default();
        let step = || format!("cannot apply the SealedSecret {}", text("name"));
        let api: Api<DynamicObject> = Api::namespaced_with(
            self.namespace.cluster().client(),
            text("namespace"),
            &ApiResource::erase::<SealedSecret>(&()),
        );
        let applied = api
            .patch(text("name"), &PatchParams::apply("test").force(), &Patch::Apply(sealed))
            .await
            .context(step)?;
        applied.try_parse().context(step)
    }

    /// Seals, applies, and waits until the controller has reported success.
    ///
    /// # Errors
    /// When anything of it fails.
    pub async fn bring_about(&self, secret: Value) -> Result<SealedSecret> {
        let sealed = self.apply(&self.seal(secret)).await?;
        self.synced(&sealed).await
    }

    /// Asks for the deletion of a SealedSecret, in the background, and does not wait.
    ///
    /// # Errors
    /// When the API server refuses it.
    pub async fn delete(&self, sealed: &SealedSecret) -> Result<()> {
        let deleted = self.sealed_secrets(sealed).delete(&sealed.name_any(), &background()).await;
        deleted.context(|| format!("cannot delete {}", sealed.name_any())).map(drop)
    }

    /// Deletes the Secret of a SealedSecret.
    ///
    /// # Errors
    /// When the API server refuses it.
    pub async fn delete_secret(&self, sealed: &SealedSecret) -> Result<()> {
        let deleted = self.secrets(sealed).delete(&sealed.name_any(), &background()).await;
        deleted.context(|| format!("cannot delete {}", sealed.name_any())).map(drop)
    }

    /// Creates somebody else's Secret of the same name as a SealedSecret will have.
    ///
    /// # Errors
    /// When the API server refuses it.
    pub async fn create_secret(&self, manifest: Value) -> Result<Secret> {
        let secret: Secret = from_json(manifest);
        let created = self.namespace.api().create(&PostParams::default(), &secret).await;
        created.context(|| format!("cannot create the Secret {}", secret.name_any()))
    }

    /// Edits the Secret of a SealedSecret, as somebody else would.
    ///
    /// # Errors
    /// When the API server refuses it.
    pub async fn edit_secret(&self, sealed: &SealedSecret, change: Value) -> Result<Secret> {
        edit(&self.secrets(sealed), sealed, change).await
    }

    /// Edits a SealedSecret.
    ///
    /// # Errors
    /// When the API server refuses it.
    pub async fn edit(&self, sealed: &SealedSecret, change: Value) -> Result<SealedSecret> {
        edit(&self.sealed_secrets(sealed), sealed, change).await
    }

    /// Gives everything from before its turn: another object is brought about, and its Secret
    /// made again after a deletion. What has not happened by then does not happen.
    ///
    /// # Errors
    /// When the other object's turn does not come.
    pub async fn other_work(&self) -> Result<()> {
        let name = format!("later-{}", self.later.fetch_add(1, Ordering::Relaxed));
        let manifest = json!({ "metadata": { "name": name }, "stringData": { "a": "later" } });
        let sealed = self.bring_about(manifest).await?;
        let first = self.secret(&sealed).await?.uid();
        self.delete_secret(&sealed).await?;
        self.secret_when(&sealed, "it is made again", |secret| secret.uid() != first).await?;
        Ok(())
    }

    /// Runs kubeseal as an admin, told where the controller is.
    ///
    /// # Errors
    /// When it cannot be run; not when it fails.
    pub async fn kubeseal(&self, args: &[&str], input: &str) -> Result<Run> {
        let place = format!("--controller-namespace={}", self.namespace.name());
        let name = format!("--controller-name={}", controller::NAME);
        let args = [place.as_str(), name.as_str()].into_iter().chain(args.iter().copied());
        kubeseal::run(&self.namespace.cluster().kubeconfig(), args, input).await
    }

    /// The SealedSecrets of the namespace that one is in.
    pub fn sealed_secrets(&self, sealed: &SealedSecret) -> Api<SealedSecret> {
        self.api(sealed)
    }

    /// The Secrets of the namespace that a SealedSecret is in.
    pub fn secrets(&self, sealed: &SealedSecret) -> Api<Secret> {
        self.api(sealed)
    }
}

async fn start(namespace: &Namespace, mut options: Options) -> Result<ControllerProcess> {
    // What the tests of the limits set comes behind this, and the last one wins.
    // The recorded keys grow old: no test that does not ask for a period finds one due some day.
    let mut args = ["--rate-limit=1000", "--rate-limit-burst=1000", "--key-renew-period=0"]
        .map(str::to_owned)
        .to_vec();
    args.append(&mut options.args);
    options.args = args;
    options.args.push(format!("--label-selector={SUITE}={}", namespace.name()));
    ControllerProcess::start(namespace, options).await
}

async fn edit<K>(api: &Api<K>, sealed: &SealedSecret, change: Value) -> Result<K>
where
    K: Clone + Debug + DeserializeOwned,
{
    let (name, change) = (sealed.name_any(), Patch::Merge(change));
    let edited = api.patch(&name, &PatchParams::default(), &change).await;
    edited.context(|| format!("cannot edit {name}"))
}

fn background() -> DeleteParams {
    DeleteParams::background()
}
