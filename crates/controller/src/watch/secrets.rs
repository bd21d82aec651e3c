//! Secrets that change or go, and the SealedSecrets that this concerns.

use std::collections::HashMap;
use std::sync::Arc;

use futures::{Stream, StreamExt};
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::PartialObjectMeta;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, watcher as watch_objects};
use sealwright_api::annotations::{self, MANAGED, PATCH};
use sealwright_api::{KIND, SealedSecret};

use super::backoff::Backoff;
use super::complaint::Complaint;
use super::{PAGE, all, is_forbidden};
use crate::http::Awaited;
use crate::secrets::{SecretVersion, Secrets};
use crate::tracker::Tracker;

/// What a change of a Secret is told to.
pub(super) struct Listeners {
    pub(super) known: Store<SealedSecret>,
    pub(super) awaited: Awaited,
    pub(super) tracker: Arc<Tracker>,
    pub(super) secrets: Arc<Secrets>,
}

/// The SealedSecrets whose Secret changed or went. Only metadata is watched, and of that only the
/// versions of Secrets that concern us are kept: other people's are none of our business.
pub(super) fn changes(
    secrets: Api<PartialObjectMeta<Secret>>,
    namespace: Option<String>,
    place: String,
    listeners: Listeners,
) -> impl Stream<Item = ObjectRef<SealedSecret>> + Send + 'static {
    let Listeners { known, awaited, tracker, secrets: seen } = listeners;
    let (complaint, mut list) = (Complaint::default(), HashMap::new());
    let events = watch_objects(secrets, watcher::Config::default().page_size(PAGE))
        .backoff(Backoff::default());
    events.flat_map(move |event| {
        let works = event.as_ref().is_ok_and(|event| !matches!(event, Event::Init));
        complaint.settle_if(works);
        let touched = match event {
            Ok(Event::Init) => {
                list.clear();
                Vec::new()
            }
            Ok(Event::InitApply(secret)) => {
                list.extend(of_secret(&secret).and_then(|object| {
                    let version = concerning(&secret, &object, &known)?;
                    Some((object, version))
                }));
                Vec::new()
            }
            // What changed before the watch began, or while it was broken off, is in no event:
            // look at everything again.
            Ok(Event::InitDone) => {
                seen.listed(namespace.as_deref(), std::mem::take(&mut list));
                awaited.listed();
                let mut objects = all(&known);
                // Their Secrets are no reason to try keys that did not fit.
                objects.retain(|object| !tracker.waits_for_a_key(object));
                objects
            }
            Ok(Event::Apply(secret)) => {
                let object = of_secret(&secret);
                if let Some(object) = &object {
                    seen.changed(object.clone(), concerning(&secret, object, &known));
                }
                object.into_iter().collect()
            }
            Ok(Event::Delete(secret)) => {
                let object = of_secret(&secret);
                if let Some(object) = &object {
                    seen.changed(object.clone(), None);
                }
                // Another's Secret is out of the way.
                let is_wanted = |object: &ObjectRef<SealedSecret>| {
                    comes_back(&secret) || tracker.is_in_trouble(object)
                };
                let missed: Vec<_> = object.into_iter().filter(is_wanted).collect();
                missed.iter().for_each(|object| tracker.urge(object));
                missed
            }
            Err(error) => {
                if is_forbidden(&error) {
                    awaited.arrived();
                }
                complaint.tell(&format!("the watch of Secrets in {place} broke off: {error}"));
                Vec::new()
            }
        };
        let known = known.clone();
        futures::stream::iter(touched.into_iter().filter(move |object| known.get(object).is_some()))
    })
}

/// The version of a Secret that is ours, or has the name of a SealedSecret.
fn concerning(
    secret: &PartialObjectMeta<Secret>,
    object: &ObjectRef<SealedSecret>,
    known: &Store<SealedSecret>,
) -> Option<SecretVersion> {
    let (uid, version) = (secret.metadata.uid.clone()?, secret.metadata.resource_version.clone()?);
    let is_patched = || {
        let annotations = secret.metadata.annotations.as_ref();
        annotations.is_some_and(|all| annotations::is_true(all, PATCH))
    };
    let concerns = comes_back(secret) || is_patched() || known.get(object).is_some();
    concerns.then_some(SecretVersion { uid, version })
}

/// A Secret has the name and namespace of its SealedSecret.
fn of_secret(secret: &PartialObjectMeta<Secret>) -> Option<ObjectRef<SealedSecret>> {
    let (name, namespace) = (secret.metadata.name.as_ref()?, secret.metadata.namespace.as_ref()?);
    Some(ObjectRef::new(name).within(namespace))
}

/// Whether a deleted Secret is one to make again: ours, or given to us. One that was only patched
/// by us, or that we made without an owner, is gone for good.
fn comes_back(secret: &PartialObjectMeta<Secret>) -> bool {
    let owners = secret.metadata.owner_references.iter().flatten();
    let is_owned =
        owners.into_iter().any(|owner| owner.kind == KIND && owner.controller == Some(true));
    let annotations = secret.metadata.annotations.as_ref();
    is_owned || annotations.is_some_and(|all| annotations::is_true(all, MANAGED))
}
