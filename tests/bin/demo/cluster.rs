//! The cluster of the demo: a namespace of its own, and what is looked at in it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::{Context, Error, Result, eventually};
use k8s_openapi::api::core::v1::{Event, Namespace, Secret};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{DeleteParams, ListParams, ObjectMeta, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config, CustomResourceExt};
use sealwright_api::SealedSecret;
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(60);

/// Where the demo plays.
pub(crate) struct Stage {
    client: Client,
    kubeconfig: Kubeconfig,
    namespace: String,
    has_namespace: bool,
    /// Whether the cluster knew no SealedSecrets before.
    brought_crd: bool,
}

impl Stage {
    /// Finds the cluster; nothing is made yet.
    pub(crate) async fn connect(context: Option<String>) -> Result<Self> {
        let kubeconfig = Kubeconfig::read().context(|| "reading the kubeconfig");
        let mut kubeconfig = kubeconfig.map_err(|error| error.hint("see KUBECONFIG"))?;
        kubeconfig.current_context = context.or(kubeconfig.current_context);
        check_context(&kubeconfig)?;
        let options = KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(kubeconfig.clone(), &options).await;
        let config = config.context(|| "using the kubeconfig's context")?;
        let client = Client::try_from(config).context(|| "connecting to the cluster")?;
        let suffix = jiff::Timestamp::now().as_millisecond();
        let namespace = format!("sealwright-demo-{suffix}");
        Ok(Self { client, kubeconfig, namespace, has_namespace: false, brought_crd: false })
    }

    /// Makes a namespace, and the resource definition where there is none. What is about to be made
    /// is noted first, so that it is removed even when the answer never comes.
    pub(crate) async fn set_up(&mut self) -> Result<()> {
        let (name, crds) = (SealedSecret::crd_name(), crds(&self.client));
        let found = crds.get_opt(name).await;
        if found.context(|| "looking for the resource definition")?.is_none() {
            self.brought_crd = true;
            let created = crds.create(&PostParams::default(), &SealedSecret::crd()).await;
            created.context(|| "bringing the resource definition")?;
            eventually("the cluster knows SealedSecrets", LIMIT, async || {
                let objects: Api<SealedSecret> = Api::all(self.client.clone());
                objects.list(&ListParams::default().limit(1)).await.map(drop)
            })
            .await?;
        }
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        let metadata = ObjectMeta { name: Some(self.namespace.clone()), ..ObjectMeta::default() };
        let demo = Namespace { metadata, ..Namespace::default() };
        self.has_namespace = true;
        let made = namespaces.create(&PostParams::default(), &demo).await;
        if made.is_err() {
            self.has_namespace = false;
        }
        made.map(drop).context(|| "making a namespace for the demo")
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// A kubeconfig of the chosen context, for the controller.
    pub(crate) fn write_kubeconfig(&self, folder: &Path) -> Result<PathBuf> {
        let path = folder.join("kubeconfig");
        let text = serde_json::to_vec(&self.kubeconfig).context(|| "writing the kubeconfig")?;
        std::fs::write(&path, text).context(|| "writing the kubeconfig")?;
        Ok(path)
    }

    pub(crate) async fn apply(&self, manifest: &str) -> Result<SealedSecret> {
        let manifest = manifest.trim_start_matches("---\n");
        let sealed: SealedSecret =
            serde_saphyr::from_str(manifest).context(|| "reading what kubeseal wrote")?;
        let created = self.sealed_secrets().create(&PostParams::default(), &sealed).await;
        created.context(|| "applying the SealedSecret")
    }

    /// The same SealedSecret under another name.
    pub(crate) async fn apply_renamed(&self, sealed: &SealedSecret, name: &str) -> Result<()> {
        let renamed = SealedSecret::new(name, sealed.spec.clone());
        let created = self.sealed_secrets().create(&PostParams::default(), &renamed).await;
        created.map(drop).context(|| "applying the renamed SealedSecret")
    }

    pub(crate) async fn secret(&self, name: &str) -> kube::Result<Secret> {
        Api::namespaced(self.client.clone(), &self.namespace).get(name).await
    }

    /// The status, once there is one.
    pub(crate) async fn status(&self, name: &str) -> Option<Value> {
        let sealed = self.sealed_secrets().get(name).await.ok()?;
        serde_json::to_value(sealed.status?).ok()
    }

    /// The newest event about the SealedSecret.
    pub(crate) async fn event(&self, name: &str) -> Option<Event> {
        let events: Api<Event> = Api::namespaced(self.client.clone(), &self.namespace);
        let about = ListParams::default().fields(&format!("involvedObject.name={name}"));
        events.list(&about).await.ok()?.items.pop()
    }

    /// Removes what was made; one thing that cannot be removed does not keep the others.
    pub(crate) async fn strike(self) -> Result<()> {
        let params = DeleteParams::default();
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        let mut struck = Ok(());
        if self.has_namespace {
            let deleted = namespaces.delete(&self.namespace, &params).await.map(drop);
            struck = deleted.context(|| format!("removing the namespace {}", self.namespace));
        }
        if self.brought_crd {
            let deleted = crds(&self.client).delete(SealedSecret::crd_name(), &params).await;
            struck = struck.and(deleted.map(drop).context(|| "removing the resource definition"));
        }
        struck
    }

    fn sealed_secrets(&self) -> Api<SealedSecret> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }
}

/// Whether the context that is to be used is there.
fn check_context(kubeconfig: &Kubeconfig) -> Result<()> {
    let complaint = match &kubeconfig.current_context {
        Some(name) if kubeconfig.contexts.iter().any(|context| context.name == *name) => {
            return Ok(());
        }
        Some(name) => format!("the kubeconfig has no context {name:?}"),
        None => "the kubeconfig has no current context".to_owned(),
    };
    Err(Error::new(complaint).hint("list them with `kubectl config get-contexts`"))
}

fn crds(client: &Client) -> Api<CustomResourceDefinition> {
    Api::all(client.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_that_is_not_there_is_told_by_its_name() {
        let kubeconfig = |current: &str| {
            let text = format!("contexts: [{{name: dev}}]\n{current}");
            Kubeconfig::from_yaml(&text).unwrap()
        };
        assert!(check_context(&kubeconfig("current-context: dev")).is_ok());
        for (current, told) in [
            ("current-context: nope", "the kubeconfig has no context \"nope\"\nhint: list them"),
            ("", "the kubeconfig has no current context\nhint: list them"),
        ] {
            let error = check_context(&kubeconfig(current)).unwrap_err();
            assert!(format!("{error:?}").starts_with(told), "{error:?}");
        }
    }
}
