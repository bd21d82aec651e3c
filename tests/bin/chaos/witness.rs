//! Looks at every Secret of a namespace in every version that appears, and remembers what is wrong.

use std::collections::{BTreeMap, HashSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::StreamExt;
use harness::Namespace;
use harness::key::ACTIVE;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::ResourceExt;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Event};
use rand::RngExt;
use rand::rngs::SmallRng;
use sealwright_crypto::Certificate;
use tokio::task::AbortHandle;

use crate::model::{Items, Model, TAMPERED, TAMPERED_ITEM};

/// A key Secret, as it was seen first.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SeenKey {
    uid: String,
    label: String,
    items: Items,
}

/// A Secret that the user writes to see how far the witness is, and its only item.
pub(crate) const MARK: &str = "mark";

/// What one has seen.
#[derive(Clone, Copy, Default)]
pub(crate) struct Seen {
    pub(crate) versions: usize,
    pub(crate) keys: usize,
}

/// Sees everything that happens to the Secrets of a namespace.
pub(crate) struct Witness {
    state: Arc<State>,
    watching: AbortHandle,
}

#[derive(Default)]
struct State {
    model: Mutex<Model>,
    keys: Mutex<BTreeMap<String, SeenKey>>,
    wrong: Mutex<Option<String>>,
    versions: Mutex<HashSet<(String, String)>>,
    /// The resourceVersion and version seen last of each Secret, by its UID.
    latest: Mutex<BTreeMap<String, (u64, usize)>>,
    /// What the watch shows last.
    mark: Mutex<String>,
}

impl Witness {
    /// From now on.
    pub(crate) fn of(namespace: &Namespace) -> Self {
        let state = Arc::<State>::default();
        let (all, watched) = (watcher::Config::default(), state.clone());
        let secrets = watcher::watcher(namespace.api::<Secret>(), all).default_backoff();
        let watching = tokio::spawn(async move {
            let mut events = pin!(secrets);
            while let Some(event) = events.next().await {
                match event {
                    Ok(Event::Apply(secret) | Event::InitApply(secret)) => watched.look(&secret),
                    Ok(Event::Delete(secret)) => watched.mourn(&secret),
                    // It begins anew where it broke off.
                    Ok(Event::Init | Event::InitDone) | Err(_) => {}
                }
            }
        });
        Self { state, watching: watching.abort_handle() }
    }

    /// What the user has asked for.
    pub(crate) fn model(&self) -> MutexGuard<'_, Model> {
        held(&self.state.model)
    }

    /// The certificate of one of the keys.
    pub(crate) fn any_key(&self, random: &mut SmallRng) -> Option<String> {
        let keys = held(&self.state.keys);
        let certificates: Vec<_> =
            keys.values().filter_map(|key| key.items.get("tls.crt")).collect();
        let at = random.random_range(0..certificates.len().max(1));
        certificates.get(at).map(|pem| (*pem).clone())
    }

    /// What was seen and must not be.
    pub(crate) fn complaint(&self) -> Option<String> {
        held(&self.state.wrong).clone()
    }

    pub(crate) fn seen(&self) -> Seen {
        let versions = held(&self.state.versions).len();
        Seen { versions, keys: held(&self.state.keys).len() }
    }

    /// Whether everything that was written before this mark has been looked at.
    pub(crate) fn has_seen(&self, mark: &str) -> bool {
        *held(&self.state.mark) == mark
    }

    /// When the newest key begins, in seconds since 1970 UTC.
    pub(crate) fn newest_birth(&self) -> i64 {
        self.births().into_iter().flatten().max().unwrap_or_default()
    }

    fn births(&self) -> Result<Vec<i64>, String> {
        let keys = held(&self.state.keys);
        let births = keys.iter().map(|(name, key)| {
            let pem = key.items.get("tls.crt").map(String::as_str).unwrap_or_default();
            let certificate = Certificate::from_pem(pem);
            let certificate = certificate.map_err(|error| format!("the key {name}: {error}"))?;
            Ok(certificate.validity().not_before)
        });
        births.collect()
    }

    /// The key Secrets that were seen.
    pub(crate) fn key_names(&self) -> Vec<String> {
        held(&self.state.keys).keys().cloned().collect()
    }

    /// Looks at all Secrets there are now.
    ///
    /// # Errors
    /// When one of the keys that were known before is gone, or there is one too many.
    pub(crate) fn judge_keys(
        &self,
        known: &[String],
        secrets: &[Secret],
        period: i64,
    ) -> Result<(), String> {
        secrets.iter().for_each(|secret| self.state.look(secret));
        let is_gone = |name: &&String| {
            !secrets.iter().any(|secret| secret.metadata.name.as_ref() == Some(*name))
        };
        if let Some(name) = known.iter().find(is_gone) {
            return Err(format!("the key {name} is gone"));
        }
        let mut births = self.births()?;
        births.sort_unstable();
        match births.windows(2).find(|pair| pair[1] - pair[0] < period) {
            Some(pair) => Err(format!("two keys in one period, {} s apart", pair[1] - pair[0])),
            None => Ok(()),
        }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl State {
    fn look(&self, secret: &Secret) {
        let version = secret.resource_version().unwrap_or_default();
        held(&self.versions).insert((secret.uid().unwrap_or_default(), version));
        if secret.name_any() == MARK {
            *held(&self.mark) = items(secret).remove(MARK).unwrap_or_default();
            return;
        }
        let verdict = if secret.labels().contains_key(ACTIVE.0) {
            self.judge_key(secret)
        } else if secret.owner_references().is_empty() {
            self.judge_foreign(secret)
        } else {
            self.judge_own(secret)
        };
        if let Err(what) = verdict {
            self.complain(format!("the Secret {}: {what}", secret.name_any()));
        }
    }

    fn mourn(&self, secret: &Secret) {
        let name = secret.name_any();
        if held(&self.keys).contains_key(&name) {
            self.complain(format!("the key {name} was deleted"));
        }
        let foreign = held(&self.model).objects.get(&name).and_then(|one| one.foreign.clone());
        if foreign.is_some_and(|(uid, _)| Some(uid) == secret.uid()) {
            self.complain(format!("the foreign Secret {name} was deleted"));
        }
        let model = held(&self.model);
        let Some(object) = model.objects.get(&name) else { return };
        let owners = secret.owner_references();
        let is_due = |owner: &OwnerReference| object.may_go.contains(&owner.uid);
        let is_asked_for = secret.uid().is_some_and(|uid| object.may_go.contains(&uid));
        if !owners.is_empty() && !is_asked_for && !owners.iter().any(is_due) {
            drop(model);
            self.complain(format!(
                "the Secret {name} was deleted while its SealedSecret was there"
            ));
        }
    }

    fn judge_key(&self, secret: &Secret) -> Result<(), String> {
        let label = secret.labels().get(ACTIVE.0).cloned().unwrap_or_default();
        let uid = secret.uid().unwrap_or_default();
        let now = SeenKey { uid, label, items: items(secret) };
        if !["tls.crt", "tls.key"].iter().all(|item| now.items.contains_key(*item)) {
            return Err("half a key".to_owned());
        }
        let mut keys = held(&self.keys);
        let first = keys.entry(secret.name_any()).or_insert_with(|| now.clone());
        if *first == now { Ok(()) } else { Err("a key that was changed".to_owned()) }
    }

    fn judge_foreign(&self, secret: &Secret) -> Result<(), String> {
        let is_as_it_was = items(secret) == [("theirs".into(), "untouched".into())].into();
        let model = held(&self.model);
        let known = model.objects.get(&secret.name_any()).and_then(|one| one.foreign.as_ref());
        let now = (secret.uid().unwrap_or_default(), secret.resource_version().unwrap_or_default());
        match known {
            _ if !is_as_it_was => Err("a foreign Secret with other items".to_owned()),
            Some(known) if *known != now => Err("a foreign Secret that was touched".to_owned()),
            _ => Ok(()),
        }
    }

    fn judge_own(&self, secret: &Secret) -> Result<(), String> {
        let (now, name) = (items(secret), secret.name_any());
        let model = held(&self.model);
        let object = model.objects.get(&name).ok_or("nobody asked for it")?;
        if object.foreign.is_some() {
            return Err("it took the place of a foreign one".to_owned());
        }
        let is_tampered = now.get(TAMPERED_ITEM).is_some_and(|value| value == TAMPERED);
        let is_it = |version: &Items| {
            let of_others = |(key, _): &(&String, &String)| !is_tampered || *key != TAMPERED_ITEM;
            version.iter().filter(of_others).eq(now.iter().filter(of_others))
        };
        let Some(version) = object.versions.iter().rposition(is_it) else {
            return Err(format!("a mixture that no version is: {now:?}"));
        };
        // A list may be looked at after what the watch has shown since.
        let age = secret.resource_version().and_then(|age| age.parse().ok()).unwrap_or_default();
        let mut latest = held(&self.latest);
        let latest = latest.entry(secret.uid().unwrap_or_default()).or_default();
        match *latest {
            (newest, _) if age <= newest => return Ok(()),
            (_, before) if version < before => {
                return Err(format!("version {version} after version {before}"));
            }
            _ => *latest = (age, version),
        }
        Ok(())
    }

    /// The first complaint counts.
    fn complain(&self, what: String) {
        held(&self.wrong).get_or_insert(what);
    }
}

/// A Secret's items; what is not text in them is none of ours.
pub(crate) fn items(secret: &Secret) -> Items {
    let data = secret.data.iter().flatten();
    data.map(|(key, value)| (key.clone(), String::from_utf8_lossy(&value.0).into_owned())).collect()
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
