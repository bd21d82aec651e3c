//! Whether everything has come to what the user asked for.

use std::time::Duration;

use harness::{Error, Namespace, Result, eventually};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use kube::api::ListParams;
use sealwright_api::{ConditionStatus, SYNCED, SealedSecret};

use crate::model::Object;
use crate::user::User;
use crate::witness::{Witness, items};

/// All waits after faults are shorter, a Lease's and an API server's start included.
const LIMIT: Duration = Duration::from_secs(180);

/// Waits until all is as it should be.
///
/// # Errors
/// When it does not become so, or the witness saw what must not be.
pub(crate) async fn reached(
    namespace: &Namespace,
    user: &User,
    witness: &Witness,
    period: i64,
) -> Result<()> {
    let all = ListParams::default();
    let (sealed, secrets) = (namespace.api::<SealedSecret>(), namespace.api::<Secret>());
    let settled: Result<(), String> =
        eventually("everything is what the user asked for", LIMIT, async || {
            if let Some(complaint) = witness.complaint() {
                return Ok(Err(complaint));
            }
            let keys = witness.key_names();
            let sealed = sealed.list(&all).await.map_err(|error| error.to_string())?.items;
            let secrets = secrets.list(&all).await.map_err(|error| error.to_string())?.items;
            if let Err(complaint) = witness.judge_keys(&keys, &secrets, period) {
                return Ok(Err(complaint));
            }
            for (name, object) in &witness.model().objects {
                let sealed = sealed.iter().find(|sealed| sealed.name_any() == *name);
                let secret = secrets.iter().find(|secret| secret.name_any() == *name);
                is_so(object, sealed, secret).map_err(|what| format!("{name}: {what}"))?;
            }
            Ok::<_, String>(Ok(()))
        })
        .await?;
    settled.map_err(Error::new)?;
    let mark = Timestamp::now().to_string();
    user.mark(&mark).await?;
    let seen = async || witness.has_seen(&mark).then_some(());
    eventually("the witness has seen everything", LIMIT, seen).await?;
    witness.complaint().map_or(Ok(()), |complaint| Err(Error::new(complaint)))
}

fn is_so(
    object: &Object,
    sealed: Option<&SealedSecret>,
    secret: Option<&Secret>,
) -> Result<(), String> {
    if !object.is_wanted {
        return match (sealed, secret) {
            (None, None) => Ok(()),
            (Some(_), _) => Err("the SealedSecret is still there".to_owned()),
            (None, Some(_)) => Err("its Secret is still there".to_owned()),
        };
    }
    let sealed = sealed.ok_or("there is no SealedSecret")?;
    let secret = secret.ok_or("there is no Secret")?;
    let expected = if object.foreign.is_some() {
        ConditionStatus::False
    } else {
        if object.versions.last() != Some(&items(secret)) {
            return Err(format!("its Secret holds {:?}", items(secret)));
        }
        let owners = secret.owner_references();
        if !owners.iter().any(|owner| Some(&owner.uid) == sealed.metadata.uid.as_ref()) {
            return Err("its Secret belongs to another".to_owned());
        }
        ConditionStatus::True
    };
    let status = sealed.status.as_ref().ok_or("it has no status")?;
    if status.observed_generation != sealed.metadata.generation {
        return Err("its status is about another generation".to_owned());
    }
    let synced = status.conditions.iter().find(|condition| condition.type_ == SYNCED);
    match synced {
        Some(synced) if synced.status == expected => Ok(()),
        other => Err(format!("Synced is {:?}", other.map(|condition| &condition.status))),
    }
}
