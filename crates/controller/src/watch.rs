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
use sealwright_api::{ConditionStatus, KIND, SYNCED, SealedSecret};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;
use tracing::{debug, warn};

use crate::app::{Context, stopped};
use crate::apply::exactly;
use crate::error::Error;
use crate::http::Awaited;
use crate::plan::is_ours;
use crate::reconcile::reconcile;

const OUR_ANNOTATIONS: &str = "sealedsecrets.bitnami.com/";

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
    let awaited = Arc::new(context.readiness.await_one());
    let place = namespace.clone().unwrap_or_else(|| "all namespaces".to_owned());
    let sealed_secrets = watch_objects(api(&context.client, namespace.as_deref()), selection)
        .default_backoff()
        .modify(drop_what_is_not_read)
        .reflect(writer)
        .inspect({
            let (context, awaited) = (context.clone(), awaited.clone());
            move |event| noticed(event, &place, &awaited, &context)
        })
        .touched_objects()
        .predicate_filter(what_matters, Default::default());
    let secrets = secret_changes(api(&context.client, namespace.as_deref()), known.clone());
    let again = again(context.tracker.again(), known.clone());

    let mut ending = stopping.clone();
    let work = Controller::for_stream(sealed_secrets, known)
        .reconcile_on(secrets)
        .reconcile_on(again)
        .with_config(ControllerConfig::default())
        .graceful_shutdown_on(async move { stopped(&mut stopping).await })
        .run(reconcile, retry, context)
        .for_each(async |outcome| {
            if let Err(error) = outcome {
                debug!("{error}");
            }
        });
    tokio::select! {
        () = work => {}
        // Before the first list, kube's controller waits for that and for nothing else.
        () = stopped(&mut ending), if !awaited.has_listed() => {}
    }
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

/// What is read of an object's metadata is little: the last write's time, and our annotations.
/// The rest is long, and `last-applied-configuration` may hold what it should not.
fn drop_what_is_not_read(sealed: &mut SealedSecret) {
    for entry in sealed.metadata.managed_fields.iter_mut().flatten() {
        entry.fields_v1 = None;
    }
    if let Some(annotations) = &mut sealed.metadata.annotations {
        annotations.retain(|name, _| name.starts_with(OUR_ANNOTATIONS));
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

/// What is done about an event besides reconciling. A namespace that may not be watched keeps
/// nobody from being ready.
fn noticed(
    event: &watcher::Result<Event<SealedSecret>>,
    place: &str,
    awaited: &Awaited,
    context: &Arc<Context>,
) {
    match event {
        Ok(Event::Delete(sealed)) => deleted(sealed, context),
        Ok(Event::InitDone) => awaited.listed(),
        Ok(_) => {}
        Err(error) => {
            if is_forbidden(error) {
                awaited.arrived();
            }
            warn!("the watch of SealedSecrets in {place} broke off and is begun again: {error}");
        }
    }
}

/// Whether the API server says that this is none of our business.
pub(crate) fn is_forbidden(error: &watcher::Error) -> bool {
    let source = match error {
        watcher::Error::InitialListFailed(source) | watcher::Error::WatchStartFailed(source) => {
            source
        }
        watcher::Error::WatchError(status) => return status.code == 403,
        _ => return false,
    };
    matches!(source, kube::Error::Api(status) if status.code == 403)
}

/// What a deleted SealedSecret leaves to do: the garbage collector takes its Secret.
fn deleted(sealed: &SealedSecret, context: &Arc<Context>) {
    context.tracker.forget(&ObjectRef::from_obj(sealed));
    context.metrics.forget(sealed);
    if context.old_gc_behavior {
        let (sealed, client) = (sealed.clone(), context.client.clone());
        tokio::spawn(async move { collect(&sealed, client).await });
    }
}

/// `--old-gc-behavior`: deletes the Secret here, if it is the SealedSecret's or `managed`.
async fn collect(sealed: &SealedSecret, client: Client) {
    let namespace = sealed.metadata.namespace.clone().unwrap_or_default();
    let name = sealed.metadata.name.clone().unwrap_or_default();
    let secrets: Api<Secret> = Api::namespaced(client, &namespace);
    let outcome = match secrets.get_opt(&name).await {
        Ok(Some(secret))
            if is_ours(&secret, sealed.metadata.uid.as_deref().unwrap_or_default()) =>
        {
            secrets.delete(&name, &exactly(&secret)).await.map(drop)
        }
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = outcome {
        warn!("the Secret {namespace}/{name} of the deleted SealedSecret stays: {error}");
    }
}

/// Objects that changed keys make worth another look; all of them, when too many were named.
fn again(
    named: broadcast::Receiver<ObjectRef<SealedSecret>>,
    known: Store<SealedSecret>,
) -> impl Stream<Item = ObjectRef<SealedSecret>> + Send + 'static {
    let batches = futures::stream::unfold(named, async |mut named| match named.recv().await {
        Ok(object) => Some((Some(object), named)),
        Err(RecvError::Lagged(_)) => Some((None, named)),
        Err(RecvError::Closed) => None,
    });
    batches.flat_map(move |named| {
        futures::stream::iter(match named {
            Some(object) => known.get(&object).map(|_| object).into_iter().collect(),
            None => all(&known),
        })
    })
}

fn all(known: &Store<SealedSecret>) -> Vec<ObjectRef<SealedSecret>> {
    known.state().iter().map(|sealed| ObjectRef::from_obj(sealed.as_ref())).collect()
}

/// The SealedSecrets whose Secret changed or went. Only metadata is watched, and nothing of it is
/// kept: other people's Secrets are none of our business.
fn secret_changes(
    secrets: Api<PartialObjectMeta<Secret>>,
    known: Store<SealedSecret>,
) -> impl Stream<Item = ObjectRef<SealedSecret>> + Send + 'static {
    watch_objects(secrets, watcher::Config::default()).default_backoff().flat_map(move |event| {
        let touched = match event {
            Ok(Event::Apply(secret)) => of_secret(&secret).into_iter().collect(),
            Ok(Event::Delete(secret)) if comes_back(&secret) => {
                of_secret(&secret).into_iter().collect()
            }
            // Another's Secret is out of the way.
            Ok(Event::Delete(secret)) => {
                let object = of_secret(&secret);
                object.into_iter().filter(|object| is_in_trouble(&known, object)).collect()
            }
            // What changed before the watch began, or while it was broken off, is in no event:
            // look at everything again.
            Ok(Event::InitDone) => all(&known),
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

/// Whether an object is not what it should be, by its status.
fn is_in_trouble(known: &Store<SealedSecret>, object: &ObjectRef<SealedSecret>) -> bool {
    let Some(sealed) = known.get(object) else { return false };
    let mut conditions = sealed.status.iter().flat_map(|status| &status.conditions);
    !conditions
        .any(|condition| condition.type_ == SYNCED && condition.status == ConditionStatus::True)
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
    let wait = match error {
        Error::HealedTooOften { wait } => *wait,
        _ => context.tracker.after_failure(&sealed),
    };
    debug!("{error}; trying again in {} s", wait.as_secs());
    Action::requeue(wait)
}
