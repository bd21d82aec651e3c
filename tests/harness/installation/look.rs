//! What a controller has done, and waiting until it has.

use std::fmt::Debug;
use std::time::Duration;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{Event, Secret};
use kube::api::ListParams;
use kube::{Api, Resource, ResourceExt};
use sealwright_api::{Condition, ConditionStatus, SYNCED, SealedSecret};
use serde_json::Value;

use super::Installation;
use crate::{Context, Error, Result, eventually};

/// Longer than a busy machine needs, by far.
const LIMIT: Duration = Duration::from_secs(30);

impl Installation {
    /// Waits until the controller reports success for this state of the SealedSecret, and
    /// returns it with its status.
    ///
    /// # Errors
    /// When it does not.
    pub async fn synced(&self, sealed: &SealedSecret) -> Result<SealedSecret> {
        self.reported(sealed, ConditionStatus::True).await
    }

    /// Waits until the controller reports a failure for this state of the SealedSecret, and
    /// returns its message.
    ///
    /// # Errors
    /// When it does not.
    pub async fn failed(&self, sealed: &SealedSecret) -> Result<String> {
        let sealed = self.reported(sealed, ConditionStatus::False).await?;
        Ok(condition(&sealed).and_then(|found| found.message.clone()).unwrap_or_default())
    }

    async fn reported(
        &self,
        sealed: &SealedSecret,
        status: ConditionStatus,
    ) -> Result<SealedSecret> {
        let (api, name) = (self.sealed_secrets(sealed), sealed.name_any());
        let what = format!("{name} has Synced {status:?}");
        let reported = eventually(&what, LIMIT, async || {
            let now = api.get(&name).await.map_err(|error| error.to_string())?;
            let observed = now.status.as_ref().and_then(|status| status.observed_generation);
            let is_of_it = now.uid() == sealed.uid()
                && observed >= sealed.metadata.generation
                && observed == now.metadata.generation;
            let is_so = condition(&now).is_some_and(|found| found.status == status);
            if is_of_it && is_so { Ok(now) } else { Err(format!("{:?}", now.status)) }
        });
        reported.await.map_err(|error| self.controller.with_log(error))
    }

    /// The Secret of a SealedSecret, as it is now.
    ///
    /// # Errors
    /// When there is none.
    pub async fn secret(&self, sealed: &SealedSecret) -> Result<Secret> {
        let name = sealed.name_any();
        self.secret_now(sealed).await?.ok_or_else(|| Error::new(format!("no Secret {name}")))
    }

    /// The Secret of a SealedSecret, if there is one now.
    ///
    /// # Errors
    /// When the API server does not say.
    pub async fn secret_now(&self, sealed: &SealedSecret) -> Result<Option<Secret>> {
        let name = sealed.name_any();
        let found = self.secrets(sealed).get_opt(&name).await;
        found.context(|| format!("cannot get the Secret {name}"))
    }

    /// Waits until the Secret of a SealedSecret is there and as told.
    ///
    /// # Errors
    /// When it does not become so.
    pub async fn secret_when(
        &self,
        sealed: &SealedSecret,
        what: &str,
        is_so: impl Fn(&Secret) -> bool,
    ) -> Result<Secret> {
        let what = format!("the Secret {}: {what}", sealed.name_any());
        let found = eventually(&what, LIMIT, async || match self.secret_now(sealed).await {
            Ok(Some(secret)) if is_so(&secret) => Ok(secret),
            Ok(Some(secret)) => Err(format!("{:?}", secret.metadata)),
            Ok(None) => Err("there is none".to_owned()),
            Err(error) => Err(format!("{error:#}")),
        });
        found.await.map_err(|error| self.controller.with_log(error))
    }

    /// Waits until the Secret of a SealedSecret is gone.
    ///
    /// # Errors
    /// When it stays.
    pub async fn secret_gone(&self, sealed: &SealedSecret) -> Result<()> {
        let what = format!("the Secret {} is gone", sealed.name_any());
        let gone = eventually(&what, LIMIT, async || match self.secret_now(sealed).await {
            Ok(None) => Ok(()),
            Ok(Some(secret)) => Err(format!("{:?}", secret.metadata)),
            Err(error) => Err(format!("{error:#}")),
        });
        gone.await.map_err(|error| self.controller.with_log(error))
    }

    /// The events about a SealedSecret, as they are now.
    ///
    /// # Errors
    /// When the API server does not say.
    pub async fn events(&self, sealed: &SealedSecret) -> Result<Vec<Event>> {
        let uid = sealed.uid().unwrap_or_default();
        let of_it = ListParams::default().fields(&format!("involvedObject.uid={uid}"));
        let events = self.api::<Event>(sealed).list(&of_it).await;
        Ok(events.context(|| "cannot list events")?.items)
    }

    /// Waits for an event about a SealedSecret that has happened `count` times at least.
    ///
    /// # Errors
    /// When there is none.
    pub async fn event(&self, sealed: &SealedSecret, reason: &str, count: i32) -> Result<Event> {
        let what = format!("event {reason} of {}, {count} times", sealed.name_any());
        let found = eventually(&what, LIMIT, async || {
            let events = self.events(sealed).await.map_err(|error| format!("{error:#}"))?;
            let is_it = |event: &&Event| {
                event.reason.as_deref() == Some(reason) && event.count >= Some(count)
            };
            events.iter().find(is_it).cloned().ok_or_else(|| told(&events))
        });
        found.await.map_err(|error| self.controller.with_log(error))
    }

    pub(super) fn api<K>(&self, sealed: &SealedSecret) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Debug,
    {
        let namespace = sealed.namespace().unwrap_or_default();
        Api::namespaced(self.namespace.cluster().client(), &namespace)
    }
}

/// The values of a Secret as text, in the words of `stringData`.
pub fn items(secret: &Secret) -> Value {
    let items = secret.data.iter().flatten();
    let items = items.map(|(key, value)| (key.clone(), String::from_utf8_lossy(&value.0).into()));
    Value::Object(items.collect())
}

fn condition(sealed: &SealedSecret) -> Option<&Condition> {
    let status = sealed.status.as_ref()?;
    status.conditions.iter().find(|condition| condition.type_ == SYNCED)
}

fn told(events: &[Event]) -> String {
    let line = |event: &Event| format!("{:?} {:?} {:?}", event.reason, event.message, event.count);
    events.iter().map(line).collect::<Vec<_>>().join("; ")
}
