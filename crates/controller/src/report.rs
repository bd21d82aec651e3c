//! Saying how it went: status, event, log.

mod event;
mod status;

use kube::runtime::reflector::ObjectRef;
use kube::{Api, Client, ResourceExt};
use sealwright_api::{ConditionStatus, SealedSecret};
use tracing::{info, warn};

use crate::apply::Applied;
use crate::error::Error;
use event::EventWriter;

/// Upstream's words for a success.
const UNSEALED: &str = "SealedSecret unsealed successfully";

/// Publishes outcomes.
pub(crate) struct Reporter {
    client: Client,
    events: EventWriter,
    update_status: bool,
}

impl Reporter {
    pub(crate) fn new(client: Client, update_status: bool) -> Self {
        Self { events: EventWriter::new(client.clone()), client, update_status }
    }

    /// Writes the outcome to status where it says something new, and an event where something
    /// happened. A wait that is over in a second is not worth either.
    ///
    /// # Errors
    /// When status cannot be written. An event that cannot is only told in the log.
    pub(crate) async fn publish(
        &self,
        sealed: &SealedSecret,
        outcome: &Result<Applied, Error>,
    ) -> Result<(), Error> {
        let object = ObjectRef::from_obj(sealed);
        match outcome {
            Err(Error::AwaitingCollection | Error::Interrupted) => return Ok(()),
            Err(error) if error.is_conflict() => return Ok(()),
            Ok(Applied::Written) => info!("unsealed {object}"),
            Ok(Applied::Unchanged) => {}
            Err(error) => warn!("{object}: {error}"),
        }
        let is_news = self.write_status(sealed, outcome).await?;
        if is_news || !matches!(outcome, Ok(Applied::Unchanged)) {
            self.write_event(sealed, outcome).await;
        }
        Ok(())
    }

    async fn write_status(
        &self,
        sealed: &SealedSecret,
        outcome: &Result<Applied, Error>,
    ) -> Result<bool, Error> {
        if !self.update_status {
            return Ok(false);
        }
        let (condition, message) = match outcome {
            Ok(_) => (ConditionStatus::True, None),
            Err(error) => (ConditionStatus::False, Some(error.to_string())),
        };
        let namespace = sealed.namespace().unwrap_or_default();
        let objects: Api<SealedSecret> = Api::namespaced(self.client.clone(), &namespace);
        let is_write = matches!(outcome, Ok(Applied::Written));
        status::write(&objects, sealed, condition, message, is_write).await
    }

    async fn write_event(&self, sealed: &SealedSecret, outcome: &Result<Applied, Error>) {
        let (type_, reason, message) = match outcome {
            Ok(_) => ("Normal", "Unsealed", UNSEALED.to_owned()),
            Err(error) if error.event_reason() == "ErrUnsealFailed" => {
                ("Warning", "ErrUnsealFailed", format!("Failed to unseal: {error}"))
            }
            Err(error) => ("Warning", error.event_reason(), error.to_string()),
        };
        if let Err(error) = self.events.write(sealed, type_, reason, &message).await {
            warn!("cannot write an event: {error}");
        }
    }
}
