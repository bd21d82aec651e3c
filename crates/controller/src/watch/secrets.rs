//! Secrets that change or go, and the SealedSecrets that this concerns.

use std::sync::Arc;

use futures::{Stream, StreamExt};
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::PartialObjectMeta;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, watcher as watch_objects};
use sealwright_api::annotations::{self, MANAGED};
use sealwright_api::{KIND, SealedSecret};

use super::backoff::Backoff;
use super::complaint::Complaint;
use super::{all, is_forbidden};
use crate::http::Awaited;
use crate::tracker::Tracker;

/// The SealedSecrets whose Secret changed or went. Only metadata is watched, and nothing of it is
/// kept: other people's Secrets are none of our business.
pub(super) fn changes(
    secrets: Api<PartialObjectMeta<Secret>>,
    known: Store<SealedSecret>,
    place: String,
    awaited: Awaited,
    tracker: Arc<Tracker>,
) -> impl Stream<Item = ObjectRef<SealedSecret>> + Send + 'static {
    let complaint = Complaint::default();
    watch_objects(secrets, watcher::Config::default()).backoff(Backoff::default()).flat_map(
        move |event| {
            complaint.settle_if(event.as_ref().is_ok_and(|event| !matches!(event, Event::Init)));
            let touched = match event {
                Ok(Event::Apply(secret)) => of_secret(&secret).into_iter().collect(),
                Ok(Event::Delete(secret)) if comes_back(&secret) => {
                    of_secret(&secret).into_iter().collect()
                }
                // Another's Secret is out of the way.
                Ok(Event::Delete(secret)) => {
                    let object = of_secret(&secret);
                    object.into_iter().filter(|object| tracker.is_in_trouble(object)).collect()
                }
                // What changed before the watch began, or while it was broken off, is in no event:
                // look at everything again.
                Ok(Event::InitDone) => {
                    awaited.listed();
                    all(&known)
                }
                Ok(_) => Vec::new(),
                Err(error) => {
                    if is_forbidden(&error) {
                        awaited.arrived();
                    }
                    complaint.tell(&format!("the watch of Secrets in {place} broke off: {error}"));
                    Vec::new()
                }
            };
            let known = known.clone();
            futures::stream::iter(
                touched.into_iter().filter(move |object| known.get(object).is_some()),
            )
        },
    )
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
