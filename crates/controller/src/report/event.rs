//! Events of core/v1, the only ones that upstream's RBAC allows and that users' tools read.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Event, EventSource, ObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use kube::api::{Patch, PatchParams, PostParams};
use kube::{Api, Client, ResourceExt};
use serde_json::json;

/// Who speaks, in upstream's name.
const COMPONENT: &str = "sealed-secrets";
/// Events that are remembered so that repeats are counted; beyond it, counting starts over.
const REMEMBERED: usize = 4096;
/// The API server's limit for a message, in bytes.
const MAX_MESSAGE: usize = 1024;

/// What makes two events the same one, repeated.
type Key = (String, String, String);

/// Writes events and counts those that repeat.
pub(crate) struct EventWriter {
    client: Client,
    written: Mutex<HashMap<Key, (String, i32)>>,
}

impl EventWriter {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, written: Mutex::default() }
    }

    /// Writes an event about an object, or counts it up when it was the same before.
    pub(crate) async fn write(
        &self,
        object: ObjectReference,
        type_: &str,
        reason: &str,
        message: &str,
    ) -> kube::Result<()> {
        let message = shortened(message);
        let events: Api<Event> =
            Api::namespaced(self.client.clone(), object.namespace.as_deref().unwrap_or_default());
        let key = (object.uid.clone().unwrap_or_default(), reason.to_owned(), message.to_owned());
        if let Some((name, count)) = self.repeated(&key) {
            match count_up(&events, &name, count).await {
                Err(kube::Error::Api(status)) if status.code == 404 => {}
                other => return other,
            }
        }
        let event = new_event(object, type_, reason, message);
        let written = events.create(&PostParams::default(), &event).await?;
        self.remember(key, written.name_any());
        Ok(())
    }

    fn repeated(&self, key: &Key) -> Option<(String, i32)> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let (name, count) = written.get_mut(key)?;
        *count += 1;
        Some((name.clone(), *count))
    }

    fn remember(&self, key: Key, name: String) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.len() >= REMEMBERED {
            written.clear();
        }
        written.insert(key, (name, 1));
    }
}

async fn count_up(events: &Api<Event>, name: &str, count: i32) -> kube::Result<()> {
    let now = Time(Timestamp::now());
    let patch = json!({ "count": count, "lastTimestamp": now });
    events.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await?;
    Ok(())
}

fn new_event(object: ObjectReference, type_: &str, reason: &str, message: &str) -> Event {
    let now = Time(Timestamp::now());
    Event {
        metadata: ObjectMeta {
            // The API server adds five characters.
            generate_name: Some(format!("{}.", object.name.as_deref().unwrap_or_default())),
            namespace: object.namespace.clone(),
            ..ObjectMeta::default()
        },
        involved_object: object,
        type_: Some(type_.to_owned()),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        source: Some(EventSource { component: Some(COMPONENT.to_owned()), host: None }),
        reporting_component: Some(COMPONENT.to_owned()),
        count: Some(1),
        first_timestamp: Some(now.clone()),
        last_timestamp: Some(now),
        ..Event::default()
    }
}

fn shortened(message: &str) -> &str {
    let end = (0..=MAX_MESSAGE.min(message.len())).rev().find(|end| message.is_char_boundary(*end));
    &message[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_messages_are_cut_between_characters() {
        assert_eq!(shortened("short"), "short");
        assert_eq!(shortened(&"ü".repeat(600)), "ü".repeat(512));
        assert_eq!(shortened(&format!("x{}", "ü".repeat(600))).len(), 1023);
    }
}
