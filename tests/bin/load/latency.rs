//! How long somebody waits who applies a SealedSecret.

use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures::StreamExt;
use harness::{Context, Error, Installation, Result};
use k8s_openapi::api::core::v1::Secret;
use kube::api::{PartialObjectMeta, PostParams};
use kube::runtime::watcher::{self, Event};
use kube::{Api, ResourceExt};
use sealwright_api::SealedSecret;
use tokio::sync::mpsc;
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
    let (seen, mut sightings) = mpsc::unbounded_channel();
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
            if seen.send((secret.name_any(), Instant::now())).is_err() {
                return;
            }
        }
    });
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
        let sighting = timeout(LIMIT, sightings.recv()).await.ok().flatten();
        let (name, time) = sighting.ok_or_else(|| Error::new("a Secret did not appear"))?;
        latencies.extend(applied.remove(&name).map(|since| time.duration_since(since)));
    }
    watch.abort();
    latencies.sort();
    Ok(Latencies(latencies))
}
