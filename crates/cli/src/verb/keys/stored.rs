//! The key Secrets of a cluster.

use std::sync::Arc;

use clap::Args;
use k8s_openapi::api::core::v1::Secret;
use sealwright_api::annotations::KEY_LABEL;
use sealwright_crypto::{Fingerprint, SealingKey};
use sealwright_sealing::{is_active, read_key};
use serde_json::{Value, json};

use crate::args::ClusterArgs;
use crate::cluster::{Api, check_name};
use crate::error::{Cause, Error, Result};

/// Where the keys are.
#[derive(Debug, Args)]
pub(super) struct Home {
    /// What the names of key Secrets begin with, as the controller was told; one that is named so, and
    /// has no label, is the key of its first versions
    #[arg(long, value_name = "PREFIX", default_value = "sealed-secrets-key")]
    pub(super) key_prefix: String,

    #[command(flatten)]
    pub(super) cluster: ClusterArgs,
}

/// The value of the label of a key that was taken out of use: any but `active` would do.
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

impl Home {
    /// The API server, if it can be asked for keys.
    ///
    /// # Errors
    /// When no cluster is meant, or nothing can have such names.
    pub(super) fn connect(&self) -> Result<Api> {
        check_name("--key-prefix", &self.key_prefix)?;
        Api::connect(&self.cluster)
    }

    pub(super) fn namespace(&self) -> &str {
        &self.cluster.controller_namespace
    }

    /// The path of all Secrets in the controller's namespace.
    pub(super) fn path(&self) -> String {
        format!("/api/v1/namespaces/{}/secrets", self.namespace())
    }

    /// All key Secrets, newest first, and last those that cannot be read.
    ///
    /// # Errors
    /// When they may not be read.
    pub(super) fn keys(&self, api: &Api) -> Result<Vec<Stored>> {
        let (path, to) = (self.path(), format!("list the key Secrets in {}", self.namespace()));
        let legacy = format!("fieldSelector=metadata.name%3D{}", self.key_prefix);
        let labelled = format!("labelSelector={}", KEY_LABEL.replace('/', "%2F"));
        // In this order: one that is labelled meanwhile is there twice, and not nowhere.
        let legacy = api.list(&path, &legacy, &to)?;
        let labelled = api.list(&path, &labelled, &to)?;
        let mut found = Vec::new();
        for object in labelled.into_iter().chain(legacy) {
            let secret = serde_json::from_value(object).map_err(|_| {
                Error::new(format!("cannot {to}: one is no Secret")).of(Cause::Remote)
            })?;
            found.push(Stored::of(secret));
        }
        found.sort_by_key(|stored| {
            let key = stored.key.as_ref().ok();
            (std::cmp::Reverse(key.map(|key| key.born)), stored.name().to_owned())
        });
        found.dedup_by(|one, other| one.name() == other.name());
        Ok(found)
    }

    /// The same, of which at least one can be used.
    ///
    /// # Errors
    /// As for [`Self::keys`]; and when there is none.
    pub(super) fn usable_keys(&self, api: &Api) -> Result<Vec<Stored>> {
        let stored = self.keys(api)?;
        if stored.iter().any(|stored| stored.key.is_ok()) {
            return Ok(stored);
        }
        Err(Error::new(format!("there is no sealing key in {}", self.namespace()))
            .hint("is the controller there, which makes the first? see --controller-namespace")
            .of(Cause::Remote))
    }
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

    /// Whether the controller opens with it. Without a label it is the first versions'.
    pub(super) fn is_active(&self) -> bool {
        is_active(&self.secret) || !self.is_labelled()
    }

    pub(super) fn is_labelled(&self) -> bool {
        let labels = self.secret.metadata.labels.as_ref();
        labels.is_some_and(|labels| labels.contains_key(KEY_LABEL))
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

    /// The patch that gives it another label, if it is still what it was.
    pub(super) fn labelling(&self, label: &str) -> Value {
        json!({ "metadata": {
            "labels": { KEY_LABEL: label },
            "resourceVersion": self.secret.metadata.resource_version,
        }})
    }
}
