//! What wakes a reconciliation: SealedSecrets that change, and the Secrets made of them.

pub(crate) mod backoff;
mod collect;
mod complaint;
mod secrets;
mod seen;

use std::sync::Arc;

use futures::{Stream, StreamExt};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, Time};
use kube::core::Resource;
use kube::runtime::controller::{Action, Config as ControllerConfig, Controller};
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, watcher as watch_objects};
use kube::{Api, Client};
use sealwright_api::SealedSecret;
use sealwright_sealing::last_changed;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;
use tracing::debug;

use crate::app::{Context, stopped};
use crate::error::Error;
use crate::http::{Awaited, Readiness};
use crate::leader::Leading;
use crate::reconcile::reconcile;
use crate::tracker::Tracker;
use backoff::Backoff;
use complaint::Complaint;
use secrets::Listeners;
use seen::Seen;

const OUR_ANNOTATIONS: &str = "sealedsecrets.bitnami.com/";
/// Objects of a list at a time: what is read of them takes some times their size for a moment.
const PAGE: u32 = 100;
/// What a 404 means for a list: "the server could not find the requested resource" helps nobody.
const NO_DEFINITION: &str = "the cluster has no resource definition of SealedSecrets \
                             (`kubectl apply --server-side --force-conflicts -f \
                             charts/sealwright/crds`)";

/// A namespace to watch, or all of them.
pub(crate) struct Watched {
    namespace: Option<String>,
    sealed_secrets: Arc<Awaited>,
    secrets: Awaited,
}

impl Watched {
    /// Readiness waits for it from now on.
    pub(crate) fn new(namespace: Option<String>, readiness: &Arc<Readiness>) -> Self {
        let sealed_secrets = Arc::new(readiness.await_one());
        Self { namespace, sealed_secrets, secrets: readiness.await_one() }
    }
}

/// Watches until the process is told to stop and the work in hand is done.
pub(crate) async fn run(
    watched: Watched,
    label_selector: &str,
    context: Arc<Context>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut selection = watcher::Config::default().page_size(PAGE);
    if !label_selector.is_empty() {
        selection = selection.labels(label_selector);
    }
    let Watched { namespace, sealed_secrets: awaited, secrets: secrets_awaited } = watched;
    let namespace = namespace.as_deref();
    let place = namespace.unwrap_or("all namespaces").to_owned();
    let (known, writer) = reflector::store();
    let changed = watch_objects(api(&context.client, namespace), selection)
        .backoff(Backoff::default())
        .modify(drop_what_is_not_read)
        .reflect(writer);
    let sealed_secrets =
        changes(changed, known.clone(), place.clone(), awaited.clone(), context.clone());
    let listeners = Listeners {
        known: known.clone(),
        awaited: secrets_awaited,
        tracker: context.tracker.clone(),
        secrets: context.secrets.clone(),
    };
    let secrets = secrets::changes(
        api(&context.client, namespace),
        namespace.map(str::to_owned),
        place,
        listeners,
    );
    let again = again(context.tracker.again(), known.clone());
    let elected = elected(context.leading.clone(), known.clone(), context.tracker.clone());

    let mut ending = stopping.clone();
    let work = Controller::for_stream(sealed_secrets, known)
        .reconcile_on(secrets)
        .reconcile_on(again)
        .reconcile_on(elected)
        .with_config(ControllerConfig::default())
        .graceful_shutdown_on(async move { stopped(&mut stopping).await })
        .run(reconcile, retry, context)
        .for_each(async |outcome| {
            if let Err(error) = outcome {
                debug!("{error}");
            }
        });
    // Before the first list, kube's controller waits for that and for nothing else.
    let stopped_too_early = async {
        stopped(&mut ending).await;
        if awaited.has_listed() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = work => {}
        () = stopped_too_early => {}
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
    let metadata = &mut sealed.metadata;
    let changed = last_changed(metadata).and_then(|second| Timestamp::from_second(second).ok());
    let last_write = |time| ManagedFieldsEntry { time: Some(Time(time)), ..Default::default() };
    metadata.managed_fields = changed.map(|time| vec![last_write(time)]);
    if let Some(annotations) = &mut metadata.annotations {
        annotations.retain(|name, _| name.starts_with(OUR_ANNOTATIONS));
    }
    // An empty map keeps the room of its first eleven entries.
    metadata.annotations.take_if(|annotations| annotations.is_empty());
}

/// The SealedSecrets that are otherwise than when they were looked at last. What a list shows is
/// taken once all of it is there: before that, the store still holds the list before.
fn changes(
    events: impl Stream<Item = watcher::Result<Event<SealedSecret>>> + Send + 'static,
    known: Store<SealedSecret>,
    place: String,
    awaited: Arc<Awaited>,
    context: Arc<Context>,
) -> impl Stream<Item = watcher::Result<SealedSecret>> + Send + 'static {
    let (mut seen, complaint) = (Seen::default(), Complaint::default());
    events.flat_map(move |event| {
        complaint.settle_if(event.as_ref().is_ok_and(|event| !matches!(event, Event::Init)));
        let changed = match event {
            Ok(Event::Apply(sealed)) => {
                // The store has it already; a copy of each would take as much room again.
                let stored = known.get(&ObjectRef::from_obj(&sealed));
                let sealed = stored.unwrap_or_else(|| Arc::new(sealed));
                context.tracker.caught_up(&sealed);
                let changed: Vec<_> = seen.applied(sealed).into_iter().collect();
                for sealed in &changed {
                    context.tracker.saw(sealed);
                    let object = ObjectRef::from_obj(sealed.as_ref());
                    context.tracker.urge(&object);
                    context.places.urge(&object);
                }
                changed
            }
            Ok(Event::Delete(sealed)) => {
                seen.deleted(&sealed);
                gone(&Arc::new(sealed), &context);
                Vec::new()
            }
            Ok(Event::InitDone) => {
                let (changed, missing) = seen.listed(known.state());
                missing.iter().for_each(|sealed| gone(sealed, &context));
                awaited.listed();
                changed
            }
            Ok(Event::Init | Event::InitApply(_)) => Vec::new(),
            Err(error) => {
                // A namespace that may not be watched keeps nobody from being ready.
                if is_forbidden(&error) {
                    awaited.arrived();
                }
                let reason = match code(&error) {
                    Some(404) => NO_DEFINITION.to_owned(),
                    _ => error.to_string(),
                };
                complaint
                    .tell(&format!("the watch of SealedSecrets in {place} broke off: {reason}"));
                Vec::new()
            }
        };
        for sealed in &changed {
            context.tracker.saw(sealed);
        }
        futures::stream::iter(changed.into_iter().map(|sealed| Ok(SealedSecret::clone(&sealed))))
    })
}

/// What an object that is watched no longer leaves to do: the garbage collector takes its Secret.
fn gone(sealed: &Arc<SealedSecret>, context: &Arc<Context>) {
    let object = ObjectRef::from_obj(sealed.as_ref());
    context.tracker.forget(&object);
    context.places.leave(&object);
    context.metrics.forget(sealed);
    if context.old_gc_behavior && context.leads() {
        tokio::spawn(collect::collect(sealed.clone(), context.client.clone()));
    }
}

/// Whether the API server says that this is none of our business.
pub(crate) fn is_forbidden(error: &watcher::Error) -> bool {
    code(error) == Some(403)
}

/// The HTTP status of the API server's answer, if there was one.
fn code(error: &watcher::Error) -> Option<u16> {
    let source = match error {
        watcher::Error::InitialListFailed(source) | watcher::Error::WatchStartFailed(source) => {
            source
        }
        watcher::Error::WatchError(status) => return Some(status.code),
        _ => return None,
    };
    match source {
        kube::Error::Api(status) => Some(status.code),
        _ => None,
    }
}

/// Objects that are worth another look; all of them, when too many were named.
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

/// Everything, whenever this replica begins to lead. What it remembers was true when it led before.
fn elected(
    leading: Leading,
    known: Store<SealedSecret>,
    tracker: Arc<Tracker>,
) -> impl Stream<Item = ObjectRef<SealedSecret>> + Send + 'static {
    let elections = futures::stream::unfold(leading, async |mut leading| {
        leading.changed().await.ok()?;
        let leads = *leading.borrow_and_update();
        Some((leads, leading))
    });
    elections.flat_map(move |leads| {
        let objects = all(&known);
        objects.iter().for_each(|object| tracker.begin_anew(object));
        futures::stream::iter(if leads { objects } else { Vec::new() })
    })
}

fn all(known: &Store<SealedSecret>) -> Vec<ObjectRef<SealedSecret>> {
    known.state().iter().map(|sealed| ObjectRef::from_obj(sealed.as_ref())).collect()
}

/// Tries again, ever more slowly, what may pass by itself; leaves alone what cannot.
fn retry(sealed: Arc<SealedSecret>, error: &Error, context: Arc<Context>) -> Action {
    if !error.is_transient() {
        return Action::await_change();
    }
    let wait = match error {
        Error::HealedTooOften(too_often) => too_often.wait,
        _ => context.tracker.after_failure(&sealed),
    };
    debug!("{error}; trying again in {} s", wait.as_secs());
    Action::requeue(wait)
}
