//! What becomes of a release: installed, upgraded, rolled back, taken over from the chart of
//! sealed-secrets and given back.

mod beside_another;
mod definition;
mod home;
mod taken_over;

use harness::{Cluster, Result};
use k8s_openapi::api::core::v1::Secret;
use kube::api::ListParams;

use crate::helm::{CHART, Helm};
use home::Home;

#[tokio::test]
async fn a_release_is_installed_tested_upgraded_rolled_back_and_uninstalled() -> Result<()> {
    let mut home = Home::new("release").await?;
    let settings = home.settings(&[]);
    home.helm("install", CHART, &settings).await?;
    home.runs(1).await?;
    home.tested().await?;
    home.unseals("first").await?;
    let before = home.uids().await?;

    let more = ["replicaCount=2", "pdb.create=true", "networkPolicy.enabled=true"];
    let settings = home.settings(&more);
    home.helm("upgrade", CHART, &settings).await?;
    home.runs(2).await?;
    home.unseals("second").await?;
    let now = home.uids().await?;
    for (object, uid) in &before {
        assert_eq!(now.get(object), Some(uid), "{object} was made anew");
    }

    home.rollback().await?;
    home.runs(1).await?;
    home.unseals("third").await?;
    assert_eq!(home.uids().await?, before);

    home.uninstall().await?;
    assert_eq!(home.uids().await?.len(), 0);
    home.still_holds(&["first", "second", "third"]).await?;
    let labelled = ListParams::default().labels("sealedsecrets.bitnami.com/sealed-secrets-key");
    let keys = home.namespace.api::<Secret>().list(&labelled).await;
    assert_eq!(keys.map(|keys| keys.items.len()).unwrap_or_default(), 1, "the key is gone");
    Ok(())
}

#[tokio::test]
async fn notes_say_what_to_do_with_the_real_names() -> Result<()> {
    let (cluster, helm) = (Cluster::connect().await?, Helm::find()?);
    let namespace = cluster.namespace("notes").await?;
    let name = namespace.name();
    let notes = |settings: &[&str]| helm.notes(("prod", name), &[], settings);
    let by_default = notes(&[])?;
    for expected in [
        format!("The controller was installed as prod-sealed-secrets in {name}."),
        format!("--controller-name=prod-sealed-secrets --controller-namespace={name}"),
        format!("kubectl -n {name} rollout status deployment/prod-sealed-secrets"),
        format!("helm test prod -n {name}"),
        "everyone who is logged in".to_owned(),
        "helm show crds".to_owned(),
    ] {
        assert!(by_default.contains(&expected), "{expected:?} is not in\n{by_default}");
    }
    for (setting, expected) in [
        ("rbac.serviceProxier.certificateOnly=true", "may fetch the certificate, and nothing else"),
        ("rbac.namespacedRoles=true", "rbac.clusterRole does not"),
        ("rbac.clusterRole=false", "secrets-unsealer, which is yours to bring"),
        ("createController=false", "runs no controller"),
        ("labelSelector=\"a=b\"", "it needs canary.labels"),
        ("ingress.enabled=true", "http://sealed-secrets.local/v1/cert.pem"),
    ] {
        let said = notes(&[setting])?;
        assert!(said.contains(expected), "{setting}: {expected:?} is not in\n{said}");
    }
    Ok(())
}
