//! `deploy` is a base that kustomize builds upon.

use std::path::Path;

use harness::{Cluster, Context, Result, page};
use serde_json::Value;
use tempfile::TempDir;

use crate::helm::objects;
use crate::objects::kubectl;
use crate::own_cluster::OwnCluster;

#[tokio::test]
async fn it_is_applied_as_it_is_and_under_another_image() -> Result<()> {
    let mut place = OwnCluster::start("kustomized").await?;
    let base = page::root().join("deploy").display().to_string();
    place.kubectl(&["apply", "-k", &base]).await?;
    place.rolled_out().await?;
    place.unseals("as-it-is").await?;

    let own = built_upon(
        "images:\n- {name: ghcr.io/sealwright/controller, newName: registry.example/own, newTag: '7'}\n",
    )?;
    place.kubectl(&["apply", "-k", &own.folder()]).await?;
    place.rolled_out().await?;
    let deployment = ["-n", "kube-system", "deployment", "sealed-secrets-controller"];
    let found = place.found(&deployment).await?;
    let container = &found[0]["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["image"], "registry.example/own:7");
    place.still_holds(&["as-it-is"]).await?;
    place.unseals("with-another-image").await
}

#[tokio::test]
async fn another_namespace_is_that_of_every_object_and_subject() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let own = built_upon("namespace: sealing\n")?;
    let built = kubectl(&cluster, &["kustomize", &own.folder()], &Value::Null).await?;
    let objects = objects(&built)?;
    assert_eq!(objects.len(), 11);
    let everywhere = ["ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"];
    for object in &objects {
        let is_everywhere = everywhere.iter().any(|kind| object["kind"] == *kind);
        let expected = if is_everywhere { Value::Null } else { "sealing".into() };
        assert_eq!(object["metadata"]["namespace"], expected, "{object}");
        for subject in object["subjects"].as_array().into_iter().flatten() {
            let expected = if subject["kind"] == "Group" { Value::Null } else { "sealing".into() };
            assert_eq!(subject["namespace"], expected, "{object}");
        }
    }
    Ok(())
}

/// A folder with a copy of the base, and one beside it with a kustomization of somebody's own.
struct Own(TempDir);

impl Own {
    fn folder(&self) -> String {
        self.0.path().join("own").display().to_string()
    }
}

fn built_upon(changes: &str) -> Result<Own> {
    let step = || "cannot make a kustomization";
    let folder = tempfile::tempdir().context(step)?;
    for name in ["deploy", "own"] {
        std::fs::create_dir(folder.path().join(name)).context(step)?;
    }
    for file in ["deploy/kustomization.yaml", "deploy/controller.yaml"].map(Path::new) {
        std::fs::copy(page::root().join(file), folder.path().join(file)).context(step)?;
    }
    let text = format!("resources: [../deploy]\n{changes}");
    std::fs::write(folder.path().join("own/kustomization.yaml"), text).context(step)?;
    Ok(Own(folder))
}
