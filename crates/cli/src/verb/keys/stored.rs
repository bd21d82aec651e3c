//! The key Secrets of a cluster.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Secret;
use sealwright_api::annotations::{KEY_ACTIVE, KEY_LABEL};
use sealwright_crypto::{Fingerprint, SealingKey};
use sealwright_sealing::{is_active, read_key};
use serde_json::{Value, json};

use crate::args::ClusterArgs;
use crate::cluster::Api;
use crate::error::{Cause, Error, Result};

/// Where the first versions kept their only key, without a label.
pub(super) const LEGACY: &str = "sealed-secrets-key";
/// The value of the label of a key that was taken out of use: any but [`KEY_ACTIVE`] would do.
pub(super) const RETIRED: &str = "retired";

/// A key Secret.
pub(super) struct Stored {
    pub(super) secret: Secret,
    /// Its key, or what is wrong with it.
    pub(super) key: Result<Arc<SealingKey>, String>,
}

/// What a key is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It seals, and opens.
    Newest,
    /// It opens.
    Active,
    /// It does neither.
    Retired,
    /// Nobody can use it.
    Unreadable,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Unreadable => "unreadable",
        }
    }
}

/// All of them, newest first, and last those that cannot be read.
///
/// # Errors
/// When they may not be read.
pub(super) fn all(api: &Api, flags: &ClusterArgs) -> Result<Vec<Stored>> {
    let (path, to) = (path(flags), format!("list the key Secrets in {}", namespace(flags)));
    let labelled =
        api.list(&path, &format!("labelSelector={}", KEY_LABEL.replace('/', "%2F")), &to)?;
    let legacy = api.list(&path, &format!("fieldSelector=metadata.name%3D{LEGACY}"), &to)?;
    let has_label = |secret: &Value| secret["metadata"]["labels"][KEY_LABEL].is_string();
    let legacy = legacy.into_iter().filter(|secret| !has_label(secret));
    let mut found = Vec::new();
    for object in labelled.into_iter().chain(legacy) {
        let secret = serde_json::from_value(object)
            .map_err(|_| Error::new(format!("cannot {to}: one is no Secret")).of(Cause::Remote))?;
        found.push(Stored::of(secret));
    }
    found.sort_by_key(|stored| {
        let key = stored.key.as_ref().ok();
        (std::cmp::Reverse(key.map(|key| key.born)), stored.name().to_owned())
    });
    Ok(found)
}

/// The path of all Secrets in the controller's namespace.
pub(super) fn path(flags: &ClusterArgs) -> String {
    format!("/api/v1/namespaces/{}/secrets", namespace(flags))
}

pub(super) fn namespace(flags: &ClusterArgs) -> &str {
    &flags.controller_namespace
}

/// The key that seals: the newest of those in use.
pub(super) fn newest(stored: &[Stored]) -> Option<Fingerprint> {
    let active = stored.iter().filter(|stored| stored.is_active());
    let keys = active.filter_map(|stored| stored.key.as_ref().ok());
    let first = keys.min_by_key(|key| (std::cmp::Reverse(key.born), key.fingerprint()));
    first.map(|key| key.fingerprint())
}

/// The keys of those Secrets that can be read.
pub(super) fn readable(stored: &[Stored]) -> impl Iterator<Item = &Arc<SealingKey>> {
    stored.iter().filter_map(|stored| stored.key.as_ref().ok())
}

impl Stored {
    pub(super) fn of(secret: Secret) -> Self {
        let key = read_key(&secret).map(Arc::new);
        Self { secret, key }
    }

    pub(super) fn name(&self) -> &str {
        self.secret.metadata.name.as_deref().unwrap_or_default()
    }

    pub(super) fn fingerprint(&self) -> Option<Fingerprint> {
        self.key.as_ref().ok().map(|key| key.fingerprint())
    }

    /// Whether the controller opens with it. The first versions' Secret has no label.
    pub(super) fn is_active(&self) -> bool {
        let labels = self.secret.metadata.labels.as_ref();
        let has_label = labels.is_some_and(|labels| labels.contains_key(KEY_LABEL));
        is_active(&self.secret) || (!has_label && self.name() == LEGACY)
    }

    /// What it is there for; `newest` is the key that seals.
    pub(super) fn state(&self, newest: Option<Fingerprint>) -> State {
        match self.fingerprint() {
            None => State::Unreadable,
            Some(_) if !self.is_active() => State::Retired,
            key if key == newest => State::Newest,
            Some(_) => State::Active,
        }
    }

    /// The patch that takes it out of use, if it is still what it was.
    pub(super) fn retirement(&self) -> Value {
        debug_assert_ne!(RETIRED, KEY_ACTIVE);
        json!({ "metadata": {
            "labels": { KEY_LABEL: RETIRED },
            "resourceVersion": self.secret.metadata.resource_version,
        }})
    }
}
