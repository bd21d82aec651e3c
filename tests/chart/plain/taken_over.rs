//! Sealed-secrets' manifest becomes ours where it stands, and theirs again.

use harness::Result;

use crate::own_cluster::{OURS, OwnCluster, THEIRS};

#[tokio::test]
async fn the_manifest_of_sealed_secrets_is_applied_over_and_back() -> Result<()> {
    let mut place = OwnCluster::start("taken-over").await?;
    place.apply(&THEIRS).await?;
    place.unseals("before").await?;
    let (theirs, secrets) = (place.installed().await?, place.secrets().await?);

    place.apply(&OURS).await?;
    let ours = place.installed().await?;
    assert!(theirs.keys().eq(ours.keys()), "{:?}\n{:?}", theirs.keys(), ours.keys());
    for (what, object) in &theirs {
        assert_eq!(ours[what]["metadata"]["uid"], object["metadata"]["uid"], "{what} is new");
    }
    assert_ne!(ours, theirs);
    assert_eq!(place.secrets().await?, secrets);
    place.still_holds(&["before"]).await?;
    place.unseals("with-ours").await?;
    // What only our rights allow.
    place.kubectl(&["-n", "kube-system", "get", "configmap", "sealed-secrets-cert"]).await?;

    let secrets = place.secrets().await?;
    place.apply(&THEIRS).await?;
    assert_eq!(place.installed().await?, theirs);
    assert_eq!(place.secrets().await?, secrets);
    place.still_holds(&["before", "with-ours"]).await?;
    place.unseals("after").await
}
