//! How long somebody waits who applies a SealedSecret.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures::StreamExt;
use harness::{Context, Error, Installation, Namespace, Result};
use k8s_openapi::api::core::v1::Secret;
use kube::api::{PartialObjectMeta, PostParams};
use kube::runtime::watcher::{self, Event};
use kube::{Api, ResourceExt};
use sealwright_api::SealedSecret;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{interval, timeout};

use crate::fill::Filling;

/// Twenty a second.
const INTERVAL: Duration = Duration::from_millis(50);
const LIMIT: Duration = Duration::from_secs(300);

/// Latencies, shortest first.
pub(crate) struct Latencies(Vec<Duration>);

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |share: f64| {
            let index = (self.0.len() as f64 * share).ceil() as usize;
            self.0.get(index.max(1) - 1).map_or(0, Duration::as_millis)
        };
        write!(f, "median {} ms, p99 {} ms, longest {} ms", at(0.5), at(0.99), at(1.0))
    }
}

/// Applies `count` objects and waits for the Secret of each.
pub(crate) async fn measure(
    filling: &Filling,
    place: &Installation,
    prefix: &'static str,
    count: usize,
    items: usize,
) -> Result<Latencies> {
    let namespace = &place.namespace;
    let mut sightings = Sightings::of(namespace, prefix);
    let (api, mut ticks) = (namespace.api::<SealedSecret>(), interval(INTERVAL));
    let mut applied = HashMap::new();
    for index in 0..count {
        let sealed = filling.sealed(namespace.name(), (prefix, index), items, false);
        ticks.tick().await;
        applied.insert(sealed.name_any(), Instant::now());
        let created = api.create(&PostParams::default(), &sealed).await;
        created.context(|| "cannot create a SealedSecret")?;
    }
    let mut latencies = Vec::new();
    while !applied.is_empty() {
        let (name, time) = sightings.next().await?;
        latencies.extend(applied.remove(&name).map(|since| time.duration_since(since)));
    }
    latencies.sort();
    Ok(Latencies(latencies))
}

/// Waits until so many Secrets are there.
pub(crate) async fn appeared(
    namespace: &Namespace,
    prefix: &'static str,
    count: usize,
) -> Result<()> {
    let mut sightings = Sightings::of(namespace, prefix);
    let mut there = HashSet::new();
    while there.len() < count {
        there.insert(sightings.next().await?.0);
    }
    Ok(())
}

/// The Secrets that appear, as a watch tells them: looking again and again would keep the API server
/// from its work.
struct Sightings {
    seen: mpsc::UnboundedReceiver<(String, Instant)>,
    watch: JoinHandle<()>,
}

impl Sightings {
    fn of(namespace: &Namespace, prefix: &'static str) -> Self {
        let (tell, seen) = mpsc::unbounded_channel();
        let secrets: Api<PartialObjectMeta<Secret>> =
            Api::namespaced(namespace.cluster().client(), namespace.name());
        let of_these = watcher::Config::default().labels(&format!("load={prefix}"));
        let watch = tokio::spawn(async move {
            let mut events = pin!(kube::runtime::watcher(secrets, of_these));
            while let Some(event) = events.next().await {
                let secret = match event {
                    Ok(Event::Apply(secret) | Event::InitApply(secret)) => secret,
                    _ => continue,
                };
                if tell.send((secret.name_any(), Instant::now())).is_err() {
                    return;
                }
            }
        });
        Self { seen, watch }
    }

    async fn next(&mut self) -> Result<(String, Instant)> {
        let sighting = timeout(LIMIT, self.seen.recv()).await.ok().flatten();
        sighting.ok_or_else(|| Error::new("a Secret did not appear"))
    }
}

impl Drop for Sightings {
    fn drop(&mut self) {
        self.watch.abort();
    }
}
