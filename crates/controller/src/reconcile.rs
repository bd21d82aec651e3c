//! One SealedSecret: unseal, plan, apply, report.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Secret;
use kube::runtime::controller::Action;
use kube::{Api, ResourceExt};
use sealwright_api::{ConditionStatus, SYNCED, SealedSecret};
use sealwright_sealing::{OpenSecret, UnsealOptions, unseal};

use crate::app::Context;
use crate::apply::{Applied, apply};
use crate::error::Error;
use crate::plan::{Occasion, plan};

/// Makes the Secret what the SealedSecret says, and says how that went.
pub(crate) async fn reconcile(
    sealed: Arc<SealedSecret>,
    context: Arc<Context>,
) -> Result<Action, Error> {
    if sealed.metadata.deletion_timestamp.is_some() {
        return Ok(Action::await_change());
    }
    let outcome = bring_about(&sealed, &context).await;
    let reported = context.reporter.publish(&sealed, &outcome).await;
    outcome.and(reported)?;
    context.backoff.clear(&sealed.uid().unwrap_or_default());
    Ok(Action::await_change())
}

async fn bring_about(sealed: &Arc<SealedSecret>, context: &Arc<Context>) -> Result<Applied, Error> {
    let namespace = sealed.namespace().unwrap_or_default();
    let secrets: Api<Secret> = Api::namespaced(context.client.clone(), &namespace);
    let wanted = open(sealed.clone(), context.clone()).await?;
    let existing =
        secrets.get_opt(&sealed.name_any()).await.map_err(Error::api("get the Secret"))?;
    let owner = sealed.uid().unwrap_or_default();
    apply(plan(wanted.into(), existing, &owner, occasion(sealed)), &secrets).await
}

/// RSA takes milliseconds, so it is done off the async threads.
async fn open(sealed: Arc<SealedSecret>, context: Arc<Context>) -> Result<OpenSecret, Error> {
    let opened = tokio::task::spawn_blocking(move || {
        let options = UnsealOptions {
            accept_deprecated_data: context.accept_deprecated_data,
            ..UnsealOptions::default()
        };
        unseal(&sealed, &context.keyring, options)
    });
    Ok(opened.await.map_err(|_| Error::Interrupted)??.secret)
}

/// Status remembers which spec was brought about.
fn occasion(sealed: &SealedSecret) -> Occasion {
    let Some(status) = &sealed.status else { return Occasion::NewSpec };
    let is_synced = status
        .conditions
        .iter()
        .any(|condition| condition.type_ == SYNCED && condition.status == ConditionStatus::True);
    if is_synced && status.observed_generation == sealed.metadata.generation {
        Occasion::Healing
    } else {
        Occasion::NewSpec
    }
}
