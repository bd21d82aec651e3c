//! Saying how it went: status, event, log.

pub(crate) mod event;
mod status;

use std::sync::Arc;

use k8s_openapi::api::core::v1::ObjectReference;
use kube::runtime::reflector::ObjectRef;
use kube::{Api, Client, Resource, ResourceExt};
use sealwright_api::{ConditionStatus, SealedSecret};
use tracing::{info, warn};

use crate::apply::Applied;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::reconcile::Done;
use event::EventWriter;

/// Upstream's words for a success.
const UNSEALED: &str = "SealedSecret unsealed successfully";

/// Publishes outcomes.
pub(crate) struct Reporter {
    client: Client,
    events: EventWriter,
    metrics: Arc<Metrics>,
    update_status: bool,
}

impl Reporter {
    pub(crate) fn new(client: Client, metrics: Arc<Metrics>, update_status: bool) -> Self {
        Self { events: EventWriter::new(client.clone()), client, metrics, update_status }
    }

    /// Writes the outcome to status where it says something new, and an event where something
    /// happened. A wait that is over in a second is not worth either.
    ///
    /// # Errors
    /// When status cannot be written. An event that cannot is only told in the log.
    pub(crate) async fn publish(
        &self,
        sealed: &SealedSecret,
        outcome: &Result<Done, Error>,
        lasts_long: bool,
    ) -> Result<(), Error> {
        let object = ObjectRef::from_obj(sealed);
        match outcome {
            Err(error) if error.is_passing() && !lasts_long => return Ok(()),
            Ok(Done { applied: Applied::Written, .. }) => info!("unsealed {object}"),
            Ok(_) => {}
            Err(error) => {
                warn!("{object}: {error}");
                self.metrics.count_error(error, &sealed.namespace().unwrap_or_default());
            }
        }
        self.metrics.set_condition(sealed, outcome.is_ok());
        let written = self.write_status(sealed, outcome).await;
        if let Err(error) = &written {
            warn!("{object}: {error}");
            self.metrics.count_status_error(&sealed.namespace().unwrap_or_default());
        }
        // A failure that lasts is told once; one that is tried again is counted.
        let is_news = written.as_ref().copied().unwrap_or(true)
            || matches!(outcome, Err(error) if !self.update_status || error.is_transient());
        if is_news || matches!(outcome, Ok(Done { applied: Applied::Written, .. })) {
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

    async fn write_status(
        &self,
        sealed: &SealedSecret,
        outcome: &Result<Done, Error>,
    ) -> Result<bool, Error> {
        if !self.update_status {
            return Ok(false);
        }
        let (condition, message) = match outcome {
            Ok(_) => (ConditionStatus::True, None),
            Err(error) => (ConditionStatus::False, Some(status::shortened(&error.to_string()))),
        };
        let namespace = sealed.namespace().unwrap_or_default();
        let objects: Api<SealedSecret> = Api::namespaced(self.client.clone(), &namespace);
        let report = status::Report {
            condition,
            message,
            keys: match outcome {
                Ok(done) => done.keys.iter().map(ToString::to_string).collect(),
                Err(_) => Vec::new(),
            },
            is_transient: matches!(outcome, Err(error) if error.is_transient()),
            is_work: matches!(outcome, Ok(Done { applied: Applied::Written, .. })),
        };
        status::write(&objects, sealed, &report).await
    }

    async fn write_event(&self, sealed: &SealedSecret, outcome: &Result<Done, Error>) {
        let (type_, reason, message) = match outcome {
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
