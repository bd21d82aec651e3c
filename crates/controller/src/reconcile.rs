//! One SealedSecret: unseal, plan, apply, report.

use std::sync::Arc;
use std::time::Instant;

use k8s_openapi::api::core::v1::Secret;
use kube::runtime::controller::Action;
use kube::{Api, ResourceExt};
use sealwright_api::{ConditionStatus, SYNCED, SealedSecret};
use sealwright_crypto::Fingerprint;
use sealwright_sealing::{UnsealOptions, Unsealed, diagnose, unseal};

use crate::app::Context;
use crate::apply::{Applied, apply};
use crate::error::Error;
use crate::plan::{Occasion, Plan, is_only_patched, plan};
use crate::tracker::Ending;

/// What was done about an object.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) applied: Applied,
    /// The keys that opened it.
    pub(crate) keys: Vec<Fingerprint>,
}

/// Makes the Secret what the SealedSecret says, and says how that went.
pub(crate) async fn reconcile(
    sealed: Arc<SealedSecret>,
    context: Arc<Context>,
) -> Result<Action, Error> {
    if sealed.metadata.deletion_timestamp.is_some() {
        return Ok(Action::await_change());
    }
    let outcome = {
        let _place = context.at_work.acquire().await.map_err(|_| Error::Interrupted)?;
        bring_about(&sealed, &context).await
    };
    context.tracker.remember(&sealed, ending(&outcome));
    let reported =
        context.reporter.publish(&sealed, &outcome, context.tracker.lasts_long(&sealed)).await;
    match (outcome, reported) {
        (Ok(_), Ok(())) => Ok(Action::await_change()),
        // A failure that nobody was told of must not be left at that.
        (_, Err(error)) | (Err(error), Ok(())) => Err(error),
    }
}

async fn bring_about(sealed: &Arc<SealedSecret>, context: &Arc<Context>) -> Result<Done, Error> {
    let occasion = occasion(sealed, context);
    context.metrics.unseal_requests.inc();
    let Unsealed { secret, keys } = open(sealed.clone(), context.clone()).await?;
    if context.skip_recreate && occasion == Occasion::Healing {
        return Ok(Done { applied: Applied::Unchanged, keys });
    }
    let secrets: Api<Secret> =
        Api::namespaced(context.client.clone(), &sealed.namespace().unwrap_or_default());
    let existing =
        secrets.get_opt(&sealed.name_any()).await.map_err(Error::api("get the Secret"))?;
    let owner = sealed.uid().unwrap_or_default();
    let seen = existing.as_ref().map(|existing| is_only_patched(existing, &owner));
    let occasion = match (occasion, context.tracker.patched(sealed, seen)) {
        (Occasion::Healing, true) => Occasion::HealingPatched,
        (occasion, _) => occasion,
    };
    let plan = plan(secret.into(), existing, &owner, occasion);
    if let Plan::Merge(merged) = &plan {
        context.tracker.patched(sealed, Some(is_only_patched(merged, &owner)));
    }
    if occasion != Occasion::NewSpec && writes(&plan) {
        let healed = context.tracker.heal(sealed, Instant::now());
        healed.map_err(|wait| Error::HealedTooOften { wait })?;
    }
    Ok(Done { applied: apply(plan, &secrets).await?, keys })
}

/// RSA takes milliseconds, so it is done off the async threads.
async fn open(sealed: Arc<SealedSecret>, context: Arc<Context>) -> Result<Unsealed, Error> {
    let opened = tokio::task::spawn_blocking(move || {
        let keyring = context.keys.current();
        let remembered = sealed.status.iter().flat_map(|status| &status.keys);
        let remembered: Vec<_> = remembered.filter_map(|name| Fingerprint::parse(name)).collect();
        let options = UnsealOptions {
            accept_deprecated_data: context.accept_deprecated_data,
            remembered: &remembered,
        };
        unseal(&sealed, &keyring, options).map_err(|error| diagnose(error, &sealed, &keyring))
    });
    Ok(opened.await.map_err(Error::of_task)??)
}

/// Status remembers which spec was brought about; where it is not written, this process does.
fn occasion(sealed: &SealedSecret, context: &Context) -> Occasion {
    let status = sealed.status.as_ref();
    let is_synced = status.is_some_and(|status| {
        let mut conditions = status.conditions.iter();
        status.observed_generation == sealed.metadata.generation
            && conditions.any(|c| c.type_ == SYNCED && c.status == ConditionStatus::True)
    });
    if is_synced || context.tracker.has_brought(sealed) {
        Occasion::Healing
    } else {
        Occasion::NewSpec
    }
}

fn writes(plan: &Plan) -> bool {
    !matches!(plan, Plan::Keep | Plan::AwaitCollection | Plan::Refuse(_))
}

fn ending(outcome: &Result<Done, Error>) -> Ending {
    match outcome {
        Ok(done) => Ending::Opened(done.keys.clone()),
        Err(Error::Unseal(error)) if error.wants_a_key() => Ending::NoKey,
        Err(_) => Ending::Failed,
    }
}
