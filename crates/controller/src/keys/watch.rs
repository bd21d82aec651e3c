//! Keeping the keyring up to date: key Secrets that come and go, the period, SIGUSR1.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{Stream, StreamExt};
use k8s_openapi::api::core::v1::Secret;
use kube::api::PartialObjectMeta;
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, watcher as watch_objects};
use kube::{Api, Client};
use sealwright_api::annotations::KEY_LABEL;
use tokio::signal::unix::Signal;
use tokio::sync::watch;
use tracing::{info, warn};

use super::{Change, Keys};
use crate::app::stopped;
use crate::error::Error;
use crate::http::Awaited;
use crate::leader::Leading;
use crate::watch::backoff::Backoff;
use crate::watch::is_forbidden;

/// The wait after a failure: doubled each time, at most [`LONGEST_RETRY`].
const RETRY: Duration = Duration::from_secs(5);
const LONGEST_RETRY: Duration = Duration::from_mins(5);
/// Longer sleeps are cut, so that a clock that is set does not put a renewal off for ever.
const LONGEST_SLEEP: Duration = Duration::from_mins(10);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wake {
    /// Key Secrets may have changed.
    Changed,
    /// A key may be due.
    Due,
    /// SIGUSR1: a key is wanted now.
    Demanded,
    /// This replica leads now, or no longer.
    Elected,
    /// The process ends.
    Stop,
}

/// What wakes it besides the keys themselves.
pub(crate) struct Signals {
    /// SIGUSR1.
    pub(crate) demands: Signal,
    pub(crate) leading: Leading,
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Runs until the process is told to stop; `changed` hears of every difference.
pub(crate) async fn keep(
    keys: Arc<Keys>,
    client: Client,
    namespace: String,
    awaited: Awaited,
    signals: Signals,
    changed: impl AsyncFn(Change),
) {
    let Signals { mut demands, mut leading, mut stopping } = signals;
    let mut changes = std::pin::pin!(key_changes(client, &namespace, &keys.prefix, awaited));
    let (mut failures, mut demanded) = (0_u32, None);
    // When to try again; a change among the keys meanwhile does not put it off.
    let mut again = None;
    loop {
        let leads = *leading.borrow_and_update();
        let pause = match again {
            None if leads => keys.until_due(LONGEST_SLEEP).await,
            None => LONGEST_SLEEP,
            Some(again) => Instant::saturating_duration_since(&again, Instant::now()),
        };
        let wake = tokio::select! {
            () = stopped(&mut stopping) => Wake::Stop,
            Some(()) = changes.next() => Wake::Changed,
            Some(()) = demands.recv() => Wake::Demanded,
            Ok(()) = leading.changed() => Wake::Elected,
            () = tokio::time::sleep(pause) => Wake::Due,
        };
        let outcome = match wake {
            Wake::Stop => return,
            Wake::Changed => keys.reload().await,
            // The pause is reckoned anew.
            Wake::Elected => continue,
            Wake::Demanded => {
                info!("SIGUSR1: making a new sealing key");
                demanded = Some(keys.newest());
                keys.renew().await
            }
            // One that was demanded and failed is owed, unless it was made and only the answer lost.
            Wake::Due if demanded == Some(keys.newest()) => keys.renew().await,
            Wake::Due if !*leading.borrow() => keys.reload().await,
            Wake::Due => renew_after_a_look(&keys).await,
        };
        match outcome {
            Ok(change) => {
                if wake != Wake::Changed {
                    (failures, demanded, again) = (0, None, None);
                }
                if change != Change::default() {
                    changed(change).await;
                }
            }
            Err(error) => {
                warn!("the sealing keys stay as they are for now: {error}");
                let wait = (RETRY * 2_u32.pow(failures.min(6))).min(LONGEST_RETRY);
                again = Some(Instant::now() + wait);
                failures += 1;
            }
        }
    }
}

/// Another replica may have made the key: what is there is looked at before one is made.
async fn renew_after_a_look(keys: &Keys) -> Result<Change, Error> {
    let mut change = keys.reload().await?;
    let made = keys.renew_if_due().await?;
    change.added.extend(made.added);
    change.removed.extend(made.removed);
    change.made = made.made;
    Ok(change)
}

/// One item for each change among the key Secrets: those with the label, whatever its value, so
/// that retiring is seen, and the legacy one. Metadata only; the keys themselves are listed.
/// Where they may not be watched, as in upstream's namespaced mode, each of the watcher's
/// attempts, half a minute apart, counts as a change.
fn key_changes(
    client: Client,
    namespace: &str,
    prefix: &str,
    awaited: Awaited,
) -> impl Stream<Item = ()> {
    let secrets: Api<PartialObjectMeta<Secret>> = Api::namespaced(client, namespace);
    let labelled = watcher::Config::default().labels(KEY_LABEL);
    let legacy = watcher::Config::default().fields(&format!("metadata.name={prefix}"));
    let labelled = watch_objects(secrets.clone(), labelled).backoff(Backoff::default());
    let legacy = watch_objects(secrets, legacy).backoff(Backoff::default());
    let mut is_polling = false;
    futures::stream::select(labelled, legacy).filter_map(move |event| {
        let is_forbidden = matches!(&event, Err(error) if is_forbidden(error));
        if is_forbidden || matches!(event, Ok(Event::InitDone)) {
            awaited.arrived();
        }
        if is_forbidden && !std::mem::replace(&mut is_polling, true) {
            info!("key Secrets may not be watched here: they are listed every half minute");
        }
        std::future::ready(match event {
            Ok(Event::Init | Event::InitApply(_)) => None,
            Ok(_) => Some(()),
            Err(_) => is_forbidden.then_some(()),
        })
    })
}
