//! Which namespace a Secret is sealed for, when it does not say.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sealwright_api::Scope;

use crate::args::{ClusterArgs, Given};
use crate::cluster;
use crate::error::{Error, Result};

/// Where a pod's service account says which namespace it lives in.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// `--namespace`, else the kubeconfig's, looked up once and only when it is needed.
pub(crate) struct Namespaces<'a> {
    given: &'a Given,
    cluster: &'a ClusterArgs,
    default: Option<String>,
}

impl<'a> Namespaces<'a> {
    pub(crate) fn new(given: &'a Given, cluster: &'a ClusterArgs) -> Self {
        Self { given, cluster, default: None }
    }

    /// Gives the Secret its namespace. A cluster-wide one needs none and keeps what it has.
    ///
    /// # Errors
    /// When it says one and `--namespace` another.
    pub(crate) fn place(&mut self, metadata: &mut ObjectMeta) -> Result<()> {
        if Scope::of(metadata.annotations.as_ref()) == Scope::ClusterWide {
            return Ok(());
        }
        let wanted = self.given.text();
        match (metadata.namespace.as_deref().unwrap_or_default(), wanted) {
            ("", Some(wanted)) => metadata.namespace = Some(wanted.to_owned()),
            ("", None) => metadata.namespace = Some(self.default()?),
            (own, Some(wanted)) if own != wanted => {
                return Err(Error::new(format!(
                    "namespace mismatch: input secret is in namespace {own:?} but {wanted:?} was specified"
                ))
                .hint("change the manifest, or leave --namespace out"));
            }
            _ => {}
        }
        Ok(())
    }

    /// The namespace that `--namespace` or the surroundings name.
    ///
    /// # Errors
    /// When a kubeconfig was named and cannot be used.
    pub(crate) fn wanted(&mut self) -> Result<String> {
        match self.given.text() {
            Some(namespace) => Ok(namespace.to_owned()),
            None => self.default(),
        }
    }

    fn default(&mut self) -> Result<String> {
        if let Some(namespace) = &self.default {
            return Ok(namespace.clone());
        }
        let namespace = match cluster::context_namespace(self.cluster)? {
            Some(namespace) => namespace,
            None => pod_namespace().unwrap_or_else(|| "default".to_owned()),
        };
        self.default = Some(namespace.clone());
        Ok(namespace)
    }
}

fn pod_namespace() -> Option<String> {
    // Only in a pod: elsewhere, a variable of that name is somebody else's.
    std::env::var_os("KUBERNETES_SERVICE_HOST")?;
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let variable = std::env::var("POD_NAMESPACE").ok().and_then(given);
    variable.or_else(|| std::fs::read_to_string(SERVICE_ACCOUNT).ok().and_then(given))
}
