//! What this process remembers of each SealedSecret, so that it need not be looked at in vain, and
//! is looked at again when it should be.

mod digest;
mod heals;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Secret;
use kube::runtime::reflector::ObjectRef;
use sealwright_api::{PATCHED, SealedSecret, SealedSecretStatus};
use sealwright_crypto::{Fingerprint, Keyring};
use tokio::sync::broadcast;

use crate::keys::Change;
use crate::secrets::SecretVersion;
pub(crate) use digest::digest;
use heals::Heals;
pub(crate) use heals::TooOften;

/// Requests to look again that may wait; a receiver that falls behind further looks at everything.
const WAITING: usize = 1024;
/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// Failures in a row after which one is no passing one: half a minute.
const LASTING: u32 = 5;
/// The garbage collector takes a moment; it is given more.
const COLLECTION: Duration = Duration::from_secs(30);

type Object = ObjectRef<SealedSecret>;

/// What an object is known by. kube's own reference holds its UID and version too, which do not count
/// and take room, thousands of times.
pub(crate) fn name_of(sealed: &SealedSecret) -> Object {
    let reference = ObjectRef::new(sealed.metadata.name.as_deref().unwrap_or_default());
    match &sealed.metadata.namespace {
        Some(namespace) => reference.within(namespace),
        None => reference,
    }
}

/// How an object ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The Secret is as it should be.
    Brought,
    /// No key opened all of it.
    NoKey,
    /// Something else kept it.
    Failed,
}

#[derive(Default)]
struct Remembered {
    uid: Option<String>,
    ending: Option<Ending>,
    /// Whether it is worked on, so that the ending may be another in a moment.
    is_at_work: bool,
    /// The keys that opened it.
    keys: Vec<Fingerprint>,
    /// Digest of what was brought about.
    brought: Option<u64>,
    /// Digest of what has never been brought about by anyone.
    new: Option<u64>,
    /// Whether the Secret, when it was last seen by this process, was only patched.
    is_only_patched: Option<bool>,
    failures: u32,
    heals: Heals,
    /// Digest and Secret of what needs no more work, as long as both and its keys are there.
    settled: Option<(u64, Option<SecretVersion>)>,
    /// Whether it changed while it was watched, rather than being found by a list.
    is_urgent: bool,
    /// The UID of a Secret that the garbage collector should take, and since when it was waited for.
    left: Option<(String, Instant)>,
    /// Whether a status was written, or not: that failed, and the watch may tell of it much later.
    is_status_in_doubt: bool,
    /// The status that was written last, and the resourceVersion that it has.
    written: Option<(String, SealedSecretStatus)>,
}

/// The memory, and the line to those who look. Only objects that are watched are in it.
pub(crate) struct Tracker {
    /// Apart from the table, which has room for more than are in it.
    objects: Mutex<HashMap<Object, Box<Remembered>>>,
    again: broadcast::Sender<Object>,
}

impl Default for Tracker {
    fn default() -> Self {
        Self { objects: Mutex::default(), again: broadcast::Sender::new(WAITING) }
    }
}

impl Tracker {
    fn objects(&self) -> MutexGuard<'_, HashMap<Object, Box<Remembered>>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with what is remembered, unless the object is gone.
    fn of<T>(&self, sealed: &SealedSecret, work: impl FnOnce(&mut Remembered) -> T) -> Option<T> {
        self.objects().get_mut(&name_of(sealed)).map(|object| work(object))
    }

    /// An object is watched from now on. What status says of its keys holds until it was opened.
    pub(crate) fn saw(&self, sealed: &SealedSecret) {
        self.objects().entry(name_of(sealed)).or_insert_with(|| {
            let names = sealed.status.iter().flat_map(|status| &status.keys);
            let keys = names.filter_map(|name| Fingerprint::parse(name)).collect();
            Box::new(Remembered { keys, ..Remembered::default() })
        });
        self.of(sealed, |object| object.uid.clone_from(&sealed.metadata.uid));
    }

    /// The watch tells of an object as it is now: what it had yet to tell need not be remembered.
    pub(crate) fn caught_up(&self, sealed: &SealedSecret) {
        self.of(sealed, |object| {
            object.written.take_if(|(version, _)| age(version) <= age_of(sealed));
        });
    }

    /// Another replica may have worked on it since: status says what it came to, as at a start.
    pub(crate) fn begin_anew(&self, object: &Object) {
        if let Some(object) = self.objects().get_mut(object) {
            (object.ending, object.brought, object.new) = (None, None, None);
            (object.settled, object.is_only_patched) = (None, None);
        }
    }

    /// It was changed by somebody just now, who waits for what comes of it.
    pub(crate) fn urge(&self, object: &Object) {
        if let Some(object) = self.objects().get_mut(object) {
            object.is_urgent = true;
        }
    }

    /// Whether somebody waits for it. Once it is asked, nobody does.
    pub(crate) fn is_urgent(&self, sealed: &SealedSecret) -> bool {
        self.of(sealed, |object| std::mem::take(&mut object.is_urgent)).unwrap_or_default()
    }

    /// Whether this process has yet to look at it.
    pub(crate) fn is_unseen(&self, object: &Object) -> bool {
        self.objects().get(object).is_some_and(|object| object.ending.is_none())
    }

    /// Nothing more is to be done as long as the Secret is this one.
    pub(crate) fn settled(&self, sealed: &SealedSecret, secret: Option<SecretVersion>) {
        self.of(sealed, |object| object.settled = Some((digest(sealed), secret)));
    }

    /// Whether that still holds.
    pub(crate) fn is_settled(
        &self,
        sealed: &SealedSecret,
        secret: Option<&SecretVersion>,
        keyring: &Keyring,
    ) -> bool {
        let digest = digest(sealed);
        let holds = self.of(sealed, |object| {
            let is_same = object
                .settled
                .as_ref()
                .is_some_and(|(settled, version)| *settled == digest && version.as_ref() == secret);
            is_same
                && object.ending == Some(Ending::Brought)
                && object.failures == 0
                && object.keys.iter().all(|key| keyring.contains(*key))
        });
        holds.unwrap_or_default()
    }

    /// Forgets an object that is watched no longer.
    pub(crate) fn forget(&self, object: &Object) {
        self.objects().remove(object);
    }

    /// Whether it is watched, and no other under its name.
    pub(crate) fn is_there(&self, sealed: &SealedSecret) -> bool {
        self.of(sealed, |object| object.uid == sealed.metadata.uid).unwrap_or_default()
    }

    /// Whether it is watched.
    pub(crate) fn knows(&self, sealed: &SealedSecret) -> bool {
        self.of(sealed, |_| ()).is_some()
    }

    /// It is worked on from now on, until it is remembered how that went.
    pub(crate) fn begin_work(&self, sealed: &SealedSecret) {
        self.of(sealed, |object| object.is_at_work = true);
    }

    /// Remembers how it went, and which keys opened it, or what of it did open.
    pub(crate) fn remember(
        &self,
        sealed: &SealedSecret,
        ending: Ending,
        keys: &[Fingerprint],
        is_open: bool,
    ) {
        self.of(sealed, |object| {
            if ending == Ending::Brought {
                object.brought = Some(digest(sealed));
            } else {
                object.settled = None;
            }
            object.ending = Some(ending);
            object.is_at_work = false;
            if is_open {
                object.keys.clear();
            }
            for key in keys {
                if !object.keys.contains(key) {
                    object.keys.push(*key);
                }
            }
        });
    }

    /// The end of a row of failures: the Secret is there, and status says so.
    pub(crate) fn succeeded(&self, sealed: &SealedSecret) {
        self.of(sealed, |object| object.failures = 0);
    }

    /// Whether this process brought about the object as it is.
    pub(crate) fn has_brought(&self, sealed: &SealedSecret) -> bool {
        self.of(sealed, |object| object.brought == Some(digest(sealed))).unwrap_or_default()
    }

    /// Whether nobody has brought about the object as it is: so it was found (`is_new`), or this
    /// process brought about another state of it.
    pub(crate) fn is_new(&self, sealed: &SealedSecret, is_new: bool) -> bool {
        let digest = digest(sealed);
        let known = self.of(sealed, |object| {
            if is_new || object.brought.is_some_and(|brought| brought != digest) {
                object.new = Some(digest);
            }
            object.new == Some(digest)
        });
        known.unwrap_or(is_new)
    }

    /// Whether the object is not what it should be, as far as is known.
    pub(crate) fn is_in_trouble(&self, object: &Object) -> bool {
        let objects = self.objects();
        objects.get(object).is_some_and(|object| object.ending != Some(Ending::Brought))
    }

    /// Whether it waits for a key, whatever becomes of its Secret.
    pub(crate) fn waits_for_a_key(&self, object: &Object) -> bool {
        let objects = self.objects();
        objects
            .get(object)
            .is_some_and(|object| object.ending == Some(Ending::NoKey) && !object.is_at_work)
    }

    /// Remembers whether the Secret that is there is only patched, and tells what was seen last: by
    /// this process, or by the one before it, which left its word in status.
    pub(crate) fn patched(&self, sealed: &SealedSecret, seen: Option<bool>) -> bool {
        let in_status = sealed.status.as_ref().is_some_and(|status| status.is_true(PATCHED));
        let known = self.of(sealed, |object| {
            object.is_only_patched = seen.or(object.is_only_patched);
            object.is_only_patched
        });
        known.flatten().or(seen).unwrap_or(in_status)
    }

    /// Remembers whether it is known what status says.
    pub(crate) fn doubt_status(&self, sealed: &SealedSecret, is_in_doubt: bool) {
        self.of(sealed, |object| object.is_status_in_doubt = is_in_doubt);
    }

    /// Whether it is not.
    pub(crate) fn doubts_status(&self, sealed: &SealedSecret) -> bool {
        self.of(sealed, |object| object.is_status_in_doubt).unwrap_or_default()
    }

    /// Remembers the status that was written: the watch may tell of it much later.
    pub(crate) fn wrote(&self, written: &SealedSecret) {
        let version = written.metadata.resource_version.clone().unwrap_or_default();
        let status = written.status.clone().unwrap_or_default();
        self.of(written, |object| object.written = Some((version, status)));
    }

    /// The object with the status that was written last, if that is newer.
    pub(crate) fn up_to_date(&self, sealed: Arc<SealedSecret>) -> Arc<SealedSecret> {
        let written = self.of(&sealed, |object| object.written.clone()).flatten();
        let is_newer = |version: &str| age(version) > age_of(&sealed);
        let Some((version, status)) = written.filter(|(version, _)| is_newer(version)) else {
            return sealed;
        };
        let mut newer = SealedSecret::clone(&sealed);
        newer.metadata.resource_version = Some(version);
        newer.status = Some(status);
        Arc::new(newer)
    }

    /// The wait after another failure: 1 s, doubled each time, at most 5 min, for ever.
    pub(crate) fn after_failure(&self, sealed: &SealedSecret) -> Duration {
        let failures = self.of(sealed, |object| {
            object.failures = object.failures.saturating_add(1);
            object.failures - 1
        });
        Duration::from_secs(1 << failures.unwrap_or_default().min(9)).min(LONGEST_WAIT)
    }

    /// Whether the object has failed for half a minute or longer.
    pub(crate) fn lasts_long(&self, sealed: &SealedSecret) -> bool {
        self.of(sealed, |object| object.failures >= LASTING).unwrap_or_default()
    }

    /// Whether this Secret was waited for long enough for the garbage collector to take it.
    pub(crate) fn has_waited_for_collection(
        &self,
        sealed: &SealedSecret,
        left: &Secret,
        now: Instant,
    ) -> bool {
        let uid = left.metadata.uid.clone().unwrap_or_default();
        let since = self.of(sealed, |object| match &object.left {
            Some((known, since)) if *known == uid => *since,
            _ => {
                object.left = Some((uid, now));
                now
            }
        });
        since.is_some_and(|since| now.duration_since(since) >= COLLECTION)
    }

    /// Whether a Secret may be healed now.
    pub(crate) fn may_heal(&self, sealed: &SealedSecret, now: Instant) -> Result<(), TooOften> {
        self.of(sealed, |object| object.heals.may(now)).unwrap_or(Ok(()))
    }

    /// A Secret was healed.
    pub(crate) fn healed(&self, sealed: &SealedSecret, now: Instant) {
        self.of(sealed, |object| object.heals.done(now));
    }

    /// Objects that each key opened, for metrics; `None` until all have been looked at.
    pub(crate) fn objects_by_key(&self) -> Option<HashMap<Fingerprint, u64>> {
        let mut counts = HashMap::new();
        for object in self.objects().values() {
            object.ending?;
            object.keys.iter().for_each(|key| *counts.entry(*key).or_default() += 1);
        }
        Some(counts)
    }

    /// Objects to look at again, from now on.
    pub(crate) fn again(&self) -> broadcast::Receiver<Object> {
        self.again.subscribe()
    }

    /// An object is worth another look. Without a receiver there is nobody to look.
    pub(crate) fn look_again(&self, object: &Object) {
        let _ = self.again.send(object.clone());
    }

    /// A new key may open what failed; a lost one may keep shut what looks healthy.
    pub(crate) fn keys_changed(&self, change: &Change) {
        for (object, remembered) in self.objects().iter() {
            let concerned = match remembered.ending {
                Some(Ending::NoKey) => !change.added.is_empty(),
                Some(Ending::Brought) => {
                    remembered.keys.iter().any(|key| change.removed.contains(key))
                }
                _ => false,
            };
            if concerned {
                self.look_again(object);
            }
        }
    }
}

/// A resourceVersion as a number: of two, the greater is the later (Kubernetes 1.35 promises that).
fn age(version: &str) -> u64 {
    version.parse().unwrap_or_default()
}

fn age_of(sealed: &SealedSecret) -> u64 {
    sealed.metadata.resource_version.as_deref().map(age).unwrap_or_default()
}
