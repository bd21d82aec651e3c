//! What wakes a reconciliation: SealedSecrets that change, and the Secrets made of them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use futures::{Stream, StreamExt};
use k8s_openapi::api::core::v1::Secret;
use kube::api::PartialObjectMeta;
use kube::core::Resource;
use kube::runtime::controller::{Action, Config as ControllerConfig, Controller};
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, watcher as watch_objects};
use kube::{Api, Client};
use sealwright_api::annotations::{self, CLUSTER_WIDE, MANAGED, NAMESPACE_WIDE};
use sealwright_api::{KIND, SealedSecret};
use tokio::sync::watch;
use tracing::{debug, warn};

use crate::app::{Context, stopped};
use crate::error::Error;
use crate::reconcile::reconcile;

/// Watches one namespace, or all, until the process is told to stop and the work in hand is done.
pub(crate) async fn run(
    namespace: Option<String>,
    label_selector: &str,
    context: Arc<Context>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut selection = watcher::Config::default();
    if !label_selector.is_empty() {
        selection = selection.labels(label_selector);
    }
    let (known, writer) = reflector::store();
    let sealed_secrets = watch_objects(api(&context.client, namespace.as_deref()), selection)
        .default_backoff()
        .modify(drop_managed_fields)
        .reflect(writer)
        .touched_objects()
        .predicate_filter(what_matters, Default::default());
    let secrets = secret_changes(api(&context.client, namespace.as_deref()), known.clone());

    Controller::for_stream(sealed_secrets, known)
        .reconcile_on(secrets)
        .with_config(ControllerConfig::default())
        .graceful_shutdown_on(async move { stopped(&mut stopping).await })
        .run(reconcile, retry, context)
        .for_each(async |outcome| {
            if let Err(error) = outcome {
                debug!("{error}");
            }
        })
        .await;
}

fn api<K>(client: &Client, namespace: Option<&str>) -> Api<K>
where
    K: Resource<Scope = kube::core::NamespaceResourceScope, DynamicType = ()>,
{
    match namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    }
}

/// The last write's time is all that unsealing reads of the managed fields, and they are long.
fn drop_managed_fields(sealed: &mut SealedSecret) {
    for entry in sealed.metadata.managed_fields.iter_mut().flatten() {
        entry.fields_v1 = None;
    }
}

/// A digest of what a reconciliation depends on. Status is not in it: our own reports would wake
/// us. The UID is, since a SealedSecret that is deleted and created again starts over.
fn what_matters(sealed: &SealedSecret) -> Option<u64> {
    let metadata = &sealed.metadata;
    let scope = [CLUSTER_WIDE, NAMESPACE_WIDE].map(|name| {
        metadata.annotations.as_ref().is_some_and(|all| annotations::is_true(all, name))
    });
    let mut hasher = DefaultHasher::new();
    (&metadata.uid, metadata.generation, scope, metadata.deletion_timestamp.is_some())
        .hash(&mut hasher);
    Some(hasher.finish())
}

/// The SealedSecrets whose Secret changed or went. Only metadata is watched, and nothing of it is
/// kept: other people's Secrets are none of our business.
fn secret_changes(
    secrets: Api<PartialObjectMeta<Secret>>,
    known: Store<SealedSecret>,
) -> impl Stream<Item = ObjectRef<SealedSecret>> + Send + 'static {
    let mut is_first_list = true;
    watch_objects(secrets, watcher::Config::default()).default_backoff().flat_map(move |event| {
        let touched = match event {
            Ok(Event::Apply(secret)) => of_secret(&secret).into_iter().collect(),
            Ok(Event::Delete(secret)) if comes_back(&secret) => {
                of_secret(&secret).into_iter().collect()
            }
            // A watch that broke off may have missed something: look at everything again.
            // At the start, everything is looked at anyway.
            Ok(Event::InitDone) if !std::mem::take(&mut is_first_list) => {
                known.state().iter().map(|sealed| ObjectRef::from_obj(sealed.as_ref())).collect()
            }
            Ok(_) => Vec::new(),
            Err(error) => {
                warn!("the watch of Secrets broke off and is begun again: {error}");
                Vec::new()
            }
        };
        let known = known.clone();
        futures::stream::iter(touched.into_iter().filter(move |object| known.get(object).is_some()))
    })
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

/// Tries again, ever more slowly, what may pass by itself; leaves alone what cannot.
fn retry(sealed: Arc<SealedSecret>, error: &Error, context: Arc<Context>) -> Action {
    if !error.is_transient() {
        return Action::await_change();
    }
    let wait = context.backoff.after_failure(sealed.metadata.uid.as_deref().unwrap_or_default());
    debug!("{error}; trying again in {} s", wait.as_secs());
    Action::requeue(wait)
}
