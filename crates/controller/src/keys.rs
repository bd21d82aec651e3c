//! The sealing keys: Secrets in the controller's own namespace.

mod generate;
mod load;

use std::sync::Arc;

use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use sealwright_crypto::Keyring;
use tracing::info;

use crate::args::Args;
use crate::error::Error;

/// Loads the keys there are, and makes one when there is none.
///
/// # Errors
/// When the API server does not let them be read or written.
pub(crate) async fn load_or_generate(
    secrets: &Api<Secret>,
    args: &Args,
) -> Result<Arc<Keyring>, Error> {
    let mut keys = load::load(secrets, &args.key_prefix).await?;
    if keys.is_empty() {
        info!("no sealing key found: making one of {} bits", args.key_size.bits());
        keys.push(generate::generate(secrets, args).await?);
    }
    let keyring = Keyring::new(keys);
    for key in keyring.iter() {
        info!("sealing key {}", key.fingerprint());
    }
    Ok(Arc::new(keyring))
}
