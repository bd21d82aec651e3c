//! What stands in the API server before anyone uses it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Node, ServiceAccount};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::PostParams;
use kube::runtime::wait::Condition;
use kube::runtime::wait::conditions::is_crd_established;
use kube::{Api, Client};
use serde_json::json;

use crate::manifest::from_json;
use crate::service::NODE;
use crate::{Context, Result, eventually};

/// Five seconds are usual, on two cores that do nothing else.
const API_SERVER_LIMIT: Duration = Duration::from_secs(90);
const OBJECT_LIMIT: Duration = Duration::from_secs(60);

const CRDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../charts/sealwright/crds");
/// The variable that names a folder with other CRDs.
const CRDS_VARIABLE: &str = "SEALWRIGHT_CRDS";

pub(super) async fn api_server_ready(client: &Client) -> Result<()> {
    eventually("the API server is ready", API_SERVER_LIMIT, async || {
        let request =
            http::Request::get("/readyz").body(Vec::new()).map_err(kube::Error::HttpError)?;
        client.request_text(request).await
    })
    .await
    .map(drop)
}

/// The folder of our CRDs, or the one that `SEALWRIGHT_CRDS` names.
pub(super) fn crds() -> PathBuf {
    std::env::var_os(CRDS_VARIABLE).map_or_else(|| CRDS.into(), PathBuf::from)
}

/// Creates the node, and the CRDs in a folder.
pub(super) async fn create(client: &Client, crds: &Path) -> Result<()> {
    let node = from_json(json!({ "metadata": { "name": NODE } }));
    Api::<Node>::all(client.clone())
        .create(&PostParams::default(), &node)
        .await
        .context(|| format!("cannot create the Node {NODE}"))?;
    for file in manifests(crds)? {
        create_crd(client, &file).await?;
    }
    Ok(())
}

async fn create_crd(client: &Client, file: &Path) -> Result<()> {
    let step = || format!("cannot create the CRD in {}", file.display());
    let text = std::fs::read_to_string(file).context(step)?;
    let crd: CustomResourceDefinition = serde_saphyr::from_str(&text).context(step)?;
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    let crd = api.create(&PostParams::default(), &crd).await.context(step)?;
    let name = crd.metadata.name.unwrap_or_default();
    eventually(&format!("the CRD {name} is established"), OBJECT_LIMIT, async || {
        let crd = api.get_opt(&name).await.ok()?;
        is_crd_established().matches_object(crd.as_ref()).then_some(())
    })
    .await
}

/// A namespace's first objects show that the controllers run and have their permissions.
pub(super) async fn controllers_work(client: &Client) -> Result<()> {
    let accounts = Api::<ServiceAccount>::default_namespaced(client.clone());
    let maps = Api::<ConfigMap>::default_namespaced(client.clone());
    eventually("the controllers work", OBJECT_LIMIT, async || {
        accounts.get("default").await?;
        maps.get("kube-root-ca.crt").await
    })
    .await
    .map(drop)
}

fn manifests(folder: &Path) -> Result<Vec<PathBuf>> {
    let step = || format!("cannot read {}", folder.display());
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(folder).context(step)?;
    let files: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut files = files.context(step)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    Ok(files)
}
