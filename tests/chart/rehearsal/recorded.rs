//! SealedSecrets, and what the controller of sealed-secrets makes of them: recorded from its own.

use harness::{Context, Result};
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../../../crates/crypto/tests/vectors/v1.json");

/// A SealedSecret as a user applies it, and what comes of it.
#[derive(Clone)]
pub(super) struct Recorded {
    pub(super) sealed: Value,
    /// The Secret; its owner's UID is that of the recording.
    pub(super) secret: Option<Value>,
    /// What status says instead of success.
    pub(super) message: Option<String>,
}

/// The keys, in their order.
pub(super) fn keys() -> Result<Vec<Value>> {
    Ok(vectors()?["keys"].as_array().cloned().unwrap_or_default())
}

/// Objects that can be there at the same time: many have the same name, which is sealed in. Of the
/// failures as many as there is room for.
pub(super) fn rounds() -> Result<Vec<Vec<Recorded>>> {
    let objects = vectors()?["objects"].as_array().cloned().unwrap_or_default();
    let objects: Vec<_> = objects.into_iter().filter(is_of_a_default_install).collect();
    let (good, bad): (Vec<_>, Vec<_>) =
        objects.into_iter().map(Recorded::of).partition(|object| object.secret.is_some());
    let mut rounds: Vec<Vec<Recorded>> = Vec::new();
    for object in good {
        match rounds.iter_mut().find(|round| object.fits(round)) {
            Some(round) => round.push(object),
            None => rounds.push(vec![object]),
        }
    }
    for object in bad {
        if let Some(round) = rounds.iter_mut().find(|round| object.fits(round)) {
            round.push(object);
        }
    }
    Ok(rounds)
}

fn vectors() -> Result<Value> {
    serde_json::from_str(VECTORS).context(|| "the vectors are no JSON")
}

/// With all keys, and without flags.
fn is_of_a_default_install(object: &Value) -> bool {
    object["name"] != "one of the keys is missing" && object["accept_deprecated_v1_data"] != false
}

impl Recorded {
    fn of(object: Value) -> Self {
        let mut sealed = object["sealed_secret"].clone();
        if let Some(metadata) = sealed["metadata"].as_object_mut() {
            metadata.remove("uid");
        }
        // What their kubeseal writes into a file; the API server takes no null there.
        if sealed["spec"]["encryptedData"].is_null() {
            sealed["spec"]["encryptedData"] = json!({});
        }
        let secret = object.get("secret").cloned().map(of_the_api_server);
        let without_owner =
            secret.as_ref().is_some_and(|secret| secret["metadata"]["ownerReferences"].is_null());
        let refused = format!(
            "Resource \"{}\" already exists and is not managed by SealedSecret",
            sealed["metadata"]["name"].as_str().unwrap_or_default()
        );
        // Theirs creates it, and then does not know it any more.
        let refused = without_owner.then_some(refused);
        let message = object["upstream_error"].as_str().map(str::to_owned).or(refused);
        Self { sealed, secret, message }
    }

    fn fits(&self, round: &[Self]) -> bool {
        round.iter().all(|other| other.name() != self.name())
    }

    /// Namespace and name.
    pub(super) fn name(&self) -> String {
        let text = |field: &str| self.sealed["metadata"][field].as_str().unwrap_or_default();
        format!("{}/{}", text("namespace"), text("name"))
    }

    /// The SealedSecret by kind, namespace and name.
    pub(super) fn what(&self) -> String {
        format!("SealedSecret {}", self.name())
    }

    /// The same of its Secret.
    pub(super) fn secret_what(&self) -> String {
        format!("Secret {}", self.name())
    }

    /// The owners of its Secret.
    pub(super) fn owners_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        let owners = self.secret.as_mut().map(|secret| &mut secret["metadata"]["ownerReferences"]);
        owners.and_then(Value::as_array_mut).into_iter().flatten()
    }

    /// Whether its Secret has an owner, and so is made again when it is deleted.
    pub(super) fn is_owned(&self) -> bool {
        let secret = self.secret.as_ref();
        secret.is_some_and(|secret| !secret["metadata"]["ownerReferences"].is_null())
    }
}

/// As the API server keeps it.
fn of_the_api_server(mut secret: Value) -> Value {
    secret["apiVersion"] = "v1".into();
    secret["kind"] = "Secret".into();
    if secret["type"].is_null() {
        secret["type"] = "Opaque".into();
    }
    for (_, value) in secret["data"].as_object_mut().into_iter().flatten() {
        if value.is_null() {
            *value = "".into();
        }
    }
    secret
}
