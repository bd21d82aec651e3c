//! What this process remembers of each SealedSecret, so that it need not be looked at in vain, and
//! is looked at again when it should be.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kube::runtime::reflector::ObjectRef;
use sealwright_api::SealedSecret;
use sealwright_crypto::Fingerprint;
use tokio::sync::broadcast;

use crate::keys::Change;

/// A Secret is healed so often within [`HEALING_WINDOW`]; then whoever edits it again and again is
/// given time.
const HEALS: usize = 2;
const HEALING_WINDOW: Duration = Duration::from_mins(1);
/// Requests to look again that may wait; a receiver that falls behind further looks at everything.
const WAITING: usize = 4096;

type Object = ObjectRef<SealedSecret>;

/// How an object ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It was opened with these keys, and the Secret is there.
    Opened(Vec<Fingerprint>),
    /// No key opened all of it.
    NoKey,
    /// Something else kept it.
    Failed,
}

#[derive(Default)]
struct Remembered {
    ending: Option<Ending>,
    /// UID and generation that were brought about.
    brought: Option<(Option<String>, Option<i64>)>,
    /// Whether the Secret, when it was last seen, was only patched.
    is_only_patched: bool,
    failures: u32,
    heals: Vec<Instant>,
}

/// The memory, and the line to those who look.
pub(crate) struct Tracker {
    objects: Mutex<HashMap<Object, Remembered>>,
    again: broadcast::Sender<Object>,
}

impl Default for Tracker {
    fn default() -> Self {
        Self { objects: Mutex::default(), again: broadcast::Sender::new(WAITING) }
    }
}

impl Tracker {
    fn objects(&self) -> MutexGuard<'_, HashMap<Object, Remembered>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers how it went. A success ends the row of failures.
    pub(crate) fn remember(&self, sealed: &SealedSecret, ending: Ending) {
        let mut objects = self.objects();
        let object = objects.entry(ObjectRef::from_obj(sealed)).or_default();
        if let Ending::Opened(_) = ending {
            object.failures = 0;
            object.brought = Some((sealed.metadata.uid.clone(), sealed.metadata.generation));
        }
        object.ending = Some(ending);
    }

    /// Whether this process brought about the object as it is.
    pub(crate) fn has_brought(&self, sealed: &SealedSecret) -> bool {
        let objects = self.objects();
        let brought = objects.get(&ObjectRef::from_obj(sealed)).and_then(|o| o.brought.as_ref());
        brought.is_some_and(|(uid, generation)| {
            *uid == sealed.metadata.uid && *generation == sealed.metadata.generation
        })
    }

    /// Remembers whether the Secret that is there is only patched, and tells what was seen last.
    pub(crate) fn patched(&self, sealed: &SealedSecret, seen: Option<bool>) -> bool {
        let mut objects = self.objects();
        let object = objects.entry(ObjectRef::from_obj(sealed)).or_default();
        object.is_only_patched = seen.unwrap_or(object.is_only_patched);
        object.is_only_patched
    }

    /// The wait after another failure: 1 s, doubled each time, at most 5 min, for ever.
    pub(crate) fn after_failure(&self, sealed: &SealedSecret) -> Duration {
        let mut objects = self.objects();
        let failures = &mut objects.entry(ObjectRef::from_obj(sealed)).or_default().failures;
        let wait = Duration::from_secs(1 << (*failures).min(9)).min(Duration::from_mins(5));
        *failures += 1;
        wait
    }

    /// Whether the object has failed for half a minute or longer.
    pub(crate) fn lasts_long(&self, sealed: &SealedSecret) -> bool {
        let objects = self.objects();
        objects.get(&ObjectRef::from_obj(sealed)).is_some_and(|object| object.failures >= 5)
    }

    /// Notes that a Secret is about to be healed, or says how long to wait before that.
    pub(crate) fn heal(&self, sealed: &SealedSecret, now: Instant) -> Result<(), Duration> {
        let mut objects = self.objects();
        let heals = &mut objects.entry(ObjectRef::from_obj(sealed)).or_default().heals;
        heals.retain(|heal| now.duration_since(*heal) < HEALING_WINDOW);
        if heals.len() >= HEALS {
            return Err(HEALING_WINDOW - now.duration_since(heals[0]));
        }
        heals.push(now);
        Ok(())
    }

    /// Forgets a deleted object.
    pub(crate) fn forget(&self, object: &Object) {
        self.objects().remove(object);
    }

    /// Objects that each key opened, for metrics.
    pub(crate) fn objects_by_key(&self) -> HashMap<Fingerprint, u64> {
        let mut counts = HashMap::new();
        for object in self.objects().values() {
            if let Some(Ending::Opened(keys)) = &object.ending {
                keys.iter().for_each(|key| *counts.entry(*key).or_default() += 1);
            }
        }
        counts
    }

    /// Objects to look at again, from now on.
    pub(crate) fn again(&self) -> broadcast::Receiver<Object> {
        self.again.subscribe()
    }

    /// A new key may open what failed; a lost one may keep shut what looks healthy.
    pub(crate) fn keys_changed(&self, change: &Change) {
        for (object, remembered) in self.objects().iter() {
            let concerned = match &remembered.ending {
                Some(Ending::NoKey) => !change.added.is_empty(),
                Some(Ending::Opened(keys)) => keys.iter().any(|key| change.removed.contains(key)),
                _ => false,
            };
            if concerned {
                // Without a receiver there is nobody to look.
                let _ = self.again.send(object.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(name: &str, generation: i64) -> SealedSecret {
        let mut sealed = SealedSecret::new(name, Default::default());
        sealed.metadata.namespace = Some("n".to_owned());
        sealed.metadata.uid = Some("u".to_owned());
        sealed.metadata.generation = Some(generation);
        sealed
    }

    fn key(letter: &str) -> Fingerprint {
        Fingerprint::parse(&format!("SHA256:{}", letter.repeat(42) + "A")).unwrap()
    }

    #[test]
    fn waits_double_up_to_five_minutes_and_start_again_after_a_success() {
        let (tracker, sealed) = (Tracker::default(), object("db", 1));
        let waits: Vec<_> = (0..12).map(|_| tracker.after_failure(&sealed).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(tracker.after_failure(&object("other", 1)).as_secs(), 1);
        tracker.remember(&sealed, Ending::Opened(Vec::new()));
        assert_eq!(tracker.after_failure(&sealed).as_secs(), 1);
    }

    #[test]
    fn two_heals_a_minute_and_then_patience() {
        let (tracker, sealed, start) = (Tracker::default(), object("db", 1), Instant::now());
        let at = |second| start + Duration::from_secs(second);
        assert_eq!(tracker.heal(&sealed, at(0)), Ok(()));
        assert_eq!(tracker.heal(&sealed, at(10)), Ok(()));
        assert_eq!(tracker.heal(&sealed, at(20)), Err(Duration::from_secs(40)));
        assert_eq!(tracker.heal(&sealed, at(60)), Ok(()));
    }

    #[test]
    fn what_was_brought_about_is_known_until_the_object_changes() {
        let tracker = Tracker::default();
        tracker.remember(&object("db", 1), Ending::Opened(Vec::new()));
        assert!(tracker.has_brought(&object("db", 1)));
        assert!(!tracker.has_brought(&object("db", 2)));
        tracker.forget(&ObjectRef::from_obj(&object("db", 1)));
        assert!(!tracker.has_brought(&object("db", 1)));
    }

    #[test]
    fn changed_keys_concern_what_failed_and_what_they_opened() {
        let tracker = Tracker::default();
        let mut again = tracker.again();
        tracker.remember(&object("refused", 1), Ending::NoKey);
        tracker.remember(&object("failed", 1), Ending::Failed);
        tracker.remember(&object("by-a", 1), Ending::Opened(vec![key("a")]));
        tracker.remember(&object("by-b", 1), Ending::Opened(vec![key("b")]));
        tracker.keys_changed(&Change { added: vec![key("c")], ..Change::default() });
        assert_eq!(again.try_recv().unwrap().name, "refused");
        assert!(again.try_recv().is_err());
        tracker.keys_changed(&Change { removed: vec![key("a")], ..Change::default() });
        assert_eq!(again.try_recv().unwrap().name, "by-a");
        assert!(again.try_recv().is_err());
    }
}
