//! Carrying out a plan: one write at most.

use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{DeleteParams, PostParams, Preconditions};

use crate::error::Error;
use crate::plan::Plan;
use crate::secrets::SecretVersion;

/// Does what the plan says, and returns the Secret's new version if it was written.
///
/// # Errors
/// When the plan is to refuse or to wait, or the API server answers otherwise than with success:
/// 409 means that somebody was faster, and that the plan must be made anew.
pub(crate) async fn apply(
    plan: Plan,
    secrets: &Api<Secret>,
) -> Result<Option<SecretVersion>, Error> {
    let params = PostParams::default();
    let written = match plan {
        Plan::Keep => return Ok(None),
        Plan::Refuse(refusal) => return Err(refusal.into()),
        Plan::AwaitCollection { .. } => return Err(Error::AwaitingCollection),
        Plan::Create(secret) => {
            secrets.create(&params, &secret).await.map_err(Error::api("create the Secret"))?
        }
        Plan::Recreate { old, new } => {
            let name = old.metadata.name.clone().unwrap_or_default();
            would_be_created(&new, secrets).await?;
            match secrets.delete(&name, &exactly(&old)).await {
                // Somebody was faster.
                Err(kube::Error::Api(status)) if status.is_not_found() => {}
                deleted => drop(deleted.map_err(Error::api("delete the Secret"))?),
            }
            secrets.create(&params, &new).await.map_err(Error::api("create the Secret"))?
        }
        Plan::Replace(secret) | Plan::Merge(secret) => {
            let name = secret.metadata.name.clone().unwrap_or_default();
            let replaced = secrets.replace(&name, &params, &secret).await;
            replaced.map_err(Error::api("update the Secret"))?
        }
    };
    Ok(SecretVersion::of(&written))
}

/// Asks the API server whether it would take the Secret, under another name, while the old one is
/// still there: what is deleted for a Secret that is refused then is lost.
async fn would_be_created(secret: &Secret, secrets: &Api<Secret>) -> Result<(), Error> {
    let mut trial = secret.clone();
    // A name has at most 253 characters; the API server adds five.
    trial.metadata.generate_name = trial.metadata.name.take().map(|mut name| {
        name.truncate(240);
        name
    });
    let params = PostParams { dry_run: true, ..PostParams::default() };
    match secrets.create(&params, &trial).await {
        // The one that is deleted makes the room.
        Err(kube::Error::Api(status)) if status.message.contains("exceeded quota") => Ok(()),
        tried => tried.map(drop).map_err(Error::api("create the Secret of another type")),
    }
}

/// Deletes this Secret and no other that has taken its name or was changed meanwhile.
pub(crate) fn exactly(secret: &Secret) -> DeleteParams {
    DeleteParams {
        preconditions: Some(Preconditions {
            uid: secret.metadata.uid.clone(),
            resource_version: secret.metadata.resource_version.clone(),
        }),
        ..DeleteParams::default()
    }
}
