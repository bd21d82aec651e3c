//! Saying how it went: status, event, log.

pub(crate) mod event;
mod status;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use k8s_openapi::api::core::v1::ObjectReference;
use kube::runtime::reflector::ObjectRef;
use kube::{Api, Client, Resource, ResourceExt};
use sealwright_api::SealedSecret;
use sealwright_crypto::Keyring;
use tracing::{info, warn};

use crate::error::Error;
use crate::metrics::Metrics;
use crate::reconcile::{Done, Outcome};
use crate::record::Record;
use crate::tracker::Tracker;
use event::EventWriter;
use status::Report;
pub(crate) use status::says_new;

/// Upstream's words for a success.
const UNSEALED: &str = "SealedSecret unsealed successfully";

/// Publishes outcomes.
pub(crate) struct Reporter {
    client: Client,
    events: EventWriter,
    metrics: Arc<Metrics>,
    tracker: Arc<Tracker>,
    update_status: bool,
    accepts_data: bool,
    /// Whether the resource definition drops the names of keys, as upstream's does.
    drops_keys: AtomicBool,
}

impl Reporter {
    pub(crate) fn new(
        client: Client,
        metrics: Arc<Metrics>,
        tracker: Arc<Tracker>,
        (update_status, accepts_data): (bool, bool),
    ) -> Self {
        let (events, drops_keys) = (EventWriter::new(client.clone()), AtomicBool::new(false));
        Self { client, events, metrics, tracker, update_status, accepts_data, drops_keys }
    }

    /// Whether status is written, and so remembers.
    pub(crate) fn updates_status(&self) -> bool {
        self.update_status
    }

    /// Writes the outcome to status where it says something new, and an event where something
    /// happened. A wait that is over in a second is not worth either.
    ///
    /// # Errors
    /// When status cannot be written. An event that cannot is only told in the log.
    pub(crate) async fn publish(
        &self,
        sealed: &SealedSecret,
        outcome: &Outcome,
        keyring: &Keyring,
    ) -> Result<(), Error> {
        let object = ObjectRef::from_obj(sealed);
        match &outcome.result {
            Err(error) if error.is_passing() && !self.tracker.lasts_long(sealed) => return Ok(()),
            Ok(Done { is_written: true, .. }) => info!("unsealed {object}"),
            Ok(_) => {}
            Err(error) => {
                warn!("{object}: {error}");
                self.metrics.count_error(error, &sealed.namespace().unwrap_or_default());
            }
        }
        if self.tracker.knows(sealed) {
            self.metrics.set_condition(sealed, outcome.result.is_ok());
        }
        let written = self.write_status(sealed, outcome, keyring).await;
        if let Err(error) = &written {
            warn!("{object}: {error}");
            self.metrics.count_status_error(&sealed.namespace().unwrap_or_default());
        }
        let is_news = match &outcome.result {
            Ok(Done { is_written, .. }) => *is_written || written.as_ref().is_ok_and(|news| *news),
            // A failure that lasts is told once; one that is tried again is counted.
            Err(error) => {
                written.as_ref().copied().unwrap_or(true)
                    || !self.update_status
                    || error.is_transient()
            }
        };
        if is_news {
            self.write_event(sealed, outcome).await;
        }
        written.map(drop)
    }

    /// Tells of a new key, at its Secret.
    pub(crate) async fn key_made(&self, secret: ObjectReference) {
        let message = "New sealing key: certificates fetched from now on seal with it";
        if let Err(error) = self.events.write(secret, "Normal", "KeyGenerated", message).await {
            warn!("cannot write an event: {error}");
        }
    }

    /// Whether it said something new.
    async fn write_status(
        &self,
        sealed: &SealedSecret,
        outcome: &Outcome,
        keyring: &Keyring,
    ) -> Result<bool, Error> {
        if !self.update_status {
            return Ok(false);
        }
        let namespace = sealed.namespace().unwrap_or_default();
        let objects: Api<SealedSecret> = Api::namespaced(self.client.clone(), &namespace);
        let mut report = Report::of(outcome);
        report.record = self.record(sealed, outcome, keyring);
        report.drops_keys = self.drops_keys.load(Ordering::Relaxed);
        let is_in_doubt = self.tracker.doubts_status(sealed);
        let written = status::write(&objects, sealed, &report, is_in_doubt).await;
        // A write that failed may have arrived all the same, and only its answer was lost.
        self.tracker.doubt_status(sealed, written.is_err());
        let Some((was, is)) = written? else {
            return Ok(false);
        };
        self.tracker.wrote(&is);
        if let Some(kept) = is.status.as_ref().filter(|_| !report.keys.is_empty()) {
            self.drops_keys.store(kept.keys.is_empty(), Ordering::Relaxed);
        }
        Ok(status::tells_more(was.as_ref(), is.status.as_ref()))
    }

    /// What the next process is to know of a success.
    fn record(
        &self,
        sealed: &SealedSecret,
        outcome: &Outcome,
        keyring: &Keyring,
    ) -> Option<String> {
        let secret = outcome.result.as_ref().ok()?.secret.clone()?;
        let record = Record { keys: outcome.keys.clone(), secret };
        record.write(sealed, keyring, self.accepts_data)
    }

    async fn write_event(&self, sealed: &SealedSecret, outcome: &Outcome) {
        let (type_, reason, message) = match &outcome.result {
            Ok(_) => ("Normal", "Unsealed", UNSEALED.to_owned()),
            Err(error) if error.event_reason() == "ErrUnsealFailed" => {
                ("Warning", "ErrUnsealFailed", format!("Failed to unseal: {error}"))
            }
            Err(error) => ("Warning", error.event_reason(), error.to_string()),
        };
        if let Err(error) = self.events.write(sealed.object_ref(&()), type_, reason, &message).await
        {
            warn!("cannot write an event: {error}");
        }
    }
}
