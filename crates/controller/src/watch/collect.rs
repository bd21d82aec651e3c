//! `--old-gc-behavior`: the Secret of a deleted SealedSecret is deleted here.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client};
use sealwright_api::SealedSecret;
use tracing::warn;

use crate::apply::exactly;
use crate::plan::{is_controlled_by, is_ours};

/// Attempts, a second apart at first, then ever longer: some two minutes in all.
const ATTEMPTS: u32 = 7;

/// Deletes the Secret, if it is the SealedSecret's or `managed`, and the SealedSecret is deleted
/// indeed: one that the selector selects no longer looks deleted to a watch.
pub(super) async fn collect(sealed: Arc<SealedSecret>, client: Client) {
    let namespace = sealed.metadata.namespace.clone().unwrap_or_default();
    let name = sealed.metadata.name.clone().unwrap_or_default();
    for attempt in 0..ATTEMPTS {
        match attempt_to_collect(&sealed, &namespace, &name, &client).await {
            Ok(()) => return,
            Err(error) => warn!(
                "the Secret {namespace}/{name} of the deleted SealedSecret is still there: {error}"
            ),
        }
        tokio::time::sleep(Duration::from_secs(1 << attempt)).await;
    }
}

async fn attempt_to_collect(
    sealed: &SealedSecret,
    namespace: &str,
    name: &str,
    client: &Client,
) -> kube::Result<()> {
    let objects: Api<SealedSecret> = Api::namespaced(client.clone(), namespace);
    let there = objects.get_opt(name).await?;
    if there.as_ref().is_some_and(|there| there.metadata.uid == sealed.metadata.uid) {
        return Ok(());
    }
    // What is `managed` may be the new one's, if there is one.
    let goes = if there.is_some() { is_controlled_by } else { is_ours };
    let secrets: Api<Secret> = Api::namespaced(client.clone(), namespace);
    let owner = sealed.metadata.uid.as_deref().unwrap_or_default();
    match secrets.get_opt(name).await? {
        Some(secret) if goes(&secret, owner) => {
            secrets.delete(name, &exactly(&secret)).await.map(drop)
        }
        _ => Ok(()),
    }
}
