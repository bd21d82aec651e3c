//! Who is worked on at the same time, and who is next: new and changed objects overtake the backlog of
//! a start, which is done newest first. Each kind has places that the others cannot take.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use kube::runtime::reflector::ObjectRef;
use sealwright_api::SealedSecret;
use sealwright_crypto::Keyring;
use sealwright_sealing::last_changed;
use tokio::sync::oneshot;

use crate::cores::Cores;
use crate::tracker::Tracker;

/// Enough to keep two cores busy while the API server answers. Each holds decrypted values and a
/// connection.
const PLACES: usize = 16;
/// RSA operations, were every key tried on every item: some two seconds of a core.
const HEAVY_COST: usize = 1000;

/// What an object waits as. Whoever stands earlier here is called earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Somebody changed it just now, or deleted its Secret, and waits for what comes of it. First
    /// come, first served.
    Urgent,
    /// Everything else: it was there at the start, failed before, or concerns a key. Newest first.
    Backlog,
    /// It may cost more than [`HEAVY_COST`], or has templates, which may take as long.
    Heavy,
}

const CLASSES: [Class; 3] = [Class::Urgent, Class::Backlog, Class::Heavy];

impl Class {
    fn of(sealed: &SealedSecret, keyring: &Keyring, tracker: &Tracker) -> Self {
        let items = sealed.spec.encrypted_data.len() + usize::from(sealed.spec.data.is_some());
        let is_urgent = tracker.is_urgent(sealed);
        let template = sealed.spec.template.as_ref();
        let has_templates = template.is_some_and(|template| template.data.is_some());
        match is_urgent {
            _ if has_templates || items * keyring.iter().count() > HEAVY_COST => Self::Heavy,
            true => Self::Urgent,
            false => Self::Backlog,
        }
    }

    /// The most places that it takes.
    fn most(self) -> usize {
        match self {
            Self::Urgent => 12,
            Self::Backlog => 10,
            Self::Heavy => 2,
        }
    }
}

/// The newest change first where that counts, and of equals whoever came first.
type Turn = (Reverse<i64>, u64);

struct Waiting {
    object: ObjectRef<SealedSecret>,
    called: oneshot::Sender<Place>,
}

#[derive(Default)]
struct Lines {
    waiting: [BTreeMap<Turn, Waiting>; CLASSES.len()],
    taken: [usize; CLASSES.len()],
    came: u64,
}

impl Lines {
    fn join(&mut self, class: Class, changed: i64, waiting: Waiting) {
        self.came += 1;
        let turn = (Reverse(if class == Class::Urgent { 0 } else { changed }), self.came);
        self.waiting[class as usize].insert(turn, waiting);
    }

    /// Whoever is next, if there is a place for them: it is taken then. Whoever waits no longer is
    /// passed over.
    fn next(&mut self) -> Option<(Class, Waiting)> {
        for class in CLASSES {
            let at = class as usize;
            while self.taken[at] < class.most() && self.taken.iter().sum::<usize>() < PLACES {
                let Some((_, next)) = self.waiting[at].pop_first() else { break };
                if !next.called.is_closed() {
                    self.taken[at] += 1;
                    return Some((class, next));
                }
            }
        }
        None
    }
}

struct Shared {
    lines: Mutex<Lines>,
    cores: [Cores; CLASSES.len()],
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives free places away, one after the other. One that nobody takes is given back.
    fn advance(self: &Arc<Self>) {
        loop {
            let next = self.lines().next();
            let Some((class, next)) = next else { return };
            let _ = next.called.send(Place { shared: self.clone(), class });
        }
    }
}

/// The places, and the cores for what takes long there.
pub(crate) struct Places(Arc<Shared>);

impl Default for Places {
    fn default() -> Self {
        let cores = CLASSES.map(|class| match class {
            Class::Urgent => Cores::of_all(),
            Class::Backlog | Class::Heavy => Cores::left_over(),
        });
        Self(Arc::new(Shared { lines: Mutex::default(), cores }))
    }
}

/// A place, given back when it is dropped.
pub(crate) struct Place {
    shared: Arc<Shared>,
    class: Class,
}

impl Places {
    /// Waits for a place.
    ///
    /// What is waited for long may be out of date then.
    pub(crate) async fn take(
        &self,
        sealed: &SealedSecret,
        keyring: &Keyring,
        tracker: &Tracker,
    ) -> Place {
        let class = Class::of(sealed, keyring, tracker);
        // Whoever writes an object can claim another time than it was.
        let now = Timestamp::now().as_second();
        let changed = last_changed(&sealed.metadata).unwrap_or_default().min(now);
        let (called, place) = oneshot::channel();
        let waiting = Waiting { object: ObjectRef::from_obj(sealed), called };
        self.0.lines().join(class, changed, waiting);
        self.0.advance();
        place.await.expect("who waits is called: the lines end with the places")
    }

    /// Somebody waits for an object that may stand in the backlog: it stands there no longer. One that
    /// may take long stays where it cannot keep others waiting, before those that nobody waits for.
    pub(crate) fn urge(&self, object: &ObjectRef<SealedSecret>) {
        {
            let mut lines = self.0.lines();
            for (from, to) in [(Class::Backlog, Class::Urgent), (Class::Heavy, Class::Heavy)] {
                let line = &mut lines.waiting[from as usize];
                let turn = line.iter().find(|(_, waiting)| waiting.object == *object);
                let turn = turn.map(|(turn, _)| *turn);
                if let Some(waiting) = turn.and_then(|turn| line.remove(&turn)) {
                    lines.join(to, i64::MAX, waiting);
                    break;
                }
            }
        }
        self.0.advance();
    }
}

impl Place {
    /// The cores for what takes long.
    pub(crate) fn cores(&self) -> &Cores {
        &self.shared.cores[self.class as usize]
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.lines().taken[self.class as usize] -= 1;
        self.shared.advance();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

    use super::*;

    struct Hall {
        places: Places,
        tracker: Tracker,
        keyring: Keyring,
    }

    impl Hall {
        fn open() -> Self {
            Self {
                places: Places::default(),
                tracker: Tracker::default(),
                keyring: Keyring::default(),
            }
        }

        async fn take(&self, sealed: &SealedSecret) -> Place {
            self.places.take(sealed, &self.keyring, &self.tracker).await
        }

        fn urge(&self, sealed: &SealedSecret) {
            self.tracker.saw(sealed);
            self.tracker.urge(&ObjectRef::from_obj(sealed));
        }
    }

    fn object(second: i64) -> SealedSecret {
        let mut sealed = SealedSecret::new(&format!("s{second}"), Default::default());
        let second = jiff::Timestamp::from_second(second).unwrap();
        sealed.metadata.creation_timestamp = Some(Time(second));
        sealed
    }

    const SOON: Duration = Duration::from_millis(20);

    async fn all_of_the_backlogs_places(hall: &Hall) -> Vec<Place> {
        let mut held = Vec::new();
        for second in 0..Class::Backlog.most() {
            let old = object(i64::try_from(second).unwrap());
            held.push(hall.take(&old).await);
        }
        held
    }

    #[tokio::test]
    async fn what_somebody_waits_for_overtakes_the_backlog() {
        let hall = Hall::open();
        let _held = all_of_the_backlogs_places(&hall).await;
        let old = object(99);
        let more = tokio::time::timeout(SOON, hall.take(&old));
        assert!(more.await.is_err(), "the backlog takes more than its places");
        let new = object(100);
        hall.urge(&new);
        let taken = tokio::time::timeout(SOON, hall.take(&new));
        assert!(taken.await.is_ok(), "it waits behind the backlog");
    }

    #[tokio::test]
    async fn the_backlog_is_done_newest_first() {
        let hall = Hall::open();
        let mut held = all_of_the_backlogs_places(&hall).await;
        let (old, new, newest) = (object(1_000), object(2_000), object(3_000));
        let mut old = Box::pin(hall.take(&old));
        let mut new = Box::pin(hall.take(&new));
        let mut newest = Box::pin(hall.take(&newest));
        assert!(old.as_mut().now_or_never().is_none());
        assert!(new.as_mut().now_or_never().is_none());
        assert!(newest.as_mut().now_or_never().is_none());
        // One that waits no longer keeps nobody.
        drop(newest);
        drop(held.pop());
        assert!(old.as_mut().now_or_never().is_none(), "the oldest is first");
        let first = new.as_mut().now_or_never();
        assert!(first.is_some(), "the newest is not first");
        drop(first);
        assert!(old.as_mut().now_or_never().is_some());
    }

    #[tokio::test]
    async fn what_is_changed_while_it_waits_leaves_the_backlog() {
        let hall = Hall::open();
        let _held = all_of_the_backlogs_places(&hall).await;
        let (other, changed) = (object(2_000), object(1_000));
        let mut other = Box::pin(hall.take(&other));
        let mut waiting = Box::pin(hall.take(&changed));
        assert!(other.as_mut().now_or_never().is_none());
        assert!(waiting.as_mut().now_or_never().is_none());
        hall.places.urge(&ObjectRef::from_obj(&changed));
        assert!(waiting.as_mut().now_or_never().is_some());
        assert!(other.as_mut().now_or_never().is_none());
    }

    #[tokio::test]
    async fn whoever_waits_most_leaves_places_to_the_others_and_is_served_in_turn() {
        let hall = Hall::open();
        let urgent: Vec<_> = (0..20).map(object).collect();
        urgent.iter().for_each(|object| hall.urge(object));
        let mut takes: Vec<_> = urgent.iter().map(|object| Box::pin(hall.take(object))).collect();
        let mut held: Vec<_> = takes.iter_mut().map(|take| take.as_mut().now_or_never()).collect();
        let count = held.iter().flatten().count();
        assert_eq!(count, Class::Urgent.most());
        let old = object(99);
        assert!(tokio::time::timeout(SOON, hall.take(&old)).await.is_ok(), "nothing is left");
        held[0] = None;
        let next: Vec<_> =
            takes[count..].iter_mut().map(|take| take.as_mut().now_or_never()).collect();
        assert!(next[0].is_some() && next[1..].iter().all(Option::is_none), "not in turn");
    }

    #[tokio::test]
    async fn a_place_that_nobody_takes_any_more_is_given_to_the_next() {
        let hall = Hall::open();
        let mut held = all_of_the_backlogs_places(&hall).await;
        let (first, second) = (object(2_000), object(1_000));
        let mut given_up = Box::pin(hall.take(&first));
        let mut second = Box::pin(hall.take(&second));
        assert!(given_up.as_mut().now_or_never().is_none());
        assert!(second.as_mut().now_or_never().is_none());
        drop(held.pop());
        // It was called, and did not look.
        drop(given_up);
        assert!(second.as_mut().now_or_never().is_some());
    }
}
