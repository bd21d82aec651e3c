//! A release with the names, labels and selectors of the chart of sealed-secrets (`upstream-like`)
//! becomes ours where it stands, and theirs again.

use harness::Result;
use serde_json::json;

use super::home::Home;
use crate::helm::{CHART, HERE};

#[tokio::test]
async fn a_release_of_sealed_secrets_is_taken_over_and_given_back() -> Result<()> {
    taken_over_and_given_back(Home::new("taken-over").await?, &[]).await
}

#[tokio::test]
async fn so_is_one_with_rights_in_namespaces() -> Result<()> {
    let home = Home::new("taken-over").await?;
    let values = [
        format!("additionalNamespaces=[\"{}\"]", home.away.name()),
        "rbac.namespacedRoles=true".to_owned(),
        "rbac.clusterRole=false".to_owned(),
    ];
    taken_over_and_given_back(home, &values).await
}

/// Under values that both charts are given.
async fn taken_over_and_given_back(mut home: Home, values: &[String]) -> Result<()> {
    let name = home.namespace.name().to_owned();
    // What has no value there goes by flags.
    let flags = json!(["--key-size=2048", format!("--label-selector=suite={name}")]);
    let mut theirs =
        vec![format!("extraFlags={flags}"), format!("rbac.clusterRoleName=\"{name}\"")];
    theirs.extend_from_slice(values);
    home.helm("install", &format!("{HERE}/upstream-like"), &theirs).await?;
    home.unseals("before").await?;
    let (objects, secrets) = (home.uids().await?, home.secrets().await?);

    let more: Vec<_> = values.iter().map(String::as_str).collect();
    let ours = home.settings(&more);
    home.helm("upgrade", CHART, &ours).await?;
    let now = home.uids().await?;
    for (object, uid) in &objects {
        assert_eq!(now.get(object), Some(uid), "{object} is gone or was made anew");
    }
    assert_eq!(now.len(), objects.len(), "{now:?}");
    assert_eq!(home.secrets().await?, secrets);
    home.still_holds(&["before"]).await?;
    home.unseals("with-ours").await?;
    home.tested().await?;

    let secrets = home.secrets().await?;
    home.rollback().await?;
    assert_eq!(home.uids().await?, objects);
    assert_eq!(home.secrets().await?, secrets);
    home.still_holds(&["before", "with-ours"]).await?;
    home.unseals("after").await
}
