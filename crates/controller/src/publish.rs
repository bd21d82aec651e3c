//! The certificate in a ConfigMap, for those who cannot reach the service proxy.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::{ObjectMeta, PostParams};
use sealwright_crypto::Keyring;
use sealwright_sealing::{CONFIG_MAP, publish};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::app::stopped;
use crate::keys::Keys;

/// How soon an edit by somebody else is undone.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Keeps the ConfigMap as the keyring says, until the process is told to stop. Where that is not
/// allowed, as under upstream's RBAC, it is said once and left.
pub(crate) async fn keep(
    keys: Arc<Keys>,
    config_maps: Api<ConfigMap>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut rings = keys.subscribe();
    loop {
        let keyring = rings.borrow_and_update().clone();
        match bring_about(&config_maps, &keyring).await {
            Ok(()) => {}
            Err(kube::Error::Api(status)) if status.code == 403 => {
                info!(
                    "the certificate is not published: ConfigMap {CONFIG_MAP} may not be written"
                );
                return;
            }
            Err(error) => warn!("ConfigMap {CONFIG_MAP} is not up to date: {error}"),
        }
        tokio::select! {
            () = stopped(&mut stopping) => return,
            _ = rings.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

async fn bring_about(config_maps: &Api<ConfigMap>, keyring: &Keyring) -> kube::Result<()> {
    let Some(data) = publish(keyring) else { return Ok(()) };
    let params = PostParams::default();
    match config_maps.get_opt(CONFIG_MAP).await? {
        None => {
            let metadata =
                ObjectMeta { name: Some(CONFIG_MAP.to_owned()), ..ObjectMeta::default() };
            let new = ConfigMap { metadata, data: Some(data), ..ConfigMap::default() };
            config_maps.create(&params, &new).await?;
        }
        Some(existing) if existing.data.as_ref() != Some(&data) => {
            let new = ConfigMap { data: Some(data), ..existing };
            config_maps.replace(CONFIG_MAP, &params, &new).await?;
        }
        Some(_) => {}
    }
    Ok(())
}
